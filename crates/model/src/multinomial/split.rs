//! Splits the columns into shared columns and private columns.
//!
//! Most columns of a small labelled set (rare word pairs) occur in one row only. At the minimum of
//! the penalised objective, the weights of the columns that occur only in row i are proportional to
//! their values there. So these columns act as one private column, with value σ = sqrt(Σ x²) in row
//! i and 0 elsewhere. This is a rotation: it changes neither |W| nor the norm of the gradient. The
//! n private columns need no pass over the data, and their part of Newton's equations has a closed
//! form. The shared columns that occur in at least half of the rows form a dense matrix, if there
//! are enough of them.

use super::compressed::Compressed;
use super::dense::Dense;
use super::lanes::{Lanes, Scalar};

/// The place of a column that occurs in at most one row, and so is not shared.
const NOT_SHARED: u32 = u32::MAX;

/// The fewest columns for which a separate dense matrix saves time.
const FEWEST_DENSE: usize = 16;

/// Sparse rows that can be read in any order.
pub(super) trait EntryRows {
    /// The number of rows.
    fn n_rows(&self) -> usize;
    /// Calls `visit` with (column, value) for every entry of a row, by ascending column.
    fn for_each_entry(&self, row: usize, visit: impl FnMut(u32, f32));
}

/// The rows of a design, split into shared and private columns.
#[derive(Debug)]
pub(super) struct Split {
    /// The first shared columns: those that occur in at least half of the rows, if they are at
    /// least `FEWEST_DENSE`; otherwise none.
    dense: Dense,
    /// The other shared columns of each row, as (place among the shared columns, value).
    by_row: Compressed,
    /// The transpose of `by_row`: the rows of each shared column.
    by_column: Compressed,
    /// The columns of the design that occur in at least two rows, sorted by the number of these
    /// rows, the largest first.
    pub(super) shared: Vec<u32>,
    /// The length σ of each row's private column: 0 for a row without private entries.
    pub(super) private: Vec<f64>,
    /// (row, column of the design, value) of every entry in a private column that is not 0.
    pub(super) private_entries: Vec<(u32, u32, f32)>,
}

impl Split {
    /// Splits the rows of a design that has `n_columns` columns.
    pub(super) fn new(rows: &impl EntryRows, n_columns: usize) -> Self {
        let n = rows.n_rows();
        let mut counts = vec![0_u32; n_columns];
        for row in 0..n {
            rows.for_each_entry(row, |column, _| counts[column as usize] += 1);
        }
        let shared = by_falling_count(&counts, n);
        let width = dense_width(&counts, &shared, n);
        let mut dense = Dense::zeros(n, width);
        let n_private = counts.iter().filter(|count| **count == 1).count();
        let mut places = vec![NOT_SHARED; n_columns];
        for (place, column) in (0_u32..).zip(&shared) {
            places[*column as usize] = place;
        }
        let mut private = Vec::with_capacity(n);
        let mut private_entries = Vec::with_capacity(n_private);
        let mut starts = Vec::with_capacity(n + 1);
        // The other shared columns: all entries but those of private and of dense columns.
        let listed = shared[width..].iter().map(|column| counts[*column as usize] as usize).sum();
        let mut entries = Vec::with_capacity(listed);
        starts.push(0);
        for row in 0..n {
            let mut squares = 0.0;
            let dense = dense.row_mut(row);
            rows.for_each_entry(row, |column, value| {
                let place = places[column as usize];
                if (place as usize) < width {
                    dense[place as usize] = value;
                } else if place != NOT_SHARED {
                    entries.push((place, value));
                } else if value != 0.0 {
                    squares += f64::from(value) * f64::from(value);
                    private_entries.push((row as u32, column, value));
                }
            });
            private.push(squares.sqrt());
            starts.push(entries.len());
        }
        let by_row = Compressed { starts, entries };
        let by_column = by_row.transposed(shared.len());
        Self { dense, by_row, by_column, shared, private, private_entries }
    }

    /// Computes `out` = X `input` over the shared columns, and adds `base`, which has one array for
    /// each array of a row, to every row.
    pub(super) fn multiply<T: Scalar, const L: usize>(
        &self,
        input: &Lanes<T, L>,
        base: &[[T; L]],
        out: &mut Lanes<T, L>,
    ) {
        self.by_row.multiply(input, out, |_, array| base[array]);
        self.dense.add_product(input, out);
    }

    /// Computes `out` = Xᵀ `input` + `base(column, array)` for the shared columns. Further rows of
    /// `out` do not change.
    pub(super) fn multiply_transposed<T: Scalar, const L: usize>(
        &self,
        input: &Lanes<T, L>,
        base: impl Fn(usize, usize) -> [T; L] + Sync,
        out: &mut Lanes<T, L>,
    ) {
        self.by_column.multiply(input, out, base);
        self.dense.add_transposed_product(input, out);
    }

    /// Calls `visit` with (row, value) for every entry of the shared column at `place`.
    pub(super) fn for_each_in_column(&self, place: usize, mut visit: impl FnMut(usize, f64)) {
        if place < self.dense.width() {
            self.dense.column(place).enumerate().for_each(|(row, value)| visit(row, f64::from(value)));
        } else {
            self.by_column.row(place).iter().for_each(|(row, value)| visit(*row as usize, f64::from(*value)));
        }
    }
}

/// Returns the number of shared columns that occur in at least half of the rows, or 0 if there are
/// fewer than [`FEWEST_DENSE`].
fn dense_width(counts: &[u32], shared: &[u32], n_rows: usize) -> usize {
    let width = shared.partition_point(|column| counts[*column as usize] as usize * 2 >= n_rows);
    if width < FEWEST_DENSE { 0 } else { width }
}

/// Returns the columns that occur in at least two rows, sorted by the number of these rows, the
/// largest first; of equal numbers, the lowest column first. `counts` has the number of rows of
/// each column.
fn by_falling_count(counts: &[u32], n_rows: usize) -> Vec<u32> {
    // This is a counting sort, which takes time linear in the number of columns and keeps columns
    // of equal count in order.
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

#[cfg(test)]
mod tests {
    use super::*;

    impl EntryRows for Compressed {
        fn n_rows(&self) -> usize {
            self.n_rows()
        }

        fn for_each_entry(&self, row: usize, mut visit: impl FnMut(u32, f32)) {
            self.row(row).iter().for_each(|(column, value)| visit(*column, *value));
        }
    }

    /// Columns 0 and 4 in three rows, 3 in two, 1 and 2 in row 0 only, 5 in row 2 only, 6 in none.
    fn rows() -> Compressed {
        let entries = vec![
            (0, 1.0),
            (1, 3.0),
            (2, 4.0),
            (4, 2.0),
            (0, 5.0),
            (3, 6.0),
            (4, 7.0),
            (0, 8.0),
            (3, 9.0),
            (4, 1.0),
            (5, 0.5),
        ];
        Compressed { starts: vec![0, 4, 7, 11], entries }
    }

    #[test]
    fn columns_are_shared_or_private() {
        let split = Split::new(&rows(), 7);
        assert_eq!(split.shared, [0, 4, 3]);
        assert_eq!(split.private, [5.0, 0.0, 0.5]);
        assert_eq!(split.private_entries, [(0, 1, 3.0), (0, 2, 4.0), (2, 5, 0.5)]);
        assert_eq!(split.by_row.row(1), [(0, 5.0), (2, 6.0), (1, 7.0)]);
        assert_eq!(split.by_column.row(2), [(1, 6.0), (2, 9.0)]);
        let mut found = Vec::new();
        split.for_each_in_column(1, |row, value| found.push((row, value)));
        assert_eq!(found, [(0, 2.0), (1, 7.0), (2, 1.0)]);
    }

    #[test]
    fn products_are_the_same_with_columns_in_a_dense_matrix() {
        // 20 columns that every row has, and four columns that two of the eight rows have.
        let row = |row: u32| {
            let common = (0..20).map(move |column| (column, ((row * 3 + column * 5) % 7) as f32));
            common.chain([(20 + row / 2, 2.0)])
        };
        let compressed = Compressed {
            starts: (0..=8).map(|row| row * 21).collect(),
            entries: (0..8).flat_map(row).collect(),
        };
        let split = Split::new(&compressed, 24);
        assert_eq!((split.dense.width(), split.shared.len()), (20, 24));
        let mut input = Lanes::<f64, 4>::zeros(25, 1);
        for (place, values) in input.all_mut().iter_mut().enumerate() {
            *values = [1.0, place as f64, -1.0, 0.5];
        }
        let mut out = Lanes::zeros(8, 1);
        split.multiply(&input, &[[0.25; 4]], &mut out);
        let mut back = Lanes::zeros(25, 1);
        split.multiply_transposed(&out, |column, _| [column as f64; 4], &mut back);
        let place = |column: u32| split.shared.iter().position(|shared| *shared == column).unwrap();
        let mut expected = vec![[0.0; 4]; 24];
        expected.iter_mut().enumerate().for_each(|(column, expected)| *expected = [column as f64; 4]);
        for row in 0..8 {
            let mut logits = [0.25; 4];
            for (column, value) in compressed.row(row) {
                for (logit, weight) in logits.iter_mut().zip(input.row(place(*column))[0]) {
                    *logit += f64::from(*value) * weight;
                }
            }
            assert_eq!(out.row(row), [logits]);
            for (column, value) in compressed.row(row) {
                for (expected, logit) in expected[place(*column)].iter_mut().zip(logits) {
                    *expected += f64::from(*value) * logit;
                }
            }
        }
        assert_eq!(&back.all()[..24], expected);
        assert_eq!(back.row(24), [[0.0; 4]]);
    }
}
