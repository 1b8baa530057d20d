//! An attacker has put links where Querist writes, deletes or reads. Querist neither writes nor
//! deletes anything through them.

use std::fs;
use std::os::unix::fs::symlink;

use crate::workbench::{Workbench, differing};

/// Makes a workspace with a round, and a folder beside it that must not change.
fn attacked() -> (Workbench, Workbench) {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10"]);
    let outside = Workbench::new();
    outside.write("victim", "precious\n");
    outside.write(".querist-a1B2c3", "not ours\n");
    fs::create_dir(outside.path(".0002.pending")).unwrap();
    outside.write(".0002.pending/batch.jsonl", "{}\n");
    outside.write(".0002.pending/manifest.json", "{}\n");
    (bench, outside)
}

/// Four commands that write, and one that reads.
const COMMANDS: [&[&str]; 5] =
    [&["import", "pool.jsonl"], &["round"], &["export", "--round", "1"], &["report"], &["status"]];

fn assert_untouched(outside: &Workbench, before: &Workbench, what: &str) {
    assert_eq!(differing(&outside.files(""), &before.files("")), Vec::<String>::new(), "{what}");
}

#[test]
fn files_of_a_workspace_are_not_reached_through_links() {
    for name in ["querist.lock", "querist.db", "querist.db-wal", "querist.db-shm"] {
        for dangling in [false, true] {
            let (bench, outside) = attacked();
            let before = outside.copy();
            let _ = fs::remove_file(bench.path(name));
            let target = if dangling { "new" } else { "victim" };
            symlink(outside.path(target), bench.path(name)).unwrap();
            for arguments in COMMANDS {
                let said = bench.refused(arguments);
                assert!(said.contains("is a symbolic link"), "{name}, {arguments:?}: {said}");
                assert_untouched(&outside, &before, name);
            }
        }
    }
}

#[test]
fn folders_of_a_workspace_are_not_reached_through_links() {
    for name in ["rounds", "models", "features", "embeddings", "rejected", "label"] {
        let (bench, outside) = attacked();
        let before = outside.copy();
        let _ = fs::remove_dir_all(bench.path(name));
        symlink(outside.root(), bench.path(name)).unwrap();
        for arguments in COMMANDS {
            let said = bench.refused(arguments);
            assert!(said.contains(name) && said.contains("is a symbolic link"), "{arguments:?}: {said}");
            assert_untouched(&outside, &before, name);
        }
    }
}

#[test]
fn a_folder_to_settle_that_is_a_link_goes_alone() {
    for name in [".0001.pending", ".0002.pending", ".0001.handout", "0002"] {
        let (bench, outside) = attacked();
        let before = outside.copy();
        symlink(outside.path(".0002.pending"), bench.path(&format!("rounds/{name}"))).unwrap();
        bench.ok(&["import", "pool.jsonl"]);
        assert_untouched(&outside, &before, name);
        let left = fs::symlink_metadata(bench.path(&format!("rounds/{name}"))).is_ok();
        assert_eq!(left, name == "0002", "{name}");
    }
}

#[test]
fn a_round_that_is_a_link_is_not_written() {
    let (bench, outside) = attacked();
    let before = outside.copy();
    fs::remove_dir_all(bench.path("rounds/0001")).unwrap();
    symlink(outside.root(), bench.path("rounds/0001")).unwrap();
    for arguments in [["export", "--round", "1"].as_slice(), &["report"], &["export", "--format", "csv"]] {
        let said = bench.refused(arguments);
        assert!(said.contains("is a symbolic link"), "{arguments:?}: {said}");
        assert_untouched(&outside, &before, "rounds/0001");
    }
}

#[test]
fn what_is_kept_of_features_is_not_written_through_links() {
    let (bench, outside) = attacked();
    let before = outside.copy();
    let names: Vec<String> = bench.files("features/").into_keys().collect();
    assert!(names.iter().any(|name| name.contains(".lock")), "{names:?}");
    for name in &names {
        fs::remove_file(bench.path(name)).unwrap();
        for suffix in ["", ".new"] {
            let _ = symlink(outside.path("victim"), bench.path(&format!("{name}{suffix}")));
        }
    }
    // The round may fail or not, but the files behind the links must not change.
    let ran = bench.run(&["round", "--size", "5"]);
    assert!(matches!(ran.code, Some(0 | 2)), "{}", ran.stderr);
    assert_untouched(&outside, &before, "features");
    for name in names.iter().filter(|name| name.contains(".lock")) {
        fs::remove_file(bench.path(name)).unwrap();
    }
    bench.ok(&["round", "--size", "5"]);
    assert_untouched(&outside, &before, "features");
}

#[test]
fn a_lock_with_a_second_name_is_not_written() {
    let (bench, outside) = attacked();
    let before = outside.copy();
    fs::remove_file(bench.path("querist.lock")).unwrap();
    fs::hard_link(outside.path("victim"), bench.path("querist.lock")).unwrap();
    bench.ok(&["import", "pool.jsonl"]);
    assert_untouched(&outside, &before, "querist.lock");
}

#[test]
fn a_file_that_is_replaced_is_replaced_itself() {
    let (bench, outside) = attacked();
    let before = outside.copy();
    for name in ["out.jsonl", "out.csv"] {
        symlink(outside.path("victim"), bench.path(name)).unwrap();
        bench.ok(&["export", "--labeled", name]);
        assert!(fs::symlink_metadata(bench.path(name)).unwrap().is_file());
        assert_untouched(&outside, &before, name);
    }
}

#[test]
fn the_workspace_itself_may_be_a_link() {
    let (bench, outside) = attacked();
    symlink(bench.root(), outside.path("ws")).unwrap();
    for arguments in COMMANDS.into_iter().filter(|arguments| arguments[0] != "import") {
        outside.ok(&[&["-w", "ws"], arguments].concat());
    }
}

#[test]
fn an_imported_folder_is_read_without_its_links() {
    let (bench, outside) = attacked();
    outside.write("secret.txt", "root:x:0:0");
    fs::create_dir_all(bench.path("texts/below")).unwrap();
    bench.write("texts/a.txt", "one text");
    bench.write("texts/below/b.txt", "another text");
    symlink(outside.path("secret.txt"), bench.path("texts/x.txt")).unwrap();
    symlink(outside.root(), bench.path("texts/all")).unwrap();
    let counts = bench.json(&["import", "texts"]);
    assert_eq!(counts["pool"], 2, "{counts}");
    // If the user names a link, Querist follows it.
    symlink(bench.path("texts"), bench.path("linked")).unwrap();
    assert_eq!(bench.json(&["import", "linked"])["duplicates"], 2);
}
