//! Classes, asynchronous functions and generators as compilers of JavaScript write them for older engines: helpers that
//! make and run them, and bodies that are cut into the cases of a `switch`, one for each stretch between two waits.

use super::call::Given;
use super::callback::is_function;
use super::engine::{Done, Engine, Run};
use super::value::{Callee, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// Bytes of what is called, if it is such a helper, at most.
const MAX_HELPER: usize = 60;

/// Where a function stands that was cut into steps.
pub(super) struct Steps<'p> {
    /// The name of what says where it goes on,
    context: &'p str,
    /// and what it was last given back by who runs it: what it waited for.
    sent: Value<'p>,
}

impl<'p> Engine<'p> {
    /// What a helper gives that makes a class, `_createClass(F, [{ key: "run", value: f }])`, `_inherits(F, G)`, or runs a
    /// function which was asynchronous or a generator: `__awaiter(this, void 0, void 0, f)`, `__generator(this, f)`,
    /// `_asyncToGenerator(f)`, `regeneratorRuntime.mark(f)`, `regeneratorRuntime.wrap(f)`.
    pub(super) fn compiled(&mut self, run: &mut Run<'p>, node: NodeId, given: &[Given<'p>]) -> Option<Value<'p>> {
        if self.is_python(run.unit) || !given.iter().any(|given| is_function(&given.value)) {
            return None;
        }
        let unit = self.unit(run.unit);
        let helper = unit.written(unit.module.child(node, 0)?);
        if helper.len() > MAX_HELPER {
            return None;
        }
        match given {
            [class, members @ ..] if helper.contains("createClass") && !members.is_empty() => {
                return Some(self.class_of_members(run, &class.value, members));
            }
            [_, _] if helper.contains("_inherits") || helper.ends_with("__extends") => {
                return self.built_on(run, node, "_inherits", given);
            }
            _ => {}
        }
        let of_runtime = helper.contains("egenerator") && !helper.contains("asyncToGenerator");
        let method = helper.rsplit('.').next().filter(|_| of_runtime).unwrap_or_default();
        if helper.contains("asyncToGenerator") || matches!(method, "mark" | "m") {
            return Some(given.first()?.value.clone());
        }
        let (this, arguments, function) = match given {
            [this, arguments, _, function] if helper.ends_with("__awaiter") => {
                let list = arguments.value.object.map(|list| self.objects[list as usize].items.clone());
                (Some(this), list.unwrap_or_default(), function)
            }
            [this, function] if helper.ends_with("__generator") => (Some(this), Vec::new(), function),
            [function, others @ ..] if matches!(method, "wrap" | "w") => (others.get(1), Vec::new(), function),
            _ => return None,
        };
        let Callee::Function(function) = function.value.callees.first()? else { return None };
        let function = match this.filter(|this| this.value.object.is_some()) {
            Some(this) => Rc::new(function.bound(&this.value)),
            None => Rc::clone(function),
        };
        let arguments = arguments.into_iter().map(|value| (None, value)).collect();
        Some(self.invoke(&function, arguments, Some((run.unit, self.span(run, node))), None))
    }

    /// Gives a constructor the members that its class has: lists of those of its instances, and of its own.
    fn class_of_members(&mut self, run: &Run<'p>, class: &Value<'p>, lists: &[Given<'p>]) -> Value<'p> {
        let prototype = self.member(run.unit, class, "prototype");
        for (target, list) in [&prototype, class].into_iter().zip(lists) {
            let members = list.value.object.map(|list| self.objects[list as usize].items.clone()).unwrap_or_default();
            for member in &members {
                let key = member.object.and_then(|member| self.objects[member as usize].fields.get("key"));
                if let Some(key) = key.and_then(|key| key.text().map(str::to_owned)) {
                    self.described(target, &key, member);
                }
            }
        }
        class.clone()
    }

    /// The name of what says where a function goes on that was cut into the cases of a `switch` about it:
    /// `switch (_a.label)`, `switch (_context.prev = _context.next)`.
    pub(super) fn cut_into_steps(&self, run: &Run<'p>, subject: NodeId) -> Option<&'p str> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let (place, fields): (NodeId, &[&str]) = match module.kind(subject) {
            Kind::Assign => (module.child(subject, 0)?, &["prev", "p"]),
            _ => (subject, &["label", "n"]),
        };
        let context = module.child(place, 0).filter(|&context| module.kind(context) == Kind::Name)?;
        let name = module.text(context, unit.text);
        let function = module.ancestors(subject).find(|&around| module.kind(around) == Kind::Function)?;
        let first = module.child(function, 0).and_then(|parameter| module.child(parameter, 0));
        let is_given = first.is_some_and(|first| module.text(first, unit.text) == name);
        let fits = module.kind(place) == Kind::Member && fields.contains(&module.text(place, unit.text));
        (fits && is_given && !self.is_python(run.unit)).then_some(name)
    }

    /// Runs such cases one after the other: where one ends, the function waits and goes on.
    pub(super) fn in_steps(&mut self, run: &mut Run<'p>, cases: &[NodeId], context: &'p str) -> Value<'p> {
        let module = self.unit(run.unit).module;
        run.steps.get_or_insert_with(|| Steps { context, sent: Value::default() });
        for &case in cases {
            if let Some((_, body)) = module.children(case).split_first() {
                self.sequence(run, body);
                run.done = Done::No;
            }
        }
        Value::default()
    }

    /// The end of a step: `return [4, x]` and `return x` wait for what they give, `return [2, x]` and
    /// `return _context.abrupt("return", x)` give it back.
    pub(super) fn end_step(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let Some(given) = module.child(node, 0) else {
            run.done = Done::Gone;
            return Value::default();
        };
        let text = |node: NodeId| module.text(node, unit.text);
        let (says, value) = match (module.kind(given), module.children(given)) {
            (Kind::Array, &[says, ref value @ ..]) if module.kind(says) == Kind::Number => (text(says), value.first()),
            (Kind::Call, &[callee, says, ref value @ ..]) if matches!(text(callee), "abrupt" | "a") => {
                let goes_back = text(callee) == "a" || text(says).contains("return");
                (if goes_back { "2" } else { "3" }, value.first())
            }
            _ => ("4", Some(&given)),
        };
        let value = value.map(|&value| self.eval(run, value)).unwrap_or_default();
        match says {
            "2" => self.go_back(run, node, value),
            "4" | "5" => {
                if let Some(steps) = &mut run.steps {
                    steps.sent = value;
                }
            }
            _ => {}
        }
        run.done = Done::Gone;
        Value::default()
    }

    /// What a step was given back: `_a.sent()`, `_context.sent`.
    pub(super) fn sent(&self, run: &Run<'p>, member: NodeId) -> Option<Value<'p>> {
        let steps = run.steps.as_ref()?;
        let unit = self.unit(run.unit);
        let context = unit.module.child(member, 0).filter(|&context| unit.module.kind(context) == Kind::Name)?;
        let is_it = unit.module.kind(member) == Kind::Member
            && matches!(unit.module.text(member, unit.text), "sent" | "v")
            && unit.module.text(context, unit.text) == steps.context;
        is_it.then(|| steps.sent.clone())
    }
}
