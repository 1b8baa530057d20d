//! Aggregation: turns the answers of several annotators into one label for each item, and says how
//! skilled each annotator is.
//!
//! An [`Aggregator`] returns a [`Verdict`] and a distribution over the classes for each item, and a
//! [`Skill`] for each annotator. A tie is a separate verdict and is never broken at random.
//! [`Known`] holds what is known from other sources than the answers.

use ndarray::Array2;

use crate::annotation::AnnotationSet;
use crate::error::BoxError;
use crate::evidence::SkillEvidence;
use crate::interval::Interval;
use crate::label::Class;
use crate::proba::Probabilities;

/// The label of one item, or a tie, as decided from all its annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The annotations favour one class.
    Label(Class),
    /// Several classes are favoured equally; all of them, in label order. A person must decide.
    Tie(Vec<Class>),
}

impl Verdict {
    /// Returns the label; `None` for a tie.
    pub fn label(&self) -> Option<Class> {
        match self {
            Self::Label(class) => Some(*class),
            Self::Tie(_) => None,
        }
    }
}

/// What is known from other sources than the answers. [`Known::default()`], with two empty vectors,
/// means that nothing is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// For each item, in the order of [`AnnotationSet::items`], its label if it is a control item
    /// or was settled by a person. This label is the item's verdict, whatever the answers are.
    /// Empty, or one entry for each item.
    pub labels: Vec<Option<Class>>,
    /// For each annotator, in the order of [`AnnotationSet::annotators`], how many answers were
    /// right and wrong in earlier rounds. Empty, or one entry for each annotator.
    pub skills: Vec<Option<SkillPrior>>,
}

/// An annotator's earlier answers as pseudo-counts of right and wrong answers. Both are finite and
/// at least 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkillPrior {
    /// The number of right answers.
    pub right: f64,
    /// The number of wrong answers.
    pub wrong: f64,
}

/// What an aggregation method estimates about one annotator.
#[derive(Debug, Clone, PartialEq)]
pub struct Skill {
    /// The estimated share of the annotator's answers that are right, in [0, 1]; `None` if the
    /// method has no estimate.
    pub accuracy: Option<f64>,
    /// The 95 % interval of the accuracy; `None` if the method has no estimate.
    pub interval: Option<Interval>,
    /// The evidence behind the interval, as the numbers of right and wrong answers that would carry
    /// as much information; `None` if the method has no estimate.
    pub evidence: Option<SkillEvidence>,
    /// The number of items that the annotator answered.
    pub answers: usize,
    /// The confusion matrix, if the model has one, with one row and one column for each class. Row
    /// k is the distribution of the annotator's answers to items of class k and sums to 1.
    pub confusion: Option<Array2<f64>>,
}

/// How an iterative method went: its iterations, and whether they converged.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregationFit {
    /// The number of iterations, at least 1: the length of `objective`.
    pub iterations: usize,
    /// Whether the fit met the method's tolerance before its limit of iterations.
    pub converged: bool,
    /// The value of the maximised objective after each iteration, in nats. It never decreases.
    pub objective: Vec<f64>,
}

impl Skill {
    /// Returns the probability that the accuracy is at least `threshold`; `None` without evidence.
    pub fn at_least(&self, threshold: f64) -> Option<f64> {
        Some(self.evidence?.at_least(threshold))
    }
}

/// The result of an aggregation. Values for items are in the order of [`AnnotationSet::items`].
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Each item's verdict.
    pub verdicts: Vec<Verdict>,
    /// Each item's distribution over the classes: one row for each item, one column for each class;
    /// rows sum to 1.
    pub posteriors: Probabilities,
    /// Each annotator's skill, in the order of [`AnnotationSet::annotators`].
    pub skills: Vec<Skill>,
    /// How the fit went; `None` if the method does not iterate, or if there are no answers.
    pub fit: Option<AggregationFit>,
    /// The name of the method that replaced the requested one because the answers were too few for
    /// its model; `None` if the requested method was used.
    pub instead: Option<&'static str>,
}

/// What the rows of [`Aggregation::posteriors`] mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posteriors {
    /// Shares of votes, weighted or not. They show how the answers are divided, not how certain the
    /// label is.
    VoteShares,
    /// Probabilities, by a model of each annotator's skill.
    Probabilities,
}

/// A method that turns annotations into labels.
pub trait Aggregator: Send + Sync {
    /// Returns the method's name, as in `querist.toml`.
    fn name(&self) -> &'static str;

    /// Returns the meaning of the method's posteriors.
    fn posteriors(&self) -> Posteriors;

    /// Estimates a label for each item and a skill for each annotator from the annotations. The
    /// result must depend only on the arguments.
    ///
    /// # Errors
    /// The arguments do not fit together: a class is not below the set's number of classes, or a
    /// vector in `known` is neither empty nor as long as the set requires. Also if the method
    /// cannot be applied to this set.
    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError>;
}
