//! Constants joined in code: `"a" + "b"`, `"a" "b"`, `["a", "b"].join("")`. Told by the characters
//! between two literals, so that no file is parsed for it; whatever is not constant ends a join.

use super::map::{Edit, Units};
use std::ops::Range;

/// Bytes of a line before a literal that are read to tell whether its quote closes a string. Longer
/// lines are minified, and minifiers have joined all constants.
const LINE: usize = 1000;
/// Bytes between two literals: an operator, a line end, indentation.
const GAP: usize = 200;
/// Bytes of a literal.
const LITERAL: usize = 4096;

/// How a language joins constants.
#[derive(Debug, Clone, Copy, Default)]
struct Syntax {
    /// Operators that join.
    operators: &'static [&'static str],
    /// Literals that stand next to each other are joined.
    adjacent: bool,
    /// `[..].join("")`, `"".join([..])`, `"a".concat("b")`
    lists: bool,
    /// Characters that open a literal.
    quotes: &'static [u8],
}

const DOUBLE: &[u8] = b"\"";
const BOTH: &[u8] = b"\"'";
const ALL: &[u8] = b"\"'`";

fn syntax(extension: &str) -> Option<Syntax> {
    let plain = |operators, quotes| Syntax { operators, adjacent: false, lists: false, quotes };
    Some(match extension {
        "py" | "pyw" | "pyi" => Syntax { operators: &["+"], adjacent: true, lists: true, quotes: BOTH },
        "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" | "html" | "htm" => {
            Syntax { operators: &["+"], adjacent: false, lists: true, quotes: ALL }
        }
        "java" | "kt" | "kts" | "scala" | "cs" | "swift" | "fs" | "vb" | "vbs" | "bas" => plain(&["+", "&"], DOUBLE),
        "groovy" | "gradle" | "dart" | "ps1" | "psm1" | "coffee" => plain(&["+"], BOTH),
        "go" => plain(&["+"], b"\"`"),
        "rb" => Syntax { operators: &["+", "<<"], adjacent: true, lists: true, quotes: BOTH },
        "php" | "phtml" | "inc" | "pl" | "pm" => plain(&["."], BOTH),
        "lua" | "hs" => plain(&["..", "++"], BOTH),
        "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "m" | "mm" => {
            Syntax { operators: &[], adjacent: true, lists: false, quotes: DOUBLE }
        }
        "ex" | "exs" | "erl" => plain(&["<>", "++"], DOUBLE),
        "sql" => plain(&["||"], b"'"),
        _ => return None,
    })
}

/// A join: from the quote that closes the one literal to after the quote that opens the next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Join {
    close: usize,
    open: usize,
}

/// Finds joins in a file of an extension, in order.
pub(super) fn find(text: &str, extension: &str, out: &mut Vec<Edit>) {
    let Some(syntax) = syntax(extension) else { return };
    let bytes = text.as_bytes();
    let scan = Scan { bytes, syntax, literals: Literals::new(bytes, syntax.quotes) };
    let mut joins = Vec::new();
    for operator in syntax.operators {
        scan.operators(operator.as_bytes(), &mut joins);
    }
    if syntax.adjacent {
        scan.adjacent(&mut joins);
    }
    joins.sort_by_key(|join| join.close);
    joins.dedup();
    scan.edits(&joins, out);
    if syntax.lists {
        scan.lists(out);
    }
}

struct Scan<'t> {
    bytes: &'t [u8],
    syntax: Syntax,
    literals: Literals<'t>,
}

/// Where literals of a language start and end.
pub(super) struct Literals<'t> {
    bytes: &'t [u8],
    quotes: &'static [u8],
}

impl<'t> Literals<'t> {
    pub(super) fn new(bytes: &'t [u8], quotes: &'static [u8]) -> Literals<'t> {
        Literals { bytes, quotes }
    }

    pub(super) fn is_quote(&self, byte: u8) -> bool {
        self.quotes.contains(&byte)
    }

    fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// Past blanks, line ends, and what marks a line that goes on.
    pub(super) fn skip_forward(&self, at: usize) -> usize {
        let mut at = at;
        let end = (at + GAP).min(self.bytes.len());
        let goes_on = |at: usize| matches!(self.bytes[at], b'\\' | b'_') && matches!(self.at(at + 1), b'\n' | b'\r');
        while at < end && (self.bytes[at].is_ascii_whitespace() || goes_on(at)) {
            at += 1;
        }
        at
    }

    /// Back over the same.
    pub(super) fn skip_back(&self, at: usize) -> usize {
        let floor = at.saturating_sub(GAP);
        let blanks = self.bytes[floor..at].iter().rev();
        // VB and shells mark a line that goes on.
        at - blanks.take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'_' | b'\\')).count()
    }

    /// The quote that closes the literal opened at `open`.
    pub(super) fn end(&self, open: usize) -> Option<usize> {
        let quote = self.at(open);
        let mut at = open + 1;
        while at < self.bytes.len() && at - open < LITERAL {
            match self.bytes[at] {
                b'\n' => return None,
                b'\\' => at += 2,
                byte if byte == quote => return Some(at),
                _ => at += 1,
            }
        }
        None
    }

    /// The quote that opened the literal which the quote at `at` closes, told from the start of its line.
    pub(super) fn opened(&self, at: usize) -> Option<usize> {
        let quote = self.at(at);
        if !self.is_quote(quote) {
            return None;
        }
        let floor = at.saturating_sub(LINE);
        let line = memchr::memrchr(b'\n', &self.bytes[floor..at]).map(|found| floor + found + 1);
        let mut place = line.or((floor == 0).then_some(0))?;
        let mut inside = None;
        while place < at {
            let byte = self.bytes[place];
            match inside {
                Some(_) if byte == b'\\' => place += 1,
                Some((open, _)) if byte == open => inside = None,
                None if self.is_quote(byte) => inside = Some((byte, place)),
                _ => {}
            }
            place += 1;
        }
        inside.filter(|&(open, _)| place == at && open == quote).map(|(_, start)| start)
    }
}

impl Scan<'_> {
    fn is_quote(&self, byte: u8) -> bool {
        self.literals.is_quote(byte)
    }

    fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn operators(&self, operator: &[u8], joins: &mut Vec<Join>) {
        let places: Box<dyn Iterator<Item = usize>> = match operator {
            [one] => Box::new(memchr::memchr_iter(*one, self.bytes)),
            _ => Box::new(memchr::memmem::find_iter(self.bytes, operator)),
        };
        for at in places {
            let after = self.literals.skip_forward(at + operator.len());
            // What follows most operators is no literal.
            let Some(open) = self.opens(after) else { continue };
            let before = self.literals.skip_back(at);
            if let Some(close) = before.checked_sub(1) {
                self.join(close, open, joins);
            }
        }
    }

    fn adjacent(&self, joins: &mut Vec<Join>) {
        let (first, last) = (self.syntax.quotes[0], self.syntax.quotes[self.syntax.quotes.len() - 1]);
        for close in memchr::memchr2_iter(first, last, self.bytes) {
            let near = match self.at(close + 1) {
                b'\n' | b'\r' => true,
                b' ' => self.is_quote(self.at(close + 2)) || self.at(close + 2) == b'\\',
                _ => false,
            };
            if near && let Some(open) = self.opens(self.literals.skip_forward(close + 1)) {
                self.join(close, open, joins);
            }
        }
    }

    /// Notes a join, if it is one in which a word goes on: sentences are cut at their blanks.
    fn join(&self, close: usize, open: usize, joins: &mut Vec<Join>) {
        let is_blank = |at: usize| self.at(at) == b'\\' && matches!(self.at(at + 1), b'n' | b't' | b'r');
        let is_cut = |at: usize| self.at(at).is_ascii_graphic() && !is_blank(at);
        if close > 1
            && is_cut(close - 1)
            && !is_blank(close - 2)
            && is_cut(open + 1)
            && self.literals.opened(close).is_some()
        {
            joins.push(Join { close, open });
        }
    }

    /// The quote that opens a literal at `at`, after a prefix such as `r` or `b`, if the literal ends
    /// and is no text of many lines.
    fn opens(&self, at: usize) -> Option<usize> {
        let prefix = self.bytes.get(at..)?.iter().take(2).take_while(|byte| b"rRbBuUfFL@$".contains(byte)).count();
        let open = at + prefix;
        let triple = self.at(open) == self.at(open + 1) && self.at(open) == self.at(open + 2);
        (self.is_quote(self.at(open)) && !triple && self.literals.end(open).is_some()).then_some(open)
    }

    /// Drops what stands between joined literals; the last of them closes with the first one's quote.
    fn edits(&self, joins: &[Join], out: &mut Vec<Edit>) {
        let mut at = 0;
        while at < joins.len() {
            let first_quote = self.bytes[joins[at].close];
            let mut last = at;
            out.push(self.dropped(joins[at].close..joins[at].open + 1));
            while let Some(next) = joins.get(last + 1)
                && self.literals.end(joins[last].open) == Some(next.close)
            {
                out.push(self.dropped(next.close..next.open + 1));
                last += 1;
            }
            let open = joins[last].open;
            if self.bytes[open] != first_quote
                && let Some(end) = self.literals.end(open)
            {
                let text = char::from(first_quote).to_string();
                out.push(Edit { outer: end..end + 1, text, units: Units::Whole, how: Vec::new() });
            }
            at = last + 1;
        }
    }

    fn dropped(&self, outer: Range<usize>) -> Edit {
        Edit { outer, text: String::new(), units: Units::Whole, how: vec!["concatenation"] }
    }

    /// Lists of literals that are joined without a separator.
    fn lists(&self, out: &mut Vec<Edit>) {
        for at in memchr::memmem::find_iter(self.bytes, b".join(") {
            let inside = at + ".join(".len();
            let empty = |at: usize| self.is_quote(self.at(at)) && self.at(at) == self.at(at + 1);
            if at >= 2 && empty(at - 2) {
                self.list_after(at - 2, inside, out);
            } else if at > 0 && self.at(at - 1) == b']' && empty(inside) && self.at(inside + 2) == b')' {
                let floor = at.saturating_sub(LITERAL);
                if let Some(open) = memchr::memrchr(b'[', &self.bytes[floor..at]) {
                    self.list(floor + open, floor + open + 1, b']', Some(inside + 3), out);
                }
            }
        }
    }

    /// `"".join([..])` or `"".join((..))`
    fn list_after(&self, start: usize, inside: usize, out: &mut Vec<Edit>) {
        let close = match self.at(inside) {
            b'[' => b']',
            b'(' => b')',
            _ => return,
        };
        self.list(start, inside + 1, close, None, out);
    }

    /// Literals from `at` up to `close`, all of them constant; what stands around them from `start` to
    /// `end` goes.
    fn list(&self, start: usize, at: usize, close: u8, end: Option<usize>, out: &mut Vec<Edit>) {
        let mut literals = Vec::new();
        let mut at = self.literals.skip_forward(at);
        while self.at(at) != close {
            let Some(open) = self.opens(at) else { return };
            let Some(end) = self.literals.end(open) else { return };
            literals.push((open, end));
            at = self.literals.skip_forward(end + 1);
            match self.at(at) {
                b',' => at = self.literals.skip_forward(at + 1),
                byte if byte == close => {}
                _ => return,
            }
        }
        let (Some(first), Some(last)) = (literals.first(), literals.last()) else { return };
        if literals.len() < 2 {
            return;
        }
        let keep = |outer: Range<usize>| Edit { outer, text: String::new(), units: Units::Whole, how: Vec::new() };
        // `"".join([..])`: up to the parenthesis.
        let end = match end {
            Some(end) => end,
            None if self.at(self.literals.skip_forward(at + 1)) == b')' => self.literals.skip_forward(at + 1) + 1,
            None => return,
        };
        out.push(keep(start..first.0));
        out.extend(literals.windows(2).map(|pair| self.dropped(pair[0].1..pair[1].0 + 1)));
        let quote = char::from(self.bytes[first.0]).to_string();
        out.push(Edit { outer: last.1..end, text: quote, units: Units::Whole, how: Vec::new() });
    }
}

#[cfg(test)]
mod tests {
    use super::super::map::Layer;
    use super::*;

    fn read(extension: &str, text: &str) -> String {
        let mut edits = Vec::new();
        find(text, extension, &mut edits);
        Layer::inline(text, edits).text().to_owned()
    }

    #[test]
    fn constants_are_joined() {
        for (extension, text, plain) in [
            ("js", "k = \"ab\" + 'cd' + `ef`;", "k = \"abcdef\";"),
            ("js", "k = \"ab\"\n  + \"cd\";", "k = \"abcd\";"),
            ("ts", "k = ['ab', 'cd'].join('');", "k = 'abcd';"),
            ("py", "k = (\"ab\"\n     b'cd')", "k = (\"abcd\")"),
            ("py", "k = \"ab\" \\\n    \"cd\"", "k = \"abcd\""),
            ("py", "k = ''.join(['ab', \"cd\",\n 'ef'])", "k = 'abcdef'"),
            ("java", "k = \"ab\" +\n    \"cd\";", "k = \"abcd\";"),
            ("cs", "k = @\"ab\" + \"cd\";", "k = @\"abcd\";"),
            ("php", "$k = 'ab' . 'cd';", "$k = 'abcd';"),
            ("lua", "k = \"ab\" .. \"cd\"", "k = \"abcd\""),
            ("vb", "k = \"ab\" & _\n \"cd\"", "k = \"abcd\""),
            ("c", "char *k = \"ab\" \"cd\"\n \"ef\";", "char *k = \"abcdef\";"),
            ("go", "k := \"ab\" + `cd`", "k := \"abcd\""),
            ("rb", "k = 'ab' << 'cd'", "k = 'abcd'"),
            ("js", "f(\"a\\\"b\" + \"c\")", "f(\"a\\\"bc\")"),
        ] {
            assert_eq!(read(extension, text), plain, "{extension}: {text}");
        }
    }

    #[test]
    fn others_are_not() {
        for (extension, text) in [
            ("js", "k = \"ab\" + x + \"cd\";"),
            ("js", "k = \"ab \" + \"cd\";"),
            ("js", "k = \"ab\\n\" + \"cd\";"),
            ("py", "k = (\"ab\"\n     \" cd\")"),
            ("js", "split(\" + \", x)"),
            ("js", "k = ['ab', x].join('');"),
            ("js", "k = ['ab', 'cd'].join('-');"),
            ("js", "k = ['ab', 'cd'].join();"),
            ("py", "k = ['ab', 'cd']"),
            ("py", "\"\"\"doc\"\"\"\n\"\"\"doc\"\"\""),
            ("py", "f('a', 'b')"),
            ("json", "[\"a\" + \"b\"]"),
            ("c", "#include \"a.h\"\nint x;"),
            ("php", "$a . 'b' . $c"),
        ] {
            assert_eq!(read(extension, text), "", "{extension}: {text}");
        }
    }
}
