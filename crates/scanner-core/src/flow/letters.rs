//! Texts of harmless letters only, or of one letter: what a condition asks each letter for, what is left of a text when the others
//! are taken out.

use super::call::Given;
use super::engine::{Engine, Run};
use super::inside::inside;
use super::model::SinkSet;
use super::value::{Constant, Value};
use crate::ir::{Kind, Module, NodeId};

/// Methods that only letters and digits pass.
const ASKS: &[&str] = &["isalnum", "isalpha", "isdigit", "isdecimal", "isnumeric"];
/// Constants of the standard library that hold letters and digits.
const LETTERS: &[&str] = &["ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits"];

impl<'p> Engine<'p> {
    /// `all(c.isalnum() or c in "-_" for c in text)`: what came out so has no other letters.
    pub(super) fn all_letters(&mut self, run: &Run<'p>, every: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let Some((subject, body)) = each_of(module, every) else { return };
        let mut asks = false;
        let mut others = String::new();
        for node in module.subtree(body) {
            let text = module.text(node, unit.text);
            match module.kind(node) {
                Kind::Member if ASKS.contains(&text) || LETTERS.contains(&text) => asks = true,
                Kind::Str => others.push_str(text),
                Kind::Binary if !matches!(text, "or" | "in" | "and" | "==") => return,
                Kind::Unary => return,
                _ => {}
            }
        }
        if (asks || !others.is_empty()) && others.chars().all(is_harmless) {
            self.clear_fact(run, subject, cleared_with(&others));
        }
    }

    /// `any(c not in "abc" for c in text)`: what came out false has no letters but those.
    pub(super) fn no_other_letters(&mut self, run: &mut Run<'p>, any: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        // With a condition of its own it does not ask for each.
        let asks_each = module.children(any).len() == 2
            && module.child(any, 0).is_some_and(|clause| module.children(clause).len() == 1);
        let Some((subject, body)) = each_of(module, any).filter(|_| asks_each) else { return };
        let letters = module.child(body, 1).filter(|_| {
            module.kind(body) == Kind::Binary && module.text(body, unit.text).split_whitespace().eq(["not", "in"])
        });
        let Some(letters) = letters.map(|letters| self.eval(run, letters)) else { return };
        let Some(others) = letters.text().map(|letters| letters.replace(char::is_alphanumeric, "")) else { return };
        if others.chars().all(is_harmless) {
            self.clear_fact(run, subject, cleared_with(&others));
        }
    }

    /// `re.sub("[^a-z]", "", text)`: what is left has no other letters.
    pub(super) fn only_letters(
        &mut self,
        run: &Run<'p>,
        name: &str,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        // `name.charAt(0)`, `name.substring(0, 1)`: what is one letter means nothing to anyone.
        if !self.is_python(run.unit) {
            // By what a loop counts, letter after letter is read, until all are put together again.
            let counts =
                |at: &Given<'p>| at.value.constant.is_none() && receiver.is_some_and(|text| self.is_of_someone(text));
            let is_one = match (name, given) {
                ("charAt", [at]) => !counts(at),
                ("substring", [from, to]) => is_number(from, 0) && is_number(to, 1),
                ("substr", [from, length]) => is_number(length, 1) && !counts(from),
                _ => false,
            };
            return is_one.then(Value::default).filter(|_| receiver.is_some_and(|text| text.place.is_none()));
        }
        if name != "sub" {
            return None;
        }
        let compiled = match &receiver?.constant {
            Some(Constant::Regex(regex)) => Some(regex.source.to_string()),
            _ => None,
        };
        let (pattern, rest) = match compiled {
            Some(source) => (source, given),
            None => (given.first()?.value.text()?.to_owned(), given.get(1..)?),
        };
        let [put, text, ..] = rest else { return None };
        let put = put.value.text().filter(|put| put.chars().all(is_harmless))?;
        // `\W` stands for `[^\w]`.
        let bare = pattern.trim_end_matches('+');
        let inside = match bare {
            "\\W" => "\\w",
            "\\D" => "\\d",
            _ => bare.strip_prefix("[^")?.strip_suffix(']')?,
        };
        let plain = inside.replace("\\w", "").replace("\\d", "").replace("\\-", "-").replace("\\.", ".");
        if !plain.chars().all(is_harmless) {
            return None;
        }
        let kept = format!("{put}{}", plain.replace("a-z", "").replace("A-Z", "").replace("0-9", ""));
        Some(self.cleaned(cleared_with(&kept), None, std::slice::from_ref(text)))
    }

    /// Whether somebody told a text, so that its letters are theirs: not if it was only drawn.
    fn is_of_someone(&self, text: &Value<'p>) -> bool {
        text.taints.iter().any(|taint| taint.kind != self.random)
    }
}

fn is_number(given: &Given<'_>, number: i64) -> bool {
    given.value.constant == Some(Constant::Number(number))
}

/// Whether a letter is none that a shell, a statement or a page reads.
fn is_harmless(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':' | '@')
}

/// Kinds of sink that a text of letters, digits and these is clean for: with dots it may lead out of a folder.
fn cleared_with(others: &str) -> SinkSet {
    if others.contains('.') { SinkSet::MAX & !inside() } else { SinkSet::MAX }
}

/// What a generator with one loop goes through, and what it gives of each.
fn each_of(module: &Module, generator: NodeId) -> Option<(NodeId, NodeId)> {
    let clause = module.child(generator, 0).and_then(|clause| module.child(clause, 0))?;
    let subject = module.child(clause, 1).filter(|_| module.kind(clause) == Kind::Bind)?;
    Some((subject, *module.children(generator).last()?))
}
