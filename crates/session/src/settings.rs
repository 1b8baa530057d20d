//! Settings: what the user wants, as data, and where each value was set.
//!
//! Each table of querist.toml is a serde type in the crate that uses it, with its defaults and its
//! check. [`Settings`] contains all tables. Settings may come from querist.toml, flags, environment
//! variables, a round's manifest or a simulation's named strategies; all of these produce this
//! type. [`Configuration`] combines the sources: a flag overrides the environment, which overrides
//! querist.toml, which overrides the defaults. It remembers where each value was set, so that an
//! error can name the line or the flag.

pub mod classes;
pub mod configuration;
mod edit;
mod features;
mod former;
mod label_list;
pub mod legacy;
mod line_ends;
pub mod listing;
mod places;
mod strategies;

pub use classes::ClassSettings;
pub use configuration::{Configuration, Needs, Override, SettingsError, template};
pub use edit::{Change, Changed};
pub use features::Features;
pub use places::Place;
pub use strategies::strategy;

use std::collections::BTreeMap;

use querist_core::{LabelSet, Seed, SettingError};
use querist_engine::{CostSettings, QualitySettings, RoundSettings, StopSettings};
use querist_model::ModelSettings;
use querist_query::BatchSettings;
use querist_text::{FeatureSettings, RuleSettings};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All settings of a workspace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Names of the classes. Every table lists them in this order.
    pub labels: Vec<String>,
    /// The seed of all random choices.
    #[serde(default)]
    pub seed: Seed,
    /// Descriptions and order of the classes.
    #[serde(default, skip_serializing_if = "ClassSettings::is_default")]
    pub classes: ClassSettings,
    /// How a batch is composed.
    #[serde(default)]
    pub batch: BatchSettings,
    /// The features that describe documents.
    #[serde(default)]
    pub features: FeatureSettings,
    /// The classifier.
    #[serde(default)]
    pub model: ModelSettings,
    /// Patterns of text; a text that matches gets a vote for a class.
    #[serde(default)]
    pub rules: RuleSettings,
    /// How answers become labels, and the thresholds for annotators.
    #[serde(default)]
    pub quality: QualitySettings,
    /// When to stop labelling.
    #[serde(default)]
    pub stop: StopSettings,
    /// The price of an hour of annotation.
    #[serde(default)]
    pub cost: CostSettings,
}

/// The name of a table and the error about a setting in it. The name is empty for keys before the
/// first table.
pub type InTable = (&'static str, SettingError);

impl Settings {
    /// Returns the default settings for the given classes.
    pub fn of_labels(labels: &LabelSet) -> Self {
        Self {
            labels: labels.names().to_vec(),
            seed: Seed::default(),
            classes: ClassSettings::default(),
            batch: BatchSettings::default(),
            features: FeatureSettings::default(),
            model: ModelSettings::default(),
            rules: RuleSettings::default(),
            quality: QualitySettings::default(),
            stop: StopSettings::default(),
            cost: CostSettings::default(),
        }
    }

    /// Checks all settings, and returns the classes.
    ///
    /// # Errors
    /// A setting is invalid. If there are several, the error is about the first.
    pub fn check(&self) -> Result<LabelSet, InTable> {
        let labels = LabelSet::new(self.labels.iter().cloned())
            .map_err(|error| ("", SettingError::new("labels", error)))?;
        self.classes.check(&labels).map_err(|error| ("classes", error))?;
        self.batch.check(&labels).map_err(|error| ("batch", error))?;
        self.features.check().map_err(|error| ("features", error))?;
        self.model.check(&labels).map_err(|error| ("model", error))?;
        self.rules.rules(&labels).map_err(|error| ("rules", error))?;
        self.quality.check().map_err(|error| ("quality", error))?;
        self.stop.rules().map_err(|error| ("stop", error))?;
        self.cost.check().map_err(|error| ("cost", error))?;
        Ok(labels)
    }

    /// Returns the settings that the engine needs for a round.
    pub fn round(&self) -> RoundSettings {
        RoundSettings { seed: self.seed, batch: self.batch.clone(), quality: self.quality.clone() }
    }

    /// Returns the settings that a round's manifest and the database record: all settings on which
    /// the round depends.
    ///
    /// # Errors
    /// A setting is a number that JSON cannot express; [`Self::check`] rules this out.
    pub fn recorded(&self) -> serde_json::Result<Value> {
        // Descriptions of classes are for people; no round depends on them.
        let classes = ClassSettings { descriptions: BTreeMap::new(), ..self.classes.clone() };
        let mut value = serde_json::to_value(Self { classes, ..self.clone() })?;
        if let Some(tables) = value.as_object_mut() {
            for table in ["stop", "cost"] {
                tables.shift_remove(table);
            }
        }
        Ok(value)
    }
}
