//! Literals, functions and classes as values.

use super::call::Given;
use super::callback::is_function;
use super::engine::{Decorator, Engine, Run};
use super::model::{Parameter, kinds};
use super::value::{Callee, Class, Constant, Object, ObjectId, Value};
use crate::ir::{Kind, NodeId};
use foldhash::HashMap;
use std::cell::Cell;
use std::rc::Rc;

/// Objects whose members were given to what other libraries made, at most.
const MAX_MIXED_IN: usize = 64;

impl<'p> Engine<'p> {
    /// An object or a constructor that takes the members of another: `Object.create(x)`,
    /// `Object.setPrototypeOf(a, b)`, `util.inherits(A, B)`.
    pub(super) fn built_on(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        name: &str,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        if self.is_python(run.unit) {
            return None;
        }
        match (name, given) {
            ("create", [first, ..])
                if self.is_of_object(run, node) && first.value.constant == Some(Constant::Nothing) =>
            {
                Some(Value::object(self.object(Object { bare: true, ..Object::default() })))
            }
            ("create", [first, ..]) if self.is_of_object(run, node) => {
                let mut made = Object { prototype: first.value.object, ..Object::default() };
                if made.prototype.is_none() {
                    made.rest = first.value.clone();
                }
                Some(Value::object(self.object(made)))
            }
            // `Object.assign({}, require("./core"))`: an object of the program's own members.
            ("assign", [first, others @ ..])
                if self.is_of_object(run, node)
                    && first.value.object.is_some()
                    && given.iter().all(|given| self.is_harmless(&given.value))
                    && others.iter().any(|other| !other.value.callees.is_empty() || other.value.object.is_some()) =>
            {
                let mut made = first.value.clone();
                for other in others {
                    self.copy_into(&made, &other.value);
                    other.value.callees.iter().for_each(|callee| made.callees.push(callee.clone()));
                }
                Some(made)
            }
            ("defineProperty", [object, name, described]) if self.is_of_object(run, node) => {
                match name.value.text() {
                    Some(name) => self.described(&object.value, name, &described.value),
                    None => {
                        self.define_one_by_one(run, &object.value, name.node, described.node);
                        // Whatever the name is, what stands there now is the object's own.
                        let unit = self.unit(run.unit);
                        let (object, name) = (unit.written(object.node), unit.written(name.node));
                        self.note_own(run, &format!("{object}[{name}]"));
                    }
                }
                Some(object.value.clone())
            }
            // TypeScript makes this of `export * from`.
            ("__exportStar", [from, to]) => {
                let given = self.objects[from.value.object? as usize].clone().into_inner();
                let own = &mut self.objects[to.value.object? as usize];
                for (name, value) in given.fields.into_iter().filter(|(name, _)| **name != *"default") {
                    own.fields.entry(name).or_insert(value);
                }
                own.getters.extend(given.getters);
                Some(Value::default())
            }
            ("setPrototypeOf", [first, second]) if self.is_of_object(run, node) => {
                self.objects[first.value.object? as usize].prototype = Some(second.value.object?);
                Some(first.value.clone())
            }
            ("inherits" | "_inherits" | "__extends", [first, second]) if is_function(&first.value) => {
                let own = self.member(run.unit, &first.value, "prototype").object?;
                let parent = self.member(run.unit, &second.value, "prototype").object?;
                if own != parent {
                    self.objects[own as usize].prototype = Some(parent);
                }
                Some(Value::default())
            }
            _ => None,
        }
    }

    /// What an object is given by a call that copies members: `Object.assign(this, options)`,
    /// `$.extend(Plugin.prototype, { .. })`, `$.fn.extend({ .. })`.
    pub(super) fn copy_by_call(
        &mut self,
        run: &Run<'p>,
        node: NodeId,
        name: &str,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) {
        const COPIES: &[&str] = &["assign", "extend", "assignIn", "merge", "mixin", "defaults", "objectAssign"];
        /// What has such methods.
        const LENDERS: &[&str] = &["Object", "$", "jQuery", "_", "lodash", "angular", "util", "utils", "Zepto"];
        if self.is_python(run.unit) || !COPIES.contains(&name) {
            return;
        }
        // `_.mixin({ .. })`, `_.extend(Router.prototype, { .. })` of what another library made: who uses that calls them.
        let of_other =
            |value: &Value<'p>| value.object.is_none() && value.callees.is_empty() && value.taints.is_empty();
        let takes = match given {
            [_] => receiver.is_some_and(of_other),
            [target, ..] => of_other(&target.value) && target.value.constant.is_none(),
            [] => false,
        };
        if takes
            && self.mixed_in.len() < MAX_MIXED_IN
            && let Some(last) = given.last().filter(|last| last.value.object.is_some())
        {
            self.mixed_in.push(last.value.clone());
        }
        let unit = self.unit(run.unit);
        let lender = self.receiver_node(run, node).map(|lender| unit.written(lender));
        let deep = given.first().is_some_and(|first| matches!(first.value.constant, Some(Constant::Bool(_))));
        let (target, others) = match &given[usize::from(deep)..] {
            [one] => (receiver.filter(|_| name == "extend"), std::slice::from_ref(one)),
            [target, others @ ..] if receiver.is_none() || lender.is_some_and(|name| LENDERS.contains(&name)) => {
                let is_new = unit.module.kind(target.node) == Kind::Object;
                (Some(&target.value).filter(|_| !is_new), others)
            }
            _ => return,
        };
        let Some(target) = target else { return };
        for other in others {
            if let Some(object) = target.object {
                self.copy_into(target, &other.value);
                // Where it had a prototype, that is set now, and no member.
                self.objects[object as usize].rest.clear(kinds(&["prototype"]));
            } else if let Some(held) = other.value.object.filter(|_| target.place.is_some()) {
                let fields = self.objects[held as usize].fields.clone();
                fields.iter().for_each(|(name, value)| self.handled(run, target, name, value));
            }
        }
    }

    /// Whether a call is one of a method of `Object` or `Reflect`.
    pub(super) fn is_of_object(&self, run: &Run<'p>, call: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let object = self.receiver_node(run, call);
        object.is_some_and(|object| matches!(unit.written(object), "Object" | "Reflect"))
    }

    /// `Object.defineProperty(object, name, { get: function () { return x; } })`, or with a value.
    pub(super) fn described(&mut self, object: &Value<'p>, name: &str, described: &Value<'p>) {
        let Some(description) = described.object.map(|described| self.objects[described as usize].clone()) else {
            return;
        };
        if let Some(value) = description.fields.get("value") {
            self.set_field(object, name, value.clone());
        }
        let function = |name| match description.fields.get(name).and_then(|function| function.callees.first()) {
            Some(Callee::Function(function)) => Some(Rc::clone(function)),
            _ => None,
        };
        let Some(object) = object.object.map(|object| &mut self.objects[object as usize]) else { return };
        object.getters.extend(function("get").map(|getter| (name.into(), getter)));
        object.setters.extend(function("set").map(|setter| (name.into(), setter)));
    }

    pub(super) fn object_literal(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let id = self.object(Object::default());
        let value = Value::object(id);
        for &part in module.children(node) {
            match module.kind(part) {
                Kind::Property => {
                    let key = self.eval_child(run, part, 0);
                    let mut inner = self.eval_child(run, part, 1);
                    // Held against as a whole: what it holds asks for nothing.
                    if key.text() == Some("$eq") {
                        let clears = kinds(&["nosql"]);
                        let mut taints = self.all_taints(&inner);
                        taints.iter_mut().for_each(|taint| taint.cleared |= clears);
                        inner = Value::default();
                        inner.taint_with(&taints);
                    }
                    if key.text() == Some("__proto__") && inner.constant == Some(Constant::Nothing) {
                        self.objects[id as usize].bare = true;
                    }
                    if let Some(name) = key.text() {
                        self.check_secret(run, part, name, &inner);
                    }
                    self.set_element(&value, &key, inner);
                    self.note_chosen_name(run, &value, &key);
                }
                Kind::Spread => {
                    let other = self.eval_child(run, part, 0);
                    self.overwrite(id, &other);
                    self.copy_into(&value, &other);
                }
                Kind::Function => {
                    let name = module.text(part, unit.text);
                    let inner = self.closure(run, part);
                    // `{ get name() { .. } }`, `{ set name(value) { .. } }`
                    let written = unit.written(part);
                    if let Some(Callee::Function(function)) = inner.callees.first()
                        && (written.starts_with("get ") || written.starts_with("set "))
                    {
                        let function = Rc::new(function.bound(&value));
                        let own = &mut self.objects[id as usize];
                        let functions = if written.starts_with("get ") { &mut own.getters } else { &mut own.setters };
                        functions.insert(name.into(), function);
                        continue;
                    }
                    self.set_field(&value, name, inner);
                }
                _ => {
                    let inner = self.eval(run, part);
                    self.objects[id as usize].rest.join(&inner);
                }
            }
        }
        value
    }

    /// `{ name: 1, ...other }`: what was there before may be replaced by what is unknown of the other.
    fn overwrite(&mut self, object: u32, other: &Value<'p>) {
        let mut unknown = Value::default();
        unknown.taint_with(&other.taints);
        if let Some(other) = other.object {
            unknown.taint_with(&self.objects[other as usize].rest.taints);
        }
        if unknown.taints.is_empty() {
            return;
        }
        for field in self.objects[object as usize].fields.values_mut() {
            field.join(&unknown);
        }
    }

    pub(super) fn list_literal(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let id = self.object(Object { is_list: true, ..Object::default() });
        let value = Value::object(id);
        for &part in module.children(node) {
            let inner = self.eval(run, part);
            if module.kind(part) == Kind::Spread {
                self.copy_into(&value, &inner);
            } else {
                self.objects[id as usize].items.push(inner);
            }
        }
        value
    }

    pub(super) fn function(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let name = unit.module.text(node, unit.text);
        // What was hoisted stays the same object: it may have been given out and got members by now.
        let is_same = |callee: &Callee<'p>| match callee {
            Callee::Function(function) => function.unit == run.unit && function.node == node,
            _ => false,
        };
        let hoisted = run.frame.vars.borrow().get(name).filter(|value| value.callees.iter().any(is_same)).cloned();
        let value = match hoisted.filter(|_| !self.is_python(run.unit)) {
            Some(hoisted) => hoisted,
            None if self.is_named_expression(run.unit, node) => return self.named_expression(run, node, name),
            None => self.closure(run, node),
        };
        let models = self.models(run.unit);
        let decorators = std::mem::take(&mut run.decorators);
        // `@app.route("/x")` over `@use_kwargs({"count": fields.Int()})`: what the one knows holds for both.
        let is_schema = |route: &&Rc<str>| route.starts_with("<int:");
        let schema: String = decorators
            .iter()
            .filter_map(|known| known.route.as_ref())
            .filter(is_schema)
            .map(|route| &**route)
            .collect();
        let mut registered = Vec::new();
        for Decorator { place, route, returns } in decorators {
            let route =
                if schema.is_empty() { route } else { Some(format!("{}{schema}", route.unwrap_or_default()).into()) };
            let known = models.known(place);
            if known.calls().parameters.is_some() || returns.is_some() {
                let parameters = known.calls().parameters.clone().unwrap_or_default();
                self.register(&value, &parameters, route, returns);
                registered.push((parameters, returns));
            }
        }
        if !name.is_empty() {
            self.set_name(run, name, value.clone(), true);
        }
        for decorator in std::mem::take(&mut run.own_decorators) {
            // What it puts around a view may give that more than the request does.
            if let Some(around) = self.decorate(run, decorator, &value) {
                for (parameters, returns) in &registered {
                    let typed = usize::from(matches!(parameters.at(0), Parameter::Typed(_)));
                    self.register(&around, &parameters.first(typed), None, *returns);
                }
            }
        }
        value
    }

    /// Whether a function has its name for itself: `return function walk(node) { .. }`.
    fn is_named_expression(&self, unit: u32, node: NodeId) -> bool {
        let module = self.unit(unit).module;
        let around = module.parent(node).map(|parent| module.kind(parent));
        !self.is_python(unit)
            && !module.node(node).text.is_empty()
            && matches!(
                around,
                Some(Kind::Call | Kind::Member | Kind::Return | Kind::Assign | Kind::Binary | Kind::Array)
            )
    }

    /// A function that only its own body knows by its name.
    fn named_expression(&mut self, run: &mut Run<'p>, node: NodeId, name: &'p str) -> Value<'p> {
        let frame = self.frame(Some(Rc::clone(&run.frame)));
        let inner = Run::new(run.unit, frame, run.this.clone(), None);
        let value = self.closure(&inner, node);
        inner.frame.vars.borrow_mut().insert(name, value.clone());
        value
    }

    pub(super) fn class(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let Some((&body, heads)) = module.children(node).split_last() else { return Value::default() };
        let decorators = std::mem::take(&mut run.own_decorators);
        let mut bases = Vec::new();
        let mut named = Vec::new();
        for &head in heads {
            match module.kind(head) {
                Kind::Other(_) => {
                    for &part in module.children(head) {
                        let base = self.eval(run, part);
                        // `class Ping(Plugin, name="ping")`
                        if module.kind(part) == Kind::Keyword {
                            named.push((Some(module.text(part, unit.text).into()), base.clone()));
                        }
                        bases.push(base);
                    }
                }
                _ => {
                    let base = self.eval(run, head);
                    bases.push(base);
                }
            }
        }
        let mut methods = HashMap::default();
        let mut setters = HashMap::default();
        for &part in module.children(body) {
            let function = match module.kind(part) {
                Kind::Function => Some(part),
                Kind::Other(_) => {
                    module.children(part).last().copied().filter(|&last| module.kind(last) == Kind::Function)
                }
                _ => None,
            };
            if let Some(function) = function {
                let name = module.text(function, unit.text);
                let decorator = unit.written(part).lines().next().unwrap_or_default();
                let sets = decorator.starts_with('@') && decorator.trim_end().ends_with(".setter")
                    || !self.is_python(run.unit) && name != "set" && is_setter(unit.written(function));
                if sets { &mut setters } else { &mut methods }.insert(name, function);
            }
        }
        let fields = self.object(Object::default());
        let is_deferred = run.frame.waiting.borrow().is_some();
        for &part in module.children(body).iter().filter(|_| !is_deferred) {
            self.class_part(run, part, fields);
        }
        run.decorators.clear();
        run.own_decorators.clear();
        self.enclosing.note(&run.frame);
        let frame = Rc::clone(&run.frame);
        let deferred = Cell::new(is_deferred);
        let class = Rc::new(Class { unit: run.unit, node, frame, bases, methods, setters, fields, deferred });
        if is_deferred {
            class.frame.defer(Rc::clone(&class));
        }
        let value = Value::callee(Callee::Class(Rc::clone(&class)));
        let name = module.text(node, unit.text);
        if !name.is_empty() {
            run.frame.vars.borrow_mut().insert(name, value.clone());
        }
        self.tell_base(run, node, &class, named);
        if decorators.is_empty() {
            return value;
        }
        let value = self.decorate_class(run, decorators, value);
        if !name.is_empty() {
            run.frame.vars.borrow_mut().insert(name, value.clone());
        }
        value
    }

    /// Works out a field of a class.
    pub(super) fn class_part(&mut self, run: &mut Run<'p>, part: NodeId, fields: ObjectId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        // `@Inject() private store: Store;`
        if module.kind(part) == Kind::Param
            && let Some(target) = module.child(part, 0)
        {
            let frame = Rc::clone(&run.frame);
            let value = match unit.written(part).starts_with('@') {
                true => self.made_to_order(run.unit, &frame, part),
                false => self.annotated(run.unit, &frame, part, Value::default()),
            };
            if value.place.is_some() || value.object.is_some() {
                self.objects[fields as usize].fields.insert(module.text(target, unit.text).into(), value);
            }
        }
        if module.kind(part) == Kind::Assign
            && let Some(target) = module.child(part, 0).filter(|&target| module.kind(target) == Kind::Name)
        {
            let value = match self.method_beside(run, part) {
                Some(method) => method,
                None => self.eval_child(run, part, 1),
            };
            self.objects[fields as usize].fields.insert(module.text(target, unit.text).into(), value);
        }
        // `class Meta:` in a form: its name is one of the class, not of the file.
        if module.kind(part) == Kind::Class && self.is_python(run.unit) {
            let name = module.text(part, unit.text);
            let outside = self.lookup(&run.frame, name);
            let inner = self.class(run, part);
            match outside {
                Some(outside) => run.frame.vars.borrow_mut().insert(name, outside),
                None => run.frame.vars.borrow_mut().remove(name),
            };
            self.objects[fields as usize].fields.insert(name.into(), inner);
        }
    }

    /// `run = start`, in a class of Python: the method that has the name there.
    fn method_beside(&mut self, run: &Run<'p>, part: NodeId) -> Option<Value<'p>> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let named = module.child(part, 1).filter(|&named| module.kind(named) == Kind::Name)?;
        let name = module.text(named, unit.text);
        let body = module.parent(part).filter(|_| self.is_python(run.unit))?;
        let is_it =
            |&&method: &&NodeId| module.kind(method) == Kind::Function && module.text(method, unit.text) == name;
        let &method = module.children(body).iter().find(is_it)?;
        Some(self.closure(run, method))
    }
}

/// `set name(value) { .. }`, `static set name(value) { .. }`
fn is_setter(written: &str) -> bool {
    written.strip_prefix("static ").unwrap_or(written).trim_start().starts_with("set ")
}
