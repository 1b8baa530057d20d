//! `[quality]`: how answers become labels, what these count in training, how many annotators answer a document, and what annotators
//! are held to.

use querist_core::Edition;
use querist_engine::{Consensus, Overlap, Standards, Training};
use querist_quality::{DriftSettings, Thresholds};

use super::layered;
use crate::configuration::ConfigurationFile;

/// The most annotators that one document may go to: more than any team has, and a guard against a slipped zero.
const MOST_ANSWERS: usize = 1_000;

/// What annotators are held to.
///
/// # Errors
/// A threshold out of range, with its line.
pub fn thresholds(file: &ConfigurationFile) -> anyhow::Result<Thresholds> {
    let quality = &file.values.quality;
    let default = Thresholds::default();
    let (accuracy, at_accuracy) =
        layered(file, "min_accuracy", None, quality.min_accuracy.as_ref(), default.min_accuracy());
    let (kappa, at_kappa) = layered(file, "min_kappa", None, quality.min_kappa.as_ref(), default.min_kappa());
    Thresholds::new(accuracy, default.min_kappa()).map_err(|error| at_accuracy.error(error))?;
    Thresholds::new(accuracy, kappa).map_err(|error| at_kappa.error(error))
}

/// What labels and annotators are held to in reports and reviews.
///
/// # Errors
/// A number out of range, with its line.
pub fn standards(file: &ConfigurationFile) -> anyhow::Result<Standards> {
    let quality = &file.values.quality;
    let default = Standards::default();
    let (confidence, at) =
        layered(file, "min_confidence", None, quality.min_confidence.as_ref(), default.min_confidence);
    if !(0.0..=1.0).contains(&confidence) {
        return Err(at.error(format!("{confidence}; expected a probability, 0 to 1")));
    }
    let (alpha, at) = layered(file, "drift_alpha", None, quality.drift_alpha.as_ref(), default.drift.alpha());
    let (horizon, at_horizon) =
        layered(file, "drift_horizon", None, quality.drift_horizon.as_ref(), default.drift.horizon());
    let drift = |alpha, horizon| {
        DriftSettings::new(alpha, horizon, default.drift.drop_of_accuracy(), default.drift.baseline())
    };
    drift(alpha, default.drift.horizon()).map_err(|error| at.error(error))?;
    let drift = drift(alpha, horizon).map_err(|error| at_horizon.error(error))?;
    Ok(Standards { thresholds: thresholds(file)?, drift, min_confidence: confidence })
}

/// How answers become labels, and what these count.
///
/// # Errors
/// A name that nothing has, with its line.
pub fn consensus(file: &ConfigurationFile) -> anyhow::Result<Consensus> {
    let quality = &file.values.quality;
    let default = Consensus::default();
    let (aggregator, at) =
        layered(file, "aggregator", None, quality.aggregator.as_ref(), default.aggregator.clone());
    let (training, at_training) =
        layered(file, "training", None, quality.training.as_ref(), default.training.name().to_owned());
    let training = Training::from_name(&training)
        .ok_or_else(|| at_training.error(format!("\"{training}\"; expected \"hard\" or \"weighted\"")))?;
    let consensus = Consensus { aggregator, training };
    consensus.aggregator(Edition::CURRENT).map_err(|error| at.error(error))?;
    Ok(consensus)
}

/// How many annotators answer a document.
///
/// # Errors
/// A number out of range, with its line.
pub fn overlap(file: &ConfigurationFile) -> anyhow::Result<Overlap> {
    let quality = &file.values.quality;
    let default = Overlap::default();
    let (share, at) = layered(file, "overlap", None, quality.overlap.as_ref(), default.share);
    if !(0.0..=1.0).contains(&share) {
        return Err(at.error(format!("{share}; expected a share of the batch, 0 to 1")));
    }
    let key = "answers_per_item";
    let (answers_per_item, at) =
        layered(file, key, None, quality.answers_per_item.as_ref(), default.answers_per_item);
    if !(2..=MOST_ANSWERS).contains(&answers_per_item) {
        return Err(at.error(format!("{answers_per_item}; expected 2 to {MOST_ANSWERS} annotators")));
    }
    Ok(Overlap { share, answers_per_item })
}
