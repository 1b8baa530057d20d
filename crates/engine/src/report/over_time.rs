//! The report's section on annotators over time: accuracy and speed by round, and drift (a rise of
//! the error rate).
//!
//! An answer belongs to the last round that assigned the document to this annotator. Without such a
//! round, it belongs to the first round whose batch contained the document. Drift is measured only
//! on control items, because they do not get harder over time. They are ordered by time if all of
//! the annotator's answers to control items have a time, otherwise by round and document.

use querist_core::{Answer, Class, Proportion, Role, Snapshot};
use querist_quality::{Drift, DriftMonitor, DriftSettings, speed};
use querist_report as report;

use crate::situation::Situation;

/// Returns for each answer of the snapshot the round to which it belongs; `None` if no batch
/// contained the document.
pub(super) fn rounds_of(snapshot: &Snapshot) -> Vec<Option<u32>> {
    let mut first: Vec<Option<u32>> = vec![None; snapshot.documents.len()];
    // Go back in time, so that each document ends with the first round that picked it.
    for round in snapshot.rounds.iter().rev() {
        for pick in &round.picks {
            first[pick.document] = Some(round.number);
        }
    }
    // The assignments of people who have not answered anything are left out, because no answer
    // needs them.
    let mut handed: Vec<(usize, u32, u32)> = snapshot
        .assignments
        .iter()
        .filter_map(|one| Some((one.document, snapshot.annotator(&one.annotator)?, one.round)))
        .collect();
    handed.sort_unstable();
    let of = |answer: &Answer| {
        let key = (answer.document, answer.annotator);
        let end = handed.partition_point(|(document, annotator, _)| (*document, *annotator) <= key);
        let last = handed[..end].last().filter(|(document, annotator, _)| (*document, *annotator) == key);
        last.map(|(_, _, round)| *round).or(first[answer.document])
    };
    snapshot.answers.iter().map(of).collect()
}

/// Makes the report's section on annotators over time. Its rows by round are for rounds up to
/// `last`; drift is measured on all answers to control items.
pub(super) fn over_time(
    snapshot: &Snapshot,
    situation: &Situation,
    settings: &DriftSettings,
    last: u32,
) -> report::OverTime {
    let rounds = rounds_of(snapshot);
    let others = Others { situation };
    let mut order: Vec<usize> = (0..snapshot.answers.len()).collect();
    order.sort_by_key(|at| snapshot.answers[*at].annotator);
    // The monitor is created only when it is first needed, because computing its limits takes a
    // while and most workspaces do not need it.
    let mut monitor: Option<DriftMonitor> = None;
    let annotators = order.chunk_by(|a, b| snapshot.answers[*a].annotator == snapshot.answers[*b].annotator);
    let annotators = annotators.map(|own| {
        let mut numbers: Vec<u32> =
            own.iter().filter_map(|at| rounds[*at]).filter(|round| *round <= last).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let of_round = |round: u32| {
            let own: Vec<usize> = own.iter().copied().filter(|at| rounds[*at] == Some(round)).collect();
            annotator_round(snapshot, &others, round, &own)
        };
        report::AnnotatorOverTime {
            annotator: snapshot.annotators[snapshot.answers[own[0]].annotator as usize].clone(),
            rounds: numbers.into_iter().map(of_round).collect(),
            drift: watch(snapshot, &rounds, own, settings, &mut monitor),
        }
    });
    report::OverTime {
        alpha: settings.alpha(),
        horizon: settings.horizon(),
        baseline: settings.baseline(),
        annotators: annotators.collect(),
    }
}

/// Measures one annotator's answers in one round. `own` holds the indices of these answers in the
/// snapshot.
fn annotator_round(
    snapshot: &Snapshot,
    others: &Others<'_>,
    round: u32,
    own: &[usize],
) -> report::AnnotatorRound {
    let answers: Vec<(&Answer, Class)> =
        own.iter().filter_map(|at| Some((&snapshot.answers[*at], snapshot.answers[*at].label?))).collect();
    let control: Vec<bool> = answers
        .iter()
        .filter_map(|(answer, label)| Some(control_label(snapshot, answer.document)? == *label))
        .collect();
    let with_others: Vec<bool> = answers
        .iter()
        .filter_map(|(answer, label)| Some(others.majority(answer.document, *label)? == *label))
        .collect();
    let share = |right: &[bool]| Proportion::of(right.iter().filter(|right| **right).count(), right.len());
    let seconds: Vec<f64> = own.iter().filter_map(|at| snapshot.answers[*at].seconds).collect();
    report::AnnotatorRound {
        round,
        answers: answers.len(),
        control: share(&control),
        with_others: share(&with_others),
        median_seconds: speed::median(&seconds),
    }
}

/// Returns the known label of a control item; `None` for any other document, and for an item
/// without one.
fn control_label(snapshot: &Snapshot, document: usize) -> Option<Class> {
    snapshot.known_label(document).filter(|_| snapshot.documents[document].role == Role::Control)
}

/// Looks for drift in the answers of one annotator. `own` holds the indices of all these answers in
/// the snapshot, `rounds` the round of each answer of the snapshot. `monitor` is created if it is
/// needed.
fn watch(
    snapshot: &Snapshot,
    rounds: &[Option<u32>],
    own: &[usize],
    settings: &DriftSettings,
    monitor: &mut Option<DriftMonitor>,
) -> report::DriftWatch {
    let mut watched: Vec<(usize, bool)> = own
        .iter()
        .filter_map(|at| {
            let answer = &snapshot.answers[*at];
            Some((*at, control_label(snapshot, answer.document)? == answer.label?))
        })
        .collect();
    if watched.iter().all(|(at, _)| snapshot.answers[*at].time.is_some()) {
        watched.sort_by_key(|(at, _)| (snapshot.answers[*at].time, *at));
    } else {
        watched.sort_by_key(|(at, _)| (rounds[*at].unwrap_or(u32::MAX), *at));
    }
    let right: Vec<bool> = watched.iter().map(|(_, right)| *right).collect();
    let found = if right.len() > settings.baseline() {
        monitor.get_or_insert_with(|| DriftMonitor::new(*settings)).watch(&right)
    } else {
        Drift { n: right.len(), baseline_wrong: 0, usual: None, score: None, alarm: None, since: None }
    };
    report::DriftWatch {
        answers: found.n,
        usual_error: found.usual,
        score: found.score,
        flagged: found.alarm.is_some(),
        since_round: found.since.and_then(|since| rounds[watched.get(since)?.0]),
    }
}

/// Finds what other annotators answered.
struct Others<'a> {
    situation: &'a Situation,
}

impl Others<'_> {
    /// Returns the class that most other annotators gave a document. `own` is the answer of the
    /// annotator in question, which does not count. `None` if nobody else answered the document, or
    /// if several classes are equally frequent.
    fn majority(&self, document: usize, own: Class) -> Option<Class> {
        let annotations = &self.situation.annotations;
        let item = self.situation.item_of(document)?;
        let mut counts = vec![0usize; annotations.n_classes()];
        for answer in annotations.of_item(item) {
            counts[answer.label.index()] += 1;
        }
        // Remove the annotator's own answer from the counts.
        counts[own.index()] = counts[own.index()].saturating_sub(1);
        let most = counts.iter().copied().max().filter(|most| *most > 0)?;
        let mut leading = counts.iter().enumerate().filter(|(_, count)| **count == most);
        let first = leading.next().map(|(class, _)| Class::from_index(class));
        if leading.next().is_some() { None } else { first }
    }
}
