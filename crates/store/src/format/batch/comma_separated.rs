//! Writes batches as CSV for spreadsheets: `id,text,label,annotator,suggestion,confidence,meta`.
//!
//! The cell `label` is empty, for the answer; `annotator` is empty too, unless the file is for one
//! annotator. The user's own fields are one JSON text in `meta`. Every cell is quoted, and a cell
//! that a spreadsheet would read as a formula is guarded
//! ([`records::guarded`](crate::format::records::guarded)). `querist ingest` reads all cells back
//! exactly.

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

/// Returns a cell in quotes, guarded against being read as a formula.
pub(in crate::format) fn quoted(cell: &str) -> String {
    format!("\"{}\"", guarded(cell).replace('"', "\"\""))
}
