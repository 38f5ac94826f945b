//! What is shown of each element of a list, one after the other: by a loop that is left where one is refused, by a
//! function that throws then or that says which are kept.

use super::engine::{Engine, Run};
use super::model::SinkSet;
use super::value::{Callee, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// A loop over all elements of a list.
pub(super) struct Each {
    /// The list.
    list: NodeId,
    /// How an element is written in the loop: `part`, `parts[i]`.
    elements: Vec<Rc<str>>,
    /// What is done with each.
    pub(super) body: NodeId,
    /// What the loop has shown of each element.
    pub(super) shown: SinkSet,
}

impl<'p> Engine<'p> {
    /// The list that a loop goes through from its start to its end, if nothing but a refusal ends it.
    pub(super) fn goes_through_all(&self, run: &Run<'p>, node: NodeId) -> Option<Each> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let &[head, body, ..] = module.children(node) else { return None };
        let is_text = |kind: Kind| matches!(kind, Kind::Name | Kind::Member);
        let (list, element) = match module.kind(head) {
            Kind::Bind if module.text(head, unit.text).is_empty() => {
                (module.child(head, 1)?, self.names_in(run, head)?.to_owned())
            }
            Kind::Binary if module.text(head, unit.text) == "<" => {
                let (index, end) = (module.child(head, 0)?, module.child(head, 1)?);
                let length = if module.kind(end) == Kind::Name { self.given_before(run, end)? } else { end };
                let start =
                    module.parent(node).and_then(|parent| module.child(parent, 0)).filter(|&start| start != node);
                let from_start = start.is_some_and(|start| unit.written(start).contains("= 0"));
                let list = module.child(length, 0).filter(|_| {
                    from_start && module.kind(length) == Kind::Member && module.text(length, unit.text) == "length"
                })?;
                (list, format!("{}[{}]", unit.written(list), unit.written(index)))
            }
            _ => return None,
        };
        if !is_text(module.kind(list)) || module.subtree(node).any(|inner| module.kind(inner) == Kind::Leave) {
            return None;
        }
        let mut elements: Vec<Rc<str>> = vec![element.as_str().into()];
        // `const part = parts[i]`
        for given in module.subtree(body).filter(|&id| module.kind(id) == Kind::Assign) {
            if let &[name, value] = module.children(given)
                && module.kind(name) == Kind::Name
                && unit.written(value) == element
            {
                elements.push(module.text(name, unit.text).into());
            }
        }
        // What is given another value is no element any more.
        let given = |name: &Rc<str>| {
            let gives = |&id: &NodeId| {
                matches!(module.kind(id), Kind::Assign | Kind::Augment)
                    && module.child(id, 0).is_some_and(|target| unit.written(target) == &**name)
            };
            module.subtree(body).filter(gives).count()
        };
        let once = usize::from(module.kind(head) == Kind::Binary);
        elements.retain(|name| given(name) <= if name.ends_with(']') { 0 } else { once });
        Some(Each { list, elements, body, shown: 0 })
    }

    /// `names[at++]`: what was shown of `names[at]`, before the step.
    pub(super) fn shown_before_step(&self, run: &Run<'p>, element: NodeId) -> SinkSet {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let steps = |&key: &NodeId| {
            module.kind(key) == Kind::Unary
                && module.text(key, unit.text) == "++"
                && !unit.written(key).starts_with("++")
        };
        let key = module.child(element, 1).filter(steps).and_then(|key| module.child(key, 0));
        let (Some(list), Some(key)) = (module.child(element, 0), key) else { return 0 };
        let written = format!("{}[{}]", unit.written(list), unit.written(key));
        run.frame.facts.borrow().get(written.as_str()).copied().unwrap_or(0)
    }

    /// Notes what a round has shown of its element, once its body went through.
    pub(super) fn note_element(&self, run: &Run<'p>, each: &mut Each) {
        let facts = run.frame.facts.borrow();
        let shown = each.elements.iter().map(|element| facts.get(element).copied().unwrap_or(0));
        each.shown = shown.fold(0, |all, shown| all | shown);
    }

    /// What each round has shown of its element holds of the list, now that the loop is over.
    pub(super) fn shown_of_list(&mut self, run: &Run<'p>, each: &Each) {
        if each.shown != 0 {
            self.clear_fact(run, each.list, each.shown);
        }
    }

    /// `parts.forEach((part) => { if (refused(part)) throw .. })`: the function came back from each of them.
    pub(super) fn came_back_from_each(&mut self, run: &Run<'p>, node: NodeId, called: (UnitId, NodeId)) {
        let shown = std::mem::take(&mut self.shown);
        let names = self.parameter_names(called.0, called.1);
        let of_element = names.first().and_then(|name| shown.iter().find(|(own, _)| **own == **name));
        let list = self.receiver_node(run, node);
        if let (Some((_, cleared)), Some(list)) = (of_element, list)
            && matches!(self.unit(run.unit).module.kind(list), Kind::Name | Kind::Member)
        {
            self.clear_fact(run, list, *cleared);
        }
    }

    /// `parts.filter(isAllowed)`: each element that is left has passed it.
    pub(super) fn kept_by(&mut self, list: &Value<'p>, test: &Value<'p>) -> Option<Value<'p>> {
        let [Callee::Function(function)] = &test.callees[..] else { return None };
        let function = Rc::clone(function);
        let mut element = self.elements(list);
        let (own, shown) = self.shown_by_function(&function, element.clone(), true);
        let cleared = own.first().and_then(|name| shown.get(*name).copied()).unwrap_or(0);
        if cleared == 0 {
            return None;
        }
        element.clear(cleared);
        let taints = element.taints.clone();
        let rest = self.object(Object { rest: element, ..Object::default() });
        Some(Value { taints, object: Some(rest), ..Value::default() })
    }
}
