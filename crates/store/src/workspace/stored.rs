//! Checks values that this program reads back from its own database.
//!
//! A value that this program never writes comes from a user who edited the database, or from a
//! newer version. Replacing it by a default would be a guess with consequences. For example, if a
//! pick with an unknown share counted as picked at random, it would enter the sample from which
//! unbiased estimates are made. So such a value is an error that names the row and the column.

use std::fmt::Display;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::Type;
use thiserror::Error;

/// A value that this version does not know.
#[derive(Debug, Error)]
#[error(
    "{row} has {value} in the column {column}, which this version does not know; the database was changed \
     by hand or by a newer version of Querist; restore it from a backup, or upgrade Querist"
)]
struct UnknownValue {
    /// The words that name the row, such as "round 3".
    row: String,
    column: &'static str,
    value: String,
}

/// Returns the error for a value that this version does not know. `row` is the name of the row,
/// such as "round 3".
pub(super) fn unknown(row: &impl Display, column: &'static str, value: impl Display) -> rusqlite::Error {
    // The code that prints errors escapes control characters in the value.
    let value = format!("\"{value}\"");
    let unknown = UnknownValue { row: row.to_string(), column, value };
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, unknown.into())
}

/// Returns the time in the column with this index; `None` if it is null. `place` is the name of the
/// row for an error message.
pub(super) fn time_at(
    row: &Row<'_>,
    index: usize,
    place: &impl Display,
) -> Result<Option<Timestamp>, rusqlite::Error> {
    let Some(text) = row.get_ref(index)?.as_str_or_null()? else { return Ok(None) };
    let parsed = text.parse().map_err(|_| unknown(place, "time", text))?;
    Ok(Some(parsed))
}

/// Reads probabilities that are stored as eight little-endian bytes each. Returns `None` if there
/// are no bytes, if bytes are left over, or if a value is not between 0 and 1.
pub(super) fn probabilities(bytes: &[u8]) -> Option<Vec<f64>> {
    let (values, rest) = bytes.as_chunks::<8>();
    let values: Vec<f64> = values.iter().map(|value| f64::from_le_bytes(*value)).collect();
    let whole = rest.is_empty() && !values.is_empty();
    (whole && values.iter().all(|value| (0.0..=1.0).contains(value))).then_some(values)
}
