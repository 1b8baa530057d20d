//! Features that all runs share: each kind is fitted once, when the first run needs it.
//!
//! Features depend on the pool and on nothing that a run does, but which kind of them is used may
//! depend on how many labels there are. What has been fitted is known by the featurizer's
//! fingerprint.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use querist_core::{Corpus, Featurizer, Snapshot};

use crate::error::EngineError;
use crate::featurise::{Basis, Prepared, featurise};
use crate::situation::Situation;

/// A featurizer, with what its kind is called.
pub struct Described {
    /// The kind, as in `querist.toml`.
    pub kind: String,
    /// The featurizer.
    pub featurizer: Box<dyn Featurizer>,
}

/// Which featurizer to use when so many documents are labelled.
pub type Choose<'a> = dyn Fn(usize) -> Described + Sync + 'a;

/// Features of a data set.
pub struct SharedFeatures<'a> {
    choose: &'a Choose<'a>,
    corpus: &'a (dyn Corpus + Sync),
    snapshot: &'a Snapshot,
    situation: &'a Situation,
    fitted: Mutex<BTreeMap<String, Arc<Prepared>>>,
}

impl<'a> SharedFeatures<'a> {
    /// Nothing is fitted yet. Snapshot and situation are those before any answer.
    pub fn new(
        choose: &'a Choose<'a>,
        corpus: &'a (dyn Corpus + Sync),
        snapshot: &'a Snapshot,
        situation: &'a Situation,
    ) -> Self {
        Self { choose, corpus, snapshot, situation, fitted: Mutex::default() }
    }

    /// The features for so many labelled documents, and their kind.
    ///
    /// # Errors
    /// The texts cannot be featurised.
    pub fn of(
        &self,
        labeled: usize,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(String, Arc<Prepared>), EngineError> {
        let Described { kind, featurizer } = (self.choose)(labeled);
        let key = featurizer.fingerprint();
        // Held while fitting, so that nobody else fits the same.
        let mut fitted = self.fitted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prepared) = fitted.get(&key) {
            return Ok((kind, Arc::clone(prepared)));
        }
        let basis = Basis::of(self.snapshot, self.situation);
        let prepared = Arc::new(featurise(
            featurizer.as_ref(),
            self.corpus,
            self.snapshot,
            self.situation,
            basis,
            progress,
        )?);
        fitted.insert(key, Arc::clone(&prepared));
        Ok((kind, prepared))
    }
}
