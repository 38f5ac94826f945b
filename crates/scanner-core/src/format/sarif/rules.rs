//! Describes in SARIF the rules and weaknesses that a report speaks of.

use super::text_limits as limits;
use crate::finding::{Confidence, Finding, Severity};
use crate::format::{Categories, HOMEPAGE, first_link, prose};
use crate::rule::{Rule, RuleSet, weakness};
use serde_json::{Value, json};
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference,
    ReportingDescriptorRelationship, ResultLevel, ToolComponent, ToolComponentReference,
};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of the results, by id; results name them by their place here.
pub(super) struct Rules<'r> {
    set: &'r RuleSet,
    ids: Vec<&'r str>,
}

impl<'r> Rules<'r> {
    /// The rules that `findings` are of, sorted by id.
    pub(super) fn of(findings: &[&'r Finding], set: &'r RuleSet) -> Rules<'r> {
        let ids: BTreeSet<&str> = findings.iter().map(|finding| &*finding.rule).collect();
        Rules { set, ids: ids.into_iter().collect() }
    }

    /// The place of a rule.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// The rule itself.
    pub(super) fn get(&self, id: &str) -> Option<&'r Rule> {
        self.set.get(id)
    }

    /// Their descriptions.
    pub(super) fn descriptors(&self) -> Vec<ReportingDescriptor> {
        self.ids.iter().map(|id| self.get(id).map_or_else(|| unknown(id), describe)).collect()
    }

    /// The list of the weaknesses they name; `None` when they name none.
    pub(super) fn weaknesses(&self) -> Option<ToolComponent> {
        let used: BTreeSet<u32> =
            self.ids.iter().filter_map(|id| self.get(id)).flat_map(|rule| rule.cwe.iter().copied()).collect();
        (!used.is_empty()).then(|| {
            ToolComponent::builder()
                .name("CWE")
                .full_name("Common Weakness Enumeration")
                .organization("MITRE")
                .short_description(text("The MITRE Common Weakness Enumeration."))
                .information_uri("https://cwe.mitre.org/")
                .is_comprehensive(false)
                .taxa(used.into_iter().map(taxon).collect::<Vec<_>>())
                .build()
        })
    }
}

/// How the driver says that its rules refer to the CWE list.
pub(super) fn cwe_reference() -> ToolComponentReference {
    ToolComponentReference::builder().name("CWE").index(0).build()
}

fn taxon(cwe: u32) -> ReportingDescriptor {
    let id = format!("CWE-{cwe}");
    let name = weakness(cwe).map_or(id.as_str(), |weakness| weakness.name.as_str());
    ReportingDescriptor::builder()
        .short_description(text(name))
        .help_uri(format!("https://cwe.mitre.org/data/definitions/{cwe}.html"))
        .id(id.clone())
        .build()
}

/// A finding of a rule that the rule set does not hold; a report should have none.
fn unknown(id: &str) -> ReportingDescriptor {
    ReportingDescriptor::builder()
        .id(id)
        .name(pascal_case(id))
        .short_description(text(id))
        .full_description(text(id))
        .help(text(id))
        .help_uri(HOMEPAGE)
        .build()
}

fn describe(rule: &Rule) -> ReportingDescriptor {
    let docs = rule.docs();
    let what = docs.what.as_deref().map(str::trim).filter(|what| !what.is_empty());
    let configuration = ReportingConfiguration::builder().level(level_value(rule.severity)).build();
    let mut descriptor = ReportingDescriptor::builder()
        .id(&*rule.id)
        .short_description(text(&prose::cut(&rule.title, limits::DESCRIPTION)))
        .full_description(text(&prose::cut(what.unwrap_or(rule.headline()), limits::DESCRIPTION)))
        .help(MultiformatMessageString::builder().text(help_text(rule)).markdown(rule.help_markdown()).build())
        .help_uri(first_link(rule).filter(|link| link.len() <= limits::URI).unwrap_or(HOMEPAGE))
        .default_configuration(configuration)
        .relationships(rule.cwe.iter().map(|&cwe| relationship(cwe)).collect::<Vec<_>>())
        .properties(PropertyBag::builder().tags(tags(rule)).additional_properties(properties(rule)).build())
        .build();
    // Validators want a name that is not the id; that of a single word would be.
    let name = pascal_case(&rule.id);
    descriptor.name = (!name.eq_ignore_ascii_case(&rule.id)).then(|| prose::cut(&name, limits::NAME).into_owned());
    descriptor
}

fn relationship(cwe: u32) -> ReportingDescriptorRelationship {
    let target =
        ReportingDescriptorReference::builder().id(format!("CWE-{cwe}")).tool_component(cwe_reference()).build();
    ReportingDescriptorRelationship::builder().target(target).kinds(vec!["superset".to_owned()]).build()
}

/// The rule's page without Markdown's heads.
fn help_text(rule: &Rule) -> String {
    let docs = rule.docs();
    let mut parts = vec![rule.title.clone()];
    parts.extend([&docs.what, &docs.why, &docs.fix].into_iter().flatten().map(|part| part.trim().to_owned()));
    if !docs.references.is_empty() {
        parts.push(docs.references.join("\n"));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// Ten at the most, which is what both GitHub and GitLab keep. GitHub reads `external/cwe/cwe-079`,
/// GitLab and DefectDojo read `CWE-79`.
fn tags(rule: &Rule) -> Vec<String> {
    let kind = if rule.is_secret() { "secret" } else { "sast" };
    let mut tags = vec!["security".to_owned(), kind.to_owned()];
    for cwe in rule.cwe.iter().take(limits::CWE_TAGS) {
        tags.push(format!("external/cwe/cwe-{cwe:03}"));
        tags.push(format!("CWE-{cwe}"));
    }
    for tag in &rule.tags {
        if tags.len() < limits::TAGS && !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    tags
}

fn properties(rule: &Rule) -> BTreeMap<String, Value> {
    let precision = match rule.confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    };
    let problem = match rule.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    };
    let mut all = BTreeMap::from([
        ("precision".to_owned(), json!(precision)),
        ("problem.severity".to_owned(), json!(problem)),
        ("security-severity".to_owned(), json!(security_severity(rule.severity))),
    ]);
    let categories = Categories::of(rule);
    for (list, entries) in
        [("owasp-2021", categories.owasp_2021), ("owasp-2025", categories.owasp_2025), ("scp", categories.scp)]
    {
        if !entries.is_empty() {
            all.insert(list.to_owned(), json!(entries));
        }
    }
    all
}

/// In GitHub's bands: above 9.0 critical, from 7.0 high, from 4.0 medium, above 0.0 low. It must be a string.
pub(super) fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.5",
    }
}

/// SARIF knows three levels of failure.
pub(super) fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Info => ResultLevel::Note,
    }
}

fn level_value(severity: Severity) -> Value {
    json!(level(severity))
}

fn pascal_case(id: &str) -> String {
    let capital = |(at, letter): (usize, char)| if at == 0 { letter.to_ascii_uppercase() } else { letter };
    id.split('-').flat_map(|word| word.chars().enumerate().map(capital)).collect()
}

pub(super) fn text(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}
