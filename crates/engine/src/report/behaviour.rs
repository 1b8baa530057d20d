//! What the report says of how annotators behave: speed, one label only, copies.
//!
//! Copies go by the labels that are known without annotators, and else by what the others say: the consensus may be bent by them.

use querist_core::{Class, Snapshot};
use querist_quality::{copies, one_label, speed};
use querist_report as report;

use crate::error::EngineError;
use crate::situation::Situation;

/// The section.
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
    let known: Vec<Option<Class>> =
        annotations.items().iter().map(|id| snapshot.known_label(snapshot.find(id)?)).collect();
    let found = copies(annotations, &known)?;
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

/// The bar, and everybody who has timed answers, by name.
fn speeds(snapshot: &Snapshot) -> Result<(Option<f64>, Vec<report::SpeedRow>), EngineError> {
    let mut timed: Vec<(&str, f64)> = snapshot
        .answers
        .iter()
        .filter_map(|answer| Some((answer.annotator.as_str(), answer.seconds?)))
        .collect();
    // Stable: within an annotator in the order of documents.
    timed.sort_by_key(|(annotator, _)| *annotator);
    let groups: Vec<&[(&str, f64)]> = timed.chunk_by(|a, b| a.0 == b.0).collect();
    let seconds: Vec<Vec<f64>> = groups.iter().map(|group| group.iter().map(|(_, s)| *s).collect()).collect();
    let found = speed(&seconds)?;
    let rows = groups.iter().zip(&found.annotators).map(|(group, one)| report::SpeedRow {
        annotator: group[0].0.to_owned(),
        timed: one.n,
        median_seconds: one.median,
        too_fast: one.too_fast,
        flagged: one.flagged,
    });
    Ok((found.threshold, rows.collect()))
}
