//! Regexes as values, and data from outside that is held against a slow one.

use super::admitted::cleared_by_found;
use super::call::{Called, Given};
use super::engine::{Engine, Run};
use super::model::{Models, Place, SinkSet};
use super::value::{Constant, Value};
use crate::ir::{Kind, NodeId};
use crate::language::Family;
use crate::regex_cost::{Cost, Dialect, Growth, Regex, Use, Verdict, python_flags};
use crate::rule::flow::sink_kind;
use foldhash::HashMap;
use std::cell::OnceCell;
use std::rc::Rc;

/// A text of at most so many characters is matched in little time, though it grows with their square.
const MAX_LENGTH: i64 = 5_000;
/// As much, where the time doubles with each.
const MAX_LENGTH_EXPONENTIAL: i64 = 20;

/// Regexes of a table that a text may be held against.
const MAX_REGEXES: usize = 32;

/// Functions of `re` and methods of what it compiles: the position of the text after the regex, and how
/// much of it must match.
const MATCHES: &[(&str, usize, Use)] = &[
    ("search", 1, Use::Search),
    ("match", 1, Use::Start),
    ("fullmatch", 1, Use::Whole),
    ("split", 1, Use::All),
    ("findall", 1, Use::All),
    ("finditer", 1, Use::All),
    ("sub", 2, Use::All),
    ("subn", 2, Use::All),
];

/// What is known of regexes.
pub(super) struct Regexes {
    /// By family.
    places: [OnceCell<Places>; 2],
    verdicts: HashMap<(Rc<Regex>, Use), Option<Rc<Cost>>>,
    exponential: u8,
    polynomial: u8,
}

/// Where regexes are made and used.
struct Places {
    /// What makes one of a text.
    maker: Option<Place>,
    /// What matches a text with one, by index in [`MATCHES`].
    functions: HashMap<Place, usize>,
}

impl Places {
    fn new(models: &Models, family: Family) -> Places {
        if family == Family::JavaScript {
            return Places { maker: models.root("RegExp"), functions: HashMap::default() };
        }
        let place = |(at, (name, ..)): (usize, &(&str, usize, Use))| Some((models.find(&format!("re.{name}"))?, at));
        let functions = MATCHES.iter().enumerate().filter_map(place).collect();
        Places { maker: models.find("re.compile"), functions }
    }
}

/// What a call has to do with regexes, besides what calls have to do with anything.
#[derive(Default)]
pub(super) struct Made {
    regex: Option<Constant>,
    /// Kinds of sink that its result is too short for, or made of too few letters.
    cleared: SinkSet,
}

impl Regexes {
    pub(super) fn new() -> Regexes {
        Regexes {
            places: [const { OnceCell::new() }; 2],
            verdicts: HashMap::default(),
            exponential: sink_kind("exponential-regex").unwrap_or(u8::MAX),
            polynomial: sink_kind("polynomial-regex").unwrap_or(u8::MAX),
        }
    }

    fn cost(&mut self, regex: &Rc<Regex>, mode: Use) -> Option<Rc<Cost>> {
        let key = (Rc::clone(regex), mode);
        let judged = || match regex.superlinear(mode) {
            Verdict::Slow(cost) => Some(Rc::new(cost)),
            Verdict::Fast | Verdict::Unknown(_) => None,
        };
        self.verdicts.entry(key).or_insert_with(judged).clone()
    }
}

/// A literal of JavaScript as it is written.
pub(super) fn literal<'p>(written: &str) -> Value<'p> {
    match Regex::literal(written) {
        Some(regex) => Value::constant(Constant::Regex(Rc::new(regex))),
        None => Value::default(),
    }
}

impl<'p> Engine<'p> {
    /// Looks at a call for regexes: what it holds against one, and whether it makes one.
    pub(super) fn with_regexes(&mut self, run: &Run<'p>, called: &Called<'_, 'p>) -> Made {
        let Called { node, callee, method, given, .. } = *called;
        let mut found = 0;
        if let Some((regexes, mode, text)) = self.matched_by(run, called).filter(|(.., text)| !text.taints.is_empty()) {
            regexes.iter().for_each(|regex| self.held_against(run, node, regex, mode, &text));
            if let ([regex], Some("match" | "search" | "fullmatch" | "findall" | "finditer"), true) =
                (&regexes[..], method, self.is_python(run.unit))
            {
                found = cleared_by_found(regex);
            }
        }
        let makes = callee.stands_at(self.regex_places(run).maker);
        let regex = given.first().filter(|_| makes).and_then(|first| self.regex_from(run, first, &given[1..]));
        let number = |at: usize| match given.get(at).map(|given| &given.value.constant) {
            Some(Some(Constant::Number(number))) => Some(*number),
            _ => None,
        };
        let cleared = match (method, number(0), number(1)) {
            (Some("slice" | "substring"), Some(start), Some(end)) if start >= 0 && end >= 0 => self.short(end - start),
            (Some("substr"), Some(_), Some(length)) => self.short(length),
            _ => 0,
        };
        Made { regex: regex.map(Constant::Regex), cleared: cleared | found }
    }

    fn regex_places(&self, run: &Run<'p>) -> &Places {
        let family = self.unit(run.unit).family;
        self.regexes.places[family as usize].get_or_init(|| Places::new(self.models(run.unit), family))
    }

    /// What a call gives, with what is known of it here.
    pub(super) fn made(mut value: Value<'p>, made: Made) -> Value<'p> {
        if made.regex.is_some() {
            value.constant = made.regex;
        }
        value.clear(made.cleared);
        value
    }

    /// `text[:100]`
    pub(super) fn sliced(&self, run: &Run<'p>, index: NodeId, key: &Value<'p>, mut value: Value<'p>) -> Value<'p> {
        let unit = self.unit(run.unit);
        let Some(slice) = unit.module.child(index, 1).filter(|_| !value.taints.is_empty()) else { return value };
        let text = unit.written(slice);
        if let Kind::Other(_) = unit.module.kind(slice)
            && let Some((_, end)) = text.split_once(':')
            && !end.trim().is_empty()
            && let Some(Constant::Number(length @ 0..)) = key.constant
        {
            let cleared = self.short(length);
            value.clear(cleared);
        }
        value
    }

    /// Kinds of sink that a text of some length is too short for.
    fn short(&self, length: i64) -> SinkSet {
        let bit = |fits: bool, kind: u8| SinkSet::from(fits) << kind;
        bit(length <= MAX_LENGTH, self.regexes.polynomial)
            | bit(length <= MAX_LENGTH_EXPONENTIAL, self.regexes.exponential)
    }

    /// `x.length < 100`, `len(x) > 100`: where it came out so, x is short.
    pub(super) fn compared_length(
        &mut self,
        run: &mut Run<'p>,
        operator: &str,
        sides: [(NodeId, &Value<'p>); 2],
        truth: bool,
    ) {
        let [(left, left_value), (right, right_value)] = sides;
        let (measured, operator, bound) = match (&left_value.constant, &right_value.constant) {
            (_, Some(Constant::Number(bound))) => (left, operator, *bound),
            (Some(Constant::Number(bound)), _) => {
                let turned = match operator {
                    "<" => ">",
                    "<=" => ">=",
                    ">" => "<",
                    ">=" => "<=",
                    same => same,
                };
                (right, turned, *bound)
            }
            _ => return,
        };
        let is_short =
            matches!((operator, truth), ("<" | "<=" | "==" | "===", true) | (">" | ">=" | "!=" | "!==", false));
        let unit = self.unit(run.unit);
        let module = unit.module;
        let text = match module.kind(measured) {
            Kind::Member if module.text(measured, unit.text) == "length" => module.child(measured, 0),
            Kind::Call if self.callee_name(run, measured) == "len" => module.child(measured, 1),
            _ => None,
        };
        if let Some(text) = text.filter(|_| is_short) {
            self.clear_fact(run, text, self.short(bound));
        }
    }

    /// The regexes of which a call matches one, and the text that it matches with it.
    fn matched_by(&self, run: &Run<'p>, called: &Called<'_, 'p>) -> Option<(Vec<Rc<Regex>>, Use, Value<'p>)> {
        let Called { callee, receiver, method, given, .. } = *called;
        let own = receiver.map(regexes).filter(|own| !own.is_empty()).map(<[_]>::to_vec);
        if !self.is_python(run.unit) {
            let of_first = || {
                let held = given.first().map(|first| regexes(&first.value));
                held.filter(|held| !held.is_empty()).map(<[_]>::to_vec)
            };
            return match (own, method?) {
                (Some(own), "test" | "exec") => Some((own, Use::Search, given.first()?.value.clone())),
                (None, "matchAll" | "replaceAll" | "split") => Some((of_first()?, Use::All, receiver?.clone())),
                (None, "match" | "replace" | "search") => {
                    let held = of_first()?;
                    let all = method != Some("search") && held.iter().any(|regex| regex.flags.contains('g'));
                    Some((held, if all { Use::All } else { Use::Search }, receiver?.clone()))
                }
                _ => None,
            };
        }
        let text = |at: usize| {
            let named = given.iter().find(|given| given.name.as_deref() == Some("string"));
            named.or_else(|| given.get(at).filter(|given| given.name.is_none())).map(|given| given.value.clone())
        };
        if let Some(own) = own {
            let &(_, at, mode) = MATCHES.iter().find(|(name, ..)| Some(*name) == method)?;
            return Some((own, mode, text(at - 1)?));
        }
        let &(_, at, mode) = MATCHES.get(*self.regex_places(run).functions.get(&callee.place?)?)?;
        let (first, others) = given.split_first()?;
        let text = text(at).filter(|text| !text.taints.is_empty())?;
        let held = regexes(&first.value);
        Some((if held.is_empty() { vec![self.regex_from(run, first, others)?] } else { held.to_vec() }, mode, text))
    }

    /// The regex that a call makes of constant text.
    fn regex_from(&self, run: &Run<'p>, source: &Given<'p>, others: &[Given<'p>]) -> Option<Rc<Regex>> {
        let unit = self.unit(run.unit);
        if let Some(known) = regex(&source.value) {
            return Some(known);
        }
        let source = source.value.text()?.into();
        let written = |given: &Given<'p>| unit.written(given.node);
        let (flags, dialect) = match unit.family {
            Family::Python => (others.iter().map(|other| python_flags(written(other))).collect(), Dialect::Python),
            Family::JavaScript => {
                let flags = others.first().and_then(|other| other.value.text()).unwrap_or_default();
                (flags.to_owned(), Dialect::JavaScript)
            }
        };
        Some(Rc::new(Regex { source, flags: flags.into(), dialect }))
    }

    /// Reports data that is held against a slow regex.
    fn held_against(&mut self, run: &Run<'p>, node: NodeId, regex: &Rc<Regex>, mode: Use, text: &Value<'p>) {
        let Some(cost) = self.regexes.cost(regex, mode) else { return };
        let sink = match cost.growth {
            Growth::Exponential => self.regexes.exponential,
            Growth::Polynomial(_) => self.regexes.polynomial,
        };
        self.report(run.unit, node, sink, &text.taints, false);
        let span = self.span(run, node);
        for taint in &text.taints {
            if let Some(flow) = self.flows.get_mut(&(run.unit, span, sink, taint.kind)) {
                flow.evil.get_or_insert_with(|| cost.text());
            }
        }
    }
}

/// The regexes of which a value is one.
fn regexes<'v>(value: &'v Value<'_>) -> &'v [Rc<Regex>] {
    match &value.constant {
        Some(Constant::Regex(regex)) => std::slice::from_ref(regex),
        Some(Constant::Regexes(regexes)) => regexes,
        _ => &[],
    }
}

/// One of the regexes that either of two values is, if both are.
pub(super) fn one_of_regexes(one: &Value<'_>, other: &Value<'_>) -> Option<Constant> {
    let (one, other) = (regexes(one), regexes(other));
    if one.is_empty() || other.is_empty() {
        return None;
    }
    let mut all = one.to_vec();
    all.extend(other.iter().filter(|regex| !one.contains(regex)).cloned());
    all.truncate(MAX_REGEXES);
    Some(Constant::Regexes(all.into()))
}

/// The regex that a value is.
pub(super) fn regex(value: &Value<'_>) -> Option<Rc<Regex>> {
    match &value.constant {
        Some(Constant::Regex(regex)) => Some(Rc::clone(regex)),
        _ => None,
    }
}
