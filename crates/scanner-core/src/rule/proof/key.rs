//! Reads what private keys tell without being used: kind, size, whether a passphrase protects them.

use super::checksum::crc24;
use super::encoding::base64;

/// What a key tells about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// `RSA`, `EC P-256`, `Ed25519` ...
    pub(super) kind: String,
    /// Of RSA and DSA keys.
    pub(super) bits: Option<usize>,
    /// How a passphrase protects it, if one does.
    pub(super) encrypted: Option<String>,
}

/// Reads the body of a key in armour of any kind, as it stands in a file or in a source's string.
pub(super) fn read(body: &str) -> Option<Key> {
    let (text, sum) = base64_text(body);
    let bytes = base64(&text)?;
    if let Some(rest) = bytes.strip_prefix(b"openssh-key-v1\0") {
        return openssh(rest);
    }
    let pgp = || {
        let sum = base64(&sum?)?;
        (crc24(&bytes).to_be_bytes()[1..] == sum[..]).then(|| openpgp(&bytes))?
    };
    der_key(&bytes).or_else(pgp)
}

/// The base64 letters of a body, and those of an OpenPGP checksum line after it. Line ends, their
/// escapes, quotes, and what joins strings are left out.
fn base64_text(body: &str) -> (String, Option<String>) {
    let bytes = body.as_bytes();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                while bytes.get(at) == Some(&b'\\') {
                    at += 1;
                }
                match bytes.get(at) {
                    Some(b'u') => at += 5,
                    Some(b'n' | b'r' | b't') => at += 1,
                    _ => {}
                }
            }
            b'%' => {
                match bytes.get(at..at + 2) {
                    Some(b"2B" | b"2b") => text.push('+'),
                    Some(b"2F" | b"2f") => text.push('/'),
                    Some(b"3D" | b"3d") => text.push('='),
                    _ => {}
                }
                at += 2;
            }
            b'&' => at += bytes[at..].iter().take(6).position(|&next| next == b';').map_or(0, |end| end + 1),
            b'+' if joins(bytes, at - 1) => {}
            // A line that opens with `=` is OpenPGP's checksum.
            b'=' if !text.is_empty() && is_sum_line(bytes, at) => {
                let sum = bytes[at..at + 4].iter().map(|&byte| char::from(byte)).collect();
                return (text, Some(sum));
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'+' | b'=' => text.push(char::from(byte)),
            _ => {}
        }
    }
    (text, None)
}

/// Whether a `+` joins strings: it stands after a quote or between blanks.
fn joins(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].iter().rev().find(|byte| !byte.is_ascii_whitespace());
    let blank = |place: Option<&u8>| place.is_none_or(u8::is_ascii_whitespace);
    let alone = blank(at.checked_sub(1).and_then(|at| bytes.get(at))) && blank(bytes.get(at + 1));
    matches!(before, Some(b'"' | b'\'' | b'`')) || alone
}

/// Whether the `=` before `at` opens a line of four letters.
fn is_sum_line(bytes: &[u8], at: usize) -> bool {
    let opens = matches!(bytes.get(..at - 1), Some([.., b'\n' | b' ']) | Some([.., b'\\', b'n']));
    opens
        && bytes
            .get(at..at + 4)
            .is_some_and(|four| four.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte)))
}

/// One DER element: tag, content, rest.
fn der(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0usize, |len, &digit| len << 8 | usize::from(digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
}

fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    der(bytes).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

const INTEGER: u8 = 2;
const OCTETS: u8 = 4;
const OID: u8 = 6;
const SEQUENCE: u8 = 0x30;

/// Object identifiers of algorithms and curves, in DER.
const OIDS: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], "RSA"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10], "RSA-PSS"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1], "DSA"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], "EC"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1], "DH"),
    (&[0x2b, 0x65, 0x6e], "X25519"),
    (&[0x2b, 0x65, 0x6f], "X448"),
    (&[0x2b, 0x65, 0x70], "Ed25519"),
    (&[0x2b, 0x65, 0x71], "Ed448"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1], "P-192"),
    (&[0x2b, 0x81, 4, 0, 0x21], "P-224"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], "P-256"),
    (&[0x2b, 0x81, 4, 0, 0x22], "P-384"),
    (&[0x2b, 0x81, 4, 0, 0x23], "P-521"),
    (&[0x2b, 0x81, 4, 0, 0x0a], "secp256k1"),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7], "brainpoolP256r1"),
    (&[0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11], "brainpoolP384r1"),
    (&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d], "SM2"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13], "PBES2"),
];

fn name_of(oid: &[u8]) -> Option<&'static str> {
    OIDS.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name)
}

fn bits(integer: &[u8]) -> usize {
    let significant = &integer[integer.iter().take_while(|&&byte| byte == 0).count()..];
    significant.first().map_or(0, |first| significant.len() * 8 - first.leading_zeros() as usize)
}

fn plain(kind: &str, bits: Option<usize>) -> Option<Key> {
    Some(Key { kind: kind.to_owned(), bits, encrypted: None })
}

/// A key in PKCS#1, SEC 1, OpenSSL's DSA form or PKCS#8, if its bytes end where its length says.
fn der_key(bytes: &[u8]) -> Option<Key> {
    let (body, rest) = expect(bytes, SEQUENCE)?;
    if !rest.is_empty() {
        return None;
    }
    if let Some((algorithm, octets)) = expect(body, SEQUENCE) {
        let (oid, _) = expect(algorithm, OID)?;
        expect(octets, OCTETS)?;
        let how = name_of(oid).unwrap_or("PKCS#5 or PKCS#12 encryption");
        return Some(Key { kind: "PKCS#8".into(), bits: None, encrypted: Some(how.to_owned()) });
    }
    let (_, rest) = expect(body, INTEGER)?;
    match der(rest)? {
        (SEQUENCE, algorithm, rest) => pkcs8(algorithm, expect(rest, OCTETS)?.0),
        (OCTETS, _, rest) => {
            let curve =
                expect(rest, 0xa0).and_then(|(tagged, _)| expect(tagged, OID)).and_then(|(oid, _)| name_of(oid));
            plain(&format!("EC {}", curve.unwrap_or("key")), None)
        }
        (INTEGER, first, rest) => {
            let mut count = 1;
            let mut rest = rest;
            while let Some((_, after)) = expect(rest, INTEGER) {
                count += 1;
                rest = after;
            }
            match count {
                5 => plain("DSA", Some(bits(first))),
                8.. => plain("RSA", Some(bits(first))),
                _ => None,
            }
        }
        _ => None,
    }
}

fn pkcs8(algorithm: &[u8], inner: &[u8]) -> Option<Key> {
    let (oid, parameters) = expect(algorithm, OID)?;
    match name_of(oid)? {
        name @ ("RSA" | "RSA-PSS") => {
            let (body, _) = expect(inner, SEQUENCE)?;
            let (_, rest) = expect(body, INTEGER)?;
            plain(name, Some(bits(expect(rest, INTEGER)?.0)))
        }
        "EC" => {
            let curve = expect(parameters, OID).and_then(|(oid, _)| name_of(oid));
            plain(&format!("EC {}", curve.unwrap_or("key")), None)
        }
        name @ ("DSA" | "DH") => {
            let (body, _) = expect(parameters, SEQUENCE)?;
            plain(name, Some(bits(expect(body, INTEGER)?.0)))
        }
        name => plain(name, None),
    }
}

/// A field of OpenSSH's form: its length in four bytes, then itself.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_at_checked(4)?;
    rest.split_at_checked(u32::from_be_bytes(len.try_into().ok()?) as usize)
}

fn openssh(bytes: &[u8]) -> Option<Key> {
    let (cipher, rest) = field(bytes)?;
    let (kdf, rest) = field(rest)?;
    let (_, rest) = field(rest)?;
    let (public, _) = field(rest.get(4..)?)?;
    let (name, rest) = field(public)?;
    let name = std::str::from_utf8(name).ok()?;
    let (kind, bits) = match name.split('@').next().unwrap_or(name) {
        "ssh-rsa" => {
            let (_, rest) = field(rest)?;
            ("RSA".to_owned(), Some(bits(field(rest)?.0)))
        }
        "ssh-dss" => ("DSA".to_owned(), Some(bits(field(rest)?.0))),
        "ssh-ed25519" => ("Ed25519".to_owned(), None),
        other => match other.strip_prefix("ecdsa-sha2-nistp") {
            Some(size) => (format!("EC P-{size}"), None),
            None => (other.to_owned(), None),
        },
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let encrypted = (cipher != b"none").then(|| format!("{}, {}", text(cipher), text(kdf)));
    Some(Key { kind, bits, encrypted })
}

/// The first packet of an OpenPGP private key (RFC 9580).
fn openpgp(bytes: &[u8]) -> Option<Key> {
    let (&tag, rest) = bytes.split_first()?;
    let rest = match tag {
        0x94 => rest.get(1..)?,
        0x95 => rest.get(2..)?,
        0xc5 => match rest.first()? {
            0..192 => rest.get(1..)?,
            192..224 => rest.get(2..)?,
            255 => rest.get(5..)?,
            _ => return None,
        },
        _ => return None,
    };
    let (&version, rest) = rest.split_first()?;
    let (&algorithm, rest) = rest.get(4..)?.split_first()?;
    if version != 4 {
        return None;
    }
    let mpi = |bytes: &[u8]| {
        let len = usize::from(*bytes.first()?) << 8 | usize::from(*bytes.get(1)?);
        Some((len, len.div_ceil(8) + 2))
    };
    let skip = |mut bytes: &'_ [u8], count: usize| -> Option<usize> {
        let whole = bytes.len();
        for _ in 0..count {
            bytes = bytes.get(mpi(bytes)?.1..)?;
        }
        Some(whole - bytes.len())
    };
    let (kind, bits, end) = match algorithm {
        1..=3 => ("RSA", Some(mpi(rest)?.0), skip(rest, 2)?),
        17 => ("DSA", Some(mpi(rest)?.0), skip(rest, 4)?),
        16 => ("ElGamal", Some(mpi(rest)?.0), skip(rest, 3)?),
        19 | 22 => {
            let oid = usize::from(*rest.first()?) + 1;
            (if algorithm == 22 { "EdDSA" } else { "ECDSA" }, None, oid + skip(rest.get(oid..)?, 1)?)
        }
        25 => ("X25519", None, 32),
        27 => ("Ed25519", None, 32),
        _ => return None,
    };
    let encrypted = (*rest.get(end)? != 0).then(|| "a passphrase".to_owned());
    Some(Key { kind: format!("OpenPGP {kind}"), bits, encrypted })
}

#[cfg(test)]
mod tests {
    use super::super::encoding::to_base64;
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = content.len();
        let head = if len < 0x80 { vec![tag, len as u8] } else { vec![tag, 0x82, (len >> 8) as u8, len as u8] };
        [&head[..], content].concat()
    }

    fn rsa() -> Vec<u8> {
        let number = |bytes: usize| element(INTEGER, &[&[0], &vec![0xc3; bytes][..]].concat());
        let parts = [&[0u8][..]].map(|version| element(INTEGER, version)).concat();
        let numbers = [256, 3, 256, 128, 128, 128, 128, 128].map(number).concat();
        element(SEQUENCE, &[parts, numbers].concat())
    }

    fn lines(bytes: &[u8], end: &str) -> String {
        let text = to_base64(bytes);
        text.as_bytes().chunks(64).map(|line| format!("{}{end}", String::from_utf8_lossy(line))).collect()
    }

    #[test]
    fn rsa_keys_in_all_dresses() {
        let wanted = Key { kind: "RSA".into(), bits: Some(2048), encrypted: None };
        let pkcs1 = rsa();
        for end in ["\n", "\\n", "\\\\n", "\r\n    ", "%0A", "\\u000a", "&#10;", "\\n\" +\n    \"", "', '"] {
            assert_eq!(read(&lines(&pkcs1, end)), Some(wanted.clone()), "{end}");
        }
        let algorithm = element(SEQUENCE, &[element(OID, OIDS[0].0), vec![5, 0]].concat());
        let pkcs8 = element(SEQUENCE, &[element(INTEGER, &[0]), algorithm, element(OCTETS, &pkcs1)].concat());
        assert_eq!(read(&lines(&pkcs8, "\n")), Some(wanted));
        assert_eq!(read(&lines(&pkcs8[..pkcs8.len() - 9], "\n")), None, "cut");
    }

    #[test]
    fn curves_and_encryption() {
        let curve = element(OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        let sec1 =
            element(SEQUENCE, &[element(INTEGER, &[1]), element(OCTETS, &[7; 32]), element(0xa0, &curve)].concat());
        assert_eq!(read(&lines(&sec1, "\n")).map(|key| key.kind), Some("EC P-256".into()));
        let algorithm = element(SEQUENCE, &element(OID, &[0x2b, 0x65, 0x70]));
        let ed = element(
            SEQUENCE,
            &[element(INTEGER, &[0]), algorithm, element(OCTETS, &element(OCTETS, &[9; 32]))].concat(),
        );
        assert_eq!(read(&lines(&ed, "\n")).map(|key| key.kind), Some("Ed25519".into()));
        let pbes2 = element(SEQUENCE, &element(OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13]));
        let hidden = element(SEQUENCE, &[pbes2, element(OCTETS, &[3; 99])].concat());
        assert_eq!(read(&lines(&hidden, "\n")).and_then(|key| key.encrypted), Some("PBES2".into()));
    }

    #[test]
    fn openssh_says_whether_it_is_protected() {
        let string = |text: &[u8]| [&(text.len() as u32).to_be_bytes()[..], text].concat();
        let key = |cipher: &[u8], kdf: &[u8]| {
            let public = [string(b"ssh-ed25519"), string(&[5; 32])].concat();
            let parts = [string(cipher), string(kdf), string(b""), vec![0, 0, 0, 1], string(&public), string(&[1; 90])];
            lines(&[b"openssh-key-v1\0".to_vec(), parts.concat()].concat(), "\n")
        };
        let plain = Key { kind: "Ed25519".into(), bits: None, encrypted: None };
        assert_eq!(read(&key(b"none", b"none")), Some(plain));
        let hidden = read(&key(b"aes256-ctr", b"bcrypt")).and_then(|key| key.encrypted);
        assert_eq!(hidden.as_deref(), Some("aes256-ctr, bcrypt"));
    }

    #[test]
    fn openpgp_needs_its_checksum() {
        let body = [&[4, 0, 0, 0, 0, 1][..], &2048u16.to_be_bytes(), &[0xd5; 256], &[0, 17, 1, 0, 1], &[254], &[8; 40]]
            .concat();
        let packet = [&[0x95, (body.len() >> 8) as u8, body.len() as u8][..], &body].concat();
        let sum = to_base64(&crc24(&packet).to_be_bytes()[1..]);
        let wanted = Key { kind: "OpenPGP RSA".into(), bits: Some(2048), encrypted: Some("a passphrase".into()) };
        assert_eq!(read(&format!("{}={sum}\n", lines(&packet, "\n"))), Some(wanted));
        assert_eq!(read(&format!("{}=AAAA\n", lines(&packet, "\n"))), None);
    }
}
