//! Which code rules could match in a file, told without parsing it: each pattern names words that
//! the file must hold. One pass finds which of them occur at all; how those stand is looked at
//! only for rules of which everything occurs.

use super::prefilter::Prefilter;
use crate::language::Family;
use crate::pattern::{Literal, Stands};
use crate::regex_cost;
use crate::rule::code::CodeMatcher;
use crate::rule::shape::MIN_KEYWORD;
use std::collections::HashMap;

/// One way for a rule to match, by literals of [`CodeIndex`].
#[derive(Debug)]
struct Alternative {
    rule: usize,
    /// All of these are needed.
    all: Vec<usize>,
    /// Of each list one.
    any: Vec<Vec<usize>>,
}

/// The code rules of one language family, by what they need.
#[derive(Debug)]
pub struct CodeIndex {
    prefilter: Prefilter,
    /// By literal of the prefilter: the alternatives for which it is the longest needed.
    called: Vec<Vec<Alternative>>,
    /// Alternatives that need no literal long enough to be searched.
    always: Vec<Alternative>,
    /// What is needed, and which literal of the prefilter that is, if it is long enough.
    needs: Vec<(Literal, Option<usize>)>,
}

/// Collects literals and gives them numbers.
#[derive(Default)]
struct Collected {
    ids: HashMap<Literal, usize>,
    needs: Vec<(Literal, Option<usize>)>,
    searched: HashMap<String, usize>,
    list: Vec<String>,
}

impl Collected {
    fn id(&mut self, literal: Literal) -> usize {
        if let Some(&id) = self.ids.get(&literal) {
            return id;
        }
        let folded = literal.text.to_ascii_lowercase();
        let searched = (folded.len() >= MIN_KEYWORD).then(|| {
            *self.searched.entry(folded).or_insert_with_key(|folded| {
                self.list.push(folded.clone());
                self.list.len() - 1
            })
        });
        self.needs.push((literal.clone(), searched));
        self.ids.insert(literal, self.needs.len() - 1);
        self.needs.len() - 1
    }
}

impl CodeIndex {
    /// Arranges rules.
    pub fn new<'r>(family: Family, rules: impl Iterator<Item = (usize, &'r CodeMatcher)>) -> CodeIndex {
        let mut collected = Collected::default();
        let mut alternatives = Vec::new();
        for (rule, matcher) in rules {
            for needed in matcher.required(family) {
                let all = needed.all.into_iter().map(|literal| collected.id(literal)).collect();
                let mut ids = |list: Vec<Literal>| list.into_iter().map(|literal| collected.id(literal)).collect();
                let any = needed.any.into_iter().map(&mut ids).collect();
                alternatives.push(Alternative { rule, all, any });
            }
        }
        let Collected { needs, list, .. } = collected;
        let mut index = CodeIndex {
            prefilter: Prefilter::new(list.iter().map(String::as_bytes)),
            called: list.iter().map(|_| Vec::new()).collect(),
            always: Vec::new(),
            needs,
        };
        for alternative in alternatives {
            let searched = alternative.all.iter().filter_map(|&id| index.needs[id].1);
            match searched.max_by_key(|&literal| list[literal].len()) {
                Some(literal) => index.called[literal].push(alternative),
                None => index.always.push(alternative),
            }
        }
        index
    }

    /// The rules that could match in `text`, ascending.
    pub fn active(&self, text: &str) -> Vec<usize> {
        let mut seen = vec![false; self.called.len()];
        self.prefilter.scan(text.as_bytes(), |literal, _| seen[literal] = true);
        let mut known: Vec<Option<bool>> = vec![None; self.needs.len()];
        let mut active = Vec::new();
        let called = self.called.iter().zip(&seen).filter(|(_, seen)| **seen).flat_map(|(called, _)| called);
        for alternative in self.always.iter().chain(called) {
            if active.last() == Some(&alternative.rule) {
                continue;
            }
            // Cheap first: whether everything occurs at all.
            let occurs = |&id: &usize| self.needs[id].1.is_none_or(|literal| seen[literal]);
            if !alternative.all.iter().all(occurs) || !alternative.any.iter().all(|list| list.iter().any(occurs)) {
                continue;
            }
            let mut holds = |&id: &usize| {
                let (literal, searched) = &self.needs[id];
                searched.is_none_or(|literal| seen[literal])
                    && *known[id].get_or_insert_with(|| stands_in(text.as_bytes(), literal))
            };
            if alternative.all.iter().all(&mut holds) && alternative.any.iter().all(|list| list.iter().any(&mut holds))
            {
                active.push(alternative.rule);
            }
        }
        active.sort_unstable();
        active.dedup();
        active
    }
}

/// Whether `text` holds a literal that was found in it, in the way it is needed.
fn stands_in(text: &[u8], literal: &Literal) -> bool {
    if literal.stands == Stands::Anywhere || literal.text.is_empty() {
        return true;
    }
    if literal.stands == Stands::RepeatedGroup {
        return regex_cost::repeats_a_group(text);
    }
    let word = literal.text.as_bytes();
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    memchr::memmem::find_iter(text, word).any(|at| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        let joined_before = is_word(word.first()) && is_word(before.last());
        let joined_after = is_word(word.last()) && is_word(after.first());
        !joined_before
            && !joined_after
            && match literal.stands {
                Stands::Anywhere | Stands::Word => true,
                Stands::Free => before.trim_ascii_end().last() != Some(&b'.'),
                Stands::Member => follows_dot(before),
                Stands::Method => follows_dot(before) && is_called(after),
                Stands::Keyword => is_given(after),
                Stands::RepeatedGroup => true,
            }
    })
}

/// Whether a dot stands before, or something that it may hide behind: a comment, a line's end.
fn follows_dot(before: &[u8]) -> bool {
    let trimmed = before.trim_ascii_end();
    matches!(trimmed.last(), Some(b'.' | b'/')) || before[trimmed.len()..].contains(&b'\n')
}

/// Whether arguments follow: also after type arguments, a cast, an optional call, a template.
fn is_called(after: &[u8]) -> bool {
    let rest = after.trim_ascii_start();
    matches!(rest.first(), Some(b'(' | b'`' | b'<' | b'?' | b'!' | b')' | b'\\' | b'#' | b'/'))
        || after[..after.len() - rest.len()].contains(&b'\n')
        || [&b"as "[..], b"satisfies "].iter().any(|cast| rest.starts_with(cast))
}

/// Whether `=` follows.
fn is_given(after: &[u8]) -> bool {
    let rest = after.trim_ascii_start();
    matches!(rest, [b'=', next, ..] if *next != b'=')
        || matches!(rest.first(), Some(b'\\' | b'#'))
        || after[..after.len() - rest.len()].contains(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_words_stand() {
        let stands = |how, text: &str| stands_in(text.as_bytes(), &Literal { text: "find".into(), stands: how });
        assert!(stands(Stands::Word, "a find b") && !stands(Stands::Word, "refind finds"));
        assert!(stands(Stands::Free, "find(x)") && !stands(Stands::Free, "x.find(y) x . find"));
        for text in ["x.find", "x?.find", "x.\n  find", "x /* . */ ./* */find"] {
            assert!(stands(Stands::Member, text), "{text}");
        }
        assert!(!stands(Stands::Member, "find(x.y)"));
        for text in ["x.find(y)", "x.find (y)", "x.find<T>(y)", "x.find?.(y)", "(x.find as any)(y)", "x\n.find\n(y)"] {
            assert!(stands(Stands::Method, text), "{text}");
        }
        assert!(!stands(Stands::Method, "x.find = y; find(x.y)"));
        assert!(stands(Stands::Keyword, "f(find=1)") && stands(Stands::Keyword, "f(find = 1)"));
        assert!(!stands(Stands::Keyword, "find == 1 and find(x)"));
    }
}
