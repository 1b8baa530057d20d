//! Texts out of the workspace: streamed for features, fetched for a batch. Never all in memory at once.

use std::collections::BTreeSet;

use querist_core::error::BoxError;
use querist_core::{Corpus, Role};
use rusqlite::params;

use super::Workspace;
use crate::error::{DatabaseContext, StoreError};

/// How many texts a chunk holds.
const CHUNK: usize = 2_048;

/// The texts of all documents of one role, in the order of their ids.
pub struct PoolTexts<'a> {
    workspace: &'a Workspace,
    role: Role,
}

/// A document's text and the user's own fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOf {
    /// The text.
    pub text: String,
    /// The user's own fields, as one JSON object.
    pub meta: Option<String>,
}

impl Workspace {
    /// The texts of all documents of a role, in the order of [`querist_core::Snapshot::with_role`].
    pub fn texts(&self, role: Role) -> PoolTexts<'_> {
        PoolTexts { workspace: self, role }
    }

    /// The users' own fields that only control items have or only the pool has, by name: they would tell annotators which
    /// documents are control items. Empty while either has no documents.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn fields_that_mark_controls(&self) -> Result<Vec<String>, StoreError> {
        let fields = |role: Role| -> Result<(bool, BTreeSet<String>), rusqlite::Error> {
            let mut any = self.database.prepare("SELECT EXISTS (SELECT 1 FROM documents WHERE role = ?1)")?;
            let any = any.query_row([role.name()], |row| row.get(0))?;
            let mut select = self.database.prepare(
                "SELECT DISTINCT j.key FROM documents d, json_each(d.meta) j WHERE d.role = ?1 AND d.meta IS NOT NULL",
            )?;
            let names = select.query_map([role.name()], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok((any, names))
        };
        let (controls, of_controls) = fields(Role::Control).doing("read the fields")?;
        let (pool, of_pool) = fields(Role::Pool).doing("read the fields")?;
        let marks = of_controls.symmetric_difference(&of_pool).cloned();
        Ok(if controls && pool { marks.collect() } else { Vec::new() })
    }

    /// The text of one document.
    ///
    /// # Errors
    /// There is no such document, or the database cannot be read.
    pub fn text_of(&self, id: &str) -> Result<TextOf, StoreError> {
        self.database
            .prepare_cached("SELECT text, meta FROM documents WHERE id = ?1")
            .and_then(|mut select| {
                select.query_row([id], |row| Ok(TextOf { text: row.get(0)?, meta: row.get(1)? }))
            })
            .doing("read a text")
    }
}

impl Corpus for PoolTexts<'_> {
    fn for_each_chunk(&self, visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>) -> Result<(), BoxError> {
        let select =
            self.workspace.database.prepare("SELECT text FROM documents WHERE role = ?1 ORDER BY id");
        let mut select = select.doing("read the texts")?;
        let mut rows = select.query(params![self.role.name()]).doing("read the texts")?;
        let mut chunk: Vec<String> = Vec::with_capacity(CHUNK);
        let mut visit_chunk = |chunk: &[String]| visit(&chunk.iter().map(String::as_str).collect::<Vec<_>>());
        while let Some(row) = rows.next().doing("read the texts")? {
            chunk.push(row.get(0).doing("read the texts")?);
            if chunk.len() == CHUNK {
                visit_chunk(&chunk)?;
                chunk.clear();
            }
        }
        if chunk.is_empty() { Ok(()) } else { visit_chunk(&chunk) }
    }
}
