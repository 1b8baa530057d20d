//! Warns about labels whose name looks like a missing value, such as "n/a". Such labels are stored
//! like any other label.

use querist_core::{LabelSet, looks_missing, missing_warning};
use rusqlite::{Connection, params};

/// Returns the number of the last imported label; 0 if there is none.
pub(super) fn last_label(database: &Connection) -> Result<i64, rusqlite::Error> {
    database.query_row("SELECT coalesce(max(number), 0) FROM gold", [], |row| row.get(0))
}

/// Returns a warning for each class whose name looks like a missing value, if a new label has this
/// class. The numbers of new labels are above `before`.
pub(super) fn as_if_missing(
    database: &Connection,
    labels: &LabelSet,
    before: i64,
) -> Result<Vec<String>, rusqlite::Error> {
    let mut warnings = Vec::new();
    for label in labels.names().iter().filter(|label| looks_missing(label)) {
        let count = "SELECT count(*) FROM gold WHERE number > ?1 AND label = ?2";
        let count: i64 = database.query_row(count, params![before, label], |row| row.get(0))?;
        if count > 0 {
            warnings.push(missing_warning("documents", count.unsigned_abs(), label));
        }
    }
    Ok(warnings)
}
