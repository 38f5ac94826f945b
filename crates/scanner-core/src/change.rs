//! Keeps of a report what a change brought in: findings on lines that it added.

use crate::blob::Origin;
use crate::finding::{Finding, Location};
use crate::report::Report;
use crate::rule::Matcher;
use std::collections::HashMap;
use std::ops::Range;

/// The lines that a change added, by path; in the commits of a range, by commit and path.
#[derive(Debug, Clone, Default)]
pub struct AddedLines(HashMap<(Option<String>, String), Added>);

/// What a change added to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Whether no file was called so before.
    pub new_name: bool,
    /// Runs of lines, from 1; `None` for all lines.
    pub lines: Option<Vec<Range<u32>>>,
}

impl Added {
    /// A file that was not there before.
    pub fn whole() -> Added {
        Added { new_name: true, lines: None }
    }

    fn touches(&self, location: &Location) -> bool {
        let (first, last) = (location.start.line, location.end.line);
        self.lines.as_ref().is_none_or(|runs| runs.iter().any(|run| run.start <= last && first < run.end))
    }
}

impl AddedLines {
    /// No lines yet.
    pub fn new() -> AddedLines {
        AddedLines::default()
    }

    /// Says what was added to a file.
    pub fn insert(&mut self, origin: &Origin, added: Added) {
        self.0.insert((origin.commit.clone(), origin.path.clone()), added);
    }

    fn of(&self, location: &Location) -> Option<&Added> {
        self.0.get(&(location.origin.commit.clone(), location.origin.path.clone()))
    }

    /// Leaves out findings that do not touch an added line: neither at their place nor on the way of
    /// their data. What is said of a file because of its name stays where the name is new.
    pub fn apply(&self, report: &mut Report) {
        let rules = std::sync::Arc::clone(&report.rules);
        let keep = |finding: &Finding| {
            let touches = |location: &Location| self.of(location).is_some_and(|file| file.touches(location));
            let named = || {
                let by_name = rules.get(&finding.rule).is_some_and(|rule| matches!(rule.matcher, Matcher::Name(_)));
                by_name && self.of(&finding.location).is_some_and(|file| file.new_name)
            };
            touches(&finding.location) || finding.trace.iter().any(|step| touches(&step.location)) || named()
        };
        report.findings.retain(keep);
        report.suppressed.retain(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scanner;

    fn lines(runs: &[(u32, u32)]) -> Option<Vec<Range<u32>>> {
        Some(runs.iter().map(|&(start, end)| start..end).collect())
    }

    fn kept(new_name: bool, runs: Option<Vec<Range<u32>>>) -> Vec<(String, u32)> {
        let text = "\nimport hashlib\nhashlib.md5(x)\nhashlib.md5(y)\n";
        let mut report = Scanner::new().expect("the built-in rules load").scan_bytes("a.py", text.as_bytes());
        let mut lines = AddedLines::new();
        lines.insert(&Origin::path("a.py"), Added { new_name, lines: runs });
        lines.apply(&mut report);
        report.findings.iter().map(|finding| (finding.rule.to_string(), finding.location.start.line)).collect()
    }

    #[test]
    fn only_findings_on_added_lines_stay() {
        let md5 = |line| ("py-weak-hash".to_owned(), line);
        assert_eq!(kept(true, None), [md5(3), md5(4)]);
        assert_eq!(kept(false, lines(&[(1, 2), (4, 5)])), [md5(4)]);
        assert_eq!(kept(true, lines(&[(1, 3)])), []);
    }

    #[test]
    fn a_new_name_is_told_though_no_line_is() {
        let report = |new_name| {
            let scanner = Scanner::new().expect("the built-in rules load");
            let mut report = scanner.scan_bytes("db.kdbx", b"\x03\xD9\xA2\x9A\x67\xFB\x4B\xB5\x01\0");
            let mut lines = AddedLines::new();
            lines.insert(&Origin::path("db.kdbx"), Added { new_name, lines: Some(Vec::new()) });
            lines.apply(&mut report);
            report.findings.len()
        };
        assert_eq!((report(true), report(false)), (1, 0));
    }
}
