//! How good a model is on documents whose label is known.

use ndarray::Axis;
use querist_core::{Class, FittedClassifier, LabelSet, Probabilities, Rows, wilson};
use querist_quality::{Binning, calibration, classification};
use querist_report as report;

use crate::error::{EngineError, StepContext};
use crate::situation::Situation;

/// Evaluates on the documents of those indices, and says how far the probabilities may be believed there; `None` when there is
/// none with a label.
///
/// # Errors
/// The model cannot predict.
pub fn evaluate(
    model: &dyn FittedClassifier,
    features: &dyn Rows,
    documents: &[usize],
    situation: &Situation,
    labels: &LabelSet,
) -> Result<Option<(report::Evaluation, Option<report::Reliability>)>, EngineError> {
    if documents.is_empty() {
        return Ok(None);
    }
    let probabilities =
        model.predict(features, &(0..documents.len()).collect::<Vec<_>>()).doing("predict the test set")?;
    let known = |row: &usize| situation.label_of[documents[*row]].is_some();
    let rows: Vec<usize> = (0..documents.len()).filter(known).collect();
    let truth: Vec<Class> = rows.iter().filter_map(|row| situation.label_of[documents[*row]]).collect();
    let predicted: Vec<Class> = rows.iter().map(|row| probabilities.likeliest(*row)).collect();
    let result = classification(&truth, &predicted, labels.len())?;
    let Some(macro_f1) = result.macro_f1 else { return Ok(None) };
    let classes = result
        .classes
        .iter()
        .map(|class| report::ClassRow {
            label: labels.name(class.class).to_owned(),
            support: class.support,
            precision: class.precision,
            recall: class.recall,
            f1: class.f1,
        })
        .collect();
    let probabilities = Probabilities::new(probabilities.view().select(Axis(0), &rows))?;
    let reliability = reliability(&probabilities, &truth, report::Source::TestSet)?;
    let accuracy = proportion(result.correct, result.n);
    Ok(Some((report::Evaluation { accuracy, macro_f1, classes }, reliability)))
}

/// A share of successes with its 95 % Wilson interval.
pub fn proportion(correct: usize, n: usize) -> report::Proportion {
    let interval = wilson(correct, n);
    report::Proportion {
        n,
        correct,
        value: (n > 0).then(|| correct as f64 / n as f64),
        low: interval.map(|interval| interval.low),
        high: interval.map(|interval| interval.high),
    }
}

/// How far probabilities (n, K) of documents of the classes `truth` may be believed; `None` without any.
///
/// # Errors
/// Lengths that differ.
pub fn reliability(
    probabilities: &Probabilities,
    truth: &[Class],
    source: report::Source,
) -> Result<Option<report::Reliability>, EngineError> {
    let Some(found) = calibration(probabilities, truth, Binning::default())? else { return Ok(None) };
    let bins = found.bins.iter().map(|bin| report::ReliabilityBin {
        lowest: bin.lowest,
        highest: bin.highest,
        confidence: bin.confidence,
        accuracy: proportion(bin.correct, bin.n),
    });
    Ok(Some(report::Reliability {
        source,
        n: found.n,
        ece: found.ece,
        ece_corrected: found.ece_corrected,
        ece_low: found.ece_interval.low,
        ece_high: found.ece_interval.high,
        brier: found.brier,
        log_loss: found.log_loss,
        bins: bins.collect(),
    }))
}
