//! What the report says of annotators: each of them, every pair, and where they disagree.

use querist_core::{Class, Snapshot, Verdict};
use querist_quality::{Flag, Thresholds, control};
use querist_report as report;

use crate::agreement;
use crate::error::EngineError;
use crate::evaluate::proportion;
use crate::review::control_truth;
use crate::situation::Situation;
use crate::trust;

/// Each annotator against the control items.
pub(super) fn annotators(
    snapshot: &Snapshot,
    situation: &Situation,
    thresholds: Thresholds,
) -> Result<report::Annotators, EngineError> {
    let annotations = &situation.annotations;
    let measured = control(annotations, &control_truth(snapshot, situation), thresholds)?;
    let mut names: Vec<&str> = snapshot.answers.iter().map(|answer| answer.annotator.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let rows = names.into_iter().map(|name| {
        let skips = snapshot
            .answers
            .iter()
            .filter(|answer| answer.annotator == name && answer.label.is_none())
            .count();
        // Who has only skipped is no annotator to the quality measures, but is one here.
        let found = annotations.annotators().binary_search_by(|known| known.as_str().cmp(name)).ok();
        let measured = found.map(|annotator| &measured[annotator]);
        let skill = found.and_then(|annotator| situation.skills.get(annotator));
        report::Annotator {
            annotator: name.to_owned(),
            answers: measured.map_or(0, |measured| measured.n_answers),
            skips,
            control_accuracy: measured
                .map_or(proportion(0, 0), |measured| proportion(measured.correct, measured.n)),
            control_kappa: measured.and_then(|measured| measured.kappa.kappa),
            kappa_undefined: measured
                .and_then(|measured| measured.kappa.undefined)
                .map(|undefined| undefined.reason().to_owned()),
            skill: skill.and_then(|skill| skill.accuracy),
            skill_interval: skill
                .and_then(|skill| skill.interval)
                .map(|interval| (interval.low, interval.high)),
            flags: measured.map_or_else(
                || vec![flag_text(Flag::NoControl, thresholds)],
                |measured| measured.flags.iter().map(|flag| flag_text(*flag, thresholds)).collect(),
            ),
        }
    });
    let (min_accuracy, min_kappa) = (thresholds.min_accuracy(), thresholds.min_kappa());
    let trusted = trust::of_situation(snapshot, situation)?;
    Ok(report::Annotators {
        skill_intervals: trusted.as_ref().map(|trusted| trusted.skill_intervals.clone()),
        posteriors: trusted.map(|trusted| trusted.posteriors),
        annotators: rows.collect(),
        thresholds: report::Thresholds { min_accuracy, min_kappa },
        aggregator: Some(situation.aggregator.to_owned()),
    })
}

fn flag_text(flag: Flag, thresholds: Thresholds) -> String {
    match flag {
        Flag::NoControl => "no control answers".to_owned(),
        Flag::BelowAccuracy => format!("accuracy below {:.2}", thresholds.min_accuracy()),
        Flag::BelowKappa => format!("kappa below {:.2}", thresholds.min_kappa()),
    }
}

/// Everybody's answers against the labels that stand.
pub(super) fn confusions(snapshot: &Snapshot, situation: &Situation) -> report::Confusions {
    let annotations = &situation.annotations;
    let standing: Vec<Option<Class>> =
        annotations.items().iter().map(|id| situation.label_of[snapshot.find(id)?]).collect();
    let mut pairs: Vec<Vec<(usize, usize)>> = vec![Vec::new(); annotations.annotators().len()];
    for entry in annotations.entries() {
        if let Some(truth) = standing[entry.item as usize] {
            pairs[entry.annotator as usize].push((truth.index(), entry.label.index()));
        }
    }
    let of = |(annotator, pairs): (&String, &mut Vec<(usize, usize)>)| {
        pairs.sort_unstable();
        let cells = pairs.chunk_by(|a, b| a == b).map(|run| (run[0].0, run[0].1, run.len())).collect();
        report::Confusion { annotator: annotator.clone(), cells }
    };
    let annotators = annotations.annotators().iter().zip(&mut pairs).map(of);
    report::Confusions { annotators: annotators.filter(|annotator| !annotator.cells.is_empty()).collect() }
}

/// How far annotators agree; nothing is measured where nobody shares a document.
pub(super) fn agreement(
    snapshot: &Snapshot,
    situation: &Situation,
) -> Result<report::Agreement, EngineError> {
    let annotations = &situation.annotations;
    if (0..annotations.items().len()).all(|item| annotations.of_item(item).len() < 2) {
        let (measures, classes, pairs) = (Vec::new(), Vec::new(), Vec::new());
        return Ok(report::Agreement { overlap: 0, mean_kappa: None, measures, classes, pairs });
    }
    agreement::measured(annotations, annotations, snapshot.labels.names())
}

/// Where annotators disagree, the most contested first.
pub(super) fn conflicts(
    snapshot: &Snapshot,
    situation: &Situation,
    text: &mut dyn FnMut(usize) -> Result<String, EngineError>,
) -> Result<report::Conflicts, EngineError> {
    let annotations = &situation.annotations;
    let name = |class: Class| snapshot.labels.name(class).to_owned();
    let mut rows = Vec::new();
    for conflict in querist_quality::conflicts(annotations)? {
        let id = &annotations.items()[conflict.item];
        let Some(document) = snapshot.find(id) else { continue };
        rows.push(report::Conflict {
            id: id.clone(),
            text: querist_report::markdown::excerpt(&text(document)?, report::section::conflicts::EXCERPT),
            votes: conflict.votes.counts().iter().map(|(class, n)| (name(*class), *n)).collect(),
            answers: conflict
                .answers
                .iter()
                .map(|answer| {
                    (annotations.annotators()[answer.annotator as usize].clone(), name(answer.label))
                })
                .collect(),
            majority: conflict.verdict.label().map(name),
            known: snapshot.known_label(document).map(name),
            tied: match &conflict.verdict {
                Verdict::Tie(classes) => classes.iter().map(|class| name(*class)).collect(),
                Verdict::Label(_) => Vec::new(),
            },
        });
    }
    let left_out = |id: &str| {
        snapshot
            .find(id)
            .and_then(|document| snapshot.settled(document))
            .is_some_and(|settled| settled.label.is_none())
    };
    let undecided =
        |row: &report::Conflict| row.known.is_none() && row.majority.is_none() && !left_out(&row.id);
    // Stable: among themselves both parts stay in the order of contest.
    rows.sort_by_key(|row| !undecided(row));
    let ties = rows.iter().filter(|row| undecided(row)).count();
    let (mut answered, mut only_skips) = (0, Vec::new());
    for answers in snapshot.answers.chunk_by(|a, b| a.document == b.document) {
        answered += 1;
        let document = answers[0].document;
        let known = snapshot.settled(document).is_some() || snapshot.known_label(document).is_some();
        if !known && answers.iter().all(|answer| answer.label.is_none()) {
            only_skips.push(snapshot.documents[document].id.to_string());
        }
    }
    Ok(report::Conflicts {
        answered,
        decided: answered - ties - only_skips.len(),
        ties,
        only_skips,
        conflicts: rows,
    })
}
