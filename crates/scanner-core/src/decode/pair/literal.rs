//! Values as they are written: quoted literals, and bare text up to where the kind of file ends it.

use super::name::is_name_byte;
use super::{Family, MAX_VALUE, Reader, find};
use std::ops::Range;

/// A quoted literal.
#[derive(Debug, Clone)]
pub(super) struct Literal {
    /// Its contents.
    pub(super) range: Range<usize>,
    /// The place after its closing quote.
    pub(super) end: usize,
}

/// Calls and types that only wrap a literal.
#[rustfmt::skip] // a word a line would be pages
const WRAPPERS: &[&str] = &[
    "new String(", "Field(", "SecretField(", "Hash::make(", "Hash.make(", "bcrypt(", "make_password(", "generate_password_hash(", "password_hash(",
    "passwordEncoder.encode(", "encoder.encode(", "$encoder->encode(", "$this->encoder->encode(", "bytes.fromhex(", "bytearray(", "Encoding.UTF8.GetBytes(", "Encoding.ASCII.GetBytes(",
    "Convert.FromBase64String(", "hex.DecodeString(", "Base64.getDecoder().decode(", "Base64.decode(", "<string>", "createSecretKey(",
    "Hex.decode(", "Hex.decodeHex(", "parseHexBinary(", "DatatypeConverter.parseHexBinary(", "hex!(", "hex::decode(", "HexFormat.of().parseHex(", "<<",
    "utf8.encode(", "unhexlify(", "binascii.unhexlify(", "Key.fromUtf8(", "hex2bin(", "to_bytes(", "postgresql_password(",
    "new Secret(", "String::from(", "String(", "str(", "string(", "[]byte(", "bytes(",
    "Buffer.from(", "@(", "SecureString(", "SecretString(", "SecretStr(", "Secret(", "Secret::new(",
    "SecretString::new(", "Some(", "Optional.of(", "Password(", "ConvertTo-SecureString ", "-String ",
    "toCharArray(", "std::string(", "QString(", "QStringLiteral(", "b64decode(", "base64.b64decode(",
    "Base64.decode64(", "base64_decode(", "atob(", "_T(", "L(", "TEXT(", "NSString(", "sensitive(",
    "nonsensitive(", "Fernet(", "new SecretKeySpec(", "SecretKey(", "encodeBase64(", "literal(", "quote(", "_(",
    "new TextEncoder().encode(", "to_string(", "Literal(", "&", "*", "HeaderValue::from_static(", "BS.pack ", "BSC.pack ", "B.pack ", "BC.pack ", "C.pack ", "T.pack ", "pack ",
];

/// How many wrappers and brackets may stand around one another.
const MAX_WRAPPERS: usize = 3;

impl Reader<'_> {
    /// A quoted literal at `at`, after blanks, a line end, what only wraps it, and a string prefix.
    pub(super) fn literal(&self, at: usize) -> Option<Literal> {
        let mut at = self.skip_line(at);
        for _ in 0..MAX_WRAPPERS {
            // Most values stand there themselves.
            let wrapped = !matches!(self.at(at), b'"' | b'\'' | b'0'..=b'9' | b' ' | b'\n' | b'(' | b'{');
            let wrapper = WRAPPERS.iter().filter(|_| wrapped).find(|wrapper| self.starts(at, wrapper));
            at = match (wrapper, self.at(at)) {
                (Some(wrapper), _) => self.skip_line(at + wrapper.len()),
                (None, b'(') => self.skip_line(at + 1),
                _ => break,
            };
        }
        let literal = self.plain_literal(at).or_else(|| self.quoted_by_word(at))?;
        // `"\"value\""`, `'"value"'`: a literal that is code for a literal.
        let inner = &self.bytes[literal.range.clone()];
        let within = |mark: &[u8]| inner.len() > 4 && inner.starts_with(mark) && inner.ends_with(mark);
        let cut = if within(b"\\\"") { 2 } else { usize::from(within(b"\"")) };
        Some(Literal { range: literal.range.start + cut..literal.range.end - cut, end: literal.end })
    }

    /// A quoted literal at exactly `at`, or after a string prefix there.
    pub(super) fn plain_literal(&self, at: usize) -> Option<Literal> {
        if self.starts(at, "\\\"") || self.starts(at, "\\'") {
            return self.escaped_literal(at);
        }
        let rest = self.bytes.get(at..)?;
        let prefix = rest.iter().take(2).take_while(|byte| b"bBrRuULN@$fF".contains(byte)).count();
        let open = at + prefix;
        let quote = self.at(open);
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        if self.bytes[open..].starts_with(&[quote; 3]) {
            let start = open + 3;
            let window = self.bytes.get(start..(start + MAX_VALUE).min(self.bytes.len()))?;
            let length = memchr::memmem::find(window, &[quote; 3])?;
            return Some(Literal { range: start..start + length, end: start + length + 3 });
        }
        let start = open + 1;
        // A backslash is a letter in raw and verbatim strings, and in files without escapes.
        let raw = rest[..prefix].iter().any(|byte| b"rR@".contains(byte))
            || quote == b'\'' && matches!(self.family, Family::Config | Family::Yaml);
        let mut end = start;
        loop {
            match self.at(end) {
                0 => return None,
                b'\n' if quote != b'`' => return None,
                b'\\' if !raw => end += 2,
                byte if byte == quote && byte == b'\'' && self.family == Family::Yaml && self.at(end + 1) == quote => {
                    end += 2
                }
                byte if byte == quote => return Some(Literal { range: start..end, end: end + 1 }),
                _ => end += 1,
            }
            if end - start > MAX_VALUE {
                return None;
            }
        }
    }

    /// Perl's `q{value}`, `qq(value)`, and Ruby's `%q(value)`.
    fn quoted_by_word(&self, at: usize) -> Option<Literal> {
        const WORDS: &[&str] = &["q", "qq", "%q", "%Q"];
        if self.family != Family::Code || !matches!(self.at(at), b'q' | b'%') {
            return None;
        }
        let closing = |open: u8| match open {
            b'{' => Some(b'}'),
            b'(' => Some(b')'),
            b'[' => Some(b']'),
            b'|' => Some(b'|'),
            _ => None,
        };
        let start = WORDS.iter().filter(|word| self.starts(at, word)).map(|word| at + word.len() + 1);
        let (start, close) = start.filter_map(|start| Some((start, closing(self.before(start))?))).next()?;
        let length = memchr::memchr(close, &self.bytes[start..self.line_end(start)])?;
        // `q("name")` is a call.
        let plain = memchr::memchr2(b'"', b'\'', &self.bytes[start..start + length]).is_none();
        plain.then_some(Literal { range: start..start + length, end: start + length + 1 })
    }

    /// `\"value\"`: a string inside a string ends at the next escaped quote.
    fn escaped_literal(&self, at: usize) -> Option<Literal> {
        let (start, quote) = (at + 2, self.at(at + 1));
        let window = self.bytes.get(start..)?.iter().take(MAX_VALUE);
        let end = start + window.clone().position(|&byte| matches!(byte, b'\\' | b'\n') || byte == quote)?;
        let closed = self.at(end) == b'\\' && self.at(end + 1) == quote;
        closed.then_some(Literal { range: start..end, end: end + 2 })
    }

    /// A literal that ends at exactly `end`, its closing quote being the byte before.
    pub(super) fn literal_before(&self, end: usize) -> Option<Literal> {
        let quote = self.before(end);
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let close = end - 1;
        let floor = self.line_start(close).max(close.saturating_sub(MAX_VALUE));
        let open = floor + memchr::memrchr(quote, &self.bytes[floor..close])?;
        (self.before(open) != b'\\').then_some(Literal { range: open + 1..close, end })
    }

    /// Whether what stands after a literal makes it a part of a longer string.
    pub(super) fn goes_on(&self, end: usize) -> bool {
        let at = self.skip_blanks(end);
        self.family == Family::Code
            && (self.at(at) == b'+'
                // `<% pw = "value" %>`: where a page goes on.
                || self.at(at) == b'%' && self.at(at + 1) != b'>'
                || self.at(at) == b'.' && matches!(self.at(at + 1), b' ' | b'$' | b'"' | b'\'')
                || self.starts(at, ".. ")
                || self.starts(at, "& ") && at > end)
    }

    /// A value without quotes, up to the line's end or a comment.
    pub(super) fn bare(&self, at: usize, family: Family) -> Option<Range<usize>> {
        let line_end = self.line_end(at);
        let line = self.bytes.get(at..line_end)?;
        let stop = match family {
            Family::Yaml if self.in_flow_mapping(at) => cut(line, &[b" #", b",", b"}", b"]"]),
            // Ansible: `module: name=x password=y`
            Family::Yaml if self.before(at) == b'=' => cut(line, &[b" ", b"\t"]),
            Family::Yaml => cut(line, &[b" #", b"\t#"]),
            Family::Text | Family::Code => {
                let word = cut(line, &[b" ", b"\t", b",", b";", b"|", b"<", b")", b"\"", b"`", b"'"]);
                let parts = |mark: &usize| family == Family::Code || parts_fields(&line[*mark..]);
                memchr::memchr_iter(b'&', &line[..word]).find(parts).unwrap_or(word)
            }
            // `A=1 B=2 command`, `-e A=1 \`: a word. Values of ini files may hold blanks.
            _ if memchr::memchr(b'{', &self.bytes[self.line_start(at)..at]).is_some() => {
                cut(line, &[b" #", b",", b" }", b";"])
            }
            _ if find(&self.bytes[self.line_start(at)..at], b" -").is_some()
                || [&b" -"[..], b" $", b" |", b" \\", b" >", b" &", b" ./", b" /"]
                    .iter()
                    .any(|mark| find(line, mark).is_some()) =>
            {
                cut(line, &[b" ", b"\t"])
            }
            _ if self.is_among_operands(at) => cut(line, &[b" ", b"\t"]),
            _ => cut(line, &[b" #", b"\t#", b" ;", b"; "]),
        };
        let mut end = at + stop;
        while end > at
            && (self.before(end).is_ascii_whitespace()
                || matches!(self.before(end), b';')
                || family != Family::Config && self.before(end) == b',')
        {
            end -= 1;
        }
        // Quotes without a partner belong to what the line stands in.
        let is_quote = |at: usize| matches!(self.bytes[at], b'"' | b'\'' | b'`');
        let start = (at..end).find(|&at| !is_quote(at)).unwrap_or(end);
        let end = (start..end).rev().find(|&at| !is_quote(at)).map_or(start, |last| last + 1);
        (end > start).then_some(start..end)
    }

    /// `http POST host/login password=A user=B`: a value that a command is given among others.
    fn is_among_operands(&self, at: usize) -> bool {
        // What sets a variable to all that follows.
        const SETTERS: &[&[u8]] = &[b"set", b"setx", b"setenv", b"define", b"env", b"label"];
        let is_operand = |word: &[u8]| {
            let name = word.iter().take_while(|&&byte| is_name_byte(byte)).count();
            name > 0 && word.get(name) == Some(&b'=') && word.len() > name + 1
        };
        let words = |range: Range<usize>| self.bytes[range].split(|byte| matches!(byte, b' ' | b'\t'));
        let mut before = words(self.line_start(at)..at).filter(|word| !word.is_empty());
        let Some(first) = before.next() else { return false };
        let commands = first.iter().all(|&byte| is_name_byte(byte) || b"/.-".contains(&byte));
        let is_setter = SETTERS.iter().any(|word| first.eq_ignore_ascii_case(word));
        self.before(at) == b'='
            && commands
            && !is_setter
            && before.next().is_some()
            && words(at..self.line_end(at)).skip(1).any(is_operand)
    }

    fn in_flow_mapping(&self, at: usize) -> bool {
        let line = &self.bytes[self.line_start(at)..at];
        line.iter().filter(|&&byte| byte == b'{').count() > line.iter().filter(|&&byte| byte == b'}').count()
    }
}

/// Whether an ampersand parts fields, or is written as markup is: `password=A&user=B`, `password: A&quot;`.
fn parts_fields(rest: &[u8]) -> bool {
    let field = rest[1..].iter().take_while(|&&byte| is_name_byte(byte) || matches!(byte, b'#' | b'%')).count();
    field > 0 && matches!(rest.get(field + 1), Some(b'=' | b';')) || field == 0
}

/// Where the first of `marks` stands in `line`, or its end.
fn cut(line: &[u8], marks: &[&[u8]]) -> usize {
    marks.iter().filter_map(|mark| find(line, mark)).min().unwrap_or(line.len())
}
