//! The settings of `[batch]`: how a batch is composed, as one type for all interfaces.
//!
//! querist.toml, the environment, flags, the manifest of a round and the named strategies of
//! simulations all become a [`BatchSettings`]. Reading checks names; [`BatchSettings::check`]
//! checks numbers and classes. A new key is a field here, with its default and its check.

mod values;

pub use values::{MixSetting, NearDuplicates, RatioSetting, StrategySetting, pairs};

use querist_core::{Condition, LabelSet, SettingError};
use serde::{Deserialize, Serialize};

use crate::catalog;
use crate::measure::Measure;
use crate::within::Within;

/// The maximum size of a batch. No team labels more in a round, so a larger number is a typing
/// error.
const MAX_SIZE: usize = 1_000_000;
/// The maximum number of candidates for each pick.
const MAX_DIVERSITY: usize = 1_000;

/// How a batch is composed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchSettings {
    /// The number of documents in a batch, 1 to 1,000,000.
    pub size: usize,
    /// The shares of a batch.
    pub mix: MixSetting,
    /// The class quotas of the ratio share.
    pub ratio: RatioSetting,
    /// The strategy that fills the uncertainty share.
    pub strategy: StrategySetting,
    /// The measure of uncertainty.
    #[serde(with = "querist_core::named")]
    pub measure: Measure,
    /// The number of candidates that are clustered for each pick by the measure, 1 to 1,000. With
    /// 1, the documents with the highest scores are picked without clustering.
    pub diversity: usize,
    /// The rule that chooses among the documents predicted to be of a class, if there are more than
    /// its quota.
    #[serde(with = "querist_core::named")]
    pub within: Within,
    /// The minimum resemblance of near-duplicates, which are kept out of a batch.
    pub near_duplicates: NearDuplicates,
    /// Whether annotators see the model's prediction.
    pub suggest: bool,
    /// The conditions that all chosen documents must meet; if empty, any open document may be
    /// chosen. Control items need not meet them.
    #[serde(rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

impl Default for BatchSettings {
    /// Returns settings for a batch of 100 documents with the default mix and strategy. The measure
    /// is entropy, class quotas balance the classes, and near-duplicates are left out.
    fn default() -> Self {
        Self {
            size: 100,
            mix: MixSetting::default(),
            ratio: RatioSetting::Balance,
            strategy: StrategySetting::default(),
            measure: Measure::Entropy,
            diversity: 10,
            within: Within::Random,
            near_duplicates: NearDuplicates::default(),
            suggest: false,
            conditions: Vec::new(),
        }
    }
}

impl BatchSettings {
    /// Checks that a batch can be composed with these settings for the given classes.
    ///
    /// # Errors
    /// A value is not allowed; the error names the first such key.
    pub fn check(&self, labels: &LabelSet) -> Result<(), SettingError> {
        let Self { size, diversity, .. } = self;
        if !(1..=MAX_SIZE).contains(size) {
            return Err(SettingError::new("size", format!("{size} documents; expected 1 to {MAX_SIZE}")));
        }
        if !(1..=MAX_DIVERSITY).contains(diversity) {
            let what = format!("{diversity}; expected 1 to {MAX_DIVERSITY}");
            return Err(SettingError::new("diversity", what));
        }
        self.mix.shares().map_err(|error| SettingError::new("mix", error))?;
        self.ratio.by_class(labels)?;
        self.near_duplicates.check()?;
        if let Some(name) = self.strategy.name() {
            catalog::check(name).map_err(|error| {
                let measure = StrategySetting::MEASURE;
                SettingError::new(
                    "strategy",
                    format!("{error}, {measure} (what `measure` and `diversity` say)"),
                )
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
