//! Reads what stands for one character: classes, shorthands, escapes.

use super::Dialect;
use super::chars::{CharSet, Samples};
use super::parse::Parser;
use super::syntax::{Form, Node};

/// `[..]`, its bracket passed already.
pub(super) fn class(parser: &mut Parser<'_>) -> Result<Node, &'static str> {
    let start = parser.at - 1;
    let negated = parser.take("^");
    let mut chars = CharSet::NONE;
    let first = parser.at;
    loop {
        // A bracket that comes first is one of the characters in Python.
        let closes = parser.dialect == Dialect::JavaScript || parser.at > first;
        if closes && parser.take("]") {
            break;
        }
        if parser.flags.nested_classes && ["[", "--", "&&"].iter().any(|mark| parser.rest().starts_with(mark)) {
            return Err("a class that is made of classes");
        }
        let (low, set) = item(parser)?;
        let is_range = parser.rest().starts_with('-') && !parser.rest()[1..].starts_with(']');
        let Some(low) = low.filter(|_| is_range) else {
            chars = chars.or(set);
            continue;
        };
        parser.take("-");
        match item(parser)? {
            (Some(high), _) if low <= high => chars = chars.or(parser.samples.set(|c| (low..=high).contains(&c))),
            (Some(_), _) => return Err("a range's end is before its start"),
            // `[a-\d]`
            (None, other) => chars = chars.or(set).or(other).or(parser.samples.set(|sample| sample == '-')),
        }
    }
    if parser.flags.ignore_case {
        chars = parser.samples.folded(chars);
    }
    let chars = if negated { parser.samples.except(chars) } else { chars };
    Ok(parser.set(chars, if negated { Form::Other } else { Form::Class }, start))
}

/// A character or a shorthand in a class.
fn item(parser: &mut Parser<'_>) -> Result<(Option<char>, CharSet), &'static str> {
    let letter = match parser.next().ok_or("a class is not closed")? {
        '\\' if parser.take("b") => '\u{8}',
        '\\' => match shorthand(parser)? {
            Some(chars) => return Ok((None, chars)),
            None => escaped_letter(parser)?,
        },
        letter => letter,
    };
    Ok((Some(letter), parser.samples.set(|sample| sample == letter)))
}

/// `\d`, `\w`, `\s`, `\p{..}` and their opposites, the backslash passed already.
pub(super) fn shorthand(parser: &mut Parser<'_>) -> Result<Option<CharSet>, &'static str> {
    let (dialect, flags) = (parser.dialect, parser.flags);
    let Some(kind) = parser.rest().chars().next() else { return Ok(None) };
    let wide = flags.wide(dialect);
    let chars = match kind.to_ascii_lowercase() {
        'd' => parser.samples.digits(wide),
        'w' => parser.samples.words(wide),
        's' => parser.samples.spaces(dialect, dialect == Dialect::Python && !flags.unicode),
        'p' if dialect == Dialect::JavaScript && flags.unicode => {
            let rest = parser.rest()[1..].strip_prefix('{').ok_or("a property has no name")?;
            let (name, _) = rest.split_once('}').ok_or("a property is not closed")?;
            let chars = property(name, &parser.samples)?;
            parser.at += name.len() + 2;
            chars
        }
        _ => return Ok(None),
    };
    parser.next();
    Ok(Some(if kind.is_ascii_uppercase() { parser.samples.except(chars) } else { chars }))
}

/// The samples with a property of Unicode.
fn property(name: &str, samples: &Samples) -> Result<CharSet, &'static str> {
    let known = regex_syntax::parse(&format!("\\p{{{name}}}")).map_err(|_| "a property that is not known")?;
    match known.kind() {
        regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
            Ok(samples.set(|sample| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&sample))))
        }
        _ => Err("a property that is not known"),
    }
}

/// The character that an escape stands for, the backslash passed already.
pub(super) fn escaped_letter(parser: &mut Parser<'_>) -> Result<char, &'static str> {
    let python = parser.dialect == Dialect::Python;
    let kind = parser.next().ok_or("it ends with a backslash")?;
    Ok(match kind {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'f' => '\x0c',
        'a' if python => '\x07',
        'x' => coded(parser, 2, kind)?,
        'u' if !python && parser.rest().starts_with('{') && parser.flags.unicode => {
            let (digits, _) = parser.rest()[1..].split_once('}').ok_or("an escape is not closed")?;
            parser.at += digits.len() + 2;
            u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).ok_or("no character has this number")?
        }
        'u' => coded(parser, 4, kind)?,
        'U' if python => coded(parser, 8, kind)?,
        'c' if !python => match parser.next() {
            Some(letter) if letter.is_ascii_alphabetic() => char::from(letter as u8 & 31),
            _ => return Err("an escape that is not read"),
        },
        '0'..='7' => {
            parser.at -= 1;
            let digits = parser.rest().bytes().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
            let code = u32::from_str_radix(&parser.rest()[..digits], 8).unwrap_or(0);
            parser.at += digits;
            char::from_u32(code & 0xff).unwrap_or('\0')
        }
        'N' if python => return Err("a character is named"),
        letter => letter,
    })
}

/// A character by its number in hex; where there is no number, the letter of the escape.
fn coded(parser: &mut Parser<'_>, width: usize, kind: char) -> Result<char, &'static str> {
    let digits = parser.rest().get(..width).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    match digits {
        Some(digits) => {
            parser.at += width;
            let code = u32::from_str_radix(digits, 16).map_err(|_| "a number is too large")?;
            // Half of a pair: no sample is one.
            Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
        }
        None if parser.dialect == Dialect::JavaScript && !parser.flags.unicode => Ok(kind),
        None => Err("an escape has no number"),
    }
}
