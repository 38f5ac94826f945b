//! Values in tables of programs: names stand in a head, values in the rows below, as tests are given their cases.

use super::name::is_name_byte;
use super::{Family, MAX_VALUES, Name, Operator, Reader, Value};
use std::ops::Range;

/// Bytes of a head on either side of a name in it.
const HEAD: usize = 600;

impl Reader<'_> {
    /// The values below a name in the head of a table of cases.
    pub(super) fn cases(&self, name: &Name) -> Option<Vec<Value>> {
        if self.family != Family::Code {
            return None;
        }
        self.parametrized(name)
            .or_else(|| self.of_struct(name))
            .or_else(|| self.of_attributes(name))
            .or_else(|| self.below_names(name))
    }

    /// pytest: `parametrize("user,password", [("anna", "value"), ..])`, also with a list of names.
    fn parametrized(&self, name: &Name) -> Option<Vec<Value>> {
        let floor = name.start().saturating_sub(HEAD);
        let head = &self.bytes[floor..name.start()];
        let open = floor + memchr::memmem::rfind(head, b"parametrize(")? + b"parametrize(".len();
        let first = self.skip_space(open);
        // One text of names, or a list of such.
        let names = match self.plain_literal(first) {
            Some(text) => text.range,
            None if matches!(self.at(first), b'[' | b'(') => {
                let rest = &self.bytes[first..(first + HEAD).min(self.bytes.len())];
                first + 1..first + memchr::memchr2(b']', b')', rest)?
            }
            None => return None,
        };
        if !names.contains(&name.range.start) {
            return None;
        }
        let index = count(&self.bytes[names.start..name.range.start], b',');
        let single = count(&self.bytes[names.clone()], b',') == 0;
        let comma = self.skip_space(names.end + usize::from(self.at(names.end) != b','));
        let list = self.skip_space(comma + usize::from(self.at(comma) == b','));
        // `argvalues=[`
        let list = if self.starts(list, "argvalues=") { list + "argvalues=".len() } else { list };
        if !matches!(self.at(list), b'[' | b'(') {
            return None;
        }
        if single {
            self.row(list + 1).map(|(cells, _)| given(cells.into_iter().flatten()))
        } else {
            self.column_of_rows(list + 1, index, None)
        }
    }

    /// Go: `[]struct{ user, password string }{{"anna", "value"}, ..}`.
    fn of_struct(&self, name: &Name) -> Option<Vec<Value>> {
        if name.quote.is_some() {
            return None;
        }
        let floor = name.start().saturating_sub(HEAD);
        let open = floor + memchr::memrchr(b'{', &self.bytes[floor..name.start()])?;
        if self.word_before(self.skip_blanks_back(open)) != b"struct" {
            return None;
        }
        let rest = &self.bytes[name.end()..(name.end() + HEAD).min(self.bytes.len())];
        let close = name.end() + memchr::memchr(b'}', rest)?;
        if self.at(close + 1) != b'{' {
            return None;
        }
        // Fields end with their line; several names may share a type.
        let before = &self.bytes[open + 1..name.start()];
        let fields = before.split(|byte| matches!(byte, b';' | b'\n'));
        let has_field = |field: &[u8]| !field.trim_ascii().is_empty() && !field.trim_ascii().starts_with(b"//");
        let fields: Vec<&[u8]> = fields.collect();
        let (own, earlier) = fields.split_last()?;
        let index = earlier.iter().filter(|field| has_field(field)).map(|field| count(field, b',') + 1).sum::<usize>();
        self.column_of_rows(close + 2, index + count(own, b','), None)
    }

    /// .NET: `[InlineData("anna", "value")]` above `void Login(string user, string password)`.
    fn of_attributes(&self, name: &Name) -> Option<Vec<Value>> {
        const ATTRIBUTES: &[&str] = &["[InlineData(", "[TestCase(", "[DataRow(", "[Row(", "[Arguments("];
        let head = self.line_start(name.start())..name.start();
        let open = head.start + memchr::memchr(b'(', &self.bytes[head.clone()])?;
        let ends = matches!(self.at(self.skip_blanks(name.end())), b',' | b')');
        // A type and a name each, and nothing else.
        let is_list = |byte: &u8| is_name_byte(*byte) || b" ,?<>[].".contains(byte);
        let parameters = &self.bytes[open + 1..head.end];
        let typed = parameters.trim_ascii_end().len() < parameters.len();
        if !ends || !typed || !parameters.iter().all(is_list) {
            return None;
        }
        let index = count(parameters, b',');
        let mut values = Vec::new();
        let mut line = head.start;
        while values.len() < MAX_VALUES && line > 0 {
            line = self.line_start(line - 1);
            let start = self.skip_blanks(line);
            let Some(attribute) = ATTRIBUTES.iter().find(|attribute| self.starts(start, attribute)) else {
                // Others may stand between: `[Theory]`.
                if self.at(start) == b'[' { continue } else { break }
            };
            let cells = self.row(start + attribute.len()).map(|(cells, _)| cells).unwrap_or_default();
            values.extend(cells.into_iter().nth(index).flatten());
        }
        (!values.is_empty()).then(|| given(values.into_iter()))
    }

    /// Lists of the same length: `["user", "password"], ["anna", "value"]`, and what Gherkin and Jest draw with bars.
    fn below_names(&self, name: &Name) -> Option<Vec<Value>> {
        if name.quote.is_none() {
            return self.drawn_below(name);
        }
        let floor = name.start().saturating_sub(HEAD);
        let open = floor + self.bytes[floor..name.start()].iter().rposition(|byte| matches!(byte, b'[' | b'('))?;
        // `("user", "password"), ("anna", "..")` are pairs of a user and a password.
        if self.at(open) != b'[' {
            return None;
        }
        let (names, end) = self.row(open + 1)?;
        let index = names.iter().position(|cell| cell.as_ref() == Some(&name.range))?;
        // Heads are words that are given as they stand.
        let is_word = |cell: &Option<Range<usize>>| {
            cell.as_ref()
                .is_some_and(|cell| self.bytes[cell.clone()].iter().all(|&byte| is_name_byte(byte) || byte == b' '))
        };
        let next = self.skip_space(end + usize::from(self.at(end) == b','));
        let is_list =
            names.len() > 1 && names.iter().all(is_word) && self.at(end) == b',' && self.at(next) == self.at(open);
        // Of a call its arguments are no list.
        let is_call = is_name_byte(self.before(open));
        (is_list && !is_call).then(|| self.column_of_rows(next, index, Some(names.len())))?
    }

    /// The cells of a column of `| anna | value |`, below its head, which stands below what announces it: `Examples:`.
    fn drawn_below(&self, name: &Name) -> Option<Vec<Value>> {
        let head = self.line_start(name.start())..self.line_end(name.start());
        let announced = self.before(self.skip_space_back(head.start)) == b':';
        if !announced || !self.bytes[head.clone()].trim_ascii_start().starts_with(b"| ") {
            return None;
        }
        if count(&self.bytes[head], b'|') < 2 {
            return None;
        }
        let is_drawn = |cell: &Range<usize>| {
            self.bytes[self.line_start(cell.start)..cell.end].trim_ascii_start().starts_with(b"|")
        };
        let value = |cell: Range<usize>| {
            let text = &self.bytes[cell.clone()];
            let start = cell.start + text.len() - text.trim_ascii_start().len();
            Value::quoted(start..start + text.trim_ascii().len(), Operator::Entry)
        };
        let cells = self.cells_below(name, b'|').take_while(is_drawn);
        let values: Vec<Value> = cells.map(value).take(MAX_VALUES).collect();
        (!values.is_empty()).then_some(values)
    }

    /// The literals of a column of rows, each in brackets and of one width, that follow one another from `at`.
    fn column_of_rows(&self, mut at: usize, index: usize, width: Option<usize>) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        for _ in 0..MAX_VALUES {
            at = self.skip_space(at);
            // `pytest.param("anna", "value")`, and what a comment says.
            while self.starts(at, "//") || self.at(at) == b'#' {
                at = self.skip_space(self.next_line(at));
            }
            if self.starts(at, "pytest.param") {
                at += "pytest.param".len();
            }
            if !matches!(self.at(at), b'(' | b'[' | b'{') {
                break;
            }
            // `{user: "anna"}` names its values itself.
            let first = self.skip_space(at + 1);
            let word = self.bytes[first..].iter().take(HEAD).take_while(|&&byte| is_name_byte(byte)).count();
            let named = word > 0 && self.at(first + word) == b':';
            let Some((cells, end)) = self.row(at + 1).filter(|_| !named) else { break };
            if width.is_some_and(|width| cells.len() != width) {
                return None;
            }
            values.extend(cells.into_iter().nth(index).flatten());
            at = self.skip_space(end);
            if self.at(at) != b',' {
                break;
            }
            at += 1;
        }
        (!values.is_empty()).then(|| given(values.into_iter()))
    }
}

fn given(cells: impl Iterator<Item = Range<usize>>) -> Vec<Value> {
    cells.take(MAX_VALUES).map(|range| Value::quoted(range, Operator::Listed)).collect()
}

fn count(text: &[u8], wanted: u8) -> usize {
    memchr::memchr_iter(wanted, text).count()
}
