//! The static embedding of a workspace: that of English words that comes with Querist, or one that
//! the user brought, `embeddings/<name>/` with `model.safetensors`, `tokenizer.json` and a seal,
//! `blake3.json`: the hashes that the two had when they were brought. Files that were changed since
//! are refused; a folder without a seal, of an earlier version, is read with a remark.

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

/// The table's file.
pub(crate) const TABLE: &str = "model.safetensors";
/// The tokenizer's file.
pub(crate) const TOKENIZER: &str = "tokenizer.json";

/// The file of the hashes of the other two.
pub(crate) const SEAL: &str = "blake3.json";

/// What table and tokenizer were when they were brought.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    /// BLAKE3 of the table and what goes with it, in hex.
    table: String,
    /// BLAKE3 of the tokenizer's file, in hex.
    tokenizer: String,
}

impl Seal {
    fn of(embedding: &StaticEmbedding, tokenizer: &Path) -> std::io::Result<Self> {
        let tokenizer = blake3::hash(&tokenizer_file::bytes_of(tokenizer)?).to_hex().to_string();
        Ok(Self { table: embedding.table_hash(), tokenizer })
    }
}

/// The bytes of the seal of an embedding with that tokenizer's file.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn seal(embedding: &StaticEmbedding, tokenizer: &Path) -> Result<Vec<u8>> {
    let seal = Seal::of(embedding, tokenizer).doing("read", tokenizer)?;
    Ok(serde_json::to_vec_pretty(&seal)?)
}

/// Where a static embedding comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// There is none.
    Nowhere,
    /// It comes with Querist.
    English,
    /// The user brought it, in a folder.
    Folder(PathBuf),
}

impl Origin {
    /// What stands for none.
    pub const NONE: &str = "none";
    /// The names that mean something wherever an embedding is named.
    pub const RESERVED: [&str; 2] = [english::NAME, Self::NONE];

    fn reserved(name: &str) -> Option<Self> {
        match name {
            english::NAME => Some(Self::English),
            Self::NONE => Some(Self::Nowhere),
            _ => None,
        }
    }

    /// That of a flag: `english`, `none`, or a folder; not given, what comes with Querist.
    pub fn of(said: Option<&Path>) -> Self {
        let Some(said) = said else { return Self::English };
        said.to_str().and_then(Self::reserved).unwrap_or_else(|| Self::Folder(said.to_owned()))
    }

    /// Opens it; none that comes from nowhere.
    ///
    /// # Errors
    /// Its files cannot be read, or are none.
    pub fn open(&self) -> Result<Option<Arc<StaticEmbedding>>> {
        match self {
            Self::Nowhere => Ok(None),
            Self::English => Ok(Some(Arc::new(StaticEmbedding::english()?))),
            Self::Folder(folder) => Ok(Some(open(folder)?)),
        }
    }
}

/// The names of the embeddings that were brought into the workspace, sorted.
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

/// The embedding that querist.toml names, or else the only one that was brought, or else that which
/// comes along; none where it says so.
///
/// # Errors
/// There is none of that name; or several, and querist.toml names none.
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
        (None, []) => Ok(Origin::English),
        (None, _) => Err(EmbeddingError::Several { names }.into()),
    }
}

/// Checks that the embedding of the last round is still there: without it a round would go on with
/// other features, and nobody would know.
///
/// # Errors
/// It was one that the user brought, querist.toml names none, and there is none.
pub(crate) fn check_not_gone(opened: &Opened) -> Result<()> {
    let workspace = &opened.workspace;
    if opened.configuration.settings.features.embedding.is_some() || !names(workspace).is_empty() {
        return Ok(());
    }
    let Some(last) = workspace.last_round()? else { return Ok(()) };
    let manifest = workspace.round(last)?.manifest.unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    if manifest["featurizer"].as_str().is_none_or(|featurizer| !was_brought(featurizer)) {
        return Ok(());
    }
    Err(EmbeddingError::Gone { round: last, folder: workspace.embeddings_folder() }.into())
}

/// Whether features, by their fingerprint, have an embedding that the user brought.
pub(crate) fn was_brought(featurizer: &str) -> bool {
    featurizer.split_once(" static=(").is_some_and(|(_, of)| !of.contains("words 1 "))
}

/// Opens an embedding.
///
/// # Errors
/// Its files cannot be read, are none, or are not those that were brought.
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

/// The folder of an embedding that an earlier version brought: nobody can tell whether it is still
/// the same.
pub(crate) fn unsealed(origin: &Origin) -> Option<PathBuf> {
    let Origin::Folder(folder) = origin else { return None };
    (!folder.join(SEAL).is_file()).then(|| folder.clone())
}

/// Reads a table and its tokenizer.
///
/// # Errors
/// They cannot be read, are none, or do not fit together.
pub(crate) fn read(table: &Path, tokenizer: &Path) -> Result<StaticEmbedding> {
    Ok(StaticEmbedding::from_files(table, tokenizer)?)
}
