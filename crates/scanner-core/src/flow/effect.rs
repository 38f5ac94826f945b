//! What calls do besides giving a result: they show something of their arguments, or take functions for later.

use super::call::Given;
use super::callback::has_function;
use super::engine::{Engine, Run};
use super::value::Function;
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

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
    pub(super) fn is_looked_up(&self, run: &Run<'p>, call: NodeId, name: &str) -> bool {
        const VERBS: &[&str] =
            &["find", "fetch", "load", "lookup", "select", "count", "create", "insert", "update", "upsert", "delete"];
        let unit = self.unit(run.unit);
        let waits = |parent: NodeId| match unit.module.kind(parent) {
            Kind::Await => true,
            Kind::Member => unit.module.text(parent, unit.text) == "then",
            _ => false,
        };
        if self.is_python(run.unit) || !unit.module.parent(call).is_some_and(waits) {
            return false;
        }
        let words = words::split(name);
        words.first().is_some_and(|first| VERBS.contains(&first.as_str()) || first == "get" && words.len() > 1)
    }

    /// Whether a call takes a template that puts in values as they are: `{{{name}}}`, `{ noEscape: true }`.
    pub(super) fn is_raw_template(&self, run: &Run<'p>, given: &[Given<'p>]) -> bool {
        let Some(template) = given.first().and_then(|first| first.value.text()) else { return false };
        let unit = self.unit(run.unit);
        let is_raw = |given: &Given<'p>| unit.text[unit.module.node(given.node).span.range()].contains("noEscape");
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
    lower.contains("render")
        && (lower.contains("template")
            || given.iter().take(2).any(is_file)
            || given.len() > 1 && given.first().is_some_and(is_named))
}
