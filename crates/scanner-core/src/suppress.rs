//! Inline suppressions: `autoclave:ignore[rule-id] reason` on a finding's line or the line before.

use crate::decode::Document;
use crate::detect::plan::SUPPRESSION;
use crate::rule::RuleSet;
use serde::{Deserialize, Serialize};

/// One comment that hushes findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its line, from 1.
    pub line: u32,
    /// The line it speaks of: its own, or the next when nothing else stands on its own.
    pub target: u32,
    /// Globs of rule ids; empty: every rule.
    pub rules: Vec<String>,
    /// The rest of the comment.
    pub reason: String,
}

impl Comment {
    /// Whether it speaks of a rule.
    pub fn names(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|glob| fits(glob, rule))
    }

    /// Whether all that it names exists.
    pub fn first_unknown<'c>(&'c self, rules: &RuleSet) -> Option<&'c str> {
        self.rules.iter().map(String::as_str).find(|rule| !rule.contains('*') && !rules.knows(rule))
    }

    /// Whether a rule it names runs in this scan; only then can it be unused.
    pub fn could_apply(&self, rules: &RuleSet) -> bool {
        rules.rules().ids().any(|id| self.names(id))
    }
}

/// A `*` at the end stands for the rest of an id.
fn fits(glob: &str, rule: &str) -> bool {
    glob.strip_suffix('*').map_or(glob == rule, |start| rule.starts_with(start))
}

/// The comments at `hits` (places of the marker, ascending).
pub fn read(document: &Document<'_>, hits: &[usize]) -> Vec<Comment> {
    let text = document.text();
    let comments = hits.iter().filter_map(|&at| {
        let line = document.lines().line_of(at as u32);
        let span = document.line_span(line);
        let before = text[span.start as usize..at].trim();
        let mut rest = &text[at + SUPPRESSION.len()..span.end as usize];
        // Named in prose or in a string it is no marker, nor is it inside a word.
        let ends = rest.is_empty() || rest.starts_with(|next: char| next == '[' || next.is_whitespace() || next == '*');
        if !ends || before.ends_with(|last: char| last.is_alphanumeric() || last == '`') {
            return None;
        }
        let mut rules = Vec::new();
        if let Some(list) = rest.strip_prefix('[') {
            let (names, after) = list.split_once(']')?;
            rules = names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            rest = after;
        }
        let reason =
            rest.trim().trim_end_matches("*/").trim_end_matches("-->").trim_end_matches(['"', ',', '#', '}']).trim();
        let alone = !before.contains(char::is_alphanumeric) || before.eq_ignore_ascii_case("rem");
        Some(Comment { line, target: if alone { line + 1 } else { line }, rules, reason: reason.to_owned() })
    });
    comments.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::Origin;
    use std::sync::Arc;

    fn comments(text: &str) -> Vec<Comment> {
        let document = Document::new(Arc::new(Origin::path("a")), text.into());
        let hits: Vec<usize> = text.match_indices(SUPPRESSION).map(|(at, _)| at).collect();
        read(&document, &hits)
    }

    #[test]
    fn any_comment_syntax() {
        let marker = ["autoclave", "ignore"].join(":");
        for (open, close) in [
            ("# ", ""),
            ("// ", ""),
            ("/* ", " */"),
            ("<!-- ", " -->"),
            ("-- ", ""),
            ("; ", ""),
            ("{\"//\": \"", "\"},"),
        ] {
            let alone = comments(&format!("x\n{open}{marker}[a-b, c-*] known{close}\n"));
            assert_eq!(alone.len(), 1, "{open}");
            assert_eq!((alone[0].target, alone[0].reason.as_str()), (3, "known"), "{open}");
            assert!(alone[0].names("a-b") && alone[0].names("c-d") && !alone[0].names("b"));
            let beside = comments(&format!("code(); {open}{marker} why{close}\n"));
            assert_eq!((beside[0].target, beside[0].rules.len()), (1, 0), "{open}");
        }
        assert!(comments(&format!("see {marker}d things\n")).is_empty());
    }
}
