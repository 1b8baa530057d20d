//! MACE: every annotator either knows the label of an item, or answers by a habit of their own.
//!
//! Model (Hovy et al. 2013): an item is of class k with probability `π_k`. Annotator a knows the
//! class with probability `θ_a` and then answers it; otherwise the answer is drawn from the habit
//! `ξ_a`, whatever the item. So the answer l to an item of class k has the probability
//! `θ_a [l = k] + (1 - θ_a) ξ_a[l]`. Priors: θ ~ Beta(1/2, 1/2) as in the paper, ξ ~ Dirichlet(1,
//! …, 1).
//!
//! The authors' program differs in two ways: π is uniform there and estimated here; every parameter
//! of the prior of ξ is 10 there and 1 here. On real crowds, both changes make the lower bound that
//! the fit maximises much higher (`docs/quality-measured.md`).

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Known, Posteriors};
use statrs::function::gamma::ln_gamma;

use crate::ascent::Limits;
use crate::cells::Cells;
use crate::digamma::digamma;
use crate::error::QualityError;
use crate::known::Checked;
use crate::outcome::{LogProduct, outcome, posterior};
use crate::start::{FIRST, Start};
use crate::sweep::{Groups, add};

/// The most numbers in all confusion matrices together; beyond this, the result has no matrices.
const MOST_CONFUSION: usize = 1 << 27;

/// The model of Hovy et al., fitted by variational Bayes, the authors' default.
///
/// θ and ξ have Beta and Dirichlet distributions. They enter the E-step as `θ' = exp E ln θ`,
/// `(1 - θ)' = exp E ln (1 - θ)` and `ξ' = exp E ln ξ`, which follow from digamma functions of
/// expected counts.
///
/// - E: `q_i[k] ∝ π_k prod_a (θ' [l_ia = k] + (1 - θ)' ξ'[l_ia])`, in logs; a known label clamps
///   its item's q.
/// - M: an answer l to item i came from knowledge with probability
///   `q_i[l] θ' / (θ' + (1 - θ)' ξ'[l])`. The expected counts of answers from knowledge, and of
///   other answers by label, are added to the priors; `π_k ∝ s + sum_i q_i[k]`.
///
/// The objective, `sum_i ln Z_i - KL(θ) - KL(ξ) + s sum_k ln π_k`, is a lower bound of the log
/// evidence and never falls. Instead of the best of many random starts there is one fixed start
/// ([`Start`]). An iteration takes time O(answers + items · K).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mace {
    /// Both parameters of the Beta prior of θ, above 0.
    pub knowing: f64,
    /// Every parameter of the Dirichlet priors of ξ, above 0.
    pub habit: f64,
    /// The pseudo-count s of each class, above 0.
    pub smoothing: f64,
    /// The way to weight the annotators before the first iteration.
    pub start: Start,
    /// The conditions at which the fit stops.
    pub limits: Limits,
}

impl Default for Mace {
    /// Priors Beta(1/2, 1/2) and Dirichlet(1, …, 1), one pseudo-count for each class, and at most
    /// 100 iterations.
    fn default() -> Self {
        Self {
            knowing: 0.5,
            habit: 1.0,
            smoothing: 1.0,
            start: Start::Known,
            limits: Limits { tolerance: 1e-5, iterations: 100 },
        }
    }
}

impl Aggregator for Mace {
    fn name(&self) -> &'static str {
        "mace"
    }

    fn posteriors(&self) -> Posteriors {
        Posteriors::Probabilities
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(self.fit(annotations, Checked::new(annotations, known)?)?)
    }
}

impl Mace {
    /// Fits the model and returns verdicts, posteriors, skills and, if they are small enough
    /// together, confusion matrices.
    fn fit(&self, annotations: &AnnotationSet, known: Checked<'_>) -> Result<Aggregation, QualityError> {
        if annotations.entries().is_empty() {
            return outcome(annotations, known, Vec::new(), None, |_| None);
        }
        let mut model = Model::new(*self, annotations, known);
        model.start();
        let answers = annotations.entries().len();
        let fit = self.limits.climb(&mut model, answers, Model::expect, Model::maximise);
        let k = annotations.n_classes();
        let kept = annotations.annotators().len().saturating_mul(k * k) <= MOST_CONFUSION;
        let posteriors = std::mem::take(&mut model.posteriors);
        outcome(annotations, known, posteriors, Some(fit), |annotator| {
            kept.then(|| model.confusion(annotator))
        })
    }
}

/// The sums of the E-step over a group of items.
#[derive(Debug, Clone)]
struct Sums {
    /// For each cell (annotator and label), the expected number of right answers.
    right: Vec<f64>,
    /// For each class, the expected number of items.
    items: Vec<f64>,
    likelihood: LogProduct,
}

/// The numbers that the E-step needs for a cell (annotator a and label l).
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    /// `ln ((1 - θ)' ξ'[l])`.
    log_habit: f64,
    /// `ln (θ' + (1 - θ)' ξ'[l])` minus `log_habit`.
    log_more: f64,
    /// The probability that a right answer came from knowledge and not from habit.
    known: f64,
}

/// The state of a fit.
struct Model<'a> {
    prior: Mace,
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    k: usize,
    cells: Cells,
    /// The number of answers in each cell.
    n: Vec<f64>,
    groups: Groups,
    sums: Vec<Sums>,
    /// The posteriors q, (items, K).
    posteriors: Vec<f64>,
    /// `ln π`, for each class.
    log_prior: Vec<f64>,
    weights: Vec<Weight>,
    /// The Beta parameters of each annotator's θ: (known answers, other answers).
    knowing: Vec<(f64, f64)>,
    /// The Dirichlet parameters of each ξ, for each cell; labels without a cell keep the prior's
    /// parameter.
    habits: Vec<f64>,
    /// The divergence of these distributions from their priors, minus the log density of the prior
    /// of π.
    divergence: f64,
}

impl<'a> Model<'a> {
    /// Prepares a fit with even class frequencies, without distributions of θ and ξ yet.
    fn new(prior: Mace, annotations: &'a AnnotationSet, known: Checked<'a>) -> Self {
        let (k, annotators) = (annotations.n_classes(), annotations.annotators().len());
        let cells = Cells::new(annotations);
        let groups = Groups::new(annotations, cells.len());
        let mut n = vec![0.0; cells.len()];
        for cell in cells.of_entries(0..annotations.entries().len()) {
            n[*cell as usize] += 1.0;
        }
        Self {
            prior,
            annotations,
            known,
            k,
            n,
            sums: groups.accumulators(&Sums {
                right: vec![0.0; cells.len()],
                items: vec![0.0; k],
                likelihood: LogProduct::ONE,
            }),
            groups,
            posteriors: vec![0.0; annotations.items().len() * k],
            log_prior: vec![-(k as f64).ln(); k],
            weights: vec![Weight::default(); cells.len()],
            knowing: vec![(0.0, 0.0); annotators],
            habits: vec![0.0; cells.len()],
            cells,
            divergence: 0.0,
        }
    }

    /// Sets the first distributions by an E-step and an M-step. In this E-step all habits are even.
    /// θ is estimated from the annotator's answers to items with a known label; without such
    /// answers it is 1/2.
    fn start(&mut self) {
        // With θ = 1/2 and ξ = 1/K, (1 - θ) ξ = 1 / (2 K), and θ is K times as large.
        let k = self.k as f64;
        let even = Weight { log_habit: -(2.0 * k).ln(), log_more: k.ln_1p(), known: k / (1.0 + k) };
        self.weights.fill(even);
        let counts = self.prior.start.counts(self.annotations, self.known);
        for (annotator, (right, wrong)) in counts.into_iter().enumerate() {
            let n = right + wrong;
            if n > 0.0 {
                // The expected number of answers from knowledge, if guesses are even.
                let knew = ((k * right - n) / (k - 1.0).max(1.0)).clamp(0.0, n);
                let knows = (FIRST / 2.0 + knew) / (FIRST + n);
                let odds = (knows / (1.0 - knows) * k).ln();
                let log_more = odds.exp().ln_1p();
                let weight =
                    Weight { log_habit: ((1.0 - knows) / k).ln(), log_more, known: (odds - log_more).exp() };
                self.weights[self.cells.of_annotator(annotator)].fill(weight);
            }
        }
        self.expect();
        self.maximise();
    }

    /// The E-step: computes the posteriors and the sums, and returns the objective.
    fn expect(&mut self) -> f64 {
        let (annotations, known) = (self.annotations, self.known);
        let weights = std::mem::take(&mut self.weights);
        let log_prior = std::mem::take(&mut self.log_prior);
        self.pass(|item, row, cells, likelihood| {
            row.copy_from_slice(&log_prior);
            // First count every answer as given by habit, for all classes alike (`all_habit`). Then
            // add to the answered class what possible knowledge adds.
            let mut all_habit = 0.0;
            for (answer, cell) in annotations.of_item(item).iter().zip(cells) {
                let weight = weights[*cell as usize];
                all_habit += weight.log_habit;
                row[answer.label.index()] += weight.log_more;
            }
            likelihood.add_log(all_habit);
            posterior(row, known.label(item), likelihood);
        });
        (self.weights, self.log_prior) = (weights, log_prior);
        self.sums[0].likelihood.ln() - self.divergence
    }

    /// Calls `expect` for every item. It gets the item's index, the row to which it must write the
    /// item's posterior, the cells of the item's answers, and a product that it must multiply by
    /// the item's likelihood. Afterwards the sums over all items are in `sums[0]`.
    fn pass(&mut self, expect: impl Fn(usize, &mut [f64], &[u32], &mut LogProduct) + Sync) {
        let (annotations, cells, k) = (self.annotations, &self.cells, self.k);
        self.groups.each(&mut self.posteriors, k, &mut self.sums, |items, rows, sums| {
            sums.right.fill(0.0);
            sums.items.fill(0.0);
            sums.likelihood = LogProduct::ONE;
            for (item, row) in items.zip(rows.chunks_exact_mut(k)) {
                let cells = cells.of_entries(annotations.span(item));
                expect(item, row, cells, &mut sums.likelihood);
                add(&mut sums.items, row);
                for (answer, cell) in annotations.of_item(item).iter().zip(cells) {
                    sums.right[*cell as usize] += row[answer.label.index()];
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

    /// The M-step: computes the distributions from the sums, their divergence from the priors, and
    /// the weights of the next E-step.
    fn maximise(&mut self) {
        let (k, habit) = (self.k as f64, self.prior.habit);
        self.divergence = 0.0;
        let smoothing = self.prior.smoothing;
        let total: f64 = self.sums[0].items.iter().map(|count| count + smoothing).sum();
        for (log_prior, count) in self.log_prior.iter_mut().zip(&self.sums[0].items) {
            *log_prior = ((count + smoothing) / total).ln();
            self.divergence -= smoothing * *log_prior;
        }
        for annotator in 0..self.knowing.len() {
            let cells = self.cells.of_annotator(annotator);
            let (mut knew, mut guessed) = (0.0, 0.0);
            for cell in cells.clone() {
                let by_knowledge = self.sums[0].right[cell] * self.weights[cell].known;
                let by_habit = (self.n[cell] - by_knowledge).max(0.0);
                self.habits[cell] = habit + by_habit;
                knew += by_knowledge;
                guessed += by_habit;
            }
            let prior = self.prior_of(annotator);
            let (a, b) = (prior.0 + knew, prior.1 + guessed);
            self.knowing[annotator] = (a, b);
            let (all, all_habits) = (digamma(a + b), k * habit + guessed);
            let (log_knows, log_guesses) = (digamma(a) - all, digamma(b) - all);
            self.divergence +=
                ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + ln_gamma(prior.0) + ln_gamma(prior.1)
                    - ln_gamma(prior.0 + prior.1)
                    + knew * log_knows
                    + guessed * log_guesses;
            self.divergence += ln_gamma(all_habits) - ln_gamma(k * habit);
            let log_all_habits = digamma(all_habits);
            for cell in cells {
                let log_label = digamma(self.habits[cell]) - log_all_habits;
                self.divergence +=
                    ln_gamma(habit) - ln_gamma(self.habits[cell]) + (self.habits[cell] - habit) * log_label;
                let log_habit = log_guesses + log_label;
                // ln (1 + θ' / ((1 - θ)' ξ')), without overflow for large or small ratios.
                let odds = log_knows - log_habit;
                let log_more = odds.max(0.0) + (-odds.abs()).exp().ln_1p();
                self.weights[cell] = Weight { log_habit, log_more, known: (odds - log_more).exp() };
            }
        }
    }

    /// Returns the two parameters of the Beta prior of an annotator's θ.
    ///
    /// A skill prior of r right and w wrong answers counts as n = r + w answers. Of these,
    /// `n max(0, (K r / n - 1) / (K - 1))` came from knowledge: with this number and an even habit,
    /// the expected accuracy is r / n.
    fn prior_of(&self, annotator: usize) -> (f64, f64) {
        let (prior, k) = (self.known.prior(annotator), self.k as f64);
        let n = prior.right + prior.wrong;
        let knew = if n > 0.0 { ((k * prior.right - n) / (k - 1.0).max(1.0)).clamp(0.0, n) } else { 0.0 };
        (self.prior.knowing + knew, self.prior.knowing + n - knew)
    }

    /// Returns an annotator's confusion matrix, with a row for each true class and a column for
    /// each answer. It uses the means of θ and ξ.
    fn confusion(&self, annotator: usize) -> Array2<f64> {
        let (a, b) = self.knowing[annotator];
        let (knows, cells) = (a / (a + b), self.cells.of_annotator(annotator));
        let total: f64 =
            self.prior.habit * (self.k - cells.len()) as f64 + self.habits[cells.clone()].iter().sum::<f64>();
        let mut habit = vec![self.prior.habit / total; self.k];
        for cell in cells {
            habit[self.cells.label(cell)] = self.habits[cell] / total;
        }
        Array2::from_shape_fn((self.k, self.k), |(class, label)| {
            (1.0 - knows) * habit[label] + if class == label { knows } else { 0.0 }
        })
    }
}
