//! The report's sections on labels: the labels of each class by round, the labels that each share
//! and quota yielded, and the model's accuracy on the random slice.

use querist_core::round::Part;
use querist_core::{Class, Pick, Role, RoundRecord, Share, Snapshot};
use querist_quality::{Classification, classification};
use querist_report as report;

use crate::error::EngineError;
use crate::situation::Situation;
use crate::slice::{Accuracy, Picks, accuracies};
use crate::undecided::Undecided;

/// Measures how well the model of a round predicted the picks of its random slice that have a label
/// by now.
pub(crate) fn random_slice(
    round: &RoundRecord,
    situation: &Situation,
) -> Result<Classification, EngineError> {
    let picks = round.picks.iter().filter(|pick| pick.share == Share::Random);
    let pairs = picks.filter_map(|pick| Some((situation.label_of[pick.document]?, pick.predicted()?)));
    let (truth, predicted): (Vec<Class>, Vec<Class>) = pairs.unzip();
    Ok(classification(&truth, &predicted, situation.labeled_counts.len())?)
}

/// Estimates the accuracy of a round's model on two sets of documents: the `open` documents from
/// which its batch was drawn, and the documents that the batch left open. If the round chose only
/// from a `part` of the pool, both sets lie in this part.
pub(super) fn populations(
    round: &RoundRecord,
    situation: &Situation,
    open: usize,
    part: Option<&Part>,
) -> [Option<report::PopulationAccuracy>; 2] {
    let (mut slice, mut others) = (Picks::default(), Picks::default());
    for pick in round.picks.iter().filter(|pick| pick.share != Share::Control) {
        let picks = if pick.share == Share::Random { &mut slice } else { &mut others };
        match (situation.label_of[pick.document], pick.predicted()) {
            (Some(label), Some(predicted)) => {
                picks.labeled += 1;
                picks.right += usize::from(label == predicted);
            }
            _ => picks.unknown += 1,
        }
    }
    let number = round.number;
    let part = part.map_or_else(String::new, |part| format!(" {}", part.phrase()));
    let (drawn, left) = accuracies(open, slice, others);
    let named = |found: Option<Accuracy>, population: String| {
        let Accuracy { documents, value, low, high } = found?;
        Some(report::PopulationAccuracy { population, documents, value, low, high })
    };
    [
        named(drawn, format!("documents{part} open when batch {number} was drawn")),
        named(left, format!("documents{part} left open by batch {number}")),
    ]
}

/// Counts the labels of a round's random slice that only annotators below a threshold gave. `below`
/// says for each annotator of the snapshot whether they are below one. Returns the number of these
/// labels, and the names of these annotators.
pub(super) fn resting_on(
    round: &RoundRecord,
    snapshot: &Snapshot,
    situation: &Situation,
    below: &[bool],
) -> (usize, Vec<String>) {
    let mut resting = 0;
    let mut who: Vec<u32> = Vec::new();
    for pick in round.picks.iter().filter(|pick| pick.share == Share::Random) {
        let Some(label) = situation.label_of[pick.document] else { continue };
        if snapshot.known_label(pick.document).is_some() {
            continue;
        }
        let from = snapshot.answers.partition_point(|answer| answer.document < pick.document);
        let own = snapshot.answers[from..].iter().take_while(|answer| answer.document == pick.document);
        let said: Vec<u32> =
            own.filter(|answer| answer.label == Some(label)).map(|answer| answer.annotator).collect();
        if !said.is_empty() && said.iter().all(|annotator| below[*annotator as usize]) {
            resting += 1;
            who.extend(said);
        }
    }
    who.sort_unstable();
    who.dedup();
    let names = who.into_iter().map(|annotator| snapshot.annotators[annotator as usize].clone());
    (resting, names.collect())
}

/// Counts the labels of each class in each round up to `last`, and the labels of documents that no
/// batch had.
pub(super) fn distribution(snapshot: &Snapshot, situation: &Situation, last: u32) -> report::Distribution {
    let k = snapshot.labels.len();
    let mut picked = vec![false; snapshot.documents.len()];
    for pick in snapshot.rounds.iter().filter(|round| round.number <= last).flat_map(|round| &round.picks) {
        picked[pick.document] = true;
    }
    // Each labelled document counts once: in the round that picked it. Without such a round it
    // counts as imported or, if it was not imported with a label, as answered without being asked.
    let (mut imported, mut unasked) = (vec![0; k], vec![0; k]);
    for (document, record) in snapshot.documents.iter().enumerate() {
        if let (Role::Pool, false, Some(class)) =
            (record.role, picked[document], situation.label_of[document])
        {
            let counts = if record.label.is_some() { &mut imported } else { &mut unasked };
            counts[class.index()] += 1;
        }
    }
    let rounds: Vec<report::RoundLabels> = snapshot
        .rounds
        .iter()
        .filter(|round| round.number <= last)
        .map(|round| {
            let mut labeled = vec![0; k];
            let picks = round.picks.iter().filter(|pick| pick.share != Share::Control);
            for pick in picks.clone() {
                if let Some(class) = situation.label_of[pick.document] {
                    labeled[class.index()] += 1;
                }
            }
            report::RoundLabels {
                round: round.number,
                sent: picks.count(),
                labeled,
                target: round.target.clone(),
            }
        })
        .collect();
    report::Distribution { imported, unasked, rounds, total: situation.labeled_counts.clone() }
}

/// For each round up to `last`, counts the labels of each share's picks, and how many picks of each
/// class's quota have this class as label.
pub(super) fn yields(snapshot: &Snapshot, situation: &Situation, last: u32) -> report::Yields {
    let undecided = Undecided::of(snapshot, situation);
    let mut answered = vec![false; snapshot.documents.len()];
    for answer in snapshot.answers.iter().filter(|answer| answer.label.is_some()) {
        answered[answer.document] = true;
    }
    let (mut shares, mut quotas) = (Vec::new(), Vec::new());
    for round in snapshot.rounds.iter().filter(|round| round.number <= last) {
        for share in Share::ALL {
            let picks: Vec<&Pick> = round.picks.iter().filter(|pick| pick.share == share).collect();
            if !picks.is_empty() {
                shares.push(share_yield(round, share, &picks, situation, (&answered, &undecided)));
            }
        }
        for class in snapshot.labels.classes() {
            let picks = round.picks.iter().filter(|pick| pick.quota == Some(class));
            let labels: Vec<Option<Class>> = picks.map(|pick| situation.label_of[pick.document]).collect();
            if !labels.is_empty() {
                quotas.push(report::QuotaYield {
                    round: round.number,
                    label: snapshot.labels.name(class).to_owned(),
                    asked: labels.len(),
                    labeled: labels.iter().flatten().count(),
                    got: labels.iter().filter(|label| **label == Some(class)).count(),
                });
            }
        }
    }
    report::Yields { shares, quotas }
}

/// Counts the labels that the picks of one share of a round have.
fn share_yield(
    round: &RoundRecord,
    share: Share,
    picks: &[&Pick],
    situation: &Situation,
    (answered, undecided): (&[bool], &Undecided),
) -> report::ShareYield {
    // The label of a control item is known in advance, so it counts only once somebody has answered
    // the item with a label.
    let counts =
        |pick: &Pick| share != Share::Control || answered[pick.document] && !round.asks_again(pick.document);
    let label = |pick: &Pick| situation.label_of[pick.document].filter(|_| counts(pick));
    let labeled: Vec<(Class, Option<Class>)> =
        picks.iter().filter_map(|pick| Some((label(pick)?, pick.predicted()))).collect();
    let undecided = picks.iter().filter(|pick| undecided.holds(pick.document)).count();
    let mut classes: Vec<Class> = labeled.iter().map(|(label, _)| *label).collect();
    classes.sort_unstable();
    classes.dedup();
    let model = picks.iter().any(|pick| pick.probabilities.is_some());
    report::ShareYield {
        round: round.number,
        share: share.name().to_owned(),
        sent: picks.len(),
        labeled: labeled.len(),
        undecided,
        predicted_right: model
            .then(|| labeled.iter().filter(|(label, predicted)| Some(*label) == *predicted).count()),
        classes: classes.len(),
    }
}
