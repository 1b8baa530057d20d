//! Vector scaling: a scale and an offset for each class.
//!
//! Class k has the scale s + `d_k` and the offset `o_k`. They minimise Σ wᵢ (-ln softmax((s + d) ∘
//! zᵢ + o)[yᵢ]) + [`SCALE_PENALTY`]/2 (s/s̄ - 1)² + [`DEVIATION_PENALTY`]/2 Σ (`d_k`/s̄)² +
//! [`OFFSET_PENALTY`]/2 Σ `o_k`², where s̄ is the inverse temperature. The penalties keep scales
//! and offsets close to the plain temperature if there are few examples. With all `d_k` = 0 this is
//! the bias-corrected temperature of Alexandari, Kundaje and Shrikumar, "Maximum Likelihood with
//! Bias-Corrected Calibration is Hard-To-Beat at Label Shift Adaptation" (ICML 2020); with free
//! `d_k` it is the vector scaling of Guo et al.

use super::{Calibration, Scaling};
use crate::held_out::HeldOut;
use crate::probabilities::{loss, softmax_in_place};

// The weights were measured at 50 to 2,000 labels of five sets (topics, questions, spam,
// sentiment), on n-grams and on embeddings. Offsets have to be nearly free. A fit to few examples
// explains them by words that no other document has. A new document has few of these words, so its
// logits are hardly more than the intercepts, which favour the frequent classes too much. The
// offsets correct the intercepts on examples that the fit did not see. With five times this weight
// on offsets, n-grams lose up to 3 points of accuracy at 50 labels; on embeddings the weight hardly
// matters.

/// The weight of the penalty on (s/s̄ - 1)², the common scale's relative distance from the inverse
/// temperature.
const SCALE_PENALTY: f64 = 0.25;

/// The weight of the penalty on (`d_k`/s̄)², a class's relative deviation from the common scale.
const DEVIATION_PENALTY: f64 = 16.0;

/// The weight of the penalty on `o_k`², the square of an offset.
const OFFSET_PENALTY: f64 = 0.05;

/// The fewest held-out examples with which a class gets a deviation and an offset of its own.
/// Without this limit, a class whose only example cannot be held out would get a low offset, as if
/// it never occurred.
const FEWEST_OF_A_CLASS: usize = 5;

/// The norm of the gradient at which the search ends.
const TOLERANCE: f64 = 1e-8;

const MOST_STEPS: usize = 100;

/// Returns the vector scaling that minimises the objective, given the inverse temperature `scale`;
/// `None` if a class's scale would not be above 0.
///
/// The objective is convex. Newton's method minimises it. Conjugate gradients compute each step, so
/// memory is linear in the number of classes.
pub(super) fn scaling(held_out: &HeldOut, scale: f64) -> Option<Scaling> {
    let problem = Problem::new(held_out, scale);
    let mut at = vec![0.0; 1 + 2 * problem.free.len()];
    at[0] = scale;
    let mut value = problem.value(&at);
    for _ in 0..MOST_STEPS {
        let (gradient, probabilities) = problem.gradient(&at);
        if norm(&gradient) < TOLERANCE {
            break;
        }
        let step = problem.newton_step(&gradient, &probabilities);
        let Some((next, next_value)) = problem.descend(&at, value, &gradient, &step) else { break };
        (at, value) = (next, next_value);
    }
    let (common, deviations, offsets) = problem.split(&at);
    let scales: Vec<f64> = deviations.iter().map(|deviation| common + deviation).collect();
    scales.iter().all(|scale| *scale > 0.0).then(|| Scaling {
        calibration: Calibration::Vector,
        scales,
        offsets: offsets.to_vec(),
    })
}

/// The objective. Its unknowns are the common scale s, K deviations and K offsets, in this order,
/// where K is the number of classes seen.
struct Problem<'a> {
    held_out: &'a HeldOut,
    /// The inverse temperature s̄.
    scale: f64,
    /// Whether each class has its own deviation and offset.
    free: Vec<bool>,
}

impl<'a> Problem<'a> {
    fn new(held_out: &'a HeldOut, scale: f64) -> Self {
        let mut counts = vec![0; held_out.logits.ncols()];
        held_out.ranks.iter().for_each(|rank| counts[*rank] += 1);
        let free = counts.iter().map(|count| *count >= FEWEST_OF_A_CLASS).collect();
        Self { held_out, scale, free }
    }

    /// Splits the unknowns into the common scale s, the K deviations and the K offsets.
    fn split<'b>(&self, unknowns: &'b [f64]) -> (f64, &'b [f64], &'b [f64]) {
        let (deviations, offsets) = unknowns[1..].split_at(self.free.len());
        (unknowns[0], deviations, offsets)
    }

    /// Returns the K scaled logits of a row at these unknowns. They are linear in the unknowns, so
    /// for a direction in place of the unknowns this is the change of the logits along the
    /// direction.
    fn logits(&self, row: usize, unknowns: &[f64]) -> Vec<f64> {
        let (common, deviations, offsets) = self.split(unknowns);
        let logits = self.held_out.logits.row(row);
        let change = |((z, deviation), offset): ((&f64, &f64), &f64)| z * (common + deviation) + offset;
        logits.iter().zip(deviations).zip(offsets).map(change).collect()
    }

    /// Returns the objective at the unknowns `at`, in nats.
    fn value(&self, at: &[f64]) -> f64 {
        let (common, deviations, offsets) = self.split(at);
        let mut value = 0.5 * SCALE_PENALTY * (common / self.scale - 1.0).powi(2)
            + 0.5 * DEVIATION_PENALTY * dot(deviations, deviations) / (self.scale * self.scale)
            + 0.5 * OFFSET_PENALTY * dot(offsets, offsets);
        for (row, rank) in self.held_out.ranks.iter().enumerate() {
            value += self.held_out.weights[row] * loss(&self.logits(row, at), *rank);
        }
        value
    }

    /// Returns the gradient of the objective at the unknowns `at`, and the K probabilities of each
    /// row there, which [`Self::curve`] needs.
    fn gradient(&self, at: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let mut gradient = self.penalty_curve(at);
        gradient[0] -= SCALE_PENALTY / self.scale;
        let mut probabilities = Vec::with_capacity(self.held_out.ranks.len());
        for (row, rank) in self.held_out.ranks.iter().enumerate() {
            let mut p = self.logits(row, at);
            softmax_in_place(&mut p);
            let mut residual = p.clone();
            residual[*rank] -= 1.0;
            self.add(row, &residual, &mut gradient);
            probabilities.push(p);
        }
        self.hold(&mut gradient);
        (gradient, probabilities)
    }

    /// Returns the product of the objective's Hessian with `direction`; `probabilities` are the K
    /// probabilities of each row at the point of the Hessian.
    fn curve(&self, probabilities: &[Vec<f64>], direction: &[f64]) -> Vec<f64> {
        let mut out = self.penalty_curve(direction);
        for (row, p) in probabilities.iter().enumerate() {
            let mut moved = self.logits(row, direction);
            let mean = dot(p, &moved);
            moved.iter_mut().zip(p).for_each(|(moved, p)| *moved = p * (*moved - mean));
            self.add(row, &moved, &mut out);
        }
        self.hold(&mut out);
        out
    }

    /// Returns the product of the penalties' Hessian with `direction`. The penalties are quadratic,
    /// so for the unknowns as `direction` this is the penalties' gradient, except for a constant in
    /// the entry of the common scale.
    fn penalty_curve(&self, direction: &[f64]) -> Vec<f64> {
        let squared = self.scale * self.scale;
        let k = self.free.len();
        let weight = |place: usize| match place {
            0 => SCALE_PENALTY / squared,
            place if place <= k => DEVIATION_PENALTY / squared,
            _ => OFFSET_PENALTY,
        };
        direction.iter().enumerate().map(|(place, value)| weight(place) * value).collect()
    }

    /// Adds to `to` the weighted gradient of a row's loss with respect to the unknowns, given its
    /// gradient `change` with respect to the row's scaled logits.
    fn add(&self, row: usize, change: &[f64], to: &mut [f64]) {
        let k = self.free.len();
        let logits = self.held_out.logits.row(row);
        for (class, (change, z)) in change.iter().zip(logits).enumerate() {
            let change = self.held_out.weights[row] * change;
            to[0] += change * z;
            to[1 + class] += change * z;
            to[1 + k + class] += change;
        }
    }

    /// Returns the step x that solves H x = -g by conjugate gradients, with the Hessian H and the
    /// gradient g.
    fn newton_step(&self, gradient: &[f64], probabilities: &[Vec<f64>]) -> Vec<f64> {
        let mut step = vec![0.0; gradient.len()];
        let mut residual: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut direction = residual.clone();
        let mut squares = dot(&residual, &residual);
        let enough = squares * 1e-6;
        // Exact arithmetic needs as many steps as there are unknowns; rounding may need more.
        for _ in 0..2 * gradient.len() {
            let curved = self.curve(probabilities, &direction);
            let length = squares / dot(&direction, &curved);
            add_scaled(&mut step, length, &direction);
            add_scaled(&mut residual, -length, &curved);
            let next = dot(&residual, &residual);
            if next <= enough {
                break;
            }
            for (d, r) in direction.iter_mut().zip(&residual) {
                *d = r + next / squares * *d;
            }
            squares = next;
        }
        step
    }

    /// Halves the step until it lowers the objective enough (Armijo's condition). Returns the new
    /// unknowns and their objective; `None` if no step among 40 lengths lowers it enough.
    fn descend(&self, at: &[f64], value: f64, gradient: &[f64], step: &[f64]) -> Option<(Vec<f64>, f64)> {
        let slope = dot(gradient, step);
        let mut length = 1.0;
        for _ in 0..40 {
            let mut next = at.to_vec();
            add_scaled(&mut next, length, step);
            let next_value = self.value(&next);
            if next_value < value + 1e-4 * length * slope {
                return Some((next, next_value));
            }
            length /= 2.0;
        }
        None
    }

    /// Sets two entries of `vector` to 0 for each class that is not free: its deviation and its
    /// offset. The search then leaves them at 0.
    fn hold(&self, vector: &mut [f64]) {
        let k = self.free.len();
        for class in (0..k).filter(|class| !self.free[*class]) {
            vector[1 + class] = 0.0;
            vector[1 + k + class] = 0.0;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add_scaled(to: &mut [f64], factor: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += factor * what;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// n examples of 3 classes, whose logits often lean towards their class.
    fn held(n: usize) -> HeldOut {
        let lean = |row: usize| (row * 7 % 3 + usize::from(row.is_multiple_of(4))) % 3;
        HeldOut {
            rows: (0..n).collect(),
            logits: Array2::from_shape_fn((n, 3), |(row, class)| {
                f64::from(u8::from(lean(row) == class)) * 2.0 + 0.1 * (row % 5) as f64 * class as f64
            }),
            ranks: (0..n).map(|row| row * 7 % 3).collect(),
            weights: (0..n).map(|row| 1.0 + (row % 2) as f64).collect(),
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_value_and_the_curvature_that_of_the_gradient() {
        let held = held(40);
        let problem = Problem::new(&held, 0.8);
        let at = [0.9, -0.2, 0.0, 0.2, 0.1, -0.2, 0.3];
        let direction = [0.7, 0.3, -0.2, 0.5, 0.1, 0.4, -0.6];
        let moved = |by: f64| {
            let mut at = at.to_vec();
            add_scaled(&mut at, by, &direction);
            at
        };
        let (gradient, probabilities) = problem.gradient(&at);
        let step = 1e-5;
        let slope = (problem.value(&moved(step)) - problem.value(&moved(-step))) / (2.0 * step);
        assert!((slope - dot(&gradient, &direction)).abs() < 1e-6);
        let curved = problem.curve(&probabilities, &direction);
        let (up, down) = (problem.gradient(&moved(step)).0, problem.gradient(&moved(-step)).0);
        for place in 0..7 {
            assert!(((up[place] - down[place]) / (2.0 * step) - curved[place]).abs() < 1e-5, "{place}");
        }
    }

    #[test]
    fn an_offset_undoes_a_wrong_prior() {
        // Logits that reveal nothing but lean to class 0 by 2, although 3 of 4 examples are of
        // class 1.
        let n = 4_000;
        let held = HeldOut {
            rows: (0..n).collect(),
            logits: Array2::from_shape_fn((n, 2), |(_, class)| 2.0 * f64::from(u8::from(class == 0))),
            ranks: (0..n).map(|row| usize::from(row % 4 != 0)).collect(),
            weights: vec![1.0; n],
        };
        let found = scaling(&held, 0.01).unwrap();
        let p = found.probabilities(held.logits.view());
        assert!((p[(0, 1)] - 0.75).abs() < 1e-3, "{p} {found:?}");
    }

    #[test]
    fn a_rare_class_has_the_common_scale_and_no_offset() {
        let mut held = held(60);
        for row in 0..60 {
            if held.ranks[row] == 2 && row > 12 {
                held.ranks[row] = 0;
            }
        }
        let found = scaling(&held, 0.8).unwrap();
        assert_eq!(found.offsets[2].to_bits(), 0);
        let [first, second, common] = found.scales[..] else { panic!("{found:?}") };
        assert!(found.offsets[0].abs() > 1e-6 && (first - common).abs() > 1e-6, "{found:?}");
        assert!((second - common).abs() > 1e-6);
    }
}
