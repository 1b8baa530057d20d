//! Checks whether a crowd's answers fit the model of a method, without any true label.
//!
//! From the fitted model, `CROWDS` crowds of answers are drawn. For each item a true class is drawn
//! from the item's posterior. Each answer is drawn with the annotator's accuracy, or for `ds` and
//! `mace` from the annotator's confusion matrix. Statistics of the real answers are then compared
//! with the same statistics of the drawn crowds ([`fit_check`]).
//!
//! The check cannot detect errors that all annotators make alike, because they look like agreement.

use querist_core::{Aggregation, Aggregator, AnnotationSet, Class, Edition, Known, Posteriors, Seed};
use rand::{Rng, RngExt as _};

use crate::catalog::aggregator;
use crate::error::QualityError;

/// The number of drawn crowds.
const CROWDS: usize = 99;
/// The model counts as not fitting only if at most this many drawn crowds have a statistic at least
/// as large as the real one.
const BEYOND: usize = 1;
/// A statistic counts as a misfit only if it is more than this many standard deviations above the
/// mean of the drawn crowds.
const LEAST: f64 = 3.0;
/// The most answers that are compared; only the first items are used if a set has more.
const MOST: usize = 200_000;

/// The fewest annotators with whom confusion matrices can be checked.
///
/// For each two of A annotators, a table counts the pairs of labels that they give. All these
/// tables together have `A (A - 1) (K - 1)² / 2 + A (K - 1)` degrees of freedom. The confusion
/// matrices of all A annotators, together with the frequencies of the classes, have
/// `A K (K - 1) + K - 1` parameters. With up to three annotators the parameters are more numerous,
/// so the model fits any answers.
const FOR_MATRICES: usize = 4;
/// The fewest annotators with whom accuracies can be checked. The answers of only two annotators
/// give a single number, the share of items on which they agree.
const FOR_ACCURACIES: usize = 3;
/// The fewest pairs of answers to the same item with which accuracies can be checked.
const PAIRS: usize = 20;
/// With at least this many known labels, skills rest on these, and the limits on annotators and
/// pairs do not apply to accuracies.
const KNOWN: usize = 30;

/// The way in which answers do not fit the model, or the reason why this cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// Annotators disagree on some items more than their skills explain.
    Items,
    /// Some pairs of labels are confused more often than the model explains.
    Labels,
    /// Some annotators prefer certain labels more than the model explains.
    Annotators,
    /// The model cannot be checked: with so few annotators, it fits any answers.
    TooFew {
        /// The fewest annotators with whom the check is possible.
        enough: usize,
    },
    /// The model cannot be checked: too few pairs of answers are to the same item.
    TooFewPairs,
}

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitCheck {
    /// The worst misfit, or the reason why there is no check; `None` if the model fits.
    pub misfit: Option<Misfit>,
    /// The statistics of items, labels and annotators, in standard deviations above the mean of the
    /// drawn crowds.
    pub deviations: [f64; 3],
}

/// Compares the answers with crowds drawn from the model that `method` fitted to these answers.
/// `result` is the result of this fit.
///
/// Three statistics use only the answers:
///
/// - **items**: `sum_i D_i²`, where `D_i` is the number of pairs of answers to item i that differ.
///   Hard items make it larger than skills can.
/// - **labels**: `sum_{k < l} C_kl²`, where `C_kl` is the number of pairs of answers to one item
///   with the labels k and l. Labels that are often confused make it larger.
/// - **annotators**: `sum_a sum_k (n_ak - e_ak)² / e_ak`, where `n_ak` is the number of answers k
///   by annotator a. `e_ak` is the number expected from the posteriors of the items if wrong
///   answers are spread evenly. Annotators who prefer certain labels make it larger.
///
/// The first two depend on the total disagreement `sum_i D_i`, which varies by chance between
/// crowds of the same skills. So this dependence, estimated by a regression over the drawn crowds,
/// is subtracted. Each statistic is then expressed in standard deviations above the mean of the
/// drawn crowds. The model does not fit if the largest of the three exceeds `LEAST` and at most
/// `BEYOND` drawn crowds have a largest statistic as high. This is a parametric bootstrap (Efron
/// and Tibshirani 1993) with the largest of several statistics.
///
/// # Errors
/// The known labels or skills do not fit the answers.
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
    // Vote shares are not posteriors, so crowds are drawn from the one-coin model for vote methods.
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

/// Returns the reason why the answers are too few to check even accuracies; `None` if they suffice.
fn unchecked(annotations: &AnnotationSet) -> Option<Misfit> {
    if annotations.annotators().len() < FOR_ACCURACIES {
        return Some(Misfit::TooFew { enough: FOR_ACCURACIES });
    }
    let answers = (0..annotations.items().len()).map(|item| annotations.of_item(item).len());
    let pairs: usize = answers.map(|n| n * n.saturating_sub(1) / 2).sum();
    (pairs < PAIRS).then_some(Misfit::TooFewPairs)
}

/// `sum_i D_i`, then the three statistics of [`fit_check`].
type Statistics = [f64; 4];

/// Converts the three statistics of the real crowd and of the drawn crowds to standard deviations
/// above the mean of the drawn crowds; the first two after subtracting their regression on
/// `sum_i D_i`.
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
        // Divide by n - 2, because the mean and the slope are estimated from the same crowds.
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

/// The model from which crowds are drawn.
struct Model<'a> {
    annotations: &'a AnnotationSet,
    result: &'a Aggregation,
    /// For each annotator the confusion matrix, row by row, or only the accuracy.
    rates: Vec<Vec<f64>>,
    /// The expected number of answers with each label by each annotator if wrong answers are spread
    /// evenly: a row for each annotator, a column for each label.
    expected: Vec<f64>,
    /// The number of items that are compared; `entries` is the number of answers to them.
    items: usize,
    entries: usize,
}

impl<'a> Model<'a> {
    /// Takes accuracies and posteriors from `result`. If `matrices` is true, also estimates the
    /// confusion matrix of each annotator.
    fn new(annotations: &'a AnnotationSet, result: &'a Aggregation, matrices: bool) -> Self {
        let (k, annotators) = (annotations.n_classes(), annotations.annotators().len());
        let mut items = annotations.items().len();
        // Leave out the last items until at most `MOST` answers remain.
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

    /// Draws one crowd from the model and returns its statistics.
    fn draw(&self, rng: &mut impl Rng) -> Statistics {
        let k = self.annotations.n_classes();
        let mut labels = vec![Class(0); self.entries];
        for item in 0..self.items {
            let row = self.result.posteriors.row(item);
            let truth = pick(row.iter().copied(), rng);
            for entry in self.annotations.span(item) {
                let rates = &self.rates[self.annotations.entries()[entry].annotator as usize];
                let label = match rates[..] {
                    // With an accuracy alone, a wrong answer is any of the other classes, all
                    // equally likely.
                    [p] if rng.random::<f64>() < p => truth,
                    [_] => (truth + rng.random_range(1..k)) % k,
                    _ => pick(rates[truth * k..(truth + 1) * k].iter().copied(), rng),
                };
                labels[entry] = Class::from_index(label);
            }
        }
        self.statistics(|entry| labels[entry])
    }

    /// Returns the statistics of answers whose labels are `label(entry)` for each entry of the set.
    fn statistics(&self, label: impl Fn(usize) -> Class) -> Statistics {
        let k = self.annotations.n_classes();
        // `all` is the sum of all D_i, and `items` the sum of their squares.
        let (mut all, mut items) = (0.0, 0.0);
        // `meet` has C_kl for each pair of labels k < l, and `given` has n_ak for each annotator
        // and label.
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

/// Returns an annotator's confusion matrix as expected from the posteriors, row by row, for `k`
/// classes. Each row starts with one pseudo-answer, distributed according to the annotator's
/// accuracy.
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

/// Draws an index with the probabilities `row`, which sum to 1.
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
