//! Documents: the texts that people label.

use serde::{Deserialize, Serialize};

use crate::label::Class;

/// The purpose of a document. A document has exactly one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A document that may be chosen for a batch; once it has a label, it trains the model.
    Pool,
    /// A control item: its label is known and hidden from annotators. It never trains the model.
    Control,
    /// A document held out to measure the model. It is never chosen and never trains the model.
    Test,
}

impl Role {
    /// Returns the role's name in the database and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pool => "pool",
            Self::Control => "control",
            Self::Test => "test",
        }
    }

    /// Returns the role with this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pool, Self::Control, Self::Test].into_iter().find(|role| role.name() == name)
    }
}

/// A document as imported: its identity, its text, its label if one is known, and the user's own
/// fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The user's identifier, unique in the workspace.
    pub id: String,
    /// The text to label; never empty.
    pub text: String,
    /// The known label, if there is one.
    pub label: Option<Class>,
    /// The user's own fields as one JSON object, exactly as a batch returns them; `None` if there
    /// are none.
    pub meta: Option<String>,
}
