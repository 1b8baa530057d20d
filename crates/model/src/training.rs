//! The examples of a fit, checked once.
//!
//! Classes without examples take no part in a fit. The classes seen are numbered from 0 in the
//! order of the label set, and an example's rank is this number. Invariants: at least two classes
//! are seen; features are finite; weights are positive.

use ndarray::Array2;
use querist_core::{Class, Examples, Features};

use crate::error::ModelError;
use crate::weights::ClassWeights;

/// Examples that a classifier can be fitted to.
#[derive(Debug)]
pub(crate) struct Training<'a> {
    /// The features, (n, d).
    pub(crate) features: &'a Features,
    /// The class of each example, n of them.
    pub(crate) targets: &'a [Class],
    /// The rank of each target among the classes seen, n of them.
    pub(crate) ranks: Vec<u32>,
    /// The classes seen, ascending.
    pub(crate) classes: Vec<usize>,
    /// The number of classes K of the whole label set.
    pub(crate) n_classes: usize,
    /// The weight of each of the n examples, by which held-out losses are weighted; `None` stands
    /// for 1 each.
    pub(crate) sample_weights: Option<&'a [f64]>,
    /// The sample weight of each of the n examples times the weight of its class, by which the fit
    /// is weighted; `None` stands for 1 each.
    pub(crate) weights: Option<Vec<f64>>,
}

impl<'a> Training<'a> {
    /// Checks the examples, and computes the ranks of their classes and their weights.
    ///
    /// # Errors
    /// The examples have fewer than two classes or a class that is not below `n_classes`, the
    /// lengths of their parts differ, a feature is not finite, or a weight is not above 0.
    pub(crate) fn new(examples: &Examples<'a>, class_weights: &ClassWeights) -> Result<Self, ModelError> {
        let Examples { features, targets, weights: sample_weights, n_classes } = *examples;
        check_lengths(examples)?;
        let seen = seen(targets, n_classes)?;
        check_finite(features)?;
        let classes: Vec<usize> = (0..n_classes).filter(|class| seen[*class]).collect();
        let rank = |target: &Class| classes.partition_point(|class| *class < target.index()) as u32;
        let ranks: Vec<u32> = targets.iter().map(rank).collect();
        let mut totals = vec![0.0; classes.len()];
        for (row, rank) in ranks.iter().enumerate() {
            totals[*rank as usize] += sample_weights.map_or(1.0, |weights| weights[row]);
        }
        let weights = match class_weights.factors(&classes, &totals, n_classes)? {
            None => sample_weights.map(<[f64]>::to_vec),
            Some(factors) => {
                let weight = |(row, rank): (usize, &u32)| {
                    factors[*rank as usize] * sample_weights.map_or(1.0, |weights| weights[row])
                };
                Some(ranks.iter().enumerate().map(weight).collect())
            }
        };
        Ok(Self { features, targets, ranks, classes, n_classes, sample_weights, weights })
    }

    /// The number of examples, n.
    pub(crate) fn n(&self) -> usize {
        self.targets.len()
    }

    /// The number of classes seen.
    pub(crate) fn n_seen(&self) -> usize {
        self.classes.len()
    }

    /// Returns the factor alpha of the penalty |W|²/2 that corresponds to the inverse strength C.
    ///
    /// For two classes, scikit-learn has a single weight vector w, which is w1 - w2 here, and
    /// penalises |w|²/2 with the factor 1/C. At the optimum of the softmax w1 = -w2 = w/2, so |W|²
    /// = |w|²/2. So alpha = 2/C makes the two objectives equal.
    pub(crate) fn alpha(&self, c: f64) -> f64 {
        if self.n_seen() == 2 { 2.0 / c } else { 1.0 / c }
    }

    /// The weight of the example in this row, without the weight of its class.
    pub(crate) fn sample_weight(&self, row: usize) -> f64 {
        self.sample_weights.map_or(1.0, |weights| weights[row])
    }

    /// Returns the share of each class seen in the sum of the sample weights; the shares sum to 1.
    pub(crate) fn class_shares(&self) -> Vec<f64> {
        let mut shares = vec![0.0; self.n_seen()];
        for (row, rank) in self.ranks.iter().enumerate() {
            shares[*rank as usize] += self.sample_weight(row);
        }
        let all: f64 = shares.iter().sum();
        shares.iter().map(|share| share / all).collect()
    }

    /// Expands a matrix with a column for each class seen, (m, classes seen), to a column for each
    /// of all K classes, (m, K). The columns of other classes are 0.
    pub(crate) fn scatter(&self, seen_only: &Array2<f64>) -> Array2<f64> {
        let mut out = Array2::zeros((seen_only.nrows(), self.n_classes));
        for (column, class) in seen_only.columns().into_iter().zip(&self.classes) {
            out.column_mut(*class).assign(&column);
        }
        out
    }
}

/// Checks that there is one target and, if there are weights, one positive finite weight for each
/// row.
fn check_lengths(examples: &Examples<'_>) -> Result<(), ModelError> {
    let rows = examples.features.n_rows();
    if rows != examples.targets.len() {
        return Err(ModelError::LengthMismatch { rows, targets: examples.targets.len() });
    }
    let Some(weights) = examples.weights else { return Ok(()) };
    if rows != weights.len() {
        return Err(ModelError::WeightCount { rows, weights: weights.len() });
    }
    for (row, value) in weights.iter().copied().enumerate() {
        if !(value.is_finite() && value > 0.0) {
            return Err(ModelError::InvalidWeight { row, value });
        }
    }
    Ok(())
}

/// Returns, for each of `n_classes` classes, whether it occurs among the targets.
///
/// # Errors
/// A target is not below `n_classes`, or fewer than two classes occur.
fn seen(targets: &[Class], n_classes: usize) -> Result<Vec<bool>, ModelError> {
    let mut seen = vec![false; n_classes];
    for (row, class) in targets.iter().map(|target| target.index()).enumerate() {
        *seen.get_mut(class).ok_or(ModelError::ClassOutOfRange { row, class, n_classes })? = true;
    }
    match seen.iter().filter(|seen| **seen).count() {
        0 | 1 => Err(ModelError::TooFewClasses { seen: seen.iter().filter(|seen| **seen).count() }),
        _ => Ok(seen),
    }
}

/// Checks that no feature is NaN or infinite.
fn check_finite(features: &Features) -> Result<(), ModelError> {
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

    use super::*;

    #[test]
    fn ranks_weights_and_shares_worked_by_hand() {
        let features = Features::Dense(Array2::zeros((4, 1)));
        let targets = [Class(3), Class(1), Class(3), Class(3)];
        let sample = [1.0, 2.0, 0.5, 0.5];
        let examples =
            Examples { features: &features, targets: &targets, weights: Some(&sample), n_classes: 5 };
        let training = Training::new(&examples, &ClassWeights::Balanced).unwrap();
        assert_eq!(
            (training.ranks.as_slice(), training.classes.as_slice()),
            (&[1, 0, 1, 1][..], &[1, 3][..])
        );
        // Both classes stand for 2 of 4 examples, so each has the weight 4 / (2 · 2) = 1.
        assert_eq!(training.weights.as_deref(), Some(&sample[..]));
        assert_eq!(training.class_shares(), [0.5, 0.5]);
        assert_eq!(training.scatter(&array![[7.0, 8.0]]), array![[0.0, 7.0, 0.0, 8.0, 0.0]]);
        assert_eq!(training.alpha(10.0).to_bits(), 0.2_f64.to_bits());
        let plain = Examples { weights: None, ..examples };
        let training = Training::new(&plain, &ClassWeights::Balanced).unwrap();
        assert_eq!(training.weights, Some(vec![4.0 / 6.0, 2.0, 4.0 / 6.0, 4.0 / 6.0]));
        assert_eq!(Training::new(&plain, &ClassWeights::None).unwrap().weights, None);
    }

    #[test]
    fn refuses_values_that_are_not_finite() {
        let dense = |value| Features::Dense(array![[0.0], [value]]);
        assert_eq!(check_finite(&dense(1.0)), Ok(()));
        assert_eq!(check_finite(&dense(f32::NAN)), Err(ModelError::NotFinite { row: 1 }));
        assert_eq!(check_finite(&dense(f32::INFINITY)), Err(ModelError::NotFinite { row: 1 }));
    }
}
