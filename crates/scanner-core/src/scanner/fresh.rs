//! What of a blob is looked at when the rest of it was seen in another blob of the same path.

use std::ops::Range;

/// Bytes on both sides of what is fresh that are looked at with it. Rules look at a bounded window around
/// their literal; names and their values, words near a token and comments stand within a few lines.
const AROUND: usize = 1 << 10;

/// Bytes of text in one piece, as keys are broken into lines, that a window is widened by: more than any
/// private key takes.
const MAX_ARMOUR: usize = 16 << 10;

/// The least length of a line without spaces that may be one of an encoded text.
const ARMOUR_LINE: usize = 40;

/// Parts in a hundred of a text beyond which all of it is looked at.
const MOST: usize = 50;

/// The lines around what is fresh, with an empty line between those that do not stand side by side. `None` if
/// that is most of the text.
pub(super) fn windows(text: &str, fresh: &[Range<usize>]) -> Option<String> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for run in fresh {
        let start = line_start(text, run.start.min(text.len()).saturating_sub(AROUND));
        let end = line_end(text, run.end.saturating_add(AROUND).min(text.len()));
        match runs.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => runs.push(start..end),
        }
    }
    runs.iter_mut().for_each(|run| *run = armour_start(text, run.start)..armour_end(text, run.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match merged.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => merged.push(run),
        }
    }
    let size: usize = merged.iter().map(Range::len).sum();
    if size * 100 > text.len() * MOST {
        return None;
    }
    let pieces: Vec<&str> = merged.into_iter().map(|run| &text[run]).collect();
    Some(pieces.join("\n\n"))
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

    fn around(text: &str, start: usize, end: usize) -> Option<String> {
        windows(text, std::slice::from_ref(&(start..end)))
    }

    #[test]
    fn whole_lines_around_what_is_fresh() {
        let text = text();
        let at = text.find("line 500 ").expect("it is there");
        let seen = windows(&text, &[at..at + 3, at + 10..at + 10]).expect("it is a small part");
        assert!(seen.starts_with("this is line") && seen.ends_with("text\n") && text.contains(&seen));
        assert!(seen.len() > 2 * AROUND && seen.len() < 3 * AROUND && seen.contains("line 500 "));
        let both = windows(&text, &[0..1, at..at]).expect("it is a small part");
        assert!(both.starts_with("this is line 0 ") && both.contains("\n\nthis is line"));
        let last = around(&text, text.len(), text.len()).expect("it is a small part");
        assert!(last.ends_with("line 999 of the text\n"));
        assert_eq!(around(&text, 0, text.len() / 2), None, "most of it");
        assert_eq!(windows(&text, &[]), Some(String::new()));
    }

    #[test]
    fn an_encoded_text_is_seen_whole() {
        let armour: String =
            (0..60).map(|_| "q8Zr2LmX0vTn5KwYb7Hdq8Zr2LmX0vTn5KwYb7Hdq8Zr2LmX0vTn5KwYb7Hd\n").collect();
        let text = format!("{0}-----begin\n{armour}-----end\n{0}", text());
        let middle = text.find("-----begin").expect("it is there") + armour.len() / 2;
        let seen = around(&text, middle, middle + 1).expect("it is a small part");
        assert!(seen.contains("-----begin") && seen.contains("-----end"), "{seen}");
    }
}
