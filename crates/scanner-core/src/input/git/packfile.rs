//! The bytes of a pack, read where they are wanted: a mapped file would count as memory that is used.

use gix_pack::data;
use std::fs::File;
use std::io;
use std::path::Path;

/// More bytes than the head of an entry has: a size and a hash, or a distance.
const HEAD: usize = 64;

/// Bytes that are read at once where heads are: of most packs those of some ten entries.
const WINDOW: usize = 4 << 10;

/// An open pack.
pub(super) struct PackFile {
    file: File,
    len: u64,
    hash: gix_hash::Kind,
}

impl PackFile {
    /// Opens a pack of a version that is known.
    pub(super) fn open(path: &Path, hash: gix_hash::Kind) -> Result<PackFile, String> {
        let open = || {
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            Ok(PackFile { file, len, hash })
        };
        let pack: PackFile = open().map_err(|error: io::Error| error.to_string())?;
        let mut start = [0; data::header::SIZE];
        pack.read(0, &mut start)?;
        data::header::decode(&start).map_err(|error| error.to_string())?;
        Ok(pack)
    }

    /// Where the last entry ends: behind it stands a hash of all.
    pub(super) fn end(&self) -> u64 {
        self.len.saturating_sub(self.hash.len_in_bytes() as u64)
    }

    /// Fills a buffer with what stands at an offset.
    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), String> {
        read_exact_at(&self.file, offset, buffer).map_err(|error| error.to_string())
    }

    /// Reads the heads of entries.
    pub(super) fn heads(&self) -> Heads<'_> {
        Heads { pack: self, start: 0, bytes: Vec::with_capacity(WINDOW) }
    }

    /// What an entry's head says; `bytes` start with it.
    pub(super) fn entry(&self, bytes: &[u8], offset: u64) -> Result<data::Entry, String> {
        data::Entry::from_bytes(bytes, offset, self.hash).map_err(|error| error.to_string())
    }
}

/// The heads of entries, best asked for in order.
pub(super) struct Heads<'p> {
    pack: &'p PackFile,
    start: u64,
    bytes: Vec<u8>,
}

impl Heads<'_> {
    /// The head of the entry at an offset.
    pub(super) fn entry(&mut self, offset: u64) -> Result<data::Entry, String> {
        let is_here = offset >= self.start && offset + HEAD as u64 <= self.start + self.bytes.len() as u64;
        if !is_here {
            let left = self.pack.len.saturating_sub(offset);
            self.bytes.resize(left.min(WINDOW as u64) as usize, 0);
            self.start = offset;
            self.pack.read(offset, &mut self.bytes)?;
        }
        self.pack.entry(&self.bytes[(offset - self.start) as usize..], offset)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                offset += read as u64;
                buffer = &mut buffer[read..];
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
