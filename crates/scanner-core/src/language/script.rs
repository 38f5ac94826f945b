//! A program as it stands in a file: the whole of it, or stretches of a page or a component.

use super::Language;
#[cfg(feature = "javascript")]
use super::markup;
use crate::span::Span;
use std::borrow::Cow;

/// Where the program of a file stands in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    language: Language,
    /// In order of their places; none: the whole text.
    pub(super) stretches: Vec<Stretch>,
}

/// A stretch of a file that is code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) span: Span,
    pub(super) role: Role,
}

/// What the code of a stretch is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "javascript"), allow(dead_code))]
pub(super) enum Role {
    /// Statements of the file's top.
    Top,
    /// Statements that are run for an event.
    Handler,
    /// An expression that an attribute, whose name stands there, takes.
    Attribute(Span),
    /// An expression whose elements are given to the name there, one after another.
    Elements(Span),
}

impl Script {
    /// The program that a text is by itself.
    pub fn whole(language: Language) -> Script {
        Script { language, stretches: Vec::new() }
    }

    /// The program of a file, if it has one in a language that is read.
    pub fn find(path: &str, text: &str) -> Option<Script> {
        if let Some(language) = Language::of_path(path).or_else(|| Language::of_first_line(path, text)) {
            return Some(Script::whole(language));
        }
        #[cfg(feature = "javascript")]
        {
            let (language, stretches) = markup::stretches(text, markup::Dialect::of_path(path)?)?;
            language.grammar().map(|_| Script { language, stretches })
        }
        #[cfg(not(feature = "javascript"))]
        {
            let _ = text;
            None
        }
    }

    /// Whether files of such a name may have a program, or cells with one; others have one only if their first
    /// line names an interpreter.
    pub fn may_stand_in(path: &str) -> bool {
        #[cfg(feature = "javascript")]
        let in_markup = markup::Dialect::of_path(path).is_some();
        #[cfg(not(feature = "javascript"))]
        let in_markup = false;
        in_markup || path.ends_with(".ipynb") || Language::of_path(path).is_some()
    }

    /// Its language.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The part of a file's text from where the program starts to where it ends.
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        match (self.stretches.first(), self.stretches.last()) {
            (Some(first), Some(last)) => &text[first.span.start as usize..last.span.end as usize],
            _ => text,
        }
    }

    /// The text as it is parsed: byte for byte as long, what is written for others than the parser taken out.
    pub(super) fn parsed_text<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        #[cfg(feature = "javascript")]
        if !self.stretches.is_empty() {
            return markup::parsed_text(text, &self.stretches);
        }
        Cow::Borrowed(text.as_bytes())
    }
}
