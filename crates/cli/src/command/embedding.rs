//! `querist embedding`: adds the user's own static embeddings to the workspace, and lists them.

use querist_session::Session;
use serde_json::json;

use crate::args::EmbeddingAdd;
use crate::output::{Outcome, Talk, columns, shown, written};

/// Runs `querist embedding add`: checks the table and the tokenizer of an embedding, and copies
/// both into the workspace. The new folder appears complete or not at all.
///
/// # Errors
/// - The folder has no table or no tokenizer, or the two do not fit together.
/// - The name is not allowed, or another embedding has it.
/// - The workspace cannot be written.
pub fn add(add: &EmbeddingAdd, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let added = session.add_embedding(&add.dir, add.name.as_deref(), talk)?;
    let (name, pieces, dimensions) = (&added.name, added.pieces, added.dimensions);
    let text = format!("Embedding \"{name}\" added to the workspace\n")
        + &columns(&[
            ("table", format!("{pieces} word pieces, {dimensions} dimensions")),
            ("folder", shown(&added.folder)),
        ]);
    let next = if added.used {
        "`querist round` uses it as long as `kind` under [features] is \"auto\" or names \"static\""
            .to_owned()
    } else {
        format!("to use it, set embedding = \"{name}\" under [features] in querist.toml")
    };
    Ok(Outcome {
        json: json!({"name": name, "pieces": pieces, "dimensions": dimensions, "folder": written(&added.folder)}),
        text,
        next: Some(next),
    })
}

/// Runs `querist embedding list`: lists the embeddings that the workspace can use.
///
/// # Errors
/// The workspace cannot be read.
pub fn list(session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let names = session.embeddings(talk)?;
    let built_in = names.built_in.iter().map(|name| format!("{name}  (comes with Querist)"));
    let lines: Vec<String> = names.embeddings.iter().cloned().chain(built_in).collect();
    Ok(Outcome { json: json!(names), text: lines.join("\n"), next: None })
}
