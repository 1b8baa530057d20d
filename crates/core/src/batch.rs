//! A batch: the documents that go to annotators next, each with the reason for picking it.

use serde::{Deserialize, Serialize};

use crate::label::Class;
use crate::proba::likeliest;

/// The part of the mix that a pick belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Share {
    /// The documents that the model is least sure of.
    Uncertainty,
    /// Documents that fill class quotas.
    Ratio,
    /// A uniform sample of the open pool: the unbiased audit slice.
    Random,
    /// Control items, whose answer is known.
    Control,
}

impl Share {
    /// All shares, in the order in which tables show them.
    pub const ALL: [Self; 4] = [Self::Uncertainty, Self::Ratio, Self::Random, Self::Control];

    /// The share's name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncertainty => "uncertainty",
            Self::Ratio => "ratio",
            Self::Random => "random",
            Self::Control => "control",
        }
    }

    /// The share with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|share| share.name() == name)
    }
}

/// One document of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick<D = usize> {
    /// The document, as an index into the snapshot's documents. While a batch is composed, it is
    /// the place in the pool or stock that it is chosen from.
    pub document: D,
    /// The place in the batch, from 1. The order is shuffled, so that it tells annotators nothing.
    pub rank: u32,
    /// The share that it fills.
    pub share: Share,
    /// The class whose quota it fills; `None` in the other shares.
    pub quota: Option<Class>,
    /// The reason, for people: `entropy`, `ratio:fraud`, `random`, `control`, `diverse` and so on.
    /// No code reads it.
    pub reason: String,
    /// Whether it only stands in, because too few documents are predicted to be in the quota's
    /// class.
    pub fallback: bool,
    /// The score by the measure in use, higher: ask sooner. `None` without a model.
    pub score: Option<f64>,
    /// The model's class probabilities, in label order, K of them; `None` without a model.
    pub probabilities: Option<Vec<f64>>,
}

impl<D> Pick<D> {
    /// The same pick with another way to name its document.
    pub fn of<E>(self, document: E) -> Pick<E> {
        let Self { document: _, rank, share, quota, reason, fallback, score, probabilities } = self;
        Pick { document, rank, share, quota, reason, fallback, score, probabilities }
    }

    /// The class with the highest probability; `None` without a model.
    pub fn predicted(&self) -> Option<Class> {
        self.probabilities.as_deref().map(|values| likeliest(values.into()))
    }
}
