//! How the fit of a model went: solver, penalty and calibration.

use serde::{Deserialize, Serialize};

use crate::markdown::{decimal, escape, percent, table};

/// How the fit went. What reports of an earlier version did not say is `None`, or empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The solver.
    pub solver: String,
    /// Examples that it learned from: labelled documents, and weak labels where rules gave some.
    pub examples: usize,
    /// Columns that they have.
    pub columns: usize,
    /// Passes over the examples.
    #[serde(default)]
    pub iterations: Option<usize>,
    /// Whether it started from the model of an earlier round.
    #[serde(default)]
    pub warm: bool,
    /// Norm of the gradient at the result.
    pub gradient_norm: f64,
    /// What it had to come under.
    pub tolerance: f64,
    /// Whether it did.
    pub converged: bool,
    /// The inverse strength of the penalty.
    #[serde(default)]
    pub c: Option<f64>,
    /// The penalties of a cross-validation, in the order in which they were tried; empty when it was fixed.
    #[serde(default)]
    pub penalties: Vec<Penalty>,
    /// How the probabilities were calibrated; `None` when they were not.
    #[serde(default)]
    pub calibration: Option<Calibration>,
}

/// How one penalty did on examples that were held out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Penalty {
    /// The inverse strength of the penalty.
    pub c: f64,
    /// Mean of -ln p(class), in nats.
    pub log_loss: f64,
    /// Share classified rightly.
    pub accuracy: f64,
}

/// How probabilities were calibrated, and what it changed on examples that were held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// `temperature` or `vector`.
    pub method: String,
    /// What the logits are divided by, one for all classes or one a class.
    pub temperatures: Vec<f64>,
    /// Mean of -ln p(class) before, in nats.
    pub log_loss_before: f64,
    /// The same after.
    pub log_loss_after: f64,
}

impl Fit {
    /// The fit as Markdown, without a heading.
    pub fn markdown(&self) -> String {
        let mut parts = vec![self.sentence()];
        if self.penalties.len() > 1 {
            let rows: Vec<Vec<String>> = self.penalties.iter().map(|tried| self.cells(tried)).collect();
            parts.push(table(&["C tried", "Log-loss held out (nats)", "Accuracy held out"], &rows));
        }
        parts.extend(self.calibration.as_ref().map(Calibration::sentence));
        parts.join("\n\n")
    }

    fn sentence(&self) -> String {
        let state = if self.converged { "converged" } else { "**did not converge**" };
        let start = if self.warm { ", started from the model before" } else { "" };
        let passes =
            self.iterations.map(|iterations| format!(" in {iterations} iterations")).unwrap_or_default();
        let penalty = match (self.c, self.penalties.len()) {
            (None, _) => String::new(),
            (Some(c), 0 | 1) => format!(" C = {c}."),
            (Some(c), _) => format!(" C = {c}, chosen by cross-validation."),
        };
        format!(
            "Trained on {} examples ({} columns) by {}{start}; {state}{passes} (gradient norm {:.1e}, tolerance {:.0e}).{penalty}",
            self.examples,
            self.columns,
            escape(&self.solver),
            self.gradient_norm,
            self.tolerance
        )
    }

    fn cells(&self, tried: &Penalty) -> Vec<String> {
        let chosen = if self.c == Some(tried.c) { " **(chosen)**" } else { "" };
        vec![format!("{}{chosen}", tried.c), decimal(Some(tried.log_loss)), percent(Some(tried.accuracy))]
    }
}

impl Calibration {
    fn sentence(&self) -> String {
        let low = self.temperatures.iter().copied().fold(f64::INFINITY, f64::min);
        let high = self.temperatures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let temperatures = match self.temperatures.len() {
            0 => String::new(),
            1 => format!(" (logits divided by {low:.3})"),
            n => format!(" (logits of {n} classes divided by {low:.3} to {high:.3})"),
        };
        format!(
            "Calibrated by {} scaling{temperatures}: log-loss held out {:.3} nats before, {:.3} after.",
            escape(&self.method),
            self.log_loss_before,
            self.log_loss_after
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> Fit {
        Fit {
            solver: "newton-cg, sparse".into(),
            examples: 130,
            columns: 4000,
            iterations: Some(7),
            warm: true,
            gradient_norm: 3.2e-5,
            tolerance: 1e-4,
            converged: true,
            c: Some(10.0),
            penalties: vec![
                Penalty { c: 1.0, log_loss: 0.9, accuracy: 0.7 },
                Penalty { c: 10.0, log_loss: 0.8, accuracy: 0.75 },
            ],
            calibration: Some(Calibration {
                method: "temperature".into(),
                temperatures: vec![1.25],
                log_loss_before: 0.8,
                log_loss_after: 0.7,
            }),
        }
    }

    #[test]
    fn says_what_was_chosen_and_how() {
        assert_eq!(
            fit().markdown(),
            "Trained on 130 examples (4000 columns) by newton-cg, sparse, started from the model before; converged in 7 \
             iterations (gradient norm 3.2e-5, tolerance 1e-4). C = 10, chosen by cross-validation.\n\n\
             | C tried | Log-loss held out (nats) | Accuracy held out |\n| --- | --- | --- |\n\
             | 1 | 0.900 | 70.0 % |\n| 10 **(chosen)** | 0.800 | 75.0 % |\n\n\
             Calibrated by temperature scaling (logits divided by 1.250): log-loss held out 0.800 nats before, 0.700 after."
        );
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let json = r#"{"solver": "s", "examples": 2, "columns": 3, "gradient_norm": 0.5, "tolerance": 0.1, "converged": false}"#;
        let old: Fit = serde_json::from_str(json).unwrap();
        assert_eq!((old.iterations, old.warm, old.c, &old.calibration), (None, false, None, &None));
        assert_eq!(
            old.markdown(),
            "Trained on 2 examples (3 columns) by s; **did not converge** (gradient norm 5.0e-1, tolerance 1e-1)."
        );
    }
}
