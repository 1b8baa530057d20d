//! Tests finding columns: in files of platforms, in files with the usual names, and by names that
//! the user gives.

use super::*;

fn found(header: &str, asked: &AnswerColumns, purpose: Purpose) -> Result<(String, String, String), String> {
    let names: Vec<&str> = header.split(',').collect();
    let roles = resolve(&names, asked, purpose).map_err(|problem| problem.to_string())?;
    let annotator = roles.annotator.map_or("", |at| names[at]);
    let label = roles.label.described(&names);
    let label = roles.label.column().map_or(label, |at| names[at].to_owned());
    Ok((names[roles.item].to_owned(), annotator.to_owned(), label))
}

const TURK: &str = "HITId,HITTypeId,Title,AssignmentId,WorkerId,AssignmentStatus,WorkTimeInSeconds,Input.text,Answer.category.label";
const TOLOKA: &str =
    "INPUT:text,OUTPUT:label,GOLDEN:label,HINT:text,ASSIGNMENT:link,ASSIGNMENT:worker_id,ASSIGNMENT:status";
const APPEN: &str = "_unit_id,_created_at,_golden,_id,_missed,_tainted,_channel,_trust,_worker_id,_country,is_spam,content,is_spam_gold";

#[test]
fn platforms_are_known_by_their_headers() {
    for (header, item, annotator, label) in [
        (TURK, "HITId", "WorkerId", "Answer.category.label"),
        (&TURK.replace("Input.text", "Input.id,Input.text"), "Input.id", "WorkerId", "Answer.category.label"),
        (TOLOKA, "INPUT:text", "ASSIGNMENT:worker_id", "OUTPUT:label"),
        (
            &format!("{TOLOKA},ASSIGNMENT:task_id"),
            "ASSIGNMENT:task_id",
            "ASSIGNMENT:worker_id",
            "OUTPUT:label",
        ),
        (&format!("{TOLOKA},OUTPUT:comment,INPUT:id"), "INPUT:id", "ASSIGNMENT:worker_id", "OUTPUT:label"),
        (APPEN, "_unit_id", "_worker_id", "is_spam"),
        ("question,worker,answer", "question", "worker", "answer"),
        (" Task ,Performer,LABEL", " Task ", "Performer", "LABEL"),
    ] {
        let expected = Ok((item.to_owned(), annotator.to_owned(), label.to_owned()));
        assert_eq!(found(header, &AnswerColumns::default(), Purpose::Answers), expected, "{header}");
    }
}

#[test]
fn true_labels_stand_in_the_same_files() {
    for (header, item, label) in [
        (TOLOKA, "INPUT:text", "GOLDEN:label"),
        (APPEN, "_unit_id", "is_spam_gold"),
        ("question,truth", "question", "truth"),
        ("task,true_label", "task", "true_label"),
        ("id,label,annotator", "id", "label"),
    ] {
        let expected = Ok((item.to_owned(), String::new(), label.to_owned()));
        assert_eq!(found(header, &AnswerColumns::default(), Purpose::Gold), expected, "{header}");
    }
}

#[test]
fn documents_are_found_by_an_id_or_by_their_text() {
    let roles = |header: &str| {
        let names: Vec<&str> = header.split(',').collect();
        let roles = resolve(&names, &AnswerColumns::default(), Purpose::Documents).unwrap();
        (names[roles.item].to_owned(), roles.is_text)
    };
    assert_eq!(roles(TURK), ("Input.text".to_owned(), true));
    assert_eq!(roles(&format!("{TURK},Input.querist_id")), ("Input.querist_id".to_owned(), false));
    assert_eq!(roles(&format!("{TOLOKA},ASSIGNMENT:task_id")), ("INPUT:text".to_owned(), true));
    assert_eq!(roles(&format!("{APPEN},id")), ("id".to_owned(), false));
    assert_eq!(roles(&format!("{APPEN},text")), ("text".to_owned(), true));
}

#[test]
fn nothing_is_guessed_between_candidates() {
    let plain = AnswerColumns::default();
    for (header, words) in [
        (
            "HITId,WorkerId,Answer.spam,Answer.tone",
            "several columns may hold the label: Answer.spam, Answer.tone",
        ),
        (
            "INPUT:a,INPUT:b,OUTPUT:label,ASSIGNMENT:worker_id",
            "several columns may hold the document: INPUT:a, INPUT:b",
        ),
        (
            "task,who,label",
            "the header has no column for the annotator; expected one of annotator, worker, performer",
        ),
        ("task,item,worker,label", "two columns for the item, \"task\" and \"item\"; keep one of them"),
    ] {
        let message = found(header, &plain, Purpose::Answers).unwrap_err();
        assert!(message.contains(words), "{header}: {message}");
    }
}

#[test]
fn what_the_user_names_comes_first() {
    let name = |name: &str| Some(name.to_owned());
    let asked = AnswerColumns { item: name("doc"), annotator: name("WHO"), label: name("tone") };
    let expected = Ok(("doc".to_owned(), "who".to_owned(), "tone".to_owned()));
    assert_eq!(found("label,doc,who,tone,item", &asked, Purpose::Answers), expected);
    let message = found("item,annotator,label", &asked, Purpose::Answers).unwrap_err();
    assert_eq!(message, "there is no column \"doc\" for the item; expected one of: item, annotator, label");
    // A file of true labels may have other names.
    assert_eq!(
        found("item,truth", &asked, Purpose::Gold),
        Ok(("item".into(), String::new(), "truth".into()))
    );
    let asked = AnswerColumns { label: name("OUTPUT:tone"), ..AnswerColumns::default() };
    let header = "INPUT:id,OUTPUT:label,OUTPUT:tone,GOLDEN:label,GOLDEN:tone,ASSIGNMENT:worker_id";
    assert_eq!(found(header, &asked, Purpose::Answers).unwrap().2, "OUTPUT:tone");
    assert_eq!(found(header, &asked, Purpose::Gold).unwrap().2, "GOLDEN:tone");
}

/// Returns a header of Mechanical Turk with these columns of answers.
fn turk(answers: &str) -> String {
    format!("HITId,WorkerId,Input.text,{answers}")
}

#[test]
fn a_question_may_have_a_column_for_each_option() {
    let named = |label: &str| AnswerColumns { label: Some(label.to_owned()), ..AnswerColumns::default() };
    let plain = AnswerColumns::default();
    for (answers, asked, label) in [
        ("Answer.category.spam,Answer.category.ham", &plain, "the columns of Answer.category (spam, ham)"),
        ("Answer.spam.on,Answer.ham.on", &plain, "the columns of Answer.*.on (spam, ham)"),
        // An option may contain a dot, or differ from another option only in case.
        ("answer.c.U.S.,Answer.C.u.s.", &plain, "the columns of answer.c (U.S., u.s.)"),
        (
            "Answer.c.1,Answer.c.2,Answer.c.3,Answer.c.4,Answer.c.5",
            &plain,
            "the columns of Answer.c (1, 2, 3, 4, …)",
        ),
        // A question that is called `label` takes precedence over other questions.
        (
            "Answer.label.a,Answer.label.b,Answer.tone.a,Answer.tone.b",
            &plain,
            "the columns of Answer.label (a, b)",
        ),
        ("Answer.label,Answer.tone.a,Answer.tone.b", &plain, "Answer.label"),
        // A classifier's column, or a single column, contains the label itself.
        ("Answer.category.label", &plain, "Answer.category.label"),
        ("Answer.spam.on", &plain, "Answer.spam.on"),
        // The user names the question.
        (
            "Answer.category.spam,Answer.category.ham,Answer.note",
            &named("answer.category"),
            "the columns of Answer.category (spam, ham)",
        ),
        (
            "Answer.a.on,Answer.b.on,Answer.c.x,Answer.c.y",
            &named("Answer.*.on"),
            "the columns of Answer.*.on (a, b)",
        ),
        ("Answer.q.1.a,Answer.q.1.b,Answer.q.2.a", &named("Answer.q.1"), "the columns of Answer.q.1 (a, b)"),
        ("Answer.category.spam,Answer.category.ham", &named("Answer.category.ham"), "Answer.category.ham"),
    ] {
        let found = found(&turk(answers), asked, Purpose::Answers).map(|(_, _, label)| label);
        assert_eq!(found.as_deref(), Ok(label), "{answers}");
    }
}

#[test]
fn two_questions_are_listed() {
    let named = |label: &str| AnswerColumns { label: Some(label.to_owned()), ..AnswerColumns::default() };
    let plain = AnswerColumns::default();
    for (answers, asked, words) in [
        (
            "Answer.category.spam,Answer.category.ham,Answer.tone.good,Answer.tone.bad",
            &plain,
            "several columns may hold the label: Answer.category (spam, ham), Answer.tone (good, bad)",
        ),
        (
            "Answer.category.spam,Answer.category.ham,Answer.note",
            &plain,
            "several columns may hold the label: Answer.category (spam, ham), Answer.note",
        ),
        (
            "Answer.a.label,Answer.a.note",
            &plain,
            "several columns may hold the label: Answer.a.label, Answer.a.note",
        ),
        (
            "Answer.c.x,Answer.c.y",
            &named("Answer.d"),
            "there is no column \"Answer.d\" for the label; expected one of: HITId,",
        ),
        ("Answer.c.x,Answer.c.y", &named("Input"), "there is no column \"Input\" for the label"),
    ] {
        let message = found(&turk(answers), asked, Purpose::Answers).unwrap_err();
        assert!(message.starts_with(words), "{answers}: {message}");
    }
}
