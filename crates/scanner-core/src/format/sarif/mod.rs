//! SARIF 2.1.0, as GitHub, GitLab, Azure DevOps, DefectDojo and the editors read it.

mod results;
mod rules;
#[cfg(test)]
mod tests;
mod uri;

use crate::error::{Error, Problem, ProblemKind};
use crate::finding::Finding;
use crate::format::{HOMEPAGE, ORGANIZATION, TOOL, TOOL_LONG, VERSION, prose};
use crate::report::{Provenance, Report};
use rules::Rules;
use serde::{Serialize, Serializer};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Message, ReportingDescriptor, Run, RunAutomationDetails, Tool, ToolComponent,
    VersionControlDetails,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write};

/// Where validators and editors find the format's definition.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative URIs are relative to; a consumer knows where that is.
const ROOT: &str = "%SRCROOT%";

/// Bounds of the readers on the parts of a result or rule.
mod text_limits {
    /// Of a rule's name (GitHub and GitLab).
    pub(super) const NAME: usize = 255;
    /// Of a rule's descriptions (GitHub).
    pub(super) const DESCRIPTION: usize = 1024;
    /// Of a message (GitLab).
    pub(super) const MESSAGE: usize = 2048;
    /// Of a link (GitLab).
    pub(super) const URI: usize = 2048;
    /// Tags of a rule (GitHub keeps ten, GitLab skips results of a rule with more).
    pub(super) const TAGS: usize = 10;
    /// Weaknesses among a rule's tags: two tags each, and two tags stand before them.
    pub(super) const CWE_TAGS: usize = 4;
    /// Places of a result, the first among them (GitHub keeps so many).
    pub(super) const LOCATIONS: usize = 100;
    /// Steps of a result's flow (GitHub keeps so many).
    pub(super) const STEPS: usize = 1000;
}

/// What a SARIF report holds.
#[derive(Debug, Clone)]
pub struct SarifOptions {
    /// The tool's version, as Semantic Versioning writes it.
    pub version: String,
    /// Tells several analyses of one commit apart. Leave it out unless a run needs it: GitHub's
    /// upload action sets a category only where the file has none.
    pub category: Option<String>,
    /// Report suppressed findings too, marked as such. GitHub shows them as open alerts.
    pub include_suppressed: bool,
    /// Results at the most; the gravest are kept. GitHub refuses a file with more than 25,000.
    pub max_results: usize,
    /// When the scan began (RFC 3339, UTC). Leave it out for a report that is the same each time.
    pub start_time: Option<String>,
    /// When the scan ended.
    pub end_time: Option<String>,
    /// The repositories that were scanned.
    pub provenance: Vec<Provenance>,
}

impl Default for SarifOptions {
    fn default() -> SarifOptions {
        SarifOptions {
            version: VERSION.to_owned(),
            category: None,
            include_suppressed: false,
            max_results: 25_000,
            start_time: None,
            end_time: None,
            provenance: Vec::new(),
        }
    }
}

/// Writes `report`. What had to be left out for its readers' limits is told in the file and returned.
///
/// # Errors
/// Only when `out` cannot be written to.
pub fn write(report: &Report, options: &SarifOptions, out: &mut dyn Write) -> Result<Vec<Problem>, Error> {
    let mut cuts = Vec::new();
    let findings = choose(report, options, &mut cuts);
    note_long(&findings, &mut cuts);
    let rules = Rules::of(&findings, &report.rules);
    let problems: Vec<&Problem> = report.problems.iter().chain(&cuts).collect();
    let run = run(report, options, &rules, &problems);
    let results = Results { findings: &findings, rules: &rules, suppressions: options.include_suppressed };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [FullRun { run, results }] };
    let mut out = BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, &log).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(cuts)
}

/// The findings to report, in report order: when there are too many, the gravest.
fn choose<'r>(report: &'r Report, options: &SarifOptions, cuts: &mut Vec<Problem>) -> Vec<&'r Finding> {
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    if options.include_suppressed {
        findings.extend(&report.suppressed);
        findings.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    }
    let (all, limit) = (findings.len(), options.max_results);
    if all <= limit {
        return findings;
    }
    let mut ranked: Vec<(usize, &Finding)> = findings.into_iter().enumerate().collect();
    ranked.sort_by_key(|&(at, finding)| {
        (finding.suppression.is_some(), Reverse(finding.severity), Reverse(finding.confidence), at)
    });
    ranked.truncate(limit);
    ranked.sort_by_key(|&(at, _)| at);
    cuts.push(cut(format!("the report holds the {limit} gravest of {all} findings")));
    ranked.into_iter().map(|(_, finding)| finding).collect()
}

/// Notes where the parts of a result are cut.
fn note_long(findings: &[&Finding], cuts: &mut Vec<Problem>) {
    let places = findings.iter().filter(|finding| finding.related.len() >= text_limits::LOCATIONS).count();
    if places > 0 {
        let (findings, limit) = (prose::counted(places as u64, "finding"), text_limits::LOCATIONS);
        cuts.push(cut(format!("of {findings} with more than {limit} places, the first {limit} are kept")));
    }
    let flows = findings.iter().filter(|finding| finding.trace.len() > text_limits::STEPS).count();
    if flows > 0 {
        let (findings, limit) = (prose::counted(flows as u64, "finding"), text_limits::STEPS);
        cuts.push(cut(format!("of {findings} with a way of more than {limit} steps, the middle is left out")));
    }
}

fn cut(message: String) -> Problem {
    Problem { origin: None, line: None, kind: ProblemKind::Truncated, message }
}

/// Everything but the results, which are built one at a time while writing.
fn run(report: &Report, options: &SarifOptions, rules: &Rules<'_>, problems: &[&Problem]) -> Run {
    let kinds: BTreeSet<ProblemKind> = problems.iter().map(|problem| problem.kind).collect();
    let kinds: Vec<ProblemKind> = kinds.into_iter().collect();
    let mut driver = ToolComponent::builder()
        .name(TOOL)
        .full_name(TOOL_LONG)
        .organization(ORGANIZATION)
        .information_uri(HOMEPAGE)
        .version(options.version.as_str())
        .semantic_version(options.version.as_str())
        .rules(rules.descriptors())
        .build();
    if !kinds.is_empty() {
        driver.notifications = Some(kinds.iter().map(|&kind| notice(kind)).collect());
    }
    let weaknesses = rules.weaknesses();
    driver.supported_taxonomies = weaknesses.is_some().then(|| vec![rules::cwe_reference()]);
    let description = Message::builder().text("The root of the scanned tree.").build();
    let root = ArtifactLocation::builder().description(description).build();
    let mut run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .invocations(vec![invocation(report, options, problems, &kinds)])
        .column_kind("utf16CodeUnits")
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .build();
    if !options.provenance.is_empty() {
        // Of several repositories none is the root.
        let is_root = options.provenance.len() == 1;
        run.version_control_provenance =
            Some(options.provenance.iter().map(|from| version_control(from, is_root)).collect());
    }
    run.taxonomies = weaknesses.map(|weaknesses| vec![weaknesses]);
    run.automation_details = options
        .category
        .as_ref()
        .map(|category| RunAutomationDetails::builder().id(format!("{}/", category.trim_end_matches('/'))).build());
    run
}

fn version_control(from: &Provenance, is_root: bool) -> VersionControlDetails {
    let mut details = VersionControlDetails::builder().repository_uri(from.uri.as_str()).build();
    details.revision_id.clone_from(&from.revision);
    details.branch.clone_from(&from.branch);
    details.mapped_to = is_root.then(|| ArtifactLocation::builder().uri_base_id(ROOT).build());
    details
}

fn invocation(report: &Report, options: &SarifOptions, problems: &[&Problem], kinds: &[ProblemKind]) -> Invocation {
    let mut invocation = Invocation::builder().execution_successful(!report.is_incomplete()).build();
    invocation.start_time_utc.clone_from(&options.start_time);
    invocation.end_time_utc.clone_from(&options.end_time);
    if !problems.is_empty() {
        let index = |problem: &Problem| kinds.binary_search(&problem.kind).unwrap_or_default();
        let notifications = problems.iter().map(|problem| results::notification(problem, index(problem)));
        invocation.tool_execution_notifications = Some(notifications.collect());
    }
    invocation
}

/// Describes a kind of problem.
fn notice(kind: ProblemKind) -> ReportingDescriptor {
    let (what, remedy) = results::describe(kind);
    ReportingDescriptor::builder()
        .id(kind.id())
        .short_description(rules::text(what))
        .full_description(rules::text(what))
        .help(rules::text(remedy))
        .build()
}

/// A SARIF file. Its results are built while it is written: thousands of them take a few
/// kilobytes each in the crate's types.
#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [FullRun<'r>; 1],
}

#[derive(Serialize)]
struct FullRun<'r> {
    #[serde(flatten)]
    run: Run,
    results: Results<'r>,
}

struct Results<'r> {
    findings: &'r [&'r Finding],
    rules: &'r Rules<'r>,
    suppressions: bool,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let results = self.findings.iter().map(|finding| results::result(finding, self.rules, self.suppressions));
        serializer.collect_seq(results)
    }
}
