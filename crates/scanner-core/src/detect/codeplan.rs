//! What code rules need of a file, arranged from rules as they are written: for the built-in ones that is
//! done when the program is built.

use super::prefilter::Prefilter;
use crate::language::Family;
use crate::pattern::literal::{Literal, Stands};
use crate::rule::required::required;
use crate::rule::shape::MIN_KEYWORD;
use crate::rule::syntax::CodeSyntax;
use std::borrow::Cow;
use std::collections::HashMap;

/// The code rules of one language family, by what they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePlan {
    /// Finds the needed literals that are long enough.
    pub prefilter: Prefilter,
    /// Ways to match: first those that need no literal long enough to be searched, then by literal of the
    /// prefilter those for which it is the longest needed.
    pub alternatives: Cow<'static, [Alternative]>,
    /// Where the first of these end, then where those of each literal do.
    pub ends: Cow<'static, [u32]>,
    /// What is needed.
    pub needs: Cow<'static, [Need]>,
}

/// A literal that a file must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The literal.
    pub text: Cow<'static, str>,
    /// How it stands there.
    pub stands: Stands,
    /// Which literal of the prefilter it is, if it is long enough.
    pub searched: Option<u32>,
}

/// One way for a rule to match, by what is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// The rule, by its place in the list of those that run.
    pub rule: u32,
    /// All of these are needed.
    pub all: Cow<'static, [u32]>,
    /// Of each list one.
    pub any: Cow<'static, [Cow<'static, [u32]>]>,
}

impl Alternative {
    /// Whether all is there that it needs.
    pub fn holds(&self, is_there: &mut impl FnMut(u32) -> bool) -> bool {
        self.all.iter().all(|&need| is_there(need))
            && self.any.iter().all(|list| list.iter().any(|&need| is_there(need)))
    }
}

/// Collects literals and gives them numbers.
#[derive(Default)]
struct Collected {
    ids: HashMap<Literal, u32>,
    needs: Vec<Need>,
    searched: HashMap<String, u32>,
    list: Vec<String>,
}

impl Collected {
    fn id(&mut self, literal: Literal) -> u32 {
        if let Some(&id) = self.ids.get(&literal) {
            return id;
        }
        let folded = literal.text.to_ascii_lowercase();
        let searched = (folded.len() >= MIN_KEYWORD).then(|| {
            *self.searched.entry(folded).or_insert_with_key(|folded| {
                self.list.push(folded.clone());
                self.list.len() as u32 - 1
            })
        });
        let id = self.needs.len() as u32;
        self.needs.push(Need { text: literal.text.clone().into(), stands: literal.stands, searched });
        self.ids.insert(literal, id);
        id
    }

    fn ids(&mut self, literals: Vec<Literal>) -> Cow<'static, [u32]> {
        literals.into_iter().map(|literal| self.id(literal)).collect()
    }
}

impl CodePlan {
    /// Arranges the rules of a family.
    pub fn of<'r>(family: Family, rules: impl Iterator<Item = (usize, &'r CodeSyntax)>) -> CodePlan {
        let mut collected = Collected::default();
        let mut alternatives = Vec::new();
        for (rule, syntax) in rules {
            for needed in required(syntax, family) {
                let all = collected.ids(needed.all);
                let any = needed.any.into_iter().map(|list| collected.ids(list)).collect();
                alternatives.push(Alternative { rule: rule as u32, all, any });
            }
        }
        let Collected { needs, list, .. } = collected;
        // 0: none, then by literal.
        let called_by = |alternative: &Alternative| {
            let searched = alternative.all.iter().filter_map(|&id| needs[id as usize].searched);
            searched.max_by_key(|&literal| list[literal as usize].len()).map_or(0, |literal| literal as usize + 1)
        };
        alternatives.sort_by_key(called_by);
        let mut ends = vec![0; list.len() + 1];
        alternatives.iter().for_each(|alternative| ends[called_by(alternative)] += 1);
        (1..ends.len()).for_each(|at| ends[at] += ends[at - 1]);
        CodePlan {
            prefilter: Prefilter::new(list.iter().map(String::as_bytes)),
            alternatives: alternatives.into(),
            ends: ends.into(),
            needs: needs.into(),
        }
    }

    /// Ways to match that no literal calls for.
    pub fn always(&self) -> &[Alternative] {
        &self.alternatives[..self.ends[0] as usize]
    }

    /// Ways to match that a literal of the prefilter calls for.
    pub fn called_by(&self, literal: usize) -> &[Alternative] {
        &self.alternatives[self.ends[literal] as usize..self.ends[literal + 1] as usize]
    }
}
