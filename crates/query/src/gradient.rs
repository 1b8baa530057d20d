//! Expected gradient length: the documents whose label, whatever it is, would change the model
//! most.
//!
//! Settles, Craven and Ray (2008), "Multiple-Instance Active Learning". For multinomial logistic
//! regression the gradient of -ln p(k) with respect to weights and intercept is `(p - e_k) ⊗ x~`
//! with `x~ = (x, 1)`. So its length is `|p - e_k| · |x~|`, and its expectation under the model's
//! own probabilities has a closed form. If rows are not of length 1, long documents move the
//! weights more.
//!
//! Cost: one pass over the open rows, O(open × (K + stored values)).

use ndarray::ArrayView1;
use rand::Rng;

use crate::diversify::diversified_top;
use crate::error::QueryError;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::{self, Pool};

const NAME: &str = "expected-gradient-length";

/// Picks the documents whose label is expected to change the model most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExpectedGradientLength {
    /// The number m of candidates for each requested document. For n requested documents, the m·n
    /// best candidates are clustered into n groups, and the best of each group is picked. With m =
    /// 0 or 1, the n best candidates are picked without clustering.
    pub diversity: usize,
}

impl QueryStrategy for ExpectedGradientLength {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, the longest expected gradient first.
    ///
    /// # Errors
    /// The pool has no probabilities, or its features cannot be read.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        let probabilities = pool.predictions(NAME)?;
        let lengths = pool.features.norms(pool.open).map_err(view::unreadable)?;
        let of_place =
            |(place, length): (usize, &f64)| expected_gradient_length(probabilities.row(place), *length);
        let scores: Vec<f64> = lengths.iter().enumerate().map(of_place).collect();
        let places = diversified_top(pool.features, pool.open, &scores, n, self.diversity, rng)?;
        Ok(pool.selected(&places, NAME))
    }
}

/// Returns the expected length of one document's gradient, `Σ_k p_k |p - e_k| · √(|x|² + 1)`, at
/// least 0. `row` has its class probabilities p, and `length` is the length |x| of its features.
/// Here `|p - e_k|² = Σ_j p_j² - 2 p_k + 1`.
pub fn expected_gradient_length(row: ArrayView1<'_, f64>, length: f64) -> f64 {
    let squares: f64 = row.iter().map(|p| p * p).sum();
    let of_class = |p: &f64| p * (squares - 2.0 * p + 1.0).max(0.0).sqrt();
    row.iter().map(of_class).sum::<f64>() * (length * length + 1.0).sqrt()
}

#[cfg(test)]
mod tests {
    use ndarray::{array, aview1};
    use querist_core::{Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn the_closed_form_by_hand() {
        // For p = (1/2, 1/2), |p - e_k| is √(1/4 + 1/4) for both classes. With x of length 0, only
        // the intercept remains.
        let half = expected_gradient_length(aview1(&[0.5, 0.5]), 0.0);
        assert!((half - 0.5f64.sqrt()).abs() < 1e-15, "{half}");
        // For p = (3/4, 1/4), the sum is 3/4 · √(1/8) + 1/4 · √(9/8) = 3 / (4 √2), which is
        // multiplied by √(3 + 1).
        let skewed = expected_gradient_length(aview1(&[0.75, 0.25]), 3f64.sqrt());
        assert!((skewed - 2.0 * 3.0 / (4.0 * 2f64.sqrt())).abs() < 1e-12, "{skewed}");
        assert!(expected_gradient_length(aview1(&[1.0, 0.0]), 9.0).abs() < 1e-15);
    }

    #[test]
    fn a_long_row_can_outweigh_an_unsure_one() {
        // The first two rows have the lengths √2 and 3√2 without the intercept. So their scores are
        // 0.707 · √3 = 1.22 and 0.53 · √19 = 2.31. The last row is certain.
        let features = Features::Dense(array![[1.0f32, 1.0], [3.0, 3.0], [9.0, 9.0]]);
        let probabilities = Probabilities::new(array![[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]).unwrap();
        let pool = PoolView::new(&features, &[0, 1, 2]).with_probabilities(&probabilities).check().unwrap();
        let picks =
            ExpectedGradientLength { diversity: 1 }.select(pool, 3, &mut Seed(1).rng(1, "test")).unwrap();
        assert_eq!(picks.iter().map(|pick| pick.row).collect::<Vec<_>>(), [1, 0, 2]);
    }
}
