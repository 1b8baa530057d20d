//! GLAD: every annotator has an ability, every item a difficulty.
//!
//! Model (Whitehill et al. 2009): annotator a answers the class of item i with probability
//! `σ(α_a β_i)`, with `β_i = exp(b_i) > 0`. Each of the other K - 1 classes has an equal share of
//! the rest. α is the ability; if it is below 0, the annotator is wrong more often than right. 1 /
//! β is the difficulty. As in the authors' program, the priors of α and b are normal with mean 1
//! and variance 1, and classes are uniform. A skill prior of r right and w wrong answers counts as
//! r right and w wrong answers to items with b = 1.
//!
//! The objective, the log likelihood plus the log priors, does not fall in any iteration. An
//! iteration computes a few exponentials for each answer.

mod ability;

use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Class, Known, Posteriors, SkillPrior};
use rayon::prelude::*;

use crate::ascent::Limits;
use crate::error::QualityError;
use crate::known::Checked;
use crate::outcome::{LogProduct, outcome, posterior};
use crate::start::Start;
use crate::sweep::Groups;

/// The prior mean of every α and b.
const MEAN: f64 = 1.0;
/// The most times that a step of b is halved; if the objective still falls, b does not change.
const HALVINGS: usize = 6;
/// The longest step of b, which multiplies or divides β by e.
const LONGEST: f64 = 1.0;

/// The model of Whitehill et al., fitted by generalised expectation maximisation.
///
/// The authors change α and b together by conjugate gradients. Here an iteration changes first b
/// and then α:
///
/// - E: `ln q_i[k] = sum_a ln ((1 - σ) / (K - 1)) + sum_{a answered k} (α_a β_i + ln (K - 1))` up
///   to a constant, because the logit of σ is its argument; a known label clamps its item's q;
/// - each b takes a step of Fisher scoring on its item's part of the objective. The step is halved
///   until this part does not fall;
/// - each α is improved by Newton's method on its expected log likelihood, which is concave
///   (`glad/ability.rs`).
///
/// Every b starts at 1. Every α starts at 1, or at the maximum for the annotator's answers to items
/// with a known label ([`Start`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glad {
    /// The way to set the abilities before the first iteration.
    pub start: Start,
    /// The conditions at which the fit stops.
    pub limits: Limits,
}

impl Default for Glad {
    fn default() -> Self {
        Self { start: Start::Known, limits: Limits { tolerance: 1e-5, iterations: 100 } }
    }
}

impl Aggregator for Glad {
    fn name(&self) -> &'static str {
        "glad"
    }

    fn posteriors(&self) -> Posteriors {
        Posteriors::Probabilities
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(self.fit(annotations, Checked::new(annotations, known)?)?)
    }
}

impl Glad {
    /// Fits the model and returns verdicts, posteriors and skills.
    fn fit(&self, annotations: &AnnotationSet, known: Checked<'_>) -> Result<Aggregation, QualityError> {
        if annotations.entries().is_empty() {
            return outcome(annotations, known, Vec::new(), None, |_| None);
        }
        let mut model = Model::new(annotations, known);
        model.start(self.start);
        let answers = annotations.entries().len();
        let fit = self.limits.climb(&mut model, answers, Model::expect, Model::improve);
        let (k, columns) = (annotations.n_classes(), model.columns());
        let rows = model.table.chunks_exact(columns);
        let posteriors = rows.flat_map(|row| &row[..k]).copied().collect();
        outcome(annotations, known, posteriors, Some(fit), |_| None)
    }
}

/// The state of a fit.
struct Model<'a> {
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    k: usize,
    groups: Groups,
    /// For each group of items, the log likelihood plus the log priors of their b.
    objectives: Vec<f64>,
    alphas: Vec<f64>,
    /// A row for each item: its K posterior probabilities, then its b.
    table: Vec<f64>,
}

impl<'a> Model<'a> {
    /// Prepares a fit in which every α and b has the mean of its prior.
    fn new(annotations: &'a AnnotationSet, known: Checked<'a>) -> Self {
        let k = annotations.n_classes();
        let groups = Groups::new(annotations, 1);
        Self {
            annotations,
            known,
            k,
            objectives: groups.accumulators(&0.0),
            groups,
            alphas: vec![MEAN; annotations.annotators().len()],
            table: vec![MEAN; annotations.items().len() * (k + 1)],
        }
    }

    /// Sets the first abilities: the prior mean for an annotator without answers to items with a
    /// known label, else the ability that these answers make likeliest.
    fn start(&mut self, start: Start) {
        let counts = start.counts(self.annotations, self.known);
        for (annotator, (alpha, (right, wrong))) in self.alphas.iter_mut().zip(counts).enumerate() {
            if right + wrong > 0.0 {
                let prior = self.known.prior(annotator);
                let seen = SkillPrior { right: prior.right + right, wrong: prior.wrong + wrong };
                *alpha = ability::maximise(MEAN, &[], seen, MEAN.exp());
            }
        }
    }

    /// Returns the length of a row of the table.
    fn columns(&self) -> usize {
        self.k + 1
    }

    /// The E-step: computes the posteriors and returns the objective.
    fn expect(&mut self) -> f64 {
        self.pass(|item, row, b| item.expect(b, row).0);
        let of_alphas = self.alphas.iter().enumerate().map(|(annotator, alpha)| {
            let prior = self.known.prior(annotator);
            log_normal(*alpha) + ability::log_prior(prior, *alpha, MEAN.exp())
        });
        self.objectives.iter().sum::<f64>() + of_alphas.sum::<f64>()
    }

    /// Improves the difficulties, recomputes the posteriors with them, then improves the abilities.
    fn improve(&mut self) {
        self.pass(|item, row, b| {
            // Halve the step until the item's part of the objective does not fall. If it still
            // falls after the last halving, keep b.
            let (before, slope, curvature) = item.expect(b, row);
            let mut step = (slope / curvature).clamp(-LONGEST, LONGEST);
            for _ in 0..HALVINGS {
                let (after, ..) = item.expect(b + step, row);
                if after >= before {
                    row[item.k] = b + step;
                    return after;
                }
                step /= 2.0;
            }
            item.expect(b, row).0
        });
        let (annotations, known, k, table) = (self.annotations, self.known, self.k, &self.table);
        // The abilities need for each answer its β and the posterior of the answered class.
        let betas: Vec<f64> = table.chunks_exact(k + 1).map(|row| row[k].exp()).collect();
        self.alphas.par_iter_mut().enumerate().with_min_len(64).for_each_init(
            Vec::new,
            |answers, (annotator, alpha)| {
                answers.clear();
                answers.extend(annotations.of_annotator(annotator).map(|(item, label)| {
                    (betas[item as usize], table[item as usize * (k + 1) + label.index()])
                }));
                *alpha = ability::maximise(*alpha, answers, known.prior(annotator), MEAN.exp());
            },
        );
    }

    /// Calls `visit` for every item with its row of the table and its b, and stores the sums of the
    /// returned values in `objectives`, by group.
    fn pass(&mut self, visit: impl Fn(&Item<'_>, &mut [f64], f64) -> f64 + Sync) {
        let (annotations, known, k) = (self.annotations, self.known, self.k);
        let (alphas, columns) = (&self.alphas, self.columns());
        let log_others = (k as f64 - 1.0).max(1.0).ln();
        self.groups.each(&mut self.table, columns, &mut self.objectives, |items, rows, objective| {
            *objective = 0.0;
            for (item, row) in items.zip(rows.chunks_exact_mut(columns)) {
                let item = Item { annotations, alphas, index: item, label: known.label(item), k, log_others };
                let b = row[k];
                *objective += visit(&item, row, b);
            }
        });
    }
}

/// An item and the values that its likelihood depends on, except its b.
struct Item<'a> {
    annotations: &'a AnnotationSet,
    alphas: &'a [f64],
    index: usize,
    label: Option<Class>,
    k: usize,
    /// `ln (K - 1)`.
    log_others: f64,
}

impl Item<'_> {
    /// Writes the item's posterior for this `b` into `row`. Returns the item's part of the
    /// objective, the derivative of this part with respect to b, and its negated expected second
    /// derivative, at least 1.
    fn expect(&self, b: f64, row: &mut [f64]) -> (f64, f64, f64) {
        let beta = b.exp();
        let row = &mut row[..self.k];
        row.fill(-((self.k as f64).ln()));
        let answers = self.annotations.of_item(self.index);
        // First count every answer as wrong, for all classes alike (`all_wrong`). Then add to the
        // answered class the log ratio of a right to a wrong answer, x + ln (K - 1).
        let (mut all_wrong, mut curvature, mut slope) = (0.0, 1.0, MEAN - b);
        for answer in answers {
            let x = self.alphas[answer.annotator as usize] * beta;
            let (sigma, log_wrong) = logistic(x);
            all_wrong += log_wrong - self.log_others;
            row[answer.label.index()] += x + self.log_others;
            curvature += sigma * (1.0 - sigma) * x * x;
            slope -= sigma * x;
        }
        let mut likelihood = LogProduct::ONE;
        posterior(row, self.label, &mut likelihood);
        let log_likelihood = all_wrong + likelihood.ln();
        for answer in answers {
            slope += row[answer.label.index()] * self.alphas[answer.annotator as usize] * beta;
        }
        (log_likelihood + log_normal(b), slope, curvature)
    }
}

/// Returns `σ(x) = 1 / (1 + exp(-x))` and `ln (1 - σ(x))`.
fn logistic(x: f64) -> (f64, f64) {
    let small = (-x.abs()).exp();
    let sigma = if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    (sigma, -(x.max(0.0) + small.ln_1p()))
}

/// Returns the log density of the prior of α or b at `value`, up to a constant.
fn log_normal(value: f64) -> f64 {
    -(value - MEAN) * (value - MEAN) / 2.0
}
