//! Where a scan takes place: the working directory, the repository's root, the configuration file.

use crate::args::{Cli, SourceArgs};
use crate::config::{Config, FILE_NAME};
use crate::ui::Failure;
use clap::CommandFactory;
use scanner_core::{Error, Origin, Report};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The folders that paths are relative to, and the configuration.
#[derive(Debug)]
pub(crate) struct Place {
    /// The working directory, canonical.
    cwd: PathBuf,
    /// What reported paths are relative to, canonical: the repository that the first path lies in,
    /// otherwise the working directory. Fingerprints hold the path, so it must not depend on where
    /// in a repository the scan was started.
    pub(crate) root: PathBuf,
    /// The configuration, empty if there is none.
    pub(crate) config: Config,
    /// Where it was read from.
    pub(crate) config_file: Option<PathBuf>,
    /// What its globs are relative to, canonical.
    config_base: PathBuf,
}

impl Place {
    /// Finds repository and configuration of a path.
    pub(crate) fn of(path: &Path, source: &SourceArgs) -> Result<Place, Failure> {
        let cwd = std::env::current_dir().and_then(|cwd| cwd.canonicalize());
        let cwd = cwd.map_err(|error| Failure(format!("the working directory: {error}")))?;
        let real = path.canonicalize().unwrap_or_else(|_| cwd.clone());
        let folder = if real.is_dir() { real } else { real.parent().map_or(cwd.clone(), Path::to_owned) };
        let repository = folder.ancestors().find(|folder| folder.join(".git").exists());
        let root = repository.map_or_else(|| cwd.clone(), Path::to_owned);
        let found = match (&source.config, source.no_config) {
            (Some(file), _) => Some((file.clone(), root.clone())),
            (None, true) => None,
            (None, false) => discover(&folder, &root),
        };
        let (config_file, config_base) = found.map_or((None, root.clone()), |(file, base)| (Some(file), base));
        let config = config_file.as_deref().map(Config::read).transpose()?.unwrap_or_default();
        let config_file = config_file.map(|file| file.strip_prefix(&cwd).map_or(file.clone(), Path::to_owned));
        Ok(Place { cwd, root, config, config_file, config_base })
    }

    /// A path in the configuration, which is relative to the file.
    pub(crate) fn config_path(&self, path: &Path) -> PathBuf {
        let folder = self.config_file.as_deref().and_then(Path::parent);
        folder.map_or_else(|| path.to_owned(), |folder| folder.join(path))
    }

    /// A glob of the configuration, made relative to the root. Globs of a file that was found are
    /// relative to its folder, those of a file given with `--config` to the root.
    pub(crate) fn config_glob(&self, glob: &str) -> String {
        anchor(glob, &self.config_base, &self.root)
    }

    /// A glob of the command line, which is relative to the working directory.
    pub(crate) fn flag_glob(&self, glob: &str) -> String {
        anchor(glob, &self.cwd, &self.root)
    }

    /// The path relative to the root of a file that need not exist.
    pub(crate) fn name(&self, path: &Path) -> String {
        let mut whole = PathBuf::new();
        for part in self.cwd.join(path).components() {
            match part {
                Component::ParentDir => {
                    whole.pop();
                }
                Component::CurDir => {}
                part => whole.push(part),
            }
        }
        slashes(whole.strip_prefix(&self.root).unwrap_or(&whole))
    }

    /// The report with its paths relative to the working directory, for people who open the files.
    pub(crate) fn seen_from_cwd(&self, mut report: Report) -> Report {
        if self.cwd == self.root {
            return report;
        }
        let front = match (self.cwd.strip_prefix(&self.root), self.root.strip_prefix(&self.cwd)) {
            (Ok(inside), _) => Front::Below(slashes(inside)),
            (_, Ok(above)) => Front::Above(slashes(above)),
            _ => Front::Above(slashes(&self.root)),
        };
        let origin = |origin: &mut Arc<Origin>| {
            let path = front.place(&origin.path);
            *origin = Arc::new(Origin { path, ..Origin::clone(origin) });
        };
        for finding in report.findings.iter_mut().chain(&mut report.suppressed) {
            origin(&mut finding.location.origin);
            finding.related.iter_mut().for_each(|place| origin(&mut place.location.origin));
            finding.trace.iter_mut().for_each(|step| origin(&mut step.location.origin));
        }
        for origin in report.problems.iter_mut().filter_map(|problem| problem.origin.as_mut()) {
            origin.path = front.place(&origin.path);
        }
        report
    }
}

/// How a path relative to the root is shown in the working directory.
enum Front {
    /// The working directory lies this far below the root.
    Below(String),
    /// The root lies here.
    Above(String),
}

impl Front {
    fn place(&self, path: &str) -> String {
        // What does not lie below the root is shown as it was given already.
        if Path::new(path).is_absolute() || path.starts_with("../") {
            return path.to_owned();
        }
        match self {
            Front::Above(front) => format!("{front}/{path}"),
            Front::Below(front) => match path.strip_prefix(front.as_str()).and_then(|rest| rest.strip_prefix('/')) {
                Some(rest) => rest.to_owned(),
                None => format!("{}{path}", "../".repeat(front.split('/').count())),
            },
        }
    }
}

/// The nearest configuration file from `folder` up to `root`, and its folder. Above a tree that is no
/// repository's, nothing is looked for: who knows whose file that is.
fn discover(folder: &Path, root: &Path) -> Option<(PathBuf, PathBuf)> {
    let depth = folder.strip_prefix(root).map_or(0, |inside| inside.components().count());
    let folders = folder.ancestors().take(depth + 1);
    folders.map(|folder| (folder.join(FILE_NAME), folder.to_owned())).find(|(file, _)| file.is_file())
}

/// Makes a glob that is relative to `base` relative to `root`.
fn anchor(glob: &str, base: &Path, root: &Path) -> String {
    let inside = base.strip_prefix(root).map(slashes).unwrap_or_default();
    if inside.is_empty() {
        return glob.to_owned();
    }
    let (not, body) = glob.strip_prefix('!').map_or(("", glob), |body| ("!", body));
    let mut folder = String::new();
    for letter in inside.chars() {
        if "\\*?[]{}!# ".contains(letter) {
            folder.push('\\');
        }
        folder.push(letter);
    }
    let anchored = body.trim_end_matches('/').contains('/');
    let within = if anchored { "" } else { "**/" };
    format!("{not}/{folder}/{within}{}", body.trim_start_matches('/'))
}

fn slashes(path: &Path) -> String {
    let path = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { path.into_owned() } else { path.replace('\\', "/") }
}

/// Refuses paths that do not exist, before anything is read.
pub(crate) fn check_paths(paths: &[PathBuf]) -> Result<(), Failure> {
    for path in paths {
        std::fs::symlink_metadata(path).map_err(|source| {
            let name = path.to_string_lossy();
            let hint = match Cli::command().find_subcommand(&*name) {
                Some(_) => format!("; the command `{name}` stands before all options"),
                None => String::new(),
            };
            Failure(format!("{}{hint}", Error::Path { path: path.clone(), source }))
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_keep_their_meaning_at_the_root() {
        let at = |glob: &str| anchor(glob, Path::new("/r/a [b]"), Path::new("/r"));
        assert_eq!(at("*.log"), "/a\\ \\[b\\]/**/*.log");
        assert_eq!(at("build/"), "/a\\ \\[b\\]/**/build/");
        assert_eq!(at("/x/y"), "/a\\ \\[b\\]/x/y");
        assert_eq!(at("!x/y"), "!/a\\ \\[b\\]/x/y");
        assert_eq!(anchor("x/y", Path::new("/r"), Path::new("/r")), "x/y");
        assert_eq!(anchor("x/y", Path::new("/elsewhere"), Path::new("/r")), "x/y");
    }

    #[test]
    fn paths_are_shown_from_the_working_directory() {
        assert_eq!(Front::Below("a/b".into()).place("a/b/c.py"), "c.py");
        assert_eq!(Front::Below("a/b".into()).place("a/bc.py"), "../../a/bc.py");
        assert_eq!(Front::Above("sub".into()).place("c.py"), "sub/c.py");
        assert_eq!(Front::Above("sub".into()).place("/x/c.py"), "/x/c.py");
        assert_eq!(Front::Above("sub".into()).place("../c.py"), "../c.py");
    }
}
