//! Users that are named on the lines beside a password: with one, also a plain word is meant as its password.

use super::{Family, Reader};

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
        let given = given.strip_prefix(b"=").unwrap_or(given).trim_ascii().trim_ascii_end();
        let given = given.strip_suffix(b";").or_else(|| given.strip_suffix(b",")).unwrap_or(given);
        let quoted = given.len() > 2 && matches!(given[0], b'"' | b'\'' | b'`') && given.ends_with(&given[..1]);
        let value = if quoted { &given[1..given.len() - 1] } else { given };
        let written = quoted || self.family == Family::Text;
        let plain = value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._@+-".contains(byte));
        written && value.len() > 1 && plain && (value.contains(&b'@') || !has_word_for_user(value))
    }
}

fn has_word_for_user(text: &[u8]) -> bool {
    let folded = text.to_ascii_lowercase();
    USERS.iter().any(|word| super::find(&folded, word).is_some())
}
