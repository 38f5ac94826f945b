//! What a name stands in: `cache` of `cache: { key: "value" }`, in braces or by indentation.

use super::name::is_name_byte;
use super::{Family, Reader};
use std::ops::Range;

/// Bytes before a name in which the thing that it belongs to is looked for.
const NEAR: usize = 400;

/// The name of what holds the entry whose name starts at `at`.
pub fn parent_of(text: &str, at: usize, family: Family) -> Option<Range<usize>> {
    let reader = Reader { bytes: text.as_bytes(), family };
    let colon = match family {
        Family::Yaml => reader.less_indented(at),
        Family::Json | Family::Code => reader.brace_around(at),
        _ => None,
    }?;
    let end = reader.skip_blanks_back(colon);
    let end = end - usize::from(matches!(reader.before(end), b'"' | b'\''));
    let length =
        reader.bytes[..end].iter().rev().take(NEAR).take_while(|&&byte| is_name_byte(byte) || byte == b'-').count();
    (length > 0 && text.is_char_boundary(end - length)).then_some(end - length..end)
}

impl Reader<'_> {
    /// The colon after the last key above that is less indented, which a list's dashes belong to.
    fn less_indented(&self, at: usize) -> Option<usize> {
        let floor = at.saturating_sub(NEAR);
        let mut line = self.line_start(at);
        let own = at - line;
        while line > floor {
            line = self.line_start(line - 1);
            let start = self.skip_blanks(line);
            let end = self.line_end(line);
            let blank = start >= end || self.at(start) == b'#';
            if !blank && start - line < own {
                return (self.before(end) == b':').then(|| end - 1);
            }
        }
        None
    }

    /// The mark before the brace that a place stands in: `cache: {`, `cache = {`.
    fn brace_around(&self, at: usize) -> Option<usize> {
        let floor = at.saturating_sub(NEAR);
        let mut depth = 0usize;
        for open in (floor..at).rev() {
            match self.at(open) {
                b'}' => depth += 1,
                b'{' if depth == 0 => {
                    let mark = self.skip_blanks_back(open);
                    return matches!(self.before(mark), b':' | b'=').then(|| mark - 1);
                }
                b'{' => depth -= 1,
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_name() {
        let parent = |path: &str, text: &str| {
            let at = text.find("key").expect("the text holds it");
            parent_of(text, at, Family::of_path(path)).map(|range| text[range].to_owned())
        };
        let yaml = |text: &str| parent("a.yml", text);
        assert_eq!(yaml("job:\n  cache:\n    # x\n\n    paths: [a]\n    key: v\n").as_deref(), Some("cache"));
        assert_eq!(yaml("cache:\n  - key: v\n").as_deref(), Some("cache"));
        assert_eq!(yaml("cache: x\nkey: v\n"), None);
        assert_eq!(parent("a.json", r#"{"cache": {"a": {}, "key": "v"}}"#).as_deref(), Some("cache"));
        assert_eq!(parent("a.js", "const my_cache = { key: 'v' }").as_deref(), Some("my_cache"));
        assert_eq!(parent("a.js", "run({ key: 'v' })"), None);
    }
}
