//! `querist round --where` chooses a batch from a part of the documents; the output says what this
//! means for the others. Also `querist round --dry-run`.

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, differing, documents, lines};

/// Makes 60 open documents, half of them German and a third with a number, and 12 labelled ones
/// without a field.
fn workspace() -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    let row = |(i, line): (usize, &str)| {
        let mut row: Value = serde_json::from_str(line).unwrap();
        row["lang"] = json!(if i % 2 == 0 { "de" } else { "en" });
        if i % 3 == 0 {
            row["n"] = json!(i);
            row["vip"] = json!(i % 6 == 0);
        }
        row
    };
    let pool = documents("p", 60, false);
    bench.write("pool.jsonl", lines(pool.lines().enumerate().map(row)));
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench
}

/// The numbers in the ids of a round's batch, in ascending order.
fn batch(bench: &Workbench, round: usize) -> Vec<usize> {
    let rows = bench.rows(&format!("rounds/{round:04}/batch.jsonl"));
    let mut numbers: Vec<usize> =
        rows.iter().map(|row| row["id"].as_str().unwrap()[1..].parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

fn answer(bench: &Workbench, round: usize) {
    let rows = bench.rows(&format!("rounds/{round:04}/batch.jsonl"));
    let label = |id: &str, _: &str| Some(["a", "b", "c"][id[1..].parse::<usize>().unwrap() % 3].to_owned());
    bench.write("answers.jsonl", answers(&rows, &["ana"], label));
    bench.ok(&["ingest", "answers.jsonl"]);
}

#[test]
fn a_batch_comes_from_the_part_and_the_model_from_all_labels() {
    let bench = workspace();
    let made = bench.json(&["round", "--size", "12", "--mix", "random=0.5", "--where", "lang=de"]);
    assert_eq!(made["labeled"], 12);
    assert_eq!(made["batch"]["open"], 30);
    assert_eq!(made["batch"]["part"], json!({"where": ["lang=de"], "of": 60}));
    let numbers = batch(&bench, 1);
    assert!(numbers.len() == 12 && numbers.iter().all(|number| number % 2 == 0), "{numbers:?}");
    let among = "from the 30 of 60 open documents with lang=de";
    assert!(bench.read("rounds/0001/report.md").contains(among));
    assert!(bench.read("rounds/0001/report.html").contains(among));
    // The recorded condition reproduces the round, whatever querist.toml says later.
    let manifest: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
    assert_eq!(manifest["settings"]["batch"]["where"], json!(["lang=de"]));
    bench.ok(&["config", "set", "batch.where", "[\"lang=en\"]"]);
    bench.ok(&["reproduce", "1"]);
    // The setting also selects a part, but the flag overrides it.
    bench.ok(&["round", "--size", "4", "--mix", "random=1"]);
    assert!(batch(&bench, 2).iter().all(|number| number % 2 == 1));
    bench.ok(&["round", "--size", "4", "--mix", "random=1", "--where", "lang=de"]);
    assert!(batch(&bench, 3).iter().all(|number| number % 2 == 0));
}

#[test]
fn conditions_compare_values_as_text_and_all_must_hold() {
    let bench = workspace();
    let batch_of = |conditions: &[&str]| {
        let conditions = conditions.iter().flat_map(|condition| ["--where", condition]);
        let flags = ["round", "--size", "60", "--mix", "random=1", "--near-duplicates", "off", "--dry-run"];
        let planned = bench.json(&flags.into_iter().chain(conditions).collect::<Vec<_>>());
        let picks = planned["picks"].as_array().unwrap().clone();
        let mut numbers: Vec<usize> =
            picks.iter().map(|pick| pick["id"].as_str().unwrap()[1..].parse().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    };
    let expect = |meets: fn(usize) -> bool| (0..60).filter(|i| meets(*i)).collect::<Vec<_>>();
    assert_eq!(batch_of(&["n=3"]), [3]);
    assert_eq!(batch_of(&["vip=true"]), expect(|i| i % 6 == 0));
    // A document without the field has no value, so it differs from the given one.
    assert_eq!(batch_of(&["vip!=true"]), expect(|i| i % 6 != 0));
    assert_eq!(batch_of(&["lang!=de", "vip=false"]), expect(|i| i % 2 == 1 && i % 3 == 0));
    assert_eq!(batch_of(&["lang=de", "lang!=en", "n!=6"]), expect(|i| i % 2 == 0 && i != 6));
}

#[test]
fn a_part_that_there_is_not_is_refused() {
    let bench = workspace();
    let message = bench.refused_unharmed(&["round", "--where", "lnag=de"]);
    let told = "no document has a field \"lnag\" (did you mean \"lang\"?); the fields are: lang, n, vip";
    assert!(message.contains(told), "{message}");
    let message = bench.refused_unharmed(&["round", "--where", "lang=fr"]);
    let told = "none of the 60 open documents has lang=fr: no document in the pool has it; the values are \
                lang=de, lang=en";
    assert!(message.contains(told), "{message}");
    let message = bench.refused_unharmed(&["round", "--where", "lang"]);
    assert!(message.contains("--where: \"lang\"; expected FIELD=VALUE"), "{message}");
    bench.ok(&["round", "--size", "1", "--mix", "random=1", "--where", "n=3"]);
    let message = bench.refused_unharmed(&["round", "--where", "n=3"]);
    assert!(
        message.contains("the only document in the pool with it is labelled, out or undecided"),
        "{message}"
    );
    // Without a condition nothing is recorded.
    bench.ok(&["round", "--size", "4"]);
    assert!(!bench.read("rounds/0002/manifest.json").contains("where"));
    assert!(!bench.read("rounds/0002/report.json").contains("\"part\""));
}

#[test]
fn the_steps_one_by_one_choose_the_same() {
    let bench = workspace();
    let other = bench.copy();
    let flags = ["--size", "9", "--mix", "random=0.4", "--where", "lang=en"];
    bench.ok(&[&["round"][..], &flags].concat());
    for step in [&["train"][..], &["score"], &[&["select"][..], &flags].concat(), &["export"]] {
        other.ok(step);
    }
    let name = "rounds/0001/batch.jsonl";
    assert_eq!(bench.read(name), other.read(name));
    let name = "rounds/0001/manifest.json";
    assert_eq!(bench.read(name), other.read(name));
}

#[test]
fn slices_of_different_documents_are_never_mixed() {
    let bench = workspace();
    let flags = ["round", "--size", "8", "--mix", "random=0.75"];
    for (round, part) in [(1, Some("lang=de")), (2, None), (3, Some("lang=de"))] {
        let part: Vec<&str> = part.into_iter().flat_map(|part| ["--where", part]).collect();
        bench.ok(&[&flags[..], &part].concat());
        answer(&bench, round);
    }
    let report = |round: &str| {
        bench.ok(&["report", "--round", round]);
        let json: Value =
            serde_json::from_str(&bench.read(&format!("rounds/000{round}/report.json"))).unwrap();
        json
    };
    let last = report("3");
    let rounds = &last["model"]["rounds"];
    assert_eq!((&rounds[0]["slice_of"], &rounds[1]["slice_of"]), (&json!("lang=de"), &Value::Null));
    assert_eq!(rounds[0]["when_drawn"]["population"], "documents with lang=de open when batch 1 was drawn");
    assert_eq!(rounds[1]["when_drawn"]["population"], "documents open when batch 2 was drawn");
    assert_eq!(rounds[0]["when_drawn"]["documents"], 30);
    // A round's stopping rules and forecast use only the documents of its own part.
    let stopping = &last["stopping"];
    assert_eq!(stopping["other_slices"], json!([2]));
    assert_eq!(stopping["forecast"]["measured_on"], "random slices of documents with lang=de");
    assert_eq!(stopping["forecast"]["points"], 2);
    assert_eq!(report("2")["stopping"]["other_slices"], json!([1]));
    assert_eq!(report("2")["stopping"]["forecast"]["points"], 1);
    assert_eq!(report("1")["stopping"]["other_slices"], Value::Null);
    let status = bench.ok(&["status"]);
    assert!(
        status.contains("The random slice of round 2 is not used by the stopping rules or the forecast"),
        "{status}"
    );
    assert!(status.contains("on its random slice of documents with lang=de"), "{status}");
}

#[test]
fn a_dry_run_says_what_the_round_then_is_and_stores_nothing() {
    let bench = workspace();
    bench.write("control.jsonl", documents("c", 6, true));
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    let flags = ["round", "--size", "20", "--mix", "random=0.25,ratio=0.25,control=0.1"];
    let before = (bench.json(&["status"]), bench.artifacts());
    let planned = bench.json(&[&flags[..], &["--dry-run"]].concat());
    let text = bench.ok(&[&flags[..], &["--dry-run"]].concat());
    assert_eq!(bench.json(&["status"]), before.0);
    let changed = differing(&before.1, &bench.artifacts());
    assert!(changed.iter().all(|name| name.starts_with("features/")), "{changed:?}");

    let made = bench.json(&flags);
    assert_eq!((&planned["round"], &planned["batch"]), (&made["round"], &made["batch"]));
    let picks = bench.rows("rounds/0001/picks.jsonl");
    let ids = |picks: &[Value]| picks.iter().map(|pick| pick["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(planned["picks"].as_array().unwrap()), ids(&picks));
    let mut all = 0;
    for count in planned["counts"].as_array().unwrap() {
        let planned = planned["picks"].as_array().unwrap().iter();
        let of = planned.filter(|pick| pick["share"] == count["share"] && pick["class"] == count["class"]);
        assert_eq!(of.count() as u64, count["picks"].as_u64().unwrap());
        all += count["picks"].as_u64().unwrap();
    }
    assert_eq!(all, 20);
    assert!(
        text.starts_with("Round 1 would be as follows; nothing is stored\n  20 picks from 60 open documents"),
        "{text}"
    );
    let last = text.lines().last().unwrap();
    assert!(last.trim_start().starts_with("all") && last.ends_with("20"), "{text}");
    // A dry run refuses what a round refuses.
    assert!(
        bench.refused(&["round", "--dry-run", "--where", "x=1"]).contains("no document has a field \"x\"")
    );
}

#[test]
fn what_lies_outside_the_part_is_not_taken() {
    let bench = Workbench::with_labels("a,b,c");
    let rows: Vec<Value> =
        documents("p", 40, false).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let copy = |source: &'static str| {
        rows.iter().map(
            move |row| json!({"id": format!("{source}{}", row["id"]), "text": row["text"], "source": source}),
        )
    };
    bench.write("pool.jsonl", lines(copy("web").chain(copy("mail"))));
    bench.ok(&["import", "pool.jsonl"]);
    // Each text occurs twice, once in each part, and neither copy is labelled.
    let made = bench.json(&["round", "--size", "10", "--mix", "random=1", "--where", "source=mail"]);
    assert_eq!(made["batch"]["size"], 10);
    // The copies of these ten texts in the other part are no longer available.
    let all = bench.json(&["round", "--size", "80", "--mix", "random=1", "--where", "source=web"]);
    assert_eq!(all["batch"]["size"], 30);
}
