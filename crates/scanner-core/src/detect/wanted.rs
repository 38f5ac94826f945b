//! What the pair rules think of a name, kept over files: names come again and again, and most of them no rule
//! wants.

use super::index::Index;
use crate::rule::{Matcher, PairMatcher, RuleSet, words};
use foldhash::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Names that are kept: more than the programs of one project have, in some megabytes at the most. Later ones
/// are asked for in each file anew.
const MOST: usize = 1 << 14;

/// What the rules think of a name.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// The pair rules that want it, in files that they look at.
    pub rules: Box<[usize]>,
    /// Whether a call of this name gives a value to something.
    pub setter: bool,
}

/// Names of all files.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: RwLock<HashMap<Box<str>, Wanted>>,
}

impl Names {
    /// For one file, which asks without waiting for others; what is new in it is kept at its end.
    pub(super) fn asked<'n>(&'n self, rules: &'n RuleSet, index: &'n Index) -> Asked<'n> {
        // A poisoned lock means that another thread panicked before it added a name; the map is whole.
        let known = Some(self.known.read().unwrap_or_else(PoisonError::into_inner));
        Asked { names: self, known, new: HashMap::default(), rules, index }
    }
}

/// Names as one file asks for them.
pub(super) struct Asked<'n> {
    names: &'n Names,
    /// There until the end.
    known: Option<RwLockReadGuard<'n, HashMap<Box<str>, Wanted>>>,
    new: HashMap<Box<str>, Wanted>,
    rules: &'n RuleSet,
    index: &'n Index,
}

impl Asked<'_> {
    /// What the rules think of a name.
    pub(super) fn wanted(&mut self, name: &str) -> &Wanted {
        if let Some(wanted) = self.known.as_ref().and_then(|known| known.get(name)) {
            return wanted;
        }
        if !self.new.contains_key(name) {
            self.new.insert(name.into(), wanted(name, self.rules, self.index));
        }
        &self.new[name]
    }
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        let room = MOST.saturating_sub(self.known.take().map_or(0, |known| known.len()));
        if room > 0 && !self.new.is_empty() {
            let mut known = self.names.known.write().unwrap_or_else(PoisonError::into_inner);
            known.extend(self.new.drain().take(room));
        }
    }
}

fn wanted(name: &str, rules: &RuleSet, index: &Index) -> Wanted {
    let words = words::split(name);
    let fits = |rule: &usize| matcher(rules, *rule).is_some_and(|matcher| matcher.fits_name(&words));
    Wanted { rules: index.pairs(&words, rules).into_iter().filter(fits).collect(), setter: is_setter(&words) }
}

/// A pair rule.
pub(super) fn matcher(rules: &RuleSet, rule: usize) -> Option<&PairMatcher> {
    match &rules.rules()[rule].matcher {
        Matcher::Pair(matcher) => Some(matcher),
        _ => None,
    }
}

/// Whether a call of this name gives a value to something (`setPassword`, `.password(`, `putEnv`)
/// instead of testing or transforming one (`checkPassword`, `shouldPass`, `t.pass(`).
fn is_setter(name: &[String]) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const OTHERS: &[&str] = &[
        "should", "assert", "is", "has", "check", "validate", "verify", "test", "parse", "hash", "encrypt",
        "decrypt", "compare", "pass", "expect", "get", "find", "read", "load", "print", "log", "throw", "raise",
        "require", "match", "tokenize", "translate", "split", "join", "format", "generate", "gen", "random",
        "mask", "sanitize", "strip", "escape", "quote", "replace", "trim", "compute", "derive", "valid",
        "ensure", "ask", "prompt", "reset", "forgot", "on", "handle", "render", "count", "authenticate",
        "expects", "contains", "starts", "type", "fill",
    ];
    name.first().is_some_and(|first| !OTHERS.contains(&first.as_str()))
}
