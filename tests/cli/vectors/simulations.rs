//! Simulations, and scores of a model of one's own, with vectors.

use serde_json::json;

use super::*;

#[test]
fn simulations_join_vectors_by_id() {
    let bench = Workbench::new();
    bench.write("train.jsonl", documents("p", 90, true));
    bench.write("test.jsonl", documents("t", 30, true));
    let both = [ids(&bench.read("train.jsonl")), ids(&bench.read("test.jsonl"))].concat();
    bench.write("all.jsonl", rows(&both));
    bench.write("train.npy", singles(&both[..90]));
    bench.write("test.npy", singles(&both[90..]));
    bench.write("all.ids", lines(&both));
    let simulate = |more: &[&str], out: &str| {
        let arguments = [
            "simulate",
            "--train",
            "train.jsonl",
            "--test",
            "test.jsonl",
            "--strategies",
            "random,badge",
            "--seeds",
            "2",
            "--rounds",
            "2",
            "--size",
            "10",
            "--initial",
            "10",
            "--out",
            out,
        ];
        [&arguments[..], more].concat().iter().map(ToString::to_string).collect::<Vec<String>>()
    };
    let run = |more: &[&str], out: &str| {
        let arguments = simulate(more, out);
        bench.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run(&["--vectors", "all.jsonl"], "one").code, Some(0));
    let npy = ["--vectors", "train.npy", "test.npy", "--ids", "all.ids", "--features", "vectors"];
    assert_eq!(run(&npy, "two").code, Some(0));
    let header = |out: &str| bench.rows(&format!("{out}/results.jsonl"))[0].clone();
    assert!(header("one")["vectors"].is_string());
    assert!(header("one")["featurizers"][0].as_str().unwrap().contains("vectors=("));
    assert_eq!(run(&[], "three").code, Some(0));
    assert!(header("three").get("vectors").is_none());
    for (more, words) in [
        (
            &["--features", "vectors"][..],
            "need vectors, but no file with vectors is given; name one with --vectors FILE",
        ),
        (&["--vectors", "train.npy", "--ids", "all.ids"], "there are more ids than the 90 rows"),
    ] {
        let ran = run(more, "four");
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
    bench.write("some.jsonl", rows(&both[..100]));
    let ran = run(&["--vectors", "some.jsonl"], "four");
    assert!(ran.stderr.contains("20 of 120 documents have no vector: t010, t011, t012, …"), "{}", ran.stderr);
}

#[test]
fn scores_take_a_vector_under_both_names() {
    let bench = Workbench::small();
    let all = ids(&bench.read("pool.jsonl"));
    let scores = |name: &str| {
        lines(all.iter().map(|id| {
            let mut row = json!({"id": id, "probabilities": {"a": 0.5, "b": 0.25, "c": 0.25}});
            row[name] = json!(vector(id));
            row
        }))
    };
    let batch = |name: &str| {
        let bench = bench.copy();
        bench.write("scores.jsonl", scores(name));
        bench.ok(&["round", "--size", "10", "--scores", "scores.jsonl", "--strategy", "core-set"]);
        assert!(bench.read("rounds/0001/report.md").contains("The file's vectors, with 8 numbers each"));
        bench.read("rounds/0001/batch.jsonl")
    };
    assert_eq!(batch("vector"), batch("embedding"));
}
