//! Proper scores of probabilities: the Brier score and the log-loss.
//!
//! The expectation of a proper score is lowest for the true probabilities, so it rewards both
//! calibrated and decided probabilities. `Brier = 1/n sum_i sum_k (p[i][k] - [k = truth_i])²`, from
//! 0 to 2. This is the original score over all classes; the common form for two classes is half of
//! it. `log-loss = -1/n sum_i ln p[i][truth_i]`, in nats. Sources: Brier, Verification of forecasts
//! expressed in terms of probability, Monthly Weather Review 78(1):1-3, 1950; Good, Rational
//! decisions, Journal of the Royal Statistical Society B 14(1):107-114, 1952.

use querist_core::{Class, Probabilities};

use crate::error::{QualityError, checked_index};

/// The log-loss raises lower probabilities to this value. A class never seen in training has
/// probability 0; with this floor, a document of this class adds -ln 1e-15 = 34.5 nats instead of
/// infinity.
pub const PROBABILITY_FLOOR: f64 = 1e-15;

/// Returns the mean Brier score, in [0, 2], of class probabilities, (n, K), for n items whose true
/// classes are `truth`; `None` if n is 0.
///
/// # Errors
/// The numbers of rows and true classes differ, or a true class is not below K.
pub fn brier_score(probabilities: &Probabilities, truth: &[Class]) -> Result<Option<f64>, QualityError> {
    let truth = checked(probabilities, truth)?;
    let rows = probabilities.view();
    let score = rows.outer_iter().zip(&truth).map(|(row, &class)| {
        let squares = |(k, p): (usize, &f64)| if k == class { (1.0 - p) * (1.0 - p) } else { p * p };
        row.iter().enumerate().map(squares).sum::<f64>()
    });
    Ok(mean(score.sum(), truth.len()))
}

/// Returns the mean log-loss in nats, from 0 to about 34.5, of class probabilities, (n, K), for n
/// items whose true classes are `truth`; `None` if n is 0.
///
/// # Errors
/// The numbers of rows and true classes differ, or a true class is not below K.
pub fn log_loss(probabilities: &Probabilities, truth: &[Class]) -> Result<Option<f64>, QualityError> {
    let truth = checked(probabilities, truth)?;
    let rows = probabilities.view();
    let loss = rows.outer_iter().zip(&truth).map(|(row, &class)| -row[class].max(PROBABILITY_FLOOR).ln());
    // Adding 0.0 turns -0.0, which would be printed with its sign, into 0.0.
    Ok(mean(loss.sum::<f64>() + 0.0, truth.len()))
}

/// Checks that there is one true class, below the number of classes, for each row, and returns the
/// classes as indices.
pub(crate) fn checked(probabilities: &Probabilities, truth: &[Class]) -> Result<Vec<usize>, QualityError> {
    let (expected, found) = (probabilities.len(), truth.len());
    if expected != found {
        return Err(QualityError::LengthMismatch { what: "the truth", expected, found });
    }
    truth.iter().map(|class| checked_index(*class, probabilities.n_classes())).collect()
}

/// Returns sum / n, or `None` if n is 0.
fn mean(sum: f64, n: usize) -> Option<f64> {
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn two_items_by_hand() {
        let p = Probabilities::new(array![[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]).unwrap();
        // The Brier scores of the two items are 0.5² + 0.25² + 0.75² and 0. Their log-losses are
        // -ln 0.25 and -ln 1.
        let truth = [Class(2), Class(1)];
        assert_eq!(brier_score(&p, &truth).unwrap(), Some((0.25 + 0.0625 + 0.5625) / 2.0));
        assert_eq!(log_loss(&p, &truth).unwrap(), Some(4f64.ln() / 2.0));
    }

    #[test]
    fn sure_and_wrong_is_the_worst_and_finite() {
        let p = Probabilities::new(array![[1.0, 0.0]]).unwrap();
        assert_eq!(brier_score(&p, &[Class(1)]).unwrap(), Some(2.0));
        assert_eq!(log_loss(&p, &[Class(1)]).unwrap(), Some(-PROBABILITY_FLOOR.ln()));
        let right = log_loss(&p, &[Class(0)]).unwrap().unwrap();
        assert_eq!(right.to_bits(), 0f64.to_bits());
    }

    #[test]
    fn undefined_without_items_and_refused_where_they_do_not_fit() {
        let none = Probabilities::new(Array2::zeros((0, 2))).unwrap();
        assert_eq!((brier_score(&none, &[]).unwrap(), log_loss(&none, &[]).unwrap()), (None, None));
        let one = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        let short = Err(QualityError::LengthMismatch { what: "the truth", expected: 1, found: 0 });
        assert_eq!(brier_score(&one, &[]), short);
        let outside = Err(QualityError::ClassOutOfRange { class: 2, n_classes: 2 });
        assert_eq!(log_loss(&one, &[Class(2)]), outside);
    }
}
