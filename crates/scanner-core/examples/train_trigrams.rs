//! Makes the trigram table of `detect/random.rs` from source trees:
//! `cargo run --release --example train_trigrams -- FOLDER... > crates/scanner-core/src/detect/trigrams.bin`
//!
//! Words count by the root of their number, so that a few frequent ones do not make the table.
//! Long hex numbers are left out: they are what the table must tell apart.

use scanner_core::detect::trigram::{CLASSES, STEPS_PER_BIT, trigrams};
use scanner_core::input::Tree;
use scanner_core::{Blob, Input, Problem, Visitor};
use std::collections::HashMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Bytes of a file that are read: the rest is more of the same.
const HEAD: usize = 60_000;
/// Counts beyond this say that a project likes a word.
const MOST: f64 = 20.0;
/// What a trigram that never occurred is taken to have occurred.
const NEVER: f64 = 0.2;

#[derive(Default)]
struct Words(Mutex<HashMap<Vec<u8>, u32>>);

impl Visitor for Words {
    fn blob(&self, blob: Blob<'_>) {
        let Some(bytes) = blob.bytes.filter(|bytes| std::str::from_utf8(bytes).is_ok()) else { return };
        let in_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
        let mut words = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for word in bytes[..bytes.len().min(HEAD)].split(|&byte| !in_word(byte)) {
            let is_number = word.len() >= 16 && word.iter().all(u8::is_ascii_hexdigit);
            if (3..=64).contains(&word.len()) && !is_number {
                *words.entry(word.to_vec()).or_default() += 1;
            }
        }
    }

    fn problem(&self, _: Problem) {}
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words = Words::default();
    Tree::new(std::env::args_os().skip(1)).visit(1, &words)?;
    let mut counts = vec![NEVER; CLASSES * CLASSES * CLASSES];
    for (word, count) in words.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let weight = f64::from(count).min(MOST).sqrt();
        trigrams(&word, |at| counts[at] += weight);
    }
    let surprise = |row: &[f64]| {
        let sum: f64 = row.iter().sum();
        row.iter().map(|count| (-(count / sum).log2() * STEPS_PER_BIT).round().min(255.0) as u8).collect::<Vec<u8>>()
    };
    let table: Vec<u8> = counts.chunks(CLASSES).flat_map(surprise).collect();
    std::io::stdout().write_all(&table)?;
    Ok(())
}
