//! `querist label` in a pseudo-terminal: no answer is lost, whatever happens to the process or to
//! the terminal.

mod review;
mod screens;
mod terminal;

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::lock::Holder;
use crate::workbench::{Workbench, answers, lines};
use terminal::Sitting;

const SIZE: (u16, u16) = (24, 80);

/// Makes a workspace with a batch of `size` documents.
fn with_batch(size: &str) -> Workbench {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", size, "--mix", "random=0.9,control=0.1"]);
    bench
}

fn sit(bench: &Workbench) -> Sitting {
    Sitting::start(bench, &["label"], SIZE, &[])
}

/// Ingests these answers to the batch, in its order, and returns the output. Answers that are
/// already stored change nothing.
fn ingested(bench: &Workbench, given: &[Option<&str>]) -> serde_json::Value {
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let row = |(row, label): (&serde_json::Value, Option<&str>)| json!({"id": row["id"], "label": label, "annotator": "ana"});
    bench.write("check.jsonl", lines(batch.iter().zip(given.iter().copied()).map(row)));
    bench.json(&["ingest", "check.jsonl"])
}

/// The number of documents of the batch that have an answer.
fn answered(bench: &Workbench) -> u64 {
    bench.json(&["status"])["rounds"][0]["answered"].as_u64().unwrap()
}

#[test]
fn answers_skips_and_undone_answers_are_in_the_workspace_and_work_goes_on_after_them() {
    let bench = with_batch("10");
    let mut sitting = sit(&bench);
    sitting.wait_for("0 of 10");
    sitting.keys_until("1", "1 of 10");
    assert_eq!(answered(&bench), 1, "kept while the annotator goes on");
    sitting.keys_until("2", "2 of 10");
    sitting.keys_until("\x7f", "1 of 10");
    sitting.wait_for("undone");
    sitting.keys_until("3", "2 of 10");
    sitting.keys_until(" ", "3 of 10");
    sitting.wait_for("left");
    sitting.leave();
    let said = String::from_utf8_lossy(&sitting.bytes).into_owned();
    assert!(said.contains("3 of 10 documents answered (3 just now, 1 skip)"), "{said}");
    assert!(said.contains("\x1b[?1049l"), "the screen of before is back");

    // These answers count: the first document's, the second document's after the undo, and the
    // skip.
    let counts = ingested(&bench, &[Some("a"), Some("c"), None]);
    assert_eq!((&counts["new"], &counts["changed"], &counts["unchanged"]), (&json!(0), &json!(0), &json!(3)));

    let mut sitting = sit(&bench);
    sitting.wait_for("3 of 10");
    // The fourth document is next.
    sitting.wait_for("\n4. ");
    // The durations of the last sitting give an estimate of the remaining time.
    sitting.wait_for(" left");
    sitting.leave();
    let mut sitting = Sitting::start(&bench, &["label", "--skipped"], SIZE, &[]);
    sitting.wait_for("2 of 10");
    // The skipped document is asked again.
    sitting.wait_for("\n3. ");
    sitting.leave();
    // For another annotator all documents are still open.
    let mut sitting = Sitting::start(&bench, &["label", "--annotator", "ben"], SIZE, &[]);
    sitting.wait_for("0 of 10");
    sitting.leave();
}

#[test]
fn a_whole_batch_with_its_control_items_counts_like_any_other_answers() {
    let (here, elsewhere) = (with_batch("10"), with_batch("10"));
    let truth = |id: &str| id[1..].parse::<usize>().unwrap() % 3;
    let mut sitting = sit(&here);
    for (n, row) in here.rows("rounds/0001/batch.jsonl").iter().enumerate() {
        sitting.wait_for(&format!("{n} of 10"));
        let class = truth(row["id"].as_str().unwrap());
        sitting.keys(["1", "2", "3"][class]);
    }
    sitting.wait_for("All 10 documents have your answer.");
    sitting.leave();
    let class = |id: &str, _: &str| Some(["a", "b", "c"][truth(id)].to_owned());
    let file = answers(&elsewhere.rows("rounds/0001/batch.jsonl"), &["ana"], class);
    elsewhere.write("answers.jsonl", file);
    elsewhere.ok(&["ingest", "answers.jsonl"]);
    let report = |bench: &Workbench| bench.json(&["report"])["annotators"].clone();
    let (mut here, mut elsewhere) = (report(&here), report(&elsewhere));
    for annotators in [&mut here, &mut elsewhere] {
        // Only answers from this terminal have durations.
        let rows = annotators["annotators"].as_array_mut().unwrap();
        for row in rows {
            row.as_object_mut().unwrap().retain(|name, _| !name.contains("seconds"));
        }
    }
    assert_eq!(here, elsewhere);
    assert_eq!(here["annotators"][0]["control_accuracy"]["n"], 1, "{here:#}");
}

#[test]
fn nothing_that_was_answered_is_lost_to_a_kill() {
    let bench = with_batch("40");
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut stored = 0;
    for _ in 0..6 {
        let mut sitting = sit(&bench);
        sitting.wait_for(&format!("{stored} of 40"));
        // The highest number that was ever shown, because the kill may cut off the last frame.
        let read = |sitting: &mut Sitting| {
            let screen = sitting.screen();
            (0..=40).rev().find(|n| screen.contains(&format!(" {n} of 40")))
        };
        let mut shown = read(&mut sitting);
        for _ in 0..rng.random_range(1..6) {
            sitting.keys("1");
            std::thread::sleep(Duration::from_millis(rng.random_range(0..40)));
            shown = shown.max(read(&mut sitting));
        }
        sitting.child.kill().unwrap();
        assert_eq!(sitting.end().signal(), Some(9));
        shown = shown.max(read(&mut sitting));
        let shown = shown.unwrap();
        // The next start reads the answers that the kill left in the log.
        let mut sitting = sit(&bench);
        sitting.wait_for(" of 40");
        sitting.leave();
        let now = answered(&bench);
        assert!(now >= shown && now >= stored, "{shown} were shown as answered, {now} are there");
        stored = now;
    }
    assert!(stored > 0);
}

#[test]
fn a_closed_terminal_ends_the_work_and_loses_nothing() {
    let bench = with_batch("10");
    let mut sitting = sit(&bench);
    sitting.wait_for("0 of 10");
    sitting.keys_until("1", "1 of 10");
    sitting.keys_until("2", "2 of 10");
    sitting.close();
    assert_eq!(answered(&bench), 2);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for signal in ["-TERM", "-INT", "-HUP"] {
        let bench = with_batch("10");
        let mut sitting = sit(&bench);
        sitting.wait_for("0 of 10");
        sitting.keys_until("1", "1 of 10");
        let id = sitting.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(sitting.end().code(), Some(0), "{signal}");
        let said = String::from_utf8_lossy(&sitting.bytes).into_owned();
        for restored in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?7h", "\x1b[?2004l"] {
            assert!(said.contains(restored), "{signal}: {restored:?}");
        }
        assert_eq!(answered(&bench), 1);
    }
}

#[test]
fn answers_wait_while_the_workspace_is_in_use_and_are_taken_in_afterwards() {
    let bench = with_batch("10");
    let mut sitting = sit(&bench);
    sitting.wait_for("0 of 10");
    let mut holder = Holder::of(&bench);
    sitting.keys_until("1", "1 answer waits on disk");
    sitting.keys_until("1", "2 answers wait on disk");
    assert_eq!(answered(&bench), 0);
    assert_eq!(bench.json(&["status"])["waiting"][0]["answers"], 2);
    let mut second = Sitting::start(&bench, &["label"], SIZE, &[]);
    assert_eq!(second.end().code(), Some(3), "one sitting an annotator");
    holder.kill();
    sitting.keys_until("2", "3 of 10");
    assert_eq!(answered(&bench), 3);
    sitting.leave();
    assert_eq!(bench.json(&["status"])["waiting"], json!([]));
}

#[test]
fn what_cannot_be_labelled_says_what_to_do() {
    let bench = with_batch("10");
    let message = bench.refused(&["label", "--annotator", "ana"]);
    assert!(message.contains("needs a terminal"), "{message}");
    assert!(message.contains("querist export") && message.contains("querist ingest"), "{message}");
    let empty = Workbench::small();
    for (bench, arguments, words) in [
        (
            &empty,
            vec!["label"],
            "there is no batch to label yet; next: choose the next batch with \
                                 `querist round`",
        ),
        (&bench, vec!["label", "--round", "4"], "4"),
        (&bench, vec!["label", "--annotator", " "], "your user name is unknown"),
    ] {
        let mut sitting = Sitting::start(bench, &arguments, SIZE, &[]);
        assert_eq!(sitting.end().code(), Some(2));
        let said = String::from_utf8_lossy(&sitting.bytes).into_owned();
        assert!(said.starts_with("error: ") && said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn a_window_that_is_too_small_takes_no_answer() {
    let bench = with_batch("10");
    for size in [(8, 80), (24, 19)] {
        let mut sitting = Sitting::start(&bench, &["label"], size, &[]);
        sitting.wait_for("window too small");
        sitting.wait_for("Esc leaves");
        sitting.keys("123 \t/x\r");
        sitting.keys("\x1b");
        assert_eq!(sitting.end().code(), Some(0), "{}", String::from_utf8_lossy(&sitting.bytes));
    }
    assert_eq!(answered(&bench), 0);
}

#[test]
fn a_hint_goes_on_with_what_was_asked_for_and_says_what_is() {
    let bench = with_batch("10");
    bench.ok(&["export", "--format", "csv", "--annotators", "ben,Cleo K"]);
    let said = |arguments: &[&str]| {
        let mut sitting = Sitting::start(&bench, arguments, SIZE, &[]);
        sitting.wait_for(" of ");
        sitting.leave();
        String::from_utf8_lossy(&sitting.bytes).into_owned()
    };
    let said_any = said(&["label", "--any", "--annotator", "max", "--round", "1"]);
    assert!(
        said_any.contains("`querist label --round 1 --any --annotator max` continues where you left off"),
        "{said_any}"
    );
    let said_own = said(&["label", "--annotator", "Cleo K", "--order", "short"]);
    assert!(said_own.contains("`querist label --annotator 'Cleo K' --order short` continues"), "{said_own}");
    // Nothing was assigned to anybody, and no document is out.
    let bench = with_batch("10");
    bench.ok(&["withdraw", "--round", "1"]);
    let mut refused = Sitting::start(&bench, &["label"], SIZE, &[]);
    assert_eq!(refused.end().code(), Some(2));
    let said = String::from_utf8_lossy(&refused.bytes).into_owned();
    assert!(
        said.contains("no document of round 1 is out any more")
            && !said.contains("handed out to other annotators"),
        "{said}"
    );
}

#[test]
fn who_is_paused_finishes_what_was_handed_out_and_gets_nothing_new() {
    let bench = with_batch("10");
    bench.ok(&["export", "--format", "csv", "--annotators", "Zoë B,cleo"]);
    bench.ok(&["people", "pause", "Zoë B"]);
    for arguments in
        [&["label", "--annotator", "Zoë B"][..], &["label", "--annotator", "Zoë B", "--round", "1"]]
    {
        let mut own = Sitting::start(&bench, arguments, SIZE, &[]);
        own.wait_for(" of 6 ");
        own.keys("1");
        own.wait_for("2. ");
        own.leave();
    }
    bench.ok(&["round", "--size", "4", "--mix", "random=1"]);
    let mut own = Sitting::start(&bench, &["label", "--annotator", "Zoë B"], SIZE, &[]);
    own.wait_for(" of 6 ");
    own.leave();
    let newer = ["label", "--annotator", "Zoë B", "--round", "2"];
    let mut refused = Sitting::start(&bench, &newer, SIZE, &[]);
    assert_eq!(refused.end().code(), Some(2));
    let said = String::from_utf8_lossy(&refused.bytes).into_owned();
    assert!(said.contains("gets no new documents; `querist people resume 'Zoë B'` undoes that"), "{said}");
    let mut lead = Sitting::start(&bench, &["label", "--annotator", "Zoë B", "--any"], SIZE, &[]);
    lead.wait_for("0 of 4");
    lead.leave();
    bench.ok(&["people", "exclude", "Zoë B", "--why", "guessed"]);
    let mut refused = Sitting::start(&bench, &["label", "--annotator", "Zoë B", "--round", "1"], SIZE, &[]);
    assert_eq!(refused.end().code(), Some(2));
    let said = String::from_utf8_lossy(&refused.bytes).into_owned();
    assert!(said.contains("`querist people include 'Zoë B'` undoes that"), "{said}");
}

#[test]
fn who_was_handed_nothing_labels_the_batch_of_others_when_told_to() {
    let bench = with_batch("10");
    bench.ok(&["export", "--format", "csv", "--annotators", "ben,cleo"]);
    let mut refused = Sitting::start(&bench, &["label"], SIZE, &[]);
    assert_eq!(refused.end().code(), Some(2));
    let said = String::from_utf8_lossy(&refused.bytes).into_owned();
    assert!(said.contains("ana got none of its documents; pass --any to label the whole batch"), "{said}");
    // An annotator with a part of the batch sees this part, unless they ask for all.
    let mut own = Sitting::start(&bench, &["label", "--annotator", "ben"], SIZE, &[]);
    let part = bench.read("rounds/0001/batch-ben.csv").lines().count() - 1;
    assert!(part < 10, "{part}");
    own.wait_for(&format!("0 of {part} "));
    own.leave();
    let mut all = Sitting::start(&bench, &["label", "--any"], SIZE, &[]);
    all.wait_for("0 of 10");
    all.keys_until("1", "1 of 10");
    all.leave();
    assert_eq!(answered(&bench), 1);
}
