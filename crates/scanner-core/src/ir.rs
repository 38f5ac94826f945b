//! The small tree that every language is lowered to; what comes after it knows no grammar.
//!
//! Parentheses, type annotations and casts are gone, `new X()` is a call, declarations are
//! assignments, strings know their contents. Nodes stand in post-order, so a subtree is a range.

use crate::span::Span;

/// Index of a node in its [`Module`].
pub type NodeId = u32;

/// What a node is. `text` and children are described for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An identifier; text: the identifier.
    Name,
    /// `object.text`; children: object.
    Member,
    /// `object[index]`; children: object, index.
    Index,
    /// A call, also with `new`; children: callee, arguments.
    Call,
    /// A keyword argument; text: its name; children: value.
    Keyword,
    /// `...x`, `*x`, `**x`; children: x.
    Spread,
    /// A string without interpolation; text: its contents as written.
    Str,
    /// A string with interpolation; children: constant parts (`Str`) and expressions.
    Template,
    /// A regex literal; text: as written, with its slashes and flags.
    Regex,
    /// A number; text: as written.
    Number,
    /// `true`, `True`.
    True,
    /// `false`, `False`.
    False,
    /// `null`, `None`, `undefined`.
    Null,
    /// `a + b + c`; children: the operands.
    Concat,
    /// Any other binary expression; text: the operator; children: left, right.
    Binary,
    /// A unary expression; text: the operator; children: operand.
    Unary,
    /// An assignment, a declaration with value, a field with value; children: target, value.
    Assign,
    /// `a += b`; children: target, value.
    Augment,
    /// An object or dictionary; children: properties, spreads, methods.
    Object,
    /// One entry of an object; children: key (`Str` for plain names), value.
    Property,
    /// A list, tuple, set or array; children: elements.
    Array,
    /// A function, method or lambda; text: its name or nothing; children: parameters, body.
    Function,
    /// A parameter; text: something if it is a field too; children: what it binds, its default.
    Param,
    /// A class; text: its name or nothing; children: bases, members.
    Class,
    /// A markup element; text: its name; children: attributes, then contents.
    Jsx,
    /// An attribute of a markup element; text: its name; children: value.
    JsxAttribute,
    /// A decorator; children: its expression.
    Decorator,
    /// `await x`; children: x.
    Await,
    /// `with x as y`, `for y in x`, `except x as y`, destructuring: binds without a plain value;
    /// text: `in` where the names of an object's members are bound; children: target, value.
    Bind,
    /// In a pattern: any number of things.
    Ellipsis,
    /// Statements one after another.
    Block,
    /// `if`, also as an expression; children: condition, what is done if it holds, what else.
    If,
    /// A loop; children: what is bound or asked before each round, body and so on in order.
    Loop,
    /// `return x`; children: x.
    Return,
    /// `raise x`, `throw x`; children: x.
    Throw,
    /// `break`, `continue`.
    Leave,
    /// `yield x` of Python; children: x.
    Yield,
    /// `try`; children: the body, then handlers and what is done at last.
    Try,
    /// `switch`, `match`; children: subject, `Case`s.
    Switch,
    /// A case; children: an `Array` of what is tested (empty: any other), then statements.
    Case,
    /// `assert x`; children: x.
    Assert,
    /// `[x for y in z if c]`; children: its clauses, then what an element is.
    Comprehension,
    /// Names that mean those of the file or of a function around; children: the names.
    Outer,
    /// `export ..`; text: `default` or nothing; children: what is exported.
    Export,
    /// Whatever else the grammar has; the number is the grammar's kind of node.
    Other(u16),
}

/// A node.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its place in the text.
    pub span: Span,
    /// The name, contents or operator it carries; see [`Kind`].
    pub text: Span,
    /// First node of its subtree; the subtree is `first..=own id`.
    pub first: NodeId,
    children: (u32, u32),
}

/// A name that an import binds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name in this file.
    pub local: String,
    /// What it stands for: `subprocess.run`.
    pub path: String,
    /// The node that it stands at.
    pub node: NodeId,
}

/// A lowered file.
#[derive(Debug, Clone, Default)]
pub struct Module {
    nodes: Vec<Node>,
    child_ids: Vec<NodeId>,
    parents: Vec<NodeId>,
    /// Names bound by imports.
    pub imports: Vec<Import>,
    /// Parameters with a type, and where it stands.
    pub annotations: Vec<(NodeId, Span)>,
    /// Modules that are imported by their whole names, or without any.
    pub modules: Vec<String>,
    /// Modules all of whose names are taken over, or given on.
    pub wildcards: Vec<String>,
    /// Whether something nested deeper than the limit was left out.
    pub too_deep: bool,
    /// First line with a syntax error, from 1.
    pub syntax_error: Option<u32>,
}

impl Module {
    /// Whether a call is one of a tag: `` sql`..` ``.
    pub fn is_tagged(&self, call: NodeId, text: &str) -> bool {
        let (Some(callee), Some(given)) = (self.child(call, 0), self.child(call, 1)) else { return false };
        let between = self.node(callee).span.end as usize..self.node(given).span.start as usize;
        matches!(self.kind(given), Kind::Template | Kind::Str)
            && text.get(between).is_some_and(|between| !between.contains('('))
    }

    /// Adds a node over children that were added before; returns its id.
    pub fn push(&mut self, kind: Kind, span: Span, text: Span, children: &[NodeId]) -> NodeId {
        let id = self.nodes.len() as NodeId;
        let first = children.first().map_or(id, |&child| self.nodes[child as usize].first);
        let start = self.child_ids.len() as u32;
        self.child_ids.extend_from_slice(children);
        self.nodes.push(Node { kind, span, text, first, children: (start, start + children.len() as u32) });
        self.parents.push(NodeId::MAX);
        for &child in children {
            self.parents[child as usize] = id;
        }
        id
    }

    /// The number of nodes; the last one is the root.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The whole file's node.
    pub fn root(&self) -> Option<NodeId> {
        self.nodes.len().checked_sub(1).map(|id| id as NodeId)
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> Kind {
        self.nodes[id as usize].kind
    }

    /// A node's children.
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        let (start, end) = self.nodes[id as usize].children;
        &self.child_ids[start as usize..end as usize]
    }

    /// A node's child by position.
    pub fn child(&self, id: NodeId, at: usize) -> Option<NodeId> {
        self.children(id).get(at).copied()
    }

    /// What a node stands in.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        Some(self.parents[id as usize]).filter(|&parent| parent != NodeId::MAX)
    }

    /// A node's ancestors, the nearest first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |&id| self.parent(id))
    }

    /// A node and all below it.
    pub fn subtree(&self, id: NodeId) -> std::ops::RangeInclusive<NodeId> {
        self.nodes[id as usize].first..=id
    }

    /// The text that a node carries, out of the file's text.
    pub fn text<'t>(&self, id: NodeId, source: &'t str) -> &'t str {
        &source[self.nodes[id as usize].text.range()]
    }
}
