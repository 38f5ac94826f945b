//! Tests of the SARIF format.

use super::*;
use crate::blob::Origin;
use crate::finding::Related;
use crate::finding::Severity;
use crate::format::sample;
use serde_json::Value;

fn written(report: &Report, options: &SarifOptions) -> (String, Vec<Problem>) {
    let mut out = Vec::new();
    let cuts = write(report, options, &mut out).expect("a vector takes everything");
    (String::from_utf8(out).expect("JSON is UTF-8"), cuts)
}

fn parsed(report: &Report, options: &SarifOptions) -> (Value, Vec<Problem>) {
    let (text, cuts) = written(report, options);
    let mut log: Value = serde_json::from_str(&text).expect("it is JSON");
    (log["runs"][0].take(), cuts)
}

fn options() -> SarifOptions {
    SarifOptions { version: "1.2.3".to_owned(), ..SarifOptions::default() }
}

#[test]
fn whole_report() {
    let (text, cuts) = written(&sample::report(), &options());
    assert!(cuts.is_empty());
    insta::assert_snapshot!(text);
}

/// `tests/sarif/validate.sh` reads these: with `AUTOCLAVE_SARIF_OUT=folder`, a plain and a full report.
#[test]
fn reports_for_the_validator() {
    let Some(folder) = std::env::var_os("AUTOCLAVE_SARIF_OUT") else { return };
    let folder = std::path::PathBuf::from(folder);
    let full = SarifOptions {
        category: Some("nightly".to_owned()),
        include_suppressed: true,
        start_time: Some("2026-11-23T10:00:00Z".to_owned()),
        end_time: Some("2026-11-23T10:00:01Z".to_owned()),
        provenance: vec![repository()],
        ..options()
    };
    let mut empty = sample::report();
    empty.findings.clear();
    empty.problems.clear();
    for (name, report, options) in
        [("plain", sample::report(), options()), ("full", edge_cases(), full), ("empty", empty, options())]
    {
        std::fs::write(folder.join(format!("{name}.sarif")), written(&report, &options).0)
            .expect("the folder is writable");
    }
}

fn repository() -> Provenance {
    Provenance {
        uri: "https://example.org/team/app.git".to_owned(),
        revision: Some("1".repeat(40)),
        branch: Some("main".to_owned()),
    }
}

#[test]
fn repositories_are_named() {
    let options = |provenance| SarifOptions { provenance, ..options() };
    let (run, _) = parsed(&sample::report(), &options(vec![repository()]));
    let from = &run["versionControlProvenance"][0];
    assert_eq!(from["repositoryUri"], "https://example.org/team/app.git");
    assert_eq!((from["revisionId"].as_str(), from["branch"].as_str()), (Some(&*"1".repeat(40)), Some("main")));
    assert_eq!(from["mappedTo"]["uriBaseId"], "%SRCROOT%");
    let bare = Provenance { revision: None, branch: None, ..repository() };
    let (run, _) = parsed(&sample::report(), &options(vec![repository(), bare]));
    assert_eq!(run["versionControlProvenance"][1], serde_json::json!({"repositoryUri": repository().uri}));
    assert!(parsed(&sample::report(), &options(Vec::new())).0.get("versionControlProvenance").is_none());
}

/// Absolute paths, archive members, commits, empty spans, links in messages, long flows.
fn edge_cases() -> Report {
    let mut report = sample::report();
    let origin =
        Origin { path: "a.zip".into(), commit: Some("0".repeat(40)), member: Some("x/y.py".into()), blob: None };
    report.findings[0].location.origin = std::sync::Arc::new(origin);
    report.findings[0].message = "see [here](https://example.com) {0}".into();
    report.findings[1].location.origin = std::sync::Arc::new(Origin::path("/home/a b/key.pem"));
    report.findings[1].location.end = report.findings[1].location.start;
    report.findings[1].excerpt.highlight = 0..0;
    let step = report.findings[2].trace[0].clone();
    report.findings[2].trace.extend(std::iter::repeat_n(step, 1500));
    let location = report.findings[2].location.clone();
    report.findings[2].related = vec![Related { location, note: "the [same]".into(), fingerprint: None }; 120];
    report
}

#[test]
fn suppressed_findings_are_left_out_or_marked() {
    let (run, _) = parsed(&sample::report(), &options());
    assert_eq!(run["results"].as_array().map(Vec::len), Some(3));
    assert!(run["results"][0].get("suppressions").is_none());
    let (run, _) = parsed(&sample::report(), &SarifOptions { include_suppressed: true, ..options() });
    assert_eq!(run["results"][0]["suppressions"], serde_json::json!([]));
    let marked = &run["results"][2];
    assert_eq!(marked["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "tests/key.pem");
    assert_eq!(marked["suppressions"][0]["kind"], "inSource");
    assert_eq!(marked["suppressions"][0]["justification"], "made for the tests");
}

#[test]
fn too_many_results_keep_the_gravest_in_order() {
    let mut report = sample::report();
    report.findings[0].severity = Severity::Low;
    let (run, cuts) = parsed(&report, &SarifOptions { max_results: 2, ..options() });
    let results = run["results"].as_array().expect("a list");
    let rules: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    assert_eq!(rules, ["pem-private-key", "python-sql-injection"]);
    assert_eq!(run["results"][1]["ruleIndex"], 1);
    assert_eq!(run["tool"]["driver"]["rules"].as_array().map(Vec::len), Some(2));
    assert_eq!(cuts.len(), 1);
    assert_eq!(cuts[0].message, "the report holds the 2 gravest of 3 findings");
    let notifications = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notifications.contains("the report holds the 2 gravest of 3 findings"), "{notifications}");
}

#[test]
fn long_parts_are_cut_and_told() {
    let (run, cuts) = parsed(&edge_cases(), &options());
    let result = &run["results"][2];
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(99));
    let message = result["message"]["text"].as_str().expect("a text");
    assert!(message.contains(r" The \[same\]: [web.py:4](1), [web.py:4](2), "), "{message}");
    assert!(message.ends_with("[web.py:4](5), and 115 more places."), "{message}");
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("a list");
    assert_eq!(steps.len(), 1000);
    assert_eq!(steps[2]["location"]["message"]["text"], "run as SQL");
    assert_eq!((&steps[0]["importance"], &steps[999]["importance"]), (&"essential".into(), &"essential".into()));
    assert_eq!(cuts.len(), 2, "{cuts:?}");
}

#[test]
fn links_show_the_end_of_a_long_path() {
    let mut report = sample::report();
    let origin = Origin::path(format!("{}resources/client.key", "long/".repeat(30)));
    report.findings[0].related[0].location.origin = std::sync::Arc::new(origin);
    let (run, _) = parsed(&report, &options());
    let message = run["results"][0]["message"]["text"].as_str().expect("a text");
    assert!(message.ends_with("/long/long/resources/client.key:1](1)."), "{message}");
    assert!(message.contains("[…/long/") && message.len() < 200, "{message}");
}

#[test]
fn long_texts_and_many_tags_are_cut() {
    let mut report = sample::report();
    report.findings[0].message = "é".repeat(5000);
    report.findings[1].message = "é".repeat(5000);
    let (run, _) = parsed(&report, &options());
    let message = |at: usize| run["results"][at]["message"]["text"].as_str().expect("a text");
    assert!(message(0).contains("é…. The same secret: [b.py:1](1)."), "{}", message(0));
    assert!(message(0).chars().count() <= text_limits::MESSAGE);
    assert_eq!(message(1).chars().count(), text_limits::MESSAGE);
    for rule in run["tool"]["driver"]["rules"].as_array().expect("a list") {
        assert!(rule["properties"]["tags"].as_array().expect("a list").len() <= text_limits::TAGS);
    }
}

#[test]
fn places_outside_the_tree_and_inside_archives() {
    let (run, _) = parsed(&edge_cases(), &options());
    let location = &run["results"][0]["locations"][0];
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], "a.zip!/x/y.py");
    assert_eq!(location["properties"]["commit"], "0".repeat(40));
    let message = r"see \[here\](https://example.com) {0}. The same secret: [b.py:1](1).";
    assert_eq!(run["results"][0]["message"]["text"], message);
    let artifact = &run["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(artifact, &serde_json::json!({ "uri": "file:///home/a%20b/key.pem" }));
}

#[test]
fn category_and_times_only_when_given() {
    let (run, _) = parsed(&sample::report(), &options());
    assert!(run.get("automationDetails").is_none());
    assert!(run["invocations"][0].get("endTimeUtc").is_none());
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let given =
        SarifOptions { category: Some("web/".into()), end_time: Some("2026-11-23T10:00:01Z".into()), ..options() };
    let (run, _) = parsed(&sample::report(), &given);
    assert_eq!(run["automationDetails"]["id"], "web/");
    assert_eq!(run["invocations"][0]["endTimeUtc"], "2026-11-23T10:00:01Z");
}
