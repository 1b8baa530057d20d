//! `querist ingest`: answers back, and decisions of experts.

use std::path::Path;

use querist_engine::doubts;
use querist_store::format::answers::{self, AnswerFormat};
use querist_store::workspace::{IngestAs, IngestCounts, IngestOptions};
use serde_json::json;

use crate::args::{Ingest, IngestKind};
use crate::failure::Mend;
use crate::files;
use crate::next;
use crate::output::{Outcome, Talk, shown, written};
use crate::session::Session;
use crate::warnings::now;

/// Ingests answers.
///
/// # Errors
/// The first bad row (unless they are skipped); then nothing was changed.
pub fn run(ingest: &Ingest, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "ingest")?;
    let kind = match ingest.kind {
        None => IngestAs::Annotators,
        Some(IngestKind::Expert) => IngestAs::Expert,
    };
    let options = IngestOptions {
        kind,
        skip_bad_rows: ingest.skip_bad_rows,
        format: ingest.format.as_deref().map(format).transpose()?,
        encoding: files::encoding(&ingest.encoding)?,
        annotator: ingest.annotator.as_deref().map(annotator).transpose()?,
        control: ingest.control.clone(),
        columns: files::columns(&ingest.columns),
        sheet: ingest.sheet.clone(),
    };
    let names = files::expanded(&ingest.files)?;
    let labels = session.labels.clone();
    let result = talk.step("reading answers", || session.workspace.ingest(&names, &labels, &options));
    let (counts, rejected_file) = result?;
    for remark in counts.guesses.iter().chain(&counts.remarks) {
        talk.remark(remark);
    }
    for remark in files::told(&counts.passed_over) {
        talk.remark(&remark);
    }
    let mut text = match kind {
        IngestAs::Annotators => answers_text(&counts),
        IngestAs::Expert => decisions(&counts),
    };
    if !counts.open.is_empty() {
        let open: Vec<String> = counts.open.iter().map(|(why, count)| format!("{count} {why}")).collect();
        text += &format!("\nWithout an answer: {}", open.join(", "));
    }
    if counts.known_files > 0 {
        text += &format!(
            "\n{} of the files had been ingested before; they change nothing. An answer that somebody gave anew counts if its row says when (`time`)",
            counts.known_files
        );
    }
    if counts.remarked > 0 {
        text += &format!(
            "\nAnswers among them that got the reason, the comment or the flag of the file: {}",
            counts.remarked
        );
    }
    let mut value = json!(counts);
    let warnings = doubts(&session.snapshot()?, now());
    talk.warn(&warnings);
    value["warnings"] = json!(warnings);
    if let Some(path) = rejected_file {
        text +=
            &format!("\n{} bad rows passed over; with their reasons in {}", counts.rejected, shown(&path));
        value["rejected_file"] = json!(written(&path));
    }
    Ok(Outcome { json: value, text, next: Some(next::after_answers(&session)?) })
}

/// A name as it is kept.
fn annotator(name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Mend("--annotator is empty; expected a name".to_owned()).into());
    }
    Ok(name.to_owned())
}

/// The format of that name.
fn format(name: &str) -> anyhow::Result<&'static dyn AnswerFormat> {
    answers::format(name).ok_or_else(|| {
        let known: Vec<&str> = answers::FORMATS.iter().map(|format| format.name()).collect();
        Mend(format!("unknown format \"{name}\"; expected one of: {}", known.join(", "))).into()
    })
}

fn answers_text(counts: &IngestCounts) -> String {
    let mut text = format!(
        "Ingested: {} new answers, {} changed, {} already there",
        counts.new, counts.changed, counts.unchanged
    );
    if counts.skips > 0 {
        text += &format!("\nSkips among them: {}", counts.skips);
    }
    if counts.rejections > 0 {
        text += &format!("\nAnswers that only say which class is wrong: {}", counts.rejections);
    }
    if counts.older > 0 {
        text += &format!("\nOlder than the standing answer by their time, kept as history: {}", counts.older);
    }
    if counts.unasked > 0 {
        text += &format!(
            "\n{} answers are for documents that no batch had asked for; they count all the same",
            counts.unasked
        );
    }
    text
}

fn decisions(counts: &IngestCounts) -> String {
    let mut text = format!(
        "Settled: {} documents, {} decided anew, {} already there",
        counts.new, counts.changed, counts.unchanged
    );
    if counts.skips > 0 {
        text += &format!("\nLeft out, as no class fits: {}", counts.skips);
    }
    if counts.older > 0 {
        text +=
            &format!("\nOlder than the standing decision by their time, kept as history: {}", counts.older);
    }
    text
}
