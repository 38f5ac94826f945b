//! Git repositories: what is staged, what a change added, and all that history holds.
//!
//! Formats are read by the parts of gix; nothing in a repository is run, and of its configuration only
//! the few keys are read that say how it is stored.

mod attribute;
mod changes;
mod commits;
mod delta;
mod files;
mod folders;
mod history;
mod index;
mod known;
mod lines;
mod numbers;
mod pack;
mod packfile;
mod provenance;
mod range;
mod refs;
mod reftable;
mod repository;
mod since;
mod staged;
mod store;
mod trees;
mod varint;
mod visit;

pub use attribute::ScanVersion;
pub use changes::{Change, Changes};
pub use history::History;
pub use range::{Pushed, Range};
pub use repository::{Repository, RepositoryOptions};
pub use since::Since;
