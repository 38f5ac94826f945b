//! Pushes blobs of a repository as a walk of the checked-out tree would push the files.

use super::repository::Objects;
use super::staged::between_trees;
use crate::blob::{Blob, Origin, Visitor};
use crate::decode::{Decoded, decode};
use crate::error::{Error, Problem, ProblemKind};
use crate::glob::PathGlobs;
use crate::input::TreeOptions;
use gix_hash::ObjectId;
use gix_object::Kind;
use std::ops::Range;

/// Bytes of the largest object that is decoded to see whether it is text. One such is in memory at a
/// time for each thread, and no text is larger than `Limits::max_file_size` allows.
const MAX_OBJECT: u64 = 512 << 20;

/// Names of files that say what a scan leaves out. What `.gitignore` names is in a repository only if it
/// was added all the same.
const IGNORE_FILES: &[&str] = &[".autoclaveignore", ".ignore"];

/// What the ignore files of a repository leave out.
#[derive(Debug, Default)]
pub(super) struct Ignores(Vec<(String, PathGlobs)>);

impl Ignores {
    /// Whether a path is that of an ignore file.
    pub(super) fn is_one(path: &[u8]) -> bool {
        let name = memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..]);
        IGNORE_FILES.iter().any(|ignore| name == ignore.as_bytes())
    }

    /// The ignore files of a tree, and what is wrong with them.
    pub(super) fn of_tree(tree: &ObjectId, objects: &Objects) -> Result<(Ignores, Vec<Problem>), String> {
        let (mut ignores, mut problems, mut files) = (Ignores::default(), Vec::new(), Vec::new());
        between_trees(Some(*tree), None, b"", objects, &mut files)?;
        for file in files.iter().filter(|file| Ignores::is_one(&file.path)) {
            if let Some(id) = file.new {
                problems.extend(ignores.read(&String::from_utf8_lossy(&file.path), &id, objects));
            }
        }
        Ok((ignores, problems))
    }

    /// Takes an ignore file into account, and gives what is wrong with it.
    pub(super) fn read(&mut self, path: &str, id: &ObjectId, objects: &Objects) -> Vec<Problem> {
        let mut text = Vec::new();
        let faults = match objects.expect(id, Kind::Blob, &mut text) {
            Ok(()) => self.add(path, &String::from_utf8_lossy(&text)).iter().map(Error::to_string).collect(),
            Err(reason) => vec![reason],
        };
        let problem = |fault| Problem::at(Origin::path(path), ProblemKind::IgnoreFile, fault);
        faults.into_iter().map(problem).collect()
    }

    fn add(&mut self, path: &str, text: &str) -> Vec<Error> {
        let folder = path[..path.rfind('/').map_or(0, |at| at + 1)].to_owned();
        let mut faults = Vec::new();
        let valid = text
            .lines()
            .map(str::to_owned)
            .filter(|line| PathGlobs::new(std::slice::from_ref(line)).map_err(|fault| faults.push(fault)).is_ok());
        let lines: Vec<String> = valid.collect();
        match PathGlobs::new(&lines) {
            Ok(globs) => self.0.push((folder, globs)),
            Err(fault) => faults.push(fault),
        }
        faults
    }

    fn leave_out(&self, path: &str) -> bool {
        let below = |(folder, globs): &(String, PathGlobs)| {
            path.strip_prefix(folder.as_str()).is_some_and(|rest| globs.hit_within(rest, false))
        };
        self.0.iter().any(below)
    }
}

/// How the files of a repository are pushed.
pub(super) struct Files<'f> {
    options: &'f TreeOptions,
    excludes: PathGlobs,
    ignores: &'f Ignores,
    visitor: &'f dyn Visitor,
}

impl<'f> Files<'f> {
    pub(super) fn new(
        options: &'f TreeOptions,
        ignores: &'f Ignores,
        visitor: &'f dyn Visitor,
    ) -> Result<Files<'f>, Error> {
        Ok(Files { options, excludes: PathGlobs::new(&options.exclude)?, ignores, visitor })
    }

    /// Whether options or ignore files leave a path out.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        let hidden = || path.split('/').any(|part| part.starts_with('.'));
        let ignored = || !self.options.no_ignore && self.ignores.leave_out(path);
        self.options.skip_hidden && hidden() || self.excludes.hit_within(path, false) || ignored()
    }

    /// Reads a blob and pushes it.
    pub(super) fn read(&self, objects: &Objects, id: &ObjectId, origin: Origin, buffer: &mut Vec<u8>) {
        let limit = self.options.max_file_size;
        let size = objects.size(id).and_then(|size| size.ok_or_else(|| format!("object {id} is missing")));
        let read = size.and_then(|size| match size {
            size if size > limit.max(MAX_OBJECT) => Ok(Some(size)),
            _ => objects.expect(id, Kind::Blob, buffer).map(|()| None),
        });
        match read {
            Ok(None) => self.push(origin, buffer, None, self.visitor),
            Ok(Some(size)) => self.too_large(origin, size, self.visitor),
            Err(reason) => {
                self.visitor.problem(Problem::at(origin.clone(), ProblemKind::Unreadable, reason));
                self.visitor.blob(Blob::name_only(origin));
            }
        }
    }

    /// Pushes a blob that was read; see `Blob::fresh`.
    pub(super) fn push(&self, origin: Origin, bytes: &[u8], fresh: Option<&[Range<usize>]>, visitor: &dyn Visitor) {
        #[cfg(feature = "archives")]
        if let Some(limits) =
            self.options.archives.as_ref().filter(|limits| crate::input::archive::is_wanted(bytes, limits))
        {
            crate::input::archive::unpack(&origin, bytes, &mut std::io::Cursor::new(bytes), limits, visitor);
        }
        if let Some(size) = large_file_pointer(bytes) {
            let message = format!("is a pointer to a large file of {size} bytes, which is not in the repository");
            visitor.problem(Problem::at(origin.clone(), ProblemKind::Elsewhere, message));
        }
        let head = &bytes[..bytes.len().min(self.options.head.max(self.options.sniff))];
        if matches!(decode(head, self.options.sniff), Decoded::Binary) {
            visitor.blob(Blob::new(origin, head));
        } else if bytes.len() as u64 > self.options.max_file_size {
            self.too_large(origin, bytes.len() as u64, visitor);
        } else {
            visitor.blob(Blob { fresh, ..Blob::new(origin, bytes) });
        }
    }

    fn too_large(&self, origin: Origin, size: u64, visitor: &dyn Visitor) {
        let limit = self.options.max_file_size;
        let message =
            format!("text file of {size} bytes is larger than the limit of {limit}; only its name was examined");
        visitor.problem(Problem::at(origin.clone(), ProblemKind::TooLarge, message));
        visitor.blob(Blob::name_only(origin));
    }
}

/// The size that a pointer of Git LFS tells, if the blob is one.
fn large_file_pointer(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > 1024 || !bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    text.lines().find_map(|line| line.strip_prefix("size ")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignore_files_hold_below_their_folder() {
        let mut ignores = Ignores::default();
        assert!(Ignores::is_one(b"a/.ignore") && Ignores::is_one(b".autoclaveignore") && !Ignores::is_one(b"x.ignore"));
        assert_eq!(ignores.add("a/.ignore", "# no\n*.log\n[\n!keep.log\n/b/\n").len(), 1, "a broken line is told");
        for (path, out) in
            [("a/x.log", true), ("x.log", false), ("a/keep.log", false), ("a/b/c", true), ("a/c/b/d", false)]
        {
            assert_eq!(ignores.leave_out(path), out, "{path}");
        }
    }

    #[test]
    fn pointers_to_large_files_are_known() {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234\n";
        assert_eq!(large_file_pointer(pointer.as_bytes()), Some(1234));
        assert_eq!(large_file_pointer(&pointer.as_bytes()[1..]), None);
    }
}
