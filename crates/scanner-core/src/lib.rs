//! Finds hard-coded credentials, committed key files and OWASP-class vulnerabilities in source trees.
//!
//! Build a [`Scanner`] once and use it from any thread; give it bytes, or an [`Input`] such as
//! [`input::Tree`]; read the [`Report`], or write it with one of the [`mod@format`]s.
//!
//! ```
//! use scanner_core::{Scanner, format::sarif, input::Tree};
//!
//! # fn main() -> Result<(), scanner_core::Error> {
//! let scanner = Scanner::new()?;
//! let source = b"import hashlib\ndigest = hashlib.md5(b'x')\n";
//! for finding in &scanner.scan_bytes("app.py", source).findings {
//!     assert_eq!(&*finding.rule, "py-weak-hash");
//!     assert_eq!(finding.location.start.line, 2);
//! }
//! let report = scanner.scan(&Tree::new(["src"]))?;
//! let mut out = Vec::new();
//! sarif::write(&report, &sarif::SarifOptions::default(), &mut out)?;
//! # Ok(())
//! # }
//! ```

pub mod allow;
pub mod blob;
pub mod change;
pub mod decode;
pub mod detect;
pub mod error;
pub mod explain;
pub mod finding;
pub mod flow;
pub mod format;
pub mod glob;
pub mod input;
pub mod ir;
mod join;
pub mod language;
pub mod limits;
pub mod line_hash;
pub mod merge;
pub mod pattern;
pub mod regex_cost;
pub mod report;
pub mod rule;
pub mod ruletest;
pub mod scanner;
pub mod seen;
pub mod span;
pub mod stats;
pub mod store;
pub mod suppress;
pub mod triage;

pub use blob::{Blob, Input, Origin, Visitor};
pub use error::{Error, Problem, ProblemKind};
pub use finding::{Confidence, Finding, Location, Severity};
pub use limits::Limits;
pub use report::{Report, Stats};
pub use rule::{Rule, RuleOptions, RuleSet};
pub use scanner::{Progress, Scanner, ScannerBuilder};
