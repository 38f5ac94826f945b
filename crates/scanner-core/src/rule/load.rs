//! Reads rule files, built-in and a user's, and selects the rules of a scan.

use super::heads::{self, Head};
use super::select::{Role, roles};
use super::set::{Rules, Slot};
use super::syntax::{ModelFile, RuleFile, RuleSyntax, TestSyntax};
use super::{Docs, Rule, RuleSet};
use crate::error::Error;
use crate::language::Family;
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

const JAVASCRIPT_MODELS: &str = include_str!(concat!(env!("OUT_DIR"), "/models.javascript.json"));
const PYTHON_MODELS: &str = include_str!(concat!(env!("OUT_DIR"), "/models.python.json"));
const TESTS: &str = include_str!(concat!(env!("OUT_DIR"), "/tests.json"));

/// Which rules a scan runs.
#[derive(Debug, Clone, Default)]
pub struct RuleOptions {
    /// Folders or files of rules besides the built-in ones; the same id replaces a built-in rule.
    pub paths: Vec<PathBuf>,
    /// Leave the built-in rules out.
    pub no_builtin: bool,
    /// Globs of ids or tags. If there are any, only these rules run (audit rules among them too).
    pub enable: Vec<String>,
    /// Globs of ids or tags of rules that do not run.
    pub disable: Vec<String>,
    /// Run audit rules as well.
    pub audit: bool,
    /// What further public names mean for data flow, besides the built-in models.
    pub models: Vec<ModelFile>,
}

/// The built-in models of a family's public names.
pub fn model_files(family: Family) -> Vec<ModelFile> {
    let models = match family {
        Family::JavaScript => JAVASCRIPT_MODELS,
        Family::Python => PYTHON_MODELS,
    };
    serde_json::from_str(models).expect("the build wrote it from the same type")
}

/// The tests that a rule carries.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RuleTests {
    /// One-line samples that must fire.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// One-line samples that must not.
    #[serde(rename = "ignore")]
    pub ignores: Vec<String>,
    /// Small files.
    #[serde(rename = "test")]
    pub tests: Vec<TestSyntax>,
}

/// The tests of the built-in rules, or of the rules at `paths`, by rule id.
///
/// # Errors
/// As for [`RuleSet::load`].
pub fn rule_tests(paths: &[PathBuf]) -> Result<BTreeMap<String, RuleTests>, Error> {
    if paths.is_empty() {
        return Ok(serde_json::from_str(TESTS).expect("the build wrote it from the same fields"));
    }
    let rules = read_paths(paths)?;
    let tests = |rule: RuleSyntax| RuleTests { matches: rule.matches, ignores: rule.ignores, tests: rule.tests };
    Ok(rules.into_iter().map(|read| (read.syntax.id.clone(), tests(read.syntax))).collect())
}

/// A rule as read, and where.
struct ReadRule {
    syntax: RuleSyntax,
    /// `file:line:column` of its id.
    place: String,
}

/// See [`RuleSet::load`].
pub(super) fn load(options: &RuleOptions) -> Result<RuleSet, Error> {
    let RuleOptions { paths, no_builtin, enable, disable, audit, models } = options;
    if paths.is_empty() && !no_builtin && enable.is_empty() && disable.is_empty() && !audit {
        let rules = Rules::default_ones();
        return Ok(RuleSet { rules, own: Vec::new(), with_builtin: true, models: models.clone() });
    }
    // Sorted by id, as the build sorted the built-in ones.
    let mut all: Vec<RuleSyntax> = if *no_builtin { Vec::new() } else { heads::all().iter().map(Head::read).collect() };
    let mut compiled: BTreeMap<Arc<str>, Rule> = BTreeMap::new();
    for read in read_paths(paths)? {
        let mut syntax = read.syntax;
        let docs = Docs {
            source: read.place.clone(),
            what: syntax.what.take(),
            why: syntax.why.take(),
            fix: syntax.fix.take(),
            references: std::mem::take(&mut syntax.references),
        };
        let rule = Rule::compile(syntax.clone(), true)
            .map_err(|reason| Error::Rule(format!("{}: rule `{}`: {reason}", read.place, syntax.id)))?;
        compiled.insert(rule.id.clone(), Rule { docs: OnceLock::from(docs), ..rule });
        match all.binary_search_by(|other| other.id.cmp(&syntax.id)) {
            Ok(at) => all[at] = syntax,
            Err(at) => all.insert(at, syntax),
        }
    }
    let own = compiled.keys().cloned().collect();
    let enable = selectors(enable, &all)?;
    let disable = selectors(disable, &all)?;
    let barred = |rule: &RuleSyntax| disable.iter().any(|glob| selects(glob, rule));
    let wanted = |rule: &RuleSyntax| {
        let asked = enable.iter().any(|glob| selects(glob, rule));
        (if enable.is_empty() { *audit || !rule.audit } else { asked }) && !barred(rule)
    };
    let roles = roles(&all, wanted, barred);
    let slots = all.into_iter().zip(roles).filter_map(|(syntax, role)| {
        let rule = compiled.remove(&*syntax.id);
        Some(Slot::new(syntax, role?, rule))
    });
    let rules = Rules::new(slots.collect());
    Ok(RuleSet { rules, own, with_builtin: !no_builtin, models: models.clone() })
}

impl RuleSet {
    /// The built-in rules, or those at `paths`, each in a set of its own and compiled to the last
    /// part: what testing them needs.
    ///
    /// # Errors
    /// The rules that cannot be read or are not valid, a line each.
    pub fn each(paths: &[PathBuf]) -> Result<Vec<RuleSet>, Error> {
        let rules: Vec<ReadRule> = if paths.is_empty() {
            heads::all().iter().map(|head| ReadRule { place: "built-in".into(), syntax: head.read() }).collect()
        } else {
            read_paths(paths)?
        };
        let compiled: Vec<Result<RuleSet, String>> = rules
            .into_par_iter()
            .map(|read| {
                let rule = Rule::compile(read.syntax.clone(), true)
                    .map_err(|reason| format!("{}: rule `{}`: {reason}", read.place, read.syntax.id))?;
                let own = vec![rule.id.clone()];
                let rules = Rules::new(vec![Slot::new(read.syntax, Role::Runs, Some(rule))]);
                Ok(RuleSet { rules, own, with_builtin: false, models: Vec::new() })
            })
            .collect();
        let faults: Vec<String> = compiled.iter().filter_map(|result| result.as_ref().err().cloned()).collect();
        if faults.is_empty() {
            Ok(compiled.into_iter().flatten().collect())
        } else {
            Err(Error::Rule(faults.join("\n")))
        }
    }
}

fn selects(glob: &globset::GlobMatcher, rule: &RuleSyntax) -> bool {
    glob.is_match(&rule.id) || rule.tags.iter().any(|tag| glob.is_match(tag))
}

fn selectors(globs: &[String], all: &[RuleSyntax]) -> Result<Vec<globset::GlobMatcher>, Error> {
    globs
        .iter()
        .map(|source| {
            let glob = globset::Glob::new(source)
                .map_err(|error| Error::Glob { glob: source.clone(), reason: error.kind().to_string() })?
                .compile_matcher();
            if all.iter().any(|rule| selects(&glob, rule)) { Ok(glob) } else { Err(Error::UnknownRule(source.clone())) }
        })
        .collect()
}

/// A digest of what options make of the rules, besides the built-in ones.
///
/// # Errors
/// A rule file that cannot be read or is not valid.
pub fn digest_of(options: &RuleOptions) -> Result<String, Error> {
    let mut all = format!("{options:?}");
    for read in read_paths(&options.paths)? {
        all.push_str(&serde_json::to_string(&read.syntax).map_err(|error| Error::Rule(error.to_string()))?);
    }
    Ok(all)
}

fn read_paths(paths: &[PathBuf]) -> Result<Vec<ReadRule>, Error> {
    let mut files = Vec::new();
    for path in paths {
        list(path, &mut files).map_err(|source| Error::Path { path: path.clone(), source })?;
    }
    files.sort();
    let mut rules: Vec<ReadRule> = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|source| Error::Path { path: file.clone(), source })?;
        for rule in read_file(&file, &text)? {
            if let Some(twin) = rules.iter().find(|other| other.syntax.id == rule.syntax.id) {
                let message = format!("{}: the id `{}` stands also at {}", rule.place, rule.syntax.id, twin.place);
                return Err(Error::Rule(message));
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !path.is_dir() {
        fs::metadata(path)?;
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let is_rules = path.extension().is_some_and(|extension| extension == "toml")
            && path.file_name().is_some_and(|name| name != "taxonomy.toml");
        if path.is_dir() || is_rules {
            list(&path, files)?;
        }
    }
    Ok(())
}

fn read_file(file: &Path, text: &str) -> Result<Vec<ReadRule>, Error> {
    let shown = file.display().to_string();
    let parsed: RuleFile = toml::from_str(text).map_err(|error| {
        let (line, column) = error.span().map_or((1, 1), |span| line_column(text, span.start));
        Error::Rule(format!("{shown}:{line}:{column}: {}", error.message()))
    })?;
    let place = |id: &str| {
        let at = [format!("id = \"{id}\""), format!("id = '{id}'")].iter().find_map(|key| text.find(key.as_str()));
        let (line, column) = line_column(text, at.unwrap_or(0));
        format!("{shown}:{line}:{column}")
    };
    Ok(parsed.resolve_defaults().into_iter().map(|syntax| ReadRule { place: place(&syntax.id), syntax }).collect())
}

fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..crate::span::floor_char(text, at)];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<RuleSet, Error> {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("r.toml");
        fs::write(&file, text).expect("the folder is writable");
        RuleSet::load(&RuleOptions { paths: vec![file], no_builtin: true, ..RuleOptions::default() })
    }

    #[test]
    fn mistakes_carry_file_line_and_column() {
        let error = load("[[rule]]\nid = \"a\"\ntitel = \"x\"\n").expect_err("the key is unknown").to_string();
        assert!(error.contains("r.toml:3:1: unknown field `titel`"), "{error}");
        let error = load(
            "[[rule]]\nid = \"a\"\ntitle = \"x\"\nseverity = \"low\"\ntext = { regex = '(', keywords = ['abc'] }\n",
        )
        .expect_err("the regex is broken")
        .to_string();
        assert!(error.contains("r.toml:2:1: rule `a`: regex parse error"), "{error}");
        let error =
            load("[[rule]]\nid = \"a\"\ntitle = \"x\"\nseverity = \"low\"\n").expect_err("no matcher").to_string();
        assert!(error.contains("exactly one of name, text, pair, code and flow"), "{error}");
    }

    #[test]
    fn rules_are_selected_by_id_and_tag() {
        let text = "[defaults]\nseverity='low'\n[[rule]]\nid='a-x'\ntitle='x'\ntags=['t']\nname={files=['q']}\n\
                    [[rule]]\nid='b-x'\ntitle='x'\naudit=true\nname={files=['q']}\n";
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::write(folder.path().join("r.toml"), text).expect("the folder is writable");
        let ids = |enable: &[&str], disable: &[&str], audit| {
            let strings = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            let options = RuleOptions {
                paths: vec![folder.path().to_owned()],
                no_builtin: true,
                enable: strings(enable),
                disable: strings(disable),
                audit,
                models: Vec::new(),
            };
            RuleSet::load(&options).map(|set| set.rules().iter().map(|rule| rule.id.to_string()).collect::<Vec<_>>())
        };
        assert_eq!(ids(&[], &[], false).expect("valid"), ["a-x"]);
        assert_eq!(ids(&[], &[], true).expect("valid"), ["a-x", "b-x"]);
        assert_eq!(ids(&["*-x"], &["t"], false).expect("valid"), ["b-x"]);
        assert!(matches!(ids(&["nope"], &[], false), Err(Error::UnknownRule(_))));
    }
}
