//! Runs calls: sinks, sanitizers, functions of the program, containers, and what is known of the rest.

use super::callback::has_function;
use super::engine::{Done, Engine, PARTS_DEPTH, Run};
use super::indirect::is_called_by_promise;
use super::invoke::ANY_NAME;
use super::model::{Condition, Known, Parameters, Returned, SinkSet};
use super::value::{Callee, Class, Constant, Note, Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::language::module_name;
use std::rc::Rc;

/// Methods whose result holds nothing of the text that they look at.
#[rustfmt::skip] // a word a line would be pages
const CLEAN: &[&str] = &[
    "startswith", "endswith", "startsWith", "endsWith", "isdigit", "isalpha", "isalnum", "isnumeric", "isdecimal",
    "isidentifier", "isspace", "islower", "isupper", "find", "rfind", "index", "rindex", "count", "includes",
    "indexOf", "lastIndexOf", "test", "has", "hasOwnProperty", "exists", "every", "some", "localeCompare",
    "charCodeAt", "codePointAt", "getTime", "hex", "is_file", "is_dir", "issubset", "findIndex",
];
/// Of those, the one that, given a function, looks for an element by it and gives that.
const FIND: &str = "find";
/// Calls after which nothing runs.
const NEVER_RETURN: &[&str] = &["abort", "exit", "_exit", "quit"];
/// The method of a request's context that answers with an error and is left: of Koa, of Fastify.
const THROW: &str = "throw";

/// Arguments that a list of which nothing is known stands for.
const MAX_SPREAD: usize = 3;

/// What a call is given.
#[derive(Clone)]
pub(super) struct Given<'p> {
    pub(super) name: Option<Rc<str>>,
    pub(super) value: Value<'p>,
    pub(super) node: NodeId,
    pub(super) spread: bool,
}

/// A call as it is looked at before it is made.
pub(super) struct Called<'c, 'p> {
    pub(super) node: NodeId,
    pub(super) callee: &'c Value<'p>,
    /// What a method is called on,
    pub(super) receiver: Option<&'c Value<'p>>,
    /// and its name.
    pub(super) method: Option<&'p str>,
    pub(super) given: &'c [Given<'p>],
}

impl<'p> Engine<'p> {
    pub(super) fn call(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let Some(callee_node) = module.child(node, 0) else { return Value::default() };
        let kind = module.kind(callee_node);
        // `require("./x")`
        if kind == Kind::Name
            && matches!(module.text(callee_node, unit.text), "require" | "import")
            && !self.is_python(run.unit)
            && let Some(name) = module.child(node, 1)
        {
            if module.kind(name) == Kind::Str {
                return self.imported(run.unit, module_name(module.text(name, unit.text)));
            }
            if let Some(imported) = self.imported_by(run, name) {
                return imported;
            }
        }
        // `await (await f()).g()`: the grammar takes the first for a call.
        if kind == Kind::Name && module.text(callee_node, unit.text) == "await" && !self.is_python(run.unit) {
            // `await (0, f)()`: the last.
            let parts = &module.children(node)[1..];
            return parts.iter().map(|&part| self.eval(run, part)).last().unwrap_or_default();
        }
        if let Some(sent) = self.sent(run, callee_node) {
            return sent;
        }
        let (receiver, method) = match kind {
            Kind::Member => (Some(self.eval_child(run, callee_node, 0)), Some(module.text(callee_node, unit.text))),
            _ => (None, None),
        };
        // `` String.raw`\s+` ``
        if method == Some("raw")
            && let Some(text) = module.child(node, 1).filter(|&text| module.kind(text) == Kind::Str)
            && module.child(callee_node, 0).is_some_and(|object| unit.written(object) == "String")
        {
            return Value::constant(Constant::Text(module.text(text, unit.text).into()));
        }
        // `list[Symbol.iterator]()`, whose `next()` gives the elements.
        if kind == Kind::Index && module.child(callee_node, 1).is_some_and(|key| unit.written(key) == "Symbol.iterator")
        {
            return self.eval_child(run, callee_node, 0);
        }
        let callee = match (&receiver, method) {
            _ if kind == Kind::Index => self.chosen_method(run, node, callee_node),
            _ if kind == Kind::Name => self.named_method(run, node, callee_node),
            (Some(receiver), Some(method)) => {
                if let Some(value) = self.parent_method(run, callee_node, method) {
                    value
                } else {
                    self.member(run.unit, receiver, method)
                }
            }
            _ => self.eval(run, callee_node),
        };
        let mut given = Vec::new();
        for &argument in &module.children(node)[1..] {
            let spread = module.kind(argument) == Kind::Spread;
            let name = match module.kind(argument) {
                Kind::Keyword => Some(module.text(argument, unit.text).into()),
                // `f(**options)`: arguments by names that are not known.
                Kind::Spread if unit.written(argument).starts_with(ANY_NAME) => Some(ANY_NAME.into()),
                _ => None,
            };
            let value = self.eval(run, argument);
            let value = self.read_address(run, callee_node, argument, value);
            if let Some(name) = &name {
                let name: &Rc<str> = name;
                self.check_secret(run, argument, name, &value);
            }
            given.push(Given { name, value, node: argument, spread });
        }
        self.spread(&mut given);
        if let Some(promise) = callee.object.filter(|&object| self.objects[object as usize].settles) {
            given.into_iter().take(1).for_each(|given| self.keep_in(promise, &given.value));
            return Value::default();
        }
        if let Some(value) = self.promised(run, node, &callee, &given) {
            return value;
        }
        if method == Some("call")
            && let Some(borrowed) = self.borrowed(run, callee_node, receiver.as_ref())
            && !given.is_empty()
        {
            let object = given.remove(0).value;
            let callee = self.member(run.unit, &object, borrowed);
            return self.carry_out(run, node, &callee, Some(&object), Some(borrowed), given);
        }
        if method.is_some_and(is_called_by_promise) && callee.is_unknown() && given.len() > 1 {
            return self.called_by_promise(run, node, method.unwrap_or_default(), given);
        }
        // `Reflect.apply(f, this, [..])`
        if method == Some("apply") && given.len() == 3 && self.is_of_object(run, node) {
            let function = given.remove(0).value;
            return self.indirect(run, node, &function, "apply", given);
        }
        if let (Some(function), Some(method)) = (&receiver, method)
            && self.is_indirect(run, function, method, &callee)
        {
            return self.indirect(run, node, function, method, given);
        }
        if let Some(value) = self.delayed(run, node, receiver.as_ref(), method, &given) {
            return value;
        }
        if let Some(value) = self.handed_known(run, node, method, &given) {
            return value;
        }
        self.carry_out(run, node, &callee, receiver.as_ref(), method, given)
    }

    /// Looks at a call of which all is known that it is made with, and makes it.
    pub(super) fn carry_out(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        callee: &Value<'p>,
        receiver: Option<&Value<'p>>,
        method: Option<&'p str>,
        given: Vec<Given<'p>>,
    ) -> Value<'p> {
        self.note_kind_by(run, node, method, &given);
        let called = Called { node, callee, receiver, method, given: &given };
        self.check_sinks(run, &called);
        self.called_with(run, &called, method.unwrap_or_else(|| self.callee_name(run, node)));
        let made = self.with_regexes(run, &called);
        let value = self.result(run, node, callee, receiver, method, given);
        self.sourced(run, node, Self::made(value, made))
    }

    /// `super().method`, `super.method`: of the class that the run's instance builds on.
    pub(super) fn parent_method(&mut self, run: &Run<'p>, callee: NodeId, method: &str) -> Option<Value<'p>> {
        let unit = self.unit(run.unit);
        let object = unit.module.child(callee, 0)?;
        let name = match unit.module.kind(object) {
            Kind::Call => unit.module.child(object, 0)?,
            _ => object,
        };
        if unit.module.kind(name) != Kind::Name || unit.module.text(name, unit.text) != "super" {
            return None;
        }
        let this = run.this.clone()?;
        let class = self.objects[this.object? as usize].class.clone()?;
        // The class that the running method stands in, of which the instance may be a heir.
        let module = unit.module;
        let around = |kind: Kind| module.ancestors(callee).find(|&id| module.kind(id) == kind);
        let (own, running) = (around(Kind::Class), around(Kind::Function));
        let is_own = |class: &Rc<Class<'p>>| class.unit == run.unit && Some(class.node) == own;
        let owner = class.line().find(is_own);
        let all = owner.iter().flat_map(|owner| &owner.bases).chain(&class.bases);
        let bases: Vec<Callee<'p>> = all.flat_map(|base| base.callees.clone()).collect();
        for base in bases {
            if let Callee::Class(base) = base
                && let Some(function) = self.method(&this, &base, method)
                && (function.unit, Some(function.node)) != (run.unit, running)
            {
                return Some(Value::callee(Callee::Function(function)));
            }
        }
        let models = self.models(run.unit);
        let inherited = self.frameworks_of(&class).into_iter().find_map(|place| models.member(place, method));
        inherited.map(|place| Value::at(Some(place)))
    }

    /// `*list`, `**options`: as arguments of their own, where what they hold is known.
    pub(super) fn spread(&mut self, given: &mut Vec<Given<'p>>) {
        if !given.iter().any(|given| given.spread) {
            return;
        }
        let mut all = Vec::new();
        for argument in std::mem::take(given) {
            match argument.value.object.filter(|_| argument.spread) {
                Some(object) => {
                    let held = self.objects[object as usize].clone().into_inner();
                    let node = argument.node;
                    let one = |value| Given { name: None, value, node, spread: false };
                    // `f(*line.split())`: nobody knows how many there are.
                    if held.items.is_empty() && argument.name.is_none() && !held.rest.taints.is_empty() {
                        all.extend((0..MAX_SPREAD).map(|_| one(held.rest.clone())));
                    }
                    all.extend(held.items.into_iter().map(one));
                    let named = |(name, value)| Given { name: Some(name), value, node, spread: false };
                    // `f.apply(null, [first].concat(others))`
                    if !all.is_empty() && argument.name.is_none() && held.is_list && !held.rest.taints.is_empty() {
                        all.extend((0..MAX_SPREAD).map(|_| one(held.rest.clone())));
                    }
                    let has_names = !held.fields.is_empty();
                    all.extend(held.fields.into_iter().map(named));
                    // `**kwargs` of which no names are known.
                    if !has_names && !held.is_list && !held.rest.taints.is_empty() {
                        let (name, value) = (Some(ANY_NAME.into()), held.rest.clone());
                        all.push(Given { name, value, node, spread: false });
                    }
                    // What else it holds has names that are not known, or that were chosen outside.
                    if has_names && !argument.value.taints.is_empty() || !held.names.is_empty() {
                        all.push(argument);
                    }
                }
                None if argument.spread && argument.name.is_none() && !argument.value.taints.is_empty() => {
                    all.extend((0..MAX_SPREAD).map(|_| argument.clone()));
                }
                None => all.push(argument),
            }
        }
        *given = all;
    }

    pub(super) fn result(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        callee: &Value<'p>,
        receiver: Option<&Value<'p>>,
        method: Option<&'p str>,
        given: Vec<Given<'p>>,
    ) -> Value<'p> {
        let given = self.as_texts(run, node, given);
        let given = self.with_schema(run, receiver, method, given);
        if let Some(value) = self.checked_part(run, node, method, &given) {
            return value;
        }
        let models = self.models(run.unit);
        let known = callee.place.map(|place| models.known(place));
        if let Some(known) = known
            && let Some(value) = self.cleared_by(run, known, &Called { node, callee, receiver, method, given: &given })
        {
            return value;
        }
        let name = method.unwrap_or_else(|| self.callee_name(run, node));
        self.asserted(run, node, name, &given);
        self.check_set_by_call(run, node, name, &given);
        if callee.callees.is_empty() {
            self.copy_by_call(run, node, name, receiver, &given);
        }
        if let Some(value) = self.compiled(run, node, &given) {
            return value;
        }
        if let Some(value) = self.reflected(run, node, name, &given) {
            return value;
        }
        if (callee.callees.is_empty() || name == "__exportStar")
            && let Some(value) = self.built_on(run, node, name, &given)
        {
            return value;
        }
        if !callee.callees.is_empty() {
            // `Kind(text)` of an enumeration refuses what it does not list.
            if let ([Callee::Class(class)], [text]) = (&callee.callees[..], &given[..])
                && self.is_enumeration(class)
            {
                self.is_one_of(run, text.node);
            }
            return self.call_own(run, node, callee, given);
        }
        if let Some(own) = self.special(callee, "__call__") {
            return self.call_own(run, node, &own, given);
        }
        if name == "useState" && !self.is_python(run.unit) {
            return self.state(run, node, given.first().map(|start| &start.value));
        }
        if let Some(value) = self.asked_for(run, node, name, &given) {
            return value;
        }
        if let Some(value) = self.built_in(run, node, name, receiver, &given) {
            return value;
        }
        if name == "format"
            && self.is_python(run.unit)
            && let Some(format) = receiver.and_then(|receiver| receiver.text())
            && let Some(value) = self.formatted_by(format, &given)
        {
            return value;
        }
        let place = callee.place.and_then(|place| models.call(place));
        let mut typed = None;
        for (conditions, becomes) in known.iter().flat_map(|known| &known.calls().types) {
            if conditions.iter().all(|condition| self.holds(run, condition, &given)) {
                typed = Some(*becomes);
            }
        }
        self.retype(run, node, known, receiver, &given);
        let place = typed.or(place);
        if let Some(value) = self.only_letters(run, name, receiver, &given) {
            return value;
        }
        if let Some(value) = self.typed_call(run, name, callee, receiver, &given) {
            return value;
        }
        let is_source = place.is_some_and(|place| models.known(place).sources != 0);
        if let (Some(receiver), Some(method)) = (receiver, method) {
            // `new App().get("/", f)` is no store.
            let is_known = place.is_some() && !self.is_python(run.unit);
            if !is_source
                && !is_known
                && let Some(value) = self.container(receiver, method, &given)
            {
                return value;
            }
            if method == "items" && self.has_declared_names(run.unit, receiver) {
                let element = self.elements(receiver);
                return self.pairs_of(element);
            }
            if place.is_none() && CLEAN.contains(&method) && !(method == FIND && has_function(&given)) {
                self.call_back(run, node, Some(receiver), method, &given);
                return Value::default();
            }
        }
        match (receiver, method) {
            (Some(view), Some("as_view")) if self.is_python(run.unit) => self.view_made_with(view, &given),
            (Some(_), Some("add_route")) if self.is_python(run.unit) => self.resource_given(&given),
            (Some(_), Some("register_instance")) if self.is_python(run.unit) => self.instance_given(&given),
            _ => {}
        }
        if let Some(method) = method.filter(|_| callee.place.is_none()) {
            self.register_any(run, method, &given);
        }
        if name == "relative_to"
            && let Some(path) = self.receiver_node(run, node)
        {
            self.is_below(run, path);
        }
        if NEVER_RETURN.contains(&name) || method == Some(THROW) {
            run.done = Done::Gone;
            return Value::default();
        }
        // Functions that were registered are run with what they are given, later.
        let called_back = match known.is_some_and(|known| known.calls().parameters.is_some()) {
            true => Value::default(),
            false => self.call_back(run, node, receiver, name, &given),
        };
        if let Some(value) = self.mapped(run, name, &called_back, receiver, &given) {
            return value;
        }
        let part = self.known_part(run, name, receiver, &given);
        if let Some(value) = part.or_else(|| self.schema_by_name(run, name, callee, &given)) {
            return value;
        }
        let called = Called { node, callee, receiver, method, given: &given };
        if let Some(value) = self.loaded(run, &called, name) {
            return value;
        }
        self.passed_on(run, &called, name, (place, known), &called_back)
    }

    /// What a sanitizer or a decoder gives.
    fn cleared_by(&mut self, run: &mut Run<'p>, known: &'p Known, called: &Called<'_, 'p>) -> Option<Value<'p>> {
        let &Called { node, callee, receiver, method, given } = called;
        if known.calls().parameters.is_some() {
            self.note_checks(run, known, given);
        }
        self.register_all(run, known, given);
        if known.clears != 0 && !self.is_raw_template(run, given) {
            self.is_converted(run, method.unwrap_or_else(|| self.callee_name(run, node)), known, given);
            // `setTimeout(() => ..)`: what it gives is clean, what it runs need not be.
            self.call_back(run, node, receiver, method.unwrap_or_default(), given);
            let value = match self.watch.is_none() && self.gives_rows(run, node) {
                true => Value::default(),
                false => self.cleaned(known.clears, receiver, given),
            };
            let mut value = self.with_cleaning(run, node, value, Note::Cleaned(known.clears));
            value.place = callee.place.and_then(|place| self.models(run.unit).call(place));
            return Some(value);
        }
        if !known.decodes {
            return None;
        }
        // `JSON.parse(text, (key, value) => ..)`
        if !self.is_python(run.unit) {
            self.call_back(run, node, None, "", given);
        }
        let mut value = self.cleaned(0, receiver, given);
        value.taints.iter_mut().for_each(|taint| taint.cleared = 0);
        value.place = callee.place.and_then(|place| self.models(run.unit).call(place)).or(value.place);
        Some(if known.parses { self.of_any_kind(value) } else { value })
    }

    /// `define(["jquery"], function ($) { .. })`: modules that are given to a function.
    fn asked_for(&mut self, run: &Run<'p>, node: NodeId, name: &str, given: &[Given<'p>]) -> Option<Value<'p>> {
        if !matches!(name, "define" | "require" | "requirejs") || self.is_python(run.unit) {
            return None;
        }
        let [.., names, function] = given else { return None };
        let names = self.objects[names.value.object? as usize].items.clone();
        let Callee::Function(function) = function.value.callees.first()? else { return None };
        let modules: Option<Vec<_>> =
            names.iter().map(|name| Some((None, self.imported(run.unit, name.text()?)))).collect();
        Some(self.invoke(&Rc::clone(function), modules?, Some((run.unit, self.span(run, node))), None))
    }

    /// What a call's method is taken from.
    pub(super) fn receiver_node(&self, run: &Run<'p>, node: NodeId) -> Option<NodeId> {
        let module = self.unit(run.unit).module;
        module.child(node, 0).and_then(|callee| module.child(callee, 0))
    }

    /// A call that makes another of what it is called on: `parser.setFeature(..)`.
    fn retype(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        known: Option<&Known>,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) {
        let (Some(receiver), Some(named)) = (receiver, self.receiver_node(run, node)) else { return };
        for (conditions, becomes) in known.iter().flat_map(|known| &known.calls().receivers) {
            if conditions.iter().all(|condition| self.holds(run, condition, given)) {
                let value = Value { place: Some(*becomes), ..receiver.clone() };
                self.give(run, named, value, None, false);
            }
        }
    }

    pub(super) fn callee_name(&self, run: &Run<'p>, node: NodeId) -> &'p str {
        let unit = self.unit(run.unit);
        let callee = unit.module.child(node, 0).filter(|&callee| unit.module.kind(callee) == Kind::Name);
        callee.map_or("", |callee| unit.module.text(callee, unit.text))
    }

    /// The result of a sanitizer.
    pub(super) fn cleaned(&mut self, clears: SinkSet, receiver: Option<&Value<'p>>, given: &[Given<'p>]) -> Value<'p> {
        let mut value = Value::default();
        let parts = given.iter().map(|given| &given.value).chain(receiver);
        // Who asks what became of it is told.
        if clears == SinkSet::MAX && self.watch.is_none() {
            // A number or a digest of what can be guessed can be guessed.
            for part in parts {
                value.taint_with(&self.still_guessed(part));
            }
            return value;
        }
        for part in parts {
            let mut taints = self.all_taints(part);
            taints.iter_mut().for_each(|taint: &mut Taint| taint.cleared |= clears);
            value.taint_with(&taints);
        }
        value
    }

    pub(super) fn register_all(&mut self, run: &Run<'p>, known: &Known, given: &[Given<'p>]) {
        let fits = |(conditions, _): &&(Vec<Condition>, Parameters)| {
            conditions.iter().all(|condition| self.holds(run, condition, given))
        };
        let special = known.calls().parameters_where.iter().find(fits).map(|(_, parameters)| parameters);
        let parameters = special.or(known.calls().parameters.as_ref());
        if parameters.is_none() && known.calls().returns.is_empty() {
            return;
        }
        let returns = self.returned_by(run, known, given);
        let parameters = parameters.cloned().unwrap_or_default();
        let route: Option<Rc<str>> = given.first().and_then(|first| first.value.text()).map(Into::into);
        for given in given {
            match known.tables {
                true => self.register_table(&given.value, &parameters, PARTS_DEPTH),
                false => self.register(&given.value, &parameters, route.clone(), returns),
            }
        }
    }

    /// Where functions return to that are registered with such arguments.
    pub(super) fn returned_by(&mut self, run: &Run<'p>, known: &Known, given: &[Given<'p>]) -> Option<Returned> {
        let fits = |(conditions, _): &&(Vec<Condition>, Returned)| {
            conditions.iter().all(|condition| self.holds(run, condition, given))
        };
        known.calls().returns.iter().find(fits).map(|(_, returned)| *returned)
    }

    /// Makes guards' facts known of an expression.
    pub(super) fn clear_fact(&mut self, run: &Run<'p>, node: NodeId, cleared: SinkSet) {
        let unit = self.unit(run.unit);
        let text: Rc<str> = unit.written(node).into();
        self.note_guard(run.unit, &text);
        self.clear_name(run, node, cleared);
        *run.frame.facts.borrow_mut().entry(text).or_default() |= cleared;
    }
}

impl<'p> Value<'p> {
    pub(super) fn join_taints(&mut self, other: &Value<'p>) {
        self.taint_with(&other.taints);
        if self.object.is_none() {
            self.object = other.object;
        }
    }
}
