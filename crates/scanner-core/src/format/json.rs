//! Autoclave's own JSON report: everything a scan has to say, versioned.
//!
//! Fields are added without notice; one is renamed, removed or given another meaning only together
//! with a higher `schema_version`.

use crate::blob::Origin;
use crate::error::{Error, Problem};
use crate::finding::{Finding, Introduced, Location, Related, Severity, Step};
use crate::format::prose::date_and_time;
use crate::format::{Categories, TOOL, VERSION, first_link};
use crate::report::Report;
use crate::rule::RuleSet;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};
use std::time::Duration;

/// The version of the report's form.
pub const SCHEMA_VERSION: u32 = 1;

/// What a JSON report holds.
#[derive(Debug, Clone)]
pub struct JsonOptions {
    /// The tool's version.
    pub version: String,
    /// How long the scan took. Leave it out for a report that is the same each time.
    pub elapsed: Option<Duration>,
}

impl Default for JsonOptions {
    fn default() -> JsonOptions {
        JsonOptions { version: VERSION.to_owned(), elapsed: None }
    }
}

/// Writes `report`.
///
/// # Errors
/// Only when `out` cannot be written to.
pub fn write(report: &Report, options: &JsonOptions, out: &mut dyn Write) -> Result<(), Error> {
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &document(report, options)).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(())
}

/// The JSON Schema of the report.
#[cfg(feature = "schema")]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(JsonReport<'static>).to_value()
}

/// A report of the scanner Autoclave.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonReport<'r> {
    /// The version of this form.
    schema_version: u32,
    tool: JsonTool<'r>,
    /// What columns count: UTF-16 code units, from 1.
    #[cfg_attr(feature = "schema", schemars(extend("const" = "utf16")))]
    column_unit: &'static str,
    summary: JsonSummary,
    /// Sorted by path, place and rule.
    findings: Vec<JsonFinding<'r>>,
    /// Findings hushed by a comment or the configuration.
    suppressed: Vec<JsonFinding<'r>>,
    /// What was not, or not wholly, examined, and what a user should know.
    problems: Vec<JsonProblem<'r>>,
}

/// What made the report.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonTool<'r> {
    name: &'static str,
    version: &'r str,
}

/// Sums over the scan.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonSummary {
    /// Whether everything that should have been examined was.
    complete: bool,
    findings: usize,
    /// Places of the findings: a secret that stands in several is one finding.
    places: usize,
    /// Number of findings of each severity.
    by_severity: BTreeMap<&'static str, usize>,
    suppressed: usize,
    /// Findings left out because they are milder or less sure than was asked for.
    hidden: u64,
    problems: usize,
    /// Files seen, binary and oversized ones included.
    files: u64,
    /// Bytes of text examined.
    bytes: u64,
    /// Files of which only the name was examined because they are binary.
    binary: u64,
    /// Source files parsed for code rules.
    parsed: u64,
    /// How long the scan took.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<u64>,
}

/// One fault: in code at one place, a secret with all its places. No field holds a whole secret, unless the scan was told to show them.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonFinding<'r> {
    /// The rule's id.
    rule: &'r str,
    /// The rule's title.
    title: &'r str,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["info", "low", "medium", "high", "critical"])))]
    severity: &'static str,
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["low", "medium", "high"])))]
    confidence: &'static str,
    message: &'r str,
    /// CWE numbers, the most fitting first.
    cwe: &'r [u32],
    /// Categories of the OWASP Top 10 2021.
    owasp_2021: Vec<&'static str>,
    /// Categories of the OWASP Top 10 2025.
    owasp_2025: Vec<&'static str>,
    /// Sections of the OWASP Secure Coding Practices checklist.
    scp: Vec<&'static str>,
    /// A page about the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'r str>,
    #[serde(flatten)]
    place: JsonPlace<'r>,
    excerpt: JsonExcerpt<'r>,
    /// The masked secret, for findings of a credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'r str>,
    /// What the value tells about itself; values of the same name are joined by `, `.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    facts: BTreeMap<&'r str, String>,
    /// Names the finding across scans, also when its line moves.
    fingerprint: &'r str,
    /// GitHub's `primaryLocationLineHash`.
    line_hash: &'r str,
    /// In how many places the secret stands, this one included.
    places: usize,
    /// The other places, and those of what belongs to the secret.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<JsonRelated<'r>>,
    /// The way of the data, from its source to where it does harm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trace: Vec<JsonStep<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<JsonSuppression<'r>>,
    /// For findings of a history: what the first commit that has it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    introduced: Option<JsonIntroduced<'r>>,
}

/// The commit that brought a finding in.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonIntroduced<'r> {
    author: &'r str,
    email: &'r str,
    /// When it was written, as `2026-01-31T23:59:59Z`.
    date: String,
    /// The first line of its message.
    subject: &'r str,
    /// Whether what is checked out still has the finding.
    present: bool,
}

/// A place; lines and columns count from 1, the end is one past the last character.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonPlace<'r> {
    #[serde(flatten)]
    file: JsonFile<'r>,
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

/// A file, as far as the scan knows it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonFile<'r> {
    /// With `/` separators, relative to the root of the scan where there is one.
    path: &'r str,
    /// The commit that brought it in, when it was read from history.
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'r str>,
    /// The id of its content, when it was read from history.
    #[serde(skip_serializing_if = "Option::is_none")]
    blob: Option<&'r str>,
    /// Its path inside the archive `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'r str>,
}

/// A further place of a finding.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonRelated<'r> {
    #[serde(flatten)]
    place: JsonPlace<'r>,
    /// What stands there.
    note: &'r str,
    /// Names the finding at this place across scans; absent for the place of what belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'r str>,
}

/// The source line, masked and cut to a readable length.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonExcerpt<'r> {
    line: u32,
    text: &'r str,
    /// First UTF-16 code unit of `text` that the finding is about, from 0.
    start: usize,
    /// One past the last.
    end: usize,
}

/// One hop of a trace.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonStep<'r> {
    #[serde(flatten)]
    place: JsonPlace<'r>,
    /// What happens there.
    note: &'r str,
}

/// Why a finding does not count.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonSuppression<'r> {
    /// Line of the comment; absent for one from the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    reason: &'r str,
}

/// Something that was not, or not wholly, examined, or that a user should know.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonProblem<'r> {
    /// A stable kebab-case name.
    kind: &'static str,
    /// Whether something that should have been examined was not.
    incomplete: bool,
    #[serde(flatten)]
    file: Option<JsonFile<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    message: &'r str,
}

fn document<'r>(report: &'r Report, options: &'r JsonOptions) -> JsonReport<'r> {
    let findings = |findings: &'r [Finding]| findings.iter().map(|one| finding(one, &report.rules)).collect();
    JsonReport {
        schema_version: SCHEMA_VERSION,
        tool: JsonTool { name: TOOL, version: &options.version },
        column_unit: "utf16",
        summary: summary(report, options),
        findings: findings(&report.findings),
        suppressed: findings(&report.suppressed),
        problems: report.problems.iter().map(problem).collect(),
    }
}

fn summary(report: &Report, options: &JsonOptions) -> JsonSummary {
    let names = Severity::ALL.into_iter().map(Severity::name);
    JsonSummary {
        complete: !report.is_incomplete(),
        findings: report.findings.len(),
        places: report.places(),
        by_severity: names.zip(report.counts()).collect(),
        suppressed: report.suppressed.len(),
        hidden: report.stats.hidden,
        problems: report.problems.len(),
        files: report.stats.files,
        bytes: report.stats.bytes,
        binary: report.stats.binary,
        parsed: report.stats.parsed,
        duration_ms: options.elapsed.map(|elapsed| u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)),
    }
}

fn finding<'r>(finding: &'r Finding, rules: &'r RuleSet) -> JsonFinding<'r> {
    let rule = rules.get(&finding.rule);
    let categories = rule.map(Categories::of).unwrap_or_default();
    let mut facts: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in &finding.facts {
        let known = facts.entry(name).or_default();
        if !known.is_empty() {
            known.push_str(", ");
        }
        known.push_str(value);
    }
    JsonFinding {
        rule: &finding.rule,
        title: rule.map_or(&*finding.rule, |rule| &rule.title),
        severity: finding.severity.name(),
        confidence: finding.confidence.name(),
        message: &finding.message,
        cwe: rule.map_or(&[], |rule| &rule.cwe),
        owasp_2021: categories.owasp_2021,
        owasp_2025: categories.owasp_2025,
        scp: categories.scp,
        help: rule.and_then(first_link),
        place: place(&finding.location),
        excerpt: excerpt(finding),
        secret: finding.secret.as_deref(),
        facts,
        fingerprint: &finding.fingerprint.0,
        line_hash: &finding.line_hash,
        places: finding.places,
        related: finding.related.iter().map(related).collect(),
        trace: finding.trace.iter().map(|Step { location, note }| JsonStep { place: place(location), note }).collect(),
        suppression: finding
            .suppression
            .as_ref()
            .map(|suppression| JsonSuppression { line: suppression.line, reason: &suppression.reason }),
        introduced: finding.introduced.as_ref().map(introduced),
    }
}

fn introduced(from: &Introduced) -> JsonIntroduced<'_> {
    JsonIntroduced {
        author: &from.author,
        email: &from.email,
        date: date_and_time(from.seconds),
        subject: &from.subject,
        present: from.present,
    }
}

fn related(related: &Related) -> JsonRelated<'_> {
    JsonRelated {
        place: place(&related.location),
        note: &related.note,
        fingerprint: related.fingerprint.as_ref().map(|fingerprint| &*fingerprint.0),
    }
}

fn excerpt(finding: &Finding) -> JsonExcerpt<'_> {
    let excerpt = &finding.excerpt;
    let column = |at: usize| excerpt.text.get(..at).unwrap_or(&excerpt.text).encode_utf16().count();
    JsonExcerpt {
        line: excerpt.line,
        text: &excerpt.text,
        start: column(excerpt.highlight.start),
        end: column(excerpt.highlight.end),
    }
}

fn place(location: &Location) -> JsonPlace<'_> {
    JsonPlace {
        file: file(&location.origin),
        start_line: location.start.line,
        start_column: location.start.column,
        end_line: location.end.line,
        end_column: location.end.column,
    }
}

fn file(origin: &Origin) -> JsonFile<'_> {
    JsonFile {
        path: &origin.path,
        commit: origin.commit.as_deref(),
        blob: origin.blob.as_deref(),
        member: origin.member.as_deref(),
    }
}

fn problem(problem: &Problem) -> JsonProblem<'_> {
    JsonProblem {
        kind: problem.kind.id(),
        incomplete: problem.kind.is_incomplete(),
        file: problem.origin.as_ref().map(file),
        line: problem.line,
        message: &problem.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::sample;

    fn written(report: &Report, options: &JsonOptions) -> String {
        let mut out = Vec::new();
        write(report, options, &mut out).expect("a vector takes everything");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn whole_report() {
        let options = JsonOptions { version: "1.2.3".into(), elapsed: None };
        insta::assert_snapshot!(written(&sample::report(), &options));
    }

    #[test]
    fn time_only_when_given() {
        let options = JsonOptions { elapsed: Some(Duration::from_millis(1500)), ..JsonOptions::default() };
        assert!(written(&sample::report(), &options).contains("\"duration_ms\": 1500"));
        assert!(!written(&sample::report(), &JsonOptions::default()).contains("duration_ms"));
    }

    #[cfg(feature = "schema")]
    #[test]
    fn schema_names_every_key() {
        let schema = json_schema();
        let properties = &schema["properties"];
        let report: serde_json::Value =
            serde_json::from_str(&written(&sample::report(), &JsonOptions::default())).expect("it is JSON");
        for key in report.as_object().expect("a report is an object").keys() {
            assert!(properties.get(key).is_some(), "{key}");
        }
    }
}
