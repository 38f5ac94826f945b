//! A blob as read: decoded text, and a line index made when first asked for.

use crate::blob::Origin;
use crate::finding::Location;
use crate::span::{LineIndex, Position, Span, ceil_char, floor_char};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

/// What detectors read. Spans are bytes of [`Document::text`].
#[derive(Debug)]
pub struct Document<'a> {
    /// Where it came from.
    pub origin: Arc<Origin>,
    text: Cow<'a, str>,
    lines: OnceCell<LineIndex>,
}

impl<'a> Document<'a> {
    /// A document of decoded text.
    pub fn new(origin: Arc<Origin>, text: Cow<'a, str>) -> Document<'a> {
        Document { origin, text, lines: OnceCell::new() }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where lines start.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// A span widened to character borders and cut to the text.
    pub fn snap(&self, span: Span) -> Span {
        Span::new(floor_char(&self.text, span.start as usize), ceil_char(&self.text, span.end as usize))
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    /// The span of the line (from 1) without its line end.
    pub fn line_span(&self, line: u32) -> Span {
        self.lines().line_span(&self.text, line)
    }

    /// Line and column of a byte.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }

    /// A span as a place to report.
    pub fn location(&self, span: Span) -> Location {
        let span = self.snap(span);
        Location {
            origin: Arc::clone(&self.origin),
            span,
            start: self.position(span.start),
            end: self.position(span.end),
        }
    }
}
