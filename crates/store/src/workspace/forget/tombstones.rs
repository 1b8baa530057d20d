//! Stores hashes of the ids and texts of forgotten documents (tombstones). With them, a later
//! import can refuse the documents if they arrive again.
//!
//! The ids and texts cannot be computed from the hashes. But a person who has a hash and guesses an
//! id or a text can check the guess.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};

use super::ToForget;
use crate::format::same_text::text_key;

/// The hashes of the ids and texts of all forgotten documents.
#[derive(Debug, Default)]
pub(in crate::workspace) struct Tombstones {
    ids: BTreeSet<[u8; 32]>,
    texts: BTreeSet<[u8; 32]>,
}

/// Returns the hash of an id.
fn id_hash(id: &str) -> [u8; 32] {
    blake3::derive_key("querist 2026 id of a forgotten document", id.as_bytes())
}

/// Returns the hash of a text; differences in white space and accents do not change it.
fn text_hash(text: &str) -> [u8; 32] {
    blake3::derive_key("querist 2026 text of a forgotten document", text_key(text).as_bytes())
}

impl Tombstones {
    /// Reads all tombstones.
    pub(in crate::workspace) fn of(database: &Connection) -> Result<Self, rusqlite::Error> {
        let mut select = database.prepare("SELECT hash, is_text FROM forgotten")?;
        let mut rows = select.query([])?;
        let mut found = Self::default();
        while let Some(row) = rows.next()? {
            let hashes = if row.get(1)? { &mut found.texts } else { &mut found.ids };
            hashes.insert(row.get(0)?);
        }
        Ok(found)
    }

    /// Whether no document was ever forgotten.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.texts.is_empty()
    }

    /// Whether a forgotten document had this id.
    pub(super) fn has_id(&self, id: &str) -> bool {
        !self.ids.is_empty() && self.ids.contains(&id_hash(id))
    }

    /// Whether a forgotten document had this id or this text; differences in white space and
    /// accents do not matter.
    pub(in crate::workspace) fn has(&self, id: &str, text: &str) -> bool {
        self.has_id(id) || !self.texts.is_empty() && self.texts.contains(&text_hash(text))
    }
}

/// Stores the tombstones of documents that are to be forgotten, marked as not swept yet.
pub(super) fn add(transaction: &Transaction<'_>, found: &ToForget) -> Result<(), rusqlite::Error> {
    let mut insert =
        transaction.prepare("INSERT OR REPLACE INTO forgotten (hash, is_text, swept) VALUES (?1, ?2, 0)")?;
    for id in &found.ids {
        insert.execute(params![id_hash(id), false])?;
    }
    for text in &found.texts {
        insert.execute(params![text_hash(text), true])?;
    }
    Ok(())
}

/// Whether documents were erased after whose erasing the database was not rewritten.
pub(super) fn any_unswept(database: &Connection) -> Result<bool, rusqlite::Error> {
    database.query_row("SELECT EXISTS (SELECT 1 FROM forgotten WHERE swept = 0)", [], |row| row.get(0))
}

/// Records for every tombstone that the database was rewritten after the document was erased.
pub(super) fn set_swept(database: &Connection) -> Result<(), rusqlite::Error> {
    database.execute("UPDATE forgotten SET swept = 1 WHERE swept = 0", []).map(|_| ())
}
