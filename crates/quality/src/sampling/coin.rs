//! The one-coin model (`one_coin`), in which each annotator has one accuracy, for drawing truths.
//!
//! The prior of an accuracy is Beta(2, 1), because people are more often right than wrong; an
//! annotator's skill prior adds its answers to it. The prior of the class frequencies is
//! Dirichlet(1, …, 1).

use querist_core::{AnnotationSet, Class};
use rand::Rng;

use super::World;
use super::draw::{ln_beta, ln_dirichlet};
use crate::known::Checked;

/// The parameters of the Beta prior of an accuracy.
pub(crate) const ACCURACY: (f64, f64) = (2.0, 1.0);

/// The state of a chain: the parameters drawn last.
pub(crate) struct Coin<'a> {
    annotations: &'a AnnotationSet,
    known: Checked<'a>,
    /// The number of answers of each annotator.
    n: Vec<f64>,
    /// The logarithm of the frequency of each class.
    log_prior: Vec<f64>,
    /// For each annotator with accuracy p, `ln p - ln ((1 - p) / (K - 1))`, which an answer adds to
    /// the log joint probability of its class.
    weights: Vec<f64>,
}

impl<'a> Coin<'a> {
    /// Prepares a chain; [`World::draw`] draws the first parameters.
    pub(crate) fn new(annotations: &'a AnnotationSet, known: Checked<'a>) -> Self {
        let annotators = annotations.annotators().len();
        Self {
            annotations,
            known,
            n: (0..annotators).map(|annotator| annotations.of_annotator(annotator).count() as f64).collect(),
            log_prior: vec![0.0; annotations.n_classes()],
            weights: vec![0.0; annotators],
        }
    }
}

impl World for Coin<'_> {
    /// Draws the class frequencies from their Dirichlet posterior, and each accuracy from its Beta
    /// posterior.
    fn draw(&mut self, truths: &[Class], right: &[f64], rng: &mut impl Rng) {
        classes(&mut self.log_prior, truths, rng);
        let log_others = (self.log_prior.len() as f64 - 1.0).ln();
        for (annotator, weight) in self.weights.iter_mut().enumerate() {
            let prior = self.known.prior(annotator);
            let a = ACCURACY.0 + prior.right + right[annotator];
            let b = ACCURACY.1 + prior.wrong + self.n[annotator] - right[annotator];
            let (log_right, log_wrong) = ln_beta(a, b, rng);
            *weight = log_right - log_wrong + log_others;
        }
    }

    /// Writes to `row`, for each class, the log frequency of the class plus the weights of the
    /// item's answers with this class. What the answers add to all classes alike is left out.
    fn joint(&self, item: usize, row: &mut [f64]) {
        row.copy_from_slice(&self.log_prior);
        for answer in self.annotations.of_item(item) {
            row[answer.label.index()] += self.weights[answer.annotator as usize];
        }
    }
}

/// Draws the class frequencies given the truth of each item, and writes their logarithms into
/// `log_prior`.
pub(crate) fn classes(log_prior: &mut [f64], truths: &[Class], rng: &mut impl Rng) {
    // The prior counts as one item of each class.
    log_prior.fill(1.0);
    for truth in truths {
        log_prior[truth.index()] += 1.0;
    }
    ln_dirichlet(log_prior, rng);
}
