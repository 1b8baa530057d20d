//! Annotators who know or answer by a habit: the model of MACE (`mace`).
//!
//! Given the truths, each right answer was known with probability `θ / (θ + (1 - θ) ξ[l])`, which is drawn; then θ is Beta and ξ Dirichlet
//! with the priors of the fit, and a skill prior counts as there.

use querist_core::{AnnotationSet, Class};
use rand::{Rng, RngExt as _};

use super::World;
use super::coin::classes;
use super::draw::{ln_beta, ln_gamma, ln_sum};
use crate::cells::Cells;

pub(crate) struct Habit<'a> {
    annotations: &'a AnnotationSet,
    cells: &'a Cells,
    /// The parameters of the prior of each annotator's θ.
    knowing: Vec<(f64, f64)>,
    log_prior: Vec<f64>,
    /// By cell: the probability that a right answer was known.
    known: Vec<f64>,
    /// By cell: `ln (θ + (1 - θ) ξ) - ln ((1 - θ) ξ)`.
    weights: Vec<f64>,
}

/// The parameter of the prior of ξ.
const HABIT: f64 = 1.0;

impl<'a> Habit<'a> {
    pub(crate) fn new(annotations: &'a AnnotationSet, cells: &'a Cells, knowing: Vec<(f64, f64)>) -> Self {
        Self {
            annotations,
            cells,
            knowing,
            log_prior: vec![0.0; annotations.n_classes()],
            known: vec![0.9; cells.len()],
            weights: vec![0.0; cells.len()],
        }
    }
}

impl World for Habit<'_> {
    fn draw(&mut self, truths: &[Class], _: &[f64], rng: &mut impl Rng) {
        classes(&mut self.log_prior, truths, rng);
        let k = self.log_prior.len();
        let (mut knew, mut guessed) = (vec![0.0; self.cells.len()], vec![0.0; self.cells.len()]);
        let all = 0..self.annotations.entries().len();
        for (entry, cell) in self.annotations.entries().iter().zip(self.cells.of_entries(all)) {
            let cell = *cell as usize;
            if truths[entry.item as usize] == entry.label && rng.random::<f64>() < self.known[cell] {
                knew[cell] += 1.0;
            } else {
                guessed[cell] += 1.0;
            }
        }
        for (annotator, prior) in self.knowing.iter().enumerate() {
            let cells = self.cells.of_annotator(annotator);
            let sum = |counts: &[f64]| counts[cells.clone()].iter().sum::<f64>();
            let (log_knows, log_guesses) = ln_beta(prior.0 + sum(&knew), prior.1 + sum(&guessed), rng);
            let mut total = f64::NEG_INFINITY;
            for cell in cells.clone() {
                self.weights[cell] = ln_gamma(HABIT + guessed[cell], rng);
                total = ln_sum(total, self.weights[cell]);
            }
            if cells.len() < k {
                total = ln_sum(total, ln_gamma(HABIT * (k - cells.len()) as f64, rng));
            }
            for cell in cells {
                // ln (1 + θ / ((1 - θ) ξ)) without overflow on either side.
                let odds = log_knows - (log_guesses + self.weights[cell] - total);
                let more = odds.max(0.0) + (-odds.abs()).exp().ln_1p();
                self.weights[cell] = more;
                self.known[cell] = (odds - more).exp();
            }
        }
    }

    fn joint(&self, item: usize, row: &mut [f64]) {
        row.copy_from_slice(&self.log_prior);
        let cells = self.cells.of_entries(self.annotations.span(item));
        for (answer, cell) in self.annotations.of_item(item).iter().zip(cells) {
            row[answer.label.index()] += self.weights[*cell as usize];
        }
    }
}
