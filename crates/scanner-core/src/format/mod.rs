//! Writes a report, for people and for other programs.
//!
//! Every format sees masked values only and opens no file: what a report does not hold, no format
//! can give away.

pub mod json;
mod prose;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod text;

pub use prose::visible;

use crate::error::ProblemKind;
use crate::rule::{Rule, weakness};

/// The tool's name in reports.
pub const TOOL: &str = "Autoclave";
/// The tool's name and what it is.
pub const TOOL_LONG: &str = "Autoclave static secret and code scanner";
/// Who makes it.
pub const ORGANIZATION: &str = "Autoclave";
/// Where to read about it.
pub const HOMEPAGE: &str = env!("CARGO_PKG_HOMEPAGE");
/// The version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The entries of compliance lists that a rule's weaknesses fall into; sorted, each once.
#[derive(Debug, Default, PartialEq, Eq)]
struct Categories {
    /// Of the OWASP Top 10 2021, e.g. `A07`.
    owasp_2021: Vec<&'static str>,
    /// Of the OWASP Top 10 2025.
    owasp_2025: Vec<&'static str>,
    /// Sections of the OWASP Secure Coding Practices checklist, e.g. `2.3`.
    scp: Vec<&'static str>,
}

impl Categories {
    fn of(rule: &Rule) -> Categories {
        let mut all = Categories::default();
        for weakness in rule.cwe.iter().filter_map(|&cwe| weakness(cwe)) {
            all.owasp_2021.extend(weakness.owasp_2021.as_deref());
            all.owasp_2025.extend(weakness.owasp_2025.as_deref());
            all.scp.extend(weakness.scp.iter().map(String::as_str));
        }
        for list in [&mut all.owasp_2021, &mut all.owasp_2025, &mut all.scp] {
            // `2.10` stands behind `2.9`.
            list.sort_unstable_by_key(|entry| (entry.len(), *entry));
            list.dedup();
        }
        all
    }
}

/// The first of a rule's references that is a web address.
fn first_link(rule: &Rule) -> Option<&str> {
    let is_link = |link: &&String| {
        let rest = link.strip_prefix("https://").or_else(|| link.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
    };
    rule.docs().references.iter().find(is_link).map(String::as_str)
}

/// How much a problem weighs, in the words that SARIF and compilers share.
fn problem_level(kind: ProblemKind) -> &'static str {
    match kind {
        kind if kind.is_incomplete() => "error",
        ProblemKind::UnusedSuppression => "note",
        _ => "warning",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_gives_a_whole_secret_away() {
        let report = sample::report();
        let mut out = Vec::new();
        let text = text::TextOptions { show_suppressed: true, ..text::TextOptions::default() };
        let sarif = sarif::SarifOptions { include_suppressed: true, ..sarif::SarifOptions::default() };
        text::write(&report, &text, &mut out).expect("a vector takes everything");
        json::write(&report, &json::JsonOptions::default(), &mut out).expect("a vector takes everything");
        sarif::write(&report, &sarif, &mut out).expect("a vector takes everything");
        let all = String::from_utf8(out).expect("every format is UTF-8");
        assert!(all.contains("AKIA…(20 characters)"));
        assert!(!all.contains("AKIA0"));
    }

    #[test]
    fn sections_stand_in_the_order_of_their_numbers() {
        let rules = sample::rules();
        let categories = Categories::of(rules.get("python-sql-injection").expect("the sample has it"));
        assert_eq!(categories.scp, ["2.1", "2.2", "2.11"]);
        assert_eq!((categories.owasp_2021, categories.owasp_2025), (vec!["A03"], vec!["A05"]));
    }
}
