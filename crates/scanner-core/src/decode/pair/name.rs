//! The name around a place: an identifier, or in configuration and quotes also a dotted or dashed one.

use super::{MAX_NAME, Name, Quote, Reader, find};
use crate::decode::pair::Family;
use std::ops::Range;

/// Whether a byte is a part of identifiers; those of other alphabets are.
pub(super) fn is_name_byte(byte: u8) -> bool {
    PART_OF[usize::from(byte)] & PLAIN != 0
}

/// A part of identifiers.
const PLAIN: u8 = 1;
/// A part of names in configuration: of identifiers, or a dash or a dot.
const WIDE: u8 = 2;
/// A part of names in quotes.
const QUOTED: u8 = 4;

/// `：` and `＝`, whose bytes are those of letters of other alphabets.
const WIDE_MARKS: &[&[u8]] = &["\u{ff1a}".as_bytes(), "\u{ff1d}".as_bytes()];

/// What a byte is a part of: every telling word of a text is asked for.
static PART_OF: [u8; 256] = {
    let mut part_of = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        part_of[at] = if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 {
            PLAIN | WIDE | QUOTED
        } else if matches!(byte, b'-' | b'.') {
            WIDE | QUOTED
        } else if matches!(byte, b':' | b'/' | b' ' | b'$' | b'[' | b']' | b'*' | b'#') {
            QUOTED
        } else {
            0
        };
        at += 1;
    }
    part_of
};

impl Reader<'_> {
    /// The name around `at`.
    pub(super) fn name_at(&self, at: usize) -> Option<Name> {
        let quoted = self.around(at, QUOTED);
        if let Some(quote) = self.quotes(&quoted) {
            // `"Password: value"` is name and value.
            let inner = &self.bytes[quoted.clone()];
            let holds_value = inner.windows(2).any(|pair| pair == b": ")
                || inner.trim_ascii().len() < inner.len()
                || self.family == Family::Json && find(inner, b" is ").is_some();
            if !holds_value {
                return self.trimmed(quoted, Some(quote));
            }
        }
        let wide = self.around(at, WIDE);
        let dotted = matches!(self.family, Family::Config | Family::Yaml | Family::Markup | Family::Text)
            // `${db.password:x}` in an annotation, `"X-Api-Key: x"` in a string.
            || self.bytes[..wide.start].ends_with(b"${")
            || wide.len() > 1 && matches!(self.at(wide.end), b':' | b'=') && self.open_quote(wide.start).is_some();
        let range = if dotted { wide } else { self.around(at, PLAIN) };
        let name = self.trimmed(range, None)?;
        let said = self.family == Family::Text && self.before(name.range.start) == b' ';
        let gets =
            self.family == Family::Code && self.starts(name.range.start, "get") && self.starts(name.range.end, "()");
        Some(match (said, gets) {
            (true, _) => self.with_word_before(name),
            // `getPassword()` is the password.
            (_, true) if self.at(name.range.start + 3).is_ascii_uppercase() => {
                Name { range: name.range.start + 3..name.range.end, ..name }
            }
            _ if self.family == Family::Code => self.without_box(name),
            _ => name,
        })
    }

    /// `passwordTextBox.Text`: what stands in a field of a form is called as the field is, without the kind of field.
    fn without_box(&self, name: Name) -> Name {
        #[rustfmt::skip] // a word a line would be pages
        const ASKS: &[&str] = &[
            ".Text ", ".text ", ".Text.", ".getText()", ".value ", ".Password ", ".typeText(", ".sendKeys(", ".send_keys(", ".enterText(",
        ];
        const KINDS: &[&str] = &[
            "TextBox",
            "TextField",
            "EditText",
            "Textbox",
            "LineEdit",
            "PasswordBox",
            "Field",
            "Input",
            "Box",
            "Edit",
        ];
        if !ASKS.iter().any(|ask| self.starts(name.range.end, ask)) {
            return name;
        }
        let word = &self.bytes[name.range.clone()];
        let kind = KINDS.iter().find(|kind| word.len() > kind.len() && word.ends_with(kind.as_bytes()));
        let tail = kind.map_or(0, |kind| kind.len());
        Name { range: name.range.start..name.range.end - tail, tail, ..name }
    }

    fn around(&self, at: usize, part_of: u8) -> Range<usize> {
        let fits = |byte: u8| PART_OF[usize::from(byte)] & part_of != 0;
        let floor = at.saturating_sub(MAX_NAME);
        let ceiling = (at + MAX_NAME).min(self.bytes.len());
        let before = self.bytes[floor..at].iter().rev().take_while(|&&byte| fits(byte)).count();
        let after = self.bytes[at..ceiling].iter().take_while(|&&byte| fits(byte)).count();
        let range = at - before..at + after;
        // What is written in Chinese or Japanese has a colon of its own.
        match WIDE_MARKS.iter().find_map(|mark| find(&self.bytes[range.clone()], mark)) {
            Some(mark) if range.start + mark >= at => range.start..range.start + mark,
            _ => range,
        }
    }

    /// A name of two words in a sentence: `API key: value`, `mot de passe : value`.
    fn with_word_before(&self, name: Name) -> Name {
        const LEADS: &[&str] =
            &["api ", "access ", "secret ", "private ", "encryption ", "signing ", "master ", "mot de "];
        const LONGEST: usize = 12;
        let start = name.range.start;
        let before = &self.bytes[start.saturating_sub(LONGEST)..start];
        let ends = |lead: &&&str| {
            before.len().checked_sub(lead.len()).is_some_and(|at| {
                before[at..].eq_ignore_ascii_case(lead.as_bytes())
                    && at.checked_sub(1).is_none_or(|at| !is_name_byte(before[at]))
            })
        };
        let lead = LEADS.iter().find(ends).map_or(0, |lead| lead.len());
        Name { range: name.range.start - lead..name.range.end, ..name }
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
        // `-Dpassword=x` sets a property of a program of Java.
        let property = lead == 1
            && self.before(range.start) != b'-'
            && self.at(range.start) == b'-'
            && self.at(range.start + 1) == b'D'
            && self.at(range.start + 2).is_ascii_lowercase();
        let lead = lead + usize::from(property);
        (lead + tail < range.len()).then(|| Name { range: range.start + lead..range.end - tail, quote, tail: 0 })
    }
}
