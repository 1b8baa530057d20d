//! Puts a forecast into words: how the accuracy will grow with more labels.

use querist_core::History;
use querist_query::stopping::{Forecast, Outlook, forecast::FEWEST};
use querist_report as report;
use querist_report::markdown::percent;

/// Makes the report's section about a forecast. `measured_on` names the documents on which the
/// accuracies behind the forecast were measured.
pub(super) fn forecast_section(
    found: &Forecast,
    target: f64,
    measured_on: String,
    history: &History<'_>,
) -> report::Forecast {
    let more = |total: usize| total.saturating_sub(history.labeled);
    let level = percent(Some(target));
    let pool = history.pool;
    let (outlook, needed, low, high, reason) = match found.outlook {
        Outlook::Reached => ("reached", Some(0), None, None, format!("the curve has reached {level}")),
        Outlook::Needs { total, low, high } if more(total) == 0 && more(high) > 0 => (
            "needs more labels",
            Some(0),
            Some(more(low)),
            Some(more(high)),
            format!(
                "an accuracy of {level} may be reached already; at most {} more labels are needed",
                more(high)
            ),
        ),
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
        Outlook::AtLeast { total, low } => {
            // The most probable curve may stay below the target for ever, although other curves
            // that fit reach it. In that case there is no number of labels to report.
            let total = total.filter(|_| found.curve.is_none_or(|curve| curve.a > target));
            let about = total.map_or(String::new(), |total| format!(", most likely about {}", more(total)));
            (
                "needs more labels",
                total.map(more),
                Some(more(low)),
                None,
                format!(
                    "at least {} more labels for an accuracy of {level}{about}; the pool of {pool} documents \
                     may be too small",
                    more(low)
                ),
            )
        }
        Outlook::OutOfReach => (
            "out of reach",
            None,
            None,
            None,
            format!(
                "an accuracy of {level} is very unlikely, even if all {pool} documents of the pool are \
                 labelled"
            ),
        ),
        Outlook::Anything => (
            "cannot tell yet",
            None,
            Some(0),
            None,
            format!(
                "an accuracy of {level} may be reached already, or may need more labels than the {pool} \
                 documents of the pool can give"
            ),
        ),
        Outlook::TooFewPoints => (
            "cannot tell yet",
            None,
            None,
            None,
            format!("the curve has {} of the {FEWEST} points needed for a forecast", found.points),
        ),
    };
    report::Forecast {
        target,
        measured_on,
        points: found.points,
        curve: found.curve,
        outlook: outlook.to_owned(),
        more_labels: needed,
        low,
        high,
        expected: found.expected,
        reason,
    }
}

#[cfg(test)]
mod tests {
    use querist_core::PowerLaw;

    use super::*;

    #[test]
    fn every_outlook_has_its_words() {
        let history = History { rounds: &[], pool: 900, labeled: 100, answers: 100 };
        let curve = |a| Some(PowerLaw { a, b: 1.0, c: 0.5 });
        let say_of = |a, outlook| {
            let found = Forecast { curve: curve(a), points: 5, outlook, expected: None };
            let section = forecast_section(&found, 0.95, "test set".to_owned(), &history);
            (section.reason, section.more_labels)
        };
        let say = |outlook| say_of(0.99, outlook);
        let never = say_of(0.8, Outlook::AtLeast { total: Some(600), low: 150 });
        let words =
            "at least 50 more labels for an accuracy of 95.0 %; the pool of 900 documents may be too small";
        assert_eq!(never, (words.to_owned(), None));
        assert_eq!(
            say(Outlook::Needs { total: 90, low: 80, high: 185 }),
            (
                "an accuracy of 95.0 % may be reached already; at most 85 more labels are needed".to_owned(),
                Some(0)
            )
        );
        assert_eq!(
            say(Outlook::Needs { total: 400, low: 90, high: 700 }),
            ("about 300 more labels for an accuracy of 95.0 % (0 to 600)".to_owned(), Some(300))
        );
        assert_eq!(say(Outlook::Reached), ("the curve has reached 95.0 %".to_owned(), Some(0)));
        assert_eq!(
            say(Outlook::AtLeast { total: Some(600), low: 150 }),
            (
                "at least 50 more labels for an accuracy of 95.0 %, most likely about 500; the pool of 900 \
                 documents may be too small"
                    .to_owned(),
                Some(500)
            )
        );
        assert_eq!(say(Outlook::AtLeast { total: None, low: 150 }).1, None);
        assert!(say(Outlook::OutOfReach).0.contains("95.0 % is very unlikely"));
        assert!(say(Outlook::Anything).0.contains("more labels than the 900 documents of the pool can give"));
        assert!(say(Outlook::TooFewPoints).0.contains("5 of the 4 points"));
    }
}
