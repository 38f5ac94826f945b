//! Keys of Microsoft Azure that carry a checksum and name their service.

use super::encoding::{BASE62, base64, number, to_base64};

/// A service whose keys name it: signature, its place in the encoded key, the key's length, the
/// seeds of its checksum, and its name.
struct Service {
    signature: &'static str,
    at: usize,
    len: usize,
    seeds: &'static [&'static str],
    name: &'static str,
}

const fn service(
    signature: &'static str,
    at: usize,
    len: usize,
    seeds: &'static [&'static str],
    name: &'static str,
) -> Service {
    Service { signature, at, len, seeds, name }
}

const SERVICES: &[Service] = &[
    service("+ASt", 76, 88, &["Default0"], "Storage"),
    service(
        "ACDb",
        76,
        88,
        &["MastRW00", "MastRO00", "SystRW00", "SystRO00", "SysAll00", "Resour00", "Encryp00"],
        "Cosmos DB",
    ),
    service("+ABa", 76, 88, &["AbAcct00"], "Batch"),
    service("+AMC", 76, 88, &["Classic0"], "Machine Learning Studio"),
    service("APIM", 76, 88, &["Tenant00", "IoTHub00", "Gatewy00", "GitKey00"], "API Management"),
    service("+ASb", 33, 44, &["Send0000", "Manage00", "Listen00"], "Service Bus"),
    service("+AEh", 33, 44, &["Send0000", "Manage00", "Listen00"], "Event Hubs"),
    service("+ARm", 33, 44, &["Send0000", "Manage00", "Listen00"], "Relay"),
    service("AIoT", 33, 44, &["IoTHub00", "Device00", "DpsKey00"], "IoT Hub"),
    service("AzCa", 33, 44, &["Access00"], "Cache for Redis"),
    service("AZEG", 33, 44, &["SendRecv"], "Event Grid"),
    service("+ACR", 42, 52, &["ACRDflt0"], "Container Registry"),
    service("AzSe", 42, 52, &["Query000", "PAdmin00"], "AI Search"),
    service("AzFu", 44, 56, &["Master00", "System00", "Functi00"], "Functions"),
];

/// Signatures of keys in the common layout (CASK).
const CASK_SERVICES: &[(&str, &str)] = &[
    ("AZDO", "DevOps"),
    ("AZAC", "App Configuration"),
    ("AZCS", "Communication Services"),
    ("AZEG", "Event Grid"),
    ("AZFR", "Fluid Relay"),
    ("AZMP", "Maps"),
    ("AZMR", "Mixed Reality"),
    ("msql", "SQL"),
    ("ACOG", "AI services"),
];

fn service_of(token: &str) -> Option<&'static Service> {
    let fits = |one: &&Service| {
        token.len() == one.len && token.get(one.at..).is_some_and(|rest| rest.starts_with(one.signature))
    };
    SERVICES.iter().find(fits)
}

/// Whether an identifiable key's last four bytes are the checksum of the others.
pub(super) fn key(token: &str) -> Option<bool> {
    let bytes = base64(token)?;
    let (covered, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let sum = u32::from_le_bytes(sum.try_into().ok()?);
    Some(service_of(token)?.seeds.iter().any(|seed| marvin32(covered, seed) == sum))
}

/// The service that a key of either layout names, and what the key is for.
pub(super) fn facts(token: &str) -> Vec<(&'static str, String)> {
    if let Some(service) = service_of(token) {
        let mut facts = vec![("service", format!("Azure {}", service.name))];
        let right = || {
            let bytes = base64(token)?;
            let (covered, sum) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
            let sum = u32::from_le_bytes(sum.try_into().ok()?);
            service.seeds.iter().find(|seed| marvin32(covered, seed) == sum)
        };
        let names = [
            ("RO00", "read only"),
            ("Query000", "query"),
            ("PAdmin00", "administration"),
            ("Listen00", "listen"),
            ("Send0000", "send"),
            ("Manage00", "manage"),
        ];
        let right = right().and_then(|seed| names.iter().find(|(part, _)| seed.contains(part)));
        facts.extend(right.map(|(_, name)| ("rights", (*name).to_owned())));
        return facts;
    }
    let mut facts = Vec::new();
    if let Some((_, name)) =
        token.get(76..80).and_then(|signature| CASK_SERVICES.iter().find(|(known, _)| *known == signature))
    {
        facts.push(("service", format!("Azure {name}")));
    }
    if let [year @ b'A'..=b'Z', month @ b'A'..=b'L'] = token.as_bytes().get(58..60).unwrap_or_default() {
        facts.push(("made in", format!("{}-{:02}", 2024 + u32::from(year - b'A'), month - b'A' + 1)));
    }
    facts
}

/// A key of a service's form with the right last four bytes.
pub(super) fn sample(token: &str) -> Option<String> {
    let bytes = base64(token)?;
    let (covered, _) = bytes.split_at_checked(bytes.len().checked_sub(4)?)?;
    let service = service_of(token)?;
    let whole = [covered, &marvin32(covered, service.seeds.first()?).to_le_bytes()].concat();
    let encoded = to_base64(&whole);
    let encoded = if service.signature == "AzFu" { encoded.replace('+', "-").replace('/', "_") } else { encoded };
    // A sum that needs a character the shape has elsewhere is drawn again.
    (encoded.len() == token.len() && encoded.get(..covered.len()) == token.get(..covered.len())).then_some(encoded)
}

/// The checksum of a CASK key as six base62 digits, and as some generators write it, in base64.
fn cask_sums(token: &str) -> Option<[String; 2]> {
    let bytes = base64(token.get(..80)?)?;
    let sum = marvin32(&bytes, "Default0");
    let mut digits = number(sum.swap_bytes(), BASE62, 6);
    let first = digits.find(|digit| digit != '0').unwrap_or(0);
    digits = format!("{:0<6}", &digits[first..]);
    Some([digits, to_base64(&sum.to_le_bytes())])
}

/// Whether a CASK key ends in the checksum of its first sixty bytes.
pub(super) fn cask(token: &str) -> Option<bool> {
    let tail = token.get(80..)?;
    let digits = if tail.len() == 8 { tail.strip_suffix("==")? } else { tail };
    Some(matches!(tail.len(), 4 | 8) && cask_sums(token)?.iter().any(|sum| sum.starts_with(digits)))
}

/// A CASK key with the right end.
pub(super) fn cask_sample(token: &str) -> Option<String> {
    let [digits, _] = cask_sums(token)?;
    let tail = token.get(80..)?;
    let sum = if tail.len() > 4 { format!("{digits}==") } else { digits.get(..4)?.to_owned() };
    Some(format!("{}{sum}", token.get(..80)?))
}

const ENTRA_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

fn entra_sum(covered: &str) -> String {
    number(marvin32(covered.as_bytes(), "AadPwd00"), ENTRA_ALPHABET, 6)[..3].to_owned()
}

/// Whether an Entra client secret (`8Q~`) ends in the first three digits of its checksum; the older
/// `7Q~` cannot be proved.
pub(super) fn entra(token: &str) -> Option<bool> {
    let (covered, sum) = token.split_at_checked(token.len().checked_sub(3)?)?;
    Some(covered.get(3..6)? == "8Q~" && token.len() == 40 && entra_sum(covered) == sum)
}

/// An Entra client secret with the right end.
pub(super) fn entra_sample(token: &str) -> Option<String> {
    let covered = token.get(..token.len().checked_sub(3)?)?;
    let is_new = covered.get(3..6)? == "8Q~" && token.len() == 40;
    Some(if is_new { format!("{covered}{}", entra_sum(covered)) } else { token.to_owned() })
}

/// Where an Azure DevOps token keeps its checksum, least significant byte first.
const DEVOPS_SUM_AT: [usize; 4] = [22, 8, 7, 2];
/// What its checksum is combined with: for users' and for applications' tokens.
const DEVOPS_SUMS: [u32; 2] = [0xE0B9_692D, 0x1019_F92E];

/// Whether a token of Azure DevOps (32 bytes in base32) holds the checksum of its other bytes.
pub(super) fn devops(token: &str) -> Option<bool> {
    let bytes = super::encoding::base32(token).filter(|bytes| bytes.len() == 32)?;
    let sum = DEVOPS_SUM_AT.iter().rev().fold(0u32, |sum, &at| sum << 8 | u32::from(bytes[at]));
    Some(DEVOPS_SUMS.contains(&(sum ^ devops_crc(&bytes))))
}

/// A token of Azure DevOps with the right checksum.
pub(super) fn devops_sample(token: &str) -> Option<String> {
    let mut bytes = super::encoding::base32(token).filter(|bytes| bytes.len() == 32)?;
    let sum = devops_crc(&bytes) ^ DEVOPS_SUMS[0];
    for (place, byte) in DEVOPS_SUM_AT.iter().zip(sum.to_le_bytes()) {
        bytes[*place] = byte;
    }
    Some(super::encoding::to_base32(&bytes).to_lowercase())
}

fn devops_crc(bytes: &[u8]) -> u32 {
    let covered = bytes.iter().enumerate().filter(|(at, _)| !DEVOPS_SUM_AT.contains(at));
    super::checksum::crc32(&covered.map(|(_, &byte)| byte).collect::<Vec<u8>>())
}

/// Marvin32 folded to 32 bits, the seed named by eight letters read big-endian (as SymCrypt has it).
pub(super) fn marvin32(bytes: &[u8], seed: &str) -> u32 {
    let seed = seed.bytes().fold(0u64, |seed, byte| seed << 8 | u64::from(byte));
    let mut state = (seed as u32, (seed >> 32) as u32);
    let round = |(mut p0, mut p1): (u32, u32)| {
        p1 ^= p0;
        p0 = p0.rotate_left(20).wrapping_add(p1);
        p1 = p1.rotate_left(9) ^ p0;
        p0 = p0.rotate_left(27).wrapping_add(p1);
        (p0, p1.rotate_left(19))
    };
    let words = bytes.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        let word = word.iter().rev().fold(0u32, |word, &byte| word << 8 | u32::from(byte));
        state = round((state.0.wrapping_add(word), state.1));
    }
    let last = rest.iter().rev().fold(0x80u32, |word, &byte| word << 8 | u32::from(byte));
    let (p0, p1) = round(round((state.0.wrapping_add(last), state.1)));
    p0 ^ p1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marvin_control_value() {
        assert_eq!(marvin32(b"EXAMPLE", "Default0"), 0xc404_bc7d);
    }
}
