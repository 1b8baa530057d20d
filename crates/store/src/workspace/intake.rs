//! Reads the file of an import in a separate thread, the reading thread. It parses and hashes
//! records while the importer stores earlier records in the database.
//!
//! Rows are sent to the importer in batches. If the next row has not arrived yet, as from a slow
//! pipe, the batch is sent without it. If an import ends early, it does not wait for the reading
//! thread, which may be blocked on a pipe into which nobody writes.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use querist_core::{LabelSet, nearest_name};

use super::import::{ImportAs, ImportOptions};
use crate::error::{AnswerProblem, InputError, InputProblem, Place, Told};
use crate::format::documents::{self, DocumentRow, FieldNames, IdSource};
use crate::format::fields::SeenFields;
use crate::format::records::{self, Input, Opened, PassedOver, Reading, RecordReader};
use crate::format::row::Row;

/// The largest number of batches that wait for the importer.
const WAITING: usize = 4;
/// The largest number of rows in a batch.
const ROWS: usize = 1_024;
/// A batch is sent as soon as its rows have this many bytes (128 KiB).
const ROWS_BYTES: usize = 1 << 17;

/// A message from the reading thread to the importer.
pub(super) enum Batch {
    /// Rows, in the order of the file.
    Rows(Vec<Arrival>),
    /// A file was read to its end: the input itself, or a file within a folder or an archive. Lists
    /// the fields that its rows had.
    Fields {
        /// The file's name.
        file: String,
        /// The fields of the file's rows.
        seen: Box<SeenFields>,
    },
    /// The whole input was read.
    End {
        /// The BLAKE3 hash of the input's content, in hexadecimal.
        hash: String,
        /// Remarks on how the input was read.
        remarks: Vec<Told>,
    },
    /// Reading failed with this error.
    Failed(InputError),
}

/// A record of a file, parsed into a document's row.
pub(super) struct Arrival {
    /// The record's line or number in the file.
    pub(super) place: Place,
    /// The name of the file within a folder or an archive that contains the record, if any.
    pub(super) member: Option<String>,
    /// Whether the file gives names to its fields, as CSV and JSON do.
    pub(super) has_named_fields: bool,
    /// The parsed row, or its error.
    pub(super) row: Result<DocumentRow, InputProblem>,
    /// The record's bytes as read; empty unless the user wants bad rows to be skipped.
    pub(super) bytes: Vec<u8>,
}

/// A file that another thread is reading.
pub(super) struct Intake {
    file: String,
    batches: Receiver<Batch>,
    thread: Option<JoinHandle<()>>,
    /// If the format was guessed: the format's description, and the reason for the guess.
    pub(super) guessed: Option<(&'static str, &'static str)>,
    /// Remarks that were made when the file was opened.
    pub(super) told: Vec<Told>,
    /// The files within the folder or archive that are not read.
    pub(super) passed_over: Vec<PassedOver>,
    /// The error to report if the file has no rows.
    pub(super) no_rows: InputProblem,
}

impl Intake {
    /// Opens a file and starts a thread that reads it.
    ///
    /// # Errors
    /// The file cannot be opened, or the system cannot start a thread.
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
            // If sending fails, the importer has ended early, and nobody needs the message.
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

    /// Waits for the thread's next message and returns it. Must not be called after `End` or
    /// `Failed`.
    pub(super) fn next_batch(&mut self) -> Batch {
        if let Ok(batch) = self.batches.recv() {
            return batch;
        }
        // The thread ended without sending `End` or `Failed`, so it panicked or was stopped.
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        let problem = InputProblem::Unreadable { detail: "reading broke off".to_owned() };
        Batch::Failed(InputError::of_file(&self.file, problem))
    }
}

/// Reads a file to its end and sends its rows in batches. Returns the hash of the file's content,
/// or `None` if the importer has ended early.
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

/// Parses a file's records into documents' rows.
struct Rows {
    labels: LabelSet,
    options: ImportOptions,
    /// The default field names. They apply to rows of files that do not name their fields, such as
    /// plain texts.
    usual: FieldNames,
    /// The fields that the user named on the command line.
    wanted: Vec<String>,
    /// The name of the opened file, folder or archive.
    opened: String,
    current: Current,
}

/// What is known about the file that is being read: the opened file, or a file within it.
#[derive(Default)]
struct Current {
    /// The name of the file within the opened folder or archive; `None` for the opened file itself.
    member: Option<String>,
    /// Where the ids of the file's documents come from; `None` before the first row. The first row
    /// decides: if it lacks the id field, the file has no ids.
    ids: Option<IdSource>,
    /// Whether any row so far had named fields.
    has_fields: bool,
    seen: SeenFields,
}

impl Rows {
    /// Whether the next record begins another file of the folder or archive. `member` is the file
    /// to which the record belongs.
    fn is_elsewhere(&self, member: Option<&str>) -> bool {
        self.current.member.as_deref() != member
    }

    /// Starts the file `member` of the folder or archive. Returns a message with the fields of the
    /// previous file, if that file had named fields.
    fn enter(&mut self, member: Option<&str>) -> Option<Batch> {
        let next = Current { member: member.map(str::to_owned), ..Current::default() };
        let Current { member, has_fields, seen, .. } = std::mem::replace(&mut self.current, next);
        let file = member.map_or_else(|| self.opened.clone(), |member| format!("{}/{member}", self.opened));
        has_fields.then(|| Batch::Fields { file, seen: Box::new(seen) })
    }

    /// Parses a record into a document's row. `text` is the record as a JSON object.
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

/// If a field is missing, adds to the problem the name in the row that is most like the missing
/// name.
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
