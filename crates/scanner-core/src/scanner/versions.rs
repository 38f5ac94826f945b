//! Of history, where a file has many versions, what is found in several of them is kept once.

use crate::error::{Problem, ProblemKind};
use crate::finding::{Finding, Fingerprint, SecretId};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Where in a list the findings of history are, by what makes them the same in another version of a file.
#[derive(Debug, Default)]
pub(super) struct Versions(HashMap<(Fingerprint, Option<SecretId>), usize>);

impl Versions {
    /// Adds a finding. Of one that stands in many versions of a file, the first by origin stays: which
    /// version is the first in time is asked when all are known.
    pub(super) fn add(&mut self, finding: Finding, findings: &mut Vec<Finding>) {
        if finding.location.origin.blob.is_none() || finding.location.origin.commit.is_some() {
            findings.push(finding);
            return;
        }
        match self.0.entry(finding.identity()) {
            Entry::Occupied(at) => {
                let known = &mut findings[*at.get()];
                if finding.sort_key() < known.sort_key() {
                    *known = finding;
                }
            }
            Entry::Vacant(free) => {
                free.insert(findings.len());
                findings.push(finding);
            }
        }
    }
}

/// A problem as it is told: of history once for all versions of a file, and only if something was not
/// examined, since old versions cannot be corrected.
pub(super) fn told(mut problem: Problem) -> Option<Problem> {
    if let Some(origin) = problem.origin.as_mut().filter(|origin| origin.is_history()) {
        origin.blob = None;
        problem.line = None;
        return (problem.kind.is_incomplete() || problem.kind == ProblemKind::Elsewhere).then_some(problem);
    }
    Some(problem)
}
