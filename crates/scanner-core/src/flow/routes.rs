//! What routes of Django, which stand in files of their own, make of the parts of an address before a view is given them.

use super::admitted::cleared_by_source;
use super::engine::Engine;
use super::model::SinkSet;
use super::paths::Paths;
use super::value::Function;
use crate::ir::Kind;
use crate::language::Family;
use crate::regex_cost::Dialect;
use foldhash::HashMap;
use serde::{Deserialize, Serialize};

/// What a route lets through as a part of an address: any text, names, no text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// Any text.
    #[default]
    Text,
    /// Letters, digits, `-` and `_`.
    Slug,
    /// A number or the like.
    Clean,
}

/// By the name of a view and that of a part, with a blank between: what all routes to it let through as that part.
pub(super) type Converted = HashMap<Box<str>, Part>;

impl Paths<'_> {
    /// What all routes that lead to a view make of a part of the address, the name of which follows that of the view:
    /// `path("<int:number>/", views.Show.as_view())`.
    pub fn routes_convert(&self, asked: &str) -> Part {
        let routes = || {
            let mut all = Converted::default();
            for file in self.iter().filter(|file| file.family == Family::Python && file.text.contains("urlpatterns")) {
                read_routes(file.text, &mut all);
            }
            all
        };
        self.converted.get_or_init(routes).get(asked).copied().unwrap_or_default()
    }
}

impl<'p> Engine<'p> {
    /// What a view of Django is given as a part of an address.
    pub(super) fn converted_elsewhere(&mut self, view: &Function<'p>, name: &str) -> Part {
        let file = self.unit(view.unit);
        let class = file.module.ancestors(view.node).find(|&id| file.module.kind(id) == Kind::Class);
        let named = file.module.text(class.unwrap_or(view.node), file.text);
        let asked = format!("{named} {name}");
        let converts = self.program.paths.routes_convert(&asked);
        self.converted.insert(asked.into(), converts);
        converts
    }
}

/// Kinds of sink that a part of an address is clean for that is made of letters, digits, `-` and `_`.
pub(super) fn cleared_by_slug() -> SinkSet {
    cleared_by_source("^[-a-zA-Z0-9_]+$", Dialect::JavaScript)
}

/// Kinds of sink that a parameter is clean for of which its own route says that it is a slug: `<slug:name>`.
pub(super) fn cleared_by_route(route: Option<&str>, name: &str) -> SinkSet {
    let is_slug = |route: &str| {
        let mut parts = route.split("<slug:").skip(1).filter_map(|part| part.split_once('>'));
        parts.any(|(part, _)| part == name)
    };
    if route.is_some_and(is_slug) { cleared_by_slug() } else { 0 }
}

/// Reads the routes of a file: `path("<int:n>/", views.show)`, `re_path(r"^(?P<n>\d+)/$", Show.as_view())`.
fn read_routes(text: &str, all: &mut Converted) {
    for call in ["path(", "url("] {
        for (at, _) in text.match_indices(call) {
            let given = text[at + call.len()..].trim_start().trim_start_matches('r');
            let Some(quote) = given.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { continue };
            let Some((route, rest)) = given[1..].split_once(quote) else { continue };
            let Some(view) = rest.trim_start().strip_prefix(',').map(view_name).filter(|view| !view.is_empty()) else {
                continue;
            };
            for (name, part) in parts(route) {
                let known = all.entry(format!("{view} {name}").into()).or_insert(Part::Clean);
                *known = part.min(*known);
            }
        }
    }
}

/// The last name of a view as it is given to a route.
fn view_name(given: &str) -> &str {
    let end = given.find(".as_view").or_else(|| given.find([',', ')', '\n'])).unwrap_or(given.len());
    let view = given[..end].trim_end_matches([')', ' ']);
    let start = view.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
    &view[start..]
}

/// The names of the parts of a route, and what each lets through.
fn parts(route: &str) -> impl Iterator<Item = (&str, Part)> {
    let clean = |is_clean: bool| if is_clean { Part::Clean } else { Part::Text };
    route.split('<').skip(1).filter_map(move |part| {
        let (named, rest) = part.split_once('>')?;
        Some(match named.split_once(':') {
            Some(("slug", name)) => (name, Part::Slug),
            Some((kind, name)) => (name, clean(matches!(kind, "int" | "uuid"))),
            None => (named, clean(["\\d", "[0-9]"].iter().any(|digits| rest.starts_with(digits)) && is_closed(rest))),
        })
    })
}

/// Whether of a group of a regex nothing follows its digits: `\d+)`, `[0-9]{4})`.
fn is_closed(group: &str) -> bool {
    let rest = group.trim_start_matches("\\d").trim_start_matches("[0-9]");
    rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || "+*{},".contains(letter)).starts_with(')')
}

#[cfg(test)]
mod tests {
    use super::{Converted, Part, read_routes};

    #[test]
    fn routes_tell_what_holds_no_text() {
        let text = r#"urlpatterns = [
            path("a/<int:n>/<str:s>", views.Show.as_view()),
            re_path(r'^b/(?P<year>[0-9]{4})/(?P<slug>\w+)$', checked(views.day), name="day"),
            path("c/<n>", other), path("d/<int:n>", other),
            path("g/<slug:name>", slugs), path("h/<slug:name>", both), path("i/<str:name>", both),
            url(r"^e/(?P<x>\d+|\w+)$", either), path("f", include("g")),
        ]"#;
        let mut all = Converted::default();
        read_routes(text, &mut all);
        let mut known: Vec<(&str, Part)> = all.iter().map(|(name, is)| (&**name, *is)).collect();
        known.sort_unstable();
        let expected = [
            ("Show n", Part::Clean),
            ("Show s", Part::Text),
            ("both name", Part::Text),
            ("day slug", Part::Text),
            ("day year", Part::Clean),
            ("either x", Part::Text),
            ("other n", Part::Text),
            ("slugs name", Part::Slug),
        ];
        assert_eq!(known, expected);
    }
}
