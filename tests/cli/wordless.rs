//! Texts without words: emoji and punctuation are told apart by their symbols. Rounds made before
//! this rule can be reproduced.

use std::fs;
use std::io::Read;

use serde_json::{Value, json};

use crate::workbench::{Workbench, lines};

/// Texts without a word, all different.
const EMOJI: [&str; 24] = [
    "👍",
    "👎",
    "😀😀",
    "😡😡",
    "🎉🎉🎉",
    "😭",
    "❤️",
    "💔💔",
    "😍😍",
    "🤮",
    "🥰🥰🥰",
    "😠😠",
    "😂",
    "😞",
    "👏👏",
    "🙄🙄",
    "🙌🙌🙌",
    "😤",
    "💯",
    "😱😱",
    "✨✨",
    "💩",
    "🔥🔥🔥",
    "⚠️⚠️",
];

/// Makes a workspace with these documents; the first four are labelled a, b, a, b.
fn workspace(texts: &[&str]) -> Workbench {
    let bench = Workbench::with_labels("a,b");
    let row = |(at, text): (usize, &&str)| {
        let mut row = json!({"id": at.to_string(), "text": text});
        if at < 4 {
            row["label"] = json!(["a", "b"][at % 2]);
        }
        row
    };
    bench.write("documents.jsonl", lines(texts.iter().enumerate().map(row)));
    bench.ok(&["import", "documents.jsonl"]);
    bench
}

#[test]
fn different_emoji_are_no_near_duplicates() {
    let punctuation = [
        "!",
        "!!",
        "!!!",
        "?",
        "??",
        "?!",
        "!?",
        "...",
        "…",
        ":-)",
        ":-(",
        ";-)",
        ":)",
        ":(",
        "--",
        "—",
        "+",
        "€",
        "$$",
        "¯\\_(.)_/¯",
    ];
    let families =
        ["👩‍👩‍👧", "👩‍👩‍👧👩‍👩‍👧", "👩‍👩‍👧🏳️‍🌈", "🏳️‍🌈👩‍👩‍👧", "🏳️‍🌈", "🇫🇷", "🇩🇪", "🇫🇷🇩🇪", "🇩🇪🇫🇷", "👍👍👍👍", "👍👍👍", "👍🏽"];
    for texts in [&EMOJI[..], &punctuation, &families] {
        let bench = workspace(texts);
        let round = bench.json(&["round", "--size", "50"]);
        assert_eq!(round["batch"]["size"], texts.len() - 4, "{texts:?}: {round:#}");
        let result = bench.json(&["reproduce", "1"]);
        assert_eq!(result["identical"], true, "{result:#}");
    }
}

#[test]
fn the_same_emoji_are_near_duplicates() {
    let bench = workspace(&["👍", "👎", "👍", "👎", "👍", " 👍\n", "😀", "😀", "❤️", "❤"]);
    let round = bench.json(&["round", "--size", "50"]);
    // One face and one heart; the thumbs are labelled.
    assert_eq!(round["batch"]["size"], 2, "{round:#}");
}

#[test]
fn a_classifier_tells_emoji_apart() {
    let (glad, cross) = (["👍", "😀", "🎉", "😍", "🥰", "👏"], ["👎", "😡", "💔", "🤮", "😠", "🙄"]);
    for kind in ["auto", "ngram", "lsa"] {
        let bench = Workbench::with_labels("glad,cross");
        let toml = bench.read("querist.toml").replace("kind = \"auto\"", &format!("kind = \"{kind}\""));
        bench.write("querist.toml", toml);
        let mut rows = Vec::new();
        for i in 0..240 {
            let (label, of) = if i % 2 == 0 { ("glad", glad) } else { ("cross", cross) };
            let text = format!("{}{}{}", of[i / 2 % 6], of[i / 12 % 6], of[i / 24 % 6]);
            let mut row = json!({"id": format!("{i:03}"), "text": text});
            if i < 60 {
                row["label"] = json!(label);
            }
            rows.push(row);
        }
        bench.write("documents.jsonl", lines(rows));
        bench.ok(&["import", "documents.jsonl"]);
        bench.ok(&["round", "--size", "5", "--near-duplicates", "off"]);
        bench.write(
            "new.jsonl",
            lines((0..6).map(|i| json!({"id": i.to_string(), "text": ([glad, cross][i % 2][i])}))),
        );
        bench.ok(&["model", "export", "model.safetensors"]);
        for model in [&["--round", "1"][..], &["--model", "model.safetensors"]] {
            let found = bench.ok(&[&["predict", "new.jsonl"], model].concat());
            for (i, line) in found.lines().enumerate() {
                let row: Value = serde_json::from_str(line).unwrap();
                assert_eq!(row["label"], ["glad", "cross"][i % 2], "{kind}: {line}");
            }
        }
    }
}

/// Unpacks a workspace from before texts without a word counted, with a portable model and its
/// predictions.
fn first_edition() -> Workbench {
    let bench = Workbench::new();
    let bytes: &[u8] = include_bytes!("first_edition/workspace.zip");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let path = bench.path(&file.name().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        fs::write(path, content).unwrap();
    }
    bench
}

#[test]
fn rounds_and_models_of_the_first_edition_come_out_as_they_did() {
    let bench = first_edition();
    // The third round picked nothing, because no open document had a word.
    for round in ["1", "2", "3"] {
        let result = bench.json(&["reproduce", round]);
        assert_eq!(result["identical"], true, "{round}: {result:#}");
    }
    for model in [&["--model", "m.safetensors"][..], &["--round", "3"]] {
        let predicted = bench.ok(&[&["predict", "texts.jsonl"], model].concat());
        assert_eq!(predicted, bench.read("predicted.jsonl"), "{model:?}");
    }
    bench.ok(&["model", "show"]);
    bench.ok(&["export", "--scores", "scores.parquet"]);
    // The model, exported again, gives the same predictions.
    bench.ok(&["model", "export", "again.safetensors"]);
    let predicted = bench.ok(&["predict", "texts.jsonl", "--model", "again.safetensors"]);
    assert_eq!(predicted, bench.read("predicted.jsonl"));

    // New rounds follow the new rules, so they can pick the remaining emoji.
    let round = bench.json(&["round", "--size", "10"]);
    assert_eq!(round["batch"]["size"], 10, "{round:#}");
    let manifest: Value = serde_json::from_str(&bench.read("rounds/0004/manifest.json")).unwrap();
    assert_eq!(manifest["edition"], 5);
    assert!(manifest["featurizer"].as_str().unwrap().contains("ngram 2 "), "{manifest:#}");
    for round in ["3", "4"] {
        assert_eq!(bench.json(&["reproduce", round])["identical"], true, "{round}");
    }
    bench.ok(&["model", "export", "new.safetensors"]);
    let predicted = bench.ok(&["predict", "texts.jsonl", "--model", "new.safetensors"]);
    let of =
        |text: &str| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let (old, new) = (of(&bench.read("predicted.jsonl")), of(&predicted));
    assert_eq!(old[0]["probability"], old[1]["probability"]);
    assert_ne!(new[0]["probability"], new[1]["probability"]);
}

#[test]
fn a_round_that_would_pick_nothing_says_why_and_what_to_do() {
    let same = ["same text here"; 40];
    let bench = workspace(&same);
    let before = bench.json(&["status"]);
    let said = bench.refused(&["round"]);
    assert_eq!(before, bench.json(&["status"]));
    assert!(said.contains("each of the 36 open documents is a near-duplicate"), "{said}");
    assert!(said.contains("`querist round --near-duplicates off`"), "{said}");
    // The single steps say the same.
    bench.ok(&["train"]);
    bench.ok(&["score"]);
    assert!(bench.refused(&["select"]).contains("near-duplicate"));
    assert_eq!(before["documents"], bench.json(&["status"])["documents"]);
    let round = bench.json(&["round", "--near-duplicates", "off"]);
    assert_eq!(round["batch"]["size"], 36, "{round:#}");
}

#[test]
fn scores_that_were_exported_choose_a_round() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "5"]);
    bench.ok(&["export", "--scores", "scores.parquet"]);
    let own = bench.copy();
    let chosen = |bench: &Workbench, file: &str| {
        let flags = ["--size", "6", "--mix", "uncertainty=1", "--near-duplicates", "off", "--diversity", "1"];
        bench.ok(&[&["round", "--scores", file], &flags[..]].concat());
        bench.read("rounds/0002/batch.jsonl")
    };
    let by_parquet = chosen(&bench, "scores.parquet");
    assert_eq!(by_parquet.lines().count(), 6);
    // The same scores as flat lines, rounded to two places.
    let rows = own.ok(&["predict", "pool.jsonl", "--all"]);
    let flat = rows.lines().map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        let mut flat = json!({"id": row["id"]});
        for (label, p) in row["probabilities"].as_object().unwrap() {
            flat[format!("p_{label}")] = json!((p.as_f64().unwrap() * 1e6).round() / 1e6 + 1e-3);
        }
        flat
    });
    let text = lines(flat);
    own.write("flat.jsonl", &text);
    let ran = own.run(&["round", "--size", "6", "--scores", "flat.jsonl"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("60 of 60 rows of scores did not sum to 1 and were divided by their sum"),
        "{}",
        ran.stderr
    );
    own.write("far.jsonl", text.replacen("\"p_a\":0", "\"p_a\":1", 1));
    let said = own.refused(&["round", "--scores", "far.jsonl"]);
    assert!(
        said.contains("far.jsonl:") && said.contains("expected 1, within 0.01")
            || said.contains("the probability of"),
        "{said}"
    );
}
