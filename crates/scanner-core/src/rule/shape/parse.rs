//! Reads how a shape is written: literals, runs of characters, alternatives.

use super::{ByteSet, Element};

/// Alternatives that expand to more than this are a mistake in the rule, not a need.
const MAX_SEQUENCES: usize = 256;

/// The alternatives of a shape, each a list of elements.
pub(super) fn alternatives(source: &str) -> Result<Vec<Vec<Element>>, String> {
    let mut parser = Parser { source, at: 0 };
    let lists = parser.alternatives(0)?;
    if parser.at != source.len() {
        return Err(format!("unexpected `)` in shape `{source}`"));
    }
    Ok(lists)
}

const DIGIT: ByteSet = ByteSet::EMPTY.with(b"0123456789");
const LOWER: ByteSet = ByteSet::EMPTY.with(b"abcdefghijklmnopqrstuvwxyz");
const UPPER: ByteSet = ByteSet::EMPTY.with(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const XDIGIT: ByteSet = DIGIT.with(b"abcdefABCDEF");
const BASE62: ByteSet = DIGIT.and(LOWER).and(UPPER);
const PRINTABLE: ByteSet = BASE62.with(b"!#$%&()*+,-./:;<=>?@[]^_{|}~");

/// The sets of class names: made by the compiler, as some thousand shapes are read at every start.
const CLASSES: &[(&str, ByteSet)] = &[
    ("", ByteSet::EMPTY),
    ("digit", DIGIT),
    ("hex", DIGIT.with(b"abcdef")),
    ("HEX", DIGIT.with(b"ABCDEF")),
    ("xdigit", XDIGIT),
    ("lower", LOWER),
    ("upper", UPPER),
    ("alpha", LOWER.and(UPPER)),
    ("lower-alnum", DIGIT.and(LOWER)),
    ("upper-alnum", DIGIT.and(UPPER)),
    ("base62", BASE62),
    ("base64", BASE62.with(b"+/")),
    ("base64url", BASE62.with(b"-_")),
    ("base32", UPPER.with(b"234567")),
    ("base58", BASE62.without(b"0OIl")),
    ("word", BASE62.with(b"_")),
    ("printable", PRINTABLE),
];

fn class(name: &str) -> Option<ByteSet> {
    CLASSES.iter().find(|(known, _)| *known == name).map(|(_, set)| *set)
}

struct Parser<'s> {
    source: &'s str,
    at: usize,
}

impl Parser<'_> {
    /// Alternatives up to the closing parenthesis or the end, each a list of elements.
    fn alternatives(&mut self, depth: usize) -> Result<Vec<Vec<Element>>, String> {
        if depth > 8 {
            return Err("shape is nested too deeply".into());
        }
        let mut all = Vec::new();
        let mut current: Vec<Vec<Element>> = vec![Vec::new()];
        while let Some(next) = self.next() {
            match next {
                b')' if depth > 0 => break,
                b')' => return Err("unexpected `)`".into()),
                b'|' => {
                    self.at += 1;
                    all.append(&mut current);
                    current.push(Vec::new());
                }
                b'(' => {
                    self.at += 1;
                    let inner = self.alternatives(depth + 1)?;
                    if self.next() != Some(b')') {
                        return Err("`(` without `)`".into());
                    }
                    self.at += 1;
                    current = product(&current, &inner)?;
                }
                b'[' => {
                    let run = self.run()?;
                    current.iter_mut().for_each(|list| list.extend(run.iter().cloned()));
                }
                _ => {
                    let literal = self.literal()?;
                    current.iter_mut().for_each(|list| list.push(Element::Literal(literal.clone())));
                }
            }
        }
        all.append(&mut current);
        Ok(all)
    }

    fn next(&self) -> Option<u8> {
        self.source.as_bytes().get(self.at).copied()
    }

    fn literal(&mut self) -> Result<Box<[u8]>, String> {
        let mut text = String::new();
        loop {
            let rest = &self.source[self.at..];
            let plain = rest.find(['[', '(', ')', '|', '\\']).unwrap_or(rest.len());
            text.push_str(&rest[..plain]);
            self.at += plain;
            if self.next() != Some(b'\\') {
                return Ok(text.into_bytes().into());
            }
            let escaped = rest[plain + 1..].chars().next().ok_or("`\\` at the end of a shape")?;
            text.push(escaped);
            self.at += 1 + escaped.len_utf8();
        }
    }

    fn run(&mut self) -> Result<Vec<Element>, String> {
        let bytes = self.source.as_bytes();
        let open = self.at + 1;
        let mut close = open;
        while bytes.get(close).is_some_and(|&next| next != b']') {
            close += if bytes[close] == b'\\' { 2 } else { 1 };
        }
        if close >= bytes.len() {
            return Err("`[` without `]`".into());
        }
        let body = &self.source[open..close];
        self.at = close + 1;
        if body == "uuid" {
            let dash = || Element::Literal(Box::new(*b"-"));
            let run = |len| Element::Run { set: XDIGIT, min: len, max: len };
            return Ok(vec![run(8), dash(), run(4), dash(), run(4), dash(), run(4), dash(), run(12)]);
        }
        let (set, len) = body.rsplit_once(':').ok_or_else(|| format!("`[{body}]` has no `:length`"))?;
        let (name, extra) = set.split_once('+').unwrap_or((set, ""));
        let base = class(name).ok_or_else(|| format!("`{name}` is no character class"))?;
        if !extra.is_ascii() {
            return Err(format!("`[{body}]` lists a character that is not ASCII"));
        }
        let set = if extra.is_empty() { base } else { base.with(extra.replace('\\', "").as_bytes()) };
        let (min, max) = len.split_once('-').unwrap_or((len, len));
        let number = |text: &str| text.parse::<u16>().map_err(|_| format!("`{text}` is no length"));
        let (min, max) = (number(min)?, number(max)?);
        if min > max || set == ByteSet::EMPTY {
            return Err(format!("`[{body}]` matches nothing"));
        }
        Ok(vec![Element::Run { set, min, max }])
    }
}

fn product(left: &[Vec<Element>], right: &[Vec<Element>]) -> Result<Vec<Vec<Element>>, String> {
    if left.len() * right.len() > MAX_SEQUENCES {
        return Err(format!("shape has more than {MAX_SEQUENCES} alternatives"));
    }
    Ok(left.iter().flat_map(|l| right.iter().map(move |r| l.iter().chain(r).cloned().collect())).collect())
}
