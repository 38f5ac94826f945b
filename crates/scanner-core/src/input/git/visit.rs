//! A history as an input: pushes blobs under each of their paths, messages, and the names of files.

use super::files::Files;
use super::history::{COMMIT_MESSAGE, FILE_NAMES, History, TAG_MESSAGE, pool};
use super::known::{Known, State};
use super::store::{Visited, VisitedBase};
use crate::blob::{Blob, Input, Origin, Visitor};
use crate::error::{Error, Problem, ProblemKind};
use crate::stats::Stats;
use gix_object::{CommitRef, Kind, TagRef};
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes of blobs that wait for a thread to examine them.
const MAX_WAITING: usize = 64 << 20;

/// Bytes in which text has no NUL: more than any reader of files looks at.
const MAX_SNIFF: usize = 64 << 10;

impl Input for History<'_> {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        let files = Files::new(&self.options, &self.ignores, visitor)?;
        self.problems.iter().for_each(|problem| visitor.problem(problem.clone()));
        pool(threads)?
            .install(|| Push { history: self, known: &Known::load(self, &files), files: &files, visitor }.all());
        Ok(())
    }
}

/// What a history is pushed with.
struct Push<'p> {
    history: &'p History<'p>,
    known: &'p Known<'p>,
    files: &'p Files<'p>,
    visitor: &'p dyn Visitor,
}

/// A blob at one of its paths.
#[derive(Clone, Copy)]
struct Version {
    number: u32,
    /// Its place in `Paths::pairs`; one without a path has none.
    pair: Option<usize>,
}

impl Push<'_> {
    fn all(&self) {
        let Push { history, known, files, visitor } = *self;
        let wanted = |number| self.is_wanted(number);
        let store = &history.store;
        let blobs = (0..store.len()).filter(|&number| store.kind(number) == Some(Kind::Blob) && wanted(number));
        let rows =
            (0..).zip(&history.commits).filter(|&(row, commit)| commit.reachable && !Known::is_kept(known.commit(row)));
        let messages = rows.count() + history.tags.len() + 1;
        visitor.expect(blobs.map(|number| self.versions(number).count() as u64).sum::<u64>() + messages as u64);
        visitor.known(&known.sums());
        self.blobs(&wanted);
        self.messages();
        let names = history.file_names().into_iter().map(|(name, _)| name).filter(|name| !files.leaves_out(name));
        let names: Vec<String> = names.collect();
        visitor.blob(Blob::strings(Origin::path(FILE_NAMES), names.join("\n").into_bytes()));
        known.save(visitor.is_stopped());
    }

    /// Whether a blob is to be examined at one of its paths.
    fn is_wanted(&self, number: u32) -> bool {
        let History { paths, named, all_objects, .. } = self.history;
        match paths.has(number) {
            true => self.versions(number).next().is_some(),
            false => *all_objects || named.contains(&number),
        }
    }

    /// The paths at which a blob is to be examined.
    fn versions(&self, number: u32) -> impl Iterator<Item = Version> {
        let pairs = self.history.paths.range(number);
        let nowhere = pairs.is_empty().then_some(Version { number, pair: None });
        let new = pairs.filter(|&pair| !Known::is_kept(self.known.file(pair)));
        new.map(move |pair| Version { number, pair: Some(pair) }).chain(nowhere)
    }

    fn blobs(&self, wanted: &(dyn Fn(u32) -> bool + Sync)) {
        let broken = |number: u32, reason: String| self.broken(number, &reason);
        let waiting = AtomicUsize::new(0);
        rayon::in_place_scope(|scope| {
            let blob = |visited: Visited<'_>| {
                // All versions of a large file may build on one: then those that have no more to decode help to
                // examine them.
                if visited.is_alone && waiting.load(Ordering::Relaxed) + visited.bytes.len() <= MAX_WAITING {
                    let fresh: Vec<_> =
                        self.fresh(&visited).map(|(version, fresh)| (version, fresh.map(<[_]>::to_vec))).collect();
                    let (bytes, waiting) = (visited.bytes.to_vec(), &waiting);
                    waiting.fetch_add(bytes.len(), Ordering::Relaxed);
                    scope.spawn(move |_| {
                        for (version, fresh) in fresh {
                            self.version(version, &bytes, fresh.as_deref());
                        }
                        waiting.fetch_sub(bytes.len(), Ordering::Relaxed);
                    });
                    return self.go_on();
                }
                for (version, fresh) in self.fresh(&visited) {
                    self.version(version, visited.bytes, fresh);
                }
                self.go_on()
            };
            self.history.store.visit(Kind::Blob, wanted, &blob, &broken);
        });
    }

    fn go_on(&self) -> ControlFlow<()> {
        if self.visitor.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn broken(&self, number: u32, reason: &str) {
        let History { paths, trees, store, .. } = self.history;
        let path = paths.of(number).next().map(|path| trees.text(paths, path));
        let id = store.id(number).to_string();
        let origin = Origin { blob: Some(id.clone()), ..Origin::path(path.unwrap_or(id)) };
        self.visitor.problem(Problem::at(origin, ProblemKind::Unreadable, format!("cannot be read: {reason}")));
    }

    /// The paths at which a blob is to be examined, and what of it was not pushed under the same path as a part of the
    /// one that it was decoded from.
    fn fresh<'v>(&'v self, visited: &'v Visited<'v>) -> impl Iterator<Item = (Version, Option<&'v [Range<usize>]>)> {
        let History { options, paths, .. } = self.history;
        let limit = options.max_file_size as usize;
        let base = visited.base.as_ref();
        let is_text = |bytes: &[u8], plain: bool| plain || is_text(bytes);
        let are_texts =
            |base: &&VisitedBase<'_>| is_text(base.bytes, base.plain) && is_text(visited.bytes, visited.plain);
        let base = base.filter(|base| base.bytes.len() <= limit).filter(are_texts);
        let fresh = move |version: &Version| {
            let pair = version.pair?;
            // One that there was something to tell of is examined whole: it may have been stored in another way then.
            let whole = self.known.file(pair) == State::Telling;
            let path = paths.pairs()[pair].1;
            let base = base.filter(|base| !whole && paths.of(base.number).any(|other| other == path))?;
            Some(base.fresh)
        };
        self.versions(visited.number).map(move |version| (version, fresh(&version)))
    }

    /// Pushes a blob at one of its paths.
    fn version(&self, version: Version, bytes: &[u8], fresh: Option<&[Range<usize>]>) {
        let History { paths, trees, store, .. } = self.history;
        let id = store.id(version.number).to_string();
        let path = version.pair.map_or_else(|| id.clone(), |pair| trees.text(paths, paths.pairs()[pair].1));
        if self.files.leaves_out(&path) {
            return;
        }
        let listener = Listener { visitor: self.visitor, sums: Mutex::new(Some(Stats::default())) };
        self.files.push(Origin { blob: Some(id), ..Origin::path(path) }, bytes, fresh, &listener);
        if let Some(pair) = version.pair {
            self.known.note_file(pair, listener.sums(), self.visitor.is_stopped());
        }
    }

    /// Pushes what commits and tags say.
    fn messages(&self) {
        let Push { history, known, visitor, .. } = *self;
        let row = |number: u32| history.commits.binary_search_by_key(&number, |row| row.number).ok();
        let wanted = |number: u32| {
            row(number).is_some_and(|row| history.commits[row].reachable && !Known::is_kept(known.commit(row)))
        };
        let message = |visited: Visited<'_>| {
            if let (Some(text), Some(row)) = (commit_text(visited.bytes, history.repository.hash), row(visited.number))
            {
                let sums = self.message(COMMIT_MESSAGE, visited.number, &text);
                known.note_commit(row, sums, visitor.is_stopped());
            }
            self.go_on()
        };
        // What is broken was told when all commits were read.
        history.store.visit(Kind::Commit, &wanted, &message, &|_, _| {});
        let message = |visited: Visited<'_>| {
            if let Ok(tag) = TagRef::from_bytes(visited.bytes, history.repository.hash) {
                let tagger = tag.tagger.map(|who| [&b"\ntagger "[..], who].concat()).unwrap_or_default();
                self.message(TAG_MESSAGE, visited.number, &[tag.message.as_ref(), &tagger[..]].concat());
            }
            self.go_on()
        };
        history.store.visit(Kind::Tag, &|number| history.tags.contains(&number), &message, &|_, _| {});
    }

    fn message(&self, name: &str, number: u32, text: &[u8]) -> Option<Stats> {
        let origin = Origin { commit: Some(self.history.store.id(number).to_string()), ..Origin::path(name) };
        self.visitor.look(Blob::new(origin, text))
    }
}

/// Hands on what is pushed, and notes whether there is something to tell of it.
struct Listener<'l> {
    visitor: &'l dyn Visitor,
    /// `None` as soon as there is.
    sums: Mutex<Option<Stats>>,
}

impl Listener<'_> {
    fn sums(self) -> Option<Stats> {
        self.sums.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Visitor for Listener<'_> {
    fn blob(&self, blob: Blob<'_>) {
        let found = self.visitor.look(blob);
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        *sums = sums.zip(found).map(|(mut sums, more)| {
            sums.add(&more);
            sums
        });
    }

    fn wants_head(&self, origin: &Origin) -> bool {
        self.visitor.wants_head(origin)
    }

    fn is_stopped(&self) -> bool {
        self.visitor.is_stopped()
    }

    fn problem(&self, problem: Problem) {
        *self.sums.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.visitor.problem(problem);
    }
}

/// Whether a version of a file is text as it stands: places in UTF-16 are not those of the bytes, and of what is
/// binary nothing was looked at.
fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, &bytes[..bytes.len().min(MAX_SNIFF)]).is_none() && std::str::from_utf8(bytes).is_ok()
}

/// The text of a commit: its message, and who made it.
pub(super) fn commit_text(bytes: &[u8], hash: gix_hash::Kind) -> Option<Vec<u8>> {
    let commit = CommitRef::from_bytes(bytes, hash).ok()?;
    let mut text = commit.message.to_vec();
    for (role, who) in [("author", commit.author), ("committer", commit.committer)] {
        text.extend_from_slice(b"\n");
        text.extend_from_slice(role.as_bytes());
        text.extend_from_slice(b" ");
        text.extend_from_slice(who);
        if commit.author == commit.committer {
            break;
        }
    }
    Some(text)
}
