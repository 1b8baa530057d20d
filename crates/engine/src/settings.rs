//! What a round is told by its user, checked and complete.

use querist_core::{Aggregator, Edition, LabelSet, Seed};
use querist_quality::{DriftSettings, Thresholds};
use querist_query::{Filler, Measure, Mix, Ratio, Recipe, Within};
use serde_json::{Value, json};

use querist_core::Share;

use crate::error::EngineError;
use crate::examples::Training;

/// The settings of a round. Those of featurizer and classifier travel with their own fingerprints.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The seed.
    pub seed: Seed,
    /// How many documents the batch is to have.
    pub size: usize,
    /// The shares of the batch; of an adaptive mix those of the rounds before there is anything to adapt to.
    pub mix: Mix,
    /// Whether the mix adapts.
    pub adaptive: bool,
    /// The class quotas of the ratio share.
    pub ratio: Ratio,
    /// What uncertainty means.
    pub measure: Measure,
    /// How many times n the candidates for a diverse n are; 1 switches diversity off.
    pub diversity: usize,
    /// How members of a class are chosen.
    pub within: Within,
    /// The resemblance from which documents are near-duplicates, in (0, 1]; `None` lets them pass.
    pub near_duplicates: Option<f64>,
    /// The strategy that fills the uncertainty share, by its name in the catalog; `None`: `measure` and `diversity`.
    pub strategy: Option<String>,
    /// Whether annotators see the model's guess.
    pub suggest: bool,
    /// What annotators are held to.
    pub thresholds: Thresholds,
    /// How answers become labels, and what these count.
    pub consensus: Consensus,
    /// Who answers how often.
    pub overlap: Overlap,
}

/// What labels and annotators are held to in reports and reviews.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standards {
    /// What annotators must reach on control items.
    pub thresholds: Thresholds,
    /// When an annotator has got worse.
    pub drift: DriftSettings,
    /// The probability of its likeliest class below which a document is up for review, in [0, 1].
    pub min_confidence: f64,
}

impl Default for Standards {
    /// The thresholds of the quality crate, and 0.75.
    fn default() -> Self {
        let (thresholds, drift) = (Thresholds::default(), DriftSettings::default());
        Self { thresholds, drift, min_confidence: 0.75 }
    }
}

/// How answers become labels, and what these count in training.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consensus {
    /// The aggregator's name in the catalog of the quality crate.
    pub aggregator: String,
    /// What a consensus label counts.
    pub training: Training,
}

/// How many annotators answer a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The share of a batch that goes to several annotators, in [0, 1].
    pub share: f64,
    /// How many annotators one of these documents goes to, 2 or more.
    pub answers_per_item: usize,
}

impl Consensus {
    /// The aggregator, as it was in that edition.
    ///
    /// # Errors
    /// There is none of that name.
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

impl Settings {
    /// How the batch is composed; `mix` has the shares of this round, `strategy` is the one that is
    /// named, ready to use.
    pub fn recipe(&self, mix: Mix, strategy: Option<Filler>) -> Recipe {
        Recipe {
            size: self.size,
            mix,
            ratio: self.ratio.clone(),
            measure: self.measure,
            diversity: self.diversity,
            within: self.within,
            strategy,
            resemblance: self.near_duplicates,
        }
    }

    /// The settings as JSON, for the manifest and the database; always the same bytes for the same settings.
    pub fn to_json(&self, labels: &LabelSet) -> Value {
        let mix: serde_json::Map<String, Value> = Share::ALL
            .iter()
            .map(|share| (share.name().to_owned(), json!(self.mix.fraction(*share))))
            .collect();
        let ratio = match &self.ratio {
            Ratio::Balance => json!("balance"),
            Ratio::Weights(weights) => {
                labels.names().iter().cloned().zip(weights.iter().map(|w| json!(w))).collect()
            }
        };
        let mut value = json!({
            "labels": labels.names(),
            "seed": self.seed,
            "size": self.size,
            "mix": if self.adaptive { json!("adaptive") } else { Value::Object(mix) },
            "ratio": ratio,
            "measure": self.measure.name(),
            "diversity": self.diversity,
            "within": self.within.name(),
            "near_duplicates": self.near_duplicates.map_or_else(|| json!("off"), |resemblance| json!(resemblance)),
            "suggest": self.suggest,
            "min_accuracy": self.thresholds.min_accuracy(),
            "min_kappa": self.thresholds.min_kappa(),
            "aggregator": self.consensus.aggregator,
            "training": self.consensus.training.name(),
            "overlap": self.overlap.share,
            "answers_per_item": self.overlap.answers_per_item,
        });
        if let Some(strategy) = &self.strategy {
            value["strategy"] = json!(strategy);
        }
        value
    }
}

#[cfg(test)]
impl Settings {
    /// Those of a batch that is a uniform sample.
    pub(crate) fn of_random_sample() -> Self {
        let fractions = querist_query::Fractions { uncertainty: 0.0, ratio: 0.0, random: 1.0, control: 0.0 };
        Self {
            seed: Seed(0),
            size: 1,
            mix: Mix::new(fractions).expect("a share of 1"),
            ratio: Ratio::Balance,
            measure: Measure::Entropy,
            diversity: 1,
            within: Within::Random,
            near_duplicates: None,
            strategy: None,
            adaptive: false,
            suggest: false,
            thresholds: Thresholds::default(),
            consensus: Consensus::default(),
            overlap: Overlap::default(),
        }
    }
}
