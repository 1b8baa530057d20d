//! What can be wrong with a static embedding.

use std::path::PathBuf;

use querist_text::space::english;
use thiserror::Error;

use super::Kind;
use crate::embeddings::Origin;
use crate::inputs::shown;
use crate::settings::SettingsError;

/// A static embedding that is missing, has changed, or is not an embedding.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// querist.toml names an embedding that the workspace does not have.
    #[error("{0}")]
    Unknown(SettingsError),
    /// The kind of features needs an embedding, and there is none.
    #[error("{0}")]
    Needed(SettingsError),
    /// The kind of features of a simulation needs an embedding, and the caller asked for none.
    #[error("features of this kind need a static embedding, but embedding is set to \"none\"")]
    NoneForKind,
    /// Several embeddings were brought, and querist.toml names none.
    #[error(
        "the workspace has several embeddings ({}); name one in querist.toml: embedding = \"{}\" under [features]",
        names.join(", "),
        names.first().map_or("", String::as_str)
    )]
    Several {
        /// Names of the brought embeddings.
        names: Vec<String>,
    },
    /// The embedding of the last round is no longer there.
    #[error("round {round} was made with an embedding that is no longer in {}", shown(&folder.to_string_lossy()))]
    Gone {
        /// Number of the last round.
        round: u32,
        /// The folder of all embeddings.
        folder: PathBuf,
    },
    /// The embedding's files were changed since it was brought.
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
    /// The workspace has a different embedding of that name.
    #[error("the workspace already has a different embedding \"{name}\"")]
    NameTaken {
        /// The embedding's name.
        name: String,
    },
    /// The name is reserved.
    #[error("the name \"{name}\" is reserved")]
    NameReserved {
        /// The reserved name.
        name: String,
    },
    /// The text cannot be a name.
    #[error("\"{name}\" cannot be the name of an embedding")]
    NameMalformed {
        /// The text.
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

    /// Returns the names that querist.toml can name in place of an embedding that is gone.
    pub fn substitutes() -> [&'static str; 2] {
        [english::NAME, Origin::NONE]
    }
}
