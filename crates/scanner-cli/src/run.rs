//! What all scans share: settings and scanner before, reports and exit code after.

use crate::args::{CommonArgs, WalkArgs};
use crate::output::{Form, Outputs, text_options};
use crate::place::Place;
use crate::settings::Settings;
use crate::ui::{self, Failure};
use crate::{Exit, progress};
#[cfg(feature = "git")]
use scanner_core::Finding;
use scanner_core::format::text;
use scanner_core::report::Provenance;
#[cfg(feature = "git")]
use scanner_core::seen::Seen;
#[cfg(feature = "git")]
use scanner_core::store::Shelf;
use scanner_core::store::Store;
use scanner_core::{Input, Progress, Report, Scanner};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// A scan from its arguments to its exit code.
pub(crate) struct Run<'a> {
    args: &'a CommonArgs,
    pub(crate) place: Place,
    pub(crate) settings: Settings,
    outputs: Outputs,
    /// The process ends after its report; taking thousands of rules apart before that only costs.
    scanner: ManuallyDrop<Scanner>,
    cache: Option<Arc<Store>>,
    progress: Arc<Progress>,
    started: Instant,
}

impl<'a> Run<'a> {
    /// Sets all up, so that what is wrong is told before anything is read.
    pub(crate) fn new(args: &'a CommonArgs, walk: &WalkArgs, place: Place) -> Result<Run<'a>, Failure> {
        Run::with(args, walk, place, true, walk.cache.as_deref())
    }

    /// As [`Run::new`]; `code` says whether rules for code run.
    pub(crate) fn with(
        args: &'a CommonArgs,
        walk: &WalkArgs,
        place: Place,
        code: bool,
        cache: Option<&Path>,
    ) -> Result<Run<'a>, Failure> {
        let started = Instant::now();
        let outputs = Outputs::new(&args.report)?;
        let settings = Settings::new(args, walk, &place)?;
        if args.report.show_secrets {
            ui::warning("this report shows credentials in full");
        }
        let cache = cache.map(|folder| {
            let named = |error| Failure(format!("{}: {error}", folder.display()));
            Store::open(folder).map(Arc::new).map_err(named)
        });
        let cache = cache.transpose()?;
        let scanner = Scanner::builder()
            .cache(cache.clone())
            .rules(settings.rules.clone())
            .limits(settings.limits.clone())
            .threads(settings.threads)
            .layers(settings.decode)
            .code(code)
            .show_secrets(args.report.show_secrets)
            .build()?;
        let progress = Arc::new(Progress::default());
        stop_on_signals(Arc::clone(&progress));
        Ok(Run { args, place, settings, outputs, scanner: ManuallyDrop::new(scanner), cache, progress, started })
    }

    /// Scans, with progress on a terminal.
    pub(crate) fn scan(&self, input: &dyn Input) -> Result<Report, Failure> {
        let messages = &self.args.messages;
        let wanted = !messages.quiet && !messages.no_progress && progress::is_wanted();
        let report = progress::during(wanted, &self.progress, || self.scanner.scan_with(input, &self.progress))?;
        if self.cache.as_ref().is_some_and(|cache| cache.failed()) {
            ui::warning("the cache could not be written to");
        }
        Ok(report)
    }

    /// Whether a signal asked to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.progress.stop.load(Ordering::Relaxed)
    }

    /// Where inputs keep what they were examined for, if anywhere.
    #[cfg(feature = "git")]
    pub(crate) fn shelf(&self) -> Option<&Shelf> {
        self.scanner.shelf()
    }

    /// Number of threads.
    #[cfg(feature = "git")]
    pub(crate) fn threads(&self) -> usize {
        self.scanner.threads()
    }

    /// What is found in a version of a file.
    #[cfg(feature = "git")]
    pub(crate) fn scan_version(&self, path: &str, bytes: &[u8], seen: &Seen) -> Vec<Finding> {
        if self.is_stopped() {
            return Vec::new();
        }
        let report = self.scanner.scan_version(path, bytes, seen);
        report.findings.into_iter().chain(report.suppressed).collect()
    }

    /// Writes the reports, and says how it ended.
    pub(crate) fn finish(&self, report: Report) -> Result<Exit, Failure> {
        self.end(report, false, &[&self.place.root])
    }

    /// As [`Run::finish`], for a scan of these repositories.
    #[cfg(feature = "git")]
    pub(crate) fn finish_of(&self, report: Report, repositories: &[&Path]) -> Result<Exit, Failure> {
        self.end(report, false, repositories)
    }

    /// As [`Run::finish`], but of nothing found not a word is said on standard output.
    #[cfg(feature = "git")]
    pub(crate) fn finish_silently(&self, report: Report) -> Result<Exit, Failure> {
        self.end(report, true, &[&self.place.root])
    }

    fn end(&self, mut report: Report, silent: bool, repositories: &[&Path]) -> Result<Exit, Failure> {
        let (args, settings) = (self.args, &self.settings);
        let unused = settings.allows.0.apply(&mut report);
        if settings.merge {
            report.merge(&settings.limits);
        }
        report.keep(settings.min_severity, settings.min_confidence);
        let provenance = if self.outputs.has_sarif() { provenance(repositories) } else { Vec::new() };
        let form = Form {
            terse: args.messages.quiet,
            verbose: args.messages.verbose,
            include_suppressed: settings.include_suppressed,
            elapsed: self.started.elapsed(),
            sarif_category: args.report.sarif_category.as_deref(),
            provenance: &provenance,
        };
        let silent = silent && report.findings.is_empty() && !report.is_incomplete();
        if !silent || !self.outputs.has_text_on_stdout() {
            self.outputs.write(&report, &self.place, form)?;
        }
        if !silent && !args.messages.quiet && !self.outputs.has_text_on_stdout() {
            let report = self.place.seen_from_cwd(report.clone());
            ui::stderr(|out| text::write_summary(&report, &text_options(form, true), out));
        }
        if args.messages.verbose {
            self.explain(&report, &unused);
        }
        Ok(self.verdict(&report))
    }

    /// What `--verbose` adds.
    fn explain(&self, report: &Report, unused: &[usize]) {
        match &self.place.config_file {
            Some(file) => ui::note(&format!("configuration: {}", file.display())),
            None => ui::note("configuration: none"),
        }
        ui::note(&format!("paths are relative to {}", self.place.root.display()));
        ui::note(&format!("{} rules ran", report.rules.rules().running()));
        for &at in unused {
            let entry = &self.settings.allows.1[at];
            let keys = [("rule", &entry.rule), ("path", &entry.path), ("fingerprint", &entry.fingerprint)];
            let keys = keys.into_iter().filter_map(|(key, value)| Some(format!("{key} = \"{}\"", value.as_ref()?)));
            let keys: Vec<String> = keys.collect();
            ui::note(&format!("allow entry {} ({}) fits no finding of this scan", at + 1, keys.join(", ")));
        }
    }

    fn verdict(&self, report: &Report) -> Exit {
        if self.is_stopped() {
            ui::error("interrupted; the report tells what was found until then");
            Exit::Error
        } else if report.is_incomplete() && !self.args.report.best_effort {
            ui::error("not everything could be examined; --best-effort accepts that");
            Exit::Error
        } else if report.fails(self.settings.fail_on) && !self.args.report.exit_zero {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }
}

/// At the first signal that asks to end, the scan stops and reports; at the second, the process ends.
fn stop_on_signals(progress: Arc<Progress>) {
    let on_signal = move || {
        if progress.stop.swap(true, Ordering::Relaxed) {
            process::exit(ENDED);
        }
    };
    // Without a handler, signals end the process as they always do.
    let _ = ctrlc::set_handler(on_signal);
}

/// What shells tell of a process that was ended by Ctrl-C.
const ENDED: i32 = 130;

/// What the repositories of these paths are called by others.
#[cfg(feature = "git")]
fn provenance(repositories: &[&Path]) -> Vec<Provenance> {
    let named = repositories.iter().filter_map(|path| crate::git::open(path).ok()?.provenance());
    named.collect()
}

#[cfg(not(feature = "git"))]
fn provenance(_: &[&Path]) -> Vec<Provenance> {
    Vec::new()
}
