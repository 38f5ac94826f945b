//! What a text must hold for a rule to be looked at, from the rule as it is written: so that it can be
//! arranged when the program is built.

use super::shape::{self, Shape};
use super::syntax::{OneOrMany, TextSyntax};

/// Words that must stand in a name in this order.
pub fn sequences(entries: &[String]) -> Vec<Vec<String>> {
    entries.iter().map(|entry| entry.to_lowercase().split_whitespace().map(str::to_owned).collect()).collect()
}

/// Reads the shapes of a rule.
///
/// # Errors
/// What is wrong with one.
pub fn shapes(sources: Option<&OneOrMany>) -> Result<Vec<Shape>, String> {
    sources.map_or(&[][..], |sources| sources.as_slice()).iter().map(|source| Shape::parse(source)).collect()
}

/// Bytes of a shape's literal that is searched although words must stand near.
const LEAST_BESIDE_WORDS: usize = 6;

/// The shapes of a text rule, each with the literals by which it is found.
///
/// # Errors
/// What is wrong with one, or that there is nothing to find them by.
pub fn text_shapes(syntax: &TextSyntax) -> Result<Vec<Shape>, String> {
    let shapes = shapes(syntax.shape.as_ref())?;
    let bare = shapes.iter().flat_map(Shape::sequences).any(|sequence| sequence.keyword().is_none());
    let near_word = !syntax.near.is_empty() && syntax.near.iter().all(|word| word.len() >= shape::MIN_KEYWORD);
    if bare && !near_word {
        let least = shape::MIN_KEYWORD;
        return Err(format!("a text shape needs a literal of {least} bytes or more, or `near` words as long"));
    }
    // The provider's words are rarer than `key_` or `test_`; without them nothing counts anyway.
    let least = if syntax.named { usize::MAX } else { LEAST_BESIDE_WORDS };
    Ok(match near_word {
        true => shapes.into_iter().map(|shape| shape.searched_by_others(least)).collect(),
        false => shapes,
    })
}

/// The words of which one must stand near a text rule's token, folded.
pub fn near_words(syntax: &TextSyntax) -> Vec<String> {
    if syntax.named { in_names(&syntax.near) } else { folded(&syntax.near) }
}

/// Words without their case.
pub fn folded(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}

/// The words of a provider, folded. One that ends in `_` is a word of the language, too, and counts
/// only as a part of a name: so it is looked for as all styles of names have it, as names of some words are.
fn in_names(words: &[String]) -> Vec<String> {
    const ENDINGS: &[&str] =
        &["-", ".", "api", "key", "token", "secret", "access", "client", "auth", " api", " key", " token", " secret"];
    let mut words = folded(words);
    let inner = |word: &&String| word.trim_matches('_').contains('_') && !word.contains(' ');
    let joined = words.iter().filter(inner).flat_map(|word| ["", "-", "."].map(|joint| word.replace('_', joint)));
    let joined: Vec<String> = joined.filter(|word| !words.contains(word)).collect();
    words.extend(joined);
    for stem in words.clone().iter().filter_map(|word| word.strip_suffix('_')) {
        for spelled in ENDINGS.iter().map(|ending| format!("{stem}{ending}")) {
            if spelled.len() >= shape::MIN_KEYWORD && !words.contains(&spelled) {
                words.push(spelled);
            }
        }
    }
    words
}
