//! What a condition shows of the values that it asks about, where it holds and where it does not.

use super::engine::{Engine, Run};
use super::inside::inside;
use super::model::{SinkSet, kinds};
use super::value::{Callee, Constant, Function, Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

/// Methods that only harmless text passes.
const HARMLESS: &[&str] = &["isdigit", "isnumeric", "isdecimal", "isalnum", "isalpha", "isidentifier"];

/// The name by which an object leads to what all objects have.
const PROTOTYPE: &str = "__proto__";
/// The names that lead to the prototype of all objects, alone or one after the other.
pub(super) const PROTOTYPE_NAMES: [&str; 3] = [PROTOTYPE, "constructor", "prototype"];
/// Functions that ask each other, at most.
const MAX_GUARDS: u32 = 4;

impl<'p> Engine<'p> {
    /// Notes what is known of values once a condition has come out as `truth`.
    pub(super) fn refine(&mut self, run: &mut Run<'p>, condition: NodeId, truth: bool) {
        self.note_condition(run, condition);
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(condition) {
            Kind::Unary if matches!(module.text(condition, unit.text), "not" | "!") => {
                if let Some(inner) = module.child(condition, 0) {
                    self.refine(run, inner, !truth);
                }
            }
            Kind::Binary => {
                let operator = module.text(condition, unit.text);
                let (Some(left), Some(right)) = (module.child(condition, 0), module.child(condition, 1)) else {
                    return;
                };
                match (operator, truth) {
                    ("and" | "&&", true) | ("or" | "||", false) => {
                        self.refine(run, left, truth);
                        self.refine(run, right, truth);
                    }
                    // One of the two: only what both show is known.
                    ("or" | "||", true) | ("and" | "&&", false) => {
                        let before = run.frame.facts.borrow().clone();
                        self.refine(run, left, truth);
                        let first = run.frame.facts.replace(before.clone());
                        self.refine(run, right, truth);
                        let second = run.frame.facts.replace(before);
                        let mut facts = run.frame.facts.borrow_mut();
                        for (text, cleared) in first.into_inner() {
                            let both = cleared & second.get(&text).copied().unwrap_or(0);
                            *facts.entry(text).or_default() |= both;
                        }
                    }
                    _ => self.compared(run, operator, left, right, truth),
                }
            }
            Kind::Call => self.asked(run, condition, truth),
            // `if not urlparse(x).netloc`
            Kind::Member if !truth => self.host_is_known(run, condition),
            _ => {}
        }
    }

    pub(super) fn compared(&mut self, run: &mut Run<'p>, operator: &str, left: NodeId, right: NodeId, truth: bool) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let equal = matches!((operator, truth), ("==" | "===" | "is", true) | ("!=" | "!==" | "is not", false));
        let within = matches!((operator, truth), ("in", true) | ("not in", false));
        let without = matches!((operator, truth), ("in", false) | ("not in", true));
        let (left_value, right_value) = (self.eval(run, left), self.eval(run, right));
        self.compared_length(run, operator, [(left, &left_value), (right, &right_value)], truth);
        // `typeof x === 'string'`: no object that a query would read.
        if equal
            && module.kind(left) == Kind::Unary
            && module.text(left, unit.text) == "typeof"
            && let Some(operand) = module.child(left, 0)
        {
            let cleared = match right_value.text() {
                Some("string") => kinds(&["nosql", "prototype"]),
                Some("number" | "boolean" | "bigint") => SinkSet::MAX,
                _ => 0,
            };
            self.clear_fact(run, operand, cleared);
            return;
        }
        if equal {
            if let Some(common) = [left, right].into_iter().find(|&side| self.is_common(run, side)) {
                return self.is_one_of(run, common);
            }
            // `x == "a"`, also of what was taken from x: `urlparse(x).netloc == "host"`.
            if right_value.constant.is_some() && right_value.taints.is_empty() {
                self.is_one_of(run, left);
            } else if left_value.constant.is_some() && left_value.taints.is_empty() {
                self.is_one_of(run, right);
            } else if self.is_found(run, left) || self.is_found(run, right) {
                return;
            } else if right_value.taints.is_empty() && !left_value.taints.is_empty() {
                self.is_one_of(run, left);
            }
        }
        if within && module.kind(right) == Kind::Member && module.text(right, unit.text) == "parents" {
            if let Some(path) = module.child(right, 0) {
                self.is_below(run, path);
            }
            return;
        }
        if within && self.all_taints(&right_value).is_empty() && right_value.constant.is_none() {
            self.is_one_of(run, left);
        }
        let unequal = matches!((operator, truth), ("==" | "===", false) | ("!=" | "!==", true));
        // `PATTERN.match(x) is not None`
        if right_value.constant == Some(Constant::Nothing) && module.kind(left) == Kind::Call {
            match operator {
                "is" | "==" => self.refine(run, left, !truth),
                "is not" | "!=" => self.refine(run, left, truth),
                _ => {}
            }
        }
        if unequal {
            for (mark, other) in [(&left_value, right), (&right_value, left)] {
                if let Some(mark @ (PROTOTYPE | "constructor" | "prototype")) = mark.text() {
                    self.clear_fact(run, other, cleared_without(mark));
                }
            }
        }
        // `'..' in x`, then it is left.
        if without && let Some(mark) = left_value.text() {
            self.has_not(run, right, mark);
        }
        // `x.indexOf('..') === -1`, `x.find("..") < 0`
        self.not_found(run, operator, left, &right_value, truth);
    }

    /// A text holds a mark nowhere; of a slice without its ends, that the whole is one literal.
    pub(super) fn has_not(&mut self, run: &mut Run<'p>, node: NodeId, mark: &str) {
        let module = self.unit(run.unit).module;
        self.clear_fact(run, node, cleared_without(mark));
        if matches!(mark, ".." | "../") {
            let asked = self.asked_text(run, node);
            self.is_inside(run, asked);
        }
        if let Some(whole) = module.child(node, 0).filter(|_| module.kind(node) == Kind::Index)
            && matches!(mark, "'" | "\"")
        {
            self.clear_fact(run, whole, kinds(&["code"]));
        }
    }

    /// Whether a node asks where something stands in a text.
    pub(super) fn is_found(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let callee = unit.module.child(node, 0).filter(|_| unit.module.kind(node) == Kind::Call);
        callee.is_some_and(|callee| matches!(unit.module.text(callee, unit.text), "indexOf" | "find" | "search"))
    }

    pub(super) fn not_found(
        &mut self,
        run: &mut Run<'p>,
        operator: &str,
        left: NodeId,
        right: &Value<'p>,
        truth: bool,
    ) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        if !self.is_found(run, left) {
            return;
        }
        let begins = match (&right.constant, operator) {
            (Some(Constant::Number(0)), "==" | "===") => truth,
            (Some(Constant::Number(0)), "!=" | "!==") => !truth,
            _ => false,
        };
        if begins
            && let (Some(callee), Some(start)) = (module.child(left, 0), module.child(left, 1))
            && let Some(object) = module.child(callee, 0)
        {
            return self.begins(run, object, start);
        }
        let absent = match (&right.constant, operator) {
            (Some(Constant::Number(-1)), "==" | "===") => truth,
            (Some(Constant::Number(-1)), "!=" | "!==" | ">") => !truth,
            (Some(Constant::Number(0)), "<") => truth,
            (Some(Constant::Number(0)), ">=") => !truth,
            _ => return,
        };
        let (Some(callee), Some(argument)) = (module.child(left, 0), module.child(left, 1)) else { return };
        let Some(object) = module.child(callee, 0) else { return };
        let mark = self.eval(run, argument);
        let list = self.eval(run, object);
        if absent {
            if let Some(mark) = mark.text() {
                self.has_not(run, object, mark);
            }
        } else if list.object.is_some() && self.all_taints(&list).is_empty() {
            // `ALLOWED.indexOf(x) !== -1`
            self.is_one_of(run, argument);
        }
    }

    /// A value is one of some that are known: it is clean, and what it was taken from is a known host.
    pub(super) fn is_one_of(&mut self, run: &mut Run<'p>, node: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(node) {
            Kind::Name | Kind::Index => {
                self.clear_fact(run, node, SinkSet::MAX);
                self.named_host_is_known(run, node);
                // `prefix = os.path.commonprefix([base, path])`
                if self.is_common(run, node) {
                    let value = self.eval(run, node);
                    self.clear_origins(run, &value, inside());
                }
            }
            Kind::Member => {
                self.clear_fact(run, node, SinkSet::MAX);
                self.host_is_known(run, node);
            }
            // `(x := ask()) in ALLOWED`
            Kind::Assign => {
                if let Some(name) = module.child(node, 0) {
                    self.is_one_of(run, name);
                }
            }
            Kind::Call => {
                // `x.lower() in ALLOWED`, `urlparse(x).hostname`, `os.path.dirname(x)`
                if let Some(callee) = module.child(node, 0).filter(|&callee| module.kind(callee) == Kind::Member)
                    && matches!(
                        module.text(callee, unit.text),
                        "lower" | "upper" | "strip" | "toLowerCase" | "trim" | "toUpperCase"
                    )
                    && let Some(object) = module.child(callee, 0)
                {
                    self.is_one_of(run, object);
                }
                if let (Some(callee), Some(argument)) = (module.child(node, 0), module.child(node, 1))
                    && matches!(module.text(callee, unit.text), "normcase" | "realpath" | "abspath" | "normpath")
                {
                    self.is_one_of(run, argument);
                }
                if let Some(callee) = module.child(node, 0)
                    && matches!(module.text(callee, unit.text), "commonpath" | "commonprefix" | "dirname")
                {
                    for argument in self.names_below(run, node) {
                        self.is_inside(run, argument);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a value is what two paths have in common.
    fn is_common(&mut self, run: &mut Run<'p>, node: NodeId) -> bool {
        let value = self.eval(run, node);
        self.went_through(run, node, &value, &["commonprefix(", "commonpath("], &[])
    }

    /// `host = urlparse(x).netloc`, then `host in HOSTS`: the host of x is known.
    fn named_host_is_known(&mut self, run: &mut Run<'p>, name: NodeId) {
        let value = self.eval(run, name);
        if self.went_through(run, name, &value, &[".netloc", ".hostname", ".host"], &[]) {
            self.clear_origins(run, &value, kinds(&["redirect", "ssrf"]));
        }
    }

    /// `urlparse(x).netloc == ..`, `new URL(x).host === ..`: the host of x is known.
    pub(super) fn host_is_known(&mut self, run: &mut Run<'p>, member: NodeId) {
        const HOSTS: &[&str] = &["netloc", "hostname", "host", "origin"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        if !HOSTS.contains(&module.text(member, unit.text)) {
            return;
        }
        let cleared = kinds(&["redirect", "ssrf"]);
        let Some(object) = module.child(member, 0) else { return };
        if module.kind(object) == Kind::Call {
            for name in self.names_below(run, object) {
                self.clear_fact(run, name, cleared);
            }
            return;
        }
        // `parsed = urlparse(x)`: all of the same origin.
        let value = self.eval(run, object);
        self.clear_origins(run, &value, cleared);
        self.clear_fact(run, object, cleared);
    }

    /// Names whose data has the origins of a value are as clean as it is.
    pub(super) fn clear_origins(&mut self, run: &Run<'p>, value: &Value<'p>, cleared: SinkSet) {
        let origins: Vec<_> = self.all_taints(value).iter().map(Taint::origin).collect();
        if origins.is_empty() {
            return;
        }
        for value in run.frame.vars.borrow_mut().values_mut() {
            for taint in &mut value.taints {
                if origins.contains(&taint.origin()) {
                    taint.cleared |= cleared;
                }
            }
        }
    }

    pub(super) fn names_below(&self, run: &Run<'p>, node: NodeId) -> Vec<NodeId> {
        let module = self.unit(run.unit).module;
        module.subtree(node).filter(|&id| matches!(module.kind(id), Kind::Name | Kind::Member)).collect()
    }

    /// A call as a condition: `x.startswith(BASE)`, `ALLOWED.includes(x)`, `/^\w+$/.test(x)`.
    pub(super) fn asked(&mut self, run: &mut Run<'p>, call: NodeId, truth: bool) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let Some(callee) = module.child(call, 0) else { return };
        let name = module.text(callee, unit.text);
        let object = module.child(callee, 0).filter(|_| module.kind(callee) == Kind::Member);
        // `is_safe(url=x)`
        let given = module.child(call, 1);
        let argument = given.filter(|&given| module.kind(given) != Kind::Keyword).or_else(|| module.child(given?, 0));
        match (object, argument) {
            (Some(object), _) if truth && HARMLESS.contains(&name) => self.clear_fact(run, object, SinkSet::MAX),
            (Some(object), Some(argument)) if matches!(name, "includes" | "has") => {
                let (list, item) = (self.eval(run, object), self.eval(run, argument));
                if !truth && let Some(mark) = item.text() {
                    self.has_not(run, object, mark);
                }
                if truth && self.all_taints(&list).is_empty() && (list.object.is_some() || name == "has") {
                    self.is_one_of(run, argument);
                }
                for mark in PROTOTYPE_NAMES {
                    if !truth && self.elements_named(&list, mark) {
                        self.clear_fact(run, argument, cleared_without(mark));
                    }
                }
            }
            // `/__proto__/.test(x)`, then it is left.
            (Some(object), Some(argument)) if !truth && name == "test" => {
                let source = &unit.text[module.node(object).span.range()];
                for mark in PROTOTYPE_NAMES {
                    if source.contains(mark) {
                        self.clear_fact(run, argument, cleared_without(mark));
                    }
                }
                if source.contains(r"\.\.") {
                    self.has_not(run, argument, "..");
                }
            }
            // `o.hasOwnProperty(k)`, `Object.hasOwn(o, k)`, `Object.prototype.hasOwnProperty.call(o, k)`
            (Some(object), Some(argument)) if truth && matches!(name, "hasOwnProperty" | "hasOwn" | "call") => {
                let whole = &unit.text[module.node(callee).span.range()];
                let (owner, key) = match (name, module.child(call, 2)) {
                    ("hasOwnProperty", _) => (object, argument),
                    (_, Some(key)) if whole.contains("hasOwn") => (argument, key),
                    _ => return,
                };
                let text = |node: NodeId| &unit.text[module.node(node).span.range()];
                // What is in the member is not shown: `__proto__` may be a name of its own there.
                let member: Rc<str> = own_fact(&format!("{}[{}]", text(owner), text(key))).into();
                *run.frame.facts.borrow_mut().entry(member).or_default() |= 1 << self.member_sink;
            }
            (Some(object), Some(argument)) if truth && matches!(name, "startswith" | "startsWith") => {
                self.begins(run, object, argument);
                self.starts_as_path(run, object, argument, truth);
            }
            (Some(object), Some(argument)) if matches!(name, "startswith" | "startsWith") => {
                self.starts_as_path(run, object, argument, truth);
                let start = &unit.text[module.node(argument).span.range()];
                if start.contains("..") {
                    self.is_not_above(run, object);
                }
                if start.trim_matches(['"', '\'', '`']) == "//" {
                    self.is_local_address(run, object, "apart", "rooted");
                }
                if self.eval(run, argument).text() == Some("-") {
                    self.clear_fact(run, object, kinds(&["argument"]));
                }
            }
            (Some(object), Some(argument)) if truth && matches!(name, "test" | "fullmatch" | "match") => {
                self.matched(run, object, argument, call);
            }
            // `names.some((name) => FORBIDDEN.has(name))`
            (Some(object), Some(test))
                if name == if truth { "every" } else { "some" } && module.kind(test) == Kind::Function =>
            {
                self.shown_of_each(run, object, test, truth);
            }
            (Some(object), _) if truth && name == "is_relative_to" => self.is_inside(run, object),
            (None, Some(argument)) if truth && name == "all" && module.kind(argument) == Kind::Comprehension => {
                self.all_letters(run, argument);
            }
            (None, Some(argument)) if name == "bool" => self.refine(run, argument, truth),
            (None, Some(argument)) if truth && name == "isinstance" => {
                let kind = module.child(call, 2).map(|kind| &unit.text[module.node(kind).span.range()]);
                match kind {
                    Some("int" | "float" | "bool" | "(int, float)") => self.clear_fact(run, argument, SinkSet::MAX),
                    // A text is no object that a query would read.
                    Some("str") => self.clear_fact(run, argument, kinds(&["nosql", "prototype"])),
                    _ => {}
                }
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
            _ => self.asked_own(run, call, truth),
        }
    }

    /// Whether a function takes addresses apart, as far as it can be read: `url.includes(ALLOWED)` is no check.
    fn parses_address(&mut self, run: &mut Run<'p>, callee: NodeId) -> bool {
        const PARTS: &[&str] =
            &["netloc", "hostname", ".host", "urlsplit", "urlparse", "new URL", "startswith(", "startsWith("];
        let value = self.eval(run, callee);
        value.callees.iter().all(|callee| match callee {
            Callee::Function(function) => {
                let unit = self.unit(function.unit);
                let text = &unit.text[unit.module.node(function.node).span.range()];
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
    }

    /// What a function shows of each element of a list, all of which it gave `truth` for.
    fn shown_of_each(&mut self, run: &mut Run<'p>, list: NodeId, test: NodeId, truth: bool) {
        let value = self.eval(run, test);
        let [Callee::Function(function)] = &value.callees[..] else { return };
        let (function, elements) = (Rc::clone(function), self.eval(run, list));
        let element = self.elements(&elements);
        let frame = self.frame(Some(Rc::clone(&function.frame)));
        let mut inner = Run::new(function.unit, frame, function.this.clone(), None);
        self.bind_parameters(&mut inner, &function, vec![(None, element)], None);
        self.guards += 1;
        if self.guards <= MAX_GUARDS {
            self.refine_result(&mut inner, &function, truth);
        }
        self.guards -= 1;
        let names = self.parameter_names(function.unit, function.node);
        let shown = names.first().and_then(|name| inner.frame.facts.borrow().get(*name).copied()).unwrap_or(0);
        self.clear_fact(run, list, shown);
    }

    /// What holds of a function's parameters if it gave `truth`: it is one expression, perhaps after
    /// conditions that leave it early.
    fn refine_result(&mut self, run: &mut Run<'p>, function: &Function<'p>, truth: bool) {
        let module = self.unit(function.unit).module;
        let Some(&body) = module.children(function.node).last() else { return };
        if module.kind(body) != Kind::Block {
            return self.refine(run, body, truth);
        }
        for &statement in module.children(body) {
            match module.kind(statement) {
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

    /// Whether a list or an object has a text among its elements or names.
    fn elements_named(&self, value: &Value<'p>, text: &str) -> bool {
        let Some(object) = value.object else { return false };
        let object = &self.objects[object as usize];
        object.fields.contains_key(text)
            || object.items.iter().chain([&object.rest]).any(|item| item.text() == Some(text))
    }

    /// `/^[a-z]+$/.test(x)`, `re.fullmatch("[a-z]+", x)`: the whole text is of harmless characters.
    pub(super) fn matched(&mut self, run: &mut Run<'p>, object: NodeId, argument: NodeId, call: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let name = module.child(call, 0).map_or("", |callee| module.text(callee, unit.text));
        let mut slow = 0;
        let compiled = match module.child(call, 2) {
            None if name != "test" => self.eval(run, object),
            _ => Value::default(),
        };
        let (source, subject) = if name == "test" {
            (unit.text[module.node(object).span.range()].to_owned(), argument)
        } else if let Some(Constant::Regex(regex)) = &compiled.constant {
            slow = kinds(&["exponential-regex", "polynomial-regex"]);
            (regex.source.to_string(), argument)
        } else {
            let Some(subject) = module.child(call, 2) else { return };
            let pattern = self.eval(run, argument);
            let Some(text) = pattern.text().map(str::to_owned) else { return };
            (text, subject)
        };
        let plain = source.trim_start_matches('/');
        let plain = plain.rsplit_once('/').filter(|_| name == "test").map_or(plain, |(body, _)| body);
        // `/^\\/(?!\\/)/`, `/^\\/[^\\/]/`: an address on the same host.
        if [r"^\/(?!", r"^\/[^", r"^[/](?!", r"^/(?!"].iter().any(|start| plain.starts_with(start)) {
            self.clear_fact(run, subject, kinds(&["redirect"]));
        }
        let starts = plain.starts_with('^') || plain.starts_with("\\A") || name != "test";
        let ends = plain.ends_with('$') || plain.ends_with("\\Z") || plain.ends_with("\\z") || name == "fullmatch";
        let harmless = !plain.contains(['.', '|']) || plain.contains("\\.");
        if starts && ends && harmless && !plain.contains("[^") && !plain.contains(".*") && !plain.contains("\\S") {
            self.clear_fact(run, subject, SinkSet::MAX & !slow);
        }
    }
}

/// Kinds of sink that all data in a value is clean for.
fn cleared_of(value: &Value<'_>) -> SinkSet {
    value.taints.iter().map(|taint| taint.cleared).reduce(|all, cleared| all & cleared).unwrap_or(0)
}

/// Whether a function says by its name that it asks whether an address is one to go to: `is_safe_url`.
fn checks_address(name: &str) -> bool {
    const ASKS: &[&str] =
        &["safe", "valid", "validate", "allowed", "local", "trusted", "permitted", "internal", "relative"];
    let words = words::split(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(ASKS) && has(&["url", "uri", "redirect", "next", "host", "location", "link"])
}

/// Kinds of sink that a text without a mark is clean for.
fn cleared_without(mark: &str) -> SinkSet {
    match mark {
        ".." | "../" => inside(),
        "'" | "\"" => kinds(&["xpath"]),
        "<" => kinds(&["html"]),
        "\n" | "\\n" | "\r" | "\\r" => kinds(&["log", "header", "answer-header"]),
        PROTOTYPE => kinds(&["prototype-member", "prototype"]),
        "constructor" | "prototype" => kinds(&["constructor-member"]),
        _ => 0,
    }
}

/// The name of the fact that a member is one of the object itself.
pub(super) fn own_fact(member: &str) -> String {
    format!("own {member}")
}
