//! Tells secrets from what merely stands where a secret could: references, prose,
//! identifiers, hashes. Each test looks at the value alone and says what it recognised.

use super::wordlike::is_wordlike;

/// The word for password in the languages that names are told in, without marks and separators.
#[rustfmt::skip] // a word a line would be pages
const PASSWORD_WORDS: &[&str] = &[
    "passwort", "kennwort", "contrasena", "contraseña", "senha", "wachtwoord", "motdepasse", "motdepass",
    "haslo", "hasło", "losenord", "lösenord", "adgangskode", "salasana", "heslo", "jelszo", "jelszó", "sifre",
    "şifre", "parola", "lozinka", "пароль", "密码", "パスワード", "비밀번호", "mật khẩu", "passord", "geslo", "parole", "passphrase", "passcode",
];

/// Whether a (folded) value is the word for password in some language.
pub fn is_password_word(folded: &str) -> bool {
    PASSWORD_WORDS.contains(&folded)
}

/// `Contrase\u00f1a`: the same with escapes, as files of labels have it.
pub(super) fn is_escaped_password_word(value: &str) -> bool {
    let Some((head, rest)) = value.split_once("\\u") else { return false };
    let letter = rest.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    letter.is_some_and(|letter| is_password_word(&format!("{head}{letter}{}", &rest[4..]).to_lowercase()))
}

/// `e30.eyJ..` with nothing behind its second dot: a signed token without a signature, which nobody accepts.
pub(super) fn is_unsigned_token(value: &str) -> bool {
    value.len() > 20 && value.starts_with('e') && value.ends_with('.') && value.matches('.').count() == 2
}

/// Names of types, formats and states that stand where schemas and forms have a value.
#[rustfmt::skip] // a word a line would be pages
const TYPE_WORDS: &[&str] = &[
    "string", "str", "text", "password", "passwd", "secret", "token", "key", "hidden", "required", "optional",
    "boolean", "bool", "int", "integer", "number", "float", "object", "array", "bytes", "any", "void", "true",
    "false", "yes", "no", "on", "off", "auto", "null", "none", "nil", "undefined", "empty", "default", "varchar",
    "char", "binary", "uuid", "basic", "bearer", "plain", "prompt", "login", "username", "user", "pass", "pw",
    "pwd", "email", "name", "type", "label", "input", "credential", "credentials", "env", "file", "disabled",
    "enabled", "unknown", "encrypted", "hashed", "md5", "sha1", "sha256", "sha512", "bcrypt", "apikey",
    "api_key", "api-key", "secretstr", "oauth", "oauth2", "oidc", "saml", "hmac", "utf-8", "utf8", "utf-16", "ascii", "latin-1", "base64", "base32", "hex", "plaintext", "sha512-crypt",
    "sha256-crypt", "cleartext", "clear", "users", "accounts", "access_token", "refresh_token", "id_token", "n/a",
    "primary", "secondary", "internal", "external",
];

/// Whether a value points at a secret kept elsewhere, or is put in by a template.
pub fn is_reference(value: &str) -> bool {
    let value = value.trim();
    // `"'$NAME'"`: quotes of the shell inside those of the data.
    let value = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(value);
    #[rustfmt::skip] // a word a line would be pages
    const OPENERS: &[&str] = &[
        "$", "vault:", "op://", "ref+", "arn:aws", "ssm:", "sm://", "akv://", "doppler://", "infisical://",
        "bws://", "awssm://", "keepassxc:", "kms:", "gcp-secret:", "secretref:", "@microsoft.keyvault(", "enc[",
        "enc(", "{cipher}", "!vault", "!ref", "!sub", "encrypted:", "file:", "env:", "env.", "env(", "secrets.",
        "__env.", "import.meta", "rails.", "process.env", "os.environ", "os.getenv", "vault://", "projects/", "sops:", "secure:", "aqicah",
        "aqecah", "vault:v1:", "credentials(", "%env(", "config.", "self.", "this.", "var.", "local.", "module.",
        "data.", "request.", "settings.", "args.", "options.", "opts.", "ctx.", "context.", "params.", "props.",
        "state.", "http://", "https://", "urn:", "fn::",
    ];
    let folded = value.to_ascii_lowercase();
    let opens = |opener: &&str| folded.as_bytes().first() == opener.as_bytes().first() && folded.starts_with(opener);
    if OPENERS.iter().any(opens) {
        // `$` opens a shell variable, but also a password hash and many a password.
        // `$user:$password` is two of them.
        let all = || folded.split([':', '|', '@', '/', ',']).all(|part| part.starts_with('$') && is_variable(part));
        // `$PASSWORD;Database=..`: the rest of a connection string.
        let in_string = || folded.split_once(';').is_some_and(|(head, rest)| is_variable(head) && rest.contains('='));
        // `$PASSED${RESET}`: two without anything between.
        let two = || {
            folded
                .split_once("${")
                .is_some_and(|(head, rest)| head.len() > 1 && is_variable(head) && rest.ends_with('}'))
        };
        return !folded.starts_with('$') || is_variable(&folded) || all() || two() || in_string();
    }
    // All that follows holds one of these.
    if !value.bytes().any(|byte| b"{}%[($<#`=:".contains(&byte)) {
        return false;
    }
    let interpolations = [
        ("{{", "}}"),
        ("${", "}"),
        ("<%", "%>"),
        ("#{", "}"),
        ("$(", ")"),
        ("{%", "%}"),
        ("[[", "]]"),
        ("%(", ")s"),
        ("%{", "}"),
    ];
    if interpolations.iter().any(|(open, close)| value.find(open).is_some_and(|at| value[at..].contains(close))) {
        return true;
    }
    (value.starts_with('%') && value.ends_with('%') && value.len() > 2)
        || value.starts_with("%(")
        || is_directive(value)
        || value.contains("%s")
        || value.contains("{}")
        || value.contains("{0}")
        || value.contains(":secretsmanager:")
        || names_in_braces(value)
        || opens_expression(value)
        || runs_command(value)
        || value.strip_prefix('{').and_then(|rest| rest.split_once('}')).is_some_and(|(name, _)| is_word(name))
        || value.ends_with("()")
        || value.starts_with('`')
        || value.starts_with("#{")
        || value.contains("=>")
}

/// `%01032i`, `%mschap('User-Name')`: what a format or a template puts there.
fn is_directive(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('%') else { return false };
    let flags = rest.bytes().take_while(|byte| byte.is_ascii_digit() || b".-+#l".contains(byte)).count();
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"._".contains(byte)).count();
    rest.len() == flags + 1 && rest[flags..].starts_with(|kind: char| kind.is_ascii_lowercase())
        // Go: `%v.` and what is said after it.
        || matches!(rest.as_bytes(), [b'v' | b'w' | b'q' | b's', b'.' | b',' | b':' | b';' | b'"' | b'\'', ..])
        || name > 1 && rest[name..].starts_with('(')
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.".contains(letter))
}

/// `{faker.pick(`: an expression in a template that a quote in it cuts.
fn opens_expression(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('{').filter(|rest| !rest.contains('}')) else { return false };
    let name = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    name > 1 && matches!(rest.as_bytes().get(name), Some(b'.' | b'('))
}

/// `:$(name`, `{$name[`: a command or a variable put into a text, cut at a blank in it.
fn runs_command(value: &str) -> bool {
    let opens = |mark: &str| value.split_once(mark).map(|(_, rest)| rest);
    let is_name = |rest: &str| rest.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    opens("$(").is_some_and(is_name)
        || value
            .strip_prefix("{$")
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_alphabetic() || first == '_'))
}

/// `{name}`, as format strings and route templates have it.
fn names_in_braces(value: &str) -> bool {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('{') {
        let name = after.split_once('}').map_or("", |(name, _)| name);
        let word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.()[]'!:=".contains(letter));
        if name.len() >= 3 && word && name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_') {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a value is a date or a time, as in `password_last_used`.
pub fn is_timestamp(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 8
        && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() * 10 >= bytes.len() * 6
        && bytes.iter().all(|byte| byte.is_ascii_digit() || b"-:.TZ+/ ".contains(byte))
        && bytes.iter().filter(|byte| b"-:/".contains(byte)).count() >= 2
}

/// `$NAME`, `${NAME}`, `$env:NAME`, `$(command)`, `$a.b['c']`.
fn is_variable(folded: &str) -> bool {
    let rest = &folded[1..];
    // `$2`: an argument of a script.
    let is_argument = (1..=2).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_digit());
    if rest.starts_with(['{', '(']) || is_argument || matches!(rest, "@" | "*") {
        return true;
    }
    let name = rest.strip_prefix("env:").unwrap_or(rest);
    !name.is_empty()
        && name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && !(name.len() > 2 && rest.as_bytes()[1] == b'$') // $2b$, $y$: hashes
        // Perl: `$Option{password}`
        && (name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.->[]'\"/".contains(letter))
            || name.strip_suffix('}').and_then(|name| name.split_once('{')).is_some_and(|(name, key)| {
                name.len() > 1 && [name, key].iter().all(|part| !part.is_empty() && part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_'))
            }))
}

/// Whether a value is a file's path or a URL without credentials.
pub fn is_location(value: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const EXTENSIONS: &[&str] = &[
        ".pem", ".key", ".crt", ".cer", ".json", ".yml", ".yaml", ".txt", ".xml", ".p12", ".pfx", ".jks",
        ".crl", ".csr", ".pub", ".cert", ".asc", ".gpg", ".p8", ".der", ".keystore", ".keytab", ".kdbx", ".html", ".js", ".ts", ".py", ".ps1", ".sh", ".bat", ".cmd", ".sql", ".properties", ".cfg", ".php", ".png", ".svg", ".css", ".conf", ".ini", ".toml", ".env", ".md",
        ".com", ".org", ".net", ".io", ".dev", ".local",
    ];
    let folded = value.to_ascii_lowercase();
    let starts = ["/", "./", "../", "~/", "#/", "\\\\", "c:\\", "file:"];
    let wordy = |part: &str| part.chars().all(|letter| letter.is_ascii_lowercase() || "._-:@".contains(letter));
    (starts.iter().any(|start| folded.starts_with(start))
        && value.split('/').skip(1).filter(|part| wordy(part)).count() * 2 >= value.matches('/').count())
        || folded.contains("://")
        || folded.contains(":\\/\\/")
        || EXTENSIONS.iter().any(|extension| folded.ends_with(extension))
}

/// Whether a value reads as a sentence, a label or a title.
pub fn is_prose(value: &str) -> bool {
    let blanks = value.chars().filter(|letter| letter.is_whitespace()).count();
    let letters = value.chars().filter(|letter| letter.is_alphabetic()).count();
    let inner = value.chars().count().max(1);
    (blanks >= 1 && letters + blanks >= inner * 8 / 10)
        || blanks >= 3
        || (blanks >= 1 && value.ends_with(['.', '!', '?', ':']))
        || value.chars().filter(|letter| !letter.is_ascii()).count() * 3 > inner
            && !value.chars().any(|letter| letter.is_ascii_digit() || letter.is_ascii_punctuation())
}

/// Whether a value names a type, a state or a field instead of giving one.
pub fn is_type_word(value: &str) -> bool {
    let folded = value.trim().trim_end_matches(|letter: char| !letter.is_alphanumeric()).to_ascii_lowercase();
    TYPE_WORDS.contains(&folded.as_str())
}

/// Whether a value is a regex or a glob: two constructs of such or more.
pub fn is_regex(value: &str) -> bool {
    const MARKS: &[&str] =
        &["\\d", "\\w", "\\s", "\\b", "[a-z", "[^", "(?:", "(?i", "(?P", ".*", ".+", ".{", "]{", "]+", "[0-9", "|("];
    const STARTS: &[&str] = &["\\S", "\\K", "\\d", "\\w", "\\s", "[^", "[A-", "[a-", "[0-9", "(?", "\\{", "\\["];
    // No password holds these.
    const SURE: &[&str] = &[
        "\\s*", "\\s+", "\\d+", "\\w+", "\\|^", "[^\"", "[^'", "(?:", "(?i)", "[A-Za-z", "[0-9a-f", "[a-z0-9",
        "[A-Z0-9",
    ];
    // Each of them holds one of these.
    if !value.bytes().any(|byte| b"\\[(*+]{".contains(&byte)) {
        return false;
    }
    let sure = SURE.iter().any(|mark| value.contains(mark));
    let marks = MARKS.iter().filter(|mark| value.contains(**mark)).count();
    sure || marks >= 2
        || (marks == 1 && (value.starts_with('^') || value.ends_with('$')))
        || STARTS.iter().any(|start| value.starts_with(start))
}

/// Whether a value is made of words: an identifier, a slug, a dotted name, a constant's name.
pub fn is_identifier(value: &str) -> bool {
    let allowed = value.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.:/@$".contains(letter));
    if !allowed {
        return false;
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let words = crate::rule::words::split(value);
    // One or two letters in a row are no word; random text is full of them.
    let wordy: usize = words.iter().filter(|word| word.len() > 2 && is_wordlike(word)).map(String::len).sum();
    let letters: usize =
        words.iter().filter(|word| !word.starts_with(|letter: char| letter.is_ascii_digit())).map(String::len).sum();
    // Names carry few digits, most at the end; random bodies one in six.
    letters > 0 && wordy * 10 >= letters * 7 && digits * 5 <= value.len()
}

/// `SSL_CLIENT_S_DN`: the name of a constant or of a variable of the environment.
pub fn is_constant_name(value: &str) -> bool {
    let is_part = |part: &str| part.len() > 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    value.matches('_').count() >= 2 && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        || value.contains('_') && value.split('_').all(is_part)
}

/// Words that names of credentials end in.
#[rustfmt::skip] // a word a line would be pages
pub const CREDENTIAL_WORDS: &[&str] = &[
    "password", "passwd", "pass", "pwd", "secret", "secrets", "token", "key", "apikey", "salt", "credential", "credentials",
    "creds",
];

/// `MAVEN_REPO_API_KEY`, `NOVA-DBPASS`: the name of a variable that holds a credential.
pub fn names_a_variable(value: &str) -> bool {
    // Endings that no other word has.
    const ENDINGS: &[&str] = &["PASS", "PASSWORD", "PASSWD", "PWD", "SECRET", "TOKEN"];
    let is_part = |part: &str| part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let telling = |part: &str| {
        let part = part.trim_end_matches(|last: char| last.is_ascii_digit());
        CREDENTIAL_WORDS.contains(&part.to_ascii_lowercase().as_str())
            || ENDINGS.iter().any(|ending| part.ends_with(ending))
    };
    value.contains(['_', '-'])
        && value.starts_with(|first: char| first.is_ascii_uppercase())
        && value.bytes().filter(u8::is_ascii_digit).count() <= 2
        && value.split(['_', '-']).all(|part| !part.is_empty() && part.len() <= 16 && is_part(part))
        && value.split(['_', '-']).any(telling)
}

/// `_app2_flashes`, `app/profiler/`: small letters and at most one digit, joined as names are.
pub fn is_slug(value: &str) -> bool {
    is_joined(value) && value.bytes().filter(u8::is_ascii_digit).count() <= 1
}

/// Small letters and numbers, joined by dashes and the like.
pub fn is_joined(value: &str) -> bool {
    let joint = |byte: u8| matches!(byte, b'_' | b'-' | b'/' | b'.' | b':');
    value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || joint(byte))
        && value.bytes().any(joint)
}

/// `argocd-redis`, `http-basic`, `oauth2:web`: small words joined, of whatever language, whose digits are those of
/// well-known names. Four groups of four letters are drawn.
pub fn is_joined_words(value: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const NUMBERED: &[&str] = &[
        "k8s", "k3s", "s3", "ec2", "oauth2", "oauth1", "http2", "i18n", "l10n", "e2e", "md5", "sha1", "sha256", "sha512", "x509", "base64", "ipv4",
        "ipv6", "h2", "db2", "neo4j", "web3", "log4j", "p12", "pkcs12", "pkcs8", "saml2", "v1", "v2", "v3", "v4",
    ];
    // Longer than words are, and shorter than what may be drawn without a vowel.
    const LONGEST: usize = 14;
    const SHORT: usize = 5;
    let vowels = |part: &str| part.bytes().any(|byte| b"aeiouy".contains(&byte));
    let is_word = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_lowercase())
            && part.len() <= LONGEST
            && (part.len() <= SHORT || vowels(part))
    };
    let parts = || value.split(['_', '-', '/', '.', ':']).filter(|part| !part.is_empty());
    let drawn = value.len() == 19 && value.split(['-', '_']).all(|part| part.len() == 4);
    // `user:password` is no name.
    let login = value.contains(':') && parts().count() < 3;
    is_joined(value) && !drawn && !login && parts().all(|part| is_word(part) || NUMBERED.contains(&part))
}

/// As [`is_joined_words`], with short numbers among or behind the words: `db-password-1`, `todos-vuejs-2.0`.
pub fn is_joined_name(value: &str) -> bool {
    // Longer numbers are ids.
    const DIGITS: usize = 2;
    let part = |part: &str| {
        let word = part.trim_end_matches(|last: char| last.is_ascii_digit());
        if part.len() - word.len() > DIGITS { String::from("0") } else { word.to_owned() }
    };
    let words: Vec<String> = value.split(['_', '-', '.']).map(part).filter(|word| !word.is_empty()).collect();
    words.len() > 1 && is_joined_words(&words.join("-"))
}

/// `App\\Entity\\User`: the name of a class in its namespace.
pub fn is_class_name(value: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_uppercase())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let mut parts = value.trim_start_matches('\\').split('\\').filter(|part| !part.is_empty());
    value.matches('\\').count() >= 2 && parts.all(is_name)
}

/// Whether a value has the length and alphabet of a digest, or is a UUID: an id more often than a key.
pub fn is_digest_or_uuid(value: &str) -> bool {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let uuid = value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    uuid || (hex && matches!(value.len(), 40 | 56 | 64 | 96 | 128))
}

/// Whether a value is public by nature: a public key or a certificate in DER or OpenSSH's form.
pub fn is_public(value: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const OPENERS: &[&str] = &[
        "MFkwEwYH", "MHYwEAYH", "MIGbMBAGB", "MIIBIjANBg", "MIICIjANBg", "MIGfMA0GC", "MCowBQYDK2",
        "MIIBCgKCAQEA", "MIICCgKCAgEA", "AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh", "ssh-rsa ", "ssh-ed25519 ",
        "ecdsa-sha2-", "LS0tLS1CRUdJTiBDRVJU", "LS0tLS1CRUdJTiBQVUJM", "-----BEGIN CERT", "-----BEGIN PUBLIC",
        "-----BEGIN RSA PUBLIC", "age1",
        // What pages and apps show to Stripe and those that took over its form, to Mapbox and to PostHog.
        "pk_live_", "pk_test_", "pk.eyJ1Ijoi", "phc_",
    ];
    // A public RSA key of any size: its algorithm follows at once, where a private key has its version.
    let rsa = value.starts_with("MIG") && value.get(4..10) == Some("MA0GCS")
        || value.starts_with("MII") && value.get(6..12) == Some("ANBgkq");
    // The same in hex: a sequence, the sequence of the algorithm, and its OID.
    let folded = value.get(..28).unwrap_or_default().to_ascii_lowercase();
    let hex = folded.starts_with("30")
        && ["300d06092a864886", "301306072a8648ce", "301006072a8648ce", "302a300506032b65"]
            .iter()
            .any(|start| folded.find(start).is_some_and(|at| at <= 8));
    // What a browser sends to Datadog.
    let browser =
        value.strip_prefix("pub").is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    // minisign: 42 bytes, the first two of which say `Ed`.
    let minisign = value.len() == 56
        && value.starts_with("RW")
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    rsa || hex || browser || minisign || OPENERS.iter().any(|opener| value.starts_with(opener))
}

/// Whether a value is a password hash (crypt, argon2, pbkdf2, LDAP schemes), not a password.
pub fn is_password_hash(value: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const OPENERS: &[&str] = &[
        "$1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "$y$", "$argon2", "$pbkdf2", "pbkdf2_", "pbkdf2:",
        "scrypt:", "{ssha", "{sha", "{md5", "{crypt", "sha1$", "sha256$", "md5$", "bcrypt$", "argon2$",
        "scram-sha-256$", "$apr1$", "{pbkdf2", "{bcrypt}", "{argon2", "{scrypt}", "hmacsha1:", "hmacsha2+", "*",
    ];
    let folded = value.to_ascii_lowercase();
    let mysql = value.len() == 41 && value.starts_with('*');
    let postgres =
        value.len() == 35 && folded.starts_with("md5") && folded[3..].bytes().all(|byte| byte.is_ascii_hexdigit());
    OPENERS.iter().any(|opener| *opener != "*" && folded.starts_with(opener)) || mysql || postgres
}

/// Names of members are no longer.
const LONGEST_MEMBER: usize = 24;

/// Whether a value is a name as members have them in code: `gridTotal`, `pv1ChargePower`, `loadKW`.
pub fn is_member_name(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let first = value.bytes().take_while(|&byte| is_part(byte)).count();
    if value.len() > LONGEST_MEMBER || !value.starts_with(|first: char| first.is_ascii_lowercase()) {
        return false;
    }
    let mut rest = &value[first..];
    let mut longest = 0;
    while !rest.is_empty() {
        let capitals = rest.bytes().take_while(u8::is_ascii_uppercase).count();
        let letters = rest[capitals..].bytes().take_while(u8::is_ascii_lowercase).count();
        let after = &rest[capitals + letters..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        // `KW` ends one; a capital starts a word.
        if !matches!((capitals, letters), (1, 1..) | (2..=3, 0)) || digits > 2 {
            return false;
        }
        longest = longest.max(capitals + letters);
        rest = &after[digits..];
    }
    longest >= 3 || first >= 3 && longest >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_passwords_with_escapes_and_tokens_without_signatures() {
        assert!(
            is_unsigned_token("e30.eyJhdWQiOiJhY21lIn0.") && !is_unsigned_token("e30.eyJhdWQiOiJhY21lIn0.q8Zr2LmX0")
        );
        assert!(is_escaped_password_word("Contrase\\u00f1a") && is_escaped_password_word("L\\u00f6senord"));
        for value in ["Contra\\u00", "blue\\u00f1a", "\\ud800", "contrasena"] {
            assert!(!is_escaped_password_word(value), "{value}");
        }
    }

    #[test]
    fn names() {
        assert!(is_constant_name("SSL_CLIENT_S_DN") && !is_constant_name("SSL_CLIENT_S3_DN"));
        assert!(is_slug("_app2_flashes") && is_slug("app/profiler/") && !is_slug("k3y_of_2024") && !is_slug("flashes"));
        assert!(is_constant_name("EASYMOCK_JAR") && !is_constant_name("X_Y") && !is_constant_name("EASYMOCK"));
        assert!(is_joined_words("argocd-redis") && is_joined_words("argocd-k8s-auth") && is_joined_words("ca.crl"));
        assert!(
            is_joined_name("todos-vuejs-2.0") && is_joined_name("admin-password1") && !is_joined_name("river-4711")
        );
        assert!(
            !is_joined_words("bob:pinkponies")
                && !is_joined_words("abcd-efgh-ijkl-mnop")
                && !is_joined_words("minio-7x")
                && !is_joined_words("redis")
        );
        assert!(is_class_name(r"App\Entity\User") && is_class_name(r"\\App\\Form\\PasswordType"));
        assert!(!is_class_name(r"p\ss\Word") && !is_class_name(r"DOMAIN\user"));
    }

    #[test]
    fn names_of_members() {
        for name in ["gridTotal", "pv1ChargePower", "loadKW", "pAcInPut", "eToday1", "bms2Soc"] {
            assert!(is_member_name(name), "{name}");
        }
        for value in ["grid", "GridTotal", "q8Zr2LmX0vTn", "gridTotal2024", "a1B2c3D4", "grid_total", "xKzWq", ""] {
            assert!(!is_member_name(value), "{value}");
        }
    }

    #[test]
    fn public_keys_of_any_size() {
        for key in ["MIGeMA0GCSqGSIb3DQEBAQUAA4GM", "MIIBIjANBgkqhkiG9w0BAQEFAAOC", "MFkwEwYHKoZIzj0CAQ"] {
            assert!(is_public(key), "{key}");
        }
        assert!(is_public("30819f300d06092a864886f70d010101050003818d00308189"));
        assert!(is_public("pk_live_q8Zr2LmX0vTn") && !is_public("sk_live_q8Zr2LmX0vTn"));
        assert!(!is_public("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC") && !is_public("308204bd020100300d06092a864886f70d0101"));
    }

    #[test]
    fn references() {
        for value in [
            "$PASSWORD",
            "${DB_PASS:-x}",
            "process.env.KEY",
            "op://vault/item",
            "{{ .Values.pw }}",
            "%(pw)s",
            "$env:X",
            "#{draw(32",
            "{faker.pick(",
            "$db_password;database=app",
            "$Option{password}",
            "$args{p}",
            "'$2'",
            "$KEY|$FILE|$PW",
            "%v.Either",
            "%01032i",
            "%mschap('User-Name')",
            "%{User-Password}",
        ] {
            assert!(is_reference(value), "{value}");
        }
        for value in ["$2b$12$abc", "$2x9", "%vQ8!zr", "pa$$word1", "$ecr3t!pass", "S3cr3t"] {
            assert!(!is_reference(value), "{value}");
        }
    }
}
