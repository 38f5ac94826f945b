//! Text of PDF documents: what pages show, what was filled in and noted, and files that are attached.
//!
//! Objects are found by reading the file from its start, as a table of them may be missing or wrong; of
//! two with one number the later counts, and pages that no tree names any more are read as well.

mod filter;
mod font;
mod page;
mod syntax;

use crate::limits::{Limits, MAX_PDF_OBJECTS};
use filter::Undecoded;
use font::{Font, utf16};
use memchr::memmem;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use syntax::{Dict, Lexer, Value, is_blank};

/// What a document holds.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The pages' text, in order.
    pub(super) pages: Vec<String>,
    /// Values of forms, notes, addresses of links, and what the document says of itself: a line each.
    pub(super) fields: String,
    /// Attached files.
    pub(super) attachments: Vec<Vec<u8>>,
    /// What was not read, a sentence each.
    pub(super) faults: Vec<String>,
    /// The bound at which reading ended.
    pub(super) cut: Option<String>,
}

/// Whether a file that starts so is a PDF.
pub(super) fn is_pdf(head: &[u8]) -> bool {
    head.starts_with(b"%PDF-")
}

/// Reads a document.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Document {
    let mut document = Document::default();
    if is_encrypted(bytes) {
        document.faults.push("the PDF is encrypted; its text was not examined".to_owned());
        return document;
    }
    let mut pdf = Pdf {
        buffers: vec![Cow::Borrowed(bytes)],
        index: HashMap::new(),
        left: Cell::new(limits.max_decoded),
        full: Cell::new(false),
        unread: Cell::new(0),
        unknown_fonts: Cell::new(false),
        fonts: RefCell::new(HashMap::new()),
        pages: BTreeSet::new(),
        roots: Vec::new(),
        attached: Vec::new(),
        fields: String::new(),
    };
    pdf.find_objects();
    document.pages = pdf.pages_in_order().iter().map(|(page, resources)| pdf.page(*page, resources)).collect();
    for place in &pdf.attached {
        document.attachments.extend(pdf.object_at(place).and_then(|object| pdf.contents(&object)));
    }
    if pdf.full.get() {
        let limit = limits.max_decoded;
        document.cut = Some(format!("the PDF unpacks to more than {limit} bytes; the rest was not examined"));
    }
    if pdf.index.len() >= MAX_PDF_OBJECTS {
        document.cut = Some(format!("the PDF has more than {MAX_PDF_OBJECTS} objects; the rest was not examined"));
    }
    if pdf.unread.get() > 0 {
        let count = pdf.unread.get();
        document
            .faults
            .push(format!("parts of the PDF that are damaged or packed in a way that is not undone: {count}"));
    }
    if pdf.unknown_fonts.get() {
        document.faults.push("text in a font that does not tell its letters was not examined".to_owned());
    }
    document.fields = pdf.fields;
    document
}

/// Whether a document names a dictionary of its encryption.
fn is_encrypted(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"/Encrypt").any(|at| {
        let rest = &bytes[at + 8..];
        let value = rest.iter().find(|&&byte| !is_blank(byte));
        rest.first().is_some_and(|&next| is_blank(next) || next == b'<')
            && value.is_some_and(|&byte| byte.is_ascii_digit() || byte == b'<')
    })
}

struct Pdf<'b> {
    /// The file, and the unpacked streams of objects.
    buffers: Vec<Cow<'b, [u8]>>,
    index: HashMap<u32, Place>,
    /// Bytes that may still be unpacked, or read as objects.
    left: Cell<usize>,
    /// The bound was hit.
    full: Cell<bool>,
    /// Streams that could not be read.
    unread: Cell<usize>,
    /// A font was used that does not tell its letters.
    unknown_fonts: Cell<bool>,
    fonts: RefCell<HashMap<u32, Rc<Font>>>,
    pages: BTreeSet<u32>,
    /// Catalogs, the last of which counts.
    roots: Vec<u32>,
    /// Attached files.
    attached: Vec<Place>,
    fields: String,
}

/// Where an object stands.
#[derive(Debug, Clone)]
struct Place {
    buffer: usize,
    /// Its value.
    at: usize,
    /// Its packed bytes.
    stream: Option<Range<usize>>,
}

/// An object: its value, and the packed bytes that follow it.
struct Object<'p> {
    value: Value,
    stream: Option<&'p [u8]>,
}

impl Object<'_> {
    fn dict(&self) -> Option<&Dict> {
        if let Value::Dict(dict) = &self.value { Some(dict) } else { None }
    }
}

/// Keys of texts that people write into a document.
const FIELDS: &[&str] = &["V", "Contents", "URI", "Title", "Subject", "Keywords", "RC"];

impl<'b> Pdf<'b> {
    /// Finds all objects of the file, and those in its streams of objects.
    fn find_objects(&mut self) {
        let Cow::Borrowed(bytes) = self.buffers[0] else { return };
        let mut at = 0;
        while let Some(found) = memmem::find(&bytes[at..], b"obj") {
            let start = at + found;
            at = start + 3;
            let Some(number) = number_before(&bytes[..start]) else { continue };
            if self.index.len() >= MAX_PDF_OBJECTS {
                break;
            }
            let (value, end, cut) = value_at(bytes, at);
            self.unread.set(self.unread.get() + usize::from(cut));
            let stream = stream_at(bytes, &value, end);
            let place = Place { buffer: 0, at, stream: stream.clone() };
            at = stream.as_ref().map_or(end, |stream| stream.end).max(at);
            let object = Object { value, stream: stream.map(|stream| &bytes[stream]) };
            self.note(number, place, &object.value);
            if has_type(&object.value, "ObjStm") {
                self.add_stream_of_objects(&object);
            }
        }
    }

    /// Adds the objects that are packed together in a stream.
    fn add_stream_of_objects(&mut self, object: &Object<'_>) {
        let Some(unpacked) = self.contents(object) else { return };
        let Some(first) = object.dict().and_then(|dict| dict.get("First")).and_then(Value::number) else { return };
        let first = first.max(0.0) as usize;
        let mut lexer = Lexer::new(&unpacked[..first.min(unpacked.len())], 0);
        let mut places = Vec::new();
        while let (Some(Value::Number(number)), Some(Value::Number(offset))) = (lexer.next(), lexer.next()) {
            places.push((number as u32, first.saturating_add(offset.max(0.0) as usize)));
        }
        let buffer = self.buffers.len();
        for (number, at) in places {
            // They may name one place again and again.
            let (value, end, _) = value_at(&unpacked, at);
            if !self.charge(end.saturating_sub(at)) || self.index.len() >= MAX_PDF_OBJECTS {
                break;
            }
            self.note(number, Place { buffer, at, stream: None }, &value);
        }
        self.buffers.push(Cow::Owned(unpacked));
    }

    /// Takes note of where an object stands, and what it is.
    fn note(&mut self, number: u32, place: Place, value: &Value) {
        self.index.insert(number, place.clone());
        let Value::Dict(dict) = value else { return };
        match dict.get("Type").and_then(Value::name) {
            Some("Page") => {
                self.pages.insert(number);
            }
            Some("Catalog") => self.roots.push(number),
            Some("EmbeddedFile") => self.attached.push(place),
            _ => {}
        }
        self.add_fields(dict);
    }

    /// Adds what people wrote into a dictionary: `name: value` of a form's field, else the text.
    fn add_fields(&mut self, dict: &Dict) {
        if dict.contains_key("ByteRange") {
            return; // a signature, whose contents are no text
        }
        let named = dict.get("T").and_then(text_of);
        for (key, value) in dict.iter().filter(|(key, _)| FIELDS.contains(&key.as_str())) {
            let Some(text) = text_of(value) else { continue };
            if let Some(name) = named.as_ref().filter(|_| key == "V") {
                self.fields.push_str(&format!("{name}: "));
            }
            self.fields.push_str(&text);
            self.fields.push('\n');
        }
        // Actions of links and fields stand inside.
        if let Some(Value::Dict(action)) = dict.get("A") {
            self.add_fields(action);
        }
    }

    /// Takes bytes from what may still be read; `false` when that is less.
    fn charge(&self, bytes: usize) -> bool {
        match self.left.get().checked_sub(bytes) {
            Some(left) => self.left.set(left),
            None => self.full.set(true),
        }
        !self.full.get()
    }

    fn object_at(&self, place: &Place) -> Option<Object<'_>> {
        let bytes = self.buffers.get(place.buffer)?;
        let (value, end, _) = value_at(bytes, place.at);
        if !self.charge(end.saturating_sub(place.at)) {
            return None;
        }
        Some(Object { value, stream: place.stream.clone().map(|stream| &bytes[stream]) })
    }

    fn object(&self, number: u32) -> Option<Object<'_>> {
        self.object_at(self.index.get(&number)?)
    }

    /// What a value is, looked up if it is a reference.
    fn resolved(&self, value: Option<&Value>) -> Option<Value> {
        match value? {
            Value::Ref(number) => self.object(*number).map(|object| object.value),
            value => self.charge(weight(value)).then(|| value.clone()),
        }
    }

    fn dict(&self, value: Option<&Value>) -> Option<Dict> {
        if let Some(Value::Dict(dict)) = self.resolved(value) { Some(dict) } else { None }
    }

    /// An entry of a dictionary that may be an object of its own.
    fn entry(&self, dict: Option<&Value>, key: &str) -> Option<Value> {
        match dict? {
            Value::Dict(dict) => dict.get(key).cloned(),
            Value::Ref(number) => self.object(*number)?.dict()?.get(key).cloned(),
            _ => None,
        }
    }

    /// The unpacked bytes of an object's stream.
    fn contents(&self, object: &Object<'_>) -> Option<Vec<u8>> {
        let (dict, data) = (object.dict()?, object.stream?);
        let filters = match self.resolved(dict.get("Filter")) {
            None => Vec::new(),
            Some(Value::List(filters)) => filters,
            Some(filter) => vec![filter],
        };
        // Differences of rows, which pictures and tables of objects use, are not undone.
        let parameters = dict.get("DecodeParms").or(dict.get("DP"));
        if filters.len() > 8 || self.resolved(parameters).is_some_and(|value| has_predictor(&value)) {
            self.unread.set(self.unread.get() + 1);
            return None;
        }
        let mut data = Cow::Borrowed(data);
        for filter in &filters {
            match filter::undo(filter.name().unwrap_or_default(), &data, self.left.get()) {
                Ok(undone) => data = Cow::Owned(undone),
                Err(Undecoded::Limit) => {
                    self.full.set(true);
                    return None;
                }
                Err(Undecoded::Unread) => {
                    self.unread.set(self.unread.get() + 1);
                    return None;
                }
            }
            if !self.charge(data.len()) {
                return None;
            }
        }
        (!filters.is_empty() || self.charge(data.len())).then(|| data.into_owned())
    }

    /// All pages with the resources that they take over: as the tree of the last catalog has them, then
    /// those of no tree.
    fn pages_in_order(&self) -> Vec<(u32, Rc<Dict>)> {
        let none = Rc::new(Dict::new());
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut next: Vec<(u32, Rc<Dict>)> = self.pages.iter().rev().map(|&page| (page, Rc::clone(&none))).collect();
        let root = self.roots.last().and_then(|&root| self.entry(Some(&Value::Ref(root)), "Pages"));
        if let Some(Value::Ref(root)) = root {
            next.push((root, none));
        }
        while let Some((number, inherited)) = next.pop() {
            if !seen.insert(number) {
                continue;
            }
            let Some(object) = self.object(number) else { continue };
            let Some(dict) = object.dict() else { continue };
            let resources = self.dict(dict.get("Resources")).map_or(inherited, Rc::new);
            match self.resolved(dict.get("Kids")) {
                Some(Value::List(kids)) => {
                    let kids = kids.iter().rev();
                    let kids = kids.filter_map(|kid| if let Value::Ref(kid) = kid { Some(*kid) } else { None });
                    next.extend(kids.map(|kid| (kid, Rc::clone(&resources))));
                }
                _ => pages.push((number, resources)),
            }
        }
        pages
    }

    fn page(&self, page: u32, resources: &Dict) -> String {
        let contents = self.entry(Some(&Value::Ref(page)), "Contents");
        let parts = match (&contents, self.resolved(contents.as_ref())) {
            (_, Some(Value::List(parts))) => parts,
            (Some(one), _) => vec![one.clone()],
            (None, _) => Vec::new(),
        };
        let mut contents = Vec::new();
        for part in parts {
            let Value::Ref(number) = part else { continue };
            contents.extend(self.object(number).and_then(|object| self.contents(&object)).unwrap_or_default());
            contents.push(b'\n');
        }
        let mut writer = page::Writer::new(self);
        writer.show(&contents, resources);
        writer.text()
    }

    fn read_font(&self, font: &Dict) -> Font {
        let map = match font.get("ToUnicode") {
            Some(Value::Ref(number)) => self.object(*number).and_then(|object| self.contents(&object)),
            _ => None,
        };
        let descendant = match self.resolved(font.get("DescendantFonts")) {
            Some(Value::List(list)) => self.dict(list.first()),
            _ => None,
        };
        let widths = match &descendant {
            Some(descendant) => self.resolved(descendant.get("W")),
            None => self.resolved(font.get("Widths")),
        };
        // What is kept of a width or a meaning takes some ten times as much as its text.
        let size = widths.as_ref().map_or(0, weight) + map.as_ref().map_or(0, Vec::len);
        if !self.charge(size.saturating_mul(10)) {
            return Font::default();
        }
        Font::new(font, descendant.as_ref(), widths.as_ref(), map.as_deref())
    }
}

impl page::Resources for Pdf<'_> {
    fn font(&self, resources: &Dict, name: &str) -> Rc<Font> {
        let entry = self.entry(resources.get("Font"), name);
        let number = if let Some(Value::Ref(number)) = entry { Some(number) } else { None };
        if let Some(known) = number.and_then(|number| self.fonts.borrow().get(&number).cloned()) {
            return known;
        }
        let font = Rc::new(self.read_font(&self.dict(entry.as_ref()).unwrap_or_default()));
        if font.is_unknown() {
            self.unknown_fonts.set(true);
        }
        if let Some(number) = number {
            self.fonts.borrow_mut().insert(number, Rc::clone(&font));
        }
        font
    }

    fn form(&self, resources: &Dict, name: &str) -> Option<(Vec<u8>, Rc<Dict>)> {
        let Some(Value::Ref(number)) = self.entry(resources.get("XObject"), name) else { return None };
        let object = self.object(number)?;
        let dict = object.dict().filter(|dict| dict.get("Subtype").and_then(Value::name) == Some("Form"))?;
        Some((self.contents(&object)?, Rc::new(self.dict(dict.get("Resources")).unwrap_or_default())))
    }

    fn may_show(&self, bytes: usize) -> bool {
        self.charge(bytes)
    }

    fn cut(&self) {
        self.unread.set(self.unread.get() + 1);
    }
}

/// The number of an object whose `obj` follows: of `12 0 `.
fn number_before(before: &[u8]) -> Option<u32> {
    let blanks = |text: &[u8]| text.iter().rev().take_while(|&&byte| is_blank(byte)).count();
    let digits = |text: &[u8]| text.iter().rev().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &before[..before.len() - blanks(before)];
    let generation = digits(rest);
    let rest = &rest[..rest.len() - generation];
    let gap = blanks(rest);
    let rest = &rest[..rest.len() - gap];
    let number = &rest[rest.len() - digits(rest)..];
    if generation == 0 || gap == 0 {
        return None;
    }
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// The value that stands at a place, where it ends, and whether it was cut.
fn value_at(bytes: &[u8], at: usize) -> (Value, usize, bool) {
    let mut lexer = Lexer::new(bytes, at);
    let value = lexer.next().unwrap_or(Value::Number(0.0));
    (value, lexer.at, lexer.cut)
}

/// About as many bytes as a value takes to be written.
fn weight(value: &Value) -> usize {
    match value {
        Value::List(list) => list.iter().map(weight).sum::<usize>() + 2,
        Value::Dict(dict) => dict.iter().map(|(key, value)| key.len() + weight(value)).sum::<usize>() + 4,
        Value::Text(text) => text.len() + 2,
        _ => 4,
    }
}

/// The packed bytes that follow an object's dictionary.
fn stream_at(bytes: &[u8], value: &Value, end: usize) -> Option<Range<usize>> {
    let Value::Dict(dict) = value else { return None };
    let mut lexer = Lexer::new(bytes, end);
    lexer.skip_blank();
    let after = bytes.get(lexer.at..)?.strip_prefix(b"stream")?;
    let line = after.strip_prefix(b"\r\n").or(after.strip_prefix(b"\n")).or(after.strip_prefix(b"\r")).unwrap_or(after);
    let start = bytes.len() - line.len();
    let told = dict.get("Length").and_then(Value::number).map(|length| length.max(0.0) as usize);
    let ends_there = |&length: &usize| {
        let rest = line.get(length..).unwrap_or_default();
        let blanks = rest.iter().take(4).take_while(|&&byte| is_blank(byte)).count();
        rest[blanks..].starts_with(b"endstream")
    };
    let length = told.filter(ends_there).or_else(|| memmem::find(line, b"endstream")).unwrap_or(line.len());
    Some(start..start + length)
}

fn has_type(value: &Value, wanted: &str) -> bool {
    matches!(value, Value::Dict(dict) if dict.get("Type").and_then(Value::name) == Some(wanted))
}

fn has_predictor(value: &Value) -> bool {
    match value {
        Value::Dict(dict) => dict.get("Predictor").and_then(Value::number).is_some_and(|kind| kind > 1.0),
        Value::List(list) => list.iter().any(has_predictor),
        _ => false,
    }
}

/// A text that is not of a page: UTF-16 if it begins as such, else nearly Latin-1.
fn text_of(value: &Value) -> Option<String> {
    let Value::Text(bytes) = value else { return None };
    Some(match bytes.strip_prefix(&[0xFE, 0xFF]) {
        Some(wide) => utf16(wide),
        None => match bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]) {
            Some(text) => String::from_utf8_lossy(text).into_owned(),
            None => bytes.iter().map(|&byte| char::from(byte)).collect(),
        },
    })
}

#[cfg(test)]
mod tests;
