//! Cohen's kappa: the agreement of two annotators beyond the agreement by chance that follows from
//! how often each of them uses each label.
//!
//! Over n items that both labelled, with `p_o` the share on which they agree and
//! `p_e = Σ_i r_i c_i / n²` the agreement expected from their label counts r and c,
//!
//! `kappa = (p_o - p_e) / (1 - p_e) = (n Σ_i n_ii - Σ_i r_i c_i) / (n² - Σ_i r_i c_i)`.
//!
//! The second form needs only integers until the final division, so only that division rounds. All
//! disagreements weigh the same; [`super::weighted_kappa`] weighs them by their classes. Kappa does
//! not show which of the two is right. Source: Cohen, A coefficient of agreement for nominal
//! scales, Educational and Psychological Measurement 20(1):37-46, 1960.

use querist_core::{AnnotationSet, Class};
use serde::Serialize;

use super::pairs::each_pair;
use super::undefined::Undefined;
use crate::error::{QualityError, checked_index};

/// Cohen's kappa of two annotators, with the counts and shares behind it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CohenKappa {
    /// The number n of items that both annotators labelled.
    pub n: usize,
    /// The number of these items that both labelled alike.
    pub agreeing: usize,
    /// `p_o = agreeing / n`, in [0, 1]; `None` when n is 0.
    pub raw_agreement: Option<f64>,
    /// The agreement by chance `p_e`, in [0, 1]; `None` when n is 0.
    pub expected_agreement: Option<f64>,
    /// Kappa, in [-1, 1]; `None` if it is undefined. 1 is perfect agreement, 0 is agreement as by
    /// chance.
    pub kappa: Option<f64>,
    /// The reason why there is no kappa; `None` if there is one.
    pub undefined: Option<Undefined>,
}

/// The agreement of two annotators.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairKappa {
    /// One annotator's index.
    pub a: usize,
    /// The other annotator's index, larger than `a`.
    pub b: usize,
    /// Their agreement on the items that both labelled.
    pub agreement: CohenKappa,
}

/// Computes Cohen's kappa from `pairs`, which holds for each of n items the labels by two
/// annotators. Neither exchanging the annotators nor reordering the items changes the result.
///
/// # Errors
/// A label is not below `n_classes`.
pub fn cohen_kappa(pairs: &[(Class, Class)], n_classes: usize) -> Result<CohenKappa, QualityError> {
    for (a, b) in pairs {
        checked_index(*a, n_classes)?;
        checked_index(*b, n_classes)?;
    }
    Ok(kappa_of(pairs, &mut vec![0; n_classes]))
}

/// Computes Cohen's kappa of each pair of annotators with at least `min_shared` items in common, in
/// the order of the annotators' indices. With `min_shared` 0, these are all pairs of annotators,
/// with or without common items.
///
/// The time is proportional to the number of pairs of answers to one item plus the number of pairs
/// of annotators, whatever the number of classes.
///
/// # Errors
/// An answer's class is not below the set's number of classes.
pub fn pairwise_kappa(
    annotations: &AnnotationSet,
    min_shared: usize,
) -> Result<Vec<PairKappa>, QualityError> {
    let mut found = Vec::new();
    let mut counts = vec![0; annotations.n_classes()];
    each_pair(annotations, min_shared, |pair| {
        found.push(PairKappa { a: pair.a, b: pair.b, agreement: kappa_of(pair.labels, &mut counts) });
    })?;
    Ok(found)
}

/// Computes Cohen's kappa from pairs of labels. `counts` is working memory with one number for each
/// class; all are 0 before the call and after it.
fn kappa_of(pairs: &[(Class, Class)], counts: &mut [usize]) -> CohenKappa {
    let n = pairs.len();
    let agreeing = pairs.iter().filter(|(a, b)| a == b).count();
    for (a, _) in pairs {
        counts[a.index()] += 1;
    }
    // This is Σ_i r_i c_i: each label by the second annotator adds the number of equal labels by
    // the first. The sum is over items, so its cost does not grow with the number of classes.
    let chance: i128 = pairs.iter().map(|(_, b)| counts[b.index()] as i128).sum();
    for (a, _) in pairs {
        counts[a.index()] = 0;
    }
    let squared = n as i128 * n as i128;
    let undefined = if n == 0 {
        Some(Undefined::NoSharedItems)
    } else if chance == squared {
        Some(Undefined::OneLabelOnly)
    } else {
        None
    };
    let above_chance = n as i128 * agreeing as i128 - chance;
    CohenKappa {
        n,
        agreeing,
        raw_agreement: (n > 0).then(|| agreeing as f64 / n as f64),
        expected_agreement: (n > 0).then(|| chance as f64 / squared as f64),
        kappa: undefined.is_none().then(|| above_chance as f64 / (squared - chance) as f64),
        undefined,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(a: &[u16], b: &[u16]) -> Vec<(Class, Class)> {
        a.iter().zip(b).map(|(a, b)| (Class(*a), Class(*b))).collect()
    }

    #[test]
    fn five_items_by_hand() {
        // The answers p n p p p and n n p p n agree on 3 of 5 items. The label counts are r =
        // (4, 1) and c = (2, 3), so Σ r c is 11. Kappa is (5 · 3 - 11) / (25 - 11) = 2/7.
        let result = cohen_kappa(&pairs(&[0, 1, 0, 0, 0], &[1, 1, 0, 0, 1]), 2).unwrap();
        assert_eq!((result.n, result.agreeing), (5, 3));
        assert_eq!(result.raw_agreement, Some(0.6));
        assert_eq!(result.expected_agreement, Some(0.44));
        assert_eq!(result.kappa, Some(2.0 / 7.0));
        assert_eq!(result.undefined, None);
    }

    #[test]
    fn the_ends_of_the_scale() {
        let kappa = |a: &[u16], b: &[u16]| cohen_kappa(&pairs(a, b), 3).unwrap().kappa;
        assert_eq!(kappa(&[0, 1, 2, 1], &[0, 1, 2, 1]), Some(1.0));
        assert_eq!(kappa(&[0, 1, 0, 1], &[1, 0, 1, 0]), Some(-1.0));
        // One annotator always gives the same label, so chance explains all of the agreement.
        assert_eq!(kappa(&[0, 0, 0, 0], &[0, 1, 0, 2]), Some(0.0));
        assert_eq!(kappa(&[0, 0], &[1, 1]), Some(0.0));
    }

    #[test]
    fn undefined_has_a_reason() {
        let none = cohen_kappa(&[], 2).unwrap();
        assert_eq!((none.kappa, none.undefined), (None, Some(Undefined::NoSharedItems)));
        assert_eq!((none.raw_agreement, none.expected_agreement), (None, None));
        let same = cohen_kappa(&pairs(&[1, 1], &[1, 1]), 2).unwrap();
        assert_eq!((same.kappa, same.undefined), (None, Some(Undefined::OneLabelOnly)));
        assert_eq!((same.raw_agreement, same.expected_agreement), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn a_class_outside_the_label_set_is_an_error() {
        let outside = QualityError::ClassOutOfRange { class: 2, n_classes: 2 };
        assert_eq!(cohen_kappa(&pairs(&[0], &[2]), 2), Err(outside.clone()));
        assert_eq!(cohen_kappa(&pairs(&[2], &[0]), 2), Err(outside.clone()));
        let set = AnnotationSet::new([("i", "a", Class(2))], 2);
        assert_eq!(pairwise_kappa(&set, 0), Err(outside));
    }

    #[test]
    fn pairs_come_in_name_order_and_need_enough_common_items() {
        let (p, n) = (Class(0), Class(1));
        let triples = [
            ("1", "zoe", p),
            ("1", "ann", p),
            ("2", "zoe", n),
            ("2", "ann", p),
            ("2", "max", n),
            ("3", "eve", n),
        ];
        let set = AnnotationSet::new(triples, 2);
        assert_eq!(set.annotators(), ["ann", "eve", "max", "zoe"]);
        let found = |min_shared| -> Vec<(usize, usize, usize)> {
            let all = pairwise_kappa(&set, min_shared).unwrap();
            all.iter().map(|pair| (pair.a, pair.b, pair.agreement.n)).collect()
        };
        assert_eq!(found(2), [(0, 3, 2)]);
        assert_eq!(found(1), [(0, 2, 1), (0, 3, 2), (2, 3, 1)]);
        assert_eq!(found(0), [(0, 1, 0), (0, 2, 1), (0, 3, 2), (1, 2, 0), (1, 3, 0), (2, 3, 1)]);
    }

    fn columns() -> impl Strategy<Value = Vec<(Class, Class)>> {
        prop::collection::vec((0u16..4, 0u16..4), 0..60)
            .prop_map(|pairs| pairs.into_iter().map(|(a, b)| (Class(a), Class(b))).collect())
    }

    proptest! {
        #[test]
        fn follows_the_textbook_form_and_is_symmetric(pairs in columns()) {
            let result = cohen_kappa(&pairs, 4).unwrap();
            let swapped: Vec<_> = pairs.iter().map(|(a, b)| (*b, *a)).collect();
            prop_assert_eq!(result, cohen_kappa(&swapped, 4).unwrap());
            prop_assert_eq!(result.kappa.is_none(), result.undefined.is_some());
            if let (Some(kappa), Some(raw), Some(by_chance)) =
                (result.kappa, result.raw_agreement, result.expected_agreement)
            {
                prop_assert!((-1.0..=1.0).contains(&kappa));
                prop_assert!((kappa - (raw - by_chance) / (1.0 - by_chance)).abs() < 1e-12);
            }
        }

        #[test]
        fn pairwise_is_kappa_of_the_common_items(
            answers in prop::collection::vec((0u8..12, 0u8..6, 0u16..3), 0..80),
            min_shared in 0usize..4,
        ) {
            let named: Vec<_> = answers.iter().map(|(i, a, l)| (format!("{i}"), format!("{a}"), Class(*l))).collect();
            let set = AnnotationSet::new(named.iter().map(|(i, a, l)| (i.as_str(), a.as_str(), *l)), 3);
            let mut expected = Vec::new();
            for a in 0..set.annotators().len() {
                for b in a + 1..set.annotators().len() {
                    let pairs: Vec<_> = set
                        .of_annotator(a)
                        .flat_map(|(item, label)| {
                            set.of_annotator(b).filter(move |other| other.0 == item).map(move |other| (label, other.1))
                        })
                        .collect();
                    if pairs.len() >= min_shared {
                        expected.push(PairKappa { a, b, agreement: cohen_kappa(&pairs, 3).unwrap() });
                    }
                }
            }
            prop_assert_eq!(pairwise_kappa(&set, min_shared).unwrap(), expected);
        }
    }
}
