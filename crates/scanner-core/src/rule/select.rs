//! Which rules of a list run.

use super::syntax::RuleSyntax;
use std::collections::HashSet;

/// What a rule does in a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Finds what it finds.
    Runs,
    /// Was not selected, and is told only together with a secret that it belongs to.
    Joins,
}

/// The role of each rule, none for those that are left out: of those that are not `wanted`, the ones
/// still have one that belong to a rule that runs and are not `barred`.
pub fn roles(
    rules: &[RuleSyntax],
    wanted: impl Fn(&RuleSyntax) -> bool,
    barred: impl Fn(&RuleSyntax) -> bool,
) -> Vec<Option<Role>> {
    let runs: HashSet<&str> = rules.iter().filter(|rule| wanted(rule)).map(|rule| &*rule.id).collect();
    let role = |rule: &RuleSyntax| {
        let mut whole = rule.belongs_to.iter().flat_map(|belongs| &belongs.rules);
        match runs.contains(&*rule.id) {
            true => Some(Role::Runs),
            false if whole.any(|id| runs.contains(&**id)) && !barred(rule) => Some(Role::Joins),
            false => None,
        }
    };
    rules.iter().map(role).collect()
}
