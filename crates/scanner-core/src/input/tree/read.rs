//! Reads the files that a walk finds.

use super::{TreeOptions, Walk};
use crate::blob::{Blob, Origin};
use crate::decode::{Decoded, decode, starts_binary};
use crate::error::{Problem, ProblemKind};
#[cfg(feature = "archives")]
use crate::input::archive;
use ignore::DirEntry;
use std::fs::File;
use std::io::{self, Read};

impl Walk<'_> {
    pub(super) fn file(&self, entry: &DirEntry, origin: Origin, buffer: &mut Vec<u8>) {
        match self.read(entry, &origin, buffer) {
            Ok(Content::Whole(len)) => {
                #[cfg(feature = "archives")]
                self.unpack(entry, &origin, &buffer[..len]);
                self.visitor.blob(Blob::new(origin, &buffer[..len]));
            }
            Ok(Content::Special) if entry.depth() > 0 => {}
            Ok(Content::Special) => {
                let message = "is no file or folder, and was not read";
                self.visitor.problem(Problem::at(origin, ProblemKind::Unreadable, message));
            }
            Ok(Content::TooLarge(size)) => {
                let limit = self.tree.options.max_file_size;
                let message = format!(
                    "text file of {size} bytes is larger than the limit of {limit}; only its name was examined"
                );
                self.visitor.problem(Problem::at(origin.clone(), ProblemKind::TooLarge, message));
                self.visitor.blob(Blob::name_only(origin));
            }
            Err(error) => {
                let kind = if error.kind() == io::ErrorKind::NotFound {
                    ProblemKind::Vanished
                } else {
                    ProblemKind::Unreadable
                };
                self.visitor.problem(Problem::at(origin.clone(), kind, format!("cannot be read: {error}")));
                self.visitor.blob(Blob::name_only(origin));
            }
        }
    }

    /// Pushes what an archive or another binary file holds, if that is wanted.
    #[cfg(feature = "archives")]
    fn unpack(&self, entry: &DirEntry, origin: &Origin, head: &[u8]) {
        let Some(limits) = &self.tree.options.archives else { return };
        if !archive::is_wanted(head, limits) {
            return;
        }
        match File::open(entry.path()) {
            Ok(mut file) => archive::unpack(origin, head, &mut file, limits, self.visitor),
            Err(error) => {
                let message = format!("cannot be read: {error}");
                self.visitor.problem(Problem::at(origin.clone(), ProblemKind::Unreadable, message));
            }
        }
    }

    /// Reads a file into the start of `buffer`; of a binary one no more than what name rules look
    /// at.
    fn read(&self, entry: &DirEntry, origin: &Origin, buffer: &mut Vec<u8>) -> io::Result<Content> {
        // A FIFO would block at being opened, a device may never end.
        let known = entry.file_type().is_some_and(|kind| kind.is_file());
        if !known && !std::fs::metadata(entry.path())?.is_file() {
            return Ok(Content::Special);
        }
        let mut file = File::open(entry.path())?;
        let TreeOptions { sniff, head, max_file_size: limit, .. } = self.tree.options;
        if buffer.len() < head.max(sniff) + 1 {
            buffer.resize(head.max(sniff) + 1, 0);
        }
        let mut len = fill(&mut file, &mut buffer[..sniff])?;
        let binary = starts_binary(&buffer[..len], sniff);
        if binary && !self.visitor.wants_head(origin) {
            return Ok(Content::Whole(len));
        }
        if len == sniff {
            len += fill(&mut file, &mut buffer[sniff..head.max(sniff)])?;
        }
        let ended = len < head.max(sniff);
        if binary || ended && len as u64 <= limit {
            return Ok(Content::Whole(len));
        }
        let size = if ended { len as u64 } else { file.metadata()?.len() };
        if size > limit {
            let binary = matches!(decode(&buffer[..len], sniff), Decoded::Binary);
            return Ok(if binary { Content::Whole(len) } else { Content::TooLarge(size) });
        }
        // One byte more than there should be, to see the end. A file of a virtual file system says
        // 0 and may hold more all the same.
        let mut room = (size as usize).max(len) + 1;
        loop {
            if buffer.len() < room {
                buffer.resize(room, 0);
            }
            len += fill(&mut file, &mut buffer[len..room])?;
            if len < room {
                return Ok(Content::Whole(len));
            }
            if len as u64 > limit {
                return Ok(Content::TooLarge(len as u64));
            }
            room = (room * 2).min(limit as usize + 1);
        }
    }
}

/// Reads until `buffer` is full or the file ends.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while len < buffer.len() {
        match file.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}

enum Content {
    /// All of it, or the start of a binary file: so many bytes.
    Whole(usize),
    TooLarge(u64),
    Special,
}
