//! Whether to stop: the verdict, what each rule says, and how far the learning curve is from its target.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::markdown::{escape, table};

/// What there is to say about stopping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// `go on`, `stop` or `cannot tell yet`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// Each rule.
    pub rules: Vec<StoppingRow>,
    /// How far the learning curve is from its target.
    pub forecast: Forecast,
}

/// What one rule says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoppingRow {
    /// Its name.
    pub rule: String,
    /// `decides`, `may object` or `for information`.
    pub role: String,
    /// `go on`, `stop` or `cannot tell yet`.
    pub advice: String,
    /// Why.
    pub reason: String,
    /// What it went by.
    pub numbers: BTreeMap<String, f64>,
}

/// How many labels the learning curve needs to come to a level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The level of accuracy, in (0, 1).
    pub target: f64,
    /// `test set` or `random slices`.
    pub measured_on: String,
    /// How many points the curve has.
    pub points: usize,
    /// The curve; null with too few points.
    pub curve: Option<ForecastCurve>,
    /// `reached`, `needs more labels`, `out of reach` or `cannot tell yet`.
    pub outlook: String,
    /// How many more documents must be labelled.
    pub more_labels: Option<usize>,
    /// The lower end of the 95 % interval.
    pub low: Option<usize>,
    /// The upper end.
    pub high: Option<usize>,
    /// The outlook in words.
    pub reason: String,
}

/// The curve acc(n) = a - b n^(-c).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ForecastCurve {
    /// The accuracy that it levels off at.
    pub a: f64,
    /// How far below that it would be at one label.
    pub b: f64,
    /// How fast it rises.
    pub c: f64,
}

impl Stopping {
    /// "Stop: kappa: …."
    pub fn sentence(&self) -> String {
        let mut letters = self.verdict.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}: {}.", letters.as_str(), self.reason)
    }

    /// What to say at the head of a report: that it is time to stop.
    pub fn headline(&self) -> Option<String> {
        (self.verdict == "stop").then(|| self.sentence())
    }

    /// The section as Markdown.
    pub fn markdown(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .rules
            .iter()
            .map(|row| [&row.rule, &row.advice, &row.role, &row.reason].map(|cell| escape(cell)).into())
            .collect();
        let forecast = &self.forecast;
        let mut curve = format!(
            "Forecast, by accuracy on the {}: {} ({}).",
            forecast.measured_on, forecast.outlook, forecast.reason
        );
        if let Some(ForecastCurve { a, b, c }) = forecast.curve {
            curve += &format!(
                " The curve is {a:.3} − {b:.3} n^(−{c:.3}) through {} points; that a power law holds further on is an assumption.",
                forecast.points
            );
        }
        [
            "## Stop or go on".to_owned(),
            format!("**{}**", escape(&self.sentence())),
            table(&["Rule", "Advice", "Role", "Why"], &rows),
            escape(&curve),
        ]
        .join("\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stopping(verdict: &str) -> Stopping {
        let row = StoppingRow {
            rule: "kappa".into(),
            role: "decides".into(),
            advice: verdict.into(),
            reason: "it is so".into(),
            numbers: BTreeMap::from([("mean_kappa".into(), 0.5)]),
        };
        let forecast = Forecast {
            target: 0.95,
            measured_on: "test set".into(),
            points: 5,
            curve: Some(ForecastCurve { a: 0.9, b: 1.0, c: 0.5 }),
            outlook: "out of reach".into(),
            more_labels: None,
            low: None,
            high: None,
            reason: "95.0 % is out of reach".into(),
        };
        Stopping { verdict: verdict.into(), reason: "kappa: it is so".into(), rules: vec![row], forecast }
    }

    #[test]
    fn reads_as_it_should() {
        let text = stopping("go on").markdown();
        assert!(text.contains("**Go on: kappa: it is so.**"), "{text}");
        assert!(text.contains("| kappa | go on | decides | it is so |"), "{text}");
        assert!(
            text.contains(
                "Forecast, by accuracy on the test set: out of reach (95.0 % is out of reach). The curve is 0.900 −"
            )
        );
    }

    #[test]
    fn only_a_stop_is_a_headline() {
        assert_eq!(stopping("stop").headline().as_deref(), Some("Stop: kappa: it is so."));
        assert_eq!(stopping("cannot tell yet").headline(), None);
    }
}
