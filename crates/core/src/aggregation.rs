//! Aggregation: turns the answers of several annotators into one label for each item, and says how
//! skilled each annotator is.
//!
//! An [`Aggregator`] gives each item a [`Verdict`] and a distribution over the classes, and each
//! annotator a [`Skill`]. A tie is a verdict of its own and is never broken at random. Knowledge
//! beside the answers enters as [`Known`].

use ndarray::Array2;

use crate::annotation::AnnotationSet;
use crate::error::BoxError;
use crate::evidence::SkillEvidence;
use crate::interval::Interval;
use crate::label::Class;
use crate::proba::Probabilities;

/// What the annotations of one item say together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The annotations favour one class.
    Label(Class),
    /// Several classes are favoured equally; all of them, in label order. A person must decide.
    Tie(Vec<Class>),
}

impl Verdict {
    /// The label, unless it is a tie.
    pub fn label(&self) -> Option<Class> {
        match self {
            Self::Label(class) => Some(*class),
            Self::Tie(_) => None,
        }
    }
}

/// Knowledge beside the answers. [`Known::default()`], with two empty vectors, means none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// For each item, in the order of [`AnnotationSet::items`]: the label of a control item or a
    /// settled item. It is the item's verdict whatever the answers say. Empty, or one entry for
    /// each item.
    pub labels: Vec<Option<Class>>,
    /// For each annotator, in the order of [`AnnotationSet::annotators`]: what earlier rounds say
    /// about them. Empty, or one entry for each annotator.
    pub skills: Vec<Option<SkillPrior>>,
}

/// An annotator's earlier answers as pseudo-counts of right and wrong answers. Both are finite and
/// at least 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkillPrior {
    /// The right answers.
    pub right: f64,
    /// The wrong answers.
    pub wrong: f64,
}

/// What a method says about one annotator.
#[derive(Debug, Clone, PartialEq)]
pub struct Skill {
    /// The share of their answers that the method takes to be right, in [0, 1]; `None` if it cannot
    /// tell.
    pub accuracy: Option<f64>,
    /// The 95 % interval of the accuracy; `None` if the method cannot tell.
    pub interval: Option<Interval>,
    /// The evidence behind the interval, as numbers of answers that are surely right or wrong;
    /// `None` if the method cannot tell.
    pub evidence: Option<SkillEvidence>,
    /// The number of items that they answered.
    pub answers: usize,
    /// The confusion matrix (K, K), if the model has one. Row k is the distribution of their
    /// answers to items of class k, and sums to 1.
    pub confusion: Option<Array2<f64>>,
}

/// How the fit of an iterative method went.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregationFit {
    /// The number of iterations, at least 1: the length of `objective`.
    pub iterations: usize,
    /// Whether the fit met the method's tolerance before its limit of iterations.
    pub converged: bool,
    /// The objective that is maximised, in nats, after each iteration. It never falls.
    pub objective: Vec<f64>,
}

impl Skill {
    /// The probability that the accuracy is at least `threshold`; `None` if the method cannot tell.
    pub fn at_least(&self, threshold: f64) -> Option<f64> {
        Some(self.evidence?.at_least(threshold))
    }
}

/// The result of aggregating: one row an item, in the order of [`AnnotationSet::items`].
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// Each item's verdict.
    pub verdicts: Vec<Verdict>,
    /// Each item's distribution over the classes, (items, K); rows sum to 1.
    pub posteriors: Probabilities,
    /// Each annotator's skill, in the order of [`AnnotationSet::annotators`].
    pub skills: Vec<Skill>,
    /// How the fit went; `None` if the method does not iterate, or if there are no answers.
    pub fit: Option<AggregationFit>,
    /// The name of the method that was fitted instead, if the answers were too few for the
    /// requested method's model.
    pub instead: Option<&'static str>,
}

/// What the rows of [`Aggregation::posteriors`] mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posteriors {
    /// Shares of votes, weighted or not. They say how the answers are divided, not how sure the
    /// label is.
    VoteShares,
    /// Probabilities, by a model of each annotator's skill.
    Probabilities,
}

/// Turns annotations into labels.
pub trait Aggregator: Send + Sync {
    /// The method's name, as in `querist.toml`.
    fn name(&self) -> &'static str;

    /// What its posteriors mean.
    fn posteriors(&self) -> Posteriors;

    /// Aggregates the annotations. The result must depend only on the arguments.
    ///
    /// # Errors
    /// Arguments that do not fit together: a class that is not below K, or a [`Known`] of another
    /// length than the set. Also anything that the method cannot do with this set.
    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError>;
}
