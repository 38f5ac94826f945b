//! Archives: their members are pushed as blobs of their own, within bounds on size, number and depth.

mod kind;
mod office;
mod pdf;
mod strings;

use crate::blob::{Blob, Origin, Visitor};
use crate::decode::starts_binary;
use crate::error::{Problem, ProblemKind};
use crate::limits::Limits;
use kind::Kind;
use std::cell::{Cell, RefCell};
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::rc::Rc;

/// What members can be read from in any order.
pub(super) trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// Whether a file that starts so is unpacked, or strings are picked out of it.
pub(super) fn is_wanted(head: &[u8], limits: &Limits) -> bool {
    Kind::of(head).is_some() || pdf::is_pdf(head) || strings::are_wanted(head, limits.sniff)
}

/// Pushes what a file that starts so holds. The file itself is pushed by the caller.
pub(super) fn unpack(origin: &Origin, head: &[u8], source: &mut dyn Source, limits: &Limits, visitor: &dyn Visitor) {
    let walk = Walk {
        origin,
        limits,
        visitor,
        bytes: Cell::new(limits.max_archive_bytes),
        members: Cell::new(limits.max_archive_members),
        stopped: Cell::new(false),
        bomb: Cell::new(false),
        shared: RefCell::default(),
    };
    // Decoders of many hands read bytes of any hands: a panic of one must neither end the scan nor be silent.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match Kind::of(head) {
        Some(Kind::Zip) => walk.zip("", source, 1),
        Some(kind) => walk.stream(kind, "", source, 1),
        None if pdf::is_pdf(head) => walk.pdf("", source, 1),
        None => walk.strings("", source),
    }));
    let outcome = outcome.unwrap_or_else(|_| Err(io::Error::other("internal error while reading it")));
    if let Err(error) = outcome {
        walk.failed("", &error);
    }
}

struct Walk<'w> {
    /// The file on disk.
    origin: &'w Origin,
    limits: &'w Limits,
    visitor: &'w dyn Visitor,
    /// Bytes that may still be unpacked.
    bytes: Cell<u64>,
    /// Members that may still be pushed.
    members: Cell<usize>,
    /// A bound on the whole was hit.
    stopped: Cell<bool>,
    /// The stream that is being read grows beyond all proportion.
    bomb: Cell<bool>,
    /// The texts of the workbook that is being read.
    shared: RefCell<Option<Rc<office::Shared>>>,
}

impl Walk<'_> {
    /// Where a member lies: `lib/app.jar!/config/app.properties`.
    fn place(&self, member: &str) -> Origin {
        let inner = (!member.is_empty()).then(|| member.to_owned());
        let member = match (&self.origin.member, inner) {
            (Some(outer), Some(inner)) => Some(format!("{outer}!/{inner}")),
            (outer, inner) => inner.or_else(|| outer.clone()),
        };
        Origin { member, ..self.origin.clone() }
    }

    fn problem(&self, member: &str, kind: ProblemKind, message: impl Into<String>) {
        self.visitor.problem(Problem::at(self.place(member), kind, message));
    }

    /// Reports why reading ended: a bound, or damage.
    fn failed(&self, member: &str, error: &io::Error) {
        if self.stopped.get() {
            return; // told when it was hit
        }
        if self.bomb.replace(false) {
            let ratio = self.limits.max_archive_ratio;
            let message = format!("grows more than {ratio} times when unpacked; the rest of it was not examined");
            self.problem(member, ProblemKind::ArchiveLimit, message);
        } else {
            self.problem(member, ProblemKind::Unreadable, format!("cannot be unpacked: {error}"));
        }
    }

    fn stop(&self, member: &str, message: String) {
        if !self.stopped.replace(true) {
            self.problem(member, ProblemKind::ArchiveLimit, message);
        }
    }

    /// A tar, or a compressed stream.
    fn stream(&self, kind: Kind, member: &str, source: &mut dyn Read, depth: usize) -> io::Result<()> {
        let packed = Rc::new(Cell::new(0));
        let source = BufReader::new(Counted { inner: source, count: Rc::clone(&packed) });
        let window = self.limits.max_archive_window;
        match kind {
            Kind::Tar => self.tar(member, source, depth),
            Kind::Gzip => self.unpacked(member, flate2::bufread::MultiGzDecoder::new(source), packed, depth),
            Kind::Bzip2 => self.unpacked(member, bzip2::bufread::MultiBzDecoder::new(source), packed, depth),
            Kind::Xz => {
                let reader = lzma_rust2::XzReader::new_mem_limit(source, true, (window / 1024) as u32);
                self.unpacked(member, reader, packed, depth)
            }
            Kind::Zstd => self.unpacked(member, kind::Zstd::new(source, window), packed, depth),
            Kind::Zip => Err(io::Error::other("a zip is no stream")),
            Kind::Unknown(name) => Err(io::Error::other(format!("{name} archives are not read"))),
        }
    }

    fn zip(&self, at: &str, source: &mut dyn Source, depth: usize) -> io::Result<()> {
        let mut archive = zip::ZipArchive::new(source).map_err(io::Error::other)?;
        let shared = self.shared_texts(&mut archive);
        let outer = self.shared.replace(shared.clone());
        for index in 0..archive.len() {
            if self.stopped.get() {
                break;
            }
            let name = archive.name_for_index(index);
            let name = name
                .and_then(Result::ok)
                .map_or_else(|| format!("member {}", index + 1), |name| name.replace('\\', "/"));
            match archive.by_index(index) {
                Ok(file) if file.is_dir() || file.is_symlink() => {}
                Ok(file) => {
                    let packed = Rc::new(Cell::new(file.compressed_size()));
                    let mut file = Metered { inner: file, walk: self, packed, unpacked: 0 };
                    self.member(at, &name, &mut file, depth);
                }
                Err(error) => self.failed(&joined(at, &name), &io::Error::other(error)),
            }
        }
        self.shared.replace(outer);
        if let Some(unused) = shared.map(|shared| shared.unused()).filter(|unused| !unused.is_empty()) {
            self.push_text(&joined(at, office::SHARED), "text", unused);
        }
        Ok(())
    }

    /// The texts that the cells of a workbook name, if this is one. What is wrong with them is told when
    /// their member's turn comes.
    fn shared_texts(&self, archive: &mut zip::ZipArchive<&mut dyn Source>) -> Option<Rc<office::Shared>> {
        let file = archive.by_name(office::SHARED).ok()?;
        let packed = Rc::new(Cell::new(file.compressed_size()));
        let mut bytes = Vec::new();
        let limit = self.limits.max_file_size;
        let mut file = Metered { inner: file, walk: self, packed, unpacked: 0 };
        let whole = file.by_ref().take(limit).read_to_end(&mut bytes);
        self.bomb.set(false);
        whole.ok().and_then(|_| Some(Rc::new(office::Shared::read(std::str::from_utf8(&bytes).ok()?))))
    }

    /// Pushes a text that was picked out of a file.
    fn push_text(&self, member: &str, name: &str, text: String) {
        self.visitor.blob(Blob::new(self.place(&joined(member, name)), text.into_bytes()));
    }

    fn tar(&self, at: &str, source: impl Read, depth: usize) -> io::Result<()> {
        let mut archive = tar::Archive::new(source);
        for entry in archive.entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
            // What comes after a bomb in one stream cannot be reached.
            if !self.member(at, &name, &mut entry, depth) {
                break;
            }
        }
        Ok(())
    }

    /// What a compressed file holds: a tar, or one member that is called as the file is, less its
    /// extension.
    fn unpacked(&self, at: &str, reader: impl Read, packed: Rc<Cell<u64>>, depth: usize) -> io::Result<()> {
        let mut reader = Metered { inner: reader, walk: self, packed, unpacked: 0 };
        let mut head = Vec::new();
        reader.by_ref().take(kind::TAR_HEADER as u64).read_to_end(&mut head)?;
        let is_tar = Kind::of(&head) == Some(Kind::Tar);
        let mut whole = Cursor::new(head).chain(reader);
        if is_tar {
            return self.tar(at, whole, depth);
        }
        let place = self.place(at);
        let name = place.file_name();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        self.member(at, stem, &mut whole, depth);
        Ok(())
    }

    /// Pushes one member, and what it holds if it is an archive itself. Says whether there is more to read.
    fn member(&self, at: &str, name: &str, reader: &mut dyn Read, depth: usize) -> bool {
        let member = joined(at, name);
        let Some(left) = self.members.get().checked_sub(1) else {
            let limit = self.limits.max_archive_members;
            self.stop("", format!("holds more than {limit} members; the rest was not examined"));
            return false;
        };
        self.members.set(left);
        let bomb = self.read_member(&member, reader, depth).is_err_and(|error| {
            let bomb = self.bomb.get();
            self.failed(&member, &error);
            bomb
        });
        !bomb && !self.stopped.get()
    }

    fn read_member(&self, member: &str, reader: &mut dyn Read, depth: usize) -> io::Result<()> {
        let origin = self.place(member);
        let mut bytes = Vec::new();
        reader.take(self.limits.head as u64).read_to_end(&mut bytes)?;
        let kind = Kind::of(&bytes);
        if kind.is_some() && depth >= self.limits.max_archive_depth {
            let message = format!("archives are nested deeper than {depth}; this one was not examined");
            self.problem(member, ProblemKind::ArchiveLimit, message);
        } else if let Some(kind) = kind {
            self.visitor.blob(Blob::new(origin, bytes.clone()));
            let mut whole = Cursor::new(bytes).chain(reader);
            return match kind {
                Kind::Zip => self.inner_zip(member, &mut whole, depth),
                _ => self.stream(kind, member, &mut whole, depth + 1),
            };
        } else if pdf::is_pdf(&bytes) {
            self.visitor.blob(Blob::new(origin, bytes.clone()));
            return self.pdf(member, &mut Cursor::new(bytes).chain(reader), depth);
        } else if strings::are_wanted(&bytes, self.limits.sniff) {
            self.visitor.blob(Blob::new(origin, bytes.clone()));
            return self.strings(member, &mut Cursor::new(bytes).chain(reader));
        } else if !starts_binary(&bytes, self.limits.sniff) {
            let limit = self.limits.max_file_size;
            reader.take((limit + 1).saturating_sub(bytes.len() as u64)).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > limit {
                let message = format!("text larger than the limit of {limit} bytes; only its name was examined");
                self.problem(member, ProblemKind::TooLarge, message);
                self.visitor.blob(Blob::name_only(origin));
                return Ok(());
            }
            if let Ok(xml) = std::str::from_utf8(&bytes)
                && office::is_text_part(member)
            {
                self.office_part(member, xml);
                return Ok(());
            }
            // Its texts stand in their cells, and what is left comes last.
            if self.shared.borrow().is_some() && member.rsplit("!/").next() == Some(office::SHARED) {
                return Ok(());
            }
        }
        self.visitor.blob(Blob::new(origin, bytes));
        Ok(())
    }

    fn office_part(&self, member: &str, xml: &str) {
        let shared = self.shared.borrow().clone();
        let limit = self.limits.max_decoded;
        let read = office::text(xml, shared.as_deref(), limit);
        if read.cut {
            let message = format!("holds more than {limit} bytes of text; the rest was not examined");
            self.problem(member, ProblemKind::ArchiveLimit, message);
        }
        self.push_text(member, "text", read.text);
    }

    /// A zip inside another archive. It is read from its end, so it is kept in memory.
    fn inner_zip(&self, member: &str, reader: &mut dyn Read, depth: usize) -> io::Result<()> {
        let limit = self.limits.max_archive_inner;
        let mut bytes = Vec::new();
        reader.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            let message = format!("zip inside another archive is larger than {limit} bytes; it was not examined");
            self.problem(member, ProblemKind::ArchiveLimit, message);
            return Ok(());
        }
        self.zip(member, &mut Cursor::new(bytes), depth + 1)
    }

    /// Reads as much of a file as is kept in memory, and tells when that is not all.
    fn read_whole(&self, member: &str, reader: &mut dyn Read, what: &str) -> io::Result<Vec<u8>> {
        let limit = self.limits.max_file_size;
        let mut bytes = Vec::new();
        reader.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            bytes.truncate(limit as usize);
            let message = format!("{what} in its first {limit} bytes only");
            self.problem(member, ProblemKind::ArchiveLimit, message);
        }
        Ok(bytes)
    }

    /// Pushes the text of a PDF's pages and fields, and its attachments.
    fn pdf(&self, member: &str, reader: &mut dyn Read, depth: usize) -> io::Result<()> {
        let bytes = self.read_whole(member, reader, "text of the PDF was looked for")?;
        let document = pdf::read(&bytes, self.limits);
        if let Some(bound) = document.cut {
            self.problem(member, ProblemKind::ArchiveLimit, bound);
        }
        for fault in document.faults {
            self.problem(member, ProblemKind::Unreadable, fault);
        }
        let pages = (1..).zip(document.pages).map(|(number, text)| (format!("page {number}"), text));
        for (name, text) in pages.chain([("fields".to_owned(), document.fields)]) {
            if !text.trim().is_empty() {
                self.push_text(member, &name, text);
            }
        }
        for (number, bytes) in (1..).zip(document.attachments) {
            if depth < self.limits.max_archive_depth {
                self.member(member, &format!("attachment {number}"), &mut Cursor::new(bytes), depth + 1);
            } else {
                let message = format!("archives are nested deeper than {depth}; an attachment was not examined");
                self.problem(member, ProblemKind::ArchiveLimit, message);
            }
        }
        Ok(())
    }

    /// Pushes the printable strings of a binary file.
    fn strings(&self, member: &str, reader: &mut dyn Read) -> io::Result<()> {
        let bytes = self.read_whole(member, reader, "strings were looked for")?;
        let text = strings::of(&bytes);
        if !text.is_empty() {
            self.visitor.blob(Blob::strings(self.place(&joined(member, "strings")), text.into_bytes()));
        }
        Ok(())
    }
}

fn joined(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}!/{name}") }
}

/// Counts what goes into a decoder.
struct Counted<R> {
    inner: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

/// Counts what comes out of a decoder, and ends it at a bound.
struct Metered<'m, R> {
    inner: R,
    walk: &'m Walk<'m>,
    /// Bytes that went in.
    packed: Rc<Cell<u64>>,
    unpacked: u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let limits = self.walk.limits;
        if self.walk.stopped.get() {
            return Err(io::Error::other("a limit was hit"));
        }
        let count = self.inner.read(buffer)?;
        self.unpacked += count as u64;
        let Some(left) = self.walk.bytes.get().checked_sub(count as u64) else {
            let limit = limits.max_archive_bytes;
            self.walk.stop("", format!("holds more than {limit} bytes unpacked; the rest was not examined"));
            return Err(io::Error::other("a limit was hit"));
        };
        self.walk.bytes.set(left);
        let allowed = self.packed.get().saturating_mul(limits.max_archive_ratio).max(limits.max_archive_slack);
        if self.unpacked > allowed {
            self.walk.bomb.set(true);
            return Err(io::Error::other("a limit was hit"));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
