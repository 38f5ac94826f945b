//! Tells values drawn at random from words, names and paths: by how surprising their letters are.

use super::placeholder::is_filler;
use super::trigram::surprise;

/// Mean surprise in bits that all but one in a hundred and fifty random values of a length exceed,
/// for the alphabet of mixed case that comes off worst (base64). Simulated.
const LEAST_MIXED: &[(usize, f64)] =
    &[(8, 3.7), (10, 4.0), (12, 4.1), (16, 4.25), (20, 4.35), (24, 4.43), (32, 4.52), (40, 4.62), (64, 4.77)];

/// As [`LEAST_MIXED`], for letters of one case with digits.
const LEAST_ONE_CASE: &[(usize, f64)] =
    &[(8, 3.2), (10, 3.45), (12, 3.65), (16, 4.0), (20, 4.35), (24, 4.45), (32, 4.7), (40, 4.8), (64, 5.1)];

/// Shannon entropy that all but one in a thousand random hex values of a length exceed. Simulated.
const LEAST_HEX_ENTROPY: &[(usize, f64)] =
    &[(8, 1.9), (16, 2.5), (20, 2.6), (24, 2.9), (32, 3.1), (40, 3.3), (64, 3.5)];

/// Whether a value of eight characters or more looks drawn at random, for its length and alphabet.
pub fn looks_random(value: &str) -> bool {
    let value = after_number(value);
    let bytes = value.as_bytes();
    if bytes.len() < 8 || is_filler(value) || !bytes.iter().any(u8::is_ascii_alphabetic) {
        return false;
    }
    // A name may stand before a number (`team-4f0c...`); it is the number that is drawn.
    let hex = longest_hex(bytes);
    if hex.len() == bytes.len() || hex.len() >= LONG_HEX && hex.len() * 2 > bytes.len() {
        return is_random_hex(hex);
    }
    let mixed = bytes.iter().any(u8::is_ascii_lowercase) && bytes.iter().any(u8::is_ascii_uppercase);
    surprise(bytes) >= interpolate(if mixed { LEAST_MIXED } else { LEAST_ONE_CASE }, bytes.len())
        || hex.len() >= LONG_HEX && is_random_hex(hex) && is_random_beside(value, hex)
}

/// Whether the longest part of a token beside a hex number in it looks random, too: `0ykdv1..f98_f1b940..cf0`.
fn is_random_beside(value: &str, hex: &[u8]) -> bool {
    let parts = std::str::from_utf8(hex).ok().and_then(|hex| value.split_once(hex));
    parts.is_some_and(|(before, after)| looks_random(if before.len() > after.len() { before } else { after }))
}

/// What is drawn of a token that opens with the number of its owner: `3601465733-BIl0PBqI..`.
fn after_number(value: &str) -> &str {
    // As long as ids are, and what is long enough to be judged alone.
    const ID: usize = 5;
    const LEAST: usize = 20;
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let rest = value[digits..].strip_prefix(['-', '_', ':', '|']);
    rest.filter(|rest| digits >= ID && rest.len() >= LEAST && rest.is_ascii()).unwrap_or(value)
}

/// Whether a token of a known form looks random, or a long hex number in it does: a UUID beside
/// other parts, that alone would be more even than letters are.
pub fn has_random_part(token: &str) -> bool {
    let hex = longest_hex(token.as_bytes());
    looks_random(token) || hex.len() >= LONG_HEX && !is_filler(token) && is_random_hex(hex)
}

fn is_random_hex(hex: &[u8]) -> bool {
    hex.iter().any(u8::is_ascii_digit)
        && hex.iter().any(u8::is_ascii_alphabetic)
        && entropy(hex) >= interpolate(LEAST_HEX_ENTROPY, hex.len())
}

/// Whether a token is made of letters as a word is: all small or all large, or with a large one first.
pub fn is_one_word(token: &str) -> bool {
    const LONGEST: usize = 22;
    let rest = token.get(1..).unwrap_or_default().as_bytes();
    token.len() <= LONGEST
        && token.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && (rest.iter().all(u8::is_ascii_lowercase) || rest.iter().all(u8::is_ascii_uppercase))
}

/// A hex number of this length is no part of a word.
const LONG_HEX: usize = 24;

/// The longest run of hex digits, and of the dashes and colons that divide UUIDs and joined keys.
fn longest_hex(bytes: &[u8]) -> &[u8] {
    let runs = bytes.split(|byte| !byte.is_ascii_hexdigit() && !matches!(byte, b'-' | b':'));
    runs.max_by_key(|run| run.len()).unwrap_or_default()
}

/// Shannon entropy in bits per byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let len = bytes.len() as f64;
    let share = |count: u32| f64::from(count) / len;
    counts.iter().filter(|&&count| count > 0).map(|&count| -share(count) * share(count).log2()).sum()
}

fn interpolate(table: &[(usize, f64)], len: usize) -> f64 {
    let next = table.partition_point(|&(known, _)| known < len);
    match (next.checked_sub(1).map(|at| table[at]), table.get(next)) {
        (Some((low, from)), Some(&(high, to))) => from + (to - from) * (len - low) as f64 / (high - low) as f64,
        (Some((_, bound)), None) => bound,
        (None, Some(&(_, bound))) => bound,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::shape::Shape;

    #[test]
    fn random_and_not() {
        for value in [
            "q8Zr2LmX0vTn5KwY",
            "9f86d081884c7d65a3b1c0de",
            "aG93IG5vdyBicm93biBjb3c",
            "k3j9x0qpz81mvn2r",
            "9f86d081884c7d65a3b1c0de41e7fa20.q8Zr2LmX0vTn5KwYb7Hd3Fs9c4Jp6RgU1e",
        ] {
            assert!(looks_random(value), "{value}");
        }
        for value in [
            "getAccessTokenForUser",
            "application/json",
            "com.acme.auth.TokenProvider",
            "12345678901234567890",
            "this-is-a-long-slug-value",
            "assets/9f86d081884c7d65a3b1c0de41e7fa20/the-picture-of-another-page.png",
            "AAAAAAAAAAAAAAAAAAAA",
            "primary_key_column_name",
        ] {
            assert!(!looks_random(value), "{value}");
        }
    }

    #[test]
    fn hardly_any_random_value_is_missed() {
        for class in ["base62", "base64", "base64url", "lower-alnum", "upper-alnum", "base32", "hex"] {
            for len in [8, 12, 16, 20, 24, 32, 40, 64, 100] {
                let shape = Shape::parse(&format!("[{class}:{len}]")).expect("the shape is valid");
                let missed = (0..1000).filter(|&seed| !looks_random(&shape.sample(seed))).count();
                // Short hex without a digit or with few different ones is common.
                let bound = if len == 8 { 60 } else { 15 };
                assert!(missed <= bound, "{class}:{len} {missed} in 1000");
            }
        }
    }
}
