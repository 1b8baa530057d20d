//! Sparse rows (or, transposed, columns) and their product with lanes.
//!
//! An output is the sum over one row's entries in a fixed order, so however the rows are split among threads the result
//! has the same bits.

use super::lanes::{Lanes, Scalar, add_scaled, added};

/// Entries that a thread takes at least: less is not worth a hand-over.
const ENTRIES_A_TASK: usize = 1 << 16;

/// A sparse matrix in compressed rows; each entry is the place it multiplies and its value.
#[derive(Debug, Clone, Default)]
pub(super) struct Compressed {
    /// Where each row's entries start, and where the last one's end.
    pub(super) starts: Vec<usize>,
    /// (place, value).
    pub(super) entries: Vec<(u32, f32)>,
}

impl Compressed {
    /// How many rows there are.
    pub(super) fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// The entries of a row.
    pub(super) fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }

    /// The transpose, (`n_columns`, rows); entries of its rows ascend.
    pub(super) fn transposed(&self, n_columns: usize) -> Self {
        let mut starts = vec![0; n_columns + 1];
        for (column, _) in &self.entries {
            starts[*column as usize + 1] += 1;
        }
        for column in 0..n_columns {
            starts[column + 1] += starts[column];
        }
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

    /// `out[row] += Σ value × input[place]` for every row and panel.
    pub(super) fn multiply<T: Scalar, const L: usize>(&self, input: &Lanes<T, L>, out: &mut Lanes<T, L>) {
        for panel in 0..input.panels() {
            let out = &mut out.panel_mut(panel)[..self.n_rows()];
            self.multiply_rows(0, input.panel(panel), out);
        }
    }

    fn multiply_rows<T: Scalar, const L: usize>(&self, first: usize, input: &[[T; L]], out: &mut [[T; L]]) {
        let last = first + out.len();
        let entries = self.starts[last] - self.starts[first];
        if out.len() > 1 && entries * L > 4 * ENTRIES_A_TASK * 2 {
            let middle = self.starts[first] + entries / 2;
            let cut = self.starts[first + 1..last].partition_point(|start| *start < middle);
            let (left, right) = out.split_at_mut(cut.clamp(1, out.len() - 1));
            let second = first + left.len();
            rayon::join(
                || self.multiply_rows(first, input, left),
                || self.multiply_rows(second, input, right),
            );
            return;
        }
        let mut start = self.starts[first];
        for (out, end) in out.iter_mut().zip(&self.starts[first + 1..=last]) {
            *out = added(*out, &weighted_sum(&self.entries[start..*end], input));
            start = *end;
        }
    }
}

/// Σ value × input[place]: several sums at once, so that one addition need not wait for the one before it.
#[inline]
fn weighted_sum<T: Scalar, const L: usize>(entries: &[(u32, f32)], input: &[[T; L]]) -> [T; L] {
    if L <= 4 { weighted_sums::<T, L, 4>(entries, input) } else { weighted_sums::<T, L, 2>(entries, input) }
}

#[inline]
fn weighted_sums<T: Scalar, const L: usize, const U: usize>(
    entries: &[(u32, f32)],
    input: &[[T; L]],
) -> [T; L] {
    let mut sums = [[T::ZERO; L]; U];
    let mut chunks = entries.chunks_exact(U);
    for chunk in &mut chunks {
        for (sum, (place, value)) in sums.iter_mut().zip(chunk) {
            add_scaled(sum, T::of(*value), &input[*place as usize]);
        }
    }
    let mut total = [T::ZERO; L];
    for (place, value) in chunks.remainder() {
        add_scaled(&mut total, T::of(*value), &input[*place as usize]);
    }
    for sum in &sums {
        total = added(total, sum);
    }
    total
}
