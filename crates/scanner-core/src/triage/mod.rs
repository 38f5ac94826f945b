//! From candidates to findings: overlaps merged, secrets masked, suppressions applied,
//! fingerprints given. Everything here sees one document at a time.

mod example;
mod mask;

pub use mask::mask;

use crate::blob::Origin;
use crate::decode::Document;
use crate::detect::Candidate;
use crate::detect::random::looks_random;
use crate::error::{Problem, ProblemKind};
use crate::finding::{Confidence, Finding, Fingerprint, Location, Related, SecretId, Suppression};
use crate::join::join;
use crate::limits::Limits;
use crate::line_hash;
use crate::rule::{Matcher, PRIVATE_KEY, Rule, RuleSet, Token};
use crate::span::Span;
use crate::suppress::Comment;
use example::Surroundings;
use mask::Masker;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// What triage leaves of one document.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Findings that count.
    pub findings: Vec<Finding>,
    /// Findings that a comment hushes.
    pub suppressed: Vec<Finding>,
    /// Suppressions without effect, bounds hit.
    pub problems: Vec<Problem>,
}

/// What is the same for all documents of a scan.
#[derive(Debug, Clone, Copy)]
pub struct Context<'s> {
    /// The rules.
    pub rules: &'s RuleSet,
    /// The bounds.
    pub limits: &'s Limits,
    /// Whether secrets are shown in full.
    pub show_secrets: bool,
    /// Under which the identities of secrets are made.
    pub key: &'s [u8],
}

/// Turns a document's candidates into findings.
pub fn triage(
    document: &Document<'_>,
    mut candidates: Vec<Candidate>,
    comments: &[Comment],
    context: Context<'_>,
) -> Outcome {
    let mut outcome = Outcome::default();
    for candidate in &mut candidates {
        candidate.span = document.snap(candidate.span);
        candidate.secret = candidate.secret.map(|secret| document.snap(secret));
    }
    let mut secrets: Vec<Span> = candidates.iter().filter_map(|candidate| candidate.secret).collect();
    secrets.sort_unstable();
    secrets.dedup();
    let decoded: Vec<String> =
        candidates.iter().filter_map(|candidate| candidate.decoded.as_ref()?.secret.clone()).collect();
    let candidates = join(merge(candidates, context.rules), context.rules, document);
    let candidates = bound(candidates, document, context, &mut outcome.problems);
    if !candidates.is_empty() {
        let masker = Masker::new(document, &secrets, &decoded, context.show_secrets);
        build(document, candidates, &masker, comments, context, &mut outcome);
    }
    note_unused(document, comments, context.rules, &mut outcome);
    outcome
}

/// Of candidates whose secrets overlap, keeps the one of the most exact rule.
///
/// Those of one decoded text were held against each other before, by their places in that text; in the
/// document they may share one, when nothing tells which bytes of a compressed stream they are.
pub fn merge(mut candidates: Vec<Candidate>, rules: &RuleSet) -> Vec<Candidate> {
    let told_apart = |one: &Candidate, other: &Candidate| match (&one.decoded, &other.decoded) {
        (Some(one), Some(other)) => one.text == other.text && one.secret != other.secret,
        _ => false,
    };
    candidates.sort_by_key(|left| (left.span, left.rule));
    candidates
        .dedup_by(|later, first| later.span == first.span && later.rule == first.rule && !told_apart(later, first));
    drop_weaker_twins(&mut candidates, rules);
    let confidence = |candidate: &Candidate| candidate.confidence.unwrap_or(rules.rules()[candidate.rule].confidence);
    let severity = |candidate: &Candidate| candidate.severity.unwrap_or(rules.rules()[candidate.rule].severity);
    let is_name = |candidate: &Candidate| matches!(rules.rules()[candidate.rule].matcher, Matcher::Name(_));
    let rank = |candidate: &Candidate| {
        let rule = &rules.rules()[candidate.rule];
        (
            rule.exactness(),
            // What an encoded value says is told by what is inside; where only some characters are
            // escaped, the text as it stands is read as well.
            candidate.decoded.as_ref().map_or(1, |decoded| if decoded.opaque { 2 } else { 0 }),
            confidence(candidate),
            candidate.secret.map_or(0, Span::len),
            rule.severity,
            std::cmp::Reverse(candidate.rule),
        )
    };
    let mut order: Vec<usize> = (0..candidates.len()).filter(|&at| candidates[at].secret.is_some()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(rank(&candidates[at])));
    // Kept spans do not overlap, so the neighbour in order of place tells.
    let mut kept: BTreeMap<u32, (u32, usize)> = BTreeMap::new();
    let mut dropped = vec![false; candidates.len()];
    let mut files: Vec<&String> = Vec::new();
    for at in order {
        let secret = candidates[at].secret.expect("only those with a secret are in order");
        let neighbour = kept.range(..secret.end).next_back().filter(|(_, (end, _))| *end > secret.start);
        if let Some((&start, &(end, keeper))) = neighbour {
            if told_apart(&candidates[at], &candidates[keeper]) {
                kept.insert(secret.start.min(start), (secret.end.max(end), keeper));
                continue;
            }
            dropped[at] = true;
            // Two rules that see the same secret are as sure as the surer one.
            if (start, end) == (secret.start, secret.end) {
                candidates[keeper].confidence = Some(confidence(&candidates[keeper]).max(confidence(&candidates[at])));
                // What file it is makes no secret milder.
                if is_name(&candidates[keeper]) {
                    candidates[keeper].severity = Some(severity(&candidates[keeper]).max(severity(&candidates[at])));
                }
            }
            let title = &rules.rules()[candidates[at].rule].title;
            if is_name(&candidates[at]) && !is_name(&candidates[keeper]) && !files.contains(&title) {
                files.push(title);
                candidates[keeper].facts.push((FILE.to_owned(), title.clone()));
            }
        } else {
            kept.insert(secret.start, (secret.end, at));
        }
    }
    let mut at = 0;
    candidates.retain(|_| {
        at += 1;
        !dropped[at - 1]
    });
    join_files(&mut candidates, rules);
    candidates
}

/// The name of the fact that says what kind of file a secret was found in.
const FILE: &str = "file";

/// A file that should not be there, and of which a secret was found in it: the secret's finding says
/// more, and takes over what kind of file it is. A `.env` file stays a finding of its own, since it
/// is a fault whatever is in it, and holds more than what was recognised.
fn join_files(candidates: &mut Vec<Candidate>, rules: &RuleSet) {
    let rule_of = |candidate: &Candidate| &rules.rules()[candidate.rule];
    let severity = |candidate: &Candidate| candidate.severity.unwrap_or(rule_of(candidate).severity);
    let confidence = |candidate: &Candidate| candidate.confidence.unwrap_or(rule_of(candidate).confidence);
    let sure = |candidate: &Candidate| candidate.secret.is_some() && confidence(candidate) > Confidence::Low;
    let Some(gravest) = candidates.iter().filter(|at| sure(at)).map(severity).max() else { return };
    let tagged = |candidate: &Candidate, tag: &str| rule_of(candidate).tags.iter().any(|own| own == tag);
    // A key's armour tells more exactly how bad it is than a file's name: it may be encrypted.
    let has_key = candidates.iter().any(|candidate| sure(candidate) && tagged(candidate, PRIVATE_KEY));
    let joins = |candidate: &Candidate| {
        candidate.secret.is_none()
            && matches!(rule_of(candidate).matcher, Matcher::Name(_))
            && !tagged(candidate, "env")
            && (severity(candidate) <= gravest || has_key && tagged(candidate, PRIVATE_KEY))
    };
    let kinds: Vec<String> = candidates.iter().filter(|at| joins(at)).map(|at| rule_of(at).title.clone()).collect();
    candidates.retain(|candidate| !joins(candidate));
    let gravest = candidates.iter_mut().find(|at| sure(at) && severity(at) == gravest);
    if let (Some(heir), false) = (gravest, kinds.is_empty()) {
        heir.facts.push((FILE.to_owned(), kinds.join(", ")));
    }
}

/// Of rules that report the same weakness of the same code, the gravest says it all.
fn drop_weaker_twins(candidates: &mut Vec<Candidate>, rules: &RuleSet) {
    let weakness = |candidate: &Candidate| rules.rules()[candidate.rule].cwe.first().copied();
    let gravity = |candidate: &Candidate| {
        let rule = &rules.rules()[candidate.rule];
        // The way that data takes says more than that there may be one.
        let proven = !candidate.trace.is_empty();
        (proven, candidate.severity.unwrap_or(rule.severity), candidate.confidence.unwrap_or(rule.confidence))
    };
    let is_code = |candidate: &Candidate| {
        let matcher = &rules.rules()[candidate.rule].matcher;
        candidate.secret.is_none() && matches!(matcher, Matcher::Code(_) | Matcher::Flow(_))
    };
    let mut gravest: HashMap<(Span, Option<u32>), usize> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate().filter(|(_, candidate)| is_code(candidate)) {
        let best = gravest.entry((candidate.span, weakness(candidate))).or_insert(at);
        if gravity(candidate) > gravity(&candidates[*best]) {
            *best = at;
        }
    }
    // A flow into a place says what a shape of code at the same place could only suspect.
    let flows: Vec<(Span, usize)> =
        candidates.iter().filter(|at| !at.trace.is_empty()).map(|at| (at.span, at.rule)).collect();
    let shares = |candidate: &Candidate| {
        let own = &rules.rules()[candidate.rule].cwe;
        candidate.trace.is_empty()
            && flows.iter().any(|(span, rule)| {
                let overlaps = span.start < candidate.span.end && candidate.span.start < span.end;
                overlaps && rules.rules()[*rule].cwe.iter().any(|cwe| own.contains(cwe))
            })
    };
    let mut at = 0;
    let keep: Vec<bool> = candidates
        .iter()
        .map(|candidate| {
            at += 1;
            let best = gravest.get(&(candidate.span, weakness(candidate))) == Some(&(at - 1));
            !is_code(candidate) || best && !shares(candidate)
        })
        .collect();
    let mut keep = keep.into_iter();
    candidates.retain(|_| keep.next().unwrap_or(true));
}

/// Cuts the findings of one rule to the limit, and says so.
fn bound(
    candidates: Vec<Candidate>,
    document: &Document<'_>,
    context: Context<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Candidate> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    let limit = context.limits.max_findings_per_rule;
    let kept = candidates.into_iter().filter(|candidate| {
        let count = counts.entry(candidate.rule).or_default();
        *count += 1;
        *count <= limit
    });
    let kept = kept.collect();
    let mut cut: Vec<(usize, usize)> = counts.into_iter().filter(|&(_, count)| count > limit).collect();
    cut.sort_unstable();
    problems.extend(cut.into_iter().map(|(rule, count)| {
        let id = &context.rules.rules()[rule].id;
        let message = format!("{id} matches {count} times here; the first {limit} are reported");
        Problem::at(Origin::clone(&document.origin), ProblemKind::TooManyMatches, message)
    }));
    kept
}

fn build(
    document: &Document<'_>,
    candidates: Vec<Candidate>,
    masker: &Masker<'_, '_>,
    comments: &[Comment],
    context: Context<'_>,
    outcome: &mut Outcome,
) {
    let locations: Vec<Location> = candidates.iter().map(|candidate| document.location(candidate.span)).collect();
    let mut lines: Vec<u32> = locations.iter().map(|location| location.start.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let hashes = line_hash::line_hashes(document.text(), &lines);
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    let surroundings = Surroundings::of(document);
    for (candidate, location) in candidates.into_iter().zip(locations) {
        let rule = &context.rules.rules()[candidate.rule];
        let line = location.start.line;
        let hash = lines.binary_search(&line).ok().and_then(|at| hashes.get(at)).cloned().unwrap_or_default();
        let suppression = comments
            .iter()
            .find(|comment| (comment.target == line || comment.line == line) && comment.names(&rule.id))
            .map(|comment| Suppression { line: Some(comment.line), reason: comment.reason.clone() });
        // What is encoded in two ways is one secret all the same.
        let decoded = candidate.decoded.as_ref().and_then(|decoded| decoded.secret.as_deref());
        let value = candidate.secret.map(|secret| decoded.unwrap_or_else(|| document.slice(secret)));
        let confidence = candidate.confidence.unwrap_or(rule.confidence);
        let confidence = surroundings.lower(confidence, &candidate, rule, value);
        let secret_id = match (value, candidate.whole) {
            (Some(value), _) => is_distinctive(value, rule, candidate.proven).then(|| identity(value, context.key)),
            // Copies of a key store are one secret.
            (None, whole) => whole.map(|digest| SecretId::new(context.key, &digest)),
        };
        let fingerprint = fingerprint(document, &rule.id, &candidate, &mut seen);
        let finding = Finding {
            rule: Arc::clone(&rule.id),
            severity: candidate.severity.unwrap_or(rule.severity),
            confidence,
            message: candidate.message.unwrap_or_else(|| rule.headline().to_owned()),
            excerpt: masker.excerpt(candidate.span, line, context.limits.max_excerpt),
            secret: candidate.secret.map(|secret| masker.shown(secret, candidate.decoded.as_ref())),
            facts: candidate.facts,
            related: candidate
                .related
                .into_iter()
                .map(|(span, note)| Related { location: document.location(span), note, fingerprint: None })
                .collect(),
            places: 1,
            secret_id,
            trace: candidate.trace,
            fingerprint,
            line_hash: hash,
            introduced: None,
            suppression,
            location,
        };
        if finding.suppression.is_some() { outcome.suppressed.push(finding) } else { outcome.findings.push(finding) }
    }
}

/// Whether two places that hold this value hold the same secret, not two that are equal by chance:
/// a short or guessable password may be that of many systems.
fn is_distinctive(value: &str, rule: &Rule, proven: bool) -> bool {
    /// Of a token with a shape of its own.
    const SHORTEST_TOKEN: usize = 8;
    /// Of a named value that looks drawn: words of fewer letters may look so.
    const SHORTEST_VALUE: usize = 12;
    /// No one thinks of the same text of this length twice.
    const LONG: usize = 40;
    let has_shape = match &rule.matcher {
        Matcher::Text(text) => matches!(text.token, Token::Shapes(_)),
        Matcher::Pair(pair) => !pair.shapes.is_empty(),
        _ => false,
    };
    let drawn =
        || value.len() >= SHORTEST_VALUE && value.contains(|at: char| at.is_ascii_digit()) && looks_random(value);
    (proven || has_shape) && value.len() >= SHORTEST_TOKEN || value.len() >= LONG || drawn()
}

/// The identity of a secret. A key's body counts alike however its lines are broken.
fn identity(value: &str, key: &[u8]) -> SecretId {
    const LONGEST_LINE: usize = 60;
    if value.len() <= LONGEST_LINE || !value.contains(|letter: char| letter.is_whitespace() || letter == '\\') {
        return SecretId::new(key, value.as_bytes());
    }
    let body = value.replace("\\n", "").replace("\\r", "");
    let body: String =
        body.chars().filter(|letter| letter.is_ascii_alphanumeric() || "+/=".contains(*letter)).collect();
    SecretId::new(key, body.as_bytes())
}

fn note_unused(document: &Document<'_>, comments: &[Comment], rules: &RuleSet, outcome: &mut Outcome) {
    for comment in comments {
        let used = outcome.suppressed.iter().any(|finding| {
            finding.suppression.as_ref().is_some_and(|suppression| suppression.line == Some(comment.line))
        });
        let message = if let Some(unknown) = comment.first_unknown(rules) {
            format!("this suppression names `{unknown}`, which is no rule")
        } else if used || !comment.could_apply(rules) {
            continue;
        } else {
            "this suppression hushes nothing and can be removed".to_owned()
        };
        let mut problem = Problem::at(Origin::clone(&document.origin), ProblemKind::UnusedSuppression, message);
        problem.line = Some(comment.line);
        outcome.problems.push(problem);
    }
}

/// Bits of a secret's hash that go into a fingerprint: enough to notice that the secret was
/// changed, too few to confirm a guess of it from a published report.
const SECRET_BITS: u32 = 20;

/// Rule, path, the matched text and its number among equal ones; no line number, so that a finding
/// keeps its name when its line moves.
fn fingerprint(
    document: &Document<'_>,
    rule: &str,
    candidate: &Candidate,
    seen: &mut HashMap<[u8; 32], u32>,
) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [rule, &document.origin.path, document.origin.member.as_deref().unwrap_or_default()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    // Of a decoded secret the value: it may be encoded in another way tomorrow.
    let decoded = candidate.decoded.as_ref().and_then(|decoded| decoded.secret.as_deref());
    match decoded.or(candidate.secret.map(|secret| document.slice(secret))) {
        Some(secret) => {
            let digest = Sha256::digest(secret.as_bytes());
            let bits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) >> (32 - SECRET_BITS);
            hash.update(bits.to_be_bytes());
        }
        None => document.slice(candidate.span).split_whitespace().for_each(|word| hash.update(word.as_bytes())),
    }
    let digest: [u8; 32] = hash.finalize().into();
    let count = seen.entry(digest).or_default();
    *count += 1;
    let name: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    Fingerprint(format!("{name}:{count}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(path: &str, content: &[u8]) -> Vec<(String, u32, Confidence)> {
        let report = crate::Scanner::new().expect("the built-in rules load").scan_bytes(path, content);
        let told = |finding: Finding| (finding.rule.to_string(), finding.location.start.line, finding.confidence);
        report.findings.into_iter().map(told).collect()
    }

    /// The armour of a key, put together here so that no scanner finds it in this file.
    fn pem(kind: &str) -> String {
        let words = |word: &str| format!("-----{word} {}-----", [kind, "PRIVATE", "KEY"].join(" ").trim_start());
        let body = "MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQwwHAQIq8Zr2LmX0vTn5KwY\n".repeat(6);
        format!("{}\n{body}{}\n", words("BEGIN"), words("END"))
    }

    #[test]
    fn one_file_with_an_encrypted_key_is_one_finding_of_its_severity() {
        let found = scan("deploy/server.key", pem("ENCRYPTED").as_bytes());
        assert_eq!(found, [("pem-encrypted-private-key".to_owned(), 1, Confidence::High)]);
    }

    #[test]
    fn what_is_public_by_its_form_is_no_secret_by_its_name() {
        let body = ["eyJ1IjoibGFrZXNpZGUiLCJh", "IjoiY2t4d3JmM2JqMDFqazJvcGp6dDV5dTZ6cSJ9", ".Cc7wsWTDbYDoG2Gi1TltJY"];
        let line = |kind: &str| format!("const mapToken = '{kind}.{}';\n", body.concat());
        assert_eq!(scan("src/map.js", line("pk").as_bytes()), []);
        assert_eq!(scan("src/map.js", line("sk").as_bytes())[0].0, "mapbox-secret-token");
    }

    #[test]
    fn key_stores_are_told_by_what_they_hold() {
        let store =
            |kind: u8| [&b"\xFE\xED\xFE\xED\0\0\0\x02\0\0\0\x01\0\0\0"[..], &[kind], b"\0\x04name\0\0"].concat();
        assert_eq!(scan("a.jks", &store(1))[0].0, "java-key-store");
        assert_eq!(scan("a.jks", &store(2)), []);
        let bag = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x02";
        let container = b"\x30\x82\x0B\x7C\x02\x01\x03\x30\x82\x0B\x36\0\0";
        let found = scan("a.p12", &[&container[..], bag].concat());
        assert_eq!(found, [("pkcs12-key-store".to_owned(), 1, Confidence::High)]);
        assert_eq!(scan("a.p12", container), [("pkcs12-store".to_owned(), 1, Confidence::Low)]);
        assert_eq!(scan("a.p12", b"no container"), []);
    }

    #[test]
    fn files_of_tests_are_less_sure_and_credentials_in_known_files_line_exact() {
        let ini = ["[db]\nuser = a\n", "pass", "word = river\n"].concat();
        let found = scan("home/.my.cnf", ini.as_bytes());
        assert_eq!(found, [("mysql-option-file".to_owned(), 3, Confidence::High)]);
        let found = scan("tests/home/.my.cnf", ini.as_bytes());
        assert_eq!(found, [("mysql-option-file".to_owned(), 3, Confidence::Low)]);
    }

    #[test]
    fn identity_and_bounds_of_what_is_distinctive() {
        let rules = RuleSet::builtin();
        let rule = |id: &str| rules.get(id).expect("it is built in");
        let generic = rule("generic-password");
        assert!(!is_distinctive("postgres", generic, false));
        assert!(!is_distinctive("x9#Lq", generic, false));
        assert!(!is_distinctive("blue!Tractor7", generic, false));
        assert!(is_distinctive("q8Zr2LmX0vTn5KwYb7Hd3Fs9", generic, false));
        assert!(is_distinctive("ghp_AAAA", rule("github-pat-classic"), false));
        assert_ne!(identity("q8Zr2LmX", b"a"), identity("q8Zr2LmX", b"b"));
        assert_eq!(format!("{:?}", identity("q8Zr2LmX", b"a")), "SecretId");
    }
}
