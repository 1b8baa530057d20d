//! Audit: which labels of the labelled set a model does not believe, by confident learning ([`mod@querist_quality::label_errors`]).
//!
//! The probabilities are out of fold: each document's are of a model that was not trained on it, with the settings in effect. What an
//! expert has settled is in the set, since the model should learn from it, but is not suspected.

use querist_core::{Class, Snapshot};
use querist_quality::label_errors;

use crate::error::EngineError;
use crate::situation::Situation;
use crate::train::Trained;

/// A label that is suspected to be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditCase {
    /// The document's index in the snapshot.
    pub document: usize,
    /// Its label.
    pub given: Class,
    /// What the model is sure it is.
    pub suggested: Class,
    /// The probability of the given label less that of the likeliest other, in [-1, 1].
    pub margin: f64,
    /// The model's probabilities, (K).
    pub probabilities: Vec<f64>,
}

/// What an audit came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// How many labels were looked at.
    pub labeled: usize,
    /// How many of them are estimated to be wrong.
    pub estimated: f64,
    /// Suspects, the likeliest errors first.
    pub cases: Vec<AuditCase>,
}

/// Audits the labelled set; `None` when there are no out-of-fold probabilities: no model, or too few labels to hold any out.
///
/// # Errors
/// Labels and probabilities that do not fit together, which would be a bug.
pub fn audit(
    snapshot: &Snapshot,
    situation: &Situation,
    trained: &Trained,
) -> Result<Option<Audit>, EngineError> {
    let Some(probabilities) = &trained.out_of_fold else { return Ok(None) };
    let given: Vec<Class> = situation.labeled.iter().map(|(_, class)| *class).collect();
    let found = label_errors(&given, probabilities)?;
    let cases = found.suspects.iter().map(|suspect| AuditCase {
        document: situation.pool[situation.labeled[suspect.example].0],
        given: suspect.given,
        suggested: suspect.suggested,
        margin: suspect.margin,
        probabilities: probabilities.row(suspect.example).to_vec(),
    });
    let cases = cases.filter(|case| snapshot.settled(case.document).is_none()).collect();
    Ok(Some(Audit { labeled: given.len(), estimated: found.estimated, cases }))
}
