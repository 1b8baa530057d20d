//! A batch out: what annotators get, in the form that their tool reads. One file a tool.
//!
//! No format shows the score, the reason, the share or whether a document is a control item.
//! Suggestions, when they are asked for, stand in the tool's own field, on every row alike. Rows
//! are made one at a time, so memory does not grow with the batch.

mod argilla;
mod comma_separated;
mod doccano;
mod json_lines;
mod label_studio;
mod prodigy;

use querist_core::LabelSet;

pub(super) use self::comma_separated::quoted;

use super::row::json_string;

/// One row of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    /// The document's id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// The user's own fields, as one JSON object.
    pub meta: Option<String>,
    /// The model's likeliest label and its probability, when suggestions are wanted and there is a
    /// model.
    pub suggestion: Option<(String, f64)>,
    /// Who gets the row, when it is for one annotator.
    pub annotator: Option<String>,
}

/// A tool's way to read tasks.
pub trait BatchFormat: Sync {
    /// Its name, for `--format`.
    fn name(&self) -> &'static str;

    /// How its files are called, before and after what tells them apart:
    /// `("label-studio", "json")`.
    fn file_name(&self) -> (&'static str, &'static str);

    /// What stands before the first row.
    fn head(&self) -> &'static str {
        ""
    }

    /// One row, without what separates it from others.
    fn row(&self, item: &BatchItem, labels: &LabelSet) -> String;

    /// What stands between two rows.
    fn separator(&self) -> &'static str {
        "\n"
    }

    /// What stands after the last row.
    fn tail(&self) -> &'static str {
        "\n"
    }

    /// A file that belongs beside: its name and its content.
    fn beside(&self, _labels: &LabelSet) -> Option<(&'static str, String)> {
        None
    }

    /// What the format has no field for, in words; `None`: it carries everything.
    fn leaves_out(&self) -> Option<&'static str> {
        None
    }

    /// Whether every row is a question about the model's guess, so that it needs one.
    fn asks_about_guess(&self) -> bool {
        false
    }
}

/// Every format.
pub const FORMATS: [&dyn BatchFormat; 7] = [
    &json_lines::JsonLines,
    &label_studio::LabelStudio,
    &prodigy::Choice,
    &prodigy::Binary,
    &doccano::Doccano,
    &argilla::Argilla,
    &comma_separated::CommaSeparated,
];

/// The format of that name.
pub fn format(name: &str) -> Option<&'static dyn BatchFormat> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// Writes rows one after the other.
///
/// # Errors
/// The first failure of an item, or of writing.
pub fn write_to<E: From<std::io::Error>>(
    format: &dyn BatchFormat,
    items: impl IntoIterator<Item = Result<BatchItem, E>>,
    labels: &LabelSet,
    out: &mut dyn std::io::Write,
) -> Result<(), E> {
    out.write_all(format.head().as_bytes())?;
    let mut separator = "";
    for item in items {
        out.write_all(separator.as_bytes())?;
        out.write_all(format.row(&item?, labels).as_bytes())?;
        separator = format.separator();
    }
    // A file of lines without a row has no line either.
    if !separator.is_empty() || !format.tail().trim().is_empty() {
        out.write_all(format.tail().as_bytes())?;
    }
    Ok(())
}

/// Writes a batch as Querist's own JSON Lines.
pub fn write(items: &[BatchItem], labels: &LabelSet) -> Vec<u8> {
    items.iter().flat_map(|item| (json_lines::JsonLines.row(item, labels) + "\n").into_bytes()).collect()
}

/// A probability as JSON.
fn number(value: f64) -> serde_json::Value {
    serde_json::Value::from(value)
}

/// The names of the classes as JSON strings.
fn choices(labels: &LabelSet) -> impl Iterator<Item = String> + '_ {
    labels.names().iter().map(|name| json_string(name))
}

#[cfg(test)]
mod tests;
