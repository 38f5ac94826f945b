//! Values that a name is compared with.

use super::argument::is_setter;
use super::name::is_name_byte;
use super::{Family, Name, Operator, Reader, Value};

/// Marks that compare.
pub(super) const COMPARE: &[&str] = &["===", "!==", "==", "!=", "<>", "-eq ", "-ne ", "eq ", "ne "];
/// The same without blanks, as they stand behind a value.
const BEFORE: &[&str] = &["===", "!==", "==", "!=", "<>", "-eq", "-ne", "eq", "ne"];
/// Methods that compare their object with their argument.
#[rustfmt::skip] // a word a line would be pages
const COMPARERS: &[&str] = &[
    ".equals(", ".equalsIgnoreCase(", ".Equals(", ".eql?(", ".compareTo(", ".contentEquals(", ".isEqualTo(", ".is(",
    ".startsWith(", ".compare(", ".isEqualToString(", " isEqualToString:@", ".includes(", ".value == ", ".value === ",
    ".Text == ", ".text == ", ".Text.Equals(", ".getText().equals(", ".text.toString() == ", ".getText().toString().equals(",
];
/// Functions that compare two arguments.
#[rustfmt::skip] // a word a line would be pages
const COMPARE_CALLS: &[&str] = &[
    "strcmp", "strncmp", "strcasecmp", "wcscmp", "memcmp", "compare_digest", "hash_equals", "secure_compare",
    "timingSafeEqual", "equals", "Equals", "streq", "password_verify", "checkpw", "verify",
    "constant_time_compare",
];

/// Functions that copy their second argument into the first.
const COPY_CALLS: &[&str] = &["strcpy", "strncpy", "strlcpy", "wcscpy", "lstrcpy", "lstrcpyA", "strcpy_s"];

impl Reader<'_> {
    /// `strcmp(password, "value")`
    pub(super) fn compared_argument(&self, name: &Name, comma: usize) -> Option<Value> {
        let open = self.skip_blanks_back(name.start());
        // `setopt(handle, OPTION_PASSWORD, "value")`
        let option = self.bytes[name.range.clone()].iter().all(|byte| !byte.is_ascii_lowercase());
        // `os.Setenv(secretKey, "value")`: what the variable is named is kept in another.
        let takes = |callee: String| match option {
            true => callee.contains("setopt") || is_setter(&callee),
            false => ["setenv", "putenv", "set_var", "setenvironmentvariable"].iter().any(|setter| callee == *setter),
        };
        if self.callee(name.start()).is_some_and(takes) {
            return self.given(comma + 1, Operator::Call);
        }
        // Over `config.`, `user->` and the like.
        let is_path = |byte: u8| is_name_byte(byte) || matches!(byte, b'.' | b'>' | b'-');
        let length = self.bytes[..open].iter().rev().take(60).take_while(|&&byte| is_path(byte)).count();
        let open = open - length;
        if self.before(open) != b'(' {
            return None;
        }
        let callee = self.word_before(open - 1);
        let is_one_of = |calls: &[&str]| calls.iter().any(|call| callee.ends_with(call.as_bytes()));
        if is_one_of(COPY_CALLS) {
            return self.given(comma + 1, Operator::Call);
        }
        self.given(comma + 1, Operator::Compare).filter(|_| is_one_of(COMPARE_CALLS))
    }

    /// `password.equals("value")`
    pub(super) fn compared_by_method(&self, at: usize) -> Option<Value> {
        let method = COMPARERS.iter().find(|method| self.starts(at, method))?;
        self.given(at + method.len(), Operator::Compare)
    }

    /// `"value" == password`, `"value".equals(password)`
    pub(super) fn compared_before(&self, name: &Name) -> Option<Value> {
        if self.family != Family::Code || name.quote.is_some() {
            return None;
        }
        // Over `this.`, `user.`, `request.form.` and the like.
        let is_path = |byte: u8| is_name_byte(byte) || matches!(byte, b'.' | b'$' | b'>' | b'-');
        let length = self.bytes[..name.start()].iter().rev().take(60).take_while(|&&byte| is_path(byte)).count();
        let start = name.start() - length;
        let method = COMPARERS.iter().find(|method| ends_with(&self.bytes[..start], method));
        let end = match method {
            Some(method) => start - method.len(),
            None => {
                let end = self.skip_blanks_back(start);
                let mark = BEFORE.iter().find(|mark| ends_with(&self.bytes[..end], mark))?;
                self.skip_blanks_back(end - mark.len())
            }
        };
        let literal = self.literal_before(end)?;
        Some(Value::quoted(literal.range, Operator::Compare))
    }
}

/// Whether a text ends in a mark. Every name is asked for all marks: most differ in the last byte.
#[inline]
fn ends_with(text: &[u8], mark: &str) -> bool {
    text.last() == mark.as_bytes().last() && text.ends_with(mark.as_bytes())
}
