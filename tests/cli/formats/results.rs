//! Results are exported: the labelled documents, and the scores of the pool.

use serde_json::json;

use crate::workbench::Workbench;

#[test]
fn labelled_documents_go_out_with_where_their_label_is_from() {
    let bench = Workbench::small();
    bench.write(
        "answers.jsonl",
        [
            ("p000", "a", "ana"),
            ("p000", "a", "ben"),
            ("p001", "b", "ana"),
            ("p002", "a", "ana"),
            ("p002", "b", "ben"),
        ]
        .map(|(id, label, who)| json!({"id": id, "label": label, "annotator": who}).to_string() + "\n")
        .concat(),
    );
    bench.ok(&["ingest", "answers.jsonl"]);
    let outcome = bench.json(&["export", "--labeled", "labeled.jsonl"]);
    assert_eq!(outcome["sources"], json!({"annotators": 2, "imported": 12}), "a tie is no label");
    let rows = bench.rows("labeled.jsonl");
    let first = rows.iter().find(|row| row["id"] == "p000").unwrap();
    assert_eq!(
        (&first["label"], &first["source"], &first["posterior"], &first["answers"], &first["annotators"]),
        (&json!("a"), &json!("annotators"), &json!(1.0), &json!(2), &json!(["ana", "ben"]))
    );
    let imported = rows.iter().find(|row| row["id"] == "l000").unwrap();
    assert_eq!((&imported["source"], &imported["posterior"]), (&json!("imported"), &json!(null)));
    bench.ok(&["export", "--labeled", "labeled.csv"]);
    bench.ok(&["export", "--labeled", "labeled.parquet"]);
    for file in ["labeled.jsonl", "labeled.csv", "labeled.parquet"] {
        let other = Workbench::with_labels("a,b,c");
        std::fs::copy(bench.path(file), other.path(file)).unwrap();
        let outcome = other.json(&["import", file]);
        assert_eq!((&outcome["labeled"], &outcome["pool"]), (&json!(14), &json!(0)), "{file}");
    }
    // A format that must be read from its end also works through a pipe.
    let piped = Workbench::with_labels("a,b,c");
    let ran = piped.fed(&["import", "-", "--json"], &std::fs::read(bench.path("labeled.parquet")).unwrap());
    let outcome: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(outcome["labeled"], 14, "{}", ran.stderr);
    let message = bench.refused_unharmed(&["export", "--labeled", "labeled.xlsx"]);
    assert!(message.contains("expected a name that ends in .jsonl, .csv, .parquet"), "{message}");
}

#[test]
fn the_whole_pool_s_scores_go_out() {
    let bench = Workbench::small();
    let message = bench.refused_unharmed(&["export", "--scores", "scores.parquet"]);
    assert!(message.contains("there is no model yet"), "{message}");
    bench.ok(&["round", "--size", "10"]);
    let outcome = bench.json(&["export", "--scores", "scores.parquet"]);
    assert_eq!(outcome["scored"], 72);
    // The only reader of Parquet here is the import, so the scores are imported as documents whose
    // text is the status.
    let other = Workbench::with_labels("a,b,c");
    std::fs::copy(bench.path("scores.parquet"), other.path("scores.parquet")).unwrap();
    let counts = other.json(&["import", "scores.parquet", "--text", "status", "--label", "predicted"]);
    assert_eq!(counts["labeled"], 72, "{counts}");
}
