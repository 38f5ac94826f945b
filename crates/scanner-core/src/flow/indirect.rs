//! Functions that are called as values: `f.call(this, ..)`, `f.apply(this, [..])`, `f.bind(this, ..)` and
//! `partial(f, ..)`, which remember what they are given.

use super::call::{Called, Given};
use super::engine::{Engine, Run};
use super::value::{Callee, Object, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// Methods of functions of JavaScript.
const METHODS: &[&str] = &["call", "apply", "bind"];

impl<'p> Engine<'p> {
    /// A call of a method of a function, if it is one: what is called is the function.
    pub(super) fn indirect(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        function: &Value<'p>,
        method: &'p str,
        mut given: Vec<Given<'p>>,
    ) -> Value<'p> {
        let this = if given.is_empty() { Value::default() } else { given.remove(0).value };
        let mut callee = function.clone();
        if this.object.is_some() || this.place.is_some() {
            callee.change_functions(|function| Some(function.bound(&this)));
        }
        match method {
            "bind" => {
                // What a function of a library is given beforehand, it is called with.
                let called = Called { node, callee: &callee, receiver: Some(&this), method: None, given: &given };
                self.check_sinks(run, &called);
                remember(&mut callee, given);
                return callee;
            }
            "apply" => {
                given.truncate(1);
                given.iter_mut().for_each(|given| given.spread = true);
                self.spread(&mut given);
            }
            _ => {}
        }
        let unit = self.unit(run.unit);
        let named = unit.module.child(node, 0).and_then(|callee| unit.module.child(callee, 0));
        let method = named
            .filter(|&named| unit.module.kind(named) == Kind::Member)
            .map(|named| unit.module.text(named, unit.text));
        self.carry_out(run, node, &callee, Some(&this), method, given)
    }

    /// `Q.nfcall(f, ..)`, `Q.nfapply(f, [..])`, `Q.ninvoke(object, "name", ..)`: the function is called, and what it would
    /// call back with is promised.
    pub(super) fn called_by_promise(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        method: &str,
        mut given: Vec<Given<'p>>,
    ) -> Value<'p> {
        let first = given.remove(0).value;
        if method == "ninvoke" {
            let name = given.remove(0).value;
            let callee = match name.text() {
                Some(name) => self.member(run.unit, &first, name),
                None => self.elements(&first),
            };
            return self.carry_out(run, node, &callee, Some(&first), None, given);
        }
        if method == "nfapply" {
            given.iter_mut().for_each(|given| given.spread = true);
            self.spread(&mut given);
        }
        self.carry_out(run, node, &first, None, None, given)
    }

    /// `new Promise((resolve, reject) => ..)`: what its function keeps it with, however late.
    pub(super) fn promised(
        &mut self,
        run: &Run<'p>,
        node: NodeId,
        callee: &Value<'p>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        if self.is_python(run.unit) || !callee.callees.is_empty() || self.callee_name(run, node) != "Promise" {
            return None;
        }
        let [Callee::Function(function)] = &given.first()?.value.callees[..] else { return None };
        let keeps = self.object(Object { settles: true, ..Object::default() });
        let arguments = vec![(None, Value::object(keeps)), (None, Value::default())];
        self.invoke(&Rc::clone(function), arguments, Some((run.unit, self.span(run, node))), None);
        Some(self.objects[keeps as usize].rest.clone())
    }

    /// The method that an object has from everything of its kind: `[].slice.call(arguments)`,
    /// `Array.prototype.map.call(list, f)`; one that was taken from there is known by its name:
    /// `const each = Array.prototype.forEach; each.call(list, f)`.
    pub(super) fn borrowed(&self, run: &Run<'p>, callee: NodeId, function: Option<&Value<'p>>) -> Option<&'p str> {
        let unit = self.unit(run.unit);
        let (module, text) = (unit.module, |id: NodeId| unit.written(id));
        let method = module.child(callee, 0)?;
        if module.kind(method) == Kind::Name && function.is_some_and(Value::is_unknown) {
            let name = text(method);
            return match name {
                "each" => Some("forEach"),
                "forEach" | "map" | "filter" | "some" | "every" | "reduce" | "push" | "concat" | "join" => Some(name),
                _ => None,
            };
        }
        let method = Some(method).filter(|&method| module.kind(method) == Kind::Member)?;
        let lender = module.child(method, 0)?;
        let is_lender = matches!(text(lender), "[]" | "Array.prototype" | "String.prototype" | "\"\"" | "''");
        is_lender.then(|| module.text(method, unit.text))
    }

    /// Whether a method is one of functions, called on a function that is known.
    pub(super) fn is_indirect(&self, run: &Run<'p>, function: &Value<'p>, method: &str, callee: &Value<'p>) -> bool {
        METHODS.contains(&method)
            && !self.is_python(run.unit)
            && callee.place.is_none()
            && callee.callees.is_empty()
            && (function.place.is_some() || function.callees.iter().any(|callee| matches!(callee, Callee::Function(_))))
    }
}

/// Whether a method calls what it is given and promises what that gives.
pub(super) fn is_called_by_promise(method: &str) -> bool {
    matches!(method, "nfcall" | "nfapply" | "ninvoke")
}

/// Puts arguments before those that the functions of a value will be called with.
pub(super) fn remember<'p>(value: &mut Value<'p>, given: Vec<Given<'p>>) {
    if given.is_empty() {
        return;
    }
    let given: Vec<_> = given.into_iter().map(|given| (given.name, given.value)).collect();
    value.change_functions(|function| Some(function.remembering(&given)));
}
