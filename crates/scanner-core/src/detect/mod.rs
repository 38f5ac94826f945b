//! Detectors: each reads one document and leaves candidates; none sees another, none does I/O.

use crate::finding::{Confidence, Severity};
use crate::span::Span;

/// What a detector saw, before overlaps are merged and secrets are masked.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Index of the rule in its set.
    pub rule: usize,
    /// What the finding is about.
    pub span: Span,
    /// The credential inside, to be masked wherever it is shown.
    pub secret: Option<Span>,
    /// Instead of the rule's own.
    pub severity: Option<Severity>,
    /// Instead of the rule's own.
    pub confidence: Option<Confidence>,
    /// Instead of the rule's own; must hold no secret.
    pub message: Option<String>,
    /// What the value tells about itself.
    pub facts: Vec<(String, String)>,
}
