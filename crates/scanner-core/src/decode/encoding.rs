//! Tells text from binary and decodes UTF-8, UTF-16 and, as a fallback, Latin-1.

use std::borrow::Cow;

/// What bytes turned out to be.
#[derive(Debug)]
pub enum Decoded<'a> {
    /// Text; borrowed when it was UTF-8 already.
    Text(Cow<'a, str>),
    /// No text: an image, an archive, a program.
    Binary,
}

/// Decodes `bytes`; the first `sniff` of them decide whether they are binary.
///
/// A BOM decides for UTF-16; without one, text whose NULs all stand in odd (LE) or all in even (BE)
/// places is UTF-16 too, as no other text holds NULs. Anything else with a NUL is binary. A UTF-8
/// BOM is kept, since code scanning hashes it as a part of line 1.
pub fn decode(bytes: &[u8], sniff: usize) -> Decoded<'_> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(sniff)];
    if memchr::memchr(0, head).is_some() {
        return match utf16_order(head) {
            Some(order) => utf16(bytes, order),
            None => Decoded::Binary,
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded::Text(Cow::Borrowed(text)),
        Err(_) if looks_binary(head) => Decoded::Binary,
        Err(_) => Decoded::Text(Cow::Owned(latin(bytes))),
    }
}

/// Text of which each byte is a character. Most of it is ASCII, which is taken as it is.
fn latin(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    for part in bytes.chunks(256) {
        match std::str::from_utf8(part) {
            Ok(ascii) if part.is_ascii() => text.push_str(ascii),
            _ => text.extend(part.iter().map(|&byte| char::from(byte))),
        }
    }
    text
}

/// Whether the first bytes of a file settle that it is binary, whatever follows them.
pub fn starts_binary(head: &[u8], sniff: usize) -> bool {
    let head = &head[..head.len().min(sniff)];
    !head.starts_with(&[0xFF, 0xFE])
        && !head.starts_with(&[0xFE, 0xFF])
        && memchr::memchr(0, head).is_some()
        && utf16_order(head).is_none()
}

type Order = fn([u8; 2]) -> u16;

/// The byte order of BOM-less UTF-16, if that is what `head` is: nearly all of its units are
/// Latin letters, so one side is nearly all NUL and the other holds none.
fn utf16_order(head: &[u8]) -> Option<Order> {
    let pairs = head.len() / 2;
    if pairs < 4 {
        return None;
    }
    let (mut even, mut odd) = (0, 0);
    for pair in head.chunks_exact(2) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
        // Most binary files show it within a few bytes.
        if even > 0 && odd > 0 {
            return None;
        }
    }
    match (even, odd) {
        (0, odd) if odd * 10 >= pairs * 7 => Some(u16::from_le_bytes),
        (even, 0) if even * 10 >= pairs * 7 => Some(u16::from_be_bytes),
        _ => None,
    }
}

fn utf16<'a>(bytes: &[u8], order: Order) -> Decoded<'a> {
    let units = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
    Decoded::Text(Cow::Owned(char::decode_utf16(units).map(|unit| unit.unwrap_or('\u{FFFD}')).collect()))
}

/// Text in an old encoding has hardly any control characters; compressed data has many.
fn looks_binary(head: &[u8]) -> bool {
    let control =
        head.iter().filter(|&&byte| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B)).count();
    control * 50 > head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Option<String> {
        match decode(bytes, 8192) {
            Decoded::Text(text) => Some(text.into_owned()),
            Decoded::Binary => None,
        }
    }

    #[test]
    fn encodings() {
        let sample = "key = väl\n";
        let le: Vec<u8> = sample.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = sample.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(sample.as_bytes()).as_deref(), Some(sample));
        assert_eq!(text(&le).as_deref(), Some(sample));
        assert_eq!(text(&be).as_deref(), Some(sample));
        assert_eq!(text(&[&[0xFF, 0xFE], &le[..]].concat()).as_deref(), Some(sample));
        assert_eq!(text(&[&[0xFE, 0xFF], &be[..]].concat()).as_deref(), Some(sample));
        assert_eq!(text(b"key = v\xE4l\n").as_deref(), Some(sample));
        let long = [&b"x".repeat(300)[..], b"\xC3\xA4\xE4", &b"y".repeat(300)].concat();
        let read: String = long.iter().map(|&byte| char::from(byte)).collect();
        assert_eq!(text(&long), Some(read), "what is UTF-8 in parts is none");
        assert_eq!(text(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"), None);
        assert_eq!(text(&[0x1f, 0x8b, 8, 3, 0x91, 4, 5, 6, 0xff, 0x11]), None);
        assert_eq!(text(b"").as_deref(), Some(""));
    }
}
