//! A small report for the tests of the formats.

use crate::blob::Origin;
use crate::error::{Problem, ProblemKind};
use crate::finding::{Confidence, Excerpt, Finding, Fingerprint, Location, Related, Severity, Step, Suppression};
use crate::report::{Report, Stats};
use crate::rule::{RuleOptions, RuleSet};
use crate::span::{LineIndex, Span};
use std::sync::Arc;

const RULES: &str = r#"
[[rule]]
id = "aws-access-key"
title = "AWS access key"
severity = "critical"
confidence = "high"
cwe = [798]
tags = ["secret", "cloud"]
what = "An access key of an AWS account. It begins with `AKIA`."
why = "Whoever reads it acts as the account's owner. Bots find it within minutes."
fix = "Deactivate the key in the IAM console. Then load it at run time from a secret store."
references = ["see the manual", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html"]
name = { files = ["x"] }

[[rule]]
id = "pem-private-key"
title = "Private key"
severity = "critical"
confidence = "high"
cwe = [321, 798]
tags = ["secret", "private-key"]
name = { files = ["x"] }

[[rule]]
id = "python-sql-injection"
title = "SQL built from input"
message = "Input of a request is put into an SQL statement."
severity = "high"
cwe = [89]
tags = ["python"]
why = "The sender can change the statement."
fix = "Pass the value as a parameter."
references = ["https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html"]
name = { files = ["x"] }
"#;

/// The sample's rules.
pub(super) fn rules() -> Arc<RuleSet> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("rules.toml");
    std::fs::write(&file, RULES).expect("the folder is writable");
    let options = RuleOptions { paths: vec![file], no_builtin: true, ..RuleOptions::default() };
    Arc::new(RuleSet::load(&options).expect("the rules are valid"))
}

/// Where `part` first stands in `text`.
pub(super) fn location(path: &str, text: &str, part: &str) -> Location {
    let start = text.find(part).expect("the part stands in the text");
    let index = LineIndex::new(text);
    let span = Span::new(start, start + part.len());
    Location {
        origin: Arc::new(Origin::path(path)),
        span,
        start: index.position(text, span.start),
        end: index.position(text, span.end),
    }
}

/// A finding of `rule` whose excerpt is `shown` with `highlight` in it.
pub(super) fn finding(rule: &str, location: Location, shown: &str, highlight: &str) -> Finding {
    let rules = rules();
    let rule = rules.get(rule).expect("the sample has the rule");
    let start = shown.find(highlight).expect("the highlight stands in the excerpt");
    Finding {
        rule: Arc::clone(&rule.id),
        severity: rule.severity,
        confidence: rule.confidence,
        message: rule.headline().to_owned(),
        excerpt: Excerpt {
            line: location.start.line,
            text: shown.to_owned(),
            highlight: start..start + highlight.len(),
        },
        location,
        secret: None,
        facts: Vec::new(),
        related: Vec::new(),
        places: 1,
        secret_id: None,
        trace: Vec::new(),
        fingerprint: Fingerprint("0123456789abcdef0123456789abcdef:1".to_owned()),
        line_hash: "c129715d7a2bc9a3:1".to_owned(),
        introduced: None,
        suppression: None,
    }
}

/// Put together here, so that no scanner finds it in this file.
const KEY: &str = concat!("AKIA", "0123456789ABCDEF");

/// A key with an emoji, an accent and a wide letter before it, at another place too.
fn access_key() -> Finding {
    let masked = "AKIA…(20 characters)";
    let text = format!("x\n\tnäme, 🔥日 = (\"{KEY}\")\n");
    let place = location("app/[id]/settings 1.py", &text, KEY);
    let shown = "\tnäme, 🔥日 = (\"AKIA…(20 characters)\")";
    let mut finding = finding("aws-access-key", place, shown, masked);
    finding.secret = Some(masked.to_owned());
    finding.facts = vec![("account".to_owned(), "581039954779".to_owned())];
    let location = location("b.py", &format!("k = '{KEY}'"), KEY);
    let fingerprint = Some(Fingerprint("fedcba9876543210fedcba9876543210:1".to_owned()));
    finding.related = vec![Related { location, note: "the same secret".to_owned(), fingerprint }];
    finding.places = 2;
    finding
}

/// A finding over several lines.
fn private_key() -> Finding {
    let text = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n";
    let shown = "-----BEGIN PRIVATE KEY-----";
    finding("pem-private-key", location("deploy/key.pem", text, text.trim_end()), shown, shown)
}

/// A finding with a trace.
fn injection() -> Finding {
    let text = "def f():\n    name = request.args['n']\n    q = 'SELECT ' + name\n    db.execute(q)\n";
    let at = |part: &str| location("web.py", text, part);
    let mut finding = finding("python-sql-injection", at("db.execute(q)"), "    db.execute(q)", "db.execute(q)");
    let steps = [
        ("request.args['n']", "input of a request"),
        ("'SELECT ' + name", "put into `q`"),
        ("db.execute(q)", "run as SQL"),
    ];
    finding.trace = steps.map(|(part, note)| Step { location: at(part), note: note.to_owned() }).to_vec();
    finding.severity = Severity::Medium;
    finding.confidence = Confidence::Low;
    finding
}

/// Three findings, a suppressed one and two problems.
pub(super) fn report() -> Report {
    let mut suppressed = private_key();
    suppressed.location = location("tests/key.pem", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----");
    suppressed.suppression = Some(Suppression { line: Some(1), reason: "made for the tests".to_owned() });
    let mut unused =
        Problem::at(Origin::path("a.py"), ProblemKind::UnusedSuppression, "this suppression hushes nothing");
    unused.line = Some(7);
    let large = Problem::at(Origin::path("big.log"), ProblemKind::TooLarge, "70 MiB are more than the limit of 64 MiB");
    Report {
        findings: vec![access_key(), private_key(), injection()],
        suppressed: vec![suppressed],
        problems: vec![unused, large],
        stats: Stats { files: 1234, bytes: 5_678_901, binary: 12, parsed: 300, hidden: 0 },
        rules: rules(),
    }
}
