//! Where findings of a history come from: the first commit that has them, and whether `HEAD` still does.

use super::history::{FILE_NAMES, History};
use super::repository::Objects;
use super::trees::TOP;
use crate::blob::Origin;
use crate::finding::{Finding, Fingerprint, Introduced, SecretId};
use crate::report::Report;
use crate::seen::Seen;
use gix_hash::ObjectId;
use gix_object::{CommitRef, Kind, TagRef};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Scans bytes as a version of the file of a path, and gives what is found; nothing if all of it was seen in versions
/// that were scanned with the same `Seen`.
pub type ScanVersion<'s> = dyn Fn(&str, &[u8], &Seen) -> Vec<Finding> + Sync + 's;

/// What makes a finding the same one in another version of its file.
type Key = (Fingerprint, Option<SecretId>);

impl History<'_> {
    /// Puts in place of each finding the one of the first commit that has it, and says which that is. The
    /// versions of the files with findings are scanned once more for that, from the oldest on.
    pub fn attribute(&self, report: &mut Report, threads: usize, scan: &ScanVersion<'_>) {
        let mut named: Vec<&mut Finding> = Vec::new();
        let mut by_path: BTreeMap<String, Vec<&mut Finding>> = BTreeMap::new();
        for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
            match (&finding.location.origin.blob, &finding.location.origin.commit) {
                (Some(_), _) => by_path.entry(finding.location.origin.path.clone()).or_default().push(finding),
                (None, Some(id)) => finding.introduced = self.said_by(id),
                (None, None) if finding.location.origin.path == FILE_NAMES => named.push(finding),
                (None, None) => {}
            }
        }
        let mut folder = Folder::default();
        for (path, findings) in by_path {
            let names = path.split('/').map(|name| self.trees.name(name.as_bytes())).collect::<Option<Vec<u32>>>();
            if let Some(names) = names {
                folder.add(&names, File { path, findings });
            }
        }
        let row = |(order, &row): (u32, &u32)| {
            let row = &self.commits[row as usize];
            let parents = row.parents.iter().filter_map(|&parent| self.commits[parent as usize].tree).collect();
            Some(Step { commit: row.number, order, now: row.tree?, before: parents })
        };
        let order = self.in_order();
        let steps: Vec<Step> = (0..).zip(&order).filter_map(row).collect();
        let head = self.head_row();
        if !named.is_empty() {
            self.trace_names(named, &order, head);
        }
        let head = head.and_then(|row| self.commits[row as usize].tree);
        match super::history::pool(threads) {
            Ok(pool) => pool.install(|| self.trace_below(folder, &steps, head, scan)),
            Err(_) => self.trace_below(folder, &steps, head, scan),
        }
        Finding::sort(&mut report.findings);
        Finding::sort(&mut report.suppressed);
    }

    /// Says which commits brought in the names of files that findings stand in.
    fn trace_names(&self, findings: Vec<&mut Finding>, order: &[u32], head: Option<u32>) {
        let files = self.file_names();
        for finding in findings {
            let Some((_, path)) = files.get(finding.location.start.line.saturating_sub(1) as usize) else { continue };
            let mut names = Vec::new();
            let mut at = *path;
            while at != TOP {
                let (above, name) = self.paths.parts(at);
                names.push((name, self.trees.children()));
                at = above;
            }
            let mut holds = |row: u32| {
                let top = self.commits[row as usize].tree;
                let mut below = names.iter_mut().rev();
                top.and_then(|top| below.try_fold(top, |at, (name, known)| self.trees.child(at, *name, known)))
                    .is_some()
            };
            let Some((at, first)) = (0..).zip(order.iter().copied()).find(|&(_, row)| holds(row)) else { continue };
            let present = head.is_some_and(&mut holds);
            let number = self.commits[first as usize].number;
            let commit = self.store.id(number);
            finding.introduced = self.introduced(number).map(|from| Introduced { order: at, present, ..from });
            let origin = Origin { commit: Some(commit.to_string()), ..Origin::clone(&finding.location.origin) };
            set_origin(finding, &Arc::new(origin));
        }
    }

    /// Finds the first versions of all files of a folder, which commits change in these steps.
    fn trace_below(&self, folder: Folder<'_>, steps: &[Step], head: Option<u32>, scan: &ScanVersion<'_>) {
        let mut touching: HashMap<u32, Vec<u32>> = folder.names.keys().map(|&name| (name, Vec::new())).collect();
        for (at, step) in (0..).zip(steps) {
            // Of most names two trees side by side hold the same, and are stored so that it is seen at once.
            match step.before.iter().find_map(|&before| self.trees.differing(step.now, before)) {
                Some(mut names) => {
                    names.sort_unstable();
                    names.dedup();
                    names.iter().for_each(|name| touching.get_mut(name).into_iter().for_each(|steps| steps.push(at)));
                }
                None => touching.values_mut().for_each(|steps| steps.push(at)),
            }
        }
        folder.names.into_par_iter().for_each(|(name, below)| {
            let mut known = self.trees.children();
            let mut child = |tree: u32| self.trees.child(tree, name, &mut known);
            let step = |&at: &u32| {
                let step = &steps[at as usize];
                let now = child(step.now)?;
                let before: Before = step.before.iter().filter_map(|&tree| child(tree)).collect();
                // What a parent has too was there before.
                (!before.contains(&now)).then_some(Step { now, before, ..*step })
            };
            let below_steps: Vec<Step> = touching.get(&name).into_iter().flatten().filter_map(step).collect();
            let head = head.and_then(&mut child);
            drop(known);
            if let Some(file) = below.file {
                self.trace(file, &below_steps, head, scan);
            }
            self.trace_below(below.folder, &below_steps, head, scan);
        });
    }

    /// Finds the first version of a file that has each of the findings.
    fn trace(&self, file: File<'_>, steps: &[Step], head: Option<u32>, scan: &ScanVersion<'_>) {
        let is_blob = |number: &u32| self.store.kind(*number) == Some(Kind::Blob);
        let mut wanted: HashMap<Key, &mut Finding> = HashMap::new();
        for finding in file.findings {
            wanted.insert(finding.identity(), finding);
        }
        let (mut reader, mut kept, mut bytes) = (self.store.reader(), Vec::new(), Vec::new());
        let mut scanned = |blob: u32, seen: &Seen| {
            let read = self.store.read(blob, &mut reader, &mut kept, &mut bytes);
            let is_small = bytes.len() as u64 <= self.options.max_file_size;
            if read.is_ok() && is_small { scan(&file.path, &bytes, seen) } else { Vec::new() }
        };
        let at_head = head.filter(is_blob).map(|blob| scanned(blob, &Seen::default())).unwrap_or_default();
        let still: HashSet<Key> = at_head.iter().map(Finding::identity).collect();
        let mut left: HashSet<Key> = wanted.keys().cloned().collect();
        // What stands twice in a version is told apart by its number only: such are left, and asked of each version.
        let looks = [Some(Seen::default()), None];
        let mut known = HashSet::new();
        for (look, step) in looks.iter().flat_map(|look| steps.iter().map(move |step| (look, step))) {
            if left.is_empty() {
                break;
            }
            if !is_blob(&step.now) || !known.insert((look.is_some(), step.now)) {
                continue;
            }
            let found = scanned(step.now, look.as_ref().unwrap_or(&Seen::default()));
            let commit = self.store.id(step.commit);
            let id = self.store.id(step.now).to_string();
            let mut found: HashMap<Key, Finding> = found.into_iter().map(|found| (found.identity(), found)).collect();
            left.retain(|key| {
                let Some(finding) = wanted.get_mut(key) else { return false };
                // What stands in an archive is known by its blob: archives are not opened once more.
                let same = finding.location.origin.blob.as_deref() == Some(&id);
                let Some(found) = found.remove(key).or_else(|| same.then(|| Finding::clone(finding))) else {
                    return true;
                };
                let introduced = self.introduced(step.commit);
                let introduced =
                    introduced.map(|from| Introduced { order: step.order, present: still.contains(key), ..from });
                let origin = Origin {
                    commit: Some(commit.to_string()),
                    blob: Some(id.clone()),
                    ..Origin::clone(&found.location.origin)
                };
                **finding = Finding { introduced, suppression: finding.suppression.clone(), ..found };
                set_origin(finding, &Arc::new(origin));
                false
            });
        }
    }

    /// What a commit or a tag says of itself.
    fn said_by(&self, id: &str) -> Option<Introduced> {
        let id = ObjectId::from_hex(id.as_bytes()).ok()?;
        self.introduced(self.store.number(&id)?)
    }

    /// As [`History::said_by`], by the number of the object.
    fn introduced(&self, number: u32) -> Option<Introduced> {
        let mut bytes = Vec::new();
        self.store.read(number, &mut self.store.reader(), &mut Vec::new(), &mut bytes).ok()?;
        told_by(self.store.kind(number)?, &bytes, self.repository.hash)
    }

    fn head_row(&self) -> Option<u32> {
        let number = self.store.number(&self.repository.head().ok()??)?;
        self.commits.binary_search_by_key(&number, |row| row.number).ok().map(|at| at as u32)
    }
}

/// What a commit or a tag says of itself.
pub(super) fn introduced(id: &ObjectId, objects: &Objects) -> Option<Introduced> {
    let mut buffer = Vec::new();
    let kind = objects.read(id, &mut buffer).ok()??;
    told_by(kind, &buffer, objects.hash)
}

fn told_by(kind: Kind, bytes: &[u8], hash: gix_hash::Kind) -> Option<Introduced> {
    let (who, text) = match kind {
        Kind::Commit => {
            let commit = CommitRef::from_bytes(bytes, hash).ok()?;
            (commit.author().ok(), commit.message.to_vec())
        }
        Kind::Tag => {
            let tag = TagRef::from_bytes(bytes, hash).ok()?;
            (tag.tagger().ok().flatten(), tag.message.to_vec())
        }
        _ => return None,
    };
    let text = String::from_utf8_lossy(&text);
    Some(Introduced {
        author: who.map(|who| who.name.to_string()).unwrap_or_default(),
        email: who.map(|who| who.email.to_string()).unwrap_or_default(),
        seconds: who.and_then(|who| who.time().ok()).map_or(0, |time| time.seconds),
        order: 0,
        subject: text.lines().next().unwrap_or_default().to_owned(),
        present: false,
    })
}

fn set_origin(finding: &mut Finding, origin: &Arc<Origin>) {
    finding.location.origin = Arc::clone(origin);
    finding.related.iter_mut().for_each(|place| place.location.origin = Arc::clone(origin));
}

/// A file with findings.
struct File<'f> {
    path: String,
    findings: Vec<&'f mut Finding>,
}

/// Files with findings, by the numbers of the names that lead to them.
#[derive(Default)]
struct Folder<'f> {
    names: BTreeMap<u32, Below<'f>>,
}

/// What stands under a name: over time it may be both.
#[derive(Default)]
struct Below<'f> {
    file: Option<File<'f>>,
    folder: Folder<'f>,
}

impl<'f> Folder<'f> {
    fn add(&mut self, names: &[u32], file: File<'f>) {
        let Some((first, rest)) = names.split_first() else { return };
        let below = self.names.entry(*first).or_default();
        match rest {
            [] => below.file = Some(file),
            rest => below.folder.add(rest, file),
        }
    }
}

/// What a commit puts in the place of what its parents have there.
struct Step {
    /// The number of its object.
    commit: u32,
    /// Its place in the order of commits.
    order: u32,
    now: u32,
    before: Before,
}

/// Of most commits one.
type Before = Vec<u32>;
