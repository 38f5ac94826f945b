//! Follows data through a program: files are run from their top, then every function that nothing
//! has called, each as if by a stranger. Branches that cannot be taken are left out, both ways of others
//! are joined, loops run twice, calls go into the functions called.

use super::branch::{Fork, Journal};
use super::entry::Entry;
use super::model::{Models, Place};
use super::program::{Found, Program, Unit};
use super::value::{Callee, Class, Frame, Function, Hop, MAX_HOPS, Note, Object, ObjectId, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::language::Family;
use crate::rule::flow::{sink_kind, source_kind};
use crate::span::Span;
use regex::bytes::Regex;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

/// Functions that call each other, at most.
const MAX_CALLS: usize = 24;
/// Nodes that are evaluated from one entry, at most.
const MAX_STEPS: u32 = 20_000;
/// Nodes that are evaluated for one file, at most.
const MAX_FILE_STEPS: u32 = 60_000;
/// Files that import each other in a row.
const MAX_IMPORTS: u32 = 24;
/// Steps of a call after which its result is kept for calls alike: what it puts into objects it has put
/// there then.
const LONG_CALL: u32 = 100;
/// Objects that are told apart while one file is run.
pub(super) const MAX_OBJECTS: usize = 100_000;
/// Values that are looked at for the data in one and what it holds.
const MAX_PARTS: u32 = 256;

/// Data that reaches a sink.
#[derive(Debug, Clone)]
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
}

/// How a statement ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// The next one follows.
    No,
    /// A loop or switch is left.
    Left,
    /// The function is left.
    Gone,
}

/// A run of a function, or of a file's top.
pub(super) struct Run<'p> {
    pub(super) unit: UnitId,
    pub(super) frame: Rc<Frame<'p>>,
    pub(super) this: Option<Value<'p>>,
    pub(super) done: Done,
    pub(super) returned: Option<Value<'p>>,
    /// What was left by `break` and `continue` on ways that others went past.
    pub(super) left: Vec<Fork<'p>>,
    /// Where decorators stand that the next function has, and the text of their first argument.
    pub(super) decorators: Vec<(Place, Option<Rc<str>>)>,
    /// The kind of sink that what it returns goes to.
    pub(super) returns: Option<u8>,
}

/// The engine.
pub struct Engine<'p> {
    pub(super) program: &'p Program<'p>,
    pub(super) models: [&'p Models; 2],
    /// Find the words that stand where data comes in.
    pub(super) words: [&'p Regex; 2],
    /// Of files, the names of functions with such words.
    pub(super) helpers: HashMap<UnitId, HashSet<&'p str>>,
    pub(super) objects: Vec<Object<'p>>,
    /// The names of files that were run.
    pub(super) tops: HashMap<UnitId, Rc<Frame<'p>>>,
    /// Results of long calls.
    pub(super) known_calls: HashMap<u64, Value<'p>>,
    /// Functions that run now.
    pub(super) stack: Vec<(UnitId, NodeId)>,
    pub(super) called: HashSet<(UnitId, NodeId)>,
    pub(super) entries: VecDeque<Entry<'p>>,
    pub(super) flows: BTreeMap<(UnitId, Span, u8, u8), Flow>,
    pub(super) steps: u32,
    pub(super) file_steps: u32,
    pub(super) depth: u32,
    /// Frames made.
    pub(super) frames: u32,
    /// The file that is run.
    pub(super) root: UnitId,
    /// Imports that lead to each other.
    pub(super) imports: u32,
    /// Files of which not every way was followed.
    pub exhausted: HashSet<UnitId>,
    pub(super) journals: Vec<Journal<'p>>,
    /// The kind of sink that shows text to people.
    pub(super) html: u8,
    /// The kind of source whose sender chooses what kind of value it is.
    pub(super) remote_object: u8,
}

impl<'p> Engine<'p> {
    /// An engine for a program; models of JavaScript, then of Python.
    pub fn new(program: &'p Program<'p>, models: [&'p Models; 2], words: [&'p Regex; 2]) -> Engine<'p> {
        Engine {
            program,
            models,
            words,
            helpers: HashMap::new(),
            objects: Vec::new(),
            tops: HashMap::new(),
            known_calls: HashMap::new(),
            stack: Vec::new(),
            called: HashSet::new(),
            entries: VecDeque::new(),
            flows: BTreeMap::new(),
            steps: 0,
            file_steps: 0,
            depth: 0,
            frames: 0,
            root: 0,
            imports: 0,
            exhausted: HashSet::new(),
            journals: Vec::new(),
            html: sink_kind("html").unwrap_or(u8::MAX),
            remote_object: source_kind("remote-object").unwrap_or(u8::MAX),
        }
    }

    /// The flows found so far, in order.
    pub fn flows(self) -> Vec<Flow> {
        self.flows.into_values().collect()
    }

    /// Data that comes in at a place.
    pub(super) fn fresh(&self, unit: UnitId, span: Span, kind: u8) -> Taint {
        Taint { kind, cleared: 0, hop: Rc::new(Hop { unit, span, note: Note::Source, before: None, depth: 0 }) }
    }

    pub(super) fn unit(&self, unit: UnitId) -> &'p Unit<'p> {
        &self.program.units[unit as usize]
    }

    pub(super) fn is_python(&self, unit: UnitId) -> bool {
        self.unit(unit).family == Family::Python
    }

    pub(super) fn models(&self, unit: UnitId) -> &'p Models {
        match self.unit(unit).family {
            Family::JavaScript => self.models[0],
            Family::Python => self.models[1],
        }
    }

    pub(super) fn object(&mut self, object: Object<'p>) -> ObjectId {
        if self.objects.len() >= MAX_OBJECTS {
            // No more steps are taken.
            self.file_steps = u32::MAX;
        }
        self.objects.push(object);
        (self.objects.len() - 1) as ObjectId
    }

    /// The names of a file, which is run when they are first asked for.
    pub(super) fn top(&mut self, unit: UnitId) -> Rc<Frame<'p>> {
        if let Some(frame) = self.tops.get(&unit) {
            return Rc::clone(frame);
        }
        let frame = self.frame(None);
        self.tops.insert(unit, Rc::clone(&frame));
        if !self.is_python(unit) {
            let exports = self.object(Object::default());
            let own = Value { object: Some(exports), ..Value::default() };
            let module =
                self.object(Object { fields: BTreeMap::from([("exports".into(), own.clone())]), ..Object::default() });
            frame.vars.borrow_mut().insert("module", Value { object: Some(module), ..Value::default() });
            frame.vars.borrow_mut().insert("exports", own);
        }
        let module = self.unit(unit).module;
        let mut run = Run {
            unit,
            frame: Rc::clone(&frame),
            this: None,
            done: Done::No,
            returned: None,
            left: Vec::new(),
            decorators: Vec::new(),
            returns: None,
        };
        // It is run once for all that import it, so it is not counted to the one that did first.
        let (steps, file_steps) = (std::mem::take(&mut self.steps), self.file_steps);
        self.hoist(&mut run, module.root());
        if let Some(root) = module.root() {
            self.eval(&mut run, root);
        }
        (self.steps, self.file_steps) = (steps, file_steps);
        frame
    }

    /// Functions of JavaScript are there before the statements around them run.
    pub(super) fn hoist(&mut self, run: &mut Run<'p>, block: Option<NodeId>) {
        let Some(block) = block.filter(|_| !self.is_python(run.unit)) else { return };
        let unit = self.unit(run.unit);
        for &child in unit.module.children(block) {
            let function = match unit.module.kind(child) {
                Kind::Function => child,
                Kind::Export => match unit.module.child(child, 0) {
                    Some(inner) if unit.module.kind(inner) == Kind::Function => inner,
                    _ => continue,
                },
                _ => continue,
            };
            let name = unit.module.text(function, unit.text);
            if !name.is_empty() {
                let value = self.closure(run, function);
                run.frame.vars.borrow_mut().insert(name, value);
            }
        }
    }

    /// A function as a value.
    pub(super) fn closure(&mut self, run: &Run<'p>, node: NodeId) -> Value<'p> {
        let fields = self.object(Object::default());
        let this = if self.is_python(run.unit) { None } else { run.this.clone() };
        // Arrow functions keep what `this` is; others that are called as methods get another.
        let function = Function { unit: run.unit, node, frame: Rc::clone(&run.frame), this, fields };
        let mut value = Value::callee(Callee::Function(Rc::new(function)));
        value.object = Some(fields);
        value
    }

    /// Runs a function on arguments, which may have names. `at` is the call, `returns` a kind of sink
    /// that takes what it gives back.
    pub(super) fn invoke(
        &mut self,
        function: &Rc<Function<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
        at: Option<(UnitId, Span)>,
        returns: Option<u8>,
    ) -> Value<'p> {
        let key = (function.unit, function.node);
        self.called.insert(key);
        let runs = self.stack.iter().filter(|&&other| other == key).count();
        if runs > 0 || self.stack.len() >= MAX_CALLS || self.steps > MAX_STEPS || self.file_steps > MAX_FILE_STEPS {
            let mut value = Value::default();
            arguments.iter().for_each(|(_, argument)| value.taint_with(&self.all_taints(argument)));
            return value;
        }
        let call = self.call_key(function, &arguments, returns);
        if let Some(value) = self.known_calls.get(&call) {
            let value = value.clone();
            return match at {
                Some((unit, span)) => self.hopped(value, unit, span, Note::Returned),
                None => value,
            };
        }
        let before = self.steps;
        self.stack.push(key);
        let frame = self.frame(Some(Rc::clone(&function.frame)));
        let mut run = Run {
            unit: function.unit,
            frame,
            this: function.this.clone(),
            done: Done::No,
            returned: None,
            left: Vec::new(),
            decorators: Vec::new(),
            returns,
        };
        self.bind_parameters(&mut run, function, arguments, at);
        let module = self.unit(function.unit).module;
        let body = module.children(function.node).last().copied().filter(|&body| module.kind(body) != Kind::Param);
        let value = match body {
            Some(body) if module.kind(body) == Kind::Block => {
                self.hoist(&mut run, Some(body));
                self.eval(&mut run, body);
                run.returned.take().unwrap_or_default()
            }
            Some(body) => {
                let value = self.eval(&mut run, body);
                self.check_returned(&run, body, &value);
                value
            }
            None => Value::default(),
        };
        run.frame.done.set(true);
        self.stack.pop();
        if self.steps.saturating_sub(before) > LONG_CALL {
            self.known_calls.insert(call, value.clone());
        }
        match at {
            Some((unit, span)) => self.hopped(value, unit, span, Note::Returned),
            None => value,
        }
    }

    fn frame(&mut self, parent: Option<Rc<Frame<'p>>>) -> Rc<Frame<'p>> {
        self.frames += 1;
        Rc::new(Frame { id: self.frames, parent, ..Frame::default() })
    }

    /// What tells a call from others: the function, its instance, and what is known of the arguments.
    fn call_key(
        &self,
        function: &Function<'p>,
        arguments: &[(Option<Rc<str>>, Value<'p>)],
        returns: Option<u8>,
    ) -> u64 {
        let mut hasher = DefaultHasher::new();
        (function.unit, function.node, returns, function.frame.id).hash(&mut hasher);
        function.this.as_ref().map(|this| (this.object, this.place)).hash(&mut hasher);
        for (name, value) in arguments {
            (name, &value.constant, value.place, value.object).hash(&mut hasher);
            for taint in &value.taints {
                (taint.kind, taint.cleared, taint.origin()).hash(&mut hasher);
            }
            for callee in &value.callees {
                callee.identity().hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// Looks at what a function gives back whose framework shows it.
    pub(super) fn check_returned(&mut self, run: &Run<'p>, node: NodeId, value: &Value<'p>) {
        if let Some(kind) = run.returns {
            let shown = self.shown_of(value);
            self.report(run.unit, node, kind, &shown, false);
        }
    }

    /// What of a returned value is shown as text: not what goes out as JSON.
    pub(super) fn shown_of(&self, value: &Value<'p>) -> Vec<Taint> {
        let object = value.object.map(|object| &self.objects[object as usize]);
        match object {
            // `return body, 200`
            Some(object) if object.is_list && value.taints.is_empty() => {
                object.items.first().map(|first| first.taints.clone()).unwrap_or_default()
            }
            _ => value.taints.clone(),
        }
    }

    pub(super) fn bind_parameters(
        &mut self,
        run: &mut Run<'p>,
        function: &Rc<Function<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
        at: Option<(UnitId, Span)>,
    ) {
        let unit = self.unit(function.unit);
        let module = unit.module;
        let parameters: Vec<NodeId> =
            module.children(function.node).iter().copied().filter(|&id| module.kind(id) == Kind::Param).collect();
        let is_method = self.is_python(function.unit) && function.this.is_some() && !self.is_static(function);
        let mut positional: VecDeque<Value<'p>> = VecDeque::new();
        let mut named: Vec<(Rc<str>, Value<'p>)> = Vec::new();
        for (name, value) in arguments {
            let value = match at {
                Some((unit, span)) => self.hopped(value, unit, span, Note::Passed),
                None => value,
            };
            match name {
                Some(name) => named.push((name, value)),
                None => positional.push_back(value),
            }
        }
        for (index, &parameter) in parameters.iter().enumerate() {
            let Some(target) = module.child(parameter, 0) else { continue };
            if index == 0 && is_method {
                let this = function.this.clone().unwrap_or_default();
                self.bind(run, target, this, None);
                continue;
            }
            if module.kind(target) == Kind::Spread {
                let mut rest = Object { is_list: true, items: positional.drain(..).collect(), ..Object::default() };
                for (name, value) in named.drain(..) {
                    rest.fields.insert(name, value);
                }
                let object = self.object(rest);
                if let Some(inner) = module.child(target, 0) {
                    self.bind(run, inner, Value { object: Some(object), ..Value::default() }, None);
                }
                continue;
            }
            let name = if module.kind(target) == Kind::Name { module.text(target, unit.text) } else { "" };
            let by_name = named.iter().position(|(given, _)| **given == *name);
            let value = match by_name {
                Some(at) => Some(named.swap_remove(at).1),
                None => positional.pop_front(),
            };
            let value = match (value, module.child(parameter, 1)) {
                (Some(value), _) => value,
                (None, Some(default)) => {
                    let mut value = self.eval(run, default);
                    // Who calls it is not known: it may be anything else.
                    if at.is_none() {
                        value.constant = None;
                    }
                    value
                }
                (None, None) => Value::default(),
            };
            self.bind(run, target, value, None);
        }
    }

    /// Whether a method has no instance: its first parameter is not called so.
    pub(super) fn is_static(&self, function: &Function<'p>) -> bool {
        let unit = self.unit(function.unit);
        let before = unit.module.parent(function.node).map(|parent| unit.module.children(parent)[0]);
        before.is_some_and(|first| {
            unit.module.kind(first) == Kind::Decorator
                && unit.text[unit.module.node(first).span.range()].contains("staticmethod")
        })
    }

    pub(super) fn parameter_names(&self, unit: UnitId, function: NodeId) -> Vec<&'p str> {
        let file = self.unit(unit);
        let parameters = file.module.children(function).iter().filter(|&&id| file.module.kind(id) == Kind::Param);
        let name = |&parameter: &NodeId| match file.module.child(parameter, 0) {
            Some(target) if file.module.kind(target) == Kind::Name => file.module.text(target, file.text),
            _ => "",
        };
        parameters.map(name).collect()
    }

    /// A new instance of a class, its constructor run.
    pub(super) fn instance(
        &mut self,
        class: &Rc<Class<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
    ) -> Value<'p> {
        self.instance_at(class, arguments, None)
    }

    pub(super) fn instance_at(
        &mut self,
        class: &Rc<Class<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
        at: Option<(UnitId, Span)>,
    ) -> Value<'p> {
        let object = self.object(Object { class: Some(Rc::clone(class)), ..Object::default() });
        let models = self.models(class.unit);
        let place = class.bases.iter().find_map(|base| models.call(base.place?));
        let value = Value { object: Some(object), place, ..Value::default() };
        let constructor = if self.is_python(class.unit) { "__init__" } else { "constructor" };
        match self.method(&value, class, constructor) {
            Some(function) => {
                self.invoke(&function, arguments, at, None);
            }
            // A data class, or one of a library: its fields are its arguments.
            None => {
                for (name, argument) in arguments {
                    match name {
                        Some(name) => {
                            self.objects[object as usize].fields.insert(name, argument);
                        }
                        None => self.objects[object as usize].rest.join(&argument),
                    }
                }
            }
        }
        value
    }

    /// A method of a class or of those it builds on, bound to an instance.
    pub(super) fn method(&mut self, this: &Value<'p>, class: &Rc<Class<'p>>, name: &str) -> Option<Rc<Function<'p>>> {
        let mut class = Rc::clone(class);
        for _ in 0..8 {
            if let Some(&node) = class.methods.get(name) {
                let fields = self.object(Object::default());
                let frame = Rc::clone(&class.frame);
                return Some(Rc::new(Function { unit: class.unit, node, frame, this: Some(this.clone()), fields }));
            }
            let base = class.bases.iter().flat_map(|base| &base.callees).find_map(|callee| match callee {
                Callee::Class(base) => Some(Rc::clone(base)),
                _ => None,
            });
            class = base?;
        }
        None
    }

    /// A value with one more step behind its data.
    pub(super) fn hopped(&self, mut value: Value<'p>, unit: UnitId, span: Span, note: Note) -> Value<'p> {
        for taint in &mut value.taints {
            let repeats = taint.hop.unit == unit && taint.hop.span == span;
            if taint.hop.depth < MAX_HOPS && !repeats {
                let (before, depth) = (Some(Rc::clone(&taint.hop)), taint.hop.depth + 1);
                taint.hop = Rc::new(Hop { unit, span, note, before, depth });
            }
        }
        value
    }

    /// All data from outside in a value and what it holds.
    pub(super) fn all_taints(&self, value: &Value<'p>) -> Vec<Taint> {
        let mut all = Value::default();
        let mut left = MAX_PARTS;
        self.gather(value, 3, &mut left, &mut all);
        all.taints
    }

    pub(super) fn gather(&self, value: &Value<'p>, depth: usize, left: &mut u32, all: &mut Value<'p>) {
        all.taint_with(&value.taints);
        *left = left.saturating_sub(1);
        if depth > 0
            && *left > 0
            && let Some(object) = value.object
        {
            let object = &self.objects[object as usize];
            let parts = object.fields.values().chain(&object.items).chain([&object.rest]);
            parts.take(64).for_each(|part| self.gather(part, depth - 1, left, all));
        }
    }

    /// Notes that data reaches a sink.
    pub(super) fn report(&mut self, unit: UnitId, node: NodeId, sink: u8, taints: &[Taint], guessed: bool) {
        let span = self.unit(unit).module.node(node).span;
        for taint in taints.iter().filter(|taint| taint.cleared >> sink & 1 == 0) {
            let mut trace = Vec::new();
            let mut hop = Some(&taint.hop);
            while let Some(step) = hop {
                trace.push((step.unit, step.span, step.note));
                hop = step.before.as_ref();
            }
            trace.reverse();
            let flow = Flow { sink, source: taint.kind, unit, span, trace, guessed };
            let better = |old: &Flow| (flow.guessed, flow.trace.len()) < (old.guessed, old.trace.len());
            match self.flows.get_mut(&(unit, span, sink, taint.kind)) {
                Some(old) if better(old) => *old = flow,
                Some(_) => {}
                None => {
                    self.flows.insert((unit, span, sink, taint.kind), flow);
                }
            }
        }
    }

    /// Counts a step; `false`: there were too many.
    pub(super) fn step(&mut self) -> bool {
        self.work(1);
        let goes_on = self.steps <= MAX_STEPS && self.file_steps <= MAX_FILE_STEPS;
        if !goes_on {
            self.exhausted.insert(self.root);
        }
        goes_on
    }

    /// Counts work that is no step of its own.
    pub(super) fn work(&mut self, count: usize) {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.steps = self.steps.saturating_add(count);
        self.file_steps = self.file_steps.saturating_add(count);
    }

    /// What an import means.
    pub(super) fn imported(&mut self, from: UnitId, path: &str) -> Value<'p> {
        // Files may import the same name from each other.
        if self.imports >= MAX_IMPORTS {
            return Value::default();
        }
        self.imports += 1;
        let value = self.find_imported(from, path);
        self.imports -= 1;
        value
    }

    pub(super) fn find_imported(&mut self, from: UnitId, path: &str) -> Value<'p> {
        match self.program.find(from, path) {
            Found::Unit(unit, rest) => {
                let mut value = self.exports(unit);
                for name in &rest {
                    value = self.member(unit, &value, name);
                }
                value
            }
            Found::Package(folder) => Value::callee(Callee::Package(from, folder.into())),
            Found::Nothing => Value::at(self.models(from).find(path)),
        }
    }

    /// What a file gives to those who import it.
    pub(super) fn exports(&mut self, unit: UnitId) -> Value<'p> {
        let frame = self.top(unit);
        if self.is_python(unit) {
            return Value::callee(Callee::Unit(unit));
        }
        let vars = frame.vars.borrow();
        let given = vars.get("module").and_then(|module| module.object);
        let given = given.and_then(|module| self.objects[module as usize].fields.get("exports").cloned());
        let is_used = given.as_ref().is_some_and(|value| {
            !value.callees.is_empty()
                || value.object.is_some_and(|object| !self.objects[object as usize].fields.is_empty())
        });
        match given {
            Some(value) if is_used => value,
            _ => Value::callee(Callee::Unit(unit)),
        }
    }
}
