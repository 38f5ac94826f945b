//! Undoes what streams of a PDF are packed with, within a bound.

use super::syntax::{is_blank, unhex};
use std::io::Read;

/// Why a stream cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undecoded {
    /// It is damaged, or packed in a way that is not undone.
    Unread,
    /// It unpacks to more than is allowed.
    Limit,
}

/// Undoes one filter; what comes out is no longer than `limit`.
pub(super) fn undo(filter: &str, data: &[u8], limit: usize) -> Result<Vec<u8>, Undecoded> {
    let out = match filter {
        "FlateDecode" | "Fl" => {
            let mut out = Vec::new();
            let mut reader = flate2::read::ZlibDecoder::new(data).take(limit as u64 + 1);
            match reader.read_to_end(&mut out) {
                // Sums at the end are wrong in many files; what came before them is text.
                Err(_) if out.is_empty() => return Err(Undecoded::Unread),
                _ => out,
            }
        }
        "ASCIIHexDecode" | "AHx" => unhex(data.split(|&byte| byte == b'>').next().unwrap_or(data)),
        "ASCII85Decode" | "A85" => ascii85(data),
        _ => return Err(Undecoded::Unread),
    };
    if out.len() > limit { Err(Undecoded::Limit) } else { Ok(out) }
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 5 * 4);
    let mut group: Vec<u8> = Vec::with_capacity(5);
    for &byte in data.iter().filter(|&&byte| !is_blank(byte)) {
        match byte {
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => break,
        }
        if group.len() == 5 {
            push_group(&group, &mut out);
            group.clear();
        }
    }
    if group.len() > 1 {
        push_group(&group, &mut out);
    }
    out
}

/// Five digits are four bytes; of a cut group as many as it has, less one.
fn push_group(group: &[u8], out: &mut Vec<u8>) {
    let digits = group.iter().copied().chain(std::iter::repeat(84)).take(5);
    let number = digits.fold(0u32, |number, digit| number.wrapping_mul(85).wrapping_add(u32::from(digit)));
    out.extend(&number.to_be_bytes()[..group.len() - 1]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_letters_and_digits() {
        let undo = |filter, data: &str| {
            undo(filter, data.as_bytes(), 99).map(|out| String::from_utf8_lossy(&out).into_owned())
        };
        assert_eq!(undo("ASCII85Decode", "87cUR\nD]i,\"Ebo80~>").as_deref(), Ok("Hello World!"));
        assert_eq!(undo("ASCII85Decode", "87cURDZ~>").as_deref(), Ok("Hello"));
        assert_eq!(undo("ASCIIHexDecode", "48 65 6C6c 6F>zz").as_deref(), Ok("Hello"));
        assert_eq!(undo("LZWDecode", "x"), Err(Undecoded::Unread));
        assert_eq!(undo("A85", &"z".repeat(30)), Err(Undecoded::Limit));
    }
}
