//! The report for people: each finding with its source line, what to do about it, and a summary.

mod finding;
mod summary;
#[cfg(test)]
mod tests;

use crate::error::Error;
use crate::finding::{Finding, Location};
use crate::format::prose::{self, visible};
use crate::report::Report;
use anstyle::{AnsiColor, Style};
use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::time::Duration;

const BOLD: Style = Style::new().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default().bold();
/// Line numbers and what stands around them.
const MARGIN: Style = AnsiColor::BrightBlue.on_default().bold();

/// How much is said of each finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextStyle {
    /// Its source line, why it matters and how to fix it; then problems and a summary.
    #[default]
    Full,
    /// One line, `path:line:column: severity rule: message`; of problems, what was not examined.
    Terse,
}

/// What a text report holds.
#[derive(Debug, Clone)]
pub struct TextOptions {
    /// How much is said.
    pub style: TextStyle,
    /// Whether to write escape codes for color. A stream that strips them may be given them always.
    pub color: bool,
    /// Columns of the terminal; a longer source line is cut around what the finding is about.
    pub width: usize,
    /// Show suppressed findings too, marked as such.
    pub show_suppressed: bool,
    /// Name every place and problem, also where there are many.
    pub verbose: bool,
    /// How long the scan took.
    pub elapsed: Option<Duration>,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions {
            style: TextStyle::Full,
            color: false,
            width: 120,
            show_suppressed: false,
            verbose: false,
            elapsed: None,
        }
    }
}

/// Writes `report`.
///
/// # Errors
/// Only when `out` cannot be written to.
pub fn write(report: &Report, options: &TextOptions, out: &mut dyn Write) -> Result<(), Error> {
    let mut out = BufWriter::new(out);
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    if options.show_suppressed {
        findings.extend(&report.suppressed);
        findings.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    }
    match options.style {
        TextStyle::Full => {
            write_files(report, &findings, options, &mut out)?;
            summary::write_rules(report, options, &mut out)?;
            write_summary(report, options, &mut out)?;
        }
        TextStyle::Terse => {
            // A line for each place, in the order of places.
            let mut lines: Vec<(&Location, String)> = findings.iter().flat_map(|one| finding::terse(one)).collect();
            lines.sort_by_key(|&(place, _)| place);
            for (_, line) in lines {
                writeln!(out, "{line}")?;
            }
            summary::write_terse_problems(report, &mut out)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Writes what stands at the end of a full report: problems and sums.
///
/// # Errors
/// Only when `out` cannot be written to.
pub fn write_summary(report: &Report, options: &TextOptions, out: &mut dyn Write) -> Result<(), Error> {
    let mut out = BufWriter::new(out);
    summary::write_problems(report, options, &mut out)?;
    summary::write(report, options, &mut out)?;
    out.flush()?;
    Ok(())
}

/// The findings, each file's under its name. Why a fault matters and how to fix it is said with the
/// first one of its rule.
fn write_files(
    report: &Report,
    findings: &[&Finding],
    options: &TextOptions,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut explained = HashSet::new();
    for file in findings.chunk_by(|left, right| left.location.origin == right.location.origin) {
        let name = finding::origin(&file[0].location.origin);
        let count = prose::counted(file.len() as u64, "finding");
        // A single one says itself where it is.
        if file.len() > 1 {
            writeln!(out, "{}: {count}\n", paint(BOLD, &visible(&name), options))?;
        }
        for &finding in file {
            let explain = explained.insert(&finding.rule);
            finding::write(finding, report.rules.get(&finding.rule), explain, options, out)?;
        }
    }
    Ok(())
}

/// `text` in a style, if color is wanted.
fn paint(style: Style, text: &str, options: &TextOptions) -> String {
    if options.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
}
