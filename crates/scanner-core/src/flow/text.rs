//! Puts texts together: what they start with may make what follows harmless.

use super::call::Given;
use super::engine::{Engine, Run};
use super::fold::{self, Start};
use super::model::kinds;
use super::typed::{conversions, is_number, is_numeric_format};
use super::value::{Constant, Note, Object, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;

/// Bytes of a text that is joined of constants: longer ones are tables.
const MAX_JOINED: usize = 4_000;

impl<'p> Engine<'p> {
    /// Text put together: clean for sinks whose danger its constant start takes away.
    pub(super) fn text_of(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let parts = self.unit(run.unit).module.children(node);
        let mut values: Vec<Value<'p>> = parts.iter().map(|&part| self.eval(run, part)).collect();
        self.stays_on_asked_host(run, parts, &mut values);
        for (at, &part) in parts.iter().enumerate() {
            let (before, rest) = values.split_at_mut(at);
            if let Some(value) = rest.first_mut() {
                self.name_in_sql(run, part, before.last(), value);
            }
        }
        let told = self.check_tags(run, node, parts, &values);
        let mut value = self.put_together(&values);
        if told {
            value.clear(1 << self.markup);
        }
        // `"/" + path.strip("/")`: there is no second slash before a host.
        if let ([first, ..], [_, second, ..]) = (&values[..], parts)
            && first.text() == Some("/")
            && self.is_stripped(run, *second)
        {
            value.clear(kinds(&["redirect"]));
        }
        let before = values.iter().flat_map(|value| &value.taints).fold(0, |all, taint| all | taint.cleared);
        let after = value.taints.iter().fold(0, |all, taint| all | taint.cleared);
        if after & !before == 0 {
            return value;
        }
        self.with_cleaning(run, node, value, Note::Preceded(after & !before))
    }

    /// Callers of a package tell it names of tables and columns, and clauses of queries: where a value stands, they give
    /// what others sent them.
    pub(super) fn name_in_sql(&self, run: &Run<'p>, part: NodeId, before: Option<&Value<'p>>, value: &mut Value<'p>) {
        let is_composed = matches!(self.unit(run.unit).module.kind(part), Kind::Concat | Kind::Template);
        if value.taints.is_empty() || is_composed || before.and_then(Value::text).is_some_and(fold::asks_for_value) {
            return;
        }
        let given = value.taints.iter_mut().filter(|taint| taint.kind == self.library_input);
        given.for_each(|taint| taint.cleared |= kinds(&["sql"]));
    }

    /// Whether an expression takes the slashes away that a text starts with.
    fn is_stripped(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let (Some(callee), Some(given)) = (unit.module.child(node, 0), unit.module.child(node, 1)) else {
            return false;
        };
        let given = unit.written(given);
        match unit.module.text(callee, unit.text) {
            "strip" | "lstrip" => given.contains('/'),
            "replace" => given.starts_with(r"/^\/"),
            _ => false,
        }
    }

    /// The text that a list of constant texts gives when it is joined.
    pub(super) fn joined(&self, list: &Value<'p>, separator: &str) -> Option<Constant> {
        // `names = names || ["all"]`: the list that is known is one of two.
        if !list.taints.is_empty() || !list.others.is_empty() {
            return None;
        }
        let list = &self.objects[list.object? as usize];
        if !list.is_list || list.items.is_empty() || !list.rest.is_unknown() {
            return None;
        }
        let texts: Option<Vec<&str>> = list.items.iter().map(Value::text).collect();
        let texts =
            texts.filter(|texts| texts.iter().map(|text| text.len() + separator.len()).sum::<usize>() <= MAX_JOINED);
        Some(Constant::Text(texts?.join(separator).into()))
    }

    /// `"rgb(" + [red, green] + ")"`: a list that becomes a text is joined by commas.
    fn list_as_text(&self, list: &Value<'p>) -> Option<String> {
        match self.joined(list, ",")? {
            Constant::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }

    pub(super) fn put_together(&mut self, values: &[Value<'p>]) -> Value<'p> {
        let mut result = Value::default();
        let mut before = String::new();
        let mut constant = true;
        let mut address = Start::default();
        // Whether the host stands before: `f"{url}?next={x}"`.
        let mut queried = false;
        let spoken: Vec<Value<'p>>;
        let values = if values.iter().any(|value| self.has_special(value, "__str__")) {
            spoken = values.iter().map(|value| self.as_text(value).unwrap_or_else(|| value.clone())).collect();
            &spoken[..]
        } else {
            values
        };
        // `location.href + x` stays on the same host.
        let same_host = values.len() > 1 && values.first().is_some_and(|first| self.is_own_address(first))
            || self.starts_with_asked_host(values);
        for value in values {
            // Text is no object that a query would read.
            let mut taints = self.all_taints(value);
            taints.retain(|taint| taint.kind != self.remote_object);
            taints.iter_mut().for_each(|taint| taint.whole &= values.len() == 1);
            // What chooses no host is as good as the program's own part of an address.
            let addressed = kinds(&["ssrf", "redirect"]);
            // Whoever starts the program may name the host.
            let is_own = |taint: &Taint| Some(taint.kind) == source_kind("local");
            let trusted = taints.iter().all(|taint| taint.cleared & addressed == addressed || is_own(taint));
            if !taints.is_empty() {
                let clears = fold::cleared_by_start(&before)
                    | address.clears()
                    | if same_host { kinds(&["redirect"]) } else { 0 }
                    | if queried { addressed } else { 0 };
                taints.iter_mut().for_each(|taint| taint.cleared |= clears);
                result.taint_with(&taints);
            }
            let text = fold::as_text(value).or_else(|| self.list_as_text(value));
            address.go_on(text.as_deref(), trusted);
            // `url + ("&" if "?" in url else "?") + "name=" + x`: as well.
            queried |= text.as_deref().is_some_and(|text| text.contains(['?', '#', '&']) || text.ends_with('='));
            match text {
                Some(text) if constant => before.push_str(&text),
                _ => constant = false,
            }
        }
        if is_event(values) {
            result.clear(kinds(&["html"]));
        }
        // Lists put together are a list.
        let lists: Vec<_> = values.iter().filter_map(|value| value.object).collect();
        if lists.len() == values.len() && !lists.is_empty() {
            let items = lists.iter().flat_map(|&list| self.objects[list as usize].items.clone()).collect();
            let mut joined = Object { items, is_list: true, ..Object::default() };
            for list in lists {
                joined.rest.join(&self.objects[list as usize].rest);
            }
            result.object = Some(self.object(joined));
            return result;
        }
        if constant {
            let numbers = values.iter().all(|value| matches!(value.constant, Some(Constant::Number(_))));
            result.constant = if numbers { fold::sum(values) } else { Some(Constant::Text(before.into())) };
        }
        result
    }

    pub(super) fn put_together_by(
        &mut self,
        unit: UnitId,
        operator: &str,
        left: Value<'p>,
        right: Value<'p>,
    ) -> Value<'p> {
        // `Markup("<b>%s</b>") % x`: a type of its own that cleans what is put in.
        let models = self.models(unit);
        let own = left.place.filter(|_| operator == "%").and_then(|place| models.member(place, "__mod__"));
        if let Some(clears) = own.map(|place| models.known(place).clears).filter(|&clears| clears != 0) {
            let mut value = Value::default();
            let mut taints = self.all_taints(&right);
            taints.iter_mut().for_each(|taint| taint.cleared |= clears);
            value.taint_with(&taints);
            value.taint_with(&left.taints);
            return value;
        }
        if operator == "/" && left.place.is_some() {
            let mut value = left;
            value.taint_with(&self.all_taints(&right));
            return value;
        }
        // `"..%s" % x`: the text before the first mark is the start.
        if operator == "%"
            && let Some(format) = left.text()
        {
            if let Some(text) = self.formatted(format, &right) {
                return Value::constant(Constant::Text(text.into()));
            }
            let marks = conversions(format);
            let guessed = self.still_guessed(&right);
            let text = |text: &str| Value::constant(Constant::Text(text.into()));
            // What is put in as a number is none of the text.
            let items = right.object.map(|list| self.objects[list as usize].items.to_vec()).unwrap_or_default();
            let mut parts = Vec::new();
            if items.len() == marks.len() && right.taints.is_empty() {
                for (item, (before, mark)) in items.into_iter().zip(&marks) {
                    parts.push(text(before));
                    parts.push(if is_number(*mark) { Value::default() } else { item });
                }
            } else {
                parts.push(text(format.split('%').next().unwrap_or_default()));
                parts.push(if is_numeric_format(format) { Value::default() } else { right });
            }
            let mut value = self.put_together(&parts);
            value.taint_with(&guessed);
            value.constant = None;
            value.object = None;
            return value;
        }
        let mut value = Value::default();
        // `prompt | model`: what is put in a row is run as one.
        if operator == "|" && self.is_python(unit) {
            value.place = left.place.or(right.place);
        }
        value.taint_with(&self.all_taints(&left));
        value.taint_with(&self.all_taints(&right));
        value
    }

    /// `"..{}..{name}".format(x, name=y)`: what stands before a value may make it harmless.
    pub(super) fn formatted_by(&mut self, format: &str, given: &[Given<'p>]) -> Option<Value<'p>> {
        if given.is_empty() || given.iter().any(|given| given.spread) {
            return None;
        }
        let constant = |text: String| Value::constant(Constant::Text(text.into()));
        let (mut parts, mut next) = (Vec::new(), 0);
        for piece in format_pieces(format)? {
            let (name, is_number) = match piece {
                Piece::Text(text) => {
                    parts.push(constant(text));
                    continue;
                }
                Piece::Field { name, is_number } => (name, is_number),
            };
            let at = if name.is_empty() { Some(next) } else { name.parse().ok() };
            next += usize::from(name.is_empty());
            let found = match at {
                Some(at) => given.iter().filter(|given| given.name.is_none()).nth(at),
                None => given.iter().find(|given| given.name.as_deref() == Some(name)),
            };
            match found {
                Some(found) if is_number => {
                    let mut number = Value::default();
                    number.taint_with(&self.still_guessed(&found.value));
                    parts.push(number);
                }
                Some(found) => parts.push(found.value.clone()),
                None => parts.push(Value::default()),
            }
        }
        let mut value = self.put_together(&parts);
        value.taints.iter_mut().for_each(|taint| taint.whole = false);
        value.object = None;
        Some(value)
    }

    /// `"..%s.." % "x"`: a constant text with others put in.
    fn formatted(&self, format: &str, right: &Value<'p>) -> Option<String> {
        let items = match right.object {
            Some(list) if self.objects[list as usize].rest.is_unknown() => self.objects[list as usize].items.to_vec(),
            Some(_) => return None,
            None => vec![right.clone()],
        };
        let parts: Vec<&str> = format.split("%s").collect();
        if parts.len() != items.len() + 1 || parts.iter().any(|part| part.contains('%')) {
            return None;
        }
        let mut text = parts.first().map(|part| (*part).to_owned())?;
        for (item, part) in items.iter().zip(&parts[1..]) {
            text.push_str(item.text()?);
            text.push_str(part);
        }
        Some(text)
    }
}

/// Fields of a format that are looked at; one with more is taken as a whole.
const MAX_FIELDS: usize = 64;

/// A piece of a text that `str.format` fills in.
enum Piece<'f> {
    /// What stands there,
    Text(String),
    /// and a field with its name or number, and whether it takes only numbers.
    Field { name: &'f str, is_number: bool },
}

/// Whether a text is an event of a stream, which no browser shows: `` `data: ${json}\n\n` ``.
fn is_event(values: &[Value<'_>]) -> bool {
    const FIELDS: &[&str] = &["data:", "event:", "id:", "retry:", "message:\ndata:"];
    let [first, .., last] = values else { return false };
    let starts = first.text().is_some_and(|text| FIELDS.iter().any(|field| text.starts_with(field)));
    starts && last.text().is_some_and(|text| text.ends_with('\n'))
}

/// The pieces of a format, if it is well-formed and its fields hold no others.
fn format_pieces(format: &str) -> Option<Vec<Piece<'_>>> {
    let (mut pieces, mut text, mut rest) = (Vec::new(), String::new(), format);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = (&rest[..at], &rest[at + 1..]);
        text.push_str(before);
        let mark = &rest[at..=at];
        if let Some(doubled) = after.strip_prefix(mark) {
            text.push_str(mark);
            rest = doubled;
            continue;
        }
        let (field, after) = after.split_once('}').filter(|(field, _)| mark == "{" && !field.contains('{'))?;
        let (field, kind) = field.split_once(':').unwrap_or((field, ""));
        let name = field.split(['!', '.', '[']).next().unwrap_or(field);
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        pieces.push(Piece::Field { name, is_number: kind.ends_with(['d', 'f', 'x', 'X', 'e', 'g', 'b', 'o', '%']) });
        rest = after;
        if pieces.len() > 2 * MAX_FIELDS {
            return None;
        }
    }
    text.push_str(rest);
    pieces.push(Piece::Text(text));
    Some(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_taken_apart() {
        let read = |format: &str| -> Option<String> {
            let piece = |piece: Piece<'_>| match piece {
                Piece::Text(text) => text,
                Piece::Field { name, is_number } => format!("<{name}{}>", if is_number { "#" } else { "" }),
            };
            Some(format_pieces(format)?.into_iter().map(piece).collect())
        };
        assert_eq!(read("a{}b{0}").as_deref(), Some("a<>b<0>"));
        assert_eq!(read("{{x}} {name!r:>5} {n:03d}{o.p[1]}").as_deref(), Some("{x} <name> <n#><o>"));
        assert_eq!(read("none").as_deref(), Some("none"));
        assert_eq!(read("{"), None);
        assert_eq!(read("a } b"), None);
        assert_eq!(read("{:{width}}"), None);
    }
}
