//! The command `explain`: a rule's page, or why a line was or was not reported.

use crate::Exit;
use crate::args::{ExplainArgs, SourceArgs};
use crate::pages;
use crate::place::Place;
use crate::settings::rule_options;
use crate::ui::{self, Failure};
use crate::values::LineOfFile;
use anstyle::Style;
use scanner_core::explain::{Explanation, NamedValue};
use scanner_core::format::visible;
use scanner_core::{Error, Finding, Scanner};
use std::io::Write;

const BOLD: Style = Style::new().bold();

/// Shows a rule, or explains a line.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    match (&args.rule, &args.at) {
        (Some(rule), _) => pages::show(rule, &args.source),
        (None, Some(at)) => line(at, &args.source),
        (None, None) => Err(Failure("name a rule, or a line with --at FILE:LINE".to_owned())),
    }
}

fn line(at: &LineOfFile, source: &SourceArgs) -> Result<Exit, Failure> {
    let bytes = std::fs::read(&at.file).map_err(|error| Failure(format!("{}: {error}", at.file.display())))?;
    let place = Place::of(&at.file, source)?;
    let scanner = Scanner::builder().rules(rule_options(source, &Default::default(), &place)).build()?;
    let path = at.file.to_string_lossy().replace('\\', "/");
    let told = scanner.explain(&path, &bytes, at.line);
    ui::stdout(|out| write(&path, at.line, &told, out))?;
    Ok(Exit::Clean)
}

fn write(path: &str, line: u32, told: &Explanation, out: &mut dyn Write) -> Result<(), Error> {
    writeln!(out, "{BOLD}{}:{line}{BOLD:#}", visible(path))?;
    for finding in &told.findings {
        write_finding(finding, out)?;
    }
    for value in &told.values {
        write_value(value, out)?;
    }
    if told.findings.is_empty() && told.values.is_empty() {
        writeln!(out, "\nNothing here is looked at: no token of a known shape, no value whose name a rule wants.")?;
    }
    Ok(())
}

fn write_finding(finding: &Finding, out: &mut dyn Write) -> Result<(), Error> {
    let (rule, severity, confidence) = (&finding.rule, finding.severity, finding.confidence);
    writeln!(out, "\n{BOLD}{rule}{BOLD:#}: {}", visible(&finding.message))?;
    match &finding.suppression {
        Some(suppression) => {
            let place =
                suppression.line.map_or("the configuration".to_owned(), |line| format!("a comment on line {line}"));
            writeln!(out, "  found, {severity}, and suppressed by {place}")?;
        }
        None => writeln!(out, "  found: severity {severity}, confidence {confidence}")?,
    }
    for (name, value) in &finding.facts {
        writeln!(out, "  {}: {}", visible(name), visible(value))?;
    }
    Ok(())
}

fn write_value(value: &NamedValue, out: &mut dyn Write) -> Result<(), Error> {
    writeln!(out, "\n{BOLD}{}{BOLD:#} on {} = {}", value.rule, visible(&value.name), visible(&value.value))?;
    for part in &value.score.parts {
        writeln!(out, "  {:>4}  {}", format!("{:+}", part.points), part.what)?;
    }
    let points = value.score.points();
    match (value.score.veto, value.confidence) {
        (Some(veto), _) => writeln!(out, "  not reported: {veto}")?,
        (None, Some(confidence)) if value.score.parts.is_empty() => {
            writeln!(out, "  has the shape of this credential: {confidence} confidence")?;
        }
        (None, Some(confidence)) => {
            writeln!(
                out,
                "  {points:>4}  points: {confidence} confidence at most; lower in tests, examples and documentation"
            )?;
        }
        (None, None) => writeln!(out, "  {points:>4}  points: too few to report")?,
    }
    Ok(())
}
