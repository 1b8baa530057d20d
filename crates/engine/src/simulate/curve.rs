//! Learning curves: the value of a metric against the number of answers, one curve per run.
//!
//! A model needs labels of two classes. At a point without a model, every metric has the value 0.

use super::results::{Results, RoundLine};

/// A metric, measured on the test set after each round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Proportion of correct predictions.
    Accuracy,
    /// Mean F1 over the classes.
    MacroF1,
    /// Mean recall over the rare classes that occur in the test set.
    RareRecall,
}

impl Metric {
    /// Returns the name of the metric in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro-F1",
            Self::RareRecall => "recall of the rare classes",
        }
    }

    /// Returns the metric's value after a round, in [0, 1]. `rare` holds the indices of the rare
    /// classes.
    pub fn of(self, line: &RoundLine, rare: &[usize]) -> f64 {
        match self {
            Self::Accuracy => line.accuracy.unwrap_or(0.0),
            Self::MacroF1 => line.macro_f1.unwrap_or(0.0),
            Self::RareRecall => {
                let known: Vec<f64> = rare.iter().filter_map(|class| line.recall[*class]).collect();
                known.iter().sum::<f64>() / known.len().max(1) as f64
            }
        }
    }
}

/// The learning curve of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Number of answers at each point, ascending.
    pub answers: Vec<usize>,
    /// Value of the metric at each point, in [0, 1].
    pub values: Vec<f64>,
}

impl Curve {
    /// Returns the learning curve of one run: the arm with index `arm` (a strategy), with this
    /// seed. `rare` holds the indices of the rare classes.
    pub fn of(results: &Results, arm: usize, seed: u64, metric: Metric, rare: &[usize]) -> Self {
        let lines = || results.run(arm, seed);
        Self {
            answers: lines().map(|line| line.answers).collect(),
            values: lines().map(|line| metric.of(line, rare)).collect(),
        }
    }

    /// Returns the mean of the values over the points. It shows how good the model is on average
    /// while a team is labelling.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len().max(1) as f64
    }

    /// Returns the last value; 0 for an empty curve.
    pub fn last(&self) -> f64 {
        self.values.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(accuracy: Option<f64>, recall: Vec<Option<f64>>) -> RoundLine {
        RoundLine {
            arm: "a".into(),
            seed: 0,
            round: 0,
            answers: 5,
            asked: 5,
            chosen: vec![],
            labeled: vec![],
            wrong: 0,
            undecided: 0,
            features: "lsa".into(),
            converged: None,
            accuracy,
            macro_f1: None,
            recall,
            stop: super::super::stopped::StopFigures::default(),
            seconds: 0.0,
        }
    }

    #[test]
    fn metrics_by_hand() {
        let some = line(Some(0.75), vec![Some(1.0), Some(0.5), None, Some(0.25)]);
        assert!((Metric::Accuracy.of(&some, &[]) - 0.75).abs() < 1e-15);
        // The test set has no document of class 2, so the mean is over classes 1 and 3.
        assert!((Metric::RareRecall.of(&some, &[1, 2, 3]) - 0.375).abs() < 1e-15);
        let none = line(None, vec![None; 4]);
        let metrics = [Metric::Accuracy, Metric::MacroF1, Metric::RareRecall];
        assert!(metrics.iter().all(|metric| metric.of(&none, &[0]).abs() < 1e-15));
    }

    #[test]
    fn mean_and_end_of_a_curve() {
        let curve = Curve { answers: vec![5, 10, 15], values: vec![0.2, 0.6, 0.7] };
        assert!((curve.mean() - 0.5).abs() < 1e-15);
        assert!((curve.last() - 0.7).abs() < 1e-15);
    }
}
