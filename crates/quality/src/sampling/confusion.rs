//! Annotators with a confusion matrix each: the model of Dawid and Skene (`dawid_skene`).
//!
//! A row of a matrix has few answers, so its prior leans on the annotator's accuracy over all classes: given the truths, an
//! accuracy p is drawn as in the one-coin model, and row k is Dirichlet with `c p` on its diagonal and `c (1 - p) / (K - 1)` elsewhere.
//! With few answers this is the one-coin model, with many each row is its own.

use querist_core::{AnnotationSet, Class};
use rand::Rng;

use super::World;
use super::coin::{ACCURACY, classes};
use super::draw::{ln_beta, ln_gamma, ln_sum};
use crate::cells::Cells;
use crate::known::Checked;

/// The answers that the prior of a row is worth: c.
const ROW: f64 = 3.0;

pub(crate) struct Confusion<'a> {
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    cells: &'a Cells,
    n: Vec<f64>,
    log_prior: Vec<f64>,
    /// Answers of each cell by truth, then `ln e`, (cells, K).
    log_errors: Vec<f64>,
}

impl<'a> Confusion<'a> {
    pub(crate) fn new(annotations: &'a AnnotationSet, known: Checked<'a>, cells: &'a Cells) -> Self {
        let (annotators, k) = (annotations.annotators().len(), annotations.n_classes());
        Self {
            annotations,
            known,
            cells,
            n: (0..annotators).map(|annotator| annotations.of_annotator(annotator).count() as f64).collect(),
            log_prior: vec![0.0; k],
            log_errors: vec![0.0; cells.len() * k],
        }
    }

    fn count(&mut self, truths: &[Class]) {
        let k = self.log_prior.len();
        self.log_errors.fill(0.0);
        let all = 0..self.annotations.entries().len();
        for (entry, cell) in self.annotations.entries().iter().zip(self.cells.of_entries(all)) {
            self.log_errors[*cell as usize * k + truths[entry.item as usize].index()] += 1.0;
        }
    }
}

impl World for Confusion<'_> {
    fn draw(&mut self, truths: &[Class], right: &[f64], rng: &mut impl Rng) {
        classes(&mut self.log_prior, truths, rng);
        self.count(truths);
        let k = self.log_prior.len();
        let mut totals = vec![0.0; k];
        for annotator in 0..self.n.len() {
            let prior = self.known.prior(annotator);
            let a = ACCURACY.0 + prior.right + right[annotator];
            let b = ACCURACY.1 + prior.wrong + self.n[annotator] - right[annotator];
            let (log_right, log_wrong) = ln_beta(a, b, rng);
            let worth = ROW + (prior.right + prior.wrong) / k as f64;
            // No shape is 0, or its draw would be minus infinity.
            let diagonal = (worth * log_right.exp()).max(1e-3);
            let other = (worth * log_wrong.exp() / (k as f64 - 1.0)).max(1e-3);
            let mut unseen: Vec<f64> = vec![diagonal + other * (k as f64 - 1.0); k];
            totals.fill(f64::NEG_INFINITY);
            for cell in self.cells.of_annotator(annotator) {
                let label = self.cells.label(cell);
                for class in 0..k {
                    let pseudo = if class == label { diagonal } else { other };
                    unseen[class] -= pseudo;
                    let value = &mut self.log_errors[cell * k + class];
                    *value = ln_gamma(*value + pseudo, rng);
                    totals[class] = ln_sum(totals[class], *value);
                }
            }
            // The labels that the annotator never gave, together.
            for (total, unseen) in totals.iter_mut().zip(unseen).filter(|(_, unseen)| *unseen > 1e-6) {
                *total = ln_sum(*total, ln_gamma(unseen, rng));
            }
            for cell in self.cells.of_annotator(annotator) {
                subtract(&mut self.log_errors[cell * k..(cell + 1) * k], &totals);
            }
        }
    }

    fn joint(&self, item: usize, row: &mut [f64]) {
        let k = row.len();
        row.copy_from_slice(&self.log_prior);
        for cell in self.cells.of_entries(self.annotations.span(item)) {
            let at = *cell as usize * k;
            crate::sweep::add(row, &self.log_errors[at..at + k]);
        }
    }
}

/// `row[i] -= part[i]`.
fn subtract(row: &mut [f64], part: &[f64]) {
    row.iter_mut().zip(part).for_each(|(value, part)| *value -= part);
}
