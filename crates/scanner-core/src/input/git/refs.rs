//! References by name, revisions as users write them, and all that references lead to.

use super::commits::Commit;
use super::reftable::{Tables, Target};
use super::repository::{Objects, Repository, broken};
use crate::error::Error;
use gix_hash::ObjectId;
use gix_object::{Kind, TagRefIter};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Symbolic references that lead to others in a row; git follows as many.
const MAX_SYMBOLIC: usize = 5;

/// Folders of references inside each other. Names of branches have a few parts.
const MAX_FOLDERS: usize = 32;

impl Repository {
    /// The commit that is checked out; `None` before the first one.
    pub(super) fn head(&self) -> Result<Option<ObjectId>, Error> {
        self.reference("HEAD").map_err(|reason| broken(&self.git_dir, reason))
    }

    /// The object that a reference of this whole name leads to.
    pub(super) fn reference(&self, name: &str) -> Result<Option<ObjectId>, String> {
        let mut name = name.to_owned();
        for _ in 0..MAX_SYMBOLIC {
            if !is_safe(&name) {
                return Err(format!("`{name}` is no name of a reference"));
            }
            match self.target(&name)? {
                Some(Target::Symbolic(other)) => name = other,
                Some(Target::Object(id)) => return Ok(Some(id)),
                None => return Ok(None),
            }
        }
        Err(format!("reference {name} leads to too many others"))
    }

    /// Where a reference leads at once.
    pub(super) fn target(&self, name: &str) -> Result<Option<Target>, String> {
        // Beside tables stands a `HEAD` that leads nowhere; what is no reference but ids is in files all the same.
        if let Some(tables) = &self.tables
            && (name == "HEAD" || name.starts_with("refs/") || tables.references.contains_key(name))
        {
            return Ok(tables.references.get(name).cloned());
        }
        let loose = [&self.git_dir, &self.common_dir].into_iter().find_map(|folder| read(&folder.join(name)));
        match loose.as_deref().map(str::trim_end) {
            Some(text) => match text.strip_prefix("ref:") {
                Some(other) => Ok(Some(Target::Symbolic(other.trim().to_owned()))),
                None => {
                    let id = self.id(text).ok_or_else(|| format!("reference {name} is broken"))?;
                    Ok(Some(Target::Object(id)))
                }
            },
            None => {
                let packed = self.packed().into_iter().find(|(packed, _)| packed == name);
                Ok(packed.map(|(_, id)| Target::Object(id)))
            }
        }
    }

    /// The commit that a revision names: a branch, a tag, an id or the start of one, `HEAD`, with `~N`
    /// and `^N` behind it.
    ///
    /// # Errors
    /// It names nothing, or no commit.
    pub(super) fn commit(&self, revision: &str) -> Result<ObjectId, Error> {
        let objects = self.objects();
        self.revision(revision, &objects).map_err(|reason| broken(&self.git_dir, format!("`{revision}`: {reason}")))
    }

    fn revision(&self, revision: &str, objects: &Objects) -> Result<ObjectId, String> {
        let end = revision.find(['~', '^']).unwrap_or(revision.len());
        let (name, mut rest) = revision.split_at(end);
        let id = self.named(if name == "@" { "HEAD" } else { name }, objects)?;
        let mut id = peel(id, objects)?;
        while let Some(step) = rest.chars().next() {
            let digits = rest[1..].find(|letter: char| !letter.is_ascii_digit()).map_or(rest.len(), |at| at + 1);
            let number = if digits == 1 { Ok(1) } else { rest[1..digits].parse::<usize>() };
            let number = number.map_err(|_| "the number is too large".to_owned())?;
            let (times, which) = match step {
                '~' => (number, 1),
                '^' => (usize::from(number > 0), number),
                _ => return Err("is no revision".to_owned()),
            };
            for _ in 0..times {
                let parents = Commit::read(&id, objects)?.parents;
                id = *parents.get(which.wrapping_sub(1)).ok_or_else(|| format!("commit {id} has no such parent"))?;
            }
            rest = &rest[digits..];
        }
        Ok(id)
    }

    fn named(&self, name: &str, objects: &Objects) -> Result<ObjectId, String> {
        for front in ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"] {
            let whole = format!("{front}{name}");
            // Other files lie beside `HEAD`.
            let plain = front.is_empty() && !name.starts_with("refs/") && !is_special(name);
            if !plain && let Ok(Some(id)) = self.reference(&whole) {
                return Ok(id);
            }
        }
        if let Some(id) = self.id(name).or_else(|| objects.by_prefix(name)) {
            return Ok(id);
        }
        let remote = self.reference(&format!("refs/remotes/{name}/HEAD")).ok().flatten();
        remote.ok_or_else(|| "no branch, tag or commit is called so".to_owned())
    }

    /// The commits that a merge in progress joins to `HEAD`.
    pub(super) fn merge_heads(&self) -> Vec<ObjectId> {
        let text = read(&self.git_dir.join("MERGE_HEAD")).unwrap_or_default();
        text.lines().filter_map(|line| self.id(line.trim())).collect()
    }

    /// All references by name.
    pub(super) fn references(&self) -> BTreeMap<String, ObjectId> {
        if let Some(tables) = &self.tables {
            let named = tables.references.keys().filter(|name| name.starts_with("refs/"));
            return named.filter_map(|name| Some((name.clone(), self.reference(name).ok()??))).collect();
        }
        let mut all: BTreeMap<String, ObjectId> = self.packed().into_iter().collect();
        for folder in [&self.common_dir, &self.git_dir] {
            let mut files = Vec::new();
            walk(&folder.join("refs"), 0, &mut files);
            for file in files {
                let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
                if let Ok(Some(id)) = self.reference(&name) {
                    all.insert(name, id);
                }
            }
        }
        all
    }

    /// All that references, their logs and what is checked out anywhere lead to; and what cannot be read of them.
    pub(super) fn roots(&self) -> (Vec<ObjectId>, Vec<String>) {
        let mut faults = Vec::new();
        let mut roots: Vec<ObjectId> = self.references().into_values().collect();
        let mut tops = vec![self.common_dir.clone(), self.git_dir.clone()];
        let others = std::fs::read_dir(self.common_dir.join("worktrees"));
        tops.extend(others.into_iter().flatten().flatten().map(|entry| entry.path()));
        for top in tops {
            if self.tables.is_some() {
                let tables = Tables::read(&top, self.hash).unwrap_or_else(|reason| {
                    faults.push(format!("references of {} cannot be read: {reason}", top.display()));
                    Tables::default()
                });
                roots.extend(tables.logged);
                roots.extend(tables.references.into_values().filter_map(|target| match target {
                    Target::Object(id) => Some(id),
                    Target::Symbolic(_) => None,
                }));
            }
            let names = std::fs::read_dir(&top).into_iter().flatten().flatten();
            let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
            for name in names.filter(|name| is_special(name)) {
                let text = read(&top.join(name)).unwrap_or_default();
                roots.extend(text.lines().filter_map(|line| self.id(line.split_whitespace().next()?)));
            }
            let mut logs = Vec::new();
            walk(&top.join("logs"), 0, &mut logs);
            for text in logs.iter().filter_map(|log| read(log)) {
                let ids = text.lines().flat_map(|line| line.split(' ').take(2));
                roots.extend(ids.filter_map(|id| self.id(id)));
            }
        }
        roots.extend(self.head().ok().flatten());
        roots.retain(|id| !id.is_null());
        roots.sort_unstable();
        roots.dedup();
        (roots, faults)
    }

    fn packed(&self) -> Vec<(String, ObjectId)> {
        let text = read(&self.common_dir.join("packed-refs")).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with(['#', '^']));
        lines
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(id, name)| Some((name.to_owned(), self.id(id)?)))
            .collect()
    }

    /// A whole id in hex.
    pub(super) fn id(&self, hex: &str) -> Option<ObjectId> {
        (hex.len() == self.hash.len_in_hex()).then(|| ObjectId::from_hex(hex.as_bytes()).ok()).flatten()
    }
}

fn read(file: &Path) -> Option<String> {
    std::fs::read(file).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether a name stays within the repository.
fn is_safe(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('/') && !name.contains('\\') && name.split('/').all(|part| part != "..")
}

/// References that are no branch or tag.
fn is_special(name: &str) -> bool {
    name == "HEAD" || name.ends_with("_HEAD") && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_FOLDERS => walk(&entry.path(), depth + 1, files),
            Ok(kind) if !kind.is_dir() => files.push(entry.path()),
            _ => {}
        }
    }
}

/// The commit that an object is or, as a tag, leads to.
pub(super) fn peel(mut id: ObjectId, objects: &Objects) -> Result<ObjectId, String> {
    let mut buffer = Vec::new();
    for _ in 0..MAX_SYMBOLIC {
        match objects.read(&id, &mut buffer)? {
            Some(Kind::Commit) => return Ok(id),
            Some(Kind::Tag) => {
                let tag = TagRefIter::from_bytes(&buffer, objects.hash);
                id = tag.target_id().map_err(|error| format!("tag {id}: {error}"))?;
            }
            Some(kind) => return Err(format!("object {id} is a {kind}, not a commit")),
            None => return Err(format!("object {id} is missing")),
        }
    }
    Err(format!("tag {id} leads to too many others"))
}
