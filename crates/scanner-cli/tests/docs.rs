//! Runs every `$ autoclave ...` command that the documentation shows.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// The commands in `console` blocks of a page.
fn commands(page: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands = Vec::new();
    for line in page.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if inside => commands.extend(line.strip_prefix("$ ").map(str::to_owned)),
            _ => {}
        }
    }
    commands
}

/// Makes a folder a repository whose files are committed.
fn repository(folder: &Path) {
    let author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let commit = [&author[..], &["commit", "-q", "-m", "first"]].concat();
    for args in [&["init", "-q", "-b", "main"][..], &["add", "-A"], &commit] {
        let status = std::process::Command::new("git").args(args).current_dir(folder).status().expect("git runs");
        assert!(status.success(), "git {args:?}");
    }
}

#[test]
fn commands_of_the_documentation_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages: Vec<_> =
        fs::read_dir(root.join("docs")).expect("docs is there").flatten().map(|e| e.path()).collect();
    pages.sort();
    let mut count = 0;
    for page in pages {
        let text = fs::read_to_string(&page).expect("readable");
        for command in commands(&text) {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            fs::create_dir(folder.path().join("src")).expect("writable");
            for file in [".env", "app.py", "src/a.js"] {
                fs::write(folder.path().join(file), "\n").expect("writable");
            }
            repository(folder.path());
            let words: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches('\'')).collect();
            assert_eq!(words[0], "autoclave", "{}: {command}", page.display());
            let output = Command::cargo_bin("autoclave")
                .expect("the binary is built")
                .args(&words[1..])
                .current_dir(folder.path())
                .output()
                .expect("it starts");
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(0), "{}: {command}\n{error}", page.display());
            count += 1;
        }
    }
    assert!(count >= 15, "only {count} commands are shown");
}

#[test]
fn the_library_page_shows_the_documented_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/library.md")).expect("readable");
    let example = page.split("```rust,no_run\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert!(example.lines().count() < 20, "embedding takes under 20 lines");
    for line in ["Scanner::new()?", "scan_bytes(", "scanner.scan(&Tree::new(", "sarif::write("] {
        assert!(example.contains(line), "{line}");
    }
}
