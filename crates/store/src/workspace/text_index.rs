//! Finds documents by their text, for answers that contain the text but no id. The index takes
//! twelve bytes per document.

use rusqlite::{Connection, OptionalExtension};

use super::facts::Documents;
use crate::format::same_text::text_key;

/// For each document, the first eight bytes of a hash of its text, and its number. Sorted by hash.
pub(super) struct TextIndex {
    entries: Vec<(u64, u32)>,
}

impl TextIndex {
    /// Returns an index of all existing documents by the hash of their text. Reads the hashes from
    /// the sheets.
    pub(super) fn of(database: &Connection, facts: &Documents) -> Result<Self, rusqlite::Error> {
        let mut select = database.prepare("SELECT text_hashes FROM sheets ORDER BY number")?;
        let mut rows = select.query([])?;
        let (mut entries, mut number) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            for hash in row.get_ref(0)?.as_blob()?.chunks_exact(32) {
                number += 1;
                if !facts.is_absent(i64::from(number)) {
                    entries.push((start(hash), number));
                }
            }
        }
        entries.sort_unstable();
        Ok(Self { entries })
    }

    /// Returns an index of all existing documents by the hash of their [`text_key`]. Reads every
    /// text.
    pub(super) fn of_keys(database: &Connection, facts: &Documents) -> Result<Self, rusqlite::Error> {
        let mut select = database.prepare("SELECT text, number FROM documents")?;
        let mut rows = select.query([])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            if facts.is_absent(row.get(1)?) {
                continue;
            }
            let key = text_key(row.get_ref(0)?.as_str()?);
            entries.push((start(blake3::hash(key.as_bytes()).as_bytes()), row.get(1)?));
        }
        entries.sort_unstable();
        Ok(Self { entries })
    }

    /// Returns the numbers of the documents with exactly this text, ascending. The index must come
    /// from [`Self::of`].
    pub(super) fn find(&self, database: &Connection, text: &str) -> Result<Vec<i64>, rusqlite::Error> {
        self.matching(database, text, |stored| stored == text)
    }

    /// Returns the numbers of the documents whose text has this key, ascending. The index must come
    /// from [`Self::of_keys`].
    pub(super) fn find_key(&self, database: &Connection, key: &str) -> Result<Vec<i64>, rusqlite::Error> {
        self.matching(database, key, |stored| text_key(stored) == key)
    }

    /// Returns the numbers of the documents that have the hash of `hashed` in the index and whose
    /// texts `is_it` accepts. The numbers are ascending.
    fn matching(
        &self,
        database: &Connection,
        hashed: &str,
        is_it: impl Fn(&str) -> bool,
    ) -> Result<Vec<i64>, rusqlite::Error> {
        let wanted = start(blake3::hash(hashed.as_bytes()).as_bytes());
        let from = self.entries.partition_point(|(hash, _)| *hash < wanted);
        let mut select = database.prepare_cached("SELECT text FROM documents WHERE number = ?1")?;
        let mut found = Vec::new();
        for (_, number) in self.entries[from..].iter().take_while(|(hash, _)| *hash == wanted) {
            let same = select.query_row([number], |row| Ok(is_it(row.get_ref(0)?.as_str()?))).optional()?;
            if same == Some(true) {
                found.push(i64::from(*number));
            }
        }
        Ok(found)
    }
}

/// Returns the id of the existing document with the smallest number whose text has the same
/// [`text_key`] as `text`. Reads every text.
pub(super) fn owner_of(
    database: &Connection,
    text: &str,
    facts: &Documents,
) -> Result<Option<String>, rusqlite::Error> {
    let wanted = text_key(text);
    let mut select = database.prepare("SELECT id, text, number FROM documents ORDER BY number")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if !facts.is_absent(row.get(2)?) && text_key(row.get_ref(1)?.as_str()?) == wanted {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

/// Returns the first eight bytes of a hash as a number.
fn start(hash: &[u8]) -> u64 {
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
