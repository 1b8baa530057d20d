//! How many labels were added or changed between two models. A comparison of two models is evidence
//! for stopping only if this number is large enough.
//!
//! Training sets are compared by their distinct texts, each with its label ([`Learned`]). So a copy
//! of a labelled text adds nothing, and a changed label counts once. Rounds of earlier versions
//! stored only the number of documents of each class. These counts yield a lower bound: if two
//! documents swap their labels, the counts stay the same. If the bound is too low, a rule says
//! "cannot tell yet", which does no harm.

use querist_core::{Class, History, PastRound, Pick, Share, Snapshot};
use querist_report as report;

use super::learned::Learned;
use crate::situation::Situation;

/// The training set of the last model that counts as evidence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// `None` before the first model.
    last: Option<TrainingSet>,
}

#[derive(Debug, Clone)]
struct TrainingSet {
    /// Number of labels of each class, by class index.
    labeled: Vec<usize>,
    /// The texts with their labels, in a form that can be compared; `None` if unknown.
    texts: Option<Learned>,
    /// For each class of that round, the current class; empty if the classes are still the same.
    classes: Vec<Option<Class>>,
}

impl Evidence {
    /// Decides whether the next model counts as evidence. The first model always does. Also returns
    /// a lower bound on the number of labels by which its training set differs from the last that
    /// counts.
    ///
    /// `labeled` holds the number of its labels of each class. `learned` holds its texts, if they
    /// are known. Texts are stored with the names of their labels, so they can be compared only if
    /// both rounds have the same names; `classes` says so. Otherwise the numbers in `labeled` are
    /// compared.
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
        // If this model does not count, the last training set is kept. So many small steps add up
        // to a model that counts.
        let counts = new >= History::enough(total);
        if counts {
            self.last = this();
        }
        (counts, new)
    }
}

/// Returns the smallest possible number of labels that were added, removed or changed between two
/// training sets. `before` and `after` hold the number of labels of each class; a missing class has
/// 0.
fn between(before: &[usize], after: &[usize]) -> usize {
    let of = |counts: &[usize], class: usize| counts.get(class).copied().unwrap_or(0);
    let classes = 0..before.len().max(after.len());
    let (more, fewer) = classes.fold((0, 0), |(more, fewer), class| {
        let (before, after) = (of(before, class), of(after, class));
        (more + after.saturating_sub(before), fewer + before.saturating_sub(after))
    });
    more.max(fewer)
}

/// Returns for each round how much of its batch has been answered, and whether its model counts as
/// evidence.
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
        // An expert's decision is an answer too, even if it says that no class fits.
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
        // A corrected label counts as one; a class that was added later had no labels before.
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
        // All labels are swapped.
        let changed: Vec<_> = (0..10).map(|n| text(n, if n < 5 { "b" } else { "a" })).collect();
        assert_eq!(evidence.takes(&[5, 5], Some(&of(&changed)), &[]), (true, 10));
        // A round of an earlier version knows only its counts.
        assert_eq!(evidence.takes(&[5, 12], None, &[]), (true, 7));
        assert_eq!(evidence.takes(&[5, 12], Some(&of(&changed)), &[]), (false, 0));
    }
}
