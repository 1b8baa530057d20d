//! Reads the predictions of the user's own model from a file.
//!
//! The file may have any row layout and is read row by row. The class probabilities of open
//! documents are kept, one value per class. The probabilities of documents that are labelled or out
//! are not. A row for a control item is kept if annotators see suggestions, because this item needs
//! one too.
//!
//! If every row has a vector, the vectors of all pool documents are kept, because query
//! strategies may compare documents by them.

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

/// An error names at most this many ids.
const EXAMPLES: usize = 3;

/// The file of the user's own predictions, and how to read it.
#[derive(Debug, Clone)]
pub struct ScoresFile {
    /// Path of the file.
    pub file: String,
    /// How the text of the file is encoded.
    pub encoding: Encoding,
    /// Name of the sheet, if the file is a workbook; `None`: the first sheet.
    pub sheet: Option<String>,
    /// Whether to skip rows with ids that the workspace does not have. Otherwise they are an error.
    pub ignore_foreign: bool,
}

/// The contents of the file, arranged by document.
pub(crate) struct Scores {
    /// Probabilities of the open documents, shape (open documents, classes).
    pub(crate) probabilities: Probabilities,
    /// The suggestions for control items, and the vectors.
    pub(crate) brought: Brought,
    /// The report's section about the file.
    pub(crate) section: report::Brought,
    /// Remarks about how the file was read.
    pub(crate) remarks: Vec<Told>,
}

/// Where the prediction of a document is to be stored.
#[derive(Clone, Copy)]
enum Place {
    /// The document is in the pool. Its row in the pool and, if it is open, its index among the
    /// open documents.
    Pool(usize, Option<usize>),
    /// The document is a control item. Its index among the control items.
    Control(usize),
    /// The document is in the test set, so its prediction is not stored.
    Elsewhere,
}

/// What has been read from the file so far.
struct Reading<'a> {
    bench: &'a Bench,
    /// Where to store each document's prediction, in the snapshot's order.
    places: Vec<Place>,
    /// The line of each document's row in the file, in the snapshot's order; 0 before it is read.
    lines: Vec<u64>,
    /// Probabilities of the open documents, shape (open documents, classes), row by row.
    probabilities: Vec<f64>,
    /// The class probabilities of control items, by the item's index among the control items.
    controls: BTreeMap<usize, Vec<f64>>,
    /// The number of dimensions of the vectors, and the vectors, shape (pool, dimensions),
    /// row by row. `None` once a row has no vector.
    vectors: Option<(usize, Vec<f32>)>,
    /// Number of rows read so far.
    rows: usize,
    /// Number of rows whose probabilities were divided by their sum.
    normalized: usize,
    /// Some of the ids that the workspace does not have.
    foreign: Vec<String>,
    /// Number of rows with such ids.
    n_foreign: usize,
}

/// Reads the predictions in the file `source`, and arranges them in the order of the workspace's
/// documents.
///
/// # Errors
/// - The file cannot be read, or a row is malformed; the error names file and line.
/// - An open document has no row.
/// - A row has an id that the workspace does not have, and `ignore_foreign` is off.
/// - A control item has no row, and annotators see suggestions.
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
    /// Prepares for reading: finds out where to store each document's prediction.
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
            vectors: None,
            rows: 0,
            normalized: 0,
            foreign: Vec::new(),
            n_foreign: 0,
        }
    }

    /// Stores the prediction in one row of the file. `line` is the number of the row's line.
    fn take(&mut self, row: PredictionRow, line: u64) -> Result<(), InputProblem> {
        self.rows += 1;
        self.check_width(row.vector.as_deref())?;
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
                if let (Some((width, values)), Some(vector)) = (&mut self.vectors, &row.vector) {
                    values[pool * *width..][..*width].copy_from_slice(vector);
                }
            }
            Place::Control(place) => {
                self.controls.insert(place, row.probabilities);
            }
            Place::Elsewhere => {}
        }
        Ok(())
    }

    /// Stops keeping vectors at the first row without one. Fails if a row's vector has
    /// another number of dimensions than the vectors before.
    fn check_width(&mut self, vector: Option<&[f32]>) -> Result<(), InputProblem> {
        match (vector, &self.vectors) {
            (Some(vector), None) if self.rows == 1 => {
                let width = vector.len();
                self.vectors = Some((width, vec![0.0; width * self.bench.situation.pool.len()]));
            }
            (Some(vector), Some((width, _))) if vector.len() != *width => {
                return Err(PredictionProblem::VectorWidth { found: vector.len(), expected: *width }.into());
            }
            (None, _) => self.vectors = None,
            _ => {}
        }
        Ok(())
    }

    /// Checks that no required document is missing and, unless `ignore_foreign`, that no row has an
    /// unknown id.
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

    /// Turns what was read into the result. `hash` is the hash of the file.
    fn finish(self, hash: String) -> Result<Scores> {
        let (situation, labels) = (&self.bench.situation, &self.bench.snapshot.labels);
        let (n_open, n_pool) = (situation.open.len(), situation.pool.len());
        let rows = Array2::from_shape_vec((n_open, labels.len()), self.probabilities);
        let probabilities =
            Probabilities::new(rows.map_err(|_| SessionError::bug("lay out the probabilities")())?)?;
        let known = |row: usize| self.lines[situation.pool[row]] > 0;
        let labeled: Vec<_> = situation.labeled.iter().copied().filter(|(row, _)| known(*row)).collect();
        let width = self.vectors.as_ref().map(|(width, _)| *width);
        let section = report::Brought {
            file: hash,
            rows: self.rows,
            open: n_open,
            normalized: self.normalized,
            foreign: self.n_foreign,
            vector: width,
            unplaced: width.map_or(0, |_| situation.labeled.len() - labeled.len()),
        };
        let space = match self.vectors {
            Some((width, values)) => {
                let values = Array2::from_shape_vec((n_pool, width), values)
                    .map_err(|_| SessionError::bug("lay out the vectors")())?;
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

/// Joins `ids` with commas. `n` is the number of all such ids; if there are more than the given
/// ones, "…" follows.
fn examples(ids: impl Iterator<Item = String>, n: usize) -> String {
    let mut shown: Vec<String> = ids.collect();
    if n > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}
