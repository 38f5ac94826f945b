//! The index of a repository, read from the front to the back through a small window: what a large one costs is
//! little more than reading the file, and it takes no memory. It is read twice: which folders need not be looked at
//! stands behind all entries.

use super::folders::Folders;
use super::repository::{Repository, broken};
use super::varint;
use crate::error::Error;
use gix_hash::ObjectId;
use gix_index::entry::{Flags, Mode, Stage};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What an index starts with.
const MAGIC: &[u8] = b"DIRC";

/// Bytes of the header: the magic, the version and how many entries follow.
const HEADER: usize = 12;

/// Bytes of an entry before its object: times, device, mode, owner and size. The mode stands at 24.
const STAT: usize = 40;
const MODE: usize = 24;

/// Entries of versions 2 and 3 are filled up to a multiple of this.
const ALIGNED: usize = 8;

/// Bits of an entry's flags: more flags follow, the stage, and the length of the path if it fits.
const MORE: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const LENGTH: u16 = 0x0fff;

/// In the flags that follow: the file is only meant to be added.
const TO_ADD: u16 = 0x2000;

/// Bytes of an entry whose path's length is noted, at the most.
const LONGEST: usize = STAT + 32 + 4 + LENGTH as usize + ALIGNED;

/// Bytes of a number of 64 bits.
const LONGEST_NUMBER: usize = 10;

/// Bytes read at a time: fit for the nearest cache of a processor.
const WINDOW: usize = 1 << 16;

/// Bytes of a path; systems that check out files have a few thousand.
const MAX_PATH: usize = 1 << 20;

/// Bytes of the list of folders, some fifty for each.
const MAX_LIST: usize = 1 << 28;

/// What is staged at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) id: ObjectId,
    pub(super) mode: Mode,
    /// A merge has left it undecided, and this is one of its sides.
    pub(super) is_unmerged: bool,
    /// There is no content yet.
    pub(super) is_to_be_added: bool,
}

/// The index of a repository.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) entries: Entries,
    /// The folders of which it knows the trees.
    pub(super) folders: Folders,
    /// Those entries that were asked for when it was opened.
    pub(super) noted: Vec<Entry>,
}

impl Index {
    /// Opens the index and notes the entries of some paths; without an index, nothing is staged.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn open(repository: &Repository, is_noted: fn(&[u8]) -> bool) -> Result<Option<Index>, Error> {
        let path = &repository.index;
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Path { path: path.clone(), source }),
        };
        let read = |file| -> io::Result<(Index, bool)> {
            let mut reader = Reader::open(file, repository.hash)?;
            let mut noted = Vec::new();
            while reader.next()? {
                if is_noted(&reader.path) {
                    noted.push(reader.entry());
                }
            }
            let (folders, is_split) = reader.extensions()?;
            reader.rewind()?;
            Ok((Index { entries: Entries::File(Box::new(reader)), folders, noted }, is_split))
        };
        let (mut index, is_split) = read(file).map_err(|error| broken(path, error.to_string()))?;
        if is_split {
            let whole = split(path, repository.hash)?;
            let entries = (0..whole.entries().len()).map(|at| entry_of(&whole, at));
            index.noted = entries.filter(|entry| is_noted(&entry.path)).collect();
            index.entries = Entries::Whole(Box::new(whole), 0);
        }
        Ok(Some(index))
    }
}

/// An index that is split over two files, put together.
fn split(file: &Path, hash: gix_hash::Kind) -> Result<gix_index::File, Error> {
    // Its checksum costs as much as all the rest; what is damaged shows in the entries.
    let options = gix_index::decode::Options { thread_limit: Some(1), ..Default::default() };
    gix_index::File::at(file, hash, true, options).map_err(|error| broken(file, error.to_string()))
}

fn entry_of(whole: &gix_index::File, at: usize) -> Entry {
    let entry = &whole.entries()[at];
    Entry {
        path: entry.path(whole).to_vec(),
        id: entry.id,
        mode: entry.mode,
        is_unmerged: entry.stage() != Stage::Unconflicted,
        is_to_be_added: entry.flags.contains(Flags::INTENT_TO_ADD),
    }
}

/// The entries from one on, in the order of their paths.
#[derive(Debug)]
pub(super) enum Entries {
    File(Box<Reader>),
    /// An index that was put together, and the entry at which this stands.
    Whole(Box<gix_index::File>, usize),
}

impl Entries {
    /// The path of the entry at which this stands; `None` after the last.
    pub(super) fn path(&self) -> Option<&[u8]> {
        match self {
            Entries::File(reader) => reader.stands.then_some(&reader.path),
            Entries::Whole(whole, at) => whole.entries().get(*at).map(|entry| entry.path(whole).as_ref()),
        }
    }

    /// Goes on to the next entry.
    pub(super) fn go_on(&mut self) -> Result<(), String> {
        match self {
            Entries::File(reader) => reader.next().map(drop).map_err(|error| error.to_string()),
            Entries::Whole(_, at) => {
                *at += 1;
                Ok(())
            }
        }
    }

    /// The entry at which this stands; there must be one.
    pub(super) fn entry(&self) -> Entry {
        match self {
            Entries::File(reader) => reader.entry(),
            Entries::Whole(whole, at) => entry_of(whole, *at),
        }
    }
}

/// Reads entries one after the other.
#[derive(Debug)]
pub(super) struct Reader<F = File> {
    input: Window<F>,
    hash: gix_hash::Kind,
    version: u32,
    /// Entries in all, and those that were read.
    count: u32,
    read: u32,
    /// Whether this stands at an entry, of which the following are parts.
    stands: bool,
    path: Vec<u8>,
    id: ObjectId,
    mode: u32,
    flags: u16,
    more: u16,
}

impl<F: Read + Seek> Reader<F> {
    fn open(file: F, hash: gix_hash::Kind) -> io::Result<Reader<F>> {
        let mut input = Window { file, bytes: vec![0; WINDOW], start: 0, end: 0 };
        let header = input.take(HEADER)?;
        let (version, count) = (number(header, 4), number(header, 8));
        if header[..4] != *MAGIC || !(2..=4).contains(&version) {
            return Err(io::Error::other("this is no index of a known version"));
        }
        let id = ObjectId::null(hash);
        let path = Vec::new();
        Ok(Reader { input, hash, version, count, read: 0, stands: false, path, id, mode: 0, flags: 0, more: 0 })
    }

    /// Stands at the first entry again, if there is one.
    fn rewind(&mut self) -> io::Result<()> {
        self.input.rewind(HEADER)?;
        (self.read, self.stands) = (0, false);
        self.path.clear();
        self.next().map(drop)
    }

    /// Reads the next entry; false after the last.
    fn next(&mut self) -> io::Result<bool> {
        self.stands = self.read < self.count;
        if !self.stands {
            return Ok(false);
        }
        self.read += 1;
        let held = self.input.held(LONGEST)?;
        let object = STAT + self.hash.len_in_bytes();
        let mut at = object + 2;
        let head = held.get(..at).ok_or_else(early)?;
        self.mode = number(head, MODE);
        self.id = ObjectId::from_bytes_or_panic(&head[STAT..object]);
        self.flags = u16::from_be_bytes([head[object], head[object + 1]]);
        self.more = 0;
        if self.flags & MORE != 0 {
            let more = held.get(at..at + 2).ok_or_else(early)?;
            self.more = u16::from_be_bytes([more[0], more[1]]);
            at += 2;
        }
        if self.version == 4 {
            self.input.start += at;
            return self.shortened().map(|()| true);
        }
        self.path.clear();
        let length = self.flags & LENGTH;
        // At least one zero ends the path.
        let filling = |end: usize| ALIGNED - end % ALIGNED;
        if length < LENGTH {
            let end = at + usize::from(length);
            let next = end + filling(end);
            let held = held.get(..next).ok_or_else(early)?;
            self.path.extend_from_slice(&held[at..end]);
            self.input.start += next;
        } else {
            self.input.start += at;
            self.input.take_string(&mut self.path)?;
            self.input.take(filling(at + self.path.len()) - 1)?;
        }
        Ok(true)
    }

    /// Reads a path of which only what differs from the one before is there.
    fn shortened(&mut self) -> io::Result<()> {
        let cut = self.cut()?;
        let kept = self.path.len().checked_sub(cut).ok_or_else(|| io::Error::other("a path is too short"))?;
        self.path.truncate(kept);
        self.input.take_string(&mut self.path)
    }

    /// How much of the path before is not part of the next.
    fn cut(&mut self) -> io::Result<usize> {
        let held = self.input.held(LONGEST_NUMBER)?;
        let mut rest = held;
        let cut = varint::take(&mut rest).and_then(|cut| usize::try_from(cut).ok());
        let taken = held.len() - rest.len();
        self.input.start += taken;
        cut.ok_or_else(early)
    }

    fn entry(&self) -> Entry {
        Entry {
            path: self.path.clone(),
            id: self.id,
            mode: Mode::from_bits_truncate(self.mode),
            is_unmerged: self.flags & STAGE != 0,
            is_to_be_added: self.more & TO_ADD != 0,
        }
    }

    /// Reads what follows the entries: the folders, and whether there is another file with more entries.
    fn extensions(&mut self) -> io::Result<(Folders, bool)> {
        let (mut folders, mut is_split) = (Folders::default(), false);
        // A checksum ends the file.
        while self.input.has(8 + self.hash.len_in_bytes())? {
            let head = self.input.take(8)?;
            let (name, size) = ([head[0], head[1], head[2], head[3]], number(head, 4) as usize);
            is_split |= &name == b"link";
            if &name == b"TREE" && size <= MAX_LIST {
                folders = Folders::read(self.input.take(size)?.to_vec(), self.hash).unwrap_or_default();
            } else {
                self.input.pass(size)?;
            }
        }
        Ok((folders, is_split))
    }
}

/// Some bytes of a file.
#[derive(Debug)]
struct Window<F> {
    file: F,
    bytes: Vec<u8>,
    /// Those that were read and not taken.
    start: usize,
    end: usize,
}

impl<F: Read + Seek> Window<F> {
    /// Whether so many bytes follow; reads them.
    fn has(&mut self, length: usize) -> io::Result<bool> {
        if self.end - self.start >= length {
            return Ok(true);
        }
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < length {
            // No more room than there is need for: a number of a broken file may be anything.
            if self.end == self.bytes.len() {
                self.bytes.resize(length.min(self.end * 2), 0);
            }
            match self.file.read(&mut self.bytes[self.end..]) {
                Ok(0) => return Ok(false),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The next bytes: so many, if so many follow.
    fn held(&mut self, length: usize) -> io::Result<&[u8]> {
        self.has(length)?;
        Ok(&self.bytes[self.start..self.end])
    }

    /// Takes the next bytes.
    fn take(&mut self, length: usize) -> io::Result<&[u8]> {
        if !self.has(length)? {
            return Err(early());
        }
        self.start += length;
        Ok(&self.bytes[self.start - length..self.start])
    }

    /// Takes what stands before the next zero, and the zero.
    fn take_string(&mut self, to: &mut Vec<u8>) -> io::Result<()> {
        loop {
            if !self.has(1)? {
                return Err(early());
            }
            let held = &self.bytes[self.start..self.end];
            let end = memchr::memchr(0, held);
            to.extend_from_slice(&held[..end.unwrap_or(held.len())]);
            if to.len() > MAX_PATH {
                return Err(io::Error::other("a path is too long"));
            }
            self.start += end.map_or(held.len(), |end| end + 1);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// Leaves out bytes.
    fn pass(&mut self, length: usize) -> io::Result<()> {
        let held = (self.end - self.start).min(length);
        self.start += held;
        self.file.seek_relative(i64::try_from(length - held).map_err(io::Error::other)?)
    }

    /// Goes back to a place of the file.
    fn rewind(&mut self, place: usize) -> io::Result<()> {
        (self.start, self.end) = (0, 0);
        self.file.seek(SeekFrom::Start(place as u64)).map(drop)
    }
}

fn early() -> io::Error {
    io::Error::other("it ends too early")
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use gix_hash::Kind;
    use proptest::prelude::*;

    /// One entry as a test wants it: its path, its mode and its flags.
    type Wanted = (String, u32, u16, u16);

    fn written(version: u32, entries: &[Wanted]) -> Vec<u8> {
        let mut bytes = [MAGIC, &version.to_be_bytes(), &(entries.len() as u32).to_be_bytes()].concat();
        let mut before = String::new();
        for (number, (path, mode, flags, more)) in entries.iter().enumerate() {
            let start = bytes.len();
            bytes.extend([0; MODE]);
            bytes.extend(mode.to_be_bytes());
            bytes.extend([0; STAT - MODE - 4]);
            bytes.extend([number as u8; 20]);
            let length = u16::try_from(path.len()).unwrap_or(LENGTH).min(LENGTH);
            bytes.extend((flags | length).to_be_bytes());
            if flags & MORE != 0 {
                bytes.extend(more.to_be_bytes());
            }
            if version == 4 {
                let same = path.bytes().zip(before.bytes()).take_while(|(new, old)| new == old).count();
                bytes.extend(varint::written(before.len() - same));
                bytes.extend(&path.as_bytes()[same..]);
                bytes.push(0);
                before.clone_from(path);
            } else {
                bytes.extend(path.as_bytes());
                bytes.extend(vec![0; ALIGNED - (bytes.len() - start) % ALIGNED]);
            }
        }
        bytes.extend([0; 20]);
        bytes
    }

    fn ours(bytes: Vec<u8>) -> io::Result<Vec<Entry>> {
        let mut reader = Reader::open(io::Cursor::new(bytes), Kind::Sha1)?;
        let mut all = Vec::new();
        while reader.next()? {
            all.push(reader.entry());
        }
        reader.extensions()?;
        Ok(all)
    }

    fn entries() -> impl Strategy<Value = (u32, Vec<Wanted>)> {
        let mode = prop::sample::select(vec![0o100_644, 0o100_755, 0o120_000, 0o160_000, 0o040_000]);
        let flags = prop::sample::select(vec![0, 0x8000, 0x1000, 0x3000]);
        let path = prop_oneof![9 => "[a-c/]{1,12}", 1 => "[a-c]{300}", 1 => prop::sample::select(vec![4094, 4095, 4096, 4099]).prop_map(|length| "a".repeat(length))];
        let more = prop::option::of(prop::sample::select(vec![0, TO_ADD, 0x4000]));
        let entry = (path, mode, flags, more);
        (2_u32..=4, prop::collection::vec(entry, 0..12)).prop_map(|(version, mut entries)| {
            entries.sort();
            let with_more = |(path, mode, flags, more): (String, u32, u16, Option<u16>)| match more {
                Some(more) if version > 2 => (path, mode, flags | MORE, more),
                _ => (path, mode, flags, 0),
            };
            (version, entries.into_iter().map(with_more).collect())
        })
    }

    proptest! {
        #[test]
        fn entries_are_as_the_library_reads_them((version, wanted) in entries()) {
            let bytes = written(version, &wanted);
            let ours = ours(bytes.clone()).expect("it is sound");
            let paths: Vec<&[u8]> = ours.iter().map(|entry| &entry.path[..]).collect();
            prop_assert_eq!(paths, wanted.iter().map(|(path, ..)| path.as_bytes()).collect::<Vec<_>>());
            // After a path that is too long for its length to be noted, the library takes the filling for an entry.
            prop_assume!(wanted.iter().all(|(path, ..)| path.len() < usize::from(LENGTH)));
            let mtime = std::time::SystemTime::UNIX_EPOCH.into();
            let theirs = gix_index::State::from_bytes(&bytes, mtime, Kind::Sha1, Default::default());
            let whole = gix_index::File::from_state(theirs.expect("it is sound").0, "index");
            let theirs: Vec<Entry> = (0..whole.entries().len()).map(|at| entry_of(&whole, at)).collect();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn what_is_broken_is_no_index_or_has_other_entries(
            (version, wanted) in entries(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = written(version, &wanted);
            let place = at.index(bytes.len());
            bytes[place] = byte;
            bytes.truncate(cut.index(bytes.len()).max(place));
            let _ = ours(bytes);
        }
    }

    #[test]
    fn paths_do_not_grow_without_bounds() {
        // Each keeps the long path before it and adds one byte.
        let mut bytes = [MAGIC, &4_u32.to_be_bytes(), &2_u32.to_be_bytes()].concat();
        for number in 0..2 {
            bytes.extend([0; STAT + 20 + 2]);
            bytes.push(0);
            bytes.extend(vec![b'a'; if number == 0 { MAX_PATH } else { 1 }]);
            bytes.push(0);
        }
        assert!(ours(bytes).is_err());
    }
}
