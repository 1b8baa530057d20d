//! Why a measure of agreement, or its interval, has no value.
//!
//! A coefficient that divides nothing by nothing is not a number and no error either: the answers
//! do not say. Each case has a name here, so that a report can tell people which one it is.

use serde::Serialize;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Undefined {
    /// There are no answers at all.
    NoAnswers,
    /// All answers are by one annotator.
    OneAnnotator,
    /// No item has two answers.
    NoOverlap,
    /// No item has answers by both of two annotators.
    NoSharedItems,
    /// No two annotators have enough items in common.
    NoPairs,
    /// Every pair of annotators has an undefined kappa.
    UndefinedPairs,
    /// One and the same label throughout, so agreement by chance is certain: 0 / 0.
    OneLabelOnly,
    /// Nobody chose the class.
    ClassNotUsed,
    /// More annotators than the caller's limit for a matrix of pairs.
    TooManyAnnotators,
    /// An interval needs more items than there are.
    TooFewItems,
    /// The value is undefined in so many resamples that the others say little.
    UnstableResamples,
    /// The caller asked for no resamples, and so for no interval.
    NoResamples,
}

impl Undefined {
    /// The reason, as a fragment for people.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoAnswers => "no answers",
            Self::OneAnnotator => "only one annotator",
            Self::NoOverlap => "no item has two answers",
            Self::NoSharedItems => "no items in common",
            Self::NoPairs => "no two annotators have enough items in common",
            Self::UndefinedPairs => "kappa is undefined for every pair",
            Self::OneLabelOnly => "all answers are the same label",
            Self::ClassNotUsed => "nobody chose this class",
            Self::TooManyAnnotators => "too many annotators for a matrix of pairs",
            Self::TooFewItems => "too few items",
            Self::UnstableResamples => "undefined in too many resamples",
            Self::NoResamples => "no resamples asked for",
        }
    }
}
