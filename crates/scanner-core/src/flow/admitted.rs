//! What a regex shows of the text that it matched, and of the parts that it gives.

use super::address::{by_host, by_scheme};
use super::call::Given;
use super::engine::{Engine, Run};
use super::inside::inside;
use super::model::{SinkSet, kinds};
use super::regex::regex;
use super::value::Value;
use crate::ir::NodeId;
use crate::language::Family;
use crate::regex_cost::{Admitted, Dialect, Regex, Use};
use std::rc::Rc;

/// Kinds of sink, and the letters without one of which a text does nothing there.
const MARKS: &[(&str, &str)] = &[
    ("command", ";&|$`<>(){}\"'\\\n\r*?"),
    ("sql", "'\";\\`()="),
    ("nosql-code", "'\"`()[]={"),
    ("template", "{}$<#%"),
    ("html", "<>\"'"),
    ("selector", "<"),
    ("xpath", "'\"[("),
    ("ldap", "()*\\|&"),
    ("log", "\n\r"),
    ("header", "\n\r"),
    ("answer-header", "\n\r"),
    ("email", "\n\r"),
    ("regex", "*+{("),
    ("ssrf", "./\\@:"),
    ("redirect", "/\\:"),
    ("link", ":"),
    ("open", ":\\"),
    ("launch", ":\\"),
    ("format", "%{"),
    ("prototype", "_"),
    ("prototype-member", "_"),
    ("constructor-member", "cC"),
    ("method", "cC"),
    ("reflection", "cC"),
];

impl<'p> Engine<'p> {
    /// `/^[a-z]+$/.test(x)`, `x.match(NAME)`, `re.fullmatch("[a-z]+", x)`: what the regex admits.
    pub(super) fn matched(&mut self, run: &mut Run<'p>, object: NodeId, argument: NodeId, call: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let name = module.child(call, 0).map_or("", |callee| module.text(callee, unit.text));
        let (own, given) = (self.eval(run, object), self.eval(run, argument));
        let written = module.child(call, 2).filter(|_| unit.family == Family::Python);
        let (regex, subject) = match (regex(&own), regex(&given), written) {
            (Some(own), ..) => (own, argument),
            (None, Some(given), None) => (given, object),
            (None, _, Some(subject)) => {
                let Some(source) = given.text() else { return };
                let regex = Regex { source: source.into(), flags: "".into(), dialect: Dialect::Python };
                (Rc::new(regex), subject)
            }
            _ => return,
        };
        let mode = match (unit.family, name) {
            (_, "fullmatch") => Use::Whole,
            (Family::Python, "match") => Use::Start,
            _ => Use::Search,
        };
        let mut cleared = shown_by_start(&regex.source);
        if let Some(admitted) = regex.admits(mode) {
            if admitted.names_host {
                cleared |= by_host();
            }
            if admitted.whole {
                // `HOST.fullmatch(urlparse(x).netloc)`
                if names_domain(&regex.source) {
                    self.is_host_of_theirs(run, subject);
                }
                cleared |= cleared_by_letters(&admitted);
                let value = self.eval(run, subject);
                self.clear_origins(run, &value, cleared & kinds(&["extract"]));
            }
        }
        self.clear_fact(run, subject, cleared);
    }

    /// `/id=(\d+)/.exec(x)`, `x.match(/\w+/)`: what it gives is made of what the regex reads.
    pub(super) fn found_by(
        &mut self,
        name: &str,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let first = &given.first()?.value;
        let (regex, text) = match name {
            "exec" => (regex(receiver?)?, first),
            "match" | "matchAll" => (regex(first)?, receiver?),
            _ => return None,
        };
        let cleared = cleared_by_found(&regex);
        let mut value = Value::default();
        value.taint_with(&self.all_taints(text));
        value.taints.iter_mut().for_each(|taint| {
            taint.cleared |= cleared;
            taint.whole = false;
        });
        Some(value)
    }
}

/// Kinds of sink that a text is clean for of which a schema says that a regex matches it.
pub(super) fn cleared_by_pattern(regex: &Regex) -> SinkSet {
    match regex.admits(Use::Search) {
        Some(admitted) if admitted.whole => cleared_by_letters(&admitted),
        _ => 0,
    }
}

/// The same of a regex that stands somewhere as text.
pub(super) fn cleared_by_source(source: &str, dialect: Dialect) -> SinkSet {
    cleared_by_pattern(&Regex { source: source.into(), flags: "".into(), dialect })
}

/// Kinds of sink that what a regex finds in a text is clean for: `re.match(r"v(\d+)", text).group(1)`.
pub(super) fn cleared_by_found(regex: &Regex) -> SinkSet {
    regex.admits(Use::Search).map_or(0, |admitted| cleared_by_letters(&admitted))
}

/// What the start of a regex shows of an address, whatever follows.
fn shown_by_start(source: &str) -> SinkSet {
    let starts = |starts: &[&str]| starts.iter().any(|start| source.starts_with(start));
    let mut cleared = 0;
    if starts(&["^https?:", "^http:", "^https:", "^(https?", "^(http", "^(?:http"]) {
        cleared |= by_scheme();
    }
    // `/^\\/(?!\\/)/`, `/^\\/[^\\/]/`: an address on the same host.
    if starts(&[r"^\/(?!", r"^\/[^", r"^[/](?!", r"^/(?!"]) || starts_with_name(source) {
        cleared |= kinds(&["redirect"]);
    }
    cleared
}

/// Whether all that a regex of whole hosts matches lies in one domain: `^[a-z]+\.example\.com$`, `^(\w+\.)?example\.com$`.
fn names_domain(source: &str) -> bool {
    let source = source.strip_suffix('$').or_else(|| source.strip_suffix("\\Z")).unwrap_or(source);
    // `(\.cn)?`, `(:\d+)?`: more of the same, or a port.
    let more = source.strip_suffix(")?").and_then(|rest| rest.rsplit_once('('));
    let source = more.filter(|(_, more)| more.starts_with([':', '\\'])).map_or(source, |(rest, _)| rest);
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '\\');
    let start = source.trim_end_matches(is_part).len();
    let (before, domain) = source.split_at(start);
    let labels: Vec<&str> = domain.split("\\.").collect();
    let is_label = |label: &&str| !label.is_empty() && !label.contains(['.', '\\']);
    let (first, rest) = labels.split_first().unwrap_or((&"", &[]));
    let apart = first.is_empty()
        || before == "^"
        || [r"\.)?", r"\.)*", r"\.)+", r"\.)"].iter().any(|end| before.ends_with(end));
    !source.contains('|') && apart && rest.iter().all(is_label) && rest.len() > usize::from(first.is_empty())
}

/// `/^\\/[a-z]/`, `/^\\/app/`: a slash and a letter, so no other host.
fn starts_with_name(source: &str) -> bool {
    let Some(rest) = [r"^\/", "^[/]", "^/"].iter().find_map(|start| source.strip_prefix(start)) else { return false };
    if source.contains('|') {
        return false;
    }
    let (letters, after) = match rest.strip_prefix('[') {
        Some(class) => class.split_once(']').unwrap_or(("", "")),
        None => rest.split_at(rest.chars().next().map_or(0, |first| if first.is_ascii_alphanumeric() { 1 } else { 0 })),
    };
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    !letters.is_empty() && letters.chars().all(is_name) && !after.starts_with(['?', '*', '{'])
}

/// Kinds of sink that a text is clean for which is made of the letters that a regex admits.
fn cleared_by_letters(admitted: &Admitted) -> SinkSet {
    // Letters and digits alone, with what stands between words, do no harm to anything else.
    let is_plain = |letter: char| letter.is_alphanumeric() || " _-.:@/,+".contains(letter);
    let mut cleared = if admitted.all(is_plain) { SinkSet::MAX } else { 0 };
    cleared &= !kinds(&["exponential-regex", "polynomial-regex"]);
    for (kind, marks) in MARKS {
        let clears = !(admitted.has(marks) || admitted.line_end && marks.starts_with('\n'));
        cleared = if clears { cleared | kinds(&[kind]) } else { cleared & !kinds(&[kind]) };
    }
    let leads_out = admitted.has("/\\") && admitted.has(".") && !admitted.without_dots;
    cleared = if leads_out { cleared & !inside() } else { cleared | inside() };
    // No letter can be spelled but by brackets, no name be called.
    let has_names = admitted.has("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\\");
    let runs = admitted.has("[`") || has_names && admitted.has("(=\"'{");
    cleared = if runs { cleared & !kinds(&["code"]) } else { cleared | kinds(&["code"]) };
    match admitted.may_start_with(b'-') {
        true => cleared & !kinds(&["argument"]),
        false => cleared | kinds(&["argument"]),
    }
}

#[cfg(test)]
mod tests {
    use super::names_domain;

    #[test]
    fn a_domain_is_named_up_to_its_dot() {
        for source in [
            r"^example\.com$",
            r"^[a-z]+\.example\.com$",
            r"^(\w+\.)?example\.com(:\d+)?$",
            r"^sns\.[a-z0-9-]+\.example\.com(\.cn)?$",
            r"([a-z]+\.)*example\.org\Z",
        ] {
            assert!(names_domain(source), "{source}");
        }
        for source in [
            r"^[a-z.]+example\.com$",
            r"^\w+\.com$",
            r"^example.com$",
            r"^a\.example\.com|b$",
            r"^[a-z.]+$",
            r"^(a\.)?com$",
        ] {
            assert!(!names_domain(source), "{source}");
        }
    }
}
