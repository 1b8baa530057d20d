//! Strategies by name, for simulations: what each is in the flags of `querist round`.

use querist_core::LabelSet;
use querist_engine::Settings;
use querist_query::catalog;

use super::of_round;
use crate::args::BatchOptions;
use crate::configuration::ConfigurationFile;
use crate::failure::Mend;

/// A strategy whose name stands for itself.
struct Named {
    name: &'static str,
    /// `--mix`; `None` leaves the default.
    mix: Option<&'static str>,
    /// `--measure`.
    measure: Option<&'static str>,
    /// `--diversity`.
    diversity: Option<usize>,
}

/// A strategy that takes the most uncertain by a measure.
const fn uncertain(name: &'static str, measure: &'static str, diversity: Option<usize>) -> Named {
    Named { name, mix: Some("uncertainty=1"), measure: Some(measure), diversity }
}

/// The names that stand for themselves.
const NAMED: [Named; 10] = [
    Named { name: "default", mix: None, measure: None, diversity: None },
    Named { name: "adaptive", mix: Some("adaptive"), measure: None, diversity: None },
    Named { name: "random", mix: Some("random=1"), measure: None, diversity: None },
    uncertain("entropy", "entropy", None),
    uncertain("least-confidence", "least-confidence", None),
    uncertain("margin", "margin", None),
    uncertain("plain-entropy", "entropy", Some(1)),
    uncertain("plain-least-confidence", "least-confidence", Some(1)),
    uncertain("plain-margin", "margin", Some(1)),
    uncertain("plain-ratio-of-confidence", "ratio-of-confidence", Some(1)),
];

/// The names that go on after a colon with the quotas, and after another with who fills them.
const WITH_QUOTAS: [(&str, &str); 2] = [("ratio", "ratio=1"), ("mix", "uncertainty=0.5,ratio=0.5")];

/// How a strategy of that name composes batches.
///
/// # Errors
/// There is none of that name (the error has all), or its quotas do not fit the labels.
pub fn strategy(name: &str, file: &ConfigurationFile, labels: &LabelSet) -> anyhow::Result<Settings> {
    let options = options(name).ok_or_else(|| unknown(name))?;
    of_round(file, labels, &options)
        .map_err(|error| Mend(format!("--strategies: \"{name}\": {error:#}")).into())
}

/// What a name says: one that is known, then flags of a round after slashes, as in `default/strategy=badge/mix=ratio=0.5`.
fn options(name: &str) -> Option<BatchOptions> {
    let Some((name, (flag, value))) =
        name.rsplit_once('/').and_then(|(name, last)| Some((name, flag(last)?)))
    else {
        return by_name(name);
    };
    let mut options = options(name)?;
    *flag(&mut options) = Some(value);
    Some(options)
}

/// A flag of a round, by the text that it fills.
type Flag = fn(&mut BatchOptions) -> &mut Option<String>;

/// The flag of `NAME=VALUE`, and the value. Strategies are separated by commas, so their own parts are not.
fn flag(text: &str) -> Option<(Flag, String)> {
    let (name, value) = text.split_once('=')?;
    let flag: Flag = match name {
        "mix" => |options| &mut options.mix,
        "ratio" => |options| &mut options.ratio,
        "measure" => |options| &mut options.measure,
        "strategy" => |options| &mut options.strategy,
        "within" => |options| &mut options.within,
        "near-duplicates" => |options| &mut options.near_duplicates,
        _ => return None,
    };
    Some((flag, value.replace('+', ",")))
}

fn by_name(name: &str) -> Option<BatchOptions> {
    let text = |text: &str| Some(text.to_owned());
    if let Some(named) = NAMED.iter().find(|known| known.name == name) {
        return Some(BatchOptions {
            mix: named.mix.and_then(text),
            measure: named.measure.and_then(text),
            diversity: named.diversity,
            ..BatchOptions::default()
        });
    }
    if in_catalog(name) {
        return Some(BatchOptions {
            mix: text("uncertainty=1"),
            strategy: text(name),
            ..BatchOptions::default()
        });
    }
    let mut parts = name.splitn(3, ':');
    let (first, quotas, within) = (parts.next()?, parts.next()?, parts.next());
    let (_, mix) = WITH_QUOTAS.iter().find(|known| known.0 == first)?;
    Some(BatchOptions {
        mix: text(mix),
        strategy: text("measure"),
        ratio: Some(quotas.replace('+', ",")),
        within: within.and_then(text),
        ..BatchOptions::default()
    })
}

/// Whether it is a name of the catalog, or one with a share of chance.
fn in_catalog(name: &str) -> bool {
    let plain = name.strip_prefix("epsilon:").unwrap_or(name);
    catalog::names().any(|known| known == plain)
}

fn unknown(name: &str) -> anyhow::Error {
    let mut known: Vec<String> = NAMED.iter().map(|known| known.name.to_owned()).collect();
    let others = catalog::names().filter(|name| NAMED.iter().all(|known| known.name != *name));
    known.extend(others.map(str::to_owned));
    known.push("epsilon:NAME".to_owned());
    known.push("NAME/FLAG=VALUE".to_owned());
    for (first, _) in WITH_QUOTAS {
        known.push(format!("{first}:balance"));
        known.push(format!("{first}:CLASS=W+CLASS=W"));
    }
    // The most similar by Jaro and Winkler; of equals, the first.
    let similar = known.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let nearest = similar.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let nearest = nearest.filter(|(similarity, _)| *similarity >= 0.8);
    let nearest = nearest.map(|(_, known)| format!(" (did you mean \"{known}\"?)")).unwrap_or_default();
    let known = known.join(", ");
    Mend(format!("--strategies: unknown strategy \"{name}\"{nearest}; expected some of: {known}")).into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use querist_query::{Measure, Ratio, Within};

    use super::*;

    fn found(name: &str) -> Result<Settings, String> {
        let labels = LabelSet::new(["fraud", "other"]).unwrap();
        let text = "labels = [\"fraud\", \"other\"]".to_owned();
        let file = ConfigurationFile::parse(Path::new("q.toml"), text).unwrap();
        strategy(name, &file, &labels).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_flags_of_a_round() {
        assert_eq!(found("random").unwrap().mix.counts(10), [0, 0, 10, 0]);
        assert_eq!(found("default").unwrap().mix.counts(100), [85, 0, 10, 5]);
        assert!(found("adaptive").unwrap().adaptive && !found("default").unwrap().adaptive);
        let margin = found("plain-margin").unwrap();
        assert_eq!(
            (margin.mix.counts(10), margin.measure, margin.diversity),
            ([10, 0, 0, 0], Measure::Margin, 1)
        );
        let quotas = found("ratio:fraud=0.8+other=0.2:likeliest").unwrap();
        assert_eq!((quotas.mix.counts(10), quotas.within), ([0, 10, 0, 0], Within::Likeliest));
        assert_eq!(quotas.ratio, Ratio::Weights(vec![0.8, 0.2]));
        assert_eq!(found("mix:balance").unwrap().mix.counts(10), [5, 5, 0, 0]);
        for Named { name, .. } in NAMED {
            assert!(found(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn flags_of_a_round_follow_a_name() {
        let found = |name: &str| found(name).unwrap();
        let changed = found("default/mix=uncertainty=0.4+ratio=0.6/near-duplicates=off/strategy=badge");
        assert_eq!((changed.mix.counts(10), changed.near_duplicates), ([4, 6, 0, 0], None));
        assert_eq!((changed.strategy.as_deref(), changed.ratio), (Some("badge"), Ratio::Balance));
        let quotas = found("ratio:fraud=0.8+other=0.2/within=likeliest/measure=margin");
        assert_eq!((quotas.within, quotas.measure), (Within::Likeliest, Measure::Margin));
        assert_eq!(quotas.ratio, Ratio::Weights(vec![0.8, 0.2]));
        // The last of equals counts.
        assert_eq!(found("default/mix=ratio=1/ratio=fraud=1/ratio=balance").ratio, Ratio::Balance);
        let unknown = super::tests::found("default/size=3").unwrap_err();
        assert!(unknown.contains("\"default/size=3\"") && unknown.contains("NAME/FLAG=VALUE"), "{unknown}");
    }

    #[test]
    fn an_unknown_name_comes_with_all_known_ones() {
        let message = found("entrpy").unwrap_err();
        assert!(message.contains("unknown strategy \"entrpy\" (did you mean \"entropy\"?)"), "{message}");
        for known in NAMED.iter().map(|known| known.name).chain(["ratio:balance", "mix:balance"]) {
            assert!(message.contains(known), "{message}");
        }
        assert!(!found("nothing like it").unwrap_err().contains("did you mean"));
        assert!(found("ratio:balanced").unwrap_err().contains("\"ratio:balanced\": --ratio"));
        assert!(found("ratio:balance:wildest").unwrap_err().contains("wildest"));
        assert!(found("mix").is_err());
        assert!(found("epsilon:badger").unwrap_err().contains("epsilon:NAME"));
    }

    #[test]
    fn a_strategy_of_the_catalog_fills_the_whole_batch() {
        for name in catalog::names().chain(["epsilon:core-set"]) {
            let settings = found(name).unwrap();
            if name == "random" {
                assert_eq!(settings.mix.counts(10), [0, 0, 10, 0]);
                continue;
            }
            assert_eq!(settings.mix.counts(10), [10, 0, 0, 0], "{name}");
            let measures = ["entropy", "least-confidence", "margin"];
            let named = settings.strategy.as_deref().unwrap_or(settings.measure.name());
            assert_eq!((named, settings.strategy.is_none()), (name, measures.contains(&name)));
        }
    }
}
