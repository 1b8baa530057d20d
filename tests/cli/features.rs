//! Kinds of features; embeddings learned from the pool or added by the user; and the feature files
//! that are kept between rounds.

use std::fs;

use serde_json::{Value, json};

use crate::workbench::{Workbench, differing, documents, lines};

/// Makes a workspace with `n` documents and twelve labels.
fn workspace(n: usize, features: &str) -> Workbench {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("pool.jsonl", documents("p", n, false));
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.write("test.jsonl", documents("t", 12, true));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["import", "labeled.jsonl"]);
    bench.ok(&["import", "test.jsonl", "--as", "test"]);
    configure(&bench, features);
    bench
}

fn configure(bench: &Workbench, rest: &str) {
    bench.write("querist.toml", format!("labels = [\"a\", \"b\", \"c\"]\n{rest}\n"));
}

fn report(bench: &Workbench, round: u32) -> Value {
    serde_json::from_str(&bench.read(&format!("rounds/{round:04}/report.json"))).unwrap()
}

/// Writes a static embedding in the layout of model2vec: a few words of the made-up documents, with
/// one direction for each class.
pub(crate) fn embedding(bench: &Workbench, folder: &str, scale: f32) {
    fs::create_dir_all(bench.path(folder)).unwrap();
    let words = [
        "apple", "almond", "anchor", "acorn", "banana", "bridge", "basket", "barrel", "cherry", "candle",
        "copper", "castle",
    ];
    let mut vocabulary = serde_json::Map::from_iter([("[UNK]".to_owned(), json!(0))]);
    let mut table: Vec<f32> = vec![0.0; 3];
    for (place, word) in words.iter().enumerate() {
        vocabulary.insert((*word).to_owned(), json!(place + 1));
        let class = place / 4;
        table.extend((0..3).map(|column| if column == class { scale } else { 0.1 * (place % 7) as f32 }));
    }
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    bench.write(&format!("{folder}/tokenizer.json"), tokenizer.to_string());
    let data: Vec<u8> = table.iter().flat_map(|value| value.to_le_bytes()).collect();
    let header = json!({
        "embeddings": {"dtype": "F32", "shape": [words.len() + 1, 3], "data_offsets": [0, data.len()]}
    });
    let header = header.to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bench.write(&format!("{folder}/model.safetensors"), bytes);
}

#[test]
fn every_kind_makes_a_round_and_says_what_it_is_made_of() {
    for (kind, blocks) in [
        ("ngram", vec!["ngram"]),
        ("lsa", vec!["lsa"]),
        ("ngram+lsa", vec!["ngram", "lsa"]),
        ("static", vec!["static"]),
        ("ngram+lsa+static", vec!["ngram", "lsa", "static"]),
    ] {
        let bench = workspace(60, &format!("[features]\nkind = \"{kind}\""));
        bench.ok(&["round", "--size", "10"]);
        let features = &report(&bench, 1)["features"];
        assert_eq!((&features["kind"], &features["chosen_by"]), (&json!(kind), &json!("querist.toml")));
        let names: Vec<&str> = features["blocks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|block| block["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, blocks);
        assert!(bench.read("rounds/0001/report.md").contains("## Features"));
    }
}

#[test]
fn an_embedding_is_learned_again_once_the_pool_has_grown_by_a_quarter() {
    let bench = workspace(300, "");
    bench.ok(&["round", "--size", "10"]);
    let learned =
        |round: u32| report(&bench, round)["features"]["blocks"][0]["learned_from"].as_u64().unwrap();
    assert_eq!(report(&bench, 1)["features"]["kind"], "lsa+static");
    assert_eq!(learned(1), 312);
    bench.write("more.jsonl", documents("m", 60, false));
    bench.ok(&["import", "more.jsonl"]);
    bench.ok(&["round", "--size", "10"]);
    assert_eq!(learned(2), 312);
    assert_eq!(report(&bench, 2)["features"]["note"], Value::Null);
    bench.write("most.jsonl", documents("n", 60, false));
    bench.ok(&["import", "most.jsonl"]);
    bench.ok(&["round", "--size", "10"]);
    assert_eq!(learned(3), 432);
    let note = report(&bench, 3)["features"]["note"].as_str().unwrap().to_owned();
    assert!(note.contains("learned again because the pool has grown from 312 to 432 documents"), "{note}");
}

#[test]
fn lost_or_damaged_feature_files_change_nothing() {
    let before = workspace(300, "[features]\nkind = \"ngram+lsa+static\"");
    before.ok(&["round", "--size", "10"]);
    let undisturbed = before.copy();
    undisturbed.ok(&["round", "--size", "10"]);
    let names: Vec<String> = before.files("features/").into_keys().collect();
    assert!(names.iter().any(|name| name.ends_with(".counts")), "{names:?}");
    for name in &names {
        for (what, damage) in [("lost", 0), ("cut", 1), ("turned", 2)] {
            let bench = before.copy();
            let mut bytes = fs::read(bench.path(name)).unwrap();
            let half = bytes.len() / 2;
            match damage {
                0 => fs::remove_file(bench.path(name)).unwrap(),
                1 => bench.write(name, &bytes[..half]),
                _ if bytes.is_empty() => continue,
                _ => {
                    bytes[half] ^= 0x10;
                    bench.write(name, &bytes);
                }
            }
            bench.ok(&["round", "--size", "10"]);
            let left = differing(&bench.files("rounds/"), &undisturbed.files("rounds/"));
            assert!(left.is_empty(), "{name} {what}: {left:?}");
        }
    }
}

#[test]
fn an_embedding_that_the_user_brings() {
    let bench = workspace(60, "[features]\nkind = \"static\"");
    embedding(&bench, "mine", 1.0);
    let added = bench.json(&["embedding", "add", "mine"]);
    assert_eq!(
        (&added["name"], &added["pieces"], &added["dimensions"]),
        (&json!("mine"), &json!(13), &json!(3))
    );
    // Adding the same embedding again is no error; adding another one of the same name is.
    bench.ok(&["embedding", "add", "mine"]);
    embedding(&bench, "other/mine", 2.0);
    let message = bench.refused(&["embedding", "add", "other/mine"]);
    assert!(message.contains("a different embedding \"mine\"; choose another name with --name"), "{message}");
    bench.ok(&["round", "--size", "10"]);
    assert_eq!(
        report(&bench, 1)["features"]["blocks"],
        json!([{"name": "static", "columns": 3, "weight": 1.0, "learned_from": 0}])
    );
    // By default Querist uses the embedding that is there.
    configure(&bench, "");
    bench.ok(&["round", "--size", "10"]);
    assert!(report(&bench, 2)["features"]["kind"].as_str().unwrap().contains("static"));
    // With two embeddings, the user must choose one.
    bench.ok(&["embedding", "add", "other/mine", "--name", "second"]);
    assert_eq!(bench.json(&["embedding", "list"])["embeddings"], json!(["mine", "second"]));
    let message = bench.refused_unharmed(&["round"]);
    assert!(message.contains("several embeddings (mine, second); name one in querist.toml"), "{message}");
    // A model for one embedding is not applied to the other, although both have the same width.
    configure(&bench, "[features]\nkind = \"static\"\nembedding = \"mine\"");
    bench.ok(&["round", "--size", "10"]);
    let shown = bench.json(&["model", "show"]);
    configure(&bench, "[features]\nkind = \"static\"\nembedding = \"second\"");
    assert_eq!(bench.json(&["model", "show"]), shown);
    for (name, columns) in [("second", 3), ("english", 128)] {
        configure(&bench, &format!("[features]\nkind = \"static\"\nembedding = \"{name}\""));
        bench.ok(&["round", "--size", "10"]);
        let last = bench.json(&["status"])["rounds"].as_array().unwrap().len() as u32;
        assert_eq!(report(&bench, last)["features"]["blocks"][0]["columns"], columns, "{name}");
    }
}

#[test]
fn vectors_of_english_words_are_there_unless_they_are_not_wanted() {
    let kind = |features: &str| {
        let bench = workspace(60, features);
        bench.ok(&["round", "--size", "10"]);
        report(&bench, 1)["features"]["kind"].clone()
    };
    assert_eq!(kind(""), "ngram+static");
    assert_eq!(kind("[features]\nembedding = \"english\""), "ngram+static");
    assert_eq!(kind("[features]\nembedding = \"none\""), "ngram");
    let bench = workspace(60, "[features]\nkind = \"static\"\nembedding = \"none\"");
    let message = bench.refused_unharmed(&["round"]);
    assert!(message.contains("set embedding = \"english\", or add one"), "{message}");
    assert_eq!(bench.json(&["embedding", "list"])["built_in"], json!(["english"]));
    embedding(&bench, "english", 1.0);
    let message = bench.refused(&["embedding", "add", "english"]);
    assert!(message.contains("the name \"english\" is reserved"), "{message}");
    bench.ok(&["embedding", "add", "english", "--name", "mine"]);
}

#[test]
fn a_round_keeps_its_embedding_whatever_is_brought_later() {
    let bench = workspace(60, "");
    bench.ok(&["round", "--size", "10"]);
    let before = bench.ok(&["predict", "pool.jsonl", "--all"]);
    embedding(&bench, "mine", 1.0);
    bench.ok(&["embedding", "add", "mine"]);
    assert_eq!(bench.ok(&["predict", "pool.jsonl", "--all"]), before);
    bench.ok(&["reproduce", "1"]);
}

#[test]
fn they_weigh_less_in_long_texts_and_in_another_language() {
    let weight = |text: &str| {
        let bench = Workbench::with_labels("a,b");
        let row = |i: usize| json!({"id": format!("d{i}"), "text": format!("{text} {i}")}).to_string() + "\n";
        bench.write("pool.jsonl", (0..60).map(row).collect::<String>());
        bench.ok(&["import", "pool.jsonl"]);
        bench.ok(&["round", "--size", "5"]);
        report(&bench, 1)["features"]["blocks"][1]["weight"].as_f64().unwrap()
    };
    let english = "the parcel has not come and nobody answers the telephone";
    assert!((weight(english) - 1.0).abs() < 1e-9);
    let long = weight(&vec![english; 30].join(" "));
    assert!((0.2..0.25).contains(&long), "{long}");
    let german = weight("das Paket ist nicht angekommen und niemand geht ans Telefon");
    assert!((german - 0.05).abs() < 1e-9, "{german}");
}

#[test]
fn a_folder_without_an_embedding_is_refused() {
    let bench = workspace(60, "");
    fs::create_dir_all(bench.path("empty")).unwrap();
    let message = bench.refused_unharmed(&["embedding", "add", "empty"]);
    assert!(message.contains("empty has no *.safetensors file with a table"), "{message}");
    let message = bench.refused_unharmed(&["embedding", "add", "nowhere"]);
    assert!(message.contains("the folder nowhere cannot be read"), "{message}");
    embedding(&bench, "broken", 1.0);
    bench.write("broken/model.safetensors", "no table");
    let message = bench.refused(&["embedding", "add", "broken"]);
    assert!(message.contains("model.safetensors"), "{message}");
    assert_eq!(bench.json(&["embedding", "list"])["embeddings"], json!([]));
}

#[test]
fn the_model_says_which_words_pull_where() {
    let bench = workspace(300, "[features]\nkind = \"ngram+lsa\"");
    let message = bench.refused(&["model", "show"]);
    assert!(message.contains("there is no model yet; next: choose "), "{message}");
    bench.ok(&["round", "--size", "10"]);
    let shown = bench.json(&["model", "show", "--terms", "3"]);
    for class in ["a", "b", "c"] {
        let terms = shown["result"]["classes"][class].as_array().unwrap();
        assert!(!terms.is_empty() && terms.len() <= 3, "{shown}");
        // A made-up document has two words of its class, and both begin with the name of the class.
        assert!(terms[0]["term"].as_str().unwrap().starts_with(class), "{class}: {terms:?}");
        assert!(terms.is_sorted_by(|x, y| x["pull"].as_f64() >= y["pull"].as_f64()));
    }
    let document = bench.rows("labeled.jsonl").remove(1);
    let id = document["id"].as_str().unwrap();
    let why = bench.json(&["model", "show", "--document", id]);
    assert_eq!(why["result"]["label"], document["label"]);
    let text = bench.json(&["model", "show", "--text", document["text"].as_str().unwrap()]);
    assert_eq!(text["result"], why["result"]);
    let sum: f64 =
        why["result"]["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let message = bench.refused(&["model", "show", "--document", "nobody"]);
    assert!(message.contains("there is no document \"nobody\""), "{message}");
}

#[test]
fn rules_make_a_model_before_there_are_labels_and_fade() {
    let bench = Workbench::with_labels("a,b,c");
    let text = |i: usize| match i % 3 {
        0 => format!("win a free prize now {i}"),
        1 => format!("meeting at noon about budget {i}"),
        _ => format!("the free budget meeting {i}"),
    };
    let rows: Vec<Value> = (0..90).map(|i| json!({"id": format!("d{i:02}"), "text": text(i)})).collect();
    bench.write("pool.jsonl", lines(&rows));
    bench.ok(&["import", "pool.jsonl"]);
    configure(&bench, "[rules]\na = ['\\bFREE\\b', 'prize']\nb = ['meeting']\n[features]\nkind = \"ngram\"");
    let text = bench.ok(&["round", "--size", "10"]);
    assert!(text.contains("Model trained on 0 labelled documents and 60 weak labels"), "{text}");
    let rules = report(&bench, 1)["rules"].clone();
    let of = |name: &str| rules[name].as_u64().unwrap();
    // "the free budget meeting" matches rules of both a and b: it is covered and in conflict, so it
    // is no example.
    assert_eq!((of("documents"), of("covered"), of("conflicts"), of("used")), (90, 90, 30, 60));
    let matches: Vec<u64> =
        rules["rules"].as_array().unwrap().iter().map(|rule| rule["matches"].as_u64().unwrap()).collect();
    assert_eq!(matches, [60, 30, 60]);
    let weight = rules["weight"].as_f64().unwrap();
    let label = |i: usize| ["a", "b", "c"][i % 3];
    let answer = |i: usize| json!({"id": format!("d{i:02}"), "label": label(i), "annotator": "x"});
    let labels: Vec<Value> = (0..30).map(answer).collect();
    bench.write("answers.jsonl", lines(&labels));
    bench.ok(&["ingest", "answers.jsonl"]);
    bench.ok(&["round", "--size", "10"]);
    let rules = report(&bench, 2)["rules"].clone();
    assert!(rules["weight"].as_f64().unwrap() < weight);
    assert_eq!(rules["used"], 40);
    assert_eq!(rules["rules"][1]["agreement"]["value"], 1.0, "{rules}");
}
