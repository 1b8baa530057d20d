//! Estimates the share of wrong labels by maximum likelihood, separately from the model's own
//! uncertainty.
//!
//! If labels contain errors, probabilities calibrated on them stay below 1 everywhere. So two
//! causes of disagreement between model and labels are fitted together. With the out-of-fold
//! probabilities p, the given label ỹ and the number K of classes in use, they are:
//!
//! - the model's own uncertainty, `q_j ∝ p_j^β`, which is small for documents of which the model is
//!   sure;
//! - a share ε of wrong labels, independent of the document, each with any of the other classes
//!   with equal probability.
//!
//! `P(ỹ) = (1 - ε) q_ỹ + ε (1 - q_ỹ) / (K - 1)`. Labels that contradict the model where it is sure
//! raise ε; labels that contradict it where it is uncertain do not. A given label is then wrong
//! with probability `ε (1 - q_ỹ) / (K - 1) / P(ỹ)`.
//!
//! The interval of ε contains the values that a likelihood-ratio test at 5 % accepts, with β free
//! (χ² with one degree of freedom). This assumes that the model's certainty is right. But a model
//! may be sure and wrong about some texts ("not bad"), and each of them looks like a wrong label.
//! So a second test, with δ free, assumes a share δ of documents with more uncertainty,
//! `q'_j ∝ p_j^(β/4)`: `q_ỹ` becomes `(1 - δ) q_ỹ + δ q'_ỹ`. The interval contains the values that
//! either test accepts. Mostly this lowers its lower end.
//!
//! Only δ and the logarithm of β are searched by a grid; at each point the likelihood is concave in
//! ε. No randomness, and sums in the order of the examples: the same input gives the same bytes on
//! any number of threads.

use querist_core::Probabilities;
use rayon::prelude::*;

/// Half of the 95 % quantile of χ² with one degree of freedom: the fall of the log-likelihood that
/// the interval allows.
const DROP: f64 = 1.920_729;
/// The first of the values of ln β to try.
const FIRST: f64 = -1.5;
/// The step from a value of ln β to the next.
const STEP: f64 = 0.1;
/// The number of values of ln β to try.
const POINTS: usize = 38;
/// The number of values of ln β, on each side of the best, that the interval's tests try: half a
/// `STEP` apart in the first test, and a `STEP` apart in the second.
const AROUND: i32 = 12;
/// The values of δ to try, in addition to 0.
const TOO_SURE: [f64; 4] = [0.01, 0.03, 0.08, 0.2];
/// ln(1/4), the change of ln β for documents of which the model is too sure.
const LESS_SURE: f64 = -1.386_294;
/// The largest ε that is considered.
const MOST: f64 = 0.95;
/// Lower likelihoods are raised to this value, so that their logarithms are finite.
const FLOOR: f64 = 1e-300;

/// The fitted noise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Noise {
    /// The share ε of wrong labels: the lower end of its 95 % interval, the estimate, and the upper
    /// end.
    pub(crate) share: [f64; 3],
    /// For each example, the probability that its label is wrong.
    pub(crate) wrong: Vec<f64>,
}

/// The examples to which the noise is fitted.
struct Fit<'a> {
    /// For each example, the logarithms of its probabilities.
    logs: Vec<Vec<f64>>,
    own: &'a [usize],
    /// The number of other classes, K - 1, at least 1.
    others: f64,
}

/// A value of ln β, the share ε that fits best with it, and the log-likelihood of both.
#[derive(Clone, Copy)]
struct Point {
    ln_beta: f64,
    share: f64,
    likelihood: f64,
}

/// Fits the noise to some examples: `rows` are their rows in `probabilities`, `own` the indices of
/// their given labels in the same order, and `classes` is the number of classes in use.
pub(crate) fn noise(probabilities: &Probabilities, rows: &[usize], own: &[usize], classes: usize) -> Noise {
    if rows.is_empty() || classes < 2 {
        return Noise { share: [0.0; 3], wrong: vec![0.0; rows.len()] };
    }
    let logs = rows.par_iter().map(|row| probabilities.row(*row).iter().map(|p| p.ln()).collect()).collect();
    let fit = Fit { logs, own, others: (classes - 1) as f64 };
    let best = fit.best();
    let [low, high] = fit.interval(best);
    let own = fit.own_at(best.ln_beta);
    let wrong = own.iter().map(|q| fit.by_error(*q, best.share) / fit.given(*q, best.share).max(FLOOR));
    Noise { share: [low, best.share, high], wrong: wrong.collect() }
}

impl Fit<'_> {
    /// Returns the interval of the values of ε that either test accepts; it includes the estimate,
    /// which is the best fit `best` of the first test.
    fn interval(&self, best: Point) -> [f64; 2] {
        let places = |step: f64| (-AROUND..=AROUND).map(move |place| best.ln_beta + f64::from(place) * step);
        // The range of ε that the test accepts with this β and δ; `None` if it accepts no ε.
        let kept = |limit: f64, ln_beta: f64, too_sure: f64| {
            let own = self.mixed_at(ln_beta, too_sure);
            let top = self.best_share(&own);
            let inside = self.likelihood(&own, top) >= limit;
            inside.then(|| [self.bound(&own, limit, top, 0.0), self.bound(&own, limit, top, MOST)])
        };
        let as_sure = places(STEP / 2.0).filter_map(|ln_beta| kept(best.likelihood - DROP, ln_beta, 0.0));
        let points: Vec<(f64, f64)> =
            TOO_SURE.iter().flat_map(|share| places(STEP).map(move |ln_beta| (ln_beta, *share))).collect();
        let tops: Vec<f64> = points
            .par_iter()
            .map(|(ln_beta, too_sure)| {
                let own = self.mixed_at(*ln_beta, *too_sure);
                self.likelihood(&own, self.best_share(&own))
            })
            .collect();
        let limit = tops.iter().copied().fold(best.likelihood, f64::max) - DROP;
        let near = points.iter().zip(&tops).filter(|(_, top)| **top >= limit);
        let too_sure = near.filter_map(|((ln_beta, too_sure), _)| kept(limit, *ln_beta, *too_sure));
        as_sure.chain(too_sure).fold([best.share; 2], |[low, high], [from, to]| [low.min(from), high.max(to)])
    }

    /// Returns q of the given label of each example, if the model is too sure of the share
    /// `too_sure` of the documents.
    fn mixed_at(&self, ln_beta: f64, too_sure: f64) -> Vec<f64> {
        let mut own = self.own_at(ln_beta);
        if too_sure > 0.0 {
            for (q, less) in own.iter_mut().zip(self.own_at(ln_beta + LESS_SURE)) {
                *q = (1.0 - too_sure) * *q + too_sure * less;
            }
        }
        own
    }

    /// Returns q of the given label of each example, for this ln β.
    fn own_at(&self, ln_beta: f64) -> Vec<f64> {
        let beta = ln_beta.exp();
        let rows = self.logs.par_iter().zip(self.own);
        rows.map(|(logs, own)| {
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logs.iter().map(|log| (beta * (log - most)).exp()).sum();
            (beta * (logs[*own] - most)).exp() / sum
        })
        .collect()
    }

    /// Returns the probability that a label is wrong and has the given class, whose q is `q`, if
    /// the share `share` of labels is wrong.
    fn by_error(&self, q: f64, share: f64) -> f64 {
        share * (1.0 - q) / self.others
    }

    /// Returns the probability P(ỹ) of a given label whose q is `q`, if the share `share` of labels
    /// is wrong.
    fn given(&self, q: f64, share: f64) -> f64 {
        (1.0 - share) * q + self.by_error(q, share)
    }

    /// Returns the log-likelihood of the given labels, whose q are `own`, if the share `share` of
    /// labels is wrong.
    fn likelihood(&self, own: &[f64], share: f64) -> f64 {
        own.iter().map(|q| self.given(*q, share).max(FLOOR).ln()).sum()
    }

    /// Returns the share ε with the highest likelihood, given the q of each given label. The slope
    /// of the log-likelihood falls with ε, so bisection finds its zero.
    fn best_share(&self, own: &[f64]) -> f64 {
        let rising = |share: f64| {
            let slope = |q: f64| ((1.0 - q) / self.others - q) / self.given(q, share).max(FLOOR);
            own.iter().map(|q| slope(*q)).sum::<f64>() > 0.0
        };
        if !rising(1e-9) {
            return 0.0;
        }
        bisect(0.0, MOST, rising)
    }

    /// Returns the share ε between `best` and `end` at which the log-likelihood falls to `limit`,
    /// given the q of each given label; `end` if it stays above `limit`.
    fn bound(&self, own: &[f64], limit: f64, best: f64, end: f64) -> f64 {
        let inside = |share: f64| self.likelihood(own, share) >= limit;
        if inside(end) { end } else { bisect(best, end, inside) }
    }

    /// Returns the point with this ln β and the share ε that fits best with it.
    fn point(&self, ln_beta: f64) -> Point {
        let own = self.own_at(ln_beta);
        let share = self.best_share(&own);
        Point { ln_beta, share, likelihood: self.likelihood(&own, share) }
    }

    /// Returns the point with the highest likelihood: first the best on the grid, then improved by
    /// trying half a step on both sides, a quarter, and so on.
    fn best(&self) -> Point {
        let better =
            |best: Point, other: Point| if other.likelihood > best.likelihood { other } else { best };
        let grid = (1..POINTS).map(|place| self.point(FIRST + STEP * place as f64));
        let mut best = grid.fold(self.point(FIRST), better);
        let mut step = STEP / 2.0;
        for _ in 0..6 {
            let around = [best.ln_beta - step, best.ln_beta + step].map(|ln_beta| self.point(ln_beta));
            best = around.into_iter().fold(best, better);
            step /= 2.0;
        }
        best
    }
}

/// Returns the point between `from` and `to` at which `holds`, which is true at `from`, becomes
/// false.
fn bisect(mut from: f64, mut to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..40 {
        let middle = f64::midpoint(from, to);
        if holds(middle) {
            from = middle;
        } else {
            to = middle;
        }
    }
    f64::midpoint(from, to)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use querist_core::Seed;
    use rand::RngExt;

    use super::*;

    /// Returns probabilities of three classes, labels, and the number of wrong labels. The true
    /// classes are drawn from sharper probabilities than the returned ones; the share `share` of
    /// them is then replaced by another class.
    fn drawn(n: usize, share: f64, seed: u64) -> (Probabilities, Vec<usize>, usize) {
        let mut rng = Seed(seed).rng(0, "label noise");
        let mut p = Array2::zeros((n, 3));
        let (mut own, mut wrong) = (Vec::new(), 0);
        for mut row in p.outer_iter_mut() {
            let logits: Vec<f64> = (0..3).map(|_| 3.0 * rng.random::<f64>()).collect();
            // The true classes follow probabilities with twice the logits of the returned ones.
            let sharp: Vec<f64> = logits.iter().map(|logit| (4.0 * logit).exp()).collect();
            let mut left = rng.random::<f64>() * sharp.iter().sum::<f64>();
            let class = sharp
                .iter()
                .position(|weight| {
                    left -= weight;
                    left < 0.0
                })
                .unwrap_or(2);
            let sum: f64 = logits.iter().map(|logit| (2.0 * logit).exp()).sum();
            row.iter_mut().zip(&logits).for_each(|(p, logit)| *p = (2.0 * logit).exp() / sum);
            let flip = rng.random::<f64>() < share;
            wrong += usize::from(flip);
            own.push(if flip { (class + rng.random_range(1..3)) % 3 } else { class });
        }
        (Probabilities::new(p).unwrap(), own, wrong)
    }

    #[test]
    fn the_interval_holds_the_share_of_wrong_labels() {
        let (mut held, mut runs) = (0, 0);
        for share in [0.0, 0.02, 0.1] {
            for seed in 0..20 {
                let (p, own, wrong) = drawn(800, share, seed);
                let rows: Vec<usize> = (0..800).collect();
                let found = noise(&p, &rows, &own, 3);
                let [low, value, high] = found.share.map(|share| share * 800.0);
                assert!(low <= value && value <= high, "{low} {value} {high}");
                runs += 1;
                held += usize::from(low <= wrong as f64 && wrong as f64 <= high);
            }
        }
        println!("{held} of {runs} intervals held the number of wrong labels");
        assert!(held * 10 >= runs * 9, "{held} of {runs}");
    }

    #[test]
    fn a_model_that_is_sure_and_wrong_of_some_texts_proves_no_error() {
        // All labels are right. On one document in twenty the model is wrong, but as sure as on the
        // others.
        let mut rng = Seed(3).rng(0, "too sure");
        let mut p = Array2::zeros((1_000, 2));
        let mut own = Vec::new();
        for (row, mut p) in p.outer_iter_mut().enumerate() {
            let sure = 1.0 / (1.0 + (-5.0 * rng.random::<f64>()).exp());
            let likely = usize::from(rng.random::<f64>() < 0.5);
            p[likely] = sure;
            p[1 - likely] = 1.0 - sure;
            let right = row % 20 != 0 && rng.random::<f64>() < sure;
            own.push(if right { likely } else { 1 - likely });
        }
        let rows: Vec<usize> = (0..1_000).collect();
        let found = noise(&Probabilities::new(p).unwrap(), &rows, &own, 2);
        println!("{:?}", found.share);
        assert!(found.share[0] < 0.005, "{:?}", found.share);
    }

    #[test]
    fn a_label_against_a_sure_model_is_wrong_and_one_for_it_is_not() {
        let (p, own, _) = drawn(800, 0.1, 7);
        let rows: Vec<usize> = (0..800).collect();
        let found = noise(&p, &rows, &own, 3);
        for row in rows.iter().filter(|row| p.row(**row)[own[**row]] > 0.9) {
            assert!(found.wrong[*row] < 0.05);
        }
        for row in rows.iter().filter(|row| p.row(**row)[own[**row]] < 0.005) {
            assert!(found.wrong[*row] > 0.5, "{} {}", p.row(*row), own[*row]);
        }
    }

    #[test]
    fn nothing_and_one_class_have_no_noise() {
        let p = Probabilities::new(Array2::from_elem((2, 2), 0.5)).unwrap();
        assert!(noise(&p, &[], &[], 2).share.iter().all(|share| share.abs() < f64::EPSILON));
        assert_eq!(noise(&p, &[0, 1], &[0, 0], 1).wrong, [0.0, 0.0]);
    }
}
