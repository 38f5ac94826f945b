//! A rule file as it is written in TOML, and nothing else: `build.rs` includes this file too.
//!
//! Every key is listed here once. Unknown keys are refused by serde with line and column, so a
//! misspelt option cannot be silently ignored.

pub mod catalogue;

use catalogue::Catalogue;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One `rules/**/*.toml` file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RuleFile {
    /// Values that every rule of the file takes over where it does not give its own.
    pub defaults: Defaults,
    /// The rules.
    #[serde(rename = "rule")]
    pub rules: Vec<RuleSyntax>,
    /// Credentials of many providers, a line each.
    pub catalogue: Catalogue,
}

/// What the rules of one file share.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Defaults {
    /// Taken by rules without `severity`.
    pub severity: Option<String>,
    /// Taken by rules without `confidence`.
    pub confidence: Option<String>,
    /// Taken by rules without `cwe`.
    pub cwe: Vec<u32>,
    /// Put in front of every rule's own tags.
    pub tags: Vec<String>,
    /// Taken by rules without `references`.
    pub references: Vec<String>,
    /// Taken by rules without `what`.
    pub what: Option<String>,
    /// Taken by rules without `why`.
    pub why: Option<String>,
    /// Taken by rules without `fix`.
    pub fix: Option<String>,
}

/// One `[[rule]]` entry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct RuleSyntax {
    /// Unique, kebab-case, stable: it stands in suppressions and fingerprints.
    pub id: String,
    /// A short noun phrase: what is found.
    pub title: String,
    /// `critical`, `high`, `medium`, `low` or `info`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// `high`, `medium` or `low`: how sure a finding of this rule is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<String>,
    /// CWE numbers, the most fitting first. OWASP categories follow from them by `taxonomy.toml`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<u32>,
    /// Words to select rules by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Not run unless asked for with `--audit` or `--enable`.
    #[serde(skip_serializing_if = "is_false")]
    pub audit: bool,
    /// Shown with a finding; `$X` stands for the text a code pattern bound to `$X`. Default: the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Markdown: what the rule finds. Default: made from the title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// Markdown: why it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Markdown: how to fix it (for a secret, how to revoke or rotate it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Links to vendors' or standards' pages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,

    /// What it finds is the other half of other rules' secrets, and a place of theirs when it stands
    /// near them. With `audit`, it is looked for in every scan, and told only together with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub belongs_to: Option<Box<BelongsSyntax>>,

    /// A file that should not be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<NameSyntax>>,
    /// A token with a shape of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Box<TextSyntax>>,
    /// A named value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<Box<PairSyntax>>,
    /// A shape of syntax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Box<CodeSyntax>>,
    /// A kind of source reaching a kind of sink.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<Box<FlowSyntax>>,

    /// One-line samples that must give a finding (for a name rule: paths). `·` is dropped.
    #[serde(rename = "match", skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// One-line samples that must stay silent (for a name rule: paths). `·` is dropped.
    #[serde(rename = "ignore", skip_serializing_if = "Vec::is_empty")]
    pub ignores: Vec<String>,
    /// Small files with `«finding»` on each line that must fire, silence elsewhere.
    #[serde(rename = "test", skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<TestSyntax>,
}

/// The five things of which a rule looks at one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file's path.
    Name,
    /// A token in the text.
    Text,
    /// A named value.
    Pair,
    /// A shape of syntax.
    Code,
    /// Data reaching a place.
    Flow,
}

impl RuleSyntax {
    /// What it looks at, if it says.
    pub fn kind(&self) -> Option<Kind> {
        let parts = [
            (self.name.is_some(), Kind::Name),
            (self.text.is_some(), Kind::Text),
            (self.pair.is_some(), Kind::Pair),
            (self.code.is_some(), Kind::Code),
            (self.flow.is_some(), Kind::Flow),
        ];
        parts.iter().find(|(is_there, _)| *is_there).map(|(_, kind)| *kind)
    }
}

/// `belongs-to = { ... }`: whose other half a rule finds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct BelongsSyntax {
    /// Ids of the rules that find the secret.
    pub rules: Vec<String>,
    /// How many lines may lie between the two. Default: 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// How bad both together are, where that is worse than the secret alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
}

/// `name = { ... }`: matches a file by its path.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct NameSyntax {
    /// Globs without `/` are held against the file name, others against the end of the path. Case folds.
    pub files: Vec<String>,
    /// Globs that take a file out again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// The file must also hold this regex (in its first 64 KiB); a binary file is read as bytes.
    /// With a group `secret` (`secret2` and so on in other branches) it is run over the whole text,
    /// and each match is a finding at the group; what a branch with a group `skip` matches is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The file must not hold this regex (in its first 64 KiB).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_content: Option<String>,
    /// Word sequences, as in `pair.names`: the values of columns so named, in the rows of an SQL
    /// dump, are credentials, and each is a finding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// A column whose name holds one of these word sequences is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_columns: Vec<String>,
}

/// One value or several of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// `key = "a"`
    One(String),
    /// `key = ["a", "b"]`
    Many(Vec<String>),
}

impl OneOrMany {
    /// The values as a slice.
    pub fn as_slice(&self) -> &[String] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// `text = { ... }`: matches a token by `shape`, or by `regex` near a keyword.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TextSyntax {
    /// A token's declared shape, e.g. `ghp_[base62:36]`; see `Shape`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<OneOrMany>,
    /// A regex (linear time, bytes, Unicode off unless `(?u)`). The group `secret` is the credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Literals (3 bytes or more, case folds) of which one must stand in any match of `regex`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// How many bytes of a match may stand before its keyword (regex only; default 64).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
    /// How many bytes of a match may stand after its keyword's start (regex only; default 512).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// The secret goes on after the regex's group as the base64 lines of a key in armour, and must
    /// be as long as one.
    #[serde(skip_serializing_if = "is_false")]
    pub armour: bool,
    /// Words of which one must stand on the same line or the three lines before, case folded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
    /// A named proof that the token must pass, e.g. `crc32-base62`; see `proof`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// The token must be named as a credential: a word such as key, token or password stands before
    /// it on its line, or it is assigned on the provider's line; `near` words must be whole words.
    #[serde(skip_serializing_if = "is_false")]
    pub named: bool,
    /// With `named`: words of which one must stand before it on its line, instead of any that says
    /// "credential".
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// With `named`: words that its name must not hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_names: Vec<String>,
    /// The secret must look random for its length and alphabet.
    #[serde(skip_serializing_if = "is_false")]
    pub random: bool,
    /// The match is no secret itself (an identifier, a marker): it is shown in full.
    #[serde(skip_serializing_if = "is_false")]
    pub public: bool,
}

/// `pair = { ... }`: matches a named value, in code, .env, YAML, JSON, INI ... alike.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PairSyntax {
    /// Word sequences: a name fits when all words of one entry stand in it in this order
    /// (`"api key"` fits `STRIPE_API_KEY`, `apiKey`, `my-apikey`).
    pub names: Vec<String>,
    /// A name that holds one of these word sequences does not fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_names: Vec<String>,
    /// Words that must not stand before the matched ones in a name (`reset` in `resetPassword`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_before: Vec<String>,
    /// Words that must not stand after the matched ones in a name (`field` in `password_field`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_after: Vec<String>,
    /// Places of calls and commands that take such a value: `HTTPBasicAuth(_, $)`, `sshpass -p $`,
    /// `curl -u|--user _:$`. `$` is the value, `_` anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// `password` (any printable text), `token` (random-looking key), `secret` (either), `key` (a
    /// token of 16 characters or more), `login` (`user:password`) or `any`. Default `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The whole value must have one of these shapes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<OneOrMany>,
    /// A named proof that the value must pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Globs of the files it is for, as in `name.files`. Default: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// `code = { ... }`: matches a shape of syntax, written in the target language.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CodeSyntax {
    /// `javascript` (all of .js .jsx .mjs .cjs .ts .tsx .mts .cts) and/or `python`.
    pub languages: Vec<String>,
    /// Patterns of which one must match.
    pub any: Vec<String>,
    /// Literals of which one stands in every file that the rule can match in, where its patterns
    /// do not say so themselves: without, every file would be parsed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Patterns that must not match the same node.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not: Vec<String>,
    /// Patterns of which one must match a node around it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<String>,
    /// Patterns that must match no node around it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_inside: Vec<String>,
    /// Patterns that must match nowhere in the file: what would have made it safe.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<String>,
    /// Conditions on what metavariables bound, all of which must hold.
    #[serde(rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, ConditionSyntax>,
    /// The metavariable whose text is the finding's span. Default: the whole match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// The metavariable whose string literal is a credential: masked, and placeholders are dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// A flow rule looks for the same: where data was followed to the place and none came, it is hardly one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub followed: bool,
}

/// A condition on one metavariable (`where.'$X' = { ... }`). All keys given must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ConditionSyntax {
    /// Its source text (a string literal: its contents) matches this regex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Its source text (a string literal: its contents) does not match this regex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_regex: Option<String>,
    /// `string` (a literal without interpolation), `number`, `boolean`, `constant` (any of them),
    /// `dynamic` (not a constant), `built` (a string put together from a constant and something
    /// that is not: `+`, `%`, `.format`, f-string, template literal), `identifier`, `function`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// It is none of these kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_kind: Vec<String>,
    /// A number literal (decimal, hex, octal, also `<<`-free products) below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub less: Option<f64>,
    /// It is a regex, or constant text that the call makes one of, and some text takes exponential time
    /// for it; `$EVIL` in the message stands for such a text.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exponential: bool,
    /// A number literal of which these bits are set (for file modes).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bits: Option<u64>,
    /// It matches, or has inside it, one of these patterns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<String>,
    /// It neither matches nor has inside it any of these patterns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_has: Vec<String>,
}

/// `flow = { ... }`: data of a source kind reaching a sink kind, both named by models.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FlowSyntax {
    /// Kinds of source, e.g. `remote`.
    pub sources: Vec<String>,
    /// The kind of sink, e.g. `sql`.
    pub sink: String,
}

/// What public names mean for data flow: one file of `rules/models/`. A path is names joined by dots
/// from an import on, `()` for what a call gives, `[]` for an element: `sqlite3.connect().cursor()`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ModelFile {
    /// `python` or `javascript` (TypeScript too).
    pub language: String,
    /// Path -> type: its name stands for the value from there on.
    pub types: BTreeMap<String, String>,
    /// Kind of source -> paths.
    pub sources: BTreeMap<String, Vec<String>>,
    /// Kind of sink -> places of calls and assignments: `path(0|keyword; shell=True)`, `*.innerHTML=`.
    pub sinks: BTreeMap<String, Vec<String>>,
    /// Kind of sink, or `all` -> calls whose result is clean for it; `none` -> calls that take back
    /// what was cleaned, such as decoders.
    pub sanitizers: BTreeMap<String, Vec<String>>,
    /// Decorator, or call that takes functions -> what their parameters are: `$kind`, a type, or nothing.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// Calls that stand for what the function that they are given gives back: `fastapi.Depends`.
    pub injects: Vec<String>,
    /// Calls that are given tables of functions, all of which are given the same: `Meteor.methods`.
    pub tables: Vec<String>,
    /// Decoders that make objects of a text, whose sender chooses their kinds: `json.loads`.
    pub parses: Vec<String>,
    /// Calls that give what they are given in another dress: `pify(exec)`.
    pub wraps: Vec<String>,
    /// What is shown as text unless it is said to be HTML: `falcon.Response`.
    pub plain: Vec<String>,
    /// Objects whose members are the same wherever they are set and read: `flask.g`.
    pub shared: Vec<String>,
    /// Decorator or call as above -> the kind of sink that what such a function returns goes to.
    pub returns: BTreeMap<String, String>,
    /// What parameters are, by their names.
    pub guess: Vec<GuessSyntax>,
}

/// What parameters are, by their names, in files that import one of some modules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GuessSyntax {
    /// Modules; none: any file.
    pub imports: Vec<String>,
    /// Names of the function, of which it must have one; none: any.
    pub functions: Vec<String>,
    /// Names of the file without its extension, of which it must have one; none: any.
    pub files: Vec<String>,
    /// Names of the first parameters, in this order; `{}`: one that is taken apart at once.
    pub names: Vec<String>,
    /// Words of which one must stand in the function if what follows those is to be given to it as well; none: any.
    pub answers: Vec<String>,
    /// Names of the object that the function must be a member of.
    #[serde(default)]
    pub within: Vec<String>,
    /// As in `ModelFile::parameters`.
    pub types: Vec<String>,
    /// As in `ModelFile::returns`.
    pub returns: Option<String>,
}

/// One small file with marks.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TestSyntax {
    /// The path that the file pretends to have; decides its kind.
    pub path: String,
    /// Its text. `·` is dropped; `«finding»` and `«todo»` (a known miss) are marks and dropped.
    pub text: String,
    /// Further files of the same project, with marks of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<MoreSyntax>,
}

/// A further file of a test.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MoreSyntax {
    /// As in [`TestSyntax`].
    pub path: String,
    /// As in [`TestSyntax`].
    pub text: String,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl RuleFile {
    /// Puts the file's defaults into each rule and empties them.
    pub fn resolve_defaults(mut self) -> Vec<RuleSyntax> {
        let defaults = self.defaults;
        self.rules.extend(self.catalogue.rules(&defaults));
        for rule in &mut self.rules {
            fill(&mut rule.severity, &defaults.severity);
            fill(&mut rule.confidence, &defaults.confidence);
            fill(&mut rule.what, &defaults.what);
            fill(&mut rule.why, &defaults.why);
            fill(&mut rule.fix, &defaults.fix);
            if rule.cwe.is_empty() {
                rule.cwe.clone_from(&defaults.cwe);
            }
            if rule.references.is_empty() {
                rule.references.clone_from(&defaults.references);
            }
            let own = std::mem::take(&mut rule.tags);
            rule.tags = defaults.tags.iter().cloned().chain(own).collect();
        }
        self.rules
    }
}

fn fill(own: &mut Option<String>, default: &Option<String>) {
    if own.is_none() {
        own.clone_from(default);
    }
}

/// The kinds a taxonomy file lists, keyed by CWE.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TaxonomyFile {
    /// The weaknesses.
    pub cwe: Vec<WeaknessSyntax>,
}

/// One weakness and the categories it falls into.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WeaknessSyntax {
    /// CWE number.
    pub id: u32,
    /// The CWE's name.
    pub name: String,
    /// OWASP Top 10 2021 category, e.g. `A03`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owasp_2021: Option<String>,
    /// OWASP Top 10 2025 category, e.g. `A05`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owasp_2025: Option<String>,
    /// Sections of the OWASP Secure Coding Practices checklist, e.g. `2.6`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scp: Vec<String>,
}
