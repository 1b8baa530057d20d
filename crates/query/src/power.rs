//! Power sampling: documents are drawn in proportion to a power of their uncertainty, instead of
//! picking the most uncertain ones.
//!
//! Kirsch et al. (2023), "Stochastic Batch Acquisition: A Simple Baseline for Deep Active
//! Learning": each label changes the scores of the other documents, so drawing a batch is better
//! than ranking it. `p(i) ∝ score_i^β` without replacement is the top of
//! `β ln score + Gumbel noise`. β = 0 is a uniform sample, and a large β is the plain top.
//! Documents with score 0 come last, the smaller row first.
//!
//! Cost: O(open × K), and one draw for each open document.

use rand::Rng;

use crate::draw::draw_without_replacement;
use crate::error::QueryError;
use crate::measure::Measure;
use crate::strategy::{Needs, QueryStrategy, Selected};
use crate::view::Pool;

/// Draws documents in proportion to a power of an uncertainty measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Power {
    /// The measure of uncertainty.
    pub measure: Measure,
    /// The exponent β, finite and at least 0. The paper's default is 1.
    pub exponent: f64,
}

impl Power {
    /// The exponent β in the paper.
    pub const EXPONENT: f64 = 1.0;

    /// Returns the name of the strategy with this measure.
    fn strategy_name(self) -> &'static str {
        match self.measure {
            Measure::Entropy => "power-entropy",
            Measure::LeastConfidence => "power-least-confidence",
            Measure::Margin => "power-margin",
            Measure::RatioOfConfidence => "power-ratio-of-confidence",
        }
    }
}

impl QueryStrategy for Power {
    fn name(&self) -> &'static str {
        self.strategy_name()
    }

    fn needs(&self) -> Needs {
        Needs::MODEL
    }

    /// Returns n open rows, or all if there are fewer, in the order in which they were drawn.
    ///
    /// # Errors
    /// The pool has no probabilities, or the exponent is negative or not finite.
    fn select(&self, pool: Pool<'_>, n: usize, rng: &mut dyn Rng) -> Result<Vec<Selected>, QueryError> {
        if !self.exponent.is_finite() || self.exponent < 0.0 {
            let expected = "a finite number, 0 or more";
            return Err(QueryError::InvalidNumber {
                what: "the exponent of power sampling",
                value: self.exponent,
                expected,
            });
        }
        let scores = self.measure.scores(pool.predictions(self.strategy_name())?);
        let log_mass = |score: f64| if score > 0.0 { self.exponent * score.ln() } else { f64::NEG_INFINITY };
        let logs: Vec<f64> = scores.into_iter().map(log_mass).collect();
        Ok(pool.selected(&draw_without_replacement(&logs, n, rng), self.strategy_name()))
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use querist_core::{Features, Probabilities, Seed};

    use super::*;
    use crate::view::PoolView;

    #[test]
    fn draws_follow_the_power_of_the_score() {
        // Least confidence is 0.5, 0.25 and 0. With β = 2, the first document is drawn first four
        // times as often as the second.
        let features = Features::Dense(array![[1.0f32, 0.0], [0.0, 1.0], [1.0, 1.0]]);
        let probabilities = Probabilities::new(array![[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]).unwrap();
        let pool = PoolView::new(&features, &[0, 1, 2]).with_probabilities(&probabilities).check().unwrap();
        let mut rng = Seed(1).rng(1, "test");
        let mut first_of = |exponent: f64| {
            let strategy = Power { measure: Measure::LeastConfidence, exponent };
            let mut counts = [0u32; 3];
            for _ in 0..5_000 {
                let picks = strategy.select(pool, 3, &mut rng).unwrap();
                assert_eq!(picks[2].row, 2, "a certain document comes last");
                counts[picks[0].row] += 1;
            }
            counts
        };
        assert!(first_of(2.0)[0].abs_diff(4_000) < 150);
        assert!(first_of(0.0)[0].abs_diff(2_500) < 180);
        let strategy = Power { measure: Measure::Entropy, exponent: -1.0 };
        let message = strategy.select(pool, 1, &mut rng).unwrap_err().to_string();
        assert_eq!(message, "the exponent of power sampling is -1: it must be a finite number, 0 or more");
    }
}
