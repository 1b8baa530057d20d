//! The headlines of a crowd's report.

use querist_core::{Posteriors, Proportion};
use querist_report::crowd::Crowd;
use querist_report::trust::{intervals_sentence, posteriors_sentence};

/// Returns the headlines of the report as plain text, which the caller must escape.
/// `posteriors_are` says whether the method's posteriors are probabilities or shares of votes.
pub(super) fn headlines(report: &Crowd, posteriors_are: Posteriors) -> Vec<String> {
    let (input, consensus) = (&report.input, &report.consensus);
    let labeled: usize = consensus.labeled.iter().sum();
    let mut lines = vec![format!(
        "{} answers by {} annotators give {labeled} of {} items a label (method: {}).",
        input.answers, input.annotators, input.items, report.method
    )];
    if consensus.ties + consensus.unsure > 0 {
        lines.push(format!(
            "{} items are tied and {} labels are uncertain (posterior below 80 %): collect another \
             answer, or let an expert decide.",
            consensus.ties, consensus.unsure
        ));
    }
    if let Some(accuracy) = &consensus.accuracy {
        let told = input.gold.as_ref().is_some_and(|gold| gold.given);
        lines.push(if told {
            format!(
                "The method was given the {} true labels, so they cannot measure its accuracy.",
                accuracy.n
            )
        } else {
            let majority = consensus.majority_accuracy.as_ref().map(Proportion::text);
            let beside = majority.filter(|_| report.method != "mv");
            let beside = beside.map(|majority| format!("; majority vote {majority}")).unwrap_or_default();
            format!("Accuracy on the true labels: {}{beside}.", accuracy.text())
        });
    }
    if let Some(used) = report.method_used.as_ref().filter(|used| **used != report.method) {
        lines.push(format!("There are too few answers to fit {}, so {used} made the labels.", report.method));
    }
    lines.extend(report.skill_intervals.as_ref().and_then(intervals_sentence));
    let repeated = report.posteriors.as_ref().map(|trust| &trust.why)
        == report.skill_intervals.as_ref().map(|trust| &trust.why);
    if repeated && report.posteriors.as_ref().is_some_and(|trust| !trust.trusted) {
        lines.push("The posteriors cannot be trusted either, for the same reason.".to_owned());
    } else if posteriors_are == Posteriors::Probabilities {
        lines.extend(report.posteriors.as_ref().and_then(posteriors_sentence));
    }
    lines.push(match report.flagged {
        0 => "No annotator is flagged.".to_owned(),
        1 => "1 annotator is flagged.".to_owned(),
        n => format!("{n} annotators are flagged."),
    });
    if report.fit.as_ref().is_some_and(|fit| !fit.converged) {
        lines.push(
            "The fit did not converge within its iterations, so its figures may still change.".to_owned(),
        );
    }
    if report.labels.len() == 1 {
        lines.push(
            "All answers are the same label, so nothing tells good annotators from bad ones.".to_owned(),
        );
    }
    if input.replaced > 0 {
        lines.push(format!(
            "{} answers were replaced by a later answer of the same annotator to the same item.",
            input.replaced
        ));
    }
    if let Some(gold) = input.gold.as_ref().filter(|gold| gold.unanswered > 0) {
        lines.push(format!(
            "{} of the {} items with a true label have no answer.",
            gold.unanswered, gold.items
        ));
    }
    lines
}
