//! Names that a program took from an object itself: what stands there by them is its own, never what all objects have.

use super::engine::{Engine, Run};
use crate::ir::{Kind, NodeId};

/// Nodes before a name among which is looked for what it was given.
const MAX_BEFORE: NodeId = 400;
/// How many steps lead from a name to the list that it was taken from.
const STEPS: usize = 4;

impl<'p> Engine<'p> {
    /// Whether the key of `object[name]` is one of the names that the object has: `for (const name in object)`,
    /// `Object.keys(object).forEach((name) => ..)`, `const name = names[i]` of those.
    pub(super) fn is_listed(&self, run: &Run<'p>, element: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let (Some(object), Some(key)) = (module.child(element, 0), module.child(element, 1)) else { return false };
        if module.kind(key) != Kind::Name {
            return false;
        }
        let (object, name) = (unit.written(object), module.text(key, unit.text));
        for around in module.ancestors(element) {
            match module.kind(around) {
                Kind::Loop => {
                    let bind = module.child(around, 0).filter(|&bind| module.kind(bind) == Kind::Bind);
                    if let Some(bind) = bind.filter(|&bind| self.names_in(run, bind) == Some(name)) {
                        return match (module.child(bind, 1), module.text(bind, unit.text)) {
                            (Some(list), "") => self.lists_names(run, list, object, STEPS),
                            (Some(list), _) => unit.written(list) == object || self.still_is(run, list, object),
                            _ => false,
                        };
                    }
                }
                Kind::Function => {
                    let names = self.parameter_names(run.unit, around);
                    if names.first() == Some(&name) {
                        return self.goes_through_names(run, around, object);
                    }
                    if names.contains(&name) {
                        return false;
                    }
                }
                _ => {}
            }
        }
        // `const name = names[i]`
        let taken = self.given_before(run, key).filter(|&taken| module.kind(taken) == Kind::Index);
        let list = taken.and_then(|taken| module.child(taken, 0));
        list.is_some_and(|list| self.lists_names(run, list, object, STEPS))
    }

    /// `const parent = object; for (const name in parent)`: a name still is the object that it was given.
    fn still_is(&self, run: &Run<'p>, name: NodeId, object: &str) -> bool {
        let unit = self.unit(run.unit);
        if unit.module.kind(name) != Kind::Name {
            return false;
        }
        let given = self.given_before(run, name).filter(|&given| unit.written(given) == object);
        // Nothing was given to the object itself since.
        given.is_some_and(|given| self.given_before(run, given) == self.given_to_name_before(run, object, name))
    }

    /// The one name that a loop binds.
    pub(super) fn names_in(&self, run: &Run<'p>, bind: NodeId) -> Option<&'p str> {
        let unit = self.unit(run.unit);
        let mut target = unit.module.child(bind, 0)?;
        while matches!(unit.module.kind(target), Kind::Other(_)) {
            target = unit.module.child(target, 0)?;
        }
        match unit.module.kind(target) {
            Kind::Assign => unit.module.child(target, 0).map(|name| unit.module.text(name, unit.text)),
            _ => Some(unit.module.text(target, unit.text)),
        }
    }

    /// Whether a function is called for each of an object's names.
    fn goes_through_names(&self, run: &Run<'p>, function: NodeId, object: &str) -> bool {
        const METHODS: &[&str] = &["forEach", "map", "filter", "some", "every", "flatMap"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        let call = module.parent(function).filter(|&call| module.kind(call) == Kind::Call);
        let callee = call.and_then(|call| module.child(call, 0)).filter(|&callee| callee != function);
        let list = callee.filter(|&callee| METHODS.contains(&module.text(callee, unit.text)));
        list.and_then(|list| module.child(list, 0)).is_some_and(|list| self.lists_names(run, list, object, STEPS))
    }

    /// Whether a list is one of an object's names: `Object.keys(object)`, sorted or only some of them, or a name for that.
    fn lists_names(&self, run: &Run<'p>, list: NodeId, object: &str, steps: usize) -> bool {
        const LISTS: &[&str] = &["keys", "getOwnPropertyNames", "ownKeys"];
        const SAME: &[&str] = &["filter", "sort", "reverse", "slice"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(list) {
            _ if steps == 0 => false,
            Kind::Name => {
                self.given_before(run, list).is_some_and(|given| self.lists_names(run, given, object, steps - 1))
            }
            Kind::Call => {
                let Some(callee) = module.child(list, 0) else { return false };
                let name = module.text(callee, unit.text);
                if SAME.contains(&name) {
                    let inner = module.child(callee, 0);
                    return inner.is_some_and(|inner| self.lists_names(run, inner, object, steps - 1));
                }
                LISTS.contains(&name) && module.child(list, 1).is_some_and(|of| unit.written(of) == object)
            }
            _ => false,
        }
    }

    /// What a name was last given before in its function.
    pub(super) fn given_before(&self, run: &Run<'p>, name: NodeId) -> Option<NodeId> {
        let unit = self.unit(run.unit);
        self.given_to_name_before(run, unit.module.text(name, unit.text), name)
    }

    /// What a name was last given before a node in its function.
    fn given_to_name_before(&self, run: &Run<'p>, wanted: &str, name: NodeId) -> Option<NodeId> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let function = module.ancestors(name).find(|&around| module.kind(around) == Kind::Function);
        let start = function.map_or(0, |function| module.node(function).first);
        let nearest = name.saturating_sub(MAX_BEFORE).max(start);
        let gives = |&id: &NodeId| {
            module.kind(id) == Kind::Assign
                && module
                    .child(id, 0)
                    .is_some_and(|target| module.kind(target) == Kind::Name && module.text(target, unit.text) == wanted)
        };
        module.child((nearest..name).rev().find(gives)?, 1)
    }
}
