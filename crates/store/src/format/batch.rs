//! A batch out: what annotators get, in the form that their tool reads. One tool per file.
//!
//! No format shows the score, the reason, the share, or whether a document is a control item.
//! Suggestions, if they are wanted, are in the tool's own field, in every row alike. Rows are made
//! one at a time, so memory does not grow with the batch.

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
    /// The document's text.
    pub text: String,
    /// The user's own fields, as one JSON object.
    pub meta: Option<String>,
    /// The model's most likely label and its probability, if suggestions are wanted and there is a
    /// model.
    pub suggestion: Option<(String, f64)>,
    /// The annotator who gets the row, if the file is for one annotator.
    pub annotator: Option<String>,
}

/// The format in which a tool reads tasks.
pub trait BatchFormat: Send + Sync {
    /// The format's name, for `--format`.
    fn name(&self) -> &'static str;

    /// The beginning and the end of the format's file names, such as `("label-studio", "json")`.
    fn file_name(&self) -> (&'static str, &'static str);

    /// The text before the first row.
    fn head(&self) -> &'static str {
        ""
    }

    /// One row, without the separator.
    fn row(&self, item: &BatchItem, labels: &LabelSet) -> String;

    /// The text between two rows.
    fn separator(&self) -> &'static str {
        "\n"
    }

    /// The text after the last row.
    fn tail(&self) -> &'static str {
        "\n"
    }

    /// A further file that belongs to the batch: its name and its content.
    fn beside(&self, _labels: &LabelSet) -> Option<(&'static str, String)> {
        None
    }

    /// What the format has no field for, in words; `None` if it has fields for everything.
    fn leaves_out(&self) -> Option<&'static str> {
        None
    }

    /// Whether every row asks about the model's guess, so that a model is needed.
    fn asks_about_guess(&self) -> bool {
        false
    }
}

/// All formats.
pub const FORMATS: [&dyn BatchFormat; 7] = [
    &json_lines::JsonLines,
    &label_studio::LabelStudio,
    &prodigy::Choice,
    &prodigy::Binary,
    &doccano::Doccano,
    &argilla::Argilla,
    &comma_separated::CommaSeparated,
];

/// The format with this name.
pub fn format(name: &str) -> Option<&'static dyn BatchFormat> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// Writes rows one after the other, with the format's head, separators and tail.
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
    // A file of lines without any row must stay empty.
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
