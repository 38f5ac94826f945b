//! Names that say that a value must be one that nobody can guess, and secrets that are compared letter by letter.

use super::assign::Placed;
use super::call::Given;
use super::engine::{Engine, Run};
use super::value::{Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;
use crate::rule::words;

/// Words that say so wherever they stand in a name.
const SECRET: &[&str] = &["token", "passw", "secret", "session", "cookie", "csrf", "xsrf", "credential"];
/// Words that say so as a whole.
const WHOLE: &[&str] = &["otp", "nonce", "salt", "sid", "pwd", "passcode", "jwt", "totp", "authenticator"];
/// Words that say so together.
const PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("access", "key"),
    ("private", "key"),
    ("encryption", "key"),
    ("signing", "key"),
    ("auth", "key"),
    ("auth", "code"),
    ("reset", "code"),
    ("verification", "code"),
    ("verify", "code"),
    ("confirmation", "code"),
    ("invite", "code"),
    ("pin", "code"),
    ("initialization", "vector"),
];
/// Words of names that speak about a secret and are none.
#[rustfmt::skip] // a word a line would be a page
const ABOUT: &[&str] = &[
    "count", "counts", "len", "length", "index", "idx", "size", "type", "types", "name", "names", "timeout", "ttl", "age", "expiry",
    "expires", "expiration", "delay", "interval", "limit", "max", "min", "prob", "probability", "rate", "seed", "color", "position",
    "pos", "offset", "weight", "weights", "vocab", "mask", "embedding", "start", "end", "time", "date", "ids", "probs", "logits", "num",
    "dir", "path", "file", "url", "found", "invalid", "missing", "required", "error", "errors", "tokenizer", "tokens", "sessions", "duration", "number", "retry", "wait", "price", "amount", "list",
];

/// Whether a name says that its value must not be guessed.
pub(super) fn is_secret_name(name: &str) -> bool {
    let mut words = words::split(name);
    // `idForToken`: what it is of follows.
    if let Some(at) = words.iter().position(|word| matches!(word.as_str(), "for" | "of" | "from")).filter(|&at| at > 0)
    {
        words.truncate(at);
    }
    let has = |word: &str| words.iter().any(|own| own == word);
    let is_user = || words.windows(2).any(|pair| pair[0] == "user" && pair[1] == "id");
    if words.iter().any(|word| ABOUT.contains(&word.as_str())) || is_user() {
        return false;
    }
    words.iter().any(|word| WHOLE.contains(&word.as_str()) || SECRET.iter().any(|part| word.contains(part)))
        || PAIRS.iter().any(|(one, other)| has(one) && has(other))
}

impl<'p> Engine<'p> {
    /// Notes that what anyone can guess is given to a name that must hold a secret.
    pub(super) fn check_secret(&mut self, run: &Run<'p>, at: NodeId, name: &str, value: &Value<'p>) {
        let guessed: Vec<Taint> = value.taints.iter().filter(|taint| taint.kind == self.random).cloned().collect();
        if !guessed.is_empty() && is_secret_name(name) {
            self.report(run.unit, at, self.unguessable, &guessed, false);
        }
    }

    /// Whether a call takes one of those that there are, and makes none: `api_key = random.choice(api_keys)`.
    pub(super) fn is_picked(&self, run: &Run<'p>, call: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let [callee, list] = *module.children(call) else { return false };
        let list = words::split(module.text(list, unit.text));
        let Some(one) = list.last().and_then(|last| last.strip_suffix('s')) else { return false };
        let name = module.parent(call).filter(|&given| module.kind(given) == Kind::Assign);
        let name = name.and_then(|given| module.child(given, 0)).map_or("", |name| module.text(name, unit.text));
        module.text(callee, unit.text) == "choice" && words::split(name).last().is_some_and(|last| last == one)
    }

    /// Whether a call gives rows of a table, which are nothing that anyone could guess: `Visit.objects.get_or_create(..)`.
    pub(super) fn gives_rows(&self, run: &Run<'p>, call: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let callee = unit.module.child(call, 0).filter(|_| unit.module.kind(call) == Kind::Call);
        self.is_python(run.unit) && callee.is_some_and(|callee| unit.written(callee).contains(".objects."))
    }

    /// The same, of what a function gives back whose name says so.
    pub(super) fn check_secret_given(&mut self, run: &Run<'p>, at: NodeId, value: &Value<'p>) {
        if !value.taints.iter().any(|taint| taint.kind == self.random) {
            return;
        }
        let unit = self.unit(run.unit);
        let function = self.stack.last().filter(|(of, ..)| *of == run.unit).map(|(_, node, _)| *node);
        if let Some(function) = function.filter(|&node| unit.module.kind(node) == Kind::Function) {
            // `const token = () => ..` has the name that it is given to.
            let module = unit.module;
            let given =
                module.parent(function).filter(|&parent| matches!(module.kind(parent), Kind::Assign | Kind::Property));
            let named = given.and_then(|given| module.child(given, 0)).map_or("", |name| module.text(name, unit.text));
            let own = module.text(function, unit.text);
            self.check_secret(run, at, if own.is_empty() { named } else { own }, value);
        }
    }

    /// The same, of an element that is set: its key, or what holds it, says so.
    pub(super) fn check_secret_element(&mut self, run: &Run<'p>, placed: &Placed<'_, 'p>) {
        let Placed { target, key, value, .. } = *placed;
        let at = placed.node();
        let unit = self.unit(run.unit);
        let name = key.text().unwrap_or_default().to_owned();
        self.check_secret(run, at, &name, value);
        let holder = unit.module.child(target, 0);
        let holder = holder.filter(|&holder| matches!(unit.module.kind(holder), Kind::Name | Kind::Member));
        if let Some(name) = holder.map(|holder| unit.module.text(holder, unit.text).to_lowercase())
            && (name.contains("session") || name.contains("cookie"))
        {
            self.check_secret(run, at, "session", value);
        }
    }

    /// Looks at what is compared by `==`, which stops at the first letter that is another: a code that only who has the
    /// key can make with what somebody sent, and what a request brings with what has the name of a secret.
    pub(super) fn check_comparison(&mut self, run: &Run<'p>, node: NodeId, left: &Value<'p>, right: &Value<'p>) {
        if left.taints.is_empty() && right.taints.is_empty() {
            return;
        }
        let of_kind = |value: &Value<'p>, kind: Option<u8>| -> Vec<Taint> {
            value.taints.iter().filter(|taint| Some(taint.kind) == kind).cloned().collect()
        };
        let remote = source_kind("remote");
        let unit = self.unit(run.unit);
        let module = unit.module;
        if self.is_asked_of_table(run, node) {
            return;
        }
        // Letter by letter, to the end: `sum(a != b for a, b in zip(one, other))`.
        let rounds = module.ancestors(node).find(|&around| module.kind(around) == Kind::Comprehension);
        if rounds.is_some_and(|rounds| unit.written(rounds).contains("zip(")) {
            return;
        }
        let sides = [(left, right, 1), (right, left, 0)];
        for (one, other, at) in sides {
            let is_fixed = other.constant.is_some() || other.object.is_some();
            if is_fixed || one.taints.is_empty() {
                continue;
            }
            let macs = of_kind(one, Some(self.mac));
            if !macs.is_empty() && of_kind(other, Some(self.mac)).is_empty() {
                self.report(run.unit, node, self.comparison, &macs, false);
                return;
            }
            let sent = of_kind(one, remote);
            let is_own = of_kind(other, remote).is_empty() && of_kind(other, Some(self.remote_object)).is_empty();
            let name = module.child(node, at).map_or("", |side| self.name_of(run, side));
            if !sent.is_empty() && is_own && is_secret_name(name) {
                self.report(run.unit, node, self.secret_comparison, &sent, false);
                return;
            }
        }
    }

    /// Whether a comparison is one that a database is asked to make: `select(Key).where(Key.token == token)`.
    fn is_asked_of_table(&self, run: &Run<'p>, node: NodeId) -> bool {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let is_capital = |name: &str| name.starts_with(|first: char| first.is_ascii_uppercase());
        let is_column = |side: NodeId| {
            let of_class = module.child(side, 0).is_some_and(|class| is_capital(module.text(class, unit.text)));
            module.kind(side) == Kind::Member && of_class && !is_capital(module.text(side, unit.text))
        };
        let sides = [0, 1].iter().filter_map(|&at| module.child(node, at));
        let around = module.parent(node).filter(|&around| module.kind(around) == Kind::Call);
        around.is_some_and(|call| module.child(call, 0).is_some_and(|callee| module.text(callee, unit.text) != "bool"))
            && sides.into_iter().any(is_column)
    }

    /// A member of what was drawn from a list of objects was not drawn: `random.choice(servers).get("password")`.
    pub(super) fn drop_drawn(&self, name: &str, given: &[Given<'p>], value: &mut Value<'p>) {
        let is_named = name == "get" && given.first().is_some_and(|key| key.value.text().is_some());
        if is_named && value.taints.iter().any(|taint| taint.kind == self.random) {
            let others: Vec<Taint> = value.taints.iter().filter(|taint| taint.kind != self.random).cloned().collect();
            value.taints = others.into();
        }
    }

    /// Whether a value is the program's own: a code that it has made says nothing of who sent what it is of.
    pub(super) fn is_made_here(&self, value: &Value<'p>) -> bool {
        value.taints.iter().all(|taint| taint.kind == self.mac)
    }

    /// The name that says what an expression is: of a member its own, of an element its key, `KEY` of `getenv("KEY")`.
    fn name_of(&self, run: &Run<'p>, node: NodeId) -> &'p str {
        let unit = self.unit(run.unit);
        let key = match unit.module.kind(node) {
            Kind::Index | Kind::Call => unit.module.child(node, 1),
            Kind::Name | Kind::Member => Some(node),
            _ => None,
        };
        let is_name = |&key: &NodeId| matches!(unit.module.kind(key), Kind::Str | Kind::Name | Kind::Member);
        key.filter(is_name).map_or("", |key| unit.module.text(key, unit.text))
    }

    /// What of a value stays as easy to guess when it becomes a number or a digest.
    pub(super) fn still_guessed(&self, value: &Value<'p>) -> Vec<Taint> {
        self.all_taints(value).into_iter().filter(|taint| taint.kind == self.random).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret_name;

    #[test]
    fn names_say_what_must_not_be_guessed() {
        for name in ["token", "resetToken", "SESSION_ID", "api_key", "userPassword", "otp", "x-csrf-token", "authCode"]
        {
            assert!(is_secret_name(name), "{name}");
        }
        assert!(is_secret_name("tokenForUser") && !is_secret_name("idForToken"));
        for name in ["key", "tokenCount", "session_timeout", "code", "pin", "names", "passed", "color", "tokens", ""] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
