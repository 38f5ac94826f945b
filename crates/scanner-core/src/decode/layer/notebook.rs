//! Jupyter notebooks: the cells' source and text outputs, put together as the files that they are.

use super::map::{Edit, Layer, Units};
use std::ops::Range;

/// What is read of a notebook.
#[derive(Debug)]
pub struct Cell {
    /// Its text, with a map back into the notebook.
    pub layer: Layer,
    /// Whether it is code, of the language that the layer's extension says.
    pub is_code: bool,
}

/// The code of all cells as one file, and all text outputs as another; `None` when `text` is no
/// notebook that can be read.
pub fn cells(text: &str) -> Option<Vec<Cell>> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0, depth: 0, found: Found::default() };
    reader.blanks();
    reader.value(&[])?;
    let found = reader.found;
    if found.code.is_empty() && found.prose.is_empty() && found.outputs.is_empty() {
        return None;
    }
    let extension = match found.language.map(|range| &text[range]) {
        Some("python") | None => "py",
        Some("javascript" | "typescript") => "ts",
        Some("julia") => "jl",
        Some("R" | "r") => "r",
        Some("scala") => "scala",
        Some("bash") => "sh",
        Some(_) => "txt",
    };
    let part = |strings: Vec<Range<usize>>, extension, is_code| {
        let edits = strings.into_iter().flat_map(|string| pieces(text, string, is_code)).collect();
        Cell { layer: Layer::pieces(text, edits, extension), is_code }
    };
    let mut parts =
        vec![part(found.code, extension, true), part(found.prose, "md", false), part(found.outputs, "txt", false)];
    parts.retain(|part| !part.layer.text().trim().is_empty());
    Some(parts)
}

/// A JSON string's text in pieces, each with its place. Lines that are commands of the notebook and
/// no code are left out, as they would keep the rest from being parsed.
fn pieces(text: &str, string: Range<usize>, is_code: bool) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits: Vec<Edit> = Vec::new();
    let same = |outer: Range<usize>| Edit { outer, text: String::new(), units: Units::Whole, how: Vec::new() };
    let said = |outer: Range<usize>, text: String| Edit { outer, text, units: Units::Whole, how: Vec::new() };
    let is_command = |at: usize| is_code && at < string.end && matches!(bytes[at], b'%' | b'!');
    if string.is_empty() {
        // The end of a cell, whose last line has none.
        return vec![said(string, "\n\n".into())];
    }
    let mut at = string.start;
    if is_command(at) {
        edits.push(said(at..at, "# ".into()));
    }
    while at < string.end {
        let next = memchr::memchr(b'\\', &bytes[at..string.end]).map_or(string.end, |len| at + len);
        if next > at {
            edits.push(same(at..next));
        }
        if next == string.end {
            break;
        }
        let (len, letter) = match bytes.get(next + 1) {
            Some(b'n') => (2, '\n'),
            Some(b't') => (2, '\t'),
            Some(b'r') => (2, '\r'),
            Some(b'b' | b'f') => (2, ' '),
            Some(b'u') => {
                let digits = text.get(next + 2..next + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                (6, digits.and_then(char::from_u32).unwrap_or('\u{FFFD}'))
            }
            Some(&byte) if byte.is_ascii() => (2, char::from(byte)),
            _ => break,
        };
        let end = (next + len).min(string.end);
        edits.push(said(next..end, letter.to_string()));
        at = end;
        if letter == '\n' && is_command(at) {
            edits.push(said(at..at, "# ".into()));
        }
    }
    edits
}

#[derive(Default)]
struct Found {
    language: Option<Range<usize>>,
    code: Vec<Range<usize>>,
    prose: Vec<Range<usize>>,
    outputs: Vec<Range<usize>>,
}

/// Reads JSON for the few strings that matter, and where they stand, which no JSON library tells.
struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    depth: usize,
    found: Found,
}

/// Levels of JSON in a notebook; widgets' state nests deepest.
const DEPTH: usize = 100;

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// A string's contents.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            at += memchr::memchr2(b'"', b'\\', self.bytes.get(at..)?)?;
            if self.bytes[at] == b'"' {
                self.at = at + 1;
                return Some(start..at);
            }
            at += 2;
        }
    }

    /// A value at a path of keys (array levels have none); strings that matter are noted.
    fn value(&mut self, path: &[&[u8]]) -> Option<()> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        match self.peek() {
            b'"' => {
                let string = self.string()?;
                self.note(path, string);
            }
            b'{' => self.object(path)?,
            b'[' => {
                self.at += 1;
                self.blanks();
                while self.peek() != b']' {
                    self.value(path)?;
                    self.comma(b']')?;
                }
                self.at += 1;
            }
            _ => {
                let rest = self.bytes.get(self.at..)?;
                let len = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
                if len == 0 {
                    return None;
                }
                self.at += len;
            }
        }
        self.depth -= 1;
        self.blanks();
        Some(())
    }

    fn comma(&mut self, close: u8) -> Option<()> {
        self.blanks();
        if self.peek() == b',' {
            self.at += 1;
            self.blanks();
            return Some(());
        }
        (self.peek() == close).then_some(())
    }

    fn object(&mut self, path: &[&[u8]]) -> Option<()> {
        let bytes = self.bytes;
        let is_cell = path == [b"cells"];
        let code = self.found.code.len();
        let mut is_code = true;
        self.at += 1;
        self.blanks();
        while self.peek() != b'}' {
            let key = self.string()?;
            self.blanks();
            if self.peek() != b':' {
                return None;
            }
            self.at += 1;
            self.blanks();
            let key = &bytes[key];
            if is_cell && key == b"cell_type" && self.peek() == b'"' {
                let start = self.at;
                is_code = self.string().is_some_and(|kind| &bytes[kind] == b"code");
                self.at = start;
            }
            let inner = [path, &[key]].concat();
            self.value(&inner)?;
            self.comma(b'}')?;
        }
        self.at += 1;
        if is_cell {
            let end = self.at..self.at;
            let source = self.found.code.split_off(code);
            let part = if is_code { &mut self.found.code } else { &mut self.found.prose };
            part.extend(source.into_iter().chain([end.clone()]));
            self.found.outputs.push(end);
        }
        Some(())
    }

    fn note(&mut self, path: &[&[u8]], string: Range<usize>) {
        match path {
            [b"cells", b"source"] => self.found.code.push(string),
            [b"cells", b"outputs", b"text"] => self.found.outputs.push(string),
            [b"cells", b"outputs", b"data", kind] if kind.starts_with(b"text/") || **kind == *b"application/json" => {
                self.found.outputs.push(string);
            }
            [b"cells", b"outputs", b"evalue" | b"traceback"] => self.found.outputs.push(string),
            [b"metadata", b"kernelspec", b"language"] | [b"metadata", b"language_info", b"name"] => {
                self.found.language = Some(string);
            }
            _ => {}
        }
    }
}
