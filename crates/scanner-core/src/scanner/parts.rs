//! Which files are parts of the program that data is followed through: those in which it may come in, those that
//! packages give, and what these import, down to the last.

use super::cache::{Cache, Part};
use super::flows::Kept;
use super::{Facts, Scanner};
use crate::blob::Origin;
use crate::detect::code;
use crate::error::{Error, Problem, ProblemKind};
use crate::flow::paths::{Found, Paths};
use crate::ir::{Kind, Module, NodeId};
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

/// The parts of a program.
#[derive(Debug)]
pub(super) struct Parts {
    /// Of each of the files kept, if it is one, what it imports, as it names it, and what that leads to.
    pub(super) leads: Vec<Option<Vec<(String, Found)>>>,
}

/// The lowered forms of the files kept, of those that were looked at.
pub(super) type Modules = Vec<OnceLock<Module>>;

impl Scanner {
    /// Finds the parts of the program. What an earlier scan knows of is not lowered again.
    pub(super) fn parts(
        &self,
        kept: &[Kept],
        files: &Paths<'_>,
        faces: &[usize],
        modules: &Modules,
        cache: Option<&Cache>,
        facts: &mut Facts,
    ) -> Result<Parts, Error> {
        let starts: BTreeSet<usize> =
            (0..kept.len()).filter(|&at| kept[at].followed.enters).chain(faces.iter().copied()).collect();
        let mut parts = Parts { leads: kept.iter().map(|_| None).collect() };
        let mut last: Vec<usize> = starts.into_iter().collect();
        let mut seen: HashSet<usize> = last.iter().copied().collect();
        while !last.is_empty() {
            let read = self.on_threads(&last, |&at| self.read_part(&kept[at], &modules[at], cache))?;
            let mut next = Vec::new();
            for (at, part) in last.into_iter().zip(read) {
                let not_parsed = |reason| Problem::at(Origin::clone(&kept[at].origin), ProblemKind::NotParsed, reason);
                facts.problems.extend(part.failed.map(not_parsed));
                let Some(imports) = part.imports else { continue };
                let lead = |path: String| {
                    let found = files.find(at as u32, &path);
                    if let Found::Unit(unit, _) = found
                        && seen.insert(unit as usize)
                    {
                        next.push(unit as usize);
                    }
                    (path, found)
                };
                parts.leads[at] = Some(imports.into_iter().map(lead).collect());
            }
            last = next;
        }
        Ok(parts)
    }

    /// What a file imports; it is lowered if it has to be for that.
    fn read_part(&self, kept: &Kept, module: &OnceLock<Module>, cache: Option<&Cache>) -> Part {
        // What of these was not read was told where they were examined.
        if let Some(module) = module.get() {
            let part = Part { imports: Some(named_files(module, kept.code())), failed: None };
            keep(kept, &part, cache);
            return part;
        }
        let known = cache.zip(kept.followed.key.as_ref());
        if let Some(part) = known.and_then(|(cache, key)| cache.get(&cache.shelf.key("part", [&key[..]]))) {
            return part;
        }
        let outcome = code::lower(kept.code(), &kept.followed.script, &self.limits);
        let imports = outcome.module.as_ref().map(|module| named_files(module, kept.code()));
        let part = Part { imports, failed: outcome.failed };
        keep(kept, &part, cache);
        if let Some(lowered) = outcome.module {
            module.get_or_init(|| lowered);
        }
        part
    }
}

fn keep(kept: &Kept, part: &Part, cache: Option<&Cache>) {
    let mut imports = part.imports.iter().flatten();
    if let Some((cache, key)) = cache.zip(kept.followed.key.as_ref())
        && imports.all(|path| kept.credentials().all(|credential| !path.contains(credential)))
    {
        cache.put(&cache.shelf.key("part", [&key[..]]), part);
    }
}

impl Parts {
    /// Whether a file is a part of the program.
    pub(super) fn is_part(&self, at: usize) -> bool {
        self.leads[at].is_some()
    }
}

/// Names of files in a table, at most, and letters of one.
const MAX_LISTED: usize = 100;

/// The files that a file imports, as it names them.
fn named_files(module: &Module, text: &str) -> Vec<String> {
    let mut names: Vec<String> = module.imports.iter().map(|import| import.path.clone()).collect();
    names.extend(module.modules.iter().chain(&module.wildcards).cloned());
    // `require("./x")` in an expression of its own.
    const MARK: &str = "require(";
    let marks = memchr::memmem::find_iter(text.as_bytes(), MARK);
    names.extend(marks.filter_map(|at| quoted(&text[at + MARK.len()..])).map(str::to_owned));
    names.extend(called_files(module, text));
    names.extend(listed_files(module, text));
    names.sort();
    names.dedup();
    names
}

/// What stands in the quotes that a text starts with.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    text[1..].split_once(quote).map(|(inside, _)| inside)
}

/// The files that a table may name of which one is imported where a program runs: `require(COMMANDS[name])`,
/// `import_module("plugins.mail")`.
fn listed_files(module: &Module, text: &str) -> Vec<String> {
    let imports = |id: NodeId| {
        let (Some(callee), Some(name)) = (module.child(id, 0), module.child(id, 1)) else { return false };
        module.kind(id) == Kind::Call
            && match module.text(callee, text) {
                "import_module" => true,
                "require" | "import" => {
                    module.kind(callee) == Kind::Name
                        && matches!(module.kind(name), Kind::Index | Kind::Name | Kind::Member)
                }
                _ => false,
            }
    };
    let may_import = ["import_module(", "require(", "import("].iter().any(|call| text.contains(call));
    if !may_import || !(0..module.len() as NodeId).any(imports) {
        return Vec::new();
    }
    let is_path = |name: &&str| {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
        name.contains('.') && name.len() <= MAX_LISTED && name.bytes().all(is_word)
    };
    let texts = (0..module.len() as NodeId).filter(|&id| module.kind(id) == Kind::Str).map(|id| module.text(id, text));
    texts.filter(is_path).take(MAX_LISTED).map(str::to_owned).collect()
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
