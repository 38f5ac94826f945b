//! Why something on a line was or was not reported: findings and what became of them, and the score
//! of every named value.

use crate::blob::Origin;
use crate::decode::{Decoded, Document, decode};
use crate::detect::pair;
use crate::detect::score::Score;
use crate::finding::{Confidence, Finding};
use crate::scanner::Scanner;
use crate::triage::mask;
use std::sync::Arc;

/// What the scanner thinks of one line.
#[derive(Debug, Clone, Default)]
pub struct Explanation {
    /// Findings that cover the line, the unsure and the suppressed among them.
    pub findings: Vec<Finding>,
    /// Named values that start or end on the line, and every rule that wants their name.
    pub values: Vec<NamedValue>,
}

/// A named value, as one rule judged it.
#[derive(Debug, Clone)]
pub struct NamedValue {
    /// The rule.
    pub rule: Arc<str>,
    /// The name.
    pub name: String,
    /// The value, masked.
    pub value: String,
    /// What was seen, and its points.
    pub score: Score,
    /// How sure that makes a finding; `None`: there is none.
    pub confidence: Option<Confidence>,
}

impl Scanner {
    /// Says why something on a line (from 1) of a file was or was not reported.
    pub fn explain(&self, path: &str, bytes: &[u8], line: u32) -> Explanation {
        let report = self.scan_bytes(path, bytes);
        let covers = |finding: &Finding| (finding.location.start.line..=finding.location.end.line).contains(&line);
        let findings = report.findings.into_iter().chain(report.suppressed).filter(covers).collect();
        let Decoded::Text(text) = decode(bytes, self.limits().sniff) else {
            return Explanation { findings, ..Explanation::default() };
        };
        let document = Document::new(Arc::new(Origin::path(path)), text);
        let mut values = Vec::new();
        self.verdicts(&document, |verdict: pair::Verdict| {
            let lines = document.position(verdict.name.start).line..=document.position(verdict.value.end).line;
            if lines.contains(&line) {
                values.push(NamedValue {
                    rule: Arc::clone(&self.rules().rules()[verdict.rule].id),
                    name: document.slice(verdict.name).to_owned(),
                    value: mask(document.slice(verdict.value)),
                    score: verdict.score,
                    confidence: verdict.confidence,
                });
            }
        });
        Explanation { findings, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_counted_and_what_ruled_out() {
        let scanner = Scanner::new().expect("the built-in rules load");
        let text = format!("a = 1\nDB_PASSWORD={}\nDB_PASSWORD=changeme\n", ["blue", "Tractor19"].concat());
        let told = scanner.explain(".env", text.as_bytes(), 2);
        let value = told.values.first().expect("the pair is judged");
        assert_eq!((&*value.rule, value.name.as_str()), ("generic-password", "DB_PASSWORD"));
        assert_eq!(value.confidence, Some(Confidence::High));
        assert!(value.score.points() > 0 && !value.value.contains("Tractor"), "{value:?}");
        assert_eq!(told.findings.iter().filter(|finding| &*finding.rule == "generic-password").count(), 1);
        let told = scanner.explain(".env", text.as_bytes(), 3);
        assert_eq!(told.values.first().and_then(|value| value.score.veto), Some("a placeholder"));
        assert!(scanner.explain(".env", text.as_bytes(), 1).values.is_empty());
    }
}
