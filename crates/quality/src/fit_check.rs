//! Whether a crowd is as a method's model assumes, judged without any true label.
//!
//! From the fitted model, `CROWDS` crowds are drawn. Each item's truth is drawn from its posterior.
//! Each answer is drawn from the annotator's accuracy, or for `ds` and `mace` from their confusion
//! matrix. Statistics of the real answers are then compared with the drawn crowds ([`fit_check`]).
//!
//! Not visible to this check: an error that all annotators make alike looks like agreement.

use querist_core::{Aggregation, Aggregator, AnnotationSet, Class, Edition, Known, Posteriors, Seed};
use rand::{Rng, RngExt as _};

use crate::catalog::aggregator;
use crate::error::QualityError;

/// The number of drawn crowds.
const CROWDS: usize = 99;
/// The most drawn crowds that may have a statistic at least as large if the model is in doubt.
const BEYOND: usize = 1;
/// Differences of up to this many standard deviations do not count.
const LEAST: f64 = 3.0;
/// The most answers that are compared: the answers to the first items.
const MOST: usize = 200_000;

/// The fewest annotators with whom confusion matrices can be checked.
///
/// The tables of labels that each two of A annotators give have A (A - 1) (K - 1)² / 2 + A (K - 1)
/// degrees of freedom. A confusion matrices with the frequencies of the classes have A K (K - 1) +
/// K - 1 parameters, which are more for up to three annotators.
const FOR_MATRICES: usize = 4;
/// The fewest annotators with whom accuracies can be checked: the answers of two people agree or
/// not, which is only one proportion.
const FOR_ACCURACIES: usize = 3;
/// The fewest pairs of answers to the same item with which accuracies can be checked.
const PAIRS: usize = 20;
/// The number of known labels from which skills rest on them, so that annotators and pairs may be
/// fewer.
const KNOWN: usize = 30;

/// What does not fit the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// Some items divide the annotators more than skills explain.
    Items,
    /// Some pairs of labels are confused more often than others.
    Labels,
    /// Annotators prefer different labels.
    Annotators,
    /// Nothing can be checked: so few annotators fit the model whatever any two of them answer.
    TooFew {
        /// The fewest annotators with whom the check is possible.
        enough: usize,
    },
    /// Nothing can be checked: hardly any two annotators answered the same item.
    TooFewPairs,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitCheck {
    /// The worst misfit; `None` if the model fits.
    pub misfit: Option<Misfit>,
    /// For items, labels and annotators: the standard deviations above the mean of the drawn
    /// crowds.
    pub deviations: [f64; 3],
}

/// Compares the answers with crowds drawn from the result of `method`.
///
/// Three statistics use only the answers:
///
/// - **items**: `sum_i D_i²`, where D is the number of pairs of answers to an item that differ.
///   Hard items make it larger than skills can.
/// - **labels**: `sum_{k < l} C_kl²`, where C is how often the labels k and l meet on an item.
///   Labels that are confused make it larger.
/// - **annotators**: `sum_a sum_k (n_ak - e_ak)² / e_ak`, which compares an annotator's answers of
///   each label with the number that the posteriors of their items imply if errors are even.
///   Favourite labels make it larger.
///
/// The first two depend on the total disagreement `sum_i D_i`, which the skills fit only up to
/// chance. So a regression on it over the drawn crowds is subtracted. Each statistic is
/// standardised by the drawn crowds. The model does not fit if the largest of the three is more
/// than `LEAST` standard deviations above the mean and at most `BEYOND` drawn crowds reach it. This
/// is a parametric bootstrap (Efron and Tibshirani 1993) with the largest of several statistics.
///
/// # Errors
/// The answers and what is known do not fit together.
pub fn fit_check(
    annotations: &AnnotationSet,
    known: &Known,
    method: &str,
    result: &Aggregation,
) -> Result<FitCheck, QualityError> {
    let fits = FitCheck { misfit: None, deviations: [0.0; 3] };
    if annotations.entries().is_empty() {
        return Ok(fits);
    }
    let decided = known.labels.iter().flatten().count() >= KNOWN;
    if let Some(misfit) = unchecked(annotations).filter(|_| !decided) {
        return Ok(FitCheck { misfit: Some(misfit), ..fits });
    }
    if annotations.n_classes() < 2 {
        return Ok(fits);
    }
    // Vote shares are not posteriors: the one-coin model judges votes.
    let votes = |found: &dyn Aggregator| found.posteriors() == Posteriors::VoteShares;
    let judge = match aggregator(method, Edition::CURRENT) {
        Some(found) if votes(found.as_ref()) => aggregator("onecoin", Edition::CURRENT),
        _ => None,
    };
    let judged = judge.and_then(|judge| judge.aggregate(annotations, known).ok());
    let matrices = ["ds", "mace"].contains(&result.instead.unwrap_or(method));
    let model = Model::new(annotations, judged.as_ref().unwrap_or(result), matrices);
    if matrices && annotations.annotators().len() < FOR_MATRICES {
        return Ok(FitCheck { misfit: Some(Misfit::TooFew { enough: FOR_MATRICES }), ..fits });
    }
    let observed = model.statistics(|entry| annotations.entries()[entry].label);
    let mut rng = Seed(0).rng(0, "crowds that fit");
    let drawn: Vec<Statistics> = (0..CROWDS).map(|_| model.draw(&mut rng)).collect();
    let (observed, drawn) = standardised(observed, &drawn);
    let largest = |row: &[f64; 3]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let most = largest(&observed);
    let beyond = drawn.iter().filter(|row| largest(row) >= most).count();
    let kinds = [Misfit::Items, Misfit::Labels, Misfit::Annotators];
    let worst = kinds.into_iter().zip(observed).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(kind, _)| kind);
    let misfit = worst.filter(|_| beyond <= BEYOND && most > LEAST);
    Ok(FitCheck { misfit, deviations: observed })
}

/// Why even accuracies cannot be checked; `None` if they can.
fn unchecked(annotations: &AnnotationSet) -> Option<Misfit> {
    if annotations.annotators().len() < FOR_ACCURACIES {
        return Some(Misfit::TooFew { enough: FOR_ACCURACIES });
    }
    let answers = (0..annotations.items().len()).map(|item| annotations.of_item(item).len());
    let pairs: usize = answers.map(|n| n * n.saturating_sub(1) / 2).sum();
    (pairs < PAIRS).then_some(Misfit::TooFewPairs)
}

/// `sum D`, then the three statistics of [`fit_check`].
type Statistics = [f64; 4];

/// Standardises by the drawn crowds, the first two statistics after a regression on `sum D`.
fn standardised(observed: Statistics, drawn: &[Statistics]) -> ([f64; 3], Vec<[f64; 3]>) {
    let n = drawn.len() as f64;
    let mean = |at: usize| drawn.iter().map(|row| row[at]).sum::<f64>() / n;
    let means = [mean(0), mean(1), mean(2), mean(3)];
    let square: f64 = drawn.iter().map(|row| (row[0] - means[0]).powi(2)).sum();
    let mut scales = [(0.0, 0.0); 3];
    for (at, scale) in scales.iter_mut().enumerate() {
        let product: f64 = drawn.iter().map(|row| (row[0] - means[0]) * (row[at + 1] - means[at + 1])).sum();
        let slope = if at < 2 && square > 0.0 { product / square } else { 0.0 };
        let left = |row: &Statistics| row[at + 1] - means[at + 1] - slope * (row[0] - means[0]);
        // n - 2: the mean and the slope are estimated from the same crowds.
        *scale = (slope, (drawn.iter().map(|row| left(row).powi(2)).sum::<f64>() / (n - 2.0)).sqrt());
    }
    let of = |row: &Statistics| {
        let mut all = [0.0; 3];
        for (at, (value, (slope, scale))) in all.iter_mut().zip(scales).enumerate() {
            let left = row[at + 1] - means[at + 1] - slope * (row[0] - means[0]);
            *value = if scale > 1e-9 { left / scale } else { 0.0 };
        }
        all
    };
    (of(&observed), drawn.iter().map(of).collect())
}

struct Model<'a> {
    annotations: &'a AnnotationSet,
    result: &'a Aggregation,
    /// For each annotator the confusion matrix (K, K), row by row, or only the accuracy.
    rates: Vec<Vec<f64>>,
    /// The answers of each label that are expected of each annotator under even errors,
    /// (annotators, K).
    expected: Vec<f64>,
    /// The number of items that are compared, and the number of their entries.
    items: usize,
    entries: usize,
}

impl<'a> Model<'a> {
    fn new(annotations: &'a AnnotationSet, result: &'a Aggregation, matrices: bool) -> Self {
        let (k, annotators) = (annotations.n_classes(), annotations.annotators().len());
        let mut items = annotations.items().len();
        while items > 1 && annotations.span(items - 1).end > MOST {
            items -= 1;
        }
        let accuracy = |annotator: usize| result.skills[annotator].accuracy.unwrap_or(0.5);
        let mut rates: Vec<Vec<f64>> = (0..annotators).map(|annotator| vec![accuracy(annotator)]).collect();
        if matrices {
            for (annotator, rates) in rates.iter_mut().enumerate() {
                *rates = matrix(annotations, result, annotator, k);
            }
        }
        let mut expected = vec![0.0; annotators * k];
        for item in 0..items {
            let row = result.posteriors.row(item);
            for answer in annotations.of_item(item) {
                let annotator = answer.annotator as usize;
                let p = accuracy(annotator);
                let own = &mut expected[annotator * k..(annotator + 1) * k];
                for (label, sum) in own.iter_mut().enumerate() {
                    *sum += p * row[label] + (1.0 - p) * (1.0 - row[label]) / (k as f64 - 1.0);
                }
            }
        }
        Self { annotations, result, rates, expected, items, entries: annotations.span(items - 1).end }
    }

    /// The statistics of one crowd drawn from the model.
    fn draw(&self, rng: &mut impl Rng) -> Statistics {
        let k = self.annotations.n_classes();
        let mut labels = vec![Class(0); self.entries];
        for item in 0..self.items {
            let row = self.result.posteriors.row(item);
            let truth = pick(row.iter().copied(), rng);
            for entry in self.annotations.span(item) {
                let rates = &self.rates[self.annotations.entries()[entry].annotator as usize];
                let label = match rates[..] {
                    [p] if rng.random::<f64>() < p => truth,
                    [_] => (truth + rng.random_range(1..k)) % k,
                    _ => pick(rates[truth * k..(truth + 1) * k].iter().copied(), rng),
                };
                labels[entry] = Class::from_index(label);
            }
        }
        self.statistics(|entry| labels[entry])
    }

    fn statistics(&self, label: impl Fn(usize) -> Class) -> Statistics {
        let k = self.annotations.n_classes();
        let (mut all, mut items) = (0.0, 0.0);
        let mut meet = std::collections::BTreeMap::<(usize, usize), f64>::new();
        let mut given = vec![0.0; self.expected.len()];
        let mut counts: Vec<(usize, f64)> = Vec::new();
        for item in 0..self.items {
            counts.clear();
            for entry in self.annotations.span(item) {
                let label = label(entry).index();
                given[self.annotations.entries()[entry].annotator as usize * k + label] += 1.0;
                match counts.iter_mut().find(|(known, _)| *known == label) {
                    Some((_, count)) => *count += 1.0,
                    None => counts.push((label, 1.0)),
                }
            }
            let mut differ = 0.0;
            for (at, (a, n)) in counts.iter().enumerate() {
                for (b, m) in &counts[..at] {
                    differ += n * m;
                    *meet.entry((*a.min(b), *a.max(b))).or_default() += n * m;
                }
            }
            all += differ;
            items += differ * differ;
        }
        let labels = meet.values().map(|count| count * count).sum();
        let annotators = given.iter().zip(&self.expected).filter(|(_, expected)| **expected > 0.0);
        [all, items, labels, annotators.map(|(given, e)| (given - e) * (given - e) / e).sum()]
    }
}

/// An annotator's confusion matrix under the posteriors, (K, K) row by row. Each row starts with
/// one answer, spread according to the accuracy.
fn matrix(annotations: &AnnotationSet, result: &Aggregation, annotator: usize, k: usize) -> Vec<f64> {
    let p = result.skills[annotator].accuracy.unwrap_or(0.5);
    let mut counts = vec![(1.0 - p) / (k as f64 - 1.0); k * k];
    for class in 0..k {
        counts[class * k + class] = p;
    }
    for (item, label) in annotations.of_annotator(annotator) {
        for (class, q) in result.posteriors.row(item as usize).iter().enumerate() {
            counts[class * k + label.index()] += q;
        }
    }
    for row in counts.chunks_exact_mut(k) {
        let sum: f64 = row.iter().sum();
        for count in row.iter_mut() {
            *count /= sum;
        }
    }
    counts
}

fn pick(row: impl Iterator<Item = f64>, rng: &mut impl Rng) -> usize {
    let mut left = rng.random::<f64>();
    let mut last = 0;
    for (class, p) in row.enumerate().filter(|(_, p)| *p > 0.0) {
        last = class;
        left -= p;
        if left < 0.0 {
            break;
        }
    }
    last
}
