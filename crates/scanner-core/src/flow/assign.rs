//! Gives values to names, fields, elements and patterns.

use super::callback::is_function;
use super::engine::{Engine, Run};
use super::model::{SinkSet, kinds};
use super::polluting::is_own_by;
use super::shared::Shared;
use super::value::{Callee, Constant, Note, Object, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

/// `object[key] = value`, as it is looked at before it is done.
#[derive(Clone, Copy)]
pub(super) struct Placed<'c, 'p> {
    /// `object[key]`,
    pub(super) target: NodeId,
    pub(super) object: &'c Value<'p>,
    pub(super) key: &'c Value<'p>,
    pub(super) value: &'c Value<'p>,
    /// and the whole assignment, if it is one.
    pub(super) at: Option<NodeId>,
}

impl Placed<'_, '_> {
    /// What is pointed at.
    pub(super) fn node(&self) -> NodeId {
        self.at.unwrap_or(self.target)
    }
}

impl<'p> Engine<'p> {
    pub(super) fn assignment(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let mut value = self.eval_child(run, node, 1);
        let Some(target) = module.child(node, 0) else { return value };
        if let Some(index) = module.child(node, 1).filter(|&made| module.kind(made) == Kind::Index)
            && self.is_python(run.unit)
            && let Some(alias) = self.alias_of_type(run, index)
        {
            value = alias;
        }
        let span = module.node(node).span;
        let value = self.declared(run, node, value);
        let value = self.hopped(value, run.unit, span, Note::Assigned);
        let declares = module.parent(node).is_some_and(|parent| matches!(module.kind(parent), Kind::Other(_)));
        self.give(run, target, value.clone(), Some(node), declares);
        if let Some(found) = module.child(node, 1) {
            self.found_by_own(run, target, found);
        }
        value
    }

    /// What the type of a variable says: `const handler: RequestHandler = ..` is called as that says, what is
    /// of no known type is of that.
    fn declared(&mut self, run: &Run<'p>, node: NodeId, value: Value<'p>) -> Value<'p> {
        if self.is_python(run.unit) || self.annotation(run.unit, node).is_none() {
            return value;
        }
        let frame = Rc::clone(&run.frame);
        if is_function(&value) {
            let place = self.type_of(run.unit, &frame, node).and_then(|named| named.place);
            let models = self.models(run.unit);
            if let Some(known) = place.map(|place| models.known(place))
                && let Some(parameters) = &known.calls().parameters
            {
                self.register(&value, parameters, None, known.calls().returned());
            }
            return value;
        }
        match value.place.is_none() && value.object.is_none() && value.callees.is_empty() && value.constant.is_none() {
            true => self.annotated(run.unit, &frame, node, value),
            false => value,
        }
    }

    /// `i++`, `--i`: gives a variable the next number, and what stands there the one or the other.
    pub(super) fn stepped(&mut self, run: &mut Run<'p>, node: NodeId, old: Value<'p>, by: i64) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let Some(target) = module.child(node, 0) else { return old };
        let next = match old.constant {
            Some(Constant::Number(number)) => number.checked_add(by).map(Constant::Number),
            _ => None,
        };
        let next = next.map(Value::constant).unwrap_or_default();
        self.give(run, target, next.clone(), Some(node), false);
        if module.node(target).span.start > module.node(node).span.start { next } else { old }
    }

    pub(super) fn augment(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let Some(target) = module.child(node, 0) else { return Value::default() };
        let old = self.eval(run, target);
        let mut added = self.eval_child(run, node, 1);
        if let Some(part) = module.child(node, 1) {
            self.name_in_sql(run, part, Some(&old), &mut added);
        }
        // `a ??= b` is one of the two.
        let value = match self.is_one_of_two(run.unit, node) {
            true => {
                let mut value = old;
                value.join(&added);
                value
            }
            false => self.put_together(&[old, added]),
        };
        let value = self.hopped(value, run.unit, module.node(node).span, Note::Assigned);
        self.give(run, target, value.clone(), Some(node), false);
        value
    }

    /// Whether an assignment keeps what there is, or sets something else: `a ??= b`.
    pub(super) fn is_one_of_two(&self, unit: u32, node: NodeId) -> bool {
        let file = self.unit(unit);
        let [target, value] = *file.module.children(node) else { return false };
        let between = file.module.node(target).span.end as usize..file.module.node(value).span.start as usize;
        let operator = file.text.get(between).unwrap_or_default().trim_start();
        file.module.kind(node) == Kind::Augment && ["??=", "||=", "&&="].iter().any(|one| operator.starts_with(one))
    }

    /// Gives a value to a parameter, a loop's name, a part of a pattern.
    pub(super) fn bind(&mut self, run: &mut Run<'p>, target: NodeId, value: Value<'p>, at: Option<NodeId>) {
        self.give(run, target, value, at, true);
    }

    pub(super) fn give(
        &mut self,
        run: &mut Run<'p>,
        target: NodeId,
        value: Value<'p>,
        at: Option<NodeId>,
        declares: bool,
    ) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(target) {
            Kind::Name => {
                let name = module.text(target, unit.text);
                self.check_secret(run, at.unwrap_or(target), name, &value);
                if !declares && self.check_global(run, at.unwrap_or(target), name, &value) {
                    return;
                }
                self.set_name(run, name, value, declares);
            }
            Kind::Member => {
                let object = self.eval_child(run, target, 0);
                let name = module.text(target, unit.text);
                if let Some(answer) = module.child(target, 0) {
                    self.note_kind(run, answer, name, &[&value]);
                }
                self.check_assigned(run, target, &object, name, &value, at);
                self.check_secret(run, at.unwrap_or(target), name, &value);
                self.handled(run, &object, name, &value);
                let mut value = value;
                // `url.pathname = x`: the host stays what it is.
                if matches!(name, "pathname" | "search" | "hash") && !self.is_python(run.unit) {
                    value.clear(kinds(&["redirect", "ssrf", "link"]));
                }
                self.share(run.unit, &object, name, &value);
                if !self.set_by_method(&object, name, &value) {
                    self.set_field(&object, name, value);
                }
            }
            Kind::Index => {
                let object = self.eval_child(run, target, 0);
                let key = self.eval_child(run, target, 1);
                if let Some(name) = key.text() {
                    self.share(run.unit, &object, name, &value);
                }
                let placed = Placed { target, object: &object, key: &key, value: &value, at };
                self.check_element(run, &placed);
                self.check_member(run, &placed);
                self.check_copied(run, &placed);
                self.check_secret_element(run, &placed);
                let is_new = value.object.is_some() && value.taints.is_empty() && !value.chosen;
                let mut value = value;
                // `copy[name] = from[name]`: what is found there by a name that was looked at is a member.
                if key.constant.is_none() && !key.taints.is_empty() {
                    (value.chosen, value.prototype) = (false, false);
                }
                self.set_element(&object, &key, value);
                if key.constant.is_none() && object.object.is_some() {
                    self.copy_one_by_one(run, target, &object, at);
                }
                self.note_chosen_name(run, &object, &key);
                // With `__proto__` as the key, that object is the prototype now.
                if is_new && key.constant.is_none() {
                    self.clear_fact(run, target, 1 << self.member_sink);
                    // What stands there now is the object's own, whatever stood there before.
                    self.note_own(run, self.unit(run.unit).written(target));
                }
            }
            Kind::Array => {
                for (index, &part) in module.children(target).iter().enumerate() {
                    if module.kind(part) == Kind::Spread {
                        let rest = self.elements(&value);
                        let rest = self.object(Object { rest, ..Object::default() });
                        let value = Value::object(rest);
                        if let Some(inner) = module.child(part, 0) {
                            self.give(run, inner, value, at, declares);
                        }
                        continue;
                    }
                    let key = Value::constant(Constant::Number(index as i64));
                    let mut item = self.element(run.unit, &value, &key);
                    if index > 0 {
                        self.cut(&mut item.taints);
                    }
                    let item = self.sourced(run, part, item);
                    self.give(run, part, item, at, declares);
                }
            }
            Kind::Object => {
                for &part in module.children(target) {
                    self.give_part(run, part, &value, at, declares);
                }
            }
            Kind::Param => {
                let mut value = value;
                if let Some(default) = module.child(target, 1) {
                    let other = self.eval(run, default);
                    value.join(&other);
                }
                if let Some(inner) = module.child(target, 0) {
                    self.give(run, inner, value, at, declares);
                }
            }
            Kind::Spread => {
                if let Some(inner) = module.child(target, 0) {
                    self.give(run, inner, value, at, declares);
                }
            }
            // `const x` of a loop, types around a name.
            Kind::Other(_) => {
                for &part in module.children(target) {
                    self.give(run, part, value.clone(), at, declares);
                }
            }
            _ => {}
        }
    }

    /// `{ a, b: c, d = 1, ...rest }`
    pub(super) fn give_part(
        &mut self,
        run: &mut Run<'p>,
        part: NodeId,
        value: &Value<'p>,
        at: Option<NodeId>,
        declares: bool,
    ) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let (name_node, target) = match module.kind(part) {
            Kind::Property => (module.child(part, 0), module.child(part, 1)),
            Kind::Param => (module.child(part, 0), Some(part)),
            Kind::Name => (Some(part), Some(part)),
            _ => (None, module.child(part, 0)),
        };
        let Some(target) = target else { return };
        let inner = match name_node {
            Some(name) => {
                let text = module.text(name, unit.text);
                let inner = self.member(run.unit, value, text);
                self.sourced_part(run, part, text, inner)
            }
            None => value.clone(),
        };
        self.give(run, target, inner, at, declares);
    }

    pub(super) fn set_name(&mut self, run: &mut Run<'p>, name: &'p str, value: Value<'p>, declares: bool) {
        self.led += u32::from(value.prototype);
        let start = |text: &Rc<str>| {
            text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        run.frame.facts.borrow_mut().retain(|text, _| !start(text) && !is_own_by(text, name));
        let outer = if self.is_python(run.unit) { run.frame.outer.borrow().contains(name) } else { !declares };
        if outer && !run.frame.vars.borrow().contains_key(name) {
            self.spill(&value);
            let mut frame = run.frame.parent.clone();
            let mut last = Rc::clone(&run.frame);
            while let Some(around) = frame {
                if around.parent.is_none() {
                    self.run_for_name(&around, name);
                }
                if let Some(own) = around.vars.borrow_mut().get_mut(name) {
                    // When it is called, and how often, is not known.
                    let bare =
                        |value: &Value<'p>| value.object.is_some_and(|object| self.objects[object as usize].bare);
                    if value.object.is_some() && bare(own) && !bare(&value) {
                        own.object = None;
                    }
                    own.join(&value);
                    return;
                }
                frame = around.parent.clone();
                last = around;
            }
            last.vars.borrow_mut().insert(name, value);
            return;
        }
        if !self.is_harmless(&value) {
            run.frame.tainted.update(|times| times + 1);
        }
        run.frame.vars.borrow_mut().insert(name, value);
    }

    pub(super) fn set_field(&mut self, object: &Value<'p>, name: &str, value: Value<'p>) {
        // What all instances of a class share.
        let class = object.callees.iter().find_map(|callee| match callee {
            Callee::Class(class) => Some(class.fields),
            _ => None,
        });
        if let Some(at) = object.object.or(class) {
            self.touch(at);
            self.spill_into(at, &value);
            self.objects[at as usize].fields.insert(name.into(), value);
        }
    }

    pub(super) fn set_element(&mut self, object: &Value<'p>, key: &Value<'p>, value: Value<'p>) {
        let Some(at) = object.object else { return };
        self.touch(at);
        match &key.constant {
            Some(Constant::Text(name)) => self.set_field(object, &Rc::clone(name), value),
            Some(Constant::Number(index)) => {
                let items = &mut self.objects[at as usize].items;
                match usize::try_from(*index).ok().and_then(|index| items.get_mut(index)) {
                    Some(item) => *item = value,
                    None => self.set_field(object, &index.to_string(), value),
                }
            }
            // `library[name] = copy[name]`: which of its members holds what is not known, and most are functions.
            _ if is_function(object) => {}
            _ => {
                self.spill_into(at, &value);
                self.objects[at as usize].rest.join(&value);
            }
        }
    }

    /// All that another object holds is put into one.
    pub(super) fn copy_into(&mut self, object: &Value<'p>, other: &Value<'p>) {
        let Some(to) = object.object else { return };
        self.touch(to);
        let held = other.object.map(|from| self.objects[from as usize].clone());
        let mut held = held.map(Shared::into_inner).unwrap_or_default();
        held.rest.taint_with(&other.taints);
        self.spill_into(to, &held.rest);
        for (name, value) in held.fields {
            self.set_field(object, &name, value);
        }
        let own = &mut self.objects[to as usize];
        if own.is_list {
            own.items.extend(held.items);
        } else {
            held.items.iter().for_each(|item| own.rest.join(item));
        }
        own.rest.join(&held.rest);
    }

    /// `location = address`, `onmessage = (event) => ..`: a name that is the platform's, not the program's.
    fn check_global(&mut self, run: &Run<'p>, node: NodeId, name: &str, value: &Value<'p>) -> bool {
        if self.is_python(run.unit) || self.lookup(&run.frame, name).is_some() {
            return false;
        }
        let models = self.models(run.unit);
        let Some(known) = models.root(name).map(|place| models.known(place)) else { return false };
        if let Some(parameters) = known.calls().parameters.as_ref().filter(|_| is_function(value)) {
            self.register(value, parameters, None, None);
        }
        let taints = self.all_taints(value);
        self.report_all(run.unit, node, known.assigned, &taints, false);
        known.assigned != 0
    }

    /// `window.onmessage = (event) => ..`, `client.on_message = listen`: a function that is called as others that are
    /// registered.
    pub(super) fn handled(&mut self, run: &Run<'p>, object: &Value<'p>, name: &str, value: &Value<'p>) {
        if !is_function(value) {
            return;
        }
        let models = self.models(run.unit);
        let place = object.place.and_then(|place| models.member(place, name));
        let known = place.and_then(|place| models.known(place).calls().parameters.as_ref());
        let any = || models.any_parameters.get(name)?.iter().find(|(conditions, _)| conditions.is_empty());
        if let Some(parameters) = known.or_else(|| Some(&any()?.1)) {
            self.register(value, parameters, None, None);
        }
    }

    pub(super) fn report_all(&mut self, unit: u32, node: NodeId, kinds: SinkSet, taints: &[Taint], guessed: bool) {
        for kind in (0..64).filter(|kind| kinds >> kind & 1 == 1) {
            self.report(unit, node, kind, taints, guessed);
        }
    }

    pub(super) fn check_assigned(
        &mut self,
        run: &Run<'p>,
        target: NodeId,
        object: &Value<'p>,
        name: &str,
        value: &Value<'p>,
        at: Option<NodeId>,
    ) {
        let taints = self.all_taints(value);
        if taints.is_empty() && self.watch.is_none() {
            return;
        }
        let models = self.models(run.unit);
        let node = at.unwrap_or(target);
        if let Some(place) = object.place.and_then(|place| models.member(place, name)) {
            let kinds = self.report_kept(run.unit, node, models.known(place).assigned, &taints, Some(name), false);
            // `ctx.body = { name }` goes out as JSON.
            let answer = self.unit(run.unit).module.child(target, 0);
            let holder = object.place.map(|place| models.known(place));
            let plain = answer.is_some_and(|answer| {
                self.is_plain(run, answer) || holder.is_some_and(|known| known.plain) && !self.is_said_html(run, answer)
            });
            let html = if plain { 0 } else { 1 << self.html & kinds };
            let shown = self.shown_of(value);
            self.report_all(run.unit, node, html, &shown, false);
            self.report_all(run.unit, node, kinds & !(1 << self.html), &taints, false);
        } else if let Some(&kinds) = models.any_assigned.get(name) {
            self.report_all(run.unit, node, kinds, &taints, object.place.is_none());
        }
    }

    /// Notes what a session keeps, under a name if that is known, and gives the kinds of sink that are left. What
    /// visitors say of themselves is theirs to choose, unless the name is `chosen` by them.
    fn report_kept(
        &mut self,
        unit: UnitId,
        node: NodeId,
        kinds: SinkSet,
        taints: &[Taint],
        name: Option<&str>,
        chosen: bool,
    ) -> SinkSet {
        if !name.is_some_and(is_way_back) {
            let guessed = !chosen && !name.is_some_and(says_who);
            self.report_all(unit, node, kinds & trust_boundary(), taints, guessed);
        }
        kinds & !trust_boundary()
    }

    fn check_element(&mut self, run: &Run<'p>, placed: &Placed<'_, 'p>) {
        let Placed { target, object, key, value, at } = *placed;
        let mut taints = self.all_taints(value);
        taints.extend(self.all_taints(key));
        let models = self.models(run.unit);
        if let Some(place) = object.place.and_then(|place| models.element(place)).filter(|_| !taints.is_empty()) {
            let (kinds, chosen) = (models.known(place).assigned, !self.all_taints(key).is_empty());
            let left = self.report_kept(run.unit, placed.node(), kinds, &taints, key.text(), chosen);
            self.report_all(run.unit, placed.node(), left, &taints, false);
        }
        if let Some(name) = key.text() {
            self.check_assigned(run, target, object, name, value, at);
        }
    }
}

/// Whether a member of a session keeps where a visitor came from, or what they like to see.
fn is_way_back(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "return", "redirect", "url", "referer", "referrer", "next", "back", "flash", "lang", "locale", "theme", "csrf",
    ];
    words::has_one(name, WORDS)
}

/// Whether a member of a session says who a visitor is or what they may do: much else
/// is theirs to choose.
fn says_who(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "user",
        "username",
        "userid",
        "uid",
        "login",
        "logged",
        "account",
        "email",
        "admin",
        "role",
        "roles",
        "auth",
        "authenticated",
        "authorized",
        "permission",
        "permissions",
        "group",
        "groups",
        "scope",
        "scopes",
        "tenant",
        "org",
        "organization",
        "owner",
        "identity",
        "profile",
        "member",
        "customer",
        "trusted",
        "verified",
    ];
    words::has_one(name, WORDS)
}

fn trust_boundary() -> SinkSet {
    kinds(&["trust-boundary"])
}
