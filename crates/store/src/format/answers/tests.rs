//! Tests which answers are read from records, as the annotation tools write them.

use querist_core::LabelSet;

use super::*;

const LABELS: [&str; 3] = ["spam", "ham", "a#b"];

/// The answers of a record in short form: document, annotator, label, rejected class, time in
/// seconds since 1970, duration in seconds.
fn read(record: &str, is_table: bool, context: (Option<&str>, Option<&str>)) -> (&'static str, Vec<String>) {
    let labels = LabelSet::new(LABELS).unwrap();
    let row = Row::parse(record).unwrap();
    let format = recognised(&row, is_table);
    let context = Context { labels: (&labels).into(), unnamed: context.0, otherwise: None, stem: context.1 };
    let mut findings = Findings::default();
    if let Err(problem) = format.answers(row, &context, &mut findings) {
        findings.answers.push(Err(problem));
    }
    let found = findings.answers;
    let short = |answer: Found| match answer {
        Err(problem) => problem.to_string(),
        Ok(answer) => {
            let document = match answer.document {
                DocumentReference::Id(id) => id,
                DocumentReference::Text(text) => format!("{text:?}"),
            };
            let name = |class: Option<Class>| class.map_or("-", |class| labels.name(class)).to_owned();
            let time = answer.time.map_or("-".to_owned(), |time| time.as_second().to_string());
            let seconds = answer.seconds.map_or("-".to_owned(), |seconds| seconds.to_string());
            let (label, rejects) = (name(answer.label), name(answer.rejects));
            format!("{document} {} {label} {rejects} {time} {seconds}", answer.annotator)
        }
    };
    (format.name(), found.into_iter().map(short).collect())
}

fn plain(record: &str) -> (&'static str, Vec<String>) {
    read(record, false, (None, None))
}

#[test]
fn label_studio_has_both_kinds_of_completed_by_and_skips() {
    let task = |annotations: &str| {
        format!(
            r#"{{"id":9,"inner_id":1,"data":{{"text":"Opossums","querist_id":"t-1"}},"drafts":[],"predictions":[],
            "annotations":[{annotations}],"total_annotations":1,"meta":{{}}}}"#
        )
    };
    let choice =
        r#"[{"id":"x","from_name":"label","to_name":"text","type":"choices","value":{"choices":["ham"]}}]"#;
    let both = format!(
        r#"{{"id":1,"completed_by":5,"result":{choice},"was_cancelled":false,"lead_time":3.25,
            "created_at":"2026-05-01T11:00:00.123Z","updated_at":"2026-05-01T12:00:00.5Z"}},
           {{"id":"2","completed_by":{{"id":7,"email":"ana@x.org","first_name":"Ana"}},"result":[],"was_cancelled":true}},
           {{"id":3,"completed_by":{{"id":8}},"result":[],"was_cancelled":false}}"#
    );
    // An annotation submitted with nothing chosen is neither an answer nor a skip.
    let expected = ["t-1 5 ham - 1777636800 3.25", "t-1 ana@x.org - - - -"];
    assert_eq!(plain(&task(&both)), ("label-studio", expected.map(str::to_owned).to_vec()));
    assert!(plain(&task("")).1.is_empty());
    for (result, words) in [
        (
            r#"[{"type":"choices","value":{"choices":["ham","spam"]}}]"#,
            "annotation 1: 2 labels; expected one",
        ),
        (r#"[{"type":"choices","value":{"choices":["hamm"]}}]"#, "annotation 1: unknown label \"hamm\""),
        (r#"{"type":"choices"}"#, "annotation 1: the field \"result\" is not a list"),
    ] {
        let message = &plain(&task(&format!(r#"{{"completed_by":1,"result":{result}}}"#))).1[0];
        assert!(message.starts_with(words), "{message}");
    }
    let anonymous = &plain(&task(r#"{"result":[]}"#)).1[0];
    assert!(anonymous.contains("the file does not say who answered"), "{anonymous}");
}

#[test]
fn label_studio_min_is_flat() {
    let record = r#"{"text":"Opossums","id":9,"label":"spam","annotator":1,"annotation_id":4,
        "created_at":"2026-05-01T12:00:00Z","updated_at":"2026-05-01T12:00:00Z","lead_time":2}"#;
    assert_eq!(plain(record), ("label-studio-min", vec!["\"Opossums\" 1 spam - 1777636800 2".to_owned()]));
}

#[test]
fn prodigy_has_choices_and_binary_questions() {
    let choice = |rest: &str| {
        format!(
            r#"{{"text":"x","querist_id":"t-1","_input_hash":-1631564981,"_task_hash":-130688452,
            "options":[{{"id":"spam","text":"spam"}}],"_view_id":"choice","_timestamp":1694858483,
            "_annotator_id":"set-ana","_session_id":"set-ana",{rest}}}"#
        )
    };
    let one = |record: &str| {
        let (format, mut answers) = plain(record);
        assert_eq!((format, answers.len()), ("prodigy", 1), "{record}");
        answers.remove(0)
    };
    assert_eq!(one(&choice(r#""accept":["spam"],"answer":"accept""#)), "t-1 set-ana spam - 1694858483 -");
    assert!(plain(&choice(r#""accept":[],"answer":"accept""#)).1.is_empty(), "nothing was chosen");
    assert_eq!(one(&choice(r#""accept":["spam"],"answer":"reject""#)), "t-1 set-ana - - 1694858483 -");
    assert_eq!(one(&choice(r#""accept":["spam"],"answer":"ignore""#)), "t-1 set-ana - - 1694858483 -");
    assert!(one(&choice(r#""accept":["spam","ham"],"answer":"accept""#)).starts_with("2 labels"));
    let binary =
        |answer: &str| format!(r#"{{"text":"x","label":"spam","_session_id":"ana","answer":"{answer}"}}"#);
    assert_eq!(one(&binary("accept")), "\"x\" ana spam - - -");
    assert_eq!(one(&binary("reject")), "\"x\" ana - spam - -");
    assert_eq!(one(&binary("ignore")), "\"x\" ana - - - -");
    assert!(one(&binary("maybe")).contains("is \"maybe\"; expected one of: accept, reject or ignore"));
}

#[test]
fn a_rejection_of_one_of_two_is_the_other() {
    let labels = LabelSet::new(["spam", "ham"]).unwrap();
    let context = Context { labels: (&labels).into(), unnamed: Some("ana"), otherwise: None, stem: None };
    let row = Row::parse(r#"{"text":"x","label":"spam","answer":"reject"}"#).unwrap();
    let mut found = Findings::default();
    prodigy::Prodigy.answers(row, &context, &mut found).unwrap();
    let answer = found.answers.remove(0).unwrap();
    assert_eq!((answer.label, answer.rejects), (Some(Class(1)), Some(Class(0))));
}

#[test]
fn doccano_is_named_by_its_file() {
    let of = |record: &str, stem| read(record, false, (None, Some(stem)));
    let record = r#"{"id":6110,"text":"Great price.","source":"x","label":["ham"],"Comments":[]}"#;
    assert_eq!(of(record, "ana"), ("doccano", vec!["\"Great price.\" ana ham - - -".to_owned()]));
    assert!(of(record, "all").1[0].contains("the file does not say who answered"));
    assert_eq!(read(record, false, (Some("ben"), Some("all"))).1, ["\"Great price.\" ben ham - - -"]);
    assert!(of(r#"{"id":1,"text":"x","label":[],"Comments":[]}"#, "ana").1.is_empty(), "not answered yet");
    let old = r#"{"id":1,"text":"x","labels":["ham"],"annotation_approver":null,"meta":{}}"#;
    assert_eq!(of(old, "ana").1, ["\"x\" ana ham - - -"]);
    let carried = r#"{"id":1,"text":"x","querist_id":"t-1","label":["ham"]}"#;
    assert_eq!(of(carried, "ana").1, ["t-1 ana ham - - -"]);
    let cell = |label: &str| {
        let record = format!(r#"{{"id":"1","text":"x","label":"{label}","Comments":""}}"#);
        read(&record, true, (None, Some("ana")))
    };
    assert_eq!(cell("ham"), ("doccano", vec!["\"x\" ana ham - - -".to_owned()]));
    assert_eq!(cell("a#b").1, ["\"x\" ana a#b - - -"]);
    assert_eq!(
        cell("ham#spam").1,
        ["2 labels; expected one, because a document has only one \
                                     label"]
    );
    assert!(cell("").1.is_empty());
}

#[test]
fn argilla_comes_nested_and_flat() {
    let nested = r#"{"id":"t-1","fields":{"text":"Hello"},"metadata":{},"suggestions":{"label":{"value":"ham","score":0.87}},
        "responses":{"label":[{"value":"ham","user_id":"u-1"},{"value":"hem","user_id":"u-2"}]},"vectors":{},"_server_id":"s"}"#;
    let (format, answers) = plain(nested);
    assert_eq!((format, answers[0].as_str()), ("argilla", "t-1 u-1 ham - - -"));
    assert!(answers[1].starts_with("response 2: unknown label \"hem\""), "{answers:?}");
    assert!(plain(r#"{"id":"t-1","fields":{"text":"x"},"responses":{}}"#).1.is_empty());
    let flat = r#"{"id":"t-1","text":"Hello","label.responses":["ham","spam",null,"ham"],
        "label.responses.users":["a","b","c","d"],
        "label.responses.status":["submitted","discarded","pending","draft"],"label.suggestion":"ham"}"#;
    assert_eq!(plain(flat).1, ["t-1 a ham - - -", "t-1 b - - - -"]);
}

#[test]
fn tables_have_several_names_for_the_same() {
    let table = |record: &str| read(record, true, (None, None));
    for (id, who) in
        [("id", "annotator"), ("task", "worker"), ("task", "performer"), ("querist_id", "annotator")]
    {
        let record =
            format!(r#"{{"{id}":"t-1","{who}":"w","label":"ham","time":"1777629600","seconds":"2.5"}}"#);
        assert_eq!(table(&record), ("csv", vec!["t-1 w ham - 1777629600 2.5".to_owned()]));
    }
    assert!(table(r#"{"id":"t-1","annotator":"w","label":""}"#).1.is_empty());
    assert_eq!(table(r#"{"id":"t-1","annotator":"w","label":"","skip":"TRUE"}"#).1, ["t-1 w - - - -"]);
    assert_eq!(table(r#"{"text":"x","annotator":"w","label":"ham"}"#).1, ["\"x\" w ham - - -"]);
    assert!(table(r#"{"id":"t-1","annotator":"w"}"#).1[0].contains("\"label\" is missing"));
}

#[test]
fn crowd_kit_s_columns_are_known_in_json_too() {
    let one = |record: &str| (plain(record).0, plain(record).1.concat());
    let row = |format: &'static str, text: &str| (format, text.to_owned());
    assert_eq!(one(r#"{"task":"t-1","worker":"ana","label":"ham"}"#), row("csv", "t-1 ana ham - - -"));
    assert_eq!(one(r#"{"item":7,"annotator":"ana","label":"ham"}"#), row("csv", "7 ana ham - - -"));
    assert_eq!(one(r#"{"task":1,"performer":"ana","label":"no"}"#).0, "csv");
    assert_eq!(one(r#"{"id":"t-1","annotator":"ana","label":"ham"}"#), row("jsonl", "t-1 ana ham - - -"));
    // A field of the user does not make this another format than Querist's own, in which a null
    // label is a skip.
    let own = r#"{"id":"t-1","annotator":"ana","label":null,"worker":"w"}"#;
    assert_eq!(one(own), row("jsonl", "t-1 ana - - - -"));
}

#[test]
fn label_studio_s_table_has_names_of_its_own_for_time_and_duration() {
    let cells = r#"{"annotation_id":"1","annotator":"ana","querist_id":"t-1","label":"ham","lead_time":"1.5","updated_at":"1970-01-01T00:00:09Z"}"#;
    assert_eq!(read(cells, true, (None, None)).1, ["t-1 ana ham - 9 1.5"]);
    let others =
        r#"{"annotator":"ana","id":"t-1","label":"ham","created_at":"01/05/2024","lead_time":"00:12"}"#;
    assert_eq!(read(others, true, (None, None)).1, ["t-1 ana ham - - -"]);
    // In JSON, a task without annotations is not a skip; nobody has labelled it yet.
    let open = r#"{"annotation_id":null,"annotator":null,"querist_id":"t-1","text":"x"}"#;
    assert_eq!(plain(open), ("label-studio-min", vec![]));
}

#[test]
fn what_nothing_recognises_is_querist_s_own() {
    assert_eq!(plain(r#"{"id":"t-1","label":"ham","annotator":"w"}"#).0, "jsonl");
    assert_eq!(plain(r#"{"id":"t-1"}"#).0, "jsonl");
    assert!(FORMATS.iter().all(|known| format(known.name()).is_some()) && format("crowd-kit").is_some());
}
