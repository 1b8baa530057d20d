//! Who was handed which documents of a round's batch.

use rusqlite::{TransactionBehavior, params};

use super::Workspace;
use crate::error::{DatabaseContext, StoreError};

impl Workspace {
    /// Notes who gets which documents of a round, in the place of what was noted before; one transaction.
    ///
    /// # Errors
    /// A document that the workspace does not have, or a failing disk; then nothing was changed.
    pub fn assign(&mut self, round: u32, assignments: &[(&str, &str)]) -> Result<(), StoreError> {
        let doing = "note the assignments";
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
        transaction.execute("DELETE FROM assignments WHERE round = ?1", [round]).doing(doing)?;
        for (id, annotator) in assignments {
            transaction
                .prepare_cached(
                    "INSERT INTO assignments (round, document, annotator)
                     VALUES (?1, (SELECT document FROM ids WHERE id = ?2), ?3)",
                )
                .and_then(|mut insert| insert.execute(params![round, id, annotator]))
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }
}
