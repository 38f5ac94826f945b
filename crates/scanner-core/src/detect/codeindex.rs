//! Which code rules could match in a file, told without parsing it: each pattern names words that
//! the file must hold. The rarest of them is searched for; the others are looked up only then.

use super::prefilter::Prefilter;
use crate::rule::code::{CodeMatcher, Need};
use crate::rule::shape::MIN_KEYWORD;
use std::collections::HashMap;

/// One way for a rule to match: all of these words are needed.
#[derive(Debug)]
struct Alternative {
    rule: usize,
    needs: Vec<usize>,
}

/// The code rules of one language family, by the words that they need.
#[derive(Debug)]
pub struct CodeIndex {
    prefilter: Prefilter,
    /// By literal of the prefilter: the alternatives that it calls for.
    called: Vec<Vec<Alternative>>,
    /// Rules with an alternative that needs no word.
    always: Vec<usize>,
    words: Vec<Need>,
}

impl CodeIndex {
    /// Arranges rules.
    pub fn new<'r>(rules: impl Iterator<Item = (usize, &'r CodeMatcher)>) -> CodeIndex {
        let mut index =
            CodeIndex { prefilter: Prefilter::new([]), called: Vec::new(), always: Vec::new(), words: Vec::new() };
        let mut ids: HashMap<Need, usize> = HashMap::new();
        let mut literals: HashMap<String, usize> = HashMap::new();
        let mut list: Vec<String> = Vec::new();
        for (rule, matcher) in rules {
            for mut needs in matcher.required() {
                needs.retain(|need| need.text.len() >= MIN_KEYWORD);
                let Some(rarest) = needs.iter().max_by_key(|need| need.text.len()).map(|need| need.text.to_lowercase())
                else {
                    index.always.push(rule);
                    continue;
                };
                let literal = *literals.entry(rarest.clone()).or_insert_with(|| {
                    list.push(rarest);
                    index.called.push(Vec::new());
                    list.len() - 1
                });
                let words = &mut index.words;
                let needs = needs.into_iter().map(|need| {
                    *ids.entry(need).or_insert_with_key(|need| {
                        words.push(need.clone());
                        words.len() - 1
                    })
                });
                index.called[literal].push(Alternative { rule, needs: needs.collect() });
            }
        }
        index.prefilter = Prefilter::new(list.iter().map(String::as_bytes));
        index
    }

    /// The rules that could match in `text`, ascending.
    pub fn active(&self, text: &str) -> Vec<usize> {
        if self.called.is_empty() {
            return self.always.clone();
        }
        let mut seen = vec![false; self.called.len()];
        self.prefilter.scan(text.as_bytes(), |literal, _| seen[literal] = true);
        let mut known: Vec<Option<bool>> = vec![None; self.words.len()];
        let mut active = self.always.clone();
        for alternative in self.called.iter().zip(&seen).filter(|(_, seen)| **seen).flat_map(|(called, _)| called) {
            if active.last() == Some(&alternative.rule) {
                continue;
            }
            let mut holds = |word: usize| *known[word].get_or_insert_with(|| holds_word(text, &self.words[word]));
            if alternative.needs.iter().all(|&word| holds(word)) {
                active.push(alternative.rule);
            }
        }
        active.sort_unstable();
        active.dedup();
        active
    }
}

/// Whether `text` holds what a rule needs.
fn holds_word(text: &str, need: &Need) -> bool {
    if !need.whole {
        return memchr::memmem::find(text.to_ascii_lowercase().as_bytes(), need.text.to_ascii_lowercase().as_bytes())
            .is_some();
    }
    let (bytes, word) = (text.as_bytes(), need.text.as_bytes());
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    memchr::memmem::find_iter(bytes, word).any(|at| {
        let joined_before = is_word(word.first()) && is_word(at.checked_sub(1).and_then(|before| bytes.get(before)));
        let joined_after = is_word(word.last()) && is_word(bytes.get(at + word.len()));
        !joined_before && !joined_after
    })
}
