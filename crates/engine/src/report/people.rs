//! The report's sections on annotators: the results of each annotator, the agreement between
//! annotators, and the documents on which annotators disagree.

use std::collections::BTreeMap;

use querist_core::{Class, Proportion, Role, Snapshot};
use querist_quality::{Flag, Scale, Thresholds, Undefined, Votes, control};
use querist_report as report;

use crate::agreement;
use crate::controls::Seen;
use crate::error::EngineError;
use crate::review::control_truth;
use crate::situation::Situation;
use crate::standing::{kappa_standing, standing};
use crate::trust;
use crate::undecided::Undecided;

/// Measures each annotator on the control items, and compares the results with the thresholds.
///
/// # Errors
/// A measure failed.
pub fn annotators(
    snapshot: &Snapshot,
    situation: &Situation,
    thresholds: Thresholds,
) -> Result<report::Annotators, EngineError> {
    let annotations = &situation.annotations;
    let measured = control(annotations, &control_truth(snapshot, situation), thresholds)?;
    let mut skips = vec![0; snapshot.annotators.len()];
    for answer in snapshot.answers.iter().filter(|answer| answer.label.is_none()) {
        skips[answer.annotator as usize] += 1;
    }
    let rows = snapshot.annotators.iter().zip(skips).enumerate().map(|(annotator, (name, skips))| {
        // An annotator who has only skipped has no measures. The report lists this annotator all
        // the same.
        let found = situation.annotator_of(annotator as u32);
        let measured = found.map(|annotator| &measured[annotator]);
        let skill = found.and_then(|annotator| situation.skills.get(annotator));
        report::Annotator {
            annotator: name.clone(),
            answers: measured.map_or(0, |measured| measured.n_answers),
            skips,
            control_accuracy: measured
                .map_or(Proportion::of(0, 0), |measured| Proportion::of(measured.correct, measured.n)),
            control_kappa: measured.and_then(|measured| measured.kappa.kappa),
            kappa_undefined: measured
                .and_then(|measured| measured.kappa.undefined)
                .map(|undefined| undefined.reason().to_owned()),
            skill: skill.and_then(|skill| skill.accuracy),
            skill_interval: skill.and_then(|skill| skill.interval),
            by_accuracy: measured
                .filter(|measured| measured.n > 0)
                .map(|measured| standing(&measured.by_accuracy, "control items")),
            by_kappa: measured
                .filter(|measured| measured.n > 0)
                .and_then(|measured| kappa_standing(measured, thresholds.min_kappa())),
            flags: measured.map_or_else(
                || vec![flag_text(Flag::NoControl, thresholds)],
                |measured| measured.flags.iter().map(|flag| flag_text(*flag, thresholds)).collect(),
            ),
        }
    });
    let annotated: Vec<report::Annotator> = rows.collect();
    let (min_accuracy, min_kappa) = (thresholds.min_accuracy(), thresholds.min_kappa());
    let trusted = trust::of_situation(snapshot, situation)?;
    Ok(report::Annotators {
        skill_intervals: trusted.as_ref().map(|trusted| trusted.skill_intervals.clone()),
        posteriors: trusted.map(|trusted| trusted.posteriors),
        groups: groups(snapshot, &annotated),
        annotators: annotated,
        left_out: left_out(snapshot),
        without_controls: Seen::of(snapshot).exhausted(),
        thresholds: report::Thresholds { min_accuracy, min_kappa },
        aggregator: Some(situation.aggregator.to_owned()),
        method: querist_quality::AGGREGATORS
            .iter()
            .find(|(name, _)| *name == situation.aggregator)
            .map_or(situation.aggregator, |(_, title)| *title)
            .to_owned(),
    })
}

/// For each attribute of annotators that the team lead set, groups the annotators by its value and
/// sums their results.
fn groups(snapshot: &Snapshot, annotators: &[report::Annotator]) -> Vec<report::Group> {
    let mut groups: BTreeMap<(&String, &String), Vec<&report::Annotator>> = BTreeMap::new();
    for person in &snapshot.people {
        let own = annotators.iter().find(|annotator| annotator.annotator == person.name);
        for attribute in &person.attributes {
            groups.entry(attribute).or_default().extend(own);
        }
    }
    let group = |((attribute, value), own): ((&String, &String), Vec<&report::Annotator>)| {
        let n = own.iter().map(|annotator| annotator.control_accuracy.n).sum();
        let correct = own.iter().map(|annotator| annotator.control_accuracy.correct).sum();
        report::Group {
            attribute: attribute.clone(),
            value: value.clone(),
            people: own.len(),
            answers: own.iter().map(|annotator| annotator.answers).sum(),
            control_accuracy: Proportion::of(correct, n),
        }
    };
    groups.into_iter().map(group).filter(|group| group.people > 0).collect()
}

/// Lists the annotators whose answers do not count.
fn left_out(snapshot: &Snapshot) -> Vec<report::LeftOut> {
    let excluded = snapshot.people.iter().filter_map(|person| {
        let (annotator, why) = (person.name.clone(), person.excluded.clone()?);
        Some(report::LeftOut { annotator, why, answers: person.left_out })
    });
    excluded.collect()
}

/// Returns the words for a flag of an annotator: below a threshold, or without control answers.
fn flag_text(flag: Flag, thresholds: Thresholds) -> String {
    match flag {
        Flag::NoControl => "no control answers".to_owned(),
        Flag::BelowAccuracy => format!("accuracy below {:.2}", thresholds.min_accuracy()),
        Flag::BelowKappa => format!("kappa below {:.2}", thresholds.min_kappa()),
    }
}

/// Returns for each annotator how often each answer met each current label of the documents.
pub(super) fn confusions(situation: &Situation) -> report::Confusions {
    let annotations = &situation.annotations;
    let standing: Vec<Option<Class>> =
        situation.documents.iter().map(|document| situation.label_of[*document]).collect();
    let mut pairs: Vec<Vec<(usize, usize)>> = vec![Vec::new(); annotations.annotators().len()];
    for entry in annotations.entries() {
        if let Some(truth) = standing[entry.item as usize] {
            pairs[entry.annotator as usize].push((truth.index(), entry.label.index()));
        }
    }
    let of = |(annotator, pairs): (&String, &mut Vec<(usize, usize)>)| {
        pairs.sort_unstable();
        let cells = pairs.chunk_by(|a, b| a == b).map(|run| (run[0].0, run[0].1, run.len())).collect();
        report::Confusion { annotator: annotator.clone(), cells, rank_error: None }
    };
    let annotators = annotations.annotators().iter().zip(&mut pairs).map(of);
    let annotators = annotators.filter(|annotator| !annotator.cells.is_empty()).collect();
    let confusions = report::Confusions { annotators };
    match situation.scale {
        Scale::Nominal => confusions,
        Scale::Ordinal => confusions.ordered(),
    }
}

/// Measures the agreement between annotators. Without a document that has two answers, no figure
/// exists.
pub(super) fn agreement(
    snapshot: &Snapshot,
    situation: &Situation,
) -> Result<report::Agreement, EngineError> {
    let annotations = &situation.annotations;
    if (0..annotations.items().len()).all(|item| annotations.of_item(item).len() < 2) {
        return Ok(report::Agreement {
            annotators: annotations.annotators().len(),
            mean_kappa_undefined: Some(Undefined::NoOverlap.reason().to_owned()),
            ..report::Agreement::default()
        });
    }
    agreement::measured(annotations, annotations, snapshot.labels.names(), situation.scale)
}

/// Lists the documents that are tied or on which annotators disagree. Tied documents come first;
/// within both groups, the most contested documents come first.
pub(super) fn conflicts(
    snapshot: &Snapshot,
    situation: &Situation,
    text: &mut dyn FnMut(usize) -> Result<String, EngineError>,
) -> Result<report::Conflicts, EngineError> {
    let annotations = &situation.annotations;
    let undecided = Undecided::of(snapshot, situation);
    let name = |class: Class| snapshot.labels.name(class).to_owned();
    let rows = contested(situation, &undecided)?;
    let mut conflicts = Vec::new();
    for (item, votes) in rows {
        let id = &annotations.items()[item];
        let document = situation.documents[item];
        let tie = undecided.ties.binary_search_by_key(&document, |tie| tie.0).ok();
        let known = snapshot.known_label(document);
        let left_out = known.is_none() && snapshot.settled(document).is_some();
        conflicts.push(report::Conflict {
            id: id.clone(),
            text: querist_report::markdown::excerpt(&text(document)?, report::section::conflicts::EXCERPT),
            votes: votes.counts().iter().map(|(class, n)| (name(*class), *n)).collect(),
            answers: annotations
                .of_item(item)
                .iter()
                .map(|answer| {
                    (annotations.annotators()[answer.annotator as usize].clone(), name(answer.label))
                })
                .collect(),
            control: snapshot.documents[document].role == Role::Control,
            label: situation.label_of[document].map(name),
            known: known.map(name),
            left_out,
            tied: tie.map_or_else(Vec::new, |tie| {
                undecided.ties[tie].1.iter().map(|class| name(*class)).collect()
            }),
        });
    }
    // The sort is stable, so within each group the most contested documents stay first.
    conflicts.sort_by_key(|row| row.tied.is_empty());
    let ids = undecided.only_skipped.iter().map(|document| snapshot.documents[*document].id.to_string());
    let controls = &undecided.controls;
    Ok(report::Conflicts {
        answered: undecided.answered,
        decided: undecided.decided(),
        ties: undecided.ties.len(),
        only_skips: ids.collect(),
        left_out: undecided.left_out.len(),
        controls_answered: controls.labeled,
        controls_skipped: controls.only_skipped.len(),
        controls_left_out: controls.left_out,
        conflicts,
    })
}

/// Lists the items on which annotators disagree, the most contested first, with their votes. Other
/// ties follow: a method that weights annotators may report a tie even if all annotators agree.
fn contested(situation: &Situation, undecided: &Undecided) -> Result<Vec<(usize, Votes)>, EngineError> {
    let annotations = &situation.annotations;
    let (mut rows, mut listed) = (Vec::new(), vec![false; annotations.items().len()]);
    for conflict in querist_quality::conflicts(annotations, situation.scale)? {
        listed[conflict.item] = true;
        rows.push((conflict.item, conflict.votes));
    }
    for (document, _) in &undecided.ties {
        if let Some(item) = situation.item_of(*document)
            && !listed[item]
        {
            rows.push((item, Votes::count(annotations.of_item(item), annotations.n_classes())?));
        }
    }
    Ok(rows)
}
