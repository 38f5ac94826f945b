//! How likely a named value is a credential: points for what is seen, added up to one number that
//! can be explained.

use super::veto::veto;
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
    let mut score = by_model(model, name, value, pair, family);
    if score.veto.is_none() && words::has_one(name, MADE_UP_NAMES) {
        score.add("a name that says that it is made up", -40);
    }
    score
}

/// Words of names of what is no real credential: `FAKE_PASSWORD`.
const MADE_UP_NAMES: &[&str] = &["fake", "dummy", "mock", "mocked", "bogus", "placeholder"];

fn by_model(model: ValueModel, name: &str, value: &str, pair: &Pair, family: Family) -> Score {
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
            let digit = value.bytes().any(|byte| byte.is_ascii_digit());
            if !digit && (pair.operator == Operator::Position || !pair.quoted && value::is_slug(value)) {
                score.add("a pair that may be no login", -25);
            }
            score
        }
        // A key that people made up is a password.
        ValueModel::Secret => {
            let key = words::has_one(name, &["key"]);
            let assigned = key && family == Family::Code && pair.operator != Operator::Position;
            // `api_key="gridTotal1"`: what a field is called in what an interface answers.
            if assigned && value::is_member_name(value) {
                return Score::vetoed("the name of a member");
            }
            let token = token(name, value, pair, family);
            if token.veto.is_none() {
                return token;
            }
            // Keys are drawn; a secret may be a word.
            if assigned && is_short_word(value) {
                return Score::vetoed("a word");
            }
            let mut score = password(name, value, pair, family);
            // `secretKey: db-password-1`: more often the name of what holds it.
            let joined = pair.operator != Operator::Position && value::is_joined_name(value);
            let points = match family {
                // What a cipher or a signature is given is the key, whatever it looks like.
                _ if pair.operator == Operator::Position => 10,
                Family::Config if key => -25,
                Family::Code | Family::Text if key && (value::is_slug(value) || joined) => -40,
                Family::Config => -5,
                Family::Yaml | Family::Json if joined && name.bytes().any(|byte| byte.is_ascii_lowercase()) => -45,
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
    if !drawn {
        return Score::vetoed("does not look drawn at random");
    }
    let mut score = token(name, value, pair, family);
    if score.veto.is_none() && is_hex(value, 16) {
        score.add("as long as the id of a PGP key", -20);
    }
    if score.veto.is_none() && family == Family::Code && pair.comment {
        score.add("shows what one looks like", -20);
    }
    if score.veto.is_none() && value.len() == 36 && value::is_digest_or_uuid(value) {
        score.add("the id of something more often than a key", -10);
    }
    score
}

/// Points that do not depend on the value: that the name is telling, and where it stands.
fn placed(pair: &Pair, family: Family) -> Score {
    let mut score = Score::default();
    score.add("the name is one of credentials", 30);
    let settings = family.holds_settings();
    let (what, points) = match pair.operator {
        Operator::Position => ("a place that takes a credential", 25),
        Operator::Perhaps => ("a place that takes a credential or something else", -10),
        Operator::Compare => ("compared, not given", 5),
        Operator::OtherCall => ("a call that may do anything with it", -5),
        Operator::Prose => ("said in prose", 5),
        Operator::Inside => ("a part of a longer string", 10),
        // Elements give values, text between them only speaks of some.
        Operator::Space if family == Family::Markup => ("a word after the name", -10),
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
            // `// user anna, password v4lue!`
            _ if pair.login && pair.operator == Operator::Space => -5,
            _ => -20,
        };
        score.add("in a comment", points);
    }
    score
}

/// Names that mean other things as often: `PASS: test`, `auth: basic`.
const WEAK_NAMES: &[&str] = &["pass", "auth", "pw", "psk", "salt"];

/// Words that names of passwords end in, and of little else.
const STRONG_NAMES: &[&str] = &["password", "passwd", "pwd", "passphrase"];

/// Words of names whose values may look like digests.
#[rustfmt::skip] // a word a line would be pages
const DRAWN_NAMES: &[&str] = &[
    "secret", "token", "password", "private", "api", "access", "encryption", "crypt", "pepper", "salt", "signing",
    "master",
];

/// Letters of a word at most, also of one that is put together.
const LONGEST_WORD: usize = 24;

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
    // Whatever the language, a word with a capital is a word.
    let titled = value.len() > 1 && value.starts_with(|first: char| first.is_ascii_uppercase());
    let is_word = titled && value.len() < 24 && value.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    if is_word
        || !random::looks_random(value)
        || value::is_constant_name(value)
        || value::is_joined_name(value)
        || words::split(name).last().is_some_and(|last| last == "key")
            && value::is_joined_name(&value.replace(':', "-"))
    {
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
        let telling = words::has_one(name, DRAWN_NAMES) || is_header_of_key(name);
        score.add("has the length and alphabet of a digest or a UUID", if telling { -25 } else { -40 });
    }
    score
}

/// `X-Acme-Key`: a header that carries a key, as services take them.
fn is_header_of_key(name: &str) -> bool {
    let folded = name.to_ascii_lowercase();
    folded.starts_with("x-") && folded.ends_with("-key")
}

/// Words that are passwords wherever nobody chose one, or say that one goes here.
pub(super) const WEAK: &[&str] =
    &["password", "passwd", "pass", "secret", "user", "login", "pw", "pwd", "key", "token", "guest", "anonymous"];

/// How many kinds of letters a value has: small, capital, digits, marks.
fn kinds_of(value: &str) -> usize {
    let kinds = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit, u8::is_ascii_punctuation];
    kinds.iter().filter(|kind| value.bytes().any(|byte| kind(&byte))).count()
}

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
    let is_place = pair.operator == Operator::Position;
    let settings = family.holds_settings() && pair.operator != Operator::Prose || is_place;
    let mut score = placed(pair, family);
    if WEAK_NAMES.contains(&name.to_ascii_lowercase().as_str()) {
        let given =
            !matches!(pair.operator, Operator::Inside | Operator::Prose | Operator::Space) && family != Family::Text;
        // Where a value is drawn, hardly anything else is called so.
        let drawn = name.eq_ignore_ascii_case("pw") && value.len() >= 8 && kinds_of(value) >= 3;
        let points = if given || pair.login || drawn { -10 } else { -25 };
        score.add("a name that means other things, too", points);
    }
    if value.contains(char::is_whitespace) {
        if !is_pass_phrase(name, value, pair, family) {
            return Score::vetoed("reads as a sentence or a label");
        }
        let drawn = is_four_groups(value);
        score.add("may be a pass phrase", if drawn { 30 } else { 5 });
        return score;
    }
    let kinds = kinds_of(value);
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
    } else if !identifier && value::is_joined_words(value) {
        let of_password = words::split(name).last().is_some_and(|last| STRONG_NAMES.contains(&last.as_str()));
        let points = match pair.operator {
            Operator::Position => 20,
            Operator::Compare if of_password => 20,
            _ if of_password && settings => 20,
            _ if of_password => 5,
            _ => 0,
        };
        ("words joined, as in a name", points)
    } else if value.len() >= 8 && !identifier && (kinds >= 3 || random::looks_random(value)) {
        ("letters, digits and marks as in a password", 40)
    } else if !identifier && kinds >= 2 && value.len() >= 6 {
        ("letters with digits or marks", 30)
    } else if value.bytes().all(|byte| byte.is_ascii_digit()) {
        let given = matches!(pair.operator, Operator::Assign | Operator::Call | Operator::Default | Operator::Entry);
        let points = if settings || family == Family::Code && given && value.len() >= 5 { 5 } else { -10 };
        ("a number", points)
    } else if kinds >= 2
        && (digit || value.bytes().any(|byte| b"!#^&*".contains(&byte)))
        && joints <= usize::from(kinds >= 3)
    {
        ("a word with a digit or a mark", if kinds >= 3 { 25 } else { 20 })
    } else if word && value.len() > LONGEST_WORD && value.bytes().all(|byte| byte.is_ascii_lowercase()) {
        ("a phrase without blanks", if pair.operator == Operator::Assign { 20 } else { -15 })
    } else if word && !has_hump(value) {
        // `# Use --secret instead of ..`
        let said = pair.comment && pair.operator == Operator::Argument;
        let given = matches!(pair.operator, Operator::Assign | Operator::Call | Operator::Default | Operator::Entry);
        // Laravel names a table of users by `'passwords' => 'customers'`.
        let plural = name.ends_with('s') && !name.ends_with("pass");
        let small =
            value.len() >= 4 && !plural && value != "test" && value.bytes().all(|byte| byte.is_ascii_lowercase());
        let points = match family {
            _ if settings && !said => 10,
            Family::Code if given && small && !pair.comment => 5,
            Family::Code if small && !pair.comment && pair.operator == Operator::Compare => -5,
            _ => -15,
        };
        ("a plain word", points)
    } else if joints > 1 || joints == 1 && kinds < 3 && !(settings && value.contains('.')) {
        ("a dotted name, a path or a reference", -35)
    } else {
        let last = words::split(name).pop().unwrap_or_default();
        let is_password = STRONG_NAMES.contains(&last.as_str()) || last == "pass";
        let points = match family {
            _ if settings && (!is_place || family.holds_settings()) => 0,
            // `password = "BlueKite"`: two words, of which none says that it is one.
            Family::Code if is_password && word && pair.operator == Operator::Assign && !pair.comment => -10,
            _ => -30,
        };
        ("words, as in a name", points)
    };
    score.add(what, points);
    let of_password = !WEAK_NAMES.contains(&name.to_ascii_lowercase().as_str())
        && !words::has_one(name, &["key", "token", "secret"])
        && !words::has_one(value, &["wrong", "invalid", "incorrect", "bad", "new", "old"]);
    if of_password
        && pair.login
        && matches!(pair.operator, Operator::Assign | Operator::Argument | Operator::Compare)
        && !settings
        && points < 20
        && value.len() > 3
    {
        score.add("a user is named beside it", if pair.operator == Operator::Compare { 25 } else { 15 });
    }
    if repeats_product(name, value) {
        score.add("a word of the name", -25);
    }
    if family == Family::Code && value.len() == 36 && value::is_digest_or_uuid(value) && !is_place {
        score.add("the id of something more often than a password", -15);
    }
    if value.len() < 5 && digit && !value.bytes().all(|byte| byte.is_ascii_digit()) && family != Family::Config {
        score.add("shorter than passwords are", -20);
    }
    if value.to_ascii_lowercase().starts_with("my") {
        score.add("opens as placeholders do", -10);
    }
    if pair.comment && guess::is_guessable(value) {
        score.add("what everyone thinks of, in a comment", if settings { -40 } else { -10 });
    }
    if WEAK.contains(&value.to_ascii_lowercase().as_str()) {
        score.add("a word that stands for any password", -20);
    }
    score
}

pub(super) fn is_hex(value: &str, length: usize) -> bool {
    value.len() == length && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `POSTGRES_PASSWORD=postgres`, `MINIO_ROOT_PASSWORD=minio123`: a word of the name, before the one for a password, and
/// digits that count up.
pub(super) fn repeats_product(name: &str, value: &str) -> bool {
    const LAST: &[&str] = &["password", "passwd", "pwd", "passphrase", "pass"];
    let folded = value.to_ascii_lowercase();
    let word = folded.trim_end_matches(|last: char| last.is_ascii_digit());
    let folded = if "12345678".starts_with(&folded[word.len()..]) { word } else { &folded };
    value.len() > 4
        && words::split(name).split_last().is_some_and(|(last, words)| {
            LAST.contains(&last.as_str()) && !WEAK.contains(&folded) && words.iter().any(|word| word == folded)
        })
}

/// `userName`, `GetPassword`: an identifier rather than a word.
fn has_hump(value: &str) -> bool {
    value.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// `abcd efgh ijkl mnop`: as passwords of applications are shown.
fn is_four_groups(value: &str) -> bool {
    value.split(' ').count() == 4 && value.split(' ').all(|group| group.len() == 4)
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
    // A phrase by its name: `"passphrase": "r1ver and stone"`.
    let phrase = name.to_ascii_lowercase().contains("phrase")
        && pair.quoted
        && (2..=8).contains(&count)
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == ' ');
    pair.operator != Operator::Prose
        && !pair.comment
        && (phrase
            || pair.quoted
                && lower
                && is_four_groups(value)
                && value.split(' ').filter(|group| is_wordlike(group)).count() < 3
            || settings && written && lower && (many..=8).contains(&count)
            || marked && count <= 4 && pair.quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn judged(model: ValueModel, name: &str, value: &str, operator: Operator, family: Family) -> Score {
        let span = Span::new(0, 0);
        let pair = Pair { name: span, value: span, quoted: true, operator, comment: false, login: false };
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
    fn what_everyone_thinks_of_shows_a_setting_in_a_comment() {
        let span = Span::new(0, 0);
        let score = |value: &str, comment: bool| {
            let pair =
                Pair { name: span, value: span, quoted: true, operator: Operator::Assign, comment, login: false };
            judge(ValueModel::Password, "auth_password", value, &pair, Family::Config).confidence()
        };
        assert_eq!(score("pa$$word", true), Some(Confidence::Low));
        assert_eq!(score("pa$$word", false), Some(Confidence::High));
        assert_eq!(score(&"Blue7·Tractor!".replace('·', ""), true), Some(Confidence::High));
    }

    #[test]
    fn keys_are_drawn_and_long() {
        let score = |value: &str| judged(ValueModel::Key, "key", value, Operator::Assign, Family::Code).confidence();
        assert_eq!(score(&"q8Zr2Lm·X0vTn5KwYb7Hd3Fs9".replace('·', "")), Some(Confidence::High));
        assert_eq!(score("applicationSettingsTitle"), None);
        assert_eq!(score("q8Zr2LmX"), None);
    }
}
