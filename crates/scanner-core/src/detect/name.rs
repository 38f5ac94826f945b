//! Finds files that should not be there, by path and then by content.

use super::Candidate;
use super::index::Index;
use crate::rule::{LazyRegex, Matcher, RuleSet};
use crate::span::Span;

/// The name rules that a path fits, and whose conditions on the content hold. `head` is the start
/// of the file, `None` when it could not be read: conditions on it then cannot be shown to hold.
pub fn detect(path: &str, head: Option<&[u8]>, rules: &RuleSet, index: &Index, out: &mut Vec<Candidate>) {
    let keys = index.names.find(path);
    if keys.is_empty() {
        return;
    }
    let folded = path.to_lowercase();
    for rule in keys {
        let Matcher::Name(name) = &rules.rules()[rule].matcher else { continue };
        let holds = |regex: &LazyRegex| head.is_some_and(|head| regex.get().is_match(head));
        if name.except.iter().any(|glob| glob.fits(&folded))
            || name.content.as_ref().is_some_and(|regex| !holds(regex))
            || name.not_content.as_ref().is_some_and(|regex| holds(regex) || head.is_none())
        {
            continue;
        }
        out.push(Candidate::new(rule, Span::new(0, 0)));
    }
}
