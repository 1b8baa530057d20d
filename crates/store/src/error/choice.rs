//! What a caller can say of a file so that it is read otherwise, as data: how one says it is the
//! door's to know.

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
    /// The fields of the users' own.
    Meta,
    /// The column with the item that an answer is for.
    Item,
    /// The column with the annotator of an answer.
    Annotator,
    /// The column with the label of an answer.
    Answer,
    /// The control or question whose answers count.
    Control,
}

impl FieldOption {
    /// What the field is for, as in "the column for {}".
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

/// What a caller may choose otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Another sheet of the workbook.
    Sheet,
    /// Other columns for the item, the annotator and the label.
    Columns,
    /// Another field than the one that this option names, which the file lacks.
    Field(FieldOption),
    /// A field for the label.
    LabelField {
        /// The field that looks like it.
        field: String,
        /// Whether annotators see that field, which would tell them the label.
        leaks: bool,
    },
}

/// What there is to tell about how a file was read, though nothing is wrong. JSON has the text
/// alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// How it was read.
    pub text: String,
    /// What the caller may choose otherwise.
    pub choice: Option<Choice>,
}

impl Told {
    /// The same with another text.
    pub(crate) fn map(self, text: impl FnOnce(String) -> String) -> Self {
        Self { text: text(self.text), choice: self.choice }
    }

    /// The same, said of a file.
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
