//! Follows data through the files that were kept for it, once all are known.

use super::{Facts, Scanner};
use crate::blob::Origin;
use crate::decode::Document;
use crate::detect::Candidate;
use crate::error::{Error, Problem, ProblemKind};
use crate::finding::{Confidence, Step};
use crate::flow::model::Models;
use crate::flow::program::{Found, Program, Unit};
use crate::flow::{Engine, Flow, STACK};
use crate::ir::Module;
use crate::language::{Family, Language};
use crate::rule::flow::{FlowMatcher, sink_kind};
use crate::rule::{Matcher, RuleSet, model_files};
use crate::suppress::Comment;
use crate::triage::{self, Context};
use regex::bytes::Regex;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// Files that are run by one engine at the least: their common imports are run once for them.
const TOGETHER: usize = 32;
/// Engines for each thread: files differ in what they cost.
const ENGINES: usize = 4;
/// Files above which they are looked through on several threads.
const MANY: usize = 64;
/// Bytes of a line, on the average, above which a file was written by a program.
const LONG_LINES: usize = 300;

/// What is needed to follow data.
#[derive(Debug)]
pub(super) struct Flows {
    /// The rules by their index.
    rules: Vec<(usize, FlowMatcher)>,
    models: OnceLock<[Models; 2]>,
    /// By family: words of which one stands in every file in which data comes in.
    roots: [OnceLock<Regex>; 2],
    /// By family: words of which one stands where it does.
    words: [OnceLock<Regex>; 2],
}

/// A file that is kept until all are known.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) origin: Arc<Origin>,
    pub(super) text: String,
    pub(super) candidates: Vec<Candidate>,
    pub(super) comments: Vec<Comment>,
    pub(super) language: Language,
}

impl Flows {
    pub(super) fn new(rules: &RuleSet) -> Flows {
        let rules = rules.rules().iter().enumerate().filter_map(|(index, rule)| match rule.matcher {
            Matcher::Flow(flow) => Some((index, flow)),
            _ => None,
        });
        Flows { rules: rules.collect(), models: OnceLock::new(), roots: Default::default(), words: Default::default() }
    }

    /// Whether a file is kept.
    pub(super) fn keeps(&self, text: &str) -> bool {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count() + 1;
        !self.rules.is_empty() && !text.is_empty() && text.len() / lines < LONG_LINES
    }

    fn models(&self) -> &[Models; 2] {
        self.models.get_or_init(|| {
            let files = model_files();
            [Family::JavaScript, Family::Python]
                .map(|family| Models::new(&files, family).expect("the built-in models are checked by the tests"))
        })
    }

    /// Whether data may come in in a file.
    fn has_source(&self, kept: &Kept) -> bool {
        let family = kept.language.family() as usize;
        let models = self.models();
        let roots = self.roots[family].get_or_init(|| entrances(kept.language.family(), &models[family]));
        roots.is_match(kept.text.as_bytes()) && self.words(family).is_match(kept.text.as_bytes())
    }

    fn words(&self, family: usize) -> &Regex {
        self.words[family].get_or_init(|| any_of(&self.models()[family].source_words))
    }
}

/// Finds what brings data in in a file of a family: an import, a global, a function's first parameter.
fn entrances(family: Family, models: &Models) -> Regex {
    let any = |words: &[String]| {
        let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        if words.is_empty() { "[^\\s\\S]".to_owned() } else { words.join("|") }
    };
    let (roots, globals) = (any(&models.source_roots), any(&models.source_globals));
    let parameters = any(&models.source_parameters);
    let import = match family {
        Family::Python => format!(r"^[ \t]*(?:from|import)[ \t][^\n]*\b(?:{roots})\b"),
        Family::JavaScript => format!(r#"["'](?:node:)?@?(?:{roots})\b"#),
    };
    let own = r"\(\s*(?:(?:self|cls|this)\s*,\s*)?";
    let pattern = format!(r"(?m-u){import}|\b(?:{globals})\b|{own}(?:{parameters})\b|\b(?:{parameters})\s*=>");
    Regex::new(&pattern).expect("escaped words make a regex")
}

/// Finds any of some words.
fn any_of(words: &[String]) -> Regex {
    let words: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
    let pattern = if words.is_empty() { "[^\\s\\S]".to_owned() } else { format!(r"(?-u)\b(?:{})\b", words.join("|")) };
    Regex::new(&pattern).expect("escaped words make a regex")
}

impl Scanner {
    /// Follows data, and makes findings of all that was seen in the files kept.
    ///
    /// # Errors
    /// No threads could be started.
    pub(super) fn link(&self, facts: &mut Facts) -> Result<(), Error> {
        let mut kept = std::mem::take(&mut facts.kept);
        if kept.is_empty() {
            return Ok(());
        }
        kept.sort_by(|left, right| left.origin.cmp(&right.origin));
        // What was seen in each file itself, to be put together with what is followed into it.
        let own: Vec<(Vec<Candidate>, Vec<Comment>)> = kept
            .iter_mut()
            .map(|kept| (std::mem::take(&mut kept.candidates), std::mem::take(&mut kept.comments)))
            .collect();
        let paths: Vec<String> = kept.iter().map(|kept| kept.origin.inner_path().to_owned()).collect();
        let (modules, problems) = self.lowered(&kept, &paths)?;
        facts.problems.extend(problems);
        let units: Vec<(usize, &Module)> =
            modules.iter().enumerate().filter_map(|(at, module)| Some((at, module.as_ref()?))).collect();
        let program = Program::new(
            units
                .iter()
                .map(|&(at, module)| Unit {
                    path: &paths[at],
                    text: &kept[at].text,
                    module,
                    family: kept[at].language.family(),
                })
                .collect(),
        );
        let flows = self.follow(&program, &kept, &units, facts)?;
        let documents: Vec<Document<'_>> = kept
            .iter()
            .map(|kept| Document::new(Arc::clone(&kept.origin), std::borrow::Cow::Borrowed(kept.text.as_str())))
            .collect();
        let mut found: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
        for flow in flows {
            let at = units[flow.unit as usize].0;
            found.entry(at).or_default().extend(self.candidates(&flow, &documents, &units));
        }
        let context =
            Context { rules: &self.rules, limits: &self.limits, show_secrets: self.show_secrets, key: &self.key };
        for (at, (mut candidates, comments)) in own.into_iter().enumerate() {
            if modules[at].is_some() {
                candidates.iter_mut().for_each(|candidate| self.doubt(candidate));
            }
            candidates.extend(found.remove(&at).unwrap_or_default());
            let outcome = triage::triage(&documents[at], candidates, &comments, context);
            facts.findings.extend(outcome.findings);
            facts.suppressed.extend(outcome.suppressed);
            facts.problems.extend(outcome.problems);
        }
        Ok(())
    }

    /// What only looks like a fault of a kind that is followed is less sure where data was followed: if
    /// any reaches it, the flow says so.
    fn doubt(&self, candidate: &mut Candidate) {
        let rules = self.rules.rules();
        let rule = &rules[candidate.rule];
        // How a parser is set up is a fault by itself.
        let followed = self.flows.rules.iter().filter(|(_, flow)| Some(flow.sink) != sink_kind("xxe"));
        let is_followed = |cwe: &u32| followed.clone().any(|&(flow, _)| rules[flow].cwe.contains(cwe));
        if matches!(rule.matcher, Matcher::Code(_)) && candidate.secret.is_none() && rule.cwe.iter().any(is_followed) {
            candidate.confidence = Some(candidate.confidence.unwrap_or(rule.confidence).lowered());
        }
    }

    /// Lowers the files in which data may come in, and those that they import, down to the last.
    fn lowered(&self, kept: &[Kept], paths: &[String]) -> Result<(Vec<Option<Module>>, Vec<Problem>), Error> {
        let empty = Module::default();
        let units = |_: ()| -> Vec<Unit<'_>> {
            let unit =
                |at: usize| Unit { path: &paths[at], text: "", module: &empty, family: kept[at].language.family() };
            (0..kept.len()).map(unit).collect()
        };
        let all = Program::new(units(()));
        let mut modules: Vec<Option<Module>> = kept.iter().map(|_| None).collect();
        let mut problems = Vec::new();
        let places: Vec<usize> = (0..kept.len()).collect();
        let chosen = self.on_threads(MANY, &places, |&at| self.flows.has_source(&kept[at]))?;
        let mut wanted: Vec<usize> = places.into_iter().filter(|&at| chosen[at]).collect();
        let mut seen: HashSet<usize> = wanted.iter().copied().collect();
        while !wanted.is_empty() {
            let lowered = self.on_threads(1, &wanted, |&at| kept[at].language.lower(&kept[at].text, &self.limits))?;
            let mut next = Vec::new();
            for (&at, module) in wanted.iter().zip(lowered) {
                match module {
                    Ok(module) => {
                        for path in named_files(&module, &kept[at].text) {
                            if let Found::Unit(unit, _) = all.find(at as u32, &path)
                                && seen.insert(unit as usize)
                            {
                                next.push(unit as usize);
                            }
                        }
                        modules[at] = Some(module);
                    }
                    Err(reason) => {
                        problems.push(Problem::at(Origin::clone(&kept[at].origin), ProblemKind::NotParsed, reason));
                    }
                }
            }
            wanted = next;
        }
        Ok((modules, problems))
    }

    fn follow(
        &self,
        program: &Program<'_>,
        kept: &[Kept],
        units: &[(usize, &Module)],
        facts: &mut Facts,
    ) -> Result<Vec<Flow>, Error> {
        let models = self.flows.models();
        let models = [&models[0], &models[1]];
        let roots: Vec<u32> =
            (0..units.len() as u32).filter(|&unit| self.flows.has_source(&kept[units[unit as usize].0])).collect();
        let together = roots.len().div_ceil(ENGINES * self.threads.max(1)).max(TOGETHER);
        let parts: Vec<&[u32]> = roots.chunks(together).collect();
        let parts = self.on_threads(1, &parts, |roots| {
            let words = [self.flows.words(0), self.flows.words(1)];
            let run = || {
                let mut engine = Engine::new(program, models, words);
                roots.iter().for_each(|&unit| engine.run(unit));
                let exhausted: Vec<u32> = engine.exhausted.iter().copied().collect();
                (engine.flows(), exhausted)
            };
            // A panic is a bug, but it must not take the other findings with it, nor look like "clean".
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or((Vec::new(), roots.to_vec()))
        })?;
        let mut best: BTreeMap<(u32, crate::span::Span, u8, u8), Flow> = BTreeMap::new();
        let mut exhausted: HashSet<u32> = HashSet::new();
        for (flows, stopped) in parts {
            exhausted.extend(stopped);
            for flow in flows {
                let key = (flow.unit, flow.span, flow.sink, flow.source);
                let better = best.get(&key).is_none_or(|old| flow.trace.len() < old.trace.len());
                if better {
                    best.insert(key, flow);
                }
            }
        }
        for unit in exhausted {
            let origin = Origin::clone(&kept[units[unit as usize].0].origin);
            let message = "its functions call each other in too many ways; not all of them were followed";
            facts.problems.push(Problem::at(origin, ProblemKind::TooComplex, message));
        }
        Ok(best.into_values().collect())
    }

    /// Does something with each of some things, on threads with room for deep code where there are `many`
    /// or more; results are in order. Not on a pool's threads: whoever waits on one may be given other work
    /// of the pool, this very scan's caller among it, without end.
    fn on_threads<T: Sync, R: Send>(
        &self,
        many: usize,
        things: &[T],
        work: impl Fn(&T) -> R + Sync,
    ) -> Result<Vec<R>, Error> {
        if things.len() < many {
            return Ok(things.iter().map(work).collect());
        }
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::with_capacity(things.len()));
        std::thread::scope(|scope| -> Result<(), Error> {
            for _ in 0..self.threads.min(things.len()) {
                let worker = || {
                    while let Some((at, thing)) = {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        things.get(at).map(|thing| (at, thing))
                    } {
                        let result = work(thing);
                        results.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                    }
                };
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
    fn candidates(&self, flow: &Flow, documents: &[Document<'_>], units: &[(usize, &Module)]) -> Vec<Candidate> {
        let fits =
            |(_, matcher): &&(usize, FlowMatcher)| matcher.sink == flow.sink && matcher.sources >> flow.source & 1 == 1;
        let step = |unit: u32, span, note: &str| Step {
            location: documents[units[unit as usize].0].location(span),
            note: note.to_owned(),
        };
        let rules = self.flows.rules.iter().filter(fits);
        rules
            .map(|&(rule, _)| {
                let mut candidate = Candidate::new(rule, flow.span);
                candidate.trace = flow.trace.iter().map(|&(unit, span, note)| step(unit, span, note.text())).collect();
                candidate.trace.push(step(flow.unit, flow.span, "reaches the sink"));
                if flow.guessed {
                    let own = self.rules.rules()[rule].confidence;
                    candidate.confidence = Some(own.lowered().min(Confidence::Medium));
                }
                candidate
            })
            .collect()
    }
}

/// The files that a file imports, as it names them.
fn named_files(module: &Module, text: &str) -> Vec<String> {
    let mut names: Vec<String> = module.imports.iter().map(|import| import.path.clone()).collect();
    names.extend(module.modules.iter().cloned());
    // `require("./x")` in an expression of its own.
    for at in memchr::memmem::find_iter(text.as_bytes(), b"require(") {
        let rest = &text[at + "require(".len()..];
        let quote = rest.chars().next().filter(|&quote| matches!(quote, '"' | '\'' | '`'));
        if let Some(quote) = quote
            && let Some(end) = rest[1..].find(quote)
        {
            names.push(rest[1..=end].to_owned());
        }
    }
    for at in memchr::memmem::find_iter(text.as_bytes(), b" from ") {
        let rest = text[at + " from ".len()..].trim_start();
        let quote = rest.chars().next().filter(|&quote| matches!(quote, '"' | '\''));
        if let Some(quote) = quote
            && let Some(end) = rest[1..].find(quote)
        {
            names.push(rest[1..=end].to_owned());
        }
    }
    names
}
