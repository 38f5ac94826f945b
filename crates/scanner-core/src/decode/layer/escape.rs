//! Escapes of single characters: `%41`, `\x41`, `\u0041`, `\u{41}`, `\101`, `&#65;`, `&quot;`, `:\/\/`,
//! and lines that go on after a `\`. Only those are read that stand for a character of credentials or
//! of the syntax around them; letters of other scripts are left alone.

use super::map::{Edit, Units};
use std::ops::Range;

/// Named entities that syntax is hidden behind.
const ENTITIES: &[(&str, &str)] =
    &[("quot;", "\""), ("apos;", "'"), ("lbrace;", "{"), ("colon;", ":"), ("equals;", "=")];

/// What an escape at a place stands for, and how long it is.
struct Found {
    len: usize,
    text: char,
    how: &'static str,
}

/// Finds escapes in order. `folds` says that white space after a continued line's end is dropped,
/// `entities` that `&` may be more than an operator.
pub(super) fn find(text: &str, folds: bool, entities: bool, out: &mut Vec<Edit>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    let third = if entities { b'&' } else { b'%' };
    for at in memchr::memchr3_iter(b'\\', b'%', third, bytes) {
        if at < done {
            continue;
        }
        let found = match bytes[at] {
            b'%' => percent(bytes, at),
            b'&' => entity(text, at),
            _ => {
                if let Some(end) = continued(bytes, at, folds) {
                    out.push(edit(at..end, None, "concatenation"));
                    done = end;
                    continue;
                }
                if bytes[at + 1..].starts_with(b"/\\/") && bytes[..at].ends_with(b":") {
                    done = slashes(bytes, at, out);
                    continue;
                }
                backslash(bytes, at)
            }
        };
        match found {
            Some(found) => {
                done = at + found.len;
                out.push(edit(at..done, Some(found.text), found.how));
            }
            // `\\x`: the second is no escape of its own.
            None if bytes[at] == b'\\' => done = at + 2,
            None => {}
        }
    }
}

fn edit(outer: Range<usize>, text: Option<char>, how: &'static str) -> Edit {
    Edit { outer, text: text.map(String::from).unwrap_or_default(), units: Units::Whole, how: vec![how] }
}

/// Printable ASCII: what credentials are made of, and the marks between names and values.
fn is_telling(letter: char) -> bool {
    matches!(letter, ' '..='~')
}

fn hex(digits: &[u8]) -> Option<char> {
    let mut number = 0;
    for &digit in digits {
        number = number << 4 | char::from(digit).to_digit(16)?;
    }
    char::from_u32(number)
}

fn percent(bytes: &[u8], at: usize) -> Option<Found> {
    let letter = bytes.get(at + 1..at + 3).filter(|digits| digits[0].is_ascii_hexdigit()).and_then(hex)?;
    let joins =
        |byte: Option<&u8>| byte.is_some_and(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%'));
    // `"%3d"` is a format, `%253d` hides one that is read next.
    let text = bytes.get(at + 3);
    let nested = letter == '%' && bytes.get(at + 3..at + 5).is_some_and(|digits| hex(digits).is_some());
    let before = at.checked_sub(1).map(|before| &bytes[before]);
    // Blanks are the most common by far, and hide nothing.
    let telling = is_telling(letter) && letter != ' ' && (joins(before) || joins(text));
    (nested || telling).then_some(Found { len: 3, text: letter, how: "percent" })
}

fn entity(text: &str, at: usize) -> Option<Found> {
    /// `&#x10FFFF;`
    const LONGEST: usize = 10;
    let bytes = text.as_bytes();
    let rest = &bytes[at + 1..bytes.len().min(at + LONGEST)];
    let found = |len, text| Some(Found { len, text, how: "entities" });
    if rest.first() == Some(&b'#') {
        let end = rest.iter().position(|&byte| byte == b';')?;
        let digits = &rest[1..end];
        let letter = match digits {
            [b'x' | b'X', digits @ ..] => hex(digits),
            _ => std::str::from_utf8(digits).ok()?.parse().ok().and_then(char::from_u32),
        }?;
        return if is_telling(letter) { found(end + 2, letter) } else { None };
    }
    if !matches!(rest.first(), Some(b'a' | b'c' | b'e' | b'l' | b'q')) {
        return None;
    }
    if let Some((name, letter)) = ENTITIES.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
        return found(name.len() + 1, letter.chars().next()?);
    }
    // `&amp;quot;`: escaped twice.
    let twice = rest.strip_prefix(b"amp;").is_some_and(|rest| rest.starts_with(b"#") || rest.starts_with(b"quo"));
    if twice { found(5, '&') } else { None }
}

fn backslash(bytes: &[u8], at: usize) -> Option<Found> {
    let found = |len, letter: char| is_telling(letter).then_some(Found { len, text: letter, how: "escapes" });
    match bytes.get(at + 1)? {
        b'x' => found(4, hex(bytes.get(at + 2..at + 4)?)?),
        b'u' if bytes.get(at + 2) == Some(&b'{') => {
            let len = bytes[at + 3..].iter().take(7).position(|&byte| byte == b'}')?;
            found(len + 4, hex(&bytes[at + 3..at + 3 + len])?)
        }
        b'u' => found(6, hex(bytes.get(at + 2..at + 6)?)?),
        b'U' => found(10, hex(bytes.get(at + 2..at + 10)?)?),
        // A single one is a reference of a regex.
        b'0'..=b'1' if octal(bytes, at).is_some() => {
            let neighbour = octal(bytes, at + 4).is_some() || at >= 4 && octal(bytes, at - 4).is_some();
            found(4, octal(bytes, at).filter(|_| neighbour)?)
        }
        // `\\u0041`: escaped twice.
        b'\\' if matches!(bytes.get(at + 2)?, b'x' | b'u') && backslash(bytes, at + 1).is_some() => {
            Some(Found { len: 2, text: '\\', how: "escapes" })
        }
        _ => None,
    }
}

fn octal(bytes: &[u8], at: usize) -> Option<char> {
    let [b'\\', digits @ ..] = bytes.get(at..at + 4)? else { return None };
    let valid = digits[0] <= b'1' && digits.iter().all(|digit| (b'0'..=b'7').contains(digit));
    valid.then(|| char::from(digits.iter().fold(0, |number, digit| number * 8 + (digit - b'0'))))
}

/// `https:\/\/..`: all slashes up to the end of the word.
fn slashes(bytes: &[u8], at: usize, out: &mut Vec<Edit>) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>');
    let end = bytes[at..].iter().position(ends).map_or(bytes.len(), |len| at + len);
    let places = memchr::memmem::find_iter(&bytes[at..end], b"\\/").map(|place| at + place);
    let mut done = at;
    for place in places {
        out.push(edit(place..place + 2, Some('/'), "escapes"));
        done = place + 2;
    }
    done
}

/// Where the text goes on that a `\` at a line's end cuts in two, if it does so inside a word.
fn continued(bytes: &[u8], at: usize, folds: bool) -> Option<usize> {
    let next = match bytes.get(at + 1)? {
        b'\n' => at + 2,
        b'\r' if bytes.get(at + 2) == Some(&b'\n') => at + 3,
        _ => return None,
    };
    let indent = bytes[next..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let end = if folds { next + indent } else { next };
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.~@:!#$%^&*".contains(byte);
    (at > 0 && is_word(&bytes[at - 1]) && bytes.get(end).is_some_and(is_word)).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::super::map::Layer;
    use super::*;

    fn read(text: &str) -> String {
        let mut edits = Vec::new();
        find(text, true, true, &mut edits);
        Layer::inline(text, edits).text().to_owned()
    }

    #[test]
    fn escapes_that_hide_something_are_read() {
        for (encoded, plain) in [
            ("greeting%3Dhunter2%21", "greeting=hunter2!"),
            ("https%3A%2F%2Fci%3Apass%40host", "https://ci:pass@host"),
            ("'\\x41\\x4b\\x49A'", "'AKIA'"),
            ("\"\\u0041\\u{4b}\\U00000049A\"", "\"AKIA\""),
            ("'\\101\\113\\111\\101'", "'AKIA'"),
            ("a&#58;&#x6b; &quot;x&quot;", "a:k \"x\""),
            ("\"https:\\/\\/ci:pass@host\\/x\"", "\"https://ci:pass@host/x\""),
            ("token = abc\\\n    def", "token = abcdef"),
            ("a%253Db", "a%3Db"),
            ("a\\\\u003db", "a\\u003db"),
            ("&amp;quot;", "&quot;"),
        ] {
            assert_eq!(read(encoded), plain, "{encoded}");
        }
    }

    #[test]
    fn others_cost_nothing() {
        for text in [
            "printf(\"%3d %5d\", a, b)",
            "100%",
            "a && b",
            "&nbsp;&amp;&lt;",
            "\\n\\t\\r",
            "\\d+\\1",
            "caf\\u00e9",
            "\\x1b[0m",
            "C:\\\\users\\\\x",
            "%E4%B8%AD",
            "a %20 b",
            "x \\\n y",
            "LIKE '%abc%'",
        ] {
            assert_eq!(read(text), "", "{text}");
        }
    }
}
