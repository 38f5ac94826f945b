//! Blobs that are in memory already: stdin, an editor's buffer, a test.

use crate::blob::{Blob, Input, Origin, Visitor};
use crate::error::Error;
use rayon::prelude::*;

/// Named bytes.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: Vec<(String, Vec<u8>)>,
    #[cfg(feature = "archives")]
    archives: Option<crate::limits::Limits>,
}

impl Memory {
    /// No blobs yet.
    pub fn new() -> Memory {
        Memory::default()
    }

    /// Adds a blob under a path.
    #[must_use]
    pub fn with(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Memory {
        self.files.push((path.into(), bytes.into()));
        self
    }

    /// Unpacks archives among them, within bounds.
    #[cfg(feature = "archives")]
    #[must_use]
    pub fn with_archives(mut self, limits: crate::limits::Limits) -> Memory {
        self.archives = Some(limits);
        self
    }

    fn push(&self, path: &str, bytes: &[u8], visitor: &dyn Visitor) {
        visitor.blob(Blob::new(Origin::path(path), bytes));
        #[cfg(feature = "archives")]
        if let Some(limits) = self.archives.as_ref().filter(|limits| super::archive::is_wanted(bytes, limits)) {
            super::archive::unpack(&Origin::path(path), bytes, &mut std::io::Cursor::new(bytes), limits, visitor);
        }
    }
}

impl Input for Memory {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        let push = |(path, bytes): &(String, Vec<u8>)| self.push(path, bytes, visitor);
        if threads <= 1 || self.files.len() <= 1 {
            self.files.iter().for_each(push);
            return Ok(());
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.map_err(|error| Error::Threads(error.to_string()))?.install(|| self.files.par_iter().for_each(push));
        Ok(())
    }
}
