//! Makes texts of pumps and tries them: a cost is told only where the steps of a matcher have grown so.

use super::ambiguity::Pump;
use super::automaton::Automaton;
use super::chars::{CharSet, LINE_END, Samples};
use super::matcher::Matcher;
use super::syntax::{Form, Node};
use super::{Cost, Growth};

/// Steps of one run after which it is called slow.
const MAX_STEPS: u32 = 200_000;
/// Steps of all runs for one regex: some tens of milliseconds.
const MAX_WORK: u32 = 3_000_000;
/// Repetitions of a piece by which an exponential regex is slow.
const MOST: usize = 60;
/// By how much the steps grow at the least with three more repetitions: what grows less is no worry.
const LEAST_FACTOR: f64 = 1.5;
/// A text of so many characters that is slow is so by no power that regexes have.
const SHORT: usize = 40;
/// Repetitions by which polynomial growth is measured: doubled each time.
const MEASURED: &[usize] = &[4, 8, 16, 32, 64, 128];
/// Fewer of them tell only what higher powers do: what grows less is hidden by what is done once.
const LEAST_MEASURED: usize = 32;
/// Endings that are tried.
const MAX_SUFFIXES: usize = 10;
/// Characters that are tried before the rest.
const MAX_BEFORE: usize = 4;
/// Characters that a regex names which are tried before the rest of one that looks back.
const MAX_NAMED: usize = 12;

/// Tries pumps on a regex.
pub(super) struct Attack<'a> {
    samples: &'a Samples,
    matcher: &'a Matcher,
    suffixes: Vec<Vec<u8>>,
    work: std::cell::Cell<u32>,
}

impl<'a> Attack<'a> {
    pub(super) fn new(automaton: &Automaton, samples: &'a Samples, matcher: &'a Matcher) -> Attack<'a> {
        Attack { samples, matcher, suffixes: suffixes(automaton, samples), work: std::cell::Cell::new(0) }
    }

    /// The first pump by which steps grow exponentially.
    pub(super) fn exponential(&self, pumps: &[Pump]) -> Option<Cost> {
        let all = pumps.iter().flat_map(|pump| self.suffixes.iter().map(move |suffix| (pump, suffix)));
        let (pump, suffix) = all.into_iter().find(|(pump, suffix)| self.explodes(pump, suffix))?;
        Some(self.cost(Growth::Exponential, pump, suffix))
    }

    /// The pump by which steps grow with the highest power.
    pub(super) fn polynomial(&self, pumps: &[Pump]) -> Option<Cost> {
        let mut best: Option<(u32, &Pump, &Vec<u8>)> = None;
        for pump in pumps {
            for suffix in &self.suffixes {
                let power = self.power(pump, suffix);
                if power > best.map_or(1, |(power, ..)| power) {
                    best = Some((power, pump, suffix));
                }
                if power > 1 {
                    break;
                }
            }
        }
        let (power, pump, suffix) = best?;
        Some(self.cost(Growth::Polynomial(power), pump, suffix))
    }

    /// The same pumps with a character before them: of `/^ +| +$/` the first part reads no blanks further on.
    /// What looks back asks for one of those that it names itself.
    pub(super) fn further_on(&self, pumps: &[Pump], named: &str) -> Vec<Pump> {
        let kinds = self.suffixes.iter().filter(|suffix| suffix.len() == 1).map(|suffix| suffix[0]).take(MAX_BEFORE);
        let others = named.bytes().filter(u8::is_ascii_alphanumeric).take(MAX_NAMED);
        let before: Vec<u8> = kinds.chain(others).collect();
        let longer = |before: u8, pump: &Pump| Pump {
            prefix: [&[before], pump.prefix.as_slice()].concat(),
            piece: pump.piece.clone(),
            span: pump.span,
        };
        let fits = |before: u8, pump: &&Pump| !pump.piece.starts_with(&[before]);
        let all =
            before.iter().map(|&at| pumps.iter().filter(move |pump| fits(at, pump)).map(move |pump| longer(at, pump)));
        all.flatten().collect()
    }

    /// The same pumps with what the regex looks for ahead in their start: of `(?=.*\d)(\w+\s?)+` a digit.
    pub(super) fn with_looked_for(&self, pumps: &[Pump], node: &Node) -> Vec<Pump> {
        let mut wanted = Vec::new();
        looked_for(node, false, &mut wanted);
        wanted.truncate(MAX_BEFORE);
        let longer = |pump: &Pump| Pump {
            prefix: [pump.prefix.as_slice(), &wanted].concat(),
            piece: pump.piece.clone(),
            span: pump.span,
        };
        pumps.iter().filter(|_| !wanted.is_empty()).map(longer).collect()
    }

    fn cost(&self, growth: Growth, pump: &Pump, suffix: &[u8]) -> Cost {
        let text = |numbers: &[u8]| numbers.iter().map(|&number| self.samples.char(number)).collect();
        Cost { growth, prefix: text(&pump.prefix), piece: text(&pump.piece), suffix: text(suffix), span: pump.span }
    }

    /// The steps that a text takes; nothing: too many.
    fn steps(&self, pump: &Pump, times: usize, suffix: &[u8]) -> Option<u32> {
        let mut text = pump.prefix.clone();
        (0..times).for_each(|_| text.extend(&pump.piece));
        text.extend(suffix);
        let outcome = self.matcher.run(&text, MAX_STEPS);
        self.work.set(self.work.get() + outcome.map_or(MAX_STEPS, |outcome| outcome.steps));
        outcome.map(|outcome| outcome.steps)
    }

    fn is_tired(&self) -> bool {
        self.work.get() > MAX_WORK
    }

    fn explodes(&self, pump: &Pump, suffix: &[u8]) -> bool {
        let mut known: Vec<f64> = Vec::new();
        for times in 1..=MOST {
            if self.is_tired() {
                return false;
            }
            match self.steps(pump, times, suffix) {
                Some(steps) => known.push(f64::from(steps)),
                None if pump.prefix.len() + times * pump.piece.len() <= SHORT => return true,
                // The first ones tell little: even what is long grows fast there.
                None => {
                    let grows = |at: usize| known[at] / known[at - 3] >= LEAST_FACTOR;
                    return known.len() >= 5 && (known.len() - 2..known.len()).all(grows);
                }
            }
            // Linear so far.
            if times == 12 && known[11] < 3.0 * known[5] {
                return false;
            }
        }
        false
    }

    /// The power of its length that the steps of a text grow with.
    fn power(&self, pump: &Pump, suffix: &[u8]) -> u32 {
        let mut known: Vec<f64> = Vec::new();
        for &times in MEASURED {
            if self.is_tired() {
                return 1;
            }
            let Some(steps) = self.steps(pump, times, suffix) else { break };
            known.push(f64::from(steps));
            if let [.., before, last] = known[..]
                && times >= LEAST_MEASURED
                && last < 2.6 * before
            {
                return 1;
            }
        }
        match known[..] {
            [.., before, last] => (last / before).log2().round() as u32,
            _ => 1,
        }
    }
}

/// Endings that may make a match fail: what no part of the regex reads, nothing, and what some parts read.
fn suffixes(automaton: &Automaton, samples: &Samples) -> Vec<Vec<u8>> {
    let mut sets: Vec<CharSet> = Vec::new();
    for &chars in automaton.chars.iter().skip(1) {
        if sets.len() < 64 && !sets.contains(&chars) {
            sets.push(chars);
        }
    }
    let within =
        |sample: u8| sets.iter().enumerate().fold(0u64, |all, (at, set)| all | u64::from(set.has(sample)) << at);
    let mut kinds: Vec<(u64, CharSet)> = Vec::new();
    for sample in samples.numbers() {
        let (letter, kind) = (samples.char(sample), within(sample));
        let one = samples.set(|other| other == letter);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, all)) => *all = all.or(one),
            None => kinds.push((kind, one)),
        }
    }
    kinds.sort_by_key(|(kind, _)| kind.count_ones());
    let examples = kinds.iter().filter_map(|(_, all)| sign(*all, samples));
    let mut suffixes: Vec<Vec<u8>> = examples.map(|example| vec![example]).take(MAX_SUFFIXES).collect();
    suffixes.insert(suffixes.len().min(1), Vec::new());
    // A line's end is what many regexes stop at.
    if let Some(first) = suffixes.first().and_then(|suffix| suffix.first().copied()) {
        suffixes.extend([vec![LINE_END], vec![first, LINE_END, first]]);
    }
    suffixes
}

/// Examples of what a regex looks for ahead: of characters that it names, not of those that it leaves open.
fn looked_for(node: &Node, ahead: bool, wanted: &mut Vec<u8>) {
    match node {
        Node::Set(set) if ahead && set.form != Form::Other => {
            wanted.extend(set.chars.example().filter(|example| !wanted.contains(example)));
        }
        Node::Concat(parts) | Node::Alt(parts) => parts.iter().for_each(|part| looked_for(part, ahead, wanted)),
        Node::Group(_, inner) | Node::Atomic(inner) => looked_for(inner, ahead, wanted),
        Node::Repeat(repeat) => looked_for(&repeat.node, ahead, wanted),
        Node::Look(look) if look.ahead && !look.negated => looked_for(&look.node, true, wanted),
        Node::Set(_) | Node::Look(_) | Node::Empty | Node::Place(_) | Node::Back(_) => {}
    }
}

/// A sample of a set that catches the eye.
fn sign(all: CharSet, samples: &Samples) -> Option<u8> {
    let signs = all.and(samples.set(|sample| matches!(sample, '!' | '#' | '@' | '~')));
    signs.example().or_else(|| all.example())
}
