//! `querist embedding`: static embeddings that the user brings.

use std::path::{Path, PathBuf};

use anyhow::Context;
use querist_store::Workspace;
use querist_text::space::english;
use serde_json::json;

use crate::args::EmbeddingAdd;
use crate::embeddings::{self, Origin, SEAL, TABLE, TOKENIZER};
use crate::failure::Mend;
use crate::output::{Outcome, columns, shown, written};
use crate::session::Session;

/// Copies an embedding into the workspace: its table and its tokenizer, checked, as one folder or not at all.
///
/// # Errors
/// The folder has no table or no tokenizer, they do not fit together, or the workspace cannot be written.
pub fn add(add: &EmbeddingAdd, root: &Path) -> anyhow::Result<Outcome> {
    let session = Session::write(root, "embedding add")?;
    let (table, tokenizer) = (table_in(&add.dir)?, add.dir.join(TOKENIZER));
    let name = name_of(add)?;
    let embedding = embeddings::read(&table, &tokenizer)?;
    let folder = session.workspace.make_embeddings_folder()?;
    let target = folder.join(&name);
    if target.exists() {
        let known = embeddings::open(&target)?;
        if known.fingerprint() != embedding.fingerprint() {
            let what = format!("the workspace has another embedding \"{name}\"; choose a name with --name");
            return Err(Mend(what).into());
        }
        // One of an earlier version gets its seal.
        let seal = embeddings::seal(&known, &target.join(TOKENIZER))?;
        querist_store::write_atomically(&target.join(SEAL), &seal)?;
    } else {
        let pending = pending_in(&folder).context("write the embedding")?;
        for (from, name) in [(&table, TABLE), (&tokenizer, TOKENIZER)] {
            let to = pending.path().join(name);
            copy(from, &to).with_context(|| format!("copy {} to {}", from.display(), to.display()))?;
        }
        let seal = embeddings::seal(&embedding, &pending.path().join(TOKENIZER))?;
        let to = pending.path().join(SEAL);
        std::fs::write(&to, seal)
            .and_then(|()| std::fs::File::open(&to)?.sync_all())
            .context("write the embedding")?;
        std::fs::rename(pending.keep(), &target).context("write the embedding")?;
    }
    let used = matches!(embeddings::chosen(&session.workspace, &session.configuration), Ok(Origin::Folder(of)) if of == target);
    let (rows, dimensions) = (embedding.n_pieces(), embedding.width());
    let text = format!("Embedding \"{name}\" is in the workspace\n")
        + &columns(&[
            ("table", format!("{rows} word pieces, {dimensions} dimensions")),
            ("folder", shown(&target)),
        ]);
    Ok(Outcome {
        json: json!({"name": name, "pieces": rows, "dimensions": dimensions, "folder": written(&target)}),
        text,
        next: Some(if used {
            "`querist round` uses it while `kind` under [features] is \"auto\" or names \"static\"".to_owned()
        } else {
            format!("to use it, say embedding = \"{name}\" under [features] in querist.toml")
        }),
    })
}

/// A folder to put an embedding together in. The user's mask decides who may read it; a killed process leaves it for the next
/// writer, who knows it by its name.
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

/// Copies a file's content. Its permissions stay behind: they were those of another place.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut out = std::fs::File::create_new(to)?;
    std::io::copy(&mut std::fs::File::open(from)?, &mut out)?;
    out.sync_all()
}

/// Lists the embeddings of the workspace.
///
/// # Errors
/// It cannot be read.
pub fn list(root: &Path) -> anyhow::Result<Outcome> {
    let session = Session::read(root)?;
    let names = embeddings::names(&session.workspace);
    let built_in = format!("{}  (comes with Querist)", english::NAME);
    let text = [names.as_slice(), &[built_in]].concat().join("\n");
    Ok(Outcome { json: json!({"embeddings": names, "built_in": [english::NAME]}), text, next: None })
}

fn name_of(add: &EmbeddingAdd) -> anyhow::Result<String> {
    let of_folder = || {
        let folder = add.dir.canonicalize().ok()?;
        Some(folder.file_name()?.to_str()?.to_owned())
    };
    let name = add.name.clone().or_else(of_folder).unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if Origin::RESERVED.contains(&name.as_str()) {
        let what =
            format!("\"{name}\" means something else where an embedding is named; choose a name with --name");
        return Err(Mend(what).into());
    }
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        let what = format!(
            "\"{name}\" cannot be the name of an embedding; give letters, digits, - and _ with --name"
        );
        return Err(Mend(what).into());
    }
    Ok(name)
}

/// The only safetensors file of a folder.
fn table_in(folder: &Path) -> anyhow::Result<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Mend(format!("the folder {} cannot be read: {error}", folder.display())))?;
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut tables: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "safetensors")).collect();
    tables.sort();
    match tables.as_slice() {
        [table] => Ok(table.clone()),
        [] => Err(Mend(format!("{} has no *.safetensors file with a table", folder.display())).into()),
        _ => {
            let preferred = tables.iter().find(|path| path.ends_with("model.safetensors"));
            preferred.cloned().ok_or_else(|| {
                let what = format!(
                    "{} has {} *.safetensors files; leave the one with the table there, as model.safetensors",
                    folder.display(),
                    tables.len()
                );
                Mend(what).into()
            })
        }
    }
}
