//! What earlier scans have worked out of files: what code and text rules saw in each and what it imports. Credentials
//! are never kept: a file that holds one is searched for them again, but not parsed.

use super::flows::Followed;
use super::{Facts, ScannerBuilder};
use crate::blob::{Blob, Origin};
use crate::detect::Candidate;
use crate::error::{Error, Problem, ProblemKind};
use crate::language::Script;
use crate::rule;
use crate::span::Span;
use crate::store::{Key, Shelf, Store};
use crate::suppress::Comment;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// A digest of the engine's sources and of the built-in rules.
const ENGINE: &str = env!("ENGINE_DIGEST");

/// Where things are kept, and what all of them depend on.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    pub(super) shelf: Shelf,
}

/// What is kept of a file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Examined {
    /// Whether that is all that was seen there; otherwise, what code rules saw.
    pub(super) whole: bool,
    pub(super) candidates: Vec<Candidate>,
    pub(super) comments: Vec<Comment>,
    problems: Vec<(ProblemKind, Option<u32>, String)>,
    parsed: u64,
    /// Whether data is followed through it; whether it may come in in it.
    followed: Option<bool>,
}

/// Where among all that was seen in a file that stands which code rules saw.
#[derive(Debug, Default)]
pub(super) struct OfCode {
    pub(super) candidates: Range<usize>,
    pub(super) problems: Range<usize>,
    /// How many programs were parsed for it.
    pub(super) parsed: u64,
}

/// What is kept of a file that is a part of a program.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// The files that it imports, as it names them; `None`: it cannot be read.
    pub(super) imports: Option<Vec<String>>,
    /// Why some of it was not read.
    pub(super) failed: Option<String>,
}

impl Cache {
    /// What is kept by scanners that are set up alike.
    ///
    /// # Errors
    /// A rule file that cannot be read.
    pub(super) fn new(store: Arc<Store>, builder: &ScannerBuilder) -> Result<Cache, Error> {
        let ScannerBuilder { rules, limits, prefilter, layers, code, .. } = builder;
        let options = format!("{limits:?} {prefilter} {layers} {code} {}", rule::digest_of(rules)?);
        Ok(Cache { shelf: Shelf::new(store, [ENGINE.as_bytes(), options.as_bytes()]) })
    }

    /// The key of a blob, if it is one of which something is kept.
    pub(super) fn file(&self, blob: &Blob<'_>) -> Option<Key> {
        let Origin { path, member, .. } = &blob.origin;
        let bytes = blob.bytes.as_deref()?;
        let wanted = (Script::may_stand_in(blob.origin.inner_path()) || bytes.starts_with(b"#!"))
            && blob.fresh.is_none()
            && !blob.strings
            && !blob.origin.is_history();
        wanted
            .then(|| self.shelf.key("file", [path.as_bytes(), member.as_deref().unwrap_or_default().as_bytes(), bytes]))
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        serde_json::from_slice(&self.shelf.get(key)?).ok()
    }

    pub(super) fn put<T: Serialize>(&self, key: &Key, value: &T) {
        if let Ok(bytes) = serde_json::to_vec(value) {
            self.shelf.put(key, &bytes);
        }
    }

    /// Throws away what is too much.
    pub(super) fn trim(&self) {
        self.shelf.trim();
    }
}

impl Examined {
    /// What was seen in a file, without credentials.
    pub(super) fn of(
        candidates: &[Candidate],
        comments: &[Comment],
        facts: &Facts,
        of_code: OfCode,
        followed: Option<&Followed>,
    ) -> Option<Examined> {
        let is_plain = |candidate: &Candidate| {
            candidate.secret.is_none()
                && candidate.whole.is_none()
                && candidate.decoded.is_none()
                && candidate.related.is_empty()
                && candidate.trace.is_empty()
        };
        let in_place = followed.is_none_or(|followed| followed.layer.is_none());
        let whole = candidates.iter().all(is_plain);
        let (candidates, comments, problems, parsed) = match whole {
            true => (candidates, comments, &facts.problems[..], facts.stats.parsed),
            false => (&candidates[of_code.candidates], &[][..], &facts.problems[of_code.problems], of_code.parsed),
        };
        if !in_place || !candidates.iter().all(is_plain) {
            return None;
        }
        let problems = problems.iter().map(|problem| (problem.kind, problem.line, problem.message.clone()));
        Some(Examined {
            whole,
            candidates: candidates.to_vec(),
            comments: comments.to_vec(),
            problems: problems.collect(),
            parsed,
            followed: followed.map(|followed| followed.module.is_some()),
        })
    }

    /// Whether it may be of a text of this size, with so many rules.
    pub(super) fn fits(&self, size: usize, rules: usize) -> bool {
        let is_place = |span: Span| span.start <= span.end && span.end as usize <= size;
        self.candidates.iter().all(|candidate| candidate.rule < rules && is_place(candidate.span))
    }

    /// Puts back what was seen; gives what is followed.
    pub(super) fn restore(&mut self, origin: &Origin, text: &str, facts: &mut Facts) -> Option<Followed> {
        let problem = |(kind, line, message): (ProblemKind, Option<u32>, String)| Problem {
            line,
            ..Problem::at(Origin::clone(origin), kind, message)
        };
        facts.problems.extend(std::mem::take(&mut self.problems).into_iter().map(problem));
        facts.stats.parsed += self.parsed;
        let enters = self.followed?;
        let script = Script::find(origin.inner_path(), text)?;
        Some(Followed { script, layer: None, module: None, enters, key: None })
    }
}

#[cfg(test)]
mod tests;
