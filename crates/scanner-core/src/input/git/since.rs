//! The lines that a work tree has and a commit has not.

use super::changes::{added_lines, renamed};
use super::commits::Commit;
use super::lines;
use super::repository::{Objects, Repository, broken};
use super::staged::{between_trees, file_in};
use crate::change::{Added, AddedLines};
use crate::error::Error;
use crate::report::Report;
use gix_hash::ObjectId;
use gix_object::Kind;
use std::path::Path;

/// What a work tree is compared with.
#[derive(Debug)]
pub struct Since<'r> {
    repository: &'r Repository,
    tree: ObjectId,
}

impl<'r> Since<'r> {
    /// The state that a revision names.
    ///
    /// # Errors
    /// The revision names no commit that can be read.
    pub fn revision(repository: &'r Repository, revision: &str) -> Result<Since<'r>, Error> {
        let commit = repository.commit(revision)?;
        Since::commit(repository, commit)
    }

    /// The commit at which what is checked out went its own way from a branch.
    ///
    /// # Errors
    /// As for [`Since::revision`]; or the two have no commit in common, as in a shallow clone.
    pub fn fork(repository: &'r Repository, base: &str) -> Result<Since<'r>, Error> {
        let (base_id, head) = (repository.commit(base)?, repository.commit("HEAD")?);
        let failure = |reason| broken(repository.git_dir(), reason);
        match repository.merge_base(base_id, head, &repository.objects()).map_err(failure)? {
            Some(fork) => Since::commit(repository, fork),
            None if repository.shallow().is_empty() => {
                Err(failure(format!("`{base}` and HEAD have no commit in common")))
            }
            None => Err(failure(format!(
                "`{base}` and HEAD have no commit in common in this shallow clone; fetch more of its history"
            ))),
        }
    }

    fn commit(repository: &'r Repository, commit: ObjectId) -> Result<Since<'r>, Error> {
        let commit = Commit::read(&commit, &repository.objects());
        let tree = commit.map_err(|reason| broken(repository.git_dir(), reason))?.tree;
        Ok(Since { repository, tree })
    }

    /// Says which lines of the files that the report names are new; paths are those of files below
    /// `root`. Problems on the way go to the report.
    pub fn added(&self, report: &mut Report, root: &Path, sniff: usize) -> AddedLines {
        let objects = self.repository.objects();
        let mut gone = None;
        added_lines(report, |origin| Some(self.added_to(&origin.path, root, sniff, &objects, &mut gone)))
    }

    fn added_to(
        &self,
        path: &str,
        root: &Path,
        sniff: usize,
        objects: &Objects,
        gone: &mut Option<Vec<ObjectId>>,
    ) -> Result<Added, String> {
        let new = std::fs::read(root.join(path)).map_err(|error| format!("cannot be read: {error}"))?;
        let base = file_in(&self.tree, path.as_bytes(), objects)?;
        if let Some(base) = base {
            let mut old = Vec::new();
            objects.expect(&base, Kind::Blob, &mut old)?;
            return Ok(lines::change(&new, &[old], false, sniff));
        }
        if gone.is_none() {
            *gone = Some(self.gone(root, objects)?);
        }
        let id = gix_object::compute_hash(objects.hash, Kind::Blob, &new).map_err(|error| error.to_string())?;
        let old = renamed(&id, &new, gone.as_deref().unwrap_or_default(), objects)?;
        Ok(lines::change(&new, old.as_slice(), true, sniff))
    }

    /// Contents of files that the commit has and the work tree has not.
    fn gone(&self, root: &Path, objects: &Objects) -> Result<Vec<ObjectId>, String> {
        let mut files = Vec::new();
        between_trees(None, Some(self.tree), b"", objects, &mut files)?;
        let is_gone = |path: &[u8]| !root.join(&*String::from_utf8_lossy(path)).exists();
        Ok(files.into_iter().filter(|file| is_gone(&file.path)).filter_map(|file| file.old).collect())
    }
}
