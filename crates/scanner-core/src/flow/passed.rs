//! What calls give of what they are given: of well-known names a part, of others all.

use super::address::by_host;
use super::asked::checks_address;
use super::call::{Called, Given};
use super::callback::{has_function, is_function};
use super::effect::is_rendering;
use super::engine::{Engine, Run};
use super::indirect::remember;
use super::inside::inside;
use super::later::is_handed;
use super::member::ANY_MEMBER;
use super::model::{Known, Place, kinds};
use super::value::{Callee, Constant, Object, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

/// Calls that give what a named argument or the first one is, with all that it holds.
const WRAPPERS: &[&str] =
    &["list", "tuple", "dict", "set", "Set", "frozenset", "sorted", "reversed", "iter", "next", "copy", "deepcopy"];

/// Calls that give something with the value that they are given, to which another is given later: of Vue, of React.
const BOXES: &[&str] = &["ref", "shallowRef", "reactive", "useRef", "signal"];

/// Calls that give what they are given in another dress, of whatever they are.
#[rustfmt::skip] // a word a line would be pages
const WRAPS: &[&str] = &[
    "promisify", "promisifyAll", "denodeify", "nodeify", "nfbind", "partial", "wraps", "asyncHandler", "memoize", "memo", "forwardRef",
    "observer", "inject", "coroutine", "thunkify", "thenify", "pify", "callbackify", "debounce", "throttle", "once",
];

impl<'p> Engine<'p> {
    /// What a call gives, as far as what it is given tells: with the place of the models that its value has and
    /// what they know of it, and what functions gave that it called.
    pub(super) fn passed_on(
        &mut self,
        run: &Run<'p>,
        called: &Called<'_, 'p>,
        name: &str,
        (place, known): (Option<Place>, Option<&Known>),
        called_back: &Value<'p>,
    ) -> Value<'p> {
        let &Called { receiver, given, .. } = called;
        let mut value = Value::at(place);
        if let Some(receiver) = receiver.filter(|receiver| !receiver.record || is_of_text(name)) {
            value.taint_with(&receiver.taints);
            // What is read from a connection or a model is not what it was asked with.
            if receiver.place.is_none() || place.is_none() {
                value.taint_with(&self.all_taints(receiver));
            }
        }
        // `const $ = cheerio.load(page); $("meta")`
        if name == "$" {
            value.taint_with(&called.callee.taints);
        }
        // What is read from a file or a database is not what it was asked with.
        let is_python = self.is_python(run.unit);
        let ends = known.is_some_and(|known| known.calls().sinks.iter().any(|sink| self.passing >> sink.kind & 1 == 0))
            || is_python && is_handed(name, given)
            || !is_python && has_function(given) && runs_within(name);
        if !ends {
            let skipped = usize::from(self.is_only_key(run, called, name));
            let bound = if is_python || receiver.is_none() { usize::MAX } else { first_bound(name, given) };
            for (at, given) in given.iter().enumerate().skip(skipped) {
                if at < bound && !is_function(&given.value) {
                    let mut taints = self.all_taints(&given.value);
                    // What can be guessed is not all that is made of an object in which it is.
                    taints.retain(|taint| {
                        taint.kind != self.random || given.value.taints.iter().any(|own| own.kind == taint.kind)
                    });
                    if is_query(name, at, given) {
                        taints.iter_mut().for_each(|taint| taint.cleared |= kinds(&["ssrf", "redirect", "link"]));
                    }
                    value.taint_with(&taints);
                }
            }
        }
        if !given.iter().enumerate().any(|(at, given)| is_query(name, at, given)) {
            self.cut_by(run, name, given, &mut value);
        }
        value.clear(self.cleared_by_taking(run, called, name));
        self.drop_drawn(name, given, &mut value);
        if matches!(name, "concat" | "format" | "join" | "sprintf" | "replace" | "replaceAll") {
            value.taints.iter_mut().for_each(|taint| taint.whole = false);
        }
        if (place.is_none() || self.is_python(run.unit)) && self.is_looked_up(run, called, name) {
            value = Value::at(place);
        }
        // What another application of WSGI answers.
        let is_starter =
            |place: Place| self.is_python(run.unit) && self.models(run.unit).find("wsgi.StartResponse") == Some(place);
        if given.iter().any(|given| given.value.place.is_some_and(is_starter)) {
            value = Value::at(place);
        }
        if is_python && self.dumps_fields(receiver, name, given) {
            value.clear(kinds(&["mass-assignment"]));
            value.place = self.models(run.unit).find("pydantic.Fields");
        }
        if let Some(split) = self.split_line(run, name, given, &value) {
            return split;
        }
        if !is_python && is_cut_into_words(name, given) {
            self.cut_into_words(&mut value);
        }
        // A view of Django that goes to a route by its name; `validateRedirectUrl(x) ?? "/"` of a module that is
        // not at hand.
        let is_route = is_python && matches!(name, "get_redirect_url" | "get_absolute_url");
        if is_route {
            value.clear(kinds(&["html"]));
        }
        let is_unknown = !ends && called.callee.callees.is_empty() && !value.taints.is_empty();
        if is_route || is_unknown && checks_address(name) {
            value.clear(kinds(&["redirect"]));
        }
        // `h("div.form", { title }, text)`: an element, in which texts are texts.
        let is_tag = |given: &Given<'p>| given.value.text().is_some_and(is_tag_name);
        if !is_python
            && matches!(name, "h" | "hyperscript" | "createElement" | "el")
            && given.first().is_some_and(is_tag)
        {
            value.clear(kinds(&["html", "selector"]));
        }
        // `area.render_html(request, query)`: by a template, which escapes.
        let is_request =
            |given: &Given<'p>| self.unit(run.unit).written(given.node).rsplit('.').next() == Some("request");
        if is_python && name.starts_with("render") && given.first().is_some_and(is_request) {
            value.clear(kinds(&["html"]));
        }
        // `return f(*args, **kwargs)` of a decorator: what the function answers that it stands around.
        let module = self.unit(run.unit).module;
        let is_spread = |given: &Given<'p>| module.kind(given.node) == Kind::Spread;
        let is_modelled = place.is_some() || !called.callee.callees.is_empty();
        if !is_modelled && is_python && receiver.is_none() && !given.is_empty() && given.iter().all(is_spread) {
            value.clear(kinds(&["html"]));
        }
        let by_name = self.models(run.unit).any_clears.get(name).filter(|_| !is_modelled && receiver.is_some());
        value.clear(by_name.copied().unwrap_or(0));
        // `redirect(form.save())` goes to the page of what was saved.
        let is_form = |form: NodeId| {
            let unit = self.unit(run.unit);
            words::has_one(unit.module.text(form, unit.text), &["form"])
        };
        if is_python && name == "save" && self.receiver_node(run, called.node).is_some_and(is_form) {
            value.clear(kinds(&["redirect"]));
        }
        if self.is_named_route(run, name, given) {
            value.clear(kinds(&["redirect", "ssrf"]));
        }
        if self.is_rooted(run, name, given) {
            value.clear(inside());
        }
        // `connection.getRepository(context, Item).createQueryBuilder("item")`: as yet it asks for nothing.
        if !is_python && name == "createQueryBuilder" {
            return Value::at(place);
        }
        // `upload.temporary_file_path()`: a name that the server has given it.
        if is_python && name == "temporary_file_path" && given.is_empty() {
            return Value::default();
        }
        // A file that stands in memory is no path.
        if is_python && !given.is_empty() && matches!(name, "BytesIO" | "StringIO" | "ContentFile") {
            value.clear(inside());
            return value;
        }
        // `"/".join((base_url(), name))`: below what the program starts with.
        if is_python && name == "join" && receiver.is_some_and(|part| part.text() == Some("/")) {
            let parts = given.first().and_then(|list| list.value.object);
            let start = parts.and_then(|parts| self.objects[parts as usize].items.first().cloned());
            if start.is_some_and(|start| start.text() != Some("") && self.all_taints(&start).is_empty()) {
                value.clear(kinds(&["redirect", "ssrf"]));
            }
        }
        // `cleaner.clean(html)`: one that was set up elsewhere.
        if is_python
            && matches!(name, "clean" | "sanitize")
            && self.receiver_node(run, called.node).is_some_and(|node| {
                let unit = self.unit(run.unit);
                words::has_one(unit.module.text(node, unit.text), &["cleaner", "sanitizer", "bleach"])
            })
        {
            value.clear(kinds(&["html"]));
        }
        // `form.render()`: a template of its own.
        let renders_itself = name == "render" && given.is_empty() && self.is_python(run.unit);
        if renders_itself || is_rendering(name, given) {
            value.clear(kinds(&["html"]));
        }
        value.join_taints(called_back);
        // What it gives is called as what it is given: `promisify(exec)`.
        if (known.is_some_and(|known| known.wraps) || WRAPS.contains(&name) || name == "wrap" && is_one_function(given))
            && let Some(first) = given.first().map(|given| &given.value).or(receiver)
            && (first.place.is_some() || !first.callees.is_empty())
        {
            let mut first = first.clone();
            if name == "partial" {
                remember(&mut first, given.iter().skip(1).cloned().collect());
            }
            return first;
        }
        // `stream.pipe(parser)` is the parser.
        if name == "pipe"
            && let [first] = given
            && (first.value.place.is_some() || first.value.object.is_some())
        {
            return first.value.clone();
        }
        if WRAPPERS.contains(&name)
            && let Some(first) = given.first()
        {
            value.object = first.value.object;
        }
        self.hold(&mut value, name, called);
        value.record =
            place.is_none() && known.is_none() && value.object.is_none() && self.is_record(run, called, name);
        value
    }

    /// `("clone " + address).split(" ")`: what the whole starts with is another word.
    fn cut_into_words(&mut self, line: &mut Value<'p>) {
        let argument = kinds(&["argument"]);
        let mut words = Value { taints: line.taints.clone(), ..Value::default() };
        words.taints.iter_mut().filter(|taint| taint.cleared & argument != 0).for_each(|taint| {
            taint.cleared &= !argument;
            taint.whole = true;
        });
        if line.taints.iter().any(|taint| taint.cleared & argument != 0) {
            line.object = Some(self.object(Object { is_list: true, rest: words, ..Object::default() }));
        }
    }

    /// Whether a call gives the address of a route by its name, `eventreverse(event, "shop:order", kwargs=..)`, or one
    /// below what the program starts with: `url_path_join(self.base_url, name)` of Jupyter.
    pub(super) fn is_named_route(&self, run: &Run<'p>, name: &str, given: &[Given<'p>]) -> bool {
        let is_below = || name == "url_path_join" && given.len() > 1 && given[0].value.taints.is_empty();
        let is_named = |given: &Given<'p>| given.value.text().is_some_and(|route| route.contains(':'));
        self.is_python(run.unit) && (name.contains("reverse") && given.iter().any(is_named) || is_below())
    }

    /// `schema.load(data)`: the fields of what it is given that the schema has.
    pub(super) fn loaded(&self, run: &Run<'p>, called: &Called<'_, 'p>, name: &str) -> Option<Value<'p>> {
        let &Called { node, callee, given, .. } = called;
        if name != "load" || !self.is_python(run.unit) || callee.place.is_some() {
            return None;
        }
        let unit = self.unit(run.unit);
        let schema = unit.written(self.receiver_node(run, node)?);
        let mut value = given.first().filter(|_| schema.to_ascii_lowercase().contains("schema"))?.value.clone();
        value.clear(kinds(&["mass-assignment"]));
        Some(value)
    }

    /// A constructor of something unknown: it holds what it is given, and what is put in later.
    fn hold(&mut self, value: &mut Value<'p>, name: &str, called: &Called<'_, 'p>) {
        let holds = name.starts_with(|first: char| first.is_ascii_uppercase()) || BOXES.contains(&name);
        if value.object.is_none() && holds {
            let mut fields = Object::default();
            let pairs = called.given.first().filter(|_| name == "Map").and_then(|list| list.value.object);
            for pair in pairs.map(|list| self.objects[list as usize].items.clone()).unwrap_or_default() {
                let Some([key, value]) = pair.object.map(|pair| &self.objects[pair as usize].items[..]) else {
                    continue;
                };
                match key.text() {
                    Some(key) => {
                        fields.fields.insert(key.into(), value.clone());
                    }
                    None => fields.rest.join(value),
                }
            }
            for given in called.given {
                match &given.name {
                    Some(name) => {
                        fields.fields.insert(Rc::clone(name), given.value.clone());
                    }
                    None => fields.rest.taint_with(&self.all_taints(&given.value)),
                }
            }
            value.object = Some(self.object(fields));
        }
    }

    /// `new Proxy(target, { get(target, name) { .. } })`
    fn proxy(&mut self, target: &Value<'p>, handler: &Value<'p>) -> Value<'p> {
        let reads = handler.object.and_then(|handler| self.objects[handler as usize].fields.get("get"));
        let Some(Callee::Function(get)) = reads.and_then(|get| get.callees.first()) else { return target.clone() };
        let get = Rc::new(get.remembering(&[(None, target.clone())]));
        let getters = [(ANY_MEMBER.into(), get)].into();
        Value { object: Some(self.object(Object { getters, ..Object::default() })), ..target.clone() }
    }

    /// What a call of a well-known name gives of what it is given: `Promise.all([..])`, `_.get(x, "a.b")`,
    /// `new URL("/path", base)`.
    pub(super) fn known_part(
        &mut self,
        run: &Run<'p>,
        name: &str,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        if self.is_python(run.unit) {
            return None;
        }
        match (name, receiver, given) {
            ("all" | "allSettled" | "resolve", Some(receiver), [list]) => {
                let of_promise = receiver.taints.is_empty() && receiver.object.is_none();
                let is_known = list.value.object.is_some() || list.value.place.is_some();
                (of_promise && is_known).then(|| list.value.clone())
            }
            // `import("fs").catch(f)`
            ("catch" | "finally", Some(promise), _) if promise.place.is_some() && promise.taints.is_empty() => {
                Some(promise.clone())
            }
            // `pProps({ a: promise })`
            ("props" | "pProps", _, [object]) if object.value.object.is_some() => Some(object.value.clone()),
            // `url.format({ pathname: "/path", query: { .. } })`
            ("format", Some(_), [parts]) => self.formatted_address(&parts.value),
            ("get" | "result", Some(_), [object, path, ..])
                if object.value.place.is_some() || object.value.object.is_some() =>
            {
                let mut value = object.value.clone();
                for name in path.value.text()?.split('.').take(8) {
                    value = self.member(run.unit, &value, name);
                    value = self.sourced(run, path.node, value);
                }
                Some(value)
            }
            ("defineComponent" | "defineNuxtComponent" | "extend", _, [options]) if options.value.object.is_some() => {
                Some(options.value.clone())
            }
            ("Proxy", None, [target, handler]) => Some(self.proxy(&target.value, &handler.value)),
            // `fastify.decorate("runner", { run })`: it is a member of it from then on.
            ("decorate", Some(app), [name, value]) if app.place.is_some() => {
                self.share(run.unit, app, name.value.text()?, &value.value);
                Some(app.clone())
            }
            ("on" | "once" | "addListener" | "emit", Some(emitter), [event, rest @ ..]) => {
                self.emitted(name, emitter, event.value.text()?, rest, (run.unit, self.span(run, event.node)))
            }
            (_, Some(schemas), [..]) if schemas.stands_at(self.zod(run.unit)[0]) && self.makes_schema(name, given) => {
                self.schema_of(run, name, given)
            }
            ("keys" | "values" | "entries", Some(_), [table]) => self.members_of(name, &table.value),
            // `Buffer.from(x).toString("hex")`: letters and digits.
            ("toString", Some(_), [form]) if matches!(form.value.text(), Some("hex" | "base64url")) => {
                Some(Value::default())
            }
            // `ajv.compile(schema)`: what asks whether data is as the schema says.
            ("compile", Some(ajv), [schema]) => self.compiled_schema(run.unit, ajv, &schema.value),
            // `z.string().regex(/^\w+$/)`: it lets through what the regex does, whatever else is asked.
            ("regex" | "matches" | "pattern", Some(schema), [pattern, ..])
                if schema.stands_at(self.zod(run.unit)[4]) && is_regex(&pattern.value) =>
            {
                Some(Value { constant: pattern.value.constant.clone(), ..schema.clone() })
            }
            ("transform", Some(schema), [makes, ..])
                if schema.stands_at(self.zod(run.unit)[4]) && self.makes_number(run, &makes.value) =>
            {
                Some(Value::at(self.zod(run.unit)[2]))
            }
            (_, Some(schema), _) if schema.stands_at(self.zod(run.unit)[4]) && is_regex(schema) => Some(schema.clone()),
            (_, Some(schema), _) if schema.stands_at(self.zod(run.unit)[1]) => self.parsed(run, name, schema, given),
            (_, Some(procedure), _) if self.is_procedure(run.unit, procedure) => self.procedure(name, procedure, given),
            ("getPrototypeOf", Some(_), [object]) if is_function(&object.value) => Some(object.value.clone()),
            // `new URL(request.url)`
            ("URL", None, [address]) => self.asked_address(run.unit, &address.value),
            ("URL", None, [address, base])
                if self.is_asked_path(run.unit, &address.value) && base.value.text().is_some() =>
            {
                let place = self.models(run.unit).find("http.AskedAddress");
                Some(Value { taints: self.all_taints(&address.value).into(), ..Value::at(place) })
            }
            // `new URL(x, location)`: of the page's own address its host is taken, and its folder.
            ("URL", None, [address, base]) if self.is_own_page(run, base.node) => {
                let mut value = Value::default();
                value.taint_with(&self.all_taints(&address.value));
                Some(value)
            }
            ("URL", None, [address, base]) if address.value.text().is_none() => {
                // `new URL("/path?name=" + x, "https://host")`: an address on that host.
                let redirect = kinds(&["redirect"]);
                let is_path = address.value.taints.iter().all(|taint| taint.cleared & redirect != 0);
                let mut bases = self.all_taints(&base.value);
                // `new URL(path, request.url)`: the host that was asked.
                let unit = self.unit(run.unit);
                let written = unit.written(base.node);
                let is_own = [".url", ".href", ".origin", ".nextUrl"].iter().any(|own| written.ends_with(own));
                if address.value.taints.is_empty() || !is_path || !bases.is_empty() && !is_own {
                    return None;
                }
                bases.iter_mut().for_each(|taint| taint.cleared |= redirect);
                let mut value = Value::default();
                value.taint_with(&address.value.taints);
                value.clear(kinds(&["ssrf"]));
                value.taint_with(&bases);
                Some(value)
            }
            ("URL", None, [address, base]) => {
                let start = address.value.text()?;
                let mut value = Value::default();
                // An address of its own does not look at the base.
                if !start.contains("://") {
                    value.taint_with(&self.all_taints(&base.value));
                    value.clear(kinds(&["redirect"]));
                }
                Some(value)
            }
            _ => None,
        }
    }

    /// Whether an expression is the address of the page that a script runs in.
    fn is_own_page(&self, run: &Run<'p>, node: NodeId) -> bool {
        const OWNERS: &[&str] = &["window.", "self.", "document.", "globalThis."];
        let unit = self.unit(run.unit);
        let written = unit.written(node);
        let plain = OWNERS.iter().find_map(|owner| written.strip_prefix(owner)).unwrap_or(written);
        matches!(plain, "location" | "location.href" | "location.origin" | "baseURI" | "URL")
            && (plain.starts_with("location") || plain.len() < written.len())
    }

    /// The text of an address of which the parts that lead somewhere are no data from outside.
    fn formatted_address(&mut self, parts: &Value<'p>) -> Option<Value<'p>> {
        const LEADING: [&str; 6] = ["protocol", "host", "hostname", "href", "pathname", "auth"];
        let fields = self.objects[parts.object? as usize].fields.clone();
        let known = parts.taints.is_empty() && (fields.contains_key("pathname") || fields.contains_key("host"));
        let leads = LEADING.iter().filter_map(|name| fields.get(*name)).any(|part| !self.all_taints(part).is_empty());
        if !known || leads {
            return None;
        }
        let mut value = Value::default();
        value.taint_with(&self.all_taints(parts));
        value.clear(by_host());
        Some(value)
    }
}

/// Whether a text is cut where it has blanks: `line.split(" ")`, `line.match(/[^\s]+/g)`.
fn is_cut_into_words(name: &str, given: &[Given<'_>]) -> bool {
    let [first, ..] = given else { return false };
    let at_blanks = || match &first.value.constant {
        Some(Constant::Text(text)) => &**text == " ",
        Some(Constant::Regex(regex)) => regex.source.contains("\\s") || regex.source.contains(' '),
        _ => false,
    };
    matches!(name, "split" | "match") && at_blanks()
}

/// Whether what a call is given becomes parameters of an address, which goes where it went: `url.with_query(query)`,
/// `url_concat(url, {"next": x})`, `client.auth_url(extras={"screen": x})`, `searchURL({ query })`.
fn is_query(name: &str, at: usize, given: &Given<'_>) -> bool {
    let end = name.get(name.len().saturating_sub(3)..).unwrap_or_default();
    let is_held = || given.value.taints.is_empty() && ["url", "uri"].iter().any(|kind| end.eq_ignore_ascii_case(kind));
    matches!(name, "with_query" | "update_query" | "extend_query" | "copy_merge_params")
        || name == "url_concat" && at > 0
        || is_held()
}

/// The first argument of a call that a builder of queries keeps as a parameter, beside the text of the query:
/// `query.where("name = :name", { name })`.
fn first_bound(name: &str, given: &[Given<'_>]) -> usize {
    const CLAUSES: &[&str] = &["where", "andWhere", "orWhere", "having", "andHaving", "orHaving"];
    match name {
        "setParameter" | "setParameters" => 0,
        _ if CLAUSES.contains(&name) && given.len() > 1 => 1,
        _ => usize::MAX,
    }
}

/// Whether a call runs a function with something held or measured around it: what it gives is what that gives.
fn runs_within(name: &str) -> bool {
    const WORDS: &[&str] =
        &["lock", "locked", "transaction", "retry", "retries", "span", "timed", "mutex", "semaphore"];
    words::has_one(name, WORDS)
}

fn is_regex(value: &Value<'_>) -> bool {
    matches!(value.constant, Some(Constant::Regex(_)))
}

/// Whether a call is given one function and nothing else: `co.wrap(function* () { .. })`, `wrap((req, res) => ..)`.
fn is_one_function(given: &[Given<'_>]) -> bool {
    matches!(given, [first] if is_function(&first.value))
}

/// Whether a text is the name of a tag, with classes or an identifier after it: `div#main.wide`.
fn is_tag_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '#' | '-' | '_'))
}

/// Whether a method is one of texts, which gives a part of the text or all of it in another form.
fn is_of_text(name: &str) -> bool {
    #[rustfmt::skip] // a word a line would be a page
    const METHODS: &[&str] = &[
        "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "split", "rsplit", "splitlines", "partition", "rpartition",
        "replace", "replaceAll", "format", "join", "encode", "decode", "trim", "trimStart", "trimEnd", "toString", "toLowerCase", "toUpperCase",
        "slice", "substring", "substr", "concat", "normalize", "valueOf", "padStart", "padEnd", "match", "matchAll", "removeprefix",
        "removesuffix", "then", "catch", "finally",
    ];
    METHODS.contains(&name)
}
