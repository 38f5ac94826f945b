//! What frameworks keep between two functions that they call: the members of a request, what a template of Vue finds
//! by name, the states of React.

use super::callback::is_function;
use super::engine::{Engine, Run};
use super::model::{Place, ROOT};
use super::value::{Callee, Object, ObjectId, UnitId, Value};
use crate::ir::NodeId;
use std::rc::Rc;

/// Functions of a component of Vue that are run while it is shown, in this order.
const HOOKS: &[&str] =
    &["beforeCreate", "created", "beforeMount", "mounted", "beforeUpdate", "updated", "activated", "fetch"];
/// Members of a component that hold functions: what events call, and what runs when a value changes.
const HANDLERS: &[&str] = &["methods", "watch"];

impl<'p> Engine<'p> {
    /// Gives the template of a component of Vue the names that it finds in what the file gives by default:
    /// `export default { data() { .. }, computed: { .. } }`.
    pub(super) fn open_component(&mut self, unit: UnitId) {
        if !self.unit(unit).path.ends_with(".vue") {
            return;
        }
        let frame = self.top(unit);
        let given = frame.vars.borrow().get("default").and_then(|value| value.object);
        let Some(options) = given.map(|given| self.objects[given as usize].fields.clone()) else { return };
        let this = Value::object(self.object(Object::default()));
        if let Some(route) = self.models(unit).find("vue.Route") {
            self.set_field(&this, "$route", Value::at(Some(route)));
        }
        for name in ["props", "data", "setup", "methods"] {
            let Some(value) = options.get(name) else { continue };
            let held = match is_function(value) {
                true => self.run_hook(value, &this),
                false => value.clone(),
            };
            self.copy_into(&this, &held);
        }
        let computed = options.get("computed").and_then(|value| value.object);
        let computed = computed.map(|object| self.objects[object as usize].fields.clone()).unwrap_or_default();
        for (name, value) in &computed {
            if let (Some(Callee::Function(getter)), Some(object)) = (value.callees.first(), this.object) {
                let getter = Rc::new(getter.bound(&this));
                self.objects[object as usize].getters.insert(Rc::clone(name), getter);
            }
        }
        for hook in HOOKS.iter().filter_map(|name| options.get(*name)) {
            self.run_hook(hook, &this);
        }
        for object in HANDLERS.iter().filter_map(|name| options.get(*name)?.object) {
            for handler in self.objects[object as usize].fields.clone().values() {
                self.run_hook(handler, &this);
            }
        }
        let Some(object) = this.object else { return };
        let mut names = self.objects[object as usize].fields.clone();
        for name in computed.into_keys() {
            let value = self.member(unit, &this, &name);
            names.insert(name, value);
        }
        // The template's names are those of the file, for which only its own count as long.
        let text = self.unit(unit).text;
        for (name, value) in names {
            let at = text.match_indices(&*name).next().map(|(at, _)| at);
            if let Some(name) = at.map(|at| &text[at..at + name.len()]) {
                frame.vars.borrow_mut().entry(name).or_insert(value);
            }
        }
    }

    /// Notes what is put into a member of what many functions share: `flask.g.user = ..`, `res.locals.name = ..`.
    pub(super) fn share(&mut self, unit: UnitId, object: &Value<'p>, name: &str, value: &Value<'p>) {
        let models = self.models(unit);
        if let Some(place) = self.shared_place(unit, object)
            && models.member(place, name).is_none()
            && (place != ROOT || value.callees.is_empty())
        {
            self.spill(value);
            self.shared.entry(place).or_default().entry(name.into()).or_default().join(value);
        }
    }

    /// What some function has put into such a member.
    pub(super) fn shared_member(&self, unit: UnitId, object: &Value<'p>, name: &str) -> Option<Value<'p>> {
        let place = self.shared_place(unit, object)?;
        self.shared.get(&place)?.get(name).cloned()
    }

    /// What many functions share, if a value is that. Of a request a schema may have shown what some members hold.
    fn shared_place(&self, unit: UnitId, value: &Value<'p>) -> Option<Place> {
        value.place.filter(|&place| (value.object.is_none() || place != ROOT) && self.is_shared(unit, place))
    }

    /// Whether what is set of something is there wherever it is read: what a model says so of, and the global object
    /// of scripts.
    fn is_shared(&self, unit: UnitId, place: Place) -> bool {
        self.models(unit).known(place).shared || place == ROOT && !self.is_python(unit)
    }

    fn run_hook(&mut self, hook: &Value<'p>, this: &Value<'p>) -> Value<'p> {
        match hook.callees.first() {
            Some(Callee::Function(function)) => {
                let function = Rc::new(function.bound(this));
                self.invoke(&function, Vec::new(), None, None)
            }
            _ => Value::default(),
        }
    }

    /// `const [value, setValue] = useState(start)`: what it was set to is there when the component runs again.
    pub(super) fn state(&mut self, run: &Run<'p>, node: NodeId, start: Option<&Value<'p>>) -> Value<'p> {
        let key = (run.unit, node);
        let kept = match self.states.get(&key) {
            Some(&kept) => kept,
            None => {
                let kept = self.object(Object { settles: true, ..Object::default() });
                self.states.insert(key, kept);
                kept
            }
        };
        if let Some(start) = start {
            self.touch(kept);
            self.objects[kept as usize].rest.join(start);
        }
        if let Some(&(unit, function, _)) = self.stack.last() {
            self.stateful.insert((unit, function));
        }
        let items = vec![Value::object(kept), Value::object(kept)];
        Value::object(self.object(Object { is_list: true, items, ..Object::default() }))
    }

    /// Puts a value into what keeps one: with what was in there before, of which each member may be the one or the other.
    pub(super) fn keep_in(&mut self, kept: ObjectId, value: &Value<'p>) {
        if let (Some(own), Some(other)) = (self.objects[kept as usize].rest.object, value.object)
            && own != other
            && kept != other
        {
            let other = self.objects[other as usize].clone();
            self.touch(own);
            self.objects[own as usize].join(&other);
        }
        self.objects[kept as usize].rest.join(value);
    }

    /// Runs once more what keeps a state that its handlers have set by now.
    pub(super) fn run_stateful(&mut self, unit: UnitId) {
        let mut again: Vec<(UnitId, NodeId)> = self.stateful.drain().filter(|(own, _)| *own == unit).collect();
        again.sort_unstable();
        for (unit, function) in again {
            self.known_calls.clear();
            self.summaries.clear();
            self.called.remove(&(unit, function));
            self.start(unit, function);
            self.run_uncalled(unit, function);
        }
    }
}
