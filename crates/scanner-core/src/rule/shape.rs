//! A token's declared shape: literals and runs of character classes, matched byte for byte.
//!
//! A shape is data enough to find tokens, to name the literal a prefilter looks for, and to
//! generate samples for tests, so that a credential format costs one line.
//!
//! Syntax: literal characters stand for themselves, `\` escapes; `[class:N]` or `[class:N-M]` is a
//! run of a class (`[class+chars:N]` adds characters, `[+chars:N]` lists them); `[uuid]`; and
//! `(a|b)` are alternatives. Matching is greedy with backtracking; a token inside a longer run of
//! its own alphabet is no token.

mod parse;

use super::misfit::{Attempt, Misfit};
use std::ops::Range;

/// A set of byte values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    const EMPTY: ByteSet = ByteSet([0; 4]);

    const fn with(mut self, bytes: &[u8]) -> ByteSet {
        let mut at = 0;
        while at < bytes.len() {
            self.0[(bytes[at] >> 6) as usize] |= 1 << (bytes[at] & 63);
            at += 1;
        }
        self
    }

    const fn without(mut self, bytes: &[u8]) -> ByteSet {
        let other = ByteSet::EMPTY.with(bytes);
        let mut at = 0;
        while at < 4 {
            self.0[at] &= !other.0[at];
            at += 1;
        }
        self
    }

    const fn and(self, other: ByteSet) -> ByteSet {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        ByteSet([a | e, b | f, c | g, d | h])
    }

    /// Whether `byte` is in the set.
    #[inline]
    pub fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=255).filter(|&byte| self.has(byte))
    }
}

/// A piece of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Element {
    Literal(Box<[u8]>),
    Run { set: ByteSet, min: u16, max: u16 },
}

impl Element {
    fn lengths(&self) -> (usize, usize) {
        match self {
            Element::Literal(literal) => (literal.len(), literal.len()),
            Element::Run { min, max, .. } => (usize::from(*min), usize::from(*max)),
        }
    }
}

/// One alternative of a shape, with the literal that finds it.
#[derive(Debug, Clone)]
pub struct Sequence {
    elements: Vec<Element>,
    anchor: Option<usize>,
    /// Least and greatest number of bytes before the anchor.
    lead: (usize, usize),
    /// Greatest length of a whole match.
    max_len: usize,
    /// The longest run that always stands at one distance from a match's start.
    run: Option<FixedRun>,
}

/// Bytes of a set, so many at least, so far from a match's start.
#[derive(Debug, Clone, Copy)]
struct FixedRun {
    lead: usize,
    set: ByteSet,
    min: usize,
}

/// The shortest literal a prefilter can look for.
pub const MIN_KEYWORD: usize = 3;
/// Backtracking steps for one attempt. Real shapes need a few dozen.
const MAX_STEPS: u32 = 20_000;

/// A declared shape.
#[derive(Debug, Clone)]
pub struct Shape {
    sequences: Vec<Sequence>,
}

impl Shape {
    /// Reads a shape.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub fn parse(source: &str) -> Result<Shape, String> {
        let sequences = parse::alternatives(source)?.into_iter().map(Sequence::new).collect::<Vec<_>>();
        if sequences.iter().any(|sequence| sequence.max_len == 0) {
            return Err(format!("shape `{source}` can be empty"));
        }
        Ok(Shape { sequences })
    }

    /// The shape with none of its literals to be searched that is shorter than `least`: a rule's other
    /// words find it with fewer false starts.
    pub fn searched_by_others(mut self, least: usize) -> Shape {
        for sequence in &mut self.sequences {
            if sequence.keyword().is_some_and(|keyword| keyword.len() < least) {
                sequence.anchor = None;
            }
        }
        self
    }

    /// Its alternatives.
    pub fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }

    /// Whether all of `value` has this shape.
    pub fn matches_whole(&self, value: &[u8]) -> bool {
        self.sequences.iter().any(|sequence| {
            let every = 0..sequence.elements.len();
            sequence.forward(every, value, 0, &mut Attempt::new(MAX_STEPS), &|end| end == value.len()).is_some()
        })
    }

    /// A sample of the shape, the same for the same seed.
    pub fn sample(&self, seed: u64) -> String {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let index = random.below(self.sequences.len());
        self.sequences[index].sample(&mut random)
    }

    /// The characters that stand in front of the part that varies: what a mask may show.
    pub fn prefix_len(&self, token: &[u8]) -> usize {
        let literal = self.sequences.iter().filter_map(|sequence| match sequence.elements.first() {
            Some(Element::Literal(literal)) if token.starts_with(literal) => Some(literal.len()),
            _ => None,
        });
        literal.max().unwrap_or(0)
    }
}

impl FixedRun {
    fn longest(elements: &[Element]) -> Option<FixedRun> {
        let mut lead = 0;
        let mut longest: Option<FixedRun> = None;
        for element in elements {
            if let Element::Run { set, min, .. } = *element
                && longest.is_none_or(|run| run.min < usize::from(min))
            {
                longest = Some(FixedRun { lead, set, min: usize::from(min) });
            }
            let (least, most) = element.lengths();
            if least != most {
                break;
            }
            lead += least;
        }
        longest
    }
}

impl Sequence {
    fn new(elements: Vec<Element>) -> Sequence {
        let mut merged: Vec<Element> = Vec::with_capacity(elements.len());
        for element in elements {
            match (merged.last_mut(), element) {
                (Some(Element::Literal(last)), Element::Literal(next)) => {
                    *last = [&last[..], &next[..]].concat().into();
                }
                (_, Element::Run { max: 0, .. }) => {}
                (_, element) => merged.push(element),
            }
        }
        let anchor = merged
            .iter()
            .enumerate()
            .filter_map(|(index, element)| match element {
                Element::Literal(literal) if literal.len() >= MIN_KEYWORD => Some((index, distinct(literal))),
                _ => None,
            })
            .max_by_key(|&(index, worth)| (worth, std::cmp::Reverse(index)))
            .map(|(index, _)| index);
        let sum = |elements: &[Element]| {
            elements.iter().map(Element::lengths).fold((0, 0), |sum, len| (sum.0 + len.0, sum.1 + len.1))
        };
        let lead = anchor.map_or((0, 0), |index| sum(&merged[..index]));
        let max_len = sum(&merged).1;
        let run = FixedRun::longest(&merged);
        Sequence { elements: merged, anchor, lead, max_len, run }
    }

    /// The literal that every match holds, if one is long enough.
    pub fn keyword(&self) -> Option<&[u8]> {
        match &self.elements[self.anchor?] {
            Element::Literal(literal) => Some(literal),
            Element::Run { .. } => None,
        }
    }

    /// The token whose keyword stands at `keyword_at`, or why there is none.
    ///
    /// # Errors
    /// What the attempt that came farthest failed at.
    pub fn match_around(&self, text: &[u8], keyword_at: usize) -> Result<Range<usize>, Misfit> {
        let first = keyword_at.saturating_sub(self.lead.1);
        let cut = Misfit::Short { has: keyword_at, least: self.lead.0 };
        let last = keyword_at.checked_sub(self.lead.0).ok_or(cut)?;
        let mut farthest = Attempt::new(MAX_STEPS);
        for start in first..=last {
            if !self.starts_token(text, start) {
                farthest.ended(start, Misfit::WordBefore);
                continue;
            }
            farthest.steps = MAX_STEPS;
            if let Some(end) = self.forward_through(text, start, keyword_at, &mut farthest) {
                return Ok(start..end);
            }
        }
        Err(match farthest.end() {
            Some((at, Misfit::Literal)) if at == keyword_at => Misfit::Case,
            Some((_, why)) => why,
            None => Misfit::Literal,
        })
    }

    /// The first of `places` where a token may start, as far as its longest run tells: looked at from
    /// its end, most of a text is stepped over. The end of `places` when there is none.
    pub fn next_start(&self, text: &[u8], places: Range<usize>) -> usize {
        let Some(FixedRun { lead, set, min }) = self.run else { return places.start };
        let mut at = places.start;
        while at < places.end {
            let Some(run) = text.get(at + lead..at + lead + min) else { return places.end };
            match run.iter().rposition(|&byte| !set.has(byte)) {
                Some(other) => at += other + 1,
                None => break,
            }
        }
        at
    }

    /// The end of the token that starts at `start`, if there is one.
    pub fn match_from(&self, text: &[u8], start: usize) -> Option<usize> {
        let may_start = match self.elements.first()? {
            Element::Literal(literal) => text.get(start) == literal.first(),
            Element::Run { set, min, .. } => *min == 0 || text.get(start).is_some_and(|&byte| set.has(byte)),
        };
        if !may_start || !self.starts_token(text, start) {
            return None;
        }
        let every = 0..self.elements.len();
        self.forward(every, text, start, &mut Attempt::new(MAX_STEPS), &|end| self.ends_token(text, end))
    }

    fn forward_through(&self, text: &[u8], start: usize, keyword_at: usize, attempt: &mut Attempt) -> Option<usize> {
        let anchor = self.anchor?;
        if anchor == 0 && start != keyword_at {
            return None;
        }
        let accept = |end: usize| self.ends_token(text, end);
        if anchor == 0 {
            return self.forward(0..self.elements.len(), text, start, attempt, &accept);
        }
        // The elements before the anchor must end exactly where it stands.
        self.forward(0..anchor, text, start, attempt, &|end| end == keyword_at)?;
        self.forward(anchor..self.elements.len(), text, keyword_at, attempt, &accept)
    }

    /// Matches a range of the elements at `at`; gives the end of the first accepted way.
    fn forward(
        &self,
        range: Range<usize>,
        text: &[u8],
        at: usize,
        attempt: &mut Attempt,
        accept: &dyn Fn(usize) -> bool,
    ) -> Option<usize> {
        let Some(left) = attempt.steps.checked_sub(1) else {
            attempt.ended(usize::MAX, Misfit::Tangled);
            return None;
        };
        attempt.steps = left;
        let rest_of = range.start + 1..range.end;
        match self.elements[range].first() {
            None if accept(at) => Some(at),
            None => {
                attempt.ended(at, self.misfit_after(text, at));
                None
            }
            Some(Element::Literal(literal)) => {
                if text.get(at..)?.starts_with(literal) {
                    self.forward(rest_of, text, at + literal.len(), attempt, accept)
                } else {
                    attempt.ended(at, Misfit::Literal);
                    None
                }
            }
            Some(Element::Run { set, min, max }) => {
                let rest = text.get(at..)?;
                let run = rest.iter().take(usize::from(*max)).take_while(|&&byte| set.has(byte)).count();
                if run < usize::from(*min) {
                    attempt.ended(at + run, Misfit::in_run(run, usize::from(*min), rest.get(run).copied()));
                    return None;
                }
                (usize::from(*min)..=run)
                    .rev()
                    .find_map(|len| self.forward(rest_of.clone(), text, at + len, attempt, accept))
            }
        }
    }

    /// Why no token ends here.
    fn misfit_after(&self, text: &[u8], end: usize) -> Misfit {
        let next = text.get(end).copied();
        match self.elements.last() {
            Some(Element::Run { set, .. }) if next.is_some_and(|next| set.has(next)) => Misfit::Long,
            _ => Misfit::WordAfter,
        }
    }

    /// Whether a token may start here: not in the middle of a word or of its own alphabet.
    fn starts_token(&self, text: &[u8], start: usize) -> bool {
        let Some(before) = start.checked_sub(1).map(|at| text[at]) else { return true };
        let inside = match &self.elements[0] {
            Element::Literal(literal) => is_word(before) && is_word(literal[0]),
            // What assigns stands before a token more often than inside one.
            Element::Run { set, .. } => set.has(before) && !matches!(before, b'=' | b':') || is_word(before),
        };
        !inside || ends_escape(&text[..start])
    }

    /// Whether a token may end here.
    fn ends_token(&self, text: &[u8], end: usize) -> bool {
        let Some(&next) = text.get(end) else { return true };
        match self.elements.last() {
            Some(Element::Literal(literal)) => !is_word(next) || !is_word(literal[literal.len() - 1]),
            Some(Element::Run { set, .. }) => !set.has(next) && !is_word(next),
            None => false,
        }
    }

    fn sample(&self, random: &mut Random) -> String {
        let mut token = Vec::new();
        for element in &self.elements {
            match element {
                Element::Literal(literal) => token.extend_from_slice(literal),
                Element::Run { set, min, max } => {
                    // Bodies without an upper bound in practice stay short enough to read.
                    let longest = usize::from(*max).min(usize::from(*min) + 40);
                    let len = usize::from(*min) + random.below(longest - usize::from(*min) + 1);
                    let alphabet: Vec<u8> = set.iter().collect();
                    token.extend((0..len).map(|_| alphabet[random.below(alphabet.len())]));
                }
            }
        }
        String::from_utf8_lossy(&token).into_owned()
    }
}

/// How many different bytes a literal has: `AAAAA` stands in every padded blob.
fn distinct(literal: &[u8]) -> usize {
    let mut bytes = literal.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

/// Whether the text ends in an escape (`\n`, `%3D`, `\x3d`, `\u003d`), after which a token may start.
fn ends_escape(text: &[u8]) -> bool {
    let hex = |digits: usize| text.iter().rev().take(digits).filter(|byte| byte.is_ascii_hexdigit()).count() == digits;
    match text {
        [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'0'] => true,
        [.., b'%', _, _] if hex(2) => true,
        [.., b'\\', b'x', _, _] if hex(2) => true,
        [.., b'\\', b'u', _, _, _, _] if hex(4) => true,
        _ => false,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A small generator for samples (xorshift64*, Vigna 2016); not for secrets.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(shape: &str, text: &str) -> Option<String> {
        let shape = Shape::parse(shape).expect("the shape is valid");
        shape.sequences().iter().find_map(|sequence| {
            let keyword = sequence.keyword()?;
            (0..text.len()).filter(|&at| text.as_bytes()[at..].starts_with(keyword)).find_map(|at| {
                let range = sequence.match_around(text.as_bytes(), at).ok()?;
                Some(text[range].to_owned())
            })
        })
    }

    #[test]
    fn fixed_length_token_needs_borders() {
        assert_eq!(find("abc_[digit:4]", "x = 'abc_1234'").as_deref(), Some("abc_1234"));
        assert_eq!(find("abc_[digit:4]", "abc_12345"), None);
        assert_eq!(find("abc_[digit:4]", "xabc_1234"), None);
        assert_eq!(find("abc_[digit:4]", "\\nabc_1234 %3Dabc_9999").as_deref(), Some("abc_1234"));
        assert_eq!(find("abc_[digit:4]", "k%3Dabc_1234").as_deref(), Some("abc_1234"));
    }

    #[test]
    fn misfits_tell_what_does_not_fit() {
        let why = |shape: &str, text: &str| {
            let shape = Shape::parse(shape).expect("the shape is valid");
            let sequence = &shape.sequences()[0];
            let keyword = sequence.keyword().expect("it has one").to_ascii_lowercase();
            let folded = text.to_ascii_lowercase().into_bytes();
            let at = folded.windows(keyword.len()).position(|part| part == keyword).expect("the literal is there");
            sequence.match_around(text.as_bytes(), at).expect_err("it does not fit")
        };
        let short = |has, least| Misfit::Short { has, least };
        assert_eq!(why("abc_[digit:4]", "abc_12"), short(2, 4));
        assert_eq!(why("abc_[digit:4]", "'abc_12'"), short(2, 4));
        assert_eq!(why("abc_[digit:4]", "abc_12x4"), Misfit::Foreign { byte: b'x', has: 2, least: 4 });
        assert_eq!(why("abc_[digit:4]", "abc_12345"), Misfit::Long);
        assert_eq!(why("abc_[digit:2-4]", "abc_123x"), Misfit::WordAfter);
        assert_eq!(why("abc_[digit:4]", "xabc_1234"), Misfit::WordBefore);
        assert_eq!(why("abc_[digit:4]", "ABC_1234"), Misfit::Case);
        assert_eq!(why("abc_[digit:4].x", "abc_1234.y"), Misfit::Literal);
        assert_eq!(why("[digit:3-5]:AAA[hex:2]", "12:AAAff"), short(2, 3));
        assert_eq!(why("[digit:3-5]:AAA[hex:2]", "1234:AAAf"), short(1, 2));
    }

    #[test]
    fn keyword_in_the_middle() {
        assert_eq!(find("[digit:3-5]:AAA[hex:2]", "at 12345:AAAff").as_deref(), Some("12345:AAAff"));
        assert_eq!(find("[digit:3-5]:AAA[hex:2]", "at 12:AAAff"), None);
    }

    #[test]
    fn backtracks_and_alternates() {
        assert_eq!(find("key-[base64url:2-20]_[hex:2]", "key-a_b_ff").as_deref(), Some("key-a_b_ff"));
        assert_eq!(find("(pk|sk)_(live|test)_[digit:2]", "sk_test_42").as_deref(), Some("sk_test_42"));
        assert_eq!(find("tok_[+01:3]", "tok_010").as_deref(), Some("tok_010"));
    }

    #[test]
    fn starts_are_stepped_over_only_where_none_is() {
        for shape in ["[digit:3]", "x[digit:2-4]y", "[upper:1][digit:4].[hex:2]", "[digit:0-3]z", "[hex:2-3][digit:5]"]
        {
            let shape = Shape::parse(shape).expect("the shape is valid");
            let sequence = &shape.sequences()[0];
            for text in ["", "123", "ab 123 x12y", "A1234.ff 99z", "x1234y.abc12345 ab12345", "1234A1234.0a"] {
                let starts = |range: Range<usize>| {
                    range.filter(|&at| sequence.match_from(text.as_bytes(), at).is_some()).collect::<Vec<_>>()
                };
                let mut found = Vec::new();
                let mut at = 0;
                while at < text.len() {
                    at = sequence.next_start(text.as_bytes(), at..text.len());
                    found.extend(starts(at..text.len().min(at + 1)));
                    at += 1;
                }
                assert_eq!(found, starts(0..text.len()), "{text}");
            }
        }
    }

    #[test]
    fn samples_have_their_shape() {
        let shape = Shape::parse("(pk|rk)_[base62:10-20].[uuid]").expect("the shape is valid");
        for seed in 0..200 {
            let sample = shape.sample(seed);
            assert!(shape.matches_whole(sample.as_bytes()), "{sample}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        for bad in ["[digit]", "[nope:3]", "(a", "a)", "[digit:4-2]", "x\\", ""] {
            assert!(Shape::parse(bad).is_err(), "{bad}");
        }
    }
}
