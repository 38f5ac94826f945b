//! Layers: text that stands encoded, escaped or cut into pieces in a document, decoded with a map back,
//! so that rules read it and findings point at what stands there.

mod bytes;
mod constants;
mod escape;
mod join;
mod map;
mod notebook;
mod runs;

pub(crate) use bytes::base64;
pub use map::Layer;
pub use notebook::{Cell, cells};

use crate::limits::Limits;
use map::Edit;
use std::ops::Range;

/// What decoding a document may still cost, over all of its layers.
#[derive(Debug)]
pub struct Budget {
    bytes: usize,
    texts: usize,
    depth: usize,
    exhausted: Option<&'static str>,
}

impl Budget {
    /// All that one document may cost.
    pub fn new(limits: &Limits) -> Budget {
        Budget {
            bytes: limits.max_decoded,
            texts: limits.max_decoded_texts,
            depth: limits.max_decoding_depth,
            exhausted: None,
        }
    }

    /// What ran out, if something did: then not all was decoded.
    pub fn exhausted(&self) -> Option<&'static str> {
        self.exhausted
    }

    /// Whether a text of so many bytes may be made; it is counted.
    fn take(&mut self, bytes: usize) -> bool {
        match (self.bytes.checked_sub(bytes), self.texts.checked_sub(1)) {
            (Some(rest), Some(texts)) => (self.bytes, self.texts) = (rest, texts),
            (None, _) => self.exhausted = Some("encoded text"),
            (_, None) => self.exhausted = Some("encoded texts"),
        }
        self.exhausted.is_none()
    }
}

/// Decodes what stands encoded in `text`, a file called `path`, one level deep. Of a layer (`parent`)
/// only what is new in it is looked at, `depth` levels below the document.
pub fn find(text: &str, path: &str, parent: Option<&Layer>, depth: usize, budget: &mut Budget) -> Vec<Layer> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let mut edits = Vec::new();
    let entities = !matches!(extension, "rs" | "go" | "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "m" | "zig");
    escape::find(text, drops_indentation(&name, extension), entities, &mut edits);
    join::find(text, extension, &mut edits);
    constants::find(text, extension, &mut edits);
    in_order(&mut edits);
    let mut inline = Vec::new();
    let mut layers = Vec::new();
    let is_new = |range: &Range<usize>| parent.is_none_or(|parent| parent.is_new(range));
    let mut done = 0;
    runs::find(text.as_bytes(), |run| {
        if run.start < done || !is_new(&run) {
            return;
        }
        let run = unwrapped(text.as_bytes(), run);
        done = run.end;
        // What is cut by an escape or a join is put together first, and decoded on the next level.
        let cut = edits.partition_point(|edit| edit.outer.end < run.start);
        if edits.get(cut).is_some_and(|edit| edit.outer.start <= run.end + 1 && is_new(&edit.outer)) {
            return;
        }
        if let Some(edit) = decoded(text, run, &mut done, budget.bytes) {
            match kind(&edit.text) {
                Some(extension) if budget.take(edit.text.len()) => {
                    layers.push(Layer::whole(edit, extension));
                }
                Some(_) => {}
                None => inline.push(edit),
            }
        }
    });
    edits.retain(|edit| is_new(&edit.outer));
    edits.append(&mut inline);
    in_order(&mut edits);
    if edits.iter().any(|edit| !edit.how.is_empty()) {
        let layer = Layer::inline(text, edits);
        if budget.take(layer.text().len()) {
            layers.push(layer);
        }
    }
    if depth >= budget.depth && !layers.is_empty() {
        budget.exhausted = Some("nested encodings");
        return Vec::new();
    }
    layers
}

/// The text that a whole value stands for, if it is base64 of text, at any depth that is decoded:
/// what a Kubernetes secret or a `*_B64` setting means.
pub fn plain(value: &str) -> Option<String> {
    /// Six bytes: of random ones three in a thousand look like text.
    const SHORTEST: usize = 8;
    const LONGEST: usize = 1 << 20;
    let limits = Limits::default();
    let mut plain: Option<String> = None;
    for _ in 0..limits.max_decoding_depth {
        let value = plain.as_deref().unwrap_or(value).trim();
        let run = value.trim_end_matches('=');
        let padded = value.len().is_multiple_of(4);
        let allowed = run.len() >= SHORTEST && run.len() <= LONGEST && (padded || value.len() == run.len());
        let Some(decoded) = (if allowed { bytes::base64_text(run.as_bytes(), LONGEST) } else { None }) else { break };
        plain = Some(decoded.text);
    }
    plain.map(|mut text| {
        text.truncate(text.trim_end_matches(['\n', '\r']).len());
        text
    })
}

/// Sorts edits and drops those that overlap an earlier or, at the same place, a longer one.
fn in_order(edits: &mut Vec<Edit>) {
    edits.sort_by_key(|edit| (edit.outer.start, std::cmp::Reverse(edit.outer.end)));
    let mut end = 0;
    edits.retain(|edit| {
        let keep = edit.outer.start >= end && !edit.outer.is_empty();
        if keep {
            end = edit.outer.end;
        }
        keep
    });
}

/// Whether a file's syntax drops the blanks at the start of a line that continues another.
fn drops_indentation(name: &str, extension: &str) -> bool {
    matches!(extension, "properties" | "yml" | "yaml" | "ini" | "cfg" | "conf" | "cnf" | "reg")
        || name.starts_with(".env")
}

/// A run together with the lines that it goes on in: base64 is wrapped at 60 to 76 characters.
fn unwrapped(bytes: &[u8], run: Range<usize>) -> Range<usize> {
    const WIDTHS: Range<usize> = 56..81;
    let width = run.len();
    let mut end = run.end;
    if !WIDTHS.contains(&width) {
        return run;
    }
    loop {
        let Some(newline) = bytes[end..].iter().take(2).position(|&byte| byte == b'\n') else { return run.start..end };
        if newline == 1 && bytes[end] != b'\r' {
            return run.start..end;
        }
        let start = end + newline + 1;
        let start = start + bytes[start..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let next = runs::run_end(bytes, start);
        if next == start || next - start > width {
            return run.start..end;
        }
        end = next;
        if next - start < width {
            return run.start..end;
        }
    }
}

/// Decodes a run, if it is text. Where it is known to be something else, `done` is moved past it.
fn decoded(text: &str, run: Range<usize>, done: &mut usize, budget: usize) -> Option<Edit> {
    let bytes = text.as_bytes();
    let whole = &bytes[run.clone()];
    let fits = |run: &[u8]| bytes::may_be_text(run) || bytes::may_be_hex(run);
    let start = if fits(whole) { run.start } else { run.start + after_prefix(whole).find(|&at| fits(&whole[at..]))? };
    if let Some(end) = other(bytes, &run) {
        *done = (*done).max(end);
        return None;
    }
    let whole = &bytes[start..run.end];
    let plain = bytes::hex_text(whole, budget).or_else(|| bytes::base64_text(whole, budget))?;
    // The padding is a part of it.
    let padding = bytes[run.end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    let padding = if plain.how.first() == Some(&"base64") { padding } else { 0 };
    let mut text = plain.text;
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    Some(Edit { outer: start..run.end + padding, text, units: plain.units, how: plain.how })
}

/// Where a run may start that has something before it which is no part of it: a folder, a prefix.
fn after_prefix(run: &[u8]) -> impl Iterator<Item = usize> {
    const TRIES: usize = 2;
    // The runs of names and paths are shorter.
    const SHORTEST: usize = runs::MIN_RUN + runs::MIN_RUN / 2;
    let places = run.len().checked_sub(runs::MIN_RUN).filter(|_| run.len() >= SHORTEST).unwrap_or(0);
    let separators = run[..places].iter().enumerate().filter(|(_, byte)| matches!(byte, b'/' | b'-' | b'_' | b'+'));
    separators.map(|(at, _)| at + 1).take(TRIES)
}

/// Whether a run is known to be no text: the end of what it belongs to.
fn other(bytes: &[u8], run: &Range<usize>) -> Option<usize> {
    let (before, after, whole) = (&bytes[..run.start], &bytes[run.end..], &bytes[run.clone()]);
    // JSON web tokens: the rules for tokens read them whole.
    if whole.starts_with(b"eyJ") && (after.starts_with(b".") || before.ends_with(b".")) {
        let dotted = |byte: &&u8| runs::CLASS[usize::from(**byte)] || **byte == b'.';
        return Some(run.end + after.iter().take_while(dotted).count());
    }
    // `data:image/png;base64,..`
    if before.ends_with(b";base64,") {
        const TYPE: usize = 80;
        let head = &before[before.len().saturating_sub(TYPE)..];
        let media = memchr::memmem::rfind(head, b"data:").map(|at| &head[at + 5..])?;
        let binary = [&b"image/"[..], b"font/", b"audio/", b"video/", b"application/x-font", b"application/font"];
        return binary.iter().any(|kind| media.starts_with(kind)).then_some(run.end);
    }
    let digest = [&b"sha1-"[..], b"sha256-", b"sha384-", b"sha512-"].iter().any(|kind| whole.starts_with(kind));
    // Certificates and keys in armour: what is inside is no text.
    let armour = before.ends_with(b"-----\n") || before.ends_with(b"-----\r\n");
    (digest || armour).then_some(run.end)
}

/// What kind of file a decoded text is, as an extension; `None` for a mere value, which is read in the
/// place of its encoded form.
fn kind(text: &str) -> Option<&'static str> {
    let trimmed = text.trim_start();
    let extension = match trimmed.as_bytes() {
        [b'{', ..] if trimmed.len() > 2 => "json",
        [b'[', b'{' | b'[' | b'"' | b' ' | b'\n', ..] => "json",
        [b'<', b'?', b'p', b'h', b'p', ..] => "php",
        [b'<', ..] => "xml",
        [b'#', b'!', ..] => "sh",
        _ if !text.contains('\n') => return None,
        _ => {
            let lines = || trimmed.lines().take(20).filter(|line| !line.trim().is_empty());
            let count = lines().count();
            let most = |fits: &dyn Fn(&str) -> bool| lines().filter(|line| fits(line)).count() * 2 > count;
            if most(&|line| line.contains(": ") || line.ends_with(':')) {
                "yml"
            } else if most(&|line| line.contains('=') || line.starts_with('#') || line.starts_with('[')) {
                "env"
            } else {
                "txt"
            }
        }
    };
    Some(extension)
}

#[cfg(test)]
mod tests;
