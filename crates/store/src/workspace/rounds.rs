//! Stores rounds in the database. A round is one batch of documents to label, with the model that
//! chose them. The database has at most one draft of the next round, and the exported rounds.
//!
//! A draft passes through the stages trained, scored and selected. The user may discard it or make
//! it again at any time. When a draft is exported, its batch goes to the annotators; from then on,
//! the round never changes.

mod classes;

use jiff::Timestamp;
use querist_core::{Class, LabelSet, Pick, RoundRecord, Seed, Share, Snapshot};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};

use super::Workspace;
use super::artifacts::{NamedBytes, remove_waiting};
use super::facts::{self, Facts};
use super::indices::Indices;
use super::sheets::n_documents;
use super::stored::{probabilities, unknown};
use crate::error::{DatabaseContext, StoreError};

/// The last step that a round has completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The model is trained.
    Trained,
    /// The documents of the pool are scored.
    Scored,
    /// The documents of the batch are selected.
    Selected,
    /// The batch was exported to the annotators.
    Exported,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Trained, Self::Scored, Self::Selected, Self::Exported];

    /// Returns the stage's name in the database and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trained => "trained",
            Self::Scored => "scored",
            Self::Selected => "selected",
            Self::Exported => "exported",
        }
    }
}

/// A round as the database stores it.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The round's record, without its picks. It numbers the classes as the workspace did when the
    /// round was made.
    pub record: RoundRecord,
    /// The last step that the round has completed.
    pub stage: Stage,
    /// The settings that the round was made with, as JSON.
    pub settings: String,
    /// The hash of everything from which the round was computed. The round is out of date if the
    /// hash of today's inputs differs.
    pub inputs: String,
    /// The manifest, which lists the round's inputs and files, as JSON; `None` before the export.
    pub manifest: Option<String>,
}

/// The exported rounds, read together.
pub(super) struct Exported {
    /// The rounds in the order of their numbers. Withdrawn picks are not marked yet
    /// ([`super::returned`] does that).
    pub(super) rounds: Vec<RoundRecord>,
    /// For each round, the number of the last fact that was recorded before the round was made.
    pub(super) known_by: Vec<i64>,
}

impl Workspace {
    /// Returns the number of the last exported round; `None` if no round was exported.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_round(&self) -> Result<Option<u32>, StoreError> {
        self.database
            .query_row("SELECT max(number) FROM rounds WHERE stage = 'exported'", [], |row| row.get(0))
            .doing("read the rounds")
    }

    /// Returns a round, exported or not.
    ///
    /// # Errors
    /// The database cannot be read, or no round has this number.
    pub fn round(&self, number: u32) -> Result<Draft, StoreError> {
        let found = self
            .database
            .query_row(
                "SELECT number, stage, seed, settings, inputs, model, target, summary, manifest, basis FROM rounds
                 WHERE number = ?1",
                [number],
                draft,
            )
            .optional()
            .doing("read the rounds")?;
        match found {
            Some(round) => Ok(round),
            None => Err(StoreError::NoSuchRound { number, last: self.last_round()? }),
        }
    }

    /// Returns the draft, if there is one.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn draft(&self) -> Result<Option<Draft>, StoreError> {
        let number: Option<u32> = self
            .database
            .query_row("SELECT max(number) FROM rounds WHERE stage <> 'exported'", [], |row| row.get(0))
            .doing("read the rounds")?;
        number.map(|number| self.round(number)).transpose()
    }

    /// Returns the picks of a round, sorted by rank. The class numbers in the picks refer to
    /// the classes that existed when the round was made.
    ///
    /// Picks of documents that the snapshot does not contain are left out. The snapshot must be the
    /// state before the round or a later state.
    ///
    /// # Errors
    /// The database cannot be read or contradicts itself, or no round has this number.
    pub fn picks(&self, number: u32, snapshot: &Snapshot) -> Result<Vec<Pick>, StoreError> {
        let rows = read_picks(&self.database, Some(number)).doing("read the picks")?;
        let then = classes::of_then(&self.round(number)?)?;
        let facts = Facts::now(&self.database)?;
        let now = Indices::of_documents(n_documents(&self.database)?, &snapshot.documents, &facts.documents);
        let mut picks = Vec::with_capacity(rows.len());
        for (_, document, pick) in rows {
            if let Some(document) = now.of(document)? {
                picks.push(classes::checked(number, Pick { document, ..pick }, &then)?);
            }
        }
        Ok(picks)
    }

    /// Stores a draft with its picks and removes any earlier draft.
    ///
    /// # Errors
    /// The database cannot be written; then nothing was changed.
    pub fn save_draft(
        &mut self,
        draft: &Draft,
        picks: &[Pick],
        snapshot: &Snapshot,
    ) -> Result<(), StoreError> {
        let who = self.who.clone();
        let transaction = self
            .database
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("store the round")?;
        store((&transaction, who.as_deref()), draft, picks, snapshot).doing("store the round")?;
        transaction.commit().doing("store the round")
    }

    /// Exports a round: stores it in the database and writes its files to its folder. Either both
    /// happen or neither.
    ///
    /// # Errors
    /// The disk or the database cannot be written; then nothing was changed. Or the files of the
    /// committed round cannot be moved; then the next writer moves them.
    pub fn export_round(
        &mut self,
        draft: &Draft,
        picks: &[Pick],
        snapshot: &Snapshot,
        files: &[NamedBytes],
    ) -> Result<(), StoreError> {
        self.stage_files(draft.record.number, files)?;
        let draft = Draft { stage: Stage::Exported, ..draft.clone() };
        let saved = self.save_draft(&draft, picks, snapshot);
        if saved.is_err() {
            // The round was not committed, so its waiting files are removed. If that fails too, the
            // next writer removes them, and the user sees the first error.
            let _ = self.finish_interrupted_writes();
        }
        saved?;
        self.publish_files(draft.record.number, |_| true)
            .and_then(|()| remove_waiting(&self.pending_folder(draft.record.number)))
            .map_err(|source| StoreError::Unpublished {
                number: draft.record.number,
                source: Box::new(source),
            })
    }

    /// Returns the exported rounds with their picks. If `before` is given, returns only the rounds
    /// with smaller numbers. Class numbers are translated into the classes in `labels`.
    pub(super) fn exported_rounds(
        &self,
        labels: &LabelSet,
        indices: &Indices,
        before: Option<u32>,
    ) -> Result<Exported, StoreError> {
        let read = || -> Result<Vec<Draft>, rusqlite::Error> {
            let mut select = self.database.prepare(
                "SELECT number, stage, seed, settings, inputs, model, target, summary, manifest, basis FROM rounds
                 WHERE stage = 'exported' AND (?1 IS NULL OR number < ?1) ORDER BY number",
            )?;
            let rows = select.query_map([before], draft)?;
            rows.collect()
        };
        let drafts = read().doing("read the rounds")?;
        let known_by = self.known_by(before).doing("read the rounds")?;
        let then: Vec<LabelSet> = drafts.iter().map(classes::of_then).collect::<Result<_, _>>()?;
        let classes: Vec<Vec<Option<Class>>> = drafts
            .iter()
            .zip(&then)
            .map(|(draft, then)| classes::now(draft, then, labels))
            .collect::<Result<_, _>>()?;
        let mut rounds: Vec<RoundRecord> = drafts
            .into_iter()
            .zip(classes)
            .map(|(Draft { record, .. }, classes)| RoundRecord {
                // The target is the wanted share of each class. A class that was added after the
                // round has share 0.
                target: record.target.map(|target| classes::spread(&target, &classes, labels.len())),
                classes,
                ..record
            })
            .collect();
        for (number, document, pick) in read_picks(&self.database, None).doing("read the picks")? {
            // `read_picks` returns the picks of all rounds. Rounds from `before` on are not in
            // `rounds`, so their picks are skipped.
            if let Ok(at) = rounds.binary_search_by_key(&number, |round| round.number) {
                // If the document was removed, or replaced without keeping its answers, the pick is
                // skipped.
                let Some(document) = indices.of(document)? else { continue };
                let pick = classes::checked(number, Pick { document, ..pick }, &then[at])?;
                let pick = classes::translated(pick, &rounds[at].classes, labels.len());
                rounds[at].picks.push(pick);
            }
        }
        Ok(Exported { rounds, known_by })
    }

    /// Returns, for each exported round, the number of the last fact that was recorded before the
    /// round was made. If `before` is given, only rounds with smaller numbers count.
    fn known_by(&self, before: Option<u32>) -> Result<Vec<i64>, rusqlite::Error> {
        let mut select = self.database.prepare(
            "SELECT facts FROM rounds WHERE stage = 'exported' AND (?1 IS NULL OR number < ?1) ORDER BY number",
        )?;
        select.query_map([before], |row| row.get(0))?.collect()
    }
}

/// Returns the words with which an error refers to a pick.
pub(super) fn place_of(round: u32, rank: u32) -> String {
    format!("pick {rank} of round {round}")
}

/// Replaces the draft in the database by this round and its picks.
fn store(
    (database, who): (&Connection, Option<&str>),
    draft: &Draft,
    picks: &[Pick],
    snapshot: &Snapshot,
) -> Result<(), rusqlite::Error> {
    database.execute("DELETE FROM rounds WHERE stage <> 'exported'", [])?;
    database.execute(
        "INSERT INTO rounds (number, stage, seed, settings, inputs, model, target, summary, manifest, basis, at, who, facts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            draft.record.number,
            draft.stage.name(),
            draft.record.seed.0.to_string(),
            draft.settings,
            draft.inputs,
            draft.record.model,
            draft.record.target.as_ref().map(|target| serde_json::json!(target).to_string()),
            draft.record.summary,
            draft.manifest,
            draft.record.basis as i64,
            Timestamp::now().to_string(),
            who,
            facts::last(database)?
        ],
    )?;
    let mut insert = database.prepare(
        "INSERT INTO picks (round, rank, document, share, quota, reason, fallback, score, probabilities)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for pick in picks {
        let probabilities = pick
            .probabilities
            .as_ref()
            .map(|values| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
        insert.execute(params![
            draft.record.number,
            pick.rank,
            i64::from(snapshot.documents[pick.document].place) + 1,
            pick.share.name(),
            pick.quota.map(|class| class.0),
            pick.reason,
            pick.fallback,
            pick.score,
            probabilities
        ])?;
    }
    Ok(())
}

/// Reads a round from a row with the columns that [`Workspace::round`] selects.
fn draft(row: &Row<'_>) -> Result<Draft, rusqlite::Error> {
    let number = row.get(0)?;
    let place = format!("round {number}");
    let stage: String = row.get(1)?;
    let known = Stage::ALL.into_iter().find(|known| known.name() == stage);
    let seed: String = row.get(2)?;
    let target: Option<String> = row.get(6)?;
    let basis: Option<i64> = row.get(9)?;
    let record = RoundRecord {
        number,
        seed: Seed(seed.parse().map_err(|_| unknown(&place, "seed", &seed))?),
        picks: Vec::new(),
        returned: Vec::new(),
        lacking: Vec::new(),
        asked_again: Vec::new(),
        classes: Vec::new(),
        target: target
            .map(|target| serde_json::from_str(&target).map_err(|_| unknown(&place, "target", &target)))
            .transpose()?,
        summary: row.get(7)?,
        model: row.get(5)?,
        // Versions without embeddings stored no basis (the number of documents from which the
        // round's embedding was learned).
        basis: basis
            .map_or(Ok(0), |basis| usize::try_from(basis).map_err(|_| unknown(&place, "basis", basis)))?,
    };
    Ok(Draft {
        record,
        stage: known.ok_or_else(|| unknown(&place, "stage", &stage))?,
        settings: row.get(3)?,
        inputs: row.get(4)?,
        manifest: row.get(8)?,
    })
}

/// Returns the picks of one round, or of all exported rounds if `round` is `None`, sorted by round
/// and rank. Each result is the round's number, the document's number, and the pick, whose
/// `document` is not set yet.
fn read_picks(database: &Connection, round: Option<u32>) -> Result<Vec<(u32, i64, Pick)>, rusqlite::Error> {
    let mut select = database.prepare(
        "SELECT p.round, p.document, p.rank, p.share, p.reason, p.fallback, p.score, p.probabilities, p.quota
         FROM picks p JOIN rounds r ON r.number = p.round
         WHERE p.round = ?1 OR (?1 IS NULL AND r.stage = 'exported') ORDER BY p.round, p.rank",
    )?;
    let rows = select.query_map([round], |row| {
        let (round, rank) = (row.get(0)?, row.get(2)?);
        let share: String = row.get(3)?;
        let bytes: Option<Vec<u8>> = row.get(7)?;
        let unknown = |column, value| unknown(&place_of(round, rank), column, value);
        let pick = Pick {
            document: 0,
            rank,
            share: Share::from_name(&share).ok_or_else(|| unknown("share", share))?,
            quota: row.get::<_, Option<u16>>(8)?.map(Class),
            reason: row.get(4)?,
            fallback: row.get(5)?,
            score: row.get(6)?,
            probabilities: bytes
                .map(|bytes| {
                    let damaged = || unknown("probabilities", format!("{} bytes", bytes.len()));
                    probabilities(&bytes).ok_or_else(damaged)
                })
                .transpose()?,
        };
        Ok((round, row.get(1)?, pick))
    })?;
    rows.collect()
}
