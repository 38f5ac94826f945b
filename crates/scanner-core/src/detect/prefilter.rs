//! Finds where any of many literals stands, ignoring ASCII case: one pass over the bytes.
//!
//! The usual automaton of hundreds of literals follows a chain of dependent loads, a state for each
//! byte. Here three folded bytes are hashed and looked up in a table that says which fourth byte
//! may follow, independently at every place and without a branch; the compiler makes vector code of
//! all but the look-up. What passes is asked of a bitmap of four bytes, again without a branch: a
//! wrong guess costs as much as looking at twenty places. Each literal is entered by its rarest
//! window, and where that can be by one that shares no entry of the table; what is left is compared.
//! It is a filter: a test holds it against the plain search.

use super::trigram::surprise_of;
use std::borrow::Cow;

/// Odd multipliers for the three bytes of a window. Any will do that spread; these are digits of
/// the golden ratio and of two primes of xxHash.
const MULTIPLIERS: [u16; 3] = [0x9E37, 0x85EB, 0xC2B3];
/// Sets the case bit of a byte; digits and most marks have it already, and what coincides by it is
/// told apart by the comparison.
const FOLD: u8 = 0x20;
const FOLD_EIGHT: u64 = u64::from_le_bytes([FOLD; 8]);
/// Places that are looked at together.
const BLOCK: usize = 256;
/// Places whose bits make a number.
const GROUP: usize = 64;
/// Multiplier for the hash of four bytes: as [`MULTIPLIERS`].
const WIDE_MULTIPLIER: u32 = 0x9E37_79B1;
const FOLD_FOUR: u32 = u32::from_le_bytes([FOLD; 4]);
/// Moves the lowest bits of eight bytes next to one another, into the highest byte.
const TOGETHER: u64 = 0x0102_0408_1020_4080;
/// In the table: any byte may follow.
const ANY: u8 = u8::MAX;

/// Finds literals. Its tables are made when the program is built, or when a scan has rules of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefilter {
    /// The literals, folded, one behind the other.
    pub bytes: Cow<'static, [u8]>,
    /// Where each of them ends.
    pub ends: Cow<'static, [u32]>,
    /// By hash: the folded byte that must follow a window, `0xFF` for any, or 0 when no literal is entered.
    pub follow: Cow<'static, [u8]>,
    /// Bits by the hash of a window with its fourth byte: asked before the entries, which lie far.
    pub windows: Cow<'static, [u8]>,
    /// Where the entries of a hash begin, in four bytes from the lowest; one more than there are hashes.
    pub starts: Cow<'static, [u8]>,
    /// By hash.
    pub entries: Cow<'static, [Entry]>,
}

/// A literal under the hash of one of its windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The literal's first bytes, folded, up to eight: told apart without reading the literal.
    pub start: u64,
    /// Which of eight they are.
    pub start_mask: u64,
    /// Of the window.
    pub hash: u16,
    /// Index of the literal.
    pub literal: u32,
    /// Where the window starts in the literal.
    pub offset: u8,
}

/// Entries of [`Prefilter::follow`].
const HASHES: usize = 1 << 16;
/// Bytes of [`Prefilter::windows`].
const WINDOWS: usize = 1 << 15;

/// Hash of three bytes, whatever their case.
#[inline(always)]
fn hash(window: [u8; 3]) -> u16 {
    let term = |place: usize| u16::from(window[place] | FOLD).wrapping_mul(MULTIPLIERS[place]);
    term(0).wrapping_add(term(1)).wrapping_add(term(2))
}

/// Byte and bit of four folded bytes in [`Prefilter::windows`].
#[inline(always)]
fn bit_of(window: u32) -> (usize, u32) {
    let hash = (window | FOLD_FOUR).wrapping_mul(WIDE_MULTIPLIER);
    ((hash >> 17) as usize, hash >> 14 & 7)
}

impl Prefilter {
    /// A filter for literals of three bytes or more.
    pub fn new<'l>(literals: impl IntoIterator<Item = &'l [u8]>) -> Prefilter {
        let literals: Vec<Vec<u8>> = literals.into_iter().map(<[u8]>::to_ascii_lowercase).collect();
        let mut follow = vec![0; HASHES];
        let mut windows = vec![0; WINDOWS];
        let mut starts = vec![0u32; HASHES + 1];
        // The shortest have the least choice.
        let mut order: Vec<usize> = (0..literals.len()).collect();
        order.sort_by_key(|&index| literals[index].len());
        let mut entered = Vec::with_capacity(literals.len());
        for index in order {
            let entry = Entry::new(index, &literals[index], &follow);
            let window = &literals[index][usize::from(entry.offset)..];
            let fourths = window.get(3).map_or(0..=u8::MAX, |&byte| byte..=byte);
            for fourth in fourths {
                let (byte, bit) = bit_of(u32::from_le_bytes([window[0], window[1], window[2], fourth]));
                windows[byte] |= 1 << bit;
            }
            let slot = &mut follow[usize::from(entry.hash)];
            *slot = merged(*slot, window);
            starts[usize::from(entry.hash)] += 1;
            entered.push(entry);
        }
        // Sorted by hash: from where each hash ends, its entries are put one before the other.
        (0..HASHES).for_each(|at| starts[at + 1] += starts[at]);
        let mut entries = entered.clone();
        for entry in entered.into_iter().rev() {
            let start = &mut starts[usize::from(entry.hash)];
            *start -= 1;
            entries[*start as usize] = entry;
        }
        let ends = literals.iter().scan(0, |end, literal| {
            *end += literal.len() as u32;
            Some(*end)
        });
        Prefilter {
            ends: ends.collect(),
            bytes: literals.concat().into(),
            follow: follow.into(),
            windows: windows.into(),
            starts: starts.into_iter().flat_map(u32::to_le_bytes).collect(),
            entries: entries.into(),
        }
    }

    /// A literal, folded.
    pub fn literal(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    /// Calls `on_hit(literal, start)` once for every place of every literal, nearly in order.
    pub fn scan(&self, text: &[u8], mut on_hit: impl FnMut(usize, usize)) {
        let tables = self.follow.first_chunk::<HASHES>().zip(self.windows.first_chunk::<WINDOWS>());
        let (follow, windows) = tables.expect("they are made of this size");
        if self.ends.is_empty() {
            return;
        }
        let mut at = 0;
        let mut hashes = [0; BLOCK];
        let mut passed = [0u8; BLOCK];
        let mut left = [0; BLOCK];
        let mut rest = [0; BLOCK + 3];
        while at < text.len() {
            let block: &[u8; BLOCK + 3] = text[at..].first_chunk().unwrap_or_else(|| {
                let (end, behind) = rest.split_at_mut((text.len() - at).min(BLOCK + 3));
                end.copy_from_slice(&text[at..]);
                behind.fill(0);
                &rest
            });
            let (first, second, third) = (&block[..BLOCK], &block[1..=BLOCK], &block[2..BLOCK + 2]);
            for (place, hash_at) in hashes.iter_mut().enumerate() {
                *hash_at = hash([first[place], second[place], third[place]]);
            }
            for (pass, &hash) in passed.iter_mut().zip(&hashes) {
                *pass = follow[usize::from(hash)];
            }
            for (pass, &next) in passed.iter_mut().zip(&block[3..]) {
                *pass = u8::from(*pass == next | FOLD) | u8::from(*pass == ANY);
            }
            let mut count = 0;
            for (group, passed) in passed.chunks_exact(GROUP).enumerate() {
                let mut bits = passed.chunks_exact(8).rev().fold(0, |bits, eight| {
                    let eight = u64::from_le_bytes(eight.try_into().expect("chunks of eight"));
                    bits << 8 | eight.wrapping_mul(TOGETHER) >> 56
                });
                while bits != 0 {
                    let place = group * GROUP + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let window = [block[place], block[place + 1], block[place + 2], block[place + 3]];
                    let (byte, bit) = bit_of(u32::from_le_bytes(window));
                    // Without a branch: neither outcome is usual.
                    left[count % BLOCK] = place;
                    count += usize::from(windows[byte] >> bit & 1);
                }
            }
            for &place in &left[..count] {
                self.compare(text, at + place, hashes[place], &mut on_hit);
            }
            at += BLOCK;
        }
    }

    /// Holds the literals entered under a hash against a place.
    fn compare(&self, text: &[u8], at: usize, hash: u16, on_hit: &mut impl FnMut(usize, usize)) {
        let starts = self.starts.as_chunks::<4>().0;
        let start = |hash: usize| u32::from_le_bytes(starts[hash]) as usize;
        let range = start(usize::from(hash))..start(usize::from(hash) + 1);
        for entry in &self.entries[range] {
            let Some(start) = at.checked_sub(usize::from(entry.offset)) else { continue };
            // What passed may lie behind the text's end.
            let Some(rest) = text.get(start..) else { continue };
            if let Some(&bytes) = rest.first_chunk::<8>()
                && (u64::from_le_bytes(bytes) | FOLD_EIGHT) & entry.start_mask != entry.start
            {
                continue;
            }
            let literal = self.literal(entry.literal as usize);
            if rest.get(..literal.len()).is_some_and(|found| found.eq_ignore_ascii_case(literal)) {
                on_hit(entry.literal as usize, start);
            }
        }
    }

    /// What [`Prefilter::scan`] must agree with: a search for every literal.
    pub fn scan_plainly(&self, text: &[u8], mut on_hit: impl FnMut(usize, usize)) {
        let folded = text.to_ascii_lowercase();
        for index in 0..self.ends.len() {
            let finder = memchr::memmem::Finder::new(self.literal(index));
            let mut from = 0;
            while let Some(at) = finder.find(&folded[from..]) {
                on_hit(index, from + at);
                from += at + 1;
            }
        }
    }
}

impl Entry {
    /// Enters a literal by its rarest window.
    fn new(literal: usize, bytes: &[u8], follow: &[u8]) -> Entry {
        assert!(bytes.len() >= 3, "the rule loader refuses shorter keywords");
        // Windows far inside a long literal would need a wider offset than a byte holds.
        let len = bytes.len().min(4);
        let windows = bytes.windows(len).enumerate().take(200);
        let thirds: Vec<i32> = bytes.windows(3).map(third).collect();
        let cost = |&(at, window): &(usize, &[u8])| {
            let slot = follow[usize::from(hash([window[0], window[1], window[2]]))];
            // Where windows share a slot that go on differently, all that go on otherwise pass too.
            let merges = slot != ANY && merged(slot, window) == ANY;
            let further = if merges || len == 3 { 1 } else { 2 };
            pair(window) + thirds[at..at + further].iter().sum::<i32>()
        };
        let rarest = windows.min_by_key(cost);
        let (offset, window) = rarest.expect("a literal of three bytes has a window");
        let (mut start, mut start_mask) = ([0; 8], [0; 8]);
        for ((byte, mask), &own) in start.iter_mut().zip(&mut start_mask).zip(bytes) {
            (*byte, *mask) = (own | FOLD, u8::MAX);
        }
        Entry {
            start: u64::from_le_bytes(start),
            start_mask: u64::from_le_bytes(start_mask),
            hash: hash([window[0], window[1], window[2]]),
            literal: literal as u32,
            offset: offset as u8,
        }
    }
}

/// What the table says of a slot once a window is entered there, too.
fn merged(slot: u8, window: &[u8]) -> u8 {
    let next = window.get(3).map_or(ANY, |&byte| byte | FOLD);
    if slot == 0 || slot == next { next } else { ANY }
}

/// How often the second of two bytes follows the first in source code, as a logarithm in sixteenths of a
/// bit.
fn pair(bytes: &[u8]) -> i32 {
    // Letters stand for numbers of two thirds of a bit.
    i32::from(PAIRS[class(bytes[0])][class(bytes[1])] - b'a') * 32 / 3
}

/// How often the third of three bytes follows the others, likewise.
fn third(bytes: &[u8]) -> i32 {
    // The table knows all marks as one.
    let mark = match class(bytes[2]) {
        27 | 28 => 16,
        29 => 32,
        _ => 0,
    };
    -(i32::from(surprise_of([bytes[0], bytes[1], bytes[2]])) + mark)
}

/// The row and column of a byte in [`PAIRS`].
fn class(byte: u8) -> usize {
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => usize::from(letter - b'a'),
        b'0'..=b'9' => 26,
        b'_' => 27,
        b' ' => 28,
        _ => 29,
    }
}

/// How often a byte of a class stands after one of another: for each of them, 1.5 times the binary
/// logarithm of the share, as a letter. Rows and columns are the letters of the alphabet, digits,
/// `_`, blank, and all others. Counted over 60 MB of Go, Python and Rust source.
const PAIRS: [&[u8; 30]; 30] = [
    b"fjllfikcjainmnbkcnmokijhigeigc",
    b"jfhfkfcakhakdcjdaihfjabajbfeic",
    b"mfifmiflialkhengbkimifcbgafkgc",
    b"kghkngidlbahfejgejjgieefgafjie",
    b"mimmjljehbfmlngkjoonfjjlibflkg",
    b"keghkkhalaakgilfajiikbcaeaehid",
    b"hcfcmefhiaaheijeajkghcbbbacjgc",
    b"lbdembbakaadfbjccgfifacacbahfb",
    b"jilljmkadaellpmjbjmmajahajbfda",
    b"caaagaaaaaaaaafaaagadaaaaaaaaa",
    b"hccclceahaaceecdachdeadaaaaheb",
    b"lefjnlecmadleemfbfkkkfeaiacihc",
    b"mheimdcbjacgieklbdihjbaadachfb",
    b"lelmmjmdkahjgimhbgnoiieahbakjd",
    b"jillgkiaidiklojlanklljjecaaigb",
    b"mdhgmedgiaekfdljbljkmfdaiacifc",
    b"aadaaaaaaaadcaaaabcajaaaaaadba",
    b"mfkioikcmahhjlmgclllkiedjacjif",
    b"kfkgoggkmaihhgkjehlokdgdkcdkjf",
    b"mfkhohfnnadihfmjcnlklfghmcglkf",
    b"hmjhlhhalaakjmejamllaaajabgdaa",
    b"ldfglebdjaaffcghdefeaddeaadjcb",
    b"jcddibbijaaddghdaijdbebaaaafca",
    b"iiigigadiaaefadiadfjbcadbajgfb",
    b"dddcfdcbeaafihelafjjdcdaabajgc",
    b"eacajaaacaaaaagaacaaaaaabcaaaa",
    b"eeeeefaaaaaabaaaaaababajaahedc",
    b"jkjijjhgkcgjjjikejkkjigeadgkca",
    b"jijhiifgjcdhhiiibjjkihgfebghme",
    b"ececcdbaeaabccbeadedcdacaaaagd",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Hits = Vec<(usize, usize)>;

    fn both(literals: &[&str], text: &[u8]) -> (Hits, Hits) {
        let filter = Prefilter::new(literals.iter().map(|literal| literal.as_bytes()));
        let (mut fast, mut plain) = (Vec::new(), Vec::new());
        filter.scan(text, |literal, at| fast.push((literal, at)));
        filter.scan_plainly(text, |literal, at| plain.push((literal, at)));
        fast.sort_unstable();
        plain.sort_unstable();
        (fast, plain)
    }

    const LITERALS: &[&str] = &["key", "AKIA", "ghp_", "token", "password", "a-b", "xox", "begin private key"];

    #[test]
    fn finds_at_every_place() {
        for literal in LITERALS {
            for lead in 0..9 {
                for tail in 0..9 {
                    let text = format!("{}{literal}{}", "#".repeat(lead), "\u{e9}".repeat(tail));
                    let (fast, plain) = both(LITERALS, text.as_bytes());
                    assert_eq!(fast, plain, "{text}");
                    assert!(!fast.is_empty(), "{text}");
                }
            }
        }
    }

    #[test]
    fn blocks_join_and_the_last_is_padded() {
        for lead in (0..2 * BLOCK + 8).step_by(3) {
            for tail in [0, 1, 2, 3, BLOCK] {
                let text = format!("{}tokenkey   {}", ".".repeat(lead), "x".repeat(tail));
                let (fast, plain) = both(&["token", "key", "y   ", "   "], text.as_bytes());
                assert_eq!(fast, plain, "{lead} {tail}");
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_search(text in "[abkxotenyAKI_\\-ghp ]{0,60}") {
            let (fast, plain) = both(LITERALS, text.as_bytes());
            prop_assert_eq!(fast, plain);
        }
    }
}
