//! What lowering shares between languages: the builder, and how unknown nodes are passed on.

use super::kind_number;
use super::script::{Role, Stretch};
use crate::ir::{Import, Kind, Module, NodeId};
use crate::span::Span;
use tree_sitter::{Node, Tree};

/// Lowers one node and all below it; returns nothing for what has no meaning (comments).
pub(super) type Rule = for<'t> fn(&mut Lower<'t>, Node<'t>) -> Option<NodeId>;

/// Bytes of stack that are left before one more level is begun: one takes ten thousand in a build
/// without optimization, a fifth of that in a release.
const LEVEL: usize = 64 << 10;
/// Bytes of stack that are added where less is left: whoever calls may run on a small one, and the
/// whole depth that the limits allow then takes a few times this.
const ROOM: usize = 1 << 20;

/// The state of lowering one file.
pub(super) struct Lower<'t> {
    pub(super) text: &'t str,
    pub(super) module: Module,
    rule: Rule,
    depth: usize,
    max_depth: usize,
}

/// Lowers the tree of a whole text, or those of the stretches in which a program stands there.
pub(super) fn run(text: &str, trees: &[Tree], stretches: &[Stretch], max_depth: usize, rule: Rule) -> Module {
    let mut lower = Lower { text, module: Module::default(), rule, depth: 0, max_depth };
    let broken = trees.iter().map(Tree::root_node).find(Node::has_error);
    lower.module.syntax_error = broken.map(first_error);
    match (trees, stretches) {
        ([tree], []) => {
            lower.lower(tree.root_node());
        }
        _ => lower.put_together(trees, stretches),
    }
    lower.module
}

/// The line of the first error, from 1.
fn first_error(root: Node<'_>) -> u32 {
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return node.start_position().row as u32 + 1;
        }
        let descends = node.has_error() && cursor.goto_first_child();
        if descends {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return 1;
            }
        }
    }
}

impl<'t> Lower<'t> {
    /// One program of several stretches: what runs at its top, then a function that shows the page and
    /// handles its events, which nothing calls.
    fn put_together(&mut self, trees: &'t [Tree], stretches: &[Stretch]) {
        let nothing = Span::new(0, 0);
        let mut top = Vec::new();
        for (tree, _) in trees.iter().zip(stretches).filter(|(_, stretch)| stretch.role == Role::Top) {
            top.extend(self.children(tree.root_node()));
        }
        let mut page = Vec::new();
        for (tree, stretch) in trees.iter().zip(stretches) {
            match stretch.role {
                Role::Top => {}
                Role::Handler => page.extend(self.children(tree.root_node())),
                Role::Attribute(name) => {
                    let value = self.children(tree.root_node());
                    let span = Span { start: name.start, end: stretch.span.end };
                    page.push(self.module.push(Kind::JsxAttribute, span, name, &value));
                }
                Role::Elements(name) => {
                    let target = self.module.push(Kind::Name, name, name, &[]);
                    let list = self.children(tree.root_node());
                    let list = self.module.push(Kind::Block, stretch.span, nothing, &list);
                    let bind = self.module.push(Kind::Bind, name, nothing, &[target, list]);
                    page.push(self.module.push(Kind::Loop, stretch.span, nothing, &[bind]));
                }
            }
        }
        let whole = Span::new(0, self.text.len());
        if !page.is_empty() {
            let body = self.module.push(Kind::Block, whole, nothing, &page);
            top.push(self.module.push(Kind::Function, whole, nothing, &[body]));
        }
        self.module.push(Kind::Other(kind_number("program")), whole, nothing, &top);
    }

    /// Lowers a node, unless it is nested too deeply.
    pub(super) fn lower(&mut self, node: Node<'t>) -> Option<NodeId> {
        if self.depth >= self.max_depth {
            self.module.too_deep = true;
            return None;
        }
        self.depth += 1;
        let id = stacker::maybe_grow(LEVEL, ROOM, || (self.rule)(self, node));
        self.depth -= 1;
        id
    }

    /// Lowers a field's node.
    pub(super) fn field(&mut self, node: Node<'t>, name: &str) -> Option<NodeId> {
        self.lower(node.child_by_field_name(name)?)
    }

    /// Lowers a field's node; in its place stands an empty node where there is none.
    pub(super) fn field_or_gap(&mut self, node: Node<'t>, name: &str) -> NodeId {
        self.field(node, name).unwrap_or_else(|| self.gap(node))
    }

    /// An empty node: something is missing or was too deep.
    pub(super) fn gap(&mut self, node: Node<'t>) -> NodeId {
        let span = span(node);
        let at = Span { start: span.start, end: span.start };
        self.module.push(Kind::Other(0), at, at, &[])
    }

    /// Lowers the named children.
    pub(super) fn children(&mut self, node: Node<'t>) -> Vec<NodeId> {
        let mut cursor = node.walk();
        let children: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
        children.into_iter().filter_map(|child| self.lower(child)).collect()
    }

    /// Adds a node that carries no text.
    pub(super) fn push(&mut self, kind: Kind, node: Node<'t>, children: &[NodeId]) -> NodeId {
        let span = span(node);
        self.module.push(kind, span, Span { start: span.start, end: span.start }, children)
    }

    /// Adds a node that carries the text of another.
    pub(super) fn push_text(&mut self, kind: Kind, node: Node<'t>, text: Span, children: &[NodeId]) -> NodeId {
        self.module.push(kind, span(node), text, children)
    }

    /// A node whose grammar kind alone says what it is.
    pub(super) fn other(&mut self, node: Node<'t>) -> NodeId {
        self.whole(node, Kind::Other(kind_number(node.kind())))
    }

    /// A node that is what its children are.
    pub(super) fn whole(&mut self, node: Node<'t>, kind: Kind) -> NodeId {
        let children = self.children(node);
        self.push(kind, node, &children)
    }

    /// The operands of a chain of `+`, without going down its left side by recursion.
    pub(super) fn concat(&mut self, node: Node<'t>, is_plus: impl Fn(Node<'t>) -> bool) -> NodeId {
        let mut right = Vec::new();
        let mut left = node;
        while is_plus(left) {
            right.extend(left.child_by_field_name("right"));
            match left.child_by_field_name("left") {
                Some(next) => left = next,
                None => break,
            }
        }
        let operands: Vec<NodeId> =
            std::iter::once(left).chain(right.into_iter().rev()).filter_map(|operand| self.lower(operand)).collect();
        self.push(Kind::Concat, node, &operands)
    }

    /// Notes that a name is bound by an import at `node`.
    pub(super) fn import(&mut self, local: &str, path: String, node: NodeId) {
        self.module.imports.push(Import { local: local.to_owned(), path, node });
    }

    /// A node's source.
    pub(super) fn source(&self, node: Node<'t>) -> &'t str {
        &self.text[node.byte_range()]
    }

    /// A string's contents: what stands between its outer quotes and after its prefix.
    pub(super) fn contents(&self, node: Node<'t>) -> Span {
        let source = self.source(node);
        let prefix = source.find(['"', '\'', '`']).unwrap_or(0);
        let quote = &source[prefix..];
        let width = if quote.len() >= 6 && (quote.starts_with("\"\"\"") || quote.starts_with("'''")) { 3 } else { 1 };
        let start = node.start_byte() + (prefix + width).min(source.len());
        Span::new(start, (node.end_byte().saturating_sub(width)).max(start))
    }
}

/// A node's place.
pub(super) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

#[cfg(all(test, feature = "javascript", feature = "python"))]
mod tests {
    use crate::language::Language;
    use crate::limits::Limits;

    /// A build without optimization takes ten kilobytes for each of the 400 levels.
    #[test]
    fn code_nests_as_deep_as_the_limit_on_a_small_stack() {
        let nested = format!("x = {}1{}\n", "f(\n".repeat(1000), ")".repeat(1000));
        for language in [Language::JavaScript, Language::Python] {
            let lower = || language.lower(&nested, &Limits::default());
            let module = std::thread::scope(|scope| {
                let thread = std::thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, lower);
                thread.expect("a thread starts").join().expect("no panic")
            });
            assert!(module.expect("it parses").too_deep, "{language:?}");
        }
    }
}
