//! The command `explain`: a rule's page, or why a line was or was not reported.

use crate::Exit;
use crate::args::{CommonArgs, ExplainArgs, SelectionArgs, SourceArgs, WalkArgs};
use crate::pages;
use crate::place::Place;
use crate::settings::Settings;
use crate::ui::{self, Failure};
use crate::values::LineOfFile;
use anstyle::Style;
use scanner_core::explain::{Explanation, Judgement, NamedValue, Outcome};
use scanner_core::format::visible;
use scanner_core::input::Tree;
use scanner_core::{Error, Finding, Input, Scanner};
use std::io::Write;
use std::path::Path;

const BOLD: Style = Style::new().bold();

/// Shows a rule, or explains a line.
pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    match (&args.rule, &args.at) {
        (rule, Some(at)) => line(at, rule.as_deref(), &args.source),
        (Some(rule), None) => pages::show(rule, &args.source),
        (None, None) => Err(Failure("name a rule, or a line with --at FILE:LINE".to_owned())),
    }
}

fn line(at: &LineOfFile, rule: Option<&str>, source: &SourceArgs) -> Result<Exit, Failure> {
    let bytes = std::fs::read(&at.file).map_err(|error| Failure(format!("{}: {error}", at.file.display())))?;
    let place = Place::of(&at.file, source)?;
    let settings = {
        let args = CommonArgs { source: source.clone(), ..CommonArgs::default() };
        Settings::new(&args, &WalkArgs::default(), &place)?
    };
    let given = at.file.to_string_lossy().replace('\\', "/");
    // As a scan of the repository calls it, which globs of paths go by.
    let name = Some(place.name(&at.file)).filter(|name| !Path::new(name).is_absolute()).unwrap_or(given.clone());
    let (scanner, mut notes) = scanner(rule, &settings, source)?;
    if let Ok(real) = at.file.canonicalize()
        && Tree::new([place.root.clone()]).with(settings.tree.clone()).leaves_out(&real)?
    {
        notes.push("The file is scanned only when it is named: ignore files or excludes leave it out.".to_owned());
    }
    // Data is followed into a file from the others of its repository, as a scan of that does.
    let around = Tree::new([place.root.clone()]).with(settings.tree.clone());
    let around = place.root.join(".git").exists().then_some(&around as &dyn Input);
    let mut told = scanner.explain_among(&name, &bytes, at.line, rule, around);
    for finding in told.findings.iter_mut().filter(|finding| finding.suppression.is_none()) {
        finding.suppression = settings.allows.0.suppression(finding);
    }
    let page = Page { told: &told, settings: &settings };
    ui::stdout(|out| {
        writeln!(out, "{BOLD}{}:{}{BOLD:#}", visible(&given), at.line)?;
        notes.iter().try_for_each(|note| writeln!(out, "\n{note}"))?;
        page.write(out)
    })?;
    Ok(Exit::Clean)
}

/// The scanner of the settings; for a rule that they leave out one that has it, and a word about that.
fn scanner(rule: Option<&str>, settings: &Settings, source: &SourceArgs) -> Result<(Scanner, Vec<String>), Failure> {
    let scanner = Scanner::builder().rules(settings.rules.clone()).build()?;
    let Some(id) = rule.filter(|id| scanner.rules().get(id).is_none_or(|rule| rule.only_joins)) else {
        return Ok((scanner, Vec::new()));
    };
    let all = pages::all_rules(source, &SelectionArgs::default())?;
    if all.get(id).is_none() {
        return Err(Failure(pages::unknown(id, &all)));
    }
    let audit = all.get(id).is_some_and(|rule| rule.audit);
    let why = if audit { "it runs only with --audit or --enable" } else { "the configuration leaves it out" };
    let note = format!("A scan does not run {id}: {why}. If it did:");
    Ok((Scanner::builder().build_with(all)?, vec![note]))
}

/// What is shown of a line.
struct Page<'p> {
    told: &'p Explanation,
    settings: &'p Settings,
}

impl Page<'_> {
    fn write(&self, out: &mut dyn Write) -> Result<(), Error> {
        for finding in &self.told.findings {
            self.write_finding(finding, out)?;
        }
        for value in &self.told.values {
            write_value(value, out)?;
        }
        // The findings stand above.
        let others = self.told.rules.iter().filter(|told| !matches!(told.outcome, Outcome::Reported(_)));
        let others: Vec<&Judgement> = others.collect();
        if !others.is_empty() {
            writeln!(out)?;
            others.iter().try_for_each(|judgement| write_judgement(judgement, out))?;
        } else if self.told.findings.is_empty() && self.told.values.is_empty() {
            writeln!(out, "\nNothing here is looked at: no token of a known shape, no value whose name a rule wants.")?;
        }
        Ok(())
    }

    fn write_finding(&self, finding: &Finding, out: &mut dyn Write) -> Result<(), Error> {
        let (rule, severity, confidence) = (&finding.rule, finding.severity, finding.confidence);
        writeln!(out, "\n{BOLD}{rule}{BOLD:#}: {}", visible(&finding.message))?;
        let (least_severity, least) = (self.settings.min_severity, self.settings.min_confidence);
        match &finding.suppression {
            Some(suppression) => {
                let place =
                    suppression.line.map_or("the configuration".to_owned(), |line| format!("a comment on line {line}"));
                writeln!(out, "  found, {severity}, and suppressed by {place}")?;
            }
            None => {
                writeln!(out, "  found: severity {severity}, confidence {confidence}")?;
                if confidence < least {
                    writeln!(
                        out,
                        "  not reported: confidence under {least} (--min-confidence {confidence} reports it)"
                    )?;
                } else if severity < least_severity {
                    writeln!(
                        out,
                        "  not reported: severity under {least_severity} (--min-severity {severity} reports it)"
                    )?;
                }
            }
        }
        for step in &finding.trace {
            let (path, at) = (&step.location.origin.path, step.location.start);
            writeln!(out, "  {}:{}:{}: {}", visible(path), at.line, at.column, visible(&step.note))?;
        }
        for (name, value) in &finding.facts {
            writeln!(out, "  {}: {}", visible(name), visible(value))?;
        }
        Ok(())
    }
}

fn write_judgement(judgement: &Judgement, out: &mut dyn Write) -> Result<(), Error> {
    let place = match (&judgement.token, judgement.column) {
        (Some(token), _) => format!(" on {}", visible(token)),
        (None, Some(column)) => format!(" at column {column}"),
        (None, None) => String::new(),
    };
    Ok(writeln!(out, "{BOLD}{}{BOLD:#}{place}: {}", judgement.rule, visible(&judgement.outcome.to_string()))?)
}

fn write_value(value: &NamedValue, out: &mut dyn Write) -> Result<(), Error> {
    writeln!(out, "\n{BOLD}{}{BOLD:#} on {} = {}", value.rule, visible(&value.name), visible(&value.value))?;
    for part in &value.score.parts {
        writeln!(out, "  {:>4}  {}", format!("{:+}", part.points), part.what)?;
    }
    let points = value.score.points();
    match (value.score.veto, value.confidence) {
        (Some(veto), _) => return Ok(writeln!(out, "  not reported: {veto}")?),
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
    match &value.outcome {
        Some(Outcome::Reported(_)) | None => Ok(()),
        Some(other) => Ok(writeln!(out, "  {other}")?),
    }
}
