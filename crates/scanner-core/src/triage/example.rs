//! How much less sure a finding is for standing in tests, examples, documentation or comments.
//!
//! Where it stands hides nothing, but a test makes up the passwords, keys and tokens that it compares,
//! and a document shows what one looks like. So what people thought up for tests, hashes and signed
//! tokens are of low confidence; what was drawn at random, was chosen as rules for passwords ask for, has a
//! provider's form or stands in a document is one step less sure.

use crate::decode::Document;
use crate::decode::pair::{Family, in_comment};
use crate::detect::pair::in_long_line;
use crate::detect::path::{is_build_path, is_built_name, is_example_path, is_test_path, skips_pairs};
use crate::detect::{Candidate, guess, random, value};
use crate::finding::{Confidence, Severity};
use crate::rule::proof::base32;
use crate::rule::{Matcher, PASSPHRASE, Rule, Token, ValueModel, words};

/// A blob's place, as its path tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing says that it is not meant.
    Real,
    /// What builds and tests a project, and starts databases for it that no one else reaches; labels.
    Build,
    /// Examples and documentation.
    Document,
    /// Tests and what they are given.
    Test,
    /// A file of tests by its own name.
    TestFile,
    /// What a tool wrote from other sources, or another project released. It is of weight for code only.
    Built,
}

impl Place {
    /// By the paths of a file and of its place in an archive.
    fn of(path: &str, member: Option<&str>) -> Place {
        let last = member.unwrap_or(path);
        let folded: Vec<String> = [Some(path), member].into_iter().flatten().map(str::to_lowercase).collect();
        let any = |is: fn(&str) -> bool| folded.iter().any(|path| is(path));
        if !any(is_example_path) {
            return if any(is_build_path) || skips_pairs(last) { Place::Build } else { Place::Real };
        }
        match any(is_test_path) {
            true if is_test_file(last) => Place::TestFile,
            true => Place::Test,
            false => Place::Document,
        }
    }
}

/// Bytes before a value in which its name stands.
const NEAR: usize = 200;

/// Where the findings of a document stand.
pub(super) struct Surroundings<'d> {
    document: &'d Document<'d>,
    place: Place,
    /// Whether the file's name says that its program was built.
    is_built: bool,
    /// Whether it holds settings for those who develop or test a program.
    for_developers: bool,
    family: Family,
    /// Where the tests at the end of a program start.
    tests: usize,
}

impl<'d> Surroundings<'d> {
    pub(super) fn of(document: &'d Document<'d>) -> Surroundings<'d> {
        let origin = &document.origin;
        let path = origin.member.as_deref().unwrap_or(&origin.path);
        Surroundings {
            document,
            place: Place::of(&origin.path, origin.member.as_deref()),
            is_built: is_built_name(path.rsplit('/').next().unwrap_or(path)),
            for_developers: is_for_developers(path),
            family: comments_of(path),
            tests: inner_tests(path, document.text()),
        }
    }

    /// How sure a finding is here that is as sure as `confidence` elsewhere. `secret` is the value, as decoded.
    pub(super) fn lower(
        &self,
        confidence: Confidence,
        candidate: &Candidate,
        rule: &Rule,
        secret: Option<&str>,
    ) -> Confidence {
        let at = candidate.span.start as usize;
        let place = if self.place == Place::Real && at > self.tests { Place::Test } else { self.place };
        if candidate.proven {
            return confidence;
        }
        let Some(secret) = secret else {
            let is_code = matches!(rule.matcher, Matcher::Code(_) | Matcher::Flow(_));
            // The debugger, any host: what nobody runs but who writes the program.
            if self.for_developers && matches!(rule.matcher, Matcher::Code(_)) {
                return Confidence::Low;
            }
            let is_built = is_code && (self.is_built || in_long_line(self.document.text(), at));
            return of_code(if is_built { Place::Built } else { place }, confidence, rule);
        };
        let names_service = has_tag(rule, "provider") && has_form(rule);
        let place = if place == Place::Real && self.is_named(at, MADE_UP) { Place::Test } else { place };
        // A salt opens nothing.
        let is_bare = |secret| is_bare_key(rule, secret) || self.is_named(at, &["salt"]);
        match place {
            Place::Test | Place::TestFile
                if !names_service
                    && (is_bare(secret) || is_any_token(rule) || !is_drawn(secret) && !is_chosen(secret)) =>
            {
                Confidence::Low
            }
            Place::Document if !names_service && is_bare(secret) => Confidence::Low,
            Place::Test | Place::TestFile | Place::Document | Place::Built => confidence.lowered(),
            Place::Build if !has_form(rule) && is_made_of(secret, guess::is_common) => Confidence::Low,
            Place::Real | Place::Build if names_service || !self.in_comment(at) => confidence,
            Place::Real | Place::Build if has_tag(rule, HASH) || is_made_of(secret, guess::is_guessable) => {
                Confidence::Low
            }
            Place::Real | Place::Build => confidence.min(Confidence::Medium),
        }
    }

    /// Whether the name before a place on its line holds one of some words: `const FAKE_KEY: &str = `, `examples: [`.
    fn is_named(&self, at: usize, wanted: &[&str]) -> bool {
        /// Types of texts, where they are written behind a name.
        const TYPES: &[&str] = &["str", "string", "String"];
        let before = &self.document.text().as_bytes()[at.saturating_sub(NEAR)..at];
        let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let mut names = line.rsplit(|byte| matches!(byte, b'=' | b':')).skip(1).map(|part| {
            let end = part.iter().rposition(|byte| !matches!(byte, b'"' | b'\'' | b' ')).map_or(0, |last| last + 1);
            let length = part[..end].iter().rev().take_while(|byte| is_name(byte)).count();
            String::from_utf8_lossy(&part[end - length..end])
        });
        names.find(|name| !TYPES.contains(&name.as_ref())).is_some_and(|name| words::has_one(&name, wanted))
    }

    /// Whether a place stands in a comment.
    fn in_comment(&self, at: usize) -> bool {
        let text = self.document.text();
        let before = &text.as_bytes()[at.saturating_sub(NEAR)..at];
        let line = before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
        // `*:*:*:user:..` is a line of a `.pgpass`.
        let is_star = self.family != Family::Code && line.trim_ascii_start().starts_with(b"*");
        !is_star && in_comment(text, at, self.family)
    }
}

/// Words of names of what is made up.
const MADE_UP: &[&str] = &["fake", "dummy", "mock", "mocked", "bogus", "placeholder", "example", "examples", "sample"];

/// How comments are written in a file: those without an extension are settings more often than prose.
fn comments_of(path: &str) -> Family {
    let name = path.rsplit('/').next().unwrap_or(path);
    match Family::of_path(path) {
        Family::Text if !name.contains('.') && !name.to_ascii_lowercase().starts_with("readme") => Family::Config,
        family => family,
    }
}

/// A finding that holds no secret, in tests or documents.
fn of_code(place: Place, confidence: Confidence, rule: &Rule) -> Confidence {
    // A test switches off what stands in its way, and asks for what must be refused. What a built program
    // does without taking anything in is mended at its source.
    let is_set_up = matches!(place, Place::TestFile | Place::Built) && matches!(rule.matcher, Matcher::Code(_));
    let is_file = matches!(rule.matcher, Matcher::Name(_));
    match place {
        Place::Real | Place::Build => confidence,
        // What would be no great fault elsewhere; a dump holds the data of people wherever it lies.
        _ if is_file && rule.severity <= Severity::Medium && !rule.cwe.contains(&PERSONAL_DATA) => Confidence::Low,
        _ if is_set_up || has_tag(rule, PASSPHRASE) => Confidence::Low,
        _ => confidence.lowered(),
    }
}

/// CWE-359: data of people is shown to others.
const PERSONAL_DATA: u32 = 359;

/// The tag of rules that find hashes of passwords.
const HASH: &str = "hash";

fn has_tag(rule: &Rule, tag: &str) -> bool {
    rule.tags.iter().any(|own| own == tag)
}

/// Whether a credential opens nothing by itself: a hash, a token that somebody signed for some time.
fn is_bare_key(rule: &Rule, secret: &str) -> bool {
    has_tag(rule, PASSPHRASE) || is_hash(rule, secret) || secret.starts_with("eyJ") && secret.contains('.')
}

/// Whether a credential is a token of no known service: tests issue their own.
fn is_any_token(rule: &Rule) -> bool {
    has_tag(rule, "generic")
        && matches!(&rule.matcher, Matcher::Pair(pair) if pair.value == ValueModel::Token && pair.shapes.is_empty())
}

/// Whether it is not a password, but what one is checked with.
fn is_hash(rule: &Rule, secret: &str) -> bool {
    /// Of digests in hex, some of them cut.
    const SHORTEST: usize = 32;
    let is_digest = secret.len() >= SHORTEST && is_hex(secret);
    let of_password = matches!(&rule.matcher, Matcher::Pair(pair) if pair.value == ValueModel::Password)
        || matches!(rule.matcher, Matcher::Name(_));
    has_tag(rule, HASH) || value::is_password_hash(secret) || of_password && is_digest
}

fn is_hex(secret: &str) -> bool {
    secret.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Passwords are no longer, also in base64.
const LONGEST_PASSWORD: usize = 128;

/// Whether a value was drawn at random, as keys of services are.
fn is_drawn(secret: &str) -> bool {
    /// What is shorter may be thought up.
    const SHORTEST: usize = 16;
    let inner = guess::decoded(secret);
    let secret = inner.as_deref().unwrap_or(secret);
    secret.len() > LONGEST_PASSWORD
        || secret.len() >= SHORTEST
            && secret.bytes().any(|byte| byte.is_ascii_digit())
            && random::looks_random(secret)
            // `S3ntin3lP0rtal2024#`
            && (is_hex(secret) || random::looks_random(&guess::spelled(&secret.to_lowercase())))
            && !is_text_in_base32(secret)
}

/// Whether a person chose it as rules for passwords ask for: letters and digits, and none of what anyone thinks of
/// first. Words joined as names are serve tests.
fn is_chosen(secret: &str) -> bool {
    /// What such rules ask for at least.
    const SHORTEST: usize = 8;
    (SHORTEST..=LONGEST_PASSWORD).contains(&secret.len())
        && secret.bytes().any(|byte| byte.is_ascii_digit())
        && secret.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !value::is_joined(secret)
        && !is_made_of(secret, guess::is_guessable)
}

/// Whether a value is base32 of a text, as people make keys of one-time passwords.
fn is_text_in_base32(secret: &str) -> bool {
    let is_text = |bytes: Vec<u8>| bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    !secret.bytes().any(|byte| byte.is_ascii_lowercase()) && base32(secret.trim_end_matches('=')).is_some_and(is_text)
}

/// Whether a password is such a one, as it stands, without escapes or in base64.
fn is_made_of(secret: &str, is: fn(&str) -> bool) -> bool {
    if secret.len() > LONGEST_PASSWORD {
        return false;
    }
    let inner = guess::decoded(secret);
    is(&without_escapes(inner.as_deref().unwrap_or(secret)))
}

/// Where the module of tests starts that Rust has at the end of a program.
fn inner_tests(path: &str, text: &str) -> usize {
    const MARK: &str = "#[cfg(test)]";
    if path.ends_with(".erl") {
        return memchr::memmem::rfind(text.as_bytes(), b"\n-ifdef(TEST).").unwrap_or(usize::MAX);
    }
    if !path.ends_with(".rs") {
        return usize::MAX;
    }
    let starts = memchr::memmem::find_iter(text.as_bytes(), MARK).find(|at| {
        let rest = text[at + MARK.len()..].trim_start();
        let rest = rest.strip_prefix("pub ").or(rest.strip_prefix("pub(crate) ")).unwrap_or(rest);
        rest.starts_with("mod ")
            && rest.split(['{', ';']).next().is_some_and(|head| rest[head.len()..].starts_with('{'))
    });
    starts.unwrap_or(usize::MAX)
}

/// Whether a program's name says that it tests others: `test_a.py`, `a.spec.ts`.
fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, "py" | "js" | "ts" | "jsx" | "tsx" | "mjs" | "cjs" | "mts" | "cts")) = name.rsplit_once('.') else {
        return false;
    };
    stem == "conftest"
        || stem.starts_with("test_")
        || [".test", ".spec", "_test", "-test"].iter().any(|end| stem.ends_with(end))
}

/// Whether a file of Python holds settings for those who develop or test a program: `settings/local_dev.py`,
/// `config/ci.py`, `settings_development.py`.
fn is_for_developers(path: &str) -> bool {
    const FOLDERS: &[&str] = &["settings", "config", "configs", "conf"];
    const WHOM: &[&str] = &["dev", "devel", "develop", "development", "ci", "test", "testing"];
    let folded = path.to_lowercase();
    let (folder, name) = folded.rsplit_once('/').unwrap_or(("", &folded));
    let Some(stem) = name.strip_suffix(".py") else { return false };
    let has = |wanted: &[&str]| stem.split(['_', '-', '.']).any(|word| wanted.contains(&word));
    has(WHOM) && (has(FOLDERS) || FOLDERS.contains(&folder.rsplit('/').next().unwrap_or(folder)))
}

/// A password of a URL without the marks that are escaped there.
fn without_escapes(password: &str) -> String {
    let mut parts = password.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let escaped = part.len() >= 2 && part.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        whole + if escaped { &part[2..] } else { part }
    })
}

/// Whether the credential has a form of its own, that no one thinks up.
fn has_form(rule: &Rule) -> bool {
    match &rule.matcher {
        Matcher::Text(text) => matches!(text.token, Token::Shapes(_)),
        Matcher::Pair(pair) => !pair.shapes.is_empty(),
        Matcher::Name(_) => false,
        Matcher::Code(_) | Matcher::Flow(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert_eq!(Place::of("src/app.py", None), Place::Real);
        assert_eq!(Place::of("tests/app.py", None), Place::Test);
        assert_eq!(Place::of("tests/test_app.py", None), Place::TestFile);
        assert_eq!(Place::of("src/app.spec.ts", None), Place::TestFile);
        assert_eq!(Place::of("tests/app.yml", None), Place::Test);
        assert_eq!(Place::of("docs/setup.md", None), Place::Document);
        assert_eq!(Place::of(".github/workflows/ci.yml", None), Place::Build);
        assert_eq!(Place::of("app.jar", Some("test/app.properties")), Place::Test);
        assert_eq!(Place::of("test/app.jar", Some("App.kt")), Place::Test);
    }

    fn confidences(path: &str, text: &str) -> Vec<Confidence> {
        let report = crate::Scanner::new().expect("the built-in rules load").scan_bytes(path, text.as_bytes());
        report.findings.iter().map(|finding| finding.confidence).collect()
    }

    #[test]
    fn what_a_test_switches_off_is_unsure() {
        let text = "import ssl\ncontext = ssl.create_default_context()\ncontext.check_hostname = False\n";
        assert_eq!(confidences("src/a.py", text), [Confidence::High]);
        assert_eq!(confidences("tests/a.py", text), [Confidence::Medium]);
        assert_eq!(confidences("tests/test_a.py", text), [Confidence::Low]);
    }

    #[test]
    fn settings_of_developers_are_unsure() {
        let text = "from django.conf import settings\nDEBUG = True\nALLOWED_HOSTS = ['*']\n";
        let all =
            |path: &str, wanted: Confidence| confidences(path, text).iter().all(|confidence| *confidence == wanted);
        for path in ["settings/local_dev.py", "shop/config/ci.py", "shop/settings_development.py"] {
            assert!(all(path, Confidence::Low), "{path}");
        }
        for path in ["settings/main.py", "settings/device.py", "shop/dev.py", "settings/local.py"] {
            assert!(!all(path, Confidence::Low), "{path}");
        }
    }

    #[test]
    fn what_is_built_is_mended_at_its_source() {
        let code = "function run(text) { return eval(text + ';') }\n";
        assert_eq!(confidences("src/run.js", code), [Confidence::Medium]);
        assert_eq!(confidences("src/run.min.js", code), [Confidence::Low]);
        let long = format!("{}{code}", "a.b(1);".repeat(200));
        assert_eq!(confidences("src/run.js", &long), [Confidence::Low]);
        let flow = "document.body.innerHTML = location.hash\n";
        assert_eq!(confidences("src/run.js", flow), [Confidence::High]);
        assert_eq!(confidences("src/run.min.js", flow), [Confidence::Medium]);
    }

    /// Names are put together here, so that no scanner finds them in this file.
    fn set(name: &str, value: &str) -> String {
        format!("{name}_{} = \"{value}\"\n", ["pass", "word"].concat())
    }

    #[test]
    fn what_is_drawn_stays_in_sight_and_what_is_thought_up_does_not() {
        let (drawn, chosen, weak) = ("q8Zr2LmX0vTn5KwY", "blueTractor19", "s3cr3t99");
        let sure = |path: &str, value: &str| confidences(path, &set("db", value));
        assert_eq!(
            [sure("src/a.py", drawn), sure("src/a.py", chosen), sure("src/a.py", weak)].concat(),
            [Confidence::High; 3]
        );
        assert_eq!(sure("tests/a.py", drawn), [Confidence::Medium]);
        assert_eq!(sure("tests/a.py", chosen), [Confidence::Medium]);
        assert_eq!(sure("tests/a.py", "bluetractor19"), [Confidence::Low]);
        assert_eq!(sure("tests/a.py", "river-monster-19"), [Confidence::Low]);
        assert_eq!(sure("tests/a.py", "Admin@5217"), [Confidence::Low]);
        assert_eq!(sure("docs/a.py", chosen), [Confidence::Medium]);
        assert_eq!(sure("docs/a.py", "Admin@5217"), [Confidence::Medium]);
        assert_eq!(sure("docs/a.py", weak), [Confidence::Medium]);
        assert_eq!(sure(".github/workflows/a.toml", chosen), [Confidence::High]);
        assert_eq!(sure(".github/workflows/a.toml", weak), [Confidence::Low]);
        let url = |password: &str| format!("u = \"https://ci:{password}@git.acme.io/a\"\n");
        assert_eq!(confidences("src/a.py", &url("river-monster")), [Confidence::High]);
        assert_eq!(confidences("tests/a.py", &url("river-monster")), [Confidence::Low]);
    }

    #[test]
    fn a_word_with_digits_that_count_up_is_a_password_where_one_is_piped() {
        let piped = |password: &str| format!("{} \"ops:{password}\" | chpasswd\n", "echo");
        assert_eq!(confidences("scripts/a.sh", &piped("Blau123456")), [Confidence::High]);
        assert_eq!(confidences("scripts/a.sh", &piped("12345678")), [Confidence::Low]);
    }

    #[test]
    fn comments_and_names_tell_what_is_shown() {
        let sure = |line: &str| confidences("src/a.py", line);
        assert_eq!(sure(&format!("# {}", set("db", "blueTractor19"))), [Confidence::Medium]);
        assert_eq!(sure(&format!("# {}", set("db", "s3cr3t99"))), [Confidence::Low]);
        assert_eq!(sure(&set("db", "q8Zr2LmX0vTn5KwY")), [Confidence::High]);
        assert_eq!(sure(&set("sample_db", "q8Zr2LmX0vTn5KwY")), [Confidence::Medium]);
        assert_eq!(sure(&set("sample_db", "blueTractor19")), [Confidence::Medium]);
        assert_eq!(sure(&set("sample_db", "river-monster-19")), [Confidence::Low]);
    }

    #[test]
    fn the_tests_at_the_end_of_a_program_are_tests() {
        let line = set("db", "Admin@5217").replace("db", "let db");
        let text = format!("{line}#[cfg(test)]\nmod checks {{\n    {line}}}\n");
        assert_eq!(confidences("src/a.rs", &text), [Confidence::High, Confidence::Low]);
        assert_eq!(confidences("src/a.rs", &format!("#[cfg(test)]\nmod checks;\n{line}")), [Confidence::High]);
    }

    #[test]
    fn keys_that_name_no_service_are_unsure_among_tests() {
        let store = "\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{14}aaaabbbbccccddddeeeeffff\u{2}";
        assert_eq!(confidences("app/release.bks", store), [Confidence::High]);
        assert_eq!(confidences("tests/release.bks", store), [Confidence::Low]);
        let dump = "REDIS0010";
        assert_eq!(confidences("tests/dump.rdb", dump), [Confidence::Medium]);
    }

    #[test]
    fn hashes_salts_and_typed_seeds_are_unsure_among_tests() {
        let sure = |name: &str, value: &str| confidences("tests/a.yml", &format!("{name}: {value}\n"));
        let (name, drawn) = (["pass", "word"].concat(), ["82090c953c4a0417", "a7db253b0691a6b4"].concat());
        assert_eq!(sure(&name, &drawn), [Confidence::Low]);
        assert_eq!(sure("api_secret", &drawn), [Confidence::Medium]);
        let line = format!("access_{}: {}\n", "token", ["q8Zr2LmX0vTn", "5KwYb7Hd3Fs9"].concat());
        let token = |path: &str| confidences(path, &line);
        assert_eq!([token("tests/a.yml"), token("docs/a.yml")].concat(), [Confidence::Low, Confidence::Medium]);
        assert_eq!(sure("salt", &drawn), [Confidence::Low]);
        assert!(is_drawn("q8Zr2LmX0vTn5KwYb7Hd3Fs9") && is_drawn(&drawn) && !is_drawn("S3ntinelP0rtal2024#"));
        assert!(is_text_in_base32("KRSXG5CTMVRXEZLU") && !is_text_in_base32("AVYA3RARZ3GY3VWT7MIEJ72I5TTJRO3X"));
    }

    #[test]
    fn escapes_do_not_make_a_password_strong() {
        assert_eq!(without_escapes("pa%2Fss%3Fword"), "password");
        assert_eq!(without_escapes("100%pure%"), "100pure");
    }
}
