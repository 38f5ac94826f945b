//! Finds texts that an automaton can read in many ways: the more often a piece of them is repeated,
//! the more ways there are.

use super::automaton::{Automaton, START};
use super::chars::{CharSet, LINE_END};
use crate::span::Span;
use std::collections::{HashMap, VecDeque};

/// Pairs and triples of states that are looked at for one regex: a few milliseconds' work.
const MAX_STEPS: u32 = 200_000;
/// Places in a loop that a repeated piece is looked for from.
const MAX_TRIES: usize = 3;
/// Pieces that are told of one regex.
const MAX_PUMPS: usize = 24;

/// A piece of text that can be read in more ways the more often it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pump {
    /// What comes before it.
    pub prefix: Vec<u8>,
    /// What is repeated, by samples.
    pub piece: Vec<u8>,
    /// The repetition that reads it.
    pub span: Span,
}

/// Finds pumps.
pub(super) struct Search<'a> {
    automaton: &'a Automaton,
    /// The loop that each state is in, if it is in any.
    loops: Vec<Option<u32>>,
    members: Vec<Vec<usize>>,
    steps: u32,
}

impl<'a> Search<'a> {
    /// For an automaton.
    pub(super) fn new(automaton: &'a Automaton) -> Search<'a> {
        let components = components(automaton);
        let mut loops = vec![None; automaton.next.len()];
        let mut members = Vec::new();
        for component in components {
            let cyclic =
                component.len() > 1 || automaton.next[component[0]].iter().any(|&(to, _)| to as usize == component[0]);
            if cyclic {
                component.iter().for_each(|&state| loops[state] = Some(members.len() as u32));
                members.push(component);
            }
        }
        Search { automaton, loops, members, steps: 0 }
    }

    /// Whether not everything was looked at.
    pub(super) fn gave_up(&self) -> bool {
        self.steps > MAX_STEPS
    }

    /// Pieces that one loop reads in two ways and is where it was again: each repetition doubles the ways.
    pub(super) fn exponential(&mut self) -> Vec<Pump> {
        let mut pumps = Vec::new();
        for members in self.members.clone() {
            let stride = members.len().div_ceil(MAX_TRIES);
            for &state in members.iter().step_by(stride).filter(|&&state| state != START) {
                if let Some(piece) = self.twice(state) {
                    self.add(&mut pumps, state, &piece, &members);
                }
            }
        }
        pumps
    }

    /// Pieces that one loop reads, that lead from it to another, and that the other reads, too: the border
    /// between the two may stand after any repetition.
    pub(super) fn polynomial(&mut self) -> Vec<Pump> {
        let mut pumps = Vec::new();
        let start = self.members.iter().position(|members| members.contains(&START));
        // Searched anew from each character: the first of the two loops is the search.
        let firsts: Vec<usize> =
            start.into_iter().chain((0..self.members.len()).filter(|&at| Some(at) != start)).collect();
        for first in firsts {
            for second in (0..self.members.len()).filter(|&second| second != first) {
                for (from, piece) in self.handed_over(first, second) {
                    self.add(&mut pumps, from, &piece, &self.members[second]);
                }
            }
        }
        pumps
    }

    /// Adds a pump of sets of characters: of examples that read well, and of line ends where it can have them,
    /// since some regexes begin or end with a line.
    fn add(&self, pumps: &mut Vec<Pump>, from: usize, piece: &[CharSet], members: &[usize]) {
        let Some(prefix) = self.path(from) else { return };
        let text = |sets: &[CharSet]| sets.iter().filter_map(|set| set.example()).collect::<Vec<u8>>();
        let lines: Vec<CharSet> =
            piece.iter().map(|&set| if set.has(LINE_END) { set.and(CharSet::of(LINE_END)) } else { set }).collect();
        for piece in [piece, &lines] {
            let pump = Pump { prefix: text(&prefix), piece: text(piece), span: self.span(members) };
            let is_known = |known: &Pump| known.prefix == pump.prefix && known.piece == pump.piece;
            if pumps.len() < MAX_PUMPS && !pumps.iter().any(is_known) {
                pumps.push(pump);
            }
        }
    }

    /// The smallest repetition around states.
    fn span(&self, states: &[usize]) -> Span {
        let spans = states.iter().map(|&state| self.automaton.spans[state]);
        let whole =
            spans.reduce(|left, right| Span { start: left.start.min(right.start), end: left.end.max(right.end) });
        let whole = whole.unwrap_or(Span { start: 0, end: 0 });
        let around = self.automaton.loops.iter().filter(|span| span.contains(whole));
        around.min_by_key(|span| span.len()).copied().unwrap_or(whole)
    }

    /// The shortest text that leads to a state.
    fn path(&self, to: usize) -> Option<Vec<CharSet>> {
        let next = |&[state]: &[usize; 1]| -> Vec<([usize; 1], CharSet)> {
            self.next(state).map(|(next, _)| ([next], self.automaton.chars[next])).collect()
        };
        if to == START {
            return Some(Vec::new());
        }
        shortest([START], |&[state]| state == to, next, &mut 0)
    }

    fn next(&self, state: usize) -> impl Iterator<Item = (usize, u8)> + '_ {
        self.automaton.next[state].iter().map(|&(next, ways)| (next as usize, ways))
    }

    /// The next states that are in a loop.
    fn within(&self, state: usize, members: u32) -> impl Iterator<Item = (usize, u8)> + '_ {
        self.next(state).filter(move |&(next, _)| self.loops[next] == Some(members))
    }

    /// A text with two ways from a state back to it.
    fn twice(&mut self, state: usize) -> Option<Vec<CharSet>> {
        let members = self.loops[state]?;
        let mut steps = self.steps;
        let next = |&[left, right, differ]: &[usize; 3]| {
            let mut all = Vec::new();
            for (one, ways) in self.within(left, members) {
                for (other, _) in self.within(right, members) {
                    let chars = self.automaton.chars[one].and(self.automaton.chars[other]);
                    if !chars.is_empty() {
                        let differ = differ == 1 || one != other || left == right && ways > 1;
                        all.push(([one.min(other), one.max(other), usize::from(differ)], chars));
                    }
                }
            }
            all
        };
        let found = shortest([state, state, 0], |&at| at == [state, state, 1], next, &mut steps);
        self.steps = steps;
        found
    }

    /// A text with ways from a state of the first loop to itself and to one of the second, and from that to itself.
    /// Some by where the second is come to, since one that the automaton has may not hold in truth.
    fn handed_over(&mut self, first: usize, second: usize) -> Vec<(usize, Vec<CharSet>)> {
        let (ahead, behind) = (self.reach(&self.members[first], false), self.reach(&self.members[second], true));
        let mut found = Vec::new();
        if !ahead[self.members[second][0]] {
            return found;
        }
        let mut steps = self.steps;
        let next = |&[one, two, three]: &[usize; 3]| {
            let mut all = Vec::new();
            for (one, _) in self.within(one, first as u32) {
                for (three, _) in self.within(three, second as u32) {
                    let both = self.automaton.chars[one].and(self.automaton.chars[three]);
                    if both.is_empty() {
                        continue;
                    }
                    for (two, _) in self.next(two).filter(|&(two, _)| ahead[two] && behind[two]) {
                        let chars = both.and(self.automaton.chars[two]);
                        if !chars.is_empty() {
                            all.push(([one, two, three], chars));
                        }
                    }
                }
            }
            all
        };
        for &to in &self.members[second] {
            let mut pieces = self.members[first].iter().filter_map(|&from| {
                Some((from, shortest([from, from, to], |&at| at == [from, to, to], next, &mut steps)?))
            });
            found.extend(pieces.next());
            if found.len() >= MAX_TRIES || steps > MAX_STEPS {
                break;
            }
        }
        self.steps = steps;
        found
    }

    /// The states that some states lead to, or that lead to them.
    fn reach(&self, from: &[usize], backwards: bool) -> Vec<bool> {
        let mut seen = vec![false; self.automaton.next.len()];
        let mut open: Vec<usize> = from.to_vec();
        from.iter().for_each(|&state| seen[state] = true);
        while let Some(state) = open.pop() {
            let next: Vec<usize> = if backwards {
                (0..seen.len()).filter(|&before| self.next(before).any(|(next, _)| next == state)).collect()
            } else {
                self.next(state).map(|(next, _)| next).collect()
            };
            for next in next {
                if !std::mem::replace(&mut seen[next], true) {
                    open.push(next);
                }
            }
        }
        seen
    }
}

/// The shortest text that leads from a place to one that is wanted, in one step at the least.
fn shortest<P: Copy + Eq + std::hash::Hash>(
    from: P,
    is_wanted: impl Fn(&P) -> bool,
    next: impl Fn(&P) -> Vec<(P, CharSet)>,
    steps: &mut u32,
) -> Option<Vec<CharSet>> {
    let mut before: HashMap<P, (P, CharSet)> = HashMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        for (to, chars) in next(&at) {
            *steps += 1;
            if *steps > MAX_STEPS {
                return None;
            }
            if chars.is_empty() || before.contains_key(&to) {
                continue;
            }
            before.insert(to, (at, chars));
            if is_wanted(&to) {
                let mut text = vec![chars];
                let mut at = at;
                while at != from {
                    let (earlier, chars) = before[&at];
                    text.push(chars);
                    at = earlier;
                }
                text.reverse();
                return Some(text);
            }
            open.push_back(to);
        }
    }
    None
}

/// The strongly connected components: states of which each leads to each.
fn components(automaton: &Automaton) -> Vec<Vec<usize>> {
    let count = automaton.next.len();
    let is_open = |state: usize| !automaton.chars[state].is_empty();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (state, next) in automaton.next.iter().enumerate() {
        next.iter().filter(|(to, _)| is_open(*to as usize)).for_each(|&(to, _)| before[to as usize].push(state));
    }
    let mut order = Vec::new();
    let mut seen = vec![false; count];
    for root in 0..count {
        let mut open = vec![(root, 0)];
        if std::mem::replace(&mut seen[root], true) {
            continue;
        }
        while let Some((state, at)) = open.last_mut() {
            match automaton.next[*state].get(*at) {
                Some(&(to, _)) => {
                    *at += 1;
                    if is_open(to as usize) && !std::mem::replace(&mut seen[to as usize], true) {
                        open.push((to as usize, 0));
                    }
                }
                None => {
                    order.push(*state);
                    open.pop();
                }
            }
        }
    }
    let mut placed = vec![false; count];
    let mut all = Vec::new();
    for root in order.into_iter().rev() {
        if std::mem::replace(&mut placed[root], true) {
            continue;
        }
        let mut component = vec![root];
        let mut at = 0;
        while at < component.len() {
            for &state in &before[component[at]] {
                if !std::mem::replace(&mut placed[state], true) {
                    component.push(state);
                }
            }
            at += 1;
        }
        component.sort_unstable();
        all.push(component);
    }
    all
}
