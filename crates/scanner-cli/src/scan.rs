//! The command `scan`.

use crate::args::ScanArgs;
use crate::output::{Form, Outputs, text_options};
use crate::place::{Place, check_paths};
use crate::settings::Settings;
use crate::ui::{self, Failure};
use crate::{Exit, progress};
use scanner_core::format::text;
use scanner_core::input::{Memory, Tree};
use scanner_core::{Input, Progress, Report, Scanner};
use std::io::Read;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What standard input is called without `--stdin-filename`.
const STDIN: &str = "stdin";

/// Scans and reports.
pub(crate) fn run(args: &ScanArgs) -> Result<Exit, Failure> {
    let started = Instant::now();
    let (paths, from_stdin) = paths(args)?;
    let place = match &args.files.stdin_filename {
        Some(name) => Place::of(name.parent().unwrap_or(Path::new(".")), &args.source)?,
        None => Place::of(paths.first().map_or(Path::new("."), PathBuf::as_path), &args.source)?,
    };
    let outputs = Outputs::new(&args.report)?;
    let settings = Settings::new(args, &place)?;
    if args.report.show_secrets {
        ui::warning("this report shows credentials in full");
    }
    let scanner = Scanner::builder()
        .rules(settings.rules.clone())
        .limits(settings.limits.clone())
        .threads(settings.threads)
        .layers(settings.decode)
        .show_secrets(args.report.show_secrets)
        .build()?;
    // The process ends after its report; taking thousands of rules apart before that only costs.
    let scanner = ManuallyDrop::new(scanner);
    let input: Box<dyn Input + Sync> = if from_stdin {
        let input = standard_input(args, &place, settings.limits.max_file_size)?;
        #[cfg(feature = "archives")]
        let input = match &settings.tree.archives {
            Some(limits) => input.with_archives(limits.clone()),
            None => input,
        };
        Box::new(input)
    } else {
        Box::new(Tree::new(&paths).with(settings.tree.clone()))
    };
    let done = Progress::default();
    let wanted = !args.messages.quiet && !args.messages.no_progress && progress::is_wanted();
    let mut report = progress::during(wanted, &done, || scanner.scan_with(&*input, &done))?;
    let unused = settings.allows.0.apply(&mut report);
    if settings.merge {
        report.merge(&settings.limits);
    }
    report.keep(settings.min_severity, settings.min_confidence);
    let form = Form {
        terse: args.messages.quiet,
        verbose: args.messages.verbose,
        include_suppressed: settings.include_suppressed,
        elapsed: started.elapsed(),
        sarif_category: args.report.sarif_category.as_deref(),
    };
    outputs.write(&report, &place, form)?;
    if !args.messages.quiet && !outputs.has_text_on_stdout() {
        let report = place.seen_from_cwd(report.clone());
        ui::stderr(|out| text::write_summary(&report, &text_options(form, true), out));
    }
    if args.messages.verbose {
        explain_run(&place, &settings, &report, &unused);
    }
    Ok(verdict(args, &settings, &report))
}

/// The paths to scan, and whether it is standard input instead.
fn paths(args: &ScanArgs) -> Result<(Vec<PathBuf>, bool), Failure> {
    let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
    let named = args.files.stdin_filename.is_some();
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

fn standard_input(args: &ScanArgs, place: &Place, limit: u64) -> Result<Memory, Failure> {
    let name = args.files.stdin_filename.as_deref().unwrap_or(Path::new(STDIN));
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Failure(format!("standard input: {error}")))?;
    if bytes.len() as u64 > limit {
        return Err(Failure(format!("standard input holds more than {limit} bytes; see --max-file-size")));
    }
    Ok(Memory::new().with(place.name(name), bytes))
}

/// What `--verbose` adds.
fn explain_run(place: &Place, settings: &Settings, report: &Report, unused: &[usize]) {
    match &place.config_file {
        Some(file) => ui::note(&format!("configuration: {}", file.display())),
        None => ui::note("configuration: none"),
    }
    ui::note(&format!("paths are relative to {}", place.root.display()));
    ui::note(&format!("{} rules ran", report.rules.rules().iter().filter(|rule| !rule.only_joins).count()));
    for &at in unused {
        let entry = &settings.allows.1[at];
        let keys = [("rule", &entry.rule), ("path", &entry.path), ("fingerprint", &entry.fingerprint)];
        let keys = keys.into_iter().filter_map(|(key, value)| Some(format!("{key} = \"{}\"", value.as_ref()?)));
        let keys: Vec<String> = keys.collect();
        ui::note(&format!("allow entry {} ({}) fits no finding of this scan", at + 1, keys.join(", ")));
    }
}

fn verdict(args: &ScanArgs, settings: &Settings, report: &Report) -> Exit {
    if report.is_incomplete() && !args.report.best_effort {
        ui::error("not everything could be examined; --best-effort accepts that");
        Exit::Error
    } else if report.fails(settings.fail_on) && !args.report.exit_zero {
        Exit::Findings
    } else {
        Exit::Clean
    }
}
