//! The whole loop on disk, as a program that embeds Querist would run it: import, three rounds
//! whose batches are answered, and the state at the end. The true labels answer for an annotator.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use querist_session::serde_json::{self, Value, json};
use querist_session::store::format::records::Input;
use querist_session::store::workspace::{ImportOptions, IngestOptions};
use querist_session::{Override, RoundOptions, Session, Silent};

/// Rows as a file that is never on disk.
fn stream(name: &str, rows: impl Iterator<Item = Value>) -> Input {
    let lines: Vec<String> = rows.map(|row| row.to_string()).collect();
    let text = lines.join("\n") + "\n";
    Input::Stream { name: name.to_owned(), bytes: Box::new(Cursor::new(text)) }
}

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let tickets = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/support_tickets/control.jsonl");
    let mut truth = BTreeMap::new();
    for line in fs::read_to_string(tickets)?.lines() {
        let row: Value = serde_json::from_str(line)?;
        truth.insert(row["id"].to_string(), row);
    }

    let folder = tempfile::tempdir()?;
    let session = Session::at(folder.path());
    session.init(["technical", "billing", "account", "shipping", "feature", "fraud"].map(String::from))?;
    let unlabelled = truth.values().map(|row| json!({"id": row["id"], "text": row["text"]}));
    session.import(vec![stream("tickets.jsonl", unlabelled)], &ImportOptions::default(), &Silent)?;

    let size = Override { table: "batch", key: "size", value: json!(15), place: "the example".to_owned() };
    let options = RoundOptions { overrides: vec![size], scores: None };
    for _ in 0..3 {
        let made = session.round(&options, &Silent)?;
        let batch = fs::read_to_string(&made.files.batch)?;
        let items: Vec<Value> = batch.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let answers = items.iter().map(|item| {
            json!({"id": item["id"], "label": truth[&item["id"].to_string()]["label"], "annotator": "ana"})
        });
        session.ingest(vec![stream("answers.jsonl", answers)], &IngestOptions::default(), &Silent)?;
        println!("round {}: {} documents answered", made.round, items.len());
    }

    let status = session.status(false, &Silent)?;
    println!("{} labelled, {} open", status.documents.labeled, status.documents.open);
    let same =
        (1..=3).all(|round| session.reproduce(round, None, &Silent).is_ok_and(|made| made.is_identical()));
    println!("every round can be made again, byte for byte: {same}");
    Ok(())
}
