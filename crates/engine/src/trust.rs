//! Decides whether a method's skills and posteriors can be trusted on the given answers.

use querist_core::{Aggregation, AnnotationSet, Class, Known, Posteriors, Snapshot, wilson};
use querist_quality::confirmed::{RIGHT, confirmed, enough};
use querist_quality::{Misfit, fit_check, held_out};
use querist_report::Trust;

use crate::error::{EngineError, StepContext};
use crate::situation::Situation;

/// Whether the results of an aggregation method can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// Whether the intervals of skills can be trusted.
    pub skill_intervals: Trust,
    /// Whether the posteriors can be trusted.
    pub posteriors: Trust,
}

/// The true label of each item, if it is known, and whether the method knows it too.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Truth<'a> {
    /// The method knows the labels, and has adjusted its posteriors to them. To check the
    /// posteriors, the method must run again without the labels.
    Given(&'a [Option<Class>]),
    /// The method does not know the labels. They only serve to check its results.
    Measuring(&'a [Option<Class>]),
}

/// Posteriors can be confirmed only with at least this many true labels.
const ENOUGH: usize = 30;
/// An item is sure if its most probable class has at least this posterior.
const SURE: f64 = 0.99;

/// Counts of sure items: `all` of them; `checked`, which have a true label; and `right`, whose most
/// probable class is the true label.
#[derive(Debug, Default)]
struct Sure {
    all: usize,
    checked: usize,
    right: usize,
}

impl Sure {
    /// Counts the sure items. Each item has its posteriors, by class, and its true label if known.
    fn count<'a>(items: impl Iterator<Item = (&'a [f64], Option<Class>)>) -> Self {
        let mut sure = Self::default();
        for (row, label) in items {
            let Some(class) = row.iter().position(|p| *p >= SURE) else { continue };
            sure.all += 1;
            sure.checked += usize::from(label.is_some());
            sure.right += usize::from(label.is_some_and(|label| label.index() == class));
        }
        sure
    }
}

/// Returns why the true labels do not confirm the posteriors; `None` if they do. Only true labels
/// can confirm them: an error that all annotators make looks like agreement. If the method knows
/// the labels, it computes posteriors again with the labels hidden, and these are checked.
fn unconfirmed(
    annotations: &AnnotationSet,
    truth: Truth<'_>,
    method: &str,
    aggregation: &Aggregation,
) -> Result<Option<String>, EngineError> {
    let (Truth::Given(labels) | Truth::Measuring(labels)) = truth;
    let labeled = labels.iter().flatten().count();
    if labeled < ENOUGH {
        return Ok(Some(format!(
            "only true labels reveal errors that annotators share; {ENOUGH} are needed, and there are \
             {labeled}"
        )));
    }
    let rows: Vec<Vec<f64>> =
        (0..labels.len()).map(|item| aggregation.posteriors.row(item).to_vec()).collect();
    let (sure, hidden) = match truth {
        Truth::Measuring(_) => {
            (Sure::count(rows.iter().zip(labels).map(|(row, label)| (row.as_slice(), *label))), "")
        }
        Truth::Given(_) => {
            // A method that knows a label is always right about it, so the labels are hidden here.
            let known = Known { labels: labels.to_vec(), skills: Vec::new() };
            let held = held_out(annotations, &known, method).doing("check the posteriors")?;
            let open = rows.iter().zip(labels).filter(|(_, label)| label.is_none());
            let open = open.map(|(row, _)| (row.as_slice(), None));
            let held = held.iter().map(|(item, row)| (row.as_slice(), labels[*item]));
            (Sure::count(open.chain(held)), " that was hidden from the method")
        }
    };
    if confirmed(sure.right, sure.checked, sure.all) {
        return Ok(None);
    }
    let Sure { all, checked, right } = sure;
    let seen = format!(
        "of the {checked} items with a true label{hidden} and a posterior of {SURE} or more, {right} are right"
    );
    let enough = enough(all);
    // If too many sure items are wrong, more true labels would not help. Otherwise they might.
    if (right as f64) < RIGHT * checked as f64 || checked >= enough {
        return Ok(Some(seen));
    }
    Ok(Some(format!(
        "{seen}; to be sure that a share of {RIGHT} of the {all} such items is right, {enough} must be \
         checked and none may be wrong"
    )))
}

/// Returns why the true labels contradict the votes; `None` if they do not. An item counts only if
/// it has a true label and exactly one most frequent answer. The votes are contradicted if the most
/// frequent answer is wrong in more than half of these items, beyond chance.
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
    // The whole interval must lie below one half, so that the votes are not blamed for bad luck.
    (chance.high < 0.5).then(|| {
        format!(
            "the majority contradicts the true labels: it is right on {right} of {ahead} items with a \
                 true label"
        )
    })
}

/// Decides whether the skills and the posteriors of `method` can be trusted. To this end, the
/// answers are compared with what the method assumes about annotators. `posteriors_are` says
/// whether its posteriors are probabilities or shares of votes.
///
/// # Errors
/// The answers, the known labels and the aggregation do not fit together.
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
            Misfit::Labels => "some labels are confused with each other more often than the method assumes",
            Misfit::TooFew { enough } => {
                return format!(
                    "there are too few annotators to check the method's assumptions; {enough} are enough"
                );
            }
            Misfit::TooFewPairs => {
                "too few items have answers by several annotators to check the method's assumptions"
            }
            Misfit::Annotators => "annotators prefer different labels more strongly than the method assumes",
        };
        seen.to_owned()
    });
    let of_votes = posteriors_are == Posteriors::VoteShares;
    let why = why.or_else(|| if of_votes { contradicted(annotations, &known.labels) } else { None });
    let votes = of_votes.then(|| "they are shares of votes, not probabilities".to_owned());
    let posteriors = match votes.or_else(|| why.clone()) {
        Some(why) => Some(why),
        None => unconfirmed(annotations, truth, method, aggregation)?,
    };
    Ok(Trusted { skill_intervals: Trust::unless(why), posteriors: Trust::unless(posteriors) })
}

/// Decides for a workspace whether its aggregator's skills and posteriors can be trusted. `None` if
/// there are no skills, or if they were computed by the first edition of Querist's rules.
///
/// # Errors
/// The answers and the known labels do not fit together.
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

    /// Two good annotators against three who always give the other label; the method knows the
    /// first `given` true labels.
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
            assert!(why.contains("it is right on 0 of 10 items with a true label"), "{method}: {why}");
            assert_eq!(trust(method, 0).skill_intervals.why, None, "{method}");
        }
    }

    /// Six annotators who are right with probability 0.9 on 300 items. The first `given` true
    /// labels are known to the method or, if `measuring`, only measure.
    fn sure_crowd(given: usize, measuring: bool) -> Trust {
        let mut builder = AnnotationSetBuilder::new();
        let mut rng = querist_core::Seed(5).rng(1, "crowd");
        for item in 0..300_u16 {
            for person in 0..6 {
                let right = rand::RngExt::random_bool(&mut rng, 0.9);
                let label = if right { item % 2 } else { 1 - item % 2 };
                builder.push(&format!("i{item:03}"), &format!("a{person}"), Class(label));
            }
        }
        let answers = builder.build(2);
        let labels: Vec<Option<Class>> =
            (0..300_u16).map(|item| (usize::from(item) < given).then_some(Class(item % 2))).collect();
        let known = Known { labels: if measuring { Vec::new() } else { labels.clone() }, skills: Vec::new() };
        let aggregation = aggregator("ds", Edition::CURRENT).unwrap().aggregate(&answers, &known).unwrap();
        let truth = if measuring { Truth::Measuring(&labels) } else { Truth::Given(&labels) };
        trusted(&answers, truth, ("ds", Posteriors::Probabilities), &aggregation).unwrap().posteriors
    }

    #[test]
    fn posteriors_are_trusted_once_enough_true_labels_confirm_them() {
        for measuring in [false, true] {
            let few = sure_crowd(30, measuring).why.unwrap();
            assert!(few.contains("to be sure that a share of 0.97 of the"), "{few}");
            assert_eq!(few.contains("hidden from the method"), !measuring, "{few}");
            let enough = sure_crowd(200, measuring);
            assert!(enough.trusted, "{enough:?}");
        }
    }
}
