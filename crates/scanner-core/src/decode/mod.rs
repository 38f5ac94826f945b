//! From bytes to text: encodings, and the document that detectors read.

mod document;
mod encoding;
pub mod layer;
pub mod pair;

pub use document::Document;
pub use encoding::{Decoded, decode, starts_binary};
