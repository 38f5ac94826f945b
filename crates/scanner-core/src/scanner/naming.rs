//! Reads what files say of the names that scripts have for each other: manifests of packages, settings of compilers.

use crate::flow::naming::{MAX_NAMES, Name, Naming};
use crate::flow::paths::joined;
use serde_json::{Map, Value};

/// Bytes of such a file, at most: real ones have some thousand.
const MAX_FILE: usize = 1 << 20;
/// Folders of what is built out of the sources, which need not be there.
const BUILT: &[&str] = &["dist", "build", "out", "lib", "es", "esm", "cjs"];

/// What a file says, if it is one of them.
pub(super) fn read(path: &str, text: &str) -> Option<Naming> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    if text.len() > MAX_FILE || folder.split('/').any(|part| part == "node_modules") {
        return None;
    }
    let folder = if folder.is_empty() && !path.starts_with('/') { String::new() } else { format!("{folder}/") };
    let is_settings = ["tsconfig", "jsconfig"].iter().any(|start| name.starts_with(start)) && name.ends_with(".json");
    match name {
        "package.json" => of_package(folder, serde_json::from_str(text).ok()?),
        _ if is_settings => of_compiler(folder, serde_json::from_str(&without_comments(text)).ok()?),
        _ => None,
    }
}

/// `{ "name": "@acme/core", "main": "dist/index.js", "exports": { "./mail": "./src/mail.ts" } }`
fn of_package(folder: String, manifest: Value) -> Option<Naming> {
    let package = manifest.get("name")?.as_str().filter(|name| !name.is_empty() && !name.contains('*'))?.to_owned();
    let mut entries = Vec::new();
    let mut names = Vec::new();
    for key in ["source", "main", "module", "types"] {
        entries.extend(manifest.get(key).and_then(Value::as_str).map(str::to_owned));
    }
    let exports = manifest.get("exports");
    let by_path = exports.and_then(Value::as_object).filter(|all| all.keys().any(|key| key.starts_with('.')));
    match (by_path, exports) {
        (Some(all), _) => {
            for (path, given) in all.iter().take(MAX_NAMES) {
                match path.strip_prefix("./") {
                    Some(path) => names.push((format!("{package}/{path}"), texts(given))),
                    None => entries.extend(texts(given)),
                }
            }
        }
        (None, Some(given)) => entries.extend(texts(given)),
        (None, None) => {}
    }
    entries.extend(["src/index".to_owned(), "index".to_owned()]);
    names.push((package.clone(), entries));
    names.push((format!("{package}/*"), vec!["*".to_owned(), "src/*".to_owned()]));
    let name = |(pattern, leads): (String, Vec<String>)| Name {
        pattern,
        leads: leads.iter().flat_map(|lead| sources(&folder, lead)).collect(),
    };
    Some(Naming { package: Some(package), names: names.into_iter().map(name).collect(), folder })
}

/// The texts in a part of a manifest: one, or some in objects by conditions.
fn texts(part: &Value) -> Vec<String> {
    match part {
        Value::String(text) => vec![text.clone()],
        Value::Object(parts) => parts.values().flat_map(texts).take(MAX_NAMES).collect(),
        Value::Array(parts) => parts.iter().flat_map(texts).take(MAX_NAMES).collect(),
        _ => Vec::new(),
    }
}

/// Where the source of a file may be that a package gives: `dist/mail.js` is made of `src/mail.ts`.
fn sources(folder: &str, lead: &str) -> Vec<String> {
    let plain = lead.trim_start_matches("./");
    if plain.split('/').any(|part| part == "..") {
        return Vec::new();
    }
    let mut paths = vec![format!("{folder}{plain}")];
    if let Some((_, inner)) = plain.split_once('/').filter(|(first, _)| BUILT.contains(first)) {
        let stem = [".d.ts", ".js", ".mjs", ".cjs"].iter().find_map(|end| inner.strip_suffix(end)).unwrap_or(inner);
        paths.extend([format!("{folder}src/{stem}"), format!("{folder}{stem}")]);
    }
    paths
}

/// `{ "compilerOptions": { "baseUrl": ".", "paths": { "~/*": ["./app/*"] } } }`
fn of_compiler(folder: String, settings: Value) -> Option<Naming> {
    let options = settings.get("compilerOptions")?;
    let base = options.get("baseUrl").and_then(Value::as_str);
    let mut root = joined(&folder, base.unwrap_or("."))?;
    if !root.is_empty() {
        root.push('/');
    }
    let none = Map::new();
    let paths = options.get("paths").and_then(Value::as_object).unwrap_or(&none);
    let mut names: Vec<Name> = Vec::new();
    for (pattern, leads) in paths.iter().take(MAX_NAMES) {
        let leads = texts(leads).iter().filter_map(|lead| joined(&root, lead)).collect();
        names.push(Name { pattern: pattern.clone(), leads });
    }
    // The longest one counts that a name begins with.
    names.sort_by_key(|name| std::cmp::Reverse(name.pattern.len()));
    if base.is_some() {
        names.push(Name { pattern: "*".to_owned(), leads: vec![format!("{root}*")] });
    }
    (!names.is_empty()).then_some(Naming { folder, package: None, names })
}

/// JSON without the comments and the commas at the end that compilers let pass.
fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/', ',']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.as_bytes() {
            [b'"', ..] => {
                let bytes = rest.as_bytes();
                let mut end = 1;
                while end < bytes.len() && bytes[end] != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                let end = (end + 1).min(bytes.len());
                // A text that is cut within a letter is no JSON anyhow.
                let Some(string) = rest.get(..end) else { return plain };
                plain.push_str(string);
                end
            }
            [b'/', b'/', ..] => rest.find('\n').unwrap_or(rest.len()),
            [b'/', b'*', ..] => rest.find("*/").map_or(rest.len(), |end| end + 2),
            [b',', ..] => {
                let ends = rest[1..].trim_start().starts_with(['}', ']']);
                plain.push_str(if ends { "" } else { "," });
                1
            }
            _ => {
                plain.push('/');
                1
            }
        };
        rest = &rest[taken..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(naming: &Naming, pattern: &str) -> Vec<String> {
        let name = naming.names.iter().find(|name| name.pattern == pattern);
        name.map(|name| name.leads.clone()).unwrap_or_default()
    }

    #[test]
    fn packages_say_what_they_are_called() {
        let manifest = r#"{"name": "@a/core", "private": true, "main": "dist/main.js",
            "exports": {"./mail": {"import": "./lib/mail.js"}, "./x/*": "./src/x/*.ts"}}"#;
        let naming = read("p/core/package.json", manifest).expect("a package");
        assert_eq!(naming.package.as_deref(), Some("@a/core"));
        let main = ["p/core/dist/main.js", "p/core/src/main", "p/core/main", "p/core/src/index", "p/core/index"];
        assert_eq!(leads(&naming, "@a/core"), main);
        assert_eq!(leads(&naming, "@a/core/mail"), ["p/core/lib/mail.js", "p/core/src/mail", "p/core/mail"]);
        assert_eq!(leads(&naming, "@a/core/x/*"), ["p/core/src/x/*.ts"]);
        assert_eq!(leads(&naming, "@a/core/*"), ["p/core/*", "p/core/src/*"]);
        assert_eq!(read("node_modules/a/package.json", manifest), None);
        assert_eq!(read("p/package.json", "{}"), None);
    }

    #[test]
    fn compilers_are_told_names() {
        let settings = r#"{ // settings
            "compilerOptions": { "baseUrl": "./src", "paths": { "~/*": ["app/*",], "@lib": ["../lib/index.ts"] /* all */ }, },
        }"#;
        let naming = read("web/tsconfig.base.json", settings).expect("settings");
        assert_eq!(naming.folder, "web/");
        assert_eq!(leads(&naming, "~/*"), ["web/src/app/*"]);
        assert_eq!(leads(&naming, "@lib"), ["web/lib/index.ts"]);
        assert_eq!(leads(&naming, "*"), ["web/src/*"]);
        let plain = read("tsconfig.json", r#"{"compilerOptions": {"paths": {"@/*": ["./*"]}}}"#).expect("settings");
        assert_eq!(leads(&plain, "@/*"), ["*"]);
        assert_eq!(read("tsconfig.json", r#"{"compilerOptions": {"strict": true}}"#), None);
        assert_eq!(read("tsconfig.json", "{\"a\": \"\\"), None);
    }
}
