//! What can go wrong: an `Error` stops a scan, a `Problem` is reported and the scan goes on.

use crate::blob::Origin;
use std::fmt;
use std::path::PathBuf;

/// Stops a scan, or keeps one from being set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path given to scan does not exist or cannot be opened.
    #[error("{}: {source}", path.display())]
    Path {
        /// The path as given.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A rule file cannot be read or is not valid; the text names file, line and column.
    #[error("{0}")]
    Rule(String),
    /// A rule selector matches no rule.
    #[error("no rule or tag matches `{0}`; `autoclave rules list` shows them all")]
    UnknownRule(String),
    /// A glob is not valid.
    #[error("invalid glob `{glob}`: {reason}")]
    Glob {
        /// The glob as written.
        glob: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Writing a report failed.
    #[error("writing the report: {0}")]
    Write(#[from] std::io::Error),
    /// A git repository cannot be read, or does not hold what was asked for.
    #[error("{}: {reason}", path.display())]
    Git {
        /// Where it was looked for.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Worker threads could not be started.
    #[error("starting worker threads: {0}")]
    Threads(String),
}

/// Something that was not, or not wholly, examined, or that a user should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// What it is about; `None` for the scan as a whole.
    pub origin: Option<Origin>,
    /// Line from 1, where it is about one.
    pub line: Option<u32>,
    /// What kind of problem.
    pub kind: ProblemKind,
    /// One sentence for the reader.
    pub message: String,
}

/// Kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file or folder could not be opened or read.
    Unreadable,
    /// A file was there when the walk saw it and gone when it was to be read.
    Vanished,
    /// A text file is larger than the limit; only its name was examined.
    TooLarge,
    /// Bytes that are no text in any known encoding.
    Undecodable,
    /// Source code could not be parsed within the limits; code rules were not run on it.
    NotParsed,
    /// A bound on the number of matches was hit.
    TooManyMatches,
    /// Source code has syntax errors; what does parse was examined.
    SyntaxError,
    /// A suppression hushes nothing, or names no known rule.
    UnusedSuppression,
    /// An ignore file has a line that is not understood.
    IgnoreFile,
    /// A symbolic link leads back to a folder above it, or to nothing.
    Link,
    /// A report was cut to a consumer's limits.
    Truncated,
    /// A bound on decoding what stands encoded in a file was hit.
    TooMuchEncoded,
    /// A bound on unpacking an archive was hit.
    ArchiveLimit,
    /// A bound on following data was hit: not every way was followed.
    TooComplex,
    /// The content lies in another place: a submodule's in its own repository, a large file's on a server.
    Elsewhere,
    /// Somebody ended the scan before it was done.
    Interrupted,
}

impl ProblemKind {
    /// Whether something that should have been examined was not.
    pub fn is_incomplete(self) -> bool {
        match self {
            ProblemKind::Unreadable
            | ProblemKind::Vanished
            | ProblemKind::TooLarge
            | ProblemKind::Undecodable
            | ProblemKind::NotParsed
            | ProblemKind::TooManyMatches
            | ProblemKind::TooMuchEncoded
            | ProblemKind::ArchiveLimit
            | ProblemKind::Interrupted => true,
            ProblemKind::SyntaxError
            | ProblemKind::UnusedSuppression
            | ProblemKind::IgnoreFile
            | ProblemKind::Link
            | ProblemKind::Truncated
            | ProblemKind::TooComplex
            | ProblemKind::Elsewhere => false,
        }
    }

    /// A stable kebab-case name, as reports print it.
    pub fn id(self) -> &'static str {
        match self {
            ProblemKind::Unreadable => "unreadable",
            ProblemKind::Vanished => "vanished",
            ProblemKind::TooLarge => "too-large",
            ProblemKind::Undecodable => "undecodable",
            ProblemKind::NotParsed => "not-parsed",
            ProblemKind::TooManyMatches => "too-many-matches",
            ProblemKind::SyntaxError => "syntax-error",
            ProblemKind::UnusedSuppression => "unused-suppression",
            ProblemKind::IgnoreFile => "ignore-file",
            ProblemKind::Link => "link",
            ProblemKind::Truncated => "truncated",
            ProblemKind::TooMuchEncoded => "too-much-encoded",
            ProblemKind::ArchiveLimit => "archive-limit",
            ProblemKind::TooComplex => "too-complex",
            ProblemKind::Elsewhere => "elsewhere",
            ProblemKind::Interrupted => "interrupted",
        }
    }
}

impl Problem {
    /// A problem with one blob.
    pub fn at(origin: Origin, kind: ProblemKind, message: impl Into<String>) -> Problem {
        Problem { origin: Some(origin), line: None, kind, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            f.write_str(&origin.path)?;
            if let Some(member) = &origin.member {
                write!(f, "!/{member}")?;
            }
            if let Some(line) = self.line {
                write!(f, ":{line}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}
