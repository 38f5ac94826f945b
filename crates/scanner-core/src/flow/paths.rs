//! The files of a program as they lie, and how they name each other, which their paths alone tell.

use super::handed::Handed;
use super::naming::{Naming, Namings};
use super::routes::Converted;
use super::value::UnitId;
use crate::language::Family;
use foldhash::{HashMap, HashSet};
use std::borrow::Cow;
use std::sync::OnceLock;

/// A file that was not opened.
#[derive(Debug, Clone, Copy)]
pub struct File<'p> {
    /// Its path.
    pub path: &'p str,
    /// Its text.
    pub text: &'p str,
    /// Its language.
    pub family: Family,
}

/// The paths of all files.
#[derive(Debug)]
pub struct Paths<'p> {
    /// In order.
    files: Vec<File<'p>>,
    by_path: HashMap<&'p str, UnitId>,
    /// The names of files, without what follows their first dot, and of folders.
    names: HashSet<&'p str>,
    /// The folders that hold files, at any depth.
    folders: HashSet<&'p str>,
    /// What scripts call each other besides.
    namings: Namings,
    /// Names of functions that are handed requests, once someone asked.
    pub(super) handed: OnceLock<Handed>,
    /// What routes make of the parts of addresses, once someone asked.
    pub(super) converted: OnceLock<Converted>,
}

/// What a name of a module leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A file, and what of the name is left: members of it.
    Unit(UnitId, Vec<String>),
    /// A folder of Python modules.
    Package(String),
    /// Nothing of the program.
    Nothing,
}

impl<'p> Paths<'p> {
    /// Arranges files, in order of their paths.
    pub fn new(files: Vec<File<'p>>) -> Paths<'p> {
        Paths::named(files, Vec::new())
    }

    /// As [`Paths::new`], with what the files are called besides.
    pub fn named(files: Vec<File<'p>>, namings: Vec<Naming>) -> Paths<'p> {
        let by_path = files.iter().enumerate().map(|(id, file)| (file.path, id as UnitId)).collect();
        let parts = files.iter().flat_map(|file| file.path.split('/'));
        let names = parts.map(|part| part.split('.').next().unwrap_or(part)).collect();
        let mut folders = HashSet::default();
        for file in &files {
            // Of a folder that is known those around it are, too.
            let _ = folders_around(file.path).take_while(|folder| folders.insert(*folder)).count();
        }
        let (handed, converted) = (OnceLock::new(), OnceLock::new());
        Paths { files, by_path, names, folders, namings: Namings::new(namings), handed, converted }
    }

    /// The language of a file.
    pub fn family(&self, unit: UnitId) -> Family {
        self.files[unit as usize].family
    }

    /// All files, in order.
    pub fn iter(&self) -> impl Iterator<Item = &File<'p>> {
        self.files.iter()
    }

    /// Whether a path starts with the name of a file: `requests.py` with `requests.get`.
    pub(super) fn is_called(&self, unit: UnitId, path: &str) -> bool {
        let file = self.files[unit as usize].path;
        let stem = file.rsplit('/').next().and_then(|file| file.strip_suffix(".py"));
        let first = first_name(path);
        first.is_some() && stem == first
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// What a path that file `from` imports leads to.
    pub fn find(&self, from: UnitId, path: &str) -> Found {
        match self.files[from as usize].family {
            Family::JavaScript => self.find_script(from, path),
            Family::Python => self.find_python(from, path),
        }
    }

    /// `./a/b.member`: the longest start that is a file.
    fn find_script(&self, from: UnitId, path: &str) -> Found {
        let own = self.files[from as usize].path;
        let folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut cut = path.len();
        loop {
            let name = &path[..cut];
            let start = match name.starts_with('.') {
                true => joined(folder, name).and_then(|file| self.script(&file)),
                false => {
                    let named = || self.namings.leads(own, name).iter().find_map(|file| self.script(file));
                    named().or_else(|| self.aliased(folder, &unaliased(name)?))
                }
            };
            if let Some(unit) = start {
                let rest = path[cut..].split('.').filter(|name| !name.is_empty()).map(str::to_owned).collect();
                return Found::Unit(unit, rest);
            }
            match path[..cut].rfind('.') {
                Some(dot) if dot > 0 && !path[dot..].starts_with("./") => cut = dot,
                _ => return Found::Nothing,
            }
        }
    }

    /// `@/x` is below the `src` of the nearest folder that has one.
    fn aliased(&self, folder: &str, rest: &str) -> Option<UnitId> {
        let mut folder = Some(folder);
        while let Some(at) = folder {
            let base = if at.is_empty() { String::new() } else { format!("{at}/") };
            let found = self.script(&format!("{base}src/{rest}")).or_else(|| self.script(&format!("{base}{rest}")));
            if found.is_some() {
                return found;
            }
            folder = if at.is_empty() { None } else { Some(at.rsplit_once('/').map_or("", |(up, _)| up)) };
        }
        None
    }

    /// The script of a path, which may lack its end.
    pub fn script(&self, file: &str) -> Option<UnitId> {
        const ENDS: &[&str] = &[
            "",
            ".js",
            ".ts",
            ".tsx",
            ".jsx",
            ".mjs",
            ".cjs",
            ".mts",
            ".cts",
            ".vue",
            ".svelte",
            "/index.js",
            "/index.ts",
            "/index.tsx",
            "/index.jsx",
            "/index.mjs",
            "/index.cjs",
        ];
        let exact = ENDS.iter().find_map(|end| self.by_path.get(format!("{file}{end}").as_str()));
        // TypeScript imports `./x.js` and means `./x.ts`.
        let compiled = || {
            [(".js", ".ts"), (".js", ".tsx"), (".mjs", ".mts")]
                .iter()
                .find_map(|(from, to)| self.by_path.get(format!("{}{to}", file.strip_suffix(from)?).as_str()))
        };
        exact.or_else(compiled).copied()
    }

    fn find_python(&self, from: UnitId, path: &str) -> Found {
        let dots = path.bytes().take_while(|&byte| byte == b'.').count();
        let names: Vec<&str> = path[dots..].split('.').filter(|name| !name.is_empty()).collect();
        let own = self.files[from as usize].path;
        let mut folder = own.rsplit_once('/').map_or("", |(folder, _)| folder);
        if dots > 0 {
            for _ in 1..dots {
                folder = folder.rsplit_once('/').map_or("", |(up, _)| up);
            }
            return self.python_in(folder, &names).unwrap_or(Found::Nothing);
        }
        // Most are names of libraries.
        if names.first().is_some_and(|first| !self.names.contains(first)) {
            return Found::Nothing;
        }
        // From the file's folder upwards: scripts, packages, source roots.
        loop {
            if let Some(found) = self.python_in(folder, &names) {
                return found;
            }
            for root in ["src", "lib", "app"] {
                let below = if folder.is_empty() { root.to_owned() } else { format!("{folder}/{root}") };
                if let Some(found) = self.python_in(&below, &names) {
                    return found;
                }
            }
            match folder.rsplit_once('/') {
                Some((up, _)) => folder = up,
                None if !folder.is_empty() => folder = "",
                None => return Found::Nothing,
            }
        }
    }

    /// What the longest start of a name leads to below a folder.
    fn python_in(&self, folder: &str, names: &[&str]) -> Option<Found> {
        let mut file = folder.to_owned();
        let mut found = None;
        for (at, name) in names.iter().enumerate() {
            if !file.is_empty() {
                file.push('/');
            }
            file.push_str(name);
            let is_folder = self.folders.contains(file.as_str());
            let module = self.with_ending(&mut file, ".py");
            let unit = if is_folder { module.or_else(|| self.with_ending(&mut file, "/__init__.py")) } else { module };
            match unit {
                Some(unit) => found = Some((unit, at + 1)),
                // A folder without `__init__`.
                None if is_folder && at + 1 == names.len() => return Some(Found::Package(file)),
                None => {}
            }
            if !is_folder {
                break;
            }
        }
        found.map(|(unit, count)| Found::Unit(unit, names[count..].iter().map(|&name| name.to_owned()).collect()))
    }

    /// The file of a path that lacks its end.
    fn with_ending(&self, path: &mut String, ending: &str) -> Option<UnitId> {
        let len = path.len();
        path.push_str(ending);
        let unit = self.by_path.get(path.as_str()).copied();
        path.truncate(len);
        unit
    }

    /// A module in a folder of Python modules.
    pub fn in_package(&self, folder: &str, name: &str) -> Found {
        self.python_in(folder, &[name]).unwrap_or(Found::Nothing)
    }
}

/// The name that a path of Python starts with.
pub(super) fn first_name(path: &str) -> Option<&str> {
    path.split('.').next().filter(|name| !name.is_empty())
}

/// What of a path is below the folder of sources, by the names that build tools give to that: `@/`, `~/`, `$lib/`
/// of Svelte, and `#lib/`, which a package gives to its own files.
fn unaliased(path: &str) -> Option<Cow<'_, str>> {
    let rest = path.strip_prefix("@/").or_else(|| path.strip_prefix("~/"));
    let rest = rest.or_else(|| path.strip_prefix("#/")).or_else(|| path.strip_prefix('#'));
    rest.map(Cow::Borrowed).or_else(|| Some(format!("lib/{}", path.strip_prefix("$lib/")?).into()))
}

/// The folders that hold a path, the nearest first, without the root.
pub(super) fn folders_around(path: &str) -> impl Iterator<Item = &str> {
    let around = std::iter::successors(path.rsplit_once('/'), |(folder, _)| folder.rsplit_once('/'));
    around.map(|(folder, _)| folder)
}

/// A relative path from a folder; `None` where it leads out of the tree.
pub fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    Some(format!("{root}{}", parts.join("/")))
}
