//! `querist import`: imports documents.

use querist_session::Session;
use querist_session::import::Imported;
use querist_session::store::FieldOption;
use querist_session::store::format::documents::FieldNames;
use querist_session::store::format::records::Reading;
use querist_session::store::workspace::{ImportAs, ImportCounts, ImportOptions};
use serde_json::json;

use crate::args::{DocumentColumns, Import, ImportKind};
use crate::files;
use crate::output::{Outcome, Talk, shown, written};
use crate::words::{input, would};

/// Runs `querist import`: imports the documents in the files. Returns how many rows had which
/// outcome.
///
/// # Errors
/// A row is bad, and bad rows are not skipped. The error names the first bad row, and nothing was
/// changed.
pub fn run(import: &Import, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let Reading { layout, encoding, sheet, .. } = files::asked(&import.columns.layout, &[])?;
    let options = ImportOptions {
        kind: match import.kind {
            None => ImportAs::Guess,
            Some(ImportKind::Pool) => ImportAs::Pool,
            Some(ImportKind::Labeled) => ImportAs::Labeled,
            Some(ImportKind::Test) => ImportAs::Test,
            Some(ImportKind::Control) => ImportAs::Control,
        },
        fields: field_names(&import.columns),
        relabel: import.relabel,
        update: import.update,
        keep_answers: import.keep_answers,
        dry_run: import.dry_run,
        skip_bad_rows: import.skip_bad_rows,
        wording: input::WORDING,
        layout,
        encoding,
        sheet,
        id_named: import.columns.id.is_some(),
        named: named(&import.columns),
    };
    let Imported { counts, rejected_file } = session.import(files::inputs(&import.files), &options, talk)?;
    let mut text = describe(&counts, import.dry_run);
    let mut value = json!(counts);
    input::put(&mut value, &[("guesses", &counts.guesses), ("remarks", &counts.remarks)]);
    if import.dry_run {
        value["dry_run"] = json!(true);
    }
    if let Some(path) = &rejected_file {
        text += &format!("\nThe bad rows, each with a reason, are in {}", shown(path));
        value["rejected_file"] = json!(written(path));
    }
    let next = (!import.dry_run).then(|| "`querist status` shows what to do next".to_owned());
    Ok(Outcome { json: value, text, next })
}

/// Returns the names of the fields with id, text and label, as the options set them.
fn field_names(columns: &DocumentColumns) -> FieldNames {
    let meta =
        columns.meta.as_ref().map(|names| names.iter().filter(|name| !name.is_empty()).cloned().collect());
    FieldNames {
        id: columns.id.clone().unwrap_or_else(|| FieldNames::default().id),
        text: columns.text.clone(),
        label: columns.label.clone(),
        meta,
    }
}

/// Returns the names of fields that the user gave, each with the option that gave it.
fn named(columns: &DocumentColumns) -> Vec<(FieldOption, String)> {
    let usual = FieldNames::default();
    let mut named: Vec<(FieldOption, String)> = Vec::new();
    named.extend(columns.id.iter().map(|field| (FieldOption::Id, field.clone())));
    named.extend((columns.text != usual.text).then(|| (FieldOption::Text, columns.text.clone())));
    named.extend((columns.label != usual.label).then(|| (FieldOption::Label, columns.label.clone())));
    let meta = columns.meta.iter().flatten().filter(|field| !field.is_empty());
    named.extend(meta.map(|field| (FieldOption::Meta, field.clone())));
    named
}

/// Returns in words how many documents were imported, in which roles, and how many were changed.
fn describe(counts: &ImportCounts, dry_run: bool) -> String {
    let plural = |n: u64, one: &'static str, more: &'static str| if n == 1 { one } else { more };
    let named = [
        (counts.pool, "to the pool"),
        (counts.labeled, "labelled"),
        (counts.test, "to the test set"),
        (counts.control, plural(counts.control, "control item", "control items")),
        (
            counts.newly_labeled,
            plural(counts.newly_labeled, "known document got its label", "known documents got their label"),
        ),
        (
            counts.relabeled,
            plural(counts.relabeled, "known document got another label", "known documents got another label"),
        ),
        (
            counts.updated,
            plural(
                counts.updated,
                "known document got a new text or new fields",
                "known documents got new texts or new fields",
            ),
        ),
        (
            counts.answers_left,
            plural(
                counts.answers_left,
                "answer to an old text no longer counts",
                "answers to old texts no longer count",
            ),
        ),
        (
            counts.labels_left,
            plural(
                counts.labels_left,
                "label of an old text no longer counts",
                "labels of old texts no longer count",
            ),
        ),
        (counts.moved, "moved out of the pool"),
        (counts.duplicates, plural(counts.duplicates, "was there already", "were there already")),
        (counts.rejected, plural(counts.rejected, "bad row skipped", "bad rows skipped")),
        (
            counts.labels_left_out,
            plural(counts.labels_left_out, "label ignored (--as pool)", "labels ignored (--as pool)"),
        ),
    ];
    let parts: Vec<String> =
        named.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let imported = would(dry_run, "Imported", "Would import");
    if parts.is_empty() { format!("{imported} nothing") } else { format!("{imported}: {}", parts.join(", ")) }
}
