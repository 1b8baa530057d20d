//! Unit rows of a dense matrix (embeddings) for k-means.
//!
//! Products run in single precision over a fixed number of lanes. So the compiler can vectorise
//! them, and the result is the same with any number of threads and any vector width. A library's
//! matrix product is not used, because its kernel, and so its rounding, depends on the processor.

use ndarray::Array2;
use rayon::prelude::*;

use super::UnitRows;

/// The number of rows that are compared with one centre while the rows are in the cache.
const BLOCK: usize = 32;

/// The number of partial sums of a product.
const LANES: usize = 16;

/// The rows, scaled to length 1.
pub(super) struct DenseRows {
    n_columns: usize,
    /// The values, row by row, (n, d).
    values: Vec<f32>,
    /// Whether each row has no direction, because its length is 0 or not finite.
    zero: Vec<bool>,
}

impl DenseRows {
    /// Copies the rows of the matrix and scales each to length 1; rows without a direction are
    /// marked as zero.
    pub(super) fn new(matrix: &Array2<f32>) -> Self {
        let n_columns = matrix.ncols();
        let mut values = Vec::with_capacity(matrix.len());
        let mut zero = Vec::with_capacity(matrix.nrows());
        for row in matrix.outer_iter() {
            let mut unit: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
            zero.push(!scale_to_unit(&mut unit));
            values.extend(unit.into_iter().map(|value| value as f32));
        }
        Self { n_columns, values, zero }
    }

    /// Returns the scaled values of one row.
    fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.n_columns..(row + 1) * self.n_columns]
    }
}

impl UnitRows for DenseRows {
    type Center = Vec<f32>;

    fn len(&self) -> usize {
        self.zero.len()
    }

    fn is_zero(&self, row: usize) -> bool {
        self.zero[row]
    }

    fn similarities(&self, row: usize) -> Vec<f64> {
        let center = self.row(row);
        (0..self.len()).into_par_iter().with_min_len(1024).map(|other| dot(self.row(other), center)).collect()
    }

    fn center_at(&self, row: usize) -> Vec<f32> {
        self.row(row).to_vec()
    }

    /// Sums the weighted members in double precision, and rounds only the finished centre.
    fn center_of(&self, members: &[usize], weights: &[f64]) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; self.n_columns];
        for &member in members {
            for (sum, value) in sum.iter_mut().zip(self.row(member)) {
                *sum += weights[member] * f64::from(*value);
            }
        }
        scale_to_unit(&mut sum).then(|| sum.into_iter().map(|value| value as f32).collect())
    }

    /// Compares every row with every centre, one block of rows after the other.
    fn nearest(&self, centers: &[Vec<f32>]) -> Vec<(usize, f64)> {
        // All centres are compared with one block of rows before the next block, so that the rows
        // stay in the cache.
        let starts: Vec<usize> = (0..self.len()).step_by(BLOCK).collect();
        let of_block = |start: usize| {
            let end = (start + BLOCK).min(self.len());
            let mut best = vec![(0, f64::NEG_INFINITY); end - start];
            for (center, values) in centers.iter().enumerate() {
                for (best, row) in best.iter_mut().zip(start..end) {
                    let similarity = dot(self.row(row), values);
                    if similarity > best.1 {
                        *best = (center, similarity);
                    }
                }
            }
            best
        };
        starts.into_par_iter().flat_map_iter(of_block).collect()
    }
}

/// Scales `values` to length 1 and returns true. If the length is 0 or not finite, changes nothing
/// and returns false.
fn scale_to_unit(values: &mut [f64]) -> bool {
    let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let has_direction = norm > 0.0 && norm.is_finite();
    if has_direction {
        for value in values {
            *value /= norm;
        }
    }
    has_direction
}

/// Returns the scalar product of two rows of equal length.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    // Lanes do not wait for each other's sums, so the processor can add them at the same time. The
    // fixed number of lanes fixes the order of the additions.
    let mut lanes = [0.0f32; LANES];
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| f64::from(*a) * f64::from(*b));
    lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>() + rest.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_any_length_by_hand() {
        // The sum 1·1 + 2·2 + … + d·d is d(d + 1)(2d + 1)/6. It is exact in single precision for
        // small d.
        for d in [0usize, 1, 15, 16, 17, 40] {
            let row: Vec<f32> = (1..=d).map(|value| value as f32).collect();
            assert_eq!(dot(&row, &row).to_bits(), ((d * (d + 1) * (2 * d + 1) / 6) as f64).to_bits(), "{d}");
        }
    }

    #[test]
    fn a_weighted_mean_by_hand() {
        let rows = DenseRows::new(&ndarray::array![[5.0f32, 0.0], [0.0, 2.0]]);
        // The sum 3 (1, 0) + 4 (0, 1) has the length 5.
        let center = rows.center_of(&[0, 1], &[3.0, 4.0]).unwrap();
        assert!((center[0] - 0.6).abs() < 1e-7 && (center[1] - 0.8).abs() < 1e-7, "{center:?}");
        assert!(rows.center_of(&[], &[3.0, 4.0]).is_none());
        assert!(rows.center_of(&[0], &[0.0, 4.0]).is_none());
        assert_eq!(rows.nearest(&[vec![0.0, 1.0], vec![0.0, 1.0]])[0], (0, 0.0));
    }
}
