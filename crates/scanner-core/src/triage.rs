//! From candidates to findings: overlaps merged, secrets masked, suppressions applied,
//! fingerprints given. Everything here sees one document at a time.

use crate::blob::Origin;
use crate::decode::Document;
use crate::detect::Candidate;
use crate::detect::path::is_example_path;
use crate::detect::random::looks_random;
use crate::error::{Problem, ProblemKind};
use crate::finding::{Confidence, Excerpt, Finding, Fingerprint, Location, SecretId, Suppression};
use crate::limits::Limits;
use crate::line_hash;
use crate::rule::{Matcher, Rule, RuleSet, Token};
use crate::span::{Span, ceil_char, floor_char};
use crate::suppress::Comment;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
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
    let candidates = bound(merge(candidates, context.rules), document, context, &mut outcome.problems);
    if !candidates.is_empty() {
        let masker = Masker::new(document, &secrets, context.show_secrets);
        build(document, candidates, &masker, comments, context, &mut outcome);
    }
    note_unused(document, comments, context.rules, &mut outcome);
    outcome
}

/// Of candidates whose secrets overlap, keeps the one of the most exact rule.
fn merge(mut candidates: Vec<Candidate>, rules: &RuleSet) -> Vec<Candidate> {
    candidates.sort_by_key(|left| (left.span, left.rule));
    candidates.dedup_by(|later, first| later.span == first.span && later.rule == first.rule);
    drop_weaker_twins(&mut candidates, rules);
    let confidence = |candidate: &Candidate| candidate.confidence.unwrap_or(rules.rules()[candidate.rule].confidence);
    let severity = |candidate: &Candidate| candidate.severity.unwrap_or(rules.rules()[candidate.rule].severity);
    let rank = |candidate: &Candidate| {
        let rule = &rules.rules()[candidate.rule];
        (
            rule.exactness(),
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
    for at in order {
        let secret = candidates[at].secret.expect("only those with a secret are in order");
        let neighbour = kept.range(..secret.end).next_back().filter(|(_, (end, _))| *end > secret.start);
        if let Some((&start, &(end, keeper))) = neighbour {
            dropped[at] = true;
            // Two rules that see the same secret are as sure as the surer one.
            if (start, end) == (secret.start, secret.end) {
                candidates[keeper].confidence = Some(confidence(&candidates[keeper]).max(confidence(&candidates[at])));
                // What file it is makes no secret milder.
                if matches!(rules.rules()[candidates[keeper].rule].matcher, Matcher::Name(_)) {
                    candidates[keeper].severity = Some(severity(&candidates[keeper]).max(severity(&candidates[at])));
                }
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

/// The tag of rules for private keys, in text and by file name.
const PRIVATE_KEY: &str = "private-key";

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
        heir.facts.push(("file".to_owned(), kinds.join(", ")));
    }
}

/// Of rules that report the same weakness of the same code, the gravest says it all.
fn drop_weaker_twins(candidates: &mut Vec<Candidate>, rules: &RuleSet) {
    let weakness = |candidate: &Candidate| rules.rules()[candidate.rule].cwe.first().copied();
    let gravity = |candidate: &Candidate| {
        let rule = &rules.rules()[candidate.rule];
        (candidate.severity.unwrap_or(rule.severity), candidate.confidence.unwrap_or(rule.confidence))
    };
    let is_code = |candidate: &Candidate| {
        candidate.secret.is_none() && matches!(rules.rules()[candidate.rule].matcher, Matcher::Code(_))
    };
    let mut gravest: HashMap<(Span, Option<u32>), usize> = HashMap::new();
    for (at, candidate) in candidates.iter().enumerate().filter(|(_, candidate)| is_code(candidate)) {
        let best = gravest.entry((candidate.span, weakness(candidate))).or_insert(at);
        if gravity(candidate) > gravity(&candidates[*best]) {
            *best = at;
        }
    }
    let mut at = 0;
    let keep: Vec<bool> = candidates
        .iter()
        .map(|candidate| {
            at += 1;
            !is_code(candidate) || gravest.get(&(candidate.span, weakness(candidate))) == Some(&(at - 1))
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
    let example = is_example_path(&document.origin.path.to_lowercase());
    for (candidate, location) in candidates.into_iter().zip(locations) {
        let rule = &context.rules.rules()[candidate.rule];
        let line = location.start.line;
        let hash = lines.binary_search(&line).ok().and_then(|at| hashes.get(at)).cloned().unwrap_or_default();
        let suppression = comments
            .iter()
            .find(|comment| (comment.target == line || comment.line == line) && comment.names(&rule.id))
            .map(|comment| Suppression { line: Some(comment.line), reason: comment.reason.clone() });
        let confidence = candidate.confidence.unwrap_or(rule.confidence);
        let finding = Finding {
            rule: Arc::clone(&rule.id),
            severity: candidate.severity.unwrap_or(rule.severity),
            // What stands in tests, examples and documentation is made up more often than not.
            confidence: if example && !candidate.proven { confidence.lowered() } else { confidence },
            message: candidate.message.unwrap_or_else(|| rule.headline().to_owned()),
            excerpt: masker.excerpt(candidate.span, line, context.limits.max_excerpt),
            secret: candidate.secret.map(|secret| masker.shown(secret)),
            facts: candidate.facts,
            related: Vec::new(),
            places: 1,
            secret_id: candidate.secret.and_then(|secret| {
                let value = document.slice(secret);
                is_distinctive(value, rule, candidate.proven).then(|| identity(value, context.key))
            }),
            trace: Vec::new(),
            fingerprint: fingerprint(document, &rule.id, candidate.span, candidate.secret, &mut seen),
            line_hash: hash,
            suppression,
            location,
        };
        if finding.suppression.is_some() { outcome.suppressed.push(finding) } else { outcome.findings.push(finding) }
    }
}

/// Whether two places that hold this value hold the same secret, not two that are equal by chance:
/// a short or guessable password may be that of many systems.
fn is_distinctive(value: &str, rule: &Rule, proven: bool) -> bool {
    /// Shorter ones may be equal by chance even if drawn.
    const SHORTEST: usize = 8;
    /// No one thinks of the same text of this length twice.
    const LONG: usize = 40;
    let has_shape = match &rule.matcher {
        Matcher::Text(text) => matches!(text.token, Token::Shapes(_)),
        Matcher::Pair(pair) => !pair.shapes.is_empty(),
        _ => false,
    };
    value.len() >= SHORTEST && (proven || has_shape || value.len() >= LONG || looks_random(value))
}

/// The identity of a secret. A key's body counts alike however its lines are broken.
fn identity(value: &str, key: &[u8]) -> SecretId {
    const LONGEST_LINE: usize = 60;
    if value.len() <= LONGEST_LINE || !value.contains(|letter: char| letter.is_whitespace() || letter == '\\') {
        return SecretId::new(key, value);
    }
    let body = value.replace("\\n", "").replace("\\r", "");
    let body: String =
        body.chars().filter(|letter| letter.is_ascii_alphanumeric() || "+/=".contains(*letter)).collect();
    SecretId::new(key, &body)
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
    span: Span,
    secret: Option<Span>,
    seen: &mut HashMap<[u8; 32], u32>,
) -> Fingerprint {
    let mut hash = Sha256::new();
    for part in [rule, &document.origin.path, document.origin.member.as_deref().unwrap_or_default()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    match secret {
        Some(secret) => {
            let digest = Sha256::digest(document.slice(secret).as_bytes());
            let bits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) >> (32 - SECRET_BITS);
            hash.update(bits.to_be_bytes());
        }
        None => document.slice(span).split_whitespace().for_each(|word| hash.update(word.as_bytes())),
    }
    let digest: [u8; 32] = hash.finalize().into();
    let count = seen.entry(digest).or_default();
    *count += 1;
    let name: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    Fingerprint(format!("{name}:{count}"))
}

/// Shows a document's text without its secrets.
struct Masker<'d, 't> {
    document: &'d Document<'t>,
    /// All secrets of the document, sorted.
    secrets: &'d [Span],
    /// Their values, each once.
    values: Vec<&'d str>,
    show: bool,
}

impl<'d, 't> Masker<'d, 't> {
    fn new(document: &'d Document<'t>, secrets: &'d [Span], show: bool) -> Masker<'d, 't> {
        // A shorter value is a word that may stand anywhere.
        const SHORTEST: usize = 6;
        let mut values: Vec<&str> = secrets.iter().map(|secret| document.slice(*secret)).collect();
        values.retain(|value| value.len() >= SHORTEST);
        values.sort_unstable();
        values.dedup();
        Masker { document, secrets, values, show }
    }

    fn shown(&self, secret: Span) -> String {
        let text = self.document.slice(secret);
        if self.show { text.to_owned() } else { mask(text) }
    }

    /// The first line of `span`, masked, and cut to `limit` characters around the span.
    fn excerpt(&self, span: Span, line: u32, limit: usize) -> Excerpt {
        let text = self.document.text();
        let whole = self.document.line_span(line).range();
        let start = floor_char(text, whole.start.max((span.start as usize).saturating_sub(limit / 2)));
        let end = ceil_char(text, whole.end.min(start + limit));
        let hidden = self.hidden(start..end);
        // A window that cuts a secret would show its rest: take it in whole.
        let cut = |at: usize| hidden.iter().find(|range| range.start < at && at < range.end);
        let start = cut(start).map_or(start, |range| range.start.max(whole.start));
        let end = cut(end).map_or(end, |range| range.end.min(whole.end)).max(start);

        let mut shown = String::from(if start > whole.start { "…" } else { "" });
        let (mut from, mut to) = (None, None);
        let mut at = start;
        while at < end {
            if at >= span.start as usize {
                from.get_or_insert(shown.len());
            }
            if at >= span.end as usize {
                to.get_or_insert(shown.len());
            }
            if let Some(range) = hidden.iter().find(|range| range.contains(&at)) {
                shown.push_str(&mask(&text[range.clone()]));
                at = range.end.min(end);
            } else {
                let next = ceil_char(text, at + 1);
                shown.push_str(&text[at..next]);
                at = next;
            }
        }
        let from = from.unwrap_or(shown.len());
        let to = to.unwrap_or(shown.len()).max(from);
        if end < whole.end {
            shown.push('…');
        }
        Excerpt { line, text: shown, highlight: from..to }
    }

    /// The secrets in and around a window: those found there, and other places of the same values,
    /// which no rule may have seen. Sorted, without overlaps.
    fn hidden(&self, window: Range<usize>) -> Vec<Range<usize>> {
        const AROUND: usize = 512;
        if self.show {
            return Vec::new();
        }
        let text = self.document.text();
        let around = floor_char(text, window.start.saturating_sub(AROUND))..ceil_char(text, window.end + AROUND);
        let found = self.secrets.iter().map(|secret| secret.range());
        let mut ranges: Vec<Range<usize>> =
            found.filter(|range| range.start < window.end && window.start < range.end).collect();
        for value in &self.values {
            let places = text[around.clone()].match_indices(value);
            ranges.extend(places.map(|(at, _)| around.start + at..around.start + at + value.len()));
        }
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}

/// A secret's first characters and its length. A fifth is shown, four characters at the most, so
/// that a short password is not half given away.
pub fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    let head: String = secret.chars().take_while(|letter| !letter.is_whitespace()).take((length / 5).min(4)).collect();
    format!("{head}…({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_little() {
        assert_eq!(mask("AKIA0123456789ABCDEF"), "AKIA…(20 characters)");
        assert_eq!(mask("hunter2"), "h…(7 characters)");
        assert_eq!(mask("abc"), "…(3 characters)");
    }

    #[test]
    fn excerpts_hide_every_secret_of_the_line() {
        let text = "a = 'sécret-one'; b = 'secret-two'; c()";
        let document = Document::new(Arc::new(Origin::path("a")), text.into());
        let span = |part: &str| {
            let at = text.find(part).expect("it is in the text");
            Span::new(at, at + part.len())
        };
        let secrets = [span("sécret-one"), span("secret-two")];
        let masker = Masker::new(&document, &secrets, false);
        let excerpt = masker.excerpt(secrets[1], 1, 240);
        assert_eq!(excerpt.text, "a = 'sé…(10 characters)'; b = 'se…(10 characters)'; c()");
        assert_eq!(&excerpt.text[excerpt.highlight.clone()], "se…(10 characters)");
        let narrow = masker.excerpt(span("c()"), 1, 8);
        assert!(!narrow.text.contains("two"), "{narrow:?}");
        assert_eq!(&narrow.text[narrow.highlight.clone()], "c()");
    }
}
