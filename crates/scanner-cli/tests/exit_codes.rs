//! Exit codes: 0 nothing found, 1 findings, 2 an error or an incomplete scan.

mod common;

use common::{Sandbox, token};

#[test]
fn nothing_found_is_zero() {
    let run = Sandbox::new().file("a.txt", "hello").scan(&[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(run.stdout.starts_with("No findings; 1 file, 5 bytes"), "{run:?}");
}

#[test]
fn findings_are_one() {
    let sandbox = Sandbox::with_token();
    assert_eq!(sandbox.scan(&[]).code, 1);
    let mut args: Vec<String> = vec!["scan".into()];
    args.extend(sandbox.own_rules());
    assert_eq!(sandbox.command().args(args).output().expect("it runs").status.code(), Some(1));
    assert_eq!(sandbox.scan(&["--exit-zero"]).code, 0);
}

#[test]
fn the_threshold_decides_what_counts() {
    let sandbox = Sandbox::with_token();
    assert_eq!(sandbox.scan(&["--fail-on", "critical"]).code, 0);
    assert_eq!(sandbox.scan(&["--fail-on", "high"]).code, 1);
    let info = Sandbox::new().file("a.txt", "info_1234");
    let run = info.scan(&["--format", "json"]);
    assert_eq!((run.code, run.found().len()), (0, 1), "it is reported, but milder than the default");
    assert_eq!(info.scan(&["--fail-on", "info"]).code, 1);
    assert_eq!(info.scan(&["--fail-on", "info", "--min-severity", "low"]).code, 0);
}

#[test]
fn what_is_less_sure_is_hidden_and_counted() {
    let sandbox = Sandbox::new().file("a.txt", "hint_1234 and hint_1235");
    let run = sandbox.scan(&[]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.starts_with("No findings, 2 hidden by severity or confidence"), "{run:?}");
    assert_eq!(sandbox.scan(&["--format", "json"]).json()["summary"]["hidden"], 2);
    assert_eq!(sandbox.scan(&["--min-confidence", "low"]).code, 1);
}

#[test]
fn an_incomplete_scan_is_two() {
    let sandbox = Sandbox::with_token().file("large.txt", "text ".repeat(1000));
    let run = sandbox.scan(&["--max-file-size", "1K"]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("error[too-large]: large.txt: "), "{run:?}");
    assert!(run.stderr.contains("error: not everything could be examined; --best-effort accepts that"), "{run:?}");
    assert_eq!(sandbox.scan(&["--max-file-size", "1K", "--exit-zero"]).code, 2);
    let run = sandbox.scan(&["--max-file-size", "1K", "--best-effort"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert_eq!(sandbox.scan(&["--max-file-size", "1K", "--best-effort", "--exit-zero"]).code, 0);
    assert_eq!(sandbox.scan(&["--max-file-size", "10k"]).code, 1);
}

#[test]
fn mistakes_are_two() {
    let sandbox = Sandbox::with_token();
    for (args, message) in [
        (&["no/such/file"][..], "error: no/such/file: "),
        (&["src", "gone"], "error: gone: "),
        (&["--frobnicate"], "unexpected argument '--frobnicate'"),
        (&["--format", "xml"], "invalid value 'xml'"),
        (&["--max-file-size", "10X"], "`10X` is no size"),
        (&["--exclude", "a["], "error: invalid glob `a[`: unclosed character class"),
        (&["--enable", "a["], "error: invalid glob `a[`: unclosed character class"),
        (&["--enable", "nothing-like-it"], "error: no rule or tag matches `nothing-like-it`"),
        (&["--rules", "no-rules"], "error: no-rules: "),
        (&["--config", "none.toml"], "error: none.toml: "),
        (&["-o", "report.xml"], "the extension of `report.xml` tells no format"),
        (&["-o", "json=none/report.json"], "the folder none does not exist"),
        (&["-", "src"], "`-` cannot be scanned together with other paths"),
        (&["--stdin-filename", "a", "src"], "--stdin-filename needs the path `-`"),
        (&["--config", "a.toml", "--no-config"], "cannot be used with"),
        (&["rules"], "error: rules: "),
    ] {
        let run = sandbox.scan(args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(run.stderr.contains(message), "{args:?}: {run:?}");
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[test]
fn a_command_behind_options_is_told() {
    let run = Sandbox::new().run(&["--color", "never", "rules", "list"]);
    assert!(run.stderr.contains("the command `rules` stands before all options"), "{run:?}");
}

#[test]
fn a_rule_file_that_is_not_valid_is_two() {
    let sandbox = Sandbox::new().file("bad.toml", "[[rule]]\nid = 'a'\ntitel = 'x'\n");
    let run = sandbox.scan(&["--rules", "bad.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("error: bad.toml:3:1: unknown field `titel`"), "{run:?}");
    sandbox.write(
        "bad.toml",
        "[[rule]]\nid = 'a'\ntitle = 'x'\nseverity = 'low'\ntext = { regex = '(', keywords = ['abc'] }\n",
    );
    let run = sandbox.scan(&["--rules", "bad.toml"]);
    assert!(run.stderr.contains("error: bad.toml:2:1: rule `a`: regex parse error"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::io::Read;
    use std::process::{Command, Stdio};
    let mut sandbox = Sandbox::new();
    for number in 0..400 {
        sandbox = sandbox.file(&format!("{number}.txt"), token());
    }
    for format in ["text", "json", "sarif"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_autoclave"))
            .args(sandbox.own_rules())
            .args(["--format", format])
            .current_dir(sandbox.path(""))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut first = [0];
        let mut stdout = child.stdout.take().expect("it is piped");
        stdout.read_exact(&mut first).expect("there is a report");
        drop(stdout);
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{format}: {stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("Broken pipe"), "{format}: {stderr}");
    }
}
