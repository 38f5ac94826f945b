//! Rules of data flow: which kinds of source must not reach which kind of sink.

use super::syntax::FlowSyntax;

/// The kinds of sink there are.
pub const SINKS: &[&str] = &[
    "sql",
    "nosql",
    "nosql-code",
    "command",
    "code",
    "template",
    "html",
    "path",
    "ssrf",
    "redirect",
    "xxe",
    "xpath",
    "ldap",
    "deserialize",
    "reflection",
    "log",
    "header",
    "trust-boundary",
    "regex",
    "exponential-regex",
    "polynomial-regex",
    "prototype",
    "format",
    "email",
    "prompt",
    "prototype-member",
    "unguessable",
    "extract",
    "xxe-default",
    "constructor-member",
    "write",
    "answer-header",
    "mass-assignment",
    "xml-expansion",
    "argument",
    "method",
    "link",
    "selector",
    "open",
    "claims",
    "sibling",
    "comparison",
    "secret-comparison",
    "absolute",
    "template-object",
    "mail",
    "allowed-origin",
    "launch",
    "markup",
    "own-prototype",
];
/// The kinds of source there are.
pub const SOURCES: &[&str] = &[
    "remote",
    "remote-object",
    "local",
    "stored",
    "response",
    "dom",
    "llm",
    "library",
    "random",
    "archive",
    "database",
    "plugin",
    "mac",
    "host",
];

/// A set of kinds of source, a bit for each of [`SOURCES`].
pub type SourceSet = u16;

/// The number of a kind of sink.
pub fn sink_kind(name: &str) -> Option<u8> {
    SINKS.iter().position(|kind| *kind == name).map(|at| at as u8)
}

/// The number of a kind of source.
pub fn source_kind(name: &str) -> Option<u8> {
    SOURCES.iter().position(|kind| *kind == name).map(|at| at as u8)
}

/// Matches data of some kinds that reaches a kind of sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowMatcher {
    /// Kinds of source, a bit for each.
    pub sources: SourceSet,
    /// The kind of sink.
    pub sink: u8,
}

impl FlowMatcher {
    /// Reads a rule's form.
    ///
    /// # Errors
    /// A kind that there is not.
    pub fn new(syntax: &FlowSyntax) -> Result<FlowMatcher, String> {
        let sink = sink_kind(&syntax.sink).ok_or_else(|| format!("unknown kind of sink `{}`", syntax.sink))?;
        let mut sources = 0;
        for name in &syntax.sources {
            sources |= 1 << source_kind(name).ok_or_else(|| format!("unknown kind of source `{name}`"))?;
        }
        if sources == 0 {
            return Err("flow.sources is empty".into());
        }
        Ok(FlowMatcher { sources, sink })
    }
}
