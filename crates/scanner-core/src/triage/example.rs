//! How much less sure a finding is for standing in tests, examples or documentation.
//!
//! Where it stands hides nothing: what was drawn at random came from somewhere, and real credentials
//! leak in tests as well. But the words that people write where any value does (`s3cr3t`) open
//! nothing else, and neither does a key without its passphrase.

use crate::detect::path::{is_example_path, is_program};
use crate::detect::{Candidate, guess};
use crate::finding::Confidence;
use crate::rule::{Matcher, PASSPHRASE, Rule, Token};

/// A blob's place, as its path tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing says that it is not meant.
    Real,
    /// Settings and texts among tests, examples or documentation.
    Example,
    /// A program there, where a password is written down to be compared.
    ExampleProgram,
    /// A file of tests by its own name.
    Test,
}

impl Place {
    /// By the paths of a file and of its place in an archive.
    pub(super) fn of(path: &str, member: Option<&str>) -> Place {
        let last = member.unwrap_or(path);
        if ![Some(path), member].into_iter().flatten().any(|path| is_example_path(&path.to_lowercase())) {
            Place::Real
        } else if is_test_file(last) {
            Place::Test
        } else if is_program(last) {
            Place::ExampleProgram
        } else {
            Place::Example
        }
    }

    /// How sure a finding is here that is as sure as `confidence` elsewhere. `secret` is the value, as decoded.
    pub(super) fn lower(
        self,
        confidence: Confidence,
        candidate: &Candidate,
        rule: &Rule,
        secret: Option<&str>,
    ) -> Confidence {
        if self == Place::Real || candidate.proven {
            return confidence;
        }
        let is_locked = rule.tags.iter().any(|tag| tag == PASSPHRASE);
        // A test switches off what stands in its way, and asks for what must be refused.
        let is_set_up = self == Place::Test && candidate.secret.is_none() && matches!(rule.matcher, Matcher::Code(_));
        let harmless =
            is_locked || is_set_up || secret.is_some_and(|secret| !has_form(rule) && self.is_made_up(secret));
        if harmless { Confidence::Low } else { confidence.lowered() }
    }

    fn is_made_up(self, secret: &str) -> bool {
        /// Passwords are no longer, also in base64.
        const LONGEST: usize = 128;
        if self == Place::Real || secret.len() > LONGEST {
            return false;
        }
        let inner = guess::decoded(secret);
        let secret = without_escapes(inner.as_deref().unwrap_or(secret));
        if matches!(self, Place::ExampleProgram | Place::Test) {
            guess::is_careless(&secret)
        } else {
            guess::is_guessable(&secret)
        }
    }
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
        assert_eq!(Place::of("tests/app.py", None), Place::ExampleProgram);
        assert_eq!(Place::of("tests/test_app.py", None), Place::Test);
        assert_eq!(Place::of("src/app.spec.ts", None), Place::Test);
        assert_eq!(Place::of("tests/app.yml", None), Place::Example);
        assert_eq!(Place::of("docs/setup.md", None), Place::Example);
        assert_eq!(Place::of("app.jar", Some("test/app.properties")), Place::Example);
        assert_eq!(Place::of("test/app.jar", Some("App.kt")), Place::ExampleProgram);
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
    fn what_is_drawn_stays_in_sight_and_what_is_careless_does_not() {
        let set = |value: &str| format!("db_{} = \"{value}\"\n", ["pass", "word"].concat());
        let (drawn, chosen, weak) = (set("q8Zr2LmX0vTn5KwY"), set("blueTractor19"), set("s3cr3t99"));
        let settings = |value: &str| value.replace('"', "").replace(" = ", ": ");
        assert_eq!(confidences("src/a.py", &chosen), [Confidence::High]);
        assert_eq!(confidences("tests/a.py", &drawn), [Confidence::Medium]);
        assert_eq!(confidences("tests/a.py", &chosen), [Confidence::Medium]);
        assert_eq!(confidences("src/a.py", &weak), [Confidence::High]);
        assert_eq!(confidences("tests/a.py", &weak), [Confidence::Low]);
        assert_eq!(confidences("tests/a.yml", &settings(&weak)), [Confidence::Low]);
        let url = |password: &str| format!("u = \"https://ci:{password}@git.acme.io/a\"\n");
        assert_eq!(confidences("src/a.py", &url("river-monster")), [Confidence::High]);
        assert_eq!(confidences("tests/a.py", &url("river-monster")), [Confidence::Low]);
        assert_eq!(confidences("tests/a.yml", &url("river-monster")), [Confidence::Medium]);
    }

    #[test]
    fn escapes_do_not_make_a_password_strong() {
        assert_eq!(without_escapes("pa%2Fss%3Fword"), "password");
        assert_eq!(without_escapes("100%pure%"), "100pure");
    }

    #[test]
    fn locked_keys_are_unsure_among_tests() {
        let store = "\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}\u{14}aaaabbbbccccddddeeeeffff\u{2}";
        assert_eq!(confidences("app/release.bks", store), [Confidence::High]);
        assert_eq!(confidences("tests/release.bks", store), [Confidence::Low]);
        let dump = "REDIS0010";
        assert_eq!(confidences("tests/dump.rdb", dump), [Confidence::Medium]);
    }
}
