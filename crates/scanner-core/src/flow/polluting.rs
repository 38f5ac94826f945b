//! Names from outside that lead to the prototype of all objects: where they are looked up, and where what they chose is
//! given members.

use super::assign::Placed;
use super::call::Given;
use super::engine::{Engine, Run};
use super::guard::{OWN, PROTOTYPE_NAMES, own_fact};
use super::model::SinkSet;
use super::value::{Callee, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::language::Family;
use crate::language::literal::string;

impl<'p> Engine<'p> {
    /// The kinds of sink that a name is clean for that leads to no prototype.
    pub(super) fn prototype_sinks(&self) -> SinkSet {
        1 << self.member_sink | 1 << self.constructor
    }

    /// Whether in `object[key]` a name from outside chooses among the members of an object, those of its prototype
    /// too; `written` is how the key stands there.
    pub(super) fn chooses(&self, run: &Run<'p>, written: Option<NodeId>, object: &Value<'p>, key: &Value<'p>) -> bool {
        let bare = object.object.is_some_and(|object| self.objects[object as usize].bare);
        // A path of names may go by `constructor.prototype` as well.
        let both = self.prototype_sinks();
        let reaches = |taint: &Taint| {
            taint.cleared >> self.member_sink & 1 == 0 || taint.cleared & both != both && self.leads_through_functions()
        };
        key.constant.is_none()
            && !bare
            && object.constant.is_none()
            && key.taints.iter().any(reaches)
            && !written.is_some_and(|written| self.is_spelled_apart(run, written))
    }

    /// Notes of `object[key]` whether a name from outside chose it, and may have chosen the prototype.
    pub(super) fn choose_member(
        &self,
        run: &Run<'p>,
        (written, key): (Option<NodeId>, &Value<'p>),
        object: &Value<'p>,
        value: &mut Value<'p>,
    ) {
        let chooses = self.chooses(run, written, object, key);
        let is_free = |taint: &Taint| taint.cleared >> self.member_sink & 1 == 0;
        value.prototype |= chooses && (object.chosen || key.taints.iter().any(is_free));
        value.chosen |= chooses;
    }

    /// `Reflect.get(object, key)`
    pub(super) fn reflected(
        &mut self,
        run: &Run<'p>,
        node: NodeId,
        name: &str,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let [object, key, ..] = given else { return None };
        if name != "get" || self.is_python(run.unit) || !self.is_of_object(run, node) {
            return None;
        }
        let mut value = self.element(run.unit, &object.value, &key.value);
        self.choose_member(run, (Some(key.node), &key.value), &object.value, &mut value);
        Some(value)
    }

    /// Whether a name comes from outside, whatever it was shown not to be: of what all objects have, each member is
    /// as bad as the other.
    fn is_any_name(&self, run: &Run<'p>, written: Option<NodeId>, key: &Value<'p>) -> bool {
        key.constant.is_none()
            && key.taints.iter().any(|taint| taint.cleared != SinkSet::MAX)
            && !written.is_some_and(|written| self.is_spelled_apart(run, written))
    }

    /// Whether a node is the name of what the function that runs was given: who calls itself has looked at each name.
    fn is_parameter(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let name = unit.module.text(node, unit.text);
        let function = self.stack.last().map(|&(unit, function, _)| self.parameter_names(unit, function));
        unit.module.kind(node) == Kind::Name && function.is_some_and(|names| names.contains(&name))
    }

    /// `object["$" + name]`: the key of an element is none of the names that lead to the prototype.
    fn is_spelled_apart(&self, run: &Run<'p>, key: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        matches!(module.kind(key), Kind::Template | Kind::Concat)
            && module.children(key).iter().any(|&part| {
                module.kind(part) == Kind::Str
                    && is_no_part_of_prototypes(&string(module, part, unit.text, Family::JavaScript))
            })
    }

    /// Whether names lead through functions: what they lead to is never asked for its type by who goes along them, or may
    /// be a function as well.
    fn leads_through_functions(&self) -> bool {
        const TYPES: &[&str] =
            &["instanceof", "isObj", "isPlain", "isMerg", "is.obj", "is.plain", "toString.call", "kindOf", "ype("];
        let text = |&(unit, node, _): &(UnitId, NodeId, bool)| {
            let unit = self.unit(unit);
            unit.written(node)
        };
        let mut asking = self
            .stack
            .iter()
            .rev()
            .map(text)
            .filter(|text| asks_for_objects(text) || TYPES.iter().any(|name| text.contains(name)));
        let unit = self.unit(self.stack.last().map_or(self.root, |(unit, ..)| *unit));
        match asking.next() {
            Some(asks) => takes_both(asks) || lets_functions_through(unit.text),
            None => true,
        }
    }

    /// `object !== Object.prototype`: what a name from outside has led to is not what all objects have.
    pub(super) fn is_no_prototype(&self, run: &Run<'p>, object: NodeId, prototype: NodeId) {
        const PROTOTYPES: &[&str] = &[
            "Object.prototype",
            "Object.getPrototypeOf({})",
            "Reflect.getPrototypeOf({})",
            "{}.__proto__",
            "({}).__proto__",
        ];
        let unit = self.unit(run.unit);
        if unit.module.kind(object) != Kind::Name || !PROTOTYPES.contains(&unit.written(prototype)) {
            return;
        }
        if let Some(value) = run.frame.vars.borrow_mut().get_mut(unit.written(object)) {
            (value.chosen, value.prototype) = (false, false);
        }
    }

    /// Whether a guard has shown that a member is one of the object itself.
    pub(super) fn is_own(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let facts = run.frame.facts.borrow();
        let shown = facts.get(&*own_fact(unit.written(node)));
        shown.is_some_and(|cleared| cleared >> self.member_sink & 1 == 1)
    }

    /// `Object.keys(object).indexOf(key) !== -1`, `Object.keys(object).includes(key)`: `object[key]` is the object's own.
    pub(super) fn is_listed_name(&self, run: &Run<'p>, list: NodeId, key: NodeId) -> bool {
        const LISTS: &[&str] = &["keys", "getOwnPropertyNames"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        let &[callee, object] = module.children(list) else { return false };
        if module.kind(list) != Kind::Call
            || !LISTS.contains(&module.text(callee, unit.text))
            || self.is_python(run.unit)
        {
            return false;
        }
        self.note_own(run, &format!("{}[{}]", unit.written(object), unit.written(key)));
        true
    }

    /// Notes that a member, as it is written, is the object's own.
    pub(super) fn note_own(&self, run: &Run<'p>, member: &str) {
        *run.frame.facts.borrow_mut().entry(own_fact(member).into()).or_default() |= 1 << self.member_sink;
    }

    /// `const one = list.find((one) => Object.hasOwn(one, key))`: `one[key]` is its own.
    pub(super) fn found_by_own(&self, run: &Run<'p>, target: NodeId, found: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let text = |node: NodeId| unit.written(node);
        let (Some(callee), Some(test)) = (module.child(found, 0), module.child(found, 1)) else { return };
        if module.kind(found) != Kind::Call
            || module.kind(test) != Kind::Function
            || module.text(callee, unit.text) != "find"
            || self.is_python(run.unit)
        {
            return;
        }
        let one = self.parameter_names(run.unit, test).first().copied().unwrap_or_default();
        let key = module.subtree(test).find_map(|call| {
            let &[asks, ref given @ ..] = module.children(call) else { return None };
            let is_call = module.kind(call) == Kind::Call && text(asks).contains("hasOwn");
            match *given {
                [key] if text(asks) == format!("{one}.hasOwnProperty") => Some(key),
                [owner, key] if text(owner) == one => Some(key),
                _ => None,
            }
            .filter(|_| is_call)
        });
        if let Some(key) = key {
            self.note_own(run, &format!("{}[{}]", text(target), text(key)));
        }
    }

    /// `object[name][other] = value`: with `__proto__` as the name, a member of all objects is set.
    pub(super) fn check_member(&mut self, run: &Run<'p>, placed: &Placed<'_, 'p>) {
        let Placed { target, object, key, value, at } = *placed;
        if !object.chosen || at.is_some_and(|at| self.is_one_of_two(run.unit, at)) {
            return;
        }
        let unit = self.unit(run.unit);
        let module = unit.module;
        let set = Set {
            node: placed.node(),
            element: unit.written(target).into(),
            object: (module.child(target, 0), object),
            key: (module.child(target, 1), key),
            value: (at.and_then(|at| module.child(at, 1)), value),
        };
        self.check_set(run, &set);
    }

    /// `copy[name] = clone(from[name])`, done by `clone` itself: with `__proto__` as the name, the copy gets what its
    /// sender says all objects have.
    pub(super) fn check_copied(&mut self, run: &mut Run<'p>, placed: &Placed<'_, 'p>) {
        let Placed { target, object, key, at, .. } = *placed;
        let module = self.unit(run.unit).module;
        if let (Some(written), Some(given)) = (module.child(target, 1), at.and_then(|at| module.child(at, 1))) {
            self.check_copy(run, placed.node(), object, (written, key), given);
        }
    }

    fn check_copy(
        &mut self,
        run: &mut Run<'p>,
        node: NodeId,
        object: &Value<'p>,
        (written, key): (NodeId, &Value<'p>),
        given: NodeId,
    ) {
        let module = self.unit(run.unit).module;
        let is_own = object.object.is_some_and(|id| {
            let held = &self.objects[id as usize];
            held.class.is_none() && held.prototype.is_none() && object.callees.is_empty()
        });
        let member = self.member_sink;
        let is_free = |taint: &Taint| taint.cleared >> member & 1 == 0;
        if object.chosen
            || !is_own
            || !key.taints.iter().any(is_free)
            || self.is_python(run.unit)
            || !self.chooses(run, Some(written), object, key)
            || matches!(self.unit(run.unit).written(written), "index" | "idx" | "i" | "j")
        {
            return;
        }
        // `const copied = clone(from[name]); .. copy[name] = copied`
        let given = match module.kind(given) {
            Kind::Name => self.given_before(run, given).unwrap_or(given),
            _ => given,
        };
        let ways = match module.kind(given) {
            Kind::If => module.children(given)[1..].to_vec(),
            _ => vec![given],
        };
        let calls = ways.into_iter().filter(|&way| module.kind(way) == Kind::Call);
        let callees: Vec<NodeId> = calls.filter_map(|call| module.child(call, 0)).collect();
        for callee in callees {
            let called = self.eval(run, callee);
            let is_around = |callee: &Callee<'p>| match callee {
                Callee::Function(function) => {
                    self.stack.iter().any(|&(unit, node, _)| (unit, node) == (function.unit, function.node))
                }
                _ => false,
            };
            if called.callees.iter().any(is_around) {
                let taints: Vec<Taint> = key.taints.iter().filter(|taint| is_free(taint)).cloned().collect();
                return self.report(run.unit, node, self.own_prototype, &taints, false);
            }
        }
    }

    /// The same by a call: `Object.defineProperty(object, key, described)`, `Reflect.set(object, key, value)`,
    /// `Object.assign(object, { [key]: value })`, `Object.assign(object, other)`.
    pub(super) fn check_set_by_call(&mut self, run: &mut Run<'p>, node: NodeId, name: &str, given: &[Given<'p>]) {
        let Some((first, others)) = given.split_first() else { return };
        if name == "assign" && !first.value.chosen && self.is_of_object(run, node) {
            return self.check_assigned_copy(run, node, &first.value, others);
        }
        if !matches!(name, "defineProperty" | "set" | "assign") || !first.value.chosen || !self.is_of_object(run, node)
        {
            return;
        }
        let unit = self.unit(run.unit);
        let module = unit.module;
        let text = |node: NodeId| unit.written(node);
        let object = (Some(first.node), &first.value);
        let element = |key: NodeId| format!("{}[{}]", text(first.node), text(key));
        if let ("defineProperty" | "set", [key, value, ..]) = (name, others) {
            let value = (Some(value.node), &value.value);
            let (element, key) = (element(key.node), (Some(key.node), &key.value));
            return self.check_set(run, &Set { node, element, object, key, value });
        }
        for other in others.iter().filter(|_| name == "assign") {
            // Of a member that is copied once, who names it mostly is who sets the program up.
            if self.again && !other.value.taints.is_empty() && other.value.object.is_none() {
                let (element, value) = (String::new(), (None, &other.value));
                self.check_set(run, &Set { node, element, object, key: value, value });
            }
            let parts = module.children(other.node).iter().copied().filter(|_| module.kind(other.node) == Kind::Object);
            for part in parts.filter(|&part| module.kind(part) == Kind::Property) {
                let (key, value) = (self.eval_child(run, part, 0), self.eval_child(run, part, 1));
                let element = module.child(part, 0).map(element).unwrap_or_default();
                let (key, value) = ((module.child(part, 0), &key), (module.child(part, 1), &value));
                self.check_set(run, &Set { node, element, object, key, value });
            }
        }
    }

    /// `Object.assign(copy, { [name]: clone(from[name]) })`
    fn check_assigned_copy(&mut self, run: &mut Run<'p>, node: NodeId, copy: &Value<'p>, others: &[Given<'p>]) {
        let module = self.unit(run.unit).module;
        let parts = others.iter().filter(|other| module.kind(other.node) == Kind::Object);
        for &part in parts.flat_map(|other| module.children(other.node)) {
            let (Some(written), Some(given)) = (module.child(part, 0), module.child(part, 1)) else { continue };
            if module.kind(part) == Kind::Property && module.kind(given) == Kind::Call {
                let key = self.eval(run, written);
                self.check_copy(run, node, copy, (written, &key), given);
            }
        }
    }

    /// Looks at what is set, in an object that a name from outside chose.
    fn check_set(&mut self, run: &Run<'p>, set: &Set<'_, 'p>) {
        let Set { object: (object_node, object), key: (key_node, key), value: (given, value), .. } = *set;
        if self.is_python(run.unit)
            || !object.prototype && !self.again
            || !self.is_any_name(run, key_node, key)
            || object_node.is_some_and(|node| self.is_parameter(run, node)) && !self.chooses(run, key_node, object, key)
        {
            return;
        }
        let unit = self.unit(run.unit);
        let module = unit.module;
        // `o[k] = o[k] || {}`, `o[k] = copy(o[k])`: what there is comes back.
        let same = |id| module.kind(id) == Kind::Index && unit.written(id) == set.element;
        let keeps = |given: NodeId| module.subtree(given).any(same);
        // `o[k] = isObject(v) ? merge(o[k], v) : v`: one way keeps nothing.
        let kept = given.is_some_and(|given| match module.kind(given) {
            // `o[k] = change(o[k])`, where callers say what is done with it.
            Kind::Call if module.child(given, 0).is_some_and(|callee| self.is_parameter(run, callee)) => false,
            Kind::If => module.children(given)[1..].iter().all(|&way| keeps(way)),
            _ => keeps(given),
        });
        if !kept {
            let mut taints = key.taints.clone();
            taints.iter_mut().for_each(|taint| taint.cleared &= !self.prototype_sinks());
            // What is the same whoever calls it may be a mark that is set for each name, what is empty is filled later.
            let guessed = self.all_taints(value).is_empty();
            let is_empty = |given: NodeId| {
                matches!(module.kind(given), Kind::Object | Kind::Array) && module.children(given).is_empty()
            };
            if guessed && given.is_some_and(is_empty) {
                return;
            }
            self.report(run.unit, set.node, self.member_sink, &taints, guessed);
        }
    }
}

/// A member that is given a value, however that is written.
struct Set<'c, 'p> {
    /// What is pointed at.
    node: NodeId,
    /// `object[key]`, as it is or would be written.
    element: String,
    object: (Option<NodeId>, &'c Value<'p>),
    key: (Option<NodeId>, &'c Value<'p>),
    value: (Option<NodeId>, &'c Value<'p>),
}

/// Whether a fact says of `object[key]` that it is the object's own, and a name is one of the two.
pub(super) fn is_own_by(fact: &str, name: &str) -> bool {
    fact.strip_prefix(OWN)
        .and_then(|member| member.strip_suffix(']')?.split_once('['))
        .is_some_and(|(object, key)| object == name || key == name)
}

/// Whether no name that holds this text is that of a prototype.
fn is_no_part_of_prototypes(text: &str) -> bool {
    !text.is_empty() && PROTOTYPE_NAMES.iter().all(|name| !name.contains(text))
}

/// Whether what a file takes for an object may be a function, as `constructor` is.
fn lets_functions_through(text: &str) -> bool {
    /// Bytes of a test of types.
    const TEST: usize = 200;
    let is_made = |at: usize, rest: &str| {
        text[..at].ends_with("function ") || rest.trim_start_matches(char::is_alphabetic).trim_start().starts_with('=')
    };
    let admits = |(at, _): (usize, &str)| {
        let rest = &text[at..];
        let end = (0..=TEST.min(rest.len())).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(0);
        let test = rest[..end].split("\n}").next().unwrap_or_default();
        is_made(at, rest) && (test.contains("'function'") || test.contains("\"function\""))
    };
    text.contains("is-extendable") || text.match_indices("isObject").any(admits)
}

/// Whether something is asked for its type, but whether it is there or a text: `typeof x === 'object'`.
fn asks_for_objects(text: &str) -> bool {
    /// Bytes between the question and the answer.
    const NEAR: usize = 60;
    const OTHERS: &[&str] = &["undefined", "string", "number", "boolean", "symbol", "bigint"];
    let is_quote = |letter: char| matches!(letter, '"' | '\'' | '`');
    text.match_indices("typeof").any(|(at, asked)| {
        let before = text[..at].trim_end().trim_end_matches(['=', '!']).trim_end();
        let literal = before.strip_suffix(is_quote).and_then(|before| before.rsplit(is_quote).next());
        let rest = &text[at + asked.len()..];
        let end = (0..=NEAR.min(rest.len())).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(0);
        let literal = literal.or_else(|| rest[..end].split(is_quote).nth(1));
        literal.is_none_or(|literal| !OTHERS.contains(&literal))
    })
}

/// Whether a function goes down into objects and functions alike: `typeof x === 'object' || typeof x === 'function'`.
fn takes_both(text: &str) -> bool {
    /// Bytes between the two.
    const NEAR: usize = 80;
    let operand = |before: &'_ str| {
        before.rsplit_once("typeof ").map(|(_, rest)| rest.trim_end_matches([' ', '=', '!']).to_owned())
    };
    ["'object'", "\"object\""].iter().any(|object| {
        text.match_indices(object).any(|(at, _)| {
            let rest = &text[at + object.len()..];
            let end = (0..=NEAR.min(rest.len())).rev().find(|&end| rest.is_char_boundary(end)).unwrap_or(0);
            let asked = operand(&text[..at]);
            let function = rest[..end].find("'function'").or_else(|| rest[..end].find("\"function\""));
            asked.is_some() && function.is_some_and(|at| operand(&rest[..at]) == asked)
        })
    })
}
