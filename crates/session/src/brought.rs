//! Reads the predictions of a model that the user brought into arrays by document.
//!
//! The file may have any row layout and is read row by row. For each open document, the K class
//! probabilities are kept, with K the number of classes. If every row has an embedding, the
//! embedding of each pool document is kept too, because strategies may compare documents by it. The
//! probabilities of documents that are labelled or out are dropped. A row for a control item is
//! kept as the suggestion that annotators see, if suggestions are on.

use std::collections::BTreeMap;

use ndarray::Array2;
use querist_core::{Features, Probabilities, Share};
use querist_engine::brought::{Brought, Space};
use querist_report as report;
use querist_store::format::predictions::{Prediction, PredictionFile, PredictionRow};
use querist_store::source::Encoding;
use querist_store::{InputError, InputProblem, PredictionProblem, Told};

use crate::bench::Bench;
use crate::error::{Result, ScoresError, SessionError};
use crate::inputs;

/// Number of ids that an error names, at most.
const EXAMPLES: usize = 3;

/// Predictions of a model that the user brought, in a file.
#[derive(Debug, Clone)]
pub struct ScoresFile {
    /// Path of the file.
    pub file: String,
    /// How its text is encoded.
    pub encoding: Encoding,
    /// Name of a workbook's sheet; `None`: the first sheet.
    pub sheet: Option<String>,
    /// Whether to skip rows of documents that the workspace lacks, instead of failing.
    pub ignore_foreign: bool,
}

/// What was read from the file.
pub(crate) struct Scores {
    /// Probabilities of the open documents, shape (open documents, classes).
    pub(crate) probabilities: Probabilities,
    /// The suggestions for control items, and the embeddings.
    pub(crate) brought: Brought,
    /// The section of the report about the file.
    pub(crate) section: report::Brought,
    /// Remarks about how the file was read.
    pub(crate) remarks: Vec<Told>,
}

/// Where the prediction of a document is stored.
#[derive(Clone, Copy)]
enum Place {
    /// A document of the pool: its row in the pool, and its index among the open documents if it is
    /// open.
    Pool(usize, Option<usize>),
    /// A control item: its index among the control items.
    Control(usize),
    /// A document of the test set: its prediction is not stored.
    Elsewhere,
}

/// What has been read from the file so far.
struct Reading<'a> {
    bench: &'a Bench,
    /// Where each document's prediction is stored, by document of the snapshot.
    places: Vec<Place>,
    /// Line of each document's row, by document; 0: no row yet.
    lines: Vec<u64>,
    /// Probabilities of the open documents, shape (open documents, classes), row by row.
    probabilities: Vec<f64>,
    controls: BTreeMap<usize, Vec<f64>>,
    /// Width of the embeddings, and the embeddings, shape (pool, width), row by row; `None` once a
    /// row came without an embedding.
    embeddings: Option<(usize, Vec<f32>)>,
    rows: usize,
    normalized: usize,
    foreign: Vec<String>,
    n_foreign: usize,
}

/// Reads the predictions in the file `source` and arranges them by the documents of the workspace.
///
/// # Errors
/// The file cannot be read, or one of its rows is malformed (the error names file and line). The
/// file lacks an open document; it has ids that the workspace lacks and `ignore_foreign` is off; or
/// it lacks a control item and suggestions are on.
pub(crate) fn read(source: &ScoresFile, bench: &Bench) -> Result<Scores> {
    let ScoresFile { file, encoding, sheet, ignore_foreign } = source;
    let mut reading = Reading::new(bench);
    let labels = &bench.snapshot.labels;
    let mut rows = PredictionFile::open(file, labels, *encoding, sheet.clone())?;
    while let Some(Prediction { file, place, row }) = rows.next_row()? {
        let taken = row.and_then(|row| reading.take(row, place.number()));
        taken.map_err(|problem| InputError { file, place: Some(place), problem })?;
    }
    if reading.rows == 0 {
        return Err(InputError::of_file(file, rows.no_rows()).into());
    }
    reading.check(file, *ignore_foreign)?;
    let mut scores = reading.finish(rows.hash())?;
    scores.remarks = rows.told().to_vec();
    if let Some(reader) = rows.reader() {
        scores.remarks.extend(inputs::told(reader.passed_over()));
        scores.remarks.extend(inputs::of_reader(file, reader));
    }
    Ok(scores)
}

impl<'a> Reading<'a> {
    /// Begins to read: finds the place of each document's prediction.
    fn new(bench: &'a Bench) -> Self {
        let (situation, n) = (&bench.situation, bench.snapshot.documents.len());
        let mut places = vec![Place::Elsewhere; n];
        let mut open = situation.open.iter().enumerate().peekable();
        for (row, document) in situation.pool.iter().enumerate() {
            let own = open.next_if(|(_, open)| **open == row).map(|(at, _)| at);
            places[*document] = Place::Pool(row, own);
        }
        for (place, document) in situation.control.iter().enumerate() {
            places[*document] = Place::Control(place);
        }
        Self {
            bench,
            places,
            lines: vec![0; n],
            probabilities: vec![0.0; situation.open.len() * bench.snapshot.labels.len()],
            controls: BTreeMap::new(),
            embeddings: None,
            rows: 0,
            normalized: 0,
            foreign: Vec::new(),
            n_foreign: 0,
        }
    }

    /// Stores the prediction in a row. `line` is the row's line in the file.
    fn take(&mut self, row: PredictionRow, line: u64) -> Result<(), InputProblem> {
        self.rows += 1;
        self.check_width(row.embedding.as_deref())?;
        let Some(document) = self.bench.snapshot.find(&row.id) else {
            self.n_foreign += 1;
            if self.foreign.len() < EXAMPLES {
                self.foreign.push(row.id);
            }
            return Ok(());
        };
        let before = std::mem::replace(&mut self.lines[document], line);
        if before > 0 {
            return Err(InputProblem::RepeatedId { id: row.id, line: before });
        }
        self.normalized += usize::from(row.normalized);
        let k = row.probabilities.len();
        match self.places[document] {
            Place::Pool(pool, open) => {
                if let Some(open) = open {
                    self.probabilities[open * k..][..k].copy_from_slice(&row.probabilities);
                }
                if let (Some((width, values)), Some(embedding)) = (&mut self.embeddings, &row.embedding) {
                    values[pool * *width..][..*width].copy_from_slice(embedding);
                }
            }
            Place::Control(place) => {
                self.controls.insert(place, row.probabilities);
            }
            Place::Elsewhere => {}
        }
        Ok(())
    }

    /// Keeps the embeddings while every row has one. Fails if two rows have embeddings of different
    /// widths.
    fn check_width(&mut self, embedding: Option<&[f32]>) -> Result<(), InputProblem> {
        match (embedding, &self.embeddings) {
            (Some(embedding), None) if self.rows == 1 => {
                let width = embedding.len();
                self.embeddings = Some((width, vec![0.0; width * self.bench.situation.pool.len()]));
            }
            (Some(embedding), Some((width, _))) if embedding.len() != *width => {
                return Err(
                    PredictionProblem::EmbeddingWidth { found: embedding.len(), expected: *width }.into()
                );
            }
            (None, _) => self.embeddings = None,
            _ => {}
        }
        Ok(())
    }

    /// Checks that the file has all documents that it needs and, unless `ignore_foreign`, no
    /// others.
    fn check(&self, file: &str, ignore_foreign: bool) -> Result<()> {
        let (situation, documents) = (&self.bench.situation, &self.bench.snapshot.documents);
        let lacking = |document: &usize| self.lines[*document] == 0;
        let id = |document: usize| documents[document].id.to_string();
        let open = situation.open.iter().map(|row| situation.pool[*row]);
        let missing: Vec<usize> = open.filter(lacking).collect();
        if !missing.is_empty() {
            let examples =
                examples(missing.iter().take(EXAMPLES).map(|document| id(*document)), missing.len());
            let (missing, open) = (missing.len(), situation.open.len());
            return Err(ScoresError::Missing { file: file.to_owned(), missing, open, examples }.into());
        }
        if self.n_foreign > 0 && !ignore_foreign {
            let examples = examples(self.foreign.iter().cloned(), self.n_foreign);
            return Err(ScoresError::Foreign { file: file.to_owned(), rows: self.n_foreign, examples }.into());
        }
        let settings = &self.bench.settings.batch;
        let controls = situation.open_controls.iter().map(|place| situation.control[*place]);
        let unsaid: Vec<usize> = controls.filter(lacking).collect();
        let shares = settings.mix.shares()?;
        if settings.suggest && shares.fraction(Share::Control) > 0.0 && !unsaid.is_empty() {
            let examples = examples(unsaid.iter().take(EXAMPLES).map(|document| id(*document)), unsaid.len());
            return Err(
                ScoresError::Controls { file: file.to_owned(), missing: unsaid.len(), examples }.into()
            );
        }
        Ok(())
    }

    /// Arranges what was read. `hash` is the hash of the file.
    fn finish(self, hash: String) -> Result<Scores> {
        let (situation, labels) = (&self.bench.situation, &self.bench.snapshot.labels);
        let (n_open, n_pool) = (situation.open.len(), situation.pool.len());
        let rows = Array2::from_shape_vec((n_open, labels.len()), self.probabilities);
        let probabilities =
            Probabilities::new(rows.map_err(|_| SessionError::bug("lay out the probabilities")())?)?;
        let known = |row: usize| self.lines[situation.pool[row]] > 0;
        let labeled: Vec<_> = situation.labeled.iter().copied().filter(|(row, _)| known(*row)).collect();
        let width = self.embeddings.as_ref().map(|(width, _)| *width);
        let section = report::Brought {
            file: hash,
            rows: self.rows,
            open: n_open,
            normalized: self.normalized,
            foreign: self.n_foreign,
            embedding: width,
            unplaced: width.map_or(0, |_| situation.labeled.len() - labeled.len()),
        };
        let space = match self.embeddings {
            Some((width, values)) => {
                let values = Array2::from_shape_vec((n_pool, width), values)
                    .map_err(|_| SessionError::bug("lay out the embeddings")())?;
                Some(Space { features: Features::Dense(values), labeled })
            }
            None => None,
        };
        Ok(Scores {
            probabilities,
            brought: Brought { controls: self.controls, space },
            section,
            remarks: Vec::new(),
        })
    }
}

/// Joins `ids` with commas. Adds "…" if `n`, the number of all ids, exceeds the number of ids
/// given.
fn examples(ids: impl Iterator<Item = String>, n: usize) -> String {
    let mut shown: Vec<String> = ids.collect();
    if n > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}
