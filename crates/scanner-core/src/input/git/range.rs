//! A range of commits: those that some lead to and others do not.

use super::commits::Commit;
use super::refs::peel;
use super::repository::{Objects, Repository, broken};
use crate::error::Error;
use gix_hash::ObjectId;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// Which commits are meant.
#[derive(Debug, Clone, Default)]
pub struct Range {
    from: Vec<ObjectId>,
    not: Vec<ObjectId>,
    /// Only those made at this time or later, in seconds since 1970.
    pub since: Option<i64>,
    /// Only those made at this time or earlier.
    pub until: Option<i64>,
    /// So many at the most, the newest.
    pub max: Option<usize>,
}

/// A reference that a push sets, as git tells hooks.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The id that it gets; all zero when it is deleted.
    pub new: String,
    /// The id that it has on the other side; all zero when it is new.
    pub old: String,
}

impl Range {
    /// `A..B`: what `B` has and `A` has not; `A...B`: what only one of the two has; `B`: all that leads to it. An
    /// empty name is `HEAD`.
    ///
    /// # Errors
    /// A revision names nothing.
    pub fn parse(text: &str, repository: &Repository) -> Result<Range, Error> {
        let commit = |name: &str| repository.commit(if name.is_empty() { "HEAD" } else { name });
        if let Some((one, other)) = text.split_once("...") {
            let (one, other) = (commit(one)?, commit(other)?);
            let base = repository.merge_base(one, other, &repository.objects());
            let base = base.map_err(|reason| broken(repository.git_dir(), reason))?;
            return Ok(Range { from: vec![one, other], not: base.into_iter().collect(), ..Range::default() });
        }
        let (not, from) = match text.split_once("..") {
            Some((not, from)) => (vec![commit(not)?], commit(from)?),
            None => (Vec::new(), commit(text)?),
        };
        Ok(Range { from: vec![from], not, ..Range::default() })
    }

    /// All that any reference leads to.
    pub fn all(repository: &Repository) -> Range {
        let objects = repository.objects();
        let from = repository.roots().0.into_iter().filter_map(|id| peel(id, &objects).ok()).collect();
        Range { from, ..Range::default() }
    }

    /// What a push brings to a repository: of what it sets that which no reference of a remote leads to (before the
    /// push), or no reference at all (on the side that receives, where `remote` is `None`).
    ///
    /// # Errors
    /// What is pushed is not there.
    pub fn pushed(refs: &[Pushed], remote: Option<&str>, repository: &Repository) -> Result<Range, Error> {
        let objects = repository.objects();
        let mut range = Range::default();
        for set in refs {
            if let Some(new) = repository.id(&set.new).filter(|id| !id.is_null()) {
                match peel(new, &objects) {
                    Ok(commit) => range.from.push(commit),
                    // A tag of a file or a folder brings no commit.
                    Err(_) if objects.kind(&new).is_ok_and(|kind| kind.is_some()) => {}
                    Err(reason) => return Err(broken(repository.git_dir(), reason)),
                }
            }
            let old = repository.id(&set.old).filter(|id| !id.is_null());
            range.not.extend(old.and_then(|old| peel(old, &objects).ok()));
        }
        let references = repository.references();
        let known = |name: &str| match remote {
            Some(remote) => name.strip_prefix("refs/remotes/").is_some_and(|name| {
                !references.keys().any(|name| name.starts_with(&format!("refs/remotes/{remote}/")))
                    || name.starts_with(&format!("{remote}/"))
            }),
            None => true,
        };
        let known = references.iter().filter(|(name, _)| known(name)).filter_map(|(_, id)| peel(*id, &objects).ok());
        range.not.extend(known);
        Ok(range)
    }

    /// The commits, each after its parents.
    pub(super) fn commits(&self, repository: &Repository) -> Result<Vec<(ObjectId, Commit)>, Error> {
        let failure = |reason| broken(repository.git_dir(), reason);
        self.walk(repository, &repository.objects()).map_err(failure)
    }

    /// Goes from the newest commit to older ones until only unwanted ones are left.
    fn walk(&self, repository: &Repository, objects: &Objects) -> Result<Vec<(ObjectId, Commit)>, String> {
        let shallow = repository.shallow();
        let mut known: HashMap<ObjectId, Commit> = HashMap::new();
        let mut unwanted: HashSet<ObjectId> = HashSet::new();
        let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        for (list, is_wanted) in [(&self.not, false), (&self.from, true)] {
            for id in list {
                let commit = Commit::read(id, objects)?;
                if !is_wanted {
                    unwanted.insert(*id);
                }
                queue.push((commit.time, *id));
                known.insert(*id, commit);
            }
        }
        let mut done: HashSet<ObjectId> = HashSet::new();
        let mut order = Vec::new();
        let mut oldest = i64::MAX;
        // An unwanted commit that is newer than a wanted one may still lead to that.
        while let Some((time, id)) = queue.pop()
            && (time >= oldest || !unwanted.contains(&id) || queue.iter().any(|(_, id)| !unwanted.contains(id)))
        {
            let is_unwanted = unwanted.contains(&id);
            if !is_unwanted && done.insert(id) {
                oldest = oldest.min(time);
                order.push(id);
            }
            let parents = known.get(&id).map(|commit| commit.parents.clone()).unwrap_or_default();
            for parent in parents.into_iter().filter(|_| !shallow.contains(&id)) {
                // What turns out to be unwanted later, as clocks differ, is gone through once more.
                let newly_unwanted = is_unwanted && unwanted.insert(parent);
                if known.contains_key(&parent) && !newly_unwanted {
                    continue;
                }
                let commit = Commit::read(&parent, objects)?;
                queue.push((commit.time, parent));
                known.insert(parent, commit);
            }
        }
        order.retain(|id| !unwanted.contains(id));
        let fits = |id: &ObjectId| {
            let time = known[id].time;
            self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time <= until)
        };
        order.retain(fits);
        let mut order = after_parents(&order, &known);
        let older = order.len().saturating_sub(self.max.unwrap_or(usize::MAX));
        order.drain(..older);
        Ok(order.into_iter().map(|id| (id, known[&id].clone())).collect())
    }
}

/// Commits, each after its parents; of those that may come next the oldest.
fn after_parents(commits: &[ObjectId], known: &HashMap<ObjectId, Commit>) -> Vec<ObjectId> {
    let mut waits: HashMap<ObjectId, usize> = commits.iter().map(|id| (*id, 0)).collect();
    let mut children: HashMap<ObjectId, Vec<ObjectId>> = HashMap::new();
    for id in commits {
        for parent in known[id].parents.iter().filter(|parent| known.contains_key(*parent)) {
            if waits.contains_key(parent) {
                children.entry(*parent).or_default().push(*id);
                *waits.entry(*id).or_default() += 1;
            }
        }
    }
    let first = commits.iter().filter(|id| waits[*id] == 0);
    let mut ready: BinaryHeap<Reverse<(i64, ObjectId)>> = first.map(|id| Reverse((known[id].time, *id))).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse((_, id))) = ready.pop() {
        order.push(id);
        for child in children.remove(&id).unwrap_or_default() {
            let wait = waits.entry(child).or_default();
            *wait = wait.saturating_sub(1);
            if *wait == 0 {
                ready.push(Reverse((known[&child].time, child)));
            }
        }
    }
    order
}
