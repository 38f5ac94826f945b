//! The words of office documents (Word, Excel, PowerPoint, OpenDocument): a line for each paragraph and
//! each row of a table.

use std::cell::RefCell;
use std::collections::HashSet;

/// The text of a part, and whether it was cut at a bound.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) cut: bool,
}

/// The texts that the cells of a workbook name by number.
#[derive(Debug, Default)]
pub(super) struct Shared {
    texts: Vec<String>,
    used: RefCell<HashSet<usize>>,
}

/// The part of a workbook with the texts of its cells.
pub(super) const SHARED: &str = "xl/sharedStrings.xml";

impl Shared {
    /// Reads them.
    pub(super) fn read(xml: &str) -> Shared {
        let items = xml.split_inclusive("</si>").filter(|item| item.ends_with("</si>"));
        let text = |item: &str| Reader::new(None, usize::MAX).read(item).text.trim().to_owned();
        Shared { texts: items.map(text).collect(), used: RefCell::default() }
    }

    fn at(&self, number: &str) -> Option<&str> {
        let number = number.trim().parse().ok()?;
        self.used.borrow_mut().insert(number);
        self.texts.get(number).map(String::as_str)
    }

    /// Those that no cell names, a line each.
    pub(super) fn unused(&self) -> String {
        let used = self.used.borrow();
        let rest = self.texts.iter().enumerate().filter(|(number, _)| !used.contains(number));
        rest.map(|(_, text)| format!("{text}\n")).collect()
    }
}

/// Whether a member holds what its readers see. Other parts, such as the connections of a workbook, keep
/// what matters in attributes, and are examined as the XML that they are.
pub(super) fn is_text_part(member: &str) -> bool {
    const PARTS: &[&str] = &[
        "word/document",
        "word/header",
        "word/footer",
        "word/comments",
        "word/footnotes",
        "word/endnotes",
        "xl/worksheets/",
        "xl/comments",
        "xl/threadedComments/",
        "xl/drawings/",
        "ppt/slides/",
        "ppt/notesSlides/",
        "ppt/comments",
    ];
    let path = member.rsplit("!/").next().unwrap_or(member);
    path == "content.xml" || path.ends_with(".xml") && PARTS.iter().any(|part| path.starts_with(part))
}

/// The text of such a part, `limit` bytes at the most.
pub(super) fn text(xml: &str, shared: Option<&Shared>, limit: usize) -> Text {
    Reader::new(shared, limit).read(xml)
}

/// Reads the XML, in which a tag may stand between any two letters that differ in looks.
struct Reader<'s> {
    shared: Option<&'s Shared>,
    limit: usize,
    /// Bytes put out so far.
    size: usize,
    out: String,
    /// Rows that are open, of tables inside each other, and cells in them.
    rows: Vec<Vec<String>>,
    cells: Vec<String>,
    /// Whether the cell's value is the number of a shared text.
    by_number: bool,
    /// Rows of two cells as `name: value`, and addresses: what the table as such does not tell.
    pairs: String,
}

impl<'s> Reader<'s> {
    fn new(shared: Option<&'s Shared>, limit: usize) -> Reader<'s> {
        let (out, pairs) = (String::new(), String::new());
        Reader { shared, limit, size: 0, out, rows: Vec::new(), cells: Vec::new(), by_number: false, pairs }
    }

    fn read(mut self, xml: &str) -> Text {
        let mut rest = xml;
        while let Some(open) = rest.find('<') {
            self.letters(&rest[..open]);
            let tag_end = rest[open..].find('>').map_or(rest.len(), |len| open + len);
            self.tag(&rest[open + 1..tag_end]);
            rest = rest.get(tag_end + 1..).unwrap_or_default();
            if self.size > self.limit {
                break;
            }
        }
        self.letters(rest);
        while !self.cells.is_empty() || !self.rows.is_empty() {
            self.end_cell();
            self.end_row();
        }
        let cut = self.size > self.limit;
        self.out.push_str(&self.pairs);
        Text { text: self.out, cut }
    }

    fn push(&mut self, text: &str) {
        self.size += text.len();
        self.cells.last_mut().unwrap_or(&mut self.out).push_str(text);
    }

    fn letters(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let shared = self.shared.filter(|_| self.by_number && !self.cells.is_empty());
        match shared.and_then(|shared| shared.at(raw)) {
            Some(text) => self.push(text),
            None => self.push(&plain(raw)),
        }
    }

    fn tag(&mut self, tag: &str) {
        let closes = tag.starts_with('/');
        let alone = tag.ends_with('/');
        let name = tag.trim_start_matches('/').split([' ', '/', '\t', '\n', '\r']).next().unwrap_or_default();
        match name.rsplit(':').next().unwrap_or(name) {
            "tr" | "row" | "table-row" if closes => self.end_row(),
            "tr" | "row" | "table-row" if !alone => self.rows.push(Vec::new()),
            "tc" | "c" | "table-cell" if closes => self.end_cell(),
            "tc" | "c" | "table-cell" if !self.rows.is_empty() => {
                self.cells.push(String::new());
                self.by_number = tag.contains(" t=\"s\"");
                if alone {
                    self.end_cell();
                }
            }
            "p" | "h" | "br" | "cr" | "line-break" | "si" if closes || alone => self.push("\n"),
            "tab" if closes || alone => self.push("\t"),
            "s" | "f" if closes || alone => self.push(" "),
            _ => {}
        }
        for mark in ["href=\"", "instr=\""] {
            if let Some(value) = tag.split_once(mark).and_then(|(_, rest)| rest.split('"').next()) {
                self.size += value.len();
                self.pairs.push_str(&plain(value));
                self.pairs.push('\n');
            }
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cells.pop() else { return };
        self.by_number = false;
        match self.rows.last_mut() {
            Some(row) => row.push(cell.trim().to_owned()),
            None => self.push(&cell),
        }
    }

    fn end_row(&mut self) {
        let Some(row) = self.rows.pop() else { return };
        if let [name, value] = &row.iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>()[..]
            && !name.contains('\n')
            && !value.contains('\n')
        {
            self.size += name.len() + value.len();
            self.pairs.push_str(&format!("{}: {value}\n", name.trim_end_matches([':', ' '])));
        }
        // A cell of several paragraphs keeps its lines.
        let separator = if row.iter().any(|cell| cell.contains('\n')) { "\n" } else { "\t" };
        let line = row.join(separator);
        if !line.trim().is_empty() {
            self.push(line.trim_end());
            self.push("\n");
        }
    }
}

/// Letters without XML's way to write some of them.
fn plain(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(';').map(|len| at + len);
        let letter = end.and_then(|end| entity(&rest[at + 1..end]));
        match (letter, end) {
            (Some(letter), Some(end)) => {
                out.push(letter);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "amp" => Some('&'),
        _ => match name.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(digits) => number(digits, 16),
            None => number(&name[1..], 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(xml: &str) -> String {
        text(xml, None, 1000).text
    }

    #[test]
    fn paragraphs_are_lines_whatever_they_are_made_of() {
        assert_eq!(
            of("<w:p><w:t>pass</w:t><w:r><w:t>word &amp; &lt;x&gt;</w:t></w:r></w:p><w:p/>"),
            "password & <x>\n\n"
        );
        assert_eq!(
            of("<text:p>a<text:s/>b<text:tab/>c<text:line-break/>d&#x41;&#66;&nope;</text:p>"),
            "a b\tc\ndAB&nope;\n"
        );
        assert_eq!(of("<a xlink:href=\"https://x\">b</a>"), "bhttps://x\n");
    }

    #[test]
    fn rows_of_tables_are_lines_and_two_cells_name_and_value() {
        let cell = |text: &str| format!("<w:tc><w:p><w:t>{text}</w:t></w:p></w:tc>");
        let table = format!("<w:tr>{}{}</w:tr><w:tr>{}</w:tr>", cell("name:"), cell("value"), cell("one"));
        assert_eq!(of(&table), "name:\tvalue\none\nname: value\n");
        let inner = format!("<w:tr><w:tc>{table}</w:tc></w:tr>");
        assert_eq!(of(&inner), "name:\tvalue\none\nname: value\n");
        assert_eq!(of("<w:tr><w:tc><w:p>a"), "a\n");
    }

    #[test]
    fn cells_name_shared_texts_by_number() {
        let shared =
            Shared::read("<sst><si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r></si><si><t>d</t></si></sst>");
        let sheet = "<row><c t=\"s\"><v>1</v></c><c><v>0</v></c><c t=\"s\"><v>2</v></c></row>";
        assert_eq!(text(sheet, Some(&shared), 1000).text, "bc\t0\td\n");
        assert_eq!(shared.unused(), "a\n");
        assert!(text(&sheet.repeat(100), Some(&shared), 50).cut);
    }
}
