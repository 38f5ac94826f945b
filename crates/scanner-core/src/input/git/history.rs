//! All that the history of a repository holds: each blob once under each of its paths, and what commits and
//! tags say.

use super::commits::Commit;
use super::files::Ignores;
use super::repository::{Repository, broken};
use super::store::{Store, Visited};
use super::trees::{Paths, Trees};
use crate::error::{Error, Problem, ProblemKind};
use crate::input::TreeOptions;
use crate::store::Shelf;
use gix_hash::ObjectId;
use gix_object::{Kind, TagRef};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// What messages of commits are called in reports.
pub(super) const COMMIT_MESSAGE: &str = "commit message";

/// What the names of all files are called in reports.
pub(super) const FILE_NAMES: &str = "file names";

/// What messages of tags are called in reports.
pub(super) const TAG_MESSAGE: &str = "tag message";

/// The history of a repository, read as far as it takes to know what there is. As an `Input` it pushes
/// all of it, and `History::attribute` then says where findings come from.
pub struct History<'r> {
    pub(super) repository: &'r Repository,
    pub(super) options: TreeOptions,
    pub(super) store: Store<'r>,
    /// All commits, and by the number of its object which one it is.
    pub(super) commits: Vec<Row>,
    pub(super) trees: Trees,
    pub(super) paths: Paths,
    /// Blobs that a reference leads to, without a tree.
    pub(super) named: HashSet<u32>,
    /// Tags with messages.
    pub(super) tags: Vec<u32>,
    pub(super) ignores: Ignores,
    pub(super) all_objects: bool,
    pub(super) problems: Vec<Problem>,
    /// Where it is kept what was examined, if it is.
    pub(super) shelf: Option<Shelf>,
}

/// A commit with numbers in place of ids.
pub(super) struct Row {
    /// Of its object.
    pub(super) number: u32,
    /// Of its tree, if that is there.
    pub(super) tree: Option<u32>,
    /// Other rows.
    pub(super) parents: Vec<u32>,
    pub(super) time: i64,
    pub(super) reachable: bool,
}

impl std::fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("repository", self.repository).finish_non_exhaustive()
    }
}

impl<'r> History<'r> {
    /// Reads commits and trees. With `all_objects`, what no reference leads to counts as well.
    ///
    /// # Errors
    /// The store of objects cannot be read at all; what is damaged within is a `Problem`.
    pub fn open(
        repository: &'r Repository,
        options: TreeOptions,
        all_objects: bool,
        threads: usize,
    ) -> Result<History<'r>, Error> {
        pool(threads)?.install(|| History::read(repository, options, all_objects))
    }

    /// Where it is kept what scanners that are set up alike examined, so that the next one examines what is new; see
    /// `Scanner::shelf`. Reports are the same with and without.
    pub fn keep_on(self, shelf: Option<&Shelf>) -> History<'r> {
        History { shelf: shelf.cloned(), ..self }
    }

    fn read(repository: &'r Repository, options: TreeOptions, all_objects: bool) -> Result<History<'r>, Error> {
        let store = Store::open(repository).map_err(|reason| broken(repository.git_dir(), reason))?;
        let problems: Mutex<Vec<Problem>> = Mutex::default();
        let tell = |number: u32, reason: String| {
            let message = format!("object {} cannot be read: {reason}", store.id(number));
            let problem = Problem { origin: None, line: None, kind: ProblemKind::Unreadable, message };
            problems.lock().unwrap_or_else(PoisonError::into_inner).push(problem);
        };
        (0..store.len()).filter(|&number| store.kind(number).is_none()).for_each(|number| {
            tell(number, "what kind of object it is cannot be told".to_owned());
        });
        let mut commits = read_commits(repository, &store, &tell);
        let by_number: HashMap<u32, u32> = commits.iter().zip(0..).map(|(row, at)| (row.number, at)).collect();
        let tags = read_tags(repository, &store, &tell);
        let (ids, unread) = repository.roots();
        let (roots, tagged) = roots(&ids, &store, &tags, all_objects);
        mark(&mut commits, &by_number, &roots, all_objects);
        let trees = Trees::read(&store, repository.hash, &tell);
        let mut paths = Paths::new();
        let tops = commits.iter().filter(|row| row.reachable).filter_map(|row| row.tree);
        let tops = tops.chain(roots.iter().copied().filter(|&root| store.kind(root) == Some(Kind::Tree)));
        let mut all = trees.reach(&store, tops, &mut paths);
        if all_objects {
            let reached = paths.trees();
            let others =
                (0..store.len()).filter(|number| store.kind(*number) == Some(Kind::Tree) && !reached.contains(number));
            all &= trees.reach(&store, others, &mut paths);
        }
        paths.sort(store.len());
        let named = roots.into_iter().filter(|&root| store.kind(root) == Some(Kind::Blob)).collect();
        let mut problems = problems.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut fault = |kind, message| problems.push(Problem { origin: None, line: None, kind, message });
        if !all {
            fault(ProblemKind::TooManyMatches, "trees hold more paths than are followed".to_owned());
        }
        store.faults.iter().chain(&unread).for_each(|reason| fault(ProblemKind::Unreadable, reason.clone()));
        let treeless = commits.iter().filter(|row| row.reachable && row.tree.is_none()).count();
        match trees.missing() + treeless {
            0 => {}
            count => fault(
                ProblemKind::Unreadable,
                format!("{count} objects are not in this repository, as in a partial clone; they were not examined"),
            ),
        }
        let submodules = trees.submodules();
        if !submodules.is_empty() {
            let names = submodules.join(", ");
            let message =
                format!("submodules are repositories of their own and were not scanned with this one: {names}");
            fault(ProblemKind::Elsewhere, message);
        }
        match repository.shallow().len() {
            0 => {}
            count => fault(
                ProblemKind::Elsewhere,
                format!("the clone is shallow: what came before {count} of its commits is not there"),
            ),
        }
        let mut history = History {
            repository,
            options,
            named,
            store,
            commits,
            trees,
            paths,
            tags: tagged,
            ignores: Ignores::default(),
            all_objects,
            problems,
            shelf: None,
        };
        history.read_ignores();
        Ok(history)
    }

    /// Takes the ignore files of `HEAD` into account: they are the project's word of today.
    fn read_ignores(&mut self) {
        let objects = self.repository.objects();
        let Ok(Some(head)) = self.repository.head() else { return };
        let named = [".autoclaveignore", ".ignore"].iter().any(|name| self.trees.name(name.as_bytes()).is_some());
        if !named {
            return;
        }
        // What cannot be read was told when all trees were.
        let found = Commit::read(&head, &objects).and_then(|commit| Ignores::of_tree(&commit.tree, &objects));
        if let Ok((ignores, problems)) = found {
            self.ignores = ignores;
            self.problems.extend(problems);
        }
    }

    /// All paths at which files stood, a line each, and their numbers.
    pub(super) fn file_names(&self) -> Vec<(String, u32)> {
        let name = |path: u32| (self.trees.text(&self.paths, path).replace(['\n', '\r'], " "), path);
        let mut names: Vec<(String, u32)> = self.paths.all().into_iter().map(name).collect();
        names.sort_unstable();
        names
    }

    /// The id of the oldest commit without parents: nearly always the same, whatever is added.
    pub(super) fn first_root(&self) -> Option<ObjectId> {
        let roots = self.commits.iter().filter(|row| row.reachable && row.parents.is_empty());
        let ids = roots.map(|row| (row.time, self.store.id(row.number)));
        ids.min().map(|(_, id)| id)
    }

    /// Reachable commits, each after its parents; of those that may come next the oldest.
    pub(super) fn in_order(&self) -> Vec<u32> {
        let mut waits: Vec<usize> = Vec::with_capacity(self.commits.len());
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); self.commits.len()];
        let mut ready = BinaryHeap::new();
        for (at, row) in self.commits.iter().enumerate() {
            waits.push(row.parents.len());
            row.parents.iter().for_each(|&parent| children[parent as usize].push(at as u32));
            if row.parents.is_empty() && row.reachable {
                ready.push(Reverse((row.time, row.number, at as u32)));
            }
        }
        let mut order = Vec::with_capacity(self.commits.len());
        while let Some(Reverse((_, _, at))) = ready.pop() {
            order.push(at);
            for &child in &children[at as usize] {
                let wait = &mut waits[child as usize];
                *wait = wait.saturating_sub(1);
                let row = &self.commits[child as usize];
                if *wait == 0 && row.reachable {
                    ready.push(Reverse((row.time, row.number, child)));
                }
            }
        }
        order
    }
}

pub(super) fn pool(threads: usize) -> Result<rayon::ThreadPool, Error> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Error::Threads(error.to_string()))
}

fn read_commits(repository: &Repository, store: &Store<'_>, tell: &(dyn Fn(u32, String) + Sync)) -> Vec<Row> {
    let read: Mutex<Vec<(u32, Commit)>> = Mutex::default();
    let each = |visited: Visited<'_>| {
        match Commit::parse(visited.bytes, repository.hash) {
            Some(commit) => read.lock().unwrap_or_else(PoisonError::into_inner).push((visited.number, commit)),
            None => tell(visited.number, "is no commit that can be understood".to_owned()),
        }
        ControlFlow::Continue(())
    };
    store.visit(Kind::Commit, &|_| true, &each, tell);
    let mut read = read.into_inner().unwrap_or_else(PoisonError::into_inner);
    read.sort_unstable_by_key(|&(number, _)| number);
    let rows: HashMap<u32, u32> = read.iter().zip(0..).map(|(&(number, _), at)| (number, at)).collect();
    let shallow = repository.shallow();
    let row = |(number, commit): (u32, Commit)| {
        let parents = commit.parents.iter().filter_map(|id| {
            let row = store.number(id).and_then(|number| rows.get(&number));
            if row.is_none() && !shallow.contains(&store.id(number)) {
                tell(number, format!("its parent {id} is missing"));
            }
            row.copied()
        });
        let parents = parents.collect();
        Row { number, tree: store.number(&commit.tree), parents, time: commit.time, reachable: false }
    };
    read.into_iter().map(row).collect()
}

/// All tags that are objects, and what they lead to.
fn read_tags(
    repository: &Repository,
    store: &Store<'_>,
    tell: &(dyn Fn(u32, String) + Sync),
) -> HashMap<u32, Option<u32>> {
    let read: Mutex<HashMap<u32, Option<u32>>> = Mutex::default();
    let each = |visited: Visited<'_>| {
        match TagRef::from_bytes(visited.bytes, repository.hash) {
            Ok(tag) => {
                let target = store.number(&tag.target());
                read.lock().unwrap_or_else(PoisonError::into_inner).insert(visited.number, target);
            }
            Err(error) => tell(visited.number, error.to_string()),
        }
        ControlFlow::Continue(())
    };
    store.visit(Kind::Tag, &|_| true, &each, tell);
    read.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// What references lead to, seen through tags; and the tags.
fn roots(
    ids: &[ObjectId],
    store: &Store<'_>,
    tags: &HashMap<u32, Option<u32>>,
    all_objects: bool,
) -> (Vec<u32>, Vec<u32>) {
    let mut open: Vec<u32> = ids.iter().filter_map(|id| store.number(id)).collect();
    if all_objects {
        open.extend(tags.keys());
    }
    let (mut roots, mut tagged) = (Vec::new(), Vec::new());
    while let Some(number) = open.pop() {
        match tags.get(&number) {
            Some(target) if !tagged.contains(&number) => {
                tagged.push(number);
                open.extend(target);
            }
            Some(_) => {}
            None => roots.push(number),
        }
    }
    tagged.sort_unstable();
    roots.sort_unstable();
    roots.dedup();
    (roots, tagged)
}

/// Marks the commits that roots lead to.
fn mark(commits: &mut [Row], by_number: &HashMap<u32, u32>, roots: &[u32], all: bool) {
    let mut open: Vec<u32> = match all {
        true => (0..commits.len() as u32).collect(),
        false => roots.iter().filter_map(|root| by_number.get(root).copied()).collect(),
    };
    while let Some(at) = open.pop() {
        let row = &mut commits[at as usize];
        if !std::mem::replace(&mut row.reachable, true) {
            open.extend(&row.parents);
        }
    }
}
