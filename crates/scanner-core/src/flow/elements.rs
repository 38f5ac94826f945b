//! What the elements of values are, by a key that is known or not, and what of a table may be called.

use super::callback::is_function;
use super::engine::Engine;
use super::regex::one_of_regexes;
use super::value::{Callee, Constant, ObjectId, UnitId, Value};
use std::rc::Rc;

/// Elements of a list or a dictionary that are looked at together.
const MAX_JOINED: usize = 32;

impl<'p> Engine<'p> {
    /// An element of a value by a key, of which a constant is known or not.
    pub(super) fn element(&mut self, unit: u32, value: &Value<'p>, key: &Value<'p>) -> Value<'p> {
        if let Some(text) = text_at(value, key) {
            return Value::constant(Constant::Text(text));
        }
        // `globals()["name"]`, `Mode["LIST"]`
        if let (true, Some(callee)) = (self.is_python(unit), value.callees.first()) {
            match callee {
                Callee::Unit(_) => {
                    if let Some(name) = key.text() {
                        return self.callee_member(value, name).unwrap_or_default();
                    }
                }
                Callee::Class(class) if self.is_enumeration(class) => {
                    return self.instance(&Rc::clone(class), Vec::new(), None);
                }
                _ => {}
            }
        }
        if self.has_special(value, "__getitem__")
            && let Some(found) = self.ask(value, "__getitem__", vec![key.clone()])
        {
            return found;
        }
        if let Some(object) = value.object {
            let held = &self.objects[object as usize];
            let found = match &key.constant {
                Some(Constant::Text(name)) => held.fields.get(name).cloned(),
                Some(Constant::Number(at)) => {
                    let index = if *at < 0 { held.items.len() as i64 + at } else { *at };
                    usize::try_from(index)
                        .ok()
                        .and_then(|index| held.items.get(index))
                        .cloned()
                        .or_else(|| held.fields.get(at.to_string().as_str()).cloned())
                }
                _ => None,
            };
            if let Some(mut found) = found {
                found.taint_with(if value.mixed { &value.taints } else { &[] });
                return found;
            }
            if key.constant.is_none() {
                return self.elements(value);
            }
        }
        if let Some(found) = key.text().and_then(|name| self.shared_member(unit, value, name)) {
            return found;
        }
        let models = self.models(unit);
        let named = key.text().and_then(|name| models.member(value.place?, name));
        let mut result = Value::at(value.place.and_then(|place| models.element(place)).or(named));
        result.taint_with(&value.taints);
        if let Some(object) = value.object {
            let rest = self.objects[object as usize].rest.clone();
            result.join(&rest);
        }
        result
    }

    /// Any element of a value.
    pub(super) fn elements(&self, value: &Value<'p>) -> Value<'p> {
        let mut result = Value::default();
        result.taint_with(&value.taints);
        if let Some(object) = value.object {
            let object = &self.objects[object as usize];
            let mut parts = object.items.iter().chain(object.fields.values());
            if let Some(first) = parts.next() {
                let taints = std::mem::take(&mut result.taints);
                result = first.clone();
                result.taint_with(&taints);
            }
            for part in parts.take(MAX_JOINED) {
                let regexes = one_of_regexes(&result, part);
                result.join(part);
                result.constant = regexes.or(result.constant);
                if let Some(other) = part.object.filter(|&other| self.has_functions(other)) {
                    result.may_be(other);
                }
            }
            // A table of regexes holds no others where nothing is known of any.
            let regexes = result.constant.take_if(|found| object.rest.is_unknown() && is_regex(found));
            result.join(&object.rest);
            result.constant = regexes.or(result.constant);
        }
        result
    }

    /// Whether an object has functions that may be called: methods, or members that are functions.
    fn has_functions(&self, object: ObjectId) -> bool {
        let object = &self.objects[object as usize];
        let is_used = |value: &Value<'p>| is_function(value) || matches!(value.constant, Some(Constant::Regex(_)));
        object.class.is_some() || object.fields.values().any(is_used)
    }

    /// The functions of a name that the other objects have which a value may be.
    pub(super) fn functions_of_others(&mut self, value: &Value<'p>, name: &str, found: &mut Value<'p>) {
        for &other in &value.others {
            let one = Value::object(other);
            let own = &self.objects[other as usize];
            let given = match (own.fields.get(name).cloned(), own.class.clone()) {
                (Some(mut field), _) => {
                    self.rebind(&mut field, &one);
                    field
                }
                (None, Some(class)) => match self.method(&one, &class, name) {
                    Some(method) if !self.is_property(&method) => Value::callee(Callee::Function(method)),
                    _ => continue,
                },
                _ => continue,
            };
            found.may_be_called(&given);
            found.constant = one_of_regexes(found, &given).or(found.constant.take());
        }
    }

    /// Whether a value is a dictionary of Python some of whose keys are known.
    pub(super) fn is_dictionary(&self, unit: UnitId, value: &Value<'p>) -> bool {
        let object = value.object.filter(|_| self.is_python(unit) && value.place.is_none());
        object.map(|object| &self.objects[object as usize]).is_some_and(|object| {
            !object.fields.is_empty() && object.items.is_empty() && !object.is_list && object.class.is_none()
        })
    }

    /// A name of a member of a value: who made the object chose it.
    pub(super) fn names_of(&self, value: &Value<'p>) -> Value<'p> {
        let mut result = Value::default();
        result.taint_with(&value.taints);
        if let Some(object) = value.object {
            result.taint_with(&self.objects[object as usize].rest.taints);
        }
        result
    }

    /// The constants of a list, if it has no others.
    pub(super) fn list_of(&self, value: &Value<'p>) -> Option<Vec<Constant>> {
        let object = &self.objects[value.object? as usize];
        let all = object.items.iter().chain(object.fields.values());
        let is_whole = (object.is_list || !object.fields.is_empty()) && object.rest.taints.is_empty();
        let keys = object.fields.keys().map(|key| Some(Constant::Text(Rc::clone(key))));
        if object.is_list {
            return all.map(|item| item.constant.clone()).collect::<Option<Vec<_>>>().filter(|_| is_whole);
        }
        // `x in {..}` asks for keys.
        keys.collect::<Option<Vec<_>>>().filter(|_| is_whole)
    }
}

fn is_regex(constant: &Constant) -> bool {
    matches!(constant, Constant::Regex(_) | Constant::Regexes(_))
}

/// A letter of a constant text.
pub(super) fn text_at(value: &Value<'_>, key: &Value<'_>) -> Option<Rc<str>> {
    let (Some(text), Some(Constant::Number(at))) = (value.text(), &key.constant) else { return None };
    let count = text.chars().count() as i64;
    let index = if *at < 0 { count + at } else { *at };
    let letter = text.chars().nth(usize::try_from(index).ok()?)?;
    Some(letter.to_string().into())
}
