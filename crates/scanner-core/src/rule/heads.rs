//! The built-in rules: what is known of each without reading it, and where it can be read.

use super::Docs;
use super::select::Role;
use super::syntax::{Kind, RuleSyntax};

/// A built-in rule.
#[derive(Debug)]
pub(super) struct Head {
    /// Its id.
    pub id: &'static str,
    /// What it looks at.
    pub kind: Kind,
    /// What it does where nothing else is asked for.
    pub role: Option<Role>,
    /// The rule as JSON, without its documentation and tests.
    body: &'static str,
    /// Its documentation as JSON.
    docs: &'static str,
}

impl Head {
    /// Reads the rule.
    pub(super) fn read(&self) -> RuleSyntax {
        serde_json::from_str(self.body).expect("the build wrote it from the same type")
    }

    /// Reads what the rule says of itself.
    pub(super) fn docs(&self) -> Docs {
        serde_json::from_str(self.docs).expect("the build wrote it from the same fields")
    }
}

// `HEADS`, sorted by id.
include!(concat!(env!("OUT_DIR"), "/heads.rs"));

/// The built-in rules, sorted by id.
pub(super) fn all() -> &'static [Head] {
    &HEADS
}

/// The built-in rule of an id.
pub(super) fn find(id: &str) -> Option<&'static Head> {
    HEADS.binary_search_by(|head| head.id.cmp(id)).ok().map(|at| &HEADS[at])
}
