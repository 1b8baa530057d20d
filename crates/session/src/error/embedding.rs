//! What can be wrong with a static embedding.

use std::path::PathBuf;

use querist_text::space::english;
use thiserror::Error;

use super::Kind;
use crate::embeddings::Origin;
use crate::inputs::shown;
use crate::settings::SettingsError;

/// Why a static embedding is unusable.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// querist.toml names an embedding that does not exist in the workspace.
    #[error("{0}")]
    Unknown(SettingsError),
    /// The kind of features needs an embedding, but the workspace uses none.
    #[error("{0}")]
    Needed(SettingsError),
    /// A simulation has a kind of features that needs an embedding, but the caller asked for none.
    #[error("features of this kind need a static embedding, but embedding is set to \"none\"")]
    NoneForKind,
    /// The user has added several embeddings, and querist.toml names none of them.
    #[error(
        "the workspace has several embeddings ({}); name one in querist.toml: embedding = \"{}\" under [features]",
        names.join(", "),
        names.first().map_or("", String::as_str)
    )]
    Several {
        /// Names of the added embeddings.
        names: Vec<String>,
    },
    /// The embedding that the last round used no longer exists.
    #[error("round {round} was made with an embedding that is no longer in {}", shown(&folder.to_string_lossy()))]
    Gone {
        /// Number of the last round.
        round: u32,
        /// The folder that holds all embeddings of the workspace.
        folder: PathBuf,
    },
    /// The embedding's files have changed since the user added it.
    #[error("{}: the files of the embedding were changed or damaged since it was added", folder.display())]
    NotAsBrought {
        /// The embedding's folder.
        folder: PathBuf,
    },
    /// The embedding's files cannot be read, or do not fit together.
    #[error("{problem}")]
    Unreadable {
        /// What is wrong, with the file's path.
        problem: String,
    },
    /// The workspace already has another embedding of this name.
    #[error("the workspace already has a different embedding \"{name}\"")]
    NameTaken {
        /// The embedding's name.
        name: String,
    },
    /// The name is reserved, so the user's own embeddings must not have it.
    #[error("the name \"{name}\" is reserved")]
    NameReserved {
        /// The reserved name.
        name: String,
    },
    /// The given text is not allowed as a name.
    #[error("\"{name}\" cannot be the name of an embedding")]
    NameMalformed {
        /// The given text.
        name: String,
    },
}

impl EmbeddingError {
    /// Returns the kind of this failure.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Gone { .. } | Self::NotAsBrought { .. } => Kind::Differs,
            _ => Kind::Mend,
        }
    }

    /// Returns the names that querist.toml may have instead of the missing embedding.
    pub fn substitutes() -> [&'static str; 2] {
        [english::NAME, Origin::NONE]
    }
}
