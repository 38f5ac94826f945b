//! Reads how a shape is written: literals, runs of characters, alternatives.

use super::{ByteSet, Element};

/// Alternatives that expand to more than this are a mistake in the rule, not a need.
const MAX_SEQUENCES: usize = 256;

/// The alternatives of a shape, each a list of elements.
pub(super) fn alternatives(source: &str) -> Result<Vec<Vec<Element>>, String> {
    let chars: Vec<char> = source.chars().collect();
    let mut parser = Parser { chars: &chars, at: 0 };
    let lists = parser.alternatives(0)?;
    if parser.at != chars.len() {
        return Err(format!("unexpected `)` in shape `{source}`"));
    }
    Ok(lists)
}

/// The set of a class name.
fn class(name: &str) -> Option<ByteSet> {
    let digit = || b'0'..=b'9';
    let lower = || b'a'..=b'z';
    let upper = || b'A'..=b'Z';
    let base62 = || digit().chain(lower()).chain(upper());
    Some(match name {
        "" => ByteSet::EMPTY,
        "digit" => ByteSet::of(digit()),
        "hex" => ByteSet::of(digit().chain(b'a'..=b'f')),
        "HEX" => ByteSet::of(digit().chain(b'A'..=b'F')),
        "xdigit" => ByteSet::of(digit().chain(b'a'..=b'f').chain(b'A'..=b'F')),
        "lower" => ByteSet::of(lower()),
        "upper" => ByteSet::of(upper()),
        "alpha" => ByteSet::of(lower().chain(upper())),
        "lower-alnum" => ByteSet::of(digit().chain(lower())),
        "upper-alnum" => ByteSet::of(digit().chain(upper())),
        "base62" => ByteSet::of(base62()),
        "base64" => ByteSet::of(base62().chain(*b"+/")),
        "base64url" => ByteSet::of(base62().chain(*b"-_")),
        "base32" => ByteSet::of((b'2'..=b'7').chain(upper())),
        "base58" => ByteSet::of(base62().filter(|byte| !b"0OIl".contains(byte))),
        "word" => ByteSet::of(base62().chain(*b"_")),
        "printable" => ByteSet::of((0x21..=0x7e).filter(|byte| !b"\"'`\\".contains(byte))),
        _ => return None,
    })
}

struct Parser<'c> {
    chars: &'c [char],
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
        while let Some(&next) = self.chars.get(self.at) {
            match next {
                ')' if depth > 0 => break,
                ')' => return Err("unexpected `)`".into()),
                '|' => {
                    self.at += 1;
                    all.append(&mut current);
                    current.push(Vec::new());
                }
                '(' => {
                    self.at += 1;
                    let inner = self.alternatives(depth + 1)?;
                    if self.chars.get(self.at) != Some(&')') {
                        return Err("`(` without `)`".into());
                    }
                    self.at += 1;
                    current = product(&current, &inner)?;
                }
                '[' => {
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

    fn literal(&mut self) -> Result<Box<[u8]>, String> {
        let mut text = String::new();
        while let Some(&next) = self.chars.get(self.at) {
            match next {
                '[' | '(' | ')' | '|' => break,
                '\\' => {
                    let escaped = self.chars.get(self.at + 1).ok_or("`\\` at the end of a shape")?;
                    text.push(*escaped);
                    self.at += 2;
                }
                _ => {
                    text.push(next);
                    self.at += 1;
                }
            }
        }
        Ok(text.into_bytes().into())
    }

    fn run(&mut self) -> Result<Vec<Element>, String> {
        let open = self.at + 1;
        let mut close = open;
        while self.chars.get(close).is_some_and(|&next| next != ']') {
            close += if self.chars[close] == '\\' { 2 } else { 1 };
        }
        if close >= self.chars.len() {
            return Err("`[` without `]`".into());
        }
        let body: String = self.chars[open..close].iter().collect();
        self.at = close + 1;
        if body == "uuid" {
            let hex = class("xdigit").expect("xdigit is a class");
            let dash = || Element::Literal(Box::new(*b"-"));
            let run = |len| Element::Run { set: hex, min: len, max: len };
            return Ok(vec![run(8), dash(), run(4), dash(), run(4), dash(), run(4), dash(), run(12)]);
        }
        let (set, len) = body.rsplit_once(':').ok_or_else(|| format!("`[{body}]` has no `:length`"))?;
        let (name, extra) = set.split_once('+').unwrap_or((set, ""));
        let base = class(name).ok_or_else(|| format!("`{name}` is no character class"))?;
        let extra = extra.replace('\\', "");
        if !extra.is_ascii() {
            return Err(format!("`[{body}]` lists a character that is not ASCII"));
        }
        let set = ByteSet::of(base.iter().chain(extra.bytes()));
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
