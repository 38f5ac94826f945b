//! The outcome of a scan.

use crate::error::Problem;
use crate::finding::{Confidence, Finding, Severity};
use crate::rule::RuleSet;
use std::sync::Arc;

pub use crate::stats::Stats;

/// All that a scan has to say. The same for any order of files and any number of threads.
#[derive(Debug, Clone)]
pub struct Report {
    /// Sorted by path, place and rule; suppressed ones are not among them.
    pub findings: Vec<Finding>,
    /// Findings hushed by a comment or the configuration, sorted alike.
    pub suppressed: Vec<Finding>,
    /// Sorted by path and line.
    pub problems: Vec<Problem>,
    /// What was examined.
    pub stats: Stats,
    /// The rules that ran.
    pub rules: Arc<RuleSet>,
}

/// The repository that was scanned, as others know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Where it can be had, an absolute URI without a name or a password in it.
    pub uri: String,
    /// The commit that is checked out.
    pub revision: Option<String>,
    /// The branch that is checked out.
    pub branch: Option<String>,
}

impl Report {
    /// Whether anything that should have been examined was not.
    pub fn is_incomplete(&self) -> bool {
        self.problems.iter().any(|problem| problem.kind.is_incomplete())
    }

    /// Adds what another scan with the same scanner found.
    pub fn append(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.suppressed.extend(other.suppressed);
        self.problems.extend(other.problems);
        self.stats.add(&other.stats);
        Finding::sort(&mut self.findings);
        Finding::sort(&mut self.suppressed);
        self.problems.sort();
    }

    /// Leaves out findings that are milder or less sure than asked for, and counts them as hidden.
    pub fn keep(&mut self, severity: Severity, confidence: Confidence) {
        let keep = |finding: &Finding| finding.severity >= severity && finding.confidence >= confidence;
        let before = self.findings.len();
        self.findings.retain(keep);
        self.suppressed.retain(keep);
        self.stats.hidden += (before - self.findings.len()) as u64;
    }

    /// Number of places that the findings have together.
    pub fn places(&self) -> usize {
        self.findings.iter().map(|finding| finding.places).sum()
    }

    /// Number of findings of each severity, from mild to grave.
    pub fn counts(&self) -> [usize; Severity::ALL.len()] {
        let mut counts = [0; Severity::ALL.len()];
        for finding in &self.findings {
            counts[finding.severity as usize] += 1;
        }
        counts
    }

    /// Whether a finding is at or above `threshold`.
    pub fn fails(&self, threshold: Severity) -> bool {
        self.findings.iter().any(|finding| finding.severity >= threshold)
    }
}
