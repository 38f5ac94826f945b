//! What a package gives to those who use it: their programs call it with whatever they were sent.

use super::engine::Engine;
use super::entry::Entry;
use super::meter::{EXPORTS, PYTHON_EXPORTS};
use super::model::Parameters;
use super::value::{Callee, Class, Function, Object, ObjectId, Taint, UnitId, Value};
use crate::ir::{Kind, Module, NodeId};
use crate::rule::words;
use foldhash::HashSet;
use std::rc::Rc;

/// Functions of a package that are run. One with more is a catalogue, of which the first show the kind.
const MAX_GIVEN: usize = 400;
/// How deep functions are looked for in objects, and in what functions give back.
const DEPTH: u32 = 3;

impl<'p> Engine<'p> {
    /// Runs all that a file gives, as its users would; `alone`: who they are no manifest tells, and only a copy into
    /// prototypes counts.
    pub fn run_exports(&mut self, unit: UnitId, alone: bool) {
        self.alone = alone && !self.is_python(unit);
        self.begin(unit, if self.is_python(unit) { PYTHON_EXPORTS } else { EXPORTS });
        let parameters = Parameters::all(self.library_input);
        let mut giving = Giving { parameters, seen: HashSet::default(), objects: HashSet::default() };
        for value in self.given_by(unit) {
            self.give_out(&value, DEPTH, &mut giving);
        }
        for members in std::mem::take(&mut self.mixed_in) {
            self.give_out(&members, 1, &mut giving);
        }
        self.alone = false;
    }

    /// The values that a file gives.
    fn given_by(&mut self, unit: UnitId) -> Vec<Value<'p>> {
        let whole = self.exports(unit);
        if !whole.callees.iter().any(|callee| matches!(callee, Callee::Unit(own) if *own == unit)) {
            return vec![whole];
        }
        let file = self.unit(unit);
        if self.is_python(unit) {
            return self.public_names(unit);
        }
        let mut names: Vec<&str> = Vec::new();
        for node in 0..file.module.len() as NodeId {
            if file.module.kind(node) == Kind::Export {
                if !file.module.text(node, file.text).is_empty() {
                    names.push("default");
                }
                names.extend(
                    file.module.children(node).iter().flat_map(|&child| names_bound(file.module, file.text, child)),
                );
            }
        }
        names.extend(
            file.module
                .imports
                .iter()
                .filter(|import| file.module.kind(import.node) == Kind::Export)
                .map(|import| import.local.as_str()),
        );
        let mut values: Vec<Value<'p>> = names.iter().filter_map(|name| self.callee_member(&whole, name)).collect();
        for path in &file.module.wildcards {
            let other = self.imported(unit, path);
            if let Some(Callee::Unit(inner)) = other.callees.first()
                && !self.asked.contains(inner)
            {
                self.asked.push(*inner);
                values.extend(self.given_by(*inner));
                self.asked.pop();
            }
        }
        values
    }

    /// The functions and classes of a Python file, but for private ones.
    fn public_names(&mut self, unit: UnitId) -> Vec<Value<'p>> {
        let frame = self.top(unit);
        let vars = frame.vars.borrow();
        let is_own = |callee: &Callee<'p>| match callee {
            Callee::Function(function) => function.unit == unit,
            Callee::Class(class) => class.unit == unit,
            Callee::Unit(_) | Callee::Package(..) => false,
        };
        let public = vars.iter().filter(|(name, value)| !name.starts_with('_') && value.callees.iter().any(is_own));
        let mut named: Vec<(&str, Value<'p>)> = public.map(|(name, value)| (*name, value.clone())).collect();
        named.sort_unstable_by_key(|(name, _)| *name);
        named.into_iter().map(|(_, value)| value).collect()
    }

    /// Runs the functions that a value is, holds or gives back.
    fn give_out(&mut self, value: &Value<'p>, depth: u32, giving: &mut Giving) {
        for callee in value.callees.clone() {
            match callee {
                Callee::Function(function) => self.give_function(&function, depth, giving),
                Callee::Class(class) => self.give_class(&class, depth, giving),
                Callee::Unit(unit) if depth > 0 && !self.asked.contains(&unit) => {
                    self.asked.push(unit);
                    for value in self.given_by(unit) {
                        self.give_out(&value, depth - 1, giving);
                    }
                    self.asked.pop();
                }
                Callee::Unit(_) | Callee::Package(..) => {}
            }
        }
        if let Some(object) = value.object.filter(|&object| depth > 0 && giving.objects.insert(object)) {
            self.give_members(value, object, depth - 1, giving);
        }
    }

    fn give_members(&mut self, this: &Value<'p>, object: ObjectId, depth: u32, giving: &mut Giving) {
        if let Some(class) = self.objects[object as usize].class.clone() {
            self.give_methods(this, &class, depth, giving);
        }
        let held = &self.objects[object as usize];
        let (prototype, items) = (held.prototype, held.items.clone());
        // `for (const [name, run] of commands) exports[name] = run`: by names that are not known.
        let unnamed = (!held.rest.callees.is_empty()).then(|| held.rest.clone());
        let mut members: Vec<Value<'p>> = held.fields.values().cloned().chain(items).chain(unnamed).collect();
        members.iter_mut().for_each(|member| self.rebind(member, this));
        let getters: Vec<_> = self.objects[object as usize].getters.values().cloned().collect();
        members.extend(getters.into_iter().map(|getter| self.invoke(&getter, Vec::new(), None, None)));
        for member in &members {
            self.give_out(member, depth, giving);
        }
        if let Some(prototype) = prototype.filter(|&prototype| giving.objects.insert(prototype)) {
            self.give_members(this, prototype, depth, giving);
        }
    }

    fn give_function(&mut self, function: &Rc<Function<'p>>, depth: u32, giving: &mut Giving) {
        if !giving.takes(function.unit, function.node) {
            return;
        }
        let names = self.given_names(function);
        // A handler of requests has those.
        let guess = self.guessed(function.unit, &names, "", "");
        let guessed = guess.is_some() && self.is_python(function.unit);
        let parameters = guess.map(|guess| self.given_by_guess(guess, function.unit, function.node));
        let parameters = parameters.unwrap_or_default().or(&giving.parameters);
        let entry = |function| Entry { function, parameters, route: None, returns: None, guessed };
        // A constructor's methods run on what it makes.
        let fields = &self.objects[function.fields as usize].fields;
        let prototype = fields.get("prototype").and_then(|prototype| prototype.object);
        self.start(function.unit, function.node);
        let given = match prototype {
            Some(prototype) => {
                let object = Object { prototype: Some(prototype), ..Object::default() };
                let this = Value::object(self.object(object));
                self.enter(&entry(Rc::new(function.bound(&this))));
                this
            }
            None if self.makes_methods(function) => {
                let this = Value::object(self.object(Object::default()));
                let given = self.enter(&entry(Rc::new(function.bound(&this))));
                if depth > 0 {
                    self.give_out(&this, depth, giving);
                }
                given
            }
            None => self.enter(&entry(Rc::clone(function))),
        };
        self.run_entries();
        if depth > 0 {
            self.give_out(&given, depth - 1, giving);
        }
    }

    /// Whether a function is a constructor that gives what it makes methods: `this.run = function () { .. }`.
    fn makes_methods(&self, function: &Function<'p>) -> bool {
        let unit = self.unit(function.unit);
        let text = unit.written(function.node);
        let is_method = |(at, _): (usize, &str)| {
            let rest = text[at..].split_once('=').map_or("", |(_, rest)| rest.trim_start());
            rest.starts_with("function") || rest.starts_with("async function")
        };
        !self.is_python(function.unit) && function.is_free() && text.match_indices("this.").any(is_method)
    }

    fn give_class(&mut self, class: &Rc<Class<'p>>, depth: u32, giving: &mut Giving) {
        let object = Object { class: Some(Rc::clone(class)), ..Object::default() };
        let this = Value::object(self.object(object));
        if let Some(function) = self.constructor(&this, class)
            && giving.takes(function.unit, function.node)
        {
            self.start(function.unit, function.node);
            self.enter(&Entry {
                function,
                parameters: giving.parameters.clone(),
                route: None,
                returns: None,
                guessed: false,
            });
        }
        self.give_methods(&this, class, depth, giving);
        let fields: Vec<Value<'p>> = self.class_fields(class).fields.values().cloned().collect();
        for field in fields.iter().filter(|_| depth > 0) {
            self.give_out(field, depth - 1, giving);
        }
    }

    /// The methods of a class and of those it builds on, but for private ones.
    fn give_methods(&mut self, this: &Value<'p>, class: &Rc<Class<'p>>, depth: u32, giving: &mut Giving) {
        for own in class.line() {
            let mut names: Vec<&str> = own.methods.keys().copied().collect();
            names.sort_unstable();
            // `__call__`, `__getitem__`
            let is_special = |name: &str| name.starts_with("__") && name.ends_with("__") && name != "__init__";
            names.retain(|name| (!name.starts_with(['_', '#']) || is_special(name)) && *name != "constructor");
            // What only looks at fields comes last: others have set them by then.
            let unit = self.unit(own.unit);
            let text = |name: &str| unit.written(own.methods[name]);
            names.sort_by_key(|name| !sets_fields(text(name)));
            for name in names {
                if let Some(function) = self.method(this, &own, name) {
                    self.give_function(&function, depth, giving);
                }
            }
        }
    }
}

/// Words of the names of functions and parameters that are there to run what they are given.
#[rustfmt::skip] // a word a line would be a page
const RUNS: &[&str] = &[
    "args", "argv", "body", "call", "cmd", "cmdline", "code", "command", "commands", "compile", "compiled", "eval", "evaluate", "exec",
    "execute", "expr", "expression", "fn", "func", "function", "invoke", "js", "line", "lines", "load", "popen", "program", "py",
    "python", "query", "render", "require", "run", "runner", "script", "sh", "shell", "snippet", "source", "spawn", "src",
    "start", "statement", "stmt", "system", "template", "test", "launch", "process", "subprocess", "executable", "binary", "bin", "input",
    "callback", "cb", "handler", "transform", "import", "module", "interpret", "sandbox", "vm", "context", "open", "cell",
];

impl Engine<'_> {
    /// Whether a function, or its parameter, says by its name that what callers give is run.
    pub(super) fn is_offered(&self, taint: &Taint) -> bool {
        let (unit, span) = taint.origin();
        let unit = self.unit(unit);
        let module = unit.module;
        let says = |name: &str| words::has_one(name, RUNS);
        let parameter =
            (0..module.len() as NodeId).find(|&id| module.kind(id) == Kind::Param && module.node(id).span == span);
        let Some(parameter) = parameter else { return true };
        let name = module.child(parameter, 0).map_or("", |name| module.text(name, unit.text));
        let function = module.parent(parameter).map_or("", |function| module.text(function, unit.text));
        // One without a name is known by what it is given to.
        function.is_empty() || says(name) || says(function)
    }
}

/// What is being given out.
struct Giving {
    parameters: Parameters,
    /// Functions that were run.
    seen: HashSet<(UnitId, NodeId)>,
    /// Objects that were looked into.
    objects: HashSet<ObjectId>,
}

impl Giving {
    /// Whether a function is still to be run.
    fn takes(&mut self, unit: UnitId, node: NodeId) -> bool {
        self.seen.len() < MAX_GIVEN && self.seen.insert((unit, node))
    }
}

/// Whether a method gives its instance's fields values: `self.name = ..`.
fn sets_fields(text: &str) -> bool {
    let is_set = |rest: &str| {
        let rest = rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_').trim_start();
        rest.starts_with('=') && !rest.starts_with("==")
    };
    ["self.", "this."].iter().any(|own| text.match_indices(own).any(|(at, _)| is_set(&text[at + own.len()..])))
}

/// The names that a declaration binds.
pub(super) fn names_bound<'t>(module: &Module, text: &'t str, node: NodeId) -> Vec<&'t str> {
    match module.kind(node) {
        Kind::Function | Kind::Class => vec![module.text(node, text)],
        Kind::Assign => module.child(node, 0).map(|target| names_bound(module, text, target)).unwrap_or_default(),
        Kind::Name => vec![module.text(node, text)],
        Kind::Other(_) => module.children(node).iter().flat_map(|&child| names_bound(module, text, child)).collect(),
        _ => Vec::new(),
    }
}
