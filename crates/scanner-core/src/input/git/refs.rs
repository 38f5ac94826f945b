//! References by name, revisions as users write them, and all that references lead to.

use super::commits::Commit;
use super::repository::{Objects, Repository, broken};
use crate::error::Error;
use gix_hash::ObjectId;
use gix_object::{Kind, TagRefIter};
use std::path::Path;

/// Symbolic references that lead to others in a row; git follows as many.
const MAX_SYMBOLIC: usize = 5;

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
            let loose = [&self.git_dir, &self.common_dir].into_iter().find_map(|folder| read(&folder.join(&name)));
            match loose.as_deref().map(str::trim_end) {
                Some(text) => match text.strip_prefix("ref:") {
                    Some(other) => name = other.trim().to_owned(),
                    None => return self.id(text).map(Some).ok_or_else(|| format!("reference {name} is broken")),
                },
                None => return Ok(self.packed().into_iter().find(|(packed, _)| *packed == name).map(|(_, id)| id)),
            }
        }
        Err(format!("reference {name} leads to too many others"))
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
