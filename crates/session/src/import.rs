//! Import of documents.

use std::path::PathBuf;

use querist_store::Told;
use querist_store::format::records::Input;
use querist_store::workspace::{ImportCounts, ImportOptions};
use serde::Serialize;

use crate::error::Result;
use crate::inputs;
use crate::progress::{Progress, Remark, Step};
use crate::session::Session;

/// The result of an import.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// Number of documents by what became of them.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// The file with the skipped rows and the reason for each; `None` if none was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_file: Option<PathBuf>,
}

impl Session {
    /// Imports documents. An input is the path of a file, relative to the current folder; a pattern
    /// of paths; `-` for standard input; or a stream in memory with a name for messages. By default
    /// a row `{"id", "text"}` joins the pool, and a row with `"label"` is an example.
    /// [`ImportOptions`] sets other roles (test set, control items), fields and layouts.
    ///
    /// # Errors
    /// The first bad row, unless the options skip bad rows. Nothing was changed then.
    pub fn import(
        &self,
        inputs: Vec<Input>,
        options: &ImportOptions,
        progress: &dyn Progress,
    ) -> Result<Imported> {
        let mut opened = self.write("import", progress)?;
        let names = inputs::expanded_inputs(inputs)?;
        let running = progress.begin(Step::Importing);
        let labels = opened.labels.clone();
        let result =
            opened.workspace.import_from(names, &labels, options, &mut |rows| running.at(rows, None));
        drop(running);
        let (counts, rejected_file) = result?;
        let remarks: Vec<Told> = counts.guesses.iter().chain(&counts.remarks).cloned().collect();
        inputs::tell(&remarks, &counts.passed_over, progress);
        progress.warn(&counts.warnings);
        if counts.ids_made > 0 {
            progress.remark(Remark::IdsMade { ids: counts.ids_made });
        }
        // Only a remark: the documents are in.
        if let Ok(fields) = opened.workspace.fields_that_mark_controls()
            && !fields.is_empty()
        {
            progress.remark(Remark::ControlsMarked { fields });
        }
        Ok(Imported { counts, rejected_file })
    }
}
