//! Reads `rules/**/*.toml`, refuses what does not parse, and embeds the rules as JSON in three
//! parts: what a scan needs (read at every start), documentation and tests (read when asked for).

#[allow(dead_code, unreachable_pub)]
#[path = "src/rule/syntax.rs"]
mod syntax;

use serde_json::{Map, Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};
use syntax::{ModelFile, RuleFile, RuleSyntax, TaxonomyFile};

/// The language families that models are written for, by the names that rules use.
const FAMILIES: &[&str] = &["javascript", "python"];

fn main() {
    let root = rules_root();
    digest(&root);
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=src/rule/syntax.rs");
    let mut files = Vec::new();
    list(&root, "toml", &mut files);
    files.sort();

    let mut rules: Vec<RuleSyntax> = Vec::new();
    let mut taxonomy = TaxonomyFile::default();
    let mut sources = Map::new();
    let mut models: Vec<ModelFile> = Vec::new();
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let shown = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().replace('\\', "/");
        if shown == "taxonomy.toml" {
            taxonomy = toml::from_str(&text).unwrap_or_else(|error| panic!("rules/{shown}: {error}"));
            continue;
        }
        if shown.starts_with("models/") {
            let model: ModelFile = toml::from_str(&text).unwrap_or_else(|error| panic!("rules/{shown}: {error}"));
            let known = FAMILIES.contains(&model.language.as_str());
            assert!(known, "rules/{shown}: `{}` is no language of {FAMILIES:?}", model.language);
            models.push(model);
            continue;
        }
        let parsed: RuleFile = toml::from_str(&text).unwrap_or_else(|error| panic!("rules/{shown}: {error}"));
        for rule in parsed.resolve_defaults() {
            let twin = sources.insert(rule.id.clone(), json!(shown));
            assert!(
                twin.is_none(),
                "rules/{shown}: the id `{}` stands also in rules/{}",
                rule.id,
                twin.unwrap_or_default()
            );
            rules.push(rule);
        }
    }
    rules.sort_by(|left, right| left.id.cmp(&right.id));
    write_parts(rules, &taxonomy, &sources, &models);
}

/// Lets the engine know itself from others: what it has worked out once holds for no other.
fn digest(rules: &Path) {
    let mut files = Vec::new();
    list(rules, "toml", &mut files);
    list(Path::new("src"), "rs", &mut files);
    files.sort();
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    let features = env::vars().filter(|(name, _)| name.starts_with("CARGO_FEATURE_"));
    features.collect::<std::collections::BTreeMap<_, _>>().hash(&mut hasher);
    for file in files {
        fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display())).hash(&mut hasher);
    }
    println!("cargo::rustc-env=ENGINE_DIGEST={:016x}", hasher.finish());
}

/// The workspace's `rules/`, or the copy that a packaged crate carries.
fn rules_root() -> PathBuf {
    let crate_root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let workspace = crate_root.join("../../rules");
    if workspace.is_dir() && crate_root.join("../../Cargo.toml").is_file() {
        workspace
    } else {
        crate_root.join("rules")
    }
}

fn list(folder: &Path, end: &str, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            list(&path, end, files);
        } else if path.extension().is_some_and(|extension| extension == end) {
            files.push(path);
        }
    }
}

fn write_parts(rules: Vec<RuleSyntax>, taxonomy: &TaxonomyFile, sources: &Map<String, Value>, models: &[ModelFile]) {
    let mut hot = Vec::new();
    let mut docs = Map::new();
    let mut tests = Map::new();
    for mut rule in rules {
        docs.insert(
            rule.id.clone(),
            json!({ "source": sources[&rule.id], "what": rule.what.take(), "why": rule.why.take(),
                    "fix": rule.fix.take(), "references": std::mem::take(&mut rule.references) }),
        );
        tests.insert(
            rule.id.clone(),
            json!({ "match": std::mem::take(&mut rule.matches), "ignore": std::mem::take(&mut rule.ignores),
                    "test": std::mem::take(&mut rule.tests) }),
        );
        hot.push(rule);
    }
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, value: String| {
        fs::write(out.join(name), value).unwrap_or_else(|error| panic!("{name}: {error}"));
    };
    // A line for each: the reader never holds all of them as read and as compiled.
    let lines: Vec<String> =
        hot.iter().map(|rule| serde_json::to_string(rule).expect("rules are plain data")).collect();
    write("rules.jsonl", lines.join("\n"));
    for family in FAMILIES {
        let own: Vec<&ModelFile> = models.iter().filter(|model| model.language == *family).collect();
        write(&format!("models.{family}.json"), serde_json::to_string(&own).expect("models are plain data"));
    }
    write("docs.json", Value::Object(docs).to_string());
    write("tests.json", Value::Object(tests).to_string());
    write("taxonomy.json", serde_json::to_string(taxonomy).expect("the taxonomy is plain data"));
}
