//! Rules as they are used: compiled from their TOML form, selected, and documented.

pub mod armour;
pub mod code;
pub mod flow;
mod heads;
pub mod literal;
mod load;
pub mod misfit;
pub mod name;
mod needed;
pub mod proof;
pub mod required;
pub mod select;
mod set;
pub mod shape;
pub mod syntax;
mod taxonomy;
pub mod words;

pub use load::{RuleOptions, RuleTests, digest_of, model_files, rule_tests};
pub use set::{RuleSet, Rules};
pub use taxonomy::{Checklist, Weakness, weakness};

use crate::decode::pair::place::Place;
use crate::finding::{Confidence, Severity};
use code::CodeMatcher;
use literal::{folded, near_words, sequences, shapes, text_shapes};
use name::NameGlob;
use needed::Needed;
use proof::Check;
use regex::bytes::Regex;
use serde::Deserialize;
use shape::Shape;
use std::sync::{Arc, OnceLock};
use syntax::{NameSyntax, PairSyntax, RuleSyntax, TextSyntax};

/// The tag of rules for private keys, in text and by file name.
pub const PRIVATE_KEY: &str = "private-key";

/// The tag of rules for keys that are of no use without a passphrase.
pub const PASSPHRASE: &str = "passphrase";

/// One rule, ready to run.
#[derive(Debug)]
pub struct Rule {
    /// Unique and stable.
    pub id: Arc<str>,
    /// What it finds, a short noun phrase.
    pub title: String,
    /// How bad a finding is.
    pub severity: Severity,
    /// How sure a finding is.
    pub confidence: Confidence,
    /// CWE numbers, the most fitting first.
    pub cwe: Vec<u32>,
    /// Words to select it by.
    pub tags: Vec<String>,
    /// Runs only when asked for.
    pub audit: bool,
    /// What a finding says; may hold `$X`. Empty: the title.
    pub message: String,
    /// What it looks at.
    pub matcher: Matcher,
    /// Whose other half it finds.
    pub belongs_to: Option<BelongsTo>,
    /// Was not selected, and is told only together with a secret that it belongs to.
    pub only_joins: bool,
    /// Documentation of a rule that is not built in.
    docs: OnceLock<Docs>,
}

/// Whose other half a rule finds.
#[derive(Debug)]
pub struct BelongsTo {
    /// Ids of the rules that find the secret.
    pub rules: Vec<Arc<str>>,
    /// Lines that may lie between the two.
    pub lines: u32,
    /// How bad both together are at the least.
    pub severity: Option<Severity>,
}

/// Lines between an identifier and its secret, where a rule does not say.
const BELONGS_LINES: u32 = 10;

/// Exactly one of the five things a rule can look at.
#[derive(Debug)]
pub enum Matcher {
    /// A file's path.
    Name(NameMatcher),
    /// A token in the text.
    Text(TextMatcher),
    /// A named value.
    Pair(PairMatcher),
    /// A shape of syntax.
    Code(Box<CodeMatcher>),
    /// Data reaching a place.
    Flow(flow::FlowMatcher),
}

/// What a rule says of itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Docs {
    /// The file it stands in, below `rules/`.
    pub source: String,
    /// Markdown: what it finds.
    pub what: Option<String>,
    /// Markdown: why that matters.
    pub why: Option<String>,
    /// Markdown: how to fix it.
    pub fix: Option<String>,
    /// Links.
    pub references: Vec<String>,
}

/// Matches a path, then, if asked for, the content.
#[derive(Debug)]
pub struct NameMatcher {
    /// One must fit.
    pub files: Vec<NameGlob>,
    /// None may fit.
    pub except: Vec<NameGlob>,
    /// Must be found in the content.
    pub content: Option<LazyRegex>,
    /// Must not be found in the content.
    pub not_content: Option<LazyRegex>,
    /// Whether `content` has groups `secret`, `secret2` and so on, the credential: each match is a
    /// finding then.
    pub secret: bool,
    /// Columns of SQL rows that hold credentials, by the words in their names.
    pub columns: Vec<Vec<String>>,
    /// Columns that do not.
    pub not_columns: Vec<Vec<String>>,
}

/// Matches a token.
#[derive(Debug)]
pub struct TextMatcher {
    /// By shape or by regex.
    pub token: Token,
    /// One must stand near by, folded.
    pub near: Vec<String>,
    /// A proof to pass.
    pub check: Option<Check>,
    /// Must be named as a credential.
    pub named: bool,
    /// Words that name it; empty: any that says "credential".
    pub names: Vec<String>,
    /// Words that its name must not hold.
    pub not_names: Vec<String>,
    /// Must look random.
    pub random: bool,
    /// Is no secret itself.
    pub public: bool,
}

/// How a text rule finds its token.
#[derive(Debug)]
pub enum Token {
    /// A shape with a literal in it.
    Shapes(Vec<Shape>),
    /// A regex that runs around its keywords.
    Regex {
        /// Compiled when first needed.
        regex: LazyRegex,
        /// One stands in every match.
        keywords: Vec<String>,
        /// Bytes of a match before its keyword, at most.
        before: usize,
        /// Bytes of a match from its keyword's start, at most.
        after: usize,
        /// Whether the secret goes on as the body of a key in armour.
        armour: bool,
    },
}

/// What kind of value a pair rule wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueModel {
    /// Any printable text that is no placeholder, reference or sentence.
    Password,
    /// A key: long and random-looking.
    Token,
    /// A key, or what people take for one.
    Secret,
    /// A key, when the name says no more than that.
    Key,
    /// `user:password` or `user/password`, of which the second part is the credential.
    Login,
    /// Whatever the shape says.
    Any,
}

/// Matches a named value.
#[derive(Debug)]
pub struct PairMatcher {
    /// Word sequences, one of which the name holds.
    pub names: Vec<Vec<String>>,
    /// Word sequences that the name must not hold.
    pub not_names: Vec<Vec<String>>,
    /// Words that must not stand before the matched ones.
    pub not_before: Vec<String>,
    /// Words that must not stand after the matched ones.
    pub not_after: Vec<String>,
    /// Places of calls and commands that take such a value.
    pub places: Vec<Place>,
    /// The kind of value.
    pub value: ValueModel,
    /// The value's shapes; empty: any.
    pub shapes: Vec<Shape>,
    /// A proof to pass.
    pub check: Option<Check>,
    /// The files it is for; empty: all.
    pub files: Vec<NameGlob>,
}

/// Words that may stand after those that make a name a credential's: `PASSWORD_FOR_TEST_DB`.
const MAX_AFTER: usize = 3;

impl PairMatcher {
    /// Whether a name of these words is one that the rule wants.
    pub fn fits_name(&self, name: &[String]) -> bool {
        let within = |words: &[String], list: &[String]| words.iter().any(|word| list.contains(word));
        self.names.iter().any(|wanted| {
            words::place(name, wanted).is_some_and(|place| {
                let after = &name[place.end..];
                !within(&name[..place.start], &self.not_before)
                    && !within(after, &self.not_after)
                    // `passConstToNestedIf` is about something else.
                    && (self.not_after.is_empty() || after.len() <= MAX_AFTER)
            })
        }) && !self.not_names.iter().any(|unwanted| words::place(name, unwanted).is_some())
    }
}

/// A regex compiled when first used: most rules never see their keyword.
#[derive(Debug)]
pub struct LazyRegex {
    source: String,
    compiled: OnceLock<Regex>,
    /// What every match holds, known without compiling.
    needed: OnceLock<Needed>,
}

impl LazyRegex {
    fn new(source: &str) -> LazyRegex {
        LazyRegex { source: source.to_owned(), compiled: OnceLock::new(), needed: OnceLock::new() }
    }

    /// Compiles it now.
    fn check(&self) -> Result<(), String> {
        build_regex(&self.source).map(|_| ())
    }

    /// The regex.
    pub fn get(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            build_regex(&self.source).expect("rules are checked when loaded, built-in ones by the tests")
        })
    }

    /// Whether a text holds what every match does: much cheaper to ask than the regex.
    pub fn may_match(&self, text: &[u8]) -> bool {
        self.needed.get_or_init(|| Needed::of(&self.source)).stands_in(text)
    }
}

impl LazyRegex {
    /// The groups that hold the credential: `secret`, and `secret2` and so on in other branches.
    pub fn secret_groups(&self) -> Vec<usize> {
        let names = self.get().capture_names().enumerate();
        names.filter(|(_, name)| name.is_some_and(|name| name.starts_with("secret"))).map(|(group, _)| group).collect()
    }
}

/// Unicode classes are off: tokens are ASCII, and the tables would cost most of the start-up.
fn build_regex(source: &str) -> Result<Regex, String> {
    regex::bytes::RegexBuilder::new(source)
        .unicode(false)
        .size_limit(4 << 20)
        .build()
        .map_err(|error| error.to_string())
}

impl Rule {
    /// Compiles a rule. With `thorough`, lazily compiled parts are tried as well.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn compile(syntax: RuleSyntax, thorough: bool) -> Result<Rule, String> {
        let valid_id = !syntax.id.is_empty()
            && syntax.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !valid_id {
            return Err("an id is made of a-z, 0-9 and `-`".into());
        }
        if syntax.title.is_empty() {
            return Err("a rule needs a title".into());
        }
        let severity = syntax.severity.as_deref().ok_or("a rule needs a severity")?;
        let confidence = syntax.confidence.as_deref().unwrap_or("medium");
        let severity = Severity::parse(severity)
            .ok_or_else(|| format!("unknown severity `{severity}`; there are critical, high, medium, low, info"))?;
        let confidence = Confidence::parse(confidence)
            .ok_or_else(|| format!("unknown confidence `{confidence}`; there are high, medium, low"))?;
        let belongs_to = syntax.belongs_to.as_deref().map(compile_belongs).transpose()?;
        let mut matchers = Vec::new();
        matchers.extend(syntax.name.as_ref().map(|name| compile_name(name, thorough)));
        matchers.extend(syntax.text.as_ref().map(|text| compile_text(text, thorough)));
        matchers.extend(syntax.pair.as_deref().map(compile_pair));
        matchers.extend(
            syntax.code.map(|code| CodeMatcher::new(*code, thorough).map(|code| Matcher::Code(Box::new(code)))),
        );
        matchers.extend(syntax.flow.map(|flow| flow::FlowMatcher::new(&flow).map(Matcher::Flow)));
        let count = matchers.len();
        let Some(matcher) = matchers.pop().filter(|_| count == 1) else {
            return Err(format!("a rule has exactly one of name, text, pair, code and flow; this one has {count}"));
        };
        Ok(Rule {
            id: syntax.id.into(),
            title: syntax.title,
            severity,
            confidence,
            cwe: syntax.cwe,
            tags: syntax.tags,
            audit: syntax.audit,
            message: syntax.message.unwrap_or_default(),
            matcher: matcher?,
            belongs_to,
            only_joins: false,
            docs: OnceLock::new(),
        })
    }

    /// What it says of itself.
    pub fn docs(&self) -> &Docs {
        self.docs.get_or_init(|| heads::find(&self.id).map(heads::Head::docs).unwrap_or_default())
    }

    /// What a finding says when the detector has nothing more exact.
    pub fn headline(&self) -> &str {
        if self.message.is_empty() { &self.title } else { &self.message }
    }

    /// `name`, `text`, `pair`, `code` or `flow`.
    pub fn kind(&self) -> &'static str {
        match self.matcher {
            Matcher::Name(_) => "name",
            Matcher::Text(_) => "text",
            Matcher::Pair(_) => "pair",
            Matcher::Code(_) => "code",
            Matcher::Flow(_) => "flow",
        }
    }

    /// How exact it is: of two rules that see one secret, the more exact one reports it.
    pub fn exactness(&self) -> u8 {
        match &self.matcher {
            // What file it is says more than how a value is named, and less than what it looks like.
            Matcher::Name(name) if name.secret || !name.columns.is_empty() => 2,
            Matcher::Name(_) => 0,
            Matcher::Pair(pair) if pair.shapes.is_empty() => 1,
            Matcher::Text(_) if self.tags.iter().any(|tag| tag == "generic") => 2,
            Matcher::Code(_) => 3,
            // A way that data takes proves what a shape of code only suggests.
            Matcher::Flow(_) => 4,
            Matcher::Pair(_) => 4,
            Matcher::Text(text) => match &text.token {
                Token::Regex { .. } => 5,
                Token::Shapes(_) if text.named => 3,
                Token::Shapes(_) if text.check.is_none() => 6,
                Token::Shapes(_) => 7,
            },
        }
    }

    /// Whether it finds credentials or files with them, as against faults in code.
    pub fn is_secret(&self) -> bool {
        self.tags.iter().any(|tag| tag == "secret")
    }

    /// The rule's page in Markdown: what, why, how to fix, references.
    pub fn help_markdown(&self) -> String {
        let docs = self.docs();
        let mut page = format!("# {}\n", self.title);
        let what = docs.what.clone().unwrap_or_else(|| format!("Finds: {}.", self.title));
        let mut section = |head: &str, text: &str| {
            if !text.trim().is_empty() {
                page.push_str(&format!("\n## {head}\n\n{}\n", text.trim()));
            }
        };
        section("What it finds", &what);
        section("Why it matters", docs.why.as_deref().unwrap_or_default());
        section("How to fix it", docs.fix.as_deref().unwrap_or_default());
        let links: Vec<String> = docs.references.iter().map(|link| format!("- <{link}>")).collect();
        section("References", &links.join("\n"));
        page
    }
}

fn compile_belongs(syntax: &syntax::BelongsSyntax) -> Result<BelongsTo, String> {
    let severity = |name: &String| Severity::parse(name).ok_or_else(|| format!("unknown severity `{name}`"));
    if syntax.rules.is_empty() {
        return Err("belongs-to.rules is empty".into());
    }
    Ok(BelongsTo {
        rules: syntax.rules.iter().map(|id| id.as_str().into()).collect(),
        lines: syntax.lines.unwrap_or(BELONGS_LINES),
        severity: syntax.severity.as_ref().map(severity).transpose()?,
    })
}

fn globs(sources: &[String]) -> Vec<NameGlob> {
    sources.iter().flat_map(|glob| NameGlob::parse(glob)).collect()
}

fn lazy(source: &str, thorough: bool) -> Result<LazyRegex, String> {
    let regex = LazyRegex::new(source);
    if thorough {
        regex.check()?;
    }
    Ok(regex)
}

fn compile_name(syntax: &NameSyntax, thorough: bool) -> Result<Matcher, String> {
    if syntax.files.is_empty() {
        return Err("name.files is empty".into());
    }
    let regex = |source: &Option<String>| source.as_deref().map(|source| lazy(source, thorough)).transpose();
    Ok(Matcher::Name(NameMatcher {
        columns: sequences(&syntax.columns),
        not_columns: sequences(&syntax.not_columns),
        secret: syntax.content.as_deref().is_some_and(|content| content.contains("(?P<secret")),
        files: globs(&syntax.files),
        except: globs(&syntax.except),
        content: regex(&syntax.content)?,
        not_content: regex(&syntax.not_content)?,
    }))
}

fn compile_text(syntax: &TextSyntax, thorough: bool) -> Result<Matcher, String> {
    let token = match (&syntax.shape, &syntax.regex) {
        (Some(_), None) => Token::Shapes(text_shapes(syntax)?),
        (None, Some(regex)) => {
            if syntax.keywords.is_empty() || syntax.keywords.iter().any(|word| word.len() < shape::MIN_KEYWORD) {
                return Err(format!("a text regex needs keywords of {} bytes or more", shape::MIN_KEYWORD));
            }
            Token::Regex {
                regex: lazy(regex, thorough)?,
                keywords: folded(&syntax.keywords),
                before: syntax.before.unwrap_or(64) as usize,
                after: syntax.after.unwrap_or(512) as usize,
                armour: syntax.armour,
            }
        }
        _ => return Err("a text rule has either shape or regex".into()),
    };
    Ok(Matcher::Text(TextMatcher {
        token,
        near: near_words(syntax),
        check: syntax.check.as_deref().map(Check::parse).transpose()?,
        named: syntax.named,
        names: folded(&syntax.names),
        // As in names with their words glued.
        not_names: syntax.not_names.iter().map(|word| word.to_lowercase().replace([' ', '_', '-'], "")).collect(),
        random: syntax.random,
        public: syntax.public,
    }))
}

fn compile_pair(syntax: &PairSyntax) -> Result<Matcher, String> {
    let names = sequences(&syntax.names);
    let places = syntax.places.iter().map(|place| Place::parse(place)).collect::<Result<Vec<Place>, String>>()?;
    if names.iter().any(|words| words.iter().all(|word| word.len() < 2)) || names.is_empty() && places.is_empty() {
        return Err("pair.names needs entries with a word of two letters or more".to_owned());
    }
    let value = match syntax.value.as_deref() {
        None if syntax.shape.is_some() => ValueModel::Any,
        None | Some("token") => ValueModel::Token,
        Some("password") => ValueModel::Password,
        Some("secret") => ValueModel::Secret,
        Some("key") => ValueModel::Key,
        Some("login") => ValueModel::Login,
        Some("any") => ValueModel::Any,
        Some(other) => {
            return Err(format!("unknown pair.value `{other}`; there are password, token, secret, key, login, any"));
        }
    };
    Ok(Matcher::Pair(PairMatcher {
        names,
        not_names: sequences(&syntax.not_names),
        not_before: folded(&syntax.not_before),
        not_after: folded(&syntax.not_after),
        places,
        value,
        shapes: shapes(syntax.shape.as_ref())?,
        check: syntax.check.as_deref().map(Check::parse).transpose()?,
        files: globs(&syntax.files),
    }))
}
