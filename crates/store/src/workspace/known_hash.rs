//! How a file of answers is recognized again: by the hash of its content, with suffixes that say
//! that it no longer counts as known.
//!
//! A file whose ingest was undone is no longer known. A file that came after it is known, but what
//! it merely repeated from the undone file was not stored with it. So it may come again and then
//! adds those rows. The same holds for a file with skipped rows.

use rusqlite::{Connection, Transaction};

/// Follows the hash of an undone file. An annotator's name, which may be part of a hash, has no
/// line breaks.
const UNDONE: &str = "\nundone ";
/// Follows the hash of a file that came after an undone one.
const BEFORE: &str = "\nbefore ";
/// Follows the hash of a file with skipped rows, before the hash that says which rows were skipped.
pub(super) const WITHOUT: &str = " without ";

/// Marks the hashes of undone ingests and of all later ones, so that their files may come again.
pub(super) fn free(transaction: &Transaction<'_>, (ingest, last): (i64, i64)) -> Result<(), rusqlite::Error> {
    let free = "UPDATE ingests SET hash = hash || ?3 || number WHERE number BETWEEN ?1 AND ?2";
    transaction.execute(free, rusqlite::params![ingest, last, UNDONE])?;
    let again =
        "UPDATE ingests SET hash = hash || ?2 || number WHERE number > ?1 AND instr(hash, char(10)) = 0";
    transaction.execute(again, rusqlite::params![last, BEFORE])?;
    Ok(())
}

/// Whether a file with this content was ingested, possibly without some of its rows.
pub(super) fn was_seen(database: &Connection, hash: &str) -> Result<bool, rusqlite::Error> {
    let mut select = database.prepare_cached(
        // No pattern: the names of annotators are part of a hash. What follows "without" is a hash
        // in hexadecimal.
        "WITH known AS (
             SELECT CASE instr(hash, ?3) WHEN 0 THEN hash ELSE substr(hash, 1, instr(hash, ?3) - 1) END AS hash
             FROM ingests WHERE instr(hash, ?4) = 0)
         SELECT EXISTS (SELECT 1 FROM known WHERE hash = ?1
             OR (length(hash) = length(?1) + length(?2) + 64 AND substr(hash, 1, length(?1) + length(?2)) = ?1 || ?2))",
    )?;
    select.query_row([hash, WITHOUT, BEFORE, UNDONE], |row| row.get(0))
}
