//! Holds a pattern against a node of a lowered file.

use super::literal::meta;
use super::source::Pattern;
use crate::ir::{Kind, Module, NodeId};
use crate::language::names::Names;
use crate::span::Span;

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

/// What one metavariable stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Its name, `X` for `$X`.
    pub name: String,
    /// The node, or the node that carries the bound name.
    pub node: NodeId,
    /// The bound text.
    pub span: Span,
    /// Whether it is a name being given (a target, a function's, a member's) and so not to be
    /// followed to a value.
    pub is_name: bool,
}

/// What metavariables stand for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bindings(Vec<Binding>);

impl Bindings {
    /// What a metavariable (`X` for `$X`) stands for.
    pub fn get(&self, name: &str) -> Option<&Binding> {
        self.0.iter().find(|binding| binding.name == name)
    }
}

/// What the last statement of a pattern of several is bound as: no metavariable is called so.
pub const LAST: &str = "";

/// Says whether a metavariable may stand for something.
pub type Accept<'a> = &'a dyn Fn(&Binding) -> bool;

impl Pattern {
    /// Whether a node has this pattern's shape. What is bound already must stay equal; what
    /// `accept` refuses is bound otherwise or not at all.
    pub fn matches(&self, target: Target<'_>, node: NodeId, bindings: &mut Bindings, accept: Accept<'_>) -> bool {
        let matching = Matching { pattern: self, target, accept };
        matching.tentatively(bindings, |matching, bindings| {
            if self.is_list() { matching.list(node, bindings) } else { matching.node(self.root, node, bindings) }
        })
    }
}

/// Names that frameworks' handlers give to what they are called with. In a pattern they stand for
/// such a parameter, since no import says what it is.
const CALLERS: &[&str] = &[
    "req",
    "request",
    "res",
    "response",
    "reply",
    "ctx",
    "context",
    "event",
    "app",
    "fastify",
    "self",
    "err",
    "error",
    "e",
    "exc",
    "$sce",
    "$sceProvider",
    "$compileProvider",
    "$http",
    "$scope",
];

struct Matching<'p, 't> {
    pattern: &'p Pattern,
    target: Target<'t>,
    accept: Accept<'p>,
}

impl Matching<'_, '_> {
    /// Tries something and takes back its bindings if it does not fit.
    fn tentatively(&self, bindings: &mut Bindings, attempt: impl FnOnce(&Self, &mut Bindings) -> bool) -> bool {
        let kept = bindings.0.len();
        let fits = attempt(self, bindings);
        if !fits {
            bindings.0.truncate(kept);
        }
        fits
    }

    /// Statements of a pattern, found in this order among a block's.
    fn list(&self, node: NodeId, bindings: &mut Bindings) -> bool {
        let wants = self.pattern.module.children(self.pattern.root);
        let has = self.target.module.children(node);
        (0..has.len()).any(|start| {
            self.tentatively(bindings, |matching, bindings| matching.prefix(wants, &has[start..], bindings))
        })
    }

    /// Statements at the start of a list, whatever follows.
    fn prefix(&self, wants: &[NodeId], has: &[NodeId], bindings: &mut Bindings) -> bool {
        let Some((&want, rest)) = wants.split_first() else { return true };
        if self.pattern.module.kind(want) == Kind::Ellipsis {
            return (0..=has.len()).any(|skip| {
                self.tentatively(bindings, |matching, bindings| matching.prefix(rest, &has[skip..], bindings))
            });
        }
        let Some((&node, others)) = has.split_first() else { return false };
        if rest.is_empty() {
            let span = self.target.module.node(node).span;
            bindings.0.push(Binding { name: LAST.to_owned(), node, span, is_name: false });
        }
        self.node(want, node, bindings) && self.prefix(rest, others, bindings)
    }

    fn pattern_text(&self, id: NodeId) -> &str {
        self.pattern.module.text(id, &self.pattern.text)
    }

    fn target_text(&self, id: NodeId) -> &str {
        self.target.module.text(id, self.target.text)
    }

    fn node(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let pattern = &self.pattern.module;
        let target = self.target.module;
        if pattern.kind(wanted) == Kind::Name
            && let Some(name) = meta(self.pattern_text(wanted))
        {
            return self.bind(name, node, self.target.module.node(node).span, false, bindings);
        }
        if let Some(path) = self.path(wanted) {
            return self.names(wanted, &path, node);
        }
        match pattern.kind(wanted) {
            Kind::Ellipsis => true,
            Kind::Str => self.string(wanted, node, bindings),
            Kind::Number => {
                let value = self.target.names.value(node);
                target.kind(value) == Kind::Number && self.target_text(value) == self.pattern_text(wanted)
            }
            kind @ (Kind::True | Kind::False | Kind::Null) => target.kind(self.target.names.value(node)) == kind,
            Kind::Object | Kind::Call | Kind::Jsx | Kind::Array => {
                let value =
                    if target.kind(node) == pattern.kind(wanted) { node } else { self.target.names.value(node) };
                target.kind(value) == pattern.kind(wanted) && self.compound(wanted, value, bindings)
            }
            Kind::Assign => target.kind(node) == Kind::Assign && self.assignment(wanted, node, bindings),
            kind => {
                target.kind(node) == kind
                    && self.same_text(wanted, node, bindings)
                    && self.sequence(pattern.children(wanted), target.children(node), bindings)
            }
        }
    }

    /// Whether both carry the same name or operator; a metavariable in its place is bound to it.
    fn same_text(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let text = self.pattern_text(wanted);
        let kind = self.pattern.module.kind(wanted);
        // `/$R/` is any regex literal.
        let inside = if kind == Kind::Regex { text.trim_matches('/') } else { text };
        match (kind, meta(inside)) {
            (Kind::Regex, Some(name)) => self.bind(name, node, self.target.module.node(node).span, false, bindings),
            (Kind::Function | Kind::Class, None) if text.is_empty() => true,
            (_, Some(name)) => self.bind(name, node, self.target.module.node(node).text, true, bindings),
            (_, None) => text == self.target_text(node),
        }
    }

    fn bind(&self, name: &str, node: NodeId, span: Span, is_name: bool, bindings: &mut Bindings) -> bool {
        if name == "_" {
            return true;
        }
        if let Some(bound) = bindings.get(name) {
            return self.target.text[bound.span.range()] == self.target.text[span.range()];
        }
        let binding = Binding { name: name.to_owned(), node, span, is_name };
        let accepted = (self.accept)(&binding);
        if accepted {
            bindings.0.push(binding);
        }
        accepted
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
            Kind::Call if pattern.children(id).len() == 1 => {
                Some(format!("{}()", self.root_path(pattern.child(id, 0)?)?))
            }
            _ => self.path(id),
        }
    }

    /// Whether a node is what a dotted name of a pattern means: the same public path, or the same
    /// text when the file has its root from a caller (`req`, `res`, `request`).
    fn names(&self, wanted: NodeId, path: &str, node: NodeId) -> bool {
        if !matches!(self.target.module.kind(node), Kind::Name | Kind::Member | Kind::Call | Kind::Await) {
            return false;
        }
        // Cheap first: an alias differs in its text, but a member keeps its last name, unless it is a field.
        let both_members =
            self.target.module.kind(node) == Kind::Member && self.pattern.module.kind(wanted) == Kind::Member;
        if both_members && self.pattern_text(wanted) != self.target_text(node) && !self.target.names.is_own_field(node)
        {
            return false;
        }
        let same_path = self.target.names.path(node).is_some_and(|known| known == path);
        same_path || self.given_by_caller(wanted, node)
    }

    fn given_by_caller(&self, wanted: NodeId, node: NodeId) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        match (pattern.kind(wanted), target.kind(node)) {
            (Kind::Name, Kind::Name) => {
                let name = self.pattern_text(wanted);
                CALLERS.contains(&name) && name == self.target_text(node) && self.target.names.is_parameter(node)
            }
            (Kind::Member, Kind::Member) => {
                self.pattern_text(wanted) == self.target_text(node)
                    && pattern
                        .child(wanted, 0)
                        .zip(target.child(node, 0))
                        .is_some_and(|(wanted, node)| self.given_by_caller(wanted, node))
            }
            _ => false,
        }
    }

    fn string(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let contents = self.pattern_text(wanted);
        let value = self.target.names.value(node);
        let is_string = self.target.module.kind(value) == Kind::Str;
        // A property's name.
        if let Some(name) = meta(contents) {
            return is_string && self.bind(name, node, self.target.module.node(node).text, true, bindings);
        }
        let quote = (self.pattern.module.node(wanted).text.start as usize)
            .checked_sub(1)
            .map(|at| self.pattern.text.as_bytes()[at]);
        if quote == Some(b'`') && self.target.names.path(node).is_some_and(|path| path == contents) {
            return true;
        }
        is_string && (contents == "..." || contents == self.target_text(value))
    }

    fn compound(&self, wanted: NodeId, node: NodeId, bindings: &mut Bindings) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        let (wants, has) = (pattern.children(wanted), target.children(node));
        match pattern.kind(wanted) {
            Kind::Call => {
                let (Some((&callee, arguments)), Some((&called, given))) = (wants.split_first(), has.split_first())
                else {
                    return false;
                };
                // A tag takes its text apart: `` sql`..` `` is no `sql(..)`.
                let is_tagged = target.is_tagged(node, self.target.text);
                !is_tagged && self.callee(callee, called, bindings) && self.arguments(arguments, given, bindings)
            }
            Kind::Object => self.entries(wants, has, bindings),
            Kind::Jsx => {
                self.same_text(wanted, node, bindings) && wants.iter().all(|&want| self.any_of(want, has, bindings))
            }
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
        let (given_keywords, given_positional): (Vec<NodeId>, Vec<NodeId>) =
            given.iter().partition(|id| is_keyword(target, id));
        let open = positional.iter().any(|&id| pattern.kind(id) == Kind::Ellipsis);
        if !open && given_keywords.len() > keywords.len() {
            return false;
        }
        self.sequence(&positional, &given_positional, bindings)
            && keywords.iter().all(|&want| {
                self.any_of(want, &given_keywords, bindings) || self.any_spread(want, &given_positional, bindings)
            })
    }

    /// Whether a named argument or property is among those of objects that are spread (`**OPTIONS`).
    fn any_spread(&self, wanted: NodeId, nodes: &[NodeId], bindings: &mut Bindings) -> bool {
        let (pattern, target) = (&self.pattern.module, self.target.module);
        // The object by itself is found where it is written.
        if pattern.kind(self.pattern.root) == Kind::Object {
            return false;
        }
        let (name, value) = match pattern.kind(wanted) {
            Kind::Keyword => (self.pattern_text(wanted), pattern.child(wanted, 0)),
            Kind::Property => {
                (pattern.child(wanted, 0).map_or("", |key| self.pattern_text(key)), pattern.child(wanted, 1))
            }
            _ => return false,
        };
        let Some(value) = value else { return false };
        let spread = nodes.iter().filter(|&&node| target.kind(node) == Kind::Spread);
        let objects = spread.filter_map(|&node| Some(self.target.names.value(target.child(node, 0)?)));
        objects.flat_map(|object| target.children(object)).any(|&entry| {
            let (key, given) = match target.kind(entry) {
                Kind::Property => (target.child(entry, 0), target.child(entry, 1)),
                Kind::Keyword => (Some(entry), target.child(entry, 0)),
                _ => return false,
            };
            key.is_some_and(|key| self.target_text(key) == name)
                && given.is_some_and(|given| {
                    self.tentatively(bindings, |matching, bindings| matching.node(value, given, bindings))
                })
        })
    }

    /// Entries of an object in any order; without `...` there must be no others.
    fn entries(&self, wants: &[NodeId], has: &[NodeId], bindings: &mut Bindings) -> bool {
        let pattern = &self.pattern.module;
        let open = wants.iter().any(|&id| pattern.kind(id) == Kind::Ellipsis);
        let wanted: Vec<NodeId> = wants.iter().copied().filter(|&id| pattern.kind(id) != Kind::Ellipsis).collect();
        (open || wanted.len() == has.len())
            && wanted
                .iter()
                .all(|&want| self.any_of(want, has, bindings) || open && self.any_spread(want, has, bindings))
    }

    fn any_of(&self, wanted: NodeId, nodes: &[NodeId], bindings: &mut Bindings) -> bool {
        let fits = |node: NodeId, bindings: &mut Bindings| {
            self.tentatively(bindings, |matching, bindings| matching.node(wanted, node, bindings))
        };
        self.pattern.module.kind(wanted) == Kind::Ellipsis || nodes.iter().any(|&node| fits(node, bindings))
    }

    /// A list in order, in which `...` stands for any number.
    fn sequence(&self, wants: &[NodeId], has: &[NodeId], bindings: &mut Bindings) -> bool {
        let Some((&want, rest)) = wants.split_first() else { return has.is_empty() };
        if self.pattern.module.kind(want) == Kind::Ellipsis {
            if rest.is_empty() {
                return true;
            }
            return (0..=has.len()).any(|skip| {
                self.tentatively(bindings, |matching, bindings| matching.sequence(rest, &has[skip..], bindings))
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
            (Kind::Name, of) => match meta(self.pattern_text(wanted)) {
                Some(name) => self.bind(name, node, target.node(node).span, true, bindings),
                None => of == Kind::Name && self.pattern_text(wanted) == self.target_text(node),
            },
            (Kind::Member, Kind::Member) | (Kind::Index, Kind::Index) => {
                let whole = self.path(wanted).is_some_and(|path| self.names(wanted, &path, node));
                let ([object, index @ ..], [of, at @ ..]) = (pattern.children(wanted), target.children(node)) else {
                    return false;
                };
                whole
                    || (pattern.kind(wanted) == Kind::Index || self.same_text(wanted, node, bindings))
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
