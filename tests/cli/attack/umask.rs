//! The user's umask decides who may read Querist's files. A file that is replaced keeps its
//! permissions.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::workbench::{BINARY, Workbench, answers, documents, ran};

/// Runs the binary with this mask and expects success.
fn masked(bench: &Workbench, mask: &str, arguments: &[&str]) {
    let script = format!("umask {mask}; exec \"$0\" \"$@\"");
    let end = bench.program("sh").args(["-c", &script, BINARY]).args(arguments).output().unwrap();
    let end = ran(&end);
    assert_eq!(end.code, Some(0), "umask {mask}, {arguments:?}: {}", end.stderr);
}

fn mode(bench: &Workbench, name: &str) -> u32 {
    fs::symlink_metadata(bench.path(name)).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_mask_decides_who_may_read_and_write() {
    for (mask, bits) in [("077", 0o077), ("027", 0o027), ("022", 0o022), ("002", 0o002)] {
        let bench = Workbench::new();
        masked(&bench, mask, &["init", "--labels", "a,b,c", "-w", "ws"]);
        bench.write("pool.jsonl", documents("p", 60, false));
        bench.write("labeled.jsonl", documents("l", 12, true) + "{}\n");
        let all: [&[&str]; 9] = [
            &["-w", "ws", "import", "pool.jsonl"],
            &["-w", "ws", "import", "labeled.jsonl", "--skip-bad-rows"],
            &["-w", "ws", "round", "--size", "10"],
            &["-w", "ws", "export", "--format", "label-studio", "--annotators", "ana,ben"],
            &["-w", "ws", "export", "--format", "csv", "--out", "ws/out"],
            &["-w", "ws", "export", "--labeled", "ws/labeled.parquet"],
            &["-w", "ws", "export", "--scores", "ws/scores.parquet"],
            &["-w", "ws", "model", "export", "ws/model.querist"],
            &["-w", "ws", "predict", "pool.jsonl", "--out", "ws/predicted.jsonl"],
        ];
        for arguments in all {
            masked(&bench, mask, arguments);
        }
        for (name, _) in bench.files("ws/") {
            let expected = if name.ends_with('/') { 0o777 } else { 0o666 } & !bits;
            assert_eq!(mode(&bench, &name), expected, "umask {mask}: {name}");
        }
    }
}

#[test]
fn a_file_that_is_replaced_keeps_its_permissions() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10"]);
    let rows = bench.rows("rounds/0001/batch.jsonl");
    bench.write("answers.jsonl", answers(&rows, &["ana"], |_, _| Some("a".to_owned())));
    bench.ok(&["ingest", "answers.jsonl"]);
    for wanted in [0o600, 0o640, 0o664, 0o444] {
        for (name, arguments) in [
            ("labeled.csv", ["export", "--labeled", "labeled.csv"].as_slice()),
            ("predicted.jsonl", &["predict", "pool.jsonl", "--out", "predicted.jsonl"]),
            ("rounds/0001/report.html", &["report", "--round", "1"]),
            ("model", &["model", "export", "model"]),
        ] {
            bench.write(name, "old");
            fs::set_permissions(bench.path(name), fs::Permissions::from_mode(wanted)).unwrap();
            bench.ok(arguments);
            assert_ne!(fs::read(bench.path(name)).unwrap(), b"old");
            assert_eq!(mode(&bench, name), wanted, "{name}");
            fs::set_permissions(bench.path(name), fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
}

#[test]
fn what_is_no_file_is_not_replaced() {
    let bench = Workbench::small();
    fs::create_dir(bench.path("labeled.csv")).unwrap();
    let said = bench.refused_unharmed(&["export", "--labeled", "labeled.csv"]);
    assert!(said.contains("labeled.csv is not a file"), "{said}");
}
