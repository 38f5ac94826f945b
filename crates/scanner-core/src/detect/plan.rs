//! What calls for which rule, arranged from rules as they are written: for the built-in ones that is done
//! when the program is built.

use super::prefilter::Prefilter;
use crate::decode::pair::place::Place;
use crate::rule::literal::{folded, near_words, sequences, text_shapes};
use crate::rule::name::{NameGlob, NameIndex};
use crate::rule::shape::MIN_KEYWORD;
use crate::rule::syntax::{PairSyntax, RuleSyntax, TextSyntax};
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;

/// What a literal's hit calls for. A rule is told by its place in the list of those that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Try one alternative of a shape of a text rule.
    Shape {
        /// The rule.
        rule: u32,
        /// Index of its shape.
        shape: u16,
        /// Index of the shape's alternative.
        sequence: u16,
    },
    /// Look near it for the shapes of a text rule that hold no literal themselves.
    Near {
        /// The rule.
        rule: u32,
    },
    /// Run a text rule's regex around it.
    Regex {
        /// The rule.
        rule: u32,
    },
    /// Read the named value around it.
    Pair,
    /// Read what a call or command takes here.
    Place {
        /// The pair rule.
        rule: u32,
        /// Index of its place.
        place: u16,
    },
    /// There may be a suppression.
    Suppression,
}

/// The marker of inline suppressions.
pub const SUPPRESSION: &str = "autoclave:ignore";

/// What follows a name.
const NAME_ENDS: &[&str] = &["=", " =", ":", " :", "\"", "'", "]", "\n"];

/// What follows a name that few words end in as well: `char pw[] = ..`, `<pw>..`, `(login, pw)`, `#define PW ..`.
const MORE_ENDS: &[&str] = &["[", ">", ",", ")", " "];

/// Short words that few others end in. Texts are full of `div>` and `task,`.
const RARE: &[&str] = &["pw"];

/// Words of three letters that texts are full of: they are searched with what follows a name.
const COMMON: &[&str] = &["sec", "apk", "sig"];

/// What calls for which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The literal search.
    pub prefilter: Prefilter,
    /// What literals call for, those of one behind those of another.
    pub uses: Cow<'static, [Use]>,
    /// Where the uses of each literal end.
    pub use_ends: Cow<'static, [u32]>,
    /// Name rules by path.
    pub names: NameIndex,
}

#[derive(Default)]
struct Literals {
    ids: HashMap<Vec<u8>, usize>,
    list: Vec<Vec<u8>>,
    uses: Vec<Vec<Use>>,
}

impl Literals {
    fn add(&mut self, literal: &[u8], what: Use) {
        let id = *self.ids.entry(literal.to_ascii_lowercase()).or_insert_with_key(|folded| {
            self.list.push(folded.clone());
            self.uses.push(Vec::new());
            self.list.len() - 1
        });
        if !self.uses[id].contains(&what) {
            self.uses[id].push(what);
        }
    }

    fn add_text(&mut self, rule: u32, text: &TextSyntax) -> Result<(), String> {
        if text.shape.is_none() {
            folded(&text.keywords).iter().for_each(|word| self.add(word.as_bytes(), Use::Regex { rule }));
            return Ok(());
        }
        let near = near_words(text);
        for (shape, alternatives) in text_shapes(text)?.iter().enumerate() {
            for (sequence, entry) in alternatives.sequences().iter().enumerate() {
                let tried = Use::Shape { rule, shape: shape as u16, sequence: sequence as u16 };
                match entry.keyword() {
                    Some(keyword) => self.add(keyword, tried),
                    None => near.iter().for_each(|word| self.add(word.as_bytes(), Use::Near { rule })),
                }
            }
        }
        Ok(())
    }

    fn add_pair(&mut self, rule: u32, pair: &PairSyntax, shares: &Shares) -> Result<(), String> {
        for (place, source) in pair.places.iter().enumerate() {
            self.add(Place::parse(source)?.literal().as_bytes(), Use::Place { rule, place: place as u16 });
        }
        for words in sequences(&pair.names) {
            match shares.searched(&words) {
                Some(word) => self.add(word.as_bytes(), Use::Pair),
                // A word too short to search is searched with what follows a name.
                None => words.iter().for_each(|word| {
                    let more = MORE_ENDS.iter().filter(|_| RARE.contains(&word.as_str()));
                    NAME_ENDS.iter().chain(more).for_each(|end| self.add(format!("{word}{end}").as_bytes(), Use::Pair));
                }),
            }
        }
        Ok(())
    }
}

impl Plan {
    /// Arranges rules.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub fn of<R: Borrow<RuleSyntax>>(rules: &[R]) -> Result<Plan, String> {
        let rules = || rules.iter().map(Borrow::borrow);
        let pairs = rules().filter_map(|rule| rule.pair.as_deref());
        let shares = Shares::of(pairs.flat_map(|pair| sequences(&pair.names)));
        let mut literals = Literals::default();
        let mut globs = Vec::new();
        for (at, rule) in rules().enumerate() {
            let files = rule.name.iter().flat_map(|name| &name.files);
            globs.extend(files.flat_map(|glob| NameGlob::parse(glob)).map(|glob| (glob, at)));
            let named = |reason| format!("rule `{}`: {reason}", rule.id);
            if let Some(text) = &rule.text {
                literals.add_text(at as u32, text).map_err(named)?;
            }
            if let Some(pair) = &rule.pair {
                literals.add_pair(at as u32, pair, &shares).map_err(named)?;
            }
        }
        literals.add(SUPPRESSION.as_bytes(), Use::Suppression);
        let use_ends = literals.uses.iter().scan(0, |end, uses| {
            *end += uses.len() as u32;
            Some(*end)
        });
        Ok(Plan {
            prefilter: Prefilter::new(literals.list.iter().map(Vec::as_slice)),
            use_ends: use_ends.collect(),
            uses: literals.uses.concat().into(),
            names: NameIndex::new(globs),
        })
    }

    /// What a literal calls for.
    pub fn uses(&self, literal: usize) -> &[Use] {
        let start = literal.checked_sub(1).map_or(0, |before| self.use_ends[before]);
        &self.uses[start as usize..self.use_ends[literal] as usize]
    }
}

/// How many of the names that pair rules want hold a word.
#[derive(Debug)]
pub struct Shares(HashMap<String, usize>);

impl Shares {
    /// Counts the words of names.
    pub fn of(names: impl Iterator<Item = Vec<String>>) -> Shares {
        let mut shares = HashMap::new();
        names.flatten().for_each(|word| *shares.entry(word).or_default() += 1);
        Shares(shares)
    }

    fn share<'w>(&self, word: &'w String) -> (usize, usize, &'w String) {
        (self.0.get(word).copied().unwrap_or_default(), word.len(), word)
    }

    /// The word of a name that is searched in text, if one is long enough: the one that most names
    /// share, since the fewer words are searched, the better.
    fn searched<'w>(&self, name: &'w [String]) -> Option<&'w String> {
        let searched = |word: &&String| word.len() >= MIN_KEYWORD && !COMMON.contains(&word.as_str());
        name.iter().filter(searched).max_by_key(|word| self.share(word))
    }

    /// The word by which a name that was read is looked up: the one that the fewest share.
    pub fn telling<'w>(&self, name: &'w [String]) -> Option<&'w String> {
        name.iter().min_by_key(|word| self.share(word))
    }
}
