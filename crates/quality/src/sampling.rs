//! Draws the true labels of items from their posterior, which shows how uncertain the parameters of
//! a fit are.
//!
//! A fit treats its parameters as exact, so its posteriors and skills are too confident with few
//! answers. Here true labels ("truths") and parameters are drawn in turn: the truths given the
//! parameters, then the parameters given the truths (Gibbs sampling: Geman and Geman 1984). The
//! draws follow the model of the method (a [`World`]) with weak priors.
//!
//! The draws depend only on the answers, the known labels and the skill priors: every chain has its
//! own random generator with a fixed seed, and the sums of the chains are added in a fixed order. A
//! sweep draws every truth and every parameter once, in time O(answers + items · K), so only crowds
//! that are [`affordable`] are sampled.

pub(crate) mod coin;
pub(crate) mod confusion;
pub(crate) mod draw;

use querist_core::elementary::exp;
use querist_core::{AnnotationSet, Class, Seed, SkillEvidence, SkillPrior};
use rand::{Rng, RngExt as _};
use rayon::prelude::*;

use crate::known::Checked;

/// The number of independent chains.
const CHAINS: usize = 4;
/// The number of sweeps at the start of a chain that are not used.
const BURN: usize = 40;
/// The fewest sweeps of a chain that are used. For a small crowd more are used, because they cost
/// little and its posteriors vary most.
const KEPT: usize = 80;
/// The most sweeps of a chain that are used.
const MOST_KEPT: usize = 800;
/// The most numbers that a sweep may process.
const MOST: usize = 30_000;
/// Drawing a parameter counts as processing this many numbers.
const DRAWING: usize = 4;
/// The factor by which the variance of the evidence is multiplied. The mixture of the draws has
/// longer tails than a Beta distribution with the same mean and variance.
const TAILS: f64 = 1.1;
/// The prior of an accuracy counts as this many right answers and as many wrong answers.
const PRIOR: f64 = 1.0 / 3.0;

/// A model of annotators. Its parameters can be drawn given the truths, and they give the
/// likelihood of an item's answers.
pub(crate) trait World: Send {
    /// Draws the parameters given the truth of each item; `right` has the number of right answers
    /// of each annotator under these truths.
    fn draw(&mut self, truths: &[Class], right: &[f64], rng: &mut impl Rng);

    /// Writes into `row`, for each of the K classes, the log joint probability of the class and the
    /// item's answers, up to a constant.
    fn joint(&self, item: usize, row: &mut [f64]);
}

/// The averages over all draws that are used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sampled {
    /// The posteriors: a row for each item, a column for each class.
    pub(crate) rows: Vec<f64>,
    /// The number of right answers of each annotator.
    pub(crate) right: Vec<Right>,
}

/// The mean and the variance, over the draws, of the number of an annotator's right answers.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Right {
    pub(crate) mean: f64,
    pub(crate) variance: f64,
}

impl Right {
    /// Returns the evidence for an annotator's accuracy. It follows from these right answers among
    /// `n` answers, and from the skill prior.
    pub(crate) fn evidence(self, n: usize, prior: SkillPrior) -> SkillEvidence {
        let n = n as f64 + prior.right + prior.wrong;
        let (a, total) = (self.mean + prior.right + PRIOR, n + 2.0 * PRIOR);
        let mean = (a / total).clamp(0.0, 1.0);
        // The variance of the accuracy has two parts. The first is the mean variance of Beta(a,
        // total - a) over the draws of a; the second, added below, is the variance of its mean.
        let within = (a * (total - a) - self.variance).max(0.0) / (total * total * (total + 1.0));
        SkillEvidence::of_moments(mean, TAILS * (within + self.variance / (total * total)))
    }
}

/// Returns whether a crowd is small enough to draw its truths with a model that has this many
/// parameters.
pub(crate) fn affordable(annotations: &AnnotationSet, parameters: usize) -> bool {
    let k = annotations.n_classes();
    let rows = annotations.items().len().saturating_mul(k);
    let drawn = parameters.saturating_mul(DRAWING);
    k > 1 && annotations.entries().len().saturating_add(rows).saturating_add(drawn) <= MOST
}

/// Draws truths and parameters, and returns the averages over the draws. `start` are the posteriors
/// of a fit, with a row for each item and a column for each class; `world` makes the model of a
/// chain.
///
/// [`CHAINS`] chains start at truths drawn from `start`. The first [`BURN`] sweeps of each are not
/// used; the [`KEPT`] to [`MOST_KEPT`] sweeps after them are.
///
/// - An item's posterior is the mean of `P(truth | parameters, answers)` over the kept sweeps
///   (Gelfand and Smith 1990).
/// - Given the truths, r of an annotator's n answers are right, so the accuracy has the
///   distribution `Beta(r + 1/3, n - r + 1/3)`. The mixture of these distributions over the sweeps
///   is summarised by one Beta distribution, with the mean of the mixture and 1.1 times its
///   variance ([`SkillEvidence`]).
pub(crate) fn sample<W: World>(
    annotations: &AnnotationSet,
    known: Checked<'_>,
    start: &[f64],
    world: impl Fn() -> W + Sync,
) -> Sampled {
    let numbers = annotations.entries().len() + start.len();
    // A smaller crowd gets more sweeps, which take about the same time.
    let kept = (KEPT * MOST / numbers.max(1)).clamp(KEPT, MOST_KEPT);
    let chains: Vec<Sums> = (0..CHAINS as u32)
        .into_par_iter()
        .map(|chain| {
            let mut sums = Sums::new(annotations);
            let mut rng = Seed(0).rng(chain, "truths of a crowd");
            sums.run(annotations, known, (start, kept), &mut world(), &mut rng);
            sums
        })
        .collect();
    // Add the sums in the order of the chains, so that the result does not depend on the threads.
    let n = (CHAINS * kept) as f64;
    let mut all = Sums::new(annotations);
    for chain in &chains {
        crate::sweep::add(&mut all.rows, &chain.rows);
        crate::sweep::add(&mut all.right, &chain.right);
        crate::sweep::add(&mut all.squares, &chain.squares);
    }
    all.rows.iter_mut().for_each(|sum| *sum /= n);
    let right = all.right.iter().zip(&all.squares).map(|(sum, squares)| {
        let mean = sum / n;
        Right { mean, variance: (squares / n - mean * mean).max(0.0) }
    });
    Sampled { right: right.collect(), rows: all.rows }
}

/// The sums over the used sweeps of a chain: of the posteriors, with a row for each item and a
/// column for each class; and for each annotator of the number of right answers, and of the square
/// of this number.
struct Sums {
    rows: Vec<f64>,
    right: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    /// Makes sums that are all 0.
    fn new(annotations: &AnnotationSet) -> Self {
        let annotators = annotations.annotators().len();
        Self {
            rows: vec![0.0; annotations.items().len() * annotations.n_classes()],
            right: vec![0.0; annotators],
            squares: vec![0.0; annotators],
        }
    }

    /// Runs one chain from truths drawn from the posteriors `start` (a row for each item, a column
    /// for each class). The first [`BURN`] sweeps are not used; the `kept` sweeps after them are
    /// added to the sums.
    fn run<W: World>(
        &mut self,
        annotations: &AnnotationSet,
        known: Checked<'_>,
        (start, kept): (&[f64], usize),
        world: &mut W,
        rng: &mut impl Rng,
    ) {
        let k = annotations.n_classes();
        let mut truths: Vec<Class> = start.chunks_exact(k).map(|row| one_of(row, rng)).collect();
        let mut right = vec![0.0; self.right.len()];
        let mut row = vec![0.0; k];
        for sweep in 0..BURN + kept {
            // Count the right answers under the current truths.
            right.fill(0.0);
            for entry in annotations.entries() {
                right[entry.annotator as usize] +=
                    f64::from(u8::from(truths[entry.item as usize] == entry.label));
            }
            if sweep >= BURN {
                crate::sweep::add(&mut self.right, &right);
                self.squares.iter_mut().zip(&right).for_each(|(sum, right)| *sum += right * right);
            }
            // Draw the parameters given the truths, then each truth given the parameters.
            world.draw(&truths, &right, rng);
            for (item, truth) in truths.iter_mut().enumerate() {
                if let Some(class) = known.label(item) {
                    row.fill(0.0);
                    row[class.index()] = 1.0;
                    *truth = class;
                } else {
                    world.joint(item, &mut row);
                    normalise(&mut row);
                    *truth = one_of(&row, rng);
                }
                if sweep >= BURN {
                    crate::sweep::add(&mut self.rows[item * k..(item + 1) * k], &row);
                }
            }
        }
    }
}

/// Replaces log joint probabilities by probabilities that sum to 1.
fn normalise(row: &mut [f64]) {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for value in row.iter_mut() {
        *value = exp(*value - most);
    }
    let sum: f64 = row.iter().sum();
    for value in row.iter_mut() {
        *value /= sum;
    }
}

/// Draws a class with the probabilities `row`, one for each class.
fn one_of(row: &[f64], rng: &mut impl Rng) -> Class {
    let mut left = rng.random::<f64>();
    let mut last = 0;
    for (class, p) in row.iter().enumerate().filter(|(_, p)| **p > 0.0) {
        last = class;
        left -= p;
        if left < 0.0 {
            break;
        }
    }
    Class::from_index(last)
}
