//! Tells names that technology gives from values: algorithms, headers, kinds of media, selectors of pages, files of keys.

use super::value;
use crate::rule::words;

/// What names of algorithms, of their modes and paddings are made of, beside numbers.
#[rustfmt::skip] // a word a line would be pages
const PARTS: &[&str] = &[
    "aes", "cbc", "gcm", "ecb", "ctr", "cfb", "ofb", "ccm", "siv", "xts", "kw", "wrap", "pkcs", "padding", "no", "nopadding", "hmac", "sha", "shake", "md",
    "rsa", "dsa", "ecdsa", "eddsa", "oaep", "pss", "ps", "hs", "rs", "es", "pbkdf", "hkdf", "with", "and", "of", "argon", "id", "bcrypt", "scrypt", "des",
    "ede", "desede", "tripledes", "blowfish", "twofish", "rc", "chacha", "xchacha", "poly", "salsa", "ed", "secp", "k", "r", "prime", "v", "ecdh", "ecdhe", "dh", "dhe", "tls", "ssl",
    "camellia", "aria", "seed", "sm", "mgf", "encryption", "cipher", "digest", "pbe", "pbes", "crc", "blake", "b", "s", "a", "whirlpool", "ripemd", "curve", "x", "p",
    "hash", "cram", "salted", "ssha", "crypt", "sodium", "ge", "ies", "none", "dir", "algorithm",
];

/// Those that name an algorithm alone; the others stand beside them.
#[rustfmt::skip] // a word a line would be pages
const CORE: &[&str] = &[
    "aes", "hmac", "sha", "rsa", "dsa", "ecdsa", "eddsa", "hs", "rs", "es", "ps", "pbkdf", "hkdf", "argon", "bcrypt", "scrypt", "des", "desede", "tripledes", "blowfish", "twofish",
    "chacha", "xchacha", "ed", "secp", "ecdh", "ecdhe", "tls", "camellia", "ripemd", "blake", "pbe", "md",
];

/// `AES/CBC/PKCS5Padding`, `PBKDF2WithHmacSHA256`, `HS256`, `ECDHE-RSA-AES128-GCM-SHA256`
pub(super) fn is_algorithm(value: &str) -> bool {
    // Longer than suites of ciphers are named.
    const LONGEST: usize = 48;
    if value.len() > LONGEST || !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_/.+ ".contains(&byte)) {
        return false;
    }
    // A curve, whose words are those of a password.
    if matches!(value, "prime256v1" | "prime192v1" | "prime239v1") {
        return true;
    }
    // `ps123456`: of no algorithm, but of Curve25519, Poly1305 and sizes of keys.
    let long = |run: &str| run.len() > 3 && !["25519", "1305", "1024", "2048", "3072", "4096", "8192"].contains(&run);
    if value.split(|next: char| !next.is_ascii_digit()).any(long) {
        return false;
    }
    let folded: Vec<String> = words::split(value).iter().flat_map(|word| letters(word)).collect();
    folded.iter().any(|word| CORE.contains(&word.as_str())) && folded.iter().all(|word| PARTS.contains(&word.as_str()))
}

/// The runs of letters of a word: `5padding` holds one.
fn letters(word: &str) -> Vec<String> {
    word.split(|byte: char| byte.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `x86_64`, `amd64`: kinds of processors.
pub(super) fn is_processor(value: &str) -> bool {
    const NAMES: &[&str] =
        &["x86_64", "x86-64", "amd64", "arm64", "aarch64", "armv7l", "ppc64le", "riscv64", "i386", "i686"];
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(value))
}

/// `yyyy-MM-dd_HH:mm`, `DD.MM.YYYY`, `%Y%m%dT%H%M%S`: how a date is written.
pub(super) fn is_date_format(value: &str) -> bool {
    let has = |parts: &[&str]| parts.iter().all(|part| value.contains(part));
    let letters = has(&["yyyy", "MM"]) || has(&["YYYY", "MM"]) || has(&["yyyy", "dd"]);
    letters || has(&["%Y", "%m", "%d"]) || has(&["%H", "%M", "%S"])
}

/// `!DSS:!RC4:kEDH`, `!SRP:!DSS`: what is left of a list of ciphers behind one of them.
pub(super) fn is_cipher_list(value: &str) -> bool {
    let is_part = |part: &str| {
        let name = part.trim_start_matches(['!', '+', '-']);
        let small = name.bytes().filter(u8::is_ascii_lowercase).count();
        !name.is_empty()
            && small <= 2
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-+@".contains(&byte))
    };
    value.starts_with('!') && value.contains(':') && value.split(':').all(is_part)
}

/// `X-CSRF-Token`, `Proxy-Authorization`: words with capitals, as headers have them.
pub(super) fn is_header_name(value: &str) -> bool {
    const NAMES: &[&str] =
        &["authorization", "proxy-authorization", "set-cookie", "jsessionid", "phpsessid", "connect.sid"];
    const ENDS: &[&str] = &["token", "key", "auth", "authorization", "secret", "signature", "id", "password"];
    let folded = value.to_ascii_lowercase();
    let own = folded.starts_with("x-");
    let capital = |part: &str| {
        // `X-Acme-S3-Key`
        let word = if own { part.trim_end_matches(|last: char| last.is_ascii_digit()) } else { part };
        word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && part.starts_with(|first: char| first.is_ascii_uppercase())
    };
    let parts: Vec<&str> = value.split('-').collect();
    NAMES.contains(&folded.as_str())
        || parts.len() > 1
            && parts.iter().all(|part| capital(part))
            && (own || ENDS.iter().any(|end| folded.rsplit('-').next() == Some(end)))
}

/// `application/json; charset=utf-8`
pub(super) fn is_media_type(value: &str) -> bool {
    const KINDS: &[&str] = &["application/", "text/", "image/", "audio/", "video/", "multipart/", "font/"];
    let rest = KINDS.iter().find_map(|kind| value.strip_prefix(kind));
    ["+jwt", "+json", "+xml"].iter().any(|suffix| value.ends_with(suffix))
        || rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_lowercase()))
}

/// `OnePassword: "1Password"`: programs that keep passwords.
pub(super) fn is_keeper(value: &str) -> bool {
    const NAMES: &[&str] =
        &["1password", "lastpass", "keepass", "keepassx", "keepassxc", "bitwarden", "dashlane", "nordpass"];
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(value))
}

/// `#password`, `input[type=password]`, `.token-field`: where something stands in a page.
pub(super) fn is_selector(value: &str) -> bool {
    let is_name = |text: &str| {
        text.len() > 2
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte))
    };
    let attribute = value.split_once('[').is_some_and(|(tag, rest)| {
        tag.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.ends_with(']')
            && rest.split_once('=').is_some_and(|(name, _)| is_name(name.trim_end_matches(['*', '^', '$', '~', '|'])))
    });
    let pseudo = ["not(", "nth-child(", "has(", "is("].iter().any(|start| value.starts_with(start));
    attribute || pseudo || value.strip_prefix(['#', '.']).is_some_and(is_name)
}

/// `ASN.1`, `X.509`: standards and their parts.
pub(super) fn is_standard(value: &str) -> bool {
    value.split_once('.').is_some_and(|(name, number)| {
        (1..=4).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_uppercase())
            && (1..=3).contains(&number.len())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// `MPL-2.0`, `Apache-2.0`: licences, as SPDX names them.
pub(super) fn is_license(value: &str) -> bool {
    const NAMES: &[&str] =
        &["mpl-", "apache-", "bsd-", "gpl-", "lgpl-", "agpl-", "epl-", "cddl-", "cc-by", "cc0-", "bsl-"];
    let folded = value.to_ascii_lowercase();
    value.len() < 24
        && NAMES
            .iter()
            .any(|name| folded.strip_prefix(name).is_some_and(|rest| rest.contains(|next: char| next.is_ascii_digit())))
}

/// Files of keys that SSH names.
pub(super) fn is_key_file(value: &str) -> bool {
    matches!(value, "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" | "known_hosts" | "authorized_keys")
}

/// `566000/566010`: how many of how many.
pub(super) fn is_share(value: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    value.split_once('/').is_some_and(|(count, total)| is_number(count) && is_number(total))
}

/// `GIT_CREDENTIAL = "hub-reader"`, `harbor_auth = "1b1c..-..-.."`: under what a build server keeps a credential.
pub(super) fn is_id_of_credential(name: &str, value: &str) -> bool {
    let names = words::split(name);
    let last = names.last().map_or("", String::as_str);
    let uuid = value.len() == 36 && value::is_digest_or_uuid(value);
    match last {
        "credential" | "credentials" => {
            uuid || value.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_.".contains(&byte))
        }
        "auth" => uuid && names.len() > 1,
        _ => false,
    }
}

/// `passed ? 'pass' : 'fail'`
pub(super) fn is_outcome(folded_name: &str, folded_value: &str) -> bool {
    matches!(folded_name, "pass" | "passed")
        && matches!(folded_value, "fail" | "failed" | "warn" | "warning" | "error" | "skip" | "skipped")
}

/// `password for the billing user`: says what goes there.
pub(super) fn is_purpose(value: &str) -> bool {
    value.contains(' ')
        && value.split(' ').any(|word| matches!(word, "for" | "of" | "to" | "from"))
        && value.split(' ').any(|word| value::CREDENTIAL_WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// `width=640,height=480,resizable=yes`: a list of settings, each with its value.
pub(super) fn is_list_of_settings(value: &str) -> bool {
    let is_setting = |part: &str| {
        part.split_once('=')
            .is_some_and(|(name, _)| name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_lowercase()))
    };
    let sized = |part: &str| part.rsplit('=').next().is_some_and(|size| size.parse::<u32>().is_ok());
    let parts = value.split(',').count();
    value.split(',').all(is_setting) && (parts > 2 || parts == 2 && value.split(',').all(sized))
}

/// `telegraf.*`: all names that start so.
pub(super) fn is_glob(value: &str) -> bool {
    let name = value.strip_suffix(".*").or_else(|| value.strip_suffix("/*"));
    name.is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte))
    })
}

/// `php:9000`: where a server listens.
pub(super) fn is_host_and_port(value: &str) -> bool {
    value.trim_end_matches(';').split_once(':').is_some_and(|(host, port)| {
        host.len() > 1
            && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte))
            && is_port(port)
    })
}

/// `8080`
pub(super) fn is_port(text: &str) -> bool {
    (2..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_no_values() {
        for name in [
            "AES-256-GCM",
            "AES/CBC/PKCS5Padding",
            "PBKDF2WithHmacSHA256",
            "HmacSHA256",
            "HS256",
            "argon2id",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "sha512",
            "chacha20-poly1305",
            "secp256k1",
            "prime256v1",
            "RSA-OAEP-256",
        ] {
            assert!(is_algorithm(name), "{name}");
        }
        for value in ["hunter2", "AESkey99", "Sha-la-la1", "rs2Kd9XvQ1", "p4ssw0rd", "desert42"] {
            assert!(!is_algorithm(value), "{value}");
        }
    }

    #[test]
    fn names_of_headers_media_and_places_are_no_values() {
        for name in ["X-CSRF-Token", "Authorization", "X-API-Key", "Private-Token", "JSESSIONID"] {
            assert!(is_header_name(name), "{name}");
        }
        assert!(is_processor("x86_64") && is_processor("AMD64") && !is_processor("amd64river"));
        assert!(!is_header_name("Summer-Winter") && !is_header_name("x-ray42"));
        assert!(is_media_type("application/json") && !is_media_type("application/X9"));
        for selector in ["#password", "input[type=password]", ".token-field", "[name^=pass]", "not([disabled])"] {
            assert!(is_selector(selector), "{selector}");
        }
        for format in ["yyyy-MM-dd_HH:mm_12H", "DD.MM.YYYY", "%Y%m%dT%H%M%S"] {
            assert!(is_date_format(format), "{format}");
        }
        assert!(!is_date_format("yyyy2024!") && !is_date_format("MMdd%Y9xK"));
        assert!(is_license("MPL-2.0") && is_license("BSD-3-Clause") && !is_license("gplus-99"));
        assert!(is_media_type("oi_authrq+jwt") && !is_media_type("Kite+99"));
        assert!(is_standard("ASN.1") && is_standard("X.509") && !is_standard("PASS.1234") && !is_standard("a.1"));
        assert!(!is_selector("#Hunter2") && !is_selector("#p4ss") && !is_selector("a[b"));
    }
}
