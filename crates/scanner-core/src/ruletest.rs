//! Runs the tests that rules carry: samples, small files with marks, and tokens drawn from shapes.

use crate::blob::{Blob, Input, Origin, Visitor};
use crate::error::Error;
use crate::finding::Finding;
use crate::rule::proof::Check;
use crate::rule::shape::Shape;
use crate::rule::syntax::TestSyntax;
use crate::rule::{Matcher, Rule, RuleSet, RuleTests, TextMatcher, Token, rule_tests};
use crate::scanner::Scanner;
use rayon::prelude::*;
use std::path::PathBuf;

/// The mark of a line that must give a finding.
const FINDING: &str = "«finding»";
/// The mark of a line that should give a finding and is known not to.
const TODO: &str = "«todo»";
/// The mark of a line that gives a finding and should not: a known false alarm.
const ALARM: &str = "«alarm»";
/// Tokens drawn from each shape.
const DRAWS: usize = 12;

/// What running the tests gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Rules tested.
    pub rules: usize,
    /// Expectations that held.
    pub passed: usize,
    /// Expectations that did not, one sentence each, with the rule's id.
    pub failures: Vec<String>,
    /// Misses and false alarms that are known (`«todo»`, `«alarm»`).
    pub known_misses: usize,
    /// What is not tested, a sentence each: rules without a sample that they must find, and such
    /// without one that they must leave alone.
    pub untested: Vec<String>,
    found: usize,
    left_alone: usize,
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

    /// A sample that must be found.
    fn expect_found(&mut self, found: bool, failure: impl FnOnce() -> String) {
        self.found += 1;
        if found { self.passed += 1 } else { self.failures.push(failure()) }
    }

    /// A sample that must be left alone.
    fn expect_nothing(&mut self, found: bool, failure: impl FnOnce() -> String) {
        self.left_alone += 1;
        if found { self.failures.push(failure()) } else { self.passed += 1 }
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
        outcome.expect_found(fires, || format!("{}: match[{number}] is not found: {sample}", rule.id));
    }
    for (number, sample) in tests.ignores.iter().enumerate() {
        let fires = fires(scanner, rule, &clean(sample));
        outcome.expect_nothing(fires, || format!("{}: ignore[{number}] is found: {sample}", rule.id));
    }
    for (number, test) in tests.tests.iter().enumerate() {
        test_file(scanner, rule, number, test, &mut outcome);
    }
    test_shapes(scanner, rule, &mut outcome);
    if outcome.found + outcome.known_misses == 0 {
        outcome.untested.push(format!("{}: has no sample that it must find", rule.id));
    }
    if outcome.left_alone == 0 {
        outcome.untested.push(format!("{}: has no sample that it must leave alone", rule.id));
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

/// The files of one test.
#[derive(Default)]
struct Files<'t>(Vec<(&'t str, String)>);

impl Input for Files<'_> {
    fn visit(&self, _threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        self.0.iter().for_each(|(path, text)| visitor.blob(Blob::new(Origin::path(*path), text.as_bytes())));
        Ok(())
    }
}

fn test_file(scanner: &Scanner, rule: &Rule, number: usize, test: &TestSyntax, outcome: &mut Outcome) {
    let TestSyntax { path, text, more } = test;
    let files: Vec<(&str, String)> = std::iter::once((path.as_str(), text.as_str()))
        .chain(more.iter().map(|file| (file.path.as_str(), file.text.as_str())))
        .map(|(path, text)| (path, clean(text)))
        .collect();
    let mut input = Files::default();
    for (path, text) in &files {
        input.0.push((path, text.replace(FINDING, "").replace(TODO, "").replace(ALARM, "")));
    }
    let report = match scanner.scan(&input) {
        Ok(report) => report,
        Err(error) => return outcome.failures.push(format!("{}: test[{number}] {error}", rule.id)),
    };
    let lines =
        files.iter().flat_map(|(path, text)| (1..).zip(text.lines()).map(move |(line, content)| (path, line, content)));
    for (path, line, content) in lines {
        let at = |finding: &Finding| finding.location.start.line == line && finding.location.origin.path == **path;
        let fires = report.findings.iter().any(at);
        let place = || format!("{}: test[{number}] {path}:{line}", rule.id);
        if content.contains(TODO) {
            outcome.known_misses += usize::from(!fires);
            if fires {
                outcome.failures.push(format!("{}: marked as a known miss, but is found now: {content}", place()));
            }
        } else if content.contains(ALARM) {
            outcome.known_misses += usize::from(fires);
            if !fires {
                outcome
                    .failures
                    .push(format!("{}: marked as a known false alarm, but is silent now: {content}", place()));
            }
        } else if content.contains(FINDING) {
            outcome.expect_found(fires, || format!("{}: is not found: {content}", place()));
        } else {
            outcome.expect_nothing(fires, || format!("{}: is found: {content}", place()));
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
            for token in shapes.iter().flat_map(|shape| draw_text(text, shape).take(DRAWS)) {
                test_token(scanner, rule, text, &token, outcome);
                test_edits(scanner, rule, text, shapes, &token, outcome);
            }
        }
        Matcher::Pair(pair) => {
            let Some(name) = pair.names.first().map(|words| words.join("_").to_uppercase()) else { return };
            // A rule for certain files is tested by its own samples.
            let shapes = pair.shapes.iter().filter(|_| pair.files.is_empty());
            for token in shapes.flat_map(|shape| draw(shape, pair.check, true).take(DRAWS)) {
                let text = format!("{name}=\"{token}\"\n");
                let found = finds(scanner, ".env", &text);
                outcome.expect_found(found, || format!("{}: a drawn value is not found: {text}", rule.id));
                let text = format!("ORDINAL=\"{token}\"\n");
                let found = finds(scanner, ".env", &text);
                outcome.expect_nothing(found, || format!("{}: a value without its name is found: {text}", rule.id));
            }
        }
        Matcher::Name(_) => {
            for path in ["src/main.rs", "README.md", "assets/logo.png"] {
                let found = fires(scanner, rule, path);
                outcome.expect_nothing(found, || format!("{}: an ordinary file is found: {path}", rule.id));
            }
        }
        Matcher::Code(_) | Matcher::Flow(_) => {}
    }
}

fn finds(scanner: &Scanner, path: &str, text: &str) -> bool {
    !scanner.scan_bytes(path, text.as_bytes()).findings.is_empty()
}

/// Tokens of a shape that pass its check, without end; those that look like filler by chance are
/// drawn again.
fn draw(shape: &Shape, check: Option<Check>, random: bool) -> impl Iterator<Item = String> {
    // A shape of which hardly a token fits is broken, and shall not take for ever.
    const TRIES: u64 = 10_000;
    let draws = (0..TRIES).filter_map(move |seed| match check {
        Some(check) => check.sample(shape, seed),
        None => Some(shape.sample(seed)),
    });
    draws.filter(move |token| {
        let body = &token[shape.prefix_len(token.as_bytes())..];
        !crate::detect::placeholder::is_filler(body) && (!random || crate::detect::random::has_random_part(body))
    })
}

/// As [`draw`], for a rule: a value that only its surroundings tell must not be a word.
fn draw_text(text: &TextMatcher, shape: &Shape) -> impl Iterator<Item = String> {
    let word = text.named && text.random;
    draw(shape, text.check, text.random).filter(move |token| !word || !crate::detect::random::is_one_word(token))
}

/// What must stand around a rule's tokens: a word of the provider, and a name.
fn surroundings(text: &TextMatcher) -> (String, &str) {
    let near = text.near.first().map_or(String::new(), |word| format!("{word} "));
    let named = match text.names.first() {
        Some(name) => name,
        None if text.named => "key",
        None => "value",
    };
    (near, named)
}

/// A token in the kinds of text that hold most of them, and one that only its name gives away in
/// the styles of names: path and text.
fn contexts(text: &TextMatcher, token: &str) -> Vec<(&'static str, String)> {
    let (near, named) = surroundings(text);
    let mut contexts = vec![
        (".env", format!("# {near}\n{named}={token}\n")),
        ("app.yml", format!("# {near}\n{named}: {token}\n")),
        ("app.json", format!("{{\"{near}{named}\": \"{token}\"}}\n")),
        ("app.py", format!("# {near}\n{named} = '{token}'\n")),
        ("notes.txt", format!("We used {near}{named} {token} for it.\n")),
    ];
    // A word with a mark of its own is no part of a name.
    let plain =
        near.trim_end().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !near.starts_with('_');
    if text.named && plain {
        let snake = format!("{near}_{named}").to_lowercase().replace([' ', '-'], "_");
        let words: Vec<&str> = snake.split('_').filter(|word| !word.is_empty()).collect();
        let upper = words.join("_").to_uppercase();
        let camel = words.iter().enumerate().map(|(at, word)| match word.split_at_checked(1).filter(|_| at > 0) {
            Some((first, rest)) => first.to_uppercase() + rest,
            None => (*word).to_owned(),
        });
        let camel: String = camel.collect();
        contexts.extend([
            ("pod.yaml", format!("- name: {upper}\n  value: \"{token}\"\n")),
            ("Settings.cs", format!("public string {camel} {{ get; set; }} = \"{token}\";\n")),
            ("client.ts", format!("connect({{ {camel}: '{token}' }});\n")),
            ("app.properties", format!("{}={token}\n", words.join("."))),
        ]);
    }
    contexts
}

fn test_token(scanner: &Scanner, rule: &Rule, text: &TextMatcher, token: &str, outcome: &mut Outcome) {
    for (path, text) in contexts(text, token) {
        let found = finds(scanner, path, &text);
        outcome.expect_found(found, || format!("{}: a drawn token is not found in {path}: {text}", rule.id));
    }
}

/// Holds a rule against what is nearly one of its tokens: cut, edited, glued to a word, or without
/// the words that must stand near.
fn test_edits(
    scanner: &Scanner,
    rule: &Rule,
    text: &TextMatcher,
    shapes: &[Shape],
    token: &str,
    outcome: &mut Outcome,
) {
    let (near, named) = surroundings(text);
    // What an alternative of the shape leaves out may follow a token.
    let fits = |token: &str| {
        let starts = (token.len().saturating_sub(48)..=token.len()).filter_map(|end| token.get(..end));
        starts.into_iter().any(|start| shapes.iter().any(|shape| shape.matches_whole(start.as_bytes())))
    };
    let mut silent = |what: &str, sample: String| {
        let found = finds(scanner, ".env", &sample);
        outcome.expect_nothing(found, || format!("{}: a token {what} is found: {sample}", rule.id));
    };
    let cut: String = token.chars().take(token.chars().count().saturating_sub(1)).collect();
    if !fits(&cut) {
        silent("cut at its end", format!("# {near}\n{named}='{cut}'\n"));
    }
    let prefix = shapes.iter().map(|shape| shape.prefix_len(token.as_bytes())).max().unwrap_or(0);
    let stub: String = token.chars().take(prefix + 4).collect();
    if !fits(&stub) {
        silent("of which little is left", format!("# {near}\n{named}='{stub}'\n"));
    }
    if text.check.is_some_and(|check| check.is_checksum()) {
        let last = if token.ends_with('0') { "1" } else { "0" };
        silent("with a broken checksum", format!("# {near}\n{named}='{cut}{last}'\n"));
    }
    if !text.near.is_empty() {
        silent("far from its provider", format!("value='{token}'\n"));
    }
    // A token that opens or closes with a mark may touch a word.
    let edges = [token.as_bytes().first(), token.as_bytes().last()];
    let glued = format!("x9Z{token}x9Z");
    if edges.iter().all(|edge| edge.is_some_and(u8::is_ascii_alphanumeric)) && !fits(&glued) {
        silent("inside a longer word", format!("# {near}\n{named} {glued}\n"));
    }
}

#[cfg(test)]
mod tests;
