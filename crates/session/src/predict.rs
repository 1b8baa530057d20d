//! Labels new texts with a model. Texts are read, labelled and written in blocks, so that little
//! memory is needed.

mod vectors;

use std::io::Write;
use std::path::Path;

use querist_core::visible::escaped_json;
use querist_predict::{Blocks, Predictor};
use querist_store::InputError;
use querist_store::format::documents::FieldNames;
use querist_store::format::records::{Opened, Reading};
use querist_store::format::texts::{self, TextRow};
use querist_store::workspace::Staged;
use querist_text::Input;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::{Result, SessionError};
use crate::inputs;
use crate::progress::Progress;

pub use vectors::{StoredVectors, TextVectors};

/// Which texts to label, and how to read them.
#[derive(Debug, Clone)]
pub struct TextFiles {
    /// Paths of the files, or patterns of paths.
    pub files: Vec<String>,
    /// Layout and encoding of the files.
    pub reading: Reading,
    /// Name of the field with the id. Without it (`None`), the name is "id", and rows may lack the
    /// field.
    pub id: Option<String>,
    /// Name of the text field.
    pub text: String,
    /// Whether each line of output has the probabilities of all classes.
    pub all: bool,
}

/// How many texts were labelled, in all and with each class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelCounts {
    /// Number of texts that were labelled.
    pub labeled: u64,
    /// The number of texts of each predicted class, in the order of the classes.
    pub labels: Vec<(String, u64)>,
}

/// A text, and its vector if the model needs one.
struct Row {
    row: TextRow,
    vector: Option<Vec<f32>>,
}

/// Labels the texts in all files. Writes one line with a JSON object for each text to `out`.
/// Returns the number of texts of each predicted class.
///
/// # Errors
/// A file cannot be read, a row is malformed or lacks the vector that the model needs (the error
/// names file and line), or `out` cannot be written. Lines written before the error stay in `out`.
pub fn label(
    texts: &TextFiles,
    predictor: &Predictor,
    vectors: &TextVectors,
    out: &mut dyn Write,
    progress: &dyn Progress,
) -> Result<LabelCounts> {
    vectors.check(predictor)?;
    let mut labeling = Labeling { texts, predictor, counts: vec![0; predictor.labels.len()], out };
    let mut blocks: Blocks<Row> = Blocks::default();
    let usual = FieldNames::default();
    let id = texts.id.as_ref().unwrap_or(&usual.id);
    for file in &inputs::expanded(&texts.files)? {
        let Opened { mut reader, .. } = inputs::open(file, &texts.reading, progress)?;
        while let Some(record) = reader.next_record()? {
            let (name, place) = (record.file_name(file), record.place);
            // If the caller names the field with the id, every row must have it. Otherwise a row
            // may lack it.
            let (id, text, named) = if record.shape.has_named_fields() {
                (id, &texts.text, texts.id.is_some())
            } else {
                (&usual.id, &usual.text, false)
            };
            let row = record.json.and_then(|json| texts::parse(json, id, named, text));
            let row =
                row.map_err(|problem| InputError { file: name.clone(), place: Some(place), problem })?;
            let vector = vectors.of(predictor, &row).map_err(|error| error.at(&name, place))?;
            let bytes = row.text.len() + vector.as_ref().map_or(0, |vector| 4 * vector.len());
            if let Some(block) = blocks.add(Row { row, vector }, bytes) {
                labeling.write(&block)?;
            }
        }
        inputs::at_end(file, reader.as_ref(), progress);
    }
    labeling.write(&blocks.take())?;
    let names = predictor.labels.names().iter().cloned();
    let labeled = labeling.counts.iter().sum();
    Ok(LabelCounts { labeled, labels: names.zip(labeling.counts).collect() })
}

/// Does the same as [`label`], but writes to `file`. The file appears complete or not at all.
///
/// # Errors
/// As for [`label`]; also if `file` cannot be written.
pub fn label_into(
    texts: &TextFiles,
    predictor: &Predictor,
    vectors: &TextVectors,
    file: &Path,
    progress: &dyn Progress,
) -> Result<LabelCounts> {
    let mut counts = None;
    let staged = Staged::new(file, |out| -> Result<(), Failure> {
        counts = Some(label(texts, predictor, vectors, out, progress).map_err(Failure)?);
        Ok(())
    });
    staged.map_err(|failure| failure.0)?.publish()?;
    counts.ok_or_else(SessionError::bug("count the labels"))
}

/// An error of the reader or of the writer. The function that writes a file needs one error type.
struct Failure(SessionError);

impl From<querist_store::StoreError> for Failure {
    fn from(error: querist_store::StoreError) -> Self {
        Self(error.into())
    }
}

/// The model and the output of a call of [`label`], with the counts so far.
struct Labeling<'a> {
    texts: &'a TextFiles,
    predictor: &'a Predictor,
    /// Number of texts labelled with each class.
    counts: Vec<u64>,
    out: &'a mut dyn Write,
}

impl Labeling<'_> {
    /// Labels a block of texts, and writes a line for each.
    fn write(&mut self, block: &[Row]) -> Result<()> {
        let inputs: Vec<Input<'_>> = block
            .iter()
            .map(|Row { row, vector }| Input { text: &row.text, vector: vector.as_deref() })
            .collect();
        let probabilities = self.predictor.predict_inputs(&inputs)?;
        let labels = &self.predictor.labels;
        for (at, row) in block.iter().enumerate() {
            let class = probabilities.likeliest(at);
            self.counts[class.index()] += 1;
            let of = probabilities.row(at);
            let mut line = json!({
                "id": row.row.id, "label": labels.name(class), "probability": of[class.index()],
            });
            if self.texts.all {
                let all: Map<String, Value> =
                    labels.names().iter().zip(of).map(|(name, p)| (name.clone(), json!(p))).collect();
                line["probabilities"] = Value::Object(all);
            }
            writeln!(self.out, "{}", escaped_json(&line.to_string())).map_err(SessionError::Output)?;
        }
        Ok(())
    }
}
