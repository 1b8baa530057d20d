//! Rows of features as points: scalar products of all rows with one vector, and the distances and
//! cosines computed from them.
//!
//! Every product is a sum in double precision in column order, whatever the layout, vector width or
//! number of threads. So dense and sparse rows of the same numbers give the same bits, and two
//! equal rows have a distance of exactly 0. A product with dense rows costs O(rows × columns); with
//! sparse rows it costs the number of stored values in the vector's columns. Distances are
//! Euclidean, and rows are not scaled for them. A cosine with a row of zeros is 0.

mod dense;
mod sparse;

use querist_core::{Features, Rows};

use crate::error::QueryError;
use crate::view;

/// Rows that can be compared with vectors.
pub(crate) struct Points {
    layout: Layout,
    /// The squared length of each row, in row order.
    squares: Vec<f64>,
}

/// The values of the rows, in the layout of the features.
enum Layout {
    Dense(dense::Blocks),
    Sparse(sparse::Lists),
}

/// A vector as (column, value) pairs in column order, and its squared length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Vector {
    entries: Vec<(u32, f64)>,
    square: f64,
}

impl Points {
    /// Reads the rows with these indices as points, in the order of `rows`.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub(crate) fn gather(features: &dyn Rows, rows: &[usize]) -> Result<Self, QueryError> {
        Ok(Self::new(view::gather(features, rows)?))
    }

    /// Turns all rows of the features into points.
    pub(crate) fn new(features: Features) -> Self {
        let square = |row: usize| {
            let mut sum = 0.0;
            features.for_each_entry(row, |_, value| sum += value * value);
            sum
        };
        let squares = (0..features.n_rows()).map(square).collect();
        let layout = match features {
            Features::Dense(matrix) => Layout::Dense(dense::Blocks::new(&matrix)),
            Features::Sparse(matrix) => Layout::Sparse(sparse::Lists::new(matrix)),
        };
        Self { layout, squares }
    }

    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.squares.len()
    }

    /// Returns the squared length of each row, in row order.
    pub(crate) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// Returns one row as a vector.
    pub(crate) fn vector(&self, row: usize) -> Vector {
        let entries = match &self.layout {
            Layout::Dense(blocks) => blocks.entries(row),
            Layout::Sparse(lists) => lists.entries(row),
        };
        Vector { entries, square: self.squares[row] }
    }

    /// Returns the mean of the rows, which are summed in their order; the zero vector if there are
    /// no rows.
    pub(crate) fn mean(&self) -> Vector {
        let sums = match &self.layout {
            Layout::Dense(blocks) => blocks.sums(),
            Layout::Sparse(lists) => lists.sums(),
        };
        let n = self.len() as f64;
        let means = sums.into_iter().filter(|(_, sum)| *sum != 0.0);
        let entries: Vec<(u32, f64)> = means.map(|(column, sum)| (column, sum / n)).collect();
        let square = entries.iter().map(|(_, value)| value * value).sum();
        Vector { entries, square }
    }

    /// Returns the scalar product of each row with a vector.
    pub(crate) fn products(&self, vector: &Vector) -> Vec<f64> {
        match &self.layout {
            Layout::Dense(blocks) => blocks.products(&vector.entries, self.len()),
            Layout::Sparse(lists) => lists.products(&vector.entries),
        }
    }

    /// Returns the squared Euclidean distance of each row x to a vector y, `|x|² + |y|² - 2 x·y`,
    /// at least 0.
    pub(crate) fn squared_distances(&self, vector: &Vector) -> Vec<f64> {
        let mut products = self.products(vector);
        for (product, square) in products.iter_mut().zip(&self.squares) {
            *product = (square + vector.square - 2.0 * *product).max(0.0);
        }
        products
    }

    /// Returns the cosine of each row to a vector, in [-1, 1]; 0 if the row or the vector is zero.
    pub(crate) fn cosines(&self, vector: &Vector) -> Vec<f64> {
        let mut products = self.products(vector);
        for (product, square) in products.iter_mut().zip(&self.squares) {
            // A single root of the product of the squares: equal rows then have a cosine of
            // exactly 1.
            let lengths = (square * vector.square).sqrt();
            *product = if lengths > 0.0 { (*product / lengths).clamp(-1.0, 1.0) } else { 0.0 };
        }
        products
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;
    use querist_core::Csr;

    use super::*;

    fn sparse_of(dense: &Array2<f32>) -> Points {
        let mut csr = Csr::empty(dense.ncols());
        for row in dense.outer_iter() {
            let columns: Vec<u32> = (0..row.len()).filter(|at| row[*at] != 0.0).map(|at| at as u32).collect();
            let values: Vec<f32> = columns.iter().map(|at| row[*at as usize]).collect();
            csr.push_row(&columns, &values).unwrap();
        }
        Points::new(Features::Sparse(csr))
    }

    #[test]
    fn distances_and_cosines_by_hand() {
        let dense = array![[3.0f32, 4.0], [0.0, 0.0], [0.0, 2.0]];
        for points in [sparse_of(&dense), Points::new(Features::Dense(dense))] {
            assert_eq!(points.squares(), [25.0, 0.0, 4.0]);
            assert_eq!(points.squared_distances(&points.vector(0)), [0.0, 25.0, 13.0]);
            assert_eq!(points.cosines(&points.vector(0)), [1.0, 0.0, 0.8]);
            assert_eq!(points.mean(), Vector { entries: vec![(0, 1.0), (1, 2.0)], square: 5.0 });
            assert_eq!(points.products(&points.mean()), [11.0, 0.0, 4.0]);
        }
    }

    proptest! {
        #[test]
        fn both_layouts_give_the_same_bits(
            values in prop::collection::vec(prop_oneof![Just(0.0f32), -2.0f32..2.0], 7..400),
        ) {
            let rows = values.len() / 7;
            let dense = Array2::from_shape_vec((rows, 7), values[..rows * 7].to_vec()).unwrap();
            let (sparse, dense) = (sparse_of(&dense), Points::new(Features::Dense(dense)));
            for row in 0..rows {
                prop_assert_eq!(sparse.vector(row), dense.vector(row));
                let distances = dense.squared_distances(&dense.vector(row));
                prop_assert_eq!(distances[row].to_bits(), 0.0f64.to_bits());
                prop_assert_eq!(sparse.squared_distances(&sparse.vector(row)), distances);
                prop_assert_eq!(sparse.cosines(&sparse.vector(row)), dense.cosines(&dense.vector(row)));
            }
            prop_assert_eq!(sparse.mean(), dense.mean());
        }
    }
}
