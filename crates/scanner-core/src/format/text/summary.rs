//! What stands at the end of a text report: problems, then sums.

use super::{BOLD, CYAN, GREEN, RED, TextOptions, YELLOW, finding, paint};
use crate::error::{Problem, ProblemKind};
use crate::finding::Severity;
use crate::format::problem_level;
use crate::format::prose::{counted, visible};
use crate::report::Report;
use std::collections::BTreeMap;
use std::io::{Result, Write};
use std::time::Duration;

/// Problems of one kind that are named; the rest is counted.
const MAX_PROBLEMS: usize = 20;

/// Writes the problems, of each kind the first ones.
pub(super) fn write_problems(report: &Report, options: &TextOptions, out: &mut dyn Write) -> Result<()> {
    let mut counts: BTreeMap<ProblemKind, usize> = BTreeMap::new();
    for problem in &report.problems {
        let count = counts.entry(problem.kind).or_default();
        *count += 1;
        if *count <= MAX_PROBLEMS {
            writeln!(out, "{}: {}", head(problem.kind, options), place_and_message(problem))?;
        }
    }
    for (&kind, count) in counts.iter().filter(|&(_, &count)| count > MAX_PROBLEMS) {
        writeln!(out, "{}: {} more; `--format json` names them all", head(kind, options), count - MAX_PROBLEMS)?;
    }
    if !report.problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// `error[too-large]`.
fn head(kind: ProblemKind, options: &TextOptions) -> String {
    let level = problem_level(kind);
    let style = match level {
        "error" => RED,
        "warning" => YELLOW,
        _ => CYAN,
    };
    paint(style, &format!("{level}[{}]", kind.id()), options)
}

fn place_and_message(problem: &Problem) -> String {
    let mut text = String::new();
    if let Some(origin) = &problem.origin {
        text.push_str(&finding::origin(origin));
        if let Some(line) = problem.line {
            text.push_str(&format!(":{line}"));
        }
        text.push_str(": ");
    }
    text.push_str(&problem.message);
    visible(&text).into_owned()
}

/// Writes what was not examined, a line each.
pub(super) fn write_terse_problems(report: &Report, out: &mut dyn Write) -> Result<()> {
    for problem in report.problems.iter().filter(|problem| problem.kind.is_incomplete()) {
        writeln!(out, "{} ({})", place_and_message(problem), problem.kind.id())?;
    }
    Ok(())
}

/// Writes the last line.
pub(super) fn write(report: &Report, options: &TextOptions, out: &mut dyn Write) -> Result<()> {
    let total: usize = report.counts().iter().sum();
    let found = if total == 0 {
        paint(if report.is_incomplete() { BOLD } else { GREEN }, "No findings", options)
    } else {
        let by_severity: Vec<String> = Severity::ALL
            .into_iter()
            .zip(report.counts())
            .rev()
            .filter(|&(_, count)| count > 0)
            .map(|(severity, count)| paint(color(severity), &format!("{count} {severity}"), options))
            .collect();
        format!("{} ({})", paint(BOLD, &counted(total as u64, "finding"), options), by_severity.join(", "))
    };
    let suppressed = match report.suppressed.len() {
        0 => String::new(),
        count => format!(", {count} suppressed"),
    };
    let stats = &report.stats;
    let hidden = match stats.hidden {
        0 => String::new(),
        count => format!(", {count} hidden by severity or confidence"),
    };
    let time = options.elapsed.map(|elapsed| format!(", {}", duration(elapsed))).unwrap_or_default();
    let files = counted(stats.files, "file");
    let incomplete = match report.problems.iter().filter(|problem| problem.kind.is_incomplete()).count() {
        0 => String::new(),
        count => {
            let text = format!("incomplete: {} left something unexamined", counted(count as u64, "problem"));
            format!("; {}", paint(RED, &text, options))
        }
    };
    writeln!(out, "{found}{suppressed}{hidden}; {files}, {}{time}{incomplete}", size(stats.bytes))
}

fn color(severity: Severity) -> anstyle::Style {
    match severity {
        Severity::Critical | Severity::High => RED,
        Severity::Medium => YELLOW,
        Severity::Low | Severity::Info => CYAN,
    }
}

fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if value < 999.5 {
            return if unit == "bytes" { counted(bytes, "byte") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

fn duration(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        0 => format!("{} ms", elapsed.as_millis()),
        1..60 => format!("{:.1} s", elapsed.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_short() {
        let sizes = [1, 999, 1000, 999_900, 2_500_000_000_000].map(size);
        assert_eq!(sizes, ["1 byte", "999 bytes", "1.0 kB", "1.0 MB", "2.5 TB"]);
        assert_eq!(duration(Duration::from_millis(310)), "310 ms");
        assert_eq!(duration(Duration::from_millis(59_940)), "59.9 s");
        assert_eq!(duration(Duration::from_secs(61)), "1 min 1 s");
    }
}
