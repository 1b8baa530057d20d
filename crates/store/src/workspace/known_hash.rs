//! Recognizes a file of answers that was ingested before, by the stored hash of its content. If the
//! file may be ingested again, a suffix is appended to the stored hash.
//!
//! Three kinds of files may be ingested again:
//! - The file of an undone ingest.
//! - A file that was ingested after the undone ingest. It may have repeated answers of the undone
//!   file, which were not stored a second time and are missing now.
//! - A file with skipped rows, because the rows may be readable now.

use rusqlite::{Connection, Transaction};

/// The suffix for a file whose ingest was undone. It begins with a line break because a hash may
/// contain an annotator's name, which has no line breaks.
const UNDONE: &str = "\nundone ";
/// The suffix for a file that was ingested after an ingest that has been undone since.
const BEFORE: &str = "\nbefore ";
/// The suffix for a file with skipped rows; the hash of the numbers of the skipped rows follows it.
pub(super) const WITHOUT: &str = " without ";

/// Adds suffixes to the hashes of the undone ingests, and of all later ingests, so that their files
/// can be ingested again. The undone ingests have the numbers `ingest` to `last`.
pub(super) fn free(transaction: &Transaction<'_>, (ingest, last): (i64, i64)) -> Result<(), rusqlite::Error> {
    let free = "UPDATE ingests SET hash = hash || ?3 || number WHERE number BETWEEN ?1 AND ?2";
    transaction.execute(free, rusqlite::params![ingest, last, UNDONE])?;
    let again =
        "UPDATE ingests SET hash = hash || ?2 || number WHERE number > ?1 AND instr(hash, char(10)) = 0";
    transaction.execute(again, rusqlite::params![last, BEFORE])?;
    Ok(())
}

/// Whether a file with this content was ingested before, with or without skipped rows. Undone
/// ingests do not count.
pub(super) fn was_seen(database: &Connection, hash: &str) -> Result<bool, rusqlite::Error> {
    let mut select = database.prepare_cached(
        // A stored hash may contain an annotator's name with wildcard characters, so `LIKE` and
        // `GLOB` cannot be used. " without " is followed by a hash of 64 hexadecimal digits.
        "WITH known AS (
             SELECT CASE instr(hash, ?3) WHEN 0 THEN hash ELSE substr(hash, 1, instr(hash, ?3) - 1) END AS hash
             FROM ingests WHERE instr(hash, ?4) = 0)
         SELECT EXISTS (SELECT 1 FROM known WHERE hash = ?1
             OR (length(hash) = length(?1) + length(?2) + 64 AND substr(hash, 1, length(?1) + length(?2)) = ?1 || ?2))",
    )?;
    select.query_row([hash, WITHOUT, BEFORE, UNDONE], |row| row.get(0))
}
