//! `querist demo` runs in an empty folder without arguments, any number of times.

use crate::workbench::{Workbench, differing};

#[test]
fn the_demo_runs_in_an_empty_folder_twice() {
    let bench = Workbench::new();
    let text = bench.ok(&["demo"]);
    assert!(text.starts_with("Three rounds are done in querist-demo\n"), "{text}");
    for round in 1..=3 {
        for (what, path) in [
            ("batch", format!("rounds/000{round}/batch.jsonl")),
            ("answers", format!("answers/round-000{round}.jsonl")),
            ("report", format!("rounds/000{round}/report.md")),
        ] {
            let line = format!("round {round} {what:<8} querist-demo/{path}\n");
            assert!(text.contains(&line), "{line}{text}");
            assert!(bench.path("querist-demo").join(path).is_file(), "{line}");
        }
    }

    let outcome = bench.json(&["demo"]);
    assert_eq!(outcome["workspace"], "querist-demo-2");
    let rounds = outcome["files"].as_array().unwrap();
    assert_eq!(rounds.len(), 3);
    for round in rounds {
        for what in ["batch", "answers", "report"] {
            let file = bench.path(round[what].as_str().unwrap());
            assert!(std::fs::metadata(&file).unwrap().len() > 1_000, "{}", file.display());
        }
    }
    let accuracy = |at: usize| outcome["rounds"][at]["test_accuracy"].as_f64().unwrap();
    assert!(accuracy(2) > accuracy(0) && accuracy(2) < 1.0, "{} {}", accuracy(0), accuracy(2));
    let [first, second] = ["querist-demo/", "querist-demo-2/"].map(|folder| {
        let files = bench.copy_of(folder);
        [files.files("rounds/"), files.files("answers/")]
    });
    for (one, other) in first.iter().zip(&second) {
        assert_eq!(differing(one, other), [""; 0]);
    }
    let status = bench.json(&["status", "-w", "querist-demo"]);
    assert_eq!(status["rounds"][2]["answered"], 100);

    let message = bench.refused(&["demo", "querist-demo"]);
    assert!(
        message.contains("querist-demo is not empty; choose another folder with `querist demo DIR`"),
        "{message}"
    );
}
