//! Tests of screens, as rows of text.

use std::time::Instant;

use proptest::prelude::*;
use querist_session::core::{Class, LabelSet};

use super::*;
use crate::label::desk::{Effect, Item, Key};

fn desk(texts: &[&str], labels: &LabelSet) -> Desk {
    let item = |(i, text): (usize, &&str)| Item {
        id: format!("d{i}"),
        text: (*text).to_owned(),
        fields: "channel: mail".to_owned(),
        probabilities: Some(vec![0.25, 0.75]),
        answer: Standing::Open,
    };
    let items = texts.iter().enumerate().map(item).collect();
    Desk::new(("ana".to_owned(), 7), labels.clone(), items, vec![2.0], Instant::now())
}

fn two() -> LabelSet {
    LabelSet::new(["billing", "fraud"]).unwrap()
}

fn shown(desk: &mut Desk, columns: usize, height: usize) -> Vec<String> {
    let rows = Frames::default().of(desk, columns, height);
    assert!(rows.len() <= height);
    rows.iter().map(|row| row.pieces().iter().map(|(text, _)| text.as_str()).collect()).collect()
}

#[test]
fn a_screen_has_progress_text_classes_and_keys() {
    let mut desk = desk(&["I was charged twice", "x"], &two());
    let rows = shown(&mut desk, 80, 12);
    assert_eq!(
        rows,
        [
            &format!("ana · round 7  [{}] 0 of 2 · 0 % · about 4 s left", "-".repeat(33)),
            "1. d0  channel: mail",
            &"─".repeat(80),
            "I was charged twice",
            "",
            "",
            "",
            "",
            &"─".repeat(80),
            "1 billing  2 fraud    ",
            "",
            "space skip  ⌫ undo  ← → browse  / search  : go to  ? model  Esc leave  ",
        ]
        .map(|row: &str| row.to_owned())
    );
}

#[test]
fn the_model_speaks_when_asked_and_only_then() {
    let mut desk = desk(&["x"], &two());
    assert!(!shown(&mut desk, 60, 12).concat().contains("the model"));
    desk.press(Key::Char('?'), Instant::now());
    assert!(shown(&mut desk, 60, 12).contains(&"the model: fraud 75.0 %, billing 25.0 %".to_owned()));
}

#[test]
fn a_long_text_scrolls_to_its_end_and_not_beyond() {
    let text: Vec<String> = (1..=30).map(|n| format!("line {n}")).collect();
    let mut desk = desk(&[&text.join("\n")], &two());
    let rows = shown(&mut desk, 40, 12);
    assert_eq!(rows[3], "line 1");
    assert!(rows[8].contains(" rows 1–5 of 30 ↑ ↓ "), "{}", rows[8]);
    for _ in 0..100 {
        desk.press(Key::PageDown, Instant::now());
    }
    let rows = shown(&mut desk, 40, 12);
    assert_eq!((rows[3].as_str(), rows[7].as_str()), ("line 26", "line 30"));
    desk.press(Key::Up, Instant::now());
    assert_eq!(shown(&mut desk, 40, 12)[3], "line 25");
}

#[test]
fn an_answer_and_a_skip_show_when_one_looks_back() {
    let mut desk = desk(&["x", "y"], &two());
    let now = Instant::now();
    for key in ['2', ' '] {
        let Effect::Keep(given) = desk.press(Key::Char(key), now) else { panic!("no answer") };
        desk.kept(given, now);
    }
    assert!(shown(&mut desk, 60, 12)[3].starts_with("All 2 documents have your answer."));
    desk.press(Key::Left, now);
    assert_eq!(shown(&mut desk, 60, 12)[1], "2. d1  skipped  channel: mail");
    desk.press(Key::Left, now);
    assert_eq!(shown(&mut desk, 60, 12)[1], "1. d0  your answer: fraud  channel: mail");
}

#[test]
fn many_classes_are_filtered_with_one_marked() {
    let labels = LabelSet::new((0..50).map(|class| format!("class {class}"))).unwrap();
    let mut desk = desk(&["x"], &labels);
    for key in ['4', '9'] {
        desk.press(Key::Char(key), Instant::now());
    }
    let rows = Frames::default().of(&mut desk, 70, 24);
    let marked: Vec<&str> = rows
        .iter()
        .flat_map(Row::pieces)
        .filter(|(_, look)| *look == Look::Marked)
        .map(|(text, _)| text.as_str())
        .collect();
    assert_eq!(marked, [" class 49 "]);
    assert!(matches!(
        desk.press(Key::Enter, Instant::now()),
        Effect::Keep(given) if given.label == Some(Class(49))
    ));
}

fn in_words(desk: &mut Desk, columns: usize, height: usize) -> String {
    shown(desk, columns, height).join("\n")
}

#[test]
fn classes_that_do_not_fit_take_no_key() {
    let labels = LabelSet::new((0..36).map(|class| format!("a class with a name {class}"))).unwrap();
    let mut desk = desk(&["x"], &labels);
    assert!(!is_large_enough(&desk, 30, 12));
    assert!(in_words(&mut desk, 30, 12).contains("needs 30 columns, 43 rows"));
    for (columns, height) in [(30, 43), (80, 24), (160, 16)] {
        assert!(is_large_enough(&desk, columns, height), "{columns} × {height}");
        let screen = in_words(&mut desk, columns, height);
        assert!(screen.contains("\nx\n") || screen.contains("\nx "), "{screen}");
        for class in 0..36 {
            assert!(screen.contains(&format!("name {class} ")), "{class}\n{screen}");
        }
    }
}

#[test]
fn the_smallest_screen_shows_the_text_and_every_class() {
    let labels = LabelSet::new(["billing", "fraud", "login", "cards", "loans", "other"]).unwrap();
    let mut desk = desk(&["I was charged twice"], &labels);
    for (columns, height, is_enough) in
        [(20, 9, false), (20, 10, true), (30, 9, true), (19, 30, false), (60, 8, false)]
    {
        assert_eq!(is_large_enough(&desk, columns, height), is_enough, "{columns} × {height}");
        let screen = in_words(&mut desk, columns, height);
        assert_eq!(screen.contains("window too small") || columns < 16, !is_enough, "{screen}");
        for seen in labels.names().iter().map(String::as_str).chain(["I was charged twice"]) {
            assert_eq!(screen.contains(seen), is_enough, "{seen} at {columns} × {height}:\n{screen}");
        }
    }
    // The model's prediction replaces a rule, and nothing that is judged.
    desk.press(Key::Char('?'), Instant::now());
    let screen = in_words(&mut desk, 20, 10);
    assert!(screen.contains("the model") && screen.contains("I was charged twice"), "{screen}");
}

#[test]
fn the_smallest_screen_shows_the_marked_one_of_many_classes() {
    let labels = LabelSet::new((0..60).map(|class| format!("class {class}"))).unwrap();
    let mut desk = desk(&["x"], &labels);
    for key in ['4', '9'] {
        desk.press(Key::Char(key), Instant::now());
    }
    let screen = in_words(&mut desk, 20, 9);
    assert!(screen.contains(" class 49 ") && screen.contains("\nx\n"), "{screen}");
}

#[test]
fn an_expert_sees_who_said_what_or_decides_nothing() {
    let labels = LabelSet::new(["billing", "fraud", "login"]).unwrap();
    let mut desk = desk(&["I was charged twice"], &labels);
    let read = crate::label::deciding::Read {
        why: "tie".to_owned(),
        said: "said: max billing · ben fraud · zoë login".to_owned(),
        counts: "said: 1 billing · 1 fraud · 1 login".to_owned(),
        remarks: vec!["max: unsure".to_owned()],
    };
    desk.deciding = Some(deciding::Deciding { read: vec![read], ..deciding::Deciding::default() });
    assert!(!is_large_enough(&desk, 20, 9));
    assert!(in_words(&mut desk, 20, 9).contains("window too small"));
    let screen = in_words(&mut desk, 20, 12).split_whitespace().collect::<Vec<_>>().join(" ");
    for seen in ["max billing", "zoë login", "I was charged twice", "1 billing", "3 login"] {
        assert!(screen.contains(seen), "{seen}\n{screen}");
    }
    let screen = in_words(&mut desk, 80, 24);
    assert!(screen.contains("\ntie\nsaid: max") && screen.contains("\nmax: unsure\n"), "{screen}");
    // The meaning of the reasons' keys must be visible too.
    desk.press(Key::Char(','), Instant::now());
    let screen = in_words(&mut desk, 20, 12);
    for seen in ["1 ambiguous text", "3 slip", "5 other"] {
        assert!(screen.contains(seen), "{seen}\n{screen}");
    }
}

proptest! {
    #[test]
    fn no_screen_overflows_or_lets_a_control_character_through(
        text in any::<String>(), id in any::<String>(), columns in 0_usize..120, height in 0_usize..40, scroll: usize,
        label in "x[a-z 世é\u{5d0}\u{202e}]{0,60}x",
    ) {
        let labels = LabelSet::new([label.as_str(), "b b"]).unwrap();
        let mut desk = desk(&[&text], &labels);
        desk.items[0].id = id;
        desk.scroll = scroll;
        desk.press(Key::Char('?'), Instant::now());
        let rows = Frames::default().of(&mut desk, columns, height);
        prop_assert!(rows.len() <= height);
        for row in &rows {
            prop_assert!(row.width() <= columns);
            prop_assert!(!row.pieces().iter().any(|(text, _)| text.chars().any(char::is_control)));
        }
    }
}
