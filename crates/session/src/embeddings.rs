//! The static embedding of a workspace: the English word vectors that come with Querist, or an
//! embedding of the user's own.
//!
//! The user's own embedding is a folder `embeddings/<name>/` with `model.safetensors` and
//! `tokenizer.json`. A third file, `blake3.json`, is its **seal**: the hashes of the other two
//! files when the embedding was added. If a file has changed since, the embedding is refused. A
//! folder without a seal comes from an earlier version; it is read, and a remark says so.

mod bring;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_core::SettingError;
use querist_store::Workspace;
use querist_text::space::english;
use querist_text::{StaticEmbedding, tokenizer_file};
use serde::{Deserialize, Serialize};

use crate::error::{Doing, EmbeddingError, Result};
use crate::opened::Opened;
use crate::settings::Configuration;

pub use bring::{AddedEmbedding, EmbeddingNames};

/// File name of the table of word vectors.
pub(crate) const TABLE: &str = "model.safetensors";
/// File name of the tokenizer.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// File name of the seal, which holds the hashes of the other two files.
pub(crate) const SEAL: &str = "blake3.json";

/// Hashes of the table and the tokenizer when the embedding was added.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    /// BLAKE3 of the table and the data stored with it, in hex.
    table: String,
    /// BLAKE3 of the tokenizer's file, in hex.
    tokenizer: String,
}

impl Seal {
    /// Hashes the table of an embedding, and its tokenizer's file.
    fn of(embedding: &StaticEmbedding, tokenizer: &Path) -> std::io::Result<Self> {
        let tokenizer = blake3::hash(&tokenizer_file::bytes_of(tokenizer)?).to_hex().to_string();
        Ok(Self { table: embedding.table_hash(), tokenizer })
    }
}

/// Returns the content of the seal file for an embedding and its tokenizer file.
///
/// # Errors
/// The tokenizer file cannot be read.
pub(crate) fn seal(embedding: &StaticEmbedding, tokenizer: &Path) -> Result<Vec<u8>> {
    let seal = Seal::of(embedding, tokenizer).doing("read", tokenizer)?;
    Ok(serde_json::to_vec_pretty(&seal)?)
}

/// Where a static embedding comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// No embedding.
    Nowhere,
    /// The English embedding that comes with Querist.
    English,
    /// A folder with an embedding of the user's own.
    Folder(PathBuf),
}

impl Default for Origin {
    /// Returns the origin that applies if none is named: the English embedding, if this build has
    /// it; otherwise none.
    fn default() -> Self {
        if cfg!(feature = "english") { Self::English } else { Self::Nowhere }
    }
}

impl Origin {
    /// The name by which querist.toml asks for no embedding.
    pub const NONE: &str = "none";
    /// Names that the user's own embeddings must not have.
    pub const RESERVED: [&str; 2] = [english::NAME, Self::NONE];

    /// Returns the origin that a reserved name means; `None` for any other name.
    fn reserved(name: &str) -> Option<Self> {
        match name {
            english::NAME => Some(Self::English),
            Self::NONE => Some(Self::Nowhere),
            _ => None,
        }
    }

    /// Returns the origin that the value of a flag means: `english`, `none`, or a folder. Without
    /// the flag (`None`), it is the default origin.
    pub fn of(said: Option<&Path>) -> Self {
        let Some(said) = said else { return Self::default() };
        said.to_str().and_then(Self::reserved).unwrap_or_else(|| Self::Folder(said.to_owned()))
    }

    /// Opens the embedding; returns `None` for [`Origin::Nowhere`].
    ///
    /// # Errors
    /// The files of the embedding cannot be read, are no embedding, or have changed since it was
    /// added.
    pub fn open(&self) -> Result<Option<Arc<StaticEmbedding>>> {
        match self {
            Self::Nowhere => Ok(None),
            Self::English => Ok(Some(Arc::new(StaticEmbedding::english()?))),
            Self::Folder(folder) => Ok(Some(open(folder)?)),
        }
    }
}

/// Returns the names of the user's own embeddings in the workspace, sorted.
pub(crate) fn names(workspace: &Workspace) -> Vec<String> {
    let entries = std::fs::read_dir(workspace.embeddings_folder())
        .into_iter()
        .flatten()
        .filter_map(std::result::Result::ok);
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join(TABLE).is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// Returns the embedding that the workspace uses. querist.toml may name one, or say `none`. If it
/// does not, a single embedding of the user's own is used; without one, the default.
///
/// # Errors
/// querist.toml names an embedding that does not exist; or it names none, and there are several of
/// the user's own.
pub(crate) fn chosen(workspace: &Workspace, configuration: &Configuration) -> Result<Origin> {
    let names = names(workspace);
    let folder = |name: &str| Origin::Folder(workspace.embeddings_folder().join(name));
    match (&configuration.settings.features.embedding, names.as_slice()) {
        (Some(name), _) if names.contains(name) => Ok(folder(name)),
        (Some(name), _) => Origin::reserved(name).ok_or_else(|| {
            let known = [names.as_slice(), &Origin::RESERVED.map(str::to_owned)].concat().join(", ");
            let what = format!("the workspace has no embedding \"{name}\" (it has: {known})");
            let setting = configuration.error(("features", SettingError::new("embedding", what)));
            EmbeddingError::Unknown(setting).into()
        }),
        (None, [name]) => Ok(folder(name)),
        (None, []) => Ok(Origin::default()),
        (None, _) => Err(EmbeddingError::Several { names }.into()),
    }
}

/// Checks that the embedding of the last round still exists. Without this check, the next round
/// would silently use other features.
///
/// # Errors
/// querist.toml names no embedding, and the embedding of the last round no longer exists in the
/// workspace or in this build.
pub(crate) fn check_not_gone(opened: &Opened) -> Result<()> {
    let workspace = &opened.workspace;
    if opened.configuration.settings.features.embedding.is_some() || !names(workspace).is_empty() {
        return Ok(());
    }
    let Some(last) = workspace.last_round()? else { return Ok(()) };
    let manifest = workspace.round(last)?.manifest.unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    match manifest["featurizer"].as_str().and_then(used_by) {
        None => Ok(()),
        Some(Used::English) if cfg!(feature = "english") => Ok(()),
        // If this build has no English embedding, opening it fails with a message that says so.
        Some(Used::English) => Origin::English.open().map(drop),
        Some(Used::Brought) => {
            Err(EmbeddingError::Gone { round: last, folder: workspace.embeddings_folder() }.into())
        }
    }
}

/// Which static embedding some features use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Used {
    /// The English embedding that comes with Querist.
    English,
    /// An embedding of the user's own.
    Brought,
}

/// Returns which static embedding a featurizer uses, given its fingerprint; `None` if it uses none.
pub(crate) fn used_by(featurizer: &str) -> Option<Used> {
    let (_, embedding) = featurizer.split_once(" static=(")?;
    Some(if embedding.contains("words 1 ") { Used::English } else { Used::Brought })
}

/// Opens the user's own embedding in `folder`, and compares its files with the seal.
///
/// # Errors
/// The files cannot be read, are no embedding, or have changed since it was added.
pub(crate) fn open(folder: &Path) -> Result<Arc<StaticEmbedding>> {
    let tokenizer = folder.join(TOKENIZER);
    let embedding = read(&folder.join(TABLE), &tokenizer)?;
    let seal = folder.join(SEAL);
    match std::fs::read(&seal) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).doing("read", &seal),
        Ok(bytes) => {
            let brought: Option<Seal> = serde_json::from_slice(&bytes).ok();
            let now = Seal::of(&embedding, &tokenizer).doing("read", &tokenizer)?;
            if brought.as_ref() != Some(&now) {
                return Err(EmbeddingError::NotAsBrought { folder: folder.to_owned() }.into());
            }
        }
    }
    Ok(Arc::new(embedding))
}

/// If an embedding of the user's own has no seal, returns its folder. Such an embedding comes from
/// an earlier version, and nobody can tell whether its files have changed.
pub(crate) fn unsealed(origin: &Origin) -> Option<PathBuf> {
    let Origin::Folder(folder) = origin else { return None };
    (!folder.join(SEAL).is_file()).then(|| folder.clone())
}

/// Reads an embedding from its table of word vectors and its tokenizer's file.
///
/// # Errors
/// A file cannot be read, the table holds no embedding, or table and tokenizer do not fit together.
pub(crate) fn read(table: &Path, tokenizer: &Path) -> Result<StaticEmbedding> {
    Ok(StaticEmbedding::from_files(table, tokenizer)?)
}
