//! Calibration: whether the predictions to which a model gives a probability of 80 % are right in
//! 80 % of cases.
//!
//! The confidence of a prediction is the probability of its likeliest class. Bins hold predictions
//! of similar confidence. The reliability curve plots the accuracy of each bin against its mean
//! confidence. With gaps `g_b = accuracy_b - confidence_b` the expected calibration error is
//! `ECE = sum_b n_b/n |g_b|`, in [0, 1] (Naeini, Cooper and Hauskrecht, Obtaining well calibrated
//! probabilities using Bayesian binning, AAAI 2015; Guo, Pleiss, Sun and Weinberger, On calibration
//! of modern neural networks, ICML 2017). Only the probability of the likeliest class is examined,
//! because batches are chosen by it; the probabilities of the other classes are not.

mod expected_error;

use std::cmp::Ordering;

use querist_core::round::ReliabilityBin;
use querist_core::{Class, Interval, Probabilities, Proportion};

use crate::error::QualityError;
use crate::proper_score::{brier_score, checked, log_loss};

/// The fewest predictions in a bin of equal mass, unless there are fewer in all. With fewer, chance
/// would dominate the accuracy of a bin.
pub const MIN_BIN: usize = 20;

/// The way to divide predictions into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binning {
    /// About equally many predictions in each bin, at least [`MIN_BIN`], so there may be fewer bins
    /// than asked for. Predictions of equal confidence share a bin.
    ///
    /// This is the default (Nguyen and O'Connor, Posterior calibration and exploratory analysis for
    /// natural language processing models, EMNLP 2015): with bins of equal width, a few bins would
    /// hold most predictions of simple classifiers.
    EqualMass {
        /// The most bins, at least 1.
        bins: usize,
    },
    /// Bin m of M holds the confidences in ((m - 1)/M, m/M]; empty bins are left out.
    EqualWidth {
        /// The number of bins M, at least 1.
        bins: usize,
    },
}

impl Default for Binning {
    fn default() -> Self {
        Self::EqualMass { bins: 15 }
    }
}

/// The calibration of a set of predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The number of predictions n, at least 1.
    pub n: usize,
    /// The number of right predictions.
    pub correct: usize,
    /// The mean confidence, in [0, 1].
    pub confidence: f64,
    /// The expected calibration error without a correction, in [0, 1]. It can be compared with
    /// other tools, but is too high with few documents, because noise always adds to it.
    pub ece: f64,
    /// The true calibration error that a model must have so that its mean `ece` is the observed
    /// one, in [0, 1]. It is 0 if even a perfectly calibrated model would have a higher mean `ece`.
    pub ece_corrected: f64,
    /// The 95 % interval of the true calibration error. It need not include `ece`, which contains
    /// noise.
    pub ece_interval: Interval,
    /// The mean Brier score over all classes, in [0, 2].
    pub brier: f64,
    /// The mean log-loss, in nats, with probabilities of at least [`crate::PROBABILITY_FLOOR`].
    pub log_loss: f64,
    /// The reliability curve, by ascending confidence.
    pub bins: Vec<ReliabilityBin>,
}

/// Measures how well class probabilities, (n, K), are calibrated for n items whose true classes are
/// `truth`; `None` if n is 0. The order of the items does not matter.
///
/// # Errors
/// The numbers of rows and true classes differ, a true class is not below the number of classes K,
/// or `binning` asks for 0 bins.
pub fn calibration(
    probabilities: &Probabilities,
    truth: &[Class],
    binning: Binning,
) -> Result<Option<Calibration>, QualityError> {
    let (Binning::EqualMass { bins } | Binning::EqualWidth { bins }) = binning;
    if bins == 0 {
        return Err(QualityError::NoBins);
    }
    checked(probabilities, truth)?;
    let (Some(brier), Some(log_loss)) = (brier_score(probabilities, truth)?, log_loss(probabilities, truth)?)
    else {
        return Ok(None);
    };
    let predictions = ordered(probabilities, truth);
    // Bins are ranges of the sorted predictions, so their ends describe them.
    let ends = match binning {
        Binning::EqualMass { bins } => ends_by_mass(&predictions, bins),
        Binning::EqualWidth { bins } => ends_by_width(&predictions, bins),
    };
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let bins: Vec<ReliabilityBin> =
        starts.zip(&ends).filter_map(|(start, &end)| bin(&predictions[start..end])).collect();
    let error = expected_error::estimate(&bins);
    Ok(Some(Calibration {
        n: predictions.len(),
        correct: predictions.iter().filter(|prediction| prediction.right).count(),
        confidence: mean_confidence(&predictions),
        ece: error.seen,
        ece_corrected: error.corrected,
        ece_interval: error.interval,
        brier,
        log_loss,
        bins,
    }))
}

/// The probability of an item's likeliest class, and whether this class is the true one.
struct Prediction {
    confidence: f64,
    right: bool,
}

/// Returns the prediction for each item, by ascending confidence. The order among equal confidences
/// does not matter: they share a bin, in which only counts and sums are used.
fn ordered(probabilities: &Probabilities, truth: &[Class]) -> Vec<Prediction> {
    let prediction = |(row, class): (usize, &Class)| {
        let likeliest = probabilities.likeliest(row);
        Prediction { confidence: probabilities.of(row, likeliest), right: likeliest == *class }
    };
    let mut predictions: Vec<Prediction> = truth.iter().enumerate().map(prediction).collect();
    predictions.sort_unstable_by(|a, b| a.confidence.partial_cmp(&b.confidence).unwrap_or(Ordering::Equal));
    predictions
}

/// Returns the ends of at most `bins` bins of equal mass, as indices into the n predictions. The
/// end of bin b of B is n b / B, moved to the end of a run of equal confidences.
fn ends_by_mass(predictions: &[Prediction], bins: usize) -> Vec<usize> {
    let n = predictions.len();
    let bins = bins.min(n / MIN_BIN).max(1);
    let mut ends: Vec<usize> = (1..=bins)
        .map(|b| {
            let cut = n * b / bins;
            let last = predictions[cut - 1].confidence;
            cut + predictions[cut..].iter().take_while(|next| next.confidence <= last).count()
        })
        .collect();
    ends.dedup();
    ends
}

/// Returns the ends of the bins of equal width that are not empty, as indices into the predictions.
fn ends_by_width(predictions: &[Prediction], bins: usize) -> Vec<usize> {
    let place = |prediction: &Prediction| (prediction.confidence * bins as f64).ceil() as usize;
    let runs = predictions.chunk_by(|a, b| place(a) == place(b));
    runs.scan(0, |end, run| {
        *end += run.len();
        Some(*end)
    })
    .collect()
}

/// Returns the point of the reliability curve for the predictions of one bin; `None` if it is
/// empty.
fn bin(predictions: &[Prediction]) -> Option<ReliabilityBin> {
    let n = predictions.len();
    let correct = predictions.iter().filter(|prediction| prediction.right).count();
    Some(ReliabilityBin {
        lowest: predictions.first()?.confidence,
        highest: predictions.last()?.confidence,
        confidence: mean_confidence(predictions),
        accuracy: Proportion::of(correct, n),
    })
}

/// Returns the mean confidence of at least one prediction. The predictions are sorted by
/// confidence, so the order of the items does not change a bit of the sum.
fn mean_confidence(predictions: &[Prediction]) -> f64 {
    predictions.iter().map(|prediction| prediction.confidence).sum::<f64>() / predictions.len() as f64
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    use querist_core::wilson;

    use super::*;

    /// Measures the calibration of predictions with two classes. Each item is (probability of the
    /// first class, whether the first class is right).
    fn measured(items: &[(f64, bool)], binning: Binning) -> Calibration {
        let p = Array2::from_shape_fn(
            (items.len(), 2),
            |(i, k)| if k == 0 { items[i].0 } else { 1.0 - items[i].0 },
        );
        let truth: Vec<Class> = items.iter().map(|(_, right)| Class(u16::from(!right))).collect();
        calibration(&Probabilities::new(p).unwrap(), &truth, binning).unwrap().unwrap()
    }

    /// Returns n items of one confidence, of which the first `correct` are right.
    fn run(confidence: f64, n: usize, correct: usize) -> Vec<(f64, bool)> {
        (0..n).map(|i| (confidence, i < correct)).collect()
    }

    #[test]
    fn two_bins_of_equal_mass_by_hand() {
        let items = [run(0.9, 20, 10), run(0.6, 20, 18)].concat();
        let result = measured(&items, Binning::default());
        let rows: Vec<_> = result
            .bins
            .iter()
            .map(|bin| (bin.accuracy.n, bin.accuracy.correct, bin.lowest, bin.highest))
            .collect();
        assert_eq!(rows, [(20, 18, 0.6, 0.6), (20, 10, 0.9, 0.9)]);
        // The gaps of the bins are 0.9 - 0.6 and 0.5 - 0.9. Each bin has half of the items, so the
        // error is (0.3 + 0.4) / 2.
        assert!((result.ece - 0.35).abs() < 1e-12);
        assert!((result.confidence - 0.75).abs() < 1e-12 && (result.correct, result.n) == (28, 40));
        assert_eq!(result.bins[1].accuracy.interval(), wilson(10, 20));
        // At a confidence of 0.9, the score of an item is 0.1² + 0.1² if it is right and 0.9² +
        // 0.9² if it is wrong. At 0.6 it is 0.4² + 0.4² or 0.6² + 0.6².
        let brier = (10.0 * 0.02 + 10.0 * 1.62 + 18.0 * 0.32 + 2.0 * 0.72) / 40.0;
        assert!((result.brier - brier).abs() < 1e-12);
    }

    #[test]
    fn equal_confidences_share_a_bin() {
        // Three bins of 20 items would end at 20 and 40, inside the run of items with confidence
        // 0.7.
        let items = [run(0.6, 19, 0), run(0.7, 31, 31), run(0.8, 10, 10)].concat();
        let result = measured(&items, Binning::default());
        assert_eq!(result.bins.iter().map(|bin| bin.accuracy.n).collect::<Vec<_>>(), [50, 10]);
        let all_equal = measured(&run(0.7, 100, 70), Binning::default());
        assert_eq!(all_equal.bins.len(), 1);
        assert!(all_equal.ece < 1e-12);
    }

    #[test]
    fn few_items_make_few_bins() {
        let spread =
            |n: usize| -> Vec<(f64, bool)> { (0..n).map(|i| (0.5 + i as f64 / 1e4, true)).collect() };
        for (n, expected) in [(1, 1), (39, 1), (40, 2), (299, 14), (300, 15), (3_000, 15)] {
            assert_eq!(measured(&spread(n), Binning::default()).bins.len(), expected, "{n}");
        }
    }

    #[test]
    fn bins_of_equal_width_are_closed_above() {
        let items =
            [run(0.5, 1, 1), run(0.6, 1, 0), run(0.75, 1, 1), run(0.76, 2, 1), run(1.0, 1, 1)].concat();
        let result = measured(&items, Binning::EqualWidth { bins: 4 });
        let rows: Vec<_> = result.bins.iter().map(|bin| (bin.accuracy.n, bin.lowest, bin.highest)).collect();
        assert_eq!(rows, [(1, 0.5, 0.5), (2, 0.6, 0.75), (3, 0.76, 1.0)]);
    }

    #[test]
    fn undefined_without_items_and_refused_where_they_do_not_fit() {
        let none = Probabilities::new(Array2::zeros((0, 2))).unwrap();
        assert_eq!(calibration(&none, &[], Binning::default()).unwrap(), None);
        let one = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        let no_bins = calibration(&one, &[Class(0)], Binning::EqualMass { bins: 0 });
        assert_eq!(no_bins, Err(QualityError::NoBins));
        let short = Err(QualityError::LengthMismatch { what: "the truth", expected: 1, found: 0 });
        assert_eq!(calibration(&one, &[], Binning::default()), short);
    }

    proptest! {
        #[test]
        fn counts_add_up_and_order_is_nothing(
            items in prop::collection::vec((0u16..=50, any::<bool>()), 1..400),
            bins in 1usize..20,
            turn in 0usize..400,
        ) {
            let items: Vec<_> = items.iter().map(|(c, right)| (0.5 + f64::from(*c) / 100.0, *right)).collect();
            let mut turned = items.clone();
            turned.rotate_left(turn % items.len());
            turned.reverse();
            for binning in [Binning::EqualMass { bins }, Binning::EqualWidth { bins }] {
                let result = measured(&items, binning);
                prop_assert_eq!(result.bins.iter().map(|bin| bin.accuracy.n).sum::<usize>(), items.len());
                prop_assert_eq!(result.bins.iter().map(|bin| bin.accuracy.correct).sum::<usize>(), result.correct);
                prop_assert!(result.bins.windows(2).all(|pair| pair[0].highest < pair[1].lowest));
                prop_assert!(result.bins.len() <= bins);
                let gaps = result.bins.iter().map(|bin| bin.accuracy.n as f64 * (bin.accuracy.value.unwrap() - bin.confidence).abs());
                prop_assert!((result.ece - gaps.sum::<f64>() / items.len() as f64).abs() < 1e-12);
                let Interval { low, high } = result.ece_interval;
                prop_assert!(0.0 <= low && low <= result.ece_corrected && result.ece_corrected <= high && high <= 1.0);
                prop_assert!(result.ece_corrected <= result.ece + 1e-9);
                prop_assert_eq!(&measured(&turned, binning).bins, &result.bins);
            }
        }
    }
}
