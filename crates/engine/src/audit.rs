//! Audit: finds the labels that a model considers wrong ([`mod@querist_quality::label_errors`]).
//!
//! The probabilities are out of fold: a document's probabilities come from a model that was
//! trained, with the current settings, without this document. Some documents are not rated:
//! - Documents that an expert decided. The model learns from the expert's label, and the label
//!   before the decision helps to estimate how many labels are wrong.
//! - Documents that no fold could hold out, such as the only document of its class.

use std::collections::BTreeMap;

use querist_core::{Class, Probabilities, Snapshot};
use querist_quality::{Estimate, Rated, label_errors};

use crate::error::EngineError;
use crate::situation::Situation;
use crate::train::Trained;

/// A labelled document, and what the model predicts for it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditCase {
    /// The document's index in the snapshot.
    pub document: usize,
    /// The document's label, the model's most probable class, and how likely the label is wrong.
    pub rated: Rated,
    /// The model's probability of each class, one value per class.
    pub probabilities: Vec<f64>,
}

/// The result of an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// Number of labels that the model learned from.
    pub labeled: usize,
    /// Number of labels that are probably wrong.
    pub suspects: usize,
    /// Estimated number of wrong labels among the rated ones; `None` if there are too few labels
    /// for an estimate.
    pub estimated: Option<Estimate>,
    /// Number of rated labels that the estimate needs.
    pub needed: usize,
    /// All rated labels, sorted by the probability of an error, highest first.
    pub cases: Vec<AuditCase>,
}

/// Rates each label by how likely it is wrong. Returns `None` if there is no model, or if there are
/// too few labels to train a model without some of them.
///
/// # Errors
/// The numbers of labels and of probabilities differ, which would be a bug.
pub fn audit(
    snapshot: &Snapshot,
    situation: &Situation,
    trained: &Trained,
) -> Result<Option<Audit>, EngineError> {
    let Some(probabilities) = &trained.out_of_fold else { return Ok(None) };
    let given: Vec<Class> = situation.labeled.iter().map(|(_, class)| *class).collect();
    let document = |example: usize| situation.pool[situation.labeled[example].0];
    let held_out = held_out(&given, probabilities);
    let asked: Vec<bool> = (0..given.len())
        .map(|example| held_out[example] && snapshot.settled(document(example)).is_none())
        .collect();
    let before: Vec<Option<Class>> = (0..given.len())
        .map(|example| {
            let is_settled = held_out[example] && !asked[example];
            is_settled.then(|| label_before(snapshot, document(example))).flatten()
        })
        .collect();
    let found = label_errors(&given, probabilities, &asked, &before)?;
    let suspects = found.ranked.iter().filter(|rated| rated.suspected).count();
    let cases = found.ranked.into_iter().map(|rated| AuditCase {
        document: document(rated.example),
        rated,
        probabilities: probabilities.row(rated.example).to_vec(),
    });
    let (estimated, needed) = (found.estimated, found.needed);
    Ok(Some(Audit { labeled: given.len(), suspects, estimated, needed, cases: cases.collect() }))
}

/// Returns the label that a document had before an expert decided: its imported label or, without
/// one, the most frequent answer. `None` if several answers are equally frequent, or if there is no
/// answer.
fn label_before(snapshot: &Snapshot, document: usize) -> Option<Class> {
    let first = snapshot.answers.partition_point(|answer| answer.document < document);
    let answers = snapshot.answers[first..].iter().take_while(|answer| answer.document == document);
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    answers.filter_map(|answer| answer.label).for_each(|class| *counts.entry(class).or_default() += 1);
    let most = counts.values().copied().max();
    // The most frequent answer counts only if no other answer is as frequent.
    let mut first = counts.into_iter().filter(|(_, n)| Some(*n) == most).map(|(class, _)| class);
    let plurality = first.next().filter(|_| first.next().is_none());
    snapshot.documents[document].label.or(plurality)
}

/// Returns for each labelled document whether a model was trained without it. If that was not
/// possible, the classifier returns the share of each class as the document's probabilities. So a
/// document counts as held out if its probabilities differ from these shares and its class has
/// other documents.
fn held_out(given: &[Class], probabilities: &Probabilities) -> Vec<bool> {
    let mut counts = vec![0usize; probabilities.n_classes()];
    for class in given {
        counts[class.index()] += 1;
    }
    let n = given.len() as f64;
    let is_share = |(p, count): (&f64, &usize)| (p - *count as f64 / n).abs() < 1e-9;
    let rows = given.iter().enumerate();
    rows.map(|(example, class)| {
        counts[class.index()] > 1 && !probabilities.row(example).iter().zip(&counts).all(is_share)
    })
    .collect()
}
