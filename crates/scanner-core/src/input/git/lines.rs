//! Lines that a file's new content adds to earlier ones, and how alike two contents are.

use crate::change::Added;
use crate::decode::{Decoded, decode};
use crate::span::LineIndex;
use imara_diff::{Algorithm, Diff, InternedInput, TokenSource};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// The lines of `new` that none of `olds` has at their place: what a change of one parent adds, and what
/// a merge has from neither side. `None` where lines cannot be told: a binary file.
pub(super) fn added(new: &[u8], olds: &[Vec<u8>], sniff: usize) -> Option<Vec<Range<u32>>> {
    let new = text(new, sniff)?;
    let new_lines = Lines::new(&new);
    let mut counts = vec![0; new_lines.0.len()];
    for old in olds {
        let old = text(old, sniff)?;
        let input = InternedInput::new(Lines::new(&old), Lines(new_lines.0.clone()));
        let diff = Diff::compute(Algorithm::Histogram, &input);
        for hunk in diff.hunks() {
            counts[hunk.after.start as usize..hunk.after.end as usize].iter_mut().for_each(|count| *count += 1);
        }
    }
    let mut runs: Vec<Range<u32>> = Vec::new();
    for line in (0..counts.len()).filter(|&line| counts[line] == olds.len()).map(|line| line as u32 + 1) {
        match runs.last_mut() {
            Some(run) if run.end == line => run.end = line + 1,
            _ => runs.push(line..line + 1),
        }
    }
    Some(runs)
}

/// What is said of a file whose earlier contents are `olds`.
pub(super) fn change(new: &[u8], olds: &[Vec<u8>], new_name: bool, sniff: usize) -> Added {
    if olds.is_empty() {
        return Added::whole();
    }
    Added { new_name, lines: added(new, olds, sniff) }
}

/// How much of the larger of two texts stands in both, in percent, by lines in any order.
pub(super) fn likeness(one: &[u8], other: &[u8]) -> usize {
    let larger = one.len().max(other.len());
    if larger == 0 || one.len().min(other.len()) * 2 < larger {
        return 0;
    }
    let mut lines: HashMap<&[u8], usize> = HashMap::new();
    for line in one.split_inclusive(|&byte| byte == b'\n') {
        *lines.entry(line).or_default() += 1;
    }
    let mut common = 0;
    for line in other.split_inclusive(|&byte| byte == b'\n') {
        if let Some(count) = lines.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            common += line.len();
        }
    }
    common * 100 / larger
}

fn text(bytes: &[u8], sniff: usize) -> Option<Cow<'_, str>> {
    match decode(bytes, sniff) {
        Decoded::Text(text) => Some(text),
        Decoded::Binary => None,
    }
}

/// Lines as reports count them. How they end does not count: a file saved with other line ends adds
/// no secret.
struct Lines<'t>(Vec<&'t str>);

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Lines<'t> {
        let index = LineIndex::new(text);
        Lines((1..=index.count()).map(|line| &text[index.line_span(text, line).range()]).collect())
    }
}

impl<'t> TokenSource for Lines<'t> {
    type Token = &'t str;
    type Tokenizer = std::vec::IntoIter<&'t str>;

    fn tokenize(&self) -> Self::Tokenizer {
        self.0.clone().into_iter()
    }

    fn estimate_tokens(&self) -> u32 {
        self.0.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(new: &str, olds: &[&str]) -> Option<Vec<(u32, u32)>> {
        let olds: Vec<Vec<u8>> = olds.iter().map(|old| old.as_bytes().to_vec()).collect();
        let runs = added(new.as_bytes(), &olds, 8000)?;
        Some(runs.into_iter().map(|run| (run.start, run.end)).collect())
    }

    #[test]
    fn added_lines_are_those_that_no_parent_has() {
        assert_eq!(runs("a\nx\nb\n", &["a\nb\n"]), Some(vec![(2, 3)]));
        assert_eq!(runs("a\nb\n", &["a\nx\nb\n"]), Some(vec![]));
        assert_eq!(runs("a\nx\ny\nb\nz\n", &["a\nx\nb\n", "a\ny\nb\n"]), Some(vec![(5, 6)]));
        assert_eq!(runs("a\r\nb\r\nc", &["a\nb\n"]), Some(vec![(3, 4)]), "line ends do not count");
        assert_eq!(runs("a\0b", &["a"]), None);
    }

    #[test]
    fn likeness_counts_lines_wherever_they_stand() {
        assert_eq!(likeness(b"a\nb\nc\nd\n", b"d\nc\nb\na\n"), 100);
        assert_eq!(likeness(b"a\nb\nc\nd\n", b"a\nb\nx\ny\n"), 50);
        assert_eq!(likeness(b"", b""), 0);
    }
}
