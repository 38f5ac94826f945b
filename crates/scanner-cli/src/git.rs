//! Scans of git repositories: what is staged, and what hooks are asked about.

use crate::Exit;
use crate::args::{HistoryArgs, HookArgs, HookEvent, ScanArgs, WalkArgs};
use crate::place::Place;
use crate::run::Run;
use crate::ui::Failure;
use scanner_core::Report;
use scanner_core::input::Tree;
use scanner_core::input::git::{Changes, History, Pushed, Range, Repository, RepositoryOptions, Since};
use std::io::BufRead;
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
        HookEvent::Commit | HookEvent::Merge => run.finish_silently(scan_staged(&run, here)?),
        HookEvent::Push | HookEvent::Receive => {
            let repository = open(here)?;
            let is_push = args.event == HookEvent::Push;
            let remote = is_push.then(|| args.arguments.first().map_or("", String::as_str));
            let range = Range::pushed(&pushed(is_push)?, remote, &repository)?;
            run.finish_silently(scan_range(&run, &repository, &range)?)
        }
    }
}

/// `history`: all that repositories hold.
pub(crate) fn history(args: &HistoryArgs) -> Result<Exit, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if args.repositories.is_empty() { &here[..] } else { &args.repositories };
    let place = Place::of(&paths[0], &args.common.source)?;
    let run = Run::with(&args.common, &WalkArgs::default(), place, args.code, args.cache.as_deref())?;
    let mut all: Option<Report> = None;
    for path in paths {
        if all.is_some() && run.is_stopped() {
            break;
        }
        let repository = open(path)?;
        let report = match range(args, &repository)? {
            Some(range) => scan_range(&run, &repository, &range)?,
            None => {
                let (options, threads) = (run.settings.tree.clone(), run.threads());
                let history = History::open(&repository, options, args.all_objects, threads)?.keep_on(run.shelf());
                let mut report = run.scan(&history)?;
                history.attribute(&mut report, threads, &|path, bytes, seen| run.scan_version(path, bytes, seen));
                report
            }
        };
        match &mut all {
            Some(all) => all.append(report),
            None => all = Some(report),
        }
    }
    let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
    run.finish_of(all.expect("there is one path at least"), &paths)
}

/// The references that git tells a hook on standard input: `pre-push` gets the name, the new id, the name on the
/// other side and the id there; `pre-receive` the old id, the new one and the name.
fn pushed(is_push: bool) -> Result<Vec<Pushed>, Failure> {
    let lines = std::io::stdin().lock().lines().collect::<Result<Vec<String>, _>>();
    let lines = lines.map_err(|error| Failure(format!("standard input: {error}")))?;
    let read = |line: &String| {
        let parts: Vec<&str> = line.split(' ').collect();
        let (new, old) = match (is_push, &parts[..]) {
            (true, [_, new, _, old]) | (false, [old, new, ..]) => (*new, *old),
            _ => return Err(Failure(format!("standard input: `{line}` names no reference as git tells hooks"))),
        };
        Ok(Pushed { new: new.to_owned(), old: old.to_owned() })
    };
    lines.iter().filter(|line| !line.is_empty()).map(read).collect()
}

fn scan_range(run: &Run<'_>, repository: &Repository, range: &Range) -> Result<Report, Failure> {
    scan_changes(run, &Changes::of_range(repository, run.settings.tree.clone(), range)?)
}

/// The commits that the arguments mean, unless it is all of them.
fn range(args: &HistoryArgs, repository: &Repository) -> Result<Option<Range>, Failure> {
    let (since, until, max) = (args.since.map(|date| date.0), args.until.map(|date| date.0), args.max_commits);
    let named = args.range.as_ref().or(args.branch.as_ref());
    if named.is_none() && since.is_none() && until.is_none() && max.is_none() {
        return Ok(None);
    }
    let mut range = named.map_or_else(|| Ok(Range::all(repository)), |named| Range::parse(named, repository))?;
    (range.since, range.until, range.max) = (since, until, max);
    Ok(Some(range))
}

fn scan_staged(run: &Run<'_>, path: &Path) -> Result<Report, Failure> {
    let repository = open(path)?;
    scan_changes(run, &Changes::staged(&repository, run.settings.tree.clone())?)
}

fn scan_changes(run: &Run<'_>, changes: &Changes<'_>) -> Result<Report, Failure> {
    let mut report = run.scan(changes)?;
    changes.keep_added(&mut report);
    Ok(report)
}

/// Opens the repository of a path. Git tells its hooks by variables where the parts lie; they hold for
/// the working directory only.
pub(crate) fn open(path: &Path) -> Result<Repository, Failure> {
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
