//! Reading for an import: lines parsed and hashed in a thread of their own, while the one before is stored.
//!
//! A batch ends where the next line is not at hand yet, so a slow pipe holds nothing up, and never has more than a block of
//! the file. The thread is not waited for when an import ends early: it may be waiting for a pipe that nobody writes into.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use querist_core::{Document, LabelSet};

use super::import::{ImportAs, ImportOptions};
use crate::error::{InputError, InputProblem};
use crate::format::documents;
use crate::lines::Lines;

/// How many batches may wait to be stored.
const WAITING: usize = 4;
/// How many rows a batch has at the most.
const ROWS: usize = 1_024;

/// What comes out of a file.
pub(super) enum Batch {
    /// Rows, in their order.
    Rows(Vec<Arrival>),
    /// There are no more; the hash of the content.
    End {
        /// BLAKE3, in hex.
        hash: String,
    },
    /// There is no reading on.
    Failed(InputError),
}

/// A line of the file.
pub(super) struct Arrival {
    /// Its number, from 1.
    pub(super) line: u64,
    /// What it holds.
    pub(super) row: Result<RowRead, InputProblem>,
    /// The line as it stood; empty unless bad rows are passed over.
    pub(super) bytes: Vec<u8>,
}

/// A row with its hashes.
pub(super) struct RowRead {
    /// The document.
    pub(super) document: Document,
    /// Whether the row has a label that the import leaves out.
    pub(super) label_left_out: bool,
    /// BLAKE3 of the text.
    pub(super) text_hash: [u8; 32],
    /// BLAKE3 of the user's own fields, if there are any.
    pub(super) meta_hash: Option<[u8; 32]>,
}

/// A file that is being read.
pub(super) struct Intake {
    file: String,
    batches: Receiver<Batch>,
    thread: Option<JoinHandle<()>>,
}

impl Intake {
    /// Starts to read a file.
    ///
    /// # Errors
    /// The system has no thread left.
    pub(super) fn of(file: &str, labels: &LabelSet, options: &ImportOptions) -> Result<Self, InputError> {
        let (sender, batches) = sync_channel(WAITING);
        let file = file.to_owned();
        let (name, labels, options) = (file.clone(), labels.clone(), options.clone());
        let work = move || {
            let end = match read(&name, &labels, &options, &sender) {
                Ok(Some(hash)) => Batch::End { hash },
                Ok(None) => return,
                Err(error) => Batch::Failed(error),
            };
            // Nobody may be there any more to hear it.
            let _ = sender.send(end);
        };
        match std::thread::Builder::new().spawn(work) {
            Ok(thread) => Ok(Self { file, batches, thread: Some(thread) }),
            Err(error) => {
                let problem = InputProblem::Unreadable { detail: error.to_string() };
                Err(InputError { file, line: None, problem })
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
        Batch::Failed(InputError { file: self.file.clone(), line: None, problem })
    }
}

/// Reads a file to its end. Gives its content's hash, or `None` when nobody wants any more of it.
fn read(
    file: &str,
    labels: &LabelSet,
    options: &ImportOptions,
    sender: &SyncSender<Batch>,
) -> Result<Option<String>, InputError> {
    let mut lines = Lines::open(file)?;
    let mut rows = Vec::new();
    while let Some(line) = lines.next_line()? {
        let row = line.text.and_then(|text| row(text, labels, options));
        let bytes = if options.skip_bad_rows { line.bytes.to_vec() } else { Vec::new() };
        rows.push(Arrival { line: line.number, row, bytes });
        if (rows.len() == ROWS || !lines.has_line_at_hand())
            && sender.send(Batch::Rows(std::mem::take(&mut rows))).is_err()
        {
            return Ok(None);
        }
    }
    Ok(Some(lines.hash()))
}

fn row(text: &str, labels: &LabelSet, options: &ImportOptions) -> Result<RowRead, InputProblem> {
    let row = documents::parse(text, &options.fields, labels, options.kind == ImportAs::Pool)?;
    let text_hash = *blake3::hash(row.document.text.as_bytes()).as_bytes();
    let meta_hash = row.document.meta.as_ref().map(|meta| *blake3::hash(meta.as_bytes()).as_bytes());
    Ok(RowRead { document: row.document, label_left_out: row.label_left_out, text_hash, meta_hash })
}
