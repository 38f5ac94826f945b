//! The built-in models of each language family, and what finds the places that they speak of: made when
//! first asked for, since most scans need one family or none.

use super::entrance::Entrances;
use super::guess::SERVER;
use super::model::Models;
use crate::language::Family;
use crate::rule::model_files;
use crate::rule::syntax::ModelFile;
use regex::bytes::Regex;
use std::sync::OnceLock;

/// What stands in the names that [`secret`](super::secret) looks for.
const SECRET_NAMES: &str = r"(?i-u)token|passw|secret|session|cookie|csrf|xsrf|credential|nonce|salt|otp|\bsid\b|jwt|pwd|authenticator|passcode|(?:api|access|private|encryption|signing|auth)_?key|(?:auth|reset|verif[a-z]*|confirmation|invite|pin)_?code|initialization_?vector|\bhmac\b";
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
    pub entrances: Entrances,
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
            Shelf { entrances: Entrances::new(family, &models), models }
        })
    }

    /// Whether data may come in in a file.
    pub fn has_source(&self, path: &str, text: &str, family: Family) -> bool {
        let shelf = self.of(family);
        let text = text.as_bytes();
        let found = shelf.entrances.find(text);
        let named = || shelf.models.source_files.iter().any(|name| name == file_stem(path));
        let comes_in = found.word && (found.entrance || named());
        let is_action = || family == Family::JavaScript && memchr::memmem::find(text, SERVER.as_bytes()).is_some();
        let is_secret = || SECRETS.get_or_init(|| Regex::new(SECRET_NAMES).expect("a test makes it")).is_match(text);
        comes_in || is_action() || found.drawn && is_secret()
    }
}

/// A file's name without what tells its kind.
pub(super) fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
