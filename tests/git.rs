//! Holds a history of which only what is fresh is examined against one of which every version is examined whole.

use scanner_core::input::TreeOptions;
use scanner_core::input::git::{History, Repository, RepositoryOptions};
use scanner_core::{Report, Scanner};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Numbers that look drawn and are the same each time.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn text(&mut self, len: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..len).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }
}

fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
    }
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A line of a file: mostly prose, now and then a credential of some kind, put together here.
fn line(drawn: &mut Drawn) -> String {
    match drawn.below(40) {
        0 => format!("token = '{}'", ["glpat", &drawn.text(20)].join("-")),
        1 => format!("DB_PASSWORD={}", drawn.text(18)),
        2 => format!("    \"apiKey\": \"{}\",", drawn.text(32)),
        3 => format!("url = https://user:{}@example.com/", drawn.text(14)),
        4 => String::new(),
        5 => format!("key = \"{}\" +", ["gh", "p_"].concat()),
        _ => {
            let words = ["the", "quick", "value", "of", "this", "function", "returns", "a", "list"];
            (0..8).map(|_| words[drawn.below(words.len())]).collect::<Vec<_>>().join(" ")
        }
    }
}

/// Alters some lines: replaces, puts in, takes out, moves, cuts one in two.
fn edit(lines: &mut Vec<String>, drawn: &mut Drawn) {
    for _ in 0..=drawn.below(3) {
        let at = drawn.below(lines.len());
        match drawn.below(6) {
            0 | 1 => lines.insert(at, line(drawn)),
            2 => lines[at] = line(drawn),
            3 if lines.len() > 50 => drop(lines.remove(at)),
            4 => {
                let moved = lines.remove(at);
                let to = drawn.below(lines.len());
                lines.insert(to, moved);
            }
            _ => {
                let cut = lines[at].len() / 2;
                let rest = lines[at].split_off(cut);
                lines[at].push_str(&rest);
                lines[at].push(' ');
            }
        }
    }
}

fn repository(folder: &Path, seed: u64, names: &[&str]) {
    let mut drawn = Drawn(seed);
    git(folder, &["init", "-q", "-b", "main"]);
    let mut files: Vec<Vec<String>> = names.iter().map(|_| (0..200).map(|_| line(&mut drawn)).collect()).collect();
    for step in 0..30 {
        let which = drawn.below(files.len());
        edit(&mut files[which], &mut drawn);
        for (name, lines) in names.iter().zip(&files) {
            fs::write(folder.join(name), lines.join("\n")).expect("writable");
        }
        git(folder, &["add", "-A"]);
        git(folder, &["commit", "-q", "-m", &format!("step {step}"), "--allow-empty"]);
    }
    git(folder, &["repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50"]);
}

/// What makes findings the same, and where they come from.
fn findings(folder: &Path, fresh: bool) -> Vec<String> {
    let scanner = Scanner::builder().code(false).fresh(fresh).threads(2).build().expect("the built-in rules load");
    let repository = Repository::open(folder, &RepositoryOptions::default()).expect("it is a repository");
    let history = History::open(&repository, TreeOptions::default(), false, 2).expect("it can be read");
    let mut report: Report = scanner.scan(&history).expect("it can be read");
    history.attribute(&mut report, 2, &|path, bytes, seen| scanner.scan_version(path, bytes, seen).findings);
    let told = report.findings.iter().map(|finding| {
        let origin = &finding.location.origin;
        format!(
            "{} {} {}:{} {:?}",
            finding.fingerprint.0, finding.rule, origin.path, finding.location.start.line, origin.commit
        )
    });
    told.collect()
}

#[test]
fn what_is_fresh_holds_all_findings() {
    for seed in 1..4 {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        repository(folder.path(), seed, &["app.conf", "notes.txt", "config.json", "deploy.yml"]);
        let whole = findings(folder.path(), false);
        assert!(whole.len() > 20, "only {} findings", whole.len());
        assert_eq!(findings(folder.path(), true), whole, "seed {seed}");
    }
}

#[test]
fn a_credential_that_appears_where_two_pieces_meet_is_found() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut drawn = Drawn(9);
    let (head, tail) = (["glpat", &drawn.text(9)].join("-"), drawn.text(11));
    let filler: String = (0..300).map(|number| format!("line {number} of prose that stays\n")).collect();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    for text in [format!("{filler}t = {head}\n{tail}\n{filler}"), format!("{filler}t = {head}{tail}\n{filler}")] {
        fs::write(folder.path().join("a.conf"), text).expect("writable");
        git(folder.path(), &["add", "-A"]);
        git(folder.path(), &["commit", "-q", "-m", "x"]);
    }
    git(folder.path(), &["repack", "-q", "-a", "-d", "-f"]);
    assert_eq!(findings(folder.path(), true).len(), 1);
    assert_eq!(findings(folder.path(), true), findings(folder.path(), false));
}
