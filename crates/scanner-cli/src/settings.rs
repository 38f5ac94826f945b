//! What a scan is to do: the command line and the configuration file put together.

use crate::args::{CommonArgs, SelectionArgs, SourceArgs, WalkArgs};
use crate::place::Place;
use crate::ui::Failure;
use scanner_core::allow::{Allow, Allows};
use scanner_core::input::TreeOptions;
use scanner_core::{Confidence, Limits, RuleOptions, Severity};

/// Everything decided.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) rules: RuleOptions,
    pub(crate) limits: Limits,
    pub(crate) tree: TreeOptions,
    pub(crate) decode: bool,
    pub(crate) threads: usize,
    pub(crate) min_severity: Severity,
    pub(crate) min_confidence: Confidence,
    pub(crate) fail_on: Severity,
    pub(crate) include_suppressed: bool,
    /// Whether the places of one secret become one finding.
    pub(crate) merge: bool,
    /// Ready to be applied, and as written, for messages.
    pub(crate) allows: (Allows, Vec<Allow>),
}

impl Settings {
    /// Flags add to the configuration's lists and override the rest.
    pub(crate) fn new(args: &CommonArgs, walk: &WalkArgs, place: &Place) -> Result<Settings, Failure> {
        let (files, report, config) = (&args.files, &args.report, &place.config);
        let mut limits = Limits::default();
        if let Some(size) = files.max_file_size.or(config.scan.max_file_size) {
            limits.max_file_size = size.0;
        }
        let on = |flag: bool, configured: Option<bool>| flag || configured.unwrap_or(false);
        let configured = config.scan.exclude.iter().map(|glob| place.config_glob(glob));
        let tree = TreeOptions {
            no_ignore: on(walk.no_ignore, config.scan.no_ignore),
            skip_hidden: !files.hidden && on(files.skip_hidden, config.scan.skip_hidden),
            exclude: configured
                .chain(files.exclude.iter().map(|glob| place.flag_glob(glob)))
                .chain(walk.cache.iter().map(|folder| format!("/{}/", place.name(folder))))
                .collect(),
            force_exclude: walk.force_exclude,
            follow_links: on(walk.follow, config.scan.follow),
            max_depth: walk.max_depth,
            max_file_size: limits.max_file_size,
            sniff: limits.sniff,
            head: limits.head,
            root: Some(place.root.clone()),
            #[cfg(feature = "archives")]
            archives: on(files.archives, config.scan.archives).then(|| limits.clone()),
        };
        let mut rules = rule_options(&args.source, &args.selection, place);
        rules.audit = on(args.audit, config.rules.audit);
        Ok(Settings {
            rules,
            limits,
            tree,
            decode: !on(files.no_decode, config.scan.no_decode),
            threads: files.threads.or(config.scan.threads).unwrap_or(0),
            min_severity: report.min_severity.or(config.report.min_severity).map_or(Severity::Info, Severity::from),
            min_confidence: report
                .min_confidence
                .or(config.report.min_confidence)
                .map_or(Confidence::Medium, Confidence::from),
            fail_on: report.fail_on.or(config.report.fail_on).map_or(Severity::Low, Severity::from),
            include_suppressed: on(report.include_suppressed, config.report.include_suppressed),
            merge: !on(report.no_merge, config.report.no_merge),
            allows: allows(place)?,
        })
    }
}

/// The rules that flags and configuration ask for.
pub(crate) fn rule_options(source: &SourceArgs, selection: &SelectionArgs, place: &Place) -> RuleOptions {
    let config = &place.config.rules;
    let both = |configured: &[String], given: &[String]| configured.iter().chain(given).cloned().collect();
    let configured = config.paths.iter().map(|path| place.config_path(path));
    RuleOptions {
        paths: configured.chain(source.rules.iter().cloned()).collect(),
        no_builtin: source.no_builtin || config.no_builtin.unwrap_or(false),
        enable: both(&config.enable, &selection.enable),
        disable: both(&config.disable, &selection.disable),
        audit: false,
        models: place.config.model.iter().cloned().map(Into::into).collect(),
    }
}

fn allows(place: &Place) -> Result<(Allows, Vec<Allow>), Failure> {
    let entry = |entry: &crate::config::AllowConfig| Allow {
        rule: entry.rule.clone(),
        path: entry.path.as_deref().map(|glob| place.config_glob(glob)),
        fingerprint: entry.fingerprint.clone(),
        reason: entry.reason.clone(),
    };
    let entries: Vec<Allow> = place.config.allow.iter().map(entry).collect();
    Ok((Allows::new(&entries)?, entries))
}
