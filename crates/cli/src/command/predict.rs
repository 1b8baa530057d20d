//! `querist predict`: labels new texts with a model. Texts are read, labelled and written in
//! blocks, so that little memory is needed.

use std::io::{BufWriter, Write};

use querist_session::Session;
use querist_session::model::of_file;
use querist_session::predict::{TextFiles, TextVectors, label, label_into};
use querist_session::store::format::documents::FieldNames;
use serde_json::{Map, Value, json};

use crate::args::Predict;
use crate::files;
use crate::output::{Outcome, Talk, shown, written};

/// Runs `querist predict`: labels the texts in the files. Writes the labels to standard output or
/// to a file.
///
/// # Errors
/// There is no model, or a row is bad. Standard output then has the lines written before the error;
/// a file does not appear at all.
pub fn run(predict: &Predict, session: &Session, talk: &Talk) -> anyhow::Result<Outcome> {
    let (predictor, origin, stored) = if let Some(path) = &predict.model {
        (of_file(path, talk)?, path.display().to_string(), None)
    } else {
        let (predictor, name) = session.predictor(predict.round, talk)?;
        (predictor, format!("round {}", name.round), session.stored_vectors(talk)?)
    };
    let vectors = TextVectors::read(predict.vectors.files().as_ref(), stored, talk)?;
    let usual = FieldNames::default();
    let id = predict.id.as_ref().unwrap_or(&usual.id);
    let texts = TextFiles {
        files: predict.files.clone(),
        reading: files::asked(&predict.layout, &[id, &predict.text])?,
        id: predict.id.clone(),
        text: predict.text.clone(),
        all: predict.all,
    };
    let Some(path) = &predict.out else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        label(&texts, &predictor, &vectors, &mut out, talk)?;
        out.flush()?;
        return Ok(Outcome::nothing());
    };
    let counts = label_into(&texts, &predictor, &vectors, path, talk)?;
    let by_label: Map<String, Value> =
        counts.labels.iter().map(|(name, n)| (name.clone(), json!(n))).collect();
    let parts: Vec<String> = counts.labels.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let total = counts.labeled;
    Ok(Outcome {
        json: json!({"labeled": total, "labels": by_label, "model": origin, "file": written(path)}),
        text: format!(
            "{total} texts labelled by the model of {origin} in {}\n  {}",
            shown(path),
            parts.join(", ")
        ),
        next: None,
    })
}
