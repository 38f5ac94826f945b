//! Which literal means which rule: made once from the rules, asked for every document.

use super::codeindex::CodeIndex;
use super::prefilter::Prefilter;
use super::wanted::Names;
use crate::language::Family;
use crate::rule::code::CodeMatcher;
use crate::rule::name::NameIndex;
use crate::rule::shape::{MIN_KEYWORD, Shape};
use crate::rule::{Matcher, RuleSet, Token};
use std::collections::HashMap;
use std::sync::OnceLock;

/// What a literal's hit calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Try one alternative of a shape of a text rule.
    Shape {
        /// The rule.
        rule: usize,
        /// Index of its shape.
        shape: usize,
        /// Index of the shape's alternative.
        sequence: usize,
    },
    /// Look near it for the shapes of a text rule that hold no literal themselves.
    Near {
        /// The rule.
        rule: usize,
    },
    /// Run a text rule's regex around it.
    Regex {
        /// The rule.
        rule: usize,
    },
    /// Read the named value around it.
    Pair,
    /// Read what a call or command takes here.
    Place {
        /// The pair rule.
        rule: usize,
        /// Index of its place.
        place: usize,
    },
    /// There may be a suppression.
    Suppression,
}

/// The marker of inline suppressions.
pub const SUPPRESSION: &str = "autoclave:ignore";

/// What follows a name.
const NAME_ENDS: &[&str] = &["=", " =", ":", " :", "\"", "'", "]"];

/// The rules of a set, arranged for detection.
#[derive(Debug)]
pub struct Index {
    /// The literal search.
    pub prefilter: Prefilter,
    uses: Vec<Vec<Use>>,
    /// Name rules by path.
    pub names: NameIndex,
    /// Code rules by language family, arranged when a file of it is first seen.
    code: [OnceLock<CodeIndex>; 2],
    /// Pair rules by one word of each name that they want.
    pairs: HashMap<String, Vec<usize>>,
    /// What pair rules think of the names that were met.
    pub(super) names_known: Names,
    /// Text rules, for the search without prefilter.
    pub texts: Vec<usize>,
}

#[derive(Default)]
struct Literals {
    ids: HashMap<Vec<u8>, usize>,
    list: Vec<Vec<u8>>,
    uses: Vec<Vec<Use>>,
}

impl Literals {
    fn id(&mut self, literal: &[u8]) -> usize {
        let folded = literal.to_ascii_lowercase();
        *self.ids.entry(folded).or_insert_with_key(|folded| {
            self.list.push(folded.clone());
            self.uses.push(Vec::new());
            self.list.len() - 1
        })
    }

    fn add(&mut self, literal: &[u8], what: Use) {
        let id = self.id(literal);
        if !self.uses[id].contains(&what) {
            self.uses[id].push(what);
        }
    }
}

impl Index {
    /// Arranges the rules.
    pub fn new(rules: &RuleSet) -> Index {
        /// More than the built-in rules have.
        const LITERALS: usize = 8 << 10;
        let mut literals = Literals { ids: HashMap::with_capacity(LITERALS), ..Literals::default() };
        let (mut names, mut texts) = (NameIndex::default(), Vec::new());
        for (rule, entry) in rules.rules().iter().enumerate() {
            match &entry.matcher {
                Matcher::Name(name) => {
                    name.files.iter().for_each(|glob| names.add(glob.clone(), rule));
                }
                Matcher::Text(text) => {
                    texts.push(rule);
                    match &text.token {
                        Token::Shapes(shapes) => add_shapes(&mut literals, rule, shapes, &text.near),
                        Token::Regex { keywords, .. } => {
                            keywords.iter().for_each(|word| literals.add(word.as_bytes(), Use::Regex { rule }));
                        }
                    }
                }
                Matcher::Pair(pair) => {
                    for (place, entry) in pair.places.iter().enumerate() {
                        literals.add(entry.literal().as_bytes(), Use::Place { rule, place });
                    }
                }
                Matcher::Code(_) => {}
                Matcher::Flow(_) => {}
            }
        }
        let pairs = pairs_by_word(rules, &mut literals);
        literals.add(SUPPRESSION.as_bytes(), Use::Suppression);
        let prefilter = Prefilter::new(literals.list.iter().map(Vec::as_slice));
        Index {
            prefilter,
            uses: literals.uses,
            names,
            code: [OnceLock::new(), OnceLock::new()],
            pairs,
            names_known: Names::default(),
            texts,
        }
    }

    /// The pair rules that a name of these words may fit, each once, ascending.
    pub fn pairs(&self, words: &[String]) -> Vec<usize> {
        let mut rules: Vec<usize> = words.iter().filter_map(|word| self.pairs.get(word)).flatten().copied().collect();
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The code rules of a family, by the words that they need.
    pub fn code(&self, family: Family, rules: &RuleSet) -> &CodeIndex {
        self.code[family as usize].get_or_init(|| CodeIndex::new(family, code_rules(family, rules)))
    }

    /// Bytes of a literal.
    pub fn literal_len(&self, literal: usize) -> usize {
        self.prefilter.literals()[literal].len()
    }

    /// What a literal means.
    pub fn uses(&self, literal: usize) -> &[Use] {
        &self.uses[literal]
    }
}

/// The code rules of a family.
pub fn code_rules(family: Family, rules: &RuleSet) -> impl Iterator<Item = (usize, &CodeMatcher)> {
    rules.rules().iter().enumerate().filter_map(move |(rule, entry)| match &entry.matcher {
        Matcher::Code(code) if code.families().contains(&family) => Some((rule, &**code)),
        _ => None,
    })
}

/// Arranges the pair rules by one word of each name that they want, and adds the words that are searched.
fn pairs_by_word(rules: &RuleSet, literals: &mut Literals) -> HashMap<String, Vec<usize>> {
    let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
    let pairs = rules.rules().iter().enumerate().filter_map(|(rule, entry)| match &entry.matcher {
        Matcher::Pair(pair) => Some((rule, &pair.names)),
        _ => None,
    });
    let names: Vec<(usize, &[String])> =
        pairs.flat_map(|(rule, names)| names.iter().map(move |words| (rule, &words[..]))).collect();
    let mut shared: HashMap<&str, usize> = HashMap::new();
    names.iter().flat_map(|(_, words)| *words).for_each(|word| *shared.entry(word).or_default() += 1);
    for (rule, words) in names {
        let share = |word: &String| (shared[word.as_str()], word.len(), word.clone());
        // In text, the word that most names share: the fewer words are searched, the better.
        let searched = words.iter().filter(|word| word.len() >= MIN_KEYWORD).max_by_key(|word| share(word));
        match searched {
            Some(word) => literals.add(word.as_bytes(), Use::Pair),
            // A word too short to search is searched with what follows a name.
            None => words.iter().for_each(|word| {
                NAME_ENDS.iter().for_each(|end| literals.add(format!("{word}{end}").as_bytes(), Use::Pair));
            }),
        }
        // In a name that was read, the one that the fewest share.
        let telling = words.iter().min_by_key(|word| share(word)).expect("a long enough word was found");
        by_word.entry(telling.clone()).or_default().push(rule);
    }
    by_word
}

fn add_shapes(literals: &mut Literals, rule: usize, shapes: &[Shape], near: &[String]) {
    for (shape, alternatives) in shapes.iter().enumerate() {
        for (sequence, entry) in alternatives.sequences().iter().enumerate() {
            match entry.keyword() {
                Some(keyword) => literals.add(keyword, Use::Shape { rule, shape, sequence }),
                None => near.iter().for_each(|word| literals.add(word.as_bytes(), Use::Near { rule })),
            }
        }
    }
}
