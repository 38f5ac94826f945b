//! Reads the rows of SQL dumps: which values stand in the columns of a credential.

use crate::limits::MAX_SQL_HEADER;
use crate::rule::words;
use crate::span::Span;
use regex::bytes::Regex;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Words that open a part of a table's definition that is no column.
const NO_COLUMN: &[&str] =
    &["primary", "key", "unique", "constraint", "foreign", "index", "check", "fulltext", "spatial", "exclude", "like"];

/// The values of columns whose name holds all words of one of `names`, in the rows of `INSERT`
/// statements and `COPY` blocks; `each` returns whether to go on. Where a statement names no
/// columns, the table's definition before it tells them.
pub fn values(text: &str, names: &[Vec<String>], not_names: &[Vec<String>], mut each: impl FnMut(Span) -> bool) {
    static STATEMENT: OnceLock<Regex> = OnceLock::new();
    let statement = STATEMENT.get_or_init(|| {
        Regex::new(r"(?i-u)\b(create\s+table(?:\s+if\s+not\s+exists)?|(?:insert(?:\s+ignore)?|replace)\s+into|copy)\s")
            .expect("the regex is fixed and tested")
    });
    let telling = |column: &str| {
        let column = words::split(column);
        let holds = |lists: &[Vec<String>]| lists.iter().any(|list| words::place(&column, list).is_some());
        holds(names) && !holds(not_names)
    };
    let mut tables: HashMap<String, Vec<usize>> = HashMap::new();
    let mut at = 0;
    while let Some(captures) = statement.captures_at(text.as_bytes(), at) {
        let (Some(whole), Some(keyword)) = (captures.get(0), captures.get(1)) else { return };
        let until = text.len().min(whole.end() + MAX_SQL_HEADER);
        let mut header = Reader { text: &text.as_bytes()[..until], at: whole.end() };
        let is_copy = keyword.as_bytes().eq_ignore_ascii_case(b"copy");
        let is_table = keyword.as_bytes()[0].eq_ignore_ascii_case(&b'c') && !is_copy;
        let Some(table) = header.name().map(str::to_ascii_lowercase) else {
            at = whole.end();
            continue;
        };
        header.blanks();
        let wanted: Vec<usize> = if header.peek() == Some(b'(') {
            let columns = header.columns();
            columns.iter().enumerate().filter(|(_, name)| telling(name)).map(|(index, _)| index).collect()
        } else {
            tables.get(&table).cloned().unwrap_or_default()
        };
        // What was read is not read again, or a file of open parentheses would take for ever.
        at = header.at;
        if is_table {
            tables.insert(table, wanted);
        } else if !wanted.is_empty() {
            let mut reader = Reader { text: text.as_bytes(), at };
            if !(if is_copy { reader.block(&wanted, &mut each) } else { reader.rows(&wanted, &mut each) }) {
                return;
            }
            at = reader.at.min(text.len());
        }
    }
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// A name, quoted or not; of a dotted one the last part.
    fn name(&mut self) -> Option<&'t str> {
        self.blanks();
        loop {
            let close = match self.peek()? {
                b'[' => b']',
                quote @ (b'`' | b'"') => quote,
                _ => 0,
            };
            let start = self.at + usize::from(close != 0);
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80;
            let ends = |&byte: &u8| if close == 0 { !is_part(byte) } else { byte == close };
            let len = self.text[start..].iter().position(ends)?;
            self.at = start + len + usize::from(close != 0);
            if self.peek() != Some(b'.') {
                let name = std::str::from_utf8(&self.text[start..start + len]).ok();
                return name.filter(|name| !name.is_empty());
            }
            self.at += 1;
        }
    }

    /// The names that open the parts of a list in parentheses.
    fn columns(&mut self) -> Vec<&'t str> {
        self.blanks();
        let mut columns = Vec::new();
        if self.peek() != Some(b'(') {
            return columns;
        }
        self.at += 1;
        loop {
            let name = self.name();
            columns.extend(name.filter(|name| !NO_COLUMN.contains(&name.to_ascii_lowercase().as_str())));
            if self.skip_part() != Some(b',') {
                return columns;
            }
        }
    }

    /// Goes behind the comma or closing parenthesis that ends a part of a list, and tells which.
    fn skip_part(&mut self) -> Option<u8> {
        let mut depth = 0;
        loop {
            match self.peek()? {
                b'\'' | b'"' | b'`' => {
                    self.string()?;
                    continue;
                }
                b'(' => depth += 1,
                end @ (b',' | b')') if depth == 0 => {
                    self.at += 1;
                    return Some(end);
                }
                b')' => depth -= 1,
                b';' if depth == 0 => return None,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// A quoted text; quotes inside are doubled or escaped.
    fn string(&mut self) -> Option<Span> {
        let quote = self.peek()?;
        let start = self.at + 1;
        self.at = start;
        loop {
            match self.peek()? {
                b'\\' => self.at += 2,
                byte if byte == quote && self.text.get(self.at + 1) == Some(&quote) => self.at += 2,
                byte if byte == quote => {
                    self.at += 1;
                    return Some(Span::new(start, self.at - 1));
                }
                _ => self.at += 1,
            }
        }
    }

    /// `VALUES (...), (...)`; whether to go on.
    fn rows(&mut self, wanted: &[usize], each: &mut impl FnMut(Span) -> bool) -> bool {
        self.blanks();
        let word = self.text.get(self.at..self.at + 6).unwrap_or_default();
        if !word.eq_ignore_ascii_case(b"values") {
            return true;
        }
        self.at += 6;
        loop {
            self.blanks();
            if self.peek() != Some(b'(') {
                return true;
            }
            self.at += 1;
            for column in 0.. {
                self.blanks();
                // `N'...'`, `E'...'`
                if self.peek().is_some_and(|byte| byte.is_ascii_alphabetic())
                    && self.text.get(self.at + 1) == Some(&b'\'')
                {
                    self.at += 1;
                }
                if self.peek() == Some(b'\'') && wanted.contains(&column) {
                    let Some(span) = self.string() else { return true };
                    if !each(span) {
                        return false;
                    }
                }
                match self.skip_part() {
                    Some(b',') => {}
                    Some(_) => break,
                    None => return true,
                }
            }
            self.blanks();
            if self.peek() != Some(b',') {
                return true;
            }
            self.at += 1;
        }
    }

    /// The lines of `COPY ... FROM stdin;` up to `\.`; whether to go on.
    fn block(&mut self, wanted: &[usize], each: &mut impl FnMut(Span) -> bool) -> bool {
        let Some(newline) = memchr::memchr(b'\n', &self.text[self.at..]) else { return true };
        if !self.text[self.at..self.at + newline].to_ascii_lowercase().windows(5).any(|word| word == b"stdin") {
            return true;
        }
        self.at += newline + 1;
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
            if line.starts_with(b"\\.") {
                return true;
            }
            let mut start = self.at;
            for (column, value) in line.split(|&byte| byte == b'\t').enumerate() {
                let shown = value.strip_suffix(b"\r").unwrap_or(value);
                if wanted.contains(&column) && shown != b"\\N" && !each(Span::new(start, start + shown.len())) {
                    return false;
                }
                start += value.len() + 1;
            }
            self.at += line.len() + 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let names = [vec!["password".to_owned()], vec!["api".to_owned(), "key".to_owned()]];
        let not_names = [vec!["changed".to_owned()]];
        let mut found = Vec::new();
        values(text, &names, &not_names, |span| {
            found.push(&text[span.range()]);
            found.len() < 5
        });
        found
    }

    #[test]
    fn columns_are_named_by_the_statement_or_the_table() {
        let text = "CREATE TABLE IF NOT EXISTS `app`.`users` (`id` int(11), name varchar(20) DEFAULT 'a,b', \
                    `password` char(60), password_changed date, PRIMARY KEY (`id`));\n\
                    INSERT INTO `users` VALUES (1,'ann','one','2020'),(2,'b)o''b','t\\'wo',NULL), (3, 'c', NULL, '');\n\
                    insert into [dbo].[keys] (api_key, note) values (N'three', 'x');\n\
                    INSERT INTO logs (message) VALUES ('password');\n\
                    INSERT INTO users (name, password) SELECT name, 'x' FROM old;";
        assert_eq!(found(text), ["one", "t\\'wo", "three"]);
    }

    #[test]
    fn copied_blocks() {
        let text = "COPY public.users (id, name, password) FROM stdin;\n1\tann\tone\r\n2\tbob\t\\N\n3\tcy\ttwo\n\\.\n1\ta\tb\n";
        assert_eq!(found(text), ["one", "two"]);
    }

    #[test]
    fn stops_when_told_and_at_the_end_of_broken_text() {
        let rows = "('x'),".repeat(9);
        assert_eq!(found(&format!("insert into t (password) values {rows}")).len(), 5);
        for broken in [
            "insert into t (password",
            "insert into t (password) values ('a",
            "copy t (password) from stdin;\n1",
            "insert into `",
        ] {
            let _ = found(broken);
        }
    }
}
