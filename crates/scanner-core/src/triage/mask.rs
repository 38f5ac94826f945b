//! Shows what surrounds a finding, with every secret of its document hidden.

use crate::decode::Document;
use crate::detect::Decoded;
use crate::finding::Excerpt;
use crate::span::{Span, ceil_char, floor_char};
use std::collections::HashMap;
use std::ops::Range;

/// Shows a document's text without its secrets.
pub(super) struct Masker<'d, 't> {
    document: &'d Document<'t>,
    /// All secrets of the document, sorted.
    secrets: &'d [Span],
    /// Their values by how they end: a dump holds thousands, and hashes begin alike.
    values: HashMap<&'d [u8], Vec<&'d str>>,
    /// Whether one of them ends in a byte: asked at every place around a finding.
    ends: [bool; 256],
    show: bool,
}

/// A shorter value is a word that may stand anywhere.
const SHORTEST_MASKED: usize = 6;

impl<'d, 't> Masker<'d, 't> {
    pub(super) fn new(
        document: &'d Document<'t>,
        secrets: &'d [Span],
        decoded: &'d [String],
        show: bool,
    ) -> Masker<'d, 't> {
        let mut each: Vec<&str> = secrets.iter().map(|secret| document.slice(*secret)).collect();
        each.extend(decoded.iter().map(String::as_str));
        each.retain(|value| value.len() >= SHORTEST_MASKED);
        each.sort_unstable();
        each.dedup();
        let mut values: HashMap<&[u8], Vec<&str>> = HashMap::new();
        let mut ends = [false; 256];
        for value in each {
            ends[usize::from(value.as_bytes()[value.len() - 1])] = true;
            values.entry(&value.as_bytes()[value.len() - SHORTEST_MASKED..]).or_default().push(value);
        }
        Masker { document, secrets, values, ends, show }
    }

    pub(super) fn shown(&self, secret: Span, decoded: Option<&Decoded>) -> String {
        let decoded = decoded.and_then(|decoded| decoded.secret.as_deref());
        let text = decoded.unwrap_or_else(|| self.document.slice(secret));
        if self.show { text.to_owned() } else { mask(text) }
    }

    /// The first line of `span`, masked, and cut to `limit` characters around the span.
    pub(super) fn excerpt(&self, span: Span, line: u32, limit: usize) -> Excerpt {
        let text = self.document.text();
        let whole = self.document.line_span(line).range();
        let start = floor_char(text, whole.start.max((span.start as usize).saturating_sub(limit / 2)));
        let end = ceil_char(text, whole.end.min(start + limit));
        let hidden = self.hidden(start..end);
        // A window that cuts a secret would show its rest: take it in whole.
        let cut = |at: usize| hidden.iter().find(|range| range.start < at && at < range.end);
        let start = cut(start).map_or(start, |range| range.start.max(whole.start));
        let end = cut(end).map_or(end, |range| range.end.min(whole.end)).max(start);

        let mut shown = String::from(if start > whole.start { "…" } else { "" });
        let (mut from, mut to) = (None, None);
        let mut at = start;
        while at < end {
            if at >= span.start as usize {
                from.get_or_insert(shown.len());
            }
            if at >= span.end as usize {
                to.get_or_insert(shown.len());
            }
            if let Some(range) = hidden.iter().find(|range| range.contains(&at)) {
                shown.push_str(&mask(&text[range.clone()]));
                at = range.end.min(end);
            } else {
                let next = ceil_char(text, at + 1);
                shown.push_str(&text[at..next]);
                at = next;
            }
        }
        let from = from.unwrap_or(shown.len());
        let to = to.unwrap_or(shown.len()).max(from);
        if end < whole.end {
            shown.push('…');
        }
        Excerpt { line, text: shown, highlight: from..to }
    }

    /// The secrets in and around a window: those found there, and other places of the same values,
    /// which no rule may have seen. Sorted, without overlaps.
    fn hidden(&self, window: Range<usize>) -> Vec<Range<usize>> {
        const AROUND: usize = 512;
        if self.show {
            return Vec::new();
        }
        let text = self.document.text();
        let around = floor_char(text, window.start.saturating_sub(AROUND))..ceil_char(text, window.end + AROUND);
        let found = self.secrets.iter().map(|secret| secret.range());
        let mut ranges: Vec<Range<usize>> =
            found.filter(|range| range.start < window.end && window.start < range.end).collect();
        for (at, end) in text.as_bytes()[around.clone()].windows(SHORTEST_MASKED).enumerate() {
            if !self.ends[usize::from(end[SHORTEST_MASKED - 1])] {
                continue;
            }
            let Some(values) = self.values.get(end) else { continue };
            let until = around.start + at + SHORTEST_MASKED;
            let before = &text.as_bytes()[..until];
            let found = values.iter().filter(|value| before.ends_with(value.as_bytes()));
            ranges.extend(found.map(|value| until - value.len()..until));
        }
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}

/// A secret's first characters and its length. A fifth is shown, four characters at the most, so
/// that a short password is not half given away.
pub fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    let head: String = secret.chars().take_while(|letter| !letter.is_whitespace()).take((length / 5).min(4)).collect();
    format!("{head}…({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::Origin;
    use std::sync::Arc;

    #[test]
    fn masks_keep_little() {
        assert_eq!(mask("AKIA0123456789ABCDEF"), "AKIA…(20 characters)");
        assert_eq!(mask("hunter2"), "h…(7 characters)");
        assert_eq!(mask("abc"), "…(3 characters)");
    }

    #[test]
    fn excerpts_hide_every_secret_of_the_line() {
        let text = "a = 'sécret-one'; b = 'secret-two'; c()";
        let document = Document::new(Arc::new(Origin::path("a")), text.into());
        let span = |part: &str| {
            let at = text.find(part).expect("it is in the text");
            Span::new(at, at + part.len())
        };
        let secrets = [span("sécret-one"), span("secret-two")];
        let masker = Masker::new(&document, &secrets, &[], false);
        let excerpt = masker.excerpt(secrets[1], 1, 240);
        assert_eq!(excerpt.text, "a = 'sé…(10 characters)'; b = 'se…(10 characters)'; c()");
        assert_eq!(&excerpt.text[excerpt.highlight.clone()], "se…(10 characters)");
        let narrow = masker.excerpt(span("c()"), 1, 8);
        assert!(!narrow.text.contains("two"), "{narrow:?}");
        assert_eq!(&narrow.text[narrow.highlight.clone()], "c()");
    }
}
