//! `querist ingest`: stores annotators' answers and experts' decisions.

use querist_session::ingest::{Ingested, annotator, format};
use querist_session::store::workspace::{IngestAs, IngestCounts, IngestOptions};
use querist_session::{Session, inputs};
use serde_json::json;

use crate::args::{Ingest, IngestKind};
use crate::files;
use crate::output::{Outcome, Talk, shown, written};
use crate::words;

/// Runs `querist ingest`: stores the answers or decisions in the files. Returns how many rows had
/// which outcome.
///
/// # Errors
/// A row is bad, and bad rows are not skipped. The error names the first bad row, and nothing was
/// changed.
pub fn run(ingest: &Ingest, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let kind = match ingest.kind {
        None => IngestAs::Annotators,
        Some(IngestKind::Expert) => IngestAs::Expert,
    };
    let options = IngestOptions {
        kind,
        skip_bad_rows: ingest.skip_bad_rows,
        wording: words::input::WORDING,
        format: ingest.format.as_deref().map(format).transpose()?,
        encoding: inputs::encoding(&ingest.encoding)?,
        annotator: ingest.annotator.as_deref().map(annotator).transpose()?,
        control: ingest.control.clone(),
        columns: files::columns(&ingest.columns),
        sheet: ingest.sheet.clone(),
    };
    let Ingested { counts, warnings, rejected_file, next } =
        session.ingest(files::inputs(&ingest.files), &options, talk)?;
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
            "\n{} of the files had been ingested before and {} nothing. A new answer that repeats an old \
             one counts only if its row has a `time`",
            counts.known_files,
            if counts.known_files == 1 { "changes" } else { "change" }
        );
    }
    if counts.remarked > 0 {
        text += &format!(
            "\nAnswers already there that got a reason, comment or flag from the file: {}",
            counts.remarked
        );
    }
    let mut value = json!(counts);
    words::input::put(&mut value, &[("guesses", &counts.guesses), ("remarks", &counts.remarks)]);
    value["warnings"] = json!(warnings);
    if let Some(path) = rejected_file {
        text += &format!(
            "\n{} skipped; the reasons are in {}",
            number(counts.rejected, "bad row", "bad rows"),
            shown(&path)
        );
        value["rejected_file"] = json!(written(&path));
    }
    Ok(Outcome { json: value, text, next: Some(words::next::after_answers(next).to_owned()) })
}

fn number(n: u64, one: &str, more: &str) -> String {
    words::count(n as usize, one, more)
}

/// Returns in words how many answers were new, changed, repeated and so on.
fn answers_text(counts: &IngestCounts) -> String {
    let mut text = format!(
        "Ingested: {}, {} changed, {} already there",
        number(counts.new, "new answer", "new answers"),
        counts.changed,
        counts.unchanged
    );
    if counts.skips > 0 {
        text += &format!("\nOf these, skips: {}", counts.skips);
    }
    if counts.rejections > 0 {
        text += &format!("\nAnswers that only say which class is wrong: {}", counts.rejections);
    }
    if counts.older > 0 {
        text += &format!(
            "\nAnswers with an older time than the current one, kept as history only: {}",
            counts.older
        );
    }
    text += &of_excluded(counts);
    if counts.unasked > 0 {
        text += &format!(
            "\n{} that no batch asked for; {} all the same",
            number(counts.unasked, "answer is for a document", "answers are for documents"),
            if counts.unasked == 1 { "it counts" } else { "they count" }
        );
    }
    text
}

/// Returns a sentence on how many answers and decisions come from excluded people. The text is
/// empty if none do.
fn of_excluded(counts: &IngestCounts) -> String {
    if counts.excluded == 0 {
        return String::new();
    }
    let n = counts.excluded;
    format!(
        "\nAnswers and decisions by excluded people, which do not count: {n}; `querist people` lists who is \
         excluded"
    )
}

/// Returns in words how many decisions were new, changed, repeated and so on.
fn decisions(counts: &IngestCounts) -> String {
    let mut text = format!(
        "Settled: {}, {} changed, {} already there",
        number(counts.new, "document", "documents"),
        counts.changed,
        counts.unchanged
    );
    if counts.skips > 0 {
        text += &format!("\nLeft out because no class fits: {}", counts.skips);
    }
    if counts.older > 0 {
        text += &format!(
            "\nDecisions with an older time than the current one, kept as history only: {}",
            counts.older
        );
    }
    text + &of_excluded(counts)
}
