//! The vectors of a workspace's documents: adds them, and opens them for reading.
//!
//! Each addition writes one part ([`crate::vectors::part`]), `vectors/NNNN.vectors`, and records a
//! fact. The file is in place before the fact is committed, and counts only if its fact does. So a
//! killed process leaves the whole addition or nothing; the next writer removes a file without a
//! fact. Parts are never changed, except when a document is forgotten: then its vectors are left
//! out of a new file that replaces the part.
//!
//! A vector belongs to a document's number, so a text that an import replaces needs a new vector,
//! and a round of the past sees the vectors of its time.

mod add;
mod forget;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Workspace;
use super::facts::{self, Fact};
use super::places::open_to_look;
use crate::error::{DatabaseContext, IoContext, StoreError};
use crate::format::vectors::Element;
use crate::vectors::{Part, VectorsByPlace};

pub use self::add::{AddedVectors, VectorsToAdd};
pub(super) use self::forget::{with, without};

/// The folder of the parts, in the workspace's folder.
pub(super) const FOLDER: &str = "vectors";
/// The suffix of the name of a part.
const ENDING: &str = ".vectors";

/// An addition of vectors, as a fact records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VectorAddition {
    /// The number of the part, from 1.
    pub part: u32,
    /// The names of the files from which the vectors came.
    pub files: Vec<String>,
    /// How many vectors were added.
    pub vectors: u64,
    /// The width of the vectors.
    pub width: usize,
    /// The type of the numbers.
    pub element: String,
    /// The encoder that computed the vectors, as the user named it.
    pub encoder: Option<String>,
    /// The time of the addition, in RFC 3339.
    pub at: String,
    /// The number of the fact.
    fact: i64,
}

/// Returns the name of a part's file.
fn file_name(part: u32) -> String {
    format!("{part:04}{ENDING}")
}

/// Returns the number of the part with this file name; `None` for any other name.
pub(super) fn part_number(name: &str) -> Option<u32> {
    let number = name.strip_suffix(ENDING)?;
    let number = number.parse().ok().filter(|number| *number > 0)?;
    (file_name(number) == name).then_some(number)
}

/// Returns the additions up to the fact with number `last`, in order.
fn additions(database: &Connection, last: i64) -> Result<Vec<VectorAddition>, rusqlite::Error> {
    let mut select = database.prepare(
        "SELECT number, at, fact FROM facts
         WHERE number <= ?1 AND json_extract(fact, '$.kind') = 'vectors_added' ORDER BY number",
    )?;
    let mut rows = select.query([last])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        if let Fact::VectorsAdded { part, files, vectors, width, element, encoder } =
            facts::parsed(number, &row.get::<_, String>(2)?)?
        {
            let at = row.get(1)?;
            found.push(VectorAddition { part, files, vectors, width, element, encoder, at, fact: number });
        }
    }
    Ok(found)
}

impl Workspace {
    /// Returns all additions of vectors, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn vector_additions(&self) -> Result<Vec<VectorAddition>, StoreError> {
        additions(&self.database, i64::MAX).doing("read what was done")
    }

    /// Opens the vectors of all documents. `None` if the workspace has none. Given the number of an
    /// exported round, returns only vectors that were there when the round was made.
    ///
    /// # Errors
    /// A part cannot be read, is missing or is damaged; or the database cannot be read.
    pub fn vectors(&self, before_round: Option<u32>) -> Result<Option<VectorsByPlace>, StoreError> {
        let doing = "read what was done";
        let last = match before_round {
            Some(round) => self.known_by_round(round).doing(doing)?,
            None => i64::MAX,
        };
        let additions = additions(&self.database, last).doing(doing)?;
        if additions.is_empty() {
            return Ok(None);
        }
        let parts = additions.iter().map(|addition| open(&self.root, addition));
        let parts = parts.collect::<Result<Vec<_>, _>>()?;
        let n_documents = super::sheets::n_documents(&self.database)?;
        Ok(Some(VectorsByPlace::new(parts, n_documents, Some)))
    }

    /// Returns the path of a part's file.
    pub(super) fn part_path(&self, part: u32) -> PathBuf {
        self.root.join(FOLDER).join(file_name(part))
    }

    /// Removes the files of parts that no fact mentions: a killed process left them.
    pub(super) fn settle_vectors(&self) -> Result<(), StoreError> {
        let known: Vec<u32> = self.vector_additions()?.iter().map(|addition| addition.part).collect();
        for entry in super::artifacts::entries(&self.root.join(FOLDER)) {
            let name = entry.file_name();
            let number = name.to_str().and_then(part_number);
            if number.is_some_and(|number| !known.contains(&number)) {
                super::artifacts::remove_waiting(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// Opens the part of an addition, and compares it with the fact.
fn open(root: &Path, addition: &VectorAddition) -> Result<Part, StoreError> {
    let path = root.join(FOLDER).join(file_name(addition.part));
    let missing = || {
        let what = "it is missing or not a file; restore it from a backup";
        std::io::Error::other(what)
    };
    let file = open_to_look(&path).ok_or_else(missing).doing("read", &path)?;
    let part = Part::open(file, &path.display().to_string()).doing("read", &path)?;
    // Forgetting documents makes a part shorter.
    let is_own = part.width() == addition.width
        && part.element().name() == addition.element
        && part.len() as u64 <= addition.vectors;
    if is_own {
        return Ok(part);
    }
    let what = "it is not the file that was written there; restore it from a backup";
    Err(std::io::Error::other(what)).doing("read", &path)
}

/// Returns the type of the numbers of an addition.
fn element_of(addition: &VectorAddition) -> Option<Element> {
    Element::ALL.into_iter().find(|element| element.name() == addition.element)
}

#[cfg(test)]
mod tests;
