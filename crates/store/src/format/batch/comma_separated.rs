//! Writes batches as CSV for spreadsheets, with the columns
//! `id,text,label,annotator,suggestion,confidence,meta`.
//!
//! The cell `label` is empty, for the answer. `annotator` is empty too, unless the file is for one
//! annotator. `meta` has the user's own fields as one JSON text. Every cell is quoted. If a
//! spreadsheet would read a cell as a formula, an apostrophe is put in front of it
//! ([`records::guarded`](crate::format::records::guarded)); `querist ingest` removes it again.

use querist_core::LabelSet;

use super::{BatchFormat, BatchItem, number};
use crate::format::records::guarded;

/// The format for spreadsheets.
pub(super) struct CommaSeparated;

impl BatchFormat for CommaSeparated {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn file_name(&self) -> (&'static str, &'static str) {
        ("batch", "csv")
    }

    fn head(&self) -> &'static str {
        "id,text,label,annotator,suggestion,confidence,meta\r\n"
    }

    fn row(&self, item: &BatchItem, _labels: &LabelSet) -> String {
        let (suggestion, confidence) =
            item.suggestion.as_ref().map_or_else(Default::default, |(label, confidence)| {
                (label.clone(), number(*confidence).to_string())
            });
        let (annotator, meta) = (item.annotator.as_deref().unwrap_or(""), item.meta.as_deref().unwrap_or(""));
        let cells = [&item.id, &item.text, "", annotator, &suggestion, &confidence, meta];
        cells.map(quoted).join(",")
    }

    fn separator(&self) -> &'static str {
        "\r\n"
    }

    fn tail(&self) -> &'static str {
        "\r\n"
    }
}

/// Returns a cell in quotes, with an apostrophe in front if a spreadsheet would read it as a
/// formula.
pub(in crate::format) fn quoted(cell: &str) -> String {
    format!("\"{}\"", guarded(cell).replace('"', "\"\""))
}
