//! What a regex is made of.

use super::chars::CharSet;
use crate::span::Span;

/// A part of a regex.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Nothing.
    Empty,
    /// One character.
    Set(Set),
    /// One after another.
    Concat(Vec<Node>),
    /// One of several, tried in this order.
    Alt(Vec<Node>),
    /// Again and again.
    Repeat(Box<Repeat>),
    /// A group that is remembered, by its number.
    Group(u32, Box<Node>),
    /// What has matched is not tried otherwise.
    Atomic(Box<Node>),
    /// What must, or must not, stand here.
    Look(Box<Look>),
    /// A place between characters.
    Place(Place),
    /// What a group has matched.
    Back(u32),
}

/// A character of a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Set {
    /// The set.
    pub chars: CharSet,
    /// How it is written, as far as engines put alternatives of such together.
    pub form: Form,
    /// Where it stands.
    pub span: Span,
}

impl PartialEq for Set {
    fn eq(&self, other: &Set) -> bool {
        (self.chars, self.form) == (other.chars, other.form)
    }
}

/// How a set is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A single character.
    Letter,
    /// `[abc]`, `\w`.
    Class,
    /// `[^abc]`, `.`.
    Other,
}

/// A repetition.
#[derive(Debug, Clone)]
pub(super) struct Repeat {
    /// What is repeated.
    pub node: Node,
    /// At least.
    pub min: u32,
    /// At most.
    pub max: Option<u32>,
    /// Whether more are tried first.
    pub greedy: bool,
    /// Where it stands.
    pub span: Span,
}

impl PartialEq for Repeat {
    fn eq(&self, other: &Repeat) -> bool {
        (&self.node, self.min, self.max, self.greedy) == (&other.node, other.min, other.max, other.greedy)
    }
}

/// A look around.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// What is looked for.
    pub node: Node,
    /// Ahead, or behind.
    pub ahead: bool,
    /// Whether it must not stand there.
    pub negated: bool,
}

/// A place between characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The start of the text.
    Start,
    /// The end of the text.
    End,
    /// The end of the text, or before the line end that it ends with.
    LastEnd,
    /// The start of a line.
    LineStart,
    /// The end of a line.
    LineEnd,
    /// Where a word starts or ends; of ASCII, or of any letters.
    WordEdge {
        /// Of any letters.
        unicode: bool,
        /// Anywhere else.
        negated: bool,
    },
}
