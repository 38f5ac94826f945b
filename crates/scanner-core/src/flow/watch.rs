//! What is noted of the sinks in one file, for one who asks why something was or was not reported there.

use super::engine::{Engine, Run};
use super::model::SinkSet;
use super::value::{Note, Taint, UnitId, Value};
use crate::ir::NodeId;
use crate::span::Span;
use std::collections::{HashMap, HashSet};

/// Looks out for a file's sinks.
#[derive(Debug, Default)]
pub struct Watch {
    unit: UnitId,
    /// Where what was run starts in the file.
    pub run: HashSet<u32>,
    /// In order of the runs.
    pub reached: Vec<Reached>,
    /// The condition that is looked at.
    condition: Option<(UnitId, Span)>,
    /// The conditions that have shown something of an expression.
    guards: HashMap<(UnitId, Box<str>), (UnitId, Span)>,
}

/// A sink, as one run came to it.
#[derive(Debug, Clone)]
pub struct Reached {
    /// The number of its kind.
    pub sink: u8,
    /// Its call or assignment.
    pub span: Span,
    /// What it was given.
    pub given: Given,
}

/// What a sink is given.
#[derive(Debug, Clone)]
pub enum Given {
    /// It is one only with other arguments.
    Unmet,
    /// Nothing from outside, as far as is known.
    Nothing,
    /// Data of a kind of source; clean for it or not; its steps.
    Data(u8, bool, Vec<(UnitId, Span, Note)>),
}

/// Sinks that are noted at most: loops and calls come to them again and again.
const MAX_SEEN: usize = 10_000;

impl<'p> Engine<'p> {
    /// Looks out for the sinks of a file from here on.
    pub fn watch(&mut self, unit: UnitId) {
        self.watch = Some(Box::new(Watch { unit, ..Watch::default() }));
    }

    /// Notes what a sink is given.
    pub(super) fn note_sink(&mut self, unit: UnitId, node: NodeId, sink: u8, given: Option<&[Taint]>) {
        let span = self.unit(unit).module.node(node).span;
        let Some(watch) = self.watch.as_mut().filter(|watch| watch.unit == unit) else { return };
        let mut note = |given| {
            if watch.reached.len() < MAX_SEEN {
                watch.reached.push(Reached { sink, span, given });
            }
        };
        match given {
            None => note(Given::Unmet),
            Some([]) => note(Given::Nothing),
            Some(taints) => {
                for taint in taints {
                    let mut trace: Vec<_> = taint.hops().map(|hop| (hop.unit, hop.span, hop.note)).collect();
                    trace.reverse();
                    note(Given::Data(taint.kind, taint.cleared >> sink & 1 == 1, trace));
                }
            }
        }
    }

    /// Notes that something of the file is run.
    pub(super) fn note_run(&mut self, unit: UnitId, node: NodeId) {
        let start = self.unit(unit).module.node(node).span.start;
        if let Some(watch) = self.watch.as_mut().filter(|watch| watch.unit == unit) {
            watch.run.insert(start);
        }
    }

    /// Notes which condition is looked at.
    pub(super) fn note_condition(&mut self, run: &Run<'p>, condition: NodeId) {
        let place = (run.unit, self.span(run, condition));
        if let Some(watch) = &mut self.watch {
            watch.condition = Some(place);
        }
    }

    /// Notes that the condition shows something of an expression.
    pub(super) fn note_guard(&mut self, unit: UnitId, text: &str) {
        if let Some(watch) = &mut self.watch
            && let Some(condition) = watch.condition
        {
            watch.guards.insert((unit, text.into()), condition);
        }
    }

    /// A value that guards have made clean, with the guard among its steps.
    pub(super) fn with_guard(&self, unit: UnitId, text: &str, value: Value<'p>, clears: SinkSet) -> Value<'p> {
        let guard = self.watch.as_ref().and_then(|watch| watch.guards.get(&(unit, text.into())).copied());
        self.hopped_at(value, guard, Note::Guarded(clears))
    }

    /// A value that was made clean at a place, with that among its steps.
    pub(super) fn with_cleaning(&self, run: &Run<'p>, node: NodeId, value: Value<'p>, note: Note) -> Value<'p> {
        if self.watch.is_none() { value } else { self.hopped(value, run.unit, self.span(run, node), note) }
    }
}
