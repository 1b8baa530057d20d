//! Ingest: answers of annotators, or decisions of experts, into the workspace; one transaction for the whole command.
//!
//! Nothing is overwritten: a changed answer is a new row, and the old one stays as history. Files overlap in practice (a
//! tool exports everything every time), so an answer counts as new only if it goes beyond what is stored:
//!
//! 1. a file whose content was ingested before changes nothing (with the same rows passed over: those of a file that has
//!    been mended around, say by importing a missing document, are not lost);
//! 2. an answer with the same time and label as a stored one of the same pair is that one;
//! 3. of the answers of one pair in one file, those that only repeat the end of the stored history are that history.
//!
//! The standing answer of a pair is the one with the latest time where all have times, otherwise the one that came last.
//! Decisions of experts go by the same rules, but that of one document only one stands, whoever made it ([`super::ledger`]).
//! A file that was ingested as answers is another one as decisions.

mod document;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use querist_core::{LabelSet, nearest_name};
use rusqlite::{Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::Workspace;
use super::artifacts::{Waiting, keep_rejected, rejected_rows};
use super::file_name::stem;
use super::import::RowFault;
use super::ledger::{Entry, Ledger, repeated};
use super::people::{Known, People};
use super::text_index::TextIndex;
use crate::error::{AnswerProblem, DatabaseContext, InputError, InputProblem, Place, StoreError, shown};
use crate::format::answers::{self, AnswerFormat, AnswerRow, Context, Control, Findings};
use crate::format::columns::AnswerColumns;
use crate::format::records::{Layout, Opened};
use crate::format::rejected::Rejected;
use crate::format::row::Row;
use crate::source::Encoding;

/// Whose answers a file has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IngestAs {
    /// Annotators answered: each has a vote.
    #[default]
    Annotators,
    /// An expert decided: that settles the document. Rows may leave the annotator out; a null label leaves the document out.
    Expert,
}

/// The name of an expert whom a file does not name.
const EXPERT: &str = "expert";

/// How to ingest.
#[derive(Clone, Default)]
pub struct IngestOptions {
    /// Whose answers they are.
    pub kind: IngestAs,
    /// Whether bad rows are collected instead of ending the ingest.
    pub skip_bad_rows: bool,
    /// Which tool wrote them; `None`: recognised, file by file, by the first record.
    pub format: Option<&'static dyn AnswerFormat>,
    /// How they are encoded.
    pub encoding: Encoding,
    /// Who answered where a file does not say.
    pub annotator: Option<String>,
    /// The control or question whose answers count; `None`: the only one that asks for a class.
    pub control: Option<String>,
    /// Which columns hold what, where the user says so.
    pub columns: AnswerColumns,
    /// The sheet of workbooks; `None`: the first one.
    pub sheet: Option<String>,
}

/// What an ingest did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestCounts {
    /// First answers of a (document, annotator) pair, skips included; first decisions about a document.
    pub new: u64,
    /// Answers or decisions that replace an earlier one of the same pair or document; the earlier one is kept as history.
    pub changed: u64,
    /// Answers with an earlier time than the standing one of their pair: kept as history, and nothing else.
    pub older: u64,
    /// Answers that were there already.
    pub unchanged: u64,
    /// How many of the new, the changed and the older are skips, or decisions that no class fits.
    pub skips: u64,
    /// Files whose very content was ingested before.
    pub known_files: u64,
    /// New answers for documents that no batch had asked for.
    pub unasked: u64,
    /// Rows passed over because they were bad.
    pub rejected: u64,
    /// How many of the new, the changed and the older only say which class is wrong.
    pub rejections: u64,
    /// How many records or annotations hold no answer, by what their tool calls that.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, u64>,
    /// What was recognised of the files, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub guesses: Vec<String>,
    /// What else there is to say of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// What is read of a file.
struct Reading {
    rows: u64,
    /// Whether a row was passed over.
    any_bad: bool,
    pairs: BTreeMap<(i64, String), Vec<Entry>>,
    passed_over: blake3::Hasher,
}

impl Workspace {
    /// Ingests files of answers. Also gives the file of the rows that were passed over, if any were.
    ///
    /// # Errors
    /// The first bad row (unless they are skipped), or a failing disk; then nothing was changed.
    pub fn ingest(
        &mut self,
        files: &[String],
        labels: &LabelSet,
        options: &IngestOptions,
    ) -> Result<(IngestCounts, Option<PathBuf>), StoreError> {
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("begin the ingest")?;
        let mut ingester = Ingester {
            transaction: &transaction,
            ledger: Ledger { transaction: &transaction, of: options.kind },
            labels,
            options,
            counts: IngestCounts::default(),
            rejected: rejected_rows(&self.root),
            texts: None,
            text_keys: None,
            people: People::of(&transaction, Known::ALL).doing("ingest")?,
            findings: Findings { control: Control::new(options.control.as_deref()), ..Findings::default() },
        };
        for file in files {
            ingester.file(file)?;
        }
        ingester.named_control_is_there(files)?;
        let Ingester { mut counts, rejected, .. } = ingester;
        counts.rejected = rejected.len();
        let rejected = keep_rejected(&self.root, "ingest", rejected, &transaction)?;
        transaction.commit().doing("commit the ingest")?;
        let rejected = rejected.map(Waiting::publish).transpose()?;
        Ok((counts, rejected))
    }
}

struct Ingester<'a> {
    transaction: &'a Transaction<'a>,
    ledger: Ledger<'a>,
    labels: &'a LabelSet,
    options: &'a IngestOptions,
    counts: IngestCounts,
    rejected: Rejected,
    /// Made when it is first needed.
    texts: Option<TextIndex>,
    /// The same by their keys.
    text_keys: Option<TextIndex>,
    people: People,
    findings: Findings,
}

impl<'a> Ingester<'a> {
    fn file(&mut self, file: &str) -> Result<(), StoreError> {
        let IngestOptions { columns, encoding, sheet, .. } = self.options;
        let Opened { mut reader, layout, told, .. } = columns.open(file, *encoding, sheet.clone())?;
        if layout == Layout::Folder {
            return Err(InputError::of_file(file, InputProblem::Folder).into());
        }
        self.counts.guesses.extend(told);
        let mut format = self.options.format;
        let passed_over = blake3::Hasher::new();
        let mut reading = Reading { rows: 0, any_bad: false, pairs: BTreeMap::new(), passed_over };
        self.findings.control.next_file();
        while let Some(record) = reader.next_record()? {
            reading.rows += 1;
            let stem = stem(record.member.unwrap_or(file));
            let context = Context { labels: self.labels, unnamed: self.unnamed(), stem: Some(stem) };
            let taken = record.json.and_then(|json| {
                let row = Row::parse(json)?;
                let format = *format.get_or_insert_with(|| {
                    let is_table = layout.is_table();
                    answers::recognised(&row, is_table)
                });
                format.answers(row, &context, &mut self.findings)
            });
            self.findings.answers.extend(taken.err().map(Err));
            for answer in std::mem::take(&mut self.findings.answers) {
                let place = (file, record.member, record.place);
                self.take(answer, &mut reading, place, format, record.bytes)?;
            }
        }
        if reading.rows == 0 {
            return Err(InputError::of_file(file, layout.no_rows()).into());
        }
        self.counts
            .guesses
            .extend(reader.remarks().into_iter().map(|remark| format!("{}: {remark}", shown(file))));
        self.remark(file, &reading);
        let hash = self.content_hash(file, reader.hash(), format);
        if let Some(format) =
            format.filter(|format| self.options.format.is_none() && format.name() != "jsonl")
        {
            self.counts.guesses.push(format!("{} is read as {}", shown(file), format.description()));
        }
        self.store(file, hash, reading)
    }

    /// Says why a file has no answers, and what of it is not read.
    fn remark(&mut self, file: &str, reading: &Reading) {
        let open = std::mem::take(&mut self.findings.open);
        let words: Vec<String> = open.iter().map(|(why, count)| format!("{count} {why}")).collect();
        if reading.pairs.is_empty() && !reading.any_bad {
            let why =
                if words.is_empty() { "none of its records has one".to_owned() } else { words.join(", ") };
            self.counts.remarks.push(format!("{} has no answers: {why}", shown(file)));
        }
        for (why, count) in open {
            *self.counts.open.entry(why.to_owned()).or_default() += count;
        }
        let passed_over: Vec<String> = std::mem::take(&mut self.findings.passed_over).into_iter().collect();
        if !passed_over.is_empty() {
            let what = passed_over.join(", ");
            self.counts.remarks.push(format!("{}: the answers to {what} are not read", shown(file)));
        }
    }

    /// A control that the user named and that nothing is an answer to is a slip.
    fn named_control_is_there(&self, files: &[String]) -> Result<(), StoreError> {
        let Control { named: Some(control), known, seen: false, .. } = &self.findings.control else {
            return Ok(());
        };
        let nearest = nearest_name(control, known.iter().map(String::as_str)).map(str::to_owned);
        let (control, known) = (control.clone(), known.iter().cloned().collect());
        let problem = AnswerProblem::NoSuchControl { control, nearest, known };
        let file = files.join(", ");
        Err(InputError::of_file(&file, problem.into()).into())
    }

    /// Takes an answer in, or its fault.
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
                let AnswerRow { time, seconds, annotator, remarks, .. } = row;
                let annotator = self.people.stored(&annotator);
                let line = place.number() as i64;
                let entry = Entry { label, time, seconds, rejects, remarks, line };
                reading.pairs.entry((document, annotator)).or_default().push(entry);
                Ok(())
            }
            Err(RowFault::Store(error)) => Err(error),
            Err(RowFault::Bad(mut problem)) => {
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
                self.rejected.push(&error, bytes)?;
                reading.passed_over.update(&place.number().to_le_bytes());
                Ok(())
            }
        }
    }

    /// Who answered where a file does not say.
    fn unnamed(&self) -> Option<&'a str> {
        let expert = (self.options.kind == IngestAs::Expert).then_some(EXPERT);
        self.options.annotator.as_deref().or(expert)
    }

    /// What makes a file that one: its content, and what the answers in it take from elsewhere.
    fn content_hash(
        &self,
        file: &str,
        mut hash: String,
        format: Option<&'static dyn AnswerFormat>,
    ) -> String {
        if let Some(annotator) = &self.options.annotator {
            hash = format!("{hash} by {annotator}");
        } else if format.is_some_and(|format| format.name() == "doccano") {
            hash = format!("{hash} by {}", stem(file));
        }
        if self.options.kind == IngestAs::Expert { format!("expert {hash}") } else { hash }
    }

    /// Stores what a file has beyond what is stored.
    fn store(&mut self, file: &str, mut hash: String, reading: Reading) -> Result<(), StoreError> {
        let Reading { pairs, passed_over, .. } = reading;
        let seen_before = self.seen_before(&hash).doing("ingest")?;
        if passed_over.count() > 0 {
            hash = format!("{hash} without {}", passed_over.finalize().to_hex());
        }
        let Some(ingest) = self.note_file(file, &hash).doing("ingest")? else {
            self.counts.known_files += 1;
            self.counts.unchanged += pairs.values().map(|entries| entries.len() as u64).sum::<u64>();
            return Ok(());
        };
        for ((document, annotator), entries) in pairs {
            // A file that comes again because some of its rows were passed over brings those, and overturns nothing.
            let known =
                |names: &[&str]| self.ledger.history(document, names).map(|history| !history.is_empty());
            if seen_before && known(&self.people.spellings(&annotator)).doing("ingest")? {
                self.counts.unchanged += entries.len() as u64;
                continue;
            }
            self.pair(document, &annotator, entries, ingest).doing("ingest")?;
        }
        Ok(())
    }

    /// Whether a file with this content was ingested, be it without some of its rows.
    fn seen_before(&self, hash: &str) -> Result<bool, rusqlite::Error> {
        self.transaction.query_row(
            // No pattern: the names of annotators are part of a hash. What follows "without" is a hash in hexadecimal.
            "SELECT EXISTS (SELECT 1 FROM ingests WHERE hash = ?1
                 OR (length(hash) = length(?1) + length(' without ') + 64
                     AND substr(hash, 1, length(?1) + length(' without ')) = ?1 || ' without '))",
            [hash],
            |row| row.get(0),
        )
    }

    /// Notes a file of answers. `None` when its very content is noted already.
    fn note_file(&self, file: &str, hash: &str) -> Result<Option<i64>, rusqlite::Error> {
        let inserted = self.transaction.execute(
            "INSERT INTO ingests (file, hash, at) VALUES (?1, ?2, ?3) ON CONFLICT (hash) DO NOTHING",
            params![file, hash, Timestamp::now().to_string()],
        )?;
        Ok((inserted == 1).then(|| self.transaction.last_insert_rowid()))
    }

    /// Stores what goes beyond the history of one pair.
    fn pair(
        &mut self,
        document: i64,
        annotator: &str,
        mut entries: Vec<Entry>,
        ingest: i64,
    ) -> Result<(), rusqlite::Error> {
        let history = self.ledger.history(document, &self.people.spellings(annotator))?;
        let given = entries.len();
        entries.dedup_by(|next, last| next.repeats(last));
        entries.retain(|entry| {
            entry.time.is_none() || !history.iter().any(|h| h.time == entry.time && entry.says(h))
        });
        let fresh = entries.split_off(repeated(&history, &entries));
        self.counts.unchanged += (given - fresh.len()) as u64;
        for entry in fresh {
            self.counts.skips += u64::from(entry.label.is_none() && entry.rejects.is_none());
            self.counts.rejections += u64::from(entry.rejects.is_some());
            let appended = self.ledger.append(document, annotator, &entry, ingest)?;
            // Another spelling of the name may have answered before.
            if appended.first && history.is_empty() {
                self.counts.new += 1;
                let answer = self.options.kind == IngestAs::Annotators;
                self.counts.unasked += u64::from(answer && !self.asked(document)?);
            } else if appended.stands {
                self.counts.changed += 1;
            } else {
                self.counts.older += 1;
            }
        }
        Ok(())
    }

    fn asked(&self, document: i64) -> Result<bool, rusqlite::Error> {
        self.transaction
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM picks JOIN rounds ON rounds.number = round
                 WHERE document = ?1 AND stage = 'exported')",
            )?
            .query_row([document], |row| row.get(0))
    }
}
