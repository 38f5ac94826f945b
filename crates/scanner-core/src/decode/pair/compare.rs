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
    ".equals(", ".equalsIgnoreCase(", ".Equals(", ".eql?(", ".compareTo(", ".contentEquals(", ".is(",
    ".startsWith(", ".compare(", ".isEqualToString(", " isEqualToString:@", ".includes(", ".value == ", ".value === ",
    ".Text == ", ".text == ", ".Text != ", ".text != ", ".value != ", ".value !== ", ".Text.Equals(", ".getText().equals(", ".text.toString() == ", ".getText().toString().equals(",
    // Of what is expected
    ".toEqual(", ".toBe(", ".toStrictEqual(", ".to.equal(", ".to.eql(", ".to.be.equal(", ".should.equal(", ".should.eql(",
    ".to eq ", ".to eq(", ".to eql ", ".should == ", ".should eq ", ".must_equal ", " shouldBe ", " should be ", " shouldEqual ",
    ".isEqualTo(", ".Should().Be(", ".toHaveValue(", ".to_have_value(",
];
/// Functions that compare two arguments.
#[rustfmt::skip] // a word a line would be pages
const COMPARE_CALLS: &[&str] = &[
    "strcmp", "strncmp", "strcasecmp", "wcscmp", "memcmp", "compare_digest", "hash_equals", "secure_compare",
    "timingSafeEqual", "equals", "Equals", "streq", "password_verify", "checkpw", "verify",
    "constant_time_compare",
];

/// Ends of names of functions, folded, that hold two arguments against each other in tests: `assertEquals`, `EXPECT_EQ`,
/// `assert.strictEqual`.
const ASSERTIONS: &[&str] =
    &["equal", "equals", "same", "areequal", "_eq", "_streq", "assert_eq", "isequal", "asserteq"];

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
        // `"password" => env("PASSWORD"), "port"`: past the bracket of the call stands what is none of its arguments.
        let inside = self.skip_blanks(name.end()) == comma;
        if inside && self.callee(name.start()).is_some_and(takes) {
            return self.given(comma + 1, Operator::Call);
        }
        if self.is_asserted(comma) {
            return self.given(comma + 1, Operator::Compare);
        }
        // `assertThat(config.getSecret(), is("value"))`
        if let Some(expected) = self.matcher(comma + 1).filter(|_| self.is_callee_of(comma, &["assertthat", "that"])) {
            return self.given(expected, Operator::Compare);
        }
        // `type(getByLabelText("Password"), "value")`
        if name.quote.is_some() && self.is_callee_of(comma, &["type", "fill", "paste", "settext", "typetext"]) {
            return self.plain_given(self.skip_line(comma + 1), Operator::Call);
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
            return self.given(comma + 1, Operator::Assign);
        }
        self.given(comma + 1, Operator::Compare).filter(|_| is_one_of(COMPARE_CALLS))
    }

    /// What a matcher of Hamcrest or NUnit at a place is given: `is("value")`.
    fn matcher(&self, at: usize) -> Option<usize> {
        const MATCHERS: &[&str] = &["is(", "equalTo(", "is(equalTo(", "Is.EqualTo("];
        let at = self.skip_line(at);
        MATCHERS.iter().rev().find(|matcher| self.starts(at, matcher)).map(|matcher| at + matcher.len())
    }

    /// Whether the call whose argument stands at a place is of one of these (folded) names.
    fn is_callee_of(&self, at: usize, names: &[&str]) -> bool {
        self.family == Family::Code && self.callee(at).is_some_and(|callee| names.contains(&callee.as_str()))
    }

    /// Whether nothing is asked of what has the name: `cred.username` is no credential.
    fn is_last(&self, name: &Name) -> bool {
        let end = self.skip_asking(name.end());
        self.at(end) != b'.' || !is_name_byte(self.at(end + 1))
    }

    /// Whether a place stands among the arguments of an assertion: `assertEquals(`, `assert_eq!(`, `assert_equal `.
    fn is_asserted(&self, at: usize) -> bool {
        const WINDOW: usize = 200;
        let line = &self.bytes[self.line_start(at).max(at.saturating_sub(WINDOW))..at];
        let statement = line.trim_ascii_start();
        // Ruby needs no brackets.
        let callee = match self.callee(at) {
            Some(callee) => callee,
            None => {
                String::from_utf8_lossy(statement.split(|byte| *byte == b' ').next().unwrap_or_default()).to_lowercase()
            }
        };
        !callee.contains("not") && ASSERTIONS.iter().any(|end| callee.ends_with(end))
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
        let comma = self.skip_space_back(start);
        let end = match method {
            Some(method) => start - method.len(),
            // `assertEquals("value", user.password)`
            None if self.before(comma) == b',' && self.is_last(name) && self.is_asserted(start) => {
                self.skip_blanks_back(comma - 1)
            }
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
