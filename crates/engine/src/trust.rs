//! Whether the skills and the posteriors of a method can be believed on the answers at hand.

use querist_core::{Aggregation, AnnotationSet, Class, Known, Posteriors, Snapshot, wilson};
use querist_quality::{Misfit, fit_check};
use querist_report::Trust;

use crate::error::EngineError;
use crate::situation::Situation;

/// The verdicts on intervals of skills and on posteriors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// Of the intervals of skills.
    pub skill_intervals: Trust,
    /// Of the posteriors.
    pub posteriors: Trust,
}

/// The true labels, by item.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Truth<'a> {
    /// The method was told them, and has recalibrated its posteriors by them.
    Given(&'a [Option<Class>]),
    /// They are there to measure.
    Measuring(&'a [Option<Class>]),
}

/// True labels from which on posteriors can be confirmed.
const ENOUGH: usize = 30;
/// Posteriors from here on are sure, and the share of them that must be right.
const SURE: f64 = 0.99;
const RIGHT: f64 = 0.97;

/// Why true labels do not confirm the posteriors, if they do not. An error that all annotators share looks like agreement, so that nothing
/// but true labels shows it.
fn unconfirmed(truth: Truth<'_>, aggregation: &Aggregation) -> Option<String> {
    let (Truth::Given(labels) | Truth::Measuring(labels)) = truth;
    let labeled = labels.iter().flatten().count();
    if labeled < ENOUGH {
        return Some(format!(
            "an error that annotators share is seen by true labels alone, and there are {labeled} of the {ENOUGH} that it takes"
        ));
    }
    let Truth::Measuring(labels) = truth else { return None };
    let (mut sure, mut right) = (0_usize, 0_usize);
    for (item, label) in labels.iter().enumerate() {
        if let Some(label) = label
            && aggregation.posteriors.row(item).iter().any(|p| *p >= SURE)
        {
            sure += 1;
            right += usize::from(aggregation.verdicts[item].label() == Some(*label));
        }
    }
    let wrong = (right as f64) < RIGHT * sure as f64;
    wrong.then(|| {
        format!("of the {sure} items with a true label and a posterior of {SURE} or more, {right} are right")
    })
}

/// Why true labels say that the votes cannot be believed, if they do: of the items with a true label and one label ahead, less than half
/// have it ahead, beyond chance.
fn contradicted(annotations: &AnnotationSet, labels: &[Option<Class>]) -> Option<String> {
    let (mut ahead, mut right) = (0_usize, 0_usize);
    for (item, label) in labels.iter().enumerate() {
        let Some(label) = label else { continue };
        let mut votes = vec![0_usize; annotations.n_classes()];
        for answer in annotations.of_item(item) {
            votes[answer.label.index()] += 1;
        }
        let most = votes.iter().copied().max().unwrap_or_default();
        if most > 0 && votes.iter().filter(|count| **count == most).count() == 1 {
            ahead += 1;
            right += usize::from(votes[label.index()] == most);
        }
    }
    let chance = wilson(right, ahead)?;
    (chance.high < 0.5).then(|| {
        format!("the majority contradicts the true labels: of {ahead} items with a true label, it is right on {right}")
    })
}

/// Compares the answers with what `method`, whose posteriors are of that kind, supposes of annotators.
///
/// # Errors
/// The answers and what is known do not fit together.
pub(crate) fn trusted(
    annotations: &AnnotationSet,
    truth: Truth<'_>,
    (method, posteriors_are): (&str, Posteriors),
    aggregation: &Aggregation,
) -> Result<Trusted, EngineError> {
    let labels = if let Truth::Given(labels) = truth { labels.to_vec() } else { Vec::new() };
    let known = Known { labels, skills: Vec::new() };
    let misfit = fit_check(annotations, &known, method, aggregation)?.misfit;
    let why = misfit.map(|misfit| {
        let seen = match misfit {
            Misfit::Items => "some items divide the annotators more than their skills explain",
            Misfit::Labels => "some labels are confused with each other more often than the method supposes",
            Misfit::TooFew { enough } => {
                return format!(
                    "there are too few annotators to check what the method supposes; {enough} are enough"
                );
            }
            Misfit::TooFewPairs => {
                "too few items have answers of several annotators to check what the method supposes"
            }
            Misfit::Annotators => "annotators prefer different labels more than the method supposes",
        };
        seen.to_owned()
    });
    let of_votes = posteriors_are == Posteriors::VoteShares;
    let why = why.or_else(|| if of_votes { contradicted(annotations, &known.labels) } else { None });
    let votes = of_votes.then(|| "they are shares of votes, not probabilities".to_owned());
    let posteriors = votes.or_else(|| why.clone()).or_else(|| unconfirmed(truth, aggregation));
    Ok(Trusted { skill_intervals: Trust::unless(why), posteriors: Trust::unless(posteriors) })
}

/// The same in a workspace; `None` where the skills are by the rules of the first edition, or there are none.
///
/// # Errors
/// The answers and what is known do not fit together.
pub(crate) fn of_situation(
    snapshot: &Snapshot,
    situation: &Situation,
) -> Result<Option<Trusted>, EngineError> {
    if !situation.skills.iter().any(|skill| skill.evidence.is_some()) {
        return Ok(None);
    }
    let annotations = &situation.annotations;
    let labels = situation.known(snapshot);
    let aggregation = Aggregation {
        verdicts: situation.verdicts.clone(),
        posteriors: situation.posteriors.clone(),
        skills: situation.skills.clone(),
        fit: None,
        instead: situation.instead,
    };
    let method = (situation.aggregator, situation.posteriors_are);
    trusted(annotations, Truth::Given(&labels), method, &aggregation).map(Some)
}

#[cfg(test)]
mod tests {
    use querist_core::{AnnotationSetBuilder, Edition};
    use querist_quality::aggregator;

    use super::*;

    /// Two good people against three who always give the other label; the first `given` true labels are told.
    fn trust(method: &str, given: usize) -> Trusted {
        let mut builder = AnnotationSetBuilder::new();
        for item in 0..300 {
            for person in 0..5 {
                let label = if person < 2 { item % 2 } else { 1 - item % 2 };
                builder.push(&format!("i{item:03}"), &format!("a{person}"), Class(label));
            }
        }
        let answers = builder.build(2);
        let truth: Vec<Option<Class>> =
            (0..300).map(|item| (item < given).then_some(Class(item as u16 % 2))).collect();
        let known = Known { labels: truth.clone(), skills: Vec::new() };
        let aggregator = aggregator(method, Edition::CURRENT).unwrap();
        let aggregation = aggregator.aggregate(&answers, &known).unwrap();
        let method = (method, aggregator.posteriors());
        trusted(&answers, Truth::Given(&truth), method, &aggregation).unwrap()
    }

    #[test]
    fn true_labels_that_contradict_the_votes_are_said() {
        for method in ["mv", "wawa"] {
            let why = trust(method, 10).skill_intervals.why.unwrap();
            assert!(why.contains("of 10 items with a true label, it is right on 0"), "{method}: {why}");
            assert_eq!(trust(method, 0).skill_intervals.why, None, "{method}");
        }
    }
}
