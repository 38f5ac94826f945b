//! Holds floors of recall and precision on the labelled corpus.

#[path = "support/corpus.rs"]
mod corpus;

use corpus::{Band, Counts, Fault, Labelled};
use scanner_core::{Confidence, Scanner};
use std::path::Path;

/// Recall and precision that each band keeps, a little below what is measured.
const FLOORS: [(Band, f64, f64); 6] = [
    (Band::Provider, 0.98, 0.96),
    (Band::Password, 0.89, 0.98),
    (Band::Key, 0.90, 0.98),
    (Band::Url, 0.96, 0.98),
    (Band::Material, 0.92, 0.98),
    (Band::Env, 0.96, 0.98),
];
/// F1 over all bands.
const FLOOR_ALL: f64 = 0.95;

fn files() -> Vec<Labelled> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus"));
    corpus::load(folder).expect("the corpus is in its format")
}

fn list<'f>(faults: impl Iterator<Item = &'f Fault>) -> String {
    let line = |fault: &Fault| format!("{} {} {} | {}\n", fault.stored, fault.path, fault.rule, fault.text);
    faults.map(line).collect()
}

#[test]
fn recall_and_precision_keep_their_floors() {
    let scanner = Scanner::new().expect("the built-in rules load");
    let score = corpus::score(&scanner, &files(), Confidence::Medium);
    for (band, recall, precision) in FLOORS {
        let counts: Counts = score.bands[&band];
        assert!(
            counts.recall() >= recall && counts.precision() >= precision,
            "{}: recall {:.3} (at least {recall}), precision {:.3} (at least {precision})\n{}",
            band.name(),
            counts.recall(),
            counts.precision(),
            list(score.misses.iter().chain(&score.alarms).filter(|fault| fault.band == band))
        );
    }
    assert!(score.all().f1() >= FLOOR_ALL, "F1 over all is {:.3} (at least {FLOOR_ALL})", score.all().f1());
}

#[test]
fn the_corpus_holds_enough_to_measure() {
    let contents = corpus::contents(&files());
    assert!(contents.files >= 400 && contents.secrets >= 1_500, "{contents:?}");
    assert!(contents.hard >= contents.secrets, "more lines without a secret than with one: {contents:?}");
}
