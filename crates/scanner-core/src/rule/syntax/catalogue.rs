//! Credentials of many providers, a line each, and the rules that such lines become.

use super::{BelongsSyntax, Defaults, OneOrMany, RuleSyntax, TextSyntax};
use serde::{Deserialize, Serialize};

/// Credentials of many providers, a line each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Catalogue {
    /// Credentials that only their provider's name and a telling word near by give away. Each row
    /// becomes a text rule with `named` and `random` set.
    pub rows: Vec<CatalogueRow>,
    /// Credentials whose shape says whose they are. Each row becomes a text rule with `random` set.
    pub shaped: Vec<ShapedRow>,
    /// Identifiers that stand beside secrets. Each row becomes an audit rule that belongs to them.
    pub ids: Vec<IdRow>,
}

/// One credential: id, provider, kind, shape, words of the provider (`near`, separated by `, `),
/// and a link. In the file's `why` and `fix`, `{provider}` stands for the provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CatalogueRow(String, String, String, String, String, String);

/// One credential: id, provider, kind, shape, and a link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ShapedRow(String, String, String, String, String);

/// One identifier: id, provider, kind, shape, words of the provider (without them, the shape says
/// whose it is), and the rules of the secrets that it belongs to, both separated by `, `.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdRow(String, String, String, String, String, String);

impl Catalogue {
    /// The rules that its lines become.
    pub(super) fn rules(self, defaults: &Defaults) -> impl Iterator<Item = RuleSyntax> {
        let rows = self.rows.into_iter().map(|row| row.rule(defaults));
        let shaped = self.shaped.into_iter().map(|row| row.rule(defaults));
        rows.chain(shaped).chain(self.ids.into_iter().map(IdRow::rule))
    }
}

impl CatalogueRow {
    fn rule(self, defaults: &Defaults) -> RuleSyntax {
        let CatalogueRow(id, provider, kind, shape, near, reference) = self;
        let mut near = words(&near);
        near.extend(spellings(&provider).into_iter().filter(|word| !near.contains(word)).collect::<Vec<_>>());
        let mut rule = ShapedRow(id, provider, kind, shape, reference).rule(defaults);
        if let Some(text) = &mut rule.text {
            text.near = near;
            text.named = true;
            text.random = true;
        }
        rule
    }
}

impl ShapedRow {
    fn rule(self, defaults: &Defaults) -> RuleSyntax {
        let ShapedRow(id, provider, kind, shape, reference) = self;
        let told = |text: &Option<String>| text.as_ref().map(|text| text.replace("{provider}", &provider));
        RuleSyntax {
            id,
            title: format!("{provider} {kind}"),
            why: told(&defaults.why),
            fix: told(&defaults.fix),
            references: if reference.is_empty() { Vec::new() } else { vec![reference] },
            text: Some(Box::new(TextSyntax {
                // A long prefix is telling enough.
                random: shape
                    .chars()
                    .take_while(|letter| letter.is_ascii_alphanumeric() || "_-:.".contains(*letter))
                    .count()
                    < 5,
                shape: Some(OneOrMany::One(shape)),
                ..TextSyntax::default()
            })),
            ..RuleSyntax::default()
        }
    }
}

impl IdRow {
    fn rule(self) -> RuleSyntax {
        let IdRow(id, provider, kind, shape, near, secrets) = self;
        let near = words(&near);
        RuleSyntax {
            id,
            title: format!("{provider} {kind}"),
            audit: true,
            belongs_to: Some(Box::new(BelongsSyntax { rules: words(&secrets), ..BelongsSyntax::default() })),
            text: Some(Box::new(TextSyntax {
                shape: Some(OneOrMany::One(shape)),
                named: !near.is_empty(),
                near,
                public: true,
                ..TextSyntax::default()
            })),
            ..RuleSyntax::default()
        }
    }
}

/// How a name of several words is written where it names a setting: `Code Climate` and
/// `CodeClimate` stand as `code_climate`, `code-climate` and `code climate`.
fn spellings(provider: &str) -> Vec<String> {
    let plain = provider.split(" (").next().unwrap_or(provider);
    let mut parts: Vec<String> = Vec::new();
    let mut before = ' ';
    for letter in plain.chars() {
        let starts = !before.is_alphanumeric() || letter.is_uppercase() && before.is_lowercase();
        if letter.is_alphanumeric() {
            if starts || parts.is_empty() {
                parts.push(String::new());
            }
            parts.last_mut().expect("one was pushed").extend(letter.to_lowercase());
        }
        before = letter;
    }
    let long = parts.len() > 1 && parts.iter().map(String::len).sum::<usize>() >= 7;
    let ascii = plain.is_ascii();
    if long && ascii { ["_", "-", " "].map(|mark| parts.join(mark)).into() } else { Vec::new() }
}

/// The parts of a list in one string.
fn words(list: &str) -> Vec<String> {
    list.split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
