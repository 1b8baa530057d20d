//! One-coin Dawid-Skene: every annotator has a single probability of being right, whatever the
//! class.
//!
//! Model: item i is of class k with probability `π_k`. Annotator a answers its class with
//! probability `p_a`, and each of the other K - 1 classes with probability `(1 - p_a) / (K - 1)`.
//! The name is from Zhang et al. 2016; their spectral start is not used here.
//!
//! The objective, the log likelihood plus the log priors, never falls. An iteration takes time
//! O(answers + items · K).

use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Known, Posteriors};

use crate::ascent::Limits;
use crate::error::QualityError;
use crate::known::Checked;
use crate::outcome::{LogProduct, outcome, posterior, vote_shares};
use crate::start::Start;
use crate::sweep::{Groups, add};

/// The one-coin model, fitted by expectation maximisation from the vote shares.
///
/// - E: `ln q_i[k] = ln π_k + sum_a ln w_a + sum_{a answered k} (ln p_a - ln w_a)` up to a
///   constant, with `w_a = (1 - p_a) / (K - 1)`; a known label clamps its item's q.
/// - M: `p_a = (s + r + sum_i q_i[l_ia]) / (2 s + r + w + n_a)`, with a skill prior of r right and
///   w wrong answers and the smoothing s, and `π_k ∝ s + sum_i q_i[k]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneCoin {
    /// The pseudo-counts s, above 0: of right and of wrong answers of each annotator, and of each
    /// class.
    pub smoothing: f64,
    /// The way to weight votes before the first iteration.
    pub start: Start,
    /// The conditions at which the fit stops.
    pub limits: Limits,
}

impl Default for OneCoin {
    fn default() -> Self {
        Self { smoothing: 0.01, start: Start::Known, limits: Limits { tolerance: 1e-5, iterations: 100 } }
    }
}

impl Aggregator for OneCoin {
    fn name(&self) -> &'static str {
        "onecoin"
    }

    fn posteriors(&self) -> Posteriors {
        Posteriors::Probabilities
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(self.fit(annotations, Checked::new(annotations, known)?)?)
    }
}

impl OneCoin {
    /// Fits the model and returns verdicts, posteriors and skills.
    fn fit(&self, annotations: &AnnotationSet, known: Checked<'_>) -> Result<Aggregation, QualityError> {
        if annotations.entries().is_empty() {
            return outcome(annotations, known, Vec::new(), None, |_| None);
        }
        let mut model = Model::new(self.smoothing, annotations, known);
        model.start(self.start);
        let answers = annotations.entries().len();
        let fit = self.limits.climb(&mut model, answers, Model::expect, Model::maximise);
        outcome(annotations, known, model.posteriors, Some(fit), |_| None)
    }
}

/// The sums of the E-step over a group of items.
#[derive(Debug, Clone)]
struct Sums {
    /// For each annotator, the expected number of right answers.
    right: Vec<f64>,
    /// For each class, the expected number of items.
    items: Vec<f64>,
    likelihood: LogProduct,
}

/// The state of a fit.
struct Model<'a> {
    smoothing: f64,
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    k: usize,
    /// The number of answers of each annotator.
    n: Vec<f64>,
    groups: Groups,
    sums: Vec<Sums>,
    /// The posteriors q, (items, K).
    posteriors: Vec<f64>,
    /// `ln π`, for each class.
    log_prior: Vec<f64>,
    /// `ln w_a` and `ln p_a - ln w_a`, for each annotator.
    log_coins: Vec<(f64, f64)>,
    /// The log density of the priors at the parameters.
    log_density: f64,
}

impl<'a> Model<'a> {
    /// Prepares a fit, without parameters yet.
    fn new(smoothing: f64, annotations: &'a AnnotationSet, known: Checked<'a>) -> Self {
        let (k, annotators) = (annotations.n_classes(), annotations.annotators().len());
        let groups = Groups::new(annotations, annotators);
        let zero = Sums { right: vec![0.0; annotators], items: vec![0.0; k], likelihood: LogProduct::ONE };
        Self {
            smoothing,
            annotations,
            known,
            k,
            n: (0..annotators).map(|annotator| annotations.of_annotator(annotator).count() as f64).collect(),
            sums: groups.accumulators(&zero),
            groups,
            posteriors: vec![0.0; annotations.items().len() * k],
            log_prior: vec![0.0; k],
            log_coins: vec![(0.0, 0.0); annotators],
            log_density: 0.0,
        }
    }

    /// Sets the first parameters, by an M-step from the vote shares.
    fn start(&mut self, start: Start) {
        let (annotations, known) = (self.annotations, self.known);
        let weights = start.weights(annotations, known);
        self.pass(|item, row, _| vote_shares(annotations, known, &weights, item, row));
        self.maximise();
    }

    /// Runs the E-step: computes the posteriors and the sums that the M-step needs. Returns the
    /// objective.
    fn expect(&mut self) -> f64 {
        let (annotations, known) = (self.annotations, self.known);
        let (log_prior, log_coins) =
            (std::mem::take(&mut self.log_prior), std::mem::take(&mut self.log_coins));
        self.pass(|item, row, likelihood| {
            row.copy_from_slice(&log_prior);
            // First count every answer as wrong, for all classes alike (`all_wrong`). Then add to
            // the answered class the log ratio of a right to a wrong answer.
            let mut all_wrong = 0.0;
            for answer in annotations.of_item(item) {
                let (wrong, more) = log_coins[answer.annotator as usize];
                all_wrong += wrong;
                row[answer.label.index()] += more;
            }
            likelihood.add_log(all_wrong);
            posterior(row, known.label(item), likelihood);
        });
        (self.log_prior, self.log_coins) = (log_prior, log_coins);
        self.sums[0].likelihood.ln() + self.log_density
    }

    /// Calls `expect` for every item with the item's index, the row for its posterior and the
    /// likelihood to multiply. Afterwards the sums over all items are in `sums[0]`.
    fn pass(&mut self, expect: impl Fn(usize, &mut [f64], &mut LogProduct) + Sync) {
        let (annotations, k) = (self.annotations, self.k);
        self.groups.each(&mut self.posteriors, k, &mut self.sums, |items, rows, sums| {
            sums.right.fill(0.0);
            sums.items.fill(0.0);
            sums.likelihood = LogProduct::ONE;
            for (item, row) in items.zip(rows.chunks_exact_mut(k)) {
                expect(item, row, &mut sums.likelihood);
                add(&mut sums.items, row);
                for answer in annotations.of_item(item) {
                    sums.right[answer.annotator as usize] += row[answer.label.index()];
                }
            }
        });
        if let Some((first, others)) = self.sums.split_first_mut() {
            for other in others {
                add(&mut first.right, &other.right);
                add(&mut first.items, &other.items);
                first.likelihood.add_log(other.likelihood.ln());
            }
        }
    }

    /// The M-step: computes the parameters from the sums, and the log density of the priors at
    /// these parameters.
    fn maximise(&mut self) {
        let (smoothing, sums) = (self.smoothing, &self.sums[0]);
        let total: f64 = sums.items.iter().map(|count| count + smoothing).sum();
        self.log_density = 0.0;
        for (log_prior, count) in self.log_prior.iter_mut().zip(&sums.items) {
            *log_prior = ((count + smoothing) / total).ln();
            self.log_density += smoothing * *log_prior;
        }
        let log_others = (self.k as f64 - 1.0).max(1.0).ln();
        for (annotator, coin) in self.log_coins.iter_mut().enumerate() {
            let prior = self.known.prior(annotator);
            let (right, wrong) = (smoothing + prior.right, smoothing + prior.wrong);
            // Rounding may make the expected number of right answers exceed the number of answers.
            let missed = (self.n[annotator] - sums.right[annotator]).max(0.0);
            let total = (right + wrong + self.n[annotator]).ln();
            let log_right = (right + sums.right[annotator]).ln() - total;
            let log_wrong = (wrong + missed).ln() - total;
            self.log_density += right * log_right + wrong * log_wrong;
            *coin = (log_wrong - log_others, log_right - log_wrong + log_others);
        }
    }
}
