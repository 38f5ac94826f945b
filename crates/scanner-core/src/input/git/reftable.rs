//! References that are stored as reftables, as new versions of git do: a stack of tables, of which later ones
//! say what became of the references in earlier ones.

use super::repository::broken;
use super::varint;
use crate::error::Error;
use gix_hash::ObjectId;
use gix_zlib::{Inflate, Status};
use std::collections::BTreeMap;
use std::path::Path;

/// How often the list of tables is read when one that it names is gone: git merges tables while others read.
const TRIES: usize = 4;

/// Tables of a stack. Git keeps some ten at the most.
const MAX_TABLES: usize = 10_000;

/// What a table starts with.
const MAGIC: &[u8] = b"REFT";

/// Where a reference leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Object(ObjectId),
    /// Another reference.
    Symbolic(String),
}

/// All that a stack of tables says.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) references: BTreeMap<String, Target>,
    /// What references led to, as their logs tell.
    pub(super) logged: Vec<ObjectId>,
}

impl Tables {
    /// Reads the tables of a repository's folder, or of a work tree's; none if it has none.
    pub(super) fn read(git_dir: &Path, hash: gix_hash::Kind) -> Result<Tables, String> {
        let folder = git_dir.join("reftable");
        let mut last = String::new();
        for _ in 0..TRIES {
            let list = match std::fs::read_to_string(folder.join("tables.list")) {
                Ok(list) => list,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Tables::default()),
                Err(error) => return Err(error.to_string()),
            };
            let names: Vec<&str> = list.lines().filter(|name| !name.is_empty()).collect();
            if names.len() > MAX_TABLES || names.iter().any(|name| name.contains(['/', '\\'])) {
                return Err("the list of tables is broken".to_owned());
            }
            let tables: Result<Vec<Vec<u8>>, _> = names.iter().map(|name| std::fs::read(folder.join(name))).collect();
            match tables {
                Ok(tables) => return Tables::of(&tables, hash).ok_or_else(|| "a table is broken".to_owned()),
                Err(error) => last = error.to_string(),
            }
        }
        Err(last)
    }

    /// What all work trees share, and what is a work tree's own: `HEAD` among others.
    pub(super) fn of_work_tree(git_dir: &Path, common_dir: &Path, hash: gix_hash::Kind) -> Result<Tables, Error> {
        let read = |folder: &Path| {
            Tables::read(folder, hash).map_err(|reason| broken(git_dir, format!("references cannot be read: {reason}")))
        };
        let mut all = read(common_dir)?;
        if git_dir != common_dir {
            let own = read(git_dir)?;
            all.references.extend(own.references);
            all.logged.extend(own.logged);
        }
        Ok(all)
    }

    /// Puts tables together, the oldest first; `None` if one is broken.
    fn of(tables: &[Vec<u8>], hash: gix_hash::Kind) -> Option<Tables> {
        let mut all = Tables::default();
        for bytes in tables {
            Table::open(bytes, hash)?.read(&mut all)?;
        }
        Some(all)
    }
}

/// One table.
struct Table<'t> {
    bytes: &'t [u8],
    hash: gix_hash::Kind,
    /// Bytes of the header, which the first block counts as its own.
    header: usize,
    /// Bytes that a block of references is filled up to; 0 if blocks are not.
    block: usize,
    /// Where the logs start and where the footer does.
    logs: usize,
    end: usize,
}

impl<'t> Table<'t> {
    fn open(bytes: &'t [u8], hash: gix_hash::Kind) -> Option<Table<'t>> {
        let version = *bytes.strip_prefix(MAGIC)?.first()?;
        let header = match version {
            1 => 24,
            2 => 28,
            _ => return None,
        };
        // The header, five positions and a checksum.
        let footer = bytes.len().checked_sub(header + 5 * 8 + 4)?;
        let foot = bytes.get(footer..)?;
        if footer < header || foot.get(..header)? != bytes.get(..header)? {
            return None;
        }
        let position = |at: usize| {
            let bytes = foot.get(header + at * 8..header + at * 8 + 8)?.try_into().ok()?;
            usize::try_from(u64::from_be_bytes(bytes)).ok()
        };
        let logs = match position(3)? {
            // A table of logs only has no other block before.
            0 if bytes.get(header) == Some(&b'g') => 0,
            0 => footer,
            logs => logs,
        };
        let table = Table { bytes, hash, header, block: number(bytes.get(5..8)?), logs, end: footer };
        (logs <= footer).then_some(table)
    }

    /// Adds what the table says to what older ones do.
    fn read(&self, all: &mut Tables) -> Option<()> {
        let mut at = 0;
        while let Some((kind, start, size)) = self.block_at(at, self.logs) {
            match kind {
                b'r' => self.read_references(self.bytes.get(at..at.checked_add(size)?)?, start - at, all)?,
                // Indexes only tell where to look.
                b'i' | b'o' => {}
                _ => return None,
            }
            // What a block is filled up with is NUL.
            let next = at + size;
            let is_filled = size < self.block && next < self.logs && self.bytes.get(next) == Some(&0);
            at = if is_filled { at + self.block } else { next };
        }
        let mut at = self.logs;
        while let Some((kind, start, size)) = self.block_at(at, self.end) {
            if kind != b'g' {
                break;
            }
            // Of logs the size is what it is when inflated, with what stands before.
            let mut text = vec![0; size.checked_sub(start + 4 - at)?];
            let packed = self.bytes.get(start + 4..self.end)?;
            let (status, read, written) = Inflate::default().once(packed, &mut text).ok()?;
            if status != Status::StreamEnd || written != text.len() {
                return None;
            }
            self.read_logs(&text, all)?;
            at = start + 4 + read;
        }
        Some(())
    }

    /// The kind of a block, where its head starts and what it says its size is.
    fn block_at(&self, at: usize, end: usize) -> Option<(u8, usize, usize)> {
        let start = if at == 0 { self.header } else { at };
        let head = self.bytes.get(..end)?.get(start..start.checked_add(4)?)?;
        let size = number(&head[1..]);
        (size >= start + 4 - at).then_some((head[0], start, size))
    }

    fn read_references(&self, block: &[u8], start: usize, all: &mut Tables) -> Option<()> {
        let mut records = Records::of(block, start + 4)?;
        while let Some((kind, key)) = records.key()? {
            let name = String::from_utf8_lossy(key).into_owned();
            varint::take(&mut records.rest)?;
            let target = match kind {
                0 => None,
                1 => Some(Target::Object(records.id(self.hash)?)),
                2 => {
                    // What a tag leads to stands behind it.
                    let tag = records.id(self.hash)?;
                    records.id(self.hash)?;
                    Some(Target::Object(tag))
                }
                3 => Some(Target::Symbolic(String::from_utf8_lossy(records.text()?).into_owned())),
                _ => return None,
            };
            match target {
                Some(target) => drop(all.references.insert(name, target)),
                None => drop(all.references.remove(&name)),
            }
        }
        Some(())
    }

    fn read_logs(&self, block: &[u8], all: &mut Tables) -> Option<()> {
        let mut records = Records::of(block, 0)?;
        while let Some((kind, _)) = records.key()? {
            // An entry that takes an older one back leaves its objects where they are: they are looked at.
            if kind == 1 {
                for _ in 0..2 {
                    let id = records.id(self.hash)?;
                    all.logged.push(id);
                }
                // Who, from where, when and why.
                records.text()?;
                records.text()?;
                varint::take(&mut records.rest)?;
                records.take(2)?;
                records.text()?;
            }
        }
        Some(())
    }
}

/// The records of a block.
struct Records<'b> {
    rest: &'b [u8],
    /// The key of the last one, of which the next one's may have a part.
    key: Vec<u8>,
}

impl<'b> Records<'b> {
    /// Of a block without the places that tell where keys stand whole.
    fn of(block: &'b [u8], start: usize) -> Option<Records<'b>> {
        let (front, count) = block.split_at_checked(block.len().checked_sub(2)?)?;
        let end = front.len().checked_sub(3 * number(count))?;
        Some(Records { rest: front.get(start..end)?, key: Vec::new() })
    }

    /// The kind and the key of the next record; `Some(None)` at the end.
    fn key(&mut self) -> Option<Option<(u64, &[u8])>> {
        if self.rest.is_empty() {
            return Some(None);
        }
        let shared = usize::try_from(varint::take(&mut self.rest)?).ok().filter(|&shared| shared <= self.key.len())?;
        let word = varint::take(&mut self.rest)?;
        let own = self.take(usize::try_from(word >> 3).ok()?)?;
        self.key.truncate(shared);
        self.key.extend_from_slice(own);
        Some(Some((word & 7, &self.key)))
    }

    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    /// A text behind its length.
    fn text(&mut self) -> Option<&'b [u8]> {
        let len = usize::try_from(varint::take(&mut self.rest)?).ok()?;
        self.take(len)
    }

    fn id(&mut self, hash: gix_hash::Kind) -> Option<ObjectId> {
        ObjectId::try_from(self.take(hash.len_in_bytes())?).ok()
    }
}

/// A number of a few bytes, the highest first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

#[cfg(test)]
mod tests {
    use super::varint::written as varint;
    use super::*;

    fn record(shared: usize, own: &str, kind: usize, value: &[u8]) -> Vec<u8> {
        [varint(shared), varint(own.len() << 3 | kind), own.as_bytes().to_vec(), vec![0], value.to_vec()].concat()
    }

    /// A block of references as it stands at `at`, where the first one counts the header as its own.
    fn block(at: usize, records: &[Vec<u8>]) -> Vec<u8> {
        let body = [records.concat(), vec![0, 0, 28, 0, 1]].concat();
        let size = body.len() + 4 + if at == 0 { 24 } else { 0 };
        [&[b'r', 0, (size >> 8) as u8, size as u8], &body[..]].concat()
    }

    fn table(block_size: u8, blocks: &[u8]) -> Vec<u8> {
        let header = [MAGIC, &[1, 0, 0, block_size], &[0; 16]].concat();
        [&header[..], blocks, &header, &[0; 44]].concat()
    }

    fn id(fill: u8) -> ObjectId {
        ObjectId::from_bytes_or_panic(&[fill; 20])
    }

    fn read(tables: &[Vec<u8>]) -> Option<Vec<(String, Target)>> {
        Tables::of(tables, gix_hash::Kind::Sha1).map(|tables| tables.references.into_iter().collect())
    }

    #[test]
    fn later_tables_say_what_became_of_references() {
        let symbolic = [varint(15), b"refs/heads/main".to_vec()].concat();
        let first = block(
            0,
            &[
                record(0, "HEAD", 3, &symbolic),
                record(0, "refs/heads/main", 1, &[1; 20]),
                record(11, "side", 1, &[2; 20]),
                record(5, "tags/v1", 2, &[[3; 20], [4; 20]].concat()),
            ],
        );
        let second = block(0, &[record(0, "refs/heads/main", 1, &[5; 20]), record(11, "side", 0, &[])]);
        let main = Target::Symbolic("refs/heads/main".to_owned());
        let all = read(&[table(0, &first), table(0, &second)]).expect("both can be read");
        let name = |(name, target): (&str, Target)| (name.to_owned(), target);
        let told =
            [("HEAD", main), ("refs/heads/main", Target::Object(id(5))), ("refs/tags/v1", Target::Object(id(3)))];
        assert_eq!(all, told.map(name));
        for cut in 0..table(0, &first).len() {
            assert_eq!(read(&[table(0, &first)[..cut].to_vec()]), None, "cut at {cut}");
        }
    }

    #[test]
    fn blocks_are_filled_up_or_stand_side_by_side() {
        let first = block(0, &[record(0, "refs/heads/a", 1, &[1; 20])]);
        let second = block(1, &[record(0, "refs/heads/b", 1, &[2; 20])]);
        let names = |table: Vec<u8>| read(&[table]).expect("it can be read").len();
        assert_eq!(names(table(0, &[&first[..], &second].concat())), 2);
        assert_eq!(names(table(200, &[&first[..], &second].concat())), 2);
        let mut filled = first.clone();
        filled.resize(200 - 24, 0);
        assert_eq!(names(table(200, &[&filled[..], &second].concat())), 2);
    }
}
