//! Fits text into a report: cut to a length, shortened to a sentence, made harmless for a terminal.

use std::borrow::Cow;
use std::ops::Range;

/// Cuts `text` to `limit` UTF-16 code units (no consumer counts more in a text), the last of them `…`.
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit || text.encode_utf16().count() <= limit {
        return Cow::Borrowed(text);
    }
    let mut units = 1;
    let end = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > limit
    });
    Cow::Owned(format!("{}…", text[..end.map_or(text.len(), |(at, _)| at)].trim_end()))
}

/// The first sentence of Markdown prose, on one line, without emphasis.
pub(super) fn first_sentence(markdown: &str) -> String {
    let paragraph = markdown.trim().split("\n\n").next().unwrap_or_default();
    let line = paragraph.split_whitespace().collect::<Vec<_>>().join(" ").replace("**", "");
    let line = without_bullet(&line);
    sentence_end(line).map_or(line, |end| &line[..end]).to_owned()
}

/// A line without the `- ` or `1. ` that makes it an item of a list.
fn without_bullet(line: &str) -> &str {
    let after = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let bullets = if after.len() < line.len() { [". ", ") "] } else { ["- ", "* "] };
    bullets.into_iter().find_map(|bullet| after.strip_prefix(bullet)).unwrap_or(line)
}

/// One past the period that ends the first sentence: a capital letter follows, and it is no
/// abbreviation and not inside code.
fn sentence_end(line: &str) -> Option<usize> {
    let mut in_code = false;
    for (at, letter) in line.char_indices() {
        in_code ^= letter == '`';
        let ends = matches!(letter, '.' | '!' | '?') && !in_code;
        let abbreviated = ["e.g.", "i.e.", "etc.", "vs."].iter().any(|word| line[..=at].ends_with(word));
        let next = line[at + letter.len_utf8()..].strip_prefix(' ').and_then(|rest| rest.chars().next());
        if ends && !abbreviated && next.is_some_and(|next| !next.is_lowercase()) {
            return Some(at + 1);
        }
    }
    None
}

/// Whether a terminal acts on this character, or a reader does not see it: control characters,
/// changes of writing direction, line separators, invisible letters. Joiners stay: emoji and some
/// scripts need them.
fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with every character that a terminal acts on, or a reader does not see, written out as
/// `\n`, `\t` or `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|letter| push_visible(&mut shown, letter));
    Cow::Owned(shown)
}

fn push_visible(shown: &mut String, letter: char) {
    if is_hostile(letter) {
        shown.extend(letter.escape_default());
    } else {
        shown.push(letter);
    }
}

/// A source line made visible, tabs kept, and where `highlight` lies in it then.
pub(super) fn visible_line(line: &str, highlight: &Range<usize>) -> (String, Range<usize>) {
    let mut shown = String::with_capacity(line.len());
    let (mut start, mut end) = (None, None);
    for (at, letter) in line.char_indices() {
        if at >= highlight.start {
            start.get_or_insert(shown.len());
        }
        if at >= highlight.end {
            end.get_or_insert(shown.len());
        }
        if letter == '\t' { shown.push(letter) } else { push_visible(&mut shown, letter) }
    }
    let start = start.unwrap_or(shown.len());
    let end = end.unwrap_or(shown.len()).max(start);
    (shown, start..end)
}

/// `count` with its noun, in the plural unless there is one.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Seconds since 1970 as `2026-01-31T23:59:59Z`.
pub(crate) fn date_and_time(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years of the calendar begin in March here, so that the day that is not always there is the last.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date_and_time(0), "1970-01-01T00:00:00Z");
        assert_eq!(date_and_time(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(date_and_time(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(date_and_time(1_767_225_599), "2025-12-31T23:59:59Z");
        assert_eq!(date_and_time(-1), "1969-12-31T23:59:59Z");
    }

    #[test]
    fn cuts_on_character_borders() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("éééééé", 5), "éééé…");
        assert_eq!(cut("😀😀😀", 5), "😀😀…");
        assert_eq!(cut("😀😀😀", 6), "😀😀😀");
    }

    #[test]
    fn first_sentences() {
        assert_eq!(first_sentence("Whoever reads it\ncan sign. And more."), "Whoever reads it can sign.");
        assert_eq!(first_sentence("Use e.g. A. Then B."), "Use e.g. A.");
        assert_eq!(first_sentence("Call `a.b. C` now. Then."), "Call `a.b. C` now.");
        assert_eq!(first_sentence("1. **Revoke** the key.\n2. Wait."), "Revoke the key.");
        assert_eq!(first_sentence("- Version 1.2 is bad\n\nMore."), "Version 1.2 is bad");
        assert_eq!(first_sentence("2048 bits are few."), "2048 bits are few.");
        assert_eq!(first_sentence(""), "");
    }

    #[test]
    fn hostile_characters_are_written_out() {
        assert_eq!(visible("plain é 😀 👨\u{200d}👩"), "plain é 😀 👨\u{200d}👩");
        assert_eq!(visible("a\u{1b}[31m\u{9b}\r\n\t\u{202e}\u{7f}"), r"a\u{1b}[31m\u{9b}\r\n\t\u{202e}\u{7f}");
        let (line, highlight) = visible_line("\t\u{1b}é=x\u{200b}y;", &(5..10));
        assert_eq!(line, "\t\\u{1b}é=x\\u{200b}y;");
        assert_eq!(&line[highlight], "x\\u{200b}y");
    }
}
