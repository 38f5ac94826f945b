//! HTML that a package puts together as a text out of what its callers give: who shows it is not known.

use super::engine::{Engine, Run};
use super::value::{Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;

/// Elements that stand in pages; those of other kinds of XML show nothing that runs.
#[rustfmt::skip] // a word a line would be a page
const ELEMENTS: &[&str] = &[
    "a", "article", "b", "blockquote", "body", "br", "button", "caption", "center", "code", "dd", "div", "dl", "dt", "em", "fieldset",
    "figure", "figcaption", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "i", "iframe", "img",
    "input", "ins", "kbd", "label", "legend", "li", "link", "main", "meta", "nav", "ol", "optgroup", "option", "p", "pre", "s", "script",
    "section", "select", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title", "tr",
    "u", "ul", "video",
];
/// Words of the names of what is a number, a setting of who writes the program, or HTML already.
#[rustfmt::skip] // as above
const OTHERS: &[&str] = &[
    "alt", "attr", "attrs", "attributes", "body", "children", "class", "classes", "cls", "code", "color", "colour", "columns", "colspan",
    "content", "contents", "count", "css", "depth", "dirty", "fragment", "h", "height", "html", "i", "icon", "id", "idx", "index", "indent", "inner",
    "j", "length", "level", "markup", "max", "min", "mode", "num", "number", "prefix", "rendered", "rowspan", "script", "scripts", "size", "style",
    "styles", "suffix", "svg", "tag", "tags", "template", "theme", "type", "version", "w", "width", "x", "y",
];
/// Words of the names of texts.
const TEXTS: &[&str] = &[
    "title",
    "label",
    "name",
    "text",
    "placeholder",
    "caption",
    "tooltip",
    "filename",
    "username",
    "email",
    "comment",
];
/// What shows text to those who run the program, in no page.
const TELLS: &[&str] = &["Error", "error", "warn", "log", "info", "debug", "trace", "assert", "invariant", "warning"];
/// How far around a text it is looked for what takes it.
const AROUND: usize = 4;

impl<'p> Engine<'p> {
    /// Looks at a text put together of tags and of what callers of a package give.
    pub(super) fn check_tags(&mut self, run: &Run<'p>, node: NodeId, parts: &[NodeId], values: &[Value<'p>]) -> bool {
        let open = |taint: &Taint| {
            taint.kind == self.library_input && (taint.cleared >> self.html | taint.cleared >> self.markup) & 1 == 0
        };
        if self.is_python(run.unit) || !values.iter().any(|value| value.taints.iter().any(open)) {
            return false;
        }
        let mut before = String::new();
        let mut shown: Vec<Taint> = Vec::new();
        for (&part, value) in parts.iter().zip(values) {
            if let Some(text) = value.text() {
                before.push_str(text);
            } else if is_shown_after(&before) && !self.is_other(run, part) {
                shown.extend(value.taints.iter().filter(|taint| open(taint)).cloned());
            }
        }
        // `Usage: run <input> ..` has no end of an element.
        let is_html = ["</", "/>", "=\"", "='"].iter().any(|piece| before.contains(piece));
        if shown.is_empty() || !is_html || self.is_told(run, node) {
            return false;
        }
        self.report(run.unit, node, self.markup, &shown, false);
        true
    }

    /// Whether a part says by its name that it is no text of people.
    fn is_other(&self, run: &Run<'p>, part: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(part) {
            Kind::Name | Kind::Member => words::has_one(module.text(part, unit.text), OTHERS),
            Kind::Index => words::has_one(self.key_of(run, part), OTHERS),
            Kind::Call => module.child(part, 0).is_some_and(|callee| {
                let name = module.text(callee, unit.text);
                words::has_one(name, OTHERS)
                    || words::has_one(name, &["escape", "encode", "sanitize", "render", "fixed"])
            }),
            _ => false,
        }
    }

    fn key_of(&self, run: &Run<'p>, element: NodeId) -> &'p str {
        let unit = self.unit(run.unit);
        unit.module.child(element, 1).map_or("", |key| unit.module.text(key, unit.text))
    }

    /// Whether what is written into a page says by its name that it is a text of people, no HTML: `box.innerHTML =
    /// item.title`.
    pub(super) fn is_named_as_text(&self, unit: UnitId, node: NodeId) -> bool {
        let written = self.unit(unit).written(node).trim_end_matches([')', ';', ' ']);
        let name = written.rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default();
        words::has_one(name, TEXTS)
    }

    /// Whether a text is thrown or logged.
    fn is_told(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        module.ancestors(node).take(AROUND).any(|around| match module.kind(around) {
            Kind::Throw => true,
            Kind::Call => module.child(around, 0).is_some_and(|callee| {
                let name = module.text(callee, unit.text);
                TELLS.iter().any(|tells| name.ends_with(tells))
            }),
            _ => false,
        })
    }
}

/// Whether what comes after a text is shown in a page: as text between elements, or in an attribute.
fn is_shown_after(before: &str) -> bool {
    let opens_element = |(at, _): (usize, &str)| {
        let rest = &before[at + 1..];
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        ELEMENTS.contains(&&rest[..end]) && rest[end..].starts_with([' ', '>', '/', '\n'])
    };
    let Some(last) = before.rfind(['<', '>']) else { return false };
    before.match_indices('<').any(opens_element)
        && match before.as_bytes()[last] {
            b'>' => true,
            // `<a href="`, `<a href=`
            _ => before[last..].rsplit(' ').next().is_some_and(|name| {
                let value = name.split_once('=').map(|(_, value)| value);
                value.is_some_and(|value| value.is_empty() || value.starts_with(['"', '\'']))
            }),
        }
}

#[cfg(test)]
mod tests {
    use super::is_shown_after;

    #[test]
    fn places_in_pages_are_known() {
        for (before, shown) in [
            ("<b>", true),
            ("<td class=\"x\">Name: ", true),
            ("<a href=\"", true),
            ("<a href='/a/", true),
            ("<a ", false),
            ("Array<", false),
            ("<rect width=\"", false),
            ("<file> ", false),
            ("a < b", false),
            ("", false),
        ] {
            assert_eq!(is_shown_after(before), shown, "{before}");
        }
    }
}
