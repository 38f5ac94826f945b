//! What a file must hold for a pattern to match in it, read off the pattern without parsing it.

use crate::language::Family;

/// How metavariables are spelled where `$` is no letter.
pub(super) const META: &str = "__mv_";

/// A metavariable's name, if the identifier is one: `X` for `$X`, `_` for `$_`.
pub(super) fn meta(name: &str) -> Option<&str> {
    let rest = name.strip_prefix(META).or_else(|| name.strip_prefix('$'))?;
    let valid =
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    valid.then_some(rest)
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
            if contents != "..." && meta(contents).is_none() && !contents.contains('\\') {
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
        assert_eq!(python("save({..., \"$K\": $V, ...})"), of(&[("save", Stands::Free)]));
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
}
