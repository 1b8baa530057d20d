//! Named strategies for simulations. Each name stands for changes in the settings of a batch.

use querist_core::{LabelSet, Named};
use querist_query::{BatchSettings, Fractions, Measure, MixSetting, StrategySetting, catalog};

/// A name that stands alone, and the changes for which it stands.
struct Short {
    name: &'static str,
    change: fn(&mut BatchSettings),
}

/// All names that stand alone.
const SHORT: [Short; 10] = [
    Short { name: "default", change: |_| () },
    Short { name: "adaptive", change: |batch| batch.mix = MixSetting::Adaptive },
    Short { name: "random", change: |batch| batch.mix = only_random() },
    Short { name: "entropy", change: |batch| uncertain(batch, Measure::Entropy) },
    Short { name: "least-confidence", change: |batch| uncertain(batch, Measure::LeastConfidence) },
    Short { name: "margin", change: |batch| uncertain(batch, Measure::Margin) },
    Short { name: "plain-entropy", change: |batch| plain(batch, Measure::Entropy) },
    Short { name: "plain-least-confidence", change: |batch| plain(batch, Measure::LeastConfidence) },
    Short { name: "plain-margin", change: |batch| plain(batch, Measure::Margin) },
    Short { name: "plain-ratio-of-confidence", change: |batch| plain(batch, Measure::RatioOfConfidence) },
];

/// Names that quotas follow, after a colon. Another colon and the ranking that fills the quotas may
/// come next. The number is the fraction of the batch that the quotas fill.
const WITH_QUOTAS: [(&str, f64); 2] = [("ratio", 1.0), ("mix", 0.5)];

fn only_random() -> MixSetting {
    MixSetting::Shares(Fractions { random: 1.0, ..Fractions::default() })
}

fn only_uncertainty() -> MixSetting {
    MixSetting::Shares(Fractions { uncertainty: 1.0, ..Fractions::default() })
}

/// Changes the settings: the batch consists of documents that are uncertain by `measure` and spread
/// out.
fn uncertain(batch: &mut BatchSettings, measure: Measure) {
    *batch = BatchSettings {
        mix: only_uncertainty(),
        measure,
        strategy: StrategySetting::Measure,
        ..std::mem::take(batch)
    };
}

/// Changes the settings: the batch consists of the documents that are most uncertain by `measure`,
/// however similar they are.
fn plain(batch: &mut BatchSettings, measure: Measure) {
    uncertain(batch, measure);
    batch.diversity = 1;
}

/// Returns `batch`, the settings of a batch, with the changes for which the strategy `name` stands.
///
/// # Errors
/// No strategy has this name (the error lists all names), or its settings do not fit the labels.
pub fn strategy(name: &str, batch: &BatchSettings, labels: &LabelSet) -> Result<BatchSettings, String> {
    let mut changed = changed(name, batch)?.ok_or_else(|| unknown(name))?;
    // A caller who names a measure, but no strategy, wants to see the effect of the measure.
    if changed.names_measure && !changed.names_strategy {
        changed.batch.strategy = StrategySetting::Measure;
    }
    changed.batch.check(labels).map_err(|error| format!("\"{name}\": {error}"))?;
    Ok(changed.batch)
}

/// The changed settings, and whether the name sets a strategy or a measure.
struct Changed {
    batch: BatchSettings,
    /// Whether the name sets or implies a strategy.
    names_strategy: bool,
    /// Whether the name sets the key `measure`.
    names_measure: bool,
}

/// Returns the settings for a name. Further settings may follow it after slashes, as in
/// `default/strategy=badge/mix=ratio=0.5`. `None` if the name is unknown.
fn changed(name: &str, batch: &BatchSettings) -> Result<Option<Changed>, String> {
    let last = name.rsplit_once('/').and_then(|(rest, last)| Some((rest, last.split_once('=')?)));
    let Some((rest, (key, value))) = last.filter(|(_, (key, _))| KEYS.contains(key)) else {
        let settings = by_name(name, batch)?;
        return Ok(settings.map(|settings| Changed {
            names_strategy: settings.strategy != batch.strategy || catalog::check(name).is_ok(),
            names_measure: false,
            batch: settings,
        }));
    };
    let Some(mut changed) = changed(rest, batch)? else { return Ok(None) };
    set(&mut changed.batch, key, &written(value)).map_err(|error| format!("\"{name}\": {key}: {error}"))?;
    changed.names_strategy |= key == "strategy";
    changed.names_measure |= key == "measure";
    Ok(Some(changed))
}

/// Keys of the settings that may follow a name.
const KEYS: [&str; 6] = ["mix", "ratio", "measure", "strategy", "within", "near-duplicates"];

/// Sets one setting of a batch, given its value as text.
fn set(batch: &mut BatchSettings, key: &str, value: &str) -> Result<(), String> {
    match key {
        "mix" => batch.mix = value.parse()?,
        "ratio" => batch.ratio = value.parse()?,
        "measure" => batch.measure = named(value)?,
        "strategy" => batch.strategy = value.into(),
        "within" => batch.within = named(value)?,
        _ => batch.near_duplicates = value.parse()?,
    }
    Ok(())
}

fn named<T: Named>(name: &str) -> Result<T, String> {
    T::named(name).ok_or_else(|| format!("\"{name}\"; expected one of {}", T::names()))
}

/// Replaces each plus sign in a value by a comma. In a list of strategies a comma ends a strategy,
/// so a comma within a value is written as a plus sign.
fn written(value: &str) -> String {
    value.replace('+', ",")
}

/// Returns the settings for a name that no further settings follow; `None` if it is unknown.
fn by_name(name: &str, batch: &BatchSettings) -> Result<Option<BatchSettings>, String> {
    let mut settings = batch.clone();
    if let Some(short) = SHORT.iter().find(|known| known.name == name) {
        (short.change)(&mut settings);
        return Ok(Some(settings));
    }
    if catalog::check(name).is_ok() {
        (settings.mix, settings.strategy) = (only_uncertainty(), name.into());
        return Ok(Some(settings));
    }
    let mut parts = name.splitn(3, ':');
    let (Some(first), Some(quotas), within) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let Some((_, share)) = WITH_QUOTAS.iter().find(|known| known.0 == first) else { return Ok(None) };
    settings.mix =
        MixSetting::Shares(Fractions { uncertainty: 1.0 - share, ratio: *share, ..Fractions::default() });
    settings.strategy = StrategySetting::Measure;
    let wrong = |key: &str, error: &String| format!("\"{name}\": {key}: {error}");
    set(&mut settings, "ratio", &written(quotas)).map_err(|error| wrong("ratio", &error))?;
    if let Some(within) = within {
        set(&mut settings, "within", within).map_err(|error| wrong("within", &error))?;
    }
    Ok(Some(settings))
}

/// Returns the error that no strategy has this name. It lists the names that exist.
fn unknown(name: &str) -> String {
    let mut known: Vec<String> = SHORT.iter().map(|known| known.name.to_owned()).collect();
    let others = catalog::names().filter(|name| SHORT.iter().all(|known| known.name != *name));
    known.extend(others.map(str::to_owned));
    known.push("epsilon:NAME".to_owned());
    known.push("NAME/FLAG=VALUE".to_owned());
    for (first, _) in WITH_QUOTAS {
        known.push(format!("{first}:balance"));
        known.push(format!("{first}:CLASS=W+CLASS=W"));
    }
    // Find the most similar name (by Jaro-Winkler similarity), the first if several are equally
    // similar.
    let similar = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let nearest = similar.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let nearest = nearest.filter(|(similarity, _)| *similarity >= 0.8);
    let nearest = nearest.map(|(_, known)| format!(" (did you mean \"{known}\"?)")).unwrap_or_default();
    let known = known.join(", ");
    format!("unknown strategy \"{name}\"{nearest}; expected some of: {known}")
}

#[cfg(test)]
mod tests {
    use querist_query::{Ratio, Within};

    use super::*;

    fn found(name: &str) -> Result<BatchSettings, String> {
        let labels = LabelSet::new(["fraud", "other"]).unwrap();
        strategy(name, &BatchSettings::default(), &labels)
    }

    fn counts(settings: &BatchSettings, size: usize) -> [usize; 4] {
        settings.mix.shares().unwrap().counts(size)
    }

    fn ratio(settings: &BatchSettings) -> Ratio {
        settings.ratio.by_class(&LabelSet::new(["fraud", "other"]).unwrap()).unwrap()
    }

    #[test]
    fn names_change_the_settings_of_a_batch() {
        assert_eq!(counts(&found("random").unwrap(), 10), [0, 0, 10, 0]);
        assert_eq!(found("default").unwrap(), BatchSettings::default());
        assert_eq!(found("adaptive").unwrap().mix, MixSetting::Adaptive);
        let margin = found("plain-margin").unwrap();
        assert_eq!(
            (counts(&margin, 10), margin.measure, margin.diversity),
            ([10, 0, 0, 0], Measure::Margin, 1)
        );
        let quotas = found("ratio:fraud=0.8+other=0.2:likeliest").unwrap();
        assert_eq!((counts(&quotas, 10), quotas.within), ([0, 10, 0, 0], Within::Likeliest));
        assert_eq!(ratio(&quotas), Ratio::Weights(vec![0.8, 0.2]));
        assert_eq!(counts(&found("mix:balance").unwrap(), 10), [5, 5, 0, 0]);
        for Short { name, .. } in SHORT {
            assert!(found(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn settings_of_a_round_follow_a_name() {
        let found = |name: &str| found(name).unwrap();
        let changed = found("default/mix=uncertainty=0.4+ratio=0.6/near-duplicates=off/strategy=badge");
        assert_eq!((counts(&changed, 10), changed.near_duplicates.resemblance()), ([4, 6, 0, 0], None));
        assert_eq!((changed.strategy.name(), ratio(&changed)), (Some("badge"), Ratio::Balance));
        assert_eq!(found("default/measure=margin").strategy, StrategySetting::Measure);
        assert_eq!(found("core-set/measure=margin").strategy.name(), Some("core-set"));
        let quotas = found("ratio:fraud=0.8+other=0.2/within=likeliest/measure=margin");
        assert_eq!((quotas.within, quotas.measure), (Within::Likeliest, Measure::Margin));
        assert_eq!(ratio(&quotas), Ratio::Weights(vec![0.8, 0.2]));
        // The last of several equal keys counts.
        assert_eq!(ratio(&found("default/mix=ratio=1/ratio=fraud=1/ratio=balance")), Ratio::Balance);
        let unknown = super::tests::found("default/size=3").unwrap_err();
        assert!(unknown.contains("\"default/size=3\"") && unknown.contains("NAME/FLAG=VALUE"), "{unknown}");
    }

    #[test]
    fn an_unknown_name_comes_with_all_known_ones() {
        let message = found("entrpy").unwrap_err();
        assert!(message.contains("unknown strategy \"entrpy\" (did you mean \"entropy\"?)"), "{message}");
        for known in SHORT.iter().map(|known| known.name).chain(["ratio:balance", "mix:balance"]) {
            assert!(message.contains(known), "{message}");
        }
        assert!(!found("nothing like it").unwrap_err().contains("did you mean"));
        assert!(found("ratio:balanced").unwrap_err().starts_with("\"ratio:balanced\": ratio: "));
        assert!(found("ratio:balance:wildest").unwrap_err().contains("wildest"));
        assert!(found("mix").is_err());
        assert!(found("epsilon:badger").unwrap_err().contains("epsilon:NAME"));
    }

    #[test]
    fn a_strategy_of_the_catalog_fills_the_whole_batch() {
        for name in catalog::names().chain(["epsilon:core-set"]) {
            let settings = found(name).unwrap();
            if name == "random" {
                assert_eq!(counts(&settings, 10), [0, 0, 10, 0]);
                continue;
            }
            assert_eq!(counts(&settings, 10), [10, 0, 0, 0], "{name}");
            let measures = ["entropy", "least-confidence", "margin"];
            let named = settings.strategy.name().unwrap_or(settings.measure.name());
            assert_eq!((named, settings.strategy.name().is_none()), (name, measures.contains(&name)));
        }
    }
}
