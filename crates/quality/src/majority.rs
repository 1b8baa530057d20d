//! Majority vote: the label that most annotators of an item chose.
//!
//! The posterior of item i is its vote share, `p[i][k] = n_ik / n_i`: of `n_i` answers, `n_ik`
//! chose class k. Ties remain ties, because a random choice would not be based on the answers. All
//! annotators weigh the same; other aggregators weight them. Reference for its use with crowds:
//! Snow, O'Connor, Jurafsky and Ng, Cheap and Fast - But is it Good?, EMNLP 2008.
//!
//! A skill here is agreement with the verdict, not accuracy: the verdict includes the annotator's
//! own vote, and on an item that nobody else answered, the annotator always agrees with it.

use ndarray::Array2;
use querist_core::error::BoxError;
use querist_core::{
    Aggregation, Aggregator, AnnotationSet, Known, Posteriors, Probabilities, Skill, Verdict,
};

use crate::error::QualityError;
use crate::known::Checked;
use crate::skill::Tally;
use crate::votes::Votes;

/// The majority vote of each item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MajorityVote;

impl MajorityVote {
    /// Returns the majority vote: for each item a verdict and a row with the vote share of each
    /// class, in the order of [`AnnotationSet::items`]; for each annotator the agreement with the
    /// verdicts. A known label replaces the votes on its item.
    pub(crate) fn vote(annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, QualityError> {
        let known = Checked::new(annotations, known)?;
        let n_items = annotations.items().len();
        let mut verdicts = Vec::with_capacity(n_items);
        let mut shares = Array2::zeros((n_items, annotations.n_classes()));
        for item in 0..n_items {
            // A known label is the verdict, and has the whole share.
            if let Some(class) = known.label(item) {
                shares[(item, class.index())] = 1.0;
                verdicts.push(Verdict::Label(class));
                continue;
            }
            let votes = Votes::count(annotations.of_item(item), annotations.n_classes())?;
            for (class, count) in votes.counts() {
                shares[(item, class.index())] = *count as f64 / votes.total() as f64;
            }
            verdicts.push(votes.verdict());
        }
        let skills = agreement(annotations, &verdicts, known);
        Ok(Aggregation {
            verdicts,
            posteriors: Probabilities::new(shares)?,
            skills,
            fit: None,
            instead: None,
        })
    }
}

/// Returns the skill of each annotator: the share of their answers that agree with the verdicts.
/// Skill priors are added to the counts. If k classes are tied, an answer with one of them counts
/// 1/k.
pub(crate) fn agreement(annotations: &AnnotationSet, verdicts: &[Verdict], known: Checked<'_>) -> Vec<Skill> {
    let mut tallies = vec![Tally::default(); annotations.annotators().len()];
    for entry in annotations.entries() {
        let agrees = match &verdicts[entry.item as usize] {
            Verdict::Label(class) => f64::from(u8::from(*class == entry.label)),
            Verdict::Tie(classes) if classes.contains(&entry.label) => 1.0 / classes.len() as f64,
            Verdict::Tie(_) => 0.0,
        };
        let tally = &mut tallies[entry.annotator as usize];
        tally.answers += 1;
        tally.right += agrees;
    }
    tallies.iter().enumerate().map(|(annotator, tally)| tally.skill(known.prior(annotator))).collect()
}

impl Aggregator for MajorityVote {
    fn name(&self) -> &'static str {
        "mv"
    }

    fn posteriors(&self) -> Posteriors {
        Posteriors::VoteShares
    }

    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError> {
        Ok(Self::vote(annotations, known)?)
    }
}

#[cfg(test)]
mod tests {
    use querist_core::{Class, SkillPrior};

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
        let result = MajorityVote.aggregate(&AnnotationSet::new(triples, 2), &Known::default()).unwrap();
        assert_eq!(result.verdicts, [P, N, P, P, P].map(Verdict::Label));
        assert_eq!(result.posteriors.row(0).to_vec(), [2.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(result.posteriors.row(1).to_vec(), [0.0, 1.0]);
    }

    #[test]
    fn a_tie_names_its_classes_in_label_order() {
        let triples = [("i", "a", Class(2)), ("i", "b", Class(0)), ("j", "a", Class(1))];
        let result = MajorityVote.aggregate(&AnnotationSet::new(triples, 3), &Known::default()).unwrap();
        assert_eq!(result.verdicts, [Verdict::Tie(vec![Class(0), Class(2)]), Verdict::Label(Class(1))]);
        assert_eq!(result.posteriors.row(0).to_vec(), [0.5, 0.0, 0.5]);
    }

    #[test]
    fn skill_is_agreement_and_a_known_label_decides() {
        // On item i, a and b vote for P and c for N. On item j, a and b are tied.
        let triples = [("i", "a", P), ("i", "b", P), ("i", "c", N), ("j", "a", P), ("j", "b", N)];
        let set = AnnotationSet::new(triples, 2);
        let accuracies = |known: &Known| -> Vec<f64> {
            let skills = MajorityVote.aggregate(&set, known).unwrap().skills;
            skills.iter().map(|skill| skill.accuracy.unwrap()).collect()
        };
        assert_eq!(accuracies(&Known::default()), [0.75, 0.75, 0.0]);
        let labels = vec![Some(N), None];
        let skills = vec![None, None, Some(SkillPrior { right: 2.0, wrong: 1.0 })];
        let known = Known { labels, skills };
        let result = MajorityVote.aggregate(&set, &known).unwrap();
        assert_eq!(result.verdicts[0], Verdict::Label(N));
        assert_eq!(result.posteriors.row(0).to_vec(), [0.0, 1.0]);
        assert_eq!(accuracies(&known), [0.25, 0.25, 0.75]);
    }

    #[test]
    fn a_class_outside_the_label_set_is_an_error() {
        let set = AnnotationSet::new([("i", "a", Class(2))], 2);
        let error = MajorityVote.aggregate(&set, &Known::default()).unwrap_err();
        assert_eq!(error.to_string(), "class 2 is out of range: there are 2 classes");
    }
}
