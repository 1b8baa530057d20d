//! Tests of what each key does at the desk.

use super::*;

fn desk(n: usize) -> (Desk, Instant) {
    let now = Instant::now();
    let item = |i: usize| Item {
        id: format!("d{i}"),
        text: format!("text {i} of Ärger"),
        fields: String::new(),
        probabilities: None,
        answer: Standing::Open,
    };
    let labels = LabelSet::new(["a", "b"]).unwrap();
    let desk = Desk::new(("ana".to_owned(), 1), labels, (0..n).map(item).collect(), Vec::new(), now);
    (desk, now)
}

/// Presses a key after some seconds, and stores the answer that it gives.
fn press(desk: &mut Desk, now: &mut Instant, key: Key, seconds: u64) -> Effect {
    *now += Duration::from_secs(seconds);
    let effect = desk.press(key, *now);
    if let Effect::Keep(given) = effect {
        desk.kept(given, *now);
    }
    effect
}

#[test]
fn an_answer_shows_the_next_document_and_tells_how_long_it_took() {
    let (mut desk, mut now) = desk(3);
    assert_eq!(desk.time_left(), None);
    let effect = press(&mut desk, &mut now, Key::Char('2'), 4);
    assert_eq!(effect, Effect::Keep(Given { place: 0, label: Some(Class(1)), seconds: 4.0, undoes: false }));
    assert_eq!((desk.at, desk.answered()), (1, 1));
    assert_eq!(desk.time_left(), Some(Duration::from_secs(8)));
    press(&mut desk, &mut now, Key::Char(' '), 10);
    assert_eq!(desk.items[1].answer, Standing::Skip);
    // The median of 4 and 10.
    assert_eq!(desk.time_left(), Some(Duration::from_secs(7)));
    press(&mut desk, &mut now, Key::Char('1'), 1);
    assert_eq!((desk.at, desk.answered()), (3, 3));
    assert_eq!(press(&mut desk, &mut now, Key::Char('1'), 1), Effect::None, "all are answered");
}

#[test]
fn an_answer_that_could_not_be_kept_does_not_count() {
    let (mut desk, now) = desk(2);
    assert!(matches!(desk.press(Key::Char('1'), now), Effect::Keep(_)));
    assert_eq!((desk.at, desk.answered()), (0, 0));
}

#[test]
fn undo_brings_back_what_stood_before() {
    let (mut desk, mut now) = desk(2);
    press(&mut desk, &mut now, Key::Char('1'), 1);
    press(&mut desk, &mut now, Key::Left, 1);
    press(&mut desk, &mut now, Key::Char('2'), 1);
    assert_eq!(desk.items[0].answer, Standing::Class(Class(1)));
    let undone = press(&mut desk, &mut now, Key::Backspace, 1);
    assert!(matches!(undone, Effect::Keep(Given { label: Some(Class(0)), undoes: true, .. })));
    assert_eq!((desk.at, desk.items[0].answer), (0, Standing::Class(Class(0))));
    let undone = press(&mut desk, &mut now, Key::Backspace, 1);
    assert!(matches!(undone, Effect::Keep(Given { place: 0, label: None, undoes: true, .. })));
    assert_eq!((desk.at, desk.answered()), (0, 0), "taken back, and asked again");
    assert_eq!(press(&mut desk, &mut now, Key::Backspace, 1), Effect::None);
    assert!(desk.notice.contains("nothing to undo"));
}

#[test]
fn search_and_jump_go_where_they_say() {
    let (mut desk, mut now) = desk(12);
    let mut type_in = |desk: &mut Desk, text: &str| {
        for character in text.chars() {
            assert_eq!(press(desk, &mut now, Key::Char(character), 0), Effect::None);
        }
        press(desk, &mut now, Key::Enter, 0);
    };
    type_in(&mut desk, "/TEXT 1");
    assert_eq!(desk.at, 1);
    type_in(&mut desk, "/");
    assert_eq!(desk.at, 10, "the same words again");
    type_in(&mut desk, "/ärger");
    assert_eq!(desk.at, 11);
    type_in(&mut desk, "/nowhere");
    assert_eq!((desk.at, desk.notice.as_str()), (11, "no document in this batch has “nowhere”"));
    type_in(&mut desk, ":3");
    assert_eq!(desk.at, 2);
    type_in(&mut desk, ":d7");
    assert_eq!(desk.at, 7);
    type_in(&mut desk, ":99");
    assert_eq!(desk.at, 7);
    assert!(desk.notice.contains("neither a number from 1 to 12 nor an id"));
    press(&mut desk, &mut now, Key::Char('/'), 0);
    assert_eq!(press(&mut desk, &mut now, Key::Esc, 0), Effect::None, "ends the typing, not the work");
    assert_eq!(press(&mut desk, &mut now, Key::Esc, 0), Effect::Leave);
}

#[test]
fn pasted_text_is_never_an_answer() {
    let (mut desk, now) = desk(2);
    desk.paste("1\n1\n");
    assert_eq!(desk.answered(), 0);
    desk.press(Key::Char('/'), now);
    desk.paste("text 1\n");
    assert_eq!(desk.prompt, Prompt::Search("text 1".to_owned()));
}

#[test]
fn the_model_is_silent_again_on_the_next_document() {
    let (mut desk, mut now) = desk(2);
    assert!(!desk.model_shown);
    press(&mut desk, &mut now, Key::Char('?'), 0);
    assert!(desk.model_shown);
    press(&mut desk, &mut now, Key::Char('1'), 0);
    assert!(!desk.model_shown);
}

#[test]
fn work_goes_on_at_the_first_document_without_an_answer() {
    let (first, now) = desk(4);
    let mut items = first.items;
    items[0].answer = Standing::Skip;
    items[1].answer = Standing::Class(Class(0));
    let labels = LabelSet::new(["a", "b"]).unwrap();
    let desk = Desk::new(("ana".to_owned(), 1), labels, items, vec![3.0], now);
    assert_eq!((desk.at, desk.answered(), desk.given), (2, 2, 0));
    assert_eq!(desk.time_left(), Some(Duration::from_secs(6)));
}

#[test]
fn an_expert_gives_a_reason_and_a_comment_and_decides_with_one_key() {
    let (mut desk, mut now) = desk(3);
    desk.deciding = Some(Deciding::default());
    for key in [',', '3', ';', 'h', 'm'] {
        assert_eq!(press(&mut desk, &mut now, Key::Char(key), 0), Effect::None);
    }
    press(&mut desk, &mut now, Key::Enter, 0);
    assert_eq!(desk.deciding.as_ref().unwrap().said(), "reason: slip; comment: hm");
    assert_eq!(press(&mut desk, &mut now, Key::Backspace, 0), Effect::None, "there is nothing to take back");
    let effect = desk.press(Key::Char('2'), now);
    assert!(matches!(effect, Effect::Keep(Given { place: 0, label: Some(Class(1)), .. })));
    assert_eq!(desk.deciding.as_ref().unwrap().said(), "reason: slip; comment: hm", "until it is kept");
    if let Effect::Keep(given) = effect {
        desk.kept(given, now);
    }
    assert_eq!((desk.at, desk.deciding.as_ref().unwrap().said()), (1, String::new()));
    press(&mut desk, &mut now, Key::Char(' '), 0);
    assert_eq!((desk.at, desk.answered()), (2, 1), "later");
    press(&mut desk, &mut now, Key::Char('-'), 0);
    assert_eq!((desk.items[2].answer, desk.at), (Standing::Skip, 1));
    let taken = press(&mut desk, &mut now, Key::Backspace, 0);
    assert!(matches!(taken, Effect::Keep(Given { place: 2, undoes: true, .. })));
    assert_eq!((desk.items[2].answer, desk.at), (Standing::Open, 2), "nobody decided it before");
    assert!(desk.notice.starts_with("undone; decide again"), "{}", desk.notice);
}

#[test]
fn backspace_in_an_empty_filter_takes_no_answer_back() {
    let now = &mut Instant::now();
    let labels = LabelSet::new((0..40).map(|class| format!("class {class}"))).unwrap();
    let item = |i: usize| Item {
        id: format!("d{i}"),
        text: "text".to_owned(),
        fields: String::new(),
        probabilities: None,
        answer: Standing::Open,
    };
    let items = (0..2).map(item).collect();
    let mut desk = Desk::new(("ana".to_owned(), 1), labels, items, Vec::new(), *now);
    for key in [Key::Char('7'), Key::Enter, Key::Char('x'), Key::Backspace] {
        press(&mut desk, now, key, 1);
    }
    assert_eq!(desk.answered(), 1);
    assert_eq!(press(&mut desk, now, Key::Backspace, 1), Effect::None);
    assert_eq!(
        (desk.answered(), desk.notice.as_str()),
        (1, "nothing is typed; Ctrl-Z undoes the last answer")
    );
    assert!(matches!(press(&mut desk, now, Key::Undo, 1), Effect::Keep(Given { undoes: true, .. })));
}

#[test]
fn a_decision_of_somebody_else_is_told_once_and_its_document_passed_over() {
    let (mut desk, now) = desk(3);
    desk.deciding = Some(Deciding::default());
    let decided = |number, place: usize| Meanwhile {
        number,
        id: desk.items[place].id.clone(),
        by: "eve".to_owned(),
        label: Some(Class(1)),
    };
    let (first, again) = ([decided(7, 0), decided(8, 1)], [decided(9, 0)]);
    let told = desk.decided_meanwhile(&first, (0, Some(Class(0))));
    assert_eq!(told.as_deref(), Some("eve has decided 'b' in the meantime; press again to replace it"));
    assert_eq!(desk.decided_meanwhile(&first, (0, Some(Class(0)))), None, "it is known");
    let other = desk.decided_meanwhile(&first, (0, None));
    assert!(other.is_some(), "another key is another answer");
    assert!(desk.decided_meanwhile(&again, (0, None)).is_some(), "that is another one");
    let Effect::Keep(given) = desk.press(Key::Char('1'), now) else { panic!("no decision") };
    desk.kept(given, now);
    assert_eq!((desk.at, desk.items[1].answer), (2, Standing::Class(Class(1))));
}
