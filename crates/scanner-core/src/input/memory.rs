//! Blobs that are in memory already: stdin, an editor's buffer, a test.

use crate::blob::{Blob, Input, Origin, Visitor};
use crate::error::Error;
use rayon::prelude::*;

/// Named bytes.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    files: Vec<(String, Vec<u8>)>,
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
}

impl Input for Memory {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        let push = |(path, bytes): &(String, Vec<u8>)| visitor.blob(Blob::new(Origin::path(path), &bytes[..]));
        if threads <= 1 || self.files.len() <= 1 {
            self.files.iter().for_each(push);
            return Ok(());
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.map_err(|error| Error::Threads(error.to_string()))?.install(|| self.files.par_iter().for_each(push));
        Ok(())
    }
}
