//! Label errors: finds the given labels that are probably wrong and estimates their number, from a
//! model's predictions for documents that it has not seen.
//!
//! Source: Northcutt, Jiang and Chuang 2021, for the use of out-of-fold probabilities and for
//! ranking by self-confidence. The number of wrong labels, and the probability that each label is
//! wrong, come from `label_noise`. The paper's confident joint is not used, because it would count
//! a weak model's own errors as errors of the labels.
//!
//! Limits: if most labels of one kind of text are wrong in the same way, a model that learned from
//! them predicts the same wrong label. Such errors are not found, and the estimate is too low.

use querist_core::{Class, Probabilities};

use crate::error::{QualityError, checked_index};
use crate::label_noise::{Noise, noise};

/// The fewest labels for which the number of wrong labels is estimated. With fewer labels, the
/// interval would be too wide to be useful.
const FEWEST_LABELS: usize = 200;
/// The fewest labels for each class in use. With fewer, the model that predicts an example would
/// have learned its class from only a few examples.
const FEWEST_OF_CLASS: usize = 5;

/// A given label with its rating by a model that has not seen the document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rated {
    /// The example's index.
    pub example: usize,
    /// The given label of the example.
    pub given: Class,
    /// The class that the model suggests: the given label if no class is likelier, else the
    /// likeliest class, and of several equally likely classes the first in label order.
    pub suggested: Class,
    /// The model's probability of the given label, called self-confidence, in [0, 1].
    pub self_confidence: f64,
    /// The probability of the given label minus the probability of the likeliest other label, in
    /// [-1, 1].
    pub margin: f64,
    /// The probability that the label is wrong, in [0, 1].
    pub wrong: f64,
    /// Whether the label is suspected to be wrong: it is more likely wrong than right, and the
    /// model suggests another class.
    pub suspected: bool,
}

/// An estimated number of wrong labels, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The lower end, at least 0.
    pub low: f64,
    /// The upper end, at most the number of labels.
    pub high: f64,
}

/// The result of [`label_errors`].
#[derive(Debug, Clone, PartialEq)]
pub struct LabelErrors {
    /// All labels to be rated, sorted by self-confidence, then margin, then index, all ascending,
    /// so that probable errors come first.
    pub ranked: Vec<Rated>,
    /// The estimated number of wrong labels; `None` with fewer labels than an estimate needs or
    /// fewer than two classes in use. The interval allows for a model that is confident and wrong.
    pub estimated: Option<Estimate>,
    /// The number of labels that an estimate needs.
    pub needed: usize,
}

/// Returns the number of labels that an estimate needs with `classes` classes in use: 200, or five
/// for each class if this is more.
pub fn labels_needed(classes: usize) -> usize {
    FEWEST_LABELS.max(FEWEST_OF_CLASS * classes)
}

/// Rates the labels `given` of n examples and estimates how many are wrong. `probabilities`, (n, K)
/// for K classes, are out-of-fold: the model behind each row has not seen the example.
///
/// `asked` says for each example whether to rate and count its label; it is false for examples
/// without out-of-fold probabilities or with a certain label. `before` has, for each example whose
/// label somebody has since decided, the label before the decision, if it is known; `asked` is
/// false for these examples.
///
/// A decided label is certain, but the label before the decision is still evidence of the share of
/// wrong labels. Without this evidence, each correction would lower the estimate by more than one.
/// So the share is fitted to the labels before any decision, and the corrected errors are
/// subtracted from the estimate.
///
/// # Errors
/// The lengths of the arguments differ, or a class is not below K.
pub fn label_errors(
    given: &[Class],
    probabilities: &Probabilities,
    asked: &[bool],
    before: &[Option<Class>],
) -> Result<LabelErrors, QualityError> {
    let (n, k) = (probabilities.len(), probabilities.n_classes());
    for (what, found) in [
        ("the given labels", given.len()),
        ("the labels asked about", asked.len()),
        ("the labels of before", before.len()),
    ] {
        if found != n {
            return Err(QualityError::LengthMismatch { what, expected: n, found });
        }
    }
    let mut used = vec![false; k];
    for class in given {
        used[checked_index(*class, k)?] = true;
    }
    let classes = used.iter().filter(|used| **used).count();
    let rows: Vec<usize> = (0..n).filter(|example| asked[*example]).collect();
    let decided = |example: usize| Some((example, before[example].filter(|_| !asked[example])?));
    let decided: Vec<(usize, Class)> = (0..n).filter_map(decided).collect();
    let mended = decided.iter().filter(|(example, before)| given[*example] != *before).count() as f64;
    let (mut fitted, mut own) = (rows.clone(), Vec::with_capacity(rows.len() + decided.len()));
    own.extend(rows.iter().map(|example| given[*example].index()));
    for (example, before) in &decided {
        fitted.push(*example);
        own.push(checked_index(*before, k)?);
    }
    let Noise { share, wrong } = noise(probabilities, &fitted, &own, classes);
    let mut ranked: Vec<Rated> = rows
        .iter()
        .zip(wrong)
        .map(|(example, wrong)| rated(*example, given[*example], probabilities, wrong))
        .collect();
    ranked.sort_by(|a, b| {
        let by_margin = a.margin.total_cmp(&b.margin);
        a.self_confidence.total_cmp(&b.self_confidence).then(by_margin).then(a.example.cmp(&b.example))
    });
    let needed = labels_needed(classes);
    // The noise was fitted to the labels before the decisions, so subtract the errors that have
    // been corrected since.
    let left = |share: f64| (share * fitted.len() as f64 - mended).clamp(0.0, rows.len() as f64);
    let [low, value, high] = share.map(left);
    let estimated = (rows.len() >= needed && classes >= 2).then_some(Estimate { value, low, high });
    Ok(LabelErrors { ranked, estimated, needed })
}

/// Rates the label `given` of an example; `wrong` is the probability that the label is wrong.
fn rated(example: usize, given: Class, probabilities: &Probabilities, wrong: f64) -> Rated {
    let row = probabilities.row(example);
    let own = row[given.index()];
    let mut first = 0;
    let mut other = 0.0_f64;
    for (class, p) in row.iter().enumerate() {
        if *p > row[first] {
            first = class;
        }
        if class != given.index() {
            other = other.max(*p);
        }
    }
    // If several classes are equally likely, prefer the given label.
    let suggested = if own >= other { given } else { Class::from_index(first) };
    let suspected = suggested != given && wrong > 0.5;
    Rated { example, given, suggested, self_confidence: own, margin: own - other, wrong, suspected }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;
    use querist_core::Seed;
    use rand::RngExt;

    use super::*;

    fn all(given: &[Class], p: Array2<f64>) -> LabelErrors {
        let n = given.len();
        label_errors(given, &Probabilities::new(p).unwrap(), &vec![true; n], &vec![None; n]).unwrap()
    }

    #[test]
    fn six_examples_by_hand() {
        let p = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]];
        let found = all(&[0, 0, 0, 1, 1, 1].map(Class), p);
        let order: Vec<_> = found.ranked.iter().map(|one| (one.example, one.suggested)).collect();
        let expected = [(2, 1), (5, 0), (4, 1), (1, 0), (3, 1), (0, 0)];
        assert_eq!(order, expected.map(|(example, class)| (example, Class(class))));
        assert!((found.ranked[0].margin + 0.8).abs() < 1e-12);
        assert!((found.ranked[1].self_confidence - 0.4).abs() < 1e-12);
        assert_eq!((found.estimated, found.needed), (None, 200));
    }

    #[test]
    fn only_what_is_asked_about_is_rated_and_counted() {
        let p = Array2::from_shape_fn((400, 2), |(_, class)| if class == 0 { 0.9 } else { 0.1 });
        let given: Vec<Class> = (0..400).map(|row| Class(u16::from(row % 8 == 0))).collect();
        let p = Probabilities::new(p).unwrap();
        let asked: Vec<bool> = (0..400).map(|row| row % 16 != 0).collect();
        let found = label_errors(&given, &p, &asked, &[None; 400]).unwrap();
        assert_eq!(found.ranked.len(), 375);
        assert!(found.ranked.iter().all(|one| one.example % 16 != 0));
        assert!(found.estimated.unwrap().high <= 375.0);
        assert!(
            label_errors(&given, &p, &asked[1..], &[None; 400]).is_err()
                && label_errors(&given[1..], &p, &asked, &[None; 400]).is_err()
                && label_errors(&given, &p, &asked, &[None; 399]).is_err()
        );
        let one = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        assert!(label_errors(&[Class(2)], &one, &[true], &[None]).is_err());
        assert!(all(&[], Array2::zeros((0, 2))).ranked.is_empty());
    }

    #[test]
    fn many_classes_need_more_labels() {
        assert_eq!([2, 40, 150].map(labels_needed), [200, 200, 750]);
    }

    /// Returns (truth, given labels, probabilities). One given label in ten is wrong, and the model
    /// is right in about nine of ten cases.
    fn planted(n: usize, k: usize) -> (Vec<Class>, Vec<Class>, Array2<f64>) {
        let mut rng = Seed(5).rng(k as u32, "planted errors");
        let (mut truth, mut given) = (Vec::new(), Vec::new());
        let mut p = Array2::zeros((n, k));
        for mut row in p.outer_iter_mut() {
            let class = rng.random_range(0..k);
            let sure = rng.random::<f64>() < 0.7;
            let believed = if sure || rng.random::<f64>() < 0.6 { class } else { rng.random_range(0..k) };
            for (j, value) in row.iter_mut().enumerate() {
                let weight = if sure { 20.0 } else { 1.0 };
                *value = 0.5 + rng.random::<f64>() + if j == believed { weight } else { 0.0 };
            }
            let sum = row.sum();
            row /= sum;
            let wrong = rng.random::<f64>() < 0.1;
            truth.push(Class::from_index(class));
            let label = if wrong { (class + rng.random_range(1..k)) % k } else { class };
            given.push(Class::from_index(label));
        }
        (truth, given, p)
    }

    #[test]
    fn planted_errors_are_found_and_counted() {
        for k in [2, 4] {
            let (truth, given, p) = planted(2_000, k);
            let found = all(&given, p);
            let wrong = truth.iter().zip(&given).filter(|(truth, given)| truth != given).count();
            let suspects: Vec<&Rated> = found.ranked.iter().filter(|one| one.suspected).collect();
            let hits = suspects.iter().filter(|one| truth[one.example] != one.given).count();
            let precision = hits as f64 / suspects.len() as f64;
            let recall = hits as f64 / wrong as f64;
            let Estimate { value, low, high } = found.estimated.unwrap();
            println!(
                "{k} classes, {wrong} of 2,000 labels wrong: {} suspects, precision {precision:.3}, recall {recall:.3}, \
                 estimated {value:.0} ({low:.0} to {high:.0})",
                suspects.len()
            );
            assert!(precision > 0.8 && recall > 0.6, "{precision} {recall}");
            assert!(low <= wrong as f64 && wrong as f64 <= high, "{wrong}: {low} {high}");
        }
    }

    #[test]
    fn errors_that_are_mended_leave_the_others_in_doubt() {
        let (truth, given, p) = planted(600, 4);
        let p = Probabilities::new(p).unwrap();
        let n = given.len();
        let first = label_errors(&given, &p, &vec![true; n], &vec![None; n]).unwrap();
        let mut suspects: Vec<usize> =
            first.ranked.iter().filter(|one| one.suspected).map(|one| one.example).collect();
        suspects.retain(|example| truth[*example] != given[*example]);
        let (mut now, mut asked, mut before) = (given.clone(), vec![true; n], vec![None; n]);
        let value = |found: &LabelErrors| found.estimated.unwrap().value;
        for (mended, example) in (1..=20).zip(suspects) {
            (now[example], asked[example], before[example]) = (truth[example], false, Some(given[example]));
            let found = label_errors(&now, &p, &asked, &before).unwrap();
            let expected = value(&first) - f64::from(mended);
            assert!((value(&found) - expected).abs() < 1e-6, "{mended}: {} {expected}", value(&found));
        }
    }

    proptest! {
        #[test]
        fn no_suspect_has_the_models_first_class(rows in prop::collection::vec((0u16..3, 0.01f64..1.0, 0.01f64..1.0, 0.01f64..1.0), 1..60)) {
            let mut p = Array2::zeros((rows.len(), 3));
            for (mut row, (_, a, b, c)) in p.outer_iter_mut().zip(&rows) {
                row.assign(&(array![*a, *b, *c] / (a + b + c)));
            }
            let given: Vec<Class> = rows.iter().map(|row| Class(row.0)).collect();
            let found = all(&given, p.clone());
            prop_assert_eq!(found.ranked.len(), rows.len());
            prop_assert!(found.ranked.windows(2).all(|pair| pair[0].self_confidence <= pair[1].self_confidence));
            for one in &found.ranked {
                let most = p.row(one.example).iter().copied().fold(0.0, f64::max);
                prop_assert!((p[[one.example, one.suggested.index()]] - most).abs() < 1e-15);
                prop_assert!(!one.suspected || (one.margin < 0.0 && one.suggested != one.given));
                prop_assert!((0.0..=1.0).contains(&one.wrong));
            }
        }
    }
}
