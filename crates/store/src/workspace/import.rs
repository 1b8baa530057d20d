//! Imports documents into the workspace, in one transaction for all files of a command.
//!
//! A row may have the id of a known document. If its text is the same too, the row adds a label
//! that the document lacks, or is counted and skipped. If its text differs, the row is an error,
//! unless the user asked for new texts to replace old texts ([`update`]).
//!
//! Another thread reads the files ([`super::intake`]) while this one appends documents to the
//! database. The new ids are added to the table `ids` at the end, sorted ([`super::ids`]). So the
//! time per document does not grow with the workspace, even if ids arrive in random order.

mod again;
mod counts;
mod fault;
mod fields;
mod known;
mod missing;
mod options;
mod roles;
mod update;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use querist_core::{LabelSet, Role};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

pub use self::counts::ImportCounts;
pub(super) use self::fault::RowFault;
use self::known::known;
use self::missing::{as_if_missing, last_label};
pub use self::options::{ImportAs, ImportOptions};
use self::update::Updates;
use super::Workspace;
use super::artifacts::{Waiting, keep_rejected, rejected_rows};
use super::facts::{Documents, Facts};
use super::forget::Tombstones;
use super::ids::{NewIds, entered};
use super::intake::{Arrival, Batch, Intake};
use super::shared_texts::shared_texts;
use super::sheets::{Entry, SheetWriter, n_documents};
use crate::error::{DatabaseContext, FieldOption, InputError, InputProblem, StoreError, Told, shown};
use crate::format::documents::DocumentRow;
use crate::format::fields::SeenFields;
use crate::format::records::{Input, guessed_as};
use crate::format::rejected::Rejected;

/// The size of SQLite's page cache, in KiB, while an import only appends rows. A larger cache does
/// not make appending faster.
const APPENDING: i64 = 1_000;
/// The size of SQLite's page cache, in KiB (128 MiB), while an import looks up or adds ids in the
/// table `ids`.
const LOOKING_UP: i64 = 128 << 10;
/// If the table `ids` has at most this many rows, it fits in the smaller cache.
const SMALL: usize = 10_000;

impl Workspace {
    /// Imports files of documents. Calls `progress` about every thousand rows with the number of
    /// rows read so far. Returns the counts. If rows were skipped, also returns the path of the
    /// file in which they were collected.
    ///
    /// # Errors
    /// A row is bad (unless bad rows are skipped), a file cannot be read, or the database cannot be
    /// written; then nothing was changed.
    pub fn import(
        &mut self,
        files: &[String],
        labels: &LabelSet,
        options: &ImportOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(ImportCounts, Option<PathBuf>), StoreError> {
        let inputs = files.iter().cloned().map(Input::File).collect();
        self.import_from(inputs, labels, options, progress)
    }

    /// Imports files and streams, as [`Self::import`] imports files.
    ///
    /// # Errors
    /// The errors of [`Self::import`].
    pub fn import_from(
        &mut self,
        inputs: Vec<Input>,
        labels: &LabelSet,
        options: &ImportOptions,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(ImportCounts, Option<PathBuf>), StoreError> {
        let files: Vec<String> = inputs.iter().map(|input| input.name().to_owned()).collect();
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("begin the import")?;
        let before = n_documents(&transaction)? as i64;
        let labelled_before = last_label(&transaction).doing("import")?;
        let mut importer = Importer::new(
            &transaction,
            rejected_rows(&self.root, options.wording),
            labels,
            options,
            self.who.as_deref(),
        )?;
        let mut rows = 0;
        for input in inputs {
            importer.file(input, &mut rows, progress)?;
        }
        importer.named_fields_are_there(&files)?;
        let (mut counts, rejected) = importer.finish()?;
        let held_out = counts.test + counts.control + counts.moved + counts.updated > 0;
        if held_out || counts.pool + counts.labeled > 0 {
            // New test documents and control items are compared with the whole pool. If only the
            // pool grew, only its new texts are compared with the test documents and control items.
            let after = if held_out { 0 } else { before };
            counts.warnings = shared_texts(&transaction, after)?.warnings();
        }
        counts.warnings.extend(as_if_missing(&transaction, labels, labelled_before).doing("import")?);
        if options.dry_run {
            return Ok((counts, None));
        }
        let rejected = keep_rejected(&self.root, "import", rejected, &transaction)?;
        transaction.commit().doing("commit the import")?;
        let rejected = rejected.map(Waiting::publish).transpose()?;
        set_cache(&self.database, APPENDING).doing("import")?;
        Ok((counts, rejected))
    }
}

/// The state of an import command while it reads its files.
struct Importer<'a> {
    transaction: &'a Transaction<'a>,
    labels: &'a LabelSet,
    options: &'a ImportOptions,
    counts: ImportCounts,
    rejected: Rejected,
    /// The number of the current file in the table `imports`.
    import: i64,
    /// The number in the table `imports` of the first file of this command.
    command: Option<i64>,
    /// The person who runs the command.
    who: Option<&'a str>,
    /// If the input is a folder or an archive, the name of the file in it to which the current rows
    /// belong.
    member: Option<String>,
    /// The ids of added documents that are not in the table `ids` yet.
    new_ids: NewIds,
    /// Whether the table `ids` has any rows. If it has none, no lookup is needed.
    any_entered: bool,
    /// Writes the second copy of the documents, without their texts ([`super::sheets`]).
    sheets: SheetWriter,
    /// The fields that occurred in the rows of all files so far.
    seen: SeenFields,
    /// The id of the first known document that arrived again with other fields.
    other_fields: Option<String>,
    /// What the facts say about documents, for example which of them are absent.
    facts: Documents,
    /// The number of the first document that this command adds.
    first_number: i64,
    /// Hashes of the forgotten documents. A row with a forgotten id or text is refused.
    tombstones: Tombstones,
    /// The texts that the import has replaced so far.
    updates: Updates,
    /// Remarks, each with the names of the files to which it applies.
    of_files: BTreeMap<Told, Vec<String>>,
}

impl<'a> Importer<'a> {
    fn new(
        transaction: &'a Transaction<'a>,
        rejected: Rejected,
        labels: &'a LabelSet,
        options: &'a ImportOptions,
        who: Option<&'a str>,
    ) -> Result<Self, StoreError> {
        let before = n_documents(transaction)?;
        set_cache(transaction, if before <= SMALL { APPENDING } else { LOOKING_UP }).doing("import")?;
        Ok(Self {
            transaction,
            labels,
            options,
            counts: ImportCounts::default(),
            rejected,
            import: 0,
            command: None,
            who,
            member: None,
            new_ids: NewIds::starting_at(before as i64 + 1),
            any_entered: before > 0,
            sheets: SheetWriter::after(transaction, before).doing("import")?,
            seen: SeenFields::default(),
            other_fields: None,
            facts: Facts::now(transaction)?.documents,
            first_number: before as i64 + 1,
            tombstones: Tombstones::of(transaction).doing("import")?,
            updates: Updates::default(),
            of_files: BTreeMap::new(),
        })
    }

    /// Imports one file, folder, archive or stream. Adds the number of its rows to `rows`.
    fn file(
        &mut self,
        input: Input,
        rows: &mut u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), StoreError> {
        let name = input.name().to_owned();
        let file = name.as_str();
        let before = *rows;
        self.member = None;
        self.note(file)?;
        let import = self.import;
        let mut intake = Intake::of(input, self.labels, self.options)?;
        let guessed = intake.guessed;
        if let Some((format, by)) = guessed {
            self.counts.guesses.push(guessed_as(file, format, by).into());
        }
        self.counts.guesses.append(&mut intake.told);
        self.counts.passed_over.append(&mut intake.passed_over);
        // If the guess of the format was wrong, every row looks bad. So the error names the guessed
        // format.
        let told = |error| match (error, guessed) {
            (StoreError::Input(mut error), Some((format, _))) => {
                error.problem = InputProblem::Guessed { format, problem: Box::new(error.problem) };
                StoreError::Input(error)
            }
            (error, _) => error,
        };
        let hash = loop {
            match intake.next_batch() {
                Batch::Fields { file, seen } => self.look_at_fields(&file, &seen),
                Batch::End { hash, remarks } => {
                    let remarks = remarks.into_iter().map(|remark| remark.of_file(&shown(file)));
                    self.counts.remarks.extend(remarks);
                    break hash;
                }
                Batch::Failed(error) => return Err(told(error.into())),
                Batch::Rows(arrivals) => {
                    let thousands = *rows / 1_000;
                    *rows += arrivals.len() as u64;
                    if *rows / 1_000 > thousands {
                        progress(*rows);
                    }
                    arrivals.into_iter().try_for_each(|arrival| self.arrival(file, arrival)).map_err(told)?;
                }
            }
        };
        if *rows == before {
            return Err(InputError::of_file(file, intake.no_rows).into());
        }
        self.transaction
            .execute("UPDATE imports SET hash = ?1 WHERE number >= ?2", params![hash, import])
            .doing("import")?;
        Ok(())
    }

    /// Adds `file` to the table `imports`. Documents and labels that are stored from now on refer
    /// to this entry.
    fn note(&mut self, file: &str) -> Result<(), StoreError> {
        self.transaction
            .prepare_cached(
                "INSERT INTO imports (file, kind, hash, at, who, first, command) VALUES (?1, ?2, '', ?3, ?4, ?5,
                    coalesce(?6, (SELECT coalesce(max(number), 0) + 1 FROM imports)))",
            )
            .and_then(|mut insert| {
                let at = Timestamp::now().to_string();
                let first = self.new_ids.next_number();
                insert.execute(params![file, self.options.kind.name(), at, self.who, first, self.command])
            })
            .doing("import")?;
        self.import = self.transaction.last_insert_rowid();
        self.command = self.command.or(Some(self.import));
        Ok(())
    }

    /// Stores the document or the label in one row of a file. If the row is bad, skips and collects
    /// it, or returns an error, as the user's options say.
    fn arrival(&mut self, file: &str, arrival: Arrival) -> Result<(), StoreError> {
        // A document is stored with its file and its line number. So each file in a folder or an
        // archive gets an entry of its own in `imports`.
        if arrival.has_named_fields && arrival.member != self.member {
            self.member.clone_from(&arrival.member);
            let member = arrival.member.as_deref().unwrap_or_default();
            self.note(&format!("{file}/{member}"))?;
        }
        let line = arrival.place.number();
        match arrival.row.map_err(RowFault::Bad).and_then(|row| self.row(&row, line)) {
            Ok(()) => Ok(()),
            Err(RowFault::Store(error)) => Err(error),
            Err(RowFault::Bad(problem)) => {
                let file =
                    arrival.member.map_or_else(|| file.to_owned(), |member| format!("{file}/{member}"));
                let error = InputError { file, place: Some(arrival.place), problem };
                if !self.options.skip_bad_rows {
                    return Err(error.into());
                }
                let field = Some(self.options.fields.id.as_str());
                let writable = self.tombstones.writable(error, &arrival.bytes, field, self.transaction);
                let (error, row) = writable.doing("import")?;
                self.rejected.push(&error, row)
            }
        }
    }

    /// Stores what is still in memory: the new ids, the replacements of texts, and the last,
    /// incomplete sheet. Returns the counts and the skipped rows.
    fn finish(mut self) -> Result<(ImportCounts, Rejected), StoreError> {
        self.enter_ids()?;
        self.note_updates()?;
        self.sheets.finish(self.transaction).doing("import")?;
        self.counts.rejected = self.rejected.len();
        self.remarks();
        Ok((self.counts, self.rejected))
    }

    /// Adds the ids in `new_ids` to the table `ids`.
    fn enter_ids(&mut self) -> Result<(), StoreError> {
        if self.new_ids.len() > SMALL {
            set_cache(self.transaction, LOOKING_UP).doing("import")?;
        }
        self.any_entered = true;
        self.new_ids.enter(self.transaction).doing("import")
    }

    /// Stores a row: as a new document if its id is new, and otherwise as a change of the known
    /// document.
    fn row(&mut self, row: &DocumentRow, line: u64) -> Result<(), RowFault> {
        let ImportOptions { kind, fields, .. } = self.options;
        self.counts.labels_left_out += u64::from(row.label_left_out);
        self.counts.ids_made += u64::from(row.id_made);
        if self.tombstones.has(&row.document.id, &row.document.text) {
            return Err(InputProblem::Forgotten.into());
        }
        let needs_label = matches!(kind, ImportAs::Labeled | ImportAs::Test | ImportAs::Control);
        if needs_label && row.document.label.is_none() {
            return Err(InputProblem::MissingField {
                field: fields.label.clone(),
                option: Some(FieldOption::Label),
            }
            .into());
        }
        let number = match self.new_ids.find(&row.document.id) {
            None if self.any_entered => entered(self.transaction, &row.document.id).doing("import")?,
            found => found,
        };
        match number {
            None => self.insert(row, line),
            Some(number) => {
                let known = known(self.transaction, number, &row.document.text).doing("import")?;
                self.again(row, known, line)
            }
        }
    }

    /// Appends a row to the table `documents` and, without its text, to the sheets. Returns the new
    /// document's number.
    fn append(&mut self, row: &DocumentRow, role: Role, line: u64) -> Result<i64, RowFault> {
        if self.new_ids.is_full() {
            self.enter_ids()?;
        }
        let document = &row.document;
        let number = self.new_ids.next_number();
        self.transaction
            .prepare_cached(
                "INSERT INTO documents (number, id, role, import, line, text, meta) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut insert| {
                let (id, text, meta) = (&document.id, &document.text, &document.meta);
                insert.execute(params![number, id, role.name(), self.import, line as i64, text, meta])
            })
            .doing("import")?;
        self.new_ids.push(&document.id);
        let (text_hash, meta_hash) = (&row.text_hash, row.meta_hash.as_ref());
        self.sheets
            .push(self.transaction, &Entry { id: &document.id, role, text_hash, meta_hash })
            .doing("import")?;
        Ok(number)
    }

    /// Stores a row with a new id as a new document, with its label.
    fn insert(&mut self, row: &DocumentRow, line: u64) -> Result<(), RowFault> {
        let (document, role) = (&row.document, self.options.kind.role());
        let number = self.append(row, role, line)?;
        if let Some(class) = document.label {
            self.label(number, self.labels.name(class), line)?;
        }
        *match (role, document.label) {
            (Role::Test, _) => &mut self.counts.test,
            (Role::Control, _) => &mut self.counts.control,
            (Role::Pool, Some(_)) => &mut self.counts.labeled,
            (Role::Pool, None) => &mut self.counts.pool,
        } += 1;
        Ok(())
    }
}

/// Sets the size of SQLite's page cache to `size` KiB.
fn set_cache(database: &Connection, size: i64) -> Result<(), rusqlite::Error> {
    database.pragma_update(None, "cache_size", -size)
}

#[cfg(test)]
mod tests;
