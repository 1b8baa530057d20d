//! Class quotas by expected class mass: over a batch, the probabilities of each class sum to its
//! quota.
//!
//! [`crate::RatioQuota`] counts a document for its likeliest class, so the quota of a rare class
//! that is never likeliest is filled with substitutes only. Here a document counts for every class
//! by its probability: the expected number of documents of class k in a batch is `Σ_i p_ik`.
//!
//! Cost: O(open × K), and n log n for each class.

use querist_core::{Class, LabelSet, Probabilities};
use rand::Rng;

use crate::error::QueryError;
use crate::quota::Ratio;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::top_k::top_k;
use crate::view::Pool;

const NAME: &str = "expected-mass";

/// Picks documents so that the expected number of documents of each class meets its quota.
///
/// Documents are picked one by one. The shortfall of a class k is `quota_k - Σ_i p_ik`, summed over
/// the picks i so far. Each time, the class with the largest shortfall is served: the remaining
/// document with the highest probability of this class is picked. Ties go to the first class and to
/// the smaller row. With calibrated probabilities, the batch meets its quotas in expectation, as
/// far as the pool allows.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedMass {
    /// The classes; a pick's reason contains the name of the class that it was picked for.
    pub labels: LabelSet,
    /// The rule that turns labelled counts into a quota for each class.
    pub ratio: Ratio,
    /// The number of labelled documents of each class, in label order.
    pub labeled_counts: Vec<usize>,
}

impl ExpectedMass {
    /// Returns n open rows, or all if there are fewer, in the order in which they were picked. Also
    /// returns the expected number of documents of each class among them, in label order.
    ///
    /// # Errors
    /// The pool has no probabilities, or the probabilities, the quota weights or the labelled
    /// counts do not fit the classes.
    pub fn expected(&self, pool: Pool<'_>, n: usize) -> Result<(Vec<Selected>, Vec<f64>), QueryError> {
        let probabilities = pool.predictions(NAME)?;
        let expected = self.labels.len();
        for (what, found) in [
            ("the probabilities", probabilities.n_classes()),
            ("the count of labelled documents", self.labeled_counts.len()),
        ] {
            if found != expected {
                return Err(QueryError::ClassCount { what, expected, found });
            }
        }
        let n = n.min(pool.open.len());
        let (picks, mass) = fill(probabilities, &self.ratio.quotas(n, &self.labeled_counts)?);
        let selected = |(place, class): (usize, Class)| Selected {
            row: pool.open[place],
            reason: format!("{NAME}:{}", self.labels.name(class)),
            fallback: false,
        };
        Ok((picks.into_iter().map(selected).collect(), mass))
    }
}

impl QueryStrategy for ExpectedMass {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    fn select(&self, pool: Pool<'_>, n: usize, _: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        Ok(self.expected(pool, n)?.0)
    }
}

/// Picks as many rows of `probabilities` as the quotas sum to; the sum must not exceed the number
/// of rows. Returns the picked rows, each with the class that it was picked for, and the summed
/// probability of each class.
fn fill(probabilities: &Probabilities, quotas: &[usize]) -> (Vec<(usize, Class)>, Vec<f64>) {
    let n: usize = quotas.iter().sum();
    let mut mass = vec![0.0; quotas.len()];
    // At most n rows are picked, so each class needs only its n likeliest rows.
    let likeliest: Vec<Vec<usize>> =
        (0..quotas.len()).map(|class| top_k(&probabilities.view().column(class).to_vec(), n)).collect();
    let mut next = vec![0; quotas.len()];
    let mut free = vec![true; probabilities.len()];
    let mut picks = Vec::with_capacity(n);
    while picks.len() < n {
        let lack = |class: usize| quotas[class] as f64 - mass[class];
        let class =
            (0..quotas.len()).fold(0, |most, class| if lack(class) > lack(most) { class } else { most });
        while likeliest[class].get(next[class]).is_some_and(|place| !free[*place]) {
            next[class] += 1;
        }
        let Some(&place) = likeliest[class].get(next[class]) else { break };
        free[place] = false;
        picks.push((place, Class::from_index(class)));
        for (mass, p) in mass.iter_mut().zip(probabilities.row(place)) {
            *mass += p;
        }
    }
    (picks, mass)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;
    use querist_core::{Features, Seed};

    use super::*;
    use crate::view::PoolView;

    fn strategy(weights: &[f64]) -> ExpectedMass {
        ExpectedMass {
            labels: LabelSet::new(["a", "b"]).unwrap(),
            ratio: Ratio::Weights(weights.to_vec()),
            labeled_counts: vec![0, 0],
        }
    }

    #[test]
    fn a_class_that_is_never_likeliest_gets_its_mass() {
        // The quotas are 2 and 1. Class a has the largest shortfall, so row 0 (0.9, 0.1) is picked.
        // Then the shortfalls are 1.1 and 0.9, so row 1 (0.8, 0.2) is picked for a. Then they are
        // 0.3 and 0.7, so row 4 is picked for b: it has the highest probability of b, although a is
        // likelier there.
        let features = Features::Dense(Array2::ones((5, 1)));
        let probabilities =
            Probabilities::new(array![[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.75, 0.25], [0.6, 0.4]]).unwrap();
        let pool =
            PoolView::new(&features, &[0, 1, 2, 3, 4]).with_probabilities(&probabilities).check().unwrap();
        let (picks, mass) = strategy(&[2.0, 1.0]).expected(pool, 3).unwrap();
        let found: Vec<(usize, &str)> = picks.iter().map(|pick| (pick.row, pick.reason.as_str())).collect();
        assert_eq!(found, [(0, "expected-mass:a"), (1, "expected-mass:a"), (4, "expected-mass:b")]);
        assert!((mass[0] - 2.3).abs() < 1e-12 && (mass[1] - 0.7).abs() < 1e-12, "{mass:?}");
        let error = strategy(&[1.0, 1.0, 1.0]).expected(pool, 3);
        assert_eq!(error, Err(QueryError::ClassCount { what: "a ratio", expected: 2, found: 3 }));
    }

    proptest! {
        #[test]
        fn where_the_pool_allows_the_mass_is_within_one_of_the_quotas(seed in 0u64..40, n in 1usize..60) {
            use rand::RngExt;
            let mut rng = Seed(seed).rng(1, "test");
            // Documents with all degrees of both classes, plenty of each.
            let rows = Array2::from_shape_fn((600, 2), |(row, _)| (row as f64 + rng.random::<f64>()) / 600.0);
            let rows = Array2::from_shape_fn((600, 2), |(row, class)| {
                if class == 0 { rows[(row, 0)] } else { 1.0 - rows[(row, 0)] }
            });
            let probabilities = Probabilities::new(rows).unwrap();
            let quotas = [n - n / 4, n / 4];
            let (picks, mass) = fill(&probabilities, &quotas);
            prop_assert_eq!(picks.len(), n);
            let worst = mass.iter().zip(quotas).map(|(mass, quota)| (mass - quota as f64).abs());
            prop_assert!(worst.fold(0.0, f64::max) <= 1.0);
        }
    }
}
