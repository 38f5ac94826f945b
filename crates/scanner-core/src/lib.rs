//! Finds hard-coded credentials, committed key files and OWASP-class vulnerabilities in source trees.

pub mod blob;
pub mod decode;
pub mod detect;
pub mod error;
pub mod finding;
pub mod language;
pub mod limits;
pub mod pattern;
pub mod report;
pub mod rule;
pub mod span;

pub use blob::{Blob, Input, Origin, Visitor};
pub use error::{Error, Problem, ProblemKind};
pub use finding::{Confidence, Finding, Location, Severity};
pub use limits::Limits;
pub use report::{Report, Stats};
pub use rule::{Rule, RuleSet};
