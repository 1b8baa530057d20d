//! Checks the known labels and the skill priors that accompany a set of answers.
//!
//! Every aggregator uses these checks, so all of them refuse the same input. A known label decides
//! its item; each method has its own use for skill priors.

use querist_core::{AnnotationSet, Class, Known, SkillPrior};

use crate::error::{QualityError, checked_index};

/// Known labels and skill priors that fit a set. Every class is below the number of classes. There
/// is one entry for each item or annotator, or none at all. Every prior is a pair of finite counts
/// of at least 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    labels: &'a [Option<Class>],
    skills: &'a [Option<SkillPrior>],
}

impl<'a> Checked<'a> {
    /// Checks that the known labels and skill priors fit a set of answers.
    ///
    /// # Errors
    /// A class is not below the set's number of classes, the number of labels or priors does not
    /// match the set, or a count in a prior is negative or not finite.
    pub(crate) fn new(annotations: &AnnotationSet, known: &'a Known) -> Result<Self, QualityError> {
        let lengths = [
            ("the column of known labels", known.labels.len(), annotations.items().len()),
            ("the column of skill priors", known.skills.len(), annotations.annotators().len()),
        ];
        for (what, found, expected) in lengths {
            if found != 0 && found != expected {
                return Err(QualityError::LengthMismatch { what, expected, found });
            }
        }
        let answered = annotations.entries().iter().map(|entry| entry.label);
        if let Some(largest) = answered.chain(known.labels.iter().flatten().copied()).max() {
            checked_index(largest, annotations.n_classes())?;
        }
        for (annotator, prior) in known.skills.iter().enumerate() {
            if let Some(SkillPrior { right, wrong }) = *prior
                && ![right, wrong].iter().all(|count| count.is_finite() && *count >= 0.0)
            {
                return Err(QualityError::BadSkillPrior { annotator, right, wrong });
            }
        }
        Ok(Self { labels: &known.labels, skills: &known.skills })
    }

    /// Returns whether there is a column of known labels; without it no label is known.
    pub(crate) fn any(&self) -> bool {
        !self.labels.is_empty()
    }

    /// Returns the known label of an item; `None` if it is not known.
    pub(crate) fn label(&self, item: usize) -> Option<Class> {
        self.labels.get(item).copied().flatten()
    }

    /// Returns the skill prior of an annotator; 0 right and 0 wrong answers if there is none.
    pub(crate) fn prior(&self, annotator: usize) -> SkillPrior {
        self.skills.get(annotator).copied().flatten().unwrap_or(SkillPrior { right: 0.0, wrong: 0.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let set = AnnotationSet::new([("i", "a", Class(0)), ("j", "b", Class(1))], 2);
        let message = |known: Known| Checked::new(&set, &known).unwrap_err().to_string();
        let labels = |labels| Known { labels, ..Known::default() };
        assert_eq!(message(labels(vec![None])), "the column of known labels has 1 values, expected 2");
        assert_eq!(
            message(labels(vec![None, Some(Class(2))])),
            "class 2 is out of range: there are 2 classes"
        );
        let prior = |right, wrong| Some(SkillPrior { right, wrong });
        let skills = |skills| Known { skills, ..Known::default() };
        assert_eq!(message(skills(vec![None; 3])), "the column of skill priors has 3 values, expected 2");
        for bad in [prior(-1.0, 0.0), prior(0.0, f64::NAN), prior(f64::INFINITY, 0.0)] {
            assert!(message(skills(vec![None, bad])).starts_with("the skill prior of annotator 1 must be"));
        }
        let good = Known { labels: vec![None, Some(Class(1))], skills: vec![prior(3.0, 1.0), None] };
        let checked = Checked::new(&set, &good).unwrap();
        assert_eq!((checked.label(0), checked.label(1)), (None, Some(Class(1))));
        assert_eq!((checked.prior(0).right, checked.prior(1).right), (3.0, 0.0));
    }
}
