//! Features of everything that a round looks at.
//!
//! What the featurizer learns (document frequencies, say) it learns from the whole pool, labelled or not, and from
//! nothing else: control items and the test set must not shape the model.

use querist_core::{Corpus, Features, Featurizer};

use crate::error::{EngineError, StepContext};

/// The texts of the workspace, by role, in the order of the documents' ids.
pub struct Corpora<'a> {
    /// The pool.
    pub pool: &'a dyn Corpus,
    /// The control items.
    pub control: &'a dyn Corpus,
    /// The test set.
    pub test: &'a dyn Corpus,
}

/// Features of the workspace.
pub struct Prepared {
    /// Of the pool, (pool, d).
    pub pool: Features,
    /// Of the control items, (control, d).
    pub control: Features,
    /// Of the test set, (test, d).
    pub test: Features,
}

/// Fits the featurizer to the pool and transforms everything.
///
/// # Errors
/// The texts cannot be read or featurised.
pub fn featurise(featurizer: &dyn Featurizer, corpora: &Corpora<'_>) -> Result<Prepared, EngineError> {
    let (fitted, pool) = featurizer.fit_transform(corpora.pool).doing("featurise the pool")?;
    let control = fitted.transform(corpora.control).doing("featurise the control items")?;
    let test = fitted.transform(corpora.test).doing("featurise the test set")?;
    Ok(Prepared { pool, control, test })
}
