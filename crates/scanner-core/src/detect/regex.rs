//! Finds the regex that an expression is: a literal, or constant text that a call makes one of.

use crate::ir::{Kind, NodeId};
use crate::language::Family;
use crate::language::literal;
use crate::pattern::Target;
use crate::regex_cost::{Dialect, Regex, Use, python_flags};

/// Parts of a text that is put together, nested in each other.
const MAX_DEPTH: usize = 8;

/// The regex that a node is, and how it is used.
pub fn regex_of(target: Target<'_>, node: NodeId) -> Option<(Regex, Use)> {
    let value = target.names.value(node);
    if target.module.kind(value) == Kind::Regex {
        return Some((Regex::literal(target.module.text(value, target.text))?, Use::Search));
    }
    let source = constant_text(target, value, MAX_DEPTH)?.into();
    // What makes a regex of it says more.
    let call = target.module.parent(node).filter(|&call| target.module.kind(call) == Kind::Call);
    let parts = call.map_or(&[][..], |call| target.module.children(call));
    let others = || parts.iter().skip(1).filter(|&&other| other != node);
    let written = |id: NodeId| &target.text[target.module.node(id).span.range()];
    Some(match target.names.family() {
        Family::JavaScript => {
            let flags = others().find_map(|&other| constant_text(target, target.names.value(other), MAX_DEPTH));
            (Regex { source, flags: flags.unwrap_or_default().into(), dialect: Dialect::JavaScript }, Use::Search)
        }
        Family::Python => {
            let flags = others().map(|&other| python_flags(written(other))).collect::<String>().into();
            let mode = match parts.first().map(|&callee| target.module.text(callee, target.text)) {
                Some("match") => Use::Start,
                Some("fullmatch") => Use::Whole,
                _ => Use::Search,
            };
            (Regex { source, flags, dialect: Dialect::Python }, mode)
        }
    })
}

/// Text known before the program runs.
fn constant_text(target: Target<'_>, node: NodeId, left: usize) -> Option<String> {
    let left = left.checked_sub(1)?;
    match target.module.kind(node) {
        Kind::Str => Some(literal::string(target.module, node, target.text, target.names.family())),
        Kind::Concat | Kind::Template => {
            let parts = target.module.children(node).iter();
            parts.map(|&part| constant_text(target, target.names.value(part), left)).collect()
        }
        Kind::Call => called_text(target, node, left),
        // `new RegExp(WORD.source + "$")`
        Kind::Member if target.module.text(node, target.text) == "source" => {
            let regex = target.names.value(target.module.child(node, 0)?);
            let is_regex = target.module.kind(regex) == Kind::Regex;
            let regex = is_regex.then(|| Regex::literal(target.module.text(regex, target.text)))??;
            Some(regex.source.to_string())
        }
        _ => None,
    }
}

/// Text that a call gives of such: `["a", "b"].join("|")`, `"|".join(("a", "b"))`, `re.escape("()")`.
fn called_text(target: Target<'_>, node: NodeId, left: usize) -> Option<String> {
    let (module, names) = (target.module, target.names);
    let text = |id: NodeId| constant_text(target, names.value(id), left);
    let (callee, given) = module.children(node).split_first()?;
    let method = module.text(*callee, target.text);
    match (names.family(), method, given) {
        (Family::Python, "escape", [text_of]) if names.path(*callee)? == "re.escape" => {
            Some(text(*text_of)?.chars().flat_map(escaped).collect())
        }
        (family, "join", [given]) if module.kind(*callee) == Kind::Member => {
            let (list, separator) = match family {
                Family::JavaScript => (module.child(*callee, 0)?, *given),
                Family::Python => (*given, module.child(*callee, 0)?),
            };
            let list = names.value(list);
            let parts: Option<Vec<String>> = (module.kind(list) == Kind::Array)
                .then(|| module.children(list).iter().map(|&part| text(part)).collect())?;
            Some(parts?.join(&text(separator)?))
        }
        _ => None,
    }
}

/// A letter as a regex that stands for it alone.
fn escaped(letter: char) -> impl Iterator<Item = char> {
    let marked = !(letter.is_alphanumeric() || letter == '_') && letter.is_ascii();
    marked.then_some('\\').into_iter().chain([letter])
}
