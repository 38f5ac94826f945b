//! The engine: analyses each blob once, in parallel, and puts together the report.

mod builder;
mod cache;
mod distributions;
mod flows;
mod fresh;
mod groups;
mod hits;
mod layers;
mod naming;
mod packages;
mod parts;
mod versions;
pub(crate) mod watch;

pub use builder::ScannerBuilder;
pub(crate) use hits::Hits;

use crate::blob::{Blob, Input, Origin, Visitor};
use crate::decode::{Decoded, Document, decode};
use crate::detect::index::{Index, code_rules};
use crate::detect::name::Content;
use crate::detect::{Candidate, Sink, code, name, pair, path, text};
use crate::error::{Error, Problem, ProblemKind};
use crate::finding::{Confidence, Finding};
use crate::flow::naming::Naming;
use crate::language::Script;
use crate::limits::Limits;
use crate::report::{Report, Stats};
use crate::rule::RuleSet;
use crate::rule::syntax::Kind;
use crate::seen::Seen;
use crate::store::{Key, Shelf};
use crate::suppress::{self, Comment};
use crate::triage::{self, Context};
use cache::{Cache, Examined, OfCode};
use distributions::Distribution;
use flows::{Flows, Followed, Kept};
use packages::Package;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use versions::Versions;

/// Finds secrets and vulnerabilities. Build it once, use it from any number of threads.
#[derive(Debug)]
pub struct Scanner {
    rules: Arc<RuleSet>,
    index: Index,
    limits: Limits,
    threads: usize,
    show_secrets: bool,
    prefilter: bool,
    /// Drawn anew for each scanner; see `SecretId`.
    key: [u8; 8],
    layers: bool,
    code: bool,
    fresh: bool,
    flows: Flows,
    cache: Option<Cache>,
}

/// How far a scan has come; another thread may read it while the scan runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Blobs done.
    pub files: AtomicU64,
    /// Bytes done.
    pub bytes: AtomicU64,
    /// Findings so far.
    pub findings: AtomicU64,
    /// Blobs in all, as far as the inputs know; 0 if they do not.
    pub total: AtomicU64,
    /// Set by another thread to end the scan: what was found until then is reported, and that it was ended.
    pub stop: AtomicBool,
}

/// All that one blob leaves; it holds no bytes of it.
#[derive(Debug, Default)]
struct Facts {
    findings: Vec<Finding>,
    suppressed: Vec<Finding>,
    problems: Vec<Problem>,
    stats: Stats,
    /// Files that are looked at once all are known.
    kept: Vec<Kept>,
    packages: Vec<Package>,
    distributions: Vec<Distribution>,
    /// What scripts call each other.
    namings: Vec<Naming>,
    /// Findings of history and suppressed ones, by what makes them the same in another version of a file.
    versions: [Versions; 2],
}

impl Facts {
    fn has_sums_only(&self) -> bool {
        self.findings.is_empty()
            && self.suppressed.is_empty()
            && self.problems.is_empty()
            && self.kept.is_empty()
            && self.packages.is_empty()
            && self.distributions.is_empty()
            && self.namings.is_empty()
    }
}

impl Scanner {
    /// A scanner with the built-in rules.
    ///
    /// # Errors
    /// None in practice; see [`ScannerBuilder::build`].
    pub fn new() -> Result<Scanner, Error> {
        Scanner::builder().build()
    }

    /// The rules that run.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Number of threads that a scan uses.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// Where inputs keep what scanners that are set up alike have seen of them, if anywhere.
    pub fn shelf(&self) -> Option<&Shelf> {
        self.cache.as_ref().map(|cache| &cache.shelf)
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Scans all that an input holds.
    ///
    /// # Errors
    /// What makes the input unusable as a whole; see [`Input::visit`].
    pub fn scan(&self, input: &dyn Input) -> Result<Report, Error> {
        self.scan_with(input, &Progress::default())
    }

    /// As [`Scanner::scan`], and tells how far it has come.
    ///
    /// # Errors
    /// As for [`Scanner::scan`].
    pub fn scan_with(&self, input: &dyn Input, progress: &Progress) -> Result<Report, Error> {
        let collector = Collector { scanner: self, progress, facts: Mutex::default(), seen: Seen::default() };
        input.visit(self.threads, &collector)?;
        let mut facts = collector.facts.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.link(&mut facts, &progress.stop)?;
        if progress.stop.load(Ordering::Relaxed) {
            let message = "the scan was interrupted; what was left was not examined".to_owned();
            facts.problems.push(Problem { origin: None, line: None, kind: ProblemKind::Interrupted, message });
        }
        if let Some(cache) = &self.cache {
            cache.trim();
        }
        Ok(self.report(facts))
    }

    /// Scans bytes in memory; `path` decides what kind of file they are.
    pub fn scan_bytes(&self, path: &str, bytes: &[u8]) -> Report {
        let mut facts = self.analyse(Blob::new(Origin::path(path), bytes), &Seen::default());
        if let Err(error) = self.link(&mut facts, &AtomicBool::new(false)) {
            facts.problems.push(Problem::at(Origin::path(path), ProblemKind::NotParsed, error.to_string()));
        }
        self.report(facts)
    }

    /// Scans a version of a file; nothing is found if all of it was `seen` in other versions.
    pub fn scan_version(&self, path: &str, bytes: &[u8], seen: &Seen) -> Report {
        let origin = Origin { blob: Some(String::new()), ..Origin::path(path) };
        let mut facts = self.analyse(Blob::new(origin.clone(), bytes), seen);
        if let Err(error) = self.link(&mut facts, &AtomicBool::new(false)) {
            facts.problems.push(Problem::at(origin, ProblemKind::NotParsed, error.to_string()));
        }
        self.report(facts)
    }

    fn report(&self, mut facts: Facts) -> Report {
        Finding::sort(&mut facts.findings);
        Finding::sort(&mut facts.suppressed);
        facts.problems.sort();
        // A file that does not parse says so where it is examined and where another imports it.
        facts.problems.dedup();
        Report {
            findings: facts.findings,
            suppressed: facts.suppressed,
            problems: facts.problems,
            stats: facts.stats,
            rules: Arc::clone(&self.rules),
        }
    }

    /// Everything that happens to one blob.
    fn analyse(&self, blob: Blob<'_>, seen: &Seen) -> Facts {
        let mut facts = Facts { stats: Stats { files: 1, ..Stats::default() }, ..Facts::default() };
        let key = self.cache.as_ref().and_then(|cache| cache.file(&blob));
        let origin = Arc::new(blob.origin);
        let mut candidates = Vec::new();
        let text = match blob.bytes.as_deref().map(|bytes| decode(bytes, self.limits.sniff)) {
            Some(Decoded::Text(text)) => {
                facts.stats.bytes = text.len() as u64;
                text
            }
            Some(Decoded::Binary) => {
                facts.stats.binary = 1;
                Cow::Borrowed("")
            }
            None => Cow::Borrowed(""),
        };
        let head = blob.bytes.as_deref().map(|bytes| &bytes[..bytes.len().min(self.limits.head)]);
        // What a commit brings in is told commit by commit.
        let is_version = origin.blob.is_some() && origin.commit.is_none() && origin.member.is_none();
        if self.fresh
            && is_version
            && !text.is_empty()
            && !blob.strings
            && self.holds_nothing_new(&origin, &text, blob.fresh, seen)
        {
            return facts;
        }
        let known = self.cache.as_ref().zip(key.as_ref()).and_then(|(cache, key)| cache.get::<Examined>(key));
        let known = known.filter(|seen| seen.fits(text.len(), self.rules.rules().len()));
        let (known, of_code) = match known {
            Some(seen) if !seen.whole => (None, Some(seen)),
            known => (known, None),
        };
        if let Some(mut seen) = known {
            let followed = seen.restore(&origin, &text, &mut facts);
            let document = Document::new(origin, text);
            self.read_manifest(document.origin.inner_path(), document.text(), &mut facts);
            self.keep_or_settle(&document, (seen.candidates, seen.comments), followed, key, &mut facts);
            return facts;
        }
        let content = Content { head, text: &text };
        if !blob.strings {
            name::detect(origin.inner_path(), content, &self.rules, &self.index, &mut candidates);
        }
        let document = Document::new(origin, text);
        let hits = self.hits(document.text());
        let is_known = of_code.is_some();
        let (mut followed, mut code) = (None, OfCode::default());
        if blob.strings {
            self.detect_in_strings(document.text(), &hits, &mut candidates);
        } else {
            (followed, code) = self.detect(&document, &hits, of_code, &mut candidates, &mut facts);
        }
        let comments = suppress::read(&document, &hits.suppressions);
        self.read_manifest(document.origin.inner_path(), document.text(), &mut facts);
        if let (Some(cache), Some(key)) = (&self.cache, &key)
            && !is_known
            && let Some(seen) = Examined::of(&candidates, &comments, &facts, code, followed.as_ref())
        {
            cache.put(key, &seen);
        }
        self.keep_or_settle(&document, (candidates, comments), followed, key, &mut facts);
        facts
    }

    /// Notes what a file says that describes a package.
    fn read_manifest(&self, path: &str, text: &str, facts: &mut Facts) {
        if self.code && self.flows.follows() {
            facts.packages.extend(Package::read(path, text));
            facts.distributions.extend(Distribution::read(path, text));
            facts.namings.extend(naming::read(path, text));
        }
    }

    /// Keeps a file through which data is followed; of others, makes findings.
    fn keep_or_settle(
        &self,
        document: &Document<'_>,
        (candidates, comments): (Vec<Candidate>, Vec<Comment>),
        followed: Option<Followed>,
        key: Option<Key>,
        facts: &mut Facts,
    ) {
        match followed {
            Some(followed) => {
                let (origin, text) = (Arc::clone(&document.origin), document.text().to_owned());
                let followed = Followed { key, ..followed };
                facts.kept.push(Kept { origin, text, candidates, comments, followed });
            }
            None => self.settle(document, candidates, &comments, facts),
        }
    }

    /// Makes findings of what was seen in a document.
    fn settle(&self, document: &Document<'_>, candidates: Vec<Candidate>, comments: &[Comment], facts: &mut Facts) {
        if candidates.is_empty() && comments.is_empty() {
            return;
        }
        let context =
            Context { rules: &self.rules, limits: &self.limits, show_secrets: self.show_secrets, key: &self.key };
        let outcome = triage::triage(document, candidates, comments, context);
        facts.findings.extend(outcome.findings);
        facts.suppressed.extend(outcome.suppressed);
        facts.problems.extend(outcome.problems);
    }

    /// Runs all detectors, those for code if it is not `known` what they see. Gives what is followed through other files,
    /// and what of the rest is of code.
    fn detect(
        &self,
        document: &Document<'_>,
        hits: &Hits,
        known: Option<Examined>,
        candidates: &mut Vec<Candidate>,
        facts: &mut Facts,
    ) -> (Option<Followed>, OfCode) {
        let path = document.origin.inner_path();
        let settings = !path::skips_pairs(path);
        self.detect_secrets(path, settings, document.text(), hits, candidates);
        let (first, problem, parsed) = (candidates.len(), facts.problems.len(), facts.stats.parsed);
        let followed = match known {
            Some(mut seen) => {
                candidates.append(&mut seen.candidates);
                seen.restore(&document.origin, document.text(), facts)
            }
            None => {
                let script = if self.code { Script::find(path, document.text()) } else { None };
                script.and_then(|script| self.detect_code(&document.origin, document.text(), script, candidates, facts))
            }
        };
        let of_code = OfCode {
            candidates: first..candidates.len(),
            problems: problem..facts.problems.len(),
            parsed: facts.stats.parsed - parsed,
        };
        if !(self.layers && settings) {
            return (followed, of_code);
        }
        let in_cells = self.detect_in_layers(document, candidates, facts);
        (followed.or(in_cells), of_code)
    }

    /// Runs the rules for text and pairs on a text, which is read as a file of this path; `settings`
    /// says that names and values in it may be such.
    fn detect_secrets(&self, path: &str, settings: bool, content: &str, hits: &Hits, candidates: &mut impl Sink) {
        if self.prefilter {
            for &(rule, shape, sequence, at) in &hits.shapes {
                text::shape_at(content, &self.rules, rule, shape, sequence, at, candidates);
            }
            let near = if settings { &hits.near[..] } else { &[] };
            for words in near.chunk_by(|left, right| left.0 == right.0) {
                text::near(content, &self.rules, words, candidates);
            }
            for keywords in hits.regexes.chunk_by(|left, right| left.0 == right.0) {
                text::regex_at(content, &self.rules, keywords, candidates);
            }
        } else {
            for (rule, _) in self.rules.rules().of_kind(Kind::Text) {
                text::everywhere(content, &self.rules, rule, settings, candidates);
            }
        }
        if settings && (!hits.pairs.words.is_empty() || !hits.pairs.places.is_empty()) {
            pair::detect(path, content, &hits.pairs, &self.rules, &self.index, candidates);
        }
    }

    /// Runs the rules for text on strings of a binary file. Nothing there has a name, and among
    /// thousands of strings only what is surely a credential is worth a look.
    fn detect_in_strings(&self, content: &str, hits: &Hits, candidates: &mut Vec<Candidate>) {
        let mut found = Vec::new();
        let hits = Hits { near: Vec::new(), pairs: pair::Hits::default(), ..hits.clone() };
        self.detect_secrets("strings", false, content, &hits, &mut found);
        let is_sure = |candidate: &Candidate| {
            let confidence = candidate.confidence.unwrap_or(self.rules.rules()[candidate.rule].confidence);
            candidate.proven || confidence == Confidence::High
        };
        candidates.extend(found.into_iter().filter(is_sure));
    }

    /// Runs the rules for code, and gives what is followed, lowered if data may come in there.
    fn detect_code(
        &self,
        origin: &Origin,
        text: &str,
        script: Script,
        candidates: &mut Vec<Candidate>,
        facts: &mut Facts,
    ) -> Option<Followed> {
        let (own, family) = (script.text(text), script.language().family());
        let keeps = self.flows.keeps(own);
        let enters = keeps && self.flows.enter(origin.inner_path(), own, family);
        let active = if self.prefilter {
            self.index.code(family, &self.rules).active(own)
        } else {
            code_rules(family, &self.rules).map(|(rule, _)| rule).collect()
        };
        let module = if active.is_empty() && !enters {
            None
        } else {
            let mut found = Vec::new();
            let outcome = code::detect(text, &script, &self.rules, &active, &self.limits, &mut found);
            candidates.append(&mut found);
            let origin = || Origin::clone(origin);
            let not_parsed = |reason| Problem::at(origin(), ProblemKind::NotParsed, reason);
            facts.problems.extend(outcome.failed.map(not_parsed));
            if !active.is_empty() {
                facts.stats.parsed += u64::from(outcome.module.is_some());
                if let Some(line) = outcome.module.as_ref().and_then(|module| module.syntax_error) {
                    let mut problem =
                        Problem::at(origin(), ProblemKind::SyntaxError, "has syntax errors; what parses was examined");
                    problem.line = Some(line);
                    facts.problems.push(problem);
                }
            }
            outcome.module.filter(|_| enters)
        };
        let enters = module.is_some();
        keeps.then_some(Followed { script, layer: None, module, enters, key: None })
    }

    /// Calls `each` for every named value of a document and every rule that wants its name.
    pub(crate) fn verdicts(&self, document: &Document<'_>, hits: &Hits, each: impl FnMut(pair::Verdict)) {
        pair::verdicts(&document.origin.path, document.text(), &hits.pairs, &self.rules, &self.index, each);
    }

    /// Runs the rules for names of files, text and pairs on a document as a scan does, and gives what
    /// called for them.
    pub(crate) fn look(&self, document: &Document<'_>, content: Content<'_>, sink: &mut impl Sink) -> Hits {
        let path = document.origin.inner_path();
        name::detect(path, content, &self.rules, &self.index, sink);
        let hits = Hits { names: self.index.plan.names.find(path), ..self.hits(document.text()) };
        self.detect_secrets(path, !path::skips_pairs(path), document.text(), &hits, sink);
        hits
    }
}

struct Collector<'s> {
    scanner: &'s Scanner,
    progress: &'s Progress,
    facts: Mutex<Facts>,
    seen: Seen,
}

impl Collector<'_> {
    /// Gives the sums, if there is nothing else.
    fn add(&self, mut facts: Facts) -> Option<Stats> {
        facts.problems = facts.problems.into_iter().filter_map(versions::told).collect();
        let sums = facts.has_sums_only().then_some(facts.stats);
        // A poisoned lock means another thread panicked between two appends; the lists are whole.
        let mut all = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        let all = &mut *all;
        let [findings, suppressed] = &mut all.versions;
        facts.findings.into_iter().for_each(|finding| findings.add(finding, &mut all.findings));
        facts.suppressed.into_iter().for_each(|finding| suppressed.add(finding, &mut all.suppressed));
        all.problems.extend(facts.problems);
        all.kept.extend(facts.kept);
        all.packages.extend(facts.packages);
        all.distributions.extend(facts.distributions);
        all.namings.extend(facts.namings);
        all.stats.add(&facts.stats);
        sums
    }
}

impl Visitor for Collector<'_> {
    fn blob(&self, blob: Blob<'_>) {
        self.look(blob);
    }

    fn look(&self, blob: Blob<'_>) -> Option<Stats> {
        if self.is_stopped() {
            return None;
        }
        let origin = blob.origin.clone();
        let bytes = blob.bytes.as_deref().map_or(0, |bytes| bytes.len() as u64);
        // A panic is a bug, but it must not take the other findings with it, nor look like "clean".
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.scanner.analyse(blob, &self.seen)));
        let facts = result.unwrap_or_else(|_| Facts {
            problems: vec![Problem::at(origin, ProblemKind::NotParsed, "internal error while examining this file")],
            ..Facts::default()
        });
        self.progress.files.fetch_add(1, Ordering::Relaxed);
        self.progress.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.progress.findings.fetch_add(facts.findings.len() as u64, Ordering::Relaxed);
        self.add(facts)
    }

    fn known(&self, sums: &Stats) {
        self.add(Facts { stats: *sums, ..Facts::default() });
    }

    fn wants_head(&self, origin: &Origin) -> bool {
        name::reads_content(&origin.path, &self.scanner.rules, &self.scanner.index)
    }

    fn is_stopped(&self) -> bool {
        self.progress.stop.load(Ordering::Relaxed)
    }

    fn expect(&self, blobs: u64) {
        self.progress.total.fetch_add(blobs, Ordering::Relaxed);
    }

    fn problem(&self, problem: Problem) {
        self.add(Facts { problems: vec![problem], ..Facts::default() });
    }
}
