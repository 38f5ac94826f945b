//! What texts are made of that a regex matches: which letters may stand in them, and how they start.

use super::chars::{CharSet, Samples};
use super::parse;
use super::syntax::{Form, Look, Node, Place};
use super::{MAX_SOURCE, Regex, Use, is_anchored};

/// Letters at the end of a host that must be fixed: `.com`.
const HOST_END: usize = 4;

/// What is known of the texts that a regex matches.
#[derive(Debug, Clone)]
pub struct Admitted {
    chars: CharSet,
    first: CharSet,
    samples: Samples,
    /// Whether it matches all of a text, but for a line end at its end.
    pub whole: bool,
    /// Whether a line end may follow.
    pub line_end: bool,
    /// Whether it refuses texts with two dots in a row.
    pub without_dots: bool,
    /// Whether the text is an address on a host that the regex names.
    pub names_host: bool,
}

impl Admitted {
    /// Whether one of some characters may stand in what it matches.
    pub fn has(&self, letters: &str) -> bool {
        let held = |number: u8| self.chars.has(number) && letters.contains(self.samples.char(number));
        self.samples.numbers().any(held)
    }

    /// Whether all characters in what it matches are such.
    pub fn all(&self, holds: impl Fn(char) -> bool) -> bool {
        self.samples.numbers().all(|number| !self.chars.has(number) || holds(self.samples.char(number)))
    }

    /// Whether what it matches may start so.
    pub fn may_start_with(&self, letter: u8) -> bool {
        self.first.has(letter)
    }
}

impl Regex {
    /// What is known of the texts that it matches; nothing, if it has what is not read.
    pub fn admits(&self, mode: Use) -> Option<Admitted> {
        if self.source.len() > MAX_SOURCE {
            return None;
        }
        let parsed = parse::parse(self).ok()?;
        let node = &parsed.node;
        let starts = !mode.is_anywhere() || is_anchored(node);
        let end = if mode == Use::Whole { Some(Place::End) } else { last_place(node) };
        let mut chars = CharSet::NONE;
        letters(node, &mut chars);
        let first = if starts { first(node).0 } else { CharSet::ALL };
        let mut row = Vec::new();
        flatten(node, &mut row);
        let names_host = starts && names_host(&row);
        Some(Admitted {
            chars,
            first,
            samples: parsed.samples,
            whole: starts && matches!(end, Some(Place::End | Place::LastEnd)),
            line_end: end == Some(Place::LastEnd),
            without_dots: refuses_dots(node, false),
            names_host,
        })
    }
}

/// The characters that it may read.
fn letters(node: &Node, chars: &mut CharSet) {
    match node {
        Node::Set(set) => *chars = chars.or(set.chars),
        Node::Concat(parts) | Node::Alt(parts) => parts.iter().for_each(|part| letters(part, chars)),
        Node::Repeat(repeat) if repeat.max != Some(0) => letters(&repeat.node, chars),
        Node::Group(_, inner) | Node::Atomic(inner) => letters(inner, chars),
        Node::Repeat(_) | Node::Empty | Node::Look(_) | Node::Place(_) | Node::Back(_) => {}
    }
}

/// The characters that it may read first, and whether it may read none.
fn first(node: &Node) -> (CharSet, bool) {
    match node {
        Node::Set(set) => (set.chars, false),
        Node::Concat(parts) => {
            let mut all = CharSet::NONE;
            for part in parts {
                let (chars, empty) = first(part);
                all = all.or(chars);
                if !empty {
                    return (all, false);
                }
            }
            (all, true)
        }
        Node::Alt(parts) => parts
            .iter()
            .map(first)
            .fold((CharSet::NONE, false), |(all, any), (chars, empty)| (all.or(chars), any || empty)),
        Node::Repeat(repeat) => {
            let (chars, empty) = first(&repeat.node);
            (chars, empty || repeat.min == 0)
        }
        Node::Group(_, inner) | Node::Atomic(inner) => first(inner),
        // What a group has read may be anything that starts it.
        Node::Back(_) => (CharSet::ALL, true),
        Node::Empty | Node::Look(_) | Node::Place(_) => (CharSet::NONE, true),
    }
}

/// The place that it must end at.
fn last_place(node: &Node) -> Option<Place> {
    match node {
        Node::Place(place @ (Place::End | Place::LastEnd)) => Some(*place),
        Node::Concat(parts) => last_place(parts.last()?),
        Node::Alt(parts) => {
            let mut places = parts.iter().map(last_place);
            let one = places.next()??;
            places.all(|place| place == Some(one)).then_some(one)
        }
        Node::Group(_, inner) | Node::Atomic(inner) => last_place(inner),
        _ => None,
    }
}

/// Whether two dots in a row may stand nowhere: `(?!.*\.\.)`, `(?:(?!\.\.).)*`.
fn refuses_dots(node: &Node, repeated: bool) -> bool {
    match node {
        Node::Look(look) => {
            let Look { node, ahead: true, negated: true } = &**look else { return false };
            let mut row = Vec::new();
            flatten(node, &mut row);
            let goes_on = matches!(row.first(), Some(Node::Repeat(repeat)) if repeat.max.is_none()
                && matches!(&repeat.node, Node::Set(set) if set.form == Form::Other));
            let dots = if goes_on { &row[1..] } else { &row[..] };
            let is_dot = |node: &&Node| matches!(node, Node::Set(set) if set.chars == CharSet::of(b'.'));
            (goes_on || repeated) && dots.len() == 2 && dots.iter().all(is_dot)
        }
        Node::Concat(parts) => parts.iter().any(|part| refuses_dots(part, repeated)),
        Node::Repeat(repeat) => refuses_dots(&repeat.node, true),
        Node::Group(_, inner) | Node::Atomic(inner) => refuses_dots(inner, repeated),
        _ => false,
    }
}

/// Parts one after the other, those of groups among them.
fn flatten<'n>(node: &'n Node, row: &mut Vec<&'n Node>) {
    match node {
        Node::Concat(parts) => parts.iter().for_each(|part| flatten(part, row)),
        Node::Group(_, inner) | Node::Atomic(inner) => flatten(inner, row),
        Node::Place(Place::Start) | Node::Empty => {}
        other => row.push(other),
    }
}

/// Whether parts start with a scheme and a host that ends in fixed letters, and go on with a slash or end there:
/// `^https?:\/\/([a-z]+\.)?example\.com(\/|$)`.
fn names_host(row: &[&Node]) -> bool {
    let letter = |node: &Node| match node {
        Node::Set(set) if set.form == Form::Letter => set.chars.example(),
        _ => None,
    };
    let slash = |node: &&Node| letter(node) == Some(b'/');
    let Some(at) = row.windows(2).position(|pair| pair.iter().all(slash)) else { return false };
    let scheme: String = row[..at].iter().filter_map(|node| letter(node)).map(char::from).collect();
    // `s?` is no letter.
    let is_scheme = matches!(scheme.as_str(), "http:" | "https:" | "");
    let host = &row[at + 2..];
    let is_end = |node: &&Node| match node {
        Node::Alt(ways) => ways.iter().all(|way| matches!(way, Node::Place(Place::End)) || slash(&way)),
        Node::Place(place) => *place == Place::End,
        other => slash(other),
    };
    let Some(end) = host.iter().position(is_end) else { return false };
    let fixed = host[..end].iter().rev().take_while(|node| letter(node).is_some()).count();
    let mut all = CharSet::NONE;
    host[..end].iter().for_each(|part| letters(part, &mut all));
    is_scheme && fixed >= HOST_END && !"/\\?#@:".bytes().any(|mark| all.has(mark))
}
