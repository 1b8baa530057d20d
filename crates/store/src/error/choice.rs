//! Describes, as data, what a caller can choose so that a file is read differently. Each interface
//! words these choices in its own way.

use std::fmt;

use serde::{Serialize, Serializer};

/// An option with which a user names a field, a column or a control of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldOption {
    /// The field with the id of a document.
    Id,
    /// The field with the text of a document.
    Text,
    /// The field with the label of a document.
    Label,
    /// The user's own fields.
    Meta,
    /// The column with the item to which an answer belongs.
    Item,
    /// The column with the annotator of an answer.
    Annotator,
    /// The column with the label of an answer.
    Answer,
    /// The control or question whose answers are the labels.
    Control,
}

impl FieldOption {
    /// Returns a noun for the field, which fits into "the column for {}".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Id => "the id",
            Self::Text => "the text",
            Self::Label | Self::Answer => "the label",
            Self::Meta => "fields of your own",
            Self::Item => "the item",
            Self::Annotator => "the annotator",
            Self::Control => "the class",
        }
    }
}

/// A choice that makes a file be read differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Another sheet of the workbook.
    Sheet,
    /// Other columns for the item, the annotator and the label.
    Columns,
    /// Another field instead of the one that this option named and that the file lacks.
    Field(FieldOption),
    /// The field that looks like the label, as the label's field.
    LabelField {
        /// The name of the field that looks like the label.
        field: String,
        /// Whether annotators see the field, so that it would reveal the label.
        leaks: bool,
    },
}

/// A remark on how a file was read; the file is read all the same. In JSON, a remark is only its
/// text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The remark.
    pub text: String,
    /// The choice that would change what the remark says, if there is one.
    pub choice: Option<Choice>,
}

impl Told {
    /// Returns the remark with its text changed by `text`.
    pub(crate) fn map(self, text: impl FnOnce(String) -> String) -> Self {
        Self { text: text(self.text), choice: self.choice }
    }

    /// Returns the remark with the file's name in front of its text.
    #[must_use]
    pub fn of_file(self, file: &str) -> Self {
        self.map(|text| format!("{file}: {text}"))
    }
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self { text, choice: None }
    }
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}
