//! Why what begins like a token is none: the part of a shape that does not fit.

use std::fmt;

/// Why no token stands where the literal of its shape does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The literal is written in letters of the other case.
    Case,
    /// Another literal of the shape is missing.
    Literal,
    /// A part ends too early.
    Short {
        /// Characters that it has.
        has: usize,
        /// Characters that it must have.
        least: usize,
    },
    /// A part holds a character that is none of its class.
    Foreign {
        /// The character.
        byte: u8,
        /// Characters of the part before it.
        has: usize,
        /// Characters that the part must have.
        least: usize,
    },
    /// More characters of its class follow than it may have.
    Long,
    /// A word goes on right behind it.
    WordAfter,
    /// A word, or more of its own alphabet, stands right before it.
    WordBefore,
    /// There are more ways to read it than are tried.
    Tangled,
}

impl Misfit {
    /// Why a run of a class ends before it has as many characters as it needs: what stands between
    /// tokens ends it, what could stand in one is foreign to it.
    pub(super) fn in_run(has: usize, least: usize, next: Option<u8>) -> Misfit {
        let in_tokens = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.+/=~!#$%&*@^?".contains(&byte);
        match next {
            Some(byte) if in_tokens(byte) => Misfit::Foreign { byte, has, least },
            _ => Misfit::Short { has, least },
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Misfit::Case => write!(f, "its literal is written in another case"),
            Misfit::Literal => write!(f, "a fixed part of its format is missing"),
            Misfit::Short { has, least } => {
                write!(f, "too short: a part of it has {has} characters and needs {least}")
            }
            Misfit::Foreign { byte, has, least } => {
                let shown = char::from(byte);
                write!(f, "`{shown}` is none of its characters, and stands after {has} of {least} of them")
            }
            Misfit::Long => write!(f, "too long: more characters of its kind follow"),
            Misfit::WordAfter => write!(f, "a word goes on right behind it"),
            Misfit::WordBefore => write!(f, "a word or more of its own characters stand right before it"),
            Misfit::Tangled => write!(f, "there are too many ways to read it"),
        }
    }
}

/// One attempt to match: what it may still cost, and how far it came.
pub(super) struct Attempt {
    pub(super) steps: u32,
    /// Where the way that came farthest ended, and why.
    farthest: Option<(usize, Misfit)>,
}

impl Attempt {
    pub(super) fn new(steps: u32) -> Attempt {
        Attempt { steps, farthest: None }
    }

    /// Notes that a way ended here.
    pub(super) fn ended(&mut self, at: usize, why: Misfit) {
        if self.farthest.is_none_or(|(farthest, _)| farthest < at) {
            self.farthest = Some((at, why));
        }
    }

    /// Where the way that came farthest ended.
    pub(super) fn end(&self) -> Option<(usize, Misfit)> {
        self.farthest
    }
}
