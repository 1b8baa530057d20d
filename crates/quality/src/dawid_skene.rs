//! Dawid-Skene: every annotator has a confusion matrix, and the classes have frequencies.
//!
//! Model: item i is of class k with probability `π_k`; annotator a, shown class k, answers l with probability `e_a[k][l]`.
//! Fitted by expectation maximisation from the vote shares (Dawid and Skene 1979):
//!
//! - E: `q_i[k] ∝ π_k prod_{a answered i} e_a[k][l_ia]`, in logs; a known label clamps its item's q.
//! - M: `π_k ∝ S + sum_i q_i[k]` and `e_a[k][l] ∝ s_a[k][l] + sum_{i: a answered l} q_i[k]`; π is re-estimated every time.
//!
//! S and s are pseudo-counts, each annotator's row of a matrix having s right answers and s wrong ones, so s on the diagonal and
//! `s / (K - 1)` elsewhere, and S = s ([`DawidSkene::smoothing`]); a skill prior of r right and w wrong answers adds `r / K` to each diagonal
//! cell and `w / (K (K - 1))` to each other one. So the M-step is the maximum of the posterior under Dirichlet priors, and the
//! objective, `sum_i ln sum_k π_k prod e + sum s ln e + sum S ln π`, never falls.
//!
//! It costs O(answers · K) an iteration. Only (annotator, label) pairs that occur are kept in memory.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Known};

use crate::ascent::Limits;
use crate::cells::Cells;
use crate::error::QualityError;
use crate::known::Checked;
use crate::outcome::{LogProduct, outcome, posterior, vote_shares};
use crate::sweep::{Groups, add};

/// Confusion matrices of more numbers than this, all annotators together, are left out of the result.
const MOST_CONFUSION: usize = 1 << 27;

/// The model of Dawid and Skene.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DawidSkene {
    /// Pseudo-counts of right and of wrong answers in every row of a confusion matrix, and of every class, above 0.
    pub smoothing: f64,
    /// When to stop.
    pub limits: Limits,
}

impl Default for DawidSkene {
    fn default() -> Self {
        // On simulated crowds with three answers an item, two pseudo-counts recover skills better than one or three (docs/quality.md);
        // on real ones a smaller tolerance takes half as many iterations more for the same accuracy.
        Self { smoothing: 2.0, limits: Limits { tolerance: 3e-5, iterations: 100 } }
    }
}

impl Aggregator for DawidSkene {
    fn name(&self) -> &'static str {
        "ds"
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(self.fit(annotations, Checked::new(annotations, known)?)?)
    }
}

impl DawidSkene {
    fn fit(&self, annotations: &AnnotationSet, known: Checked<'_>) -> Result<Aggregation, QualityError> {
        if annotations.entries().is_empty() {
            return outcome(annotations, known, Vec::new(), None, |_| None);
        }
        let mut model = Model::new(self.smoothing, annotations, known);
        model.start();
        let answers = annotations.entries().len();
        let fit = self.limits.climb(&mut model, answers, Model::expect, Model::maximise);
        // The matrices are those that the posteriors were computed with.
        let k = annotations.n_classes();
        let kept = annotations.annotators().len().saturating_mul(k * k) <= MOST_CONFUSION;
        let posteriors = std::mem::take(&mut model.posteriors);
        outcome(annotations, known, posteriors, Some(fit), |annotator| {
            kept.then(|| model.confusion(annotator))
        })
    }
}

/// Sums over a group of items.
#[derive(Debug, Clone)]
struct Sums {
    /// Expected answers, (cells, K).
    answers: Vec<f64>,
    /// Expected items of each class.
    items: Vec<f64>,
    likelihood: LogProduct,
}

struct Model<'a> {
    smoothing: f64,
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    k: usize,
    cells: Cells,
    groups: Groups,
    sums: Vec<Sums>,
    /// (items, K).
    posteriors: Vec<f64>,
    /// `ln π`.
    log_prior: Vec<f64>,
    /// `ln e`, (cells, K): of a cell's annotator and label, for each class.
    log_errors: Vec<f64>,
    /// `ln` of the normaliser of each row of each matrix, (annotators, K).
    log_totals: Vec<f64>,
    /// The log of the priors' density at the parameters.
    log_density: f64,
}

impl<'a> Model<'a> {
    fn new(smoothing: f64, annotations: &'a AnnotationSet, known: Checked<'a>) -> Self {
        let k = annotations.n_classes();
        let cells = Cells::new(annotations);
        let groups = Groups::new(annotations, cells.len() * k);
        let zero =
            Sums { answers: vec![0.0; cells.len() * k], items: vec![0.0; k], likelihood: LogProduct::ONE };
        Self {
            smoothing,
            annotations,
            known,
            k,
            sums: groups.accumulators(&zero),
            groups,
            posteriors: vec![0.0; annotations.items().len() * k],
            log_prior: vec![0.0; k],
            log_errors: vec![0.0; cells.len() * k],
            log_totals: vec![0.0; annotations.annotators().len() * k],
            cells,
            log_density: 0.0,
        }
    }

    /// The first parameters: an M-step from the vote shares.
    fn start(&mut self) {
        let (annotations, known) = (self.annotations, self.known);
        self.pass(|item, row, _, _| vote_shares(annotations, known, item, row));
        self.maximise();
    }

    /// The E-step: posteriors, sums, and the objective.
    fn expect(&mut self) -> f64 {
        let known = self.known;
        let (log_prior, log_errors) =
            (std::mem::take(&mut self.log_prior), std::mem::take(&mut self.log_errors));
        self.pass(|item, row, cells, likelihood| {
            joint(row, &log_prior, &log_errors, cells);
            posterior(row, known.label(item), likelihood);
        });
        (self.log_prior, self.log_errors) = (log_prior, log_errors);
        self.sums[0].likelihood.ln() + self.log_density
    }

    /// Fills the posteriors by `expect`, which gets an item, its row, its cells and the likelihood to
    /// multiply; then `sums[0]` is the sum over all items.
    fn pass(&mut self, expect: impl Fn(usize, &mut [f64], &[u32], &mut LogProduct) + Sync) {
        let (annotations, cells, k) = (self.annotations, &self.cells, self.k);
        self.groups.each(&mut self.posteriors, k, &mut self.sums, |items, rows, sums| {
            sums.answers.fill(0.0);
            sums.items.fill(0.0);
            sums.likelihood = LogProduct::ONE;
            for (item, row) in items.zip(rows.chunks_exact_mut(k)) {
                let cells = cells.of_entries(annotations.span(item));
                expect(item, row, cells, &mut sums.likelihood);
                add(&mut sums.items, row);
                for cell in cells {
                    let at = *cell as usize * k;
                    add(&mut sums.answers[at..at + k], row);
                }
            }
        });
        if let Some((first, others)) = self.sums.split_first_mut() {
            for other in others {
                add(&mut first.answers, &other.answers);
                add(&mut first.items, &other.items);
                first.likelihood.add_log(other.likelihood.ln());
            }
        }
    }

    /// The M-step: parameters from the sums, and the density of the priors at them.
    fn maximise(&mut self) {
        let (k, smoothing, sums) = (self.k, self.smoothing, &self.sums[0]);
        let total: f64 = sums.items.iter().map(|count| count + smoothing).sum();
        self.log_density = 0.0;
        for (log_prior, count) in self.log_prior.iter_mut().zip(&sums.items) {
            *log_prior = ((count + smoothing) / total).ln();
            self.log_density += smoothing * *log_prior;
        }
        for annotator in 0..self.annotations.annotators().len() {
            let (right, wrong) = pseudo_counts(smoothing, self.known, annotator, k);
            let all = right + wrong * (k - 1) as f64;
            let totals = &mut self.log_totals[annotator * k..(annotator + 1) * k];
            let of_annotator = self.cells.of_annotator(annotator);
            totals.fill(all);
            for cell in of_annotator.clone() {
                add(totals, &sums.answers[cell * k..(cell + 1) * k]);
            }
            for total in totals.iter_mut() {
                *total = total.ln();
            }
            // All cells of the matrix as if none occurred, then the difference for those that did.
            let (log_right, log_wrong) = (right.ln(), wrong.ln());
            let unseen = (right * log_right + wrong * log_wrong * (k - 1) as f64) * k as f64;
            self.log_density += unseen - all * totals.iter().sum::<f64>();
            for cell in of_annotator {
                let label = self.cells.label(cell);
                let at = cell * k..(cell + 1) * k;
                let errors = self.log_errors[at.clone()].iter_mut().zip(&sums.answers[at]);
                for (class, ((log_error, count), total)) in errors.zip(totals.iter()).enumerate() {
                    let (pseudo, log_pseudo) =
                        if class == label { (right, log_right) } else { (wrong, log_wrong) };
                    let log_count = (count + pseudo).ln();
                    *log_error = log_count - total;
                    self.log_density += pseudo * (log_count - log_pseudo);
                }
            }
        }
    }

    /// The confusion matrix of an annotator, (K, K), rows by true class.
    fn confusion(&self, annotator: usize) -> Array2<f64> {
        let k = self.k;
        let (right, wrong) = pseudo_counts(self.smoothing, self.known, annotator, k);
        let totals = &self.log_totals[annotator * k..(annotator + 1) * k];
        let mut matrix = Array2::from_shape_fn((k, k), |(class, label)| {
            (if class == label { right } else { wrong }) / totals[class].exp()
        });
        for cell in self.cells.of_annotator(annotator) {
            for class in 0..k {
                matrix[(class, self.cells.label(cell))] = self.log_errors[cell * k + class].exp();
            }
        }
        matrix
    }
}

/// The log joint probabilities of an item and each class: the prior, and a row of `log_errors` for each cell.
fn joint(row: &mut [f64], log_prior: &[f64], log_errors: &[f64], cells: &[u32]) {
    // With a number of classes that the compiler knows, the sums stay in registers.
    match row.len() {
        2 => joint_fixed::<2>(row, log_prior, log_errors, cells),
        3 => joint_fixed::<3>(row, log_prior, log_errors, cells),
        4 => joint_fixed::<4>(row, log_prior, log_errors, cells),
        5 => joint_fixed::<5>(row, log_prior, log_errors, cells),
        k => {
            row.copy_from_slice(log_prior);
            for cell in cells {
                let at = *cell as usize * k;
                add(row, &log_errors[at..at + k]);
            }
        }
    }
}

fn joint_fixed<const K: usize>(row: &mut [f64], log_prior: &[f64], log_errors: &[f64], cells: &[u32]) {
    let (rows, _) = log_errors.as_chunks::<K>();
    let mut sums = [0.0; K];
    sums.copy_from_slice(log_prior);
    for cell in cells {
        for (sum, log_error) in sums.iter_mut().zip(&rows[*cell as usize]) {
            *sum += log_error;
        }
    }
    row.copy_from_slice(&sums);
}

/// The pseudo-counts of a diagonal cell and of any other one.
fn pseudo_counts(smoothing: f64, known: Checked<'_>, annotator: usize, k: usize) -> (f64, f64) {
    let (prior, k) = (known.prior(annotator), k as f64);
    (smoothing + prior.right / k, (smoothing + prior.wrong / k) / (k - 1.0).max(1.0))
}
