//! What calls show as conditions: of what they are called on, of what they are given, and what functions of the
//! program show that are asked.

use super::call::Given;
use super::engine::{Engine, Run};
use super::guard::{PROTOTYPE_NAMES, cleared_without};
use super::inside::inside;
use super::model::{SinkSet, kinds};
use super::shared::Shared;
use super::value::{Callee, Constant, Function, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

/// Methods that only harmless text passes.
const HARMLESS: &[&str] = &["isdigit", "isnumeric", "isdecimal", "isalnum", "isalpha", "isidentifier"];
/// Functions of JavaScript and its libraries that only numbers and harmless text pass.
const KINDS_OF_TEXT: &[&str] = &[
    "isInteger",
    "isSafeInteger",
    "isFinite",
    "isInt",
    "isNumeric",
    "isAlphanumeric",
    "isAlpha",
    "isUUID",
    "isUuid",
    "isMongoId",
    "isHexadecimal",
    "isHexColor",
    "isPort",
    "isDecimal",
    "isIP",
    "isIPv4",
    "isIPv6",
    "isSlug",
    "isNumber",
];
/// Starts the name of the fact that something is a list.
pub(super) const LIST: &str = "list";
/// Functions that ask each other, at most.
const MAX_GUARDS: u32 = 4;

/// The names of a function's parameters, and what it has shown of texts.
pub(super) type ByTest<'p> = (Vec<&'p str>, Shared<foldhash::HashMap<Rc<str>, SinkSet>>);

impl<'p> Engine<'p> {
    /// `assert(fits(x))`, `assert.ok(..)`, `assert.strictEqual(a, b)`: where the program goes on, that holds.
    pub(super) fn asserted(&mut self, run: &mut Run<'p>, node: NodeId, name: &str, given: &[Given<'p>]) {
        let equal = matches!(name, "equal" | "strictEqual" | "notEqual" | "notStrictEqual");
        if !equal && !matches!(name, "assert" | "ok" | "invariant") || self.is_python(run.unit) {
            return;
        }
        let unit = self.unit(run.unit);
        let receiver = self.receiver_node(run, node).map(|receiver| unit.written(receiver));
        match (receiver, given) {
            // That only prints.
            (Some("console"), _) => {}
            (Some("assert"), [left, right, ..]) if equal => {
                self.compared(run, if name.starts_with("not") { "!==" } else { "===" }, left.node, right.node, true);
            }
            (Some("assert"), [condition, ..]) if name == "ok" => self.refine(run, condition.node, true),
            (_, [condition, ..]) if !equal && name != "ok" => self.refine(run, condition.node, true),
            _ => {}
        }
    }

    /// Whether a call is one of a helper that tells whether an object has a member itself: `has(object, name)`,
    /// `has.call(object, name)`, `_.has(object, name)`. What the program has written itself has to say so.
    fn asks_for_own(&mut self, run: &mut Run<'p>, call: NodeId, callee: NodeId, name: &str) -> bool {
        const HELPERS: &[&str] = &["has", "hasOwn", "hasOwnProp", "hasProp", "own"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        if module.children(call).len() != 3 || self.is_python(run.unit) {
            return false;
        }
        let object = module.child(callee, 0).filter(|_| module.kind(callee) == Kind::Member);
        let (helper, function) = match object {
            Some(object) if name == "call" => (unit.written(object), object),
            // That looks at the prototype as well.
            Some(object) if unit.written(object) == "Reflect" => return false,
            _ => (name, callee),
        };
        HELPERS.contains(&helper)
            && self.eval(run, function).callees.iter().all(|callee| match callee {
                Callee::Function(function) => self.unit(function.unit).written(function.node).contains("hasOwn"),
                _ => false,
            })
    }

    /// A call as a condition: `x.startswith(BASE)`, `ALLOWED.includes(x)`, `/^\w+$/.test(x)`.
    pub(super) fn asked(&mut self, run: &mut Run<'p>, call: NodeId, truth: bool) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let Some(callee) = module.child(call, 0) else { return };
        let name = self.own_name(run, callee);
        let object = module.child(callee, 0).filter(|_| module.kind(callee) == Kind::Member);
        // `is_safe(url=x)`
        let given = module.child(call, 1);
        let argument = given.filter(|&given| module.kind(given) != Kind::Keyword).or_else(|| module.child(given?, 0));
        if truth && self.asks_for_own(run, call, callee, name) {
            let text = |at: usize| module.child(call, at).map_or("", |given| unit.written(given));
            return self.note_own(run, &format!("{}[{}]", text(1), text(2)));
        }
        match (object, argument) {
            (Some(object), _) if truth && HARMLESS.contains(&name) => self.clear_fact(run, object, SinkSet::MAX),
            (Some(object), Some(argument)) if matches!(name, "includes" | "has") => {
                let (list, item) = (self.eval(run, object), self.eval(run, argument));
                if !truth && let Some(mark) = item.text() {
                    self.has_not(run, object, mark);
                }
                if truth && name == "includes" {
                    self.is_listed_name(run, object, argument);
                }
                let is_list = list.object.is_some() || name == "has" || self.lists_members(run, object);
                if truth && self.is_of_owner(&list) && is_list {
                    self.is_one_of(run, argument);
                }
                // `readdirSync(folder).includes(name)`: it is the name of a file there.
                let lists = ["fs.readdirSync()", "fs/promises.readdir()"];
                if truth
                    && list.place.is_some()
                    && lists.iter().any(|path| list.stands_at(self.models(run.unit).find(path)))
                {
                    self.clear_fact(run, argument, inside());
                }
                for mark in PROTOTYPE_NAMES {
                    if !truth && self.elements_named(&list, mark) {
                        self.clear_fact(run, argument, cleared_without(mark));
                    }
                }
            }
            // `/__proto__/.test(x)`, then it is left.
            (Some(object), Some(argument)) if !truth && name == "test" => {
                let written = unit.written(object);
                let held = self.eval(run, object);
                let source = match &held.constant {
                    Some(Constant::Regex(regex)) => &regex.source,
                    _ => written,
                };
                for mark in PROTOTYPE_NAMES {
                    if source.contains(mark) {
                        self.clear_fact(run, argument, cleared_without(mark));
                    }
                }
                if source.contains(r"\.\.") {
                    self.has_not(run, argument, "..");
                }
                if ["^/", r"^\/", r"^[/", r"^[\/", r"^[\\"].iter().any(|root| source.contains(root)) {
                    self.clear_fact(run, argument, kinds(&["absolute"]));
                }
            }
            // `o.hasOwnProperty(k)`, `Object.hasOwn(o, k)`, `Object.prototype.hasOwnProperty.call(o, k)`
            (Some(object), Some(argument)) if truth && matches!(name, "hasOwnProperty" | "hasOwn" | "call") => {
                let whole = unit.written(callee);
                let (owner, key) = match (name, module.child(call, 2)) {
                    ("hasOwnProperty", _) => (object, argument),
                    (_, Some(key)) if whole.contains("hasOwn") => (argument, key),
                    _ => return,
                };
                let text = |node: NodeId| unit.written(node);
                // What is in the member is not shown: `__proto__` may be a name of its own there.
                self.note_own(run, &format!("{}[{}]", text(owner), text(key)));
            }
            (Some(object), Some(argument)) if truth && matches!(name, "startswith" | "startsWith") => {
                self.begins(run, object, argument);
                self.starts_as_path(run, object, argument, truth);
            }
            (Some(object), Some(argument)) if matches!(name, "startswith" | "startsWith") => {
                self.starts_as_path(run, object, argument, truth);
                let start = unit.written(argument);
                if start.contains("..") {
                    self.is_not_above(run, object);
                }
                if matches!(start.trim_matches(['"', '\'', '`']), "/" | "path.sep" | "sep" | "os.sep") {
                    self.clear_fact(run, object, kinds(&["absolute"]));
                }
                if start.trim_matches(['"', '\'', '`']) == "//" {
                    self.is_local_address(run, object, "apart", "rooted");
                }
                if self.eval(run, argument).text() == Some("-") {
                    self.clear_fact(run, object, kinds(&["argument"]));
                }
            }
            (Some(object), Some(argument)) if truth && matches!(name, "endswith" | "endsWith") => {
                self.ends_as_host(run, object, argument);
            }
            (Some(object), Some(argument)) if truth && matches!(name, "test" | "fullmatch" | "match" | "exec") => {
                self.matched(run, object, argument, call);
            }
            // `names.some((name) => FORBIDDEN.has(name))`
            (Some(object), Some(test))
                if name == if truth { "every" } else { "some" } && module.kind(test) == Kind::Function =>
            {
                self.shown_of_each(run, object, test, truth);
            }
            // `["a", "b"].some((one) => one === x)`
            (Some(object), Some(test)) if truth && name == "some" && module.kind(test) == Kind::Function => {
                self.is_one_of_these(run, object, test);
                self.shown_by_one(run, object, test);
            }
            // `Model.__mapper__.has_property(name)`: one of those that the program has declared.
            (Some(_), Some(argument)) if truth && name == "has_property" => {
                self.clear_fact(run, argument, kinds(&["reflection"]));
            }
            (Some(object), _) if truth && name == "is_relative_to" => self.is_inside(run, object),
            (None, Some(argument)) if truth && name == "all" && module.kind(argument) == Kind::Comprehension => {
                self.all_letters(run, argument);
            }
            // `any(c not in LETTERS for c in text)`
            (None, Some(argument)) if !truth && name == "any" && module.kind(argument) == Kind::Comprehension => {
                self.no_other_letters(run, argument);
            }
            (None, Some(argument)) if name == "bool" => self.refine(run, argument, truth),
            (None, Some(argument)) if truth && name == "isinstance" => {
                let kind = module.child(call, 2).map(|kind| unit.written(kind));
                match kind {
                    Some("int" | "float" | "bool" | "(int, float)") => self.clear_fact(run, argument, SinkSet::MAX),
                    // A text is no object that a query would read.
                    Some("str") => self.clear_fact(run, argument, kinds(&["nosql", "prototype"])),
                    _ => {}
                }
            }
            // `isPathInside(path, folder)`, or the other way round.
            (_, Some(_)) if truth && asks_for_folder(name) => {
                for &argument in &module.children(call)[1..] {
                    self.is_inside(run, argument);
                    let value = self.eval(run, argument);
                    self.clear_origins(run, &value, inside());
                }
            }
            (_, Some(argument)) if !truth && matches!(name, "isAbsolute" | "isabs") => {
                self.clear_fact(run, argument, kinds(&["absolute"]));
            }
            (Some(object), None) if !truth && name == "is_absolute" => {
                self.clear_fact(run, object, kinds(&["absolute"]));
            }
            // What it is called for with each element is given numbers as well.
            (Some(_), Some(argument)) if truth && name == "isArray" => {
                let fact = format!("{LIST} {}", unit.written(argument));
                run.frame.facts.borrow_mut().insert(fact.into(), 1);
            }
            // `Number.isInteger(x)`, `isNaN(x)`, `validator.isUUID(x)`
            (None, Some(argument)) if !truth && name == "isNaN" => self.clear_fact(run, argument, SinkSet::MAX),
            (_, Some(argument)) if truth && KINDS_OF_TEXT.contains(&name) && !self.is_own_function(run, callee) => {
                self.clear_fact(run, argument, SinkSet::MAX);
            }
            (Some(ajv), Some(schema)) if truth && name == "validate" && module.children(call).len() == 3 => {
                let data = module.children(call)[2];
                if !self.fits_given(run, ajv, [schema, data]) {
                    self.asked_own(run, call, truth);
                }
            }
            // `uuid.validate(x)`
            (_, Some(argument)) if truth && name == "validate" && self.checks_identifier(run, callee) => {
                self.clear_fact(run, argument, SinkSet::MAX);
            }
            (_, Some(argument)) if truth && checks_address(name) && self.parses_address(run, callee) => {
                self.clear_fact(run, argument, kinds(&["redirect"]));
                self.asked_own(run, call, truth);
            }
            (_, Some(argument)) if self.asks_for_network(run, callee, name, truth) => {
                self.clear_fact(run, argument, kinds(&["ssrf"]));
                if module.kind(argument) == Kind::Member {
                    self.host_is_known(run, argument);
                }
                self.asked_own(run, call, truth);
            }
            (None, Some(argument)) if truth && module.kind(argument) != Kind::Call => {
                let asks = self.eval(run, callee);
                if !self.fits_schema(run, &asks, argument) {
                    self.asked_own(run, call, truth);
                }
            }
            _ => self.asked_own(run, call, truth),
        }
    }

    /// The name of what is called, also where an import gives it another: `from m import is_safe_url as ok`.
    fn own_name(&self, run: &Run<'p>, callee: NodeId) -> &'p str {
        let unit = self.unit(run.unit);
        let written = unit.module.text(callee, unit.text);
        if unit.module.kind(callee) != Kind::Name {
            return written;
        }
        unit.imported(written).and_then(|path| path.rsplit('.').next()).unwrap_or(written)
    }

    fn checks_identifier(&mut self, run: &mut Run<'p>, callee: NodeId) -> bool {
        let place = self.eval(run, callee).place;
        place.is_some() && place == self.models(run.unit).find("uuid.validate")
    }

    fn is_own_function(&mut self, run: &mut Run<'p>, callee: NodeId) -> bool {
        !self.eval(run, callee).callees.is_empty()
    }

    /// Whether a function takes addresses apart, as far as it can be read: `url.includes(ALLOWED)` is no check.
    fn parses_address(&mut self, run: &mut Run<'p>, callee: NodeId) -> bool {
        const PARTS: &[&str] = &[
            "netloc",
            "hostname",
            ".host",
            "has_allowed_host",
            "urlsplit",
            "urlparse",
            "new URL",
            "startswith(",
            "startsWith(",
        ];
        let value = self.eval(run, callee);
        value.callees.iter().all(|callee| match callee {
            Callee::Function(function) => {
                let unit = self.unit(function.unit);
                let text = unit.written(function.node);
                PARTS.iter().any(|part| text.contains(part))
            }
            _ => true,
        })
    }

    /// A function of the program as a condition: what its own conditions show of its parameters holds of
    /// the arguments.
    fn asked_own(&mut self, run: &mut Run<'p>, call: NodeId, truth: bool) {
        if self.guards >= MAX_GUARDS {
            return;
        }
        let Some(callee) = self.unit(run.unit).module.child(call, 0) else { return };
        let value = self.eval(run, callee);
        let [Callee::Function(function)] = &value.callees[..] else { return };
        let function = Rc::clone(function);
        let arguments: Vec<NodeId> = self.unit(run.unit).module.children(call)[1..].to_vec();
        let values: Vec<_> = arguments.iter().map(|&argument| (None, self.eval(run, argument))).collect();
        let frame = self.frame(Some(Rc::clone(&function.frame)));
        let mut inner = Run::new(function.unit, frame, function.this.clone(), None);
        self.bind_parameters(&mut inner, &function, values, None);
        self.guards += 1;
        self.refine_result(&mut inner, &function, truth);
        self.guards -= 1;
        let names = self.parameter_names(function.unit, function.node);
        for (name, &argument) in names.iter().zip(&arguments) {
            let facts = inner.frame.facts.borrow().get(*name).copied().unwrap_or(0);
            let shown = facts | inner.frame.vars.borrow().get(*name).map_or(0, cleared_of);
            if shown & inside() != 0 {
                let value = self.eval(run, argument);
                self.clear_origins(run, &value, shown & kinds(&["extract"]));
            }
            self.clear_fact(run, argument, shown);
        }
        // `isTrusted(event.origin)`
        for (name, &argument) in names.iter().zip(&arguments) {
            let known = inner.frame.facts.borrow().get(*name) == Some(&SinkSet::MAX);
            let value = self.eval(run, argument);
            if known && self.is_sender(run, &value) {
                self.sender_is_known(run, argument);
            }
        }
    }

    /// A function that compares each element of a list of constants with something held for one of them.
    fn is_one_of_these(&mut self, run: &mut Run<'p>, list: NodeId, test: NodeId) {
        let elements = self.eval(run, list);
        if self.list_of(&elements).is_none_or(|list| list.contains(&Constant::Nothing)) {
            return;
        }
        let unit = self.unit(run.unit);
        let module = unit.module;
        let [parameter, body] = *module.children(test) else { return };
        let text = |node: NodeId| unit.written(node);
        if module.kind(body) != Kind::Binary || !matches!(module.text(body, unit.text), "==" | "===") {
            return;
        }
        let [left, right] = *module.children(body) else { return };
        match (text(left) == text(parameter), text(right) == text(parameter)) {
            (true, false) => self.is_one_of(run, right),
            (false, true) => self.is_one_of(run, left),
            _ => {}
        }
    }

    /// `folders.some((folder) => file.startsWith(folder))`: one of them has shown it of a name around.
    fn shown_by_one(&mut self, run: &mut Run<'p>, list: NodeId, test: NodeId) {
        let Some((own, shown)) = self.shown_by_test(run, list, test, true) else { return };
        for (text, &cleared) in shown.iter().filter(|(text, _)| !own.contains(&&***text)) {
            if let Some(value) = run.frame.vars.borrow_mut().get_mut(&**text) {
                value.clear(cleared);
            }
            *run.frame.facts.borrow_mut().entry(Rc::clone(text)).or_default() |= cleared;
        }
    }

    /// What a function shows of each element of a list, all of which it gave `truth` for.
    fn shown_of_each(&mut self, run: &mut Run<'p>, list: NodeId, test: NodeId, truth: bool) {
        let Some((own, shown)) = self.shown_by_test(run, list, test, truth) else { return };
        let of_element = own.first().and_then(|name| shown.get(*name).copied()).unwrap_or(0);
        self.clear_fact(run, list, of_element);
    }

    /// What a function that gave `truth` for an element of a list has shown, and the names of its parameters.
    fn shown_by_test(&mut self, run: &mut Run<'p>, list: NodeId, test: NodeId, truth: bool) -> Option<ByTest<'p>> {
        let value = self.eval(run, test);
        let [Callee::Function(function)] = &value.callees[..] else { return None };
        let (function, elements) = (Rc::clone(function), self.eval(run, list));
        let element = self.elements(&elements);
        Some(self.shown_by_function(&function, element, truth))
    }

    /// What a function has shown that gave `truth` for a value, and the names of its parameters.
    pub(super) fn shown_by_function(
        &mut self,
        function: &Rc<Function<'p>>,
        element: Value<'p>,
        truth: bool,
    ) -> ByTest<'p> {
        let frame = self.frame(Some(Rc::clone(&function.frame)));
        let mut inner = Run::new(function.unit, frame, function.this.clone(), None);
        self.bind_parameters(&mut inner, function, vec![(None, element)], None);
        self.guards += 1;
        if self.guards <= MAX_GUARDS {
            self.refine_result(&mut inner, function, truth);
        }
        self.guards -= 1;
        let own = self.parameter_names(function.unit, function.node);
        let shown = inner.frame.facts.borrow().clone();
        (own, shown)
    }

    /// What holds of a function's parameters if it gave `truth`: it is one expression, perhaps after
    /// conditions that leave it early.
    fn refine_result(&mut self, run: &mut Run<'p>, function: &Function<'p>, truth: bool) {
        let module = self.unit(function.unit).module;
        let Some(&body) = module.children(function.node).last() else { return };
        if module.kind(body) != Kind::Block {
            return self.refine(run, body, truth);
        }
        self.refine_statements(run, body, truth);
    }

    /// The same, of the statements of a function.
    fn refine_statements(&mut self, run: &mut Run<'p>, body: NodeId, truth: bool) {
        let module = self.unit(run.unit).module;
        for &statement in module.children(body) {
            match module.kind(statement) {
                // `try { return good(x) } catch { return false }`: what came out true, the first part gave.
                Kind::Try if truth && self.gives_false(run, &module.children(statement)[1..]) => {
                    return self.refine_statements(run, module.children(statement)[0], truth);
                }
                Kind::Return => {
                    if let Some(result) = module.child(statement, 0) {
                        self.refine(run, result, truth);
                    }
                    return;
                }
                Kind::If => {
                    let (Some(test), Some(then)) = (module.child(statement, 0), module.child(statement, 1)) else {
                        return;
                    };
                    let left = if module.kind(then) == Kind::Block { module.child(then, 0) } else { Some(then) };
                    let given = left.filter(|&left| module.kind(left) == Kind::Return);
                    let given = given.and_then(|given| module.child(given, 0)).map(|given| module.kind(given));
                    let is_left = match given {
                        Some(Kind::True) => !truth,
                        Some(Kind::False) => truth,
                        _ => return,
                    };
                    // Where it would have given the other, the condition did not hold.
                    if is_left && module.child(statement, 2).is_none() {
                        self.refine(run, test, false);
                    }
                }
                _ => {
                    self.eval(run, statement);
                }
            }
        }
    }

    /// `Object.values(KINDS)`: a list, whatever is known of the table.
    fn lists_members(&self, run: &Run<'p>, node: NodeId) -> bool {
        const LISTS: &[&str] = &["Object.keys", "Object.values", "Object.getOwnPropertyNames", "Reflect.ownKeys"];
        let unit = self.unit(run.unit);
        let callee = unit.module.child(node, 0).filter(|_| unit.module.kind(node) == Kind::Call);
        callee.is_some_and(|callee| LISTS.contains(&unit.written(callee)))
    }

    /// Whether all that handles what is thrown gives `false`, and nothing else.
    fn gives_false(&self, run: &Run<'p>, handlers: &[NodeId]) -> bool {
        let module = self.unit(run.unit).module;
        let given = |handler: NodeId| {
            let mut returns = module.subtree(handler).filter(|&id| module.kind(id) == Kind::Return).peekable();
            let is_false = |id: NodeId| module.child(id, 0).is_some_and(|given| module.kind(given) == Kind::False);
            returns.peek().is_some() && returns.all(is_false)
        };
        !handlers.is_empty() && handlers.iter().all(|&handler| given(handler))
    }

    /// Whether a list or an object has a text among its elements or names.
    pub(super) fn elements_named(&self, value: &Value<'p>, text: &str) -> bool {
        let Some(object) = value.object else { return false };
        let object = &self.objects[object as usize];
        object.fields.contains_key(text)
            || object.items.iter().chain([&object.rest]).any(|item| item.text() == Some(text))
    }
}

/// Kinds of sink that all data in a value is clean for.
fn cleared_of(value: &Value<'_>) -> SinkSet {
    value.taints.iter().map(|taint| taint.cleared).reduce(|all, cleared| all & cleared).unwrap_or(0)
}

/// Whether a function says by its name that it asks whether a path is in a folder: `isPathWithinAllowedFolders`.
fn asks_for_folder(name: &str) -> bool {
    const PLACES: &[&str] = &["path", "dir", "dirs", "directory", "directories", "folder", "folders", "root", "base"];
    name == "isInside"
        || words::has_one(name, &["inside", "within"])
            && words::has_one(name, PLACES)
            && words::split(name).first().is_some_and(|first| matches!(first.as_str(), "is" | "path"))
}

/// Whether a function says by its name that it asks whether an address is one to go to: `is_safe_url`.
pub(super) fn checks_address(name: &str) -> bool {
    const ASKS: &[&str] =
        &["safe", "valid", "validate", "allowed", "local", "trusted", "permitted", "internal", "relative"];
    words::has_one(name, ASKS) && words::has_one(name, &["url", "uri", "redirect", "next", "host", "location", "link"])
}
