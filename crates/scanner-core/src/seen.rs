//! Which parts of a file's versions were looked at: most of what one version inserts stood in another.
//!
//! A version is stored as what differs from one other, which is not the one before it, so the same lines are
//! inserted again and again. Texts are cut into blocks where their lines say so, not at fixed places; a block
//! that stood in another version with the same text around it holds nothing new.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Sets that are locked each for itself.
const SHARDS: usize = 64;

/// Bytes of a block at the least: lines in it are not looked at.
const MIN_BLOCK: usize = 256;

/// A line in so many ends a block, after those: some half a thousand bytes.
const LINES: u64 = 8;

/// Bytes of a block at the most: lines of data may be of any length.
const MAX_BLOCK: usize = 4096;

/// Bytes around a part in which the blocks are that it is told by.
const BACK: usize = 3 << 10;

/// Odd, with its bits well mixed: the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// What of the versions of files was looked at: blocks of their texts, as hashes of them with what stands around,
/// under a key that nobody knows. With 64 bits two of ten million are equal by chance once in some hundred thousand scans.
#[derive(Debug)]
pub struct Seen {
    key: u64,
    shards: Vec<Mutex<Hashes>>,
}

type Hashes = HashSet<u64, BuildHasherDefault<Same>>;

/// The hash of a hash is itself.
#[derive(Debug, Default)]
struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = self.0 << 8 | u64::from(byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Default for Seen {
    fn default() -> Seen {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Seen { key: RandomState::new().hash_one(0) | 1, shards }
    }
}

impl Seen {
    /// What of some parts of a file (in order, apart) did not stand in another version of it with the same text for
    /// `around` bytes on both sides; from now on it did.
    pub(crate) fn take_new(&self, path: &str, text: &str, parts: &[Range<usize>], around: usize) -> Vec<Range<usize>> {
        let file = self.hash(path.as_bytes());
        let text = text.as_bytes();
        let mut new = Vec::new();
        let mut rest = parts;
        while let Some(first) = rest.first() {
            // Parts that share blocks.
            let count = 1 + rest.windows(2).take_while(|pair| pair[1].start <= pair[0].end + 2 * BACK).count();
            let (parts, after) = rest.split_at(count);
            rest = after;
            let end = parts.last().map_or(first.end, |last| last.end);
            let window = first.start.saturating_sub(BACK)..(end + BACK).min(text.len());
            let blocks = self.new_blocks(file, text, window, parts, around);
            new.extend(blocks.iter().flat_map(|block| common(parts, block)));
        }
        merged(new.into_iter())
    }

    /// The blocks of a window that meet some parts and are new, and what of the window belongs to no block.
    fn new_blocks(
        &self,
        file: u64,
        text: &[u8],
        window: Range<usize>,
        parts: &[Range<usize>],
        around: usize,
    ) -> Vec<Range<usize>> {
        let borders = borders(text, &window);
        let (Some(&first), Some(&last)) = (borders.first(), borders.last()) else { return vec![window] };
        let hashes: Vec<u64> = borders.windows(2).map(|pair| self.hash(&text[pair[0]..pair[1]])).collect();
        let mut new = Vec::with_capacity(hashes.len());
        new.push(window.start..first);
        // The blocks that a block is told by stand from `low` to before `high`.
        let (mut low, mut high) = (0, 0);
        for (at, pair) in borders.windows(2).enumerate() {
            let block = pair[0]..pair[1];
            if !touch(parts, &block) {
                continue;
            }
            let reach = block.start.saturating_sub(around)..block.end.saturating_add(around).min(text.len());
            while borders[low + 1] <= reach.start {
                low += 1;
            }
            while high < hashes.len() && borders[high] < reach.end {
                high += 1;
            }
            let is_known = borders[low] <= reach.start && borders[high] >= reach.end;
            let key = hashes[low..high].iter().fold(file ^ (at - low) as u64, |key, &hash| mixed(key, hash));
            if !is_known || self.insert(key) {
                new.push(block);
            }
        }
        new.push(last..window.end);
        new
    }

    /// Whether a hash is new.
    fn insert(&self, hash: u64) -> bool {
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        shard.lock().unwrap_or_else(PoisonError::into_inner).insert(hash)
    }

    fn hash(&self, bytes: &[u8]) -> u64 {
        let (words, rest) = bytes.as_chunks::<16>();
        let mut hash = self.key ^ bytes.len() as u64;
        for word in words {
            let (left, right) = word.split_at(8);
            let number = |half: &[u8]| u64::from_le_bytes(half.try_into().expect("it has eight bytes"));
            hash = mixed(hash ^ number(left), self.key.rotate_left(32) ^ number(right));
        }
        let mut last = [0; 16];
        last[..rest.len()].copy_from_slice(rest);
        let last = u128::from_le_bytes(last);
        mixed(hash ^ last as u64, self.key.rotate_left(32) ^ (last >> 64) as u64)
    }
}

/// Both halves of a product, in which each bit depends on all of both numbers.
fn mixed(one: u64, other: u64) -> u64 {
    let product = u128::from(one ^ GOLDEN) * u128::from(other ^ GOLDEN.rotate_left(23));
    product as u64 ^ (product >> 64) as u64
}

/// Where blocks start and end in a window of a text. A block ends where the lines around say so by some of their
/// letters, and so at the same lines in all versions.
fn borders(text: &[u8], window: &Range<usize>) -> Vec<usize> {
    let mut borders = Vec::with_capacity(window.len() / (MAX_BLOCK / 16) + 2);
    if window.start == 0 {
        borders.push(0);
    }
    let mut border = |at: usize| {
        while let Some(last) = borders.last().filter(|&&last| at - last > MAX_BLOCK) {
            borders.push(last + MAX_BLOCK);
        }
        borders.push(at);
    };
    let mut at = window.start;
    while let Some(newline) = memchr::memchr(b'\n', &text[at..window.end]) {
        at += newline + 1;
        if at < text.len() && ends_block(text, at) {
            border(at);
            at = (at + MIN_BLOCK).min(window.end);
        }
    }
    if window.end == text.len() {
        border(text.len());
    }
    borders
}

/// Whether a block ends before the line that starts at a place.
fn ends_block(text: &[u8], at: usize) -> bool {
    const BEFORE: usize = 4;
    let start = at.saturating_sub(BEFORE);
    let mut letters = [0; 16];
    let near = &text[start..(start + 16).min(text.len())];
    letters[..near.len()].copy_from_slice(near);
    let letters = u128::from_le_bytes(letters);
    mixed(letters as u64, (letters >> 64) as u64).is_multiple_of(LINES)
}

/// What a range has in common with parts.
pub(crate) fn common<'p>(
    parts: &'p [Range<usize>],
    range: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'p> {
    let (start, end) = (range.start, range.end);
    let first = parts.partition_point(|part| part.end <= start);
    let meeting = parts[first..].iter().take_while(move |part| part.start < end);
    meeting.map(move |part| part.start.max(start)..part.end.min(end))
}

/// Whether a range meets one of some that are in order.
pub(crate) fn touch(parts: &[Range<usize>], range: &Range<usize>) -> bool {
    let first = parts.partition_point(|part| part.end < range.start);
    parts.get(first).is_some_and(|part| part.start <= range.end)
}

/// Runs in order, those joined that meet.
pub(crate) fn merged(runs: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match all.last_mut() {
            Some(last) if run.start <= last.end => last.end = last.end.max(run.end),
            _ => all.push(run),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_meet() {
        let parts = [2..4, 8..8, 10..20];
        let touches = |range: Range<usize>| touch(&parts, &range);
        assert!(touches(4..5) && touches(0..2) && touches(8..9) && touches(7..30) && touches(15..16));
        assert!(!touches(0..1) && !touches(5..7) && !touches(9..9) && !touches(21..22));
    }

    fn line(number: usize) -> String {
        format!("{} is line {number} of the text\n", number.wrapping_mul(7919) % 1000)
    }

    fn text(lines: impl Iterator<Item = usize>) -> String {
        lines.map(line).collect()
    }

    /// The whole of a text, as parts.
    fn all(text: &str) -> Vec<Range<usize>> {
        std::iter::once(0..text.len()).collect()
    }

    #[test]
    fn what_stood_in_another_version_is_not_new() {
        let seen = Seen::default();
        let first = text(0..1000);
        assert_eq!(seen.take_new("a", &first, &all(&first), 100), all(&first), "all of the first version");
        assert!(seen.take_new("a", &first, &all(&first), 100).is_empty(), "nothing of the same text");
        assert_eq!(seen.take_new("b", &first, &all(&first), 100), all(&first), "another file");
        let second = text((0..500).chain(5000..5001).chain(500..1000));
        let new = seen.take_new("a", &second, &all(&second), 100);
        let at = second.find(&line(5000)).expect("it is there");
        assert!(new.len() == 1 && new[0].start + 100 <= at && at + 100 < new[0].end, "{new:?}");
        assert!(new[0].len() < 3 * MAX_BLOCK, "{new:?}");
        let third = text((0..250).chain(600..1000));
        let new = seen.take_new("a", &third, &all(&third), 100);
        assert!(new.len() == 1 && new[0].len() < 3 * MAX_BLOCK, "what was taken out leaves other neighbours: {new:?}");
    }

    #[test]
    fn only_parts_that_are_asked_for() {
        let seen = Seen::default();
        let text = text(0..5000);
        let parts = [100..200, 300..301, 90_000..90_100];
        assert_eq!(seen.take_new("a", &text, &parts, 100), parts);
        assert!(seen.take_new("a", &text, &parts, 100).is_empty());
        assert!(seen.take_new("a", "", &[], 100).is_empty());
    }

    #[test]
    fn lines_of_any_length() {
        let seen = Seen::default();
        let long = "x".repeat(3 * MAX_BLOCK + 1);
        assert_eq!(seen.take_new("a", &long, &all(&long), 700), all(&long));
        assert!(seen.take_new("a", &long, &all(&long), 700).is_empty());
        // Where a block starts is not told by what stands there: it is looked at each time.
        let part: Vec<Range<usize>> = std::iter::once(20 * MAX_BLOCK..20 * MAX_BLOCK + 1).collect();
        let longer = "x".repeat(40 * MAX_BLOCK);
        assert_eq!(seen.take_new("a", &longer, &part, 700), part);
        assert_eq!(seen.take_new("a", &longer, &part, 700), part);
    }
}
