//! Every bound of a scan, with its reason. Hitting one is reported as a `Problem`.

use std::time::Duration;

/// Bounds on work for one blob.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a text file; beyond it only the name is examined. 64 MiB holds any source and
    /// nearly any dump, and two worker threads then need 128 MiB at the most.
    pub max_file_size: u64,
    /// Bytes of a source file that is parsed. A tree takes some ten times its text, and what is
    /// larger is generated or bundled; text and pair rules still run on it.
    pub max_parse_size: usize,
    /// Time to parse one file. A megabyte takes about a tenth of a second; only hostile input
    /// takes longer than this.
    pub max_parse_time: Duration,
    /// Depth of the syntax tree that code rules look into. Real code stays below a hundred (chains
    /// of `+` count once); lowering goes down by recursion and takes some ten kilobytes for each level.
    pub max_tree_depth: usize,
    /// Findings of one rule in one blob. A data set of thousands of look-alikes drowns a report.
    pub max_findings_per_rule: usize,
    /// Places of one secret that a report names. A thousand tell a reader that it is everywhere;
    /// readers of SARIF refuse a result with more.
    pub max_places: usize,
    /// Characters of a source line that is shown with a finding. Minified lines are megabytes long.
    pub max_excerpt: usize,
    /// Bytes at the start of a file that decide whether it is binary, as git and grep do.
    pub sniff: usize,
    /// Bytes at the start of a file that the content conditions of name rules look at, and all
    /// that is read of a binary file. Headers and the first keys of any key store lie within.
    pub head: usize,
    /// Encodings inside each other that are undone: gzip in base64 in an escaped string in a YAML
    /// file are four texts deep, and more is found only where someone tries how far a scanner goes.
    pub max_decoding_depth: usize,
    /// Bytes of text decoded from one document, all layers together: as much as the largest file
    /// holds. A compressed stream may grow a thousandfold, and a megabyte of it must not fill the memory.
    pub max_decoded: usize,
    /// Texts decoded from one document. Each costs a search of its own; a dump of encoded messages
    /// holds some thousands.
    pub max_decoded_texts: usize,
    /// Bytes that one archive may unpack to, all that it holds together: more than nearly any release
    /// of a program, and a few seconds' work. A bomb of kilobytes grows to petabytes.
    pub max_archive_bytes: u64,
    /// How many times its size a compressed stream may grow. Text shrinks to a twentieth, logs to a
    /// hundredth; only long runs of one byte shrink more.
    pub max_archive_ratio: u64,
    /// Bytes that a stream may grow to whatever its ratio: an empty disk image is no bomb.
    pub max_archive_slack: u64,
    /// Members of one archive. The largest collections of packages hold some ten thousand files.
    pub max_archive_members: usize,
    /// Bytes of a zip inside another archive, which is read from its end and so kept in memory.
    pub max_archive_inner: u64,
    /// Archives inside each other: a compressed tar is two, and holds jars that hold jars.
    pub max_archive_depth: usize,
    /// Bytes that a decoder keeps to look back at: what `xz -9` and `zstd --ultra` ask for.
    pub max_archive_window: u64,
}

/// Credentials that one rule finds in one file of a known form; no more are looked for. A dump has
/// millions of rows, and the report names `max_findings_per_rule` of them and says that it does.
pub const MAX_CANDIDATES: usize = 10_000;

/// Bytes of an SQL statement up to its rows that are read: tables have a few thousand columns at
/// the most, and a broken statement must not hide the rest of the file.
pub const MAX_SQL_HEADER: usize = 64 << 10;

/// Lists and dictionaries inside each other that are read of a PDF, and states of its pages that are
/// kept: documents nest some ten, and reading goes down by recursion.
pub const MAX_PDF_NESTING: usize = 64;

/// Objects of a PDF. The largest documents have some hundred thousand; where each stands takes some
/// sixty bytes of memory for ten of the file.
pub const MAX_PDF_OBJECTS: usize = 1_000_000;

/// Values in one object of a PDF. The largest objects list a page tree's children or a font's widths;
/// each takes some fifty bytes of memory for two of the file.
pub const MAX_PDF_VALUES: usize = 200_000;

/// Forms that a PDF's page shows inside each other; each may show others more than once.
pub const MAX_PDF_FORMS: usize = 8;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            max_file_size: 64 << 20,
            max_parse_size: 2 << 20,
            max_parse_time: Duration::from_secs(5),
            max_tree_depth: 400,
            max_findings_per_rule: 200,
            max_places: 1000,
            max_excerpt: 240,
            sniff: 8 << 10,
            head: 64 << 10,
            max_decoding_depth: 5,
            max_decoded: 64 << 20,
            max_decoded_texts: 20_000,
            max_archive_bytes: 1 << 30,
            max_archive_ratio: 250,
            max_archive_slack: 16 << 20,
            max_archive_members: 100_000,
            max_archive_inner: 256 << 20,
            max_archive_depth: 6,
            max_archive_window: 128 << 20,
        }
    }
}
