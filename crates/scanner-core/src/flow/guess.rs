//! What is guessed of functions that nothing registers: by their names, those of their parameters and of the file.

use super::engine::Engine;
use super::library::file_stem;
use super::model::{Guess, Parameter, Parameters};
use super::value::{Function, UnitId, Value};
use crate::ir::{Kind, NodeId};
use std::rc::Rc;

/// The directive of actions that a page calls and a server runs.
pub(super) const SERVER: &str = "use server";

impl<'p> Engine<'p> {
    /// The name that a function has, or that of what it is given to: `exports.handler = async (event) => ..`.
    pub(super) fn name_given(&self, unit: UnitId, node: NodeId) -> &'p str {
        let (module, text) = (self.unit(unit).module, self.unit(unit).text);
        let own = module.text(node, text);
        let Some(parent) = module.parent(node).filter(|_| own.is_empty()) else { return own };
        match (module.kind(parent), module.child(parent, 0)) {
            (Kind::Assign | Kind::Property, Some(target)) => module.text(target, text),
            _ => own,
        }
    }

    /// The name of the object that a function is a member of: `Query: { user(_, { id }) { .. } }`.
    pub(super) fn name_around(&self, unit: UnitId, node: NodeId) -> &'p str {
        let (module, text) = (self.unit(unit).module, self.unit(unit).text);
        let mut around = module.ancestors(node).skip_while(|&id| module.kind(id) == Kind::Property);
        let object = around.next().filter(|&object| module.kind(object) == Kind::Object);
        let holder = object.and(around.next()).filter(|&id| matches!(module.kind(id), Kind::Assign | Kind::Property));
        holder.and_then(|holder| module.child(holder, 0)).map_or("", |name| module.text(name, text))
    }

    /// What a constructor is given that a framework calls with what a file imports: its first argument, if its
    /// name tells of it.
    pub(super) fn given_by_name(&mut self, unit: UnitId, maker: &Function<'p>) -> Vec<(Option<Rc<str>>, Value<'p>)> {
        let names = self.parameter_names(maker.unit, maker.node);
        let guessed = self.guess(unit, names.get(1..).unwrap_or_default());
        match guessed.at(0) {
            Parameter::Typed(place) => vec![(None, self.typed_source(maker.unit, maker.node, 1, place))],
            _ => Vec::new(),
        }
    }

    /// Whether a function is an action of a server that pages call with what they like: it says so itself
    /// (`"use server"`), or its file does.
    pub(super) fn is_action(&self, unit: UnitId, node: NodeId) -> bool {
        let file = self.unit(unit);
        if self.is_python(unit) {
            return false;
        }
        let says = |text: &str| text.trim_start().get(1..).is_some_and(|rest| rest.starts_with(SERVER));
        let own = file.written(node);
        let body = file.module.children(node).last().filter(|&&body| file.module.kind(body) == Kind::Block);
        let body = body.map_or("", |&body| file.written(body));
        let is_inner = file.module.ancestors(node).any(|around| file.module.kind(around) == Kind::Function);
        body.strip_prefix('{').is_some_and(says) || says(file.text) && !is_inner && own.starts_with("async")
    }

    /// What parameters of these names are.
    pub(super) fn guess(&self, unit: UnitId, names: &[&str]) -> Parameters {
        self.guessed(unit, names, "", "").map(|guess| guess.parameters.clone()).unwrap_or_default()
    }

    /// What a function is given of which something is guessed: one that the program calls itself is no handler of it,
    /// and is given the rest by the program.
    pub(super) fn given_by_guess(&mut self, guess: &Guess, unit: UnitId, node: NodeId) -> Parameters {
        let file = self.unit(unit);
        let name = file.module.text(node, file.text);
        match self.is_python(unit) && (is_called(file.text, name) || self.is_handed_request(name)) {
            true => guess.parameters.first(guess.names.len()),
            false => guess.given_in(file.written(node)),
        }
    }

    /// What is guessed of a function of a name, a member of what has a name, by the names of its parameters.
    pub(super) fn guessed(&self, unit: UnitId, names: &[&str], called: &str, within: &str) -> Option<&'p Guess> {
        let file = self.unit(unit);
        let stem = file_stem(file.path);
        let imports = |wanted: &String| {
            let under = |path: &str| {
                path == wanted || path.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.starts_with(['.', '/']))
            };
            file.module.imports.iter().any(|import| under(&import.path))
                || file.text.contains(&format!("require('{wanted}')"))
        };
        let fits = |guess: &&Guess| {
            (guess.functions.is_empty() || guess.functions.iter().any(|name| name == called))
                && (guess.files.is_empty() || guess.files.iter().any(|name| name == stem))
                && names.len() >= guess.names.len()
                && guess.names.iter().zip(names).all(|(wanted, name)| is_named(wanted, name))
                && (guess.within.is_empty() || guess.within.iter().any(|name| name == within))
                && (guess.imports.is_empty() || guess.imports.iter().any(imports))
        };
        self.models(unit).guesses.iter().find(fits)
    }
}

/// Whether a program of Python calls a function of a name, and not only a method that is called so.
fn is_called(text: &str, name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    !name.is_empty()
        && memchr::memmem::find_iter(text.as_bytes(), name).any(|at| {
            let before = text[..at].trim_end_matches(' ');
            text[at + name.len()..].starts_with('(')
                && !text.as_bytes()[..at].last().is_some_and(|&byte| is_part(byte))
                && !before.ends_with("def")
        })
}

/// Whether a parameter has a name that is looked for: `_parent` is `parent` that is not used, `{}` is one that is
/// taken apart at once.
fn is_named(wanted: &str, name: &str) -> bool {
    let used = name.trim_start_matches('_');
    wanted == name
        || wanted == "{}" && name.is_empty()
        || !used.is_empty() && wanted == used
        || wanted == "_" && name.starts_with('_') && used.is_empty()
}

/// Whether a parameter's name tells that other code of the program gives it, not whoever sent the request.
pub(super) fn is_of_program(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "context",
        "form",
        "formset",
        "user",
        "obj",
        "object",
        "instance",
        "queryset",
        "qs",
        "model",
        "response",
        "exception",
        "exc",
        "view",
        "func",
        "function",
        "callback",
        "get_response",
        "backend",
        "serializer",
        "self",
        "cls",
        "kwargs",
        "args",
    ];
    NAMES.contains(&name)
        || ["_template", "template_name", "_class", "_vars", "_context", "_form"].iter().any(|end| name.ends_with(end))
}
