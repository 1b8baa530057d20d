//! Settings of a batch: reading, checking and writing.

use serde_json::{Value, json};

use super::*;
use crate::quota::Ratio;

fn labels() -> LabelSet {
    LabelSet::new(["fraud", "other"]).unwrap()
}

fn read(value: &Value) -> Result<BatchSettings, String> {
    let settings: BatchSettings = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    settings.check(&labels()).map_err(|error| error.to_string())?;
    Ok(settings)
}

#[test]
fn what_is_written_is_read_again() {
    for settings in [
        BatchSettings::default(),
        BatchSettings {
            mix: MixSetting::Adaptive,
            ratio: "fraud=0.8,other=0.2".parse().unwrap(),
            strategy: StrategySetting::Measure,
            near_duplicates: NearDuplicates::Off,
            within: Within::LeastLikely,
            ..BatchSettings::default()
        },
    ] {
        let value = serde_json::to_value(&settings).unwrap();
        assert_eq!(read(&value).unwrap(), settings, "{value}");
    }
    assert_eq!(read(&json!({})).unwrap(), BatchSettings::default());
}

#[test]
fn a_value_that_makes_no_sense_is_named_by_its_key() {
    for (value, words) in [
        (json!({"size": 0}), "size: 0 documents; expected 1 to 1000000"),
        (json!({"diversity": 0}), "diversity: 0; expected 1 to 1000"),
        (json!({"mix": {"random": 1.2}}), "mix: the shares of the mix sum to 1.2"),
        (json!({"mix": {"random": -0.1}}), "mix: the random share of the mix is -0.1"),
        (json!({"mix": {"randon": 1}}), "unknown field `randon`"),
        (json!({"mix": "adaptiv"}), "\"adaptiv\"; expected a table of shares"),
        (json!({"ratio": {"frued": 1}}), "ratio: unknown label \"frued\" (did you mean \"fraud\"?)"),
        (json!({"ratio": {"fraud": -1, "other": 2}}), "ratio: the weight of \"fraud\" is -1"),
        (json!({"ratio": {"fraud": 0}}), "ratio: the 2 quota weights sum to 0"),
        (json!({"ratio": "ballance"}), "\"ballance\"; expected \"balance\""),
        (json!({"measure": "entrpy"}), "\"entrpy\"; expected one of entropy, least-confidence"),
        (json!({"within": "best"}), "\"best\"; expected one of random, likeliest, uncertain"),
        (json!({"strategy": "badger"}), "strategy: unknown strategy \"badger\": expected one of entropy"),
        (json!({"strategy": "epsilon:x"}), "strategy: unknown strategy \"x\""),
        (json!({"near_duplicates": 1.1}), "near_duplicates: 1.1; expected a number above 0"),
        (json!({"near_duplicates": "no"}), "\"no\"; expected a number above 0"),
        (json!({"sise": 1}), "unknown field `sise`"),
    ] {
        let message = read(&value).unwrap_err();
        assert!(message.starts_with(words), "{value}: {message}");
    }
}

#[test]
fn command_lines_say_the_same_as_tables() {
    let mix: MixSetting = "ratio=0.5, random=0.25".parse().unwrap();
    assert_eq!(mix.shares().unwrap().counts(100), [25, 50, 25, 0]);
    assert_eq!("adaptive".parse(), Ok(MixSetting::Adaptive));
    let ratio: RatioSetting = "a, b=1,c=d=2".parse().unwrap();
    let names = LabelSet::new(["a, b", "c=d"]).unwrap();
    assert_eq!(ratio.by_class(&names).unwrap(), Ratio::Weights(vec![1.0, 2.0]));
    assert_eq!("0.5".parse(), Ok(NearDuplicates::From(0.5)));
    for (text, words) in [
        ("ratio", "\"ratio\" is not NAME=NUMBER"),
        ("ratios=1", "unknown share \"ratios\""),
        ("ratio=0.1,ratio=0.2", "\"ratio\" is given twice"),
    ] {
        let message = text.parse::<MixSetting>().unwrap_err();
        assert!(message.starts_with(words), "{message}");
    }
}
