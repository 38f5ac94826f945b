//! A folder of files to run the program in, and what it said.
#![allow(dead_code, unreachable_pub)]

use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Rules of the tests' own, so that they do not depend on the built-in ones.
pub const RULES: &str = r#"
[[rule]]
id = "test-token"
title = "Test token"
severity = "high"
confidence = "high"
cwe = [798]
tags = ["secret", "made-up"]
what = "A token of the tests."
why = "It opens the test's door."
fix = "Draw another one."
references = ["https://example.org/tokens"]
text = { shape = "tok_[base62:20]" }
ignore = ["tok_short"]

[[rule]]
id = "test-hint"
title = "Marker of a hint"
severity = "low"
confidence = "low"
text = { shape = "hint_[digit:4]", public = true }

[[rule]]
id = "test-info"
title = "Marker of an information"
severity = "info"
text = { shape = "info_[digit:4]", public = true }

[[rule]]
id = "test-file"
title = "Key file of the tests"
severity = "critical"
name = { files = ["*.testkey"] }
match = ["a/b.testkey"]

[[rule]]
id = "test-audit"
title = "Marker for an audit"
severity = "medium"
confidence = "high"
audit = true
text = { shape = "audit_[digit:4]", public = true }
"#;

/// What a run gave.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The standard output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// `path:rule` of all places of the findings of a JSON report.
    pub fn found(&self) -> Vec<String> {
        found(&self.json())
    }
}

/// `path:rule` of all places of the findings of a JSON report.
pub fn found(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a report has findings");
    let text = |value: &serde_json::Value| value.as_str().expect("it is a string").to_owned();
    let places = findings.iter().flat_map(|finding| {
        let others = finding["related"].as_array().into_iter().flatten();
        let paths = std::iter::once(finding).chain(others).map(|place| text(&place["path"]));
        paths.map(|path| format!("{path}:{}", text(&finding["rule"]))).collect::<Vec<_>>()
    });
    let mut places: Vec<String> = places.collect();
    places.sort();
    places
}

/// A credential that the rule `test-token` finds, put together at run time.
pub fn token() -> String {
    ["tok", "_", "q8Zr2LmX0vTn", "5KwYb7Hd"].concat()
}

/// A repository in a temporary folder, with the rules beside it.
pub struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// Without files.
    pub fn new() -> Sandbox {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        fs::create_dir_all(folder.path().join("repo/.git")).expect("writable");
        fs::write(folder.path().join("rules.toml"), RULES).expect("writable");
        Sandbox { folder }
    }

    /// With one file that holds a token.
    pub fn with_token() -> Sandbox {
        Sandbox::new().file("src/app.conf", format!("a\nvalue = {}\n", token()))
    }

    /// Adds a file to the repository.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Sandbox {
        self.write(path, content);
        self
    }

    /// Writes a file of the repository.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it lies in the repository")).expect("writable");
        fs::write(path, content).expect("writable");
    }

    /// Where a file of the repository lies.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join("repo").join(path)
    }

    /// Reads a file of the repository.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("the file was written")
    }

    /// Runs git in the repository, with no configuration but its own, and gives what it says.
    pub fn git(&self, args: &[&str]) -> String {
        self.git_with(args, &[])
    }

    /// As [`Sandbox::git`], with further variables.
    pub fn git_with(&self, args: &[&str], variables: &[(&str, &str)]) -> String {
        let output = self.git_command(args).envs(variables.iter().copied()).output().expect("git runs");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {error}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Git in the repository, to be run.
    pub fn git_command(&self, args: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new("git");
        command.current_dir(self.path("")).args(args).env("GIT_CONFIG_NOSYSTEM", "1");
        for folder in ["HOME", "XDG_CONFIG_HOME"] {
            command.env(folder, self.folder.path());
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
        }
        command
    }

    /// Makes it a real repository, on branch `main`.
    pub fn init(self) -> Sandbox {
        self.git(&["init", "-q", "-b", "main"]);
        self
    }

    /// Commits all that is there.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The program in the repository, to be given arguments.
    pub fn command(&self) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::cargo_bin("autoclave").expect("the program is built");
        command.current_dir(self.path(""));
        for variable in ["CLICOLOR_FORCE", "NO_COLOR", "COLUMNS", "CI"] {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the program.
    pub fn run(&self, args: &[&str]) -> Run {
        finish(self.command().args(args))
    }

    /// Scans with the tests' own rules only.
    pub fn scan(&self, args: &[&str]) -> Run {
        self.scan_in("", args)
    }

    /// Scans in a folder of the repository.
    pub fn scan_in(&self, folder: &str, args: &[&str]) -> Run {
        let mut command = self.command();
        finish(command.current_dir(self.path(folder)).args(self.own_rules()).args(args))
    }

    /// Runs a command of the program with the tests' own rules only.
    pub fn run_own(&self, command: &str, args: &[&str]) -> Run {
        finish(self.command().arg(command).args(self.own_rules()).args(args))
    }

    /// Scans standard input.
    pub fn scan_stdin(&self, args: &[&str], input: &str) -> Run {
        finish(self.command().args(self.own_rules()).args(args).write_stdin(input))
    }

    /// Flags that leave the built-in rules out.
    pub fn own_rules(&self) -> [String; 3] {
        let rules = self.folder.path().join("rules.toml");
        ["--no-builtin".to_owned(), "--rules".to_owned(), text(&rules)]
    }
}

/// A path as text.
pub fn text(path: &Path) -> String {
    path.to_str().expect("temporary folders have plain names").to_owned()
}

fn finish(command: &mut assert_cmd::Command) -> Run {
    let output = command.timeout(std::time::Duration::from_secs(60)).output().expect("the program runs");
    Run {
        code: output.status.code().expect("no signal ends the program"),
        stdout: String::from_utf8(output.stdout).expect("reports are UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("messages are UTF-8"),
    }
}
