//! One secret, one finding: the places of the same secret across files become one finding's.

use crate::blob::Origin;
use crate::detect::path::is_example_path;
use crate::error::{Problem, ProblemKind};
use crate::finding::{Finding, Related};
use crate::limits::Limits;
use crate::report::Report;
use crate::rule::{Matcher, Rule, RuleSet};
use std::cmp::Reverse;
use std::collections::HashMap;

impl Report {
    /// Merges the findings of the same secret, whose other places become `related`. Findings of
    /// code, and of values that may be equal by chance, stay as they are; so do suppressed ones.
    ///
    /// Apply it after whatever hushes findings, so that a place that is hushed hides no other, and
    /// before [`Report::keep`], so that a secret that is sure in one place is shown in all.
    pub fn merge(&mut self, limits: &Limits) {
        let mut groups: HashMap<_, usize> = HashMap::new();
        let mut merged: Vec<Vec<Finding>> = Vec::with_capacity(self.findings.len());
        for finding in std::mem::take(&mut self.findings) {
            let group = finding.secret_id.map_or(merged.len(), |id| *groups.entry(id).or_insert(merged.len()));
            match merged.get_mut(group) {
                Some(group) => group.push(finding),
                None => merged.push(vec![finding]),
            }
        }
        let rules = std::sync::Arc::clone(&self.rules);
        self.findings = merged.into_iter().map(|group| one(group, &rules, limits, &mut self.problems)).collect();
        Finding::sort(&mut self.findings);
        self.problems.sort();
    }
}

/// The finding of a secret, from those of each place.
fn one(mut group: Vec<Finding>, rules: &RuleSet, limits: &Limits, problems: &mut Vec<Problem>) -> Finding {
    let main = (0..group.len()).min_by_key(|&at| rank(&group[at], rules)).expect("a group has a member");
    let mut finding = group.remove(main);
    for other in group {
        // One that is sure in one place is a secret in all.
        finding.confidence = finding.confidence.max(other.confidence);
        if other.rule == finding.rule || names_file(&other, rules) {
            finding.severity = finding.severity.max(other.severity);
        }
        // A secret of a file that was renamed is still there.
        if let (Some(introduced), true) =
            (&mut finding.introduced, other.introduced.as_ref().is_some_and(|from| from.present))
        {
            introduced.present = true;
        }
        finding.places += other.places;
        finding.related.push(Related {
            note: note(&other, &finding),
            location: other.location,
            fingerprint: Some(other.fingerprint),
        });
        finding.related.extend(other.related);
    }
    let named = finding.related.len() + 1;
    if named > limits.max_places {
        finding.related.truncate(limits.max_places - 1);
        let message =
            format!("this secret stands in {} places; the first {} are named", finding.places, limits.max_places);
        let origin = Origin::clone(&finding.location.origin);
        let mut problem = Problem::at(origin, ProblemKind::Truncated, message);
        problem.line = Some(finding.location.start.line);
        problems.push(problem);
    }
    finding
}

/// The least is the main place: of the most exact rule, then the surest, then of history the first in
/// time, then one where the secret is used and not tested or explained, then the shortest path.
fn rank<'f>(finding: &'f Finding, rules: &RuleSet) -> impl Ord + 'f {
    let origin = &finding.location.origin;
    let exactness = rules.get(&finding.rule).map_or(0, Rule::exactness);
    (
        Reverse(if names_file(finding, rules) { 0 } else { exactness }),
        Reverse(finding.confidence),
        finding.introduced.as_ref().map(|from| (from.seconds, from.order)),
        is_example_path(&origin.path.to_lowercase()),
        origin.path.len(),
        finding.sort_key(),
    )
}

/// Whether a finding says what its file is, which is not said of other places.
fn names_file(finding: &Finding, rules: &RuleSet) -> bool {
    rules.get(&finding.rule).is_some_and(|rule| matches!(rule.matcher, Matcher::Name(_)))
}

/// What is told of a place: what file it is, and which rule sees the secret there.
fn note(other: &Finding, main: &Finding) -> String {
    let mut note = String::from("the same secret");
    if other.rule != main.rule {
        note.push_str(&format!(", as {}", other.rule));
    }
    for (_, kind) in other.facts.iter().filter(|(name, _)| name == "file") {
        note.push_str(&format!(" ({kind})"));
    }
    note
}

#[cfg(test)]
mod tests {
    use crate::input::Memory;
    use crate::{Limits, Report, Scanner};

    /// Put together here, so that no scanner finds it in this file.
    fn token() -> String {
        ["glpat", "q8Zr2LmX0vTn5KwYb7Hd"].join("-")
    }

    fn scan(files: &[(&str, String)]) -> Report {
        let input = files.iter().fold(Memory::new(), |input, (path, text)| input.with(*path, text.clone()));
        Scanner::new().expect("the built-in rules load").scan(&input).expect("memory can be read")
    }

    fn merged(files: &[(&str, String)]) -> Report {
        let mut report = scan(files);
        report.merge(&Limits::default());
        report
    }

    fn places(report: &Report) -> Vec<String> {
        let name = |location: &crate::Location| format!("{}:{}", location.origin.path, location.start.line);
        let all = report.findings.iter().map(|finding| {
            let others: Vec<String> = finding.related.iter().map(|place| name(&place.location)).collect();
            format!("{} {} {}", finding.rule, name(&finding.location), others.join(" ")).trim_end().to_owned()
        });
        all.collect()
    }

    #[test]
    fn one_finding_at_the_surest_and_shortest_place() {
        let line = format!("TOKEN = '{}'\n", token());
        let files = [("tests/a.py", line.clone()), ("src/deploy/b.py", format!("\n{line}{line}")), ("src/c.py", line)];
        let report = merged(&files);
        let all = "src/c.py:1 src/deploy/b.py:2 src/deploy/b.py:3 tests/a.py:1";
        assert_eq!(places(&report).len(), 1);
        assert!(places(&report)[0].ends_with(all), "{:?}", places(&report));
        assert_eq!((report.findings[0].places, report.places()), (4, 4));
        // The name of the finding is that of its main place, whatever others there are.
        assert_eq!(report.findings[0].fingerprint, merged(&files[2..]).findings[0].fingerprint);
        let related = &report.findings[0].related;
        let own: Vec<_> = scan(&files).findings.into_iter().map(|finding| Some(finding.fingerprint)).collect();
        assert!(related.iter().all(|place| own.contains(&place.fingerprint)));
    }

    #[test]
    fn the_most_exact_rule_reports_all_places() {
        let value = "q8Zr2LmX0vTn5KwYb7Hd3Fs9";
        let report = merged(&[
            ("a.yml", format!("token: {value}\n")),
            ("tests/b.txt", format!("registry.npmjs.org/:_authToken={value}\n")),
        ]);
        let rules: Vec<&str> = report.findings.iter().map(|finding| &*finding.rule).collect();
        assert_eq!(rules, ["npmrc-auth-token"], "{:?}", places(&report));
        assert_eq!(report.findings[0].related[0].note, "the same secret, as generic-token");
    }

    #[test]
    fn what_may_be_equal_by_chance_stays_apart() {
        let report = merged(&[
            ("a/.env", "DB_PASSWORD=blue!·Tractor7\n".replace('·', "")),
            ("b/conf.ini", "password = blue!·Tractor7\n".replace('·', "")),
            ("c.py", "import hashlib\nhashlib.md5(x)\nhashlib.md5(x)\n".into()),
        ]);
        assert!(report.findings.iter().all(|finding| finding.places == 1), "{:?}", places(&report));
        assert!(report.findings.len() >= 4);
    }

    #[test]
    fn copies_of_a_key_store_are_one_secret() {
        let bag = b"\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x0A\x01\x02";
        let store = |fill: u8| [&b"\x30\x82\x0B\x7C\x02\x01\x03\x30\0"[..], bag, &[fill; 64]].concat();
        let input = Memory::new().with("a.p12", store(1)).with("b/c.p12", store(1)).with("d.p12", store(2));
        let mut report = Scanner::new().expect("the built-in rules load").scan(&input).expect("memory can be read");
        report.merge(&Limits::default());
        assert_eq!(places(&report), ["pkcs12-key-store a.p12:1 b/c.p12:1", "pkcs12-key-store d.p12:1"]);
    }

    #[test]
    fn a_hushed_place_hides_no_other() {
        let line = format!("TOKEN = '{}'", token());
        let marker = ["autoclave", "ignore"].join(":");
        let report = merged(&[("a.py", format!("{line} # {marker}\n")), ("b.py", line.clone()), ("c.py", line)]);
        assert_eq!(report.suppressed.len(), 1);
        assert_eq!(places(&report).len(), 1);
        assert!(places(&report)[0].ends_with("b.py:1 c.py:1"), "{:?}", places(&report));
    }

    #[test]
    fn a_cut_list_of_places_is_told() {
        let line = format!("TOKEN = '{}'\n", token());
        let mut report = scan(&[("a.py", line.repeat(9))]);
        report.merge(&Limits { max_places: 4, ..Limits::default() });
        assert_eq!((report.findings[0].places, report.findings[0].related.len()), (9, 3));
        assert_eq!(report.problems[0].message, "this secret stands in 9 places; the first 4 are named");
    }

    #[test]
    fn a_key_is_the_same_however_its_lines_are_broken() {
        let body = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgq8Zr2LmX0vTn5KwYb7Hd3Fs9Pc4Jg6Ae1Ru8Zr2LmX0vTn\
                    5KwYb7Hd3Fs9Pc4Jg6Ae1RuQ2zLm9tXw4Rk7Yb3Nc6Hd1Fg5Jsq8Zr2LmX0vTn5KwYb7Hd3Fs9Pc";
        let armour = |word: &str| format!("-----{word} {}-----", ["PRIVATE", "KEY"].join(" "));
        let (head, tail) = body.split_at(64);
        let key = |newline: &str| [&armour("BEGIN"), head, tail, &armour("END")].join(newline);
        let report = merged(&[("a.pem", key("\n")), ("b.json", format!("{{\"key\": \"{}\"}}", key("\\n")))]);
        assert_eq!(places(&report).len(), 1, "{:?}", places(&report));
        assert_eq!(report.findings[0].places, 2);
    }
}
