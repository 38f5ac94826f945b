//! Keeps what calls without data from outside gave and changed: one alike finds nothing new, so that it need not run.

use super::branch::Journal;
use super::engine::{Engine, MAX_PARTS, PARTS_DEPTH};
use super::model::Returned;
use super::shared::Shared;
use super::value::{Callee, Frame, Function, Object, ObjectId, Value};
use foldhash::HashMap;
use foldhash::quality::FixedState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::rc::Rc;

/// Objects that a call may have made for what it gives to be kept: more are a structure, not a value.
const MAX_MADE: usize = 32;
/// Steps of a call after which what it gave is kept for calls of the same objects: what it puts into them it has put
/// there then.
const LONG_CALL: u32 = 100;
/// The same of one without data from outside, for calls of objects alike.
const SHORT_CALL: u32 = 20;

/// What a call gave and changed.
#[derive(Debug)]
pub(super) struct Summary<'p> {
    value: Value<'p>,
    /// The objects that it was given.
    given: Vec<Option<ObjectId>>,
    /// Objects that it changed, as it left them, those that it was given and those that these held.
    changed: Vec<(ObjectId, Shared<Object<'p>>)>,
    /// Objects that it made and that can be reached from there.
    made: HashMap<ObjectId, Shared<Object<'p>>>,
}

/// What tells a call from others: the function, the names that it sees, and what is known of what it is given.
pub(super) struct CallKey {
    /// The objects themselves among it.
    exact: u64,
    /// Of one without data from outside that is not known by them, what they hold instead.
    clean: Option<u64>,
}

/// A call of which a summary may be kept.
pub(super) struct Recorded {
    given: Vec<Option<ObjectId>>,
    /// How many objects there were.
    made: ObjectId,
    /// The lowest place on the stack of what would have been called again but was not, outside.
    cut: usize,
}

impl<'p> Engine<'p> {
    /// What tells a call from others.
    pub(super) fn call_key(
        &self,
        function: &Function<'p>,
        arguments: &[(Option<Rc<str>>, Value<'p>)],
        returns: Option<Returned>,
        again: bool,
    ) -> CallKey {
        let values = || function.this.iter().chain(arguments.iter().map(|(_, value)| value));
        let mut hasher = FixedState::default().build_hasher();
        (function.unit, function.node, returns, again, self.fixed_path, self.guards > 0).hash(&mut hasher);
        hash_frames(&function.frame, &mut hasher);
        arguments.iter().for_each(|(name, _)| name.hash(&mut hasher));
        values().for_each(|value| hash_value(value, &mut hasher));
        let mut exact = hasher.clone();
        values().for_each(|value| value.object.hash(&mut exact));
        let exact = exact.finish();
        if self.known_calls.contains_key(&exact) {
            return CallKey { exact, clean: None };
        }
        let mut left = MAX_PARTS;
        let is_clean = values().all(|value| !value.chosen && self.is_clean(value, PARTS_DEPTH, &mut left));
        let clean = is_clean.then(|| {
            values().for_each(|value| self.hash_held(value, &mut hasher));
            hasher.finish()
        });
        CallKey { exact, clean }
    }

    /// Whether neither a value nor what it holds is data from outside.
    pub(super) fn is_harmless(&self, value: &Value<'p>) -> bool {
        self.is_clean(value, PARTS_DEPTH, &mut { MAX_PARTS })
    }

    /// A value is put where others that were called before can reach it: what they gave, they give no longer.
    pub(super) fn spill(&mut self, value: &Value<'p>) {
        if !self.is_harmless(value) {
            self.summaries.clear();
        }
    }

    /// A value is put into an object, which may be one of those.
    pub(super) fn spill_into(&mut self, object: ObjectId, value: &Value<'p>) {
        if object < self.old {
            self.spill(value);
        }
    }

    /// Forgets what calls gave that ran while they were called.
    pub(super) fn forget_partial(&mut self) {
        for key in self.partial.drain(..) {
            self.summaries.remove(&key);
        }
    }

    fn is_clean(&self, value: &Value<'p>, depth: usize, left: &mut u32) -> bool {
        *left = left.saturating_sub(1);
        if !value.taints.is_empty() {
            return false;
        }
        let Some(object) = value.object.filter(|_| depth > 0 && *left > 0) else { return true };
        let object = &self.objects[object as usize];
        object.parts().all(|part| self.is_clean(part, depth - 1, left))
    }

    fn hash_held(&self, value: &Value<'p>, hasher: &mut impl Hasher) {
        let Some(object) = value.object else { return };
        let object = &self.objects[object as usize];
        (object.class.as_ref().map(|class| (class.unit, class.node)), object.is_list, object.prototype).hash(hasher);
        for (name, field) in &object.fields {
            name.hash(hasher);
            hash_value(field, hasher);
        }
        object.items.len().hash(hasher);
        object.items.iter().for_each(|item| hash_value(item, hasher));
    }

    /// What a call gives that one alike has given.
    pub(super) fn known_value(
        &mut self,
        call: &CallKey,
        function: &Function<'p>,
        arguments: &[(Option<Rc<str>>, Value<'p>)],
    ) -> Option<Value<'p>> {
        if let Some(value) = self.known_calls.get(&call.exact) {
            return Some(value.clone());
        }
        let summary = Rc::clone(self.summaries.get(&call.clean?)?);
        Some(self.repeated(&summary, function, arguments))
    }

    /// What a call without data from outside gave, and its changes made to what another is given.
    fn repeated(
        &mut self,
        summary: &Summary<'p>,
        function: &Function<'p>,
        arguments: &[(Option<Rc<str>>, Value<'p>)],
    ) -> Value<'p> {
        let given = objects_given(function, arguments);
        let mut renamed = HashMap::default();
        for (&old, &new) in summary.given.iter().zip(&given) {
            if let (Some(old), Some(new)) = (old, new) {
                renamed.entry(old).or_insert(new);
                // `this.items.push(..)`
                let inner: Vec<(ObjectId, ObjectId)> = self.fields_alike(old, new).collect();
                inner.into_iter().for_each(|(old, new)| {
                    renamed.entry(old).or_insert(new);
                });
            }
        }
        for (old, object) in &summary.changed {
            let Some(&new) = renamed.get(old) else { continue };
            if new == *old {
                continue;
            }
            let left = self.renamed_object(object, summary, &mut renamed);
            self.touch(new);
            match summary.given.contains(&Some(*old)) {
                true => self.objects[new as usize] = Shared::new(left),
                false => self.objects[new as usize].join(&left),
            }
        }
        self.renamed(&summary.value, summary, &mut renamed)
    }

    /// Of two objects, those that stand in fields of the same name.
    fn fields_alike(&self, one: ObjectId, other: ObjectId) -> impl Iterator<Item = (ObjectId, ObjectId)> {
        let (one, other) = (&self.objects[one as usize].fields, &self.objects[other as usize].fields);
        one.iter().filter_map(|(name, value)| Some((value.object?, other.get(name)?.object?)))
    }

    /// A value that holds what a call alike made, as this one would have made it.
    fn renamed(
        &mut self,
        value: &Value<'p>,
        summary: &Summary<'p>,
        renamed: &mut HashMap<ObjectId, ObjectId>,
    ) -> Value<'p> {
        let Some(old) = value.object else { return value.clone() };
        let new = match (renamed.get(&old), summary.made.get(&old)) {
            (Some(&new), _) => new,
            (None, None) => old,
            (None, Some(object)) => {
                let new = self.object(Object::default());
                renamed.insert(old, new);
                let object = self.renamed_object(object, summary, renamed);
                self.objects[new as usize] = Shared::new(object);
                new
            }
        };
        Value { object: Some(new), ..value.clone() }
    }

    fn renamed_object(
        &mut self,
        object: &Object<'p>,
        summary: &Summary<'p>,
        names: &mut HashMap<ObjectId, ObjectId>,
    ) -> Object<'p> {
        let mut object = object.clone();
        object.fields.values_mut().for_each(|field| *field = self.renamed(field, summary, names));
        object.items.iter_mut().for_each(|item| *item = self.renamed(item, summary, names));
        object.rest = self.renamed(&object.rest, summary, names);
        object
    }

    /// A call begins; what one without data from outside changes is noted.
    pub(super) fn record(
        &mut self,
        call: &CallKey,
        function: &Function<'p>,
        arguments: &[(Option<Rc<str>>, Value<'p>)],
    ) -> Option<Recorded> {
        call.clean?;
        let made = self.objects.len() as ObjectId;
        self.journals.push(Journal::new(made));
        let cut = std::mem::replace(&mut self.cut, usize::MAX);
        Some(Recorded { given: objects_given(function, arguments), made, cut })
    }

    /// It has ended, after so many steps; it ran at this place of the stack.
    pub(super) fn keep(
        &mut self,
        call: &CallKey,
        recorded: Option<Recorded>,
        value: &Value<'p>,
        place: usize,
        steps: u32,
    ) {
        if steps > LONG_CALL {
            self.known_calls.insert(call.exact, value.clone());
        }
        let summary = recorded.and_then(|recorded| self.summary(recorded, value, place, steps));
        if let (Some(key), Some((summary, whole))) = (call.clean, summary) {
            if !whole {
                self.partial.push(key);
            }
            self.summaries.insert(key, Rc::new(summary));
        }
    }

    /// What is kept of a call, and whether all that it calls has run.
    fn summary(
        &mut self,
        recorded: Recorded,
        value: &Value<'p>,
        place: usize,
        steps: u32,
    ) -> Option<(Summary<'p>, bool)> {
        let journal = self.journals.pop().expect("it was pushed when the call began");
        let whole = self.cut >= place;
        self.cut = recorded.cut.min(if whole { usize::MAX } else { self.cut });
        if steps <= SHORT_CALL || self.is_spent() {
            return None;
        }
        let mut near: Vec<ObjectId> = recorded.given.iter().flatten().copied().collect();
        for at in 0..near.len() {
            near.extend(self.objects[near[at] as usize].fields.values().filter_map(|field| field.object));
        }
        let mut changed: Vec<ObjectId> = journal.changed().filter(|id| near.contains(id)).collect();
        changed.sort_unstable();
        let changed: Vec<(ObjectId, Shared<Object<'p>>)> =
            changed.into_iter().map(|id| (id, self.objects[id as usize].clone())).collect();
        let mut made = HashMap::default();
        let is_small = self.reach(value, recorded.made, &mut made)
            && changed.iter().all(|(_, object)| self.reach_inside(object, recorded.made, &mut made));
        is_small.then(|| (Summary { value: value.clone(), given: recorded.given, changed, made }, whole))
    }

    /// Collects the objects from `first` on that a value leads to, but for those of the tops of files, which are the same
    /// for all calls; `false`: they are too many.
    fn reach(&self, value: &Value<'p>, first: ObjectId, made: &mut HashMap<ObjectId, Shared<Object<'p>>>) -> bool {
        let Some(id) = value.object.filter(|&id| id >= first && !made.contains_key(&id) && !self.is_of_top(id)) else {
            return true;
        };
        let object = self.objects[id as usize].clone();
        made.insert(id, object.clone());
        made.len() <= MAX_MADE && self.reach_inside(&object, first, made)
    }

    fn reach_inside(
        &self,
        object: &Object<'p>,
        first: ObjectId,
        made: &mut HashMap<ObjectId, Shared<Object<'p>>>,
    ) -> bool {
        object.parts().all(|part| self.reach(part, first, made))
    }
}

/// The objects that a call is given: its instance first.
fn objects_given(function: &Function<'_>, arguments: &[(Option<Rc<str>>, Value<'_>)]) -> Vec<Option<ObjectId>> {
    let this = function.this.as_ref().and_then(|this| this.object);
    std::iter::once(this).chain(arguments.iter().map(|(_, argument)| argument.object)).collect()
}

/// What tells the names that a function sees from others: those of a run come and go.
fn hash_frames(frame: &Rc<Frame<'_>>, hasher: &mut impl Hasher) {
    let mut around = Some(frame);
    while let Some(frame) = around {
        (frame.id, frame.tainted.get()).hash(hasher);
        around = frame.parent.as_ref();
    }
}

fn hash_value(value: &Value<'_>, hasher: &mut impl Hasher) {
    (&value.constant, value.place, value.chosen, value.prototype, value.record, &*value.others).hash(hasher);
    for taint in &value.taints {
        (taint.kind, taint.cleared, taint.whole, taint.origin()).hash(hasher);
    }
    for callee in &value.callees {
        callee.identity().hash(hasher);
        if let Callee::Function(function) = callee {
            hash_frames(&function.frame, hasher);
        }
    }
}
