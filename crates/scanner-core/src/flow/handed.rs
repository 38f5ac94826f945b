//! The functions that programs of Python call with a request that they have themselves: helpers, not views.

use super::engine::Engine;
use super::paths::{File, Paths};
use crate::language::Family;
use foldhash::HashSet;

/// Their names.
pub(super) type Handed = HashSet<Box<str>>;

impl Paths<'_> {
    /// Whether the program calls functions of such a name with a request that it has: `redirected(request, path)`.
    pub fn hands_request_to(&self, name: &str) -> bool {
        let called = |file: &File<'_>| -> Vec<Box<str>> {
            let sites = memchr::memmem::find_iter(file.text.as_bytes(), "(request, ");
            sites.filter_map(|at| called_with(&file.text[..at])).map(Box::from).collect()
        };
        let of_python = self.iter().filter(|file| file.family == Family::Python);
        self.handed.get_or_init(|| of_python.flat_map(called).collect()).contains(name)
    }
}

impl Engine<'_> {
    /// See [`Paths::hands_request_to`].
    pub(super) fn is_handed_request(&mut self, name: &str) -> bool {
        let is_handed = self.program.paths.hands_request_to(name);
        self.handed.insert(name.into(), is_handed);
        is_handed
    }
}

/// The name of the function that is called where a text ends, unless it is one that is defined there, a method of the
/// program's own object, or one that answers: clients have methods of those names, too.
fn called_with(before: &str) -> Option<&str> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let start = before.trim_end_matches(is_part);
    let name = &before[start.len()..];
    let head = start.trim_end_matches(' ');
    let is_own = ["self.", "cls.", "super().", "def", ")."].iter().any(|own| head.ends_with(own));
    let answers = matches!(name, "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "dispatch");
    (!name.is_empty() && !is_own && !answers).then_some(name)
}
