//! What conditions show of addresses: that one is a path of the same host, or in no network of the inside.

use super::engine::{Engine, Run};
use super::model::kinds;
use super::value::Callee;
use crate::ir::{Kind, NodeId};
use crate::rule::words;
use std::rc::Rc;

impl<'p> Engine<'p> {
    /// `x.startswith("/")`, and not with `"//"`: a path of the same host.
    pub(super) fn starts_as_path(&mut self, run: &mut Run<'p>, object: NodeId, argument: NodeId, truth: bool) {
        const SIGNS: [&str; 2] = ["/", "//"];
        let unit = self.unit(run.unit);
        if unit.module.kind(argument) != Kind::Str {
            return;
        }
        let start = unit.module.text(argument, unit.text);
        let Some(at) = SIGNS.iter().position(|sign| *sign == start).filter(|at| truth == (*at == 0)) else { return };
        let text = &unit.text[unit.module.node(object).span.range()];
        let redirect = kinds(&["redirect"]);
        let fact = |sign: &str| -> Rc<str> { format!("{text}.startswith {sign}").into() };
        let other = run.frame.facts.borrow().get(&fact(SIGNS[1 - at])).is_some_and(|cleared| cleared & redirect != 0);
        run.frame.facts.borrow_mut().insert(fact(SIGNS[at]), redirect);
        if other {
            self.clear_fact(run, object, redirect);
        }
    }

    /// Whether a condition is a function that resolves an address and asks which network it is in.
    pub(super) fn asks_for_network(&mut self, run: &mut Run<'p>, callee: NodeId, name: &str, truth: bool) -> bool {
        const INSIDE: &[&str] =
            &["private", "internal", "local", "loopback", "reserved", "blocked", "forbidden", "unsafe"];
        const OUTSIDE: &[&str] = &["public", "external", "global", "safe", "allowed", "valid"];
        const ASKS: &[&str] = &["is_private", "is_global", "is_loopback", "isPrivate"];
        let names = words::split(name);
        let has = |wanted: &[&str]| names.iter().any(|word| wanted.contains(&word.as_str()));
        if !(if truth { has(OUTSIDE) } else { has(INSIDE) }) {
            return false;
        }
        let value = self.eval(run, callee);
        let [Callee::Function(function)] = &value.callees[..] else { return false };
        let unit = self.unit(function.unit);
        let text = &unit.text[unit.module.node(function.node).span.range()];
        ASKS.iter().any(|ask| text.contains(ask))
    }
}
