//! Writes batches for annotators, in the formats that annotation tools read. Each tool has its own
//! file of code.
//!
//! No format shows annotators why a document was picked, or whether it is a control item. If
//! suggestions are wanted, every row has the model's suggestion, in the tool's field for
//! suggestions. Rows are written one at a time, so memory does not grow with the batch.

mod argilla;
mod comma_separated;
mod doccano;
mod json_lines;
mod label_studio;
mod prodigy;

use querist_core::LabelSet;

pub(super) use self::comma_separated::quoted;

use super::row::json_string;

/// One document of a batch, as an annotator gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchItem {
    /// The document's id.
    pub id: String,
    /// The document's text.
    pub text: String,
    /// The user's own fields of the document, as one JSON object.
    pub meta: Option<String>,
    /// The model's most likely label and its probability; `None` if suggestions are not wanted or
    /// there is no model.
    pub suggestion: Option<(String, f64)>,
    /// The annotator to whom the document is assigned, if the file is for one annotator.
    pub annotator: Option<String>,
}

/// The format in which a tool reads tasks.
pub trait BatchFormat: Send + Sync {
    /// Returns the format's name, for `--format`.
    fn name(&self) -> &'static str;

    /// Returns the first part and the suffix of the format's file names, such as
    /// `("label-studio", "json")`.
    fn file_name(&self) -> (&'static str, &'static str);

    /// Returns the text before the first row.
    fn head(&self) -> &'static str {
        ""
    }

    /// Returns one row, without the separator.
    fn row(&self, item: &BatchItem, labels: &LabelSet) -> String;

    /// Returns the text between two rows.
    fn separator(&self) -> &'static str {
        "\n"
    }

    /// Returns the text after the last row.
    fn tail(&self) -> &'static str {
        "\n"
    }

    /// Returns the name and the content of a second file that the tool needs, such as a
    /// configuration. Returns `None` if it needs none.
    fn beside(&self, _labels: &LabelSet) -> Option<(&'static str, String)> {
        None
    }

    /// Returns words for the parts of a [`BatchItem`] that the format cannot contain; `None` if it
    /// can contain all.
    fn leaves_out(&self) -> Option<&'static str> {
        None
    }

    /// Whether every row asks the annotator if the model's suggestion is right. If so, a batch
    /// needs a model.
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

/// Returns the format with this name, if there is one.
pub fn format(name: &str) -> Option<&'static dyn BatchFormat> {
    FORMATS.into_iter().find(|format| format.name() == name)
}

/// Writes a batch to `out`: the format's head, the rows with separators between them, and the tail.
///
/// # Errors
/// An item of `items` is an error, or `out` cannot be written.
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
    // In a format with one row per line, a batch without rows must be an empty file, without the
    // tail's line break.
    if !separator.is_empty() || !format.tail().trim().is_empty() {
        out.write_all(format.tail().as_bytes())?;
    }
    Ok(())
}

/// Returns a batch in Querist's own format, JSON Lines.
pub fn write(items: &[BatchItem], labels: &LabelSet) -> Vec<u8> {
    items.iter().flat_map(|item| (json_lines::JsonLines.row(item, labels) + "\n").into_bytes()).collect()
}

/// Returns a probability as JSON.
fn number(value: f64) -> serde_json::Value {
    serde_json::Value::from(value)
}

/// Returns the names of the classes as JSON strings.
fn choices(labels: &LabelSet) -> impl Iterator<Item = String> + '_ {
    labels.names().iter().map(|name| json_string(name))
}

#[cfg(test)]
mod tests;
