//! Which literal means which rule: asked for every document.

use super::codeplan::CodePlan;
use super::plan::{Plan, Shares, Use};
use super::wanted::Names;
use crate::language::Family;
use crate::rule::code::CodeMatcher;
use crate::rule::syntax::Kind;
use crate::rule::{Matcher, RuleSet};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The rules of a set, arranged for detection.
#[derive(Debug)]
pub struct Index {
    /// What calls for them.
    pub plan: Plan,
    /// Code rules by language family, arranged when a file of it is first seen.
    code: [OnceLock<CodePlan>; 2],
    /// Pair rules by one word of each name that they want.
    pairs: OnceLock<HashMap<String, Vec<usize>>>,
    /// What pair rules think of the names that were met.
    pub(super) names_known: Names,
}

mod embedded {
    //! The plans of the built-in rules that run where nothing else is asked for.

    use crate::detect::codeplan::{Alternative, CodePlan, Need};
    use crate::detect::plan::{Plan, Use};
    use crate::detect::prefilter::{Entry, Prefilter};
    use crate::pattern::literal::Stands;
    use crate::rule::name::{Bigrams, NameGlob, NameIndex, Named};
    use std::borrow::Cow::Borrowed;

    // `plan()`, `javascript_plan()` and `python_plan()`.
    include!(concat!(env!("OUT_DIR"), "/plan.rs"));
}

impl Index {
    /// Arranges the rules.
    pub fn new(rules: &RuleSet) -> Index {
        let plan = match rules.rules().is_default() {
            true => embedded::plan(),
            false => Plan::of(&rules.rules().written()).expect("rules are checked when they are loaded"),
        };
        let code = [OnceLock::new(), OnceLock::new()];
        Index { plan, code, pairs: OnceLock::new(), names_known: Names::default() }
    }

    /// The pair rules that a name of these words may fit, each once, ascending.
    pub fn pairs(&self, words: &[String], rules: &RuleSet) -> Vec<usize> {
        let by_word = self.pairs.get_or_init(|| pairs_by_word(rules));
        let mut rules: Vec<usize> = words.iter().filter_map(|word| by_word.get(word)).flatten().copied().collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The code rules of a family, by the words that they need.
    pub fn code(&self, family: Family, rules: &RuleSet) -> &CodePlan {
        self.code[family as usize].get_or_init(|| match rules.rules().is_default() {
            true if family == Family::Python => embedded::python_plan(),
            true => embedded::javascript_plan(),
            false => code_plan(family, rules),
        })
    }

    /// Bytes of a literal.
    pub fn literal_len(&self, literal: usize) -> usize {
        self.plan.prefilter.literal(literal).len()
    }

    /// What a literal means.
    pub fn uses(&self, literal: usize) -> &[Use] {
        self.plan.uses(literal)
    }
}

fn code_plan(family: Family, rules: &RuleSet) -> CodePlan {
    CodePlan::of(family, code_rules(family, rules).map(|(rule, code)| (rule, code.syntax())))
}

/// The code rules of a family.
pub fn code_rules(family: Family, rules: &RuleSet) -> impl Iterator<Item = (usize, &CodeMatcher)> {
    rules.rules().of_kind(Kind::Code).filter_map(move |(rule, entry)| match &entry.matcher {
        Matcher::Code(code) if code.families().contains(&family) => Some((rule, &**code)),
        _ => None,
    })
}

/// Arranges the pair rules by one word of each name that they want.
fn pairs_by_word(rules: &RuleSet) -> HashMap<String, Vec<usize>> {
    let pairs = rules.rules().of_kind(Kind::Pair).filter_map(|(rule, entry)| match &entry.matcher {
        Matcher::Pair(pair) => Some((rule, &pair.names)),
        _ => None,
    });
    let names: Vec<(usize, &Vec<String>)> =
        pairs.flat_map(|(rule, names)| names.iter().map(move |words| (rule, words))).collect();
    let shares = Shares::of(names.iter().map(|(_, words)| Vec::clone(words)));
    let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
    for (rule, words) in names {
        let telling = shares.telling(words).expect("the loader refuses names without a word");
        by_word.entry(telling.clone()).or_default().push(rule);
    }
    by_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_arranged_when_built_is_what_would_be_now() {
        let rules = RuleSet::builtin();
        let plan = Plan::of(&rules.rules().written()).expect("the built-in rules are valid");
        assert!(embedded::plan() == plan);
        for (family, built) in
            [(Family::JavaScript, embedded::javascript_plan()), (Family::Python, embedded::python_plan())]
        {
            assert!(built == code_plan(family, &rules), "{family:?}");
        }
    }
}
