//! The rules of a scan, each compiled when it is first asked for: most never see a literal of theirs.

use super::heads::{self, Head};
use super::select::Role;
use super::syntax::{Kind, ModelFile, RuleSyntax};
use super::{Rule, RuleOptions, load};
use crate::error::Error;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// The rules of a scan.
#[derive(Debug)]
pub struct RuleSet {
    pub(super) rules: Rules,
    /// Ids of all rules that are not built in, sorted, also of those that were not selected.
    pub(super) own: Vec<Arc<str>>,
    /// Whether suppressions may name built-in rules.
    pub(super) with_builtin: bool,
    /// Models besides the built-in ones.
    pub(super) models: Vec<ModelFile>,
}

/// Rules, sorted by id.
#[derive(Debug)]
pub struct Rules {
    slots: Vec<Slot>,
    is_default: bool,
}

/// A rule, read or not.
#[derive(Debug)]
pub(super) struct Slot {
    source: Source,
    role: Role,
    rule: OnceLock<Box<Rule>>,
}

#[derive(Debug)]
enum Source {
    Builtin(&'static Head),
    Read(Box<RuleSyntax>),
}

impl Slot {
    /// A rule as read, and as compiled if it is.
    pub(super) fn new(syntax: RuleSyntax, role: Role, rule: Option<Rule>) -> Slot {
        let rule = rule.map(|rule| Box::new(Rule { only_joins: role == Role::Joins, ..rule }));
        Slot { source: Source::Read(Box::new(syntax)), role, rule: rule.map(OnceLock::from).unwrap_or_default() }
    }

    fn id(&self) -> &str {
        match &self.source {
            Source::Builtin(head) => head.id,
            Source::Read(syntax) => &syntax.id,
        }
    }

    fn kind(&self) -> Option<Kind> {
        match &self.source {
            Source::Builtin(head) => Some(head.kind),
            Source::Read(syntax) => syntax.kind(),
        }
    }

    /// The rule as it is written.
    fn written(&self) -> Cow<'_, RuleSyntax> {
        match &self.source {
            Source::Builtin(head) => Cow::Owned(head.read()),
            Source::Read(syntax) => Cow::Borrowed(syntax),
        }
    }

    fn rule(&self) -> &Rule {
        self.rule.get_or_init(|| {
            let syntax = self.written().into_owned();
            let rule = Rule::compile(syntax, false).expect("the tests check built-in rules, the loader others");
            Box::new(Rule { only_joins: self.role == Role::Joins, ..rule })
        })
    }
}

impl Rules {
    /// The built-in rules that run where nothing else is asked for.
    pub(super) fn default_ones() -> Rules {
        let slot =
            |head: &'static Head| Some(Slot { source: Source::Builtin(head), role: head.role?, rule: OnceLock::new() });
        Rules { slots: heads::all().iter().filter_map(slot).collect(), is_default: true }
    }

    /// Rules sorted by id.
    pub(super) fn new(slots: Vec<Slot>) -> Rules {
        Rules { slots, is_default: false }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Each of them; compiles them all.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.slots.iter().map(Slot::rule)
    }

    /// Their ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().map(Slot::id)
    }

    /// The rules that look at one kind of thing, with their places in the list.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Rule)> {
        let slots = self.slots.iter().enumerate();
        slots.filter(move |(_, slot)| slot.kind() == Some(kind)).map(|(at, slot)| (at, slot.rule()))
    }

    /// How many were selected.
    pub fn running(&self) -> usize {
        self.slots.iter().filter(|slot| slot.role == Role::Runs).count()
    }

    /// Whether they are the built-in ones that run where nothing else is asked for.
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// The rules as they are written.
    pub fn written(&self) -> Vec<Cow<'_, RuleSyntax>> {
        self.slots.iter().map(Slot::written).collect()
    }
}

impl std::ops::Index<usize> for Rules {
    type Output = Rule;

    fn index(&self, at: usize) -> &Rule {
        self.slots[at].rule()
    }
}

impl RuleSet {
    /// The built-in rules, audit rules left out.
    pub fn builtin() -> RuleSet {
        RuleSet::load(&RuleOptions::default()).expect("nothing is read for them")
    }

    /// Loads and selects rules.
    ///
    /// # Errors
    /// A rule file that cannot be read or is not valid (with file, line and column), a glob that
    /// is not valid, or a selector that matches nothing.
    pub fn load(options: &RuleOptions) -> Result<RuleSet, Error> {
        load::load(options)
    }

    /// What further public names mean for data flow, besides the built-in models.
    pub fn models(&self) -> &[ModelFile] {
        &self.models
    }

    /// The rules, sorted by id.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The rule of an id, if it is selected.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.slots.binary_search_by(|slot| slot.id().cmp(id)).ok().map(|at| &self.rules[at])
    }

    /// Whether a rule of this id exists, selected or not.
    pub fn knows(&self, id: &str) -> bool {
        self.with_builtin && heads::find(id).is_some() || self.own.binary_search_by(|own| (**own).cmp(id)).is_ok()
    }
}
