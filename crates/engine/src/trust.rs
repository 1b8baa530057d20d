//! Whether the skills and the posteriors of a method can be believed on the answers at hand.

use querist_core::{Aggregation, AnnotationSet, Known, Snapshot};
use querist_quality::{Misfit, fit_check};
use querist_report::Trust;

use crate::error::EngineError;
use crate::situation::Situation;

/// The verdicts on intervals of skills and on posteriors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trusted {
    pub(crate) skill_intervals: Trust,
    pub(crate) posteriors: Trust,
}

/// Compares the answers with what `method` supposes of annotators.
///
/// # Errors
/// The answers and what is known do not fit together.
pub(crate) fn trusted(
    annotations: &AnnotationSet,
    known: &Known,
    method: &str,
    aggregation: &Aggregation,
) -> Result<Trusted, EngineError> {
    let misfit = fit_check(annotations, known, method, aggregation)?.misfit;
    let why = misfit.map(|misfit| {
        let seen = match misfit {
            Misfit::Items => "some items divide the annotators more than their skills explain",
            Misfit::Labels => "some labels are confused with each other more often than the method supposes",
            Misfit::TooFew => "there are too few annotators to check what the method supposes; four are enough",
            Misfit::Annotators => "annotators prefer different labels more than the method supposes",
        };
        seen.to_owned()
    });
    let votes = ["mv", "wawa"].contains(&method).then(|| "they are shares of votes, not probabilities".to_owned());
    Ok(Trusted { skill_intervals: Trust::unless(why.clone()), posteriors: Trust::unless(votes.or(why)) })
}

/// The same in a workspace; `None` where the skills are by the rules of the first edition, or there are none.
///
/// # Errors
/// The answers and what is known do not fit together.
pub(crate) fn of_situation(snapshot: &Snapshot, situation: &Situation) -> Result<Option<Trusted>, EngineError> {
    if !situation.skills.iter().any(|skill| skill.evidence.is_some()) {
        return Ok(None);
    }
    let annotations = &situation.annotations;
    let of = |item: &String| snapshot.known_label(snapshot.find(item)?);
    let known = Known { labels: annotations.items().iter().map(of).collect(), skills: Vec::new() };
    let aggregation = Aggregation {
        verdicts: situation.verdicts.clone(),
        posteriors: situation.posteriors.clone(),
        skills: situation.skills.clone(),
        fit: None,
        instead: situation.instead,
    };
    trusted(annotations, &known, situation.aggregator, &aggregation).map(Some)
}
