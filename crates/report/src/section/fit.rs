//! The report's section on the training of a model: solver, penalty and calibration.

use querist_core::{Calibrated, FitReport, PenaltyTried};

use super::Section;
use crate::markdown::{decimal, escape, percent, table};

impl Section for FitReport {
    /// Renders the section as Markdown, without a heading.
    fn markdown(&self) -> String {
        let mut parts = vec![sentence(self)];
        if self.penalties.len() > 1 {
            let rows: Vec<Vec<String>> = self.penalties.iter().map(|tried| cells(self, tried)).collect();
            parts.push(table(&["C tried", "Held-out log-loss (nats)", "Held-out accuracy"], &rows));
        }
        parts.extend(self.calibration.as_ref().map(calibrated));
        parts.join("\n\n")
    }
}

/// Describes the training in a sentence.
fn sentence(fit: &FitReport) -> String {
    let state = if fit.converged { "converged" } else { "**did not converge**" };
    let start = if fit.warm { ", starting from the previous model" } else { "" };
    let passes = fit.iterations.map(|iterations| format!(" in {iterations} iterations")).unwrap_or_default();
    let penalty = match (fit.c, fit.penalties.len()) {
        (None, _) => String::new(),
        (Some(c), 0 | 1) => format!(" C = {c}."),
        (Some(c), _) => format!(" C = {c}, chosen by cross-validation."),
    };
    format!(
        "Trained on {} examples ({} columns) by {}{start}; {state}{passes} (gradient norm {:.1e}, tolerance {:.0e}).{penalty}",
        fit.examples,
        fit.columns,
        escape(&fit.solver),
        fit.gradient_norm,
        fit.tolerance
    )
}

/// Returns the cells of the row for one of the penalties that were tried.
fn cells(fit: &FitReport, tried: &PenaltyTried) -> Vec<String> {
    let chosen = if fit.c == Some(tried.c) { " **(chosen)**" } else { "" };
    vec![format!("{}{chosen}", tried.c), decimal(Some(tried.log_loss)), percent(Some(tried.accuracy))]
}

/// Describes the calibration in a sentence.
fn calibrated(by: &Calibrated) -> String {
    let low = by.temperatures.iter().copied().fold(f64::INFINITY, f64::min);
    let high = by.temperatures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let temperatures = match by.temperatures.len() {
        0 => String::new(),
        1 => format!(" (logits divided by {low:.3})"),
        n => format!(" (logits of {n} classes divided by {low:.3} to {high:.3})"),
    };
    format!(
        "Calibrated by {} scaling{temperatures}: held-out log-loss {:.3} nats before, {:.3} after.",
        escape(&by.method),
        by.log_loss_before,
        by.log_loss_after
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit() -> FitReport {
        FitReport {
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
                PenaltyTried { c: 1.0, log_loss: 0.9, accuracy: 0.7 },
                PenaltyTried { c: 10.0, log_loss: 0.8, accuracy: 0.75 },
            ],
            calibration: Some(Calibrated {
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
            "Trained on 130 examples (4000 columns) by newton-cg, sparse, starting from the previous \
             model; converged in 7 iterations (gradient norm 3.2e-5, tolerance 1e-4). C = 10, chosen by \
             cross-validation.\n\n| C tried | Held-out log-loss (nats) | Held-out accuracy |\n| --- | --- \
             | --- |\n| 1 | 0.900 | 70.0 % |\n| 10 **(chosen)** | 0.800 | 75.0 % |\n\nCalibrated by \
             temperature scaling (logits divided by 1.250): held-out log-loss 0.800 nats before, 0.700 \
             after."
        );
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let old = FitReport {
            solver: "s".into(),
            examples: 2,
            columns: 3,
            iterations: None,
            warm: false,
            gradient_norm: 0.5,
            tolerance: 0.1,
            converged: false,
            c: None,
            penalties: vec![],
            calibration: None,
        };
        assert_eq!(
            old.markdown(),
            "Trained on 2 examples (3 columns) by s; **did not converge** (gradient norm 5.0e-1, tolerance 1e-1)."
        );
    }
}
