//! `querist predict` yields exactly the probabilities of the round, in the workspace and, with a
//! portable model, elsewhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::features::embedding;
use crate::workbench::{Workbench, documents, lines};

/// The scores of a round's open documents, by id: label → probability.
fn scored(bench: &Workbench) -> BTreeMap<String, Value> {
    bench.ok(&["train"]);
    bench.ok(&["score"]);
    let scores =
        bench.files("rounds/").into_iter().find(|(name, _)| name.ends_with("scores.jsonl")).unwrap().1;
    let rows = String::from_utf8(scores).unwrap();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row["probabilities"].clone())).collect()
}

fn predicted(text: &str) -> BTreeMap<String, Value> {
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), row["probabilities"].clone())).collect()
}

/// Makes a workspace with this kind of features.
fn of_kind(kind: &str) -> Workbench {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml").replace("kind = \"auto\"", &format!("kind = \"{kind}\""));
    bench.write("querist.toml", toml);
    bench
}

#[test]
fn a_document_gets_the_very_probabilities_of_its_round() {
    for (kind, units, brought) in [
        ("ngram", "auto", false),
        ("ngram", "characters", false),
        ("lsa", "auto", false),
        ("lsa", "both", false),
        ("ngram+lsa", "auto", false),
        ("ngram+lsa", "characters", false),
        ("auto", "auto", false),
        ("static", "auto", false),
        ("static", "auto", true),
        ("ngram+lsa+static", "auto", false),
        ("ngram+lsa+static", "auto", true),
    ] {
        let bench = of_kind(kind);
        bench.ok(&["config", "set", "features.units", units]);
        if brought {
            embedding(&bench, "brought", 1.0);
            bench.ok(&["embedding", "add", "brought"]);
        }
        let scores = scored(&bench);
        bench.ok(&["select", "--size", "5"]);
        bench.ok(&["export"]);
        assert_eq!(scores.len(), 60);
        let here = predicted(&bench.ok(&["predict", "pool.jsonl", "--all"]));
        assert_eq!(here, scores, "{kind} {units}");

        let exported = bench.json(&["model", "export", "a.model"]);
        assert_eq!(exported["round"], 1);
        let elsewhere = Workbench::new();
        for file in ["a.model", "pool.jsonl"] {
            elsewhere.write(file, std::fs::read(bench.path(file)).unwrap());
        }
        let there = predicted(&elsewhere.ok(&["predict", "pool.jsonl", "--all", "--model", "a.model"]));
        assert_eq!(there, scores, "{kind} {units}");

        // Later documents do not change the model of round 1.
        bench.write("more.jsonl", documents("q", 90, false));
        bench.ok(&["import", "more.jsonl"]);
        let later = predicted(&bench.ok(&["predict", "pool.jsonl", "--all", "--round", "1"]));
        assert_eq!(later, scores, "{kind}");
        bench.ok(&["model", "export", "b.model", "--round", "1"]);
        assert!(
            std::fs::read(bench.path("a.model")).unwrap() == std::fs::read(bench.path("b.model")).unwrap()
        );
    }
}

#[test]
fn every_layout_goes_in() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "5"]);
    let label = |row: &Value| (row["id"].clone(), row["label"].as_str().unwrap().to_owned());
    let read = |arguments: &[&str]| -> Vec<(Value, String)> {
        let out = bench.ok(&[&["predict"], arguments].concat());
        out.lines().map(|line| label(&serde_json::from_str(line).unwrap())).collect()
    };
    bench.write(
        "one.jsonl",
        "{\"id\":\"1\",\"text\":\"apple almond\"}\n{\"id\":\"2\",\"text\":\"bread butter\"}\n",
    );
    let plain = read(&["one.jsonl"]);
    bench.write("one.csv", "id,body\r\n1,apple almond\r\n2,\"bread butter\"\r\n");
    assert_eq!(read(&["one.csv", "--text", "body"]), plain);
    bench.write("two.tsv", "text\tid\napple almond\t1\nbread butter\t2\n");
    assert_eq!(read(&["two.tsv"]), plain);
    let nameless: Vec<(Value, String)> =
        plain.iter().map(|(_, label)| (Value::Null, label.clone())).collect();
    bench.write("lines", "apple almond\nbread butter\n");
    // Options for the fields of other layouts do not affect this one.
    assert_eq!(read(&["lines", "--format", "text", "--text", "body"]), nameless);
    std::fs::create_dir(bench.path("texts")).unwrap();
    bench.write("texts/1.txt", "apple almond");
    bench.write("texts/2.txt", "bread butter");
    let files = read(&["texts"]);
    assert_eq!(files.iter().map(|(id, _)| id).collect::<Vec<_>>(), ["1.txt", "2.txt"]);
    assert_eq!(read(&["*e.jsonl"]), plain);
    let refused = bench.refused(&["predict", "one.csv", "--format", "csv"]);
    assert!(refused.contains("one.csv:2: the field \"text\" is missing"), "{refused}");
}

#[test]
fn rows_come_out_in_their_order_with_what_was_asked_for() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "5"]);
    let rows = [
        json!({"text": "apple almond"}),
        json!({"id": 7, "text": "", "more": [1]}),
        json!({"id": "x", "text": "cherry"}),
    ];
    bench.write("new.jsonl", lines(rows));
    let out = bench.ok(&["predict", "new.jsonl"]);
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&Value> = rows.iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&Value::Null, &json!("7"), &json!("x")]);
    assert_eq!((&rows[0]["label"], &rows[2]["label"]), (&json!("a"), &json!("c")));
    for row in &rows {
        assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "label", "probability"]);
    }
    let summary = bench.json(&["predict", "new.jsonl", "--all", "--out", "out.jsonl"]);
    assert_eq!(summary["labeled"], 3);
    let written = bench.rows("out.jsonl");
    let sum: f64 =
        written[1]["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-12);
    assert_eq!(bench.fed(&["predict", "-", "--text", "more"], b"{\"more\":\"apple\"}\n").code, Some(0));
}

#[test]
fn what_cannot_be_labelled_is_refused_with_its_place() {
    let bench = Workbench::small();
    bench.write("new.jsonl", "{\"text\":\"x\"}\n{\"txt\":\"y\"}\n");
    let message = bench.refused(&["predict", "new.jsonl"]);
    assert!(
        message.contains("there is no model yet; next: choose the next batch with `querist round`"),
        "{message}"
    );
    bench.ok(&["round", "--size", "5"]);
    let message = bench.refused(&["predict", "new.jsonl", "--out", "out.jsonl"]);
    assert!(message.contains("new.jsonl:2: ") && message.contains("\"text\" is missing"), "{message}");
    assert!(!bench.path("out.jsonl").exists(), "nothing half-written");
    bench.ok(&["model", "export", "a.model"]);
    let bytes = std::fs::read(bench.path("a.model")).unwrap();
    for (place, words) in [(bytes.len() - 1, "damaged"), (2, "not a model file")] {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0xff;
        bench.write("b.model", bytes);
        let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
        assert!(message.contains("b.model: ") && message.contains(words), "{message}");
    }
    for length in [0, 7, 100, bytes.len() / 2] {
        bench.write("b.model", &bytes[..length]);
        bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
    }
}

/// The header of a portable model, and its tensors by name: type, shape and bytes.
type Parts = (Value, BTreeMap<String, (String, Vec<usize>, Vec<u8>)>);

fn parts(file: &[u8]) -> Parts {
    let start = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let mut infos: serde_json::Map<String, Value> = serde_json::from_slice(&file[8..start]).unwrap();
    let notes = infos.remove("__metadata__").unwrap();
    let header = serde_json::from_str(notes["querist"].as_str().unwrap()).unwrap();
    let tensors = infos.into_iter().map(|(name, info)| {
        let shape = serde_json::from_value(info["shape"].clone()).unwrap();
        let [from, to]: [usize; 2] = serde_json::from_value(info["data_offsets"].clone()).unwrap();
        (name, (info["dtype"].as_str().unwrap().to_owned(), shape, file[start + from..start + to].to_vec()))
    });
    (header, tensors.collect())
}

/// Puts the parts together and adds the hash that they now have.
fn together((mut header, tensors): Parts) -> Vec<u8> {
    let data: Vec<u8> = tensors.values().flat_map(|(_, _, bytes)| bytes.clone()).collect();
    header["blake3"] = json!("");
    header["blake3"] = match header["version"].as_u64() {
        Some(1 | 2) => blake3::hash(&data).to_hex().to_string().into(),
        _ => sealed(&header.to_string(), &tensors).into(),
    };
    let mut infos = json!({"__metadata__": {"querist": header.to_string()}});
    let mut from = 0;
    for (name, (kind, shape, bytes)) in &tensors {
        infos[name] = json!({"dtype": kind, "shape": shape, "data_offsets": [from, from + bytes.len()]});
        from += bytes.len();
    }
    let infos = infos.to_string();
    [&(infos.len() as u64).to_le_bytes(), infos.as_bytes(), &data].concat()
}

/// The hash of layout 3: every part, each after its length.
fn sealed(header: &str, tensors: &BTreeMap<String, (String, Vec<usize>, Vec<u8>)>) -> String {
    let mut all = Vec::new();
    let mut add = |part: &[u8]| {
        all.extend((part.len() as u64).to_le_bytes());
        all.extend(part);
    };
    add(header.as_bytes());
    for (name, (kind, shape, bytes)) in tensors {
        add(name.as_bytes());
        add(format!("{kind} {shape:?}").as_bytes());
        add(bytes);
    }
    blake3::hash(&all).to_hex().to_string()
}

type Change = fn(&mut Parts);

#[test]
fn a_file_that_only_looks_right_is_refused() {
    let bench = of_kind("lsa+static");
    embedding(&bench, "brought", 1.0);
    bench.ok(&["embedding", "add", "brought"]);
    bench.ok(&["round", "--size", "5"]);
    bench.ok(&["model", "export", "a.model"]);
    let good = parts(&std::fs::read(bench.path("a.model")).unwrap());
    // The current layout and the two earlier ones.
    for version in [3, 2, 1] {
        let (mut header, tensors) = good.clone();
        header["version"] = json!(version);
        bench.write("b.model", together((header, tensors)));
        bench.ok(&["predict", "pool.jsonl", "--model", "b.model"]);
    }
    let cases: [(Change, &str); 17] = [
        (
            |(header, _)| header["version"] = json!(5),
            "its layout has version 5, but this version reads 1 to 4",
        ),
        (|(header, _)| header["version"] = json!(0), "its layout has version 0"),
        (|(_, tensors)| drop(tensors.remove("static.weights")), "static.weights"),
        (|(_, tensors)| drop(tensors.remove("static.tokenizer.json")), "no tokenizer for its pieces"),
        (|(_, tensors)| drop(tensors.remove("model")), "model"),
        (|(_, tensors)| tensors.get_mut("static.weights").unwrap().0 = "U32".to_owned(), "not a list of F32"),
        (|(_, tensors)| tensors.get_mut("static.columns").unwrap().1 = vec![13, 1], "not a list of U32"),
        (|(_, tensors)| tensors.get_mut("static.vectors").unwrap().1 = vec![39], "not a matrix"),
        (
            |(_, tensors)| tensors.get_mut("static.vectors").unwrap().1 = vec![3, 13],
            "finite vector of one width",
        ),
        (
            |(_, tensors)| tensors.get_mut("static.vectors").unwrap().2[..4].fill(0xff),
            "finite vector of one width",
        ),
        (|(_, tensors)| tensors.get_mut("static.columns").unwrap().2[48] = 99, "do not ascend below"),
        (|(header, _)| header["blocks"] = json!([header["blocks"][1], header["blocks"][0]]), "in this order"),
        (|(header, _)| header["blocks"] = json!([header["blocks"][1], header["blocks"][1]]), "in this order"),
        (
            |(_, tensors)| {
                // A word list that would be used instead of the tokenizer.
                tensors.insert("static.words".to_owned(), ("U8".to_owned(), vec![4], b"a\na\n".to_vec()));
            },
            "its list of 2 words is for 13 columns",
        ),
        (
            |(_, tensors)| {
                let words = "a\n".repeat(13).into_bytes();
                tensors.insert("static.words".to_owned(), ("U8".to_owned(), vec![26], words));
            },
            "only 1 different",
        ),
        (
            |(_, tensors)| {
                tensors.insert("static.words".to_owned(), ("U8".to_owned(), vec![1], vec![0xff]));
            },
            "not UTF-8",
        ),
        (
            |(header, _)| header["features"]["tokenizer"] = json!("/dev/zero"),
            "does not contain its tokenizer \"/dev/zero\"",
        ),
    ];
    for (change, words) in cases {
        let mut parts = good.clone();
        change(&mut parts);
        bench.write("b.model", together(parts));
        let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
        assert!(
            message.contains("b.model: not a model file") && message.contains(words),
            "{words}: {message}"
        );
    }
}

#[test]
fn a_header_that_was_changed_is_seen() {
    let bench = of_kind("lsa+static");
    bench.ok(&["round", "--size", "5"]);
    bench.ok(&["model", "export", "a.model"]);
    let file = std::fs::read(bench.path("a.model")).unwrap();
    let (header, _) = parts(&file);
    let text = |value: &Value| serde_json::to_string(&value.to_string()).unwrap();
    let start = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
    let infos = String::from_utf8(file[8..start].to_vec()).unwrap();
    let mut labels = header["labels"].as_array().unwrap().clone();
    labels.reverse();
    let scale = header["blocks"][0]["scale"].to_string();
    let in_header = |value: &Value| text(value).trim_matches('"').to_owned();
    let changes = [
        (in_header(&header["labels"]), in_header(&json!(labels))),
        (
            format!("scale\\\":{scale}"),
            format!("scale\\\":{}", header["blocks"][0]["scale"].as_f64().unwrap() * 8.0),
        ),
        ("lowercase".to_owned(), "lowercasf".to_owned()),
    ];
    let mut changed = 0;
    for (from, to) in changes {
        if !infos.contains(&from) {
            continue;
        }
        changed += 1;
        let infos = infos.replace(&from, &to);
        bench.write(
            "b.model",
            [&(infos.len() as u64).to_le_bytes(), infos.as_bytes(), &file[start..]].concat(),
        );
        let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
        assert!(message.contains("damaged"), "{from}: {message}");
    }
    assert!(changed >= 2, "labels and scale are in the header: {infos}");
}

#[test]
fn a_file_that_claims_more_than_it_has_is_not_read() {
    let bench = of_kind("ngram");
    let sparse = std::fs::File::create(bench.path("b.model")).unwrap();
    sparse.set_len(4 << 30).unwrap();
    let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
    assert!(message.contains("but a model has at most"), "{message}");
    sparse.set_len(1 << 30).unwrap();
    let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
    assert!(message.contains("not a model file"), "{message}");
    bench.write("b.model", [&u64::MAX.to_le_bytes()[..], b"{}"].concat());
    let message = bench.refused(&["predict", "pool.jsonl", "--model", "b.model"]);
    assert!(message.contains("its header claims"), "{message}");
}

/// First a table as a transformer has it, in half precision and with more rows than word pieces;
/// then a table whose pieces share rows.
#[test]
fn every_layout_of_a_static_embedding_goes_along() {
    let halves = |n: usize| {
        (0..n).flat_map(|at| (0x3c00_u16 + (at * 37 % 900) as u16).to_le_bytes()).collect::<Vec<u8>>()
    };
    let rows: Vec<u8> = (0..13_i64).flat_map(|piece| (piece * piece % 5).to_le_bytes()).collect();
    let tables = [
        vec![("bert.embeddings.word_embeddings.weight", "F16", vec![20, 3], halves(60))],
        vec![("embeddings", "BF16", vec![5, 3], halves(15)), ("mapping", "I64", vec![13], rows)],
    ];
    for (table, with) in tables.into_iter().zip(["static.offset", "static.rows"]) {
        let bench = of_kind("ngram+static");
        embedding(&bench, "brought", 1.0);
        let (mut infos, mut data) = (json!({}), Vec::new());
        for (name, kind, shape, bytes) in table {
            infos[name] = json!({"dtype": kind, "shape": shape, "data_offsets": [data.len(), data.len() + bytes.len()]});
            data.extend(bytes);
        }
        let infos = infos.to_string();
        bench.write(
            "brought/model.safetensors",
            [&(infos.len() as u64).to_le_bytes(), infos.as_bytes(), &data].concat(),
        );
        bench.ok(&["embedding", "add", "brought"]);
        bench.ok(&["round", "--size", "5"]);
        bench.ok(&["model", "export", "a.model"]);
        let (_, tensors) = parts(&std::fs::read(bench.path("a.model")).unwrap());
        assert!(tensors.contains_key(with), "{with}");
        let here = bench.ok(&["predict", "pool.jsonl", "--all"]);
        assert_eq!(bench.ok(&["predict", "pool.jsonl", "--all", "--model", "a.model"]), here);
    }
}
