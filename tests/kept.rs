//! Holds reports of histories of which a cache tells what was examined against those that are made without it.

use scanner_core::format::json::{self, JsonOptions};
use scanner_core::input::TreeOptions;
use scanner_core::input::git::{History, Repository, RepositoryOptions};
use scanner_core::store::Store;
use scanner_core::{Blob, Error, Input, Origin, Problem, Progress, RuleOptions, Scanner, Stats, Visitor};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
        command.env(format!("GIT_{who}_DATE"), "2024-01-01T00:00:00Z");
    }
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// A credential, put together here.
fn token(number: usize) -> String {
    ["glpat", &format!("q8Zr2LmX0vTn5KwYb{number:03}")].join("-")
}

/// Lines with credentials, then lines of prose.
fn text(lines: std::ops::Range<usize>, tokens: &[usize]) -> String {
    let prose = lines.map(|line| format!("line {line} of a text that stays, {}\n", line * 7919 % 1000));
    tokens.iter().map(|&number| format!("token = {}\n", token(number))).chain(prose).collect()
}

fn commit(folder: &Path, path: &str, content: &str, message: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().expect("it lies in a folder")).expect("writable");
    fs::write(file, content).expect("writable");
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
}

/// A history, and how much of it was pushed; it may be ended early.
struct Counted<'c> {
    history: &'c History<'c>,
    progress: &'c Progress,
    pushed: AtomicUsize,
    stop_after: usize,
}

struct Counting<'c> {
    counted: &'c Counted<'c>,
    visitor: &'c dyn Visitor,
}

impl Input for Counted<'_> {
    fn visit(&self, threads: usize, visitor: &dyn Visitor) -> Result<(), Error> {
        self.history.visit(threads, &Counting { counted: self, visitor })
    }
}

impl Visitor for Counting<'_> {
    fn blob(&self, blob: Blob<'_>) {
        self.look(blob);
    }

    fn look(&self, blob: Blob<'_>) -> Option<Stats> {
        if self.counted.pushed.fetch_add(1, Ordering::Relaxed) == self.counted.stop_after {
            self.counted.progress.stop.store(true, Ordering::Relaxed);
        }
        self.visitor.look(blob)
    }

    fn known(&self, sums: &Stats) {
        self.visitor.known(sums);
    }

    fn wants_head(&self, origin: &Origin) -> bool {
        self.visitor.wants_head(origin)
    }

    fn is_stopped(&self) -> bool {
        self.visitor.is_stopped()
    }

    fn problem(&self, problem: Problem) {
        self.visitor.problem(problem);
    }
}

/// How a history is scanned.
#[derive(Clone, Copy)]
struct Scan<'s> {
    repository: &'s Path,
    cache: Option<&'s Path>,
    all_objects: bool,
    audit: bool,
    exclude: &'s str,
    stop_after: usize,
}

impl Scan<'_> {
    /// The report, and how many blobs and messages were pushed for it.
    fn report(self) -> (String, usize) {
        let store = self.cache.map(|folder| Arc::new(Store::open(folder).expect("it can be made")));
        let rules = RuleOptions { audit: self.audit, ..RuleOptions::default() };
        let scanner = Scanner::builder().rules(rules).code(false).cache(store).threads(2).build().expect("rules load");
        let repository = Repository::open(self.repository, &RepositoryOptions::default()).expect("it is a repository");
        let exclude = (!self.exclude.is_empty()).then(|| self.exclude.to_owned()).into_iter().collect();
        let options = TreeOptions { exclude, ..TreeOptions::default() };
        let history = History::open(&repository, options, self.all_objects, 2).expect("it can be read");
        let history = history.keep_on(scanner.shelf());
        let progress = Progress::default();
        let pushed = AtomicUsize::new(0);
        let counted = Counted { history: &history, progress: &progress, pushed, stop_after: self.stop_after };
        let mut report = scanner.scan_with(&counted, &progress).expect("it can be read");
        history.attribute(&mut report, 2, &|path, bytes, seen| scanner.scan_version(path, bytes, seen).findings);
        let mut json = Vec::new();
        json::write(&report, &JsonOptions::default(), &mut json).expect("memory is writable");
        (String::from_utf8(json).expect("JSON is UTF-8"), counted.pushed.into_inner())
    }

    /// That the report is the same with what was kept and without; gives how much was pushed with it.
    fn holds(self, what: &str) -> usize {
        let (plain, _) = Scan { cache: None, ..self }.report();
        let (kept, pushed) = self.report();
        assert_eq!(kept, plain, "{what}");
        pushed
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let below = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = below(folder).filter(|path| path.is_dir()).flat_map(|path| below(&path)).collect();
    files.sort();
    files
}

/// A repository with some versions of files, and a folder for a cache.
fn setup() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (repository, cache) = (folder.path().join("repository"), folder.path().join("cache"));
    fs::create_dir(&repository).expect("writable");
    git(&repository, &["init", "-q", "-b", "main"]);
    for step in 0..8 {
        commit(&repository, "a.txt", &text(0..300 + step, &[1]), &format!("a {step}"));
        commit(&repository, "notes.txt", &text(step..200, &[]), &format!("notes {step}"));
    }
    commit(&repository, "lib/b.txt", &text(0..100, &[2, 3]), &format!("b {}", token(4)));
    commit(&repository, "lib/b.txt", &text(0..100, &[3]), "gone");
    (folder, repository, cache)
}

fn scan<'s>(repository: &'s Path, cache: &'s Path) -> Scan<'s> {
    let (all_objects, audit, exclude, stop_after) = (false, false, "", usize::MAX);
    Scan { repository, cache: Some(cache), all_objects, audit, exclude, stop_after }
}

#[test]
fn only_what_is_new_is_examined() {
    let (_folder, repository, cache) = setup();
    let scan = scan(&repository, &cache);
    let first = scan.holds("nothing is kept");
    // What there is something to tell of is examined each time: some versions of two files, a message; and the names.
    let again = scan.holds("all is kept");
    assert!(again < 9 && first > 35, "{again} of {first}");
    git(&repository, &["repack", "-q", "-a", "-d", "-f", "--depth=50"]);
    assert!(scan.holds("stored in another way") <= again);
    commit(&repository, "notes.txt", &text(0..200, &[5]), "a secret");
    assert_eq!(scan.holds("a new version"), again + 2);
    commit(&repository, "c.txt", &text(0..300, &[1]), "an old secret in a new file");
    git(&repository, &["checkout", "-q", "-b", "side", "HEAD~4"]);
    commit(&repository, "notes.txt", &text(0..100, &[6, 6]), "side");
    git(&repository, &["checkout", "-q", "main"]);
    git(&repository, &["merge", "-q", "-X", "ours", "side", "-m", "merge"]);
    scan.holds("a branch");
    scan.holds("a branch that is kept");
    for path in entries(&cache) {
        let bytes = fs::read(&path).expect("readable");
        assert!(memchr::memmem::find(&bytes, token(1).as_bytes()).is_none(), "{}", path.display());
    }
}

/// Takes away what no branch leads to.
fn forget(repository: &Path) {
    git(repository, &["reflog", "expire", "--expire=now", "--all"]);
    let _ = fs::remove_file(repository.join(".git/ORIG_HEAD"));
    git(repository, &["gc", "-q", "--prune=now"]);
}

#[test]
fn what_another_version_told_of_is_told_when_that_is_gone() {
    let (_folder, repository, cache) = setup();
    let scan = scan(&repository, &cache);
    // Many versions hold it, one of them tells of it. All but the last go, then all but another.
    for step in 0..6 {
        commit(&repository, "d.txt", &text(0..400 + step, &[7]), "d");
    }
    for last in [5, 0, 3] {
        scan.holds("before");
        let tree = git(&repository, &["rev-parse", "HEAD:"]);
        git(&repository, &["reset", "-q", "--hard", "HEAD~6"]);
        git(&repository, &["commit", "-q", "--allow-empty", "-m", &format!("after {tree}")]);
        for _ in 0..5 {
            git(&repository, &["commit", "-q", "--allow-empty", "-m", "nothing"]);
        }
        commit(&repository, "d.txt", &text(0..400 + last, &[7]), "d");
        forget(&repository);
        let (report, _) = scan.report();
        assert!(report.contains("d.txt"), "{last}");
        scan.holds("rewritten");
        for step in 0..6 {
            commit(&repository, "d.txt", &text(0..400 + step, &[7]), "d");
        }
    }
}

#[test]
fn dangling_objects_and_other_settings_are_kept_apart() {
    let (folder, repository, cache) = setup();
    let scan = scan(&repository, &cache);
    fs::write(folder.path().join("dangling"), text(0..10, &[8])).expect("writable");
    git(&repository, &["hash-object", "-w", "../dangling"]);
    let all = Scan { all_objects: true, ..scan };
    for _ in 0..2 {
        scan.holds("what references lead to");
        all.holds("all objects");
        Scan { audit: true, ..scan }.holds("other rules");
        Scan { exclude: "lib/", ..scan }.holds("less files");
    }
    assert!(all.report().0.contains(&git(&repository, &["hash-object", "../dangling"])));
    // A second repository in the same cache.
    let (_other, other, _) = setup();
    commit(&other, "a.txt", &text(0..20, &[9]), "other");
    Scan { repository: &other, ..scan }.holds("another repository with the same files");
    scan.holds("the first one");
}

#[test]
fn an_interrupted_scan_goes_on_where_it_ended() {
    let (_folder, repository, cache) = setup();
    let whole = scan(&repository, &cache);
    let (plain, all) = Scan { cache: None, ..whole }.report();
    for stop_after in (1..all).step_by(5) {
        let _ = fs::remove_dir_all(&cache);
        let (report, _) = Scan { stop_after, ..whole }.report();
        assert!(report.contains("interrupted"), "{report}");
        let (report, pushed) = whole.report();
        assert_eq!(report, plain, "after {stop_after}");
        assert!(pushed <= all && (stop_after < 30 || pushed < all), "{pushed} of {all} after {stop_after}");
    }
}

#[test]
fn what_is_damaged_is_examined_again() {
    let (_folder, repository, cache) = setup();
    let scan = scan(&repository, &cache);
    let first = scan.holds("nothing is kept");
    for damage in [&(|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2)) as &dyn Fn(&mut Vec<u8>), &|bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }] {
        for path in entries(&cache) {
            let mut bytes = fs::read(&path).expect("readable");
            damage(&mut bytes);
            fs::write(&path, bytes).expect("writable");
        }
        assert_eq!(scan.holds("damaged"), first);
        assert!(scan.holds("repaired") < first);
    }
}
