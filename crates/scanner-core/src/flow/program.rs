//! The files of a program.

use super::barrel::Given;
use super::leads::Leads;
use super::paths::{Paths, first_name};
use super::statements::Statements;
use super::value::UnitId;
use crate::ir::{Kind, Module, NodeId};
use crate::language::Family;
use foldhash::HashMap;
use std::sync::OnceLock;

/// A file.
#[derive(Debug)]
pub struct Unit<'p> {
    /// Its path.
    pub path: &'p str,
    /// Its text.
    pub text: &'p str,
    /// Its lowered form.
    pub module: &'p Module,
    /// Its language.
    pub family: Family,
    /// What the names that it imports stand for.
    imports: HashMap<&'p str, &'p str>,
    /// The names that it may give, once it was asked for one.
    given: OnceLock<Given>,
    /// The statements at its top, once it was imported.
    statements: OnceLock<Statements<'p>>,
    /// What it imports, once that was looked for.
    pub(super) leads: OnceLock<Leads<'p>>,
}

impl<'p> Unit<'p> {
    /// A file that was lowered.
    pub fn new(path: &'p str, text: &'p str, module: &'p Module, family: Family) -> Unit<'p> {
        Unit {
            path,
            text,
            module,
            family,
            imports: imports_of(module),
            given: OnceLock::new(),
            statements: OnceLock::new(),
            leads: OnceLock::new(),
        }
    }

    /// A part of the program as it is written.
    pub fn written(&self, node: NodeId) -> &'p str {
        &self.text[self.module.node(node).span.range()]
    }

    /// Whether the file imports the name that a path starts with: `import requests`, in `requests.py`.
    pub fn imports_first_of(&self, path: &str) -> bool {
        let name = first_name(path);
        self.module.imports.iter().any(|import| first_name(&import.path) == name)
    }

    /// Whether the file itself may have a name for those who import it.
    pub fn may_give(&self, name: &str) -> bool {
        self.given.get_or_init(|| Given::by(self)).may_have(name)
    }

    /// The statements at its top.
    pub(super) fn statements(&self) -> &Statements<'p> {
        self.statements.get_or_init(|| Statements::of(self.module, self.text))
    }

    /// What a name that the file imports stands for.
    pub fn imported(&self, name: &str) -> Option<&'p str> {
        self.imports.get(name).copied()
    }
}

/// All files. What one holds is looked at where an engine first comes to it.
pub struct Program<'p> {
    /// Their paths.
    pub paths: &'p Paths<'p>,
    units: Vec<OnceLock<Unit<'p>>>,
    open: &'p (dyn Fn(UnitId) -> Unit<'p> + Sync),
    /// Those that are run, in order.
    roots: &'p [UnitId],
}

impl<'p> Program<'p> {
    /// Files by their paths, what opens one, and those that some engine runs, in order.
    pub fn new(
        paths: &'p Paths<'p>,
        open: &'p (dyn Fn(UnitId) -> Unit<'p> + Sync),
        roots: &'p [UnitId],
    ) -> Program<'p> {
        let units = (0..paths.count()).map(|_| OnceLock::new()).collect();
        Program { paths, units, open, roots }
    }

    /// Whether some engine runs a file, with all that it registers.
    pub(super) fn is_root(&self, unit: UnitId) -> bool {
        self.roots.binary_search(&unit).is_ok()
    }

    /// A file.
    pub fn unit(&self, unit: UnitId) -> &Unit<'p> {
        self.units[unit as usize].get_or_init(|| (self.open)(unit))
    }
}

/// What the names that a file imports stand for: of two imports of a name the later one, but for one that only
/// stands in where the first is missing (`except ImportError:`).
fn imports_of(module: &Module) -> HashMap<&str, &str> {
    let is_handler = |node: NodeId| {
        let around = || std::iter::once(node).chain(module.ancestors(node));
        around().zip(module.ancestors(node)).any(|(inner, outer)| {
            module.kind(outer) == Kind::Try && module.child(outer, 0).is_some_and(|body| body != inner)
        })
    };
    let mut imports: HashMap<&str, (&str, NodeId)> = HashMap::default();
    for import in &module.imports {
        let (name, found) = (import.local.as_str(), (import.path.as_str(), import.node));
        match imports.get(name) {
            Some((_, other)) if is_handler(import.node) && !is_handler(*other) => {}
            _ => {
                imports.insert(name, found);
            }
        }
    }
    imports.into_iter().map(|(name, (path, _))| (name, path)).collect()
}
