//! `[batch]`: the keys that are a word or a number.

use querist_core::LabelSet;
use querist_query::{DEFAULT_RESEMBLANCE, Ingredients, QueryError, catalog};

use super::{MEASURE, layered};
use crate::args::BatchOptions;
use crate::configuration::{ConfigurationFile, NearDuplicatesValue, Source};

/// What fills the uncertainty share unless told otherwise.
const STRATEGY: &str = "variance-reduction";

/// The resemblance of near-duplicates; `None` lets them pass.
pub(super) fn near_duplicates(file: &ConfigurationFile, flags: &BatchOptions) -> anyhow::Result<Option<f64>> {
    let key = "near_duplicates";
    let (value, at) = if let Some(text) = &flags.near_duplicates {
        let number = text.trim().parse().map(NearDuplicatesValue::Number);
        (number.unwrap_or_else(|_| NearDuplicatesValue::Word(text.trim().to_owned())), Source::flag(key))
    } else {
        let default = NearDuplicatesValue::Number(DEFAULT_RESEMBLANCE);
        layered(file, key, None, file.values.batch.near_duplicates.as_ref(), default)
    };
    let expected = "expected a number above 0 and at most 1, or \"off\"";
    match value {
        NearDuplicatesValue::Number(resemblance) if resemblance > 0.0 && resemblance <= 1.0 => {
            Ok(Some(resemblance))
        }
        NearDuplicatesValue::Number(other) => Err(at.error(format!("{other}; {expected}"))),
        NearDuplicatesValue::Word(word) if word == "off" => Ok(None),
        NearDuplicatesValue::Word(word) => Err(at.error(format!("\"{word}\"; {expected}"))),
    }
}

/// The name of the strategy that fills the uncertainty share; `None`: the measure, spread. The flags of the measure say so unless
/// there is one of the strategy.
pub(super) fn strategy(
    file: &ConfigurationFile,
    labels: &LabelSet,
    flags: &BatchOptions,
) -> anyhow::Result<Option<String>> {
    let value = file.values.batch.strategy.as_ref();
    // Who types a measure wants to see it at work.
    let implied = (flags.measure.is_some() || flags.diversity.is_some()).then(|| MEASURE.to_owned());
    let flag = flags.strategy.as_ref().or(implied.as_ref());
    let (name, at) = layered(file, "strategy", flag, value, STRATEGY.to_owned());
    if name == MEASURE {
        return Ok(None);
    }
    match catalog::by_name(&name, &Ingredients::new(labels.clone())) {
        // It gets one when it is built to be used.
        Ok(_) | Err(QueryError::NoClassifier { .. }) => Ok(Some(name)),
        Err(error @ QueryError::UnknownStrategy { .. }) => {
            Err(at.error(format!("{error}, {MEASURE} (what `measure` and `diversity` say)")))
        }
        Err(error) => Err(at.error(error)),
    }
}
