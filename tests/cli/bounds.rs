//! Files that are small on disk but large in memory are refused, or read with bounded memory.

use serde_json::json;

use crate::features::embedding;
use crate::workbench::{Workbench, documents};

/// A tokenizer whose normaliser replaces one letter by ten, `steps` times over.
fn chain(steps: usize) -> serde_json::Value {
    let step = json!({"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaa"});
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": vec![step; steps]},
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1}, "unk_token": "[UNK]"},
    })
}

#[test]
fn a_tokenizer_that_multiplies_texts_is_refused_when_it_is_loaded() {
    let bench = Workbench::small();
    bench.write("words.json", chain(8).to_string());
    bench.write("querist.toml", "labels = [\"a\", \"b\", \"c\"]\n[features]\ntokenizer = \"words.json\"\n");
    let message = bench.refused(&["round", "--size", "5"]);
    assert!(message.contains("words.json") && message.contains("100000000 times as long"), "{message}");

    bench.write("querist.toml", "labels = [\"a\", \"b\", \"c\"]\n");
    embedding(&bench, "brought", 1.0);
    bench.write("brought/tokenizer.json", chain(8).to_string());
    let message = bench.refused(&["embedding", "add", "brought"]);
    assert!(message.contains("100000000 times as long"), "{message}");
}

#[test]
fn a_text_that_would_grow_too_far_names_its_document() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("words.json", chain(3).to_string());
    bench.write("querist.toml", "labels = [\"a\", \"b\", \"c\"]\n[features]\ntokenizer = \"words.json\"\n");
    bench.write("pool.jsonl", documents("p", 30, false));
    bench.write("long.jsonl", json!({"id": "long", "text": "a".repeat(100_000)}).to_string());
    bench.write("labeled.jsonl", documents("l", 12, true));
    bench.ok(&["import", "pool.jsonl", "long.jsonl", "labeled.jsonl"]);
    let message = bench.refused(&["round", "--size", "5"]);
    assert!(message.contains("its 100000 bytes would become far more"), "{message}");
}

#[test]
fn a_tokenizer_as_long_as_a_disk_is_not_read() {
    let bench = Workbench::small();
    std::fs::File::create(bench.path("words.json")).unwrap().set_len(4 << 30).unwrap();
    bench.write("querist.toml", "labels = [\"a\", \"b\", \"c\"]\n[features]\ntokenizer = \"words.json\"\n");
    let message = bench.refused(&["round", "--size", "5"]);
    assert!(message.contains("words.json") && message.contains("at most 268435456 bytes"), "{message}");
}

#[test]
fn an_embedding_that_was_changed_is_refused() {
    let bench = Workbench::small();
    embedding(&bench, "brought", 1.0);
    bench.ok(&["embedding", "add", "brought"]);
    let folder = "embeddings/brought";
    for file in ["model.safetensors", "tokenizer.json"] {
        let path = format!("{folder}/{file}");
        let whole = std::fs::read(bench.path(&path)).unwrap();
        let mut bytes = whole.clone();
        // Changes a letter of a word in the tokenizer, or a value in the table.
        let place = bytes.len() - if file == "tokenizer.json" { 60 } else { 2 };
        bytes[place] ^= 0x01;
        bench.write(&path, &bytes);
        let message = bench.refused(&["round", "--size", "5"]);
        assert!(message.contains("embeddings/brought"), "{message}");
        bench.write(&path, whole);
    }
    bench.ok(&["round", "--size", "5"]);
    // A folder of an earlier version has no seal. It is read with a remark, and gets a seal when
    // the embedding is brought again.
    std::fs::remove_file(bench.path("embeddings/brought/blake3.json")).unwrap();
    let ran = bench.run(&["round", "--size", "5"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("damage to it would go unnoticed"), "{}", ran.stderr);
    bench.ok(&["embedding", "add", "brought"]);
    assert!(!bench.run(&["round", "--size", "5"]).stderr.contains("unnoticed"));
}

/// Memory does not grow with the number of bad rows.
#[cfg(unix)]
#[test]
fn bad_rows_do_not_fill_the_memory() {
    let bench = Workbench::with_labels("a,b,c");
    bench.write("good.jsonl", documents("p", 3, false));
    bench.write("bad.jsonl", "{\"id\":1}\n".repeat(1_000_000));
    let limited = ["-c", "ulimit -v 450000 && exec \"$@\"", "sh", crate::workbench::BINARY];
    let arguments = ["import", "good.jsonl", "bad.jsonl", "--skip-bad-rows"];
    let output = bench.program("sh").args(limited).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = bench.read("rejected/import-1.jsonl");
    assert_eq!(rows.lines().count(), 1_000_000);
}

/// Two files of a few kilobytes from pyarrow. In one, the list of the second row has a text of 100
/// KB 49,999 times; in the other, 199,999 numbers 31 lists deep. Read naively, they need five and
/// two gigabytes.
#[cfg(unix)]
#[test]
fn lists_that_take_more_memory_than_there_is_are_told_by_their_row() {
    let bench = Workbench::small();
    let files: [(&str, &[u8]); 2] = [
        ("repeated_text.parquet", include_bytes!("bounds/repeated_text.parquet")),
        ("deep_lists.parquet", include_bytes!("bounds/deep_lists.parquet")),
    ];
    bench.ok(&["round", "--size", "5"]);
    for (file, content) in files {
        bench.write(file, content);
        for arguments in [
            &["import", file][..],
            &["round", "--size", "5", "--scores", file],
            &["predict", file],
            &["ingest", file],
        ] {
            let limited = ["-c", "ulimit -v 450000 && exec \"$@\"", "sh", crate::workbench::BINARY];
            let output = bench.program("sh").args(limited).args(arguments).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
            let words = format!("{file}: row 2: the lists in the row would take more than 128 MiB");
            assert!(said.contains(&words), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_round_does_not_go_on_without_the_embedding_of_the_last() {
    let bench = Workbench::small();
    embedding(&bench, "brought", 1.0);
    bench.ok(&["embedding", "add", "brought"]);
    let toml = "labels = [\"a\", \"b\", \"c\"]\n[features]\nkind = \"static\"\n";
    bench.write("querist.toml", toml);
    bench.ok(&["round", "--size", "4"]);
    std::fs::remove_dir_all(bench.path("embeddings")).unwrap();
    for command in [&["round", "--size", "4"][..], &["train"]] {
        let said = bench.refused_unharmed(command);
        assert!(
            said.contains("round 1 was made with an embedding that is no longer in embeddings"),
            "{said}"
        );
    }
    // If the user wants another embedding, a setting says so.
    bench.write("querist.toml", format!("{toml}embedding = \"english\"\n"));
    bench.ok(&["round", "--size", "4"]);
}
