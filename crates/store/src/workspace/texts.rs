//! Reads the texts of documents: in chunks to compute features, one by one to write a batch. All
//! texts together may not fit in memory. SQLite does not notice changed bytes, so each text is
//! compared with the hash that the import stored.

use std::collections::BTreeSet;
use std::ops::Range;

use querist_core::error::BoxError;
use querist_core::{Corpus, DocumentRecord, Role};
use rusqlite::{OptionalExtension, Row, params};

use super::Workspace;
use super::facts::Facts;
use super::ids::entered;
use super::sheets::{self, SHEET, TextCheck};
use super::stored::unknown;
use crate::error::{DatabaseContext, StoreError};
use crate::format::row::Row as Fields;

/// The largest number of texts in a chunk.
const CHUNK: usize = 2_048;
/// A chunk ends as soon as its texts have this many bytes (8 MiB).
const CHUNK_BYTES: usize = 8 << 20;

/// The texts of all documents that exist when [`Workspace::corpus`] is called, whatever their role,
/// in the order of their numbers.
pub struct WorkspaceTexts<'a> {
    workspace: &'a Workspace,
    n_documents: usize,
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
    /// Returns access to the texts of all documents. The text of a document has the index
    /// [`querist_core::DocumentRecord::place`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn corpus(&self) -> Result<WorkspaceTexts<'_>, StoreError> {
        Ok(WorkspaceTexts { workspace: self, n_documents: sheets::n_documents(&self.database)? })
    }

    /// Returns the names of the users' own fields that only control items have, or only documents
    /// of the pool. Such a field would show annotators which documents are control items. Returns
    /// no names if there are no control items or no documents in the pool.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn fields_that_mark_controls(&self) -> Result<Vec<String>, StoreError> {
        let mut seen = [Role::Control, Role::Pool].map(|role| (role, false, false));
        sheets::for_each(&self.database, |entry| {
            for (role, any, fields) in &mut seen {
                if *role == entry.role {
                    *any = true;
                    *fields |= entry.meta_hash.is_some();
                }
            }
            Ok(())
        })?;
        let [(_, controls, in_controls), (_, pool, in_pool)] = seen;
        if !controls || !pool || !(in_controls || in_pool) {
            return Ok(Vec::new());
        }
        let any_absent = Facts::now(&self.database)?.documents.any_absent();
        let fields = |role: Role| -> Result<BTreeSet<String>, rusqlite::Error> {
            // Replaced and removed documents do not count. The table `ids` does not lead to them.
            let mut select = self.database.prepare(
                "SELECT DISTINCT j.key FROM documents d, json_each(d.meta) j
                 WHERE d.role = ?1 AND d.meta IS NOT NULL
                     AND (NOT ?2 OR d.number = (SELECT document FROM ids WHERE ids.id = d.id))",
            )?;
            select.query_map(params![role.name(), any_absent], |row| row.get(0))?.collect()
        };
        let of_controls = fields(Role::Control).doing("read the fields")?;
        let of_pool = fields(Role::Pool).doing("read the fields")?;
        Ok(of_controls.symmetric_difference(&of_pool).cloned().collect())
    }

    /// Returns the text and the user's own fields of a document that a snapshot contains.
    ///
    /// # Errors
    /// The document does not exist, it is no longer as it was imported, or the database cannot be
    /// read.
    pub fn text_of(&self, document: &DocumentRecord) -> Result<TextOf, StoreError> {
        let DocumentRecord { id, place, .. } = document;
        let found = self
            .database
            .prepare_cached("SELECT text, meta FROM documents WHERE number = ?1")
            .and_then(|mut select| {
                let read = |row: &Row<'_>| Ok(TextOf { text: row.get(0)?, meta: object_at(row, 1, id)? });
                select.query_row([i64::from(*place) + 1], read).optional()
            })
            .doing("read a text")?;
        let found = found.ok_or_else(|| StoreError::NoSuchDocument { id: id.to_string() })?;
        sheets::check(&self.database, *place as usize, id, &found.text, found.meta.as_deref())?;
        Ok(found)
    }

    /// Returns the place of the document that has this id now; `None` if no document has it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn place_of(&self, id: &str) -> Result<Option<u32>, StoreError> {
        let number = entered(&self.database, id).doing("read a text")?;
        Ok(number.and_then(|number| u32::try_from(number - 1).ok()))
    }

    /// Returns the current text and fields of the document with this id.
    ///
    /// # Errors
    /// The errors of [`Self::text_of`].
    pub fn text_by_id(&self, id: &str) -> Result<TextOf, StoreError> {
        let place = self.place_of(id)?.ok_or_else(|| StoreError::NoSuchDocument { id: id.to_owned() })?;
        self.text_of(&DocumentRecord { id: id.into(), place, role: Role::Pool, label: None })
    }
}

impl Corpus for WorkspaceTexts<'_> {
    fn n_documents(&self) -> usize {
        self.n_documents
    }

    fn for_each_chunk(
        &self,
        documents: Range<usize>,
        visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        let doing = "read the texts";
        let mut select = self
            .workspace
            .database
            .prepare_cached(
                "SELECT number, text FROM documents WHERE number BETWEEN ?1 AND ?2 ORDER BY number",
            )
            .doing(doing)?;
        let mut rows =
            select.query(params![documents.start as i64 + 1, documents.end as i64]).doing(doing)?;
        let mut chunk = Chunk::default();
        let mut check = TextCheck::default();
        let mut next = documents.start;
        while let Some(row) = rows.next().doing(doing)? {
            let number: i64 = row.get(0).doing(doing)?;
            if number != next as i64 + 1 {
                return Err(gap().into());
            }
            let text = row.get_ref(1).and_then(|text| Ok(text.as_str()?)).doing(doing)?;
            check.check(&self.workspace.database, next, text)?;
            chunk.push(text);
            next += 1;
            if chunk.is_full() {
                chunk.visit(visit)?;
            }
        }
        if next != documents.end.max(documents.start) {
            return Err(gap().into());
        }
        if chunk.ends.is_empty() { Ok(()) } else { chunk.visit(visit) }
    }

    /// Returns [`querist_core::CorpusDigest`] of each range. A sheet stores the hashes of 1,024
    /// texts one after another, so BLAKE3 can hash many of them in one call.
    fn digests(&self, ranges: &[Range<usize>]) -> Result<Vec<[u8; 32]>, BoxError> {
        let doing = "read the hashes of the texts";
        let mut select = self
            .workspace
            .database
            .prepare_cached("SELECT text_hashes FROM sheets WHERE number BETWEEN ?1 AND ?2 ORDER BY number")
            .doing(doing)?;
        let mut digests = Vec::with_capacity(ranges.len());
        for range in ranges {
            let mut digest = blake3::Hasher::new();
            let mut next = range.start;
            let last = range.end.saturating_sub(1) / SHEET;
            let mut rows = select.query(params![(range.start / SHEET) as i64, last as i64]).doing(doing)?;
            while next < range.end {
                let row = rows.next().doing(doing)?.ok_or_else(sheets::damaged)?;
                let hashes = row.get_ref(0).and_then(|hashes| Ok(hashes.as_blob()?)).doing(doing)?;
                let until = range.end.min((next / SHEET + 1) * SHEET);
                let wanted = next % SHEET * 32..(next % SHEET + until - next) * 32;
                digest.update(hashes.get(wanted).ok_or_else(sheets::damaged)?);
                next = until;
            }
            digests.push(*digest.finalize().as_bytes());
        }
        Ok(digests)
    }
}

/// Texts of one chunk, in a buffer that is reused for the next chunk.
#[derive(Default)]
struct Chunk {
    texts: String,
    /// For each text, the offset in `texts` at which it ends.
    ends: Vec<usize>,
}

impl Chunk {
    /// Adds a text.
    fn push(&mut self, text: &str) {
        self.texts.push_str(text);
        self.ends.push(self.texts.len());
    }

    /// Whether the chunk has [`CHUNK`] texts or [`CHUNK_BYTES`] bytes.
    fn is_full(&self) -> bool {
        self.ends.len() == CHUNK || self.texts.len() >= CHUNK_BYTES
    }

    /// Passes the texts to `visit`, then empties the chunk.
    fn visit(&mut self, visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>) -> Result<(), BoxError> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let texts: Vec<&str> = starts.zip(&self.ends).map(|(start, end)| &self.texts[start..*end]).collect();
        visit(&texts)?;
        self.texts.clear();
        self.ends.clear();
        Ok(())
    }
}

/// Returns the user's own fields from a column. Fails if they are not a JSON object, because
/// exports write them unchanged. `id` is the document's id, which the error names.
fn object_at(row: &Row<'_>, column: usize, id: &str) -> Result<Option<String>, rusqlite::Error> {
    let meta: Option<String> = row.get(column)?;
    if let Some(meta) = meta.as_deref().filter(|meta| Fields::parse(meta).is_err()) {
        return Err(unknown(&format!("the document \"{id}\""), "meta", meta));
    }
    Ok(meta)
}

/// Returns the error that a document is missing.
fn gap() -> StoreError {
    let what = "documents whose numbers have gaps".to_owned();
    let remedy = "it was changed by hand: restore it from a backup";
    StoreError::Inconsistent { what, remedy }
}
