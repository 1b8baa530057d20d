//! By what a file of answers is known again: the hash of its content, with what says that it counts
//! no longer.
//!
//! A file whose ingest was taken back is known no longer. One that came later is known, but what it
//! only repeated of that file was not stored with it: it may come again and brings that, as does a
//! file of which rows were passed over.

use rusqlite::{Connection, Transaction};

/// Follows the hash of a file that was taken back. No name of an annotator, which may be part of a
/// hash, has line breaks.
const UNDONE: &str = "\nundone ";
/// Follows the hash of a file that came after one that was taken back.
const BEFORE: &str = "\nbefore ";
/// Follows the hash of a file of which rows were passed over; then comes the hash of which ones.
pub(super) const WITHOUT: &str = " without ";

/// Frees the files of ingests that are taken back, and lets later ones come again.
pub(super) fn free(transaction: &Transaction<'_>, (ingest, last): (i64, i64)) -> Result<(), rusqlite::Error> {
    let free = "UPDATE ingests SET hash = hash || ?3 || number WHERE number BETWEEN ?1 AND ?2";
    transaction.execute(free, rusqlite::params![ingest, last, UNDONE])?;
    let again =
        "UPDATE ingests SET hash = hash || ?2 || number WHERE number > ?1 AND instr(hash, char(10)) = 0";
    transaction.execute(again, rusqlite::params![last, BEFORE])?;
    Ok(())
}

/// Whether a file with this content was ingested, be it without some of its rows.
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
