//! Finds secrets that only their name gives away: a telling name and a value that could be one.

use super::Candidate;
use super::index::Index;
use super::path::skips_pairs;
use super::{random, value};
use crate::decode::pair::{Family, Operator, Pair, read_at};
use crate::finding::Confidence;
use crate::rule::proof::Check;
use crate::rule::{Matcher, PairMatcher, RuleSet, ValueModel, words};
use crate::span::Span;

/// Reads the pairs around `hits` (places of telling words, ascending) and holds the pair rules
/// against each.
pub fn detect(path: &str, text: &str, hits: &[usize], rules: &RuleSet, index: &Index, out: &mut Vec<Candidate>) {
    if skips_pairs(path) {
        return;
    }
    let family = Family::of_path(path);
    let folded_path = path.to_lowercase();
    let mut done = 0;
    for &hit in hits {
        if hit < done {
            continue;
        }
        let Some(pair) = read_at(text, hit, family) else { continue };
        done = pair.name.end as usize;
        if in_long_line(text, pair.name) {
            continue;
        }
        judge(&Context { text, family, folded_path: &folded_path }, &pair, rules, index, out);
    }
}

struct Context<'t> {
    text: &'t str,
    family: Family,
    folded_path: &'t str,
}

fn judge(context: &Context<'_>, pair: &Pair, rules: &RuleSet, index: &Index, out: &mut Vec<Candidate>) {
    let name = &context.text[pair.name.range()];
    let raw = &context.text[pair.value.range()];
    let (value, span) = trim(raw, pair.value);
    if value.is_empty() || !value.is_ascii() && value::is_prose(value) {
        return;
    }
    let words = words::split(name);
    if pair.operator == Operator::Call && !is_setter(&words) {
        return;
    }
    for rule in index.pairs(&words) {
        let Matcher::Pair(matcher) = &rules.rules()[rule].matcher else { continue };
        if !names_fit(matcher, &words) || !files_fit(matcher, context.folded_path) {
            continue;
        }
        let Some(confidence) = value_fits(matcher, value, name, pair, context) else { continue };
        let own = rules.rules()[rule].confidence;
        let mut candidate = Candidate::new(rule, span);
        candidate.secret = Some(span);
        candidate.confidence = Some(confidence.min(own));
        candidate.proven = matcher.check.is_some_and(Check::is_checksum);
        out.push(candidate);
    }
}

/// Whether a call of this name gives a value to something (`setPassword`, `.password(`, `putEnv`)
/// instead of testing or transforming one (`checkPassword`, `shouldPass`, `t.pass(`).
fn is_setter(name: &[String]) -> bool {
    const OTHERS: &[&str] = &[
        "should", "assert", "is", "has", "check", "validate", "verify", "test", "parse", "hash", "encrypt", "decrypt",
        "compare", "pass", "expect", "get", "find", "read", "load", "print", "log", "throw", "raise", "require",
        "match",
    ];
    name.first().is_some_and(|first| !OTHERS.contains(&first.as_str()))
}

/// Blanks around a value are not a part of it.
fn trim(raw: &str, span: Span) -> (&str, Span) {
    let lead = raw.len() - raw.trim_start().len();
    let value = raw.trim();
    let start = span.start as usize + lead;
    (value, Span::new(start, start + value.len()))
}

fn names_fit(matcher: &PairMatcher, name: &[String]) -> bool {
    matcher.names.iter().any(|wanted| words::holds(name, wanted))
        && !matcher.not_names.iter().any(|unwanted| words::holds(name, unwanted))
}

fn files_fit(matcher: &PairMatcher, folded_path: &str) -> bool {
    matcher.files.is_empty() || matcher.files.iter().any(|glob| glob.fits(folded_path))
}

fn value_fits(
    matcher: &PairMatcher,
    value: &str,
    name: &str,
    pair: &Pair,
    context: &Context<'_>,
) -> Option<Confidence> {
    if !matcher.shapes.is_empty() {
        let fits = matcher.shapes.iter().any(|shape| shape.matches_whole(value.as_bytes()));
        if !fits || value::is_filler(value) {
            return None;
        }
        if let Some(check) = matcher.check {
            return check.passes(value).then_some(Confidence::High);
        }
        return Some(Confidence::High);
    }
    if is_no_secret(value, name, pair) {
        return None;
    }
    match matcher.value {
        ValueModel::Any => Some(Confidence::Medium),
        ValueModel::Token => token_confidence(value, name, pair),
        ValueModel::Password => password_confidence(value, pair, context.family),
    }
}

/// What no kind of named secret ever is.
fn is_no_secret(value: &str, name: &str, pair: &Pair) -> bool {
    let squash = |text: &str| {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>()
    };
    let (folded_name, folded_value) = (squash(name), squash(value));
    value.len() < 4
        || folded_value.is_empty()
        || folded_name.ends_with(&folded_value)
        || folded_value.ends_with(&folded_name)
        || folded_value.starts_with(&folded_name)
            && folded_value.len() <= folded_name.len() + 6
            && folded_name.len() > 8
        || value::is_timestamp(value)
        || value::is_placeholder(value)
        || value::is_reference(value)
        || value::is_type_word(value)
        || value::is_regex(value)
        || value::is_location(value)
        || value::is_password_hash(value)
        || (!pair.quoted && value.starts_with(['|', '>', '&', '*', '!', '{', '[', '(']))
        || value.starts_with("data:")
        || value.contains('\n')
}

/// Keys and tokens: long, without blanks, random-looking.
fn token_confidence(value: &str, name: &str, pair: &Pair) -> Option<Confidence> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.:~!@#$%^&*".contains(&byte);
    if value.len() < 12 || value.len() > 512 || !value.bytes().all(allowed) || !random::looks_random(value) {
        return None;
    }
    if value::is_digest_or_uuid(value) {
        // An id more often than a key, unless the name says secret.
        let telling =
            words::split(name).iter().any(|word| matches!(word.as_str(), "secret" | "token" | "password" | "private"));
        return Some(if telling { Confidence::Medium } else { Confidence::Low });
    }
    if pair.operator == Operator::Compare {
        return Some(Confidence::Low);
    }
    Some(if value.len() >= 16 { Confidence::High } else { Confidence::Medium })
}

/// Passwords: people's words with marks and digits, or random.
fn password_confidence(value: &str, pair: &Pair, family: Family) -> Option<Confidence> {
    if value.len() > 128
        || value::is_prose(value)
        || value.bytes().filter(|byte| byte.is_ascii_whitespace()).count() > 2
    {
        return None;
    }
    if !pair.quoted && (value.contains(' ') || value.ends_with(['(', '{', '[', ';']) || value.contains("](")) {
        return None;
    }
    if value.contains(['<', '>']) && (value.contains('/') || family == Family::Markup) {
        return None; // markup
    }
    if value::is_digest_or_uuid(value) || value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(Confidence::Medium); // the hash of a password as often as a password
    }
    let classes = [
        value.bytes().any(|byte| byte.is_ascii_lowercase()),
        value.bytes().any(|byte| byte.is_ascii_uppercase()),
        value.bytes().any(|byte| byte.is_ascii_digit()),
        value.bytes().any(|byte| byte.is_ascii_punctuation()),
    ];
    let classes = classes.iter().filter(|&&class| class).count();
    let identifier = value::is_identifier(value);
    let strong = !identifier && classes >= 2 && value.len() >= 6;
    let config = matches!(family, Family::Config | Family::Yaml | Family::Json | Family::Markup);
    Some(match (strong, config, family) {
        (_, _, Family::Text) if !strong || classes < 3 || !pair.quoted && value.len() < 8 => return None,
        (_, _, Family::Text) => Confidence::Low,
        _ if matches!(pair.operator, Operator::Compare | Operator::Space) => Confidence::Low,
        (true, true, _) => Confidence::High,
        (true, false, _) => {
            if classes >= 3 || value.len() >= 10 {
                Confidence::High
            } else {
                Confidence::Medium
            }
        }
        // A plain word as a password: true in configuration, mostly a label in code.
        (false, true, _) if !value.contains(['.', ':', '/', ' ']) => Confidence::Medium,
        (false, ..) => Confidence::Low,
    })
}

/// Lines longer than this are minified or data: names there are not chosen by people.
const LONG_LINE: usize = 1000;

fn in_long_line(text: &str, name: Span) -> bool {
    let bytes = text.as_bytes();
    let at = name.start as usize;
    let before = &bytes[at.saturating_sub(LONG_LINE)..at];
    let after = &bytes[at..(at + LONG_LINE).min(bytes.len())];
    let back = memchr::memrchr(b'\n', before).map_or(before.len(), |newline| before.len() - newline);
    let ahead = memchr::memchr(b'\n', after).unwrap_or(after.len());
    back + ahead > LONG_LINE
}
