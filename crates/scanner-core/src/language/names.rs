//! What names mean in one file: imports resolved to public paths, names assigned once, constructors.

use super::Family;
use crate::ir::{Kind, Module, NodeId};
use foldhash::HashMap;
use std::borrow::Cow;

/// What a name stands for in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Binding {
    /// A public path.
    Import(String),
    /// A parameter: anything the caller gives.
    Parameter,
    /// Assigned once, to this node.
    Value(NodeId),
    /// A function, a class, or assigned in several places.
    Local,
}

/// How far a chain of names is followed.
const MAX_CHAIN: usize = 8;

/// The names of one file.
#[derive(Debug)]
pub struct Names<'m> {
    module: &'m Module,
    text: &'m str,
    family: Family,
    /// By scope (a function's node, or the root) and name.
    bindings: HashMap<(NodeId, &'m str), Binding>,
    /// By class and field: the value of `self.x = value` or `this.x = value` where there is one.
    fields: HashMap<(NodeId, &'m str), Option<NodeId>>,
}

impl<'m> Names<'m> {
    /// Reads a file's bindings.
    pub fn new(module: &'m Module, text: &'m str, family: Family) -> Names<'m> {
        let mut names = Names { module, text, family, bindings: HashMap::default(), fields: HashMap::default() };
        for id in 0..module.len() as NodeId {
            names.bind_node(id);
        }
        for import in &module.imports {
            let scope = names.scope_of(import.node);
            // An import wins over the destructuring that brought it in.
            names.bindings.insert((scope, import.local.as_str()), Binding::Import(import.path.clone()));
        }
        names
    }

    /// The family of its language.
    pub fn family(&self) -> Family {
        self.family
    }

    fn bind_node(&mut self, id: NodeId) {
        let module = self.module;
        match module.kind(id) {
            Kind::Assign => {
                let (Some(target), Some(value)) = (module.child(id, 0), module.child(id, 1)) else { return };
                let scope = self.scope_of(id);
                match module.kind(target) {
                    Kind::Name => {
                        self.bind(scope, target, Binding::Value(value));
                        // What stands in a class is a field of its objects.
                        if let Some(class) = self.class_of_field(id) {
                            self.set_field(class, self.module.text(target, self.text), value);
                        }
                    }
                    Kind::Member => self.bind_field(target, value),
                    _ => self.bind_all(scope, target),
                }
            }
            Kind::Augment => {
                if let Some(target) = module.child(id, 0) {
                    let scope = self.scope_of(id);
                    self.bind_all(scope, target);
                    // `self.text += part`: it is not what it was made with.
                    if let (Kind::Member, Some(field)) = (module.kind(target), self.own_field(target)) {
                        self.fields.insert(field, None);
                    }
                }
            }
            Kind::Bind => self.bind_value_of(id),
            Kind::Param => {
                if let Some(target) = module.child(id, 0) {
                    let scope = self.scope_of(id);
                    for name in module.subtree(target) {
                        if module.kind(name) == Kind::Name {
                            self.bind(scope, name, Binding::Parameter);
                        }
                    }
                }
            }
            Kind::Function | Kind::Class => {
                let name = module.text(id, self.text);
                if !name.is_empty() {
                    let scope = module.parent(id).map_or(id, |parent| self.scope_at(parent));
                    self.bindings.insert((scope, name), Binding::Local);
                }
            }
            _ => {}
        }
    }

    /// `with f() as x` and `x` of `await` give a value; loops and catches do not.
    fn bind_value_of(&mut self, id: NodeId) {
        let module = self.module;
        let Some(target) = module.child(id, 0) else { return };
        let scope = self.scope_of(id);
        let is_with = module.child(id, 1).is_some_and(|value| matches!(module.kind(value), Kind::Call | Kind::Await))
            && module.parent(id).is_none_or(|parent| {
                !module.children(parent).first().is_some_and(|&first| first == id && self.is_loop(parent))
            });
        match (module.kind(target), module.child(id, 1)) {
            // `catch (error)`: whatever was thrown.
            (Kind::Name, None) => self.bind(scope, target, Binding::Parameter),
            (Kind::Name, Some(value)) if is_with => self.bind(scope, target, Binding::Value(value)),
            _ => self.bind_all(scope, target),
        }
    }

    fn is_loop(&self, id: NodeId) -> bool {
        let span = self.module.node(id).span.range();
        self.text[span].trim_start_matches("async ").starts_with("for")
    }

    fn bind(&mut self, scope: NodeId, target: NodeId, binding: Binding) {
        let name = self.module.text(target, self.text);
        let entry = self.bindings.entry((scope, name));
        entry.and_modify(|old| *old = Binding::Local).or_insert(binding);
    }

    /// Binds every name of a destructuring target; `a.b` and `a[b]` bind none.
    fn bind_all(&mut self, scope: NodeId, target: NodeId) {
        if matches!(self.module.kind(target), Kind::Member | Kind::Index) {
            return;
        }
        for id in self.module.subtree(target) {
            if self.module.kind(id) == Kind::Name {
                self.bindings.insert((scope, self.module.text(id, self.text)), Binding::Local);
            }
        }
    }

    fn bind_field(&mut self, target: NodeId, value: NodeId) {
        let Some((class, field)) = self.own_field(target) else { return };
        self.set_field(class, field, value);
    }

    fn set_field(&mut self, class: NodeId, field: &'m str, value: NodeId) {
        self.fields.entry((class, field)).and_modify(|old| *old = None).or_insert(Some(value));
    }

    /// The class that an assignment of a name stands in, outside of its methods.
    fn class_of_field(&self, assignment: NodeId) -> Option<NodeId> {
        let holder = self
            .module
            .ancestors(assignment)
            .find(|&id| matches!(self.module.kind(id), Kind::Class | Kind::Function))?;
        (self.module.kind(holder) == Kind::Class).then_some(holder)
    }

    /// The class and field of `self.x` or `this.x`.
    fn own_field(&self, member: NodeId) -> Option<(NodeId, &'m str)> {
        let object = self.module.child(member, 0)?;
        let is_own = self.module.kind(object) == Kind::Name
            && matches!(self.module.text(object, self.text), "self" | "this" | "cls");
        let mut around = self.module.ancestors(member).filter(|_| is_own);
        let class = around.find(|&id| self.module.kind(id) == Kind::Class)?;
        Some((class, self.module.text(member, self.text)))
    }

    /// The function that a node stands in, or the whole file.
    fn scope_of(&self, id: NodeId) -> NodeId {
        self.module.parent(id).map_or(id, |parent| self.scope_at(parent))
    }

    fn scope_at(&self, id: NodeId) -> NodeId {
        let is_scope = |id: &NodeId| self.module.kind(*id) == Kind::Function || self.module.parent(*id).is_none();
        std::iter::once(id).chain(self.module.ancestors(id)).find(is_scope).unwrap_or(id)
    }

    fn binding(&self, id: NodeId) -> Option<&Binding> {
        let name = self.module.text(id, self.text);
        let mut scope = self.scope_at(id);
        loop {
            if let Some(binding) = self.bindings.get(&(scope, name)) {
                return Some(binding);
            }
            self.module.parent(scope)?;
            scope = self.scope_of(scope);
        }
    }

    /// The public path that an expression stands for: `subprocess.run` for `r` after
    /// `from subprocess import run as r`, `flask.Flask().run` for `app.run`. `None` for what is
    /// local or computed.
    pub fn path(&self, id: NodeId) -> Option<Cow<'m, str>> {
        self.path_within(id, MAX_CHAIN)
    }

    fn path_within(&self, id: NodeId, left: usize) -> Option<Cow<'m, str>> {
        let left = left.checked_sub(1)?;
        let module = self.module;
        match module.kind(id) {
            Kind::Name => {
                let name = module.text(id, self.text);
                match self.binding(id) {
                    None => Some(Cow::Borrowed(name)),
                    Some(Binding::Import(path)) => Some(Cow::Owned(path.clone())),
                    Some(Binding::Value(value)) => self.value_path(*value, left),
                    Some(Binding::Parameter | Binding::Local) => None,
                }
            }
            Kind::Member => {
                if let Some(key) = self.own_field(id)
                    && let Some(Some(value)) = self.fields.get(&key)
                {
                    return self.value_path(*value, left);
                }
                let object = self.path_within(module.child(id, 0)?, left)?;
                let name = module.text(id, self.text);
                if self.family == Family::JavaScript && name == "default" {
                    return Some(object);
                }
                if self.family == Family::JavaScript && matches!(&*object, "window" | "globalThis" | "self") {
                    return Some(Cow::Borrowed(name));
                }
                Some(Cow::Owned(format!("{object}.{name}")))
            }
            Kind::Call => self.call_path(id, left),
            Kind::Await => self.path_within(module.child(id, 0)?, left),
            _ => None,
        }
    }

    /// A value's path, if it is a path itself: a bound name is then another name for it.
    fn value_path(&self, value: NodeId, left: usize) -> Option<Cow<'m, str>> {
        match self.module.kind(value) {
            Kind::Name | Kind::Member | Kind::Call | Kind::Await => self.path_within(value, left),
            _ => None,
        }
    }

    fn call_path(&self, id: NodeId, left: usize) -> Option<Cow<'m, str>> {
        let module = self.module;
        let callee = module.child(id, 0)?;
        if self.family == Family::JavaScript
            && matches!(module.text(callee, self.text), "require" | "import")
            && let Some(argument) = module.child(id, 1).filter(|&argument| module.kind(argument) == Kind::Str)
        {
            let name = module.text(argument, self.text);
            return Some(Cow::Borrowed(name.strip_prefix("node:").unwrap_or(name)));
        }
        let path = self.path_within(callee, left)?;
        // It is called as what it is made of, but for the last argument.
        if self.family == Family::JavaScript && path == "util.promisify" {
            return self.path_within(module.child(id, 1)?, left);
        }
        Some(Cow::Owned(format!("{path}()")))
    }

    /// Whether a name is a parameter of a function around it.
    pub fn is_parameter(&self, id: NodeId) -> bool {
        self.module.kind(id) == Kind::Name && matches!(self.binding(id), Some(Binding::Parameter))
    }

    /// Whether a member is a field of the object around, whose value is known.
    pub fn is_own_field(&self, member: NodeId) -> bool {
        self.own_field(member).is_some_and(|key| matches!(self.fields.get(&key), Some(Some(_))))
    }

    /// What a name stands for that is assigned once, followed to the end; else the node itself.
    pub fn value(&self, id: NodeId) -> NodeId {
        let mut id = id;
        for _ in 0..MAX_CHAIN {
            id = match self.module.kind(id) {
                Kind::Name => match self.binding(id) {
                    Some(Binding::Value(value)) => *value,
                    _ => return id,
                },
                Kind::Member => match self.own_field(id).and_then(|key| self.fields.get(&key)) {
                    Some(Some(value)) => *value,
                    _ => return id,
                },
                _ => return id,
            };
        }
        id
    }

    /// Whether an expression is known before the program runs.
    pub fn is_constant(&self, id: NodeId) -> bool {
        self.is_constant_within(id, MAX_CHAIN)
    }

    fn is_constant_within(&self, id: NodeId, left: usize) -> bool {
        let Some(left) = left.checked_sub(1) else { return false };
        let value = self.value(id);
        let children = || self.module.children(value);
        match self.module.kind(value) {
            Kind::Str | Kind::Number | Kind::True | Kind::False | Kind::Null => true,
            Kind::Concat | Kind::Binary | Kind::Unary | Kind::Array | Kind::Template | Kind::Object => {
                children().iter().all(|&child| self.is_constant_within(child, left))
            }
            Kind::Property => self.module.child(value, 1).is_some_and(|inner| self.is_constant_within(inner, left)),
            // Names in capitals are constants of another module.
            Kind::Name | Kind::Member => {
                let name = self.module.text(value, self.text);
                name.len() > 1
                    && name
                        .chars()
                        .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
            }
            _ => false,
        }
    }
}
