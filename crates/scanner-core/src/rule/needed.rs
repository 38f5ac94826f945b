//! Finds what every match of a regex holds, so that texts without it need not be searched.

use regex_syntax::hir::literal::{self, Literal};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Marks that are worth looking for, the rarest first. Letters and what stands on every line are
/// not.
const RARE: &[u8] = b"@|~^%!&?+$\\#*;=:";

/// What every match of a regex holds. It tells most texts without a match apart for much less than the
/// regex does, which need not even be compiled then.
#[derive(Debug, Default)]
pub(super) struct Needed {
    /// The rarest byte.
    byte: Option<u8>,
    /// Of each list one word, in small letters; it may stand there in any case.
    words: Vec<Vec<String>>,
}

impl Needed {
    /// What a regex needs.
    pub(super) fn of(regex: &str) -> Needed {
        /// Longer lists cost more to search than they spare.
        const MOST: usize = 12;
        let Some(parsed) = parse(regex) else { return Needed::default() };
        let bytes = needed(&parsed);
        let mut words = Vec::new();
        parts(&parsed, &mut words);
        words.retain(|list| list.len() <= MOST && list.iter().all(|word| is_telling(word)));
        Needed { byte: RARE.iter().copied().find(|&byte| bytes >> place(byte) & 1 == 1), words }
    }

    /// Whether a text holds all that.
    pub(super) fn stands_in(&self, text: &[u8]) -> bool {
        if self.byte.is_some_and(|byte| memchr::memchr(byte, text).is_none()) {
            return false;
        }
        if self.words.is_empty() {
            return true;
        }
        let folded = text.to_ascii_lowercase();
        let stands = |word: &String| memchr::memmem::find(&folded, word.as_bytes()).is_some();
        self.words.iter().all(|list| list.iter().any(stands))
    }
}

/// Whether few texts hold a word: one of three bytes, or of two with a mark in it.
fn is_telling(word: &str) -> bool {
    word.len() >= super::shape::MIN_KEYWORD || word.len() == 2 && !word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Without Unicode, whose classes take long to make. It adds ways to match only where a class stands,
/// and two where the case of a letter does not count; see [`fixed`].
fn parse(regex: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).ok()
}

/// The place of a byte of [`RARE`] in a set of them.
fn place(byte: u8) -> usize {
    RARE.iter().position(|&rare| rare == byte).unwrap_or(RARE.len())
}

fn needed(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.iter().fold(0, |set, &byte| set | 1 << place(byte)),
        HirKind::Class(Class::Bytes(class)) => match class.ranges() {
            [only] if only.start() == only.end() => 1 << place(only.start()),
            _ => 0,
        },
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        HirKind::Capture(capture) => needed(&capture.sub),
        HirKind::Concat(parts) => parts.iter().fold(0, |set, part| set | needed(part)),
        HirKind::Alternation(parts) => parts.iter().fold(u32::MAX, |set, part| set & needed(part)),
        _ => 0,
    }
}

/// What a text holds that a regex matches.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// It is one of these texts.
    Whole(Vec<String>),
    /// Of each list one, of three bytes or more, in small letters: it may stand there in any case.
    Parts(Vec<Vec<String>>),
}

/// The words that matches of a regex hold.
pub(super) fn words(regex: &str) -> Option<Words> {
    const MOST: usize = 64;
    let parsed = parse(regex)?;
    let properties = parsed.properties();
    if !ignores_case(regex)
        && properties.look_set_prefix().contains(Look::Start)
        && properties.look_set_suffix().contains(Look::End)
    {
        let found = literal::Extractor::new().extract(&parsed);
        if let (true, Some(found)) = (found.is_exact(), found.literals())
            && found.len() <= MOST
        {
            let text = |found: &Literal| String::from_utf8(found.as_bytes().to_vec()).ok();
            return found.iter().map(text).collect::<Option<_>>().map(Words::Whole);
        }
    }
    let mut lists = Vec::new();
    parts(&parsed, &mut lists);
    let telling = |list: &Vec<String>| list.len() <= MOST && shortest(list) >= super::shape::MIN_KEYWORD;
    lists.retain(telling);
    Some(Words::Parts(lists))
}

/// Whether a regex sets the flag anywhere.
fn ignores_case(regex: &str) -> bool {
    regex.split("(?").skip(1).any(|flags| flags.split([')', ':', '-']).next().is_some_and(|flags| flags.contains('i')))
}

/// Lists of words, of each of which every match holds one.
fn parts(hir: &Hir, lists: &mut Vec<Vec<String>>) {
    match hir.kind() {
        HirKind::Concat(parts_of) => {
            let mut run = String::new();
            for part in parts_of {
                match fixed(part) {
                    Some(text) => run.push_str(&text),
                    None => {
                        // `-(?:u|-user)`: what the choices have in common stands in front of them.
                        if let HirKind::Alternation(choices) = part.kind() {
                            let joined = |choice: &Hir| Some(format!("{run}{}", start_of(choice)?));
                            lists.extend(choices.iter().map(joined).collect::<Option<Vec<_>>>());
                        }
                        lists.push(vec![std::mem::take(&mut run)]);
                        parts(part, lists);
                    }
                }
            }
            lists.push(vec![run]);
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => parts(&repetition.sub, lists),
        HirKind::Capture(capture) => parts(&capture.sub, lists),
        HirKind::Alternation(choices) => {
            let best = |choice: &Hir| {
                let mut lists = Vec::new();
                parts(choice, &mut lists);
                lists.into_iter().max_by_key(|list| shortest(list))
            };
            lists.extend(choices.iter().map(best).collect::<Option<Vec<_>>>().map(|words| words.concat()));
        }
        _ => lists.extend(fixed(hir).map(|word| vec![word])),
    }
}

/// The text that all matches of a part begin with, but for its case.
fn start_of(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.first().and_then(fixed),
        HirKind::Capture(capture) => start_of(&capture.sub),
        _ => fixed(hir),
    }
}

fn shortest(words: &[String]) -> usize {
    words.iter().map(String::len).min().unwrap_or(0)
}

/// The only text that a part matches, but for its case.
fn fixed(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok().filter(|text| text.is_ascii()).map(str::to_ascii_lowercase)
        }
        HirKind::Class(Class::Bytes(class)) => match class.ranges() {
            // `[Aa]`; `s` and `k` have a third form beyond ASCII.
            [upper, lower] if upper.start() == upper.end() && lower.start() == lower.end() => {
                let (upper, lower) = (upper.start(), lower.start());
                let same = upper.to_ascii_lowercase() == lower && !matches!(lower, b's' | b'k');
                same.then(|| char::from(lower).to_string())
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Needed, Words, words};

    #[test]
    fn words_of_which_every_match_holds_one() {
        let parts = |regex: &str| match words(regex) {
            Some(Words::Parts(lists)) => lists.iter().map(|list| list.join(" ")).collect::<Vec<_>>().join(", "),
            other => panic!("{other:?}"),
        };
        assert_eq!(parts(r"(?i)\bdelete\s+from\b"), "delete, from");
        assert_eq!(parts("(?i)^task_?name"), "name", "k and s have a third form");
        assert_eq!(parts("(abc|[0-9]+)"), "");
        assert_eq!(parts("(abc)?x"), "");
        assert_eq!(parts("a(bcd|efgh)+ijkl"), "bcd efgh, ijkl");
        let whole = |list: &[&str]| Some(Words::Whole(list.iter().map(|&word| word.to_owned()).collect()));
        assert_eq!(words("^(GET|POST|cookies)$"), whole(&["GET", "POST", "cookies"]));
        assert_eq!(words(r"^(self\.)?req$"), whole(&["self.req", "req"]));
        assert!(matches!(words("^(GET|POST)"), Some(Words::Parts(_))));
    }

    #[test]
    fn what_every_match_holds() {
        let byte = |regex: &str| Needed::of(regex).byte;
        assert_eq!(byte("(?i)https?://[^@]+:(?P<secret>x{2,})@(?:a|b)"), Some(b'@'));
        assert_eq!(byte("(?:a=|b=)c"), Some(b'='));
        assert_eq!(byte("(?:a=|b:)c"), None);
        assert_eq!(byte("a@?b"), None);
        assert_eq!(byte("a[@]{2}"), Some(b'@'));
        assert_eq!(byte("a(?:=|[=:])"), None);
    }

    #[test]
    fn texts_without_it_are_told_apart() {
        let needed = Needed::of(r"(?i)\bhttp://(?:web)?hood\.(?:acme|abcd)\.io/[0-9]+");
        assert!(needed.stands_in(b"HTTP://hood.ACME.io/1") && needed.stands_in(b"http://hood.abcd.io/1"));
        assert!(!needed.stands_in(b"http://hood.other.io/1") && !needed.stands_in(b"http://wood.acme.io/1"));
        let options = Needed::of(r"curl\b.*?\s(?:-u|--user|-U)[= ]");
        assert!(options.stands_in(b"curl x -U b") && options.stands_in(b"curl --user=b"));
        assert!(!options.stands_in(b"curl -x u"));
        assert!(Needed::of("[0-9]+|abc").stands_in(b"1") && Needed::of("(").stands_in(b""));
    }
}
