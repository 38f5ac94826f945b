//! Scores the built-in rules on the labelled corpus:
//! `cargo run --release -p scanner-core --example score_corpus -- [--low|--high] [--brief] [FOLDER]`
//!
//! Prints precision, recall and F1 by band, then every miss and every false alarm.

#[path = "../../../tests/support/corpus.rs"]
mod corpus;

use corpus::{Band, Contents, Counts, Fault};
use scanner_core::{Confidence, Scanner};
use std::io::{self, Write};
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
    let score = corpus::score(&Scanner::new()?, &files, least);
    let mut out = io::stdout().lock();
    let Contents { files, secrets, undecided, hard, plain } = corpus::contents(&files);
    writeln!(
        out,
        "{files} files: {secrets} lines with a secret, {hard} hard negatives, {plain} plain lines, {undecided} undecided"
    )?;
    writeln!(out, "\nFindings of {least} confidence or more\n")?;
    writeln!(out, "band        found  missed  alarms  precision  recall      F1")?;
    for band in Band::ALL {
        write_counts(&mut out, band.name(), score.bands.get(&band).copied().unwrap_or_default())?;
    }
    write_counts(&mut out, "all", score.all())?;
    if !brief {
        write_faults(&mut out, "MISS", &score.misses)?;
        write_faults(&mut out, "ALARM", &score.alarms)?;
        write_faults(&mut out, "NAME (not counted)", &score.names)?;
    }
    Ok(())
}

fn write_counts(out: &mut impl Write, name: &str, counts: Counts) -> io::Result<()> {
    let Counts { found, missed, alarms } = counts;
    let (precision, recall, f1) = (counts.precision(), counts.recall(), counts.f1());
    writeln!(out, "{name:10} {found:>6} {missed:>7} {alarms:>7} {precision:>10.3} {recall:>7.3} {f1:>7.3}")
}

fn write_faults(out: &mut impl Write, title: &str, faults: &[Fault]) -> io::Result<()> {
    writeln!(out)?;
    for Fault { band, stored, path, text, rule } in faults {
        let text: String = text.trim().chars().take(150).collect();
        writeln!(out, "{title} {} {stored} {path} {rule} | {text}", band.name())?;
    }
    Ok(())
}
