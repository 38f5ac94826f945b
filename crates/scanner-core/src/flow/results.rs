//! What an engine has found, and what that depends on.

use super::engine::Engine;
use super::routes::Part;
use super::value::{Note, UnitId};
use super::watch::Watch;
use crate::span::Span;
use foldhash::{HashMap, HashSet};
use serde::{Deserialize, Serialize};

/// Data that reaches a sink.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Flow {
    /// The number of its kind.
    pub sink: u8,
    /// Index in the kinds of source.
    pub source: u8,
    /// The file of the sink.
    pub unit: UnitId,
    /// The sink: its call or assignment.
    pub span: Span,
    /// The steps, the source first, without the sink itself.
    pub trace: Vec<(UnitId, Span, Note)>,
    /// Whether what is called is known only by the name of its method.
    pub guessed: bool,
    /// Whether only administrators send it, and to a place that is mostly theirs to choose.
    pub trusted: bool,
    /// A text that makes the regex slow that it is held against.
    pub evil: Option<String>,
}

impl Flow {
    /// The same flow in files that have other numbers; `None`: one has none.
    pub fn renumbered(mut self, number: impl Fn(UnitId) -> Option<UnitId>) -> Option<Flow> {
        self.unit = number(self.unit)?;
        for (unit, ..) in &mut self.trace {
            *unit = number(*unit)?;
        }
        Some(self)
    }

    /// Whether this one tells a reader more than another from the same source to the same sink: it is
    /// surer, or shorter.
    pub fn tells_more(&self, other: &Flow) -> bool {
        (self.trusted, self.guessed, self.trace.len()) < (other.trusted, other.guessed, other.trace.len())
    }
}

/// The file, the place and the kind of a sink.
pub type Sink = (UnitId, Span, u8);

/// What all that an engine has found depends on, beside the files that it was to run.
#[derive(Debug, Default)]
pub struct Basis {
    /// The files that it looked at, in order.
    pub opened: Vec<UnitId>,
    /// The paths of which it asked what they lead to, beside imports, each with the file that names it.
    pub asked: Vec<(UnitId, Box<str>)>,
    /// The modules that it looked for in folders: folder and name, with a slash between them.
    pub inside: Vec<Box<str>>,
    /// Names of functions of which it asked whether they are handed a request, and the answers.
    pub handed: Vec<(Box<str>, bool)>,
    /// Views and parts of addresses of which it asked whether routes convert them, and the answers.
    pub converted: Vec<(Box<str>, Part)>,
}

/// What an engine has found.
#[derive(Debug, Default)]
pub struct Results {
    /// In order.
    pub flows: Vec<Flow>,
    /// What it depends on.
    pub basis: Basis,
    /// Files of which not every way was followed.
    pub exhausted: HashSet<UnitId>,
    /// Of sinks that were reached, whether only constants did.
    pub settled: HashMap<Sink, bool>,
    /// What was noted of the file that is watched.
    pub watch: Option<Box<Watch>>,
}

impl Engine<'_> {
    /// What was found.
    pub fn results(self) -> Results {
        let flows = self.flows.into_values().collect();
        let opened = (0..).zip(&self.opened).filter(|(_, unit)| unit.get().is_some()).map(|(id, _)| id).collect();
        let asked = self.found.into_iter().flat_map(|(from, paths)| paths.into_keys().map(move |path| (from, path)));
        let basis = Basis {
            opened,
            asked: asked.collect(),
            inside: self.inside.into_keys().collect(),
            handed: self.handed.into_iter().collect(),
            converted: self.converted.into_iter().collect(),
        };
        Results { flows, basis, exhausted: self.exhausted, settled: self.settled, watch: self.watch }
    }
}
