//! Counts what is evaluated, so that no program is followed for longer than its size is worth.

use crate::ir::Module;

/// Nodes that are evaluated at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// From one entry.
    entry: u32,
    /// For one file, before its entries get no more than what they are worth by their size.
    file: u32,
}

/// For what comes in: of a big program nearly all files have some entries, of which each may ask who calls it first.
pub(super) const ENTRIES: Budget = Budget { entry: 20_000, file: 120_000 };
/// For what a package gives: that is a file or a few, which lead to all others.
pub(super) const EXPORTS: Budget = Budget { entry: 100_000, file: 1_000_000 };
/// The same where each file that runs something is one.
pub(super) const PYTHON_EXPORTS: Budget = Budget { entry: 50_000, file: 500_000 };

/// Nodes that an entry may lead to whatever its file has used up,
const LEAST: u32 = 500;
/// and how often it may be gone through itself.
const TWICE: u32 = 2;

impl Budget {
    /// Of a big file, more for all of it.
    pub(super) fn for_file(self, module: &Module) -> Budget {
        Budget { entry: self.entry, ..self.at_least_for(module) }
    }

    /// Enough to go through all of a program twice: a bundle is one function that is called at its top.
    pub(super) fn at_least_for(self, module: &Module) -> Budget {
        let twice = size(module.len()).saturating_mul(TWICE);
        Budget { entry: self.entry.max(twice), file: self.file.max(twice) }
    }
}

/// What was evaluated of one file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meter {
    budget: Budget,
    /// Since the entry that runs began,
    entry: u32,
    /// and how much that may be.
    limit: u32,
    file: u32,
}

impl Meter {
    /// One for a file, or its top.
    pub(super) fn new(budget: Budget) -> Meter {
        Meter { budget, entry: 0, limit: budget.entry, file: 0 }
    }

    pub(super) fn budget(&self) -> Budget {
        self.budget
    }

    /// An entry begins, of so many nodes: it takes half of what is left at most, so that none of those that follow
    /// is left out.
    pub(super) fn start(&mut self, nodes: usize) {
        let left = self.budget.file.saturating_sub(self.file) / 2;
        let least = size(nodes).saturating_mul(TWICE).saturating_add(LEAST);
        (self.entry, self.limit) = (0, self.budget.entry.min(left).max(least));
    }

    /// Counts.
    pub(super) fn count(&mut self, nodes: usize) {
        self.entry = self.entry.saturating_add(size(nodes));
        self.file = self.file.saturating_add(size(nodes));
    }

    /// Nodes since the entry began.
    pub(super) fn entry(&self) -> u32 {
        self.entry
    }

    /// Whether a file has used up what its entries share.
    pub(super) fn is_file_spent(&self) -> bool {
        self.file > self.budget.file
    }

    /// Whether no more are evaluated.
    pub(super) fn is_spent(&self) -> bool {
        self.entry > self.limit
    }
}

fn size(nodes: usize) -> u32 {
    u32::try_from(nodes).unwrap_or(u32::MAX)
}
