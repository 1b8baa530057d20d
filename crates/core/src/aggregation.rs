//! Aggregation: from the answers of several annotators to one label an item, and to what each
//! annotator is worth.
//!
//! An [`Aggregator`] gives each item a [`Verdict`] and a distribution over the classes, and each
//! annotator a [`Skill`]. A tie is a verdict of its own and is never broken at random. What is
//! known beside the answers enters by [`Known`].

use ndarray::Array2;

use crate::annotation::AnnotationSet;
use crate::error::BoxError;
use crate::evidence::SkillEvidence;
use crate::interval::Interval;
use crate::label::Class;
use crate::proba::Probabilities;

/// What the annotations of one item come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The annotations favour one class.
    Label(Class),
    /// Several classes are favoured equally; all of them, in label order. Somebody must decide.
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

/// What is known beside the answers. [`Known::default()`], with two empty vectors, is nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// By item, in the order of [`AnnotationSet::items`]: the label of a control item or of a
    /// settled one, which is the item's verdict whatever the answers say. Empty, or one for each
    /// item.
    pub labels: Vec<Option<Class>>,
    /// By annotator, in the order of [`AnnotationSet::annotators`]: what earlier rounds say of
    /// them. Empty, or one for each annotator.
    pub skills: Vec<Option<SkillPrior>>,
}

/// An annotator's earlier answers as pseudo-counts: so many were right, so many wrong. Both finite,
/// at least 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkillPrior {
    /// Right answers.
    pub right: f64,
    /// Wrong answers.
    pub wrong: f64,
}

/// What a method says of one annotator.
#[derive(Debug, Clone, PartialEq)]
pub struct Skill {
    /// The share of their answers that the method holds to be right, in [0, 1]; `None` when it
    /// cannot tell.
    pub accuracy: Option<f64>,
    /// A 95 % interval of the accuracy.
    pub interval: Option<Interval>,
    /// What the interval rests on, as answers whose outcome is certain; `None` when the method
    /// cannot tell.
    pub evidence: Option<SkillEvidence>,
    /// How many items they answered.
    pub answers: usize,
    /// Where the model has one, the confusion matrix (K, K): row k is the distribution of their
    /// answers to items of class k, and sums to 1.
    pub confusion: Option<Array2<f64>>,
}

/// How the fit of an iterative method went.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregationFit {
    /// How many iterations were made: at least 1, the length of `objective`.
    pub iterations: usize,
    /// Whether the method's tolerance was met before its limit of iterations.
    pub converged: bool,
    /// What is maximised, in nats, after each iteration: it never falls.
    pub objective: Vec<f64>,
}

impl Skill {
    /// The probability that the accuracy is at least `threshold`; `None` when the method cannot
    /// tell.
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
    /// How the fit went; `None` for a method that does not iterate, and without any answer.
    pub fit: Option<AggregationFit>,
    /// The name of the method whose model was fitted, if the answers were too few for the model of
    /// the one asked for.
    pub instead: Option<&'static str>,
}

/// What the rows of [`Aggregation::posteriors`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posteriors {
    /// Shares of votes, weighed or not: they say how the answers are divided, not how sure the
    /// label is.
    VoteShares,
    /// Probabilities by a model of who is good at what.
    Probabilities,
}

/// Turns annotations into labels.
pub trait Aggregator: Send + Sync {
    /// The method's name, as in `querist.toml`.
    fn name(&self) -> &'static str;

    /// What its posteriors are.
    fn posteriors(&self) -> Posteriors;

    /// Aggregates. Must not depend on anything but its arguments.
    ///
    /// # Errors
    /// What does not fit together: a class that is not below K, a [`Known`] of another length than
    /// the set; and whatever the method cannot do with this set.
    fn aggregate(&self, annotations: &AnnotationSet, known: &Known) -> Result<Aggregation, BoxError>;
}
