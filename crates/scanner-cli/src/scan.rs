//! The command `scan`.

use crate::Exit;
use crate::args::ScanArgs;
use crate::place::{Place, check_paths};
use crate::run::Run;
use crate::ui::Failure;
use scanner_core::input::{Memory, Tree};
use std::io::Read;
use std::path::{Path, PathBuf};

/// What standard input is called without `--stdin-filename`.
const STDIN: &str = "stdin";

/// Scans and reports.
pub(crate) fn run(args: &ScanArgs) -> Result<Exit, Failure> {
    #[cfg(feature = "git")]
    if args.git.staged {
        return crate::git::staged(args);
    }
    let (paths, from_stdin) = paths(args)?;
    let place = match &args.walk.stdin_filename {
        Some(name) => Place::of(name.parent().unwrap_or(Path::new(".")), &args.common.source)?,
        None => Place::of(paths.first().map_or(Path::new("."), PathBuf::as_path), &args.common.source)?,
    };
    let run = Run::new(&args.common, &args.walk, place)?;
    let report = if from_stdin {
        let input = standard_input(args, &run)?;
        #[cfg(feature = "archives")]
        let input = match &run.settings.tree.archives {
            Some(limits) => input.with_archives(limits.clone()),
            None => input,
        };
        run.scan(&input)?
    } else {
        #[cfg(feature = "git")]
        if args.git.diff.is_some() || args.git.pr.is_some() {
            return crate::git::since(&run, args, &paths);
        }
        run.scan(&Tree::new(&paths).with(run.settings.tree.clone()))?
    };
    run.finish(report)
}

/// The paths to scan, and whether it is standard input instead.
fn paths(args: &ScanArgs) -> Result<(Vec<PathBuf>, bool), Failure> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    let named = args.walk.stdin_filename.is_some();
    match &args.paths[..] {
        [] if named => Ok((Vec::new(), true)),
        [] => Ok((vec![PathBuf::from(".")], false)),
        [one] if is_stdin(one) => Ok((Vec::new(), true)),
        all if all.iter().any(is_stdin) => Err(Failure("`-` cannot be scanned together with other paths".into())),
        _ if named => Err(Failure("--stdin-filename needs the path `-`".into())),
        all => {
            check_paths(all)?;
            Ok((all.to_vec(), false))
        }
    }
}

fn standard_input(args: &ScanArgs, run: &Run<'_>) -> Result<Memory, Failure> {
    let limit = run.settings.limits.max_file_size;
    let name = args.walk.stdin_filename.as_deref().unwrap_or(Path::new(STDIN));
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Failure(format!("standard input: {error}")))?;
    if bytes.len() as u64 > limit {
        return Err(Failure(format!("standard input holds more than {limit} bytes; see --max-file-size")));
    }
    Ok(Memory::new().with(run.place.name(name), bytes))
}
