//! `querist import`: documents in.

use std::path::Path;

use querist_store::format::documents::FieldNames;
use querist_store::format::records::Reading;
use querist_store::workspace::{ImportAs, ImportCounts, ImportOptions};
use serde_json::json;

use crate::args::{DocumentColumns, Import, ImportKind};
use crate::files;
use crate::output::{Outcome, Talk, shown, written};
use crate::session::Session;

/// Imports documents.
///
/// # Errors
/// The first bad row (unless they are skipped); then nothing was changed.
pub fn run(import: &Import, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let mut session = Session::write(root, "import")?;
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
        skip_bad_rows: import.skip_bad_rows,
        layout,
        encoding,
        sheet,
        id_named: import.columns.id.is_some(),
        named: named(&import.columns),
    };
    let names = files::expanded(&import.files)?;
    let spinner = talk.spinner("importing");
    let mut progress = |rows: u64| spinner.set_message(format!("{rows} rows"));
    let result = session.workspace.import(&names, &session.labels, &options, &mut progress);
    spinner.finish_and_clear();
    let (counts, rejected_file) = result?;
    for remark in counts.guesses.iter().chain(&counts.remarks) {
        talk.remark(remark);
    }
    for remark in files::told(&counts.passed_over) {
        talk.remark(&remark);
    }
    talk.warn(&counts.warnings);
    if counts.ids_made > 0 {
        talk.remark(&format!(
            "{} ids were made from the texts, because the file has no field \"id\"; name another field with --id",
            counts.ids_made
        ));
    }
    // Only a remark: the documents are in.
    if let Ok(marks) = session.workspace.fields_that_mark_controls()
        && !marks.is_empty()
    {
        talk.remark(&format!(
                "warning: annotators can tell control items by fields that only they have, or only the pool has: {}",
                marks.join(", ")
            ));
    }
    let mut text = describe(&counts);
    let mut value = json!(counts);
    if let Some(path) = &rejected_file {
        text += &format!("\nBad rows, each with its reason, are in {}", shown(path));
        value["rejected_file"] = json!(written(path));
    }
    Ok(Outcome { json: value, text, next: Some("`querist status` says what to do next".to_owned()) })
}

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

/// The fields that the user named, with their flags.
fn named(columns: &DocumentColumns) -> Vec<(&'static str, String)> {
    let usual = FieldNames::default();
    let mut named: Vec<(&'static str, String)> = Vec::new();
    named.extend(columns.id.iter().map(|field| ("--id", field.clone())));
    named.extend((columns.text != usual.text).then(|| ("--text", columns.text.clone())));
    named.extend((columns.label != usual.label).then(|| ("--label", columns.label.clone())));
    let meta = columns.meta.iter().flatten().filter(|field| !field.is_empty());
    named.extend(meta.map(|field| ("--meta", field.clone())));
    named
}

fn describe(counts: &ImportCounts) -> String {
    let named = [
        (counts.pool, "to the pool"),
        (counts.labeled, "labelled"),
        (counts.test, "to the test set"),
        (counts.control, "control items"),
        (counts.newly_labeled, "known documents got their label"),
        (counts.relabeled, "known documents got another label"),
        (counts.moved, "moved out of the pool"),
        (counts.duplicates, "were there already"),
        (counts.rejected, "bad rows passed over"),
        (counts.labels_left_out, "labels left out (--as pool)"),
    ];
    let parts: Vec<String> =
        named.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { "Imported nothing".to_owned() } else { format!("Imported: {}", parts.join(", ")) }
}
