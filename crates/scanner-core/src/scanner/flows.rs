//! Follows data through the files that were kept for it, once all are known.

use super::groups::{Group, Ledger, groups};
use super::parts::{Modules, Parts};
use super::watch::{Places, Watched, watched_of};
use super::{Facts, Scanner, distributions, packages};
use crate::blob::Origin;
use crate::decode::Document;
use crate::decode::layer::Layer;
use crate::detect::Candidate;
use crate::detect::code;
use crate::detect::path::is_example_path;
use crate::error::{Error, Problem, ProblemKind};
use crate::finding::Confidence;
use crate::flow::paths::{File, Paths};
use crate::flow::program::{Program, Unit};
use crate::flow::{Engine, Flow, Library, STACK, Sink, Watch};
use crate::ir::Module;
use crate::language::{Family, Script};
use crate::rule::flow::{FlowMatcher, sink_kind, source_kind};
use crate::rule::syntax::Kind;
use crate::rule::{Matcher, RuleSet};
use crate::span::Span;
use crate::store::Key;
use crate::suppress::Comment;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Bytes of a line, on the average, above which a file was written by a program.
const LONG_LINES: usize = 300;
/// Steps of a flow from which on it is one step less sure; of published faults hardly any takes so many.
const LONG_WAY: usize = 14;
/// Bytes of a file that is followed whatever its lines: small modules are often given as one line.
const SHORT_FILE: usize = 8 << 10;

/// What is needed to follow data.
#[derive(Debug)]
pub(super) struct Flows {
    /// The rules by their index.
    rules: Vec<(usize, FlowMatcher)>,
    library: Library,
}

/// A file that is kept until all are known.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) origin: Arc<Origin>,
    pub(super) text: String,
    pub(super) candidates: Vec<Candidate>,
    pub(super) comments: Vec<Comment>,
    pub(super) followed: Followed,
}

/// The program of a file.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) script: Script,
    /// The text that it is, where that is no part of the file's.
    pub(super) layer: Option<Layer>,
    /// Its lowered form, if data may come in in it and it is not known from an earlier scan.
    pub(super) module: Option<Module>,
    /// Whether data may come in in it.
    pub(super) enters: bool,
    /// Its key in the cache.
    pub(super) key: Option<Key>,
}

impl Kept {
    /// The credentials that may stand in it, as they are written.
    pub(super) fn credentials(&self) -> impl Iterator<Item = &str> {
        let hides = |candidate: &&Candidate| candidate.secret.is_some() || candidate.decoded.is_some();
        let written = |candidate: &Candidate| self.text.get(candidate.secret.unwrap_or(candidate.span).range());
        self.candidates.iter().filter(hides).filter_map(written)
    }

    /// The text that the program's places are in.
    pub(super) fn code(&self) -> &str {
        self.followed.layer.as_ref().map_or(&self.text, Layer::text)
    }

    fn family(&self) -> Family {
        self.followed.script.language().family()
    }

    /// Where a place of the program lies in the file.
    pub(super) fn place(&self, span: Span) -> Span {
        let Some(layer) = &self.followed.layer else { return span };
        let outer = layer.outer(span.range());
        Span::new(outer.start, outer.end)
    }
}

impl Flows {
    pub(super) fn new(set: &RuleSet) -> Result<Flows, Error> {
        let rules = set.rules().of_kind(Kind::Flow).filter_map(|(index, rule)| match rule.matcher {
            Matcher::Flow(flow) => Some((index, flow)),
            _ => None,
        });
        let library = Library::new(set.models()).map_err(Error::Rule)?;
        Ok(Flows { rules: rules.collect(), library })
    }

    /// Whether data is followed at all.
    pub(super) fn follows(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Whether a file is kept.
    pub(super) fn keeps(&self, text: &str) -> bool {
        if !self.follows() || text.is_empty() {
            return false;
        }
        // The map that a compiler put at the end is no code.
        let map = memchr::memmem::find_iter(text.as_bytes(), b"\n//# sourceMappingURL=").last();
        let code = &text.as_bytes()[..map.unwrap_or(text.len())];
        let lines = || memchr::memchr_iter(b'\n', code).count() + 1;
        code.len() <= SHORT_FILE || code.len() / lines() < LONG_LINES
    }

    /// Whether data may come in in a file.
    pub(super) fn enter(&self, path: &str, text: &str, family: Family) -> bool {
        self.library.has_source(path, text, family)
    }
}

impl Scanner {
    /// Follows data until it is told to stop, and makes findings of all that was seen in the files kept.
    ///
    /// # Errors
    /// No threads could be started.
    pub(super) fn link(&self, facts: &mut Facts, stop: &AtomicBool) -> Result<(), Error> {
        self.link_watching(facts, None, stop).map(|_| ())
    }

    /// As [`Scanner::link`]; gives what is noted of the file of a path.
    pub(super) fn link_watching(
        &self,
        facts: &mut Facts,
        watch: Option<&str>,
        stop: &AtomicBool,
    ) -> Result<Option<Watched>, Error> {
        let mut kept = std::mem::take(&mut facts.kept);
        if kept.is_empty() {
            return Ok(None);
        }
        kept.sort_by(|left, right| left.origin.cmp(&right.origin));
        // What was seen in each file itself, to be put together with what is followed into it.
        let own: Vec<(Vec<Candidate>, Vec<Comment>)> = kept
            .iter_mut()
            .map(|kept| (std::mem::take(&mut kept.candidates), std::mem::take(&mut kept.comments)))
            .collect();
        let paths: Vec<String> = kept.iter().map(|kept| kept.origin.inner_path().to_owned()).collect();
        let modules: Modules = kept
            .iter_mut()
            .map(|kept| kept.followed.module.take().map_or_else(OnceLock::new, OnceLock::from))
            .collect();
        // They alone tell what an import leads to, and what some say that they are called.
        let mut namings = std::mem::take(&mut facts.namings);
        namings.sort();
        let files = Paths::named(
            paths
                .iter()
                .zip(&kept)
                .map(|(path, kept)| File { path, text: kept.code(), family: kept.family() })
                .collect(),
            namings,
        );
        let packages = std::mem::take(&mut facts.packages);
        let texts = || paths.iter().map(String::as_str).zip(kept.iter().map(|kept| kept.text.as_str()));
        let alone = packages.is_empty();
        let mut faces =
            if alone { packages::alone(texts()) } else { packages::faces(&packages, &files, |at| &kept[at].text) };
        faces.extend(distributions::faces(&std::mem::take(&mut facts.distributions), texts()));
        faces.sort_unstable();
        let cache = self.cache.as_ref().filter(|_| watch.is_none());
        let parts = self.parts(&kept, &files, &faces, &modules, cache, facts)?;
        let is_entered =
            |at: &usize| parts.is_part(*at) && (kept[*at].followed.enters || faces.binary_search(at).is_ok());
        let roots: Vec<u32> = (0..kept.len()).filter(is_entered).map(|at| at as u32).collect();
        let groups = groups(&roots, |unit| &paths[unit as usize]);
        let ledger = cache.map(|cache| Ledger::new(cache, &kept, &files, &parts, &roots));
        let open = |unit: u32| {
            let (kept, path) = (&kept[unit as usize], &paths[unit as usize]);
            let lowered = || code::lower(kept.code(), &kept.followed.script, &self.limits).module.unwrap_or_default();
            Unit::new(path, kept.code(), modules[unit as usize].get_or_init(lowered), kept.family())
        };
        let program = Program::new(&files, &open, &roots);
        let watched = watch.and_then(|path| kept.iter().position(|kept| kept.origin.path == path));
        let watched = watched.filter(|&at| parts.is_part(at));
        let watched = watched.map(|unit| unit as u32);
        let starts = Starts { groups: &groups, faces: &faces, alone, watched, ledger: ledger.as_ref(), stop };
        let Followings { flows, settled, watches } = self.follow(&program, &kept, &starts, facts)?;
        let documents: Vec<Document<'_>> = kept
            .iter()
            .map(|kept| Document::new(Arc::clone(&kept.origin), std::borrow::Cow::Borrowed(kept.text.as_str())))
            .collect();
        let places = Places { documents: &documents, kept: &kept };
        let by_place = if watched.is_some() { settled.clone() } else { HashMap::new() };
        self.settle_all(own, flows, settled, &parts, places, facts);
        Ok(watched.map(|unit| {
            let constants = by_place.iter().filter(|((at, ..), settled)| *at == unit && **settled);
            let constants = constants.map(|((_, span, kind), _)| (*span, *kind)).collect();
            watched_of(unit, watches, &constants, places, facts)
        }))
    }

    /// Makes findings of what was seen in the files kept and of the data that was followed into them.
    fn settle_all(
        &self,
        own: Vec<(Vec<Candidate>, Vec<Comment>)>,
        flows: Vec<Flow>,
        settled: HashMap<Sink, bool>,
        parts: &Parts,
        places: Places<'_>,
        facts: &mut Facts,
    ) {
        let Places { documents, kept } = places;
        let mut found: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
        for flow in flows {
            found.entry(flow.unit as usize).or_default().extend(self.candidates(&flow, places));
        }
        let mut by_file: HashMap<usize, Vec<(Span, u8, bool)>> = HashMap::new();
        for ((unit, span, kind), is_settled) in settled {
            let at = unit as usize;
            by_file.entry(at).or_default().push((kept[at].place(span), kind, is_settled));
        }
        for (at, (mut candidates, comments)) in own.into_iter().enumerate() {
            if parts.is_part(at) {
                let settled = by_file.remove(&at).unwrap_or_default();
                candidates.iter_mut().for_each(|candidate| self.doubt(candidate, &settled));
            }
            candidates.extend(found.remove(&at).unwrap_or_default());
            self.settle(&documents[at], candidates, &comments, facts);
        }
    }

    /// What only looks like a fault of a kind that is followed is less sure where data was followed: if
    /// any reaches it, the flow says so; its first weakness is the one meant. Where only constants come it does no harm as it stands.
    /// What is set by constants is as it is written, whatever data there is.
    fn doubt(&self, candidate: &mut Candidate, sinks: &[(Span, u8, bool)]) {
        let rules = self.rules.rules();
        let rule = &rules[candidate.rule];
        let Matcher::Code(code) = &rule.matcher else { return };
        if candidate.secret.is_some() {
            return;
        }
        // How a regex is written is a fault by itself, whom a server lets read its answers, too,
        const WRITTEN: &[&str] = &["exponential-regex", "polynomial-regex", "allowed-origin"];
        let is_written = |sink: u8| WRITTEN.iter().any(|name| sink_kind(name) == Some(sink));
        let fits = |(flow, matcher): &&(usize, FlowMatcher)| {
            !is_written(matcher.sink) && rule.cwe.first().is_some_and(|cwe| rules[*flow].cwe.contains(cwe))
        };
        let kinds: Vec<u8> = self.flows.rules.iter().filter(fits).map(|(_, matcher)| matcher.sink).collect();
        // and so is how a parser is set up, unless all that it reads is known.
        let sets_up = kinds.iter().any(|&kind| Some(kind) == sink_kind("xxe"));
        let inside = |span: &Span| sets_up || candidate.span.start <= span.start && span.end <= candidate.span.end;
        let mut reached = sinks.iter().filter(|(span, kind, _)| kinds.contains(kind) && inside(span)).peekable();
        let confidence = candidate.confidence.unwrap_or(rule.confidence);
        if reached.peek().is_some() && reached.all(|(_, _, is_settled)| *is_settled || code.is_followed()) {
            candidate.confidence = Some(Confidence::Low);
        } else if !kinds.is_empty() && !sets_up && code.asks_for_data() {
            candidate.confidence = Some(confidence.lowered());
        }
    }

    fn follow<'p>(
        &'p self,
        program: &'p Program<'p>,
        kept: &[Kept],
        starts: &Starts<'p>,
        facts: &mut Facts,
    ) -> Result<Followings, Error> {
        let Starts { groups, faces, alone, watched, ledger, stop } = *starts;
        let is_face = |unit: u32| faces.binary_search(&(unit as usize)).is_ok();
        let ran = self.on_threads(groups, |&roots| {
            let key = ledger.and_then(|ledger| {
                ledger.key(roots, |unit| u8::from(is_face(unit)) + u8::from(is_face(unit) && alone))
            });
            let place = ledger.zip(key.as_ref());
            if let Some(group) = place.and_then(|(ledger, key)| ledger.get(key)) {
                return (group, None);
            }
            let run = || {
                let mut engine = Engine::new(program, &self.flows.library, stop);
                if let Some(unit) = watched {
                    engine.watch(unit);
                }
                for &unit in roots {
                    if is_face(unit) {
                        engine.run_exports(unit, alone);
                    }
                    engine.run(unit);
                }
                engine.results()
            };
            // A panic is a bug, but it must not take the other findings with it, nor look like "clean".
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
                Ok(results) => {
                    let (group, watch, basis) = Group::of(results);
                    // What was left half done is not known.
                    if let Some((ledger, key)) = place.filter(|_| !stop.load(Ordering::Relaxed)) {
                        ledger.put(key, &group, basis);
                    }
                    (group, watch)
                }
                Err(_) => (Group { exhausted: roots.to_vec(), ..Group::default() }, None),
            }
        })?;
        let mut watches: Vec<Watch> = Vec::new();
        let mut best: BTreeMap<(u32, Span, u8, u8), Flow> = BTreeMap::new();
        let mut exhausted: HashSet<u32> = HashSet::new();
        let mut settled: HashMap<Sink, bool> = HashMap::new();
        for (part, watch) in ran {
            watches.extend(watch.map(|watch| *watch));
            exhausted.extend(part.exhausted);
            for (sink, is_settled) in part.settled {
                *settled.entry(sink).or_insert(true) &= is_settled;
            }
            for flow in part.flows {
                let key = (flow.unit, flow.span, flow.sink, flow.source);
                if best.get(&key).is_none_or(|old| flow.tells_more(old)) {
                    best.insert(key, flow);
                }
            }
        }
        // Where not all was followed, something else may come there.
        let stopped = stop.load(Ordering::Relaxed);
        settled.retain(|(unit, ..), _| !stopped && !exhausted.contains(unit));
        // That it was stopped is told once.
        for unit in exhausted.into_iter().filter(|_| !stopped) {
            let origin = Origin::clone(&kept[unit as usize].origin);
            let message =
                "data in it takes too many steps, or nests too deep, to follow all of it; flows may be missing";
            facts.problems.push(Problem::at(origin, ProblemKind::TooComplex, message));
        }
        Ok(Followings { flows: first_uses(best.into_values().collect()), settled, watches })
    }

    /// Does something with each of some things on threads with room for deep code; results are in order.
    /// Not on a pool's threads: whoever waits on one may be given other work of the pool, this very scan's
    /// caller among it, without end.
    pub(super) fn on_threads<T: Sync, R: Send>(
        &self,
        things: &[T],
        work: impl Fn(&T) -> R + Sync,
    ) -> Result<Vec<R>, Error> {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::with_capacity(things.len()));
        let worker = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(thing) = things.get(at) else { return };
                let result = work(thing);
                results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
            }
        };
        std::thread::scope(|scope| -> Result<(), Error> {
            for _ in 0..self.threads.min(things.len()) {
                let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker);
                started.map_err(|error| Error::Threads(error.to_string()))?;
            }
            Ok(())
        })?;
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(at, _)| *at);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }

    /// What the rules make of a flow.
    fn candidates(&self, flow: &Flow, places: Places<'_>) -> Vec<Candidate> {
        let fits =
            |(_, matcher): &&(usize, FlowMatcher)| matcher.sink == flow.sink && matcher.sources >> flow.source & 1 == 1;
        let sink = places.kept[flow.unit as usize].place(flow.span);
        let rules = self.flows.rules.iter().filter(fits);
        let is_example = |unit: u32| is_example_path(&places.kept[unit as usize].origin.path.to_lowercase());
        // What only tests send, and what comes a long way: each step may be one that is not taken.
        let doubted = flow.guessed
            || flow.trace.len() >= LONG_WAY
            || flow.trace.first().is_some_and(|(unit, ..)| is_example(*unit)) && !is_example(flow.unit);
        rules
            .map(|&(rule, _)| {
                let mut candidate = Candidate::new(rule, sink);
                candidate.trace =
                    flow.trace.iter().map(|&(unit, span, note)| places.step(unit, span, note.text())).collect();
                candidate.trace.push(places.step(flow.unit, flow.span, "reaches the sink"));
                let message = &self.rules.rules()[rule].message;
                candidate.message = flow.evil.as_ref().map(|evil| message.replace("$EVIL", evil));
                if flow.trusted {
                    candidate.confidence = Some(Confidence::Low);
                } else if doubted {
                    let own = self.rules.rules()[rule].confidence;
                    candidate.confidence = Some(own.lowered().min(Confidence::Medium));
                }
                candidate
            })
            .collect()
    }
}

/// Where data is followed from.
struct Starts<'s> {
    /// Files in which it may come in, as engines run them.
    groups: &'s [&'s [u32]],
    /// Files that a package gives to its users.
    faces: &'s [usize],
    /// Whether no manifest says so.
    alone: bool,
    /// The file of which is noted what happens there.
    watched: Option<u32>,
    /// What is known of them from earlier scans.
    ledger: Option<&'s Ledger<'s>>,
    /// Set where no more is to be followed.
    stop: &'s AtomicBool,
}

/// What following gave.
struct Followings {
    flows: Vec<Flow>,
    /// Of sinks that were reached, whether only constants did.
    settled: HashMap<Sink, bool>,
    watches: Vec<Watch>,
}

/// Of what goes on and on from one place that anyone can guess, the first secret that it becomes says it all.
fn first_uses(flows: Vec<Flow>) -> Vec<Flow> {
    let random = source_kind("random");
    let start = |flow: &Flow| flow.trace.first().map(|&(unit, span, _)| (unit, span));
    let mut first: HashMap<(u32, Span), (usize, u32, Span)> = HashMap::new();
    let is_drawn = |flow: &Flow| Some(flow.source) == random;
    for flow in flows.iter().filter(|flow| is_drawn(flow)) {
        let Some(start) = start(flow) else { continue };
        let own = (flow.trace.len(), flow.unit, flow.span);
        first.entry(start).and_modify(|first| *first = own.min(*first)).or_insert(own);
    }
    let is_first = |flow: &Flow| {
        let first = start(flow).and_then(|start| first.get(&start));
        first.is_none_or(|&(_, unit, span)| (unit, span) == (flow.unit, flow.span))
    };
    flows.into_iter().filter(|flow| !is_drawn(flow) || is_first(flow)).collect()
}
