//! No escape sequence in a text reaches the terminal. The screen shows nothing that the annotator
//! must not see.

use serde_json::json;

use super::SIZE;
use super::terminal::Sitting;
use crate::workbench::{Workbench, lines};

/// Makes a workspace of two classes whose batch has exactly these texts.
fn with_texts(texts: &[&str]) -> Workbench {
    let bench = Workbench::with_labels("spam,ham");
    let rows = texts.iter().enumerate().map(|(i, text)| json!({"id": format!("d{i}"), "text": text}));
    bench.write("pool.jsonl", lines(rows));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round", "--size", "100", "--mix", "random=1", "--near-duplicates", "off"]);
    bench
}

#[test]
fn an_escape_sequence_in_a_text_is_shown_and_not_obeyed() {
    let hostile = "start \x1b]0;pwned\x07 \x1b[2J\x1b[31m \u{9b}1m \x08\x08 \r over \u{202e}evil end";
    let bench = with_texts(&[hostile]);
    let mut sitting = Sitting::start(&bench, &["label"], SIZE, &[]);
    sitting.wait_for("start ␛]0;pwned␇ ␛[2J␛[31m ⟨9B⟩1m ␈␈ ␍ over ⟨202E⟩evil end");
    sitting.leave();
    let raw = String::from_utf8_lossy(&sitting.bytes).into_owned();
    for never in ["\x1b]0", "\x1b[31m", "\u{9b}", "\x07", "\x08", "\u{202e}"] {
        assert!(!raw.contains(never), "{never:?} was sent");
    }
}

#[test]
fn wide_and_right_to_left_texts_leave_the_frame_where_it_is() {
    for text in ["你好世界 ".repeat(40), "שלום עולם ".repeat(40), "👩‍👩‍👧 e\u{301} ".repeat(40)]
    {
        let bench = with_texts(&[&text]);
        for size in [(24, 80), (10, 21), (12, 33)] {
            let mut sitting = Sitting::start(&bench, &["label"], size, &[]);
            // The last row that is drawn, so the frame is complete.
            sitting.wait_for("space skip");
            let rows = sitting.rows();
            assert!(rows[0].starts_with("ana"), "{rows:#?}");
            assert!(rows[1].starts_with("1. d0"), "{rows:#?}");
            assert!(rows[2].starts_with("──"), "{rows:#?}");
            assert!(rows[usize::from(size.0) - 1].starts_with("space skip"), "{rows:#?}");
            sitting.leave();
        }
    }
}

#[test]
fn a_long_text_scrolls() {
    let text: Vec<String> = (1..=100).map(|n| format!("line {n}.")).collect();
    let bench = with_texts(&[&text.join("\n")]);
    let mut sitting = Sitting::start(&bench, &["label"], SIZE, &[]);
    sitting.wait_for("line 1.");
    sitting.wait_until_gone("line 100.");
    sitting.keys_until("\x1b[F", "line 100.");
    sitting.keys_until("\x1b[5~", "line 90.");
    sitting.keys_until("\x1b[H", "line 1.");
    sitting.leave();
}

#[test]
fn the_model_is_asked_or_it_is_silent() {
    let bench = Workbench::small();
    bench.ok(&["round", "--size", "10"]);
    let mut sitting = Sitting::start(&bench, &["label"], SIZE, &[]);
    sitting.wait_for("0 of 10");
    sitting.keys_until("1", "1 of 10");
    let raw = String::from_utf8_lossy(&sitting.bytes).into_owned();
    for told in ["the model:", "control", "uncertainty", "random"] {
        assert!(!raw.contains(told), "{told}");
    }
    sitting.keys_until("?", "the model: ");
    sitting.keys_until("1", "2 of 10");
    sitting.wait_until_gone("the model:");
    sitting.leave();
}

#[test]
fn search_and_jump_go_to_documents_of_the_batch() {
    let bench = with_texts(&["one apple", "one pear", "one Quince", "one fig"]);
    let batch = bench.rows("rounds/0001/batch.jsonl");
    let place = batch.iter().position(|row| row["text"] == "one Quince").unwrap() + 1;
    let mut sitting = Sitting::start(&bench, &["label"], SIZE, &[]);
    sitting.wait_for("0 of 4");
    sitting.keys_until("/quince\r", &format!("\n{place}. d2"));
    sitting.keys_until(":4\r", "\n4. ");
    sitting.keys_until(":d0\r", " d0\n");
    sitting.keys_until("/kumquat\r", "no document in this batch has “kumquat”");
    sitting.leave();
}

#[test]
fn more_than_36_classes_are_found_by_their_names() {
    let labels: Vec<String> = (0..60).map(|n| format!("topic-{n:02}")).collect();
    let bench = Workbench::with_labels(&labels.join(","));
    bench.write("pool.jsonl", lines([json!({"id": "d0", "text": "x"})]));
    bench.ok(&["import", "pool.jsonl"]);
    bench.ok(&["round", "--size", "1", "--mix", "random=1"]);
    let mut sitting = Sitting::start(&bench, &["label"], SIZE, &[]);
    sitting.wait_for("60 of 60");
    sitting.keys_until("c-47", "1 of 60");
    sitting.keys_until("\r", "The only document has your answer.");
    sitting.keys_until("\x1b[D", "your answer: topic-47");
    sitting.leave();
}

#[test]
fn no_color_is_no_color() {
    let bench = with_texts(&["x"]);
    let colored = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut sitting = Sitting::start(&bench, arguments, SIZE, variables);
        if arguments[0] == "label" {
            sitting.wait_for("0 of 1");
            sitting.leave();
        } else {
            sitting.end();
        }
        // Finds a sequence that sets a colour (Select Graphic Rendition), in any of its forms.
        let raw = String::from_utf8_lossy(&sitting.bytes).into_owned();
        raw.split("\x1b[").skip(1).any(|rest| {
            let code = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            matches!(code.parse(), Ok(30..=49 | 90..=107))
                && rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m')
        })
    };
    assert!(colored(&[], &["label"]));
    assert!(!colored(&[("NO_COLOR", "1")], &["label"]));
    assert!(!colored(&[("NO_COLOR", "1")], &["--help"]));
    assert!(!colored(&[("NO_COLOR", "1")], &["status"]));
}
