//! What routes of Django, which stand in files of their own, make of the parts of an address before a view is given them.

use super::engine::Engine;
use super::paths::Paths;
use super::value::Function;
use crate::ir::Kind;
use crate::language::Family;
use foldhash::HashMap;

/// By the name of a view and that of a part, with a blank between: whether all routes to it convert that part.
pub(super) type Converted = HashMap<Box<str>, bool>;

impl Paths<'_> {
    /// Whether all routes that lead to a view make a number or the like of a part of the address, the name of which
    /// follows that of the view: `path("<int:number>/", views.Show.as_view())`.
    pub fn routes_convert(&self, asked: &str) -> bool {
        let routes = || {
            let mut all = Converted::default();
            for file in self.iter().filter(|file| file.family == Family::Python && file.text.contains("urlpatterns")) {
                read_routes(file.text, &mut all);
            }
            all
        };
        self.converted.get_or_init(routes).get(asked).copied().unwrap_or(false)
    }
}

impl<'p> Engine<'p> {
    /// Whether a view of Django is given a part of an address as something that holds no text.
    pub(super) fn is_converted_elsewhere(&mut self, view: &Function<'p>, name: &str) -> bool {
        let file = self.unit(view.unit);
        let class = file.module.ancestors(view.node).find(|&id| file.module.kind(id) == Kind::Class);
        let named = file.module.text(class.unwrap_or(view.node), file.text);
        let asked = format!("{named} {name}");
        let converts = self.program.paths.routes_convert(&asked);
        self.converted.insert(asked.into(), converts);
        converts
    }
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
            for (name, is_converted) in parts(route) {
                let known = all.entry(format!("{view} {name}").into()).or_insert(true);
                *known &= is_converted;
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

/// The names of the parts of a route, and whether each holds no text.
fn parts(route: &str) -> impl Iterator<Item = (&str, bool)> {
    route.split('<').skip(1).filter_map(|part| {
        let (named, rest) = part.split_once('>')?;
        Some(match named.split_once(':') {
            Some((kind, name)) => (name, matches!(kind, "int" | "uuid")),
            None => (named, ["\\d", "[0-9]"].iter().any(|digits| rest.starts_with(digits)) && is_closed(rest)),
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
    use super::{Converted, read_routes};

    #[test]
    fn routes_tell_what_holds_no_text() {
        let text = r#"urlpatterns = [
            path("a/<int:n>/<str:s>", views.Show.as_view()),
            re_path(r'^b/(?P<year>[0-9]{4})/(?P<slug>\w+)$', checked(views.day), name="day"),
            path("c/<n>", other), path("d/<int:n>", other),
            url(r"^e/(?P<x>\d+|\w+)$", either), path("f", include("g")),
        ]"#;
        let mut all = Converted::default();
        read_routes(text, &mut all);
        let mut known: Vec<(&str, bool)> = all.iter().map(|(name, is)| (&**name, *is)).collect();
        known.sort_unstable();
        let expected = [
            ("Show n", true),
            ("Show s", false),
            ("day slug", false),
            ("day year", true),
            ("either x", false),
            ("other n", false),
        ];
        assert_eq!(known, expected);
    }
}
