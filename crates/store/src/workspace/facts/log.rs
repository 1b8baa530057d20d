//! Lists who did what and when: imports, ingests, rounds and facts, in order of time.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Documents, Fact, Facts, Run, parsed};
use crate::error::{DatabaseContext, StoreError};
use crate::workspace::Workspace;

/// An action that the log lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// Files of documents were imported.
    Import {
        /// The number with which the user can undo the import.
        number: i64,
        /// The names of the files.
        files: Vec<String>,
        /// The kind of documents that the user said the files contain, such as "test".
        #[serde(rename = "as")]
        kind: String,
        /// How many documents with new ids the import added; `None` if an earlier version made the
        /// import and did not record it.
        documents: Option<u64>,
        /// The number of documents whose text the import replaced.
        updated: u64,
        /// How many labels the import added.
        labels: u64,
        /// Whether the import was undone.
        undone: bool,
    },
    /// Files of answers or decisions were ingested.
    Ingest {
        /// The number with which the user can undo the ingest.
        number: i64,
        /// The names of the files.
        files: Vec<String>,
        /// How many answers the ingest added.
        answers: u64,
        /// How many decisions the ingest added.
        decisions: u64,
        /// Whether the ingest was undone.
        undone: bool,
    },
    /// A round was exported.
    Round {
        /// The round's number.
        number: u32,
        /// How many picks the round has.
        picks: u64,
    },
    /// A fact was recorded.
    Fact(Fact),
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The time of the action, in RFC 3339.
    pub at: String,
    /// The person who did it, as the operating system names this person; `None` if an earlier
    /// version did it and did not record the person.
    pub who: Option<String>,
    /// The action.
    #[serde(flatten)]
    pub deed: Deed,
}

/// Selects the import commands. `first` is the number of the first document that an import file
/// added. So a file's documents have the numbers from its `first` up to, but not including, the
/// `first` of the next file.
const IMPORTS: &str = "
WITH spans AS (
    SELECT *, lead(first, 1, (SELECT coalesce(max(number), 0) + 1 FROM documents)) OVER (ORDER BY number) - first AS n
    FROM imports
)
SELECT min(at), min(who), coalesce(command, number) AS command, json_group_array(file), min(kind),
       CASE WHEN count(n) = count(*) THEN sum(n) END, min(first), coalesce(sum(l.labels), 0)
FROM spans LEFT JOIN (SELECT import, count(*) AS labels FROM gold GROUP BY import) l ON l.import = number
GROUP BY coalesce(command, number) ORDER BY 3";

/// Selects the ingest commands, with the numbers of their answers and decisions.
const INGESTS: &str = "
WITH answers AS (SELECT ingest, count(*) AS n FROM annotations GROUP BY ingest),
     decisions AS (SELECT ingest, count(*) AS n FROM settled GROUP BY ingest)
SELECT min(at), min(who), coalesce(command, number), json_group_array(file),
       coalesce(sum(a.n), 0), coalesce(sum(d.n), 0)
FROM ingests LEFT JOIN answers a ON a.ingest = number LEFT JOIN decisions d ON d.ingest = number
GROUP BY coalesce(command, number) ORDER BY 3";

/// Selects the exported rounds, with the numbers of their picks.
const ROUNDS: &str = "
SELECT at, who, number, (SELECT count(*) FROM picks p WHERE p.round = r.number) FROM rounds r
WHERE stage = 'exported' ORDER BY number";

impl Workspace {
    /// Returns who did what and when, the oldest entry first.
    ///
    /// # Errors
    /// The database cannot be read, or contains a value that this version does not know.
    pub fn log(&self) -> Result<Vec<LogEntry>, StoreError> {
        let doing = "read the log";
        let transaction = self.database.unchecked_transaction().doing(doing)?;
        let facts = Facts::now(&self.database)?.documents;
        let done = self.rounds_and_facts().doing(doing)?;
        let mut entries = self.imports_and_ingests(&facts, &runs_of_updates(&done)).doing(doing)?;
        entries.extend(done);
        transaction.finish().doing(doing)?;
        // All times have the same format, so comparing them as text sorts them by time. Entries
        // with the same time keep their order.
        entries.sort_by(|a, b| a.at.cmp(&b.at));
        Ok(entries)
    }

    /// Returns the time at which each round's batch went to the annotators, in RFC 3339, by the
    /// round's number. That is the time of the last assignment of the batch to people by name or,
    /// if there was none, the time of the export.
    ///
    /// # Errors
    /// The errors of [`Self::log`].
    pub fn out_since(&self) -> Result<BTreeMap<u32, String>, StoreError> {
        let entries = self.rounds_and_facts().doing("read the log")?;
        // Facts follow rounds in the list, so the time of an assignment replaces the time of the
        // export.
        let rounds = entries.into_iter().filter_map(|entry| match entry.deed {
            Deed::Round { number, .. } | Deed::Fact(Fact::HandedOut { round: number, .. }) => {
                Some((number, entry.at))
            }
            _ => None,
        });
        Ok(rounds.collect())
    }

    /// Returns the log's entries for imports and ingests. `updates` lists all documents whose texts
    /// were replaced.
    fn imports_and_ingests(
        &self,
        facts: &Documents,
        updates: &[Run],
    ) -> Result<Vec<LogEntry>, rusqlite::Error> {
        let files = |text: String| serde_json::from_str(&text).unwrap_or_else(|_| vec![text]);
        let mut select = self.database.prepare(IMPORTS)?;
        let imports = select.query_map([], |row| {
            let (n, first): (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
            let span = first.zip(n).map_or(0..0, |(first, n)| first..first + n);
            let updates = updates.iter().filter(|run| span.contains(&run.1));
            let updated: u64 = updates.map(|run| run.2.unsigned_abs()).sum();
            let documents = n.map(|n| n.unsigned_abs().saturating_sub(updated));
            let (number, files, kind) = (row.get(2)?, files(row.get(3)?), row.get(4)?);
            let undone = facts.has_no_import(number);
            let labels = row.get::<_, i64>(7)?.unsigned_abs();
            let deed = Deed::Import { number, files, kind, documents, updated, labels, undone };
            Ok(LogEntry { at: row.get(0)?, who: row.get(1)?, deed })
        })?;
        let mut entries = imports.collect::<Result<Vec<_>, _>>()?;
        let mut select = self.database.prepare(INGESTS)?;
        let ingests = select.query_map([], |row| {
            let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
            let (number, files) = (row.get(2)?, files(row.get(3)?));
            let undone = facts.has_no_ingest(number);
            let deed = Deed::Ingest { number, files, answers: count(4)?, decisions: count(5)?, undone };
            Ok(LogEntry { at: row.get(0)?, who: row.get(1)?, deed })
        })?;
        for entry in ingests {
            entries.push(entry?);
        }
        Ok(entries)
    }

    /// Returns the log's entries for exported rounds, followed by the entries for facts.
    fn rounds_and_facts(&self) -> Result<Vec<LogEntry>, rusqlite::Error> {
        let mut select = self.database.prepare(ROUNDS)?;
        let rounds = select.query_map([], |row| {
            let deed = Deed::Round { number: row.get(2)?, picks: row.get::<_, i64>(3)?.unsigned_abs() };
            Ok(LogEntry { at: row.get(0)?, who: row.get(1)?, deed })
        })?;
        let mut entries = rounds.collect::<Result<Vec<_>, _>>()?;
        let mut select = self.database.prepare("SELECT at, who, number, fact FROM facts ORDER BY number")?;
        let facts = select.query_map([], |row| {
            let fact = parsed(row.get(2)?, &row.get::<_, String>(3)?)?;
            Ok(LogEntry { at: row.get(0)?, who: row.get(1)?, deed: Deed::Fact(fact) })
        })?;
        for entry in facts {
            entries.push(entry?);
        }
        Ok(entries)
    }
}

/// Returns all replacements of documents that the log records, even by imports that were undone
/// later.
fn runs_of_updates(done: &[LogEntry]) -> Vec<Run> {
    let runs = done.iter().filter_map(|entry| match &entry.deed {
        Deed::Fact(Fact::Updated { documents, .. }) => Some(documents),
        _ => None,
    });
    runs.flatten().copied().collect()
}
