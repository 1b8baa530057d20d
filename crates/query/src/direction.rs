//! The mean direction of a set of rows. With it, the mean cosine of another row to the whole set
//! costs only one product.
//!
//! The mean of the cosines of x to rows r is the product of x / |x| with the mean of r / |r|. So
//! the cost is linear in the number of rows r and in the number of rows x, and never their product.

use ndarray::Array2;
use querist_core::{ColumnWeights, Rows};

use crate::error::QueryError;
use crate::view;

/// Returns the mean of the rows, each scaled to length 1, as a weight matrix with one output. A row
/// of zeros adds nothing to the sum but counts in the number of rows.
///
/// # Errors
/// The rows cannot be read.
pub(crate) fn mean_direction(features: &dyn Rows, rows: &[usize]) -> Result<ColumnWeights, QueryError> {
    let gathered = view::gather(features, rows)?;
    let lengths = features.norms(rows).map_err(view::unreadable)?;
    let mut mean = vec![0.0; gathered.n_columns()];
    for (row, length) in lengths.into_iter().enumerate().filter(|(_, length)| *length > 0.0) {
        let scale = length * rows.len() as f64;
        gathered.for_each_entry(row, |column, value| mean[column] += value / scale);
    }
    let columns: Vec<u32> = (0..mean.len() as u32).filter(|column| mean[*column as usize] != 0.0).collect();
    let values = Array2::from_shape_fn((columns.len(), 1), |(place, _)| mean[columns[place] as usize]);
    Ok(ColumnWeights::new(mean.len(), columns, values)?)
}

/// Returns, for each of `rows`, its mean cosine to the rows that `mean` was computed from, in [-1,
/// 1]; `None` for a row of zeros.
///
/// # Errors
/// The rows cannot be read.
pub(crate) fn mean_cosines(
    features: &dyn Rows,
    rows: &[usize],
    mean: &ColumnWeights,
) -> Result<Vec<Option<f64>>, QueryError> {
    let products = features.product(rows, mean).map_err(view::unreadable)?;
    let lengths = features.norms(rows).map_err(view::unreadable)?;
    let of_row = |(product, length): (&f64, f64)| (length > 0.0).then(|| product / length);
    Ok(products.iter().zip(lengths).map(of_row).collect())
}

#[cfg(test)]
mod tests {
    use querist_core::Features;

    use super::*;

    #[test]
    fn the_mean_of_the_cosines_by_hand() {
        let features = Features::Dense(ndarray::array![[2.0f32, 0.0], [0.0, 5.0], [3.0, 4.0], [0.0, 0.0]]);
        let mean = mean_direction(&features, &[0, 1]).unwrap();
        // The mean cosine of the third row is (0.6 + 0.8) / 2.
        let cosines = mean_cosines(&features, &[0, 2, 3], &mean).unwrap();
        assert!((cosines[0].unwrap() - 0.5).abs() < 1e-12 && (cosines[1].unwrap() - 0.7).abs() < 1e-7);
        assert_eq!(cosines[2], None);
    }
}
