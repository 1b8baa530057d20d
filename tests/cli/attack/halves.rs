//! Operations that were cut short, and files that an attacker put where Querist finishes such
//! operations. Either all of an operation happens or nothing.

use std::fs;

use serde_json::json;

use crate::workbench::{Workbench, differing};

/// Makes a workspace with a round that ana and ben have received.
fn handed_out(out: &[&str]) -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12"]);
    bench.ok(&[&["export", "--format", "csv", "--annotators", "ana,ben"], out].concat());
    bench
}

#[test]
fn a_batch_is_handed_out_to_all_or_to_nobody() {
    for (folder, out) in [("rounds/0001/", [].as_slice()), ("out/", &["--out", "out"])] {
        let bench = handed_out(out);
        let file = bench.files(folder).into_keys().find(|name| name.ends_with("-ana.csv")).unwrap();
        let blocked = file.replace("-ana", "-cem");
        fs::create_dir(bench.path(&blocked)).unwrap();
        let before = bench.files("");
        let again =
            [&["export", "--format", "csv", "--annotators", "ana,ben,cem", "--reassign"], out].concat();
        let said = bench.refused(&again);
        assert!(said.contains("-cem.csv is not a file"), "{said}");
        let mut left = differing(&bench.files(""), &before);
        left.retain(|name| !name.starts_with("querist."));
        assert_eq!(left, Vec::<String>::new(), "{folder}");
        // The assignments are still for the same two people.
        let files = bench.json(&[&["export", "--format", "csv"], out].concat())["files"].clone();
        assert_eq!(files.as_object().unwrap().keys().collect::<Vec<_>>(), ["ana", "ben"]);
        fs::remove_dir(bench.path(&blocked)).unwrap();
        let files = bench.json(&again)["files"].clone();
        assert_eq!(files.as_object().unwrap().len(), 3);
        assert!(bench.files("rounds/").into_keys().all(|name| !name.contains("handout")));
    }
}

#[test]
fn files_for_annotators_that_a_kill_left_waiting_move_or_go() {
    let undisturbed = Workbench::small();
    undisturbed.ok(&["round", "--size", "12"]);
    undisturbed.ok(&["export", "--format", "csv"]);
    let all = undisturbed.artifacts();
    let name =
        all.keys().find(|name| name.starts_with("rounds/0001/") && name.ends_with("batch.csv")).unwrap();
    let name = name.strip_prefix("rounds/0001/").unwrap();
    let content = undisturbed.read(&format!("rounds/0001/{name}"));
    let none = blake3::hash(b"").to_hex().to_string();
    let note = |assignments: &str, hash: &str| json!({"assignments": assignments, "files": {name: hash}});
    let hash = blake3::hash(content.as_bytes()).to_hex().to_string();
    for (note, moves) in [
        (Some(note(&none, &hash)), true),
        (Some(note("other", &hash)), false),
        (Some(note(&none, &none)), false),
        (None, false),
    ] {
        for next in [["status"].as_slice(), &["import", "pool.jsonl"]] {
            let bench = undisturbed.copy();
            fs::create_dir(bench.path("rounds/.0001.handout")).unwrap();
            fs::remove_file(bench.path(&format!("rounds/0001/{name}"))).unwrap();
            bench.write(&format!("rounds/.0001.handout/{name}"), &content);
            if let Some(note) = &note {
                bench.write("rounds/.0001.handout/.note.json", note.to_string());
            }
            bench.ok(next);
            let left = differing(&bench.artifacts(), &all);
            let expected = if moves { vec![] } else { vec![format!("rounds/0001/{name}")] };
            assert_eq!(left, expected, "{note:?}, {next:?}");
        }
    }
}

#[test]
fn a_note_leads_nowhere_else() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "12"]);
    let before = bench.artifacts();
    fs::create_dir(bench.path("rounds/.0001.handout")).unwrap();
    bench.write("planted", "planted");
    let hash = blake3::hash(b"planted").to_hex().to_string();
    let none = blake3::hash(b"").to_hex().to_string();
    let files = json!({"../../planted": hash, "../../querist.toml": hash, "/etc/planted": hash});
    bench.write("rounds/.0001.handout/.note.json", json!({"assignments": none, "files": files}).to_string());
    bench.ok(&["status"]);
    fs::remove_file(bench.path("planted")).unwrap();
    assert_eq!(differing(&bench.artifacts(), &before), Vec::<String>::new());
}

#[test]
fn an_embedding_that_was_cut_short_goes() {
    let bench = Workbench::small();
    fs::create_dir_all(bench.path("embeddings/.pending-a1B2c3")).unwrap();
    let before = bench.artifacts();
    bench.write("embeddings/.pending-a1B2c3/model.safetensors", "half");
    fs::create_dir_all(bench.path("embeddings/.pending-of-mine")).unwrap();
    bench.ok(&["import", "pool.jsonl"]);
    let left = differing(&bench.artifacts(), &before);
    assert_eq!(left, ["embeddings/.pending-a1B2c3/", "embeddings/.pending-of-mine/"]);
    assert!(bench.path("embeddings/.pending-of-mine").exists());
}

/// Makes a workspace with a round, and a copy with a folder that imitates a waiting round: the
/// manifest is right, the other files differ.
fn planted() -> (Workbench, Workbench) {
    let good = Workbench::small();
    good.ok(&["round", "--size", "12"]);
    let bench = good.copy();
    fs::create_dir(bench.path("rounds/.0001.pending")).unwrap();
    let manifest = good.read("rounds/0001/manifest.json");
    for (name, content) in [
        ("manifest.json", manifest.as_str()),
        ("batch.jsonl", ""),
        ("picks.jsonl", "{}\n"),
        ("report.html", "<script>"),
        ("run.sh", "true"),
    ] {
        bench.write(&format!("rounds/.0001.pending/{name}"), content);
    }
    (bench, good)
}

#[test]
fn files_that_were_planted_do_not_replace_a_round() {
    for next in [["status"].as_slice(), &["import", "pool.jsonl"]] {
        let (bench, good) = planted();
        bench.ok(next);
        assert_eq!(differing(&bench.artifacts(), &good.artifacts()), Vec::<String>::new(), "{next:?}");
    }
}

#[test]
fn files_of_a_round_that_are_not_those_of_the_database_are_made_again() {
    for next in [["status"].as_slice(), &["import", "pool.jsonl"]] {
        for lost in [["batch.jsonl"].as_slice(), &["batch.jsonl", "picks.jsonl", "manifest.json"]] {
            let (bench, good) = planted();
            for name in lost {
                fs::remove_file(bench.path(&format!("rounds/0001/{name}"))).unwrap();
            }
            let ran = bench.run(next);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
            assert!(ran.stderr.contains("they were written again"), "{}", ran.stderr);
            assert_eq!(differing(&bench.artifacts(), &good.artifacts()), Vec::<String>::new(), "{next:?}");
        }
    }
}
