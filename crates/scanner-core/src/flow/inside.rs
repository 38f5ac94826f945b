//! What conditions and calls show of paths: that they stay inside of a folder.

use super::call::{Called, Given};
use super::engine::{Engine, Run};
use super::fold;
use super::model::{SinkSet, kinds};
use super::value::{Callee, Hop, Taint, Value};
use crate::ir::{Kind, NodeId};
use crate::rule::flow::source_kind;
use foldhash::HashMap;

/// Calls that take the dots out of a path.
const RESOLVERS: &[&str] = &["realpath(", "abspath(", "normpath(", "resolve(", "normalize(", "absolute("];
/// The same, of JavaScript alone: there, what joins paths takes dots out.
const JOINERS: &[&str] = &["ath.join(", "ath.posix.join(", " join(", "=join("];
/// Calls that tell how one path leads to another.
const RELATIVE: &[&str] = &["relative(", "relpath("];
/// Steps of data that are looked at for such calls.
pub(super) const MAX_STEPS: usize = 8;

/// Kinds of sink that a path inside of a folder is clean for.
pub(super) fn inside() -> SinkSet {
    beside() | kinds(&["sibling"])
}

/// Kinds of sink that a path is clean for which is inside of a folder, or of another beside it whose name starts alike.
pub(super) fn beside() -> SinkSet {
    dotless() | kinds(&["absolute"])
}

/// Kinds of sink that a path is clean for which does not lead upwards, though it may start at the root.
pub(super) fn dotless() -> SinkSet {
    kinds(&["path", "write", "extract"])
}

impl<'p> Engine<'p> {
    /// `name.split("/").pop()`, `name.rsplit(".", 1)[-1]`: what a part is clean for that is taken of a text where it is cut.
    pub(super) fn cleared_by_split(&self, run: &Run<'p>, split: NodeId, is_last: bool) -> SinkSet {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let [callee, mark, rest @ ..] = module.children(split) else { return 0 };
        if module.kind(split) != Kind::Call || module.kind(*mark) != Kind::Str {
            return 0;
        }
        // What is cut only so many times may have the mark in its first or last part.
        let is_cut_everywhere = rest.is_empty() || !self.is_python(run.unit);
        let is_cut = match module.text(*callee, unit.text) {
            "split" => is_cut_everywhere,
            "rsplit" => is_cut_everywhere || is_last,
            _ => false,
        };
        match module.text(*mark, unit.text) {
            "/" if is_cut => inside(),
            "." if is_cut => dotless() | kinds(&["sibling"]),
            _ => 0,
        }
    }

    /// The same of a part that a method takes.
    pub(super) fn cleared_by_taking(&self, run: &Run<'p>, called: &Called<'_, 'p>, name: &str) -> SinkSet {
        let split = matches!(name, "pop" | "shift" | "at").then(|| self.receiver_node(run, called.node)).flatten();
        split.map_or(0, |split| self.cleared_by_split(run, split, name == "pop"))
    }

    /// `path.normalize(name).split(path.sep)[0] !== ".."`: where the first folder of such a path lies below, all do.
    pub(super) fn starts_not_above(&mut self, run: &mut Run<'p>, first: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let [split, at] = module.children(first) else { return };
        let callee = module.child(*split, 0).filter(|_| module.kind(*split) == Kind::Call);
        let path = callee
            .filter(|&callee| module.text(callee, unit.text) == "split")
            .and_then(|callee| module.child(callee, 0));
        let Some(path) = path.filter(|_| module.kind(first) == Kind::Index && module.text(*at, unit.text) == "0")
        else {
            return;
        };
        let value = self.eval(run, path);
        if self.went_through(run, path, &value, RESOLVERS, JOINERS) {
            self.stays(run, path, dotless() | kinds(&["sibling"]));
        }
    }

    /// Notes that a path stays inside of a folder: of an archive's member, that it may be unpacked.
    pub(super) fn is_inside(&mut self, run: &mut Run<'p>, node: NodeId) {
        self.stays(run, node, inside());
    }

    /// Notes the kinds of sink that a path is clean for because of where it stays.
    pub(super) fn stays(&mut self, run: &mut Run<'p>, node: NodeId, shown: SinkSet) {
        self.clear_fact(run, node, shown);
        let value = self.eval(run, node);
        self.clear_origins(run, &value, kinds(&["extract"]));
    }

    /// A text starts with another: `x.startswith(BASE)`, `x.indexOf(BASE) === 0`.
    pub(super) fn begins(&mut self, run: &mut Run<'p>, object: NodeId, argument: NodeId) {
        let start = self.eval(run, argument);
        // A package may be told by its callers where a folder is, a program by who starts it.
        if !self.is_of_owner(&start) {
            return;
        }
        let known = start.text().map(fold::cleared_by_start).unwrap_or(0);
        self.clear_fact(run, object, known);
        if start.text() == Some("/") {
            self.is_local_address(run, object, "rooted", "apart");
        }
        let value = self.eval(run, object);
        if !self.went_through(run, object, &value, RESOLVERS, JOINERS) {
            return;
        }
        let shown = if self.is_open_prefix(run, argument, &start) { beside() } else { inside() };
        self.stays(run, object, shown);
        self.names_stay(run, object, shown);
        // `const plain = path.normalize(file); if (!plain.startsWith(BASE)) throw ..`: it holds of the file.
        if self.unit(run.unit).module.kind(object) == Kind::Name {
            for made in self.given_to(run, self.unit(run.unit).module.text(object, self.unit(run.unit).text)) {
                self.names_stay(run, made, shown);
            }
        }
    }

    /// A text starts with a slash, or with no two: both make it an address on the same host. `shown` is what is
    /// shown now, `other` what must have been.
    pub(super) fn is_local_address(&mut self, run: &Run<'p>, object: NodeId, shown: &str, other: &str) {
        let unit = self.unit(run.unit);
        let text = unit.written(object);
        let redirect = kinds(&["redirect"]);
        let known = run.frame.facts.borrow().contains_key(format!("{other} {text}").as_str());
        run.frame.facts.borrow_mut().insert(format!("{shown} {text}").into(), redirect);
        if known {
            self.clear_fact(run, object, redirect);
        }
    }

    /// `str(path).startswith(..)`: what holds of a call's result holds of the names in it.
    fn names_stay(&mut self, run: &mut Run<'p>, object: NodeId, shown: SinkSet) {
        let module = self.unit(run.unit).module;
        if module.kind(object) == Kind::Call {
            // Of `request.query.name` the whole, not what else the request holds.
            let is_part = |name: NodeId| module.parent(name).is_some_and(|around| module.kind(around) == Kind::Member);
            for name in self.names_below(run, object).into_iter().filter(|&name| !is_part(name)) {
                self.clear_fact(run, name, shown);
            }
        }
    }

    /// A path does not start with `..`: it is inside if it tells how the folder leads to it.
    pub(super) fn is_not_above(&mut self, run: &mut Run<'p>, object: NodeId) {
        let value = self.eval(run, object);
        if self.went_through(run, object, &value, RELATIVE, &[]) {
            self.clear_fact(run, object, inside());
            self.clear_origins(run, &value, inside());
            self.names_stay(run, object, inside());
        }
    }

    /// `BASE in path.parents`, `path.relative_to(BASE)` that was not refused: inside, if its dots are out.
    pub(super) fn is_below(&mut self, run: &mut Run<'p>, path: NodeId) {
        let value = self.eval(run, path);
        if self.went_through(run, path, &value, RESOLVERS, &[]) {
            self.is_inside(run, path);
            self.clear_origins(run, &value, inside());
        }
    }

    /// `path.parent == BASE`, `os.path.dirname(path) == BASE`: the path stands right in the folder.
    pub(super) fn is_child(&mut self, run: &mut Run<'p>, side: NodeId, folder: &Value<'p>) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let asked = match module.kind(side) {
            Kind::Member => side,
            Kind::Call => module.child(side, 0).unwrap_or(side),
            _ => return,
        };
        let remote = source_kind("remote");
        let is_sent = |taint: &Taint| Some(taint.kind) == remote || taint.kind == self.remote_object;
        if !matches!(module.text(asked, unit.text), "parent" | "dirname") || self.all_taints(folder).iter().any(is_sent)
        {
            return;
        }
        for name in self.names_below(run, side) {
            self.clear_fact(run, name, inside());
        }
    }

    /// Whether a value, or the text of its expression, came through one of some calls; `scripts` count in
    /// JavaScript only.
    pub(super) fn went_through(
        &self,
        run: &Run<'p>,
        node: NodeId,
        value: &Value<'p>,
        calls: &[&str],
        scripts: &[&str],
    ) -> bool {
        let unit = self.unit(run.unit);
        let script = !self.is_python(run.unit);
        let goes = |text: &str| {
            calls.iter().any(|name| text.contains(name)) || script && scripts.iter().any(|name| text.contains(name))
        };
        let step = |hop: &Hop| goes(&self.unit(hop.unit).text[hop.span.range()]);
        // The steps of its data tell: `p = os.path.realpath(..)`.
        goes(unit.written(node)) || value.taints.iter().any(|taint| taint.hops().take(MAX_STEPS).any(step))
    }

    /// What a text is made of that is asked for its parts: `name.split('/')`, `Path(name).parts`.
    pub(super) fn asked_text(&self, run: &Run<'p>, node: NodeId) -> NodeId {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let callee = module.child(node, 0);
        let name = |node: Option<NodeId>| node.map_or("", |node| module.text(node, unit.text));
        let inner = match module.kind(node) {
            Kind::Member if module.text(node, unit.text) == "parts" => callee,
            Kind::Call if matches!(name(callee), "split" | "toString" | "decode" | "as_posix") => {
                callee.and_then(|callee| module.child(callee, 0))
            }
            Kind::Call
                if matches!(name(callee), "normalize" | "normpath" | "Path" | "PurePath" | "PurePosixPath" | "str") =>
            {
                module.child(node, 1)
            }
            _ => None,
        };
        inner.map_or(node, |inner| self.asked_text(run, inner))
    }

    /// Whether a call makes a path from the root on, so that no `..` is left: `path.normalize('/' + x)`.
    pub(super) fn is_rooted(&self, run: &Run<'p>, name: &str, given: &[Given<'p>]) -> bool {
        const ROOTS: &[&str] = &["'/'", "\"/\"", "`/$", "path.sep", "os.sep", "f'/{", "f\"/{"];
        let unit = self.unit(run.unit);
        if name == "normalize" && given.len() == 1 && self.is_path_of_request(run, &given[0]) {
            return true;
        }
        matches!(name, "normalize" | "join" | "resolve" | "normpath" | "abspath")
            && given.first().is_some_and(|first| {
                let text = unit.written(first.node);
                ROOTS.iter().any(|root| text.starts_with(root))
            })
            // `parts.join("/")` puts a list together.
            && (name != "join" || !self.is_python(run.unit) && given.len() > 1)
    }

    /// Whether a text is the path of a request as it came, or decoded: it starts with a slash.
    fn is_path_of_request(&self, run: &Run<'p>, given: &Given<'p>) -> bool {
        const PATHS: &[&str] = &[".url", ".originalUrl", "pathname", ".path"];
        // What stands before it, if it was joined with something, need not be the root.
        const CUTS: &[&str] = &[
            ".slice(",
            ".substr",
            ".replace(",
            ".pop(",
            "[1]",
            "=> ",
            ".query",
            "searchParams",
            "join(",
            "resolve(",
            "concat(",
            " + ",
            "`",
        ];
        let unit = self.unit(run.unit);
        let own = unit.written(given.node);
        let cuts = |text: &str| CUTS.iter().any(|cut| text.contains(cut));
        let starts = |taint: &Taint| {
            let (unit, span) = taint.origin();
            let origin = &self.unit(unit).text[span.range()];
            PATHS.iter().any(|path| origin.ends_with(path))
                && !taint.hops().take(MAX_STEPS).any(|hop| cuts(&self.unit(hop.unit).text[hop.span.range()]))
        };
        !self.is_python(run.unit)
            && !cuts(own)
            && !given.value.taints.is_empty()
            && given.value.taints.iter().all(starts)
    }

    /// `path.slice(0, BASE.length) === BASE`: it starts with it.
    pub(super) fn starts_as(&mut self, run: &mut Run<'p>, part: NodeId, start: NodeId) {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let text = |node: NodeId| unit.written(node);
        let [callee, from, to] = *module.children(part) else { return };
        let is_part = module.kind(part) == Kind::Call
            && matches!(module.text(callee, unit.text), "slice" | "substr" | "substring")
            && text(from) == "0"
            && text(to).strip_suffix(".length") == Some(text(start));
        if let Some(object) = module.child(callee, 0).filter(|_| is_part) {
            self.begins(run, object, start);
        }
    }

    /// Whether members of an archive are filtered as they are unpacked, as far as that can be told: a function of the
    /// program that only gives them other names lets all of them through.
    pub(super) fn filters_members(&self, given: &[Given<'p>]) -> bool {
        const CHECKS: &[&str] = &[
            "data_filter",
            "tar_filter",
            "raise",
            "..",
            "isabs",
            "is_relative_to",
            "commonpath",
            "startswith",
            "None",
        ];
        let Some(filter) = given.iter().find(|given| given.name.as_deref() == Some("filter")) else { return false };
        let checks = |callee: &Callee<'p>| match callee {
            Callee::Function(function) => {
                let unit = self.unit(function.unit);
                let text = unit.written(function.node);
                !text.contains(".name") || CHECKS.iter().any(|check| text.contains(check))
            }
            _ => true,
        };
        filter.value.text() != Some("fully_trusted") && filter.value.callees.iter().all(checks)
    }

    /// The members of an archive that a loop goes through.
    pub(super) fn archive_members(&mut self, run: &mut Run<'p>, clauses: &[NodeId]) -> Option<Value<'p>> {
        let module = self.unit(run.unit).module;
        let bind = clauses.first().copied().filter(|&first| module.kind(first) == Kind::Bind)?;
        let list = self.eval_child(run, bind, 1);
        list.taints.iter().any(|taint| taint.kind == self.archive).then_some(list)
    }

    /// Members of an archive that a loop went through and let none pass that leads out: then the archive
    /// may be unpacked.
    pub(super) fn checked_members(&self, vars: &HashMap<&'p str, Value<'p>>, list: &Value<'p>) -> bool {
        let extract = kinds(&["extract"]);
        let origins: Vec<_> = self.all_taints(list).iter().map(super::value::Taint::origin).collect();
        let of_list = vars.values().flat_map(|value| &value.taints).filter(|taint| origins.contains(&taint.origin()));
        of_list.filter(|taint| taint.kind == self.archive).any(|taint| taint.cleared & extract != 0)
    }
}
