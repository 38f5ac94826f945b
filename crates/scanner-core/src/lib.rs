//! Finds hard-coded credentials, committed key files and OWASP-class vulnerabilities in source trees.

pub mod allow;
pub mod blob;
pub mod decode;
pub mod detect;
pub mod error;
pub mod finding;
pub mod format;
pub mod glob;
pub mod input;
pub mod ir;
pub mod language;
pub mod limits;
pub mod line_hash;
pub mod pattern;
pub mod report;
pub mod rule;
pub mod ruletest;
pub mod scanner;
pub mod span;
pub mod suppress;
pub mod triage;

pub use blob::{Blob, Input, Origin, Visitor};
pub use error::{Error, Problem, ProblemKind};
pub use finding::{Confidence, Finding, Location, Severity};
pub use limits::Limits;
pub use report::{Report, Stats};
pub use rule::{Rule, RuleOptions, RuleSet};
pub use scanner::{Progress, Scanner, ScannerBuilder};
