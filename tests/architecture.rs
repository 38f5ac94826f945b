//! Holds the direction of imports and the nevers that ARCHITECTURE.md states.

use std::fs;
use std::path::{Path, PathBuf};

const VALUES: &[&str] = &["blob", "error", "finding", "glob", "ir", "limits", "line_hash", "seen", "span", "stats"];

/// Each room of the library, and which rooms it may know besides the values.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("blob", &[]),
    ("error", &[]),
    ("finding", &[]),
    ("glob", &[]),
    ("ir", &[]),
    ("limits", &[]),
    ("line_hash", &[]),
    ("seen", &[]),
    ("span", &[]),
    ("stats", &[]),
    ("decode", &[]),
    ("language", &[]),
    ("pattern", &["language"]),
    ("rule", &["decode", "language", "pattern"]),
    ("regex_cost", &[]),
    ("detect", &["decode", "language", "pattern", "regex_cost", "rule"]),
    ("flow", &["language", "regex_cost", "rule"]),
    ("suppress", &["decode", "detect", "rule"]),
    ("join", &["decode", "detect", "rule"]),
    ("triage", &["decode", "detect", "join", "rule", "suppress"]),
    ("report", &["rule"]),
    ("store", &[]),
    ("merge", &["detect", "report", "rule"]),
    ("allow", &["report"]),
    ("change", &["report", "rule"]),
    ("scanner", &["decode", "detect", "flow", "language", "pattern", "report", "rule", "store", "suppress", "triage"]),
    ("explain", &["decode", "detect", "report", "rule", "scanner", "triage"]),
    ("ruletest", &["detect", "rule", "scanner"]),
    ("input", &["change", "decode", "report", "store"]),
    ("format", &["report", "rule"]),
];

/// What no room may do, since a scanner of hostile trees must be provably static, and which rooms
/// are excepted from it with what reason.
const NEVERS: &[(&str, &[&str])] = &[
    ("std::process", &[]),
    ("std::net", &[]),
    ("std::env", &[]),
    ("println!", &[]),
    ("print!", &[]),
    ("dbg!", &[]),
    // Inputs read what is scanned, the rule loader reads rule files, the store what it wrote itself.
    ("std::fs", &["input", "rule", "store"]),
    ("File::open", &["input", "store"]),
];

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Files of which all is tests.
const TEST_FILES: &[&str] = &["sample.rs", "tests.rs"];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the source folder is there");
    let mut all = Vec::new();
    for path in entries.map(|entry| entry.expect("readable").path()) {
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| !TEST_FILES.iter().any(|test| name == *test))
        {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// A file's room and its code without tests and comments.
fn read(path: &Path) -> (String, String, Vec<String>) {
    let relative = path.strip_prefix(source_root()).expect("below the source folder");
    let shown = relative.to_string_lossy().replace('\\', "/");
    let room = shown.split('/').next().expect("not empty").trim_end_matches(".rs").to_owned();
    let text = fs::read_to_string(path).expect("readable");
    let code = text.split("#[cfg(test)]\nmod tests").next().expect("split gives at least one part");
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect();
    (shown, room, lines)
}

/// The rooms that a line names after `crate::`.
fn named(line: &str) -> Vec<&str> {
    let ident =
        |text: &'_ str| text.split(|next: char| !next.is_alphanumeric() && next != '_').next().unwrap_or("").len();
    line.match_indices("crate::").map(|(at, _)| &line[at + 7..at + 7 + ident(&line[at + 7..])]).collect()
}

#[test]
fn imports_point_one_way() {
    let mut faults = Vec::new();
    for path in files(&source_root()) {
        let (shown, room, lines) = read(&path);
        if room == "lib" {
            continue;
        }
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(name, _)| *name == room) else {
            faults.push(format!("{shown}: the room `{room}` is not in the table"));
            continue;
        };
        for other in lines.iter().flat_map(|line| named(line)) {
            let reexport = other.starts_with(char::is_uppercase);
            if !reexport && other != room && !VALUES.contains(&other) && !allowed.contains(&other) {
                faults.push(format!("{shown}: `{room}` may not know `{other}`"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_static_becomes_dynamic() {
    let mut faults = Vec::new();
    for path in files(&source_root()) {
        let (shown, room, lines) = read(&path);
        for (never, excepted) in NEVERS {
            let used = lines.iter().any(|line| line.contains(never) && !line.contains(&format!("{never}line")));
            if used && !excepted.contains(&room.as_str()) {
                faults.push(format!("{shown}: uses {never}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn detectors_do_not_see_each_other() {
    const DETECTORS: &[&str] = &["name", "text", "pair", "code"];
    for detector in DETECTORS {
        let path = source_root().join(format!("detect/{detector}.rs"));
        let (_, _, lines) = read(&path);
        for other in DETECTORS.iter().filter(|other| *other != detector) {
            let import = [format!("super::{other}"), format!("detect::{other}")];
            let seen = lines.iter().find(|line| import.iter().any(|import| line.contains(import.as_str())));
            assert!(seen.is_none(), "detect/{detector}.rs sees {other}: {seen:?}");
        }
    }
}

#[test]
fn every_file_opens_with_its_purpose() {
    for path in files(&source_root()) {
        let text = fs::read_to_string(&path).expect("readable");
        assert!(text.starts_with("//! "), "{} does not say what it is for", path.display());
    }
}
