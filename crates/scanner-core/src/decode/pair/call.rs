//! Reads credentials at declared places of calls and commands.

use super::place::{Kind, Lead, Place};
use super::{Family, Operator, Pair, Reader, Value};
use crate::span::Span;
use std::ops::Range;

impl Place {
    /// The credential at this place of the call or command whose name stands around `at`.
    pub fn read_at(&self, text: &str, at: usize, family: Family) -> Option<Pair> {
        let reader = Reader { bytes: text.as_bytes(), family };
        let start = at;
        let end = start + self.name.len();
        let stands = text.as_bytes().get(start..end)?.eq_ignore_ascii_case(self.name.as_bytes());
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if !stands || !self.ending && is_part(reader.before(start)) || is_part(reader.at(end)) {
            return None;
        }
        // A command is followed by a blank, and is no option's value itself, as in `--name mysql`.
        let command = !matches!(self.kind, Kind::Argument { .. });
        let listed = matches!(reader.at(end), b'"' | b'\'') && reader.at(end + 1) == b',';
        if command && (!matches!(reader.at(end), b' ' | b'\t') && !listed || reader.is_of_option(start)) {
            return None;
        }
        let value = match &self.kind {
            Kind::Argument { index, least } => reader.argument_of_call(end, *index, *least)?,
            Kind::Operand { index } => reader.operand(end, *index)?,
            Kind::Option { flags, glued, lead } => reader.option_value(end, flags, *glued, lead)?,
        };
        Some(Pair {
            name: Span::new(start, end),
            value: Span::new(value.range.start, value.range.end),
            quoted: value.quoted,
            operator: Operator::Position,
            comment: reader.in_comment(start),
        })
    }
}

impl Reader<'_> {
    /// Whether the word before is an option: then what follows is its value.
    fn is_of_option(&self, start: usize) -> bool {
        let end = self.skip_blanks_back(start);
        let word = self.bytes[..end].iter().rev().take(40).take_while(|byte| !byte.is_ascii_whitespace()).count();
        end < start && self.at(end - word) == b'-'
    }

    /// The literal that is the `index`th argument of the call whose name ends at `end`.
    fn argument_of_call(&self, end: usize, index: usize, least: usize) -> Option<Value> {
        let open = self.skip_blanks(end);
        if self.at(open) != b'(' {
            return None;
        }
        let (cells, _) = self.row(open + 1)?;
        let range = cells.get(index).filter(|_| cells.len() >= least)?.clone()?;
        Some(Value::quoted(range, Operator::Position))
    }

    /// The word of this index after a command's name.
    fn operand(&self, from: usize, index: usize) -> Option<Value> {
        let mut at = from;
        let mut skipped = 0;
        let word = loop {
            let word = self.next_word(&mut at)?;
            if self.at(word.start) == b'-' || self.starts_folded(word.start, "/user:") {
                continue;
            }
            if skipped == index {
                break word;
            }
            skipped += 1;
        };
        Some(self.unquoted(word))
    }

    /// The word after one of `flags` on the command line that starts at `from`.
    fn option_value(&self, from: usize, flags: &[String], glued: bool, lead: &Lead) -> Option<Value> {
        let mut at = from;
        while let Some(word) = self.next_word(&mut at) {
            let text = &self.bytes[word.clone()];
            let Some(flag) = flags.iter().find(|flag| text.starts_with(flag.as_bytes())) else { continue };
            let rest = word.start + flag.len();
            let value = match (text.len() > flag.len(), glued) {
                (true, _) if self.at(rest) == b'=' => self.unquoted(rest + 1..word.end),
                (true, true) => self.unquoted(rest..word.end),
                // `-u name:value` is written `-uname:value`, too; a longer flag is another one.
                (true, false) if flag.len() == 2 && matches!(lead, Lead::UpTo(_)) => self.unquoted(rest..word.end),
                (false, false) => {
                    let word = self.next_word(&mut at)?;
                    self.unquoted(word)
                }
                _ => continue,
            };
            let text = &self.bytes[value.range.clone()];
            let skipped = match lead {
                Lead::Text(lead) => text.starts_with(lead.as_bytes()).then_some(lead.len())?,
                Lead::UpTo(mark) => memchr::memchr(*mark, text)? + 1,
            };
            return Some(Value { range: value.range.start + skipped..value.range.end, ..value });
        }
        None
    }

    /// The next word of a command line, quotes included; `None` where the command ends.
    fn next_word(&self, at: &mut usize) -> Option<Range<usize>> {
        // `["program", "-p", "value"]`: between the quotes of a list.
        if matches!(self.at(*at), b'"' | b'\'') && self.at(*at + 1) == b',' {
            let literal = self.plain_literal(self.skip_space(*at + 2))?;
            *at = literal.end - 1;
            return Some(literal.range);
        }
        const LONGEST: usize = 2000;
        *at = self.skip_blanks(*at);
        while self.at(*at) == b'\\' && matches!(self.at(*at + 1), b'\n' | b'\r') {
            *at = self.skip_line(*at);
        }
        let start = *at;
        let mut quote = 0;
        loop {
            match self.at(*at) {
                0 => break,
                b'\n' | b'\r' => break,
                byte if quote != 0 => quote = if byte == quote { 0 } else { quote },
                byte @ (b'"' | b'\'') => quote = byte,
                b' ' | b'\t' | b'|' | b';' | b'`' | b')' => break,
                b'&' if self.at(*at + 1) == b'&' => break,
                _ => {}
            }
            *at += 1;
            if *at - start > LONGEST {
                return None;
            }
        }
        (*at > start).then_some(start..*at)
    }

    /// Without the quotes around a word; one that closes what the whole command stands in is cut.
    fn unquoted(&self, word: Range<usize>) -> Value {
        let text = &self.bytes[word.clone()];
        let quote = text.first().copied().filter(|byte| matches!(byte, b'"' | b'\''));
        // `provider :name, "id", "secret", scope: "x"`: arguments without brackets.
        let listed = quote.is_some() && text.len() > 2 && text.ends_with(b",");
        let word = if listed { word.start..word.end - 1 } else { word };
        let text = &self.bytes[word.clone()];
        match (quote, text.last()) {
            (Some(quote), Some(&last)) if text.len() > 1 && quote == last => {
                Value::quoted(word.start + 1..word.end - 1, Operator::Position)
            }
            _ => {
                let end = text.iter().position(|byte| matches!(byte, b'"' | b'\'' | b',')).unwrap_or(text.len());
                Value::bare(word.start..word.start + end, Operator::Position)
            }
        }
    }
}
