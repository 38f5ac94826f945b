//! A code rule's patterns and conditions, compiled when a file first needs them.

use super::syntax::{CodeSyntax, ConditionSyntax};
use crate::language::Family;
use crate::pattern::Pattern;
use regex::Regex;
use std::sync::OnceLock;

/// Matches a shape of syntax.
#[derive(Debug)]
pub struct CodeMatcher {
    syntax: CodeSyntax,
    families: Vec<Family>,
    compiled: OnceLock<Vec<(Family, CodePatterns)>>,
}

/// The patterns of a rule for one language family.
#[derive(Debug, Default)]
pub struct CodePatterns {
    /// One must match.
    pub any: Vec<Pattern>,
    /// None may match the same node.
    pub not: Vec<Pattern>,
    /// One must match around it.
    pub inside: Vec<Pattern>,
    /// None may match around it.
    pub not_inside: Vec<Pattern>,
    /// None may match anywhere in the file.
    pub absent: Vec<Pattern>,
    /// What metavariables must be.
    pub conditions: Vec<(String, Condition)>,
}

/// What a metavariable must be.
#[derive(Debug)]
pub struct Condition {
    /// Its text, or a string's contents, fits.
    pub regex: Option<Regex>,
    /// Its text, or a string's contents, does not fit.
    pub not_regex: Option<Regex>,
    /// It is of this kind.
    pub kind: Option<ValueKind>,
    /// It is of none of these.
    pub not_kind: Vec<ValueKind>,
    /// It is a number below this.
    pub less: Option<f64>,
    /// It is a regex for which some text takes exponential time.
    pub exponential: bool,
    /// It is a number with all these bits.
    pub bits: Option<u64>,
    /// One of these matches it or something inside.
    pub has: Vec<Pattern>,
    /// None of these does.
    pub not_has: Vec<Pattern>,
}

/// Kinds of value that a condition can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A string literal without interpolation.
    String,
    /// A number literal.
    Number,
    /// `true` or `false`.
    Boolean,
    /// Known before the program runs.
    Constant,
    /// Not known before the program runs.
    Dynamic,
    /// A string put together from constant and other parts.
    Built,
    /// A name.
    Identifier,
    /// A function literal.
    Function,
}

impl ValueKind {
    fn parse(name: &str) -> Result<ValueKind, String> {
        Ok(match name {
            "string" => ValueKind::String,
            "number" => ValueKind::Number,
            "boolean" => ValueKind::Boolean,
            "constant" => ValueKind::Constant,
            "dynamic" => ValueKind::Dynamic,
            "built" => ValueKind::Built,
            "identifier" => ValueKind::Identifier,
            "function" => ValueKind::Function,
            other => {
                let all = "string, number, boolean, constant, dynamic, built, identifier, function";
                return Err(format!("unknown kind `{other}`; there are {all}"));
            }
        })
    }
}

impl CodeMatcher {
    /// Takes a rule's code part. With `thorough`, its patterns are compiled now.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn new(syntax: CodeSyntax, thorough: bool) -> Result<CodeMatcher, String> {
        if syntax.any.is_empty() {
            return Err("code.any is empty".into());
        }
        let family = |name: &String| {
            Family::parse(name).ok_or_else(|| format!("unknown language `{name}`; there are javascript, python"))
        };
        let families = syntax.languages.iter().map(family).collect::<Result<Vec<Family>, String>>()?;
        if families.is_empty() {
            return Err("code.languages is empty".into());
        }
        let matcher = CodeMatcher { syntax, families, compiled: OnceLock::new() };
        if thorough {
            let compiled = matcher.compile()?;
            return Ok(CodeMatcher { compiled: OnceLock::from(compiled), ..matcher });
        }
        Ok(matcher)
    }

    /// The families it is for.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// Whether a flow rule says it better.
    pub fn is_followed(&self) -> bool {
        self.syntax.followed
    }

    /// Whether a value that is not known before the program runs is a part of what it looks for.
    pub fn asks_for_data(&self) -> bool {
        let asks = |condition: &ConditionSyntax| {
            !condition.has.is_empty()
                || matches!(condition.kind.as_deref(), Some("dynamic" | "built"))
                || condition.not_kind.iter().any(|kind| kind == "constant" || kind == "string")
        };
        self.syntax.followed || !self.syntax.inside.is_empty() || self.syntax.conditions.values().any(asks)
    }

    /// The metavariable (without `$`) that a finding points at.
    pub fn focus(&self) -> Option<&str> {
        self.syntax.focus.as_deref().map(|name| name.trim_start_matches('$'))
    }

    /// The metavariable (without `$`) whose literal is a credential.
    pub fn secret(&self) -> Option<&str> {
        self.syntax.secret.as_deref().map(|name| name.trim_start_matches('$'))
    }

    /// The rule's code part as it is written.
    pub fn syntax(&self) -> &CodeSyntax {
        &self.syntax
    }

    /// Its patterns for a family; none if it is not for it or the grammar is not built in.
    pub fn patterns(&self, family: Family) -> Option<&CodePatterns> {
        let all = self
            .compiled
            .get_or_init(|| self.compile().expect("rules are checked when loaded, built-in ones by the tests"));
        all.iter().find(|(known, _)| *known == family).map(|(_, patterns)| patterns)
    }

    fn compile(&self) -> Result<Vec<(Family, CodePatterns)>, String> {
        let built_in = self.families.iter().filter(|family| family.grammar().is_some());
        built_in.map(|&family| Ok((family, compile(&self.syntax, family)?))).collect()
    }
}

fn compile(syntax: &CodeSyntax, family: Family) -> Result<CodePatterns, String> {
    let conditions = syntax.conditions.iter().map(|(name, condition)| {
        let compiled = compile_condition(condition, family).map_err(|reason| format!("where.{name}: {reason}"))?;
        Ok((name.trim_start_matches('$').to_owned(), compiled))
    });
    Ok(CodePatterns {
        any: patterns(&syntax.any, family)?,
        not: patterns(&syntax.not, family)?,
        inside: patterns(&syntax.inside, family)?,
        not_inside: patterns(&syntax.not_inside, family)?,
        absent: patterns(&syntax.absent, family)?,
        conditions: conditions.collect::<Result<_, String>>()?,
    })
}

fn patterns(sources: &[String], family: Family) -> Result<Vec<Pattern>, String> {
    sources.iter().map(|source| Pattern::parse(family, source)).collect()
}

fn compile_condition(syntax: &ConditionSyntax, family: Family) -> Result<Condition, String> {
    let regex =
        |source: &Option<String>| source.as_deref().map(Regex::new).transpose().map_err(|error| error.to_string());
    Ok(Condition {
        regex: regex(&syntax.regex)?,
        not_regex: regex(&syntax.not_regex)?,
        kind: syntax.kind.as_deref().map(ValueKind::parse).transpose()?,
        not_kind: syntax.not_kind.iter().map(|name| ValueKind::parse(name)).collect::<Result<_, String>>()?,
        less: syntax.less,
        exponential: syntax.exponential,
        bits: syntax.bits,
        has: patterns(&syntax.has, family)?,
        not_has: patterns(&syntax.not_has, family)?,
    })
}
