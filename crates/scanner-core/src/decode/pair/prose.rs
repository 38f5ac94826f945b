//! Values in sentences, comments and tables.

use super::name::is_name_byte;
use super::{Family, MAX_VALUES, Name, Operator, Reader, Value, find};
use std::ops::Range;

/// What stands between a name and its value in prose.
const LINKS: &[&str] = &[
    ":",
    "=",
    "is set to ",
    "is now ",
    "is: ",
    "is ",
    "was: ",
    "was ",
    "will be: ",
    "will be ",
    "->",
    "\u{2192}",
    "\"",
    "`",
];
/// Names of a user and a password together.
const LOGINS: &[&[u8]] = &[b"login", b"credentials", b"creds", b"credential", b"logon"];
/// Words after a name that say whose password it is: `password for the test system: value`.
const WHOSE: &[&str] =
    &["for ", "of ", "on ", "at ", "in ", "f\u{fc}r ", "auf ", "im ", "pour ", "sur ", "para ", "en ", "di ", "per "];
/// Bytes of what stands in brackets after a name: `token (production): value`.
const NOTE: usize = 40;

impl Reader<'_> {
    /// `the password is value`, `**Password**: value`, in prose and comments.
    pub(super) fn prose(&self, name: &Name) -> Option<Value> {
        if self.family == Family::Json {
            return self.said(name);
        }
        if self.family != Family::Text && !self.in_comment(name.start()) {
            return None;
        }
        let is_mark = |byte: &u8| matches!(byte, b'*' | b'_' | b'`' | b'"' | b'\'');
        let after_marks =
            |at: usize| at + self.bytes.get(at..).unwrap_or_default().iter().take_while(|byte| is_mark(byte)).count();
        let at = self.skip_note(self.skip_blanks(after_marks(name.range.end)));
        let at = if WHOSE.iter().any(|word| self.starts_folded(at, word)) {
            let line = &self.bytes[at..self.line_end(at).min(at + 50)];
            let word = || [&b" is "[..], b" = "].iter().find_map(|link| find(line, link)).map(|at| at + 1);
            at + memchr::memchr(b':', line).or_else(word)?
        } else {
            at
        };
        // `token::take_until` is a name.
        if self.starts_folded(at, "::") {
            return None;
        }
        let Some(link) = LINKS.iter().find(|link| self.starts_folded(at, link)) else {
            return self.after_user(name);
        };
        let link_end = if matches!(*link, "\"" | "`") { at } else { at + link.len() };
        let start = self.skip_blanks(after_marks(self.skip_blanks(after_marks(link_end))));
        let quote = self.before(start);
        if is_mark(&quote) {
            let line = &self.bytes[start..self.line_end(start)];
            if let Some(length) = memchr::memchr(quote, line) {
                let end = self.second_of_login(name, start + length).unwrap_or(start + length);
                return Some(Value::quoted(start..end, Operator::Prose));
            }
        }
        let range = self.bare(start, Family::Text)?;
        let end = self.second_of_login(name, range.end).unwrap_or(range.end);
        let dotted = self.before(end) == b'.';
        Some(Value::bare(range.start..end - usize::from(dotted), Operator::Prose))
    }

    /// Past a note in brackets: `token (production): value`.
    fn skip_note(&self, at: usize) -> usize {
        let rest = &self.bytes[at..self.line_end(at).min(at + NOTE)];
        match memchr::memchr(b')', rest) {
            Some(close) if close > 1 && self.at(at) == b'(' => self.skip_blanks(at + close + 1),
            _ => at,
        }
    }

    /// `"text": "the vpn password is .., do not tell"`: a message in data.
    fn said(&self, name: &Name) -> Option<Value> {
        let link = [" is ", " was ", " is: "].iter().find(|link| self.starts(name.range.end, link))?;
        let range = self.bare(name.range.end + link.len(), Family::Text)?;
        let range = range.start..range.end - usize::from(self.before(range.end) == b'.');
        let word = &self.bytes[range.clone()];
        let drawn =
            word.len() >= 6 && word[1..].iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
        drawn.then(|| Value::bare(range, Operator::Prose))
    }

    /// Where the second of two words ends, the first of which ends at `close`: `` login: `anna` / `value` ``, `login is anna / value`.
    pub(super) fn second_of_login(&self, name: &Name, close: usize) -> Option<usize> {
        // The last word of `DB creds`.
        let named = self.bytes[name.range.clone()].rsplit(|byte| *byte == b' ').next().is_some_and(is_login);
        if !named || self.family != Family::Text && !self.in_comment(name.start()) {
            return None;
        }
        let quote = Some(self.at(close)).filter(|byte| matches!(byte, b'`' | b'"' | b'\''));
        let slash = self.skip_blanks(close + usize::from(quote.is_some()));
        let open = self.skip_blanks(slash + 1);
        let apart = slash > close && self.at(slash) == b'/' && open > slash + 1;
        match quote.filter(|_| apart) {
            Some(quote) if self.at(open) == quote => {
                memchr::memchr(quote, &self.bytes[open + 1..self.line_end(open)]).map(|length| open + 1 + length)
            }
            None if apart => self.bare(open, Family::Text).map(|word| word.end),
            _ => None,
        }
    }

    /// `vpn user anna password v4lue!`, `issued token 8f3k..`: the next word, if no word of a language is like it.
    fn after_user(&self, name: &Name) -> Option<Value> {
        // What is drawn at random and so long is meant, whoever has it.
        const LONG: usize = 20;
        let at = name.range.end + 1;
        if self.before(at) != b' ' {
            return None;
        }
        let range = self.bare(at, Family::Text)?;
        // `default password *value*`
        let stressed = range.len() > 2 && self.at(range.start) == b'*' && self.before(range.end) == b'*';
        let range = if stressed { range.start + 1..range.end - 1 } else { range };
        let word = &self.bytes[range.clone()];
        // `login anna/value`: of both, the second.
        let word = match memchr::memchr2(b'/', b':', word) {
            Some(mark) if mark > 1 && is_login(&self.bytes[name.range.clone()]) => &word[mark + 1..],
            _ => word,
        };
        let holds = |is: fn(&u8) -> bool| word.iter().any(is);
        let marked = word.iter().any(|byte| b"!@#$%^&*?+~".contains(byte));
        let drawn =
            holds(u8::is_ascii_digit) && holds(u8::is_ascii_lowercase) && (marked || holds(u8::is_ascii_uppercase));
        let hex = word.iter().all(u8::is_ascii_hexdigit) && holds(u8::is_ascii_digit);
        // `key 2f5e.. evicted`: keys of caches are as long.
        let told = self.bytes[name.range.clone()].to_ascii_lowercase();
        let told = [&b"token"[..], b"secret", b"api key"].iter().any(|word| find(&told, word).is_some());
        let long =
            told && word.len() >= LONG && (hex || drawn && word.iter().all(|&byte| is_name_byte(byte) || byte == b'-'));
        let of_user = self.names_user(name.start()) || word.len() < range.len();
        // `user anna pass river741`: words of a language hold no digits.
        let beside = self.follows_user(name.start())
            && holds(u8::is_ascii_digit)
            && holds(u8::is_ascii_lowercase)
            && word.iter().all(u8::is_ascii_alphanumeric);
        let fits = long || word.len() >= 6 && (drawn && of_user || beside) && memchr::memchr(b'/', word).is_none();
        fits.then(|| Value::bare(range, Operator::Space))
    }

    /// Whether the two words before a place are one for a user, and his name: `user anna `, `login root, `.
    fn follows_user(&self, at: usize) -> bool {
        let line = String::from_utf8_lossy(&self.bytes[self.line_start(at).max(at.saturating_sub(100))..at]);
        let mut words = line.split_whitespace().rev();
        let name = words.next().unwrap_or_default().trim_end_matches([',', ';']);
        let of = words.next().unwrap_or_default().trim_end_matches([':', '=']).to_ascii_lowercase();
        name.len() > 2 && matches!(of.as_str(), "user" | "username" | "login")
    }

    /// `name: v4lue!`, alone on a line of a program: a line of a text in it, as no program has such a value without
    /// quotes.
    pub(super) fn stands_in_text(&self, name: &Name, range: &Range<usize>) -> bool {
        /// What is drawn is as long, at least.
        const DRAWN: usize = 20;
        /// Shorter words are names.
        const SHORTEST: usize = 6;
        let alone = name.quote.is_none()
            && self.bytes[self.line_start(name.start())..name.start()].trim_ascii().is_empty()
            && self.bytes[range.end..self.line_end(range.end)].trim_ascii().is_empty();
        let word = &self.bytes[range.clone()];
        let is_code = |byte: &u8| b"()[]{}=.,;:<>?|$\"'`\\".contains(byte) || !byte.is_ascii_graphic();
        if !alone || word.len() < SHORTEST || word.iter().any(is_code) {
            return false;
        }
        let holds = |is: fn(&u8) -> bool| word.iter().any(is);
        let marked = word.iter().any(|byte| b"!@#%^&*~".contains(byte));
        let drawn = word.len() >= DRAWN
            && word.iter().all(u8::is_ascii_alphanumeric)
            && holds(u8::is_ascii_uppercase)
            && holds(u8::is_ascii_lowercase);
        holds(u8::is_ascii_digit) && holds(u8::is_ascii_alphabetic) && (marked || drawn)
    }

    /// `**value**`
    pub(super) fn stressed(&self, at: usize) -> Option<Value> {
        let start = at + 2;
        let line = &self.bytes[start.min(self.bytes.len())..self.line_end(start)];
        let length = find(line, b"**").filter(|length| *length > 0)?;
        let range = start..start + length;
        let word = !self.bytes[range.clone()].iter().any(u8::is_ascii_whitespace);
        (self.starts(at, "**") && word).then(|| Value::quoted(range, Operator::Prose))
    }

    /// ``| `PASSWORD` | `value` | What for |``: what stands as code in the cell beside a name's own.
    pub(super) fn next_cell(&self, name: &Name, bar: usize) -> Option<Value> {
        let start = self.skip_blanks_back(name.start());
        let open = self.skip_blanks(bar + 1);
        let own = self.before(start) == b'|' && self.bytes[self.line_start(start)..start - 1].trim_ascii().is_empty();
        if !own || self.at(open) != b'`' {
            return None;
        }
        let length = memchr::memchr(b'`', &self.bytes[open + 1..self.line_end(open)])?;
        let close = open + 1 + length;
        (self.at(self.skip_blanks(close + 1)) == b'|').then(|| Value::quoted(open + 1..close, Operator::Entry))
    }

    /// The cells below a name that is the head of a column: `| user | password |`, `user,password`.
    pub(super) fn below_head(&self, name: &Name) -> Option<Vec<Value>> {
        if self.family != Family::Text {
            return None;
        }
        let head = self.line_start(name.start())..self.line_end(name.start());
        let line = &self.bytes[head.clone()];
        let mark = *b"|,;\t".iter().find(|mark| line.contains(mark))?;
        let is_part = |byte: u8| byte == b' ' || byte == b'*' || byte == b'"';
        let before = self.bytes[head.start..name.start()].iter().rev().find(|&&byte| !is_part(byte));
        let after = self.bytes[name.end()..head.end].iter().find(|&&byte| !is_part(byte));
        let is_cell = before.is_none_or(|byte| *byte == mark) && after.is_none_or(|byte| *byte == mark);
        let heads = line.split(|byte| *byte == mark).count();
        // Heads are words: a line of data is none.
        if !is_cell || heads < 2 || line.iter().any(|byte| b"@=$/{}()".contains(byte)) {
            return None;
        }
        // A row of data below another row is no head.
        let above = &self.bytes[self.line_start(head.start.saturating_sub(1))..head.start.saturating_sub(1)];
        if above.iter().filter(|&&byte| byte == mark).count() + 1 == heads {
            return None;
        }
        // Nor is one that holds a number: `ALIAS Pre-Shared-Secret 26.5535.3`.
        let is_number = |cell: &[u8]| {
            let cell = cell.trim_ascii();
            cell.first().is_some_and(u8::is_ascii_digit)
                && cell.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        };
        if line.split(|byte| *byte == mark).any(is_number) {
            return None;
        }
        let value = |cell: Range<usize>| {
            let text = &self.bytes[cell.clone()];
            let is_edge = |byte: &&u8| matches!(**byte, b' ' | b'`' | b'*' | b'"');
            let lead = text.iter().take_while(is_edge).count();
            let tail = text[lead..].iter().rev().take_while(is_edge).count();
            let inner = cell.start + lead..cell.end - tail;
            let is_line = self.bytes[inner.clone()].iter().all(|byte| matches!(byte, b'-' | b':'));
            (!is_line).then(|| Value::quoted(inner, Operator::Entry))
        };
        let values: Vec<Value> = self.cells_below(name, mark).filter_map(value).take(MAX_VALUES).collect();
        (!values.is_empty()).then_some(values)
    }

    /// The cells of the column whose head is a name, in the rows below that have as many marks as its line.
    pub(super) fn cells_below(&self, name: &Name, mark: u8) -> impl Iterator<Item = Range<usize>> {
        let count = move |text: &[u8]| memchr::memchr_iter(mark, text).count();
        let head = self.line_start(name.start())..self.line_end(name.start());
        let (marks, index) = (count(&self.bytes[head.clone()]), count(&self.bytes[head.start..name.start()]));
        let rows = std::iter::successors(Some(self.next_line(head.start)), |&at| Some(self.next_line(at)));
        let rows = rows.take_while(|&at| at < self.bytes.len()).map(|at| at..self.line_end(at));
        rows.take_while(move |row| count(&self.bytes[row.clone()]) == marks).map(move |row| {
            let mut cells = self.bytes[row.clone()].split(move |byte| *byte == mark);
            let start = row.start + cells.by_ref().take(index).map(|cell| cell.len() + 1).sum::<usize>();
            start..start + cells.next().unwrap_or_default().len()
        })
    }
}

/// Whether a name is that of a user and a password together.
fn is_login(name: &[u8]) -> bool {
    LOGINS.iter().any(|word| name.eq_ignore_ascii_case(word))
}
