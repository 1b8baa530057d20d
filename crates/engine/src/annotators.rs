//! Simulated annotators: people of known skill, for demonstrations, tests and benchmarks.
//!
//! An annotator looks at a share of a batch and skips some of it. Each answer is drawn from the
//! annotator's confusion matrix (after Dawid and Skene, 1979): the row of the document's true class
//! holds the probability of each answer.

use querist_core::{Class, LabelSet};
use rand::{Rng, RngExt};
use serde::Deserialize;

use crate::error::EngineError;

/// One simulated annotator.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SimulatedAnnotator {
    /// The annotator's name.
    pub name: String,
    /// The share of a batch that the annotator looks at, in [0, 1].
    pub share: f64,
    /// The share of the documents looked at that the annotator skips, in [0, 1].
    pub skip: f64,
    /// Confusion matrix, shape (classes, classes): rows are true classes, columns are answers. Each
    /// row sums to 1.
    pub confusion: Vec<Vec<f64>>,
}

impl SimulatedAnnotator {
    /// Checks the shares and the confusion matrix against the labels.
    ///
    /// # Errors
    /// A share is outside [0, 1], the matrix does not have one row and one column per class, or a
    /// row is not a probability distribution.
    pub fn check(&self, labels: &LabelSet) -> Result<(), EngineError> {
        let fault =
            |problem: String| EngineError::MalformedAnnotator { annotator: self.name.clone(), problem };
        for (name, value) in [("share", self.share), ("skip", self.skip)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(fault(format!("has a {name} of {value}, expected 0 to 1")));
            }
        }
        let k = labels.len();
        if self.confusion.len() != k || self.confusion.iter().any(|row| row.len() != k) {
            return Err(fault(format!("has a confusion matrix of another size than {k} × {k}")));
        }
        for (class, row) in self.confusion.iter().enumerate() {
            let sum: f64 = row.iter().sum();
            if row.iter().any(|p| !(0.0..=1.0).contains(p)) || (sum - 1.0).abs() > 1e-9 {
                return Err(fault(format!(
                    "has a confusion row for \"{}\" that sums to {sum}",
                    labels.names()[class]
                )));
            }
        }
        Ok(())
    }

    /// Draws the annotator's answer to one document, whose true class is `truth`. Returns `None` if
    /// the annotator does not look at the document, and `Some(None)` if the annotator skips it.
    pub fn answer(&self, truth: Class, rng: &mut impl Rng) -> Option<Option<Class>> {
        if rng.random::<f64>() >= self.share {
            return None;
        }
        if rng.random::<f64>() < self.skip {
            return Some(None);
        }
        let mut left = rng.random::<f64>();
        let row = &self.confusion[truth.index()];
        for (class, p) in row.iter().enumerate() {
            left -= p;
            if left < 0.0 {
                return Some(Some(Class::from_index(class)));
            }
        }
        Some(Some(truth))
    }
}

#[cfg(test)]
mod tests {
    use querist_core::Seed;

    use super::*;

    fn annotator(share: f64, skip: f64) -> SimulatedAnnotator {
        let confusion = vec![vec![0.8, 0.2], vec![0.0, 1.0]];
        SimulatedAnnotator { name: "ana".into(), share, skip, confusion }
    }

    #[test]
    fn answers_follow_the_confusion_matrix() {
        let mut rng = Seed(1).rng(1, "test");
        let answers: Vec<_> = (0..20_000).map(|_| annotator(0.5, 0.1).answer(Class(0), &mut rng)).collect();
        let count =
            |wanted: Option<Option<Class>>| answers.iter().filter(|answer| **answer == wanted).count() as f64;
        // Four standard deviations of the frequency in 20,000 draws are below 0.015.
        for (wanted, expected) in
            [(None, 0.5), (Some(None), 0.05), (Some(Some(Class(0))), 0.36), (Some(Some(Class(1))), 0.09)]
        {
            assert!((count(wanted) / 20_000.0 - expected).abs() < 0.015, "{wanted:?}");
        }
        assert_eq!(annotator(1.0, 0.0).answer(Class(1), &mut rng), Some(Some(Class(1))));
    }

    #[test]
    fn a_description_must_hold_together() {
        let labels = LabelSet::new(["a", "b"]).unwrap();
        assert!(annotator(1.0, 0.0).check(&labels).is_ok());
        assert!(annotator(1.5, 0.0).check(&labels).is_err());
        let mut bad = annotator(1.0, 0.0);
        bad.confusion[0][0] = 0.9;
        assert!(bad.check(&labels).unwrap_err().to_string().contains("for \"a\" that sums to 1.1"));
        bad.confusion.pop();
        assert!(bad.check(&labels).is_err());
    }
}
