//! The votes on one item: the number of annotators who chose each class, and the verdict that
//! follows from it.
//!
//! Every annotator has one vote. The verdict is the class with the most votes. If several classes
//! share the most votes, the verdict is a tie, which is reported and never resolved. Other
//! aggregators weight annotators by skill.

use querist_core::{Annotation, Class, Verdict};

use crate::error::{QualityError, checked_index};

/// The votes on one item, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Votes {
    /// The classes with at least one vote, each with its number of votes, in label order.
    counts: Vec<(Class, usize)>,
    total: usize,
}

impl Votes {
    /// Counts the votes of `annotations`, which all belong to one item and are one vote each. Their
    /// order does not matter.
    ///
    /// # Errors
    /// There is no annotation, or a class is not below `n_classes`.
    pub fn count(annotations: &[Annotation], n_classes: usize) -> Result<Self, QualityError> {
        let mut labels: Vec<Class> = annotations.iter().map(|annotation| annotation.label).collect();
        labels.sort_unstable();
        let Some(last) = labels.last() else {
            return Err(QualityError::NoVotes);
        };
        checked_index(*last, n_classes)?;
        let counts = labels.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
        Ok(Self { counts, total: labels.len() })
    }

    /// Returns the classes with votes and their numbers of votes, in label order.
    pub fn counts(&self) -> &[(Class, usize)] {
        &self.counts
    }

    /// Returns the number of votes n, at least 1.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Returns whether all votes are for one class.
    pub fn unanimous(&self) -> bool {
        self.counts.len() == 1
    }

    /// Returns the class with the most votes, or all classes that share the most votes, in label
    /// order.
    pub fn verdict(&self) -> Verdict {
        let most = self.counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let leading: Vec<Class> =
            self.counts.iter().filter(|(_, count)| *count == most).map(|(class, _)| *class).collect();
        match leading[..] {
            [class] => Verdict::Label(class),
            _ => Verdict::Tie(leading),
        }
    }

    /// Returns the entropy of the vote shares in nats, `H = -sum p_k ln p_k` with `p_k = n_k / n`
    /// (Shannon 1948): 0 if unanimous, at most the logarithm of the number of classes. Equal shares
    /// give the same bits, whichever classes they belong to.
    pub fn entropy(&self) -> f64 {
        if self.unanimous() {
            return 0.0;
        }
        let mut counts: Vec<usize> = self.counts.iter().map(|(_, count)| *count).collect();
        // Sort the counts, so that the order of the terms, and with it the rounding, does not
        // depend on the classes.
        counts.sort_unstable();
        let shares = counts.into_iter().map(|count| count as f64 / self.total as f64);
        shares.map(|share| -share * share.ln()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(labels: &[u16]) -> Votes {
        let annotations: Vec<Annotation> = (0..)
            .zip(labels)
            .map(|(annotator, label)| Annotation { item: 0, annotator, label: Class(*label) })
            .collect();
        Votes::count(&annotations, 4).unwrap()
    }

    #[test]
    fn counts_in_label_order() {
        let votes = votes(&[3, 1, 3]);
        assert_eq!(votes.counts(), [(Class(1), 1), (Class(3), 2)]);
        assert_eq!(votes.total(), 3);
        assert_eq!(votes.verdict(), Verdict::Label(Class(3)));
    }

    #[test]
    fn names_every_class_of_a_tie_and_no_other() {
        assert_eq!(votes(&[3, 0, 3, 2, 0]).verdict(), Verdict::Tie(vec![Class(0), Class(3)]));
    }

    #[test]
    fn entropy_by_hand() {
        assert_eq!(votes(&[2, 2, 2]).entropy().to_bits(), 0f64.to_bits());
        assert!((votes(&[0, 1]).entropy() - 2f64.ln()).abs() < 1e-15);
        assert!((votes(&[0, 1, 2, 3]).entropy() - 4f64.ln()).abs() < 1e-15);
        // The entropy is 2/3 ln 3/2 + 1/3 ln 3 = ln 3 - 2/3 ln 2.
        assert!((votes(&[0, 0, 1]).entropy() - (3f64.ln() - 2.0 / 3.0 * 2f64.ln())).abs() < 1e-15);
    }

    #[test]
    fn entropy_depends_on_the_proportions_alone() {
        let bits = |labels: &[u16]| votes(labels).entropy().to_bits();
        assert_eq!(bits(&[0, 1, 1, 2, 2, 2]), bits(&[2, 1, 1, 0, 0, 0]));
        assert_eq!(bits(&[0, 1, 1]), bits(&[3, 3, 2, 2, 3, 3]));
    }

    #[test]
    fn refuses_what_cannot_be_counted() {
        assert_eq!(Votes::count(&[], 2), Err(QualityError::NoVotes));
        let outside = [Annotation { item: 0, annotator: 0, label: Class(2) }];
        assert_eq!(Votes::count(&outside, 2), Err(QualityError::ClassOutOfRange { class: 2, n_classes: 2 }));
    }
}
