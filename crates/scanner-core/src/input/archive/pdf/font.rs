//! What the codes of a PDF's fonts mean, and how wide they are.

use super::syntax::{Dict, Lexer, Value};
use crate::limits::MAX_PDF_VALUES;
use std::collections::BTreeMap;

/// A font as far as text goes.
#[derive(Debug, Default)]
pub(super) struct Font {
    /// Whether a code takes two bytes.
    wide: bool,
    /// By the first code of a stretch: its last, and what the first means.
    meanings: BTreeMap<u32, (u32, String)>,
    /// By the first code of a stretch: its last, and the width of each in thousandths of the size.
    widths: BTreeMap<u32, (u32, f64)>,
    /// Of codes without one.
    width: f64,
}

impl Font {
    /// Reads a font's dictionaries, the second that of its descendant, and the text of its map.
    pub(super) fn new(font: &Dict, descendant: Option<&Dict>, widths: Option<&Value>, map: Option<&[u8]>) -> Font {
        let fixed = font.get("BaseFont").and_then(Value::name).is_some_and(|name| name.contains("Courier"));
        let mut read = Font {
            wide: font.get("Subtype").and_then(Value::name) == Some("Type0"),
            width: if fixed { 600.0 } else { 500.0 },
            ..Font::default()
        };
        match descendant {
            Some(descendant) => {
                read.width = descendant.get("DW").and_then(Value::number).unwrap_or(1000.0);
                read.add_wide_widths(widths);
            }
            None => {
                let first = font.get("FirstChar").and_then(Value::number).unwrap_or(0.0) as u32;
                let Some(Value::List(widths)) = widths else { return read.with_map(map) };
                read.add_widths(first, widths);
            }
        }
        read.with_map(map)
    }

    fn add_widths(&mut self, first: u32, each: &[Value]) {
        let each = each.iter().enumerate().map(|(at, width)| (first.wrapping_add(at as u32), width));
        self.widths.extend(each.filter_map(|(code, width)| Some((code, (code, width.number()?)))));
    }

    /// `first [width width ...]` and `first last width`.
    fn add_wide_widths(&mut self, widths: Option<&Value>) {
        let Some(Value::List(list)) = widths else { return };
        let mut rest = &list[..];
        loop {
            match rest {
                [Value::Number(first), Value::List(each), after @ ..] => {
                    self.add_widths(*first as u32, each);
                    rest = after;
                }
                [Value::Number(first), Value::Number(last), Value::Number(width), after @ ..] => {
                    self.widths.insert(*first as u32, (*last as u32, *width));
                    rest = after;
                }
                _ => return,
            }
        }
    }

    /// Reads a map from codes to letters (Adobe's CMap, 9.10.3).
    fn with_map(mut self, map: Option<&[u8]>) -> Font {
        let mut lexer = Lexer::new(map.unwrap_or_default(), 0);
        let mut before: Vec<Value> = Vec::new();
        while let Some(value) = lexer.next() {
            match &value {
                Value::Word(word) if word == "endcodespacerange" => {
                    let longest = before.iter().map(|value| if let Value::Text(code) = value { code.len() } else { 0 });
                    self.wide = longest.max().unwrap_or(2) > 1;
                }
                Value::Word(word) if word == "endbfchar" => {
                    for pair in before.chunks_exact(2) {
                        if let [Value::Text(from), Value::Text(to)] = pair {
                            self.add(code(from), code(from), utf16(to));
                        }
                    }
                }
                Value::Word(word) if word == "endbfrange" => {
                    before.chunks_exact(3).for_each(|three| self.add_range(three))
                }
                Value::Word(_) => {}
                _ => {
                    if before.len() < MAX_PDF_VALUES {
                        before.push(value);
                    }
                    continue;
                }
            }
            before.clear();
        }
        self
    }

    fn add_range(&mut self, three: &[Value]) {
        match three {
            [Value::Text(first), Value::Text(last), Value::Text(to)] => self.add(code(first), code(last), utf16(to)),
            [Value::Text(first), Value::Text(_), Value::List(each)] => {
                for (at, to) in each.iter().enumerate() {
                    let at = code(first).wrapping_add(at as u32);
                    if let Value::Text(to) = to {
                        self.add(at, at, utf16(to));
                    }
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, first: u32, last: u32, meaning: String) {
        /// The longest sign that stands for several letters has five.
        const LONGEST: usize = 8;
        if first <= last {
            self.meanings.insert(first, (last, meaning.chars().take(LONGEST).collect()));
        }
    }

    /// Whether its codes mean nothing that is known.
    pub(super) fn is_unknown(&self) -> bool {
        self.wide && self.meanings.is_empty()
    }

    /// Reads codes: what each means, the code, and its width in sizes. A code of one byte that nothing is
    /// said of is a letter of Latin-1, as in nearly all fonts.
    pub(super) fn read(&self, codes: &[u8], mut each: impl FnMut(&str, u32, f64)) {
        for bytes in codes.chunks(if self.wide { 2 } else { 1 }) {
            let code = code(bytes);
            let width = self.widths.range(..=code).next_back().filter(|(_, (last, _))| code <= *last);
            let width = width.map_or(self.width, |(_, (_, width))| *width) / 1000.0;
            let stretch = self.meanings.range(..=code).next_back().filter(|(_, (last, _))| code <= *last);
            let letter = match stretch {
                Some((&first, (_, meaning))) if code == first => {
                    each(meaning, code, width);
                    continue;
                }
                Some((&first, (_, meaning))) => {
                    let start = meaning.chars().last().map_or(0, u32::from);
                    start.checked_add(code - first).and_then(char::from_u32).unwrap_or('\u{FFFD}')
                }
                None if self.wide => '\u{FFFD}',
                None => char::from(bytes[0]),
            };
            each(letter.encode_utf8(&mut [0; 4]), code, width);
        }
    }
}

fn code(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |code, &byte| code << 8 | u32::from(byte))
}

/// Text of UTF-16, most significant byte first.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).map(|letter| letter.unwrap_or('\u{FFFD}')).collect()
}
