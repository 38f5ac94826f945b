//! What of a blob is looked at when the rest of it was seen in another blob of the same path.

use super::{Facts, Scanner};
use crate::blob::Origin;
use crate::decode::Document;
use crate::detect::{name, path};
use crate::language::Script;
use crate::seen::{Seen, common, merged, touch};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Bytes on both sides of what is fresh in which what is found may be new: a word vouches for a token, a tag or a
/// name for its value, over some hundred bytes. What stands further away was found without what is fresh.
const NEAR: usize = 700;

/// Bytes of text in one piece, as keys are broken into lines, that a window is widened by: more than any
/// private key takes.
const MAX_ARMOUR: usize = 16 << 10;

/// The least length of a line without spaces that may be one of an encoded text.
const ARMOUR_LINE: usize = 40;

/// Parts in a hundred of a text that nothing was seen of beyond which all of it is looked at.
const MOST: usize = 50;

impl Scanner {
    /// Whether nothing that a rule may report stands in what is `fresh` of a text and in no other version of its
    /// file. What a name rule reads, and code, which is parsed whole, are not decided so.
    pub(super) fn holds_nothing_new(
        &self,
        origin: &Arc<Origin>,
        text: &str,
        fresh: Option<&[Range<usize>]>,
        seen: &Seen,
    ) -> bool {
        let path = origin.inner_path();
        let is_code = self.code && (Script::may_stand_in(path) || text.starts_with("#!"));
        if is_code || name::reads_content(path, &self.rules, &self.index) {
            return false;
        }
        let whole = 0..text.len();
        let parts = fresh.map(|fresh| widened(text, fresh, NEAR));
        let parts = parts.as_deref().unwrap_or(std::slice::from_ref(&whole));
        let new = seen.take_new(&origin.path, text, parts, NEAR);
        if new.is_empty() {
            return true;
        }
        if fresh.is_none() && new.iter().map(Range::len).sum::<usize>() * 100 > text.len() * MOST {
            return false;
        }
        let mut candidates = Vec::new();
        let settings = !path::skips_pairs(path);
        // Further away from what is fresh stands what was looked at with the base.
        let near = widened(text, &new, NEAR);
        let near: Vec<Range<usize>> = near.iter().flat_map(|near| common(parts, near)).collect();
        let hits = self.hits_in(text, &near);
        self.detect_secrets(path, settings, text, &hits, &mut candidates);
        if candidates.iter().any(|candidate| touch(&new, &candidate.span.range())) {
            return false;
        }
        if !self.layers || !settings {
            return true;
        }
        let (mut candidates, mut facts) = (Vec::new(), Facts::default());
        let windows = Windows::new(text, &widened(text, &new, NEAR), &new);
        let document = Document::new(Arc::clone(origin), Cow::Borrowed(windows.text.as_str()));
        self.detect_in_layers(&document, &mut candidates, &mut facts);
        facts.problems.is_empty() && !candidates.iter().any(|candidate| touch(&windows.new, &candidate.span.range()))
    }
}

/// The parts of a text that are looked at without the rest.
#[derive(Debug, PartialEq, Eq)]
struct Windows {
    /// With an empty line between those that do not stand side by side.
    text: String,
    /// Where in it what is found may be new.
    new: Vec<Range<usize>>,
}

impl Windows {
    fn new(text: &str, windows: &[Range<usize>], new: &[Range<usize>]) -> Windows {
        let size: usize = windows.iter().map(Range::len).sum();
        let mut seen = Windows { text: String::with_capacity(size + 2 * windows.len()), new: Vec::new() };
        let mut new = new.iter().peekable();
        for window in windows {
            if !seen.text.is_empty() {
                seen.text.push_str("\n\n");
            }
            let at = seen.text.len();
            while let Some(run) = new.next_if(|run| run.start <= window.end) {
                let place = |byte: usize| at + byte.clamp(window.start, window.end) - window.start;
                seen.new.push(place(run.start)..place(run.end));
            }
            seen.text.push_str(&text[window.clone()]);
        }
        seen
    }
}

/// The lines around what is fresh, up to so many bytes away.
fn widened(text: &str, fresh: &[Range<usize>], around: usize) -> Vec<Range<usize>> {
    let apart = fresh
        .iter()
        .map(|run| run.start.min(text.len()).saturating_sub(around)..run.end.saturating_add(around).min(text.len()));
    // Of a change there are often many runs side by side: lines are looked for only at the edges of all.
    let lines = merged(apart).into_iter().map(|run| {
        let (start, end) = (line_start(text, run.start), line_end(text, run.end));
        armour_start(text, start)..armour_end(text, end)
    });
    merged(lines)
}

/// The start of the line that holds a byte.
fn line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |end| end + 1)
}

/// The end of the line that holds a byte, its line end included.
fn line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |end| at + end + 1)
}

/// A start widened over lines of an encoded text, and the line in front of them.
fn armour_start(text: &str, start: usize) -> usize {
    let mut at = start;
    while at > 0 && start - at < MAX_ARMOUR {
        let above = line_start(text, at - 1);
        let is_armour = is_armour(&text[above..at]);
        if !is_armour && at == start {
            return start;
        }
        at = above;
        if !is_armour {
            break;
        }
    }
    at
}

/// An end widened over lines of an encoded text, and two lines behind them.
fn armour_end(text: &str, end: usize) -> usize {
    let mut at = end;
    let mut plain = 0;
    while at < text.len() && at - end < MAX_ARMOUR && plain < 2 {
        let below = line_end(text, at);
        let is_armour = is_armour(&text[at..below]);
        if !is_armour && at == end {
            return end;
        }
        plain += usize::from(!is_armour);
        at = below;
    }
    at
}

fn is_armour(line: &str) -> bool {
    let line = line.trim();
    (ARMOUR_LINE..=ARMOUR_LINE * 4).contains(&line.len()) && !line.contains([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> String {
        (0..1000).map(|line| format!("this is line {line} of the text\n")).collect()
    }

    fn around(text: &str, runs: &[Range<usize>]) -> Windows {
        Windows::new(text, &widened(text, runs, 2 * NEAR), &widened(text, runs, NEAR))
    }

    #[test]
    fn whole_lines_around_what_is_fresh() {
        let text = text();
        let at = text.find("line 500 ").expect("it is there");
        let seen = around(&text, &[at..at + 3, at + 10..at + 10]);
        assert!(seen.new.len() == 1 && seen.text[seen.new[0].clone()].contains("line 500 "));
        assert!(seen.new[0].len() < 3 * NEAR && touch(&seen.new, &(2 * NEAR..2 * NEAR)) && !touch(&seen.new, &(0..9)));
        let seen = seen.text;
        assert!(seen.starts_with("this is line") && seen.ends_with("text\n") && text.contains(&seen));
        assert!(seen.len() > 4 * NEAR && seen.len() < 6 * NEAR && seen.contains("line 500 "));
        let both = around(&text, &[0..1, at..at]).text;
        assert!(both.starts_with("this is line 0 ") && both.contains("\n\nthis is line"));
        let last = around(&text, std::slice::from_ref(&(text.len()..text.len()))).text;
        assert!(last.ends_with("line 999 of the text\n"));
        assert_eq!(around(&text, std::slice::from_ref(&(0..text.len() / 2))).new.len(), 1);
        assert_eq!(around(&text, &[]).text, "");
    }

    #[test]
    fn an_encoded_text_is_seen_whole() {
        let armour: String =
            (0..60).map(|_| "q8Zr2LmX0vTn5KwYb7Hdq8Zr2LmX0vTn5KwYb7Hdq8Zr2LmX0vTn5KwYb7Hd\n").collect();
        let text = format!("{0}-----begin\n{armour}-----end\n{0}", text());
        let middle = text.find("-----begin").expect("it is there") + armour.len() / 2;
        let seen = around(&text, std::slice::from_ref(&(middle..middle + 1))).text;
        assert!(seen.contains("-----begin") && seen.contains("-----end"), "{seen}");
    }
}
