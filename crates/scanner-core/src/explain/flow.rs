//! What became of data at the sinks of a line: what cleared it, or where its chain ended.

use super::{Judgement, Outcome};
use crate::finding::{Finding, Step};
use crate::rule::flow::{SINKS, SOURCES};
use crate::rule::syntax::Kind;
use crate::rule::{Matcher, Rule, RuleSet};
use crate::scanner::watch::{Given, Reached, Watched};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Why a rule for data flow says nothing of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// What it came to.
    pub how: End,
    /// Whether some ways through the file were not followed to their end.
    pub exhausted: bool,
}

/// How the way of data ended.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// No data comes in in the file or in one that imports it, so none was followed through it.
    NotFollowed,
    /// Nothing on the line is ever run, as far as is known.
    NotRun,
    /// Nothing on the line is a sink of its kind.
    NoSink(&'static str),
    /// The call is a sink only with other arguments.
    Unmet,
    /// Only what is known before the program runs comes there.
    Constants,
    /// What comes there was not found to come from outside.
    Unknown,
    /// Data of a kind comes there that the rule does not look for; where it came in.
    OtherKind(&'static str, Option<Step>),
    /// Data comes there that was made harmless for this kind of sink; where it came in, and by what.
    Cleared(Option<Step>, Option<(Step, String)>),
    /// It comes there, and another rule's finding tells of it.
    Told,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not reported: ")?;
        let place = |step: &Step| format!("{}:{}", step.location.origin.path, step.location.start.line);
        let from = |step: &Option<Step>| step.as_ref().map_or(String::new(), |step| format!(" from {}", place(step)));
        match &self.how {
            End::NotFollowed => write!(f, "no data comes in in this file or in one that imports it")?,
            End::NotRun => {
                write!(f, "this line is never come to: nothing calls it, or a condition known before leaves it out")?;
            }
            End::NoSink(kind) => write!(f, "nothing on this line is known to be a sink of the kind `{kind}`")?,
            End::Unmet => write!(f, "the call is such a sink only with other arguments")?,
            End::Constants => write!(f, "only what is known before the program runs comes here")?,
            End::Unknown => write!(f, "what comes here was not found to come from outside")?,
            End::OtherKind(kind, step) => {
                write!(f, "the data here{} is of the kind `{kind}`, which the rule does not look for", from(step))?;
            }
            End::Cleared(step, Some((by, text))) => {
                let (note, at) = (&by.note, place(by));
                write!(f, "the data here{} is {note} for this kind of sink by `{text}` at {at}", from(step))?;
            }
            End::Told => write!(f, "another finding tells of what comes here")?,
            End::Cleared(step, None) => write!(f, "the data here{} is harmless for this kind of sink", from(step))?,
        }
        if self.exhausted {
            write!(f, "; but the file takes too many steps to follow all of it")?;
        }
        Ok(())
    }
}

/// What rules for data flow say of a line: of the sinks on it, and of the one rule that was asked.
pub(super) fn judge(
    rules: &RuleSet,
    watched: Option<&Watched>,
    findings: &[Finding],
    line: u32,
    only: Option<&str>,
) -> Vec<Judgement> {
    let exhausted = watched.is_some_and(|watched| watched.exhausted);
    let mut told = Vec::new();
    for (_, rule) in rules.rules().of_kind(Kind::Flow) {
        let Matcher::Flow(flow) = rule.matcher else { continue };
        if only.is_some_and(|only| only != &*rule.id) || findings.iter().any(|finding| finding.rule == rule.id) {
            continue;
        }
        let on_line = |reached: &&Reached| {
            let place = &reached.step.location;
            reached.sink == flow.sink && (place.start.line..=place.end.line).contains(&line)
        };
        let here: Vec<&Reached> = watched.iter().flat_map(|watched| &watched.sinks).filter(on_line).collect();
        let mut best: BTreeMap<u32, End> = BTreeMap::new();
        for reached in here {
            let end = end_of(&reached.given, |source| flow.sources >> source & 1 == 1);
            let known = best.entry(reached.step.location.start.column).or_insert(End::Unmet);
            if rank(&end) > rank(known) {
                *known = end;
            }
        }
        if best.is_empty() && only.is_some() {
            let how = match watched {
                None => End::NotFollowed,
                Some(watched) if watched.lines.binary_search(&line).is_err() => End::NotRun,
                Some(_) => End::NoSink(SINKS[usize::from(flow.sink)]),
            };
            told.push(judgement(rule, None, Ended { how, exhausted }));
        }
        // Unasked, only what nearly was one is of interest.
        best.retain(|_, end| only.is_some() || matches!(end, End::Cleared(..)));
        told.extend(best.into_iter().map(|(column, how)| judgement(rule, Some(column), Ended { how, exhausted })));
    }
    told
}

fn judgement(rule: &Rule, column: Option<u32>, ended: Ended) -> Judgement {
    Judgement { rule: Arc::clone(&rule.id), token: None, column, outcome: Outcome::Ended(ended) }
}

fn end_of(given: &Given, counts: impl Fn(u8) -> bool) -> End {
    match given {
        Given::Unmet => End::Unmet,
        Given::Nothing => End::Unknown,
        Given::Constants => End::Constants,
        Given::Data { source, from, .. } if !counts(*source) => {
            End::OtherKind(SOURCES[usize::from(*source)], from.clone())
        }
        Given::Data { cleared: None, .. } => End::Told,
        Given::Data { from, cleared: Some(by), .. } => End::Cleared(from.clone(), by.clone()),
    }
}

/// Of several runs, the one that tells most.
fn rank(end: &End) -> u8 {
    match end {
        End::Told => 7,
        End::Cleared(_, Some(_)) => 6,
        End::Cleared(_, None) => 5,
        End::OtherKind(..) => 4,
        End::Unknown => 3,
        End::Constants => 2,
        End::Unmet => 1,
        End::NotFollowed | End::NotRun | End::NoSink(_) => 0,
    }
}
