//! What of a blob is looked at when the rest of it was seen in another blob of the same path.

use super::{Facts, Scanner};
use crate::blob::Origin;
use crate::decode::Document;
use crate::detect::name;
use crate::language::Script;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Bytes on both sides of what is fresh in which what is found may be new: a word vouches for a token, a tag or a
/// name for its value, over some hundred bytes. What stands further away was found without what is fresh.
const NEAR: usize = 700;

/// Bytes on both sides of what is fresh that are looked at with it, so that what is found near to it has around it
/// all that rules look at: bounded windows around literals, names, words and comments within a few lines.
const AROUND: usize = 2 * NEAR;

/// Bytes of text in one piece, as keys are broken into lines, that a window is widened by: more than any
/// private key takes.
const MAX_ARMOUR: usize = 16 << 10;

/// The least length of a line without spaces that may be one of an encoded text.
const ARMOUR_LINE: usize = 40;

/// Parts in a hundred of a text beyond which all of it is looked at.
const MOST: usize = 50;

impl Scanner {
    /// Whether nothing that a rule may report stands in what is fresh of a text. What a name rule reads, and code,
    /// which is parsed whole, are not decided so.
    pub(super) fn holds_nothing_new(&self, origin: &Arc<Origin>, text: &str, seen: &[Range<usize>]) -> bool {
        let path = origin.inner_path();
        let is_code = self.code && Script::may_stand_in(path);
        if is_code || name::reads_content(path, &self.rules, &self.index) {
            return false;
        }
        let Some(windows) = windows(text, seen) else { return false };
        if windows.text.is_empty() {
            return true;
        }
        let (mut candidates, mut facts) = (Vec::new(), Facts::default());
        let document = Document::new(Arc::clone(origin), Cow::Borrowed(windows.text.as_str()));
        let mut hits = self.hits(document.text());
        // A name stands on the lines of its value.
        hits.pairs.words.retain(|&at| windows.touch(at..at));
        hits.pairs.places.retain(|&(_, _, at)| windows.touch(at..at));
        self.detect(&document, &hits, &mut candidates, &mut facts);
        candidates.retain(|candidate| windows.touch(candidate.span.range()));
        candidates.is_empty() && facts.problems.is_empty()
    }
}

/// The parts of a text that are looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Windows {
    /// Lines around what is fresh, with an empty line between those that do not stand side by side.
    pub(super) text: String,
    /// Where in it what is found may be new: at what is fresh, and near to it.
    pub(super) near: Vec<Range<usize>>,
}

impl Windows {
    /// Whether something may be new.
    pub(super) fn touch(&self, range: Range<usize>) -> bool {
        self.near.iter().any(|near| near.start <= range.end && range.start <= near.end)
    }
}

/// The lines around what is fresh. `None` if that is most of the text.
pub(super) fn windows(text: &str, fresh: &[Range<usize>]) -> Option<Windows> {
    let widened = |around: usize| {
        move |run: &Range<usize>| {
            let start = line_start(text, run.start.min(text.len()).saturating_sub(around));
            start..line_end(text, run.end.saturating_add(around).min(text.len()))
        }
    };
    let armour = |run: Range<usize>| armour_start(text, run.start)..armour_end(text, run.end);
    let windows = merged(fresh.iter().map(widened(AROUND)).map(armour));
    let size: usize = windows.iter().map(Range::len).sum();
    if size * 100 > text.len() * MOST {
        return None;
    }
    let mut near = merged(fresh.iter().map(widened(NEAR)).map(armour)).into_iter().peekable();
    let mut seen = Windows { text: String::with_capacity(size + 2 * windows.len()), near: Vec::new() };
    for window in windows {
        if !seen.text.is_empty() {
            seen.text.push_str("\n\n");
        }
        let at = seen.text.len();
        while let Some(run) = near.next_if(|run| run.start <= window.end) {
            let place = |byte: usize| at + byte.clamp(window.start, window.end) - window.start;
            seen.near.push(place(run.start)..place(run.end));
        }
        seen.text.push_str(&text[window]);
    }
    Some(seen)
}

/// Runs in order, those joined that meet.
fn merged(runs: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match all.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => all.push(run),
        }
    }
    all
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

    fn around(text: &str, start: usize, end: usize) -> Option<Windows> {
        windows(text, std::slice::from_ref(&(start..end)))
    }

    #[test]
    fn whole_lines_around_what_is_fresh() {
        let text = text();
        let at = text.find("line 500 ").expect("it is there");
        let seen = windows(&text, &[at..at + 3, at + 10..at + 10]).expect("it is a small part");
        assert!(seen.near.len() == 1 && seen.text[seen.near[0].clone()].contains("line 500 "));
        assert!(seen.near[0].len() < 3 * NEAR && seen.touch(AROUND..AROUND) && !seen.touch(0..9));
        let seen = seen.text;
        assert!(seen.starts_with("this is line") && seen.ends_with("text\n") && text.contains(&seen));
        assert!(seen.len() > 2 * AROUND && seen.len() < 3 * AROUND && seen.contains("line 500 "));
        let both = windows(&text, &[0..1, at..at]).expect("it is a small part").text;
        assert!(both.starts_with("this is line 0 ") && both.contains("\n\nthis is line"));
        let last = around(&text, text.len(), text.len()).expect("it is a small part").text;
        assert!(last.ends_with("line 999 of the text\n"));
        assert_eq!(around(&text, 0, text.len() / 2), None, "most of it");
        assert_eq!(windows(&text, &[]).expect("nothing").text, "");
    }

    #[test]
    fn an_encoded_text_is_seen_whole() {
        let armour: String =
            (0..60).map(|_| "q8Zr2LmX0vTn5KwYb7Hdq8Zr2LmX0vTn5KwYb7Hdq8Zr2LmX0vTn5KwYb7Hd\n").collect();
        let text = format!("{0}-----begin\n{armour}-----end\n{0}", text());
        let middle = text.find("-----begin").expect("it is there") + armour.len() / 2;
        let seen = around(&text, middle, middle + 1).expect("it is a small part").text;
        assert!(seen.contains("-----begin") && seen.contains("-----end"), "{seen}");
    }
}
