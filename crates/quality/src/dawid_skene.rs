//! Dawid-Skene: a model with a confusion matrix for every annotator and a frequency for every
//! class.
//!
//! Item i is of class k with probability `π_k`; annotator a answers l to class k with probability
//! `e_a[k][l]`. Expectation maximisation from the vote shares (Dawid and Skene 1979):
//!
//! - E: `q_i[k] ∝ π_k prod_{a answered i} e_a[k][l_ia]`, in logs; a known label clamps its q.
//! - M: `π_k ∝ S + sum_i q_i[k]` and `e_a[k][l] ∝ s_a[k][l] + sum_{i: a answered l} q_i[k]`.
//!
//! An iteration takes time O(answers · K). Only pairs of annotator and label that occur take
//! memory.

use ndarray::Array2;
use querist_core::elementary::{exp, ln};
use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Known, Posteriors};

use crate::ascent::Limits;
use crate::cells::Cells;
use crate::error::QualityError;
use crate::known::Checked;
use crate::outcome::{LogProduct, outcome, posteriors, vote_shares};
use crate::start::Start;
use crate::sweep::{Groups, add};

/// The most numbers in all confusion matrices together; beyond this, the result has no matrices.
const MOST_CONFUSION: usize = 1 << 27;

/// The number of items whose posteriors are computed together; their rows fit the fastest cache.
const BLOCK: usize = 64;

/// The model of Dawid and Skene.
///
/// Pseudo-counts act as Dirichlet priors, so the M-step maximises the posterior. The objective,
/// `sum_i ln sum_k π_k prod e + sum s ln e + sum S ln π`, never falls. With `smoothing` s, S = s,
/// and each row of a matrix has s right and s wrong answers: s on the diagonal and `s / (K - 1)`
/// elsewhere. A skill prior of r right and w wrong answers adds `r / K` to each diagonal cell and
/// `w / (K (K - 1))` to each other cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DawidSkene {
    /// The pseudo-counts s, above 0: of right and of wrong answers in each row of a confusion
    /// matrix, and of each class.
    pub smoothing: f64,
    /// The way to weight votes before the first iteration.
    pub start: Start,
    /// The conditions at which the fit stops.
    pub limits: Limits,
}

impl Default for DawidSkene {
    fn default() -> Self {
        // On simulated crowds with three answers an item, 2 pseudo-counts recover skills better
        // than 1 or 3. A smaller tolerance needs up to half as many iterations more, and neither
        // skills nor accuracies improve (docs/quality-measured.md).
        Self { smoothing: 2.0, start: Start::Known, limits: Limits { tolerance: 1e-4, iterations: 100 } }
    }
}

impl Aggregator for DawidSkene {
    fn name(&self) -> &'static str {
        "ds"
    }

    fn posteriors(&self) -> Posteriors {
        Posteriors::Probabilities
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(self.fit(annotations, Checked::new(annotations, known)?)?)
    }
}

impl DawidSkene {
    /// Fits the model and returns verdicts, posteriors, skills and confusion matrices.
    fn fit(&self, annotations: &AnnotationSet, known: Checked<'_>) -> Result<Aggregation, QualityError> {
        if annotations.entries().is_empty() {
            return outcome(annotations, known, Vec::new(), None, |_| None);
        }
        if !(self.smoothing.is_finite() && self.smoothing > 0.0) {
            return Err(QualityError::BadSmoothing { value: self.smoothing });
        }
        let mut model = Model::new(self.smoothing, annotations, known);
        let answers = annotations.entries().len();
        // The whole fit runs inside the thread pool; otherwise every pass would start and end with
        // a change of threads.
        let fit = rayon::scope(|_| {
            model.start(self.start);
            self.limits.climb(&mut model, answers, Model::expect, Model::maximise)
        });
        // The fit ends with an E-step, so the posteriors belong to these confusion matrices.
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
    /// For each cell (annotator and label) and each true class, the expected number of answers,
    /// (cells, K).
    answers: Vec<f64>,
    /// For each class, the expected number of items.
    items: Vec<f64>,
    likelihood: LogProduct,
}

/// The source of the posteriors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The vote shares, before the first parameters exist.
    Votes,
    /// The current parameters.
    Parameters,
}

/// The state of a fit.
struct Model<'a> {
    smoothing: f64,
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    k: usize,
    cells: Cells,
    groups: Groups,
    sums: Vec<Sums>,
    /// The weight of each annotator's vote before the first iteration; empty if all weigh the same.
    weights: Vec<f64>,
    /// The posteriors q, (items, K).
    posteriors: Vec<f64>,
    /// `ln π`, for each class.
    log_prior: Vec<f64>,
    /// `ln e` for each cell's annotator and label and each class, (cells, K).
    log_errors: Vec<f64>,
    /// The logarithm of the sum of each row of each confusion matrix before normalising it,
    /// (annotators, K).
    log_totals: Vec<f64>,
    /// The log density of the priors at the parameters.
    log_density: f64,
}

impl<'a> Model<'a> {
    /// Prepares a fit, without parameters yet.
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
            weights: Vec::new(),
            posteriors: vec![0.0; annotations.items().len() * k],
            log_prior: vec![0.0; k],
            log_errors: vec![0.0; cells.len() * k],
            log_totals: vec![0.0; annotations.annotators().len() * k],
            cells,
            log_density: 0.0,
        }
    }

    /// Sets the first parameters, by an M-step from the vote shares.
    fn start(&mut self, start: Start) {
        self.weights = start.weights(self.annotations, self.known);
        self.fill(Origin::Votes);
        self.maximise();
    }

    /// The E-step: computes the posteriors and the sums, and returns the objective.
    fn expect(&mut self) -> f64 {
        self.fill(Origin::Parameters);
        self.sums[0].likelihood.ln() + self.log_density
    }

    /// Computes the posteriors, and the sums over all items in `sums[0]`.
    fn fill(&mut self, from: Origin) {
        // With a number of classes that the compiler knows, a row takes a few registers. 1 stands
        // for any other number.
        match self.k {
            2 => self.pass::<2>(from),
            3 => self.pass::<3>(from),
            4 => self.pass::<4>(from),
            5 => self.pass::<5>(from),
            _ => self.pass::<1>(from),
        }
    }

    /// Does the work of [`Self::fill`]; `K` is the number of classes, or 1 for any number.
    fn pass<const K: usize>(&mut self, from: Origin) {
        let (annotations, known, cells, any) = (self.annotations, self.known, &self.cells, self.k);
        self.groups.each(&mut self.posteriors, any, &mut self.sums, |items, rows, sums| {
            let k = if K == 1 { any } else { K };
            sums.answers.fill(0.0);
            sums.items.fill(0.0);
            sums.likelihood = LogProduct::ONE;
            for (first, rows) in items.step_by(BLOCK).zip(rows.chunks_mut(BLOCK * k)) {
                let of_item = |place: usize| cells.of_entries(annotations.span(first + place));
                for (place, row) in rows.chunks_exact_mut(k).enumerate() {
                    match from {
                        Origin::Votes => vote_shares(annotations, known, &self.weights, first + place, row),
                        Origin::Parameters => {
                            joint::<K>(row, &self.log_prior, &self.log_errors, of_item(place));
                        }
                    }
                }
                if from == Origin::Parameters {
                    posteriors::<K>(rows, k, |place| known.label(first + place), &mut sums.likelihood);
                }
                for (place, row) in rows.chunks_exact(k).enumerate() {
                    add(&mut sums.items, row);
                    scatter::<K>(&mut sums.answers, row, of_item(place));
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

    /// The M-step: computes the parameters from the sums, and the log density of the priors at
    /// these parameters.
    fn maximise(&mut self) {
        let (k, smoothing, sums) = (self.k, self.smoothing, &self.sums[0]);
        let total: f64 = sums.items.iter().map(|count| count + smoothing).sum();
        self.log_density = 0.0;
        for (log_prior, count) in self.log_prior.iter_mut().zip(&sums.items) {
            *log_prior = ((count + smoothing) / total).ln();
            self.log_density += smoothing * *log_prior;
        }
        let annotators = 0..self.annotations.annotators().len();
        // Add the pseudo-counts to the counts and sum them. Then take the logarithms of all of them
        // at once.
        for annotator in annotators.clone() {
            let (right, wrong) = pseudo_counts(smoothing, self.known, annotator, k);
            let totals = &mut self.log_totals[annotator * k..(annotator + 1) * k];
            totals.fill(right + wrong * (k - 1) as f64);
            for cell in self.cells.of_annotator(annotator) {
                let counts = &sums.answers[cell * k..(cell + 1) * k];
                add(totals, counts);
                let own = &mut self.log_errors[cell * k..(cell + 1) * k];
                own.iter_mut().zip(counts).for_each(|(own, count)| *own = count + wrong);
                let label = self.cells.label(cell);
                own[label] = counts[label] + right;
            }
        }
        // Two separate loops, so that the compiler uses vector instructions.
        self.log_errors.iter_mut().for_each(|value| *value = ln(*value));
        self.log_totals.iter_mut().for_each(|value| *value = ln(*value));
        for annotator in annotators {
            let (right, wrong) = pseudo_counts(smoothing, self.known, annotator, k);
            let totals = &self.log_totals[annotator * k..(annotator + 1) * k];
            // First compute the density as if no label had been given, then add the difference for
            // each label that was.
            let (log_right, log_wrong) = (right.ln(), wrong.ln());
            let unseen = (right * log_right + wrong * log_wrong * (k - 1) as f64) * k as f64;
            self.log_density += unseen - (right + wrong * (k - 1) as f64) * totals.iter().sum::<f64>();
            for cell in self.cells.of_annotator(annotator) {
                let log_errors = &mut self.log_errors[cell * k..(cell + 1) * k];
                let label = self.cells.label(cell);
                let all: f64 = log_errors.iter().map(|log_count| log_count - log_wrong).sum();
                let of_label = log_errors[label];
                self.log_density += wrong * (all - (of_label - log_wrong)) + right * (of_label - log_right);
                log_errors.iter_mut().zip(totals).for_each(|(own, total)| *own -= total);
            }
        }
    }

    /// Returns the confusion matrix of an annotator, (K, K), with a row for each true class and a
    /// column for each answer.
    fn confusion(&self, annotator: usize) -> Array2<f64> {
        let k = self.k;
        let (right, wrong) = pseudo_counts(self.smoothing, self.known, annotator, k);
        let totals = &self.log_totals[annotator * k..(annotator + 1) * k];
        // e^(-ln total), once for each row.
        let shares: Vec<f64> = totals.iter().map(|total| (-total).exp()).collect();
        let pseudo = |class, label| if class == label { right } else { wrong };
        let mut matrix = Array2::from_shape_fn((k, k), |(class, label)| pseudo(class, label) * shares[class]);
        for cell in self.cells.of_annotator(annotator) {
            for class in 0..k {
                matrix[(class, self.cells.label(cell))] = exp(self.log_errors[cell * k + class]);
            }
        }
        matrix
    }
}

/// Writes into `row` the log joint probability of an item's answers and each class: the log prior
/// plus the rows of `log_errors` for `cells`, the cells of the item's answers.
#[inline]
fn joint<const K: usize>(row: &mut [f64], log_prior: &[f64], log_errors: &[f64], cells: &[u32]) {
    if K == 1 {
        let k = row.len();
        row.copy_from_slice(log_prior);
        for cell in cells {
            let at = *cell as usize * k;
            add(row, &log_errors[at..at + k]);
        }
        return;
    }
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

/// Adds an item's posterior `row` to the expected answers of `cells`, the cells of the item's
/// answers.
#[inline]
fn scatter<const K: usize>(answers: &mut [f64], row: &[f64], cells: &[u32]) {
    if K == 1 {
        let k = row.len();
        for cell in cells {
            let at = *cell as usize * k;
            add(&mut answers[at..at + k], row);
        }
        return;
    }
    let (rows, _) = answers.as_chunks_mut::<K>();
    let mut shares = [0.0; K];
    shares.copy_from_slice(row);
    for cell in cells {
        for (count, share) in rows[*cell as usize].iter_mut().zip(&shares) {
            *count += share;
        }
    }
}

/// Returns the pseudo-counts of an entry on the diagonal of an annotator's confusion matrix and of
/// any other entry.
fn pseudo_counts(smoothing: f64, known: Checked<'_>, annotator: usize, k: usize) -> (f64, f64) {
    let (prior, k) = (known.prior(annotator), k as f64);
    (smoothing + prior.right / k, (smoothing + prior.wrong / k) / (k - 1.0).max(1.0))
}

#[cfg(test)]
mod tests {
    use querist_core::{AnnotationSet, Class};

    use super::*;

    /// More items than a block has, with three answers each, by annotators who confuse neighbouring
    /// classes.
    fn answers(k: usize) -> AnnotationSet {
        let names: Vec<String> = (0..3 * 200).map(|at| format!("{:03}", at / 3)).collect();
        let triples = names.iter().enumerate().map(|(at, item)| {
            let class = if at * at % 7 < 2 { (at / 3 + 1) % k } else { at / 3 % k };
            (item.as_str(), ["a", "b", "c"][at % 3], Class::from_index(class))
        });
        AnnotationSet::new(triples, k)
    }

    #[test]
    fn a_known_number_of_classes_changes_no_bit() {
        let bits = |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        for k in 2..=5 {
            let (answers, known) = (answers(k), Known::default());
            let run = |any: bool| {
                let mut model = Model::new(2.0, &answers, Checked::new(&answers, &known).unwrap());
                for origin in [Origin::Votes, Origin::Parameters, Origin::Parameters] {
                    if any {
                        model.pass::<1>(origin);
                    } else {
                        model.fill(origin);
                    }
                    model.maximise();
                }
                (bits(&model.posteriors), bits(&model.log_errors), model.sums[0].likelihood.ln().to_bits())
            };
            assert_eq!(run(true), run(false), "{k} classes");
        }
    }

    #[test]
    fn pseudo_counts_that_are_none_are_refused() {
        for smoothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let found =
                DawidSkene { smoothing, ..DawidSkene::default() }.aggregate(&answers(3), &Known::default());
            assert!(
                found.unwrap_err().to_string().starts_with("the pseudo-counts of a model must be finite")
            );
        }
    }
}
