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

#[cfg(test)]
mod tests {
    #[test]
    fn hard_coded_credentials_are_an_authentication_failure() {
        let weakness = super::weakness(798).expect("CWE-798 is listed");
        assert_eq!(weakness.owasp_2021.as_deref(), Some("A07"));
        assert_eq!(weakness.owasp_2025.as_deref(), Some("A07"));
        assert!(!weakness.scp.is_empty());
    }
}
