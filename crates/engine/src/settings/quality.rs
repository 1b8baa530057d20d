//! `[quality]`: how answers become labels, how much these labels weigh in training, how many
//! annotators answer each document, and the thresholds for annotators.

use querist_core::{Edition, SettingError};
use querist_quality::{DriftSettings, Thresholds};
use serde::{Deserialize, Serialize};

use super::{Consensus, Overlap, Standards};
use crate::examples::Training;

/// The largest number of annotators per document. No team is larger, so the limit only catches
/// typos such as an extra zero.
const MOST_ANSWERS: usize = 1_000;

/// How answers become labels, and the thresholds for annotators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QualitySettings {
    /// The accuracy that annotators must reach on control items, in [0, 1].
    pub min_accuracy: f64,
    /// The kappa that annotators must reach on control items, in [-1, 1].
    pub min_kappa: f64,
    /// A document needs review if the probability of its most probable class is lower than this; in
    /// [0, 1].
    pub min_confidence: f64,
    /// The probability that an annotator who has not changed is reported for drift, in (0, 1).
    pub drift_alpha: f64,
    /// The number of answers to control items within which this probability holds, 1 to 2,000.
    pub drift_horizon: usize,
    /// Name of the aggregator in the catalogue of the quality crate.
    pub aggregator: String,
    /// How much a consensus label weighs in training.
    #[serde(with = "querist_core::named")]
    pub training: Training,
    /// The share of a batch that several annotators answer, in [0, 1].
    pub overlap: f64,
    /// Number of annotators for each document of this share, 2 to 1,000.
    pub answers_per_item: usize,
}

impl Default for QualitySettings {
    fn default() -> Self {
        let (standards, consensus, overlap) =
            (Standards::default(), Consensus::default(), Overlap::default());
        Self {
            min_accuracy: standards.thresholds.min_accuracy(),
            min_kappa: standards.thresholds.min_kappa(),
            min_confidence: standards.min_confidence,
            drift_alpha: standards.drift.alpha(),
            drift_horizon: standards.drift.horizon(),
            aggregator: consensus.aggregator,
            training: consensus.training,
            overlap: overlap.share,
            answers_per_item: overlap.answers_per_item,
        }
    }
}

impl QualitySettings {
    /// Checks that every value is valid and that the aggregator exists.
    ///
    /// # Errors
    /// A value is invalid; the error names its key.
    pub fn check(&self) -> Result<(), SettingError> {
        self.standards()?;
        self.overlap()?;
        let consensus = self.consensus();
        consensus
            .aggregator(Edition::CURRENT)
            .map_err(|error| SettingError::new("aggregator", error))
            .map(|_| ())
    }

    /// Returns the values that annotators must reach on control items.
    ///
    /// # Errors
    /// A threshold is out of range.
    pub fn thresholds(&self) -> Result<Thresholds, SettingError> {
        let default = Thresholds::default();
        // Each threshold is checked on its own, so that the error names the right key.
        Thresholds::new(self.min_accuracy, default.min_kappa())
            .map_err(|error| SettingError::new("min_accuracy", error))?;
        Thresholds::new(self.min_accuracy, self.min_kappa)
            .map_err(|error| SettingError::new("min_kappa", error))
    }

    /// Returns the thresholds for labels and annotators in reports and reviews.
    ///
    /// # Errors
    /// A number is out of range.
    pub fn standards(&self) -> Result<Standards, SettingError> {
        let Self { min_confidence, drift_alpha, drift_horizon, .. } = *self;
        let thresholds = self.thresholds()?;
        if !(0.0..=1.0).contains(&min_confidence) {
            let what = format!("{min_confidence}; expected a probability, 0 to 1");
            return Err(SettingError::new("min_confidence", what));
        }
        let default = DriftSettings::default();
        let drift = |alpha, horizon| {
            DriftSettings::new(alpha, horizon, default.drop_of_accuracy(), default.baseline())
        };
        // Check one number at a time, so that the error names the right key.
        drift(drift_alpha, default.horizon()).map_err(|error| SettingError::new("drift_alpha", error))?;
        let drift =
            drift(drift_alpha, drift_horizon).map_err(|error| SettingError::new("drift_horizon", error))?;
        Ok(Standards { thresholds, drift, min_confidence })
    }

    /// Returns how answers become labels, and how much these labels weigh in training.
    pub fn consensus(&self) -> Consensus {
        Consensus { aggregator: self.aggregator.clone(), training: self.training }
    }

    /// Returns the part of a batch that several annotators answer.
    ///
    /// # Errors
    /// A number is out of range.
    pub fn overlap(&self) -> Result<Overlap, SettingError> {
        let Self { overlap: share, answers_per_item, .. } = *self;
        if !(0.0..=1.0).contains(&share) {
            return Err(SettingError::new(
                "overlap",
                format!("{share}; expected a share of the batch, 0 to 1"),
            ));
        }
        if !(2..=MOST_ANSWERS).contains(&answers_per_item) {
            let what = format!("{answers_per_item}; expected 2 to {MOST_ANSWERS} annotators");
            return Err(SettingError::new("answers_per_item", what));
        }
        Ok(Overlap { share, answers_per_item })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Result<QualitySettings, String> {
        let settings: QualitySettings =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn defaults_are_those_of_the_parts() {
        let settings = read(&json!({})).unwrap();
        assert_eq!(settings.standards().unwrap(), Standards::default());
        assert_eq!((settings.consensus(), settings.overlap().unwrap()), Default::default());
        assert_eq!(read(&serde_json::to_value(&settings).unwrap()).unwrap(), settings);
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named_by_its_key() {
        for (value, words) in [
            (json!({"min_accuracy": 1.5}), "min_accuracy: "),
            (json!({"min_kappa": -2}), "min_kappa: "),
            (json!({"min_confidence": 1.5}), "min_confidence: 1.5; expected a probability"),
            (json!({"drift_alpha": 0}), "drift_alpha: "),
            (json!({"drift_horizon": 0}), "drift_horizon: "),
            (json!({"aggregator": "mean"}), "aggregator: unknown aggregator \"mean\"; expected one of: mv"),
            (json!({"training": "soft"}), "\"soft\"; expected one of hard, weighted"),
            (json!({"overlap": 1.5}), "overlap: 1.5; expected a share of the batch, 0 to 1"),
            (json!({"answers_per_item": 1}), "answers_per_item: 1; expected 2 to 1000"),
        ] {
            let message = read(&value).unwrap_err();
            assert!(message.starts_with(words), "{value}: {message}");
        }
    }
}
