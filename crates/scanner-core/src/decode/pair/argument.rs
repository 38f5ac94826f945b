//! Values that calls and declarations give beside or under a name.

use super::Family;
use super::name::is_name_byte;
use super::{Name, Operator, Quote, Reader, Value, find};

/// Calls that type their second argument into the field that the first one selects, folded.
const FILLS: &[&str] = &["fill", "type", "setvalue", "fillfield"];

impl Reader<'_> {
    /// `--password value`, `--password=value`, `-Dpassword=value`, `/password:value`.
    pub(super) fn argument(&self, name: &Name) -> Option<Value> {
        // Windows: `/password:value`
        let slash = self.before(name.start()) == b'/' && matches!(self.before(name.start() - 1), b' ' | b'"' | b'\'');
        if name.quote.is_none() && slash && self.at(name.end()) == b':' && self.at(name.end() + 1) != b' ' {
            return self.word(name.end() + 1, Operator::Argument);
        }
        // `-Dpassword=value`
        let property = self.before(name.start()) == b'D' && self.before(name.start() - 1) == b'-';
        let start = name.start() - usize::from(property);
        let lead = self.bytes[..start].iter().rev().take_while(|&&byte| byte == b'-').count();
        let apart = !is_name_byte(self.before(start - lead)) && (1..=2).contains(&lead);
        let dash = name.quote.is_none() && apart;
        // `["--password", "value"]`
        let listed = matches!(name.quote, Some(Quote::Plain(_))) && self.at(name.range.start) == b'-';
        if listed && self.at(name.end()) == b',' {
            let next = self.plain_given(self.skip_line(name.end() + 1), Operator::Argument);
            return next.or_else(|| self.default_argument(name));
        }
        // `.arg("--password").arg("value")`
        if listed && self.starts(name.end(), ").arg(") {
            return self.plain_given(name.end() + ").arg(".len(), Operator::Argument);
        }
        // `-DB_PASSWORD = 'x'`: a line that a change takes away.
        let assigned = self.at(name.end()) == b' ' && matches!(self.at(name.end() + 1), b'=' | b':');
        if !dash || assigned || !matches!(self.at(name.end()), b' ' | b'=') {
            return None;
        }
        // `'--password=' . x`: the quote after the mark closes the one before the name.
        let closes = self.open_quote(name.start()).is_some_and(|open| self.at(name.end() + 1) == open);
        self.word(name.end() + 1, Operator::Argument).filter(|_| !closes)
    }

    /// A word of a command line: quoted, or up to a blank.
    pub(super) fn word(&self, at: usize, operator: Operator) -> Option<Value> {
        let at = self.skip_blanks(at);
        if let Some(value) = self.plain_given(at, operator) {
            return Some(value);
        }
        let rest = self.bytes.get(at..)?;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`),;|<>]}".contains(byte);
        let end = rest.iter().position(ends).map_or(self.bytes.len(), |length| at + length);
        (!matches!(self.at(at), b'-' | b'<' | b'[')).then(|| Value::bare(at..end, operator))
    }

    /// `get("#password").type("value")`, `(..).value = "value"`: a form that is filled in.
    pub(super) fn filled(&self, at: usize) -> Option<Value> {
        #[rustfmt::skip] // a word a line would be pages
        const FILLERS: &[&str] = &[
            ".val(", ".type(", ".fill(", ".sendKeys(", ".send_keys(", ".setValue(", ".set(", ".clear().type(",
            ".value = ", ".value=", ".text = ", ".Text = ", ".Value = ", ".stringValue = ", ".enterText(", ".typeText(",
            ".value == ", ".value === ", ".val() == ", ".setText(", ".replaceText(", ".SendKeys(", ".setPassword(",
        ];
        // What a stand-in of a test gives when it is asked for the name.
        #[rustfmt::skip] // a word a line would be pages
        const STUBS: &[&str] = &[
            ".thenReturn(", ".Returns(", ".ReturnsAsync(", ".Return(", ".and_return(", ".mockReturnValue(", ".mockResolvedValue(",
            ".andReturn(", ".willReturn(", ".returns(", " returns ", ".return_value = ", ".mockReturnValueOnce(", ".resolves(",
        ];
        let given = |marks: &[&str], operator: Operator| {
            let mark = marks.iter().find(|mark| self.starts(at, mark))?;
            self.given(at + mark.len(), operator)
        };
        // What a variable is filled with is set, whatever the variable is called.
        let operator = if is_name_byte(self.before(at)) { Operator::Assign } else { Operator::Call };
        let filled = given(FILLERS, operator).map(|value| self.without_return(value));
        filled.or_else(|| given(STUBS, Operator::Assign))
    }

    /// `value{enter}`: without the key that is pressed behind it.
    fn without_return(&self, value: Value) -> Value {
        const KEY: &str = "{enter}";
        let end = value.range.end.saturating_sub(KEY.len());
        let pressed = end > value.range.start && self.starts_folded(end, KEY);
        Value { range: value.range.start..if pressed { end } else { value.range.end }, ..value }
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

    /// `String getPassword() { return "value"; }`, `def password(self): return "value"`: what always gives it.
    pub(super) fn returned(&self, name: &Name) -> Option<Value> {
        if self.family != Family::Code || name.quote.is_some() {
            return None;
        }
        let body = match self.at(name.end()) {
            b'(' => self.body_of_function(name.end())?,
            // Ruby: `def password; "value"; end`
            b';' | b'\n' | b'\r' if self.word_before(self.skip_blanks_back(name.start())) == b"def" => name.end() + 1,
            // C#: `Password { get { return "value"; } }`
            b' ' | b'\n' | b'\r' => {
                let open = self.skip_space(name.end());
                let get = self.skip_space(open + 1);
                let inner = self.skip_space(get + "get".len());
                let opens = self.at(open) == b'{' && self.starts(get, "get") && self.at(inner) == b'{';
                opens.then_some(inner + 1)?
            }
            _ => return None,
        };
        let at = self.skip_space(body);
        let returns = self.starts(at, "return ");
        let value = self.given(if returns { at + "return ".len() } else { at }, Operator::Assign)?;
        let after = self.skip_space(value.range.end + 1);
        let after = if self.at(after) == b';' { self.skip_space(after + 1) } else { after };
        let ends = self.at(after) == b'}' || self.starts(after, "end");
        (returns && !self.goes_on(value.range.end + 1) || !returns && ends).then_some(value)
    }

    /// Where the body starts of a function without parameters, whose brackets open at a place.
    fn body_of_function(&self, from: usize) -> Option<usize> {
        // Bytes of a head after its name.
        const LONGEST: usize = 80;
        let rest = &self.bytes[from..(from + LONGEST).min(self.bytes.len())];
        let close = memchr::memchr(b')', rest)?;
        if !matches!(&rest[1..close], b"" | b"self" | b"&self" | b"cls" | b"void" | b"this") {
            return None;
        }
        let is_type = |byte: &u8| is_name_byte(*byte) || b" \t&*?<>:-[]'".contains(byte);
        let end = close + 1 + rest[close + 1..].iter().take_while(|byte| is_type(byte)).count();
        // Python has a colon at the end of the line; of others the brace may stand on the next one.
        let brace = self.skip_space(from + end);
        match rest.get(end)? {
            b'{' => Some(from + end + 1),
            b'\n' | b'\r' if rest[end - 1] == b':' => Some(from + end),
            b'\n' | b'\r' if self.at(brace) == b'{' => Some(brace + 1),
            _ => None,
        }
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
        if let Some(with) = self.after_with(self.skip_line(comma + 1)) {
            return self.plain_given(with, Operator::Call);
        }
        if let Some(literal) = self.literal(comma + 1)
            && (matches!(self.at(self.skip_space(literal.end)), b')' | b',' | b']' | b'}' | b'.')
                || self.is_field_of_build(name.start()))
        {
            let operator = match self.callee(name.start()) {
                // `slots = ("user", "password", "address")`: a list; `("password", "value")` is a pair.
                Some(callee) if callee.is_empty() && self.is_named_in_row(name, literal.end) => Operator::Entry,
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
                // `page.type('#password', 'value')`: by its selector.
                Some(callee) if FILLS.contains(&callee.as_str()) && self.at(name.range.start) == b'#' => Operator::Call,
                // Gradle: `buildConfigField "String", "API_SECRET", "\"value\""`
                None if self.is_field_of_build(name.start()) => Operator::Call,
                Some(callee) if !only_reads(&callee) => Operator::OtherCall,
                _ => return None,
            };
            return Some(Value::quoted(literal.range, operator));
        }
        self.default_argument(name)
    }

    /// Whether a name and the literal behind it end a row of data: `(22, 5, 'vm_password', 'value'),`.
    fn is_named_in_row(&self, name: &Name, end: usize) -> bool {
        /// Bytes of a row.
        const ROW: usize = 120;
        let floor = name.start().saturating_sub(ROW);
        let Some(open) = memchr::memrchr(b'(', &self.bytes[floor..name.start()]).map(|at| floor + at) else {
            return false;
        };
        let close = self.skip_blanks(end);
        let numbers = self.bytes[open + 1..name.start()].trim_ascii();
        let is_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b',' | b' ');
        self.at(close) == b')'
            && matches!(self.at(close + 1), b',' | b';' | b'\r' | b'\n')
            && numbers.ends_with(b",")
            && numbers.iter().all(is_number)
    }

    /// Where the value starts in `with: "value"`, as Capybara has it.
    pub(super) fn after_with(&self, at: usize) -> Option<usize> {
        [":with => ", ":with=>", "with: "].iter().find(|with| self.starts(at, with)).map(|with| at + with.len())
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
                    // `assert_eq!(`
                    let open = open - usize::from(self.before(open) == b'!');
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
