//! Methods of lists, dictionaries and stores whose contents are known.

use super::call::Given;
use super::engine::Engine;
use super::value::{Constant, Object, Value};
use std::rc::Rc;

/// Methods that put what they are given into what they are called on.
#[rustfmt::skip] // a word a line would be pages
const STORES: &[&str] = &[
    "append", "push", "add", "insert", "extend", "update", "put", "put_nowait", "write", "writelines", "set",
    "setdefault", "unshift", "appendleft", "set_value", "setItem", "splice",
];

/// Elements of a list that are known one by one once it was put behind another.
const MAX_JOINED: usize = 32;
/// Members of a table that are known one by one once they were listed.
const MAX_LISTED: usize = 128;

impl<'p> Engine<'p> {
    /// Methods of lists, dictionaries and stores whose contents are known.
    pub(super) fn container(&mut self, receiver: &Value<'p>, method: &str, given: &[Given<'p>]) -> Option<Value<'p>> {
        let object = receiver.object?;
        let values: Vec<Value<'p>> = given.iter().map(|given| given.value.clone()).collect();
        // `d.setdefault("k", []).append(x)`: what is there, or is put there, is given.
        if let ("setdefault", [key, start]) = (method, &values[..])
            && let Some(key) = store_key(std::slice::from_ref(key))
        {
            if let Some(found) = self.objects[object as usize].fields.get(key.as_str()) {
                return Some(found.clone());
            }
            self.set_field(receiver, &key, start.clone());
            return Some(start.clone());
        }
        // `d.update(name=x)`
        if method == "update" {
            for given in given {
                if let Some(name) = given.name.as_deref().filter(|_| !given.spread) {
                    self.set_field(receiver, name, given.value.clone());
                }
            }
        }
        if STORES.contains(&method) {
            return Some(self.store(receiver, object, method, &values));
        }
        self.touch(object);
        match method {
            "pop" | "shift" | "popleft" if self.objects[object as usize].is_list => {
                let items = &mut self.objects[object as usize].items;
                let first =
                    method != "pop" || matches!(values.first().map(|at| &at.constant), Some(Some(Constant::Number(0))));
                let item = match items.len() {
                    0 => None,
                    _ if first => Some(items.remove(0)),
                    count => match values.first().and_then(|at| at.constant.clone()) {
                        Some(Constant::Number(at)) if at >= 0 && (at as usize) < count => {
                            Some(items.remove(at as usize))
                        }
                        _ => items.pop(),
                    },
                };
                let mut item = item.unwrap_or_else(|| self.elements(receiver));
                // `words = words || ["all"]`: or of the list that was given.
                item.taint_with(&receiver.taints);
                Some(item)
            }
            "get" | "getItem" | "pop" | "setdefault" => {
                let fields = &self.objects[object as usize].fields;
                let found = store_key(&values).and_then(|key| fields.get(key.as_str()).cloned());
                let first = values.first().and_then(|key| store_key(std::slice::from_ref(key)));
                let found = found.or_else(|| fields.get(first.as_deref()?).cloned());
                if let Some(found) = found {
                    return Some(found);
                }
                if first.is_none() && !fields.is_empty() {
                    let mut any = self.elements(receiver);
                    if let Some(default) = values.get(1) {
                        any.join(default);
                    }
                    return Some(any);
                }
                let mut rest = self.objects[object as usize].rest.clone();
                rest.taint_with(&receiver.taints);
                if let Some(default) = values.get(1) {
                    rest.join(default);
                }
                Some(rest)
            }
            // `[first].concat(others)`
            "concat" if self.objects[object as usize].is_list => {
                let mut joined = self.objects[object as usize].clone().into_inner();
                for value in &values {
                    joined.rest.taint_with(&value.taints);
                    match value.object.map(|other| &self.objects[other as usize]).filter(|other| other.is_list) {
                        Some(other) => {
                            joined.items.extend(other.items.iter().take(MAX_JOINED).cloned());
                            joined.rest.join(&other.rest);
                        }
                        None if value.taints.is_empty() => joined.items.push(value.clone()),
                        None => {}
                    }
                }
                let mut list = Value::object(self.object(joined));
                list.taint_with(&receiver.taints);
                Some(list)
            }
            // A step of an iterator.
            "next" if given.is_empty() => {
                let value = self.elements(receiver);
                let step = Object { fields: [("value".into(), value)].into(), ..Object::default() };
                Some(Value::object(self.object(step)))
            }
            "items" | "entries" => {
                let value = self.elements(receiver);
                Some(self.pairs_of(value))
            }
            "values" | "slice" | "reverse" | "sort" | "copy" | "flat" => Some(receiver.clone()),
            "keys" | "clear" | "remove" | "delete" => Some(Value::default()),
            "join" => {
                let separator = values.first().map_or(Some(","), Value::text);
                if let Some(text) = separator.and_then(|separator| self.joined(receiver, separator)) {
                    return Some(Value::constant(text));
                }
                let items = self.objects[object as usize].items.clone();
                let mut value = self.put_together(&items);
                value.constant = None;
                value.object = None;
                value.taint_with(&self.all_taints(receiver));
                value.taints.iter_mut().for_each(|taint| taint.whole = false);
                Some(value)
            }
            _ => None,
        }
    }

    /// `Object.keys(table)` and the like, of one all members of which the program has named: what it holds may be
    /// anyone's, its names are not.
    pub(super) fn members_of(&mut self, name: &str, table: &Value<'p>) -> Option<Value<'p>> {
        let held = &self.objects[table.object? as usize];
        let is_named = table.taints.is_empty()
            && !held.is_list
            && (1..=MAX_LISTED).contains(&held.fields.len())
            && held.rest.is_unknown();
        if !is_named {
            return None;
        }
        let items = match name {
            "keys" => held.fields.keys().map(|key| Value::constant(Constant::Text(Rc::clone(key)))).collect(),
            "values" => held.fields.values().cloned().collect(),
            _ => {
                let elements = self.elements(table);
                return Some(self.pairs_of(elements));
            }
        };
        Some(Value::object(self.object(Object { is_list: true, items, ..Object::default() })))
    }

    /// A list of pairs of a name that the program chose and such a value.
    pub(super) fn pairs_of(&mut self, value: Value<'p>) -> Value<'p> {
        let items = vec![Value::default(), value];
        let pair = self.object(Object { is_list: true, items, ..Object::default() });
        let list = self.object(Object { rest: Value::object(pair), ..Object::default() });
        Value::object(list)
    }

    pub(super) fn store(&mut self, receiver: &Value<'p>, object: u32, method: &str, values: &[Value<'p>]) -> Value<'p> {
        self.touch(object);
        values.iter().for_each(|value| self.spill_into(object, value));
        let is_list = self.objects[object as usize].is_list;
        match (method, values) {
            ("append" | "push" | "add" | "put", _) if is_list => {
                for value in values {
                    let held = &mut self.objects[object as usize];
                    held.items.push(value.clone());
                }
            }
            ("insert", [at, value]) if is_list => {
                let held = &mut self.objects[object as usize];
                match &at.constant {
                    Some(Constant::Number(at)) if *at >= 0 && (*at as usize) <= held.items.len() => {
                        held.items.insert(*at as usize, value.clone());
                    }
                    _ => held.rest.join(value),
                }
            }
            ("unshift" | "appendleft", [value]) if is_list => {
                self.objects[object as usize].items.insert(0, value.clone());
            }
            ("set" | "put" | "setdefault" | "setItem" | "set_value", [keys @ .., value]) if !keys.is_empty() => {
                match store_key(keys) {
                    Some(key) => self.set_field(receiver, &key, value.clone()),
                    None => self.objects[object as usize].rest.join(value),
                }
            }
            // `list.splice(at, 0, ..)`
            ("splice", [at, _, added @ ..]) if is_list => {
                let held = &mut self.objects[object as usize];
                let count = held.items.len();
                let at = match at.constant {
                    Some(Constant::Number(at)) => usize::try_from(at).unwrap_or(count).min(count),
                    _ => count,
                };
                held.items.splice(at..at, added.iter().cloned());
            }
            ("splice", [_, _, added @ ..]) => {
                for value in added {
                    self.objects[object as usize].rest.join(value);
                }
            }
            ("update" | "extend", [other, ..]) => {
                let other = other.clone();
                self.copy_into(receiver, &other);
            }
            _ => {
                for value in values {
                    let taints = self.all_taints(value);
                    self.objects[object as usize].rest.taint_with(&taints);
                }
            }
        }
        receiver.clone()
    }
}

/// The key of a store, put together from constants: `(section, option)`.
pub(super) fn store_key(keys: &[Value<'_>]) -> Option<String> {
    let texts: Option<Vec<String>> = keys
        .iter()
        .map(|key| match &key.constant {
            Some(Constant::Text(text)) => Some(text.to_string()),
            Some(Constant::Number(number)) => Some(number.to_string()),
            _ => None,
        })
        .collect();
    texts.filter(|texts| !texts.is_empty()).map(|texts| texts.join("\u{0}"))
}
