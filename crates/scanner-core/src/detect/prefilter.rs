//! One pass over a text finds every rule's literal, without regard to case.
//!
//! The usual automaton of hundreds of literals follows a chain of dependent loads, a state for each
//! byte. Here four folded bytes are hashed and looked up in a bitmap that fits the first-level
//! cache, independently at every place. Each literal is entered by its rarest four bytes; one of
//! three bytes with every byte that can follow. What the bitmap lets through is compared. It is a
//! filter: a test holds it against the plain search.

/// Bits of the hash: a bitmap of 32 KiB.
const BITS: u32 = 18;
const SLOTS: usize = 1 << BITS;

/// Finds literals.
#[derive(Debug)]
pub struct Prefilter {
    literals: Vec<Box<[u8]>>,
    bitmap: Box<[u64]>,
    /// Slot to 1 + index of its first entry; 0 when none.
    heads: Box<[u32]>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    literal: u32,
    /// Where the window starts in the literal.
    offset: u8,
    next: u32,
}

/// Folds the case of four bytes at once; digits and most marks stay as they are, and what
/// coincides by it is told apart by the comparison.
#[inline]
fn slot(window: u32) -> usize {
    ((window | 0x2020_2020).wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

impl Prefilter {
    /// A filter for literals of three bytes or more.
    pub fn new<'l>(literals: impl IntoIterator<Item = &'l [u8]>) -> Prefilter {
        let mut filter = Prefilter {
            literals: literals.into_iter().map(|literal| literal.to_ascii_lowercase().into()).collect(),
            bitmap: vec![0; SLOTS / 64].into(),
            heads: vec![0; SLOTS].into(),
            entries: Vec::new(),
        };
        for index in 0..filter.literals.len() {
            let literal = filter.literals[index].clone();
            assert!(literal.len() >= 3, "the rule loader refuses shorter keywords");
            filter.enter(index, &literal);
        }
        filter
    }

    /// The literals, folded.
    pub fn literals(&self) -> &[Box<[u8]>] {
        &self.literals
    }

    /// Enters the rarest window of a literal.
    fn enter(&mut self, index: usize, literal: &[u8]) {
        // Windows far inside a long literal would need a wider offset than a byte holds.
        let windows = (0..literal.len().saturating_sub(3)).take(200);
        let best = windows.min_by_key(|&at| literal[at..at + 4].iter().map(|&byte| commonness(byte)).sum::<u32>());
        if let Some(at) = best {
            let window = u32::from_le_bytes([literal[at], literal[at + 1], literal[at + 2], literal[at + 3]]);
            self.put(slot(window), index, at as u8);
            return;
        }
        // Bytes without this bit fold onto one that has it.
        for next in (0..=255u8).filter(|next| next & 0x20 != 0) {
            self.put(slot(u32::from_le_bytes([literal[0], literal[1], literal[2], next])), index, 0);
        }
    }

    fn put(&mut self, slot: usize, literal: usize, offset: u8) {
        let mut at = self.heads[slot];
        while at != 0 {
            let entry = self.entries[at as usize - 1];
            if entry.literal as usize == literal && entry.offset == offset {
                return;
            }
            at = entry.next;
        }
        self.bitmap[slot / 64] |= 1 << (slot % 64);
        self.entries.push(Entry { literal: literal as u32, offset, next: self.heads[slot] });
        self.heads[slot] = self.entries.len() as u32;
    }

    /// Calls `on_hit(literal, start)` once for every place of every literal, nearly in order.
    pub fn scan(&self, text: &[u8], mut on_hit: impl FnMut(usize, usize)) {
        let mut at = 0;
        // Eight bytes hold five windows.
        while at + 8 <= text.len() {
            let bytes: [u8; 8] = text[at..at + 8].try_into().expect("eight bytes are left");
            let word = u64::from_le_bytes(bytes);
            for step in 0..5 {
                self.look(text, at + step, (word >> (8 * step)) as u32, &mut on_hit);
            }
            at += 5;
        }
        while at < text.len() {
            let mut window = [0; 4];
            let rest = &text[at..text.len().min(at + 4)];
            window[..rest.len()].copy_from_slice(rest);
            self.look(text, at, u32::from_le_bytes(window), &mut on_hit);
            at += 1;
        }
    }

    #[inline(always)]
    fn look(&self, text: &[u8], at: usize, window: u32, on_hit: &mut impl FnMut(usize, usize)) {
        let slot = slot(window);
        if self.bitmap[slot / 64] >> (slot % 64) & 1 == 1 {
            self.compare(text, at, slot, on_hit);
        }
    }

    #[inline(never)]
    fn compare(&self, text: &[u8], at: usize, slot: usize, on_hit: &mut impl FnMut(usize, usize)) {
        let mut next = self.heads[slot];
        while next != 0 {
            let entry = self.entries[next as usize - 1];
            next = entry.next;
            let literal = &self.literals[entry.literal as usize];
            let Some(start) = at.checked_sub(usize::from(entry.offset)) else { continue };
            let Some(found) = text.get(start..start + literal.len()) else { continue };
            if found.eq_ignore_ascii_case(literal) {
                on_hit(entry.literal as usize, start);
            }
        }
    }

    /// What [`Prefilter::scan`] must agree with: every literal held against every place.
    pub fn scan_plainly(&self, text: &[u8], mut on_hit: impl FnMut(usize, usize)) {
        for start in 0..text.len() {
            for (index, literal) in self.literals.iter().enumerate() {
                if text[start..].get(..literal.len()).is_some_and(|found| found.eq_ignore_ascii_case(literal)) {
                    on_hit(index, start);
                }
            }
        }
    }
}

/// How often a folded byte stands in source code, roughly, in thousandths. From the letter
/// frequencies of English, with digits and marks placed by eye; it only ranks windows.
fn commonness(byte: u8) -> u32 {
    match byte {
        b'e' => 110,
        b't' => 85,
        b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 65,
        b' ' => 100,
        b'l' | b'c' | b'd' | b'u' | b'p' | b'm' => 35,
        b'f' | b'h' | b'g' | b'b' | b'y' | b'_' | b'-' | b'.' | b'/' | b'"' => 20,
        b'0' | b'1' | b'v' | b'w' | b'k' | b'x' => 10,
        _ => 5,
    }
}

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

    proptest! {
        #[test]
        fn agrees_with_the_plain_search(text in "[abkxotenyAKI_\\-ghp ]{0,60}") {
            let (fast, plain) = both(LITERALS, text.as_bytes());
            prop_assert_eq!(fast, plain);
        }
    }
}
