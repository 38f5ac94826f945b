//! Runs statements and expressions.

use super::engine::{Done, Engine, Run};
use super::fold;
use super::inside::inside;
use super::model::{ROOT, SinkSet};
use super::value::{Callee, Constant, Frame, Object, Value};
use crate::ir::{Kind, Module, NodeId};
use crate::language::literal::string;
use crate::language::{DECLARATION, Family};
use crate::rule::flow::{SOURCES, SourceSet, source_kind};
use crate::span::Span;
use std::rc::Rc;

/// How deep evaluation nests, calls and imports among it: what [`STACK`](super::STACK) holds.
const MAX_DEPTH: u32 = 300;
/// Calls that take addresses apart.
const ADDRESSES: &[&str] = &["new URL(", "url.parse(", "URL.parse("];
/// Members of objects of Python that hold the names of their fields: those of Pydantic, dataclasses and attrs.
const DECLARED: &[&str] = &[
    "model_fields",
    "model_fields_set",
    "__fields__",
    "__fields_set__",
    "__dataclass_fields__",
    "__attrs_attrs__",
    "__slots__",
    "__annotations__",
];

impl<'p> Engine<'p> {
    /// What a node gives; statements are run.
    pub(super) fn eval(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        if !self.step() {
            return Value::default();
        }
        if self.depth >= MAX_DEPTH {
            self.exhausted.insert(self.root);
            self.cut = 0;
            return Value::default();
        }
        if self.watch.is_some() {
            self.note_run(run.unit, node);
        }
        self.depth += 1;
        let value = self.eval_kind(run, node);
        self.depth -= 1;
        value
    }

    pub(super) fn eval_kind(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(node) {
            Kind::Name | Kind::Member | Kind::Index => {
                let value = self.read(run, node);
                self.with_facts(run, node, value)
            }
            // `request.GET.get("next")`, asked before and taken now.
            Kind::Call if is_getter(module, unit.text, node) => {
                let value = self.call(run, node);
                self.with_facts(run, node, value)
            }
            Kind::Call => self.call(run, node),
            Kind::Str => Value::constant(Constant::Text(string(module, node, unit.text, unit.family).into())),
            Kind::Regex => super::regex::literal(module.text(node, unit.text)),
            Kind::Number => fold::number(module.text(node, unit.text)),
            Kind::True => Value::constant(Constant::Bool(true)),
            Kind::False => Value::constant(Constant::Bool(false)),
            Kind::Null => Value::constant(Constant::Nothing),
            Kind::Template | Kind::Concat => self.text_of(run, node),
            Kind::Binary => self.binary(run, node),
            Kind::Unary => {
                let operand = self.eval_child(run, node, 0);
                match module.text(node, unit.text) {
                    "++" if unit.family == Family::JavaScript => self.stepped(run, node, operand, 1),
                    "--" if unit.family == Family::JavaScript => self.stepped(run, node, operand, -1),
                    operator => fold::unary(operator, operand),
                }
            }
            Kind::Assign => self.assignment(run, node),
            Kind::Augment => self.augment(run, node),
            Kind::Bind => {
                let value = match module.child(node, 1) {
                    Some(_) => {
                        let value = self.eval_child(run, node, 1);
                        // `with Lock() as held`
                        let entered = self.has_special(&value, "__enter__");
                        entered.then(|| self.ask(&value, "__enter__", Vec::new())).flatten().unwrap_or(value)
                    }
                    None => self.caught.clone(),
                };
                if let Some(target) = module.child(node, 0) {
                    self.bind(run, target, value, None);
                }
                Value::default()
            }
            Kind::Object => self.object_literal(run, node),
            Kind::Array => self.list_literal(run, node),
            Kind::Function => self.function(run, node),
            Kind::Class => self.class(run, node),
            Kind::If => self.branches(run, node),
            Kind::Loop => self.rounds(run, node),
            Kind::Return if run.steps.is_some() => self.end_step(run, node),
            Kind::Return => {
                let value = self.eval_child(run, node, 0);
                self.go_back(run, node, value);
                run.done = Done::Gone;
                Value::default()
            }
            Kind::Throw => {
                let thrown = self.eval_child(run, node, 0);
                self.note_thrown(&thrown);
                run.done = Done::Gone;
                Value::default()
            }
            Kind::Leave => {
                run.done = Done::Left;
                Value::default()
            }
            // One of the things that its caller gets.
            Kind::Yield => {
                let value = self.eval_child(run, node, 0);
                match &mut run.returned {
                    Some(returned) => returned.join(&value),
                    None => run.returned = Some(value),
                }
                Value::default()
            }
            Kind::Try => self.attempt(run, node),
            Kind::Switch => self.switch(run, node),
            Kind::Assert => {
                self.eval_child(run, node, 0);
                if let Some(condition) = module.child(node, 0) {
                    self.refine(run, condition, true);
                }
                Value::default()
            }
            Kind::Comprehension => self.comprehension(run, node),
            Kind::Decorator => self.decorator(run, node),
            Kind::Export => {
                // Decorators of a class stand before it.
                let value = self.sequence(run, module.children(node));
                if !module.text(node, unit.text).is_empty() {
                    run.frame.vars.borrow_mut().insert("default", value);
                }
                Value::default()
            }
            Kind::Outer => {
                let names = module.children(node).iter().map(|&name| module.text(name, unit.text));
                run.frame.outer.borrow_mut().extend(names);
                Value::default()
            }
            Kind::Keyword | Kind::Spread | Kind::Await => self.eval_child(run, node, 0),
            Kind::JsxAttribute => self.attribute(run, node),
            Kind::Jsx => self.element_shown(run, node),
            Kind::Property => self.eval_child(run, node, 1),
            // `yield x`: what a round of who goes through is given.
            Kind::Other(_) if !self.is_python(run.unit) && unit.written(node).starts_with("yield ") => {
                let value = self.sequence(run, module.children(node));
                // `yield readFile(name)`, where that gives `(done) => fs.readFile(name, done)`: co calls it.
                for callee in &value.callees {
                    if let Callee::Function(thunk) = callee {
                        self.invoke(thunk, Vec::new(), Some((run.unit, self.span(run, node))), None);
                    }
                }
                match &mut run.yielded {
                    Some(yielded) => yielded.join(&value),
                    None => run.yielded = Some(value.clone()),
                }
                value
            }
            // `let x;`: a name of this function, not of one around.
            kind if kind == DECLARATION && !self.is_python(run.unit) => {
                let name = module.child(node, 0).filter(|&name| module.kind(name) == Kind::Name);
                if let Some(name) = name.map(|name| module.text(name, unit.text)) {
                    run.frame.vars.borrow_mut().entry(name).or_default();
                }
                Value::default()
            }
            Kind::Block | Kind::Case | Kind::Other(_) | Kind::Param | Kind::Ellipsis => {
                self.sequence(run, module.children(node))
            }
        }
    }

    /// What a name, a member or an element is.
    fn read(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        if unit.module.kind(node) == Kind::Name {
            return self.name(run, node);
        }
        if let Some(sent) = self.sent(run, node) {
            return sent;
        }
        let object = self.eval_child(run, node, 0);
        let value = if unit.module.kind(node) == Kind::Member {
            let name = unit.module.text(node, unit.text);
            // What came in fills fields, but a class declares their names.
            if DECLARED.contains(&name) && self.is_python(run.unit) {
                return Value::default();
            }
            self.member(run.unit, &object, name)
        } else {
            let shown = self.shown_before_step(run, node);
            let key = self.eval_child(run, node, 1);
            self.check_lookup(run, node, &object, &key);
            let start = matches!(*object.callees, [Callee::Unit(_)]).then(|| unit.module.child(node, 1)).flatten();
            if let Some(one) = start.and_then(|start| self.one_of_methods(run, &object, start)) {
                return one;
            }
            let mut value = self.element(run.unit, &object, &key);
            self.choose_member(run, (unit.module.child(node, 1), &key), &object, &mut value);
            value.chosen = value.chosen && !self.is_own(run, node) && !self.is_listed(run, node);
            if key.constant != Some(Constant::Number(0)) {
                self.cut(&mut value.taints);
            }
            value.clear(shown);
            if let (Some(Constant::Number(at)), Some(split)) = (&key.constant, unit.module.child(node, 0)) {
                value.clear(self.cleared_by_split(run, split, *at == -1 || *at == 1));
            }
            self.sliced(run, node, &key, value)
        };
        self.sourced(run, node, value)
    }

    pub(super) fn eval_child(&mut self, run: &mut Run<'p>, node: NodeId, at: usize) -> Value<'p> {
        match self.unit(run.unit).module.child(node, at) {
            Some(child) => self.eval(run, child),
            None => Value::default(),
        }
    }

    /// Statements in order, up to where the function is left; gives what the last one gives.
    pub(super) fn sequence(&mut self, run: &mut Run<'p>, nodes: &[NodeId]) -> Value<'p> {
        let mut last = Value::default();
        for &node in nodes {
            last = self.eval(run, node);
            if run.done != Done::No {
                break;
            }
        }
        last
    }

    pub(super) fn name(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let name = unit.module.text(node, unit.text);
        if name == "this" || name == "super" {
            return run.this.clone().unwrap_or_default();
        }
        if let Some(value) = self.lookup(&run.frame, name) {
            return value;
        }
        let value = self.global(run.unit, name);
        self.sourced(run, node, value)
    }

    /// A name's value where a run stands.
    pub(super) fn lookup(&mut self, frame: &Rc<Frame<'p>>, name: &str) -> Option<Value<'p>> {
        let mut frame = Some(frame);
        while let Some(at) = frame {
            if let Some(value) = at.vars.borrow().get(name) {
                return Some(value.clone());
            }
            // Nothing is run for a name that has a value.
            if at.parent.is_none() && self.run_for_name(at, name) {
                continue;
            }
            frame = at.parent.as_ref();
        }
        None
    }

    /// An import, or what the language and its platform give.
    pub(super) fn global(&mut self, unit: u32, name: &str) -> Value<'p> {
        if let Some(path) = self.unit(unit).imported(name) {
            return self.imported(unit, path);
        }
        // `$page` of Svelte is what the store `page` holds.
        if let Some(store) = name.strip_prefix('$').filter(|store| !store.is_empty())
            && self.unit(unit).path.ends_with(".svelte")
        {
            let path = self.unit(unit).imported(store);
            return path.map_or_else(Value::default, |path| self.imported(unit, path));
        }
        if self.is_python(unit)
            && let Some(found) = self.given_on(unit, name)
        {
            return found;
        }
        if matches!(name, "window" | "globalThis" | "global" | "self" | "top" | "parent") && !self.is_python(unit) {
            return Value::at(Some(ROOT));
        }
        Value::at(self.models(unit).root(name))
    }

    /// Data comes in where a place is a source.
    pub(super) fn sourced(&mut self, run: &Run<'p>, node: NodeId, value: Value<'p>) -> Value<'p> {
        let unit = self.unit(run.unit);
        let sources = match value.place {
            Some(place) => self.models(run.unit).known(place).sources,
            // A member that is called so of anything.
            None if unit.module.kind(node) == Kind::Member && value.callees.is_empty() => {
                self.models(run.unit).any_sources.get(unit.module.text(node, unit.text)).copied().unwrap_or(0)
            }
            None => 0,
        };
        self.tainted_by(run, node, value, sources)
    }

    /// The same of a member that is taken out by its name: `({ entryName }) => ..`.
    pub(super) fn sourced_part(&mut self, run: &Run<'p>, part: NodeId, name: &str, value: Value<'p>) -> Value<'p> {
        let named = self.models(run.unit).any_sources.get(name).copied().unwrap_or(0);
        match value.place.is_none() && value.callees.is_empty() && named != 0 && !self.is_python(run.unit) {
            true => self.tainted_by(run, part, value, named),
            false => self.sourced(run, part, value),
        }
    }

    fn tainted_by(&mut self, run: &Run<'p>, node: NodeId, mut value: Value<'p>, sources: SourceSet) -> Value<'p> {
        let unit = self.unit(run.unit);
        if sources == 0 {
            return value;
        }
        if self.fixed_path && unit.module.kind(node) == Kind::Member && unit.module.text(node, unit.text) == "path" {
            return value;
        }
        let stored = source_kind("stored").filter(|&kind| sources >> kind & 1 == 1);
        let own = stored.filter(|_| self.reads_template(run, node));
        if sources == 1 << self.random && unit.module.kind(node) == Kind::Call && self.is_picked(run, node) {
            return Value { place: None, ..value };
        }
        for kind in (0..SOURCES.len() as u8).filter(|&kind| sources >> kind & 1 == 1 && own != Some(kind)) {
            let span = self.unit(run.unit).module.node(node).span;
            if !value.taints.iter().any(|taint| taint.kind == kind) {
                let mut taint = self.fresh(run.unit, span, kind);
                taint.cleared |= self.cleared_by_own(run, node, kind) | self.cleared_by_server(run, node, kind);
                taint.cleared |= value.place.map_or(0, |place| self.models(run.unit).known(place).clears);
                value.taints.push(taint);
            }
        }
        value
    }

    /// Whether a call reads what the program brings with it to make pages of: `(FOLDER / "index.html").read_text()`,
    /// or of a name that was given such a path.
    fn reads_template(&self, run: &Run<'p>, node: NodeId) -> bool {
        const ENDINGS: &[&str] = &[".html", ".htm", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".mustache", ".hbs"];
        let unit = self.unit(run.unit);
        let names_one = |node: NodeId| {
            let text = unit.written(node);
            let ends = |(at, _): (usize, &str)| ENDINGS.iter().any(|ending| text[..at].ends_with(ending));
            text.match_indices(['"', '\'']).any(ends)
        };
        let path = self.receiver_node(run, node);
        let is_name = |&path: &NodeId| unit.module.kind(path) == Kind::Name;
        let given = path.filter(is_name).map(|path| self.given_to(run, unit.module.text(path, unit.text)));
        self.is_python(run.unit) && (names_one(node) || given.into_iter().flatten().any(names_one))
    }

    /// A value as guards have shown it to be.
    pub(super) fn with_facts(&mut self, run: &Run<'p>, node: NodeId, mut value: Value<'p>) -> Value<'p> {
        if value.taints.is_empty() && value.object.is_none() {
            return value;
        }
        let unit = self.unit(run.unit);
        let text = unit.written(node);
        let mut cleared = shown_around(&run.frame, text);
        // Of an address that was taken apart, the host has no slash.
        if text.ends_with(".hostname") && self.went_through(run, node, &value, ADDRESSES, &[]) {
            cleared |= inside();
        }
        if cleared == 0 {
            return value;
        }
        value.clear(cleared);
        // `if (path.includes('__proto__')) throw ..`: none of the names of a path that is a list.
        if cleared & self.prototype_sinks() != 0
            && let Some(list) = value.object.map(|object| &self.objects[object as usize])
            && list.is_list
            && !list.items.is_empty()
        {
            let mut list = list.clone().into_inner();
            let names = cleared & self.prototype_sinks();
            list.items.iter_mut().chain([&mut list.rest]).for_each(|item| item.clear(names));
            value.object = Some(self.object(list));
        }
        // What something unknown was made of: `new URL(x)`.
        if let Some(object) = value.object.map(|object| &self.objects[object as usize])
            && object.is_opaque()
        {
            let mut rest = object.rest.clone();
            rest.clear(cleared);
            value.object = Some(self.object(Object { rest, ..Object::default() }));
        }
        match self.watch.is_some() {
            true => self.with_guard(run.unit, text, value, cleared),
            false => value,
        }
    }

    pub(super) fn binary(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let unit = self.unit(run.unit);
        let operator = unit.module.text(node, unit.text);
        let left = self.eval_child(run, node, 0);
        match operator {
            "and" | "&&" | "or" | "||" | "??" => {
                let (Some(first), Some(_)) = (unit.module.child(node, 0), unit.module.child(node, 1)) else {
                    return left;
                };
                let decides = match operator {
                    "and" | "&&" => Some(false),
                    "or" | "||" => Some(true),
                    _ => None,
                };
                if let (Some(truth), Some(decides)) = (left.truth(), decides) {
                    return if truth == decides { left } else { self.eval_child(run, node, 1) };
                }
                // The right side is asked only where the left one holds, or does not.
                let right = match decides {
                    Some(decides) => {
                        let way = self.fork(run, |engine, run| {
                            engine.refine(run, first, !decides);
                            engine.eval_child(run, node, 1)
                        });
                        way.value
                    }
                    None => self.eval_child(run, node, 1),
                };
                let mut value = left;
                value.join(&right);
                value
            }
            _ => {
                let right = self.eval_child(run, node, 1);
                if matches!(operator, "==" | "!=" | "===" | "!==") {
                    self.check_comparison(run, node, &left, &right);
                }
                let folded = fold::binary(operator, &left, &right, self.list_of(&right));
                let numeric = operator == "|" && matches!(right.constant, Some(Constant::Number(_)));
                if folded.constant.is_some() || numeric || fold::is_clean(operator) {
                    let mut value = folded;
                    if fold::is_arithmetic(operator) {
                        value.taint_with(&self.still_guessed(&left));
                        value.taint_with(&self.still_guessed(&right));
                    }
                    return value;
                }
                self.put_together_by(run.unit, operator, left, right)
            }
        }
    }

    /// The span of a node of a run's file.
    pub(super) fn span(&self, run: &Run<'p>, node: NodeId) -> Span {
        self.unit(run.unit).module.node(node).span
    }
}

/// What guards have shown of an expression where a run stands, and around its function as long as the name that it
/// starts with is the same there.
fn shown_around(frame: &Rc<Frame<'_>>, text: &str) -> SinkSet {
    let root = text.split(['.', '[', '(', '?', '!']).next().unwrap_or(text);
    let (mut frame, mut cleared) = (Some(frame), 0);
    while let Some(at) = frame {
        cleared |= at.facts.borrow().get(text).copied().unwrap_or(0);
        if at.vars.borrow().contains_key(root) {
            break;
        }
        frame = at.parent.as_ref();
    }
    cleared
}

/// Whether a call gives the same each time that it is made with a name that stands there: `request.args.get("next")`.
fn is_getter(module: &Module, text: &str, call: NodeId) -> bool {
    let [callee, key, ..] = *module.children(call) else { return false };
    module.kind(key) == Kind::Str
        && module.kind(callee) == Kind::Member
        && matches!(module.text(callee, text), "get" | "get_argument" | "get_query_argument" | "get_param")
}
