//! What a file must hold for a code rule to match in it.

use super::needed::{self, Words};
use super::syntax::{CodeSyntax, ConditionSyntax};
use crate::language::Family;
use crate::pattern::literal::{Literal, Stands, required_literals};

/// One way for a rule to match, by what a file must hold for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// All of these.
    pub all: Vec<Literal>,
    /// Of each list one.
    pub any: Vec<Vec<Literal>>,
}

/// What a file must hold for the rule to match: alternatives, of which one must hold.
pub fn required(syntax: &CodeSyntax, family: Family) -> Vec<Alternative> {
    let literals = |source: &String| required_literals(family, source);
    // Of patterns of which one must match, some literal of any of them.
    let one_of = |sources: &[String]| -> Option<Vec<Literal>> {
        sources.iter().map(|source| literals(source).into_iter().max_by_key(|literal| literal.text.len())).collect()
    };
    let anywhere = |text: &String| Literal { text: text.to_lowercase(), stands: Stands::Anywhere };
    let whole = |text: &String| Literal { text: text.clone(), stands: Stands::Word };
    let keywords: Vec<Literal> = syntax.keywords.iter().map(anywhere).collect();
    let inside = one_of(&syntax.inside);
    let condition = |condition: &ConditionSyntax| -> Vec<Vec<Literal>> {
        let regex = match condition.regex.as_deref().and_then(needed::words) {
            Some(Words::Whole(texts)) => vec![texts.iter().map(whole).collect()],
            Some(Words::Parts(lists)) => lists.iter().map(|list| list.iter().map(anywhere).collect()).collect(),
            None => Vec::new(),
        };
        let repeated = Literal { text: ")".into(), stands: Stands::RepeatedGroup };
        let repeated = condition.exponential.then(|| vec![repeated]);
        one_of(&condition.has).into_iter().chain(regex).chain(repeated).collect()
    };
    let conditions: Vec<(&String, Vec<Vec<Literal>>)> =
        syntax.conditions.iter().map(|(name, syntax)| (name, condition(syntax))).collect();
    let alternative = |source: &String| {
        // Conditions are asked where their metavariable is bound.
        let conditions = conditions.iter().filter(|(name, _)| mentions(source, name));
        let conditions = conditions.flat_map(|(_, lists)| lists.iter().cloned());
        let further = conditions.chain(inside.clone()).chain([keywords.clone()]);
        Alternative { all: literals(source), any: further.filter(|list| !list.is_empty()).collect() }
    };
    syntax.any.iter().map(alternative).collect()
}

/// Whether a pattern holds a metavariable.
fn mentions(source: &str, name: &str) -> bool {
    source.match_indices(name).any(|(at, _)| {
        let next = source[at + name.len()..].chars().next();
        !next.is_some_and(|next| next.is_ascii_uppercase() || next.is_ascii_digit() || next == '_')
    })
}
