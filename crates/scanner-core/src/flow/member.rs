//! What members and elements of values are.

use super::engine::Engine;
use super::inside::{MAX_STEPS, inside};
use super::model::{Place, ROOT, kinds};
use super::paths::Found;
use super::shared::List;
use super::value::{Callee, Class, Constant, Frame, Function, Hop, Object, ObjectId, Taint, UnitId, Value};
use std::rc::Rc;

/// Members whose value holds nothing of the text.
const CLEAN_MEMBERS: &[&str] =
    &["length", "size", "byteLength", "constructor", "__class__", "__name__", "__qualname__", "_meta"];

/// Methods of dictionaries, lists and maps.
#[rustfmt::skip] // a word a line would be pages
const HELD_BY: &[&str] = &[
    "get", "pop", "popitem", "items", "values", "keys", "setdefault", "update", "append", "add", "extend", "insert", "copy", "clear",
    "push", "set", "has", "entries", "forEach", "map", "filter", "find", "some", "every", "includes", "delete", "shift", "concat", "slice",
];

/// Stands for any name where a function gives all members.
pub(super) const ANY_MEMBER: &str = "*";

/// Members of an uploaded file that the server chooses: where it has put it.
const UPLOADED: &[&str] = &["path", "filepath", "tempFilePath", "destination"];

impl<'p> Engine<'p> {
    /// A member of a value.
    pub(super) fn member(&mut self, unit: u32, value: &Value<'p>, name: &str) -> Value<'p> {
        // The members of an instance, by their names.
        if let (true, Some(object)) = (name == "__dict__" && self.is_python(unit), value.object) {
            let mut members = value.clone();
            members.taint_with(&self.objects[object as usize].rest.taints);
            return members;
        }
        // `pattern.source`
        if let ("source" | "pattern", Some(Constant::Regex(regex))) = (name, &value.constant) {
            return Value::constant(Constant::Text(Rc::from(&*regex.source)));
        }
        if let Some(mut found) = self.own_member(value, name) {
            self.functions_of_others(value, name, &mut found);
            let is_mixed = value.mixed && !CLEAN_MEMBERS.contains(&name);
            found.taint_with(if is_mixed { &value.taints } else { &[] });
            return found;
        }
        if let Some(found) = self.shared_member(unit, value, name) {
            return found;
        }
        let models = self.models(unit);
        let mut result = Value::at(value.place.and_then(|place| models.member(place, name)));
        // `promisifyAll(fs).readFileAsync`
        if let (None, Some(place), Some(name)) = (result.place, value.place, name.strip_suffix("Async"))
            && !self.is_python(unit)
        {
            result.place = models.member(place, name);
        }
        // A window's own name, which no bare word stands for.
        if name == "name" && value.place == Some(ROOT) && !self.is_python(unit) {
            result.place = models.find("window.name");
        }
        // `LoginForm(request.POST).user`: what a form has found, not what it was sent.
        let is_found = || {
            value.place.is_some()
                && result.place.is_none()
                && name != "files"
                && value.stands_at(models.find("django.Form"))
        };
        // `Filter(request.GET, queryset).qs`: rows of a table.
        if CLEAN_MEMBERS.contains(&name) || self.is_python(unit) && (name == "qs" || is_found()) {
            return result;
        }
        if result.place.is_none() {
            result.place = self.inherited(unit, value, name);
        }
        if value.record && value.object.is_none() {
            return result;
        }
        let mut cleared = 0;
        if let Some(object) = value.object
            && !(value.taints.is_empty() && self.objects[object as usize].rest.taints.is_empty())
            && let Some(class) = self.objects[object as usize].class.clone()
        {
            if self.declares_clean(&class, name) {
                return result;
            }
            cleared = self.cleared_by_field(&class, name);
        }
        // `repository.create(data).id`: the key that the row was given.
        if matches!(name, "id" | "pk") && self.is_python(unit) && self.was_kept(value) {
            return result;
        }
        result.taint_with(&value.taints);
        if !self.is_python(unit) && UPLOADED.contains(&name) {
            let uploads = result.taints.iter_mut().filter(|taint| self.is_upload(taint));
            uploads.for_each(|taint| taint.cleared |= inside());
        }
        if self.is_python(unit) {
            // Who gives a package an object has made that of names and code, not of texts.
            let given = result.taints.iter_mut().filter(|taint| taint.kind == self.library_input);
            given.for_each(|taint| taint.cleared |= kinds(&["code", "xxe-default"]));
        }
        if let Some(object) = value.object {
            let mut rest = self.objects[object as usize].rest.clone();
            // A state that a component keeps: the member of what it was set to.
            let is_box = |at: ObjectId| self.objects[at as usize].settles;
            if is_box(object) && rest.taints.is_empty() && rest.object.is_some_and(|inner| !is_box(inner)) {
                rest = self.member(unit, &rest, name);
            }
            // `handlers.get(name)`: a method that all such objects have, none of the functions that it holds.
            if !rest.callees.is_empty() && HELD_BY.contains(&name) {
                rest.callees = List::default();
            }
            let place = result.place;
            result.join(&rest);
            result.place = place.or(result.place);
        }
        if let Some(fields) = self.checked_fields(unit, value, name) {
            result.object = Some(fields);
        } else if let Some(inner) = self.declared_instance(value, name) {
            result.object = Some(inner);
        }
        // `Path(x).name`
        if let Some(place) = result.place {
            let clears = models.known(place).clears;
            result.clear(clears);
        }
        result.clear(cleared);
        if let Some(checked) = self.validated(value, name, &result) {
            return checked;
        }
        if value.place.is_none() && result.place.is_none() && name == "default" {
            return value.clone();
        }
        result
    }

    /// Whether a value is what a store gave back for the data that was put into it.
    fn was_kept(&self, value: &Value<'p>) -> bool {
        const PUTS: &[&str] = &[".create(", ".insert(", ".get_or_create("];
        let puts = |hop: &Hop| PUTS.iter().any(|put| self.unit(hop.unit).text[hop.span.range()].contains(put));
        !value.taints.is_empty() && value.taints.iter().all(|taint| taint.hops().take(MAX_STEPS).any(puts))
    }

    /// Whether data is a file that a request brought: `req.file`, `files.photo`.
    fn is_upload(&self, taint: &Taint) -> bool {
        let (unit, span) = taint.origin();
        let origin = self.unit(unit).text[span.range()].trim_end_matches(['s', 'S']);
        taint.kind != self.archive && (origin.ends_with("file") || origin.ends_with("File"))
    }

    /// What a class of the program has from one of a library: `User.objects`.
    fn inherited(&self, unit: u32, value: &Value<'p>, name: &str) -> Option<Place> {
        let models = self.models(unit);
        let classes = value.callees.iter().filter_map(|callee| match callee {
            Callee::Class(class) => Some(class),
            _ => None,
        });
        let mut lines = classes.flat_map(Class::line);
        lines.find_map(|class| class.bases.iter().find_map(|base| models.member(base.place?, name)))
    }

    pub(super) fn own_member(&mut self, value: &Value<'p>, name: &str) -> Option<Value<'p>> {
        let mut object = value.object;
        for _ in 0..4 {
            let Some(at) = object else { break };
            let own = &self.objects[at as usize];
            // `new Proxy(target, { get(target, name) { .. } })`
            if let Some(trap) = own.getters.get(ANY_MEMBER).cloned() {
                let name = Value::constant(Constant::Text(name.into()));
                return Some(self.invoke(&trap, vec![(None, name)], None, None));
            }
            if let Some(found) = own.fields.get(name) {
                let mut found = found.clone();
                // A method of a prototype or a literal runs on the object that it is taken from.
                if !found.callees.is_empty() {
                    self.rebind(&mut found, value);
                }
                return Some(found);
            }
            if let Some(getter) = own.getters.get(name).cloned() {
                return Some(self.invoke(&getter, Vec::new(), None, None));
            }
            if let Some(class) = own.class.clone() {
                if let Some(function) = self.method(value, &class, name) {
                    if self.is_property(&function) {
                        return Some(self.invoke(&function, Vec::new(), None, None));
                    }
                    return Some(Value::callee(Callee::Function(function)));
                }
                if let Some(mut found) = self.class_field(&class, name)
                    && !self.is_filled(at, &class, name)
                {
                    // `run = other`, in a class of Python: a method like those that are written there.
                    if self.is_python(class.unit) {
                        found.change_functions(|function| function.is_free().then(|| function.bound(value)));
                    }
                    return Some(found);
                }
            }
            object = self.objects[at as usize].prototype;
        }
        self.callee_member(value, name)
    }

    /// A method of an object, with that object as `this`. In Python an object that holds a function is nothing to that.
    pub(super) fn rebind(&self, found: &mut Value<'p>, this: &Value<'p>) {
        let is_method = |function: &Function<'p>| function.is_free() && !self.is_python(function.unit);
        found.change_functions(|function| is_method(function).then(|| function.bound(this)));
    }

    /// Whether an instance that was made of data from outside holds some of it in a field that its class declares:
    /// what stands there is only the default. `name: str = ""`
    fn is_filled(&self, object: ObjectId, class: &Class<'p>, name: &str) -> bool {
        let is_made = !self.objects[object as usize].rest.taints.is_empty();
        is_made && self.declared_fields(class).iter().any(|(declared, _)| *declared == name)
    }

    /// Whether a method is run where its name is read.
    pub(super) fn is_property(&self, function: &Function<'p>) -> bool {
        let unit = self.unit(function.unit);
        let own = unit.written(function.node);
        let decorated = self.decorator_of(function).is_some_and(|decorator| decorator.trim_end().ends_with("property"));
        decorated || !self.is_python(function.unit) && (own.starts_with("get ") || own.starts_with("static get "))
    }

    /// A member of one of the modules, classes and functions that a value may be.
    pub(super) fn callee_member(&mut self, value: &Value<'p>, name: &str) -> Option<Value<'p>> {
        if let ("__name__", [Callee::Function(function)]) = (name, &*value.callees) {
            let file = self.unit(function.unit);
            return Some(Value::constant(Constant::Text(file.module.text(function.node, file.text).into())));
        }

        if value.callees.len() < 2 {
            return self.member_of_callees(value, name);
        }
        // `const tools = isWindows ? require("./windows") : require("./unix")`
        let mut found: Option<Value<'p>> = None;
        for callee in &value.callees {
            let one = Value::callee(callee.clone());
            if let Some(given) = self.member_of_callees(&one, name) {
                match &mut found {
                    Some(found) => found.join(&given),
                    None => found = Some(given),
                }
            }
        }
        found
    }

    fn member_of_callees(&mut self, value: &Value<'p>, name: &str) -> Option<Value<'p>> {
        for callee in &value.callees {
            match callee {
                Callee::Unit(unit) => {
                    let frame = self.names(*unit);
                    let found = self.lookup(&frame, name);
                    if found.is_some() {
                        return found;
                    }
                    if let Some(path) = self.unit(*unit).imported(name) {
                        return Some(self.imported(*unit, path));
                    }
                    if let Some(found) = self.given_on(*unit, name) {
                        return Some(found);
                    }
                    if let Some(given) = self.given_by_module(*unit, &frame, name) {
                        return Some(given);
                    }
                    if self.is_python(*unit)
                        && let Found::Unit(inner, rest) = &*self.found(*unit, &format!(".{name}"))
                        && rest.is_empty()
                    {
                        return Some(self.exports(*inner));
                    }
                }
                Callee::Package(from, folder) => {
                    return match self.inside(folder, name) {
                        Found::Unit(unit, rest) if rest.is_empty() => Some(self.exports(unit)),
                        Found::Package(inner) => Some(Value::callee(Callee::Package(*from, inner.into()))),
                        _ => None,
                    };
                }
                Callee::Class(class) => {
                    // What a class does not have itself it has from those that it builds on.
                    for owner in class.line() {
                        if let Some(found) = self.member_of_class(class, &owner, name) {
                            return Some(found);
                        }
                    }
                }
                Callee::Function(function) if name == "prototype" => {
                    let prototype = self.object(Object::default());
                    let value = Value::object(prototype);
                    let fields = function.fields as usize;
                    self.objects[fields].fields.insert("prototype".into(), value.clone());
                    return Some(value);
                }
                // What makes functions of text, also asynchronous ones.
                Callee::Function(function)
                    if name == "constructor"
                        && !self.is_python(function.unit)
                        && value.taints.is_empty()
                        && value.callees.len() == 1 =>
                {
                    return Some(Value::at(self.models(function.unit).root("Function")));
                }
                Callee::Function(_) => {}
            }
        }
        None
    }

    /// What the function of a module gives that is asked for names which it does not have: `__getattr__`.
    fn given_by_module(&mut self, unit: UnitId, frame: &Rc<Frame<'p>>, name: &str) -> Option<Value<'p>> {
        const ASKED: &str = "__getattr__";
        if !self.is_python(unit) || name.starts_with("__") || !self.unit(unit).text.contains(ASKED) {
            return None;
        }
        let Callee::Function(function) = self.lookup(frame, ASKED)?.callees.first()?.clone() else { return None };
        let given = self.invoke(&function, vec![(None, Value::constant(Constant::Text(name.into())))], None, None);
        Some(given).filter(|given| !given.is_unknown())
    }

    /// A member of a class that it has from `owner`, itself or one that it builds on.
    fn member_of_class(&mut self, class: &Rc<Class<'p>>, owner: &Rc<Class<'p>>, name: &str) -> Option<Value<'p>> {
        if let Some(mut found) = self.class_field(owner, name) {
            // `Mode.LIST.run()`
            if found.constant.is_some()
                && found.object.is_none()
                && !owner.methods.is_empty()
                && self.is_enumeration(owner)
            {
                let fields = [("value".into(), found.clone())].into();
                found.object = Some(self.object(Object { class: Some(Rc::clone(class)), fields, ..Object::default() }));
            }
            return Some(found);
        }
        let &node = owner.methods.get(name)?;
        let fields = self.object(Object::default());
        let (unit, frame) = (owner.unit, Rc::clone(&owner.frame));
        let mut function = Function { unit, node, frame, this: None, lent: false, fields, given: Vec::new() };
        if self.decorator_of(&function).is_some_and(|decorator| decorator.contains("classmethod")) {
            function.this = Some(Value::callee(Callee::Class(Rc::clone(class))));
        }
        // `static get name()`
        if !self.is_python(owner.unit) && self.is_property(&function) {
            function.this = Some(Value::callee(Callee::Class(Rc::clone(class))));
            return Some(self.invoke(&Rc::new(function), Vec::new(), None, None));
        }
        Some(Value::callee(Callee::Function(Rc::new(function))))
    }

    /// What a file gives by default.
    pub(super) fn default_of(&mut self, unit: UnitId) -> Option<Value<'p>> {
        if self.is_python(unit) {
            return None;
        }
        let frame = self.top(unit);
        frame.vars.borrow().get("default").cloned()
    }

    /// A name that a file takes over or gives on with all others of a module, or that what it gives by
    /// default has: `import all from "./x"; all.name`.
    pub(super) fn given_on(&mut self, unit: UnitId, name: &str) -> Option<Value<'p>> {
        // Files may take over all from each other.
        if self.asked.contains(&unit) {
            return None;
        }
        self.asked.push(unit);
        let found = self.unit(unit).module.wildcards.iter().find_map(|path| {
            if !self.may_come_from(unit, path, name) {
                return None;
            }
            let from = self.imported(unit, path);
            match self.callee_member(&from, name) {
                Some(found) => Some(found),
                None => Some(Value::at(Some(self.models(unit).member(from.place?, name)?))),
            }
        });
        let found = found.or_else(|| {
            let default = self.default_of(unit)?;
            self.own_member(&default, name)
        });
        self.asked.pop();
        found
    }
}
