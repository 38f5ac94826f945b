//! Tells placeholders: words that say that a value goes here, filler, what counts up.

/// Words that make a value a placeholder when they are a whole part of it.
#[rustfmt::skip] // a word a line would be pages
const PLACEHOLDER_WORDS: &[&str] = &[
    "changeme", "replace", "replaceme", "your", "yours", "youre", "insert", "enter", "todo", "fixme", "dummy",
    "fake", "sample", "example", "examples", "placeholder", "redacted", "masked", "censored", "none", "null",
    "nil", "undefined", "unused", "tbd", "foo", "bar", "baz", "foobar", "qux", "xxx", "xxxx", "xyz", "lorem", "ipsum",
    "acme", "removed", "secured", "sanitized", "mock", "mocked", "stub", "notreal", "notasecret", "snip",
    "omitted", "blah", "deadbeef", "cafebabe", "whatever", "identifier",
];

/// Words that make a value a placeholder when they are most of it, and nothing else is a password's.
#[rustfmt::skip] // a word a line would be pages
const VAGUE_WORDS: &[&str] = &[
    "change", "here", "goes", "hidden", "invalid", "unset", "empty", "optional", "required", "default", "value",
    "string", "template", "some", "something", "text", "enter",
];

/// Substrings that make a value a placeholder wherever they stand (folded, separators dropped).
const PLACEHOLDER_PARTS: &[&str] = &[
    // What stands in a Git URL where its form wants a password beside a token.
    "xoauthbasic",
    "xaccesstoken",
    // `sk_test_1234567890`, `user@domain`
    "test1234567890",
    "userdomain",
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "replacewith",
    "yourpass",
    "yoursecret",
    "yourtoken",
    "yourapi",
    "yourkey",
    "yourown",
    "your256bit",
    "goeshere",
    "insertyour",
    "enteryour",
    "putyour",
    "addyour",
    "placeholder",
    "redacted",
    "notarealkey",
    "notasecret",
    "dummykey",
    "fakekey",
    "examplekey",
    "example",
    "todofill",
    "xxxxxx",
    "1234567890abcdef",
    "0123456789abcdef",
    "abcdefghijkl",
    "deadbeefdeadbeef",
    "tobereplaced",
    "setme",
    "mystrongpassword",
    "somestrongpassword",
    "averystrongpassword",
    "fillin",
    "generatewith",
    "generatea",
    "opensslrand",
    "passwordhere",
    "secrethere",
    "tokenhere",
    "keyhere",
    "valuehere",
    "texthere",
    "autogenerate",
    "notset",
    "varchar",
    // Published test vectors and defaults.
    "2b7e151628aed2a6",
    "603deb1015ca71be",
    "0001020304050607",
    "0011223344556677",
    "testing123",
    // MD5 of nothing, SHA-1 and MD5 of "test".
    "d41d8cd98f00b204e980",
    "a94a8fe5ccb19ba61c4c",
    "098f6bcd4621d373cade",
    // The client that the description of OAuth 2 shows (RFC 6749), and its secret.
    "7fjfp0zbr1ktdrbnfvdmiw",
    "gx1fbat3bv",
    // The secret that descriptions of one-time passwords show (RFC 4648 of "Hello!" and a dead beef).
    "jbswy3dpehpk3pxp",
    // The password that Java's trust store comes with.
    "changeit",
    // The keys of Azure's emulators (Cosmos DB, storage), the same everywhere.
    "c2y6ydjf5rob0n8a7cgv30vrdjiweh",
    "eby8vdm02xnocqflquwjpllmetlcdxj1",
];

/// The letters of each of [`PLACEHOLDER_PARTS`]: a value that lacks one of them does not hold it.
const PART_LETTERS: [u64; PLACEHOLDER_PARTS.len()] = {
    let mut letters = [0; PLACEHOLDER_PARTS.len()];
    let mut at = 0;
    while at < letters.len() {
        letters[at] = letters_of(PLACEHOLDER_PARTS[at].as_bytes());
        at += 1;
    }
    letters
};

/// Which letters a text holds, a bit for each; some letters share one.
const fn letters_of(text: &[u8]) -> u64 {
    let mut letters = 0;
    let mut at = 0;
    while at < text.len() {
        letters |= 1 << (text[at] & 63);
        at += 1;
    }
    letters
}

/// Whether one of [`PLACEHOLDER_PARTS`] stands in a squashed value.
fn holds_placeholder(squashed: &str) -> bool {
    let letters = letters_of(squashed.as_bytes());
    let mut parts = PLACEHOLDER_PARTS.iter().zip(&PART_LETTERS);
    parts.any(|(part, needed)| needed & !letters == 0 && squashed.contains(part))
}

/// Whether nearly all of a token's body is filler: one character, a counting run, or the words of
/// a documentation example. Random bodies of 16 and more characters never are.
pub fn is_filler(body: &str) -> bool {
    let bytes = body.as_bytes();
    if bytes.is_empty() {
        return true;
    }
    let mut counts = [0usize; 256];
    bytes.iter().for_each(|&byte| counts[usize::from(byte)] += 1);
    let most = counts.iter().max().copied().unwrap_or(0);
    // Long keys may hold zero padding, so the share must be high.
    if most * 10 >= bytes.len() * 6 && bytes.len() >= 4 {
        return true;
    }
    let distinct = counts.iter().filter(|&&count| count > 0).count();
    if bytes.len() >= 12 && distinct <= 4 {
        return true;
    }
    if bytes.len() >= 8 && neighbours(bytes) * 2 > bytes.len() {
        return true;
    }
    holds_placeholder(&squash(body)) || repeats(bytes)
}

/// `12345678`, `Blau123456`: filler of a key, but what people take for a password. It ends in digits that count up.
pub fn is_weak_password(value: &str) -> bool {
    let digits = value.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, tail) = value.split_at(value.len() - digits);
    digits >= 4 && "1234567890".starts_with(tail) && head.len() <= 8 && !is_placeholder(value)
}

/// Pairs of neighbours whose codes differ by at most one, as in `aaaa`, `1234`, `zyx`.
fn neighbours(bytes: &[u8]) -> usize {
    bytes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count()
}

/// `0123456789abcdef..`, `1234567890123456`, `abcdefgh..`: a key that was typed, of a size that ciphers take.
pub fn counts_up(value: &str) -> bool {
    let step = |pair: &[u8]| {
        pair[1] == pair[0] + 1 || matches!((pair[0], pair[1]), (b'9', b'0' | b'a' | b'A') | (b'f', b'0') | (b'F', b'0'))
    };
    let bytes = value.as_bytes();
    matches!(bytes.len(), 16 | 24 | 32 | 48 | 64)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes.windows(2).filter(|pair| step(pair)).count() * 10 >= bytes.len() * 8
}

/// Whether a run of one to four characters, or a word three times, makes up the whole value.
fn repeats(bytes: &[u8]) -> bool {
    /// Words that people repeat to fill a value are no longer.
    const LONGEST_RUN: usize = 24;
    bytes.len() >= 8
        && (1..=(bytes.len() / 3).clamp(4, LONGEST_RUN))
            .any(|period| bytes.iter().zip(&bytes[period..]).all(|(left, right)| left == right))
}

/// `base64encodedkey==`, `base64key`: what form a value has that goes here.
fn is_of_encoding(squashed: &str) -> bool {
    /// Bytes of a value of letters alone that may be drawn.
    const DRAWN: usize = 24;
    squashed
        .strip_prefix("base64")
        .is_some_and(|rest| (3..DRAWN).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn squash(value: &str) -> String {
    if value.is_ascii() {
        let letters = value.bytes().filter(u8::is_ascii_alphanumeric);
        return letters.map(|letter| char::from(letter.to_ascii_lowercase())).collect();
    }
    value.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a value is a placeholder: nothing but filler, a bracketed hint, or a telling word.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let bytes = value.as_bytes();
    if bytes.is_empty() {
        return true;
    }
    let filler =
        bytes.iter().filter(|&&byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'#' | b'?')).count();
    if filler * 10 >= bytes.len() * 6
        || value.contains("...")
        || value.contains('…')
        || value.contains('•')
        || value.contains(['·', '«']) // a sample broken or marked on purpose, as in rule files
        || value.starts_with('<') && value.contains('>')
        || value.contains("***")
    {
        return true;
    }
    let bracketed = [
        ("<", ">"),
        ("[", "]"),
        ("{{", "}}"),
        ("((", "))"),
        ("**", "**"),
        ("__", "__"),
        ("%", "%"),
        ("@@", "@@"),
        ("{", "}"),
        ("(", ")"),
    ];
    if bracketed.iter().any(|(open, close)| value.len() > 2 && value.starts_with(open) && value.ends_with(close)) {
        return true;
    }
    if bytes.iter().all(|&byte| byte == bytes[0]) || repeats(bytes) {
        return true;
    }
    let squashed = squash(value);
    if holds_placeholder(&squashed) || is_of_encoding(&squashed) {
        return true;
    }
    let words = crate::rule::words::split(value);
    let letters: usize = words.iter().map(String::len).sum();
    // A whole word inside a random body proves nothing; it must be a good part of the value.
    words.iter().any(|word| PLACEHOLDER_WORDS.contains(&word.as_str()) && word.len() * 3 >= letters)
        || words.iter().filter(|word| VAGUE_WORDS.contains(&word.as_str())).map(String::len).sum::<usize>() * 2
            >= letters.max(1)
            && !bytes.iter().any(u8::is_ascii_digit)
        // `password-file-here`
        || (words.len() > 1 && value.contains(['-', '_']) && words.last().is_some_and(|word| word == "here"))
        || (words.len() > 1 && words.first().is_some_and(|word| word == "your" || word == "the"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for value in [
            "changeme",
            "your-api-key",
            "<token>",
            "xxxxxxxxxx",
            "****",
            "YOUR_SECRET_HERE",
            "{{ password }}",
            "abababab",
            "metrics1metrics1metrics1",
            "example-token",
            "foo",
            "...",
            "PLACEHOLDER",
            "insert_token",
            "password-file-here",
            "unused",
            "base64encodedstring",
            "base64key==",
            "**zapped**",
            "whsec_test_1234567890",
            "user@domain",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in
            ["hunter2", "Tr0ub4dor&3", "kJ8#mPq2$vL9", "correcthorse", "wJ7dKpQ2mXz9LtRb", "base64:Kd8xQz2Lm9Rt"]
        {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn people_take_what_counts_up() {
        for value in ["12345678", "Blau123456", "1234"] {
            assert!(is_weak_password(value), "{value}");
        }
        for value in ["abcdefgh", "Blau2468", "changeme1234", "0123456789abcdef0123"] {
            assert!(!is_weak_password(value), "{value}");
        }
    }
}
