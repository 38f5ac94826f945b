//! Finds what every match of a regex holds, so that texts without it need not be searched.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Marks that are worth looking for, the rarest first. Letters and what stands on every line are
/// not.
const RARE: &[u8] = b"@|~^%!&?+$\\#*;=:";

/// The rarest such byte, if there is one.
pub(super) fn byte(regex: &str) -> Option<u8> {
    let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).ok()?;
    let needed = needed(&parsed);
    RARE.iter().copied().find(|&byte| needed >> place(byte) & 1 == 1)
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

/// Words in small letters of three bytes or more, of which every match holds one in any case.
pub(super) fn words(regex: &str) -> Option<Vec<String>> {
    const MOST: usize = 64;
    let parsed = regex_syntax::parse(regex).ok()?;
    let words = one_of(&parsed)?;
    let telling = words.len() <= MOST && words.iter().all(|word| word.len() >= super::shape::MIN_KEYWORD);
    telling.then_some(words)
}

fn one_of(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => fixed(hir).map(|word| vec![word]),
        HirKind::Repetition(repetition) if repetition.min > 0 => one_of(&repetition.sub),
        HirKind::Capture(capture) => one_of(&capture.sub),
        HirKind::Alternation(parts) => Some(parts.iter().map(one_of).collect::<Option<Vec<_>>>()?.concat()),
        HirKind::Concat(parts) => {
            let mut choices: Vec<Vec<String>> = Vec::new();
            let mut run = String::new();
            for part in parts {
                match fixed(part) {
                    Some(text) => run.push_str(&text),
                    None => {
                        choices.push(vec![std::mem::take(&mut run)]);
                        choices.extend(one_of(part));
                    }
                }
            }
            choices.push(vec![run]);
            let shortest = |words: &Vec<String>| words.iter().map(String::len).min().unwrap_or(0);
            choices
                .into_iter()
                .filter(|words| shortest(words) > 0)
                .max_by_key(|words| (shortest(words), MOST_FIRST - words.len().min(MOST_FIRST)))
        }
        _ => None,
    }
}

/// Of lists of equally long words the shorter one is taken.
const MOST_FIRST: usize = 1 << 16;

/// The only text that a part matches, but for its case.
fn fixed(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            std::str::from_utf8(&literal.0).ok().filter(|text| text.is_ascii()).map(str::to_ascii_lowercase)
        }
        HirKind::Class(Class::Unicode(class)) => match class.ranges() {
            // `[Aa]`; letters with a third form beyond ASCII are not taken.
            [upper, lower] if upper.start() == upper.end() && lower.start() == lower.end() => {
                let pair = (upper.start(), lower.start());
                (pair.0.is_ascii() && pair.0.to_ascii_lowercase() == pair.1).then(|| pair.1.to_string())
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{byte, words};

    #[test]
    fn words_of_which_every_match_holds_one() {
        let of = |regex: &str| words(regex).map(|words| words.join(" "));
        assert_eq!(of("^(GET|POST|cookies)$").as_deref(), Some("get post cookies"));
        assert_eq!(of(r"(?i)\bdelete\s+from\b").as_deref(), Some("delete"));
        assert_eq!(of("(?i)^task_?name"), None, "k and s have a third form; what is left is too short");
        assert_eq!(of("(abc|[0-9]+)"), None);
        assert_eq!(of("(abc)?x"), None);
        assert_eq!(of("a(bcd|efgh)+ijkl").as_deref(), Some("ijkl"));
    }

    #[test]
    fn what_every_match_holds() {
        assert_eq!(byte("(?i)https?://[^@]+:(?P<secret>x{2,})@(?:a|b)"), Some(b'@'));
        assert_eq!(byte("(?:a=|b=)c"), Some(b'='));
        assert_eq!(byte("(?:a=|b:)c"), None);
        assert_eq!(byte("a@?b"), None);
        assert_eq!(byte("a[@]{2}"), Some(b'@'));
        assert_eq!(byte("a(?:=|[=:])"), None);
    }
}
