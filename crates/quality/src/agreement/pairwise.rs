//! The weighted kappa of every pair of annotators, and the mean of these kappas with an interval.
//!
//! The mean covers the pairs that share enough items and whose kappa is defined. All these pairs
//! weigh the same: a pair with 10 items weighs as much as a pair with 1,000. So `min_shared`
//! excludes pairs with too few items.
//!
//! The interval comes from the infinitesimal jackknife over items. Let `U_pi` be the influence of
//! item i on the kappa of pair p. Let `n_p` be the number of items of the pair, and P the number of
//! pairs. The standard error is `sqrt(Σ_i (Σ_p U_pi / n_p / P)²)`; for a single pair it is the
//! standard error of Fleiss, Cohen and Everitt. The jackknife treats all answers to an item as one
//! unit, so it does not assume that pairs are independent. Source of the jackknife: Efron, The
//! Jackknife, the Bootstrap and Other Resampling Plans, SIAM, 1982, chapter 6.
//!
//! The time is quadratic in the annotators of an item, so the caller limits the number of
//! annotators.

use querist_core::{AnnotationSet, Interval};

use super::distance::Weights;
use super::pairs::each_pair;
use super::undefined::Undefined;
use super::weighted_kappa::{MIN_ITEMS, PairTable, WeightedKappa, around};
use crate::error::QualityError;

/// The weighted kappa of two annotators.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightedPair {
    /// One annotator's index.
    pub a: usize,
    /// The other annotator's index, larger than `a`.
    pub b: usize,
    /// Their agreement on the items that both labelled.
    pub agreement: WeightedKappa,
}

/// Limits on the pairs of annotators for which kappa is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairLimits {
    /// The fewest items that a pair must share.
    pub min_shared: usize,
    /// The most annotators that a set may have.
    pub max_annotators: usize,
}

impl Default for PairLimits {
    /// At least 10 shared items, and at most 1,000 annotators.
    fn default() -> Self {
        Self { min_shared: 10, max_annotators: 1000 }
    }
}

/// The mean kappa of pairs of annotators.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanKappa {
    /// The mean, in [-1, 1]; `None` if it is undefined.
    pub kappa: Option<f64>,
    /// The reason why there is no mean; `None` if there is one.
    pub undefined: Option<Undefined>,
    /// The 95 % interval; `None` without a mean or with fewer than [`MIN_ITEMS`] items.
    pub interval: Option<Interval>,
    /// The number of pairs that share enough items.
    pub pairs: usize,
    /// The number of these pairs whose kappa is undefined; they are not in the mean.
    pub undefined_pairs: usize,
    /// The number of items that the mean uses.
    pub items: usize,
    /// The number of answers that the mean uses.
    pub answers: usize,
}

/// Computes the weighted kappa of each pair of annotators that share enough items, in the order of
/// the annotators' indices.
///
/// # Errors
/// The set has more annotators than the limit, or an answer's class is not below the set's number
/// of classes.
pub fn pairwise_weighted_kappa(
    annotations: &AnnotationSet,
    weights: Weights,
    limits: PairLimits,
) -> Result<Vec<WeightedPair>, QualityError> {
    check(annotations, limits)?;
    let mut found = Vec::new();
    each_pair(annotations, limits.min_shared, |pair| {
        let agreement = PairTable::new(pair.labels, weights).kappa();
        found.push(WeightedPair { a: pair.a, b: pair.b, agreement });
    })?;
    Ok(found)
}

/// Computes the mean weighted kappa over all pairs of annotators that share enough items.
///
/// # Errors
/// The set has more annotators than the limit, or an answer's class is not below the set's number
/// of classes.
pub fn mean_pairwise_kappa(
    annotations: &AnnotationSet,
    weights: Weights,
    limits: PairLimits,
) -> Result<MeanKappa, QualityError> {
    check(annotations, limits)?;
    let entries = annotations.entries();
    // For each item, the sum of its influences on the kappas of pairs; `None` if no pair with a
    // defined kappa shares it.
    let mut influences: Vec<Option<f64>> = vec![None; annotations.items().len()];
    let mut used = vec![false; entries.len()];
    let (mut sum, mut pairs, mut undefined_pairs) = (0.0, 0, 0);
    each_pair(annotations, limits.min_shared, |pair| {
        let table = PairTable::new(pair.labels, weights);
        pairs += 1;
        let Ok(kappa) = table.value() else {
            undefined_pairs += 1;
            return;
        };
        sum += kappa;
        for ((a, b), influence) in pair.places.iter().zip(table.influences()) {
            let of_item = influences[entries[*a].item as usize].get_or_insert(0.0);
            *of_item += influence / pair.places.len() as f64;
            used[*a] = true;
            used[*b] = true;
        }
    })?;
    let undefined = match (pairs, pairs - undefined_pairs) {
        (0, _) => Some(Undefined::NoPairs),
        (_, 0) => Some(Undefined::UndefinedPairs),
        _ => None,
    };
    let defined = (pairs - undefined_pairs) as f64;
    let kappa = undefined.is_none().then(|| sum / defined);
    let items = influences.iter().flatten().count();
    let answers = used.iter().filter(|used| **used).count();
    let squares: f64 = influences.iter().flatten().map(|influence| influence * influence).sum();
    let enough = kappa.filter(|_| items >= MIN_ITEMS);
    let interval = enough.map(|kappa| around(kappa, squares.sqrt() / defined));
    Ok(MeanKappa { kappa, undefined, interval, pairs, undefined_pairs, items, answers })
}

/// Returns an error if the set has more annotators than `limits` allows.
fn check(annotations: &AnnotationSet, limits: PairLimits) -> Result<(), QualityError> {
    let (found, limit) = (annotations.annotators().len(), limits.max_annotators);
    if found > limit { Err(QualityError::TooManyAnnotators { found, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use querist_core::Class;

    use super::super::cohen::pairwise_kappa;
    use super::super::weighted_kappa::weighted_kappa;
    use super::*;

    /// Returns the answers of four annotators to 12 items of three classes: a and b answer all
    /// items, c leaves out the last two, and d answers only the first.
    fn set() -> AnnotationSet {
        let columns = [("a", "001122001122"), ("b", "001122112200"), ("c", "0112220011"), ("d", "0")];
        let names: Vec<String> = (0..12).map(|item| format!("{item:02}")).collect();
        let triples = columns.iter().flat_map(|(who, labels)| {
            names
                .iter()
                .zip(labels.bytes())
                .map(|(item, label)| (item.as_str(), *who, Class(u16::from(label - b'0'))))
        });
        AnnotationSet::new(triples, 3)
    }

    const LIMITS: PairLimits = PairLimits { min_shared: 10, max_annotators: 4 };

    #[test]
    fn the_mean_is_that_of_the_matrix() {
        let set = set();
        let matrix = pairwise_weighted_kappa(&set, Weights::Unweighted, LIMITS).unwrap();
        let plain = pairwise_kappa(&set, 10).unwrap();
        let pairs: Vec<_> = matrix.iter().map(|pair| (pair.a, pair.b, pair.agreement.kappa)).collect();
        assert_eq!(
            pairs,
            plain.iter().map(|pair| (pair.a, pair.b, pair.agreement.kappa)).collect::<Vec<_>>()
        );
        let mean = mean_pairwise_kappa(&set, Weights::Unweighted, LIMITS).unwrap();
        let expected = pairs.iter().map(|pair| pair.2.unwrap()).sum::<f64>() / 3.0;
        assert!((mean.kappa.unwrap() - expected).abs() < 1e-15);
        assert_eq!((mean.pairs, mean.undefined_pairs, mean.items, mean.answers), (3, 0, 12, 34));
    }

    #[test]
    fn the_interval_of_one_pair_is_that_of_its_large_sample_error() {
        let triples = set();
        let only: Vec<_> = triples.entries().iter().filter(|entry| entry.annotator < 2).collect();
        let name = |entry: &querist_core::Annotation| triples.items()[entry.item as usize].clone();
        let named: Vec<_> =
            only.iter().map(|entry| (name(entry), entry.annotator.to_string(), entry.label)).collect();
        let set = AnnotationSet::new(named.iter().map(|(i, a, l)| (i.as_str(), a.as_str(), *l)), 3);
        for weights in [Weights::Unweighted, Weights::Quadratic] {
            let mean = mean_pairwise_kappa(&set, weights, LIMITS).unwrap();
            let labels: Vec<_> =
                (0..12).map(|item| set.of_item(item)).map(|of| (of[0].label, of[1].label)).collect();
            let pair = weighted_kappa(&labels, 3, weights).unwrap();
            assert_eq!(mean.kappa, pair.kappa);
            let (ours, theirs) = (mean.interval.unwrap(), pair.interval.unwrap());
            assert!((ours.low - theirs.low).abs() < 1e-12 && (ours.high - theirs.high).abs() < 1e-12);
        }
    }

    #[test]
    fn limits_and_undefined_cases_are_named() {
        let set = set();
        let few = PairLimits { max_annotators: 3, ..LIMITS };
        let error = QualityError::TooManyAnnotators { found: 4, limit: 3 };
        assert_eq!(mean_pairwise_kappa(&set, Weights::Quadratic, few), Err(error.clone()));
        assert_eq!(pairwise_weighted_kappa(&set, Weights::Quadratic, few), Err(error));
        let many = PairLimits { min_shared: 13, ..LIMITS };
        let none = mean_pairwise_kappa(&set, Weights::Quadratic, many).unwrap();
        assert_eq!((none.kappa, none.undefined, none.pairs), (None, Some(Undefined::NoPairs), 0));
        let same = AnnotationSet::new([("1", "a", Class(0)), ("1", "b", Class(0))], 2);
        let one = PairLimits { min_shared: 1, ..LIMITS };
        let mean = mean_pairwise_kappa(&same, Weights::Quadratic, one).unwrap();
        assert_eq!((mean.kappa, mean.undefined), (None, Some(Undefined::UndefinedPairs)));
        assert_eq!((mean.pairs, mean.undefined_pairs, mean.items, mean.answers), (1, 1, 0, 0));
    }
}
