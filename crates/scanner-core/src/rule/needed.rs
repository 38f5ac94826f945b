//! Finds a byte that every match of a regex holds, so that texts without it need not be searched.

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

#[cfg(test)]
mod tests {
    use super::byte;

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
