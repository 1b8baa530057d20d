//! The model of Dawid and Skene (`dawid_skene`), in which each annotator has a confusion matrix,
//! for drawing truths.
//!
//! A row of a matrix has few answers, so its prior depends on the annotator's accuracy p over all
//! classes, which has the Beta prior of the one-coin model. The prior of row k is a Dirichlet
//! distribution with `c p` on the diagonal and `c (1 - p) / (K - 1)` elsewhere. With few answers
//! this is nearly the one-coin model; with many, each row is free. The strength c is one of
//! [`ROWS`], the same for the whole crowd, and is drawn too. If annotators are equally good at
//! every class, rows without this prior would only fit noise, and posteriors would be too
//! confident.

use querist_core::{AnnotationSet, Class};
use rand::{Rng, RngExt as _};
use statrs::function::gamma::ln_gamma as ln_gamma_of;

use super::World;
use super::coin::{ACCURACY, classes};
use super::draw::{ln_beta, ln_gamma, ln_sum};
use crate::cells::Cells;
use crate::known::Checked;

/// The possible values of c, the number of answers that the prior of a row counts as.
const ROWS: [f64; 4] = [3.0, 8.0, 20.0, 50.0];
/// c is drawn in every sweep whose number is a multiple of this.
const APART: usize = 4;

/// The state of a chain: the parameters drawn last.
pub(crate) struct Confusion<'a> {
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    cells: &'a Cells,
    /// The accuracy p of each annotator.
    accuracies: Vec<f64>,
    /// The strength c of the prior of a row, one of [`ROWS`].
    row: f64,
    /// The number of times that parameters were drawn.
    sweeps: usize,
    /// The logarithm of the frequency of each class.
    log_prior: Vec<f64>,
    /// First the number of answers in each cell (annotator and label) by true class, (cells, K);
    /// then the logarithms of the drawn entries of the confusion matrices.
    log_errors: Vec<f64>,
}

impl<'a> Confusion<'a> {
    /// Prepares a chain in which every accuracy has its prior mean.
    pub(crate) fn new(annotations: &'a AnnotationSet, known: Checked<'a>, cells: &'a Cells) -> Self {
        let (annotators, k) = (annotations.annotators().len(), annotations.n_classes());
        Self {
            annotations,
            known,
            cells,
            accuracies: vec![ACCURACY.0 / (ACCURACY.0 + ACCURACY.1); annotators],
            row: ROWS[0],
            sweeps: 0,
            log_prior: vec![0.0; k],
            log_errors: vec![0.0; cells.len() * k],
        }
    }

    /// Counts the answers in each cell by the truth of their items, in `log_errors`.
    fn count(&mut self, truths: &[Class]) {
        let k = self.log_prior.len();
        self.log_errors.fill(0.0);
        let all = 0..self.annotations.entries().len();
        for (entry, cell) in self.annotations.entries().iter().zip(self.cells.of_entries(all)) {
            self.log_errors[*cell as usize * k + truths[entry.item as usize].index()] += 1.0;
        }
    }
}

impl Confusion<'_> {
    /// Returns two pseudo-counts of an annotator's confusion matrix: of an entry on the diagonal,
    /// and of any other entry. The prior of a row counts as `worth` answers. Neither pseudo-count
    /// is 0, because the logarithm of its draw would be minus infinity.
    fn pseudo(&self, annotator: usize, worth: f64) -> (f64, f64) {
        let (p, others) = (self.accuracies[annotator], self.log_prior.len() as f64 - 1.0);
        ((worth * p).max(1e-3), (worth * (1.0 - p) / others).max(1e-3))
    }

    /// Returns the number of answers that the prior of a row of an annotator's matrix counts as;
    /// `row` is the crowd's c.
    fn worth(&self, annotator: usize, row: f64) -> f64 {
        let prior = self.known.prior(annotator);
        row + (prior.right + prior.wrong) / self.log_prior.len() as f64
    }

    /// Draws c, the strength of the prior of a row, given the truths and accuracies. The weight of
    /// each possible c is the Dirichlet-multinomial probability of the answers in all rows of the
    /// confusion matrices. At the time of the call, `log_errors` must still contain counts.
    fn draw_row(&mut self, rng: &mut impl Rng) {
        let mut logs = ROWS.map(|row| {
            (0..self.accuracies.len()).map(|annotator| self.log_evidence(annotator, row)).sum::<f64>()
        });
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for log in &mut logs {
            *log = (*log - most).exp();
        }
        let mut left = rng.random::<f64>() * logs.iter().sum::<f64>();
        for (row, p) in ROWS.into_iter().zip(logs) {
            self.row = row;
            left -= p;
            if left < 0.0 {
                break;
            }
        }
    }

    /// Returns the log probability of an annotator's answers given truths, accuracy and c = `row`,
    /// integrated over the rows of the confusion matrix.
    fn log_evidence(&self, annotator: usize, row: f64) -> f64 {
        let k = self.log_prior.len();
        let worth = self.worth(annotator, row);
        let (diagonal, other) = self.pseudo(annotator, worth);
        let mut totals = vec![0.0; k];
        let mut log = 0.0;
        for cell in self.cells.of_annotator(annotator) {
            for (class, total) in totals.iter_mut().enumerate() {
                let n = self.log_errors[cell * k + class];
                if n > 0.0 {
                    let pseudo = if class == self.cells.label(cell) { diagonal } else { other };
                    log += ln_gamma_of(pseudo + n) - ln_gamma_of(pseudo);
                    *total += n;
                }
            }
        }
        let all = diagonal + other * (k as f64 - 1.0);
        let seen = totals.into_iter().filter(|total| *total > 0.0);
        log + seen.map(|total| ln_gamma_of(all) - ln_gamma_of(all + total)).sum::<f64>()
    }

    /// Draws the numbers of an annotator's "new" answers, on the diagonal of the confusion matrix
    /// and off it. New answers are those that open a table in the Chinese restaurant process.
    ///
    /// These numbers are needed to draw the accuracy p given the truths (Teh et al. 2006). Of n
    /// answers in an entry of the matrix with pseudo-count g, the i-th is new with probability
    /// `g / (g + i - 1)`. The distribution of p is then Beta, with the new answers on and off the
    /// diagonal added to its prior.
    fn new_tables(&self, annotator: usize, worth: f64, rng: &mut impl Rng) -> (f64, f64) {
        let k = self.log_prior.len();
        let (diagonal, other) = self.pseudo(annotator, worth);
        let (mut on, mut off) = (0.0, 0.0);
        for cell in self.cells.of_annotator(annotator) {
            for class in 0..k {
                let right = class == self.cells.label(cell);
                let pseudo = if right { diagonal } else { other };
                let mut before = 0.0;
                while before < self.log_errors[cell * k + class] {
                    if rng.random::<f64>() * (pseudo + before) < pseudo {
                        *if right { &mut on } else { &mut off } += 1.0;
                    }
                    before += 1.0;
                }
            }
        }
        (on, off)
    }
}

impl World for Confusion<'_> {
    /// Draws the parameters given the truths, in this order: the class frequencies, the strength c,
    /// and for each annotator the accuracy p and then the rows of the confusion matrix.
    fn draw(&mut self, truths: &[Class], _: &[f64], rng: &mut impl Rng) {
        classes(&mut self.log_prior, truths, rng);
        self.count(truths);
        if self.sweeps.is_multiple_of(APART) {
            self.draw_row(rng);
        }
        self.sweeps += 1;
        let k = self.log_prior.len();
        let mut totals = vec![0.0; k];
        for annotator in 0..self.accuracies.len() {
            let prior = self.known.prior(annotator);
            let worth = self.worth(annotator, self.row);
            let (on, off) = self.new_tables(annotator, worth, rng);
            let (a, b) = (ACCURACY.0 + prior.right + on, ACCURACY.1 + prior.wrong + off);
            self.accuracies[annotator] = ln_beta(a, b, rng).0.exp();
            let (diagonal, other) = self.pseudo(annotator, worth);
            // The pseudo-counts, in each row, of the labels that the annotator never gave.
            let mut unseen: Vec<f64> = vec![diagonal + other * (k as f64 - 1.0); k];
            totals.fill(f64::NEG_INFINITY);
            for cell in self.cells.of_annotator(annotator) {
                let label = self.cells.label(cell);
                for class in 0..k {
                    let pseudo = if class == label { diagonal } else { other };
                    unseen[class] -= pseudo;
                    let value = &mut self.log_errors[cell * k + class];
                    // A Dirichlet draw is a vector of gamma draws, divided by its sum.
                    *value = ln_gamma(*value + pseudo, rng);
                    totals[class] = ln_sum(totals[class], *value);
                }
            }
            // One draw for each row stands for all labels that the annotator never gave.
            for (total, unseen) in totals.iter_mut().zip(unseen).filter(|(_, unseen)| *unseen > 1e-6) {
                *total = ln_sum(*total, ln_gamma(unseen, rng));
            }
            for cell in self.cells.of_annotator(annotator) {
                subtract(&mut self.log_errors[cell * k..(cell + 1) * k], &totals);
            }
        }
    }

    /// Writes to `row`, for each class, the log frequency of the class plus a term for each answer
    /// to the item: the logarithm of the rate at which the annotator gives this answer to items of
    /// the class.
    fn joint(&self, item: usize, row: &mut [f64]) {
        let k = row.len();
        row.copy_from_slice(&self.log_prior);
        for cell in self.cells.of_entries(self.annotations.span(item)) {
            let at = *cell as usize * k;
            crate::sweep::add(row, &self.log_errors[at..at + k]);
        }
    }
}

/// Subtracts `part` from `row`, entry by entry.
fn subtract(row: &mut [f64], part: &[f64]) {
    row.iter_mut().zip(part).for_each(|(value, part)| *value -= part);
}
