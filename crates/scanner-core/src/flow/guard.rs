//! What a condition shows of the values that it asks about, where it holds and where it does not.

use super::asked::checks_address;
use super::engine::{Engine, Run};
use super::inside::{beside, dotless, inside};
use super::model::{SinkSet, kinds};
use super::value::{Constant, Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;

/// The name by which an object leads to what all objects have.
const PROTOTYPE: &str = "__proto__";
/// The names that lead to the prototype of all objects, alone or one after the other.
pub(super) const PROTOTYPE_NAMES: [&str; 3] = [PROTOTYPE, "constructor", "prototype"];

impl<'p> Engine<'p> {
    /// Notes what is known of values once a condition has come out as `truth`.
    pub(super) fn refine(&mut self, run: &mut Run<'p>, condition: NodeId, truth: bool) {
        self.note_condition(run, condition);
        let unit = self.unit(run.unit);
        let module = unit.module;
        match module.kind(condition) {
            Kind::Unary if matches!(module.text(condition, unit.text), "not" | "!") => {
                if let Some(inner) = module.child(condition, 0) {
                    self.refine(run, inner, !truth);
                }
            }
            Kind::Binary => {
                let operator = module.text(condition, unit.text);
                let (Some(left), Some(right)) = (module.child(condition, 0), module.child(condition, 1)) else {
                    return;
                };
                match (operator, truth) {
                    ("and" | "&&", true) | ("or" | "||", false) => {
                        self.refine(run, left, truth);
                        self.refine(run, right, truth);
                    }
                    // `key === "constructor" && typeof object[key] === "function"`: what is none leads nowhere.
                    ("&&", false) if self.is_own_constructor(run, left, right) => self.refine(run, left, false),
                    // One of the two: only what both show is known.
                    ("or" | "||", true) | ("and" | "&&", false) => {
                        let before = run.frame.facts.borrow().clone();
                        let vars = run.frame.vars.borrow().clone();
                        self.refine(run, left, truth);
                        let first = run.frame.facts.replace(before.clone());
                        let one = run.frame.vars.replace(vars.clone());
                        self.refine(run, right, truth);
                        let second = run.frame.facts.replace(before);
                        let other = run.frame.vars.replace(vars);
                        self.meter.count(one.len() / 4);
                        for (name, value) in run.frame.vars.borrow_mut().iter_mut() {
                            learn_both(value, one.get(name), other.get(name));
                        }
                        let mut facts = run.frame.facts.borrow_mut();
                        for (text, cleared) in first.into_inner() {
                            let both = cleared & second.get(&text).copied().unwrap_or(0);
                            *facts.entry(text).or_default() |= both;
                        }
                    }
                    _ => self.compared(run, operator, left, right, truth),
                }
            }
            Kind::Call => self.asked(run, condition, truth),
            // `const fits = NAME.test(x); if (!fits) return`
            Kind::Name => {
                // An empty text: `if (x && !NAME.test(x)) return`; `if query: query = "?" + query`, elsewhere it is empty.
                if !truth {
                    self.clear_fact(run, condition, SinkSet::MAX);
                }
                if let Some(asked) = self.asked_before(run, condition) {
                    self.refine(run, asked, truth);
                }
            }
            // `if not urlparse(x).netloc`
            Kind::Member if !truth => self.host_is_known(run, condition),
            _ => {}
        }
    }

    /// The condition that a name stands for: what it was last given before in its function, if that asks for a text.
    /// `const valid = validate(request.body)` does as well.
    fn asked_before(&self, run: &Run<'p>, name: NodeId) -> Option<NodeId> {
        const ASKS: &[&str] =
            &["test", "match", "exec", "fullmatch", "includes", "startsWith", "startswith", "has", "isInteger", "some"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        let value = self.given_before(run, name)?;
        let callee = module.child(value, 0)?;
        let asks = match module.kind(value) {
            Kind::Call => {
                let name = module.text(callee, unit.text);
                module.kind(callee) == Kind::Member && ASKS.contains(&name)
                    || name.starts_with("validate") && !self.is_python(run.unit)
                    || checks_address(name)
            }
            Kind::Binary | Kind::Unary => matches!(
                module.text(value, unit.text),
                "&&" | "||" | "and" | "or" | "!" | "not" | "==" | "===" | "!=" | "!==" | "in" | "not in"
            ),
            _ => false,
        };
        asks.then_some(value)
    }

    pub(super) fn compared(&mut self, run: &mut Run<'p>, operator: &str, left: NodeId, right: NodeId, truth: bool) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let equal = matches!((operator, truth), ("==" | "===" | "is", true) | ("!=" | "!==" | "is not", false));
        let within = matches!((operator, truth), ("in", true) | ("not in", false));
        let without = matches!((operator, truth), ("in", false) | ("not in", true));
        let (left_value, right_value) = (self.eval(run, left), self.eval(run, right));
        self.compared_length(run, operator, [(left, &left_value), (right, &right_value)], truth);
        // `version > 3`: of a text, Python does not get further.
        if self.is_python(run.unit) && matches!(operator, "<" | "<=" | ">" | ">=") {
            for (side, other) in [(left, &right_value), (right, &left_value)] {
                if matches!(other.constant, Some(Constant::Number(_))) {
                    self.clear_fact(run, side, SinkSet::MAX);
                }
            }
        }
        for (side, value) in [(left, &left_value), (right, &right_value)] {
            if equal && self.is_sender(run, value) {
                return self.sender_is_known(run, side);
            }
        }
        // `typeof x === 'string'`: no object that a query would read.
        if equal
            && module.kind(left) == Kind::Unary
            && module.text(left, unit.text) == "typeof"
            && let Some(operand) = module.child(left, 0)
        {
            let cleared = match right_value.text() {
                Some("string") => kinds(&["nosql", "prototype"]),
                Some("number" | "boolean" | "bigint") => SinkSet::MAX,
                _ => 0,
            };
            self.clear_fact(run, operand, cleared);
            return;
        }
        // `new URL(to, url).origin === url.origin`: of the two, one is the program's own.
        if equal
            && module.kind(left) == Kind::Member
            && module.kind(right) == Kind::Member
            && module.text(left, unit.text) == module.text(right, unit.text)
        {
            self.host_is_known(run, left);
            self.host_is_known(run, right);
        }
        if equal {
            self.is_child(run, left, &right_value);
            self.is_child(run, right, &left_value);
            self.starts_as(run, left, right);
            self.starts_as(run, right, left);
            if let Some(common) = [left, right].into_iter().find(|&side| self.is_common(run, side)) {
                return self.is_one_of(run, common);
            }
            // `x == "a"`, also of what was taken from x: `urlparse(x).netloc == "host"`.
            if right_value.constant.is_some() && right_value.taints.is_empty() {
                self.is_one_of(run, left);
            } else if left_value.constant.is_some() && left_value.taints.is_empty() {
                self.is_one_of(run, right);
            } else if self.is_found(run, left) || self.is_found(run, right) {
                return;
            } else if self.is_made_here(&right_value) && !self.is_made_here(&left_value) {
                self.is_one_of(run, left);
            }
        }
        if within && module.kind(right) == Kind::Member && module.text(right, unit.text) == "parents" {
            if let Some(path) = module.child(right, 0) {
                self.is_below(run, path);
            }
            return;
        }
        if within && self.all_taints(&right_value).is_empty() && right_value.constant.is_none() {
            match self.is_python(run.unit) {
                true => self.is_one_of(run, left),
                // What all objects have is in each of them: `"__proto__" in {}`.
                false => self.clear_fact(run, left, !self.prototype_sinks()),
            }
        }
        let unequal = matches!((operator, truth), ("==" | "===", false) | ("!=" | "!==", true));
        // `PATTERN.match(x) is not None`
        if right_value.constant == Some(Constant::Nothing) && module.kind(left) == Kind::Call {
            match operator {
                "is" | "==" => self.refine(run, left, !truth),
                "is not" | "!=" => self.refine(run, left, truth),
                _ => {}
            }
        }
        if unequal {
            self.is_no_prototype(run, left, right);
            self.is_no_prototype(run, right, left);
            for (mark, other) in [(&left_value, right), (&right_value, left)] {
                if mark.text() == Some("/")
                    && let Some(text) = self.second_letter_of(run, other)
                {
                    self.is_local_address(run, text, "apart", "rooted");
                }
            }
            for (mark, other) in [(&left_value, right), (&right_value, left)] {
                if mark.text() == Some("..") {
                    self.starts_not_above(run, other);
                }
                if let Some(mark @ (PROTOTYPE | "constructor" | "prototype")) = mark.text() {
                    self.clear_fact(run, other, cleared_without(mark));
                }
            }
        }
        // `'..' in x`, then it is left.
        if without && let Some(mark) = left_value.text() {
            self.has_not(run, right, mark);
        }
        // `x.indexOf('..') === -1`, `x.find("..") < 0`
        self.not_found(run, operator, left, &right_value, truth);
    }

    /// Whether a name is asked for `constructor`, and then whether an object has a function of that name.
    fn is_own_constructor(&self, run: &Run<'p>, name: NodeId, member: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let (name, member) = (unit.written(name), unit.written(member));
        let is_constructor = ["'constructor'", "\"constructor\""].iter().any(|text| name.ends_with(text));
        let kind = member.strip_prefix("typeof").map(str::trim_start);
        is_constructor
            && kind.and_then(|kind| kind.split_once('=')).is_some_and(|(asked, is)| {
                let asked = asked.trim_end();
                (asked.ends_with(".constructor") || asked.ends_with(']'))
                    && is.trim_matches(['=', ' ', '"', '\'']) == "function"
            })
    }

    /// The text of which a node is the second letter: `to[1]`, `to.charAt(1)`.
    fn second_letter_of(&self, run: &Run<'p>, node: NodeId) -> Option<NodeId> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let (first, at) = (module.child(node, 0)?, module.child(node, 1)?);
        let is_second = module.kind(at) == Kind::Number && module.text(at, unit.text) == "1";
        match module.kind(node) {
            Kind::Index if is_second => Some(first),
            Kind::Call if is_second && module.text(first, unit.text) == "charAt" => module.child(first, 0),
            _ => None,
        }
    }

    /// A text holds a mark nowhere; of a slice without its ends, that the whole is one literal.
    pub(super) fn has_not(&mut self, run: &mut Run<'p>, node: NodeId, mark: &str) {
        let module = self.unit(run.unit).module;
        self.clear_fact(run, node, cleared_without(mark));
        // Without a slash there is no way out of a folder but to the one around it, which is no file.
        let shown = match mark {
            ".." | "../" | "/../" | "/.." => dotless() | kinds(&["sibling"]),
            "/" if self.is_python(run.unit) => inside(),
            _ => 0,
        };
        if shown != 0 {
            let asked = self.asked_text(run, node);
            self.stays(run, asked, shown);
            // `` path.normalize(`./${name}`) ``
            if asked != node && matches!(module.kind(asked), Kind::Concat | Kind::Template) {
                for name in self.names_below(run, asked) {
                    self.clear_fact(run, name, shown);
                }
            }
        }
        if let Some(whole) = module.child(node, 0).filter(|_| module.kind(node) == Kind::Index)
            && matches!(mark, "'" | "\"")
        {
            self.clear_fact(run, whole, kinds(&["code"]));
        }
    }

    /// Whether a node asks where something stands in a text.
    pub(super) fn is_found(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let callee = unit.module.child(node, 0).filter(|_| unit.module.kind(node) == Kind::Call);
        callee.is_some_and(|callee| matches!(unit.module.text(callee, unit.text), "indexOf" | "find" | "search"))
    }

    pub(super) fn not_found(
        &mut self,
        run: &mut Run<'p>,
        operator: &str,
        left: NodeId,
        right: &Value<'p>,
        truth: bool,
    ) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        if !self.is_found(run, left) {
            return;
        }
        let begins = match (&right.constant, operator) {
            (Some(Constant::Number(0)), "==" | "===") => truth,
            (Some(Constant::Number(0)), "!=" | "!==") => !truth,
            _ => false,
        };
        if begins
            && let (Some(callee), Some(start)) = (module.child(left, 0), module.child(left, 1))
            && let Some(object) = module.child(callee, 0)
        {
            return self.begins(run, object, start);
        }
        let absent = match (&right.constant, operator) {
            (Some(Constant::Number(-1)), "==" | "===") => truth,
            (Some(Constant::Number(-1)), "!=" | "!==" | ">") => !truth,
            (Some(Constant::Number(0)), "<") => truth,
            (Some(Constant::Number(0)), ">=") => !truth,
            _ => return,
        };
        let (Some(callee), Some(argument)) = (module.child(left, 0), module.child(left, 1)) else { return };
        let Some(object) = module.child(callee, 0) else { return };
        let mark = self.eval(run, argument);
        let list = self.eval(run, object);
        if absent {
            if let Some(mark) = mark.text() {
                self.has_not(run, object, mark);
            }
            // `FORBIDDEN.indexOf(x) === -1`
            for name in PROTOTYPE_NAMES {
                if self.elements_named(&list, name) {
                    self.clear_fact(run, argument, cleared_without(name));
                }
            }
        } else if !self.is_listed_name(run, object, argument) && list.object.is_some() && self.is_of_owner(&list) {
            // `ALLOWED.indexOf(x) !== -1`
            self.is_one_of(run, argument);
        }
    }

    /// Whether what a value holds is the program's, or of who starts it or calls a package.
    pub(super) fn is_of_owner(&self, value: &Value<'p>) -> bool {
        let local = source_kind("local");
        self.all_taints(value).iter().all(|taint| taint.kind == self.library_input || Some(taint.kind) == local)
    }

    /// A value is one of some that are known: it is clean, and what it was taken from is a known host.
    pub(super) fn is_one_of(&mut self, run: &mut Run<'p>, node: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        if matches!(module.kind(node), Kind::Name | Kind::Member) {
            let value = self.eval(run, node);
            if self.is_sender(run, &value) {
                return self.sender_is_known(run, node);
            }
        }
        match module.kind(node) {
            Kind::Name | Kind::Index => {
                self.clear_fact(run, node, SinkSet::MAX);
                self.named_host_is_known(run, node);
                // `prefix = os.path.commonprefix([base, path])`
                if self.is_common(run, node) {
                    let value = self.eval(run, node);
                    let shown = self.shown_by_common(run, node, &value);
                    self.clear_origins(run, &value, shown);
                }
            }
            Kind::Member => {
                self.clear_fact(run, node, SinkSet::MAX);
                self.host_is_known(run, node);
                self.scheme_is_known(run, node);
            }
            // `` ALLOWED.includes(`${folder}/${name}`) ``
            Kind::Template | Kind::Concat => {
                for &part in module.children(node) {
                    if matches!(module.kind(part), Kind::Name | Kind::Member) {
                        self.clear_fact(run, part, SinkSet::MAX);
                    }
                }
            }
            // `(x := ask()) in ALLOWED`
            Kind::Assign => {
                if let Some(name) = module.child(node, 0) {
                    self.is_one_of(run, name);
                }
            }
            Kind::Call => {
                // `x.lower() in ALLOWED`, `urlparse(x).hostname`, `os.path.dirname(x)`
                if let Some(callee) = module.child(node, 0).filter(|&callee| module.kind(callee) == Kind::Member)
                    && matches!(
                        module.text(callee, unit.text),
                        "lower" | "upper" | "strip" | "toLowerCase" | "trim" | "toUpperCase"
                    )
                    && let Some(object) = module.child(callee, 0)
                {
                    self.is_one_of(run, object);
                }
                if let (Some(callee), Some(argument)) = (module.child(node, 0), module.child(node, 1))
                    && matches!(module.text(callee, unit.text), "normcase" | "realpath" | "abspath" | "normpath")
                {
                    self.is_one_of(run, argument);
                }
                if let Some(callee) = module.child(node, 0)
                    && let name @ ("commonpath" | "commonprefix" | "dirname") = module.text(callee, unit.text)
                {
                    // `commonprefix` compares letters, not folders.
                    let whole = unit.written(node);
                    let by_letters = name == "commonprefix" && !whole.contains(['/', '\\']) && !whole.contains("sep");
                    for argument in self.names_below(run, node) {
                        self.stays(run, argument, if by_letters { beside() } else { inside() });
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a value is what two paths have in common.
    fn is_common(&mut self, run: &mut Run<'p>, node: NodeId) -> bool {
        let value = self.eval(run, node);
        self.went_through(run, node, &value, &["commonprefix(", "commonpath("], &[])
    }

    /// What is shown of a path of which the common start with a folder is that folder.
    fn shown_by_common(&self, run: &Run<'p>, node: NodeId, value: &Value<'p>) -> SinkSet {
        let by_letters = self.went_through(run, node, value, &["commonprefix("], &[]);
        if by_letters { beside() } else { inside() }
    }

    /// `host = urlparse(x).netloc`, then `host in HOSTS`: the host of x is known.
    fn named_host_is_known(&mut self, run: &mut Run<'p>, name: NodeId) {
        let value = self.eval(run, name);
        if self.went_through(run, name, &value, &[".netloc", ".hostname", ".host"], &[]) {
            self.clear_origins(run, &value, kinds(&["redirect", "ssrf"]));
        }
    }

    /// `urlparse(x).hostname.endswith(".example.com")`: the host of x is one of theirs.
    pub(super) fn ends_as_host(&mut self, run: &mut Run<'p>, host: NodeId, end: NodeId) {
        let is_domain = self
            .eval(run, end)
            .text()
            .and_then(|end| end.strip_prefix('.'))
            .is_some_and(|domain| domain.contains('.') && !domain.contains(['/', '@']));
        if is_domain {
            self.is_host_of_theirs(run, host);
        }
    }

    /// What stands for the host of an address, by a name or as a member, is shown to be one of theirs.
    pub(super) fn is_host_of_theirs(&mut self, run: &mut Run<'p>, host: NodeId) {
        match self.unit(run.unit).module.kind(host) {
            Kind::Name => self.named_host_is_known(run, host),
            Kind::Member => self.host_is_known(run, host),
            _ => {}
        }
    }

    /// `urlparse(x).netloc == ..`, `new URL(x).host === ..`: the host of x is known.
    pub(super) fn host_is_known(&mut self, run: &mut Run<'p>, member: NodeId) {
        const HOSTS: &[&str] = &["netloc", "hostname", "host", "origin"];
        let unit = self.unit(run.unit);
        let module = unit.module;
        if !HOSTS.contains(&module.text(member, unit.text)) {
            return;
        }
        let cleared = kinds(&["redirect", "ssrf"]);
        let Some(object) = module.child(member, 0) else { return };
        if module.kind(object) == Kind::Call {
            for name in self.names_below(run, object) {
                self.clear_fact(run, name, cleared);
            }
            return;
        }
        // `parsed = urlparse(x)`: all of the same origin.
        let value = self.eval(run, object);
        self.clear_origins(run, &value, cleared);
        self.clear_fact(run, object, cleared);
    }

    /// What is known of a name holds as well of what is made of it later: `key = key.slice(1)`.
    pub(super) fn clear_name(&self, run: &Run<'p>, node: NodeId, cleared: SinkSet) {
        let unit = self.unit(run.unit);
        if unit.module.kind(node) != Kind::Name || cleared == 0 || self.watch.is_some() {
            return;
        }
        let name = unit.module.text(node, unit.text);
        let learns = |value: &Value<'p>| value.taints.iter().any(|taint| taint.cleared & cleared != cleared);
        if !run.frame.vars.borrow().get(name).is_some_and(learns) {
            return;
        }
        if let Some(value) = run.frame.vars.borrow_mut().get_mut(name) {
            value.clear(cleared);
        }
    }

    /// Names whose data has the origins of a value are as clean as it is.
    pub(super) fn clear_origins(&mut self, run: &Run<'p>, value: &Value<'p>, cleared: SinkSet) {
        let origins: Vec<_> = self.all_taints(value).iter().map(Taint::origin).collect();
        if origins.is_empty() {
            return;
        }
        for value in run.frame.vars.borrow_mut().values_mut() {
            for taint in &mut value.taints {
                if origins.contains(&taint.origin()) {
                    taint.cleared |= cleared;
                }
            }
        }
    }

    pub(super) fn names_below(&self, run: &Run<'p>, node: NodeId) -> Vec<NodeId> {
        let module = self.unit(run.unit).module;
        module.subtree(node).filter(|&id| matches!(module.kind(id), Kind::Name | Kind::Member)).collect()
    }
}

/// Data is as clean as both of two ways have shown it.
fn learn_both<'p>(value: &mut Value<'p>, one: Option<&Value<'p>>, other: Option<&Value<'p>>) {
    let shown = |way: Option<&Value<'p>>, at: usize| way.and_then(|way| way.taints.get(at)).map_or(0, |at| at.cleared);
    for at in 0..value.taints.len() {
        let both = shown(one, at) & shown(other, at);
        if both & !value.taints[at].cleared != 0 {
            value.taints[at].cleared |= both;
        }
    }
}

/// Kinds of sink that a text without a mark is clean for.
pub(super) fn cleared_without(mark: &str) -> SinkSet {
    match mark {
        ".." | "../" | "/../" | "/.." => dotless() | kinds(&["sibling"]),
        "'" | "\"" => kinds(&["xpath"]),
        "<" => kinds(&["html"]),
        "\n" | "\\n" | "\r" | "\\r" => kinds(&["log", "header", "answer-header"]),
        PROTOTYPE => kinds(&["prototype-member", "prototype"]),
        "constructor" | "prototype" => kinds(&["constructor-member"]),
        _ => 0,
    }
}

/// What the name of a fact starts with that a member is one of the object itself.
pub(super) const OWN: &str = "own ";

/// The name of such a fact.
pub(super) fn own_fact(member: &str) -> String {
    format!("{OWN}{member}")
}
