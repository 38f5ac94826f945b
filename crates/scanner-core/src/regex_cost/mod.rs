//! How long a backtracking engine may take for a regex: told by its automaton, and tried.
//!
//! `ambiguity` finds what an automaton can read in many ways, `attack` makes texts of it and counts the
//! steps that a `matcher` takes for them. What is told has been tried, so what the automaton leaves out
//! (places, looks around, references) cannot make it wrong; what is not found may be there.

mod admits;
mod alternatives;
mod ambiguity;
mod attack;
mod automaton;
mod chars;
mod class;
mod matcher;
mod parse;
mod syntax;

pub use admits::Admitted;

use crate::span::Span;
use automaton::{Automaton, LIKE_ENDLESS, LIKE_ENDLESS_TO_POWERS};
use matcher::Matcher;
use syntax::{Node, Place};

/// Bytes of a regex, at most: longer ones are tables that a program wrote.
const MAX_SOURCE: usize = 4_000;

/// The engine that a regex is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `RegExp`.
    JavaScript,
    /// `re`.
    Python,
}

/// A regex as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Regex {
    /// Its text.
    pub source: Box<str>,
    /// Its flags as JavaScript writes them; in Python also `a` and `x`.
    pub flags: Box<str>,
    /// What it is written for.
    pub dialect: Dialect,
}

/// How much of a text a regex must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Use {
    /// Any part.
    Search,
    /// All parts, one after the other.
    All,
    /// A part at its start.
    Start,
    /// All of it.
    Whole,
}

impl Use {
    /// Whether what matches may stand anywhere.
    fn is_anywhere(self) -> bool {
        matches!(self, Use::Search | Use::All)
    }
}

/// How the steps grow with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// With its length to a power.
    Polynomial(u32),
    /// By a factor with each character or few.
    Exponential,
}

/// A regex that a text makes slow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// How its steps grow.
    pub growth: Growth,
    /// How the text starts.
    pub prefix: String,
    /// What it repeats.
    pub piece: String,
    /// How it ends.
    pub suffix: String,
    /// The repetition that reads the piece, in the regex.
    pub span: Span,
}

/// What is known of a regex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing found makes it slow.
    Fast,
    /// A text does.
    Slow(Cost),
    /// It was not, or not wholly, looked at, and why.
    Unknown(&'static str),
}

impl Regex {
    /// A literal of JavaScript as it is written: `/a+/i`.
    pub fn literal(written: &str) -> Option<Regex> {
        let (source, flags) = written.strip_prefix('/')?.rsplit_once('/')?;
        Some(Regex { source: source.into(), flags: flags.into(), dialect: Dialect::JavaScript })
    }

    /// Whether some text takes exponential time.
    pub fn exponential(&self, mode: Use) -> Verdict {
        if !self.may_be_exponential() {
            return Verdict::Fast;
        }
        self.judge(mode, true)
    }

    /// Whether some text takes more than linear time.
    pub fn superlinear(&self, mode: Use) -> Verdict {
        if !self.source.contains(['*', '+', '{']) {
            return Verdict::Fast;
        }
        match self.exponential(mode) {
            slow @ Verdict::Slow(_) => slow,
            _ => self.judge(mode, false),
        }
    }

    /// Cheap first: something is repeated that holds a repetition, or alternatives.
    fn may_be_exponential(&self) -> bool {
        self.flags.contains('x') || self.source.contains("(?x") || repeats_a_group(self.source.as_bytes())
    }

    fn judge(&self, mode: Use, exponential: bool) -> Verdict {
        if self.source.len() > MAX_SOURCE {
            return Verdict::Unknown("it is too long");
        }
        let parsed = match parse::parse(self) {
            Ok(parsed) => parsed,
            Err(reason) => return Verdict::Unknown(reason),
        };
        let mode = if self.dialect == Dialect::JavaScript && self.flags.contains('y') { Use::Start } else { mode };
        let searched = mode.is_anywhere() && !exponential && !is_anchored(&parsed.node);
        let endless = if exponential { LIKE_ENDLESS } else { LIKE_ENDLESS_TO_POWERS };
        let Some(automaton) = Automaton::new(&parsed.node, searched, endless) else {
            return Verdict::Unknown("it has too many states");
        };
        let mut search = ambiguity::Search::new(&automaton);
        let pumps = if exponential { search.exponential() } else { search.polynomial() };
        let incomplete = search.gave_up();
        let Some(matcher) = Matcher::new(&parsed.node, parsed.groups, &parsed.samples, mode) else {
            return Verdict::Unknown("it is too long when repetitions are written out");
        };
        let attack = attack::Attack::new(&automaton, &parsed.samples, &matcher);
        let tried = |pumps: &[ambiguity::Pump]| match exponential {
            true => attack.exponential(pumps),
            false => attack.polynomial(pumps),
        };
        let looks_back = self.source.contains("(?<=") || self.source.contains("(?<!");
        let has_place = ["^", "\\b", "\\B"].iter().any(|mark| self.source.contains(mark));
        let is_free = mode.is_anywhere() && !is_anchored(&parsed.node);
        let further_on = || match is_free && (looks_back || has_place) {
            true => attack.further_on(&pumps, if looks_back { &self.source } else { "" }),
            false => Vec::new(),
        };
        let looked_for = || match self.source.contains("(?=") {
            true => attack.with_looked_for(&pumps, &parsed.node),
            false => Vec::new(),
        };
        let found = tried(&pumps).or_else(|| tried(&further_on())).or_else(|| tried(&looked_for()));
        match found {
            Some(cost) => Verdict::Slow(cost),
            None if incomplete => Verdict::Unknown("it has too many ways"),
            None => Verdict::Fast,
        }
    }
}

/// The flags that an argument of a call of `re` names, if it names nothing else: `flags=re.I | re.VERBOSE`.
pub fn python_flags(argument: &str) -> String {
    let words = argument.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let flag = |word: &str| match word {
        "I" | "IGNORECASE" => Some("i"),
        "M" | "MULTILINE" => Some("m"),
        "S" | "DOTALL" => Some("s"),
        "X" | "VERBOSE" => Some("x"),
        "A" | "ASCII" => Some("a"),
        "" | "re" | "flags" | "U" | "UNICODE" => Some(""),
        _ => None,
    };
    let plain = !argument.contains(['"', '\'']);
    words.map(flag).collect::<Option<String>>().filter(|_| plain).unwrap_or_default()
}

/// Whether a text holds a group that is repeated and holds a repetition or alternatives itself.
pub fn repeats_a_group(text: &[u8]) -> bool {
    memchr::memchr_iter(b')', text).any(|at| {
        let repeated = match text.get(at + 1) {
            Some(b'*' | b'+') => true,
            // `{2,}`, `{1,20}`: not the block of an `if`.
            Some(b'{') => text.get(at + 2).is_some_and(|next| next.is_ascii_digit() || *next == b','),
            _ => false,
        };
        repeated && is_telling(&text[..at])
    })
}

/// Whether what stands before a group's end, back to its start, may be read in more than one way.
fn is_telling(before: &[u8]) -> bool {
    /// Bytes of a group that are looked at.
    const LONGEST: usize = 300;
    let mut depth = 0;
    let mut telling = 0;
    for (back, &byte) in before.iter().rev().enumerate().take(LONGEST) {
        match byte {
            b')' => depth += 1,
            b'(' if before.get(before.len().wrapping_sub(back + 2)) == Some(&b'\\') => {}
            b'(' if depth == 0 => return telling > usize::from(before.get(before.len() - back) == Some(&b'?')),
            b'(' => depth -= 1,
            b'*' | b'+' | b'?' | b'|' | b'}' => telling += 1,
            _ => {}
        }
    }
    telling > 0
}

/// Whether a regex matches only where a text starts.
fn is_anchored(node: &Node) -> bool {
    match node {
        Node::Place(Place::Start) => true,
        Node::Concat(parts) => parts.first().is_some_and(is_anchored),
        Node::Alt(parts) => parts.iter().all(is_anchored),
        Node::Group(_, inner) | Node::Atomic(inner) => is_anchored(inner),
        _ => false,
    }
}

impl Cost {
    /// A text that shows it, for people: `'x' and 'ab' many times and '!'`.
    pub fn text(&self) -> String {
        let quoted = |text: &str| format!("'{}'", text.escape_debug().to_string().replace("\\'", "'"));
        let mut parts = Vec::new();
        if !self.prefix.is_empty() {
            parts.push(quoted(&self.prefix));
        }
        parts.push(format!("{} many times", quoted(&self.piece)));
        if !self.suffix.is_empty() {
            parts.push(quoted(&self.suffix));
        }
        parts.join(", then ")
    }
}

#[cfg(test)]
mod tests;
