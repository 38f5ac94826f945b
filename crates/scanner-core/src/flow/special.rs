//! What Python's own functions give of what they are given, and the special methods by which a class takes part in the language:
//! `__call__`, `__getitem__`, `__str__`.

use super::call::Given;
use super::engine::{Engine, Run};
use super::value::{Callee, Class, Function, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// Methods that put what they are given into a list, a set or a dictionary.
const FILLS: &[&str] = &["append", "add", "insert", "extend", "update", "appendleft"];

/// Methods that a name of which only the start is known may stand for.
const MAX_METHODS: usize = 16;

impl<'p> Engine<'p> {
    /// What a call of a function of the language itself gives, where more is known of it than that data passes.
    pub(super) fn built_in(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        name: &str,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        if !self.is_python(run.unit) || given.iter().any(|given| given.spread) {
            return None;
        }
        match (name, given) {
            ("deque", []) => Some(self.list(Vec::new())),
            ("defaultdict", [] | [_]) => Some(Value::object(self.object(Object::default()))),
            (name, [first, ..]) if FILLS.contains(&name) => {
                // Under a name from outside, too.
                let receiver = receiver.filter(|receiver| receiver.object.is_none() && receiver.place.is_none())?;
                self.fill(run, node, receiver, &first.value)
            }
            ("join", [list]) => Some(Value::constant(self.joined(&list.value, receiver?.text()?)?)),
            // `importlib.import_module(MODULES[name])`
            ("import_module", [name, ..]) => Some(match name.value.text() {
                Some(path) => self.imported(run.unit, path),
                None => self.imported_by(run, name.node).unwrap_or_default(),
            }),
            _ if receiver.is_some() => None,
            ("list" | "set", []) => Some(self.list(Vec::new())),
            // The names of the file are members of it.
            ("globals", []) => {
                let models = self.models(run.unit);
                let place = models.root("globals").and_then(|place| models.call(place));
                Some(Value { place, ..Value::callee(Callee::Unit(run.unit)) })
            }
            ("dict", _) if given.iter().all(|given| given.name.is_some()) => {
                let field = |given: &Given<'p>| Some((Rc::clone(given.name.as_ref()?), given.value.clone()));
                let fields = given.iter().filter_map(field).collect();
                Some(Value::object(self.object(Object { fields, ..Object::default() })))
            }
            // `getattr(os, "system")`
            ("getattr", [object, key, ..]) if key.value.text().is_none() => {
                self.one_of_methods(run, &object.value, key.node)
            }
            ("getattr", [object, key, ..]) => {
                let member = key.value.text()?.to_owned();
                let mut value = self.member(run.unit, &object.value, &member);
                if let Some(default) = given.get(2) {
                    value.join(&default.value);
                }
                Some(self.sourced(run, node, value))
            }
            // `setattr(thing, "name", value)`
            ("setattr", [object, key, value]) => {
                self.set_element(&object.value, &key.value, value.value.clone());
                Some(Value::default())
            }
            ("enumerate", [list, ..]) => {
                let item = self.elements(&list.value);
                Some(self.rows(vec![Value::default(), item]))
            }
            ("zip", [_, ..]) => {
                let items = given.iter().filter(|given| given.name.is_none());
                let items = items.map(|given| self.elements(&given.value)).collect();
                Some(self.rows(items))
            }
            _ => None,
        }
    }

    /// `getattr(self, "do_" + verb)`, `globals()["do_" + verb]`: any of the methods or functions whose names start so.
    pub(super) fn one_of_methods(&mut self, run: &Run<'p>, object: &Value<'p>, key: NodeId) -> Option<Value<'p>> {
        let unit = self.unit(run.unit);
        let is_joined = matches!(unit.module.kind(key), Kind::Binary | Kind::Concat | Kind::Template);
        let first = unit.module.child(key, 0).filter(|&first| is_joined && unit.module.kind(first) == Kind::Str)?;
        let start = unit.module.text(first, unit.text);
        if let Some(Callee::Unit(file)) = object.callees.first() {
            return self.one_of_functions(*file, start);
        }
        let class = self.objects[object.object? as usize].class.clone()?;
        let lines = class.line();
        let mut names: Vec<&str> = lines.flat_map(|class| class.methods.keys().copied().collect::<Vec<_>>()).collect();
        names.retain(|name| !start.is_empty() && name.starts_with(start));
        names.sort_unstable();
        names.dedup();
        let mut value = Value::default();
        for name in names.into_iter().take(MAX_METHODS) {
            if let Some(function) = self.method(object, &class, name) {
                value.callees.push(Callee::Function(function));
            }
        }
        (!value.callees.is_empty()).then_some(value)
    }

    /// Any of the functions of a file whose names start so.
    fn one_of_functions(&mut self, file: UnitId, start: &str) -> Option<Value<'p>> {
        let frame = self.names(file);
        let module = self.unit(file).module;
        let roots = module.root().map_or(&[][..], |root| module.children(root));
        let functions = roots.iter().filter(|&&node| module.kind(node) == Kind::Function);
        let names = functions.map(|&node| module.text(node, self.unit(file).text));
        let names: Vec<&str> = names.filter(|name| !start.is_empty() && name.starts_with(start)).collect();
        let mut value = Value::default();
        for name in names.into_iter().take(MAX_METHODS) {
            if let Some(found) = self.lookup(&frame, name) {
                found.callees.into_iter().for_each(|callee| value.callees.push(callee));
            }
        }
        (!value.callees.is_empty()).then_some(value)
    }

    fn list(&mut self, items: Vec<Value<'p>>) -> Value<'p> {
        Value::object(self.object(Object { is_list: true, items, ..Object::default() }))
    }

    /// Any number of lists that are all alike.
    fn rows(&mut self, row: Vec<Value<'p>>) -> Value<'p> {
        let rest = self.list(row);
        Value::object(self.object(Object { rest, ..Object::default() }))
    }

    /// `index[key].append(x)` of what makes its elements when they are first asked for.
    fn fill(&mut self, run: &mut Run<'p>, node: NodeId, receiver: &Value<'p>, first: &Value<'p>) -> Option<Value<'p>> {
        let module = self.unit(run.unit).module;
        let element = self.receiver_node(run, node).filter(|&element| module.kind(element) == Kind::Index)?;
        let holder =
            module.child(element, 0).filter(|&holder| matches!(module.kind(holder), Kind::Name | Kind::Member))?;
        let holder = self.eval(run, holder);
        holder.object?;
        let key = self.eval_child(run, element, 1);
        let list = self.list(vec![first.clone()]);
        let mut value = if receiver.is_unknown() { receiver.clone() } else { Value::default() };
        value.join(&list);
        self.set_element(&holder, &key, value);
        Some(Value::default())
    }

    /// A special method of the class that a value is an instance of, as its members are called: `__call__`.
    pub(super) fn special(&mut self, value: &Value<'p>, name: &str) -> Option<Value<'p>> {
        let class = self.objects[value.object? as usize].class.clone()?;
        if !self.is_python(class.unit) {
            return None;
        }
        let function = self.method(value, &class, name)?;
        Some(Value::callee(Callee::Function(function)))
    }

    /// Whether a value is an instance of a class of Python that has a special method.
    pub(super) fn has_special(&self, value: &Value<'p>, name: &str) -> bool {
        let class = value.object.and_then(|object| self.objects[object as usize].class.as_ref());
        class.is_some_and(|class| {
            self.is_python(class.unit) && class.line().any(|class| class.methods.contains_key(name))
        })
    }

    /// The text that an instance of a class of the program says that it is.
    pub(super) fn as_text(&mut self, value: &Value<'p>) -> Option<Value<'p>> {
        self.ask(value, "__str__", Vec::new())
    }

    /// Runs the method that sets a member, if the object or its class has one: `set name(value)`, `@name.setter`.
    pub(super) fn set_by_method(&mut self, object: &Value<'p>, name: &str, value: &Value<'p>) -> bool {
        let own = object.object.and_then(|object| self.objects[object as usize].setters.get(name).cloned());
        if let Some(setter) = own {
            self.invoke(&setter, vec![(None, value.clone())], None, None);
            return true;
        }
        let class = object.object.and_then(|object| self.objects[object as usize].class.clone());
        let found = class.and_then(|class| class.line().find_map(|class| Some((*class.setters.get(name)?, class))));
        let Some((node, class)) = found else { return false };
        let (unit, frame, fields) = (class.unit, Rc::clone(&class.frame), self.object(Object::default()));
        let function =
            Function { unit, node, frame, this: Some(object.clone()), lent: false, fields, given: Vec::new() };
        self.invoke(&Rc::new(function), vec![(None, value.clone())], None, None);
        true
    }

    /// `str(x)`: of an instance of a class of the program what that says that it is.
    pub(super) fn as_texts(&mut self, run: &Run<'p>, node: NodeId, mut given: Vec<Given<'p>>) -> Vec<Given<'p>> {
        if let [only] = &mut given[..]
            && self.has_special(&only.value, "__str__")
            && self.callee_name(run, node) == "str"
            && let Some(text) = self.as_text(&only.value)
        {
            only.value = text;
        }
        given
    }

    /// What a special method gives.
    pub(super) fn ask(&mut self, value: &Value<'p>, name: &str, given: Vec<Value<'p>>) -> Option<Value<'p>> {
        let Callee::Function(function) = self.special(value, name)?.callees.first()?.clone() else { return None };
        let given = given.into_iter().map(|value| (None, value)).collect();
        Some(self.invoke(&function, given, None, None))
    }

    /// Puts into an instance what its class says is made anew for each: `names: list = field(default_factory=list)`;
    /// of a tuple with names it makes the elements.
    pub(super) fn complete(&mut self, class: &Rc<Class<'p>>, object: u32) {
        let unit = self.unit(class.unit);
        let module = unit.module;
        let Some(&body) = module.children(class.node).last().filter(|_| self.is_python(class.unit)) else { return };
        for &part in module.children(body) {
            let [target, default] = *module.children(part) else { continue };
            let written = unit.written(default);
            let Some((_, factory)) = written.split_once("default_factory=") else { continue };
            let name = module.text(target, unit.text);
            if module.kind(target) != Kind::Name || self.objects[object as usize].fields.contains_key(name) {
                continue;
            }
            let made = if factory.starts_with("dict") || factory.starts_with("defaultdict") {
                Value::object(self.object(Object::default()))
            } else {
                self.list(Vec::new())
            };
            self.objects[object as usize].fields.insert(name.into(), made);
        }
        let bases = module.child(class.node, 0).map_or("", |bases| unit.written(bases));
        if bases.starts_with('(') && bases.contains("NamedTuple") {
            let fields = &self.objects[object as usize].fields;
            let declared = self.declared_fields(class).into_iter();
            let items = declared.map(|(name, _)| fields.get(name).cloned().unwrap_or_default()).collect();
            self.objects[object as usize].items = items;
        }
    }
}
