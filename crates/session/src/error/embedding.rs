//! What can be wrong with a static embedding.

use std::path::PathBuf;

use querist_text::space::english;
use thiserror::Error;

use super::Kind;
use crate::embeddings::Origin;
use crate::inputs::shown;
use crate::settings::SettingsError;

/// A static embedding that is not there, not the same, or none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// querist.toml names one that the workspace does not have.
    #[error("{0}")]
    Unknown(SettingsError),
    /// The kind of features needs one, and there is none.
    #[error("{0}")]
    Needed(SettingsError),
    /// The kind of features of a simulation needs one, and the caller wants none.
    #[error("this kind of features needs a static embedding, but embedding is set to \"none\"")]
    NoneForKind,
    /// Several were brought, and querist.toml names none.
    #[error(
        "the workspace has several embeddings ({}); name one in querist.toml: embedding = \"{}\" under [features]",
        names.join(", "),
        names.first().map_or("", String::as_str)
    )]
    Several {
        /// Their names.
        names: Vec<String>,
    },
    /// The embedding of the last round is no longer there.
    #[error("round {round} was made with an embedding that is no longer in {}", shown(&folder.to_string_lossy()))]
    Gone {
        /// The last round.
        round: u32,
        /// Where embeddings are kept.
        folder: PathBuf,
    },
    /// Its files were changed since it was brought.
    #[error("{}: the files of the embedding were changed or damaged since it was added", folder.display())]
    NotAsBrought {
        /// Its folder.
        folder: PathBuf,
    },
    /// Its files cannot be read, or do not fit together.
    #[error("{problem}")]
    Unreadable {
        /// What is wrong, with the file.
        problem: String,
    },
    /// The workspace has another one of that name.
    #[error("the workspace already has a different embedding \"{name}\"")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The name means something else.
    #[error("the name \"{name}\" is reserved")]
    NameReserved {
        /// The name.
        name: String,
    },
    /// No name.
    #[error("\"{name}\" cannot be the name of an embedding")]
    NameMalformed {
        /// The name.
        name: String,
    },
}

impl EmbeddingError {
    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Gone { .. } | Self::NotAsBrought { .. } => Kind::Differs,
            _ => Kind::Mend,
        }
    }

    /// The names that may stand in the place of one that is gone.
    pub fn substitutes() -> [&'static str; 2] {
        [english::NAME, Origin::NONE]
    }
}
