//! Reads `rules/**/*.toml`, refuses what does not parse, and embeds the rules as JSON in three
//! parts: what a scan needs (each read when a text calls for it), documentation and tests (read when
//! asked for). What calls for which rule is arranged here, too: a scan starts without reading any.

// What of the library arranges rules from their written form, here and at run time.
#[allow(dead_code, unreachable_pub)]
#[path = "src/rule"]
mod rule {
    pub mod literal;
    pub mod misfit;
    pub mod name;
    pub mod select;
    pub mod shape;
    pub mod syntax;
}
#[allow(dead_code, unreachable_pub)]
#[path = "src/decode"]
mod decode {
    pub mod pair {
        pub mod place;
    }
}
#[allow(dead_code, unreachable_pub)]
#[path = "src/detect"]
mod detect {
    pub mod plan;
    pub mod prefilter;
    pub mod trigram;
}

use detect::plan::Plan;
use rule::name::Named;
use rule::select::roles;
use rule::syntax::{ModelFile, RuleFile, RuleSyntax, TaxonomyFile};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The language families that models are written for, by the names that rules use.
const FAMILIES: &[&str] = &["javascript", "python"];

fn main() {
    let root = rules_root();
    digest(&root);
    println!("cargo::rerun-if-changed={}", root.display());
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
    let roles = roles(&hot, |rule| !rule.audit, |_| false);
    write("heads.rs", heads(&hot, &roles));
    let running = hot.into_iter().zip(roles).filter_map(|(rule, role)| role.map(|_| rule));
    let plan = Plan::of(&running.collect::<Vec<_>>()).unwrap_or_else(|error| panic!("{error}"));
    let tables = [
        ("literals.bin", &plan.prefilter.bytes),
        ("follow.bin", &plan.prefilter.follow),
        ("windows.bin", &plan.prefilter.windows),
        ("starts.bin", &plan.prefilter.starts),
    ];
    for (name, bytes) in tables {
        fs::write(out.join(name), bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    write("plan.rs", plan_source(&plan));
    for family in FAMILIES {
        let own: Vec<&ModelFile> = models.iter().filter(|model| model.language == *family).collect();
        write(&format!("models.{family}.json"), serde_json::to_string(&own).expect("models are plain data"));
    }
    write("docs.json", Value::Object(docs).to_string());
    write("tests.json", Value::Object(tests).to_string());
    write("taxonomy.json", serde_json::to_string(taxonomy).expect("the taxonomy is plain data"));
}

/// The source of what is known of each rule without reading it.
fn heads(rules: &[RuleSyntax], roles: &[Option<rule::select::Role>]) -> String {
    let mut source = format!("static HEADS: [Head; {}] = [\n", rules.len());
    for (rule, role) in rules.iter().zip(roles) {
        let kind = rule.kind().unwrap_or_else(|| panic!("rule `{}` looks at nothing", rule.id));
        let role = role.map_or("None".to_owned(), |role| format!("Some(Role::{role:?})"));
        let body = serde_json::to_string(rule).expect("rules are plain data");
        let _ = writeln!(source, "Head {{ id: {:?}, kind: Kind::{kind:?}, role: {role}, body: {body:?} }},", rule.id);
    }
    source + "];\n"
}

/// The source of what calls for which rule.
fn plan_source(plan: &Plan) -> String {
    let Plan { prefilter, uses, use_ends, names } = plan;
    let mut source = String::new();
    let mut list = |name: &str, of: &str, count: usize, items: String| {
        let _ = writeln!(source, "static {name}: [{of}; {count}] = [{items}];");
    };
    list("ENDS", "u32", prefilter.ends.len(), commas(prefilter.ends.iter().map(|end| format!("{end}"))));
    list(
        "ENTRIES",
        "Entry",
        prefilter.entries.len(),
        commas(prefilter.entries.iter().map(|entry| format!("{entry:?}"))),
    );
    list("USES", "Use", uses.len(), commas(uses.iter().map(|what| format!("Use::{what:?}"))));
    list("USE_ENDS", "u32", use_ends.len(), commas(use_ends.iter().map(|end| format!("{end}"))));
    for (name, globs) in
        [("LAST_PARTS", &names.by_last_part), ("EXTENSIONS", &names.by_extension), ("OTHERS", &names.others)]
    {
        list(name, "Named", globs.len(), commas(globs.iter().map(named)));
    }
    source
        + r#"
pub(super) fn plan() -> Plan {
    let prefilter = Prefilter {
        bytes: Borrowed(include_bytes!("literals.bin")),
        ends: Borrowed(&ENDS),
        follow: Borrowed(include_bytes!("follow.bin")),
        windows: Borrowed(include_bytes!("windows.bin")),
        starts: Borrowed(include_bytes!("starts.bin")),
        entries: Borrowed(&ENTRIES),
    };
    let names = NameIndex {
        by_last_part: Borrowed(&LAST_PARTS),
        by_extension: Borrowed(&EXTENSIONS),
        others: Borrowed(&OTHERS),
    };
    Plan { prefilter, uses: Borrowed(&USES), use_ends: Borrowed(&USE_ENDS), names }
}
"#
}

fn named(Named { glob, key, rule }: &Named) -> String {
    let (pattern, needs) = (&glob.pattern, &glob.needs);
    format!(
        "Named {{ glob: NameGlob {{ pattern: Borrowed({pattern:?}), needs: {needs:?} }}, key: {key}, rule: {rule} }}"
    )
}

fn commas(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}
