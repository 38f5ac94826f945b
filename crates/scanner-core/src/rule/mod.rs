//! Rules as they are used: compiled from their TOML form, selected, and documented.

pub mod syntax;

/// One rule.
#[derive(Debug)]
pub struct Rule;
/// Rules.
#[derive(Debug)]
pub struct RuleSet;
