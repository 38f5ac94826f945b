//! Whether the folder that a path is said to start with ends where its name does: `/srv/files-of-others` starts with
//! `/srv/files` as well, but not with `/srv/files/`.

use super::engine::{Engine, Run};
use super::inside::MAX_STEPS;
use super::value::Value;
use crate::ir::{Kind, NodeId};
use crate::rule::words;

/// Expressions in each other that are looked into.
const DEPTH: u32 = 6;
/// Words of names that say that a separator stands at the end.
const SEPARATORS: &[&str] = &["sep", "separator", "slash", "delimiter", "trailing"];
/// Calls that give a path without one.
const STRIP: &[&str] =
    &["resolve", "realpath", "realpathSync", "abspath", "normpath", "dirname", "cwd", "getcwd", "absolute", "tmpdir"];
/// Calls that leave the end of what they are given, or are called on, as it is.
const KEEP: &[&str] = &["normalize", "normcase", "str", "String", "toString", "toLowerCase", "lower", "native", "Path"];

/// How a path ends, as far as it can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Unknown,
    /// With the name of a folder.
    Open,
    /// With a separator.
    Parted,
}

impl<'p> Engine<'p> {
    /// Whether a path that starts so may stand in a folder beside the one that is meant.
    pub(super) fn is_open_prefix(&self, run: &Run<'p>, node: NodeId, value: &Value<'p>) -> bool {
        match self.end_of(run, node, DEPTH) {
            End::Unknown => match value.text() {
                Some(text) => !text.is_empty() && !is_parted(text),
                None => self.was_stripped(value),
            },
            end => end == End::Open,
        }
    }

    /// How a path ends by its expression, or by what its name is given anywhere in the file.
    fn end_of(&self, run: &Run<'p>, node: NodeId, depth: u32) -> End {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let text = module.text(node, unit.text);
        let ends = |nodes: &[NodeId]| {
            nodes.iter().map(|&node| self.end_of(run, node, depth.saturating_sub(1))).max().unwrap_or(End::Unknown)
        };
        if depth == 0 {
            return End::Unknown;
        }
        match module.kind(node) {
            Kind::Str if text.is_empty() => End::Unknown,
            Kind::Str => {
                if is_parted(text) {
                    End::Parted
                } else {
                    End::Open
                }
            }
            Kind::Template | Kind::Concat => ends(module.children(node).last().map_or(&[], std::slice::from_ref)),
            Kind::Name | Kind::Member if words::has_one(text, SEPARATORS) => End::Parted,
            Kind::Name | Kind::Member => match ends(&self.given_near(run, node, text)) {
                End::Unknown => self.list_gone_through(run, node, text).map_or(End::Unknown, |list| ends(&[list])),
                end => end,
            },
            Kind::Array => ends(module.children(node)),
            // What a function of one expression gives.
            Kind::Function => ends(module.children(node).last().map_or(&[], std::slice::from_ref)),
            Kind::Call => self.end_of_call(run, node, depth - 1),
            Kind::Binary | Kind::Other(_) => ends(module.children(node)),
            _ => End::Unknown,
        }
    }

    fn end_of_call(&self, run: &Run<'p>, call: NodeId, depth: u32) -> End {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let [callee, ref given @ ..] = *module.children(call) else { return End::Unknown };
        let name = module.text(callee, unit.text);
        let object = module.child(callee, 0).filter(|_| module.kind(callee) == Kind::Member);
        let last = given.last().copied();
        match name {
            _ if words::has_one(name, SEPARATORS) => End::Parted,
            _ if STRIP.contains(&name) => End::Open,
            // `os.path.join(base, "")`
            "join" => match last.map(|last| (module.kind(last), module.text(last, unit.text))) {
                Some((Kind::Str, "")) if self.is_python(run.unit) => End::Parted,
                Some(_) => last.map_or(End::Unknown, |last| self.end_of(run, last, depth)).max(End::Open),
                None => End::Unknown,
            },
            "replace" | "replaceAll" => object.map_or(End::Unknown, |object| self.end_of(run, object, depth)),
            "map" => last.map_or(End::Unknown, |made| self.end_of(run, made, depth)),
            "filter" | "slice" | "concat" => object.map_or(End::Unknown, |object| self.end_of(run, object, depth)),
            _ if KEEP.contains(&name) || words::has_one(name, &["normalize"]) => {
                last.or(object).map_or(End::Unknown, |kept| self.end_of(run, kept, depth))
            }
            _ => End::Unknown,
        }
    }

    /// The list whose elements a parameter stands for: `FOLDERS.some((folder) => ..)`.
    fn list_gone_through(&self, run: &Run<'p>, node: NodeId, name: &str) -> Option<NodeId> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let binds = |&function: &NodeId| {
            let first = module.child(function, 0).filter(|&first| module.kind(first) == Kind::Param);
            let first = first.and_then(|first| module.child(first, 0));
            module.kind(function) == Kind::Function && first.is_some_and(|first| module.text(first, unit.text) == name)
        };
        let function = module.ancestors(node).find(binds)?;
        let call = module.parent(function).filter(|&call| module.kind(call) == Kind::Call)?;
        let callee = module.child(call, 0).filter(|&callee| module.kind(callee) == Kind::Member)?;
        let goes_through = matches!(module.text(callee, unit.text), "some" | "every" | "find" | "filter" | "forEach");
        module.child(callee, 0).filter(|_| goes_through)
    }

    /// What a name is given: a parameter in its function, or where that is called or bound; others anywhere in the file.
    fn given_near(&self, run: &Run<'p>, node: NodeId, name: &str) -> Vec<NodeId> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let all = self.given_to(run, name);
        let position = |function: NodeId| {
            let parameters = module.children(function).iter().filter(|&&id| module.kind(id) == Kind::Param);
            let mut names = parameters.map(|&id| module.child(id, 0).map_or("", |name| module.text(name, unit.text)));
            names.position(|own| own == name)
        };
        let functions = module.ancestors(node).filter(|&id| module.kind(id) == Kind::Function);
        let mut binding = functions.filter_map(|function| Some((function, position(function)?)));
        let Some((function, at)) = binding.next().filter(|_| module.kind(node) == Kind::Name) else { return all };
        let inside = module.subtree(function);
        let own: Vec<NodeId> = all.iter().copied().filter(|given| inside.contains(given)).collect();
        let called = module.text(function, unit.text);
        if !own.is_empty() || called.is_empty() {
            return own;
        }
        let is_it = |id: NodeId| module.kind(id) == Kind::Name && module.text(id, unit.text) == called;
        let given = |call: NodeId| {
            let callee = module.child(call, 0).filter(|_| module.kind(call) == Kind::Call)?;
            let bound = matches!(module.kind(callee), Kind::Member)
                && matches!(module.text(callee, unit.text), "bind" | "call")
                && module.child(callee, 0).is_some_and(is_it);
            let before = usize::from(bound) + 1;
            (bound || is_it(callee)).then(|| module.child(call, at + before)).flatten()
        };
        let given: Vec<NodeId> = (0..module.len() as NodeId).filter_map(given).collect();
        if given.is_empty() { all } else { given }
    }

    /// All that a name or a member of this name is given in a file.
    pub(super) fn given_to(&self, run: &Run<'p>, name: &str) -> Vec<NodeId> {
        let unit = self.unit(run.unit);
        let module = unit.module;
        let is_it = |node: NodeId| {
            matches!(module.kind(node), Kind::Name | Kind::Member) && module.text(node, unit.text) == name
        };
        (0..module.len() as NodeId)
            .filter(|&node| module.kind(node) == Kind::Assign && module.child(node, 0).is_some_and(is_it))
            .filter_map(|node| module.child(node, 1))
            .collect()
    }

    /// Whether a path that comes from a caller was resolved on its way, and nothing was put behind it.
    fn was_stripped(&self, value: &Value<'p>) -> bool {
        value.taints.iter().any(|taint| {
            taint.hops().take(MAX_STEPS).any(|hop| {
                let text = &self.unit(hop.unit).text[hop.span.range()];
                let end = text.trim_end_matches([')', ']', '}', '`', '"', '\'', ';']);
                let resolves = STRIP.iter().any(|name| text.contains(&format!("{name}(")));
                resolves && !is_parted(end) && !end.ends_with("sep")
            })
        })
    }
}

/// Whether a text ends with a separator.
fn is_parted(text: &str) -> bool {
    text.ends_with(['/', '\\'])
}
