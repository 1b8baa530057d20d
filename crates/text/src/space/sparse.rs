//! A sparse matrix as a factor in products with tall dense matrices.
//!
//! Unlike `Csr` of the core crate, it exists only during a fit. A fit keeps the matrix and its
//! transpose, so that both products run over rows. One thread sums each row of a product in a fixed
//! order, so the number of threads does not change the result.

use rayon::prelude::*;

use super::panels::{Panel, PanelRow, WIDTH};

/// The number of rows that one task multiplies.
const TASK: usize = 256;

/// A sparse matrix in compressed rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sparse {
    n_columns: usize,
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Sparse {
    /// Builds a matrix from rows of (column, value). The columns of a row must ascend and be below
    /// `n_columns`.
    pub(super) fn from_rows<R: AsRef<[(u32, f32)]>>(n_columns: usize, rows: &[R]) -> Self {
        let mut starts = Vec::with_capacity(rows.len() + 1);
        let mut entries = Vec::with_capacity(rows.iter().map(|row| row.as_ref().len()).sum());
        starts.push(0);
        for row in rows {
            entries.extend_from_slice(row.as_ref());
            starts.push(entries.len());
        }
        Self { n_columns, starts, entries }
    }

    /// Returns the number of rows.
    pub(super) fn n_rows(&self) -> usize {
        self.starts.len() - 1
    }

    /// Returns the number of columns.
    pub(super) fn n_columns(&self) -> usize {
        self.n_columns
    }

    fn row(&self, row: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }

    /// Returns the transpose, in whose rows the columns ascend.
    pub(super) fn transposed(&self) -> Self {
        let mut starts = vec![0_usize; self.n_columns + 1];
        for (column, _) in &self.entries {
            starts[*column as usize + 1] += 1;
        }
        for column in 0..self.n_columns {
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
        Self { n_columns: self.n_rows(), starts, entries }
    }

    /// Returns the product of the matrix with a panel, which has one row for each column of the
    /// matrix.
    pub(super) fn times(&self, panel: &[PanelRow]) -> Panel {
        let mut out = vec![[0.0; WIDTH]; self.n_rows()];
        out.par_chunks_mut(TASK).enumerate().for_each(|(task, out)| {
            for (offset, out) in out.iter_mut().enumerate() {
                let mut sum = [0.0_f32; WIDTH];
                for (column, value) in self.row(task * TASK + offset) {
                    let factor = &panel[*column as usize];
                    for (sum, factor) in sum.iter_mut().zip(factor) {
                        *sum += value * factor;
                    }
                }
                *out = sum;
            }
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Sparse {
        Sparse::from_rows(3, &[vec![(0, 1.0), (2, 2.0)], vec![], vec![(2, 3.0)], vec![(1, 4.0), (2, 5.0)]])
    }

    #[test]
    fn transposes_by_hand_and_back() {
        let transposed = sample().transposed();
        assert_eq!((transposed.n_rows(), transposed.n_columns()), (3, 4));
        assert_eq!(transposed.row(0), [(0, 1.0)]);
        assert_eq!(transposed.row(1), [(3, 4.0)]);
        assert_eq!(transposed.row(2), [(0, 2.0), (2, 3.0), (3, 5.0)]);
        assert_eq!(transposed.transposed(), sample());
    }

    #[test]
    fn multiplies_by_hand() {
        let mut panel = vec![[0.0; WIDTH]; 3];
        (panel[0][0], panel[1][0], panel[2][0]) = (1.0, 10.0, 100.0);
        panel[2][WIDTH - 1] = -1.0;
        let product = sample().times(&panel);
        assert_eq!(product.iter().map(|row| row[0]).collect::<Vec<_>>(), [201.0, 0.0, 300.0, 540.0]);
        assert_eq!(product.iter().map(|row| row[WIDTH - 1]).collect::<Vec<_>>(), [-2.0, 0.0, -3.0, -5.0]);
    }
}
