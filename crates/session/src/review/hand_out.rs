//! Hands documents to experts in a tool's format: one file for everybody, or one per expert.

use std::path::Path;

use querist_core::Snapshot;
use querist_store::format::batch::{self, BatchItem};
use querist_store::write_together;

use crate::error::{Doing, Result, SessionError};
use crate::export::{OutFile, check_names, file_name};
use crate::inputs::unknown_format;
use crate::opened::Opened;

/// Which experts get documents, and in which format.
#[derive(Debug, Clone, Copy)]
pub struct ToExperts<'a> {
    /// Name of the tool's format.
    pub format: &'a str,
    /// Names of the experts, who get the documents in turn. Without names, one file is for any
    /// expert.
    pub experts: &'a [String],
    /// The folder for the files. It is made if it does not exist.
    pub folder: &'a Path,
}

/// Writes documents to files for experts, and returns the files. Either all files are written or
/// none.
///
/// # Errors
/// - The format does not exist, or it needs a model's guess.
/// - An expert's name cannot be part of a file name.
/// - A text cannot be read, or a file cannot be written.
pub(crate) fn write(
    opened: &Opened,
    snapshot: &Snapshot,
    documents: &[usize],
    to: &ToExperts<'_>,
) -> Result<Vec<OutFile>> {
    let format = batch::format(to.format).ok_or_else(|| {
        let known: Vec<&str> = batch::FORMATS.iter().map(|format| format.name()).collect();
        unknown_format(to.format, &known)
    })?;
    if format.asks_about_guess() {
        let what = format!(
            "{} asks about a model's guess, but an expert decides without one; choose another format",
            format.name()
        );
        return Err(SessionError::Input { what });
    }
    let experts: Vec<String> =
        to.experts.iter().map(|name| opened.person(snapshot, name)).collect::<Result<_>>()?;
    check_names(&experts)?;
    let names: Vec<Option<&String>> =
        if experts.is_empty() { vec![None] } else { experts.iter().map(Some).collect() };
    std::fs::create_dir_all(to.folder).doing("make the folder", to.folder)?;
    let (mut files, mut written) = (Vec::new(), Vec::new());
    for (at, name) in names.iter().enumerate() {
        let own = documents.iter().skip(at).step_by(names.len());
        let items =
            own.map(|document| item(opened, snapshot, *document, *name)).collect::<Result<Vec<_>>>()?;
        let path = to.folder.join(file_name(format, name.map(String::as_str)));
        let mut bytes = Vec::new();
        let rows = items.iter().cloned().map(Ok::<_, std::io::Error>);
        batch::write_to(format, rows, &opened.labels, &mut bytes).doing("write", &path)?;
        written.push(OutFile { annotator: name.cloned(), file: path.clone(), items: items.len() });
        files.push((path, bytes));
    }
    if let Some((name, content)) = format.beside(&opened.labels) {
        files.push((to.folder.join(name), content.into_bytes()));
    }
    write_together(files.iter().map(|(path, bytes)| (path.clone(), bytes.as_slice())))?;
    Ok(written)
}

/// Returns a document in the form that a tool shows to an expert.
fn item(opened: &Opened, snapshot: &Snapshot, document: usize, expert: Option<&String>) -> Result<BatchItem> {
    let id = snapshot.documents[document].id.to_string();
    let found = opened.workspace.text_of(&snapshot.documents[document])?;
    let annotator = expert.cloned();
    Ok(BatchItem { id, text: found.text, meta: found.meta, suggestion: None, annotator })
}
