//! Joins the halves of one credential: an identifier that stands near its secret becomes a place of
//! the secret's finding instead of a finding of its own.

use crate::decode::Document;
use crate::detect::Candidate;
use crate::finding::Confidence;
use crate::rule::{Rule, RuleSet};
use crate::span::Span;

/// Joins candidates whose rules belong to each other, the nearest to the nearest, and drops those
/// that are looked for only to be joined.
pub(crate) fn join(mut candidates: Vec<Candidate>, rules: &RuleSet, document: &Document<'_>) -> Vec<Candidate> {
    let rule_of = |candidate: &Candidate| &rules.rules()[candidate.rule];
    if candidates.iter().all(|candidate| rule_of(candidate).belongs_to.is_none()) {
        return candidates;
    }
    let lines: Vec<u32> = candidates.iter().map(|candidate| document.location(candidate.span).start.line).collect();
    let pairs: Vec<(usize, usize)> = (0..candidates.len())
        .filter_map(|half| {
            let secret =
                nearest(half, &candidates, &lines, |other| belongs(rule_of(&candidates[half]), rule_of(other)))?;
            // Of several ids, the secret takes the nearest of each kind.
            let kind = |other: &Candidate| other.rule == candidates[half].rule;
            (nearest(secret, &candidates, &lines, kind) == Some(half)).then_some((half, secret))
        })
        .filter(|&(half, secret)| {
            let far = rule_of(&candidates[half]).belongs_to.as_ref().map_or(0, |belongs| belongs.lines);
            lines[half].abs_diff(lines[secret]) <= far
        })
        .collect();
    let mut joined = vec![false; candidates.len()];
    for (half, secret) in pairs {
        joined[half] = true;
        let rule = rule_of(&candidates[half]);
        let (span, facts) = (candidates[half].span, candidates[half].facts.clone());
        let severity = rule.belongs_to.as_ref().and_then(|belongs| belongs.severity);
        let whole = &mut candidates[secret];
        let own = whole.severity.unwrap_or(rules.rules()[whole.rule].severity);
        whole.severity = Some(severity.map_or(own, |severity| severity.max(own)));
        // Both halves side by side are hardly chance.
        whole.confidence = Some(Confidence::High);
        whole.related.push((span, format!("{}, the other half", rule.title)));
        whole.facts.extend(facts.into_iter().filter(|(name, _)| name != "format"));
    }
    let mut at = 0;
    candidates.retain(|candidate| {
        at += 1;
        !joined[at - 1] && !rule_of(candidate).only_joins
    });
    candidates
}

/// Whether `half` is of a rule that belongs to `whole`.
fn belongs(half: &Rule, whole: &Rule) -> bool {
    half.belongs_to.as_ref().is_some_and(|belongs| belongs.rules.iter().any(|id| **id == *whole.id))
}

/// The nearest other candidate of a kind: by lines, then by bytes, those that stand apart only.
fn nearest(at: usize, candidates: &[Candidate], lines: &[u32], kind: impl Fn(&Candidate) -> bool) -> Option<usize> {
    let own = candidates[at].span;
    let apart = |other: Span| other.end <= own.start || own.end <= other.start;
    (0..candidates.len())
        .filter(|&other| other != at && apart(candidates[other].span) && kind(&candidates[other]))
        .min_by_key(|&other| {
            (lines[at].abs_diff(lines[other]), own.start.abs_diff(candidates[other].span.start), other)
        })
}

#[cfg(test)]
mod tests {
    use crate::rule::RuleOptions;
    use crate::scanner::Scanner;

    const RULES: &str = r#"
        [defaults]
        severity = "high"
        confidence = "medium"
        tags = ["secret"]
        [[rule]]
        id = "acme-secret"
        title = "Acme secret"
        text = { shape = "acs_[hex:16]" }
        [[rule]]
        id = "acme-id"
        title = "Acme client ID"
        audit = true
        text = { shape = "aci_[hex:8]", public = true }
        belongs-to = { rules = ["acme-secret"], lines = 3, severity = "critical" }
        [[rule]]
        id = "acme-key-id"
        title = "Acme key ID"
        text = { shape = "ack_[hex:8]" }
        belongs-to = { rules = ["acme-secret"] }
    "#;

    fn found(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("r.toml");
        std::fs::write(&file, RULES).expect("the folder is writable");
        let rules = RuleOptions { paths: vec![file], no_builtin: true, ..RuleOptions::default() };
        let scanner = Scanner::builder().rules(rules).build().expect("the rules are valid");
        let findings = scanner.scan_bytes("app.conf", text.as_bytes()).findings;
        let shown = findings.iter().map(|finding| {
            let places = finding.related.iter().map(|part| format!(" +{}:{}", part.location.start.line, part.note));
            format!("{} {}{}", finding.rule, finding.severity, places.collect::<String>())
        });
        shown.collect()
    }

    const SECRET: &str = concat!("acs_9f3c07e1", "ab5d2c48");

    #[test]
    fn an_id_near_its_secret_is_a_place_of_it() {
        assert_eq!(
            found(&format!("id = aci_9f3c07e1\nsecret = {SECRET}\n")),
            ["acme-secret critical +1:Acme client ID, the other half"]
        );
        assert_eq!(
            found(&format!("{SECRET} ack_9f3c07e1 aci_31c07e2f\n")),
            ["acme-secret critical +1:Acme key ID, the other half +1:Acme client ID, the other half"]
        );
    }

    #[test]
    fn halves_apart_stay_apart() {
        assert_eq!(found(&format!("aci_9f3c07e1\n\n\n\n\n{SECRET}\n")), ["acme-secret high"], "too far");
        assert_eq!(found("aci_9f3c07e1\n"), [""; 0], "an audit rule's finding alone");
        assert_eq!(found("ack_9f3c07e1\n"), ["acme-key-id high"]);
    }

    #[test]
    fn each_secret_takes_the_nearest() {
        let other = "acs_0d4e18f2bc6e3d59";
        assert_eq!(
            found(&format!("{SECRET}\nack_9f3c07e1\n\n\n\nack_1f3c07e1\n{other}\n")),
            ["acme-secret high +2:Acme key ID, the other half", "acme-secret high +6:Acme key ID, the other half"]
        );
    }
}
