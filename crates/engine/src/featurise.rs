//! Computes the features of all documents that a round uses.
//!
//! A featurizer learns, for example, document frequencies or an embedding. It learns them from the
//! pool alone, with or without labels: control items and the test set must not shape the model.
//!
//! An embedding is learned from the pool as it was at some round, the **basis**. It is kept until
//! the pool has grown by a quarter. A new embedding would take time, change the features of every
//! document, and make the last model useless as a start. The basis is stored with the round, so the
//! same workspace always has the same features.

use querist_core::{Corpus, FeatureBlock, Featurizer, FittedFeaturizer, Learn, Rows, Shingles, Snapshot};

use crate::error::{EngineError, StepContext};
use crate::situation::Situation;

/// The embedding is learned again once the pool is this many times as large as its basis.
const GROWTH: f64 = 1.25;

/// The features of all documents in the workspace.
pub struct Prepared {
    /// The featurizer, fitted to the pool.
    pub fitted: Box<dyn FittedFeaturizer>,
    /// The documents from which an embedding was learned.
    pub basis: Basis,
    /// The pool's documents: their places in the order of import.
    pool: Vec<u32>,
    /// The control items: their places in the order of import.
    control: Vec<u32>,
    /// The test set's documents: their places in the order of import.
    test: Vec<u32>,
}

/// The part of the pool from which an embedding is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// Only documents whose place in the order of import is below this belong to the basis.
    pub limit: usize,
    /// Number of pool documents in the basis.
    pub documents: usize,
    /// If the pool has outgrown the previous basis: number of documents in that basis.
    pub outgrown: Option<usize>,
}

impl Basis {
    /// Decides the basis of the next round: the basis of the last round or, if the pool has
    /// outgrown it, the whole pool.
    pub fn of(snapshot: &Snapshot, situation: &Situation) -> Self {
        // Places may have gaps, so the limit comes from the largest place, not from the number of
        // documents.
        let all = snapshot.documents.iter().map(|document| document.place as usize + 1).max().unwrap_or(0);
        let pool = situation.pool.len();
        let whole = Self { limit: all, documents: pool, outgrown: None };
        let Some(last) = snapshot.rounds.last().map(|round| round.basis).filter(|basis| *basis > 0) else {
            return whole;
        };
        let place = |document: &&usize| (snapshot.documents[**document].place as usize) < last;
        let before = situation.pool.iter().filter(place).count();
        if pool as f64 >= GROWTH * before as f64 && pool > before {
            return Self { outgrown: Some(before), ..whole };
        }
        Self { limit: last, documents: before, outgrown: None }
    }
}

impl Prepared {
    /// Returns the features of the pool, one row per document.
    pub fn pool(&self) -> Box<dyn Rows + '_> {
        self.fitted.rows(&self.pool)
    }

    /// Returns the shingles of the pool documents, by row; `None` if the featurizer makes none.
    pub fn shingles(&self) -> Option<Box<dyn Shingles + '_>> {
        self.fitted.shingles(&self.pool)
    }

    /// Returns the features of the control items, one row per item.
    pub fn control(&self) -> Box<dyn Rows + '_> {
        self.fitted.rows(&self.control)
    }

    /// Returns the features of the test set, one row per document.
    pub fn test(&self) -> Box<dyn Rows + '_> {
        self.fitted.rows(&self.test)
    }

    /// Returns the blocks (groups of columns) that make up the features.
    pub fn blocks(&self) -> Vec<FeatureBlock> {
        self.fitted.blocks()
    }
}

/// Fits the featurizer to the pool. If it learns an embedding, it learns this from `basis` alone.
/// `corpus` holds the texts of all documents in the order of import. `progress` is called with the
/// numbers of finished and of all documents.
///
/// # Errors
/// A text cannot be read, or the featurizer fails.
pub fn featurise(
    featurizer: &dyn Featurizer,
    corpus: &dyn Corpus,
    snapshot: &Snapshot,
    situation: &Situation,
    basis: Basis,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Prepared, EngineError> {
    let places = |documents: &[usize]| -> Vec<u32> {
        documents.iter().map(|document| snapshot.documents[*document].place).collect()
    };
    let pool = places(&situation.pool);
    let within: Vec<u32> = pool.iter().copied().filter(|place| (*place as usize) < basis.limit).collect();
    let learn = Learn { pool: &pool, basis: &within, progress };
    let fitted = featurizer.fit(corpus, learn).doing("featurise the documents")?;
    Ok(Prepared { fitted, basis, pool, control: places(&situation.control), test: places(&situation.test) })
}
