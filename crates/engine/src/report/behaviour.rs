//! The report's section on suspicious behaviour of annotators: answers that are too fast, one label
//! given far too often, copied answers.
//!
//! To find copies, answers are compared with labels that are known without annotators. If a
//! document has no such label, they are compared with other annotators' answers. The consensus is
//! not used, because copied answers may have shaped it.

use querist_core::Snapshot;
use querist_quality::{copies, one_label, speed};
use querist_report as report;

use crate::error::EngineError;
use crate::situation::Situation;

/// Makes the report's section on suspicious behaviour.
pub(super) fn behaviour(
    snapshot: &Snapshot,
    situation: &Situation,
) -> Result<report::Behaviour, EngineError> {
    let annotations = &situation.annotations;
    let name = |annotator: usize| annotations.annotators()[annotator].clone();
    let (too_fast_below, speed) = speeds(snapshot)?;
    let one_label = one_label(annotations)?.into_iter().map(|one| report::OneLabelRow {
        annotator: name(one.annotator),
        label: snapshot.labels.name(one.label).to_owned(),
        answers: one.n,
        share: one.share,
        others: one.others,
        p: one.p,
        flagged: one.flagged,
    });
    let found = copies(annotations, &situation.known(snapshot))?;
    let copies_need = found.needs.filter(|needs| *needs > found.most_shared);
    let copies = found.pairs.into_iter().map(|pair| report::CopyRow {
        a: name(pair.a),
        b: name(pair.b),
        shared: pair.shared,
        unusual: pair.unusual,
        same_wrong: pair.same_wrong,
        expected: pair.expected,
        p: pair.p,
    });
    Ok(report::Behaviour {
        too_fast_below,
        speed,
        one_label: one_label.collect(),
        copies: copies.collect(),
        copies_need,
    })
}

/// Returns the number of seconds below which an answer is too fast, and a row for each annotator
/// whose answers have durations. Rows are sorted by name.
fn speeds(snapshot: &Snapshot) -> Result<(Option<f64>, Vec<report::SpeedRow>), EngineError> {
    // One list of durations per annotator, in the order of documents.
    let mut by_annotator: Vec<Vec<f64>> = vec![Vec::new(); snapshot.annotators.len()];
    for answer in &snapshot.answers {
        by_annotator[answer.annotator as usize].extend(answer.seconds);
    }
    let timed = snapshot.annotators.iter().zip(by_annotator).filter(|(_, seconds)| !seconds.is_empty());
    let (names, seconds): (Vec<&String>, Vec<Vec<f64>>) = timed.unzip();
    let found = speed(&seconds)?;
    let rows = names.into_iter().zip(&found.annotators).map(|(name, one)| report::SpeedRow {
        annotator: name.clone(),
        timed: one.n,
        median_seconds: one.median,
        too_fast: one.too_fast,
        flagged: one.flagged,
    });
    Ok((found.threshold, rows.collect()))
}
