//! Reads the values that a PDF is written in (ISO 32000, 7.2 and 7.3), objects and contents of pages alike.

use crate::limits::{MAX_PDF_NESTING, MAX_PDF_VALUES};
use std::collections::BTreeMap;

/// Entries of a dictionary.
pub(super) type Dict = BTreeMap<String, Value>;

/// A value, or an operator between values.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Name(String),
    Text(Vec<u8>),
    List(Vec<Value>),
    Dict(Dict),
    /// The number of another object.
    Ref(u32),
    /// An operator, a keyword, or a bracket that closes.
    Word(String),
}

impl Value {
    pub(super) fn number(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn name(&self) -> Option<&str> {
        if let Value::Name(name) = self { Some(name) } else { None }
    }

    pub(super) fn is_word(&self, wanted: &str) -> bool {
        matches!(self, Value::Word(word) if word == wanted)
    }
}

/// Whether bytes stand between values.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !is_delimiter(byte)
}

/// Reads values one after the other.
pub(super) struct Lexer<'b> {
    bytes: &'b [u8],
    /// Where it goes on.
    pub(super) at: usize,
    /// Values that may still be read for the one that is asked for.
    values: usize,
    /// Whether a value was cut, as it is nested too deep or too large.
    pub(super) cut: bool,
}

impl<'b> Lexer<'b> {
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Lexer<'b> {
        Lexer { bytes, at: at.min(bytes.len()), values: 0, cut: false }
    }

    /// The next value with all in it; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Value> {
        self.values = MAX_PDF_VALUES;
        self.value(0)
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// Skips blanks and comments.
    pub(super) fn skip_blank(&mut self) {
        while let Some(byte) = self.peek(0) {
            if byte == b'%' {
                let rest = &self.bytes[self.at..];
                self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            } else if is_blank(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > MAX_PDF_NESTING || self.values == 0 {
            self.cut = true;
            return None;
        }
        self.values -= 1;
        self.skip_blank();
        match (self.peek(0)?, self.peek(1)) {
            (b'/', _) => Some(Value::Name(self.name())),
            (b'(', _) => Some(Value::Text(self.literal())),
            (b'<', Some(b'<')) => {
                self.at += 2;
                Some(Value::Dict(self.dict(depth)))
            }
            (b'<', _) => Some(Value::Text(self.hex())),
            (b'[', _) => {
                self.at += 1;
                let mut list = Vec::new();
                while let Some(value) = self.value(depth + 1).filter(|value| !value.is_word("]")) {
                    list.push(value);
                }
                Some(Value::List(list))
            }
            (b'>', Some(b'>')) => {
                self.at += 2;
                Some(Value::Word(">>".to_owned()))
            }
            (byte, _) if is_delimiter(byte) => {
                self.at += 1;
                Some(Value::Word(char::from(byte).to_string()))
            }
            _ => Some(self.word()),
        }
    }

    fn dict(&mut self, depth: usize) -> Dict {
        let mut dict = Dict::new();
        while let Some(Value::Name(key)) = self.value(depth + 1) {
            match self.value(depth + 1) {
                Some(value) if !value.is_word(">>") => dict.insert(key, value),
                _ => break,
            };
        }
        dict
    }

    fn regular(&mut self) -> &'b [u8] {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().take_while(|&&byte| is_regular(byte)).count();
        self.at += len;
        &rest[..len]
    }

    fn name(&mut self) -> String {
        self.at += 1;
        let raw = self.regular();
        let mut name = Vec::with_capacity(raw.len());
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            match (byte, raw.get(at + 1).and_then(hex_digit), raw.get(at + 2).and_then(hex_digit)) {
                (b'#', Some(high), Some(low)) => {
                    name.push(high << 4 | low);
                    at += 3;
                }
                _ => {
                    name.push(byte);
                    at += 1;
                }
            }
        }
        String::from_utf8_lossy(&name).into_owned()
    }

    /// A number, a reference to an object, or a word.
    fn word(&mut self) -> Value {
        let raw = self.regular();
        let text = String::from_utf8_lossy(raw);
        let numeric = raw.iter().all(|byte| byte.is_ascii_digit() || b"+-.".contains(byte));
        match text.parse::<f64>() {
            Ok(number) if numeric => self.reference(&text).map_or(Value::Number(number), Value::Ref),
            _ => Value::Word(text.into_owned()),
        }
    }

    /// The rest of `12 0 R`, when that stands here.
    fn reference(&mut self, number: &str) -> Option<u32> {
        let number = number.parse().ok()?;
        let rest = &self.bytes[self.at..self.bytes.len().min(self.at + 16)];
        let blank = |bytes: &[u8]| bytes.iter().take_while(|&&byte| is_blank(byte)).count();
        let first = blank(rest);
        let digits = rest[first..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let second = blank(&rest[first + digits..]);
        let end = first + digits + second;
        let ends = rest.get(end + 1).is_none_or(|&byte| !is_regular(byte));
        (first > 0 && digits > 0 && second > 0 && rest.get(end) == Some(&b'R') && ends).then(|| {
            self.at += end + 1;
            number
        })
    }

    fn literal(&mut self) -> Vec<u8> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => open -= 1,
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            if open == 0 {
                break;
            }
            text.push(byte);
        }
        text
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek(0) else { return };
        self.at += 1;
        text.push(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 0x0C,
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                code as u8
            }
            // A line that goes on.
            b'\r' if self.peek(0) == Some(b'\n') => {
                self.at += 1;
                return;
            }
            b'\r' | b'\n' => return,
            other => other,
        });
    }

    fn hex(&mut self) -> Vec<u8> {
        self.at += 1;
        let rest = &self.bytes[self.at..];
        let len = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        self.at += (len + 1).min(rest.len());
        unhex(&rest[..len])
    }
}

fn hex_digit(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).map(|digit| digit as u8)
}

/// Bytes from hex digits, of which a last single one counts as the higher half.
pub(super) fn unhex(text: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = text.iter().filter_map(hex_digit).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
}
