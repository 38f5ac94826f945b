//! Git repositories: what is staged, what a change added, and all that history holds.
//!
//! Formats are read by the parts of gix; nothing in a repository is run, and of its configuration only
//! the few keys are read that say how it is stored.

mod changes;
mod commits;
mod files;
mod lines;
mod refs;
mod repository;
mod since;
mod staged;

pub use changes::{Change, Changes};
pub use repository::{Repository, RepositoryOptions};
pub use since::Since;
