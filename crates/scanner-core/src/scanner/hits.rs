//! Where in a text which rules have something to look at.

use super::Scanner;
use crate::detect::pair;
use crate::detect::plan::Use;
use std::ops::Range;

/// Hits of one kind in a text that are made room for at once.
const MANY_HITS: usize = 64;

/// Where which rules have something to look at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hits {
    /// Rule, shape, alternative, place of the literal.
    pub(super) shapes: Vec<(usize, usize, usize, usize)>,
    /// Rule, place and length of the word, sorted.
    pub(crate) near: Vec<(usize, usize, usize)>,
    /// Rule and place of the keyword, sorted.
    pub(crate) regexes: Vec<(usize, usize)>,
    /// Name rules that the path fits, where they were asked for.
    pub(crate) names: Vec<usize>,
    pub(super) pairs: pair::Hits,
    pub(super) suppressions: Vec<usize>,
}

impl Scanner {
    /// Searches every rule's literals.
    pub(super) fn hits(&self, text: &str) -> Hits {
        self.hits_in(text, std::slice::from_ref(&(0..text.len())))
    }

    /// Searches every rule's literals in parts of a text.
    pub(super) fn hits_in(&self, text: &str, parts: &[Range<usize>]) -> Hits {
        // Most files hold some: lists that grow from nothing would be copied again and again.
        let mut hits = Hits { shapes: Vec::with_capacity(MANY_HITS), ..Hits::default() };
        hits.pairs.words.reserve(MANY_HITS);
        for part in parts {
            self.search(&text.as_bytes()[part.clone()], part.start, &mut hits);
        }
        hits.pairs.words.sort_unstable();
        hits.pairs.places.sort_unstable();
        hits.suppressions.sort_unstable();
        hits.near.sort_unstable();
        hits.regexes.sort_unstable();
        hits
    }

    /// Adds the literals of a part that starts at `start`.
    fn search(&self, part: &[u8], start: usize, hits: &mut Hits) {
        let mut on_hit = |literal: usize, at: usize| {
            let at = start + at;
            for &what in self.index.uses(literal) {
                match what {
                    Use::Shape { rule, shape, sequence } => {
                        hits.shapes.push((rule as usize, usize::from(shape), usize::from(sequence), at));
                    }
                    Use::Near { rule } => hits.near.push((rule as usize, at, self.index.literal_len(literal))),
                    Use::Regex { rule } => hits.regexes.push((rule as usize, at)),
                    Use::Pair => hits.pairs.words.push(at),
                    Use::Place { rule, place } => hits.pairs.places.push((rule as usize, usize::from(place), at)),
                    Use::Suppression => hits.suppressions.push(at),
                }
            }
        };
        if self.prefilter {
            self.index.plan.prefilter.scan(part, &mut on_hit);
        } else {
            self.index.plan.prefilter.scan_plainly(part, &mut on_hit);
        }
    }
}
