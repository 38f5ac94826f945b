//! Sums over what was examined.

/// Sums over a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Blobs seen, binary and oversized ones included.
    pub files: u64,
    /// Bytes of those whose text was examined.
    pub bytes: u64,
    /// Blobs of which only the name was examined because they are binary.
    pub binary: u64,
    /// Source files parsed for code rules.
    pub parsed: u64,
    /// Findings left out by [`Report::keep`](crate::Report::keep).
    pub hidden: u64,
}

impl Stats {
    /// Adds another's sums.
    pub fn add(&mut self, other: &Stats) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.binary += other.binary;
        self.parsed += other.parsed;
        self.hidden += other.hidden;
    }
}
