//! Methods that a name from outside chooses.

use super::callback::is_function;
use super::engine::{Engine, Run};
use super::model::{SinkSet, kinds};
use super::value::{Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;

impl<'p> Engine<'p> {
    /// `{name + "__contains": value}` of Python, `fields[name] = value`: who chooses a name chooses what is asked for, as
    /// who sends an object does.
    pub(super) fn note_chosen_name(&mut self, run: &Run<'p>, holder: &Value<'p>, key: &Value<'p>) {
        let Some(object) = holder.object.filter(|_| self.is_python(run.unit) && key.constant.is_none()) else { return };
        // A text asks for nothing as a value, but does as a name; unless it was shown to be one of some.
        let (remote, nosql) = (source_kind("remote"), kinds(&["nosql"]));
        let sent = key.taints.iter().filter(|taint| Some(taint.kind) == remote && taint.cleared != SinkSet::MAX);
        let as_name =
            |taint: &Taint| Taint { kind: self.remote_object, cleared: taint.cleared & !nosql, ..taint.clone() };
        let chosen: Vec<Taint> = sent.map(as_name).collect();
        if !chosen.is_empty() {
            self.touch(object);
            self.objects[object as usize].names = chosen;
        }
    }

    /// `object[name](..)`: a name from outside may choose a method that every object has.
    pub(super) fn chosen_method(&mut self, run: &mut Run<'p>, node: NodeId, callee: NodeId) -> Value<'p> {
        let mut value = self.eval(run, callee);
        if value.chosen && !self.is_python(run.unit) {
            let key = self.eval_child(run, callee, 1);
            let taints = self.all_taints(&key);
            self.report(run.unit, node, self.method, &taints, false);
            self.any_method(run, callee, &mut value);
        }
        value
    }

    /// `widget[name]()`: the methods that the object has from its constructor.
    fn any_method(&mut self, run: &mut Run<'p>, callee: NodeId, value: &mut Value<'p>) {
        /// Of each object, at most.
        const METHODS: usize = 16;
        let object = self.eval_child(run, callee, 0);
        let Some(prototype) = object.object.and_then(|at| self.objects[at as usize].prototype) else { return };
        let methods = self.objects[prototype as usize].fields.clone();
        for (_, mut method) in methods.into_iter().filter(|(_, method)| is_function(method)).take(METHODS) {
            self.rebind(&mut method, &object);
            value.join(&method);
        }
    }

    /// `const action = ACTIONS[name]; action(..)`
    pub(super) fn named_method(&mut self, run: &mut Run<'p>, node: NodeId, callee: NodeId) -> Value<'p> {
        let value = self.eval(run, callee);
        if value.chosen && !self.is_python(run.unit) {
            let unit = self.unit(run.unit);
            let given = self.given_to(run, unit.module.text(callee, unit.text));
            if let Some(&last) = given.iter().rfind(|&&made| made < node)
                && unit.module.kind(last) == Kind::Index
            {
                let key = self.eval_child(run, last, 1);
                let mut taints = self.all_taints(&key);
                // The path of a request starts with a slash, as no method does.
                taints.retain(|taint| {
                    let (unit, span) = taint.origin();
                    let origin = &self.unit(unit).text[span.range()];
                    !taint.whole || ![".url", ".originalUrl", ".path"].iter().any(|path| origin.ends_with(path))
                });
                self.report(run.unit, node, self.method, &taints, false);
            }
        }
        value
    }
}
