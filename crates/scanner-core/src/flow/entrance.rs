//! The names that bring data into a file, found in one pass over its words.

use super::model::Models;
use crate::language::Family;
use foldhash::HashMap;

/// What a name says of the places it stands at, a bit each.
type Roles = u8;
/// A module that data comes in by.
const ROOT: Roles = 1;
/// What brings data in without an import.
const GLOBAL: Roles = 1 << 1;
/// The first parameter of a function that is given data.
const PARAMETER: Roles = 1 << 2;
/// A function that is given data.
const FUNCTION: Roles = 1 << 3;
/// What stands where data comes in.
const WORD: Roles = 1 << 4;
/// A module that gives what can be guessed.
const DRAWN: Roles = 1 << 5;

/// What a file holds of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Something brings data in.
    pub entrance: bool,
    /// A word stands there that stands where data comes in.
    pub word: bool,
    /// Something gives what can be guessed.
    pub drawn: bool,
}

/// The names of a family.
#[derive(Debug)]
pub struct Entrances {
    family: Family,
    /// By the first run of letters, digits and `_` in them.
    names: HashMap<Box<[u8]>, Vec<Name>>,
    /// Bits by the length and the ends of such a run: most words of a file are told apart by it.
    usual: Box<[u64; USUAL / 64]>,
    /// What `resolve_*` begins with.
    starts: Vec<(Box<[u8]>, Roles)>,
}

/// Bits of [`Entrances::usual`].
const USUAL: usize = 1 << 12;

#[derive(Debug)]
struct Name {
    /// What stands before the run: `$` of `$route`.
    before: Box<[u8]>,
    /// What stands behind it: `.open` of `request.open`.
    after: Box<[u8]>,
    roles: Roles,
}

impl Entrances {
    /// The names that models tell.
    pub fn new(family: Family, models: &Models) -> Entrances {
        let usual = Box::new([0; USUAL / 64]);
        let mut entrances = Entrances { family, names: HashMap::default(), usual, starts: Vec::new() };
        let lists = [
            (ROOT, &models.source_roots),
            (GLOBAL, &models.source_globals),
            (PARAMETER, &models.source_parameters),
            (FUNCTION, &models.source_functions),
            (WORD, &models.source_words),
            (DRAWN, &models.drawn_roots),
        ];
        for (role, names) in lists {
            names.iter().for_each(|name| entrances.enter(name.as_bytes(), role));
        }
        entrances
    }

    fn enter(&mut self, name: &[u8], role: Roles) {
        if let Some(start) = name.strip_suffix(b"_*") {
            self.starts.push(([start, b"_"].concat().into(), role));
            return;
        }
        let Some(start) = name.iter().position(|&byte| is_word(byte)) else { return };
        let len = name[start..].iter().position(|&byte| !is_word(byte)).unwrap_or(name.len() - start);
        let (before, run, after) = (&name[..start], &name[start..start + len], &name[start + len..]);
        let bit = bit_of(run);
        self.usual[bit / 64] |= 1 << (bit % 64);
        let same = self.names.entry(run.into()).or_default();
        match same.iter_mut().find(|known| *known.before == *before && *known.after == *after) {
            Some(known) => known.roles |= role,
            None => same.push(Name { before: before.into(), after: after.into(), roles: role }),
        }
    }

    /// What a text holds; it is read no further than to where data surely comes in.
    pub fn find(&self, text: &[u8]) -> Found {
        let mut found = Found::default();
        let mut lines = Lines { text, start: 0, read: 0 };
        self.each(text, |start, end, roles| {
            found.word |= roles & WORD != 0;
            found.entrance |= roles & GLOBAL != 0
                || roles & ROOT != 0 && self.is_import(&mut lines, start)
                || roles & PARAMETER != 0 && is_parameter(&text[..start], &text[end..])
                || roles & FUNCTION != 0 && is_declared(&text[..start]);
            found.drawn |= roles & DRAWN != 0
                && match self.family {
                    Family::Python => lines.is_import(start),
                    Family::JavaScript => draws(&text[end..]),
                };
            found.entrance && found.word
        });
        found
    }

    /// Whether one of the words stands in a text that stand where data comes in.
    pub fn has_word(&self, text: &[u8]) -> bool {
        let mut found = false;
        self.each(text, |_, _, roles| {
            found = roles & WORD != 0;
            found
        });
        found
    }

    /// Calls `at(start, end, roles)` for every name until it says that this is enough.
    fn each(&self, text: &[u8], mut at: impl FnMut(usize, usize, Roles) -> bool) {
        let mut from = 0;
        while let Some(start) = text[from..].iter().position(|&byte| is_word(byte)).map(|start| from + start) {
            let end = text[start..].iter().position(|&byte| !is_word(byte)).map_or(text.len(), |len| start + len);
            let run = &text[start..end];
            from = end;
            for (begin, roles) in &self.starts {
                if run.len() > begin.len() && run.starts_with(begin) && at(start, end, *roles) {
                    return;
                }
            }
            let bit = bit_of(run);
            if self.usual[bit / 64] >> (bit % 64) & 1 == 0 {
                continue;
            }
            for name in self.names.get(run).into_iter().flatten() {
                let stands = text[..start].ends_with(&name.before)
                    && text[end..].starts_with(&name.after)
                    && !(name.after.last().copied().is_some_and(is_word)
                        && text.get(end + name.after.len()).copied().is_some_and(is_word));
                if stands && at(start - name.before.len(), end + name.after.len(), name.roles) {
                    return;
                }
            }
        }
    }

    /// Whether a module stands where it is imported.
    fn is_import(&self, lines: &mut Lines, start: usize) -> bool {
        match self.family {
            Family::Python => lines.is_import(start),
            Family::JavaScript => {
                let before = &lines.text[..start];
                let before = before.strip_suffix(b"@").unwrap_or(before);
                let before = before.strip_suffix(b"node:").unwrap_or(before);
                matches!(before.last(), Some(b'"' | b'\''))
            }
        }
    }
}

/// The lines of a text, asked for in order.
struct Lines<'t> {
    text: &'t [u8],
    /// Where the last one asked for starts.
    start: usize,
    /// How far the text was read.
    read: usize,
}

impl Lines<'_> {
    /// Whether the line of a place imports.
    fn is_import(&mut self, at: usize) -> bool {
        if let Some(end) = memchr::memrchr(b'\n', &self.text[self.read.min(at)..at]) {
            self.start = self.read.min(at) + end + 1;
        }
        self.read = at;
        let line = self.text[self.start..at].trim_ascii_start();
        let rest = line.strip_prefix(b"from").or_else(|| line.strip_prefix(b"import"));
        matches!(rest, Some([b' ' | b'\t', ..]))
    }
}

/// Whether what stands between two texts is the first parameter of a function.
fn is_parameter(before: &[u8], after: &[u8]) -> bool {
    let before = before.trim_ascii_end();
    let object = before.strip_suffix(b",").map(<[u8]>::trim_ascii_end);
    let object =
        object.and_then(|before| [&b"self"[..], b"cls", b"this"].iter().find_map(|own| before.strip_suffix(*own)));
    before.ends_with(b"(")
        || object.is_some_and(|before| before.trim_ascii_end().ends_with(b"("))
        || after.trim_ascii_start().starts_with(b"=>")
}

/// Whether a function's name follows.
fn is_declared(before: &[u8]) -> bool {
    let trimmed = before.trim_ascii_end();
    let rest = trimmed.strip_suffix(b"function").or_else(|| trimmed.strip_suffix(b"const"));
    trimmed.len() < before.len() && rest.is_some_and(|rest| !rest.last().copied().is_some_and(is_word))
}

/// Whether something that can be guessed is taken of what stands before.
fn draws(after: &[u8]) -> bool {
    let Some(rest) = after.strip_prefix(b".") else { return false };
    let len = rest.iter().position(|&byte| !is_word(byte)).unwrap_or(rest.len());
    [&b"random"[..], b"pseudoRandomBytes", b"prng"].contains(&&rest[..len])
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bit of a run of letters in [`Entrances::usual`].
fn bit_of(run: &[u8]) -> usize {
    let [first, .., last] = run else { return usize::from(run[0]) };
    (usize::from(*first) * 31 + usize::from(*last) * 7 + usize::from(run[run.len() / 2]) * 17 + run.len() * 113) % USUAL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::library::Library;

    fn found(family: Family, text: &str) -> Found {
        Library::default().of(family).entrances.find(text.as_bytes())
    }

    #[test]
    fn modules_count_where_they_are_imported() {
        let entrance = |family, text| found(family, text).entrance;
        for text in
            ["from flask import request", "  import flask", "x\n\tfrom a import flask, b", "import a\nimport flask"]
        {
            assert!(entrance(Family::Python, text), "{text}");
        }
        for text in
            ["flask = 1", "fromflask import x", "importing flask", "# flask", "import a\nflask", "import flasks"]
        {
            assert!(!entrance(Family::Python, text), "{text}");
        }
        for text in ["require('express')", "from \"node:http\"", "import '@hapi/hapi'", "require('express/x')"] {
            assert!(entrance(Family::JavaScript, text), "{text}");
        }
        for text in ["express", "'my express'", "'expressed'"] {
            assert!(!entrance(Family::JavaScript, text), "{text}");
        }
    }

    #[test]
    fn parameters_count_where_a_function_begins() {
        let entrance = |text| found(Family::JavaScript, text).entrance;
        for text in ["(req, res)", "( req)", "(this, req)", "req => 1", "(cls ,\n req)"] {
            assert!(entrance(text), "{text}");
        }
        for text in ["x.req", "(request_, req)", "(other, req)", "req = 1"] {
            assert!(!entrance(text), "{text}");
        }
    }

    #[test]
    fn what_can_be_guessed_is_told_apart() {
        let drawn = |family, text| found(family, text).drawn;
        assert!(drawn(Family::JavaScript, "a = Math.random()") && !drawn(Family::JavaScript, "Math.randomize()"));
        assert!(drawn(Family::Python, "import random") && !drawn(Family::Python, "x = random"));
    }

    #[test]
    fn words_are_whole() {
        let entrances = &Library::default();
        let has = |text: &str| entrances.of(Family::JavaScript).entrances.has_word(text.as_bytes());
        assert!(has("x.query.y") && !has("x.queryish") && !has("x._query") && !has(""));
    }
}
