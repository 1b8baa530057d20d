//! `[stop]`: which rules decide when to stop, their thresholds, the budget, and the target of the
//! forecast. [`StopSettings::rules`] makes the rules.

use querist_core::SettingError;
use querist_query::stopping::{
    Budget, ClassificationChange, Combination, KappaAverage, OverallUncertainty, Plateau, Unit, When,
};
use serde::{Deserialize, Serialize};

use super::{RULES, StopRules};

/// A rule may look back over at most this many rounds.
const MOST_ROUNDS: usize = 1_000;

/// The settings of the stopping rules, of the budget and of the forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StopSettings {
    /// Names of the rules that decide, from [`RULES`].
    pub rules: Vec<String>,
    /// Whether all of these rules must say stop, or one is enough.
    #[serde(with = "querist_core::named")]
    pub when: When,
    /// Names of the rules that can prevent a stop, from [`RULES`].
    pub unless: Vec<String>,
    /// The accuracy for which the forecast estimates the labels needed, in (0, 1).
    pub target: f64,
    /// The budget, at least 1; without a budget, `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<usize>,
    /// The unit of the budget.
    #[serde(with = "querist_core::named")]
    pub budget_of: Unit,
    /// kappa: the mean kappa of successive models at which the rule says stop, in (0, 1].
    pub min_kappa: f64,
    /// kappa: number of rounds over which kappa is averaged, 1 to 1,000.
    pub kappa_rounds: usize,
    /// change: the share of predictions that may change between two models, in [0, 1).
    pub max_change: f64,
    /// change: number of successive rounds that must not exceed this share, 1 to 1,000.
    pub change_rounds: usize,
    /// uncertainty: the mean normalised entropy that is low enough to stop, in [0, 1).
    pub max_entropy: f64,
    /// uncertainty: the smallest fall of this entropy that is worth another round, in [0, 1).
    pub min_fall: f64,
    /// uncertainty: number of rounds over which the fall is measured, 1 to 1,000.
    pub fall_rounds: usize,
    /// plateau: the smallest gain in accuracy that is worth more rounds, in (0, 1).
    pub min_gain: f64,
    /// plateau: number of rounds whose random slices are pooled, 1 to 1,000.
    pub gain_rounds: usize,
}

impl Default for StopSettings {
    fn default() -> Self {
        let StopRules { kappa, change, uncertainty, plateau, budget: _, combination, target } =
            StopRules::default();
        Self {
            rules: combination.deciding,
            when: combination.when,
            unless: combination.objecting,
            target,
            budget: None,
            budget_of: Unit::Answers,
            min_kappa: kappa.threshold,
            kappa_rounds: kappa.window,
            max_change: change.threshold,
            change_rounds: change.window,
            max_entropy: uncertainty.threshold,
            min_fall: uncertainty.fall,
            fall_rounds: uncertainty.window,
            min_gain: plateau.gain,
            gain_rounds: plateau.window,
        }
    }
}

impl StopSettings {
    /// Checks the settings and makes the rules.
    ///
    /// # Errors
    /// A value is invalid; the error names its key.
    pub fn rules(&self) -> Result<StopRules, SettingError> {
        check_names("rules", &self.rules)?;
        check_names("unless", &self.unless)?;
        for (key, rounds) in [
            ("kappa_rounds", self.kappa_rounds),
            ("change_rounds", self.change_rounds),
            ("fall_rounds", self.fall_rounds),
            ("gain_rounds", self.gain_rounds),
        ] {
            if !(1..=MOST_ROUNDS).contains(&rounds) {
                let what = format!("{rounds} rounds; expected 1 to {MOST_ROUNDS}");
                return Err(SettingError::new(key, what));
            }
        }
        for (key, value, range) in [
            ("target", self.target, Range::Open),
            ("min_kappa", self.min_kappa, Range::AboveZero),
            ("max_change", self.max_change, Range::BelowOne),
            ("max_entropy", self.max_entropy, Range::BelowOne),
            ("min_fall", self.min_fall, Range::BelowOne),
            ("min_gain", self.min_gain, Range::Open),
        ] {
            range.check(value).map_err(|problem| SettingError::new(key, problem))?;
        }
        if self.budget == Some(0) {
            return Err(SettingError::new("budget", "0; expected 1 or more"));
        }
        Ok(StopRules {
            kappa: KappaAverage { threshold: self.min_kappa, window: self.kappa_rounds },
            change: ClassificationChange { threshold: self.max_change, window: self.change_rounds },
            uncertainty: OverallUncertainty {
                threshold: self.max_entropy,
                fall: self.min_fall,
                window: self.fall_rounds,
            },
            plateau: Plateau { gain: self.min_gain, window: self.gain_rounds },
            budget: self.budget.map(|most| Budget { most, unit: self.budget_of }),
            combination: Combination {
                deciding: self.rules.clone(),
                when: self.when,
                objecting: self.unless.clone(),
            },
            target: self.target,
        })
    }
}

/// Checks that each name is the name of a rule, and that no name is repeated.
fn check_names(key: &str, names: &[String]) -> Result<(), SettingError> {
    for (place, name) in names.iter().enumerate() {
        let problem = if name == "budget" {
            "do not list the budget here: set budget = 5000, and it decides once it is spent".to_owned()
        } else if !RULES.contains(&name.as_str()) {
            format!("unknown rule \"{name}\"; expected one of: {}", RULES.join(", "))
        } else if names[..place].contains(name) {
            format!("\"{name}\" is given twice")
        } else {
            continue;
        };
        return Err(SettingError::new(key, problem).inside(place));
    }
    Ok(())
}

/// The range in which a setting must lie.
#[derive(Clone, Copy)]
enum Range {
    /// Above 0, at most 1.
    AboveZero,
    /// At least 0, below 1.
    BelowOne,
    /// Above 0, below 1.
    Open,
}

impl Range {
    /// Checks that a value lies in the range. The error names both.
    fn check(self, value: f64) -> Result<(), String> {
        let (fits, words) = match self {
            Self::AboveZero => (value > 0.0 && value <= 1.0, "a number above 0, at most 1"),
            Self::BelowOne => ((0.0..1.0).contains(&value), "a number of 0 or more, below 1"),
            Self::Open => (value > 0.0 && value < 1.0, "a number between 0 and 1"),
        };
        if fits { Ok(()) } else { Err(format!("{value}; expected {words}")) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Result<StopRules, String> {
        let settings: StopSettings =
            serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        settings.rules().map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_taken_and_bad_ones_named_by_their_key() {
        assert_eq!(read(&json!({})).unwrap(), StopRules::default());
        let rules = read(&json!({"rules": ["change", "plateau"], "when": "any", "unless": [], "budget": 50,
            "budget_of": "documents", "target": 0.9}))
        .unwrap();
        assert_eq!(rules.combination.deciding, ["change", "plateau"]);
        assert_eq!((rules.combination.when, rules.combination.objecting.len()), (When::Any, 0));
        assert_eq!(rules.budget, Some(Budget { most: 50, unit: Unit::Documents }));
        for (value, words) in [
            (json!({"rules": ["kapa"]}), "rules: unknown rule \"kapa\"; expected one of: kappa, change"),
            (json!({"rules": ["kappa", "kappa"]}), "rules: \"kappa\" is given twice"),
            (json!({"rules": ["budget"]}), "rules: do not list the budget here"),
            (json!({"when": "both"}), "\"both\"; expected one of all, any"),
            (json!({"target": 95}), "target: 95; expected a number between 0 and 1"),
            (json!({"min_kappa": 0}), "min_kappa: 0; expected a number above 0"),
            (json!({"max_change": 1.0}), "max_change: 1; expected"),
            (json!({"kappa_rounds": 0}), "kappa_rounds: 0 rounds; expected 1 to 1000"),
            (json!({"budget": 0}), "budget: 0; expected 1 or more"),
            (json!({"budget_of": "euros"}), "\"euros\"; expected one of answers, documents"),
            (json!({"budgt": 3}), "unknown field `budgt`"),
        ] {
            let message = read(&value).unwrap_err();
            assert!(message.starts_with(words), "{value}: {message}");
        }
    }
}
