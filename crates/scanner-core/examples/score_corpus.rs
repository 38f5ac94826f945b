//! Scores the built-in rules on the labelled corpus:
//! `cargo run --release --example score_corpus -- [--low|--high] [--brief] [FOLDER]`
//!
//! Prints precision, recall and F1 by band, then every miss and every false alarm.

#[path = "../../../tests/support/corpus.rs"]
mod corpus;

use corpus::{Band, Counts, Fault};
use scanner_core::{Confidence, Scanner};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut least = Confidence::Medium;
    let mut brief = false;
    let mut folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../corpus"));
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--low" => least = Confidence::Low,
            "--high" => least = Confidence::High,
            "--brief" => brief = true,
            _ => folder = argument.into(),
        }
    }
    let files = corpus::load(&folder)?;
    print_contents(&files);
    let score = corpus::score(&Scanner::new()?, &files, least);
    println!("\nFindings of {least} confidence or more\n");
    println!(
        "{:10} {:>6} {:>7} {:>7} {:>10} {:>7} {:>7}",
        "band", "found", "missed", "alarms", "precision", "recall", "F1"
    );
    for band in Band::ALL {
        print_counts(band.name(), score.bands.get(&band).copied().unwrap_or_default());
    }
    print_counts("all", score.all());
    if !brief {
        print_faults("MISS", &score.misses);
        print_faults("ALARM", &score.alarms);
        print_faults("NAME (not counted)", &score.names);
    }
    Ok(())
}

fn print_contents(files: &[corpus::Labelled]) {
    let corpus::Contents { files, secrets, undecided, hard, plain } = corpus::contents(files);
    println!(
        "{files} files: {secrets} lines with a secret, {hard} hard negatives, {plain} plain lines, {undecided} undecided"
    );
}

fn print_counts(name: &str, counts: Counts) {
    println!(
        "{name:10} {:>6} {:>7} {:>7} {:>10.3} {:>7.3} {:>7.3}",
        counts.found,
        counts.missed,
        counts.alarms,
        counts.precision(),
        counts.recall(),
        counts.f1()
    );
}

fn print_faults(title: &str, faults: &[Fault]) {
    println!();
    for fault in faults {
        let text: String = fault.text.trim().chars().take(150).collect();
        println!("{title} {} {} {} {} | {text}", fault.band.name(), fault.stored, fault.path, fault.rule);
    }
}
