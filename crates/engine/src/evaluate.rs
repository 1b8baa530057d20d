//! Measures a model on documents whose labels are known.

use ndarray::Axis;
use querist_core::round::{ClassRow, Evaluation, Reliability, Source};
use querist_core::{Class, FittedClassifier, LabelSet, Probabilities, Proportion, RankError, Rows};
use querist_quality::{Binning, Classification, Scale, calibration, classification};

use crate::commonest::commonest;
use crate::error::{EngineError, StepContext};
use crate::situation::Situation;

/// A model's results on at least one document whose label is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    /// The model's predictions against the labels.
    pub result: Classification,
    /// How well the model's probabilities match how often the model is right; `None` if this was
    /// not measured.
    pub reliability: Option<Reliability>,
}

impl Evaluated {
    /// Returns the results as a round stores them, with the names of the classes. If the classes
    /// are ranks, the results include rank errors.
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
            // At least one label is known, so macro-F1 is defined.
            macro_f1: self.result.macro_f1.unwrap_or_default(),
            rank_error: rank_error(&self.result, scale),
            below: commonest(&self.result, labels),
            classes: classes.collect(),
        }
    }
}

/// Returns by how many ranks the predictions miss the labels; `None` if the classes are not ranks.
pub fn rank_error(result: &Classification, scale: Scale) -> Option<RankError> {
    let cells = result.confusion.cells().iter();
    let cells = cells.map(|cell| (cell.truth.index(), cell.predicted.index(), cell.count));
    (scale == Scale::Ordinal).then(|| RankError::of(cells)).flatten()
}

/// Measures a model's predictions, and the calibration of its probabilities, on labelled documents.
/// `documents` holds indices in the snapshot, and `features` has one row for each of them.
/// Documents without a label are ignored; `None` if no document has a label.
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

/// Measures how well `probabilities`, shape (documents, classes), are calibrated. `truth` holds the
/// true class of each document. `None` without documents.
///
/// # Errors
/// `probabilities` and `truth` have different lengths.
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
