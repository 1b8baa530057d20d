//! `querist vectors`: adds the documents' vectors, shows what there is, and prints the texts that
//! still need one.

use std::io::{BufWriter, Write};

use querist_session::Session;
use querist_session::store::workspace::VectorsToAdd;
use querist_session::vectors::{Coverage, VectorsStatus};
use serde_json::json;

use crate::args::{VectorsAdd, VectorsMissing};
use crate::output::{Outcome, Talk, columns, one_line, shown, written};
use crate::paste::quoted;
use crate::words::count;

/// Runs `querist vectors add`: reads files with vectors, and adds those that are new.
///
/// # Errors
/// A file cannot be read, a row is malformed, an id belongs to no document or comes twice, or a
/// document has a different vector. Then nothing was added.
pub fn add(add: &VectorsAdd, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let files = add.fields.of(querist_session::inputs::expanded(&add.files)?);
    let to_add = VectorsToAdd { files, encoder: add.encoder.clone() };
    let done = session.add_vectors(&to_add, talk)?;
    let (added, coverage) = (&done.added, &done.coverage);
    let mut text = format!(
        "{} added: {} numbers each, {}\n",
        count(added.added as usize, "vector", "vectors"),
        added.width,
        added.element
    );
    if added.known > 0 {
        let known = count(added.known as usize, "vector was", "vectors were");
        text += &format!("  {known} there already and stay as they are\n");
    }
    text += &in_words(coverage);
    Ok(Outcome { json: json!(done), text, next: next(coverage, done.used) })
}

/// Runs `querist vectors list`: shows the additions, and how many documents lack a vector.
///
/// # Errors
/// The workspace cannot be read.
pub fn list(session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let status = session.vectors(talk)?;
    let VectorsStatus { width, encoder, additions, coverage } = &status;
    let mut text = match width {
        None => "The workspace has no vectors.\n".to_owned(),
        Some(width) => {
            let by =
                encoder.as_ref().map_or_else(String::new, |encoder| format!(" by {}", one_line(encoder)));
            format!("Vectors of {width} numbers{by}\n")
        }
    };
    let rows: Vec<(&str, String)> = additions
        .iter()
        .map(|addition| {
            let files: Vec<String> = addition.files.iter().map(|file| one_line(file)).collect();
            let n = count(addition.vectors as usize, "vector", "vectors");
            let day = addition.at.get(..10).unwrap_or(&addition.at);
            (day, format!("{n} from {} ({})", files.join(", "), addition.element))
        })
        .collect();
    text += &columns(&rows);
    text += &in_words(coverage);
    Ok(Outcome { json: json!(status), text, next: next(coverage, false) })
}

/// Runs `querist vectors missing`: prints the id and text of each document without a vector.
///
/// # Errors
/// The workspace cannot be read, or the output cannot be written.
pub fn missing(missing: &VectorsMissing, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let Some(path) = &missing.out else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        session.write_texts_without_vectors(&mut out, talk)?;
        out.flush()?;
        return Ok(Outcome::nothing());
    };
    let n = session.texts_without_vectors_into(path, talk)?;
    let next = (n > 0).then(|| {
        let ids = quoted(path);
        format!("encode these texts, and run `querist vectors add VECTORS.npy --ids {ids}`")
    });
    Ok(Outcome {
        json: json!({"missing": n, "file": written(path)}),
        text: format!("{} without a vector in {}", count(n, "text", "texts"), shown(path)),
        next,
    })
}

/// Returns in words how many documents lack a vector.
fn in_words(coverage: &Coverage) -> String {
    let Coverage { documents, missing, examples } = coverage;
    if *missing == 0 {
        return format!("  each of the {} has one\n", count(*documents, "document", "documents"));
    }
    let more = if *missing > examples.len() { ", …" } else { "" };
    let examples: Vec<String> = examples.iter().map(|id| one_line(id)).collect();
    format!("  {missing} of {documents} documents have none: {}{more}\n", examples.join(", "))
}

/// Returns what to do next.
fn next(coverage: &Coverage, used: bool) -> Option<String> {
    if coverage.missing > 0 {
        return Some("`querist vectors missing --out todo.jsonl` writes the texts to encode".to_owned());
    }
    used.then(|| "`querist round` uses the vectors".to_owned())
}
