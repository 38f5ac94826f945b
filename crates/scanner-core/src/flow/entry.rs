//! Where a program is entered: the tops of files, what they register, functions that nothing calls.

use super::engine::{Engine, PARTS_DEPTH};
use super::guess::is_of_program;
use super::inside::inside;
use super::invoke::ANY_NAME;
use super::meter::{Budget, ENTRIES, Meter};
use super::model::{Guess, Known, Parameter, Parameters, Place, Returned};
use super::routes::{Part, cleared_by_route, cleared_by_slug};
use super::typed::{is_clean_type, is_open_type, with_decorators};
use super::value::{Callee, Class, Function, Object, ObjectId, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::{SOURCES, source_kind};
use foldhash::HashMap;
use std::rc::Rc;

/// A function that a framework calls.
pub(super) struct Entry<'p> {
    pub(super) function: Rc<Function<'p>>,
    pub(super) parameters: Parameters,
    /// The route, whose converters make parameters clean.
    pub(super) route: Option<Rc<str>>,
    pub(super) returns: Option<Returned>,
    /// Whether only the names of its parameters tell that it is one: what has a default is not given to it then.
    pub(super) guessed: bool,
}

impl<'p> Engine<'p> {
    /// Runs a file, what it registers, and its functions that nothing has called.
    pub fn run(&mut self, unit: UnitId) {
        let module = self.unit(unit).module;
        self.begin(unit, ENTRIES.for_file(module));
        self.run_entries();
        let mut functions: Vec<NodeId> =
            (0..module.len() as NodeId).filter(|&node| module.kind(node) == Kind::Function).collect();
        // Outer ones first: they may register those inside them, and say what those are given.
        functions.sort_by_cached_key(|&node| {
            module.ancestors(node).filter(|&around| module.kind(around) == Kind::Function).count()
        });
        for node in functions {
            if self.is_stopped() {
                return;
            }
            let is_called = self.called.contains(&(unit, node));
            if self.is_action(unit, node) || !is_called && self.may_have_source(unit, node) {
                self.start(unit, node);
                if self.unit(unit).module.child(node, 1).is_none() && self.is_page(unit, node) {
                    self.open_component(unit);
                }
                self.run_uncalled(unit, node);
                self.run_entries();
            }
        }
        self.run_inherited(unit);
        self.run_stateful(unit);
    }

    /// Whether a function is what shows the page of a file with tags.
    fn is_page(&self, unit: UnitId, node: NodeId) -> bool {
        let file = self.unit(unit);
        file.module.node(node).span.range() == (0..file.text.len())
    }

    /// Starts anew, at a file.
    pub(super) fn begin(&mut self, unit: UnitId, budget: Budget) {
        (self.meter, self.root, self.old) = (Meter::new(budget), unit, ObjectId::MAX);
        self.known_calls.clear();
        self.entered.clear();
        self.forget_partial();
        self.states.clear();
        self.stateful.clear();
        self.closures.clear();
        self.make_room();
        self.top(unit);
        self.entries.extend(self.parked.remove(&unit).into_iter().flatten());
    }

    /// Keeps an entry until it is its turn. What the top of a file registers is run with that file, wherever that is: of
    /// a program whose files all lead to each other it would be run once more for each of them.
    pub(super) fn await_entry(&mut self, entry: Entry<'p>) {
        match self.tops_running.last().filter(|&&unit| unit != self.root && self.program.is_root(unit)) {
            Some(&unit) => self.parked.entry(unit).or_default().push(entry),
            None => self.entries.push_back(entry),
        }
    }

    /// Whether data may come in in a function, or in one that it calls by a name of the same file.
    pub(super) fn may_have_source(&mut self, unit: UnitId, node: NodeId) -> bool {
        let file = self.unit(unit);
        let entrances = &self.library.of(file.family).entrances;
        let has = |node: NodeId| entrances.has_word(with_decorators(file.module, file.text, node).as_bytes());
        if has(node) || self.exposed(unit, node).is_some() {
            return true;
        }
        // `user(parent, { id })`: its place and the names of its parameters tell.
        let first = self.parameter_names(unit, node).first().copied().unwrap_or_default();
        if !first.is_empty() && self.models(unit).source_parameters.iter().any(|name| name == first) {
            return true;
        }
        let helpers = self.helpers.entry(unit).or_insert_with(|| {
            let functions = (0..file.module.len() as NodeId).filter(|&id| file.module.kind(id) == Kind::Function);
            functions.filter(|&id| has(id)).map(|id| file.module.text(id, file.text)).collect()
        });
        file.module.subtree(node).any(|id| {
            file.module.kind(id) == Kind::Call
                && file.module.child(id, 0).is_some_and(|callee| helpers.contains(file.module.text(callee, file.text)))
        })
    }

    /// An entry begins.
    pub(super) fn start(&mut self, unit: UnitId, node: NodeId) {
        self.meter.start(self.unit(unit).module.subtree(node).count());
        self.old = self.objects.len() as ObjectId;
    }

    pub(super) fn run_entries(&mut self) {
        while let Some(entry) = self.entries.pop_front().filter(|_| !self.is_stopped()) {
            // One that registers itself, or others that do, would never end.
            let is_new = self.entered.insert((entry.function.unit, entry.function.node));
            if !is_new && self.meter.is_file_spent() {
                self.exhausted.insert(self.root);
                continue;
            }
            self.start(entry.function.unit, entry.function.node);
            self.enter(&entry);
        }
    }

    /// Runs a function as a framework would.
    pub(super) fn enter(&mut self, entry: &Entry<'p>) -> Value<'p> {
        let Function { unit, node, .. } = *entry.function;
        let names = self.parameter_names(unit, node);
        let is_method = self.is_python(unit) && entry.function.this.is_some() && !self.is_static(&entry.function);
        let method = usize::from(is_method);
        let error = usize::from(self.takes_error(entry, &names));
        let parameter = |at: usize| at.checked_sub(method + error).map(|at| entry.parameters.at(at));
        let after_request = self.is_python(unit) && matches!(entry.parameters.at(0), Parameter::Typed(_));
        let mut made = self.made_for(entry);
        made.extend(self.decorated(unit, node));
        made.extend(self.handed_over(&entry.function));
        let values: Vec<Value<'p>> = names
            .iter()
            .enumerate()
            .skip(method)
            .map(|(at, name)| match parameter(at).unwrap_or(Parameter::Unknown) {
                _ if made.contains_key(&at) => made.remove(&at).unwrap_or_default(),
                Parameter::Source(_) if entry.guessed && (is_of_program(name) || self.has_default(unit, node, at)) => {
                    Value::default()
                }
                // `def view(request, template="list.html")`: what a program may set it up with.
                // A view whose route stands elsewhere: `<int:pk>`.
                Parameter::Source(_)
                    if after_request && at > 0 && !is_method && entry.route.is_none() && is_key_name(name) =>
                {
                    Value::default()
                }
                Parameter::Source(kind)
                    if (is_method || after_request)
                        && entry.route.is_none()
                        && self.converted_elsewhere(&entry.function, name) != Part::Text =>
                {
                    let mut value = Value::default();
                    if self.converted_elsewhere(&entry.function, name) == Part::Slug {
                        value = self.source(unit, node, at, kind);
                        value.clear(cleared_by_slug());
                    }
                    value
                }
                Parameter::Source(_) if is_method && self.is_declared_number(unit, node, name) => Value::default(),
                Parameter::Source(_) if after_request && self.has_text_as_default(unit, node, at) => Value::default(),
                // `@app.route("/ping") @with_host def ping(host)`: another decorator gives it that.
                Parameter::Source(_) if !is_method && !self.is_of_route(unit, entry.route.as_deref(), name) => {
                    Value::default()
                }
                Parameter::Source(kind)
                    if !is_converted(entry.route.as_deref(), name) && !self.is_typed(unit, node, at) =>
                {
                    let mut value = self.source(unit, node, at, kind);
                    let by_route = cleared_by_route(entry.route.as_deref(), name);
                    value.clear(by_route | self.cleared_by_parameter(unit, node, at));
                    value
                }
                Parameter::Typed(place) if self.is_of_worker(unit, place) => Value::default(),
                Parameter::Typed(place) => {
                    let mut value = self.typed_source(unit, node, at, place);
                    if at == 0 {
                        self.checked_request((unit, node), Some(place), &mut value);
                    }
                    value.object = value.object.or_else(|| self.checked_by(&entry.function, place));
                    value
                }
                _ => Value::default(),
            })
            .collect();
        // `*args` of which nothing is known are none.
        let given = values
            .into_iter()
            .zip(method..)
            .filter(|(value, at)| !value.is_unknown() || !self.is_rest(unit, node, *at));
        let mut arguments: Vec<_> = given.map(|(value, _)| (None, value)).collect();
        if let Some((named, kind)) = self.any_named(entry) {
            arguments.push((Some(ANY_NAME.into()), self.source(unit, node, named, kind)));
        }
        // `...sources`: nobody knows how many there are.
        let takes_rest = !self.is_python(unit) && self.takes_rest(unit, node);
        if let Some(last) = arguments.last().filter(|_| takes_rest).cloned() {
            arguments.extend(std::iter::repeat_n(last, 3));
        }
        // It may take what it has no names for: `arguments[0]`.
        if let (true, Parameter::Source(kind)) = (names.is_empty(), entry.parameters.at(0)) {
            let given = self.source(unit, node, 0, kind);
            arguments.extend(std::iter::repeat_n((None, given), 4));
        }
        // `/users/list` has no part that the sender chooses.
        let fixed = entry.route.as_deref().is_some_and(|route| {
            self.is_python(unit) && route.starts_with('/') && !route.contains(['<', '{', '*', '(', ':'])
        });
        let outside = std::mem::replace(&mut self.fixed_path, fixed);
        let function = self.with_context(entry);
        let value = self.invoke(&function, arguments, None, entry.returns);
        self.fixed_path = outside;
        value
    }

    /// Whether a parameter takes what others have no names for: `*args`.
    fn is_rest(&self, unit: UnitId, function: NodeId, at: usize) -> bool {
        let module = self.unit(unit).module;
        let target = module.child(function, at).and_then(|parameter| module.child(parameter, 0));
        target.is_some_and(|target| module.kind(target) == Kind::Spread)
    }

    /// Whether a parameter may stand for a part of a route, as far as that is known: Flask gives a view what the route
    /// has a name for.
    fn is_of_route(&self, unit: UnitId, route: Option<&str>, name: &str) -> bool {
        let imports = |module: &str| {
            let under =
                |path: &str| path.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            self.unit(unit).module.imports.iter().any(|import| under(&import.path))
        };
        let is_named = |route: &str| {
            let mut ends = route.match_indices('>').map(|(at, _)| &route[..at]);
            ends.any(|start| start.strip_suffix(name).is_some_and(|start| start.ends_with(['<', ':', '('])))
        };
        !self.is_python(unit)
            || route.is_none_or(|route| !route.starts_with('/') || is_named(route))
            || imports("fastapi")
            || !(imports("flask") || imports("quart"))
    }

    /// A generator that a framework runs takes as `this` what others get as their first parameter: Koa 1. A plugin of
    /// jQuery is a method of what was found.
    fn with_context(&mut self, entry: &Entry<'p>) -> Rc<Function<'p>> {
        let Function { unit, node, .. } = *entry.function;
        let file = self.unit(unit);
        let head = file.written(node).split('(').next().unwrap_or_default();
        match entry.parameters.at(0) {
            Parameter::Typed(place) if head.contains('*') && entry.function.is_free() => {
                let this = self.typed_source(unit, node, 0, place);
                Rc::new(entry.function.bound(&this))
            }
            Parameter::Source(kind) if Some(kind) == source_kind("plugin") && entry.function.is_free() => {
                Rc::new(entry.function.bound(&Value::at(self.models(unit).find("jq.Set"))))
            }
            _ => Rc::clone(&entry.function),
        }
    }

    /// Whether a handler is given an error before all else, as Express calls those that take four things.
    fn takes_error(&self, entry: &Entry<'p>, names: &[&str]) -> bool {
        const HANDLER: usize = 4;
        !self.is_python(entry.function.unit)
            && names.len() == HANDLER
            && matches!(entry.parameters.at(0), Parameter::Typed(_))
            && matches!(names[0].trim_start_matches('_'), "err" | "error" | "e")
    }

    /// The parameters that other functions of the program make, by their positions.
    fn made_for(&mut self, entry: &Entry<'p>) -> HashMap<usize, Value<'p>> {
        let unit = entry.function.unit;
        let mut made = HashMap::default();
        if self.is_python(unit) && matches!(entry.parameters.at(0), Parameter::Source(_)) {
            for (at, &parameter) in self.unit(unit).module.children(entry.function.node).iter().enumerate() {
                if let Some(value) = self.injected(&entry.function, parameter, &entry.parameters) {
                    made.insert(at, value);
                }
            }
        }
        made
    }

    /// Parameters whose type says that they are what a framework makes of a request: some of their members come from
    /// outside, they themselves do not.
    fn handed_over(&mut self, function: &Function<'p>) -> Vec<(usize, Value<'p>)> {
        let (unit, node) = (function.unit, function.node);
        let python = self.is_python(unit);
        let mut handed = Vec::new();
        for (at, &parameter) in self.unit(unit).module.children(node).iter().enumerate() {
            let place = self.type_of(unit, &function.frame, parameter).and_then(|named| named.place);
            let brings = |place: Place| match python {
                true => self.models(unit).gives(place),
                // `event: APIGatewayProxyEvent`: all of it comes from outside.
                false => {
                    source_kind("remote").is_some_and(|kind| self.models(unit).known(place).sources >> kind & 1 == 1)
                }
            };
            if let Some(place) = place.filter(|&place| brings(place)) {
                handed.push((at, self.typed_source(unit, node, at, place)));
            }
        }
        handed
    }

    /// `**options` of a function that is given data from outside: its position, and the kind of data.
    fn any_named(&self, entry: &Entry<'p>) -> Option<(usize, u8)> {
        let Function { unit, node, .. } = *entry.function;
        let file = self.unit(unit);
        let is_it = |&id: &NodeId| file.written(id).starts_with(ANY_NAME);
        let at = file.module.children(node).iter().position(is_it)?;
        match entry.parameters.at(at) {
            Parameter::Source(kind) if self.is_python(unit) => Some((at, kind)),
            _ => None,
        }
    }

    /// Whether a parameter's type holds no text.
    pub(super) fn is_typed(&self, unit: UnitId, function: NodeId, at: usize) -> bool {
        let parameter = self.unit(unit).module.child(function, at);
        parameter.and_then(|parameter| self.annotation(unit, parameter)).is_some_and(is_clean_type)
    }

    /// The type that a parameter is written with.
    pub(super) fn annotation(&self, unit: UnitId, parameter: NodeId) -> Option<&'p str> {
        let file = self.unit(unit);
        let annotations = &file.module.annotations;
        let at = annotations.binary_search_by_key(&parameter, |(node, _)| *node).ok()?;
        Some(file.text[annotations[at].1.range()].trim_start_matches([':', ' ']))
    }

    /// A parameter that holds data from outside.
    pub(super) fn source(&mut self, unit: UnitId, function: NodeId, at: usize, kind: u8) -> Value<'p> {
        let module = self.unit(unit).module;
        let parameter = module.child(function, at).unwrap_or(function);
        let mut value = Value::default();
        value.taints.push(self.fresh(unit, module.node(parameter).span, kind));
        let written = self.annotation(unit, parameter).unwrap_or_default();
        // `image: bytes`: what a file holds, not its path.
        if self.is_python(unit) && written.starts_with("bytes") {
            value.clear(inside());
        }
        match is_open_type(written) {
            true => self.of_any_kind(value),
            false => value,
        }
    }

    /// Whether the last parameter of a function takes all that is left: `...sources`.
    fn takes_rest(&self, unit: UnitId, function: NodeId) -> bool {
        let module = self.unit(unit).module;
        let last = module.children(function).iter().rposition(|&part| module.kind(part) == Kind::Param);
        last.is_some_and(|last| self.is_rest(unit, function, last))
    }

    /// Whether a parameter of Python has a default.
    fn has_default(&self, unit: UnitId, function: NodeId, at: usize) -> bool {
        self.default_at(unit, function, at).is_some()
    }

    /// What a parameter of Python is if nothing is given for it.
    fn default_at(&self, unit: UnitId, function: NodeId, at: usize) -> Option<NodeId> {
        let module = self.unit(unit).module;
        let parameter = module.child(function, at).filter(|_| self.is_python(unit))?;
        module.child(parameter, 1)
    }

    /// Whether a parameter of Python has a text that is not empty as its default.
    fn has_text_as_default(&self, unit: UnitId, function: NodeId, at: usize) -> bool {
        let file = self.unit(unit);
        self.default_at(unit, function, at).is_some_and(|default| {
            file.module.kind(default) == Kind::Str && !file.module.text(default, file.text).is_empty()
        })
    }

    /// Data whose sender chooses what kind of value it is.
    pub(super) fn of_any_kind(&self, mut value: Value<'p>) -> Value<'p> {
        let remote = source_kind("remote").unwrap_or(u8::MAX);
        let texts = value.taints.iter().filter(|taint| taint.kind == remote);
        let objects: Vec<Taint> = texts.map(|taint| Taint { kind: self.remote_object, ..taint.clone() }).collect();
        value.taint_with(&objects);
        value
    }

    /// A parameter of a type, which may be data from outside as a whole.
    pub(super) fn typed_source(&mut self, unit: UnitId, function: NodeId, at: usize, place: Place) -> Value<'p> {
        let known = self.models(unit).known(place);
        let (sources, clears) = (known.sources, known.clears);
        let mut value = Value::at(Some(place));
        for kind in (0..SOURCES.len() as u8).filter(|kind| sources >> kind & 1 == 1) {
            value.taint_with(&self.source(unit, function, at, kind).taints);
        }
        value.clear(clears);
        value
    }

    pub(super) fn run_uncalled(&mut self, unit: UnitId, node: NodeId) {
        let module = self.unit(unit).module;
        // A method runs on an instance of its class, a nested function with what its outer one left.
        let class = module.ancestors(node).take_while(|&id| module.kind(id) != Kind::Function);
        let class = class.into_iter().find(|&id| module.kind(id) == Kind::Class);
        let frame = self.top(unit);
        let fields = self.object(Object::default());
        let this = class.and_then(|class| {
            let name = module.text(class, self.unit(unit).text);
            let value = frame.vars.borrow().get(name).cloned()?;
            let Some(Callee::Class(class)) = value.callees.first().cloned() else { return None };
            // A class of views is made with the request.
            let maker = self.constructor(&Value::default(), &class);
            let given = maker.map(|maker| self.given_by_name(unit, &maker)).unwrap_or_default();
            Some(self.instance(&class, given, None))
        });
        let is_action = self.is_action(unit, node);
        if self.called.contains(&(unit, node)) && !is_action {
            return;
        }
        // One that its outer function has made closes over what that left.
        let function = match self.closures.get(&node).filter(|_| this.is_none()) {
            Some(made) => Rc::clone(made),
            None => Rc::new(Function { unit, node, frame, this, lent: false, fields, given: Vec::new() }),
        };
        let names = self.parameter_names(unit, node);
        let method = usize::from(self.is_python(unit) && function.this.is_some());
        let given = &names[method.min(names.len())..];
        let guess = self.guessed(unit, given, self.name_given(unit, node), self.name_around(unit, node));
        let mut parameters = guess.map(|guess| self.given_by_guess(guess, unit, node)).unwrap_or_default();
        let mut returns = guess.and_then(|guess| guess.returns);
        if returns.is_none() && !self.is_python(unit) {
            returns = self.returned_for_type(&function);
        }
        let mut guessed = guess.is_some();
        if is_action {
            let remote = source_kind("remote").expect("a kind of this name");
            (parameters, guessed) = (Parameters::all(remote), false);
        }
        if let Some((known, shows)) = self.by_decorators(unit, node) {
            (parameters, returns) = (known.or(&parameters), shows);
            guessed = false;
        }
        // A method that a framework calls by its name.
        let name = module.text(node, self.unit(unit).text);
        let models = self.models(unit);
        let bases = function.this.as_ref().and_then(|this| self.objects[this.object? as usize].class.clone());
        let lines = bases.iter().flat_map(Class::line).collect::<Vec<_>>();
        for base in lines.iter().flat_map(|class| &class.bases) {
            // Its own, or its instances'.
            // One that registers handlers is none itself.
            let registers =
                matches!(name, "route" | "api_route" | "add_url_rule" | "add_api_route" | "websocket" | "middleware");
            let of_instances = || models.member(models.call(base.place?)?, name).filter(|_| !registers);
            // `validate_name`, where the model has `validate_*`.
            let start = name.split_once('_').map(|(start, _)| format!("{start}_*"));
            let by_start = || models.member(models.call(base.place?)?, start.as_deref()?);
            let by_name = base.place.and_then(|place| models.member(place, name)).or_else(of_instances);
            if let Some(place) = by_name.or_else(by_start) {
                let known = models.known(place);
                guessed &= known.calls().parameters.is_none();
                parameters = known.calls().parameters.clone().unwrap_or(parameters);
                returns = known.calls().returned().or(returns);
            }
        }
        if let (Some(this), Some(class)) = (&function.this, &bases) {
            self.prepare(unit, this, class, name);
        }
        let mut route = None;
        if let Some(known) = self.exposed(unit, node).filter(|_| function.this.is_some()) {
            (parameters, returns) =
                (known.calls().parameters.clone().unwrap_or(parameters), known.calls().returned().or(returns));
            guessed = false;
        }
        if function.this.is_some() {
            for decorator in self.decorators_of(&function) {
                let known = self.models(unit).known(decorator.place);
                guessed &= known.calls().parameters.is_none();
                parameters = known.calls().parameters.clone().unwrap_or(parameters);
                returns = decorator.returns.or(returns);
                route = decorator.route.or(route);
            }
        }
        self.enter(&Entry { function, parameters, route, returns, guessed });
    }

    /// What becomes of the answer of a function whose first parameter has a type by which handlers are known:
    /// `(event: APIGatewayProxyEvent) => ({ statusCode, body })`.
    fn returned_for_type(&mut self, function: &Function<'p>) -> Option<Returned> {
        let first = self.unit(function.unit).module.child(function.node, 0)?;
        let place = self.type_of(function.unit, &function.frame, first)?.place?;
        let is_of_type = |guess: &&Guess| matches!(guess.parameters.at(0), Parameter::Typed(typed) if typed == place);
        self.models(function.unit).guesses.iter().find(is_of_type)?.returns
    }

    /// What is known of a method of CherryPy that its class shows without a decorator: `download.exposed = True`.
    fn exposed(&self, unit: UnitId, method: NodeId) -> Option<&'p Known> {
        let file = self.unit(unit);
        if !file.module.imports.iter().any(|import| import.path.starts_with("cherrypy")) {
            return None;
        }
        let class = file.module.ancestors(method).find(|&id| file.module.kind(id) == Kind::Class)?;
        let shown = format!("{}.exposed = True", file.module.text(method, file.text));
        let models = self.models(unit);
        let place = models.find("cherrypy.expose")?;
        file.written(class).contains(&shown).then(|| models.known(place))
    }

    /// Notes functions that a framework will call.
    pub(super) fn register(
        &mut self,
        value: &Value<'p>,
        parameters: &Parameters,
        route: Option<Rc<str>>,
        returns: Option<Returned>,
    ) {
        self.register_within(value, parameters, route, returns, PARTS_DEPTH);
    }

    /// As [`Engine::register`], what they hold so deep among them: options may hold themselves.
    fn register_within(
        &mut self,
        value: &Value<'p>,
        parameters: &Parameters,
        route: Option<Rc<str>>,
        returns: Option<Returned>,
        depth: usize,
    ) {
        for callee in &value.callees {
            if let Callee::Function(function) = callee {
                self.called.insert((function.unit, function.node));
                let (function, parameters, route) = (Rc::clone(function), parameters.clone(), route.clone());
                self.await_entry(Entry { function, parameters, route, returns, guessed: false });
            }
        }
        // `[check, handler]`
        if let Some(object) = value.object.filter(|_| depth > 0) {
            let items = self.objects[object as usize].items.clone();
            for item in items.iter().take(16) {
                self.register_within(item, parameters, route.clone(), returns, depth - 1);
            }
            // `{ method: "GET", handler(request) { .. } }`
            for name in ["handler", "fetch", "config", "options", "destination", "filename", "eachMessage", "eachBatch"]
            {
                if let Some(inner) = self.objects[object as usize].fields.get(name).cloned() {
                    self.register_within(&inner, parameters, route.clone(), returns, depth - 1);
                }
            }
        }
    }

    /// Notes all functions of a table that is so deep at the most: `{ "users.find"(id) { .. } }`.
    pub(super) fn register_table(&mut self, value: &Value<'p>, parameters: &Parameters, depth: usize) {
        self.register_within(value, parameters, None, None, 0);
        let Some(object) = value.object.filter(|_| depth > 0) else { return };
        let Object { items, fields, .. } = &*self.objects[object as usize];
        let parts: Vec<Value<'p>> = items.iter().chain(fields.values()).cloned().collect();
        parts.iter().for_each(|part| self.register_table(part, parameters, depth - 1));
    }
}

/// Whether a name says that it holds the key of a row, which is a number in almost all routes; an `id` may be a text.
fn is_key_name(name: &str) -> bool {
    name == "pk" || name.ends_with("_pk")
}

/// A type without what only says more of it: `Optional[..]`.
pub(super) fn inner_type(text: &str) -> &str {
    text.strip_prefix("Annotated[").or(text.strip_prefix("Optional[")).unwrap_or(text)
}

/// Whether a route's converter makes a parameter clean: `<int:id>`, `<id:int>`, `{id:int}`.
pub(super) fn is_converted(route: Option<&str>, name: &str) -> bool {
    const KINDS: &[&str] = &["int", "float", "uuid", "decimal"];
    let written = |kind: &str| [format!("<{kind}:{name}>"), format!("<{name}:{kind}>"), format!("{{{name}:{kind}}}")];
    // `<any(css,js):kind>`: one of those.
    let is_one = |route: &str| {
        let mut parts = route.split("<any(").skip(1).filter_map(|part| part.split_once("):"));
        parts.any(|(_, rest)| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('>')))
    };
    route.is_some_and(|route| {
        is_one(route) || KINDS.iter().any(|kind| written(kind).iter().any(|part| route.contains(part)))
    })
}
