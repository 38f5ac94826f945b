//! All objects of a repository: its packs and loose objects, and those of the stores it borrows from.

use super::pack::{Base, Decoded, Kept, Pack, Reader, Visit};
use super::repository::{Objects, Repository};
use gix_hash::ObjectId;
use gix_object::Kind;
use rayon::prelude::*;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes of the versions of a file that are kept while others of it are read.
const MAX_KEPT: usize = 16 << 20;

/// Objects, each with a number: those of the packs in the order of their indexes, then loose ones.
pub(super) struct Store<'r> {
    repository: &'r Repository,
    packs: Vec<Pack>,
    /// The number of each pack's first object.
    starts: Vec<u32>,
    /// Sorted.
    loose: Vec<ObjectId>,
    kinds: Vec<Option<Kind>>,
    /// Packs that cannot be opened, and why.
    pub(super) faults: Vec<String>,
}

/// An object as it is visited.
pub(super) struct Visited<'v> {
    pub(super) number: u32,
    pub(super) bytes: &'v [u8],
    /// See `pack::Decoded`.
    pub(super) plain: bool,
    /// Whether another thread has nothing to decode any more.
    pub(super) is_alone: bool,
    /// The object that it was decoded from.
    pub(super) base: Option<VisitedBase<'v>>,
}

/// What an object builds on.
pub(super) struct VisitedBase<'v> {
    pub(super) number: u32,
    pub(super) bytes: &'v [u8],
    pub(super) plain: bool,
    /// See `pack::Base`.
    pub(super) fresh: &'v [Range<usize>],
}

impl<'r> Store<'r> {
    /// Opens all packs and lists loose objects.
    pub(super) fn open(repository: &'r Repository) -> Result<Store<'r>, String> {
        let objects = repository.objects();
        let mut store = Store {
            repository,
            packs: Vec::new(),
            starts: Vec::new(),
            loose: Vec::new(),
            kinds: Vec::new(),
            faults: Vec::new(),
        };
        for folder in repository.folders()? {
            for file in indexes(&folder.join("pack")) {
                match Pack::open(&file, repository.hash, &objects) {
                    Ok(pack) => store.packs.push(pack),
                    Err(reason) => store.faults.push(format!("{}: {reason}", file.display())),
                }
            }
            let list = gix_odb::loose::Store::at(&folder, repository.hash);
            store.loose.extend(list.iter().filter_map(Result::ok));
        }
        store.loose.sort_unstable();
        store.loose.dedup();
        let packs = &store.packs;
        store.loose.retain(|id| packs.iter().all(|pack| pack.lookup(id).is_none()));
        store.number_all(&objects);
        Ok(store)
    }

    fn number_all(&mut self, objects: &Objects) {
        let mut start = 0;
        for pack in &self.packs {
            self.starts.push(start);
            let mut kinds = vec![None; pack.len() as usize];
            pack.kinds(|place, kind| kinds[place as usize] = kind);
            self.kinds.extend(kinds);
            start += pack.len();
        }
        let kind = |id: &ObjectId| objects.kind(id).ok().flatten();
        self.kinds.extend(self.loose.iter().map(kind));
    }

    /// Number of objects; one that is in two packs counts twice.
    pub(super) fn len(&self) -> u32 {
        self.kinds.len() as u32
    }

    /// What an object is; `None` if that cannot be read.
    pub(super) fn kind(&self, number: u32) -> Option<Kind> {
        self.kinds[number as usize]
    }

    /// An object's number. Of one that is in several packs it is that of the first.
    pub(super) fn number(&self, id: &gix_hash::oid) -> Option<u32> {
        let packed = self.packs.iter().zip(&self.starts).find_map(|(pack, start)| Some(start + pack.lookup(id)?));
        let loose_start = self.packs.iter().map(Pack::len).sum::<u32>();
        packed.or_else(|| Some(loose_start + self.loose.binary_search_by(|loose| (**loose).cmp(id)).ok()? as u32))
    }

    /// An object's id.
    pub(super) fn id(&self, number: u32) -> ObjectId {
        self.place(number).map_or_else(|loose| loose, |(pack, place)| self.packs[pack].id(place).to_owned())
    }

    /// The pack that holds an object and its place there, or the id of one that is loose.
    fn place(&self, number: u32) -> Result<(usize, u32), ObjectId> {
        let packs = self.starts.partition_point(|&start| start <= number);
        let mut place = number;
        if let Some(pack) = packs.checked_sub(1) {
            place = number - self.starts[pack];
            if place < self.packs[pack].len() {
                return Ok((pack, place));
            }
            place -= self.packs[pack].len();
        }
        Err(self.loose[place as usize])
    }

    /// Reads one object; `kept` is of the versions of one file.
    pub(super) fn read(
        &self,
        number: u32,
        reader: &mut Reader,
        kept: &mut Vec<Kept>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), String> {
        match self.place(number) {
            Ok((pack, place)) => {
                kept.resize_with(self.packs.len(), || Kept::up_to(MAX_KEPT));
                self.packs[pack].read(place, reader, &mut kept[pack], bytes)
            }
            Err(id) => {
                let found = reader.objects.read(&id, bytes)?;
                found.map(|_| ()).ok_or_else(|| format!("object {id} is missing"))
            }
        }
    }

    /// What one reads objects with.
    pub(super) fn reader(&self) -> Reader {
        Reader::new(self.repository.objects())
    }

    /// Visits all wanted objects of a kind once, each thread after another subtree of deltas, until one is told to
    /// stop. What cannot be read is given to `broken`.
    pub(super) fn visit(
        &self,
        kind: Kind,
        wanted: &(dyn Fn(u32) -> bool + Sync),
        each: &(dyn Fn(Visited<'_>) -> ControlFlow<()> + Sync),
        broken: &(dyn Fn(u32, String) + Sync),
    ) {
        // What one takes to decode is large: each thread uses it again.
        let readers: Mutex<Vec<Reader>> = Mutex::default();
        let stopped = AtomicBool::new(false);
        let each = |visited: Visited<'_>| {
            let flow = each(visited);
            if flow.is_break() {
                stopped.store(true, Ordering::Relaxed);
            }
            flow
        };
        for (pack, &start) in self.packs.iter().zip(&self.starts) {
            // An object of an earlier pack is visited there.
            let is_first = |place: u32| start == 0 || self.number(pack.id(place)) == Some(start + place);
            let is_wanted =
                |place: u32| self.kind(start + place) == Some(kind) && wanted(start + place) && is_first(place);
            let needed = pack.needed(is_wanted);
            let canonical = |place: u32| match start {
                0 => place,
                _ => self.number(pack.id(place)).unwrap_or(start + place),
            };
            let roots = pack.roots(kind);
            let walking = AtomicUsize::new(0);
            let threads = rayon::current_num_threads();
            roots.par_chunks(8).for_each(|roots| {
                let free = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let mut reader = free.unwrap_or_else(|| self.reader());
                for &root in roots.iter().take_while(|_| !stopped.load(Ordering::Relaxed)) {
                    let mut visit = |decoded: Visit<'_>| {
                        match decoded {
                            Ok(Decoded { place, bytes, plain, base }) if is_wanted(place) => {
                                let base = base.map(|Base { place, bytes, plain, fresh }| VisitedBase {
                                    number: canonical(place),
                                    bytes,
                                    plain,
                                    fresh,
                                });
                                let is_alone = walking.load(Ordering::Relaxed) < threads;
                                return each(Visited { number: start + place, bytes, plain, is_alone, base });
                            }
                            Err((place, reason)) if is_wanted(place) => broken(start + place, reason),
                            _ => {}
                        }
                        ControlFlow::Continue(())
                    };
                    walking.fetch_add(1, Ordering::Relaxed);
                    pack.walk(root, &needed, &mut reader, &mut visit);
                    walking.fetch_sub(1, Ordering::Relaxed);
                }
                readers.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
            });
        }
        let first = self.len() - self.loose.len() as u32;
        let loose =
            (first..self.len()).into_par_iter().filter(|&number| self.kind(number) == Some(kind) && wanted(number));
        loose.for_each_init(
            || (self.repository.objects(), Vec::new()),
            |(objects, buffer), number| match objects.expect(&self.id(number), kind, buffer) {
                Ok(()) if stopped.load(Ordering::Relaxed) => {}
                Ok(()) => drop(each(Visited { number, bytes: buffer, plain: false, is_alone: false, base: None })),
                Err(reason) => broken(number, reason),
            },
        );
    }
}

fn indexes(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<_> = files.filter(|file| file.extension().is_some_and(|extension| extension == "idx")).collect();
    all.sort();
    all
}
