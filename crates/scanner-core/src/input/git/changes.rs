//! The files that a change adds or alters: pushed whole, and afterwards asked for the lines it added.

use super::attribute::introduced;
use super::commits::Commit;
use super::files::{Files, Ignores};
use super::history::{COMMIT_MESSAGE, FILE_NAMES, pool};
use super::index::Index;
use super::lines;
use super::range::Range;
use super::repository::{Objects, Repository, broken};
use super::staged::{self, Differing};
use super::visit::commit_text;
use crate::blob::{Blob, Input, Origin, Visitor};
use crate::change::{Added, AddedLines};
use crate::error::{Error, Problem, ProblemKind};
use crate::finding::Finding;
use crate::input::TreeOptions;
use crate::report::Report;
use gix_hash::ObjectId;
use gix_object::Kind;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Contents that are compared with a new file's to see whether it was renamed and altered. Git stops at as many.
const MAX_RENAMES: usize = 1000;

/// Percent of a file that must be the same for it to be the same file under a new name, as in git.
const RENAMED: usize = 50;

/// One file of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path from the repository's top, with `/`.
    pub path: String,
    /// The commit that makes the change; `None` for one that is not committed yet.
    commit: Option<ObjectId>,
    /// Its content.
    id: ObjectId,
    /// Its contents before, one for each parent that has it; none for a new file.
    bases: Vec<ObjectId>,
}

/// The files of a change. As an [`Input`] it pushes them whole; `added` then says which of
/// their lines are new.
#[derive(Debug)]
pub struct Changes<'r> {
    repository: &'r Repository,
    options: TreeOptions,
    files: Vec<Change>,
    /// Contents of files that a commit takes away: a new file may have been one of them.
    gone: HashMap<Option<ObjectId>, Vec<ObjectId>>,
    /// The commits of a range, each after its parents.
    commits: Vec<ObjectId>,
    ignores: Ignores,
    problems: Vec<Problem>,
}

impl<'r> Changes<'r> {
    fn none(repository: &'r Repository, options: TreeOptions) -> Changes<'r> {
        let (files, gone, commits) = (Vec::new(), HashMap::new(), Vec::new());
        Changes { repository, options, files, gone, commits, ignores: Ignores::default(), problems: Vec::new() }
    }

    /// What the commits of a range add, each to its parents.
    ///
    /// # Errors
    /// The range names what is not there, or commits and trees cannot be read.
    pub fn of_range(repository: &'r Repository, options: TreeOptions, range: &Range) -> Result<Changes<'r>, Error> {
        let failure = |reason| broken(repository.git_dir(), reason);
        let mut changes = Changes::none(repository, options);
        let commits = range.commits(repository)?;
        let difference = |objects: &mut Objects, (id, commit): &(ObjectId, Commit)| {
            let mut trees = Vec::new();
            for parent in &commit.parents {
                // What a shallow clone left out is as if it were empty.
                if objects.kind(parent)?.is_some() {
                    trees.push(Commit::read(parent, objects)?.tree);
                }
            }
            let mut found = Vec::new();
            staged::between_trees(Some(commit.tree), trees.first().copied(), b"", objects, &mut found)?;
            let mut own = Changes::none(repository, TreeOptions::default());
            own.take(Some(*id), found, trees.get(1..).unwrap_or_default(), objects)?;
            Ok((own.files, own.gone))
        };
        let found: Result<Vec<_>, String> = commits.par_iter().map_init(|| repository.objects(), difference).collect();
        for (files, gone) in found.map_err(failure)? {
            changes.files.extend(files);
            changes.gone.extend(gone);
        }
        changes.commits = commits.into_iter().map(|(id, _)| id).collect();
        changes.read_ignores();
        Ok(changes)
    }

    /// Takes the ignore files of `HEAD` into account.
    fn read_ignores(&mut self) {
        let objects = self.repository.objects();
        let Ok(Some(head)) = self.repository.head() else { return };
        let found = Commit::read(&head, &objects).and_then(|commit| Ignores::of_tree(&commit.tree, &objects));
        match found {
            Ok((ignores, problems)) => {
                self.ignores = ignores;
                self.problems.extend(problems);
            }
            Err(message) => {
                self.problems.push(Problem { origin: None, line: None, kind: ProblemKind::Unreadable, message });
            }
        }
    }

    /// What is staged: what the next commit adds to `HEAD` and, in a merge, to what is merged.
    ///
    /// # Errors
    /// The index, the commits or their trees cannot be read.
    pub fn staged(repository: &'r Repository, options: TreeOptions) -> Result<Changes<'r>, Error> {
        let failure = |reason| broken(repository.git_dir(), reason);
        let mut changes = Changes::none(repository, options);
        let Some(mut index) = Index::open(repository, Ignores::is_one)? else { return Ok(changes) };
        let objects = repository.objects();
        let head = repository.head()?.map(|head| Commit::read(&head, &objects)).transpose().map_err(failure)?;
        let ignore_files = std::mem::take(&mut index.noted);
        let found = staged::difference(index, head.map(|head| head.tree), &objects).map_err(failure)?;
        for path in found.unmerged {
            let origin = Origin::path(String::from_utf8_lossy(&path));
            let message = "is not merged yet; nothing is staged of it";
            changes.problems.push(Problem::at(origin, ProblemKind::Unreadable, message));
        }
        let merged = repository.merge_heads();
        let merged: Result<Vec<_>, String> = merged.iter().map(|id| Ok(Commit::read(id, &objects)?.tree)).collect();
        changes.take(None, found.files, &merged.map_err(failure)?, &objects).map_err(failure)?;
        for entry in ignore_files {
            let faults = changes.ignores.read(&String::from_utf8_lossy(&entry.path), &entry.id, &objects);
            changes.problems.extend(faults);
        }
        Ok(changes)
    }

    /// Takes over what differs from the first parent, unless one of the others has the same.
    fn take(
        &mut self,
        commit: Option<ObjectId>,
        found: Vec<Differing>,
        others: &[ObjectId],
        objects: &Objects,
    ) -> Result<(), String> {
        'files: for Differing { path, new, old } in found {
            let Some(id) = new else {
                self.gone.entry(commit).or_default().extend(old);
                continue;
            };
            let mut bases: Vec<ObjectId> = old.into_iter().collect();
            for other in others {
                match staged::file_in(other, &path, objects)? {
                    Some(base) if base == id => continue 'files,
                    base => bases.extend(base),
                }
            }
            self.files.push(Change { path: String::from_utf8_lossy(&path).into_owned(), commit, id, bases });
        }
        Ok(())
    }

    /// The files of the change.
    pub fn files(&self) -> &[Change] {
        &self.files
    }

    /// Keeps of a report what the change added: findings on new lines and, of those that several commits
    /// of a range add, the one of the first. Says of each which commit that was.
    pub fn keep_added(&self, report: &mut Report) {
        self.added(report).apply(report);
        if self.commits.is_empty() {
            return;
        }
        let order: HashMap<String, usize> = self.commits.iter().map(ToString::to_string).zip(0..).collect();
        let objects = self.repository.objects();
        for findings in [&mut report.findings, &mut report.suppressed] {
            let place =
                |finding: &Finding| finding.location.origin.commit.as_ref().and_then(|commit| order.get(commit));
            findings.sort_by_key(|finding| place(finding).copied());
            let mut seen = HashSet::new();
            findings.retain(|finding| seen.insert(finding.identity()));
            for finding in findings.iter_mut() {
                let commit = finding.location.origin.commit.as_deref().and_then(|commit| self.repository.id(commit));
                finding.introduced = commit.and_then(|commit| introduced(&commit, &objects));
            }
            Finding::sort(findings);
        }
    }

    /// Says which lines of the files that the report names are new. Problems on the way go to the report.
    fn added(&self, report: &mut Report) -> AddedLines {
        let objects = self.repository.objects();
        let origin = |file: &Change| (file.commit.map(|commit| commit.to_string()), file.path.clone());
        let by_origin: HashMap<_, &Change> = self.files.iter().map(|file| (origin(file), file)).collect();
        added_lines(report, |origin| {
            let change = by_origin.get(&(origin.commit.clone(), origin.path.clone()));
            let is_said = [COMMIT_MESSAGE, FILE_NAMES].contains(&origin.path.as_str());
            let said = || is_said.then(|| Ok(Added::whole()));
            change.map(|change| self.added_to(change, &objects)).or_else(said)
        })
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
            let gone = self.gone.get(&change.commit).map_or(&[][..], Vec::as_slice);
            let old = renamed(&change.id, &new, gone, objects)?;
            return Ok(lines::change(&new, old.as_slice(), true, self.options.sniff));
        }
        Ok(lines::change(&new, &bases, false, self.options.sniff))
    }
}

/// The names that files get in each commit, a line each.
fn new_names(files: &[&Change]) -> BTreeMap<Option<ObjectId>, Vec<String>> {
    let mut names: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.bases.is_empty()) {
        names.entry(file.commit).or_default().push(file.path.replace(['\n', '\r'], " "));
    }
    names.values_mut().for_each(|names| names.sort_unstable());
    names
}

/// Which lines are new of the files of a report's findings and of the steps that lead to them, as `of`
/// says of each that it knows. Where that fails all lines are, and the report says why.
pub(super) fn added_lines(
    report: &mut Report,
    mut of: impl FnMut(&Origin) -> Option<Result<Added, String>>,
) -> AddedLines {
    let findings = report.findings.iter().chain(&report.suppressed);
    let origins: BTreeSet<Arc<Origin>> = findings
        .flat_map(|finding| {
            let steps = finding.trace.iter().map(|step| &step.location);
            std::iter::once(&finding.location).chain(steps).map(|location| Arc::clone(&location.origin))
        })
        .collect();
    let mut added = AddedLines::new();
    for origin in origins {
        let Some(lines) = of(&origin) else { continue };
        let lines = lines.unwrap_or_else(|reason| {
            report.problems.push(Problem::at(Origin::clone(&origin), ProblemKind::Unreadable, reason));
            Added::whole()
        });
        added.insert(&origin, lines);
    }
    added
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
            let commit = change.commit.map(|commit| commit.to_string());
            let blob = commit.is_some().then(|| change.id.to_string());
            files.read(objects, &change.id, Origin { commit, blob, ..Origin::path(&change.path) }, buffer);
        };
        let say = |(objects, buffer): &mut (Objects, Vec<u8>), commit: &ObjectId| {
            let text =
                objects.expect(commit, Kind::Commit, buffer).ok().and_then(|()| commit_text(buffer, objects.hash));
            if let Some(text) = text {
                let origin = Origin { commit: Some(commit.to_string()), ..Origin::path(COMMIT_MESSAGE) };
                visitor.blob(Blob::new(origin, text));
            }
        };
        for (commit, names) in new_names(&wanted) {
            let origin = Origin { commit: commit.map(|commit| commit.to_string()), ..Origin::path(FILE_NAMES) };
            visitor.blob(Blob::strings(origin, names.join("\n").into_bytes()));
        }
        let start = || (self.repository.objects(), Vec::new());
        if threads <= 1 || wanted.len() + self.commits.len() <= 1 {
            let mut state = start();
            wanted.iter().for_each(|change| push(&mut state, change));
            self.commits.iter().for_each(|commit| say(&mut state, commit));
            return Ok(());
        }
        pool(threads)?.install(|| {
            wanted.par_iter().for_each_init(start, push);
            self.commits.par_iter().for_each_init(start, say);
        });
        Ok(())
    }
}
