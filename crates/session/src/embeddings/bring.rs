//! Adds the user's own embeddings to a workspace, and lists them.

use std::path::{Path, PathBuf};

use querist_store::workspace::Fact;
use querist_store::{Workspace, write_atomically};
use querist_text::space::english;
use serde::Serialize;

use super::{Origin, SEAL, TABLE, TOKENIZER, chosen, names, open, read, seal};
use crate::error::{Doing, EmbeddingError, Result, SessionError};
use crate::progress::Progress;
use crate::session::Session;

/// An embedding that was added to the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AddedEmbedding {
    /// Name of the embedding.
    pub name: String,
    /// Number of word pieces in the embedding's vocabulary.
    pub pieces: usize,
    /// Number of dimensions of a vector.
    pub dimensions: usize,
    /// Path of the embedding's folder in the workspace.
    pub folder: PathBuf,
    /// Whether this is now the embedding of the workspace. A round uses it only if its kind of
    /// features includes an embedding.
    #[serde(skip)]
    pub used: bool,
}

/// The embeddings that a workspace can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EmbeddingNames {
    /// Names of the user's own embeddings, sorted.
    pub embeddings: Vec<String>,
    /// Names of the embeddings that come with Querist.
    pub built_in: Vec<&'static str>,
}

impl Session {
    /// Lists the embeddings that the workspace can use.
    ///
    /// # Errors
    /// The workspace cannot be read.
    pub fn embeddings(&self, progress: &dyn Progress) -> Result<EmbeddingNames> {
        let opened = self.read(progress)?;
        Ok(EmbeddingNames { embeddings: names(&opened.workspace), built_in: vec![english::NAME] })
    }

    /// Checks the embedding in the folder `from`, and copies it into the workspace. The new folder
    /// appears complete or not at all. Without `name`, the embedding gets the name of the folder.
    ///
    /// # Errors
    /// - `from` has no table or no tokenizer, or the two do not fit together.
    /// - The name is not allowed, or another embedding has it.
    /// - The workspace cannot be written.
    pub fn add_embedding(
        &self,
        from: &Path,
        name: Option<&str>,
        progress: &dyn Progress,
    ) -> Result<AddedEmbedding> {
        let mut opened = self.write("embedding add", progress)?;
        let (table, tokenizer) = (table_in(from)?, from.join(TOKENIZER));
        let name = name_of(from, name)?;
        let embedding = read(&table, &tokenizer)?;
        let folder = opened.workspace.make_embeddings_folder()?;
        let target = folder.join(&name);
        if target.exists() {
            let known = open(&target)?;
            if known.fingerprint() != embedding.fingerprint() {
                return Err(EmbeddingError::NameTaken { name }.into());
            }
            // If an earlier version added the embedding, it has no seal, so write one.
            write_atomically(&target.join(SEAL), &seal(&known, &target.join(TOKENIZER))?)?;
        } else {
            let pending = pending_in(&folder).doing("write", &folder)?;
            for (from, name) in [(&table, TABLE), (&tokenizer, TOKENIZER)] {
                let to = pending.path().join(name);
                copy(from, &to).doing("write", &to)?;
            }
            let seal = seal(&embedding, &pending.path().join(TOKENIZER))?;
            let to = pending.path().join(SEAL);
            std::fs::write(&to, seal)
                .and_then(|()| std::fs::File::open(&to)?.sync_all())
                .doing("write", &to)?;
            std::fs::rename(pending.keep(), &target).doing("write", &target)?;
            opened.workspace.note(&[Fact::EmbeddingAdded { name: name.clone() }])?;
        }
        let chosen = chosen(&opened.workspace, &opened.configuration);
        let used = matches!(chosen, Ok(Origin::Folder(of)) if of == target);
        let (pieces, dimensions) = (embedding.n_pieces(), embedding.width());
        Ok(AddedEmbedding { name, pieces, dimensions, folder: target, used })
    }
}

fn unreadable(problem: String) -> SessionError {
    EmbeddingError::Unreadable { problem }.into()
}

/// Returns the name for an embedding: `name` or, without it, the name of the folder `from`. Fails
/// if the name is reserved or malformed.
fn name_of(from: &Path, name: Option<&str>) -> Result<String> {
    let of_folder = || {
        let folder = from.canonicalize().ok()?;
        Some(folder.file_name()?.to_str()?.to_owned())
    };
    let name = name.map(str::to_owned).or_else(of_folder).unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if Origin::RESERVED.contains(&name.as_str()) {
        return Err(EmbeddingError::NameReserved { name }.into());
    }
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(EmbeddingError::NameMalformed { name }.into());
    }
    Ok(name)
}

/// Makes a temporary folder in `folder` for the files of an embedding. As usual, the user's umask
/// decides who may read it. If the process is killed, the next writer recognises the folder by its
/// prefix and removes it.
fn pending_in(folder: &Path) -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(Workspace::PENDING_EMBEDDING);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o777));
    }
    builder.tempdir_in(folder)
}

/// Copies the content of the file `from` to the new file `to`. The new file gets the usual
/// permissions, not those of `from`.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut out = std::fs::File::create_new(to)?;
    std::io::copy(&mut std::fs::File::open(from)?, &mut out)?;
    out.sync_all()
}

/// Returns the path of the table in `folder`. It is the only file that ends in `.safetensors` or,
/// if there are several, `model.safetensors`.
fn table_in(folder: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| unreadable(format!("the folder {} cannot be read: {error}", folder.display())))?;
    let paths = entries.filter_map(std::result::Result::ok).map(|entry| entry.path());
    let mut tables: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "safetensors")).collect();
    tables.sort();
    match tables.as_slice() {
        [table] => Ok(table.clone()),
        [] => Err(unreadable(format!("{} has no *.safetensors file with a table", folder.display()))),
        _ => {
            let preferred = tables.iter().find(|path| path.ends_with("model.safetensors"));
            preferred.cloned().ok_or_else(|| {
                let what = format!(
                    "{} has {} *.safetensors files; keep only the one with the table, as model.safetensors",
                    folder.display(),
                    tables.len()
                );
                unreadable(what)
            })
        }
    }
}
