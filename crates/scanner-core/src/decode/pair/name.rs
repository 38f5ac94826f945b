//! The name around a place: an identifier, or in configuration and quotes also a dotted or dashed one.

use super::{MAX_NAME, Name, Quote, Reader};
use crate::decode::pair::Family;
use std::ops::Range;

/// Whether a byte is a part of identifiers; those of other alphabets are.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl Reader<'_> {
    /// The name around `at`.
    pub(super) fn name_at(&self, at: usize) -> Option<Name> {
        let wide = self.around(at, |byte| is_name_byte(byte) || matches!(byte, b'-' | b'.'));
        let quoted = self.around(at, |byte| is_name_byte(byte) || b"-.:/ $[]*#".contains(&byte));
        if let Some(quote) = self.quotes(&quoted) {
            // `"Password: value"` is name and value.
            let inner = &self.bytes[quoted.clone()];
            let holds_value = inner.windows(2).any(|pair| pair == b": ") || inner.trim_ascii().len() < inner.len();
            if !holds_value {
                return self.trimmed(quoted, Some(quote));
            }
        }
        let dotted = matches!(self.family, Family::Config | Family::Yaml | Family::Markup | Family::Text)
            // `${db.password:x}` in an annotation, `"X-Api-Key: x"` in a string.
            || self.bytes[..wide.start].ends_with(b"${")
            || wide.len() > 1 && matches!(self.at(wide.end), b':' | b'=') && self.open_quote(wide.start).is_some();
        let range = if dotted { wide } else { self.around(at, is_name_byte) };
        self.trimmed(range, None)
    }

    fn around(&self, at: usize, fits: impl Fn(u8) -> bool) -> Range<usize> {
        let floor = at.saturating_sub(MAX_NAME);
        let ceiling = (at + MAX_NAME).min(self.bytes.len());
        let before = self.bytes[floor..at].iter().rev().take_while(|&&byte| fits(byte)).count();
        let after = self.bytes[at..ceiling].iter().take_while(|&&byte| fits(byte)).count();
        at - before..at + after
    }

    /// The quotes around a range, if it stands between two of a kind.
    fn quotes(&self, range: &Range<usize>) -> Option<Quote> {
        let open = self.before(range.start);
        let escaped = open == b'"' && self.before(range.start - 1) == b'\\';
        match open {
            b'"' if escaped => self.starts(range.end, "\\\"").then_some(Quote::Escaped),
            b'"' | b'\'' | b'`' if self.at(range.end) == open => Some(Quote::Plain(open)),
            _ => None,
        }
    }

    /// Without dashes and dots at its ends.
    fn trimmed(&self, range: Range<usize>, quote: Option<Quote>) -> Option<Name> {
        if range.len() >= MAX_NAME || range.is_empty() {
            return None;
        }
        // Quotes stand at the edges; only bare names are cut.
        let is_edge = |byte: &&u8| quote.is_none() && matches!(**byte, b'-' | b'.');
        let lead = self.bytes[range.clone()].iter().take_while(is_edge).count();
        let tail = self.bytes[range.clone()].iter().rev().take_while(is_edge).count();
        (lead + tail < range.len()).then(|| Name { range: range.start + lead..range.end - tail, quote })
    }
}
