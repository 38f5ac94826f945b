//! What is staged: entries of the index that differ from the commit they will be put on.
//!
//! The index notes of each folder which tree it was as long as nothing below it was staged. Folders
//! whose tree is that of `HEAD` are passed over whole, so that the cost is that of the change.

use super::folders::Folders;
use super::index::{Entries, Index};
use super::repository::Objects;
use gix_hash::ObjectId;
use gix_index::entry::Mode;
use gix_object::{Kind, TreeRefIter, tree::EntryKind};
use std::collections::HashMap;

/// Folders inside each other. Paths that a system can check out have far fewer parts.
const MAX_FOLDERS: usize = 1000;

/// An entry of a tree or an index that holds a file, and what the other side has there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Differing {
    pub(super) path: Vec<u8>,
    pub(super) new: Option<ObjectId>,
    pub(super) old: Option<ObjectId>,
}

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Difference {
    /// Files, in the order of their paths.
    pub(super) files: Vec<Differing>,
    /// Paths that a merge left undecided.
    pub(super) unmerged: Vec<Vec<u8>>,
}

/// Compares the index with a tree; `None` is the tree of no files.
pub(super) fn difference(index: Index, tree: Option<ObjectId>, objects: &Objects) -> Result<Difference, String> {
    let mut walk = Walk { staged: index.entries, folders: &index.folders, objects, found: Difference::default() };
    walk.folder(tree, index.folders.top(), &mut Vec::new(), 0)?;
    Ok(walk.found)
}

struct Walk<'w> {
    staged: Entries,
    folders: &'w Folders,
    objects: &'w Objects,
    found: Difference,
}

impl Walk<'_> {
    /// Compares the entries of a folder: those from here on whose paths begin with `above`.
    fn folder(
        &mut self,
        tree: Option<ObjectId>,
        known: Option<usize>,
        above: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), String> {
        if depth > MAX_FOLDERS {
            return Err("folders of the index lie too deep inside each other".to_owned());
        }
        let is_same = tree.is_some() && known.and_then(|known| self.folders.tree(known)) == tree;
        if is_same {
            while self.staged.path().is_some_and(|path| path.starts_with(above)) {
                self.staged.go_on()?;
            }
            return Ok(());
        }
        let mut entries = match tree {
            Some(tree) => entries(&tree, self.objects)?,
            None => HashMap::new(),
        };
        let folders = self.folders;
        let inside = known.map(|known| folders.inside(known)).unwrap_or_default();
        while let Some(below) = self.staged.path().and_then(|path| path.strip_prefix(&above[..])) {
            match below.iter().position(|&byte| byte == b'/') {
                Some(end) if end + 1 < below.len() => {
                    let name = below[..end].to_vec();
                    let tree = entries.remove(&(name.clone(), true)).map(|(id, _)| id);
                    let length = above.len();
                    above.extend_from_slice(&below[..=end]);
                    self.folder(tree, inside.get(&name[..]).copied(), above, depth + 1)?;
                    above.truncate(length);
                }
                _ => {
                    let name = below.to_vec();
                    self.entry(name, &mut entries)?;
                    self.staged.go_on()?;
                }
            }
        }
        self.gone(above, entries)
    }

    fn entry(&mut self, name: Vec<u8>, entries: &mut TreeEntries) -> Result<(), String> {
        let entry = self.staged.entry();
        if entry.mode == Mode::DIR {
            // A sparse index has one entry for all of a folder that is not checked out.
            let name = name.strip_suffix(b"/").unwrap_or(&name).to_vec();
            let old = entries.remove(&(name, true)).map(|(id, _)| id);
            return between_trees(Some(entry.id), old, &entry.path, self.objects, &mut self.found.files);
        }
        let old = entries.remove(&(name, false));
        if entry.is_unmerged {
            if self.found.unmerged.last() != Some(&entry.path) {
                self.found.unmerged.push(entry.path);
            }
            return Ok(());
        }
        // What is only meant to be added has no content yet.
        let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
        let new = (is_file && !entry.is_to_be_added).then_some(entry.id);
        let old = old.filter(|(_, kind)| is_file_kind(*kind)).map(|(id, _)| id);
        if new != old {
            self.found.files.push(Differing { path: entry.path, new, old });
        }
        Ok(())
    }

    /// Notes what the tree has and the index has not.
    fn gone(&mut self, above: &[u8], entries: TreeEntries) -> Result<(), String> {
        // The files of an undecided path are told as such, once for all stages.
        let mut gone: Vec<_> = entries.into_iter().collect();
        gone.sort();
        for ((name, is_tree), (id, kind)) in gone {
            let path = [above, &name].concat();
            if self.found.unmerged.last() == Some(&path) {
                continue;
            }
            if is_tree {
                between_trees(None, Some(id), &[&path[..], b"/"].concat(), self.objects, &mut self.found.files)?;
            } else if is_file_kind(kind) {
                self.found.files.push(Differing { path, new: None, old: Some(id) });
            }
        }
        Ok(())
    }
}

/// By name, and whether it is a folder: a name may be both at once in two trees.
type TreeEntries = HashMap<(Vec<u8>, bool), (ObjectId, EntryKind)>;

fn is_file_kind(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable)
}

/// The entries of a tree.
pub(super) fn entries(tree: &gix_hash::oid, objects: &Objects) -> Result<TreeEntries, String> {
    let mut buffer = Vec::new();
    objects.expect(tree, Kind::Tree, &mut buffer)?;
    let mut entries = HashMap::new();
    for entry in TreeRefIter::from_bytes(&buffer, objects.hash) {
        let entry = entry.map_err(|error| format!("tree {tree}: {error}"))?;
        let kind = entry.mode.kind();
        entries.insert((entry.filename.to_vec(), kind == EntryKind::Tree), (entry.oid.to_owned(), kind));
    }
    Ok(entries)
}

/// Files that differ between two trees, whose paths begin with `above`.
pub(super) fn between_trees(
    new: Option<ObjectId>,
    old: Option<ObjectId>,
    above: &[u8],
    objects: &Objects,
    files: &mut Vec<Differing>,
) -> Result<(), String> {
    if new == old {
        return Ok(());
    }
    if above.iter().filter(|&&byte| byte == b'/').count() > MAX_FOLDERS {
        return Err("trees lie too deep inside each other".to_owned());
    }
    let read = |tree: Option<ObjectId>| tree.map_or(Ok(HashMap::new()), |tree| entries(&tree, objects));
    let (new, mut old) = (read(new)?, read(old)?);
    let mut pairs: Vec<_> = new.into_iter().map(|(name, new)| (old.remove(&name), name, Some(new))).collect();
    pairs.extend(old.into_iter().map(|(name, old)| (Some(old), name, None)));
    pairs.sort_by(|left, right| left.1.cmp(&right.1));
    for (old, (name, is_tree), new) in pairs {
        let path = [above, &name].concat();
        if is_tree {
            let id = |entry: Option<(ObjectId, EntryKind)>| entry.map(|(id, _)| id);
            between_trees(id(new), id(old), &[&path[..], b"/"].concat(), objects, files)?;
            continue;
        }
        let file =
            |entry: Option<(ObjectId, EntryKind)>| entry.filter(|(_, kind)| is_file_kind(*kind)).map(|(id, _)| id);
        let (new, old) = (file(new), file(old));
        if new != old {
            files.push(Differing { path, new, old });
        }
    }
    Ok(())
}

/// The blob of a file in a tree.
pub(super) fn file_in(tree: &gix_hash::oid, path: &[u8], objects: &Objects) -> Result<Option<ObjectId>, String> {
    let mut tree = tree.to_owned();
    let mut buffer = Vec::new();
    let mut parts = path.split(|&byte| byte == b'/').peekable();
    while let Some(part) = parts.next() {
        objects.expect(&tree, Kind::Tree, &mut buffer)?;
        let mut found = TreeRefIter::from_bytes(&buffer, objects.hash).filter_map(Result::ok);
        let Some(entry) = found.find(|entry| entry.filename == part) else { return Ok(None) };
        match (entry.mode.kind(), parts.peek()) {
            (EntryKind::Tree, Some(_)) => tree = entry.oid.to_owned(),
            (kind, None) if is_file_kind(kind) => return Ok(Some(entry.oid.to_owned())),
            _ => return Ok(None),
        }
    }
    Ok(None)
}
