//! A batch: the documents that go to annotators next, each with the reason for picking it.

use serde::{Deserialize, Serialize};

use crate::label::Class;
use crate::proba::likeliest;

/// The part of the mix that a pick belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Share {
    /// Documents that the model is least sure about.
    Uncertainty,
    /// Documents that fill class quotas.
    Ratio,
    /// A uniform sample of the open pool, on which accuracy can be measured without bias.
    Random,
    /// Control items, whose answer is known.
    Control,
}

impl Share {
    /// All shares, in the order in which tables show them.
    pub const ALL: [Self; 4] = [Self::Uncertainty, Self::Ratio, Self::Random, Self::Control];

    /// Returns the share's name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uncertainty => "uncertainty",
            Self::Ratio => "ratio",
            Self::Random => "random",
            Self::Control => "control",
        }
    }

    /// Returns the share with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|share| share.name() == name)
    }
}

/// One document of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick<D = usize> {
    /// The document, as an index into the snapshot's documents. While a batch is composed, it is an
    /// index into the pool or the control items.
    pub document: D,
    /// The position in the batch, from 1. The order is shuffled, so that it tells annotators
    /// nothing.
    pub rank: u32,
    /// The share of the mix that the pick belongs to.
    pub share: Share,
    /// The class whose quota the pick fills; `None` outside the ratio share.
    pub quota: Option<Class>,
    /// The reason, for people, such as `entropy`, `ratio:fraud`, `random`, `control` or `diverse`.
    /// No code reads it.
    pub reason: String,
    /// Whether the pick is a stand-in, because too few documents are predicted to be in the class
    /// of the quota.
    pub fallback: bool,
    /// The score by the measure in use; a higher score means more uncertain. `None` without a
    /// model.
    pub score: Option<f64>,
    /// The model's probability of each class, in label order; `None` without a model.
    pub probabilities: Option<Vec<f64>>,
}

impl<D> Pick<D> {
    /// Returns the same pick with its document replaced by `document`.
    pub fn of<E>(self, document: E) -> Pick<E> {
        let Self { document: _, rank, share, quota, reason, fallback, score, probabilities } = self;
        Pick { document, rank, share, quota, reason, fallback, score, probabilities }
    }

    /// Returns the class with the highest probability; `None` without a model.
    pub fn predicted(&self) -> Option<Class> {
        self.probabilities.as_deref().map(|values| likeliest(values.into()))
    }
}
