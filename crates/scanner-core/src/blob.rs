//! What is scanned: bytes, and where they came from.

use crate::stats::Stats;
use std::borrow::Cow;
use std::ops::Range;

/// Where a blob came from, as a reader knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Origin {
    /// Path with `/` separators, relative to the scan's root where there is one.
    pub path: String,
    /// The commit that brought the blob in, when it was read from history.
    pub commit: Option<String>,
    /// The blob's id, when it was read from history.
    pub blob: Option<String>,
    /// The member's path inside, when the blob was read from an archive.
    pub member: Option<String>,
}

impl Origin {
    /// A plain file.
    pub fn path(path: impl Into<String>) -> Origin {
        Origin { path: path.into(), ..Origin::default() }
    }

    /// The innermost path, which says what kind of file it is: in an archive that of the member.
    pub fn inner_path(&self) -> &str {
        let path = self.member.as_deref().unwrap_or(&self.path);
        // Hardly any path holds the mark, and every file is asked several times.
        if path.contains('!') { path.rsplit("!/").next().unwrap_or(path) } else { path }
    }

    /// Whether it was read from history, where a file has many versions.
    pub fn is_history(&self) -> bool {
        self.blob.is_some() || self.commit.is_some()
    }

    /// The last part of the innermost path.
    pub fn file_name(&self) -> &str {
        let path = self.inner_path();
        path.rsplit('/').next().unwrap_or(path)
    }
}

/// One thing to examine.
#[derive(Debug, Clone)]
pub struct Blob<'a> {
    /// Where it came from.
    pub origin: Origin,
    /// Its bytes; `None` when only its name can be examined (an oversized or unreadable file,
    /// which the input has reported as a `Problem`).
    pub bytes: Option<Cow<'a, [u8]>>,
    /// Whether the text was picked out of a binary file: strings on lines of their own, which say
    /// nothing about their neighbours.
    pub strings: bool,
    /// Where it holds what was not seen yet, in bytes and in order: all else was pushed as a part of another
    /// blob of the same path. An empty range is a place where something was taken out. `None` for a
    /// blob of which nothing was seen.
    pub fresh: Option<&'a [Range<usize>]>,
}

impl<'a> Blob<'a> {
    /// A blob with bytes.
    pub fn new(origin: Origin, bytes: impl Into<Cow<'a, [u8]>>) -> Blob<'a> {
        Blob { origin, bytes: Some(bytes.into()), strings: false, fresh: None }
    }

    /// Strings that were picked out of a binary file.
    pub fn strings(origin: Origin, text: impl Into<Cow<'a, [u8]>>) -> Blob<'a> {
        Blob { origin, bytes: Some(text.into()), strings: true, fresh: None }
    }

    /// A blob of which only the name is known.
    pub fn name_only(origin: Origin) -> Blob<'static> {
        Blob { origin, bytes: None, strings: false, fresh: None }
    }
}

/// Takes blobs and problems from an [`Input`]. Called from many threads at once.
pub trait Visitor: Sync {
    /// Examines one blob, on the calling thread.
    fn blob(&self, blob: Blob<'_>);
    /// As [`Visitor::blob`]; gives the sums of a blob that there is nothing else to tell of.
    fn look(&self, blob: Blob<'_>) -> Option<Stats> {
        self.blob(blob);
        None
    }
    /// Takes note of what an earlier scan examined and had nothing to tell of.
    fn known(&self, sums: &Stats) {
        let _ = sums;
    }
    /// Whether the start of a binary file is examined; of others only its first few bytes are read.
    fn wants_head(&self, origin: &Origin) -> bool {
        let _ = origin;
        true
    }
    /// Whether no more blobs are wanted: somebody ended the scan.
    fn is_stopped(&self) -> bool {
        false
    }
    /// Takes note of how many blobs will come, from an input that knows.
    fn expect(&self, blobs: u64) {
        let _ = blobs;
    }
    /// Takes note of something that could not be read.
    fn problem(&self, problem: crate::Problem);
}

/// A source of blobs: a tree, stdin, an editor's buffers.
///
/// It pushes instead of listing, so that reading, examining and walking overlap, and so that an
/// input may read in the order that is cheapest for it.
pub trait Input {
    /// Pushes every blob into `visitor`, using up to `threads` threads.
    ///
    /// # Errors
    /// Only what makes the whole input unusable; a single unreadable blob is a `Problem`.
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), crate::Error>;
}
