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

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use querist_core::{LabelSet, Role};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;

use super::Workspace;
use super::artifacts::write_rejected;
use super::import::RowFault;
use super::ledger::{Entry, Ledger, repeated};
use crate::error::{DatabaseContext, InputError, InputProblem, Place, StoreError};
use crate::format::answers::{self, AnswerRow};
use crate::format::rejected::Rejected;
use crate::lines::Lines;

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
#[derive(Debug, Clone, Copy, Default)]
pub struct IngestOptions {
    /// Whose answers they are.
    pub kind: IngestAs,
    /// Whether bad rows are collected instead of ending the ingest.
    pub skip_bad_rows: bool,
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
        options: IngestOptions,
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
            rejected: Rejected::default(),
        };
        for file in files {
            ingester.file(file)?;
        }
        let Ingester { mut counts, rejected, .. } = ingester;
        counts.rejected = rejected.len() as u64;
        let rejected = write_rejected(&self.root, "ingest", &rejected)?;
        transaction.commit().doing("commit the ingest")?;
        Ok((counts, rejected))
    }
}

struct Ingester<'a> {
    transaction: &'a Transaction<'a>,
    ledger: Ledger<'a>,
    labels: &'a LabelSet,
    options: IngestOptions,
    counts: IngestCounts,
    rejected: Rejected,
}

impl Ingester<'_> {
    fn file(&mut self, file: &str) -> Result<(), StoreError> {
        let mut lines = Lines::open(file)?;
        let mut pairs: BTreeMap<(i64, String), Vec<Entry>> = BTreeMap::new();
        let mut rows = 0_u64;
        let mut passed_over = blake3::Hasher::new();
        while let Some(line) = lines.next_line()? {
            rows += 1;
            let number = line.number;
            match line.text.map_err(RowFault::Bad).and_then(|text| self.row(text)) {
                Ok((document, row)) => {
                    let label = row.label.map(|class| self.labels.name(class).to_owned());
                    let AnswerRow { time, seconds, annotator, .. } = row;
                    let entry = Entry { label, time, seconds, line: number as i64 };
                    pairs.entry((document, annotator)).or_default().push(entry);
                }
                Err(RowFault::Store(error)) => return Err(error),
                Err(RowFault::Bad(problem)) => {
                    let error = InputError::at(file, Place::Line(number), problem);
                    if !self.options.skip_bad_rows {
                        return Err(error.into());
                    }
                    self.rejected.push(&error, line.bytes);
                    passed_over.update(&number.to_le_bytes());
                }
            }
        }
        if rows == 0 {
            return Err(InputError::of_file(file, InputProblem::NoRows).into());
        }
        let mut hash = lines.hash();
        if self.options.kind == IngestAs::Expert {
            hash = format!("expert {hash}");
        }
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
            if seen_before && !self.ledger.history(document, &annotator).doing("ingest")?.is_empty() {
                self.counts.unchanged += entries.len() as u64;
                continue;
            }
            self.pair(document, &annotator, entries, ingest).doing("ingest")?;
        }
        Ok(())
    }

    /// The row and its document's number.
    fn row(&self, text: &str) -> Result<(i64, AnswerRow), RowFault> {
        let unnamed = (self.options.kind == IngestAs::Expert).then_some(EXPERT);
        let row = answers::parse(text, self.labels, unnamed)?;
        let found = self
            .transaction
            .prepare_cached(
                "SELECT number, role FROM ids JOIN documents ON documents.number = ids.document WHERE ids.id = ?1",
            )
            .and_then(|mut find| {
                find.query_row([&row.id], |found| Ok((found.get::<_, i64>(0)?, found.get::<_, String>(1)?)))
                    .optional()
            })
            .doing("ingest")?;
        match found {
            None => {
                // Looking for a near one reads every id: worth it once, before giving up, not for each skipped row.
                let nearest =
                    if self.options.skip_bad_rows { None } else { self.near(&row.id).doing("ingest")? };
                Err(InputProblem::UnknownDocument { id: row.id, nearest }.into())
            }
            Some((_, role)) if role == Role::Test.name() => {
                Err(InputProblem::AnswerForTest { id: row.id }.into())
            }
            Some((number, _)) => Ok((number, row)),
        }
    }

    /// A known id that differs only in case or in white space at its ends: the usual slips of spreadsheets.
    fn near(&self, id: &str) -> Result<Option<String>, rusqlite::Error> {
        self.transaction
            .prepare_cached("SELECT id FROM ids WHERE lower(id) = lower(trim(?1)) ORDER BY id LIMIT 1")?
            .query_row([id], |row| row.get(0))
            .optional()
    }

    /// Whether a file with this content was ingested, be it without some of its rows.
    fn seen_before(&self, hash: &str) -> Result<bool, rusqlite::Error> {
        self.transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM ingests WHERE hash = ?1 OR hash LIKE ?1 || ' without %')",
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
        let history = self.ledger.history(document, annotator)?;
        let given = entries.len();
        entries.dedup_by(|next, last| next.repeats(last));
        entries.retain(|entry| {
            entry.time.is_none() || !history.iter().any(|h| h.time == entry.time && h.label == entry.label)
        });
        let fresh = entries.split_off(repeated(&history, &entries));
        self.counts.unchanged += (given - fresh.len()) as u64;
        for entry in fresh {
            self.counts.skips += u64::from(entry.label.is_none());
            let appended = self.ledger.append(document, annotator, &entry, ingest)?;
            if appended.first {
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
