//! Made-up examples that several tests of this folder share.

use ndarray::Array2;
use querist_core::{Class, Csr, Examples, Features, Linear, Probabilities, Seed, Start};

/// Rows as a dense matrix.
pub(crate) fn dense(rows: &[Vec<f32>]) -> Features {
    let width = rows.first().map_or(0, Vec::len);
    Features::Dense(Array2::from_shape_fn((rows.len(), width), |(row, column)| rows[row][column]))
}

/// Rows as a sparse matrix.
pub(crate) fn sparse(rows: &[Vec<f32>]) -> Features {
    let mut csr = Csr::empty(rows.first().map_or(0, Vec::len));
    for row in rows {
        let (columns, values): (Vec<u32>, Vec<f32>) =
            (0..).zip(row).filter(|(_, value)| **value != 0.0).unzip();
        csr.push_row(&columns, &values).unwrap();
    }
    Features::Sparse(csr)
}

/// Classes from their numbers.
pub(crate) fn classes(targets: &[u16]) -> Vec<Class> {
    targets.iter().copied().map(Class).collect()
}

/// n rows like tf-idf rows of unit length, with k classes and 40 k columns. Some columns do not
/// occur, and words of other classes are mixed in.
pub(crate) fn rows(n: usize, k: usize, seed: u32) -> (Vec<Vec<f32>>, Vec<Class>) {
    let mut state = seed;
    let mut draw = move |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let row = |number: usize| {
        let mut values = vec![0.0_f32; 40 * k];
        for _ in 0..8 {
            let own = draw(35) * k + number % k;
            let column = if draw(2) == 0 { draw(35 * k) } else { own };
            values[column] = 1.0 + draw(4) as f32;
        }
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        values.into_iter().map(|value| value / length).collect()
    };
    ((0..n).map(row).collect(), (0..n).map(|number| Class::from_index(number % k)).collect())
}

/// Examples that all have weight 1.
pub(crate) fn plain<'a>(features: &'a Features, targets: &'a [Class], n_classes: usize) -> Examples<'a> {
    Examples { features, targets, weights: None, n_classes }
}

/// A start without an earlier model.
pub(crate) const COLD: Start<'static> = Start { warm: None, seed: Seed(7) };

/// A start from an earlier model.
pub(crate) fn from(model: Linear<'_>) -> Start<'_> {
    Start { warm: Some(model), ..COLD }
}

/// All rows of the features.
pub(crate) fn all(features: &Features) -> Vec<usize> {
    (0..features.n_rows()).collect()
}

/// The largest absolute difference between two tables of probabilities.
pub(crate) fn apart(p: &Probabilities, q: &Probabilities) -> f64 {
    assert_eq!(p.view().dim(), q.view().dim());
    p.view().iter().zip(q.view()).map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
}
