//! Code patterns: a shape of syntax written in the target language with `$X` and `...`.
//!
//! A pattern is lowered like a file and held against a file's lowered tree. A dotted name without
//! metavariable stands for a public path and matches whatever name the file gives to it.

pub mod literal;
mod matching;
mod source;

pub use literal::{Literal, Stands, required_literals};
pub use matching::{Accept, Binding, Bindings, LAST, Target};
pub use source::Pattern;
