//! What calls do besides giving a result: they show something of their arguments, or take functions for later.

use super::call::{Called, Given};
use super::callback::has_function;
use super::engine::{Engine, Run};
use super::model::{Known, SinkSet, kinds};
use super::value::{Function, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

/// What makes one thing of another: parts of that may be in it.
#[rustfmt::skip] // a word a line would be pages
const MAKES: &[&str] = &[
    "render", "compile", "build", "format", "template", "parse", "transform", "convert", "encode", "decode", "make", "generate", "merge",
    "clone", "assign", "sign", "map", "stringify", "serialize", "validate", "body", "json", "text", "html", "form", "read", "all", "any",
    "race", "resolve", "translate", "print", "draw", "process", "prepare", "apply", "extract", "normalize", "wrap", "inject", "expand",
    "interpolate", "substitute", "highlight", "minify", "clean", "sanitize", "escape", "unescape", "combine", "concat", "join", "split",
];

/// What is taken out of a text or a request: its members are of that.
#[rustfmt::skip] // a word a line would be pages
const PARTS_OF_TEXT: &[&str] = &[
    "params", "param", "parameter", "parameters", "query", "args", "argument", "arguments", "options", "opts", "data", "body", "json", "form",
    "field", "fields", "value", "values", "header", "headers", "cookie", "cookies", "url", "uri", "address", "input", "payload", "request",
    "req", "event", "context", "ctx", "part", "parts", "match", "matches", "token", "tokens", "props", "all", "attrs", "attributes",
];

impl<'p> Engine<'p> {
    /// A function came back: what its conditions have shown of its parameters holds of the arguments.
    pub(super) fn passed(&mut self, run: &Run<'p>, function: &Rc<Function<'p>>, arguments: &[NodeId]) {
        let shown = std::mem::take(&mut self.shown);
        if shown.is_empty() {
            return;
        }
        for (name, &argument) in self.given_names(function).into_iter().zip(arguments) {
            let is_plain = matches!(self.unit(run.unit).module.kind(argument), Kind::Name | Kind::Member | Kind::Index);
            if let Some((_, cleared)) = shown.iter().find(|(own, _)| **own == *name).filter(|_| is_plain) {
                self.clear_fact(run, argument, *cleared);
            }
        }
    }

    /// Whether a call of something unknown asks a store for what is kept there, as it is waited for and called so:
    /// that is not what it was asked with.
    pub(super) fn is_looked_up(&self, run: &Run<'p>, called: &Called<'_, 'p>, name: &str) -> bool {
        if self.is_python(run.unit) {
            return self.is_fetched(run, called, name);
        }
        let call = called.node;
        const VERBS: &[&str] = &[
            "find", "fetch", "load", "lookup", "search", "list", "select", "count", "create", "insert", "update",
            "upsert", "delete",
        ];
        let unit = self.unit(run.unit);
        let waits = |parent: NodeId| match unit.module.kind(parent) {
            Kind::Await => true,
            Kind::Member => unit.module.text(parent, unit.text) == "then",
            _ => false,
        };
        // `return client.link.findUnique({ where: { slug } })`, but not `list.findLast(f)`
        let is_method = called.receiver.is_some() && !has_function(called.given);
        let finds =
            name.strip_prefix("find").is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_uppercase()));
        if is_method && finds {
            return true;
        }
        // `client.post("/names", { id })`, `get("/names", { id })`: what a server answers.
        let is_client = matches!(name, "get" | "post" | "put" | "patch" | "del" | "delete" | "request");
        let calls = is_method || called.callee.callees.is_empty() && called.given.len() > 1;
        if is_client && calls && called.given.first().is_some_and(|first| self.is_address(run, first)) {
            return true;
        }
        // `useQuery({ queryKey, queryFn })`, `useSWR(address)`, `useLinks({ search })`: as soon as it is there.
        let hook = name.strip_prefix("use").filter(|hook| hook.starts_with(|next: char| next.is_ascii_uppercase()));
        let is_given_options =
            || unit.module.child(call, 1).is_some_and(|first| unit.module.kind(first) == Kind::Object);
        const ASKS: &[&str] = &["query", "queries", "swr", "fetch", "request", "mutation"];
        if hook.is_some_and(|hook| words::has_one(hook, ASKS) || is_given_options()) {
            return true;
        }
        if !unit.module.parent(call).is_some_and(waits) {
            return false;
        }
        // `await socket.emit("search", { query })`, `await table("users").where({ id }).first()`
        let is_query = called.receiver.is_some() && called.given.is_empty() && matches!(name, "first" | "firstOrFail");
        if is_query || is_method && name == "emit" {
            return true;
        }
        // `await posts.read(slug)`, but not a part of what comes in.
        let is_own = |receiver: &Value<'p>| self.all_taints(receiver).is_empty();
        let reads = || {
            let verb = words::split(name).into_iter().next();
            matches!(verb.as_deref(), Some("read" | "download")) && !words::has_one(name, PARTS_OF_TEXT)
        };
        if is_method && !called.given.is_empty() && called.receiver.is_some_and(is_own) && reads() {
            return true;
        }
        if is_method && self.is_service(called, name) {
            return true;
        }
        // `await this.prisma.$queryRaw(..)`
        let words = words::split(name.trim_start_matches('$'));
        if words.first().is_some_and(|first| first == "query") && words.len() > 1 {
            return true;
        }
        // `await db.get(key)`
        let is_store = || {
            const STORES: &[&str] = &["db", "database", "store", "storage", "cache", "redis", "kv"];
            let store = self.receiver_node(run, call);
            store.is_some_and(|store| words::has_one(unit.module.text(store, unit.text), STORES))
        };
        words.first().is_some_and(|first| {
            VERBS.contains(&first.as_str()) || first == "get" && (words.len() > 1 || is_method && is_store())
        })
    }

    /// Whether a call of something unknown gives what a store keeps under the texts that it is given, as its name says:
    /// `item.getFileWithId(request.params.id)`. None of them is in the members of that.
    pub(super) fn is_record(&self, run: &Run<'p>, called: &Called<'_, 'p>, name: &str) -> bool {
        const VERBS: &[&str] = &["get", "find", "fetch", "load", "lookup", "retrieve", "select", "search"];
        let words = words::split(name);
        let [verb, noun @ ..] = &words[..] else { return false };
        let unit = self.unit(run.unit);
        // `await users.changePassword(user, text)`: what became of it.
        let is_awaited = || {
            let waits = |parent: NodeId| unit.module.kind(parent) == Kind::Await;
            called.receiver.is_some_and(|receiver| self.all_taints(receiver).is_empty())
                && unit.module.parent(called.node).is_some_and(waits)
                && !words::has_one(name, MAKES)
        };
        let is_all = |given: &Given<'p>| {
            matches!(unit.module.kind(given.node), Kind::Name | Kind::Member)
                && words::has_one(unit.module.text(given.node, unit.text), PARTS_OF_TEXT)
        };
        (VERBS.contains(&verb.as_str()) && !noun.is_empty() || !self.is_python(run.unit) && is_awaited())
            && !noun.iter().any(|noun| PARTS_OF_TEXT.contains(&noun.as_str()))
            && called.callee.callees.is_empty()
            && called.given.iter().all(|given| given.value.object.is_none())
            && !has_function(called.given)
            && !called.given.iter().any(is_all)
    }

    /// Whether something unknown is told by an object what to do, as services are: `await users.login({ name, password })`.
    /// What is made of the object's parts is a text of theirs.
    fn is_service(&self, called: &Called<'_, 'p>, name: &str) -> bool {
        let is_object =
            |given: &Given<'p>| given.value.object.is_some_and(|object| !self.objects[object as usize].is_list);
        // A package may be handed the service by its callers.
        let is_own =
            |receiver: &Value<'p>| self.all_taints(receiver).iter().all(|taint| taint.kind == self.library_input);
        called.callee.callees.is_empty()
            && !called.given.is_empty()
            && called.given.iter().all(is_object)
            && called.receiver.is_some_and(is_own)
            && !words::has_one(name, MAKES)
    }

    /// Whether an argument is an address, as its start tells: `"/names"`, "`/groups/${id}`".
    fn is_address(&self, run: &Run<'p>, given: &Given<'p>) -> bool {
        let starts = |text: &str| text.starts_with('/') && !text.starts_with("//") || text.starts_with("http");
        let unit = self.unit(run.unit);
        let module = unit.module;
        let first = match module.kind(given.node) {
            Kind::Template | Kind::Concat => module.child(given.node, 0).unwrap_or(given.node),
            _ => given.node,
        };
        let written = module.kind(first) == Kind::Str && starts(module.text(first, unit.text));
        let host = kinds(&["redirect"]);
        let fixed = || {
            let taints = &given.value.taints;
            !taints.is_empty() && taints.iter().all(|taint| !taint.whole && taint.cleared & host != 0)
        };
        written || given.value.text().is_some_and(starts) || fixed()
    }

    /// Whether a call of something unknown asks a table for its rows: `project.component_set.get(slug=slug)`,
    /// `Thing.objects.by_name(name)`, `aget_object_or_404(Thing, pk=pk)`.
    fn is_fetched(&self, run: &Run<'p>, called: &Called<'_, 'p>, name: &str) -> bool {
        const BY_FIELDS: &[&str] = &[
            "get",
            "aget",
            "filter",
            "filter_by",
            "exclude",
            "first",
            "get_or_none",
            "get_one",
            "find_by",
            "get_or_create",
            "aget_or_create",
            "get_object",
            "get_object_for_this_type",
        ];
        if name.ends_with("_or_404") {
            return true;
        }
        let Some(receiver) = called.receiver.filter(|receiver| self.all_taints(receiver).is_empty()) else {
            return false;
        };
        let unit = self.unit(run.unit);
        let by_fields = BY_FIELDS.contains(&name)
            && receiver.constant.is_none()
            && called.given.iter().all(|given| given.name.as_deref().is_some_and(|name| name != "default"));
        // `query.filter(Item.name.like(text))`, `select(Item).where(Item.id == id)`
        const BY_CONDITIONS: &[&str] = &["filter", "exclude", "where", "having", "order_by", "group_by"];
        let by_conditions = BY_CONDITIONS.contains(&name) && receiver.constant.is_none() && !has_function(called.given);
        let says_one = name == "get_one" || name.starts_with("get_by_") || name.starts_with("find_by_");
        let of_table = self.receiver_node(run, called.node).is_some_and(|table| {
            unit.module.kind(table) == Kind::Member && matches!(unit.module.text(table, unit.text), "objects" | "query")
        });
        by_fields || by_conditions || says_one || of_table
    }

    /// A text that was made a number of, or an identifier, and not refused: it is none but that.
    pub(super) fn is_converted(&mut self, run: &Run<'p>, name: &str, known: &Known, given: &[Given<'p>]) {
        let module = self.unit(run.unit).module;
        if let [text] = given
            && known.clears == SinkSet::MAX
            && self.is_python(run.unit)
            && matches!(name, "int" | "float" | "UUID" | "Decimal")
            && module.kind(text.node) == Kind::Name
        {
            self.clear_fact(run, text.node, SinkSet::MAX);
        }
    }

    /// Whether the first argument of a call only says what is taken: `store.get(key, default)`, `text.replace(old, new)`.
    pub(super) fn is_only_key(&self, run: &Run<'p>, called: &Called<'_, 'p>, name: &str) -> bool {
        let Some(receiver) = called.receiver else { return false };
        let by_position = called.given.first().is_some_and(|first| first.name.is_none() && !first.spread);
        by_position
            && match name {
                "get" | "pop" => {
                    let models = self.models(run.unit);
                    let is_model = receiver.place.is_some_and(|place| models.member(place, name).is_some());
                    !is_model && (self.is_python(run.unit) || called.given.len() == 1)
                }
                "replace" | "replaceAll" => called.given.len() > 1,
                _ => false,
            }
    }

    /// Whether a call takes a template that puts in values as they are: `{{{name}}}`, `{ noEscape: true }`.
    pub(super) fn is_raw_template(&self, run: &Run<'p>, given: &[Given<'p>]) -> bool {
        let Some(template) = given.first().and_then(|first| first.value.text()) else { return false };
        let unit = self.unit(run.unit);
        let is_raw = |given: &Given<'p>| unit.written(given.node).contains("noEscape");
        template.contains("{{{") || template.contains("{{&") || template.contains("{{") && given[1..].iter().any(is_raw)
    }

    /// Notes functions that a framework will call, for what is known by its method's name alone: `stream.on("entry", ..)`.
    pub(super) fn register_any(&mut self, run: &Run<'p>, method: &str, given: &[Given<'p>]) {
        let Some(known) = self.models(run.unit).any_parameters.get(method).filter(|_| has_function(given)) else {
            return;
        };
        for (conditions, parameters) in known {
            if conditions.iter().all(|condition| self.holds(run, condition, given)) {
                given.iter().for_each(|given| self.register(&given.value, parameters, None, None));
            }
        }
    }
}

/// Whether a call fills in a template that stands in a file, as its name or that of the file tells: those
/// escape what they are given.
pub(super) fn is_rendering(name: &str, given: &[Given<'_>]) -> bool {
    const TEMPLATES: &[&str] =
        &[".html", ".htm", ".jinja", ".jinja2", ".j2", ".ejs", ".pug", ".hbs", ".njk", ".mustache"];
    let lower = name.to_lowercase();
    let is_file =
        |given: &Given<'_>| given.value.text().is_some_and(|text| TEMPLATES.iter().any(|end| text.ends_with(end)));
    // `app.render("partials/list", data)`
    let is_named = |given: &Given<'_>| {
        given.value.text().is_some_and(|text| {
            !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_/.:".contains(letter))
        })
    };
    let (renders, of_template) = (lower.contains("render"), lower.contains("template"));
    (renders || of_template) && given.iter().take(2).any(is_file)
        || renders && (of_template || given.len() > 1 && given.first().is_some_and(is_named))
}
