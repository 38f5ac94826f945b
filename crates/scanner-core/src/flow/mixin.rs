//! Handlers that a class of views has from another class of the program: `class Page(ShowsFile, View)`, where
//! `ShowsFile` has the `get`; and what is run on a view before the handler.

use super::call::Given;
use super::engine::Engine;
use super::entry::Entry;
use super::model::Place;
use super::value::{Callee, Class, UnitId, Value};
use std::rc::Rc;

/// Classes of a file whose inherited handlers are run.
const MAX_CLASSES: usize = 64;

impl<'p> Engine<'p> {
    /// Runs what the classes of views of a file have from other classes, each on an instance of its own: what it
    /// calls by `self` may be theirs.
    pub(super) fn run_inherited(&mut self, unit: UnitId) {
        if !self.is_python(unit) {
            return;
        }
        let frame = self.top(unit);
        let mut classes: Vec<Rc<Class<'p>>> = Vec::new();
        for value in frame.vars.borrow().values() {
            classes.extend(value.callees.iter().filter_map(|callee| match callee {
                Callee::Class(class) if class.unit == unit => Some(Rc::clone(class)),
                _ => None,
            }));
        }
        classes.sort_by_key(|class| class.node);
        classes.dedup_by_key(|class| class.node);
        for class in classes.into_iter().take(MAX_CLASSES) {
            let places = self.frameworks_of(&class);
            for above in class.line().skip(1) {
                if places.is_empty() {
                    break;
                }
                let is_view = !self.frameworks_of(&above).is_empty();
                let mut names: Vec<&str> = above.methods.keys().copied().collect();
                names.sort_unstable();
                for name in names {
                    // One that is a view itself was run: what it calls of others was not.
                    if !is_view || self.calls_below(&class, &above, name) {
                        self.run_handler(&class, &above, name, &places);
                    }
                }
            }
        }
    }

    /// Whether a method calls one that a class below has: `self.answer(..)`.
    fn calls_below(&self, class: &Rc<Class<'p>>, above: &Class<'p>, name: &str) -> bool {
        let Some(&node) = above.methods.get(name) else { return false };
        let file = self.unit(above.unit);
        let text = file.written(node);
        let mut below = class.line().take_while(|class| (class.unit, class.node) != (above.unit, above.node));
        below.any(|class| class.methods.keys().any(|own| text.contains(&format!("self.{own}("))))
    }

    /// Runs a method that a class has from another as its framework would.
    fn run_handler(&mut self, class: &Rc<Class<'p>>, above: &Rc<Class<'p>>, name: &str, places: &[Place]) {
        let models = self.models(class.unit);
        let first = class.line().find(|class| class.methods.contains_key(name));
        let is_own = first.is_some_and(|first| (first.unit, first.node) == (above.unit, above.node));
        let place = places.iter().find_map(|&place| models.member(place, name));
        let Some(known) = place.map(|place| models.known(place)).filter(|_| is_own) else { return };
        let Some(parameters) = known.calls().parameters.clone() else { return };
        let this = self.instance(class, Vec::new(), None);
        if let Some(function) = self.method(&this, class, name) {
            self.start(function.unit, function.node);
            self.enter(&Entry { function, parameters, route: None, returns: known.calls().returned(), guessed: false });
            self.run_entries();
        }
    }

    /// `FileView.as_view("files", Storage(ROOT))`: the view is made with what follows its name for each request.
    pub(super) fn view_made_with(&mut self, view: &Value<'p>, given: &[Given<'p>]) {
        const HANDLERS: &[&str] = &["dispatch_request", "get", "post", "put", "patch", "delete", "head"];
        let Some(Callee::Class(class)) = view.callees.first().cloned() else { return };
        let named = usize::from(given.first().is_some_and(|first| first.name.is_none()));
        let arguments: Vec<_> = given[named..].iter().map(|given| (given.name.clone(), given.value.clone())).collect();
        if arguments.is_empty() || self.constructor(view, &class).is_none() {
            return;
        }
        let this = self.instance(&class, arguments, None);
        let (models, places) = (self.models(class.unit), self.frameworks_of(&class));
        for name in HANDLERS {
            let place = places.iter().find_map(|&place| models.member(place, name));
            let Some(calls) = place.map(|place| models.known(place).calls()) else { continue };
            if let (Some(parameters), Some(function)) = (&calls.parameters, self.method(&this, &class, name)) {
                self.called.insert((function.unit, function.node));
                let (parameters, returns) = (parameters.clone(), calls.returned());
                self.await_entry(Entry { function, parameters, route: None, returns, guessed: false });
            }
        }
    }

    /// `app.add_route("/items", Items(database))`: what answers are the methods of just that object.
    pub(super) fn resource_given(&mut self, given: &[Given<'p>]) {
        for value in given.iter().map(|given| &given.value) {
            let class = value.object.and_then(|object| self.objects[object as usize].class.clone());
            let Some(class) = class.filter(|class| self.is_python(class.unit)) else { continue };
            let mut names: Vec<&str> = class.methods.keys().copied().filter(|name| name.starts_with("on_")).collect();
            names.sort_unstable();
            for name in names {
                let Some(function) = self.method(value, &class, name) else { continue };
                let parameters = self.guess(class.unit, &self.given_names(&function));
                if !parameters.is_empty() {
                    self.called.insert((function.unit, function.node));
                    self.await_entry(Entry { function, parameters, route: None, returns: None, guessed: true });
                }
            }
        }
    }

    /// `server.register_instance(Service())`: who asks the server calls all public methods of that object.
    pub(super) fn instance_given(&mut self, given: &[Given<'p>]) {
        let Some(value) = given.first().map(|given| &given.value) else { return };
        let class = value.object.and_then(|object| self.objects[object as usize].class.clone());
        let Some(class) = class.filter(|class| self.is_python(class.unit)) else { return };
        let models = self.models(class.unit);
        let function = models.find("xmlrpc.Server.register_function");
        let Some(parameters) = function.and_then(|place| models.known(place).calls().parameters.clone()) else {
            return;
        };
        let mut names: Vec<&str> = class.methods.keys().copied().filter(|name| !name.starts_with('_')).collect();
        names.sort_unstable();
        for name in names {
            let Some(function) = self.method(value, &class, name) else { continue };
            let parameters = parameters.clone();
            self.called.insert((function.unit, function.node));
            self.await_entry(Entry { function, parameters, route: None, returns: None, guessed: false });
        }
    }

    /// Runs what a framework runs on a view before the method that answers: it may keep what came in in the view.
    pub(super) fn prepare(&mut self, unit: UnitId, this: &Value<'p>, class: &Rc<Class<'p>>, name: &str) {
        const BEFORE: &[&str] = &["setup", "initial", "prepare", "dispatch"];
        if !self.is_python(unit) || BEFORE.contains(&name) {
            return;
        }
        let models = self.models(unit);
        let places = self.frameworks_of(class);
        for before in BEFORE {
            let place = places.iter().find_map(|&place| models.member(place, before));
            if let Some(place) = place
                && let Some(function) = self.method(this, class, before)
            {
                let parameters = models.known(place).calls().parameters.clone().unwrap_or_default();
                self.enter(&Entry { function, parameters, route: None, returns: None, guessed: false });
            }
        }
    }

    /// What models know of the classes of libraries that a class builds on, and of their instances.
    pub(super) fn frameworks_of(&self, class: &Rc<Class<'p>>) -> Vec<Place> {
        let models = self.models(class.unit);
        let mut places: Vec<Place> = Vec::new();
        for class in class.line() {
            places.extend(class.bases.iter().filter_map(|base| base.place));
        }
        places.extend(places.clone().iter().filter_map(|&place| models.call(place)));
        places
    }
}
