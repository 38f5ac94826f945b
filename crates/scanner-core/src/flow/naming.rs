//! What scripts call each other besides by where they lie: packages of one repository by their names, folders by what
//! their compiler is told.

use super::paths::folders_around;
use foldhash::{HashMap, HashSet};

/// Names that one file may give, at most: real ones have some dozens.
pub const MAX_NAMES: usize = 256;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The name; what stands in place of `*` is any path, if there is one.
    pub pattern: String,
    /// Paths of what it leads to, without their ends, in the order in which they are tried; `*` is that path.
    pub leads: Vec<String>,
}

impl Name {
    /// The paths that a name leads to, if it is this one.
    fn lead(&self, name: &str) -> Option<impl Iterator<Item = String>> {
        let rest = match self.pattern.split_once('*') {
            Some((start, end)) => {
                let rest = name.strip_prefix(start)?.strip_suffix(end)?;
                Some(rest).filter(|rest| !rest.is_empty())?
            }
            None if self.pattern == name => "",
            None => return None,
        };
        Some(self.leads.iter().map(move |lead| lead.replacen('*', rest, 1)))
    }
}

/// What the manifest of a package, or the settings of a compiler, say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Naming {
    /// The folder that it stands in, with a slash at the end unless it is the root.
    pub folder: String,
    /// The name of the package; none: the names hold below the folder alone.
    pub package: Option<String>,
    /// The names that it gives.
    pub names: Vec<Name>,
}

/// All names, by who may use them.
#[derive(Debug, Default)]
pub(super) struct Namings {
    /// Of packages, by their names.
    packages: HashMap<String, Vec<Naming>>,
    /// Of settings, by their folders.
    folders: HashMap<String, Vec<Naming>>,
    /// Folders of packages.
    roots: HashSet<String>,
}

impl Namings {
    pub(super) fn new(all: Vec<Naming>) -> Namings {
        let mut namings = Namings::default();
        for naming in all {
            match naming.package.clone() {
                Some(name) => {
                    namings.roots.insert(naming.folder.clone());
                    namings.packages.entry(name).or_default().push(naming);
                }
                None => namings.folders.entry(naming.folder.clone()).or_default().push(naming),
            }
        }
        namings
    }

    /// The paths that a name may lead to for a file, the likeliest first.
    pub(super) fn leads(&self, file: &str, name: &str) -> Vec<String> {
        let mut leads = Vec::new();
        if self.folders.is_empty() && self.packages.is_empty() {
            return leads;
        }
        // The nearest settings, then those around them.
        for naming in with_root(file).filter_map(|folder| self.folders.get(&folder)).flatten() {
            leads.extend(naming.names.iter().filter_map(|known| known.lead(name)).flatten());
        }
        let mut parts = name.splitn(3, '/');
        let first = parts.next().unwrap_or_default();
        let package = match parts.next().filter(|_| first.starts_with('@')) {
            Some(second) => &name[..first.len() + 1 + second.len()],
            None => first,
        };
        for naming in self.packages.get(package).into_iter().flatten() {
            if self.is_one_repository(file, &naming.folder) {
                leads.extend(naming.names.iter().filter_map(|known| known.lead(name)).flatten());
            }
        }
        leads
    }

    /// Whether a file and a package lie below the folder of another package: of which both are parts.
    fn is_one_repository(&self, file: &str, package: &str) -> bool {
        let inner = package.trim_end_matches('/');
        !package.is_empty() && with_root(inner).any(|folder| file.starts_with(&folder) && self.roots.contains(&folder))
    }
}

/// The folders that hold a path, the nearest first and the root last, as [`Naming::folder`] has them.
fn with_root(path: &str) -> impl Iterator<Item = String> {
    folders_around(path).map(|folder| format!("{folder}/")).chain([String::new()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naming(folder: &str, package: Option<&str>, names: &[(&str, &str)]) -> Naming {
        let name = |&(pattern, lead): &(&str, &str)| Name { pattern: pattern.into(), leads: vec![lead.into()] };
        Naming { folder: folder.into(), package: package.map(Into::into), names: names.iter().map(name).collect() }
    }

    #[test]
    fn packages_are_named_within_a_repository() {
        let names = [("@a/lib", "p/lib/src/index"), ("@a/lib/*", "p/lib/*")];
        let namings = Namings::new(vec![naming("", Some("root"), &[]), naming("p/lib/", Some("@a/lib"), &names)]);
        assert_eq!(namings.leads("app/x.ts", "@a/lib"), ["p/lib/src/index"]);
        assert_eq!(namings.leads("app/x.ts", "@a/lib/utils/teams"), ["p/lib/utils/teams"]);
        assert!(namings.leads("app/x.ts", "@a/library").is_empty());
        // Packages that lie beside each other need not be of one program.
        let alone = Namings::new(vec![naming("one/", Some("one"), &[]), naming("lib/", Some("@a/lib"), &names)]);
        assert!(alone.leads("one/x.ts", "@a/lib").is_empty());
    }

    #[test]
    fn settings_hold_below_their_folder() {
        let namings = Namings::new(vec![naming("app/", None, &[("~/*", "app/code/*")])]);
        assert_eq!(namings.leads("app/a/b.ts", "~/x"), ["app/code/x"]);
        assert!(namings.leads("other/b.ts", "~/x").is_empty());
    }
}
