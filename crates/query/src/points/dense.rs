//! Dense rows in blocks, column by column within a block. So the compiler can multiply the rows of
//! a block by a vector side by side.

use ndarray::Array2;
use rayon::prelude::*;

/// The number of rows in a block. Their sums in double precision must fit into registers.
const LANES: usize = 16;

/// The minimum number of blocks in one parallel task.
const MIN_BLOCKS: usize = 8;

/// Rows in blocks; the last block is filled up with zeros.
pub(super) struct Blocks {
    n_columns: usize,
    /// The values: block by block, then column by column, then row by row.
    values: Vec<[f32; LANES]>,
}

impl Blocks {
    /// Copies the rows of the matrix into blocks.
    pub(super) fn new(matrix: &Array2<f32>) -> Self {
        let n_columns = matrix.ncols();
        let mut values = vec![[0.0; LANES]; matrix.nrows().div_ceil(LANES) * n_columns];
        for (row, from) in matrix.outer_iter().enumerate() {
            let start = row / LANES * n_columns;
            for (column, value) in from.iter().enumerate() {
                values[start + column][row % LANES] = *value;
            }
        }
        Self { n_columns, values }
    }

    /// Returns the (column, value) entries of one row, without zeros.
    pub(super) fn entries(&self, row: usize) -> Vec<(u32, f64)> {
        let start = row / LANES * self.n_columns;
        let block = &self.values[start..start + self.n_columns];
        let entries =
            block.iter().enumerate().map(|(column, lanes)| (column as u32, f64::from(lanes[row % LANES])));
        entries.filter(|(_, value)| *value != 0.0).collect()
    }

    /// Returns the sum of each column, added in the order of the rows, as (column, sum).
    pub(super) fn sums(&self) -> Vec<(u32, f64)> {
        // The zeros that fill up the last block add nothing.
        let mut sums = vec![0.0; self.n_columns];
        for (place, lanes) in self.values.iter().enumerate() {
            for lane in lanes {
                sums[place % self.n_columns] += f64::from(*lane);
            }
        }
        sums.into_iter().enumerate().map(|(column, sum)| (column as u32, sum)).collect()
    }

    /// Returns the scalar product of each of the first `n` rows with a vector.
    pub(super) fn products(&self, vector: &[(u32, f64)], n: usize) -> Vec<f64> {
        if self.n_columns == 0 {
            return vec![0.0; n];
        }
        let of_block = |block: &[[f32; LANES]]| {
            let mut sums = [0.0f64; LANES];
            for (column, value) in vector {
                let lanes = &block[*column as usize];
                for lane in 0..LANES {
                    sums[lane] += f64::from(lanes[lane]) * value;
                }
            }
            sums
        };
        let blocks = self.values.par_chunks(self.n_columns).with_min_len(MIN_BLOCKS);
        let mut products: Vec<f64> = blocks.flat_map_iter(of_block).collect();
        products.truncate(n);
        products
    }
}
