//! Findings that a project has looked at and allows, as its configuration lists them.

use crate::error::Error;
use crate::finding::{Finding, Suppression};
use crate::glob::PathGlobs;
use crate::report::Report;

/// One entry: what it names must all fit a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allow {
    /// Glob of rule ids.
    pub rule: Option<String>,
    /// Glob of paths, in the syntax of `.gitignore`.
    pub path: Option<String>,
    /// A finding's fingerprint.
    pub fingerprint: Option<String>,
    /// Why its findings are no trouble.
    pub reason: String,
}

/// Entries, ready to be applied.
#[derive(Debug)]
pub struct Allows(Vec<Compiled>);

#[derive(Debug)]
struct Compiled {
    rule: Option<globset::GlobMatcher>,
    path: Option<PathGlobs>,
    fingerprint: Option<String>,
    reason: String,
}

impl Compiled {
    fn fits(&self, finding: &Finding) -> bool {
        let path = &finding.location.origin.path;
        self.rule.as_ref().is_none_or(|glob| glob.is_match(&*finding.rule))
            && self.path.as_ref().is_none_or(|globs| globs.hit_within(path, false))
            && self.fingerprint.as_ref().is_none_or(|fingerprint| *fingerprint == finding.fingerprint.0)
    }
}

impl Allows {
    /// Compiles entries.
    ///
    /// # Errors
    /// A glob that is not valid.
    pub fn new(entries: &[Allow]) -> Result<Allows, Error> {
        let compile = |entry: &Allow| {
            let rule = entry.rule.as_deref().map(|glob| {
                let compiled = globset::Glob::new(glob);
                let error =
                    |error: globset::Error| Error::Glob { glob: glob.to_owned(), reason: error.kind().to_string() };
                compiled.map(|glob| glob.compile_matcher()).map_err(error)
            });
            Ok(Compiled {
                rule: rule.transpose()?,
                path: entry.path.as_ref().map(|glob| PathGlobs::new(std::slice::from_ref(glob))).transpose()?,
                fingerprint: entry.fingerprint.clone(),
                reason: entry.reason.clone(),
            })
        };
        entries.iter().map(compile).collect::<Result<_, Error>>().map(Allows)
    }

    /// What hushes a finding, if an entry fits it.
    pub fn suppression(&self, finding: &Finding) -> Option<Suppression> {
        let entry = self.0.iter().find(|entry| entry.fits(finding))?;
        Some(Suppression { line: None, reason: entry.reason.clone() })
    }

    /// Moves the findings that an entry fits to the suppressed ones; the first entry that fits gives
    /// the reason. Returns the indexes of the entries that fit nothing.
    pub fn apply(&self, report: &mut Report) -> Vec<usize> {
        let mut used = vec![false; self.0.len()];
        let mut kept = Vec::with_capacity(report.findings.len());
        for mut finding in std::mem::take(&mut report.findings) {
            match self.0.iter().position(|entry| entry.fits(&finding)) {
                Some(at) => {
                    used[at] = true;
                    finding.suppression = Some(Suppression { line: None, reason: self.0[at].reason.clone() });
                    report.suppressed.push(finding);
                }
                None => kept.push(finding),
            }
        }
        report.findings = kept;
        Finding::sort(&mut report.suppressed);
        (0..used.len()).filter(|&at| !used[at]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scanner;

    fn report() -> Report {
        let scanner = Scanner::new().expect("the built-in rules load");
        scanner.scan_bytes("tests/data/.env", ["DB_PASSWORD", "blue!Tractor7\n"].join("=").as_bytes())
    }

    fn applied(entry: Allow) -> (usize, usize, usize) {
        let mut report = report();
        let unused = Allows::new(&[entry]).expect("the globs are valid").apply(&mut report);
        assert!(report.suppressed.iter().all(|finding| finding.suppression.is_some()));
        (report.findings.len(), report.suppressed.len(), unused.len())
    }

    #[test]
    fn an_entry_fits_when_all_that_it_names_does() {
        let all = report().findings.len();
        assert!(all > 0);
        let path = Some("/tests/".to_owned());
        assert_eq!(applied(Allow { path: path.clone(), ..Allow::default() }), (0, all, 0));
        assert_eq!(applied(Allow { path: Some("/data/".into()), ..Allow::default() }), (all, 0, 1));
        assert_eq!(applied(Allow { path, rule: Some("no-such-*".into()), ..Allow::default() }), (all, 0, 1));
        let print = report().findings[0].fingerprint.0.clone();
        assert_eq!(applied(Allow { fingerprint: Some(print), ..Allow::default() }), (all - 1, 1, 0));
        let broken = Allow { rule: Some("a[".into()), ..Allow::default() };
        assert!(matches!(Allows::new(&[broken]), Err(Error::Glob { .. })));
    }
}
