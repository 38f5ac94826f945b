//! What the engine knows of a value: where its data comes from, what it is, and what it holds.

use super::model::{Place, SinkSet};
use super::shared::{List, Shared};
use super::tops::Waiting;
use crate::ir::NodeId;
use crate::regex_cost::Regex;
use crate::span::Span;
use foldhash::HashMap;
use serde::{Deserialize, Serialize};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::rc::{Rc, Weak};

/// Index of a file in the program.
pub type UnitId = u32;
/// Index of an object.
pub(super) type ObjectId = u32;

/// Origins of one value that are told apart; more say the same.
pub(super) const MAX_ORIGINS: usize = 4;
/// Hops of a trace that are kept; what comes between is rarely read.
pub(super) const MAX_HOPS: u16 = 40;
/// Classes that build on each other in a row.
const MAX_BASES: usize = 8;
/// Objects that one value may be besides the first.
const MAX_OTHERS: usize = 7;
/// Functions that one value may be.
pub(super) const MAX_CALLEES: usize = 8;

/// A step of a trace, and those before it.
#[derive(Debug)]
pub(super) struct Hop {
    /// The file.
    pub(super) unit: UnitId,
    /// The place.
    pub(super) span: Span,
    /// What happens there.
    pub(super) note: Note,
    /// The step before.
    pub(super) before: Option<Rc<Hop>>,
    /// Steps before.
    pub(super) depth: u16,
}

/// What happens to data at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// It comes in.
    Source,
    /// It is given to a name.
    Assigned,
    /// It is given to a function.
    Passed,
    /// A function gives it back.
    Returned,
    /// A call makes it clean for kinds of sink. This and what follows is noted only for those who ask.
    Cleaned(SinkSet),
    /// A condition shows that it is.
    Guarded(SinkSet),
    /// What stands before it does.
    Preceded(SinkSet),
}

impl Note {
    /// A short sentence.
    pub fn text(self) -> &'static str {
        match self {
            Note::Source => "data comes in",
            Note::Assigned => "assigned",
            Note::Passed => "passed on",
            Note::Returned => "returned",
            Note::Cleaned(_) => "made harmless",
            Note::Guarded(_) => "shown to be harmless",
            Note::Preceded(_) => "put where it is harmless",
        }
    }
}

/// Data from outside.
#[derive(Debug, Clone)]
pub(super) struct Taint {
    /// Index in the kinds of source.
    pub(super) kind: u8,
    /// Kinds of sink that it is clean for.
    pub(super) cleared: SinkSet,
    /// Whether it is all that was given, not a part of something.
    pub(super) whole: bool,
    /// Where it came from and went.
    pub(super) hop: Rc<Hop>,
}

impl Taint {
    /// Its steps, the last one first.
    pub(super) fn hops(&self) -> impl Iterator<Item = &Hop> {
        std::iter::successors(Some(&*self.hop), |hop| hop.before.as_deref())
    }

    /// Where it came in.
    pub(super) fn origin(&self) -> (UnitId, Span) {
        let first = self.hops().last().unwrap_or(&self.hop);
        (first.unit, first.span)
    }
}

/// A value known before the program runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Constant {
    /// A string.
    Text(Rc<str>),
    /// A regex.
    Regex(Rc<Regex>),
    /// One of several regexes.
    Regexes(Rc<[Rc<Regex>]>),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// `None`, `null`, `undefined`.
    Nothing,
}

/// What a value is when it is called.
#[derive(Debug, Clone)]
pub(super) enum Callee<'p> {
    /// A function of the program.
    Function(Rc<Function<'p>>),
    /// A class of the program.
    Class(Rc<Class<'p>>),
    /// A file of the program.
    Unit(UnitId),
    /// A package of the program, by the start of its modules' names.
    Package(UnitId, Rc<str>),
}

/// A function, and what it closes over.
#[derive(Debug)]
pub(super) struct Function<'p> {
    pub(super) unit: UnitId,
    pub(super) node: NodeId,
    pub(super) frame: Rc<Frame<'p>>,
    /// What it is a method of.
    pub(super) this: Option<Value<'p>>,
    /// Whether that is only what `this` is around it: called as a method, it gets another.
    pub(super) lent: bool,
    /// Its own fields.
    pub(super) fields: ObjectId,
    /// What it is called with before all that a call gives it: `f.bind(null, ..)`, `partial(f, ..)`.
    pub(super) given: Vec<(Option<Rc<str>>, Value<'p>)>,
}

impl<'p> Function<'p> {
    /// As a method of an object.
    pub(super) fn bound(&self, this: &Value<'p>) -> Function<'p> {
        Function { this: Some(this.clone()), lent: false, ..self.copy() }
    }

    /// Whether what it is taken from is its `this`.
    pub(super) fn is_free(&self) -> bool {
        self.this.is_none() || self.lent
    }

    /// With more arguments that it is called with.
    pub(super) fn remembering(&self, given: &[(Option<Rc<str>>, Value<'p>)]) -> Function<'p> {
        Function { given: self.given.iter().chain(given).cloned().collect(), ..self.copy() }
    }

    fn copy(&self) -> Function<'p> {
        let (unit, node, frame, fields) = (self.unit, self.node, Rc::clone(&self.frame), self.fields);
        Function { unit, node, frame, this: self.this.clone(), lent: self.lent, fields, given: self.given.clone() }
    }
}

/// A class.
#[derive(Debug)]
pub(super) struct Class<'p> {
    pub(super) unit: UnitId,
    pub(super) node: NodeId,
    pub(super) frame: Rc<Frame<'p>>,
    pub(super) bases: Vec<Value<'p>>,
    pub(super) methods: HashMap<&'p str, NodeId>,
    /// Methods that are run where a member is set: `@name.setter`.
    pub(super) setters: HashMap<&'p str, NodeId>,
    /// Its own fields,
    pub(super) fields: ObjectId,
    /// of which some may not have been worked out: see `deferred.rs`.
    pub(super) deferred: Cell<bool>,
}

impl<'p> Class<'p> {
    /// The class of the program that it builds on, the first of them.
    pub(super) fn base(&self) -> Option<Rc<Class<'p>>> {
        self.bases.iter().flat_map(|base| &base.callees).find_map(|callee| match callee {
            Callee::Class(base) => Some(Rc::clone(base)),
            _ => None,
        })
    }

    /// It and those that it builds on, as far as anyone goes.
    pub(super) fn line(self: &Rc<Class<'p>>) -> impl Iterator<Item = Rc<Class<'p>>> + use<'p> {
        std::iter::successors(Some(Rc::clone(self)), |class| class.base()).take(MAX_BASES)
    }
}

/// A value.
#[derive(Debug, Clone, Default)]
pub(super) struct Value<'p> {
    pub(super) taints: List<Taint>,
    pub(super) constant: Option<Constant>,
    /// The public path that it stands at.
    pub(super) place: Option<Place>,
    pub(super) object: Option<ObjectId>,
    /// Other objects that it may be, whose functions may be called then: elements of one list, by a key that is not known.
    pub(super) others: List<ObjectId>,
    pub(super) callees: List<Callee<'p>>,
    /// Whether a name from outside chose it among the members of an object: it may be the prototype.
    pub(super) chosen: bool,
    /// Whether that name may be `__proto__`, or it was so chosen out of what was: `constructor.prototype`.
    pub(super) prototype: bool,
    /// Whether it may be its object, or something else that has its data.
    pub(super) mixed: bool,
    /// Whether it is what was looked up by its data: none of that is in its members.
    pub(super) record: bool,
}

impl<'p> Value<'p> {
    /// A constant.
    pub(super) fn constant(constant: Constant) -> Value<'p> {
        Value { constant: Some(constant), ..Value::default() }
    }

    /// Its data does no harm any more in these kinds of sink.
    pub(super) fn clear(&mut self, kinds: SinkSet) {
        self.taints.iter_mut().for_each(|taint| taint.cleared |= kinds);
    }

    /// Something that can be called.
    pub(super) fn callee(callee: Callee<'p>) -> Value<'p> {
        Value { callees: vec![callee].into(), ..Value::default() }
    }

    /// An object.
    pub(super) fn object(object: ObjectId) -> Value<'p> {
        Value { object: Some(object), ..Value::default() }
    }

    /// What is at a public path.
    pub(super) fn at(place: Option<Place>) -> Value<'p> {
        Value { place, ..Value::default() }
    }

    /// Whether it stands at a public path, if there is such a path.
    pub(super) fn stands_at(&self, place: Option<Place>) -> bool {
        place.is_some() && self.place == place
    }

    /// A constant text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.constant {
            Some(Constant::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether a condition holds, if that is known.
    pub(super) fn truth(&self) -> Option<bool> {
        match &self.constant {
            Some(Constant::Text(text)) => Some(!text.is_empty()),
            Some(Constant::Number(number)) => Some(*number != 0),
            Some(Constant::Bool(truth)) => Some(*truth),
            Some(Constant::Regex(_) | Constant::Regexes(_)) => Some(true),
            Some(Constant::Nothing) => Some(false),
            None => None,
        }
    }

    /// Adds data from outside; of the same origin, what is clean must be so on every way.
    pub(super) fn taint_with(&mut self, taints: &[Taint]) {
        for taint in taints {
            let origin = taint.origin();
            let own = self.taints.iter().position(|own| own.kind == taint.kind && own.origin() == origin);
            match own {
                Some(at) => {
                    let own = &mut self.taints[at];
                    own.cleared &= taint.cleared;
                    own.whole &= taint.whole;
                    if taint.hop.depth < own.hop.depth {
                        own.hop = Rc::clone(&taint.hop);
                    }
                }
                None if self.taints.len() < MAX_ORIGINS => self.taints.push(taint.clone()),
                None => {}
            }
        }
    }

    /// What it may be when it may be this or another.
    pub(super) fn join(&mut self, other: &Value<'p>) {
        // Between names that were never given, the one that was tells more.
        if self.is_unknown() {
            *self = other.clone();
            self.constant = None;
            return;
        }
        let is_record = |value: &Value<'p>| value.record || value.taints.is_empty();
        self.record = (self.record || other.record) && is_record(self) && is_record(other);
        if !self.taints.is(&other.taints) {
            self.taint_with(&other.taints);
        }
        self.chosen |= other.chosen;
        self.prototype |= other.prototype;
        self.mixed |= other.mixed || self.object.is_some() != other.object.is_some();
        if self.constant != other.constant {
            self.constant = None;
        }
        if self.place != other.place {
            self.place = self.place.or(other.place);
        }
        if self.object.is_none() {
            self.object = other.object;
        }
        if !self.others.is(&other.others) {
            other.others.iter().for_each(|&object| self.may_be(object));
        }
        self.may_be_called(other);
    }

    /// It may be one of the functions that another may be.
    pub(super) fn may_be_called(&mut self, other: &Value<'p>) {
        for callee in &other.callees {
            if self.callees.len() < MAX_CALLEES && !self.callees.iter().any(|own| own.identity() == callee.identity()) {
                self.callees.push(callee.clone());
            }
        }
    }

    /// It may be another object as well.
    pub(super) fn may_be(&mut self, object: ObjectId) {
        if self.object != Some(object) && self.others.len() < MAX_OTHERS && !self.others.contains(&object) {
            self.others.push(object);
        }
    }

    /// Puts others in the place of the functions that it may be; `None` leaves one as it is.
    pub(super) fn change_functions(&mut self, change: impl Fn(&Function<'p>) -> Option<Function<'p>>) {
        for callee in &mut self.callees {
            if let Callee::Function(function) = callee
                && let Some(changed) = change(function)
            {
                *callee = Callee::Function(Rc::new(changed));
            }
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.taints.is_empty()
            && self.constant.is_none()
            && self.place.is_none()
            && self.object.is_none()
            && self.callees.is_empty()
            && !self.chosen
    }
}

impl Callee<'_> {
    /// What tells it from others.
    pub(super) fn identity(&self) -> (&'static str, UnitId, NodeId, &str) {
        match self {
            Callee::Function(function) => ("function", function.unit, function.node, ""),
            Callee::Class(class) => ("class", class.unit, class.node, ""),
            Callee::Unit(unit) => ("file", *unit, 0, ""),
            Callee::Package(unit, name) => ("package", *unit, 0, name),
        }
    }
}

/// An object, a list, a store: what it holds by constant keys, in order, and otherwise.
#[derive(Debug, Clone, Default)]
pub(super) struct Object<'p> {
    pub(super) fields: BTreeMap<Rc<str>, Value<'p>>,
    /// Its elements, as far as they are known one by one.
    pub(super) items: Vec<Value<'p>>,
    /// Whether `items` are all there are.
    pub(super) is_list: bool,
    /// Everything else that it may hold.
    pub(super) rest: Value<'p>,
    /// What it is an instance of.
    pub(super) class: Option<Rc<Class<'p>>>,
    /// Fields that a function gives when they are read: what compilers make of re-exports.
    pub(super) getters: BTreeMap<Rc<str>, Rc<Function<'p>>>,
    /// Functions that are run where a field is set.
    pub(super) setters: BTreeMap<Rc<str>, Rc<Function<'p>>>,
    /// Where fields stand that it does not have itself.
    pub(super) prototype: Option<ObjectId>,
    /// Whether it is the function that a promise is kept with: what it is called with is what it gives.
    pub(super) settles: bool,
    /// Whether it has no members but its own: `Object.create(null)`.
    pub(super) bare: bool,
    /// Data from outside that a name of it was chosen by.
    pub(super) names: Vec<Taint>,
}

impl<'p> Object<'p> {
    /// All values that it may hold.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Value<'p>> {
        self.fields.values().chain(&self.items).chain([&self.rest])
    }

    /// Whether nothing is known of it but what it was made of.
    pub(super) fn is_opaque(&self) -> bool {
        self.fields.is_empty()
            && self.items.is_empty()
            && !self.is_list
            && self.class.is_none()
            && self.prototype.is_none()
            && !self.rest.taints.is_empty()
    }

    /// What it may hold when it may be as this or as another.
    pub(super) fn join(&mut self, other: &Object<'p>) {
        for (name, value) in &other.fields {
            match self.fields.get_mut(name) {
                Some(own) => own.join(value),
                None => {
                    self.fields.insert(Rc::clone(name), value.clone());
                }
            }
        }
        for (at, value) in other.items.iter().enumerate() {
            match self.items.get_mut(at) {
                Some(own) => own.join(value),
                None => self.items.push(value.clone()),
            }
        }
        self.rest.join(&other.rest);
        if self.names.is_empty() {
            self.names.clone_from(&other.names);
        }
    }
}

/// The names of a function's run, or of a file.
#[derive(Debug, Default)]
pub(super) struct Frame<'p> {
    /// A number of its own.
    pub(super) id: u32,
    pub(super) vars: RefCell<Shared<HashMap<&'p str, Value<'p>>>>,
    /// What guards have shown of expressions, by their text.
    pub(super) facts: RefCell<Shared<HashMap<Rc<str>, SinkSet>>>,
    /// How often a name was given data from outside.
    pub(super) tainted: Cell<u32>,
    pub(super) parent: Option<Rc<Frame<'p>>>,
    /// Names that mean those of the file, or of a function around.
    pub(super) outer: RefCell<HashSet<&'p str>>,
    /// Whether functions or classes were made in it.
    pub(super) enclosed: Cell<bool>,
    /// Of the top of a file, if not all of it was run: what was.
    pub(super) waiting: RefCell<Option<Box<Waiting<'p>>>>,
}

/// Frames that functions and classes were made in. They hold those by name and are held by them: nothing of it would
/// ever be given back, had they not to let go in the end.
#[derive(Debug, Default)]
pub(super) struct Enclosing<'p>(Vec<Weak<Frame<'p>>>);

impl<'p> Enclosing<'p> {
    pub(super) fn note(&mut self, frame: &Rc<Frame<'p>>) {
        if !frame.enclosed.replace(true) {
            self.0.push(Rc::downgrade(frame));
        }
    }
}

impl Drop for Enclosing<'_> {
    fn drop(&mut self) {
        for frame in self.0.drain(..).filter_map(|frame| frame.upgrade()) {
            drop((frame.vars.take(), frame.waiting.take()));
        }
    }
}
