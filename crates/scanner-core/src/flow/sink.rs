//! Looks at what sinks are given.

use super::call::{Called, Given};
use super::engine::{Engine, Run};
use super::model::{Argument, Condition, Place, Sink, kinds};
use super::value::{Callee, Class, Constant, Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;
use crate::rule::words;
use std::rc::Rc;

/// Steps of data in which words of SQL are looked for.
const MAX_SEEN: usize = 12;

impl<'p> Engine<'p> {
    /// All sinks that a call is, by its public path, or by its method's name if nothing else is known.
    pub(super) fn check_sinks(&mut self, run: &Run<'p>, called: &Called<'_, 'p>) {
        let models = self.models(run.unit);
        let Called { callee, receiver, method, .. } = *called;
        let mut known = false;
        // A class of the program that builds on one of a library.
        let restricted = finds_classes(callee);
        for place in self.built_from(callee) {
            let (plain, html) = (self.is_plain_answer(callee), self.html);
            let sinks = models.known(place).calls().sinks.iter().filter(|sink| !(plain && sink.kind == html));
            for sink in sinks.filter(|sink| !(restricted && kinds(&["deserialize"]) >> sink.kind & 1 == 1)) {
                self.check_sink(run, called, sink, false);
            }
        }
        if let Some(place) = callee.place {
            for sink in &models.known(place).calls().sinks {
                known = true;
                self.check_sink(run, called, sink, false);
            }
        }
        let unknown = receiver.is_some() && callee.place.is_none() && callee.callees.is_empty();
        if !known
            && unknown
            && let Some(sinks) = method.and_then(|method| models.any_sinks.get(method))
        {
            let is_told = |receiver: &Value<'p>| !matches!(receiver.constant, None | Some(Constant::Nothing));
            let guessed = receiver.is_some_and(|receiver| receiver.place.is_none() && !is_told(receiver));
            for sink in sinks {
                if sink.holder.as_deref().is_none_or(|holder| self.is_called_on(run, called.node, holder)) {
                    self.check_sink(run, called, sink, guessed && sink.holder.is_none());
                }
            }
        }
    }

    /// Looks at what an element is asked for by: `globals()[name]`.
    pub(super) fn check_lookup(&mut self, run: &Run<'p>, node: NodeId, object: &Value<'p>, key: &Value<'p>) {
        let models = self.models(run.unit);
        let Some(place) = object.place.and_then(|place| models.element(place)) else { return };
        let sinks = &models.known(place).calls().sinks;
        if sinks.is_empty() || self.all_taints(key).is_empty() {
            return;
        }
        let callee = Value::at(Some(place));
        let given = [Given { name: None, value: key.clone(), node, spread: false }];
        let called = Called { node, callee: &callee, receiver: None, method: None, given: &given };
        for sink in sinks {
            self.check_sink(run, &called, sink, false);
        }
    }

    /// Whether a method is called on what has such a name: `x.objects.raw(..)`.
    fn is_called_on(&self, run: &Run<'p>, call: NodeId, name: &str) -> bool {
        let unit = self.unit(run.unit);
        let object = self.receiver_node(run, call);
        object.is_some_and(|object| unit.module.text(object, unit.text) == name)
    }

    /// Where the classes of libraries stand that a class of the program builds on.
    fn built_from(&self, callee: &Value<'p>) -> Vec<Place> {
        let classes = callee.callees.iter().filter_map(|callee| match callee {
            Callee::Class(class) => Some(class),
            _ => None,
        });
        classes
            .flat_map(Class::line)
            .flat_map(|class| class.bases.iter().filter_map(|base| base.place).collect::<Vec<_>>())
            .collect()
    }

    fn check_sink(&mut self, run: &Run<'p>, called: &Called<'_, 'p>, sink: &Sink, guessed: bool) {
        let Called { node, callee, receiver, given, .. } = *called;
        if !sink.conditions.iter().all(|condition| self.holds(run, condition, given)) {
            self.note_sink(run.unit, node, sink.kind, None);
            return;
        }
        if self.is_run_later(run, node) {
            return;
        }
        // What is verified as well may be looked at before.
        if sink.kind == self.claims && ["verify(", "Verify("].iter().any(|call| self.unit(run.unit).text.contains(call))
        {
            return;
        }
        // What a tag takes apart it gives to the database as parameters.
        if sink.kind == self.sql && self.is_tagged(run, node) {
            return;
        }
        if self.is_python(run.unit) && 1 << sink.kind == kinds(&["format"]) && self.looks_up_itself(receiver) {
            return self.note_sink(run.unit, node, sink.kind, None);
        }
        if sink.kind == self.html
            && (self.receiver_node(run, node).is_some_and(|answer| self.is_plain(run, answer))
                || self.is_python(run.unit)
                    && (self.has_plain_headers(given)
                        || self.writes_plain(run, node, receiver)
                        || self.is_plain_later(run, node)))
        {
            return self.note_sink(run.unit, node, sink.kind, None);
        }
        // JSON starts with no tag, so no browser guesses that it is HTML; what Express sends is said to be.
        let is_json = |given: &Given<'p>| {
            let unit = self.unit(run.unit);
            unit.written(given.node).starts_with("JSON.stringify(")
        };
        if sink.kind == self.html
            && matches!(called.method, Some("end" | "write"))
            && given.first().is_some_and(is_json)
            && self.receiver_node(run, node).is_some_and(|answer| !self.is_said_html(run, answer))
        {
            return self.note_sink(run.unit, node, sink.kind, None);
        }
        if sink.kind == self.html
            && callee.place.is_some_and(|place| self.models(run.unit).known(place).plain)
            && !self.prints_html(run.unit)
        {
            return self.note_sink(run.unit, node, sink.kind, None);
        }
        let unpacks = || kinds(&["extract"]) >> sink.kind & 1 == 1;
        if self.is_python(run.unit) && self.filters_members(given) && unpacks() {
            return self.note_sink(run.unit, node, sink.kind, None);
        }
        // Much is updated that is no collection: `client.update(id, { .. })`.
        if guessed
            && called.method == Some("update")
            && 1 << sink.kind == kinds(&["nosql-code"])
            && !self.receiver_node(run, node).is_some_and(|holder| self.is_called_as_collection(run, holder))
        {
            return;
        }
        let reads_as_sql = |given: &Given<'p>| self.reads_as_sql(run, given);
        if guessed && sink.kind == self.sql && !self.is_python(run.unit) && !given.iter().any(reads_as_sql) {
            return;
        }
        for argument in &sink.arguments {
            match argument {
                Argument::Any => {
                    for given in given {
                        let mut taints = self.all_taints(&given.value);
                        // A part of an argument does not make it an option.
                        taints.retain(|taint| taint.whole || sink.kind != self.argument);
                        self.report(run.unit, node, sink.kind, &taints, guessed);
                    }
                }
                Argument::Spread => {
                    let unit = self.unit(run.unit);
                    let whole = |given: &&Given<'p>| given.spread && unit.written(given.node).starts_with("**");
                    // `Item(**form.data)`: the fields that the form has.
                    let of_form = |given: &&Given<'p>| {
                        let text = unit.written(given.node);
                        text.strip_suffix(".data").is_some_and(|form| words::has_one(form, &["form"]))
                    };
                    let is_mass = 1 << sink.kind == kinds(&["mass-assignment"]);
                    for given in given.iter().filter(whole).filter(|given| !(is_mass && of_form(given))) {
                        let mut taints = match is_mass {
                            true => self.of_any_name(&given.value),
                            false => self.all_taints(&given.value),
                        };
                        // `filter(**{name: value})`
                        let names = given.value.object.map(|object| self.objects[object as usize].names.clone());
                        taints.extend(names.into_iter().flatten().filter(|_| !is_mass));
                        self.report(run.unit, node, sink.kind, &taints, guessed);
                    }
                }
                Argument::Receiver => {
                    let taints = receiver.map(|receiver| self.all_taints(receiver)).unwrap_or_default();
                    self.report(run.unit, node, sink.kind, &taints, guessed);
                }
                Argument::At { property, .. } => {
                    let Some(given) = find(given, argument) else { continue };
                    self.settle(run, node, sink.kind, &given.value);
                    // A file that was sent is read, not found by its name.
                    if kinds(&["path", "ssrf"]) >> sink.kind & 1 == 1 && self.is_sent_file(run.unit, &given.value) {
                        continue;
                    }
                    let mut taints = match property {
                        None if sink.kind == self.html => self.shown_of(&given.value),
                        // `create({ ...request.body })`
                        None if 1 << sink.kind == kinds(&["mass-assignment"]) => self.of_any_name(&given.value),
                        Some(_) if sink.kind == self.argument => self.as_options(run, &given.value),
                        // `create({ data: request.body })`, but not `create({ data: { name: request.body.name } })`
                        Some(name) if 1 << sink.kind == kinds(&["mass-assignment"]) => {
                            let inner = self.part(run.unit, &given.value, name);
                            self.of_any_name(&inner)
                        }
                        // What a list or an object holds is named where it counts.
                        None => given.value.taints.to_vec(),
                        // A text has no such member.
                        Some(name) if name == "$where" => {
                            let inner = self.part(run.unit, &given.value, name);
                            let mut taints = self.all_taints(&inner);
                            let own = given.value.object.map(|object| &self.objects[object as usize].fields);
                            let may_be_object = taints.iter().any(|taint| taint.kind == self.remote_object);
                            if own.is_none_or(|own| !own.contains_key("$where")) && !may_be_object {
                                taints.clear();
                            }
                            taints
                        }
                        Some(name) => {
                            let inner = self.part(run.unit, &given.value, name);
                            self.all_taints(&inner)
                        }
                    };
                    // Which program is run a package may be told: a part of a line for a shell it may not.
                    if sink.is_program {
                        taints.retain(|taint| taint.kind != self.library_input);
                    }
                    // `$('<b>' + title + '</b>')`: elements, whatever the rest is.
                    let kind = if self.makes_elements(run, sink.kind, given) { self.html } else { sink.kind };
                    self.report(run.unit, node, kind, &taints, guessed);
                }
            }
        }
    }

    /// Whether something has the name of a model or a collection: `User`, `db.users`, `itemCollection`.
    fn is_called_as_collection(&self, run: &Run<'p>, holder: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let name = unit.module.text(holder, unit.text);
        let path = unit.written(holder).split('(').next().unwrap_or_default();
        !words::has_one(name, &["settings", "config", "options", "preferences", "state"])
            && (name.starts_with(|first: char| first.is_ascii_uppercase())
                || words::has_one(path, &["db", "database", "model", "models", "collection", "collections", "mongo"]))
    }

    /// Whether a formatter of the program says itself what a field of a format stands for.
    fn looks_up_itself(&self, formatter: Option<&Value<'p>>) -> bool {
        let class = formatter.and_then(|formatter| self.objects[formatter.object? as usize].class.clone());
        class.is_some_and(|class| class.line().any(|class| class.methods.contains_key("get_field")))
    }

    /// Data in what a value holds by names that the program did not choose.
    fn of_any_name(&self, value: &Value<'p>) -> Vec<Taint> {
        let rest = value.object.map(|object| &self.objects[object as usize].rest.taints);
        value.taints.iter().chain(rest.into_iter().flatten()).cloned().collect()
    }

    /// Whether what is given in the place of a selector starts with a tag, and callers of a package or a plugin give the
    /// rest.
    fn makes_elements(&self, run: &Run<'p>, sink: u8, given: &Given<'p>) -> bool {
        let unit = self.unit(run.unit);
        let text = unit.written(given.node).trim_start_matches(['\'', '"', '`']);
        let plugin = source_kind("plugin");
        1 << sink == kinds(&["selector"])
            && text.trim_start().starts_with('<')
            && given.value.taints.iter().all(|taint| taint.kind == self.library_input || Some(taint.kind) == plugin)
    }

    /// Whether a value is a file of a request, whose name is a member of it, or one that is held in memory, or bytes.
    fn is_sent_file(&self, unit: u32, value: &Value<'p>) -> bool {
        const FILES: &[&str] = &[
            "werkzeug.File",
            "django.File",
            "starlette.UploadFile",
            "io.Buffer",
            "open()",
            "tempfile.TemporaryFile()",
            "tempfile.NamedTemporaryFile()",
            "tempfile.SpooledTemporaryFile()",
        ];
        const BYTES: &[&str] = &["Buffer.Bytes"];
        let files = if self.is_python(unit) { FILES } else { BYTES };
        let is_one = |place: Place| files.iter().any(|path| self.models(unit).find(path) == Some(place));
        value.place.is_some_and(is_one)
    }

    /// `setTimeout(done, 10)`: a function by its name, or one that is called elsewhere in the file.
    fn is_run_later(&self, run: &Run<'p>, call: NodeId) -> bool {
        const FUNCTIONS: &[&str] =
            &["cb", "callback", "fn", "func", "f", "next", "done", "resolve", "reject", "abort", "handler", "listener"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        let called = module.child(call, 0).map_or("", |called| unit.written(called));
        let timer = called.strip_prefix("window.").unwrap_or(called);
        let timer = matches!(timer, "setTimeout" | "setInterval" | "setImmediate");
        let Some(given) = module.child(call, 1).filter(|_| timer) else { return false };
        // `setTimeout(socket.destroy.bind(socket), 10)`, `setTimeout(f.bind.apply(f, list), 10)`
        let called = module.child(given, 0).filter(|_| module.kind(given) == Kind::Call);
        let called = called.map_or("", |called| unit.written(called));
        if [".bind", ".bind.apply", ".bind.call"].iter().any(|end| called.ends_with(end)) {
            return true;
        }
        let name = Some(given).filter(|&given| module.kind(given) == Kind::Name);
        name.map(|name| module.text(name, unit.text))
            .is_some_and(|name| FUNCTIONS.contains(&name) || unit.text.contains(&format!("{name}(")))
    }

    /// Whether a text has words of SQL in it, as far as it can be seen: many things besides databases are queried.
    fn reads_as_sql(&self, run: &Run<'p>, given: &Given<'p>) -> bool {
        const STARTS: &[&str] = &[
            "select", "insert", "update", "delete", "where", "from", "order", "alter", "drop", "create", "call",
            "exec", "with", "and", "or", "set", "limit",
        ];
        const NAMES: &[&str] = &["sql", "stmt", "statement"];
        let has = |text: &str| {
            let lower = text.to_ascii_lowercase();
            let mut words = lower.split(|letter: char| !letter.is_ascii_alphabetic());
            // A string that starts with such a word.
            let mut strings = lower.match_indices(['"', '\'', '`']).map(|(at, _)| lower[at + 1..].trim_start());
            words.any(|word| NAMES.contains(&word))
                || strings.any(|string| {
                    let word = string.split(|letter: char| !letter.is_ascii_alphabetic()).next();
                    word.is_some_and(|word| {
                        STARTS.contains(&word) && string[word.len()..].starts_with([' ', '\n', '$'])
                    })
                })
        };
        let unit = self.unit(run.unit);
        has(unit.written(given.node))
            || self
                .all_taints(&given.value)
                .iter()
                .any(|taint| taint.hops().take(MAX_SEEN).any(|hop| has(&self.unit(hop.unit).text[hop.span.range()])))
    }

    /// Data that makes up whole elements of a list, up to where it says that options end: `--`.
    fn as_options(&self, run: &Run<'p>, list: &Value<'p>) -> Vec<Taint> {
        let Some(object) = list.object else { return Vec::new() };
        let object = &self.objects[object as usize];
        // In Python the program is the first of them.
        let ends = |item: &Value<'p>| matches!(item.text(), Some("--" | "--end-of-options"));
        let before = object.items.iter().skip(usize::from(self.is_python(run.unit))).take_while(|item| !ends(item));
        let ended = object.items.iter().any(ends);
        let items = before.chain((!ended).then_some(&object.rest));
        items.flat_map(|item| &item.taints).filter(|taint| taint.whole).cloned().collect()
    }

    /// Whether a call is one of a tag: `` sql`..` ``.
    fn is_tagged(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        unit.module.is_tagged(node, unit.text)
    }

    /// Notes whether what a sink takes is known before the program runs.
    fn settle(&mut self, run: &Run<'p>, node: NodeId, sink: u8, value: &Value<'p>) {
        let held = |object: u32| {
            let object = &self.objects[object as usize];
            let mut parts = object.fields.values().chain(&object.items);
            object.rest.is_unknown() && parts.all(|part| part.constant.is_some())
        };
        // What comes in from outside and was shown to do no harm here is as good as known.
        let harmless = !value.taints.is_empty() && value.taints.iter().all(|taint| taint.cleared >> sink & 1 == 1);
        let is_settled =
            harmless || value.taints.is_empty() && (value.constant.is_some() || value.object.is_some_and(held));
        let key = (run.unit, self.span(run, node), sink);
        *self.settled.entry(key).or_insert(true) &= is_settled;
    }

    /// A property of an object, an element of a list, or any of them.
    pub(super) fn part(&mut self, unit: u32, value: &Value<'p>, name: &str) -> Value<'p> {
        if let Some((first, rest)) = name.split_once('.') {
            let inner = self.part(unit, value, first);
            return self.part(unit, &inner, rest);
        }
        match (name, name.parse()) {
            ("*", _) => self.elements(value),
            (_, Ok(at)) => self.element(unit, value, &Value::constant(Constant::Number(at))),
            _ => self.member(unit, value, name),
        }
    }

    /// Whether a condition on another argument holds.
    pub(super) fn holds(&mut self, run: &Run<'p>, condition: &Condition, given: &[Given<'p>]) -> bool {
        let unit = self.unit(run.unit);
        let mut direct = find(given, &condition.argument).map(|given| (given.value.clone(), Some(given.node)));
        if let (Argument::At { property: Some(name), .. }, Some((value, _))) = (&condition.argument, &direct) {
            direct = Some((self.part(run.unit, value, name), None));
        }
        // `spawn(x, { shell: true })`
        let option = || match &condition.argument {
            Argument::At { keyword: Some(name), .. } => given.iter().find_map(|given| {
                let object = given.value.object?;
                let value = self.objects[object as usize].fields.get(name.as_str())?;
                Some((value.clone(), None))
            }),
            _ => None,
        };
        let Some((value, node)) = direct.or_else(option) else { return condition.negated };
        let source = node.map(|node| {
            let inner = unit.module.child(node, 0).filter(|_| unit.module.kind(node) == Kind::Keyword).unwrap_or(node);
            unit.written(inner)
        });
        // A class of the program that builds on the one that is asked for.
        let bases = self.built_from(&value);
        let is = |wanted: &String| {
            wanted == "*"
                || !bases.is_empty() && self.models(run.unit).find(wanted).is_some_and(|place| bases.contains(&place))
                || wanted == "?" && value.constant.is_none()
                || match &value.constant {
                    Some(Constant::Bool(truth)) => wanted.eq_ignore_ascii_case(if *truth { "true" } else { "false" }),
                    // `text/plain*`
                    Some(Constant::Text(text)) => {
                        **text == **wanted || wanted.strip_suffix('*').is_some_and(|start| text.starts_with(start))
                    }
                    Some(Constant::Number(number)) => number.to_string() == *wanted,
                    Some(Constant::Nothing) => matches!(wanted.as_str(), "None" | "null"),
                    Some(Constant::Regex(_) | Constant::Regexes(_)) => false,
                    None => {
                        let last = wanted.rsplit('.').next().unwrap_or(wanted);
                        value.stands_at(self.models(run.unit).find(wanted))
                            || source.is_some_and(|source| source == wanted || source.rsplit('.').next() == Some(last))
                    }
                }
        };
        condition.values.iter().any(is) != condition.negated
    }
}

/// Whether a class of the program says itself which classes are made of data: `find_class` of an unpickler.
fn finds_classes(callee: &Value<'_>) -> bool {
    let has_it = |class: &Rc<Class<'_>>| class.methods.contains_key("find_class");
    callee.callees.iter().any(|callee| matches!(callee, Callee::Class(class) if has_it(class)))
}

/// The argument at a position or of a name.
pub(super) fn find<'g, 'p>(given: &'g [Given<'p>], argument: &Argument) -> Option<&'g Given<'p>> {
    let Argument::At { position, keyword, .. } = argument else { return None };
    let named =
        keyword.as_ref().and_then(|keyword| given.iter().find(|given| given.name.as_deref() == Some(keyword.as_str())));
    let placed = || given.iter().filter(|given| given.name.is_none()).nth((*position)?);
    // `get(**options)`: the first of them may be what is asked for.
    let spread = || given.iter().find(|given| *position == Some(0) && given.spread && given.name.is_some());
    named.or_else(placed).or_else(spread)
}
