//! The `[model]` settings of the classifier, as one type that all interfaces of the program share.
//!
//! [`ModelSettings::check`] checks numbers and classes; [`ModelSettings::classifier`] makes the
//! classifier for a purpose.

use std::collections::BTreeMap;

use querist_core::setting::by_class;
use querist_core::{Edition, LabelSet, SettingError};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::calibration::Calibration;
use crate::logistic::LogisticRegression;
use crate::parameters::Parameters;
use crate::penalty::Penalty;
use crate::solver::Solver;
use crate::weights::ClassWeights;

/// The C of the models that strategies train, if the settings leave the choice of C to the program.
const C_OF_MEMBERS: f64 = 10.0;
/// The default calibration; an audit also uses it if the settings say `none`.
const CALIBRATION: Calibration = Calibration::Temperature;

/// The settings of the classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelSettings {
    /// The inverse strength C of the L2 penalty, or the way to choose it.
    pub c: PenaltySetting,
    /// The weights of the classes in the fit.
    pub class_weights: ClassWeightsSetting,
    /// The method by which probabilities are calibrated on held-out examples.
    #[serde(with = "querist_core::named")]
    pub calibration: Calibration,
    /// The solver that minimises the objective.
    #[serde(with = "querist_core::named")]
    pub solver: Solver,
    /// The most iterations of the solver, at least 1.
    pub max_iterations: usize,
    /// The norm of the gradient below which a fit has converged, above 0.
    pub tolerance: f64,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            c: PenaltySetting::Auto,
            class_weights: ClassWeightsSetting::None,
            calibration: CALIBRATION,
            solver: Solver::Auto,
            max_iterations: 1_000,
            tolerance: 1e-4,
        }
    }
}

/// The purpose of a classifier, which changes some of its settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The model of a round, exactly as set.
    Round,
    /// The models that strategies train: neither calibrated nor cross-validated.
    Members,
    /// An audit: always calibrated, because a calibrated fit also predicts each labelled document
    /// by a model that did not see it.
    Audit,
}

impl ModelSettings {
    /// Checks that these settings make a classifier for the classes `labels`.
    ///
    /// # Errors
    /// The error names the first key whose value is out of range or does not fit the classes.
    pub fn check(&self, labels: &LabelSet) -> Result<(), SettingError> {
        self.classifier(labels, Purpose::Round, Edition::CURRENT).map(|_| ())
    }

    /// Returns the classifier with these settings for the classes `labels` and a purpose, as
    /// `edition` of the rules defines it.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn classifier(
        &self,
        labels: &LabelSet,
        purpose: Purpose,
        edition: Edition,
    ) -> Result<LogisticRegression, SettingError> {
        let calibration = match (purpose, self.calibration) {
            (Purpose::Members, _) => Calibration::None,
            (Purpose::Audit, Calibration::None) => CALIBRATION,
            (Purpose::Round | Purpose::Audit, known) => known,
        };
        let penalty = match (purpose, self.c) {
            (Purpose::Members, PenaltySetting::Auto | PenaltySetting::CrossValidated) => {
                Penalty::Fixed(C_OF_MEMBERS)
            }
            (_, PenaltySetting::Auto) => Penalty::Auto,
            (_, PenaltySetting::CrossValidated) => Penalty::cross_validated(),
            (_, PenaltySetting::Fixed(c)) => Penalty::Fixed(c),
        };
        let parameters = Parameters::default().calibration(calibration).solver(self.solver);
        // Check the parameters after each key, so that an error names the key at fault.
        let parameters = checked("c", parameters.penalty(penalty))?;
        let weights = self.class_weights.by_class(labels)?;
        let parameters = checked("class_weights", parameters.class_weights(weights))?;
        let parameters = checked("max_iterations", parameters.max_iterations(self.max_iterations))?;
        let parameters = parameters.tolerance(self.tolerance).edition(edition);
        parameters.check().map_err(|error| SettingError::new("tolerance", error))
    }
}

/// Checks the parameters; an error names `key`, whose value was set last.
fn checked(key: &str, parameters: Parameters) -> Result<Parameters, SettingError> {
    parameters.check_ref().map_err(|error| SettingError::new(key, error))?;
    Ok(parameters)
}

/// The value of the key `c`: a number, or the way to choose it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PenaltySetting {
    /// `auto`: [`Penalty::Auto`].
    Auto,
    /// `cross-validated`: [`Penalty::cross_validated`].
    CrossValidated,
    /// This C, above 0.
    Fixed(f64),
}

impl PenaltySetting {
    const AUTO: &str = "auto";
    const CROSS_VALIDATED: &str = "cross-validated";
}

impl Serialize for PenaltySetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str(Self::AUTO),
            Self::CrossValidated => serializer.serialize_str(Self::CROSS_VALIDATED),
            Self::Fixed(c) => serializer.serialize_f64(*c),
        }
    }
}

impl<'de> Deserialize<'de> for PenaltySetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number above 0, \"auto\" or \"cross-validated\"")]
        enum Either {
            Number(f64),
            Word(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(c) => Ok(Self::Fixed(c)),
            Either::Word(word) => word.parse().map_err(D::Error::custom),
        }
    }
}

impl std::str::FromStr for PenaltySetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            (Self::AUTO, _) => Ok(Self::Auto),
            (Self::CROSS_VALIDATED, _) => Ok(Self::CrossValidated),
            (_, Ok(c)) => Ok(Self::Fixed(c)),
            (_, Err(_)) => {
                let (auto, validated) = (Self::AUTO, Self::CROSS_VALIDATED);
                Err(format!("\"{text}\"; expected a number above 0, \"{auto}\" or \"{validated}\""))
            }
        }
    }
}

/// The value of the key `class_weights`: the weight of an example of each class.
#[derive(Debug, Clone, PartialEq)]
pub enum ClassWeightsSetting {
    /// `none`: each example counts 1.
    None,
    /// `balanced`: [`ClassWeights::Balanced`].
    Balanced,
    /// The weights by class name, above 0; a class without an entry has weight 1.
    Weights(BTreeMap<String, f64>),
}

impl ClassWeightsSetting {
    const NONE: &str = "none";
    const BALANCED: &str = "balanced";

    /// Turns the weights by class name into weights by the index of the class in `labels`.
    ///
    /// # Errors
    /// A name is no class of `labels`.
    fn by_class(&self, labels: &LabelSet) -> Result<ClassWeights, SettingError> {
        let weights = match self {
            Self::None => return Ok(ClassWeights::None),
            Self::Balanced => return Ok(ClassWeights::Balanced),
            Self::Weights(weights) => weights,
        };
        let mut of_class = vec![1.0; labels.len()];
        let weights = by_class(weights, labels);
        for (class, weight) in weights.map_err(|problem| SettingError::of_labels("class_weights", problem))? {
            of_class[class.index()] = weight;
        }
        Ok(ClassWeights::Explicit(of_class))
    }
}

impl Serialize for ClassWeightsSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str(Self::NONE),
            Self::Balanced => serializer.serialize_str(Self::BALANCED),
            Self::Weights(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ClassWeightsSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected \"none\", \"balanced\" or weights by class, as in { fraud = 3, other = 1 }"
        )]
        enum Either {
            Word(String),
            Weights(BTreeMap<String, f64>),
        }
        match Either::deserialize(deserializer)? {
            Either::Weights(weights) => Ok(Self::Weights(weights)),
            Either::Word(word) if word == Self::NONE => Ok(Self::None),
            Either::Word(word) if word == Self::BALANCED => Ok(Self::Balanced),
            Either::Word(word) => {
                let what = "expected \"none\", \"balanced\" or weights by class";
                Err(D::Error::custom(format!("\"{word}\"; {what}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Classifier;
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Result<ModelSettings, String> {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let settings: ModelSettings =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        settings.check(&labels).map_err(|error| error.to_string())?;
        Ok(settings)
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            json!({"c": 3.5, "class_weights": {"a": 2.0}, "calibration": "vector", "solver": "linfa"}),
            json!({"c": "cross-validated", "class_weights": "balanced", "calibration": "none"}),
            json!({}),
        ] {
            let settings = read(&value).unwrap();
            assert_eq!(read(&serde_json::to_value(&settings).unwrap()).unwrap(), settings);
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_is_named_by_its_key() {
        for (value, words) in [
            (json!({"c": 0}), "c: "),
            (json!({"c": "automatic"}), "\"automatic\"; expected a number above 0"),
            (json!({"class_weights": {"c": 1}}), "class_weights: unknown label \"c\""),
            (json!({"class_weights": {"a": -1}}), "class_weights: "),
            (json!({"class_weights": "even"}), "\"even\"; expected \"none\""),
            (json!({"calibration": "isotonic"}), "\"isotonic\"; expected one of none, temperature, vector"),
            (json!({"solver": "saga"}), "\"saga\"; expected one of auto, own, linfa"),
            (json!({"max_iterations": 0}), "max_iterations: "),
            (json!({"tolerance": 0}), "tolerance: "),
        ] {
            let message = read(&value).unwrap_err();
            assert!(message.starts_with(words), "{value}: {message}");
        }
    }

    #[test]
    fn members_are_plain_and_audits_calibrated() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let fingerprint = |settings: &ModelSettings, purpose| {
            settings.classifier(&labels, purpose, Edition::CURRENT).unwrap().fingerprint()
        };
        let plain = ModelSettings {
            c: PenaltySetting::Fixed(C_OF_MEMBERS),
            calibration: Calibration::None,
            ..ModelSettings::default()
        };
        let default = ModelSettings::default();
        assert_eq!(fingerprint(&default, Purpose::Members), fingerprint(&plain, Purpose::Round));
        let calibrated = ModelSettings { calibration: CALIBRATION, ..plain.clone() };
        assert_eq!(fingerprint(&plain, Purpose::Audit), fingerprint(&calibrated, Purpose::Round));
    }
}
