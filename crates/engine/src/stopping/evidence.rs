//! What a comparison of models rests on: the labels that came between them.
//!
//! Training sets are compared by how many documents of each class they have, which every version recorded. That is a lower bound: two
//! labels that change places leave the counts as they are. A bound that is too low makes a rule say "cannot tell yet", never more.

use querist_core::{History, PastRound, Share, Snapshot};
use querist_report as report;

use crate::situation::Situation;

/// The training set of the last model that counts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    last: Option<Vec<usize>>,
}

impl Evidence {
    /// Takes in the next model by its labels of each class (K): whether it counts, and by how many labels its training set differs, at
    /// least, from the set of the last model that does. The first model counts.
    pub(crate) fn takes(&mut self, labeled: &[usize]) -> (bool, usize) {
        let total: usize = labeled.iter().sum();
        let Some(last) = &self.last else {
            self.last = Some(labeled.to_vec());
            return (true, total);
        };
        let new = between(last, labeled);
        let counts = new >= History::enough(total);
        if counts {
            self.last = Some(labeled.to_vec());
        }
        (counts, new)
    }
}

/// The fewest labels that must have come, gone or changed between two training sets. A class that one of them does not know has none.
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
        let picks: Vec<usize> =
            picks.filter(|pick| pick.share != Share::Control).map(|pick| pick.document).collect();
        report::RoundEvidence {
            round: past.round,
            picks: picks.len(),
            answered: picks.iter().filter(|document| answered[**document]).count(),
            labeled: picks.iter().filter(|document| situation.label_of[**document].is_some()).count(),
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
                .map(|labeled| evidence.takes(labeled))
                .collect();
        assert_eq!(
            takes,
            [(true, 20), (false, 0), (false, 2), (false, 4), (true, 5), (false, 0), (true, 15)]
        );
    }
}
