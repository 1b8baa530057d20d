//! Folders that are no workspace, belong to somebody else, have changed, or lack an earlier step.

use std::fs;

use serde_json::json;

use crate::workbench::{Workbench, lines};

#[test]
fn outside_a_workspace_every_command_says_how_to_make_one() {
    let bench = Workbench::new();
    for arguments in [
        &["import", "x.jsonl"][..],
        &["round"],
        &["train"],
        &["score"],
        &["select"],
        &["export"],
        &["ingest", "x.jsonl"],
        &["status"],
        &["report"],
        &["status", "-w", "nowhere"],
    ] {
        let message = bench.refused(arguments);
        assert!(message.contains("is not a workspace (it has no querist.toml)"), "{message}");
        assert!(message.contains("init --labels a,b,c"), "{message}");
    }
    assert!(bench.files("").is_empty(), "{:?}", bench.files("").keys());
}

#[test]
fn init_leaves_a_workspace_and_a_file_alone() {
    let bench = Workbench::small();
    let toml = bench.read("querist.toml");
    let message = bench.refused_unharmed(&["init", "--labels", "x,y"]);
    assert!(message.contains("is a workspace already; choose another folder"), "{message}");
    assert_eq!(bench.read("querist.toml"), toml);
    let message = bench.refused_unharmed(&["init", "pool.jsonl", "--labels", "x,y"]);
    assert!(message.contains("pool.jsonl"), "{message}");
}

/// Writes a number into the header of the database: the version of the schema at offset 60, the
/// number of the application at offset 68.
fn patch_database(bench: &Workbench, offset: usize, number: u32) {
    assert!(!bench.path("querist.db-wal").exists(), "the file is not the whole truth");
    let mut bytes = fs::read(bench.path("querist.db")).unwrap();
    bytes[offset..offset + 4].copy_from_slice(&number.to_be_bytes());
    bench.write("querist.db", bytes);
}

#[test]
fn a_database_of_a_later_version_is_refused() {
    let bench = Workbench::small();
    let version = fs::read(bench.path("querist.db")).unwrap()[63];
    patch_database(&bench, 60, 99);
    let patched = fs::read(bench.path("querist.db")).unwrap();
    for arguments in [&["status"][..], &["import", "pool.jsonl"], &["round"], &["report"]] {
        let message = bench.refused(arguments);
        let words = format!(
            "querist.db was made by a newer Querist: it has schema version 99, but this Querist 0.1.0 \
             knows only versions up to {version}; use a newer Querist"
        );
        assert!(message.contains(&words), "{message}");
    }
    assert!(
        patched == fs::read(bench.path("querist.db")).unwrap(),
        "a database that is refused stays as it was"
    );
    patch_database(&bench, 60, u32::from(version));
    assert_eq!(bench.json(&["status"])["documents"]["open"], 60);
}

#[test]
fn a_file_that_is_no_database_of_ours_is_refused() {
    let bench = Workbench::small();
    let whole = fs::read(bench.path("querist.db")).unwrap();
    patch_database(&bench, 68, 7);
    for arguments in [&["status"][..], &["round"]] {
        assert!(bench.refused(arguments).contains("querist.db is not a Querist database"));
    }
    for (bytes, words) in [
        (b"not a database at all, whatever it is called".repeat(100), "damaged"),
        (whole[..3_000].to_vec(), "querist.db"),
        (Vec::new(), "not a Querist database"),
    ] {
        bench.write("querist.db", &bytes);
        for arguments in [&["status"][..], &["round"], &["import", "pool.jsonl"]] {
            let message = bench.refused(arguments);
            assert!(message.contains(words), "{arguments:?}: {message}");
            assert_eq!(message.lines().count(), 1, "{message}");
        }
        assert!(bytes == fs::read(bench.path("querist.db")).unwrap(), "what cannot be read is left alone");
    }
    fs::remove_file(bench.path("querist.db")).unwrap();
    assert!(bench.refused(&["status"]).contains("querist.db"));
    assert!(bench.refused(&["import", "pool.jsonl"]).contains("querist.db"));
    assert!(!bench.path("querist.db").exists(), "a lost database is not replaced by an empty one");
}

/// Replaces the labels in querist.toml.
fn set_labels(bench: &Workbench, labels: &str) {
    let toml = bench.read("querist.toml");
    let lines_now = toml.lines().map(|line| if line.starts_with("labels = ") { labels } else { line });
    bench.write("querist.toml", lines(lines_now));
}

#[test]
fn a_label_in_use_cannot_go() {
    let bench = Workbench::small();
    set_labels(&bench, r#"labels = ["a", "b"]"#);
    for arguments in [&["status"][..], &["round"]] {
        let message = bench.refused(arguments);
        assert!(
            message.contains("querist.db has the label \"c\", which querist.toml does not list"),
            "{message}"
        );
        assert!(message.contains("add it to `labels` in querist.toml again"), "{message}");
    }
    set_labels(&bench, r#"labels = ["a", "b", "c"]"#);
    bench.ok(&["round", "--size", "5"]);
}

#[test]
fn labels_keep_their_order_once_a_round_is_made_with_them() {
    let bench = Workbench::small();
    set_labels(&bench, r#"labels = ["c", "b", "a"]"#);
    bench.ok(&["round", "--size", "6"]);
    let files = bench.files("rounds/");
    for labels in [r#"labels = ["a", "b", "c"]"#, r#"labels = ["c", "new", "b", "a"]"#] {
        set_labels(&bench, labels);
        for arguments in [&["status"][..], &["report"], &["export", "--round", "1"], &["round"]] {
            let message = bench.refused(arguments);
            assert!(message.contains("round 1, made with the labels c, b, a"), "{message}");
        }
        assert_eq!(bench.files("rounds/"), files);
    }
}

#[test]
fn a_label_may_be_added_at_the_end() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6", "--mix", "ratio=0.5"]);
    let batch = bench.read("rounds/0001/batch.jsonl");
    bench.ok(&["train"]);
    set_labels(&bench, r#"labels = ["a", "b", "c", "new"]"#);
    let message = bench.refused(&["score"]);
    assert!(message.contains("have changed since `querist train`; run it again"), "{message}");
    let report = bench.json(&["report"]);
    assert_eq!(report["labels"], json!(["a", "b", "c", "new"]));
    assert_eq!(report["distribution"]["rounds"][0]["target"][3], 0.0, "the round did not aim at it");
    assert_eq!(report["model"]["labeled"], json!([4, 4, 4, 0]));
    bench.ok(&["export", "--round", "1"]);
    assert_eq!(bench.read("rounds/0001/batch.jsonl"), batch, "an exported batch does not change");
    bench.ok(&["round", "--size", "6", "--mix", "ratio=0.5"]);
    assert_eq!(bench.rows("rounds/0002/batch.jsonl")[0]["labels"], json!(["a", "b", "c", "new"]));
}

#[test]
fn a_round_that_does_not_exist_is_named_with_the_last_one() {
    let bench = Workbench::small();
    assert!(
        bench
            .refused_unharmed(&["report"])
            .contains("no round to report on yet; next: choose the next batch with `querist round`")
    );
    assert!(
        bench
            .refused_unharmed(&["report", "--round", "1"])
            .contains("there is no round 1; there is none yet")
    );
    bench.ok(&["round", "--size", "5"]);
    for command in ["report", "export"] {
        let message = bench.refused_unharmed(&[command, "--round", "99"]);
        assert!(message.contains("there is no round 99; the last one is 1"), "{message}");
        assert!(bench.refused_unharmed(&[command, "--round", "0"]).contains("there is no round 0"));
    }
    bench.ok(&["train"]);
    for command in ["report", "export"] {
        let message = bench.refused_unharmed(&[command, "--round", "2"]);
        assert!(message.contains("round 2 has not been exported yet"), "{message}");
    }
}

#[test]
fn each_step_asks_for_the_one_before() {
    let bench = Workbench::small();
    // The message names a step that can be run: the first missing one, not the one just before.
    for command in ["score", "select", "export"] {
        assert!(bench.refused_unharmed(&[command]).contains("run `querist train` first"));
    }
    bench.ok(&["train"]);
    for command in ["select", "export"] {
        assert!(
            bench
                .refused_unharmed(&[command])
                .contains("round 1 is only trained so far; run `querist score` first")
        );
    }
    bench.ok(&["score"]);
    assert!(bench.refused_unharmed(&["export"]).contains("run `querist select` first"));
    bench.ok(&["select", "--size", "5"]);
    bench.ok(&["export"]);
    assert!(bench.refused_unharmed(&["export"]).contains("run `querist train` first"));
}

#[test]
fn steps_notice_that_the_workspace_has_moved_on() {
    let stale = "have changed since `querist train`; run it again";
    let bench = Workbench::small();
    bench.write("answer.jsonl", r#"{"id":"p000","label":"a","annotator":"x"}"#);
    bench.write("more.jsonl", r#"{"id":"more","text":"some more words"}"#);
    bench.ok(&["train"]);
    bench.ok(&["score"]);
    bench.ok(&["ingest", "answer.jsonl"]);
    assert!(bench.refused_unharmed(&["select"]).contains(stale));
    bench.ok(&["train"]);
    assert!(!bench.path("rounds/0001/scores.jsonl").exists(), "they were scores of another model");
    bench.ok(&["score"]);
    bench.ok(&["select", "--size", "5"]);
    bench.ok(&["import", "more.jsonl"]);
    assert!(bench.refused_unharmed(&["export"]).contains(stale));
    bench.ok(&["train"]);
    let toml = bench.read("querist.toml");
    bench.write("querist.toml", toml.replace("c = \"auto\"", "c = 1.0"));
    assert!(bench.refused_unharmed(&["score"]).contains(stale));
    bench.write("querist.toml", &toml);
    bench.ok(&["score"]);
    bench.write("querist.toml", toml.replace("size = 100", "size = 7"));
    assert_eq!(bench.json(&["select"])["batch"]["size"], 7, "how the batch is composed is select's own");
    bench.ok(&["round", "--size", "3"]);
    assert!(!bench.path("rounds/0001/scores.jsonl").exists(), "they were scores of a draft");
}

#[test]
fn a_model_whose_file_was_changed_is_not_used() {
    let bench = Workbench::small();
    let model = bench.json(&["train"])["model_file"].as_str().unwrap().to_owned();
    let mut bytes = fs::read(bench.path(&model)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    bench.write(&model, bytes);
    let message = bench.refused_unharmed(&["score"]);
    assert!(message.contains("was changed; run `querist train` again"), "{message}");
    bench.ok(&["train"]);
    fs::remove_file(bench.path(&model)).unwrap();
    assert!(bench.refused_unharmed(&["score"]).contains(&model));
    bench.ok(&["train"]);
    bench.ok(&["score"]);
}

#[test]
fn what_is_left_of_another_workspace_is_not_taken_over() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "6"]);
    fs::remove_file(bench.path("querist.toml")).unwrap();
    let message = bench.refused(&["init", "--labels", "x,y"]);
    assert!(message.contains("documents or rounds of an earlier workspace"), "{message}");
    assert!(!bench.path("querist.toml").exists());
    fs::remove_file(bench.path("querist.db")).unwrap();
    assert!(bench.refused(&["init", "--labels", "x,y"]).contains("choose another folder"), "rounds/ is left");
}

#[cfg(unix)]
#[test]
fn a_folder_may_have_a_name_that_is_not_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let bench = Workbench::new();
    let name = OsStr::from_bytes(b"w\xff");
    let output = bench.command(&["init", "--labels", "a,b"]).arg(name).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(bench.root().join(name).join("querist.db").exists());
    let output = bench.command(&["status", "-w"]).arg(name).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
