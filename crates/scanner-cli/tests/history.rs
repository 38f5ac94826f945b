//! What a scan of history finds, and where it says that it comes from.
#![cfg(feature = "git")]

mod common;

use common::{Run, Sandbox, token};
use std::fs;
use std::path::PathBuf;

/// A further credential of the rule `test-token`.
fn nth(number: usize) -> String {
    let digits = format!("{number:02}");
    [&token()[..token().len() - 2], &digits].concat()
}

fn repository() -> Sandbox {
    Sandbox::new().init()
}

fn history(sandbox: &Sandbox, args: &[&str]) -> Run {
    sandbox.run_own("history", &[&["--format", "json"], args].concat())
}

/// `path:line` of each finding, and the subject of the commit that it came with.
fn found(run: &Run) -> Vec<String> {
    let report = run.json();
    let findings = report["findings"].as_array().expect("a report has findings");
    let name = |finding: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
        let subject = text(&finding["introduced"]["subject"]);
        format!("{}:{} {subject}", text(&finding["path"]), finding["start_line"])
    };
    let mut names: Vec<String> = findings.iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn what_was_deleted_renamed_merged_or_stashed_is_found_where_it_came_in() {
    let sandbox = repository();
    sandbox.write("gone.conf", format!("\n{}\n", nth(1)));
    sandbox.write("keep.conf", "x\n");
    sandbox.commit("gone");
    fs::remove_file(sandbox.path("gone.conf")).expect("it is there");
    sandbox.write("old.conf", format!("{}\n", nth(2)));
    sandbox.commit("old");
    sandbox.git(&["mv", "old.conf", "new.conf"]);
    sandbox.commit("new");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("side.conf", "y\n");
    sandbox.commit("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.commit("main");
    sandbox.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    sandbox.write("keep.conf", format!("x\n{}\n", nth(3)));
    sandbox.commit("merge");
    sandbox.write("keep.conf", format!("x\n{} and {}\n", nth(3), nth(4)));
    sandbox.commit("added");
    sandbox.write("keep.conf", format!("x\n{}\n", nth(3)));
    sandbox.commit("removed");
    sandbox.write("keep.conf", format!("x\n{}\n{}\n", nth(3), nth(5)));
    sandbox.git(&["stash", "-q"]);
    sandbox.git(&["tag", "-a", "v1", "-m", &nth(6)]);
    sandbox.git(&["notes", "add", "-m", &nth(7)]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", &format!("key\n\n{}", nth(8))]);
    let run = history(&sandbox, &[]);
    assert_eq!(run.code, 1, "{run:?}");
    let mut all = found(&run);
    let note = all.iter().position(|finding| finding.ends_with("Notes added by 'git notes add'")).expect("the note");
    all.remove(note);
    let stash = all.iter().position(|finding| finding.starts_with("keep.conf:3 WIP on main")).expect("the stash");
    all.remove(stash);
    let tag = all.iter().position(|finding| finding.starts_with("tag message:1")).expect("the tag");
    all.remove(tag);
    assert_eq!(
        all,
        ["commit message:3 key", "gone.conf:2 gone", "keep.conf:2 added", "keep.conf:2 merge", "old.conf:1 old"]
    );
    // The renamed file's other place is named, and where things stand today.
    let report = run.json();
    let finding =
        |path: &str| report["findings"].as_array().expect("a list").iter().find(|one| one["path"] == path).cloned();
    let renamed = finding("old.conf").expect("found");
    assert_eq!(renamed["related"][0]["path"], "new.conf");
    assert_eq!(renamed["introduced"]["present"], true);
    assert_eq!(renamed["introduced"]["author"], "Ada");
    assert_eq!(finding("gone.conf").expect("found")["introduced"]["present"], false);
}

#[test]
fn a_finding_is_called_as_in_a_scan_of_the_folder() {
    let sandbox = repository();
    sandbox.write("a/b.conf", format!("value = {}\n", token()));
    sandbox.commit("first");
    let prints = |run: &Run| run.json()["findings"][0]["fingerprint"].clone();
    assert_eq!(prints(&history(&sandbox, &[])), prints(&sandbox.scan(&["--format", "json"])));
}

#[test]
fn packed_and_loose_shared_and_bare_hold_the_same() {
    let sandbox = repository();
    for number in 0..12 {
        let text: String = (0..=number)
            .map(|line| format!("line {line} of many that stay, {}\n{}\n", line * 7919, nth(line)))
            .collect();
        sandbox.write("grown.conf", format!("{text}{number}\n"));
        sandbox.commit(&format!("step {number:02}"));
    }
    let loose = found(&history(&sandbox, &[]));
    assert_eq!(loose.len(), 12);
    assert!(loose.contains(&"grown.conf:24 step 11".to_owned()), "{loose:?}");
    sandbox.git(&["repack", "-q", "-a", "-d", "-f", "--depth=50"]);
    assert!(sandbox.git(&["verify-pack", "-v", &pack(&sandbox)]).contains("chain length = 1"), "there are deltas");
    assert_eq!(found(&history(&sandbox, &[])), loose, "packed");
    sandbox.write("more.conf", format!("{}\n", nth(50)));
    sandbox.commit("more");
    let both = found(&history(&sandbox, &[]));
    assert_eq!(both.len(), 13, "packed and loose");
    for (name, args) in [("bare", &["--bare"][..]), ("shared", &["--shared"]), ("mirror", &["--mirror"])] {
        sandbox.git(&[&["clone", "-q"], args, &[".", name]].concat());
        assert_eq!(found(&history(&sandbox, &[name])), both, "{name}");
    }
    sandbox.git(&["worktree", "add", "-q", "tree"]);
    assert_eq!(found(&history(&sandbox, &["tree"])), both, "work tree");
    let two = found(&history(&sandbox, &["bare", "shared", "--no-merge"]));
    assert_eq!(two.len(), 26, "several repositories");
}

fn pack(sandbox: &Sandbox) -> String {
    let folder = fs::read_dir(sandbox.path(".git/objects/pack")).expect("there is a pack");
    let mut files = folder.flatten().map(|entry| entry.path());
    let index: PathBuf = files.find(|file| file.extension().is_some_and(|end| end == "idx")).expect("an index");
    common::text(&index)
}

#[test]
fn long_hashes_are_read() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    sandbox.write("a.conf", format!("{}\n", token()));
    sandbox.commit("first");
    assert_eq!(found(&history(&sandbox, &[])), ["a.conf:1 first"]);
    sandbox.git(&["gc", "-q"]);
    assert_eq!(found(&history(&sandbox, &[])), ["a.conf:1 first"]);
    sandbox.write("a.conf", format!("{}\n{}\n", token(), nth(1)));
    sandbox.git(&["add", "-A"]);
    assert_eq!(sandbox.run_own("hook", &[]).code, 1);
}

#[test]
fn what_nothing_leads_to_is_found_when_asked_for() {
    let sandbox = repository();
    sandbox.write("a", "x\n");
    sandbox.commit("first");
    sandbox.write("dangling.conf", format!("{}\n", token()));
    sandbox.git(&["hash-object", "-w", "dangling.conf"]);
    fs::remove_file(sandbox.path("dangling.conf")).expect("it is there");
    assert_eq!(history(&sandbox, &[]).code, 0);
    let run = history(&sandbox, &["--all-objects"]);
    assert_eq!(found(&run).len(), 1, "{run:?}");
    assert_eq!(run.json()["findings"][0]["path"], run.json()["findings"][0]["blob"]);
}

#[test]
fn commits_that_only_a_log_knows_are_found() {
    let sandbox = repository();
    sandbox.commit("first");
    sandbox.write("a.conf", format!("{}\n", token()));
    sandbox.commit("dropped");
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(found(&history(&sandbox, &[])), ["a.conf:1 dropped"]);
    sandbox.git(&["reflog", "expire", "--expire=now", "--all"]);
    fs::remove_file(sandbox.path(".git/ORIG_HEAD")).expect("it is there");
    assert_eq!(history(&sandbox, &[]).code, 0);
}

#[test]
fn octopus_orphans_and_both_parents() {
    let sandbox = repository();
    sandbox.write("base", "x\n");
    sandbox.commit("base");
    for branch in ["one", "two", "three"] {
        sandbox.git(&["checkout", "-q", "-b", branch, "main"]);
        sandbox.write(&format!("{branch}.conf"), format!("{}\n", nth(branch.len())));
        if branch != "one" {
            sandbox.write("both.conf", format!("{}\n", nth(20)));
        }
        sandbox.commit(branch);
    }
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.git(&["merge", "-q", "one", "two", "three", "-m", "octopus"]);
    sandbox.git(&["checkout", "-q", "--orphan", "apart"]);
    sandbox.git(&["rm", "-q", "-rf", "."]);
    sandbox.write("apart.conf", format!("{}\n", nth(30)));
    sandbox.commit("apart");
    let all = found(&history(&sandbox, &["--no-merge"]));
    let both: Vec<&String> = all.iter().filter(|finding| finding.starts_with("both.conf")).collect();
    assert_eq!(both.len(), 1, "{all:?}");
    assert!(
        all.contains(&"apart.conf:1 apart".to_owned()) && all.contains(&"three.conf:1 three".to_owned()),
        "{all:?}"
    );
    assert_eq!(all.len(), 5, "{all:?}");
}

#[test]
fn what_is_damaged_is_told_and_the_rest_is_scanned() {
    let sandbox = repository();
    sandbox.write("a.conf", format!("{}\n", token()));
    sandbox.write("b.conf", "some text that is stored by itself\n");
    sandbox.commit("first");
    let blob = sandbox.git(&["rev-parse", "HEAD:b.conf"]);
    let object = sandbox.path(&format!(".git/objects/{}/{}", &blob[..2], &blob[2..]));
    fs::remove_file(&object).expect("it is there");
    fs::write(&object, b"x\x9c\x01").expect("writable");
    let run = history(&sandbox, &[]);
    assert_eq!((run.code, found(&run)), (2, vec!["a.conf:1 first".to_owned()]), "{run:?}");
    assert!(run.stdout.contains("cannot be read"), "{run:?}");
    fs::remove_file(&object).expect("it is there");
    let run = history(&sandbox, &[]);
    assert_eq!((run.code, found(&run).len()), (2, 1), "{run:?}");
    assert!(run.stdout.contains("1 objects are not in this repository"), "{run:?}");
}

#[test]
fn a_damaged_pack_is_told_and_the_rest_is_scanned() {
    let sandbox = repository();
    for number in 0..30 {
        let noise: String = (0..60).map(|line| format!("{} {}\n", line * 7919 * (number + 3), line * number)).collect();
        sandbox.write(&format!("{number}.conf"), format!("{noise}{}\n", nth(number)));
    }
    sandbox.commit("first");
    sandbox.git(&["repack", "-q", "-a", "-d", "--depth=0"]);
    let file = PathBuf::from(pack(&sandbox)).with_extension("pack");
    let mut bytes = fs::read(&file).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].iter_mut().for_each(|byte| *byte = 0);
    fs::remove_file(&file).expect("it is there");
    fs::write(&file, bytes).expect("writable");
    let run = history(&sandbox, &[]);
    let count = found(&run).len();
    assert!(run.code == 2 && (20..30).contains(&count), "{count} {run:?}");
}

#[test]
fn shallow_clones_say_so() {
    let sandbox = repository();
    for number in 0..3 {
        sandbox.write("a.conf", format!("{}\n", nth(number)));
        sandbox.commit(&format!("{number}"));
    }
    let url = format!("file://{}", common::text(&sandbox.path("")));
    sandbox.git(&["clone", "-q", "--depth", "1", &url, "shallow"]);
    let run = history(&sandbox, &["shallow"]);
    assert_eq!((run.code, found(&run)), (1, vec!["a.conf:1 2".to_owned()]), "{run:?}");
    assert!(run.stdout.contains("the clone is shallow"), "{run:?}");
}

#[test]
fn excludes_and_todays_ignore_files_hold() {
    let sandbox = repository();
    for file in ["a.conf", "b/c.conf", "d/e.conf"] {
        sandbox.write(file, format!("{}\n", token()));
    }
    sandbox.commit("first");
    sandbox.write(".autoclaveignore", "/d/\n");
    sandbox.commit("second");
    assert_eq!(found(&history(&sandbox, &["--exclude", "b/", "--no-merge"])), ["a.conf:1 first"]);
}

#[test]
fn a_range_of_commits_tells_what_each_adds() {
    let sandbox = repository();
    sandbox.write("a.conf", format!("{}\n", nth(1)));
    sandbox.commit("one");
    sandbox.write("a.conf", format!("{}\n{}\n", nth(1), nth(2)));
    sandbox.commit("two");
    sandbox.git(&["checkout", "-q", "-b", "side"]);
    sandbox.write("b.conf", format!("{}\n", nth(3)));
    sandbox.commit("side");
    sandbox.git(&["checkout", "-q", "main"]);
    sandbox.write("a.conf", "gone\n");
    sandbox.commit("three");
    sandbox.git(&["merge", "-q", "side", "-m", "merge"]);
    sandbox.git(&["commit", "-q", "--allow-empty", "-m", &nth(4)]);
    let of = |args: &[&str]| found(&history(&sandbox, args));
    assert_eq!(of(&["--range", "HEAD~3..HEAD~1"]), ["b.conf:1 side"], "what was removed was there before");
    assert_eq!(of(&["--range", "side~2..side"]), ["a.conf:2 two", "b.conf:1 side"]);
    assert_eq!(of(&["--range", "main...side"]), [format!("commit message:1 {}", nth(4))]);
    assert_eq!(of(&["--branch", "side"]), ["a.conf:1 one", "a.conf:2 two", "b.conf:1 side"]);
    assert_eq!(of(&["--max-commits", "1"]), [format!("commit message:1 {}", nth(4))]);
    assert_eq!(of(&["--since", "1 day ago"]).len(), 4);
    assert_eq!(of(&["--until", "2001-01-01"]), [""; 0]);
    let run = history(&sandbox, &["--range", "nowhere..HEAD"]);
    assert!(run.code == 2 && run.stderr.contains("`nowhere`: no branch, tag or commit"), "{run:?}");
}

fn hook(sandbox: &Sandbox, folder: &str, args: &[&str], input: &str) -> Run {
    let mut command = sandbox.command();
    command.current_dir(sandbox.path(folder)).arg("hook").args(sandbox.own_rules()).args(args);
    let output = command.write_stdin(input).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("messages are UTF-8");
    Run { code: output.status.code().expect("it ends"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn a_push_is_asked_about_what_the_other_side_has_not() {
    let sandbox = repository();
    sandbox.write("a.conf", format!("{}\n", nth(1)));
    let first = sandbox.commit("one");
    sandbox.git(&["clone", "-q", "--bare", ".", "server"]);
    sandbox.git(&["remote", "add", "origin", "server"]);
    sandbox.git(&["fetch", "-q", "origin"]);
    sandbox.write("a.conf", format!("{}\n{}\n", nth(1), nth(2)));
    sandbox.commit("secret");
    sandbox.write("a.conf", format!("{}\n", nth(1)));
    let last = sandbox.commit("secret removed");
    let zero = "0".repeat(40);
    let run = hook(
        &sandbox,
        "",
        &["pre-push", "origin", "server"],
        &format!("refs/heads/main {last} refs/heads/main {first}\n"),
    );
    assert!(run.code == 1 && run.stdout.contains("a.conf@") && !run.stdout.contains("a.conf:1:1"), "{run:?}");
    let run = hook(
        &sandbox,
        "",
        &["pre-push", "origin", "server"],
        &format!("refs/heads/new {last} refs/heads/new {zero}\n"),
    );
    assert_eq!(run.code, 1, "a new branch: {run:?}");
    let run =
        hook(&sandbox, "", &["pre-push", "origin", "server"], &format!("(delete) {zero} refs/heads/main {first}\n"));
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{run:?}");
    let run = hook(
        &sandbox,
        "",
        &["pre-push", "origin", "server"],
        &format!("refs/heads/main {first} refs/heads/x {zero}\n"),
    );
    assert_eq!((run.code, run.stdout.as_str()), (0, ""), "the remote has it: {run:?}");
    let run = hook(&sandbox, "", &["pre-push", "origin", "server"], "what is this\n");
    assert_eq!(run.code, 2, "{run:?}");
}

/// Git runs the hook itself here, with what is pushed in quarantine.
#[cfg(unix)]
#[test]
fn a_server_refuses_a_push() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = repository();
    sandbox.write("a.conf", "clean\n");
    sandbox.commit("one");
    sandbox.git(&["clone", "-q", "--bare", ".", "server"]);
    let program = assert_cmd::cargo::cargo_bin("autoclave");
    let [no, rules, file] = sandbox.own_rules();
    let script = format!("#!/bin/sh\nexec '{}' hook pre-receive {no} {rules} '{file}'\n", program.display());
    let path = sandbox.path("server/hooks/pre-receive");
    fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
    fs::write(&path, script).expect("writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is there");
    sandbox.write("b.conf", "more\n");
    fs::write(sandbox.path(".git/info/exclude"), "server\n").expect("writable");
    sandbox.commit("clean");
    sandbox.git(&["push", "-q", "server", "main"]);
    sandbox.write("b.conf", format!("{}\n", nth(1)));
    sandbox.commit("secret");
    let output = sandbox.git_command(&["push", "server", "main"]).output().expect("git runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && error.contains("b.conf@") && error.contains("pre-receive hook declined"),
        "{error}"
    );
}

#[test]
fn of_one_secret_the_first_place_in_time_is_named_first() {
    let sandbox = repository();
    for (path, date) in [("folder/first.conf", "2020-02-01T00:00:00Z"), ("a.conf", "2021-02-01T00:00:00Z")] {
        sandbox.write(path, format!("{}\n", nth(1)));
        sandbox.git(&["add", "-A"]);
        let dates = [("GIT_AUTHOR_DATE", date), ("GIT_COMMITTER_DATE", date)];
        sandbox.git_with(&["commit", "-q", "-m", path], &dates);
    }
    assert_eq!(found(&history(&sandbox, &[])), ["folder/first.conf:1 folder/first.conf"]);
}

#[test]
fn what_a_partial_clone_lacks_is_told_once() {
    let sandbox = repository();
    for number in 0..3 {
        sandbox.write("a/b.conf", format!("{}\n", nth(number)));
        sandbox.commit(&format!("{number} {}", nth(10 + number)));
    }
    sandbox.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", common::text(&sandbox.path("")));
    for (filter, missing) in [("blob:none", "3 objects"), ("tree:0", "3 objects")] {
        let folder = filter.replace(':', "-");
        sandbox.git(&["clone", "-q", "--no-checkout", "--filter", filter, &url, &folder]);
        let run = history(&sandbox, &[&folder]);
        assert_eq!((run.code, found(&run).len()), (2, 3), "{run:?}");
        let problems = run.json()["problems"].as_array().expect("a report has problems").len();
        assert!(problems == 1 && run.stdout.contains(&format!("{missing} are not in this repository")), "{run:?}");
    }
}

#[test]
fn names_of_files_people_and_submodules_are_looked_at() {
    let sandbox = repository();
    sandbox.write("a.conf", "x\n");
    sandbox.commit("first");
    sandbox.write(&format!("data/{}.txt", nth(1)), "x\n");
    sandbox.commit("named");
    sandbox.git(&["mv", "data", "other"]);
    let submodule = format!("160000,{},lib", sandbox.git(&["rev-parse", "HEAD"]));
    sandbox.git(&["update-index", "--add", "--cacheinfo", &submodule]);
    sandbox.git(&["commit", "-q", "-m", "who", "--author", &format!("Ada <{}@example.org>", nth(2))]);
    sandbox.git_with(&["tag", "-a", "v1", "-m", "one"], &[("GIT_COMMITTER_NAME", &nth(3))]);
    let run = history(&sandbox, &[]);
    assert_eq!(run.code, 1, "{run:?}");
    assert_eq!(found(&run), ["commit message:3 who", "file names:2 named", "tag message:3 one"]);
    assert!(run.stdout.contains("submodules are repositories of their own and were not scanned with this one: lib"));
    assert!(!run.stdout.contains(&nth(1)), "a name is masked as well");
}

#[test]
fn names_that_a_change_brings_in_are_looked_at() {
    let sandbox = repository();
    sandbox.write(&format!("old/{}.txt", nth(1)), "x\n");
    sandbox.commit("before");
    let staged = || found(&sandbox.run_own("scan", &["--staged", "--format", "json"]));
    sandbox.write(&format!("old/{}.txt", nth(1)), "y\n");
    sandbox.git(&["add", "-A"]);
    assert_eq!(staged(), [""; 0], "the name was there before");
    sandbox.write(&format!("new/{}.txt", nth(2)), "x\n");
    sandbox.write("new/a.txt", "x\n");
    sandbox.git(&["add", "-A"]);
    assert_eq!(staged(), ["file names:2 -"]);
    sandbox.commit("named");
    assert_eq!(found(&history(&sandbox, &["--max-commits", "1"])), ["file names:2 named"]);
}

#[test]
fn several_repositories_are_one_report() {
    let sandbox = repository();
    sandbox.write("a.conf", format!("{}\n", nth(1)));
    sandbox.commit("one");
    sandbox.git(&["init", "-q", "-b", "main", "two"]);
    sandbox.write("two/b.conf", format!("{}\n", nth(2)));
    sandbox.git(&["-C", "two", "add", "-A"]);
    sandbox.git(&["-C", "two", "commit", "-q", "-m", "two"]);
    let run = history(&sandbox, &[".", "two"]);
    assert_eq!((run.code, found(&run)), (1, vec!["a.conf:1 one".to_owned(), "b.conf:1 two".to_owned()]), "{run:?}");
}

#[test]
fn a_long_line_of_commits_is_followed() {
    const COMMITS: usize = 50_000;
    let sandbox = repository();
    let mut stream = String::new();
    for number in 0..COMMITS {
        let text = match number {
            30_000 => format!("{number}\n{}\n", nth(1)),
            _ => format!("{number}\n"),
        };
        stream +=
            &format!("commit refs/heads/main\ncommitter Ada <ada@example.org> {} +0000\n", 1_000_000_000 + number);
        stream += &format!("data {}\nc{number}\n", number.to_string().len() + 1);
        stream += &format!("M 100644 inline a.conf\ndata {}\n{text}\n", text.len());
    }
    sandbox.write("stream", &stream);
    let input = fs::File::open(sandbox.path("stream")).expect("it was written");
    let mut import = std::process::Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(sandbox.path("")).stdin(input);
    let status = import.status().expect("git runs");
    assert!(status.success());
    let run = history(&sandbox, &[]);
    assert_eq!((run.code, found(&run)), (1, vec!["a.conf:2 c30000".to_owned()]), "{run:?}");
}

#[test]
fn references_in_tables_are_read() {
    let sandbox = Sandbox::new();
    fs::remove_dir_all(sandbox.path(".git")).expect("it is there");
    let made = sandbox.git_command(&["init", "-q", "-b", "main", "--ref-format=reftable"]).output().expect("git runs");
    if !made.status.success() {
        // This git is older than reftables are; tables as bytes are read in the library's own tests.
        return;
    }
    for number in 0..60 {
        sandbox.write("a.conf", format!("{}\n", nth(number / 20)));
        sandbox.commit(&format!("{number}"));
        sandbox.git(&["branch", &format!("branch-{number}")]);
    }
    sandbox.git(&["tag", "-a", "v1", "-m", &nth(6)]);
    sandbox.write("b.conf", format!("{}\n", nth(7)));
    sandbox.commit("amended away");
    sandbox.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let all = ["a.conf:1 0", "a.conf:1 20", "a.conf:1 40", "b.conf:1 amended away"];
    let told = |sandbox: &Sandbox| {
        let mut told = found(&history(sandbox, &[]));
        told.retain(|finding| !finding.starts_with("tag message:1"));
        told
    };
    assert_eq!(told(&sandbox), all);
    sandbox.git(&["pack-refs", "--all"]);
    assert_eq!(told(&sandbox), all);
    let of = |args: &[&str]| found(&history(&sandbox, args));
    assert_eq!(of(&["--branch", "branch-3"]), ["a.conf:1 0"]);
    sandbox.git(&["worktree", "add", "-q", "tree", "branch-50"]);
    sandbox.write("tree/c.conf", format!("{}\n", nth(8)));
    sandbox.git(&["-C", "tree", "add", "-A"]);
    assert_eq!(sandbox.run_own("scan", &["--staged", "tree"]).code, 1);
    sandbox.git(&["-C", "tree", "commit", "-q", "-m", "apart"]);
    assert_eq!(told(&sandbox).len(), 5);
    sandbox.write("d.conf", format!("{}\n", nth(9)));
    sandbox.git(&["add", "d.conf"]);
    assert_eq!(sandbox.run_own("hook", &[]).code, 1);
}

#[test]
fn a_cache_changes_no_report() {
    let sandbox = repository();
    fs::write(sandbox.path(".git/info/exclude"), "kept\n").expect("writable");
    let told = |args: &[&str]| {
        let run = history(&sandbox, args);
        let mut report = run.json();
        report["summary"].as_object_mut().expect("a report has sums").remove("duration_ms");
        (run.code, run.stderr.replace(|letter: char| letter.is_ascii_digit(), ""), report)
    };
    for number in 0..3 {
        sandbox.write("a.txt", format!("{}\n{number}\n", nth(number / 2)));
        sandbox.write("b.txt", format!("{number}\n"));
        sandbox.commit(&format!("{number}"));
        let plain = told(&[]);
        assert_eq!(told(&["--cache", "kept"]), plain, "{number}");
        assert_eq!(told(&["--cache", "kept"]), plain, "{number} again");
        assert_eq!(told(&["--cache", "kept", "--code", "--all-objects"]), told(&["--code", "--all-objects"]));
    }
    assert!(sandbox.path("kept/CACHEDIR.TAG").exists());
    sandbox.write("file", "");
    let run = history(&sandbox, &["--cache", "file"]);
    assert!(run.code == 2 && run.stderr.contains("file: "), "{run:?}");
}

#[test]
fn reports_name_the_repository_without_passwords() {
    let sandbox = repository();
    sandbox.write("a.conf", format!("{}\n", nth(1)));
    sandbox.commit("one");
    sandbox.git(&["remote", "add", "origin", "https://ada:pass@example.org/team/app.git"]);
    for command in ["history", "scan"] {
        let run = sandbox.run_own(command, &["--format", "sarif"]);
        let from = &run.json()["runs"][0]["versionControlProvenance"];
        assert_eq!(from[0]["repositoryUri"], "https://example.org/team/app.git", "{run:?}");
        assert_eq!(from[0]["revisionId"].as_str(), Some(&*sandbox.git(&["rev-parse", "HEAD"])), "{run:?}");
        assert_eq!((from[0]["branch"].as_str(), run.stdout.contains("ada:")), (Some("main"), false), "{run:?}");
    }
}
