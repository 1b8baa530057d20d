//! The files of a round: batch, picks, report and manifest. They are written when the round is
//! exported, and again when the user asks for it.

use querist_core::{Classifier, Featurizer, FitReport, LabelSet, Pick, RoundRecord, Snapshot};
use querist_engine::{Manifest, Overlap, QualitySettings, Summary};
use querist_report::RoundReport;
use querist_store::StoreError;
use querist_store::format::batch::{self, BatchItem};
use querist_store::format::picks;
use querist_store::workspace::{Draft, NamedBytes, Stage};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::bench::Bench;
use crate::checklist;
use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::remarks;
use crate::settings::{ClassSettings, Settings, legacy};

/// Exports a round whose batch is selected: writes batch, picks, report and manifest into its
/// folder, and marks the round as exported in the database. Returns the report.
///
/// # Errors
/// A text cannot be read, or a file or the database cannot be written. In each case nothing was
/// changed.
pub(crate) fn export_draft(
    opened: &mut Opened,
    bench: &mut Bench,
    draft: &mut Draft,
    picks: &[Pick],
) -> Result<RoundReport> {
    let settings = settings_of(draft, &opened.configuration.settings)?;
    let [batch, picked] = batch_and_picks(opened, bench, draft, picks)?;
    let mut outputs = Map::new();
    for (name, bytes) in [&batch, &picked] {
        outputs.insert((*name).to_owned(), json!(blake3::hash(bytes).to_hex().as_str()));
    }
    let mut inputs = bench.inputs.clone();
    // Record the settings that selected the batch. They may differ from the current settings.
    inputs.configuration = settings.round().hash(&opened.labels);
    let summary = Summary::from_json(&draft.record.summary)?;
    let manifest = Manifest {
        format: Manifest::FORMAT,
        edition: opened.edition,
        querist: env!("CARGO_PKG_VERSION").to_owned(),
        round: draft.record.number,
        seed: draft.record.seed.0,
        settings: settings.recorded()?,
        adaptive: summary.batch.and_then(|batch| batch.adaptive),
        featurizer: bench.featurizer.fingerprint(),
        classifier: bench.classifier.fingerprint(),
        hash: Manifest::HASH,
        inputs,
        start: warm_from(bench, summary.model.fit.as_ref()),
        scores: summary.model.brought.map(|brought| brought.file),
        model: draft.record.model.clone(),
        outputs,
    };
    draft.manifest = Some(manifest.to_json()?);

    let record = RoundRecord { picks: picks.to_vec(), ..draft.record.clone() };
    // The report describes the workspace as if this round were already stored.
    bench.snapshot.rounds.push(record);
    let report = report_of(opened, &bench.snapshot, draft.record.number)?;
    let mut files = vec![batch, picked];
    files.extend(report_files(&report)?);
    files.push(("manifest.json", manifest.to_json()?.into_bytes()));
    opened.workspace.export_round(draft, picks, &bench.snapshot, &files)?;
    Ok(report)
}

/// Returns the name and the content of the two files of a round that never change: batch and picks.
///
/// # Errors
/// A text cannot be read.
pub(crate) fn batch_and_picks(
    opened: &Opened,
    bench: &Bench,
    draft: &Draft,
    picks: &[Pick],
) -> Result<[NamedBytes; 2]> {
    let suggest = suggests(&record_of(draft)?)?;
    let batch = batch_file(opened, &bench.snapshot, &opened.labels, picks, suggest)?;
    Ok([batch, picks_file(&bench.snapshot, &opened.labels, picks)])
}

/// Writes all files of an exported round again, and returns the round's report.
///
/// # Errors
/// The round does not exist or is not exported, or a file cannot be written.
pub(crate) fn export_again(opened: &Opened, number: u32) -> Result<RoundReport> {
    let round = exported(opened, number)?;
    let report = report_of(opened, &opened.snapshot()?, number)?;
    // Read the texts as they were in that round. Some may have been replaced since.
    let then = opened.workspace.snapshot_before(number, &opened.labels, opened.edition)?;
    let picks = opened.workspace.picks(number, &then)?;
    let (labels, suggest) = labels_and_suggest(&round)?;
    let batch = batch_file(opened, &then, &labels, &picks, suggest)?;
    let mut files = vec![batch, picks_file(&then, &labels, &picks)];
    files.extend(report_files(&report)?);
    let manifest = round.manifest.ok_or_else(|| {
        SessionError::changed_by_hand(format!("round {number} is exported, and its manifest column is empty"))
    })?;
    files.push(("manifest.json", manifest.into_bytes()));
    for file in &files {
        opened.workspace.write_round_file(number, file)?;
    }
    Ok(report)
}

/// Writes the report of an exported round again, in all formats, and returns it.
///
/// # Errors
/// The round does not exist or is not exported, or a file cannot be written.
pub(crate) fn write_report(opened: &Opened, number: u32) -> Result<RoundReport> {
    exported(opened, number)?;
    let report = report_of(opened, &opened.snapshot()?, number)?;
    for file in &report_files(&report)? {
        opened.workspace.write_round_file(number, file)?;
    }
    Ok(report)
}

/// Returns the hash of the model from which training started; `None` if it started from scratch.
fn warm_from(bench: &Bench, fit: Option<&FitReport>) -> Option<String> {
    fit.filter(|fit| fit.warm).and_then(|_| bench.snapshot.rounds.last()?.model.clone())
}

/// Returns round `number`, which must be exported.
///
/// # Errors
/// The round does not exist, or is not exported.
pub(crate) fn exported(opened: &Opened, number: u32) -> Result<Draft> {
    let round = opened.workspace.round(number)?;
    if round.stage == Stage::Exported {
        return Ok(round);
    }
    Err(SessionError::NotExported { round: number })
}

/// Makes the report of round `number` of the snapshot. Whether the classes are ranks depends on
/// querist.toml for the last round, and on the settings stored with the round for earlier ones.
///
/// # Errors
/// The round does not exist, or a text cannot be read.
pub(crate) fn report_of(opened: &Opened, snapshot: &Snapshot, number: u32) -> Result<RoundReport> {
    let mut situation = opened.situation(snapshot)?;
    if snapshot.rounds.last().is_some_and(|last| last.number > number) {
        situation.scale = classes_of(&opened.workspace.round(number)?)?.scale();
    }
    let standards = opened.standards()?;
    let stop = opened.stop()?;
    let round = snapshot.rounds.iter().find(|round| round.number == number);
    let round = round
        .ok_or(StoreError::NoSuchRound { number, last: snapshot.rounds.last().map(|round| round.number) })?;
    let text = &mut opened.text_of(snapshot);
    let cost = &opened.configuration.settings.cost;
    let mut report = querist_engine::report(snapshot, &situation, &standards, (&stop, cost), round, text)?;
    report.warnings = opened.workspace.shared_texts()?.warnings();
    let at = report.headlines.len().min(1);
    let warnings: Vec<String> = report.warnings.iter().map(|warning| sentence(warning)).collect();
    report.headlines.splice(at..at, warnings);
    report.checklist = checklist::read(opened.workspace.root())?;
    report.remarks = remarks::section(opened, snapshot)?;
    Ok(report)
}

/// Returns a warning in the form of a headline, which begins with "Warning".
fn sentence(warning: &str) -> String {
    format!("Warning: {warning}.")
}

/// Returns the name and the content of batch.jsonl.
fn batch_file(
    opened: &Opened,
    snapshot: &Snapshot,
    labels: &LabelSet,
    picks: &[Pick],
    suggest: bool,
) -> Result<NamedBytes> {
    let items = picks.iter().map(|pick| batch_item(opened, snapshot, labels, pick, suggest));
    let items = items.collect::<Result<Vec<BatchItem>>>()?;
    Ok(("batch.jsonl", batch::write(&items, labels)))
}

/// Returns a pick in the form that annotators see: id, text and the user's own fields. If
/// `suggest`, the model's suggestion is included.
///
/// # Errors
/// The text cannot be read.
pub(crate) fn batch_item(
    opened: &Opened,
    snapshot: &Snapshot,
    labels: &LabelSet,
    pick: &Pick,
    suggest: bool,
) -> Result<BatchItem> {
    let record = &snapshot.documents[pick.document];
    let (id, found) = (record.id.to_string(), opened.workspace.text_of(record)?);
    let suggestion = match (pick.predicted(), &pick.probabilities) {
        (Some(class), Some(values)) if suggest => {
            Some((labels.name(class).to_owned(), values[class.index()]))
        }
        _ => None,
    };
    Ok(BatchItem { id, text: found.text, meta: found.meta, suggestion, annotator: None })
}

/// Returns the classes that a round had when it was made, and whether it shows suggestions. Classes
/// may have been added since, but the files of the round must not change.
///
/// # Errors
/// The round's settings cannot be read.
pub(crate) fn labels_and_suggest(round: &Draft) -> Result<(LabelSet, bool)> {
    let settings = record_of(round)?;
    let wrong = || {
        SessionError::changed_by_hand(format!(
            "the settings column of round {} has no list of labels",
            round.record.number
        ))
    };
    let labels: Vec<String> = Deserialize::deserialize(&settings["labels"]).map_err(|_| wrong())?;
    let labels = LabelSet::new(labels).map_err(|_| wrong())?;
    Ok((labels, suggests(&settings)?))
}

/// Returns how many annotators answer each document of a round's batch, according to the settings
/// stored with the round. In early versions, one annotator answered each document.
///
/// # Errors
/// The round's settings cannot be read.
pub(crate) fn overlap(round: &Draft) -> Result<Overlap> {
    let record = record_of(round)?;
    let table = if legacy::is_flat(&record) { &record } else { &record["quality"] };
    let default = Overlap::default();
    let wrong = |what: String| {
        SessionError::changed_by_hand(format!("the settings column of round {}: {what}", round.record.number))
    };
    let read = |key: &str| table.get(key).cloned().filter(|value| !value.is_null());
    let parsed = |error: serde_json::Error| wrong(error.to_string());
    let quality = QualitySettings {
        overlap: read("overlap").map_or(Ok(default.share), serde_json::from_value).map_err(parsed)?,
        answers_per_item: read("answers_per_item")
            .map_or(Ok(default.answers_per_item), serde_json::from_value)
            .map_err(parsed)?,
        ..QualitySettings::default()
    };
    quality.overlap().map_err(|error| wrong(error.to_string()))
}

/// Returns the settings that the database stores with a round.
fn record_of(round: &Draft) -> Result<Value> {
    let number = round.record.number;
    serde_json::from_str(&round.settings).map_err(|error| {
        SessionError::changed_by_hand(format!(
            "the settings column of round {number} cannot be read: {error}"
        ))
    })
}

/// Returns the settings of a draft. If an earlier version made the draft, it stored only some of
/// them; the others are taken from `now`.
fn settings_of(draft: &Draft, now: &Settings) -> Result<Settings> {
    let record = record_of(draft)?;
    if legacy::is_flat(&record) {
        return legacy::settings_of(&record, None, now).map_err(SessionError::changed_by_hand);
    }
    let number = draft.record.number;
    serde_json::from_value(record).map_err(|error| {
        SessionError::changed_by_hand(format!(
            "the settings column of round {number} cannot be read: {error}"
        ))
    })
}

/// Returns the `[classes]` settings stored with a round, or the defaults if an early version made
/// the round, which did not store them.
fn classes_of(round: &Draft) -> Result<ClassSettings> {
    let number = round.record.number;
    let table = record_of(round)?.get("classes").cloned();
    table.map_or_else(|| Ok(ClassSettings::default()), serde_json::from_value).map_err(|error| {
        SessionError::changed_by_hand(format!(
            "the settings column of round {number} cannot be read: {error}"
        ))
    })
}

/// Returns whether a round shows suggestions, according to the settings stored with it. All files
/// of a round must agree on this, so that either all annotators see suggestions or none does.
fn suggests(record: &Value) -> Result<bool> {
    let batch = if legacy::is_flat(record) { record } else { &record["batch"] };
    match &batch["suggest"] {
        Value::Null => Ok(false),
        Value::Bool(suggest) => Ok(*suggest),
        other => {
            let what = format!("the settings column of a round has suggest = {other}");
            Err(SessionError::changed_by_hand(what))
        }
    }
}

/// Returns the name and the content of picks.jsonl.
fn picks_file(snapshot: &Snapshot, labels: &LabelSet, picks: &[Pick]) -> NamedBytes {
    ("picks.jsonl", picks::write(picks, labels, |document| snapshot.documents[document].id.as_str()))
}

/// Returns the name and the content of each of the report's three files.
fn report_files(report: &RoundReport) -> Result<[NamedBytes; 3]> {
    Ok([
        ("report.json", report.to_json()?),
        ("report.md", report.to_markdown()),
        ("report.html", report.to_html()?),
    ])
}
