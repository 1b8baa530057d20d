//! Sparse rows (or columns, when transposed) and their product with lanes.
//!
//! Every output is the sum over one row's entries in a fixed order. So the result has the same bits
//! however the rows are split among threads.

use super::lanes::{Lanes, Scalar, add_scaled, added};

/// The fewest multiplications to give to a thread: with less work, passing it to the thread takes
/// longer than the work.
const WORK_A_TASK: usize = 1 << 18;

/// A sparse matrix in compressed rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compressed {
    /// The index in `entries` of each row's first entry, and at last the number of entries.
    pub(super) starts: Vec<usize>,
    /// The entries (column, value), row by row.
    pub(super) entries: Vec<(u32, f32)>,
}

impl Compressed {
    /// The number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the entries (column, value) of one row.
    pub(super) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }

    /// Returns the transpose, which has `n_columns` rows; the entries of each of its rows are
    /// sorted by column.
    pub(super) fn transposed(&self, n_columns: usize) -> Self {
        let mut starts = vec![0; n_columns + 1];
        for (column, _) in &self.entries {
            starts[*column as usize + 1] += 1;
        }
        for column in 0..n_columns {
            starts[column + 1] += starts[column];
        }
        // Rows are visited in order, so the entries of each column come out ascending.
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for row in 0..self.n_rows() {
            for (column, value) in self.row(row) {
                let place = &mut next[*column as usize];
                entries[*place] = (row as u32, *value);
                *place += 1;
            }
        }
        Self { starts, entries }
    }

    /// Computes `out[row] = base(row, array) + Σ value × input[column]`, summed over the entries of
    /// the row, for every row of this matrix and every array of `out`. Further rows of `out` do not
    /// change.
    pub(super) fn multiply<T: Scalar, const L: usize>(
        &self,
        input: &Lanes<T, L>,
        out: &mut Lanes<T, L>,
        base: impl Fn(usize, usize) -> [T; L] + Sync,
    ) {
        let out = &mut out.all_mut()[..self.n_rows() * input.arrays()];
        self.multiply_rows(0, input, out, &base);
    }

    /// Does the work of [`Self::multiply`] for some of the rows: they begin with the row `first`,
    /// and `out` has the place for their results.
    fn multiply_rows<T: Scalar, const L: usize>(
        &self,
        first: usize,
        input: &Lanes<T, L>,
        out: &mut [[T; L]],
        base: &(impl Fn(usize, usize) -> [T; L] + Sync),
    ) {
        let arrays = input.arrays();
        let last = first + out.len() / arrays;
        let count = self.starts[last] - self.starts[first];
        if last - first > 1 && count * L * arrays > 2 * WORK_A_TASK {
            // Split at half of the entries, not of the rows: in a transpose, the first rows have
            // far more entries than the others.
            let middle = self.starts[first] + count / 2;
            let cut = self.starts[first + 1..last].partition_point(|start| *start < middle);
            let cut = cut.clamp(1, last - first - 1);
            let (left, right) = out.split_at_mut(cut * arrays);
            rayon::join(
                || self.multiply_rows(first, input, left, base),
                || self.multiply_rows(first + cut, input, right, base),
            );
        } else if arrays == 1 {
            let rows = out.iter_mut().zip(first..);
            rows.for_each(|(out, row)| {
                *out = added(base(row, 0), &weighted_sum(self.row(row), input.all(), |place| place));
            });
        } else {
            // Process one array of all rows after the other, so that the arrays of `input`, which
            // are read in random order, stay in the cache.
            for array in 0..arrays {
                for (out, row) in out[array..].iter_mut().step_by(arrays).zip(first..) {
                    let sum = weighted_sum(self.row(row), input.all(), |place| place * arrays + array);
                    *out = added(base(row, array), &sum);
                }
            }
        }
    }
}

/// Returns Σ value × `input[at(column)]` over the entries, computed as several interleaved sums, so
/// that an addition need not wait for the one before.
#[inline]
fn weighted_sum<T: Scalar, const L: usize>(
    entries: &[(u32, f32)],
    input: &[[T; L]],
    at: impl Fn(usize) -> usize,
) -> [T; L] {
    if L <= 4 {
        weighted_sums::<T, L, 4>(entries, input, at)
    } else {
        weighted_sums::<T, L, 2>(entries, input, at)
    }
}

/// Returns the sum of [`weighted_sum`], computed as U interleaved sums.
#[inline]
fn weighted_sums<T: Scalar, const L: usize, const U: usize>(
    entries: &[(u32, f32)],
    input: &[[T; L]],
    at: impl Fn(usize) -> usize,
) -> [T; L] {
    let mut sums = [[T::ZERO; L]; U];
    let mut chunks = entries.chunks_exact(U);
    for chunk in &mut chunks {
        for (sum, (place, value)) in sums.iter_mut().zip(chunk) {
            add_scaled(sum, T::of(*value), &input[at(*place as usize)]);
        }
    }
    let mut total = [T::ZERO; L];
    for (place, value) in chunks.remainder() {
        add_scaled(&mut total, T::of(*value), &input[at(*place as usize)]);
    }
    for sum in &sums {
        total = added(total, sum);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_worked_by_hand() {
        let matrix = Compressed {
            starts: vec![0, 2, 2, 5],
            entries: vec![(0, 2.0), (2, 3.0), (0, 1.0), (1, -1.0), (2, 0.5)],
        };
        let transposed = matrix.transposed(3);
        assert_eq!(transposed.entries, [(0, 2.0), (2, 1.0), (2, -1.0), (0, 3.0), (2, 0.5)]);
        assert_eq!(transposed.starts, [0, 2, 3, 5]);
        assert_eq!(transposed.transposed(3), matrix);
        let mut input = Lanes::<f32, 4>::zeros(3, 2);
        for (row, values) in input.rows_mut().enumerate() {
            values[0] = [row as f32; 4];
            values[1] = [1.0, 10.0, 100.0, 1000.0];
        }
        let mut out = Lanes::zeros(4, 2);
        out.row_mut(3)[0] = [7.0; 4];
        matrix.multiply(&input, &mut out, |row, array| [(row + array) as f32; 4]);
        assert_eq!(out.row(0), [[6.0; 4], [6.0, 51.0, 501.0, 5001.0]]);
        assert_eq!(out.row(1), [[1.0; 4], [2.0; 4]]);
        assert_eq!(out.row(2), [[2.0; 4], [3.5, 8.0, 53.0, 503.0]]);
        assert_eq!(out.row(3), [[7.0; 4], [0.0; 4]]);
    }
}
