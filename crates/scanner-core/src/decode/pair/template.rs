//! Values in expressions of templates and shells: what stands in where nothing else is set.

use super::name::is_name_byte;
use super::{Family, MAX_LEAD, Name, Operator, Reader, Value, find};
use std::ops::Range;

impl Reader<'_> {
    /// Whether it stands right after `${`.
    pub(super) fn is_braced(&self, name: &Name) -> bool {
        self.bytes[..name.start()].ends_with(b"${")
    }

    /// `${NAME:-value}`, `${name:value}`.
    pub(super) fn braced_default(&self, name: &Name) -> Option<Value> {
        let at = name.end();
        let mark = [":-", ":=", ":", "-"].iter().find(|mark| self.starts(at, mark))?;
        if matches!(self.at(at + 1), b'?' | b'+') {
            return None; // `${NAME:?message}`
        }
        let start = at + mark.len();
        let line = &self.bytes[start..self.line_end(start)];
        let end = start + memchr::memchr(b'}', line)?;
        // `${NAME:-'value'}`
        let is_quoted = |quote: u8| end - start > 1 && self.at(start) == quote && self.at(end - 1) == quote;
        let (start, end) = if is_quoted(b'\'') || is_quoted(b'"') { (start + 1, end - 1) } else { (start, end) };
        Some(Value::quoted(start..end, Operator::Default))
    }

    /// The expression of a template that a place stands in: between `{{` and `}}` on its line.
    pub(super) fn template_around(&self, at: usize) -> Option<Range<usize>> {
        if self.family == Family::Code {
            return None; // `style={{ .. }}` is an object in JSX
        }
        let floor = self.line_start(at).max(at.saturating_sub(MAX_LEAD));
        let lead = &self.bytes[floor..at];
        let open = floor + memchr::memrchr_iter(b'{', lead).find(|&mark| lead.get(mark + 1) == Some(&b'{'))? + 2;
        let closed = find(&self.bytes[open..at], b"}}").is_some();
        (!closed).then(|| self.template_from(open))
    }

    /// The expression of a template that starts at a place.
    fn template_from(&self, at: usize) -> Range<usize> {
        let line = &self.bytes[at..self.line_end(at)];
        let close: &[u8] = if self.before(at) == b'%' { b"%>" } else { b"}}" };
        at..at + find(line, close).unwrap_or(line.len())
    }

    /// The fallback of a value that is an expression of a template: `"{{ x | default('lit') }}"`.
    pub(super) fn template_given(&self, at: usize) -> Option<Value> {
        let open = at + usize::from(matches!(self.at(at), b'"' | b'\''));
        if self.family == Family::Code || !self.starts(open, "{{") && !self.starts(open, "<%=") {
            return None;
        }
        self.template_default(self.template_from(open + 2))
    }

    /// What an expression of a template gives where nothing else is set: `x | default("lit")`,
    /// `default "lit" .x`, `coalesce .x "lit"`, `secrets.X || 'lit'`.
    pub(super) fn template_default(&self, expression: Range<usize>) -> Option<Value> {
        const MARKS: &[&[u8]] = &[b"default", b"coalesce", b"|d(", b"| d(", b"||", b" or "];
        let text = &self.bytes[expression.clone()];
        let value = MARKS.iter().find_map(|mark| {
            let after = find(text, mark)? + mark.len();
            let rest = &text[after..];
            // `coalesce .a .b "lit"`: names may stand before it.
            let is_lead = |byte: &&u8| {
                matches!(byte, b' ' | b'(') || *mark == b"coalesce" && (is_name_byte(**byte) || **byte == b'.')
            };
            let lead = rest.iter().take_while(is_lead).count();
            self.plain_given(expression.start + after + lead, Operator::Default)
        })?;
        (value.range.end < expression.end).then_some(value)
    }
}
