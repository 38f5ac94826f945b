//! Tests of the text format.

use super::*;
use crate::blob::Origin;
use crate::error::{Problem, ProblemKind};
use crate::finding::Related;
use crate::format::sample;
use std::sync::Arc;

fn written(report: &Report, options: &TextOptions) -> String {
    let mut out = Vec::new();
    write(report, options, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("text is UTF-8")
}

#[test]
fn whole_report() {
    let options = TextOptions { elapsed: Some(Duration::from_millis(310)), ..TextOptions::default() };
    insta::assert_snapshot!(written(&sample::report(), &options));
}

#[test]
fn suppressed_findings_when_asked_for() {
    let mut report = sample::report();
    report.findings.clear();
    report.problems.clear();
    insta::assert_snapshot!(written(&report, &TextOptions { show_suppressed: true, ..TextOptions::default() }));
}

#[test]
fn terse() {
    insta::assert_snapshot!(written(
        &sample::report(),
        &TextOptions { style: TextStyle::Terse, ..TextOptions::default() }
    ));
}

#[test]
fn nothing_found() {
    let mut report = sample::report();
    report.findings.clear();
    report.suppressed.clear();
    report.problems.clear();
    assert_eq!(written(&report, &TextOptions::default()), "No findings; 1234 files, 5.7 MB\n");
}

#[test]
fn carets_stand_under_the_highlight() {
    let text = written(&sample::report(), &TextOptions::default());
    let at = text.lines().position(|line| line.contains("(\"AKIA")).expect("the line is shown");
    let lines: Vec<&str> = text.lines().collect();
    // Emoji and CJK take two columns each.
    let width =
        |text: &str| text.chars().map(|letter| if matches!(letter, '🔥' | '日') { 2 } else { 1 }).sum::<usize>();
    let before = lines[at].split("AKIA").next().expect("a split has a first part");
    assert_eq!(width(before), lines[at + 1].find('^').expect("carets stand below"));
    assert_eq!(lines[at + 1].matches('^').count(), "AKIA…(20 characters)".chars().count());
}

#[test]
fn color_only_when_wanted() {
    assert!(!written(&sample::report(), &TextOptions::default()).contains('\u{1b}'));
    let colored = written(&sample::report(), &TextOptions { color: true, ..TextOptions::default() });
    assert!(colored.contains("\u{1b}["));
    let plain = written(&sample::report(), &TextOptions::default());
    assert_eq!(without_styles(&colored), plain);
}

/// Drops `ESC [ … m`, and nothing else that begins with an escape.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_digit() && letter != ';').expect("a style ends");
        assert!(part[end..].starts_with('m'), "{part:?}");
        plain.push_str(&part[end + 1..]);
    }
    plain
}

/// Clears the screen, rings, sets a title, turns the direction, breaks the line.
const HOSTILE: &str = "\u{1b}[2J\u{7}\u{1b}]0;x\u{9c}\u{9b}1m\u{202e}\r\n\u{2028}";

#[test]
fn scanned_files_cannot_speak_to_the_terminal() {
    let mut report = sample::report();
    let finding = &mut report.findings[0];
    finding.location.origin = Arc::new(Origin {
        path: format!("a{HOSTILE}.py"),
        commit: Some(HOSTILE.to_owned()),
        member: Some(HOSTILE.to_owned()),
        blob: None,
    });
    finding.message = HOSTILE.to_owned();
    finding.excerpt.text = format!("{HOSTILE}AKIA…{HOSTILE}");
    finding.excerpt.highlight = HOSTILE.len()..HOSTILE.len() + 7;
    finding.facts = vec![(HOSTILE.to_owned(), HOSTILE.to_owned())];
    finding.related[0].location.origin = finding.location.origin.clone();
    report.findings[2].trace[0].note = HOSTILE.to_owned();
    report.suppressed[0].suppression.as_mut().expect("it is suppressed").reason = HOSTILE.to_owned();
    report.problems.push(Problem::at(Origin::path(HOSTILE), ProblemKind::Unreadable, HOSTILE));
    for style in [TextStyle::Full, TextStyle::Terse] {
        for color in [false, true] {
            let options = TextOptions { style, color, show_suppressed: true, ..TextOptions::default() };
            let text = without_styles(&written(&report, &options));
            let is_hostile =
                |letter: char| letter.is_control() && letter != '\n' || "\u{202e}\u{2028}".contains(letter);
            let hostile = text.chars().find(|&letter| is_hostile(letter));
            assert_eq!(hostile, None, "{text}");
            assert!(text.contains(r"a\u{1b}[2J\u{7}"), "{text}");
        }
    }
}

#[test]
fn odd_excerpts_are_shown() {
    let mut report = sample::report();
    report.findings[0].excerpt.text.clear();
    report.findings[0].excerpt.highlight = 0..0;
    report.findings[1].excerpt.highlight = 27..27;
    report.findings[2].excerpt.text = format!("{}db.execute(q){}", "x ".repeat(500), " y".repeat(500));
    report.findings[2].excerpt.highlight = 1000..1013;
    let text = written(&report, &TextOptions { width: 80, ..TextOptions::default() });
    let line = text.lines().find(|line| line.contains("x db.execute(q) y")).expect("the line is shown");
    assert!(line.chars().count() <= 80, "{line}");
    let carets = text.lines().find(|line| line.contains("^^^^^^^^^^^^^")).expect("carets stand below");
    assert_eq!(line.find("db."), carets.find('^'));
    assert!(text.contains("--> app/[id]/settings 1.py:2:16\n"), "{text}");
}

#[test]
fn many_problems_are_counted() {
    let mut report = sample::report();
    let origin = |at: usize| Origin::path(format!("{at}.js"));
    let problem = |at| Problem::at(origin(at), ProblemKind::SyntaxError, "the syntax is broken");
    report.problems = (0..30).map(problem).collect();
    let text = written(&report, &TextOptions::default());
    let lines = "warning[syntax-error]: the syntax is broken, at 30 places\n  0.js\n  1.js\n  2.js\n  27 more;";
    assert!(text.contains(lines), "{text}");
    let text = written(&report, &TextOptions { verbose: true, ..TextOptions::default() });
    assert_eq!(text.matches("the syntax is broken").count(), 30);
}

#[test]
fn what_was_not_examined_is_named_one_by_one() {
    let mut report = sample::report();
    let problem = |at: usize| Problem::at(Origin::path(format!("{at}.js")), ProblemKind::Unreadable, "no access");
    report.problems = (0..30).map(problem).collect();
    let text = written(&report, &TextOptions::default());
    assert_eq!(text.matches("no access").count(), 20);
    assert!(text.contains("error[unreadable]: 10 more; `--verbose` names them all"), "{text}");
}

#[test]
fn a_rule_is_explained_once_and_many_findings_are_counted_by_rule() {
    let mut report = sample::report();
    let key = report.findings[0].clone();
    report.findings.extend(std::iter::repeat_n(key, 10));
    let text = written(&report, &TextOptions::default());
    assert_eq!(text.matches("= why: Whoever reads it acts as the account's owner.").count(), 1);
    assert!(text.contains("critical    11  aws-access-key        AWS access key\n"), "{text}");
    assert!(text.contains("13 findings in 24 places ("), "{text}");
}

#[test]
fn places_of_one_file_share_its_name() {
    let mut report = sample::report();
    let first = report.findings[0].related[0].clone();
    let mut places: Vec<Related> = (1..=30).map(|_| first.clone()).collect();
    places[1].location.start.line = 7;
    places[2].fingerprint = None;
    places[2].note = "its key id".to_owned();
    report.findings[0].related = places;
    let text = written(&report, &TextOptions::default());
    assert!(text.contains("= also at: b.py:1,7,1"), "{text}");
    assert!(text.contains(", 9 more places (`--verbose` names them all)"), "{text}");
    assert!(text.contains("= note: its key id: b.py:1:6"), "{text}");
    let text = written(&report, &TextOptions { verbose: true, ..TextOptions::default() });
    assert!(!text.contains("more place"), "{text}");
}
