//! How surprising letters are: names and words are made of likely ones, random text is not.
//!
//! A table of trigrams counted over source code says how likely a character is after the two
//! before it. It is made by `examples/train_trigrams.rs`.

/// Kinds of character: the letters, a digit, anything else.
pub const CLASSES: usize = 28;
const DIGIT: u8 = 26;
const OTHER: u8 = 27;

/// Surprise of each trigram, in sixteenths of a bit: row by row of the first two classes.
static TRIGRAMS: &[u8; CLASSES * CLASSES * CLASSES] = include_bytes!("trigrams.bin");

/// How many steps of the table make a bit.
pub const STEPS_PER_BIT: f64 = 16.0;

/// How surprising a byte is after the two before it, in sixteenths of a bit.
pub fn surprise_of(three: [u8; 3]) -> u8 {
    let [first, second, third] = three.map(|byte| usize::from(class(byte)));
    TRIGRAMS[(first * CLASSES + second) * CLASSES + third]
}

/// Mean surprise of a value's characters, in bits.
pub fn surprise(value: &[u8]) -> f64 {
    let (mut sum, mut count) = (0u32, 0u32);
    trigrams(value, |at| {
        sum += u32::from(TRIGRAMS[at]);
        count += 1;
    });
    f64::from(sum) / f64::from(count.max(1)) / STEPS_PER_BIT
}

/// Calls `each` with the table place of every trigram of a value. A change of case parts words as
/// `_` does (`userName`, `HTTPServer`); the value stands between two others.
pub fn trigrams(value: &[u8], mut each: impl FnMut(usize)) {
    let (mut first, mut second) = (OTHER, OTHER);
    let mut push = |class: u8| {
        each((usize::from(first) * CLASSES + usize::from(second)) * CLASSES + usize::from(class));
        (first, second) = (second, class);
    };
    for (at, &byte) in value.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| value[before]);
        let next_is_lower = value.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let parts = byte.is_ascii_uppercase()
            && before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_uppercase() && next_is_lower);
        if parts {
            push(OTHER);
        }
        push(class(byte));
    }
    push(OTHER);
}

fn class(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'A'..=b'Z' => byte - b'A',
        b'0'..=b'9' => DIGIT,
        _ => OTHER,
    }
}
