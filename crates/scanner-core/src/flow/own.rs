//! Calls of the program's own functions and classes.

use super::call::Given;
use super::effect::is_rendering;
use super::engine::{Engine, Run};
use super::model::kinds;
use super::value::{Callee, Function, Object, UnitId, Value};
use crate::ir::NodeId;
use crate::span::Span;
use std::rc::Rc;

impl<'p> Engine<'p> {
    /// Calls functions and classes of the program.
    pub(super) fn call_own(
        &mut self,
        run: &Run<'p>,
        node: NodeId,
        callee: &Value<'p>,
        given: Vec<Given<'p>>,
    ) -> Value<'p> {
        let at = Some((run.unit, self.span(run, node)));
        let is_named_route = self.is_named_route(run, self.callee_name(run, node), &given);
        let renders = self.is_python(run.unit) && is_rendering(self.called_name(run, node), &given);
        let nodes: Vec<NodeId> = given.iter().map(|given| given.node).collect();
        let arguments: Vec<(Option<Rc<str>>, Value<'p>)> =
            given.into_iter().map(|given| (given.name, given.value)).collect();
        let mut result: Option<Value<'p>> = None;
        let unit = self.unit(run.unit);
        let (span, called) = (self.span(run, node), unit.module.child(node, 0).map(|called| self.span(run, called)));
        let is_new =
            unit.text[span.range()].strip_prefix("new").is_some_and(|rest| rest.starts_with(char::is_whitespace))
                && called.is_some_and(|called| called.start > span.start);
        let mut callees = callee.callees.clone();
        // `import f from "./x"; f(..)`: what the file gives by default.
        for callee in &mut callees {
            if let Callee::Unit(unit) = callee
                && let Some(default) = self.default_of(*unit)
                && let Some(first) = default.callees.into_iter().next()
            {
                *callee = first;
            }
        }
        for callee in &callees {
            let value = match callee {
                Callee::Class(class) => self.instance(class, arguments.clone(), at),
                Callee::Function(function) => {
                    let value = self.call_function(function, arguments.clone(), at, is_new);
                    if callees.len() == 1 {
                        self.passed(run, function, &nodes);
                    }
                    value
                }
                Callee::Unit(_) | Callee::Package(..) => continue,
            };
            match &mut result {
                Some(result) => {
                    result.join(&value);
                    // An instance of one class or of another.
                    if let (Callee::Class(_), Some(object)) = (callee, value.object) {
                        result.may_be(object);
                    }
                }
                None => result = Some(value),
            }
        }
        let mut result = result.unwrap_or_default();
        // `eventreverse(event, "shop:order", kwargs=..)`, whose way to Django's own is long.
        if is_named_route {
            result.clear(kinds(&["redirect", "ssrf"]));
        }
        // `self.render_template("list.html", **rows)`, which hands both to an engine.
        if renders && callees.iter().all(|callee| self.hands_to_engine(callee)) {
            result.clear(kinds(&["html"]));
        }
        result
    }

    /// The name of what a call calls, a method's among them.
    fn called_name(&self, run: &Run<'p>, node: NodeId) -> &'p str {
        let unit = self.unit(run.unit);
        unit.module.child(node, 0).map_or("", |callee| unit.module.text(callee, unit.text))
    }

    /// Whether a function gives what it is given to the engine of templates: `template.render(**rows)`.
    fn hands_to_engine(&self, callee: &Callee<'p>) -> bool {
        let Callee::Function(function) = callee else { return false };
        let unit = self.unit(function.unit);
        let text = unit.written(function.node);
        [".render(", ".render_async(", "render_template(", ".compile_template("].iter().any(|call| text.contains(call))
            && !text.contains("from_string(")
    }

    pub(super) fn call_function(
        &mut self,
        function: &Rc<Function<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
        at: Option<(UnitId, Span)>,
        is_new: bool,
    ) -> Value<'p> {
        // What it is taken from, such as the exports of a file, is nothing to a constructor.
        if self.is_python(function.unit) || function.this.is_some() && !is_new {
            return self.invoke(function, arguments, at, None);
        }
        // `new F(..)`: what it puts into `this` is what it gives, with the methods that its prototype gets later, too.
        if is_new && function.this.is_none() {
            let mut made = Value::callee(Callee::Function(Rc::clone(function)));
            made.object = Some(function.fields);
            self.member(function.unit, &made, "prototype");
        }
        let own = &self.objects[function.fields as usize];
        let prototype = own.fields.get("prototype").and_then(|prototype| prototype.object);
        let object = self.object(Object { prototype, ..Object::default() });
        let this = Value::object(object);
        let bound = function.bound(&this);
        let value = self.invoke(&Rc::new(bound), arguments, at, None);
        let held = &self.objects[object as usize];
        // `if (!(this instanceof F)) return new F(name)`, where F runs already: nothing is known of that one.
        let is_running = |&(unit, node, _): &(UnitId, NodeId, bool)| (unit, node) == (function.unit, function.node);
        if is_new && held.fields.is_empty() && self.stack.iter().any(is_running) {
            return Value::default();
        }
        let is_constructor = !held.fields.is_empty() || prototype.is_some();
        if is_constructor && value.taints.is_empty() && value.object.is_none() && value.callees.is_empty() {
            return this;
        }
        value
    }
}
