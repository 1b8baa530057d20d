//! What a comparison of models rests on: the labels that came between them.
//!
//! Training sets are compared by their different texts with the label of each ([`Learned`]), so
//! that a copy of a labelled text brings nothing and a changed label is one. Rounds of earlier
//! versions recorded only how many documents of each class there were. That is a lower bound: two
//! labels that change places leave the counts as they are. A bound that is too low makes a rule say
//! "cannot tell yet", never more.

use querist_core::{Class, History, PastRound, Pick, Share, Snapshot};
use querist_report as report;

use super::learned::Learned;
use crate::situation::Situation;

/// The training set of the last model that counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    last: Option<TrainingSet>,
}

#[derive(Debug, Clone)]
struct TrainingSet {
    /// Labels of each class.
    labeled: Vec<usize>,
    texts: Option<Learned>,
    /// What the classes of its round are now.
    classes: Vec<Option<Class>>,
}

impl Evidence {
    /// Takes in the next model by its labels of each class (K) and, where they are known, its
    /// texts: whether it counts, and by how many labels its training set differs, at least, from
    /// the set of the last model that does. The first model counts. Texts are kept with the names
    /// of their labels, so they are compared only where classes (`classes` of both rounds) have the
    /// same names; else counts are.
    pub(crate) fn takes(
        &mut self,
        labeled: &[usize],
        learned: Option<&Learned>,
        classes: &[Option<Class>],
    ) -> (bool, usize) {
        let total: usize = labeled.iter().sum();
        let this = || {
            let (labeled, texts, classes) = (labeled.to_vec(), learned.cloned(), classes.to_vec());
            Some(TrainingSet { labeled, texts, classes })
        };
        let Some(TrainingSet { labeled: counts, texts, classes: classes_then }) = &self.last else {
            self.last = this();
            return (true, total);
        };
        let same_names = classes.is_empty() == classes_then.is_empty()
            && classes.iter().zip(classes_then).all(|(now, then)| now == then);
        let new = match (texts, learned) {
            (Some(before), Some(after)) if same_names => after.differs_by(before),
            _ => between(counts, labeled),
        };
        let counts = new >= History::enough(total);
        if counts {
            self.last = this();
        }
        (counts, new)
    }
}

/// The fewest labels that must have come, gone or changed between two training sets. A class that
/// one of them does not know has none.
fn between(before: &[usize], after: &[usize]) -> usize {
    let of = |counts: &[usize], class: usize| counts.get(class).copied().unwrap_or(0);
    let classes = 0..before.len().max(after.len());
    let (more, fewer) = classes.fold((0, 0), |(more, fewer), class| {
        let (before, after) = (of(before, class), of(after, class));
        (more + after.saturating_sub(before), fewer + before.saturating_sub(after))
    });
    more.max(fewer)
}

/// What came of each round's batch, and whether its model counts as evidence.
pub(super) fn rounds(
    snapshot: &Snapshot,
    situation: &Situation,
    past: &[PastRound],
) -> Vec<report::RoundEvidence> {
    let answered = snapshot.answered();
    let of = |past: &PastRound| {
        let round = snapshot.rounds.iter().find(|round| round.number == past.round);
        let picks = round.into_iter().flat_map(|round| &round.picks);
        let (controls, picks): (Vec<&Pick>, Vec<&Pick>) =
            picks.partition(|pick| pick.share == Share::Control);
        // An expert's decision is an answer too, also that no class fits.
        let has_answer = |pick: &&&Pick| {
            round.is_some_and(|round| snapshot.has_answer_for(round, pick.document, &answered))
        };
        report::RoundEvidence {
            round: past.round,
            picks: picks.len(),
            answered: picks.iter().filter(has_answer).count(),
            controls_answered: controls.iter().filter(has_answer).count(),
            labeled: picks.iter().filter(|pick| situation.label_of[pick.document].is_some()).count(),
            new_labels: past.new_labels,
            counts: past.counts,
        }
    };
    past.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_between_are_counted_by_class() {
        assert_eq!(between(&[5, 5], &[5, 5]), 0);
        assert_eq!(between(&[5, 5], &[8, 6]), 4);
        // A label that was corrected is one; a class that was added later had none.
        assert_eq!(between(&[5, 5], &[4, 6]), 1);
        assert_eq!(between(&[5, 5], &[5, 5, 3]), 3);
        assert_eq!(between(&[5, 5, 3], &[5, 5]), 3);
    }

    #[test]
    fn small_steps_add_up_until_they_count() {
        let mut evidence = Evidence::default();
        let takes: Vec<(bool, usize)> =
            [[10, 10], [10, 10], [12, 10], [12, 12], [13, 12], [13, 12], [20, 20]]
                .iter()
                .map(|labeled| evidence.takes(labeled, None, &[]))
                .collect();
        assert_eq!(
            takes,
            [(true, 20), (false, 0), (false, 2), (false, 4), (true, 5), (false, 0), (true, 15)]
        );
    }

    #[test]
    fn copies_bring_nothing_and_changed_labels_count() {
        let text = |n: u8, label: &str| ([n; 32], label.to_owned());
        let of = |texts: &[([u8; 32], String)]| {
            Learned::of(texts.iter().map(|(hash, label)| (*hash, label.as_str())))
        };
        let mut evidence = Evidence::default();
        let first: Vec<_> = (0..10).map(|n| text(n, if n < 5 { "a" } else { "b" })).collect();
        assert_eq!(evidence.takes(&[5, 5], Some(&of(&first)), &[]), (true, 10));
        // The same texts again, under other ids.
        let copies = [first.clone(), first.clone()].concat();
        assert_eq!(evidence.takes(&[10, 10], Some(&of(&copies)), &[]), (false, 0));
        // All labels change places.
        let changed: Vec<_> = (0..10).map(|n| text(n, if n < 5 { "b" } else { "a" })).collect();
        assert_eq!(evidence.takes(&[5, 5], Some(&of(&changed)), &[]), (true, 10));
        // A round of an earlier version knows its counts alone.
        assert_eq!(evidence.takes(&[5, 12], None, &[]), (true, 7));
        assert_eq!(evidence.takes(&[5, 12], Some(&of(&changed)), &[]), (false, 0));
    }
}
