//! The tops of files: each is run when a name of it is first asked for, and kept while other files are run; what
//! imports find in them.

use super::engine::{Engine, Run};
use super::meter::Meter;
use super::paths::Found;
use super::value::{Callee, Class, Frame, Object, ObjectId, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::language::module_name;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Files that one import may lead to, by a table of their names.
const MAX_TABLE: usize = 16;
/// Files that import each other in a row.
const MAX_IMPORTS: u32 = 24;
/// Objects that are told apart while one file is run, besides those that the tops of files make,
const MAX_OBJECTS: usize = 100_000;
/// and all that an engine has.
const MAX_ALL_OBJECTS: usize = 4 * MAX_OBJECTS;
/// Objects made by functions that were run, above which all is forgotten before the next file, if it is more than
/// the tops of files made: those are run again then.
const MAX_LEFT_OVER: usize = MAX_OBJECTS / 4;

/// The top of a file of which not all was run.
#[derive(Debug)]
pub(super) struct Waiting<'p> {
    unit: UnitId,
    /// Which of its statements were.
    ran: Vec<bool>,
    /// Classes that these made.
    deferred: Vec<Rc<Class<'p>>>,
    /// What they took.
    meter: Meter,
}

impl<'p> Frame<'p> {
    /// A class was made there.
    pub(super) fn defer(&self, class: Rc<Class<'p>>) {
        if let Some(waiting) = &mut *self.waiting.borrow_mut() {
            waiting.deferred.push(class);
        }
    }
}

impl<'p> Engine<'p> {
    /// The names of a file, those among them that were asked for: each is worked out then.
    pub(super) fn names(&mut self, unit: UnitId) -> Rc<Frame<'p>> {
        if !self.is_python(unit) {
            return self.top(unit);
        }
        if let Some(frame) = self.tops.get(&unit) {
            return Rc::clone(frame);
        }
        let frame = self.frame(None);
        let file = self.unit(unit);
        let meter = self.meter_for_top(unit);
        let ran = vec![false; file.statements().count()];
        frame.waiting.replace(Some(Box::new(Waiting { unit, ran, deferred: Vec::new(), meter })));
        self.tops.insert(unit, Rc::clone(&frame));
        self.run_for_effect(unit);
        self.run_statements(&frame, file.statements().for_effect());
        frame
    }

    /// Runs what says what a name is at the top of a file; whether there was something.
    pub(super) fn run_for_name(&mut self, frame: &Rc<Frame<'p>>, name: &str) -> bool {
        let wanted = match &*frame.waiting.borrow() {
            Some(waiting) => self.unit(waiting.unit).statements().for_name(name, &waiting.ran),
            None => return false,
        };
        self.run_statements(frame, &wanted);
        !wanted.is_empty()
    }

    /// Runs those of some statements that were not.
    fn run_statements(&mut self, frame: &Rc<Frame<'p>>, wanted: &[usize]) {
        let (unit, wanted) = match &mut *frame.waiting.borrow_mut() {
            Some(waiting) if !wanted.is_empty() => {
                let left = |&at: &usize| !std::mem::replace(&mut waiting.ran[at], true);
                let wanted: Vec<usize> = wanted.iter().copied().filter(left).collect();
                (waiting.unit, wanted)
            }
            _ => return,
        };
        let file = self.unit(unit);
        let roots = file.module.root().map_or(&[][..], |root| file.module.children(root));
        self.for_top(unit, frame, |engine| {
            for at in wanted {
                // One that is left in the middle leaves no other.
                let mut run = Run::new(unit, Rc::clone(frame), None, None);
                engine.eval(&mut run, roots[at]);
            }
        });
    }

    /// Runs something at the top of a file of which not all was run.
    pub(super) fn for_top(&mut self, unit: UnitId, frame: &Rc<Frame<'p>>, work: impl FnOnce(&mut Self)) {
        // By now the rest may have been run, while a field was worked out.
        let meter = frame.waiting.borrow().as_ref().map(|waiting| waiting.meter);
        let meter = meter.unwrap_or_else(|| self.meter_for_top(unit));
        let before = meter.entry();
        let after = self.in_top(unit, meter, work);
        // Others may have run meanwhile.
        if let Some(waiting) = &mut *frame.waiting.borrow_mut() {
            waiting.meter.count(after.entry().saturating_sub(before) as usize);
        }
    }

    /// What counts what runs at the top of a file.
    fn meter_for_top(&self, unit: UnitId) -> Meter {
        Meter::new(self.meter.budget().at_least_for(self.unit(unit).module))
    }

    /// Runs what is at the top of a file: it is run once for all that import it, so it is not counted to the one that did
    /// first. Gives what it took.
    fn in_top(&mut self, unit: UnitId, meter: Meter, work: impl FnOnce(&mut Self)) -> Meter {
        let outer = std::mem::replace(&mut self.meter, meter);
        let old = std::mem::replace(&mut self.old, ObjectId::MAX);
        let before = self.objects.len();
        self.tops_running.push(unit);
        // Whoever was the first to ask is no matter to what it is.
        let stack = std::mem::take(&mut self.stack);
        let (again, fixed_path) = (std::mem::take(&mut self.again), std::mem::take(&mut self.fixed_path));
        let (guards, caught) = (std::mem::take(&mut self.guards), std::mem::take(&mut self.caught));
        work(self);
        (self.stack, self.again, self.fixed_path, self.guards, self.caught) =
            (stack, again, fixed_path, guards, caught);
        self.tops_running.pop();
        if self.tops_running.is_empty() {
            self.of_tops += self.objects.len() - before;
            if before < self.objects.len() {
                self.of_top.push(before as ObjectId..self.objects.len() as ObjectId);
            }
        }
        self.old = old;
        std::mem::replace(&mut self.meter, outer)
    }

    /// Runs what is left of the top of a file.
    fn run_rest(&mut self, unit: UnitId, frame: &Rc<Frame<'p>>) {
        if frame.waiting.borrow().is_none() {
            return;
        }
        let all: Vec<usize> = (0..self.unit(unit).statements().count()).collect();
        self.run_statements(frame, &all);
        let next = || frame.waiting.borrow_mut().as_mut()?.deferred.pop();
        while let Some(class) = next() {
            self.class_fields(&class);
        }
        frame.waiting.take();
    }

    /// The names of a file, all of which is run.
    pub(super) fn top(&mut self, unit: UnitId) -> Rc<Frame<'p>> {
        if let Some(frame) = self.tops.get(&unit).cloned() {
            self.run_rest(unit, &frame);
            return frame;
        }
        let frame = self.frame(None);
        self.tops.insert(unit, Rc::clone(&frame));
        if !self.is_python(unit) {
            let exports = self.object(Object::default());
            let own = Value::object(exports);
            let module =
                self.object(Object { fields: BTreeMap::from([("exports".into(), own.clone())]), ..Object::default() });
            frame.vars.borrow_mut().insert("module", Value::object(module));
            frame.vars.borrow_mut().insert("exports", own);
        }
        let module = self.unit(unit).module;
        let mut run = Run::new(unit, Rc::clone(&frame), None, None);
        let meter = self.meter_for_top(unit);
        self.in_top(unit, meter, |engine| {
            engine.run_for_effect(unit);
            engine.hoist(&mut run, module.root());
            if let Some(root) = module.root() {
                engine.eval(&mut run, root);
            }
        });
        frame
    }

    /// Runs the tops of files that are imported whole and not named afterwards: for what they do to others.
    fn run_for_effect(&mut self, unit: UnitId) {
        for imported in self.imported_for_effect(unit).collect::<Vec<_>>() {
            if self.imports < MAX_IMPORTS {
                self.imports += 1;
                self.top(imported);
                self.imports -= 1;
            }
        }
    }

    /// Whether an object was made by the top of a file.
    pub(super) fn is_of_top(&self, object: ObjectId) -> bool {
        let at = self.of_top.partition_point(|made| made.end <= object);
        self.of_top.get(at).is_some_and(|made| made.contains(&object))
    }

    /// Objects that functions made which were run.
    fn count_left_over(&self) -> usize {
        self.objects.len() - self.of_tops
    }

    /// Whether no more objects are told apart.
    pub(super) fn is_full(&self) -> bool {
        self.tops_running.is_empty() && self.count_left_over() - self.left_over >= MAX_OBJECTS
            || self.objects.len() >= MAX_ALL_OBJECTS
    }

    /// Forgets what was run so far if that has become much; a file begins. What is still to be entered holds objects,
    /// so it is waited for as long as there is room.
    pub(super) fn make_room(&mut self) {
        let is_much = self.entries.is_empty() && self.count_left_over() > MAX_LEFT_OVER.max(self.of_tops);
        if is_much || self.objects.len() > MAX_ALL_OBJECTS - MAX_OBJECTS {
            self.tops.clear();
            self.of_top.clear();
            self.objects.clear();
            self.mixed_in.clear();
            self.shared.clear();
            self.summaries.clear();
            self.entries.clear();
            self.parked.clear();
            self.caught = Value::default();
            self.of_tops = 0;
        }
        self.left_over = self.count_left_over();
    }

    /// What an import means.
    pub(super) fn imported(&mut self, from: UnitId, path: &str) -> Value<'p> {
        // Files may import the same name from each other.
        if self.imports >= MAX_IMPORTS {
            return Value::default();
        }
        self.imports += 1;
        let value = self.find_imported(from, path);
        self.imports -= 1;
        value
    }

    pub(super) fn find_imported(&mut self, from: UnitId, path: &str) -> Value<'p> {
        match &*self.found(from, path) {
            &Found::Unit(unit, ref rest) => {
                let mut value = self.exports(unit);
                for name in rest {
                    value = self.member(unit, &value, name);
                }
                value
            }
            Found::Package(folder) => Value::callee(Callee::Package(from, folder.as_str().into())),
            Found::Nothing => Value::at(self.models(from).find(path)),
        }
    }

    /// What a file gives to those who import it.
    pub(super) fn exports(&mut self, unit: UnitId) -> Value<'p> {
        if self.is_python(unit) {
            return Value::callee(Callee::Unit(unit));
        }
        let frame = self.top(unit);
        let vars = frame.vars.borrow();
        let given = vars.get("module").and_then(|module| module.object);
        let given = given.and_then(|module| self.objects[module as usize].fields.get("exports").cloned());
        let own = vars.get("exports").and_then(|own| own.object);
        let is_used = given.as_ref().is_some_and(|value| {
            let holds = |object: u32| {
                // `module.exports = new EventEmitter()` holds nothing yet.
                if Some(object) != own && value.taints.is_empty() {
                    return true;
                }
                let object = &self.objects[object as usize];
                !object.fields.is_empty()
                    || !object.rest.callees.is_empty()
                    || object.class.is_some()
                    || object.prototype.is_some()
                    || object.is_list
            };
            // `module.exports = knex({ .. })`: what a library makes.
            let has_own = own.is_some_and(|own| !self.objects[own as usize].fields.is_empty());
            // `module.exports = /^a+$/`
            let is_known = value.place.is_some() || value.constant.is_some();
            let is_made = is_known && value.object.is_none() && !has_own;
            !value.callees.is_empty() || value.object.is_some_and(holds) || is_made
        });
        match given {
            Some(value) if is_used => value,
            _ => Value::callee(Callee::Unit(unit)),
        }
    }

    /// What is imported by a name that is not written there: `require(PATH)`, `require(COMMANDS[name])`.
    pub(super) fn imported_by(&mut self, run: &mut Run<'p>, name: NodeId) -> Option<Value<'p>> {
        let module = self.unit(run.unit).module;
        let names: Vec<Rc<str>> = match module.kind(name) {
            Kind::Name | Kind::Member => self.eval(run, name).text().map(Rc::from).into_iter().collect(),
            Kind::Index => {
                let table = self.eval_child(run, name, 0).object?;
                let table = &self.objects[table as usize];
                let texts = table.fields.values().chain(&table.items).filter_map(|value| value.text().map(Rc::from));
                texts.take(MAX_TABLE).collect()
            }
            _ => return None,
        };
        let mut all: Option<Value<'p>> = None;
        for name in names {
            let one = self.imported(run.unit, module_name(&name));
            match &mut all {
                Some(all) => {
                    all.join(&one);
                    one.object.into_iter().for_each(|object| all.may_be(object));
                }
                None => all = Some(one),
            }
        }
        all.filter(|all| !all.is_unknown())
    }
}
