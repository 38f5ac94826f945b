//! How likely a named value is a credential: points for what is seen, added up to one number that
//! can be explained.

use super::wordlike::is_wordlike;
use super::{guess, random, value};
use crate::decode::pair::{Family, Operator, Pair};
use crate::finding::Confidence;
use crate::rule::{ValueModel, words};

/// A score from which a finding is surely, probably or possibly a credential. Set on labelled lines
/// (`corpus/`), where they part true from false best.
pub const HIGH: i32 = 75;
/// See [`HIGH`].
pub const MEDIUM: i32 = 55;
/// See [`HIGH`]. Below it nothing is reported.
pub const LOW: i32 = 35;

/// One thing that was seen, and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What was seen.
    pub what: &'static str,
    /// Points for it; negative ones speak against a credential.
    pub points: i32,
}

/// What speaks for and against a named value being a credential.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Score {
    /// The parts, in the order they were looked at.
    pub parts: Vec<Part>,
    /// What rules it out, whatever the parts say.
    pub veto: Option<&'static str>,
}

impl Score {
    fn add(&mut self, what: &'static str, points: i32) {
        self.parts.push(Part { what, points });
    }

    fn vetoed(what: &'static str) -> Score {
        Score { parts: Vec::new(), veto: Some(what) }
    }

    /// The sum of the parts.
    pub fn points(&self) -> i32 {
        self.parts.iter().map(|part| part.points).sum()
    }

    /// How sure that makes a finding; `None`: it is none.
    pub fn confidence(&self) -> Option<Confidence> {
        match self.points() {
            _ if self.veto.is_some() => None,
            HIGH.. => Some(Confidence::High),
            MEDIUM.. => Some(Confidence::Medium),
            LOW.. => Some(Confidence::Low),
            _ => None,
        }
    }
}

/// Judges the value of a pair whose name a rule wants. `name` is the name, `value` the trimmed value.
pub fn judge(model: ValueModel, name: &str, value: &str, pair: &Pair, family: Family) -> Score {
    if let Some(veto) = veto(name, value, pair, family) {
        return Score::vetoed(veto);
    }
    match model {
        ValueModel::Any => {
            let mut score = placed(pair, family);
            score.add("any value counts", 30);
            score
        }
        ValueModel::Token if is_short_word(value) => Score::vetoed("a word"),
        ValueModel::Token => token(name, value, pair, family),
        ValueModel::Key => key(name, value, pair, family),
        ValueModel::Password => password(name, value, pair, family),
        ValueModel::Login => {
            let mut score = password(name, value, pair, family);
            if pair.operator == Operator::Position && !value.bytes().any(|byte| byte.is_ascii_digit()) {
                score.add("a pair that may be no login", -25);
            }
            score
        }
        // A key that people made up is a password.
        ValueModel::Secret => {
            let token = token(name, value, pair, family);
            if token.veto.is_none() {
                return token;
            }
            let mut score = password(name, value, pair, family);
            // Keys are drawn; a secret may be a word.
            let key = words::split(name).iter().any(|word| word == "key");
            let points = match family {
                Family::Config if key => -25,
                Family::Code | Family::Text if key && value::is_slug(value) => -40,
                Family::Config => -5,
                Family::Yaml | Family::Json | Family::Markup => -15,
                _ => -20,
            };
            score.add("a name of keys, and a value that people made up", points);
            score
        }
    }
}

/// Letters alone, and fewer than tokens of letters have: a name in a language that the table of
/// trigrams does not know looks random.
fn is_short_word(value: &str) -> bool {
    value.len() < 16 && random::is_one_word(value)
}

/// Keys under a name that says no more than that: as [`token`], but only what can be nothing else.
fn key(name: &str, value: &str, pair: &Pair, family: Family) -> Score {
    let drawn = value.len() >= 16 && value.bytes().any(|byte| byte.is_ascii_digit());
    if drawn { token(name, value, pair, family) } else { Score::vetoed("does not look drawn at random") }
}

/// Points that do not depend on the value: that the name is telling, and where it stands.
fn placed(pair: &Pair, family: Family) -> Score {
    let mut score = Score::default();
    score.add("the name is one of credentials", 30);
    let settings = family.holds_settings();
    let (what, points) = match pair.operator {
        Operator::Position => ("a place that takes a credential", 25),
        Operator::Compare => ("compared, not given", 5),
        Operator::OtherCall => ("a call that may do anything with it", -5),
        Operator::Prose => ("said in prose", 5),
        Operator::Inside => ("a part of a longer string", 10),
        Operator::Space if pair.comment => ("a word after the name", 0),
        Operator::Space if !pair.quoted => ("a word after the name", 10),
        Operator::Listed => ("one of a list", if settings { 10 } else { 5 }),
        Operator::Assign if family == Family::Text => ("set in text of no known kind", 15),
        _ if family == Family::Text => ("in text of no known kind", 5),
        _ if settings => ("set in configuration", 25),
        Operator::Argument => ("given on a command line", 20),
        _ => ("given in code", 20),
    };
    score.add(what, points);
    if pair.comment {
        let said = pair.operator == Operator::Prose;
        let points = match family {
            Family::Code if said => -5,
            _ if said => 0,
            _ if settings => -5,
            _ => -20,
        };
        score.add("in a comment", points);
    }
    score
}

/// Names that mean other things as often: `PASS: test`, `auth: basic`.
const WEAK_NAMES: &[&str] = &["pass", "auth", "pw", "psk", "salt"];

/// Words of names whose values may look like digests.
#[rustfmt::skip] // a word a line would be pages
const DRAWN_NAMES: &[&str] = &[
    "secret", "token", "password", "private", "api", "access", "encryption", "crypt", "pepper", "salt", "signing",
    "master",
];

/// Bytes of a key at most: tokens that carry a signed state take about a thousand; what is longer is data.
const LONGEST_KEY: usize = 2048;

/// Keys and tokens: long, without blanks, drawn at random.
fn token(name: &str, value: &str, pair: &Pair, family: Family) -> Score {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.:~!@#$%^&*,;?()[]{}<>|".contains(&byte);
    if !(12..=LONGEST_KEY).contains(&value.len()) {
        return Score::vetoed("shorter or longer than keys are");
    }
    if !value.bytes().all(allowed) {
        return Score::vetoed("holds characters that keys do not");
    }
    if !random::looks_random(value) || value::is_constant_name(value) {
        return Score::vetoed("does not look drawn at random");
    }
    // `MyToken is ERC20Upgradeable`
    let is_class = value.starts_with(|first: char| first.is_ascii_uppercase())
        && words::split(value).iter().any(|word| word.len() > 7 && is_wordlike(word));
    if pair.operator == Operator::Prose && is_class {
        return Score::vetoed("the name of a class");
    }
    let mut score = placed(pair, family);
    score.add("looks drawn at random", 30);
    if value.len() >= 16 {
        score.add("as long as keys are", 10);
    }
    if value::is_digest_or_uuid(value) {
        let telling = words::split(name).iter().any(|word| DRAWN_NAMES.contains(&word.as_str()));
        score.add("has the length and alphabet of a digest or a UUID", if telling { -25 } else { -40 });
    }
    score
}

/// Words that are passwords wherever nobody chose one, or say that one goes here.
const WEAK: &[&str] = &["password", "passwd", "pass", "secret", "user", "login", "pw", "pwd", "key", "token"];

/// Passwords: people's words with marks and digits, or drawn at random.
fn password(name: &str, value: &str, pair: &Pair, family: Family) -> Score {
    if value.len() > 128 {
        return Score::vetoed("longer than passwords are");
    }
    if !pair.quoted && (value.ends_with(['(', '{', '[', ';']) || value.contains("](")) {
        return Score::vetoed("code, not a value");
    }
    if value.contains(['<', '>']) && (value.contains('/') || family == Family::Markup) {
        return Score::vetoed("markup, not a value");
    }
    // What stands where a password must may be a word, as in settings.
    let settings = family.holds_settings() && pair.operator != Operator::Prose || pair.operator == Operator::Position;
    let mut score = placed(pair, family);
    if WEAK_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        let given =
            !matches!(pair.operator, Operator::Inside | Operator::Prose | Operator::Space) && family != Family::Text;
        score.add("a name that means other things, too", if given { -10 } else { -25 });
    }
    if value.contains(char::is_whitespace) {
        if !is_pass_phrase(name, value, pair, family) {
            return Score::vetoed("reads as a sentence or a label");
        }
        let drawn = value.split(' ').count() == 4 && value.split(' ').all(|group| group.len() == 4);
        score.add("may be a pass phrase", if drawn { 30 } else { 5 });
        return score;
    }
    let kinds = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    let kinds = kinds.iter().filter(|kind| value.bytes().any(|byte| kind(&byte))).count();
    let identifier = value::is_identifier(value) || value::is_constant_name(value);
    let joints = value.bytes().filter(|byte| matches!(byte, b'.' | b'/' | b':')).count();
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let word = value.chars().all(char::is_alphabetic);
    let foreign = word && !value.is_ascii();
    let (what, points) = if joints >= 3 && !digit {
        ("a dotted name, a path or a reference", -35)
    } else if value::is_digest_or_uuid(value) || is_hex(value, 32) {
        ("has the length and alphabet of a digest", 5)
    } else if foreign {
        ("a plain word", if settings { 10 } else { -15 })
    } else if value.len() >= 8 && !identifier && (kinds >= 3 || random::looks_random(value)) {
        ("letters, digits and marks as in a password", 40)
    } else if !identifier && kinds >= 2 && value.len() >= 6 {
        ("letters with digits or marks", 30)
    } else if value.bytes().all(|byte| byte.is_ascii_digit()) {
        ("a number", if settings { 5 } else { -10 })
    } else if kinds >= 2 && digit && joints <= usize::from(kinds >= 3) {
        ("a word with a digit", if kinds >= 3 { 25 } else { 20 })
    } else if word && !has_hump(value) {
        // `# Use --secret instead of ..`
        let said = pair.comment && pair.operator == Operator::Argument;
        ("a plain word", if settings && !said { 10 } else { -15 })
    } else if joints > 1 || joints == 1 && kinds < 3 && !(settings && value.contains('.')) {
        ("a dotted name, a path or a reference", -35)
    } else {
        ("words, as in a name", if settings { 0 } else { -30 })
    };
    score.add(what, points);
    if value.len() < 5 && digit && !value.bytes().all(|byte| byte.is_ascii_digit()) && family != Family::Config {
        score.add("shorter than passwords are", -20);
    }
    if value.to_ascii_lowercase().starts_with("my") {
        score.add("opens as placeholders do", -10);
    }
    if pair.comment && !settings && guess::is_guessable(value) {
        score.add("what everyone thinks of, in a comment", -10);
    }
    if WEAK.contains(&value.to_ascii_lowercase().as_str()) {
        score.add("a word that stands for any password", -20);
    }
    score
}

fn is_hex(value: &str, length: usize) -> bool {
    value.len() == length && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `userName`, `GetPassword`: an identifier rather than a word.
fn has_hump(value: &str) -> bool {
    value.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// Some lower-case words in configuration, or text with digits or marks that is no sentence.
fn is_pass_phrase(name: &str, value: &str, pair: &Pair, family: Family) -> bool {
    let count = value.split_whitespace().count();
    let lower = value.chars().all(|letter| letter.is_lowercase() || letter == ' ');
    let marked = value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_punctuation())
        && !value::is_prose(value);
    let settings = family.holds_settings() && family != Family::Markup;
    let meant = pair.quoted || name.to_ascii_lowercase().contains("phrase");
    let many = if pair.quoted && family == Family::Config { 2 } else { 4 };
    let written = meant || family == Family::Config || value.split(' ').all(|group| group.len() == 4);
    pair.operator != Operator::Prose
        && !pair.comment
        && (settings && written && lower && (many..=8).contains(&count) || marked && count <= 4 && pair.quoted)
}

/// The id or fingerprint of a PGP key, by its name.
fn is_pgp_key_id(folded_name: &str, value: &str) -> bool {
    let value = value.strip_prefix("0x").unwrap_or(value);
    ["gpg", "pgp", "signingkey", "keyid"].iter().any(|word| folded_name.contains(word))
        && matches!(value.len(), 8 | 16 | 40)
        && value.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
}

/// `required|string|min:8`, `max:10`
fn is_rule_list(value: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const RULES: &[&str] = &[
        "required", "string", "min", "max", "confirmed", "nullable", "sometimes", "between", "size", "regex", "same",
    ];
    let is_rule = |part: &str| RULES.contains(&part.split(':').next().unwrap_or_default());
    value.split('|').all(is_rule) || value.contains('|') && value.split('|').filter(|part| is_rule(part)).count() > 1
}

/// `1.2.3`, `^6.4|^7.0`, `>=2.0,<3`
fn is_version(value: &str) -> bool {
    value.contains('.')
        && value.bytes().filter(u8::is_ascii_digit).count() <= 8
        && value.bytes().all(|byte| byte.is_ascii_digit() || b".^~|*<>=, v-".contains(&byte))
}

/// `102:10`: a line and a column, or a time.
fn is_position(value: &str) -> bool {
    let digits = |part: &str| (1..=5).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    value.split_once(':').is_some_and(|(line, column)| digits(line) && digits(column))
}

/// `en_001`, `pt-BR`
fn is_locale(value: &str) -> bool {
    let Some((language, region)) = value.split_once(['_', '-']) else { return false };
    language.len() == 2
        && language.bytes().all(|byte| byte.is_ascii_lowercase())
        && matches!(region.len(), 2 | 3)
        && region.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `name(`, `object.name(`: code.
fn is_call(value: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_.:$>-".contains(letter);
    value.split_once('(').is_some_and(|(name, _)| name.len() > 1 && name.chars().all(is_name))
}

/// Words that say "credential" or whose it is; a value made of nothing else is the name of one.
#[rustfmt::skip] // a word a line would be pages
const NAME_WORDS: &[&str] = &[
    "db", "database", "user", "admin", "my", "the", "app", "api", "auth", "access", "client", "secret", "secrets", "password", "passwd", "pass", "pwd",
    "token", "key", "mysql", "postgres", "pg", "redis", "smtp", "mail", "ldap", "jwt", "new", "old", "current", "confirm", "login", "credential", "credentials",
    "service", "account", "private", "public", "root", "server", "ssh", "field", "input", "hash", "value", "name", "id", "form", "text", "of",
];

/// `db_password`, `userPassword`, `my-secret-key`: the name of a credential, not one.
fn names_a_credential(value: &str) -> bool {
    let words = words::split(value);
    words.len() > 1
        && words.iter().all(|word| NAME_WORDS.contains(&word.as_str()))
        && words.iter().any(|word| value::CREDENTIAL_WORDS.contains(&word.as_str()))
}

/// `DOCKERHUB-OAT`, `APP-ID,APP-KEY`: names as vaults have them.
fn is_list_of_names(value: &str) -> bool {
    let is_name = |name: &str| {
        name.contains(['-', '_'])
            && name.split(['-', '_']).all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    value.split(',').map(str::trim).all(is_name)
}

/// `rabbitmq_password`, `neo4j-secret`: words joined, the last of which says what kind of credential it is.
fn ends_in_credential(value: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
    value.bytes().all(small)
        && value.bytes().filter(u8::is_ascii_digit).count() <= 2
        && value.rsplit_once(['_', '-', '.']).is_some_and(|(_, last)| value::CREDENTIAL_WORDS.contains(&last))
}

/// `VISITED_APPS_STORAGE_KEY = "VisitedAppsV2"`: some words, each of the name.
fn repeats_words(name: &str, value: &str) -> bool {
    let (named, words) = (words::split(name), words::split(value));
    let letters = |word: &&String| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.iter().filter(letters).count() > 1
        && value.bytes().filter(u8::is_ascii_digit).count() <= 2
        && words.iter().filter(letters).all(|word| named.contains(word))
}

/// `basicnickname3`: what stands for a name where accounts are made up.
fn is_user_name(value: &str) -> bool {
    value.trim_end_matches(|last: char| last.is_ascii_digit()).to_ascii_lowercase().ends_with("name")
}

/// `1.3.6.1.4.1.4203`
fn is_object_identifier(value: &str) -> bool {
    value.matches('.').count() >= 4 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// `password="admin-secret"` in settings: words, but those that a broker really comes with.
fn is_weak_secret(folded_name: &str, value: &str, pair: &Pair, family: Family) -> bool {
    folded_name.ends_with("password") && value.ends_with("-secret") && pair.quoted && family.holds_settings()
}

/// `1*SAFE`, `2*4DIGIT`: how grammars (ABNF) repeat.
fn is_grammar(value: &str) -> bool {
    value.split_once('*').is_some_and(|(least, what)| {
        !least.is_empty()
            && least.bytes().all(|byte| byte.is_ascii_digit())
            && what
                .trim_start_matches(|next: char| next.is_ascii_digit())
                .chars()
                .all(|next| next.is_ascii_alphabetic())
    })
}

/// `get "admin/passwords" => "accounts#passwords"`: a controller and its action, one named as the path is.
fn is_route(name: &str, value: &str) -> bool {
    let Some((controller, action)) = value.split_once('#') else { return false };
    let is_name =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || b"_/".contains(&byte));
    let last = name.rsplit(['/', ':', ' ']).next().unwrap_or_default().trim_end_matches('s');
    let named = |part: &str| part.rsplit('/').next().is_some_and(|part| part.trim_end_matches('s') == last);
    is_name(controller) && is_name(action) && (named(controller) || named(action))
}

/// An address of a chain of blocks: `0x` and forty hex digits.
fn is_chain_address(value: &str) -> bool {
    value.strip_prefix("0x").is_some_and(|digits| is_hex(digits, 40))
}

/// Whether a name says that a cipher takes its value.
fn names_a_cipher(name: &str) -> bool {
    const WORDS: &[&str] = &["aes", "des", "cipher", "crypt", "encrypt", "encryption", "crypto", "hmac", "iv"];
    words::split(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// What no credential of any kind is.
fn veto(name: &str, value: &str, pair: &Pair, family: Family) -> Option<&'static str> {
    let squash = |text: &str| {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let (folded_name, folded_value) = (squash(name), squash(value));
    let weak = WEAK.contains(&value.to_ascii_lowercase().as_str())
        && family == Family::Config
        && pair.operator == Operator::Assign;
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    // Such a key is one that everybody knows where a cipher is given it.
    let counts = value::counts_up(value) && (pair.operator == Operator::Position || names_a_cipher(name));
    let repeats_name = folded_name.ends_with(&folded_value)
        || folded_name.starts_with(&folded_value) && folded_value.len() > 4
        || folded_value.ends_with(&folded_name) && folded_name.len() > 3 && !digit
        || folded_value.starts_with(&folded_name)
            && folded_value.len() <= folded_name.len() + 6
            && folded_name.len() > 8
        // `SdkKeyRotation = "app-3014-sdk-key-rotation"`
        || folded_value.contains(&folded_name) && folded_name.len() > 8 && value::is_joined(value);
    // What is compared, or given to a call of code, may be the name of a setting.
    let is_asked = family == Family::Code
        && matches!(pair.operator, Operator::Compare | Operator::Call | Operator::OtherCall | Operator::Position);
    // Asked in this order, and most values fail an early one.
    let tests: &[(&dyn Fn() -> bool, &'static str)] = &[
        (&|| value.len() < 4 || folded_value.is_empty(), "too short"),
        (&|| repeats_name && !weak && pair.operator != Operator::Position, "repeats the name"),
        (&|| value::is_timestamp(value) || is_position(value), "a date, a time or a place in a file"),
        (&|| !counts && value::is_placeholder(value), "a placeholder"),
        (&|| value::is_reference(value), "refers to a value kept elsewhere"),
        (&|| value::is_type_word(value) && !weak, "names a type or a state"),
        (&|| value::is_password_word(&folded_value), "the word for password"),
        (&|| names_a_credential(value) && !is_weak_secret(&folded_name, value, pair, family), "names a credential"),
        (&|| value::names_a_variable(value), "names a variable"),
        (&|| folded_name.ends_with("secrets") && is_list_of_names(value), "names a credential"),
        (&|| (is_asked || folded_name.ends_with("credentials")) && ends_in_credential(value), "names a credential"),
        (
            &|| family == Family::Code && pair.operator != Operator::Position && repeats_words(name, value),
            "repeats the name",
        ),
        (&|| pair.operator == Operator::Position && is_user_name(value), "a user's name"),
        (&|| is_object_identifier(value), "an object identifier"),
        (&|| is_chain_address(value), "the address of a contract or an account"),
        (&|| folded_value.strip_suffix('s').is_some_and(|word| folded_name.ends_with(word)), "repeats the name"),
        (&|| is_rule_list(value), "validation rules, not a value"),
        (&|| value::is_regex(value), "a regular expression"),
        (&|| value::is_location(value), "a path or an address"),
        (&|| value::is_password_hash(value), "a password hash, not a password"),
        (&|| (!pair.quoted || pair.operator == Operator::Prose) && is_call(value), "a call, not a value"),
        (&|| pair.operator == Operator::Inside && value.contains("(?") && is_call(value), "a call, not a value"),
        (&|| value.contains("{{") || value.contains("}}"), "filled in by a template"),
        (&|| value.starts_with(".*") || value.starts_with("[^"), "a regular expression"),
        (
            &|| {
                ["\\n", "\\033[", "\\e["].iter().any(|start| value.starts_with(start))
                    || value.split('\\').skip(1).all(|part| part.starts_with(['u', 'U', 'x']))
                        && value.starts_with('\\')
            },
            "escaped characters",
        ),
        (&|| is_pgp_key_id(&folded_name, value), "the id of a PGP key"),
        (&|| value::is_public(value), "public by nature: a public key, a certificate or a key's id"),
        (&|| value.starts_with("Ag") && value.len() > 150, "a sealed secret"),
        (&|| value.starts_with("MASK-"), "masked"),
        (&|| value.contains("]("), "a link"),
        (&|| folded_name.ends_with("userpwd") && !value.contains(':'), "a user name without a password"),
        (&|| is_version(value), "a version or a range of versions"),
        (&|| value.starts_with("hex:"), "bytes of a registry"),
        (
            &|| !pair.quoted && value.contains('[') && (value.ends_with(']') || value.contains("].")),
            "an index, not a value",
        ),
        (&|| value::is_class_name(value), "the name of a class"),
        (&|| !pair.quoted && is_grammar(value), "a rule of a grammar"),
        (&|| is_route(name, value), "the action of a route"),
        (&|| is_locale(value), "a locale"),
        (&|| pair.operator == Operator::Argument && value.contains("=\"$"), "refers to a value kept elsewhere"),
        (&|| value.starts_with("--"), "an option"),
        // `docker build --secret id=name,env=NAME`
        (&|| pair.operator == Operator::Argument && value.starts_with("id="), "names what is kept elsewhere"),
        (&|| !pair.quoted && value.starts_with(['|', '>', '&', '*', '{', '[', '(']), "syntax, not a value"),
        (&|| value.starts_with("data:"), "data written inline"),
        (&|| value.contains('\n'), "several lines"),
        (&|| !value.is_ascii() && value::is_prose(value), "text in words"),
    ];
    tests.iter().find(|(holds, _)| holds()).map(|(_, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn judged(model: ValueModel, name: &str, value: &str, operator: Operator, family: Family) -> Score {
        let span = Span::new(0, 0);
        let pair = Pair { name: span, value: span, quoted: true, operator, comment: false };
        judge(model, name, value, &pair, family)
    }

    #[test]
    fn names_and_rules_are_no_values() {
        for value in ["my-secret-key", "db_password", "userPassword", "required|string|min:8", "Passwort", "$PASSWORD"]
        {
            let score = judged(ValueModel::Password, "password", value, Operator::Assign, Family::Code);
            assert!(score.confidence().is_none(), "{value}: {score:?}");
        }
    }

    #[test]
    fn keys_of_any_length_but_no_data() {
        let confidence = |len: usize| {
            let value = crate::rule::shape::Shape::parse(&format!("[base62:{len}]")).map(|shape| shape.sample(7));
            let value = value.expect("the shape is valid");
            judged(ValueModel::Token, "acme_api_token", &value, Operator::Assign, Family::Config).confidence()
        };
        assert!([20, 600, LONGEST_KEY].iter().all(|&len| confidence(len).is_some()));
        assert_eq!(confidence(LONGEST_KEY + 1), None);
    }

    #[test]
    fn points_add_up_and_place_counts() {
        let score = |operator, family| {
            judged(ValueModel::Password, "db_pass", &"Blue7·Tractor!".replace('·', ""), operator, family)
        };
        let set = score(Operator::Assign, Family::Config);
        assert_eq!(set.points(), set.parts.iter().map(|part| part.points).sum::<i32>());
        assert_eq!(set.confidence(), Some(Confidence::High));
        assert_eq!(score(Operator::OtherCall, Family::Code).confidence(), Some(Confidence::Medium));
        assert!(score(Operator::Prose, Family::Text).points() < score(Operator::Assign, Family::Code).points());
    }

    #[test]
    fn keys_are_drawn_and_long() {
        let score = |value: &str| judged(ValueModel::Key, "key", value, Operator::Assign, Family::Code).confidence();
        assert_eq!(score(&"q8Zr2Lm·X0vTn5KwYb7Hd3Fs9".replace('·', "")), Some(Confidence::High));
        assert_eq!(score("applicationSettingsTitle"), None);
        assert_eq!(score("q8Zr2LmX"), None);
    }
}
