//! Lowers Python.

use super::kind_number;
use super::lower::{Lower, span};
use crate::ir::{Kind, NodeId};
use tree_sitter::Node;

/// Lowers one node.
pub(super) fn lower<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> Option<NodeId> {
    Some(match node.kind() {
        "comment" | "type" | "line_continuation" => return None,
        "finally_clause" => return node.named_child(0).and_then(|body| lower.lower(body)),
        "expression_statement" | "parenthesized_expression" if node.named_child_count() == 1 => {
            return lower.lower(node.named_child(0)?);
        }
        "identifier" => match lower.source(node) {
            "__dots__" => lower.push(Kind::Ellipsis, node, &[]),
            _ => lower.push_text(Kind::Name, node, span(node), &[]),
        },
        "ellipsis" => lower.push(Kind::Ellipsis, node, &[]),
        "true" => lower.push(Kind::True, node, &[]),
        "false" => lower.push(Kind::False, node, &[]),
        "none" => lower.push(Kind::Null, node, &[]),
        "integer" | "float" => lower.push_text(Kind::Number, node, span(node), &[]),
        "string" => string(lower, node),
        "concatenated_string" => lower.whole(node, Kind::Template),
        "attribute" => {
            let object = lower.field_or_gap(node, "object");
            let name = node.child_by_field_name("attribute")?;
            lower.push_text(Kind::Member, node, span(name), &[object])
        }
        "subscript" => {
            let mut children = vec![lower.field_or_gap(node, "value")];
            let mut cursor = node.walk();
            let indexes: Vec<Node<'t>> = node.children_by_field_name("subscript", &mut cursor).collect();
            children.extend(indexes.into_iter().filter_map(|index| lower.lower(index)));
            lower.push(Kind::Index, node, &children)
        }
        "call" => call(lower, node),
        "keyword_argument" => {
            let name = node.child_by_field_name("name")?;
            let value = lower.field_or_gap(node, "value");
            lower.push_text(Kind::Keyword, node, span(name), &[value])
        }
        "list_splat" | "dictionary_splat" => {
            let inner = lower.children(node);
            match inner.first().map(|&id| lower.module.kind(id)) {
                Some(Kind::Ellipsis) => return inner.first().copied(),
                _ => lower.push(Kind::Spread, node, &inner),
            }
        }
        "binary_operator" => binary(lower, node),
        "boolean_operator" | "comparison_operator" => {
            let children = lower.children(node);
            let operator = operator(node);
            lower.push_text(Kind::Binary, node, operator, &children)
        }
        "unary_operator" | "not_operator" => {
            let operand = lower.field_or_gap(node, "argument");
            let operator = operator(node);
            lower.push_text(Kind::Unary, node, operator, &[operand])
        }
        "assignment" => assignment(lower, node, Kind::Assign),
        "named_expression" => {
            let (name, value) = (lower.field_or_gap(node, "name"), lower.field_or_gap(node, "value"));
            lower.push(Kind::Assign, node, &[name, value])
        }
        "augmented_assignment" => assignment(lower, node, Kind::Augment),
        "dictionary" => lower.whole(node, Kind::Object),
        "pair" => {
            let (key, value) = (lower.field_or_gap(node, "key"), lower.field_or_gap(node, "value"));
            lower.push(Kind::Property, node, &[key, value])
        }
        "list" | "tuple" | "set" | "expression_list" | "pattern_list" => lower.whole(node, Kind::Array),
        "function_definition" | "lambda" => function(lower, node),
        "default_parameter" | "typed_default_parameter" => {
            let (name, value) = (lower.field_or_gap(node, "name"), lower.field_or_gap(node, "value"));
            lower.push(Kind::Param, node, &[name, value])
        }
        "typed_parameter" => {
            let name = node.named_child(0).and_then(|name| lower.lower(name));
            match name {
                Some(id) if matches!(lower.module.kind(id), Kind::Ellipsis | Kind::Param) => id,
                _ => lower.push(Kind::Param, node, name.as_slice()),
            }
        }
        "list_splat_pattern" | "dictionary_splat_pattern" => {
            let name = node.named_child(0).and_then(|name| lower.lower(name));
            match name {
                Some(id) if lower.module.kind(id) == Kind::Ellipsis => id,
                _ => {
                    let spread = lower.push(Kind::Spread, node, name.as_slice());
                    let parameter = node.parent().is_some_and(|parent| parent.kind().contains("parameter"));
                    if parameter { lower.push(Kind::Param, node, &[spread]) } else { spread }
                }
            }
        }
        "class_definition" => {
            let name = node.child_by_field_name("name").map_or(span(node), span);
            let mut children: Vec<NodeId> = lower.field(node, "superclasses").into_iter().collect();
            children.extend(lower.field(node, "body"));
            lower.push_text(Kind::Class, node, name, &children)
        }
        "decorator" => lower.whole(node, Kind::Decorator),
        "await" => lower.whole(node, Kind::Await),
        "as_pattern" => {
            let mut children = lower.children(node);
            children.reverse();
            lower.push(Kind::Bind, node, &children)
        }
        "as_pattern_target" => return node.named_child(0).and_then(|target| lower.lower(target)),
        "for_statement" | "for_in_clause" => for_loop(lower, node),
        "block" => lower.whole(node, Kind::Block),
        "if_statement" | "elif_clause" => condition(lower, node),
        "conditional_expression" => {
            let part = |at| node.named_child(at);
            let parts: Vec<NodeId> =
                [part(1), part(0), part(2)].into_iter().flatten().filter_map(|part| lower.lower(part)).collect();
            lower.push(Kind::If, node, &parts)
        }
        "while_statement" => lower.whole(node, Kind::Loop),
        "return_statement" => lower.whole(node, Kind::Return),
        "raise_statement" => lower.whole(node, Kind::Throw),
        "break_statement" | "continue_statement" => lower.push(Kind::Leave, node, &[]),
        "yield" => lower.whole(node, Kind::Yield),
        "try_statement" => lower.whole(node, Kind::Try),
        "assert_statement" => lower.whole(node, Kind::Assert),
        "match_statement" => {
            let mut children = vec![lower.field_or_gap(node, "subject")];
            if let Some(body) = node.child_by_field_name("body") {
                children.extend(lower.children(body));
            }
            lower.push(Kind::Switch, node, &children)
        }
        "case_clause" => case(lower, node),
        "list_pattern" | "tuple_pattern" => lower.whole(node, Kind::Array),
        "splat_pattern" => lower.whole(node, Kind::Spread),
        // `case str(text)`, `case Point(x=left)`: the parts of what is looked at.
        "class_pattern" => {
            let mut cursor = node.walk();
            let parts = node.named_children(&mut cursor).filter(|part| part.kind() == "case_pattern");
            let parts: Vec<NodeId> = parts.filter_map(|part| lower.lower(part)).collect();
            lower.push(Kind::Array, node, &parts)
        }
        "keyword_pattern" => return node.named_child(1).and_then(|value| lower.lower(value)),
        "dict_pattern" => {
            let mut cursor = node.walk();
            let keys: Vec<Node<'t>> = node.children_by_field_name("key", &mut cursor).collect();
            let values: Vec<Node<'t>> = node.children_by_field_name("value", &mut cursor).collect();
            let mut pairs = Vec::new();
            for (key, value) in keys.into_iter().zip(values) {
                let (Some(name), Some(bound)) = (lower.lower(key), lower.lower(value)) else { continue };
                pairs.push(lower.push(Kind::Property, value, &[name, bound]));
            }
            lower.push(Kind::Object, node, &pairs)
        }
        "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
            let mut cursor = node.walk();
            let (body, clauses): (Vec<Node<'t>>, Vec<Node<'t>>) =
                node.named_children(&mut cursor).partition(|part| !part.kind().ends_with("_clause"));
            let parts: Vec<NodeId> = clauses.into_iter().chain(body).filter_map(|part| lower.lower(part)).collect();
            lower.push(Kind::Comprehension, node, &parts)
        }
        "import_statement" | "import_from_statement" | "future_import_statement" => import(lower, node),
        "global_statement" | "nonlocal_statement" => lower.whole(node, Kind::Outer),
        "interpolation" => return lower.field(node, "expression"),
        "case_pattern" if node.named_child_count() == 1 => return lower.lower(node.named_child(0)?),
        "dotted_name" if node.named_child_count() == 1 => return lower.lower(node.named_child(0)?),
        _ => lower.other(node),
    })
}

/// The operator of an expression: its first token without a name.
fn operator(node: Node<'_>) -> crate::span::Span {
    let mut cursor = node.walk();
    let token = node.children(&mut cursor).find(|child| !child.is_named());
    token.map_or_else(|| span(node), span)
}

fn string<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut cursor = node.walk();
    let interpolated = node.named_children(&mut cursor).any(|child| child.kind() == "interpolation");
    if !interpolated {
        let contents = lower.contents(node);
        return lower.push_text(Kind::Str, node, contents, &[]);
    }
    let mut cursor = node.walk();
    let children: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
    let parts: Vec<NodeId> = children
        .into_iter()
        .filter_map(|child| match child.kind() {
            "string_content" => Some(lower.push_text(Kind::Str, child, span(child), &[])),
            "interpolation" => lower.lower(child),
            _ => None,
        })
        .collect();
    lower.push(Kind::Template, node, &parts)
}

fn call<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut children = vec![lower.field_or_gap(node, "function")];
    if let Some(arguments) = node.child_by_field_name("arguments") {
        match arguments.kind() {
            "argument_list" => children.extend(lower.children(arguments)),
            _ => children.extend(lower.lower(arguments)),
        }
    }
    lower.push(Kind::Call, node, &children)
}

fn binary<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let is_plus = |node: Node<'t>| {
        node.kind() == "binary_operator"
            && node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "+")
    };
    if is_plus(node) {
        return lower.concat(node, is_plus);
    }
    let operator = node.child_by_field_name("operator").map_or_else(|| span(node), span);
    let (left, right) = (lower.field_or_gap(node, "left"), lower.field_or_gap(node, "right"));
    lower.push_text(Kind::Binary, node, operator, &[left, right])
}

fn assignment<'t>(lower: &mut Lower<'t>, node: Node<'t>, kind: Kind) -> NodeId {
    let target = lower.field_or_gap(node, "left");
    match lower.field(node, "right") {
        Some(value) => lower.push(kind, node, &[target, value]),
        None => lower.push(Kind::Other(kind_number("declaration")), node, &[target]),
    }
}

fn function<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let at = node.start_byte();
    let name = node.child_by_field_name("name").map_or(crate::span::Span::new(at, at), span);
    let mut children = Vec::new();
    if let Some(parameters) = node.child_by_field_name("parameters") {
        let mut cursor = parameters.walk();
        let list: Vec<Node<'t>> = parameters.named_children(&mut cursor).collect();
        for parameter in list {
            let Some(id) = lower.lower(parameter) else { continue };
            let done = matches!(lower.module.kind(id), Kind::Param | Kind::Ellipsis);
            let id = if done { id } else { lower.push(Kind::Param, parameter, &[id]) };
            if let Some(kind) = parameter.child_by_field_name("type") {
                lower.module.annotations.push((id, span(kind)));
            }
            children.push(id);
        }
    }
    children.extend(lower.field(node, "body"));
    lower.push_text(Kind::Function, node, name, &children)
}

fn for_loop<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let (target, value) = (lower.field_or_gap(node, "left"), lower.field_or_gap(node, "right"));
    let bind = lower.push(Kind::Bind, node, &[target, value]);
    let mut children = vec![bind];
    children.extend(lower.field(node, "body"));
    children.extend(lower.field(node, "alternative"));
    let kind = if node.kind() == "for_statement" { Kind::Loop } else { Kind::Other(kind_number(node.kind())) };
    lower.push(kind, node, &children)
}

/// `if` or `elif`; what follows is nested in it.
fn condition<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut cursor = node.walk();
    let others: Vec<Node<'t>> = node.children_by_field_name("alternative", &mut cursor).collect();
    let mut parts = vec![lower.field_or_gap(node, "condition"), lower.field_or_gap(node, "consequence")];
    // Each has its own parts; the later ones are the earlier ones' `else`.
    let mut nested: Vec<(Node<'t>, NodeId, Option<NodeId>)> = Vec::new();
    let mut last = None;
    for other in others {
        if other.kind() == "elif_clause" {
            let test = lower.field_or_gap(other, "condition");
            nested.push((other, test, lower.field(other, "consequence")));
        } else {
            last = lower.field(other, "body");
        }
    }
    for (other, test, then) in nested.into_iter().rev() {
        let then = then.unwrap_or(test);
        let children: Vec<NodeId> = [test, then].into_iter().chain(last).collect();
        last = Some(lower.push(Kind::If, other, &children));
    }
    parts.extend(last);
    lower.push(Kind::If, node, &parts)
}

fn case<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let mut cursor = node.walk();
    let parts: Vec<Node<'t>> = node.named_children(&mut cursor).collect();
    let (patterns, rest): (Vec<Node<'t>>, Vec<Node<'t>>) =
        parts.into_iter().partition(|part| part.kind() == "case_pattern");
    let wildcard = |pattern: &Node<'t>| lower.source(*pattern).trim() == "_";
    let any = patterns.iter().any(wildcard);
    let tests: Vec<NodeId> =
        if any { Vec::new() } else { patterns.iter().filter_map(|&pattern| lower.lower(pattern)).collect() };
    let tests = lower.push(Kind::Array, node, &tests);
    let mut children = vec![tests];
    children.extend(rest.into_iter().filter_map(|part| lower.lower(part)));
    lower.push(Kind::Case, node, &children)
}

/// What the modules of `six.moves` are called by Python 3; the others keep their names.
const MOVED: &[(&str, &str)] = &[
    ("http_client", "http.client"),
    ("http_cookies", "http.cookies"),
    ("BaseHTTPServer", "http.server"),
    ("SimpleHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("cPickle", "pickle"),
    ("urllib_parse", "urllib.parse"),
    ("xmlrpc_client", "xmlrpc.client"),
    ("xmlrpc_server", "xmlrpc.server"),
    ("html_parser", "html.parser"),
    ("input", "input"),
    ("email_mime_multipart", "email.mime.multipart"),
    ("email_mime_text", "email.mime.text"),
];

/// The name that a module has itself where `six` lends it another: `six.moves.http_client`, also where a package brings `six` along.
fn moved(path: String) -> String {
    let Some((before, inner)) = path.split_once("six.moves.") else { return path };
    if !before.is_empty() && !before.ends_with('.') {
        return path;
    }
    let (first, rest) = inner.split_once('.').unwrap_or((inner, ""));
    let own = MOVED.iter().find(|(lent, _)| *lent == first).map_or(first, |(_, own)| own);
    if rest.is_empty() { own.to_owned() } else { format!("{own}.{rest}") }
}

fn import<'t>(lower: &mut Lower<'t>, node: Node<'t>) -> NodeId {
    let id = lower.push(Kind::Other(kind_number(node.kind())), node, &[]);
    let module = node.child_by_field_name("module_name").map(|module| lower.source(module).replace(' ', ""));
    let mut cursor = node.walk();
    let names: Vec<Node<'t>> = node.children_by_field_name("name", &mut cursor).collect();
    if let Some(module) = &module
        && node.named_children(&mut cursor).any(|child| child.kind() == "wildcard_import")
    {
        lower.module.wildcards.push(module.clone());
    }
    for name in names {
        let (path, alias) = match name.kind() {
            "aliased_import" => (name.child_by_field_name("name"), name.child_by_field_name("alias")),
            _ => (Some(name), None),
        };
        let Some(path) = path.map(|path| lower.source(path)) else { continue };
        if module.is_none() {
            lower.module.modules.push(path.to_owned());
        }
        let full = match &module {
            Some(module) if module.ends_with('.') => format!("{module}{path}"),
            Some(module) => format!("{module}.{path}"),
            None => path.to_owned(),
        };
        let full = moved(full);
        match alias {
            Some(alias) => lower.import(lower.source(alias), full, id),
            None if module.is_some() => lower.import(path, full, id),
            None => {
                // `import a.b.c` binds `a`.
                let root = path.split('.').next().unwrap_or(path);
                lower.import(root, root.to_owned(), id);
            }
        }
    }
    id
}
