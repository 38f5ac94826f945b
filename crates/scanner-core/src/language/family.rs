//! Languages that share their rules.

/// A group of languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// JavaScript and TypeScript.
    JavaScript,
    /// Python.
    Python,
}

impl Family {
    /// All of them, each at the place of its number.
    pub const ALL: [Family; 2] = [Family::JavaScript, Family::Python];

    /// Reads the name that rules use.
    pub fn parse(name: &str) -> Option<Family> {
        match name {
            "javascript" => Some(Family::JavaScript),
            "python" => Some(Family::Python),
            _ => None,
        }
    }
}
