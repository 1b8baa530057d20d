//! GLAD: every annotator has an ability, every item a difficulty.
//!
//! Model (Whitehill et al. 2009): annotator a gives the class of item i with probability
//! `σ(α_a β_i)`, `β_i = exp(b_i) > 0`, and each of the other K - 1 with an equal share of the rest;
//! α is the ability (below 0: contrary), 1 / β the difficulty. Priors: α and b are normal with mean
//! 1 and variance 1, as in the authors' program; classes are uniform.
//!
//! Fitted by generalised expectation maximisation; the authors climb both at once by conjugate
//! gradients, here it is one after the other:
//!
//! - E: `ln q_i[k] = sum_a ln ((1 - σ) / (K - 1)) + sum_{a answered k} (α_a β_i + ln (K - 1))` up
//!   to a constant, since the logit of σ is its argument; a known label clamps its item's q.
//! - each b by a scoring step of what its item adds to the objective, halved until that does not
//!   fall;
//! - each α by Newton's method on its expected log likelihood, which is concave
//!   (`glad/ability.rs`).
//!
//! It begins with every b at 1 and every α at 1, or at the maximum for their answers to items with
//! a known label ([`Start`]).
//!
//! The objective, the log likelihood with the logs of the priors, never falls. A skill prior of r
//! right and w wrong answers is that many answers to items of b = 1. It costs some exponentials for
//! each answer in an iteration.

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

/// The mean of the prior of every α and b.
const MEAN: f64 = 1.0;
/// How often a step of b is halved before the item keeps its b.
const HALVINGS: usize = 6;
/// The longest step of b: a factor of e in β.
const LONGEST: f64 = 1.0;

/// The model of Whitehill et al.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glad {
    /// What the first abilities are.
    pub start: Start,
    /// When to stop.
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

struct Model<'a> {
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    k: usize,
    groups: Groups,
    /// The log likelihood of each group, with the logs of the priors of its b.
    objectives: Vec<f64>,
    alphas: Vec<f64>,
    /// A row an item: its posterior, K numbers, and its b.
    table: Vec<f64>,
}

impl<'a> Model<'a> {
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

    /// The first abilities: the mean of the prior, or what the answers to items with a known label
    /// say.
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

    fn columns(&self) -> usize {
        self.k + 1
    }

    /// The E-step: posteriors, and the objective.
    fn expect(&mut self) -> f64 {
        self.pass(|item, row, b| item.expect(b, row).0);
        let of_alphas = self.alphas.iter().enumerate().map(|(annotator, alpha)| {
            let prior = self.known.prior(annotator);
            log_normal(*alpha) + ability::log_prior(prior, *alpha, MEAN.exp())
        });
        self.objectives.iter().sum::<f64>() + of_alphas.sum::<f64>()
    }

    /// Difficulties, posteriors with them, then abilities.
    fn improve(&mut self) {
        self.pass(|item, row, b| {
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

    /// Calls `visit` for every item with its row and its b; what it gives is added up.
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

/// An item and what its likelihood depends on but for its b.
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
    /// Writes the posterior at `b` into the row; gives what the item adds to the objective, its
    /// slope in b, and its expected curvature with the sign turned, at least 1.
    fn expect(&self, b: f64, row: &mut [f64]) -> (f64, f64, f64) {
        let beta = b.exp();
        let row = &mut row[..self.k];
        row.fill(-((self.k as f64).ln()));
        let answers = self.annotations.of_item(self.index);
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

/// `σ(x) = 1 / (1 + exp(-x))` and `ln (1 - σ(x))`.
fn logistic(x: f64) -> (f64, f64) {
    let small = (-x.abs()).exp();
    let sigma = if x >= 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
    (sigma, -(x.max(0.0) + small.ln_1p()))
}

/// The log density of the prior, up to a constant.
fn log_normal(value: f64) -> f64 {
    -(value - MEAN) * (value - MEAN) / 2.0
}
