//! Reads the decisions of experts that arrived since the last call, so that an expert sees what
//! other experts decide meanwhile.

use super::Workspace;
use super::facts::Facts;
use super::people::{Known, People};
use crate::error::{DatabaseContext, StoreError};

/// A current decision of an expert about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The decision's number; later decisions have larger numbers.
    pub number: i64,
    /// The document's id.
    pub id: String,
    /// The name of the expert who decided.
    pub by: String,
    /// The label that the expert chose; `None` if no class fits.
    pub label: Option<String>,
}

impl Workspace {
    /// Returns the number of the last decision; 0 if there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_decision(&self) -> Result<i64, StoreError> {
        let select = "SELECT coalesce(max(number), 0) FROM settled";
        self.database.query_row(select, [], |row| row.get(0)).doing("read the decisions")
    }

    /// Returns the current decisions with numbers above `number`, in the order of their numbers.
    /// Decisions by excluded people are left out.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn decisions_after(&self, number: i64) -> Result<Vec<Decision>, StoreError> {
        let doing = "read the decisions";
        let facts = Facts::now(&self.database)?;
        let people = People::of(&self.database, Known::ALL, &facts.names).doing(doing)?;
        let mut select = self
            .database
            .prepare(
                "SELECT s.number, d.id, s.expert, s.label FROM settled s JOIN documents d ON d.number = s.document
                 WHERE s.number > ?1 AND s.current = 1 ORDER BY s.number",
            )
            .doing(doing)?;
        let rows = select
            .query_map([number], |row| {
                let by = people.shown(row.get(2)?);
                Ok(Decision { number: row.get(0)?, id: row.get(1)?, by, label: row.get(3)? })
            })
            .doing(doing)?;
        let decisions: Vec<Decision> = rows.collect::<Result<_, _>>().doing(doing)?;
        Ok(decisions.into_iter().filter(|decision| !facts.is_excluded(&decision.by)).collect())
    }
}
