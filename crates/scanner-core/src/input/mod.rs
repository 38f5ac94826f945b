//! Where blobs come from. Inputs are leaves: the engine knows only the `Input` trait.

#[cfg(feature = "archives")]
mod archive;
#[cfg(feature = "git")]
pub mod git;
mod memory;
mod tree;

pub use memory::Memory;
pub use tree::{Tree, TreeOptions};
