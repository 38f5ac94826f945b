//! Reads a pattern: makes it parse in its language and lowers it.

use super::literal::{META, meta};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_do_not_parse_are_refused() {
        assert!(Pattern::parse(Family::Python, "f(").is_err());
        assert!(Pattern::parse(Family::JavaScript, "").is_err());
    }
}
