//! Imports documents.

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
    /// Number of rows with each outcome: new, changed and so on.
    #[serde(flatten)]
    pub counts: ImportCounts,
    /// The file that lists the skipped rows with the reason for each; `None` if none was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected_file: Option<PathBuf>,
}

impl Session {
    /// Imports documents into the workspace. Returns how many rows had which outcome.
    ///
    /// An input is one of these: the path of a file, relative to the current folder; a pattern of
    /// paths; `-` for standard input; a stream in memory, with a name for messages. By default a
    /// row `{"id", "text"}` joins the pool. A row that also has a `"label"` joins it as a labelled
    /// example. [`ImportOptions`] sets other roles (test set, control items), field names and
    /// layouts.
    ///
    /// # Errors
    /// A row is bad, and the options do not say to skip bad rows. The error names the first bad
    /// row, and nothing was changed.
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
        // The documents are already imported, so a failed check only costs the user a remark.
        if let Ok(fields) = opened.workspace.fields_that_mark_controls()
            && !fields.is_empty()
        {
            progress.remark(Remark::ControlsMarked { fields });
        }
        Ok(Imported { counts, rejected_file })
    }
}
