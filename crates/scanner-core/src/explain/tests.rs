//! Tests of explanations: what is said of a line agrees with what a scan reports, for every rule.

use super::*;
use crate::input::Memory;
use crate::rule::{RuleTests, rule_tests};
use rayon::prelude::*;

fn scanner() -> Scanner {
    Scanner::new().expect("the built-in rules load")
}

/// Put together here, so that no scanner finds it in this file.
fn token() -> String {
    ["glpat", "q8Zr2LmX0vTn5KwYb7Hd"].join("-")
}

/// What one rule says of a line, whose text it must not give away.
fn said(path: &str, text: &str, line: u32, rule: &str) -> Vec<String> {
    let told = scanner().explain(path, text.as_bytes(), line, Some(rule));
    told.rules.iter().map(|judgement| judgement.outcome.to_string()).collect()
}

#[test]
fn says_what_counted_and_what_ruled_out() {
    let scanner = scanner();
    let text = format!("a = 1\nDB_PASSWORD={}\nDB_PASSWORD=changeme\n", ["blue", "Tractor19"].concat());
    let told = scanner.explain(".env", text.as_bytes(), 2, None);
    let value = told.values.first().expect("the pair is judged");
    assert_eq!((&*value.rule, value.name.as_str()), ("generic-password", "DB_PASSWORD"));
    assert_eq!(value.confidence, Some(Confidence::High));
    assert!(value.score.points() > 0 && !value.value.contains("Tractor"), "{value:?}");
    assert_eq!(told.findings.iter().filter(|finding| &*finding.rule == "generic-password").count(), 1);
    let told = scanner.explain(".env", text.as_bytes(), 3, None);
    assert_eq!(told.values.first().and_then(|value| value.score.veto), Some("a placeholder"));
    assert!(scanner.explain(".env", text.as_bytes(), 1, None).values.is_empty());
    assert!(scanner.explain(".env", text.as_bytes(), 99, None).rules.is_empty());
}

#[test]
fn says_what_does_not_fit_a_token() {
    let rule = "gitlab-pat";
    let of = |value: &str| said("a.txt", &format!("x\nuse {value} here\n"), 2, rule).join("; ");
    assert_eq!(of(&token()), "reported");
    assert!(of("glpat-q8Zr2").starts_with("not reported: too short"), "{}", of("glpat-q8Zr2"));
    assert!(of(&format!("x{}", token())).contains("right before it"), "{}", of(&format!("x{}", token())));
    assert!(of(&token().to_uppercase()).contains("another case"));
    assert!(of("glpat-xxxxxxxxxxxxxxxxxxxx").contains("a stand-in"));
    assert!(of("nothing").contains("none of its literals (`glpat-`"), "{}", of("nothing"));
}

#[test]
fn says_what_became_of_what_was_found() {
    let merged = format!("url = https://oauth2:{}@gitlab.com/a/b.git\n", token());
    let told = scanner().explain("a.txt", merged.as_bytes(), 1, None);
    let outcomes: Vec<&Outcome> = told.rules.iter().map(|judgement| &judgement.outcome).collect();
    assert!(outcomes.contains(&&Outcome::Reported(0)), "{outcomes:?}");
    assert!(outcomes.contains(&&Outcome::Merged("gitlab-pat".into())), "{outcomes:?}");
    let pair = format!("TOKEN={}\n", token());
    let told = scanner().explain("a.txt", pair.as_bytes(), 1, Some("generic-token"));
    assert_eq!(told.values[0].outcome, Some(Outcome::Merged("gitlab-pat".into())));
    let marker = ["autoclave", "ignore"].join(":");
    let hushed = format!("{} # {marker}\n", token());
    let told = scanner().explain("a.txt", hushed.as_bytes(), 1, Some("gitlab-pat"));
    assert!(told.findings[0].suppression.is_some() && told.rules[0].outcome == Outcome::Reported(0));
}

#[test]
fn says_why_the_name_of_a_file_is_no_finding() {
    let secret = ["pass", "word river7"].concat();
    let netrc = format!("machine a\n{secret}\nmachine b\npassword changeme\n");
    assert_eq!(
        said(".netrc", &netrc, 1, "netrc-file"),
        ["not reported: the file's form shows no credential on this line"]
    );
    assert_eq!(said(".netrc", &netrc, 2, "netrc-file"), ["reported"]);
    let open = said(".netrc", &netrc, 4, "netrc-file");
    assert_eq!(open, ["not reported: still to be filled in, or a reference to where the value stands"]);
    assert_eq!(said("a.txt", &netrc, 2, "netrc-file"), ["not reported: it is for files of other names"]);
    let content = said("x/id_rsa", "just text\n", 1, "ssh-private-key-file");
    assert_eq!(content, ["not reported: the file does not hold what the rule asks for"]);
}

/// What a rule alone makes of a line: whether it is reported, and whether anything is said of it.
fn verdict(scanner: &Scanner, path: &str, text: &str, line: u32) -> (bool, bool) {
    let rule = &scanner.rules().rules()[0];
    let told = scanner.explain(path, text.as_bytes(), line, Some(&rule.id));
    let shown = format!("{:?}", told.rules);
    for line in text.lines().filter(|line| line.len() > 40) {
        assert!(!shown.contains(line), "{}: {shown}", rule.id);
    }
    let reported = told.rules.iter().any(|judgement| matches!(judgement.outcome, Outcome::Reported(_)));
    let pair = matches!(rule.matcher, Matcher::Pair(_) | Matcher::Code(_));
    let reported = if pair { !told.findings.is_empty() } else { reported };
    assert_eq!(reported, !told.findings.is_empty(), "{}: {shown}", rule.id);
    (reported, reported || !told.rules.is_empty() || !told.values.is_empty())
}

fn check(scanner: &Scanner, tests: &RuleTests) -> Vec<String> {
    let clean = |sample: &str| sample.replace('·', "");
    let rule = &scanner.rules().rules()[0];
    let mut faults = Vec::new();
    let mut expect = |sample: &str, wanted: bool, (reported, told): (bool, bool)| {
        if reported != wanted || !told {
            faults.push(format!("{}: {sample}: reported {reported}, told {told}", rule.id));
        }
    };
    // Explanations do not tell of data flow yet.
    if matches!(rule.matcher, Matcher::Flow(_)) {
        return faults;
    }
    let is_name = matches!(rule.matcher, Matcher::Name(_));
    // Of a name rule the samples are paths, which content decides about.
    for (samples, wanted) in [(&tests.matches, true), (&tests.ignores, false)].into_iter().filter(|_| !is_name) {
        for sample in samples.iter().map(|sample| clean(sample)) {
            expect(&sample, wanted, verdict(scanner, "sample.txt", &sample, 1));
        }
    }
    for path in tests.ignores.iter().filter(|_| is_name).map(|path| clean(path)) {
        expect(&path, false, verdict(scanner, &path, "", 1));
    }
    // What needs further files cannot be told of one alone.
    for test in tests.tests.iter().filter(|test| test.more.is_empty()) {
        let marked = clean(&test.text);
        let text = marked.replace("«finding»", "").replace("«todo»", "").replace("«alarm»", "");
        for (line, content) in (1..).zip(marked.lines()) {
            let (reported, told) = verdict(scanner, &test.path, &text, line);
            // A finding may go on over lines that carry no mark.
            let wanted = content.contains("«finding»") || reported;
            expect(&format!("{}:{line}", test.path), wanted, (reported, told));
        }
    }
    faults
}

#[test]
fn samples_of_every_rule_are_explained_as_they_are_reported() {
    let tests = rule_tests(&[]).expect("the built-in rules are valid");
    let none = RuleTests::default();
    let sets = RuleSet::each(&[]).expect("the built-in rules are valid");
    let faults: Vec<String> = sets
        .into_par_iter()
        .flat_map_iter(|set| {
            let tests = tests.get(&*set.rules()[0].id).unwrap_or(&none);
            check(&Scanner::builder().build_with(set).expect("rules can be arranged"), tests)
        })
        .collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn says_what_became_of_data_at_a_sink() {
    let text = "\
import os, shlex, subprocess, sys
from flask import request
from helper import run
x = request.args['x']
os.system('ls ' + x)
os.system('ls ' + shlex.quote(x))
if x in ('a', 'b'):
    os.system('ls ' + x)
os.system('ls ' + unknown)
os.system('ls ' + sys.argv[1])
os.system('ls')
subprocess.run([x])
if False:
    os.system('ls ' + x)
print(x)
run(x)
";
    let of = |line| said("a.py", text, line, "command-injection").join("; ");
    assert_eq!(of(5), "", "it is reported");
    for (line, what) in [
        (6, "the data here from a.py:4 is made harmless for this kind of sink by `shlex.quote(x)` at a.py:6"),
        (8, "the data here from a.py:4 is shown to be harmless for this kind of sink by `x in ('a', 'b')` at a.py:7"),
        (9, "what comes here was not found to come from outside"),
        (10, "the data here from a.py:10 is of the kind `local`, which the rule does not look for"),
        (11, "only what is known before the program runs comes here"),
        (14, "this line is never come to"),
        (15, "nothing on this line is known to be a sink of the kind `command`"),
    ] {
        assert!(of(line).starts_with(&format!("not reported: {what}")), "{line}: {}", of(line));
    }
    let none = said("a.py", "import os\nos.system('ls')\n", 2, "command-injection").join("; ");
    assert_eq!(none, "not reported: no data comes in in this file or in one that imports it");
    // Unasked, what was made harmless is told.
    let told = scanner().explain("a.py", text.as_bytes(), 6, None);
    assert!(told.rules.iter().any(|told| &*told.rule == "command-injection"), "{:?}", told.rules);
}

#[test]
fn data_comes_from_other_files() {
    let app =
        "from flask import request\nfrom helper import run, quote\nrun(request.args['x'], quote(request.args['y']))\n";
    let helper =
        "import os, shlex\nquote = shlex.quote\ndef run(x, y):\n    os.system('ls ' + x)\n    os.system('ls ' + y)\n";
    let others = Memory::new().with("helper.py", "raise 'the old one'").with("app.py", app);
    let explain =
        |line| scanner().explain_among("helper.py", helper.as_bytes(), line, Some("command-injection"), Some(&others));
    let steps: Vec<String> =
        explain(4).findings[0].trace.iter().map(|step| step.location.origin.path.clone()).collect();
    assert_eq!(steps.first().map(String::as_str), Some("app.py"));
    let cleared = explain(5).rules[0].outcome.to_string();
    assert!(cleared.contains("from app.py:3 is made harmless"), "{cleared}");
    assert!(said("helper.py", helper, 4, "command-injection")[0].contains("no data comes in"));
}
