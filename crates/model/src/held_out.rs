//! Logits of examples by models that did not see them. They decide the penalty and the calibration.

use ndarray::{Array2, ArrayView2, Axis};

use crate::probabilities::{largest, loss};

/// Logits of m examples, each by a model that did not see it.
#[derive(Debug, Clone)]
pub(crate) struct HeldOut {
    /// The rows of these m examples among all examples, ascending.
    pub(crate) rows: Vec<usize>,
    /// The logits, (m, classes seen in training).
    pub(crate) logits: Array2<f64>,
    /// For each of the m examples, the rank of its class among the classes seen, from 0.
    pub(crate) ranks: Vec<usize>,
    /// The weight of each of the m examples, without the weight of its class.
    pub(crate) weights: Vec<f64>,
}

impl HeldOut {
    /// Returns the log-loss of each of the m examples under `logits`, (m, classes seen), in nats.
    pub(crate) fn losses(&self, logits: ArrayView2<'_, f64>) -> Vec<f64> {
        let losses = logits.axis_iter(Axis(0)).zip(&self.ranks);
        losses.map(|(row, rank)| loss(&row.to_vec(), *rank)).collect()
    }

    /// Returns the mean log-loss under `logits`, (m, classes seen), in nats, weighted by the
    /// weights of the examples.
    pub(crate) fn mean_loss(&self, logits: ArrayView2<'_, f64>) -> f64 {
        self.mean(&self.losses(logits))
    }

    /// Returns the weighted share, from 0 to 1, of the examples whose own class has the largest of
    /// these logits.
    pub(crate) fn accuracy(&self) -> f64 {
        let right = self.logits.axis_iter(Axis(0)).zip(&self.ranks);
        let right = right.map(|(row, rank)| f64::from(u8::from(largest(&row.to_vec()) == *rank)));
        self.mean(&right.collect::<Vec<_>>())
    }

    /// Returns the mean of `values`, which holds one value for each example, weighted by the
    /// weights of the examples.
    pub(crate) fn mean(&self, values: &[f64]) -> f64 {
        let sum: f64 = values.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum();
        sum / self.weights.iter().sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn loss_and_accuracy_by_weights() {
        let held = HeldOut {
            rows: vec![0, 4],
            logits: array![[3_f64.ln(), 0.0], [0.0, 0.0]],
            ranks: vec![0, 1],
            weights: vec![1.0, 3.0],
        };
        let expected = (-(0.75_f64.ln()) + 3.0 * 2_f64.ln()) / 4.0;
        assert!((held.mean_loss(held.logits.view()) - expected).abs() < 1e-15);
        assert!((held.accuracy() - 0.25).abs() < 1e-15);
    }
}
