//! Which files of a tree are what its packages give to those who use them.

use crate::flow::paths::Paths;
use serde_json::Value;

/// The file that describes a package.
const MANIFEST: &str = "package.json";
/// Bytes of it, at most: real ones have some thousand.
const MAX_MANIFEST: usize = 1 << 20;
/// Files that one package gives, at most.
const MAX_FACES: usize = 32;
/// Scripts of a tree without a manifest, at most: more are a part of something that has one elsewhere.
const MAX_ALONE: usize = 64;
/// Parts of paths of what a package's own tests and documentation are.
const INNER: &[&str] = &["test", "spec", "__tests__", "example", "demo", "bench", "fixture", "mock"];
/// Folders of what is built out of the sources.
const BUILT: &[&str] = &["dist", "build", "out", "lib", "es", "esm", "cjs", "umd", "commonjs", "module", "types"];

/// A package that others may use.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// Its folder, with a slash at the end unless it is the root.
    folder: String,
    /// The files that it gives, as its manifest names them.
    files: Vec<String>,
}

impl Package {
    /// Reads a file, if it describes a package; one that is private gives nothing.
    pub(super) fn read(path: &str, text: &str) -> Option<Package> {
        let folder = path.strip_suffix(MANIFEST).filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
        if text.len() > MAX_MANIFEST {
            return None;
        }
        let manifest: Value = serde_json::from_str(text).ok()?;
        let mut files = Vec::new();
        if manifest.get("private").and_then(Value::as_bool) == Some(true) || manifest.get("name").is_none() {
            return Some(Package { folder: folder.to_owned(), files });
        }
        for key in ["main", "module", "exports", "browser"] {
            collect(manifest.get(key), &mut files);
        }
        if files.is_empty() && manifest.get("bin").is_none() {
            files.push("index".to_owned());
        }
        Some(Package { folder: folder.to_owned(), files })
    }

    /// The files that `./providers/*` stands for.
    fn named_like(&self, start: &str, end: &str, files: &Paths<'_>) -> Vec<usize> {
        let start = format!("{}{}", self.folder, start.trim_start_matches("./"));
        let end = end.strip_prefix('*').unwrap_or(end);
        let is_one = |path: &str| {
            path.strip_prefix(&*start).is_some_and(|rest| {
                rest.ends_with(end)
                    && without_end(rest) != rest
                    && !rest.ends_with(".d.ts")
                    && !INNER.iter().any(|inner| rest.contains(inner))
            })
        };
        let paths = files.iter().enumerate();
        paths.filter(|(_, file)| is_one(file.path)).map(|(at, _)| at).take(MAX_FACES).collect()
    }

    /// The files in the order in which they are tried for one that is named.
    fn candidates(&self, name: &str) -> Vec<String> {
        let plain = name.trim_start_matches("./").trim_end_matches('/');
        let mut names = vec![plain.to_owned()];
        // What is built may not be there: then its source is what is given.
        let inner = plain.split_once('/').filter(|(folder, _)| BUILT.contains(folder)).map(|(_, inner)| inner);
        if let Some(inner) = inner {
            let (stem, last) = (without_end(inner), without_end(inner.rsplit('/').next().unwrap_or(inner)));
            // `thing.common.js`, `thing.umd.min.js`
            let first = last.split('.').next().unwrap_or(last);
            let sources = [stem, last, first, "index"].map(|name| format!("src/{name}"));
            names.extend(sources.into_iter().chain(["index".to_owned()]));
        }
        if plain.is_empty() || plain == "." {
            names = vec!["index".to_owned()];
        }
        names.iter().map(|name| format!("{}{name}", self.folder)).collect()
    }
}

/// The paths in a part of a manifest: a text, or texts in objects by conditions.
fn collect(part: Option<&Value>, files: &mut Vec<String>) {
    match part {
        // `./*` is all there is, what nobody else calls among it.
        Some(Value::String(path))
            if files.len() < MAX_FACES
                && !path.starts_with("./*")
                && !path.starts_with('*')
                && !path.ends_with(".d.ts") =>
        {
            files.push(path.clone());
        }
        Some(Value::Object(parts)) => parts.values().for_each(|part| collect(Some(part), files)),
        Some(Value::Array(parts)) => parts.iter().for_each(|part| collect(Some(part), files)),
        _ => {}
    }
}

/// Whether a script is one that a tool has packed others into, or made short.
fn is_packed(text: &str) -> bool {
    /// Bytes of a line that nobody writes.
    const LONG: usize = 2000;
    text.contains("__webpack_require__(") || text.lines().take(40).any(|line| line.len() > LONG)
}

/// A script's name without its end.
fn without_end(name: &str) -> &str {
    const ENDS: &[&str] = &[".js", ".ts", ".mjs", ".cjs", ".mts", ".tsx"];
    ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Of files in a tree that no manifest describes, those that give functions which copy members by names that are
/// not known: whoever calls those, a copy that reaches prototypes is a fault.
pub(super) fn alone<'t>(files: impl Iterator<Item = (&'t str, &'t str)>) -> Vec<usize> {
    let scripts: Vec<(usize, &str)> = files
        .enumerate()
        .filter(|(_, (path, _))| without_end(path) != *path)
        .map(|(at, (_, text))| (at, text))
        .collect();
    if scripts.len() > MAX_ALONE {
        return Vec::new();
    }
    let gives = |text: &str| text.contains("export") && sets_members(text);
    scripts.into_iter().filter(|(_, text)| gives(text)).map(|(at, _)| at).collect()
}

/// Whether members are set by names that are not written down: `to[name] = ..`, `inner[path[0]] ??= {}`.
fn sets_members(text: &str) -> bool {
    text.match_indices("] ").chain(text.match_indices("]=")).any(|(end, _)| {
        let rest = text[end + 1..].trim_start_matches([' ', '?', '|', '&']);
        let line = text[..end].rsplit('\n').next().unwrap_or_default();
        let before = line.rsplit_once('[').filter(|(_, key)| !key.starts_with(['"', '\'', '0', '1', '2']));
        rest.starts_with('=')
            && !rest.starts_with("==")
            && before.is_some_and(|(object, _)| {
                object.ends_with(|last: char| last.is_alphanumeric() || matches!(last, '_' | '$' | ')' | ']'))
            })
    })
}

/// Of files, in order, those that packages give.
pub(super) fn faces<'t>(packages: &[Package], files: &Paths<'_>, text: impl Fn(usize) -> &'t str) -> Vec<usize> {
    // What a package that is looked at itself depends on is its users' to look at.
    let is_dependency = |package: &Package| {
        packages.iter().any(|other| {
            package.folder.strip_prefix(&other.folder).is_some_and(|rest| rest.starts_with("node_modules/"))
        })
    };
    let mut faces: Vec<usize> = Vec::new();
    for package in packages.iter().filter(|package| !is_dependency(package)) {
        for file in &package.files {
            if let Some((start, end)) = file.split_once('*') {
                faces.extend(package.named_like(start, end, files));
                continue;
            }
            let mut there = package.candidates(file).into_iter().filter_map(|path| files.script(&path));
            let Some(face) = there.next() else { continue };
            faces.push(face as usize);
            // What was packed into one file is followed, and mended, where it was written.
            faces.extend(there.next().filter(|_| is_packed(text(face as usize))).map(|source| source as usize));
        }
    }
    faces.sort_unstable();
    faces.dedup();
    faces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::paths::File;
    use crate::language::Family;

    fn faces(packages: &[Package], paths: &[String]) -> Vec<usize> {
        let file = |path| File { path, text: "", family: Family::JavaScript };
        super::faces(packages, &Paths::new(paths.iter().map(String::as_str).map(file).collect()), |_| "")
    }

    fn given(manifest: &str, files: &[&str]) -> Vec<String> {
        let package = Package::read("p/package.json", manifest);
        let paths: Vec<String> = files.iter().map(|&file| file.to_owned()).collect();
        faces(package.as_slice(), &paths).into_iter().map(|at| paths[at].clone()).collect()
    }

    #[test]
    fn a_manifest_names_what_a_package_gives() {
        let files = ["p/index.js", "p/lib/a.js", "p/src/index.ts", "p/src/b.ts", "q/index.js"];
        assert_eq!(given(r#"{"name": "p"}"#, &files), ["p/index.js"]);
        assert_eq!(given(r#"{"name": "p", "main": "./lib/a"}"#, &files), ["p/lib/a.js"]);
        assert_eq!(given(r#"{"name": "p", "main": "."}"#, &files), ["p/index.js"]);
        assert_eq!(given(r#"{"name": "p", "main": "dist/b.js"}"#, &files), ["p/src/b.ts"]);
        assert_eq!(given(r#"{"name": "p", "main": "dist/none.cjs"}"#, &files), ["p/src/index.ts"]);
        let exports = r#"{"name": "p", "exports": {".": {"import": "./lib/a.js"}, "./b": "./src/b.ts", "./*": "./*"}}"#;
        assert_eq!(given(exports, &files), ["p/lib/a.js", "p/src/b.ts"]);
        let files = ["p/lib/a.js", "p/lib/b.mjs", "p/lib/b.d.ts", "p/lib/a.test.js", "p/src/a.js"];
        assert_eq!(given(r#"{"name": "p", "exports": {"./*": "./lib/*"}}"#, &files), ["p/lib/a.js", "p/lib/b.mjs"]);
        assert_eq!(given(r#"{"name": "p", "exports": {"./*": "./lib/*.mjs"}}"#, &files), ["p/lib/b.mjs"]);
    }

    #[test]
    fn some_packages_give_nothing() {
        let files = ["p/index.js"];
        for manifest in [r#"{"name": "p", "private": true}"#, r#"{"name": "p", "bin": "cli.js"}"#, "{}", "nothing"] {
            assert_eq!(given(manifest, &files), [""; 0], "{manifest}");
        }
        assert_eq!(Package::read("p/other-package.json", r#"{"name": "p"}"#), None);
    }

    #[test]
    fn what_a_package_depends_on_is_not_given_by_it() {
        let read = |path| Package::read(path, r#"{"name": "p"}"#).expect("a package");
        let paths = ["index.js", "node_modules/q/index.js"].map(str::to_owned);
        let (own, other) = (read("package.json"), read("node_modules/q/package.json"));
        assert_eq!(faces(&[own, other], &paths), [0]);
        assert_eq!(faces(&[read("node_modules/q/package.json")], &paths), [1]);
    }

    #[test]
    fn what_copies_members_is_given_where_no_manifest_is() {
        let copies = "exports.put = (o, k, v) => { o[k] = v; };";
        let files = [("a.js", copies), ("b.py", copies), ("c.ts", "export const [a] = [b];"), ("d.mjs", "o[k] = v")];
        assert_eq!(alone(files.into_iter()), [0]);
        let many: Vec<String> = (0..=MAX_ALONE).map(|at| format!("{at}.js")).collect();
        assert_eq!(alone(many.iter().map(|path| (path.as_str(), copies))), [0; 0]);
    }
}
