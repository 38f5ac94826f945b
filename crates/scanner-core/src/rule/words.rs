//! Splits names into words: `DB_PASSWORD`, `dbPassword`, `db-password` and `dbpassword` are alike.

use std::ops::Range;
use std::sync::LazyLock;

/// Words that names glue together without a separator. Only a name that is wholly made of these
/// is split, so `monkey`, `compass` or `keyboard` stay whole.
#[rustfmt::skip] // a word a line would be pages
const GLUED: &[&str] = &[
    "access", "account", "admin", "api", "app", "auth", "aws", "bearer", "bot", "client", "code", "consumer",
    "cookie", "cred", "creds", "credential", "credentials", "crypt", "data", "database", "db", "default",
    "deploy", "encrypt", "encryption", "ftp", "git", "github", "gitlab", "hash", "hmac", "host", "id", "jwt",
    "key", "keys", "ldap", "login", "mail", "master", "my", "mysql", "new", "oauth", "old", "pass", "passphrase",
    "passwd", "password", "passwords", "pg", "pin", "postgres", "priv", "private", "proxy", "public", "pw",
    "pwd", "rabbit", "redis", "refresh", "root", "salt", "secret", "secrets", "server", "service", "session",
    "shared", "sign", "signing", "smtp", "sql", "ssh", "ssl", "storage", "store", "super", "sys", "system",
    "test", "tls", "token", "tokens", "url", "user", "username", "web", "webhook", "key1", "key2", "passcode",
    "keystore", "truststore", "srv", "ca", "wifi", "wlan", "vpn", "mqtt", "mongo", "mongodb", "rabbitmq", "kafka", "oracle", "mssql", "mariadb",
    "elastic", "grafana", "jenkins", "nexus", "sonar", "zabbix", "nagios", "tomcat", "backup", "repl", "replication", "cluster", "agent", "imap",
];

/// Words that names glue to anything: `jenkinspassword`.
const TAILS: &[&str] = &["password", "passwd", "passphrase", "passwort", "apikey", "secretkey", "secret", "pwd"];

/// Whether one of some words, which are lower-case, is a word of `name`.
pub fn has_one(name: &str, wanted: &[&str]) -> bool {
    split(name).iter().any(|word| wanted.contains(&word.as_str()))
}

/// The lower-case words of `name`, in order.
pub fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in parts(name) {
        let folded = part.to_lowercase();
        match unglue(&folded) {
            Some(pieces) => words.extend(pieces.into_iter().map(str::to_owned)),
            None => match TAILS.iter().find_map(|tail| folded.strip_suffix(tail).map(|head| (head, tail))) {
                Some((head, tail)) if !head.is_empty() => {
                    words.push(head.to_owned());
                    words.extend(unglue(tail).unwrap_or(vec![*tail]).into_iter().map(str::to_owned));
                }
                _ => words.push(folded),
            },
        }
    }
    words
}

/// Cuts at separators and at case changes (`dbPassword`, `DBPassword`, `password2`).
fn parts(name: &str) -> Vec<&str> {
    if name.is_ascii() { ascii_parts(name) } else { char_parts(name) }
}

fn char_parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = None;
    let mut previous = ' ';
    let mut chars = name.char_indices().peekable();
    while let Some((at, current)) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|&(_, next)| next.is_lowercase());
        let starts_word = current.is_uppercase()
            && (previous.is_lowercase() || previous.is_ascii_digit() || (previous.is_uppercase() && next_is_lower));
        let digit_edge = current.is_ascii_digit() && previous.is_alphabetic();
        if let Some(from) = start
            && (!current.is_alphanumeric() || starts_word || digit_edge)
        {
            parts.push(&name[from..at]);
            start = None;
        }
        if current.is_alphanumeric() && start.is_none() {
            start = Some(at);
        }
        previous = current;
    }
    if let Some(from) = start {
        parts.push(&name[from..]);
    }
    parts
}

/// As [`char_parts`], of a name without other letters, which nearly all are.
fn ascii_parts(name: &str) -> Vec<&str> {
    let bytes = name.as_bytes();
    let mut parts = Vec::with_capacity(4);
    let mut start = 0;
    let mut previous = b' ';
    for (at, &current) in bytes.iter().enumerate() {
        let cuts = match current {
            b'a'..=b'z' => false,
            b'A'..=b'Z' => {
                previous.is_ascii_lowercase()
                    || previous.is_ascii_digit()
                    || previous.is_ascii_uppercase() && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
            }
            b'0'..=b'9' => previous.is_ascii_alphabetic(),
            _ => true,
        };
        if cuts {
            if start < at {
                parts.push(&name[start..at]);
            }
            start = if current.is_ascii_alphanumeric() { at } else { at + 1 };
        }
        previous = current;
    }
    if start < name.len() {
        parts.push(&name[start..]);
    }
    parts
}

/// [`GLUED`] by the last byte.
static BY_LAST: LazyLock<[Vec<&str>; 128]> = LazyLock::new(|| {
    let mut by_last = [const { Vec::new() }; 128];
    for piece in GLUED {
        by_last[usize::from(piece.as_bytes()[piece.len() - 1])].push(*piece);
    }
    by_last
});

/// The pieces of `word` when glued words make up all of it, the fewest first.
fn unglue(word: &str) -> Option<Vec<&str>> {
    const LONGEST: usize = 40;
    if word.len() < 5 || word.len() > LONGEST || !word.is_ascii() {
        return None;
    }
    let by_last: &[Vec<&str>; 128] = &BY_LAST;
    let ending = |end: usize| &by_last[usize::from(word.as_bytes()[end - 1])];
    if !ending(word.len()).iter().any(|piece| word.ends_with(piece)) {
        return None;
    }
    // best[i]: in how few pieces word[..i] can be split, and where the last of them starts.
    let mut best: [Option<(u8, u8)>; LONGEST + 1] = [None; LONGEST + 1];
    best[0] = Some((0, 0));
    for end in 1..=word.len() {
        for piece in ending(end) {
            if let Some(start) = end.checked_sub(piece.len())
                && let Some((count, _)) = best[start]
                && word.as_bytes()[start] == piece.as_bytes()[0]
                && word[..end].ends_with(piece)
                && best[end].is_none_or(|(other, _)| count + 1 < other)
            {
                best[end] = Some((count + 1, start as u8));
            }
        }
    }
    best[word.len()]?;
    let mut pieces = Vec::new();
    let mut end = word.len();
    while end > 0 {
        let start = usize::from(best[end]?.1);
        pieces.push(&word[start..end]);
        end = start;
    }
    pieces.reverse();
    Some(pieces)
}

/// Where all words of `wanted` stand in `words` in this order, the last such place.
pub fn place(words: &[String], wanted: &[String]) -> Option<Range<usize>> {
    let mut start = words.len();
    let mut end = None;
    for want in wanted.iter().rev() {
        start = words[..start].iter().rposition(|word| word == want)?;
        end.get_or_insert(start + 1);
    }
    Some(start..end.unwrap_or(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_styles() {
        for name in ["DB_PASSWORD", "dbPassword", "db-password", "dbpassword", "DBPassword", "db.password"] {
            assert_eq!(split(name), ["db", "password"], "{name}");
        }
        assert_eq!(split("AWSSecretAccessKey2"), ["aws", "secret", "access", "key", "2"]);
        assert_eq!(split("monkey"), ["monkey"]);
        assert_eq!(split("compass_keyboard"), ["compass", "keyboard"]);
        assert_eq!(split("stripe_apikey"), ["stripe", "api", "key"]);
        assert!(split("__").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn bytes_are_cut_as_characters_are(name in "[abXY09_.-]{0,12}") {
            proptest::prop_assert_eq!(ascii_parts(&name), char_parts(&name));
        }
    }

    #[test]
    fn words_in_order() {
        let words = split("stripe_secret_api_key");
        let want = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(place(&words, &want("stripe key")), Some(0..4));
        assert_eq!(place(&words, &want("secret")), Some(1..2));
        assert_eq!(place(&words, &want("key secret")), None);
    }
}
