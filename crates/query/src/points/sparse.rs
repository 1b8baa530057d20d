//! Sparse rows with inverted lists, column → (row, value): a vector is only multiplied with rows
//! that have an entry in one of its columns.

use querist_core::Csr;

/// Rows, and the rows in which each column occurs.
pub(super) struct Lists {
    rows: Csr,
    /// The columns that occur, ascending.
    columns: Vec<u32>,
    /// The entries of `columns[c]`, ordered by row, are `entries[starts[c]..starts[c + 1]]`.
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Lists {
    /// Builds the inverted lists of the rows.
    pub(super) fn new(rows: Csr) -> Self {
        let mut terms: Vec<(u32, u32, f32)> = Vec::with_capacity(rows.n_nonzeros());
        for row in 0..rows.n_rows() {
            let (columns, values) = rows.row(row);
            terms.extend(columns.iter().zip(values).map(|(column, value)| (*column, row as u32, *value)));
        }
        // The sort is stable, so rows ascend within a column.
        terms.sort_by_key(|(column, ..)| *column);
        let (mut columns, mut starts) = (Vec::new(), Vec::new());
        for (place, (column, ..)) in terms.iter().enumerate() {
            if columns.last() != Some(column) {
                columns.push(*column);
                starts.push(place);
            }
        }
        starts.push(terms.len());
        let entries = terms.into_iter().map(|(_, row, value)| (row, value)).collect();
        Self { rows, columns, starts, entries }
    }

    /// Returns the (column, value) entries of one row, without zeros.
    pub(super) fn entries(&self, row: usize) -> Vec<(u32, f64)> {
        let (columns, values) = self.rows.row(row);
        let entries = columns.iter().zip(values).map(|(column, value)| (*column, f64::from(*value)));
        entries.filter(|(_, value)| *value != 0.0).collect()
    }

    /// Returns the sum of each column that occurs, added in the order of the rows, as (column,
    /// sum).
    pub(super) fn sums(&self) -> Vec<(u32, f64)> {
        let of_column = |place: usize| {
            let entries = &self.entries[self.starts[place]..self.starts[place + 1]];
            let sum = entries.iter().fold(0.0, |sum, (_, value)| sum + f64::from(*value));
            (self.columns[place], sum)
        };
        (0..self.columns.len()).map(of_column).collect()
    }

    /// Returns the scalar product of each row with a vector.
    pub(super) fn products(&self, vector: &[(u32, f64)]) -> Vec<f64> {
        let mut sums = vec![0.0; self.rows.n_rows()];
        for (column, value) in vector {
            let Ok(place) = self.columns.binary_search(column) else { continue };
            for (row, other) in &self.entries[self.starts[place]..self.starts[place + 1]] {
                sums[*row as usize] += f64::from(*other) * value;
            }
        }
        sums
    }
}
