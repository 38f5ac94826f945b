//! The configuration file `autoclave.toml`.

use crate::ui::Failure;
use crate::values::{ConfidenceName, SeverityName, Size};
use scanner_core::rule::syntax::ModelFile;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The file's name.
pub(crate) const FILE_NAME: &str = "autoclave.toml";

/// Configuration of Autoclave. Flags on the command line add to its lists and override the rest.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Config {
    /// What is read.
    pub(crate) scan: ScanConfig,
    /// What is looked for.
    pub(crate) rules: RulesConfig,
    /// What is reported.
    pub(crate) report: ReportConfig,
    /// Findings that are known and no trouble.
    pub(crate) allow: Vec<AllowConfig>,
    /// Where data comes in and does harm in libraries of your own.
    pub(crate) model: Vec<ModelConfig>,
}

/// What is read.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ScanConfig {
    /// Globs, in the syntax of `.gitignore`, of what is left out.
    pub(crate) exclude: Vec<String>,
    /// Scan what ignore files name as well.
    pub(crate) no_ignore: Option<bool>,
    /// Leave dot files and folders out.
    pub(crate) skip_hidden: Option<bool>,
    /// Follow symbolic links.
    pub(crate) follow: Option<bool>,
    /// Larger text files are reported as not examined.
    pub(crate) max_file_size: Option<Size>,
    /// Unpack archives, read PDF and office documents, and look for strings in other binary files.
    #[cfg(feature = "archives")]
    pub(crate) archives: Option<bool>,
    /// Do not look into what stands encoded or cut into pieces.
    pub(crate) no_decode: Option<bool>,
    /// Number of threads; 0 is one for each core.
    pub(crate) threads: Option<usize>,
}

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RulesConfig {
    /// Files and folders of further rules, relative to this file.
    pub(crate) paths: Vec<PathBuf>,
    /// Leave the built-in rules out.
    pub(crate) no_builtin: Option<bool>,
    /// Only the rules whose id or tag fits one of these globs.
    pub(crate) enable: Vec<String>,
    /// Not the rules whose id or tag fits one of these globs.
    pub(crate) disable: Vec<String>,
    /// Run audit rules too.
    pub(crate) audit: Option<bool>,
}

/// What is reported.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ReportConfig {
    /// Hide findings that are milder.
    pub(crate) min_severity: Option<SeverityName>,
    /// Hide findings that are less sure. Default: medium.
    pub(crate) min_confidence: Option<ConfidenceName>,
    /// Mildest finding that gives exit code 1. Default: low.
    pub(crate) fail_on: Option<SeverityName>,
    /// Report suppressed findings, marked as such.
    pub(crate) include_suppressed: Option<bool>,
    /// Report each place of a credential as a finding of its own.
    pub(crate) no_merge: Option<bool>,
}

/// What the public names of a library mean for data flow. A path is names joined by dots from an import on,
/// `()` for what a call gives, `[]` for an element.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ModelConfig {
    /// `python`, or `javascript` for TypeScript too.
    language: String,
    /// Path: the type that it is from there on.
    #[serde(default)]
    types: BTreeMap<String, String>,
    /// Kind of source, such as `remote`: paths.
    #[serde(default)]
    sources: BTreeMap<String, Vec<String>>,
    /// Kind of sink, such as `sql`: calls with the arguments that matter, `acme.db.run(0|query)`, or assignments.
    #[serde(default)]
    sinks: BTreeMap<String, Vec<String>>,
    /// Kind of sink, or `all`: calls whose result is clean for it.
    #[serde(default)]
    sanitizers: BTreeMap<String, Vec<String>>,
    /// Decorator, or call that takes functions: what their parameters are, `$kind`, a type, or nothing.
    #[serde(default)]
    parameters: BTreeMap<String, Vec<String>>,
    /// The same: the kind of sink that such functions return to.
    #[serde(default)]
    returns: BTreeMap<String, String>,
}

impl From<ModelConfig> for ModelFile {
    fn from(model: ModelConfig) -> ModelFile {
        let ModelConfig { language, types, sources, sinks, sanitizers, parameters, returns } = model;
        ModelFile { language, types, sources, sinks, sanitizers, parameters, returns, ..ModelFile::default() }
    }
}

/// Findings that are known and no trouble: all that is given must fit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "AllowSyntax")]
pub(crate) struct AllowConfig {
    pub(crate) rule: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) reason: String,
}

/// An entry before it is checked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AllowSyntax {
    /// Glob of rule ids.
    rule: Option<String>,
    /// Glob of paths, in the syntax of `.gitignore`.
    path: Option<String>,
    /// A finding's fingerprint, as the JSON report gives it.
    fingerprint: Option<String>,
    /// Why that is no trouble.
    reason: String,
}

impl TryFrom<AllowSyntax> for AllowConfig {
    type Error = &'static str;

    fn try_from(entry: AllowSyntax) -> Result<AllowConfig, &'static str> {
        let AllowSyntax { rule, path, fingerprint, reason } = entry;
        if rule.is_none() && path.is_none() && fingerprint.is_none() {
            return Err("an allow entry names a rule, a path or a fingerprint");
        }
        if reason.trim().is_empty() {
            return Err("an allow entry gives its reason");
        }
        Ok(AllowConfig { rule, path, fingerprint, reason })
    }
}

impl Config {
    /// Reads a file.
    pub(crate) fn read(file: &Path) -> Result<Config, Failure> {
        let text = fs::read_to_string(file).map_err(|error| Failure::io(file, &error))?;
        Config::parse(file, &text)
    }

    fn parse(file: &Path, text: &str) -> Result<Config, Failure> {
        toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((1, 1), |span| line_column(text, span.start));
            Failure(format!("{}:{line}:{column}: {}", file.display(), error.message()))
        })
    }

    /// Its JSON Schema, in the draft that editors' schema catalogues ask for.
    pub(crate) fn json_schema() -> serde_json::Value {
        let settings = schemars::generate::SchemaSettings::draft07();
        settings.into_generator().into_root_schema_for::<Config>().to_value()
    }
}

fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str) -> String {
        Config::parse(Path::new("a.toml"), text).expect_err("it is not valid").to_string()
    }

    #[test]
    fn mistakes_carry_file_line_and_column() {
        assert!(mistake("[scan]\nexlude = []\n").starts_with("a.toml:2:1: unknown field `exlude`"));
        assert!(mistake("[report]\nfail-on = 'grave'\n").starts_with("a.toml:2:11: unknown variant `grave`"));
        assert!(mistake("[scan]\nmax-file-size = '10X'\n").starts_with("a.toml:2:17: `10X` is no size"));
        assert!(mistake("\n[[allow]]\nreason = 'x'\n").starts_with("a.toml:2:1: an allow entry names a rule"));
        assert!(mistake("[[allow]]\nrule = 'x'\nreason = ' '\n").contains("gives its reason"));
        assert!(mistake("[[allow]]\nrule = 'x'\n").contains("missing field `reason`"));
        assert!(mistake("[scan\n").starts_with("a.toml:1:6: "), "{}", mistake("[scan\n"));
    }

    #[test]
    fn every_key_is_read() {
        let text = "[scan]\nexclude=['a']\nno-ignore=true\nskip-hidden=true\nfollow=true\nmax-file-size=5\nthreads=2\n\
            [rules]\npaths=['r']\nno-builtin=false\nenable=['a']\ndisable=['b']\naudit=true\n\
            [report]\nmin-severity='low'\nmin-confidence='low'\nfail-on='high'\ninclude-suppressed=true\n\
            [[allow]]\nrule='a-*'\npath='tests/'\nfingerprint='0:1'\nreason='made up'\n";
        let config = Config::parse(Path::new("a.toml"), text).expect("it is valid");
        assert_eq!(config.scan.max_file_size, Some(Size(5)));
        assert_eq!(config.allow.len(), 1);
    }
}
