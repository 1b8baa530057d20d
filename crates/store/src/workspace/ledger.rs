//! Reads histories and appends to them. A history lists all answers that an annotator gave to a
//! document, or all decisions that experts made about it.
//!
//! Entries are never changed, and one entry of each history is marked as current. Each annotator
//! has a history of answers for each document. All experts together have one history of decisions
//! for each document, because only one decision can be current.
//!
//! An ingest often brings an entry that is stored already. A new entry repeats a stored entry only
//! if both are of the same person.

use jiff::Timestamp;
use querist_core::{LabelSet, name_key};
use rusqlite::{Transaction, params};

use super::facts::Documents;
use super::ingest::IngestAs;
use super::stored::time_at;
use crate::format::answers::Remarks;

/// An answer or a decision, stored or about to be stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The label's name; `None` for a skip, or for a decision that no class fits.
    pub(super) label: Option<String>,
    /// The time that the answer's tool recorded, if any.
    pub(super) time: Option<Timestamp>,
    /// How long the answer took, in seconds; `None` if unknown. Not stored for decisions. Two
    /// answers that differ only in this value count as the same answer.
    pub(super) seconds: Option<f64>,
    /// The label that the annotator rejected; not stored for decisions.
    pub(super) rejects: Option<String>,
    /// The remarks that the annotator wrote with the answer.
    pub(super) remarks: Remarks,
    /// The line or record of the file from which the entry was read.
    pub(super) line: i64,
    /// The number of the stored row; 0 before the entry is stored.
    pub(super) number: i64,
}

impl Entry {
    /// Whether `stored` has the same label and rejection as this entry, and this entry has no
    /// remarks or the same remarks.
    pub(super) fn says(&self, stored: &Self) -> bool {
        let same = |one: &Option<String>, other: &Option<String>| {
            one.as_deref().map(name_key) == other.as_deref().map(name_key)
        };
        let adds = !self.remarks.is_empty() && self.remarks != stored.remarks;
        same(&self.label, &stored.label) && same(&self.rejects, &stored.rejects) && !adds
    }

    /// Whether the two entries are the same answer, read twice. A missing time matches any time.
    pub(super) fn repeats(&self, stored: &Self) -> bool {
        self.says(stored) && (self.time == stored.time || self.time.is_none() || stored.time.is_none())
    }
}

/// Returns the largest n for which the first n of `entries` repeat the last n entries of the
/// history, one by one.
pub(super) fn repeated(history: &[Entry], entries: &[Entry]) -> usize {
    (1..=entries.len().min(history.len()))
        .rev()
        .find(|&n| {
            history[history.len() - n..].iter().zip(entries).all(|(stored, entry)| entry.repeats(stored))
        })
        .unwrap_or(0)
}

/// Returns the position of a history's current entry: the entry with the latest time if all entries
/// have times, and otherwise the last entry.
fn standing(times: &[Option<Timestamp>]) -> usize {
    let last = times.len().saturating_sub(1);
    let timed = times.iter().all(Option::is_some);
    // Among equal times, the last entry to arrive wins.
    if timed { (0..times.len()).max_by_key(|&at| (times[at], at)).unwrap_or(last) } else { last }
}

/// Access to the histories of one kind in the database.
pub(super) struct Ledger<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    /// Whether the histories contain answers or decisions.
    pub(super) of: IngestAs,
    /// The classes with their former names; `None` to return labels as they are stored.
    pub(super) labels: Option<&'a LabelSet>,
    /// What the facts say about documents and ingests. Entries of undone ingests are left out of
    /// the histories.
    pub(super) facts: &'a Documents,
}

impl Ledger<'_> {
    /// Returns one person's entries for a document, in order of arrival. `who` lists all spellings
    /// of the person's name.
    pub(super) fn history(&self, document: i64, who: &[&str]) -> Result<Vec<Entry>, rusqlite::Error> {
        let select = match self.of {
            IngestAs::Annotators => {
                "SELECT label, time, line, seconds, rejects, reason, comment, flag, number, ingest FROM annotations
                 WHERE document = ?1 AND annotator = ?2 ORDER BY number"
            }
            IngestAs::Expert => {
                "SELECT label, time, line, NULL, NULL, reason, comment, flag, number, ingest FROM settled
                 WHERE document = ?1 AND expert = ?2 ORDER BY number"
            }
        };
        let mut select = self.transaction.prepare_cached(select)?;
        let mut entries: Vec<Entry> = Vec::new();
        for who in who {
            let rows = select.query_map(params![document, who], |row| {
                if self.facts.has_no_ingest(row.get(9)?) {
                    return Ok(None);
                }
                Ok(Some(Entry {
                    label: row.get(0)?,
                    time: time_at(row, 1, &answer_of(document))?,
                    line: row.get(2)?,
                    seconds: row.get(3)?,
                    rejects: row.get(4)?,
                    remarks: Remarks { reason: row.get(5)?, comment: row.get(6)?, flag: row.get(7)? },
                    number: row.get(8)?,
                }))
            })?;
            for row in rows {
                // A stored label may be a former name of its class. The current name replaces it,
                // so that labels can be compared by name.
                let Some(mut entry) = row? else { continue };
                for label in [&mut entry.label, &mut entry.rejects].into_iter().flatten() {
                    if let Some(labels) = self.labels
                        && let Some(class) = labels.class(label)
                    {
                        labels.name(class).clone_into(label);
                    }
                }
                entries.push(entry);
            }
        }
        entries.sort_by_key(|entry| entry.number);
        Ok(entries)
    }

    /// Adds the remarks of `entry` to the stored answer that `entry` repeats, because earlier
    /// versions did not store remarks. Existing remarks are not overwritten, and the same answer
    /// stays current.
    ///
    /// Returns `false` if no stored answer without remarks is repeated, or if a stored answer has
    /// these remarks already.
    pub(super) fn add_remarks(
        &self,
        document: i64,
        who: &[&str],
        entry: &Entry,
    ) -> Result<bool, rusqlite::Error> {
        let history = self.history(document, who)?;
        if history.iter().any(|stored| stored.remarks == entry.remarks) {
            return Ok(false);
        }
        let bare = Entry { remarks: Remarks::default(), ..entry.clone() };
        let lacks = |stored: &&Entry| stored.remarks.is_empty() && bare.repeats(stored);
        let same_line = history.iter().rev().filter(lacks).find(|stored| stored.line == entry.line);
        let Some(stored) = same_line.or_else(|| history.iter().rev().find(lacks)) else { return Ok(false) };
        let update = match self.of {
            IngestAs::Annotators => {
                "UPDATE annotations SET reason = ?2, comment = ?3, flag = ?4 WHERE number = ?1"
            }
            IngestAs::Expert => "UPDATE settled SET reason = ?2, comment = ?3, flag = ?4 WHERE number = ?1",
        };
        let Remarks { reason, comment, flag } = &entry.remarks;
        self.transaction.prepare_cached(update)?.execute(params![stored.number, reason, comment, flag])?;
        Ok(true)
    }

    /// Appends an entry to the history of a document and a person, and updates which entry is
    /// marked as current. `ingest` is the number of the ingest that brings the entry.
    pub(super) fn append(
        &self,
        document: i64,
        who: &str,
        entry: &Entry,
        ingest: i64,
    ) -> Result<Appended, rusqlite::Error> {
        let time = entry.time.map(|time| time.to_string());
        let Remarks { reason, comment, flag } = &entry.remarks;
        match self.of {
            IngestAs::Annotators => self
                .transaction
                .prepare_cached(
                    "INSERT INTO annotations
                         (document, annotator, label, time, seconds, rejects, reason, comment, flag, ingest, line, current)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)",
                )?
                .execute(params![
                    document, who, entry.label, time, entry.seconds, entry.rejects, reason, comment, flag, ingest, entry.line
                ])?,
            IngestAs::Expert => self
                .transaction
                .prepare_cached(
                    "INSERT INTO settled (document, expert, label, time, reason, comment, flag, ingest, line, current)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
                )?
                .execute(params![document, who, entry.label, time, reason, comment, flag, ingest, entry.line])?,
        };
        self.mark_standing(document, who)
    }

    /// Updates which entry of a history is marked as current, if the history has entries. Returns
    /// the state of the last entry.
    pub(super) fn mark_standing(&self, document: i64, who: &str) -> Result<Appended, rusqlite::Error> {
        // Decisions of all experts are in one history, so the queries for decisions ignore `who`.
        let [select, clear, set] = match self.of {
            IngestAs::Annotators => [
                "SELECT number, time, ingest FROM annotations WHERE document = ?1 AND annotator = ?2 ORDER BY number",
                "UPDATE annotations SET current = 0 WHERE document = ?1 AND annotator = ?2 AND current = 1",
                "UPDATE annotations SET current = 1 WHERE number = ?1",
            ],
            IngestAs::Expert => [
                "SELECT number, time, ingest FROM settled WHERE document = ?1 AND ?2 IS NOT NULL ORDER BY number",
                "UPDATE settled SET current = 0 WHERE document = ?1 AND ?2 IS NOT NULL AND current = 1",
                "UPDATE settled SET current = 1 WHERE number = ?1",
            ],
        };
        let mut select = self.transaction.prepare_cached(select)?;
        let rows = select.query_map(params![document, who], |row| {
            Ok((row.get::<_, i64>(0)?, time_at(row, 1, &answer_of(document))?, row.get(2)?))
        })?;
        let (mut numbers, mut times) = (Vec::new(), Vec::new());
        for row in rows {
            let (number, time, ingest) = row?;
            if !self.facts.has_no_ingest(ingest) {
                numbers.push(number);
                times.push(time);
            }
        }
        let place = standing(&times);
        self.transaction.prepare_cached(clear)?.execute(params![document, who])?;
        self.transaction.prepare_cached(set)?.execute([numbers.get(place)])?;
        Ok(Appended { first: numbers.len() == 1, stands: place + 1 == numbers.len() })
    }
}

/// The state of the last entry of a history.
pub(super) struct Appended {
    /// Whether the entry is the only one in its history.
    pub(super) first: bool,
    /// Whether the entry is the current one.
    pub(super) stands: bool,
}

/// Returns the words with which an error refers to the row of an answer to this document.
pub(super) fn answer_of(document: i64) -> String {
    format!("an answer about document number {document}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(labels: &str) -> Vec<Entry> {
        let entry = |label: char| Entry {
            label: Some(label.to_string()),
            time: None,
            seconds: None,
            rejects: None,
            remarks: Remarks::default(),
            line: 1,
            number: 0,
        };
        labels.chars().map(entry).collect()
    }

    #[test]
    fn only_what_goes_beyond_the_history_is_fresh() {
        for (history, file, expected) in [
            ("", "p", 0),
            ("p", "p", 1),
            ("pn", "pn", 2),
            ("pn", "n", 1),
            ("pn", "p", 0),
            ("pn", "pnp", 2),
            ("pn", "np", 1),
        ] {
            assert_eq!(repeated(&entries(history), &entries(file)), expected, "{history:?} then {file:?}");
        }
    }

    #[test]
    fn the_latest_stands_where_all_have_times() {
        let at = |second: i64| Timestamp::from_second(second).ok();
        assert_eq!(standing(&[at(5), at(9), at(7)]), 1);
        assert_eq!(standing(&[at(5), at(9), at(9)]), 2);
        assert_eq!(standing(&[at(5), None, at(4)]), 2);
    }
}
