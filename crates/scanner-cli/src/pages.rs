//! The page of a rule, for `explain` and `rules show`.

use crate::Exit;
use crate::args::{SelectionArgs, SourceArgs};
use crate::place::Place;
use crate::settings::rule_options;
use crate::ui::{self, Failure};
use anstyle::Style;
use scanner_core::format::visible;
use scanner_core::rule::{Checklist, Weakness, weakness};
use scanner_core::{Error, Rule, RuleOptions, RuleSet};
use std::io::Write;
use std::path::Path;

const BOLD: Style = Style::new().bold();
/// Ids that are suggested for one that does not exist.
const MAX_SUGGESTIONS: usize = 5;

/// Shows a rule.
pub(crate) fn show(id: &str, source: &SourceArgs) -> Result<Exit, Failure> {
    let rules = all_rules(source, &SelectionArgs::default())?;
    let Some(rule) = rules.get(id) else {
        return Err(Failure(unknown(id, &rules)));
    };
    ui::stdout(|out| write(rule, out))?;
    Ok(Exit::Clean)
}

/// Every rule there is, audit rules and those that the configuration does not select among them;
/// or of all these, those that `selection` asks for.
pub(crate) fn all_rules(source: &SourceArgs, selection: &SelectionArgs) -> Result<RuleSet, Failure> {
    let place = Place::of(Path::new("."), source)?;
    let SelectionArgs { enable, disable } = selection.clone();
    let options = rule_options(source, selection, &place);
    Ok(RuleSet::load(&RuleOptions { audit: true, enable, disable, ..options })?)
}

fn write(rule: &Rule, out: &mut dyn Write) -> Result<(), Error> {
    writeln!(out, "{BOLD}{}{BOLD:#}: {}\n", rule.id, visible(&rule.title))?;
    let mut rows = vec![("severity", rule.severity.to_string()), ("confidence", rule.confidence.to_string())];
    rows.push(("looks at", looks_at(rule).to_owned()));
    rows.push(("tags", rule.tags.join(", ")));
    if rule.audit {
        rows.push(("audit", "runs only with --audit or --enable".to_owned()));
    }
    rows.extend(rule.cwe.iter().map(|&cwe| {
        let name = weakness(cwe).map(|weakness| format!(" {}", weakness.name)).unwrap_or_default();
        ("weakness", format!("CWE-{cwe}{name}"))
    }));
    let categories = |list: Checklist, of: fn(&Weakness) -> Vec<&str>| categories(rule, list, of);
    rows.extend(categories(Checklist::Owasp2021, |weakness| weakness.owasp_2021.as_deref().into_iter().collect()));
    rows.extend(categories(Checklist::Owasp2025, |weakness| weakness.owasp_2025.as_deref().into_iter().collect()));
    rows.extend(categories(Checklist::Scp, |weakness| weakness.scp.iter().map(String::as_str).collect()));
    rows.push(("source", rule.docs().source.clone()));
    let mut last = "";
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let shown = if *name == last { "" } else { name };
        writeln!(out, "{BOLD}{shown:14}{BOLD:#}{}", visible(value))?;
        last = name;
    }
    // The page's own heading says what stands above already.
    for line in rule.help_markdown().lines().skip(1).map(visible) {
        match line.strip_prefix("## ") {
            Some(heading) => writeln!(out, "{BOLD}{heading}{BOLD:#}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    write_suppression(rule, out)
}

fn write_suppression(rule: &Rule, out: &mut dyn Write) -> Result<(), Error> {
    // Written in two halves: this file is scanned as well.
    let marker = ["autoclave", "ignore"].join(":");
    writeln!(out, "\n{BOLD}How to suppress a finding{BOLD:#}\n")?;
    if rule.kind() != "name" {
        writeln!(out, "With a comment on its line, or alone on the line before:\n")?;
        writeln!(out, "    # {marker}[{}] why it is no trouble\n", rule.id)?;
        writeln!(out, "Or in autoclave.toml:\n")?;
    } else {
        writeln!(out, "In autoclave.toml:\n")?;
    }
    writeln!(out, "    [[allow]]\n    rule = \"{}\"\n    path = \"/where/it/is\"", rule.id)?;
    Ok(writeln!(out, "    reason = \"why it is no trouble\"")?)
}

fn looks_at(rule: &Rule) -> &'static str {
    match rule.kind() {
        "name" => "the name of a file",
        "text" => "text of any file",
        "pair" => "named values in code and configuration",
        "code" => "the syntax of code",
        _ => "the flow of data through code",
    }
}

/// The entries of a list that a rule's weaknesses fall into, in the list's order.
fn categories(rule: &Rule, list: Checklist, of: fn(&Weakness) -> Vec<&str>) -> Vec<(&'static str, String)> {
    let (title, year) = match list {
        Checklist::Owasp2021 => ("OWASP Top 10", ":2021"),
        Checklist::Owasp2025 => ("OWASP Top 10", ":2025"),
        Checklist::Scp => ("OWASP SCP", ""),
    };
    let mut entries: Vec<&str> = rule.cwe.iter().filter_map(|&cwe| weakness(cwe)).flat_map(of).collect();
    entries.sort_unstable_by_key(|entry| (entry.len(), *entry));
    entries.dedup();
    let text = |entry: &str| format!("{entry}{year} {}", list.name(entry).unwrap_or_default());
    entries.into_iter().map(|entry| (title, text(entry))).collect()
}

pub(crate) fn unknown(id: &str, rules: &RuleSet) -> String {
    let near = suggestions(id, rules.rules().ids());
    let hint = match &near[..] {
        [] => "`autoclave rules list` shows them all".to_owned(),
        [one] => format!("is it `{one}`?"),
        many => format!("is it one of `{}`?", many.join("`, `")),
    };
    format!("there is no rule `{id}`; {hint}")
}

/// The ids nearest to one that does not exist: they hold all of its words, or differ in few letters.
fn suggestions<'r>(id: &str, known: impl Iterator<Item = &'r str>) -> Vec<&'r str> {
    let id = id.to_lowercase();
    let words: Vec<&str> = id.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 1).collect();
    let near = known.filter_map(|known| {
        let distance = distance(&id, known);
        let holds = !words.is_empty() && words.iter().all(|word| known.contains(word));
        (holds || distance <= 1 + id.len() / 5).then_some((distance, known))
    });
    let mut near: Vec<(usize, &str)> = near.collect();
    near.sort_unstable();
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, known)| known).collect()
}

/// Letters to insert, remove, replace or exchange with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![vec![0; right.len() + 1]; left.len() + 1];
    for i in 0..=left.len() {
        for j in 0..=right.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = left[i - 1] == right[j - 1];
                let swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                let least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + usize::from(!same));
                if swapped { least.min(rows[i - 2][j - 2] + 1) } else { least }
            };
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_ids_are_suggested() {
        assert_eq!(distance("kitten", "sitting"), 3);
        let ids = ["aws-access-key-id", "aws-secret-access-key", "jwt", "python-eval"];
        let near = |id: &str| suggestions(id, ids.into_iter());
        assert_eq!(near("jtw"), ["jwt"]);
        assert_eq!(near("AWS_ACCESS"), ["aws-access-key-id", "aws-secret-access-key"]);
        assert_eq!(near("pyhton-eval"), ["python-eval"]);
        assert!(near("something-else").is_empty());
    }
}
