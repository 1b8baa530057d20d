//! Moves documents from the pool to the test set or to the control items.

use querist_core::Role;
use rusqlite::params;

use super::fault::RowFault;
use super::known::Known;
use super::{Importer, InputProblem};
use crate::error::DatabaseContext;

impl Importer<'_> {
    /// Moves a document out of the pool, to `role`. Fails unless the document is in the pool, has
    /// no label and no answers, and was in no exported batch.
    pub(super) fn change_role(&mut self, id: &str, known: &Known, role: Role) -> Result<(), RowFault> {
        let refuse = |why: String| {
            let (id, wanted) = (id.to_owned(), if role == Role::Pool { "labeled" } else { role.name() });
            Err(InputProblem::RoleTaken { id, wanted, why }.into())
        };
        if known.role != Role::Pool {
            return refuse(format!(
                "it is a {} document (from {}); remove the row",
                known.role.name(),
                known.from
            ));
        }
        if let Some(gold) = &known.label {
            return refuse(format!(
                "it is a training example (labelled, from {}); remove the row",
                gold.from
            ));
        }
        let used: bool = self
            .transaction
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM picks JOIN rounds ON rounds.number = round
                     WHERE document = ?1 AND stage = 'exported')
                 OR EXISTS (SELECT 1 FROM annotations WHERE document = ?1)",
                [known.number],
                |row| row.get(0),
            )
            .doing("import")?;
        if used {
            return refuse("it has already been sent to annotators; remove the row".to_owned());
        }
        self.transaction
            .execute("UPDATE documents SET role = ?1 WHERE number = ?2", params![role.name(), known.number])
            .doing("change a role")?;
        self.sheets.set_role(self.transaction, (known.number - 1) as usize, role).doing("change a role")?;
        self.counts.moved += 1;
        Ok(())
    }
}
