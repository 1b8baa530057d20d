//! A start for a fit: an earlier model's parameters, moved to the columns and classes of a new
//! design.
//!
//! A start changes how long a fit takes, not its result, because the objective has one optimum. So
//! an earlier model that does not match the features or the label set is simply not used.

use ndarray::{Array2, Axis};
use querist_core::Linear;

use crate::training::Training;

/// Returns the parameters of the model `earlier` for the d' columns `columns` and the classes seen
/// in `training`, (d' + 1, classes seen), with the intercept in the last row. They are 0 for a
/// column that the earlier model lacks. `None` if the earlier model has another number of features
/// or classes, or a number that is not finite.
pub(crate) fn start(earlier: Linear<'_>, columns: &[u32], training: &Training<'_>) -> Option<Array2<f64>> {
    let weights = earlier.weights;
    if weights.n_columns() != training.features.n_columns()
        || weights.n_outputs() != training.n_classes
        || earlier.intercept.len() != training.n_classes
    {
        return None;
    }
    let mut out = Array2::zeros((columns.len() + 1, training.n_seen()));
    let mut known = weights.columns().iter().zip(weights.values().axis_iter(Axis(0))).peekable();
    for (mut row, column) in out.axis_iter_mut(Axis(0)).zip(columns) {
        while known.next_if(|(earlier, _)| *earlier < column).is_some() {}
        if let Some((_, values)) = known.next_if(|(earlier, _)| *earlier == column) {
            for (to, class) in row.iter_mut().zip(&training.classes) {
                *to = values[*class];
            }
        }
    }
    for (rank, class) in training.classes.iter().enumerate() {
        out[(columns.len(), rank)] = earlier.intercept[*class];
    }
    out.iter().all(|number| number.is_finite()).then_some(out)
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Class, ColumnWeights, Examples, Features};

    use super::*;
    use crate::weights::ClassWeights;

    #[test]
    fn columns_and_classes_find_their_places() {
        let features = Features::Dense(Array2::zeros((2, 6)));
        let examples =
            Examples { features: &features, targets: &[Class(0), Class(3)], weights: None, n_classes: 4 };
        let training = Training::new(&examples, &ClassWeights::None).unwrap();
        let values = array![[1.0, 9.0, 9.0, 2.0], [3.0, 9.0, 9.0, 4.0], [5.0, 9.0, 9.0, 6.0]];
        let weights = ColumnWeights::new(6, vec![0, 2, 5], values).unwrap();
        let intercept = [0.5, 9.0, 9.0, -0.5];
        let earlier = Linear { weights: &weights, intercept: &intercept };
        let found = start(earlier, &[1, 2, 3, 5], &training).unwrap();
        assert_eq!(found, array![[0.0, 0.0], [3.0, 4.0], [0.0, 0.0], [5.0, 6.0], [0.5, -0.5]]);
        let other = ColumnWeights::new(7, vec![0], array![[1.0, 1.0, 1.0, 1.0]]).unwrap();
        assert_eq!(start(Linear { weights: &other, ..earlier }, &[1], &training), None);
        let fewer = ColumnWeights::new(6, vec![0], array![[1.0, 1.0]]).unwrap();
        assert_eq!(start(Linear { weights: &fewer, intercept: &[0.0, 0.0] }, &[1], &training), None);
    }
}
