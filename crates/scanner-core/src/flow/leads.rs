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
    by_path: HashMap<&'p str, Lead>,
    /// Paths of files that are imported whole and not named afterwards, in order.
    for_effect: Vec<&'p str>,
}

/// What a path leads to.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    found: Found,
    /// Whether that is a file with the name that the path starts with.
    is_called: bool,
}

impl<'p> Leads<'p> {
    fn of(from: UnitId, unit: &Unit<'p>, paths: &Paths<'p>, models: &Models) -> Leads<'p> {
        let module = unit.module;
        let named = module.imports.iter().map(|import| import.path.as_str());
        let whole = module.modules.iter().chain(&module.wildcards).map(String::as_str);
        let by_path: HashMap<&str, Lead> =
            named.chain(whole).map(|path| (path, Lead::of(from, path, paths, models))).collect();
        let is_file = |path: &str| by_path.get(path).is_some_and(|lead| lead.whole_file().is_some());
        let mut unnamed: HashMap<&str, &str> = HashMap::default();
        if unit.family == Family::Python {
            unnamed.extend(module.imports.iter().map(|import| (&*import.local, &*import.path)));
            unnamed.retain(|_, path| is_file(path));
        }
        if !unnamed.is_empty() {
            for id in (0..module.len() as NodeId).filter(|&id| module.kind(id) == Kind::Name) {
                unnamed.remove(module.text(id, unit.text));
            }
        }
        let effects = module.modules.iter().map(String::as_str).chain(unnamed.into_values());
        let mut for_effect: Vec<&str> = effects.filter(|path| is_file(path)).collect();
        for_effect.sort_unstable();
        Leads { by_path, for_effect }
    }
}

impl Lead {
    fn of(from: UnitId, path: &str, paths: &Paths<'_>, models: &Models) -> Lead {
        let found = match paths.find(from, path) {
            // A folder without `__init__` stands behind a library of its name.
            Found::Package(_) if !path.starts_with('.') && models.find(path).is_some() => Found::Nothing,
            // Of a library that is known its model says more than its own code, where that is at hand.
            Found::Unit(unit, _)
                if !path.starts_with('.')
                    && paths.family(unit) == Family::JavaScript
                    && models.find(path).is_some() =>
            {
                Found::Nothing
            }
            found => found,
        };
        let is_called = matches!(found, Found::Unit(unit, _) if paths.is_called(unit, path));
        Lead { found, is_called }
    }

    fn whole_file(&self) -> Option<UnitId> {
        match self.found {
            Found::Unit(unit, ref rest) if rest.is_empty() => Some(unit),
            _ => None,
        }
    }
}

impl<'p> Engine<'p> {
    fn leads(&self, from: UnitId) -> &'p Leads<'p> {
        let unit = self.unit(from);
        unit.leads.get_or_init(|| Leads::of(from, unit, self.program.paths, self.models(from)))
    }

    /// The files that a file imports for what they do to others.
    pub(super) fn imported_for_effect(&self, unit: UnitId) -> impl Iterator<Item = UnitId> {
        let leads = self.leads(unit);
        let files = leads.for_effect.iter().map(|path| (path, &leads.by_path[path]));
        files.filter(|(path, lead)| !self.means_library(lead, path)).filter_map(|(_, lead)| lead.whole_file())
    }

    /// A file that imports its own name means a library of that name, as do those that import it.
    fn means_library(&self, lead: &Lead, path: &str) -> bool {
        lead.is_called && matches!(lead.found, Found::Unit(unit, _) if self.unit(unit).imports_first_of(path))
    }

    /// What a path leads to that a file names.
    pub(super) fn found(&mut self, from: UnitId, path: &str) -> Cow<'p, Found> {
        if let Some(lead) = self.leads(from).by_path.get(path) {
            return if self.means_library(lead, path) {
                Cow::Owned(Found::Nothing)
            } else {
                Cow::Borrowed(&lead.found)
            };
        }
        if let Some(found) = self.found.get(&from).and_then(|known| known.get(path)) {
            return Cow::Owned(found.clone());
        }
        let lead = Lead::of(from, path, self.program.paths, self.models(from));
        let found = if self.means_library(&lead, path) { Found::Nothing } else { lead.found };
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
