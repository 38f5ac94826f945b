//! What a file may give, told from its text alone: a name that comes through many `from x import *` and
//! `export * from "./x"` is asked of the one file that has it, and the others are not run for it.

use super::engine::Engine;
use super::exports::names_bound;
use super::paths::Found;
use super::program::Unit;
use super::value::UnitId;
use crate::ir::{Kind, Module, NodeId};
use crate::language::Family;
use foldhash::HashSet;
use foldhash::fast::FixedState;
use std::hash::BuildHasher;

/// The names that a file binds where others may see them, and perhaps some that they don't.
#[derive(Debug)]
pub(super) struct Given {
    /// Their hashes; `None`: any name.
    names: Option<HashSet<u64>>,
}

impl Given {
    pub(super) fn by(unit: &Unit<'_>) -> Given {
        let hashed = |names: Vec<&str>| names.into_iter().map(hash).collect();
        Given { names: names_given(unit).map(hashed) }
    }

    pub(super) fn may_have(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(&hash(name)))
    }
}

fn hash(name: &str) -> u64 {
    FixedState::default().hash_one(name)
}

fn names_given<'p>(unit: &Unit<'p>) -> Option<Vec<&'p str>> {
    let module = unit.module;
    let nodes = 0..module.len() as NodeId;
    let imports = module.imports.iter().map(|import| import.local.as_str());
    match unit.family {
        Family::Python => {
            let bound = nodes.flat_map(|node| names_set(module, unit.text, node));
            Some(bound.chain(imports).collect())
        }
        Family::JavaScript => {
            let exports: Vec<NodeId> = nodes.filter(|&node| module.kind(node) == Kind::Export).collect();
            // What `module.exports` holds is known when it was run.
            if exports.is_empty() && module.wildcards.is_empty() || unit.text.contains("exports.") {
                return None;
            }
            let given = exports.iter().flat_map(|&node| module.children(node));
            let names = given.flat_map(|&child| names_bound(module, unit.text, child));
            Some(names.chain(imports).chain(["default"]).collect())
        }
    }
}

/// The names that a statement of Python sets.
pub(super) fn names_set<'t>(module: &Module, text: &'t str, node: NodeId) -> Vec<&'t str> {
    let mut names = Vec::new();
    match module.kind(node) {
        Kind::Function | Kind::Class => names.push(module.text(node, text)),
        Kind::Assign | Kind::Augment | Kind::Bind | Kind::Case => {
            module.child(node, 0).into_iter().for_each(|target| names_in(module, text, target, &mut names));
        }
        _ => {}
    }
    names
}

/// The names in what is assigned to; `x.y` and `x[y]` set none.
fn names_in<'t>(module: &Module, text: &'t str, target: NodeId, names: &mut Vec<&'t str>) {
    match module.kind(target) {
        Kind::Name => names.push(module.text(target, text)),
        Kind::Member | Kind::Index => {}
        _ => module.children(target).iter().for_each(|&inner| names_in(module, text, inner, names)),
    }
}

impl Engine<'_> {
    /// Whether what a file takes over from a module, or gives on of it, may have a name.
    pub(super) fn may_come_from(&mut self, unit: UnitId, path: &str, name: &str) -> bool {
        self.leads_to(unit, path, name, &mut HashSet::default())
    }

    fn leads_to(&mut self, unit: UnitId, path: &str, name: &str, seen: &mut HashSet<UnitId>) -> bool {
        match &*self.found(unit, path) {
            &Found::Unit(inner, ref rest) if rest.is_empty() => {
                if !seen.insert(inner) {
                    return false;
                }
                if self.unit(inner).may_give(name) {
                    return true;
                }
                let mut wildcards = self.unit(inner).module.wildcards.iter();
                wildcards.any(|path| self.leads_to(inner, path, name, seen))
            }
            Found::Nothing => {
                let models = self.models(unit);
                models.find(path).is_some_and(|place| models.member(place, name).is_some())
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Given, Unit};
    use crate::language::Language;
    use crate::limits::Limits;

    fn given(language: Language, text: &str) -> Given {
        let module = language.lower(text, &Limits::default()).expect("it parses");
        let family = language.family();
        Given::by(&Unit::new("", text, &module, family))
    }

    #[test]
    fn what_a_file_may_give_is_told_from_its_text() {
        let python = given(
            Language::Python,
            "import sys\nfrom a import b as c\nx, (y, *z) = f()\nsys.modules[__name__] = q.r\nwith open(p) as h:\n    pass\n\
             for i in j:\n    k: int = 1\ndef l(m):\n    pass\nclass N:\n    pass\nif o:\n    (w := 3)\nmatch s:\n    case [t, u]:\n        pass\n",
        );
        for name in ["sys", "c", "x", "y", "z", "h", "i", "k", "l", "N", "w", "t", "u"] {
            assert!(python.may_have(name), "{name}");
        }
        for name in ["b", "f", "__name__", "q", "r", "open", "p", "j", "o", "s", "len"] {
            assert!(!python.may_have(name), "{name}");
        }
        let script = given(
            Language::TypeScript,
            "import { a } from './a'; export { a as b }; export const c = d, e = 1; export default function () {}\n\
             export class F {}; export function g(h) {}; export * as i from './i'; const j = 1;",
        );
        for name in ["b", "c", "e", "default", "F", "g", "i"] {
            assert!(script.may_have(name), "{name}");
        }
        for name in ["d", "h", "j"] {
            assert!(!script.may_have(name), "{name}");
        }
        assert!(given(Language::JavaScript, "module.exports = require('./x');").may_have("any"));
    }
}
