//! Ways of the languages by which data gets from a request to a command, and ways by which it does not.

use scanner_core::{Confidence, Scanner};

/// What ends a line on which data gets to a sink.
const FINDING: &str = "«finding»";
/// The same, of which it is known that it is missed.
const TODO: &str = "«todo»";

/// The lines on which data was found to get to a sink, and those on which it does.
fn lines(path: &str, marked: &str) -> (Vec<usize>, Vec<usize>) {
    let numbered = || marked.lines().enumerate().map(|(at, line)| (at + 1, line));
    let meant = numbered().filter(|(_, line)| line.ends_with(FINDING)).map(|(at, _)| at).collect();
    let plain = marked.replace(FINDING, "").replace(TODO, "");
    let report = Scanner::new().expect("the built-in rules load").scan_bytes(path, plain.as_bytes());
    let sure = report.findings.iter().filter(|finding| finding.confidence > Confidence::Low);
    let mut found: Vec<usize> =
        sure.filter(|finding| !finding.trace.is_empty()).map(|finding| finding.location.start.line as usize).collect();
    found.sort_unstable();
    found.dedup();
    (found, meant)
}

fn check(path: &str, marked: &str) {
    let (found, meant) = lines(path, marked);
    let text = |lines: Vec<usize>| -> String {
        lines.iter().filter_map(|&at| Some(format!("\n{at}: {}", marked.lines().nth(at - 1)?))).collect()
    };
    let missed = meant.iter().copied().filter(|at| !found.contains(at)).collect();
    let false_ones = found.iter().copied().filter(|at| !meant.contains(at)).collect();
    let (missed, false_ones) = (text(missed), text(false_ones));
    assert!(missed.is_empty() && false_ones.is_empty(), "{path}: missed:{missed}\nfound, but clean:{false_ones}");
}

#[test]
fn data_is_followed_through_javascript() {
    check("src/app.mjs", include_str!("constructs/javascript.txt"));
}

#[test]
fn data_is_followed_into_components() {
    check("src/app.jsx", include_str!("constructs/react.txt"));
}

#[test]
fn data_is_followed_through_python() {
    check("src/app.py", include_str!("constructs/python.txt"));
}

#[test]
fn data_comes_in_by_platforms() {
    let programs = include_str!("constructs/platforms.txt").split("== ").skip(1);
    for (path, program) in programs.filter_map(|part| part.split_once('\n')) {
        check(path, program);
    }
}

#[test]
fn what_is_checked_in_javascript_is_clean() {
    check("src/app.js", include_str!("constructs/safe-javascript.txt"));
}

#[test]
fn what_is_checked_in_python_is_clean() {
    check("src/app.py", include_str!("constructs/safe-python.txt"));
}
