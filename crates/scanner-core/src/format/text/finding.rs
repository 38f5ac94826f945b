//! One finding as text, in the manner of compilers.

use super::{MARGIN, TextOptions, paint};
use crate::blob::Origin;
use crate::finding::{Confidence, Finding, Location, Related, Severity, Step};
use crate::format::first_link;
use crate::format::prose::{self, first_sentence, visible, visible_line};
use crate::rule::Rule;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Message, Renderer, Snippet};
use std::io::{Result, Write};

/// Places of the same secret that are named.
const MAX_RELATED: usize = 20;
/// Steps of a trace that are named at each of its ends.
const MAX_STEPS: usize = 8;

/// Writes a finding and an empty line. With `explain`, it says why the fault matters and how to fix it.
pub(super) fn write(
    finding: &Finding,
    rule: Option<&Rule>,
    explain: bool,
    options: &TextOptions,
    out: &mut dyn Write,
) -> Result<()> {
    let title = level(finding.severity)
        .with_name(finding.severity.name())
        .primary_title(visible(&finding.message))
        .id(visible(&finding.rule));
    let snippet = snippet(finding);
    let indent = if snippet.is_some() { finding.excerpt.line.to_string().len() } else { 0 };
    let group = match snippet {
        Some(snippet) => title.element(snippet),
        None => Group::with_title(title),
    };
    let group = notes(finding, rule, explain, options).into_iter().fold(group, Group::element);
    let renderer = if options.color { Renderer::styled().line_num(MARGIN) } else { Renderer::plain() };
    let rendered = renderer.term_width(options.width).render(&[group]);
    // The crate would take the column from the excerpt, which is cut and masked. So it gets no path,
    // and the place is put below the title here.
    let (title, rest) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    let arrow = paint(MARGIN, &format!("{:indent$}-->", ""), options);
    writeln!(out, "{title}\n{arrow} {}", visible(&place(&finding.location)))?;
    if !rest.is_empty() {
        writeln!(out, "{rest}")?;
    }
    writeln!(out)
}

/// A line for each place of a finding.
pub(super) fn terse(finding: &Finding) -> Vec<(&Location, String)> {
    let Finding { severity, rule, message, .. } = finding;
    let hushed = if finding.suppression.is_some() { " (suppressed)" } else { "" };
    let line = |at: &Location, hint: &str| {
        visible(&format!("{}: {severity} {rule}: {message}{hushed}{hint}", place(at))).into_owned()
    };
    let hint = format!(" (as at {}:{})", origin(&finding.location.origin), finding.location.start.line);
    let others = finding.related.iter().filter(|place| place.fingerprint.is_some());
    let first = (&finding.location, line(&finding.location, ""));
    std::iter::once(first).chain(others.map(|place| (&place.location, line(&place.location, &hint)))).collect()
}

/// A blob's name.
pub(super) fn origin(origin: &Origin) -> String {
    let mut name = origin.path.clone();
    if let Some(member) = &origin.member {
        name.push_str(&format!("!/{member}"));
    }
    if let Some(commit) = &origin.commit {
        name.push_str(&format!("@{}", commit.get(..12).unwrap_or(commit)));
    }
    name
}

/// `path:line:column`.
fn place(location: &Location) -> String {
    format!("{}:{}:{}", origin(&location.origin), location.start.line, location.start.column)
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
        Severity::Info => Level::INFO,
    }
}

/// The source line with carets under what the finding is about; `None` when there is nothing to show.
fn snippet(finding: &Finding) -> Option<Snippet<'static, Annotation<'static>>> {
    let (line, highlight) = visible_line(&finding.excerpt.text, &finding.excerpt.highlight);
    if line.trim().is_empty() {
        return None;
    }
    let (first, last) = (finding.location.start.line, finding.location.end.line);
    let label = (last > first).then(|| format!("up to line {last}"));
    let annotation = AnnotationKind::Primary.span(highlight).label(label);
    Some(Snippet::source(line).line_start(finding.excerpt.line as usize).annotation(annotation))
}

/// What stands under the source line.
fn notes(finding: &Finding, rule: Option<&Rule>, explain: bool, options: &TextOptions) -> Vec<Message<'static>> {
    let mut notes = Vec::new();
    let mut note = |name: &'static str, text: String| {
        if !text.is_empty() {
            notes.push(Level::NOTE.with_name(name).message(text));
        }
    };
    if let Some(suppression) = &finding.suppression {
        let reason = if suppression.reason.is_empty() { "no reason given" } else { &suppression.reason };
        note("suppressed", visible(reason).into_owned());
    }
    if finding.confidence == Confidence::Low {
        note("confidence", "low".to_owned());
    }
    note("flow", steps(&finding.trace));
    for (name, value) in &finding.facts {
        note("note", visible(&format!("{name}: {value}")).into_owned());
    }
    if let Some(from) = &finding.introduced {
        let day = prose::date_and_time(from.seconds);
        let day = day.split('T').next().unwrap_or(&day);
        let today = if from.present { "" } else { "; no longer in what is checked out" };
        let text = format!("{day}, {} <{}>: {}{today}", from.author, from.email, from.subject);
        note("commit", visible(&text).into_owned());
    }
    note("also at", also_at(&finding.related, options));
    for place in finding.related.iter().filter(|place| place.fingerprint.is_none()) {
        note("note", visible(&format!("{}: {}", place.note, self::place(&place.location))).into_owned());
    }
    if let Some(rule) = rule.filter(|_| explain) {
        let docs = rule.docs();
        note("why", visible(&first_sentence(docs.why.as_deref().unwrap_or_default())).into_owned());
        note("fix", visible(&first_sentence(docs.fix.as_deref().unwrap_or_default())).into_owned());
        let link = first_link(rule).map(|link| format!(", {link}")).unwrap_or_default();
        note("help", visible(&format!("autoclave explain {}{link}", rule.id)).into_owned());
    }
    notes
}

/// The places of the same secret, those of one file after its name; each file on a line of its own
/// when they do not fit on one.
fn also_at(related: &[Related], options: &TextOptions) -> String {
    let same: Vec<&Related> = related.iter().filter(|place| place.fingerprint.is_some()).collect();
    let limit = if options.verbose { same.len() } else { MAX_RELATED };
    let shown = &same[..limit.min(same.len())];
    let by_file = shown.chunk_by(|left, right| left.location.origin == right.location.origin).map(|file| {
        let lines: Vec<String> = file.iter().map(|place| place.location.start.line.to_string()).collect();
        format!("{}:{}", origin(&file[0].location.origin), lines.join(","))
    });
    let mut files: Vec<String> = by_file.map(|file| visible(&file).into_owned()).collect();
    if shown.len() < same.len() {
        let rest = prose::counted((same.len() - shown.len()) as u64, "more place");
        files.push(format!("{rest} (`--verbose` names them all)"));
    }
    let line = files.join(", ");
    if line.len() + INDENT > options.width { files.join("\n") } else { line }
}

/// Columns before the places of a note, at the least.
const INDENT: usize = 20;

/// A line for each step; of many, the first and the last.
fn steps(trace: &[Step]) -> String {
    let skipped = trace.len().saturating_sub(2 * MAX_STEPS);
    let mut lines = Vec::new();
    for (index, step) in trace.iter().enumerate() {
        if skipped > 0 && index == MAX_STEPS {
            lines.push(format!("… {skipped} more …"));
        }
        if skipped == 0 || index < MAX_STEPS || index >= MAX_STEPS + skipped {
            let text = format!("{}. {}: {}", index + 1, place(&step.location), step.note);
            lines.push(visible(&text).into_owned());
        }
    }
    lines.join("\n")
}
