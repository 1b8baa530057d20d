//! Reading the state of a workspace, in one transaction.

use std::collections::HashMap;

use querist_core::{Answer, Class, DocumentRecord, LabelSet, Role, Snapshot};

use super::Workspace;
use crate::error::{DatabaseContext, StoreError};

impl Workspace {
    /// Reads everything that a round depends on, but for the texts.
    ///
    /// # Errors
    /// The database cannot be read, or uses labels that `labels` does not have or has in another order (querist.toml was
    /// changed).
    pub fn snapshot(&self, labels: &LabelSet) -> Result<Snapshot, StoreError> {
        let transaction = self.database.unchecked_transaction().doing("read the workspace")?;
        let documents = self.documents(labels)?;
        let by_id: HashMap<&str, usize> =
            documents.iter().enumerate().map(|(index, document)| (document.id.as_str(), index)).collect();
        let answers = self.answers(labels, &by_id)?;
        let rounds = self.exported_rounds(labels, &by_id)?;
        transaction.finish().doing("read the workspace")?;
        Ok(Snapshot { labels: labels.clone(), documents, answers, rounds })
    }

    fn documents(&self, labels: &LabelSet) -> Result<Vec<DocumentRecord>, StoreError> {
        let read = || -> Result<Vec<(DocumentRecord, Option<String>)>, rusqlite::Error> {
            let mut select = self.database.prepare(
                "SELECT d.id, d.role, d.text_hash, g.label, d.meta FROM documents d
                 LEFT JOIN gold g ON g.document = d.number AND g.current = 1 ORDER BY d.id",
            )?;
            let rows = select.query_map([], |row| {
                let role = Role::from_name(&row.get::<_, String>(1)?).unwrap_or(Role::Pool);
                let meta: Option<String> = row.get(4)?;
                let meta_hash = meta.map(|meta| *blake3::hash(meta.as_bytes()).as_bytes());
                let record =
                    DocumentRecord { id: row.get(0)?, role, label: None, text_hash: row.get(2)?, meta_hash };
                Ok((record, row.get(3)?))
            })?;
            rows.collect()
        };
        let rows = read().doing("read the documents")?;
        rows.into_iter()
            .map(|(record, label)| Ok(DocumentRecord { label: class(labels, label)?, ..record }))
            .collect()
    }

    fn answers(&self, labels: &LabelSet, by_id: &HashMap<&str, usize>) -> Result<Vec<Answer>, StoreError> {
        let read = || -> Result<Vec<(String, String, Option<String>)>, rusqlite::Error> {
            let mut select = self.database.prepare(
                "SELECT d.id, a.annotator, a.label FROM annotations a JOIN documents d ON d.number = a.document
                 WHERE a.current = 1 ORDER BY d.id, a.annotator",
            )?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        };
        let rows = read().doing("read the answers")?;
        rows.into_iter()
            .map(|(id, annotator, label)| {
                let document = by_id.get(id.as_str()).copied().unwrap_or_default();
                Ok(Answer { document, annotator, label: class(labels, label)? })
            })
            .collect()
    }
}

fn class(labels: &LabelSet, label: Option<String>) -> Result<Option<Class>, StoreError> {
    let Some(label) = label else { return Ok(None) };
    match labels.class(&label) {
        Some(class) => Ok(Some(class)),
        None => Err(StoreError::Inconsistent {
            what: format!("the label \"{label}\", which querist.toml does not list"),
            remedy: "add it to `labels` in querist.toml again",
        }),
    }
}
