//! Keys of wallets and identities, which carry checksums against slips of the pen.

use super::checksum::crc16;
use super::encoding::{base32, base58, sample_bytes, to_base32, to_base58};
use sha2::{Digest, Sha256};

const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The five-bit values of a bech32 string's checksum (BIP 173, constant 1) over its other values.
fn bech32_sum(prefix: &str, values: impl Iterator<Item = u8>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let expanded = prefix.bytes().map(|byte| byte >> 5).chain([0]).chain(prefix.bytes().map(|byte| byte & 31));
    expanded.chain(values).fold(1u32, |sum, value| {
        let top = sum >> 25;
        let sum = (sum & 0x01ff_ffff) << 5 ^ u32::from(value);
        GENERATOR.iter().enumerate().fold(sum, |sum, (bit, gen_)| if top >> bit & 1 == 1 { sum ^ gen_ } else { sum })
    })
}

/// Whether a bech32 string (of either case) with this human-readable part is whole.
pub(super) fn bech32(text: &str, prefix: &str) -> Option<bool> {
    let folded = text.to_ascii_lowercase();
    let data = folded.strip_prefix(prefix)?.strip_prefix('1')?;
    let value = |byte: u8| BECH32.iter().position(|&known| known == byte).map(|at| at as u8);
    let values = data.bytes().map(value).collect::<Option<Vec<u8>>>()?;
    Some(bech32_sum(prefix, values.into_iter()) == 1)
}

/// The human-readable part of a bech32 string: all before its last `1`.
pub(super) fn bech32_prefix(text: &str) -> Option<String> {
    text.rsplit_once('1').map(|(prefix, _)| prefix.to_ascii_lowercase())
}

/// A bech32 string with the right last six characters, in the case of `text`.
pub(super) fn bech32_sample(text: &str) -> Option<String> {
    let prefix = bech32_prefix(text)?;
    let folded = text.to_ascii_lowercase();
    let data = folded.strip_prefix(&prefix)?.strip_prefix('1')?;
    let covered = data.get(..data.len().checked_sub(6)?)?;
    let value = |byte: u8| BECH32.iter().position(|&known| known == byte).map(|at| at as u8);
    let mut values = covered.bytes().map(value).collect::<Option<Vec<u8>>>()?;
    // The last bits of a key of whole bytes are nought.
    if let Some(last) = values.last_mut() {
        *last &= 0b10000;
    }
    let sum = bech32_sum(&prefix, values.iter().copied().chain([0; 6])) ^ 1;
    values.extend((0..6).map(|at| (sum >> (5 * (5 - at)) & 31) as u8));
    let data: String = values.iter().map(|&value| char::from(BECH32[usize::from(value)])).collect();
    let whole = format!("{prefix}1{data}");
    Some(if text.bytes().any(|byte| byte.is_ascii_uppercase()) { whole.to_ascii_uppercase() } else { whole })
}

/// The payload of a base58check string whose checksum is right.
fn base58_payload(text: &str) -> Option<Vec<u8>> {
    let mut bytes = base58(text)?;
    let sum = bytes.split_off(bytes.len().checked_sub(4)?);
    (Sha256::digest(Sha256::digest(&bytes))[..4] == sum[..]).then_some(bytes)
}

fn to_base58check(payload: &[u8]) -> String {
    let sum = Sha256::digest(Sha256::digest(payload));
    to_base58(&[payload, &sum[..4]].concat())
}

/// A Bitcoin private key in wallet import format: version, 32 bytes, a 1 for a compressed public key.
pub(super) fn wif(text: &str) -> Option<bool> {
    let payload = base58_payload(text)?;
    Some(matches!(payload[..], [0x80 | 0xef, ..]) && matches!(payload.len(), 33 | 34))
}

pub(super) fn wif_sample(seed: u64) -> String {
    to_base58check(&[&[0x80], &sample_bytes(seed, 32)[..], &[1]].concat())
}

/// An extended private key of BIP 32 (`xprv`, `tprv`, `yprv`, `zprv`).
pub(super) fn extended_key(text: &str) -> Option<bool> {
    const VERSIONS: [[u8; 4]; 4] =
        [[4, 0x88, 0xad, 0xe4], [4, 0x35, 0x83, 0x94], [4, 0x9d, 0x78, 0x78], [4, 0xb2, 0x43, 0x0c]];
    let payload = base58_payload(text)?;
    Some(payload.len() == 78 && VERSIONS.iter().any(|version| payload.starts_with(version)))
}

pub(super) fn extended_key_sample(seed: u64) -> String {
    let chain = sample_bytes(seed, 32);
    let key = sample_bytes(!seed, 32);
    to_base58check(&[&[4, 0x88, 0xad, 0xe4, 0, 0, 0, 0, 0, 0, 0, 0, 0], &chain[..], &[0], &key[..]].concat())
}

/// A base32 key that ends in the CRC-16 of its other bytes (Stellar seeds, NATS nkeys).
fn crc16_payload(text: &str) -> Option<Vec<u8>> {
    let mut bytes = base32(text)?;
    let sum = bytes.split_off(bytes.len().checked_sub(2)?);
    (crc16(&bytes).to_le_bytes()[..] == sum[..]).then_some(bytes)
}

fn with_crc16(payload: &[u8]) -> String {
    to_base32(&[payload, &crc16(payload).to_le_bytes()].concat())
}

/// A Stellar secret seed: version 0x90 and 32 bytes.
pub(super) fn stellar(text: &str) -> Option<bool> {
    let payload = crc16_payload(text)?;
    Some(payload.len() == 33 && payload[0] == 0x90)
}

pub(super) fn stellar_sample(seed: u64) -> String {
    with_crc16(&[&[0x90], &sample_bytes(seed, 32)[..]].concat())
}

/// Roles of NATS keys, by the second letter of a seed.
const NATS_ROLES: &[(char, &str)] =
    &[('O', "operator"), ('A', "account"), ('U', "user"), ('N', "server"), ('C', "cluster"), ('X', "curve")];

/// A NATS seed: 0x90 mixed with the role's five bits, and 32 bytes.
pub(super) fn nats(text: &str) -> Option<bool> {
    let payload = crc16_payload(text)?;
    Some(payload.len() == 34 && payload[0] & 0xf8 == 0x90)
}

pub(super) fn nats_role(text: &str) -> Option<&'static str> {
    let letter = text.chars().nth(1)?;
    NATS_ROLES.iter().find(|(known, _)| *known == letter).map(|(_, role)| *role)
}

pub(super) fn nats_sample(seed: u64) -> String {
    // Seed (18 << 3) with the role "user" (20 << 3) in the next five bits.
    with_crc16(&[&[0x90 | 20 >> 2, (20 & 0b11) << 6], &sample_bytes(seed, 32)[..]].concat())
}

/// A BIP 39 phrase whose last word holds the right checksum; published test phrases are none.
pub(super) fn mnemonic(text: &str) -> Option<bool> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let published = words.first() == Some(&"abandon") && words.get(1) == Some(&"abandon")
        || words.ends_with(&["test", "junk"]) && words.first() == Some(&"test");
    let phrase = words.join(" ");
    Some(!published && bip39::Mnemonic::parse_in_normalized(bip39::Language::English, &phrase).is_ok())
}

pub(super) fn mnemonic_sample(seed: u64) -> Option<String> {
    let entropy = sample_bytes(seed, if seed.is_multiple_of(2) { 16 } else { 32 });
    let phrase = bip39::Mnemonic::from_entropy_in(bip39::Language::English, &entropy).ok()?;
    Some(phrase.words().collect::<Vec<_>>().join(" "))
}

/// Openings of the private keys that development chains give to their first accounts.
const DEVELOPMENT_KEYS: &[&str] = &[
    "ac0974bec39a17e3",
    "59c6995e998f97a5",
    "5de4111afa1a4b94",
    "7c852118294e51e6",
    "47e179ec19748859",
    "8b3a350cf5c34c91",
    "92db14e403b83dfe",
    "4bbbf85ce3377467",
    "dbda1821b80551c9",
    "2a871d0798f97d79",
];

/// A secp256k1 key: 64 hex digits, more than nought and less than the curve's order.
pub(super) fn secp256k1(text: &str) -> Option<bool> {
    const ORDER: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let digits = text.strip_prefix("0x").unwrap_or(text).to_ascii_lowercase();
    let published = DEVELOPMENT_KEYS.iter().any(|known| digits.starts_with(known));
    let is_hex = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    // Small numbers are counters and hashes' paddings, not keys.
    Some(is_hex && !published && digits.as_str() < ORDER && !digits.starts_with("00000000"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_whole() {
        for seed in 1..50 {
            assert_eq!(wif(&wif_sample(seed)), Some(true));
            assert_eq!(extended_key(&extended_key_sample(seed)), Some(true));
            assert_eq!(stellar(&stellar_sample(seed)), Some(true));
            assert_eq!(nats(&nats_sample(seed)), Some(true));
            assert_eq!(nats_role(&nats_sample(seed)), Some("user"));
            let phrase = mnemonic_sample(seed).expect("the lengths are right");
            assert_eq!(mnemonic(&phrase), Some(true), "{phrase}");
        }
        let key = bech32_sample(&format!("nsec1{}", "q".repeat(58))).expect("it has a body");
        assert_eq!(bech32(&key, "nsec"), Some(true));
        assert_eq!(bech32(&key.replacen("1q", "1p", 1), "nsec"), Some(false));
    }

    #[test]
    fn published_keys_are_none() {
        assert_eq!(mnemonic(&format!("{}about", "abandon ".repeat(11))), Some(false));
        let phrase =
            |last: &str| format!("legal winner thank year wave sausage worth useful legal winner thank {last}");
        assert_eq!(mnemonic(&phrase("yellow")), Some(true));
        assert_eq!(mnemonic(&phrase("year")), Some(false));
        assert_eq!(secp256k1(&format!("0x{}", "f".repeat(64))), Some(false), "above the order");
        assert_eq!(secp256k1(&"9f".repeat(32)), Some(true));
    }
}
