//! Values that calls and declarations give beside or under a name.

use super::Family;
use super::name::is_name_byte;
use super::{Name, Operator, Reader, Value, find};

impl Reader<'_> {
    /// `get("#password").type("value")`, `(..).value = "value"`: a form that is filled in.
    pub(super) fn filled(&self, at: usize) -> Option<Value> {
        #[rustfmt::skip] // a word a line would be pages
        const FILLERS: &[&str] = &[
            ".val(", ".type(", ".fill(", ".sendKeys(", ".send_keys(", ".setValue(", ".set(", ".clear().type(",
            ".value = ", ".value=", ".text = ", ".Text = ", ".Value = ", ".stringValue = ", ".enterText(", ".typeText(",
            ".value == ", ".value === ", ".val() == ", ".setText(", ".replaceText(", ".SendKeys(", ".setPassword(",
        ];
        let filler = FILLERS.iter().find(|filler| self.starts(at, filler))?;
        self.given(at + filler.len(), Operator::Call)
    }

    /// `get('[data-cy=password]').type('value')`, `fill('input[name="password"]', 'value')`: a selector that holds the
    /// name, and what is typed there.
    pub(super) fn typed_into(&self, name: &Name) -> Option<Value> {
        let close = name.end() + 1;
        let quote = self.at(close);
        if self.family != Family::Code || self.at(name.end()) != b']' || !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        let line = self.line_start(name.start());
        let open = line + memchr::memrchr(quote, &self.bytes[line..name.start()])?;
        match self.at(close + 1) {
            b')' => self.filled(close + 2),
            b',' if self.before(open) == b'(' => {
                let callee = self.word_before(open - 1);
                let fills = [&b"fill"[..], b"type", b"setValue"].contains(&callee);
                self.plain_given(self.skip_line(close + 2), Operator::Call).filter(|_| fills)
            }
            _ => None,
        }
    }

    /// ABAP and COBOL: `gc_pass TYPE string VALUE 'x'`, `WS-PASSWORD PIC X(10) VALUE 'x'`.
    pub(super) fn declared(&self, at: usize) -> Option<Value> {
        const LONGEST: usize = 60;
        let line = &self.bytes[at..self.line_end(at).min(at + LONGEST)];
        let value = find(line, b" VALUE ")?;
        let is_type = |byte: &u8| byte.is_ascii_alphanumeric() || b" ()-_".contains(byte);
        let typed = line[..value].iter().all(is_type);
        self.plain_given(at + value + " VALUE ".len(), Operator::Assign).filter(|_| typed)
    }

    /// `setPassword("value")`
    pub(super) fn called(&self, at: usize) -> Option<Value> {
        let literal = self.literal(at + 1)?;
        let mut end = self.skip_blanks(literal.end);
        // `password("value".toCharArray())`
        while self.at(end) == b'.' || is_name_byte(self.at(end)) || self.at(end) == b'(' && self.at(end + 1) == b')' {
            end += if self.at(end) == b'(' { 2 } else { 1 };
        }
        matches!(self.at(end), b')').then(|| Value::quoted(literal.range, Operator::Call))
    }

    /// `put("password", "value")`, `flag("--password", default="value")`
    pub(super) fn next_argument(&self, name: &Name, comma: usize) -> Option<Value> {
        if self.is_column(name.start()) {
            return None;
        }
        // Capybara: `fill_in "Password", with: "value"`
        if self.starts(self.skip_blanks(comma + 1), "with: ") {
            return self.plain_given(self.skip_blanks(comma + 1) + "with: ".len(), Operator::Call);
        }
        if let Some(literal) = self.literal(comma + 1)
            && (matches!(self.at(self.skip_space(literal.end)), b')' | b',' | b']' | b'}' | b'.')
                || self.is_field_of_build(name.start()))
        {
            let operator = match self.callee(name.start()) {
                // `slots = ("user", "password", "address")`: a list; `("password", "value")` is a pair.
                Some(callee)
                    if callee.is_empty()
                        && (self.argument_index(name.start()) > 0 || self.at(self.skip_space(literal.end)) == b',') =>
                {
                    return None;
                }
                // `Map.of("user", "password", ...)`: a value, not a name.
                Some(callee) if callee == "of" && self.argument_index(name.start()) % 2 == 1 => return None,
                // `INSERT INTO settings VALUES ('smtp_password', 'value')`
                Some(callee) if callee == "values" && self.argument_index(name.start()) == 0 => Operator::Call,
                Some(callee) if is_setter(&callee) => Operator::Call,
                // Gradle: `buildConfigField "String", "API_SECRET", "\"value\""`
                None if self.is_field_of_build(name.start()) => Operator::Call,
                Some(callee) if !only_reads(&callee) => Operator::OtherCall,
                _ => return None,
            };
            return Some(Value::quoted(literal.range, operator));
        }
        self.default_argument(name)
    }

    /// `default="value"` among the further arguments of the call that `name` is an argument of.
    pub(super) fn default_argument(&self, name: &Name) -> Option<Value> {
        const WINDOW: usize = 400;
        let rest = self.bytes.get(name.end()..(name.end() + WINDOW).min(self.bytes.len()))?;
        let mut depth = 0usize;
        for (offset, &byte) in rest.iter().enumerate() {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth == 0 => return None,
                b')' | b']' | b'}' => depth -= 1,
                b'd' if depth <= 1 && rest[offset..].starts_with(b"default") => {
                    let at = self.skip_blanks(name.end() + offset + "default".len());
                    let word_starts = !is_name_byte(self.before(name.end() + offset));
                    if word_starts && matches!(self.at(at), b'=' | b':') {
                        return self.given(at + 1, Operator::Default);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Whether a line without brackets gives a field to a build.
    fn is_field_of_build(&self, at: usize) -> bool {
        let line = self.bytes[self.line_start(at)..at].trim_ascii_start();
        [&b"buildConfigField "[..], b"resValue "].iter().any(|word| line.starts_with(word))
    }

    /// How many arguments of the call stand before a place, as far as commas tell.
    fn argument_index(&self, at: usize) -> usize {
        let open = memchr::memrchr(b'(', &self.bytes[..at]).unwrap_or(at);
        self.bytes[open..at].iter().filter(|&&byte| byte == b',').count()
    }

    /// The name of the call whose arguments `at` stands among, folded.
    pub(super) fn callee(&self, at: usize) -> Option<String> {
        const WINDOW: usize = 200;
        let floor = at.saturating_sub(WINDOW);
        let mut depth = 0usize;
        for open in (floor..at).rev() {
            match self.bytes[open] {
                b')' | b']' | b'}' => depth += 1,
                b'(' if depth == 0 => {
                    let word = self.word_before(self.skip_blanks_back(open));
                    return Some(String::from_utf8_lossy(word).to_ascii_lowercase());
                }
                b'[' | b'{' | b';' if depth == 0 => return None,
                b'(' | b'[' | b'{' => depth -= 1,
                _ => {}
            }
        }
        None
    }
}

/// Whether a call of this (folded) name puts or reads a value under a name.
pub(super) fn is_setter(callee: &str) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const EXACT: &[&str] = &[
        "define", "env", "environ", "get", "put", "set", "property", "config", "option", "setting", "settings",
        "pair", "var", "param", "arg", "add", "append", "credential", "fetch", "of", "entry", "with", "header",
        "field", "string", "stringvar", "stringp", "stringvarp", "to", "setdefault", "getordefault", "tuple",
        "parameter",
    ];
    #[rustfmt::skip] // a word a line would be pages
    const PARTS: &[&str] = &[
        "setenv", "putenv", "getenv", "setproperty", "getproperty", "addproperty", "setattribute",
        "withproperty", "environmentvariable", "addparameter", "add_env", "getstring", "with_env", "withenv",
        "new_parameter", "systemproperty", "buildconfigfield", "resvalue", "setheader", "addheader", "putextra",
        "putstring", "setstring", "setvalue", "setconfig", "set_option", "addvalue", "keyvaluepair",
        "namevaluepair", "setattr",
    ];
    EXACT.contains(&callee) || PARTS.iter().any(|part| callee.contains(part))
}

/// Whether a call of this (folded) name compares, shows or translates what it is given.
fn only_reads(callee: &str) -> bool {
    const EXACT: &[&str] =
        &["t", "tr", "gettext", "i18n", "__", "_e", "format", "printf", "sprintf", "join", "concat", "sub"];
    #[rustfmt::skip] // a word a line would be pages
    const PARTS: &[&str] = &[
        "assert", "expect", "equal", "replace", "log", "print", "translate", "error", "label", "match",
        "contains", "describe", "split", "startswith", "endswith", "indexof", "warn", "trim", "getelement",
        "queryselector", "css", "addclass",
    ];
    EXACT.contains(&callee) || PARTS.iter().any(|part| callee.contains(part))
}
