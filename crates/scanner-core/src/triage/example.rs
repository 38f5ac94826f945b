//! How much less sure a finding is for standing in tests, examples, documentation or comments.
//!
//! Where it stands hides nothing, but a test makes up the passwords, keys and tokens that it compares,
//! and a document shows what one looks like. So what people thought up for tests, private keys in the code of tests,
//! hashes, signed tokens and what documents show as anyone would write it are of low confidence; what was drawn at
//! random, was chosen as rules for passwords ask for, has a provider's form, is a key in a file of its own or stands in
//! a document is one step less sure.

mod keyfile;
mod shown;

use crate::decode::Document;
use crate::decode::pair::{Family, in_comment};
use crate::detect::pair::in_long_line;
use crate::detect::path::{is_build_path, is_built_name, is_example_path, is_test_path, skips_pairs};
use crate::detect::{Candidate, guess, random, value};
use crate::finding::{Confidence, Severity};
use crate::rule::proof::base32;
use crate::rule::{Matcher, PASSPHRASE, PRIVATE_KEY, Rule, Token, ValueModel, words};

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
    path: &'d str,
    place: Place,
    /// Whether the file's name or its head says that its program was built or released elsewhere.
    is_built: bool,
    /// Whether it is for those who develop or test a program.
    for_developers: bool,
    family: Family,
    /// Whether it describes an interface, with examples of what is asked and answered.
    describes_api: bool,
    /// Where the tests at the end of a program start.
    tests: usize,
}

impl<'d> Surroundings<'d> {
    pub(super) fn of(document: &'d Document<'d>) -> Surroundings<'d> {
        let origin = &document.origin;
        let path = origin.member.as_deref().unwrap_or(&origin.path);
        Surroundings {
            document,
            path,
            place: Place::of(&origin.path, origin.member.as_deref()),
            is_built: is_built_name(path.rsplit('/').next().unwrap_or(path)) || is_released(path, document.text()),
            for_developers: is_for_developers(path),
            family: comments_of(path),
            describes_api: describes_api(document.text()),
            tests: inner_tests(path, document.text()),
        }
    }

    /// Whether a comment on one of its lines tells another tool that somebody has looked at it: `# nosec B324`.
    fn is_answered_for(&self, candidate: &Candidate) -> bool {
        const MARKS: &[&str] = &["nosec", "noqa: S", "nosemgrep", "NOSONAR"];
        let text = self.document.text();
        let (start, end) = (candidate.span.start as usize, candidate.span.end as usize);
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        let mut lines = text[from..to].lines();
        let is_mark = |comment: &str| MARKS.iter().any(|mark| comment.contains(mark));
        lines.any(|line| [" # ", "\t# ", "// "].iter().any(|start| line.split(start).skip(1).any(is_mark)))
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
            if self.for_developers && is_code {
                return Confidence::Low;
            }
            let is_built = is_code && (self.is_built || in_long_line(self.document.text(), at));
            let of_place = of_code(if is_built { Place::Built } else { place }, confidence, rule);
            return if is_code && self.is_answered_for(candidate) { of_place.lowered() } else { of_place };
        };
        let names_service = has_tag(rule, "provider") && has_form(rule);
        let is_made_up = || self.is_named(at, MADE_UP) || !has_form(rule) && says_test(secret);
        let place = match place {
            Place::Real if is_made_up() => Place::Test,
            Place::Real if shown::is_shown(self.document.text(), at) => Place::Document,
            Place::Build if !has_form(rule) && says_test(secret) => Place::Test,
            place => place,
        };
        let is_shown = matches!(place, Place::Document | Place::Test | Place::TestFile) && self.is_of_reserved_host(at);
        if !names_service && has_tag(rule, "generic") && (self.describes_api || is_shown) {
            return Confidence::Low;
        }
        if !names_service && self.names_reserved_host(at) {
            return Confidence::Low;
        }
        // A salt opens nothing.
        let is_bare = |secret| is_bare_key(rule, secret) || self.is_named(at, &["salt"]);
        match place {
            // Tests make their keys, but a key in a file of its own may be one that is used elsewhere as well.
            Place::Test | Place::TestFile if is_own_key(rule) && !is_bare(secret) && self.is_key_file() => {
                confidence.lowered()
            }
            Place::Test | Place::TestFile
                if !names_service
                    && (is_bare(secret)
                        || is_own_key(rule)
                        || is_any_token(rule)
                        || !is_drawn(secret) && !is_chosen(secret)) =>
            {
                Confidence::Low
            }
            Place::Document if !names_service && is_bare(secret) => Confidence::Low,
            // Documents show words that anyone would write there.
            Place::Document if !has_form(rule) && (is_made_of(secret, guess::is_guessable) || is_word(secret)) => {
                Confidence::Low
            }
            Place::Document if is_of_people(rule) && is_chosen(secret) => confidence.min(Confidence::Medium),
            Place::Test | Place::TestFile | Place::Document | Place::Built => confidence.lowered(),
            Place::Build if !has_form(rule) && is_made_of(secret, guess::is_common) => Confidence::Low,
            Place::Real | Place::Build if names_service || !self.in_comment(at) => confidence,
            Place::Real | Place::Build if has_tag(rule, HASH) || is_made_of(secret, guess::is_guessable) => {
                Confidence::Low
            }
            Place::Real | Place::Build => confidence.min(Confidence::Medium),
        }
    }

    /// Whether the file is a key, and no program that holds one.
    fn is_key_file(&self) -> bool {
        keyfile::is_key_file(self.path, self.document.text())
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

    /// Whether the user beside a place is one at a host that no one can own (RFC 2606): what logs in there opens nothing.
    fn is_of_reserved_host(&self, at: usize) -> bool {
        /// Lines on either side on which a user may stand.
        const LINES: usize = 2;
        let text = self.document.text().as_bytes();
        let before = &text[at.saturating_sub(NEAR)..at];
        let after = &text[at..(at + NEAR).min(text.len())];
        let start = memchr::memrchr_iter(b'\n', before).nth(LINES).unwrap_or(0);
        let end = memchr::memchr_iter(b'\n', after).nth(LINES).unwrap_or(after.len());
        [&before[start..], &after[..end]].iter().any(|side| memchr::memmem::find(side, b"@example.").is_some())
    }

    /// `host=sql.example.com user=x ..`: whether the line of a place names a host that no one can own (RFC 2606).
    fn names_reserved_host(&self, at: usize) -> bool {
        let text = self.document.text().as_bytes();
        let before = &text[at.saturating_sub(NEAR)..at];
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let host = memchr::memmem::rfind(line, b"host=").map(|start| &line[start + 5..]).unwrap_or_default();
        let host =
            host.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b',')).next().unwrap_or_default();
        [&b"example.com"[..], b"example.org", b"example.net"]
            .iter()
            .any(|reserved| host.strip_suffix(*reserved).is_some_and(|own| own.is_empty() || own.ends_with(b".")))
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

/// Whether a credential is a private key of no known service: tests make their own, as servers and clients that are
/// tested need some. Programs of examples are run with theirs, and real keys lie elsewhere.
fn is_own_key(rule: &Rule) -> bool {
    has_tag(rule, PRIVATE_KEY) && !has_tag(rule, "provider")
}

/// Whether a credential is a password of people, told by its name.
fn is_of_people(rule: &Rule) -> bool {
    let named =
        matches!(&rule.matcher, Matcher::Pair(pair) if matches!(pair.value, ValueModel::Password | ValueModel::Login));
    has_tag(rule, "generic") && (named || has_tag(rule, "people"))
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

/// Whether a file is a description in the form of OpenAPI or Swagger, whose values are examples.
fn describes_api(text: &str) -> bool {
    /// Lines before the version of the form: comments, the start of a document.
    const LINES: usize = 20;
    let versioned = |line: &str| {
        let name = line.trim_start_matches(['{', ' ', '\t']).trim_start_matches('"');
        let rest = name.strip_prefix("openapi").or_else(|| name.strip_prefix("swagger"));
        let version = rest.map(|rest| rest.trim_start_matches(['"', '\'', ' ', ':']));
        rest.is_some_and(|rest| rest.contains(':'))
            && version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
    };
    text.lines().take(LINES).any(versioned)
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
        && !counts_up(secret)
        && !is_made_of(secret, guess::is_guessable)
}

/// `ubuntu@123`: digits that count up behind a word, as everyone makes them.
fn counts_up(secret: &str) -> bool {
    let digits: String = secret.chars().filter(char::is_ascii_digit).collect();
    digits.len() > 2 && "1234567890".starts_with(&digits) && secret.contains(&digits)
}

/// `kent`: letters of one size, without a digit or a mark, as documents have for a password.
fn is_word(secret: &str) -> bool {
    /// Longer words may be several, and drawn.
    const LONGEST: usize = 12;
    secret.len() <= LONGEST && secret.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// `test`, `Test!tesT`: a password that says what it is for.
fn says_test(secret: &str) -> bool {
    let letters: String =
        secret.chars().filter(char::is_ascii_alphabetic).map(|next| next.to_ascii_lowercase()).collect();
    !secret.bytes().any(|byte| byte.is_ascii_digit())
        && ["test", "tests", "testing", "testtest"].contains(&letters.as_str())
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

/// Whether a file is for those who develop or test a program: settings of Python (`settings/local_dev.py`, `config/ci.py`,
/// `settings_development.py`), of what builds a program and serves it meanwhile (`webpack.dev.js`, `vite.config.ts`), and
/// what fills a database to try it with (`prisma/seed/users.ts`). What brings a database from one version to the next
/// is run once, by who puts the program up, with no data from outside (`migrations/versions/1f2e_names.py`).
fn is_for_developers(path: &str) -> bool {
    const FOLDERS: &[&str] = &["settings", "config", "configs", "conf"];
    const WHOM: &[&str] = &["dev", "devel", "develop", "development", "ci", "test", "testing"];
    #[rustfmt::skip] // a word a line would be pages
    const BUILDERS: &[&str] = &[
        "webpack", "vite", "rollup", "gulpfile", "gruntfile", "karma", "jest", "vitest", "esbuild", "rspack", "cypress", "playwright",
    ];
    let folded = path.to_lowercase();
    let (folder, name) = folded.rsplit_once('/').unwrap_or(("", &folded));
    let mut folders = folder.rsplit('/');
    let (folder, above) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
    let migrates = |folder: &str| matches!(folder, "migrations" | "migration" | "migrate" | "alembic");
    if migrates(folder) || folder == "versions" && migrates(above) {
        return true;
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let has = |wanted: &[&str]| stem.split(['_', '-', '.']).any(|word| wanted.contains(&word));
    match extension {
        "py" => has(WHOM) && (has(FOLDERS) || FOLDERS.contains(&folder)),
        "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" => {
            stem.split('.').next().is_some_and(|builder| BUILDERS.contains(&builder))
                || matches!(folder, "seed" | "seeds" | "seeders")
        }
        _ => false,
    }
}

/// Whether a script among what a server gives to browsers says at its head who released it and in which version:
/// `static/js/knockout.js`, `/*! Knockout JavaScript library v3.5.1 (c) .. */`; or stands where such are kept.
fn is_released(path: &str, text: &str) -> bool {
    const SERVED: &[&str] =
        &["static", "public", "assets", "www", "wwwroot", "htdocs", "webroot", "javascripts", "vendor", "third_party"];
    const RELEASED: &[&str] = &["license", "copyright", "(c)", "released under", "@version"];
    let Some((folders, name)) = path.rsplit_once('/').filter(|(_, name)| name.ends_with(".js")) else { return false };
    let mut folders = folders.split('/').skip_while(|folder| !SERVED.contains(folder));
    if folders.next().is_none() {
        return false;
    }
    if folders.any(|folder| matches!(folder, "lib" | "libs" | "contrib" | "vendors" | "thirdparty")) {
        return true;
    }
    if !text.trim_start().starts_with("/*") {
        return false;
    }
    let head = text.split("*/").next().unwrap_or_default().to_ascii_lowercase();
    let names_itself = name.split(['.', '-', '_']).next().is_some_and(|stem| head.contains(&stem.to_ascii_lowercase()));
    let is_version = |word: &str| {
        let digits = word.trim_start_matches(['v', '@', '(']);
        let mut numbers = digits.split('.');
        let is_number = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
        numbers.next().is_some_and(is_number) && numbers.next().is_some_and(is_number)
    };
    names_itself && RELEASED.iter().any(|word| head.contains(word)) && head.split_whitespace().any(is_version)
}

/// A password of a URL with the marks that are escaped there: `%40` is `@`.
fn without_escapes(password: &str) -> String {
    let mut parts = password.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
        Some(mark) if mark.is_ascii_graphic() => format!("{whole}{}{}", char::from(mark), &part[2..]),
        Some(_) => whole + &part[2..],
        None => whole + part,
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
mod tests;
