//! What earlier scans of a history examined, so that the next one examines what is new.
//!
//! Of each path it is kept in which versions there was nothing to tell of, and in which there was something. The
//! latter are examined each time, so that not a word of what was found is kept. Of two versions that hold the same it
//! may be either that tells of it: a path counts only while all its telling versions are there.

use super::files::Files;
use super::history::History;
use crate::stats::Stats;
use crate::store::{Key, Shelf};
use gix_hash::ObjectId;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// Entries of the store that a history is spread over: those of the largest stay below what one may take.
const PARTS: usize = 64;

/// What a path is called: with so many bits no two are alike.
type Name = [u8; 16];

/// What is known of a version of a file, or of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    New,
    /// There is something to tell of.
    Telling,
    /// There is nothing but these sums: this scan says so, or an earlier one.
    Quiet(Stats),
    Kept(Stats),
}

impl State {
    /// The bits of each sum, lowest first, above those that say which state it is.
    const BITS: [u32; 4] = [38, 8, 8, 8];

    /// In one word. Sums of archives with more members than fit are not kept: these are examined each time.
    fn pack(self) -> u64 {
        let (kind, sums) = match self {
            State::New => return 0,
            State::Telling => return 1,
            State::Quiet(sums) => (2, sums),
            State::Kept(sums) => (3, sums),
        };
        let mut shift = 2;
        let mut word = kind;
        for (value, bits) in [sums.bytes, sums.files, sums.binary, sums.parsed].into_iter().zip(State::BITS) {
            if value >> bits != 0 {
                return State::Telling.pack();
            }
            word |= value << shift;
            shift += bits;
        }
        word
    }

    fn unpack(word: u64) -> State {
        let mut rest = word >> 2;
        let [bytes, files, binary, parsed] = State::BITS.map(|bits| {
            let value = rest & ((1 << bits) - 1);
            rest >>= bits;
            value
        });
        let sums = Stats { files, bytes, binary, parsed, hidden: 0 };
        match word & 3 {
            0 => State::New,
            1 => State::Telling,
            2 => State::Quiet(sums),
            _ => State::Kept(sums),
        }
    }
}

/// What is known of all versions of all files, and of all commits.
pub(super) struct Known<'h> {
    history: &'h History<'h>,
    shelf: Option<&'h Shelf>,
    /// Of each item: the blobs with their paths in the order of `Paths::pairs`, then the commits.
    states: Vec<AtomicU64>,
    /// Items, those of a group side by side.
    order: Vec<u32>,
    /// By name.
    groups: Vec<Group>,
    /// Of each part its key, and a digest of what was kept there.
    parts: Vec<(Key, Key)>,
}

/// The versions of a file, or commits whose ids start alike.
struct Group {
    name: Name,
    /// In `order`, by the numbers of their objects.
    items: Range<usize>,
}

impl<'h> Known<'h> {
    /// Reads what was kept of a history, if anything was.
    pub(super) fn load(history: &'h History<'h>, files: &Files<'_>) -> Known<'h> {
        let mut known = Known {
            history,
            shelf: history.shelf.as_ref(),
            states: Vec::new(),
            order: Vec::new(),
            groups: Vec::new(),
            parts: Vec::new(),
        };
        let (Some(shelf), Some(root)) = (known.shelf, history.first_root()) else {
            known.shelf = None;
            return known;
        };
        known.group(files);
        let options = &history.options;
        #[cfg(feature = "archives")]
        let archives = options.archives.is_some();
        #[cfg(not(feature = "archives"))]
        let archives = false;
        let settings =
            format!("{archives} {} {} {} {}", options.max_file_size, options.sniff, options.head, history.all_objects);
        let of_part = |part: usize| {
            let key = shelf.key("history", [root.as_slice(), settings.as_bytes(), &[part as u8]]);
            let kept = shelf.get(&key).unwrap_or_default();
            known.restore(part, &kept);
            (key, digest(&kept))
        };
        known.parts = (0..PARTS).into_par_iter().map(of_part).collect();
        known
    }

    /// Arranges all items in groups, but for files that are left out.
    fn group(&mut self, files: &Files<'_>) {
        let history = self.history;
        let pairs = history.paths.pairs().len();
        self.states = (0..pairs + history.commits.len()).map(|_| AtomicU64::new(State::New.pack())).collect();
        let mut items: Vec<(u64, u32, u32)> = (0..self.states.len() as u32)
            .map(|item| {
                let number = self.number(item);
                let group = match history.paths.pairs().get(item as usize) {
                    Some(&(_, path)) => u64::from(path),
                    None => u64::from(u32::MAX) + 1 + u64::from(history.store.id(number).as_slice()[0]),
                };
                (group, number, item)
            })
            .collect();
        items.par_sort_unstable();
        let mut groups = Vec::new();
        let mut start = 0;
        for same in items.chunk_by(|left, right| left.0 == right.0) {
            groups.push((same[0].0, start..start + same.len()));
            start += same.len();
        }
        self.order = items.into_iter().map(|(_, _, item)| item).collect();
        let named = |(group, items): (u64, Range<usize>)| {
            let text = match u32::try_from(group) {
                Ok(path) => history.trees.text(&history.paths, path),
                // No path has a NUL.
                Err(_) => format!("commit\0{}", group as u8),
            };
            let digest = digest(text.as_bytes());
            let name = digest[..16].try_into().expect("a digest has more bytes");
            (!files.leaves_out(&text)).then_some(Group { name, items })
        };
        self.groups = groups.into_par_iter().filter_map(named).collect();
        self.groups.par_sort_unstable_by_key(|group| group.name);
    }

    /// The number of an item's object.
    fn number(&self, item: u32) -> u32 {
        let pairs = self.history.paths.pairs();
        match pairs.get(item as usize) {
            Some(&(blob, _)) => blob,
            None => self.history.commits[item as usize - pairs.len()].number,
        }
    }

    /// The groups of a part.
    fn of_part(&self, part: usize) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.name[0] as usize % PARTS == part)
    }

    /// Takes note of what a part holds. What is not as it was written is passed over: then it is examined again.
    fn restore(&self, part: usize, kept: &[u8]) {
        let size = self.history.repository.hash.len_in_bytes();
        let mut rest = kept;
        while let Some((head, after)) = rest.split_first_chunk::<20>() {
            let (name, count) = head.split_at(16);
            let count = u32::from_le_bytes(count.try_into().expect("it has four bytes")) as usize;
            let Some((entries, after)) = count.checked_mul(size + 8).and_then(|len| after.split_at_checked(len)) else {
                return;
            };
            rest = after;
            let Ok(at) = self.groups.binary_search_by_key(&name, |group| &group.name[..]) else { continue };
            if name[0] as usize % PARTS == part {
                self.restore_group(&self.groups[at], entries, size);
            }
        }
    }

    fn restore_group(&self, group: &Group, entries: &[u8], size: usize) {
        let items = &self.order[group.items.clone()];
        let mut found = Vec::with_capacity(items.len());
        for entry in entries.chunks_exact(size + 8) {
            let (id, word) = entry.split_at(size);
            let state = State::unpack(u64::from_le_bytes(word.try_into().expect("it has eight bytes")));
            let number = self.history.store.number(gix_hash::oid::from_bytes_unchecked(id));
            let at = number.and_then(|number| items.binary_search_by_key(&number, |&item| self.number(item)).ok());
            match (at, state) {
                (_, State::New | State::Quiet(_)) => return,
                (Some(at), state) => found.push((items[at], state)),
                (None, State::Telling) => return,
                (None, State::Kept(_)) => {}
            }
        }
        for (item, state) in found {
            self.states[item as usize].store(state.pack(), Ordering::Relaxed);
        }
    }

    /// What is known of an item; see `states`.
    fn state(&self, item: usize) -> State {
        self.states.get(item).map_or(State::New, |word| State::unpack(word.load(Ordering::Relaxed)))
    }

    /// What is known of a blob at one of its paths, as `Paths::pairs` has it.
    pub(super) fn file(&self, pair: usize) -> State {
        self.state(pair)
    }

    /// What is known of the message of a commit.
    pub(super) fn commit(&self, row: usize) -> State {
        self.state(self.history.paths.pairs().len() + row)
    }

    /// Whether a version was examined by an earlier scan and need not be once more.
    pub(super) fn is_kept(state: State) -> bool {
        matches!(state, State::Kept(_))
    }

    /// The sums of all that need not be examined once more, and of how many items they are.
    pub(super) fn sums(&self) -> Stats {
        let mut all = Stats::default();
        for item in 0..self.states.len() {
            if let State::Kept(sums) = self.state(item) {
                all.add(&sums);
            }
        }
        all
    }

    /// Takes note that a blob was examined at one of its paths: whether there was something to tell of, or sums only.
    pub(super) fn note_file(&self, pair: usize, sums: Option<Stats>, stopped: bool) {
        if let Some(word) = self.states.get(pair) {
            let state = sums.map_or(State::Telling, State::Quiet);
            // What was under way when the scan was ended may be in pieces.
            if state == State::Telling || !stopped {
                word.store(state.pack(), Ordering::Relaxed);
            }
        }
    }

    /// As [`Known::note_file`], of a commit.
    pub(super) fn note_commit(&self, row: usize, sums: Option<Stats>, stopped: bool) {
        self.note_file(self.history.paths.pairs().len() + row, sums, stopped);
    }

    /// Keeps all that is known now.
    pub(super) fn save(&self, stopped: bool) {
        let Some(shelf) = self.shelf else { return };
        self.parts.par_iter().enumerate().for_each(|(part, (key, before))| {
            let mut bytes = Vec::new();
            self.of_part(part).for_each(|group| self.save_group(group, stopped, &mut bytes));
            if digest(&bytes) != *before {
                shelf.put(key, &bytes);
            }
        });
        shelf.trim();
    }

    fn save_group(&self, group: &Group, stopped: bool, bytes: &mut Vec<u8>) {
        let items = &self.order[group.items.clone()];
        // Of a file whose versions were not all examined nobody has told yet what some of them hold.
        let is_new = |&item: &u32| self.state(item as usize) == State::New;
        let in_part = stopped && items.iter().any(is_new);
        let kept = items.iter().filter_map(|&item| match self.state(item as usize) {
            State::New => None,
            State::Quiet(_) if in_part => None,
            State::Quiet(sums) => Some((item, State::Kept(sums))),
            state => Some((item, state)),
        });
        let kept: Vec<(u32, State)> = kept.collect();
        if kept.is_empty() {
            return;
        }
        bytes.extend_from_slice(&group.name);
        bytes.extend_from_slice(&(kept.len() as u32).to_le_bytes());
        for (item, state) in kept {
            let id: ObjectId = self.history.store.id(self.number(item));
            bytes.extend_from_slice(id.as_slice());
            bytes.extend_from_slice(&state.pack().to_le_bytes());
        }
    }
}

fn digest(bytes: &[u8]) -> Key {
    Sha256::digest(bytes).into()
}
