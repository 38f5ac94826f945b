//! Users that are named on the lines beside a password: with one, also a plain word is meant as its password.

use super::{Family, Name, Operator, Reader, Value};

/// Lines beside a name that are looked at, on either side.
const LINES: usize = 2;
/// Longer lines set more than a user.
const LONGEST_LINE: usize = 120;
/// Words for users, as names have them.
const USERS: &[&[u8]] =
    &[b"user", b"login", b"benutzer", b"usuario", b"utilisateur", b"utente", b"account", b"mail", b"uid", b"usr"];

impl Reader<'_> {
    /// Whether a line beside the one of a place gives a user: `user = "anna"`, `Benutzer: anna`.
    pub(super) fn has_user_beside(&self, at: usize) -> bool {
        if self.family.holds_settings() {
            return false;
        }
        let mut start = self.line_start(at);
        for _ in 0..LINES {
            if start == 0 {
                break;
            }
            let end = start - 1;
            start = self.line_start(end);
            if self.gives_user(start, end) {
                return true;
            }
        }
        let mut start = at;
        for _ in 0..LINES {
            start = self.next_line(start);
            if self.gives_user(start, self.line_end(start)) {
                return true;
            }
        }
        false
    }

    /// Whether the line before a place gives a user: `--user anna --pw`, `username=anna&pw`.
    pub(super) fn has_user_before(&self, at: usize) -> bool {
        if self.family.holds_settings() {
            return false;
        }
        if self.before(at) == b'/' && has_word_for_user(self.word_before(at - 1)) {
            return true;
        }
        let lead = &self.bytes[self.line_start(at).max(at.saturating_sub(LONGEST_LINE))..at];
        let folded = lead.to_ascii_lowercase();
        let word = USERS.iter().filter_map(|word| Some((memchr::memmem::rfind(&folded, word)?, word.len()))).max();
        let Some((word, length)) = word else { return false };
        let rest = &lead[word + length..];
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte)).count();
        // `userBox.Text != "anna"`, `user.equals("anna")`
        let asked = self.family == Family::Code && rest.get(name) == Some(&b'.');
        let member = rest[name..].iter().skip(1).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let rest = &rest[name + if asked { member + 1 } else { 0 }..];
        let is_mark = |byte: &&u8| b" =:\"'`".contains(byte) || asked && b"!(".contains(byte);
        let (close, given) = rest.split_at(rest.iter().take_while(is_mark).count());
        let quoted = close.iter().any(|byte| b"\"'`".contains(byte));
        let value = given.split(|byte| b" \"'`,;&".contains(byte)).next().unwrap_or_default();
        let written = quoted || self.family == Family::Text;
        written && name < 10 && !close.is_empty() && is_user(value) && !has_word_for_user(value)
    }

    /// Whether a value is all that a line of text gives, not the first word of a sentence.
    pub(super) fn ends_line(&self, value: &Value) -> bool {
        let rest = self.bytes[value.range.end..self.line_end(value.range.end)].trim_ascii_start();
        value.quoted
            || self.family != Family::Text
            || rest.is_empty()
            || matches!(rest[0], b'-' | b'"' | b'&' | b'`' | b']')
    }

    /// `username/pw: anna/value`, `` user/pw: `anna`/`value` ``: the second of two.
    pub(super) fn second_of_both(&self, name: &Name) -> Option<Value> {
        let both = self.family == Family::Text && self.before(name.start()) == b'/';
        if !both || !has_word_for_user(self.word_before(name.start() - 1)) {
            return None;
        }
        let colon = self.skip_blanks(name.end());
        if self.at(colon) != b':' {
            return None;
        }
        let is_mark = |byte: &u8| b" `*\"'[]()".contains(byte);
        let line = &self.bytes[colon + 1..self.line_end(colon)];
        let slash = memchr::memchr(b'/', line)?;
        let user = line[..slash].trim_ascii();
        let user = user.iter().skip_while(|byte| is_mark(byte));
        let lead = line[slash + 1..].iter().take_while(|byte| is_mark(byte)).count();
        let rest = &line[slash + 1 + lead..];
        let length = rest.iter().position(|byte| is_mark(byte) || *byte == b',').unwrap_or(rest.len());
        let start = colon + 1 + slash + 1 + lead;
        let single = user.clone().count() > 0 && !user.clone().any(|byte| matches!(byte, b' ' | b':'));
        (single && length > 0).then(|| Value::bare(start..start + length, Operator::Assign))
    }

    /// Whether a line gives a user, and says more than that one goes there.
    fn gives_user(&self, start: usize, end: usize) -> bool {
        let line = &self.bytes[start..end];
        if line.len() > LONGEST_LINE {
            return false;
        }
        let Some(mark) = memchr::memchr2(b'=', b':', line) else { return false };
        if !has_word_for_user(&line[..mark]) {
            return false;
        }
        let given = line[mark + 1..].trim_ascii_start();
        let given = given.strip_prefix(b"=").unwrap_or(given).trim_ascii();
        let given = given.strip_suffix(b";").or_else(|| given.strip_suffix(b",")).unwrap_or(given);
        let quoted = given.len() > 2 && matches!(given[0], b'"' | b'\'' | b'`') && given.ends_with(&given[..1]);
        let value = if quoted { &given[1..given.len() - 1] } else { given };
        let written = quoted || self.family == Family::Text;
        written && is_user(value) && (value.contains(&b'@') || !has_word_for_user(value))
    }
}

/// Whether a value may be what a user is called.
fn is_user(value: &[u8]) -> bool {
    value.len() > 1 && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(byte))
}

fn has_word_for_user(text: &[u8]) -> bool {
    let folded = text.to_ascii_lowercase();
    USERS.iter().any(|word| super::find(&folded, word).is_some())
}
