//! A batch: the documents that go to annotators next, each with why it was picked.

use serde::{Deserialize, Serialize};

use crate::label::Class;
use crate::proba::likeliest;

/// Which part of the mix a pick belongs to.
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
    /// All shares, in the order of every table.
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

    /// The share of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|share| share.name() == name)
    }
}

/// One document of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Pick<D = usize> {
    /// The document, as its index into the snapshot's documents; while a batch is composed, as
    /// where it is chosen from.
    pub document: D,
    /// Place in the batch, from 1. The order is shuffled, so that it tells annotators nothing.
    pub rank: u32,
    /// Which share it fills.
    pub share: Share,
    /// The class whose quota it fills; `None` in the other shares.
    pub quota: Option<Class>,
    /// Why, for people: `entropy`, `ratio:fraud`, `random`, `control`, `diverse` … Nothing is read
    /// from it.
    pub reason: String,
    /// Whether it only fills a quota for want of enough predicted members of the class.
    pub fallback: bool,
    /// The score of the measure in use, higher: ask sooner. `None` without a model.
    pub score: Option<f64>,
    /// The model's class probabilities, in label order; `None` without a model.
    pub probabilities: Option<Vec<f64>>,
}

impl<D> Pick<D> {
    /// The same pick of a document that is told otherwise.
    pub fn of<E>(self, document: E) -> Pick<E> {
        let Self { document: _, rank, share, quota, reason, fallback, score, probabilities } = self;
        Pick { document, rank, share, quota, reason, fallback, score, probabilities }
    }

    /// The class that the model gave the highest probability; `None` without a model.
    pub fn predicted(&self) -> Option<Class> {
        self.probabilities.as_deref().map(|values| likeliest(values.into()))
    }
}
