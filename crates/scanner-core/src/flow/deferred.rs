//! Classes of files that are only imported: what their fields are is worked out when they are first asked for.

use super::engine::{Engine, Run};
use super::value::{Class, Object, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

impl<'p> Engine<'p> {
    /// A field of a class itself.
    pub(super) fn class_field(&mut self, class: &Class<'p>, name: &str) -> Option<Value<'p>> {
        let known = self.objects[class.fields as usize].fields.get(name).cloned();
        if known.is_some() || !class.deferred.get() {
            return known;
        }
        let part = self.parts(class).find(|&part| self.bound_in_class(class, part) == Some(name))?;
        self.work_out(class, part, name);
        self.objects[class.fields as usize].fields.get(name).cloned()
    }

    /// All fields of a class itself.
    pub(super) fn class_fields(&mut self, class: &Class<'p>) -> &Object<'p> {
        if class.deferred.get() {
            for part in self.parts(class) {
                if let Some(name) = self.bound_in_class(class, part)
                    && !self.objects[class.fields as usize].fields.contains_key(name)
                {
                    self.work_out(class, part, name);
                }
            }
            class.deferred.set(false);
        }
        &self.objects[class.fields as usize]
    }

    /// Whether a class itself has a field.
    pub(super) fn has_class_field(&self, class: &Class<'p>, name: &str) -> bool {
        self.objects[class.fields as usize].fields.contains_key(name)
            || class.deferred.get() && self.parts(class).any(|part| self.bound_in_class(class, part) == Some(name))
    }

    /// What stands in the body of a class.
    fn parts(&self, class: &Class<'p>) -> impl Iterator<Item = NodeId> + use<'p> {
        let module = self.unit(class.unit).module;
        let body = module.children(class.node).last();
        body.map_or(&[][..], |&body| module.children(body)).iter().copied()
    }

    fn bound_in_class(&self, class: &Class<'p>, part: NodeId) -> Option<&'p str> {
        let file = self.unit(class.unit);
        let name = match file.module.kind(part) {
            Kind::Assign => file.module.child(part, 0).filter(|&target| file.module.kind(target) == Kind::Name)?,
            Kind::Class => part,
            _ => return None,
        };
        Some(file.module.text(name, file.text))
    }

    fn work_out(&mut self, class: &Class<'p>, part: NodeId, name: &str) {
        // One that is made of itself ends there.
        self.objects[class.fields as usize].fields.insert(name.into(), Value::default());
        let mut run = Run::new(class.unit, Rc::clone(&class.frame), None, None);
        self.for_top(class.unit, &class.frame, |engine| engine.class_part(&mut run, part, class.fields));
    }
}
