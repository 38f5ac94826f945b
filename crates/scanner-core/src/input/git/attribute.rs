//! Where findings of a history come from: the first commit that has them, and whether `HEAD` still does.

use super::history::History;
use super::repository::Objects;
use crate::blob::Origin;
use crate::finding::{Finding, Fingerprint, Introduced, SecretId};
use crate::report::Report;
use gix_hash::ObjectId;
use gix_object::{CommitRef, Kind, TagRef};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Scans bytes as a file of a path, and gives what is found.
pub type ScanBytes<'s> = dyn Fn(&str, &[u8]) -> Vec<Finding> + Sync + 's;

/// What makes a finding the same one in another version of its file.
type Key = (Fingerprint, Option<SecretId>);

impl History<'_> {
    /// Puts in place of each finding the one of the first commit that has it, and says which that is. The
    /// versions of the files with findings are scanned once more for that, from the oldest on.
    pub fn attribute(&self, report: &mut Report, threads: usize, scan: &ScanBytes<'_>) {
        let mut by_path: BTreeMap<String, Vec<&mut Finding>> = BTreeMap::new();
        for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
            match (&finding.location.origin.blob, &finding.location.origin.commit) {
                (Some(_), _) => by_path.entry(finding.location.origin.path.clone()).or_default().push(finding),
                (None, Some(id)) => finding.introduced = self.said_by(id),
                (None, None) => {}
            }
        }
        let order = self.in_order();
        let head = self.head_row();
        let trace = |(path, findings): (&String, &mut Vec<&mut Finding>)| {
            let objects = self.repository.objects();
            self.trace(path, findings, &order, head, &objects, scan);
        };
        match super::history::pool(threads) {
            Ok(pool) => pool.install(|| by_path.par_iter_mut().for_each(trace)),
            Err(_) => by_path.iter_mut().for_each(trace),
        }
        Finding::sort(&mut report.findings);
        Finding::sort(&mut report.suppressed);
    }

    /// Finds the first version of a file that has each of the findings.
    fn trace(
        &self,
        path: &str,
        findings: &mut [&mut Finding],
        order: &[u32],
        head: Option<u32>,
        objects: &Objects,
        scan: &ScanBytes<'_>,
    ) {
        let mut wanted: HashMap<Key, &mut Finding> = HashMap::new();
        for finding in findings.iter_mut() {
            wanted.insert(finding.identity(), finding);
        }
        let Some(names) = path.split('/').map(|name| self.trees.name(name.as_bytes())).collect::<Option<Vec<u32>>>()
        else {
            return;
        };
        let mut versions = Versions::new(self, &names);
        let at_head = head.and_then(|row| versions.at(row));
        let mut left: HashSet<Key> = wanted.keys().cloned().collect();
        let mut still: HashSet<Key> = HashSet::new();
        let scanned = |blob: u32| {
            let mut bytes = Vec::new();
            let id = self.store.id(blob);
            let is_small =
                objects.size(&id).is_ok_and(|size| size.is_some_and(|size| size <= self.options.max_file_size));
            if !is_small || objects.expect(&id, Kind::Blob, &mut bytes).is_err() {
                return Vec::new();
            }
            scan(path, &bytes)
        };
        if let Some(blob) = at_head {
            still.extend(scanned(blob).iter().map(Finding::identity));
        }
        let mut seen = HashSet::new();
        for &row in order {
            if left.is_empty() {
                break;
            }
            let Some(blob) = versions.new_in(row).filter(|&blob| seen.insert(blob)) else { continue };
            let commit = self.store.id(self.commits[row as usize].number);
            let id = self.store.id(blob).to_string();
            let mut found: HashMap<Key, Finding> =
                scanned(blob).into_iter().map(|found| (found.identity(), found)).collect();
            left.retain(|key| {
                let Some(finding) = wanted.get_mut(key) else { return false };
                // What stands in an archive is known by its blob: archives are not opened once more.
                let same = finding.location.origin.blob.as_deref() == Some(&id);
                let Some(found) = found.remove(key).or_else(|| same.then(|| Finding::clone(finding))) else {
                    return true;
                };
                let introduced = introduced(&commit, objects);
                let introduced = introduced.map(|from| Introduced { present: still.contains(key), ..from });
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
        introduced(&id, &self.repository.objects())
    }

    fn head_row(&self) -> Option<u32> {
        let number = self.store.number(&self.repository.head().ok()??)?;
        self.commits.binary_search_by_key(&number, |row| row.number).ok().map(|at| at as u32)
    }
}

/// What a commit or a tag says of itself.
pub(super) fn introduced(id: &ObjectId, objects: &Objects) -> Option<Introduced> {
    let mut buffer = Vec::new();
    let (who, text) = match objects.read(id, &mut buffer).ok()?? {
        Kind::Commit => {
            let commit = CommitRef::from_bytes(&buffer, objects.hash).ok()?;
            (commit.author().ok(), commit.message.to_vec())
        }
        Kind::Tag => {
            let tag = TagRef::from_bytes(&buffer, objects.hash).ok()?;
            (tag.tagger().ok().flatten(), tag.message.to_vec())
        }
        _ => return None,
    };
    let text = String::from_utf8_lossy(&text);
    Some(Introduced {
        author: who.map(|who| who.name.to_string()).unwrap_or_default(),
        email: who.map(|who| who.email.to_string()).unwrap_or_default(),
        seconds: who.and_then(|who| who.time().ok()).map_or(0, |time| time.seconds),
        subject: text.lines().next().unwrap_or_default().to_owned(),
        present: false,
    })
}

fn set_origin(finding: &mut Finding, origin: &Arc<Origin>) {
    finding.location.origin = Arc::clone(origin);
    finding.related.iter_mut().for_each(|place| place.location.origin = Arc::clone(origin));
}

/// Which blob a path leads to, commit by commit.
struct Versions<'h> {
    history: &'h History<'h>,
    /// The names of the path.
    names: Vec<u32>,
    /// For each name what trees hold under it.
    known: Vec<HashMap<u32, Option<u32>>>,
}

impl<'h> Versions<'h> {
    fn new(history: &'h History<'h>, names: &[u32]) -> Versions<'h> {
        Versions { history, names: names.to_vec(), known: vec![HashMap::new(); names.len()] }
    }

    /// What stands there in a commit.
    fn at(&mut self, row: u32) -> Option<u32> {
        let mut at = self.history.commits[row as usize].tree?;
        for (&name, known) in self.names.iter().zip(&mut self.known) {
            at = self.history.trees.child(at, name, known)?;
        }
        (self.history.store.kind(at) == Some(Kind::Blob)).then_some(at)
    }

    /// What stands there in a commit and in none of its parents.
    fn new_in(&mut self, row: u32) -> Option<u32> {
        let history = self.history;
        let row = &history.commits[row as usize];
        let mut at = row.tree?;
        let mut parents: Vec<u32> = row.parents.iter().filter_map(|&row| history.commits[row as usize].tree).collect();
        for (&name, known) in self.names.iter().zip(&mut self.known) {
            at = history.trees.child(at, name, known)?;
            parents = parents.into_iter().filter_map(|tree| history.trees.child(tree, name, known)).collect();
            // Folders that are alike hold the same files.
            if parents.contains(&at) {
                return None;
            }
        }
        (history.store.kind(at) == Some(Kind::Blob)).then_some(at)
    }
}
