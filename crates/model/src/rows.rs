//! What the training rows hold: the columns that occur, their places, and whether every value is finite.

use querist_core::Features;

use crate::error::ModelError;

/// The columns that occur in any row, ascending: all of them where the features are dense.
pub(crate) fn columns_seen(features: &Features) -> Vec<u32> {
    let mut seen = vec![matches!(features, Features::Dense(_)); features.n_columns()];
    if let Features::Sparse(matrix) = features {
        for row in 0..matrix.n_rows() {
            for column in matrix.row(row).0 {
                seen[*column as usize] = true;
            }
        }
    }
    (0_u32..).zip(seen).filter_map(|(column, seen)| seen.then_some(column)).collect()
}

/// The place of each column in `columns`; `u32::MAX` for those that are not there.
pub(crate) fn places(columns: &[u32], n_columns: usize) -> Vec<u32> {
    let mut places = vec![u32::MAX; n_columns];
    for (place, column) in (0_u32..).zip(columns) {
        places[*column as usize] = place;
    }
    places
}

/// Refuses NaN and infinity.
pub(crate) fn check_finite(features: &Features) -> Result<(), ModelError> {
    for row in 0..features.n_rows() {
        let mut finite = true;
        features.for_each_entry(row, |_, value| finite &= value.is_finite());
        if !finite {
            return Err(ModelError::NotFinite { row });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::Csr;

    use super::*;

    #[test]
    fn sparse_and_dense_rows_read_alike() {
        let mut csr = Csr::empty(4);
        csr.push_row(&[1, 3], &[2.0, 0.5]).unwrap();
        csr.push_row(&[3], &[1.0]).unwrap();
        let sparse = Features::Sparse(csr);
        let dense = Features::Dense(array![[0.0, 2.0, 0.0, 0.5], [0.0, 0.0, 0.0, 1.0]]);
        let entries = |features: &Features, row| {
            let mut found = Vec::new();
            features.for_each_entry(row, |column, value| found.push((column, value)));
            found
        };
        assert_eq!(entries(&sparse, 0), [(1, 2.0), (3, 0.5)]);
        assert_eq!(entries(&dense, 1), [(0, 0.0), (1, 0.0), (2, 0.0), (3, 1.0)]);
        assert_eq!(columns_seen(&sparse), [1, 3]);
        assert_eq!(columns_seen(&dense), [0, 1, 2, 3]);
        assert_eq!(places(&[1, 3], 4), [u32::MAX, 0, u32::MAX, 1]);
    }

    #[test]
    fn refuses_values_that_are_not_finite() {
        let dense = |value| Features::Dense(array![[0.0], [value]]);
        assert_eq!(check_finite(&dense(1.0)), Ok(()));
        assert_eq!(check_finite(&dense(f32::NAN)), Err(ModelError::NotFinite { row: 1 }));
        assert_eq!(check_finite(&dense(f32::INFINITY)), Err(ModelError::NotFinite { row: 1 }));
    }
}
