//! A decoded text with a map back to the text that it was decoded from.

use crate::span::{ceil_char, floor_char};
use std::ops::Range;

/// How the bytes of a decoded part lie in the encoded one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Units {
    /// Nothing is known but where the whole lies.
    Whole,
    /// So many bytes of the decoded part for so many of the encoded one.
    Even { inner: usize, outer: usize },
    /// Lines of base64: first decoded byte, and where the line starts and ends in the encoded part.
    Groups(Vec<(usize, usize, usize)>),
}

/// A stretch of decoded text that lies evenly in the outer text.
#[derive(Debug, Clone, Copy)]
struct Segment {
    inner: usize,
    outer: usize,
    outer_end: usize,
    inner_unit: usize,
    outer_unit: usize,
}

/// A part of the outer text, and what is read in its place.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    /// Where it stands.
    pub(super) outer: Range<usize>,
    /// What it says; may be nothing.
    pub(super) text: String,
    /// How both lie in each other.
    pub(super) units: Units,
    /// The encodings, from the outermost; none when the edit only keeps the text well-formed.
    pub(super) how: Vec<&'static str>,
}

/// Where a layer differs from the text around it.
#[derive(Debug)]
struct Change {
    inner: Range<usize>,
    how: Vec<&'static str>,
}

/// Decoded text with a map back.
#[derive(Debug)]
pub struct Layer {
    text: String,
    segments: Vec<Segment>,
    changes: Vec<Change>,
    /// What kind of file the text is, as an extension, when it is a file of its own.
    extension: Option<&'static str>,
}

/// Lines before an encoded part that are taken along, since they may name it.
const LINES_BEFORE: usize = 3;
/// Bytes that are taken along on either side at the most.
const AROUND: usize = 400;
/// Between two windows: as many line ends as keep what stands in one from being near to the other.
const APART: &str = "\n\n\n\n\n";
/// How far a match may be from a change that it owes itself to: what a rule points at is often a part of
/// what it read, such as the password of a URL. What is there without is merged with that.
const REACH: usize = 64;

impl Layer {
    /// The text around `edits` (in order, not overlapping), with them carried out.
    pub(super) fn inline(outer: &str, edits: Vec<Edit>) -> Layer {
        let mut layer = Layer { text: String::new(), segments: Vec::new(), changes: Vec::new(), extension: None };
        let mut edits = edits.into_iter().peekable();
        while let Some(first) = edits.next() {
            let window = window(outer, &first.outer);
            if !layer.text.is_empty() {
                layer.push(APART, window.start..window.start, &Units::Whole);
            }
            let (mut at, mut end) = (window.start, window.end);
            let mut next = Some(first);
            while let Some(edit) = next.take() {
                layer.push_same(outer, at..edit.outer.start);
                let start = layer.text.len();
                layer.push(&edit.text, edit.outer.clone(), &edit.units);
                if !edit.how.is_empty() {
                    layer.changes.push(Change { inner: start..layer.text.len(), how: edit.how });
                }
                at = edit.outer.end;
                end = end.max(at);
                if let Some(following) = edits.peek() {
                    let wider = self::window(outer, &following.outer);
                    if wider.start <= end {
                        end = end.max(wider.end);
                        next = edits.next();
                    }
                }
            }
            layer.push_same(outer, at..end);
        }
        layer
    }

    /// A decoded part that is a text of its own.
    pub(super) fn whole(edit: Edit, extension: &'static str) -> Layer {
        let mut layer =
            Layer { text: String::new(), segments: Vec::new(), changes: Vec::new(), extension: Some(extension) };
        layer.push(&edit.text, edit.outer, &edit.units);
        layer.changes.push(Change { inner: 0..layer.text.len(), how: edit.how });
        layer
    }

    /// A text put together from parts of the outer one, all of it new.
    pub(super) fn pieces(outer: &str, edits: Vec<Edit>, extension: &'static str) -> Layer {
        let mut layer =
            Layer { text: String::new(), segments: Vec::new(), changes: Vec::new(), extension: Some(extension) };
        for edit in edits {
            if edit.text.is_empty() {
                layer.push_same(outer, edit.outer);
            } else {
                layer.push(&edit.text, edit.outer, &edit.units);
            }
        }
        layer.changes.push(Change { inner: 0..layer.text.len(), how: Vec::new() });
        layer
    }

    fn push_same(&mut self, outer: &str, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.push(&outer[range.clone()], range, &Units::Even { inner: 1, outer: 1 });
    }

    fn push(&mut self, text: &str, outer: Range<usize>, units: &Units) {
        if text.is_empty() {
            return;
        }
        let inner = self.text.len();
        self.text.push_str(text);
        let segment = |inner, outer, outer_end, inner_unit, outer_unit| Segment {
            inner,
            outer,
            outer_end,
            inner_unit,
            outer_unit,
        };
        match units {
            Units::Even { inner: inner_unit, outer: outer_unit } => {
                self.segments.push(segment(inner, outer.start, outer.end, *inner_unit, *outer_unit));
            }
            Units::Groups(lines) if !lines.is_empty() => {
                let lines = lines.iter().filter(|line| line.0 < text.len());
                self.segments.extend(
                    lines.map(|&(start, from, to)| segment(inner + start, outer.start + from, outer.start + to, 3, 4)),
                );
            }
            _ => self.segments.push(segment(inner, outer.start, outer.end, text.len(), outer.len())),
        }
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What kind of file the text is, as an extension; `None`: the kind that it stands in.
    pub fn extension(&self) -> Option<&'static str> {
        self.extension
    }

    /// Where a part of the text lies in the outer one: all bytes that any of it was decoded from.
    pub fn outer(&self, range: Range<usize>) -> Range<usize> {
        let (start, unit_end) = self.place(range.start);
        let end = if range.len() > 1 { self.place(range.end - 1).1 } else { unit_end };
        start..if range.is_empty() { start } else { end.max(start) }
    }

    /// Where the unit that holds a byte lies in the outer text.
    fn place(&self, at: usize) -> (usize, usize) {
        let next = self.segments.partition_point(|segment| segment.inner <= at);
        let Some(segment) = next.checked_sub(1).map(|found| self.segments[found]) else { return (0, 0) };
        let unit = (at - segment.inner) / segment.inner_unit.max(1);
        let start = segment.outer + unit * segment.outer_unit;
        (start.min(segment.outer_end), (start + segment.outer_unit).min(segment.outer_end))
    }

    /// The encodings that a match in the text owes itself to; `None` when it would be there without.
    pub fn owed(&self, range: &Range<usize>) -> Option<Vec<&'static str>> {
        let first = self.changes.partition_point(|change| change.inner.end + REACH < range.start);
        let near = self.changes[first..].iter().take_while(|change| change.inner.start <= range.end + REACH);
        let touched = near.filter(|change| match change.inner.is_empty() {
            // A join must lie inside, not at the edge.
            true => range.start < change.inner.start && change.inner.start < range.end,
            false => true,
        });
        let mut found = None;
        for change in touched {
            let how: &mut Vec<&'static str> = found.get_or_insert_default();
            for step in &change.how {
                if !how.contains(step) {
                    how.push(step);
                }
            }
        }
        found
    }

    /// Whether a part of the text is new in it, or next to what is.
    pub(super) fn is_new(&self, range: &Range<usize>) -> bool {
        let first = self.changes.partition_point(|change| change.inner.end < range.start);
        self.changes.get(first).is_some_and(|change| change.inner.start <= range.end)
    }
}

/// The lines around a part, as far as they say what it is.
fn window(text: &str, part: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let floor = part.start.saturating_sub(AROUND);
    let start =
        memchr::memrchr_iter(b'\n', &bytes[floor..part.start]).nth(LINES_BEFORE).map_or(floor, |at| floor + at + 1);
    let ceiling = (part.end + AROUND).min(bytes.len());
    let end = memchr::memchr(b'\n', &bytes[part.end..ceiling]).map_or(ceiling, |at| part.end + at);
    floor_char(text, start)..ceil_char(text, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(outer: &str, part: &str, text: &str, units: Units) -> Edit {
        let at = outer.find(part).expect("it is in the text");
        Edit { outer: at..at + part.len(), text: text.to_owned(), units, how: vec!["base64"] }
    }

    #[test]
    fn places_lead_back() {
        let outer = format!("é{}\npw = [Z3JlZXRpbmc9aHVudGVyMjI] end", " ".repeat(REACH));
        let outer = outer.as_str();
        let run = "Z3JlZXRpbmc9aHVudGVyMjI";
        let units = Units::Even { inner: 3, outer: 4 };
        let layer = Layer::inline(outer, vec![edit(outer, run, "greeting=hunter22", units)]);
        assert_eq!(layer.text(), outer.replace(run, "greeting=hunter22"));
        let back = |part: &str| {
            let at = layer.text().find(part).expect("it is in the text");
            &outer[layer.outer(at..at + part.len())]
        };
        assert_eq!(back("hunter22"), "aHVudGVyMjI");
        assert_eq!(back("ng=h"), "bmc9aHVu");
        assert_eq!(back("pw"), "pw");
        assert_eq!(back("] end"), "] end");
        assert_eq!(back("hunter22] e"), "aHVudGVyMjI] e");
        let owed = |part: &str| {
            let at = layer.text().find(part).expect("it is in the text");
            layer.owed(&(at..at + part.len()))
        };
        assert_eq!(owed("hunter22"), Some(vec!["base64"]));
        assert_eq!(owed("é"), None);
        assert_eq!(owed("end"), Some(vec!["base64"]), "within reach");
    }

    #[test]
    fn windows_far_apart_are_kept_apart() {
        let filler = "line\n".repeat(100);
        let outer = format!("a %41 b\n{filler}c %42 d\n");
        let percent = |part: &str, text: &str| edit(&outer, part, text, Units::Whole);
        let layer = Layer::inline(&outer, vec![percent("%41", "A"), percent("%42", "B")]);
        assert!(layer.text().starts_with("a A b\n\n\n\n\n"), "{}", layer.text());
        assert!(layer.text().ends_with("c B d"), "{}", layer.text());
        let at = layer.text().find("B d").expect("it is in the text");
        assert_eq!(&outer[layer.outer(at..at + 3)], "%42 d");
    }
}
