//! Results of Mechanical Turk with a column for each option of a question, for `quality` and
//! `ingest`.

use serde_json::json;

use crate::workbench::Workbench;

/// Two questions; the second one asks for the tone.
const TWO: &str =
    "HITId,WorkerId,Input.text,Answer.category.spam,Answer.category.ham,Answer.tone.good,Answer.tone.bad
h1,w1,buy now,true,false,true,false
h1,w2,buy now,true,false,false,true
h2,w1,hello,false,true,true,false
h2,w2,hello,false,true,true,false
";

fn workspace() -> Workbench {
    let bench = Workbench::with_labels("spam,ham");
    bench.write("pool.csv", "id,text\nd1,buy now\nd2,hello\n");
    bench.ok(&["import", "pool.csv"]);
    bench
}

#[test]
fn one_question_is_chosen_of_two() {
    let bench = workspace();
    bench.write("two.csv", TWO);
    let words = "several columns may hold the label: Answer.category (spam, ham), Answer.tone (good, bad); choose one with --label-field";
    for command in [&["quality", "two.csv"][..], &["ingest", "two.csv"]] {
        let message = bench.refused(command);
        assert!(message.starts_with("error: two.csv") && message.contains(words), "{message}");
    }
    let named = ["--label-field", "Answer.category"];
    let report = bench.json(&[&["quality", "two.csv"][..], &named].concat());
    assert_eq!(report["labels"], json!(["ham", "spam"]), "{report}");
    let report = bench.json(&["quality", "two.csv", "--label-field", "answer.tone", "--out", "tone"]);
    assert_eq!(report["labels"], json!(["bad", "good"]), "{report}");
    let outcome = bench.json(&[&["ingest", "two.csv"][..], &named].concat());
    assert_eq!((&outcome["new"], &outcome["skips"]), (&json!(4), &json!(0)), "{outcome}");
    let message = bench.refused(&["ingest", "two.csv", "--label-field", "Answer.mood"]);
    assert!(message.contains("--label-field names \"Answer.mood\", which is not a column"), "{message}");
}

#[test]
fn boxes_without_a_value_are_options_of_one_question() {
    let bench = workspace();
    let head = "HITId,WorkerId,Input.text,Answer.spam.on,Answer.ham.on\n";
    let good = "h1,w1,buy now,true,false\nh2,w1,hello,false,true\nh2,w2,hello,false,false\n";
    bench.write("boxes.csv", format!("{head}{good}"));
    let outcome = bench.json(&["ingest", "boxes.csv"]);
    assert_eq!((&outcome["new"], &outcome["open"]["not labelled yet"]), (&json!(2), &json!(1)), "{outcome}");
    let ran = bench.run(&["quality", "boxes.csv", "--json"]);
    assert!(ran.stderr.contains("the label in the columns of Answer.*.on (spam, ham)"), "{}", ran.stderr);
    bench.write("both.csv", format!("{head}{good}h1,w2,buy now,true,true\n"));
    let words = "both.csv:5: \"spam\" and \"ham\" of Answer.*.on are all true; expected one label for the \
                 whole document";
    let message = bench.refused(&["quality", "both.csv"]);
    assert!(message.starts_with(&format!("error: {words}")), "{message}");
    let message = bench.refused_unharmed(&["ingest", "both.csv"]);
    assert!(message.starts_with(&format!("error: {words}")), "{message}");
    // The other rows still count.
    let outcome = bench.json(&["ingest", "both.csv", "--skip-bad-rows"]);
    assert_eq!((&outcome["rejected"], &outcome["unchanged"]), (&json!(1), &json!(2)), "{outcome}");
}
