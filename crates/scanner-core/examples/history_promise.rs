//! Holds a history of which only what is fresh is examined against one of which every version is examined
//! whole: that may change speed, never findings.
//!
//! `cargo run --release -p scanner-core --features git --example history_promise -- REPOSITORY...`

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program, not the library

use scanner_core::input::TreeOptions;
use scanner_core::input::git::{History, Repository, RepositoryOptions};
use scanner_core::{Error, Scanner};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut same = true;
    for path in std::env::args().skip(1) {
        let found = findings(&path, true).and_then(|fresh| Ok((fresh, findings(&path, false)?)));
        let (fresh, whole) = match found {
            Ok(found) => found,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(2);
            }
        };
        fresh.difference(&whole).for_each(|finding| println!("only in what is fresh: {finding}"));
        whole.difference(&fresh).for_each(|finding| println!("only in the whole: {finding}"));
        println!("{path}: {} findings in what is fresh, {} in the whole", fresh.len(), whole.len());
        same &= fresh == whole;
    }
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn findings(path: &str, fresh: bool) -> Result<BTreeSet<String>, Error> {
    let started = Instant::now();
    let scanner = Scanner::builder().code(false).fresh(fresh).build()?;
    let repository = Repository::open(Path::new(path), &RepositoryOptions::default())?;
    let history = History::open(&repository, TreeOptions::default(), false, scanner.threads())?;
    let report = scanner.scan(&history)?;
    println!("{path}: fresh {fresh}, {:.1} s", started.elapsed().as_secs_f64());
    let name = |finding: &scanner_core::Finding| {
        format!("{} {} {}", finding.fingerprint.0, finding.rule, finding.location.origin.path)
    };
    Ok(report.findings.iter().map(name).collect())
}
