//! Shared columns and private ones.
//!
//! Most columns of a small labelled set (rare word pairs) occur in one row only. The penalty makes the weights of the
//! columns that only row i has proportional to their values there, so they act as one column, of value
//! σ = sqrt(Σ x²) in row i and 0 elsewhere: a rotation, which changes neither |W| nor the gradient's norm. The n
//! private columns need no pass over the data, and their part of Newton's equations has a closed form.

use super::compressed::Compressed;

/// The place of a column that is not shared.
const NOT_SHARED: u32 = u32::MAX;

/// The rows of a design, by shared and private columns.
#[derive(Debug)]
pub(super) struct Split {
    /// The shared columns of each row: (place, value).
    pub(super) by_row: Compressed,
    /// The rows of each shared column.
    pub(super) by_column: Compressed,
    /// The shared columns, by falling count of rows.
    pub(super) shared: Vec<u32>,
    /// The place of each column among the shared ones, [`NOT_SHARED`] for the others.
    places: Vec<u32>,
    /// σ, n of them.
    pub(super) private: Vec<f64>,
}

impl Split {
    /// Splits rows with `n_columns` columns.
    pub(super) fn new(rows: &Compressed, n_columns: usize) -> Self {
        let n = rows.n_rows();
        let mut counts = vec![0_u32; n_columns];
        for (column, _) in &rows.entries {
            counts[*column as usize] += 1;
        }
        let shared = by_falling_count(&counts, n);
        let mut places = vec![NOT_SHARED; n_columns];
        for (place, column) in (0_u32..).zip(&shared) {
            places[*column as usize] = place;
        }
        let mut private = Vec::with_capacity(n);
        let mut starts = Vec::with_capacity(n + 1);
        let mut entries = Vec::with_capacity(rows.entries.len());
        starts.push(0);
        for row in 0..n {
            let mut squares = 0.0;
            for (column, value) in rows.row(row) {
                let place = places[*column as usize];
                if place == NOT_SHARED {
                    squares += f64::from(*value) * f64::from(*value);
                } else {
                    entries.push((place, *value));
                }
            }
            private.push(squares.sqrt());
            starts.push(entries.len());
        }
        let by_row = Compressed { starts, entries };
        let by_column = by_row.transposed(shared.len());
        Self { by_row, by_column, shared, places, private }
    }

    /// Whether a column is private to the one row that has it.
    pub(super) fn is_private(&self, column: u32) -> bool {
        self.places[column as usize] == NOT_SHARED
    }
}

/// The columns of at least two rows, those of most rows first; ascending where they are equal.
fn by_falling_count(counts: &[u32], n_rows: usize) -> Vec<u32> {
    let mut starts = vec![0; n_rows + 2];
    for count in counts.iter().filter(|count| **count > 1) {
        starts[n_rows - *count as usize + 1] += 1;
    }
    for place in 0..=n_rows {
        starts[place + 1] += starts[place];
    }
    let mut out = vec![0; starts[n_rows + 1]];
    for (column, count) in (0_u32..).zip(counts).filter(|(_, count)| **count > 1) {
        let place = &mut starts[n_rows - *count as usize];
        out[*place] = column;
        *place += 1;
    }
    out
}
