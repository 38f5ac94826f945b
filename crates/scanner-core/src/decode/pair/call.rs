//! Reads credentials at declared places of calls and commands.

use super::name::is_name_byte;
use super::place::{Kind, Lead, Place};
use super::{Family, MAX_LEAD, MAX_VALUES, Operator, Pair, Reader, Value, find};
use crate::span::Span;
use std::ops::{Range, RangeInclusive};

impl Place {
    /// The credentials at this place of the call or command whose name stands around `at`.
    pub fn read_at(&self, text: &str, at: usize, family: Family) -> Vec<Pair> {
        let reader = Reader { bytes: text.as_bytes(), family };
        let name = Span::new(at, at + self.name.len());
        let pair = |value: Value| Pair {
            name,
            value: Span::new(value.range.start, value.range.end),
            quoted: value.quoted,
            operator: if self.unsure { Operator::Perhaps } else { value.operator },
            comment: reader.in_comment(at),
            login: true,
        };
        if self.kind == Kind::Entries {
            let stands = reader.starts_folded(at, &self.name) && (self.ending || !is_name_byte(reader.before(at)));
            let values = stands.then(|| reader.entries_of_map(at + self.name.len()));
            return values.flatten().unwrap_or_default().into_iter().map(pair).collect();
        }
        self.value_at(&reader, at).into_iter().map(pair).collect()
    }

    /// The one credential at a place of a call or a command.
    fn value_at(&self, reader: &Reader<'_>, at: usize) -> Option<Value> {
        let start = at;
        let end = start + self.name.len();
        let stands = reader.starts_folded(start, &self.name);
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !stands || !self.ending && is_part(reader.before(start)) || is_part(reader.at(end)) {
            return None;
        }
        if self.kind == Kind::After {
            return reader.literal_after(start..end);
        }
        // A command is followed by a blank, and is no option's value itself, as in `--name mysql`.
        let command = !matches!(self.kind, Kind::Argument { .. });
        // `Invoke-Sqlcmd` is another command than `sqlcmd`.
        if command && reader.before(start) == b'-' {
            return None;
        }
        let listed = matches!(reader.at(end), b'"' | b'\'') && reader.at(end + 1) == b',';
        if command && (!matches!(reader.at(end), b' ' | b'\t') && !listed || reader.is_of_option(start)) {
            return None;
        }
        if command && listed && !reader.opens_list(start) {
            return None;
        }
        match &self.kind {
            Kind::Entries | Kind::After => None,
            Kind::Argument { index, least } => {
                let count = if self.ending { *least..=*least } else { *least..=usize::MAX };
                reader.argument_of_call(end, *index, count)
            }
            Kind::Operand { index, quoted } => {
                let shown = reader.family == Family::Text || reader.in_comment(start);
                let value = (!shown || reader.opens_command(start)).then(|| reader.operand(end, *index))??;
                // `"Remove htpasswd files if requested"`
                if !value.quoted && reader.is_sentence(start, value.range.end) {
                    return None;
                }
                (value.quoted || !quoted).then_some(value)
            }
            Kind::Option { flags, glued, lead } => reader.option_value(end, flags, *glued, lead),
        }
    }
}

impl Reader<'_> {
    /// Whether the word before is an option: then what follows is its value.
    fn is_of_option(&self, start: usize) -> bool {
        let end = self.skip_blanks_back(start);
        let word = self.bytes[..end].iter().rev().take(40).take_while(|byte| !byte.is_ascii_whitespace()).count();
        end < start && self.at(end - word) == b'-'
    }

    /// Whether the literal around `start` is the first of its list, or the first is a program that runs others: a
    /// command rather than one word among many.
    fn opens_list(&self, start: usize) -> bool {
        // Bytes before a command in its list: `["docker", "exec", "-it", "database", "mysql", ...]`.
        const BEFORE: usize = 200;
        const RUNNERS: &[&[u8]] =
            &[b"sudo", b"doas", b"env", b"docker", b"podman", b"kubectl", b"oc", b"ssh", b"nohup", b"time", b"flatpak"];
        let before = &self.bytes[start.saturating_sub(BEFORE)..start];
        let Some(open) = before.iter().rposition(|byte| matches!(byte, b'[' | b'(' | b'{')) else { return false };
        let list = before[open + 1..].trim_ascii_start();
        let Some((quote @ (b'"' | b'\''), first)) = list.split_first() else { return false };
        match first.iter().position(|byte| byte == quote) {
            None => true,
            Some(end) => RUNNERS.contains(&&first[..end]),
        }
    }

    /// The literals of a map whose name ends at `end`, if all that it holds is names and literals:
    /// `users = {"anna": "value"}`, `Accounts{"anna": "value"}`, `users: { anna: 'value' }`.
    fn entries_of_map(&self, end: usize) -> Option<Vec<Value>> {
        // Bytes of a type between name and map.
        const TYPE: usize = 48;
        // Keys of what is one user with its fields.
        #[rustfmt::skip] // a word a line would be pages
        const FIELDS: &[&[u8]] = &[
            b"name", b"email", b"id", b"role", b"type", b"path", b"url", b"title", b"password", b"username", b"user",
            b"label", b"icon", b"key", b"host", b"method", b"description", b"message", b"text", b"from", b"to",
            b"href", b"class",
        ];
        // Ends of names of parts of one credential, and of what tells that a file is as it was.
        #[rustfmt::skip]
        const PARTS: &[&[u8]] = &[
            b"id", b"key", b"secret", b"token", b"region", b"uri", b"host", b"port", b"hash", b"sha1", b"sha256",
            b"sha512", b"md5", b"digest", b"checksum", b"integrity",
        ];
        // `"src/api_keys.py": {..}`: a file. `update("users", array(..))`: a table, and what its columns are set to.
        let quoted = matches!(self.at(end), b'"' | b'\'');
        if self.at(end) == b'.' || quoted && self.at(self.skip_blanks(end + 1)) == b',' {
            return None;
        }
        let is_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"_<>,.:=[] \"'".contains(byte);
        let window = &self.bytes[end.min(self.bytes.len())..(end + TYPE).min(self.bytes.len())];
        let open = window.iter().position(|byte| !is_type(byte)).filter(|&at| matches!(window[at], b'{' | b'('));
        // PHP: `$users = ["anna" => "value"]`
        let bracket = find(window, b"= [").map(|at| at + 2);
        let open = open.filter(|&at| bracket.is_none_or(|bracket| at < bracket)).or(bracket)?;
        let (open, close) = match window[open] {
            // Of a call its arguments are no map.
            b'(' if !window[..open].trim_ascii_end().ends_with(b"=") && !window[..open].ends_with(b"array") => {
                return None;
            }
            b'(' => (open, b')'),
            b'[' => (open, b']'),
            _ => (open, b'}'),
        };
        let mut at = self.skip_space(end + open + 1);
        let mut values = Vec::new();
        while values.len() < MAX_VALUES && self.at(at) != close {
            let key = match self.plain_literal(at) {
                Some(literal) => {
                    at = literal.end;
                    literal.range
                }
                None => {
                    let start = at;
                    at += self.bytes[at..].iter().take(MAX_LEAD).take_while(|&&byte| is_name_byte(byte)).count();
                    start..at
                }
            };
            let name = &self.bytes[key];
            let is_part = PARTS
                .iter()
                .any(|end| name.len().checked_sub(end.len()).is_some_and(|at| name[at..].eq_ignore_ascii_case(end)));
            if name.is_empty() || is_part || FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)) {
                return None;
            }
            at = self.skip_blanks(at);
            let mark = ["=>", ":", "="].into_iter().find(|mark| self.starts(at, mark))?;
            if close != b'}' && mark != "=>" {
                return None;
            }
            at += mark.len();
            let literal = self.plain_literal(self.skip_space(at))?;
            values.push(Value::quoted(literal.range, Operator::Listed));
            at = self.skip_space(literal.end);
            match self.at(at) {
                b',' => at = self.skip_space(at + 1),
                byte if byte == close => break,
                _ => return None,
            }
        }
        Some(values)
    }

    /// The literal after one of this content: `("admin", "value")`, `["root", "value"]`.
    fn literal_after(&self, user: Range<usize>) -> Option<Value> {
        let quote = self.before(user.start);
        if !matches!(quote, b'"' | b'\'') || self.at(user.end) != quote {
            return None;
        }
        let comma = self.skip_blanks(user.end + 1);
        let literal = self.plain_literal(self.skip_space(comma + 1)).filter(|_| self.at(comma) == b',')?;
        let ends = matches!(self.at(self.skip_space(literal.end)), b')' | b']' | b'}' | b',');
        ends.then(|| Value::quoted(literal.range, Operator::Perhaps))
    }

    /// Whether what looks like a command and its operands is a part of a sentence: words, with a word before them.
    fn is_sentence(&self, start: usize, end: usize) -> bool {
        const RUNNERS: &[&[u8]] =
            &[b"sudo", b"doas", b"exec", b"time", b"nohup", b"run", b"RUN", b"then", b"do", b"else"];
        let before = self.word_before(self.skip_blanks_back(start));
        !before.is_empty()
            && before.iter().all(u8::is_ascii_alphabetic)
            && !RUNNERS.contains(&before)
            && self.bytes[start..end].iter().all(|byte| byte.is_ascii_lowercase() || *byte == b' ')
    }

    /// Whether a command starts at a place of a text, rather than a word of a sentence that is named as one.
    fn opens_command(&self, start: usize) -> bool {
        let before = self.bytes[self.line_start(start)..start].trim_ascii_end();
        matches!(before, [] | [.., b'$' | b'#' | b'>' | b'`' | b'"' | b'\'' | b'|' | b'&' | b';'])
            || before.ends_with(b"sudo")
    }

    /// The literal that is the `index`th argument of the call whose name ends at `end`, which takes so many.
    fn argument_of_call(&self, end: usize, index: usize, count: RangeInclusive<usize>) -> Option<Value> {
        let open = self.skip_blanks(end);
        if self.at(open) != b'(' {
            return None;
        }
        let (cells, _) = self.row(open + 1)?;
        let range = cells.get(index).filter(|_| count.contains(&cells.len()))?.clone()?;
        // `show_login($message, "error")`: a word beside no user, given to what is only called as a login is.
        let is_word = self.bytes[range.clone()].iter().all(u8::is_ascii_lowercase);
        if is_word && index == 1 && *count.end() < usize::MAX && cells[0].is_none() {
            return None;
        }
        // `"client_" + number`, `prefix + "_client"`: not the whole value.
        let joined = [self.at(self.skip_blanks(range.end + 1)), self.before(self.skip_blanks_back(range.start - 1))];
        if joined.contains(&b'+') {
            return None;
        }
        Some(Value::quoted(range, Operator::Position))
    }

    /// The word of this index after a command's name.
    fn operand(&self, from: usize, index: usize) -> Option<Value> {
        let mut at = from;
        let mut skipped = 0;
        let word = loop {
            let word = self.next_word(&mut at)?;
            if self.at(word.start) == b'-' || self.starts_folded(word.start, "/user:") {
                continue;
            }
            // `BASIC_AUTH = "x"` is no command.
            if matches!(&self.bytes[word.clone()], b"=" | b":" | b":=" | b"=>" | b"==") {
                return None;
            }
            if skipped == index {
                break word;
            }
            skipped += 1;
        };
        Some(self.unquoted(word))
    }

    /// The word after one of `flags` on the command line that starts at `from`.
    fn option_value(&self, from: usize, flags: &[String], glued: bool, lead: &Lead) -> Option<Value> {
        let mut at = from;
        while let Some(word) = self.next_word(&mut at) {
            let text = &self.bytes[word.clone()];
            let Some(flag) = flags.iter().find(|flag| text.starts_with(flag.as_bytes())) else { continue };
            let rest = word.start + flag.len();
            let value = match (text.len() > flag.len(), glued) {
                (true, _) if self.at(rest) == b'=' => self.unquoted(rest + 1..word.end),
                (true, true) => self.unquoted(rest..word.end),
                // `-u name:value` is written `-uname:value`, too; a longer flag is another one.
                (true, false) if flag.len() == 2 && matches!(lead, Lead::UpTo(_)) => self.unquoted(rest..word.end),
                (false, false) => {
                    let word = self.next_word(&mut at)?;
                    self.unquoted(word)
                }
                _ => continue,
            };
            let text = &self.bytes[value.range.clone()];
            let skipped = match lead {
                Lead::Text(lead) => text.starts_with(lead.as_bytes()).then_some(lead.len())?,
                Lead::UpTo(mark) => memchr::memchr(*mark, text)? + 1,
            };
            return Some(Value { range: value.range.start + skipped..value.range.end, ..value });
        }
        None
    }

    /// The next word of a command line, quotes included; `None` where the command ends.
    fn next_word(&self, at: &mut usize) -> Option<Range<usize>> {
        // `["program", "-p", "value"]`: between the quotes of a list.
        if matches!(self.at(*at), b'"' | b'\'') && self.at(*at + 1) == b',' {
            let literal = self.plain_literal(self.skip_space(*at + 2))?;
            *at = literal.end - 1;
            return Some(literal.range);
        }
        const LONGEST: usize = 2000;
        *at = self.skip_blanks(*at);
        while self.at(*at) == b'\\' && matches!(self.at(*at + 1), b'\n' | b'\r') {
            *at = self.skip_line(*at);
        }
        let start = *at;
        let mut quote = 0;
        loop {
            match self.at(*at) {
                0 => break,
                b'\n' | b'\r' => break,
                byte if quote != 0 => quote = if byte == quote { 0 } else { quote },
                // `{{ user }}`: a template fills in one word.
                b'{' if self.at(*at + 1) == b'{' => {
                    let rest = &self.bytes[*at..self.line_end(*at)];
                    *at += memchr::memmem::find(rest, b"}}").unwrap_or(0) + 1;
                }
                byte @ (b'"' | b'\'') => quote = byte,
                b' ' | b'\t' | b'|' | b';' | b'`' | b')' => break,
                b'&' if self.at(*at + 1) == b'&' => break,
                _ => {}
            }
            *at += 1;
            if *at - start > LONGEST {
                return None;
            }
        }
        (*at > start).then_some(start..*at)
    }

    /// Without the quotes around a word; one that closes what the whole command stands in is cut.
    fn unquoted(&self, word: Range<usize>) -> Value {
        let text = &self.bytes[word.clone()];
        let quote = text.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        // `provider :name, "id", "secret", scope: "x"`: arguments without brackets.
        let listed = quote.is_some() && text.len() > 2 && text.ends_with(b",");
        let word = if listed { word.start..word.end - 1 } else { word };
        let text = &self.bytes[word.clone()];
        match (quote, text.last()) {
            (Some(quote), Some(&last)) if text.len() > 1 && quote == last => {
                Value::quoted(word.start + 1..word.end - 1, Operator::Position)
            }
            _ => {
                let end = text.iter().position(|byte| matches!(byte, b'"' | b'\'' | b',')).unwrap_or(text.len());
                Value::bare(word.start..word.start + end, Operator::Position)
            }
        }
    }
}
