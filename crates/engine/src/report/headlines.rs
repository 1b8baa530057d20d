//! The headlines of a report: what a reader should know first. They are plain text, which the
//! caller must escape.

use querist_report::markdown::percent;
use querist_report::{RoundReport, Section};

/// Returns the headlines of a report, in the order in which it shows them.
pub(super) fn headlines(report: &RoundReport) -> Vec<String> {
    let mut lines = vec![model(report)];
    lines.extend(report.model.below(true));
    lines.extend(last(report));
    lines.extend(report.stopping.headline());
    lines.extend(report.model.kept.reliability.as_ref().and_then(Section::headline));
    lines.extend(report.rules.as_ref().and_then(Section::headline));
    lines.extend(annotators(report));
    lines.extend(doubtful_slice(report));
    lines.extend(worth_a_look(report));
    lines.extend(undecided(report));
    lines.extend(shortfalls(report));
    lines
}

/// If the round only trained the final model, returns a headline that says so.
fn last(report: &RoundReport) -> Option<String> {
    let final_ = report.batch.mode == crate::select::FINAL;
    final_.then(|| {
        "No document was open, so this round picks nothing. Its model is the final model.".to_owned()
    })
}

/// Says how many labels the model learned from, and how accurate it is.
fn model(report: &RoundReport) -> String {
    let model = &report.model;
    let labeled: usize = model.kept.labeled.iter().sum();
    let last_slice = model.rounds.iter().rev().find(|round| round.random_slice.n > 0);
    if model.kept.brought.is_some() {
        let own = last_slice.filter(|round| round.round == report.round);
        let quality = own
            .map_or_else(|| "its accuracy is unknown until a random slice is labelled".to_owned(), on_slice);
        return format!("The round used your own model and trained nothing: {quality}.");
    }
    if let Some(why) = &model.kept.why_none {
        return no_model(report, why);
    }
    let converged = model.kept.fit.as_ref().is_none_or(|fit| fit.converged);
    let doubt =
        if converged { "" } else { " The fit did NOT converge: raise max_iterations in querist.toml." };
    let quality = match (&model.kept.test, last_slice) {
        (Some(test), _) => {
            format!("test accuracy {}, macro-F1 {:.3}", test.accuracy.text(), test.macro_f1)
        }
        (None, Some(round)) if round.round == report.round => on_slice(round),
        (None, Some(round)) => {
            let (number, labeled) = (round.round, round.labeled);
            let (accuracy, part) = (round.random_slice.text(), of_part(round));
            let estimates = estimates(round);
            format!(
                "the model of round {number} ({labeled} labelled) had accuracy {accuracy} on its random \
                 slice{part}{estimates}"
            )
        }
        (None, None) => "its accuracy is unknown until a random slice is labelled".to_owned(),
    };
    let weak = match report.rules.as_ref().map(|rules| rules.used) {
        Some(used) if used > 0 => format!(" and {used} weak labels"),
        _ => String::new(),
    };
    format!("Model trained on {labeled} labelled documents{weak}: {quality}.{doubt}")
}

/// Says that there is no model, and why. If labels arrived after the round was made, the sentence
/// states the number of labels then and now.
fn no_model(report: &RoundReport, why: &str) -> String {
    let [then, now] =
        [&report.model.kept.labeled, &report.distribution.total].map(|counts| counts.iter().sum::<usize>());
    if report.model.kept.labeled == report.distribution.total {
        return format!("No model yet: {why}.");
    }
    let then = match then {
        0 => "nothing was labelled".to_owned(),
        1 => "1 document was labelled".to_owned(),
        _ => format!("the {then} labelled documents were all of one class"),
    };
    let now = match now {
        0 => "no document is".to_owned(),
        1 => "1 document is".to_owned(),
        now => format!("{now} documents are"),
    };
    format!("Round {} has no model, because {then} when it was made; {now} labelled now.", report.round)
}

/// Returns words such as " of documents with lang=de" if the round's random slice was drawn from
/// only a part of the pool; otherwise an empty string.
fn of_part(round: &querist_report::ModelRound) -> String {
    round.slice_of.as_ref().map_or_else(String::new, |part| format!(" of documents with {part}"))
}

/// States the accuracy on a round's random slice and, in a second sentence, the [`estimates`] that
/// follow from it. The final full stop is left to the caller.
fn on_slice(round: &querist_report::ModelRound) -> String {
    let accuracy = round.random_slice.text();
    format!("accuracy on its random slice{} {accuracy}{}", of_part(round), estimates(round))
}

/// Returns a full stop and a sentence on what the random slice says about larger sets: the model's
/// accuracy on the documents that were open when the batch was drawn, and on the documents that the
/// batch left open. The sentence has no full stop of its own. Empty if there are no estimates.
fn estimates(round: &querist_report::ModelRound) -> String {
    let populations = round.when_drawn.iter().chain(&round.still_open);
    let populations: Vec<String> = populations.map(querist_report::PopulationAccuracy::text).collect();
    if populations.is_empty() {
        return String::new();
    }
    format!(". Estimated from the slice: the model is right on {}", populations.join(", and on "))
}

/// If the accuracy on the last labelled slice is doubtful, returns a headline that says so.
fn doubtful_slice(report: &RoundReport) -> Option<String> {
    let last = report.model.rounds.iter().rev().find(|round| round.random_slice.n > 0)?;
    Some(format!("{}.", last.doubt()?))
}

/// Returns a headline on the annotators who are below a threshold on control items. `None` without
/// annotators.
fn annotators(report: &RoundReport) -> Option<String> {
    let all = &report.annotators.annotators;
    if all.is_empty() {
        return None;
    }
    let describe = |annotator: &&querist_report::Annotator| {
        format!("{} ({})", annotator.annotator, annotator.flags.join(", "))
    };
    let below: Vec<String> = all.iter().filter(|annotator| annotator.below()).map(|a| describe(&a)).collect();
    let known = all.iter().filter(|annotator| annotator.control_accuracy.n > 0).count();
    if known == 0 {
        return Some("No control item is answered yet, so the annotators' accuracy is unknown.".to_owned());
    }
    let whose = match known {
        1 => "The only annotator with control answers".to_owned(),
        _ => format!("{} of the {known} annotators with control answers", below.len()),
    };
    let mut line = match below.len() {
        0 if known > 1 => format!("None of the {known} annotators with control answers is below a threshold"),
        0 => format!("{whose} is not below a threshold"),
        1 => format!("{whose} is below a threshold: {}", below.join("; ")),
        _ => format!("{whose} are below a threshold: {}", below.join("; ")),
    };
    line += &match all.iter().filter(|annotator| annotator.too_few()).count() {
        0 => ".".to_owned(),
        1 if known == 1 => ", but there are too few control answers to be sure.".to_owned(),
        1 => "; one has too few control answers to tell.".to_owned(),
        n => format!("; {n} have too few control answers to tell."),
    };
    Some(line)
}

/// Returns a headline that names the annotators who got worse over time or behave suspiciously, if
/// there are any.
fn worth_a_look(report: &RoundReport) -> Option<String> {
    let mut lines = report.over_time.flagged();
    lines.extend(report.behaviour.flagged());
    (!lines.is_empty()).then(|| format!("Annotators to check: {}.", lines.join("; ")))
}

/// Returns a headline on how many documents need a decision, and how many have conflicting answers.
/// `None` if both numbers are 0.
fn undecided(report: &RoundReport) -> Option<String> {
    let conflicts = &report.conflicts;
    let (ties, skips) = (conflicts.ties, conflicts.only_skips.len());
    let contested = conflicts.contested_words();
    let decided = conflicts.contested() > 0 && ties + skips == 0;
    let conflicting = match (contested.is_empty(), decided) {
        (true, _) => String::new(),
        (false, true) => {
            format!("Conflicting answers: {contested}; every document still has a label.")
        }
        (false, false) => format!("Conflicting answers: {contested}."),
    };
    match (ties + skips, conflicting.is_empty()) {
        (0, true) => None,
        (0, false) => Some(conflicting),
        _ => {
            let needed =
                format!("Documents that need a decision: {ties} tied, {skips} only skipped. {conflicting}");
            Some(needed.trim_end().to_owned())
        }
    }
}

/// If quota picks are stand-ins (documents of another predicted class), returns a headline with
/// their number.
fn shortfalls(report: &RoundReport) -> Option<String> {
    let fallback: usize = report.batch.quotas.iter().map(|quota| quota.by_fallback).sum();
    let quota: usize = report.batch.quotas.iter().map(|quota| quota.quota).sum();
    (fallback > 0).then(|| {
        let share = percent(Some(fallback as f64 / quota as f64));
        format!(
            "{fallback} of {quota} quota picks ({share}) are stand-ins: too few documents are \
                 predicted to be in those classes."
        )
    })
}
