//! Numbers of as many bytes as they need, as git writes them in indexes and reftables.

/// Takes a number of seven bits a byte, the highest first, off the front; each byte but the last adds one, so that none
/// has two forms.
pub(super) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?.checked_mul(1 << 7)?;
    }
}

/// A number as it is written.
#[cfg(test)]
pub(super) fn written(value: usize) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7F) as u8];
    let mut rest = value >> 7;
    while rest > 0 {
        rest -= 1;
        bytes.insert(0, 0x80 | (rest & 0x7F) as u8);
        rest >>= 7;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers() {
        for value in [0, 1, 127, 128, 300, 16_511, 16_512, 1 << 30] {
            let bytes = written(value);
            let mut rest = &bytes[..];
            assert_eq!((take(&mut rest), rest.len()), (Some(value as u64), 0));
        }
    }
}
