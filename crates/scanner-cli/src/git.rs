//! Scans of git repositories: what is staged, and what hooks are asked about.

use crate::Exit;
use crate::args::{HookArgs, HookEvent, ScanArgs, WalkArgs};
use crate::place::Place;
use crate::run::Run;
use crate::ui::Failure;
use scanner_core::Report;
use scanner_core::input::Tree;
use scanner_core::input::git::{Changes, Repository, RepositoryOptions, Since};
use std::path::{Path, PathBuf};

/// `scan --staged`: the repository of the given path.
pub(crate) fn staged(args: &ScanArgs) -> Result<Exit, Failure> {
    let path = match &args.paths[..] {
        [] => Path::new("."),
        [path] => path,
        _ => return Err(Failure("--staged scans one repository; give one path in it, or none".into())),
    };
    let run = Run::new(&args.common, &args.walk, Place::of(path, &args.common.source)?)?;
    run.finish(scan_staged(&run, path)?)
}

/// `scan --diff` and `scan --pr`: a scan of the work tree, of which only new lines are reported.
pub(crate) fn since(run: &Run<'_>, args: &ScanArgs, paths: &[PathBuf]) -> Result<Exit, Failure> {
    let repository = open(paths.first().map_or(Path::new("."), PathBuf::as_path))?;
    let since = match (&args.git.diff, &args.git.pr) {
        (Some(revision), _) => Since::revision(&repository, revision)?,
        (None, base) => Since::fork(&repository, base.as_deref().unwrap_or("HEAD"))?,
    };
    let mut report = run.scan(&Tree::new(paths).with(run.settings.tree.clone()))?;
    since.added(&mut report, &run.place.root, run.settings.limits.sniff).apply(&mut report);
    run.finish(report)
}

/// `hook`: what the calling hook is asked about, in the repository that git says.
pub(crate) fn hook(args: &HookArgs) -> Result<Exit, Failure> {
    let here = Path::new(".");
    let run = Run::new(&args.common, &WalkArgs::default(), Place::of(here, &args.common.source)?)?;
    match args.event {
        HookEvent::PreCommit => run.finish_silently(scan_staged(&run, here)?),
    }
}

fn scan_staged(run: &Run<'_>, path: &Path) -> Result<Report, Failure> {
    let repository = open(path)?;
    let changes = Changes::staged(&repository, run.settings.tree.clone())?;
    let mut report = run.scan(&changes)?;
    let added = changes.added(&mut report);
    added.apply(&mut report);
    Ok(report)
}

/// Opens the repository of a path. Git tells its hooks by variables where the parts lie; they hold for
/// the working directory only.
fn open(path: &Path) -> Result<Repository, Failure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let mut options = RepositoryOptions::default();
    if path == Path::new(".") {
        let alternates = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        options = RepositoryOptions {
            git_dir: variable("GIT_DIR"),
            index: variable("GIT_INDEX_FILE"),
            objects: variable("GIT_OBJECT_DIRECTORY"),
            alternates: std::env::split_paths(&alternates).filter(|path| path.is_absolute()).collect(),
        };
    }
    Ok(Repository::open(path, &options)?)
}
