//! The automaton of a regex: a state for each place where a character is read (Glushkov's
//! construction), and of the ways from one to the next whether there is more than one.
//!
//! What has no state of its own (places, references) is passed over, and looks around are ways that
//! end nowhere; so there may be more ways here than in truth, and what is found has to be tried.

use super::chars::CharSet;
use super::syntax::{Node, Repeat, Set};
use crate::span::Span;

/// States of one automaton, at most: pairs and triples of them are looked at.
const MAX_STATES: usize = 400;
/// Copies of what is repeated a certain number of times: more of them show nothing new.
const MAX_COPIES: u32 = 4;
/// A group that may be repeated so often is taken for one without an end: what that shows is tried.
pub(super) const LIKE_ENDLESS: u32 = 10;
/// The same where time grows with a power of the length: that of fewer rounds has an end soon.
pub(super) const LIKE_ENDLESS_TO_POWERS: u32 = 500;
/// Ways that are told apart: one, or more.
const MANY: u8 = 2;

/// The state before everything.
pub(super) const START: usize = 0;

/// States with the number of ways to them.
type Ways = Vec<(u32, u8)>;

/// An automaton.
#[derive(Debug)]
pub(super) struct Automaton {
    /// What is read to come into a state; nothing for the start.
    pub chars: Vec<CharSet>,
    /// From each state: the next ones, and whether by more than one way.
    pub next: Vec<Ways>,
    /// Where each state stands in the regex.
    pub spans: Vec<Span>,
    /// Repetitions without end.
    pub loops: Vec<Span>,
    /// How often a group may be repeated that is taken for one without an end.
    endless: u32,
}

/// A part of an automaton.
struct Part {
    first: Ways,
    last: Ways,
    /// Ways through it that read nothing.
    empty: u8,
}

impl Automaton {
    /// Of a regex; nothing if it has too many states. One that is searched for is begun at each
    /// character anew: the start is come back to by any.
    pub(super) fn new(node: &Node, searched: bool, endless: u32) -> Option<Automaton> {
        let mut automaton = Automaton {
            chars: vec![CharSet::NONE],
            next: vec![Vec::new()],
            spans: vec![Span::new(0, 0)],
            loops: Vec::new(),
            endless,
        };
        let all = automaton.part(node)?;
        automaton.next[START] = all.first;
        if searched {
            automaton.chars[START] = CharSet::ALL;
            automaton.next[START].push((START as u32, 1));
        }
        Some(automaton)
    }

    fn part(&mut self, node: &Node) -> Option<Part> {
        Some(match node {
            Node::Empty | Node::Place(_) | Node::Back(_) => Part::nothing(),
            Node::Set(set) => self.state(set)?,
            Node::Concat(parts) => {
                let mut all = Part::nothing();
                for part in parts {
                    let part = self.part(part)?;
                    all = self.joined(all, part);
                }
                all
            }
            Node::Alt(parts) => {
                let mut all = Part { first: Vec::new(), last: Vec::new(), empty: 0 };
                for part in parts {
                    let part = self.part(part)?;
                    add(&mut all.first, &part.first, 1);
                    add(&mut all.last, &part.last, 1);
                    all.empty = (all.empty + part.empty).min(MANY);
                }
                all
            }
            Node::Group(_, inner) | Node::Atomic(inner) => self.part(inner)?,
            Node::Look(look) if look.ahead => {
                let inner = self.part(&look.node)?;
                Part { first: inner.first, last: Vec::new(), empty: 1 }
            }
            Node::Look(_) => Part::nothing(),
            Node::Repeat(repeat) => self.repeated(repeat)?,
        })
    }

    fn state(&mut self, set: &Set) -> Option<Part> {
        let state = self.chars.len();
        if state >= MAX_STATES {
            return None;
        }
        self.chars.push(set.chars);
        self.next.push(Vec::new());
        self.spans.push(set.span);
        let ways = vec![(state as u32, 1)];
        Some(Part { first: ways.clone(), last: ways, empty: 0 })
    }

    fn joined(&mut self, left: Part, right: Part) -> Part {
        self.link(&left.last, &right.first);
        let mut first = left.first;
        add(&mut first, &right.first, left.empty);
        let mut last = right.last;
        add(&mut last, &left.last, right.empty);
        Part { first, last, empty: (left.empty * right.empty).min(MANY) }
    }

    fn link(&mut self, from: &Ways, to: &Ways) {
        for &(state, ways) in from {
            add(&mut self.next[state as usize], to, ways);
        }
    }

    fn repeated(&mut self, repeat: &Repeat) -> Option<Part> {
        let exact = repeat.max == Some(repeat.min);
        let mut min = repeat.min.min(if exact { MAX_COPIES } else { MAX_COPIES - 1 });
        let is_endless = |max: &u32| *max >= self.endless && *max > repeat.min && !matches!(repeat.node, Node::Set(_));
        let mut max = repeat.max.filter(|max| !is_endless(max)).map(|max| max.min(MAX_COPIES));
        // What must be there before a text can be read in many ways; of single letters that is cheap.
        let left = (MAX_STATES / 2).saturating_sub(self.chars.len());
        if matches!(repeat.node, Node::Set(_)) && repeat.min > min && (repeat.min as usize) < left {
            min = repeat.min;
            max = repeat.max.map(|max| max.min(min + 1));
        }
        let mut all = Part::nothing();
        // `x{2,}` is `x` and `x+`.
        let copies = if max.is_none() { min.saturating_sub(1) } else { min };
        for _ in 0..copies {
            let part = self.part(&repeat.node)?;
            all = self.joined(all, part);
        }
        let Some(max) = max else {
            let mut part = self.part(&repeat.node)?;
            let (last, first) = (part.last.clone(), part.first.clone());
            self.link(&last, &first);
            self.loops.push(repeat.span);
            // A round that reads nothing ends the loop.
            if min == 0 {
                part.empty = 1;
            }
            return Some(self.joined(all, part));
        };
        // `x{0,2}` is `(x(x)?)?`.
        let mut rest = Part::nothing();
        for _ in min..max {
            let part = self.part(&repeat.node)?;
            rest = self.joined(part, rest);
            rest.empty = 1;
        }
        Some(self.joined(all, rest))
    }
}

impl Part {
    fn nothing() -> Part {
        Part { first: Vec::new(), last: Vec::new(), empty: 1 }
    }
}

/// Adds states, each by so many times its ways.
fn add(to: &mut Ways, from: &Ways, times: u8) {
    if times == 0 {
        return;
    }
    for &(state, ways) in from {
        let ways = ways.saturating_mul(times).min(MANY);
        match to.iter_mut().find(|(known, _)| *known == state) {
            Some((_, known)) => *known = (*known + ways).min(MANY),
            None => to.push((state, ways)),
        }
    }
}
