//! The commands `rules list` and `rules test`.

use crate::args::{ListArgs, ListFormat, TestArgs};
use crate::pages::all_rules;
use crate::ui::{self, Failure};
use crate::{Exit, place};
use anstyle::{AnsiColor, Style};
use scanner_core::format::visible;
use scanner_core::{Error, Rule, Severity, ruletest};
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::time::Instant;

/// A rule in a JSON list.
#[derive(Serialize)]
struct Entry<'r> {
    id: &'r str,
    title: &'r str,
    severity: &'static str,
    confidence: &'static str,
    kind: &'static str,
    audit: bool,
    cwe: &'r [u32],
    tags: &'r [String],
    source: &'r str,
}

impl<'r> Entry<'r> {
    fn of(rule: &'r Rule) -> Entry<'r> {
        Entry {
            id: &rule.id,
            title: &rule.title,
            severity: rule.severity.name(),
            confidence: rule.confidence.name(),
            kind: rule.kind(),
            audit: rule.audit,
            cwe: &rule.cwe,
            tags: &rule.tags,
            source: &rule.docs().source,
        }
    }
}

/// Lists rules.
pub(crate) fn list(args: &ListArgs) -> Result<Exit, Failure> {
    let set = all_rules(&args.source, &args.selection)?;
    let has_tags = |rule: &&Rule| args.tag.iter().all(|tag| rule.tags.contains(tag));
    let rules: Vec<&Rule> = set.rules().iter().filter(|rule| !rule.only_joins).filter(has_tags).collect();
    match args.format {
        ListFormat::Text => {
            ui::stdout(|out| write_list(&rules, out))?;
            ui::stderr(|out| Ok(writeln!(out, "{}", counts(&rules))?));
        }
        ListFormat::Json => {
            let entries: Vec<Entry<'_>> = rules.iter().map(|rule| Entry::of(rule)).collect();
            let text = serde_json::to_string_pretty(&entries).expect("entries are plain data");
            ui::raw_stdout(|out| Ok(writeln!(out, "{text}")?))?;
        }
    }
    Ok(Exit::Clean)
}

fn write_list(rules: &[&Rule], out: &mut dyn Write) -> Result<(), Error> {
    let mut out = BufWriter::new(out);
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in rules {
        let style = color(rule.severity);
        let audit = if rule.audit { " (audit)" } else { "" };
        let Rule { id, severity, confidence, title, .. } = rule;
        let (kind, title) = (rule.kind(), visible(title));
        writeln!(out, "{id:width$}  {style}{severity:8}{style:#}  {confidence:6}  {kind:4}  {title}{audit}")?;
    }
    Ok(out.flush()?)
}

fn color(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low | Severity::Info => AnsiColor::Cyan.on_default(),
    }
}

fn counts(rules: &[&Rule]) -> String {
    let count = |fits: &dyn Fn(&Rule) -> bool| rules.iter().filter(|rule| fits(rule)).count();
    let kinds = ["name", "text", "pair", "code", "flow"].map(|kind| (kind, count(&|rule| rule.kind() == kind)));
    let kinds: Vec<String> =
        kinds.iter().filter(|(_, count)| *count > 0).map(|(kind, count)| format!("{count} {kind}")).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let audit = match count(&|rule| rule.audit) {
        0 => String::new(),
        audit => format!(", {audit} of them only with --audit or --enable"),
    };
    format!("{} {}{kinds}{audit}", rules.len(), if rules.len() == 1 { "rule" } else { "rules" })
}

/// Runs the tests that rules carry.
pub(crate) fn test(args: &TestArgs) -> Result<Exit, Failure> {
    let started = Instant::now();
    place::check_paths(&args.paths)?;
    let outcome = ruletest::run(&args.paths)?;
    ui::stdout(|out| {
        for failure in &outcome.failures {
            let lines: Vec<_> = failure.lines().map(visible).collect();
            writeln!(out, "{}", lines.join("\n    "))?;
        }
        for sentence in &outcome.untested {
            writeln!(out, "{}", visible(sentence))?;
        }
        let ruletest::Outcome { rules, passed, known_misses, .. } = outcome;
        let (failed, seconds) = (outcome.failures.len(), started.elapsed().as_secs_f64());
        let misses = if known_misses == 0 { String::new() } else { format!(", {known_misses} known misses") };
        let untested = match outcome.untested.len() {
            0 => String::new(),
            count => format!(", {count} kinds of test are missing"),
        };
        let style = if failed == 0 { AnsiColor::Green } else { AnsiColor::Red }.on_default().bold();
        let verdict = if failed == 0 { "ok".to_owned() } else { format!("{failed} failed") };
        writeln!(out, "{rules} rules: {passed} passed, {style}{verdict}{style:#}{misses}{untested}; {seconds:.1} s")?;
        Ok(())
    })?;
    Ok(if outcome.failures.is_empty() { Exit::Clean } else { Exit::Findings })
}
