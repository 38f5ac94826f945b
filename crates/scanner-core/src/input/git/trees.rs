//! What the trees of a repository hold, kept as differences along their deltas.
//!
//! A history has many more trees than names in them that changed: most of a tree is what the one it is
//! stored as a delta of holds. So each tree is read once, and only what differs is kept.

use super::numbers::{NumberSet, Numbers};
use super::store::{Store, Visited};
use gix_hash::ObjectId;
use gix_object::tree::{EntryKind, EntryRef};
use gix_object::{Kind, TreeRefIter};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

/// No object: the name is gone, or leads to nothing that is scanned.
const GONE: u32 = u32::MAX;

/// Trees and blobs with their paths. The largest histories have some ten million; a few hostile trees inside
/// each other have any number.
const MAX_PATHS: usize = 50_000_000;

/// Blobs that are worth sorting.
const MANY_BLOBS: usize = 100_000;

/// Steps from base to base in which two trees are looked for that build on the same one.
const MAX_STEPS: usize = 4;

/// The top of a repository, as the number of a path.
pub(super) const TOP: u32 = 0;

/// Trees by the numbers of their objects.
pub(super) struct Trees {
    /// By number: where in `held` a tree's part is.
    at: Vec<u32>,
    held: Vec<Held>,
    hash: gix_hash::Kind,
    names: Mutex<Names>,
    /// Objects that trees name and the store has not, as in a partial clone.
    missing: Mutex<HashSet<ObjectId>>,
    /// Names under which other repositories stand.
    submodules: Mutex<BTreeSet<Box<[u8]>>>,
}

/// What a tree holds in another way than its base.
struct Held {
    base: u32,
    /// By name; `GONE` for one that the base has and this has not.
    entries: Box<[(u32, u32)]>,
}

/// What trees hold under one name, as far as it is known.
pub(super) struct Children {
    /// By place in `held`: 0 for one that was not asked, 1 for one without that name, otherwise the object and 2.
    known: Vec<u32>,
    /// Trees on the way to the one that tells.
    passed: Vec<u32>,
}

#[derive(Default)]
struct Names {
    numbers: HashMap<Box<[u8]>, u32>,
    names: Vec<Box<[u8]>>,
}

impl Names {
    fn number(&mut self, name: &[u8]) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.names.len() as u32;
        self.numbers.insert(name.into(), number);
        self.names.push(name.into());
        number
    }
}

impl Trees {
    /// Reads all trees of a store.
    pub(super) fn read(store: &Store<'_>, hash: gix_hash::Kind, broken: &(dyn Fn(u32, String) + Sync)) -> Trees {
        let trees = Trees {
            at: Vec::new(),
            held: Vec::new(),
            hash,
            names: Mutex::default(),
            missing: Mutex::default(),
            submodules: Mutex::default(),
        };
        let read: Mutex<Vec<(u32, Held)>> = Mutex::default();
        let each = |visited: Visited<'_>| {
            match trees.difference(store, &visited) {
                Ok(held) => read.lock().unwrap_or_else(PoisonError::into_inner).push((visited.number, held)),
                Err(reason) => broken(visited.number, reason),
            }
            ControlFlow::Continue(())
        };
        store.visit(Kind::Tree, &|_| true, &each, broken);
        let mut trees = trees;
        trees.at = vec![GONE; store.len() as usize];
        for (number, held) in read.into_inner().unwrap_or_else(PoisonError::into_inner) {
            trees.at[number as usize] = trees.held.len() as u32;
            trees.held.push(held);
        }
        trees
    }

    /// What a tree holds in another way than the one it was decoded from.
    fn difference(&self, store: &Store<'_>, tree: &Visited<'_>) -> Result<Held, String> {
        let (old, base) = tree.base.as_ref().map_or((&b""[..], GONE), |base| (base.bytes, base.number));
        let (start, end) = self.common(tree.bytes, old);
        let mut new = self.entries(&tree.bytes[start..tree.bytes.len() - end])?;
        let mut old = self.entries(&old[start..old.len() - end])?;
        while new.last().is_some() && new.last() == old.last() {
            new.pop();
            old.pop();
        }
        let mut olds: HashMap<&[u8], EntryRef<'_>> = old.into_iter().map(|entry| (&**entry.filename, entry)).collect();
        let mut entries = Vec::new();
        for entry in new {
            let name: &[u8] = entry.filename;
            if olds.remove(name).is_some_and(|old| old == entry) {
                continue;
            }
            let is_wanted = matches!(entry.mode.kind(), EntryKind::Tree | EntryKind::Blob | EntryKind::BlobExecutable);
            if entry.mode.kind() == EntryKind::Commit {
                self.submodules.lock().unwrap_or_else(PoisonError::into_inner).insert(name.into());
            }
            let number = is_wanted.then(|| store.number(entry.oid)).flatten();
            if is_wanted && number.is_none() {
                self.missing.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.oid.to_owned());
            }
            entries.push((name, number.unwrap_or(GONE)));
        }
        entries.extend(olds.into_keys().map(|name| (name, GONE)));
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries: Vec<(u32, u32)> =
            entries.into_iter().map(|(name, child)| (names.number(name), child)).collect();
        drop(names);
        entries.sort_unstable();
        Ok(Held { base, entries: entries.into() })
    }

    /// Bytes of the entries that two trees begin with alike, and of those that they end with alike.
    fn common(&self, new: &[u8], old: &[u8]) -> (usize, usize) {
        let alike = common_start(new, old);
        let start = self.border(new, 0, |end| end > alike);
        let tail = common_end(&new[start..], &old[start..]);
        let at = self.border(new, start, |end| end > new.len() - tail);
        // The entry that the common end starts in differs, if in its first bytes only.
        let at = if at == new.len() - tail { at } else { self.next(new, at).unwrap_or(new.len()) };
        let end = new.len() - at;
        let is_border = end <= tail && self.border(old, start, |next| next > old.len() - end) == old.len() - end;
        (start, if is_border { end } else { 0 })
    }

    /// The last place from an entry's start on at which one starts before the next ends too far.
    fn border(&self, tree: &[u8], start: usize, is_too_far: impl Fn(usize) -> bool) -> usize {
        std::iter::successors(Some(start), |&at| self.next(tree, at).filter(|&end| !is_too_far(end)))
            .last()
            .unwrap_or(start)
    }

    /// Where the entry that starts at a place ends.
    fn next(&self, tree: &[u8], at: usize) -> Option<usize> {
        let end = at + memchr::memchr(0, tree.get(at..)?)? + 1 + self.hash.len_in_bytes();
        (end <= tree.len()).then_some(end)
    }

    fn entries<'t>(&self, tree: &'t [u8]) -> Result<Vec<EntryRef<'t>>, String> {
        TreeRefIter::from_bytes(tree, self.hash).collect::<Result<_, _>>().map_err(|error| error.to_string())
    }

    fn held(&self, tree: u32) -> Option<&Held> {
        self.held.get(*self.at.get(tree as usize)? as usize)
    }

    /// What trees hold under a name, before any is asked.
    pub(super) fn children(&self) -> Children {
        Children { known: vec![0; self.held.len()], passed: Vec::new() }
    }

    /// What a tree holds under the name that `children` are of.
    pub(super) fn child(&self, tree: u32, name: u32, children: &mut Children) -> Option<u32> {
        let Children { known, passed } = children;
        passed.clear();
        let mut at = tree;
        let found = loop {
            let Some(&place) = self.at.get(at as usize).filter(|&&place| place != GONE) else { break None };
            match known[place as usize] {
                0 => passed.push(place),
                1 => break None,
                child => break Some(child - 2),
            }
            let held = &self.held[place as usize];
            if let Ok(entry) = held.entries.binary_search_by_key(&name, |&(name, _)| name) {
                break Some(held.entries[entry].1).filter(|&child| child != GONE);
            }
            at = held.base;
        };
        let word = found.map_or(1, |child| child + 2);
        passed.iter().for_each(|&place| known[place as usize] = word);
        found
    }

    /// The names under which two trees may hold something else, if a few steps along their bases tell.
    pub(super) fn differing(&self, one: u32, other: u32) -> Option<Vec<u32>> {
        let chain = |tree: u32| {
            let base = |tree: &u32| self.held(*tree).map(|held| held.base).filter(|&base| base != GONE);
            std::iter::successors(Some(tree), base).take(MAX_STEPS)
        };
        let (at, common) = chain(one).enumerate().find(|(_, tree)| chain(other).any(|base| base == *tree))?;
        let passed = chain(one).take(at).chain(chain(other).take_while(|&tree| tree != common));
        let held = passed.filter_map(|tree| self.held(tree));
        Some(held.flat_map(|held| held.entries.iter().map(|&(name, _)| name)).collect())
    }

    /// All entries of a tree.
    fn whole(&self, tree: u32) -> Numbers<u32, u32> {
        let mut chain = Vec::new();
        let mut at = tree;
        while let Some(held) = self.held(at) {
            chain.push(held);
            at = held.base;
        }
        let mut all = Numbers::default();
        for held in chain.into_iter().rev() {
            all.extend(held.entries.iter().copied());
        }
        all
    }

    /// How many objects are named and not there.
    pub(super) fn missing(&self) -> usize {
        self.missing.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The names of submodules.
    pub(super) fn submodules(&self) -> Vec<String> {
        let names = self.submodules.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }

    /// The number of a name, if any tree has it.
    pub(super) fn name(&self, name: &[u8]) -> Option<u32> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).numbers.get(name).copied()
    }

    /// Adds all that can be reached from root trees: each object with each path it has.
    ///
    /// Where a tree's base has the same path too, what both hold alike is reached through the base.
    /// Gives false when there are more paths than are followed.
    pub(super) fn reach(&self, store: &Store<'_>, roots: impl IntoIterator<Item = u32>, paths: &mut Paths) -> bool {
        let mut level: Vec<(u32, u32)> = Vec::new();
        for tree in roots {
            if paths.seen.insert((tree, TOP)) {
                level.push((tree, TOP));
            }
        }
        while !level.is_empty() {
            let mut next = Vec::new();
            for (tree, path) in level {
                if paths.seen.len() + paths.blobs.len() > MAX_PATHS {
                    return false;
                }
                let Some(held) = self.held(tree) else { continue };
                let reached = paths.seen.contains(&(held.base, path));
                let mut reach = |(name, child): (u32, u32)| {
                    if child == GONE {
                        return;
                    }
                    let path = paths.number(path, name);
                    match store.kind(child) {
                        Some(Kind::Blob) => paths.blobs.push((child, path)),
                        Some(Kind::Tree) if paths.seen.insert((child, path)) => next.push((child, path)),
                        _ => {}
                    }
                };
                if reached {
                    held.entries.iter().copied().for_each(&mut reach);
                } else {
                    self.whole(tree).into_iter().for_each(&mut reach);
                }
            }
            level = next;
            paths.shrink();
        }
        true
    }

    /// A path as text.
    pub(super) fn text(&self, paths: &Paths, path: u32) -> String {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut parts = Vec::new();
        let mut at = path;
        while at != TOP {
            let (above, name) = paths.nodes[at as usize];
            parts.push(String::from_utf8_lossy(&names.names[name as usize]).into_owned());
            at = above;
        }
        parts.reverse();
        parts.join("/")
    }
}

/// Bytes that are compared at once.
const STEP: usize = 64;

/// How many bytes two texts begin with alike.
fn common_start(one: &[u8], other: &[u8]) -> usize {
    let (ones, _) = one.as_chunks::<STEP>();
    let (others, _) = other.as_chunks::<STEP>();
    let at = STEP * ones.iter().zip(others).take_while(|(one, other)| one == other).count();
    at + one[at..].iter().zip(&other[at..]).take_while(|(one, other)| one == other).count()
}

/// How many bytes two texts end with alike.
fn common_end(one: &[u8], other: &[u8]) -> usize {
    let (_, ones) = one.as_rchunks::<STEP>();
    let (_, others) = other.as_rchunks::<STEP>();
    let alike = ones.iter().rev().zip(others.iter().rev()).take_while(|(one, other)| one == other).count();
    let (one, other) = (&one[..one.len() - alike * STEP], &other[..other.len() - alike * STEP]);
    let rest = one.iter().rev().zip(other.iter().rev());
    alike * STEP + rest.take_while(|(one, other)| one == other).count()
}

/// Paths, each once, and what stands there.
pub(super) struct Paths {
    /// Of each path the one above and the last name.
    nodes: Vec<(u32, u32)>,
    numbers: Numbers<(u32, u32), u32>,
    /// Trees with their paths.
    seen: NumberSet<(u32, u32)>,
    /// Blobs with their paths, sorted by [`Paths::sort`].
    blobs: Vec<(u32, u32)>,
    /// How many of them there were when each was there once.
    single: usize,
    /// Of each object where it stands in `blobs`, and where those of the last one end.
    starts: Vec<u32>,
}

impl Paths {
    /// The top only.
    pub(super) fn new() -> Paths {
        Paths {
            nodes: vec![(TOP, 0)],
            numbers: Numbers::default(),
            seen: NumberSet::default(),
            blobs: Vec::new(),
            single: 0,
            starts: Vec::new(),
        }
    }

    fn number(&mut self, above: u32, name: u32) -> u32 {
        let next = self.nodes.len() as u32;
        let number = *self.numbers.entry((above, name)).or_insert(next);
        if number == next {
            self.nodes.push((above, name));
        }
        number
    }

    /// Whether a tree was reached.
    pub(super) fn trees(&self) -> NumberSet<u32> {
        self.seen.iter().map(|&(tree, _)| tree).collect()
    }

    /// Keeps each blob once where many were reached several times.
    fn shrink(&mut self) {
        if self.blobs.len() > 2 * self.single.max(MANY_BLOBS) {
            self.blobs.sort_unstable();
            self.blobs.dedup();
            self.single = self.blobs.len();
        }
    }

    /// To be called when all is reached of so many objects: forgets what was needed for that.
    pub(super) fn sort(&mut self, objects: u32) {
        self.seen = NumberSet::default();
        self.numbers = Numbers::default();
        self.blobs.sort_unstable();
        self.blobs.dedup();
        self.blobs.shrink_to_fit();
        self.starts = Vec::with_capacity(objects as usize + 1);
        for (at, &(blob, _)) in (0..).zip(&self.blobs) {
            while self.starts.len() <= blob as usize {
                self.starts.push(at);
            }
        }
        self.starts.resize(objects as usize + 1, self.blobs.len() as u32);
    }

    /// All blobs with their paths, sorted.
    pub(super) fn pairs(&self) -> &[(u32, u32)] {
        &self.blobs
    }

    /// Those of a blob.
    pub(super) fn range(&self, blob: u32) -> Range<usize> {
        self.starts[blob as usize] as usize..self.starts[blob as usize + 1] as usize
    }

    /// The paths at which a blob stands.
    pub(super) fn of(&self, blob: u32) -> impl Iterator<Item = u32> + '_ {
        self.blobs[self.range(blob)].iter().map(|&(_, path)| path)
    }

    /// All paths of blobs, each once.
    pub(super) fn all(&self) -> NumberSet<u32> {
        self.blobs.iter().map(|&(_, path)| path).collect()
    }

    /// The last name of a path, and the path above.
    pub(super) fn parts(&self, path: u32) -> (u32, u32) {
        self.nodes[path as usize]
    }

    /// Whether a blob stands anywhere.
    pub(super) fn has(&self, blob: u32) -> bool {
        !self.range(blob).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trees() -> Trees {
        Trees {
            at: Vec::new(),
            held: Vec::new(),
            hash: gix_hash::Kind::Sha1,
            names: Mutex::default(),
            missing: Mutex::default(),
            submodules: Mutex::default(),
        }
    }

    /// A tree with entries of these names and fills of their ids.
    fn tree(entries: &[(&str, u8)]) -> Vec<u8> {
        entries.iter().flat_map(|&(name, fill)| [format!("100644 {name}\0").as_bytes(), &[fill; 20]].concat()).collect()
    }

    #[test]
    fn entries_alike_are_passed_over_at_both_ends() {
        let trees = trees();
        let all = [("aa", 1), ("bb", 2), ("cc", 3), ("dd", 4)];
        let (old, size) = (tree(&all), tree(&all[..1]).len());
        let with = |at: usize, entry| {
            let mut all = all;
            all[at] = entry;
            tree(&all)
        };
        assert_eq!(trees.common(&old, &old), (4 * size, 0));
        assert_eq!(trees.common(&with(1, ("bb", 9)), &old), (size, 2 * size));
        assert_eq!(trees.common(&with(1, ("bx", 2)), &old), (size, 2 * size), "the name only");
        assert_eq!(trees.common(&with(0, ("aa", 9)), &old), (0, 3 * size));
        assert_eq!(trees.common(&with(3, ("dd", 9)), &old), (3 * size, 0));
        assert_eq!(trees.common(&tree(&all[1..]), &old), (0, 3 * size), "one is gone");
        assert_eq!(trees.common(&tree(&[&all[..2], &all[3..]].concat()), &old), (2 * size, size));
        assert_eq!(trees.common(&old, &tree(&all[..2])), (2 * size, 0), "some are new");
        assert_eq!(trees.common(&old, b""), (0, 0));
        // One id's bytes may look like the start of an entry.
        let mut odd = tree(&all[..1]);
        odd.truncate(size - 20);
        odd.extend_from_slice(&old[size - 3..size + 17]);
        let (start, end) = trees.common(&odd, &old);
        assert!(
            trees.entries(&odd[start..odd.len() - end]).is_ok() && trees.entries(&old[start..old.len() - end]).is_ok()
        );
    }

    #[test]
    fn bytes_alike() {
        let long: Vec<u8> = (0..200u8).collect();
        for len in [0, 1, 63, 64, 65, 130, 200] {
            assert_eq!(common_start(&long[..len], &long), len);
            assert_eq!(common_end(&long[long.len() - len..], &long), len);
        }
        let mut other = long.clone();
        other[100] = 0;
        assert_eq!((common_start(&long, &other), common_end(&long, &other)), (100, 99));
    }
}
