//! GitHub code scanning's `primaryLocationLineHash`, by which it knows an alert again when its line moves.

use std::collections::HashMap;

/// Retained code units that a line's hash covers, from the line's first one on.
const WINDOW: usize = 100;
/// The factor of the rolling hash.
const FACTOR: u64 = 37;
/// `FACTOR` to the power of `WINDOW`: the weight with which a unit leaves the window.
const LEAVING: u64 = FACTOR.wrapping_pow(WINDOW as u32);
/// Stands behind the last unit of a file.
const END: u16 = u16::MAX;

const TAB: u16 = b'\t' as u16;
const LF: u16 = b'\n' as u16;
const CR: u16 = b'\r' as u16;
const SPACE: u16 = b' ' as u16;

/// The hash of each of `lines` (from 1) of `text` as `hex:count`, in the order asked for; empty for
/// a line that the text does not have.
///
/// Spaces and tabs do not count, all line ends count alike, and a byte order mark is a part of line
/// 1. `count` is the line's number among those of the same hash, from the file's start.
pub fn line_hashes(text: &str, lines: &[u32]) -> Vec<String> {
    let last = lines.iter().copied().max().unwrap_or(0);
    let hashes = hash_lines(text, last as usize);
    let at = |line: u32| line.checked_sub(1).and_then(|index| hashes.get(index as usize)).copied();
    let mut counts: HashMap<u64, u32> = lines.iter().filter_map(|&line| at(line)).map(|hash| (hash, 0)).collect();
    let mut wanted: HashMap<usize, String> = lines.iter().map(|&line| (line as usize, String::new())).collect();
    for (index, hash) in hashes.iter().enumerate() {
        let Some(count) = counts.get_mut(hash) else { continue };
        *count += 1;
        if let Some(shown) = wanted.get_mut(&(index + 1)) {
            *shown = format!("{hash:x}:{count}");
        }
    }
    lines.iter().map(|&line| wanted[&(line as usize)].clone()).collect()
}

/// The hashes of the first `last` lines.
fn hash_lines(text: &str, last: usize) -> Vec<u64> {
    let mut roller = Roller::new(last);
    let mut after_cr = false;
    for unit in text.encode_utf16() {
        let dropped = matches!(unit, SPACE | TAB) || (after_cr && unit == LF);
        after_cr = unit == CR;
        if !dropped {
            roller.push(if unit == CR { LF } else { unit });
        }
        if roller.hashes.len() >= last {
            return roller.hashes;
        }
    }
    roller.push(END);
    roller.flush();
    roller.hashes
}

/// The rolling hash over the last `WINDOW` units.
struct Roller {
    units: [u16; WINDOW],
    /// Whether the unit in this slot is the first of a line whose hash is not known yet.
    starts: [bool; WINDOW],
    at: usize,
    hash: u64,
    line_start: bool,
    /// Of the lines so far, in order.
    hashes: Vec<u64>,
    last: usize,
}

impl Roller {
    fn new(last: usize) -> Roller {
        Roller {
            units: [0; WINDOW],
            starts: [false; WINDOW],
            at: 0,
            hash: 0,
            line_start: true,
            hashes: Vec::new(),
            last,
        }
    }

    fn push(&mut self, unit: u16) {
        self.emit();
        self.starts[self.at] = self.line_start;
        self.line_start = unit == LF;
        self.roll(unit);
    }

    /// The window holds exactly the units from the oldest slot on: if that slot starts a line, this
    /// is the line's hash.
    fn emit(&mut self) {
        if std::mem::take(&mut self.starts[self.at]) && self.hashes.len() < self.last {
            self.hashes.push(self.hash);
        }
    }

    fn roll(&mut self, unit: u16) {
        let leaving = LEAVING.wrapping_mul(u64::from(self.units[self.at]));
        self.hash = FACTOR.wrapping_mul(self.hash).wrapping_add(u64::from(unit)).wrapping_sub(leaving);
        self.units[self.at] = unit;
        self.at = (self.at + 1) % WINDOW;
    }

    fn flush(&mut self) {
        for _ in 0..WINDOW {
            self.emit();
            self.roll(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line_hashes;
    use crate::span::LineIndex;

    /// Every line of `text`.
    fn all(text: &str) -> String {
        let lines: Vec<u32> = (1..=LineIndex::new(text).count()).collect();
        line_hashes(text, &lines).join(" ")
    }

    #[test]
    fn published_vectors() {
        assert_eq!(all(""), "c129715d7a2bc9a3:1");
        assert_eq!(
            all(" a\nb\n  \t\tc\n d"),
            "271789c17abda88f:1 54703d4cd895b18:1 180aee12dab6264:1 a23a3dc5e078b07b:1"
        );
        assert_eq!(
            all(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"),
            "8b7cf3e952e7aeb2:1 b1ae1287ec4718d9:1 bff680108adb0fcc:1 c6805c5e1288b612:1 b86d3392aea1be30:1 e6ceba753e1a442:1"
        );
    }

    #[test]
    fn published_vectors_of_line_ends() {
        let expected = "e9496ae3ebfced30:1 fb7c023a8b9ccb3f:1 ce8ba1a563dcdaca:1 e20e36e16fcb0cc8:1 b3edc88f2938467e:1 \
                        c8e28b0b4002a3a0:1 c129715d7a2bc9a3:1";
        assert_eq!(all(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n"), expected);
        assert_eq!(all(" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r"), expected);
        assert_eq!(all(" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n"), expected);
        assert_eq!(all(" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n"), expected);
    }

    #[test]
    fn published_vectors_of_equal_lines() {
        assert_eq!(
            all(&"Lorem ipsum dolor sit amet.\n".repeat(10)),
            "a7f2ff13bc495cf2:1 a7f2ff13bc495cf2:2 a7f2ff13bc495cf2:3 a7f2ff13bc495cf2:4 a7f2ff13bc495cf2:5 \
             a7f2ff13bc495cf2:6 a7f2ff1481e87703:1 a9cf91f7bbf1862b:1 55ec222b86bcae53:1 cc97dc7b1d7d8f7b:1 \
             c129715d7a2bc9a3:1"
        );
    }

    #[test]
    fn wanted_lines_only_in_the_order_asked_for() {
        let text = "Lorem ipsum dolor sit amet.\n".repeat(10);
        assert_eq!(line_hashes(&text, &[7, 6]), ["a7f2ff1481e87703:1", "a7f2ff13bc495cf2:6"]);
        assert_eq!(line_hashes(&text, &[6, 6]), ["a7f2ff13bc495cf2:6", "a7f2ff13bc495cf2:6"]);
        assert_eq!(line_hashes(&text, &[12, 0]), ["", ""]);
        assert!(line_hashes(&text, &[]).is_empty());
    }

    #[test]
    fn surrogate_pairs_count_as_two_units() {
        // 99 units behind the line start, so the window's last unit is the pair's second half.
        let long = format!("{}😀x", "a".repeat(98));
        let other = format!("{}😀y", "a".repeat(98));
        let longer = format!("{}😁x", "a".repeat(98));
        assert_eq!(line_hashes(&long, &[1]), line_hashes(&other, &[1]));
        assert_ne!(line_hashes(&long, &[1]), line_hashes(&longer, &[1]));
    }
}
