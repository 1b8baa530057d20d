//! Turns the posteriors of a method into the result of an aggregation: a verdict on every item and
//! the skill of every annotator.
//!
//! Posteriors are sums, and the order of their terms depends on how annotators are numbered. So
//! equal posteriors may differ in their last digits. Classes within [`TIE`] of the likeliest class
//! are tied with it.

use ndarray::Array2;
use querist_core::elementary::exp;
use querist_core::{Aggregation, AggregationFit, AnnotationSet, Class, Probabilities, Skill, Verdict};

use crate::error::QualityError;
use crate::known::Checked;
use crate::skill::Tally;

/// Two classes count as equally likely if their probabilities differ by at most this.
pub(crate) const TIE: f64 = 1e-9;

/// Returns the verdict for an item with the class probabilities `row`: the likeliest class, or a
/// tie of all classes that are equally likely.
pub(crate) fn verdict(row: &[f64]) -> Verdict {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut leading = row.iter().enumerate().filter(|(_, p)| **p >= most - TIE).map(|(class, _)| class);
    match (leading.next(), leading.next()) {
        (Some(first), Some(second)) => {
            let all = [first, second].into_iter().chain(leading);
            Verdict::Tie(all.map(Class::from_index).collect())
        }
        (first, _) => Verdict::Label(Class::from_index(first.unwrap_or_default())),
    }
}

/// Returns for each annotator the number of answers and the expected number of right answers under
/// these posteriors, which have a row for each item and a column for each class.
pub(crate) fn tallies(annotations: &AnnotationSet, posteriors: &[f64]) -> Vec<Tally> {
    let n_classes = annotations.n_classes();
    let mut tallies = vec![Tally::default(); annotations.annotators().len()];
    for entry in annotations.entries() {
        let q = posteriors[entry.item as usize * n_classes + entry.label.index()];
        tallies[entry.annotator as usize].add(q);
    }
    tallies
}

/// Makes the result of an aggregation from the posteriors, which have a row for each item and a
/// column for each class, and from `fit`, which says how the fit went. `confusion` returns the
/// confusion matrix of the annotator with this index, or `None`.
pub(crate) fn outcome(
    annotations: &AnnotationSet,
    known: Checked<'_>,
    posteriors: Vec<f64>,
    fit: Option<AggregationFit>,
    confusion: impl Fn(usize) -> Option<Array2<f64>>,
) -> Result<Aggregation, QualityError> {
    let n_classes = annotations.n_classes();
    let verdicts =
        if n_classes == 0 { Vec::new() } else { posteriors.chunks_exact(n_classes).map(verdict).collect() };
    let tallies = tallies(annotations, &posteriors);
    let skills = tallies.into_iter().enumerate().map(|(annotator, tally)| Skill {
        confusion: confusion(annotator),
        ..tally.skill(known.prior(annotator))
    });
    let skills = skills.collect();
    let rows = Array2::from_shape_vec((annotations.items().len(), n_classes), posteriors);
    let posteriors = Probabilities::new(rows.unwrap_or_default())?;
    Ok(Aggregation { verdicts, posteriors, skills, fit, instead: None })
}

/// Writes the vote shares of an item into `row`, one for each class; iterative methods start from
/// them. `weights` are the annotators' weights; empty if all weigh the same. A known label has the
/// share 1.
#[inline]
pub(crate) fn vote_shares(
    annotations: &AnnotationSet,
    known: Checked<'_>,
    weights: &[f64],
    item: usize,
    row: &mut [f64],
) {
    row.fill(0.0);
    if let Some(class) = known.label(item) {
        row[class.index()] = 1.0;
        return;
    }
    let answers = annotations.of_item(item);
    // Weights are above 0, so the sum is too.
    if !weights.is_empty() {
        let mut all = 0.0;
        for answer in answers {
            let weight = weights[answer.annotator as usize];
            row[answer.label.index()] += weight;
            all += weight;
        }
        for share in row.iter_mut() {
            *share /= all;
        }
        return;
    }
    for answer in answers {
        row[answer.label.index()] += 1.0;
    }
    for count in row.iter_mut() {
        *count /= answers.len() as f64;
    }
}

/// Turns `row`, the log joint probability of an item's answers and each class, into the item's
/// posterior. Adds the item's part of the log likelihood to `likelihood`: `ln sum_k exp(row_k)`, or
/// the log joint probability of the known label.
pub(crate) fn posterior(row: &mut [f64], known: Option<Class>, likelihood: &mut LogProduct) {
    posteriors::<1>(row, row.len(), |_| known, likelihood);
}

/// Does the same as [`posterior`] for several consecutive rows of `k` numbers each; `known` returns
/// the known label of the row with this index. `K` is equal to `k` if `k` is known at compile time,
/// so that the compiler can unroll the loops over a row; otherwise `K` is 1.
#[inline]
pub(crate) fn posteriors<const K: usize>(
    rows: &mut [f64],
    k: usize,
    known: impl Fn(usize) -> Option<Class>,
    likelihood: &mut LogProduct,
) {
    let k = if K == 1 { k } else { K };
    for (place, row) in rows.chunks_exact_mut(k).enumerate() {
        let most = if let Some(class) = known(place) {
            let log = row[class.index()];
            row.fill(f64::NEG_INFINITY);
            row[class.index()] = 0.0;
            log
        } else {
            let most =
                row.iter().fold(f64::NEG_INFINITY, |most, value| if *value > most { *value } else { most });
            for value in row {
                *value -= most;
            }
            most
        };
        debug_assert!(!most.is_nan(), "log joint probabilities are numbers");
        likelihood.log += most;
    }
    // One loop over all rows, so that the compiler uses vector instructions.
    for value in &mut *rows {
        // The value of the likeliest class is 1, so values too small to change a sum with it
        // become 0.
        *value = if *value < NOTHING { 0.0 } else { exp(*value) };
    }
    for row in rows.chunks_exact_mut(k) {
        let sum: f64 = row.iter().sum();
        let share = 1.0 / sum;
        for value in row {
            *value *= share;
        }
        likelihood.multiply(sum);
    }
}

/// A class gets probability 0 if its log probability minus the log probability of the likeliest
/// class is below this. e^-45 is less than a thousandth of the last digit of 1.
const NOTHING: f64 = -45.0;

/// The logarithm of a product of many factors of at least 1, computed with few logarithms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogProduct {
    log: f64,
    product: f64,
}

impl LogProduct {
    /// A product above this becomes part of the logarithm. It cannot overflow before: a factor is
    /// at most K, below 2^16.
    const LARGE: f64 = 1e100;

    /// The empty product, 1.
    pub(crate) const ONE: Self = Self { log: 0.0, product: 1.0 };

    /// Multiplies the product by a factor of at least 1.
    #[inline]
    fn multiply(&mut self, factor: f64) {
        self.product *= factor;
        if self.product > Self::LARGE {
            self.log += self.product.ln();
            self.product = 1.0;
        }
    }

    /// Multiplies the product by `exp(log)`.
    pub(crate) fn add_log(&mut self, log: f64) {
        self.log += log;
    }

    /// Returns the logarithm of the product.
    pub(crate) fn ln(self) -> f64 {
        self.log + self.product.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_rounding_is_a_tie() {
        assert_eq!(verdict(&[0.2, 0.5, 0.3]), Verdict::Label(Class(1)));
        assert_eq!(verdict(&[0.4, 0.2, 0.4 - 1e-15]), Verdict::Tie(vec![Class(0), Class(2)]));
        assert_eq!(verdict(&[0.4, 0.2, 0.4 - 1e-8]), Verdict::Label(Class(0)));
        assert_eq!(verdict(&[1.0]), Verdict::Label(Class(0)));
    }

    #[test]
    fn posteriors_do_not_underflow() {
        let mut row = [-5000.0, -5000.0 + 3f64.ln()];
        let log = |row: &mut [f64], known| {
            let mut likelihood = LogProduct::ONE;
            posterior(row, known, &mut likelihood);
            likelihood.ln()
        };
        let both = log(&mut row, None);
        assert!((row[0] - 0.25).abs() < 1e-12 && (row[1] - 0.75).abs() < 1e-12);
        assert!((both - (-5000.0 + 4f64.ln())).abs() < 1e-9);
        let mut row = [-7.0, -1.0];
        assert_eq!(log(&mut row, Some(Class(0))).to_bits(), (-7.0f64).to_bits());
        assert_eq!(row.to_vec(), [1.0, 0.0]);
    }

    #[test]
    fn the_log_of_a_product_is_the_sum_of_logs() {
        let (mut product, mut sum) = (LogProduct::ONE, 0.0);
        for factor in 1..2000 {
            product.multiply(f64::from(factor));
            product.add_log(-3.0);
            sum += f64::from(factor).ln() - 3.0;
        }
        assert!((product.ln() - sum).abs() < 1e-12 * sum);
    }
}
