//! A finding: one fault at one place, ready to be shown. No field holds a whole secret unless the
//! scan was told to show secrets.

use crate::blob::Origin;
use crate::span::{Position, Span};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// How bad it is if true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Weakens something, or needs much else to go wrong.
    Low,
    /// Exploitable under conditions.
    Medium,
    /// Exploitable, or opens something valuable.
    High,
    /// Opens the house.
    Critical,
}

impl Severity {
    /// All, from mild to grave.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// Reads the lower-case name.
    pub fn parse(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| severity.name() == name)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure it is to be true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Confidence {
    /// A hint for an audit.
    Low,
    /// More likely true than not.
    Medium,
    /// Nearly always true.
    High,
}

impl Confidence {
    /// All, from unsure to sure.
    pub const ALL: [Confidence; 3] = [Confidence::Low, Confidence::Medium, Confidence::High];

    /// Lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }

    /// Reads the lower-case name.
    pub fn parse(name: &str) -> Option<Confidence> {
        Confidence::ALL.into_iter().find(|confidence| confidence.name() == name)
    }

    /// One step less sure.
    pub fn lowered(self) -> Confidence {
        match self {
            Confidence::High => Confidence::Medium,
            Confidence::Medium | Confidence::Low => Confidence::Low,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A place in a blob.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The blob.
    pub origin: Arc<Origin>,
    /// Bytes in its decoded text.
    pub span: Span,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// The source line of a finding with every secret masked, cut to a readable length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Excerpt {
    /// The line's number, from 1.
    pub line: u32,
    /// Its text (masked, without line end).
    pub text: String,
    /// The bytes of `text` that the finding is about.
    pub highlight: std::ops::Range<usize>,
}

/// One hop of a trace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Where.
    pub location: Location,
    /// What happens there, in a few words.
    pub note: String,
}

/// A further place of a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Related {
    /// Where.
    pub location: Location,
    /// What stands there, in a few words.
    pub note: String,
    /// The name of the finding that was merged into this one; `None` when the place is a part of
    /// the same credential, such as the other half of a pair.
    pub fingerprint: Option<Fingerprint>,
}

/// Tells whether two findings are of the same secret, without holding it: a hash under a key that
/// each scanner draws anew. It stays in memory; no report shows it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretId([u8; 16]);

impl SecretId {
    /// The identity of a secret.
    pub fn new(key: &[u8], secret: &[u8]) -> SecretId {
        let digest = Sha256::new().chain_update(key).chain_update(secret).finalize();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        SecretId(id)
    }
}

impl fmt::Debug for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretId")
    }
}

/// Stays the same when a finding's line moves, changes when the finding itself does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub String);

/// What the first commit with a finding says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introduced {
    /// The author's name.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// When it was written, in seconds since 1970.
    pub seconds: i64,
    /// Its place among the commits of its repository, parents before their children: tells which of two of the same
    /// second came first.
    pub order: u32,
    /// The first line of its message.
    pub subject: String,
    /// Whether what is checked out still has the finding, at one of its places.
    pub present: bool,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Suppression {
    /// Line of the comment, from 1; `None` for one from the configuration.
    pub line: Option<u32>,
    /// The reason given, may be empty.
    pub reason: String,
}

/// One fault at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: Arc<str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence, masked.
    pub message: String,
    /// Where.
    pub location: Location,
    /// The source line.
    pub excerpt: Excerpt,
    /// The masked secret, for findings of a credential (`AKIA…(20 characters)`).
    pub secret: Option<String>,
    /// What the value tells about itself offline, e.g. `("issuer", "accounts")`.
    pub facts: Vec<(String, String)>,
    /// Further places: of the same secret, or of what belongs to it.
    pub related: Vec<Related>,
    /// In how many places the fault stands, this one included; more than `related` names where
    /// that was cut.
    pub places: usize,
    /// Set for a secret that cannot be the same in two places by chance.
    pub secret_id: Option<SecretId>,
    /// The way of the data, for flows; empty otherwise.
    pub trace: Vec<Step>,
    /// Names the finding across scans.
    pub fingerprint: Fingerprint,
    /// GitHub's `primaryLocationLineHash` of the start line, `hex:count`.
    pub line_hash: String,
    /// Set for findings of a history; `location` then names the commit.
    pub introduced: Option<Introduced>,
    /// Set when a comment or the configuration hushes it.
    pub suppression: Option<Suppression>,
}

impl Finding {
    /// What makes it the same one in another version of its file.
    pub fn identity(&self) -> (Fingerprint, Option<SecretId>) {
        (self.fingerprint.clone(), self.secret_id)
    }

    /// Puts findings in the order of reports.
    pub fn sort(findings: &mut [Finding]) {
        findings.sort_by(|left, right| left.sort_key().cmp(&right.sort_key()));
    }

    /// Report order: by path, place, then rule.
    pub fn sort_key(&self) -> (&Origin, Span, &str) {
        (&self.location.origin, self.location.span, &self.rule)
    }
}
