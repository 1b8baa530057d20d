//! The head of the page: the most important figures, and the headlines.

use crate::RoundReport;
use crate::markdown::{decimal, percent};
use crate::page::{escape, isolated, notes};

/// Renders the top of a round's page: figures as tiles, then the headlines.
pub(super) fn head(report: &RoundReport) -> String {
    let labeled: usize = report.distribution.total.iter().sum();
    let below = report.annotators.annotators.iter().filter(|annotator| annotator.below()).count();
    let slice = report.model.rounds.iter().rev().find(|round| round.random_slice.n > 0);
    let test = report.model.kept.test.as_ref().map(|test| test.accuracy);
    let (accuracy, on) = match (test, slice) {
        (Some(test), _) => (test.value, "accuracy on the test set".to_owned()),
        (None, Some(round)) => {
            let part = round.slice_of.as_ref().map_or_else(String::new, |part| format!(", of {part}"));
            (round.random_slice.value, format!("accuracy on the latest labelled random slice{part}"))
        }
        (None, None) => (None, "accuracy of the model (not measured yet)".to_owned()),
    };
    let people =
        report.annotators.annotators.iter().filter(|annotator| annotator.control_accuracy.n > 0).count();
    let kappa = match (report.agreement.shown_kappa().0, &report.agreement.weighted) {
        (Some(_), None) => "mean kappa between annotators",
        (Some(_), Some(_)) => "mean weighted kappa between annotators",
        (None, _) => "mean kappa between annotators (undefined)",
    };
    tiles(&[
        (labeled.to_string(), "labelled documents".to_owned()),
        (percent(accuracy), on),
        (format!("{below} of {people}"), "annotators with control answers below a threshold".to_owned()),
        (decimal(report.agreement.shown_kappa().0), kappa.to_owned()),
        (report.conflicts.ties.to_string(), "documents without a label because answers tie".to_owned()),
    ]) + &notes(&report.headlines)
}

/// Renders figures as tiles, each with its name and its value.
pub(crate) fn tiles(tiles: &[(String, String)]) -> String {
    let tile = |(value, name): &(String, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), isolated(value))
    };
    format!("<dl class=\"tiles\">\n{}</dl>\n", tiles.iter().map(tile).collect::<String>())
}
