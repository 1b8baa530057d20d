//! The static embedding of a workspace: that of English words that comes with Querist, or one that the user brought,
//! `embeddings/<name>/` with `model.safetensors`, `tokenizer.json` and a seal, `blake3.json`: the hashes that the two had
//! when they were brought. Files that were changed since are refused; a folder without a seal, of an earlier version, is read
//! with a remark.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use querist_core::SettingError;
use querist_store::Workspace;
use querist_text::space::english;
use querist_text::{StaticEmbedding, tokenizer_file};
use serde::{Deserialize, Serialize};

use crate::failure::Mend;
use crate::output::shown;
use crate::session::Session;
use crate::settings::Configuration;

/// The table's file.
pub const TABLE: &str = "model.safetensors";
/// The tokenizer's file.
pub const TOKENIZER: &str = "tokenizer.json";

/// The file of the hashes of the other two.
pub const SEAL: &str = "blake3.json";

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
pub fn seal(embedding: &StaticEmbedding, tokenizer: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(serde_json::to_vec_pretty(&Seal::of(embedding, tokenizer)?)?)
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
    pub fn open(&self) -> anyhow::Result<Option<Arc<StaticEmbedding>>> {
        match self {
            Self::Nowhere => Ok(None),
            Self::English => Ok(Some(Arc::new(StaticEmbedding::english()?))),
            Self::Folder(folder) => Ok(Some(open(folder)?)),
        }
    }
}

/// The names of the embeddings that were brought into the workspace, sorted.
pub fn names(workspace: &Workspace) -> Vec<String> {
    let entries =
        std::fs::read_dir(workspace.embeddings_folder()).into_iter().flatten().filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join(TABLE).is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// The embedding that querist.toml names, or else the only one that was brought, or else that which comes along; none where
/// it says so.
///
/// # Errors
/// There is none of that name; or several, and querist.toml names none.
pub fn chosen(workspace: &Workspace, configuration: &Configuration) -> anyhow::Result<Origin> {
    let names = names(workspace);
    let folder = |name: &str| Origin::Folder(workspace.embeddings_folder().join(name));
    match (&configuration.settings.features.embedding, names.as_slice()) {
        (Some(name), _) if names.contains(name) => Ok(folder(name)),
        (Some(name), _) => Origin::reserved(name).ok_or_else(|| {
            let known = [names.as_slice(), &Origin::RESERVED.map(str::to_owned)].concat().join(", ");
            let what = format!(
                "the workspace has no embedding \"{name}\" (there is: {known}); bring it with `querist embedding add DIR`"
            );
            configuration.error(("features", SettingError::new("embedding", what))).into()
        }),
        (None, [name]) => Ok(folder(name)),
        (None, []) => Ok(Origin::English),
        (None, _) => Err(Mend(format!(
            "the workspace has several embeddings ({}); name one in querist.toml: embedding = \"{}\" under [features]",
            names.join(", "),
            names[0]
        ))
        .into()),
    }
}

/// Checks that the embedding that the last round had is still there: without it a round would go on with other features, and nobody
/// would know.
///
/// # Errors
/// It was one that the user brought, querist.toml names none, and there is none.
pub fn check_not_gone(session: &Session) -> anyhow::Result<()> {
    let workspace = &session.workspace;
    if session.configuration.settings.features.embedding.is_some() || !names(workspace).is_empty() {
        return Ok(());
    }
    let Some(last) = workspace.last_round()? else { return Ok(()) };
    let manifest = workspace.round(last)?.manifest.unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    if manifest["featurizer"].as_str().is_none_or(|featurizer| !was_brought(featurizer)) {
        return Ok(());
    }
    Err(Mend(format!(
        "round {last} was made with an embedding that is no longer in {}; bring it again with `querist embedding add DIR`, or say in \
         querist.toml what is to take its place: embedding = \"{}\" or \"{}\" under [features]",
        shown(&workspace.embeddings_folder()),
        english::NAME,
        Origin::NONE
    ))
    .into())
}

/// Whether features, by their fingerprint, have an embedding that the user brought.
pub fn was_brought(featurizer: &str) -> bool {
    featurizer.split_once(" static=(").is_some_and(|(_, of)| !of.contains("words 1 "))
}

/// Opens an embedding.
///
/// # Errors
/// Its files cannot be read, are none, or are not those that were brought.
pub fn open(folder: &Path) -> anyhow::Result<Arc<StaticEmbedding>> {
    let tokenizer = folder.join(TOKENIZER);
    let embedding = read(&folder.join(TABLE), &tokenizer)?;
    let seal = folder.join(SEAL);
    match std::fs::read(&seal) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("read {}", seal.display())),
        Ok(bytes) => {
            let brought: Option<Seal> = serde_json::from_slice(&bytes).ok();
            if brought.as_ref() != Some(&Seal::of(&embedding, &tokenizer)?) {
                return Err(Mend(format!(
                    "{}: the embedding is not the one that was brought: its files were changed or damaged; remove the folder and \
                     bring it again with `querist embedding add DIR`",
                    folder.display()
                ))
                .into());
            }
        }
    }
    Ok(Arc::new(embedding))
}

/// What to say of an embedding that an earlier version brought: nobody can tell whether it is still the same.
pub fn unsealed(origin: &Origin) -> Option<String> {
    let Origin::Folder(folder) = origin else { return None };
    (!folder.join(SEAL).is_file()).then(|| {
        format!(
            "{} was brought by an earlier Querist: damage to it would go unnoticed; bring it again with `querist embedding add DIR`",
            shown(folder)
        )
    })
}

/// Reads a table and its tokenizer.
///
/// # Errors
/// They cannot be read, are none, or do not fit together.
pub fn read(table: &Path, tokenizer: &Path) -> anyhow::Result<StaticEmbedding> {
    Ok(StaticEmbedding::from_files(table, tokenizer).map_err(|error| Mend(error.to_string()))?)
}
