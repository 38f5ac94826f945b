//! What is checked of a request before its handler runs: schemas of Fastify, Hapi, celebrate and Hono, and chains of
//! express-validator. Each says what of a field is let through.

use super::admitted::{cleared_by_pattern, cleared_by_source};
use super::call::Given;
use super::engine::{Engine, Run};
use super::model::{Known, Place, SinkSet, kinds};
use super::value::{Callee, Constant, Object, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::regex_cost::{Dialect, Regex};
use crate::rule::flow::source_kind;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Parts of a request.
pub(super) const PARTS: [&str; 6] = ["query", "body", "params", "headers", "cookies", "payload"];
/// Validators of express-validator that let only numbers, words and the like through.
#[rustfmt::skip] // a word a line would be a page
const CLEAN: &[&str] = &[
    "isInt", "isFloat", "isNumeric", "isDecimal", "isIn", "isUUID", "isULID", "isMongoId", "isAlpha", "isAlphanumeric", "isBoolean",
    "isDate", "isISO8601", "isRFC3339", "isHexadecimal", "isHexColor", "isIP", "isPort", "isSlug", "isMD5", "equals",
];
/// Its sanitizers: what they make is no text any more, asked or not.
const CHANGES: &[&str] = &["toInt", "toFloat", "toBoolean", "toDate"];
/// Types and formats of JSON schemas that hold no text that does harm.
const TYPES: &[&str] = &["integer", "number", "boolean", "null"];
const FORMATS: &[&str] = &["uuid", "date", "time", "date-time", "duration", "ipv4", "ipv6"];
/// Calls in each other that make up a chain.
const MAX_CHAIN: usize = 24;

/// A field of a part of a request, and the kinds of sink that it is clean for once it was let through.
#[derive(Debug, Clone)]
pub(super) struct Check {
    part: &'static str,
    field: Rc<str>,
    cleared: SinkSet,
}

impl Check {
    /// Such a field.
    pub(super) fn new(part: &'static str, field: &str, cleared: SinkSet) -> Check {
        Check { part, field: field.into(), cleared }
    }
}

impl<'p> Engine<'p> {
    /// Notes what a route's other arguments check for the functions that it registers.
    pub(super) fn note_checks(&mut self, run: &mut Run<'p>, known: &Known, given: &[Given<'p>]) {
        if self.is_python(run.unit) || given.len() < 2 && given.iter().all(|given| given.value.object.is_none()) {
            return;
        }
        self.note_admin_handlers(run, given);
        let asked = self.asks_for_result(run, given);
        if let Some(check) = self.check_of_param(given) {
            self.param_checks.entry(run.unit).or_default().push(check);
            return;
        }
        let mut checks = self.param_checks.get(&run.unit).cloned().unwrap_or_default();
        let last = given.len().saturating_sub(1);
        if let Some(address) = given.first().and_then(|first| first.value.text()) {
            checks_of_address(address, &mut checks);
        }
        for (at, argument) in given.iter().enumerate() {
            self.checks_of_schema(run.unit, &argument.value, &mut checks);
            self.checks_of_options(run.unit, &argument.value, &mut checks);
            self.checks_of_parts(run.unit, &argument.value, &mut checks);
            self.checks_of_chain(run, argument.node, asked, &mut checks);
            self.checks_of_celebrate(run, argument.node, &mut checks);
            self.checks_of_own(run, argument, &mut checks);
            if at < last {
                self.checks_of_guard(run, known, argument, &mut checks);
            }
        }
        if checks.is_empty() {
            return;
        }
        let checks = Rc::new(checks);
        for argument in given {
            let handlers = self.handlers_of(&argument.value);
            for callee in argument.value.callees.iter().chain(handlers.iter().flat_map(|handler| &handler.callees)) {
                if let Callee::Function(function) = callee {
                    self.checks.insert((function.unit, function.node), Rc::clone(&checks));
                }
            }
        }
    }

    /// The handlers that a route's options name: `{ handler }`, `{ options: { handler } }`.
    fn handlers_of(&self, route: &Value<'p>) -> Vec<Value<'p>> {
        let inner = self.options_of(route).and_then(|inner| self.held(&inner, "handler"));
        self.held(route, "handler").into_iter().chain(inner).collect()
    }

    /// `{ options: {..} }` of a route of Hapi, in older ones `{ config: {..} }`.
    fn options_of(&self, route: &Value<'p>) -> Option<Value<'p>> {
        self.held(route, "options").or_else(|| self.held(route, "config"))
    }

    /// What an object holds under a name.
    pub(super) fn held(&self, value: &Value<'p>, name: &str) -> Option<Value<'p>> {
        value.object.and_then(|object| self.objects[object as usize].fields.get(name).cloned())
    }

    /// `app.get("/", f, { query: t.Object({ id: t.Number() }) })` of Elysia.
    fn checks_of_parts(&self, unit: UnitId, options: &Value<'p>, checks: &mut Vec<Check>) {
        let [_, of_objects, ..] = self.zod(unit);
        for part in PARTS.into_iter().filter(|_| options.object.is_some()) {
            if let Some(schema) = self.held(options, part).filter(|schema| schema.stands_at(of_objects)) {
                self.checks_of_fields(unit, part, &schema, checks);
            }
        }
    }

    /// `fastify.get("/", { schema: { querystring: { properties: { n: { type: "integer" } } } } }, f)`
    fn checks_of_schema(&mut self, unit: UnitId, options: &Value<'p>, checks: &mut Vec<Check>) {
        let Some(schema) = self.held(options, "schema") else { return };
        for part in PARTS {
            let named = self.held(&schema, part);
            let Some(of_part) = named.or_else(|| self.held(&schema, "querystring").filter(|_| part == "query")) else {
                continue;
            };
            let properties = self.held(&of_part, "properties").unwrap_or(of_part);
            self.checks_of_fields(unit, part, &properties, checks);
        }
    }

    /// `server.route({ options: { validate: { params: Joi.object({ id: Joi.number() }) } }, handler })` of Hapi.
    fn checks_of_options(&self, unit: UnitId, route: &Value<'p>, checks: &mut Vec<Check>) {
        let Some(validate) = self.options_of(route).and_then(|options| self.held(&options, "validate")) else { return };
        for part in PARTS {
            if let Some(schema) = self.held(&validate, part) {
                self.checks_of_fields(unit, part, &schema, checks);
            }
        }
    }

    fn checks_of_fields(&self, unit: UnitId, part: &'static str, shape: &Value<'p>, checks: &mut Vec<Check>) {
        let Some(object) = shape.object else { return };
        for (field, schema) in &self.objects[object as usize].fields {
            let cleared = self.cleared_by_schema(unit, schema);
            checks.push(Check { part, field: Rc::clone(field), cleared });
        }
    }

    /// Kinds of sink that a text is clean for which a schema lets through: of Zod and the like, or of JSON.
    pub(super) fn cleared_by_schema(&self, unit: UnitId, schema: &Value<'p>) -> SinkSet {
        if schema.stands_at(self.zod(unit)[2]) {
            return SinkSet::MAX;
        }
        if let Some(Constant::Regex(regex)) = &schema.constant {
            return cleared_by_pattern(regex);
        }
        let Some(object) = schema.object else { return 0 };
        let fields = &self.objects[object as usize].fields;
        let text = |name: &str| fields.get(name).and_then(|value| value.text());
        if fields.contains_key("enum")
            || fields.contains_key("const")
            || text("type").is_some_and(|kind| TYPES.contains(&kind))
            || text("format").is_some_and(|format| FORMATS.contains(&format))
        {
            return SinkSet::MAX;
        }
        let pattern = |source: &str| Regex { source: source.into(), flags: "".into(), dialect: Dialect::JavaScript };
        text("pattern").map_or(0, |source| cleared_by_pattern(&pattern(source)))
    }

    /// `body("n").isInt()`, also in a list; `asked`: whether anyone looks at the result.
    fn checks_of_chain(&mut self, run: &mut Run<'p>, node: NodeId, asked: bool, checks: &mut Vec<Check>) {
        const MAKERS: [(&str, &[&str]); 6] = [
            ("query", &["query"]),
            ("body", &["body"]),
            ("param", &["params"]),
            ("header", &["headers"]),
            ("cookie", &["cookies"]),
            ("check", &PARTS),
        ];
        let unit = self.unit(run.unit);
        let module = unit.module;
        if module.kind(node) == Kind::Array {
            for &element in module.children(node) {
                self.checks_of_chain(run, element, asked, checks);
            }
            return;
        }
        let mut cleared = 0;
        let mut at = node;
        for _ in 0..MAX_CHAIN {
            let Some(callee) = module.child(at, 0).filter(|_| module.kind(at) == Kind::Call) else { return };
            let name = module.text(callee, unit.text);
            if module.kind(callee) == Kind::Member
                && let Some(inner) = module.child(callee, 0).filter(|&inner| module.kind(inner) == Kind::Call)
            {
                let shows = CHANGES.contains(&name) || asked && CLEAN.contains(&name);
                cleared |= if shows { SinkSet::MAX } else { 0 };
                cleared |= if name == "escape" { kinds(&["html"]) } else { 0 };
                if name == "matches"
                    && asked
                    && let Some(pattern) = module.child(at, 1)
                    && let Some(Constant::Regex(regex)) = self.eval(run, pattern).constant
                {
                    cleared |= cleared_by_pattern(&regex);
                }
                at = inner;
                continue;
            }
            let maker = MAKERS.iter().find(|(maker, _)| *maker == name);
            let path = self.unit(run.unit).imported(name).unwrap_or_default();
            let field = module.child(at, 1).filter(|&field| module.kind(field) == Kind::Str);
            if let (Some((_, parts)), Some(field)) = (maker, field)
                && path.starts_with("express-validator")
            {
                let field: Rc<str> = module.text(field, unit.text).into();
                checks.extend(parts.iter().map(|&part| Check { part, field: Rc::clone(&field), cleared }));
            }
            return;
        }
    }

    /// Whether a route looks at what its validators found: its functions, or others that say so by their names.
    fn asks_for_result(&self, run: &Run<'p>, given: &[Given<'p>]) -> bool {
        let unit = self.unit(run.unit);
        given.iter().any(|given| {
            let asks = |callee: &Callee<'p>| match callee {
                Callee::Function(function) => {
                    let own = self.unit(function.unit);
                    let text = own.written(function.node);
                    text.contains("validationResult") || text.contains("matchedData")
                }
                _ => false,
            };
            let named = matches!(unit.module.kind(given.node), Kind::Name | Kind::Member)
                && unit.module.text(given.node, unit.text).to_ascii_lowercase().contains("valid");
            named || given.value.callees.iter().any(asks)
        })
    }

    /// `celebrate({ [Segments.QUERY]: Joi.object({ .. }) })`
    fn checks_of_celebrate(&mut self, run: &mut Run<'p>, node: NodeId, checks: &mut Vec<Check>) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let callee = module.child(node, 0).filter(|_| module.kind(node) == Kind::Call);
        let Some(schemas) = module.child(node, 1).filter(|&given| module.kind(given) == Kind::Object) else { return };
        if callee.is_none_or(|callee| module.text(callee, unit.text) != "celebrate") {
            return;
        }
        for &property in module.children(schemas) {
            let (Some(key), Some(schema)) = (module.child(property, 0), module.child(property, 1)) else { continue };
            let name = unit.written(key).to_ascii_lowercase();
            let Some(part) = PARTS.into_iter().find(|part| name.contains(part)) else { continue };
            let schema = self.eval(run, schema);
            self.checks_of_fields(run.unit, part, &schema, checks);
        }
    }

    /// `validate(schema)`, `validate(schema, "query")`: a function of the program that makes one which holds a part of
    /// a request against the schema, and goes on only with what that lets through.
    fn checks_of_own(&mut self, run: &mut Run<'p>, argument: &Given<'p>, checks: &mut Vec<Check>) {
        const HOLDS: [&str; 4] = [".parse(", ".parseAsync(", ".safeParse(", ".validate("];
        let unit = self.unit(run.unit);
        let module = unit.module;
        let made = argument.value.callees.iter().find_map(|callee| match callee {
            Callee::Function(function) => Some((function.unit, function.node)),
            _ => None,
        });
        let Some((own, function)) = made.filter(|_| module.kind(argument.node) == Kind::Call) else { return };
        let text = self.unit(own).written(function);
        let refuses = ["throw", ".success", "error", "catch"].iter().any(|word| text.contains(word));
        if !HOLDS.iter().any(|holds| text.contains(holds)) || !(refuses || text.contains(".parse")) {
            return;
        }
        let given: Vec<Value<'p>> =
            module.children(argument.node)[1..].iter().map(|&given| self.eval(run, given)).collect();
        let [_, of_objects, ..] = self.zod(run.unit);
        let Some(schema) = given.iter().find(|given| given.stands_at(of_objects) && given.object.is_some()) else {
            return;
        };
        let named =
            given.iter().filter_map(|given| given.text()).find_map(|name| PARTS.into_iter().find(|part| *part == name));
        let reads = |part: &&str| text.contains(&format!(".{part}"));
        let read: Vec<&'static str> =
            named.map_or_else(|| PARTS.into_iter().filter(reads).collect(), |part| vec![part]);
        let fields = schema.object.map(|object| self.objects[object as usize].fields.clone()).unwrap_or_default();
        // `z.object({ body: .., query: .. })`: a schema of the whole request.
        let whole = fields.keys().all(|name| PARTS.contains(&&**name));
        match *read {
            _ if whole => {
                for part in PARTS {
                    if let Some(schema) = fields.get(part) {
                        self.checks_of_fields(run.unit, part, schema, checks);
                    }
                }
            }
            [part] => self.checks_of_fields(run.unit, part, schema, checks),
            _ => {}
        }
    }

    /// A request as it comes to a handler whose route has checked it.
    pub(super) fn checked_request(
        &mut self,
        function: (UnitId, NodeId),
        place: Option<Place>,
        request: &mut Value<'p>,
    ) {
        let Some(checks) = self.checks.get(&function).cloned() else { return };
        let (Some(place), Some(remote)) = (place, source_kind("remote")) else { return };
        let unit = function.0;
        let module = self.unit(unit).module;
        let span = module.node(module.child(function.1, 0).unwrap_or(function.1)).span;
        let mut parts = BTreeMap::new();
        for part in PARTS.into_iter().filter(|part| checks.iter().any(|check| check.part == *part)) {
            let mut fields = BTreeMap::new();
            for check in checks.iter().filter(|check| check.part == part && check.cleared != 0) {
                let mut value = Value::default();
                let mut taint = self.fresh(unit, span, remote);
                taint.cleared = check.cleared;
                value.taints.push(taint);
                fields.insert(Rc::clone(&check.field), value);
            }
            let object = self.object(Object { fields, ..Object::default() });
            let place = self.models(unit).member(place, part);
            parts.insert(part.into(), Value { object: Some(object), ..Value::at(place) });
        }
        request.object = Some(self.object(Object { fields: parts, ..Object::default() }));
    }

    /// What a handler asks for that its route has checked.
    pub(super) fn checked_part(
        &mut self,
        run: &mut Run<'p>,
        call: NodeId,
        method: Option<&str>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let first = given.first().map(|first| &first.value)?;
        match method {
            Some("valid") => {
                let part = first.text()?.to_owned();
                self.valid_part(run, call, &part)
            }
            None if first.object.is_some() && self.callee_name(run, call) == "matchedData" => self.matched_data(first),
            _ => None,
        }
    }

    /// `matchedData(request)`: the fields that were checked.
    fn matched_data(&mut self, request: &Value<'p>) -> Option<Value<'p>> {
        let parts = self.objects[request.object? as usize].fields.values().cloned().collect::<Vec<_>>();
        let mut fields = BTreeMap::new();
        for part in parts {
            fields.extend(self.objects[part.object? as usize].fields.clone());
        }
        let rest =
            Value { taints: self.all_taints(request).into_iter().collect::<Vec<_>>().into(), ..Value::default() };
        Some(Value::object(self.object(Object { fields, rest, ..Object::default() })))
    }

    /// `c.req.valid("query")` in a handler that is registered with `zValidator("query", schema)`: what that lets
    /// through.
    fn valid_part(&mut self, run: &mut Run<'p>, call: NodeId, part: &str) -> Option<Value<'p>> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let handler = module.ancestors(call).find(|&around| {
            module.kind(around) == Kind::Function
                && module.parent(around).is_some_and(|parent| module.kind(parent) == Kind::Call)
        })?;
        let route = module.parent(handler)?;
        let schema = module.children(route)[1..].iter().find_map(|&argument| {
            let [callee, named, schema, ..] = *module.children(argument) else { return None };
            let validates = module.kind(argument) == Kind::Call
                && module.text(callee, unit.text).to_ascii_lowercase().ends_with("validator")
                && module.text(named, unit.text) == part;
            validates.then_some(schema)
        })?;
        let schema = self.eval(run, schema);
        let remote = source_kind("remote")?;
        let taint = self.fresh(run.unit, module.node(call).span, remote);
        schema.object?;
        Some(self.let_through_of(run.unit, &schema, &[taint]))
    }
}

/// `/files/:number(\\d+)`, `/files/:number{[0-9]+}`: what an address lets through as a part of it, which the regex
/// has to match as a whole.
fn checks_of_address(address: &str, checks: &mut Vec<Check>) {
    let mut rest = address;
    while let Some((_, after)) = rest.split_once("/:") {
        let end = after.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        rest = after;
        let Some((source, after)) = in_pair(after) else { continue };
        rest = after;
        // `:name(\\d+)*`: more than one, with slashes between; `:from(\\d+)-:to`: only a part of the part.
        if name.is_empty() || !(after.is_empty() || after.starts_with(['/', '?'])) {
            continue;
        }
        let cleared = cleared_by_source(&format!("^(?:{source})$"), Dialect::JavaScript);
        if cleared != 0 {
            checks.push(Check::new("params", name, cleared));
        }
    }
}

/// What stands in the brackets that a text starts with, and what follows them.
fn in_pair(text: &str) -> Option<(&str, &str)> {
    let (open, close) = match text.chars().next()? {
        '(' => ('(', ')'),
        '{' => ('{', '}'),
        _ => return None,
    };
    let mut depth = 0_u32;
    for (at, letter) in text.char_indices() {
        depth += u32::from(letter == open);
        depth -= u32::from(letter == close);
        if depth == 0 {
            return Some((&text[1..at], &text[at + 1..]));
        }
    }
    None
}
