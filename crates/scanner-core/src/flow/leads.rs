//! What the paths that a file imports lead to: looked for once for all engines.

use super::engine::Engine;
use super::model::Models;
use super::paths::{Found, Paths};
use super::program::Unit;
use super::value::UnitId;
use crate::ir::{Kind, NodeId};
use crate::language::Family;
use foldhash::HashMap;
use std::borrow::Cow;

/// What a file imports.
#[derive(Debug)]
pub(super) struct Leads<'p> {
    by_path: HashMap<&'p str, Found>,
    /// Files that are imported whole and not named afterwards, in order of how they are called.
    for_effect: Vec<UnitId>,
}

impl<'p> Leads<'p> {
    fn of(from: UnitId, unit: &Unit<'p>, paths: &Paths<'p>, models: &Models) -> Leads<'p> {
        let module = unit.module;
        let named = module.imports.iter().map(|import| import.path.as_str());
        let whole = module.modules.iter().chain(&module.wildcards).map(String::as_str);
        let by_path: HashMap<&str, Found> =
            named.chain(whole).map(|path| (path, lead(from, unit, path, paths, models))).collect();
        let whole_file = |path: &str| match by_path.get(path) {
            Some(&Found::Unit(unit, ref rest)) if rest.is_empty() => Some(unit),
            _ => None,
        };
        let mut unnamed: HashMap<&str, &str> = HashMap::default();
        if unit.family == Family::Python {
            unnamed.extend(module.imports.iter().map(|import| (&*import.local, &*import.path)));
            unnamed.retain(|_, path| whole_file(path).is_some());
        }
        if !unnamed.is_empty() {
            for id in (0..module.len() as NodeId).filter(|&id| module.kind(id) == Kind::Name) {
                unnamed.remove(module.text(id, unit.text));
            }
        }
        let mut effects: Vec<&str> = module.modules.iter().map(String::as_str).chain(unnamed.into_values()).collect();
        effects.sort_unstable();
        let for_effect = effects.into_iter().filter_map(whole_file).collect();
        Leads { by_path, for_effect }
    }
}

/// What a path leads to that a file names.
fn lead(from: UnitId, unit: &Unit<'_>, path: &str, paths: &Paths<'_>, models: &Models) -> Found {
    match paths.find(from, path) {
        // A folder without `__init__` stands behind a library of its name, and a file that imports its own
        // name means that library.
        Found::Package(_) if !path.starts_with('.') && models.find(path).is_some() => Found::Nothing,
        Found::Unit(found, _) if paths.is_called(found, path) && unit.imports_first_of(path) => Found::Nothing,
        found => found,
    }
}

impl<'p> Engine<'p> {
    fn leads(&self, from: UnitId) -> &'p Leads<'p> {
        let unit = self.unit(from);
        unit.leads.get_or_init(|| Leads::of(from, unit, self.program.paths, self.models(from)))
    }

    /// The files that a file imports for what they do to others.
    pub(super) fn imported_for_effect(&self, unit: UnitId) -> &'p [UnitId] {
        &self.leads(unit).for_effect
    }

    /// What a path leads to that a file names.
    pub(super) fn found(&mut self, from: UnitId, path: &str) -> Cow<'p, Found> {
        if let Some(found) = self.leads(from).by_path.get(path) {
            return Cow::Borrowed(found);
        }
        if let Some(found) = self.found.get(&from).and_then(|known| known.get(path)) {
            return Cow::Owned(found.clone());
        }
        let found = lead(from, self.unit(from), path, self.program.paths, self.models(from));
        self.found.entry(from).or_default().insert(path.into(), found.clone());
        Cow::Owned(found)
    }

    /// A module in a folder of Python modules, looked for once.
    pub(super) fn inside(&mut self, folder: &str, name: &str) -> Found {
        let whole = format!("{folder}/{name}");
        if let Some(found) = self.inside.get(whole.as_str()) {
            return found.clone();
        }
        let found = self.program.paths.in_package(folder, name);
        self.inside.insert(whole.into(), found.clone());
        found
    }
}
