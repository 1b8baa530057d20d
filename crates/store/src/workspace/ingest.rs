//! Ingests files: stores the answers of annotators or the decisions of experts that they contain.
//! One transaction covers all files of a command.
//!
//! Nothing is overwritten: a changed answer becomes a new row, and the old row stays as history.
//! Many annotation tools export all answers each time, so most of a file may be known; [`Ingester`]
//! says which answers are new.
//!
//! An annotator may answer a document several times. If all these answers have times, the latest is
//! current; otherwise, the last to arrive is current. The same holds for decisions, but all experts
//! share one current decision for a document ([`super::ledger`]).

mod counts;
mod document;
mod formats;
mod known_files;
mod pages;
mod rejections;
mod remark;

use std::collections::BTreeMap;
use std::path::PathBuf;

use querist_core::LabelSet;
use rusqlite::{Transaction, TransactionBehavior};

pub use self::counts::IngestCounts;
use self::formats::Formats;
use self::pages::Pages;
use super::Workspace;
use super::artifacts::{Waiting, keep_rejected, rejected_rows};
use super::facts::Facts;
use super::forget::Tombstones;
use super::import::RowFault;
use super::ledger::{Entry, Ledger, repeated};
use super::people::{Known, People};
use super::text_index::TextIndex;
use crate::error::{DatabaseContext, InputError, InputProblem, Place, StoreError, shown};
use crate::format::answers::{self, AnswerFormat, AnswerRow, Context, Control, Findings};
use crate::format::columns::{AnswerColumns, AnswersToDocuments, Fault};
use crate::format::file_name::whose;
use crate::format::records::{Input, Layout, Opened, Record, Shape};
use crate::format::rejected::{Rejected, Wording};
use crate::format::row::Row;
use crate::source::Encoding;

/// The kind of answers that a file contains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IngestAs {
    /// Answers of annotators: each answer is a vote.
    #[default]
    Annotators,
    /// Decisions of an expert: each settles its document. Rows need not name the expert. A null
    /// label says that no class fits and so excludes the document.
    Expert,
}

/// The expert's name for rows without a name.
const EXPERT: &str = "expert";

/// The options of an ingest.
#[derive(Clone, Default)]
pub struct IngestOptions {
    /// The kind of answers that the files contain.
    pub kind: IngestAs,
    /// Whether bad rows are skipped and collected. If not, a bad row ends the ingest.
    pub skip_bad_rows: bool,
    /// How the file of skipped rows words the reasons.
    pub wording: Wording,
    /// The format of the files; `None` to recognize the format of each file by its first record.
    pub format: Option<&'static dyn AnswerFormat>,
    /// The encoding of the files.
    pub encoding: Encoding,
    /// The annotator to whom rows without a name are attributed.
    pub annotator: Option<String>,
    /// The name of the question whose answers count, in tools that ask several (Label Studio calls
    /// it a control). May be `None` if only one question asks for a class.
    pub control: Option<String>,
    /// The columns that the user named: which column has the document, the label and so on.
    pub columns: AnswerColumns,
    /// The name of the sheet to read in workbooks; `None` for the first sheet.
    pub sheet: Option<String>,
}

/// The rows read from a file so far.
struct Reading {
    /// The number of records that were read.
    rows: u64,
    /// Whether a bad row was skipped.
    any_bad: bool,
    /// The answers of the file, by the document's number and the annotator's stored name.
    pairs: BTreeMap<(i64, String), Vec<Entry>>,
    /// The pages on which the answers were given, if the tool measured one time for a whole page.
    pages: Pages,
    /// The hash of the numbers of the skipped rows.
    passed_over: blake3::Hasher,
}

impl Workspace {
    /// Ingests files of answers. Returns the counts. If rows were skipped, also returns the path of
    /// the file in which they were collected.
    ///
    /// # Errors
    /// A row is bad (unless bad rows are skipped), a file cannot be read, or the database cannot be
    /// written; then nothing was changed.
    pub fn ingest(
        &mut self,
        files: &[String],
        labels: &LabelSet,
        options: &IngestOptions,
    ) -> Result<(IngestCounts, Option<PathBuf>), StoreError> {
        self.ingest_from(files.iter().cloned().map(Input::File).collect(), labels, options)
    }

    /// Ingests files and streams, as [`Self::ingest`] ingests files.
    ///
    /// # Errors
    /// The errors of [`Self::ingest`].
    pub fn ingest_from(
        &mut self,
        inputs: Vec<Input>,
        labels: &LabelSet,
        options: &IngestOptions,
    ) -> Result<(IngestCounts, Option<PathBuf>), StoreError> {
        let files: Vec<String> = inputs.iter().map(|input| input.name().to_owned()).collect();
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("begin the ingest")?;
        let facts = Facts::now(&transaction)?;
        let mut ingester = Ingester {
            transaction: &transaction,
            ledger: Ledger {
                transaction: &transaction,
                of: options.kind,
                labels: Some(labels),
                facts: &facts.documents,
            },
            labels,
            options,
            counts: IngestCounts::default(),
            rejected: rejected_rows(&self.root, options.wording),
            texts: None,
            text_keys: None,
            people: People::of(&transaction, Known::ALL, &facts.names).doing("ingest")?,
            tombstones: Tombstones::of(&transaction).doing("ingest")?,
            facts: &facts,
            replaced: facts.documents.predecessors(),
            who: self.who.as_deref(),
            command: None,
            findings: Findings { control: Control::new(options.control.as_deref()), ..Findings::default() },
        };
        for input in inputs {
            ingester.file(input)?;
        }
        ingester.named_control_is_there(&files)?;
        let Ingester { mut counts, rejected, .. } = ingester;
        counts.rejected = rejected.len();
        let rejected = keep_rejected(&self.root, "ingest", rejected, &transaction)?;
        transaction.commit().doing("commit the ingest")?;
        let rejected = rejected.map(Waiting::publish).transpose()?;
        Ok((counts, rejected))
    }
}

/// Reads the files of one ingest command and stores their new answers. These rules decide which
/// answers are new:
///
/// 1. If a file with the same content was ingested before, its answers are not new. There is one
///    exception: rows that were skipped at that time may be readable now, and then their answers
///    are new. Remarks are added to stored answers that lack them, because earlier versions did not
///    store remarks ([`known_files`]).
/// 2. An answer with a time is not new if the same annotator has a stored answer to the same
///    document with the same time and label.
/// 3. Take all answers in the file by one annotator to one document, in order. If the first n of
///    them repeat the last n stored answers, these n are not new.
struct Ingester<'a> {
    transaction: &'a Transaction<'a>,
    ledger: Ledger<'a>,
    labels: &'a LabelSet,
    options: &'a IngestOptions,
    counts: IngestCounts,
    /// Collects the skipped rows.
    rejected: Rejected,
    /// Finds documents by their text; built when first needed.
    texts: Option<TextIndex>,
    /// Finds documents by the key of their text; built when first needed.
    text_keys: Option<TextIndex>,
    /// The people who are known so far, including those in the files.
    people: People,
    /// Hashes of the forgotten documents. An answer to a forgotten document is refused.
    tombstones: Tombstones,
    /// The state that follows from the log of facts.
    facts: &'a Facts,
    /// Maps the number of each document with a new text to the number of the document that it
    /// replaced.
    replaced: BTreeMap<i64, i64>,
    /// The person who runs the command.
    who: Option<&'a str>,
    /// The number in the table `ingests` of the first file of this command.
    command: Option<i64>,
    /// The answers in the current record, and what the formats have found in all records.
    findings: Findings,
}

impl Ingester<'_> {
    /// Reads one file and stores its new answers.
    fn file(&mut self, input: Input) -> Result<(), StoreError> {
        let name = input.name().to_owned();
        let file = name.as_str();
        let IngestOptions { columns, encoding, sheet, .. } = self.options;
        let Opened { mut reader, layout, told, .. } = columns.open(input, *encoding, sheet.clone())?;
        if layout == Layout::Folder {
            return Err(InputError::of_file(file, InputProblem::Folder).into());
        }
        self.counts.guesses.extend(told);
        let passed_over = blake3::Hasher::new();
        let mut reading =
            Reading { rows: 0, any_bad: false, pairs: BTreeMap::new(), pages: Pages::default(), passed_over };
        self.findings.control.next_file();
        let mut formats = Formats::of(self.options.format);
        let mut answers = AnswersToDocuments::of(columns, self.options.format);
        while let Some(record) = reader.next_record()? {
            if !formats.is_no_answer(&record, file) {
                self.record(record, file, (&mut answers, &mut formats), &mut reading)?;
            }
        }
        let told = answers.finish(file)?;
        if reading.rows == 0 {
            return Err(InputError::of_file(file, layout.no_rows()).into());
        }
        self.counts.passed_over.extend_from_slice(reader.passed_over());
        self.counts.passed_over.append(&mut formats.passed_over);
        reading.pages.share_out(&mut reading.pairs);
        let told = reader.remarks().into_iter().chain(told);
        self.counts.guesses.extend(told.map(|told| told.of_file(&shown(file))));
        self.remark(file, &reading);
        let hash = self.content_hash(file, reader.hash(), formats.has("doccano"));
        if let Some(formats) = formats.described().filter(|_| self.options.format.is_none()) {
            self.counts.guesses.push(format!("{} is read as {formats}", shown(file)).into());
        }
        self.store(file, hash, reading)
    }

    /// Reads the answers in a record of `file` and adds them to `reading`.
    fn record(
        &mut self,
        record: Record<'_>,
        file: &str,
        (answers, formats): (&mut AnswersToDocuments<'_>, &mut Formats),
        reading: &mut Reading,
    ) -> Result<(), StoreError> {
        reading.rows += 1;
        let Record { place, member, shape, bytes, json, .. } = record;
        if formats.is_elsewhere(member) {
            answers.next_member();
        }
        let stem = whose(member.unwrap_or(file));
        let otherwise = (self.options.kind == IngestAs::Expert).then_some(EXPERT);
        let unnamed = self.options.annotator.as_deref();
        let context = Context { labels: self.labels.into(), unnamed, otherwise, stem: Some(stem) };
        let is_cells = shape == Shape::Cells;
        let format = &mut |row: Option<&Row<'_>>| formats.format(row, is_cells);
        let taken = json
            .map_err(Fault::from)
            .and_then(|json| answers.take((json, is_cells), format, &context, &mut self.findings));
        match taken {
            Err(Fault::OfColumns(problem)) => {
                let file = member.map_or_else(|| file.to_owned(), |member| format!("{file}/{member}"));
                return Err(InputError::of_file(&file, problem.into()).into());
            }
            Err(Fault::OfRecord(problem)) => self.findings.answers.push(Err(problem)),
            Ok(()) => {}
        }
        for answer in std::mem::take(&mut self.findings.answers) {
            self.take(answer, reading, (file, member, place), formats.last(), bytes)?;
        }
        Ok(())
    }

    /// Adds an answer to `reading`. If the answer is bad, skips its row and collects the row, or
    /// returns an error, as the user's options say.
    fn take(
        &mut self,
        answer: answers::Found,
        reading: &mut Reading,
        (file, member, place): (&str, Option<&str>, Place),
        format: Option<&'static dyn AnswerFormat>,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        match answer.map_err(RowFault::Bad).and_then(|row| self.known(row)) {
            Ok((document, row)) => {
                let named = |class| self.labels.name(class).to_owned();
                let (label, rejects) = (row.label.map(named), row.rejects.map(named));
                let AnswerRow { time, seconds, page, annotator, remarks, .. } = row;
                let annotator = self.people.stored(&annotator);
                let line = place.number() as i64;
                let entry = Entry { label, time, seconds, rejects, remarks, line, number: 0 };
                let pair = (document, annotator);
                if let Some(page) = page {
                    reading.pages.note(page, &pair, line);
                }
                reading.pairs.entry(pair).or_default().push(entry);
                Ok(())
            }
            Err(RowFault::Store(error)) => Err(error),
            Err(RowFault::Bad(problem)) => {
                let mut problem = self.options.columns.in_the_users_names(problem);
                let guessed =
                    format.filter(|format| self.options.format.is_none() && format.name() != "jsonl");
                if let Some(format) = guessed.filter(|_| !self.options.skip_bad_rows) {
                    problem =
                        InputProblem::Guessed { format: format.description(), problem: Box::new(problem) };
                }
                let file = member.map_or_else(|| file.to_owned(), |member| format!("{file}/{member}"));
                let error = InputError { file, place: Some(place), problem };
                if !self.options.skip_bad_rows {
                    return Err(error.into());
                }
                reading.any_bad = true;
                let field = self.options.columns.item.as_deref();
                let writable = self.tombstones.writable(error, bytes, field, self.transaction);
                let (error, row) = writable.doing("ingest")?;
                self.rejected.push(&error, row)?;
                reading.passed_over.update(&place.number().to_le_bytes());
                Ok(())
            }
        }
    }

    /// Stores the new answers of one annotator to one document. `entries` has all of the
    /// annotator's answers in the file, in order; some may be stored already.
    fn pair(
        &mut self,
        document: i64,
        annotator: &str,
        mut entries: Vec<Entry>,
        ingest: i64,
    ) -> Result<(), rusqlite::Error> {
        let history = self.ledger.history(document, &self.people.spellings(annotator))?;
        let given = entries.len();
        rejections::with_labels(&history, &mut entries);
        entries.dedup_by(|next, last| next.repeats(last));
        entries.retain(|entry| {
            entry.time.is_none() || !history.iter().any(|h| h.time == entry.time && entry.says(h))
        });
        let fresh = entries.split_off(repeated(&history, &entries));
        self.counts.unchanged += (given - fresh.len()) as u64;
        let mut before = history.last().and_then(|last| last.label.clone());
        let is_excluded = self.facts.is_excluded(&self.people.shown(annotator.to_owned()));
        self.counts.excluded += if is_excluded { fresh.len() as u64 } else { 0 };
        for entry in fresh {
            // A rejection of "b" together with the label "a" does not change the label.
            let agrees = entry.rejects.is_some() && entry.label.is_some() && entry.label == before;
            before.clone_from(&entry.label);
            self.counts.skips += u64::from(entry.label.is_none() && entry.rejects.is_none());
            self.counts.rejections += u64::from(entry.rejects.is_some());
            let appended = self.ledger.append(document, annotator, &entry, ingest)?;
            // `history` contains the answers under all spellings of the annotator's name, but
            // `appended.first` refers only to the stored spelling.
            if appended.first && history.is_empty() {
                self.counts.new += 1;
                let answer = self.options.kind == IngestAs::Annotators;
                self.counts.unasked += u64::from(answer && !is_excluded && !self.asked(document)?);
            } else if appended.stands {
                self.counts.changed += u64::from(!agrees);
            } else {
                self.counts.older += 1;
            }
        }
        Ok(())
    }

    /// Whether an exported batch contained the document, with its present text or an earlier one.
    fn asked(&self, document: i64) -> Result<bool, rusqlite::Error> {
        let mut select = self.transaction.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM picks JOIN rounds ON rounds.number = round
             WHERE document = ?1 AND stage = 'exported')",
        )?;
        let mut texts = std::iter::successors(Some(document), |number| self.replaced.get(number).copied());
        texts.try_fold(false, |asked, number| Ok(asked || select.query_row([number], |row| row.get(0))?))
    }
}
