//! What is known of addresses: that one is a path of the same host, in no network of the inside, or the page's own;
//! and where a message came from.

use super::call::Given;
use super::engine::{Engine, Run};
use super::model::{Place, SinkSet, kinds};
use super::value::{Callee, Constant, Object, Taint, UnitId, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;
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
        let text = unit.written(object);
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
        let text = unit.written(function.node);
        ASKS.iter().any(|ask| text.contains(ask))
    }

    /// Kinds of sink that the page's own address is clean for, as long as nothing is cut out of it: to go where one is
    /// leads nowhere else, and it is no script. So is the path of a route, which starts with the route's name.
    pub(super) fn cleared_by_own(&self, run: &Run<'p>, node: NodeId, kind: u8) -> SinkSet {
        if self.is_python(run.unit) {
            return 0;
        }
        if kind != self.dom {
            // `new URL(request.url).pathname` starts as the route does that the file stands for.
            let unit = self.unit(run.unit);
            let is_path = unit.module.kind(node) == Kind::Member && unit.module.text(node, unit.text) == "pathname";
            return if is_path && is_fixed_route(unit.path) { kinds(&["redirect"]) } else { 0 };
        }
        let text = self.unit(run.unit).written(node);
        match is_own(text) {
            true => kinds(OWN_CLEARS),
            // Who types an address goes there by themselves.
            false if text.ends_with(".value") || text.ends_with(".val()") => kinds(&["redirect", "link"]),
            false => 0,
        }
    }

    /// Kinds of sink that an answer is clean for because the program itself says which server it asks: whoever runs that
    /// is trusted with the names of files.
    pub(super) fn cleared_by_server(&self, run: &Run<'p>, node: NodeId, kind: u8) -> SinkSet {
        let unit = self.unit(run.unit);
        let asked = unit.module.child(node, 1).filter(|_| Some(kind) == source_kind("response"));
        let Some(asked) = asked.filter(|_| unit.module.kind(node) == Kind::Call) else { return 0 };
        let names_host = |node: NodeId| {
            let text = self.unit(run.unit).written(node).trim_start_matches(['f', '(', '"', '\'', '`']);
            let host = text.strip_prefix("https://").or(text.strip_prefix("http://"));
            host.is_some_and(|host| host.starts_with(|first: char| first.is_ascii_alphanumeric()))
        };
        let given = match unit.module.kind(asked) {
            Kind::Name | Kind::Member => self.given_to(run, unit.module.text(asked, unit.text)),
            _ => Vec::new(),
        };
        if names_host(asked) || given.into_iter().any(names_host) { kinds(&["write"]) } else { 0 }
    }

    /// Whether a value is the address that a page has.
    pub(super) fn is_own_address(&self, value: &Value<'p>) -> bool {
        const ADDRESSES: &[&str] =
            &["location.href", "location.pathname", "location.origin", "location", "document.URL"];
        value.taints.iter().any(|taint| {
            let (unit, span) = taint.origin();
            let text = &self.unit(unit).text[span.range()];
            taint.hop.before.is_none() && ADDRESSES.iter().any(|name| text.ends_with(name))
        })
    }

    /// Whether data is the page's own address or the one that a server was asked by, or was cut out of it.
    fn came_from_own(&self, taint: &Taint) -> bool {
        const ASKED: &[&str] = &[".href", ".pathname", ".toString()"];
        let (unit, span) = taint.origin();
        let text = &self.unit(unit).text[span.range()];
        let is_asked = || !self.is_python(unit) && ASKED.iter().any(|part| text.ends_with(part));
        if taint.kind == self.dom { is_own(text) } else { is_asked() }
    }

    /// `"https://" + request.headers.host + request.url`: who prepares a link cannot choose the host that is asked.
    pub(super) fn stays_on_asked_host(&self, run: &Run<'p>, parts: &[NodeId], values: &mut [Value<'p>]) {
        const HOSTS: &[&str] =
            &[".host", ".hostname", "('host')", "(\"host\")", "('Host')", "(\"Host\")", "['host']", "[\"host\"]"];
        let is_host = |text: &str| HOSTS.iter().any(|host| text.ends_with(host)) && !text.contains(".query");
        let [scheme, host, ..] = &values[..] else { return };
        let from_host = |taint: &Taint| taint.hops().any(|hop| is_host(&self.unit(hop.unit).text[hop.span.range()]));
        if scheme.text().and_then(|scheme| scheme.split_once("://")).is_some_and(|(_, rest)| !rest.contains('/'))
            && !self.is_python(run.unit)
            && (is_host(self.unit(run.unit).written(parts[1]))
                || !host.taints.is_empty() && host.taints.iter().all(from_host))
        {
            let taints = values.iter_mut().flat_map(|value| value.taints.iter_mut());
            taints.for_each(|taint| taint.cleared |= kinds(&["redirect"]));
        }
    }

    /// Whether a browser is sent back to the page that it came from: who leads it there gets it back.
    pub(super) fn goes_back(&self, sink: u8, taint: &Taint, (unit, node): (u32, NodeId)) -> bool {
        let names_referrer = |text: &str| {
            let lower = text.to_ascii_lowercase();
            lower.contains("referer") || lower.contains("referrer")
        };
        kinds(&["redirect"]) >> sink & 1 == 1
            && (names_referrer(self.unit(unit).written(node))
                || taint.hops().any(|hop| names_referrer(&self.unit(hop.unit).text[hop.span.range()])))
    }

    /// Whether something is a message that a worker gets.
    pub(super) fn is_of_worker(&self, unit: u32, place: Place) -> bool {
        Some(place) == self.models(unit).find("dom.MessageEvent") && self.is_worker(unit)
    }

    /// Whether a file is a worker: its messages come from the page that started it.
    pub(super) fn is_worker(&self, unit: u32) -> bool {
        let path = &self.unit(unit).path;
        let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        name.contains("worker") && !self.unit(unit).text.contains("onMessageExternal")
    }

    /// `new URL(location)`, `String(location)`: as with `location.href`.
    pub(super) fn read_address(&mut self, run: &Run<'p>, callee: NodeId, given: NodeId, value: Value<'p>) -> Value<'p> {
        const READERS: &[&str] = &["URL", "String", "decodeURI", "decodeURIComponent", "encodeURIComponent"];
        if value.place.is_none() || !value.taints.is_empty() || !READERS.contains(&self.unit(run.unit).written(callee))
        {
            return value;
        }
        let models = self.models(run.unit);
        if value.place != models.find("location") {
            return value;
        }
        self.sourced(run, given, Value::at(models.find("location.href")))
    }

    /// The address that a server was asked by, taken apart, where it was given whole: its host is the server's.
    pub(super) fn asked_address(&mut self, unit: UnitId, given: &Value<'p>) -> Option<Value<'p>> {
        const WHOLE: &[&str] = &["web.Request.url", "hono.Context.req.url"];
        let models = self.models(unit);
        // `new URL(location.href)`: the page's own, whose host is that of the page.
        if given.place.is_some() && given.place == models.find("location.href") {
            return Some(Value { taints: given.taints.clone(), ..Value::at(models.find("dom.OwnAddress")) });
        }
        let is_whole = given.place.is_some() && WHOLE.iter().any(|path| models.find(path) == given.place);
        let place = models.find("web.OwnAddress").filter(|_| is_whole)?;
        // What the program puts into it is kept: `url.hostname = name`.
        let object = Some(self.object(Object::default()));
        Some(Value { object, ..Value::at(Some(place)) })
    }

    /// Whether a value is the address of a request as a server of Node.js reads it, which begins with a slash or is whole:
    /// taken apart, no `..` is left in its path.
    pub(super) fn is_asked_path(&self, unit: UnitId, address: &Value<'p>) -> bool {
        const PATHS: &[&str] = &[".url", ".originalUrl"];
        let is_path = |taint: &Taint| {
            let (unit, span) = taint.origin();
            let text = &self.unit(unit).text[span.range()];
            taint.whole && PATHS.iter().any(|path| text.ends_with(path)) && !text.contains("query")
        };
        !self.is_python(unit)
            && address.object.is_none()
            && !address.taints.is_empty()
            && address.taints.iter().all(is_path)
    }

    /// Whether a text starts with the scheme and host that a server was asked by, which end there:
    /// `url.origin + "/login"`.
    pub(super) fn starts_with_asked_host(&self, values: &[Value<'p>]) -> bool {
        let stands_for = |value: &Value<'p>, part: &str| {
            let is_part = |taint: &Taint| {
                let (unit, span) = taint.origin();
                self.unit(unit).text[span.range()].ends_with(part)
            };
            !value.taints.is_empty() && value.taints.iter().all(is_part)
        };
        let [host, rest, ..] = values else { return false };
        host.taints.iter().all(|taint| taint.cleared == SinkSet::MAX)
            && stands_for(host, "origin")
            && rest.text().map_or_else(|| stands_for(rest, "pathname"), |rest| rest.starts_with(['/', '?', '#']))
    }

    /// A part of the page's own address is any text.
    pub(super) fn cut(&self, taints: &mut [Taint]) {
        let cut = taints.iter_mut().filter(|taint| taint.cleared != 0 && self.came_from_own(taint));
        cut.for_each(|taint| taint.cleared &= !kinds(OWN_CLEARS));
    }

    /// The result of a call that nothing is known of: unless it keeps the head of an address, it may be any part.
    pub(super) fn cut_by(&self, run: &Run<'p>, name: &str, given: &[Given<'p>], value: &mut Value<'p>) {
        const KEEP: &[&str] =
            &["toString", "String", "trim", "trimEnd", "toLowerCase", "concat", "URL", "encodeURI", "valueOf", "split"];
        if value.taints.is_empty() || self.is_python(run.unit) {
            return;
        }
        let first = given.first().map(|given| &given.value.constant);
        let keeps = match name {
            "slice" | "substring" | "substr" => given.len() > 1 && first == Some(&Some(Constant::Number(0))),
            "replace" | "replaceAll" => given.first().is_some_and(|given| {
                let pattern = self.unit(run.unit).written(given.node);
                let of_start = ["/^", "/.*", "/("].iter().any(|cut| pattern.starts_with(cut));
                let of_mark =
                    ["'#'", "\"#\"", "'?'", "\"?\"", "/#/", "/\\?/"].iter().any(|cut| pattern.starts_with(cut));
                let begins_with_mark = |taint: &Taint| {
                    let (unit, span) = taint.origin();
                    let origin = &self.unit(unit).text[span.range()];
                    origin.ends_with("hash") || origin.ends_with("search")
                };
                !(of_start || of_mark && value.taints.iter().any(begins_with_mark))
            }),
            _ => KEEP.contains(&name),
        };
        if !keeps {
            self.cut(&mut value.taints);
        }
    }

    /// `event.origin === "https://app.example.com"`: what the event brings is of one that is trusted.
    pub(super) fn sender_is_known(&mut self, run: &Run<'p>, node: NodeId) {
        let module = self.unit(run.unit).module;
        self.clear_fact(run, node, SinkSet::MAX);
        if let Some(event) = module.child(node, 0).filter(|_| module.kind(node) == Kind::Member) {
            let data: Rc<str> = format!("{}.data", self.unit(run.unit).written(event)).into();
            run.frame.facts.borrow_mut().insert(data, SinkSet::MAX);
        }
        // `({ data, origin }) => ..`, `(message, sender) => ..`
        for value in run.frame.vars.borrow_mut().values_mut() {
            value.taints.iter_mut().for_each(|taint| taint.cleared = SinkSet::MAX);
        }
    }

    /// `new URL(x).protocol === "https:"`: x is the address of a page.
    pub(super) fn scheme_is_known(&mut self, run: &mut Run<'p>, member: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        if !matches!(module.text(member, unit.text), "protocol" | "scheme") {
            return;
        }
        let Some(address) = module.child(member, 0) else { return };
        let cleared = by_scheme();
        for name in self.names_below(run, address) {
            self.clear_fact(run, name, cleared);
        }
        let value = self.eval(run, address);
        self.clear_origins(run, &value, cleared);
    }

    /// Whether a value tells who sent a message.
    pub(super) fn is_sender(&self, run: &Run<'p>, value: &Value<'p>) -> bool {
        value.stands_at(self.models(run.unit).find("dom.Sender"))
    }
}

/// Whether a file stands for a route, of Remix, SvelteKit, Astro or Next, that starts with a name: `routes/team.$id.tsx`.
fn is_fixed_route(path: &str) -> bool {
    let folder = ["routes/", "pages/"].iter().find_map(|folder| {
        let at = path.find(folder).filter(|&at| at == 0 || path[..at].ends_with('/'))?;
        Some(&path[at + folder.len()..])
    });
    // Layouts and groups are no part of the address: `_authenticated+/`, `(app)/`.
    let mut parts =
        folder.into_iter().flat_map(|rest| rest.split(['/', '.'])).filter(|part| !part.starts_with(['_', '(']));
    parts.next().is_some_and(|part| {
        part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && !matches!(part, "index" | "route" | "api" | "middleware")
    })
}

/// Kinds of sink that the page's own address is clean for.
const OWN_CLEARS: &[&str] = &["redirect", "link", "ssrf"];

/// Kinds of sink that an address is clean for whose host is known.
pub(super) fn by_host() -> SinkSet {
    by_scheme() | kinds(&["ssrf", "redirect"])
}

/// Kinds of sink that an address is clean for which is one of a page.
pub(super) fn by_scheme() -> SinkSet {
    kinds(&["open", "launch", "link"])
}

/// Whether an expression is the page's own address, or a part that leads nowhere else.
fn is_own(text: &str) -> bool {
    const PARTS: &[&str] =
        &["location", "href", "hash", "search", "pathname", "toString()", "URL", "documentURI", "baseURI"];
    PARTS.iter().any(|part| {
        text.strip_suffix(part)
            .is_some_and(|before| !before.ends_with(|last: char| last.is_alphanumeric() || last == '_'))
    })
}
