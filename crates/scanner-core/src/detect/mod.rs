//! Detectors: each reads one document and leaves candidates; none sees another, none does I/O.

pub mod code;
mod codeindex;
pub mod codeplan;
mod expression;
pub mod guess;
pub mod index;
pub mod name;
pub mod near;
pub mod pair;
pub mod path;
pub mod placeholder;
pub mod plan;
pub mod prefilter;
pub mod random;
pub mod regex;
pub mod score;
pub mod sql;
mod technical;
pub mod text;
pub mod trigram;
pub mod value;
mod veto;
mod wanted;
pub mod why;
mod wordlike;

use crate::finding::{Confidence, Severity, Step};
use crate::span::Span;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use why::Why;

/// Takes what detectors see. A scan keeps the candidates; who explains one also wants to know what was
/// looked at and left alone, and why.
pub trait Sink {
    /// Takes what a rule found.
    fn found(&mut self, candidate: Candidate);

    /// Takes note that a rule left something alone. What is about the file as a whole has an empty range.
    fn refused(&mut self, _rule: usize, _range: Range<usize>, _why: Why) {}

    /// Takes what a rule decided.
    fn judged(&mut self, rule: usize, range: Range<usize>, verdict: Result<Candidate, Why>) {
        match verdict {
            Ok(candidate) => self.found(candidate),
            Err(why) => self.refused(rule, range, why),
        }
    }
}

impl Sink for Vec<Candidate> {
    fn found(&mut self, candidate: Candidate) {
        self.push(candidate);
    }
}

/// What a detector saw, before overlaps are merged and secrets are masked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Index of the rule in its set.
    pub rule: usize,
    /// What the finding is about.
    pub span: Span,
    /// The credential inside, to be masked wherever it is shown.
    pub secret: Option<Span>,
    /// A digest of the content, where the file as a whole is the secret.
    pub whole: Option<[u8; 32]>,
    /// Instead of the rule's own.
    pub severity: Option<Severity>,
    /// Instead of the rule's own.
    pub confidence: Option<Confidence>,
    /// Whether a checksum shows that the secret is what it looks like.
    pub proven: bool,
    /// Instead of the rule's own; must hold no secret.
    pub message: Option<String>,
    /// What the value tells about itself.
    pub facts: Vec<(String, String)>,
    /// Other parts of the same credential, and what they are.
    pub related: Vec<(Span, String)>,
    /// The way of the data, for flows.
    #[serde(skip)]
    pub trace: Vec<Step>,
    /// Set when it was seen in a text decoded from the document; its spans are those of the encoded
    /// form.
    #[serde(skip)]
    pub decoded: Option<Decoded>,
}

/// Where a candidate was seen that the document's own text does not show.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Number of the decoded text. What one rule set saw in one text has been merged.
    pub text: usize,
    /// Whether the encoded form hides the whole of it (base64), instead of spelling some characters
    /// in another way.
    pub opaque: bool,
    /// The secret as decoded.
    pub secret: Option<String>,
}

impl Candidate {
    /// A candidate that says no more than its rule.
    pub fn new(rule: usize, span: Span) -> Candidate {
        Candidate {
            rule,
            span,
            secret: None,
            whole: None,
            severity: None,
            confidence: None,
            proven: false,
            message: None,
            facts: Vec::new(),
            decoded: None,
            trace: Vec::new(),
            related: Vec::new(),
        }
    }
}
