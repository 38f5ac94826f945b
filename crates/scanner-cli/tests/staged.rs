//! What is staged, and what hooks and pull requests report of it.
#![cfg(feature = "git")]

mod common;

use common::{Run, Sandbox, found, token};

/// Another credential of the rule `test-token`.
fn other() -> String {
    token().replace("q8", "r9")
}

fn repository() -> Sandbox {
    Sandbox::new().init()
}

/// `path:line` of the findings of a scan of what is staged.
fn staged(sandbox: &Sandbox) -> Vec<String> {
    lines(&sandbox.run_own("scan", &["--staged", "--format", "json"]))
}

fn lines(run: &Run) -> Vec<String> {
    assert!(run.code < 2, "{run:?}");
    let report = run.json();
    let findings = report["findings"].as_array().expect("a report has findings");
    let place = |finding: &serde_json::Value| {
        format!("{}:{}", finding["path"].as_str().unwrap_or_default(), finding["start_line"])
    };
    findings.iter().map(place).collect()
}

#[test]
fn blobs_of_the_index_are_scanned_and_not_files() {
    let sandbox = repository();
    sandbox.write("a.conf", format!("value = {}\n", token()));
    assert_eq!(staged(&sandbox), [""; 0], "nothing is staged");
    sandbox.git(&["add", "a.conf"]);
    sandbox.write("a.conf", "clean\n");
    assert_eq!(staged(&sandbox), ["a.conf:1"], "before the first commit, all is new");
    sandbox.git(&["add", "a.conf"]);
    sandbox.write("a.conf", format!("value = {}\n", token()));
    assert_eq!(staged(&sandbox), [""; 0]);
}

#[test]
fn only_added_lines_are_reported_with_the_file_as_context() {
    let sandbox = repository();
    sandbox.write("sub/a.conf", format!("old = {}\n\n", token()));
    sandbox.commit("first");
    sandbox.write("sub/a.conf", format!("x\nold = {}\n\nnew = {}\n", token(), other()));
    assert_eq!(staged(&sandbox), [""; 0]);
    sandbox.git(&["add", "-A"]);
    assert_eq!(staged(&sandbox), ["sub/a.conf:4"]);
    sandbox.commit("second");
    assert_eq!(staged(&sandbox), [""; 0]);
}

#[test]
fn another_index_counts_as_in_a_partial_commit() {
    let sandbox = repository();
    sandbox.write("a", "x\n");
    sandbox.commit("first");
    sandbox.write("a", format!("{}\n", token()));
    let index = sandbox.path(".git/index").with_file_name("other");
    std::fs::copy(sandbox.path(".git/index"), &index).expect("it is there");
    let index = common::text(&index);
    sandbox.git_with(&["add", "a"], &[("GIT_INDEX_FILE", &index)]);
    assert_eq!(staged(&sandbox), [""; 0]);
    let mut command = sandbox.command();
    command.arg("hook").args(sandbox.own_rules()).env("GIT_INDEX_FILE", index);
    command.assert().code(1);
}

#[test]
fn what_is_only_meant_to_be_added_is_no_part_of_the_commit() {
    let sandbox = repository();
    sandbox.write("a", format!("{}\n", token()));
    sandbox.git(&["add", "-N", "a"]);
    assert_eq!(staged(&sandbox), [""; 0]);
}

#[test]
fn deleted_and_renamed_files_bring_in_nothing() {
    let sandbox = repository();
    let text: String = (0..20).map(|line| format!("line {line}\n")).collect();
    sandbox.write("a.conf", format!("{text}{}\n", token()));
    sandbox.write("b/c.conf", format!("{}\n", token()));
    sandbox.commit("first");
    sandbox.git(&["mv", "a.conf", "d.conf"]);
    sandbox.git(&["rm", "-q", "b/c.conf"]);
    assert_eq!(staged(&sandbox), [""; 0], "moved as it was");
    sandbox.write("d.conf", format!("{text}{}\n{}\n", token(), other()));
    sandbox.git(&["add", "-A"]);
    assert_eq!(staged(&sandbox), ["d.conf:22"], "moved and altered");
    sandbox.git(&["mv", "d.conf", "k.testkey"]);
    let all = found(&sandbox.run_own("scan", &["--staged", "--format", "json"]).json());
    assert_eq!(all, ["k.testkey:test-file", "k.testkey:test-token"], "the name is new");
}

#[test]
fn a_merge_reports_what_neither_side_had() {
    let sandbox = repository();
    sandbox.write("a", "1\n2\n3\n4\n5\n");
    sandbox.commit("base");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("a", format!("{}\n1\n2\n3\n4\n5\n", token()));
    sandbox.write("b", format!("{}\n", token()));
    sandbox.commit("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("a", "1\n2\n3\n4\n5\n6\n");
    sandbox.commit("main");
    sandbox.git(&["merge", "-q", "--no-commit", "side"]);
    assert_eq!(staged(&sandbox), [""; 0], "both were there before");
    sandbox.write("a", format!("{}\n1\n2\n3\n4\n5\n6\n{}\n", token(), other()));
    sandbox.git(&["add", "a"]);
    assert_eq!(staged(&sandbox), ["a:8"]);
}

#[test]
fn an_undecided_merge_is_told() {
    let sandbox = repository();
    for (branch, text) in [("main", "1\n"), ("side", "2\n"), ("main", "3\n")] {
        sandbox.git(&["checkout", "-q", "-B", branch]);
        sandbox.write("a", text);
        sandbox.commit(text);
        if text == "2\n" {
            sandbox.git(&["checkout", "-q", "-B", "main", "HEAD~1"]);
        }
    }
    assert!(!sandbox.git_command(&["merge", "-q", "side"]).output().expect("git runs").status.success());
    let run = sandbox.run_own("scan", &["--staged"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert!(run.stdout.contains("a: is not merged yet; nothing is staged of it"), "{run:?}");
}

#[test]
fn work_trees_submodules_and_links_are_seen_through() {
    let sandbox = repository();
    sandbox.write("a", "x\n");
    let commit = sandbox.commit("first");
    sandbox.git(&["worktree", "add", "-q", "wt", "-b", "other"]);
    sandbox.write("wt/a", format!("{}\n", token()));
    sandbox.git(&["-C", "wt", "add", "a"]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},module")]);
    assert_eq!(staged(&sandbox), [""; 0], "the submodule is a repository of its own");
    assert_eq!(sandbox.scan_in("wt", &["--staged"]).code, 1);
    let run = sandbox.scan_in("wt", &["--staged", "--format", "json"]);
    assert_eq!(lines(&run), ["a:1"]);
}

#[test]
fn every_version_of_the_index_is_read() {
    for version in ["2", "3", "4"] {
        let sandbox = repository();
        for file in ["in/a", "in/b", "in/deep/c", "other"] {
            sandbox.write(file, "x\n");
        }
        sandbox.commit("first");
        sandbox.write("in/b", format!("{}\n", token()));
        sandbox.write("in/new", format!("{}\n", token()));
        sandbox.git(&["update-index", "--index-version", version]);
        sandbox.git(&["add", "in/b"]);
        sandbox.git(&["add", "--intent-to-add", "in/new"]);
        assert_eq!(staged(&sandbox), ["in/b:1"], "version {version}");
    }
}

#[test]
fn split_and_sparse_indexes_are_read() {
    let sandbox = repository();
    for folder in ["in", "out/deep", "out/flat"] {
        sandbox.write(&format!("{folder}/a"), "x\n");
    }
    sandbox.commit("first");
    sandbox.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    sandbox.write("in/a", format!("{}\n", token()));
    sandbox.git(&["add", "in/a"]);
    assert_eq!(staged(&sandbox), ["in/a:1"]);
    sandbox.git(&["sparse-checkout", "disable"]);
    sandbox.git(&["update-index", "--split-index"]);
    assert_eq!(staged(&sandbox), ["in/a:1"]);
}

#[test]
fn excludes_and_ignore_files_hold() {
    let sandbox = repository();
    for file in ["a", "b/c", "d/e", "f"] {
        sandbox.write(file, format!("{}\n", token()));
    }
    sandbox.write(".autoclaveignore", "/d/\n");
    sandbox.write("autoclave.toml", "[scan]\nexclude = [\"b/\"]\n");
    sandbox.write(".gitignore", "f\n");
    sandbox.git(&["add", "-A"]);
    sandbox.git(&["add", "-f", "f"]);
    let all = found(&sandbox.run_own("scan", &["--staged", "--format", "json"]).json());
    assert_eq!(all, ["a:test-token", "f:test-token"], "what was added by force will be committed");
}

#[test]
fn a_hook_says_nothing_when_nothing_is_found() {
    let sandbox = repository();
    sandbox.write("a", "clean\n");
    sandbox.git(&["add", "a"]);
    let run = sandbox.run_own("hook", &[]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
    sandbox.write("a", format!("{}\n", token()));
    sandbox.git(&["add", "a"]);
    let run = sandbox.run_own("hook", &[]);
    assert!(run.code == 1 && run.stdout.contains("a:1"), "{run:?}");
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = sandbox.command();
    let output = command.arg("hook").current_dir(outside.path()).output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is in no git repository"));
}

#[test]
fn only_lines_that_are_new_since_a_commit_are_reported() {
    let sandbox = repository();
    sandbox.write("a", format!("{}\n", token()));
    sandbox.commit("first");
    sandbox.git(&["tag", "v1"]);
    sandbox.write("a", format!("{}\n{}\n", token(), other()));
    sandbox.commit("second");
    sandbox.git(&["mv", "a", "b"]);
    let since = |revision: &str| lines(&sandbox.run_own("scan", &["--diff", revision, "--format", "json"]));
    assert_eq!(since("v1"), ["b:2"]);
    assert_eq!(since("HEAD~1"), ["b:2"]);
    assert_eq!(since("HEAD"), [""; 0]);
    let run = sandbox.run_own("scan", &["--diff", "nowhere"]);
    assert!(run.code == 2 && run.stderr.contains("no branch, tag or commit is called so"), "{run:?}");
}

#[test]
fn a_pull_request_is_measured_from_where_it_left() {
    let sandbox = repository();
    sandbox.write("a", "x\n");
    sandbox.commit("base");
    sandbox.git(&["checkout", "-q", "-b", "topic"]);
    sandbox.write("b", format!("{}\n", token()));
    sandbox.commit("topic");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("a", "y\n");
    sandbox.commit("main goes on");
    sandbox.git(&["checkout", "-q", "topic"]);
    let run = sandbox.run_own("scan", &["--pr", "main", "--format", "json"]);
    assert_eq!(lines(&run), ["b:1"]);
    sandbox.git(&["checkout", "-q", "--orphan", "apart"]);
    sandbox.commit("no parents");
    let run = sandbox.run_own("scan", &["--pr", "main"]);
    assert!(run.code == 2 && run.stderr.contains("have no commit in common"), "{run:?}");
}
