//! Whether the skills and the posteriors of a method can be believed on the answers at hand.

use querist_core::{Aggregation, AnnotationSet, Class, Known, Snapshot};
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

/// Compares the answers with what `method` supposes of annotators.
///
/// # Errors
/// The answers and what is known do not fit together.
pub(crate) fn trusted(
    annotations: &AnnotationSet,
    truth: Truth<'_>,
    method: &str,
    aggregation: &Aggregation,
) -> Result<Trusted, EngineError> {
    let labels = if let Truth::Given(labels) = truth { labels.to_vec() } else { Vec::new() };
    let known = Known { labels, skills: Vec::new() };
    let misfit = fit_check(annotations, &known, method, aggregation)?.misfit;
    let why = misfit.map(|misfit| {
        let seen = match misfit {
            Misfit::Items => "some items divide the annotators more than their skills explain",
            Misfit::Labels => "some labels are confused with each other more often than the method supposes",
            Misfit::TooFew => {
                "there are too few annotators to check what the method supposes; four are enough"
            }
            Misfit::Annotators => "annotators prefer different labels more than the method supposes",
        };
        seen.to_owned()
    });
    let votes =
        ["mv", "wawa"].contains(&method).then(|| "they are shares of votes, not probabilities".to_owned());
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
    let of = |item: &String| snapshot.known_label(snapshot.find(item)?);
    let labels: Vec<Option<Class>> = annotations.items().iter().map(of).collect();
    let aggregation = Aggregation {
        verdicts: situation.verdicts.clone(),
        posteriors: situation.posteriors.clone(),
        skills: situation.skills.clone(),
        fit: None,
        instead: situation.instead,
    };
    trusted(annotations, Truth::Given(&labels), situation.aggregator, &aggregation).map(Some)
}
