//! Settings: what the user means, checked and complete, layered defaults < querist.toml < environment < flags.
//!
//! (The environment comes in through the flags' own variables, so a flag given on the command line wins over it.)

mod batch;
mod features;
pub mod listing;
mod model;
mod quality;
mod rules;
mod stop;
mod strategies;

pub use features::{FeatureSettings, WORDS, features};
pub use model::{classifier, held_out_classifier, members};
pub use quality::{consensus, overlap, standards, thresholds};
pub use rules::rules;
pub use stop::stop;
pub use strategies::strategy;

use querist_core::{Class, LabelSet, Seed, Share};
use querist_engine::Settings;
use querist_query::{Fractions, Measure, Mix, Ratio, Within};
use toml::Spanned;

use crate::args::BatchOptions;
use crate::configuration::{ConfigurationFile, MixTable, MixValue, RatioValue, Source};

/// The defaults, for keys that querist.toml does not have.
const SIZE: usize = 100;
const MIX: MixTable = MixTable { uncertainty: 0.85, ratio: 0.0, random: 0.1, control: 0.05 };
const DIVERSITY: usize = 10;
/// The word for shares that follow what the rounds before taught.
const ADAPTIVE: &str = "adaptive";
/// The word for no strategy of the catalog: what `measure` and `diversity` say.
const MEASURE: &str = "measure";
/// The largest batch: more than any team labels in a round, and a guard against a slipped zero.
const MAX_SIZE: usize = 1_000_000;

/// The settings of a round.
///
/// # Errors
/// The first value that makes no sense, with the flag or the line that it comes from.
pub fn of_round(
    file: &ConfigurationFile,
    labels: &LabelSet,
    flags: &BatchOptions,
) -> anyhow::Result<Settings> {
    let table = &file.values.batch;
    let (size, at) = layered(file, "size", flags.size.as_ref(), table.size.as_ref(), SIZE);
    if size == 0 || size > MAX_SIZE {
        return Err(at.error(format!("{size} documents; expected 1 to {MAX_SIZE}")));
    }
    let (diversity, at) =
        layered(file, "diversity", flags.diversity.as_ref(), table.diversity.as_ref(), DIVERSITY);
    if diversity == 0 || diversity > 1_000 {
        return Err(at.error(format!("{diversity}; expected 1 to 1000")));
    }
    let (name, at) = layered(
        file,
        "measure",
        flags.measure.as_ref(),
        table.measure.as_ref(),
        Measure::Entropy.name().to_owned(),
    );
    let measure = Measure::from_name(&name).map_err(|error| at.error(error))?;
    let (name, at) =
        layered(file, "within", flags.within.as_ref(), table.within.as_ref(), "random".to_owned());
    let within = Within::from_name(&name, measure).map_err(|error| at.error(error))?;
    let (mix, adaptive) = mix(file, flags)?;
    let ratio = ratio(file, labels, flags)?;
    if flags.ratio.is_some()
        && matches!(ratio, Ratio::Weights(_))
        && !adaptive
        && mix.fraction(Share::Ratio) <= 0.0
    {
        let what = "quotas are given, but the mix has no share for them; add, for example, --mix ratio=0.3";
        return Err(Source::flag("ratio").error(what));
    }
    Ok(Settings {
        seed: Seed(flags.seed.unwrap_or(file.values.seed)),
        size,
        mix,
        adaptive,
        ratio,
        measure,
        diversity,
        within,
        near_duplicates: batch::near_duplicates(file, flags)?,
        strategy: batch::strategy(file, labels, flags)?,
        suggest: flags.suggest.or(table.suggest).unwrap_or(false),
        thresholds: thresholds(file)?,
        consensus: consensus(file)?,
        overlap: overlap(file)?,
    })
}

/// A value and where it comes from: the flag, else querist.toml, else the default.
fn layered<T: Clone>(
    file: &ConfigurationFile,
    key: &str,
    flag: Option<&T>,
    value: Option<&Spanned<T>>,
    default: T,
) -> (T, Source) {
    match (flag, value) {
        (Some(flag), _) => (flag.clone(), Source::flag(key)),
        (None, Some(value)) => (value.get_ref().clone(), file.at(key, value.span())),
        (None, None) => (default, Source::built_in()),
    }
}

/// The shares, and whether they adapt once there is something to adapt to.
fn mix(file: &ConfigurationFile, flags: &BatchOptions) -> anyhow::Result<(Mix, bool)> {
    let (value, at) = if let Some(text) = &flags.mix {
        let at = Source::flag("mix");
        let adaptive = text.trim() == ADAPTIVE;
        let value = if adaptive {
            MixValue::Word(ADAPTIVE.to_owned())
        } else {
            MixValue::Table(mix_of_flag(text, &at)?)
        };
        (value, at)
    } else {
        layered(file, "mix", None, file.values.batch.mix.as_ref(), MixValue::Table(MIX))
    };
    let (table, adaptive) = match value {
        MixValue::Table(table) => (table, false),
        MixValue::Word(word) if word == ADAPTIVE => (MIX, true),
        MixValue::Word(word) => {
            let what = "expected a table of shares, as in { uncertainty = 0.5, ratio = 0.5 }";
            return Err(at.error(format!("\"{word}\"; {what}, or \"{ADAPTIVE}\"")));
        }
    };
    let MixTable { uncertainty, ratio, random, control } = table;
    let mix = Mix::new(Fractions { uncertainty, ratio, random, control });
    Ok((mix.map_err(|error| at.error(error))?, adaptive))
}

fn mix_of_flag(text: &str, at: &Source) -> anyhow::Result<MixTable> {
    let mut table = MixTable::default();
    for (name, value) in pairs(text, at, "uncertainty=0.5,ratio=0.5")? {
        let place = match Share::from_name(&name) {
            Some(Share::Uncertainty) => &mut table.uncertainty,
            Some(Share::Ratio) => &mut table.ratio,
            Some(Share::Random) => &mut table.random,
            Some(Share::Control) => &mut table.control,
            None => {
                let known = Share::ALL.map(Share::name).join(", ");
                return Err(at.error(format!("unknown share \"{name}\"; expected one of: {known}")));
            }
        };
        *place = value;
    }
    Ok(table)
}

fn ratio(file: &ConfigurationFile, labels: &LabelSet, flags: &BatchOptions) -> anyhow::Result<Ratio> {
    let (value, at) = if let Some(text) = &flags.ratio {
        let at = Source::flag("ratio");
        let value = if text.contains('=') {
            RatioValue::Weights(pairs(text, &at, "fraud=0.8,other=0.2")?.into_iter().collect())
        } else {
            RatioValue::Word(text.clone())
        };
        (value, at)
    } else {
        layered(file, "ratio", None, file.values.batch.ratio.as_ref(), RatioValue::Word("balance".to_owned()))
    };
    let weights = match value {
        RatioValue::Word(word) if word == "balance" => return Ok(Ratio::Balance),
        RatioValue::Word(word) => {
            return Err(at.error(format!(
                "\"{word}\"; expected \"balance\" or weights by class, as in fraud=0.8,other=0.2"
            )));
        }
        RatioValue::Weights(weights) => weights,
    };
    let mut by_class = vec![0.0; labels.len()];
    for (class, name, weight) in by_class_named(weights, &at, labels)? {
        if !weight.is_finite() || weight < 0.0 {
            return Err(
                at.error(format!("the weight of \"{name}\" is {weight}; expected a number of 0 or more"))
            );
        }
        by_class[class.index()] = weight;
    }
    let ratio = Ratio::Weights(by_class);
    ratio.target(labels.len()).map_err(|error| at.error(error))?;
    Ok(ratio)
}

/// The class of that name.
fn class_named(name: &str, at: &Source, labels: &LabelSet) -> anyhow::Result<Class> {
    let Some(class) = labels.class(name) else {
        let nearest =
            labels.nearest(name).map(|near| format!(" (did you mean \"{near}\"?)")).unwrap_or_default();
        let known = labels.names().join(", ");
        return Err(at.error(format!("unknown label \"{name}\"{nearest}; expected labels out of: {known}")));
    };
    Ok(class)
}

/// Numbers by class, each class once: two spellings of a name are one class.
fn by_class_named(
    numbers: impl IntoIterator<Item = (String, f64)>,
    at: &Source,
    labels: &LabelSet,
) -> anyhow::Result<Vec<(Class, String, f64)>> {
    let mut by_class: Vec<(Class, String, f64)> = Vec::new();
    for (name, number) in numbers {
        let class = class_named(&name, at, labels)?;
        if by_class.iter().any(|(known, ..)| *known == class) {
            return Err(at.error(format!("\"{}\" is given twice", labels.name(class))));
        }
        by_class.push((class, name, number));
    }
    Ok(by_class)
}

/// Numbers by class, as in `--imbalance fraud=0.01`.
///
/// # Errors
/// Not of that form, or a class that is no label.
pub fn class_shares(key: &str, text: &str, labels: &LabelSet) -> anyhow::Result<Vec<(Class, f64)>> {
    let at = Source::flag(key);
    let pairs = pairs(text, &at, "fraud=0.01")?.into_iter();
    Ok(by_class_named(pairs, &at, labels)?.into_iter().map(|(class, _, share)| (class, share)).collect())
}

/// "a=1,b=2" as pairs.
fn pairs(text: &str, at: &Source, example: &str) -> anyhow::Result<Vec<(String, f64)>> {
    let mut pairs: Vec<(String, f64)> = Vec::new();
    // A label may hold a comma: what has no number belongs to the name behind it.
    let mut begun = String::new();
    let parts: Vec<&str> = text.split(',').collect();
    for (at_part, part) in parts.iter().enumerate() {
        let last = at_part + 1 == parts.len();
        if !part.contains('=') && !last {
            begun += &format!("{part},");
            continue;
        }
        let part = std::mem::take(&mut begun) + part;
        // The last "=": a label may hold one itself.
        let parsed =
            part.rsplit_once('=').and_then(|(name, value)| Some((name.trim(), value.trim().parse().ok()?)));
        let Some((name, value)) = parsed else {
            return Err(at.error(format!("\"{part}\" is not NAME=NUMBER; expected something like {example}")));
        };
        if pairs.iter().any(|(known, _)| known == name) {
            return Err(at.error(format!("\"{name}\" is given twice")));
        }
        pairs.push((name.to_owned(), value));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use querist_core::{Classifier, Edition, Featurizer};
    use querist_text::{FeatureKind, Scales};

    use super::*;
    use crate::configuration::template;

    fn resolve(toml: Option<&str>, flags: &BatchOptions) -> Result<Settings, String> {
        let labels = LabelSet::new(["fraud", "other"]).unwrap();
        let text =
            toml.map_or_else(|| template(&labels), |rest| format!("labels = [\"fraud\", \"other\"]\n{rest}"));
        let file = ConfigurationFile::parse(Path::new("q.toml"), text).map_err(|error| error.to_string())?;
        of_round(&file, &labels, flags).map_err(|error| error.to_string())
    }

    #[test]
    fn the_template_says_what_the_defaults_are() {
        let flags = BatchOptions::default();
        assert_eq!(resolve(None, &flags).unwrap(), resolve(Some(""), &flags).unwrap());
        let labels = LabelSet::new(["fraud", "other"]).unwrap();
        let fingerprints = |text: String| {
            let file = ConfigurationFile::parse(Path::new("q.toml"), text).unwrap();
            let featurizer = features(&file, Path::new("."), Edition::CURRENT)
                .unwrap()
                .featurizer((FeatureKind::NgramLsa, Scales::default()), None);
            (featurizer.fingerprint(), classifier(&file, &labels).unwrap().fingerprint())
        };
        assert_eq!(
            fingerprints(template(&labels)),
            fingerprints("labels = [\"fraud\", \"other\"]".to_owned())
        );
    }

    #[test]
    fn flags_win_over_the_file() {
        let flags = BatchOptions {
            mix: Some("ratio=0.5, random=0.25".into()),
            ratio: Some("fraud=80,other=20".into()),
            near_duplicates: Some("off".into()),
            strategy: Some("epsilon:vote-entropy".into()),
            ..BatchOptions::default()
        };
        let settings =
            resolve(Some("[batch]\nmix = { random = 1.0 }\nratio = { other = 1 }\n"), &flags).unwrap();
        assert_eq!(settings.mix.counts(100), [25, 50, 25, 0]);
        assert_eq!(settings.near_duplicates, None);
        assert_eq!(settings.strategy.as_deref(), Some("epsilon:vote-entropy"));
        assert_eq!(settings.ratio.quotas(1_000, &[0, 0]).unwrap(), [800, 200]);
    }

    #[test]
    fn every_bad_value_is_named_with_its_place() {
        for (toml, words) in [
            ("[batch]\nsize = 0", "q.toml:3: size: 0 documents; expected 1 to 1000000"),
            ("[batch]\nmeasure = \"entrpy\"", "q.toml:3: measure:"),
            ("[batch]\nmix = { random = 1.2 }", "q.toml:3: mix:"),
            ("[batch]\nmix = { random = 0.7, ratio = 0.7 }", "q.toml:3: mix:"),
            ("[batch]\nmix = { random = -0.1 }", "q.toml:3: mix:"),
            ("[batch]\nmix = { random = nan }", "q.toml:3: mix:"),
            ("[batch]\nmix = { random = 0 }", "q.toml:3: mix:"),
            ("[batch]\nmix = \"adaptiv\"", "q.toml:3: mix: \"adaptiv\"; expected a table of shares"),
            ("[batch]\nmix = { randon = 1 }", "q.toml:3: unknown field `randon`"),
            ("[batch]\nratio = { fraud = 0, other = 0 }", "q.toml:3: ratio:"),
            ("[batch]\nratio = { fraud = -1, other = 2 }", "q.toml:3: ratio: the weight of \"fraud\" is -1"),
            ("[batch]\nratio = { fraud = inf }", "q.toml:3: ratio: the weight of \"fraud\" is inf"),
            ("[batch]\nratio = { frued = 1 }", "unknown label \"frued\" (did you mean \"fraud\"?)"),
            ("[batch]\nratio = \"ballance\"", "q.toml:3: ratio: \"ballance\"; expected \"balance\""),
            ("[batch]\nnear_duplicates = 0", "q.toml:3: near_duplicates: 0; expected a number above 0"),
            ("[batch]\nnear_duplicates = 1.1", "q.toml:3: near_duplicates: 1.1; expected"),
            ("[batch]\nnear_duplicates = nan", "q.toml:3: near_duplicates: NaN; expected"),
            ("[batch]\nnear_duplicates = \"no\"", "q.toml:3: near_duplicates: \"no\"; expected"),
            (
                "[batch]\nstrategy = \"badger\"",
                "q.toml:3: strategy: unknown strategy \"badger\": expected one of entropy, ",
            ),
            ("[batch]\nstrategy = \"epsilon:x\"", "q.toml:3: strategy: unknown strategy \"x\""),
            ("[batch]\nnear_duplicates = true", "or \"off\""),
            ("[quality]\nmin_accuracy = 1.5", "q.toml:3: min_accuracy:"),
            (
                "[quality]\naggregator = \"mean\"",
                "q.toml:3: aggregator: unknown aggregator \"mean\"; expected one of: mv",
            ),
            ("[quality]\n\ntraining = \"soft\"", "q.toml:4: training: \"soft\"; expected \"hard\""),
            ("[quality]\noverlap = 1.5", "q.toml:3: overlap: 1.5; expected a share of the batch, 0 to 1"),
            ("[quality]\noverlap = nan", "q.toml:3: overlap: NaN; expected"),
            ("[quality]\nanswers_per_item = 1", "q.toml:3: answers_per_item: 1; expected 2 to 1000"),
            (
                "[quality]\nanswers_per_item = 2.5",
                "q.toml:3: invalid type: floating point `2.5`, expected a whole",
            ),
        ] {
            let message = resolve(Some(toml), &BatchOptions::default()).unwrap_err();
            assert!(message.contains(words), "{toml}: {message}");
        }
        for (mix, words) in [
            ("ratio", "--mix: \"ratio\" is not NAME=NUMBER"),
            ("ratios=1", "--mix: unknown share \"ratios\""),
            ("ratio=0.1,ratio=0.2", "\"ratio\" is given twice"),
            ("ratio=1.5", "--mix:"),
            ("ratio=NaN", "--mix:"),
        ] {
            let flags = BatchOptions { mix: Some(mix.into()), ..BatchOptions::default() };
            let message = resolve(Some(""), &flags).unwrap_err();
            assert!(message.contains(words), "{mix}: {message}");
        }
    }
}
