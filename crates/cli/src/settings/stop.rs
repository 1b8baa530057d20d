//! `[stop]`: which rules decide when to stop, their thresholds, the budget, and the target of the forecast.

use querist_engine::StopSettings;
use querist_engine::stopping::RULES;
use querist_query::stopping::{
    Budget, ClassificationChange, Combination, KappaAverage, OverallUncertainty, Plateau, Unit, When,
};
use toml::Spanned;

use super::layered;
use crate::configuration::{ConfigurationFile, Source};

/// Most rounds that a rule may look back on.
const MOST_ROUNDS: usize = 1_000;

/// The stopping rules of querist.toml.
///
/// # Errors
/// A rule that is none, or a number that makes no sense: with its line.
pub fn stop(file: &ConfigurationFile) -> anyhow::Result<StopSettings> {
    let table = &file.values.stop;
    let default = StopSettings::default();
    let share = |key: &str, value: &Option<Spanned<f64>>, default: f64, range: Range| {
        let (value, at) = layered(file, key, None, value.as_ref(), default);
        range.check(value, &at)
    };
    let rounds = |key: &str, value: &Option<Spanned<usize>>, default: usize| {
        let (value, at) = layered(file, key, None, value.as_ref(), default);
        if (1..=MOST_ROUNDS).contains(&value) {
            return Ok(value);
        }
        Err(at.error(format!("{value} rounds; expected 1 to {MOST_ROUNDS}")))
    };
    let deciding = names(file, "rules", table.rules.as_ref(), &default.combination.deciding)?;
    let objecting = names(file, "unless", table.unless.as_ref(), &default.combination.objecting)?;
    let (when, at) = layered(file, "when", None, table.when.as_ref(), When::All.name().to_owned());
    let when = When::ALL
        .into_iter()
        .find(|known| known.name() == when)
        .ok_or_else(|| at.error(format!("\"{when}\"; expected \"all\" or \"any\"")))?;
    Ok(StopSettings {
        kappa: KappaAverage {
            threshold: share("min_kappa", &table.min_kappa, default.kappa.threshold, Range::AboveZero)?,
            window: rounds("kappa_rounds", &table.kappa_rounds, default.kappa.window)?,
        },
        change: ClassificationChange {
            threshold: share("max_change", &table.max_change, default.change.threshold, Range::BelowOne)?,
            window: rounds("change_rounds", &table.change_rounds, default.change.window)?,
        },
        uncertainty: OverallUncertainty {
            threshold: share(
                "max_entropy",
                &table.max_entropy,
                default.uncertainty.threshold,
                Range::BelowOne,
            )?,
            fall: share("min_fall", &table.min_fall, default.uncertainty.fall, Range::BelowOne)?,
            window: rounds("fall_rounds", &table.fall_rounds, default.uncertainty.window)?,
        },
        plateau: Plateau {
            gain: share("min_gain", &table.min_gain, default.plateau.gain, Range::Open)?,
            window: rounds("gain_rounds", &table.gain_rounds, default.plateau.window)?,
        },
        budget: budget(file)?,
        combination: Combination { deciding, when, objecting },
        target: share("target", &table.target, default.target, Range::Open)?,
    })
}

/// Names of rules, checked.
fn names(
    file: &ConfigurationFile,
    key: &str,
    given: Option<&Spanned<Vec<Spanned<String>>>>,
    default: &[String],
) -> anyhow::Result<Vec<String>> {
    let Some(given) = given else { return Ok(default.to_vec()) };
    let mut names: Vec<String> = Vec::new();
    for name in given.get_ref() {
        let at = file.at(key, name.span());
        let name = name.get_ref();
        if name == "budget" {
            return Err(at.error(
                "a budget needs no mention here: set budget = 5000, and it decides when it is spent",
            ));
        }
        if !RULES.contains(&name.as_str()) {
            let known = RULES.join(", ");
            return Err(at.error(format!("unknown rule \"{name}\"; expected one of: {known}")));
        }
        if names.contains(name) {
            return Err(at.error(format!("\"{name}\" is given twice")));
        }
        names.push(name.clone());
    }
    Ok(names)
}

fn budget(file: &ConfigurationFile) -> anyhow::Result<Option<Budget>> {
    let table = &file.values.stop;
    let (of, at) =
        layered(file, "budget_of", None, table.budget_of.as_ref(), Unit::Answers.name().to_owned());
    let unit = Unit::ALL
        .into_iter()
        .find(|unit| unit.name() == of)
        .ok_or_else(|| at.error(format!("\"{of}\"; expected \"answers\" or \"documents\"")))?;
    let Some(most) = &table.budget else { return Ok(None) };
    if *most.get_ref() == 0 {
        return Err(file.at("budget", most.span()).error("0; expected 1 or more"));
    }
    Ok(Some(Budget { most: *most.get_ref(), unit }))
}

/// What a share may be.
#[derive(Clone, Copy)]
enum Range {
    /// (0, 1].
    AboveZero,
    /// [0, 1).
    BelowOne,
    /// (0, 1).
    Open,
}

impl Range {
    fn check(self, value: f64, at: &Source) -> anyhow::Result<f64> {
        let (fits, words) = match self {
            Self::AboveZero => (value > 0.0 && value <= 1.0, "a number above 0, 1 at the most"),
            Self::BelowOne => ((0.0..1.0).contains(&value), "a number of 0 or more, below 1"),
            Self::Open => (value > 0.0 && value < 1.0, "a number between 0 and 1"),
        };
        if fits { Ok(value) } else { Err(at.error(format!("{value}; expected {words}"))) }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use querist_core::LabelSet;

    use super::*;
    use crate::configuration::template;

    fn resolve(toml: &str) -> Result<StopSettings, String> {
        let text = format!("labels = [\"a\", \"b\"]\n[stop]\n{toml}");
        let file = ConfigurationFile::parse(Path::new("q.toml"), text).map_err(|error| error.to_string())?;
        stop(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn the_template_says_what_the_defaults_are() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let file = ConfigurationFile::parse(Path::new("q.toml"), template(&labels)).unwrap();
        assert!(file.values.stop.rules.is_some(), "the template has the section");
        assert_eq!(stop(&file).unwrap(), StopSettings::default());
        assert_eq!(resolve("").unwrap(), StopSettings::default());
    }

    #[test]
    fn values_are_taken_and_bad_ones_named_with_their_place() {
        let toml = "rules = [\"change\", \"plateau\"]\nwhen = \"any\"\nunless = []\nbudget = 50\nbudget_of = \"documents\"\ntarget = 0.9";
        let settings = resolve(toml).unwrap();
        assert_eq!(settings.combination.deciding, ["change", "plateau"]);
        assert_eq!((settings.combination.when, settings.combination.objecting.len()), (When::Any, 0));
        assert_eq!(settings.budget, Some(Budget { most: 50, unit: Unit::Documents }));
        for (toml, words) in [
            ("rules = [\"kapa\"]", "q.toml:3: rules: unknown rule \"kapa\"; expected one of: kappa, change"),
            ("rules = [\"kappa\", \"kappa\"]", "q.toml:3: rules: \"kappa\" is given twice"),
            ("rules = [\"budget\"]", "q.toml:3: rules: a budget needs no mention"),
            ("when = \"both\"", "q.toml:3: when: \"both\"; expected \"all\" or \"any\""),
            ("target = 95", "q.toml:3: target: 95; expected a number between 0 and 1"),
            ("target = nan", "q.toml:3: target: NaN"),
            ("min_kappa = 0", "q.toml:3: min_kappa: 0; expected a number above 0"),
            ("max_change = 1.0", "q.toml:3: max_change: 1; expected"),
            ("kappa_rounds = 0", "q.toml:3: kappa_rounds: 0 rounds; expected 1 to 1000"),
            ("budget = 0", "q.toml:3: budget: 0; expected 1 or more"),
            ("budget_of = \"euros\"", "q.toml:3: budget_of: \"euros\""),
            ("budgt = 3", "q.toml:3: unknown field `budgt`"),
        ] {
            let message = resolve(toml).unwrap_err();
            assert!(message.starts_with(words), "{toml}: {message}");
        }
    }
}
