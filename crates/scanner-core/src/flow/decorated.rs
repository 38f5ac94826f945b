//! What decorators say of parameters and methods.

use super::engine::{Decorator, Engine, Run};
use super::model::{Parameters, Returned, SinkSet, kinds};
use super::value::{Callee, Function, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

impl<'p> Engine<'p> {
    /// The parameters that decorators say what they are: `@Query('name') name: string`.
    pub(super) fn decorated(&mut self, unit: UnitId, function: NodeId) -> Vec<(usize, Value<'p>)> {
        if self.is_python(unit) {
            return Vec::new();
        }
        let module = self.unit(unit).module;
        let mut decorated = Vec::new();
        for (at, &parameter) in module.children(function).iter().enumerate() {
            for &decorator in module.children(parameter) {
                if module.kind(parameter) == Kind::Param
                    && module.kind(decorator) == Kind::Decorator
                    && let Some(value) = self.by_decorator(unit, function, at, decorator)
                {
                    decorated.push((at, value));
                }
            }
        }
        decorated
    }

    /// What a decorator makes of a parameter. One that is given what makes numbers gives numbers.
    fn by_decorator(&mut self, unit: UnitId, function: NodeId, at: usize, decorator: NodeId) -> Option<Value<'p>> {
        let module = self.unit(unit).module;
        let call = module.child(decorator, 0).filter(|&call| module.kind(call) == Kind::Call)?;
        let frame = self.names(unit);
        let mut run = Run::new(unit, frame, None, None);
        let place = self.eval_child(&mut run, call, 0).place?;
        let given = self.models(unit).call(place)?;
        for &argument in &module.children(call)[1..] {
            let pipe = match module.kind(argument) {
                Kind::Call => self.eval_child(&mut run, argument, 0),
                _ => self.eval(&mut run, argument),
            };
            if pipe.place.is_some_and(|place| self.models(unit).known(place).clears == SinkSet::MAX) {
                return Some(Value::default());
            }
        }
        if self.is_typed(unit, function, at) {
            return Some(Value::default());
        }
        let mut value = self.typed_source(unit, function, at, given);
        // A class says which fields there may be; what checks the body leaves no others.
        let parameter = module.child(function, at);
        let named = parameter.and_then(|parameter| self.annotation(unit, parameter)).is_some_and(|named| {
            let open =
                ["any", "unknown", "object", "Record<", "{", "Partial<"].iter().any(|open| named.starts_with(open));
            named.starts_with(|first: char| first.is_ascii_uppercase()) && !open
        });
        if named {
            value.clear(kinds(&["mass-assignment"]));
        }
        let class = parameter.and_then(|parameter| self.type_of(unit, &run.frame, parameter));
        if let Some(Callee::Class(class)) = class.and_then(|class| class.callees.first().cloned()) {
            let mut made = Object::default();
            self.check_fields(&class, &value, &mut made);
            value.object = (!made.fields.is_empty()).then(|| self.object(made));
        }
        Some(value)
    }

    /// What the decorators of a method say of it: its parameters, and where it returns to.
    pub(super) fn by_decorators(&mut self, unit: UnitId, node: NodeId) -> Option<(Parameters, Option<Returned>)> {
        if self.is_python(unit) {
            return None;
        }
        let module = self.unit(unit).module;
        let parent = module.parent(node)?;
        let siblings = module.children(parent);
        let at = siblings.iter().position(|&sibling| sibling == node)?;
        let before = siblings[..at].iter().rev().take_while(|&&sibling| module.kind(sibling) == Kind::Decorator);
        let decorators: Vec<NodeId> = before.copied().collect();
        if decorators.is_empty() {
            return None;
        }
        let frame = self.names(unit);
        let mut run = Run::new(unit, frame, None, None);
        for decorator in decorators {
            self.eval(&mut run, decorator);
        }
        let models = self.models(unit);
        run.decorators.iter().find_map(|decorator| {
            let known = models.known(decorator.place);
            let says = known.calls().parameters.is_some() || decorator.returns.is_some();
            says.then(|| (known.calls().parameters.clone().unwrap_or_default(), decorator.returns))
        })
    }

    /// The decorators of a method.
    pub(super) fn decorators_of(&mut self, method: &Function<'p>) -> Vec<Decorator> {
        let module = self.unit(method.unit).module;
        let around = module.parent(method.node).map_or(&[][..], |parent| module.children(parent));
        let is_python = self.is_python(method.unit);
        let decorators = around.iter().filter(|&&part| is_python && module.kind(part) == Kind::Decorator);
        let mut run = Run::new(method.unit, Rc::clone(&method.frame), None, None);
        for &decorator in decorators {
            self.decorator(&mut run, decorator);
        }
        run.decorators
    }
}
