//! What can be proved about a token from its characters alone, and what it tells about itself.
//!
//! Algorithms are the vendors' published ones. A failed proof means a made-up, cut or edited token.

mod azure;
mod checksum;
mod encoding;
mod facts;
mod key;
mod structure;
mod table;
mod wallet;

use super::shape::Shape;
use crate::finding::Severity;
use std::fmt;
use table::PROOFS;

pub use encoding::{base32, base64};
pub use facts::mode;

/// A named fact that a token tells, with nothing of the secret in it.
pub type Fact = (&'static str, String);

/// What a proof says of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Made up, cut or edited.
    Fails,
    /// Has the structure that it should have, or a form that cannot be proved.
    Fits,
    /// A checksum shows that its format is genuine.
    Proven,
}

/// What passing and failing a proof mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// A confirmed checksum: proven or made up.
    Checksum,
    /// A checksum that some genuine tokens lack, or that no vendor confirmed: failing means nothing.
    MayHaveChecksum,
    /// A structure that every genuine token has, and others may have by chance.
    Structure,
    /// Its prefix is telling enough: the token is read for its facts, where it can be.
    Reads,
}

/// One row of the table of proofs.
struct Proof {
    name: &'static str,
    strength: Strength,
    judge: fn(&str) -> Option<bool>,
    /// Facts from the token and the text around it.
    facts: fn(&str, &str) -> Vec<Fact>,
    severity: fn(&str) -> Option<Severity>,
    /// Makes a genuine token of one drawn from a shape, and of a seed.
    sample: fn(&str, u64) -> Option<String>,
}

impl Proof {
    const fn new(name: &'static str, strength: Strength, judge: fn(&str) -> Option<bool>) -> Proof {
        Proof {
            name,
            strength,
            judge,
            facts: |_, _| Vec::new(),
            severity: |_| None,
            sample: |token, _| Some(token.to_owned()),
        }
    }

    const fn facts(mut self, facts: fn(&str, &str) -> Vec<Fact>) -> Proof {
        self.facts = facts;
        self
    }

    const fn severity(mut self, severity: fn(&str) -> Option<Severity>) -> Proof {
        self.severity = severity;
        self
    }

    const fn sample(mut self, sample: fn(&str, u64) -> Option<String>) -> Proof {
        self.sample = sample;
        self
    }
}

/// A named proof.
#[derive(Clone, Copy)]
pub struct Check(&'static Proof);

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Check) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for Check {}

impl Check {
    /// Reads a proof's name.
    ///
    /// # Errors
    /// A sentence with the names there are.
    pub fn parse(name: &str) -> Result<Check, String> {
        PROOFS.iter().find(|proof| proof.name == name).map(Check).ok_or_else(|| {
            let known: Vec<&str> = PROOFS.iter().map(|proof| proof.name).collect();
            format!("unknown check `{name}`; there are {}", known.join(", "))
        })
    }

    /// Its name, as rules write it.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether passing it is near-proof of an issued token, so that no other test is needed.
    pub fn is_checksum(self) -> bool {
        self.0.strength == Strength::Checksum
    }

    /// What it says of `token`.
    pub fn verdict(self, token: &str) -> Verdict {
        let passes = || (self.0.judge)(token) == Some(true);
        match self.0.strength {
            Strength::Checksum if passes() => Verdict::Proven,
            Strength::Checksum => Verdict::Fails,
            Strength::MayHaveChecksum if passes() => Verdict::Proven,
            Strength::Structure if !passes() => Verdict::Fails,
            Strength::MayHaveChecksum | Strength::Structure | Strength::Reads => Verdict::Fits,
        }
    }

    /// Whether `token` passes.
    pub fn passes(self, token: &str) -> bool {
        self.verdict(token) != Verdict::Fails
    }

    /// What `token` tells about itself, read from it and the text around it.
    pub fn facts(self, token: &str, around: &str) -> Vec<Fact> {
        let mut facts = (self.0.facts)(token, around);
        // The text around a token may repeat it.
        facts.retain(|(_, value)| !value.contains(token));
        facts
    }

    /// How bad a leak of `token` is, where that differs from what the rule says.
    pub fn severity(self, token: &str) -> Option<Severity> {
        (self.0.severity)(token)
    }

    /// A sample of `shape` that passes, where one can be made.
    pub fn sample(self, shape: &Shape, seed: u64) -> Option<String> {
        let drawn = shape.sample(seed);
        let made = (self.0.sample)(&drawn, seed).filter(|token| shape.matches_whole(token.as_bytes()));
        match self.0.strength {
            Strength::Reads => Some(made.unwrap_or(drawn)),
            _ => made.filter(|token| (self.0.judge)(token) == Some(true)),
        }
    }
}

#[cfg(test)]
mod tests;
