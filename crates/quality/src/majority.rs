//! Majority vote: the label that most annotators of an item chose.
//!
//! The posterior of item i is its vote share, `p[i][k] = n_ik / n_i`. Ties stay ties: breaking them at random would make
//! labels that nobody gave. All annotators count the same, however good they are; methods that weight them are other
//! aggregators. Reference for its use with crowds: Snow, O'Connor, Jurafsky and Ng, Cheap and Fast - But is it Good?,
//! EMNLP 2008.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{Aggregation, Aggregator, AnnotationSet, Probabilities};

use crate::error::QualityError;
use crate::votes::Votes;

/// The majority vote of each item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MajorityVote;

impl MajorityVote {
    /// One verdict and one row of vote shares (items, K) for each item, in the order of [`AnnotationSet::items`].
    fn vote(annotations: &AnnotationSet) -> Result<Aggregation, QualityError> {
        let n_items = annotations.items().len();
        let mut verdicts = Vec::with_capacity(n_items);
        let mut shares = Array2::zeros((n_items, annotations.n_classes()));
        for item in 0..n_items {
            let votes = Votes::count(annotations.of_item(item), annotations.n_classes())?;
            for (class, count) in votes.counts() {
                shares[(item, class.index())] = *count as f64 / votes.total() as f64;
            }
            verdicts.push(votes.verdict());
        }
        Ok(Aggregation { verdicts, posteriors: Probabilities::new(shares)? })
    }
}

impl Aggregator for MajorityVote {
    fn name(&self) -> &'static str {
        "majority"
    }

    fn aggregate(&self, annotations: &AnnotationSet) -> Result<Aggregation, BoxError> {
        Ok(Self::vote(annotations)?)
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, Verdict};

    use super::*;

    const P: Class = Class(0);
    const N: Class = Class(1);

    #[test]
    fn three_annotators_on_five_items() {
        let columns = [("a", [P, N, P, P, P]), ("b", [P, N, P, N, P]), ("c", [N, N, P, P, N])];
        let items = ["1", "2", "3", "4", "5"];
        let triples = columns
            .iter()
            .flat_map(|(annotator, labels)| items.iter().zip(labels).map(move |(i, l)| (*i, *annotator, *l)));
        let result = MajorityVote.aggregate(&AnnotationSet::new(triples, 2)).unwrap();
        assert_eq!(result.verdicts, [P, N, P, P, P].map(Verdict::Label));
        assert_eq!(result.posteriors.row(0).to_vec(), [2.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(result.posteriors.row(1).to_vec(), [0.0, 1.0]);
    }

    #[test]
    fn a_tie_names_its_classes_in_label_order() {
        let triples = [("i", "a", Class(2)), ("i", "b", Class(0)), ("j", "a", Class(1))];
        let result = MajorityVote.aggregate(&AnnotationSet::new(triples, 3)).unwrap();
        assert_eq!(result.verdicts, [Verdict::Tie(vec![Class(0), Class(2)]), Verdict::Label(Class(1))]);
        assert_eq!(result.posteriors.row(0).to_vec(), [0.5, 0.0, 0.5]);
    }

    #[test]
    fn a_class_outside_the_label_set_is_an_error() {
        let error = MajorityVote.aggregate(&AnnotationSet::new([("i", "a", Class(2))], 2)).unwrap_err();
        assert_eq!(error.to_string(), "class 2 is out of range: there are 2 classes");
    }
}
