//! The report's section on calibration: how far the model's accuracy differs from its confidence.

use querist_core::round::{Reliability, ReliabilityBin, Source};

use super::{Row, Section};
use crate::markdown::{decimal, percent, table};

/// Over-confidence gets a headline only if the lower end of the calibration error's interval is
/// above this value.
const BAD_ERROR: f64 = 0.05;
/// Length of a bar, in characters.
const BAR: usize = 20;

impl Section for Reliability {
    /// Returns a headline if the model is badly over-confident. This is so if its confidence
    /// exceeds its accuracy, both on average and in most bins, and if the whole interval of the
    /// calibration error is above 0.05.
    fn headline(&self) -> Option<String> {
        let over = self.bins.iter().filter(|bin| overconfident(bin)).count();
        if 2 * over <= self.bins.len() || self.ece_low <= BAD_ERROR {
            return None;
        }
        let n: usize = self.bins.iter().map(|bin| bin.accuracy.n).sum();
        let right: usize = self.bins.iter().map(|bin| bin.accuracy.correct).sum();
        let confidence: f64 = self.bins.iter().map(|bin| bin.accuracy.n as f64 * bin.confidence).sum();
        if confidence <= right as f64 {
            return None;
        }
        Some(format!(
            "The model is over-confident: on {} its mean confidence is {} and its accuracy {}, and \
             accuracy is below confidence in {over} of {} bins. Use its probabilities to rank documents, \
             not as true probabilities.",
            name(self.source),
            percent(Some(confidence / n as f64)),
            percent(Some(right as f64 / n as f64)),
            self.bins.len()
        ))
    }

    /// Renders the reliability curve as a table under a third-level heading.
    fn markdown(&self) -> String {
        let mut parts = vec!["### Confidence and accuracy".to_owned()];
        parts.push(format!(
            "On {} (n = {}): expected calibration error {} as measured, {} corrected for noise (95 % \
             interval {:.3}–{:.3}); Brier score {:.3}, log-loss {} nats.",
            name(self.source),
            self.n,
            decimal(Some(self.ece)),
            decimal(Some(self.ece_corrected)),
            self.ece_low,
            self.ece_high,
            self.brier,
            decimal(Some(self.log_loss))
        ));
        let rows: Vec<Vec<String>> = self.bins.iter().map(ReliabilityBin::cells).collect();
        parts.push(table(&["Confidence", "Mean confidence", "Accuracy", "0 to 100 %"], &rows));
        let origin = match self.source {
            Source::TestSet => "",
            Source::OutOfFold => {
                " Labelled documents are not a uniform sample of the pool, and the calibration was fitted to \
                 these same predictions. A test set is therefore a better check."
            }
        };
        parts.push(format!(
            "In the bars, `█` is the part that both accuracy and confidence reach. `░` is confidence beyond \
             accuracy (over-confident); `▒` is accuracy beyond confidence (under-confident).{origin}"
        ));
        parts.join("\n\n")
    }
}

/// Returns in words on which documents the calibration was measured.
fn name(source: Source) -> &'static str {
    match source {
        Source::OutOfFold => "labelled documents (each held out in turn)",
        Source::TestSet => "the test set",
    }
}

/// Returns whether the model is less often right in a bin than its confidence says.
fn overconfident(bin: &ReliabilityBin) -> bool {
    bin.accuracy.value.is_some_and(|accuracy| accuracy < bin.confidence)
}

impl Row for ReliabilityBin {
    fn cells(&self) -> Vec<String> {
        let (low, high) = (self.lowest * 100.0, self.highest * 100.0);
        let bar = format!("`{}`", bar(self));
        vec![format!("{low:.1}–{high:.1} %"), percent(Some(self.confidence)), self.accuracy.text(), bar]
    }
}

/// Draws the accuracy in a bin as a bar of characters, and marks how far it is from the confidence.
fn bar(bin: &ReliabilityBin) -> String {
    let place = |share: f64| (share * BAR as f64).round() as usize;
    let (right, sure) = (place(bin.accuracy.value.unwrap_or(0.0)), place(bin.confidence));
    let cell = |at: usize| match (at < right, at < sure) {
        (true, true) => '█',
        (true, false) => '▒',
        (false, true) => '░',
        (false, false) => '·',
    };
    (0..BAR).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use querist_core::Proportion;

    use super::*;

    fn bin(confidence: f64, correct: usize) -> ReliabilityBin {
        let value = Some(correct as f64 / 20.0);
        let accuracy = Proportion { n: 20, correct, value, low: Some(0.0), high: Some(1.0) };
        ReliabilityBin { lowest: confidence - 0.05, highest: confidence + 0.05, confidence, accuracy }
    }

    fn reliability(bins: Vec<ReliabilityBin>, ece_low: f64) -> Reliability {
        Reliability {
            source: Source::TestSet,
            n: 20 * bins.len(),
            ece: 0.2,
            ece_corrected: 0.18,
            ece_low,
            ece_high: 0.3,
            brier: 0.5,
            log_loss: 0.9,
            bins,
        }
    }

    #[test]
    fn the_curve_can_be_read() {
        let text = reliability(vec![bin(0.5, 14), bin(0.9, 10)], 0.06).markdown();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
        assert_eq!(
            rows,
            [
                "| 45.0–55.0 % | 50.0 % | 70.0 % (0.0–100.0, n = 20) | `██████████▒▒▒▒······` |",
                "| 85.0–95.0 % | 90.0 % | 50.0 % (0.0–100.0, n = 20) | `██████████░░░░░░░░··` |",
            ]
        );
        assert!(text.contains("0.200 as measured, 0.180 corrected for noise (95 % interval 0.060–0.300)"));
        assert!(!text.contains("uniform sample"));
    }

    #[test]
    fn only_bad_over_confidence_is_a_headline() {
        let worst = reliability(vec![bin(0.7, 10), bin(0.9, 10), bin(0.5, 14)], 0.06);
        assert_eq!(
            worst.headline().unwrap(),
            "The model is over-confident: on the test set its mean confidence is 70.0 % and its accuracy \
             56.7 %, and accuracy is below confidence in 2 of 3 bins. Use its probabilities to rank \
             documents, not as true probabilities."
        );
        assert_eq!(reliability(worst.bins.clone(), 0.05).headline(), None);
        assert_eq!(reliability(vec![bin(0.9, 10), bin(0.5, 14)], 0.06).headline(), None);
        assert_eq!(reliability(Vec::new(), 0.06).headline(), None);
        // Surer than right in two of three bins, but not on average, which is 50 % sure and 70 %
        // right.
        assert_eq!(reliability(vec![bin(0.6, 11), bin(0.6, 11), bin(0.3, 20)], 0.06).headline(), None);
    }

    #[test]
    fn the_source_has_its_words_in_json() {
        let json = serde_json::to_string(&[Source::OutOfFold, Source::TestSet]).unwrap();
        assert_eq!(json, r#"["out-of-fold","test set"]"#);
    }
}
