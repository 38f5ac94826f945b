//! Finds the programs in HTML pages and in components of Vue and Svelte: scripts, handlers of events, and
//! expressions that are shown as HTML.

use super::Language;
use super::script::{Role, Stretch};
use crate::span::Span;
use std::borrow::Cow;
use std::ops::Range;

/// What a file with tags is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A page, or a template of one.
    Html,
    /// A component of Vue.
    Vue,
    /// A component of Svelte.
    Svelte,
}

/// Attributes that take HTML.
const HTML: &[&str] = &["v-html", "innerHTML", "outerHTML", "srcdoc"];
/// Attributes that take an address, which may be a script.
const ADDRESSES: &[&str] = &["href", "src", "action", "formaction", "xlink:href"];
/// The one that is followed when a visitor clicks.
const LINK: &str = "href";
const SCHEME: &str = "javascript:";

impl Dialect {
    /// By a file's extension.
    pub(super) fn of_path(path: &str) -> Option<Dialect> {
        match path.rsplit('/').next()?.rsplit_once('.')?.1 {
            "html" | "htm" | "xhtml" | "ejs" | "hbs" | "njk" => Some(Dialect::Html),
            "vue" => Some(Dialect::Vue),
            "svelte" => Some(Dialect::Svelte),
            _ => None,
        }
    }
}

/// The stretches of code in a text, and their language. `None`: there are none.
pub(super) fn stretches(text: &str, dialect: Dialect) -> Option<(Language, Vec<Stretch>)> {
    let mut reader =
        Reader { text, bytes: text.as_bytes(), dialect, language: Language::JavaScript, found: Vec::new() };
    reader.read();
    let Reader { language, mut found, .. } = reader;
    found.retain(|stretch| !text[stretch.span.range()].trim().is_empty());
    found.sort_by_key(|stretch| stretch.span);
    (!found.is_empty()).then_some((language, found))
}

/// An attribute of a tag.
struct Attribute {
    name: Range<usize>,
    value: Range<usize>,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    dialect: Dialect,
    language: Language,
    found: Vec<Stretch>,
}

impl<'t> Reader<'t> {
    fn read(&mut self) {
        let mut at = 0;
        while let Some(next) = self.next_mark(at) {
            at = match &self.bytes[next..] {
                [b'{', ..] => self.block(next),
                [b'<', b'!', b'-', b'-', ..] => self.after(next, "-->"),
                [b'<', letter, ..] if letter.is_ascii_alphabetic() => self.tag(next),
                _ => next + 1,
            };
        }
    }

    fn next_mark(&self, from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        let found = match self.dialect {
            Dialect::Svelte => memchr::memchr2(b'<', b'{', rest),
            Dialect::Html | Dialect::Vue => memchr::memchr(b'<', rest),
        };
        found.map(|at| from + at)
    }

    /// Where the next `mark` has ended.
    fn after(&self, from: usize, mark: &str) -> usize {
        let found = memchr::memmem::find(&self.bytes[from..], mark.as_bytes());
        found.map_or(self.bytes.len(), |at| from + at + mark.len())
    }

    /// `{@html x}` and `{#each list as item}` of Svelte.
    fn block(&mut self, start: usize) -> usize {
        let end = self.braces(start);
        // One that is never closed holds nothing.
        let Some(inside) = self.text[start + 1..end].strip_suffix('}') else { return end };
        if let Some(rest) = inside.strip_prefix("@html") {
            let value = end - 1 - rest.len()..end - 1;
            self.add(value, Role::Attribute(Span::new(start + 1, start + 6)));
            return end;
        }
        if let Some(rest) = inside.strip_prefix("#each")
            && let Some(named) = rest.rfind(" as ")
        {
            let from = end - 1 - rest.len();
            self.elements(from..from + named, from + named + 4..end - 1);
            return end;
        }
        // What is between braces may hold no tag.
        end
    }

    /// Where the braces that open at a place are closed; strings in them are skipped.
    fn braces(&self, start: usize) -> usize {
        let (mut depth, mut at) = (0usize, start);
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'{' => depth += 1,
                b'}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at + 1;
                    }
                }
                b'"' | b'\'' | b'`' => match memchr::memchr2(byte, b'\n', &self.bytes[at + 1..]) {
                    Some(end) => at += end + 1,
                    None => return self.bytes.len(),
                },
                _ => {}
            }
            at += 1;
        }
        self.bytes.len()
    }

    /// A tag, and what stands in the element if that is no markup.
    fn tag(&mut self, start: usize) -> usize {
        let name_end = self.name_end(start + 1);
        let name = self.text[start + 1..name_end].to_ascii_lowercase();
        let (attributes, end) = self.attributes(name_end);
        match name.as_str() {
            "script" => {
                let close = self.closing(end, "</script");
                if let Some(language) = self.language_of(&attributes) {
                    if language != Language::JavaScript && self.language != Language::Tsx {
                        self.language = language;
                    }
                    self.add(end..close, Role::Top);
                }
                close
            }
            "style" => self.closing(end, "</style"),
            _ => {
                attributes.iter().for_each(|attribute| self.attribute(attribute));
                end
            }
        }
    }

    fn name_end(&self, start: usize) -> usize {
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'=');
        self.bytes[start..].iter().position(is_end).map_or(self.bytes.len(), |at| start + at)
    }

    /// Where the closing tag starts.
    fn closing(&self, from: usize, tag: &str) -> usize {
        let starts = memchr::memchr_iter(b'<', &self.bytes[from..]);
        let is_tag = |&at: &usize| {
            let found = self.bytes.get(from + at..from + at + tag.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(tag.as_bytes()))
        };
        starts.into_iter().find(is_tag).map_or(self.bytes.len(), |at| from + at)
    }

    /// The attributes of a tag, and where it ends.
    fn attributes(&self, mut at: usize) -> (Vec<Attribute>, usize) {
        let mut attributes = Vec::new();
        loop {
            while self.bytes.get(at).is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'/') {
                at += 1;
            }
            match self.bytes.get(at) {
                None => return (attributes, self.bytes.len()),
                Some(b'>') => return (attributes, at + 1),
                // `{...props}`, `{name}`, `{{ helper }}`, `<% .. %>`
                Some(b'{') => {
                    at = self.braces(at);
                    continue;
                }
                Some(b'<') => {
                    at = if self.bytes.get(at + 1) == Some(&b'%') {
                        self.after(at, "%>")
                    } else {
                        return (attributes, at);
                    };
                    continue;
                }
                Some(_) => {}
            }
            let name = at..self.name_end(at).max(at + 1);
            at = name.end;
            if self.bytes.get(at) != Some(&b'=') {
                continue;
            }
            at += 1;
            while self.bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
            let value = match self.bytes.get(at) {
                Some(&quote @ (b'"' | b'\'')) => {
                    let end = memchr::memchr(quote, &self.bytes[at + 1..]).map_or(self.bytes.len(), |end| at + 1 + end);
                    let value = at + 1..end;
                    at = (end + 1).min(self.bytes.len());
                    value
                }
                Some(b'{') if self.dialect == Dialect::Svelte => {
                    let end = self.braces(at);
                    let value = at..end;
                    at = end;
                    value
                }
                _ => {
                    let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                    let end = self.bytes[at..].iter().position(is_end).map_or(self.bytes.len(), |end| at + end);
                    let value = at..end;
                    at = end;
                    value
                }
            };
            attributes.push(Attribute { name, value });
        }
    }

    /// The language of a script; `None` for data and for what no browser runs.
    fn language_of(&self, attributes: &[Attribute]) -> Option<Language> {
        let value = |name: &str| {
            let found =
                attributes.iter().find(|attribute| self.text[attribute.name.clone()].eq_ignore_ascii_case(name));
            found.map(|attribute| self.text[attribute.value.clone()].trim().to_ascii_lowercase())
        };
        let named = value("lang").or_else(|| value("type")).unwrap_or_default();
        let last = named.rsplit('/').next().unwrap_or_default().trim_start_matches("x-");
        match last.split(';').next().unwrap_or_default() {
            "" | "module" | "javascript" | "ecmascript" | "js" | "jsx" | "babel" | "javascript1.5" => {
                Some(Language::JavaScript)
            }
            "ts" | "typescript" => Some(Language::TypeScript),
            "tsx" => Some(Language::Tsx),
            _ => None,
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let name = &self.text[attribute.name.clone()];
        let value = &self.text[attribute.value.clone()];
        let address = ADDRESSES.iter().any(|known| known.eq_ignore_ascii_case(name));
        if address && value.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
            self.add(attribute.value.start + SCHEME.len()..attribute.value.end, Role::Handler);
            return;
        }
        let is_event = name.len() > 2
            && name.bytes().all(|byte| byte.is_ascii_alphabetic())
            && name[..2].eq_ignore_ascii_case("on");
        if is_event && !value.starts_with('{') {
            self.add(attribute.value.clone(), Role::Handler);
            return;
        }
        match self.dialect {
            Dialect::Html => {}
            Dialect::Vue if name == "v-for" => {
                let Some((names, at)) = [" in ", " of "].iter().find_map(|word| {
                    let at = value.find(word)?;
                    Some((attribute.value.start..attribute.value.start + at, attribute.value.start + at + word.len()))
                }) else {
                    return;
                };
                self.elements(at..attribute.value.end, names);
            }
            Dialect::Vue | Dialect::Svelte => {
                let (bound, known) = match (self.dialect, name.rsplit_once(':')) {
                    (Dialect::Vue, None) => (name.starts_with("v-"), name),
                    (Dialect::Vue, Some((start, known))) => (start.is_empty() || start == "v-bind", known),
                    (_, parts) => (value.starts_with('{'), parts.map_or(name, |(_, known)| known)),
                };
                if bound && (HTML.contains(&known) || known == LINK) {
                    let end = attribute.name.end;
                    let mut braced = attribute.value.clone();
                    if self.dialect == Dialect::Svelte && value.len() >= 2 && value.ends_with('}') {
                        braced = braced.start + 1..braced.end - 1;
                    }
                    self.add(braced, Role::Attribute(Span::new(end - known.len(), end)));
                }
            }
        }
    }

    /// Notes that the first of some names, `(item, index)`, is each element of an expression.
    fn elements(&mut self, expression: Range<usize>, names: Range<usize>) {
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
        let text = &self.text[names.clone()];
        let rest = text.trim_start_matches([' ', '(', '\t', '\n']);
        let start = names.start + text.len() - rest.len();
        let len = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
        if len > 0 {
            self.add(expression, Role::Elements(Span::new(start, start + len)));
        }
    }

    fn add(&mut self, range: Range<usize>, role: Role) {
        if range.start < range.end {
            self.found.push(Stretch { span: Span::new(range.start, range.end), role });
        }
    }
}

/// What stands for a character in an attribute.
const ENTITIES: &[(&str, u8)] = &[
    ("&quot;", b'"'),
    ("&#34;", b'"'),
    ("&#39;", b'\''),
    ("&apos;", b'\''),
    ("&amp;", b'&'),
    ("&lt;", b'<'),
    ("&gt;", b'>'),
];

/// How templates mark what is put in before a browser sees the page: how it starts and ends, and whether it
/// leaves a value.
const MARKS: &[(&str, &str, bool)] = &[
    ("<%=", "%>", true),
    ("<%-", "%>", true),
    ("<%", "%>", false),
    ("<?=", "?>", true),
    ("<?", "?>", false),
    ("{%", "%}", false),
    ("{{#", "}}", false),
    ("{{/", "}}", false),
    ("{{!", "}}", false),
    ("{{>", "}}", false),
    ("{{else", "}}", false),
    ("{{{", "}}}", true),
    ("{{", "}}", true),
];
/// Bytes that such a mark may be long.
const LONGEST_MARK: usize = 2000;

/// A text in which names stand for what templates put into its stretches, and characters for entities.
pub(super) fn parsed_text<'t>(text: &'t str, stretches: &[Stretch]) -> Cow<'t, [u8]> {
    let mut parsed = Cow::Borrowed(text.as_bytes());
    for stretch in stretches {
        let in_attribute = stretch.role != Role::Top;
        let mut at = stretch.span.start as usize;
        let end = stretch.span.end as usize;
        while let Some(next) = memchr::memchr3(b'<', b'{', b'&', &text.as_bytes()[at..end]).map(|next| at + next) {
            at = next + 1;
            let rest = &text.as_bytes()[next..end];
            if rest[0] == b'&' {
                let found = ENTITIES.iter().find(|(entity, _)| in_attribute && rest.starts_with(entity.as_bytes()));
                if let Some(&(entity, meaning)) = found {
                    let bytes = &mut parsed.to_mut()[next..next + entity.len()];
                    bytes.fill(b' ');
                    bytes[0] = meaning;
                }
            } else if let Some((len, is_value)) = template_mark(rest)
                && !matches!(text.as_bytes()[..next].last(), Some(b'$' | b'='))
            {
                let fill = if is_value { b'_' } else { b' ' };
                let bytes = &mut parsed.to_mut()[next..next + len];
                bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = fill);
                at = next + len;
            }
        }
    }
    parsed
}

/// How long the mark of a template is that a text starts with, and whether it leaves a value.
fn template_mark(rest: &[u8]) -> Option<(usize, bool)> {
    let &(start, end, is_value) = MARKS.iter().find(|(start, ..)| rest.starts_with(start.as_bytes()))?;
    let rest = &rest[..rest.len().min(LONGEST_MARK)];
    let len = memchr::memmem::find(&rest[start.len()..], end.as_bytes())? + start.len() + end.len();
    // Two blocks or objects of a script stand within each other over more lines, or hold statements.
    let is_code = start.starts_with("{{") && rest[..len].iter().any(|byte| matches!(byte, b'\n' | b';'));
    (!is_code).then_some((len, is_value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let dialect = Dialect::of_path(path).expect("it has tags");
        let (_, stretches) = stretches(text, dialect).unwrap_or((Language::JavaScript, Vec::new()));
        let word = |role| match role {
            Role::Top => "top".to_owned(),
            Role::Handler => "handler".to_owned(),
            Role::Attribute(name) => text[name.range()].to_owned(),
            Role::Elements(name) => format!("each {}", &text[name.range()]),
        };
        stretches
            .iter()
            .map(|stretch| format!("{}: {}", word(stretch.role), text[stretch.span.range()].trim()))
            .collect()
    }

    #[test]
    fn scripts_and_handlers_of_a_page() {
        let page = r#"<!-- <script>no()</script> -->
            <SCRIPT type="text/javascript">a("<b>")</SCRIPT ><script type="application/json">{"no": 1}</script>
            <a href="javascript:b()" onclick='c()' online>x</a><style>no{}</style><script src="no.js"></script>
            <script type=module>d()</script><p title="onclick='no()'" v¢="no()" {{#if x}}>{{ no }}"#;
        assert_eq!(found("a.html", page), ["top: a(\"<b>\")", "handler: b()", "handler: c()", "top: d()"]);
    }

    #[test]
    fn braces_that_are_never_closed_hold_nothing() {
        for text in ["<p>{@html \u{e4}", "{\u{e4}", "<a {@html}bind:innerHTML={\u{e4}", "<a href='{\u{e4}'>", "{"] {
            found("a.svelte", text);
        }
        assert_eq!(found("a.svelte", "<a href={\u{e4}}>"), ["href: \u{e4}"]);
    }

    #[test]
    fn what_components_show_as_html() {
        let vue = r#"<template><li v-for="(post, i) of posts" :key="i" v-html="post.body"/><p :innerHTML="x" :title="no" srcdoc="no"/></template>
            <script setup lang="ts">let a: X</script>"#;
        assert_eq!(found("a.vue", vue), ["each post: posts", "v-html: post.body", "innerHTML: x", "top: let a: X"]);
        let svelte = "<script>let a</script>{#each posts as post (post.id)}<b on:click={() => x}>{@html post.body}</b>{/each}<i innerHTML={y}/>{'<script>'}";
        assert_eq!(found("a.svelte", svelte), ["top: let a", "each post: posts", "@html: post.body", "innerHTML: y"]);
    }

    #[test]
    fn what_templates_put_in_is_a_name() {
        let text = "<script>a = {{ x }}; {% if y %}b(<%= z %>){% endif %}; c(`${{d: 1}}`)</script><i onclick=\"f(&quot;g&quot;)\">";
        let (_, stretches) = stretches(text, Dialect::Html).expect("it has scripts");
        let parsed = parsed_text(text, &stretches);
        assert_eq!(
            std::str::from_utf8(&parsed).expect("it is text"),
            "<script>a = _______;           b(________)           ; c(`${{d: 1}}`)</script><i onclick=\"f(\"     g\"     )\">"
        );
    }
}
