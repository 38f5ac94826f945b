//! Holds a pattern against a node of a lowered file.

use super::source::{Pattern, meta};
use crate::ir::{Kind, Module, NodeId};
use crate::language::names::Names;

/// A file to match in.
#[derive(Debug, Clone, Copy)]
pub struct Target<'t> {
    /// Its lowered tree.
    pub module: &'t Module,
    /// Its text.
    pub text: &'t str,
    /// What its names mean.
    pub names: &'t Names<'t>,
}

/// What metavariables stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings(Vec<(String, NodeId)>);

impl Bindings {
    /// The node that a metavariable (`X` for `$X`) stands for.
    pub fn get(&self, name: &str) -> Option<NodeId> {
        self.0.iter().find(|(known, _)| known == name).map(|&(_, node)| node)
    }
}

impl Pattern {
    /// Whether a node has this pattern's shape; what is bound already must stay equal.
    pub fn matches(&self, target: Target<'_>, node: NodeId, bindings: &mut Bindings) -> bool {
        let kept = bindings.0.len();
        let fits = Matching { pattern: self, target }.node(self.root, node, bindings);
        if !fits {
            bindings.0.truncate(kept);
        }
        fits
    }
}

struct Matching<'p, 't> {
    pattern: &'p Pattern,
    target: Target<'t>,
}

impl Matching<'_, '_> {
    fn pattern_text(&self, id: NodeId) -> &str {
        self.pattern.module.text(id, &self.pattern.text)
    }

    fn target_text(&self, id: NodeId) -> &str {
        self.target.module.text(id, self.target.text)
    }

    fn source(&self, id: NodeId) -> &str {
        &self.target.text[self.target.module.node(id).span.range()]
    }

    fn node(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let pattern = &self.pattern.module;
        let target = self.target.module;
        if pattern.kind(wanted) == Kind::Name
            && let Some(name) = meta(self.pattern_text(wanted))
        {
            return self.bind(name, node, bindings);
        }
        if let Some(path) = self.path(wanted) {
            return self.names(wanted, &path, node);
        }
        match pattern.kind(wanted) {
            Kind::Ellipsis => true,
            Kind::Str => self.string(wanted, node),
            Kind::Number => {
                let value = self.target.names.value(node);
                target.kind(value) == Kind::Number && self.target_text(value) == self.pattern_text(wanted)
            }
            kind @ (Kind::True | Kind::False | Kind::Null) => target.kind(self.target.names.value(node)) == kind,
            Kind::Object | Kind::Call | Kind::Jsx | Kind::Array => {
                let value = if target.kind(node) == pattern.kind(wanted) { node } else { self.target.names.value(node) };
                target.kind(value) == pattern.kind(wanted) && self.compound(wanted, value, bindings)
            }
            Kind::Assign => target.kind(node) == Kind::Assign && self.assignment(wanted, node, bindings),
            kind => {
                let carries_text = matches!(kind, Kind::Member | Kind::Keyword | Kind::Binary | Kind::Unary | Kind::JsxAttribute);
                target.kind(node) == kind
                    && (!carries_text || self.same_text(wanted, node))
                    && self.sequence(pattern.children(wanted), target.children(node), bindings)
            }
        }
    }

    fn same_text(&self, wanted: NodeId, node: NodeId) -> bool {
        let text = self.pattern_text(wanted);
        meta(text).is_some() || text == self.target_text(node)
    }

    fn bind(&self, name: &str, node: NodeId, bindings: &mut Bindings) -> bool {
        if name == "_" {
            return true;
        }
        if let Some(bound) = bindings.get(name) {
            return self.source(bound) == self.source(node);
        }
        bindings.0.push((name.to_owned(), node));
        true
    }

    /// The dotted name of a pattern's node without metavariables: `flask.Flask().run`.
    fn path(&self, id: NodeId) -> Option<String> {
        let pattern = &self.pattern.module;
        match pattern.kind(id) {
            Kind::Name => {
                let name = self.pattern_text(id);
                meta(name).is_none().then(|| name.to_owned())
            }
            Kind::Member => {
                let name = self.pattern_text(id);
                let object = self.root_path(pattern.child(id, 0)?)?;
                meta(name).is_none().then(|| format!("{object}.{name}"))
            }
            _ => None,
        }
    }

    /// As [`Matching::path`], for what stands before a dot: also `x()` and a quoted module.
    fn root_path(&self, id: NodeId) -> Option<String> {
        let pattern = &self.pattern.module;
        match pattern.kind(id) {
            Kind::Str => Some(self.pattern_text(id).to_owned()),
            Kind::Call if pattern.children(id).len() == 1 => Some(format!("{}()", self.root_path(pattern.child(id, 0)?)?)),
            _ => self.path(id),
        }
    }

    /// Whether a node is what a dotted name of a pattern means: the same public path, or the same
    /// text when the file has its root from a caller (`req`, `res`, `request`).
    fn names(&self, wanted: NodeId, path: &str, node: NodeId) -> bool {
        if !matches!(self.target.module.kind(node), Kind::Name | Kind::Member | Kind::Call | Kind::Await) {
            return false;
        }
        // Cheap first: an alias differs in its text, but a member keeps its last name.
        if self.target.module.kind(node) == Kind::Member && self.pattern.module.kind(wanted) == Kind::Member && !self.same_text(wanted, node) {
            return false;
        }
        let same_path = self.target.names.path(node).is_some_and(|known| known == path);
        same_path || self.from_caller(wanted, node)
    }

    fn from_caller(&self, wanted: NodeId, node: NodeId) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        match (pattern.kind(wanted), target.kind(node)) {
            (Kind::Name, Kind::Name) => self.pattern_text(wanted) == self.target_text(node) && self.target.names.is_parameter(node),
            (Kind::Member, Kind::Member) => {
                self.same_text(wanted, node)
                    && pattern.child(wanted, 0).zip(target.child(node, 0)).is_some_and(|(wanted, node)| self.from_caller(wanted, node))
            }
            _ => false,
        }
    }

    fn string(&self, wanted: NodeId, node: NodeId) -> bool {
        let value = self.target.names.value(node);
        let contents = self.pattern_text(wanted);
        self.target.module.kind(value) == Kind::Str && (contents == "..." || contents == self.target_text(value))
    }

    fn compound(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        let (wants, has) = (pattern.children(wanted), target.children(node));
        match pattern.kind(wanted) {
            Kind::Call => {
                let (Some((&callee, arguments)), Some((&called, given))) = (wants.split_first(), has.split_first()) else { return false };
                self.callee(callee, called, bindings) && self.arguments(arguments, given, bindings)
            }
            Kind::Object => self.entries(wants, has, bindings),
            Kind::Jsx => self.same_text(wanted, node) && wants.iter().all(|&want| self.any_of(want, has, bindings)),
            _ => self.sequence(wants, has, bindings),
        }
    }

    /// A called name; a quoted module may be called as well.
    fn callee(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        if self.pattern.module.kind(wanted) == Kind::Str {
            return self.target.names.path(node).is_some_and(|path| path == self.pattern_text(wanted));
        }
        self.node(wanted, node, bindings)
    }

    /// Arguments in order, keyword arguments in any.
    fn arguments(&self, wants: &[NodeId], given: &[NodeId], bindings: &mut Bindings) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        let is_keyword = |module: &Module, id: &NodeId| module.kind(*id) == Kind::Keyword;
        let (keywords, positional): (Vec<NodeId>, Vec<NodeId>) = wants.iter().partition(|id| is_keyword(pattern, id));
        let (given_keywords, given_positional): (Vec<NodeId>, Vec<NodeId>) = given.iter().partition(|id| is_keyword(target, id));
        let open = positional.iter().any(|&id| pattern.kind(id) == Kind::Ellipsis);
        if !open && given_keywords.len() > keywords.len() {
            return false;
        }
        self.sequence(&positional, &given_positional, bindings) && keywords.iter().all(|&want| self.any_of(want, &given_keywords, bindings))
    }

    /// Entries of an object in any order; without `...` there must be no others.
    fn entries(&self, wants: &[NodeId], has: &[NodeId], bindings: &mut Bindings) -> bool {
        let pattern = &self.pattern.module;
        let open = wants.iter().any(|&id| pattern.kind(id) == Kind::Ellipsis);
        let wanted: Vec<NodeId> = wants.iter().copied().filter(|&id| pattern.kind(id) != Kind::Ellipsis).collect();
        (open || wanted.len() == has.len()) && wanted.iter().all(|&want| self.any_of(want, has, bindings))
    }

    fn any_of(&self, wanted: NodeId, nodes: &[NodeId], bindings: &mut Bindings) -> bool {
        if self.pattern.module.kind(wanted) == Kind::Ellipsis {
            return true;
        }
        nodes.iter().any(|&node| {
            let kept = bindings.0.len();
            let fits = self.node(wanted, node, bindings);
            if !fits {
                bindings.0.truncate(kept);
            }
            fits
        })
    }

    /// A list in order, in which `...` stands for any number.
    fn sequence(&self, wants: &[NodeId], has: &[NodeId], bindings: &mut Bindings) -> bool {
        let Some((&want, rest)) = wants.split_first() else { return has.is_empty() };
        if self.pattern.module.kind(want) == Kind::Ellipsis {
            if rest.is_empty() {
                return true;
            }
            return (0..=has.len()).any(|skip| {
                let kept = bindings.0.len();
                let fits = self.sequence(rest, &has[skip..], bindings);
                if !fits {
                    bindings.0.truncate(kept);
                }
                fits
            });
        }
        let Some((&node, others)) = has.split_first() else { return false };
        self.node(want, node, bindings) && self.sequence(rest, others, bindings)
    }

    /// An assignment: its target is held against the text, for what it names is only being made.
    fn assignment(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        let ([left, right], [to, value]) = (pattern.children(wanted), target.children(node)) else { return false };
        self.assigned(*left, *to, bindings) && self.node(*right, *value, bindings)
    }

    fn assigned(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        match (pattern.kind(wanted), target.kind(node)) {
            (Kind::Name, Kind::Name) if meta(self.pattern_text(wanted)).is_none() => self.pattern_text(wanted) == self.target_text(node),
            (Kind::Member, Kind::Member) | (Kind::Index, Kind::Index) => {
                let whole = self.path(wanted).is_some_and(|path| self.names(wanted, &path, node));
                let ([object, index @ ..], [of, at @ ..]) = (pattern.children(wanted), target.children(node)) else { return false };
                whole
                    || (pattern.kind(wanted) == Kind::Index || self.same_text(wanted, node))
                        && (self.assigned(*object, *of, bindings) || self.is_path(*object, *of))
                        && self.sequence(index, at, bindings)
            }
            _ => self.node(wanted, node, bindings),
        }
    }

    fn is_path(&self, wanted: NodeId, node: NodeId) -> bool {
        self.root_path(wanted).is_some_and(|path| self.target.names.path(node).is_some_and(|known| known == path))
    }
}
