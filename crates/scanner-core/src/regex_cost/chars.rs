//! Sets of characters, told apart by samples: all of ASCII, and a few others that the regex speaks of.
//!
//! A sample is a real character with exact membership, so what is shown of samples is true; what
//! could be shown of other characters only is missed.

use super::Dialect;

/// Samples beside ASCII, at most.
const MAX_OTHERS: usize = 64;
/// A letter, a digit, two spaces, a sign, an ideograph: regexes speak of them by `\w`, `\s` and the like.
const USUAL: &[char] = &['é', '٣', '\u{a0}', '\u{2028}', '☃', '中'];

/// The sample that ends lines.
pub(super) const LINE_END: u8 = b'\n';

/// A set of samples, a bit for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct CharSet {
    ascii: u128,
    others: u64,
}

/// The characters that stand for all.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    others: Vec<char>,
}

impl CharSet {
    /// No character.
    pub(super) const NONE: CharSet = CharSet { ascii: 0, others: 0 };
    /// Every sample.
    pub(super) const ALL: CharSet = CharSet { ascii: u128::MAX, others: u64::MAX };

    /// One sample of ASCII.
    pub(super) fn of(sample: u8) -> CharSet {
        CharSet { ascii: 1 << sample, others: 0 }
    }

    /// Those in either.
    pub(super) fn or(self, other: CharSet) -> CharSet {
        CharSet { ascii: self.ascii | other.ascii, others: self.others | other.others }
    }

    /// Those in both.
    pub(super) fn and(self, other: CharSet) -> CharSet {
        CharSet { ascii: self.ascii & other.ascii, others: self.others & other.others }
    }

    /// Those that are not in it.
    pub(super) fn not(self) -> CharSet {
        CharSet { ascii: !self.ascii, others: !self.others }
    }

    /// Whether it has none.
    pub(super) fn is_empty(self) -> bool {
        self.ascii == 0 && self.others == 0
    }

    /// Whether a sample is in it, by its number.
    pub(super) fn has(self, sample: u8) -> bool {
        if sample < 128 { self.ascii >> sample & 1 == 1 } else { self.others >> (sample - 128) & 1 == 1 }
    }

    /// A sample of it that reads well: letters first, then what can be printed.
    pub(super) fn example(self) -> Option<u8> {
        let printed = || (b'!'..=b'~').chain([b' ', b'\t', b'\n']).chain(0..32).chain([127]);
        let any = || (b'a'..=b'z').chain(b'0'..=b'9').chain(b'A'..=b'Z').chain(printed()).chain(128..192);
        any().find(|&sample| self.has(sample))
    }
}

impl Samples {
    /// The samples for a regex: around each character beyond ASCII that it names.
    pub(super) fn of(source: &str) -> Samples {
        let mut others = USUAL.to_vec();
        let mut add = |code: u32| {
            for code in [code, code.saturating_add(1)] {
                // Beyond the first plane, a character is two in some engines.
                if let Some(named) = char::from_u32(code).filter(|_| (0x80..0xffff).contains(&code))
                    && others.len() < MAX_OTHERS
                    && !others.contains(&named)
                {
                    others.push(named);
                }
            }
        };
        source.chars().for_each(|named| add(named as u32));
        for (at, _) in source.match_indices("\\u").chain(source.match_indices("\\x")) {
            let digits = source[at + 2..].trim_start_matches('{');
            let end = digits.find(|digit: char| !digit.is_ascii_hexdigit()).unwrap_or(digits.len()).min(4);
            u32::from_str_radix(&digits[..end], 16).into_iter().for_each(&mut add);
        }
        Samples { others }
    }

    /// The numbers of all samples.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        0..128 + self.others.len() as u8
    }

    /// A sample.
    pub(super) fn char(&self, number: u8) -> char {
        if number < 128 { char::from(number) } else { self.others[usize::from(number - 128)] }
    }

    /// Samples for which something holds.
    pub(super) fn set(&self, holds: impl Fn(char) -> bool) -> CharSet {
        let mut set = CharSet::NONE;
        for number in self.numbers().filter(|&number| holds(self.char(number))) {
            if number < 128 { set.ascii |= 1 << number } else { set.others |= 1 << (number - 128) }
        }
        set
    }

    /// All samples.
    pub(super) fn all(&self) -> CharSet {
        self.set(|_| true)
    }

    /// Those that are not in a set.
    pub(super) fn except(&self, set: CharSet) -> CharSet {
        set.not().and(self.all())
    }

    /// A set with each letter's other case.
    pub(super) fn folded(&self, set: CharSet) -> CharSet {
        let lower = |letter: char| letter.to_lowercase().next().unwrap_or(letter);
        let folded: Vec<char> = self.numbers().filter(|&sample| set.has(sample)).map(|s| lower(self.char(s))).collect();
        self.set(|letter| folded.contains(&lower(letter)))
    }

    /// `\d`.
    pub(super) fn digits(&self, unicode: bool) -> CharSet {
        self.set(|sample| sample.is_ascii_digit() || unicode && sample == '٣')
    }

    /// `\w`.
    pub(super) fn words(&self, unicode: bool) -> CharSet {
        self.set(|sample| is_word(sample, unicode))
    }

    /// `\s`.
    pub(super) fn spaces(&self, dialect: Dialect, ascii: bool) -> CharSet {
        self.set(|sample| match dialect {
            _ if matches!(sample, ' ' | '\t'..='\r') => true,
            _ if ascii => false,
            Dialect::JavaScript => (sample.is_whitespace() && sample != '\u{85}') || sample == '\u{feff}',
            Dialect::Python => sample.is_whitespace() || matches!(sample, '\x1c'..='\x1f'),
        })
    }

    /// What `.` leaves out.
    pub(super) fn line_ends(&self, dialect: Dialect) -> CharSet {
        self.set(|sample| match dialect {
            Dialect::JavaScript => matches!(sample, '\n' | '\r' | '\u{2028}' | '\u{2029}'),
            Dialect::Python => sample == '\n',
        })
    }
}

/// Whether a character belongs to words.
pub(super) fn is_word(sample: char, unicode: bool) -> bool {
    sample == '_' || if unicode { sample.is_alphanumeric() } else { sample.is_ascii_alphanumeric() }
}
