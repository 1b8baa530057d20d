//! Tests of reading querist.toml and of overrides: values, places and errors.

use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Configuration, String> {
    Configuration::read(Path::new("q.toml"), text).map_err(|error| error.to_string())
}

fn of_tables(rest: &str) -> Result<Configuration, String> {
    read(&format!("labels = [\"fraud\", \"other\"]\n{rest}"))
}

fn labels() -> LabelSet {
    LabelSet::new(["fraud", "other"]).unwrap()
}

fn flag(key: &'static str, value: Value) -> Override {
    Override { table: "batch", key, value, place: format!("--{}", key.replace('_', "-")) }
}

#[test]
fn the_template_says_what_the_defaults_are_and_keeps_labels_to_the_letter() {
    let odd = LabelSet::new(["a \"quoted\" one", "b\\c", "ü"]).unwrap();
    assert_eq!(read(&template(&odd)).unwrap().labels, odd);
    let mut written = read(&template(&labels())).unwrap().settings;
    // The template states the fast splitter's behaviour when these are not set.
    let features = &mut written.features;
    assert_eq!((features.lowercase, features.strip_accents), (Some(true), Some(false)));
    assert_eq!(features.numbers, Some(querist_text::Numbers::default()));
    (features.lowercase, features.strip_accents, features.numbers) = (None, None, None);
    assert_eq!(written, Settings::of_labels(&labels()));
}

#[test]
fn every_bad_value_is_named_with_its_place() {
    for (toml, words) in [
        ("[batch]\nsise = 3\n", "q.toml:3: unknown field `sise`"),
        (
            "[batch]\nsize = \"many\"\n",
            "q.toml:3: size: invalid type: string \"many\", expected a whole number",
        ),
        ("[batch]\nsize = 0", "q.toml:3: size: 0 documents; expected 1 to 1000000"),
        ("[batch]\nmeasure = \"entrpy\"", "q.toml:3: measure: \"entrpy\"; expected one of entropy"),
        ("[batch]\nmix = { random = 1.2 }", "q.toml:3: mix: the shares of the mix sum to 1.2"),
        ("[batch]\nmix = { random = nan }", "q.toml:3: mix: "),
        ("[batch]\nmix = \"adaptiv\"", "q.toml:3: mix: \"adaptiv\"; expected a table of shares"),
        ("[batch]\nmix = { randon = 1 }", "q.toml:3: unknown field `randon`"),
        ("[batch]\nratio = { fraud = -1, other = 2 }", "q.toml:3: ratio: the weight of \"fraud\" is -1"),
        ("[batch]\nratio = { frued = 1 }", "q.toml:3: ratio: unknown label \"frued\" (did you mean"),
        ("[batch]\nratio = \"ballance\"", "q.toml:3: ratio: \"ballance\"; expected \"balance\""),
        ("[batch]\nnear_duplicates = nan", "q.toml:3: near_duplicates: NaN; expected"),
        ("[batch]\nnear_duplicates = true", "q.toml:3: near_duplicates: expected a number above 0"),
        (
            "[batch]\nstrategy = \"badger\"",
            "q.toml:3: strategy: unknown strategy \"badger\": expected one of",
        ),
        ("[features]\nngrams = [2,\n 1]", "q.toml:3: ngrams: "),
        ("[features]\nkind = \"bert\"", "q.toml:3: kind: "),
        ("[model]\nc = -1", "q.toml:3: c: "),
        ("[quality]\n\ntraining = \"soft\"", "q.toml:4: training: \"soft\"; expected one of hard, weighted"),
        (
            "[quality]\nanswers_per_item = 2.5",
            "q.toml:3: answers_per_item: invalid type: floating point `2.5`",
        ),
        ("[stop]\nrules = [\n\"kappa\",\n\"kapa\"]", "q.toml:5: rules: unknown rule \"kapa\""),
        ("[rules]\nfraud = [\n'x',\n'(']", "q.toml:5: rules: "),
        ("[rules]\nfroud = ['x']", "q.toml:3: rules: unknown label \"froud\""),
    ] {
        let message = of_tables(toml).unwrap_err();
        assert!(message.starts_with(words), "{toml}: {message}");
    }
    assert!(read("labels = [\"a\"\n").unwrap_err().starts_with("q.toml:"));
    let message = read("\nlabels = [\"a\"]").unwrap_err();
    assert_eq!(message, "q.toml:2: labels: a label set needs at least two labels, got 1");
}

#[test]
fn what_a_caller_sets_wins_and_errors_name_it() {
    let file = of_tables("[batch]\nmix = { random = 1.0 }\nratio = { other = 1 }\nsize = 7\n").unwrap();
    let laid = file
        .with(&[
            flag("mix", json!({"ratio": 0.5, "random": 0.25})),
            flag("ratio", json!({"fraud": 80, "other": 20})),
            flag("near_duplicates", json!("off")),
            Override { table: "", key: "seed", value: json!(u64::MAX), place: "--seed".to_owned() },
        ])
        .unwrap();
    let batch = &laid.settings.batch;
    assert_eq!(batch.mix.shares().unwrap().counts(100), [25, 50, 25, 0]);
    assert_eq!((batch.size, batch.near_duplicates.resemblance()), (7, None));
    assert_eq!(laid.settings.seed.0, u64::MAX);
    assert_eq!(laid.place("batch", "size"), Some(&Place::Line(5)));
    assert_eq!(laid.place("batch", "mix"), Some(&Place::Caller("--mix".to_owned())));
    for (setting, words) in [
        (flag("size", json!(0)), "--size: 0 documents"),
        (flag("mix", json!({"ratio": 1.5})), "--mix: the shares of the mix sum to 1.5"),
        (flag("ratio", json!({"frued": 1})), "--ratio: unknown label"),
        (
            flag("ratio", json!({"fraud": 1})),
            "--ratio: quotas are given, but the mix has no ratio share \
                                              for them",
        ),
        (flag("suggest", json!("yes")), "--suggest: invalid type: string \"yes\""),
    ] {
        let message = file.with(std::slice::from_ref(&setting)).unwrap_err().to_string();
        assert!(message.starts_with(words), "{setting:?}: {message}");
    }
}

#[test]
fn who_names_a_measure_sees_it_at_work() {
    let file = of_tables("").unwrap();
    let margin = flag("measure", json!("margin"));
    let laid = file.with(std::slice::from_ref(&margin)).unwrap();
    assert_eq!(laid.settings.batch.strategy, StrategySetting::Measure);
    assert_eq!(laid.place("batch", "strategy"), Some(&Place::Caller("--measure".to_owned())));
    let both = file.with(&[margin, flag("strategy", json!("badge"))]).unwrap();
    assert_eq!(both.settings.batch.strategy.name(), Some("badge"));
}
