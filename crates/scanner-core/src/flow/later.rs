//! Functions that are handed over with their arguments, to be called elsewhere or later: in threads, pools and
//! queues.

use super::call::{Called, Given};
use super::callback::{has_function, is_function};
use super::engine::{Engine, Run};
use super::value::{Callee, Constant, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::span::Span;
use std::rc::Rc;

/// Methods of tasks that call them later with what they are given.
const DELAYS: &[&str] = &["delay", "send", "si", "delay_on_commit"];
/// Methods of tasks that are given a list of arguments.
const APPLIES: &[&str] = &["apply_async", "apply", "send_with_options"];
/// Calls that hand a function the elements of what follows it, one after the other.
#[rustfmt::skip] // a word a line would be a page
const EACH: &[&str] = &[
    "map", "filter", "sorted", "sort", "min", "max", "reduce", "imap", "imap_unordered", "starmap", "map_async", "starmap_async", "takewhile",
    "dropwhile", "filterfalse", "groupby", "applymap", "transform", "sub", "subn",
];
/// Calls that hand a function the elements of one list as its arguments.
const UNPACK: &[&str] = &["apply", "apply_async", "start_new_thread", "Timer", "_start_new_thread"];

/// Calls that give what the function gives that they are handed, from another thread or loop.
const HANDED: &[&str] = &[
    "run_in_executor",
    "to_thread",
    "run_in_threadpool",
    "run_sync",
    "async_add_executor_job",
    "submit",
    "apply",
    "deferToThread",
    "database_sync_to_async",
];

/// Whether a call gives what the function gives that it is handed, and nothing else of its arguments.
pub(super) fn is_handed(name: &str, given: &[Given<'_>]) -> bool {
    HANDED.contains(&name) && has_function(given)
}

/// Calls that call what they are handed with what follows it, and give nothing of it.
const CALLERS: &[&str] = &[
    "Thread",
    "Process",
    "Timer",
    "partial",
    "add_task",
    "BackgroundTask",
    "apply_async",
    "enqueue",
    "call_soon",
    "call_soon_threadsafe",
    "call_later",
    "call_at",
    "start_soon",
    "start_new_thread",
    "spawn",
    "spawn_later",
    "callLater",
    "callInThread",
    "callFromThread",
];

/// How far in a function that is handed over may stand: `run_in_executor(None, f, x)`.
const MAX_BEFORE: usize = 3;

type Arguments<'p> = Vec<(Option<Rc<str>>, Value<'p>)>;

impl<'p> Engine<'p> {
    /// `task.delay(x)`, `task.apply_async(args=[x])`: the function of the program that is a task is called.
    pub(super) fn delayed(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        receiver: Option<&Value<'p>>,
        method: Option<&'p str>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let (task, method) = (receiver.filter(|_| self.is_python(run.unit))?, method?);
        let is_task = task.callees.iter().any(|callee| matches!(callee, Callee::Function(_)));
        let arguments = match method {
            method if is_task && DELAYS.contains(&method) => {
                let one = |given: &Given<'p>| (given.name.clone(), given.value.clone());
                given.iter().map(one).collect()
            }
            method if is_task && APPLIES.contains(&method) => self.listed(given, given.first())?,
            _ => return None,
        };
        let at = Some((run.unit, self.span(run, node)));
        for callee in &task.callees {
            if let Callee::Function(function) = callee {
                let mut arguments = arguments.clone();
                // `@task(bind=True)`: the task itself comes first.
                if function.this.is_none() && self.given_names(function).first() == Some(&"self") {
                    arguments.insert(0, (None, Value::default()));
                }
                self.invoke(function, arguments, at, None);
            }
        }
        Some(Value::default())
    }

    /// `to_thread(os.system, line)`, `Thread(target=os.system, args=(line,))`, `map(os.system, lines)`: a function of a
    /// library is called with what follows it. What it gives is told where the call gives that.
    pub(super) fn handed_known(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        method: Option<&'p str>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        if !self.is_python(run.unit) {
            return None;
        }
        let name = method.unwrap_or_else(|| self.callee_name(run, node));
        let (gives, each) = (HANDED.contains(&name), EACH.contains(&name));
        if !(gives || each || CALLERS.contains(&name)) {
            return None;
        }
        let unit = self.unit(run.unit);
        let module = unit.module;
        for (at, handed) in given.iter().enumerate().take(MAX_BEFORE) {
            let inner = match module.kind(handed.node) {
                Kind::Keyword => module.child(handed.node, 0)?,
                _ => handed.node,
            };
            let function = &handed.value;
            // What follows a function of the program is what that is called with.
            if handed.name.is_none() && is_function(function) {
                return None;
            }
            let is_named = matches!(module.kind(inner), Kind::Name | Kind::Member);
            if !is_named || !function.callees.is_empty() || function.object.is_some() || function.constant.is_some() {
                continue;
            }
            let method = (module.kind(inner) == Kind::Member).then(|| module.text(inner, unit.text));
            let models = self.models(run.unit);
            let is_sink = match function.place {
                Some(place) => !models.known(place).calls().sinks.is_empty(),
                None => method.is_some_and(|method| models.any_sinks.contains_key(method)),
            };
            if !is_sink {
                continue;
            }
            let arguments: Vec<Given<'p>> = if each {
                let rest = given.iter().skip(at + 1);
                rest.map(|given| Given { value: self.elements(&given.value), ..given.clone() }).collect()
            } else {
                let behind = self.behind(run, name, given, at).unwrap_or_default();
                let one = |(name, value)| Given { name, value, node: handed.node, spread: false };
                behind.into_iter().map(one).collect()
            };
            if arguments.is_empty() && method.is_none() {
                continue;
            }
            let receiver = method.map(|_| function.clone());
            if gives {
                return Some(self.carry_out(run, node, function, receiver.as_ref(), method, arguments));
            }
            let called = Called { node, callee: function, receiver: receiver.as_ref(), method, given: &arguments };
            self.check_sinks(run, &called);
        }
        None
    }

    /// `promise.then(exec)`, `lines.forEach(exec)`, `setTimeout(exec, 10, line)`: functions of a library that are called with
    /// what they are handed beside.
    pub(super) fn called_with(&mut self, run: &Run<'p>, made: &Called<'_, 'p>, name: &str) {
        let [handed, rest @ ..] = made.given else { return };
        let place = handed.value.place.filter(|_| handed.value.callees.is_empty());
        let is_sink = |place| !self.models(run.unit).known(place).calls().sinks.is_empty();
        if self.is_python(run.unit) || !place.is_some_and(is_sink) {
            return;
        }
        let arguments: Vec<Given<'p>> = match (name, made.receiver) {
            ("then", Some(promise)) => vec![Given { value: promise.clone(), ..handed.clone() }],
            ("forEach" | "map" | "flatMap" | "filter" | "some" | "every", Some(list)) => {
                vec![Given { value: self.elements(list), ..handed.clone() }]
            }
            ("setTimeout" | "setInterval", _) => rest.iter().skip(1).cloned().collect(),
            ("setImmediate" | "nextTick" | "queueMicrotask", _) => rest.to_vec(),
            _ => return,
        };
        let called = Called { node: made.node, callee: &handed.value, receiver: None, method: None, given: &arguments };
        self.check_sinks(run, &called);
    }

    /// `shlex.split("du -s " + path)`: the program is told by the text that the line starts with.
    pub(super) fn split_line(
        &mut self,
        run: &Run<'p>,
        name: &str,
        given: &[Given<'p>],
        value: &Value<'p>,
    ) -> Option<Value<'p>> {
        let unit = self.unit(run.unit);
        let [line] = given else { return None };
        if name != "split" || value.taints.is_empty() || !self.is_python(run.unit) {
            return None;
        }
        let first = unit.module.child(line.node, 0).filter(|&first| unit.module.kind(first) == Kind::Str)?;
        let (program, _) =
            unit.module.text(first, unit.text).split_once(' ').filter(|(program, _)| !program.is_empty())?;
        let rest = Value { taints: value.taints.clone(), ..Value::default() };
        let items = vec![Value::constant(Constant::Text(program.into()))];
        Some(Value::object(self.object(Object { is_list: true, items, rest, ..Object::default() })))
    }

    /// What a function is called with that is an argument of a call: what stands behind it, or is named `args`.
    pub(super) fn behind(&self, run: &Run<'p>, method: &str, given: &[Given<'p>], at: usize) -> Option<Arguments<'p>> {
        if !self.is_python(run.unit) {
            // `setTimeout(f, 10, x)`, `process.nextTick(f, x)`
            let skipped = match method {
                "setTimeout" | "setInterval" => 2,
                "setImmediate" | "nextTick" => 1,
                _ => return None,
            };
            let rest = given.get(at + skipped..).filter(|rest| !rest.is_empty())?;
            return Some(rest.iter().map(|given| (None, given.value.clone())).collect());
        }
        if EACH.contains(&method) {
            return None;
        }
        let listed = given.iter().any(|given| matches!(given.name.as_deref(), Some("args" | "kwargs" | "kwds")));
        if listed || UNPACK.contains(&method) {
            return self.listed(given, given.get(at + 1).filter(|next| next.name.is_none()));
        }
        let rest = given.get(at + 1..)?;
        let arguments: Arguments<'p> = rest.iter().map(|given| (given.name.clone(), given.value.clone())).collect();
        let plain = rest.iter().any(|given| given.name.is_none());
        (plain && given[at].name.is_none()).then_some(arguments)
    }

    /// `args=(a, b), kwargs={"c": d}`, or a list that stands by itself.
    fn listed(&self, given: &[Given<'p>], list: Option<&Given<'p>>) -> Option<Arguments<'p>> {
        let named =
            |names: &[&str]| given.iter().find(|given| given.name.as_deref().is_some_and(|name| names.contains(&name)));
        let list = named(&["args"]).or(list);
        let mut arguments = Vec::new();
        if let Some(object) = list.and_then(|list| list.value.object) {
            let held = &self.objects[object as usize];
            arguments.extend(held.items.iter().map(|item| (None, item.clone())));
        }
        if let Some(object) = named(&["kwargs", "kwds"]).and_then(|named| named.value.object) {
            let held = &self.objects[object as usize];
            arguments.extend(held.fields.iter().map(|(name, value)| (Some(Rc::clone(name)), value.clone())));
        }
        (!arguments.is_empty()).then_some(arguments)
    }

    /// `bus.on("event", f)`, `bus.emit("event", x)` of what the program made itself.
    pub(super) fn emitted(
        &mut self,
        name: &str,
        emitter: &Value<'p>,
        event: &str,
        given: &[Given<'p>],
        at: (UnitId, Span),
    ) -> Option<Value<'p>> {
        let object = emitter.object?;
        let key: Rc<str> = format!("on {event}").into();
        if name != "emit" {
            let handler = given.first().filter(|handler| is_function(&handler.value))?;
            self.touch(object);
            self.objects[object as usize].fields.entry(key).or_default().join(&handler.value);
            return Some(emitter.clone());
        }
        let handlers = self.objects[object as usize].fields.get(&key)?.callees.clone();
        let arguments: Vec<_> = given.iter().map(|given| (None, given.value.clone())).collect();
        for handler in handlers {
            if let Callee::Function(function) = handler {
                self.invoke(&function, arguments.clone(), Some(at), None);
            }
        }
        Some(Value::default())
    }
}
