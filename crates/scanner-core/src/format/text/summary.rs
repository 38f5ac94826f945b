//! What stands at the end of a text report: problems, then sums.

use super::{BOLD, CYAN, GREEN, RED, TextOptions, YELLOW, finding, paint};
use crate::error::{Problem, ProblemKind};
use crate::finding::Severity;
use crate::format::problem_level;
use crate::format::prose::{counted, visible};
use crate::report::Report;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{Result, Write};
use std::time::Duration;

/// Problems of one kind that are named; the rest is counted.
const MAX_PROBLEMS: usize = 20;
/// Of places with the same problem, those that are named.
const MAX_SAME: usize = 3;
/// With more findings than this, they are also counted by rule.
const MANY: usize = 10;

/// Writes the problems: those that say the same on one line, and of each kind the first ones.
pub(super) fn write_problems(report: &Report, options: &TextOptions, out: &mut dyn Write) -> Result<()> {
    let mut same: BTreeMap<(ProblemKind, &str), Vec<&Problem>> = BTreeMap::new();
    for problem in &report.problems {
        same.entry((problem.kind, &problem.message)).or_default().push(problem);
    }
    let mut left_out: BTreeMap<ProblemKind, usize> = BTreeMap::new();
    let mut lines: BTreeMap<ProblemKind, usize> = BTreeMap::new();
    for ((kind, message), problems) in &same {
        let line = lines.entry(*kind).or_default();
        // What was not examined is named one by one.
        let grouped = problems.len() > MAX_SAME && !kind.is_incomplete() && !options.verbose;
        if grouped && *line < MAX_PROBLEMS {
            *line += 1;
            writeln!(out, "{}: {}, at {} places", head(*kind, options), visible(message), problems.len())?;
            for place in problems.iter().take(MAX_SAME).filter_map(|problem| place(problem)) {
                writeln!(out, "  {}", visible(&place))?;
            }
            writeln!(out, "  {} more; `--verbose` names them all", problems.len() - MAX_SAME)?;
            continue;
        }
        for problem in problems {
            *line += 1;
            if *line <= MAX_PROBLEMS || options.verbose {
                writeln!(out, "{}: {}", head(*kind, options), place_and_message(problem))?;
            } else {
                *left_out.entry(*kind).or_default() += 1;
            }
        }
    }
    for (&kind, count) in &left_out {
        writeln!(out, "{}: {count} more; `--verbose` names them all", head(kind, options))?;
    }
    if !report.problems.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// Counts many findings by rule, the gravest first.
pub(super) fn write_rules(report: &Report, options: &TextOptions, out: &mut dyn Write) -> Result<()> {
    if report.findings.len() <= MANY {
        return Ok(());
    }
    let mut counts: BTreeMap<(Reverse<Severity>, &str), usize> = BTreeMap::new();
    for finding in &report.findings {
        *counts.entry((Reverse(finding.severity), &*finding.rule)).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|&((severity, rule), count)| (severity, Reverse(count), rule));
    let width = rows.iter().map(|((_, rule), _)| rule.len()).max().unwrap_or_default();
    for ((Reverse(severity), rule), count) in rows {
        let title = report.rules.get(rule).map_or("", |rule| rule.title.as_str());
        let severity = paint(color(severity), &format!("{severity:8}"), options);
        writeln!(out, "{severity} {count:5}  {}  {}", visible(&format!("{rule:width$}")), visible(title))?;
    }
    writeln!(out)
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

/// `path:line`.
fn place(problem: &Problem) -> Option<String> {
    let name = finding::origin(problem.origin.as_ref()?);
    Some(problem.line.map_or(name.clone(), |line| format!("{name}:{line}")))
}

fn place_and_message(problem: &Problem) -> String {
    let place = place(problem).map(|place| format!("{place}: ")).unwrap_or_default();
    visible(&format!("{place}{}", problem.message)).into_owned()
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
        let places = match report.places() {
            places if places > total => format!(" in {places} places"),
            _ => String::new(),
        };
        let count = paint(BOLD, &format!("{}{places}", counted(total as u64, "finding")), options);
        format!("{count} ({})", by_severity.join(", "))
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
