//! What the fuzz targets share.

use scanner_core::Scanner;
use std::sync::LazyLock;

/// A scanner with the built-in rules.
pub static SCANNER: LazyLock<Scanner> =
    LazyLock::new(|| Scanner::builder().threads(1).build().expect("the built-in rules are valid"));

/// The name that the first byte of an input chooses, and the rest of the input; each name is read in a way of its own.
pub fn chosen<'i>(input: &'i [u8], names: &[&'static str]) -> Option<(&'static str, &'i [u8])> {
    let (&kind, bytes) = input.split_first()?;
    Some((names[usize::from(kind) % names.len()], bytes))
}
