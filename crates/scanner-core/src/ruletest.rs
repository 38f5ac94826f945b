//! Runs the tests that rules carry: samples, small files with marks, and tokens drawn from shapes.

use crate::error::Error;
use crate::rule::proof::Check;
use crate::rule::shape::Shape;
use crate::rule::{Matcher, Rule, RuleSet, RuleTests, TextMatcher, Token, rule_tests};
use crate::scanner::Scanner;
use rayon::prelude::*;
use std::path::PathBuf;

/// The mark of a line that must give a finding.
const FINDING: &str = "«finding»";
/// The mark of a line that should give a finding and is known not to.
const TODO: &str = "«todo»";
/// Tokens drawn from each shape.
const DRAWS: u64 = 20;

/// What running the tests gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rules tested.
    pub rules: usize,
    /// Expectations that held.
    pub passed: usize,
    /// Expectations that did not, one sentence each, with the rule's id.
    pub failures: Vec<String>,
    /// Misses that are known (`«todo»`).
    pub known_misses: usize,
    /// Rules that have no test at all.
    pub untested: Vec<String>,
}

impl Outcome {
    fn add(mut self, other: Outcome) -> Outcome {
        self.rules += other.rules;
        self.passed += other.passed;
        self.failures.extend(other.failures);
        self.known_misses += other.known_misses;
        self.untested.extend(other.untested);
        self
    }

    fn expect(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        if holds { self.passed += 1 } else { self.failures.push(failure()) }
    }
}

/// Tests the built-in rules, or those at `paths`, each alone, in parallel.
///
/// # Errors
/// Rules that cannot be loaded.
pub fn run(paths: &[PathBuf]) -> Result<Outcome, Error> {
    let tests = rule_tests(paths)?;
    let none = RuleTests::default();
    let outcomes: Vec<Outcome> = RuleSet::each(paths)?
        .into_par_iter()
        .map(|set| {
            let id = set.rules()[0].id.to_string();
            Scanner::builder().build_with(set).map(|scanner| test_rule(&scanner, tests.get(&id).unwrap_or(&none)))
        })
        .collect::<Result<_, Error>>()?;
    Ok(outcomes.into_iter().fold(Outcome::default(), Outcome::add))
}

fn test_rule(scanner: &Scanner, tests: &RuleTests) -> Outcome {
    let rule = &scanner.rules().rules()[0];
    let mut outcome = Outcome { rules: 1, ..Outcome::default() };
    for (number, sample) in tests.matches.iter().enumerate() {
        let fires = fires(scanner, rule, &clean(sample));
        outcome.expect(fires, || format!("{}: match[{number}] is not found: {sample}", rule.id));
    }
    for (number, sample) in tests.ignores.iter().enumerate() {
        let fires = fires(scanner, rule, &clean(sample));
        outcome.expect(!fires, || format!("{}: ignore[{number}] is found: {sample}", rule.id));
    }
    for (number, test) in tests.tests.iter().enumerate() {
        test_file(scanner, rule, number, &test.path, &test.text, &mut outcome);
    }
    test_shapes(scanner, rule, &mut outcome);
    if outcome.passed + outcome.failures.len() + outcome.known_misses == 0 {
        outcome.untested.push(rule.id.to_string());
    }
    outcome
}

/// Drops what keeps a stored sample from looking like a credential.
fn clean(sample: &str) -> String {
    sample.replace('·', "")
}

fn fires(scanner: &Scanner, rule: &Rule, sample: &str) -> bool {
    match &rule.matcher {
        // Conditions on the content are for `[[rule.test]]`; a path alone tells of the globs.
        Matcher::Name(name) => {
            let folded = sample.to_lowercase();
            name.files.iter().any(|glob| glob.fits(&folded)) && !name.except.iter().any(|glob| glob.fits(&folded))
        }
        _ => !scanner.scan_bytes("sample.txt", sample.as_bytes()).findings.is_empty(),
    }
}

fn test_file(scanner: &Scanner, rule: &Rule, number: usize, path: &str, text: &str, outcome: &mut Outcome) {
    let text = clean(text);
    let bare = text.replace(FINDING, "").replace(TODO, "");
    let report = scanner.scan_bytes(path, bare.as_bytes());
    let found: Vec<u32> = report.findings.iter().map(|finding| finding.location.start.line).collect();
    for (line, content) in (1..).zip(text.lines()) {
        let fires = found.contains(&line);
        let place = || format!("{}: test[{number}] {path}:{line}", rule.id);
        if content.contains(TODO) {
            outcome.known_misses += usize::from(!fires);
            if fires {
                outcome.failures.push(format!("{}: marked as a known miss, but is found now: {content}", place()));
            }
        } else if content.contains(FINDING) {
            outcome.expect(fires, || format!("{}: is not found: {content}", place()));
        } else {
            outcome.expect(!fires, || format!("{}: is found: {content}", place()));
        }
    }
    if let Some(problem) = report.problems.iter().find(|problem| problem.kind.is_incomplete()) {
        outcome.failures.push(format!("{}: test[{number}] {problem}", rule.id));
    }
}

fn test_shapes(scanner: &Scanner, rule: &Rule, outcome: &mut Outcome) {
    match &rule.matcher {
        Matcher::Text(text) => {
            let Token::Shapes(shapes) = &text.token else { return };
            let near = text.near.first().map_or(String::new(), |word| format!("{word} "));
            let named = if text.named { "key" } else { "value" };
            for shape in shapes {
                for token in draw(shape, text.check, text.random) {
                    test_token(scanner, rule, &token, &near, named, outcome);
                    let cut: String = token.chars().take(token.chars().count().saturating_sub(1)).collect();
                    if !shapes.iter().any(|shape| shape.matches_whole(cut.as_bytes())) {
                        let text = format!("# {near}\n{named}='{cut}'\n");
                        let found = !scanner.scan_bytes(".env", text.as_bytes()).findings.is_empty();
                        outcome.expect(!found, || format!("{}: a cut token is found: {text}", rule.id));
                    }
                }
            }
        }
        Matcher::Pair(pair) => {
            let Some(name) = pair.names.first().map(|words| words.join("_")) else { return };
            // A rule for certain files is tested by its own samples.
            for token in
                pair.shapes.iter().filter(|_| pair.files.is_empty()).flat_map(|shape| draw(shape, pair.check, true))
            {
                let text = format!("{}=\"{token}\"\n", name.to_uppercase());
                let found = !scanner.scan_bytes(".env", text.as_bytes()).findings.is_empty();
                outcome.expect(found, || format!("{}: a drawn value is not found: {text}", rule.id));
            }
        }
        Matcher::Name(_) | Matcher::Code(_) | Matcher::Flow(_) => {}
    }
}

/// Tokens of a shape that pass its check; those that look like filler by chance are drawn again.
fn draw(shape: &Shape, check: Option<Check>, random: bool) -> Vec<String> {
    let draws = (0..DRAWS * 4).filter_map(|seed| match check {
        Some(check) => check.sample(shape, seed),
        None => Some(shape.sample(seed)),
    });
    let fits = |token: &String| {
        let body = &token[shape.prefix_len(token.as_bytes())..];
        !crate::detect::value::is_filler(body) && (!random || crate::detect::random::looks_random(body))
    };
    draws.filter(fits).take(DRAWS as usize).collect()
}

/// `named` is the name that the token is given.
fn test_token(scanner: &Scanner, rule: &Rule, token: &str, near: &str, named: &str, outcome: &mut Outcome) {
    let Matcher::Text(TextMatcher { token: Token::Shapes(shapes), .. }) = &rule.matcher else { return };
    let contexts = [
        (".env", format!("# {near}\n{named}={token}\n")),
        ("app.yml", format!("# {near}\n{named}: {token}\n")),
        ("app.json", format!("{{\"{near}{named}\": \"{token}\"}}\n")),
        ("app.py", format!("# {near}\n{named} = '{token}'\n")),
        ("notes.txt", format!("We used {near}{named} {token} for it.\n")),
    ];
    for (path, text) in contexts {
        let found = !scanner.scan_bytes(path, text.as_bytes()).findings.is_empty();
        outcome.expect(found, || format!("{}: a drawn token is not found in {path}: {text}", rule.id));
    }
    // A token that opens or closes with a mark may touch a word.
    let edges = [token.as_bytes().first(), token.as_bytes().last()];
    if !edges.iter().all(|edge| edge.is_some_and(u8::is_ascii_alphanumeric)) {
        return;
    }
    let glued = format!("x9Z{token}x9Z");
    if shapes.iter().any(|shape| shape.matches_whole(glued.as_bytes())) {
        return;
    }
    let glued = format!("# {near}\n{named} {glued}\n");
    let found = !scanner.scan_bytes("glued.txt", glued.as_bytes()).findings.is_empty();
    outcome.expect(!found, || format!("{}: a token inside a longer word is found: {glued}", rule.id));
}
