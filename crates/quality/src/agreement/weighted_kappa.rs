//! Weighted kappa: Cohen's kappa in which some disagreements weigh more than others, with its
//! standard error.
//!
//! Let n be the number of items that both annotators labelled. Let d be the distance of two classes
//! (see [`Weights`]), and `n_kl` the number of items that the first annotator labelled k and the
//! second l. Let `r_k` and `c_l` be the numbers of items that the first labelled k and that the
//! second labelled l. Then
//!
//! `kappa_w = 1 - D_o / D_e = 1 - n Σ_k Σ_l n_kl d(k, l) / Σ_k Σ_l r_k c_l d(k, l)`,
//!
//! in integers until the final division. Without weights it equals the kappa of [`super::cohen`],
//! bit for bit. The standard error is the large-sample standard error of Fleiss, Cohen and Everitt,
//! computed as `sqrt(Σ_i U_i²) / n`, where an item labelled (a, b) has the influence
//!
//! `U_i = -((d(a, b) - D_o) / D_e - D_o / D_e² (Σ_l c_l d(a, l) / n + Σ_k r_k d(k, b) / n - 2 D_e))`,
//!
//! This is their formula, summed over items instead of pairs of classes, so the cost does not grow
//! with the square of the number of classes. The interval is kappa ± z times the standard error,
//! cut to [-1, 1], where z = 1.96. It is too narrow for few items, and has no width if the
//! annotators agree on every item. Sources: Cohen, Weighted kappa, Psychological Bulletin
//! 70(4):213-220, 1968; Fleiss, Cohen and Everitt, Large sample standard errors of kappa and
//! weighted kappa, Psychological Bulletin 72(5):323-327, 1969.

use querist_core::{Class, Interval, Z_95};
use serde::Serialize;

use super::distance::Weights;
use super::undefined::Undefined;
use crate::error::{QualityError, checked_index};

/// The fewest items for which an interval is computed, by a large-sample standard error or by
/// resampling.
pub const MIN_ITEMS: usize = 10;

/// The weighted agreement of two columns of labels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WeightedKappa {
    /// The number n of items that both annotators labelled.
    pub n: usize,
    /// Kappa, in [-1, 1]; `None` if it is undefined. 1 is perfect agreement, 0 is agreement as by
    /// chance.
    pub kappa: Option<f64>,
    /// The reason why there is no kappa; `None` if there is one.
    pub undefined: Option<Undefined>,
    /// The large-sample standard error of kappa; `None` if kappa is undefined.
    pub standard_error: Option<f64>,
    /// The 95 % interval that follows from the standard error; `None` if kappa is undefined or
    /// there are fewer than [`MIN_ITEMS`] items.
    pub interval: Option<Interval>,
}

/// Computes weighted kappa from `pairs`, which holds for each of n items the labels by two
/// annotators. Exchanging the annotators or reordering the items changes at most the last bits of
/// the standard error.
///
/// # Errors
/// A label is not below `n_classes`.
pub fn weighted_kappa(
    pairs: &[(Class, Class)],
    n_classes: usize,
    weights: Weights,
) -> Result<WeightedKappa, QualityError> {
    for (a, b) in pairs {
        checked_index(*a, n_classes)?;
        checked_index(*b, n_classes)?;
    }
    Ok(PairTable::new(pairs, weights).kappa())
}

/// Two columns of labels, and the sums from which kappa is computed.
pub(crate) struct PairTable {
    pairs: Vec<(Class, Class)>,
    weights: Weights,
    a: Column,
    b: Column,
    /// The observed sum of distances, `Σ_i d(a_i, b_i)`.
    observed: i128,
    /// The sum of distances by chance, times n: `Σ_k Σ_l r_k c_l d(k, l)`.
    by_chance: i128,
}

impl PairTable {
    /// Computes the sums for n pairs of labels, one pair for each item.
    pub(crate) fn new(pairs: &[(Class, Class)], weights: Weights) -> Self {
        let (a, b) = (
            Column::new(pairs.iter().map(|pair| pair.0), weights),
            Column::new(pairs.iter().map(|pair| pair.1), weights),
        );
        let observed = pairs.iter().map(|(a, b)| i128::from(weights.steps(*a, *b))).sum();
        let by_chance = pairs.iter().map(|(_, label)| a.steps_to(*label)).sum();
        Self { pairs: pairs.to_vec(), weights, a, b, observed, by_chance }
    }

    /// Returns kappa without its standard error, or the reason why it is undefined.
    pub(crate) fn value(&self) -> Result<f64, Undefined> {
        if self.pairs.is_empty() {
            Err(Undefined::NoSharedItems)
        } else if self.by_chance == 0 {
            Err(Undefined::OneLabelOnly)
        } else {
            let n = self.pairs.len() as i128;
            Ok((self.by_chance - n * self.observed) as f64 / self.by_chance as f64)
        }
    }

    /// Returns the influence `U_i` of each item on kappa, which must be defined. The mean of the
    /// influences is 0.
    pub(crate) fn influences(&self) -> impl Iterator<Item = f64> + '_ {
        let n = self.pairs.len() as f64;
        let (observed, by_chance) = (self.observed as f64 / n, self.by_chance as f64 / (n * n));
        self.pairs.iter().map(move |(a, b)| {
            let apart = self.weights.steps(*a, *b) as f64;
            let expected = (self.b.steps_to(*a) + self.a.steps_to(*b)) as f64 / n;
            observed / (by_chance * by_chance) * (expected - 2.0 * by_chance) - (apart - observed) / by_chance
        })
    }

    /// Returns kappa with its standard error and interval.
    pub(crate) fn kappa(&self) -> WeightedKappa {
        let n = self.pairs.len();
        match self.value() {
            Err(undefined) => WeightedKappa {
                n,
                kappa: None,
                undefined: Some(undefined),
                standard_error: None,
                interval: None,
            },
            Ok(kappa) => {
                let squares: f64 = self.influences().map(|influence| influence * influence).sum();
                let error = squares.sqrt() / n as f64;
                WeightedKappa {
                    n,
                    kappa: Some(kappa),
                    undefined: None,
                    standard_error: Some(error),
                    interval: (n >= MIN_ITEMS).then(|| around(kappa, error)),
                }
            }
        }
    }
}

/// Returns the 95 % interval of a kappa with this standard error, cut to [-1, 1].
pub(crate) fn around(kappa: f64, standard_error: f64) -> Interval {
    let half_width = Z_95 * standard_error;
    Interval { low: (kappa - half_width).max(-1.0), high: (kappa + half_width).min(1.0) }
}

/// A column of labels, prepared to sum its distances to any class.
struct Column {
    weights: Weights,
    /// The labels, sorted.
    labels: Vec<Class>,
    /// The sum of the labels' indices.
    sum: i128,
    /// The sum of the squares of the labels' indices.
    squares: i128,
}

impl Column {
    /// Sorts the labels and sums their indices, from which the distances follow.
    fn new(labels: impl Iterator<Item = Class>, weights: Weights) -> Self {
        let mut labels: Vec<Class> = labels.collect();
        labels.sort_unstable();
        let sum = labels.iter().map(|label| i128::from(label.0)).sum();
        let squares = labels.iter().map(|label| i128::from(label.0).pow(2)).sum();
        Self { weights, labels, sum, squares }
    }

    /// Returns the sum of the distances from all labels of the column to `class`, in time O(log n)
    /// for n labels.
    fn steps_to(&self, class: Class) -> i128 {
        match self.weights {
            Weights::Unweighted => {
                let equal = self.below(class.index() + 1) - self.below(class.index());
                (self.labels.len() - equal) as i128
            }
            Weights::Quadratic => self.squared(class),
        }
    }

    /// Returns the number of labels whose index is below `index`.
    fn below(&self, index: usize) -> usize {
        self.labels.partition_point(|label| label.index() < index)
    }

    /// Returns the sum of the squared distances from the labels to `class`.
    fn squared(&self, class: Class) -> i128 {
        // Σ (c - l)² over the n labels l is n c² - 2 c Σ l + Σ l².
        let place = i128::from(class.0);
        self.labels.len() as i128 * place * place - 2 * place * self.sum + self.squares
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cohen::cohen_kappa;
    use super::*;

    const ALL: [Weights; 2] = [Weights::Unweighted, Weights::Quadratic];

    fn pairs(a: &[u16], b: &[u16]) -> Vec<(Class, Class)> {
        a.iter().zip(b).map(|(a, b)| (Class(*a), Class(*b))).collect()
    }

    #[test]
    fn four_items_by_hand() {
        // The labels are (0, 0), (1, 2), (2, 2) and (0, 1), so the squared distances sum to 2. With
        // r = (2, 1, 1) and c = (1, 1, 2), Σ r c d = 2·1·1 + 2·2·4 + 1·1·1 + 1·2·1 + 1·1·4 + 1·1·1
        // = 26.
        let columns = pairs(&[0, 1, 2, 0], &[0, 2, 2, 1]);
        let kappa = weighted_kappa(&columns, 3, Weights::Quadratic).unwrap().kappa.unwrap();
        assert!((kappa - (1.0 - 8.0 / 26.0)).abs() < 1e-15);
    }

    #[test]
    fn few_items_have_no_interval_and_no_items_no_kappa() {
        let nine =
            weighted_kappa(&pairs(&[0, 1, 0, 1, 0, 1, 0, 1, 0], &[0; 9]), 2, Weights::Quadratic).unwrap();
        assert!(nine.standard_error.is_some() && nine.interval.is_none());
        let none = weighted_kappa(&[], 2, Weights::Quadratic).unwrap();
        assert_eq!((none.kappa, none.undefined), (None, Some(Undefined::NoSharedItems)));
        let same = weighted_kappa(&pairs(&[1; 12], &[1; 12]), 2, Weights::Quadratic).unwrap();
        assert_eq!((same.kappa, same.undefined), (None, Some(Undefined::OneLabelOnly)));
        let outside = QualityError::ClassOutOfRange { class: 2, n_classes: 2 };
        assert_eq!(weighted_kappa(&pairs(&[0], &[2]), 2, Weights::Quadratic), Err(outside));
    }

    proptest! {
        #[test]
        fn is_the_sum_over_cells(labels in prop::collection::vec((0u16..5, 0u16..5), 1..50)) {
            let columns: Vec<_> = labels.iter().map(|(a, b)| (Class(*a), Class(*b))).collect();
            for weights in ALL {
                let (mut observed, mut by_chance) = (0, 0);
                for (a, own) in &columns {
                    observed += weights.steps(*a, *own) * columns.len() as u64;
                    by_chance += columns.iter().map(|(_, b)| weights.steps(*a, *b)).sum::<u64>();
                }
                let found = weighted_kappa(&columns, 5, weights).unwrap();
                prop_assert_eq!(found.kappa.is_none(), by_chance == 0);
                if let Some(kappa) = found.kappa {
                    prop_assert!((-1.0..=1.0).contains(&kappa));
                    prop_assert!((kappa - (1.0 - observed as f64 / by_chance as f64)).abs() < 1e-12);
                    let table = PairTable::new(&columns, weights);
                    prop_assert!(table.influences().sum::<f64>().abs() < 1e-9 * columns.len() as f64);
                }
            }
        }

        #[test]
        fn unweighted_is_cohen_bit_for_bit_and_two_classes_know_no_weights(
            labels in prop::collection::vec((0u16..5, 0u16..5), 0..50),
        ) {
            let columns: Vec<_> = labels.iter().map(|(a, b)| (Class(*a), Class(*b))).collect();
            let plain = cohen_kappa(&columns, 5).unwrap();
            let unweighted = weighted_kappa(&columns, 5, Weights::Unweighted).unwrap();
            prop_assert_eq!(plain.kappa.map(f64::to_bits), unweighted.kappa.map(f64::to_bits));
            prop_assert_eq!(plain.undefined, unweighted.undefined);
            let binary: Vec<_> = labels.iter().map(|(a, b)| (Class(*a % 2), Class(*b % 2))).collect();
            let first = weighted_kappa(&binary, 2, Weights::Unweighted).unwrap();
            for weights in ALL {
                prop_assert_eq!(weighted_kappa(&binary, 2, weights).unwrap(), first);
            }
        }
    }
}
