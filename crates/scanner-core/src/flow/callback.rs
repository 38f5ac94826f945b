//! Functions that are given to calls: what is called back, element by element, and what becomes of it.

use super::asked::LIST;
use super::call::Given;
use super::engine::{Engine, Run};
use super::fold;
use super::inside::{dotless, inside};
use super::later::is_handed;
use super::model::kinds;
use super::value::{Callee, Constant, Function, Object, UnitId, Value};
use crate::ir::NodeId;
use crate::span::Span;
use std::rc::Rc;

/// Methods that call a function with each element, of lists and of libraries that are given a list.
#[rustfmt::skip] // a word a line would be pages
const GOING_THROUGH: &[&str] = &[
    "forEach", "forIn", "forOwn", "each", "map", "filter", "some", "every", "flatMap", "eachSeries", "eachLimit", "eachOf",
    "eachOfSeries", "forEachSeries", "forEachLimit", "forEachOf", "mapSeries", "mapLimit", "mapValues", "concatSeries",
];

/// Calls of libraries that run the functions which a list or an object holds.
const IN_ORDER: &[&str] = &["series", "parallel", "parallelLimit", "waterfall", "auto"];
/// Functions of one such list that are run.
const MAX_IN_ORDER: usize = 32;

impl<'p> Engine<'p> {
    /// What a function makes of each element: `list.map(f)`, `map(f, list)`, `text.replace(..)`.
    pub(super) fn mapped(
        &mut self,
        run: &Run<'p>,
        name: &str,
        called_back: &Value<'p>,
        receiver: Option<&Value<'p>>,
        given: &[Given<'p>],
    ) -> Option<Value<'p>> {
        let first = given.first()?;
        if !self.is_python(run.unit)
            && let Some(found) = self.found_by(name, receiver, given)
        {
            return Some(found);
        }
        if matches!(name, "map" | "flatMap" | "then" | "from") {
            if let Some(place) = first.value.place {
                let clears = self.models(run.unit).known(place).clears;
                return (clears != 0).then(|| self.cleaned(clears, receiver, &given[1..]));
            }
            let own = receiver.is_some() && is_function(&first.value);
            return own.then(|| {
                let mut value = called_back.clone();
                let rest = Value { taints: called_back.taints.clone(), ..Value::default() };
                if name != "then" {
                    value.object = Some(self.object(Object { rest, ..Object::default() }));
                }
                value
            });
        }
        // `useMemo(() => .., [a, b])`: what is named after the function only says when it is run again.
        if matches!(name, "useMemo" | "computed") && is_function(&first.value) && !self.is_python(run.unit) {
            return Some(called_back.clone());
        }
        // One of them: `routes.find((route) => route.path === path)`.
        if matches!(name, "find" | "findLast") && is_function(&first.value) && !self.is_python(run.unit) {
            return receiver.filter(|list| list.object.is_some()).map(|list| self.elements(list));
        }
        if let ("filter", Some(list), false) = (name, receiver, self.is_python(run.unit)) {
            return self.kept_by(list, &first.value);
        }
        // What the last round left, and all that it holds.
        if matches!(name, "reduce" | "reduceRight") && receiver.is_some() && is_function(&first.value) {
            return Some(called_back.clone());
        }
        // Line breaks or quotes are taken out.
        if !matches!(name, "replace" | "replaceAll") {
            return None;
        }
        let unit = self.unit(run.unit);
        let of_regex = match &first.value.constant {
            Some(Constant::Regex(regex)) => Some(format!("/{}/{}", regex.source, regex.flags)),
            _ => None,
        };
        let source = of_regex.as_deref().unwrap_or_else(|| unit.written(first.node));
        let mut clears = 0;
        // `.replace(/[^a-z0-9]/g, '')`: only letters and digits are left; `constructor` is made of those.
        let put = given.get(1).and_then(|put| put.value.text());
        if keeps_letters_only(source) && put.is_some_and(|put| put.chars().all(is_letter)) {
            clears |= !kinds(&["prototype", "prototype-member", "constructor-member", "method", "reflection"]);
        }
        // The same with blanks, which no markup is made of: `.replace(/[^\w\s-]/g, "")`.
        if put == Some("") && keeps_letters_only(&source.replace("\\s", "").replacen("[^ ", "[^", 1)) {
            clears |= kinds(&["html", "selector", "xpath", "redirect", "ssrf", "link"]) | inside();
        }
        // `.replace(/^\/+/, '/')`: no second slash is left.
        if put == Some("/")
            && matches!(source, r"/^\/+/" | r"/^[\/\\]+/" | r"/^[/\\]+/" | r"/^\/*/" | r"/\/+/g" | r"/^\/\/+/")
        {
            clears |= kinds(&["redirect"]);
        }
        // `.replace(/^\/old/, "/new")`: it starts with that, on the same host.
        let begun = source.strip_prefix(r"/^\/").and_then(|rest| rest.chars().next());
        if put.is_some_and(|put| put.len() > 1 && fold::cleared_by_start(put) & kinds(&["redirect"]) != 0)
            && begun.is_some_and(|first| first.is_ascii_alphanumeric())
        {
            clears |= kinds(&["redirect", "ssrf"]);
        }
        if source.contains("\\n") || source.contains("\\r") {
            clears |= kinds(&["log", "header", "answer-header", "email"]);
        }
        // All of them: what is left has none.
        let dots = matches!(first.value.text(), Some("..")) && (name == "replaceAll" || self.is_python(run.unit));
        if dots || source == r"/\.\./g" || source.starts_with(r"/^(\.\.") {
            clears |= inside();
        }
        // No dot, or no slash: it leads nowhere else, though it may start at the root.
        let harmless = put.is_some_and(|put| !put.contains(['.', '/', '\\']));
        if harmless && takes_all_slashes(source) {
            clears |= inside();
        }
        if self.is_python(run.unit) && harmless && matches!(first.value.text(), Some("." | "/")) {
            clears |= dotless() | kinds(&["sibling"]);
        }
        if first.value.text() == Some("'") {
            // `.replace("'", "'\\''")`: how a shell reads a quote inside of quotes.
            let put = given.get(1).and_then(|put| put.value.text()).unwrap_or_default();
            if self.is_python(run.unit) && matches!(put, r"'\''" | "'\"'\"'") {
                clears |= kinds(&["command"]);
            }
            clears |= kinds(&["xpath"]);
        }
        // `.replace('"', '""')`: how a name of a table is quoted, for which no parameter can stand.
        let doubled =
            |quote: &str| put.is_some_and(|put| put.len() == 2 * quote.len() && put.replace(quote, "").is_empty());
        let of_text = first.value.text().filter(|_| name == "replaceAll" || self.is_python(run.unit));
        let of_regex = source.strip_prefix('/').and_then(|rest| rest.strip_suffix("/g"));
        if of_text.or(of_regex).is_some_and(|quote| matches!(quote, "\"" | "`" | "]") && doubled(quote)) {
            clears |= kinds(&["sql"]);
        }
        // All of them in Python; of JavaScript, a text stands for the first.
        let all = if self.is_python(run.unit) { "replaceAll" } else { name };
        if takes_all_brackets(source, all) {
            clears |= kinds(&["html", "selector"]);
        }
        // `.replace(/[*()\\\0]/g, escape)`: none is a mark of a filter.
        if source.starts_with("/[")
            && source.ends_with("/g")
            && ["*", "(", ")"].iter().all(|mark| source.contains(mark))
        {
            clears |= kinds(&["ldap"]);
        }
        // `.replace(/[.*+?]/g, '\\$&')`: none is a mark of an expression.
        let put = given.get(1).and_then(|put| put.value.text()).unwrap_or_default();
        if put.ends_with("$&") && put.starts_with('\\') && source.contains('*') && source.contains('+') {
            clears |= kinds(&["regex"]);
        }
        // `'"' + x.replace(/(["$`\\])/g, '\\$1') + '"'`: nothing of it is read between the quotes of a shell.
        let escapes = source.ends_with("/g") && matches!(put, "\\$&" | "\\$1");
        let within_quotes = ["\"", "$", "`", "\\\\"].iter().all(|mark| source.contains(mark))
            && (source.starts_with("/[") || source.starts_with("/(["));
        if escapes && within_quotes && !source.contains("[^") {
            clears |= kinds(&["command"]);
        }
        // `.replace(/'/g, "'\\''")`, `.replace(/[^\w]/g, '\\$&')`: quoted for a shell.
        let quotes = matches!(source, "/'/g" | "/(')/g") && matches!(put, "'\\''" | "'\"'\"'");
        if quotes || source.starts_with("/[^") && source.ends_with("/g") && matches!(put, "\\$&" | "\\$1") {
            clears |= kinds(&["command"]);
        }
        (clears != 0).then(|| self.cleaned(clears, receiver, &given[1..]))
    }

    /// Runs functions that are given to something unknown.
    pub(super) fn call_back(
        &mut self,
        run: &Run<'p>,
        node: NodeId,
        receiver: Option<&Value<'p>>,
        method: &str,
        given: &[Given<'p>],
    ) -> Value<'p> {
        let mut result = Value::default();
        if IN_ORDER.contains(&method) {
            self.run_in_order(run, node, given);
        }
        self.register_held(run, given);
        if !has_function(given) {
            return result;
        }
        let whole = matches!(method, "then" | "catch" | "finally" | "tap" | "pipe" | "subscribe");
        // What another application of WSGI is given to answer with is called with what that says.
        let environ = self.models(run.unit).find("wsgi.Environ").filter(|_| self.is_python(run.unit));
        let answers = given.iter().any(|given| given.value.stands_at(environ));
        // `_.forEach(list, f)`: what is gone through is given.
        let goes_through = GOING_THROUGH.contains(&method);
        let lends = |receiver: &&Value<'p>| {
            goes_through
                && (receiver.place.is_some() || receiver.is_unknown())
                && receiver.taints.is_empty()
                && receiver.object.is_none()
                && given.first().is_some_and(|first| !is_function(&first.value))
        };
        let element = match receiver.filter(|receiver| !lends(receiver)) {
            _ if answers => Value::default(),
            Some(receiver) if whole => receiver.clone(),
            Some(receiver) => {
                let mut element = self.elements(receiver);
                let place = receiver.place.filter(|_| element.is_unknown());
                element.place = element.place.or_else(|| self.models(run.unit).element(place?));
                element
            }
            None => {
                let mut all = Value::default();
                given.iter().filter(|given| !is_function(&given.value)).for_each(|given| {
                    let taints = self.elements(&given.value);
                    all.join(&taints);
                });
                all
            }
        };
        let at = Some((run.unit, self.span(run, node)));
        let passes_on = matches!(
            method,
            "then"
                | "map"
                | "flatMap"
                | "reduce"
                | "catch"
                | "all"
                | "replace"
                | "sort"
                | "from"
                | "sub"
                | "computed"
                | "useMemo"
        ) || self.is_python(run.unit) && is_handed(method, given);
        let folds = matches!(method, "reduce" | "reduceRight") && receiver.is_some();
        // `forIn(object, f, this)`, `list.forEach(f, this)`
        let this = given.get(if receiver.is_some() { 1 } else { 2 });
        let this = this.filter(|this| goes_through && !is_function(&this.value)).map(|this| this.value.clone());
        // `elements.each(function () { this.name })`
        let is_each = method == "each" && receiver.is_some() && !element.taints.is_empty();
        let this = this.or_else(|| is_each.then(|| element.clone()));
        // The second is a number.
        let of_list = goes_through && self.receiver_node(run, node).is_some_and(|list| self.is_list(run, list));
        let nothing = Value::default();
        for (at_argument, given_function) in given.iter().enumerate() {
            let behind = self.behind(run, method, given, at_argument);
            for callee in &given_function.value.callees {
                if let Callee::Function(function) = callee {
                    let bound = this.as_ref().map(|this| Rc::new(function.bound(this)));
                    let function = bound.as_ref().unwrap_or(function);
                    let arguments = match &behind {
                        Some(behind) => behind.clone(),
                        None => {
                            let counts = of_list || goes_through && self.is_counting(function);
                            let at = if counts { &nothing } else { &element };
                            [&element, at, &element].map(|value| (None, value.clone())).to_vec()
                        }
                    };
                    if folds {
                        let start = given.get(1).map_or(&element, |start| &start.value);
                        let value = self.folded(function, start, &element, at);
                        result.join(&value);
                        continue;
                    }
                    // A handler that is wrapped by something unknown: its parameters are called as those are.
                    let guessed = self.guess(function.unit, &self.given_names(function));
                    if !guessed.is_empty() {
                        self.register(&given_function.value, &guessed, None, None);
                    }
                    let mut value = self.invoke(function, arguments.clone(), at, None);
                    if method == "forEach" && receiver.is_some() && !self.is_python(run.unit) {
                        self.came_back_from_each(run, node, (function.unit, function.node));
                    }
                    // `node = node[name]` of a variable around: the next round goes on from there.
                    if goes_through && self.is_led_on(function) {
                        let outside = std::mem::replace(&mut self.again, true);
                        value.join(&self.invoke(function, arguments, at, None));
                        self.again = outside;
                    }
                    if passes_on {
                        result.join(&value);
                        result.taint_with(&self.all_taints(&value));
                    }
                }
            }
        }
        result
    }

    /// `route({ "/files": function (request, response) { .. } })`: handlers that an object holds.
    fn register_held(&mut self, run: &Run<'p>, given: &[Given<'p>]) {
        if self.is_python(run.unit) {
            return;
        }
        for object in given.iter().filter_map(|given| given.value.object) {
            let held: Vec<Value<'p>> =
                self.objects[object as usize].fields.values().filter(|held| is_function(held)).cloned().collect();
            for handler in held {
                let [Callee::Function(function)] = &handler.callees[..] else { continue };
                let guessed = self.guess(function.unit, &self.given_names(function));
                if !guessed.is_empty() {
                    self.register(&handler, &guessed, None, None);
                }
            }
        }
    }

    /// `async.series([f, g], done)`, `async.auto({ name: f })`: functions that a list or an object holds.
    fn run_in_order(&mut self, run: &Run<'p>, node: NodeId, given: &[Given<'p>]) {
        let Some(steps) = given.first().and_then(|first| first.value.object) else { return };
        let at = Some((run.unit, self.span(run, node)));
        let held = &self.objects[steps as usize];
        let steps: Vec<Value<'p>> =
            held.items.iter().chain(held.fields.values()).chain([&held.rest]).take(MAX_IN_ORDER).cloned().collect();
        let functions = steps.iter().flat_map(|step| step.callees.iter()).filter_map(|callee| match callee {
            Callee::Function(function) => Some(function),
            _ => None,
        });
        for function in functions {
            self.invoke(function, Vec::new(), at, None);
        }
    }

    /// Whether the second parameter of a function that is called with each element is called as a position is:
    /// `list.map((name, i) => ..)`. Those of an object's members are called after its keys.
    fn is_counting(&self, function: &Function<'p>) -> bool {
        const POSITIONS: &[&str] = &["i", "j", "idx", "ix", "index", "position"];
        let names = self.given_names(function);
        let second = names.get(1).map_or("", |name| name.trim_matches('_'));
        !self.is_python(function.unit)
            && (POSITIONS.contains(&second) || second.ends_with("Index") || second.ends_with("Idx"))
    }

    /// Whether a guard has shown that something is a list.
    fn is_list(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let fact = format!("{LIST} {}", unit.written(node));
        run.frame.facts.borrow().contains_key(fact.as_str())
    }

    /// Whether a variable around a function holds what a name from outside chose, and the function goes on from
    /// there: `node = node[name]`.
    fn is_led_on(&self, function: &Function<'p>) -> bool {
        if self.is_python(function.unit) {
            return false;
        }
        let unit = self.unit(function.unit);
        let text = unit.written(function.node);
        let vars = function.frame.vars.borrow();
        let mut chosen = vars.iter().filter(|(_, value)| value.chosen);
        chosen.any(|(name, _)| {
            // `const next = node[name]; .. node = next;`
            let by_another = |line: &str| {
                let next = line.split(name).last().and_then(|rest| rest.trim_start().strip_prefix('='));
                let next = next.map(|next| next.trim().trim_end_matches([';', '}', ' ']));
                let is_name = |next: &&str| {
                    !next.is_empty()
                        && next.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'))
                };
                next.filter(is_name).is_some_and(|next| text.contains(&format!("{next} = {name}[")))
            };
            text.lines().any(|line| goes_on_from(line, name) || by_another(line))
        })
    }

    /// `list.reduce(f, start)`: what it gave is given to it with the next element.
    fn folded(
        &mut self,
        function: &Rc<Function<'p>>,
        start: &Value<'p>,
        element: &Value<'p>,
        at: Option<(UnitId, Span)>,
    ) -> Value<'p> {
        let mut result = start.clone();
        for _ in 0..2 {
            let arguments = [&result, element, &Value::default(), &Value::default()].map(|value| (None, value.clone()));
            let next = self.invoke(function, arguments.to_vec(), at, None);
            result.join(&next);
        }
        result
    }
}

/// Whether a line gives a name something that it makes of what the name has: `node = node[key] || {}`.
fn goes_on_from(line: &str, name: &str) -> bool {
    let is_part = |other: char| other.is_alphanumeric() || matches!(other, '_' | '$' | '.');
    let stands = |text: &str, at: usize| {
        !text[..at].ends_with(is_part)
            && !text[at + name.len()..].starts_with(|next: char| next.is_alphanumeric() || matches!(next, '_' | '$'))
    };
    let mut places = line.match_indices(name).filter(|(at, _)| stands(line, *at));
    places.any(|(at, _)| {
        let rest = line[at + name.len()..].trim_start();
        let given = rest.strip_prefix('=').filter(|rest| !rest.starts_with('=') && !rest.starts_with('>'));
        given.is_some_and(|given| given.match_indices(name).any(|(at, _)| stands(given, at)))
    })
}

pub(super) fn is_function(value: &Value<'_>) -> bool {
    value.callees.iter().any(|callee| matches!(callee, Callee::Function(_)))
}

pub(super) fn has_function(given: &[Given<'_>]) -> bool {
    given.iter().any(|given| is_function(&given.value))
}

/// Whether a regex takes away all but letters, digits, `_` and `-`: `/[^\w-]+/g`.
fn keeps_letters_only(source: &str) -> bool {
    let Some((body, flags)) = source.strip_prefix("/[^").and_then(|rest| rest.rsplit_once('/')) else { return false };
    let Some(class) = body.strip_suffix("]+").or_else(|| body.strip_suffix(']')) else { return false };
    let class = class.replace("a-z", "").replace("A-Z", "").replace("0-9", "").replace("\\w", "").replace("\\d", "");
    flags.contains('g') && class.replace("\\-", "").chars().all(is_letter)
}

/// Whether a character does no harm in any text.
fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-')
}

/// Whether a regex is of all slashes: `/[\/\\:*?]/g`.
fn takes_all_slashes(source: &str) -> bool {
    let Some((body, flags)) = source.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else { return false };
    let class = body.trim_end_matches('+').strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let in_class = class.is_some_and(|class| class.contains('/') && !class.starts_with('^') && !class.contains(']'));
    flags.contains('g') && (in_class || matches!(body, r"\/" | r"[/]"))
}

/// Whether a replacement leaves no `<`: `.replace(/</g, "&lt;")`, `.replace(/[&<>"']/g, escape)`.
fn takes_all_brackets(source: &str, name: &str) -> bool {
    if name == "replaceAll" && matches!(source, "'<'" | "\"<\"" | "`<`") {
        return true;
    }
    let Some((body, flags)) = source.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else { return false };
    let in_class = || {
        let class = body.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        class.is_some_and(|class| class.contains('<') && !class.contains(']') && !class.starts_with('^'))
    };
    flags.contains('g') && (matches!(body, "<" | r"\<") || in_class())
}
