//! Rounds under unusual conditions: without labels, with labels of only one class, with a class
//! that has no label, and with few or no open documents.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::workbench::{Workbench, answers, documents, lines};

/// The class of a made-up document: the first letter of its text.
fn class_of(row: &Value) -> char {
    row["text"].as_str().unwrap().chars().next().unwrap()
}

fn assert_without_model(bench: &Workbench, size: usize) {
    let picks = bench.rows("rounds/0001/picks.jsonl");
    assert_eq!(picks.len(), size);
    for pick in &picks {
        assert_eq!((&pick["score"], &pick["probabilities"]), (&Value::Null, &Value::Null), "{pick}");
    }
    let manifest: Value = serde_json::from_str(&bench.read("rounds/0001/manifest.json")).unwrap();
    assert_eq!(manifest["model"], Value::Null);
    assert!(bench.files("models/").is_empty());
}

#[test]
fn without_labels_the_batch_is_diverse_and_says_so() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 60, false));
    bench.ok(&["import", "pool.jsonl"]);
    assert!(
        bench.json(&["status"])["next"]
            .as_str()
            .unwrap()
            .contains("first, diverse batch with `querist round`")
    );
    let text = bench.ok(&["round", "--size", "9", "--mix", "uncertainty=0.5,ratio=0.5"]);
    assert!(
        text.contains("No model yet: nothing is labelled yet, so the batch is a diverse sample"),
        "{text}"
    );
    assert!(text.contains("without a model no class is predicted; 4 picks went to uncertainty"), "{text}");
    assert_without_model(&bench, 9);

    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["batch"]["mode"], "no-labels");
    assert_eq!(report["model"]["fit"], Value::Null);
    assert!(report["model"]["why_none"].as_str().unwrap().starts_with("nothing is labelled yet"));
    assert_eq!(report["batch"]["quotas"], json!([]));
    assert!(bench.read("rounds/0001/report.md").contains("No model: nothing is labelled yet"));

    let batch = bench.rows("rounds/0001/batch.jsonl");
    let classes: BTreeSet<char> = batch.iter().map(class_of).collect();
    assert_eq!(classes, BTreeSet::from(['a', 'b', 'c']), "a diverse nine of three classes misses none");
    let texts: BTreeSet<&str> = batch.iter().map(|row| row["text"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), 9);
}

#[test]
fn a_diverse_batch_finds_a_small_group_that_chance_would_miss() {
    let bench = Workbench::with_labels("a,b");
    let same = |i: usize| json!({"id": i, "text": format!("please reset my password now {}", i % 4)});
    let odd = |i: usize| json!({"id": 900 + i, "text": format!("zinc quarry yields {i} tons")});
    let rows: Vec<Value> = (0..197).map(same).chain((0..3).map(odd)).collect();
    bench.write("pool.jsonl", lines(&rows));
    bench.ok(&["import", "pool.jsonl"]);
    for seed in ["1", "2", "3"] {
        let bench = bench.copy();
        bench.ok(&["round", "--size", "8", "--seed", seed, "--mix", "uncertainty=1"]);
        let batch = bench.rows("rounds/0001/batch.jsonl");
        // A random batch of 8 out of 200 would contain one of the three in 11 of 100 cases.
        assert!(batch.iter().any(|row| class_of(row) == 'z'), "seed {seed}");
    }
}

#[test]
fn labels_of_one_class_give_a_batch_unlike_them() {
    let bench = Workbench::with_labels("a,b,c");
    // The embedding of English words finds apples and bananas similar, but the made-up classes
    // should differ.
    bench.write("querist.toml", "labels = [\"a\", \"b\", \"c\"]\n[features]\nembedding = \"none\"\n");
    bench.write("pool.jsonl", documents("p", 60, false));
    let labeled: Vec<String> = documents("l", 30, true)
        .lines()
        .filter(|row| row.contains("\"label\":\"a\""))
        .map(str::to_owned)
        .collect();
    bench.write("labeled.jsonl", labeled.join("\n"));
    bench.write("test.jsonl", documents("t", 12, true));
    bench.ok(&["import", "pool.jsonl", "labeled.jsonl"]);
    bench.ok(&["import", "test.jsonl", "--as", "test"]);
    let text = bench.ok(&["round", "--size", "10", "--mix", "uncertainty=1"]);
    let why = "all 10 labelled documents are \"a\", and a model needs two classes";
    assert!(text.contains(why), "{text}");
    assert!(text.contains("documents that differ from the labelled ones"), "{text}");
    assert_without_model(&bench, 10);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    assert_eq!(report["batch"]["mode"], "one-class");
    assert_eq!(report["model"]["labeled"], json!([10, 0, 0]));
    assert_eq!(report["model"]["unseen"], json!(["b", "c"]));
    assert_eq!(report["model"]["test"], Value::Null, "there is nothing to test");
    let others = bench.rows("rounds/0001/batch.jsonl").iter().filter(|row| class_of(row) != 'a').count();
    assert!(others >= 9, "{others} of 10 are of other classes; by chance it would be 7");

    let status = bench.ok(&["status"]);
    assert!(status.contains(why), "{status}");
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let truth: BTreeMap<&str, char> =
        batch.iter().map(|row| (row["id"].as_str().unwrap(), class_of(row))).collect();
    bench.write("answers.jsonl", answers(&batch, &["x"], |id, _| Some(truth[id].to_string())));
    bench.ok(&["ingest", "answers.jsonl"]);
    assert_eq!(bench.json(&["round", "--size", "5"])["batch"]["mode"], "model", "the loop gets going");
}

#[test]
fn the_single_steps_do_without_a_model_too() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", 30, false));
    bench.ok(&["import", "pool.jsonl"]);
    let twin = bench.copy();
    let train = bench.json(&["train"]);
    assert_eq!((&train["model_file"], &train["model"]["fit"]), (&Value::Null, &Value::Null));
    assert!(bench.ok(&["score"]).contains("no model, so there is nothing to score"));
    bench.ok(&["select", "--size", "8"]);
    bench.ok(&["export"]);
    twin.ok(&["round", "--size", "8"]);
    assert!(bench.files("rounds/") == twin.files("rounds/"));
}

#[test]
fn a_class_never_seen_has_probability_zero_and_its_quota_is_filled_by_fallback() {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml").replace("\"c\"]", "\"c\", \"rare\"]");
    bench.write("querist.toml", toml);
    let text =
        bench.ok(&["round", "--size", "20", "--mix", "ratio=0.5,random=0.5", "--ratio", "rare=0.6,a=0.4"]);
    assert!(text.contains("10 ratio (6 stand-ins)"), "{text}");
    assert!(text.contains("6 of 10 quota picks (60.0 %) are stand-ins"), "{text}");
    let picks = bench.rows("rounds/0001/picks.jsonl");
    for pick in &picks {
        assert_eq!(pick["probabilities"]["rare"], 0.0, "{pick}");
        assert_eq!(pick["fallback"], pick["reason"] == "ratio:rare", "{pick}");
    }
    assert_eq!(picks.iter().filter(|pick| pick["reason"] == "ratio:rare").count(), 6);
    let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
    let rare = json!({"label": "rare", "quota": 6, "predicted": 0, "by_prediction": 0, "by_fallback": 6});
    assert_eq!(report["batch"]["quotas"][3], rare);
    assert_eq!(report["model"]["unseen"], json!(["rare"]));
    assert!(bench.read("rounds/0001/report.md").contains("Classes without a labelled document yet: rare."));

    // A class that the model does not know is looked for where the model is unsure: every fallback
    // pick is less sure than the random picks on average.
    let fallback = picks.iter().filter(|pick| pick["fallback"] == true);
    let least = fallback.map(|pick| pick["score"].as_f64().unwrap()).fold(f64::INFINITY, f64::min);
    let random = picks.iter().filter(|pick| pick["share"] == "random");
    let mean = random.map(|pick| pick["score"].as_f64().unwrap()).sum::<f64>() / 10.0;
    assert!(least > mean, "{least} {mean}");
}

#[test]
fn an_empty_pool_says_what_to_do() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("control.jsonl", documents("c", 6, true));
    for command in ["round", "train"] {
        let message = bench.refused_unharmed(&[command]);
        assert_eq!(message, "error: the pool is empty; import documents with `querist import FILE`\n");
    }
    bench.ok(&["import", "control.jsonl", "--as", "control"]);
    assert!(bench.refused_unharmed(&["round"]).contains("the pool is empty"));
    assert_eq!(bench.json(&["status"])["next"], "import documents with `querist import FILE`");
}

#[test]
fn a_pool_that_is_labelled_through_says_so() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.ok(&["import", "labeled.jsonl"]);
    let remedies = "`querist import FILE` adds documents; `querist export --labeled labels.jsonl` writes \
                    the labels";
    assert_eq!(bench.json(&["train"])["model"]["fit"]["examples"], 12, "a model can be trained all the same");
    let message = bench.refused(&["round"]);
    let words = "every document in the pool is labelled, and the model of round 1 was trained on all of \
                 them; import more documents, or stop here";
    assert_eq!(message, format!("error: {words}\n"));
    assert_eq!(bench.json(&["status"])["next"], format!("no document is open: {remedies}"));
}

#[test]
fn a_small_pool_is_taken_whole_and_the_next_round_waits_for_answers() {
    let bench = Workbench::small();
    let outcome = bench.json(&["round", "--size", "100", "--mix", "ratio=0.3,random=0.2,control=0.1"]);
    let batch = &outcome["batch"];
    assert_eq!((&batch["asked"], &batch["size"], &batch["open"]), (&json!(100), &json!(66), &json!(60)));
    // The shares ask for 44, 30 and 20 documents, but only 60 are there: the exact shares of them
    // are 28.1, 19.1 and 12.8.
    let given: Vec<u64> =
        batch["shares"].as_array().unwrap().iter().map(|share| share["given"].as_u64().unwrap()).collect();
    assert_eq!(given, [28, 19, 13, 6]);
    let note = batch["shares"][2]["note"].as_str().unwrap();
    assert_eq!(note, "only 60 documents are open for 94 picks");
    assert!(bench.read("rounds/0001/report.md").contains(note));
    let ids: BTreeSet<String> =
        bench.rows("rounds/0001/picks.jsonl").iter().map(|pick| pick["id"].to_string()).collect();
    assert_eq!(ids.len(), 66);

    let message = bench.refused_unharmed(&["round"]);
    let words =
        "no document is open: 60 are out with annotators; `querist ingest ANSWERS` adds their answers; ";
    assert!(message.starts_with(&format!("error: {words}")), "{message}");
    let next = bench.json(&["status"])["next"].as_str().unwrap().to_owned();
    assert!(
        next.starts_with(
            "66 picks of round 1 have no answer yet; when they are labelled, run \
                              `querist ingest ANSWERS`"
        ),
        "{next}"
    );
}

#[test]
fn texts_without_a_word_and_equal_texts_are_documents_like_others() {
    let bench = Workbench::with_labels("a,b");
    let texts = ["!!!", "…", "same", "same", "same", "same", "🙂", "x"];
    let rows = texts.iter().enumerate().map(|(i, text)| json!({"id": i, "text": text}));
    bench.write("pool.jsonl", lines(rows));
    bench.ok(&["import", "pool.jsonl"]);
    // Documents without a word count as different from each other; equal texts count as one.
    let guarded = bench.copy();
    guarded.ok(&["round", "--size", "8"]);
    assert_eq!(guarded.rows("rounds/0001/batch.jsonl").len(), 5);
    let sent = |round: &str| {
        let batch = bench.rows(&format!("rounds/{round}/batch.jsonl"));
        batch.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    bench.ok(&["round", "--size", "4", "--near-duplicates", "off"]);
    let first = sent("0001");
    let label = |id: &str, _: &str| Some(if id == first[0] { "a" } else { "b" }.to_owned());
    bench.write("answers.jsonl", answers(&bench.rows("rounds/0001/batch.jsonl"), &["x"], label));
    bench.ok(&["ingest", "answers.jsonl"]);
    let second = bench.json(&["round", "--size", "4", "--near-duplicates", "off"]);
    assert_eq!(second["batch"]["mode"], "model");
    let all: BTreeSet<String> = first.iter().cloned().chain(sent("0002")).collect();
    assert_eq!(all.len(), 8);
}
