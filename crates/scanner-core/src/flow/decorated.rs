//! What decorators say of parameters and methods.

use super::call::Given;
use super::callback::is_function;
use super::engine::{Decorator, Engine, Run};
use super::model::{Parameters, Returned, SinkSet, kinds};
use super::shared::List;
use super::typed::is_clean_type;
use super::validated::is_bound;
use super::value::{Callee, Class, Function, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// The method of `functools.singledispatch` that adds another function.
const REGISTER: &str = "register";

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

    /// `@register("ping")`: what a decorator of the program does with the function, which stays what it is. Gives what
    /// it puts around the function if that calls it with something of its own.
    pub(super) fn decorate(&mut self, run: &mut Run<'p>, decorator: NodeId, function: &Value<'p>) -> Option<Value<'p>> {
        if self.is_added(run, decorator, function) {
            return None;
        }
        let at = Some((run.unit, self.span(run, decorator)));
        let mut around = None;
        for callee in self.decorating(run, decorator) {
            if let Callee::Function(decorator) = callee {
                let made = self.invoke(&decorator, vec![(None, function.clone())], at, None);
                if self.gives_more(&decorator) && is_function(&made) {
                    around = Some(made);
                }
            }
        }
        around
    }

    /// `@run.register` of a function that is chosen by the type of what it is given: it may be this one as well, unless
    /// that takes no text.
    fn is_added(&mut self, run: &mut Run<'p>, decorator: NodeId, function: &Value<'p>) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let is_call = module.kind(decorator) == Kind::Call;
        let path = if is_call { module.child(decorator, 0) } else { Some(decorator) };
        let is_named = |&path: &NodeId| module.child(path, 0).is_some_and(|base| module.kind(base) == Kind::Name);
        let path = path.filter(is_named);
        let Some((base, mut all)) = path.and_then(|path| self.registered_with(run, path)) else { return false };
        let takes_text = function.callees.iter().all(|callee| match callee {
            Callee::Function(function) => !self.is_typed(function.unit, function.node, 0),
            _ => true,
        });
        let named = module.child(decorator, 1).filter(|_| is_call);
        if takes_text && named.is_none_or(|named| !is_clean_type(unit.written(named))) {
            all.may_be_called(function);
            self.set_name(run, module.text(base, unit.text), all, true);
        }
        true
    }

    /// What a decorator is when it is called: also an object that can be, `@parse(n=int)` of a class `parse`.
    fn decorating(&mut self, run: &mut Run<'p>, decorator: NodeId) -> List<Callee<'p>> {
        let value = self.eval(run, decorator);
        match value.callees.is_empty() {
            true => self.special(&value, "__call__").map(|called| called.callees).unwrap_or_default(),
            false => value.callees,
        }
    }

    /// Whether a decorator calls its function with something that it was not called with itself: `view(host, *args)`.
    fn gives_more(&self, decorator: &Function<'p>) -> bool {
        const OWN: &[&str] = &["", "self", "cls", "request", "req", "args", "kwargs"];
        let unit = self.unit(decorator.unit);
        let names = self.parameter_names(decorator.unit, decorator.node);
        let Some(name) = names.iter().find(|name| **name != "self").filter(|name| !name.is_empty()) else {
            return false;
        };
        let text = unit.written(decorator.node);
        // `def inner(*args, **kw)` that puts more into those: `kw["host"] = ..`.
        let word = |text: &'p str| text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next();
        let mut named = text.split("**").skip(1).filter_map(word).filter(|name| !name.is_empty());
        let call = format!("{name}(");
        let given = text.match_indices(&call).filter_map(|(at, _)| text[at + call.len()..].split(')').next());
        named.any(|name| text.contains(&format!("{name}[")) || text.contains(&format!("{name}.update(")))
            || given.flat_map(|given| given.split(',')).any(|one| !OWN.contains(&one.trim().trim_start_matches('*')))
    }

    pub(super) fn decorator(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let Some(inner) = unit.module.child(node, 0) else { return Value::default() };
        let (path, route) = match unit.module.kind(inner) {
            Kind::Call => {
                let route = unit.module.child(inner, 1).filter(|&first| unit.module.kind(first) == Kind::Str);
                (unit.module.child(inner, 0), route.map(|first| unit.module.text(first, unit.text).into()))
            }
            _ => (Some(inner), None),
        };
        let called = path.map(|path| self.eval(run, path)).unwrap_or_default();
        let is_call = unit.module.kind(inner) == Kind::Call;
        let adds = path.is_some_and(|path| self.registered_with(run, path).is_some());
        let decorates = |callee: &Callee<'p>| match callee {
            Callee::Class(class) => is_call && self.is_python(class.unit),
            callee => matches!(callee, Callee::Function(_)),
        };
        if adds || called.callees.iter().any(decorates) {
            run.own_decorators.push(inner);
            return Value::default();
        }
        if let Some(place) = called.place {
            let known = self.models(run.unit).known(place);
            let arguments = unit.module.children(inner).iter().skip(1);
            let mut given = Vec::new();
            for &argument in
                arguments.filter(|_| known.calls().returns.iter().any(|(conditions, _)| !conditions.is_empty()))
            {
                let name =
                    (unit.module.kind(argument) == Kind::Keyword).then(|| unit.module.text(argument, unit.text).into());
                let value = self.eval(run, argument);
                given.push(Given { name, value, node: argument, spread: false });
            }
            let returns = self.returned_by(run, known, &given);
            let schema = unit.module.child(inner, 1).filter(|&first| unit.module.kind(first) == Kind::Object);
            let route = route.or_else(|| Some(self.converters(run, schema?)));
            run.decorators.push(Decorator { place, route, returns });
        }
        Value::default()
    }

    /// The function of the program of which a decorator is `register`, and where it is named.
    fn registered_with(&mut self, run: &mut Run<'p>, path: NodeId) -> Option<(NodeId, Value<'p>)> {
        let unit = self.unit(run.unit);
        let is_it = unit.module.kind(path) == Kind::Member && unit.module.text(path, unit.text) == REGISTER;
        let base = unit.module.child(path, 0).filter(|_| is_it && self.is_python(run.unit))?;
        let all = self.eval(run, base);
        matches!(all.callees.first(), Some(Callee::Function(_))).then_some((base, all))
    }

    /// The fields of a schema that hold no text, written as a route has them: `{"count": fields.Int()}`.
    fn converters(&mut self, run: &mut Run<'p>, schema: NodeId) -> Rc<str> {
        let clean = self.models(run.unit).find("forms.CleanField");
        let Some(object) = self.eval(run, schema).object else { return "".into() };
        let fields = &self.objects[object as usize].fields;
        let unit = self.unit(run.unit);
        let bound = |name: &str| {
            let mut properties = unit.module.children(schema).iter().filter_map(|&property| {
                let (key, field) = (unit.module.child(property, 0)?, unit.module.child(property, 1)?);
                (unit.written(key).trim_matches(['"', '\'']) == name).then(|| unit.written(field))
            });
            properties.any(is_bound)
        };
        let harmless = fields.iter().filter(|(name, field)| field.stands_at(clean) || bound(name));
        harmless.map(|(name, _)| format!("<int:{name}>")).collect::<String>().into()
    }

    /// A class of Python that others build on is told of each: `__init_subclass__`.
    pub(super) fn tell_base(
        &mut self,
        run: &Run<'p>,
        node: NodeId,
        class: &Rc<Class<'p>>,
        named: Vec<(Option<Rc<str>>, Value<'p>)>,
    ) {
        const TOLD: &str = "__init_subclass__";
        let base = class.line().skip(1).find(|base| base.methods.contains_key(TOLD));
        let Some(base) = base.filter(|_| self.is_python(run.unit)) else { return };
        let this = Value::callee(Callee::Class(Rc::clone(class)));
        if let Some(function) = self.method(&this, &base, TOLD) {
            let at = Some((run.unit, self.span(run, node)));
            self.invoke(&function, named, at, None);
        }
    }

    /// `@register("ping")` over a class: what decorators of the program do with it, and what they put in its place.
    pub(super) fn decorate_class(&mut self, run: &mut Run<'p>, decorators: Vec<NodeId>, class: Value<'p>) -> Value<'p> {
        let is_class = |value: &Value<'p>| value.callees.iter().any(|callee| matches!(callee, Callee::Class(_)));
        let mut value = class;
        for decorator in decorators.into_iter().rev() {
            let at = Some((run.unit, self.span(run, decorator)));
            for callee in self.decorating(run, decorator) {
                if let Callee::Function(decorator) = callee {
                    let made = self.invoke(&decorator, vec![(None, value.clone())], at, None);
                    value = if is_class(&made) { made } else { value };
                }
            }
        }
        value
    }
}
