//! Finds shapes of syntax: one walk over a file's lowered tree serves the patterns of all rules.

use super::regex::regex_of;
use super::{Candidate, placeholder, value};
use crate::ir::{Kind, Module, NodeId};
use crate::language::names::Names;
use crate::language::{Family, Script};
use crate::limits::Limits;
use crate::pattern::{Accept, Binding, Bindings, LAST, Pattern, Target};
use crate::regex_cost::Verdict;
use crate::rule::code::{CodeMatcher, CodePatterns, Condition, ValueKind};
use crate::rule::{Matcher, RuleSet};
use crate::span::Span;
use std::collections::HashMap;

/// What the code rules leave of one file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Why the file, or some of it, was not examined.
    pub failed: Option<String>,
    /// The file, unless it could not be parsed.
    pub module: Option<Module>,
}

/// Runs `rules` (indexes of code rules whose literals the file holds) on the program in a file.
pub fn detect(
    text: &str,
    script: &Script,
    rules: &RuleSet,
    active: &[usize],
    limits: &Limits,
    out: &mut Vec<Candidate>,
) -> Outcome {
    let outcome = lower(text, script, limits);
    let Some(module) = outcome.module.as_ref().filter(|_| !active.is_empty()) else { return outcome };
    let family = script.language().family();
    let names = Names::new(module, text, family);
    let target = Target { module, text, names: &names };
    let table = Table::new(rules, active, family);
    for id in 0..module.len() as NodeId {
        table.visit(target, id, rules, out);
    }
    keep_outermost(out);
    outcome
}

/// Lowers a file, and says why it, or some of it, is left out.
pub fn lower(text: &str, script: &Script, limits: &Limits) -> Outcome {
    match script.lower(text, limits) {
        Ok(module) => {
            let levels = limits.max_tree_depth;
            let too_deep = || format!("code is nested deeper than {levels} levels; what is inside was not examined");
            Outcome { failed: module.too_deep.then(too_deep), module: Some(module) }
        }
        Err(reason) => Outcome { failed: Some(reason), module: None },
    }
}

/// Of nested matches of one rule that start at one place, the outermost says it all.
fn keep_outermost(candidates: &mut Vec<Candidate>) {
    let mut longest: HashMap<(usize, u32), u32> = HashMap::new();
    for candidate in candidates.iter() {
        let end = longest.entry((candidate.rule, candidate.span.start)).or_default();
        *end = (*end).max(candidate.span.end);
    }
    candidates.retain(|candidate| longest[&(candidate.rule, candidate.span.start)] == candidate.span.end);
}

#[derive(Clone, Copy)]
struct Entry<'r> {
    rule: usize,
    pattern: &'r Pattern,
    matcher: &'r CodeMatcher,
    patterns: &'r CodePatterns,
}

/// The active patterns by what their root is, so that a node meets only those that could fit.
struct Table<'r> {
    calls: HashMap<&'r str, Vec<Entry<'r>>>,
    by_kind: HashMap<Kind, Vec<Entry<'r>>>,
    /// Patterns of several statements, for every block.
    lists: Vec<Entry<'r>>,
}

impl<'r> Table<'r> {
    fn new(rules: &'r RuleSet, active: &[usize], family: Family) -> Table<'r> {
        let mut table = Table { calls: HashMap::new(), by_kind: HashMap::new(), lists: Vec::new() };
        for &rule in active {
            let Matcher::Code(matcher) = &rules.rules()[rule].matcher else { continue };
            let Some(patterns) = matcher.patterns(family) else { continue };
            for pattern in &patterns.any {
                let entry = Entry { rule, pattern, matcher, patterns };
                if pattern.is_list() {
                    table.lists.push(entry);
                    continue;
                }
                match (pattern.root_kind(), pattern.last_name()) {
                    (Kind::Call, Some(name)) => table.calls.entry(name).or_default().push(entry),
                    (kind, _) => table.by_kind.entry(kind).or_default().push(entry),
                }
            }
        }
        table
    }

    fn visit(&self, target: Target<'_>, id: NodeId, rules: &RuleSet, out: &mut Vec<Candidate>) {
        let kind = target.module.kind(id);
        if kind == Kind::Call
            && let Some(name) = called_name(target, id)
        {
            self.try_all(self.calls.get(name.as_str()), target, id, rules, out);
        }
        self.try_all(self.by_kind.get(&kind), target, id, rules, out);
        if matches!(kind, Kind::Other(_) | Kind::Block | Kind::Case) {
            self.try_all(Some(&self.lists), target, id, rules, out);
        }
    }

    fn try_all(
        &self,
        entries: Option<&Vec<Entry<'r>>>,
        target: Target<'_>,
        id: NodeId,
        rules: &RuleSet,
        out: &mut Vec<Candidate>,
    ) {
        for entry in entries.into_iter().flatten() {
            let mut bindings = Bindings::default();
            let conditions = &entry.patterns.conditions;
            let accept = |binding: &Binding| {
                conditions.iter().all(|(name, condition)| *name != binding.name || holds(condition, binding, target))
            };
            if entry.pattern.matches(target, id, &mut bindings, &accept)
                && holds_around(entry.patterns, target, id, &mut bindings, &accept)
            {
                out.extend(candidate(entry, target, id, &bindings, rules));
            }
        }
    }
}

/// The last name of what is called, an alias resolved.
fn called_name(target: Target<'_>, call: NodeId) -> Option<String> {
    let callee = target.module.child(call, 0)?;
    match target.module.kind(callee) {
        Kind::Member if !target.names.is_own_field(callee) => Some(target.module.text(callee, target.text).to_owned()),
        Kind::Name | Kind::Member => {
            let path = target.names.path(callee);
            let last = path.as_deref().map(|path| path.rsplit('.').next().unwrap_or(path).to_owned());
            Some(last.unwrap_or_else(|| target.module.text(callee, target.text).to_owned()))
        }
        _ => None,
    }
}

fn holds_around(
    patterns: &CodePatterns,
    target: Target<'_>,
    id: NodeId,
    bindings: &mut Bindings,
    accept: Accept<'_>,
) -> bool {
    let unlike = |list: &[Pattern], node: NodeId, bindings: &Bindings| {
        !list.iter().any(|pattern| pattern.matches(target, node, &mut bindings.clone(), accept))
    };
    unlike(&patterns.not, id, bindings)
        && target.module.ancestors(id).all(|node| unlike(&patterns.not_inside, node, bindings))
        && (patterns.inside.is_empty()
            || target
                .module
                .ancestors(id)
                .any(|node| patterns.inside.iter().any(|pattern| pattern.matches(target, node, bindings, accept))))
        && (patterns.absent.is_empty()
            || (0..target.module.len() as NodeId).all(|node| unlike(&patterns.absent, node, bindings)))
}

fn holds(condition: &Condition, binding: &Binding, target: Target<'_>) -> bool {
    let node = binding.node;
    let value = if binding.is_name { node } else { target.names.value(node) };
    // What stands for a text that was put together is looked at where that was done.
    let is_built_text = || value != node && condition.kind == Some(ValueKind::Built);
    let text = || match target.module.kind(value) {
        _ if binding.is_name => &target.text[binding.span.range()],
        Kind::Str => target.module.text(value, target.text),
        _ if is_built_text() => &target.text[target.module.node(value).span.range()],
        _ => &target.text[binding.span.range()],
    };
    let inside = |list: &[Pattern]| {
        [node, value].iter().any(|&from| {
            target
                .module
                .subtree(from)
                .any(|id| list.iter().any(|pattern| pattern.matches(target, id, &mut Bindings::default(), &|_| true)))
        })
    };
    condition.regex.as_ref().is_none_or(|regex| regex.is_match(text()))
        && condition.not_regex.as_ref().is_none_or(|regex| !regex.is_match(text()))
        && condition.kind.is_none_or(|kind| is_kind(kind, target, node))
        && !condition.not_kind.iter().any(|&kind| is_kind(kind, target, node))
        && (!condition.exponential || slow_text(target, node).is_some())
        && condition.less.is_none_or(|bound| number(target, value).is_some_and(|number| number < bound))
        && condition.bits.is_none_or(|bits| {
            number(target, value).is_some_and(|number| number >= 0.0 && number as u64 & bits == bits)
        })
        && (condition.has.is_empty() || inside(&condition.has))
        && (condition.not_has.is_empty() || !inside(&condition.not_has))
}

/// A text that takes exponential time for a regex.
fn slow_text(target: Target<'_>, node: NodeId) -> Option<String> {
    let (regex, mode) = regex_of(target, node)?;
    match regex.exponential(mode) {
        Verdict::Slow(cost) => Some(cost.text()),
        Verdict::Fast | Verdict::Unknown(_) => None,
    }
}

fn is_kind(kind: ValueKind, target: Target<'_>, id: NodeId) -> bool {
    let value = target.names.value(id);
    let actual = target.module.kind(value);
    match kind {
        ValueKind::String => actual == Kind::Str,
        ValueKind::Number => actual == Kind::Number,
        ValueKind::Boolean => matches!(actual, Kind::True | Kind::False),
        ValueKind::Constant => target.names.is_constant(id),
        ValueKind::Dynamic => !target.names.is_constant(id) && actual != Kind::Function,
        ValueKind::Built => is_built(target, value),
        ValueKind::Identifier => target.module.kind(id) == Kind::Name,
        ValueKind::Function => actual == Kind::Function,
    }
}

/// Whether a string is put together from constant text and something that is not constant.
fn is_built(target: Target<'_>, id: NodeId) -> bool {
    let module = target.module;
    let is_text = |&part: &NodeId| matches!(module.kind(target.names.value(part)), Kind::Str | Kind::Template);
    let is_open = |&part: &NodeId| !target.names.is_constant(part) && !is_counted(target, part);
    match module.kind(id) {
        Kind::Template | Kind::Concat => {
            let parts = module.children(id);
            let nested = parts
                .iter()
                .any(|&part| matches!(module.kind(part), Kind::Template | Kind::Concat) && is_built(target, part));
            nested || parts.iter().any(is_text) && parts.iter().any(is_open)
        }
        Kind::Binary => {
            let [left, right] = module.children(id) else { return false };
            module.text(id, target.text) == "%" && is_text(left) && is_open(right)
        }
        Kind::Call => {
            let Some((&callee, arguments)) = module.children(id).split_first() else { return false };
            let formats =
                module.kind(callee) == Kind::Member && matches!(module.text(callee, target.text), "format" | "concat");
            formats && module.children(callee).iter().any(is_text) && arguments.iter().any(is_open)
        }
        _ => false,
    }
}

/// Whether an expression gives a number, of which no part of a text can be made that it was not meant for:
/// `parseInt(port, 10)`, `len(rows)`, `rows.length`.
fn is_counted(target: Target<'_>, id: NodeId) -> bool {
    const NUMBERS: &[&str] = &["parseInt", "parseFloat", "Number", "int", "float", "len"];
    let module = target.module;
    let value = target.names.value(id);
    match module.kind(value) {
        Kind::Call => module.child(value, 0).is_some_and(|callee| {
            module.kind(callee) == Kind::Name && NUMBERS.contains(&module.text(callee, target.text))
        }),
        Kind::Member => module.text(value, target.text) == "length",
        _ => false,
    }
}

/// A number literal's value: decimal, hex, octal, binary, with `_`; also products of such.
fn number(target: Target<'_>, id: NodeId) -> Option<f64> {
    if target.module.kind(id) == Kind::Binary && target.module.text(id, target.text) == "*" {
        let parts = target.module.children(id).iter().map(|&part| number(target, target.names.value(part)));
        return parts.product::<Option<f64>>();
    }
    if !matches!(target.module.kind(id), Kind::Number | Kind::Str) {
        return None;
    }
    let text = target.module.text(id, target.text).replace('_', "").to_ascii_lowercase();
    let octal = text.len() > 1 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let radix =
        |prefix: &str, radix| text.strip_prefix(prefix).and_then(|digits| u64::from_str_radix(digits, radix).ok());
    let whole = radix("0x", 16)
        .or_else(|| radix("0o", 8))
        .or_else(|| radix("0b", 2))
        .or_else(|| if octal { radix("0", 8) } else { None });
    whole.map(|number| number as f64).or_else(|| text.parse().ok())
}

fn candidate(
    entry: &Entry<'_>,
    target: Target<'_>,
    id: NodeId,
    bindings: &Bindings,
    rules: &RuleSet,
) -> Option<Candidate> {
    let focus = entry.matcher.focus().and_then(|name| bindings.get(name)).map(|binding| binding.span);
    // Of several statements the last one makes the fault; the block around them begins anywhere.
    let last = || bindings.get(LAST).filter(|_| entry.pattern.is_list()).map(|binding| binding.span);
    let span = focus.or_else(last).unwrap_or_else(|| target.module.node(id).span);
    let mut candidate = Candidate::new(entry.rule, first_lines(target.text, span));
    if let Some(name) = entry.matcher.secret() {
        let node = bindings.get(name).map(|binding| target.names.value(binding.node))?;
        let contents = target.module.node(node).text;
        let literal = &target.text[contents.range()];
        if target.module.kind(node) != Kind::Str
            || literal.len() < 4
            || placeholder::is_placeholder(literal)
            || value::is_reference(literal)
        {
            return None;
        }
        candidate.secret = Some(contents);
    }
    let template = &rules.rules()[entry.rule].message;
    if template.contains('$') {
        let slow = entry.patterns.conditions.iter().find(|(_, condition)| condition.exponential);
        let slow = slow.and_then(|(name, _)| slow_text(target, bindings.get(name)?.node));
        candidate.message = Some(interpolate(template, target, bindings, entry.matcher.secret(), slow.as_deref()));
    }
    Some(candidate)
}

/// A match of many lines (a class, a function, a whole block) is shown by its first line, since
/// code review shows only findings all of whose lines were changed.
fn first_lines(text: &str, span: Span) -> Span {
    const MAX_LINES: usize = 10;
    let source = &text[span.range()];
    match source.match_indices('\n').nth(MAX_LINES) {
        Some(_) => Span::new(span.start as usize, span.start as usize + source.find('\n').unwrap_or(source.len())),
        None => span,
    }
}

/// Puts what metavariables stand for into a message. String contents never are: they may be secret.
/// What makes a regex slow is told in full.
fn interpolate(
    template: &str,
    target: Target<'_>,
    bindings: &Bindings,
    secret: Option<&str>,
    slow: Option<&str>,
) -> String {
    const LONGEST: usize = 60;
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let end = after
            .find(|next: char| !(next.is_ascii_uppercase() || next.is_ascii_digit() || next == '_'))
            .unwrap_or(after.len());
        let name = &after[..end];
        match bindings.get(name) {
            Some(binding) if Some(name) != secret => {
                let source = &target.text[binding.span.range()];
                let plain = !source.contains(['"', '\'', '`', '\n']);
                let short: String = source.chars().take(LONGEST).collect();
                out.push_str(if plain { &short } else { "…" });
            }
            None if name == "EVIL" => out.push_str(slow.unwrap_or("…")),
            _ => out.push('…'),
        }
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}
