//! Describes how a user can choose to read a file differently. Each interface (command line,
//! browser) words these choices in its own way.

use std::fmt;

use serde::{Serialize, Serializer};

/// An option with which a user names a field or a column of a file, or a question of an annotation
/// tool.
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
    /// The question whose answers are the labels.
    Control,
    /// The field with the vector of a document.
    Vector,
}

impl FieldOption {
    /// Returns words for the field that can follow "the column for".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Id => "the id",
            Self::Text => "the text",
            Self::Label | Self::Answer => "the label",
            Self::Meta => "fields of your own",
            Self::Item => "the item",
            Self::Annotator => "the annotator",
            Self::Control => "the class",
            Self::Vector => "the vector",
        }
    }
}

/// Something that a user can choose so that a file is read differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Another sheet of the workbook.
    Sheet,
    /// Other columns for the item, the annotator and the label.
    Columns,
    /// The file lacks the field that the user named with this option. The user can name another
    /// field.
    Field(FieldOption),
    /// A field looks like the label. The user can name it as the field with the label.
    LabelField {
        /// The name of the field that looks like the label.
        field: String,
        /// Whether annotators see the field, so that it would reveal the label.
        leaks: bool,
    },
}

/// A remark for the user on how a file was read. It is not an error. In JSON, a remark is a string,
/// its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The remark.
    pub text: String,
    /// The choice that would change what the remark says, if there is one.
    pub choice: Option<Choice>,
}

impl Told {
    /// Returns the remark with the text that `text` makes from the present text.
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
