//! What functions show of a request that a route runs before its handler, and that go on only if they like it:
//! `(req, res, next) => { if (!NAME.test(req.params.name)) { res.sendStatus(400); return; } next(); }`

use super::call::Given;
use super::checks::{Check, PARTS};
use super::engine::{Engine, Run};
use super::model::{Known, Parameter};
use super::value::{Callee, Function, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;
use std::rc::Rc;

/// Such a function takes the request, the response, and what goes on.
const TAKES: usize = 3;

impl<'p> Engine<'p> {
    /// Notes what a route's other functions show before they let a request pass to its handler.
    pub(super) fn checks_of_guard(
        &mut self,
        run: &Run<'p>,
        known: &Known,
        argument: &Given<'p>,
        checks: &mut Vec<Check>,
    ) {
        let Some(parameters) = &known.calls().parameters else { return };
        let [Callee::Function(function)] = &argument.value.callees[..] else { return };
        let names = self.given_names(function);
        let (Parameter::Typed(place), [request, _, next]) = (parameters.at(0), &names[..]) else { return };
        if names.len() != TAKES || function.unit != run.unit && self.is_python(function.unit) {
            return;
        }
        let written = self.unit(function.unit).written(function.node);
        if next.is_empty() || !PARTS.iter().any(|part| written.contains(part)) {
            return;
        }
        if let Some(inner) = self.run_to(function, next, vec![Value::at(Some(place))]) {
            self.shown_of_request(&inner, request, checks);
        }
    }

    /// What a function shows that is run for a part of the address, on all routes that come after it:
    /// `app.param("name", (req, res, next, name) => ..)`.
    pub(super) fn check_of_param(&mut self, given: &[Given<'p>]) -> Option<Check> {
        let [field, argument] = given else { return None };
        let [Callee::Function(function)] = &argument.value.callees[..] else { return None };
        let names = self.given_names(function);
        let [_, _, next, value, ..] = &names[..] else { return None };
        let told = self.source(function.unit, function.node, TAKES, source_kind("remote")?);
        let arguments = (0..TAKES).map(|_| Value::default()).chain([told]).collect();
        let inner = self.run_to(function, next, arguments)?;
        let cleared = inner.frame.facts.borrow().get(&**value).copied()?;
        Some(Check::new("params", field.value.text()?, cleared))
    }

    /// A run of a function with some arguments up to where it goes on with `next()`, if it is known what holds there.
    fn run_to(&mut self, function: &Rc<Function<'p>>, next: &str, arguments: Vec<Value<'p>>) -> Option<Run<'p>> {
        let goes_on = format!("{next}()");
        if !self.unit(function.unit).written(function.node).contains(&goes_on) {
            return None;
        }
        let frame = self.frame(Some(Rc::clone(&function.frame)));
        let mut inner = Run::new(function.unit, frame, function.this.clone(), None);
        let arguments = arguments.into_iter().map(|value| (None, value)).collect();
        self.bind_parameters(&mut inner, function, arguments, None);
        self.refine_passing(&mut inner, function, &goes_on).then_some(inner)
    }

    /// Follows a function to where it goes on; whether it is known what holds there.
    fn refine_passing(&mut self, run: &mut Run<'p>, function: &Function<'p>, goes_on: &str) -> bool {
        let unit = self.unit(function.unit);
        let module = unit.module;
        let Some(&body) = module.children(function.node).last() else { return false };
        if module.kind(body) != Kind::Block {
            return self.refine_choice(run, body, goes_on);
        }
        for &statement in module.children(body) {
            let passes = |node: NodeId| unit.written(node).contains(goes_on);
            match (module.kind(statement), module.children(statement)) {
                // `return NAME.test(x) ? next() : refuse();`
                (Kind::Return, [choice]) if passes(*choice) && module.kind(*choice) == Kind::If => {
                    return self.refine_choice(run, *choice, goes_on);
                }
                // `if (bad) { refuse; return }`
                (Kind::If, [test, then]) if !passes(*then) => {
                    if !self.is_left(run, *then) {
                        return false;
                    }
                    self.refine(run, *test, false);
                }
                // `if (good) next(); else refuse`, `if (good) { return next(); } refuse`
                (Kind::If, [test, then, rest @ ..]) if passes(*then) => {
                    let alone = unit.text[module.node(*then).span.end as usize..module.node(body).span.end as usize]
                        .contains(goes_on);
                    if alone || rest.iter().any(|&rest| passes(rest)) {
                        return false;
                    }
                    self.refine(run, *test, true);
                    return true;
                }
                _ if passes(statement) => {
                    return !matches!(module.kind(statement), Kind::If | Kind::Loop | Kind::Function);
                }
                _ => {
                    self.eval(run, statement);
                }
            }
        }
        false
    }

    /// `NAME.test(x) ? next() : refuse()`, `NAME.test(x) && next()`: what holds where it goes on.
    fn refine_choice(&mut self, run: &mut Run<'p>, choice: NodeId, goes_on: &str) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let passes = |node: NodeId| unit.written(node).contains(goes_on);
        let (test, truth) = match (module.kind(choice), module.children(choice)) {
            (Kind::If, [test, then, other]) if passes(*then) != passes(*other) => (*test, passes(*then)),
            (Kind::Binary, [test, then]) if module.text(choice, unit.text) == "&&" && passes(*then) => (*test, true),
            _ => return false,
        };
        if passes(test) {
            return false;
        }
        self.refine(run, test, truth);
        true
    }

    /// Whether a branch leaves its function at its end.
    fn is_left(&self, run: &Run<'p>, then: NodeId) -> bool {
        let module = self.unit(run.unit).module;
        let last = if module.kind(then) == Kind::Block { module.children(then).last().copied() } else { Some(then) };
        last.is_some_and(|last| matches!(module.kind(last), Kind::Return | Kind::Throw))
    }

    /// Members of a request of which something is shown: `req.params.name`, or a name that was given one.
    fn shown_of_request(&self, run: &Run<'p>, request: &str, checks: &mut Vec<Check>) {
        let facts = run.frame.facts.borrow();
        let vars = run.frame.vars.borrow();
        for (text, &cleared) in facts.iter().filter(|(_, cleared)| **cleared != 0) {
            if let Some((part, field)) = member_of(text, request) {
                checks.extend(field.map(|field| Check::new(part, field, cleared)));
                continue;
            }
            let Some(value) = vars.get(&**text) else { continue };
            let [taint] = &value.taints[..] else { continue };
            let (unit, span) = taint.origin();
            match member_of(&self.unit(unit).text[span.range()], request) {
                Some((part, Some(field))) => checks.push(Check::new(part, field, cleared)),
                // `const { name } = req.params`
                Some((part, None)) => checks.push(Check::new(part, text, cleared)),
                None => {}
            }
        }
    }
}

/// The part of a request and the field in it that a text stands for: `req.params.name`, `req.params`.
fn member_of<'t>(text: &'t str, request: &str) -> Option<(&'static str, Option<&'t str>)> {
    let rest = text.strip_prefix(request)?.strip_prefix('.')?;
    let (part, field) = rest.split_once('.').map_or((rest, None), |(part, field)| (part, Some(field)));
    let part = PARTS.into_iter().find(|known| *known == part)?;
    let is_name = |field: &str| field.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    field.is_none_or(is_name).then_some((part, field))
}
