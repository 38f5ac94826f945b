//! The encodings that tokens are written in: base64, base32, base58, and numbers in other bases.

use crate::decode::layer;

/// Digits of base62, in the order that vendors' checksums use.
pub(super) const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of base36.
pub(super) const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A number in another base, the most significant digit first, filled up to `width`.
pub(super) fn number(mut number: u32, alphabet: &[u8], width: usize) -> String {
    let radix = alphabet.len() as u32;
    let mut digits = vec![alphabet[0]; width];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[(number % radix) as usize];
        number /= radix;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// Decodes base64 or base64url, padded or not.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=').as_bytes();
    if letters.iter().any(u8::is_ascii_whitespace) {
        return None; // which only wrapped text holds
    }
    layer::base64(letters)
}

/// Encodes padded base64.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0u32, |group, &byte| group << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (group >> (18 - 6 * digit) & 63) as usize;
            out.push(if digit <= chunk.len() { char::from(BASE64[index]) } else { '=' });
        }
    }
    out
}

/// Encodes base64url without padding.
pub(super) fn to_base64url(bytes: &[u8]) -> String {
    to_base64(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Decodes base32 of either case without padding.
pub fn base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        let value = BASE32.iter().position(|&known| known == byte.to_ascii_uppercase())? as u32;
        bits = (bits << 5 | value) & 0xffff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

/// Encodes upper-case base32 without padding.
pub(super) fn to_base32(bytes: &[u8]) -> String {
    let mut out = String::new();
    let (mut bits, mut count) = (0u32, 0);
    for &byte in bytes {
        bits = (bits << 8 | u32::from(byte)) & 0xffff;
        count += 8;
        while count >= 5 {
            count -= 5;
            out.push(char::from(BASE32[(bits >> count & 31) as usize]));
        }
    }
    if count > 0 {
        out.push(char::from(BASE32[(bits << (5 - count) & 31) as usize]));
    }
    out
}

/// Decodes base58 (of Bitcoin).
pub(super) fn base58(text: &str) -> Option<Vec<u8>> {
    // The number, least significant byte first.
    let mut bytes: Vec<u8> = Vec::with_capacity(text.len());
    for letter in text.bytes() {
        let mut carry = BASE58.iter().position(|&known| known == letter)? as u32;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(carry as u8);
            carry >>= 8;
        }
    }
    bytes.extend(text.bytes().take_while(|&letter| letter == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

/// Encodes base58 (of Bitcoin).
pub(super) fn to_base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for &byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).map(|_| '1');
    zeros.chain(digits.iter().rev().map(|&digit| char::from(BASE58[usize::from(digit)]))).collect()
}

/// A JSON object in bytes.
pub(super) fn json_object(bytes: &[u8]) -> Option<serde_json::Map<String, serde_json::Value>> {
    serde_json::from_slice(bytes).ok()
}

/// Bytes for samples, the same for the same seed (SplitMix64, Steele 2014); not for secrets.
pub(super) fn sample_bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        for len in 0..70 {
            let bytes = sample_bytes(len as u64, len);
            assert_eq!(base64(&to_base64(&bytes)).as_deref(), Some(&bytes[..]));
            assert_eq!(base64(&to_base64url(&bytes)).as_deref(), Some(&bytes[..]));
            assert_eq!(base32(&to_base32(&bytes)).as_deref(), Some(&bytes[..]));
            let with_zeros = [&[0, 0], &bytes[..]].concat();
            assert_eq!(base58(&to_base58(&with_zeros)), Some(with_zeros));
        }
    }

    #[test]
    fn known_encodings() {
        assert_eq!(to_base64(b"EXAMPLE"), "RVhBTVBMRQ==");
        assert_eq!(to_base32(b"EXAMPLE"), "IVMECTKQJRCQ");
        assert_eq!(to_base58(b"hello world"), "StV1DL6CwTryKyV");
        assert_eq!(number(35 * 36 + 1, BASE36, 4), "00z1");
    }
}
