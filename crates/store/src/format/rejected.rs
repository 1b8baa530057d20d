//! Rows that `--skip-bad-rows` passed over, as JSON Lines: `{"file", "line", "error", "row"}`; `item` or `row` for `line`
//! where a format counts those.
//!
//! Its `row` is the row as it stood, with bytes that are not UTF-8 replaced and cut after [`ROW_LIMIT`] characters.

use serde_json::json;

use crate::error::{InputError, Place};

/// How much of a bad row is kept, in characters.
pub const ROW_LIMIT: usize = 10_000;

/// Rows that were passed over, as they will be written.
#[derive(Debug, Default)]
pub struct Rejected {
    rows: Vec<String>,
}

impl Rejected {
    /// Notes a row.
    pub fn push(&mut self, error: &InputError, row: &[u8]) {
        let row = String::from_utf8_lossy(&row[..row.len().min(4 * ROW_LIMIT)]);
        let row: String = row.chars().take(ROW_LIMIT).collect();
        let unit = error.place.map_or("line", Place::unit);
        let number = error.place.map(Place::number);
        let line =
            json!({"file": error.file, (unit): number, "error": error.problem.to_string(), "row": row});
        self.rows.push(line.to_string());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.rows.iter().flat_map(|row| [row.as_bytes(), b"\n"].concat()).collect()
    }
}
