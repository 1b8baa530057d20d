//! Stores which documents of a round's batch are assigned to which annotator, and writes the
//! annotators' files. This takes three steps:
//! 1. The annotators' files are written to `rounds/.NNNN.handout/`, together with a note that
//!    contains the hash of the assignments.
//! 2. The database commits the assignments.
//! 3. The files move to `rounds/NNNN/`.
//!
//! If the process is killed in between, the next writer compares the note's hash with the
//! assignments in the database. If they agree, it finishes step 3; otherwise it removes the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use super::Workspace;
use super::artifacts::{HANDOUT, remove_waiting};
use super::atomic::{replaced, sync_folder, write_atomically};
use super::facts::{self, Fact};
use super::places::make_folder;
use super::settle::is_file_of;
use crate::error::{DatabaseContext, IoContext, StoreError};

/// The file name of the note. No annotator's file has this name, because their names never begin
/// with a dot.
const NOTE: &str = ".note.json";

/// Identifies the assignments for which the waiting files were written.
#[derive(Serialize, Deserialize)]
struct Note {
    /// The hash of the round's assignments, in hexadecimal.
    assignments: String,
    /// The hash of each file's content, in hexadecimal, by file name.
    files: BTreeMap<String, String>,
}

impl Workspace {
    /// Makes an empty folder for the annotators' files of a round, and returns its path. The caller
    /// writes the files there and then calls [`Self::hand_out`].
    ///
    /// # Errors
    /// The folder cannot be emptied or made.
    pub fn handout_folder(&self, round: u32) -> Result<PathBuf, StoreError> {
        let waiting = self.waiting_for_handout(round);
        remove_waiting(&waiting)?;
        make_folder(&waiting)?;
        Ok(waiting)
    }

    /// Replaces a round's assignments and moves the annotators' files to the round's folder. Each
    /// assignment is (document's id, annotator). If `assignments` is `None`, only the files move.
    ///
    /// # Errors
    /// A document is not in the workspace, or the disk or the database cannot be written; then
    /// nothing was changed. Or the files cannot be moved; then the next writer moves them.
    pub fn hand_out(&mut self, round: u32, assignments: Option<&[(&str, &str)]>) -> Result<(), StoreError> {
        let noted = self.note_and_assign(round, assignments);
        if noted.is_err() {
            let _ = remove_waiting(&self.waiting_for_handout(round));
        }
        noted?;
        self.settle_handout(round)
            .map_err(|source| StoreError::Unpublished { number: round, source: Box::new(source) })
    }

    /// Writes the note into the folder of the waiting files, and commits the assignments.
    fn note_and_assign(
        &mut self,
        round: u32,
        assignments: Option<&[(&str, &str)]>,
    ) -> Result<(), StoreError> {
        let (waiting, folder) = (self.waiting_for_handout(round), self.round_folder(round));
        make_folder(&folder)?;
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(&waiting).doing("read", &waiting)? {
            let entry = entry.doing("read", &waiting)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            replaced(&folder.join(&name))?;
            let bytes = fs::read(entry.path()).doing("read", &entry.path())?;
            files.insert(name, blake3::hash(&bytes).to_hex().to_string());
        }
        let (doing, who) = ("note the assignments", self.who.clone());
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
        if let Some(assignments) = assignments {
            assign(&transaction, round, assignments).doing(doing)?;
            facts::add(&transaction, &handed_out(round, assignments), who.as_deref()).doing(doing)?;
        }
        let note = Note { assignments: hash(&transaction, round).doing(doing)?, files };
        let note = serde_json::to_vec(&note).map_err(std::io::Error::from).doing("write into", &waiting)?;
        write_atomically(&waiting.join(NOTE), &note)?;
        sync_folder(&self.root.join("rounds"));
        transaction.commit().doing(doing)
    }

    /// Replaces a round's assignments, in one transaction. Each assignment is (document's id,
    /// annotator).
    ///
    /// # Errors
    /// A document is not in the workspace, or the database cannot be written; then nothing was
    /// changed.
    pub fn assign(&mut self, round: u32, assignments: &[(&str, &str)]) -> Result<(), StoreError> {
        let (doing, who) = ("note the assignments", self.who.clone());
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
        assign(&transaction, round, assignments).doing(doing)?;
        facts::add(&transaction, &handed_out(round, assignments), who.as_deref()).doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// Moves the annotators' files of a round to the round's folder, if the database has the
    /// assignments for which the files were written. Otherwise removes the files.
    pub(super) fn settle_handout(&self, round: u32) -> Result<(), StoreError> {
        let (waiting, folder) = (self.waiting_for_handout(round), self.round_folder(round));
        let is_folder = fs::symlink_metadata(&waiting).is_ok_and(|there| there.is_dir());
        let note = fs::read(waiting.join(NOTE)).ok().filter(|_| is_folder);
        let note: Option<Note> = note.and_then(|note| serde_json::from_slice(&note).ok());
        let committed = hash(&self.database, round).doing("read the assignments")?;
        if let Some(note) = note.filter(|note| note.assignments == committed) {
            make_folder(&folder)?;
            for (name, hash) in &note.files {
                let (staged, target) = (waiting.join(name), folder.join(name));
                // Somebody may have changed the note. A name with a separator would lead out of the
                // folder, so such a name is skipped.
                if name.contains(['/', '\\']) || name.starts_with('.') || !is_file_of(&staged, hash) {
                    continue;
                }
                fs::rename(&staged, &target).doing("move into", &folder)?;
            }
            sync_folder(&folder);
        }
        remove_waiting(&waiting)
    }

    /// Returns the path of the folder in which the annotators' files of a round wait.
    fn waiting_for_handout(&self, round: u32) -> PathBuf {
        self.root.join("rounds").join(format!(".{round:04}{HANDOUT}"))
    }
}

/// Returns the fact that says how many documents each annotator was assigned.
fn handed_out(round: u32, assignments: &[(&str, &str)]) -> Fact {
    let mut documents = BTreeMap::new();
    for (_, annotator) in assignments {
        *documents.entry((*annotator).to_owned()).or_default() += 1;
    }
    Fact::HandedOut { round, documents }
}

/// Replaces a round's assignments, within the caller's transaction.
fn assign(database: &Connection, round: u32, assignments: &[(&str, &str)]) -> Result<(), rusqlite::Error> {
    database.execute("DELETE FROM assignments WHERE round = ?1", [round])?;
    let mut insert = database.prepare(
        "INSERT INTO assignments (round, document, annotator)
         VALUES (?1, (SELECT document FROM ids WHERE id = ?2), ?3)",
    )?;
    for (id, annotator) in assignments {
        insert.execute(params![round, id, annotator])?;
    }
    Ok(())
}

/// Returns the hash of the assignments of a round in the database, in hexadecimal.
fn hash(database: &Connection, round: u32) -> Result<String, rusqlite::Error> {
    let mut select = database.prepare(
        "SELECT document, annotator FROM assignments WHERE round = ?1 ORDER BY document, annotator",
    )?;
    let mut rows = select.query([round])?;
    let mut hash = blake3::Hasher::new();
    while let Some(row) = rows.next()? {
        hash.update(&row.get::<_, i64>(0)?.to_le_bytes());
        hash.update(row.get_ref(1)?.as_str()?.as_bytes()).update(&[0]);
    }
    Ok(hash.finalize().to_hex().to_string())
}
