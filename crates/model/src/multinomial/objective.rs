//! The objective f and its gradient.

use super::Problem;
use super::exponential::exp;
use super::lanes::Lanes;
use super::parameters::Parameters;
use super::split::Split;

/// f, in the columns of a [`Split`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Objective<'a, const L: usize> {
    /// What is minimised.
    pub(super) problem: Problem<'a>,
    /// Its rows.
    pub(super) split: &'a Split,
}

impl<'a, const L: usize> Objective<'a, L> {
    pub(super) fn new(problem: Problem<'a>) -> Self {
        Self { problem, split: problem.design.split() }
    }

    /// s of a row.
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.problem.weights.map_or(1.0, |weights| weights[row])
    }

    /// X W + b by the shared columns alone, (n, K).
    pub(super) fn shared_logits(&self, shared: &Lanes<f64, L>) -> Lanes<f64, L> {
        let mut out = Lanes::zeros(self.split.by_row.n_rows(), shared.panels());
        for panel in 0..shared.panels() {
            out.panel_mut(panel).fill(shared.panel(panel)[shared.rows() - 1]);
        }
        self.split.by_row.multiply(shared, &mut out);
        out
    }

    /// Adds to `out`, (n, K), the logits by the private columns.
    pub(super) fn add_private_logits(&self, private: &Lanes<f64, L>, out: &mut Lanes<f64, L>) {
        for panel in 0..out.panels() {
            let rows = out.panel_mut(panel).iter_mut().zip(private.panel(panel)).zip(&self.split.private);
            for ((out, private), norm) in rows {
                for lane in 0..L {
                    out[lane] += norm * private[lane];
                }
            }
        }
    }

    /// X W + b, (n, K).
    pub(super) fn logits(&self, parameters: &Parameters<L>) -> Lanes<f64, L> {
        let mut out = self.shared_logits(&parameters.shared);
        self.add_private_logits(&parameters.private, &mut out);
        out
    }

    /// Turns logits (n, K) into probabilities and gives Σ s (-ln p) of the targets, in nats.
    pub(super) fn softmax(&self, values: &mut Lanes<f64, L>) -> f64 {
        let (n, panels) = (values.rows(), values.panels());
        let mut loss = 0.0;
        for (row, target) in self.problem.targets.iter().enumerate() {
            let own = values.get(row, *target as usize);
            let rows = values.all_mut();
            let mut tops = rows[row];
            for panel in 1..panels {
                for (top, logit) in tops.iter_mut().zip(&rows[panel * n + row]) {
                    *top = if *logit > *top { *logit } else { *top };
                }
            }
            let top = tops.iter().fold(tops[0], |a, b| if *b > a { *b } else { a });
            let mut sums = [0.0; L];
            for panel in 0..panels {
                let values = &mut rows[panel * n + row];
                for lane in 0..L {
                    values[lane] = exp(values[lane] - top);
                    sums[lane] += values[lane];
                }
            }
            let sum: f64 = sums.iter().sum();
            let share = 1.0 / sum;
            for panel in 0..panels {
                for p in &mut rows[panel * n + row] {
                    *p *= share;
                }
            }
            loss += self.weight(row) * (sum.ln() - (own - top));
        }
        loss
    }

    /// s (p - y), the derivative of the loss in the logits, (n, K).
    pub(super) fn residual(&self, probabilities: &Lanes<f64, L>) -> Lanes<f64, L> {
        let mut out = probabilities.clone();
        for (row, target) in self.problem.targets.iter().enumerate() {
            *out.get_mut(row, *target as usize) -= 1.0;
        }
        if let Some(weights) = self.problem.weights {
            out.scale_rows(weights, 1.0);
        }
        out
    }

    /// The gradient of f at a point that gives those probabilities.
    pub(super) fn gradient(&self, point: &Parameters<L>, probabilities: &Lanes<f64, L>) -> Parameters<L> {
        let alpha = self.problem.alpha;
        let residual = self.residual(probabilities);
        let mut out = Parameters::zeros(self.split, residual.panels());
        out.move_along(alpha, point);
        for panel in 0..residual.panels() {
            let residual = residual.panel(panel);
            if let Some(intercept) = out.shared.panel_mut(panel).last_mut() {
                *intercept = [0.0; L];
                for row in residual {
                    for lane in 0..L {
                        intercept[lane] += row[lane];
                    }
                }
            }
            let rows = out.private.panel_mut(panel).iter_mut().zip(residual).zip(&self.split.private);
            for ((out, residual), norm) in rows {
                for lane in 0..L {
                    out[lane] += norm * residual[lane];
                }
            }
        }
        self.split.by_column.multiply(&residual, &mut out.shared);
        out
    }
}
