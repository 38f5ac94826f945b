//! Which files are parts of the program that data is followed through: those in which it may come in, those that
//! packages give, and what these import, down to the last.

use super::cache::{Cache, Part};
use super::flows::Kept;
use super::{Facts, Scanner};
use crate::blob::Origin;
use crate::detect::code;
use crate::error::{Error, Problem, ProblemKind};
use crate::flow::program::{Found, Program};
use crate::ir::{Kind, Module, NodeId};
use crate::store::Key;
use std::collections::{BTreeSet, HashSet};

/// The files of a program, by their index among those kept.
#[derive(Debug)]
pub(super) struct Parts {
    /// Those that were lowered.
    pub(super) modules: Vec<Option<Module>>,
    /// What those that are parts of it import.
    leads: Vec<Option<Vec<Lead>>>,
    /// Whether some file that is imported could not be read: which way a name leads then is not all told by `leads`.
    broken: bool,
}

/// What an import leads to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lead {
    File(usize),
    /// A folder of modules, any of which may be meant.
    Folder(String),
}

impl Scanner {
    /// Finds the parts of the program. What an earlier scan knows of is not lowered again.
    pub(super) fn parts(
        &self,
        kept: &[Kept],
        files: &Program<'_>,
        faces: &[usize],
        modules: Vec<Option<Module>>,
        cache: Option<&Cache>,
        facts: &mut Facts,
    ) -> Result<Parts, Error> {
        let starts: BTreeSet<usize> =
            (0..kept.len()).filter(|&at| kept[at].followed.enters).chain(faces.iter().copied()).collect();
        let mut parts = Parts { modules, leads: vec![None; kept.len()], broken: false };
        let mut last: Vec<usize> = starts.into_iter().collect();
        let mut seen: HashSet<usize> = last.iter().copied().collect();
        while !last.is_empty() {
            let read = {
                let modules = &parts.modules;
                self.on_threads(&last, |&at| self.read_part(&kept[at], modules[at].as_ref(), cache))?
            };
            let mut next = Vec::new();
            for (at, (module, part)) in last.into_iter().zip(read) {
                let not_parsed = |reason| Problem::at(Origin::clone(&kept[at].origin), ProblemKind::NotParsed, reason);
                facts.problems.extend(part.failed.map(not_parsed));
                let Some(imports) = part.imports else {
                    parts.broken = true;
                    continue;
                };
                if module.is_some() {
                    parts.modules[at] = module;
                }
                let mut leads: Vec<Lead> = Vec::new();
                for path in &imports {
                    match files.find(at as u32, path) {
                        Found::Unit(unit, _) => {
                            let unit = unit as usize;
                            leads.push(Lead::File(unit));
                            if seen.insert(unit) {
                                next.push(unit);
                            }
                        }
                        Found::Package(folder) => leads.push(Lead::Folder(folder)),
                        Found::Nothing => {}
                    }
                }
                leads.sort();
                leads.dedup();
                parts.leads[at] = Some(leads);
            }
            last = next;
        }
        Ok(parts)
    }

    /// What a file imports, and its lowered form if it had to be lowered for that.
    fn read_part(&self, kept: &Kept, module: Option<&Module>, cache: Option<&Cache>) -> (Option<Module>, Part) {
        // What of these was not read was told where they were examined.
        if let Some(module) = module {
            let part = Part { imports: Some(named_files(module, kept.code())), failed: None };
            keep(kept, &part, cache);
            return (None, part);
        }
        let known = cache.zip(kept.followed.key.as_ref());
        if let Some(part) = known.and_then(|(cache, key)| cache.get(&cache.shelf.key("part", [&key[..]]))) {
            return (None, part);
        }
        let outcome = code::lower(kept.code(), &kept.followed.script, &self.limits);
        let imports = outcome.module.as_ref().map(|module| named_files(module, kept.code()));
        let part = Part { imports, failed: outcome.failed };
        keep(kept, &part, cache);
        (outcome.module, part)
    }

    /// Lowers those of some files that are not.
    pub(super) fn lower(&self, kept: &[Kept], files: &[usize], parts: &mut Parts) -> Result<(), Error> {
        let lowered =
            self.on_threads(files, |&at| code::lower(kept[at].code(), &kept[at].followed.script, &self.limits))?;
        for (&at, outcome) in files.iter().zip(lowered) {
            parts.modules[at] = outcome.module;
        }
        Ok(())
    }
}

fn keep(kept: &Kept, part: &Part, cache: Option<&Cache>) {
    if let Some((cache, key)) = cache.zip(kept.followed.key.as_ref()).filter(|_| kept.followed.plain) {
        cache.put(&cache.shelf.key("part", [&key[..]]), part);
    }
}

/// The kept files, and which of them is which unit of the program.
#[derive(Clone, Copy)]
pub(super) struct Listing<'l> {
    pub(super) kept: &'l [Kept],
    pub(super) paths: &'l [String],
    pub(super) of_program: &'l [usize],
}

impl Parts {
    /// Whether a file is a part of the program.
    pub(super) fn is_part(&self, at: usize) -> bool {
        self.leads[at].is_some()
    }

    /// What groups of files are called in the cache: by the content of all that they lead to, and by the names
    /// of all parts of the program, since these tell what a name leads to.
    pub(super) fn keys(
        &self,
        groups: &[&[u32]],
        listing: Listing<'_>,
        (faces, alone): (&[usize], bool),
        cache: Option<&Cache>,
    ) -> Vec<Option<Key>> {
        let Some(cache) = cache.filter(|_| !self.broken) else { return vec![None; groups.len()] };
        let Listing { kept, paths, of_program } = listing;
        let names = cache.shelf.key("names", of_program.iter().map(|&at| paths[at].as_bytes()));
        let key = |group: &&[u32]| {
            let mut parts: Vec<Vec<u8>> = vec![names.to_vec()];
            for &unit in *group {
                let face = faces.binary_search(&of_program[unit as usize]).is_ok();
                parts.push([&unit.to_le_bytes()[..], &[u8::from(face) + u8::from(face && alone)]].concat());
            }
            for at in self.closure(group, listing) {
                parts.push(kept[at].followed.key?.to_vec());
            }
            Some(cache.shelf.key("group", parts.iter().map(Vec::as_slice)))
        };
        groups.iter().map(key).collect()
    }

    /// The files that some groups lead to and that are not lowered.
    pub(super) fn needed<'g>(&self, groups: impl Iterator<Item = &'g [u32]>, listing: Listing<'_>) -> Vec<usize> {
        let all: BTreeSet<usize> = groups.flat_map(|group| self.closure(group, listing)).collect();
        all.into_iter().filter(|&at| self.modules[at].is_none()).collect()
    }

    /// All files that those of a group lead to, these among them.
    fn closure(&self, group: &[u32], listing: Listing<'_>) -> BTreeSet<usize> {
        let mut all: BTreeSet<usize> = BTreeSet::new();
        let mut left: Vec<usize> = group.iter().map(|&unit| listing.of_program[unit as usize]).collect();
        while let Some(at) = left.pop() {
            let Some(leads) = self.leads[at].as_ref().filter(|_| all.insert(at)) else { continue };
            for lead in leads {
                match lead {
                    Lead::File(file) => left.push(*file),
                    Lead::Folder(folder) => {
                        let inside = |at: &&usize| {
                            listing.paths[**at].strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
                        };
                        left.extend(listing.of_program.iter().filter(inside).copied());
                    }
                }
            }
        }
        all
    }
}

/// The files that a file imports, as it names them.
fn named_files(module: &Module, text: &str) -> Vec<String> {
    let mut names: Vec<String> = module.imports.iter().map(|import| import.path.clone()).collect();
    names.extend(module.modules.iter().chain(&module.wildcards).cloned());
    // `require("./x")` in an expression of its own.
    const MARK: &str = "require(";
    let marks = memchr::memmem::find_iter(text.as_bytes(), MARK);
    names.extend(marks.filter_map(|at| quoted(&text[at + MARK.len()..])).map(str::to_owned));
    names.extend(called_files(module, text));
    names.sort();
    names.dedup();
    names
}

/// What stands in the quotes that a text starts with.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    text[1..].split_once(quote).map(|(inside, _)| inside)
}

/// The files that are imported where a program runs: `await import("./x")`.
fn called_files(module: &Module, text: &str) -> Vec<String> {
    let mut files = Vec::new();
    for id in 0..module.len() as NodeId {
        if module.kind(id) == Kind::Call
            && let Some(callee) = module.child(id, 0).filter(|&callee| module.kind(callee) == Kind::Name)
            && matches!(module.text(callee, text), "require" | "import")
            && let Some(name) = module.child(id, 1).filter(|&name| module.kind(name) == Kind::Str)
        {
            files.push(module.text(name, text).to_owned());
        }
    }
    files
}
