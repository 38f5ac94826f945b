//! Which files of a tree are what its Python distributions give to those who use them.

use crate::detect::path::is_example_path;
use regex::Regex;
use std::sync::LazyLock;

/// Files that describe a distribution, with what they hold if they do; the last stands in an unpacked one.
static MANIFESTS: LazyLock<[(&str, Regex); 4]> = LazyLock::new(|| {
    let regex = |pattern| Regex::new(pattern).expect("a literal of this file");
    [
        ("pyproject.toml", regex(r"(?m)^\[(?:project|tool\.poetry|tool\.flit\.metadata)\]\s*$")),
        ("setup.cfg", regex(r"(?ms)^\[metadata\]$.*^name\s*=")),
        ("setup.py", regex(r"\bsetup\s*\(")),
        ("METADATA", regex(r"(?m)\AMetadata-Version:")),
    ]
});
/// What a manifest says that nobody else is meant to use.
static PRIVATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)Private\s*::\s*Do Not Upload|^package-mode\s*=\s*false").expect("a literal of this file")
});
/// Where a part of a text becomes a command, an argument of one that has dangerous options, or code: only files with one are
/// looked at for what callers give.
static RUNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"\bshell\s*=\s*(?:True|not|sys|os|is)|\bos\.(?:system|popen)\b|\b(?:getoutput|getstatusoutput|create_subprocess_shell|exec_command)\b|\b(?:eval|exec)\s*\(|["'][-/][cC]["']|["'](?:clone|checkout|fetch|ls-remote)["']\s*,|\bimport_module\b|\b(?:lxml|fromstring|iterparse|XMLParser)\b"#,
    )
    .expect("a literal of this file")
});
/// Folders beside those that are given, and files that only build or test.
#[rustfmt::skip] // a name a line would be a page
const BESIDE: &[&str] = &[
    "scripts", "tools", "tool", "contrib", "bin", "build", "dist", "ci", "venv", "env", "setup.py", "conftest.py", "tasks.py", "noxfile.py",
    "fabfile.py", "versioneer.py", "manage.py",
];
/// Folders of what others made.
const OTHERS: &[&str] = &["_vendor", "vendored", "extern", "externals"];
/// Files of one scan that are run for what callers give, at most: each may take as long as a whole package.
const MAX_FACES: usize = 400;

/// The folder of a distribution, with a slash at the end unless it is the root.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Distribution {
    folder: String,
}

impl Distribution {
    /// Reads a file, if it describes a distribution that others may use.
    pub(super) fn read(path: &str, text: &str) -> Option<Distribution> {
        let (before, name) = path.rsplit_once('/').unwrap_or(("", path));
        let (_, says) = MANIFESTS.iter().find(|(file, _)| *file == name)?;
        let folder = match name {
            "METADATA" => before.strip_suffix(".dist-info")?.rsplit_once('/').map_or("", |(folder, _)| folder),
            _ => before,
        };
        if !says.is_match(text) || PRIVATE.is_match(text) {
            return None;
        }
        Some(Distribution { folder: if folder.is_empty() { String::new() } else { format!("{folder}/") } })
    }
}

/// Of files, by path and text, those that distributions give.
pub(super) fn faces<'t>(distributions: &[Distribution], files: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<usize> {
    // Many in one folder were installed there for what is looked at.
    let is_own = |own: &Distribution| {
        let beside = distributions.iter().filter(|other| other.folder == own.folder).count();
        beside <= MANIFESTS.len() && !own.folder.contains("site-packages/")
    };
    let folders: Vec<&str> = distributions.iter().filter(|own| is_own(own)).map(|own| own.folder.as_str()).collect();
    let given = |path: &str| {
        folders.iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|inner| {
                let beside = inner.split('/').next().is_some_and(|first| BESIDE.contains(&first))
                    || inner.split('/').any(|part| OTHERS.contains(&part));
                path.ends_with(".py") && !beside && !is_example_path(&inner.to_lowercase())
            })
        })
    };
    files
        .enumerate()
        .filter(|(_, (path, text))| !folders.is_empty() && given(path) && runs(text) && !is_script(text))
        .map(|(at, _)| at)
        .take(MAX_FACES)
        .collect()
}

/// Whether a file is a program that is started, by whom it is told what it is told: it has the line that shells read, and
/// asks whether it was started.
fn is_script(text: &str) -> bool {
    text.starts_with("#!") && text.contains("__name__ == ")
}

/// Whether a program runs a text: not by a method that is called so (`model.eval()`), nor in an example of its documentation.
fn runs(text: &str) -> bool {
    RUNS.find_iter(text).any(|found| {
        if !matches!(found.as_str().trim_end_matches(['(', ' ', '\t', '\n']), "eval" | "exec") {
            return true;
        }
        let line = text[..found.start()].rsplit('\n').next().unwrap_or_default();
        let before = line.trim();
        !(line.ends_with('.')
            || before.ends_with("def")
            || before.contains('#')
            || before.starts_with(">>>")
            || before.starts_with("..."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_a_text() {
        for text in [
            "eval(x)",
            "y = 1\n    exec (code, space)",
            "client.exec_command(x)",
            "os.popen('ls ' + x)",
            "run([kind, 'clone', url])",
        ] {
            assert!(runs(text), "{text}");
        }
        for text in
            ["model.eval(x)", "def eval(self, x):", "# eval(x)", "    >>> eval(x)", "    ... exec(x)", "evaluate(x)"]
        {
            assert!(!runs(text), "{text}");
        }
    }

    fn given(manifests: &[(&str, &str)], paths: &[&str]) -> Vec<usize> {
        let read = |(path, text): &(&str, &str)| Distribution::read(path, text);
        let distributions: Vec<Distribution> = manifests.iter().filter_map(read).collect();
        faces(&distributions, paths.iter().map(|path| (*path, "os.system('ls ' + x)")))
    }

    #[test]
    fn a_distribution_gives_its_modules() {
        let paths =
            ["p/setup.py", "p/a.py", "p/a/b.py", "p/src/a/c.py", "p/tests/test_a.py", "p/docs/conf.py", "q/a.py"];
        for manifest in [
            ("p/pyproject.toml", "[project]\nname = \"p\""),
            ("p/setup.cfg", "[metadata]\nname = p"),
            ("p/setup.py", "from setuptools import setup\nsetup(name='p')"),
            ("p/p-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: p"),
        ] {
            assert_eq!(given(&[manifest], &paths), [1, 2, 3], "{manifest:?}");
        }
    }

    #[test]
    fn an_application_gives_nothing() {
        let private = "[project]\nname = \"p\"\nclassifiers = [\"Private :: Do Not Upload\"]";
        for manifest in [("pyproject.toml", "[tool.black]"), ("pyproject.toml", private), ("setup.cfg", "[flake8]")] {
            assert_eq!(given(&[manifest], &["a.py"]), [0; 0], "{manifest:?}");
        }
    }

    #[test]
    fn what_is_installed_beside_others_is_not_looked_at() {
        let installed: Vec<String> = (0..9).map(|at| format!("lib/p{at}-1.0.dist-info/METADATA")).collect();
        let manifests: Vec<(&str, &str)> =
            installed.iter().map(|path| (path.as_str(), "Metadata-Version: 2.1")).collect();
        assert_eq!(given(&manifests, &["lib/p1/a.py"]), [0; 0]);
    }

    #[test]
    fn programs_are_no_part_of_what_is_given() {
        let distribution = Distribution::read("setup.py", "setup()").expect("a distribution");
        let started = "#!/usr/bin/env python\nimport os\nos.system(x)\nif __name__ == '__main__':\n    main()\n";
        let files = [("a.py", started), ("b.py", &started[2..]), ("contrib/c.py", "os.system(x)")];
        assert_eq!(faces(&[distribution], files.into_iter()), [1]);
    }

    #[test]
    fn only_files_that_run_something_count() {
        let distribution = Distribution::read("setup.py", "setup()").expect("a distribution");
        let files = [("a.py", "x = 1"), ("b.py", "eval(f'a.{x}')")];
        assert_eq!(faces(&[distribution], files.into_iter()), [1]);
    }
}
