//! A row of the table: one comparison.

use serde_json::{Value, json};

/// One comparison. `ours` and `theirs` are in `unit` (ms, MB or GB/s).
pub(crate) struct Row {
    what: String,
    unit: &'static str,
    ours: f64,
    theirs: f64,
    /// How much better ours is: above 1, ours is faster or smaller.
    ratio: f64,
    aim: Option<f64>,
    note: String,
}

impl Row {
    /// Compares seconds; the row shows milliseconds.
    pub(crate) fn time(what: impl Into<String>, ours: f64, theirs: f64) -> Self {
        let (ours, theirs) = (ours * 1e3, theirs * 1e3);
        Self {
            what: what.into(),
            unit: "ms",
            ours,
            theirs,
            ratio: theirs / ours,
            aim: None,
            note: String::new(),
        }
    }

    /// Compares bytes; the row shows megabytes.
    pub(crate) fn memory(what: impl Into<String>, ours: f64, theirs: f64) -> Self {
        let (ours, theirs) = (ours / 1e6, theirs / 1e6);
        Self {
            what: what.into(),
            unit: "MB",
            ours,
            theirs,
            ratio: theirs / ours,
            aim: None,
            note: String::new(),
        }
    }

    /// Compares bytes a second of ours and of a plain read; the row shows gigabytes a second.
    pub(crate) fn bandwidth(what: impl Into<String>, ours: f64, read: f64) -> Self {
        let (ours, theirs) = (ours / 1e9, read / 1e9);
        Self {
            what: what.into(),
            unit: "GB/s",
            ours,
            theirs,
            ratio: ours / theirs,
            aim: None,
            note: String::new(),
        }
    }

    /// The same row with the ratio that we aim at.
    pub(crate) fn aim(self, aim: Option<f64>) -> Self {
        Self { aim, ..self }
    }

    /// The same row with a note.
    pub(crate) fn note(self, note: String) -> Self {
        Self { note, ..self }
    }

    /// The row as JSON.
    pub(crate) fn json(&self) -> Value {
        let Self { what, unit, ours, theirs, ratio, aim, note } = self;
        json!({"what": what, "unit": unit, "ours": ours, "theirs": theirs, "ratio": ratio, "aim": aim, "note": note})
    }

    fn line(&self) -> String {
        let Self { what, unit, ours, theirs, ratio, aim, note } = self;
        let aim = aim.map(|aim| format!("{aim}×")).unwrap_or_default();
        format!("| {what} | {ours:.1} {unit} | {theirs:.1} {unit} | {ratio:.2}× | {aim} | {note} |")
    }
}

/// All rows as a Markdown table.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut table =
        "| what | ours | theirs | ratio | aim | note |\n| --- | ---: | ---: | ---: | ---: | --- |\n"
            .to_owned();
    for row in rows {
        table += &row.line();
        table.push('\n');
    }
    table
}
