//! Learning curves: a metric against the answers so far, one curve a run.
//!
//! A state without a model (fewer than two classes labelled) predicts nothing and counts as 0.

use super::results::{Results, RoundLine};

/// What is measured on the test set after each round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Share of right predictions.
    Accuracy,
    /// Mean of the classes' F1.
    MacroF1,
    /// Mean recall of the rare classes that the test set has.
    RareRecall,
}

impl Metric {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::MacroF1 => "macro-F1",
            Self::RareRecall => "recall of the rare classes",
        }
    }

    /// Its value after a round, in [0, 1]. `rare` has the places of the rare classes.
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

/// One run's curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Answers so far, ascending.
    pub answers: Vec<usize>,
    /// The metric's values, as many.
    pub values: Vec<f64>,
}

impl Curve {
    /// The curve of a run.
    pub fn of(results: &Results, arm: usize, seed: u64, metric: Metric, rare: &[usize]) -> Self {
        let lines = || results.run(arm, seed);
        Self {
            answers: lines().map(|line| line.answers).collect(),
            values: lines().map(|line| metric.of(line, rare)).collect(),
        }
    }

    /// Mean over the points: what a team has on average while it labels.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len().max(1) as f64
    }

    /// The last value; 0 of an empty curve.
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
        // Of classes 1, 2 and 3 the test set does not have 2.
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
