//! Tells what people thought up from what was drawn, and passwords that anyone would guess.

use crate::decode::layer;

/// Words of which passwords of tests and examples are made.
#[rustfmt::skip] // a word a line would be pages
const WORDS: &[&str] = &[
    "password", "passphrase", "passwort", "passwd", "passcode", "pass", "pwd", "secret", "sekret", "private", "public",
    "test", "tester", "testing", "user", "username", "admin", "administrator", "root", "login", "guest", "account", "name",
    "client", "server", "service", "token", "key", "value", "store", "keystore", "truststore", "vault", "prompt",
    "the", "this", "your", "some", "any", "very", "super", "top", "old", "new", "good", "bad", "evil", "wrong", "right",
    "valid", "invalid", "correct", "incorrect", "changed", "different", "another", "other", "first", "second", "third",
    "plain", "hashed", "encoded", "default", "custom", "demo", "sample", "example", "dummy", "fake", "foo", "bar", "baz",
    "hunter", "qwerty", "qwertz", "asdf", "asd", "abc", "abcd", "abcdef", "def", "ghi", "xyz", "letmein", "welcome", "open",
    "sesame", "hello", "world", "alice", "bob", "john", "jane", "joe", "word", "phrase", "pswd", "access", "shared",
    "database", "mysql", "postgres", "redis", "mongo", "ldap", "smtp", "proxy", "local", "host", "auth", "api", "app", "my",
    "db", "pw", "is", "me", "for", "enough", "secure", "insecure", "strong", "difficult", "not", "real", "cookie", "random", "master", "slave",
    "replication",
    // Servers that nobody sets up without a password, and calls it by.
    "minio", "mariadb", "rabbit", "rabbitmq", "mongodb", "elastic", "oracle", "kafka", "tomcat", "jenkins", "vagrant",
];

/// What digits and marks stand for in words.
fn letter_of(mark: char) -> Option<char> {
    Some(match mark {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        _ => return None,
    })
}

/// Whether a password is made of the words that come to everyone's mind first, with digits and marks
/// in or behind them (`s3cr3t`, `Test1234!`), or of digits alone.
pub fn is_guessable(password: &str) -> bool {
    let folded = password.to_lowercase();
    let letters: String = folded.chars().filter(|letter| letter.is_alphabetic()).collect();
    if letters.is_empty() {
        return password.len() <= 8;
    }
    is_covered(&letters) || is_covered(&spelled(&folded))
}

/// The word that a folded password spells with digits and marks in it: `p@ssw0rd!` is `password`.
pub fn spelled(folded: &str) -> String {
    let spell = |letter: char| if letter.is_alphabetic() { Some(letter) } else { letter_of(letter) };
    folded.trim_end_matches(|letter: char| !letter.is_alphabetic()).chars().filter_map(spell).collect()
}

/// Whether a user and a password only show where they go: `user:p@ssword`, `myuser:mypass`.
pub fn is_stand_in(user: &str, password: &str) -> bool {
    const USERS: &[&str] = &["username", "user", "login", "name"];
    const PASSWORDS: &[&str] = &["password", "passwd", "pass", "pwd", "pw", "secret"];
    const WHOSE: &[&str] = &["", "my", "your", "some", "the", "a", "example", "sample"];
    let whose = |text: &str, ends: &[&str]| {
        let text = text.to_lowercase();
        let text = if ends == PASSWORDS { spelled(&text) } else { text };
        ends.iter().find_map(|end| text.strip_suffix(end).map(|head| head.trim_end_matches(['_', '-', '.']).to_owned()))
    };
    // The account that RabbitMQ comes with, which it takes from its own host only, and Oracle's sample.
    if matches!((user, password), ("guest", "guest") | ("scott", "tiger")) {
        return true;
    }
    match (whose(user, USERS), whose(password, PASSWORDS)) {
        (Some(user), Some(password)) => user == password && WHOSE.contains(&user.as_str()),
        _ => false,
    }
}

/// Whether a password and the user before it (`https://user:`, `curl -u user:`) only show where they go.
pub fn is_stand_in_after(before: &str, password: &str) -> bool {
    let Some(before) = before.strip_suffix(':') else { return false };
    let is_edge = |next: char| next.is_whitespace() || matches!(next, '"' | '\'' | '=');
    let word = before.rsplit(is_edge).next().unwrap_or_default();
    let user = word.rsplit_once("//").map_or(word, |(_, user)| user);
    is_stand_in(user, password.trim_end_matches('@'))
}

/// Whether known words make up two thirds of a text.
fn is_covered(letters: &str) -> bool {
    covered(letters) * 3 >= letters.len() * 2
}

/// Bytes of a text that known words make up.
fn covered(letters: &str) -> usize {
    let (mut covered, mut rest) = (0, letters);
    while let Some(first) = rest.chars().next() {
        let word = WORDS
            .iter()
            .filter(|word| rest.as_bytes()[0] == word.as_bytes()[0] && rest.starts_with(**word))
            .map(|word| word.len())
            .max();
        covered += word.unwrap_or(0);
        rest = &rest[word.unwrap_or(first.len_utf8())..];
    }
    covered
}

/// As [`is_guessable`], and nothing else is in it: `secret123`, `testpassword`.
pub fn is_common(password: &str) -> bool {
    let folded = password.to_lowercase();
    let letters: String = folded.chars().filter(|letter| letter.is_alphabetic()).collect();
    is_guessable(password)
        && (covered(&letters) == letters.len() || covered(&spelled(&folded)) == spelled(&folded).len())
}

/// The password in base64 of it or of `user:password`, as HTTP, registries and Kubernetes have it.
pub fn decoded(token: &str) -> Option<String> {
    let plain = layer::plain(token)?;
    Some(plain.split_once(':').map_or(plain.as_str(), |(_, password)| password).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessed_and_not() {
        for password in [
            "s3cr3t",
            "Test1234!",
            "p@ssw0rd",
            "hunter42",
            "my_pass",
            "abc123",
            "111111",
            "verYs3cret",
            "Pa55worD",
            "minio123",
            "4randomPa$$word",
            "newReplicationPassword123",
        ] {
            assert!(is_guessable(password), "{password}");
        }
        for password in ["Winter2024!", "Tr0ub4dor&3", "blueTractor19", "kJ8#mPq2$vL9", "correcthorse", "9f86d081884c"]
        {
            assert!(!is_guessable(password), "{password}");
        }
    }

    #[test]
    fn common_or_of_someone() {
        for value in ["secret123", "testpassword", "p@ssw0rd", "postgres", "1234"] {
            assert!(is_common(value), "{value}");
        }
        for value in ["ci-db-pw1", "ci-password-1", "blueTractor19", "lemondakota"] {
            assert!(!is_common(value), "{value}");
        }
    }

    #[test]
    fn stand_ins() {
        for (user, password) in [
            ("user", "pass"),
            ("username", "p@ssw0rd"),
            ("myuser", "mypass"),
            ("my_user", "my_pass"),
            ("guest", "guest"),
            ("scott", "tiger"),
        ] {
            assert!(is_stand_in(user, password), "{user}:{password}");
        }
        for (user, password) in [
            ("root", "password"),
            ("user", "blueTractor19"),
            ("myuser", "dbpass"),
            ("testuser", "testpass"),
            ("shopuser", "shoppass"),
        ] {
            assert!(!is_stand_in(user, password), "{user}:{password}");
        }
    }

    #[test]
    fn passwords_in_base64() {
        assert_eq!(decoded("dXNlcjpwYXNz").as_deref(), Some("pass"));
        assert_eq!(decoded("c2VjdXJlLXBhc3N3b3Jk").as_deref(), Some("secure-password"));
        assert_eq!(decoded("no-base64!"), None);
    }
}
