//! Conflicts: items whose annotators disagree, the most contested first.
//!
//! Items are sorted by the entropy of their votes (see [`Votes::entropy`]), highest first. Of items
//! with equal entropy, ties come before items with a winner; the order of the items decides the
//! rest. If the classes are ordered, the distance of the answers decides before the entropy. This
//! distance is the mean squared difference in rank between two answers to the item. Items with one
//! answer, or with equal answers, are not conflicts. People resolve the conflicts; this file only
//! lists them.

use querist_core::{Annotation, AnnotationSet, Verdict};

use crate::agreement::{Scale, Weights};
use crate::error::QualityError;
use crate::votes::Votes;

/// An item whose annotators disagree.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict<'a> {
    /// The item's index.
    pub item: usize,
    /// The number of votes for each class; at least two classes have votes.
    pub votes: Votes,
    /// The verdict of the majority.
    pub verdict: Verdict,
    /// The entropy of the votes in nats, above 0.
    pub entropy: f64,
    /// The answers, sorted by annotator.
    pub answers: &'a [Annotation],
}

/// Returns the conflicts of a set, sorted by:
///
/// 1. on an ordinal scale, the distance of the answers, largest first;
/// 2. the entropy of the votes, highest first;
/// 3. ties before items with a winner;
/// 4. the order of the items.
///
/// # Errors
/// An answer's class is not below the set's number of classes.
pub fn conflicts(annotations: &AnnotationSet, scale: Scale) -> Result<Vec<Conflict<'_>>, QualityError> {
    let mut found = Vec::new();
    for item in 0..annotations.items().len() {
        let answers = annotations.of_item(item);
        let votes = Votes::count(answers, annotations.n_classes())?;
        if !votes.unanimous() {
            let (verdict, entropy) = (votes.verdict(), votes.entropy());
            found.push(Conflict { item, votes, verdict, entropy, answers });
        }
    }
    let has_winner = |conflict: &Conflict<'_>| conflict.verdict.label().is_some();
    // Both sorts are stable, so conflicts that compare equal keep their earlier order, which is at
    // first the order of the items.
    found.sort_by(|a, b| b.entropy.total_cmp(&a.entropy).then(has_winner(a).cmp(&has_winner(b))));
    if scale == Scale::Ordinal {
        found.sort_by(|a, b| distance(&b.votes).total_cmp(&distance(&a.votes)));
    }
    Ok(found)
}

/// Returns the mean squared difference in rank between two of the answers, of which there must be
/// at least two. It is greatest if half of the answers are at each end of the scale, and small if
/// one answer of many differs.
fn distance(votes: &Votes) -> f64 {
    let answers = votes.total();
    let masses = votes.counts().iter().map(|(class, count)| (class.index(), *count as f64));
    Weights::Quadratic.spread(masses) / (answers * (answers - 1)) as f64
}

#[cfg(test)]
mod tests {
    use querist_core::Class;

    use super::*;

    /// Builds a set from the labels of each item. The first label of an item is by annotator 0, the
    /// second by annotator 1, and so on.
    fn set(labels_of: &[(&str, &[u16])]) -> AnnotationSet {
        let names: Vec<String> = (0..10).map(|annotator| annotator.to_string()).collect();
        let triples = labels_of.iter().flat_map(|(item, labels)| {
            names
                .iter()
                .zip(*labels)
                .map(move |(annotator, label)| (*item, annotator.as_str(), Class(*label)))
        });
        AnnotationSet::new(triples, 5)
    }

    fn order(set: &AnnotationSet) -> Vec<&str> {
        conflicts(set, Scale::Nominal)
            .unwrap()
            .iter()
            .map(|conflict| set.items()[conflict.item].as_str())
            .collect()
    }

    #[test]
    fn the_most_contested_come_first_and_agreement_is_left_out() {
        let set = set(&[
            ("alone", &[1]),
            ("close", &[0, 0, 1]),
            ("even", &[2, 1]),
            ("four", &[0, 1, 2, 3]),
            ("near", &[0, 0, 0, 1]),
            ("one voice", &[2, 2, 2]),
            ("also close", &[3, 3, 2]),
        ]);
        assert_eq!(order(&set), ["four", "even", "also close", "close", "near"]);
    }

    #[test]
    fn of_equally_contested_items_ties_come_first() {
        // The shares 1/2, 1/8, 1/8, 1/8, 1/8 have the entropy of four quarters, 2 ln 2, but one
        // class wins.
        let set = set(&[("a winner", &[0, 0, 0, 0, 1, 2, 3, 4]), ("tie", &[0, 1, 2, 3])]);
        let found = conflicts(&set, Scale::Nominal).unwrap();
        assert_eq!(found[0].entropy.to_bits(), found[1].entropy.to_bits());
        assert_eq!(order(&set), ["tie", "a winner"]);
    }

    #[test]
    fn where_classes_are_ranks_the_furthest_apart_come_first() {
        let set = set(&[
            ("neighbours", &[3, 4]),
            ("one voice of five", &[0, 0, 0, 0, 4]),
            ("the ends", &[0, 4]),
            ("two apart", &[2, 4]),
            ("neighbours again", &[0, 1]),
        ]);
        // In "one voice of five", 4 of 10 pairs of answers are 4² apart. The mean is 6.4, more than
        // 2² for "two apart".
        let found = conflicts(&set, Scale::Ordinal).unwrap();
        let items: Vec<&str> = found.iter().map(|conflict| set.items()[conflict.item].as_str()).collect();
        assert_eq!(items, ["the ends", "one voice of five", "two apart", "neighbours", "neighbours again"]);
        assert_eq!(order(&set)[4], "one voice of five");
    }

    #[test]
    fn a_conflict_carries_what_a_reviewer_needs() {
        let set = set(&[("a", &[0, 0]), ("b", &[2, 1])]);
        let found = conflicts(&set, Scale::Nominal).unwrap();
        let [conflict] = &found[..] else { panic!("one conflict, got {found:?}") };
        assert_eq!(conflict.item, 1);
        assert_eq!(conflict.votes.counts(), [(Class(1), 1), (Class(2), 1)]);
        assert_eq!(conflict.verdict, Verdict::Tie(vec![Class(1), Class(2)]));
        assert!((conflict.entropy - 2f64.ln()).abs() < 1e-15);
        let answers: Vec<(u32, Class)> = conflict.answers.iter().map(|a| (a.annotator, a.label)).collect();
        assert_eq!(answers, [(0, Class(2)), (1, Class(1))]);
    }

    #[test]
    fn no_answers_no_conflicts() {
        assert_eq!(order(&set(&[])), Vec::<&str>::new());
    }
}
