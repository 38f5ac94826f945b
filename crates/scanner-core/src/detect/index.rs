//! Which literal means which rule: made once from the rules, asked for every document.

use super::prefilter::Prefilter;
use crate::rule::code::Need;
use crate::rule::name::NameIndex;
use crate::rule::shape::{MIN_KEYWORD, Sequence, Shape};
use crate::rule::{Matcher, RuleSet, Token};
use std::collections::HashMap;

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
    /// Run a text rule's regex around it.
    Regex {
        /// The rule.
        rule: usize,
    },
    /// Read the named value around it.
    Pair,
    /// A code rule needs it in the file, as a word in this very case.
    Code {
        /// Index of the word.
        word: usize,
    },
    /// There may be a suppression.
    Suppression,
}

/// The marker of inline suppressions.
pub const SUPPRESSION: &str = "autoclave:ignore";

/// The rules of a set, arranged for detection.
#[derive(Debug)]
pub struct Index {
    /// The literal search.
    pub prefilter: Prefilter,
    uses: Vec<Vec<Use>>,
    /// Name rules by path.
    pub names: NameIndex,
    /// Code rules with the words they need: alternatives, each a conjunction of words' indexes.
    code: Vec<(usize, Vec<Vec<usize>>)>,
    words: Vec<Need>,
    /// Pair rules.
    pub pairs: Vec<usize>,
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
        let mut literals = Literals::default();
        let mut words: HashMap<Need, usize> = HashMap::new();
        let mut index = Index {
            prefilter: Prefilter::new([]),
            uses: Vec::new(),
            names: NameIndex::default(),
            code: Vec::new(),
            words: Vec::new(),
            pairs: Vec::new(),
            texts: Vec::new(),
        };
        for (rule, entry) in rules.rules().iter().enumerate() {
            match &entry.matcher {
                Matcher::Name(name) => {
                    name.files.iter().for_each(|glob| index.names.add(glob.clone(), rule));
                }
                Matcher::Text(text) => {
                    index.texts.push(rule);
                    match &text.token {
                        Token::Shapes(shapes) => add_shapes(&mut literals, rule, shapes),
                        Token::Regex { keywords, .. } => {
                            keywords.iter().for_each(|word| literals.add(word.as_bytes(), Use::Regex { rule }));
                        }
                    }
                }
                Matcher::Pair(pair) => {
                    index.pairs.push(rule);
                    for words in &pair.names {
                        let longest = words.iter().max_by_key(|word| word.len()).map(String::as_bytes);
                        literals.add(longest.expect("the loader wants a long enough word"), Use::Pair);
                    }
                }
                Matcher::Code(code) => {
                    let needs = code.required();
                    let needs = needs.iter().map(|all| {
                        let long = all.iter().filter(|need| need.text.len() >= MIN_KEYWORD);
                        long.map(|need| {
                            let word = *words.entry(need.clone()).or_insert(index.words.len());
                            if word == index.words.len() {
                                index.words.push(need.clone());
                            }
                            literals.add(need.text.as_bytes(), Use::Code { word });
                            word
                        })
                        .collect()
                    });
                    index.code.push((rule, needs.collect()));
                }
                Matcher::Flow(_) => {}
            }
        }
        literals.add(SUPPRESSION.as_bytes(), Use::Suppression);
        index.prefilter = Prefilter::new(literals.list.iter().map(Vec::as_slice));
        index.uses = literals.uses;
        index
    }

    /// Whether a code rule's word, found at `at`, stands there as the rule needs it.
    pub fn is_word_at(&self, text: &[u8], at: usize, word: usize) -> bool {
        let Need { text: word, whole } = &self.words[word];
        let word = word.as_bytes();
        let end = at + word.len();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let joins = |inside: Option<&u8>, outside: Option<&u8>| {
            inside.is_some_and(|&byte| is_word(byte)) && outside.is_some_and(|&byte| is_word(byte))
        };
        !whole
            || text.get(at..end) == Some(word)
                && !joins(word.first(), at.checked_sub(1).and_then(|before| text.get(before)))
                && !joins(word.last(), text.get(end))
    }

    /// The code rules that could match in a file that holds these words.
    pub fn code_rules(&self, held: impl Fn(usize) -> bool) -> Vec<usize> {
        let could = |needs: &[Vec<usize>]| needs.iter().any(|all| all.iter().all(|&word| held(word)));
        self.code.iter().filter(|(_, needs)| could(needs)).map(|&(rule, _)| rule).collect()
    }

    /// What a literal means.
    pub fn uses(&self, literal: usize) -> &[Use] {
        &self.uses[literal]
    }
}

fn add_shapes(literals: &mut Literals, rule: usize, shapes: &[Shape]) {
    for (shape, alternatives) in shapes.iter().enumerate() {
        for (sequence, entry) in alternatives.sequences().iter().enumerate() {
            let keyword = Sequence::keyword(entry).expect("the loader wants a literal");
            literals.add(keyword, Use::Shape { rule, shape, sequence });
        }
    }
}
