//! Runs rules on what stands encoded in a document, and brings what they see back to its places there.

use super::flows::Followed;
use super::{Facts, Scanner};
use crate::blob::Origin;
use crate::decode::Document;
use crate::decode::layer::{self, Budget, Layer};
use crate::detect::{Candidate, Decoded};
use crate::error::{Problem, ProblemKind};
use crate::language::{Language, Script};
use crate::span::Span;
use crate::triage;

/// Encodings that hide the whole of a value, while others spell some of its characters in another way.
const OPAQUE: &[&str] = &["base64", "hex"];

impl Scanner {
    /// Adds what rules see in the document's layers. Gives the program in a notebook's cells.
    pub(super) fn detect_in_layers(
        &self,
        document: &Document<'_>,
        candidates: &mut Vec<Candidate>,
        facts: &mut Facts,
    ) -> Option<Followed> {
        let path = document.origin.inner_path();
        let budget = Budget::new(&self.limits);
        let mut walk = Walk { scanner: self, origin: &document.origin, budget, texts: 0, facts, followed: None };
        if path.ends_with(".ipynb") {
            walk.notebook(document.text(), path, candidates);
        }
        walk.below(document.text(), path, None, candidates);
        if let Some(what) = walk.budget.exhausted() {
            let message = format!("holds more {what} than is decoded; what is beyond was not examined");
            let problem = Problem::at(Origin::clone(&document.origin), ProblemKind::TooMuchEncoded, message);
            walk.facts.problems.push(problem);
        }
        walk.followed
    }
}

struct Walk<'w> {
    scanner: &'w Scanner,
    origin: &'w Origin,
    budget: Budget,
    /// Texts decoded so far.
    texts: usize,
    facts: &'w mut Facts,
    /// The program in a notebook's cells.
    followed: Option<Followed>,
}

/// The layers that lead to a text.
struct Chain<'c> {
    layer: &'c Layer,
    outer: Option<&'c Chain<'c>>,
    /// How many encodings that is.
    depth: usize,
}

impl<'c> Chain<'c> {
    /// From the innermost to the outermost.
    fn layers(&'c self) -> impl Iterator<Item = &'c Layer> {
        std::iter::successors(Some(self), |chain| chain.outer).map(|chain| chain.layer)
    }
}

impl Walk<'_> {
    /// Decodes what stands encoded in a text, which was itself decoded through `chain`.
    fn below(&mut self, text: &str, path: &str, chain: Option<&Chain<'_>>, out: &mut Vec<Candidate>) {
        let depth = chain.map_or(0, |chain| chain.depth);
        for layer in layer::find(text, path, chain.map(|chain| chain.layer), depth, &mut self.budget) {
            let inside = layer.extension().map(|extension| format!("{path}/decoded.{extension}"));
            let path = inside.as_deref().unwrap_or(path);
            let hits = self.scanner.hits(layer.text());
            let mut found = Vec::new();
            self.scanner.detect_secrets(path, true, layer.text(), &hits, &mut found);
            let chain = Chain { layer: &layer, outer: chain, depth: depth + 1 };
            self.lead_back(found, &chain, out);
            self.below(layer.text(), path, Some(&chain), out);
        }
    }

    /// A notebook's cells: what rules see in them, and what stands encoded there.
    fn notebook(&mut self, text: &str, path: &str, out: &mut Vec<Candidate>) {
        for cell in layer::cells(text).unwrap_or_default() {
            let extension = cell.layer.extension().unwrap_or_default();
            let path = format!("{path}/cells.{extension}");
            let hits = self.scanner.hits(cell.layer.text());
            let mut found = Vec::new();
            self.scanner.detect_secrets(&path, true, cell.layer.text(), &hits, &mut found);
            let mut followed = None;
            if let Some(language) = Language::of_path(&path).filter(|_| cell.is_code && self.scanner.code) {
                let known = self.facts.problems.len();
                let script = Script::whole(language);
                followed = self.scanner.detect_code(self.origin, cell.layer.text(), script, &mut found, self.facts);
                // Lines are those of the cells, which no one can count.
                self.facts.problems[known..].iter_mut().for_each(|problem| problem.line = None);
            }
            // Its text is plain: what stands encoded in it is one level deep.
            let chain = Chain { layer: &cell.layer, outer: None, depth: 0 };
            self.lead_back(found, &chain, out);
            self.below(cell.layer.text(), &path, Some(&chain), out);
            if let Some(followed) = followed {
                self.followed = Some(Followed { layer: Some(cell.layer), ..followed });
            }
        }
    }

    /// Keeps what owes itself to the innermost layer, and gives it its place in the document.
    fn lead_back(&mut self, found: Vec<Candidate>, chain: &Chain<'_>, out: &mut Vec<Candidate>) {
        let innermost = chain.layer;
        self.texts += 1;
        for mut candidate in triage::merge(found, &self.scanner.rules) {
            let text = innermost.text();
            let secret = candidate.secret.map(|secret| text[secret.range()].to_owned());
            if innermost.owed(&candidate.span.range()).is_none() {
                continue;
            }
            let mut how: Vec<&'static str> = Vec::new();
            let mut range = candidate.span.range();
            let mut secret_range = candidate.secret.map(Span::range);
            for layer in chain.layers() {
                let steps = layer.owed(&range).unwrap_or_default();
                how.splice(0..0, steps);
                range = layer.outer(range);
                secret_range = secret_range.map(|range| layer.outer(range));
            }
            how.dedup();
            candidate.span = Span::new(range.start, range.end);
            candidate.secret = secret_range.map(|range| Span::new(range.start, range.end));
            if !how.is_empty() {
                candidate.facts.push(("decoded from".to_owned(), how.join(", ")));
            }
            let opaque = how.iter().any(|step| OPAQUE.contains(step));
            candidate.decoded = Some(Decoded { text: self.texts, opaque, secret });
            out.push(candidate);
        }
    }
}
