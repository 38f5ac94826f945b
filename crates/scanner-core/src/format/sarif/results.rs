//! Turns findings and problems into SARIF results and notifications.

use super::rules::{Rules, level, security_severity};
use super::text_limits as limits;
use super::uri::uri;
use crate::blob::Origin;
use crate::error::{Problem, ProblemKind};
use crate::finding::Location as Place;
use crate::finding::{Finding, Fingerprint, Related, Step, Suppression};
use crate::format::{problem_level, prose};
use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactContent, ArtifactLocation, CodeFlow, Location, LogicalLocation, Message, Notification, PhysicalLocation,
    PropertyBag, Region, ReportingDescriptorReference, Result as SarifResult, Suppression as SarifSuppression,
    ThreadFlow, ThreadFlowLocation,
};
use std::collections::BTreeMap;

/// The result of a finding. With `suppressions`, every result tells whether it is suppressed, as
/// SARIF wants of a run in which any does.
pub(super) fn result(finding: &Finding, rules: &Rules<'_>, suppressions: bool) -> SarifResult {
    let mut hashes = BTreeMap::from([("autoclaveFingerprint/v1".to_owned(), finding.fingerprint.0.clone())]);
    if !finding.line_hash.is_empty() {
        hashes.insert("primaryLocationLineHash".to_owned(), finding.line_hash.clone());
    }
    let mut result = SarifResult::builder()
        .rule_id(&*finding.rule)
        .level(level(finding.severity))
        .message(with_places(finding))
        .locations(vec![primary(finding)])
        .partial_fingerprints(hashes)
        .properties(PropertyBag::builder().additional_properties(properties(finding)).build())
        .build();
    result.rule_index = rules.index(&finding.rule).map(|index| index as i64);
    if rules.get(&finding.rule).is_none_or(|rule| rule.severity != finding.severity) {
        // GitLab ranks a result before its rule.
        result.rank = security_severity(finding.severity).parse::<f64>().ok().map(|severity| severity * 10.0);
    }
    if !finding.related.is_empty() {
        result.related_locations = Some(related(&finding.related));
        result.occurrence_count = (finding.places > 1).then_some(finding.places as i64);
    }
    if !finding.trace.is_empty() {
        result.code_flows = Some(vec![code_flow(&finding.trace)]);
    }
    if suppressions {
        result.suppressions = Some(finding.suppression.iter().map(suppression).collect());
    }
    result
}

fn properties(finding: &Finding) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::from([
        ("confidence".to_owned(), json!(finding.confidence.name())),
        ("severity".to_owned(), json!(finding.severity.name())),
    ]);
    if !finding.facts.is_empty() {
        all.insert(
            "facts".to_owned(),
            finding.facts.iter().map(|(name, value)| (name.clone(), json!(value))).collect(),
        );
    }
    if let Some(from) = &finding.introduced {
        let date = prose::date_and_time(from.seconds);
        let told = json!({ "author": from.author, "date": date, "subject": from.subject, "present": from.present });
        all.insert("introduced".to_owned(), told);
    }
    if let Some(secret) = &finding.secret {
        all.insert("secret".to_owned(), json!(secret));
    }
    all
}

/// The message, and links to further places: GitHub shows those that the message links to.
fn with_places(finding: &Finding) -> Message {
    if finding.related.is_empty() {
        return message(&finding.message);
    }
    let mut text = escaped(&finding.message);
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    text = format!("{}{end}", prose::cut(&text, limits::MESSAGE / 2));
    let linked = finding.related.len().min(LINKS);
    for (index, place) in finding.related.iter().take(linked).enumerate() {
        let mut note = prose::cut(&place.note, LINK_TEXT).into_owned();
        let same = index > 0 && finding.related[index - 1].note == place.note;
        if let Some(first) = note.get(..1) {
            note.replace_range(..1, &first.to_ascii_uppercase());
        }
        let name = format!("{}:{}", place.location.origin.path, place.location.start.line);
        let link = format!("[{}]({})", escaped(&end_of(&name)), index + 1);
        text.push_str(&if same { format!(", {link}") } else { format!(" {}: {link}", escaped(&note)) });
    }
    let rest = finding.places.max(finding.related.len() + 1) - 1 - linked;
    if rest > 0 {
        text.push_str(&format!(", and {}", prose::counted(rest as u64, "more place")));
    }
    text.push('.');
    Message::builder().text(text).build()
}

/// Further places that a message links to, and the characters of a link's text: together with half
/// of the limit for the message itself they stay below it.
const LINKS: usize = 5;
const LINK_TEXT: usize = 80;

/// The end of a long path: it tells more than the start.
fn end_of(name: &str) -> String {
    let count = name.chars().count();
    if count <= LINK_TEXT {
        return name.to_owned();
    }
    let end: String = name.chars().skip(count - LINK_TEXT).collect();
    format!("…{}", end.find('/').map_or(end.as_str(), |at| &end[at..]))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// A message in plain text. SARIF reads `[text](target)` as a link, and a message may quote source.
fn message(text: &str) -> Message {
    let text = prose::cut(text, limits::MESSAGE);
    if text.contains("](") {
        Message::builder().text(text.replace('[', "\\[").replace(']', "\\]")).build()
    } else {
        Message::builder().text(text).build()
    }
}

/// The finding's own place, with the masked excerpt.
fn primary(finding: &Finding) -> Location {
    let mut location = location(&finding.location);
    let excerpt = &finding.excerpt;
    let Some(physical) = location.physical_location.as_mut() else { return location };
    let Some(part) = excerpt.text.get(excerpt.highlight.clone()) else { return location };
    if let Some(region) = physical.region.as_mut().filter(|_| !part.is_empty()) {
        region.snippet = Some(ArtifactContent::builder().text(part).build());
    }
    if part.len() < excerpt.text.len() {
        let (first, last) = (finding.location.start.line, finding.location.end.line);
        let snippet = ArtifactContent::builder().text(excerpt.text.as_str()).build();
        let context = Region::builder().start_line(i64::from(first)).end_line(i64::from(last)).snippet(snippet);
        physical.context_region = Some(context.build());
    }
    location
}

fn location(place: &Place) -> Location {
    let region = Region::builder()
        .start_line(i64::from(place.start.line))
        .start_column(i64::from(place.start.column))
        .end_line(i64::from(place.end.line))
        .end_column(i64::from(place.end.column))
        .build();
    at(&place.origin, Some(region))
}

fn at(origin: &Origin, region: Option<Region>) -> Location {
    let uri = uri(&origin.path);
    let mut artifact = ArtifactLocation::builder().uri(uri.text).build();
    artifact.uri_base_id = uri.relative.then(|| super::ROOT.to_owned());
    let mut physical = PhysicalLocation::builder().artifact_location(artifact).build();
    physical.region = region;
    let mut location = Location::builder().physical_location(physical).build();
    if let Some(member) = &origin.member {
        let name = format!("{}!/{member}", origin.path);
        location.logical_locations = Some(vec![LogicalLocation::builder().fully_qualified_name(name).build()]);
    }
    if let Some(commit) = &origin.commit {
        let properties = BTreeMap::from([("commit".to_owned(), json!(commit))]);
        location.properties = Some(PropertyBag::builder().additional_properties(properties).build());
    }
    location
}

fn related(places: &[Related]) -> Vec<Location> {
    let kept = places.iter().take(limits::LOCATIONS - 1);
    let build = |(index, place): (usize, &Related)| {
        let mut location = location(&place.location);
        location.id = Some(index as i64 + 1);
        location.message = Some(message(&place.note));
        if let Some(Fingerprint(fingerprint)) = &place.fingerprint {
            let own = location.properties.get_or_insert_with(|| PropertyBag::builder().build());
            own.additional_properties.insert("fingerprint".to_owned(), json!(fingerprint));
        }
        location
    };
    kept.enumerate().map(build).collect()
}

/// One flow with every hop. Of an overlong one the start and the end are kept: the source and the sink.
fn code_flow(trace: &[Step]) -> CodeFlow {
    let skipped = trace.len().saturating_sub(limits::STEPS);
    let last = trace.len() - 1;
    let keep = |index: usize| index < limits::STEPS - 1 || index >= limits::STEPS - 1 + skipped;
    let steps = trace.iter().enumerate().filter(|&(index, _)| keep(index)).map(|(index, step)| {
        let mut location = location(&step.location);
        location.message = Some(message(&step.note));
        let importance = if index == 0 || index == last { "essential" } else { "important" };
        ThreadFlowLocation::builder().location(location).importance(importance).build()
    });
    CodeFlow::builder().thread_flows(vec![ThreadFlow::builder().locations(steps.collect::<Vec<_>>()).build()]).build()
}

fn suppression(suppression: &Suppression) -> SarifSuppression {
    let kind = if suppression.line.is_some() { "inSource" } else { "external" };
    let mut built = SarifSuppression::builder().kind(kind).status("accepted").build();
    built.justification = (!suppression.reason.is_empty()).then(|| suppression.reason.clone());
    built
}

/// What a problem's kind means and what to do about it, each a sentence.
pub(super) fn describe(kind: ProblemKind) -> (&'static str, &'static str) {
    match kind {
        ProblemKind::Unreadable => ("A file or folder could not be read.", "Check its permissions."),
        ProblemKind::Vanished => ("A file was gone when it was to be read.", "Scan a tree that nothing writes to."),
        ProblemKind::TooLarge => ("A file is larger than the limit.", "Exclude it, or raise the limit on file size."),
        ProblemKind::Undecodable => ("A file holds no text in a known encoding.", "Store it as UTF-8, or exclude it."),
        ProblemKind::NotParsed => ("Source code could not be parsed within the limits.", "Exclude generated code."),
        ProblemKind::TooManyMatches => ("A limit on the number of matches was reached.", "Exclude the data."),
        ProblemKind::SyntaxError => {
            ("Source code has syntax errors.", "What does parse was examined; correct the rest.")
        }
        ProblemKind::UnusedSuppression => ("A suppression has no effect.", "Remove it, or correct the rule's name."),
        ProblemKind::IgnoreFile => ("A line of an ignore file is not understood.", "Correct the line."),
        ProblemKind::Link => ("A symbolic link leads to nothing new.", "Correct or remove the link."),
        ProblemKind::TooMuchEncoded => {
            ("A file holds more encoded text than is decoded.", "Scan what it holds by itself, decoded.")
        }
        ProblemKind::TooComplex => {
            ("Not every way that data may take was followed.", "Split what nests deep, or calls itself in many ways.")
        }
        ProblemKind::ArchiveLimit => ("An archive holds more than is unpacked.", "Unpack it and scan the folder."),
        ProblemKind::Elsewhere => ("What stands here leads to content in another place.", "Scan it there."),
        ProblemKind::Interrupted => ("The scan was ended before it was done.", "Run it again."),
        ProblemKind::Truncated => ("The report was cut to its readers' limits.", "Scan parts of the tree."),
    }
}

/// The notification of a problem; `index` is its kind's place among the driver's notifications.
pub(super) fn notification(problem: &Problem, index: usize) -> Notification {
    let level = problem_level(problem.kind);
    let descriptor = ReportingDescriptorReference::builder().id(problem.kind.id()).index(index as i64).build();
    let mut built =
        Notification::builder().descriptor(descriptor).level(level).message(message(&problem.message)).build();
    built.locations = problem.origin.as_ref().map(|origin| {
        let region = problem.line.map(|line| Region::builder().start_line(i64::from(line)).build());
        vec![at(origin, region)]
    });
    built
}
