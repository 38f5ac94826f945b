//! Which code rules could match in a file, told without parsing it: each pattern names words that
//! the file must hold. One pass finds which of them occur at all; how those stand is looked at
//! only for rules of which everything occurs.

use super::codeplan::{CodePlan, Need};
use crate::pattern::literal::Stands;
use crate::regex_cost;

impl CodePlan {
    /// The rules that could match in `text`, ascending.
    pub fn active(&self, text: &str) -> Vec<usize> {
        let mut seen = vec![false; self.prefilter.ends.len()];
        self.prefilter.scan(text.as_bytes(), |literal, _| seen[literal] = true);
        let occurs = |id: u32| self.needs[id as usize].searched.is_none_or(|literal| seen[literal as usize]);
        let mut known: Vec<Option<bool>> = vec![None; self.needs.len()];
        let mut active = Vec::new();
        let called = (0..seen.len()).filter(|&literal| seen[literal]).flat_map(|literal| self.called_by(literal));
        for alternative in self.always().iter().chain(called) {
            if active.last() == Some(&(alternative.rule as usize)) {
                continue;
            }
            // Cheap first: whether everything occurs at all.
            if !alternative.holds(&mut |id| occurs(id)) {
                continue;
            }
            let mut stands = |id: u32| {
                let need = &self.needs[id as usize];
                occurs(id) && *known[id as usize].get_or_insert_with(|| stands_in(text.as_bytes(), need))
            };
            if alternative.holds(&mut stands) {
                active.push(alternative.rule as usize);
            }
        }
        active.sort_unstable();
        active.dedup();
        active
    }
}

/// Whether `text` holds a literal that was found in it, in the way it is needed.
fn stands_in(text: &[u8], literal: &Need) -> bool {
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

/// Whether `=` follows, or it is a key of a dictionary that may be given as arguments.
fn is_given(after: &[u8]) -> bool {
    let rest = after.trim_ascii_start();
    matches!(rest, [b'=', next, ..] if *next != b'=')
        || matches!(rest, [b'"' | b'\'', b':', ..])
        || matches!(rest.first(), Some(b'\\' | b'#'))
        || after[..after.len() - rest.len()].contains(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_words_stand() {
        let stands =
            |how, text: &str| stands_in(text.as_bytes(), &Need { text: "find".into(), stands: how, searched: None });
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
        assert!(stands(Stands::Keyword, "f(**{\"find\": 1})"));
        assert!(!stands(Stands::Keyword, "find == 1 and find(x)"));
    }
}
