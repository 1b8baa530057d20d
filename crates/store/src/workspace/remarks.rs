//! Reads the remarks (reasons, comments and flags) that people wrote with their current answers and
//! decisions.

use querist_core::Snapshot;

use super::Workspace;
use super::facts::Facts;
use super::indices::Indices;
use super::people::{Known, People};
use super::sheets::n_documents;
use crate::error::{DatabaseContext, StoreError};
use crate::format::answers::Remarks;

/// The remarks that a person wrote with one answer or decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The document, as an index into the snapshot's documents.
    pub document: usize,
    /// The name of the annotator or the expert.
    pub by: String,
    /// The label of the answer or decision; `None` for a skip, or for a decision that no class
    /// fits.
    pub label: Option<String>,
    /// The reason, the comment and the flag.
    pub remarks: Remarks,
}

impl Workspace {
    /// Returns the remarks on all current answers and decisions, sorted by document and by the
    /// person's name.
    ///
    /// # Errors
    /// The database cannot be read or contradicts itself.
    pub fn remarks(&self, snapshot: &Snapshot) -> Result<Vec<Said>, StoreError> {
        let doing = "read the comments";
        let facts = Facts::now(&self.database)?;
        let n = n_documents(&self.database)?;
        let indices = Indices::of_documents(n, &snapshot.documents, &facts.documents);
        let people = People::of(&self.database, Known::ALL, &facts.names).doing(doing)?;
        let mut said: Vec<Said> = Vec::new();
        for select in [
            "SELECT document, annotator, label, reason, comment, flag FROM annotations
             WHERE current = 1 AND coalesce(reason, comment, flag) IS NOT NULL",
            "SELECT document, expert, label, reason, comment, flag FROM settled
             WHERE current = 1 AND coalesce(reason, comment, flag) IS NOT NULL",
        ] {
            let mut select = self.database.prepare(select).doing(doing)?;
            let mut rows = select.query([]).doing(doing)?;
            while let Some(row) = rows.next().doing(doing)? {
                let text = |column: usize| row.get::<_, Option<String>>(column).doing(doing);
                let Some(document) = indices.of(row.get(0).doing(doing)?)? else { continue };
                said.push(Said {
                    document,
                    by: people.shown(row.get(1).doing(doing)?),
                    label: text(2)?,
                    remarks: Remarks { reason: text(3)?, comment: text(4)?, flag: text(5)? },
                });
            }
        }
        // Remarks of excluded people are included, because they may show why these people were
        // excluded.
        said.sort_by(|a, b| (a.document, &a.by).cmp(&(b.document, &b.by)));
        Ok(said)
    }
}
