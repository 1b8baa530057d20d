//! Control items: compares the answers of each annotator with known labels.
//!
//! For every annotator, this file computes the number of control items answered, the share of right
//! answers with its 95 % Wilson interval, and Cohen's kappa against the known answers. An annotator
//! who always chooses the most frequent class can have a high accuracy, but not a high kappa.
//!
//! [`crate::verdict`] decides whether an annotator is below a threshold. The threshold of kappa is
//! converted to the accuracy that it requires on the items that the annotator answered. A measured
//! value below a threshold does not raise a flag by itself: chance must be an unlikely explanation.

use querist_core::{AnnotationSet, Class, Interval, wilson};
use serde::Serialize;

use crate::agreement::cohen::{CohenKappa, cohen_kappa};
use crate::error::{QualityError, checked_index};
use crate::verdict::{Judgement, Record, Standing, accuracy_for_kappa, judge, kappa_interval};

/// The values that an annotator has to reach on control items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Thresholds {
    min_accuracy: f64,
    min_kappa: f64,
}

impl Thresholds {
    /// Makes thresholds from an accuracy in [0, 1] and a kappa in [-1, 1].
    ///
    /// # Errors
    /// A value is outside its range, or NaN.
    pub fn new(min_accuracy: f64, min_kappa: f64) -> Result<Self, QualityError> {
        for (name, value, low) in [("min_accuracy", min_accuracy, 0.0), ("min_kappa", min_kappa, -1.0)] {
            if !(low..=1.0).contains(&value) {
                return Err(QualityError::ThresholdOutOfRange { name, value, low, high: 1.0 });
            }
        }
        Ok(Self { min_accuracy, min_kappa })
    }

    /// Returns the accuracy to reach, in [0, 1].
    pub fn min_accuracy(&self) -> f64 {
        self.min_accuracy
    }

    /// Returns the kappa to reach, in [-1, 1].
    pub fn min_kappa(&self) -> f64 {
        self.min_kappa
    }
}

impl Default for Thresholds {
    /// Accuracy 0.90 and kappa 0.80.
    fn default() -> Self {
        Self { min_accuracy: 0.90, min_kappa: 0.80 }
    }
}

/// A warning about an annotator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The annotator answered no control item.
    NoControl,
    /// The accuracy is below its threshold, and chance does not explain this.
    BelowAccuracy,
    /// Kappa is below its threshold, and chance does not explain this.
    BelowKappa,
}

/// The results of one annotator on the control items.
#[derive(Debug, Clone, PartialEq)]
pub struct AnnotatorControl {
    /// The annotator's index.
    pub annotator: usize,
    /// The number of items they answered, control or not.
    pub n_answers: usize,
    /// The number of control items they answered, n.
    pub n: usize,
    /// The number of control items they answered correctly.
    pub correct: usize,
    /// `correct / n`, in [0, 1]; `None` when n is 0.
    pub accuracy: Option<f64>,
    /// The 95 % Wilson interval of the accuracy; `None` when n is 0.
    pub interval: Option<Interval>,
    /// Cohen's kappa between the annotator's answers and the known labels.
    pub kappa: CohenKappa,
    /// The 95 % interval of kappa that follows from the interval of the accuracy; `None` if the
    /// items are all of one class.
    pub kappa_interval: Option<Interval>,
    /// The judgement of their accuracy.
    pub by_accuracy: Judgement,
    /// The judgement of their kappa, which compares their accuracy with the accuracy that the
    /// threshold of kappa requires; `None` if the items are all of one class.
    pub by_kappa: Option<Judgement>,
    /// The warnings, in the order of [`Flag`].
    pub flags: Vec<Flag>,
}

impl AnnotatorControl {
    /// Returns the standing for both thresholds together: below if the annotator is below one of
    /// them; otherwise too few answers if one of them cannot be decided; otherwise not below.
    pub fn standing(&self) -> Standing {
        let both = [Some(self.by_accuracy.standing), self.by_kappa.map(|by| by.standing)];
        [Standing::Below, Standing::TooFew]
            .into_iter()
            .find(|standing| both.contains(&Some(*standing)))
            .unwrap_or(Standing::NotBelow)
    }
}

/// Compares the answers of every annotator with the known labels, and returns the results in the
/// order of [`AnnotationSet::annotators`]. `truth` holds the known label of each item, in the order
/// of [`AnnotationSet::items`]; `None` for an item that is not a control item.
///
/// # Errors
/// `truth` has another length than the items, or a class is not below the set's number of classes.
pub fn control(
    annotations: &AnnotationSet,
    truth: &[Option<Class>],
    thresholds: Thresholds,
) -> Result<Vec<AnnotatorControl>, QualityError> {
    let (expected, found) = (annotations.items().len(), truth.len());
    if expected != found {
        return Err(QualityError::LengthMismatch { what: "the truth of the items", expected, found });
    }
    let n_annotators = annotations.annotators().len();
    let mut n_answers = vec![0; n_annotators];
    // For each annotator, the (answer, known label) of every answered control item.
    let mut pairs: Vec<Vec<(Class, Class)>> = vec![Vec::new(); n_annotators];
    for entry in annotations.entries() {
        checked_index(entry.label, annotations.n_classes())?;
        n_answers[entry.annotator as usize] += 1;
        if let Some(known) = truth[entry.item as usize] {
            pairs[entry.annotator as usize].push((entry.label, known));
        }
    }
    let k = annotations.n_classes();
    let kappas = pairs.iter().map(|pairs| cohen_kappa(pairs, k)).collect::<Result<Vec<_>, _>>()?;
    // Which kappa an accuracy allows depends on the classes of the items that the annotator
    // answered.
    let truths: Vec<Vec<usize>> = pairs.iter().map(|pairs| counts_of_truth(pairs, k)).collect();
    let (by_accuracy, by_kappa) = judgements(&kappas, &truths, thresholds);
    let of = |(annotator, kappa): (usize, &CohenKappa)| {
        let interval = wilson(kappa.agreeing, kappa.n);
        let (by_accuracy, by_kappa) = (by_accuracy[annotator], by_kappa[annotator]);
        let below = |by: Judgement| by.standing == Standing::Below;
        let flags = [
            (Flag::NoControl, kappa.n == 0),
            (Flag::BelowAccuracy, below(by_accuracy)),
            (Flag::BelowKappa, by_kappa.is_some_and(below)),
        ];
        AnnotatorControl {
            annotator,
            n_answers: n_answers[annotator],
            n: kappa.n,
            correct: kappa.agreeing,
            accuracy: kappa.raw_agreement,
            interval,
            kappa: *kappa,
            kappa_interval: interval.and_then(|interval| kappa_interval(interval, &truths[annotator])),
            by_accuracy,
            by_kappa,
            flags: flags.into_iter().filter_map(|(flag, raised)| raised.then_some(flag)).collect(),
        }
    };
    Ok(kappas.iter().enumerate().map(of).collect())
}

/// Returns the number of items with each of `k` classes as their known label; `pairs` holds (label,
/// known label) for each item.
fn counts_of_truth(pairs: &[(Class, Class)], k: usize) -> Vec<usize> {
    let mut counts = vec![0; k];
    for (_, known) in pairs {
        counts[known.index()] += 1;
    }
    counts
}

/// Judges the accuracy and the kappa of every annotator, in the order of `measured`, and returns
/// both lists. The judgement of kappa is `None` if the control items of the annotator are all of
/// one class. `truths` has for each annotator the number of control items of each class.
fn judgements(
    measured: &[CohenKappa],
    truths: &[Vec<usize>],
    thresholds: Thresholds,
) -> (Vec<Judgement>, Vec<Option<Judgement>>) {
    let record = |measured: &CohenKappa| Record::Counts { right: measured.agreeing, n: measured.n };
    let by_accuracy: Vec<(Record, f64)> =
        measured.iter().map(|measured| (record(measured), thresholds.min_accuracy)).collect();
    let needed: Vec<Option<f64>> =
        truths.iter().map(|truth| accuracy_for_kappa(thresholds.min_kappa, truth)).collect();
    // Judge kappa only where it is defined; `places` are the annotators that are judged.
    let (mut places, mut by_kappa) = (Vec::new(), Vec::new());
    for (place, needed) in needed.into_iter().enumerate() {
        if let Some(needed) = needed {
            places.push(place);
            by_kappa.push((record(&measured[place]), needed));
        }
    }
    let mut found = vec![None; measured.len()];
    for (place, mut judgement) in places.into_iter().zip(judge(&by_kappa)) {
        // Kappa can be below its threshold even if the accuracy reaches the level that the
        // threshold requires. In this case the verdict stays open.
        let low = measured[place].kappa.is_some_and(|kappa| kappa < thresholds.min_kappa);
        if low && judgement.standing == Standing::NotBelow {
            (judgement.standing, judgement.change) = (Standing::TooFew, None);
        }
        found[place] = Some(judgement);
    }
    (judge(&by_accuracy), found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement::Undefined;

    const P: Class = Class(0);
    const N: Class = Class(1);

    /// Compares one annotator's answers to items 00, 01 and so on, all of them control items, with
    /// the truth.
    fn one(labels: &[Class], truth: &[Class], thresholds: Thresholds) -> AnnotatorControl {
        let items: Vec<String> = (0..labels.len()).map(|item| format!("{item:02}")).collect();
        let triples = items.iter().zip(labels).map(|(item, label)| (item.as_str(), "ann", *label));
        let truth: Vec<_> = truth.iter().copied().map(Some).collect();
        control(&AnnotationSet::new(triples, 2), &truth, thresholds).unwrap().remove(0)
    }

    #[test]
    fn five_control_items_by_hand() {
        let result = one(&[P, N, P, P, P], &[N, N, P, P, N], Thresholds::default());
        assert_eq!((result.n_answers, result.n, result.correct), (5, 5, 3));
        assert_eq!(result.accuracy, Some(0.6));
        assert_eq!(result.kappa.kappa, Some(2.0 / 7.0));
        assert_eq!(format!("{:.2} {:.3}", 100.0 * 0.6, result.kappa.kappa.unwrap()), "60.00 0.286");
        assert_eq!(result.interval, wilson(3, 5));
        // Both values are below their thresholds, but with three of five right this may be chance.
        assert_eq!((result.flags.len(), result.standing()), (0, Standing::TooFew));
    }

    #[test]
    fn a_value_on_its_threshold_is_not_below_it() {
        // With 9 of 10 right, r = (5, 5) and c = (6, 4), the accuracy is 0.9 and kappa is (90 - 50)
        // / (100 - 50) = 0.8.
        let labels = [P, P, P, P, P, N, N, N, N, N];
        let truth = [P, P, P, P, P, P, N, N, N, N];
        let result = one(&labels, &truth, Thresholds::default());
        assert_eq!((result.accuracy, result.kappa.kappa), (Some(0.9), Some(0.8)));
        assert_eq!(result.standing(), Standing::NotBelow);
        for (accuracy, kappa) in [(0.91, 0.8), (0.9, 0.81)] {
            let result = one(&labels, &truth, Thresholds::new(accuracy, kappa).unwrap());
            assert_eq!((result.flags.len(), result.standing()), (0, Standing::TooFew));
        }
    }

    #[test]
    fn always_the_commonest_class_is_caught_by_kappa_alone() {
        let of = |n: usize, every: usize| {
            let truth: Vec<Class> = (0..n).map(|item| if item % every == 0 { N } else { P }).collect();
            one(&vec![P; n], &truth, Thresholds::default())
        };
        let result = of(20, 20);
        assert_eq!((result.accuracy, result.kappa.kappa), (Some(0.95), Some(0.0)));
        assert_eq!((result.flags.len(), result.standing()), (0, Standing::TooFew));
        // One item in ten is N. A kappa of 0.8 requires an accuracy of 0.957 on these items, and
        // 300 items show that 0.90 is too low.
        let result = of(300, 10);
        assert_eq!((result.accuracy, result.kappa.kappa), (Some(0.9), Some(0.0)));
        assert_eq!(result.flags, [Flag::BelowKappa]);
        assert!(result.kappa_interval.unwrap().high < 0.8, "{:?}", result.kappa_interval);
    }

    #[test]
    fn who_errs_beyond_chance_is_below_both() {
        let truth: Vec<Class> = (0..20).map(|item| if item < 10 { N } else { P }).collect();
        let labels: Vec<Class> = (0..20).map(|item| if item % 2 == 0 { N } else { P }).collect();
        let result = one(&labels, &truth, Thresholds::default());
        assert_eq!(result.flags, [Flag::BelowAccuracy, Flag::BelowKappa]);
        assert_eq!(result.standing(), Standing::Below);
    }

    #[test]
    fn no_kappa_raises_no_flag_when_all_is_right() {
        let result = one(&[P, P], &[P, P], Thresholds::default());
        assert_eq!(result.kappa.undefined, Some(Undefined::OneLabelOnly));
        assert_eq!((result.flags.len(), result.by_kappa, result.kappa_interval), (0, None, None));
        assert_eq!(result.standing(), Standing::TooFew);
    }

    #[test]
    fn an_annotator_without_control_answers_is_not_measured() {
        let set = AnnotationSet::new([("c", "ann", P), ("d", "ann", N), ("d", "bob", N)], 2);
        let result = control(&set, &[Some(P), None], Thresholds::default()).unwrap();
        assert_eq!((result[0].n_answers, result[0].n, result[0].correct), (2, 1, 1));
        let bob = &result[1];
        assert_eq!((bob.annotator, bob.n_answers, bob.n), (1, 1, 0));
        assert_eq!((bob.accuracy, bob.interval, bob.kappa.kappa), (None, None, None));
        assert_eq!(bob.flags, [Flag::NoControl]);
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let set = AnnotationSet::new([("c", "ann", P)], 2);
        assert_eq!(
            control(&set, &[], Thresholds::default()),
            Err(QualityError::LengthMismatch { what: "the truth of the items", expected: 1, found: 0 })
        );
        assert_eq!(
            control(&set, &[Some(Class(5))], Thresholds::default()),
            Err(QualityError::ClassOutOfRange { class: 5, n_classes: 2 })
        );
        assert!(Thresholds::new(f64::NAN, 0.8).is_err());
        assert_eq!(
            Thresholds::new(0.9, 1.5),
            Err(QualityError::ThresholdOutOfRange { name: "min_kappa", value: 1.5, low: -1.0, high: 1.0 })
        );
    }
}
