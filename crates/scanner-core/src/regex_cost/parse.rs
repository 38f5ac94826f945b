//! Reads a regex of JavaScript or Python; what is rare and means something else is refused.

use super::alternatives::one_of;
use super::chars::{CharSet, Samples};
use super::class;
use super::syntax::{Form, Look, Node, Place, Repeat, Set};
use super::{Dialect, Regex};
use crate::span::Span;

/// How deep groups nest.
const MAX_DEPTH: usize = 40;

/// How a part is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) multiline: bool,
    pub(super) dot_all: bool,
    /// JavaScript: `u` or `v`. Python: not ASCII only.
    pub(super) unicode: bool,
    pub(super) verbose: bool,
    /// JavaScript's `v`: classes may hold others.
    pub(super) nested_classes: bool,
}

impl Flags {
    fn of(regex: &Regex) -> Flags {
        let has = |flag| regex.flags.contains(flag);
        let python = regex.dialect == Dialect::Python;
        Flags {
            ignore_case: has('i'),
            multiline: has('m'),
            dot_all: has('s'),
            unicode: if python { !has('a') } else { has('u') || has('v') },
            verbose: python && has('x'),
            nested_classes: !python && has('v'),
        }
    }

    /// Whether `\w` and `\d` are of any letters and digits.
    pub(super) fn wide(self, dialect: Dialect) -> bool {
        dialect == Dialect::Python && self.unicode
    }
}

/// A regex that was read.
#[derive(Debug)]
pub(super) struct Parsed {
    /// All of it.
    pub node: Node,
    /// Number of groups.
    pub groups: u32,
    /// The characters that stand for all.
    pub samples: Samples,
}

/// Reads a regex.
///
/// # Errors
/// What it has that is not read.
pub(super) fn parse(regex: &Regex) -> Result<Parsed, &'static str> {
    let samples = Samples::of(&regex.source);
    let dialect = regex.dialect;
    let names = group_names(&regex.source, dialect);
    let mut parser =
        Parser { text: &regex.source, at: 0, dialect, flags: Flags::of(regex), samples, groups: 0, names, depth: 0 };
    let node = parser.alternatives()?;
    if parser.at < parser.text.len() {
        return Err("a group is closed that is not open");
    }
    Ok(Parsed { node, groups: parser.groups, samples: parser.samples })
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) dialect: Dialect,
    pub(super) flags: Flags,
    pub(super) samples: Samples,
    groups: u32,
    /// By number, from 1.
    names: Vec<Option<&'t str>>,
    depth: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn take(&mut self, mark: &str) -> bool {
        let takes = self.rest().starts_with(mark);
        self.at += if takes { mark.len() } else { 0 };
        takes
    }

    /// What stands before an end, which is passed over.
    fn until(&mut self, end: char) -> Result<&'t str, &'static str> {
        let (inside, _) = self.rest().split_once(end).ok_or("something is not closed")?;
        self.at += inside.len() + end.len_utf8();
        Ok(inside)
    }

    fn alternatives(&mut self) -> Result<Node, &'static str> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("groups nest too deep");
        }
        let mut list = vec![self.sequence()?];
        while self.take("|") {
            list.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(one_of(list, self.dialect))
    }

    fn sequence(&mut self) -> Result<Node, &'static str> {
        let mut parts = Vec::new();
        loop {
            if self.flags.verbose {
                self.blank();
            }
            if self.rest().is_empty() || self.rest().starts_with(['|', ')']) {
                break;
            }
            let start = self.at;
            let part = self.part()?;
            let part = self.repeated(part, start)?;
            if part != Node::Empty {
                parts.push(part);
            }
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.swap_remove(0),
            _ => Node::Concat(parts),
        })
    }

    /// Spaces and comments of a verbose regex.
    fn blank(&mut self) {
        loop {
            let rest = self.rest().trim_start();
            self.at = self.text.len() - rest.len();
            if !rest.starts_with('#') {
                return;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    fn repeated(&mut self, mut node: Node, start: usize) -> Result<Node, &'static str> {
        loop {
            if self.flags.verbose {
                self.blank();
            }
            let Some((min, max)) = self.quantifier()? else { return Ok(node) };
            let possessive = self.dialect == Dialect::Python && self.take("+");
            let greedy = possessive || !self.take("?");
            let span = Span::new(start, self.at);
            node = match (min, max) {
                (1, Some(1)) => node,
                _ if matches!(node, Node::Empty | Node::Place(_) | Node::Look(_)) => node,
                _ => Node::Repeat(Box::new(Repeat { node, min, max, greedy, span })),
            };
            if possessive {
                node = Node::Atomic(Box::new(node));
            }
        }
    }

    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, &'static str> {
        for (mark, min, max) in [("*", 0, None), ("+", 1, None), ("?", 0, Some(1))] {
            if self.take(mark) {
                return Ok(Some((min, max)));
            }
        }
        let Some((inside, _)) = self.rest().strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
            return Ok(None);
        };
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let no_least = least.is_empty() && (self.dialect == Dialect::JavaScript || most.is_empty());
        if !is_number(least) || !is_number(most) || no_least {
            return Ok(None);
        }
        let number = |text: &str| text.parse::<u32>().map_err(|_| "a number is too large");
        let min = if least.is_empty() { 0 } else { number(least)? };
        let max = if most.is_empty() { None } else { Some(number(most)?) };
        if max.is_some_and(|max| max < min) {
            return Err("a repetition's end is before its start");
        }
        self.at += inside.len() + 2;
        Ok(Some((min, max)))
    }

    fn part(&mut self) -> Result<Node, &'static str> {
        let start = self.at;
        let flags = self.flags;
        Ok(match self.next().unwrap_or_default() {
            '(' => return self.group(),
            '[' => return class::class(self),
            '.' => {
                let ends = self.samples.line_ends(self.dialect);
                let chars = if flags.dot_all { self.samples.all() } else { self.samples.except(ends) };
                self.set(chars, Form::Other, start)
            }
            '^' if flags.multiline => Node::Place(Place::LineStart),
            '^' => Node::Place(Place::Start),
            '$' if flags.multiline => Node::Place(Place::LineEnd),
            '$' if self.dialect == Dialect::Python => Node::Place(Place::LastEnd),
            '$' => Node::Place(Place::End),
            '\\' => return self.escape(start),
            '*' | '+' | '?' => return Err("nothing is repeated"),
            letter => self.letter(letter, start),
        })
    }

    pub(super) fn set(&self, chars: CharSet, form: Form, start: usize) -> Node {
        Node::Set(Set { chars, form, span: Span::new(start, self.at) })
    }

    fn letter(&self, letter: char, start: usize) -> Node {
        let chars = self.samples.set(|sample| sample == letter);
        let chars = if self.flags.ignore_case { self.samples.folded(chars) } else { chars };
        self.set(chars, Form::Letter, start)
    }

    fn escape(&mut self, start: usize) -> Result<Node, &'static str> {
        let unicode = self.flags.wide(self.dialect);
        let python = self.dialect == Dialect::Python;
        let Some(kind) = self.rest().chars().next() else { return Err("it ends with a backslash") };
        let place = match kind {
            'b' => Some(Place::WordEdge { unicode, negated: false }),
            'B' => Some(Place::WordEdge { unicode, negated: true }),
            'A' if python => Some(Place::Start),
            'Z' if python => Some(Place::End),
            _ => None,
        };
        if let Some(place) = place {
            self.next();
            return Ok(Node::Place(place));
        }
        if kind == 'k' && !python && self.names.iter().any(Option::is_some) {
            self.next();
            let name = if self.take("<") { self.until('>')? } else { return Err("a name is missing") };
            return self.named(name);
        }
        if let Some(chars) = class::shorthand(self)? {
            return Ok(self.set(chars, Form::Class, start));
        }
        if matches!(kind, '1'..='9') {
            let digits = self.rest().bytes().take_while(u8::is_ascii_digit).take(3).count();
            let number: u32 = self.rest()[..digits].parse().unwrap_or(u32::MAX);
            if number as usize <= self.names.len() {
                self.at += digits;
                return Ok(Node::Back(number));
            }
            if python || self.flags.unicode {
                return Err("a group is named that there is not");
            }
        }
        let letter = class::escaped_letter(self)?;
        Ok(self.letter(letter, start))
    }

    fn named(&self, name: &str) -> Result<Node, &'static str> {
        let at = self.names.iter().position(|known| *known == Some(name));
        at.map(|at| Node::Back(at as u32 + 1)).ok_or("a group is named that there is not")
    }

    fn group(&mut self) -> Result<Node, &'static str> {
        if !self.take("?") {
            return self.remembered();
        }
        let look = |ahead, negated| Some((ahead, negated));
        for (mark, look) in
            [("=", look(true, false)), ("!", look(true, true)), ("<=", look(false, false)), ("<!", look(false, true))]
        {
            if self.take(mark)
                && let Some((ahead, negated)) = look
            {
                let node = self.closed()?;
                return Ok(Node::Look(Box::new(Look { node, ahead, negated })));
            }
        }
        let python = self.dialect == Dialect::Python;
        if self.take(":") {
            return self.closed();
        }
        if python && self.take(">") {
            return Ok(Node::Atomic(Box::new(self.closed()?)));
        }
        if python && self.take("#") {
            self.until(')')?;
            return Ok(Node::Empty);
        }
        if python && self.take("P=") {
            let name = self.until(')')?;
            return self.named(name);
        }
        if self.take(if python { "P<" } else { "<" }) {
            self.until('>')?;
            return self.remembered();
        }
        self.flagged()
    }

    fn remembered(&mut self) -> Result<Node, &'static str> {
        self.groups += 1;
        let number = self.groups;
        Ok(Node::Group(number, Box::new(self.closed()?)))
    }

    /// What stands up to a group's end; flags that are set in it end there.
    fn closed(&mut self) -> Result<Node, &'static str> {
        let flags = self.flags;
        let node = self.alternatives()?;
        self.flags = flags;
        if self.take(")") { Ok(node) } else { Err("a group is not closed") }
    }

    /// `(?i)`, `(?i:..)`, `(?i-s:..)`
    fn flagged(&mut self) -> Result<Node, &'static str> {
        let outer = self.flags;
        let mut on = true;
        loop {
            let flags = &mut self.flags;
            let flag = self.text[self.at..].chars().next();
            match flag {
                Some('-') => on = false,
                Some('i') => flags.ignore_case = on,
                Some('m') => flags.multiline = on,
                Some('s') => flags.dot_all = on,
                Some('x') if self.dialect == Dialect::Python => flags.verbose = on,
                Some('u') if self.dialect == Dialect::Python => flags.unicode = true,
                Some('a') if self.dialect == Dialect::Python => flags.unicode = false,
                Some(':') => {
                    self.at += 1;
                    let node = self.closed();
                    self.flags = outer;
                    return node;
                }
                Some(')') if self.dialect == Dialect::Python => {
                    self.at += 1;
                    return Ok(Node::Empty);
                }
                _ => return Err("a kind of group that is not read"),
            }
            self.at += 1;
        }
    }
}

/// The names of groups by their number, since a reference may stand before its group.
fn group_names(source: &str, dialect: Dialect) -> Vec<Option<&str>> {
    let mut names = Vec::new();
    let mut in_class = false;
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'[' if !in_class => {
                in_class = true;
                // `[]]` and `[^]]` hold a bracket in Python.
                let first = if bytes.get(at + 1) == Some(&b'^') { at + 2 } else { at + 1 };
                if dialect == Dialect::Python && bytes.get(first) == Some(&b']') {
                    at = first;
                }
            }
            b']' => in_class = false,
            b'(' if !in_class => {
                let inside = &source[at + 1..];
                let named = inside.strip_prefix(if dialect == Dialect::Python { "?P<" } else { "?<" });
                match named.filter(|rest| !rest.starts_with(['=', '!'])) {
                    Some(rest) => names.push(rest.split('>').next()),
                    None if !inside.starts_with('?') => names.push(None),
                    None => {}
                }
            }
            _ => {}
        }
        at += 1;
    }
    names
}
