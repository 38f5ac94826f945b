//! Reads `rules/**/*.toml`, refuses what does not parse, and embeds the rules as JSON in three
//! parts: what a scan needs and documentation (of each rule by itself, read when a text calls for it),
//! and tests (read when asked for). What calls for which rule is arranged here, too: a scan starts without reading any.

// What of the library arranges rules from their written form, here and at run time.
#[allow(dead_code, unreachable_pub)]
#[path = "src/rule"]
mod rule {
    pub mod literal;
    pub mod misfit;
    pub mod name;
    pub mod needed;
    pub mod required;
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
#[path = "src/language"]
mod language {
    mod family;
    pub use family::Family;
}
#[allow(dead_code, unreachable_pub)]
#[path = "src/pattern"]
mod pattern {
    pub mod literal;
}
#[allow(dead_code, unreachable_pub)]
#[path = "src/detect"]
mod detect {
    pub mod codeplan;
    pub mod plan;
    pub mod prefilter;
    pub mod trigram;
}

use detect::codeplan::{Alternative, CodePlan, Need};
use detect::plan::Plan;
use detect::prefilter::Prefilter;
use language::Family;
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
    collect_files(&root, "toml", &mut files);
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
    collect_files(rules, "toml", &mut files);
    collect_files(Path::new("src"), "rs", &mut files);
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

fn collect_files(folder: &Path, end: &str, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| entry.ok().map(|entry| entry.path())) {
        if path.is_dir() {
            collect_files(&path, end, files);
        } else if path.extension().is_some_and(|extension| extension == end) {
            files.push(path);
        }
    }
}

fn write_parts(rules: Vec<RuleSyntax>, taxonomy: &TaxonomyFile, sources: &Map<String, Value>, models: &[ModelFile]) {
    let mut hot = Vec::new();
    let mut docs = Vec::new();
    let mut tests = Map::new();
    for mut rule in rules {
        docs.push(
            json!({ "source": sources[&rule.id], "what": rule.what.take(), "why": rule.why.take(),
                    "fix": rule.fix.take(), "references": std::mem::take(&mut rule.references) })
            .to_string(),
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
    write("heads.rs", heads(&hot, &docs, &roles));
    let running = hot.into_iter().zip(roles).filter_map(|(rule, role)| role.map(|_| rule));
    let running: Vec<RuleSyntax> = running.collect();
    let plan = Plan::of(&running).unwrap_or_else(|error| panic!("{error}"));
    let mut source = plan_source(&plan, &out);
    for (family, name) in Family::ALL.into_iter().zip(FAMILIES) {
        let code = running.iter().enumerate().filter_map(|(at, rule)| Some((at, rule.code.as_deref()?)));
        let own = code.filter(|(_, code)| code.languages.iter().any(|language| language == name));
        source += &code_plan_source(name, &CodePlan::of(family, own), &out);
    }
    write("plan.rs", source);
    for family in FAMILIES {
        let own: Vec<&ModelFile> = models.iter().filter(|model| model.language == *family).collect();
        write(&format!("models.{family}.json"), serde_json::to_string(&own).expect("models are plain data"));
    }
    write("tests.json", Value::Object(tests).to_string());
    write("taxonomy.json", serde_json::to_string(taxonomy).expect("the taxonomy is plain data"));
}

/// The source of what is known of each rule without reading it.
fn heads(rules: &[RuleSyntax], docs: &[String], roles: &[Option<rule::select::Role>]) -> String {
    let mut source = format!("static HEADS: [Head; {}] = [\n", rules.len());
    for ((rule, docs), role) in rules.iter().zip(docs).zip(roles) {
        let kind = rule.kind().unwrap_or_else(|| panic!("rule `{}` looks at nothing", rule.id));
        let role = role.map_or("None".to_owned(), |role| format!("Some(Role::{role:?})"));
        let body = serde_json::to_string(rule).expect("rules are plain data");
        let id = &rule.id;
        let _ = writeln!(
            source,
            "Head {{ id: {id:?}, kind: Kind::{kind:?}, role: {role}, body: {body:?}, docs: {docs:?} }},"
        );
    }
    source + "];\n"
}

/// The source of what calls for which rule.
fn plan_source(plan: &Plan, out: &Path) -> String {
    let Plan { prefilter, uses, use_ends, names } = plan;
    let mut source = prefilter_source("plan", prefilter, out);
    source += &list("USES", "Use", uses.iter().map(|what| format!("Use::{what:?}")));
    source += &list("USE_ENDS", "u32", use_ends.iter().map(u32::to_string));
    for (name, globs) in
        [("LAST_PARTS", &names.by_last_part), ("EXTENSIONS", &names.by_extension), ("OTHERS", &names.others)]
    {
        source += &list(name, "Named", globs.iter().map(named));
    }
    source
        + r#"
pub(super) fn plan() -> Plan {
    let names = NameIndex {
        by_last_part: Borrowed(&LAST_PARTS),
        by_extension: Borrowed(&EXTENSIONS),
        others: Borrowed(&OTHERS),
    };
    Plan { prefilter: plan_prefilter(), uses: Borrowed(&USES), use_ends: Borrowed(&USE_ENDS), names }
}
"#
}

/// The source of what the code rules of a family need.
fn code_plan_source(family: &str, plan: &CodePlan, out: &Path) -> String {
    let CodePlan { prefilter, alternatives, ends, needs } = plan;
    let prefix = family.to_uppercase();
    let numbers = |list: &[u32]| format!("Borrowed(&{list:?})");
    let alternative = |Alternative { rule, all, any }: &Alternative| {
        let any = commas(any.iter().map(|list| numbers(list)));
        format!("Alternative {{ rule: {rule}, all: {}, any: Borrowed(&[{any}]) }}", numbers(all))
    };
    let need = |Need { text, stands, searched }: &Need| {
        format!("Need {{ text: Borrowed({text:?}), stands: Stands::{stands:?}, searched: {searched:?} }}")
    };
    let mut source = prefilter_source(family, prefilter, out);
    source += &list(&format!("{prefix}_ALTERNATIVES"), "Alternative", alternatives.iter().map(alternative));
    source += &list(&format!("{prefix}_ALTERNATIVE_ENDS"), "u32", ends.iter().map(u32::to_string));
    source += &list(&format!("{prefix}_NEEDS"), "Need", needs.iter().map(need));
    let _ = writeln!(
        source,
        "pub(super) fn {family}_plan() -> CodePlan {{\n    CodePlan {{ prefilter: {family}_prefilter(), \
         alternatives: Borrowed(&{prefix}_ALTERNATIVES), ends: Borrowed(&{prefix}_ALTERNATIVE_ENDS), \
         needs: Borrowed(&{prefix}_NEEDS) }}\n}}"
    );
    source
}

/// The source of a literal search, whose larger tables are files of their own.
fn prefilter_source(name: &str, prefilter: &Prefilter, out: &Path) -> String {
    let Prefilter { bytes, ends, follow, windows, starts, entries } = prefilter;
    let prefix = name.to_uppercase();
    let mut source = list(&format!("{prefix}_ENDS"), "u32", ends.iter().map(u32::to_string));
    source += &list(&format!("{prefix}_ENTRIES"), "Entry", entries.iter().map(|entry| format!("{entry:?}")));
    let _ = writeln!(source, "fn {name}_prefilter() -> Prefilter {{\n    Prefilter {{");
    for (field, table) in [("bytes", bytes), ("follow", follow), ("windows", windows), ("starts", starts)] {
        let file = format!("{name}.{field}.bin");
        fs::write(out.join(&file), table).unwrap_or_else(|error| panic!("{file}: {error}"));
        let _ = writeln!(source, "        {field}: Borrowed(include_bytes!({file:?})),");
    }
    let _ =
        writeln!(source, "        ends: Borrowed(&{prefix}_ENDS), entries: Borrowed(&{prefix}_ENTRIES)\n    }}\n}}");
    source
}

/// The source of a table.
fn list(name: &str, of: &str, items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    format!("static {name}: [{of}; {}] = [{}];\n", items.len(), items.join(", "))
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
