//! The languages whose syntax is read: one table line and one file each.

mod family;
#[cfg(any(feature = "javascript", feature = "typescript"))]
mod javascript;
pub mod literal;
#[cfg(any(feature = "javascript", feature = "typescript", feature = "python"))]
mod lower;
#[cfg(feature = "javascript")]
mod markup;
pub mod names;
#[cfg(any(feature = "javascript", feature = "typescript"))]
mod namespace;
#[cfg(feature = "python")]
mod python;
mod script;

pub use family::Family;
pub use script::Script;

use crate::ir::{Kind, Module};
use crate::limits::Limits;
use crate::span::Span;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tree_sitter::{ParseOptions, ParseState, Parser, Point, Range, Tree};

thread_local! {
    static PARSER: Cell<Option<Parser>> = const { Cell::new(None) };
}

/// A language with a grammar of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// JavaScript with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Python.
    Python,
}

impl Family {
    /// The grammars that patterns of this family are read with, as far as they are built in.
    pub fn grammar(self) -> Option<Language> {
        let all: &[Language] = match self {
            Family::JavaScript => &[Language::JavaScript, Language::Tsx],
            Family::Python => &[Language::Python],
        };
        all.iter().copied().find(|language| language.grammar().is_some())
    }
}

impl Language {
    /// The language of a file, by its extension.
    pub fn of_path(path: &str) -> Option<Language> {
        let extension = path.rsplit('/').next()?.rsplit_once('.')?.1;
        let language = match extension {
            "js" | "jsx" | "mjs" | "cjs" => Language::JavaScript,
            "ts" | "mts" | "cts" => Language::TypeScript,
            "tsx" => Language::Tsx,
            "py" | "pyw" => Language::Python,
            _ => return None,
        };
        language.grammar().map(|_| language)
    }

    /// Of a program without an extension, by the interpreter that its first line names: `#!/usr/bin/env node`.
    pub fn of_first_line(path: &str, text: &str) -> Option<Language> {
        let line = text.strip_prefix("#!").filter(|_| has_no_extension(path))?.lines().next()?;
        let mut words = line.split(['/', ' ', '\t']).filter(|word| !word.is_empty());
        let language =
            words.find_map(|word| match word.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.') {
                "node" | "nodejs" | "bun" => Some(Language::JavaScript),
                "deno" | "ts-node" | "tsx" => Some(Language::TypeScript),
                "python" => Some(Language::Python),
                _ => None,
            })?;
        language.grammar().map(|_| language)
    }

    /// The family whose rules run on it.
    pub fn family(self) -> Family {
        match self {
            Language::JavaScript | Language::TypeScript | Language::Tsx => Family::JavaScript,
            Language::Python => Family::Python,
        }
    }

    fn grammar(self) -> Option<tree_sitter::Language> {
        match self {
            #[cfg(feature = "javascript")]
            Language::JavaScript => Some(tree_sitter_javascript::LANGUAGE.into()),
            #[cfg(feature = "typescript")]
            Language::TypeScript => Some(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
            #[cfg(feature = "typescript")]
            Language::Tsx => Some(tree_sitter_typescript::LANGUAGE_TSX.into()),
            #[cfg(feature = "python")]
            Language::Python => Some(tree_sitter_python::LANGUAGE.into()),
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }

    /// Parses and lowers a text that is a program as a whole.
    ///
    /// # Errors
    /// As for [`Script::lower`].
    pub fn lower(self, text: &str, limits: &Limits) -> Result<Module, String> {
        Script::whole(self).lower(text, limits)
    }
}

impl Script {
    /// Parses and lowers a file.
    ///
    /// # Errors
    /// A sentence saying why it could not be parsed: a limit, or a grammar that is not built in.
    #[cfg_attr(not(any(feature = "javascript", feature = "typescript", feature = "python")), allow(unused_variables))]
    pub fn lower(&self, text: &str, limits: &Limits) -> Result<Module, String> {
        let grammar = self.language().grammar().ok_or("the grammar of this language is not built in")?;
        let (size, limit) = (self.text(text).len(), limits.max_parse_size);
        if size > limit {
            return Err(format!(
                "source file of {size} bytes is larger than the {limit} that are parsed; code rules were not run"
            ));
        }
        // Kept for the thread's next file, with the memory that it has gathered.
        let mut parser = PARSER.take().unwrap_or_default();
        parser.set_language(&grammar).map_err(|error| error.to_string())?;
        let trees = self.parse(&mut parser, text, limits.max_parse_time);
        PARSER.set(Some(parser));
        let trees = trees.ok_or_else(|| {
            format!("parsing took longer than {} s; code rules were not run", limits.max_parse_time.as_secs())
        })?;
        match self.language() {
            #[cfg(any(feature = "javascript", feature = "typescript"))]
            Language::JavaScript | Language::TypeScript | Language::Tsx => {
                Ok(lower::run(text, &trees, &self.stretches, limits.max_tree_depth, javascript::lower))
            }
            #[cfg(feature = "python")]
            Language::Python => Ok(lower::run(text, &trees, &self.stretches, limits.max_tree_depth, python::lower)),
            #[allow(unreachable_patterns)]
            _ => Err("the grammar of this language is not built in".into()),
        }
    }

    /// A tree of each stretch, whose places are those of the whole text; `None` if that takes too long.
    fn parse(&self, parser: &mut Parser, text: &str, time: Duration) -> Option<Vec<Tree>> {
        let start = Instant::now();
        let mut overdue =
            |_: &ParseState| if start.elapsed() > time { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        let bytes = self.parsed_text(text);
        let mut read = |at: usize, _: Point| bytes.get(at..).unwrap_or_default();
        let mut parse = |parser: &mut Parser, part: &[Range]| {
            parser.set_included_ranges(part).ok()?;
            let options = ParseOptions::new().progress_callback(&mut overdue);
            let tree = parser.parse_with_options(&mut read, None, Some(options));
            // An interrupted parse would be gone on with.
            parser.reset();
            tree
        };
        if self.stretches.is_empty() {
            return parse(parser, &[]).map(|tree| vec![tree]);
        }
        let breaks: Vec<usize> = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        let point = |at: usize| {
            let row = breaks.partition_point(|&line| line < at);
            Point { row, column: at - row.checked_sub(1).map_or(0, |last| breaks[last] + 1) }
        };
        let range = |span: Span| {
            let std::ops::Range { start, end } = span.range();
            Range { start_byte: start, end_byte: end, start_point: point(start), end_point: point(end) }
        };
        self.stretches.iter().map(|stretch| parse(parser, &[range(stretch.span)])).collect()
    }
}

/// Whether a file's name has no extension.
fn has_no_extension(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| !name.contains('.'))
}

/// The name of a module of JavaScript without the scheme that those of Node may have.
pub fn module_name(name: &str) -> &str {
    name.strip_prefix("node:").unwrap_or(name)
}

/// A number for a kind of node that is the same in the grammars of one family: their own numbers
/// differ, their names do not.
const fn kind_number(name: &str) -> u16 {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (0x811c_9dc5u32, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    ((hash >> 16) ^ hash) as u16 | 1
}

/// What declares a name without a value: `let x;`.
pub(crate) const DECLARATION: Kind = Kind::Other(kind_number("declaration"));
