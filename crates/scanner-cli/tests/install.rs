//! Hooks are put into repositories, run by git, and taken out again.
#![cfg(all(feature = "git", unix))]

mod common;

use common::Sandbox;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

/// A credential that built-in rules find, put together at run time.
fn secret() -> String {
    ["gl", "pat-", "q8Zr2LmX0vTn5KwYb7Hd"].concat()
}

fn repository() -> Sandbox {
    Sandbox::new().init()
}

fn install(sandbox: &Sandbox, folder: &str, args: &[&str]) -> Output {
    let mut command = sandbox.git_command(&[]);
    let program = assert_cmd::cargo::cargo_bin("autoclave");
    let variables: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
    command = std::process::Command::new(program);
    command.current_dir(sandbox.path(folder)).arg("install-hook").args(args);
    for (name, value) in variables {
        command.env(name, value.unwrap_or_default());
    }
    command.output().expect("it starts")
}

fn installed(sandbox: &Sandbox, folder: &str, args: &[&str]) {
    let output = install(sandbox, folder, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn commits(sandbox: &Sandbox, folder: &str, text: &str) -> bool {
    sandbox.write(&format!("{folder}/a.conf"), text);
    sandbox.git(&["-C", &common::text(&sandbox.path(folder)), "add", "a.conf"]);
    let at = common::text(&sandbox.path(folder));
    let output = sandbox.git_command(&["-C", &at, "commit", "-q", "--allow-empty", "-m", "x"]).output();
    output.expect("git runs").status.success()
}

#[test]
fn hooks_of_the_configuration_are_known_and_taken_out() {
    let sandbox = repository();
    sandbox.git(&["config", "hook.leaks.event", "pre-commit"]);
    sandbox.git(&["config", "hook.leaks.command", "autoclave hook pre-commit"]);
    sandbox.git(&["config", "hook.other.command", "make test"]);
    let output = install(&sandbox, "", &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let version = sandbox.git(&["--version"]);
    let minor = version.split('.').nth(1).and_then(|part| part.parse::<u32>().ok()).expect("git tells its version");
    // Older versions take no hooks from there.
    let is_known = version.contains(" 2.") && minor >= 54;
    assert_eq!(!sandbox.path(".git/hooks/pre-commit").exists(), is_known, "{told}");
    assert_eq!(told.contains("configuration has `autoclave hook pre-commit` run already"), is_known, "{told}");
    installed(&sandbox, "", &["--uninstall"]);
    let left = sandbox.git(&["config", "--get-regexp", "^hook"]);
    assert_eq!(left, "hook.other.command make test");
    assert!(!sandbox.path(".git/hooks/pre-commit").exists());
}

#[test]
fn a_commit_with_a_credential_is_refused() {
    let sandbox = repository();
    let before = sandbox.path(".git/hooks/pre-commit");
    fs::create_dir_all(before.parent().expect("a folder")).expect("writable");
    fs::write(&before, "#!/bin/sh\necho before >> ran\n").expect("writable");
    fs::set_permissions(&before, fs::Permissions::from_mode(0o755)).expect("it is there");
    installed(&sandbox, "", &[]);
    installed(&sandbox, "", &[]);
    assert!(commits(&sandbox, ".", "clean\n"));
    assert_eq!(sandbox.read("ran"), "before\n", "what was there is run");
    assert!(!commits(&sandbox, ".", &format!("token = {}\n", secret())));
    sandbox.git(&["worktree", "add", "-q", "tree"]);
    assert!(!commits(&sandbox, "tree", &format!("token = {}\n", secret())), "work trees share hooks");
    installed(&sandbox, "", &["--uninstall"]);
    assert!(commits(&sandbox, ".", &format!("token = {}\n", secret())));
    assert_eq!(fs::read_to_string(before).expect("it is back"), "#!/bin/sh\necho before >> ran\n");
}

#[test]
fn a_push_with_a_credential_is_refused() {
    let sandbox = repository();
    sandbox.git(&["init", "-q", "--bare", "server"]);
    fs::write(sandbox.path(".git/info/exclude"), "server\n").expect("writable");
    installed(&sandbox, "", &["--pre-push"]);
    let push = || sandbox.git_command(&["push", "-q", "server", "main"]).output().expect("git runs").status.success();
    assert!(commits(&sandbox, ".", "clean\n") && push());
    assert!(push(), "nothing to push");
    assert!(commits(&sandbox, ".", &format!("token = {}\n", secret())));
    assert!(!push());
}

#[test]
fn a_folder_of_hooks_that_the_configuration_names_is_used() {
    let sandbox = repository();
    sandbox.git(&["config", "core.hooksPath", "my hooks"]);
    installed(&sandbox, "", &["--pre-commit", "--pre-push"]);
    assert!(sandbox.path("my hooks/pre-commit").exists() && sandbox.path("my hooks/pre-push").exists());
    assert!(!commits(&sandbox, ".", &format!("token = {}\n", secret())));
}

#[test]
fn hooks_for_all_repositories_hand_on_to_their_own() {
    let sandbox = repository();
    installed(&sandbox, "", &["--global"]);
    let own = sandbox.path(".git/hooks/commit-msg");
    fs::create_dir_all(own.parent().expect("a folder")).expect("writable");
    fs::write(&own, "#!/bin/sh\necho own >> ran\n").expect("writable");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).expect("it is there");
    assert!(commits(&sandbox, ".", "clean\n"));
    assert!(!commits(&sandbox, ".", &format!("token = {}\n", secret())));
    installed(&sandbox, "", &["--global", "--uninstall"]);
    assert!(commits(&sandbox, ".", &format!("token = {}\n", secret())));
    assert!(sandbox.read("ran").starts_with("own\n"));
}

#[test]
fn other_managers_of_hooks_are_told() {
    let sandbox = repository();
    sandbox.write("lefthook.yml", "pre-commit:\n");
    let told = |sandbox: &Sandbox| {
        let output = install(sandbox, "", &[]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(told(&sandbox).contains("lefthook runs the hooks here"));
    sandbox.git(&["config", "core.hooksPath", ".husky/_"]);
    assert!(told(&sandbox).contains("to .husky/pre-commit"));
}
