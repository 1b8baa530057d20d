//! `querist predict`: labels for new texts. Texts are read, labelled and written a block at a time.

use std::io::{BufWriter, Write};
use std::path::Path;

use querist_core::visible::escaped_json;
use querist_predict::{Blocks, Predictor};
use querist_store::format::documents::FieldNames;
use querist_store::format::records::Opened;
use querist_store::format::texts::{self, TextRow};
use querist_store::workspace::Staged;
use querist_store::{InputError, StoreError, write_atomically};
use serde_json::{Map, Value, json};

use super::export::failed::Failure;
use crate::args::{ModelExport, Predict};
use crate::files;
use crate::output::{Outcome, Talk, shown, written};
use crate::paste::quoted;
use crate::predictor::{self, round_with_model};

/// Labels texts.
///
/// # Errors
/// There is no model, or a row is bad. What went to standard output by then stays there; a file is not made.
pub fn run(predict: &Predict, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let (predictor, origin) = if let Some(path) = &predict.model {
        (predictor::of_file(path, talk)?, path.display().to_string())
    } else {
        let past = round_with_model(root, predict.round)?;
        (predictor::of_round(&past, talk)?, format!("round {}", past.bench.number))
    };
    let Some(path) = &predict.out else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        label(predict, &predictor, &mut out, talk)?;
        out.flush()?;
        return Ok(Outcome::nothing());
    };
    let mut counts = Vec::new();
    let staged = Staged::new(path, |out| -> Result<(), Failure> {
        counts = label(predict, &predictor, out, talk).map_err(Failure)?;
        Ok(())
    });
    staged.map_err(|failure| failure.0)?.publish()?;
    let total: u64 = counts.iter().sum();
    let by_label: Map<String, Value> =
        predictor.labels.names().iter().zip(&counts).map(|(name, n)| (name.clone(), json!(n))).collect();
    let parts = predictor.labels.names().iter().zip(&counts).map(|(name, n)| format!("{name} {n}"));
    let text = format!(
        "{total} texts labelled by the model of {}, in {}\n  {}",
        origin,
        shown(path),
        parts.collect::<Vec<_>>().join(", ")
    );
    Ok(Outcome {
        json: json!({"labeled": total, "labels": by_label, "model": origin, "file": written(path)}),
        text,
        next: None,
    })
}

/// Labels the texts of all files. Gives how many got each class.
fn label(
    predict: &Predict,
    predictor: &Predictor,
    out: &mut dyn Write,
    talk: &Talk,
) -> anyhow::Result<Vec<u64>> {
    let mut counts = vec![0; predictor.labels.len()];
    let mut blocks: Blocks<TextRow> = Blocks::default();
    let usual = FieldNames::default();
    let id = predict.id.as_ref().unwrap_or(&usual.id);
    let asked = files::asked(&predict.layout, &[id, &predict.text])?;
    for file in &files::expanded(&predict.files)? {
        let Opened { mut reader, .. } = files::open(file, &asked, talk)?;
        while let Some(record) = reader.next_record().map_err(StoreError::from)? {
            let (name, place) = (record.file_name(file), record.place);
            // Whoever names the field of the id means that it is there.
            let (id, text, named) = if record.shape.has_named_fields() {
                (id, &predict.text, predict.id.is_some())
            } else {
                (&usual.id, &usual.text, false)
            };
            let row = record.json.and_then(|json| texts::parse(json, id, named, text));
            let fault = |problem| InputError { file: name, place: Some(place), problem };
            let row = row.map_err(fault).map_err(StoreError::from)?;
            let bytes = row.text.len();
            if let Some(block) = blocks.add(row, bytes) {
                write(predict, predictor, &block, &mut counts, out)?;
            }
        }
        files::at_end(file, reader.as_ref(), talk);
    }
    write(predict, predictor, &blocks.take(), &mut counts, out)?;
    Ok(counts)
}

fn write(
    predict: &Predict,
    predictor: &Predictor,
    block: &[TextRow],
    counts: &mut [u64],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let texts: Vec<&str> = block.iter().map(|row| row.text.as_str()).collect();
    let probabilities = predictor.predict(&texts)?;
    for (at, row) in block.iter().enumerate() {
        let class = probabilities.likeliest(at);
        counts[class.index()] += 1;
        let of = probabilities.row(at);
        let mut line = json!({
            "id": row.id, "label": predictor.labels.name(class), "probability": of[class.index()],
        });
        if predict.all {
            let all: Map<String, Value> =
                predictor.labels.names().iter().zip(of).map(|(name, p)| (name.clone(), json!(p))).collect();
            line["probabilities"] = Value::Object(all);
        }
        writeln!(out, "{}", escaped_json(&line.to_string()))?;
    }
    Ok(())
}

/// Writes a round's model to a portable file.
///
/// # Errors
/// There is no model, or the file cannot be written.
pub fn export(export: &ModelExport, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let past = round_with_model(root, export.round)?;
    let predictor = predictor::of_round(&past, talk)?;
    let hash = past.round.model.as_deref().unwrap_or_default();
    let model = past.session.workspace.read_model(hash)?;
    let bytes = predictor::portable(&predictor, &model, &past)?;
    write_atomically(&export.file, &bytes)?;
    let path = shown(&export.file);
    Ok(Outcome {
        json: json!({"file": written(&export.file), "bytes": bytes.len(), "round": past.bench.number, "model": hash}),
        text: format!("The model of round {}: {path}, {} bytes", past.bench.number, bytes.len()),
        next: Some(format!("`querist predict TEXTS --model {}`, on any machine", quoted(&export.file))),
    })
}
