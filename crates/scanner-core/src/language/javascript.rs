//! Lowers JavaScript, TypeScript and JSX.

use super::kind_number;
use super::lower::{Lower, span};
use super::module_name;
use crate::ir::{Kind, NodeId};
use crate::span::Span;
use tree_sitter::Node;

/// Lowers one node.
pub(super) fn lower<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> Option<NodeId> {
    Some(match node.kind() {
        "comment"
        | "type_annotation"
        | "type_arguments"
        | "type_parameters"
        | "interface_declaration"
        | "type_alias_declaration"
        | "accessibility_modifier"
        | "override_modifier"
        | "empty_statement"
        | "html_comment"
        | "hash_bang_line"
        | "ambient_declaration" => return None,
        "expression_statement"
        | "parenthesized_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "jsx_expression"
        | "export_specifier"
        | "computed_property_name" => {
            return lower.lower(node.named_child(0)?);
        }
        "type_assertion" => return lower.lower(node.named_child(node.named_child_count().checked_sub(1)? as u32)?),
        "identifier"
        | "property_identifier"
        | "private_property_identifier"
        | "shorthand_property_identifier_pattern"
        | "this"
        | "super"
        | "import"
        | "statement_identifier" => match lower.source(node) {
            "__dots__" => lower.push(Kind::Ellipsis, node, &[]),
            _ => lower.push_text(Kind::Name, node, span(node), &[]),
        },
        "true" => lower.push(Kind::True, node, &[]),
        "false" => lower.push(Kind::False, node, &[]),
        "null" | "undefined" => lower.push(Kind::Null, node, &[]),
        "number" => lower.push_text(Kind::Number, node, span(node), &[]),
        "string" => {
            let contents = lower.contents(node);
            lower.push_text(Kind::Str, node, contents, &[])
        }
        "regex" => lower.push_text(Kind::Regex, node, span(node), &[]),
        "template_string" => template(lower, node),
        "template_substitution" => return lower.lower(node.named_child(0)?),
        "member_expression" => {
            let object = lower.field_or_gap(node, "object");
            let name = node.child_by_field_name("property")?;
            lower.push_text(Kind::Member, node, span(name), &[object])
        }
        "subscript_expression" => {
            let (object, index) = (lower.field_or_gap(node, "object"), lower.field_or_gap(node, "index"));
            lower.push(Kind::Index, node, &[object, index])
        }
        "call_expression" => call(lower, node, "function"),
        "new_expression" => call(lower, node, "constructor"),
        "spread_element" | "rest_pattern" => {
            let inner = lower.children(node);
            match inner.first().map(|&id| lower.module.kind(id)) {
                Some(Kind::Ellipsis) => return inner.first().copied(),
                _ => lower.push(Kind::Spread, node, &inner),
            }
        }
        "binary_expression" => binary(lower, node),
        "unary_expression" | "update_expression" => {
            let operator = node.child_by_field_name("operator").map_or_else(|| span(node), span);
            let operand = lower.field_or_gap(node, "argument");
            lower.push_text(Kind::Unary, node, operator, &[operand])
        }
        "assignment_expression" => pair(lower, node, Kind::Assign, "left", "right"),
        "augmented_assignment_expression" => pair(lower, node, Kind::Augment, "left", "right"),
        "variable_declarator" => declarator(lower, node),
        "field_definition" => return field(lower, node, "property"),
        "public_field_definition" => return field(lower, node, "name"),
        "object" => lower.whole(node, Kind::Object),
        "object_pattern" => lower.whole(node, Kind::Object),
        "pair" | "pair_pattern" => property(lower, node),
        "object_assignment_pattern" | "assignment_pattern" => pair(lower, node, Kind::Param, "left", "right"),
        "shorthand_property_identifier" => {
            let key = lower.push_text(Kind::Str, node, span(node), &[]);
            let value = lower.push_text(Kind::Name, node, span(node), &[]);
            lower.push(Kind::Property, node, &[key, value])
        }
        "array" | "array_pattern" => array(lower, node),
        "internal_module" => super::namespace::namespace(lower, node),
        "function_expression"
        | "function_declaration"
        | "arrow_function"
        | "method_definition"
        | "generator_function"
        | "generator_function_declaration"
        | "function_signature" => function(lower, node),
        "class_declaration" | "class" | "abstract_class_declaration" => {
            let name = node.child_by_field_name("name").map_or_else(|| nothing(node), span);
            let mut cursor = node.walk();
            let children: Vec<Node<'t>> = node
                .named_children(&mut cursor)
                .filter(|child| !matches!(child.kind(), "identifier" | "type_identifier"))
                .collect();
            let children: Vec<NodeId> = children.into_iter().filter_map(|child| lower.lower(child)).collect();
            lower.push_text(Kind::Class, node, name, &children)
        }
        "jsx_self_closing_element" => element(lower, node, node),
        "jsx_element" => element(lower, node, node.child_by_field_name("open_tag")?),
        "jsx_attribute" => {
            let name = node.named_child(0)?;
            let value = node.named_child(1).and_then(|value| lower.lower(value));
            lower.push_text(Kind::JsxAttribute, node, span(name), value.as_slice())
        }
        "jsx_text" | "jsx_closing_element" => return None,
        "decorator" => lower.whole(node, Kind::Decorator),
        "await_expression" => lower.whole(node, Kind::Await),
        "for_in_statement" => {
            let (target, value) = (lower.field_or_gap(node, "left"), lower.field_or_gap(node, "right"));
            let names = node.child_by_field_name("operator").filter(|operator| operator.kind() == "in");
            let bind = lower.push_text(Kind::Bind, node, names.map_or_else(|| nothing(node), span), &[target, value]);
            let mut children = vec![bind];
            children.extend(lower.field(node, "body"));
            lower.push(Kind::Loop, node, &children)
        }
        "statement_block" => lower.whole(node, Kind::Block),
        "finally_clause" => return node.named_child(0).and_then(|body| lower.lower(body)),
        "if_statement" | "ternary_expression" => {
            let mut parts = vec![lower.field_or_gap(node, "condition"), lower.field_or_gap(node, "consequence")];
            parts.extend(node.child_by_field_name("alternative").and_then(|other| match other.kind() {
                "else_clause" => other.named_child(0).and_then(|inner| lower.lower(inner)),
                _ => lower.lower(other),
            }));
            lower.push(Kind::If, node, &parts)
        }
        "while_statement" | "do_statement" => lower.whole(node, Kind::Loop),
        // What it starts with is done once, what it steps by after its body.
        "for_statement" => {
            let start = lower.field(node, "initializer");
            let each: Vec<NodeId> =
                ["condition", "body", "increment"].iter().filter_map(|part| lower.field(node, part)).collect();
            let rounds = lower.push(Kind::Loop, node, &each);
            let Some(start) = start else { return Some(rounds) };
            lower.push(Kind::Other(kind_number(node.kind())), node, &[start, rounds])
        }
        "return_statement" => lower.whole(node, Kind::Return),
        "throw_statement" => lower.whole(node, Kind::Throw),
        "break_statement" | "continue_statement" => lower.push(Kind::Leave, node, &[]),
        "try_statement" => lower.whole(node, Kind::Try),
        "switch_statement" => {
            let mut children = vec![lower.field_or_gap(node, "value")];
            if let Some(body) = node.child_by_field_name("body") {
                children.extend(lower.children(body));
            }
            lower.push(Kind::Switch, node, &children)
        }
        "switch_case" => {
            let test = lower.field(node, "value");
            let tests = lower.push(Kind::Array, node, test.as_slice());
            let mut children = vec![tests];
            let mut cursor = node.walk();
            let body: Vec<Node<'t>> = node.children_by_field_name("body", &mut cursor).collect();
            children.extend(body.into_iter().filter_map(|part| lower.lower(part)));
            lower.push(Kind::Case, node, &children)
        }
        "export_statement" => export(lower, node),
        "catch_clause" => {
            let parameter = lower.field(node, "parameter");
            let mut children: Vec<NodeId> = Vec::new();
            if let Some(parameter) = parameter {
                children.push(lower.push(Kind::Bind, node, &[parameter]));
            }
            children.extend(lower.field(node, "body"));
            lower.push(Kind::Other(kind_number(node.kind())), node, &children)
        }
        "import_statement" => import(lower, node),
        "switch_default" => {
            let start = nothing(node);
            let tests = lower.module.push(Kind::Array, start, start, &[]);
            let statements = lower.children(node);
            match statements[..] {
                [only] if lower.module.kind(only) == Kind::Ellipsis => only,
                _ => {
                    let children: Vec<NodeId> = [tests].into_iter().chain(statements).collect();
                    lower.push(Kind::Case, node, &children)
                }
            }
        }
        _ => lower.other(node),
    })
}

fn nothing(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.start_byte())
}

fn pair<'t>(lower: &mut Lower<'t>, node: Node<'t>, kind: Kind, left: &str, right: &str) -> NodeId {
    let (left, right) = (lower.field_or_gap(node, left), lower.field_or_gap(node, right));
    lower.push(kind, node, &[left, right])
}

/// The elements of a list; what `[, x]` leaves out is there as well.
fn array<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut cursor = node.walk();
    let parts: Vec<Node<'t>> = node.children(&mut cursor).filter(|part| part.kind() != "comment").collect();
    let mut children = Vec::new();
    let mut before = "[";
    for part in parts {
        match part.kind() {
            "," if matches!(before, "[" | ",") => children.push(lower.gap(part)),
            "[" | "]" | "," => {}
            _ => children.extend(lower.lower(part)),
        }
        before = part.kind();
    }
    lower.push(Kind::Array, node, &children)
}

fn template<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut cursor = node.walk();
    let children: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
    if !children.iter().any(|child| child.kind() == "template_substitution") {
        let contents = lower.contents(node);
        return lower.push_text(Kind::Str, node, contents, &[]);
    }
    let parts: Vec<NodeId> = children
        .into_iter()
        .filter_map(|child| match child.kind() {
            "template_substitution" => lower.lower(child),
            _ => Some(lower.push_text(Kind::Str, child, span(child), &[])),
        })
        .collect();
    lower.push(Kind::Template, node, &parts)
}

fn call<'t>(lower: &mut Lower<'t>, node: Node<'t>, callee: &str) -> NodeId {
    let mut children = vec![lower.field_or_gap(node, callee)];
    if let Some(arguments) = node.child_by_field_name("arguments") {
        match arguments.kind() {
            "arguments" => children.extend(lower.children(arguments)),
            _ => children.extend(lower.lower(arguments)),
        }
    }
    lower.push(Kind::Call, node, &children)
}

fn binary<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let is_plus = |node: Node<'t>| {
        node.kind() == "binary_expression"
            && node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "+")
    };
    if is_plus(node) {
        return lower.concat(node, is_plus);
    }
    let operator = node.child_by_field_name("operator").map_or_else(|| span(node), span);
    let (left, right) = (lower.field_or_gap(node, "left"), lower.field_or_gap(node, "right"));
    lower.push_text(Kind::Binary, node, operator, &[left, right])
}

/// `x = value`; a call of `require` or a dynamic import also binds names.
fn declarator<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let Some(value_node) = node.child_by_field_name("value") else {
        let name = lower.field_or_gap(node, "name");
        return lower.push(Kind::Other(kind_number("declaration")), node, &[name]);
    };
    let name_node = node.child_by_field_name("name");
    let target = lower.field_or_gap(node, "name");
    let value = lower.lower(value_node).unwrap_or_else(|| lower.gap(node));
    let id = lower.push(Kind::Assign, node, &[target, value]);
    if let Some(kind) = node.child_by_field_name("type") {
        lower.module.annotations.push((id, span(kind)));
    }
    if let Some(pattern) = name_node.filter(|name| name.kind() == "object_pattern")
        && let Some(path) = required(lower, value_node)
    {
        destructured(lower, pattern, &path, id);
    }
    id
}

/// The module (and members of it) that an expression such as `require("m").x` stands for.
fn required<'t>(lower: &Lower<'t>, node: Node<'t>) -> Option<String> {
    match node.kind() {
        "await_expression" | "parenthesized_expression" | "as_expression" | "non_null_expression" => {
            required(lower, node.named_child(0)?)
        }
        "member_expression" => {
            let object = required(lower, node.child_by_field_name("object")?)?;
            let name = lower.source(node.child_by_field_name("property")?);
            Some(if name == "default" { object } else { format!("{object}.{name}") })
        }
        "call_expression" => {
            let callee = lower.source(node.child_by_field_name("function")?);
            let argument = node.child_by_field_name("arguments")?.named_child(0)?;
            let fits = matches!(callee, "require" | "import") && argument.kind() == "string";
            fits.then(|| module_name(&lower.text[lower.contents(argument).range()]).to_owned())
        }
        _ => None,
    }
}

/// Binds the names of `{ a, b: c, d = 1 }` to members of `path`.
fn destructured<'t>(lower: &mut Lower<'t>, pattern: Node<'t>, path: &str, id: NodeId) {
    let mut cursor = pattern.walk();
    let entries: Vec<Node<'t>> = pattern.named_children(&mut cursor).collect();
    for entry in entries {
        let (key, local) = match entry.kind() {
            "shorthand_property_identifier_pattern" => (Some(entry), Some(entry)),
            "pair_pattern" => (entry.child_by_field_name("key"), entry.child_by_field_name("value")),
            "object_assignment_pattern" => (entry.child_by_field_name("left"), entry.child_by_field_name("left")),
            _ => (None, None),
        };
        let (Some(key), Some(local)) = (key, local) else { continue };
        let member = format!("{path}.{}", lower.source(key));
        match local.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => lower.import(lower.source(local), member, id),
            "object_pattern" => destructured(lower, local, &member, id),
            _ => {}
        }
    }
}

/// A field of a class: with a value an assignment, with a type alone what a parameter of it is.
fn field<'t>(lower: &mut Lower<'t>, node: Node<'t>, name: &str) -> Option<NodeId> {
    let (value, kind) = (node.child_by_field_name("value"), node.child_by_field_name("type"));
    let Some(value) = value else {
        let kind = kind?;
        let target = lower.field_or_gap(node, name);
        let id = lower.push(Kind::Param, node, &[target]);
        lower.module.annotations.push((id, span(kind)));
        return Some(id);
    };
    let target = lower.field_or_gap(node, name);
    let value = lower.lower(value)?;
    Some(lower.push(Kind::Assign, node, &[target, value]))
}

fn property<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let key = match node.child_by_field_name("key") {
        Some(key) if key.kind() == "property_identifier" => lower.push_text(Kind::Str, key, span(key), &[]),
        _ => lower.field_or_gap(node, "key"),
    };
    let value = lower.field_or_gap(node, "value");
    lower.push(Kind::Property, node, &[key, value])
}

fn function<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let name = node.child_by_field_name("name").map_or_else(|| nothing(node), span);
    let mut children = Vec::new();
    if let Some(parameter) = node.child_by_field_name("parameter") {
        let binds = lower.lower(parameter);
        children.push(lower.push(Kind::Param, parameter, binds.as_slice()));
    }
    if let Some(parameters) = node.child_by_field_name("parameters") {
        let mut cursor = parameters.walk();
        let list: Vec<Node<'t>> =
            parameters.named_children(&mut cursor).filter(|parameter| parameter.kind() != "comment").collect();
        for parameter in list {
            let (binds, default) = match parameter.kind() {
                "required_parameter" | "optional_parameter" => {
                    (parameter.child_by_field_name("pattern"), parameter.child_by_field_name("value"))
                }
                "assignment_pattern" => (parameter.child_by_field_name("left"), parameter.child_by_field_name("right")),
                _ => (Some(parameter), None),
            };
            let mut cursor = parameter.walk();
            let decorators: Vec<Node<'t>> =
                parameter.named_children(&mut cursor).filter(|child| child.kind() == "decorator").collect();
            let parts: Vec<NodeId> =
                [binds, default].into_iter().flatten().chain(decorators).filter_map(|part| lower.lower(part)).collect();
            match parts[..] {
                [only] if lower.module.kind(only) == Kind::Ellipsis => children.push(only),
                _ => {
                    let id = lower.push_text(Kind::Param, parameter, field_mark(parameter), &parts);
                    if let Some(kind) = parameter.child_by_field_name("type") {
                        lower.module.annotations.push((id, span(kind)));
                    }
                    children.push(id);
                }
            }
        }
    }
    children.extend(lower.field(node, "body"));
    lower.push_text(Kind::Function, node, name, &children)
}

/// What says that a parameter of a constructor is a field too: `private readonly x: string`.
fn field_mark(parameter: Node<'_>) -> Span {
    let mut cursor = parameter.walk();
    let mut marks = parameter.children(&mut cursor);
    let mark = marks.find(|child| matches!(child.kind(), "accessibility_modifier" | "readonly"));
    mark.map_or_else(|| nothing(parameter), span)
}

fn element<'t>(lower: &mut Lower<'t>, node: Node<'t>, tag: Node<'t>) -> NodeId {
    let name = tag.child_by_field_name("name").map_or_else(|| nothing(node), span);
    let mut cursor = tag.walk();
    let attributes: Vec<Node<'t>> = tag.children_by_field_name("attribute", &mut cursor).collect();
    let mut children: Vec<NodeId> = attributes.into_iter().filter_map(|attribute| lower.lower(attribute)).collect();
    if tag != node {
        let mut cursor = node.walk();
        let inner: Vec<Node<'t>> = node.named_children(&mut cursor).filter(|child| *child != tag).collect();
        children.extend(inner.into_iter().filter_map(|child| lower.lower(child)));
    }
    lower.push_text(Kind::Jsx, node, name, &children)
}

fn import<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let id = lower.push(Kind::Other(kind_number(node.kind())), node, &[]);
    let mut cursor = node.walk();
    let parts: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
    if let Some(clause) = parts.iter().find(|part| part.kind() == "import_require_clause") {
        let local = clause.named_child(0).map(|local| lower.source(local));
        let source = clause.child_by_field_name("source").map(|source| lower.contents(source));
        if let (Some(local), Some(source)) = (local, source) {
            lower.import(local, module_name(&lower.text[source.range()]).to_owned(), id);
        }
        return id;
    }
    let Some(source) = node.child_by_field_name("source") else { return id };
    let module = module_name(&lower.text[lower.contents(source).range()]).to_owned();
    let Some(clause) = parts.into_iter().find(|part| part.kind() == "import_clause") else {
        lower.module.modules.push(module);
        return id;
    };
    let mut cursor = clause.walk();
    let bindings: Vec<Node<'t>> = clause.named_children(&mut cursor).collect();
    for binding in bindings {
        match binding.kind() {
            "identifier" => lower.import(lower.source(binding), module.clone(), id),
            "namespace_import" => {
                if let Some(local) = binding.named_child(0) {
                    lower.import(lower.source(local), module.clone(), id);
                }
            }
            "named_imports" => named_imports(lower, binding, &module, id),
            _ => {}
        }
    }
    id
}

/// What a file gives, or gives on: `export { a as b }` gives `b` a value as if it were declared,
/// `export { a } from "m"` is an import.
fn export<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut cursor = node.walk();
    let parts: Vec<Node<'t>> = node.children(&mut cursor).collect();
    let word = parts.iter().find(|part| part.kind() == "default").map_or_else(|| nothing(node), |word| span(*word));
    let source = node.child_by_field_name("source");
    let clause = parts.iter().find(|part| part.kind() == "export_clause");
    let Some(source) = source else {
        let Some(clause) = clause else {
            let children = lower.children(node);
            return lower.push_text(Kind::Export, node, word, &children);
        };
        let children: Vec<NodeId> = specifiers(*clause)
            .into_iter()
            .map(|(name, given)| {
                let target = lower.push_text(Kind::Name, given, span(given), &[]);
                let value = lower.push_text(Kind::Name, name, span(name), &[]);
                lower.push(Kind::Assign, given, &[target, value])
            })
            .collect();
        return lower.push_text(Kind::Export, node, word, &children);
    };
    let id = lower.push_text(Kind::Export, node, word, &[]);
    let module = module_name(&lower.text[lower.contents(source).range()]).to_owned();
    for (name, given) in clause.map(|clause| specifiers(*clause)).unwrap_or_default() {
        let name = lower.source(name).trim_matches(['"', '\'']);
        let path = if name == "default" { module.clone() } else { format!("{module}.{name}") };
        lower.import(lower.source(given), path, id);
    }
    match parts.iter().find(|part| part.kind() == "namespace_export").and_then(|part| part.named_child(0)) {
        Some(name) => lower.import(lower.source(name), module, id),
        None if parts.iter().any(|part| part.kind() == "*") => lower.module.wildcards.push(module),
        None => {}
    }
    id
}

/// The names of `{ a, b as c }`, and what they are given as.
fn specifiers(clause: Node<'_>) -> Vec<(Node<'_>, Node<'_>)> {
    let mut cursor = clause.walk();
    let parts = clause.named_children(&mut cursor).filter(|part| part.kind() == "export_specifier");
    let names = parts.filter_map(|part| {
        let name = part.child_by_field_name("name")?;
        Some((name, part.child_by_field_name("alias").unwrap_or(name)))
    });
    names.collect()
}

fn named_imports<'t>(lower: &mut Lower<'t>, node: Node<'t>, module: &str, id: NodeId) {
    let mut cursor = node.walk();
    let specifiers: Vec<Node<'t>> =
        node.named_children(&mut cursor).filter(|child| child.kind() == "import_specifier").collect();
    for specifier in specifiers {
        let Some(name) = specifier.child_by_field_name("name").map(|name| lower.source(name)) else { continue };
        let local = specifier.child_by_field_name("alias").map_or(name, |alias| lower.source(alias));
        let name = name.trim_matches(['"', '\'']);
        let path = if name == "default" { module.to_owned() } else { format!("{module}.{name}") };
        lower.import(local, path, id);
    }
}
