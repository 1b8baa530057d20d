//! A program uses a session: all input comes from memory, several threads work at the same time,
//! and nothing is printed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Cursor, Read};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use querist_session::error::Asked;
use querist_session::model::Explain;
use querist_session::next::NextRound;
use querist_session::review::To;
use querist_session::settings::Change;
use querist_session::store::StoreError;
use querist_session::store::Workspace;
use querist_session::store::format::records::Input;
use querist_session::store::workspace::{ImportOptions, IngestOptions};
use querist_session::{
    Kind, Next, Override, Progress, Remark, RoundOptions, Running, Session, SessionError, Silent, Step,
};
use serde_json::{Value, json};

/// An input stream with the content `text`.
fn stream(name: &str, text: impl Into<Vec<u8>>) -> Input {
    Input::Stream { name: name.to_owned(), bytes: Box::new(Cursor::new(text.into())) }
}

/// Makes documents of two classes, which differ in their words.
fn documents(n: usize) -> String {
    let line = |i: usize| {
        let (word, other) = if i.is_multiple_of(2) { ("invoice", "refund") } else { ("parcel", "courier") };
        json!({"id": format!("d{i:03}"), "text": format!("{word} {other} number {i} of week {}", i * 7 % 31)})
            .to_string()
            + "\n"
    };
    (0..n).map(line).collect()
}

/// The right answers to the documents of a batch.
fn answers(batch: &str) -> String {
    let answer = |line: &str| {
        let item: Value = serde_json::from_str(line).unwrap();
        let label =
            if item["text"].as_str().unwrap().starts_with("invoice") { "billing" } else { "delivery" };
        json!({"id": item["id"], "label": label, "annotator": "ana"}).to_string() + "\n"
    };
    batch.lines().map(answer).collect()
}

/// Makes a session with 60 documents in its pool.
fn imported(folder: &tempfile::TempDir) -> Session {
    let session = Session::at(folder.path());
    session.init(["billing", "delivery"].map(str::to_owned)).unwrap();
    let imported = session
        .import(vec![stream("upload.jsonl", documents(60))], &ImportOptions::default(), &Silent)
        .unwrap();
    assert_eq!(imported.counts.pool, 60);
    session
}

fn sized(size: usize) -> RoundOptions {
    let place = "size".to_owned();
    let size = Override { table: "batch", key: "size", value: json!(size), place };
    RoundOptions { overrides: vec![size], scores: None }
}

/// Makes a round and ingests answers to its batch.
fn answered(session: &Session, size: usize) -> u32 {
    let made = session.round(&sized(size), &Silent).unwrap();
    let batch = std::fs::read_to_string(&made.files.batch).unwrap();
    assert_eq!(batch.lines().count(), size);
    let taken = session
        .ingest(vec![stream("page.jsonl", answers(&batch))], &IngestOptions::default(), &Silent)
        .unwrap();
    assert_eq!(taken.counts.new, size as u64);
    made.round
}

#[test]
fn the_loop_runs_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    let session = imported(&folder);
    let first = Next::Round { round: NextRound::First, open: 60 };
    assert_eq!(session.next(&Silent).unwrap(), first);
    assert_eq!(answered(&session, 12), 1);
    assert_eq!(answered(&session, 10), 2);
    let status = session.status(true, &Silent).unwrap();
    assert_eq!((status.documents.labeled, status.rounds.len()), (22, 2));
    assert_eq!(status.next, Next::Round { round: NextRound::Usual, open: 38 });
    for round in [1, 2] {
        assert!(session.reproduce(round, None, &Silent).unwrap().is_identical());
    }
    let explained = session.explain(Some(2), Explain::Text("invoice and refund"), &Silent).unwrap();
    assert_eq!(explained.labels[explained.likeliest], "billing");
    // Every result that a front end shows can be serialised.
    for value in [
        serde_json::to_value(&status).unwrap(),
        serde_json::to_value(&explained).unwrap(),
        serde_json::to_value(session.report(None, &Silent).unwrap()).unwrap(),
        serde_json::to_value(session.review(5, None, To::Nowhere, &Silent).unwrap()).unwrap(),
        serde_json::to_value(session.top_terms(None, 3, &Silent).unwrap()).unwrap(),
    ] {
        assert!(value.is_object());
    }
}

#[test]
fn the_model_of_an_earlier_round_says_what_it_said_then() {
    let folder = tempfile::tempdir().unwrap();
    let session = imported(&folder);
    answered(&session, 12);
    answered(&session, 10);
    let (then, name) = session.predictor(Some(2), &Silent).unwrap();
    assert_eq!(name.round, 2);
    let texts = ["invoice 7", "courier 8", "neither of them"];
    let then = then.predict(&texts).unwrap();
    let top = session.top_terms(Some(2), 5, &Silent).unwrap();
    // Later documents, labels and settings of features do not change the earlier model.
    let more = documents(90).lines().skip(60).collect::<Vec<_>>().join("\n");
    session.import(vec![stream("more.jsonl", more)], &ImportOptions::default(), &Silent).unwrap();
    answered(&session, 10);
    let kind = Change {
        table: "features".to_owned(),
        key: "kind".to_owned(),
        value: Some(json!("ngram")),
        place: "kind".to_owned(),
    };
    session.change_settings(&[kind], false, &Silent).unwrap();
    let (now, _) = session.predictor(Some(2), &Silent).unwrap();
    assert_eq!(now.predict(&texts).unwrap().view(), then.view());
    let again = session.top_terms(Some(2), 5, &Silent).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), serde_json::to_value(top).unwrap());
    let scores = session.export_scores(Some(2), &folder.path().join("s.parquet"), &Silent).unwrap();
    assert_eq!((scores.round, scores.scored), (2, 90));
}

#[test]
fn readers_work_beside_a_writer_and_writers_wait_their_turn() {
    let folder = tempfile::tempdir().unwrap();
    let session = imported(&folder);
    let writer = Workspace::open_to_write(folder.path(), "test").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert_eq!(session.status(false, &Silent).unwrap().documents.pool, 60));
        }
    });
    let error = session.round(&sized(5), &Silent).unwrap_err();
    assert_eq!(error.kind(), Kind::InUse);
    // One writer gives up after its deadline; the other waits long enough.
    let begun = Instant::now();
    let hasty = session.clone().with_patience(Duration::from_millis(120));
    assert_eq!(hasty.round(&sized(5), &Silent).unwrap_err().kind(), Kind::InUse);
    assert!(begun.elapsed() >= Duration::from_millis(120));
    std::thread::scope(|scope| {
        let patient = session.clone().with_patience(Duration::MAX);
        let made = scope.spawn(move || patient.round(&sized(5), &Silent));
        std::thread::sleep(Duration::from_millis(100));
        drop(writer);
        assert_eq!(made.join().unwrap().unwrap().round, 1);
    });
}

#[test]
fn failures_are_types() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Session::at(folder.path().join("none")).status(false, &Silent).unwrap_err();
    assert!(matches!(nowhere, SessionError::Store(StoreError::NotAWorkspace { .. })), "{nowhere}");
    let session = imported(&folder);
    let none = session.predictor(None, &Silent).err().unwrap();
    match &none {
        SessionError::NoneYet { what: Asked::Model, next } => {
            assert!(matches!(**next, Next::Round { round: NextRound::First, .. }), "{next:?}");
        }
        other => panic!("{other}"),
    }
    let bad =
        session.import(vec![stream("bad.jsonl", "{\"id\":\"x\"}\n")], &ImportOptions::default(), &Silent);
    let bad = bad.unwrap_err();
    assert_eq!((bad.kind(), bad.to_string().starts_with("bad.jsonl:1: ")), (Kind::Mend, true), "{bad}");
    for error in [&nowhere, &none, &bad, &session.score(&Silent).unwrap_err()] {
        let text = error.to_string();
        assert!(error.kind() == Kind::Mend && !text.is_empty());
    }
    let wrong = Change {
        table: "batch".to_owned(),
        key: "size".to_owned(),
        value: Some(json!("many")),
        place: "size".to_owned(),
    };
    let before = std::fs::read(folder.path().join("querist.toml")).unwrap();
    assert!(session.change_settings(&[wrong], false, &Silent).is_err());
    assert_eq!(std::fs::read(folder.path().join("querist.toml")).unwrap(), before);
}

/// A stream that fails after some bytes.
struct Broken(Cursor<Vec<u8>>);

impl Read for Broken {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(std::io::Error::other("the line was cut")),
            n => Ok(n),
        }
    }
}

#[test]
fn a_stream_that_breaks_imports_nothing_and_packed_ones_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let session = imported(&folder);
    let bytes = Box::new(Broken(Cursor::new(documents(80).into_bytes())));
    let broken = Input::Stream { name: "cut.jsonl".to_owned(), bytes };
    let error = session.import(vec![broken], &ImportOptions::default(), &Silent).unwrap_err();
    assert!(
        error.to_string().contains("cut.jsonl") && error.to_string().contains("the line was cut"),
        "{error}"
    );
    assert_eq!(session.status(false, &Silent).unwrap().documents.pool, 60);
    // A format that cannot be read from its beginning alone goes through a temporary file.
    answered(&session, 12);
    let path = folder.path().join("labels.parquet");
    assert_eq!(session.export_labeled(&path, &Silent).unwrap().labeled, 12);
    let other = tempfile::tempdir().unwrap();
    let second = Session::at(other.path());
    second.init(["billing", "delivery"].map(str::to_owned)).unwrap();
    let upload = || stream("labels.parquet", std::fs::read(&path).unwrap());
    let taken = second.import(vec![upload()], &ImportOptions::default(), &Silent).unwrap();
    assert_eq!(taken.counts.labeled, 12);
    let halved = stream("half.parquet", std::fs::read(&path).unwrap()[..200].to_vec());
    let error = second.import(vec![halved], &ImportOptions::default(), &Silent).unwrap_err().to_string();
    assert!(error.starts_with("half.parquet"), "{error}");
}

/// Keeps all steps and remarks that it receives.
#[derive(Default)]
struct Ear(Mutex<(Vec<Step>, Vec<Remark>)>);

impl Progress for Ear {
    fn begin(&self, step: Step) -> Box<dyn Running + '_> {
        self.0.lock().unwrap().0.push(step);
        Box::new(Silent)
    }

    fn remark(&self, remark: Remark) {
        self.0.lock().unwrap().1.push(remark);
    }
}

#[test]
fn progress_is_told_in_types() {
    let folder = tempfile::tempdir().unwrap();
    let session = imported(&folder);
    answered(&session, 12);
    let ear = Ear::default();
    session.round(&sized(5), &ear).unwrap();
    let (steps, remarks) = ear.0.into_inner().unwrap();
    let order = [Step::Texts, Step::Training, Step::Scoring, Step::Choosing, Step::Evaluating];
    assert_eq!(steps, order);
    assert!(remarks.is_empty(), "{remarks:?}");
    let ear = Ear::default();
    let inputs = vec![
        stream("some.csv", "text,label\nan invoice came,billing\n"),
        stream("more.data", "id,text\nx1,a parcel went\n"),
    ];
    session.import(inputs, &ImportOptions::default(), &ear).unwrap();
    let remarks = ear.0.into_inner().unwrap().1;
    assert!(remarks.iter().any(|remark| matches!(remark, Remark::IdsMade { ids: 1 })), "{remarks:?}");
    assert!(remarks.iter().any(|remark| matches!(remark, Remark::Input { .. })), "{remarks:?}");
}
