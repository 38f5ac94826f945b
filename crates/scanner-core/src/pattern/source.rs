//! Reads a pattern: makes it parse in its language, lowers it, and says what a file must hold.

use crate::ir::{Kind, Module, NodeId};
use crate::language::Family;
use crate::limits::Limits;

/// A pattern, ready to match.
#[derive(Debug)]
pub struct Pattern {
    pub(super) module: Module,
    pub(super) text: String,
    pub(super) root: NodeId,
}

/// How metavariables are spelled where `$` is no letter.
const META: &str = "__mv_";

impl Pattern {
    /// Reads a pattern of a language family.
    ///
    /// # Errors
    /// A sentence saying why it cannot be read.
    pub fn parse(family: Family, source: &str) -> Result<Pattern, String> {
        let language = family.grammar().ok_or("the grammar of this language is not built in")?;
        let decorator = source.trim_start().starts_with('@');
        let mut text = prepare(family, source.trim());
        if decorator {
            text.push_str(if family == Family::Python { "\ndef f(): pass" } else { " class F {}" });
        }
        let module = language.lower(&text, &Limits::default())?;
        if let Some(line) = module.syntax_error {
            return Err(format!("pattern `{source}` does not parse (line {line})"));
        }
        let file = module.root().ok_or("the pattern is empty")?;
        let root = if decorator {
            (0..=file).find(|&id| module.kind(id) == Kind::Decorator).ok_or("the pattern holds no decorator")?
        } else {
            match module.children(file) {
                [only] => unwrap_statement(&module, *only),
                [] => return Err("the pattern is empty".into()),
                _ => file,
            }
        };
        Ok(Pattern { module, text, root })
    }

    /// Whether it is several statements, to be found among those of one block.
    pub fn is_list(&self) -> bool {
        self.module.root() == Some(self.root)
    }

    /// What the root is.
    pub fn root_kind(&self) -> Kind {
        self.module.kind(self.root)
    }

    /// For a call or a member: the last name of what is called or taken, unless it is a metavariable.
    pub fn last_name(&self) -> Option<&str> {
        let named = match self.root_kind() {
            Kind::Call => self.module.child(self.root, 0)?,
            _ => self.root,
        };
        let name = match self.module.kind(named) {
            Kind::Name | Kind::Member => self.module.text(named, &self.text),
            Kind::Str => return None, // a module that is called: known by its import alone
            _ => return None,
        };
        (meta(name).is_none()).then_some(name)
    }
}

/// `const $X = 1`: the declaration's one declarator is what is meant.
fn unwrap_statement(module: &Module, id: NodeId) -> NodeId {
    match (module.kind(id), module.children(id)) {
        (Kind::Other(_), [only]) if module.kind(*only) == Kind::Assign => *only,
        _ => id,
    }
}

/// A metavariable's name, if the identifier is one: `X` for `$X`, `_` for `$_`.
pub(super) fn meta(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(META).or_else(|| name.strip_prefix('$'))?;
    let valid =
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    valid.then_some(rest)
}

/// Spells `$X` and `...` so that the grammar takes them.
fn prepare(family: Family, source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &source[at..];
        let next = bytes[at];
        if matches!(next, b'"' | b'\'') {
            let close = rest[1..].find(char::from(next)).map_or(rest.len(), |close| close + 2);
            out.push_str(&rest[..close]);
            at += close;
        } else if family == Family::Python && next == b'$' {
            out.push_str(META);
            at += 1;
        } else if rest.starts_with("...") && is_ellipsis(rest) {
            out.push_str(ellipsis(family, &out, &rest[3..]));
            at += 3;
        } else {
            let width = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..width]);
            at += width;
        }
    }
    out
}

/// Whether dots stand alone, and are no spread of what follows.
fn is_ellipsis(rest: &str) -> bool {
    rest[3..].trim_start_matches(' ').starts_with([')', ',', ']', '}', ';', '\n', ':']) || rest.len() == 3
}

fn ellipsis(family: Family, before: &str, after: &str) -> &'static str {
    let before = before.trim_end();
    let in_block =
        before.ends_with([';', '}']) || before.is_empty() || before.strip_suffix('{').is_some_and(opens_block);
    // In a function's head.
    let open = before.matches('(').count() - before.matches(')').count().min(before.matches('(').count());
    let in_head = open == 1 && before.trim_start_matches("async ").starts_with("def ");
    match family {
        Family::Python if in_head => "*__dots__",
        // A switch holds cases, not statements.
        Family::JavaScript if in_block && before.contains("switch (") => "default: __dots__;",
        Family::JavaScript if in_block => "__dots__;",
        Family::JavaScript => "...__dots__",
        // In a dictionary `...` is no entry; elsewhere Python has it as an expression.
        Family::Python if in_dictionary(before, after) => "**__dots__",
        Family::Python => "...",
    }
}

/// Whether a brace after this text opens a block, not an object.
fn opens_block(head: &str) -> bool {
    [")", "try", "else", "finally", "do", "=>", "catch"].iter().any(|end| head.trim_end().ends_with(end))
}

fn in_dictionary(before: &str, after: &str) -> bool {
    let opens = |text: &str, open: char, close: char| text.matches(open).count() > text.matches(close).count();
    let last = before.rfind(['{', '(', '[']).map(|at| before.as_bytes()[at]);
    (before.ends_with('{') || after.trim_start().starts_with('}'))
        && opens(before, '{', '}')
        && (last == Some(b'{') || after.trim_start().starts_with('}'))
}

/// A word or a string's contents that any file matching a pattern holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    /// The literal.
    pub text: String,
    /// How it stands there.
    pub stands: Stands,
}

/// How a literal of a pattern stands in every file that the pattern matches in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stands {
    /// Anywhere, in any case.
    Anywhere,
    /// As a word of its own.
    Word,
    /// As a word that does not follow a dot: a Python name that is no one's attribute.
    Free,
    /// As a word after a dot: a member of something that a metavariable stands for.
    Member,
    /// As such a member, called.
    Method,
    /// As a word before `=`: the name of a Python keyword argument.
    Keyword,
    /// As the end of a group of a regex that is repeated and may be read in more than one way.
    RepeatedGroup,
}

/// The words and string contents that any file matching a pattern must hold, found without
/// parsing: identifiers and literals of two bytes or more, without metavariables and keywords.
pub fn required_literals(family: Family, source: &str) -> Vec<Literal> {
    const KEYWORDS: &[&str] = &[
        "true",
        "false",
        "True",
        "False",
        "None",
        "null",
        "undefined",
        "new",
        "await",
        "async",
        "const",
        "let",
        "var",
        "def",
        "class",
        "function",
        "return",
        "for",
        "while",
        "with",
        "try",
        "except",
        "catch",
        "finally",
        "pass",
        "import",
        "from",
        "not",
        "and",
        "lambda",
        "typeof",
        "this",
        "self",
        "window",
        "else",
        "elif",
        "raise",
        "throw",
    ];
    let mut words = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(|next: char| next.is_alphanumeric() || matches!(next, '_' | '$' | '"' | '\'' | '`'))
    {
        rest = &rest[at..];
        let first = rest.as_bytes()[0];
        if matches!(first, b'"' | b'\'' | b'`') {
            let close = rest[1..].find(char::from(first)).map_or(rest.len() - 1, |close| close);
            let contents = &rest[1..1 + close];
            // Escapes may be written otherwise in a file.
            if contents != "..." && !contents.contains('\\') {
                words.push(Literal { text: contents.to_owned(), stands: Stands::Word });
            }
            rest = rest.get(close + 2..).unwrap_or("");
            continue;
        }
        let end = rest.find(|next: char| !(next.is_alphanumeric() || matches!(next, '_' | '$'))).unwrap_or(rest.len());
        let word = &rest[..end];
        let plain = meta(word).is_none() && !word.starts_with(|first: char| first.is_ascii_digit());
        if plain && !KEYWORDS.contains(&word) {
            let before = &source[..source.len() - rest.len()];
            words.push(Literal {
                text: word.trim_start_matches('$').to_owned(),
                stands: stands(family, before, &rest[end..]),
            });
        }
        rest = &rest[end..];
    }
    words.retain(|word| word.text.len() >= 2 && word.text.is_ascii());
    words.sort();
    words.dedup();
    words
}

/// How a word between two parts of a pattern stands in what the pattern matches.
fn stands(family: Family, before: &str, after: &str) -> Stands {
    let Some(object) = before.strip_suffix('.').filter(|object| !object.ends_with('.')) else {
        // A parameter may have a type before its default.
        let is_parameter = before.contains("def ") || before.contains("lambda");
        let starts_argument = before.trim_end_matches(' ').ends_with(['(', ',']) && !is_parameter;
        return match family {
            Family::Python if starts_argument && after.starts_with('=') && !after.starts_with("==") => Stands::Keyword,
            // Whatever brings it in, no dot stands before it: an imported one has a longer path.
            Family::Python if after.starts_with('(') && !before.ends_with("def ") => Stands::Free,
            _ => Stands::Word,
        };
    };
    // A dotted name without metavariable is a path, and matches under other names, too.
    let start = object.rfind(|next: char| !(next.is_alphanumeric() || matches!(next, '_' | '$' | '.')));
    let chain = &object[start.map_or(0, |at| at + 1)..];
    match chain.split('.').any(|part| meta(part).is_some()) {
        // `new $X.Y` may be written without parentheses.
        true if after.starts_with('(') && !before.contains("new ") => Stands::Method,
        true => Stands::Member,
        false => Stands::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_that_a_file_must_hold() {
        let python = |source: &str| {
            let literals = required_literals(Family::Python, source);
            literals.into_iter().map(|literal| (literal.text, literal.stands)).collect::<Vec<_>>()
        };
        let of = |list: &[(&str, Stands)]| list.iter().map(|&(text, how)| (text.to_owned(), how)).collect::<Vec<_>>();
        assert_eq!(
            python("subprocess.run($CMD, ..., shell=True)"),
            of(&[("run", Stands::Word), ("shell", Stands::Keyword), ("subprocess", Stands::Word)])
        );
        assert_eq!(python("$C.find(eval($X))"), of(&[("eval", Stands::Free), ("find", Stands::Method)]));
        assert_eq!(python("$R.GET[$KEY]"), of(&[("GET", Stands::Member)]));
        assert_eq!(python("f().run(..., x == 1)"), of(&[("run", Stands::Word)]));
        let script = required_literals(Family::JavaScript, "`express-session`({..., secret: \"...\"})");
        let script: Vec<&str> = script.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(script, ["express-session", "secret"]);
    }

    #[test]
    fn metavariables() {
        assert_eq!(meta("$X"), Some("X"));
        assert_eq!(meta("__mv_"), None);
        assert_eq!(meta("$x"), None);
        assert_eq!(meta("__mv__"), Some("_"));
    }

    #[test]
    fn patterns_that_do_not_parse_are_refused() {
        assert!(Pattern::parse(Family::Python, "f(").is_err());
        assert!(Pattern::parse(Family::JavaScript, "").is_err());
    }
}
