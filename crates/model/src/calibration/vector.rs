//! A scale and an offset a class, held near one temperature.
//!
//! Minimises, over scales s and offsets o of the classes, the sum of wᵢ (-ln softmax(s ∘ zᵢ + o)[yᵢ]) +
//! [`SCALE_PENALTY`]/2 Σ (`s_k`/s̄ - 1)² + [`OFFSET_PENALTY`]/2 Σ `o_k`², where s̄ is the inverse temperature. The penalties
//! keep what few examples tell from being read as more than it is. A class with fewer than [`FEWEST_OF_A_CLASS`] held-out
//! examples keeps s̄ and 0: one whose single example cannot be held out would look as if it never occurred. Convex; solved
//! by Newton's method whose steps come from conjugate gradients, so that memory is linear in the number of classes.

use super::{Calibration, Scaling};
use crate::held_out::HeldOut;

/// Weight of the penalty on the relative deviation of a scale.
pub(super) const SCALE_PENALTY: f64 = 16.0;

/// Weight of the penalty on an offset.
pub(super) const OFFSET_PENALTY: f64 = 4.0;

/// Held-out examples that a class needs for a scale and an offset of its own.
const FEWEST_OF_A_CLASS: usize = 5;

/// The norm of the gradient at which the search ends.
const TOLERANCE: f64 = 1e-8;

const MOST_STEPS: usize = 100;

/// The scaling; `None` where a scale would not be above 0.
pub(super) fn scaling(held_out: &HeldOut, scale: f64) -> Option<Scaling> {
    let problem = Problem::new(held_out, scale);
    let k = problem.free.len();
    let mut at: Vec<f64> = vec![scale; k].into_iter().chain(vec![0.0; k]).collect();
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
    let (scales, offsets) = at.split_at(k);
    scales.iter().all(|scale| *scale > 0.0).then(|| Scaling {
        calibration: Calibration::Vector,
        scales: scales.to_vec(),
        offsets: offsets.to_vec(),
    })
}

/// The objective. Its unknowns are K scales and then K offsets.
struct Problem<'a> {
    held_out: &'a HeldOut,
    scale: f64,
    /// Whether a class has a scale and an offset of its own.
    free: Vec<bool>,
}

impl<'a> Problem<'a> {
    fn new(held_out: &'a HeldOut, scale: f64) -> Self {
        let mut counts = vec![0; held_out.logits.ncols()];
        held_out.ranks.iter().for_each(|rank| counts[*rank] += 1);
        let free = counts.iter().map(|count| *count >= FEWEST_OF_A_CLASS).collect();
        Self { held_out, scale, free }
    }

    /// The logits of a row under some unknowns.
    fn logits(&self, row: usize, at: &[f64]) -> Vec<f64> {
        let (scales, offsets) = at.split_at(self.free.len());
        let logits = self.held_out.logits.row(row);
        logits.iter().zip(scales).zip(offsets).map(|((z, scale), offset)| z * scale + offset).collect()
    }

    fn value(&self, at: &[f64]) -> f64 {
        let (scales, offsets) = at.split_at(self.free.len());
        let relative = |scale: &f64| (scale / self.scale - 1.0).powi(2);
        let scales: f64 = scales.iter().map(relative).sum();
        let offsets: f64 = offsets.iter().map(|offset| offset * offset).sum();
        let mut value = 0.5 * SCALE_PENALTY * scales + 0.5 * OFFSET_PENALTY * offsets;
        for (row, rank) in self.held_out.ranks.iter().enumerate() {
            let loss = crate::probabilities::loss(&self.logits(row, at), *rank);
            value += self.held_out.weights[row] * loss;
        }
        value
    }

    /// The gradient, and the probabilities that its products with the Hessian need.
    fn gradient(&self, at: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let k = self.free.len();
        let mut gradient = vec![0.0; 2 * k];
        let mut probabilities = Vec::with_capacity(self.held_out.ranks.len());
        for class in 0..k {
            gradient[class] = SCALE_PENALTY * (at[class] / self.scale - 1.0) / self.scale;
            gradient[k + class] = OFFSET_PENALTY * at[k + class];
        }
        for (row, rank) in self.held_out.ranks.iter().enumerate() {
            let mut p = self.logits(row, at);
            crate::probabilities::softmax_in_place(&mut p);
            for (class, p) in p.iter().enumerate() {
                let residual = self.held_out.weights[row] * (p - f64::from(u8::from(class == *rank)));
                gradient[class] += residual * self.held_out.logits[(row, class)];
                gradient[k + class] += residual;
            }
            probabilities.push(p);
        }
        self.hold(&mut gradient);
        (gradient, probabilities)
    }

    /// The Hessian times a direction.
    fn curve(&self, probabilities: &[Vec<f64>], direction: &[f64]) -> Vec<f64> {
        let k = self.free.len();
        let mut out = vec![0.0; 2 * k];
        for class in 0..k {
            out[class] = SCALE_PENALTY * direction[class] / (self.scale * self.scale);
            out[k + class] = OFFSET_PENALTY * direction[k + class];
        }
        let mut moved = vec![0.0; k];
        for (row, p) in probabilities.iter().enumerate() {
            let logits = self.held_out.logits.row(row);
            let mut mean = 0.0;
            for class in 0..k {
                moved[class] = logits[class] * direction[class] + direction[k + class];
                mean += p[class] * moved[class];
            }
            for class in 0..k {
                let change = self.held_out.weights[row] * p[class] * (moved[class] - mean);
                out[class] += change * logits[class];
                out[k + class] += change;
            }
        }
        self.hold(&mut out);
        out
    }

    /// The step that solves H x = -g, by conjugate gradients.
    fn newton_step(&self, gradient: &[f64], probabilities: &[Vec<f64>]) -> Vec<f64> {
        let mut step = vec![0.0; gradient.len()];
        let mut residual: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut direction = residual.clone();
        let mut squares = dot(&residual, &residual);
        let enough = squares * 1e-6;
        for _ in 0..2 * gradient.len() {
            let curved = self.curve(probabilities, &direction);
            let length = squares / dot(&direction, &curved);
            add(&mut step, length, &direction);
            add(&mut residual, -length, &curved);
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

    /// The first point along halved steps that lowers the objective enough (Armijo); `None` when none does.
    fn descend(&self, at: &[f64], value: f64, gradient: &[f64], step: &[f64]) -> Option<(Vec<f64>, f64)> {
        let slope = dot(gradient, step);
        let mut length = 1.0;
        for _ in 0..40 {
            let mut next = at.to_vec();
            add(&mut next, length, step);
            let next_value = self.value(&next);
            if next_value < value + 1e-4 * length * slope {
                return Some((next, next_value));
            }
            length /= 2.0;
        }
        None
    }

    /// Classes without a scale and an offset of their own do not move.
    fn hold(&self, vector: &mut [f64]) {
        let k = self.free.len();
        for class in (0..k).filter(|class| !self.free[*class]) {
            vector[class] = 0.0;
            vector[k + class] = 0.0;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += factor * what;
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;

    /// n examples of 3 classes; logits lean towards the class two times in three.
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
        let at = [0.7, 0.9, 1.1, 0.1, -0.2, 0.3];
        let direction = [0.3, -0.2, 0.5, 0.1, 0.4, -0.6];
        let moved = |by: f64| {
            let mut at = at.to_vec();
            add(&mut at, by, &direction);
            at
        };
        let (gradient, probabilities) = problem.gradient(&at);
        let step = 1e-5;
        let slope = (problem.value(&moved(step)) - problem.value(&moved(-step))) / (2.0 * step);
        assert!((slope - dot(&gradient, &direction)).abs() < 1e-6);
        let curved = problem.curve(&probabilities, &direction);
        let (up, down) = (problem.gradient(&moved(step)).0, problem.gradient(&moved(-step)).0);
        for place in 0..6 {
            assert!(((up[place] - down[place]) / (2.0 * step) - curved[place]).abs() < 1e-5, "{place}");
        }
    }

    #[test]
    fn ends_at_an_optimum_that_no_coordinate_improves() {
        let held = held(60);
        let found = scaling(&held, 0.8).unwrap();
        let problem = Problem::new(&held, 0.8);
        let at: Vec<f64> = found.scales.iter().chain(&found.offsets).copied().collect();
        assert!(norm(&problem.gradient(&at).0) < 1e-6);
        for place in 0..6 {
            for by in [-1e-3, 1e-3] {
                let mut next = at.clone();
                next[place] += by;
                assert!(problem.value(&next) > problem.value(&at));
            }
        }
    }

    #[test]
    fn a_rare_class_keeps_the_temperature() {
        let mut held = held(60);
        for row in 0..60 {
            if held.ranks[row] == 2 && row > 12 {
                held.ranks[row] = 0;
            }
        }
        let found = scaling(&held, 0.8).unwrap();
        assert_eq!((found.scales[2].to_bits(), found.offsets[2].to_bits()), (0.8_f64.to_bits(), 0));
        assert!((found.scales[0] - 0.8).abs() > 1e-6);
    }
}
