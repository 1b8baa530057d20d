//! The static embeddings of a workspace: `embeddings/<name>/` with `model.safetensors` and `tokenizer.json`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_store::Workspace;
use querist_text::StaticEmbedding;

use crate::failure::Mend;
use crate::settings::FeatureSettings;

/// The table's file.
pub const TABLE: &str = "model.safetensors";
/// The tokenizer's file.
pub const TOKENIZER: &str = "tokenizer.json";

/// The names of the workspace's embeddings, sorted.
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

/// The folder of the embedding that querist.toml names, or of the only one there is.
///
/// # Errors
/// There is none of that name; or several, and querist.toml names none.
pub fn chosen(workspace: &Workspace, features: &FeatureSettings) -> anyhow::Result<Option<PathBuf>> {
    let names = names(workspace);
    let known = || if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    match (&features.embedding, names.as_slice()) {
        (Some((name, at)), _) if !names.contains(name) => Err(at.error(format!(
            "the workspace has no embedding \"{name}\" (there is: {}); bring it with `querist embedding add DIR`",
            known()
        ))),
        (Some((name, _)), _) | (None, [name]) => Ok(Some(workspace.embeddings_folder().join(name))),
        (None, []) => Ok(None),
        (None, _) => Err(Mend(format!(
            "the workspace has several embeddings ({}); name one in querist.toml: embedding = \"{}\" under [features]",
            known(),
            names[0]
        ))
        .into()),
    }
}

/// Opens an embedding.
///
/// # Errors
/// Its files cannot be read, or are none.
pub fn open(folder: &Path) -> anyhow::Result<Arc<StaticEmbedding>> {
    Ok(Arc::new(read(&folder.join(TABLE), &folder.join(TOKENIZER))?))
}

/// Reads a table and its tokenizer.
///
/// # Errors
/// They cannot be read, are none, or do not fit together.
pub fn read(table: &Path, tokenizer: &Path) -> anyhow::Result<StaticEmbedding> {
    Ok(StaticEmbedding::from_files(table, tokenizer).map_err(|error| Mend(error.to_string()))?)
}
