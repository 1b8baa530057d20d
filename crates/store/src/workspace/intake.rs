//! Reading for an import: records parsed and hashed in a thread of their own, while the one before
//! is stored.
//!
//! A batch ends where the next line is not at hand yet, so a slow pipe holds nothing up, and never
//! has more than a block of the file. The thread is not waited for when an import ends early: it
//! may be waiting for a pipe that nobody writes into.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use querist_core::{LabelSet, nearest_name};

use super::import::{ImportAs, ImportOptions};
use crate::error::{AnswerProblem, InputError, InputProblem, Place, Told};
use crate::format::documents::{self, DocumentRow, FieldNames, IdSource};
use crate::format::fields::SeenFields;
use crate::format::records::{self, Input, Opened, PassedOver, Reading, RecordReader};
use crate::format::row::Row;

/// How many batches may wait to be stored.
const WAITING: usize = 4;
/// How many rows a batch has at the most.
const ROWS: usize = 1_024;
/// And how many bytes, but for the row that goes beyond them.
const ROWS_BYTES: usize = 1 << 17;

/// What comes out of a file.
pub(super) enum Batch {
    /// Rows, in their order.
    Rows(Vec<Arrival>),
    /// A file, or one in a folder or an archive, is read.
    Fields {
        /// Its name.
        file: String,
        /// The fields of its rows.
        seen: Box<SeenFields>,
    },
    /// There are no more; the hash of the content.
    End {
        /// BLAKE3, in hex.
        hash: String,
        /// What to say of how the file was read.
        remarks: Vec<Told>,
    },
    /// There is no reading on.
    Failed(InputError),
}

/// A record of the file.
pub(super) struct Arrival {
    /// Where it is.
    pub(super) place: Place,
    /// The file in the folder or archive that it is in.
    pub(super) member: Option<String>,
    /// Whether that file names its fields.
    pub(super) has_named_fields: bool,
    /// What it holds.
    pub(super) row: Result<DocumentRow, InputProblem>,
    /// The record as it stood; empty unless bad rows are passed over.
    pub(super) bytes: Vec<u8>,
}

/// A file that is being read.
pub(super) struct Intake {
    file: String,
    batches: Receiver<Batch>,
    thread: Option<JoinHandle<()>>,
    /// The format, if it was guessed, and what by.
    pub(super) guessed: Option<(&'static str, &'static str)>,
    /// What else to say of the file.
    pub(super) told: Vec<Told>,
    /// Files in it that are not read.
    pub(super) passed_over: Vec<PassedOver>,
    /// What to say if there are no rows.
    pub(super) no_rows: InputProblem,
}

impl Intake {
    /// Starts to read a file.
    ///
    /// # Errors
    /// The file cannot be opened, or the system has no thread left.
    pub(super) fn of(input: Input, labels: &LabelSet, options: &ImportOptions) -> Result<Self, InputError> {
        let file = input.name().to_owned();
        let FieldNames { id, text, label, meta } = &options.fields;
        let mut fields = vec![id.clone(), text.clone(), label.clone()];
        fields.extend(meta.iter().flatten().cloned());
        let (layout, encoding, sheet) = (options.layout, options.encoding, options.sheet.clone());
        let reading = Reading { layout, encoding, sheet, fields };
        let Opened { mut reader, layout, guessed, told } = records::open_input(input, &reading)?;
        let passed_over = reader.passed_over().to_vec();
        let guessed = guessed.map(|by| (layout.description(), by));
        let (sender, batches) = sync_channel(WAITING);
        let options = options.clone();
        let wanted = options.named.iter().map(|(_, field)| field.clone()).collect();
        let (current, usual) = (Current::default(), FieldNames::default());
        let mut rows = Rows { labels: labels.clone(), options, usual, wanted, opened: file.clone(), current };
        let work = move || {
            let end = match read(reader.as_mut(), &mut rows, &sender) {
                Ok(Some(hash)) => Batch::End { hash, remarks: reader.remarks() },
                Ok(None) => return,
                Err(error) => Batch::Failed(error),
            };
            // Nobody may be there any more to hear it.
            let _ = sender.send(end);
        };
        match std::thread::Builder::new().spawn(work) {
            Ok(thread) => {
                let no_rows = layout.no_rows();
                let thread = Some(thread);
                Ok(Self { file, batches, thread, guessed, told, passed_over, no_rows })
            }
            Err(error) => {
                let problem = InputProblem::Unreadable { detail: error.to_string() };
                Err(InputError { file, place: None, problem })
            }
        }
    }

    /// The next batch; not to be asked for after the last.
    pub(super) fn next_batch(&mut self) -> Batch {
        if let Ok(batch) = self.batches.recv() {
            return batch;
        }
        // The thread has ended without a last batch.
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        let problem = InputProblem::Unreadable { detail: "reading broke off".to_owned() };
        Batch::Failed(InputError::of_file(&self.file, problem))
    }
}

/// Reads a file to its end. Gives its content's hash, or `None` when nobody wants any more of it.
fn read(
    reader: &mut dyn RecordReader,
    parser: &mut Rows,
    sender: &SyncSender<Batch>,
) -> Result<Option<String>, InputError> {
    let mut rows = Vec::new();
    let mut length = 0;
    while let Some(record) = reader.next_record()? {
        length += record.bytes.len();
        let has_named_fields = record.shape.has_named_fields();
        if parser.is_elsewhere(record.member)
            && let Some(fields) = parser.enter(record.member)
            && sender.send(fields).is_err()
        {
            return Ok(None);
        }
        let row = record.json.and_then(|text| parser.row(text, has_named_fields));
        let bytes = if parser.options.skip_bad_rows { record.bytes.to_vec() } else { Vec::new() };
        let member = record.member.map(str::to_owned);
        rows.push(Arrival { place: record.place, member, has_named_fields, row, bytes });
        if rows.len() == ROWS || length >= ROWS_BYTES || !reader.is_at_hand() {
            length = 0;
            if sender.send(Batch::Rows(std::mem::take(&mut rows))).is_err() {
                return Ok(None);
            }
        }
    }
    if !rows.is_empty() && sender.send(Batch::Rows(rows)).is_err() {
        return Ok(None);
    }
    if let Some(fields) = parser.enter(None)
        && sender.send(fields).is_err()
    {
        return Ok(None);
    }
    Ok(Some(reader.hash()))
}

/// Makes documents of a file's records.
struct Rows {
    labels: LabelSet,
    options: ImportOptions,
    /// The fields of texts without any.
    usual: FieldNames,
    /// The fields that the user named.
    wanted: Vec<String>,
    /// The file that was opened.
    opened: String,
    current: Current,
}

/// The file that is being read: the one that was opened, or one in it.
#[derive(Default)]
struct Current {
    /// `None`: the one that was opened.
    member: Option<String>,
    /// Settled by the first object of the file: without the field of the id, it is a file without
    /// ids.
    ids: Option<IdSource>,
    /// Whether a row had fields with names of the file's own.
    has_fields: bool,
    seen: SeenFields,
}

impl Rows {
    /// Whether a row is in another file than the one before.
    fn is_elsewhere(&self, member: Option<&str>) -> bool {
        self.current.member.as_deref() != member
    }

    /// Goes to another file. Gives the fields of the one before.
    fn enter(&mut self, member: Option<&str>) -> Option<Batch> {
        let next = Current { member: member.map(str::to_owned), ..Current::default() };
        let Current { member, has_fields, seen, .. } = std::mem::replace(&mut self.current, next);
        let file = member.map_or_else(|| self.opened.clone(), |member| format!("{}/{member}", self.opened));
        has_fields.then(|| Batch::Fields { file, seen: Box::new(seen) })
    }

    fn row(&mut self, text: &str, has_named_fields: bool) -> Result<DocumentRow, InputProblem> {
        let current = &mut self.current;
        if has_named_fields {
            current.has_fields = true;
            current.seen.look(text, &self.wanted, &self.labels);
        }
        let ImportOptions { kind, fields, id_named, .. } = &self.options;
        let fields = if has_named_fields { fields } else { &self.usual };
        let ids = if let Some(ids) = current.ids {
            ids
        } else {
            let is_text = fields.id == fields.text;
            let has_id = (*id_named && has_named_fields) || (!is_text && Row::parse(text)?.has(&fields.id));
            *current.ids.insert(if has_id { IdSource::Field } else { IdSource::FieldOrText })
        };
        let row = documents::parse(text, fields, &self.labels, *kind == ImportAs::Pool, ids);
        row.map_err(|problem| with_nearest(problem, text))
    }
}

/// A missing field with the name of the one that may be meant.
fn with_nearest(problem: InputProblem, row: &str) -> InputProblem {
    match problem {
        InputProblem::MissingField { field, option: Some(option) } => {
            let row = Row::parse(row);
            let nearest = row.ok().and_then(|row| nearest_name(&field, row.names()).map(str::to_owned));
            AnswerProblem::MissingColumn { field, option, nearest }.into()
        }
        other => other,
    }
}
