//! The forms in which a value follows (or precedes) its name.

use super::compare::COMPARE;
use super::literal::Literal;
use super::name::is_name_byte;
use super::{Family, MAX_LEAD, MAX_VALUES, Name, Operator, Reader, Value, find};
use std::ops::Range;

/// Marks that assign, longest first; `=` and `:` are told apart from comparisons and paths.
const ASSIGN: &[&str] = &["=>", ":=", "?=", "+=", "||=", "??=", "<-", "//=", "->", "\u{ff1a}", "\u{ff1d}"];
/// What stands between an expression and its fallback.
const FALLBACK: &[&str] =
    &["||", "??", "?:", "or ", ".unwrap_or(", ".unwrap_or_else(|_| ", ".orElse(", ".getOrElse(", ".or(", "&& "];

/// Bytes of the name of an attribute in a page.
const MAX_ATTRIBUTE: usize = 30;

impl Reader<'_> {
    /// The values of a name, by the first form that fits.
    pub(super) fn values(&self, name: &Name) -> Vec<Value> {
        if self.is_braced(name) {
            return one(self.braced_default(name)).unwrap_or_default();
        }
        if let Some(expression) = self.template_around(name.start()) {
            return one(self.template_default(expression)).unwrap_or_default();
        }
        one(self.markup(name))
            .or_else(|| one(self.second_of_both(name)))
            .or_else(|| one(self.entry(name)))
            .or_else(|| one(self.argument(name)))
            .or_else(|| self.unpacked(name))
            .or_else(|| self.after(name))
            .or_else(|| one(self.compared_before(name)))
            .or_else(|| self.column(name))
            .or_else(|| self.cases(name))
            .or_else(|| self.below_head(name))
            .or_else(|| one(self.prose(name)))
            .unwrap_or_default()
    }

    /// The literal at a place, as a value.
    pub(super) fn given(&self, at: usize, operator: Operator) -> Option<Value> {
        self.literal(at).map(|literal| Value::quoted(literal.range, operator))
    }

    /// As [`Reader::given`], without calls and types around the literal.
    pub(super) fn plain_given(&self, at: usize, operator: Operator) -> Option<Value> {
        self.plain_literal(at).map(|literal| Value::quoted(literal.range, operator))
    }

    /// What follows the name.
    fn after(&self, name: &Name) -> Option<Vec<Value>> {
        let quoted = name.quote.is_some();
        let end = if quoted { name.end() } else { self.skip_asking(name.end()) };
        if let Some(value) = self.returned(name) {
            return Some(vec![value]);
        }
        let mut at = end;
        while matches!(self.at(at), b']' | b')' | b'?' | b'!' | b'}') && self.at(at + 1) != b'=' {
            at += 1;
        }
        let closed = at > end;
        if let Some(value) = self.typed_into(name) {
            return Some(vec![value]);
        }
        // `field("password").value = "x"`, `passwordField.text = "x"`
        let of_field = !quoted && self.family == Family::Code && self.at(at) == b'.';
        if (closed || of_field)
            && let Some(value) = self.filled(at)
        {
            return Some(vec![value]);
        }
        let at = if self.family == Family::Config { self.skip_continued(at) } else { self.skip_blanks(at) };
        let before = self.before(name.start());
        // Angular: `<input #password="ngModel">` gives the field a name.
        if before == b'#' && matches!(self.family, Family::Markup | Family::Code) && self.starts(at, "=\"") {
            return None;
        }
        // Vue: `autocomplete="new-password" :class="f()"`: another attribute.
        let word = self.bytes.get(at + 1..).unwrap_or_default();
        let attribute = word.iter().take(MAX_ATTRIBUTE).take_while(|&&byte| is_name_byte(byte) || byte == b'-').count();
        if quoted && at > end && self.at(at) == b':' && attribute > 0 && self.starts(at + 1 + attribute, "=\"") {
            return None;
        }
        // `"PASSWORD=" + x`: the quote after the operator closes the one before the name.
        let next = self.at(self.skip_blanks(at + 1));
        if !quoted
            && matches!(self.at(at), b'=' | b':')
            && matches!(next, b'"' | b'\'' | b'`')
            && self.open_quote(name.start()) == Some(next)
        {
            return None;
        }
        if let Some(value) = self.within_quotes(name, at) {
            return Some(vec![value]);
        }
        if self.family != Family::Text
            && let Some(mark) = COMPARE.iter().find(|mark| self.starts(at, mark))
        {
            return one(self.given(at + mark.len(), Operator::Compare));
        }
        if let Some(mark) = ASSIGN.iter().find(|mark| self.starts(at, mark)) {
            return self.assigned(at + mark.len(), Some(name));
        }
        // What stands in quotes of its own has no fallback: "`this` or `that`".
        let asked = self.family == Family::Code && (!quoted || closed);
        let fallback = FALLBACK.iter().find(|mark| self.starts(at, mark)).filter(|_| asked);
        if let Some(mark) = fallback {
            return one(self.given(at + mark.len(), Operator::Default));
        }
        match self.at(at) {
            b'=' if self.family == Family::Text || self.at(at + 1) != b'=' => self.assigned(at + 1, Some(name)),
            // `registry/default-credential:1.0`: the tag of an image.
            b':' if before == b'/' && self.at(at + 1) != b' ' && is_name_byte(self.before(name.start() - 1)) => None,
            // One of several values of another name, as filters of films are written.
            b':' if before == b'=' && !quoted && self.family == Family::Code => None,
            // Markdown: `**Password:** value`
            b':' if self.family == Family::Text && (self.starts(at, ":** ") || self.starts(at, ":__ ")) => {
                self.after_colon(at + ":** ".len(), Some(name))
            }
            b':' if self.at(at + 1) != b':' => self.after_colon(at + 1, Some(name)),
            // `.fetch("NAME") { "value" }`
            b'{' if closed && quoted => one(self.given(at + 1, Operator::Default)),
            // RSpec: `let(:password) { "value" }`
            b'{' if closed && before == b':' && self.family == Family::Code => {
                one(self.plain_given(self.skip_blanks(at + 1), Operator::Assign))
            }
            b'(' if !quoted && !closed && self.family == Family::Code => one(self.called(at)),
            // C++: `password{"value"}`
            b'{' if !quoted && at == name.end() && self.family == Family::Code => {
                one(self.plain_given(at + 1, Operator::Assign))
            }
            // C#: `Password { get; set; } = "value"`
            b'{' if !quoted && self.starts(at, "{ get;") => {
                let close = at + memchr::memmem::find(&self.bytes[at..self.line_end(at)], b"} = ")?;
                one(self.given(close + 4, Operator::Assign))
            }
            b'|' if self.family == Family::Text => one(self.next_cell(name, at)),
            b',' if quoted && !closed => one(self.next_argument(name, at)),
            // Ruby: `set :password, "value"`
            b',' if before == b':' && self.opens_symbol(name.start() - 1) && self.family == Family::Code => {
                let next = self.skip_line(at + 1);
                // `VALUES (:name, :password,`, and on the next line another value.
                if self.line_start(next) > at {
                    return None;
                }
                // Capybara: `fill_in :password, with: "value"`
                one(self.plain_given(self.after_with(next).unwrap_or(next), Operator::Call))
            }
            // Erlang: `{password, "value"}`
            b',' if before == b'{' && !closed && !matches!(self.family, Family::Json | Family::Yaml) => {
                let start = self.skip_line(at + 1);
                let binary = self.starts(start, "<<");
                let literal = self.plain_literal(start + if binary { 2 } else { 0 })?;
                let end = literal.end + if binary && self.starts(literal.end, ">>") { 2 } else { 0 };
                let is_pair = self.at(self.skip_blanks(end)) == b'}';
                is_pair.then(|| vec![Value::quoted(literal.range, Operator::Assign)])
            }
            // `I fill in "password" with "value"`
            b'w' if quoted && self.starts(at, "with ") && self.is_step(name.start()) => {
                one(self.plain_given(at + 5, Operator::Call))
            }
            // Kotlin: `val password by lazy { "value" }`
            b'b' if !quoted && self.starts(at, "by lazy {") => {
                one(self.plain_given(self.skip_blanks(at + "by lazy {".len()), Operator::Assign))
            }
            // `set thePassword to "value"`
            b't' if self.starts(at, "to ") && self.word_before(self.skip_blanks_back(name.start())) == b"set" => {
                one(self.plain_given(at + 3, Operator::Assign))
            }
            // Kotlin: `"password" to "value"`
            b't' if quoted && self.starts(at, "to ") && self.family == Family::Code => {
                one(self.given(at + 3, Operator::Assign))
            }
            b',' if !quoted || closed => one(self.compared_argument(name, at)),
            b'.' | b' ' if !quoted || closed => one(self.compared_by_method(at)),
            // `Join-Path $PWD "name"`: a variable that is given beside a literal.
            b'"' | b'\'' if before == b'$' => None,
            b'"' | b'\'' if self.family != Family::Text && !quoted && !closed && at > name.end() => {
                one(self.given(at, Operator::Space))
            }
            // Objective-C: `#define kPassword @"value"`
            b'@' if self.family == Family::Code && !quoted && self.at(at + 1) == b'"' && at > name.end() => {
                one(self.plain_given(at, Operator::Space))
            }
            _ if quoted => None,
            _ if self.family == Family::Code => one(self.declared(at)).or_else(|| self.typed(at)),
            _ => one(self.spaced(name, at)),
        }
    }

    /// Whether a colon opens a symbol of Ruby: `{a:password,` gives a name what has another.
    fn opens_symbol(&self, colon: usize) -> bool {
        let before = self.before(colon);
        !is_name_byte(before) && !matches!(before, b':' | b'"' | b'\'' | b'`' | b')' | b']')
    }

    /// Past what asks for the same in another form: `user.password().toString()`.
    pub(super) fn skip_asking(&self, end: usize) -> usize {
        #[rustfmt::skip] // a word a line would be pages
        const CALLS: &[&str] = &[
            "()", ".c_str()", ".toString()", ".ToString()", ".get()", ".trim()", ".as_deref()", ".as_str()", ".as_ref()", ".unwrap()",
        ];
        let mut at = end;
        while self.family == Family::Code
            && let Some(call) = CALLS.iter().find(|call| self.starts(at, call))
        {
            at += call.len();
        }
        at
    }

    /// Whether a line is a step of a scenario: `And I fill in ..`.
    fn is_step(&self, at: usize) -> bool {
        let line = self.bytes[self.line_start(at)..at].trim_ascii_start();
        [&b"Given "[..], b"When ", b"Then ", b"And ", b"But ", b"* "].iter().any(|word| line.starts_with(word))
    }

    /// The quote that is open where a name starts, on its line.
    pub(super) fn open_quote(&self, at: usize) -> Option<u8> {
        const WINDOW: usize = 200;
        let line = self.line_start(at).max(at.saturating_sub(WINDOW));
        let (mut open, mut escaped) = (None, false);
        for &byte in &self.bytes[line..at] {
            match byte {
                _ if escaped => {}
                b'"' | b'\'' | b'`' if open.is_none() => open = Some(byte),
                byte if open == Some(byte) => open = None,
                _ => {}
            }
            escaped = byte == b'\\' && !escaped;
        }
        open
    }

    /// `"password=value;..."`, `'X-Api-Key: value'`: all in one pair of quotes.
    fn within_quotes(&self, name: &Name, at: usize) -> Option<Value> {
        if name.quote.is_some() || !matches!(self.at(at), b'=' | b':') || matches!(self.at(at + 1), b'=' | b':') {
            return None;
        }
        let start = self.skip_blanks(at + 1);
        let rest = &self.bytes[start.min(self.bytes.len())..self.line_end(start)];
        // `'don't; password = "x"'`: an apostrophe opens nothing, and another quote opens a literal.
        if matches!(self.at(start), b'"' | b'\'' | b'`' | b'\\') {
            return None;
        }
        let open = self.open_quote(name.start())?;
        let length = memchr::memchr(open, rest)?;
        let value = &rest[..length];
        let ends = |byte: &u8| matches!(byte, b';' | b'&' | b',' | b'\\') || byte.is_ascii_whitespace();
        let end = value.iter().position(ends).unwrap_or(length);
        // `"secretsmanager:db:SecretString:password"`: parts of one path.
        if self.at(at) == b':' && matches!(self.before(name.start()), b':' | b'/') {
            return None;
        }
        let whole = self.before(name.start()) == open && end == length && self.family != Family::Code;
        // `"no password: whoever reads this"` is a sentence.
        let sentence = value.get(end).is_some_and(u8::is_ascii_whitespace) && self.at(at + 1) == b' ';
        let operator = match (whole, sentence) {
            (true, _) => Operator::Assign,
            (false, true) => Operator::Prose,
            (false, false) => Operator::Inside,
        };
        // `[name=anna,password=value]`
        let closes = value[..end].ends_with(b"]") && !value[..end].contains(&b'[');
        let end = end - usize::from(closes);
        // `##vso[task.setvariable variable=x;issecret=true]$value`
        let opened = |at: &usize| !value[..*at].contains(&b'[') && self.opens_bracket(start);
        let end = memchr::memchr(b']', &value[..end]).filter(opened).unwrap_or(end);
        (end > 0).then(|| Value::quoted(start..start + end, operator))
    }

    /// Whether a bracket stands open before a place on its line.
    fn opens_bracket(&self, at: usize) -> bool {
        let lead = &self.bytes[self.line_start(at).max(at.saturating_sub(MAX_LEAD))..at];
        lead.iter().rev().find(|byte| matches!(byte, b'[' | b']')) == Some(&b'[')
    }

    /// `user, password = "name", "value"`
    fn unpacked(&self, name: &Name) -> Option<Vec<Value>> {
        let next = self.skip_blanks(name.end());
        let among = self.before(self.skip_blanks_back(name.start())) == b',' || self.at(next) == b',';
        if !among || name.quote.is_some() || self.family != Family::Code {
            return None;
        }
        let line = self.line_start(name.start())..self.line_end(name.start());
        let equals = next + memchr::memchr(b'=', &self.bytes[next..line.end])?;
        let is_target = |byte: &u8| is_name_byte(*byte) || b", .\t$:".contains(byte);
        let targets = &self.bytes[line.start..name.start()];
        if !self.bytes[next..equals].iter().all(is_target)
            || !targets.iter().all(is_target)
            || self.at(equals + 1) == b'='
        {
            return None;
        }
        let index = targets.iter().filter(|&&byte| byte == b',').count();
        self.nth_of_list(equals + 1, index)
    }

    /// The literal at an index of a list that starts at `at` and ends with its line.
    fn nth_of_list(&self, at: usize, index: usize) -> Option<Vec<Value>> {
        let at = self.skip_blanks(at);
        let at = if matches!(self.at(at), b'(' | b'[') { at + 1 } else { at };
        let mut item = at;
        for _ in 0..index {
            let end = self.plain_literal(self.skip_blanks(item)).map_or(item, |literal| literal.end);
            let line = &self.bytes[end..self.line_end(end)];
            item = end + memchr::memchr(b',', line)? + 1;
        }
        one(self.plain_given(self.skip_blanks(item), Operator::Assign))
    }

    /// After `:`: a value, or in code a type and then perhaps `= value`.
    fn after_colon(&self, at: usize, name: Option<&Name>) -> Option<Vec<Value>> {
        if self.family == Family::Code
            && let Some(found) = self.typed(self.skip_blanks(at))
        {
            return Some(found);
        }
        // Markdown: `password: **value**`
        if self.family == Family::Text
            && let Some(value) = self.stressed(self.skip_blanks(at))
        {
            return Some(vec![value]);
        }
        // `# no password: anybody may log in`
        if self.family == Family::Config && self.in_comment(at) {
            let range = self.bare(self.skip_blanks(at), Family::Text)?;
            return Some(vec![Value::bare(range, Operator::Prose)]);
        }
        self.assigned(at, name)
    }

    /// `string = "x"`, `&'static str = "x"`, `Optional[str] = "x"`, `[] = "x"`.
    fn typed(&self, at: usize) -> Option<Vec<Value>> {
        // Lua: `password <const> = "x"`
        let at = if self.starts(at, "<const>") { self.skip_blanks(at + "<const>".len()) } else { at };
        let starts_as_type =
            matches!(self.at(at), b'&' | b'*' | b'[' | b'=' | b'\n' | b'\r') || self.at(at).is_ascii_alphabetic();
        // `cred['name'] = "x"` is another thing's.
        let of_member = self.at(at) == b'[' && matches!(self.at(at + 1), b'"' | b'\'');
        if !starts_as_type || of_member {
            return None;
        }
        let is_type = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]<>&'*?| ,;".contains(&byte);
        let line = self.bytes.get(at..)?.iter().take(60);
        let equals = at + line.take_while(|&&byte| is_type(byte)).count();
        // The value of a constant may stand on the next line.
        let equals = self.skip_line(equals);
        // Ada: `Password : String := "x"`
        let equals = equals + usize::from(self.starts(equals, ":="));
        if self.at(equals) != b'=' || matches!(self.at(equals + 1), b'=' | b'>') {
            return None;
        }
        // `password, err = f(..)` is no type, nor is `password is sent in clear. <a href="..">`.
        let between = &self.bytes[at..equals];
        if has_list(between) || find(between, b". ").is_some() {
            return None;
        }
        let literal = self.literal(equals + 1).filter(|literal| !self.goes_on(literal.end))?;
        Some(vec![Value::quoted(literal.range, Operator::Assign)])
    }

    /// Values after an assignment to `name`, if one is known.
    pub(super) fn assigned(&self, at: usize, name: Option<&Name>) -> Option<Vec<Value>> {
        let from = at;
        let at = if self.family == Family::Config { self.skip_continued(at) } else { self.skip_line(at) };
        let at = if self.family == Family::Yaml { self.skip_tags(at) } else { at };
        if let Some(list) = self.list(at) {
            let plural = name.is_some_and(|name| name.is_plural(self));
            let operator = if plural { Operator::Assign } else { Operator::Listed };
            return Some(list.into_iter().map(|value| Value { operator, ..value }).collect());
        }
        if let Some(default) = self.template_given(at) {
            return Some(vec![default]);
        }
        if let Some(literal) = self.literal(at) {
            if let Some(end) = name.and_then(|name| self.second_of_login(name, literal.range.end)) {
                return Some(vec![Value::quoted(literal.range.start..end, Operator::Prose)]);
            }
            // `password = "abc" + x`: not the whole value.
            let whole = !self.goes_on(literal.end);
            return whole.then(|| vec![Value::quoted(literal.range, Operator::Assign)]);
        }
        if self.family == Family::Yaml
            && let Some(block) = self.block_scalar(at)
        {
            return Some(vec![Value::bare(block, Operator::Assign)]);
        }
        let quoted = name.is_some_and(|name| name.quote.is_some());
        if self.family.has_bare_values() && !(quoted && self.family == Family::Text) {
            let range = self.bare(at, self.family)?;
            // `secrets:`, and on the next line another name.
            let line = &self.bytes[range.clone()];
            let next = self.line_start(at) > from;
            let named = line.iter().take_while(|&&byte| is_name_byte(byte) || byte == b'.').count();
            // `New password:`, and below it `Re-type it:`.
            let asks =
                self.family == Family::Text && self.bytes[at..self.line_end(at)].trim_ascii_end().ends_with(b":");
            let nested = asks
                || line.ends_with(b":")
                || line.starts_with(b"- ")
                || find(line, b": ").is_some()
                || named > 0 && line.get(named) == Some(&b'=');
            if let Some(end) = name.and_then(|name| self.second_of_login(name, range.end)) {
                return Some(vec![Value::bare(range.start..end, Operator::Prose)]);
            }
            // `password=`, and below it what the next setting is for.
            let nested = nested || line.starts_with(b"#");
            return (!next || !nested).then(|| vec![Value::bare(range, Operator::Assign)]);
        }
        if let Some(range) = self.fallback(at) {
            return Some(vec![Value::quoted(range, Operator::Default)]);
        }
        let comment = self.family == Family::Code && self.in_comment(at);
        let range = self.bare(at, self.family)?;
        if comment {
            let end = name.and_then(|name| self.second_of_login(name, range.end)).unwrap_or(range.end);
            return Some(vec![Value::bare(range.start..end, Operator::Prose)]);
        }
        let alone = name.is_some_and(|name| self.stands_in_text(name, &range));
        alone.then(|| vec![Value::bare(range, Operator::Prose)])
    }

    /// Blanks, and a line end that a backslash takes back.
    fn skip_continued(&self, at: usize) -> usize {
        let at = self.skip_blanks(at);
        if self.at(at) == b'\\' && matches!(self.at(at + 1), b'\n' | b'\r') { self.skip_line(at) } else { at }
    }

    /// YAML's own tags and anchors: `!!str`, `&name`. Other tags (`!Ref`) refer to something.
    fn skip_tags(&self, mut at: usize) -> usize {
        while self.starts(at, "!!") || self.at(at) == b'&' {
            let word = self.bytes[at..].iter().take(60).take_while(|byte| !byte.is_ascii_whitespace()).count();
            let next = self.skip_blanks(at + word);
            // `&` or `!` may open a password, too.
            if self.at(at + word) != b' ' || matches!(self.at(next), b'\n' | b'\r' | 0) {
                break;
            }
            at = next;
        }
        at
    }

    /// The one line of a YAML block scalar: `password: |`, then the value, indented.
    fn block_scalar(&self, at: usize) -> Option<Range<usize>> {
        if !matches!(self.at(at), b'|' | b'>') {
            return None;
        }
        let header = self.line_end(at);
        if self.bytes[at + 1..header].iter().any(|byte| !b"+-0123456789 \t".contains(byte)) {
            return None;
        }
        let start = self.skip_space(header);
        let end = self.line_end(start);
        let indent = start - self.line_start(start);
        let next = self.next_line(start);
        let next_indent = self.skip_blanks(next) - next;
        let more = next_indent >= indent && !matches!(self.at(next + next_indent), b'\n' | b'\r' | 0);
        (indent > 0 && !more && end > start).then_some(start..end)
    }

    /// `["a", "b"]`, `("a", "b")`, `{"a", "b"}`: literals and nothing else, up to the close.
    fn list(&self, at: usize) -> Option<Vec<Value>> {
        if !matches!(self.at(at), b'[' | b'{' | b'(') {
            return None;
        }
        let mut values = Vec::new();
        let mut item = self.skip_space(at + 1);
        while let Some(Literal { range, end }) = self.plain_literal(item) {
            values.push(Value::quoted(range, Operator::Assign));
            let next = self.skip_space(end);
            match self.at(next) {
                b',' => item = self.skip_space(next + 1),
                // Brackets around one literal are no list.
                b')' if values.len() == 1 => return None,
                b']' | b'}' | b')' => return Some(values),
                _ => return None,
            }
            if values.len() == MAX_VALUES {
                return Some(values);
            }
        }
        (!values.is_empty() && matches!(self.at(item), b']' | b'}' | b')')).then_some(values)
    }

    /// The quoted fallback of an expression: `getenv("X", "lit")`, `env.X || "lit"`, `x ?? "lit"`.
    fn fallback(&self, at: usize) -> Option<Range<usize>> {
        const WINDOW: usize = 300;
        let rest = self.bytes.get(at..)?;
        let window = &rest[..rest.len().min(WINDOW)];
        let line = &window[..memchr::memchr(b'\n', window).unwrap_or(window.len())];
        if !line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$')) {
            return None;
        }
        let reads_settings =
            [&b"env"[..], b"ENV", b"config", b"getProperty"].iter().any(|word| find(line, word).is_some());
        let marks: &[&[u8]] = &[b"||", b"??", b" or ", b"?:", b", "];
        let found = marks.iter().filter(|_| reads_settings).find_map(|mark| {
            let after = find(line, mark)? + mark.len();
            self.literal(at + after)
        })?;
        // Past a second literal or a closing statement it is another expression's.
        let skipped = &self.bytes[at..found.range.start];
        (!skipped.contains(&b';') && !skipped.contains(&b'{')).then_some(found.range)
    }

    /// `ENV PASSWORD value`, `setenv PASSWORD value`; in configuration also `password value` alone
    /// on a line.
    fn spaced(&self, name: &Name, at: usize) -> Option<Value> {
        // `-path=secret kv-v2`: it is a value itself.
        if self.family != Family::Config || at == name.end() || self.before(name.start()) == b'=' {
            return None;
        }
        let line = &self.bytes[self.line_start(name.start())..name.start()];
        let opener = line.trim_ascii().rsplit(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
        #[rustfmt::skip] // a word a line would be pages
        const SETTERS: &[&[u8]] = &[
            b"proxy_set_header", b"add_header", b"env", b"setenv", b"setx", b"-x", b"-gx", b"-ux", b"-Ux", b"arg", b"label",
        ];
        let sets = SETTERS.iter().any(|setter| opener.eq_ignore_ascii_case(setter));
        // Network gear says how a password is written before it: `password 0 value`.
        let at = if self.at(at).is_ascii_digit() && self.at(at + 1) == b' ' { self.skip_blanks(at + 2) } else { at };
        if let Some(value) = self.plain_given(at, Operator::Space) {
            return Some(value);
        }
        let range = self.bare(at, Family::Config)?;
        let value = &self.bytes[range.clone()];
        if sets {
            return Some(Value::bare(range, Operator::Assign));
        }
        let word = value.split(|byte| *byte == b' ').next().unwrap_or_default();
        // Among other words, only what can be no word itself.
        let option = word.iter().position(|byte| !byte.is_ascii_alphabetic() && !b"_-".contains(byte));
        // `ttl=24h` is a name with a value of its own.
        if option.is_some_and(|at| at > 0 && word[at] == b'=' && word[at..].iter().any(|byte| *byte != b'=')) {
            return None;
        }
        let plain = !word.iter().any(|byte| b"|()<>".contains(byte));
        let telling = plain && word.iter().any(u8::is_ascii_digit) && word.iter().any(u8::is_ascii_alphabetic);
        let single = opener.is_empty() && word.len() == value.len();
        (single || telling && !self.in_comment(name.start()))
            .then(|| Value::bare(range.start..range.start + word.len(), Operator::Space))
    }
}

/// Whether a comma or a semicolon stands outside of all brackets.
fn has_list(text: &[u8]) -> bool {
    let mut depth = 0i32;
    text.iter().any(|byte| {
        match byte {
            b'[' | b'<' | b'(' => depth += 1,
            b']' | b'>' | b')' => depth -= 1,
            _ => {}
        }
        depth <= 0 && matches!(byte, b',' | b';')
    })
}

fn one(value: Option<Value>) -> Option<Vec<Value>> {
    value.map(|value| vec![value])
}
