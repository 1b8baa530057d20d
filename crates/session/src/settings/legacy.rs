//! Reads settings that earlier versions stored, in a manifest of format 1 or in an unfinished
//! draft.
//!
//! These settings are **flat**: the keys of `[batch]` and some keys of `[quality]` stand side by
//! side under `configuration`, with shares and weights as numbers. The tables of features, model
//! and rules are under `tables`, as querist.toml had them; the earliest versions did not store
//! them. The results of simulations still begin with flat settings, so that older simulations can
//! be continued.

use querist_core::{LabelSet, Named, Share};
use querist_engine::{RoundSettings, manifest::hash_of};
use querist_query::{Mix, QueryError, Ratio, StrategySetting};
use serde_json::{Map, Value, json};

use super::Settings;

/// The tables that old manifests stored as querist.toml had them.
const TABLES: [&str; 3] = ["features", "model", "rules"];
/// The flat keys that belong to `[quality]`; the other flat keys belong to `[batch]`.
const OF_QUALITY: [&str; 6] =
    ["min_accuracy", "min_kappa", "aggregator", "training", "overlap", "answers_per_item"];

/// Returns whether stored settings are flat.
pub fn is_flat(record: &Value) -> bool {
    record["batch"].is_null()
}

/// Converts flat settings to the current form. Tables that were not stored are taken from `now`,
/// the current settings.
///
/// # Errors
/// This version does not know a key, or a value is invalid.
pub fn settings_of(flat: &Value, tables: Option<&Value>, now: &Settings) -> Result<Settings, String> {
    let known = flat.as_object().ok_or("the configuration of the round is not an object")?;
    let (mut batch, mut quality) = (Map::new(), Map::new());
    for (key, value) in known.iter().filter(|(key, _)| !["labels", "seed"].contains(&key.as_str())) {
        let table = if OF_QUALITY.contains(&key.as_str()) { &mut quality } else { &mut batch };
        table.insert(key.clone(), value.clone());
    }
    batch.entry("strategy").or_insert_with(|| json!(StrategySetting::MEASURE));
    let mut record = json!({"labels": flat["labels"], "batch": batch, "quality": quality});
    if !flat["seed"].is_null() {
        record["seed"] = flat["seed"].clone();
    }
    let kept = serde_json::to_value(now).map_err(|error| error.to_string())?;
    for name in TABLES {
        let table = tables.map_or(&kept[name], |tables| &tables[name]);
        if !table.is_null() {
            record[name] = table.clone();
        }
    }
    serde_json::from_value(record)
        .map_err(|error| format!("the round was made with settings that this version does not know: {error}"))
}

/// Converts settings to the flat form. The same settings always produce the same bytes.
///
/// # Errors
/// The settings cannot compose a batch.
pub fn flat(settings: &RoundSettings, labels: &LabelSet) -> Result<Value, QueryError> {
    let RoundSettings { seed, batch, quality } = settings;
    let mut value = json!({
        "labels": labels.names(),
        "seed": seed,
        "size": batch.size,
        "mix": match batch.mix {
            querist_query::MixSetting::Adaptive => json!(batch.mix),
            querist_query::MixSetting::Shares(_) => shares(&batch.mix.shares()?),
        },
        "ratio": match batch.ratio.by_class(labels)? {
            Ratio::Balance => json!(batch.ratio),
            Ratio::Weights(weights) => {
                labels.names().iter().cloned().zip(weights.into_iter().map(Value::from)).collect()
            }
        },
        "measure": batch.measure.name(),
        "diversity": batch.diversity,
        "within": batch.within.name(),
        "near_duplicates": batch.near_duplicates,
        "suggest": batch.suggest,
        "min_accuracy": quality.min_accuracy,
        "min_kappa": quality.min_kappa,
        "aggregator": quality.aggregator,
        "training": quality.training.name(),
        "overlap": quality.overlap,
        "answers_per_item": quality.answers_per_item,
    });
    if let Some(strategy) = batch.strategy.name() {
        value["strategy"] = json!(strategy);
    }
    Ok(value)
}

/// Returns the fraction of each share, by the share's name. Uncertainty gets what the other shares
/// leave.
fn shares(mix: &Mix) -> Value {
    Share::ALL.iter().map(|share| (share.name().to_owned(), json!(mix.fraction(*share)))).collect()
}

/// Returns the hash of a round's settings as a manifest of format 1 has it. `recorded` holds the
/// settings in the manifest. Keys that are missing there did not exist yet, so they are not hashed.
///
/// # Errors
/// The settings cannot compose a batch.
pub fn hash(settings: &RoundSettings, labels: &LabelSet, recorded: &Value) -> Result<String, QueryError> {
    let mut flat = flat(settings, labels)?;
    if let (Some(flat), Some(recorded)) = (flat.as_object_mut(), recorded.as_object()) {
        flat.retain(|key, _| recorded.contains_key(key));
    }
    Ok(hash_of([flat.to_string().into_bytes()]))
}

#[cfg(test)]
mod tests {
    use querist_query::BatchSettings;

    use super::*;

    #[test]
    fn a_flat_record_says_what_the_settings_were() {
        let labels = LabelSet::new(["fraud", "other \"one\""]).unwrap();
        let now = Settings::of_labels(&labels);
        for batch in [
            BatchSettings::default(),
            BatchSettings { mix: "adaptive".parse().unwrap(), ..BatchSettings::default() },
            BatchSettings {
                mix: "uncertainty=0.6,ratio=0.3,random=0.1".parse().unwrap(),
                ratio: "fraud=0.8,other \"one\"=0.2".parse().unwrap(),
                strategy: StrategySetting::Measure,
                near_duplicates: "off".parse().unwrap(),
                suggest: true,
                size: 7,
                ..BatchSettings::default()
            },
        ] {
            let settings = Settings { batch, seed: querist_core::Seed(u64::MAX), ..now.clone() };
            let flat = flat(&settings.round(), &labels).unwrap();
            assert!(is_flat(&flat) && !is_flat(&settings.recorded().unwrap()));
            assert_eq!(settings_of(&flat, None, &now).unwrap(), settings);
        }
        let unknown = json!({"labels": ["a", "b"], "hue": 3});
        assert!(settings_of(&unknown, None, &now).unwrap_err().contains("`hue`"));
    }

    #[test]
    fn tables_win_over_what_is_set_now() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        let mut now = Settings::of_labels(&labels);
        now.features.buckets = 1024;
        let flat = flat(&now.round(), &labels).unwrap();
        let buckets =
            |tables: Option<Value>| settings_of(&flat, tables.as_ref(), &now).unwrap().features.buckets;
        assert_eq!(buckets(None), 1024);
        assert_eq!(buckets(Some(json!({"features": {"buckets": 2048}}))), 2048);
        assert_eq!(buckets(Some(json!({}))), 1 << 20);
    }

    #[test]
    fn the_hash_of_a_round_of_the_first_days_has_the_keys_of_its_time() {
        // As a version of 21 November 2026 wrote it, before `[quality]` had an aggregator.
        let recorded = json!({
            "labels": ["technical", "billing", "account", "shipping", "feature", "fraud"], "seed": 0, "size": 100,
            "mix": {"uncertainty": 0.85, "ratio": 0.0, "random": 0.1, "control": 0.05}, "ratio": "balance",
            "measure": "entropy", "diversity": 10, "within": "random", "near_duplicates": 0.8, "suggest": false,
            "min_accuracy": 0.9, "min_kappa": 0.8, "strategy": "variance-reduction",
        });
        let labels = ["technical", "billing", "account", "shipping", "feature", "fraud"];
        let labels = LabelSet::new(labels).unwrap();
        let now = Settings::of_labels(&labels);
        let settings = settings_of(&recorded, None, &now).unwrap().round();
        let then = "f0a5c75f57bc7adfee95b0a0d4855da57aa644c906313929d94e628c9814a5a2";
        assert_eq!(hash(&settings, &labels, &recorded).unwrap(), then);
        assert_ne!(hash(&settings, &labels, &flat(&settings, &labels).unwrap()).unwrap(), then);
    }
}
