//! What remains of forgotten documents: hashes of their ids and texts. They serve to refuse the
//! documents if they come again.
//!
//! Somebody who has a hash and guesses the id or the text can check the guess. Nobody can read
//! either from the hash.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};

use super::ToForget;
use crate::format::same_text::text_key;

/// Hashes of the ids and the texts that were forgotten.
#[derive(Debug, Default)]
pub(in crate::workspace) struct Tombstones {
    ids: BTreeSet<[u8; 32]>,
    texts: BTreeSet<[u8; 32]>,
}

fn id_hash(id: &str) -> [u8; 32] {
    blake3::derive_key("querist 2026 id of a forgotten document", id.as_bytes())
}

fn text_hash(text: &str) -> [u8; 32] {
    blake3::derive_key("querist 2026 text of a forgotten document", text_key(text).as_bytes())
}

impl Tombstones {
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

    /// Whether nothing was ever forgotten.
    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.texts.is_empty()
    }

    pub(super) fn has_id(&self, id: &str) -> bool {
        !self.ids.is_empty() && self.ids.contains(&id_hash(id))
    }

    /// Whether a forgotten document had this id or this text.
    pub(in crate::workspace) fn has(&self, id: &str, text: &str) -> bool {
        self.has_id(id) || !self.texts.is_empty() && self.texts.contains(&text_hash(text))
    }
}

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

pub(super) fn any_unswept(database: &Connection) -> Result<bool, rusqlite::Error> {
    database.query_row("SELECT EXISTS (SELECT 1 FROM forgotten WHERE swept = 0)", [], |row| row.get(0))
}

pub(super) fn set_swept(database: &Connection) -> Result<(), rusqlite::Error> {
    database.execute("UPDATE forgotten SET swept = 1 WHERE swept = 0", []).map(|_| ())
}
