//! Which OWASP categories and checklist sections a CWE falls into.

use super::syntax::{TaxonomyFile, WeaknessSyntax};
use std::collections::HashMap;
use std::sync::OnceLock;

/// A weakness of the CWE list and the categories it falls into.
pub type Weakness = WeaknessSyntax;

/// The weakness of a CWE number, if the taxonomy lists it.
pub fn weakness(cwe: u32) -> Option<&'static Weakness> {
    static ALL: OnceLock<HashMap<u32, Weakness>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let file: TaxonomyFile = serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/taxonomy.json")))
            .expect("the build wrote it from the same type");
        file.cwe.into_iter().map(|weakness| (weakness.id, weakness)).collect()
    });
    all.get(&cwe)
}

/// A list that findings are sorted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checklist {
    /// The OWASP Top 10 of 2021, `A01` to `A10`.
    Owasp2021,
    /// The OWASP Top 10 of 2025, `A01` to `A10`.
    Owasp2025,
    /// The OWASP Secure Coding Practices checklist, `2.1` to `2.14`.
    Scp,
}

const OWASP_2021: &[&str] = &[
    "Broken Access Control",
    "Cryptographic Failures",
    "Injection",
    "Insecure Design",
    "Security Misconfiguration",
    "Vulnerable and Outdated Components",
    "Identification and Authentication Failures",
    "Software and Data Integrity Failures",
    "Security Logging and Monitoring Failures",
    "Server-Side Request Forgery",
];

const OWASP_2025: &[&str] = &[
    "Broken Access Control",
    "Security Misconfiguration",
    "Software Supply Chain Failures",
    "Cryptographic Failures",
    "Injection",
    "Insecure Design",
    "Authentication Failures",
    "Software or Data Integrity Failures",
    "Logging & Alerting Failures",
    "Mishandling of Exceptional Conditions",
];

const SCP: &[&str] = &[
    "Input Validation",
    "Output Encoding",
    "Authentication and Password Management",
    "Session Management",
    "Access Control",
    "Cryptographic Practices",
    "Error Handling and Logging",
    "Data Protection",
    "Communication Security",
    "System Configuration",
    "Database Security",
    "File Management",
    "Memory Management",
    "General Coding Practices",
];

impl Checklist {
    /// The name of an entry, as the list gives it.
    pub fn name(self, entry: &str) -> Option<&'static str> {
        let (start, names) = match self {
            Checklist::Owasp2021 => ("A", OWASP_2021),
            Checklist::Owasp2025 => ("A", OWASP_2025),
            Checklist::Scp => ("2.", SCP),
        };
        let number: usize = entry.strip_prefix(start)?.parse().ok()?;
        names.get(number.checked_sub(1)?).copied()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn hard_coded_credentials_are_an_authentication_failure() {
        let weakness = super::weakness(798).expect("CWE-798 is listed");
        assert_eq!(weakness.owasp_2021.as_deref(), Some("A07"));
        assert_eq!(weakness.owasp_2025.as_deref(), Some("A07"));
        assert!(!weakness.scp.is_empty());
    }

    #[test]
    fn every_entry_of_the_taxonomy_has_a_name() {
        let file: super::TaxonomyFile =
            serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/taxonomy.json"))).expect("the build wrote it");
        for weakness in &file.cwe {
            let owasp = weakness.owasp_2021.iter().all(|entry| super::Checklist::Owasp2021.name(entry).is_some())
                && weakness.owasp_2025.iter().all(|entry| super::Checklist::Owasp2025.name(entry).is_some());
            let scp = weakness.scp.iter().all(|entry| super::Checklist::Scp.name(entry).is_some());
            assert!(owasp && scp, "CWE-{}", weakness.id);
        }
        assert_eq!(super::Checklist::Scp.name("2.10"), Some("System Configuration"));
    }
}
