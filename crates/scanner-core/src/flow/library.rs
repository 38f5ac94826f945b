//! The built-in models of each language family, and what finds the places that they speak of: made when
//! first asked for, since most scans need one family or none.

use super::guess::SERVER;
use super::model::Models;
use crate::language::Family;
use crate::rule::model_files;
use crate::rule::syntax::ModelFile;
use regex::bytes::Regex;
use std::sync::OnceLock;

/// What stands in the names that [`secret`](super::secret) looks for.
const SECRET_NAMES: &str = r"(?i-u)token|passw|secret|session|cookie|csrf|xsrf|credential|nonce|salt|otp|\bsid\b|jwt|pwd|passcode|(?:api|access|private|encryption|signing|auth)_?key|(?:auth|reset|verif[a-z]*|confirmation|invite|pin)_?code|initialization_?vector";
static SECRETS: OnceLock<Regex> = OnceLock::new();

/// All families.
#[derive(Debug, Default)]
pub struct Library {
    families: [OnceLock<Shelf>; 2],
    /// Models besides the built-in ones.
    more: Vec<ModelFile>,
}

/// One family.
#[derive(Debug)]
pub struct Shelf {
    /// What public names mean.
    pub models: Models,
    /// Finds what brings data into a file.
    entrances: Regex,
    /// Finds what brings in a file what can be guessed.
    drawn: Regex,
    /// Finds the words that stand where data comes in.
    words: OnceLock<Regex>,
}

impl Library {
    /// The built-in models and more of them.
    ///
    /// # Errors
    /// A sentence saying which cannot be read, and why.
    pub fn new(more: &[ModelFile]) -> Result<Library, String> {
        for (at, model) in more.iter().enumerate() {
            let named = |reason| format!("model {}: {reason}", at + 1);
            if Family::parse(&model.language).is_none() {
                let language = &model.language;
                return Err(named(format!("`{language}` is no language that is followed: `javascript`, `python`")));
            }
            Models::new(std::slice::from_ref(model)).map_err(named)?;
        }
        Ok(Library { more: more.to_vec(), ..Library::default() })
    }

    /// What is known of a family.
    pub fn of(&self, family: Family) -> &Shelf {
        self.families[family as usize].get_or_init(|| {
            let mut files = model_files(family);
            files.extend(self.more.iter().filter(|model| Family::parse(&model.language) == Some(family)).cloned());
            let models = Models::new(&files).expect("the built-in models are checked by the tests, others when given");
            Shelf {
                entrances: entrances(family, &models),
                drawn: drawn(family, &models),
                models,
                words: OnceLock::new(),
            }
        })
    }

    /// Whether data may come in in a file.
    pub fn has_source(&self, path: &str, text: &str, family: Family) -> bool {
        let shelf = self.of(family);
        let text = text.as_bytes();
        let named = || shelf.models.source_files.iter().any(|name| name == file_stem(path));
        let comes_in = (shelf.entrances.is_match(text) || named()) && shelf.words().is_match(text);
        let is_action = family == Family::JavaScript && memchr::memmem::find(text, SERVER.as_bytes()).is_some();
        comes_in
            || is_action
            || shelf.drawn.is_match(text) && SECRETS.get_or_init(|| regex(SECRET_NAMES)).is_match(text)
    }
}

impl Shelf {
    /// Finds the words of which one stands where data comes in.
    pub fn words(&self) -> &Regex {
        self.words.get_or_init(|| regex(&format!(r"(?-u)\b(?:{})\b", any_of(&self.models.source_words))))
    }
}

/// A file's name without what tells its kind.
pub(super) fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Finds an import, a global, or a function's first parameter that brings data in.
fn entrances(family: Family, models: &Models) -> Regex {
    let roots = any_of(&models.source_roots);
    // `$route` begins no word.
    let (signed, plain): (Vec<String>, Vec<String>) =
        models.source_globals.iter().cloned().partition(|name| name.starts_with('$'));
    let (globals, signed) = (any_of(&plain), any_of(&signed));
    let functions = any_of(&models.source_functions);
    let parameters = any_of(&models.source_parameters);
    let import = match family {
        Family::Python => format!(r"^[ \t]*(?:from|import)[ \t][^\n]*\b(?:{roots})\b"),
        Family::JavaScript => format!(r#"["'](?:node:)?@?(?:{roots})\b"#),
    };
    let own = r"\(\s*(?:(?:self|cls|this)\s*,\s*)?";
    regex(&format!(
        r"(?m-u){import}|\b(?:{globals})\b|(?:{signed})\b|{own}(?:{parameters})\b|\b(?:{parameters})\s*=>|\b(?:function|const)\s+(?:{functions})\b"
    ))
}

/// Finds an import or a global that gives what can be guessed.
fn drawn(family: Family, models: &Models) -> Regex {
    let roots = any_of(&models.drawn_roots);
    match family {
        Family::Python => regex(&format!(r"(?m-u)^[ \t]*(?:from|import)[ \t][^\n]*\b(?:{roots})\b")),
        Family::JavaScript => regex(&format!(r"(?-u)\b(?:{roots})\.(?:random|pseudoRandomBytes|prng)\b")),
    }
}

/// The alternatives of a regex that are these words; of none, what matches nothing.
fn any_of(words: &[String]) -> String {
    if words.is_empty() {
        return r"[^\s\S]".to_owned();
    }
    // `resolve_*` is any name that starts so.
    let pattern = |word: &String| match word.strip_suffix('*') {
        Some(start) if start.ends_with('_') => regex::escape(start) + r"\w+",
        _ => regex::escape(word),
    };
    words.iter().map(pattern).collect::<Vec<String>>().join("|")
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("escaped words make a regex")
}
