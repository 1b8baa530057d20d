//! What a caller can choose in order to have a file read differently, as data. Each interface words
//! the choice in its own way.

use std::fmt;

use serde::{Serialize, Serializer};

/// An option that names a field or a column of a file.
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
    /// The column with the item that an answer is about.
    Item,
    /// The column with the annotator of an answer.
    Annotator,
    /// The column with the label of an answer.
    Answer,
    /// The control or question whose answers count.
    Control,
}

impl FieldOption {
    /// What the field is for, in words that fit "the column for {}".
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

/// What a caller may choose differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Another sheet of the workbook.
    Sheet,
    /// Other columns for the item, the annotator and the label.
    Columns,
    /// Another field than the one that this option names; the file lacks that one.
    Field(FieldOption),
    /// The field with the label.
    LabelField {
        /// The field that looks like the label.
        field: String,
        /// Whether annotators see this field, which would reveal the label.
        leaks: bool,
    },
}

/// A remark on how a file was read, although nothing is wrong. In JSON it is only the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The remark.
    pub text: String,
    /// What the caller may choose differently, if anything.
    pub choice: Option<Choice>,
}

impl Told {
    /// The same remark with a different text.
    pub(crate) fn map(self, text: impl FnOnce(String) -> String) -> Self {
        Self { text: text(self.text), choice: self.choice }
    }

    /// The same remark with the file's name in front.
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
