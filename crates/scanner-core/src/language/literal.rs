//! What string literals mean: their contents with escapes read, as far as those matter.

use super::Family;
use crate::ir::{Module, NodeId};

/// What a `Str` stands for.
pub fn string(module: &Module, id: NodeId, source: &str, family: Family) -> String {
    let node = module.node(id);
    let prefix = source[node.span.start as usize..node.text.start as usize].trim_end_matches(['"', '\'', '`']);
    let text = &source[node.text.range()];
    let raw = family == Family::Python && prefix.contains(['r', 'R']);
    if raw { text.to_owned() } else { unescaped(text, family) }
}

/// The contents of a literal that is not raw.
fn unescaped(text: &str, family: Family) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('\n') => {}
            Some(other @ ('\\' | '\'' | '"' | '`' | '/')) => plain.push(other),
            // `"\d"` is `d` in JavaScript; numbers are left as they are written.
            Some(other)
                if family == Family::JavaScript && !matches!(other, 'x' | 'u' | 'b' | 'f' | 'v' | '0'..='9') =>
            {
                plain.push(other);
            }
            Some(other) => {
                plain.push('\\');
                plain.push(other);
            }
            None => plain.push('\\'),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_the_language_does() {
        let of = |text, family| unescaped(text, family);
        assert_eq!(of(r"a\n\\d\d\/", Family::Python), "a\n\\d\\d/");
        assert_eq!(of(r"\d\\d\x41\u0041", Family::JavaScript), r"d\d\x41\u0041");
        assert_eq!(of("a\\\nb\\", Family::JavaScript), "ab\\");
    }
}
