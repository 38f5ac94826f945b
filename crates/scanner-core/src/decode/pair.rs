//! Reads the named value that stands around a place of a text: `name operator literal`, in the
//! syntax of the file's family. It reads lines, not grammars, so that half-written, templated and
//! unknown files are read as well, and only where a telling name stands.

use crate::span::Span;

/// How values are written in a kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `.env`, ini, properties, shell, Dockerfile: bare values are literals.
    Config,
    /// YAML: bare values are literals, `:` separates.
    Yaml,
    /// JSON: everything is quoted.
    Json,
    /// XML, HTML: attributes and elements.
    Markup,
    /// Programming languages: only quoted text is a literal.
    Code,
    /// Prose, logs and files of no known kind.
    Text,
}

impl Family {
    /// The family of a file, by its name.
    pub fn of_path(path: &str) -> Family {
        let folded = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        // `.env`, `.env.local`, `.env.production`: the extension tells nothing.
        if folded.starts_with(".env") || folded.ends_with(".env") || folded.starts_with("env.") {
            return Family::Config;
        }
        if folded.starts_with("dockerfile") || folded.starts_with("containerfile") {
            return Family::Config;
        }
        let folded = [".j2", ".erb", ".tpl", ".tmpl", ".dist", ".sample", ".example", ".bak", ".old", ".template"]
            .iter()
            .fold(folded.as_str(), |name, suffix| name.strip_suffix(suffix).unwrap_or(name))
            .to_owned();
        let Some((stem, extension)) = folded.rsplit_once('.') else {
            return if matches!(folded.as_str(), "jenkinsfile" | "vagrantfile" | "gemfile" | "rakefile" | "podfile") {
                Family::Code
            } else {
                Family::Text
            };
        };
        match extension {
            "yml" | "yaml" | "sls" | "raml" => Family::Yaml,
            "json" | "jsonc" | "json5" | "ipynb" | "tfstate" | "har" | "webmanifest" | "geojson" | "jsonl"
            | "ndjson" | "map" | "avsc" | "template" | "postman_collection" => Family::Json,
            "xml" | "html" | "htm" | "xhtml" | "config" | "csproj" | "plist" | "pom" | "jsp" | "svg" | "xsd"
            | "wsdl" | "xaml" | "resx" | "vbproj" | "props" | "targets" | "nuspec" | "ui" | "jelly" | "vue"
            | "svelte" | "aspx" | "cshtml" | "erb" | "ejs" | "hbs" => Family::Markup,
            "ini" | "cfg" | "conf" | "cnf" | "properties" | "prop" | "npmrc" | "pypirc" | "gitconfig" | "netrc"
            | "s3cfg" | "toml" | "sh" | "bash" | "zsh" | "fish" | "ksh" | "bat" | "cmd" | "envrc" | "flaskenv"
            | "service" | "desktop" | "dockerfile" | "tfvars" | "hcl" | "tf" | "ovpn" | "inf" | "reg" | "rdp"
            | "cnx" | "settings" | "boto" | "my.cnf" | "vars" | "make" | "mk" | "nomad" | "ora" | "cred"
            | "credentials" | "secret" | "secrets" | "list" | "secure" | "repo" => Family::Config,
            "md" | "txt" | "rst" | "adoc" | "log" | "csv" | "tsv" | "tex" | "org" | "out" | "patch" | "diff" | "po"
            | "pot" | "xlf" | "strings" | "markdown" | "mdx" | "textile" | "asciidoc" => Family::Text,
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "py" | "pyi" | "pyw" | "java" | "kt"
            | "kts" | "scala" | "groovy" | "gradle" | "cs" | "vb" | "fs" | "go" | "rs" | "c" | "h" | "cc" | "cpp"
            | "cxx" | "hpp" | "hh" | "m" | "mm" | "swift" | "php" | "phtml" | "inc" | "rb" | "pl" | "pm" | "lua"
            | "dart" | "r" | "jl" | "ex" | "exs" | "erl" | "clj" | "hs" | "elm" | "ml" | "sql" | "ps1" | "psm1"
            | "psd1" | "coffee" | "sol" | "vbs" | "pas" | "d" | "nim" | "zig" | "v" | "cr" | "tcl" | "awk" | "nix"
            | "bzl" | "bazel" | "cmake" | "proto" | "graphql" | "feature" => Family::Code,
            _ if stem.is_empty() => Family::Config,
            _ => Family::Text,
        }
    }

    /// Whether text without quotes is a literal value here.
    fn has_bare_values(self) -> bool {
        matches!(self, Family::Config | Family::Yaml | Family::Text)
    }
}

/// What stands between a name and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`, `:=`, `=>`, `:`
    Assign,
    /// `==`, `!=`, `===`
    Compare,
    /// `setPassword("..")`, `put("password", "..")`
    Call,
    /// `<password>..</password>`
    Element,
    /// `--password ..`, `password ..`
    Space,
    /// `getenv("PASSWORD", "..")`, `x.password || ".."`: a fallback
    Default,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The name, without quotes.
    pub name: Span,
    /// The value, without quotes.
    pub value: Span,
    /// Whether the value stood in quotes.
    pub quoted: bool,
    /// What stood between.
    pub operator: Operator,
}

/// Names longer than this are data.
const MAX_NAME: usize = 120;
/// Values longer than this are data, not credentials people write by hand.
const MAX_VALUE: usize = 4096;

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The name around `at` and, if there is one, the value given to it.
pub fn read_at(text: &str, at: usize, family: Family) -> Option<Pair> {
    let bytes = text.as_bytes();
    let name = read_name(bytes, at, family)?;
    Reader { bytes, family }.pair(name)
}

/// The span of the name around `at`: an identifier, or in config files and quotes also a dotted
/// or dashed one.
fn read_name(bytes: &[u8], at: usize, family: Family) -> Option<std::ops::Range<usize>> {
    let floor = at.saturating_sub(MAX_NAME);
    let ceiling = (at + MAX_NAME).min(bytes.len());
    let plain = |byte: u8| is_name_byte(byte);
    let dashed = |byte: u8| is_name_byte(byte) || matches!(byte, b'-' | b'.');
    let extend = |fits: &dyn Fn(u8) -> bool| {
        let start = (floor..at).rev().take_while(|&at| fits(bytes[at])).last().unwrap_or(at);
        let end = (at..ceiling).take_while(|&at| fits(bytes[at])).last().map_or(at, |at| at + 1);
        start..end
    };
    let wide = extend(&dashed);
    let before = wide.start.checked_sub(1).map(|at| bytes[at]);
    let in_quotes = matches!(before, Some(b'"' | b'\'')) && bytes.get(wide.end).copied() == before;
    let range = match family {
        _ if in_quotes => wide,
        Family::Config | Family::Yaml | Family::Markup => wide,
        _ => extend(&plain),
    };
    if range.len() >= MAX_NAME {
        return None;
    }
    let lead = bytes[range.clone()].iter().take_while(|&&byte| matches!(byte, b'-' | b'.')).count();
    let tail = bytes[range.clone()].iter().rev().take_while(|&&byte| matches!(byte, b'-' | b'.')).count();
    (lead + tail < range.len()).then(|| range.start + lead..range.end - tail)
}

struct Reader<'t> {
    bytes: &'t [u8],
    family: Family,
}

type Found = Option<(std::ops::Range<usize>, bool, Operator)>;

impl Reader<'_> {
    fn pair(&self, name: std::ops::Range<usize>) -> Option<Pair> {
        let (value, quoted, operator) = self.value_after(&name)?;
        if value.is_empty() || value.len() > MAX_VALUE {
            return None;
        }
        Some(Pair { name: Span::new(name.start, name.end), value: Span::new(value.start, value.end), quoted, operator })
    }

    fn at(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn starts(&self, at: usize, text: &str) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn skip_blanks(&self, mut at: usize) -> usize {
        while matches!(self.at(at), b' ' | b'\t') {
            at += 1;
        }
        at
    }

    /// Blanks, and one line end: a value may stand on the line after its operator.
    fn skip_line(&self, at: usize) -> usize {
        let at = self.skip_blanks(at);
        let next = match self.at(at) {
            b'\r' if self.at(at + 1) == b'\n' => at + 2,
            b'\n' => at + 1,
            b'\\' if self.at(at + 1) == b'\n' => at + 2,
            _ => return at,
        };
        self.skip_blanks(next)
    }

    fn value_after(&self, name: &std::ops::Range<usize>) -> Found {
        let before = name.start.checked_sub(1).map_or(0, |at| self.bytes[at]);
        let mut at = name.end;
        let quoted_name = matches!(before, b'"' | b'\'' | b'`') && self.at(at) == before;
        // `\"password\": \"x\"`: JSON inside a string.
        let escaped_name = before == b'"' && self.at(at) == b'\\' && self.at(at + 1) == b'"';
        at += if quoted_name {
            1
        } else if escaped_name {
            2
        } else {
            0
        };
        if (before == b'<' || (before == b':' && self.family == Family::Markup)) && self.at(at) == b'>' {
            return self.element(at + 1);
        }
        if before == b'-' && name.start >= 2 && !quoted_name && matches!(self.at(at), b' ' | b'=') {
            // `--password x`
            return self.argument(at + 1);
        }
        while matches!(self.at(at), b']' | b')' | b'?' | b'!') && self.at(at + 1) != b'=' {
            at += 1;
        }
        let at = self.skip_blanks(at);
        self.operator_and_value(name, at, quoted_name)
    }

    fn operator_and_value(&self, name: &std::ops::Range<usize>, at: usize, quoted_name: bool) -> Found {
        // `"PASSWORD=" + x`: the quote after the operator closes the one before the name.
        let before = name.start.checked_sub(1).map_or(0, |at| self.bytes[at]);
        if !quoted_name
            && matches!(before, b'"' | b'\'')
            && matches!(self.at(at), b'=' | b':')
            && self.at(self.skip_blanks(at + 1)) == before
        {
            return None;
        }
        for mark in ["===", "!==", "==", "!="] {
            if self.starts(at, mark) {
                return self.literal(at + mark.len()).map(|value| (value, true, Operator::Compare));
            }
        }
        for mark in ["=>", ":=", "?=", "+=", "||=", "??=", "<-"] {
            if self.starts(at, mark) {
                return self.assigned(at + mark.len());
            }
        }
        match self.at(at) {
            b'=' => self.assigned(at + 1),
            b':' if self.at(at + 1) != b':' => self.after_colon(at + 1),
            b'(' if !quoted_name => self
                .literal(at + 1)
                .filter(|value| self.closes_call(value.end))
                .map(|value| (value, true, Operator::Call)),
            b',' if quoted_name => {
                self.literal(at + 1).filter(|_| self.is_setter(name)).map(|value| (value, true, Operator::Call))
            }
            // Go and SQL: `password string = "x"`, `PASSWORD 'x'`.
            b'\'' | b'"' if self.family == Family::Code && !quoted_name => {
                self.literal(at).map(|value| (value, true, Operator::Space))
            }
            _ if self.family == Family::Code => self.typed(at),
            _ => None,
        }
    }

    /// After `:`: a value, or in code a type and then perhaps `= value`.
    fn after_colon(&self, at: usize) -> Found {
        if self.family == Family::Code
            && let Some(found) = self.typed(self.skip_blanks(at))
        {
            return Some(found);
        }
        self.assigned(at)
    }

    /// `string = "x"`, `&'static str = "x"`, `Optional[str] = "x"`.
    fn typed(&self, at: usize) -> Found {
        let is_type = |byte: u8| byte.is_ascii_alphanumeric() || b"_.[]<>&'*?| ".contains(&byte);
        let line = self.bytes.get(at..)?.iter().take(60);
        let equals = at + line.take_while(|&&byte| is_type(byte)).count();
        let starts_as_type = matches!(self.at(at), b'&' | b'*' | b'[') || self.at(at).is_ascii_alphabetic();
        if !starts_as_type || self.at(equals) != b'=' || matches!(self.at(equals + 1), b'=' | b'>') {
            return None;
        }
        self.literal(equals + 1).map(|value| (value, true, Operator::Assign))
    }

    /// A value after an assignment.
    fn assigned(&self, at: usize) -> Found {
        let at = if self.family == Family::Config { self.skip_blanks(at) } else { self.skip_line(at) };
        if let Some(value) = self.literal(at) {
            let concatenated = matches!(self.at(self.skip_blanks(value.end + 1)), b'+' | b'%');
            // `password = "abc" + x`: not the whole value.
            return (!concatenated || self.family != Family::Code).then_some((value, true, Operator::Assign));
        }
        if self.family.has_bare_values() {
            return self.bare(at).map(|value| (value, false, Operator::Assign));
        }
        self.fallback(at).map(|value| (value, true, Operator::Default))
    }

    /// A quoted literal at `at`, after blanks and a string prefix; gives its contents.
    fn literal(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let mut at = self.skip_line(at);
        if self.starts(at, "\\\"") {
            // JSON inside a string: the value ends at the next `\"`.
            let start = at + 2;
            let end = start
                + self
                    .bytes
                    .get(start..)?
                    .iter()
                    .take(MAX_VALUE)
                    .position(|&byte| matches!(byte, b'\\' | b'\n' | b'"'))?;
            return (self.starts(end, "\\\"")).then_some(start..end);
        }
        let wrappers =
            ["new String(", "String(", "str(", "string(", "[]byte(", "bytes(", "Buffer.from(", "@(", "SecureString("];
        if let Some(wrapper) = wrappers.iter().find(|wrapper| self.starts(at, wrapper)) {
            at += wrapper.len();
        }
        let prefix = self.bytes.get(at..)?.iter().take(2).take_while(|byte| b"bBrRuULN@$fF".contains(byte)).count();
        let open = at + prefix;
        let quote = self.at(open);
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        let triple = [quote; 3];
        if self.bytes[open..].starts_with(&triple) {
            let start = open + 3;
            let len = memchr::memmem::find(self.bytes.get(start..(start + MAX_VALUE).min(self.bytes.len()))?, &triple)?;
            return Some(start..start + len);
        }
        let start = open + 1;
        let mut end = start;
        loop {
            match self.at(end) {
                0 | b'\n' => return None,
                b'\\' => end += 2,
                byte if byte == quote => return Some(start..end),
                _ => end += 1,
            }
            if end - start > MAX_VALUE {
                return None;
            }
        }
    }

    /// A value without quotes, up to the line's end or a comment.
    fn bare(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let line_end = at
            + self
                .bytes
                .get(at..)?
                .iter()
                .position(|&byte| matches!(byte, b'\n' | b'\r'))
                .unwrap_or(self.bytes.len() - at);
        let line = &self.bytes[at..line_end];
        let stop = match self.family {
            Family::Yaml => cut(line, &[b" #", b"\t#"]),
            Family::Text => cut(line, &[b" ", b"\t", b",", b";", b"|", b"<", b")", b"\"", b"`"]),
            // `A=1 B=2 command`, `-e A=1 \`; values of ini files may hold blanks, passwords do not.
            _ => cut(line, &[b" #", b"\t#", b" ;", b" &&", b" \\", b"; "]),
        };
        let mut end = at + stop;
        while end > at
            && (self.bytes[end - 1].is_ascii_whitespace()
                || self.family != Family::Config && matches!(self.bytes[end - 1], b',' | b';'))
        {
            end -= 1;
        }
        // Quotes without a partner belong to what the line stands in.
        let is_quote = |at: usize| matches!(self.bytes[at], b'"' | b'\'' | b'`');
        let start = (at..end).find(|&at| !is_quote(at)).unwrap_or(end);
        let end = (start..end).rev().find(|&at| !is_quote(at)).map_or(start, |last| last + 1);
        (end > start).then_some(start..end)
    }

    /// The quoted fallback of an expression: `getenv("X", "lit")`, `env.X || "lit"`, `x ?? "lit"`.
    fn fallback(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let rest = self.bytes.get(at..)?;
        let line = &rest[..rest.iter().take(300).position(|&byte| byte == b'\n').unwrap_or(rest.len().min(300))];
        if !line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_' || *byte == b'$') {
            return None;
        }
        let reads_environment = [&b"env"[..], b"ENV", b"config", b"getProperty", b"environ"]
            .iter()
            .any(|word| memchr::memmem::find(line, word).is_some());
        let marks: &[&[u8]] = &[b"||", b"??", b" or ", b"?:", b", "];
        let found = marks.iter().filter(|_| reads_environment).find_map(|mark| {
            let after = memchr::memmem::find(line, mark)? + mark.len();
            self.literal(at + after)
        })?;
        // Past a second literal or a closing statement it is another expression's.
        let skipped = &self.bytes[at..found.start];
        (!skipped.contains(&b';') && !skipped.contains(&b'{')).then_some(found)
    }

    /// `<name>value</name>` on one line.
    fn element(&self, at: usize) -> Found {
        let start = self.skip_blanks(at);
        let start = if self.starts(start, "<![CDATA[") { start + 9 } else { start };
        let len = self.bytes.get(start..)?.iter().take(MAX_VALUE).position(|&byte| matches!(byte, b'<' | b'\n'))?;
        let value = start..start + len;
        let cdata = self.bytes[value.clone()].ends_with(b"]]>");
        let value = if cdata { value.start..value.end - 3 } else { value };
        (self.at(start + len) == b'<' || cdata).then_some((value, false, Operator::Element))
    }

    /// A command line argument: quoted, or up to a blank.
    fn argument(&self, at: usize) -> Found {
        let at = self.skip_blanks(at);
        if let Some(value) = self.literal(at) {
            return Some((value, true, Operator::Space));
        }
        let len =
            self.bytes.get(at..)?.iter().position(|byte| byte.is_ascii_whitespace() || b"\"'`),;|&<>]}".contains(byte));
        let end = len.map_or(self.bytes.len(), |len| at + len);
        (!matches!(self.at(at), b'-' | b'<' | b'[')).then_some((at..end, false, Operator::Space))
    }

    /// Whether a call ends after its one argument, or goes on with another.
    fn closes_call(&self, quote: usize) -> bool {
        matches!(self.at(self.skip_blanks(quote + 1)), b')')
    }

    /// Whether the call whose first argument is `name` puts or reads a value under that name.
    fn is_setter(&self, name: &std::ops::Range<usize>) -> bool {
        const CALLS: &[&str] = &[
            "define",
            "setenv",
            "putenv",
            "getenv",
            "env",
            "environ",
            "get",
            "put",
            "set",
            "setproperty",
            "getproperty",
            "property",
            "setdefault",
            "config",
            "option",
            "addproperty",
            "setattribute",
            "setting",
            "settings",
            "pair",
            "withproperty",
            "environmentvariable",
            "setenvironmentvariable",
            "var",
            "param",
            "addparameter",
            "add_env",
            "getordefault",
            "getstring",
            "with_env",
            "arg",
            "add",
            "append",
            "new_parameter",
            "credential",
            "systemproperty",
        ];
        let quote = name.start.saturating_sub(1);
        let open = (0..quote).rev().find(|&at| !self.bytes[at].is_ascii_whitespace());
        let Some(open) = open.filter(|&at| self.bytes[at] == b'(') else { return false };
        let start = (0..open).rev().take_while(|&at| is_name_byte(self.bytes[at])).last().unwrap_or(open);
        let call = String::from_utf8_lossy(&self.bytes[start..open]).to_ascii_lowercase();
        CALLS.contains(&call.as_str())
    }
}

/// Where the first of `marks` stands in `line`, or its end.
fn cut(line: &[u8], marks: &[&[u8]]) -> usize {
    marks.iter().filter_map(|mark| memchr::memmem::find(line, mark)).min().unwrap_or(line.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples are stored broken by `·`, as in rule files.
    fn read(path: &str, text: &str) -> Option<(String, String)> {
        let text = text.replace('·', "");
        let at = text.to_ascii_lowercase().find("password").or_else(|| text.to_ascii_lowercase().find("token"))?;
        let pair = read_at(&text, at, Family::of_path(path))?;
        Some((text[pair.name.range()].to_owned(), text[pair.value.range()].to_owned()))
    }

    #[track_caller]
    fn expect(path: &str, text: &str, name: &str, value: &str) {
        assert_eq!(read(path, text), Some((name.to_owned(), value.replace('·', ""))), "{path}: {text}");
    }

    #[test]
    fn config_files() {
        expect(".env", "export DB_PASSWORD=ab·c#d\n", "DB_PASSWORD", "ab·c#d");
        expect(".env", "DB_PASSWORD = 'a b' # c\n", "DB_PASSWORD", "a b");
        expect("a.ini", "password = s3·cret ; note\n", "password", "s3·cret");
        expect("a.properties", "db.password=s3·cret\n", "db.password", "s3·cret");
        expect("a.toml", "password = \"s3·cret\"\n", "password", "s3·cret");
        expect("x.sh", "mysql --password=s3·cret -u root\n", "password", "s3·cret");
        expect("x.sh", "tool --db-password s3·cret\n", "db-password", "s3·cret");
        expect("Dockerfile", "ENV PASSWORD=s3·cret\n", "PASSWORD", "s3·cret");
    }

    #[test]
    fn data_files() {
        expect("a.yml", "  db-password: s3·cret # x\n", "db-password", "s3·cret");
        expect("a.yml", "password: \"s3· cret\"\n", "password", "s3· cret");
        expect("a.json", "{\"password\" : \"s3·cret\"}", "password", "s3·cret");
        expect("a.json", "\"{\\\"password\\\": \\\"s3·cret\\\"}\"", "password", "s3·cret");
        expect("a.xml", "<db password=\"s3·cret\"/>", "password", "s3·cret");
        expect("a.xml", "<password>s3·cret</password>", "password", "s3·cret");
    }

    #[test]
    fn code() {
        expect("a.py", "password = 's3·cret'\n", "password", "s3·cret");
        expect("a.py", "connect(user='x', password=\"s3·cret\")\n", "password", "s3·cret");
        expect("a.py", "os.environ.get('DB_PASSWORD', 's3·cret')\n", "DB_PASSWORD", "s3·cret");
        expect("a.py", "password = os.getenv('X') or 's3·cret'\n", "password", "s3·cret");
        expect("a.ts", "const password: string = 's3·cret';\n", "password", "s3·cret");
        expect("a.js", "password: process.env.PW || 's3·cret',\n", "password", "s3·cret");
        expect("a.rs", "const PASSWORD: &str = \"s3·cret\";\n", "PASSWORD", "s3·cret");
        expect("a.go", "password := \"s3·cret\"\n", "password", "s3·cret");
        expect("a.java", "conf.setPassword(\"s3·cret\");\n", "setPassword", "s3·cret");
        expect("a.php", "define('DB_PASSWORD', 's3·cret');\n", "DB_PASSWORD", "s3·cret");
        expect("a.rb", "config['password'] = 's3·cret'\n", "password", "s3·cret");
        expect("a.rb", ":password => 's3·cret'\n", "password", "s3·cret");
        assert_eq!(read("a.js", "password = getPassword();\n"), None);
        assert_eq!(read("a.js", "assertEqual('password', 'other');\n"), None);
        assert_eq!(read("a.py", "print('password is wrong')\n"), None);
    }
}
