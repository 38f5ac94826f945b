//! Reads the named values that stand around a place of a text: `name operator literal`, in the
//! syntax of the file's family. It reads lines, not grammars, so that half-written, templated and
//! unknown files are read as well, and only where a telling name stands.

mod argument;
mod beside;
mod call;
mod compare;
mod entry;
mod family;
mod form;
mod literal;
mod name;
pub mod parent;
pub mod place;
mod prose;
mod table;
mod template;

pub use family::Family;

use crate::span::Span;
use std::ops::Range;

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `:`, also one of a list: `passwords = ["..", ".."]`
    Assign,
    /// One of a list that the name does not announce: `secret: ["..", ".."]`
    Listed,
    /// `==`, `!=`, `===`, `.equals(..)`
    Compare,
    /// `setPassword("..")`, `put("password", "..")`
    Call,
    /// `anything("password", "..")`: a call that may do anything with it
    OtherCall,
    /// `<password>..</password>`
    Element,
    /// Name and value are entries of one thing: `name: PASSWORD`, `value: ..`
    Entry,
    /// `--password ..`
    Argument,
    /// `password ".."`, `ENV PASSWORD ..`
    Space,
    /// `getenv("PASSWORD", "..")`, `x.password || ".."`, `${PASSWORD:-..}`: a fallback
    Default,
    /// A place of a call or a command that is known to take a credential.
    Position,
    /// A place of a call that takes a credential or something else, or the literal after a user's name.
    Perhaps,
    /// `"server=..;password=.."`: a part of a longer string
    Inside,
    /// `the password is ..`
    Prose,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name, without quotes.
    pub name: Span,
    /// The value, without quotes.
    pub value: Span,
    /// Whether the value stood in quotes.
    pub quoted: bool,
    /// What stood between.
    pub operator: Operator,
    /// Whether it stands in a comment of code or configuration.
    pub comment: bool,
    /// Whether a user is named with it: before a short name on its line, or with a value on a line beside it.
    pub login: bool,
}

/// Names longer than this are data.
const MAX_NAME: usize = 120;
/// Names that mean other things as often are no longer: `pass`.
const MAX_WEAK_NAME: usize = 5;
/// Values longer than this are data, not credentials people write by hand.
const MAX_VALUE: usize = 4096;
/// Bytes of a line before a name that tell what it stands in.
const MAX_LEAD: usize = 200;
/// Bytes of a line that are looked at on either side of a place; longer lines are data.
const MAX_LINE: usize = 8 << 10;
/// Values of one name that are read: of a list, of a column.
const MAX_VALUES: usize = 64;

/// The name around `at`.
pub fn name_at(text: &str, at: usize, family: Family) -> Option<Name> {
    Reader { bytes: text.as_bytes(), family }.name_at(at)
}

/// The values given to a name of this text; often none.
pub fn values_of(name: &Name, text: &str, family: Family) -> Vec<Pair> {
    let reader = Reader { bytes: text.as_bytes(), family };
    let fits = |value: &Value| !value.range.is_empty() && value.range.len() <= MAX_VALUE;
    let values = reader.values(name);
    if values.is_empty() {
        return Vec::new();
    }
    let span = Span::new(name.range.start, name.range.end);
    let comment = reader.in_comment(name.start());
    // Only short names need to be told more of: `user: anna, pass: x`.
    let named = name.range.len() <= MAX_WEAK_NAME && reader.names_user(name.start());
    let before = named || reader.has_user_before(name.start());
    let login = before || reader.has_user_beside(name.start());
    values
        .into_iter()
        .filter(fits)
        .take(MAX_VALUES)
        .map(|value| Pair {
            name: span,
            value: Span::new(value.range.start, value.range.end),
            quoted: value.quoted,
            operator: value.operator,
            comment,
            // What stands on other lines belongs to other commands.
            login: named
                || reader.ends_line(&value) && if value.operator == Operator::Argument { before } else { login },
        })
        .collect()
}

/// Whether a place of a program or a configuration stands in a comment.
pub fn in_comment(text: &str, at: usize, family: Family) -> bool {
    Reader { bytes: text.as_bytes(), family }.in_comment(at)
}

/// A name as it stands in the text.
#[derive(Debug, Clone)]
pub struct Name {
    /// Without quotes.
    pub range: Range<usize>,
    /// The quote around it.
    quote: Option<Quote>,
    /// Bytes behind it that say in what kind of field its value stands: `passwordTextBox`.
    tail: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quote {
    /// `"password"`
    Plain(u8),
    /// `\"password\"`: JSON inside a string
    Escaped,
}

impl Name {
    /// Whether it may stand for several values: `passwords`, `API_KEYS`.
    fn is_plural(&self, reader: &Reader<'_>) -> bool {
        reader.before(self.range.end).eq_ignore_ascii_case(&b's')
    }

    /// Where its opening quote stands, or it starts.
    fn start(&self) -> usize {
        self.range.start - self.quote.map_or(0, Quote::len)
    }

    /// Where what follows its closing quote starts.
    fn end(&self) -> usize {
        self.range.end + self.tail + self.quote.map_or(0, Quote::len)
    }
}

impl Quote {
    fn len(self) -> usize {
        if self == Quote::Escaped { 2 } else { 1 }
    }
}

/// A value as it stands in the text.
#[derive(Debug, Clone)]
struct Value {
    range: Range<usize>,
    quoted: bool,
    operator: Operator,
}

impl Value {
    fn quoted(range: Range<usize>, operator: Operator) -> Value {
        Value { range, quoted: true, operator }
    }

    fn bare(range: Range<usize>, operator: Operator) -> Value {
        Value { range, quoted: false, operator }
    }
}

/// A text, and how its kind of file writes values.
#[derive(Debug, Clone, Copy)]
struct Reader<'t> {
    bytes: &'t [u8],
    family: Family,
}

impl<'t> Reader<'t> {
    /// The byte at a place; 0 past the end.
    fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte before a place; 0 at the start.
    fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |before| self.at(before))
    }

    /// Whether a text stands at a place. Long lists are asked so: most differ in the first byte.
    #[inline]
    fn starts(&self, at: usize, text: &str) -> bool {
        self.bytes.get(at) == text.as_bytes().first() && self.bytes[at..].starts_with(text.as_bytes())
    }

    fn starts_folded(&self, at: usize, text: &str) -> bool {
        self.bytes.get(at..at + text.len()).is_some_and(|rest| rest.eq_ignore_ascii_case(text.as_bytes()))
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while matches!(self.at(at), b' ' | b'\t') {
            at += 1;
        }
        at
    }

    /// The end of blanks before a place.
    fn skip_blanks_back(&self, mut at: usize) -> usize {
        while matches!(self.before(at), b' ' | b'\t') {
            at -= 1;
        }
        at
    }

    fn skip_space(&self, mut at: usize) -> usize {
        while self.at(at).is_ascii_whitespace() {
            at += 1;
        }
        at
    }

    fn skip_space_back(&self, mut at: usize) -> usize {
        while self.before(at).is_ascii_whitespace() {
            at -= 1;
        }
        at
    }

    /// Blanks, and one line end: a value may stand on the line after its operator.
    fn skip_line(&self, at: usize) -> usize {
        let at = self.skip_blanks(at);
        let next = match self.at(at) {
            b'\r' if self.at(at + 1) == b'\n' => at + 2,
            b'\n' => at + 1,
            b'\\' if self.at(at + 1) == b'\n' => at + 2,
            b'\\' if self.at(at + 1) == b'\r' => at + 2 + usize::from(self.at(at + 2) == b'\n'),
            _ => return at,
        };
        self.skip_blanks(next)
    }

    fn line_start(&self, at: usize) -> usize {
        let at = at.min(self.bytes.len());
        let floor = at.saturating_sub(MAX_LINE);
        memchr::memrchr(b'\n', &self.bytes[floor..at]).map_or(floor, |newline| floor + newline + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let at = at.min(self.bytes.len());
        let rest = &self.bytes[at..(at + MAX_LINE).min(self.bytes.len())];
        let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if end > at && self.before(end) == b'\r' { end - 1 } else { end }
    }

    /// Where the line after this one starts, or the text ends.
    fn next_line(&self, at: usize) -> usize {
        let end = self.line_end(at);
        let end = if self.at(end) == b'\r' { end + 1 } else { end };
        (end + 1).min(self.bytes.len())
    }

    /// The identifier that ends at a place.
    fn word_before(&self, end: usize) -> &'t [u8] {
        let length =
            self.bytes[..end].iter().rev().take(MAX_NAME).take_while(|&&byte| name::is_name_byte(byte)).count();
        &self.bytes[end - length..end]
    }

    /// Whether a word for a user stands before a place on its line.
    fn names_user(&self, at: usize) -> bool {
        const WORDS: &[&[u8]] = &[b"user", b"login", b"admin", b"root", b"ssh "];
        let lead = self.bytes[self.line_start(at).max(at.saturating_sub(MAX_LEAD))..at].to_ascii_lowercase();
        WORDS.iter().any(|word| find(&lead, word).is_some())
    }

    /// See [`in_comment`].
    fn in_comment(&self, at: usize) -> bool {
        if matches!(self.family, Family::Text | Family::Json) {
            return false;
        }
        let first = self.line_start(at);
        let line = &self.bytes[first.max(at.saturating_sub(MAX_LEAD))..at];
        let start = self.bytes[first..at.min(first + MAX_LEAD)].trim_ascii_start();
        let opens: &[&[u8]] = &[
            b"# ", b"##", b"#!", b"//", b"*", b"/*", b"--", b";", b"<!--", b"\"\"\"", b"'''", b"REM ", b"rem ", b"%",
            b">>> ",
        ];
        // `*password = ...`: what a pointer points at.
        let stars = start.iter().take_while(|&&byte| byte == b'*').count();
        let pointer = stars > 0 && name::is_name_byte(start.get(stars).copied().unwrap_or(self.at(at)));
        // `--password=x`, on a line of its own of a long command.
        let option = self.family == Family::Config
            && start.starts_with(b"--")
            && start.get(2).copied().unwrap_or(self.at(at)).is_ascii_alphabetic();
        !pointer && !option && opens.iter().any(|open| start.first() == open.first() && start.starts_with(open))
            || self.family != Family::Code && start.starts_with(b"#")
            || memchr::memchr2_iter(b'/', b'#', line).any(|mark| opens_comment(line, mark))
    }
}

/// Whether a mark opens a comment after something else on its line: ` # `, ` // `, `;//`, `; //`.
fn opens_comment(line: &[u8], mark: usize) -> bool {
    let (before, rest) = line.split_at(mark);
    let apart = matches!(before, [.., b' ' | b'\t']);
    match rest {
        [b'#', b' ', ..] => apart,
        [b'/', b'/', after @ ..] => {
            apart && after.first() == Some(&b' ') || matches!(before, [.., b';'] | [.., b';', b' '])
        }
        _ => false,
    }
}

/// Where a part first stands in a text of at most some hundred bytes: a searcher costs more to make.
fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    memchr::memchr_iter(part[0], text).find(|&at| text[at..].starts_with(part))
}

#[cfg(test)]
mod tests;
