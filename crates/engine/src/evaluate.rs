//! How good a model is on documents whose label is known.

use ndarray::Axis;
use querist_core::round::{ClassRow, Evaluation, Reliability, Source};
use querist_core::{Class, FittedClassifier, LabelSet, Probabilities, Proportion, RankError, Rows};
use querist_quality::{Binning, Classification, Scale, calibration, classification};

use crate::error::{EngineError, StepContext};
use crate::situation::Situation;

/// How good a model is on documents whose label is known, of which there is at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// Its predictions against the labels.
    pub result: Classification,
    /// How far its probabilities may be believed.
    pub reliability: Option<Reliability>,
}

impl Evaluated {
    /// With the names of the classes, as a round keeps it; with rank errors where classes are ranks.
    pub fn named(&self, labels: &LabelSet, scale: Scale) -> Evaluation {
        let classes = self.result.classes.iter().map(|class| ClassRow {
            label: labels.name(class.class).to_owned(),
            support: class.support,
            precision: class.precision,
            recall: class.recall,
            f1: class.f1,
        });
        Evaluation {
            accuracy: Proportion::of(self.result.correct, self.result.n),
            // There is a label, so it is defined.
            macro_f1: self.result.macro_f1.unwrap_or_default(),
            rank_error: rank_error(&self.result, scale),
            classes: classes.collect(),
        }
    }
}

/// How far predictions are from the labels, in ranks; `None` where classes are none.
pub fn rank_error(result: &Classification, scale: Scale) -> Option<RankError> {
    let cells = result.confusion.cells().iter();
    let cells = cells.map(|cell| (cell.truth.index(), cell.predicted.index(), cell.count));
    (scale == Scale::Ordinal).then(|| RankError::of(cells)).flatten()
}

/// Evaluates on the documents of those indices, and says how far the probabilities may be believed
/// there; `None` when there is none with a label.
///
/// # Errors
/// The model cannot predict.
pub fn evaluate(
    model: &dyn FittedClassifier,
    features: &dyn Rows,
    documents: &[usize],
    situation: &Situation,
    n_classes: usize,
) -> Result<Option<Evaluated>, EngineError> {
    if documents.is_empty() {
        return Ok(None);
    }
    let probabilities =
        model.predict(features, &(0..documents.len()).collect::<Vec<_>>()).doing("predict the test set")?;
    let known = |row: &usize| situation.label_of[documents[*row]].is_some();
    let rows: Vec<usize> = (0..documents.len()).filter(known).collect();
    let truth: Vec<Class> = rows.iter().filter_map(|row| situation.label_of[documents[*row]]).collect();
    let predicted: Vec<Class> = rows.iter().map(|row| probabilities.likeliest(*row)).collect();
    let result = classification(&truth, &predicted, n_classes)?;
    if result.n == 0 {
        return Ok(None);
    }
    let probabilities = Probabilities::new(probabilities.view().select(Axis(0), &rows))?;
    let reliability = reliability(&probabilities, &truth, Source::TestSet)?;
    Ok(Some(Evaluated { result, reliability }))
}

/// How far probabilities (n, K) of documents of the classes `truth` may be believed; `None` without
/// any.
///
/// # Errors
/// Lengths that differ.
pub fn reliability(
    probabilities: &Probabilities,
    truth: &[Class],
    source: Source,
) -> Result<Option<Reliability>, EngineError> {
    let Some(found) = calibration(probabilities, truth, Binning::default())? else { return Ok(None) };
    Ok(Some(Reliability {
        source,
        n: found.n,
        ece: found.ece,
        ece_corrected: found.ece_corrected,
        ece_low: found.ece_interval.low,
        ece_high: found.ece_interval.high,
        brier: found.brier,
        log_loss: found.log_loss,
        bins: found.bins,
    }))
}
