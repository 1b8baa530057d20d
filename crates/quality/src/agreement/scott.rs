//! Scott's pi: agreement of two annotators beyond chance, chance being what their common label
//! frequencies would give.
//!
//! Over n items that both labelled, with `p_o` the share on which they agree and
//! `p_e = Σ_k ((r_k + c_k) / 2n)²` of their label counts r and c,
//! `pi = (p_o - p_e) / (1 - p_e) = (4 n Σ_k n_kk - Σ_k (r_k + c_k)²) / (4 n² - Σ_k (r_k + c_k)²)`,
//! integers up to one division. Unlike Cohen's kappa it counts it as disagreement when two
//! annotators use the classes in different proportions. Of more than two annotators it is Fleiss'
//! kappa. Source: Scott, Reliability of content analysis: the case of nominal scale coding, Public
//! Opinion Quarterly 19(3):321-325, 1955.

use querist_core::Class;

use super::undefined::Undefined;
use crate::error::{QualityError, checked_index};

/// Scott's pi of `pairs` (n), each the two labels of one item, of classes below `n_classes`; in
/// [-1, 1]. The inner error is the reason why there is none: no pairs, or one and the same label
/// throughout.
///
/// # Errors
/// A class that is not below `n_classes`.
pub fn scott_pi(pairs: &[(Class, Class)], n_classes: usize) -> Result<Result<f64, Undefined>, QualityError> {
    let mut labels = Vec::with_capacity(2 * pairs.len());
    for (a, b) in pairs {
        checked_index(*a, n_classes)?;
        checked_index(*b, n_classes)?;
        labels.extend([*a, *b]);
    }
    labels.sort_unstable();
    let agreeing = pairs.iter().filter(|(a, b)| a == b).count() as i128;
    let chance: i128 = labels.chunk_by(|a, b| a == b).map(|run| (run.len() as i128).pow(2)).sum();
    let n = pairs.len() as i128;
    if n == 0 {
        return Ok(Err(Undefined::NoSharedItems));
    }
    if chance == 4 * n * n {
        return Ok(Err(Undefined::OneLabelOnly));
    }
    Ok(Ok((4 * n * agreeing - chance) as f64 / (4 * n * n - chance) as f64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fleiss::Fleiss;
    use super::super::observed::Statistic as _;
    use super::super::patterns::AnswerPatterns;
    use super::*;

    fn pairs(a: &[u16], b: &[u16]) -> Vec<(Class, Class)> {
        a.iter().zip(b).map(|(a, b)| (Class(*a), Class(*b))).collect()
    }

    #[test]
    fn five_items_by_hand() {
        // p,n,p,p,p against n,n,p,p,n: 3 of 5 agree, 6 p and 4 n in all: (60 - 52) / (100 - 52) =
        // 1/6. Cohen's kappa is 2/7.
        let pi = scott_pi(&pairs(&[0, 1, 0, 0, 0], &[1, 1, 0, 0, 1]), 2).unwrap();
        assert_eq!(pi, Ok(1.0 / 6.0));
    }

    #[test]
    fn undefined_has_a_reason_and_a_wrong_class_is_an_error() {
        assert_eq!(scott_pi(&[], 2).unwrap(), Err(Undefined::NoSharedItems));
        assert_eq!(scott_pi(&pairs(&[1, 1], &[1, 1]), 2).unwrap(), Err(Undefined::OneLabelOnly));
        let outside = QualityError::ClassOutOfRange { class: 2, n_classes: 2 };
        assert_eq!(scott_pi(&pairs(&[0], &[2]), 2), Err(outside));
    }

    proptest! {
        #[test]
        fn is_the_kappa_of_fleiss_for_two(labels in prop::collection::vec((0u16..4, 0u16..4), 1..40)) {
            let pairs: Vec<_> = labels.iter().map(|(a, b)| (Class(*a), Class(*b))).collect();
            let rows = labels.iter().map(|(a, b)| {
                let mut row = [0; 4];
                row[usize::from(*a)] += 1;
                row[usize::from(*b)] += 1;
                row
            });
            let patterns = AnswerPatterns::from_counts(rows, 4).unwrap();
            match (scott_pi(&pairs, 4).unwrap(), Fleiss::of_two(&patterns).overall(&patterns.times())) {
                (Ok(pi), Ok(kappa)) => prop_assert!((pi - kappa).abs() < 1e-12),
                (pi, kappa) => prop_assert_eq!(pi, kappa),
            }
        }
    }
}
