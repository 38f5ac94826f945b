//! Names and values that are entries or attributes of one thing: `name: PASSWORD` beside `value: x`,
//! `<add key="password" value="x"/>`, columns of an SQL insert.

use super::name::is_name_byte;
use super::{Family, MAX_VALUE, MAX_VALUES, Name, Operator, Quote, Reader, Value, find};
use std::ops::Range;

/// Keys whose value is the name of something.
#[rustfmt::skip] // a word a line would be pages
const NAME_KEYS: &[&str] = &[
    "name", "key", "id", "variable", "env", "setting", "param", "field", "parameterkey", "parametername", "k",
    "envname", "env_name", "option", "property", "keyname", "variablename", "settingname", "attribute",
];
/// Keys whose value is the value of what was named.
#[rustfmt::skip] // a word a line would be pages
const VALUE_KEYS: &[&str] = &[
    "value", "default", "content", "parametervalue", "defaultvalue", "envdefault", "default_value", "val", "v", "stringvalue",
    "secretvalue", "text", "plaintext", "values", "defaults_to", "connectionstring",
];
/// Bytes and lines between the two entries.
const NEAR_BYTES: usize = 300;
const NEAR_LINES: usize = 5;
/// Bytes of a list of columns on either side of a name in it.
const COLUMNS: usize = 1500;
/// Bytes of a tag.
const TAG_BYTES: usize = 600;

impl Reader<'_> {
    /// `name: PASSWORD` with `value: x` after or before it, in YAML, JSON, HCL and code.
    pub(super) fn entry(&self, name: &Name) -> Option<Value> {
        // What stands between backticks is spoken of: ``expected key: `redis-password` ``.
        let told = self.family != Family::Code && name.quote == Some(Quote::Plain(b'`'));
        if self.family == Family::Markup || told {
            return None;
        }
        if let Some(value) = self.block_default(name).or_else(|| self.parameter_default(name)) {
            return Some(value);
        }
        if let Some(value) = self.before_key(name) {
            return Some(value);
        }
        let separator = self.skip_blanks_back(name.start());
        if !matches!(self.before(separator), b':' | b'=') || matches!(self.before(separator - 1), b'=' | b'!' | b':') {
            return None;
        }
        // `[name=password]` is a selector.
        let key = self.key_before(separator - 1).filter(|_| self.at(name.end()) != b']')?;
        NAME_KEYS.contains(&key.as_str()).then_some(())?;
        self.value_entry(name.end()..self.group_end(name.end()))
            .or_else(|| self.value_entry(self.group_start(name.start())..name.start()))
            .or_else(|| self.updated(name))
    }

    /// `UPDATE settings SET value = 'x' WHERE name = 'smtp_password'`
    fn updated(&self, name: &Name) -> Option<Value> {
        let line = self.line_start(name.start())..name.start();
        let head = self.bytes[line.clone()].to_ascii_lowercase();
        let set = (self.family == Family::Code).then(|| find(&head, b"update ")).flatten()?;
        find(&head[set..], b" where ").and_then(|_| self.value_entry(line.start + set..line.end))
    }

    /// Swift and Objective-C give the value first: `setValue("x", forHTTPHeaderField: "X-Auth-Token")`.
    fn before_key(&self, name: &Name) -> Option<Value> {
        const KEYS: &[&[u8]] = &[b"forHTTPHeaderField:", b"forKey:"];
        let from = self.skip_blanks_back(name.start() - usize::from(self.before(name.start()) == b'@'));
        let key = KEYS.iter().find(|key| self.bytes[..from].ends_with(key))?;
        let end = self.skip_blanks_back(from - key.len());
        let end = if self.before(end) == b',' { end - 1 } else { end };
        self.literal_before(end).map(|literal| Value::quoted(literal.range, Operator::Call))
    }

    /// `"password": {"type": "string", "default": "value"}`, and in YAML on lines of its own: a parameter.
    fn parameter_default(&self, name: &Name) -> Option<Value> {
        const DEFAULTS: &[&str] = &["default", "defaultvalue", "default_value", "value"];
        let colon = self.skip_blanks(name.end());
        if !matches!(self.family, Family::Json | Family::Yaml) || self.at(colon) != b':' {
            return None;
        }
        let open = self.skip_blanks(colon + 1);
        if self.at(open) == b'{' {
            let window = &self.bytes[open + 1..(open + TAG_BYTES).min(self.bytes.len())];
            let end = window.iter().position(|byte| matches!(byte, b'{' | b'}' | b'['))?;
            return self.value_entry_of(open + 1..open + 1 + end, DEFAULTS);
        }
        if self.family != Family::Yaml || open != self.line_end(open) {
            return None;
        }
        let indent = |at: usize| self.skip_blanks(at) - at;
        let own = name.start() - self.line_start(name.start());
        let mut at = self.next_line(open);
        for _ in 0..NEAR_LINES {
            if indent(at) <= own || self.at(at) == 0 {
                return None;
            }
            let line = at + indent(at)..self.line_end(at);
            if let Some(value) = self.value_entry_of(line.clone(), DEFAULTS) {
                return Some(value);
            }
            at = self.next_line(line.end);
        }
        None
    }

    /// `variable "password" {` ... `default = "value"`, in Terraform and the like.
    fn block_default(&self, name: &Name) -> Option<Value> {
        let end = self.skip_blanks(name.end());
        let keyword = self.word_before(self.skip_blanks_back(name.start()));
        let opens = self.at(end) == b'{' && name.quote.is_some();
        (opens && matches!(keyword, b"variable" | b"parameter" | b"param")).then_some(())?;
        let window = self.bytes.get(end..(end + TAG_BYTES).min(self.bytes.len()))?;
        let close = memchr::memmem::find(window, b"\n}").unwrap_or(window.len());
        self.value_entry(end + 1..end + close)
    }

    /// The folded key that ends at a place, over a closing quote.
    fn key_before(&self, end: usize) -> Option<String> {
        let end = self.skip_blanks_back(end);
        let end = if matches!(self.before(end), b'"' | b'\'') { end - 1 } else { end };
        let word = self.word_before(end);
        (!word.is_empty()).then(|| String::from_utf8_lossy(word).to_ascii_lowercase())
    }

    /// Where the thing ends that a name stands in: at a closing brace, or at the next item of a list.
    fn group_end(&self, from: usize) -> usize {
        let window = self.bytes.get(from..(from + NEAR_BYTES).min(self.bytes.len())).unwrap_or_default();
        let mut lines = 0;
        for (offset, &byte) in window.iter().enumerate() {
            match byte {
                b'}' if self.before(from + offset) != b'}' && !self.in_braces(from, from + offset) => {
                    return from + offset;
                }
                b'\n' => {
                    lines += 1;
                    let next = self.skip_blanks(from + offset + 1);
                    let ends = self.starts(next, "- ") || matches!(self.at(next), b'}' | b'\n' | b'\r');
                    if lines > NEAR_LINES || ends {
                        return from + offset;
                    }
                }
                _ => {}
            }
        }
        from + window.len()
    }

    /// Whether a closing brace closes one that was opened after `from` (`{{ x }}`, `${x}`).
    fn in_braces(&self, from: usize, close: usize) -> bool {
        let between = &self.bytes[from..close];
        let count = |wanted: u8| between.iter().filter(|&&byte| byte == wanted).count();
        count(b'{') > count(b'}')
    }

    fn group_start(&self, to: usize) -> usize {
        let floor = to.saturating_sub(NEAR_BYTES);
        let open = memchr::memrchr(b'{', &self.bytes[floor..to]).map(|at| floor + at + 1);
        let item = memchr::memmem::rfind(&self.bytes[floor..to], b"\n").and_then(|newline| {
            let line = self.skip_blanks(floor + newline + 1);
            // Only YAML has entries of one thing on lines of their own without braces.
            (self.family == Family::Yaml && !self.starts(line, "- ")).then(|| {
                let before = &self.bytes[floor..floor + newline];
                memchr::memrchr(b'\n', before).map_or(floor, |at| floor + at + 1)
            })
        });
        open.or(item).unwrap_or(to)
    }

    /// The value of the first value key in a range.
    fn value_entry(&self, range: Range<usize>) -> Option<Value> {
        self.value_entry_of(range, VALUE_KEYS)
    }

    fn value_entry_of(&self, range: Range<usize>, keys: &[&str]) -> Option<Value> {
        let mut at = range.start;
        while at < range.end {
            let word = self.bytes[at..range.end].iter().take_while(|&&byte| is_name_byte(byte)).count();
            if word == 0 {
                at += 1;
                continue;
            }
            let key = String::from_utf8_lossy(&self.bytes[at..at + word]).to_ascii_lowercase();
            let quote = usize::from(matches!(self.at(at + word), b'"' | b'\''));
            let mark = self.skip_blanks(at + word + quote);
            at += word;
            if !matches!(self.at(mark), b':' | b'=') || matches!(self.at(mark + 1), b'=' | b':') {
                continue;
            }
            if keys.contains(&key.as_str()) && self.in_comment(mark) == self.in_comment(range.start) {
                let value = self.assigned(mark + 1, None)?.into_iter().next()?;
                // It must stand in the same thing, not after it.
                return (value.range.end <= range.end + MAX_VALUE)
                    .then_some(Value { operator: Operator::Entry, ..value });
            }
            if NAME_KEYS[..2].contains(&key.as_str()) {
                return None;
            }
        }
        None
    }

    /// Elements and attributes.
    pub(super) fn markup(&self, name: &Name) -> Option<Value> {
        let before = self.before(name.start());
        if name.quote.is_none() && self.at(name.end()) == b'>' && (before == b'<' || before == b':') {
            return self.element(name.end() + 1).filter(|value| !self.is_key_of_plist(name, value));
        }
        // `<password encrypted="false">value</password>`
        if name.quote.is_none() && matches!(before, b'<' | b':') && self.at(name.end()) == b' ' {
            let tag = self.tag(name).filter(|tag| self.before(tag.end) != b'/')?;
            // `encrypted="true"`, `Type="PasswordDigest"`
            let attributes = self.bytes[name.end()..tag.end].to_ascii_lowercase();
            let told = [&b"crypted=\"true"[..], b"hashed=\"true", b"digest", b"crypted='true"];
            let elsewhere = told.iter().any(|mark| find(&attributes, mark).is_some());
            return if elsewhere { None } else { self.element(tag.end + 1) };
        }
        if self.family != Family::Markup && !self.in_tag(name) {
            return None;
        }
        if name.quote.is_none() && self.starts(name.end(), "</") {
            return self.after_key(name);
        }
        let equals = self.skip_blanks_back(name.start());
        if name.quote.is_none() || self.before(equals) != b'=' {
            return None;
        }
        let key = self.key_before(equals - 1)?;
        (NAME_KEYS.contains(&key.as_str()) || key == "type").then_some(())?;
        let tag = self.tag(name)?;
        let attribute = self.value_entry(tag.start..name.start()).or_else(|| self.value_entry(name.end()..tag.end));
        if attribute.is_some() {
            return attribute;
        }
        if key == "type" || self.before(tag.end) == b'/' {
            return None;
        }
        self.element(tag.end + 1)
    }

    /// Whether an element holds a name, and the next one what it is: `<key>name</key><true/>`.
    fn is_key_of_plist(&self, name: &Name, value: &Value) -> bool {
        const NEXT: &[&str] =
            &["<dict", "<array", "<true/>", "<false/>", "<string", "<integer", "<data", "<real", "<date"];
        const CLOSE: &str = "</key>";
        let close = value.range.end;
        &self.bytes[name.range.clone()] == b"key" && self.starts(close, CLOSE) && {
            let next = self.skip_space(close + CLOSE.len());
            NEXT.iter().any(|tag| self.starts(next, tag))
        }
    }

    /// Whether a quoted name is the value of an attribute of a tag in a file of another kind (JSX,
    /// markup in strings).
    fn in_tag(&self, name: &Name) -> bool {
        name.quote.is_some() && self.before(name.start()) == b'=' && self.tag(name).is_some()
    }

    /// The inside of the tag that a name stands in.
    fn tag(&self, name: &Name) -> Option<Range<usize>> {
        let floor = name.start().saturating_sub(TAG_BYTES);
        let start = floor + memchr::memrchr(b'<', &self.bytes[floor..name.start()])? + 1;
        if memchr::memchr(b'>', &self.bytes[start..name.start()]).is_some() || !self.at(start).is_ascii_alphabetic() {
            return None;
        }
        let window = self.bytes.get(name.end()..(name.end() + TAG_BYTES).min(self.bytes.len()))?;
        Some(start..name.end() + memchr::memchr(b'>', window)?)
    }

    /// `<key>password</key><string>value</string>`
    fn after_key(&self, name: &Name) -> Option<Value> {
        let end = name.end()
            + memchr::memchr(b'>', self.bytes.get(name.end()..(name.end() + 40).min(self.bytes.len()))?)?
            + 1;
        let open = self.skip_space(end);
        let content = ["<string>", "<value>", "<param-value>", "<data>", "<td>", "<dd>", "<code>", "<b>"]
            .iter()
            .find(|tag| self.starts_folded(open, tag))?;
        // `<value>a</value> <value>b</value>` is a list; cells of a table stand beside what they name.
        // A map that Java wrote holds `<entry><string>password</string><string>value</string></entry>`.
        let of_map = self.bytes[..name.start()].ends_with(b"<entry><string>");
        if *content != "<td>" && !of_map && self.starts_folded(name.end() + 2, &content[1..]) {
            return None;
        }
        self.element(open + content.len())
    }

    /// The text from a place up to the closing tag.
    fn element(&self, at: usize) -> Option<Value> {
        let start = self.skip_space(at);
        let start = if self.starts(start, "<![CDATA[") { start + 9 } else { start };
        if let Some(open) = ["<value>", "<string>"].iter().find(|open| self.starts_folded(start, open)) {
            return self.element(start + open.len());
        }
        let window = self.bytes.get(start..(start + MAX_VALUE).min(self.bytes.len()))?;
        let end = start + memchr::memchr(b'<', window)?;
        // `--set a=<the-password>` and another `<hint>` after it are no element.
        if self.at(end + 1) != b'/' {
            return None;
        }
        let end = if self.bytes[..end].ends_with(b"]]>") { end - 3 } else { end };
        let cdata = memchr::memmem::find(window, b"]]>").map(|length| start + length).filter(|&close| close < end);
        let end = self.skip_space_back(cdata.unwrap_or(end));
        (end > start && !self.bytes[start..end].contains(&b'\n')).then(|| Value::bare(start..end, Operator::Element))
    }

    /// Where the list of columns opens that a place may stand in.
    fn columns_open(&self, at: usize) -> Option<usize> {
        let floor = at.saturating_sub(COLUMNS);
        memchr::memrchr(b'(', &self.bytes[floor..at]).map(|open| floor + open)
    }

    /// Whether a quoted name stands among the columns of a statement: `INSERT INTO t ("a", "password")`.
    pub(super) fn is_column(&self, at: usize) -> bool {
        const KEYWORDS: &[&[u8]] = &[b"into", b"table", b"exists", b"key", b"index", b"references"];
        let Some(open) = self.columns_open(at) else { return false };
        let table = self.skip_space_back(open);
        let is_table = |byte: &&u8| is_name_byte(**byte) || b"`\"[].".contains(byte);
        let length = self.bytes[..table].iter().rev().take(COLUMNS).take_while(is_table).count();
        let keyword = self.word_before(self.skip_space_back(table - length));
        KEYWORDS.iter().any(|word| keyword.eq_ignore_ascii_case(word))
    }

    /// `INSERT INTO t (a, password) VALUES ('x', 'value')`: the literals of the name's column.
    pub(super) fn column(&self, name: &Name) -> Option<Vec<Value>> {
        let next = self.skip_space(name.end() + usize::from(self.at(name.end()) == b']'));
        if !matches!(self.at(next), b',' | b')') {
            return None;
        }
        let open = self.columns_open(name.start())?;
        // Nothing but names of columns stands between.
        let is_list = |byte: &u8| is_name_byte(*byte) || byte.is_ascii_whitespace() || b",`\"[].".contains(byte);
        if !self.bytes[open + 1..name.start()].iter().all(is_list) {
            return None;
        }
        let columns = &self.bytes[open + 1..name.start()];
        let index = columns.iter().filter(|&&byte| byte == b',').count();
        let rest = self.bytes.get(name.end()..(name.end() + COLUMNS).min(self.bytes.len()))?;
        let close = name.end() + memchr::memchr(b')', rest)? + 1;
        let mut at = self.skip_space(close);
        if !self.starts_folded(at, "values") {
            return None;
        }
        let head = &self.bytes[open.saturating_sub(120)..open];
        memchr::memmem::rfind(&head.to_ascii_lowercase(), b"into")?;
        at += "values".len();
        let mut values = Vec::new();
        while values.len() < MAX_VALUES {
            at = self.skip_space(at);
            if self.at(at) != b'(' {
                break;
            }
            let Some((cells, end)) = self.row(at + 1) else { break };
            values.extend(cells.into_iter().nth(index).flatten().map(|range| Value::quoted(range, Operator::Entry)));
            at = self.skip_space(end);
            if self.at(at) != b',' {
                break;
            }
            at += 1;
        }
        Some(values)
    }

    /// The cells of a row up to its closing bracket: a literal's contents, or nothing for others.
    pub(super) fn row(&self, mut at: usize) -> Option<(Vec<Option<Range<usize>>>, usize)> {
        const ROW: usize = 8 << 10;
        let ceiling = (at + ROW).min(self.bytes.len());
        let (mut cells, mut cell, mut depth, mut start) = (Vec::new(), None, 0usize, at);
        while at < ceiling {
            match self.at(at) {
                b'"' | b'\'' | b'`' => {
                    let literal = self.plain_literal(at)?;
                    let lead = &self.bytes[start..at];
                    // `usage="value"` names what it gives.
                    let named = lead.trim_ascii_end().ends_with(b"=");
                    if cell.is_none() && !named && (depth == 0 || converts(lead)) {
                        cell = Some(literal.range.clone());
                    }
                    at = literal.end;
                    continue;
                }
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' if depth == 0 => {
                    cells.push(cell);
                    return Some((cells, at + 1));
                }
                b')' | b']' | b'}' => depth -= 1,
                b',' if depth == 0 => {
                    cells.push(cell.take());
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        None
    }
}

/// Whether a call that a cell opens with only turns text into bytes, keys and the like.
fn converts(lead: &[u8]) -> bool {
    #[rustfmt::skip] // a word a line would be pages
    const WORDS: &[&str] = &[
        "byte", "utf8", "utf-8", "ascii", "buffer.from", "string", "some", "hex", "base64", "b64", "chararray",
        "encode", "atob", "btoa", "secret", "literal", "decode", "data",
    ];
    let folded = String::from_utf8_lossy(lead).to_ascii_lowercase();
    let opens = folded.bytes().filter(|byte| matches!(byte, b'(' | b'[')).count();
    // `vault.getSecret("name")` reads one that is kept elsewhere.
    const READERS: &[&str] = &["get", "read", "fetch", "load", "lookup", "resolve", "find"];
    let callee = folded.trim_end_matches(['(', '[']).rsplit(|next: char| !next.is_alphanumeric()).next();
    let reads = callee.is_some_and(|callee| {
        READERS.iter().any(|reader| callee.starts_with(reader)) && !callee.contains("bytes") && callee != "get"
    });
    opens <= 4
        && !reads
        && !folded.contains("env")
        && !folded.contains("get(")
        && WORDS.iter().any(|word| folded.contains(word))
}
