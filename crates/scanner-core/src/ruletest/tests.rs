//! Draws tokens from the shapes of all rules and finds them among all rules.

use super::*;
use crate::limits::Limits;
use crate::report::Report;
use std::collections::{BTreeMap, HashSet};

/// Tokens drawn from each shape in an ordinary run of the tests.
const FEW: usize = 20;
/// Tokens drawn by the thorough test, which a developer runs with `--ignored`.
const MANY: usize = 200;

fn scanner() -> Scanner {
    let limits = Limits { max_findings_per_rule: usize::MAX, ..Limits::default() };
    let rules = crate::rule::RuleOptions { audit: true, ..Default::default() };
    Scanner::builder().rules(rules).limits(limits).build().expect("the built-in rules are valid")
}

/// The lines of a report on which some rule that is not a guess from a name found something.
fn lines(report: &Report) -> HashSet<u32> {
    let guess = |rule: &str| match report.rules.get(rule).map(|rule| &rule.matcher) {
        Some(Matcher::Pair(pair)) => pair.shapes.is_empty(),
        matcher => matcher.is_none(),
    };
    let places = report.findings.iter().filter(|finding| !guess(&finding.rule)).flat_map(|finding| {
        let parts = finding.related.iter().map(|part| part.location.start.line);
        parts.chain([finding.location.start.line])
    });
    places.collect()
}

/// Finds `count` tokens of each shape of a rule in its contexts; gives those that were missed.
fn misses(scanner: &Scanner, rule: &Rule, count: usize) -> Vec<String> {
    let Matcher::Text(text) = &rule.matcher else { return Vec::new() };
    let Token::Shapes(shapes) = &text.token else { return Vec::new() };
    let tokens: Vec<String> = shapes.iter().flat_map(|shape| draw_text(text, shape).take(count)).collect();
    // Small documents, as files are: masking costs each secret a look at all others.
    tokens.chunks(40).flat_map(|tokens| missed_of(scanner, rule, text, tokens)).collect()
}

fn missed_of(scanner: &Scanner, rule: &Rule, text: &TextMatcher, tokens: &[String]) -> Vec<String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for token in tokens {
        for (path, sample) in contexts(text, token) {
            let file = files.entry(path).or_default();
            // What stands near one token must not vouch for the next.
            file.push_str(&sample);
            file.push_str("\n\n\n\n");
        }
    }
    let mut missed = Vec::new();
    for (path, file) in files {
        let found = lines(&scanner.scan_bytes(path, file.as_bytes()));
        let holds = |line: &str| tokens.iter().any(|token| line.contains(token));
        let wanted = (1..).zip(file.lines()).filter(|(_, line)| holds(line));
        missed.extend(
            wanted.filter(|(line, _)| !found.contains(line)).map(|(_, line)| format!("{}: {path}: {line}", rule.id)),
        );
    }
    missed
}

fn draw_all(count: usize) {
    let scanner = scanner();
    let missed: Vec<String> =
        scanner.rules().rules().iter().par_bridge().flat_map_iter(|rule| misses(&scanner, rule, count)).collect();
    let mut by_rule: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in &missed {
        let (rule, sample) = line.split_once(": ").unwrap_or((line, ""));
        by_rule.entry(rule).or_default().push(sample);
    }
    let shown = by_rule.iter().map(|(rule, missed)| format!("{rule}: {} missed, {}\n", missed.len(), missed[0]));
    assert!(missed.is_empty(), "{}", shown.collect::<String>());
}

#[test]
fn tokens_of_every_shape_are_found_among_all_rules() {
    draw_all(FEW);
}

#[test]
#[ignore = "takes minutes: a thousand samples of each shape"]
fn thousands_of_tokens_of_every_shape_are_found() {
    draw_all(MANY);
}

#[test]
fn built_in_rules_pass_their_tests_and_have_both_kinds() {
    let outcome = run(&[]).expect("the built-in rules are valid");
    assert!(outcome.failures.is_empty(), "{}", outcome.failures.join("\n"));
    assert!(outcome.untested.is_empty(), "{}", outcome.untested.join("\n"));
}

#[test]
fn identifiers_belong_to_rules_that_exist() {
    let scanner = scanner();
    let rules = scanner.rules();
    for rule in rules.rules().iter() {
        for id in rule.belongs_to.iter().flat_map(|belongs| &belongs.rules) {
            assert!(rules.knows(id), "{} belongs to `{id}`, which is no rule", rule.id);
        }
    }
}
