//! Reads the body of a key in armour: base64 in lines, as a file has it or as the strings of a program,
//! JSON, YAML, HTML or a URL do.

use std::ops::Range;

/// Bytes of a body, at most: an RSA key of 16,384 bits is 12.5 kB long in its file, and those longer
/// than 8,192 are not met in practice.
const LONGEST: usize = 12_000;
/// Letters of a body in one line.
const ONE_LINE: usize = 96;
/// Letters of the first two lines of a body in several.
const FIRST_LINES: [usize; 2] = [36, 40];
/// Letters of each line after them; the last may be as short as [`LAST_LINE`].
const LINE: usize = 16;
const LAST_LINE: usize = 2;

/// Where the body ends of which the first letters end at `at`; `None` where it is too short to be a key.
pub fn body_end(text: &[u8], at: usize) -> Option<usize> {
    let text = &text[..text.len().min(at + LONGEST)];
    let first = line(text, at);
    let mut end = if first.letters >= ONE_LINE {
        first.range.end
    } else {
        let second = next_line(text, first.range.end)?;
        let enough = first.letters >= FIRST_LINES[0] && second.letters >= FIRST_LINES[1];
        enough.then_some(second.range.end)?
    };
    while let Some(next) = next_line(text, end).filter(|next| next.letters >= LAST_LINE) {
        end = next.range.end;
        if next.letters < LINE {
            break;
        }
    }
    Some(end)
}

/// A line of base64.
struct Line {
    range: Range<usize>,
    letters: usize,
}

fn line(text: &[u8], start: usize) -> Line {
    let (mut end, mut letters) = (start, 0);
    while let Some(length) = letter(&text[end..]) {
        end += length;
        letters += 1;
    }
    Line { range: start..end, letters }
}

/// The line after a place, if it is parted from it.
fn next_line(text: &[u8], at: usize) -> Option<Line> {
    let mut start = at;
    while let Some(length) = separator(&text[start..]) {
        start += length;
    }
    // `MIIE..`, and below it dots for what is left out.
    let cut = text[at..start].windows(3).any(|three| three == b"...");
    (start > at && !cut).then(|| line(text, start))
}

/// The length of the letter that a text starts with, escaped or not.
fn letter(text: &[u8]) -> Option<usize> {
    match text {
        [byte, ..] if is_letter(*byte) => Some(1),
        // JSON may write `/` so.
        [b'\\', ..] => {
            let lead = backslashes(text);
            (text.get(lead) == Some(&b'/')).then_some(lead + 1)
        }
        [b'%', b'2', b'B' | b'b' | b'F' | b'f', ..] | [b'%', b'3', b'D' | b'd', ..] => Some(3),
        _ => None,
    }
}

/// The length of what parts lines that a text starts with: a line end, escaped or not, a blank, a quote,
/// the mark of a comment, what joins strings.
fn separator(text: &[u8]) -> Option<usize> {
    match text {
        // The next line may start with it.
        [b'+', next, ..] if is_letter(*next) => None,
        [byte, ..] if b" \t\n\r\x0B\x0C\"'`,.;:_()[]|>*#+".contains(byte) => Some(1),
        [b'\\', ..] => {
            let lead = backslashes(text);
            match &text[lead..] {
                [b'u', b'0', b'0', b'0', b'A' | b'a' | b'D' | b'd', ..] => Some(lead + 5),
                [b'n' | b'r', ..] => Some(lead + 1),
                [b'/', ..] => None,
                _ => Some(lead),
            }
        }
        [b'%', b'0', b'A' | b'a' | b'D' | b'd', ..] => Some(3),
        [b'&', rest @ ..] => {
            let entities = [&b"#10;"[..], b"#13;", b"#xA;", b"#xa;", b"#xD;", b"#xd;"];
            Some(1 + entities.iter().find(|entity| rest.starts_with(entity)).map_or(0, |entity| entity.len()))
        }
        [b'<', b'b', b'r', ..] => {
            [&b"<br>"[..], b"<br/>", b"<br />", b"<br >"].iter().find(|tag| text.starts_with(tag)).map(|tag| tag.len())
        }
        _ => None,
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn backslashes(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| byte == b'\\').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Option<&str> {
        body_end(text.as_bytes(), 1).map(|end| &text[..end])
    }

    #[test]
    fn lines_of_all_kinds_are_one_body() {
        let line = "Ab3+".repeat(16);
        for (parted, end) in [
            ("\n", "\n-----END"),
            ("\r\n", "\r\n-----END"),
            ("\\n", "\\n-----END"),
            ("\\\\r\\\\n", "\\\\n---"),
            ("\\n\" +\n    \"", "\\n\" +\n \"-----END"),
            ("\\u000a", "\\u000a--"),
            ("%0A", "%0A--"),
            ("&#10;", "&#10;--"),
            ("<br />", "<br/>--"),
            ("\n * ", "\n * ---"),
            (" ", " ----"),
        ] {
            let whole = format!("M{line}{parted}+{line}{parted}{line}{parted}AQ==");
            assert_eq!(body(&format!("{whole}{end}")), Some(whole.as_str()), "{parted}");
        }
        let escaped = format!("MAAAA\\/%2B%3d{line}{line}");
        assert_eq!(body(&format!("{escaped}\"")), Some(escaped.as_str()));
    }

    #[test]
    fn what_is_too_short_is_no_body() {
        assert_eq!(body("MIIEpAIBAAKCAQEA\n-----END"), None);
        let line = "Ab3+".repeat(16);
        assert_eq!(body(&format!("M{line}\n    ...\n    {line}\n-----END")), None, "what dots leave out");
        assert_eq!(body(&format!("M{}", "A".repeat(ONE_LINE - 1))), None);
        assert_eq!(body(&format!("M{}\n{}", "A".repeat(64), "B".repeat(39))), None);
        let two = format!("M{}\n{}", "A".repeat(64), "B".repeat(40));
        assert_eq!(body(&two), Some(two.as_str()));
        // A short line is the last one.
        assert_eq!(body(&format!("{two}\nCCCC\nDDDD")), Some(&*format!("{two}\nCCCC")));
        assert_eq!(body(&format!("M{}", "A".repeat(2 * LONGEST))).map(str::len), Some(LONGEST + 1));
    }
}
