//! Label errors by confident learning: which given labels a model, asked about documents that it has not seen, is sure are others.
//!
//! Source: Northcutt, Jiang and Chuang 2021. The probabilities must be out of fold: of a model that was not trained on the
//! document. With ỹ the given labels and p the probabilities:
//!
//! 1. the threshold of class j is how sure the model is of it where it is given, `t_j = mean { p_j(x) : ỹ(x) = j }`;
//! 2. x counts as class `y*(x)`, the likeliest of those with `p_j(x) >= t_j` (the earliest in label order where several are equal);
//!    where no class reaches its threshold, x counts nowhere;
//! 3. the **confident joint** `C[i][j]` counts the x with `ỹ = i` and `y* = j`. What is off its diagonal is suspected;
//! 4. suspects are ranked by the normalised margin `p_ỹ(x) - max_{j ≠ ỹ} p_j(x)`, in [-1, 1], the lowest first.
//!
//! Thresholds by class are what makes this sound for skewed classes and badly calibrated models: a class of which the model is
//! never sure does not need much. The joint also estimates how many labels are wrong: with `n_i` the number of given labels i,
//! `Q[i][j] = C[i][j] n_i / Σ_j C[i][j]`, and the estimate is the sum of Q off its diagonal.
//!
//! What this leaves out: a model that learned the errors (most labels of a kind wrong in the same way) finds them right.

use ndarray::Array2;
use querist_core::{Class, Probabilities};

use crate::error::{QualityError, checked_index};

/// A label that is suspected to be wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Suspect {
    /// The example's index.
    pub example: usize,
    /// Its label.
    pub given: Class,
    /// What the model is sure it is.
    pub suggested: Class,
    /// The probability of the given label: self-confidence, in [0, 1].
    pub self_confidence: f64,
    /// The probability of the given label less that of the likeliest other, in [-1, 1].
    pub margin: f64,
}

/// What confident learning says of a labelled set.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelErrors {
    /// Suspects, the likeliest errors first: by margin, then self-confidence, then index.
    pub suspects: Vec<Suspect>,
    /// The confident joint (K, K): rows are given labels.
    pub joint: Array2<usize>,
    /// The threshold of each class; `None` of a class that is nobody's label.
    pub thresholds: Vec<Option<f64>>,
    /// The estimated number of wrong labels.
    pub estimated: f64,
}

/// Suspected errors among `given` labels (n), from out-of-fold probabilities (n, K).
///
/// # Errors
/// Lengths that differ, or a class that is not below K.
pub fn label_errors(given: &[Class], probabilities: &Probabilities) -> Result<LabelErrors, QualityError> {
    let (n, k) = (probabilities.len(), probabilities.n_classes());
    if given.len() != n {
        return Err(QualityError::LengthMismatch {
            what: "the given labels",
            expected: n,
            found: given.len(),
        });
    }
    let mut counts = vec![0usize; k];
    let mut sums = vec![0.0; k];
    for (example, class) in given.iter().enumerate() {
        let class = checked_index(*class, k)?;
        counts[class] += 1;
        sums[class] += probabilities.row(example)[class];
    }
    let thresholds: Vec<Option<f64>> =
        counts.iter().zip(&sums).map(|(count, sum)| (*count > 0).then(|| sum / *count as f64)).collect();
    let mut joint = Array2::zeros((k, k));
    let mut suspects = Vec::new();
    for (example, class) in given.iter().enumerate() {
        let row = probabilities.row(example);
        let own = class.index();
        let mut confident: Option<usize> = None;
        for (j, threshold) in thresholds.iter().enumerate() {
            // Rounding of a mean must not keep out a class whose probabilities are all alike.
            let sure = threshold.is_some_and(|threshold| row[j] >= threshold - 1e-12);
            if sure && confident.is_none_or(|best| row[j] > row[best]) {
                confident = Some(j);
            }
        }
        let Some(confident) = confident else { continue };
        joint[[own, confident]] += 1;
        if confident != own {
            let others = row.iter().enumerate().filter(|(j, _)| *j != own);
            let margin = row[own] - others.map(|(_, p)| *p).fold(0.0, f64::max);
            let suggested = Class::from_index(confident);
            suspects.push(Suspect { example, given: *class, suggested, self_confidence: row[own], margin });
        }
    }
    suspects.sort_by(|a, b| {
        let by_confidence = a.self_confidence.total_cmp(&b.self_confidence);
        a.margin.total_cmp(&b.margin).then(by_confidence).then(a.example.cmp(&b.example))
    });
    let estimated = (0..k)
        .map(|i| {
            let of_row: usize = joint.row(i).sum();
            let off = of_row - joint[[i, i]];
            if of_row == 0 { 0.0 } else { (off * counts[i]) as f64 / of_row as f64 }
        })
        .sum();
    Ok(LabelErrors { suspects, joint, thresholds, estimated })
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;
    use querist_core::Seed;
    use rand::RngExt;

    use super::*;

    #[test]
    fn six_examples_by_hand() {
        let p = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]];
        let given = [0, 0, 0, 1, 1, 1].map(Class);
        let found = label_errors(&given, &Probabilities::new(p).unwrap()).unwrap();
        // t_0 = (0.9 + 0.8 + 0.1) / 3 = 0.6, t_1 = (0.8 + 0.7 + 0.4) / 3 = 0.6333…
        assert!((found.thresholds[0].unwrap() - 0.6).abs() < 1e-12);
        assert!((found.thresholds[1].unwrap() - 1.9 / 3.0).abs() < 1e-12);
        assert_eq!(found.joint, array![[2, 1], [1, 2]]);
        let suspects: Vec<_> = found.suspects.iter().map(|s| (s.example, s.given, s.suggested)).collect();
        assert_eq!(suspects, [(2, Class(0), Class(1)), (5, Class(1), Class(0))]);
        assert!((found.suspects[0].margin + 0.8).abs() < 1e-12);
        assert!((found.suspects[1].self_confidence - 0.4).abs() < 1e-12);
        // Each class: one of three confident ones is off, of three labels.
        assert!((found.estimated - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_class_of_which_the_model_is_never_sure_is_held_to_its_own_threshold() {
        // Thresholds 0.725 and 0.4: the second example has 0.55 for class 0, which is little for that class, and 0.45 for class 1,
        // which is much for it; the likeliest class alone would say nothing.
        let p = array![[0.9, 0.1], [0.55, 0.45], [0.6, 0.4], [0.6, 0.4]];
        let found = label_errors(&[0, 0, 1, 1].map(Class), &Probabilities::new(p).unwrap()).unwrap();
        assert!(found.suspects.iter().all(|suspect| suspect.given == Class(0)));
        assert_eq!(found.joint, array![[1, 1], [0, 2]]);
    }

    #[test]
    fn classes_without_labels_and_no_examples() {
        let p = array![[0.2, 0.1, 0.7], [0.3, 0.1, 0.6]];
        let found = label_errors(&[Class(0), Class(0)], &Probabilities::new(p).unwrap()).unwrap();
        assert_eq!(found.thresholds[1..], [None, None]);
        assert!(found.suspects.is_empty());
        let none = label_errors(&[], &Probabilities::new(Array2::zeros((0, 2))).unwrap()).unwrap();
        assert!(none.suspects.is_empty() && none.estimated.to_bits() == 0.0f64.to_bits());
        let p = Probabilities::new(array![[0.5, 0.5]]).unwrap();
        assert!(label_errors(&[], &p).is_err() && label_errors(&[Class(2)], &p).is_err());
    }

    /// Probabilities of a model that is right in nine of ten cases, and labels of which one in ten was planted wrong.
    fn planted(n: usize, k: usize) -> (Vec<Class>, Vec<Class>, Probabilities) {
        let mut rng = Seed(5).rng(k as u32, "planted errors");
        let (mut truth, mut given) = (Vec::new(), Vec::new());
        let mut p = Array2::zeros((n, k));
        for mut row in p.outer_iter_mut() {
            let class = rng.random_range(0..k);
            let believed = if rng.random::<f64>() < 0.9 { class } else { rng.random_range(0..k) };
            for (j, value) in row.iter_mut().enumerate() {
                *value =
                    rng.random::<f64>() + if j == believed { 2.0 + 3.0 * rng.random::<f64>() } else { 0.0 };
            }
            let sum = row.sum();
            row /= sum;
            let wrong = rng.random::<f64>() < 0.1;
            truth.push(Class::from_index(class));
            let label = if wrong { (class + rng.random_range(1..k)) % k } else { class };
            given.push(Class::from_index(label));
        }
        (truth, given, Probabilities::new(p).unwrap())
    }

    #[test]
    fn planted_errors_are_found() {
        for k in [2, 4] {
            let (truth, given, p) = planted(2_000, k);
            let found = label_errors(&given, &p).unwrap();
            let wrong = truth.iter().zip(&given).filter(|(truth, given)| truth != given).count();
            let right = |suspects: &[Suspect]| {
                suspects.iter().filter(|suspect| truth[suspect.example] != suspect.given).count()
            };
            let hits = right(&found.suspects);
            let precision = hits as f64 / found.suspects.len() as f64;
            let recall = hits as f64 / wrong as f64;
            let first = right(&found.suspects[..50]) as f64 / 50.0;
            println!(
                "{k} classes, {wrong} of 2,000 labels wrong, model right in 9 of 10: {} suspects, precision {precision:.3}, \
                 recall {recall:.3}, precision of the first 50 {first:.3}, estimated {:.0}",
                found.suspects.len(),
                found.estimated
            );
            // The model's own errors are as many as the planted ones, so a precision around a half is what it can give.
            assert!(precision > 0.5 && recall > 0.75, "{precision} {recall}");
        }
    }

    proptest! {
        #[test]
        fn suspects_are_what_is_off_the_diagonal(rows in prop::collection::vec((0u16..3, 0.01f64..1.0, 0.01f64..1.0, 0.01f64..1.0), 1..60)) {
            let mut p = Array2::zeros((rows.len(), 3));
            for (mut row, (_, a, b, c)) in p.outer_iter_mut().zip(&rows) {
                row.assign(&(array![*a, *b, *c] / (a + b + c)));
            }
            let given: Vec<Class> = rows.iter().map(|row| Class(row.0)).collect();
            let found = label_errors(&given, &Probabilities::new(p).unwrap()).unwrap();
            let off = found.joint.sum() - (0..3).map(|class| found.joint[[class, class]]).sum::<usize>();
            prop_assert_eq!(found.suspects.len(), off);
            prop_assert!(found.suspects.windows(2).all(|pair| pair[0].margin <= pair[1].margin));
            prop_assert!(found.estimated >= 0.0 && found.estimated <= rows.len() as f64);
        }
    }
}
