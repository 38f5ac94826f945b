//! Decodes one encoded run to text: base64, base64url or hex, then whatever the bytes are.

use super::map::Units;
use super::runs::CLASS;
use flate2::read::{GzDecoder, ZlibDecoder};
use std::io::Read;

/// No character of the alphabet.
const NONE: u8 = 0xFF;

const fn values() -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut at = 0;
    while at < 26 {
        values[b'A' as usize + at] = at as u8;
        values[b'a' as usize + at] = at as u8 + 26;
        at += 1;
    }
    let mut digit = 0;
    while digit < 10 {
        values[b'0' as usize + digit] = digit as u8 + 52;
        digit += 1;
    }
    values[b'+' as usize] = 62;
    values[b'-' as usize] = 62;
    values[b'/' as usize] = 63;
    values[b'_' as usize] = 63;
    values
}

static VALUES: [u8; 256] = values();

/// What an encoded run stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plain {
    pub(super) text: String,
    /// How the text's bytes lie in the run's.
    pub(super) units: Units,
    /// The encodings, from the outermost.
    pub(super) how: Vec<&'static str>,
}

/// Bytes of a run that are tried before it is decoded as a whole: of random bytes one in ten
/// thousand runs passes.
const TRIED: usize = 12;

/// Decodes base64 or base64url without padding. Characters that are neither end it; a wrapped run
/// holds line ends and blanks, which are passed over.
pub(crate) fn base64(run: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(run.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in run {
        if byte.is_ascii_whitespace() {
            continue;
        }
        let value = VALUES[usize::from(byte)];
        if value == NONE {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    match count {
        0 => {}
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&(bits >> 2).to_be_bytes()[2..]),
        _ => return None,
    }
    Some(out)
}

/// What bytes may be, told by the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Utf16Le,
    Utf16Be,
    Gzip,
    Zlib,
    Binary,
}

/// Tells by the first bytes what the rest can be; they may end inside a character.
fn content(head: &[u8]) -> Content {
    match head {
        [0x1F, 0x8B, 8, ..] => return Content::Gzip,
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] if !is_text(head) => return Content::Zlib,
        [0xFF, 0xFE, ..] => return Content::Utf16Le,
        [0xFE, 0xFF, ..] => return Content::Utf16Be,
        _ => {}
    }
    let side = |offset: usize| {
        head.len() >= 6
            && head
                .chunks_exact(2)
                .all(|pair| pair[1 - offset] == 0 && is_text_byte(pair[offset]) && pair[offset] < 0x80)
    };
    if side(0) {
        Content::Utf16Le
    } else if side(1) {
        Content::Utf16Be
    } else if is_text(head) {
        Content::Text
    } else {
        Content::Binary
    }
}

fn is_text_byte(byte: u8) -> bool {
    byte >= 0x20 && byte != 0x7F || matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Whether bytes are UTF-8 without control characters, as far as they go.
fn is_text(head: &[u8]) -> bool {
    head.iter().all(|&byte| is_text_byte(byte))
        && match std::str::from_utf8(head) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none(),
        }
}

/// Whether a run of base64 characters starts as text does, or as a compressed stream.
pub(super) fn may_be_text(run: &[u8]) -> bool {
    let Some(&head) = run.first_chunk::<TRIED>() else { return false };
    // The first character is six bits of the first byte: most words fail here.
    let first = VALUES[usize::from(head[0])];
    let marked = matches!(head[0], b'/'); // the byte order mark of UTF-16
    if first >= 32 && !marked {
        return false;
    }
    let values = head.map(|byte| VALUES[usize::from(byte)]);
    if values.contains(&NONE) {
        // Wrapped: with blanks between, it is shorter.
        return base64(&head).is_some_and(|bytes| content(&bytes) != Content::Binary);
    }
    let mut bytes = [0; TRIED / 4 * 3];
    for (three, four) in bytes.as_chunks_mut::<3>().0.iter_mut().zip(values.as_chunks::<4>().0) {
        let bits = four.iter().fold(0, |bits, &value| bits << 6 | u32::from(value));
        three.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    content(&bytes) != Content::Binary
}

/// Whether a run of hex digits starts as text does.
pub(super) fn may_be_hex(run: &[u8]) -> bool {
    matches!(run.first(), Some(b'0'..=b'7' | b'f' | b'F'))
        && run.iter().all(u8::is_ascii_hexdigit)
        && hex(&run[..run.len().min(TRIED)]).is_some_and(|bytes| content(&bytes) != Content::Binary)
}

/// Decodes a run of base64 characters (with blanks and line ends, if wrapped) to text. Nothing comes
/// of what is no text: images, fonts, certificates, digests, keys.
pub(super) fn base64_text(run: &[u8], budget: usize) -> Option<Plain> {
    let wrapped = !run.iter().all(|&byte| CLASS[usize::from(byte)]);
    let units = if wrapped { Units::Whole } else { Units::Even { inner: 3, outer: 4 } };
    let mut plain = bytes_text(&base64(run)?, units, budget)?;
    if wrapped && plain.units == Units::Whole && plain.how.is_empty() {
        plain.units = Units::Groups(line_groups(run));
    }
    plain.how.insert(0, "base64");
    Some(plain)
}

/// For wrapped base64: where each line's bytes lie, when lines hold whole groups of four.
fn line_groups(run: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut groups = Vec::new();
    let (mut inner, mut at) = (0, 0);
    while at < run.len() {
        let len = run[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
        if len > 0 {
            groups.push((inner, at, at + len));
            if len % 4 != 0 && at + len < run.len() {
                return Vec::new();
            }
            inner += len / 4 * 3;
        }
        at += len.max(1);
    }
    groups
}

/// Decodes hex digits.
fn hex(run: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let whole = run.len().is_multiple_of(2).then_some(run)?;
    whole.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Decodes a run of hex digits to text.
pub(super) fn hex_text(run: &[u8], budget: usize) -> Option<Plain> {
    if !may_be_hex(run) {
        return None;
    }
    let mut plain = bytes_text(&hex(run)?, Units::Even { inner: 1, outer: 2 }, budget)?;
    plain.how.insert(0, "hex");
    Some(plain)
}

/// Reads bytes as text: UTF-8, UTF-16, or compressed text.
fn bytes_text(bytes: &[u8], units: Units, budget: usize) -> Option<Plain> {
    match content(&bytes[..bytes.len().min(TRIED)]) {
        Content::Text => Some(Plain { text: utf8(bytes)?, units, how: Vec::new() }),
        Content::Utf16Le => utf16(bytes, units, u16::from_le_bytes),
        Content::Utf16Be => utf16(bytes, units, u16::from_be_bytes),
        Content::Gzip => inflated(GzDecoder::new(bytes), "gzip", budget),
        Content::Zlib => inflated(ZlibDecoder::new(bytes), "zlib", budget),
        Content::Binary => None,
    }
}

fn utf8(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    is_text(bytes).then(|| text.to_owned())
}

fn utf16(bytes: &[u8], units: Units, order: fn([u8; 2]) -> u16) -> Option<Plain> {
    let marked = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    let numbers = bytes[if marked { 2 } else { 0 }..].chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
    let text: String = char::decode_utf16(numbers).collect::<Result<_, _>>().ok()?;
    if !is_text(text.as_bytes()) {
        return None;
    }
    // A byte of ASCII takes two; with a mark or other letters the places are not told apart.
    let even = !marked && text.is_ascii();
    let units = match units {
        Units::Even { inner: 3, outer: 4 } if even => Units::Even { inner: 3, outer: 8 },
        Units::Even { inner, outer } if even => Units::Even { inner, outer: outer * 2 },
        _ => Units::Whole,
    };
    Some(Plain { text, units, how: vec!["UTF-16"] })
}

/// Compressed text; what holds more than `budget` bytes is read as far as that.
fn inflated(mut reader: impl Read, how: &'static str, budget: usize) -> Option<Plain> {
    let mut bytes = Vec::new();
    // The start of a damaged stream may hold what is looked for all the same.
    let _ = reader.by_ref().take(TRIED as u64).read_to_end(&mut bytes);
    if bytes.is_empty() || content(&bytes) == Content::Binary {
        return None;
    }
    let _ = reader.take(budget.saturating_sub(bytes.len()) as u64).read_to_end(&mut bytes);
    let valid = match std::str::from_utf8(&bytes) {
        Ok(_) => bytes.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => 0,
    };
    let mut plain = bytes_text(if valid == 0 { &bytes } else { &bytes[..valid] }, Units::Whole, budget)?;
    plain.units = Units::Whole;
    plain.how.insert(0, how);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Encodes, since no decoder should be tested by itself alone.
    pub(crate) fn encode(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let letter = |number: u32| char::from(ALPHABET[number as usize & 63]);
        let mut out = String::new();
        for group in bytes.chunks(3) {
            let number =
                group.iter().fold(0u32, |number, &byte| number << 8 | u32::from(byte)) << (8 * (3 - group.len()));
            (0..=group.len()).for_each(|place| out.push(letter(number >> (18 - 6 * place))));
        }
        out
    }

    fn read(run: &str) -> Option<(String, Vec<&'static str>)> {
        may_be_text(run.as_bytes())
            .then(|| base64_text(run.as_bytes(), 1 << 20))
            .flatten()
            .map(|plain| (plain.text, plain.how))
    }

    #[test]
    fn text_comes_out() {
        for len in 20..30 {
            let text: String = "password = Grüße, 12?".chars().cycle().take(len).collect();
            assert_eq!(read(&encode(text.as_bytes())), Some((text.clone(), vec!["base64"])));
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(read(&encode(&wide)), Some((text.clone(), vec!["base64", "UTF-16"])));
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex_text(hex.as_bytes(), 1 << 20).map(|plain| plain.text), Some(text));
        }
        assert_eq!(
            base64_text(b"Z3JlZXRpbmc9\n  aHVudGVyMjI=", 99).map(|plain| plain.text),
            None,
            "padding is cut before"
        );
        let wrapped = base64_text(b"Z3JlZXRpbmc9\n  aHVudGVyMjI", 99).expect("it is text");
        assert_eq!(
            (wrapped.text.as_str(), wrapped.units),
            ("greeting=hunter22", Units::Groups(vec![(0, 0, 12), (9, 15, 26)]))
        );
    }

    #[test]
    fn compressed_text_comes_out_and_is_bounded() {
        let text = "token=abc\n".repeat(1000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(text.as_bytes()).expect("memory takes all");
        let gzip = encode(&gzip.finish().expect("memory takes all"));
        assert_eq!(read(&gzip), Some((text.clone(), vec!["base64", "gzip"])));
        assert_eq!(base64_text(gzip.as_bytes(), 100).map(|plain| plain.text.len()), Some(100));
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        zlib.write_all(text.as_bytes()).expect("memory takes all");
        assert_eq!(read(&encode(&zlib.finish().expect("memory takes all"))), Some((text, vec!["base64", "zlib"])));
    }

    #[test]
    fn binary_does_not() {
        for bytes in [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"[..],
            b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01",
            b"\x30\x82\x04\xA4\x02\x01\0\x02\x82\x01\x01\0\xC3",
            b"\0\0\0\x07ssh-rsa\0\0\0\x03\x01\0\x01\0\0\0\x81",
            b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0",
            b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF",
            b"wOF2\0\x01\0\0\0\0\x1F\x40\0\x0F\0\0\0\0",
        ] {
            assert_eq!(read(&encode(bytes)), None, "{bytes:?}");
        }
        for word in [
            "getAccessTokenForUserAccount",
            "com/acme/internal/project/Main",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4",
        ] {
            assert_eq!(read(word), None, "{word}");
        }
        assert_eq!(hex_text(b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4", 99), None);
    }
}
