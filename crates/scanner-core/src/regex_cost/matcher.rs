//! A backtracking matcher that counts its steps, so that what the automaton shows can be tried.

use super::Use;
use super::automaton::LIKE_ENDLESS;
use super::chars::{CharSet, Samples, is_word};
use super::syntax::{Node, Place, Repeat};

/// Instructions of one regex, at most: what is repeated many times is written out.
const MAX_CODE: usize = 20_000;

#[derive(Debug, Clone, Copy)]
enum Op {
    Set {
        chars: CharSet,
        ahead: bool,
    },
    Split {
        first: u32,
        second: u32,
    },
    Jump(u32),
    /// Notes where it stands.
    Note(u32),
    /// Fails where nothing was read since the note.
    Moved(u32),
    Place(Place),
    Back {
        group: u32,
        ahead: bool,
    },
    /// Runs what follows up to its `Done`, then goes on at `end`: where it stood before, or where that ended.
    Inner {
        end: u32,
        negated: bool,
        stays: bool,
    },
    Done,
}

/// A regex that can be run.
#[derive(Debug)]
pub(super) struct Matcher {
    code: Vec<Op>,
    notes: u32,
    samples: Samples,
    mode: Use,
    /// Whether what may be repeated often is written as if it had no end.
    endless: bool,
}

/// What a run gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Steps taken.
    pub steps: u32,
    /// Whether it matched.
    pub matched: bool,
}

impl Matcher {
    /// Of a regex; nothing if it is too long.
    pub(super) fn new(node: &Node, groups: u32, samples: &Samples, mode: Use) -> Option<Matcher> {
        let written = |endless| Matcher::written(node, groups, samples, mode, endless);
        written(false).or_else(|| written(true))
    }

    fn written(node: &Node, groups: u32, samples: &Samples, mode: Use, endless: bool) -> Option<Matcher> {
        let notes = 2 * (groups + 1);
        let mut matcher = Matcher { code: Vec::new(), notes, samples: samples.clone(), mode, endless };
        matcher.write(node, true)?;
        matcher.push(Op::Done)?;
        Some(matcher)
    }

    fn push(&mut self, op: Op) -> Option<usize> {
        self.code.push(op);
        (self.code.len() <= MAX_CODE).then(|| self.code.len() - 1)
    }

    fn here(&self) -> u32 {
        self.code.len() as u32
    }

    fn write(&mut self, node: &Node, ahead: bool) -> Option<()> {
        match node {
            Node::Empty => {}
            Node::Set(set) => {
                self.push(Op::Set { chars: set.chars, ahead })?;
            }
            Node::Concat(parts) if ahead => parts.iter().try_for_each(|part| self.write(part, ahead))?,
            Node::Concat(parts) => parts.iter().rev().try_for_each(|part| self.write(part, ahead))?,
            Node::Alt(parts) => {
                let mut ends = Vec::new();
                for (at, part) in parts.iter().enumerate() {
                    let split = if at + 1 < parts.len() { Some(self.push(Op::Done)?) } else { None };
                    let first = self.here();
                    self.write(part, ahead)?;
                    if let Some(split) = split {
                        ends.push(self.push(Op::Done)?);
                        self.code[split] = Op::Split { first, second: self.here() };
                    }
                }
                let end = self.here();
                ends.into_iter().for_each(|at| self.code[at] = Op::Jump(end));
            }
            Node::Group(number, inner) => {
                let (start, end) = if ahead { (2 * number, 2 * number + 1) } else { (2 * number + 1, 2 * number) };
                self.push(Op::Note(start))?;
                self.write(inner, ahead)?;
                self.push(Op::Note(end))?;
            }
            Node::Atomic(inner) => self.inner(inner, ahead, false, false)?,
            Node::Look(look) => self.inner(&look.node, look.ahead, look.negated, true)?,
            Node::Place(place) => {
                self.push(Op::Place(*place))?;
            }
            Node::Back(group) => {
                self.push(Op::Back { group: *group, ahead })?;
            }
            Node::Repeat(repeat) => self.repeat(repeat, ahead)?,
        }
        Some(())
    }

    fn inner(&mut self, node: &Node, ahead: bool, negated: bool, stays: bool) -> Option<()> {
        let at = self.push(Op::Done)?;
        self.write(node, ahead)?;
        self.push(Op::Done)?;
        self.code[at] = Op::Inner { end: self.here(), negated, stays };
        Some(())
    }

    fn repeat(&mut self, repeat: &Repeat, ahead: bool) -> Option<()> {
        for _ in 0..repeat.min {
            self.write(&repeat.node, ahead)?;
        }
        let split = |first, second| {
            if repeat.greedy { Op::Split { first, second } } else { Op::Split { first: second, second: first } }
        };
        let is_bound = |max: &u32| !self.endless || *max < LIKE_ENDLESS || *max == repeat.min;
        let Some(max) = repeat.max.filter(is_bound) else {
            let start = self.push(Op::Done)?;
            self.round(&repeat.node, ahead)?;
            self.push(Op::Jump(start as u32))?;
            self.code[start] = split(start as u32 + 1, self.here());
            return Some(());
        };
        let mut starts = Vec::new();
        for _ in repeat.min..max {
            starts.push(self.push(Op::Done)?);
            self.round(&repeat.node, ahead)?;
        }
        let end = self.here();
        starts.into_iter().for_each(|start| self.code[start] = split(start as u32 + 1, end));
        Some(())
    }

    /// A round that need not be: one that reads nothing is none.
    fn round(&mut self, node: &Node, ahead: bool) -> Option<()> {
        if !may_be_empty(node) {
            return self.write(node, ahead);
        }
        let note = self.notes;
        self.notes += 1;
        self.push(Op::Note(note))?;
        self.write(node, ahead)?;
        self.push(Op::Moved(note))?;
        Some(())
    }

    /// Matches a text of samples, as its use has it; nothing where that takes more steps than given.
    pub(super) fn run(&self, text: &[u8], max_steps: u32) -> Option<Outcome> {
        let mut run = Run { matcher: self, text, notes: vec![usize::MAX; self.notes as usize], steps: 0, max_steps };
        let last = if self.mode.is_anywhere() { text.len() } else { 0 };
        let (mut start, mut matched) = (0, false);
        while start <= last {
            run.notes.fill(usize::MAX);
            let end = run.from(0, start, true)?;
            matched |= end.is_some();
            if matched && self.mode != Use::All {
                break;
            }
            start = end.unwrap_or(0).max(start + 1);
        }
        Some(Outcome { steps: run.steps, matched })
    }
}

fn may_be_empty(node: &Node) -> bool {
    match node {
        Node::Set(_) => false,
        Node::Concat(parts) => parts.iter().all(may_be_empty),
        Node::Alt(parts) => parts.iter().any(may_be_empty),
        Node::Group(_, inner) | Node::Atomic(inner) => may_be_empty(inner),
        Node::Repeat(repeat) => repeat.min == 0 || may_be_empty(&repeat.node),
        Node::Empty | Node::Look(_) | Node::Place(_) | Node::Back(_) => true,
    }
}

/// What is gone back to.
enum Retry {
    At { op: u32, at: usize },
    Note { note: u32, was: usize },
}

struct Run<'m> {
    matcher: &'m Matcher,
    text: &'m [u8],
    notes: Vec<usize>,
    steps: u32,
    max_steps: u32,
}

impl Run<'_> {
    /// Where a match from an instruction ends. The outer nothing: too many steps.
    fn from(&mut self, op: u32, at: usize, outermost: bool) -> Option<Option<usize>> {
        let mut open: Vec<Retry> = Vec::new();
        let (mut op, mut at) = (op, at);
        loop {
            self.steps += 1;
            if self.steps > self.max_steps {
                return None;
            }
            let next = match self.matcher.code[op as usize] {
                Op::Done if outermost && self.matcher.mode == Use::Whole && at != self.text.len() => None,
                Op::Done => return Some(Some(at)),
                Op::Set { chars, ahead } => self.read(chars, at, ahead).map(|at| (op + 1, at)),
                Op::Split { first, second } => {
                    open.push(Retry::At { op: second, at });
                    Some((first, at))
                }
                Op::Jump(to) => Some((to, at)),
                Op::Note(note) => {
                    let was = std::mem::replace(&mut self.notes[note as usize], at);
                    open.push(Retry::Note { note, was });
                    Some((op + 1, at))
                }
                Op::Moved(note) => (self.notes[note as usize] != at).then_some((op + 1, at)),
                Op::Place(place) => self.stands(place, at).then_some((op + 1, at)),
                Op::Back { group, ahead } => self.again(group, at, ahead).map(|at| (op + 1, at)),
                Op::Inner { end, negated, stays } => match (self.from(op + 1, at, false)?, negated) {
                    (Some(ended), false) => Some((end, if stays { at } else { ended })),
                    (None, true) => Some((end, at)),
                    _ => None,
                },
            };
            (op, at) = match next {
                Some(next) => next,
                None => match self.back(&mut open) {
                    Some(next) => next,
                    None => return Some(None),
                },
            };
        }
    }

    fn back(&mut self, open: &mut Vec<Retry>) -> Option<(u32, usize)> {
        loop {
            match open.pop()? {
                Retry::At { op, at } => return Some((op, at)),
                Retry::Note { note, was } => self.notes[note as usize] = was,
            }
        }
    }

    fn read(&self, chars: CharSet, at: usize, ahead: bool) -> Option<usize> {
        let (read, next) = if ahead { (at, at + 1) } else { (at.checked_sub(1)?, at - 1) };
        chars.has(*self.text.get(read)?).then_some(next)
    }

    /// What a group has matched, once more; one that has matched nothing is anything.
    fn again(&self, group: u32, at: usize, ahead: bool) -> Option<usize> {
        let (start, end) = (self.notes[2 * group as usize], self.notes[2 * group as usize + 1]);
        if end == usize::MAX || start > end {
            return Some(at);
        }
        let known = &self.text[start..end];
        let from = if ahead { at } else { at.checked_sub(known.len())? };
        let fits = self.text.get(from..from + known.len()) == Some(known);
        fits.then_some(if ahead { at + known.len() } else { from })
    }

    fn stands(&self, place: Place, at: usize) -> bool {
        let line_end = |at: usize| self.text[at] == b'\n';
        match place {
            Place::Start => at == 0,
            Place::End => at == self.text.len(),
            Place::LastEnd => at == self.text.len() || at + 1 == self.text.len() && line_end(at),
            Place::LineStart => at == 0 || line_end(at - 1),
            Place::LineEnd => at == self.text.len() || line_end(at),
            Place::WordEdge { unicode, negated } => {
                let word = |at: Option<usize>| {
                    let sample = at.and_then(|at| self.text.get(at));
                    sample.is_some_and(|&sample| is_word(self.matcher.samples.char(sample), unicode))
                };
                (word(at.checked_sub(1)) != word(Some(at))) != negated
            }
        }
    }
}
