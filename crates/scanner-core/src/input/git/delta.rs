//! Deltas: what an object is made of, given the one that it builds on.

use std::ops::Range;

/// Bytes of one object. Git packs larger ones whole; none of them is text that is examined.
pub(super) const MAX_OBJECT: u64 = 1 << 30;

/// Makes `result` of a base as a delta says, and notes where it holds what was not copied.
pub(super) fn apply(
    base: &[u8],
    delta: &[u8],
    result: &mut Vec<u8>,
    fresh: &mut Vec<Range<usize>>,
) -> Result<(), String> {
    let broken = || "a delta is broken".to_owned();
    result.clear();
    fresh.clear();
    let (base_size, rest) = size(delta).ok_or_else(broken)?;
    let (result_size, mut rest) = size(rest).ok_or_else(broken)?;
    if base_size != base.len() as u64 || result_size > MAX_OBJECT {
        return Err(broken());
    }
    result.reserve(result_size as usize);
    // Where the last copy ended in the base.
    let mut copied = Some(0);
    while let Some((&code, after)) = rest.split_first() {
        rest = after;
        let start = result.len();
        if code & 0x80 != 0 {
            let mut number = |bits: Range<u8>| {
                let mut value = 0usize;
                for bit in bits.clone().filter(|bit| code & (1 << bit) != 0) {
                    let (&byte, after) = rest.split_first()?;
                    rest = after;
                    value |= usize::from(byte) << (8 * (bit - bits.start));
                }
                Some(value)
            };
            let from = number(0..4).ok_or_else(broken)?;
            let len = number(4..7).ok_or_else(broken)?;
            let len = if len == 0 { 0x1_0000 } else { len };
            result.extend_from_slice(base.get(from..from + len).ok_or_else(broken)?);
            if copied.is_some_and(|end| end != from) {
                fresh.push(start..start);
            }
            copied = Some(from + len);
        } else {
            let inserted = rest.get(..usize::from(code)).filter(|_| code != 0).ok_or_else(broken)?;
            rest = &rest[inserted.len()..];
            result.extend_from_slice(inserted);
            match fresh.last_mut().filter(|run| run.end == start && copied.is_none()) {
                Some(run) => run.end = result.len(),
                None => fresh.push(start..result.len()),
            }
            copied = None;
        }
    }
    // What stood behind the last copy is gone.
    if copied.is_some_and(|end| end != base.len()) {
        fresh.push(result.len()..result.len());
    }
    if result.len() as u64 == result_size { Ok(()) } else { Err(broken()) }
}

/// A size at the start of a delta, and what follows.
fn size(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut size = 0u64;
    for (at, &byte) in bytes.iter().enumerate().take(10) {
        size |= u64::from(byte & 0x7F).checked_shl(7 * at as u32)?;
        if byte & 0x80 == 0 {
            return Some((size, &bytes[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The result, and where it is fresh.
    type Applied = (Vec<u8>, Vec<(usize, usize)>);

    fn applied(base: &[u8], delta: &[u8]) -> Result<Applied, String> {
        let (mut result, mut fresh) = (Vec::new(), Vec::new());
        apply(base, delta, &mut result, &mut fresh)?;
        Ok((result, fresh.into_iter().map(|run| (run.start, run.end)).collect()))
    }

    #[test]
    fn deltas_tell_what_is_fresh() {
        let base = b"0123456789";
        // Copy 0..4, insert "ab", copy 4..10.
        assert_eq!(applied(base, b"\x0A\x0C\x90\x04\x02ab\x91\x04\x06"), Ok((b"0123ab456789".to_vec(), vec![(4, 6)])));
        // Copy 0..4, copy 6..10: a join.
        assert_eq!(applied(base, b"\x0A\x08\x90\x04\x91\x06\x04"), Ok((b"01236789".to_vec(), vec![(4, 4)])));
        // Copy 2..10: the start is new; copy 0..5: the end is.
        assert_eq!(applied(base, b"\x0A\x08\x91\x02\x08"), Ok((b"23456789".to_vec(), vec![(0, 0)])));
        assert_eq!(applied(base, b"\x0A\x05\x90\x05"), Ok((b"01234".to_vec(), vec![(5, 5)])));
    }

    #[test]
    fn broken_deltas_are_told() {
        for delta in [
            &b""[..],
            b"\x0A",
            b"\x0B\x01\x01a",
            b"\x0A\x02\x01a",
            b"\x0A\x01\x00",
            b"\x0A\x05\x91\x08\x05",
            b"\x0A\x02\x05a",
        ] {
            assert!(applied(b"0123456789", delta).is_err(), "{delta:?}");
        }
    }
}
