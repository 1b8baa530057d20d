//! Warnings about input that is valid but odd: test texts that are also in the pool, labels that
//! look like missing values, files that were downloaded twice, clocks that are fast.

use serde_json::{Value, json};

use crate::workbench::{Workbench, documents, lines};

fn warnings(value: &Value) -> Vec<&str> {
    value["warnings"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// Writes forty labelled texts and forty test texts: the same texts under other ids, some in NFD,
/// in capitals or with other white space.
fn shared(bench: &Workbench) {
    let labels = ["a", "b"];
    let text = |n: usize| format!("caf\u{e9} number{n} of street{}", n % 7);
    let train = (0..40).map(|n| json!({"id": format!("tr{n}"), "text": text(n), "label": labels[n % 2]}));
    let test = (0..40).map(|n| {
        let text = match n % 4 {
            0 => text(n),
            1 => text(n).to_uppercase(),
            2 => text(n).replace("\u{e9}", "e\u{301}"),
            _ => text(n).replace(' ', " \n") + " ",
        };
        json!({"id": format!("te{n}"), "text": text, "label": labels[n % 2]})
    });
    bench.write("train.jsonl", lines(train));
    bench.write("test.jsonl", lines(test));
}

#[test]
fn test_texts_in_the_pool_are_counted_in_either_order() {
    let words = "40 of 40 test texts are also in the pool, under other ids";
    for [first, second] in [["train", "test"], ["test", "train"]] {
        let bench = Workbench::with_labels("a,b");
        shared(&bench);
        let import = |part: &str| {
            let file = format!("{part}.jsonl");
            let kind = if part == "test" { "test" } else { "labeled" };
            bench.json(&["import", &file, "--as", kind])
        };
        assert!(warnings(&import(first)).is_empty());
        let second = import(second);
        assert!(warnings(&second)[0].starts_with(words), "{second}");
        let status = bench.json(&["status"]);
        assert!(warnings(&status)[0].starts_with(words), "{status}");
        assert!(bench.ok(&["status"]).contains(words));
        bench.write("more.jsonl", documents("p", 10, false));
        let more = bench.run(&["import", "more.jsonl"]);
        assert!(!more.stderr.contains("test texts"), "the new documents are in no test set: {}", more.stderr);
        let round = bench.json(&["round", "--size", "3"]);
        assert!(warnings(&round)[0].starts_with(words), "{round}");
        let report: Value = serde_json::from_str(&bench.read("rounds/0001/report.json")).unwrap();
        assert!(warnings(&report)[0].starts_with(words));
        assert!(bench.read("rounds/0001/report.md").contains(words));
        assert!(bench.ok(&["status"]).contains(words));
    }
}

#[test]
fn control_texts_in_the_pool_are_counted_and_others_are_not() {
    let bench = Workbench::with_labels("a,b");
    shared(&bench);
    bench.ok(&["import", "train.jsonl"]);
    bench.write(
        "control.jsonl",
        bench.read("test.jsonl").lines().take(3).collect::<Vec<_>>().join("\n")
            + "\n"
            + &documents("c", 5, true).replace("\"c\"", "\"a\""),
    );
    let run = bench.run(&["import", "control.jsonl", "--as", "control"]);
    assert!(run.stderr.contains("warning: 3 of 8 control texts are also in the pool"), "{}", run.stderr);
    assert!(warnings(&bench.json(&["status"]))[0].starts_with("3 of 8 control texts"));
}

#[test]
fn labels_that_look_like_missing_values() {
    let bench = Workbench::new();
    bench.write(
        "nan.csv",
        "task,worker,label\nt1,a,NaN\nt1,b,yes\nt2,a,nan\nt2,b,None\nt3,a,null\nt3,b,N/A\nt4,a,yes\nt4,b,NA\n",
    );
    let quality = bench.json(&["quality", "nan.csv", "--out", "out"]);
    let found = warnings(&quality)[0];
    assert!(found.contains("look like missing values"), "{found}");
    for label in ["\"NaN\"", "\"nan\"", "\"None\"", "\"null\"", "\"N/A\"", "\"NA\""] {
        assert!(found.contains(label), "{found}");
    }
    assert!(!found.contains("\"yes\""), "{found}");
    assert!(
        bench.run(&["quality", "nan.csv", "--out", "out"]).stderr.contains("warning: labels that look like")
    );
    // A declared class counts as a class, with a warning.
    let made = bench.json(&["init", "ws", "--labels", "yes,none"]);
    assert!(warnings(&made)[0].contains("the label \"none\" looks like a missing value"), "{made}");
    assert!(warnings(&bench.json(&["init", "other", "--labels", "yes,no"])).is_empty());
}

#[test]
fn a_second_download_and_a_clock_ahead() {
    let bench = Workbench::small();
    let answer =
        |id: &str, who: &str, time: &str| json!({"id": id, "label": "a", "annotator": who, "time": time});
    bench.write("one.jsonl", lines([answer("p001", "admin", "2026-01-01T00:00:00Z")]));
    assert!(warnings(&bench.json(&["ingest", "one.jsonl"])).is_empty());
    bench.write(
        "two.jsonl",
        lines([
            answer("p001", "admin (1)", "2026-01-02T00:00:00Z"),
            answer("p002", "bob (1)", "2226-01-02T00:00:00Z"),
        ]),
    );
    let second = bench.json(&["ingest", "two.jsonl"]);
    let found = warnings(&second);
    assert!(found[0].starts_with("1 of 3 answers are dated more than a day ahead"), "{second}");
    assert!(
        found[1].starts_with("the annotators \"admin (1)\" and \"admin\" may be the same person"),
        "{second}"
    );
    assert_eq!(found.len(), 2, "there is no bob: {second}");
    assert_eq!(warnings(&bench.json(&["status"])), found);
    bench.write("crowd.csv", "task,worker,label\nt1,admin,x\nt1,admin - Copy,x\nt2,admin,y\nt2,eve,y\n");
    let quality = bench.json(&["quality", "crowd.csv", "--out", "out"]);
    assert!(
        warnings(&quality)[0].contains("\"admin - Copy\" and \"admin\" may be the same person"),
        "{quality}"
    );
}
