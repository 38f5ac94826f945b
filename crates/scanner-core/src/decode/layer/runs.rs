//! Finds long runs of base64 characters: at nearly the speed of reading where there are none.

use std::ops::Range;

/// Shorter runs are words and names; eighteen bytes of text are the least that is worth decoding
/// where nothing says that it is encoded.
pub(super) const MIN_RUN: usize = 24;

const fn class() -> [bool; 256] {
    let mut class = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let value = byte as u8;
        class[byte] = value.is_ascii_alphanumeric() || matches!(value, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    class
}

/// Which bytes are base64 or base64url, padding aside.
pub(super) static CLASS: [bool; 256] = class();

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// Which bytes of a block are of the class, a bit for each.
#[inline(always)]
fn members(block: &[u8; BLOCK]) -> u64 {
    let mut flags = [0u8; BLOCK];
    // Without branches and look-ups, so that the compiler makes vector code of it.
    for (flag, &byte) in flags.iter_mut().zip(block) {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        let digit = byte.wrapping_sub(b'/') < 11;
        *flag = u8::from(letter | digit | (byte == b'+') | (byte == b'-') | (byte == b'_'));
    }
    // Multiplied so, the eighth byte of a word gathers the lowest bit of each.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let words = flags.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56);
    words.enumerate().fold(0, |bits, (at, word)| bits | word << (at * 8))
}

/// Calls `on_run` for every run of [`MIN_RUN`] bytes or more, in order.
pub(super) fn find(bytes: &[u8], mut on_run: impl FnMut(Range<usize>)) {
    let mut at = 0;
    // What lies before was looked at.
    let mut floor = 0;
    // Bytes of the class that the block before ends with.
    let mut before = 0;
    while let Some(block) = bytes[at..].first_chunk::<BLOCK>() {
        let members = members(block);
        // Where two, four, eight, and so many as are wanted follow each other.
        let two = members & members >> 1;
        let four = two & two >> 2;
        let eight = four & four >> 4;
        let starts = eight & eight >> 8 & eight >> (MIN_RUN - 8);
        let across = before + members.trailing_ones() as usize;
        if starts == 0 && across < MIN_RUN {
            at += BLOCK;
            before = members.leading_ones() as usize;
            continue;
        }
        let start = if across >= MIN_RUN { at - before } else { at + starts.trailing_zeros() as usize };
        let end = run_end(bytes, start + MIN_RUN);
        (at, before) = ((end + 1).min(bytes.len()), 0);
        floor = at;
        on_run(start..end);
    }
    // The last block, and what the one before it ends with.
    at = at.saturating_sub(MIN_RUN).max(floor);
    while at < bytes.len() {
        let end = run_end(bytes, at);
        if end - at >= MIN_RUN {
            on_run(at..end);
        }
        at = end + 1;
    }
}

/// Where the run that starts at `at`, or holds the byte before, ends.
pub(super) fn run_end(bytes: &[u8], mut at: usize) -> usize {
    let is_run = |byte: &u8| CLASS[usize::from(*byte)];
    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>())
        && word.iter().fold(true, |all, byte| all & is_run(byte))
    {
        at += 8;
    }
    at + bytes[at.min(bytes.len())..].iter().take_while(|byte| is_run(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plainly(bytes: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let len = bytes[at..].iter().take_while(|&&byte| CLASS[usize::from(byte)]).count();
            if len >= MIN_RUN {
                runs.push(at..at + len);
            }
            at += len + 1;
        }
        runs
    }

    fn fast(bytes: &[u8]) -> Vec<Range<usize>> {
        let mut runs = Vec::new();
        find(bytes, |run| runs.push(run));
        runs
    }

    #[test]
    fn members_are_those_of_the_class() {
        for byte in 0..=255u8 {
            let mut block = [b' '; BLOCK];
            (block[0], block[19], block[63]) = (byte, byte, byte);
            let bits = if CLASS[usize::from(byte)] { 1 | 1 << 19 | 1 << 63 } else { 0 };
            assert_eq!(members(&block), bits, "{byte}");
        }
    }

    proptest! {
        #[test]
        fn runs_are_those_of_a_plain_search(parts in prop::collection::vec((0..70usize, 0..4usize), 0..40)) {
            let mut text = Vec::new();
            for (len, mark) in parts {
                text.extend(std::iter::repeat_n(b'q', len));
                text.extend([&b" "[..], b"=", b".", b"\xC3\xA4"][mark]);
            }
            prop_assert_eq!(fast(&text), plainly(&text));
        }
    }
}
