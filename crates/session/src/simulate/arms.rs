//! What a simulation compares: one arm for each strategy, number of answers per document, and
//! consensus.

use querist_core::{Edition, LabelSet, Named};
use querist_engine::simulate::Arm;
use querist_engine::{Consensus, RoundSettings, Training};

use super::SimulateOptions;
use crate::error::{Result, SessionError};
use crate::settings::{self, Settings};

/// Combines each strategy with each number of answers per document and each aggregator.
pub(super) fn arms(
    options: &SimulateOptions,
    base: &Settings,
    annotators: usize,
    labels: &LabelSet,
) -> Result<Vec<Arm>> {
    let several = &options.answers_per_item;
    let answers = if several.is_empty() { vec![annotators] } else { several.clone() };
    let consensus = consensus(options)?;
    let mut arms = Vec::new();
    for name in &options.strategies {
        let batch = settings::strategy(name.trim(), &base.batch, labels);
        let batch = batch.map_err(|error| SessionError::option("strategies", error))?;
        let settings = RoundSettings { batch, ..base.round() };
        for m in &answers {
            let arm = Arm::new(name.trim(), *m, settings.clone());
            let named = consensus.len() > 1;
            let of = |way: &Consensus| arm.clone().with_consensus(way.clone(), named);
            arms.extend(consensus.iter().map(of));
        }
    }
    Ok(arms)
}

/// Returns the value that an option names.
fn named<T: Named>(option: &'static str, name: &str) -> Result<T> {
    let problem = format!("\"{name}\"; expected one of {}", T::names());
    T::named(name).ok_or_else(|| SessionError::option(option, problem))
}

/// Returns the default settings for these labels, changed as the options say.
pub(super) fn settings(options: &SimulateOptions, labels: &LabelSet) -> Result<Settings> {
    let mut settings = Settings::of_labels(labels);
    let kind = options.features.parse();
    settings.features.kind = kind.map_err(|error| SessionError::option("features", error))?;
    settings.features.units = named("units", &options.units)?;
    settings.model.calibration = named("calibration", &options.calibration)?;
    settings.model.c = options.c.parse().map_err(|error| SessionError::option("c", error))?;
    settings.model.check(labels).map_err(|error| super::of_setting(&error))?;
    Ok(settings)
}

/// Combines each aggregator with each way to weight labels in training.
fn consensus(options: &SimulateOptions) -> Result<Vec<Consensus>> {
    let mut ways = Vec::new();
    for aggregator in &options.aggregator {
        for training in &options.training {
            let training: Training = named("training", training.trim())?;
            let consensus = Consensus { aggregator: aggregator.trim().to_owned(), training };
            consensus
                .aggregator(Edition::CURRENT)
                .map_err(|error| SessionError::option("aggregator", error))?;
            ways.push(consensus);
        }
    }
    Ok(ways)
}
