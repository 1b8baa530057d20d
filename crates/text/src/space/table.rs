//! A block of features that is a sum of vectors, one for each column of the counts: an embedding.
//!
//! A document's row is y / |y|, y = Σ tf(c(t)) s(t) (e(t) - o), summed over the columns t that have
//! a vector: c(t) is the count, e(t) the vector, s(t) its scale and o an offset, often 0. Latent
//! semantic analysis (e the right singular vectors, s the idf) and mean pooling of word-piece
//! vectors both have this form. The rows of a pool are never computed: see [`Table::fold`].
//!
//! Invariants: sums run in column order in single precision, lengths in double. A row without a
//! known column is 0.

use ndarray::Array2;
use rayon::prelude::*;

use super::learned::LearnedVectors;
use super::tfidf::Damping;
use super::vectors::{QUAD, Vectors};
use crate::entry::Entry;

/// The number of vectors for which one task computes folded weights.
const TASK: usize = 512;

/// The number of outputs that are folded at once.
const TILE: usize = 4;

/// Vectors of r values for v columns of the counts.
#[derive(Debug)]
pub(super) struct Table {
    /// The columns that have a vector, ascending, v of them.
    columns: Vec<u32>,
    /// For each column of the counts, the number of its vector, from 1; 0 if it has none.
    places: Vec<u32>,
    /// The row of `vectors` for each of the v columns; `None` if row i belongs to column i.
    rows: Option<Vec<u32>>,
    /// The scales s, one for each of the v columns.
    scales: Vec<f32>,
    /// The offset o, r values; `None` stands for 0.
    offset: Option<Vec<f32>>,
    vectors: Vectors,
    tf: Damping,
}

impl Table {
    /// Builds a table for counts of `n_columns` columns. `columns` must ascend and be below
    /// `n_columns`; each has a scale.
    pub(super) fn new(
        n_columns: usize,
        (columns, rows): (Vec<u32>, Option<Vec<u32>>),
        scales: Vec<f32>,
        (vectors, offset): (Vectors, Option<Vec<f32>>),
        tf: &Damping,
    ) -> Self {
        let mut places = vec![0; n_columns];
        for (place, column) in columns.iter().enumerate() {
            places[*column as usize] = place as u32 + 1;
        }
        Self { columns, places, rows, scales, offset, vectors, tf: *tf }
    }

    /// Returns the width r of a vector.
    pub(super) fn width(&self) -> usize {
        self.vectors.width()
    }

    /// Returns the columns of the counts that have a vector, ascending.
    pub(super) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The scales s, one for each of the v columns.
    pub(super) fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// Returns the vectors e and the offset o, as they are stored.
    pub(super) fn learned_vectors(&self) -> LearnedVectors {
        let (width, precision) = (self.vectors.width(), self.vectors.precision());
        let bytes = self.vectors.bytes();
        // Without `rows`, a table may have more vectors than there are columns to use them.
        let end =
            if self.rows.is_some() { bytes.len() } else { self.columns.len() * width * precision.bytes() };
        let (rows, offset) = (self.rows.clone(), self.offset.clone());
        LearnedVectors { width, precision, values: bytes[..end].to_vec(), rows, offset }
    }

    /// Returns the damping tf: the value of each possible count.
    pub(super) fn tf(&self) -> &Damping {
        &self.tf
    }

    fn row(&self, place: usize) -> usize {
        self.rows.as_ref().map_or(place, |rows| rows[place] as usize)
    }

    /// Adds the vector y of a row of counts to the r values of `sum`.
    pub(super) fn add(&self, counts: &[Entry], sum: &mut [f32]) {
        let mut total = 0.0;
        for entry in counts {
            if let Some(place) = (self.places[entry.column() as usize] as usize).checked_sub(1) {
                let factor = self.tf[entry.count() as usize] * self.scales[place];
                total += factor;
                self.vectors.add_scaled(self.row(place), factor, sum);
            }
        }
        // Since Σ f (e - o) = Σ f e - o Σ f, the offset is subtracted once for all columns.
        if let Some(offset) = &self.offset {
            sum.iter_mut().zip(offset).for_each(|(sum, offset)| *sum -= total * offset);
        }
    }

    /// Returns the length |y| for a row of counts.
    pub(super) fn length(&self, counts: &[Entry], scratch: &mut Vec<f32>) -> f32 {
        scratch.clear();
        scratch.resize(self.width(), 0.0);
        self.add(counts, scratch);
        scratch.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt() as f32
    }

    /// Converts weights W of the r features to weights of the counts, and returns them: for each
    /// column that has a vector, the values s (e - o) W, one for each output. y is linear in the
    /// counts, so the product of rows with W is the product of the counts with the folded weights,
    /// divided by |y|.
    pub(super) fn fold(&self, weights: &Array2<f32>) -> Vec<f32> {
        let k = weights.ncols();
        if k == 0 {
            return Vec::new();
        }
        // Each tile has the weights of [`TILE`] outputs; the last one is filled up with zeros.
        let tiles: Vec<Vec<[f32; TILE]>> = (0..k.div_ceil(TILE))
            .map(|tile| {
                let at = |j: usize, lane: usize| weights.get([j, tile * TILE + lane]).copied().unwrap_or(0.0);
                (0..self.width()).map(|j| std::array::from_fn(|lane| at(j, lane))).collect()
            })
            .collect();
        let zero = vec![0.0; self.width()];
        let offset = self.offset.as_ref().unwrap_or(&zero);
        let shift: Vec<[f32; TILE]> = tiles.iter().map(|tile| times_tile::<1>([offset], tile)[0]).collect();
        let mut out = vec![0.0; self.columns.len() * k];
        out.par_chunks_mut(TASK * k).enumerate().for_each(|(task, out)| {
            let mut scratch = vec![0.0; QUAD * self.width()];
            let first = task * TASK;
            for (quad, out) in out.chunks_mut(QUAD * k).enumerate() {
                // The last quad repeats the last column; the zip with `out` drops the repetitions.
                let places: [usize; QUAD] =
                    std::array::from_fn(|lane| (first + quad * QUAD + lane).min(self.columns.len() - 1));
                let vectors = self.vectors.read(places.map(|place| self.row(place)), &mut scratch);
                for ((t, tile), shift) in tiles.iter().enumerate().zip(&shift) {
                    let products = times_tile(vectors, tile);
                    for ((out, place), product) in out.chunks_mut(k).zip(places).zip(products) {
                        for (lane, out) in out[t * TILE..].iter_mut().take(TILE).enumerate() {
                            *out = self.scales[place] * (product[lane] - shift[lane]);
                        }
                    }
                }
            }
        });
        out
    }
}

/// Returns the products of N vectors with one tile of weights, each summed in the order of the
/// values.
fn times_tile<const N: usize>(vectors: [&[f32]; N], tile: &[[f32; TILE]]) -> [[f32; TILE]; N] {
    let mut sums = [[0.0_f32; TILE]; N];
    let vectors = vectors.map(|vector| &vector[..tile.len()]);
    for (j, weights) in tile.iter().enumerate() {
        for (sum, vector) in sums.iter_mut().zip(&vectors) {
            for (sum, weight) in sum.iter_mut().zip(weights) {
                *sum += vector[j] * weight;
            }
        }
    }
    sums
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these sums are exact")]
mod tests {
    use ndarray::array;

    use super::super::tfidf::linear;
    use super::*;

    fn table(offset: Option<Vec<f32>>) -> Table {
        let vectors = Vectors::new(2, &[9.0, 9.0, 1.0, 2.0, 3.0, -1.0]);
        let rows = Some(vec![1, 2]);
        Table::new(8, (vec![2, 5], rows), vec![1.0, 0.5], (vectors, offset), &linear())
    }

    #[test]
    fn sums_of_vectors_by_hand() {
        let counts = [Entry::new(2, 3), Entry::new(4, 9), Entry::new(5, 2)];
        let mut sum = [0.0; 2];
        table(None).add(&counts, &mut sum);
        // 3 (1, 2) + 2 · 0.5 (3, -1).
        assert_eq!(sum, [6.0, 5.0]);
        let mut scratch = Vec::new();
        assert_eq!(table(None).length(&counts, &mut scratch), 61f32.sqrt());
        assert_eq!(table(None).length(&counts[1..2], &mut scratch), 0.0);
        let mut sum = [0.0; 2];
        table(Some(vec![1.0, 0.25])).add(&counts, &mut sum);
        assert_eq!(sum, [2.0, 4.0]);
    }

    #[test]
    fn folded_weights_by_hand() {
        let weights = array![[1.0, 0.0, 2.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0, 0.0]];
        assert_eq!(table(None).fold(&weights), [1.0, 2.0, 4.0, 0.0, 1.0, 1.5, -0.5, 2.5, 0.0, 1.5]);
        let shifted = table(Some(vec![1.0, 0.0])).fold(&weights);
        assert_eq!(shifted, [0.0, 2.0, 2.0, 0.0, 0.0, 1.0, -0.5, 1.5, 0.0, 1.0]);
    }
}
