//! Stores all documents a second time, without their texts, in the table `sheets`. Each of its rows
//! is a sheet of 1,024 documents; only the last sheet may have fewer. SQLite reads one long row
//! several times faster than 1,024 short rows.
//!
//! Document number n is in sheet (n - 1) / 1,024, at position (n - 1) mod 1,024. The columns are:
//! - `kinds`: one byte per document, with its role and a bit for fields of the user.
//! - `text_hashes`: 32 bytes per document.
//! - `meta_hashes`: 32 bytes per document with fields of the user.
//! - `ids`: the ids, each followed by a line break, which no id contains.

use std::collections::BTreeSet;

use querist_core::Role;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::stored::unknown;
use crate::error::{DatabaseContext, StoreError};

/// The number of documents in a full sheet.
pub(super) const SHEET: usize = 1024;

/// The roles in the order of their codes in `kinds`.
const ROLES: [Role; 3] = [Role::Pool, Role::Control, Role::Test];
/// The bits of a byte in `kinds` that hold the role's code.
const ROLE_BITS: u8 = 0b11;
/// The bit of a byte in `kinds` that says that the document has fields of the user.
const HAS_META: u8 = 0b100;

/// One document in a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    /// The id that the user gave.
    pub(super) id: &'a str,
    /// The document's role.
    pub(super) role: Role,
    /// The BLAKE3 hash of the text.
    pub(super) text_hash: &'a [u8; 32],
    /// The BLAKE3 hash of the user's own fields; `None` if the document has none.
    pub(super) meta_hash: Option<&'a [u8; 32]>,
}

/// Returns the role in the column with index `column` of a row. `id` is the index of the column
/// with the document's id, which an error names.
pub(super) fn role_at(row: &Row<'_>, column: usize, id: usize) -> Result<Role, rusqlite::Error> {
    let name = row.get_ref(column)?.as_str()?;
    match Role::from_name(name) {
        Some(role) => Ok(role),
        None => Err(unknown(&format!("the document \"{}\"", row.get_ref(id)?.as_str()?), "role", name)),
    }
}

/// Returns the code of a role: its position in [`ROLES`].
fn code(role: Role) -> u8 {
    match role {
        Role::Pool => 0,
        Role::Control => 1,
        Role::Test => 2,
    }
}

/// Fills sheets with documents and writes them to the database. Documents must be added in the
/// order of their numbers.
#[derive(Debug, Default)]
pub(super) struct SheetWriter {
    /// The number of the sheet that is being filled.
    number: usize,
    kinds: Vec<u8>,
    text_hashes: Vec<u8>,
    meta_hashes: Vec<u8>,
    ids: String,
}

impl SheetWriter {
    /// Returns a writer that starts with the first sheet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Returns a writer that continues the sheets of the first `n_documents` documents. Reads the
    /// last sheet if it is not full.
    pub(super) fn after(database: &Connection, n_documents: usize) -> Result<Self, rusqlite::Error> {
        let mut writer = Self { number: n_documents / SHEET, ..Self::default() };
        if !n_documents.is_multiple_of(SHEET) {
            let mut select = database
                .prepare("SELECT kinds, text_hashes, meta_hashes, ids FROM sheets WHERE number = ?1")?;
            (writer.kinds, writer.text_hashes, writer.meta_hashes, writer.ids) = select
                .query_row([writer.number as i64], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })?;
        }
        Ok(writer)
    }

    /// Adds the next document, and writes the sheet to the database when it is full.
    pub(super) fn push(&mut self, database: &Connection, entry: &Entry<'_>) -> Result<(), rusqlite::Error> {
        let role = code(entry.role);
        self.kinds.push(role | if entry.meta_hash.is_some() { HAS_META } else { 0 });
        self.text_hashes.extend_from_slice(entry.text_hash);
        self.meta_hashes.extend(entry.meta_hash.into_iter().flatten());
        self.ids.push_str(entry.id);
        self.ids.push('\n');
        if self.kinds.len() == SHEET {
            self.write(database)?;
            self.number += 1;
            self.kinds.clear();
            self.text_hashes.clear();
            self.meta_hashes.clear();
            self.ids.clear();
        }
        Ok(())
    }

    /// Changes the role of the document with number `place` + 1.
    pub(super) fn set_role(
        &mut self,
        database: &Connection,
        place: usize,
        role: Role,
    ) -> Result<(), rusqlite::Error> {
        let (sheet, at) = (place / SHEET, place % SHEET);
        let code = code(role);
        let change = |kinds: &mut [u8]| kinds[at] = kinds[at] & !ROLE_BITS | code;
        if sheet == self.number {
            change(&mut self.kinds);
            return Ok(());
        }
        let mut kinds: Vec<u8> = database
            .prepare_cached("SELECT kinds FROM sheets WHERE number = ?1")?
            .query_row([sheet as i64], |row| row.get(0))?;
        change(&mut kinds);
        database
            .prepare_cached("UPDATE sheets SET kinds = ?1 WHERE number = ?2")?
            .execute(params![kinds, sheet as i64])?;
        Ok(())
    }

    /// Writes the last sheet to the database. A full sheet has been written already.
    pub(super) fn finish(&self, database: &Connection) -> Result<(), rusqlite::Error> {
        if self.kinds.is_empty() { Ok(()) } else { self.write(database) }
    }

    /// Writes the sheet that is being filled to the database; replaces the sheet with the same
    /// number.
    fn write(&self, database: &Connection) -> Result<(), rusqlite::Error> {
        database
            .prepare_cached(
                "INSERT OR REPLACE INTO sheets (number, kinds, text_hashes, meta_hashes, ids)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![self.number as i64, self.kinds, self.text_hashes, self.meta_hashes, self.ids])?;
        Ok(())
    }
}

/// Erases the documents with these numbers from the sheets. Their ids become empty, their text
/// hashes become the hash of an empty text, and the hashes of their fields are removed. Their roles
/// stay.
///
/// # Errors
/// The database cannot be read or written, or the sheets are inconsistent.
pub(super) fn erase(database: &Connection, numbers: &BTreeSet<i64>) -> Result<(), StoreError> {
    let doing = "erase documents";
    let empty = *blake3::hash(b"").as_bytes();
    let mut touched: Vec<usize> = numbers.iter().map(|number| (*number - 1) as usize / SHEET).collect();
    touched.dedup();
    for sheet in touched {
        let mut writer = SheetWriter { number: sheet, ..SheetWriter::default() };
        // The columns are copied, because writing the new sheet replaces the row.
        let (kinds, text_hashes, meta_hashes, ids): (Vec<u8>, Vec<u8>, Vec<u8>, String) = database
            .prepare_cached("SELECT kinds, text_hashes, meta_hashes, ids FROM sheets WHERE number = ?1")
            .and_then(|mut select| {
                select
                    .query_row([sheet as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            })
            .doing(doing)?;
        let columns =
            Columns { kinds: &kinds, text_hashes: &text_hashes, meta_hashes: &meta_hashes, ids: &ids };
        let mut number = (sheet * SHEET) as i64;
        columns.for_each(&mut |entry| {
            number += 1;
            let entry = if numbers.contains(&number) {
                Entry { id: "", text_hash: &empty, meta_hash: None, ..entry }
            } else {
                entry
            };
            writer.push(database, &entry).doing(doing)
        })?;
        writer.finish(database).doing(doing)?;
    }
    Ok(())
}

/// Calls `visit` once for each document, in the order of their numbers. Returns the number of
/// documents.
///
/// # Errors
/// The database cannot be read, or the sheets are inconsistent or do not agree with `documents`.
pub(super) fn for_each(
    database: &Connection,
    mut visit: impl FnMut(Entry<'_>) -> Result<(), StoreError>,
) -> Result<usize, StoreError> {
    let doing = "read the documents";
    let mut select = database
        .prepare_cached("SELECT number, kinds, text_hashes, meta_hashes, ids FROM sheets ORDER BY number")
        .doing(doing)?;
    let mut rows = select.query([]).doing(doing)?;
    let mut places = 0;
    while let Some(row) = rows.next().doing(doing)? {
        // The number of documents so far must be 1,024 times the sheet's number. If not, a sheet is
        // missing, or an earlier sheet is not full.
        let number: i64 = row.get(0).doing(doing)?;
        let before = usize::try_from(number).ok().and_then(|number| number.checked_mul(SHEET));
        if before != Some(places) {
            return Err(damaged());
        }
        places += Columns::of(row).doing(doing)?.for_each(&mut visit)?;
    }
    if places == n_documents(database)? { Ok(places) } else { Err(damaged()) }
}

/// The columns of one sheet.
struct Columns<'a> {
    kinds: &'a [u8],
    text_hashes: &'a [u8],
    meta_hashes: &'a [u8],
    ids: &'a str,
}

impl<'a> Columns<'a> {
    /// Returns the columns of a sheet. The row must have them at the positions 1 to 4.
    fn of(row: &'a Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            kinds: row.get_ref(1)?.as_blob()?,
            text_hashes: row.get_ref(2)?.as_blob()?,
            meta_hashes: row.get_ref(3)?.as_blob()?,
            ids: row.get_ref(4)?.as_str()?,
        })
    }

    /// Calls `visit` once for each document of the sheet. Returns the number of documents in the
    /// sheet.
    fn for_each(
        &self,
        visit: &mut impl FnMut(Entry<'_>) -> Result<(), StoreError>,
    ) -> Result<usize, StoreError> {
        let (text_hashes, text_rest) = self.text_hashes.as_chunks::<32>();
        let (meta_hashes, meta_rest) = self.meta_hashes.as_chunks::<32>();
        if text_hashes.len() != self.kinds.len() || !text_rest.is_empty() || !meta_rest.is_empty() {
            return Err(damaged());
        }
        let mut meta_hashes = meta_hashes.iter();
        let mut ids = self.ids.split_terminator('\n');
        for (kind, text_hash) in self.kinds.iter().zip(text_hashes) {
            let id = ids.next().ok_or_else(damaged)?;
            let role = *ROLES.get(usize::from(kind & ROLE_BITS)).ok_or_else(damaged)?;
            let meta_hash = match kind & HAS_META {
                0 => None,
                _ => Some(meta_hashes.next().ok_or_else(damaged)?),
            };
            visit(Entry { id, role, text_hash, meta_hash })?;
        }
        if ids.next().is_some() || meta_hashes.next().is_some() {
            return Err(damaged());
        }
        Ok(self.kinds.len())
    }
}

/// Compares texts with the hashes that the import stored. The hashes of one sheet stay in memory.
/// So if texts are checked in the order of their documents' numbers, each sheet is read only once.
#[derive(Debug, Default)]
pub(super) struct TextCheck {
    /// The number of the sheet whose hashes are in memory; `None` before the first check.
    sheet: Option<usize>,
    /// The text hashes of that sheet, 32 bytes each.
    hashes: Vec<u8>,
}

impl TextCheck {
    /// Checks the text of the document with number `place` + 1.
    ///
    /// # Errors
    /// The text is no longer the one that was imported, or the database cannot be read.
    pub(super) fn check(
        &mut self,
        database: &Connection,
        place: usize,
        text: &str,
    ) -> Result<(), StoreError> {
        let doing = "read the hashes of the texts";
        if self.sheet != Some(place / SHEET) {
            let mut select =
                database.prepare_cached("SELECT text_hashes FROM sheets WHERE number = ?1").doing(doing)?;
            self.hashes = select
                .query_row([(place / SHEET) as i64], |row| row.get(0))
                .optional()
                .doing(doing)?
                .ok_or_else(damaged)?;
            self.sheet = Some(place / SHEET);
        }
        let expected = self.hashes.as_chunks::<32>().0.get(place % SHEET).ok_or_else(damaged)?;
        if blake3::hash(text.as_bytes()).as_bytes() == expected {
            return Ok(());
        }
        let id = database
            .query_row("SELECT id FROM documents WHERE number = ?1", [place as i64 + 1], |row| row.get(0))
            .doing(doing)?;
        Err(StoreError::NotAsImported { what: "text", id })
    }
}

/// Checks that the id, the text and the user's own fields of a document have not changed since the
/// import. The document's number is `place` + 1.
///
/// # Errors
/// One of the three has changed, or the database cannot be read.
pub(super) fn check(
    database: &Connection,
    place: usize,
    id: &str,
    text: &str,
    meta: Option<&str>,
) -> Result<(), StoreError> {
    let mut select = database
        .prepare_cached("SELECT number, kinds, text_hashes, meta_hashes, ids FROM sheets WHERE number = ?1")
        .doing("read the documents")?;
    let mut rows = select.query([(place / SHEET) as i64]).doing("read the documents")?;
    let row = rows.next().doing("read the documents")?.ok_or_else(damaged)?;
    let columns = Columns::of(row).doing("read the documents")?;
    let at = place % SHEET;
    let differs = |what| Err(StoreError::NotAsImported { what, id: id.to_owned() });
    let kind = columns.kinds.get(at).ok_or_else(damaged)?;
    if columns.ids.split_terminator('\n').nth(at) != Some(id) {
        return differs("entry");
    }
    if columns.text_hashes.as_chunks::<32>().0.get(at) != Some(blake3::hash(text.as_bytes()).as_bytes()) {
        return differs("text");
    }
    let before = columns.kinds.iter().take(at).filter(|kind| **kind & HAS_META != 0).count();
    let expected =
        if kind & HAS_META == 0 { None } else { columns.meta_hashes.as_chunks::<32>().0.get(before) };
    let found = meta.map(|meta| blake3::hash(meta.as_bytes()));
    if expected == found.as_ref().map(blake3::Hash::as_bytes) { Ok(()) } else { differs("fields") }
}

/// Returns an upper bound on the number of documents: 1,024 for each sheet.
pub(super) fn room(database: &Connection) -> Result<usize, StoreError> {
    let sheets: i64 = database
        .query_row("SELECT count(*) FROM sheets", [], |row| row.get(0))
        .doing("read the documents")?;
    Ok(sheets as usize * SHEET)
}

/// Returns the number of documents that were ever stored. Replaced, removed and erased documents
/// count too.
pub(super) fn n_documents(database: &Connection) -> Result<usize, StoreError> {
    let n: Option<i64> = database
        .query_row("SELECT max(number) FROM documents", [], |row| row.get(0))
        .doing("read the documents")?;
    n.map_or(Ok(0), |n| usize::try_from(n).map_err(|_| damaged()))
}

/// Returns the error for sheets that do not agree with the table `documents`.
pub(super) fn damaged() -> StoreError {
    let what = "documents that its sheets do not agree with".to_owned();
    let remedy = "it was changed by hand or by a newer version of Querist; restore it from a backup, or upgrade Querist";
    StoreError::Inconsistent { what, remedy }
}
