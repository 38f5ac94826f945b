//! Schemas that data is held against, and what they let through: of Zod, Joi and Yup, of procedures of tRPC, and of
//! tools of MCP.

use super::call::Given;
use super::callback::is_function;
use super::engine::{Engine, Run};
use super::model::Place;
use super::value::{Callee, Object, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;
use std::collections::BTreeMap;

/// How deep schemas of objects hold others.
const DEPTH: u32 = 6;
/// The name under which a procedure keeps the schema of what it is sent.
const INPUT: &str = "input";

impl<'p> Engine<'p> {
    /// Zod, its schemas of objects, those that let no text through, procedures of tRPC, and schemas of texts.
    pub(super) fn zod(&self, unit: UnitId) -> [Option<Place>; 5] {
        const PATHS: [&str; 5] = ["zod", "zod.Schema", "zod.Clean", "trpc.Procedure", "zod.Text"];
        // An engine may run both languages: what is looked up once must not be what Python's models lack.
        if self.is_python(unit) {
            return [None; PATHS.len()];
        }
        let models = self.models(unit);
        *self.zod.get_or_init(|| PATHS.map(|path| models.find(path)))
    }

    /// Whether a call of a library of schemas makes one of others, or holds data against one.
    pub(super) fn makes_schema(&self, name: &str, given: &[Given<'p>]) -> bool {
        match name {
            "object" | "strictObject" | "looseObject" | "Object" | "array" | "Array" | "union" | "Union"
            | "variant" | "regex" | "optional" | "nullable" | "nullish" | "Optional" => !given.is_empty(),
            "pipe" => given.len() > 1,
            "parse" | "parseAsync" | "safeParse" | "create" | "mask" => given.len() == 2,
            _ => false,
        }
    }

    /// `z.object({ name: schema })`, `z.array(schema)`, `z.union([one, other])`, `v.pipe(v.string(), v.regex(NAME))`, `v.parse(schema, data)`.
    pub(super) fn schema_of(&mut self, run: &Run<'p>, name: &str, given: &[Given<'p>]) -> Option<Value<'p>> {
        let [_, of_objects, clean, _, of_texts] = self.zod(run.unit);
        let first = &given.first()?.value;
        let is_bound = |schema: &Value<'p>| schema.stands_at(clean) || schema.constant.is_some();
        match name {
            "object" | "strictObject" | "looseObject" | "Object" => {
                Some(Value { object: first.object, ..Value::at(of_objects) })
            }
            "array" | "Array" if first.stands_at(clean) => Some(Value::at(clean)),
            "array" | "Array" => {
                let rest = Object { is_list: true, rest: first.clone(), ..Object::default() };
                Some(Value { object: Some(self.object(rest)), ..Value::at(of_objects) })
            }
            "union" | "Union" | "variant" => {
                let list = self.objects[first.object? as usize].clone();
                let all_clean = !list.items.is_empty() && list.items.iter().all(|one| one.stands_at(clean));
                all_clean.then(|| Value::at(clean))
            }
            "regex" => Some(Value { constant: first.constant.clone(), ..Value::at(of_texts) }),
            "optional" | "nullable" | "nullish" | "Optional" => Some(first.clone()),
            "pipe" => {
                let bound = given.iter().map(|given| &given.value).find(|schema| is_bound(schema));
                Some(bound.unwrap_or(first).clone())
            }
            _ => {
                let is_schema =
                    |value: &Value<'p>| [of_objects, clean, of_texts].iter().any(|place| value.stands_at(*place));
                let (schema, data) = match given {
                    [schema, data] if is_schema(&schema.value) => (&schema.value, &data.value),
                    [data, schema] if is_schema(&schema.value) => (&schema.value, &data.value),
                    _ => return None,
                };
                let parsed = self.let_through(run.unit, schema, &self.all_taints(data), DEPTH);
                if name != "safeParse" {
                    return Some(parsed);
                }
                let fields = BTreeMap::from([("output".into(), parsed)]);
                Some(Value::object(self.object(Object { fields, ..Object::default() })))
            }
        }
    }

    /// Whether a function makes a number of what it is given: `Number`, `(text) => parseInt(text, 10)`.
    pub(super) fn makes_number(&mut self, run: &Run<'p>, makes: &Value<'p>) -> bool {
        const NUMBERS: &[&str] = &["Number", "parseInt", "parseFloat", "Number.parseInt", "Number.parseFloat"];
        let [Callee::Function(function)] = &makes.callees[..] else {
            let models = self.models(run.unit);
            return NUMBERS.iter().any(|path| makes.place.is_some() && makes.place == models.find(path));
        };
        let unit = self.unit(function.unit);
        let body = unit.module.children(function.node).last().filter(|&&body| unit.module.kind(body) == Kind::Call);
        let callee = body.and_then(|&body| unit.module.child(body, 0));
        callee.is_some_and(|callee| NUMBERS.contains(&unit.written(callee)))
    }

    /// What a function of a library of schemas gives that is imported by its name: `import { object } from "superstruct"`.
    pub(super) fn schema_by_name(
        &mut self,
        run: &Run<'p>,
        name: &str,
        callee: &Value<'p>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let models = self.models(run.unit);
        let is_theirs = !self.is_python(run.unit)
            && callee.place.is_some()
            && self.makes_schema(name, given)
            && callee.place == models.find(&format!("zod.{name}"));
        if is_theirs { self.schema_of(run, name, given) } else { None }
    }

    /// `schema.parse(x)` of Zod: each member is what its own schema lets through.
    pub(super) fn parsed(
        &mut self,
        run: &Run<'p>,
        name: &str,
        schema: &Value<'p>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let asks = matches!(name, "validate" | "validateAsync" | "validateSync" | "cast");
        if !asks && !name.to_ascii_lowercase().contains("parse") {
            return Some(schema.clone());
        }
        schema.object?;
        let taints = self.all_taints(&given.first()?.value);
        let parsed = self.let_through(run.unit, schema, &taints, DEPTH);
        // Joi gives `{ error, value }`.
        if name == "validate"
            && let Some(object) = parsed.object
        {
            self.objects[object as usize].fields.entry("value".into()).or_insert_with(|| parsed.clone());
        }
        if !name.starts_with("safe") {
            return Some(parsed);
        }
        let fields = BTreeMap::from([("data".into(), parsed)]);
        Some(Value::object(self.object(Object { fields, ..Object::default() })))
    }

    /// The same, of a whole schema.
    pub(super) fn let_through_of(&mut self, unit: UnitId, schema: &Value<'p>, taints: &[Taint]) -> Value<'p> {
        self.let_through(unit, schema, taints, DEPTH)
    }

    /// What a schema lets through of data.
    fn let_through(&mut self, unit: UnitId, schema: &Value<'p>, taints: &[Taint], depth: u32) -> Value<'p> {
        let [_, of_objects, clean, ..] = self.zod(unit);
        if schema.stands_at(clean) {
            return Value::default();
        }
        let mut value = Value::default();
        let shape = schema.object.filter(|_| depth > 0 && schema.stands_at(of_objects));
        let Some(shape) = shape else {
            value.taint_with(taints);
            let cleared = self.cleared_by_schema(unit, schema);
            value.clear(cleared);
            return value;
        };
        let mut parsed = Object::default();
        for (name, part) in self.objects[shape as usize].fields.clone() {
            parsed.fields.insert(name, self.let_through(unit, &part, taints, depth - 1));
        }
        if self.objects[shape as usize].is_list {
            let element = self.objects[shape as usize].rest.clone();
            parsed.is_list = true;
            parsed.rest = self.let_through(unit, &element, taints, depth - 1);
        }
        // Its members are known, their names are not chosen by who sends it.
        Value::object(self.object(parsed))
    }

    /// `ajv.compile(schema)`: what asks whether data is as a schema of JSON says.
    pub(super) fn compiled_schema(&self, unit: UnitId, ajv: &Value<'p>, schema: &Value<'p>) -> Option<Value<'p>> {
        let models = self.models(unit);
        let asks = || Value { object: schema.object, ..Value::at(models.find("ajv.Asks")) };
        ajv.stands_at(models.find("ajv.Ajv")).then(asks)
    }

    /// `if (!fits(req.body)) return`: where such a thing said yes, what its schema says of members holds of those of
    /// the data. Whether it is one.
    pub(super) fn fits_schema(&mut self, run: &Run<'p>, asks: &Value<'p>, data: NodeId) -> bool {
        let asked = asks.object.is_some() && asks.stands_at(self.models(run.unit).find("ajv.Asks"));
        if asked {
            self.is_as_schema_says(run, asks, data);
        }
        asked
    }

    /// `ajv.validate(schema, req.body)` where it said yes.
    pub(super) fn fits_given(&mut self, run: &mut Run<'p>, ajv: NodeId, [schema, data]: [NodeId; 2]) -> bool {
        let asked = self.eval(run, ajv).stands_at(self.models(run.unit).find("ajv.Ajv"));
        if asked {
            let schema = self.eval(run, schema);
            self.is_as_schema_says(run, &schema, data);
        }
        asked
    }

    /// What a schema of JSON says of members holds of those of data.
    fn is_as_schema_says(&mut self, run: &Run<'p>, schema: &Value<'p>, data: NodeId) {
        let properties = self.held(schema, "properties").and_then(|properties| properties.object);
        let Some(properties) = properties else { return };
        let written = self.unit(run.unit).written(data);
        for (name, schema) in &self.objects[properties as usize].fields {
            let cleared = self.cleared_by_schema(run.unit, schema);
            *run.frame.facts.borrow_mut().entry(format!("{written}.{name}").into()).or_default() |= cleared;
        }
    }

    /// Whether a value is a procedure of tRPC.
    pub(super) fn is_procedure(&self, unit: UnitId, value: &Value<'p>) -> bool {
        value.stands_at(self.zod(unit)[3])
    }

    /// `procedure.input(schema)`: it keeps the schema, whatever else is said of it.
    pub(super) fn procedure(&mut self, name: &str, procedure: &Value<'p>, given: &[Given<'p>]) -> Option<Value<'p>> {
        match (name, given) {
            (INPUT, [schema]) => {
                let fields = BTreeMap::from([(INPUT.into(), schema.value.clone())]);
                let object = self.object(Object { fields, ..Object::default() });
                Some(Value { object: Some(object), ..procedure.clone() })
            }
            ("use" | "output" | "meta", _) if procedure.object.is_some() => Some(procedure.clone()),
            _ => None,
        }
    }

    /// `procedure.input(schema).query(({ input }) => ..)`: the function is given what the schema lets through.
    pub(super) fn with_schema(
        &mut self,
        run: &Run<'p>,
        receiver: Option<&Value<'p>>,
        method: Option<&str>,
        mut given: Vec<Given<'p>>,
    ) -> Vec<Given<'p>> {
        if let (Some(server), Some("tool" | "registerTool")) = (receiver, method)
            && server.stands_at(self.models(run.unit).find("mcp.Server"))
        {
            return self.with_shape(run, given);
        }
        let Some(procedure) = receiver.filter(|_| matches!(method, Some("query" | "mutation" | "subscription"))) else {
            return given;
        };
        let kept = procedure.object.filter(|_| self.is_procedure(run.unit, procedure));
        let schema = kept.and_then(|object| self.objects[object as usize].fields.get(INPUT).cloned());
        let (Some(schema), Some(first), Some(remote)) = (schema, given.first_mut(), source_kind("remote")) else {
            return given;
        };
        let Some(Callee::Function(function)) = first.value.callees.first() else { return given };
        let module = self.unit(function.unit).module;
        let Some(parameter) = module.child(function.node, 0) else { return given };
        let taint = self.fresh(function.unit, module.node(parameter).span, remote);
        let input = self.let_through(run.unit, &schema, &[taint], DEPTH);
        let fields = BTreeMap::from([(INPUT.into(), input)]);
        let options = Value::object(self.object(Object { fields, ..Object::default() }));
        first.value.change_functions(|function| Some(function.remembering(&[(None, options.clone())])));
        given
    }

    /// `server.tool("name", { host: z.string() }, ({ host }) => ..)`, `server.registerTool("name", { inputSchema }, f)`.
    fn with_shape(&mut self, run: &Run<'p>, mut given: Vec<Given<'p>>) -> Vec<Given<'p>> {
        let Some(at) = given.iter().position(|given| is_function(&given.value)) else { return given };
        let Some(held) = at.checked_sub(1).and_then(|before| given[before].value.object) else { return given };
        let fields = self.objects[held as usize].fields.clone();
        let inner = fields.get("inputSchema").and_then(|schema| schema.object);
        let fields = inner.map_or(fields, |inner| self.objects[inner as usize].fields.clone());
        let (Some(llm), Some(Callee::Function(function))) = (source_kind("llm"), given[at].value.callees.first())
        else {
            return given;
        };
        let module = self.unit(function.unit).module;
        let Some(parameter) = module.child(function.node, 0) else { return given };
        if fields.is_empty() {
            return given;
        }
        let taint = self.fresh(function.unit, module.node(parameter).span, llm);
        let mut input = Object::default();
        for (name, schema) in fields {
            input.fields.insert(name, self.let_through(run.unit, &schema, std::slice::from_ref(&taint), DEPTH));
        }
        let input = Value::object(self.object(input));
        given[at].value.change_functions(|function| Some(function.remembering(&[(None, input.clone())])));
        given
    }
}
