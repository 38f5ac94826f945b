//! Lowers namespaces of TypeScript: each is an object of what it exports.

use super::lower::{Lower, span};
use crate::ir::{Kind, NodeId};
use tree_sitter::Node;

/// `namespace A { export function f() {} }` as `A = (() => { function f() {} return { f } })()`: what is in it sees
/// its own names, others see what it exports.
pub(super) fn namespace<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let name = node.child_by_field_name("name").filter(|name| name.kind() == "identifier");
    let (Some(name), Some(body)) = (name, node.child_by_field_name("body")) else {
        return lower.other(node);
    };
    let target = lower.push_text(Kind::Name, name, span(name), &[]);
    let mut statements = lower.children(body);
    let properties: Vec<NodeId> = exported(body)
        .into_iter()
        .map(|name| {
            let key = lower.push_text(Kind::Str, name, span(name), &[]);
            let value = lower.push_text(Kind::Name, name, span(name), &[]);
            lower.push(Kind::Property, name, &[key, value])
        })
        .collect();
    let given = lower.push(Kind::Object, body, &properties);
    statements.push(lower.push(Kind::Return, body, &[given]));
    let block = lower.push(Kind::Block, body, &statements);
    let function = lower.push(Kind::Function, body, &[block]);
    let call = lower.push(Kind::Call, body, &[function]);
    lower.push(Kind::Assign, node, &[target, call])
}

/// The names that a namespace exports.
fn exported(body: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = body.walk();
    let exports: Vec<Node<'_>> =
        body.named_children(&mut cursor).filter(|child| child.kind() == "export_statement").collect();
    let mut names = Vec::new();
    for declared in exports.into_iter().filter_map(|export| export.child_by_field_name("declaration")) {
        match declared.child_by_field_name("name") {
            Some(name) => names.push(name),
            None => {
                let mut cursor = declared.walk();
                names.extend(declared.named_children(&mut cursor).filter_map(|part| part.child_by_field_name("name")));
            }
        }
    }
    names.retain(|name| matches!(name.kind(), "identifier" | "type_identifier"));
    names
}
