//! Functions, methods and classes of the program, and their runs on arguments.

use super::call::{Called, Given};
use super::engine::{Done, Engine, Run};
use super::entry::inner_type;
use super::model::{Returned, SinkSet, kinds};
use super::plain::is_plain_kind;
use super::value::{Callee, Class, Constant, Frame, Function, Note, Object, ObjectId, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::language::Family;
use crate::span::Span;
use std::collections::VecDeque;
use std::rc::Rc;

/// Stands for the names of arguments that are not known.
pub(super) const ANY_NAME: &str = "**";
/// Functions that call each other, at most.
const MAX_CALLS: usize = 24;

/// Fields of objects of which a function gives one or the other back: larger ones are tables.
const MAX_FIELDS: usize = 32;

/// The names of a path that a type starts with: `express.Request<P>`.
fn type_names(annotation: &str) -> Option<std::str::Split<'_, char>> {
    let text = inner_type(annotation.trim_start_matches(['"', '\'']));
    let end = text.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '.' | '$'));
    let path = &text[..end.unwrap_or(text.len())];
    path.starts_with(|first: char| first.is_alphabetic() || first == '_').then(|| path.split('.'))
}

impl<'p> Engine<'p> {
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
        let lent = this.is_some() && !self.is_arrow(run.unit, node);
        self.enclosing.note(&run.frame);
        let frame = Rc::clone(&run.frame);
        let function = Function { unit: run.unit, node, frame, this, lent, fields, given: Vec::new() };
        let function = Rc::new(function);
        if run.unit == self.root {
            self.closures.insert(node, Rc::clone(&function));
        }
        let mut value = Value::callee(Callee::Function(function));
        value.object = Some(fields);
        value
    }

    /// Whether a function of JavaScript keeps what `this` is around it: `() => this.name`.
    fn is_arrow(&self, unit: UnitId, node: NodeId) -> bool {
        let file = self.unit(unit);
        let body = file.module.children(node).last().map_or(0, |&body| file.module.node(body).span.start as usize);
        let start = file.module.node(node).span.start as usize;
        file.text.get(start..body).is_some_and(|head| head.trim_end_matches(['(', ' ', '\n']).ends_with("=>"))
    }

    /// Runs a function on arguments, which may have names. `at` is the call, `returns` what takes
    /// what it gives back.
    pub(super) fn invoke(
        &mut self,
        function: &Rc<Function<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
        at: Option<(UnitId, Span)>,
        returns: Option<Returned>,
    ) -> Value<'p> {
        let mut arguments = match function.given.is_empty() {
            true => arguments,
            false => function.given.iter().cloned().chain(arguments).collect(),
        };
        // What was called by itself with a member that a name from outside chose is run once more: a
        // merge goes down like that.
        let mut again = self.again || arguments.iter().any(|(_, argument)| argument.chosen);
        // What counts down by calling itself gets to its end: with numbers of which nothing is known.
        if !again && self.stack.contains(&(function.unit, function.node, again)) && self.counts(function, &arguments) {
            again = true;
            let numbers = arguments.iter_mut().filter(|(_, value)| matches!(value.constant, Some(Constant::Number(_))));
            numbers.for_each(|(_, value)| value.constant = None);
        }
        let key = (function.unit, function.node, again);
        self.called.insert((function.unit, function.node));
        self.shown.clear();
        let running = self.stack.iter().position(|running| *running == key);
        if running.is_some() || self.stack.len() >= MAX_CALLS || self.is_spent() {
            self.cut = self.cut.min(running.unwrap_or(0));
            let mut value = Value::default();
            arguments.iter().for_each(|(_, argument)| value.taint_with(&self.all_taints(argument)));
            return value;
        }
        let call = self.call_key(function, &arguments, returns, again);
        if let Some(value) = self.known_value(&call, function, &arguments) {
            return self.hopped_at(value, at, Note::Returned);
        }
        let recorded = self.record(&call, function, &arguments);
        let place = self.stack.len();
        let before = self.meter.entry();
        self.stack.push(key);
        let old = self.old;
        self.old = old.min(self.objects.len() as ObjectId);
        let outside = std::mem::replace(&mut self.again, again);
        let frame = self.frame(Some(Rc::clone(&function.frame)));
        let mut run = Run::new(function.unit, frame, function.this.clone(), returns);
        run.forks = self.journals.len();
        self.bind_parameters(&mut run, function, arguments, at);
        let module = self.unit(function.unit).module;
        let body = module.children(function.node).last().copied().filter(|&body| module.kind(body) != Kind::Param);
        let value = match body {
            Some(body) if module.kind(body) == Kind::Block => {
                self.hoist(&mut run, Some(body));
                self.eval(&mut run, body);
                match (run.returned.take(), run.yielded.take()) {
                    (None, Some(rest)) => Value::object(self.object(Object { rest, ..Object::default() })),
                    (returned, _) => returned.unwrap_or_default(),
                }
            }
            Some(body) => {
                let value = self.eval(&mut run, body);
                self.check_returned(&run, body, &value);
                self.check_secret_given(&run, body, &value);
                value
            }
            None => Value::default(),
        };
        if run.done != Done::Gone {
            run.show();
        }
        self.take_back(&mut run);
        let parameters = self.parameter_names(function.unit, function.node);
        let known = run.shown.take().unwrap_or_default();
        let shown = parameters.into_iter().filter_map(|name| Some((name.into(), *known.get(name)?)));
        let shown: Vec<(Rc<str>, SinkSet)> = shown.collect();
        self.stack.pop();
        self.old = old;
        self.again = outside;
        let took = self.meter.entry().saturating_sub(before);
        self.keep(&call, recorded, &value, place, took);
        self.shown = shown;
        self.hopped_at(value, at, Note::Returned)
    }

    /// Whether a function of Python is called with data from outside and with a number that is known.
    fn counts(&self, function: &Function<'p>, arguments: &[(Option<Rc<str>>, Value<'p>)]) -> bool {
        let is_number = |value: &Value<'p>| matches!(value.constant, Some(Constant::Number(_)));
        self.is_python(function.unit)
            && arguments.iter().any(|(_, value)| is_number(value))
            && arguments.iter().any(|(_, value)| !value.taints.is_empty())
    }

    /// A function gives a value back to its caller.
    pub(super) fn go_back(&mut self, run: &mut Run<'p>, node: NodeId, value: Value<'p>) {
        let given = self.unit(run.unit).module.child(node, 0).unwrap_or(node);
        self.check_returned(run, given, &value);
        self.check_secret_given(run, node, &value);
        match &mut run.returned {
            Some(returned) => {
                let unit = self.unit(run.unit);
                let is_made =
                    matches!(unit.module.kind(given), Kind::Object | Kind::Array) && unit.family == Family::JavaScript;
                self.join_either(returned, &value, is_made);
            }
            None => run.returned = Some(value),
        }
        run.show();
        self.give_up(run);
    }

    /// Joins two values of which a way gives the one or the other; `is_made`: what they hold is made there.
    pub(super) fn join_either(&mut self, value: &mut Value<'p>, other: &Value<'p>, is_made: bool) {
        let both = self.one_of_two(value, other, is_made);
        value.join(other);
        value.object = both.or(value.object);
    }

    /// `if (c) return { at: 1 }; return { name: x };`: an object that has what either has, where the second is made there;
    /// of lists the same, `c ? ["-a"] : ["-b", x]`.
    fn one_of_two(&mut self, first: &Value<'p>, second: &Value<'p>, is_made: bool) -> Option<ObjectId> {
        let (first, second) = (first.object?, second.object?);
        let is_plain = |object: &Object<'p>| {
            object.class.is_none()
                && object.prototype.is_none()
                && object.fields.len().max(object.items.len()) < MAX_FIELDS
        };
        let (one, other) = (&self.objects[first as usize], &self.objects[second as usize]);
        if !is_made || first == second || one.is_list != other.is_list || !is_plain(one) || !is_plain(other) {
            return None;
        }
        // Of a list of constants, what stands in it is asked for.
        let has_data = |object: &Object<'p>| object.parts().any(|part| !self.all_taints(part).is_empty());
        if one.is_list && !has_data(one) && !has_data(other) {
            return None;
        }
        let mut both = one.clone().into_inner();
        both.join(other);
        Some(self.object(both))
    }

    /// Looks at what a function gives back whose framework shows it.
    pub(super) fn check_returned(&mut self, run: &Run<'p>, node: NodeId, value: &Value<'p>) {
        match run.returns {
            Some(Returned::To(kind)) => {
                let headers = self.headers_of(value);
                if let Some(location) = headers.get("location") {
                    let taints = self.all_taints(location);
                    self.report_all(run.unit, node, kinds(&["redirect"]), &taints, false);
                }
                if kind == self.html
                    && (headers.get("content-type").is_some_and(is_plain_kind)
                        || self.is_started_as_plain(run, node)
                        || self.is_typed_as_object(run, node)
                        || self.is_answer_of_others(run, node))
                {
                    return;
                }
                let mut shown = self.shown_of(value);
                shown.retain(|taint| kind != self.html || !self.is_made_by_service(run, node, taint));
                self.report(run.unit, node, kind, &shown, false);
            }
            // What came in and goes on as it is, is no answer.
            Some(Returned::As(_)) if value.object.is_none() => {}
            Some(Returned::As(place)) => {
                let given = [Given { name: None, value: value.clone(), node, spread: false }];
                let callee = Value::at(Some(place));
                self.check_sinks(run, &Called { node, callee: &callee, receiver: None, method: None, given: &given });
            }
            None => {}
        }
    }

    /// What of a returned value is shown as text: not what goes out as JSON.
    pub(super) fn shown_of(&self, value: &Value<'p>) -> Vec<Taint> {
        let object = value.object.map(|object| &self.objects[object as usize]);
        match object {
            // `return body, 200`
            Some(object) if object.is_list && value.taints.is_empty() => {
                object.items.first().map(|first| first.taints.to_vec()).unwrap_or_default()
            }
            _ => value.taints.to_vec(),
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
        // `arguments[0]`
        if self.takes_arguments(function) {
            let items = arguments.iter().map(|(_, value)| self.hopped_at(value.clone(), at, Note::Passed)).collect();
            let list = self.object(Object { is_list: true, items, ..Object::default() });
            run.frame.vars.borrow_mut().insert("arguments", Value::object(list));
        }
        let is_method = self.is_python(function.unit) && function.this.is_some() && !self.is_static(function);
        let mut positional: VecDeque<Value<'p>> = VecDeque::new();
        let mut named: Vec<(Rc<str>, Value<'p>)> = Vec::new();
        for (name, value) in arguments {
            let value = self.hopped_at(value, at, Note::Passed);
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
                // `*rest` of Python takes no names, `**options` nothing else.
                let takes_names = unit.written(target).starts_with(ANY_NAME);
                let is_both = !self.is_python(function.unit);
                let items = if is_both || !takes_names { positional.drain(..).collect() } else { Vec::new() };
                let mut rest = Object { is_list: !takes_names, items, ..Object::default() };
                let names = if is_both || takes_names { std::mem::take(&mut named) } else { Vec::new() };
                for (name, value) in names {
                    match &*name {
                        // Whatever names there are.
                        ANY_NAME => rest.rest.join(&value),
                        _ => {
                            rest.fields.insert(name, value);
                        }
                    }
                }
                let object = self.object(rest);
                if let Some(inner) = module.child(target, 0) {
                    self.bind(run, inner, Value::object(object), None);
                }
                continue;
            }
            let name = if module.kind(target) == Kind::Name { module.text(target, unit.text) } else { "" };
            let by_name = named.iter().position(|(given, _)| **given == *name);
            // `f(**kwargs)`: what has no other value may have one of those.
            let any = || named.iter().find(|(given, _)| &**given == ANY_NAME).map(|(_, value)| value.clone());
            let value = match by_name {
                Some(at) => Some(named.swap_remove(at).1),
                None => positional.pop_front().or_else(any),
            };
            let default = module.child(parameter, 1).filter(|&default| module.kind(default) != Kind::Decorator);
            let value = match (value, default) {
                (Some(value), _) if value.place.is_none() && value.object.is_none() && value.callees.is_empty() => {
                    self.annotated(function.unit, &function.frame, parameter, value)
                }
                (Some(value), _) => value,
                (None, Some(default)) => {
                    let mut value = self.eval(run, default);
                    // Who calls it is not known: it may be anything else.
                    if at.is_none() {
                        value.constant = None;
                    }
                    value
                }
                (None, None) => self.made_to_order(function.unit, &function.frame, parameter),
            };
            if let Some(this) = run.this.clone().filter(|_| !module.text(parameter, unit.text).is_empty()) {
                self.set_field(&this, name, value.clone());
            }
            self.bind(run, target, value, None);
        }
    }

    /// Whether a function looks at what it was given without a name for it.
    fn takes_arguments(&mut self, function: &Function<'p>) -> bool {
        let unit = self.unit(function.unit);
        let names_it = || unit.written(function.node).contains("arguments");
        let key = (function.unit, function.node);
        unit.family == Family::JavaScript && *self.takes_arguments.entry(key).or_insert_with(names_it)
    }

    /// What the type of a parameter says of a value: the public path of the type, or an instance of a
    /// class of the program.
    pub(super) fn annotated(
        &mut self,
        unit: UnitId,
        frame: &Rc<Frame<'p>>,
        node: NodeId,
        value: Value<'p>,
    ) -> Value<'p> {
        let Some(named) = self.type_of(unit, frame, node) else { return value };
        if let Some(Callee::Class(class)) = named.callees.first() {
            if self.is_enumeration(class) {
                return Value::default();
            }
            let mut made = Object { class: Some(Rc::clone(class)), ..Object::default() };
            made.rest.taint_with(&value.taints);
            self.check_fields(class, &value, &mut made);
            let object = self.object(made);
            return Value { object: Some(object), ..value };
        }
        // `order: Order`, of `Order = Literal["asc", "desc"]`.
        if named.place.is_some() && self.is_python(unit) && named.stands_at(self.models(unit).find("forms.CleanField"))
        {
            return Value::default();
        }
        let mut value = Value { place: named.place, ..value };
        let sources = named.place.map_or(0, |place| self.models(unit).known(place).sources);
        if sources >> self.archive & 1 == 1 {
            let span = self.unit(unit).module.node(node).span;
            value.taints.push(self.fresh(unit, span, self.archive));
        }
        value
    }

    /// What a framework gives to a parameter or a field of a type: an instance of a class of the program is
    /// made as one of its own, with what its constructor asks for.
    pub(super) fn made_to_order(&mut self, unit: UnitId, frame: &Rc<Frame<'p>>, node: NodeId) -> Value<'p> {
        let class = match self.type_of(unit, frame, node) {
            Some(named) if !self.is_python(unit) => named.callees.first().cloned(),
            _ => None,
        };
        match class {
            Some(Callee::Class(class)) => self.instance(&class, Vec::new(), None),
            _ => self.annotated(unit, frame, node, Value::default()),
        }
    }

    /// What the type is that a parameter, a field or a variable is written with.
    pub(super) fn type_of(&mut self, unit: UnitId, frame: &Rc<Frame<'p>>, node: NodeId) -> Option<Value<'p>> {
        let mut names = self.annotation(unit, node).and_then(type_names)?;
        let first = names.next()?;
        // `reject: Function`: what can be called, not what makes functions of text.
        if first == "Function" {
            return None;
        }
        let mut named = self.lookup(frame, first).unwrap_or_else(|| self.global(unit, first));
        for name in names {
            named = self.member(unit, &named, name);
        }
        Some(named)
    }

    /// The text of the first decorator of a function.
    pub(super) fn decorator_of(&self, function: &Function<'p>) -> Option<&'p str> {
        let unit = self.unit(function.unit);
        let first = unit.module.child(unit.module.parent(function.node)?, 0)?;
        let decorates = unit.module.kind(first) == Kind::Decorator;
        decorates.then(|| unit.written(first))
    }

    /// Whether a method has no instance: its first parameter is not called so.
    pub(super) fn is_static(&self, function: &Function<'p>) -> bool {
        self.decorator_of(function).is_some_and(|decorator| decorator.contains("staticmethod"))
    }

    /// The names of what a function is given, without that of its instance.
    pub(super) fn given_names(&self, function: &Function<'p>) -> Vec<&'p str> {
        let is_method = self.is_python(function.unit) && function.this.is_some() && !self.is_static(function);
        self.parameter_names(function.unit, function.node).into_iter().skip(usize::from(is_method)).collect()
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

    /// A new instance of a class, its constructor run. `at` is the call.
    pub(super) fn instance(
        &mut self,
        class: &Rc<Class<'p>>,
        arguments: Vec<(Option<Rc<str>>, Value<'p>)>,
        at: Option<(UnitId, Span)>,
    ) -> Value<'p> {
        // One of those that it lists.
        if self.is_enumeration(class) {
            return match class.line().all(|class| class.methods.is_empty()) {
                true => Value::default(),
                false => Value::object(self.object(Object { class: Some(Rc::clone(class)), ..Object::default() })),
            };
        }
        let object = self.object(Object { class: Some(Rc::clone(class)), ..Object::default() });
        let models = self.models(class.unit);
        let place = class.line().find_map(|class| class.bases.iter().find_map(|base| models.call(base.place?)));
        let value = Value { object: Some(object), place, ..Value::default() };
        match self.constructor(&value, class) {
            Some(function) => {
                self.invoke(&function, arguments, at, None);
            }
            // A data class, or one of a library: its fields are its arguments.
            None => {
                let declared = self.declared_fields(class);
                let mut places = declared.into_iter().map(|(name, _)| Rc::from(name));
                let checks = self.checks_types(class);
                for (name, argument) in arguments {
                    match name.or_else(|| places.next()).filter(|name| &**name != ANY_NAME) {
                        Some(name) => {
                            let is_clean = !argument.taints.is_empty()
                                && (checks && self.declares_clean(class, &name)
                                    || self.is_converted_field(class, &name));
                            let argument = if is_clean { Value::default() } else { argument };
                            self.objects[object as usize].fields.insert(name, argument);
                        }
                        None => self.objects[object as usize].rest.join(&argument),
                    }
                }
                self.complete(class, object);
                const AFTER: &[&str] = &["__post_init__", "__attrs_post_init__", "model_post_init"];
                if let Some(after) = AFTER.iter().find_map(|name| self.method(&value, class, name)) {
                    self.invoke(&after, Vec::new(), at, None);
                }
            }
        }
        value
    }

    /// What makes an instance what it is.
    pub(super) fn constructor(&mut self, this: &Value<'p>, class: &Rc<Class<'p>>) -> Option<Rc<Function<'p>>> {
        let name = if self.is_python(class.unit) { "__init__" } else { "constructor" };
        self.method(this, class, name)
    }

    /// A method of a class or of those it builds on, bound to an instance.
    pub(super) fn method(&mut self, this: &Value<'p>, class: &Rc<Class<'p>>, name: &str) -> Option<Rc<Function<'p>>> {
        for class in class.line() {
            if let Some(&node) = class.methods.get(name) {
                let fields = self.object(Object::default());
                let frame = Rc::clone(&class.frame);
                return Some(Rc::new(Function {
                    unit: class.unit,
                    node,
                    frame,
                    this: Some(this.clone()),
                    lent: false,
                    fields,
                    given: Vec::new(),
                }));
            }
        }
        None
    }
}
