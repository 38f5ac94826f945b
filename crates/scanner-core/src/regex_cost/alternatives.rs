//! Alternatives as engines put them together before they match.

use super::Dialect;
use super::syntax::{Form, Node, Set};
use crate::span::Span;

/// Several alternatives in one: single characters become one set, and in Python what all
/// start with is read once.
pub(super) fn one_of(mut list: Vec<Node>, dialect: Dialect) -> Node {
    let mut start = Vec::new();
    while dialect == Dialect::Python && list.len() > 1 {
        let Some(first) = first_of(&list[0]).filter(|first| !remembers(first)) else { break };
        if !list.iter().all(|node| first_of(node) == Some(first)) {
            break;
        }
        start.push(first.clone());
        list = list.into_iter().map(without_first).collect();
    }
    let merges = |node: &Node| match (node, dialect) {
        (Node::Set(set), Dialect::Python) => set.form != Form::Other,
        (Node::Set(set), Dialect::JavaScript) => set.form == Form::Letter,
        _ => false,
    };
    let enough = if dialect == Dialect::Python { 2 } else { 3 };
    let last = if list.len() == 1 {
        list.swap_remove(0)
    } else if list.len() >= enough && list.iter().all(merges) {
        let sets = list.iter().filter_map(|node| if let Node::Set(set) = node { Some(*set) } else { None });
        let all = sets.reduce(|left, right| Set {
            chars: left.chars.or(right.chars),
            form: Form::Class,
            span: Span { start: left.span.start, end: right.span.end },
        });
        all.map_or(Node::Empty, Node::Set)
    } else {
        Node::Alt(list)
    };
    if start.is_empty() {
        return last;
    }
    start.push(last);
    Node::Concat(start)
}

fn first_of(node: &Node) -> Option<&Node> {
    match node {
        Node::Concat(parts) => parts.first(),
        Node::Empty => None,
        node => Some(node),
    }
}

fn without_first(node: Node) -> Node {
    match node {
        Node::Concat(mut parts) => {
            parts.remove(0);
            if parts.len() == 1 { parts.swap_remove(0) } else { Node::Concat(parts) }
        }
        _ => Node::Empty,
    }
}

/// Whether something in it is remembered, so that each alternative has a group of its own.
fn remembers(node: &Node) -> bool {
    match node {
        Node::Group(..) => true,
        Node::Concat(parts) | Node::Alt(parts) => parts.iter().any(remembers),
        Node::Repeat(repeat) => remembers(&repeat.node),
        Node::Atomic(inner) => remembers(inner),
        Node::Look(look) => remembers(&look.node),
        Node::Empty | Node::Set(_) | Node::Place(_) | Node::Back(_) => false,
    }
}
