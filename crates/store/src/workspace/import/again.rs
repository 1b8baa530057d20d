//! Imports rows of known documents. Such a row may add a label, another role or a new text, or
//! nothing.

use rusqlite::params;

use super::fault::RowFault;
use super::known::{Gold, Known, TextCompared, says_more};
use super::{ImportAs, Importer, InputProblem};
use crate::error::DatabaseContext;
use crate::format::documents::DocumentRow;
use crate::workspace::text_index::owner_of;

impl Importer<'_> {
    /// Imports a row with the id of the document `known`. Fails if the row contradicts the stored
    /// document and the user did not ask to replace what is stored.
    pub(super) fn again(&mut self, row: &DocumentRow, known: Known, line: u64) -> Result<(), RowFault> {
        let document = &row.document;
        let updates = self.is_update(row, &known);
        let known = if updates { self.replace(row, &known, line)? } else { known };
        match known.text {
            TextCompared::Same => {}
            TextCompared::Respelled => self.counts.respelled += 1,
            TextCompared::Other => {
                // To find another document with this text, every text must be read. That is
                // acceptable once, before the import fails, but not for every skipped row.
                let owner = if self.options.skip_bad_rows {
                    None
                } else {
                    owner_of(self.transaction, &document.text, &self.facts).doing("import")?
                };
                return Err(
                    InputProblem::IdTaken { id: document.id.clone(), first: known.from, owner }.into()
                );
            }
        }
        if says_more(document.meta.as_deref(), known.meta.as_deref()) {
            self.counts.other_fields += 1;
            self.other_fields.get_or_insert_with(|| document.id.clone());
        }
        // If the row has a new text, and the user did not say what kind of documents the file
        // contains, the document keeps its role.
        let stays = updates && self.options.kind == ImportAs::Guess;
        let role = if stays { known.role } else { self.options.kind.role() };
        let Some(label) = document.label.map(|class| self.labels.name(class)) else {
            self.counts.duplicates += u64::from(!updates);
            return Ok(());
        };
        if role != known.role {
            self.change_role(&document.id, &known, role)?;
        }
        match known.label {
            Some(gold) if gold.label == label => {
                self.counts.duplicates += u64::from(role == known.role && !updates);
            }
            Some(Gold { number, label: stored, from: first }) => {
                if !self.options.relabel {
                    let (id, label) = (document.id.clone(), label.to_owned());
                    return Err(InputProblem::LabelDiffers { id, stored, first, label }.into());
                }
                self.transaction
                    .execute("UPDATE gold SET current = 0 WHERE number = ?1", [number])
                    .doing("replace a label")?;
                self.label(known.number, label, line)?;
                self.counts.relabeled += 1;
            }
            None => {
                self.label(known.number, label, line)?;
                self.counts.newly_labeled += u64::from(role == known.role && !updates);
            }
        }
        Ok(())
    }

    /// Stores a label as the document's current imported label. `line` is the line of the file.
    pub(super) fn label(&self, document: i64, label: &str, line: u64) -> Result<(), RowFault> {
        self.transaction
            .prepare_cached(
                "INSERT INTO gold (document, label, import, line, current) VALUES (?1, ?2, ?3, ?4, 1)",
            )
            .and_then(|mut insert| insert.execute(params![document, label, self.import, line as i64]))
            .doing("store a label")?;
        Ok(())
    }
}
