//! `querist config` lists every setting with its value, and says where the value was set.

use serde_json::{Value, json};

use crate::workbench::Workbench;

/// Returns the value of a setting and its origin.
fn setting<'a>(listed: &'a Value, table: &str, key: &str) -> (&'a Value, &'a str) {
    let rows = listed["settings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["table"] == table && row["key"] == key);
    let row = row.unwrap_or_else(|| panic!("[{table}] {key} is not listed"));
    (&row["value"], row["from"].as_str().unwrap())
}

#[test]
fn a_value_is_listed_with_the_layer_that_it_comes_from() {
    let bench = Workbench::with_labels("a,b");
    bench.write("querist.toml", "labels = [\"a\", \"b\"]\n\n[batch]\nsize = 7\nmeasure = \"margin\"\n");
    let mut command = bench.command(&["config", "--json", "--within", "likeliest", "--threads", "2"]);
    command.env("QUERIST_SIZE", "9").env("QUERIST_WITHIN", "diverse");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(setting(&listed, "batch", "size"), (&9.into(), "QUERIST_SIZE"));
    assert_eq!(setting(&listed, "batch", "within"), (&"likeliest".into(), "--within"));
    assert_eq!(setting(&listed, "batch", "measure"), (&"margin".into(), "querist.toml:5"));
    assert_eq!(setting(&listed, "batch", "diversity"), (&10.into(), "default"));
    assert_eq!(setting(&listed, "features", "char_ngrams"), (&Value::Null, "not set"));
    assert_eq!(setting(&listed, "program", "threads"), (&2.into(), "--threads"));
    assert_eq!(setting(&listed, "program", "workspace").1, "default");
}

#[test]
fn settings_are_shown_by_table_and_those_that_make_no_sense_are_refused() {
    let bench = Workbench::with_labels("a,b");
    let text = bench.ok(&["config"]);
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words:?} is not in\n{text}"));
    assert!(at("  labels ") < at("\n[batch]\n") && at("\n[batch]\n") < at("\n[features]\n"));
    assert!(at("\n[features]\n") < at("\n[stop]\n") && at("\n[stop]\n") < at("\n[program]\n"));
    let toml = bench.read("querist.toml");
    let line = toml.lines().position(|line| line.starts_with("kind = ")).unwrap() + 1;
    at(&format!("querist.toml:{line}\n"));
    bench.write("querist.toml", toml.replace("kind = \"auto\"", "kind = \"words\""));
    let message = bench.refused(&["config"]);
    assert!(message.contains(&format!("querist.toml:{line}: kind: ")), "{message}");
    bench.write("querist.toml", toml);
    let message = bench.refused(&["config", "--mix", "ratios=1"]);
    assert!(message.contains("--mix: unknown share"), "{message}");
}

#[test]
fn settings_are_changed_in_the_file_and_its_comments_stay() {
    let bench = Workbench::with_labels("a,b");
    let before = bench.read("querist.toml");
    let changed = bench.json(&["config", "set", "batch.size", "25"]);
    let expected = json!([{"table": "batch", "key": "size", "before": 100, "value": 25}]);
    assert_eq!((&changed["changed"], &changed["dry_run"]), (&expected, &json!(false)));
    let said = bench.ok(&["config", "set", "stop.budget", "500"]);
    assert_eq!(said.trim(), "stop.budget: 500 (was not set)");
    bench.ok(&["config", "set", "batch.measure", "margin"]);
    let list = &bench.json(&["config"]);
    assert_eq!(setting(list, "batch", "size").0, 25);
    assert_eq!(setting(list, "stop", "budget").0, 500);
    assert_eq!(setting(list, "batch", "measure").0, "margin");
    let after = bench.read("querist.toml");
    let comments =
        |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(comments(&before), comments(&after));
    let changed = before.lines().filter(|line| !after.lines().any(|now| now == *line)).count();
    assert_eq!(changed, 2, "{after}");
    bench.ok(&["config", "unset", "stop.budget"]);
    assert!(!bench.read("querist.toml").lines().any(|line| line.starts_with("budget =")));
    // An invalid value does not change the file, and neither does a dry run.
    let before = bench.read("querist.toml");
    for (key, value, told) in [
        ("batch.size", "many", "size"),
        ("batch.size", "-1", "batch.size"),
        ("batch.sizes", "3", "sizes"),
        ("labels", "[\"a\"]", "labels"),
        ("batch.where", "[\"lang\"]", "expected FIELD=VALUE"),
    ] {
        let message = bench.refused(&["config", "set", key, value]);
        assert!(message.contains(told), "{key}: {message}");
    }
    assert!(bench.refused(&["config", "unset", "stop.budget"]).contains("stop.budget: it is not set"));
    assert_eq!(bench.json(&["config", "set", "batch.size", "7", "--dry-run"])["changed"][0]["value"], 7);
    assert_eq!(bench.read("querist.toml"), before);
}

#[test]
fn comments_stay_and_a_value_has_the_place_that_the_file_shows() {
    let bench = Workbench::with_labels("a,b");
    let comments =
        |text: &str| text.lines().filter(|line| line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    let before = bench.read("querist.toml");
    bench.ok(&["config", "unset", "cost.currency"]);
    assert_eq!(comments(&bench.read("querist.toml")), comments(&before));
    bench.ok(&["config", "set", "cost.hourly_rate", "42"]);
    let after = bench.read("querist.toml");
    assert!(after.contains("# hourly_rate = 30\nhourly_rate = 42\n"), "{after}");
    assert_eq!(comments(&after), comments(&before));
}

#[test]
fn what_cannot_be_set_is_named_by_its_key_with_what_would_do() {
    let bench = Workbench::with_labels("a,b");
    let before = bench.read("querist.toml");
    for (key, value, told) in [
        ("features.embedding", "foo", "features.embedding: the workspace has no embedding \"foo\""),
        ("cost.hourly_rate", "nan", "cost.hourly_rate: nan is not a usable number; expected a finite number"),
        ("cost.hourly_rate", "-inf", "cost.hourly_rate: -inf is not a usable number"),
        ("nope.x", "1", "nope.x: unknown field `nope`"),
        (
            "batch.where",
            "lang=de",
            "batch.where: \"lang=de\" is not a list; expected a list, such as '[\"lang=de\"]'",
        ),
    ] {
        let message = bench.refused(&["config", "set", key, value]);
        assert!(message.contains(told), "{key}: {message}");
        assert!(!message.contains("querist.toml:") && !message.contains("--settings"), "{key}: {message}");
    }
    assert_eq!(bench.read("querist.toml"), before);
    bench.ok(&["config", "set", "features.embedding", "none"]);
}
