//! Data flow: what comes from outside, followed through a program to where it does harm. It knows the
//! lowered form of files and the models of public names, no grammar and no rule.

mod address;
mod admin;
mod admitted;
mod asked;
mod assign;
mod barrel;
mod branch;
mod call;
mod callback;
mod checks;
mod chosen;
mod compiled;
mod component;
mod container;
mod copied;
mod decorated;
mod deferred;
mod define;
mod each;
mod effect;
mod elements;
mod engine;
mod entrance;
mod entry;
mod eval;
mod exports;
mod fold;
mod guard;
mod guess;
mod handed;
mod indirect;
mod inject;
mod inside;
mod invoke;
mod later;
mod leads;
mod letters;
pub mod library;
mod listed;
mod markup;
mod member;
mod meter;
mod mixin;
pub mod model;
pub mod naming;
mod own;
mod passed;
mod passing;
pub mod paths;
mod plain;
mod polluting;
mod prefix;
pub mod program;
mod regex;
mod results;
mod routes;
mod schema;
mod secret;
mod shared;
mod sink;
mod special;
mod statements;
mod summary;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod tops;
mod typed;
mod validated;
pub mod value;
mod watch;

/// Bytes of stack that an engine's thread needs: evaluation follows the nesting of code, calls and imports.
/// A build without optimization takes 200 kB for each level.
pub const STACK: usize = 128 << 20;

pub use engine::Engine;
pub use library::Library;
pub use results::{Basis, Flow, Results, Sink};
pub use routes::Part;
pub use value::Note;
pub use watch::{Given, Reached, Watch};
