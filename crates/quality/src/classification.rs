//! The quality of predictions: accuracy, macro-F1, and each class's precision, recall and F1.
//!
//! With `TP_k` right predictions of class k, `s_k` items that have class k, and `m_k` predictions
//! of class k: `precision = TP_k / m_k`, `recall = TP_k / s_k`, `F1 = 2 TP_k / (s_k + m_k)`, each 0
//! if its denominator is 0. Macro-F1 is the plain mean of F1 over the classes that occur in the
//! truth or in the predictions, as in scikit-learn's `f1_score(average="macro")`: other classes do
//! not change it. Sources: van Rijsbergen, Information Retrieval, 2nd edition, 1979; Opitz and
//! Burst, Macro F1 and Macro F1, arXiv:1911.03347, 2019 (their "averaged F1").

use querist_core::Class;

use crate::confusion::Confusion;
use crate::error::QualityError;

/// The quality of the predictions for one class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassScores {
    /// The class.
    pub class: Class,
    /// The number of items of the class.
    pub support: usize,
    /// The number of items predicted as the class.
    pub predicted: usize,
    /// The number of right predictions of the class.
    pub correct: usize,
    /// The share of the class's predictions that are right, in [0, 1]; 0 without predictions.
    pub precision: f64,
    /// The share of the class's items that were found, in [0, 1]; 0 without items.
    pub recall: f64,
    /// The harmonic mean of precision and recall, in [0, 1].
    pub f1: f64,
}

/// The quality of the predictions for a set of items.
#[derive(Debug, Clone, PartialEq)]
pub struct Classification {
    /// The number of items, n.
    pub n: usize,
    /// The number of items that are predicted correctly.
    pub correct: usize,
    /// `correct / n`, in [0, 1]; `None` if n is 0.
    pub accuracy: Option<f64>,
    /// The mean of F1 over `classes`, in [0, 1]; `None` if n is 0.
    pub macro_f1: Option<f64>,
    /// The classes that occur in the truth or in the predictions, in label order.
    pub classes: Vec<ClassScores>,
    /// The number of items of each true class that were predicted as each class.
    pub confusion: Confusion,
}

/// Compares the predicted classes of n items with their true classes. All classes are below
/// `n_classes`.
///
/// # Errors
/// `truth` and `predicted` differ in length, or a class is not below `n_classes`.
pub fn classification(
    truth: &[Class],
    predicted: &[Class],
    n_classes: usize,
) -> Result<Classification, QualityError> {
    let confusion = Confusion::new(truth, predicted, n_classes)?;
    let classes = class_scores(&confusion);
    let (n, correct) = (confusion.n(), confusion.correct());
    let mean_f1 = || classes.iter().map(|scores| scores.f1).sum::<f64>() / classes.len() as f64;
    Ok(Classification {
        n,
        correct,
        accuracy: (n > 0).then(|| correct as f64 / n as f64),
        macro_f1: (n > 0).then(mean_f1),
        classes,
        confusion,
    })
}

/// Returns the scores of each class that occurs in the truth or in the predictions, in label order.
fn class_scores(confusion: &Confusion) -> Vec<ClassScores> {
    let mut support = vec![0; confusion.n_classes()];
    let mut predicted = vec![0; confusion.n_classes()];
    let mut correct = vec![0; confusion.n_classes()];
    for cell in confusion.cells() {
        support[cell.truth.index()] += cell.count;
        predicted[cell.predicted.index()] += cell.count;
        if cell.truth == cell.predicted {
            correct[cell.truth.index()] = cell.count;
        }
    }
    (0..confusion.n_classes())
        .filter(|&k| support[k] + predicted[k] > 0)
        .map(|k| ClassScores {
            class: Class::from_index(k),
            support: support[k],
            predicted: predicted[k],
            correct: correct[k],
            precision: ratio(correct[k], predicted[k]),
            recall: ratio(correct[k], support[k]),
            f1: ratio(2 * correct[k], support[k] + predicted[k]),
        })
        .collect()
}

/// Returns numerator / denominator, or 0 if the denominator is 0.
fn ratio(numerator: usize, denominator: usize) -> f64 {
    if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scored(truth: &[u16], predicted: &[u16]) -> Classification {
        let classes = |indices: &[u16]| indices.iter().copied().map(Class).collect::<Vec<_>>();
        classification(&classes(truth), &classes(predicted), 5).unwrap()
    }

    #[test]
    fn three_classes_by_hand() {
        let result = scored(&[0, 0, 0, 1, 1, 4], &[0, 0, 1, 1, 1, 0]);
        assert_eq!((result.n, result.correct), (6, 4));
        assert_eq!(result.accuracy, Some(4.0 / 6.0));
        let rows: Vec<_> =
            result.classes.iter().map(|s| (s.class.0, s.support, s.predicted, s.correct)).collect();
        assert_eq!(rows, [(0, 3, 3, 2), (1, 2, 3, 2), (4, 1, 0, 0)]);
        let values: Vec<_> = result.classes.iter().map(|s| (s.precision, s.recall, s.f1)).collect();
        assert_eq!(values, [(2.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0), (2.0 / 3.0, 1.0, 0.8), (0.0, 0.0, 0.0)]);
        assert!((result.macro_f1.unwrap() - (2.0 / 3.0 + 0.8) / 3.0).abs() < 1e-15);
    }

    #[test]
    fn a_class_that_is_only_predicted_counts_as_zero() {
        let result = scored(&[0, 0], &[0, 3]);
        assert_eq!(result.classes.len(), 2);
        assert_eq!((result.classes[1].recall, result.classes[1].f1), (0.0, 0.0));
        // F1 of class 0 is 2·1 / (2 + 1), and F1 of the other class is 0.
        assert_eq!(result.macro_f1, Some((2.0 / 3.0) / 2.0));
    }

    #[test]
    fn undefined_without_items() {
        let result = scored(&[], &[]);
        assert_eq!((result.accuracy, result.macro_f1), (None, None));
        assert!(result.classes.is_empty());
    }

    proptest! {
        #[test]
        fn counts_add_up(pairs in prop::collection::vec((0u16..5, 0u16..5), 1..80)) {
            let (truth, predicted): (Vec<u16>, Vec<u16>) = pairs.into_iter().unzip();
            let result = scored(&truth, &predicted);
            prop_assert_eq!(result.classes.iter().map(|s| s.support).sum::<usize>(), result.n);
            prop_assert_eq!(result.classes.iter().map(|s| s.predicted).sum::<usize>(), result.n);
            prop_assert_eq!(result.classes.iter().map(|s| s.correct).sum::<usize>(), result.correct);
            for scores in &result.classes {
                let sum = scores.precision + scores.recall;
                let harmonic = if sum > 0.0 { 2.0 * scores.precision * scores.recall / sum } else { 0.0 };
                prop_assert!((scores.f1 - harmonic).abs() < 1e-12);
            }
            prop_assert!((0.0..=1.0).contains(&result.macro_f1.unwrap()));
            let perfect = scored(&truth, &truth);
            prop_assert_eq!((perfect.accuracy, perfect.macro_f1), (Some(1.0), Some(1.0)));
        }
    }
}
