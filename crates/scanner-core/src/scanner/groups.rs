//! Groups of files that one engine runs, and what is kept of them from scan to scan. That holds for as long as the
//! files that the engine looked at are the same, and the names that it met there lead to the same files.

use super::cache::Cache;
use super::flows::Kept;
use super::parts::Parts;
use crate::flow::paths::{Found, Paths};
use crate::flow::{Basis, Flow, Part, Results, Sink, Watch};
use crate::span::Span;
use crate::store::Key;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Files that are run by one engine at the most: their common imports are run once for them, and what some put
/// into objects that they share is there for the others.
const TOGETHER: usize = 96;
/// One in so many folders is the first of a group, if there are no more files than that.
const FIRSTS: u64 = 4;

/// The data that was followed through a group of files.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) flows: Vec<Flow>,
    pub(super) settled: Vec<(Sink, bool)>,
    /// Files of which not all was followed.
    pub(super) exhausted: Vec<u32>,
}

/// What is kept of a group.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// The files that its engine looked at, by their paths, and what they held.
    files: Vec<String>,
    digest: Key,
    /// Paths that no import of theirs holds, each with the number of the file and what it led to.
    asked: Vec<(u32, String, String)>,
    /// Modules that were looked for in folders, and what they were.
    inside: Vec<(String, String)>,
    /// Functions, and whether some file hands them a request.
    handed: Vec<(String, bool)>,
    /// The same of parts of addresses that routes convert.
    converted: Vec<(String, Part)>,
    /// What was found, in the files by their numbers here.
    group: Group,
}

/// The files of a scan, as entries name them.
pub(super) struct Ledger<'l> {
    cache: &'l Cache,
    kept: &'l [Kept],
    paths: &'l Paths<'l>,
    parts: &'l Parts,
    /// The digests of their content, of what they import and of whether they are run, of those that have one.
    keys: Vec<Option<Key>>,
    by_name: HashMap<String, u32>,
}

impl Group {
    /// What an engine has found, in an order of its own, what it has noted, and what all of it depends on.
    pub(super) fn of(results: Results) -> (Group, Option<Box<Watch>>, Basis) {
        let Results { flows, exhausted, settled, watch, basis } = results;
        let mut exhausted: Vec<u32> = exhausted.into_iter().collect();
        exhausted.sort_unstable();
        let mut settled: Vec<(Sink, bool)> = settled.into_iter().collect();
        settled.sort_unstable();
        (Group { flows, settled, exhausted }, watch, basis)
    }

    /// Whether all its places are such of files of these sizes: no more than the store's word is taken for it.
    fn fits(&self, size: impl Fn(u32) -> usize) -> bool {
        let is_place = |unit: u32, span: Span| span.start <= span.end && span.end as usize <= size(unit);
        let is_flow = |flow: &Flow| {
            is_place(flow.unit, flow.span) && flow.trace.iter().all(|&(unit, span, _)| is_place(unit, span))
        };
        self.flows.iter().all(is_flow)
            && self.settled.iter().all(|&((unit, span, _), _)| is_place(unit, span))
            && self.exhausted.iter().all(|&unit| size(unit) > 0)
    }

    /// The same in files of other numbers; `None`: one has none.
    fn renumbered(self, number: impl Fn(u32) -> Option<u32>) -> Option<Group> {
        let flows = self.flows.into_iter().map(|flow| flow.renumbered(&number)).collect::<Option<_>>()?;
        let settled = self.settled.into_iter().map(|((unit, span, kind), is)| Some(((number(unit)?, span, kind), is)));
        let exhausted = self.exhausted.into_iter().map(&number).collect::<Option<_>>()?;
        Some(Group { flows, settled: settled.collect::<Option<_>>()?, exhausted })
    }
}

impl<'l> Ledger<'l> {
    pub(super) fn new(
        cache: &'l Cache,
        kept: &'l [Kept],
        paths: &'l Paths<'l>,
        parts: &'l Parts,
        roots: &[u32],
    ) -> Ledger<'l> {
        let keys = Vec::new();
        let by_name = (0..).zip(kept).map(|(unit, kept)| (name_of(kept), unit)).collect();
        let mut ledger = Ledger { cache, kept, paths, parts, keys, by_name };
        let is_root = |at: usize| roots.binary_search(&(at as u32)).is_ok();
        ledger.keys = (0..kept.len()).map(|at| ledger.file_key(at, is_root(at))).collect();
        ledger
    }

    /// What a file holds, what its imports lead to, and whether what it registers is run with it.
    fn file_key(&self, at: usize, is_root: bool) -> Option<Key> {
        let content = self.kept[at].followed.key?;
        let leads = self.parts.leads[at].iter().flatten();
        let leads: Vec<String> = leads.map(|(path, found)| format!("{path} {}", self.answer(found))).collect();
        let leads = leads.iter().map(String::as_bytes);
        Some(self.cache.shelf.key("leads", [&content[..], &[u8::from(is_root)]].into_iter().chain(leads)))
    }

    /// What a path leads to, in words that hold in other scans.
    fn answer(&self, found: &Found) -> String {
        match found {
            Found::Unit(unit, rest) => format!("{} {}", name_of(&self.kept[*unit as usize]), rest.join(".")),
            Found::Package(folder) => format!("{folder}/"),
            Found::Nothing => String::new(),
        }
    }

    /// What a group is called, by the files that are run, and whether as those that a package gives.
    pub(super) fn key(&self, roots: &[u32], is_face: impl Fn(u32) -> u8) -> Option<Key> {
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for &unit in roots {
            let key = self.keys[unit as usize]?;
            parts.push([&key[..], &[is_face(unit)]].concat());
        }
        Some(self.cache.shelf.key("group", parts.iter().map(Vec::as_slice)))
    }

    /// What is known of a group, if all that it depends on is as it was.
    pub(super) fn get(&self, key: &Key) -> Option<Group> {
        let Entry { files, digest, asked, inside, handed, converted, group } = self.cache.get(key)?;
        let units: Vec<u32> = files.iter().map(|file| self.by_name.get(file).copied()).collect::<Option<_>>()?;
        let unit = |number: u32| units.get(number as usize).copied();
        let is_same = self.digest(&units)? == digest
            && asked.iter().all(|(from, path, answer)| {
                unit(*from).is_some_and(|from| self.answer(&self.paths.find(from, path)) == *answer)
            })
            && inside.iter().all(|(path, answer)| self.answer(&self.in_folder(path)) == *answer)
            && handed.iter().all(|(name, is_handed)| self.paths.hands_request_to(name) == *is_handed)
            && converted.iter().all(|(asked, converts)| self.paths.routes_convert(asked) == *converts);
        let group = group.renumbered(unit).filter(|_| is_same)?;
        group.fits(|unit| self.kept[unit as usize].code().len()).then_some(group)
    }

    /// Keeps what was found.
    pub(super) fn put(&self, key: &Key, group: &Group, basis: Basis) {
        let Basis { opened, asked, inside, handed, converted } = basis;
        let numbers: HashMap<u32, u32> = opened.iter().copied().zip(0..).collect();
        let number = |unit: u32| numbers.get(&unit).copied();
        let Some(digest) = self.digest(&opened) else { return };
        let Some(group) = group.clone().renumbered(number) else { return };
        let mut more: Vec<(u32, String, String)> = Vec::new();
        for (from, path) in asked {
            let own = self.parts.leads[from as usize].iter().flatten();
            if !own.clone().any(|(own, _)| **own == *path) {
                let Some(number) = number(from) else { return };
                more.push((number, path.to_string(), self.answer(&self.paths.find(from, &path))));
            }
        }
        more.sort_unstable();
        let mut inside: Vec<(String, String)> =
            inside.into_iter().map(|path| (path.to_string(), self.answer(&self.in_folder(&path)))).collect();
        inside.sort_unstable();
        let (handed, converted) = (sorted(handed), sorted(converted));
        let files = opened.iter().map(|&unit| name_of(&self.kept[unit as usize])).collect();
        self.cache.put(key, &Entry { files, digest, asked: more, inside, handed, converted, group });
    }

    fn in_folder(&self, path: &str) -> Found {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        self.paths.in_package(folder, name)
    }

    /// Of what some files hold; `None`: of one nothing is kept.
    fn digest(&self, units: &[u32]) -> Option<Key> {
        let keys: Vec<&Key> = units.iter().map(|&unit| self.keys[unit as usize].as_ref()).collect::<Option<_>>()?;
        Some(self.cache.shelf.key("basis", keys.into_iter().map(|key| &key[..])))
    }
}

/// What tells a file from all others of a scan.
fn name_of(kept: &Kept) -> String {
    match &kept.origin.member {
        Some(member) => format!("{}\n{member}", kept.origin.path),
        None => kept.origin.path.clone(),
    }
}

/// Files that one engine runs: those of a folder, and of some folders after it. Which belong together depends on
/// their paths alone, never on threads, and a file more or less moves few others.
pub(super) fn groups<'r, 'p>(roots: &'r [u32], path: impl Fn(u32) -> &'p str) -> Vec<&'r [u32]> {
    let folder = |unit: u32| path(unit).rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_first = |folder: &str| {
        let hash = folder
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        (hash >> 32) % FIRSTS == 0
    };
    let mut groups = Vec::new();
    let mut start = 0;
    for at in 1..=roots.len() {
        let ends = at == roots.len() || at - start == TOGETHER || {
            let next = folder(roots[at]);
            next != folder(roots[at - 1]) && is_first(next)
        };
        if ends {
            groups.push(&roots[start..at]);
            start = at;
        }
    }
    groups
}

/// Answers by what was asked, in an order of their own.
fn sorted<A: Ord>(answers: Vec<(Box<str>, A)>) -> Vec<(String, A)> {
    let mut answers: Vec<(String, A)> = answers.into_iter().map(|(asked, answer)| (asked.into(), answer)).collect();
    answers.sort_unstable();
    answers
}
