//! A row of the table: one comparison.

use serde_json::{Value, json};

/// One comparison.
pub(crate) struct Row {
    what: String,
    unit: &'static str,
    ours: f64,
    theirs: f64,
    /// More is better.
    ratio: f64,
    aim: Option<f64>,
    note: String,
}

impl Row {
    /// Seconds of both sides.
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

    /// Bytes of both sides.
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

    /// Bytes a second of ours and of a plain read.
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

    /// The same with the ratio that is aimed at.
    pub(crate) fn aim(self, aim: Option<f64>) -> Self {
        Self { aim, ..self }
    }

    /// The same with a note.
    pub(crate) fn note(self, note: String) -> Self {
        Self { note, ..self }
    }

    /// As JSON.
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

/// All rows as Markdown.
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
