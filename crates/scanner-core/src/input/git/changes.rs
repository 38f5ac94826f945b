//! The files that a change adds or alters: pushed whole, and afterwards asked for the lines it added.

use super::commits::Commit;
use super::files::{Files, Ignores};
use super::lines;
use super::repository::{Objects, Repository, broken};
use super::staged::{self, Differing};
use crate::blob::{Input, Origin, Visitor};
use crate::change::{Added, AddedLines};
use crate::error::{Error, Problem, ProblemKind};
use crate::input::TreeOptions;
use crate::report::Report;
use gix_hash::ObjectId;
use gix_object::Kind;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Contents that are compared with a new file's to see whether it was renamed and altered. Git stops at as many.
const MAX_RENAMES: usize = 1000;

/// Percent of a file that must be the same for it to be the same file under a new name, as in git.
const RENAMED: usize = 50;

/// One file of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path from the repository's top, with `/`.
    pub path: String,
    /// Its content.
    id: ObjectId,
    /// Its contents before, one for each parent that has it; none for a new file.
    bases: Vec<ObjectId>,
}

/// The files of a change. As an [`Input`] it pushes them whole; [`Changes::added`] then says which of
/// their lines are new.
#[derive(Debug)]
pub struct Changes<'r> {
    repository: &'r Repository,
    options: TreeOptions,
    files: Vec<Change>,
    /// Contents of files that the change takes away: a new file may have been one of them.
    gone: Vec<ObjectId>,
    ignores: Ignores,
    problems: Vec<Problem>,
}

impl<'r> Changes<'r> {
    /// What is staged: what the next commit adds to `HEAD` and, in a merge, to what is merged.
    ///
    /// # Errors
    /// The index, the commits or their trees cannot be read.
    pub fn staged(repository: &'r Repository, options: TreeOptions) -> Result<Changes<'r>, Error> {
        let failure = |reason| broken(repository.git_dir(), reason);
        let mut changes = Changes {
            repository,
            options,
            files: Vec::new(),
            gone: Vec::new(),
            ignores: Ignores::default(),
            problems: Vec::new(),
        };
        let Some(index) = staged::index(repository)? else { return Ok(changes) };
        let objects = repository.objects();
        let head = repository.head()?.map(|head| Commit::read(&head, &objects)).transpose().map_err(failure)?;
        let found = staged::difference(&index, head.map(|head| head.tree), &objects).map_err(failure)?;
        for path in found.unmerged {
            let origin = Origin::path(String::from_utf8_lossy(&path));
            let message = "is not merged yet; nothing is staged of it";
            changes.problems.push(Problem::at(origin, ProblemKind::Unreadable, message));
        }
        let merged = repository.merge_heads();
        let merged: Result<Vec<_>, String> = merged.iter().map(|id| Ok(Commit::read(id, &objects)?.tree)).collect();
        changes.take(found.files, &merged.map_err(failure)?, &objects).map_err(failure)?;
        let ignore_files = index.entries().iter().filter(|entry| Ignores::is_one(entry.path(&index)));
        for entry in ignore_files {
            changes.ignore(&String::from_utf8_lossy(entry.path(&index)), &entry.id, &objects);
        }
        Ok(changes)
    }

    /// Takes an ignore file into account.
    fn ignore(&mut self, path: &str, id: &ObjectId, objects: &Objects) {
        let mut text = Vec::new();
        let faults = match objects.expect(id, Kind::Blob, &mut text) {
            Ok(()) => self.ignores.add(path, &String::from_utf8_lossy(&text)).iter().map(Error::to_string).collect(),
            Err(reason) => vec![reason],
        };
        let problem = |fault| Problem::at(Origin::path(path), ProblemKind::IgnoreFile, fault);
        self.problems.extend(faults.into_iter().map(problem));
    }

    /// Takes over what differs from the first parent, unless one of the others has the same.
    fn take(&mut self, found: Vec<Differing>, others: &[ObjectId], objects: &Objects) -> Result<(), String> {
        'files: for Differing { path, new, old } in found {
            let Some(id) = new else {
                self.gone.extend(old);
                continue;
            };
            let mut bases: Vec<ObjectId> = old.into_iter().collect();
            for other in others {
                match staged::file_in(other, &path, objects)? {
                    Some(base) if base == id => continue 'files,
                    base => bases.extend(base),
                }
            }
            self.files.push(Change { path: String::from_utf8_lossy(&path).into_owned(), id, bases });
        }
        Ok(())
    }

    /// The files of the change.
    pub fn files(&self) -> &[Change] {
        &self.files
    }

    /// Says which lines of the files that the report names are new. Problems on the way go to the report.
    pub fn added(&self, report: &mut Report) -> AddedLines {
        let objects = self.repository.objects();
        let by_path: HashMap<&str, &Change> = self.files.iter().map(|file| (file.path.as_str(), file)).collect();
        let mut added = AddedLines::new();
        for path in named(report) {
            let Some(change) = by_path.get(path.as_str()) else { continue };
            let lines = self.added_to(change, &objects).unwrap_or_else(|reason| {
                report.problems.push(Problem::at(Origin::path(&path), ProblemKind::Unreadable, reason));
                Added::whole()
            });
            added.insert(path, lines);
        }
        added
    }

    fn added_to(&self, change: &Change, objects: &Objects) -> Result<Added, String> {
        let mut new = Vec::new();
        objects.expect(&change.id, Kind::Blob, &mut new)?;
        let read = |id: &ObjectId| {
            let mut bytes = Vec::new();
            objects.expect(id, Kind::Blob, &mut bytes).map(|()| bytes)
        };
        let bases: Vec<Vec<u8>> = change.bases.iter().map(read).collect::<Result<_, _>>()?;
        if bases.is_empty() {
            let old = renamed(&change.id, &new, &self.gone, objects)?;
            return Ok(lines::change(&new, old.as_slice(), true, self.options.sniff));
        }
        Ok(lines::change(&new, &bases, false, self.options.sniff))
    }
}

/// The paths of a report's findings and of the steps that lead to them.
pub(super) fn named(report: &Report) -> BTreeSet<String> {
    let findings = report.findings.iter().chain(&report.suppressed);
    let origins = findings.flat_map(|finding| {
        let steps = finding.trace.iter().map(|step| &step.location);
        std::iter::once(&finding.location).chain(steps).map(|location| location.origin.path.clone())
    });
    origins.collect()
}

/// The content that a new file had under the name it was renamed from.
pub(super) fn renamed(
    id: &ObjectId,
    new: &[u8],
    gone: &[ObjectId],
    objects: &Objects,
) -> Result<Option<Vec<u8>>, String> {
    if gone.iter().any(|old| old == id) {
        return Ok(Some(new.to_vec()));
    }
    let mut best: Option<(usize, Vec<u8>)> = None;
    let mut buffer = Vec::new();
    for old in gone.iter().take(MAX_RENAMES) {
        let size = objects.size(old)?.unwrap_or(0) as usize;
        if size.min(new.len()) * 100 < size.max(new.len()) * RENAMED {
            continue;
        }
        objects.expect(old, Kind::Blob, &mut buffer)?;
        let likeness = lines::likeness(new, &buffer);
        if likeness >= RENAMED && best.as_ref().is_none_or(|(so_far, _)| likeness > *so_far) {
            best = Some((likeness, buffer.clone()));
        }
    }
    Ok(best.map(|(_, old)| old))
}

impl Input for Changes<'_> {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        let files = Files::new(&self.options, &self.ignores, visitor)?;
        self.problems.iter().for_each(|problem| visitor.problem(problem.clone()));
        let wanted: Vec<&Change> = self.files.iter().filter(|change| !files.leaves_out(&change.path)).collect();
        let push = |(objects, buffer): &mut (Objects, Vec<u8>), change: &&Change| {
            files.read(objects, &change.id, Origin::path(&change.path), buffer);
        };
        let start = || (self.repository.objects(), Vec::new());
        if threads <= 1 || wanted.len() <= 1 {
            let mut state = start();
            wanted.iter().for_each(|change| push(&mut state, change));
            return Ok(());
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| Error::Threads(error.to_string()))?;
        pool.install(|| wanted.par_iter().for_each_init(start, push));
        Ok(())
    }
}
