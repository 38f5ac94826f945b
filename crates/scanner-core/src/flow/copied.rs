//! Methods that a program copies from one object to another, name by name: how files hand on what others give, and how
//! older code builds classes.

use super::engine::{Engine, Run};
use super::value::{Callee, ObjectId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// Methods that are copied at most: more are a table, of which any is as good as the other.
const MAX_COPIED: usize = 200;

impl<'p> Engine<'p> {
    /// `for (const name in methods) to[name] = methods[name]`: they are the other object's as well, each by its name, which
    /// is not known where the loop runs; what others then ask for is.
    pub(super) fn copy_one_by_one(&mut self, run: &mut Run<'p>, target: NodeId, to: &Value<'p>, at: Option<NodeId>) {
        let module = self.unit(run.unit).module;
        let given = at.filter(|&at| module.kind(at) == Kind::Assign).and_then(|at| module.child(at, 1));
        let (Some(given), Some(key)) = (given, module.child(target, 1)) else { return };
        // `const method = methods[name]; .. to[name] = method`
        let element = match module.kind(given) {
            Kind::Name => self.given_before(run, given),
            _ => Some(given),
        };
        if let Some(element) = element {
            self.copy_methods(run, element, key, to);
        }
    }

    /// `Object.keys(from).forEach((name) => Object.defineProperty(exports, name, { get: () => from[name] }))`: how Babel
    /// writes `export * from "./x"`.
    pub(super) fn define_one_by_one(&mut self, run: &mut Run<'p>, to: &Value<'p>, key: NodeId, described: NodeId) {
        let module = self.unit(run.unit).module;
        let mut elements = module.subtree(described).filter(|&element| module.kind(element) == Kind::Index);
        if let Some(element) = elements.next() {
            self.copy_methods(run, element, key, to);
        }
    }

    /// Gives an object the methods of another, if `element` takes one by the same key after the other from it.
    fn copy_methods(&mut self, run: &mut Run<'p>, element: NodeId, key: NodeId, to: &Value<'p>) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let (Some(from), Some(name), Some(own)) = (module.child(element, 0), module.child(element, 1), to.object)
        else {
            return;
        };
        if module.kind(element) != Kind::Index
            || module.kind(name) != Kind::Name
            || module.kind(from) != Kind::Name
            || unit.written(name) != unit.written(key)
            || self.is_python(run.unit)
            || !self.is_listed(run, element)
        {
            return;
        }
        let from = self.eval(run, from);
        let Some(held) = self.held_by(&from).filter(|&held| held != own) else { return };
        let is_given = self.gives(run, own);
        let fields = &self.objects[held as usize].fields;
        let is_method = |member: &Value<'p>| !member.callees.is_empty() && member.constant.is_none();
        // Of options and tables of data some members are functions; which one of them holds after a copy is another matter.
        if fields.len() > MAX_COPIED || !is_given && !fields.values().all(is_method) {
            return;
        }
        let methods = fields.iter().filter(|(name, member)| &***name != "default" && is_method(member));
        let mut methods: Vec<(Rc<str>, Value<'p>)> =
            methods.map(|(name, method)| (Rc::clone(name), method.clone())).collect();
        methods.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (name, method) in methods {
            if !self.objects[own as usize].fields.contains_key(&name) {
                self.set_field(to, &name, method);
            }
        }
    }

    /// The object that a value is, or that a file gives.
    fn held_by(&mut self, value: &Value<'p>) -> Option<ObjectId> {
        let whole = value.callees.iter().find_map(|callee| match callee {
            Callee::Unit(unit) => Some(*unit),
            _ => None,
        });
        match whole {
            Some(unit) => self.top(unit).vars.borrow().get("exports").and_then(|own| own.object),
            None => value.object,
        }
    }

    /// Whether an object is what the file that runs gives: `exports`, `module.exports`.
    fn gives(&mut self, run: &Run<'p>, object: ObjectId) -> bool {
        let own = self.lookup(&run.frame, "exports").and_then(|own| own.object);
        let module = self.lookup(&run.frame, "module").and_then(|module| module.object);
        let whole = module.and_then(|module| self.objects[module as usize].fields.get("exports")?.object);
        [own, whole].contains(&Some(object))
    }
}
