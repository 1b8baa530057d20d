//! The user's settings for a round: the seed, `[batch]` and `[quality]`. The settings of features
//! and classifier are not here; fingerprints identify them.

mod cost;
mod quality;

use querist_core::{Aggregator, Edition, Seed};
use querist_quality::{DriftSettings, Thresholds};
use querist_query::BatchSettings;
use serde::{Deserialize, Serialize};

use crate::error::EngineError;
use crate::examples::Training;

pub use cost::CostSettings;
pub use quality::QualitySettings;

/// The settings of a round.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RoundSettings {
    /// The seed of all random choices.
    pub seed: Seed,
    /// How the batch is composed.
    pub batch: BatchSettings,
    /// How answers become labels, and the thresholds for annotators.
    pub quality: QualitySettings,
}

/// The thresholds for labels and annotators in reports and reviews.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standards {
    /// The values that annotators must reach on control items.
    pub thresholds: Thresholds,
    /// When an annotator is reported as having got worse over time.
    pub drift: DriftSettings,
    /// A document needs review if the probability of its most probable class is lower than this; in
    /// [0, 1].
    pub min_confidence: f64,
}

impl Default for Standards {
    /// Returns the default thresholds of the quality crate, and a confidence of 0.75.
    fn default() -> Self {
        let (thresholds, drift) = (Thresholds::default(), DriftSettings::default());
        Self { thresholds, drift, min_confidence: 0.75 }
    }
}

/// How answers become labels, and how much these labels weigh in training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consensus {
    /// Name of the aggregator in the catalogue of the quality crate.
    pub aggregator: String,
    /// The weight of a consensus label in training.
    pub training: Training,
}

/// The part of a batch that several annotators answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The share of the batch that several annotators answer, in [0, 1].
    pub share: f64,
    /// Number of annotators for each document of this share, at least 2.
    pub answers_per_item: usize,
}

impl Consensus {
    /// Returns the aggregator, with the behaviour that it had in `edition` of Querist's rules.
    ///
    /// # Errors
    /// No aggregator has this name.
    pub fn aggregator(&self, edition: Edition) -> Result<Box<dyn Aggregator>, EngineError> {
        let name = &self.aggregator;
        querist_quality::aggregator(name, edition)
            .ok_or_else(|| EngineError::UnknownAggregator { name: name.clone() })
    }
}

impl Default for Consensus {
    fn default() -> Self {
        Self { aggregator: "mv".to_owned(), training: Training::Hard }
    }
}

impl Default for Overlap {
    fn default() -> Self {
        Self { share: 0.0, answers_per_item: 2 }
    }
}

#[cfg(test)]
impl RoundSettings {
    /// Returns settings under which the whole batch is a uniform random sample.
    pub(crate) fn of_random_sample() -> Self {
        use querist_query::{Fractions, MixSetting, NearDuplicates, StrategySetting};
        let fractions = Fractions { uncertainty: 0.0, ratio: 0.0, random: 1.0, control: 0.0 };
        let batch = BatchSettings {
            size: 1,
            mix: MixSetting::Shares(fractions),
            diversity: 1,
            near_duplicates: NearDuplicates::Off,
            strategy: StrategySetting::Measure,
            ..BatchSettings::default()
        };
        Self { batch, ..Self::default() }
    }
}
