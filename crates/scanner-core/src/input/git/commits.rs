//! Commits: what they say, and where two lines of them part.

use super::repository::{Objects, Repository};
use gix_hash::ObjectId;
use gix_object::{CommitRef, Kind};
use std::collections::{BinaryHeap, HashMap, HashSet};

/// What of a commit is needed to walk.
#[derive(Debug, Clone)]
pub(super) struct Commit {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// When it was made, in seconds since 1970.
    pub(super) time: i64,
}

impl Commit {
    pub(super) fn read(id: &gix_hash::oid, objects: &Objects) -> Result<Commit, String> {
        let mut buffer = Vec::new();
        objects.expect(id, Kind::Commit, &mut buffer)?;
        Commit::parse(&buffer, objects.hash).ok_or_else(|| format!("commit {id} is broken"))
    }

    pub(super) fn parse(bytes: &[u8], hash: gix_hash::Kind) -> Option<Commit> {
        let commit = CommitRef::from_bytes(bytes, hash).ok()?;
        // Some old tools wrote dates that are none.
        let time = commit.committer().ok().and_then(|committer| committer.time().ok()).map_or(0, |time| time.seconds);
        Some(Commit { tree: commit.tree(), parents: commit.parents().collect(), time })
    }
}

impl Repository {
    /// The commits whose parents a shallow clone left out.
    pub(super) fn shallow(&self) -> HashSet<ObjectId> {
        let text = std::fs::read_to_string(self.common_dir.join("shallow")).unwrap_or_default();
        text.lines().filter_map(|line| self.id(line.trim())).collect()
    }

    /// The last commit that both lines have in common.
    pub(super) fn merge_base(
        &self,
        one: ObjectId,
        other: ObjectId,
        objects: &Objects,
    ) -> Result<Option<ObjectId>, String> {
        const ONE: u8 = 1;
        const OTHER: u8 = 2;
        const BELOW: u8 = 4;
        let shallow = self.shallow();
        let mut marks: HashMap<ObjectId, u8> = HashMap::new();
        let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        for (id, mark) in [(one, ONE), (other, OTHER)] {
            *marks.entry(id).or_default() |= mark;
            queue.push((Commit::read(&id, objects)?.time, id));
        }
        let mut found = Vec::new();
        while queue.iter().any(|(_, id)| marks[id] & BELOW == 0)
            && let Some((_, id)) = queue.pop()
        {
            let mut mark = marks[&id];
            if mark & (ONE | OTHER) == ONE | OTHER && mark & BELOW == 0 {
                found.push(id);
                mark |= BELOW;
            }
            if shallow.contains(&id) {
                continue;
            }
            for parent in Commit::read(&id, objects)?.parents {
                let marked = marks.entry(parent).or_default();
                if *marked & mark != mark {
                    *marked |= mark;
                    queue.push((Commit::read(&parent, objects)?.time, parent));
                }
            }
        }
        Ok(found.into_iter().find(|id| marks[id] & BELOW == 0))
    }
}
