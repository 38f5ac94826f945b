//! What became of data at the sinks of one line, for one who asks: the file is followed together with the
//! others of its program, and what the engine notes there is put into places that people can open.

use super::flows::{Followed, Kept};
use super::{Facts, Scanner};
use crate::blob::{Blob, Input, Origin, Visitor};
use crate::decode::{Decoded, Document, decode};
use crate::detect::code;
use crate::error::{Problem, ProblemKind};
use crate::finding::Step;
use crate::flow::{self, Note, Watch};
use crate::language::Script;
use crate::report::Report;
use crate::seen::Seen;
use crate::span::Span;
use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// What was noted of a file.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Lines on which something was run.
    pub(crate) lines: Vec<u32>,
    /// The sinks that were come to.
    pub(crate) sinks: Vec<Reached>,
    /// Whether some ways were not followed to their end.
    pub(crate) exhausted: bool,
}

/// A sink that was come to.
#[derive(Debug)]
pub(crate) struct Reached {
    /// The number of its kind.
    pub(crate) sink: u8,
    /// Its place.
    pub(crate) step: Step,
    pub(crate) given: Given,
}

/// What it was given there.
#[derive(Debug)]
pub(crate) enum Given {
    /// It is a sink only with other arguments.
    Unmet,
    /// Nothing that is known to come from outside.
    Nothing,
    /// Only what is known before the program runs.
    Constants,
    /// Data of a kind of source, which came in at a place; what made it clean, if it is.
    Data { source: u8, from: Option<Step>, cleared: Option<Option<(Step, String)>> },
}

impl Scanner {
    /// The report on a file, data from the other files of an input followed into it, and what was noted of it
    /// on the way. `None`: no data was followed through it.
    pub(crate) fn watch(&self, path: &str, bytes: &[u8], others: Option<&dyn Input>) -> (Report, Option<Watched>) {
        let mut facts = self.analyse(Blob::new(Origin::path(path), bytes), &Seen::default());
        let program = !facts.kept.is_empty();
        if let Some(others) = others.filter(|_| program) {
            let keeper = Keeper { scanner: self, path, facts: Mutex::default() };
            // What cannot be read is none of this file's matter.
            let _ = others.visit(self.threads, &keeper);
            let more = keeper.facts.into_inner().unwrap_or_else(PoisonError::into_inner);
            facts.kept.extend(more.kept);
            facts.packages.extend(more.packages);
            facts.distributions.extend(more.distributions);
            facts.namings.extend(more.namings);
        }
        let watched = self.link_watching(&mut facts, Some(path), &AtomicBool::new(false)).unwrap_or_default();
        facts.findings.retain(|finding| finding.location.origin.path == path);
        facts.suppressed.retain(|finding| finding.location.origin.path == path);
        (self.report(facts), watched)
    }

    /// Takes from a blob what data is followed through.
    fn keep(&self, blob: Blob<'_>) -> Option<Facts> {
        let Some(Decoded::Text(text)) = blob.bytes.as_deref().map(|bytes| decode(bytes, self.limits.sniff)) else {
            return None;
        };
        let mut facts = Facts::default();
        self.read_manifest(blob.origin.inner_path(), &text, &mut facts);
        let script =
            Script::find(blob.origin.inner_path(), &text).filter(|script| self.flows.keeps(script.text(&text)));
        if let Some(script) = script.filter(|_| !blob.strings) {
            let enters = self.flows.enter(blob.origin.inner_path(), script.text(&text), script.language().family());
            let module = if enters { code::lower(&text, &script, &self.limits).module } else { None };
            let enters = module.is_some();
            let followed = Followed { script, layer: None, module, enters, key: None };
            let (candidates, comments, origin) = (Vec::new(), Vec::new(), Arc::new(blob.origin));
            facts.kept.push(Kept { origin, text: text.into_owned(), candidates, comments, followed });
        }
        Some(facts)
    }
}

/// What places in a program are turned into places in files with.
#[derive(Clone, Copy)]
pub(super) struct Places<'p> {
    pub(super) documents: &'p [Document<'p>],
    pub(super) kept: &'p [Kept],
}

impl Places<'_> {
    pub(super) fn step(&self, unit: u32, span: Span, note: &str) -> Step {
        let at = unit as usize;
        Step { location: self.documents[at].location(self.kept[at].place(span)), note: note.to_owned() }
    }

    /// What stands at a place, on one line.
    fn source(&self, unit: u32, span: Span) -> String {
        let text = &self.kept[unit as usize].code()[span.range()];
        text.lines().next().unwrap_or_default().trim_end().to_owned()
    }
}

/// Puts what engines have noted of a file into places that people can open.
pub(super) fn watched_of(
    unit: u32,
    watches: Vec<Watch>,
    constants: &HashSet<(Span, u8)>,
    places: Places<'_>,
    facts: &Facts,
) -> Watched {
    let origin: &Origin = &places.kept[unit as usize].origin;
    let exhausted = facts
        .problems
        .iter()
        .any(|problem| problem.kind == ProblemKind::TooComplex && problem.origin.as_ref() == Some(origin));
    let mut watched = Watched { exhausted, ..Watched::default() };
    for watch in watches {
        let line = |&start: &u32| places.step(unit, Span { start, end: start }, "").location.start.line;
        watched.lines.extend(watch.run.iter().map(line));
        for seen in watch.reached {
            let given = match seen.given {
                flow::Given::Unmet => Given::Unmet,
                flow::Given::Nothing if constants.contains(&(seen.span, seen.sink)) => Given::Constants,
                flow::Given::Nothing => Given::Nothing,
                flow::Given::Data(source, clean, trace) => {
                    let from = trace.first().map(|&(unit, span, note)| places.step(unit, span, note.text()));
                    let cleans = |&&(.., note): &&(u32, Span, Note)| match note {
                        Note::Cleaned(set) | Note::Guarded(set) | Note::Preceded(set) => set >> seen.sink & 1 == 1,
                        _ => false,
                    };
                    let cleaner = |&(unit, span, note): &(u32, Span, Note)| {
                        (places.step(unit, span, note.text()), places.source(unit, span))
                    };
                    Given::Data { source, from, cleared: clean.then(|| trace.iter().find(cleans).map(cleaner)) }
                }
            };
            watched.sinks.push(Reached { sink: seen.sink, step: places.step(unit, seen.span, ""), given });
        }
    }
    watched.lines.sort_unstable();
    watched.lines.dedup();
    watched
}

/// Keeps the programs of an input.
struct Keeper<'k> {
    scanner: &'k Scanner,
    path: &'k str,
    facts: Mutex<Facts>,
}

impl Visitor for Keeper<'_> {
    fn blob(&self, blob: Blob<'_>) {
        if blob.origin.path == self.path {
            return;
        }
        if let Some(facts) = self.scanner.keep(blob) {
            let mut all = self.facts.lock().unwrap_or_else(PoisonError::into_inner);
            all.kept.extend(facts.kept);
            all.packages.extend(facts.packages);
            all.distributions.extend(facts.distributions);
            all.namings.extend(facts.namings);
        }
    }

    fn wants_head(&self, _: &Origin) -> bool {
        false
    }

    fn problem(&self, _: Problem) {}
}
