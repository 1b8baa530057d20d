//! Features that all runs share. Each kind of features is fitted once, when a run first needs it.
//!
//! Features depend only on the pool, but the number of labels may decide which kind of features is
//! used. Fitted features are kept under their featurizer's fingerprint.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use querist_core::{Corpus, Featurizer, Snapshot};

use crate::error::EngineError;
use crate::featurise::{Basis, Prepared, featurise};
use crate::situation::Situation;

/// A featurizer, and the name of its kind.
pub struct Described {
    /// Name of the kind of features, as in `querist.toml`.
    pub kind: String,
    /// The featurizer.
    pub featurizer: Box<dyn Featurizer>,
}

/// Returns the featurizer to use with a given number of labelled documents.
pub type Choose<'a> = dyn Fn(usize) -> Described + Sync + 'a;

/// Features of a data set, shared by all runs.
pub struct SharedFeatures<'a> {
    /// Chooses the featurizer.
    choose: &'a Choose<'a>,
    /// The texts of the pool and the test set.
    corpus: &'a (dyn Corpus + Sync),
    snapshot: &'a Snapshot,
    situation: &'a Situation,
    /// The features that have been fitted, by the featurizer's fingerprint.
    fitted: Mutex<BTreeMap<String, Arc<Prepared>>>,
}

impl<'a> SharedFeatures<'a> {
    /// Starts without any fitted features. `snapshot` and `situation` describe the workspace before
    /// anybody has answered.
    pub fn new(
        choose: &'a Choose<'a>,
        corpus: &'a (dyn Corpus + Sync),
        snapshot: &'a Snapshot,
        situation: &'a Situation,
    ) -> Self {
        Self { choose, corpus, snapshot, situation, fitted: Mutex::default() }
    }

    /// Returns the features to use with `labeled` labelled documents, and the name of their kind.
    /// Fits them if no run has needed them yet.
    ///
    /// # Errors
    /// A text cannot be read, or the featurizer fails.
    pub fn of(
        &self,
        labeled: usize,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Result<(String, Arc<Prepared>), EngineError> {
        let Described { kind, featurizer } = (self.choose)(labeled);
        let key = featurizer.fingerprint();
        // The lock is held during the fit, so that no other thread fits the same features.
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
