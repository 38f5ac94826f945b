//! Finds files that should not be there, by path and then by content, and the credentials in those
//! whose form is known.

use super::index::Index;
use super::why::Why;
use super::{Candidate, Sink};
use super::{placeholder, sql, value};
use crate::finding::{Confidence, Severity};
use crate::limits::MAX_CANDIDATES;
use crate::rule::{LazyRegex, Matcher, NameMatcher, PRIVATE_KEY, Rule, RuleSet};
use crate::span::Span;
use sha2::{Digest, Sha256};

/// What can be seen of a file's content.
#[derive(Debug, Clone, Copy)]
pub struct Content<'t> {
    /// The bytes at its start, as they are; `None` if it could not be read: conditions on it then
    /// cannot be shown to hold.
    pub head: Option<&'t [u8]>,
    /// Its text; empty for a binary file.
    pub text: &'t str,
}

impl Content<'_> {
    /// What tells the content from any other; `None` for too little of it.
    fn digest(&self) -> Option<[u8; 32]> {
        const LEAST: usize = 64;
        self.head.filter(|head| head.len() >= LEAST).map(|head| Sha256::digest(head).into())
    }

    fn holds(&self, regex: &LazyRegex) -> bool {
        let Some(head) = self.head else { return false };
        // The bytes of UTF-16 and Latin-1 are not those of the text.
        let text = &self.text.as_bytes()[..self.text.len().min(head.len())];
        regex.get().is_match(head) || text != head && !text.is_empty() && regex.get().is_match(text)
    }
}

/// Whether what is found at a path depends on its content.
pub fn reads_content(path: &str, rules: &RuleSet, index: &Index) -> bool {
    index.plan.names.find(path).into_iter().any(|rule| {
        matches!(&rules.rules()[rule].matcher, Matcher::Name(name) if name.content.is_some() || name.not_content.is_some())
    })
}

/// The name rules that a path fits, and whose conditions on the content hold. A rule that knows
/// where the credentials of its file stand finds each of them.
pub fn detect(path: &str, content: Content<'_>, rules: &RuleSet, index: &Index, out: &mut impl Sink) {
    let keys = index.plan.names.find(path);
    if keys.is_empty() {
        return;
    }
    let folded = path.to_lowercase();
    for rule in keys {
        let Matcher::Name(name) = &rules.rules()[rule].matcher else { continue };
        match (&name.content, ruled_out(name, &folded, content)) {
            (_, Some(why)) => out.refused(rule, 0..0, why),
            _ if !name.columns.is_empty() => columns(content.text, rule, name, rules, out),
            (Some(regex), None) if has_places(name, content) => secrets(content.text, rule, regex, rules, out),
            (condition, None) => {
                let mut candidate = Candidate::new(rule, Span::new(0, 0));
                // Other files hold more than one thing, and each is a fault where it lies.
                let is_key = rules.rules()[rule].tags.iter().any(|tag| tag == PRIVATE_KEY);
                if condition.is_some() && (is_key || content.text.is_empty()) {
                    candidate.whole = content.digest();
                }
                out.found(candidate);
            }
        }
    }
}

/// Whether a rule looks for the places of credentials in a file.
fn has_places(name: &NameMatcher, content: Content<'_>) -> bool {
    name.secret && !content.text.is_empty()
}

/// What keeps a rule that a path fits from the file as a whole.
fn ruled_out(name: &NameMatcher, folded: &str, content: Content<'_>) -> Option<Why> {
    if name.except.iter().any(|glob| glob.fits(folded)) {
        return Some(Why::Excepted);
    }
    match (&name.not_content, &name.content) {
        (Some(_), _) if content.head.is_none() => Some(Why::Unread),
        (Some(regex), _) if content.holds(regex) => Some(Why::NotContent),
        _ if !name.columns.is_empty() || has_places(name, content) => None,
        (_, Some(_)) if content.head.is_none() => Some(Why::Unread),
        (_, Some(regex)) => (!content.holds(regex)).then_some(Why::Content),
        _ => None,
    }
}

/// A candidate for each credential that the rule's regex finds.
fn secrets(text: &str, rule: usize, regex: &LazyRegex, rules: &RuleSet, out: &mut impl Sink) {
    let groups = regex.secret_groups();
    let regex = regex.get();
    let mut whole = false;
    let mut count = 0;
    for captures in regex.captures_iter(text.as_bytes()) {
        if count >= MAX_CANDIDATES {
            return;
        }
        match groups.iter().find_map(|&group| captures.get(group)) {
            Some(found) => {
                let verdict = accept(text, Span::new(found.start(), found.end()), &rules.rules()[rule], rule);
                count += usize::from(verdict.is_ok());
                out.judged(rule, found.range(), verdict);
            }
            None if captures.name("skip").is_some() => {}
            // This branch tells what the file is, and no single place in it.
            None if !std::mem::replace(&mut whole, true) => {
                count += 1;
                out.found(Candidate::new(rule, Span::new(0, 0)));
            }
            None => {}
        }
    }
}

/// A candidate for each value in a column of credentials. A hash can be tried offline; it is not
/// the password.
fn columns(text: &str, rule: usize, name: &NameMatcher, rules: &RuleSet, out: &mut impl Sink) {
    let mut count = 0;
    sql::values(text, &name.columns, &name.not_columns, |span| {
        let value = text.get(span.range()).unwrap_or_default();
        let plain = value.len() >= 3 && !value.bytes().all(|byte| byte.is_ascii_digit()) && !value::is_timestamp(value);
        let verdict = accept(text, span, &rules.rules()[rule], rule).and_then(|mut candidate| {
            let digest = value.len() >= 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            if digest || value::is_password_hash(value) {
                candidate.severity = Some(rules.rules()[rule].severity.min(Severity::Medium));
            }
            if plain && !names_itself(value) { Ok(candidate) } else { Err(Why::NoCredential) }
        });
        count += usize::from(verdict.is_ok());
        out.judged(rule, span.range(), verdict);
        count < MAX_CANDIDATES
    });
}

/// `sms api key`, `NoLogin`: a row that says what goes there, or that nothing does.
fn names_itself(value: &str) -> bool {
    let last = value.rsplit(' ').next().unwrap_or_default().to_ascii_lowercase();
    value.eq_ignore_ascii_case("nologin") || value.contains(' ') && value::CREDENTIAL_WORDS.contains(&last.as_str())
}

/// A credential, unless it is still to be filled in.
fn accept(text: &str, span: Span, rule: &Rule, index: usize) -> Result<Candidate, Why> {
    let value = text.get(span.range()).ok_or(Why::CutCharacter)?;
    if is_left_open(value) {
        return Err(Why::LeftOpen);
    }
    let mut candidate = Candidate::new(index, span);
    candidate.secret = Some(span);
    // `password` is a bad password as often as a hint.
    if value::is_type_word(value) || placeholder::is_placeholder(value) {
        candidate.confidence = Some(rule.confidence.min(Confidence::Medium));
    }
    Ok(candidate)
}

/// Whether a value is still to be filled in, or stands elsewhere. The place says that it is a
/// credential, so a word that would be no value in code (`password`, `ExamplePass1`) is one here.
fn is_left_open(value: &str) -> bool {
    const HINTS: &[&str] = &[
        "changeme",
        "changethis",
        "changeit",
        "replaceme",
        "example",
        "placeholder",
        "redacted",
        "todo",
        "none",
        "null",
        "nil",
        "undefined",
        "true",
        "false",
        "xxx",
        "tbd",
        "string",
        "hidden",
        "removed",
        "secret_here",
        "insert",
    ];
    let marks = |value: &str| value.bytes().all(|byte| b"*xX.-_#?".contains(&byte));
    let folded: String = value.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let bracketed = [("<", ">"), ("{", "}"), ("[", "]"), ("%", "%"), ("__", "__"), ("@", "@")];
    if is_encoded(value) {
        return false;
    }
    value.trim().is_empty()
        || marks(value)
        || value::is_reference(value)
        || ["~/", "./", "../"].iter().any(|start| value.starts_with(start))
        || bracketed.iter().any(|(open, close)| value.len() > 2 && value.starts_with(open) && value.ends_with(close))
        || HINTS.contains(&folded.as_str())
        // `CHANGE-ME-OR-FAIL-TO-START`; `changeme2024` is a password.
        || folded.starts_with("changeme") && folded.bytes().all(|byte| byte.is_ascii_alphabetic())
        // `'password' => 'Password'`: a label.
        || value.starts_with(|first: char| first.is_uppercase())
            && value.chars().skip(1).all(char::is_lowercase)
            && value::is_password_word(&folded)
        // `'password' => 'Please enter your password.'`
        || value.matches(' ').count() > 2 && folded.contains("password") && value::is_prose(value)
        || ["-here", "_here"].iter().any(|end| value.ends_with(end))
        || folded.starts_with("your")
        || folded.starts_with("enteryour")
        || folded.starts_with("replacewith")
        || folded.ends_with("goeshere")
        || folded.ends_with("here") && folded.starts_with("put")
}

/// `{SSHA}...`, or base64 in braces: how servers and Maven write what they encoded.
fn is_encoded(value: &str) -> bool {
    let Some((scheme, body)) = value.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return false };
    let of =
        |text: &str, more: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || more.contains(letter));
    if body.is_empty() { scheme.len() >= 16 && of(scheme, "+/=") } else { scheme.len() >= 3 && of(scheme, "-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_place_makes_weak_words_credentials() {
        for value in ["password", "ExamplePass1", "123456", "hunter2", "admin", "changeme2024!", "{SSHA}k19x"] {
            assert!(!is_left_open(value), "{value}");
        }
        for value in [
            "",
            "changeme",
            "<password>",
            "${DB_PASS}",
            "********",
            "your-password",
            "{{ pass }}",
            "xxxx",
            "CHANGE-ME-OR-FAIL",
            "Please enter your password",
            "Passwort",
        ] {
            assert!(is_left_open(value), "{value}");
        }
    }
}
