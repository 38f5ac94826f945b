//! How a scanner is set up: its rules, its bounds, and what it does.

use super::Scanner;
use super::cache::Cache;
use super::flows::Flows;
use crate::detect::index::Index;
use crate::error::Error;
use crate::limits::Limits;
use crate::rule::{RuleOptions, RuleSet};
use crate::store::Store;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Sets up a [`Scanner`].
#[derive(Debug, Clone)]
pub struct ScannerBuilder {
    pub(super) rules: RuleOptions,
    pub(super) limits: Limits,
    pub(super) threads: usize,
    pub(super) show_secrets: bool,
    pub(super) prefilter: bool,
    pub(super) layers: bool,
    pub(super) code: bool,
    pub(super) fresh: bool,
    pub(super) cache: Option<Arc<Store>>,
}

impl ScannerBuilder {
    /// Where what is worked out of programs is kept for later scans. Findings are the same with and without.
    /// Default: nowhere.
    pub fn cache(mut self, store: Option<Arc<Store>>) -> ScannerBuilder {
        self.cache = store;
        self
    }

    /// Which rules run. Default: the built-in ones without audit rules.
    pub fn rules(mut self, rules: RuleOptions) -> ScannerBuilder {
        self.rules = rules;
        self
    }

    /// Bounds on work. Default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> ScannerBuilder {
        self.limits = limits;
        self
    }

    /// Number of threads; 0, the default, is one for each core.
    pub fn threads(mut self, threads: usize) -> ScannerBuilder {
        self.threads = threads;
        self
    }

    /// Whether findings hold secrets in full. Default: masked.
    pub fn show_secrets(mut self, show: bool) -> ScannerBuilder {
        self.show_secrets = show;
        self
    }

    /// Whether literals are searched first. Off, every rule reads every text: slow, with the same
    /// findings; tests hold one against the other. Default: on.
    pub fn prefilter(mut self, on: bool) -> ScannerBuilder {
        self.prefilter = on;
        self
    }

    /// Whether what stands encoded or cut into pieces is decoded and examined too. Default: on.
    pub fn layers(mut self, on: bool) -> ScannerBuilder {
        self.layers = on;
        self
    }

    /// Whether the rules for code and for data run. Of a history, where they would judge what was repaired
    /// long ago, they are mostly not wanted. Default: on.
    pub fn code(mut self, on: bool) -> ScannerBuilder {
        self.code = on;
        self
    }

    /// Whether of a blob that an input calls seen in parts only the rest is examined. Off, each is examined
    /// whole: slow, with the same findings; tests hold one against the other. Default: on.
    pub fn fresh(mut self, on: bool) -> ScannerBuilder {
        self.fresh = on;
        self
    }

    /// Loads the rules and arranges them.
    ///
    /// # Errors
    /// As for [`RuleSet::load`], and a model that cannot be read.
    pub fn build(self) -> Result<Scanner, Error> {
        let rules = RuleSet::load(&self.rules)?;
        let cache = self.cache.clone().map(|store| Cache::new(store, &self)).transpose()?;
        Ok(Scanner { cache, ..self.build_with(rules)? })
    }

    /// Arranges rules that were loaded before, whatever [`ScannerBuilder::rules`] says. What is worked out with them
    /// is not kept.
    ///
    /// # Errors
    /// A model among them that cannot be read.
    pub fn build_with(self, rules: RuleSet) -> Result<Scanner, Error> {
        let rules = Arc::new(rules);
        let index = Index::new(&rules);
        let flows = Flows::new(&rules)?;
        let threads = match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            threads => threads,
        };
        Ok(Scanner {
            rules,
            index,
            limits: self.limits,
            threads,
            show_secrets: self.show_secrets,
            prefilter: self.prefilter,
            key: RandomState::new().hash_one(0).to_ne_bytes(),
            layers: self.layers,
            code: self.code,
            fresh: self.fresh,
            flows,
            cache: None,
        })
    }
}

impl Scanner {
    /// Starts setting one up.
    pub fn builder() -> ScannerBuilder {
        ScannerBuilder {
            rules: RuleOptions::default(),
            limits: Limits::default(),
            threads: 0,
            show_secrets: false,
            prefilter: true,
            layers: true,
            code: true,
            fresh: true,
            cache: None,
        }
    }
}
