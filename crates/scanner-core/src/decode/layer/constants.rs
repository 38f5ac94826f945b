//! Named constants joined in JavaScript, TypeScript and Python: `"ab" + REST`, `${HEAD}cd`, `f"{HEAD}cd"`.
//! A name counts as a constant when the file gives it a value once, a literal.

use super::join::Literals;
use super::map::{Edit, Units};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

/// Shorter literals are separators, and are everywhere.
const SHORTEST: usize = 4;
/// Constants of a file that are kept: tables of thousands are data.
const MOST: usize = 200;

/// A part of a join.
#[derive(Debug, Clone)]
struct Part {
    /// All of it, quotes included.
    whole: Range<usize>,
    /// What it says.
    contents: Range<usize>,
    /// Whether it stands for it by its name.
    named: bool,
}

/// Finds joins with named constants, in order.
pub(super) fn find(text: &str, extension: &str, out: &mut Vec<Edit>) {
    let python = matches!(extension, "py" | "pyw");
    if !python && !matches!(extension, "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts") {
        return;
    }
    let scan = Scan {
        text,
        literals: Literals::new(text.as_bytes(), if python { b"\"'" } else { b"\"'`" }),
        once: RefCell::default(),
    };
    let constants = scan.constants();
    if constants.is_empty() {
        return;
    }
    scan.sums(&constants, out);
    scan.templates(&constants, if python { "{" } else { "${" }, out);
}

struct Scan<'t> {
    text: &'t str,
    literals: Literals<'t>,
    /// Names that were asked for, and whether they are given a value but once.
    once: RefCell<HashMap<&'t str, bool>>,
}

type Constants<'t> = HashMap<&'t str, Range<usize>>;

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

impl<'t> Scan<'t> {
    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// `NAME = "literal"` where the literal could be a part of a credential.
    fn constants(&self) -> Constants<'t> {
        let bytes = self.bytes();
        let mut found = Constants::new();
        // As people and formatters write it; minifiers have put all constants in.
        let places = [&b"= \""[..], b"= '"].into_iter().flat_map(|mark| memchr::memmem::find_iter(bytes, mark));
        for at in places {
            let open = at + 2;
            let Some(contents) = self.literals.end(open).map(|end| open + 1..end) else { continue };
            let is_part = |byte: &u8| byte.is_ascii_graphic() && !b"\\{".contains(byte);
            if contents.len() >= SHORTEST
                && bytes[contents.clone()].iter().all(is_part)
                && self.is_whole(contents.end + 1)
                && let Some(name) = self.name_before(at)
            {
                found.insert(name, contents);
                if found.len() >= MOST {
                    break;
                }
            }
        }
        found
    }

    /// Whether a name is given a value but once.
    fn is_given_once(&self, name: &str) -> bool {
        let bytes = self.bytes();
        let mut given = 0;
        for at in memchr::memmem::find_iter(bytes, name) {
            let end = at + name.len();
            let alone = (at == 0 || !is_name(bytes[at - 1])) && !bytes.get(end).is_some_and(|&byte| is_name(byte));
            if !alone {
                continue;
            }
            let rest = &bytes[end..bytes.len().min(end + 40)];
            let after = rest.trim_ascii_start();
            let typed = after.strip_prefix(b":").map(<[u8]>::trim_ascii_start);
            let typed = typed.and_then(|rest| rest.strip_prefix(b"string").or(rest.strip_prefix(b"str")));
            let after = typed.map_or(after, <[u8]>::trim_ascii_start);
            let operator = after.iter().take_while(|byte| b"+-*/%&|^?<>".contains(byte)).count();
            let assigns = after.get(operator) == Some(&b'=') && !matches!(after.get(operator + 1), Some(b'=' | b'>'));
            let compares = operator == 1 && matches!(after[0], b'<' | b'>');
            given += usize::from(assigns && !compares || after.starts_with(b"++") || after.starts_with(b"--"));
        }
        given == 1
    }

    /// Whether an expression ends here: the literal before is all of it.
    fn is_whole(&self, at: usize) -> bool {
        let rest = &self.bytes()[at..];
        let after = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b')'));
        after.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b';' | b',' | b'#' | b'/'))
    }

    /// The name that `=` at a place gives a value to; a type may stand between.
    fn name_before(&self, at: usize) -> Option<&'t str> {
        let bytes = self.bytes();
        let floor = at.saturating_sub(100);
        let back = |at: usize| at - bytes[floor..at].iter().rev().take_while(|byte| **byte == b' ').count();
        let word = |end: usize| end - bytes[floor..end].iter().rev().take_while(|byte| is_name(**byte)).count();
        let mut end = back(at);
        let mut start = word(end);
        // `NAME: string = `
        let before = back(start);
        if matches!(&self.text.get(start..end), Some("string" | "str")) && before > floor && bytes[before - 1] == b':' {
            end = back(before - 1);
            start = word(end);
        }
        let own = start == 0 || !matches!(bytes[start - 1], b'.' | b'"' | b'\'' | b'-');
        (start < end && own && !bytes[start].is_ascii_digit()).then(|| self.text.get(start..end)).flatten()
    }

    /// What a name at a place stands for, if it is a constant by itself.
    fn named(&self, whole: Range<usize>, constants: &Constants<'t>) -> Option<Part> {
        let name = self.text.get(whole.clone())?;
        let contents = constants.get(name)?.clone();
        let mut once = self.once.borrow_mut();
        once.entry(name).or_insert_with(|| self.is_given_once(name)).then_some(Part { whole, contents, named: true })
    }

    fn part_before(&self, at: usize, constants: &Constants<'t>) -> Option<Part> {
        let bytes = self.bytes();
        let end = self.literals.skip_back(at);
        let last = *bytes.get(end.checked_sub(1)?)?;
        if self.literals.is_quote(last) {
            let open = self.literals.opened(end - 1)?;
            return Some(Part { whole: open..end, contents: open + 1..end - 1, named: false });
        }
        let start = end - bytes[..end].iter().rev().take_while(|byte| is_name(**byte)).count();
        (start == 0 || bytes[start - 1] != b'.').then(|| self.named(start..end, constants)).flatten()
    }

    fn part_after(&self, at: usize, constants: &Constants<'t>) -> Option<Part> {
        let bytes = self.bytes();
        let start = self.literals.skip_forward(at);
        if self.literals.is_quote(*bytes.get(start)?) {
            let end = self.literals.end(start)?;
            return Some(Part { whole: start..end + 1, contents: start + 1..end, named: false });
        }
        let end = start + bytes[start..].iter().take_while(|byte| is_name(**byte)).count();
        let alone = !matches!(bytes.get(end), Some(b'.' | b'(' | b'['));
        alone.then(|| self.named(start..end, constants)).flatten()
    }

    /// `a + b + ..` of constants, at least one of them named.
    fn sums(&self, constants: &Constants<'t>, out: &mut Vec<Edit>) {
        let bytes = self.bytes();
        let mut chain: Vec<Part> = Vec::new();
        for at in memchr::memchr_iter(b'+', bytes) {
            if matches!(bytes.get(at + 1), Some(b'+' | b'=')) || at > 0 && bytes[at - 1] == b'+' {
                continue;
            }
            let Some(after) = self.part_after(at + 1, constants) else { continue };
            let Some(before) = self.part_before(at, constants) else { continue };
            if chain.last().is_none_or(|last| last.whole != before.whole) {
                self.joined(&chain, out);
                chain = vec![before];
            }
            chain.push(after);
        }
        self.joined(&chain, out);
    }

    /// Writes a chain as one literal.
    fn joined(&self, chain: &[Part], out: &mut Vec<Edit>) {
        if chain.len() < 2 || !chain.iter().any(|part| part.named) {
            return;
        }
        let quote =
            chain.iter().find(|part| !part.named).map_or('"', |part| char::from(self.bytes()[part.whole.start]));
        let edit =
            |outer, text: String, how: &[&'static str]| Edit { outer, text, units: Units::Whole, how: how.to_vec() };
        for (at, part) in chain.iter().enumerate() {
            let (first, last) = (at == 0, at + 1 == chain.len());
            let open = if first { quote.to_string() } else { String::new() };
            let close = if last { quote.to_string() } else { String::new() };
            if part.named {
                let text = format!("{open}{}{close}", &self.text[part.contents.clone()]);
                out.push(edit(part.whole.clone(), text, &["concatenation"]));
            } else {
                out.push(edit(part.whole.start..part.contents.start, open, &[]));
                out.push(edit(part.contents.end..part.whole.end, close, &[]));
            }
            if let Some(next) = chain.get(at + 1) {
                out.push(edit(part.whole.end..next.whole.start, String::new(), &["concatenation"]));
            }
        }
    }

    /// Constants that a template names.
    fn templates(&self, constants: &Constants<'t>, open: &str, out: &mut Vec<Edit>) {
        let bytes = self.bytes();
        for at in memchr::memmem::find_iter(bytes, open) {
            let start = at + open.len();
            let end = start + bytes[start..].iter().take_while(|byte| is_name(**byte)).count();
            // In Python a brace opens many other things.
            let inside = at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_graphic())
                || bytes.get(end + 1).is_some_and(u8::is_ascii_graphic);
            if bytes.get(end) == Some(&b'}')
                && inside
                && let Some(part) = self.named(start..end, constants)
            {
                let text = self.text[part.contents].to_owned();
                out.push(Edit { outer: at..end + 1, text, units: Units::Whole, how: vec!["concatenation"] });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::map::Layer;
    use super::*;

    fn read(extension: &str, text: &str) -> String {
        let mut edits = Vec::new();
        find(text, extension, &mut edits);
        super::super::in_order(&mut edits);
        Layer::inline(text, edits).text().lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn constants_are_put_in() {
        for (extension, text, plain) in [
            ("js", "const A = 'abcd';\nk = A + \"ef\";", "k = \"abcdef\";"),
            ("ts", "const A: string = 'abcd';\nconst B = 'efgh'\nk = 'x' + A + B + 'y';", "k = 'xabcdefghy';"),
            ("js", "const A = 'abcd', B = 'efgh';\nk = A + B;", "k = \"abcdefgh\";"),
            ("js", "const A = 'abcd';\nk = `${A}_ef`;", "k = `abcd_ef`;"),
            ("py", "A = 'abcd'\nk = A + \"ef\"", "k = \"abcdef\""),
            ("py", "A = 'abcd'\nk = f\"{A}ef\"", "k = f\"abcdef\""),
        ] {
            assert_eq!(read(extension, text), plain, "{text}");
        }
    }

    #[test]
    fn what_may_change_is_not() {
        for (extension, text) in [
            ("js", "let a = 'abcd';\na = 'efgh';\nk = a + \"ef\";"),
            ("js", "let a = 'abcd';\na = f();\nk = a + \"ef\";"),
            ("js", "let a = f();\na = 'abcd';\nk = a + \"ef\";"),
            ("js", "let a = 'abcd';\na += f();\nk = a + \"ef\";"),
            ("js", "let a = 'abcd' + x;\nk = a + \"ef\";"),
            ("js", "const a = 'abcd';\nk = b.a + \"ef\";"),
            ("js", "const a = 'abcd';\nk = a.b + \"ef\";"),
            ("js", "const a = 'abcd';\nk = a(1) + \"ef\";"),
            ("py", "a = 'abcd'\nk = {a}\n"),
            ("go", "a = \"abcd\"\nk = a + \"ef\""),
        ] {
            assert_eq!(read(extension, text), "", "{text}");
        }
    }
}
