//! Checksums that vendors append to their tokens, and those of numbers.

use super::encoding::{BASE36, BASE62, base64, number};

/// CRC-32 of IEEE 802.3 (zlib's): polynomial 0xEDB88320, start and end inverted.
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// CRC-16/XMODEM: polynomial 0x1021, start 0.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0u16, |crc, &byte| {
        (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| (crc << 1) ^ (0x1021 & (crc >> 15).wrapping_neg()))
    })
}

/// CRC-24 of OpenPGP: polynomial 0x864CFB, start 0xB704CE.
pub(super) fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00B7_04CEu32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte) << 16, |crc, _| {
            let shifted = crc << 1;
            (if shifted & 0x0100_0000 == 0 { shifted } else { shifted ^ 0x0186_4CFB }) & 0x00FF_FFFF
        })
    })
}

/// Where a token's checksum stands and how it is written: covered text, its sum, the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    /// Six base62 digits at the end, over the body after the prefix.
    Base62,
    /// Eight hex digits at the end, over the body after the prefix.
    Hex,
    /// Eight hex digits after the last underscore, over what stands between it and the one before.
    HexBetween,
    /// Eight hex digits, least significant byte first, after the last underscore, over all before it.
    HexLittle,
    /// Eight upper-case hex digits after the `=`, over all up to it.
    UpperHexAll,
    /// Seven base36 digits at the end, over all before them.
    Base36All,
    /// Eight hex digits at the end, over the forty characters before them.
    HexOfForty,
}

/// The token with the sum that belongs at its end.
pub(super) fn with_sum(token: &str, sum: Sum) -> Option<String> {
    let cut = |len: usize| token.get(..token.len().checked_sub(len)?);
    Some(match sum {
        Sum::Base62 => {
            let covered = cut(6)?;
            format!("{covered}{}", number(crc32(body(covered).as_bytes()), BASE62, 6))
        }
        Sum::Hex => {
            let covered = cut(8)?;
            format!("{covered}{:08x}", crc32(body(covered).as_bytes()))
        }
        Sum::HexBetween => {
            let covered = token.rsplit_once('_')?.0;
            format!("{covered}_{:08x}", crc32(body(covered).as_bytes()))
        }
        Sum::HexLittle => {
            let covered = token.rsplit_once('_')?.0;
            format!("{covered}_{:08x}", crc32(covered.as_bytes()).swap_bytes())
        }
        Sum::UpperHexAll => {
            let covered = cut(8).filter(|covered| covered.ends_with('='))?;
            format!("{covered}{:08X}", crc32(covered.as_bytes()))
        }
        Sum::Base36All => {
            let covered = cut(7)?;
            format!("{covered}{}", number(crc32(covered.as_bytes()), BASE36, 7))
        }
        Sum::HexOfForty => {
            let covered = cut(8)?;
            let forty = covered.get(covered.len().checked_sub(40)?..)?;
            format!("{covered}{:08x}", crc32(forty.as_bytes()))
        }
    })
}

/// What a vendor's body checksum covers: all after the last underscore.
fn body(covered: &str) -> &str {
    covered.rsplit('_').next().unwrap_or(covered)
}

/// The lines `key:value` in the payload of a GitLab routable token, of either version.
pub(super) fn gitlab_lines(token: &str) -> Option<Vec<(String, u64)>> {
    let bytes = base64(gitlab_payload(token)?.0)?;
    let (&count, rest) = bytes.split_last()?;
    let count = usize::from(count);
    // Version 1 ends in the count of the lines' bytes, the first form in that of the random ones.
    let newer = rest.get(rest.len().checked_sub(count)?..);
    let older = rest.get(..rest.len() - count);
    let lines = |bytes: Option<&[u8]>| {
        let lines = std::str::from_utf8(bytes?).ok()?.lines();
        let pairs = lines.map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.len() == 1).then_some((key.to_owned(), u64::from_str_radix(value, 36).ok()?))
        });
        pairs.collect::<Option<Vec<_>>>().filter(|lines| lines.iter().any(|(key, _)| key == "o"))
    };
    lines(newer).or_else(|| lines(older))
}

/// A routable token's payload and the length that it says the payload has.
fn gitlab_payload(token: &str) -> Option<(&str, usize)> {
    let covered = token.get(..token.len().checked_sub(7)?)?;
    let (text, length) = covered.split_at_checked(covered.len().checked_sub(2)?)?;
    let head = text.trim_end_matches('.').split('.').next()?;
    // The payload may hold dashes and underscores itself; its length says where it starts.
    let length = usize::from_str_radix(length, 36).ok()?;
    let payload = head.get(head.len().checked_sub(length)?..)?;
    head[..head.len() - length].ends_with(['-', '_']).then_some((payload, length))
}

/// Whether a GitLab routable token has the length, the lines and the checksum that it should have.
pub(super) fn gitlab(token: &str) -> Option<bool> {
    gitlab_lines(token)?;
    Some(with_sum(token, Sum::Base36All)? == token)
}

/// Luhn's check of the digits of a number; blanks and dashes may divide it.
pub(super) fn luhn(text: &str) -> Option<bool> {
    let digits = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
    let digits =
        digits.map(|byte| byte.is_ascii_digit().then(|| u32::from(byte - b'0'))).collect::<Option<Vec<_>>>()?;
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &digit)| if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    // Numbers that payment processors publish for tests.
    let tests = ["4111111111111111", "4242424242424242", "5555555555554444", "4012888888881881"];
    let plain: String = digits.iter().map(u32::to_string).collect();
    Some(digits.len() >= 12 && sum.is_multiple_of(10) && sum > 0 && !tests.contains(&plain.as_str()))
}

/// The check digits of an IBAN (ISO 13616, mod 97).
pub(super) fn iban(text: &str) -> Option<bool> {
    let plain: String = text.chars().filter(|letter| *letter != ' ').collect();
    let (head, rest) = plain.split_at_checked(4)?;
    let remainder = rest.chars().chain(head.chars()).try_fold(0u32, |remainder, letter| {
        let value = letter.to_digit(36)?;
        Some((remainder * if value > 9 { 100 } else { 10 } + value) % 97)
    });
    Some((15..=34).contains(&plain.len()) && remainder? == 1)
}

/// An IBAN with the right check digits.
pub(super) fn iban_sample(text: &str) -> Option<String> {
    let with = |sum: u32| format!("{}{sum:02}{}", text.get(..2).unwrap_or_default(), text.get(4..).unwrap_or_default());
    (2..99).map(with).find(|text| iban(text) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_values() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(crc24(b"123456789"), 0x21_CF02);
        assert_eq!(super::super::encoding::to_base64(&crc24(b"EXAMPLE").to_be_bytes()[1..]), "HXb+");
    }

    #[test]
    fn numbers() {
        assert_eq!(luhn("4000000000000010"), Some(true));
        assert_eq!(luhn("4000000000000011"), Some(false));
        assert_eq!(luhn("4111-1111-1111-1111"), Some(false), "a published test number");
        assert_eq!(iban("DE09 0000 0000 0000 0000 01"), Some(true));
        assert_eq!(iban("DE10000000000000000001"), Some(false));
    }

    #[test]
    fn gitlab_payloads_tell_whose_token_it_is() {
        let lines = gitlab_lines(&["gl", "pat-AAECAwQFBgcICQoLDA0OD2M6", "MQpvOjEKdTp6egw.01.131sv4iik"].concat());
        assert_eq!(lines, Some(vec![("c".into(), 1), ("o".into(), 1), ("u".into(), 1295)]));
    }
}
