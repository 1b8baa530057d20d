//! Stores which documents of a round's batch are assigned to which annotator, and publishes the
//! annotators' files.
//!
//! The annotators' files wait in `rounds/.NNNN.handout/`, together with a note that contains the
//! hash of their assignments. Then the database commits. Then the files move to `rounds/NNNN/`. If
//! a kill interrupts this, the next writer moves the files if the hash matches the assignments in
//! the database, and otherwise removes them.

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

/// The note's file name. No file for an annotator begins with a dot.
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
    /// Makes an empty folder in which the files for a round's annotators wait for
    /// [`Self::hand_out`]. Returns its path.
    ///
    /// # Errors
    /// The folder cannot be emptied or made.
    pub fn handout_folder(&self, round: u32) -> Result<PathBuf, StoreError> {
        let waiting = self.waiting_for_handout(round);
        remove_waiting(&waiting)?;
        make_folder(&waiting)?;
        Ok(waiting)
    }

    /// Replaces a round's assignments, each a document's id and an annotator, and moves the waiting
    /// files to the round's folder. If `assignments` is `None`, the assignments stay as they are.
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

    // Writes the note beside the waiting files and commits the assignments.
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

    /// Replaces a round's assignments, each a document's id and an annotator, in one transaction.
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

    /// Moves the waiting files to the round's folder if the database holds the assignments for
    /// which they were written. Otherwise removes the files.
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
                // The note can have been tampered with: a name with a separator would lead out of
                // the folder.
                if name.contains(['/', '\\']) || name.starts_with('.') || !is_file_of(&staged, hash) {
                    continue;
                }
                fs::rename(&staged, &target).doing("move into", &folder)?;
            }
            sync_folder(&folder);
        }
        remove_waiting(&waiting)
    }

    fn waiting_for_handout(&self, round: u32) -> PathBuf {
        self.root.join("rounds").join(format!(".{round:04}{HANDOUT}"))
    }
}

// Returns the fact that says how many documents each annotator was assigned.
fn handed_out(round: u32, assignments: &[(&str, &str)]) -> Fact {
    let mut documents = BTreeMap::new();
    for (_, annotator) in assignments {
        *documents.entry((*annotator).to_owned()).or_default() += 1;
    }
    Fact::HandedOut { round, documents }
}

// Replaces a round's assignments, within the caller's transaction.
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
