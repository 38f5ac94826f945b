//! What is read: paths, standard input, and files that are strange or hostile.

mod common;

use common::{Sandbox, text, token};
use std::fs;

#[test]
fn standard_input_has_a_name() {
    let sandbox = Sandbox::new();
    let run = sandbox.scan_stdin(&["--format", "json", "-"], &token());
    assert_eq!((run.code, run.found()), (1, vec!["stdin:test-token".to_owned()]));
    let named = ["--format", "json", "--stdin-filename", "./src/../src/a.testkey", "-"];
    let run = sandbox.scan_stdin(&named, &token());
    assert_eq!(run.found(), ["src/a.testkey:test-file", "src/a.testkey:test-token"]);
    let absolute = text(&sandbox.path("").canonicalize().expect("it exists").join("b.txt"));
    let run = sandbox.scan_stdin(&["--format", "json", "--stdin-filename", &absolute], &token());
    assert_eq!(run.found(), ["b.txt:test-token"]);
    let run = sandbox.scan_stdin(&["--max-file-size", "3", "-"], "four");
    assert!(run.code == 2 && run.stderr.contains("standard input holds more than 3 bytes"), "{run:?}");
}

#[test]
fn paths_are_reported_below_the_repository() {
    let sandbox = Sandbox::with_token().file("other.txt", token());
    let src = ["src/app.conf:test-token"];
    let absolute = text(&sandbox.path("src"));
    for (folder, path) in
        [("", "."), ("", "src"), ("", "./src/app.conf"), ("src", "."), ("src", "../src"), ("", &absolute)]
    {
        let run = sandbox.scan_in(folder, &["--format", "json", path, "--exclude", "other.txt"]);
        assert_eq!(run.found(), src, "{path} in {folder}");
    }
    let prints = |folder: &str, path: &str| {
        sandbox.scan_in(folder, &["--format", "json", path]).json()["findings"][0]["fingerprint"].to_string()
    };
    assert_eq!(prints("", "src"), prints("src", "app.conf"));
    let elsewhere = sandbox.scan_in("../", &["--format", "json", "repo/src"]);
    assert_eq!(elsewhere.found(), src);
}

#[test]
fn scans_with_a_cache_report_the_same() {
    let app = "from flask import request\nfrom helper import run\nrun(request.args['x'])\n";
    let helper = "import os\ndef run(x):\n    os.system('ls ' + x)\n";
    let sandbox = Sandbox::with_token().file("app.py", app).file("helper.py", helper);
    let scan = |args: &[&str]| {
        let all = [&["scan", "--no-ignore", "--format", "json", "--rules", "r.toml"], args].concat();
        let run = sandbox.run(&all);
        assert_eq!((run.code, run.stderr.contains("warning")), (1, false), "{run:?}");
        run.stdout
    };
    fs::write(sandbox.path("r.toml"), common::RULES).expect("writable");
    let plain = scan(&[]);
    assert!(plain.contains("command-injection"), "{plain}");
    for _ in 0..2 {
        // It lies in what is scanned, and is no part of that.
        assert_eq!(scan(&["--cache", "kept"]), plain);
    }
    let entries = || fs::read_dir(sandbox.path("kept")).expect("readable").flatten();
    assert!(entries().count() > 3, "something is kept");
    for folder in entries().filter(|entry| entry.path().is_dir()) {
        for entry in fs::read_dir(folder.path()).expect("readable").flatten() {
            fs::write(entry.path(), "damaged").expect("writable");
        }
    }
    assert_eq!(scan(&["--cache", "kept"]), plain);
    let run = sandbox.run(&["scan", "--cache", "app.py"]);
    assert!(run.code == 2 && run.stderr.contains("error: app.py: "), "{run:?}");
}

#[test]
fn people_see_paths_from_where_they_are() {
    let sandbox = Sandbox::with_token().file("other.txt", token());
    let terse = |folder: &str, path: &str| sandbox.scan_in(folder, &["-q", path]).stdout;
    let line = ":1: high test-token: Test token\n";
    assert_eq!(terse("src", "."), format!("app.conf:2:9{}", &line[2..]));
    assert_eq!(terse("src", "../other.txt"), format!("../other.txt:1{line}"));
    assert_eq!(terse("../", "repo/other.txt"), format!("repo/other.txt:1{line}"));
}

#[test]
fn switches_of_the_walk() {
    let sandbox = Sandbox::new();
    for path in [".env", "a.txt", "deep/b.txt", "deep/er/c.txt", "out/d.txt", "skip/e.txt"] {
        sandbox.write(path, token());
    }
    sandbox.write(".gitignore", "out/\n");
    sandbox.write(".autoclaveignore", "skip/\n");
    let names = |args: &[&str]| {
        let run = sandbox.scan(&[&["--format", "json"], args].concat());
        let strip = |name: String| name.trim_end_matches(":test-token").to_owned();
        run.found().into_iter().map(strip).collect::<Vec<_>>()
    };
    let all = [".env", "a.txt", "deep/b.txt", "deep/er/c.txt"];
    assert_eq!(names(&[]), all);
    assert_eq!(names(&["--hidden"]), all);
    assert_eq!(names(&["--skip-hidden"]), all[1..]);
    assert_eq!(names(&["--skip-hidden", "--hidden"]), all);
    assert_eq!(names(&["--max-depth", "1"]), all[..2]);
    assert_eq!(names(&["--no-ignore"]).len(), 6);
    assert_eq!(names(&["--exclude", "deep/er/", "--exclude", "/a.txt"]), [".env", "deep/b.txt"]);
    assert_eq!(names(&["--exclude", "deep/", "deep/b.txt"]), ["deep/b.txt"]);
    assert_eq!(names(&["--exclude", "deep/", "--force-exclude", "deep/b.txt"]), [""; 0]);
    let run = sandbox.scan_in("deep", &["--format", "json", "--exclude", "er/c.txt"]);
    assert_eq!(run.found(), ["deep/b.txt:test-token"], "an exclude is relative to where it is written");
}

#[cfg(unix)]
#[test]
fn links_and_special_files() {
    let sandbox = Sandbox::with_token();
    std::os::unix::fs::symlink(sandbox.path(""), sandbox.path("src/loop")).expect("links can be made");
    std::os::unix::fs::symlink("nowhere", sandbox.path("dangling")).expect("links can be made");
    let fifo = std::process::Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(fifo.expect("mkfifo is part of POSIX").success());
    let run = sandbox.scan(&["--format", "json"]);
    assert_eq!((run.code, run.found().len()), (1, 1), "{run:?}");
    let run = sandbox.scan(&["--format", "json", "--follow", "src"]);
    assert_eq!((run.code, run.found().len()), (1, 1), "{run:?}");
    for (path, kind) in [("dangling", "vanished"), ("pipe", "unreadable")] {
        let run = sandbox.scan(&["--format", "json", path]);
        assert_eq!((run.code, &run.json()["problems"][0]["kind"]), (2, &kind.into()), "{run:?}");
        assert_eq!(run.json()["summary"]["complete"], false);
    }
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_token().file("closed/a.txt", token());
    let set = |mode| std::fs::set_permissions(sandbox.path("closed"), std::fs::Permissions::from_mode(mode));
    set(0o000).expect("the folder is ours");
    let is_root = std::fs::read_dir(sandbox.path("closed")).is_ok();
    let run = sandbox.scan(&["--format", "json"]);
    set(0o700).expect("the folder is ours");
    if is_root {
        return; // nothing is closed to root
    }
    assert_eq!((run.code, run.found().len()), (2, 1), "{run:?}");
    assert_eq!(run.json()["problems"][0]["path"], "closed");
}

#[test]
fn hostile_content_is_survived() {
    let nested = format!("x = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let sandbox = Sandbox::new()
        .file("bytes.txt", [&b"\xff\xfe\xc3( \xf0\x28 "[..], token().as_bytes(), b" \x80\n"].concat())
        .file("nested.py", &nested)
        .file("nested.js", &nested)
        .file("nested.json", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)))
        .file("line.txt", format!("{} {} {}", "x".repeat(1 << 20), token(), "y".repeat(1 << 20)))
        .file("empty", "")
        .file("zeros.bin", [0; 100]);
    let own = sandbox.scan(&["--format", "json"]);
    assert!(own.code == 1 || own.code == 2, "{own:?}");
    assert!(own.found().contains(&"line.txt:test-token".to_owned()), "{:?}", own.found());
    let built_in = sandbox.run(&["--format", "sarif"]);
    assert!([0, 1, 2].contains(&built_in.code) && !built_in.stderr.contains("panicked"), "{}", built_in.stderr);
    assert!(built_in.json()["runs"][0]["results"].is_array());
}

#[cfg(unix)]
#[test]
fn hostile_names_do_not_speak_to_the_terminal() {
    let sandbox = Sandbox::new().file("a\u{1b}[31m\nb.txt", token());
    for args in [&[][..], &["-q"], &["--format", "json"], &["-v"], &["gone\u{1b}[31m"]] {
        let run = sandbox.scan(args);
        assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'), "{args:?}: {run:?}");
    }
}
