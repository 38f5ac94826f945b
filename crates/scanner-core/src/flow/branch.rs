//! Ways through a program: branches, loops, `try` and `switch`. Each way is run from the same point and put
//! aside; those that go on are joined.

use super::engine::{Done, Engine, Run};
use super::model::{SinkSet, kinds};
use super::shared::Shared;
use super::value::{Object, ObjectId, Value};
use crate::ir::{Kind, NodeId};
use foldhash::HashMap;
use std::rc::Rc;

/// What a way through the program leaves.
#[derive(Clone)]
pub(super) struct Fork<'p> {
    pub(super) value: Value<'p>,
    done: Done,
    vars: Shared<HashMap<&'p str, Value<'p>>>,
    facts: Shared<HashMap<Rc<str>, SinkSet>>,
    /// How many objects there were before it.
    made: ObjectId,
    /// Objects that it changed.
    objects: HashMap<ObjectId, Shared<Object<'p>>>,
}

/// Objects as they were before a way was taken.
pub(super) struct Journal<'p> {
    /// How many objects there were: later ones no other way knows.
    made: ObjectId,
    saved: HashMap<ObjectId, Shared<Object<'p>>>,
}

impl<'p> Journal<'p> {
    /// One that begins when there are so many objects.
    pub(super) fn new(made: ObjectId) -> Journal<'p> {
        Journal { made, saved: HashMap::default() }
    }

    /// The objects that have changed since.
    pub(super) fn changed(&self) -> impl Iterator<Item = ObjectId> {
        self.saved.keys().copied()
    }
}

impl<'p> Engine<'p> {
    /// Notes that an object is about to change, so that other branches can see it as it was.
    pub(super) fn touch(&mut self, object: ObjectId) {
        for journal in &mut self.journals {
            if object < journal.made && !journal.saved.contains_key(&object) {
                journal.saved.insert(object, self.objects[object as usize].clone());
            }
        }
    }

    /// Runs something from here, and puts all back as it was: what it would leave is given.
    pub(super) fn fork(
        &mut self,
        run: &mut Run<'p>,
        action: impl FnOnce(&mut Self, &mut Run<'p>) -> Value<'p>,
    ) -> Fork<'p> {
        let (vars, facts) = (run.frame.vars.borrow().clone(), run.frame.facts.borrow().clone());
        // What is put aside and joined again costs as much as what it is about.
        self.meter.count(vars.len() / 4 + facts.len() / 4);
        let outside = std::mem::replace(&mut run.done, Done::No);
        self.journals.push(Journal::new(self.objects.len() as ObjectId));
        let value = action(self, run);
        let journal = self.journals.pop().expect("it was pushed above");
        let mut objects = HashMap::default();
        for (id, before) in journal.saved {
            objects.insert(id, std::mem::replace(&mut self.objects[id as usize], before));
        }
        Fork {
            value,
            done: std::mem::replace(&mut run.done, outside),
            vars: run.frame.vars.replace(vars),
            facts: run.frame.facts.replace(facts),
            made: journal.made,
            objects,
        }
    }

    /// Notes what a way has made of objects that ends with going back to the caller.
    pub(super) fn give_up(&mut self, run: &mut Run<'p>) {
        for journal in self.journals.iter().skip(run.forks) {
            for (&id, before) in &journal.saved {
                let now = &self.objects[id as usize];
                match run.given_up.get_mut(&id) {
                    Some([known, _]) if known.is(now) => {}
                    Some([known, _]) => known.join(now),
                    None => {
                        run.given_up.insert(id, [now.clone(), before.clone()]);
                    }
                }
            }
        }
    }

    /// Joins what ways have made of objects that went back to the caller before the last one did.
    pub(super) fn take_back(&mut self, run: &mut Run<'p>) {
        let mut given_up: Vec<_> = std::mem::take(&mut run.given_up).into_iter().collect();
        given_up.sort_unstable_by_key(|(id, _)| *id);
        for (id, [object, before]) in given_up {
            if self.objects[id as usize].is(&object) {
                continue;
            }
            self.touch(id);
            let now = &mut self.objects[id as usize];
            // Of two objects in one field a value can be but one: the one that was put in.
            for (name, value) in &object.fields {
                if let Some(own) = now.fields.get_mut(name)
                    && before.fields.get(name).is_some_and(|before| before.object == own.object)
                {
                    own.object = value.object.or(own.object);
                }
            }
            now.join(&object);
        }
    }

    /// The way on which nothing happens.
    fn stay(&mut self, run: &mut Run<'p>) -> Fork<'p> {
        self.fork(run, |_, _| Value::default())
    }

    /// Makes it so as a fork left it.
    pub(super) fn adopt(&mut self, run: &mut Run<'p>, fork: Fork<'p>) -> Value<'p> {
        run.frame.vars.replace(fork.vars);
        run.frame.facts.replace(fork.facts);
        for (id, object) in fork.objects {
            self.touch(id);
            self.objects[id as usize] = object;
        }
        run.done = fork.done;
        fork.value
    }

    /// Makes it so as one fork or the other left it.
    pub(super) fn join_forks(&mut self, mut one: Fork<'p>, other: Fork<'p>) -> Fork<'p> {
        if !one.facts.is(&other.facts) || !one.vars.is(&other.vars) {
            one.facts = Shared::new(joined_facts(&one, &other));
        }
        if !one.vars.is(&other.vars) {
            let vars = &mut *one.vars;
            for (name, value) in &*other.vars {
                match vars.get_mut(name) {
                    Some(own) => {
                        let is_made = own.object >= Some(one.made) && value.object >= Some(other.made);
                        self.join_either(own, value, is_made);
                    }
                    None => {
                        vars.insert(name, value.clone());
                    }
                }
            }
        }
        let mut ids: Vec<ObjectId> = one.objects.keys().chain(other.objects.keys()).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let now = &self.objects[id as usize];
            let right = other.objects.get(&id).unwrap_or(now);
            let mut left = one.objects.remove(&id).unwrap_or_else(|| now.clone());
            if !left.is(right) {
                self.meter.count((right.fields.len() + right.items.len()) / 4);
                left.join(right);
            }
            one.objects.insert(id, left);
        }
        let is_made = one.value.object >= Some(one.made) && other.value.object >= Some(other.made);
        self.join_either(&mut one.value, &other.value, is_made);
        one
    }

    /// As some ways left it, if there were any, or as one more did.
    fn also(&mut self, ways: Option<Fork<'p>>, way: Fork<'p>) -> Fork<'p> {
        match ways {
            Some(ways) => self.join_forks(ways, way),
            None => way,
        }
    }

    /// Of two ways, those that go on.
    pub(super) fn choose(&mut self, run: &mut Run<'p>, one: Fork<'p>, other: Fork<'p>) -> Value<'p> {
        match (one.done, other.done) {
            (Done::No, Done::No) => {
                let joined = self.join_forks(one, other);
                self.adopt(run, joined)
            }
            (Done::No, ended) => {
                if ended == Done::Left {
                    run.left.push(other);
                }
                self.adopt(run, one)
            }
            (ended, Done::No) => {
                if ended == Done::Left {
                    run.left.push(one);
                }
                self.adopt(run, other)
            }
            (Done::Gone, Done::Gone) => {
                run.done = Done::Gone;
                Value::default()
            }
            // A loop goes on after it, with what either left.
            _ => {
                let mut joined = self.join_forks(one, other);
                joined.done = Done::Left;
                self.adopt(run, joined)
            }
        }
    }

    pub(super) fn branches(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let condition = self.eval_child(run, node, 0);
        let (test, then, other) = (module.child(node, 0), module.child(node, 1), module.child(node, 2));
        if let Some(truth) = condition.truth() {
            if let Some(test) = test {
                self.refine(run, test, truth);
            }
            let taken = if truth { then } else { other };
            return taken.map(|taken| self.eval(run, taken)).unwrap_or_default();
        }
        let way = |engine: &mut Self, run: &mut Run<'p>, truth: bool, body: Option<NodeId>| {
            engine.fork(run, |engine, run| {
                if let Some(test) = test {
                    engine.refine(run, test, truth);
                }
                body.map(|body| engine.eval(run, body)).unwrap_or_default()
            })
        };
        let one = way(self, run, true, then);
        let other = way(self, run, false, other);
        self.choose(run, one, other)
    }

    pub(super) fn rounds(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let children = module.children(node);
        let around = std::mem::take(&mut run.left);
        let members = self.archive_members(run, children);
        let mut checked = false;
        let mut each = self.goes_through_all(run, node);
        // How often something has led to a prototype when each round began: what did so in the second one only, the
        // third goes on from.
        let mut led = [self.led; 3];
        for at in 0..led.len() {
            led[at] = self.led;
            if at == 2 && (led[1] != led[0] || led[2] == led[1]) {
                break;
            }
            let mut round = self.fork(run, |engine, run| {
                for &child in children {
                    if child == children[0] && module.kind(child) == Kind::Bind {
                        engine.bind_elements(run, child);
                    } else {
                        engine.eval(run, child);
                    }
                    if let Some(each) = each.as_mut().filter(|each| each.body == child) {
                        engine.note_element(run, each);
                    }
                    if run.done != Done::No {
                        break;
                    }
                }
                Value::default()
            });
            for left in std::mem::take(&mut run.left) {
                round = if round.done == Done::Gone { left } else { self.join_forks(round, left) };
            }
            round.done = Done::No;
            checked |= members.as_ref().is_some_and(|list| self.checked_members(&round.vars, list));
            let before = self.stay(run);
            let joined = self.join_forks(round, before);
            self.adopt(run, joined);
        }
        run.left = around;
        self.ended(run, node);
        if let Some(each) = each {
            self.shown_of_list(run, &each);
        }
        if let Some(list) = members.filter(|_| checked) {
            self.clear_origins(run, &list, kinds(&["extract"]));
        }
        Value::default()
    }

    /// `while (name.includes("..")) name = name.replace("..", "")`: after it, its condition does not hold, unless
    /// it was left before.
    fn ended(&mut self, run: &mut Run<'p>, node: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let text = unit.written(node);
        let condition = match module.children(node) {
            [condition, ..] if text.starts_with("while") => *condition,
            [.., condition] if text.starts_with("do") => *condition,
            _ => return,
        };
        if !module.subtree(node).any(|inner| module.kind(inner) == Kind::Leave) {
            self.refine(run, condition, false);
        }
    }

    pub(super) fn bind_elements(&mut self, run: &mut Run<'p>, bind: NodeId) {
        let module = self.unit(run.unit).module;
        let list = self.eval_child(run, bind, 1);
        let names = !module.text(bind, self.unit(run.unit).text).is_empty();
        let mut value = match names {
            true => self.names_of(&list),
            // What goes through a dictionary of Python gets its keys.
            false if self.has_declared_names(run.unit, &list) => Value::default(),
            false if self.is_dictionary(run.unit, &list) => self.names_of(&list),
            false => self.elements(&list),
        };
        // What a model knows of the elements.
        if let Some(place) = list.place.and_then(|place| self.models(run.unit).element(place)).filter(|_| !names) {
            value.place = value.place.or(Some(place));
            value = self.sourced(run, bind, value);
        }
        if let Some(target) = module.child(bind, 0) {
            self.bind(run, target, value, Some(bind));
        }
    }

    pub(super) fn attempt(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let Some((&body, rest)) = module.children(node).split_first() else { return Value::default() };
        let (handlers, last) = match rest.split_last() {
            Some((&last, handlers)) if module.kind(last) == Kind::Block => (handlers, Some(last)),
            _ => (rest, None),
        };
        self.thrown.push(Value::default());
        let tried = self.fork(run, |engine, run| engine.eval(run, body));
        let thrown = self.thrown.pop().unwrap_or_default();
        let nothing = self.stay(run);
        // A handler starts where the body stopped, which may be anywhere.
        let mut anywhere = self.join_forks(tried.clone(), nothing);
        anywhere.done = Done::No;
        let mut result = tried;
        for &handler in handlers {
            let start = anywhere.clone();
            let handled = self.fork(run, |engine, run| {
                engine.adopt(run, start);
                let outside = std::mem::replace(&mut engine.caught, thrown.clone());
                let value = engine.eval(run, handler);
                engine.caught = outside;
                value
            });
            result = match (result.done, handled.done) {
                (Done::No, Done::No) => self.join_forks(result, handled),
                (Done::No, _) => result,
                (_, Done::No) => handled,
                _ => result,
            };
        }
        self.adopt(run, result);
        if let Some(last) = last {
            let done = std::mem::replace(&mut run.done, Done::No);
            self.eval(run, last);
            if run.done == Done::No {
                run.done = done;
            }
        }
        Value::default()
    }

    /// What is thrown in a `try`, also by what it calls, is what its handler is given: as text that is shown.
    pub(super) fn note_thrown(&mut self, value: &Value<'p>) {
        if self.thrown.is_empty() {
            return;
        }
        let mut taints = self.all_taints(value);
        let shown = kinds(&["html", "log"]);
        taints.iter_mut().for_each(|taint| taint.cleared |= !shown);
        if let Some(thrown) = self.thrown.last_mut() {
            thrown.taint_with(&taints);
        }
    }

    pub(super) fn switch(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let children = module.children(node);
        let Some((&subject_node, cases)) = children.split_first() else { return Value::default() };
        if let Some(context) = self.cut_into_steps(run, subject_node) {
            return self.in_steps(run, cases, context);
        }
        let subject = self.eval(run, subject_node);
        let mut ways: Option<Fork<'p>> = None;
        let (mut has_default, mut all_gone, mut decided) = (false, !cases.is_empty(), false);
        let mut waiting: Vec<NodeId> = Vec::new();
        for (index, &case) in cases.iter().enumerate() {
            let Some((&tests, body)) = module.children(case).split_first() else { continue };
            let tests = module.children(tests);
            waiting.extend(tests);
            // `case 'a': case 'b': ..`
            if body.is_empty() && index + 1 < cases.len() && !tests.is_empty() {
                continue;
            }
            let default = tests.is_empty();
            let tested = std::mem::take(&mut waiting);
            let mut value_of = |test: NodeId| match (self.eval(run, test), module.kind(test)) {
                // `case "a" as name`
                (_, Kind::Bind) => self.eval_child(run, test, 1),
                (value, _) => value,
            };
            let values: Vec<Value<'p>> = tested.iter().map(|&test| value_of(test)).collect();
            let constants = !default && values.iter().all(|value| value.constant.is_some());
            has_default |= default;
            if subject.constant.is_some() {
                let equal = constants && values.iter().any(|value| value.constant == subject.constant);
                if decided || constants && !equal {
                    continue;
                }
                decided |= equal;
            }
            let way = self.fork(run, |engine, run| {
                if constants {
                    engine.clear_fact(run, subject_node, SinkSet::MAX);
                } else if engine.is_python(run.unit) {
                    // `case {"name": name}`, `case str() as name`: what it names is a part of the subject, or all of it.
                    let inside = |&test: &NodeId| match module.kind(test) {
                        Kind::Bind => module.children(test).to_vec(),
                        _ => vec![test],
                    };
                    let binds = |&test: &NodeId| matches!(module.kind(test), Kind::Name | Kind::Object | Kind::Array);
                    for test in tested.iter().flat_map(inside).filter(binds) {
                        engine.bind(run, test, subject.clone(), None);
                    }
                }
                engine.sequence(run, body)
            });
            if way.done != Done::Gone {
                all_gone = false;
                ways = Some(self.also(ways, way));
            }
        }
        let exhaustive = has_default || decided;
        if !exhaustive {
            let none = self.stay(run);
            ways = Some(self.also(ways, none));
        }
        match ways {
            Some(mut way) => {
                way.done = Done::No;
                self.adopt(run, way);
            }
            None if all_gone => run.done = Done::Gone,
            None => {}
        }
        Value::default()
    }

    pub(super) fn comprehension(&mut self, run: &mut Run<'p>, node: NodeId) -> Value<'p> {
        let module = self.unit(run.unit).module;
        let Some((&body, clauses)) = module.children(node).split_last() else { return Value::default() };
        let (vars, facts) = (run.frame.vars.borrow().clone(), run.frame.facts.borrow().clone());
        for &clause in clauses {
            match module.children(clause) {
                [bind, ..] if module.kind(*bind) == Kind::Bind => self.bind_elements(run, *bind),
                [condition] => {
                    self.eval(run, *condition);
                    self.refine(run, *condition, true);
                }
                _ => {}
            }
        }
        let element = self.eval(run, body);
        run.frame.vars.replace(vars);
        run.frame.facts.replace(facts);
        let mut value = Value::default();
        value.taint_with(&element.taints);
        value.object = Some(self.object(Object { rest: element, ..Object::default() }));
        value
    }
}

/// What is known of expressions whichever of two ways was taken: what both show, and what one shows of
/// a name that the other gave something harmless.
fn joined_facts(one: &Fork<'_>, other: &Fork<'_>) -> HashMap<Rc<str>, SinkSet> {
    let shown = |fork: &Fork<'_>, text: &Rc<str>| match fork.vars.get(&**text) {
        Some(value) if value.taints.is_empty() && value.object.is_none() => SinkSet::MAX,
        _ => fork.facts.get(text).copied().unwrap_or(0),
    };
    let texts = one.facts.keys().chain(other.facts.keys());
    let both = texts.map(|text| (Rc::clone(text), shown(one, text) & shown(other, text)));
    both.filter(|(_, cleared)| *cleared != 0).collect()
}
