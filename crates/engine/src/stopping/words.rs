//! A forecast in words: what the report says of the learning curve.

use querist_core::History;
use querist_query::stopping::{Forecast, Outlook, forecast::FEWEST};
use querist_report as report;
use querist_report::markdown::percent;

/// What the report says of a forecast.
pub(super) fn forecast_section(
    found: &Forecast,
    target: f64,
    measured_on: &str,
    history: &History<'_>,
) -> report::Forecast {
    let more = |total: usize| total.saturating_sub(history.labeled);
    let level = percent(Some(target));
    let pool = history.pool;
    let levels_off = found
        .curve
        .map_or(String::new(), |curve| format!("; the curve levels off at {}", percent(Some(curve.a))));
    let (outlook, needed, low, high, reason) = match found.outlook {
        Outlook::Reached => ("reached", Some(0), None, None, format!("the curve is at {level} already")),
        Outlook::Needs { total, low, high } => (
            "needs more labels",
            Some(more(total)),
            Some(more(low)),
            Some(more(high)),
            format!(
                "about {} more labels for an accuracy of {level} ({} to {})",
                more(total),
                more(low),
                more(high)
            ),
        ),
        Outlook::OutOfReach => (
            "out of reach",
            None,
            None,
            None,
            format!("no {level} with the {pool} documents of the pool{levels_off}"),
        ),
        Outlook::BeyondThePool { low } => (
            "cannot tell yet",
            None,
            Some(more(low)),
            None,
            format!("{level} may take {} more labels, or more than the pool of {pool} has", more(low)),
        ),
        Outlook::TooFewPoints => (
            "cannot tell yet",
            None,
            None,
            None,
            format!("the curve has {} of the {FEWEST} points that a forecast needs", found.points),
        ),
    };
    report::Forecast {
        target,
        measured_on: measured_on.to_owned(),
        points: found.points,
        curve: found.curve.map(|curve| report::ForecastCurve { a: curve.a, b: curve.b, c: curve.c }),
        outlook: outlook.to_owned(),
        more_labels: needed,
        low,
        high,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use querist_query::stopping::PowerLaw;

    use super::*;

    #[test]
    fn every_outlook_has_its_words() {
        let history = History { rounds: &[], pool: 900, labeled: 100, answers: 100 };
        let curve = Some(PowerLaw { a: 0.8, b: 1.0, c: 0.5 });
        let say = |outlook| {
            let found = Forecast { curve, points: 5, outlook };
            let section = forecast_section(&found, 0.95, "test set", &history);
            (section.reason, section.more_labels)
        };
        assert_eq!(
            say(Outlook::Needs { total: 400, low: 90, high: 700 }),
            ("about 300 more labels for an accuracy of 95.0 % (0 to 600)".to_owned(), Some(300))
        );
        assert_eq!(say(Outlook::Reached), ("the curve is at 95.0 % already".to_owned(), Some(0)));
        assert!(say(Outlook::OutOfReach).0.ends_with("of the pool; the curve levels off at 80.0 %"));
        assert!(say(Outlook::BeyondThePool { low: 150 }).0.contains("may take 50 more labels"));
        assert!(say(Outlook::TooFewPoints).0.contains("5 of the 4 points"));
    }
}
