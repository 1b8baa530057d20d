//! The Gram matrix of the rows of features: G = X Xᵀ, (n, n), in double precision.
//!
//! Sparse rows go through lists of the rows that hold each column, so the cost is the sum of squared column counts, not
//! n² comparisons of rows. Each row of G is one task and is summed in column order, so threads change nothing; G is
//! symmetric to the bit.

use ndarray::Array2;
use querist_core::{Csr, Features};
use rayon::prelude::*;

use crate::rows::{columns_seen, places};

/// G = X Xᵀ, (n, n).
pub(crate) fn gram(features: &Features) -> Array2<f64> {
    match features {
        Features::Sparse(matrix) => sparse_gram(features, matrix),
        Features::Dense(matrix) => {
            let rows = matrix.mapv(f64::from);
            rows.dot(&rows.t())
        }
    }
}

fn sparse_gram(features: &Features, matrix: &Csr) -> Array2<f64> {
    let n = matrix.n_rows();
    let columns = columns_seen(features);
    let places = places(&columns, matrix.n_columns());
    let mut holders: Vec<Vec<(usize, f64)>> = vec![Vec::new(); columns.len()];
    for row in 0..n {
        features.for_each_entry(row, |column, value| holders[places[column] as usize].push((row, value)));
    }
    let mut gram = vec![0.0; n * n];
    gram.par_chunks_mut(n.max(1)).enumerate().for_each(|(row, products)| {
        features.for_each_entry(row, |column, value| {
            for (other, other_value) in &holders[places[column] as usize] {
                products[*other] += value * other_value;
            }
        });
    });
    Array2::from_shape_fn((n, n), |(row, other)| gram[row * n + other])
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn sparse_and_dense_give_the_scalar_products() {
        let mut csr = Csr::empty(9);
        csr.push_row(&[0, 5], &[1.0, 2.0]).unwrap();
        csr.push_row(&[], &[]).unwrap();
        csr.push_row(&[5, 8], &[3.0, -1.0]).unwrap();
        let expected = array![[5.0, 0.0, 6.0], [0.0, 0.0, 0.0], [6.0, 0.0, 10.0]];
        assert_eq!(gram(&Features::Sparse(csr)), expected);
        let dense = array![[1.0, 2.0, 0.0], [0.0, 0.0, 0.0], [0.0, 3.0, -1.0]];
        assert_eq!(gram(&Features::Dense(dense)), expected);
    }
}
