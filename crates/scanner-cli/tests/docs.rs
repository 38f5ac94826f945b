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

/// The identifiers of rules in a cell of a table, and whether the cell says that they run in audits only.
fn rules_of_cell(cell: &str) -> Vec<(&str, bool)> {
    let parts = cell.split(';').map(|part| (part, part.contains("*in audits*")));
    let is_id = |word: &str| {
        word.contains('-') && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"-*0123456789".contains(&byte))
    };
    parts
        .flat_map(|(part, audit)| {
            part.split('`').skip(1).step_by(2).filter(|word| is_id(word)).map(move |word| (word, audit))
        })
        .collect()
}

#[test]
fn rules_that_answer_to_those_of_other_tools_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/migrating.md")).expect("readable");
    let output = Command::cargo_bin("autoclave")
        .expect("the binary is built")
        .args(["rules", "list", "--no-config", "--format", "json"])
        .output()
        .expect("it starts");
    let rules: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a list in JSON");
    let rules = rules.as_array().expect("a list");
    let (_, table) = page.split_once("## Which rule says it here").expect("the part of the page");
    let mut count = 0;
    for line in table.lines().filter(|line| line.starts_with('|')) {
        let cell = line.trim_end_matches('|').rsplit('|').next().expect("a row has cells");
        for (id, audit) in rules_of_cell(cell) {
            let (start, end) = id.split_once('*').unwrap_or((id, ""));
            let fits = |rule: &&serde_json::Value| {
                let own = rule["id"].as_str().expect("a rule has an id");
                if id.contains('*') { own.starts_with(start) && own.ends_with(end) } else { own == id }
            };
            let rule = rules.iter().find(fits).unwrap_or_else(|| panic!("there is no rule {id}: {line}"));
            assert_eq!(rule["audit"].as_bool(), Some(audit), "{id}: {line}");
            count += 1;
        }
    }
    assert!(count >= 100, "only {count} rules are named");
}
