//! Holds floors of recall and precision on the labelled corpus.

#[path = "support/corpus.rs"]
mod corpus;

use corpus::Band;
use scanner_core::{Confidence, Scanner};
use std::path::Path;

/// Recall and precision that each band keeps, a little below what is measured.
const FLOORS: [(Band, f64, f64); 6] = [
    (Band::Provider, 0.95, 0.96),
    (Band::Password, 0.43, 0.96),
    (Band::Key, 0.57, 0.97),
    (Band::Url, 0.95, 0.98),
    (Band::Material, 0.85, 0.98),
    (Band::Env, 0.80, 0.98),
];

#[test]
fn recall_and_precision_keep_their_floors() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus"));
    let files = corpus::load(folder).expect("the corpus is in its format");
    let scanner = Scanner::new().expect("the built-in rules load");
    let score = corpus::score(&scanner, &files, Confidence::Medium);
    for (band, recall, precision) in FLOORS {
        let counts = score.bands[&band];
        let faults = score.misses.iter().chain(&score.alarms).filter(|fault| fault.band == band);
        let list: Vec<String> = faults.map(|fault| format!("{} {} {}", fault.stored, fault.rule, fault.text)).collect();
        assert!(
            counts.recall() >= recall && counts.precision() >= precision,
            "{}: recall {:.3} (at least {recall}), precision {:.3} (at least {precision})\n{}",
            band.name(),
            counts.recall(),
            counts.precision(),
            list.join("\n")
        );
    }
}

#[test]
fn the_corpus_is_as_large_as_it_says() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus"));
    let contents = corpus::contents(&corpus::load(folder).expect("the corpus is in its format"));
    assert!(contents.secrets + contents.hard >= 1_500, "{contents:?}");
    assert!(contents.hard >= contents.secrets, "{contents:?}");
}
