//! Holds a scan with the literal search against one without, file by file: the search may change
//! speed, never findings.
//!
//! `cargo run --release -p scanner-core --example prefilter_promise -- PATH...`

#![allow(clippy::print_stdout, clippy::print_stderr)] // a program, not the library

use scanner_core::input::Tree;
use scanner_core::{Blob, Input, Problem, Report, Scanner, ScannerBuilder, Visitor};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        eprintln!("usage: prefilter_promise PATH...");
        return ExitCode::from(2);
    }
    let build = |builder: ScannerBuilder| builder.build().expect("the built-in rules load");
    let comparison = Comparison {
        on: build(Scanner::builder()),
        off: build(Scanner::builder().prefilter(false)),
        files: AtomicUsize::new(0),
        findings: AtomicUsize::new(0),
        differences: Mutex::new(Vec::new()),
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if let Err(error) = Tree::new(paths).visit(threads, &comparison) {
        eprintln!("{error}");
        return ExitCode::from(2);
    }
    let differences = comparison.differences.into_inner().expect("no thread panicked");
    differences.iter().for_each(|difference| println!("{difference}"));
    let (files, findings) = (comparison.files.into_inner(), comparison.findings.into_inner());
    println!("{files} files, {findings} findings with the search, {} files differ", differences.len());
    if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Comparison {
    on: Scanner,
    off: Scanner,
    files: AtomicUsize,
    findings: AtomicUsize,
    differences: Mutex<Vec<String>>,
}

impl Visitor for Comparison {
    fn blob(&self, blob: Blob<'_>) {
        let Some(bytes) = blob.bytes.as_deref() else { return };
        let path = &blob.origin.path;
        let [on, off] = [&self.on, &self.off].map(|scanner| lines(&scanner.scan_bytes(path, bytes)));
        self.files.fetch_add(1, Ordering::Relaxed);
        self.findings.fetch_add(on.len(), Ordering::Relaxed);
        if on != off {
            let only = |of: &[String], not: &[String]| {
                of.iter().filter(|line| !not.contains(line)).cloned().collect::<Vec<_>>().join(", ")
            };
            let difference = format!("{path}: only with: [{}], only without: [{}]", only(&on, &off), only(&off, &on));
            self.differences.lock().expect("no thread panicked").push(difference);
        }
    }

    fn problem(&self, problem: Problem) {
        eprintln!("{}", problem.message);
    }
}

/// What a report says of each finding, suppressed ones among them.
fn lines(report: &Report) -> Vec<String> {
    let all = report.findings.iter().chain(&report.suppressed);
    all.map(|finding| {
        let (start, end) = (finding.location.start, finding.location.end);
        format!(
            "{} {}:{}-{}:{} {:?} {:?}",
            finding.rule, start.line, start.column, end.line, end.column, finding.severity, finding.confidence
        )
    })
    .collect()
}
